/* The commands around a policy file, as they are typed. */
#include "tests/support/suite.h"
#include "tests/support/tool.h"
#include "webhooks/jread.h"

#define POLICY                                                                                                         \
	"policy: {approval: [one review, labelled]}\n"                                                                 \
	"approval_rules:\n"                                                                                            \
	"- {name: one review, requires: {count: 1, permissions: [write]}}\n"                                           \
	"- {name: labelled, if: {targets_branch: {pattern: '^beta$'}}, requires: {count: 1, permissions: [admin]}}\n"
#define CASES                                                                                                          \
	"policy: p.yml\n"                                                                                              \
	"facts: {people: {alice: write, bob: write}, author: alice}\n"                                                 \
	"cases:\n"                                                                                                     \
	"- {name: one is enough, then: [approve: bob], expect: allowed}\n"

/* ---- policy test ---- */

START_TEST(cases_that_hold_are_counted)
{
	struct said said;

	tool_begin();
	(void)tool_put("p.yml", POLICY);
	tool_say(&said, "test", tool_put("p.test.yml", CASES), NULL);
	tool_expect(&said, 0, "1 case, 0 failed\n", "");
	ck_assert_str_eq(said.err, "");
	tool_end();
}
END_TEST

START_TEST(a_case_that_fails_is_shown_with_its_tree)
{
	struct said said;

	tool_begin();
	(void)tool_put("p.yml", POLICY);
	tool_say(&said, "test", tool_put("p.test.yml", CASES "- {name: nobody, then: [push: two], expect: allowed}\n"),
		 NULL);
	tool_expect(&said, 1,
		    "p.test.yml:5:3: nobody: expected allowed, got waiting\n    Needs 1 review of two (0/1)\n", "");
	ck_assert_ptr_nonnull(strstr(said.out, "x one review: unmet; next: 1 review of two (0/1)"));
	ck_assert_ptr_nonnull(strstr(said.out, "2 cases, 1 failed\n"));
	tool_end();
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_a_wrong_line_whatever_the_others_say)
{
	struct said said;
	const char *good, *bad;

	tool_begin();
	(void)tool_put("p.yml", POLICY);
	good = tool_put("p.test.yml", CASES);
	bad = tool_put("q.test.yml", "policy: p.yml\ncases:\n- {name: a, expect: waiting, drft: true}\n");
	tool_say(&said, "test", good, bad, NULL);
	tool_expect(&said, 2, "1 case, 0 failed\n", "q.test.yml:3:30: unknown key `drft`; did you mean `draft`?");
	tool_say(&said, "test", "/nonexistent/x.test.yml", NULL);
	tool_expect(&said, 2, "0 cases", "/nonexistent/x.test.yml: No such file");
	tool_say(&said, "test", tool_put("q.test.yml", "policy: none.yml\ncases:\n- {name: a, expect: waiting}\n"),
		 NULL);
	tool_expect(&said, 2, "0 cases", "none.yml: No such file");
	tool_end();
}
END_TEST

START_TEST(an_invalid_policy_fails_every_case_and_is_named)
{
	struct said said;

	tool_begin();
	(void)tool_put("p.yml", "polcy: {}\n");
	tool_say(&said, "test", tool_put("p.test.yml", CASES), NULL);
	tool_expect(&said, 1, "expected allowed, got cannot_decide",
		    "p.yml:1:1: unknown key `polcy`; did you mean `policy`?");
	tool_end();
}
END_TEST

START_TEST(rules_that_no_case_sees_both_ways_are_named_on_request)
{
	struct said said;
	const char *file;

	tool_begin();
	(void)tool_put("p.yml", POLICY);
	file = tool_put("p.test.yml", CASES);
	tool_say(&said, "test", file, NULL);
	ck_assert_str_eq(said.err, "");
	tool_say(&said, "test", "--cover", file, NULL);
	tool_expect(&said, 0, "", "p.yml:3:3: warning: no case sees rule `one review` unmet\n");
	tool_expect(&said, 0, "", "p.yml:4:3: warning: no case sees rule `labelled` met, and none unmet\n");
	tool_end();
}
END_TEST

START_TEST(cases_are_told_as_json)
{
	struct said said;
	struct err err = ERR_NONE;
	struct jdoc *doc;
	jval root, one;

	tool_begin();
	(void)tool_put("p.yml", POLICY);
	tool_say(&said, "test", "--json", tool_put("p.test.yml", CASES "- {name: none, expect: allowed}\n"), NULL);
	ck_assert_int_eq(said.code, 1);
	doc = jdoc_parse(text_of(said.out), &err);
	ck_assert_msg(doc, "%s: %s", err.text, said.out);
	root = jdoc_root(doc);
	ck_assert_int_eq(jint(root, "n", 0), 2);
	ck_assert_int_eq(jint(root, "failed", 0), 1);
	one = jat(jget(jat(jget(root, "files"), 0), "cases"), 1);
	ck_assert(text_is(jtext(one, "got"), "waiting") && text_is(jtext(one, "expected"), "allowed"));
	ck_assert(text_is(jtext(jat(jget(one, "rules"), 0), "name"), "#1"));
	jdoc_free(doc);
	tool_end();
}
END_TEST

START_TEST(the_words_of_a_test_file_are_listed)
{
	struct said said;

	tool_say(&said, "test", "--words", NULL);
	tool_expect(&said, 0, "cases[].expect: allowed|waiting|blocked|revoked|cannot_decide\n", "");
	tool_expect(&said, 0, "facts.history[].approve: ", "");
}
END_TEST

/* ---- policy check ---- */

START_TEST(a_check_tells_of_everything_that_is_wrong)
{
	struct said said;
	const char *file;

	tool_begin();
	file = tool_put("p.yml", "policy: {aproval: [a], approval: [b, c]}\n"
				 "approval_rules:\n- {name: b, requires: {count: 1}}\n");
	tool_say(&said, "check", file, NULL);
	tool_expect(&said, 1, "", "p.yml:1:10: unknown key `aproval`; did you mean `approval`?\n");
	tool_expect(&said, 1, "", "p.yml:1:38: no rule is named `c`\n");
	tool_expect(&said, 1, "", "p.yml:3:23: rule `b` can never be met");
	ck_assert_str_eq(said.out, "");
	tool_say(&said, "check", "--json", file, NULL);
	tool_expect(&said, 1, "{\"line\":1,\"column\":38,\"text\":\"no rule is named `c`\"}", "");
	ck_assert_str_eq(said.err, "");
	tool_end();
}
END_TEST

START_TEST(a_check_of_several_files_is_as_bad_as_the_worst)
{
	struct said said;
	const char *good, *bad;

	tool_begin();
	good = tool_put("p.yml", POLICY);
	bad = tool_put("q.test.yml", "polcy: {}\n");
	tool_say(&said, "check", good, good, NULL);
	tool_expect(&said, 0, "p.yml: ok: 7 rules", "");
	tool_say(&said, "check", bad, good, NULL);
	tool_expect(&said, 1, "p.yml: ok: 7 rules", "q.test.yml:1:1: unknown key");
	tool_say(&said, "check", bad, "/nonexistent/p.yml", NULL);
	tool_expect(&said, 2, "", "/nonexistent/p.yml: No such file");
	tool_end();
}
END_TEST

START_TEST(a_warning_fails_a_strict_check)
{
	struct said said;
	const char *file;

	tool_begin();
	file = tool_put(
		"p.yml",
		"policy: {approval: [a]}\napproval_rules:\n"
		"- {name: a, if: {targets_branch: {pattern: '^x$'}}, requires: {count: 1, permissions: [write]}}\n");
	tool_say(&said, "check", file, NULL);
	tool_expect(&said, 0, "ok: ", "warning: every rule here can be skipped");
	tool_say(&said, "check", "--strict", file, NULL);
	tool_expect(&said, 1, "ok: ", "warning: ");
	tool_say(&said, "check", "--json", file, NULL);
	tool_expect(&said, 0, "\"lints\":[{\"line\":1,", "");
	tool_end();
}
END_TEST

START_TEST(a_check_tells_of_every_mistake_in_a_file_that_only_names_another)
{
	struct said said;

	tool_begin();
	tool_say(&said, "check", tool_put("p.yml", "remote: acme\npath: /x\nrefs: main\nref: a..b\n"), NULL);
	tool_expect(&said, 1, "", "p.yml:1:9: expected owner/name of a repository\n");
	tool_expect(&said, 1, "", "p.yml:2:7: expected a path inside the repository\n");
	tool_expect(&said, 1, "", "p.yml:3:1: unknown key `refs`; did you mean `ref`?");
	tool_expect(&said, 1, "", "p.yml:4:6: expected the name of a branch");
	tool_say(&said, "check", "--json", tool_put("p.yml", "remote: acme\npath: /x\n"), NULL);
	tool_expect(&said, 1, "\"line\":2", "");
	tool_say(&said, "check", tool_put("p.yml", "remote: acme/policies\n"), NULL);
	tool_expect(&said, 0, "acme/policies", "");
	tool_end();
}
END_TEST

/* ---- policy show ---- */

START_TEST(a_policy_is_shown_with_the_place_of_each_part)
{
	struct said said;
	const char *file;

	tool_begin();
	file = tool_put("p.yml", "approval_defaults: {options: {per_base: true, allow_author: true}}\n"
				 "policy: {approval: [a], guards: {off: [draft]}}\napproval_rules:\n"
				 "- {name: a, mode: warn, description: why, if: {targets_branch: {pattern: '^x$'}},\n"
				 "   options: {allow_author: false}, requires: {count: 1, users: ['id:7', '8']}}\n");
	tool_say(&said, "show", file, NULL);
	tool_expect(&said, 0, "- a  (line 4)\n      why\n      mode: warn\n", "");
	tool_expect(&said, 0, "if: {targets_branch: {pattern: '^x$'}}  (line 4)\n", "");
	tool_expect(&said, 0, "requires: {count: 1, users: ['id:7', '8']}  (line 5)\n", "");
	tool_expect(&said, 0, "allow_author: false  (line 5)\n", "");
	tool_expect(&said, 0, "per_base: true  (approval_defaults, line 1)\n", "");
	tool_expect(&said, 0, "left out: invalidate_on_push: true", "");
	tool_expect(&said, 0, "- guarded files\n  guards: {off: [draft]}  (line 2)\n", "");
	ck_assert_ptr_null(strstr(said.out, "not a draft"));
	tool_say(&said, "show", "--json", file, NULL);
	tool_expect(&said, 0, "\"requires\":{\"count\":1,\"users\":[\"id:7\",\"8\"]}", "");
	tool_expect(&said, 0, "\"allow_contributor\":{\"value\":false,\"from\":\"built in\"}", "");
	tool_expect(&said, 0, "p.yml:1:41\"}", "");
	tool_end();
}
END_TEST

START_TEST(a_policy_that_is_not_in_force_is_not_shown)
{
	struct said said;

	tool_begin();
	tool_say(&said, "show", tool_put("p.yml", "polcy: {}\n"), NULL);
	tool_expect(&said, 1, "", "p.yml:1:1: unknown key `polcy`");
	ck_assert_str_eq(said.out, "");
	tool_say(&said, "show", "/nonexistent/p.yml", NULL);
	tool_expect(&said, 2, "", "/nonexistent/p.yml: No such file");
	tool_say(&said, "show", "builtin", "--default-approvals", "3", NULL);
	tool_expect(&said, 0, "policy: built-in\n", "");
	tool_expect(&said, 0, "requires: {count: 3, permissions: [write]}", "");
	tool_say(&said, "show", tool_put("p.yml", ""), NULL);
	tool_expect(&said, 0, "policy: built-in\n", "");
	tool_end();
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_policy_is_shown_with_the_place_of_each_part),
	SUITE_TEST(a_policy_that_is_not_in_force_is_not_shown),
	SUITE_TEST(a_check_tells_of_everything_that_is_wrong),
	SUITE_TEST(a_check_of_several_files_is_as_bad_as_the_worst),
	SUITE_TEST(a_check_tells_of_every_mistake_in_a_file_that_only_names_another),
	SUITE_TEST(a_warning_fails_a_strict_check),
	SUITE_TEST(cases_that_hold_are_counted),
	SUITE_TEST(a_case_that_fails_is_shown_with_its_tree),
	SUITE_TEST(a_file_that_cannot_be_read_is_a_wrong_line_whatever_the_others_say),
	SUITE_TEST(an_invalid_policy_fails_every_case_and_is_named),
	SUITE_TEST(rules_that_no_case_sees_both_ways_are_named_on_request),
	SUITE_TEST(cases_are_told_as_json),
	SUITE_TEST(the_words_of_a_test_file_are_listed),
	SUITE_END,
};
SUITE_MAIN(tests)
