/*
 * A value of another kind than its key has is one problem, at its place, and nothing else is told because of it. Beside
 * it, the bounds of what a file may say.
 */
#include "policy/policy.h"

#include "tests/support/suite.h"

#include <string.h>

static const struct policy_defaults defaults = {.approvals = 2};

#define RULE(rest)      "policy: {approval: [x]}\napproval_rules:\n- {name: x, " rest "}\n"
#define REQUIRED(rest)  RULE("requires: {count: 1, " rest "}")
#define OPTION(rest)    RULE("requires: {count: 1, users: [bob]}, options: {" rest "}")
#define METHOD(rest)    OPTION("methods: {" rest "}")
#define CONDITION(rest) RULE("requires: {conditions: {" rest "}}")
#define POLICY(rest)    "policy: {" rest "}\n"

/* `@` stands where the value is, of each kind that the row says is wrong there. */
enum kind { TEXT = 1, LIST = 2, MAP = 4, LIST_OF_MAP = 8, EMPTY = 16 };
enum { A_TEXT = LIST | MAP | EMPTY, A_MAP = TEXT | LIST, A_LIST = TEXT | MAP, A_LIST_OF_TEXT = A_LIST | LIST_OF_MAP };

static const struct {
	const char *text;
	int wrong;
} kinds[] = {
	{POLICY("approval: @"), A_LIST | LIST_OF_MAP},
	{POLICY("branches: @"), A_MAP},
	{POLICY("guards: @"), A_MAP},
	{POLICY("guards: {off: @}"), A_LIST_OF_TEXT},
	{POLICY("guards: {files: @}"), A_LIST_OF_TEXT},
	{POLICY("attribution: @"), A_MAP},
	{POLICY("attribution: {file: @}"), A_TEXT},
	{POLICY("attribution: {file: a.yml, ref: @}"), A_TEXT | TEXT},
	{POLICY("disapproval: @"), A_MAP},
	{POLICY("disapproval: {if: @}"), A_MAP},
	{POLICY("disapproval: {requires: @}"), A_MAP},
	{POLICY("disapproval: {requires: {users: @}}"), A_LIST_OF_TEXT},
	{POLICY("disapproval: {options: @}"), A_MAP},
	{POLICY("disapproval: {options: {methods: @}}"), A_MAP},
	{POLICY("disapproval: {options: {methods: {disapprove: @}}}"), A_MAP},
	{POLICY("disapproval: {options: {methods: {revoke: @}}}"), A_MAP},
	{"policy: @\n", A_MAP},
	{"approval_defaults: @\n", A_MAP},
	{"approval_defaults: {options: @}\n", A_MAP},
	{RULE("requires: {count: 1, users: [bob]}, description: @"), A_TEXT},
	{RULE("requires: {count: 1, users: [bob]}, if: @"), A_MAP},
	{RULE("requires: {count: 1, users: [bob]}, mode: @"), A_TEXT | TEXT},
	{RULE("requires: {count: 1, users: [bob]}, visibility: @"), A_TEXT | TEXT},
	{RULE("requires: {count: 1, users: [bob]}, options: @"), A_MAP},
	{RULE("requires: @"), A_MAP},
	{RULE("requires: {users: [bob], count: @}"), A_TEXT | TEXT},
	{RULE("requires: {users: [bob], eyes: @}"), A_TEXT | TEXT},
	{RULE("requires: {conditions: @}"), A_MAP},
	{REQUIRED("users: @"), A_LIST_OF_TEXT},
	{REQUIRED("teams: @"), A_LIST_OF_TEXT},
	{REQUIRED("organizations: @"), A_LIST_OF_TEXT},
	{REQUIRED("permissions: @"), A_LIST_OF_TEXT},
	{REQUIRED("admins: @"), A_TEXT | TEXT},
	{REQUIRED("write_collaborators: @"), A_TEXT | TEXT},
	{REQUIRED("owners: @"), A_MAP},
	{REQUIRED("owners: {file: @}"), A_TEXT},
	{REQUIRED("owners: {file: CODEOWNERS, per: @}"), A_TEXT | TEXT},
	{REQUIRED("owners: {file: CODEOWNERS, unowned: @}"), A_TEXT | TEXT},
	{RULE("requires: {count: 1, users: [bob]}, unattributed: @"), A_TEXT | TEXT},
	{RULE("requires: {count: 1, users: [bob]}, on_unknown: {status: @}"), A_TEXT | TEXT},
	{RULE("requires: {count: 1, users: [bob]}, on_unknown: {hook: @}"), A_TEXT | TEXT},
	{REQUIRED("owners: {file: CODEOWNERS, ref: @}"), A_TEXT | TEXT},
	{OPTION("allow_author: @"), A_TEXT | TEXT},
	{OPTION("allow_contributor: @"), A_TEXT | TEXT},
	{OPTION("allow_non_author_contributor: @"), A_TEXT | TEXT},
	{OPTION("allow_gone_head: @"), A_TEXT | TEXT},
	{OPTION("allow_unknown_pushers: @"), A_TEXT | TEXT},
	{OPTION("per_base: @"), A_TEXT | TEXT},
	{OPTION("invalidate_on_push: @"), A_TEXT | TEXT},
	{OPTION("ignore_edited_comments: @"), A_TEXT | TEXT},
	{OPTION("ignore_update_merges: @"), A_TEXT | TEXT},
	{OPTION("ignore_commits_by: @"), A_MAP},
	{OPTION("ignore_commits_by: {users: @}"), A_LIST_OF_TEXT},
	{OPTION("request_review: @"), A_MAP},
	{OPTION("request_review: {enabled: @}"), A_TEXT | TEXT},
	{OPTION("request_review: {mode: @}"), A_TEXT | TEXT},
	{OPTION("request_review: {count: @}"), A_TEXT | TEXT},
	{OPTION("delegation: @"), TEXT | LIST},
	{OPTION("delegation: {sticky: @}"), A_TEXT | TEXT},
	{OPTION("delegation: {author: @}"), A_TEXT | TEXT},
	{OPTION("delegation: {by: @}"), A_MAP},
	{OPTION("methods: @"), A_MAP},
	{METHOD("comments: @"), A_LIST_OF_TEXT},
	{METHOD("comment_patterns: @"), A_LIST_OF_TEXT},
	{METHOD("github_review: @"), A_TEXT | TEXT},
	{METHOD("github_review_comment_patterns: @"), A_LIST_OF_TEXT},
	{METHOD("body_patterns: @"), A_LIST_OF_TEXT},
	{CONDITION("changed_files: @"), A_MAP},
	{CONDITION("changed_files: {paths: @}"), A_LIST_OF_TEXT},
	{CONDITION("changed_files: {paths: [a], ignore: @}"), A_LIST_OF_TEXT},
	{CONDITION("changed_files: {paths: [a], types: @}"), A_LIST_OF_TEXT},
	{CONDITION("no_changed_files: {paths: @}"), A_LIST_OF_TEXT},
	{CONDITION("only_changed_files: {paths: @}"), A_LIST_OF_TEXT},
	{CONDITION("has_author_in: @"), A_MAP},
	{CONDITION("has_author_in: {teams: @}"), A_LIST_OF_TEXT},
	{CONDITION("has_contributor_in: {organizations: @}"), A_LIST_OF_TEXT},
	{CONDITION("only_has_contributors_in: {users: @}"), A_LIST_OF_TEXT},
	{CONDITION("author_is_only_contributor: @"), A_TEXT | TEXT},
	{CONDITION("targets_branch: @"), A_MAP},
	{CONDITION("targets_branch: {pattern: @}"), A_TEXT},
	{CONDITION("from_branch: {pattern: @}"), A_TEXT},
	{CONDITION("modified_lines: @"), A_MAP},
	{CONDITION("modified_lines: {additions: @}"), A_TEXT | TEXT},
	{CONDITION("modified_lines: {deletions: @}"), A_TEXT | TEXT},
	{CONDITION("modified_lines: {total: @}"), A_TEXT | TEXT},
	{CONDITION("has_status: @"), A_MAP},
	{CONDITION("has_status: {statuses: @}"), A_LIST},
	{CONDITION("has_status: {statuses: [ci], conclusions: @}"), A_LIST_OF_TEXT},
	{CONDITION("has_status: {statuses: [{name: @}]}"), A_TEXT},
	{CONDITION("has_status: {statuses: [{name: ci, app: @}]}"), A_TEXT},
	{CONDITION("has_successful_status: @"), A_LIST},
	{CONDITION("has_workflow_result: @"), A_MAP},
	{CONDITION("has_workflow_result: {workflows: @}"), A_LIST},
	{CONDITION("has_workflow_result: {workflows: [a], conclusions: @}"), A_LIST_OF_TEXT},
	{CONDITION("has_labels: @"), A_LIST_OF_TEXT},
	{CONDITION("threads_resolved: @"), A_TEXT | TEXT},
	{CONDITION("window: @"), A_MAP},
	{CONDITION("window: {days: @}"), A_LIST_OF_TEXT},
	{CONDITION("window: {from: @}"), A_TEXT | TEXT},
	{CONDITION("window: {to: @}"), A_TEXT | TEXT},
	{CONDITION("window: {from: '09:00', utc_offset: @}"), A_TEXT | TEXT},
	{CONDITION("not_during: @"), A_LIST},
	{CONDITION("not_during: [{from: @}]"), A_TEXT | TEXT},
	{CONDITION("not_during: [{to: @}]"), A_TEXT | TEXT},
	{CONDITION("not_during: [{from: 2026-12-24T00:00:00Z, to: 2026-12-27T00:00:00Z, reason: @}]"), A_TEXT},
	{CONDITION("repository: @"), A_MAP},
	{CONDITION("repository: {matches: @}"), A_LIST_OF_TEXT},
	{CONDITION("repository: {not_matches: @}"), A_LIST_OF_TEXT},
	{CONDITION("title: {matches: @}"), A_LIST_OF_TEXT},
	{CONDITION("title: {not_matches: @}"), A_LIST_OF_TEXT},
	{CONDITION("has_valid_signatures: @"), A_TEXT | TEXT},
	{CONDITION("has_valid_signatures_by: @"), A_MAP},
	{CONDITION("has_valid_signatures_by: {users: @}"), A_LIST_OF_TEXT},
	{CONDITION("has_valid_signatures_by_keys: @"), A_MAP},
	{CONDITION("has_valid_signatures_by_keys: {key_ids: @}"), A_LIST_OF_TEXT},
	{CONDITION("commit_token: @"), A_MAP},
	{CONDITION("commit_token: {key: @}"), A_TEXT | TEXT},
	{CONDITION("commit_token: {key: a, values: @}"), A_LIST_OF_TEXT},
	{CONDITION("message_word: @"), A_MAP},
	{CONDITION("message_word: {words: @}"), A_LIST_OF_TEXT},
	{CONDITION("message_word: {words: [X], where: @}"), A_TEXT | TEXT},
	{CONDITION("tree_open: @"), A_MAP},
	{CONDITION("tree_open: {tree: @}"), MAP | LIST_OF_MAP | EMPTY},
	{CONDITION("tree_open: {closed: @}"), A_TEXT},
	{CONDITION("tree_open: {tree: a, override: @}"), A_MAP},
	{CONDITION("tree_open: {tree: a, override: {users: @}}"), A_LIST_OF_TEXT},
	{CONDITION("tree_open: {tree: a, approval: @}"), A_MAP},
	{CONDITION("tree_open: {tree: a, approval: {key: @}}"), A_TEXT | TEXT},
	{CONDITION("signer: @"), A_TEXT | TEXT},
	{CONDITION("landing_asked_by: @"), A_MAP},
	{CONDITION("landing_asked_by: {organizations: @}"), A_LIST_OF_TEXT},
	{CONDITION("landing_asked_by: {users: [bob], not: @}"), A_LIST_OF_TEXT},
	{CONDITION("landing_asked_by: {admins: @}"), A_TEXT | TEXT},
	{CONDITION("landing_asked_by: {write_collaborators: @}"), A_TEXT | TEXT},
	{CONDITION("bugs: @"), A_MAP},
	{CONDITION("bugs: {min: @}"), A_TEXT | TEXT},
	{CONDITION("bugs: {min: 1, tracker: @}"), A_TEXT},
	{CONDITION("bugs: {min: 1, duplicates: @}"), A_TEXT | TEXT},
	{CONDITION("bugs: {min: 1, on_unknown: @}"), A_TEXT | TEXT},
	{CONDITION("bugs: {every: @}"), A_MAP},
	{CONDITION("bugs: {any: @}"), A_MAP},
	{CONDITION("bugs: {every: {keywords: @}}"), A_MAP},
	{CONDITION("bugs: {every: {keywords: {any_of: @}}}"), A_LIST_OF_TEXT},
	{CONDITION("bugs: {every: {groups: {none_of: @}}}"), A_LIST_OF_TEXT},
	{CONDITION("bugs: {every: {flag: {status: '+', name: @}}}"), A_TEXT},
	{CONDITION("bugs: {every: {flag: {name: x, status: @}}}"), A_TEXT | TEXT},
	{CONDITION("bugs: {every: {flag: {name: x, status: '+', by: @}}}"), A_MAP},
	{CONDITION("bugs: {every: {flag: {name: x, status: '+', by: {groups: @}}}}"), A_LIST_OF_TEXT},
	{CONDITION("bugs: {every: {attachment_flag: {name: x, status: '+', patch: @}}}"), A_TEXT | TEXT},
	{CONDITION("not: @"), A_MAP},
	{CONDITION("all_of: @"), A_LIST},
	{CONDITION("any_of: @"), A_LIST},
	{CONDITION("any_of: [{title: @}]"), A_MAP},
};

static const struct {
	int kind;
	const char *value;
	unsigned inside; /* the problem is so many columns further */
} values[] = {{TEXT, "zzz", 0}, {LIST, "[]", 0}, {MAP, "{}", 0}, {LIST_OF_MAP, "[{}]", 1}, {EMPTY, "''", 0}};

struct place {
	unsigned line, column;
};

static struct place place_of(const char *text)
{
	struct place place = {1, 1};

	for (; *text != '@'; text++) {
		place.column = *text == '\n' ? 1 : place.column + 1;
		place.line += *text == '\n';
	}
	return place;
}

static void refuse(const char *text, const char *value, unsigned inside)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *at = strchr(text, '@');
	struct place place = place_of(text);
	const struct policy *policy = NULL;
	struct text whole = arena_printf(&arena, "%.*s%s%s", (int)(at - text), text, value, at + 1);

	ck_assert_msg(!policy_check(whole, &defaults, &arena, &policy, &errors, &lints), "%s", whole.at);
	ck_assert_msg(errors.n == 1 && errors.more == 0, "%s: %zu problems, the second: %u:%u %s", whole.at, errors.n,
		      errors.items[1].line, errors.items[1].column, errors.items[1].text);
	ck_assert_msg(errors.items[0].line == place.line && errors.items[0].column == place.column + inside,
		      "%s: %u:%u %s", whole.at, errors.items[0].line, errors.items[0].column, errors.items[0].text);
	ck_assert_ptr_null(policy);
}

START_TEST(a_value_of_another_kind_is_one_problem_at_its_place)
{
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		if (kinds[_i].wrong & values[i].kind)
			refuse(kinds[_i].text, values[i].value, values[i].inside);
}
END_TEST

/* ---- what is wrong with the whole ---- */

#define NAMED(name) "- {name: " name ", requires: {count: 1, users: [bob]}}\n"
#define NAMELESS    "- {requires: {count: 1, users: [bob]}}\n"

static const struct {
	const char *text, *says;
	unsigned line;
} alone[] = {
	{"policy: {aproval: [a]}\napproval_rules:\n" NAMED("a"), "unknown key `aproval`; did you mean `approval`?", 1},
	{"policy: {approval: [b]}\napproval_rules:\n" NAMED("a") NAMED("b"), "rule `a` is not used in policy.approval",
	 3},
	{"policy: {approval: [a]}\napproval_rules:\n" NAMED("a") NAMELESS, "a rule needs a `name`", 4},
	{"- policy\n", "`the policy file` must be a map", 1},
	{"policy: [a]\napproval_rules:\n" NAMED("a"), "`policy` must be a map", 1},
	{RULE("requires: {conditions: {bugs: {min: 1}}}, if: {bugs: {min: 1}}"),
	 "`bugs` stands in `requires.conditions` of a rule alone: what bugs say must not show, and elsewhere it would",
	 3},
	{RULE("requires: {count: 1, users: [bob]}, options: {methods: {github_review: false}}"),
	 "rule `x` can never be met: its `methods` leave no way to approve", 3},
};

START_TEST(a_mistake_is_told_and_nothing_that_follows_from_it)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;

	ck_assert(!policy_check(text_of(alone[_i].text), &defaults, &arena, &policy, &errors, &lints));
	ck_assert_str_eq(errors.items[0].text, alone[_i].says);
	ck_assert_uint_eq(errors.items[0].line, alone[_i].line);
	ck_assert_msg(errors.n == 1, "%s", errors.items[1].text);
}
END_TEST

START_TEST(each_rule_without_a_name_is_told_once)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;

	ck_assert(!policy_check(TEXT_LIT("policy: {approval: [a]}\napproval_rules:\n" NAMELESS NAMELESS), &defaults,
				&arena, &policy, &errors, &lints));
	ck_assert_uint_eq(errors.n, 2);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_str_eq(errors.items[i].text, "a rule needs a `name`");
		ck_assert_uint_eq(errors.items[i].line, 3 + i);
	}
}
END_TEST

START_TEST(what_is_remarked_stands_in_the_order_of_the_file)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;

	ck_assert(policy_check(
		TEXT_LIT("approval_rules:\n- {name: x, requires: {count: 1, users: [bob]}, carry: [any-push]}\n"
			 "policy: {approval: [x], guards: {off: [draft]}}\n"),
		&defaults, &arena, &policy, &errors, &lints));
	ck_assert_uint_eq(lints.n, 2);
	ck_assert_uint_eq(lints.items[0].line, 2);
	ck_assert_uint_eq(lints.items[1].line, 3);
}
END_TEST

/* One remark is told at each place that has it, and a place is told each remark that it has. */
START_TEST(remarks_are_told_apart_by_what_they_say_and_by_where)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	static struct problem_list errors, lints;
	const struct policy *policy = NULL;

	ck_assert(policy_check(
		TEXT_LIT("policy: {approval: [x], guards: {files: [a]}, disapproval: {options: {methods: {disapprove: "
			 "{comments: [no], github_review: false}}}}}\napproval_rules:\n"
			 "- {name: x, requires: {count: 1, users: [bob], conditions: {from_branch: {pattern: a}, "
			 "targets_branch: {pattern: b}}}}\n"),
		&defaults, &arena, &policy, &errors, &lints));
	ck_assert_uint_eq(lints.n, 4);
	ck_assert_uint_eq(lints.items[0].column, lints.items[1].column);
	ck_assert_str_ne(lints.items[0].text, lints.items[1].text);
	ck_assert_uint_lt(lints.items[2].column, lints.items[3].column);
	ck_assert_str_eq(lints.items[2].text, lints.items[3].text);
}
END_TEST

START_TEST(more_remarks_than_are_kept_are_counted)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	static struct problem_list errors, lints;
	const struct policy *policy = NULL;
	struct text files = TEXT_LIT("'a/*'");

	for (int i = 1; i < PROBLEMS_MAX + 7; i++)
		files = arena_printf(&arena, "%.*s, 'a/*'", TEXT_ARG(files));
	ck_assert(policy_check(arena_printf(&arena, "policy: {approval: [x], guards: {files: [%.*s]}}\n%s",
					    TEXT_ARG(files),
					    "approval_rules: [{name: x, requires: {count: 1, users: [bob]}}]\n"),
			       &defaults, &arena, &policy, &errors, &lints));
	ck_assert_uint_eq(lints.n, PROBLEMS_MAX);
	ck_assert_uint_eq(lints.more, 7);
}
END_TEST

START_TEST(a_rule_beside_one_that_asks_for_bugs_is_as_public_as_it_says)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	struct problem problem = {.line = 0};
	struct policy_rule rule;

	ck_assert_msg(
		policy_parse(TEXT_LIT("policy: {approval: [b, x, y]}\napproval_rules:\n"
				      "- {name: b, requires: {conditions: {bugs: {min: 1}}}}\n" NAMED(
					      "x") "- {name: y, description: why, mode: warn, visibility: restricted, "
						   "on_unknown: {hook: allow}, requires: {count: 1, users: [bob]}}\n"),
			     &defaults, &arena, &policy, &problem),
		"%s", problem.text);
	ck_assert(policy_rule_at(policy, 0, &rule) && text_is(rule.name, "b") && rule.restricted);
	ck_assert(policy_rule_at(policy, 1, &rule) && text_is(rule.name, "x") && !rule.restricted && !rule.hook_allows);
	ck_assert_int_eq(rule.mode, MODE_ENFORCE);
	ck_assert(policy_rule_at(policy, 2, &rule) && rule.restricted && rule.hook_allows);
	ck_assert(text_is(rule.description, "why") && rule.mode == MODE_WARN && rule.line == 5 && rule.column == 3);
	ck_assert(!policy_rule_at(policy, 3, &rule));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_value_of_another_kind_is_one_problem_at_its_place, kinds),
	SUITE_ROWS(a_mistake_is_told_and_nothing_that_follows_from_it, alone),
	SUITE_TEST(each_rule_without_a_name_is_told_once),
	SUITE_TEST(what_is_remarked_stands_in_the_order_of_the_file),
	SUITE_TEST(remarks_are_told_apart_by_what_they_say_and_by_where),
	SUITE_TEST(more_remarks_than_are_kept_are_counted),
	SUITE_TEST(a_rule_beside_one_that_asks_for_bugs_is_as_public_as_it_says),
	SUITE_END,
};
SUITE_MAIN(tests)
