#include "policy/policy.h"

#include "tests/support/suite.h"

#include <string.h>

#define A_USER "a user is a login, without `@`, or id:NUMBER"
#define A_TEAM "a team is written org/slug, without `@` and blanks"

static const struct policy_defaults defaults = {.approvals = 2};

#define RULE(name, rest) "  - name: " name "\n    " rest "\n"
#define TWO              "{count: 2, permissions: [write]}"
#define ONE(rest)        "policy: {approval: [x]}\napproval_rules:\n  - name: x\n    " rest "\n"

static const struct {
	const char *text;
	unsigned line, column;
	const char *says;
} refused[] = {
	{"polcy: {}\n", 1, 1, "unknown key `polcy`; did you mean `policy`?"},
	{"policy: {approvl: [x]}\n", 1, 10, "unknown key `approvl`; did you mean `approval`?"},
	{"zebra: 1\n", 1, 1, "unknown key `zebra`"},
	{"policy: {approval: [x]}\naproval_rules: []\n", 2, 1,
	 "unknown key `aproval_rules`; did you mean `approval_rules`?"},
	{"[]\n", 1, 1, "`the policy file` must be a map"},
	{"policy: [x]\n", 1, 9, "`policy` must be a map"},
	{"remote: a/b\n", 1, 1, "this file only names another repository's policy, and is none"},
	{"policy: {approval: []}\n", 1, 20, "an empty list is not allowed here"},
	{"policy: {approval: [x]}\n", 1, 21, "no rule is named `x`"},
	{"policy: {approval: [reviws]}\napproval_rules:\n" RULE("reviews", "requires: " TWO), 1, 21,
	 "no rule is named `reviws`; did you mean `reviews`?"},
	{"policy: {approval: [{and: []}]}\n", 1, 27, "an empty list is not allowed here"},
	{"policy: {approval: [{or: x}]}\n", 1, 26, "expected a list of rule names, and of what joins them"},
	{"policy: {approval: [{nor: [x]}]}\n", 1, 22, "expected `and`, `or`, `at_least` or `distinct`, not `nor`"},
	{"policy: {approval: [{or: [x], and: [y]}]}\n", 1, 21,
	 "expected a rule name, {and: [..]}, {or: [..]}, {distinct: [..]} or {at_least: {count, of}}"},
	{"policy: {approval: [[x]]}\n", 1, 21,
	 "expected a rule name, {and: [..]}, {or: [..]}, {distinct: [..]} or {at_least: {count, of}}"},
	{"policy: {approval: [{or: [{or: [{or: [{or: [{or: [{or: [{or: [{or: [{or: [{or: [x]}]}]}]}]}]}]}]}]}]}]}\n", 1,
	 81, "nested more than 10 deep"},
	{"policy: {approval: [x]}\napproval_rules:\n" RULE("x", "requires: " TWO) RULE("x", "requires: " TWO), 5, 5,
	 "a second rule named `x` (first in line 3)"},
	{"policy: {approval: [x]}\napproval_rules:\n" RULE("x", "requires: " TWO) RULE("y", "requires: " TWO), 5, 5,
	 "rule `y` is not used in policy.approval"},
	{"approval_rules:\n" RULE("x", "requires: " TWO), 1, 1, "`policy.approval` is missing"},
	{"policy: {disapproval: {requires: {permissions: [write]}}}\n", 1, 9, "`policy.approval` is missing"},
	{"policy: {approval: [x]}\napproval_rules: {x: 1}\n", 2, 17, "`approval_rules` must be a list of rules"},
	{"policy: {approval: [x]}\napproval_rules: [{requires: " TWO "}]\n", 2, 18, "a rule needs a `name`"},
	{ONE("description: d"), 3, 5, "rule `x` requires nothing: give `count` of at least 1 or `conditions`"},
	{ONE("requires: {count: 0}"), 4, 15, "rule `x` requires nothing: give `count` of at least 1 or `conditions`"},
	{ONE("requires: {permissions: [write]}"), 4, 15,
	 "rule `x` requires nothing: give `count` of at least 1 or `conditions`"},
	{ONE("requires: {count: 1}"), 4, 15,
	 "rule `x` can never be met: give `permissions`, `users`, `teams`, `organizations` or `owners`"},
	{ONE("requires: {count: 3, users: [bob, carol, Bob]}"), 4, 15,
	 "rule `x` can never be met: it names 2 of the 3 it needs"},
	{ONE("if: {changed_files: {paths: ['*_test.go']}}"), 4, 34, NULL},
	{ONE("requires: {count: -1}"), 4, 23, "count is a whole number from 0 to 100"},
	{ONE("requires: {count: \"1\"}"), 4, 23, "count is a whole number from 0 to 100"},
	{ONE("requires: {count: 101}"), 4, 23, "count is a whole number from 0 to 100"},
	{ONE("requires: {cout: 1}"), 4, 16, "unknown key `cout`; did you mean `count`?"},
	{ONE("requires: {count: 1, organizations: [a/b]}"), 4, 42,
	 "an organization is one name, without `@`; org/slug is a team"},
	{ONE("requires: {count: 1, admins: 1}"), 4, 34, "expected true or false"},
	{ONE("requires: {count: 1, admins: false}"), 4, 15,
	 "rule `x` can never be met: give `permissions`, `users`, `teams`, `organizations` or `owners`"},
	{ONE("requires: {count: 1, permissions: [writer]}"), 4, 40,
	 "a permission is read, triage, write, maintain or admin"},
	{ONE("requires: {count: 1, permissions: [none]}"), 4, 40,
	 "a permission is read, triage, write, maintain or admin"},
	{ONE("requires: {count: 1, permissions: write}"), 4, 39, "expected a list"},
	{ONE("requires: {count: 1, users: [id:x]}"), 4, 34, A_USER},
	{ONE("requires: {count: 1, users: [id:0]}"), 4, 34, A_USER},
	{ONE("requires: {count: 1, users: [bob, '@bob']}"), 4, 39, A_USER},
	{ONE("requires: {count: 1, users: ['bob ']}"), 4, 34, A_USER},
	{ONE("requires: {count: 1, users: [acme/core]}"), 4, 34, A_USER},
	{ONE("requires: {count: 1, users: ['[bot]']}"), 4, 34, A_USER},
	{ONE("requires: {count: 1, users: ['b\xd0\xbe"
	     "b']}"),
	 4, 34, A_USER},
	{ONE("requires: {count: 1, teams: ['@acme/core']}"), 4, 34, A_TEAM},
	{ONE("requires: {count: 1, teams: [acme/core team]}"), 4, 34, A_TEAM},
	{ONE("requires: {count: 1, teams: [acme/core/more]}"), 4, 34, A_TEAM},
	{ONE("requires: {count: 1, organizations: ['@acme']}"), 4, 42,
	 "an organization is one name, without `@`; org/slug is a team"},
	{ONE("requires: {count: 1, teams: [core]}"), 4, 34, A_TEAM},
	{ONE("requires: {conditions: {}}"), 4, 28, "expected a map of conditions"},
	{ONE("if: {changed_file: {paths: [a]}}"), 4, 10, "unknown key `changed_file`; did you mean `changed_files`?"},
	{ONE("if: {bugs: [a]}"), 4, 16,
	 "`bugs` stands in `requires.conditions` of a rule alone: what bugs say must not show, and elsewhere it would"},
	{ONE("if: {changed_files: {paths: ['(']}}"), 4, 34, NULL},
	{ONE("if: {changed_files: {paths: []}}"), 4, 25, "`changed_files` needs at least one pattern in `paths`"},
	{ONE("if: {changed_files: {ignore: [a]}}"), 4, 25, "`changed_files` needs at least one pattern in `paths`"},
	{ONE("if: {targets_branch: {}}"), 4, 26, "`targets_branch` needs a `pattern`"},
	{ONE("requires: {conditions: {commit_token: {key: b}}}"), 4, 49, "a token's key is one of a, r, sr, rs, ui-r"},
	{ONE("requires: {conditions: {commit_token: {values: [b]}}}"), 4, 43, "`commit_token` needs a `key`"},
	{ONE("requires: {conditions: {commit_token: {key: a, values: []}}}"), 4, 60,
	 "`values` names at least one; leave it out to allow any name"},
	{ONE("mode: yes"), 4, 11, "mode is enforce, warn or off"},
	{ONE("visibility: secret"), 4, 17, "visibility is public or restricted"},
	{ONE("options: {allow_author: perhaps}"), 4, 29, "expected true or false"},
	{ONE("options: {invalidate_on_push: maybe}"), 4, 35, "expected true or false"},
	{ONE("options: {ignore_edited_comments: maybe}"), 4, 39, "expected true or false"},
	{ONE("options: {ignore_update_merges: maybe}"), 4, 37, "expected true or false"},
	{ONE("options: {request_review: {mode: bogus}}"), 4, 38, "mode is random-users, all-users or teams"},
	{ONE("options: {request_review: {count: -1}}"), 4, 39, "count is a whole number from 0 to 100"},
	{ONE("options: {request_review: {count: 101}}"), 4, 39, "count is a whole number from 0 to 100"},
	{ONE("options: {request_review: {enabled: 1}}"), 4, 41, "expected true or false"},
	{ONE("options: {request_review: {when: 1}}"), 4, 32, "unknown key `when`"},
	{ONE("options: {methods: {comments: +1}}"), 4, 35, "expected a list"},
	{ONE("options: {methods: {comment_patterns: ['(']}}"), 4, 44, NULL},
	{ONE("options: {methods: {github_review: maybe}}"), 4, 40, "expected true or false"},
	{ONE("options: {methods: {body: []}}"), 4, 25, "unknown key `body`"},
	{ONE("requires: " TWO "\n    options: {methods: {github_review: false}}"), 3, 5,
	 "rule `x` can never be met: its `methods` leave no way to approve"},
	{ONE("on_unknown: {status: success}"), 4, 26, "status is pending or failure"},
	{ONE("requires: " TWO "\n    visibility: restricted\n    on_unknown: {status: failure}"), 6, 17,
	 "a restricted rule never blocks: that would show in the status"},
	{ONE("requires: {conditions: {signer: bob}}"), 4, 37,
	 "signer is author or committer; for others there is has_valid_signatures_by"},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {commit_token: {key: a}}}"),
	 5, 5, "rule `y` lets a commit token stand in for something else: whoever writes the commit types it"},
	{"policy: {approval: [{at_least: {count: 1, of: [x, y]}}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {all_of: [{commit_token: {key: a}}]}}"),
	 5, 5, "rule `y` lets a commit token stand in for something else: whoever writes the commit types it"},
	{ONE("requires: {conditions: {any_of: [{commit_token: {key: a}}, {has_labels: [ok]}]}}"), 3, 5,
	 "rule `x` lets a commit token stand in for something else: whoever writes the commit types it"},
	{"policy: {branches: {default: [{or: [x, y]}]}}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {commit_token: {key: a}}}"),
	 5, 5, "rule `y` lets a commit token stand in for something else: whoever writes the commit types it"},
	{ONE("requires: {count: 1, permissions: [write], conditions: {bugs: {every: {any_of: [{keywords: {any_of: "
	     "[sec-high]}, commit_token: {key: a}}, {attachment_flag: {name: s, status: '+'}}]}}}}"),
	 3, 5, "rule `x` lets a commit token stand in for something else: whoever writes the commit types it"},
	{ONE("requires: {count: 1, permissions: [write], conditions: {bugs: {every: {any_of: [{closedbug: true, "
	     "keywords: {none_of: [sec-high]}}, {attachment_flag: {name: s, status: '+'}}]}}}}"),
	 3, 5, "rule `x` lets a commit token stand in for something else: whoever writes the commit types it"},
	{ONE("requires: {count: 1, permissions: [write], conditions: {bugs: {every: {any_of: [{all_of: [{bug_open: "
	     "true}, {commit_token: {key: a}}]}, {attachment_flag: {name: s, status: '+'}}]}}}}"),
	 3, 5, "rule `x` lets a commit token stand in for something else: whoever writes the commit types it"},
	{ONE("requires: {count: 1, permissions: [write], conditions: {bugs: {every: {any_of: [{commit_token: {key: a}, "
	     "not: {flag: {name: f, status: '-'}}}, {attachment_flag: {name: s, status: '+'}}]}}}}"),
	 3, 5, "rule `x` lets a commit token stand in for something else: whoever writes the commit types it"},
	{ONE("requires: {count: 1, permissions: [write], conditions: {bugs: {every: {any_of: [{commit_token: {key: a}, "
	     "any_of: [{flag: {name: f, status: '+'}}, {bug_open: true}]}, {attachment_flag: {name: s, status: "
	     "'+'}}]}}}}"),
	 3, 5, "rule `x` lets a commit token stand in for something else: whoever writes the commit types it"},
	{ONE("requires: {conditions: {any_of: [{commit_token: {key: a}, has_author_in: {permissions: [read]}}, "
	     "{has_labels: [ok]}]}}"),
	 3, 5, "rule `x` lets a commit token stand in for something else: whoever writes the commit types it"},
	{ONE("carry: [same-path]"), 4, 13, "a review is carried by same-tree, same-patch, base-merge or any-push"},
	{ONE("carry: [[same-patch]]"), 4, 13, "a review is carried by same-tree, same-patch, base-merge or any-push"},
	{ONE("carry: same-tree"), 4, 12, "expected a list of same-tree, same-patch, base-merge, any-push"},
	{"policy: {approval: [x], disapproval: {if: {}}}\n", 1, 21, "no rule is named `x`"},
	{"policy: {disapproval: {if: {}}}\n", 1, 28, "expected a map of conditions"},
	{"policy: {disapproval: {requires: {count: 1}}}\n", 1, 35, "unknown key `count`"},
	{"policy: {approval: [{at_least: {count: 1}}]}\n", 1, 32, "`at_least` needs `count` and `of`"},
	{"policy: {approval: [{at_least: {count: 2, of: [x]}}]}\napproval_rules:\n" RULE("x", "requires: " TWO), 1, 32,
	 "can never be met: 2 of 1"},
	{"policy: {approval: [{at_least: {count: 100, of: [x]}}]}\napproval_rules:\n" RULE("x", "requires: " TWO), 1,
	 32, "can never be met: 100 of 1"},
	{"policy: {approval: [{at_least: {count: 2, of: [x, y, x]}}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: " TWO),
	 1, 54, "`x` stands here twice: met once, it would count as two"},
	{"policy: {approval: [{at_least: {count: 2, of: [x, {or: [{and: [x]}]}]}}]}\napproval_rules:\n" RULE(
		 "x", "requires: " TWO),
	 1, 51, "`x` stands here twice: met once, it would count as two"},
	{"policy: {branches: {'^rel.*$': [x], '^release$': closed, default: closed}}\napproval_rules:\n" RULE(
		 "x", "requires: " TWO),
	 1, 37, "`^rel.*$` before it matches release, too, so that this one never counts"},
	{"policy: {branches: {'^b/.*$': [x], default: closed, '^a$': [x], '^a\\.b$': [x], '^b\\/c$': "
	 "[x]}}\napproval_rules:\n" RULE("x", "requires: " TWO),
	 1, 80, "`^b/.*$` before it matches b/c, too, so that this one never counts"},
	{"policy: {approval: [{at_least: {count: 101, of: [x]}}]}\napproval_rules:\n" RULE("x", "requires: " TWO), 1,
	 40, "count is a whole number from 1 to 100"},
	{"policy: {approval: [{at_least: {count: -1, of: [x]}}]}\napproval_rules:\n" RULE("x", "requires: " TWO), 1, 40,
	 "count is a whole number from 1 to 100"},
	{"policy: {approval: [{at_least: {count: 0, of: [x]}}]}\napproval_rules:\n" RULE("x", "requires: " TWO), 1, 40,
	 "count is a whole number from 1 to 100"},
	{"policy: {approval: [{or: [x]}]}\napproval_rules:\n" RULE("x", "mode: warn\n    requires: " TWO), 1, 27,
	 "rule `x` has mode `warn`, which an alternative cannot have: it would always be met"},
	{"policy: {approval: [{at_least: {count: 1, of: [{and: [x]}]}}]}\napproval_rules:\n" RULE(
		 "x", "mode: warn\n    requires: " TWO),
	 1, 55, "rule `x` has mode `warn`, which an alternative cannot have: it would always be met"},
	{"policy: {approval: [{distinct: [x]}]}\napproval_rules:\n" RULE("x", "requires: " TWO), 1, 32,
	 "`distinct` joins two rules or more, of at most 100 people"},
	{"policy: {approval: [{distinct: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: {count: 51, users: [a]}")
		 RULE("y", "requires: {count: 50, users: [a]}"),
	 1, 32, "`distinct` joins two rules or more, of at most 100 people"},
	{"policy: {approval: [{distinct: [x, {or: [x]}]}]}\napproval_rules:\n" RULE("x", "requires: " TWO), 1, 36,
	 "`distinct` joins rules that have a `count`, and nothing else"},
	{"policy: {approval: [{distinct: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {targets_branch: {pattern: a}}}"),
	 1, 36, "`distinct` joins rules that have a `count`, and nothing else"},
	{"policy: {approval: [{distinct: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "mode: warn\n    requires: " TWO),
	 1, 36, "rule `y` has mode `warn`, which an alternative cannot have: it would always be met"},
	{"policy: {branches: {'^main$': closed}}\n", 1, 20,
	 "`branches` is a map {pattern: rules, default: closed or rules}; `default` is missing"},
	{"policy: {branches: {main: closed, default: closed}}\n", 1, 21,
	 "a branch pattern is written ^...$, or ^(a|b)$, so that it opens no other branch"},
	{"policy: {branches: {'^a|b$': closed, default: closed}}\n", 1, 21,
	 "a branch pattern is written ^...$, or ^(a|b)$, so that it opens no other branch"},
	{"policy: {branches: {'^[a]b|c$': closed, default: closed}}\n", 1, 21,
	 "a branch pattern is written ^...$, or ^(a|b)$, so that it opens no other branch"},
	{"policy: {branches: {'^(a)|b$': closed, default: closed}}\n", 1, 21,
	 "a branch pattern is written ^...$, or ^(a|b)$, so that it opens no other branch"},
	{"policy: {branches: {'^(a)b|(c)$': closed, default: closed}}\n", 1, 21,
	 "a branch pattern is written ^...$, or ^(a|b)$, so that it opens no other branch"},
	{"policy: {branches: {'|^a$': closed, default: closed}}\n", 1, 21,
	 "a branch pattern is written ^...$, or ^(a|b)$, so that it opens no other branch"},
	{"policy: {branches: {'^a[|]b\\|$': closed, '^a\\$': closed, default: closed}}\n", 1, 42,
	 "a branch pattern is written ^...$, or ^(a|b)$, so that it opens no other branch"},
	{"policy: {branches: {default: open}}\n", 1, 30, "expected a list of rule names, and of what joins them"},
	{"policy: {guards: {off: [draught]}}\n", 1, 25, "a guard is draft, changes_requested or guarded_files"},
	{"policy: {guards: {off: [drafts]}}\n", 1, 25,
	 "a guard is draft, changes_requested or guarded_files; did you mean `draft`?"},
	{"policy: {guards: {off: draft}}\n", 1, 24, "expected a list of guards"},
	{"policy: {guards: {files: ['(']}}\n", 1, 27, NULL},
	{ONE("requires: {eyes: 5, permissions: [write]}"), 4, 22,
	 "eyes is 4, 6 or 8: the author's, and those of 1, 2 or 3 others"},
	{ONE("requires: {eyes: 4, count: 1, permissions: [write]}"), 4, 32, "give either `eyes` or `count`"},
	{ONE("requires: {eyes: 4, permissions: [write]}\n    options: {allow_contributor: true}"), 4, 22,
	 "`eyes` are those of others: neither allow_author nor allow_contributor goes with it"},
	{"approval_defaults: {option: {}}\n", 1, 21, "unknown key `option`; did you mean `options`?"},
	{"approval_defaults: {options: {allow_author: 1}}\n", 1, 45, "expected true or false"},
};

START_TEST(a_wrong_policy_is_refused_with_place_and_reason)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct policy *policy = NULL;

	ck_assert(!policy_parse(text_of(refused[_i].text), &defaults, &arena, &policy, &problem));
	ck_assert_ptr_null(policy);
	if (refused[_i].says)
		ck_assert_str_eq(problem.text, refused[_i].says);
	ck_assert_msg(problem.line == refused[_i].line && problem.column == refused[_i].column, "%u:%u %s",
		      problem.line, problem.column, problem.text);
}
END_TEST

#define FIFTY_EIGHT "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define GLOB(glob)  ONE("if: {changed_files: {paths: ['" glob "']}}")

static const struct {
	const char *text, *means;
} globs[] = {
	{GLOB("*_test.go"), ".*_test\\.go$"},
	{GLOB("*"), ".*$"},
	{GLOB("**"), ".*$"},
	{GLOB("**/x"), ".*/x$"},
	{GLOB("a**b"), "a.*b$"},
	{GLOB("a/**"), "a/.*$"},
	{GLOB("***"), ".*[^/]*$"},
	{GLOB("**a*"), ".*a[^/]*$"},
	{GLOB("*" FIFTY_EIGHT "**"), ".*" FIFTY_EIGHT "[^/]*$"}, /* cut between the last two */
};

START_TEST(a_glob_where_a_pattern_belongs_is_told_with_the_pattern_it_means)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct policy *policy = NULL;
	struct text told;

	ck_assert(!policy_parse(text_of(globs[_i].text), &defaults, &arena, &policy, &problem));
	told = arena_printf(&arena, "it looks like a glob, did you mean `%s`?", globs[_i].means);
	ck_assert_msg(text_ends(text_of(problem.text), told), "%s", problem.text);
}
END_TEST

START_TEST(every_mistake_is_told_once_in_the_order_of_the_file)
{
	static const char text[] = "polcy: 1\n"
				   "policy: {approval: [a, b, {or: []}, {nand: [a]}], guards: {off: [x, y]}}\n"
				   "approval_rules:\n"
				   "- {name: a, mode: no, requires: {count: x, permissions: [writer]}}\n"
				   "- {name: c, requires: {count: 1, permissions: [write]}, optoins: {}}\n";
	static const struct {
		unsigned line, column;
		const char *says;
	} expected[] = {
		{1, 1, "unknown key `polcy`; did you mean `policy`?"},
		{2, 24, "no rule is named `b`"},
		{2, 32, "an empty list is not allowed here"},
		{2, 38, "expected `and`, `or`, `at_least` or `distinct`, not `nand`"},
		{2, 66, "a guard is draft, changes_requested or guarded_files"},
		{2, 69, "a guard is draft, changes_requested or guarded_files"},
		{4, 19, "mode is enforce, warn or off"},
		{4, 41, "count is a whole number from 0 to 100"},
		{4, 58, "a permission is read, triage, write, maintain or admin"},
		{5, 57, "unknown key `optoins`; did you mean `options`?"},
	};
	auto_arena struct arena arena = ARENA_EMPTY;
	static struct problem_list errors, lints;
	const struct policy *policy = NULL;
	size_t n = sizeof expected / sizeof expected[0];

	ck_assert(!policy_check(text_of(text), &defaults, &arena, &policy, &errors, &lints));
	for (size_t i = 0; i < errors.n && i < n; i++) {
		ck_assert_str_eq(errors.items[i].text, expected[i].says);
		ck_assert_uint_eq(errors.items[i].line, expected[i].line);
		ck_assert_uint_eq(errors.items[i].column, expected[i].column);
	}
	ck_assert_uint_eq(errors.n, n);
}
END_TEST

START_TEST(more_mistakes_than_are_kept_are_counted)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	static struct problem_list errors, lints;
	const struct policy *policy = NULL;
	struct text text = TEXT_LIT("approval_rules:\npolicy: {approval: [x]}\n");

	for (int i = 0; i < PROBLEMS_MAX + 7; i++)
		text = arena_printf(&arena, "%.*sk%d: 1\n", TEXT_ARG(text), i);
	ck_assert(!policy_check(text, &defaults, &arena, &policy, &errors, &lints));
	ck_assert_uint_eq(errors.n, PROBLEMS_MAX);
	ck_assert_uint_gt(errors.more, 6);
}
END_TEST

static const char *const accepted[] = {
	ONE("requires: " TWO),
	ONE("requires: {count: 1, users: [bob, 'id:7']}"),
	ONE("requires: {count: 1, teams: [acme/core]}\n    if: {targets_branch: {pattern: '^main$'}}"),
	ONE("requires: {count: 1, organizations: [acme], admins: true, write_collaborators: true, permissions: "
	    "[Maintain]}"),
	ONE("requires: {conditions: {commit_token: {key: a}}}"),
	ONE("requires: {count: 0, conditions: {changed_files: {paths: ['^a'], ignore: ['b$']}}}\n    mode: off"),
	ONE("requires: " TWO "\n    visibility: restricted\n    description: d\n    options: {allow_author: true, "
	    "allow_contributor: false, methods: {comments: [], github_review: true}}"),
	"policy:\n  approval:\n    - or: [x, {and: [y, x]}]\napproval_rules:\n" RULE("x", "requires: " TWO)
		RULE("y", "requires: " TWO),
	"policy: {approval: [x], disapproval: {requires: {permissions: [triage], users: [bob]}, options: {methods: "
	"{disapprove: {github_review: true}, revoke: {comments: []}}}}}\napproval_rules:\n" RULE("x", "requires: " TWO),
};

START_TEST(a_good_policy_is_not_the_built_in_one)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct policy *policy = NULL;

	ck_assert_msg(policy_parse(text_of(accepted[_i]), &defaults, &arena, &policy, &problem), "%u:%u %s",
		      problem.line, problem.column, problem.text);
	ck_assert(!policy_is_builtin(policy));
	ck_assert(policy_needs(policy).facts & FACT_DRAFT);
}
END_TEST

static const char *const empties[] = {"", "# nothing\n", "{}\n", "policy:\n", "policy: {}\napproval_rules:\n", "---\n"};

START_TEST(an_empty_policy_is_the_built_in_one)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem;
	const struct policy *policy = NULL;

	ck_assert(policy_parse(text_of(empties[_i]), &defaults, &arena, &policy, &problem));
	ck_assert(policy_is_builtin(policy));
}
END_TEST

START_TEST(the_built_in_text_is_a_policy_a_user_could_write)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem;
	const struct policy *policy = NULL, *builtin = policy_builtin(&defaults, &arena);

	ck_assert(policy_parse(policy_builtin_text(&defaults, &arena), &defaults, &arena, &policy, &problem));
	ck_assert(!policy_is_builtin(policy) && policy_is_builtin(builtin));
	ck_assert_uint_eq(policy_needs(policy).facts, policy_needs(builtin).facts);
	ck_assert_uint_eq(policy_needs(builtin).facts, FACT_STATE | FACT_DRAFT | FACT_BASE | FACT_AUTHOR |
							       FACT_ARRIVAL | FACT_PUSHERS | FACT_COMMITS | FACT_PATHS |
							       FACT_REVIEWS);
}
END_TEST

START_TEST(the_teams_of_a_policy_are_needed_once)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem;
	const struct policy *policy = NULL;
	struct policy_needs needs;

	ck_assert(policy_parse(TEXT_LIT("policy: {approval: [x, y]}\napproval_rules:\n"
					"  - {name: x, requires: {count: 1, teams: [a/b, c/d]}}\n"
					"  - {name: y, requires: {count: 1, teams: [A/b]}}\n"),
			       &defaults, &arena, &policy, &problem));
	needs = policy_needs(policy);
	ck_assert_uint_eq(needs.n_teams, 2);
	ck_assert(text_is(needs.teams[0], "a/b") && text_is(needs.teams[1], "c/d") && needs.people);
}
END_TEST

START_TEST(every_key_has_path_type_and_help)
{
	size_t n = 0;

	for (const struct policy_key *key; (key = policy_key_at(n)) != NULL; n++) {
		ck_assert_ptr_nonnull(key->path);
		ck_assert_ptr_nonnull(key->type);
		ck_assert(key->help && strlen(key->help) >= 10);
	}
	ck_assert_uint_gt(n, 20);
	ck_assert_str_eq(policy_key_at(0)->path, "remote");
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_wrong_policy_is_refused_with_place_and_reason, refused),
	SUITE_ROWS(a_glob_where_a_pattern_belongs_is_told_with_the_pattern_it_means, globs),
	SUITE_TEST(every_mistake_is_told_once_in_the_order_of_the_file),
	SUITE_TEST(more_mistakes_than_are_kept_are_counted),
	SUITE_ROWS(a_good_policy_is_not_the_built_in_one, accepted),
	SUITE_ROWS(an_empty_policy_is_the_built_in_one, empties),
	SUITE_TEST(the_built_in_text_is_a_policy_a_user_could_write),
	SUITE_TEST(the_teams_of_a_policy_are_needed_once),
	SUITE_TEST(every_key_has_path_type_and_help),
	SUITE_END,
};
SUITE_MAIN(tests)
