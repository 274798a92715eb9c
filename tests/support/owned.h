/*
 * owned: the change of case.h with a file of owners: alice's #412 changes src/cache.c, nobody has reviewed it yet.
 * Tests bend it, judge it and let it go with owned_expect.
 */
#ifndef TESTS_SUPPORT_OWNED_H
#define TESTS_SUPPORT_OWNED_H

#include "tests/support/case.h"

enum { OWNED_PATHS = 4 };

struct owned_case {
	struct example c;
	struct path paths[OWNED_PATHS];
	struct owners_file file; /* .github/CODEOWNERS */
	struct text teams[CASE_PEOPLE + 1];
};

/* A policy of one rule, `owned`: what it says behind `owners:`, and besides. */
#define OWNED_RULE(inside, besides)                                                                                    \
	"policy: {approval: [owned]}\n"                                                                                \
	"approval_rules:\n"                                                                                            \
	"  - name: owned\n"                                                                                            \
	"    requires: {owners: {" inside "}" besides "}\n"

#define OWNED_PLAIN OWNED_RULE("file: CODEOWNERS", "")

struct owned_row {
	const char *owners; /* the file */
	void (*bend)(struct owned_case *o);
	enum decision decision;
	const char *text; /* NULL: not asked */
};

void owned_begin(struct owned_case *o, const char *owners);
struct path owned_path(const char *path); /* modified */
void owned_add(struct owned_case *o, struct path path);
void owned_into_team(struct owned_case *o, int64_t who, const char *team);
void owned_approve(struct owned_case *o, int64_t who); /* a fresh review, a minute after the one before */
void owned_expect(struct owned_case *o, const char *policy, enum decision decision, const char *text);
void owned_judge_row(const struct owned_row *row, const char *policy);

#endif
