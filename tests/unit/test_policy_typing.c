/* What the writer of a commit types cannot stand in for what others say, and what nobody reviews is remarked on. */
#include "policy/policy.h"

#include "tests/support/suite.h"

#include <string.h>

#define TOKEN  "commit_token: {key: a}"
#define LABEL  "has_labels: [x]"
#define BRANCH "targets_branch: {pattern: '^main$'}"
#define RULE(conditions)                                                                                               \
	"policy: {approval: [r, t]}\napproval_rules:\n- {name: t, requires: {count: 1, permissions: [write]}}\n"       \
	"- {name: r, requires: {conditions: {" conditions "}}}\n"
#define BESIDE(conditions) RULE("any_of: [{" TOKEN "}, {" conditions "}]")
#define OR_LABEL(entry)    RULE("any_of: [{" entry "}, {has_labels: [z]}]")

static const struct {
	const char *policy;
	bool refused;
} stand_ins[] = {
	/* a token beside what others say, whoever they are */
	{BESIDE(LABEL), true},
	{BESIDE("has_status: {statuses: [s], conclusions: [success]}"), true},
	{BESIDE("has_valid_signatures: true"), true},
	{BESIDE("only_pushed_by: {users: [bob]}"), true},
	{BESIDE(BRANCH), false},
	/* a token that does not do alone */
	{OR_LABEL(TOKEN ", " LABEL), false},
	{OR_LABEL(LABEL ", " TOKEN), false},
	{OR_LABEL(TOKEN ", has_author_in: {users: [bob]}"), false},
	{OR_LABEL(TOKEN ", has_author_in: {permissions: [read]}"), true},
	{OR_LABEL(TOKEN ", any_of: [{" LABEL "}, {has_labels: [y]}]"), false},
	{OR_LABEL(TOKEN ", any_of: [{" BRANCH "}, {" LABEL "}]"), true},
	{OR_LABEL(TOKEN ", all_of: [{" BRANCH "}, {" LABEL "}]"), false},
	{OR_LABEL(TOKEN ", all_of: [{" LABEL "}, {" BRANCH "}]"), false},
	{OR_LABEL(TOKEN ", all_of: [{" BRANCH "}, {" BRANCH "}]"), true},
	{OR_LABEL(TOKEN ", not: {" LABEL "}"), true},
	/* an alternative of one is none */
	{"policy: {approval: [{or: [k]}, t]}\napproval_rules:\n- {name: t, requires: {count: 1, permissions: "
	 "[write]}}\n"
	 "- {name: k, requires: {conditions: {" TOKEN "}}}\n",
	 false},
	{"policy: {approval: [{or: [k, t]}]}\napproval_rules:\n- {name: t, requires: {count: 1, permissions: "
	 "[write]}}\n"
	 "- {name: k, requires: {conditions: {" TOKEN "}}}\n",
	 true},
};

START_TEST(a_token_stands_in_for_nothing_that_others_say)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	bool ok = policy_check(text_of(stand_ins[_i].policy), NULL, &arena, &policy, &errors, &lints);

	ck_assert_msg(ok != stand_ins[_i].refused, "%s: %s", stand_ins[_i].policy, errors.items[0].text);
	if (!ok)
		ck_assert_msg(strstr(errors.items[0].text, "lets a commit token stand in"), "%s", errors.items[0].text);
}
END_TEST

#define RULES                                                                                                          \
	"approval_rules:\n- {name: t, requires: {count: 1, permissions: [write]}}\n"                                   \
	"- {name: s, requires: {count: 1, permissions: [write]}}\n"                                                    \
	"- {name: u, requires: {conditions: {" LABEL "}}}\n- {name: v, requires: {conditions: {" LABEL "}}}\n"
#define ALONE(conditions)                                                                                              \
	"policy: {approval: [r]}\napproval_rules: [{name: r, requires: {conditions: {" conditions "}}}]\n"

static const struct {
	const char *policy;
	size_t remarks;
} unseen[] = {
	{ALONE(LABEL), 1},
	{ALONE("only_pushed_by: {users: [bob]}"), 0},
	{ALONE("all_of: [{" LABEL "}, {" LABEL "}]"), 1},
	{ALONE("all_of: [{only_pushed_by: {users: [bob]}}, {" LABEL "}]"), 0},
	{ALONE("all_of: [{" LABEL "}, {only_pushed_by: {users: [bob]}}]"), 0},
	{ALONE("any_of: [{only_pushed_by: {users: [bob]}}, {" LABEL "}]"), 1},
	{ALONE("any_of: [{" LABEL "}, {only_pushed_by: {users: [bob]}}]"), 1},
	/* where every way has a review nothing is remarked on; where one has none, all that join it are */
	{"policy: {approval: [{or: [t, s]}, {and: [u, v]}]}\n" RULES, 0},
	{"policy: {approval: [{or: [t, s]}, u, v]}\n" RULES, 0},
	{"policy: {approval: [{or: [t, u]}, v, {or: [u, s]}]}\n" RULES, 2},
};

START_TEST(what_can_pass_without_a_review_is_remarked_on)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	size_t remarks = 0;

	ck_assert_msg(policy_check(text_of(unseen[_i].policy), NULL, &arena, &policy, &errors, &lints), "%s",
		      errors.items[0].text);
	for (size_t i = 0; i < lints.n; i++)
		remarks += strstr(lints.items[i].text, "nobody reviewed") != NULL;
	ck_assert_msg(remarks == unseen[_i].remarks, "%s: %zu", unseen[_i].policy, remarks);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_token_stands_in_for_nothing_that_others_say, stand_ins),
	SUITE_ROWS(what_can_pass_without_a_review_is_remarked_on, unseen),
	SUITE_END,
};
SUITE_MAIN(tests)
