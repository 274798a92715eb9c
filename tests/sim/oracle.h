/*
 * oracle: the policy decided a second time, on the truth. Table-driven, written from the documented semantics (README,
 * policy/README.md, examples/policies, agent/PROTOCOL.md), sharing no code with policy/ and including none of its
 * headers.
 *
 * `policies` is the list of policy files that simulated histories use: each row has the text that the product parses,
 * and beside it what it means, as data. Pure; no allocation; any thread.
 */
#ifndef TESTS_SIM_ORACLE_H
#define TESTS_SIM_ORACLE_H

#include "tests/sim/truth.h"

struct policy_row; /* oracle.c: requirements as data */

/* A verdict is of a context: the server's own, or the one other that some of the policies name. */
enum oracle_context { ORACLE_OWN = 0, ORACLE_OTHER, ORACLE_CONTEXTS };

int oracle_policies(void); /* how many; the last few are malformed: nothing is ever allowed by them */
/* Those that name the other context, behind them: how many; the last one is malformed. */
int oracle_policies_with_contexts(void);
int oracle_policies_with_bugs(void);       /* those that ask about bugs, last of all: how many */
const char *oracle_policy_text(int index); /* the file's bytes; index NOBODY: there is no file, NULL */
const char *oracle_policy_name(int index);
/* How many distinct reviewers would satisfy the rules for this head into this base, at most; 0: none ever could. */
int oracle_reviews_wanted(const struct truth *truth, const struct truth_change *change);

/* May commit be merged now: it heads at least one open change, and every open change with this head is allowed by the
 * policy file at the tip of its base branch. In the other context: by what that says of it, and never by one that says
 * nothing. */
bool oracle_allows(const struct truth *truth, int commit, enum oracle_context context);

/* Could this person's approval of this change's head, given now, count towards what is missing? For the grammar. */
bool oracle_could_count(const struct truth *truth, int change, int person);

/* Why not, for stories: a static text. "" when allowed. */
const char *oracle_why(const struct truth *truth, int commit, enum oracle_context context);

#endif
