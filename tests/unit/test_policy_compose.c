/* all_of, any_of and not: three values, in every mixture. */
#include "tests/support/asking.h"
#include "tests/support/suite.h"

#include <string.h>

/* Y holds, N does not, U and W cannot be known. */
#define Y "targets_branch: {pattern: '^main$'}"
#define N "changed_files: {paths: ['^docs/']}"
#define U "commit_token: {key: a}"
#define W "targets_branch: {pattern: x}"

static const struct {
	const char *block;
	enum tri answer;
} rows[] = {
	{"all_of: [{" Y "}]", TRI_YES},
	{"all_of: [{" Y "}, {" N "}]", TRI_NO},
	{"all_of: [{" Y "}, {" U "}]", TRI_UNKNOWN},
	{"all_of: [{" U "}, {" N "}]", TRI_NO},
	{"all_of: [{" U "}, {" Y "}]", TRI_UNKNOWN},
	{"any_of: [{" N "}]", TRI_NO},
	{"any_of: [{" N "}, {" Y "}]", TRI_YES},
	{"any_of: [{" U "}, {" Y "}]", TRI_YES},
	{"any_of: [{" Y "}, {" U "}]", TRI_YES},
	{"any_of: [{" N "}, {" U "}]", TRI_UNKNOWN},
	{"any_of: [{" U "}, {" N "}]", TRI_UNKNOWN},
	{"any_of: [{" N "}, {" N "}]", TRI_NO},
	{"any_of: [{" Y ", " N "}]", TRI_NO},
	{"any_of: [{" Y ", " U "}, {" N "}]", TRI_UNKNOWN},
	{"any_of: [{" U ", " N "}, {" N "}]", TRI_NO},
	{"not: {" N "}", TRI_YES},
	{"not: {" Y "}", TRI_NO},
	{"not: {" U "}", TRI_UNKNOWN},
	{"not: {" Y ", " N "}", TRI_YES},
	{"not: {" Y ", " U "}", TRI_UNKNOWN},
	{"not: {" U ", " N "}", TRI_YES},
	{"not: {not: {" U "}}", TRI_UNKNOWN},
	{"not: {any_of: [{" N "}, {" U "}]}", TRI_UNKNOWN},
	{"not: {any_of: [{" N "}, {not: {" Y "}}]}", TRI_YES},
	{"not: {all_of: [{" N "}, {" U "}]}", TRI_YES},
	{Y ", any_of: [{" N "}, {" Y "}], not: {" N "}", TRI_YES},
};

START_TEST(compositions_are_judged_in_three_values)
{
	struct example c;

	case_make(&c);
	c.change.known &= ~(unsigned)FACT_COMMITS;
	ck_assert_int_eq(ask(&c, rows[_i].block).holds, rows[_i].answer);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *block, *why;
	bool stuck;
} whys[] = {
	{"any_of: [{" N "}, {" N "}]", "no changed file is one that the rule names, and no other alternative holds",
	 false},
	{"any_of: [{" N "}]", "no changed file is one that the rule names", false},
	{"any_of: [{has_labels: [x]}, {" N "}]", "the label x is missing, and no other alternative holds", false},
	{"any_of: [{" N "}, {" U "}]", "the message of commit 9a77b03 holds a control byte", true},
	{"any_of: [{" U "}, {" W "}]", "the base branch", false},
	{"any_of: [{" W "}, {" U "}]", "the base branch", false},
	{"all_of: [{" W "}, {" U "}]", "the message of commit 9a77b03 holds a control byte", true},
	{W ", " U, "the message of commit 9a77b03 holds a control byte", true},
	{"not: {has_labels: [bug]}", "the label bug is there", false},
	{"not: {has_successful_status: [ci/build]}", "has_successful_status holds, which the rule excludes", false},
	{"not: {has_successful_status: [ci/build], has_status: {statuses: [lint]}}",
	 "has_successful_status and 1 other conditions hold, which the rule excludes together", false},
	{"not: {has_status: {statuses: [lint]}, has_successful_status: [ci/build], only_changed_files: {paths: [.]}}",
	 "every changed file is one that the rule names", false},
	{"not: {" U "}", "the message of commit 9a77b03 holds a control byte", true},
};

START_TEST(the_reason_is_what_stands_nearest_to_the_answer)
{
	struct answer answer;
	struct example c;

	case_make(&c);
	c.change.known &= ~(unsigned)FACT_BASE;
	c.commits[0].message = TEXT_LIT("a=erin \x01");
	answer = ask(&c, whys[_i].block);
	ck_assert_msg(text_is(answer.why, whys[_i].why), "%s", answer.why.at);
	ck_assert_int_eq(answer.stuck, whys[_i].stuck);
	case_drop(&c);
}
END_TEST

#define NESTED(inner) "not: {not: {not: {not: {not: {not: {not: {not: {not: {" inner "}}}}}}}}}"
static const struct {
	const char *block, *says;
} refused[] = {
	{"all_of: []", "an empty list is not allowed here"},
	{"any_of: []", "an empty list is not allowed here"},
	{"any_of: {" Y "}", "expected a list of maps of conditions"},
	{"any_of: [{" Y "}, {}]", "expected a map of conditions"},
	{"any_of: [x]", "expected a map of conditions"},
	{"not: {}", "expected a map of conditions"},
	{"not: [{" Y "}]", "expected a map of conditions"},
	{"not: reviewed", "expected a map of conditions"},
	{"any_off: [{" Y "}]", "unknown key `any_off`; did you mean `any_of`?"},
	{"not: {changed_file: {paths: [a]}}", "unknown key `changed_file`; did you mean `changed_files`?"},
	{NESTED("any_of: [{not: {" Y "}}]"), "conditions nested more than 10 deep"},
};

START_TEST(a_composition_of_nothing_or_too_deep_is_refused)
{
	struct example c;

	case_make(&c);
	ck_assert_str_eq(ask_refused(&c, refused[_i].block)->text, refused[_i].says);
	case_drop(&c);
}
END_TEST

START_TEST(ten_deep_is_not_too_deep)
{
	struct example c;

	case_make(&c);
	ck_assert_int_eq(ask(&c, NESTED(Y)).holds, TRI_NO); /* ask() puts one more around it */
	ck_assert_int_eq(ask(&c, NESTED("tree_open: {closed: now}")).holds, TRI_YES); /* nothing stands in it */
	case_drop(&c);
}
END_TEST

START_TEST(what_stands_inside_a_composition_must_be_read_too)
{
	struct example c;
	struct policy_needs needs;

	case_make(&c);
	(void)case_judge(&c, "policy: {approval: [r]}\napproval_rules:\n- {name: r, if: {any_of: [{not: {" U
			     "}}]}, requires: {conditions: {all_of: [{any_of: [{" N "}]}]}}}\n");
	needs = policy_needs(c.governed.policy);
	ck_assert((needs.facts & FACT_COMMITS) && (needs.facts & FACT_PATHS));
	ck_assert(!(needs.facts & FACT_STATUSES));
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(compositions_are_judged_in_three_values, rows),
	SUITE_ROWS(the_reason_is_what_stands_nearest_to_the_answer, whys),
	SUITE_ROWS(a_composition_of_nothing_or_too_deep_is_refused, refused),
	SUITE_TEST(ten_deep_is_not_too_deep),
	SUITE_TEST(what_stands_inside_a_composition_must_be_read_too),
	SUITE_END,
};
SUITE_MAIN(tests)
