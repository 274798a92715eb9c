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
#define RATED(entry)       "bugs: {every: {any_of: [{keywords: {none_of: [k]}}, " entry "]}}"
#define KINDS                                                                                                          \
	"approval_rules:\n- {name: t, requires: {count: 1, permissions: [write]}}\n"                                   \
	"- {name: s, requires: {conditions: {" LABEL "}}}\n- {name: k, requires: {conditions: {" TOKEN "}}}\n"         \
	"- {name: l, requires: {conditions: {message_word: {words: [x]}}}}\n"                                          \
	"- {name: off, mode: off, requires: {count: 1, permissions: [write]}}\n"
#define EITHER(entry) "policy: {approval: [t, s, {and: [k, l, off]}, " entry "]}\n" KINDS
#define PUSHED(entry) "policy: {approval: [t, s, k, l, off], pushes: {'^a$': {onto: main, rules: [" entry "]}}}\n" KINDS

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
	/* what a tracker says of a bug is said by others */
	{RULE(RATED("{backout: true}")), true},
	{RULE(RATED("{" TOKEN "}")), true},
	{RULE(RATED("{closedbug: true}")), true},
	{RULE(RATED("{all_of: [{" TOKEN "}, {flag: {name: f, status: +}}]}")), false},
	{RULE("bugs: {every: {any_of: [{groups: {none_of: [g]}}, {backout: true}]}}"), true},
	{RULE("bugs: {every: {any_of: [{private: false}, {backout: true}]}}"), true},
	{RULE("bugs: {every: {any_of: [{bug_open: true}, {backout: true}]}}"), false},
	/* an alternative of one is none */
	{"policy: {approval: [{or: [k]}, t]}\napproval_rules:\n- {name: t, requires: {count: 1, permissions: "
	 "[write]}}\n"
	 "- {name: k, requires: {conditions: {" TOKEN "}}}\n",
	 false},
	{"policy: {approval: [{or: [k, t]}]}\napproval_rules:\n- {name: t, requires: {count: 1, permissions: "
	 "[write]}}\n"
	 "- {name: k, requires: {conditions: {bugs: {every: {" TOKEN "}}}}}\n",
	 true},
	{"policy: {approval: [{or: [k, t]}]}\napproval_rules:\n- {name: t, requires: {count: 1, permissions: "
	 "[write]}}\n"
	 "- {name: k, requires: {conditions: {" TOKEN "}}}\n",
	 true},
	/* what is joined is as good as what is not */
	{EITHER("{or: [{and: [k]}, t]}"), true},
	{EITHER("{or: [t, {and: [{and: [k]}, {or: [k]}]}]}"), true},
	{EITHER("{at_least: {count: 1, of: [t, {and: [k, l]}]}}"), true},
	{EITHER("{or: [{and: [k, off]}, t]}"), true},
	{EITHER("{or: [{and: [off, k]}, t]}"), true},
	{EITHER("{and: [{or: [{and: [k]}, t]}]}"), true},
	{EITHER("{or: [{and: [k]}, {and: [t, k]}, k, t]}, {or: [k, t]}"), true},
	{EITHER("{or: [{and: [k, s]}, t]}"), false},
	{EITHER("{or: [{and: [s, k]}, t]}"), false},
	{EITHER("{or: [{and: [k, t]}, s]}"), false},
	{EITHER("{or: [{and: [off]}, t]}"), false},
	{EITHER("{and: [k, l, t]}"), false},
	{EITHER("{or: [{and: [k, l]}]}"), false},
	/* of what is pushed without a change, too */
	{PUSHED("{or: [k, l]}"), true},
	{PUSHED("{or: [{and: [k]}, s]}"), true},
	{PUSHED("{or: [s, l]}"), true},
	{PUSHED("{or: [s, s]}"), false},
	{PUSHED("k"), false},
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
	for (size_t i = 1; i < errors.n; i++)
		ck_assert_uint_ne(errors.items[i].line, errors.items[0].line);
}
END_TEST

/* Of a long name the first sixty letters are told. */
START_TEST(each_rule_is_told_at_its_place_though_its_name_looks_like_another)
{
#define LONG "123456789 123456789 123456789 123456789 123456789 123456789 "
	static const char policy[] = "policy: {approval: [{or: ['" LONG "a', '" LONG "b', t]}]}\napproval_rules:\n"
				     "- {name: t, requires: {count: 1, permissions: [write]}}\n"
				     "- {name: '" LONG "a', requires: {conditions: {" TOKEN "}}}\n"
				     "- {name: '" LONG "b', requires: {conditions: {" TOKEN "}}}\n";
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *parsed = NULL;

	ck_assert(!policy_check(text_of(policy), NULL, &arena, &parsed, &errors, &lints));
	ck_assert_uint_eq(errors.n, 2);
	ck_assert_str_eq(errors.items[0].text, errors.items[1].text);
	ck_assert_int_eq(errors.items[0].line + 1, errors.items[1].line);
}
END_TEST

#define RULES                                                                                                          \
	"approval_rules:\n- {name: t, requires: {count: 1, permissions: [write]}}\n"                                   \
	"- {name: s, requires: {count: 1, permissions: [write]}}\n"                                                    \
	"- {name: u, requires: {conditions: {" LABEL "}}}\n- {name: v, requires: {conditions: {" LABEL "}}}\n"
#define NO_REVIEW                                                                                                      \
	"approval_rules:\n- {name: u, requires: {conditions: {" LABEL "}}}\n"                                          \
	"- {name: v, requires: {conditions: {" LABEL "}}}\n"
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
	/* however deep, and in a list of one */
	{"policy: {approval: [{and: [u]}, {or: [v]}]}\n" NO_REVIEW, 2},
	{"policy: {approval: [{at_least: {count: 1, of: [{and: [u, v]}]}}]}\n" NO_REVIEW, 2},
	{"policy: {approval: [{or: [{and: [u, v]}, s]}, t]}\n" RULES, 2},
	{"policy: {approval: [{or: [{and: [u, s]}, s]}, {and: [v, t]}]}\n" RULES, 0},
	{"policy: {approval: [{or: [{and: [{or: [u, s]}, v]}, s]}, t]}\n" RULES, 2},
	{"policy: {approval: [{and: [{or: [{and: [u]}]}]}, {or: [{and: [v]}, t]}, s]}\n" RULES, 1},
	/* of so many as are wanted */
	{"policy: {approval: [{at_least: {count: 2, of: [u, v, s]}}, t]}\n" RULES, 2},
	{"policy: {approval: [{at_least: {count: 1, of: [{and: [u, s]}, {and: [v, t]}]}}, u]}\n" RULES, 0},
	/* of a push nobody can review anything */
	{"policy: {approval: [t, s, u, v], pushes: {'^a$': {onto: main, rules: [{or: [u, v]}]}}}\n" RULES, 0},
	{"policy: {branches: {'^main$': [{and: [u]}, v], default: [t, s]}}\n" RULES, 2},
	{"policy: {approval: [t, s], branches: {'^main$': [{and: [u]}, v], default: closed}}\n" RULES, 0},
	{"policy: {approval: [t, s], branches: {'^main$': [{or: [u, t]}, v], default: closed}}\n" RULES, 1},
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

/* t: reviews; i, k: reviews where something holds; u, v: nobody's. */
#define SOMETIMES                                                                                                      \
	"approval_rules:\n- {name: t, requires: {count: 1, permissions: [write]}}\n"                                   \
	"- {name: i, if: {" LABEL "}, requires: {count: 1, permissions: [write]}}\n"                                   \
	"- {name: k, if: {" BRANCH "}, requires: {count: 1, permissions: [write]}}\n"                                  \
	"- {name: u, requires: {conditions: {" LABEL "}}}\n- {name: v, requires: {conditions: {" LABEL "}}}\n"         \
	"- {name: w, requires: {conditions: {only_pushed_by: {users: [bob]}}}}\n"
#define USED "policy: {branches: {'^x$': [t, i, k, u, v, w], default: closed}, approval: ["

static const struct {
	const char *policy;
	size_t remarks;
} sometimes[] = {
	{USED "i, u]}\n" SOMETIMES, 1},
	{USED "u, i, k]}\n" SOMETIMES, 1},
	{USED "u, i, v]}\n" SOMETIMES, 2},
	{USED "{and: [i, k]}, {and: [u]}]}\n" SOMETIMES, 1},
	{USED "{distinct: [i, k]}, u]}\n" SOMETIMES, 1},
	{USED "{at_least: {count: 1, of: [{and: [u, t]}, {and: [u, i]}]}}]}\n" SOMETIMES, 1},
	{USED "{at_least: {count: 2, of: [{and: [u, t]}, {and: [u, i]}]}}]}\n" SOMETIMES, 0},
	{USED "{or: [{and: [v, t]}, {and: [u, i]}]}]}\n" SOMETIMES, 1},
	/* some review is asked for everywhere */
	{USED "t, u, i]}\n" SOMETIMES, 0},
	{USED "{and: [t, i]}, u]}\n" SOMETIMES, 0},
	{USED "{at_least: {count: 2, of: [{and: [u]}, {and: [i]}]}}]}\n" SOMETIMES, 0},
	{USED "{or: [i, k]}, u]}\n" SOMETIMES, 0},
	{USED "{distinct: [i, t]}, u]}\n" SOMETIMES, 0},
	/* where nothing applies nothing is permitted */
	{USED "i, k]}\n" SOMETIMES, 0},
	{USED "i, w]}\n" SOMETIMES, 0},
	/* told as unsafe already */
	{USED "u, v]}\n" SOMETIMES, 0},
};

START_TEST(what_passes_where_no_rule_for_reviews_applies_is_remarked_on)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	size_t remarks = 0;

	ck_assert_msg(policy_check(text_of(sometimes[_i].policy), NULL, &arena, &policy, &errors, &lints), "%s",
		      errors.items[0].text);
	for (size_t i = 0; i < lints.n; i++)
		remarks += strstr(lints.items[i].text, "permits what nobody reviewed") != NULL;
	ck_assert_msg(remarks == sometimes[_i].remarks, "%s: %zu", sometimes[_i].policy, remarks);
}
END_TEST

#define WHERE(conditions)                                                                                              \
	"policy: {approval: [r, t]}\napproval_rules:\n- {name: r, requires: {count: 1, permissions: [write]}}\n"       \
	"- {name: t, if: {" conditions "}, requires: {count: 1, permissions: [write]}}\n"

static const struct {
	const char *policy;
	bool remarked;
} skipping[] = {
	{WHERE("not: {" TOKEN "}"), true},
	{WHERE("not: {message_word: {words: [x]}}"), true},
	{WHERE(LABEL ", not: {any_of: [{" LABEL "}, {all_of: [{" TOKEN "}]}]}"), true},
	{WHERE("any_of: [{" LABEL "}, {not: {" TOKEN "}}]"), true},
	{WHERE("not: {tree_open: {tree: x, approval: {key: a}}}"), true},
	{WHERE("not: {tree_open: {tree: x, override: {users: [bob]}}}"), false},
	{WHERE("not: {not: {" TOKEN "}}"), false},
	{WHERE(TOKEN), false},
	{WHERE("not: {" LABEL "}"), false},
	/* who is rid of it has nothing from it */
	{"policy: {approval: [r, t]}\napproval_rules:\n- {name: r, requires: {count: 1, permissions: [write]}}\n"
	 "- {name: t, mode: warn, if: {not: {" TOKEN "}}, requires: {count: 1, permissions: [write]}}\n",
	 false},
	{"policy: {approval: [r, t]}\napproval_rules:\n- {name: r, requires: {count: 1, permissions: [write]}}\n"
	 "- {name: t, if: {not: {message_word: {words: [x]}}}, requires: {conditions: {" TOKEN "}}}\n",
	 false},
};

START_TEST(a_rule_that_a_word_makes_not_apply_is_remarked_on)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	bool remarked;

	ck_assert_msg(policy_check(text_of(skipping[_i].policy), NULL, &arena, &policy, &errors, &lints), "%s",
		      errors.items[0].text);
	remarked =
		lints.n == 1 && strstr(lints.items[0].text, "unsafe: rule `t` is skipped where a commit says a word");
	ck_assert_msg(remarked == skipping[_i].remarked && lints.n == (size_t)remarked, "%s: %s", skipping[_i].policy,
		      lints.items[0].text);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_rule_that_a_word_makes_not_apply_is_remarked_on, skipping),
	SUITE_ROWS(what_passes_where_no_rule_for_reviews_applies_is_remarked_on, sometimes),
	SUITE_ROWS(a_token_stands_in_for_nothing_that_others_say, stand_ins),
	SUITE_TEST(each_rule_is_told_at_its_place_though_its_name_looks_like_another),
	SUITE_ROWS(what_can_pass_without_a_review_is_remarked_on, unseen),
	SUITE_END,
};
SUITE_MAIN(tests)
