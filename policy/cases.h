/*
 * cases: declarative tests of a policy. A document names the policy, tells the facts that all cases begin with
 * (scene.h) and lists cases: what is different, and what is expected. No network, no clock: a case gives the same
 * answer anywhere.
 *
 *     policy: two-reviews.yml
 *     facts:
 *       people: {alice: write, bob: write, carol: write}
 *       author: alice
 *       history: [push: one, approve: bob, approve: carol]
 *     cases:
 *       - name: two fresh reviews allow
 *         expect: allowed
 *       - name: a push takes both back
 *         then: [push: two]
 *         expect: waiting
 *         because: two fresh reviews
 *
 * Pure. Everything is owned by the arena.
 */
#ifndef POLICY_CASES_H
#define POLICY_CASES_H

#include "policy/scene.h"

struct one_case {
	struct text name;
	unsigned line, column;
	struct telling telling; /* the document's facts, and over them the case's */
	enum decision expect;
	struct text context;        /* whose verdict it is; empty: the server's own */
	struct text text;           /* a part of the status text; empty: any */
	const struct yaml *because; /* a rule or a list of them: met where allowed is expected, else not met; or NULL */
	const struct yaml *missing; /* rules that apply and are not met, whatever the verdict; or NULL */
	const struct yaml *skipped; /* rules that must not apply; or NULL */
};

struct cases {
	struct text policy; /* as it stands there: a file beside this one, or "builtin" */
	const struct one_case *items;
	size_t n; /* at least 1 */
};

/* The words of a document beside those of its facts. NULL past the end. */
const struct policy_key *cases_word_at(size_t i);

/* False: *problem says why. Every case's facts have been made once, so that what is told wrongly is found here. */
bool cases_read(struct text bytes, struct arena *arena, struct cases *ret, struct problem *problem);

struct case_result {
	struct verdict verdict;
	struct text text; /* of the verdict, with the names of commits that the case gave */
	const struct scene *scene;
	const struct text *why; /* what is not as expected; none: the case holds */
	size_t n_why;
};

/* Exactly one of the two is set in `by`: the policy, or what is wrong with it. */
void case_run(const struct one_case *one, const struct governed *by, struct arena *arena, struct case_result *ret);

/* The row of that name of what the policy asks for, else of any other; NULL: there is none. */
const struct rule_result *case_rule(const struct verdict *verdict, struct text name);

#endif
