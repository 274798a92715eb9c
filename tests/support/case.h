/*
 * case: one change that the built-in policy allows, as plain values that a test bends. Alice (1) wrote #412; bob (2)
 * and carol (3) with write access approved its head after it arrived. Dave (4) may read, erin (5) maintains, robot (6)
 * is a bot with write access, frank (7) may triage. Alice signed both commits; the status ci/build, the check lint and
 * the workflow ci.yml succeeded. Everything points into the struct itself: copy nothing.
 */
#ifndef TESTS_SUPPORT_CASE_H
#define TESTS_SUPPORT_CASE_H

#include "policy/policy.h"

enum { ALICE = 1, BOB, CAROL, DAVE, ERIN, ROBOT, FRANK, CASE_PEOPLE = FRANK };
enum { CASE_REVIEWS = 8, CASE_OUTCOMES = 5 };

#define CASE_ARRIVED ((int64_t)1795269731000)
#define CASE_HEAD    "9a77b03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define CASE_OLD     "1111111aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct example {
	struct arena arena;
	struct facts facts;
	struct change change;
	struct commit commits[2];
	struct signer coauthor;
	struct path path;
	struct order asked; /* by CAROL, to land */
	struct review reviews[CASE_REVIEWS];
	struct member people[CASE_PEOPLE];
	int64_t pushers[2];
	struct outcome outcomes[CASE_OUTCOMES];
	struct governed governed;
};

void case_make(struct example *c);
void case_drop(struct example *c);
struct oid case_oid(const char *hex);
/* A review by that person of that commit, at CASE_ARRIVED + ms; ids count up. */
void case_review(struct example *c, int64_t who, enum review_state state, const char *sha, int64_t ms);
/* Judges; a NULL policy text is the built-in policy. The text must be a policy. */
struct verdict case_judge(struct example *c, const char *policy);
const struct rule_result *case_row(const struct verdict *verdict, const char *name); /* NULL: none */

#endif
