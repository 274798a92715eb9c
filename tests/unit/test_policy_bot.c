/*
 * The table of keys in policy/README.md: each key of policy-bot is read in a document, or refused with the message that
 * stands here; every key that the parser knows is in the table, or is ours alone.
 */
#include "policy/policy.h"
#include "policy/remote.h"

#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

#define RULE(requires, rest) "policy: {approval: [r]}\napproval_rules: [{name: r, requires: {" requires "}" rest "}]\n"
#define OPTION(option)       RULE("count: 1, users: [bob]", ", options: {" option "}")
#define DISAPPROVAL(rest)                                                                                              \
	"policy: {approval: [r], disapproval: {" rest                                                                  \
	"}}\napproval_rules: [{name: r, requires: {count: 1, users: [bob]}}]\n"

static const struct {
	const char *key;      /* as in the table */
	const char *document; /* that uses it, and all that stands in its braces */
	const char *refused;  /* how its problem begins; NULL: it is read */
	const char *differs;  /* how what is remarked begins; NULL: nothing is */
} rows[] = {
	{"remote", "remote: acme/policies\n", NULL, NULL},
	{"path", "remote: acme/policies\npath: p.yml\n", NULL, NULL},
	{"ref", "remote: acme/policies\nref: main\n", NULL, NULL},
	{"policy", RULE("count: 1, users: [bob]", ""), NULL, NULL},
	{"policy.approval: [name, {and: []}, {or: []}]",
	 "policy: {approval: [{and: [r, {or: [r]}]}]}\napproval_rules: [{name: r, requires: {count: 1, users: "
	 "[bob]}}]\n",
	 NULL, NULL},
	{"policy.disapproval",
	 "policy: {approval: [r], disapproval: {}}\napproval_rules: [{name: r, requires: {count: 1, users: [bob]}}]\n",
	 NULL, NULL},
	{"policy.disapproval.if", DISAPPROVAL("if: {has_labels: [wip]}"), NULL, NULL},
	{"policy.disapproval.requires: {users, teams, organizations, permissions, admins, write_collaborators}",
	 DISAPPROVAL("requires: {users: [a], teams: [a/b], organizations: [c], permissions: [triage], admins: true, "
		     "write_collaborators: true}"),
	 NULL, NULL},
	{"policy.disapproval.options: {methods: {disapprove, revoke}}",
	 DISAPPROVAL("options: {methods: {disapprove: {comments: [no]}, revoke: {github_review: true}}}"), NULL,
	 "differs: only those who objected"},
	{"approval_rules", RULE("count: 1, users: [bob]", ""), NULL, NULL},
	{"approval_rules[].name", RULE("count: 1, users: [bob]", ""), NULL, NULL},
	{"approval_rules[].description", RULE("count: 1, users: [bob]", ", description: why"), NULL, NULL},
	{"approval_rules[].if", RULE("count: 1, users: [bob]", ", if: {has_labels: [x]}"), NULL, NULL},
	{"approval_rules[].requires", RULE("count: 1, users: [bob]", ""), NULL, NULL},
	{"approval_rules[].requires.count", RULE("count: 2, permissions: [write]", ""), NULL, NULL},
	{"approval_rules[].requires.users", RULE("count: 1, users: [Bob, 'id:7']", ""), NULL, NULL},
	{"approval_rules[].requires.teams", RULE("count: 1, teams: [acme/core]", ""), NULL, NULL},
	{"approval_rules[].requires.organizations", RULE("count: 1, organizations: [acme]", ""), NULL, NULL},
	{"approval_rules[].requires.permissions", RULE("count: 1, permissions: [Maintain]", ""), NULL, NULL},
	{"approval_rules[].requires.admins", RULE("count: 1, admins: true", ""), NULL, NULL},
	{"approval_rules[].requires.write_collaborators", RULE("count: 1, write_collaborators: true", ""), NULL, NULL},
	{"approval_rules[].requires.conditions", RULE("conditions: {has_labels: [x]}", ""), NULL, NULL},
	{"approval_rules[].options", RULE("count: 1, users: [bob]", ", options: {}"), NULL, NULL},
	{"approval_rules[].options.allow_author", OPTION("allow_author: true"), NULL, NULL},
	{"approval_rules[].options.allow_contributor", OPTION("allow_contributor: true"), NULL, NULL},
	{"approval_rules[].options.allow_non_author_contributor", OPTION("allow_non_author_contributor: true"), NULL,
	 NULL},
	{"approval_rules[].options.invalidate_on_push", OPTION("invalidate_on_push: false"), NULL,
	 "differs: a push always takes reviews away"},
	{"approval_rules[].options.ignore_edited_comments", OPTION("ignore_edited_comments: false"), NULL,
	 "differs: what was edited never counts"},
	{"approval_rules[].options.ignore_update_merges", OPTION("ignore_update_merges: true"), NULL,
	 "differs: a merge of the base takes reviews away here; `carry: [base-merge]` keeps them"},
	{"approval_rules[].options.ignore_commits_by: {users, teams, organizations, permissions}",
	 OPTION("ignore_commits_by: {users: [robot], teams: [a/b], organizations: [c], permissions: [admin]}"), NULL,
	 NULL},
	{"approval_rules[].options.request_review: {enabled, mode, count}",
	 OPTION("request_review: {enabled: true, mode: teams, count: 1}"), NULL, "differs: nobody is asked"},
	{"approval_rules[].options.methods", OPTION("methods: {}"), NULL, NULL},
	{"approval_rules[].options.methods.comments", OPTION("methods: {comments: [LGTM]}"), NULL,
	 "differs: such a comment approves only as a whole line"},
	{"approval_rules[].options.methods.comment_patterns", OPTION("methods: {comment_patterns: ['^ok']}"), NULL,
	 "differs: such a comment approves only where it names"},
	{"approval_rules[].options.methods.github_review", OPTION("methods: {github_review: true}"), NULL, NULL},
	{"approval_rules[].options.methods.github_review_comment_patterns",
	 OPTION("methods: {github_review_comment_patterns: ['^ok']}"), NULL, NULL},
	{"approval_rules[].options.methods.body_patterns", OPTION("methods: {body_patterns: ['^ok']}"), NULL,
	 "differs: a description belongs to no commit"},
	{"approval_defaults",
	 "policy: {approval: [r]}\napproval_defaults: {options: {allow_author: true}}\napproval_rules: [{name: r, "
	 "requires: {count: 1, users: [bob]}}]\n",
	 NULL, NULL},
	{"changed_files: {paths, ignore}", RULE("conditions: {changed_files: {paths: [a], ignore: [b]}}", ""), NULL,
	 NULL},
	{"no_changed_files: {paths, ignore}", RULE("conditions: {no_changed_files: {paths: [a], ignore: [b]}}", ""),
	 NULL, NULL},
	{"only_changed_files: {paths}", RULE("conditions: {only_changed_files: {paths: [a]}}", ""), NULL, NULL},
	{"has_author_in: ACTORS",
	 RULE("conditions: {has_author_in: {users: [a], teams: [a/b], organizations: [c], permissions: [read], admins: "
	      "true, write_collaborators: true}}",
	      ""),
	 NULL, NULL},
	{"has_contributor_in: ACTORS", RULE("conditions: {has_contributor_in: {users: [a]}}", ""), NULL, NULL},
	{"only_has_contributors_in: ACTORS", RULE("conditions: {only_has_contributors_in: {users: [a]}}", ""), NULL,
	 NULL},
	{"author_is_only_contributor", RULE("conditions: {author_is_only_contributor: true}", ""), NULL, NULL},
	{"targets_branch: {pattern}", RULE("conditions: {targets_branch: {pattern: a}}", ""), NULL, NULL},
	{"from_branch: {pattern}", RULE("conditions: {from_branch: {pattern: a}}", ""), NULL, NULL},
	{"modified_lines: {additions, deletions, total}",
	 RULE("conditions: {modified_lines: {additions: '<1', deletions: '> 2', total: '=3'}}", ""), NULL, NULL},
	{"has_status: {conclusions, statuses}",
	 RULE("conditions: {has_status: {conclusions: [success, skipped], statuses: [ci]}}", ""), NULL, NULL},
	{"has_successful_status", RULE("conditions: {has_successful_status: [ci]}", ""), NULL, NULL},
	{"has_workflow_result: {conclusions, workflows}",
	 RULE("conditions: {has_workflow_result: {conclusions: [success], workflows: [.github/workflows/ci.yml]}}", ""),
	 NULL, NULL},
	{"has_labels", RULE("conditions: {has_labels: [a]}", ""), NULL, NULL},
	{"repository: {matches, not_matches}", RULE("conditions: {repository: {matches: [a], not_matches: [b]}}", ""),
	 NULL, NULL},
	{"title: {matches, not_matches}", RULE("conditions: {title: {matches: [a], not_matches: [b]}}", ""), NULL,
	 NULL},
	{"has_valid_signatures", RULE("conditions: {has_valid_signatures: true}", ""), NULL, NULL},
	{"has_valid_signatures_by: ACTORS", RULE("conditions: {has_valid_signatures_by: {users: [a]}}", ""), NULL,
	 NULL},
	{"has_valid_signatures_by_keys: {key_ids}",
	 RULE("conditions: {has_valid_signatures_by_keys: {key_ids: [3262EFF25BA0D270]}}", ""), NULL, NULL},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* What the parser knows and policy-bot does not. */
static const char *const ours[] = {
	"policy.branches",
	"policy.guards",
	"policy.guards.off",
	"policy.guards.files",
	"policy.contexts",
	"policy.contexts.*.approval",
	"policy.contexts.*.branches",
	"policy.contexts.*.disapproval",
	"policy.contexts.*.guards",
	"policy.pushes",
	"policy.pushes.*.onto",
	"policy.pushes.*.rules",
	"policy.pushes.*.disapproval",
	"policy.pushes.*.guards",
	"policy.attribution",
	"policy.attribution.file",
	"policy.attribution.ref",
	"at_least.count",
	"at_least.of",
	"approval_rules[].mode",
	"approval_rules[].visibility",
	"approval_rules[].requires.eyes",
	"approval_rules[].requires.owners",
	"approval_rules[].requires.owners.file",
	"approval_rules[].requires.owners.ref",
	"approval_rules[].requires.owners.per",
	"approval_rules[].requires.owners.unowned",
	"approval_rules[].options.allow_gone_head",
	"approval_rules[].options.allow_unknown_pushers",
	"approval_rules[].options.per_base",
	"approval_rules[].options.delegation",
	"approval_rules[].options.delegation.by",
	"approval_rules[].options.delegation.author",
	"approval_rules[].options.delegation.sticky",
	"landing_asked_by",
	"approval_rules[].carry",
	"approval_rules[].unattributed",
	"approval_rules[].on_unknown",
	"approval_rules[].on_unknown.status",
	"approval_rules[].on_unknown.hook",
	"up_to_date",
	"only_pushed_by",
	"author_has_merged",
	"threads_resolved",
	"window",
	"not_during",
	"signer",
	"commit_token",
	"message_word",
	"tree_open",
	"bugs",
	"bugs.keywords",
	"bugs.groups",
	"bugs.private",
	"bugs.flag",
	"bugs.attachment_flag",
	"bugs.resolution",
	"bugs.bug_open",
	"bugs.bug_exists",
	"bugs.commit_token",
	"bugs.closedbug",
	"bugs.backout",
	"bugs.all_of",
	"bugs.any_of",
	"bugs.not",
	"all_of",
	"any_of",
	"not",
};
enum { OURS = sizeof ours / sizeof ours[0] };

static bool remarked(const struct problem_list *lints, const char *start)
{
	for (size_t i = 0; i < lints->n; i++)
		if (text_starts(text_of(lints->items[i].text), text_of(start)))
			return true;
	return false;
}

START_TEST(every_key_of_theirs_is_read_or_refused_with_its_reason)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	struct text document = text_of(rows[_i].document);
	struct problem problem = {0};
	struct remote remote;

	if (remote_read(document, &arena, &remote, &problem) == REMOTE_YES) {
		ck_assert(text_is(remote.repo, "acme/policies"));
		ck_assert(!policy_parse(document, NULL, &arena, &policy, &problem)); /* whoever does not go there */
		return;
	}
	errors.n = lints.n = 0;
	if (policy_check(document, NULL, &arena, &policy, &errors, &lints) == (rows[_i].refused != NULL))
		ck_abort_msg("%s: %s", rows[_i].key, errors.n > 0 ? errors.items[0].text : "is read");
	if (rows[_i].refused)
		ck_assert_str_eq(errors.items[0].text, rows[_i].refused);
	else if (rows[_i].differs)
		ck_assert_msg(remarked(&lints, rows[_i].differs), "%s: nothing is said of the difference",
			      rows[_i].key);
}
END_TEST

/* The document of a row really has its key and what stands in its braces: without a letter of it, it is refused. */
START_TEST(the_document_of_a_row_uses_its_key)
{
	const char *key = rows[_i].key, *dot;
	size_t n = strcspn(key, ":");
	char name[80];

	ck_assert_uint_lt(n, sizeof name);
	memcpy(name, key, n);
	name[n] = '\0';
	dot = strrchr(name, '.');
	ck_assert_msg(strstr(rows[_i].document, dot ? dot + 1 : name), "%s", key);
	for (const char *at = strchr(key, '{'); at && *at; at++) {
		size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz_");

		if (len == 0)
			continue;
		memcpy(name, at, len);
		name[len] = '\0';
		ck_assert_msg(strstr(rows[_i].document, name), "%s: %s", key, name);
		at += len - 1;
	}
}
END_TEST

static struct text readme(struct arena *arena)
{
	enum { ROOM = 1 << 20 };
	char *at = arena_alloc(arena, ROOM, 1);
	FILE *file = fopen(SOURCE_DIR "/policy/README.md", "rb");
	size_t n;

	ck_assert_ptr_nonnull(file);
	n = fread(at, 1, ROOM - 1, file);
	ck_assert_int_eq(fclose(file), 0);
	return (struct text){at, n};
}

START_TEST(the_table_has_these_rows_and_no_others)
{
	static const char head[] = "| key | policy-bot | headgate | difference |\n|---|---|---|---|\n";
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *at = strstr(readme(&arena).at, head);
	size_t n = 0;

	ck_assert_ptr_nonnull(at);
	for (at += strlen(head); *at == '|'; at = strchr(at, '\n') + 1, n++) {
		struct text row = arena_printf(&arena, "| `%s` | ", n < ROWS ? rows[n].key : "");
		struct text line = {at, strcspn(at, "\n")};
		bool not_yet = text_find(line, TEXT_LIT("| refused | not yet |")) != SIZE_MAX;

		ck_assert_uint_lt(n, ROWS);
		ck_assert_msg(text_starts(line, row), "%.*s: expected %s", TEXT_ARG(line), row.at);
		ck_assert_msg(not_yet == (rows[n].refused != NULL), "%.*s", TEXT_ARG(line));
		ck_assert_ptr_nonnull(strchr(at, '\n'));
	}
	ck_assert_uint_eq(n, ROWS);
}
END_TEST

static bool in_table(const char *path)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct text key = text_of(rows[i].key), prefix = {rows[i].key, strcspn(rows[i].key, ":")};

		if (text_is(prefix, path))
			return true;
		/* what stands in braces: "request_review: {enabled, mode, count}" */
		if (prefix.len < key.len && text_starts(text_of(path), prefix) && path[prefix.len] == '.' &&
		    text_find(key, text_of(path + prefix.len + 1)) != SIZE_MAX)
			return true;
	}
	return false;
}

START_TEST(every_key_that_the_parser_knows_is_in_the_table_or_ours_alone)
{
	size_t found = 0;

	for (size_t i = 0; policy_key_at(i); i++) {
		const char *path = policy_key_at(i)->path;
		size_t k = 0;

		while (k < OURS && strcmp(ours[k], path) != 0)
			k++;
		found += k < OURS;
		ck_assert_msg((k < OURS) != in_table(path), "%s", path);
	}
	ck_assert_uint_eq(found, OURS);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(every_key_of_theirs_is_read_or_refused_with_its_reason, rows),
	SUITE_ROWS(the_document_of_a_row_uses_its_key, rows),
	SUITE_TEST(the_table_has_these_rows_and_no_others),
	SUITE_TEST(every_key_that_the_parser_knows_is_in_the_table_or_ours_alone),
	SUITE_END,
};
SUITE_MAIN(tests)
