/* What can be read and should be known: remarked on, with its place. */
#include "policy/policy.h"

#include "tests/support/suite.h"

#include <string.h>

static const struct policy_defaults defaults = {.approvals = 2};

#define RULE(name, rest) "  - name: " name "\n    " rest "\n"
#define TWO              "{count: 2, permissions: [write]}"
#define ONE(rest)        "policy: {approval: [x]}\napproval_rules:\n  - name: x\n    " rest "\n"
#define LOOSE            "this is found within the names of other branches, too; bind it with ^ and $"
#define ROOTED           "unsafe: a path begins at the root, without a slash: this matches none"
#define READERS          "rule `x` counts the reviews of whoever may read: of a public repository that is everybody"
#define UNSEEN           "unsafe: rule `y` can permit a change that nobody reviewed: name who may push it (only_pushed_by)"

static const struct {
	const char *text;
	const char *lint; /* NULL: nothing is remarked */
} linted[] = {
	{ONE("requires: " TWO), NULL},
	{ONE("requires: {count: 1, permissions: [read]}"), READERS},
	{ONE("requires: {count: 1, users: [b], permissions: [admin, read]}"), READERS},
	{ONE("requires: {count: 1, permissions: [triage]}"), NULL},
	{ONE("requires: {count: 0, permissions: [read], conditions: {only_pushed_by: {users: [b]}}}"), NULL},
	{ONE("requires: {count: 1, users: [Bob-2, zZ09aA, a_b.c, 'app-1[bot]', 'id:3'], teams: [a-b/c_d.e], "
	     "organizations: "
	     "[A-1]}"),
	 NULL},
	{ONE("requires: {conditions: {changed_files: {paths: ['^src/', '^/src/']}, only_pushed_by: {users: [b]}}}"),
	 ROOTED},
	{ONE("requires: {conditions: {no_changed_files: {paths: [x], ignore: ['^\\./a']}, only_pushed_by: {users: "
	     "[b]}}}"),
	 ROOTED},
	{ONE("requires: {conditions: {only_changed_files: {paths: ['^\\/a']}, only_pushed_by: {users: [b]}}}"), ROOTED},
	{ONE("requires: {conditions: {changed_files: {paths: ['^./a', '^a/', '/a']}, only_pushed_by: {users: [b]}}}"),
	 NULL},
	{"policy: {approval: [x], guards: {files: ['^/deploy/']}}\napproval_rules:\n" RULE("x", "requires: " TWO),
	 ROOTED},
	{ONE("requires: {conditions: {targets_branch: {pattern: '^refs/heads/main$'}, only_pushed_by: {users: [b]}}}"),
	 "unsafe: a branch is named without refs/heads/: this matches none"},
	{"policy: {branches: {'^.*$': [x], default: closed}}\napproval_rules:\n" RULE("x", "requires: " TWO), NULL},
	{"policy: {branches: {'^a?$': [x], '^b.*$': closed, default: closed}}\napproval_rules:\n" RULE(
		 "x", "requires: " TWO),
	 NULL},
	{"policy: {branches: {'^b.*$': [x], '^a$': [x], '^a\\.b$': [x], '^b?$': closed, default: closed}}\n"
	 "approval_rules:\n" RULE("x", "requires: " TWO),
	 NULL},
	{"policy: {approval: [x], disapproval: {if: {has_labels: [a]}}, guards: {off: [changes_requested]}}\n"
	 "approval_rules:\n" RULE("x", "requires: " TWO),
	 "without these guards changes land that every other policy holds back"},
	{ONE("requires: " TWO "\n    options: {invalidate_on_push: true, ignore_update_merges: false, "
	     "ignore_edited_comments: true, request_review: {enabled: false, mode: teams, count: 2}}"),
	 NULL},
	{ONE("requires: " TWO "\n    options: {methods: {}}"), NULL},
	{ONE("requires: " TWO "\n    options: {request_review: {mode: random-users, count: 0}}"), NULL},
	{ONE("requires: " TWO "\n    options: {request_review: {mode: all-users, count: 100}}"), NULL},
	{ONE("requires: " TWO "\n    options: {delegation: {sticky: false}}"), NULL},
	{ONE("requires: {conditions: {only_pushed_by: {users: [a]}}}\n    options: {methods: {github_review: false}}"),
	 NULL},
	{ONE("requires: {count: 1, permissions: [write], conditions: {bugs: {every: {any_of: [{keywords: {none_of: "
	     "[sec-high]}}, {attachment_flag: {name: s, status: '+'}}]}}}}"),
	 NULL},
	{ONE("requires: {count: 1, permissions: [write], conditions: {bugs: {every: {any_of: [{commit_token: {key: a}, "
	     "flag: {name: f, status: '+'}}, {attachment_flag: {name: s, status: '+'}}]}}}}"),
	 NULL},
	{ONE("requires: " TWO "\n    options: {methods: {comments: [], comment_patterns: [], body_patterns: [], "
	     "github_review: true, github_review_comment_patterns: [lgtm]}}"),
	 NULL},
	{ONE("requires: " TWO "\n    options: {methods: {comments: [lgtm], github_review: false}}"),
	 "differs: such a comment approves only as a whole line, and where it names the commit in full"},
	{ONE("requires: " TWO "\n    options: {methods: {comment_patterns: [lgtm]}}"),
	 "differs: such a comment approves only where it names the commit in full"},
	{ONE("requires: " TWO "\n    options: {methods: {body_patterns: [lgtm]}}"),
	 "differs: a description belongs to no commit and counts for nothing here"},
	{"policy: {approval: [x], disapproval: {options: {methods: {disapprove: {comment_patterns: [no]}}}}}\n"
	 "approval_rules:\n" RULE("x", "requires: " TWO),
	 NULL},
	{"policy: {approval: [x], disapproval: {options: {methods: {disapprove: {comments: [no]}}}}}\n"
	 "approval_rules:\n" RULE("x", "requires: " TWO),
	 "differs: such a comment objects only as a whole line"},
	{"policy: {approval: [x], disapproval: {options: {methods: {disapprove: {github_review: false}}}}}\n"
	 "approval_rules:\n" RULE("x", "requires: " TWO),
	 "differs: changes requested by a review block all the same"},
	{"policy: {approval: [x], disapproval: {options: {methods: {revoke: {comments: []}}}}}\n"
	 "approval_rules:\n" RULE("x", "requires: " TWO),
	 "differs: only those who objected lift their objection"},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {changed_files: {paths: ['^doc/']}}}"),
	 UNSEEN},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {changed_files: {paths: ['^doc/']}, only_pushed_by: {users: [a]}}}"),
	 NULL},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO) RULE(
		 "y",
		 "requires: {conditions: {changed_files: {paths: ['^doc/']}, only_pushed_by: {permissions: [read]}}}"),
	 UNSEEN},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {changed_files: {paths: ['^doc/']}, only_pushed_by: {permissions: "
			   "[triage]}}}"),
	 UNSEEN},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {changed_files: {paths: ['^doc/']}, only_pushed_by: {users: [a], "
			   "permissions: [read]}}}"),
	 UNSEEN},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO) RULE(
		 "y",
		 "requires: {conditions: {changed_files: {paths: ['^doc/']}, only_pushed_by: {permissions: [write]}}}"),
	 NULL},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO) RULE(
		 "y", "requires: {conditions: {changed_files: {paths: ['^doc/']}, only_pushed_by: {teams: [a/b]}}}"),
	 NULL},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {not: {only_pushed_by: {users: [a]}}}}"),
	 UNSEEN},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {any_of: [{only_pushed_by: {users: [a]}}, {changed_files: {paths: "
			   "['^doc/']}}]}}"),
	 UNSEEN},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO) RULE(
		 "y",
		 "requires: {conditions: {any_of: [{only_pushed_by: {users: [a]}}, {only_pushed_by: {users: [b]}}]}}"),
	 NULL},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {all_of: [{changed_files: {paths: ['^doc/']}}, {only_pushed_by: "
			   "{users: [a]}}]}}"),
	 NULL},
	{"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {any_of: [{not: {targets_branch: {pattern: '^a$'}}}, {commit_token: "
			   "{key: a}}]}}"),
	 UNSEEN},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {commit_token: {key: a}}}"),
	 NULL},
	{"policy: {approval: [y]}\napproval_rules:\n" RULE("y", "requires: {conditions: {commit_token: {key: a}}}"),
	 UNSEEN},
	{"policy: {branches: {default: [y]}}\napproval_rules:\n" RULE("y", "requires: {conditions: {commit_token: "
									   "{key: a}}}"),
	 UNSEEN},
	{"policy: {approval: [x], branches: {default: [y]}}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {commit_token: {key: a}}}"),
	 NULL},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {has_successful_status: [ci]}}"),
	 "unsafe: whoever may post statuses can post this one: name the app that does, {name, app}"},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {has_successful_status: [{name: ci, app: ci-app}]}}"),
	 NULL},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {targets_branch: {pattern: release}}}"),
	 LOOSE},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^main'}}}"),
	 LOOSE},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^fix/'}}}"),
	 NULL},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^mainz'}}}"),
	 LOOSE},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^mainA'}}}"),
	 LOOSE},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^mainZ'}}}"),
	 LOOSE},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^maina'}}}"),
	 LOOSE},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^main0'}}}"),
	 LOOSE},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^main9'}}}"),
	 LOOSE},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^main`'}}}"),
	 NULL},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^main{'}}}"),
	 NULL},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^main@'}}}"),
	 NULL},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^main]'}}}"),
	 NULL},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^main:'}}}"),
	 NULL},
	{"policy: {approval: [x, y]}\napproval_rules:\n" RULE("x", "requires: " TWO)
		 RULE("y", "requires: {conditions: {from_branch: {pattern: '^main/'}}}"),
	 NULL},
	{ONE("requires: " TWO "\n    carry: [same-tree]"), NULL},
	{ONE("requires: " TWO "\n    carry: [same-patch, base-merge]"), NULL},
	{ONE("requires: " TWO "\n    carry: [any-push]"),
	 "unsafe: with any-push a review counts for commits that its giver never saw"},
	{"policy: {approval: [x], guards: {files: ['src/*.c']}}\napproval_rules:\n" RULE("x", "requires: " TWO),
	 "`/*` in a pattern is any number of slashes; did you mean `src/[^/]*\\.c$`?"},
	{"policy: {approval: [x], guards: {files: ['^src/[^/]*\\.c$', '^a/\\*']}}\napproval_rules:\n" RULE(
		 "x", "requires: " TWO),
	 NULL},
	{ONE("requires: " TWO "\n    options: {invalidate_on_push: false}"),
	 "differs: a push always takes reviews away here; nothing keeps them over it"},
	{ONE("requires: " TWO "\n    options: {ignore_update_merges: true}"),
	 "differs: a merge of the base takes reviews away here; `carry: [base-merge]` keeps them over one without "
	 "conflict"},
	{ONE("requires: " TWO "\n    options: {ignore_edited_comments: false}"),
	 "differs: what was edited never counts here"},
	{ONE("requires: " TWO "\n    options: {request_review: {enabled: true}}"),
	 "differs: nobody is asked for a review here; the forge's own rules can"},
	{ONE("requires: " TWO "\n    if: {targets_branch: {pattern: '^main$'}}"),
	 "every rule here can be skipped; where all are, the change is blocked"},
	{ONE("mode: warn\n    requires: " TWO), "every rule here can be skipped; where all are, the change is blocked"},
	{"policy: {approval: [y, {or: [x]}]}\napproval_rules:\n" RULE("y", "requires: " TWO)
		 RULE("x", "requires: " TWO "\n    if: {targets_branch: {pattern: '^main$'}}"),
	 "every alternative here can be skipped; where all are, none is met, and the change is blocked"},
	{"policy: {approval: [x], guards: {off: [draft]}}\napproval_rules:\n" RULE("x", "requires: " TWO),
	 "without these guards changes land that every other policy holds back"},
	{"policy: {approval: [x], guards: {off: []}}\napproval_rules:\n" RULE("x", "requires: " TWO), NULL},
};

START_TEST(what_is_allowed_and_should_be_known_is_remarked)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	static struct problem_list errors, lints;
	const struct policy *policy = NULL;

	ck_assert_msg(policy_check(text_of(linted[_i].text), &defaults, &arena, &policy, &errors, &lints), "%s",
		      errors.items[0].text);
	ck_assert_uint_eq(lints.n, linted[_i].lint ? 1 : 0);
	if (linted[_i].lint)
		ck_assert_str_eq(lints.items[0].text, linted[_i].lint);
}
END_TEST

#define GUARDED(policy) "policy: {approval: [x], " policy "}\napproval_rules:\n" RULE("x", "requires: " TWO)

static const struct {
	const char *text;
	unsigned column; /* of what nobody is asked for; 0: all is asked for */
} unasked[] = {
	{GUARDED("disapproval: {requires: {teams: [a/b]}}, guards: {off: [changes_requested]}"), 49},
	{GUARDED("guards: {off: [draft, changes_requested]}, disapproval: {options: {methods: {}}}"), 91},
	{GUARDED("guards: {off: [changes_requested]}, disapproval: {options: {methods: {}}, requires: {admins: true}}"),
	 109},
	{GUARDED("contexts: {policy/a: {approval: [x], disapproval: {requires: {admins: true}}, guards: {off: "
		 "[changes_requested]}}}"),
	 86},
	{GUARDED("disapproval: {requires: {teams: [a/b]}}, guards: {off: [draft, guarded_files]}"), 0},
	{GUARDED("disapproval: {requires: {teams: [a/b]}}"), 0},
	{GUARDED("disapproval: {if: {has_labels: [a]}}, guards: {off: [changes_requested]}"), 0},
	{GUARDED("guards: {off: [changes_requested]}"), 0},
	{GUARDED("disapproval: {requires: {teams: [a/b]}}, contexts: {policy/a: {approval: [x], guards: {off: "
		 "[changes_requested]}}}"),
	 0},
};

START_TEST(an_objection_that_nobody_asks_for_is_remarked_on)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	static struct problem_list errors, lints;
	const struct policy *policy = NULL;
	unsigned column = 0;

	ck_assert_msg(policy_check(text_of(unasked[_i].text), &defaults, &arena, &policy, &errors, &lints), "%s",
		      errors.items[0].text);
	for (size_t i = 0; i < lints.n; i++)
		if (strstr(lints.items[i].text, "unsafe: nobody is asked for objections: "))
			column = lints.items[i].column;
	ck_assert_uint_eq(column, unasked[_i].column);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_is_allowed_and_should_be_known_is_remarked, linted),
	SUITE_ROWS(an_objection_that_nobody_asks_for_is_remarked_on, unasked),
	SUITE_END,
};
SUITE_MAIN(tests)
