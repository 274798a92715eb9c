/*
 * policy-bot files become policies: rows of a file, a part of what is written, and the findings; what is refused; that
 * what was imported imports as itself; that names cannot become YAML; and that policies judge as they should.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/cli/command.h"
#include "policy/import.h"
#include "tests/support/case.h"
#include "tests/support/suite.h"

static const struct policy_defaults defaults = {.approvals = 2};

/* Imports, and what was written is a policy that imports as itself. */
static struct import imported(const char *file, struct arena *arena)
{
	struct problem_list *refused = arena_alloc(arena, 1, sizeof *refused);
	struct problem problem = {0, 0, ""};
	struct import once = {0}, twice = {0};
	const struct policy *policy;

	ck_assert_msg(policy_import(text_of(file), arena, &once, refused), "%.500s%s", file, refused->items[0].text);
	ck_assert_msg(policy_parse(once.policy, &defaults, arena, &policy, &problem), "%.*s:%u: %s",
		      TEXT_ARG(text_cut(once.policy, 1000)), problem.line, problem.text);
	ck_assert(policy_import(once.policy, arena, &twice, refused));
	ck_assert_msg(twice.n == 0, "%.*s: again: %s", TEXT_ARG(text_cut(once.policy, 1000)),
		      twice.findings[0].what->key);
	ck_assert(text_eq(once.policy, twice.policy));
	return once;
}

static bool found(const struct import *import, const char *key, unsigned line, unsigned column)
{
	for (size_t i = 0; i < import->n; i++)
		if (strcmp(import->findings[i].what->key, key) == 0 && import->findings[i].line == line &&
		    import->findings[i].column == column)
			return true;
	return false;
}

static bool holds(struct text text, const char *part)
{
	return text_find(text, text_of(part)) != SIZE_MAX;
}

/* ---- rows ---- */

#define OPTIONS              "approval_rules[].options."
#define METHODS              OPTIONS "methods."
#define APPROVAL             "policy: {approval: [r]}\n"
#define MERGING              "approval_defaults: {options: {ignore_update_merges: true}}\napproval_rules:\n"
#define MERGES               APPROVAL MERGING "  - {name: r, requires: {count: 1, users: [bob]}"
#define RULE(requires, rest) APPROVAL "approval_rules:\n  - {name: r, requires: {" requires "}" rest "}\n"
#define OPTION(options)      RULE("count: 1, users: [bob]", ", options: {" options "}")
#define CONDITION(condition) RULE("count: 1, users: [bob], conditions: {" condition "}", "")
#define DISAPPROVAL(inside)                                                                                            \
	"policy:\n  approval: [r]\n  disapproval: {" inside                                                            \
	"}\napproval_rules: [{name: r, requires: {count: 1, users: [bob]}}]\n"
#define GROUP(approval, first)                                                                                         \
	"policy:\n  approval: " approval "\napproval_rules:\n  - {name: a, " first                                     \
	"}\n  - {name: r, requires: {count: 1, users: [bob]}}\n"

static const struct {
	const char *file, *key; /* the finding */
	const char *at;         /* where it is told: what begins there; NULL: the file */
	const char *part;       /* of what is written, without the comments above it */
	const char *absent;     /* what is not; NULL: nothing */
} rows[] = {
	{RULE("count: 1, users: [bob]", ""), "the server: merge_group", NULL, "policy:\n", NULL},
	{RULE("count: 1, users: [bob]", ""), "the server: the status", NULL, "policy:\n", NULL},
	{RULE("count: 1, users: [bob]", ""), "the server: shared policy", NULL, "policy:\n", NULL},
	{"", "policy.approval: absent", NULL, "# policy-bot: every change gets success", NULL},
	{"# nothing\n", "policy.approval: absent", NULL, "# nothing\n", NULL},
	{"policy: {approval: []}\n", "policy.approval: absent", NULL, "# policy:\n#   approval: []\n", NULL},
	{"approval_rules: [{name: r}]\n", "policy.approval: absent", NULL, "# approval_rules:\n#   - name: r\n", NULL},
	{"policy:\napproval_rules:\n", "policy.approval: absent", NULL, "# policy:\n# approval_rules:\n", NULL},
	{RULE("count: 1, users: [bob]", ""), "policy.disapproval: absent", "approval: [r]", "  approval: [r]\n", NULL},
	{DISAPPROVAL("requires: {teams: [a/b]}"), "policy.disapproval.requires", "disapproval:", "      teams: [a/b]\n",
	 NULL},
	{DISAPPROVAL("requires: {teams: [a/b]}"), "policy.disapproval.options.methods.disapprove: absent",
	 "disapproval:",
	 "    options:\n      methods:\n        disapprove:\n          comment_patterns: [':-1:', '\xf0\x9f\x91\x8e']\n"
	 "          github_review: true\n",
	 NULL},
	{DISAPPROVAL("requires: {teams: [a/b]}, options: {methods: {revoke: {comments: [x]}}}"),
	 "policy.disapproval.options.methods.disapprove: absent", "methods:",
	 "      methods:\n        disapprove:\n          comment_patterns: [':-1:', '\xf0\x9f\x91\x8e']\n"
	 "          github_review: true\n        revoke:\n",
	 NULL},
	{DISAPPROVAL("requires: {teams: [a/b]}, options: {methods: {disapprove: {comments: [x]}}}"),
	 "policy.disapproval.options.methods.disapprove.comments", "comments", "          comments: [x]\n",
	 "comment_patterns: ["},
	{GROUP("[a]", "if: {has_labels: [x]}, requires: {count: 1, users: [bob]}"),
	 "policy.approval: all can be skipped", "approval: [a]", "  approval: [a]\n", NULL},
	{GROUP("[{or: [a]}, r]", "if: {has_labels: [x]}, requires: {count: 1, users: [bob]}"),
	 "policy.approval: or, all can be skipped", "or:", "    - or: [a]\n    - r\n", NULL},
	{GROUP("[{or: [a, r]}]", "if: {has_labels: [x]}, requires: {count: 1, users: [bob]}"), "policy.approval: or",
	 "or:", "    - or: [a, r]\n", "as if it were not there"},
	{GROUP("[r]", "requires: {count: 1}"), "approval_rules[]: not named in policy.approval", "name: a",
	 "  # - name: a\n  #   requires:\n  #     count: 1\n  - name: r\n", NULL},
	{APPROVAL
	 "approval_rules:\n  - name: r\n    requires: {count: 1}\n  - name: r\n    requires: {count: 2, admins: "
	 "yes}\n",
	 "approval_rules[].name: twice", "name: r", "  # - name: r\n  #   requires:\n  #     count: 1\n  - name: r\n",
	 NULL},
	{GROUP("[{or: [a, r]}]", "if: {only_changed_files: {paths: ['^doc/']}}"), "approval_rules[].requires: nothing",
	 "if:", "    requires:\n      conditions:\n        only_changed_files:\n          paths: ['^doc/']\n",
	 "    if:"},
	{GROUP("[{or: [a, r]}]", "if: {only_changed_files: {paths: ['^doc/']}}, requires: {count: 0, users: [x]}"),
	 "approval_rules[].requires: nothing",
	 "if:", "          paths: ['^doc/']\n    # requires:\n    #   count: 0\n    #   users: [x]\n", "    if:"},
	{GROUP("[{or: [a, r]}]", "if: {has_author_in: {users: ['robot[bot]']}}"),
	 "approval_rules[].if.has_author_in: and nothing required", "has_author_in",
	 "        has_author_in:\n          users: ['robot[bot]']\n", NULL},
	{GROUP("[{or: [a, r]}]", "if: {has_author_in: {users: ['robot[bot]']}}"), "approval_rules[].requires: nothing",
	 "if:", "        only_has_contributors_in:\n          users: ['robot[bot]']\n", NULL},
	{RULE("count: 1, users: [bob]", ", description: "), "a key without a value", "description",
	 "    # description:\n", NULL},
	{RULE("count: 1, users: [bob], teams: ~", ", if: {has_labels: }, options: "), "a key without a value",
	 "teams: ~", "      # teams: ~\n    # ", NULL},
	{APPROVAL "approval_rules:\n  - description:\n    name: r\n    requires: {count: 1, users: [bob]}\n",
	 "a key without a value", "description", "  # description:\n  - name: r\n", NULL},
	{RULE("count: 1, users: [bob]", ""), OPTIONS "invalidate_on_push: absent", "name: r",
	 "    invalidate_on_push: true\n", NULL},
	{RULE("count: 1, users: [bob]", ""), OPTIONS "ignore_edited_comments: absent", "name: r",
	 "    ignore_edited_comments: true\n", NULL},
	{RULE("count: 1, users: [bob]", ""), METHODS "comments: absent", "name: r", "      comments: []\n", ":+1:']"},
	{RULE("count: 1, users: [bob]", ""), METHODS "github_review: absent", "name: r", "      github_review: true\n",
	 NULL},
	{APPROVAL "approval_defaults: {options: {invalidate_on_push: true}}\napproval_rules:\n  - {name: r, requires: "
		  "{count: 1, users: [bob]}}\n",
	 METHODS "comments: absent", "name: r", "      comments: []\n", "keeps one"},
	{APPROVAL "approval_defaults: {options: {methods: {comments: [k]}}}\napproval_rules:\n  - {name: r, requires: "
		  "{count: 1, users: [bob]}}\n",
	 METHODS "github_review: absent", "name: r", "      comments: [k]\n", "comments: []"},
	{RULE("count: 1, users: [bob]", ""), "approval_rules[].requires.count: contributors", NULL, "policy:\n", NULL},
	{CONDITION("has_labels: [x]"), "has_labels, paths: long lists", NULL, "        has_labels: [x]\n", NULL},
	{OPTION("invalidate_on_push: No"), OPTIONS "invalidate_on_push: false", "invalidate_on_push",
	 "      invalidate_on_push: true\n", "No"},
	{OPTION("ignore_edited_comments: off"), OPTIONS "ignore_edited_comments: false", "ignore_edited",
	 "      ignore_edited_comments: true\n", "off"},
	{OPTION("ignore_update_merges: Y"), OPTIONS "ignore_update_merges: true", "ignore_update",
	 "    carry: [base-merge]\n", ": Y"},
	{MERGES "}\n", OPTIONS "ignore_update_merges: true", "ignore_update", "\n    carry: [base-merge]\n",
	 "update_merges: true\n"},
	{MERGES ", options: {ignore_update_merges: false}}\n", OPTIONS "ignore_update_merges: true", "ignore_update",
	 "ignore_update_merges: false\n", "carry: [base-merge]\n"},
	{RULE("count: 1, users: [bob]", ", carry: [same-tree], options: {ignore_update_merges: true}"),
	 OPTIONS "ignore_update_merges: true", "ignore_update", "carry: [same-tree]\n", "carry: [base-merge]\n"},
	{OPTION("ignore_commits_by: {users: [x]}"), OPTIONS "ignore_commits_by", "ignore_commits_by",
	 "      ignore_commits_by:\n        users: [x]\n", NULL},
	{OPTION("allow_contributor: true"), OPTIONS "allow_contributor: true", "allow_contributor",
	 "      allow_contributor: true\n", "allow_author: true"},
	{OPTION("request_review: {enabled: on, mode: some, count: 0x1}"), OPTIONS "request_review.enabled: true",
	 "enabled", "        enabled: false\n", NULL},
	{OPTION("request_review: {enabled: on, mode: some, count: 0x1}"), OPTIONS "request_review.mode: unknown",
	 "mode", "        mode: random-users\n", "some"},
	{OPTION("methods: {comments: [x]}"), METHODS "comments", "comments:", "        comments: [x]\n", NULL},
	{OPTION("methods: {comment_patterns: [x]}"), METHODS "comment_patterns", "comment_patterns",
	 "comment_patterns: [x]\n", NULL},
	{OPTION("methods: {body_patterns: [x]}"), METHODS "body_patterns", "body_patterns", "body_patterns: [x]\n",
	 NULL},
	{RULE("count: -3, conditions: {has_labels: [x]}", ""), "approval_rules[].requires.count: below 0", "count",
	 "      count: 0\n", "-3"},
	{RULE("count: 0x2, admins: on", ""), "approval_rules[].requires.count: not decimal", "count",
	 "      count: 2\n", "count: 0x2"},
	{RULE("count: 010, admins: on", ""), "approval_rules[].requires.count: not decimal", "count",
	 "      count: 8\n", "010"},
	{RULE("count: 1_0, admins: on", ""), "approval_rules[].requires.count: not decimal", "count",
	 "      count: 10\n", "count: 1_0"},
	{RULE("count: 0b11, admins: on", ""), "approval_rules[].requires.count: not decimal", "count",
	 "      count: 3\n", "0b11"},
	{RULE("count: +2, admins: on", ""), "approval_rules[].requires.count: not decimal", "count", "      count: 2\n",
	 "+2"},
	{RULE("count: 2.9, admins: on", ""), "approval_rules[].requires.count: not decimal", "count",
	 "      count: 2\n", "2.9"},
	{RULE("count: 1, users: [Bob]", ""), "users: with capitals", "users", "      users: [Bob]\n", NULL},
	{CONDITION("only_has_contributors_in: {teams: [a/b]}"), "only_has_contributors_in", "only_has",
	 "teams: [a/b]\n", NULL},
	{CONDITION("has_status: {statuses: [ci]}"), "has_status: without an app", "has_status", "statuses: [ci]\n",
	 NULL},
	{CONDITION("has_successful_status: [ci]"), "has_successful_status: without an app", "has_succ",
	 "has_successful_status: [ci]\n", NULL},
	{CONDITION("has_workflow_result: {workflows: [ci.yml]}"), "has_workflow_result", "has_work",
	 "workflows: [ci.yml]\n", NULL},
	{CONDITION("targets_branch: {pattern: main}"), "targets_branch: not anchored", "targets", "pattern: main\n",
	 NULL},
	{CONDITION("from_branch: {pattern: '^x/'}"), "from_branch: not anchored", "from_branch", "pattern: '^x/'\n",
	 NULL},
	{CONDITION("changed_files: {paths: ['docs/*']}"), "paths: like a glob", "paths", "paths: ['docs/*']\n", NULL},
	{CONDITION("changed_files: {paths: [a], ignore: ['docs/*']}"), "ignore: like a glob", "ignore",
	 "ignore: ['docs/*']\n", NULL},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* What begins in a bracket is told of where the bracket is. */
static bool told(const struct import *import, const char *file, const char *key, const char *at)
{
	const char *place = at ? strstr(file, at) : file, *line = file;
	unsigned n = 1;

	ck_assert_msg(place != NULL, "%s: no %s", file, at);
	if (place > file && place[-1] == '{')
		place--;
	for (const char *c = file; c < place; c++)
		if (*c == '\n') {
			line = c + 1;
			n++;
		}
	return found(import, key, n, (unsigned)(place - line) + 1) ||
	       found(import, key, n, (unsigned)(place - line) + 2);
}

START_TEST(each_difference_is_written_and_told)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct import import = imported(rows[_i].file, &arena);

	ck_assert_msg(told(&import, rows[_i].file, rows[_i].key, rows[_i].at), "%s: %s: not told at %s", rows[_i].file,
		      rows[_i].key, rows[_i].at);
	ck_assert_msg(holds(import.policy, rows[_i].part), "%.*s: lacks: %s", TEXT_ARG(import.policy), rows[_i].part);
	if (rows[_i].absent)
		ck_assert_msg(!holds(import.policy, rows[_i].absent), "%.*s: has: %s", TEXT_ARG(import.policy),
			      rows[_i].absent);
}
END_TEST

START_TEST(no_difference_of_the_table_is_without_a_row)
{
	const struct import_difference *what;

	for (size_t i = 0; (what = import_difference_at(i)) != NULL; i++) {
		size_t k = 0;

		while (k < ROWS && strcmp(rows[k].key, what->key) != 0)
			k++;
		ck_assert_msg(k < ROWS, "%s", what->key);
	}
}
END_TEST

START_TEST(the_document_has_this_table)
{
	static char readme[1 << 17], line[1024];
	FILE *file = fopen(SOURCE_DIR "/policy/README.md", "rb");
	const struct import_difference *what;
	const char *at;

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_lt(fread(readme, 1, sizeof readme - 1, file), sizeof readme - 1);
	ck_assert_int_eq(fclose(file), 0);
	at = strstr(readme, "| key | kind | policy-bot | headgate |\n|---|---|---|---|\n");
	ck_assert_ptr_nonnull(at);
	at = strchr(strchr(at, '\n') + 1, '\n') + 1;
	for (size_t i = 0; (what = import_difference_at(i)) != NULL; i++, at = strchr(at, '\n') + 1) {
		(void)snprintf(line, sizeof line, "| `%s` | %s | %s | %s |\n", what->key, import_kind_name(what->kind),
			       what->theirs, what->ours);
		ck_assert_msg(strncmp(at, line, strlen(line)) == 0, "policy/README.md lacks here: %s", line);
	}
	ck_assert(*at != '|');
}
END_TEST

/* Nothing is said of what is the same in both. */
START_TEST(what_is_the_same_is_not_remarked_on)
{
	static const char file[] =
		"policy:\n  approval: [r]\n  disapproval: {}\n"
		"approval_rules:\n  - name: r\n    requires: {count: 2, permissions: [write]}\n    options:\n"
		"      invalidate_on_push: true\n      ignore_edited_comments: true\n      allow_author: true\n"
		"      methods: {comments: [], github_review: true}\n";
	auto_arena struct arena arena = ARENA_EMPTY;
	struct import import = imported(file, &arena);

	for (size_t i = 0; i < import.n; i++)
		ck_assert_msg(import.findings[i].line == 1, "%s", import.findings[i].what->key);
	ck_assert_uint_eq(import.n, 4);
}
END_TEST

START_TEST(the_users_comments_stay)
{
	static const char file[] =
		"# Ours.\n\n# The rules\npolicy: {approval: [r]} # all\napproval_rules:\n"
		"  # of r\n  - name: r # its name\n    requires: {count: 1, # one\n      users: [bob]}\n"
		"    # about pushes\n    options: {invalidate_on_push: false} # sorry\n# the end\n";
	static const char *const comments[] = {"# Ours.\n\n# The rules\n",
					       "# all\n",
					       "  # of r\n  - name: r # its name\n",
					       "# one\n",
					       "    # about pushes\n",
					       "# sorry\n",
					       "# the end\n"};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct import import = imported(file, &arena);

	for (size_t i = 0; i < sizeof comments / sizeof comments[0]; i++)
		ck_assert_msg(holds(import.policy, comments[i]), "%.*s: lacks %s", TEXT_ARG(import.policy),
			      comments[i]);
}
END_TEST

/* An anchor's value is shown elsewhere, too: it is told of, and stays. */
START_TEST(what_an_anchor_shares_is_not_changed)
{
	static const char file[] =
		APPROVAL "approval_rules:\n  - name: r\n    requires: {count: 1, users: [bob]}\n    options:\n"
			 "      invalidate_on_push: &off false\n      allow_author: *off\n";
	auto_arena struct arena arena = ARENA_EMPTY;
	struct import import = imported(file, &arena);

	ck_assert(found(&import, OPTIONS "invalidate_on_push: false", 6, 7));
	ck_assert(holds(import.policy, "invalidate_on_push: &off false\n"));
}
END_TEST

/* ---- refused ---- */

static const struct {
	const char *file;
	unsigned line, column;
	const char *why;
} refused[] = {
	{"remote: acme/policies\n", 1, 1,
	 "this file names another one, which is the one to convert: acme/policies; put"},
	{"path: p.yml\nref: v1\nremote: acme/policies\n", 3, 1,
	 "acme/policies, file p.yml, at v1; put the result here"},
	{"[a]\n", 1, 1, "must be a map"},
	{"a: [\n", 2, 1, ""},
	{"a: 1\na: 2\n", 2, 1, "is given twice"},
	{"polcy: {approval: [r]}\n", 1, 1, "unknown key `polcy`"},
	{"policy: {aproval: [r]}\n", 1, 9, "unknown key `aproval`"},
	{"policy: {disapproval: {if: {has_labels: [x]}}}\n", 1, 9, "`policy.approval` is missing"},
	{APPROVAL "approval_rules: [{name: r}]\n", 2, 18, "rule `r` asks for nobody, which policy-bot approves"},
	{RULE("count: 0", ""), 3, 5, "give `requires` a `count`"},
	{RULE("count: 0", ", if: {only_changed_files: {paths: [a]}}"), 3, 5, "only an entry of an `or`"},
	{GROUP("[{or: [a]}, r]", "if: {only_changed_files: {paths: [a]}}"), 4, 5, "only an entry of an `or`"},
	{GROUP("[{or: [{and: [a, r]}, r]}]", "if: {only_changed_files: {paths: [a]}}"), 4, 5,
	 "only an entry of an `or`"},
	{GROUP("[{or: [a, r]}, a]", "if: {only_changed_files: {paths: [a]}}"), 4, 5, "only an entry of an `or`"},
	{GROUP("[{or: [a, r]}]", "requires: {users: [x]}"), 4, 5, "give `requires` a `count`"},
	{GROUP("[{or: [a, r]}]", "if: {title: {matches: [a]}, from_branch: {pattern: a}, has_labels: [x]}"), 4, 5,
	 "its author alone brings its `if` about"},
	{GROUP("[{or: [a, r]}]", "if: {modified_lines: {total: '<9'}, has_status: {statuses: [ci]}}"), 4, 5,
	 "its author alone brings its `if` about"},
	{GROUP("[{or: [a, r]}]", "if: &x {only_changed_files: {paths: [a]}}"), 4, 5, "without anchors"},
	{RULE("count: 1", ""), 3, 25, "rule `r` can never be met"},
	{RULE("count: 1, users: [bob], permissions: [none]", ""), 3, 64, "a permission is"},
	{RULE("count: '1', admins: on", ""), 3, 33, "count is a whole number"},
	{CONDITION("changed_files: {paths: ['*_test.go']}"), 3, 87, "did you mean `.*_test\\.go$`?"},
	{CONDITION("has_labels: []"), 3, 75, "names at least one label"},
	{APPROVAL "approval_rules: [{requires: {count: 1, admins: on}}]\n", 2, 18, "a rule needs a `name`"},
};

START_TEST(what_cannot_be_said_safely_is_refused_with_its_place)
{
	static struct problem_list why;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct import import = {0};

	ck_assert_msg(!policy_import(text_of(refused[_i].file), &arena, &import, &why), "%s: %.*s", refused[_i].file,
		      TEXT_ARG(import.policy));
	ck_assert_uint_gt(why.n, 0);
	for (size_t i = 0; i < why.n; i++)
		if (strstr(why.items[i].text, refused[_i].why) &&
		    (refused[_i].line == 0 ||
		     (why.items[i].line == refused[_i].line && why.items[i].column == refused[_i].column)))
			return;
	ck_abort_msg("%s: %u:%u: %s", refused[_i].file, why.items[0].line, why.items[0].column, why.items[0].text);
}
END_TEST

/* So many rules that each says many things, or so many keys of nothing. */
static const char *many(struct arena *arena, const char *head, const char *each, int n)
{
	size_t room = strlen(head) + (strlen(each) + 8) * (size_t)n + 1, at;
	char *file = arena_alloc(arena, room, 1);

	at = (size_t)snprintf(file, room, "%s", head);
	for (int i = 0; i < n; i++) {
		for (const char *c = each; *c; c++)
			at += (size_t)(*c == '#' ? snprintf(file + at, room - at, "%d", i)
						 : snprintf(file + at, room - at, "%c", *c));
	}
	return file;
}

START_TEST(as_many_rules_as_a_policy_may_have_are_imported)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *names = many(&arena, "policy:\n  approval:\n", "    - r#\n", 200);
	const char *head = arena_printf(&arena, "%sapproval_rules:\n", names).at;
	const char *file = many(&arena, head, "  - {name: r#, requires: {count: 0x1, users: [B#]}}\n", 200);
	struct import import = imported(file, &arena);

	ck_assert_uint_gt(import.n, 1000);
}
END_TEST

START_TEST(more_differences_than_anybody_reads_are_refused)
{
	static struct problem_list why;
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *head = APPROVAL "approval_rules:\n  - name: r\n    requires: {count: 1, users: [bob]}\n";
	const char *file = many(&arena, head, "    k#:\n", IMPORT_FINDINGS_MAX + 1);
	struct import import;

	ck_assert(!policy_import(text_of(file), &arena, &import, &why));
	ck_assert_str_eq(why.items[0].text, "more than 5000 differences");
}
END_TEST

/* ---- injection ---- */

static const char *const names[] = {
	"\"a\\n- b: c\\napproval_rules: []\"",
	"\"a\\r\\n  - name: evil\"",
	"\"# x\\n\\u2028policy: {}\"",
	"'it''s: [\"x\"] # {y}'",
	"\"\\\\n\\\"\"",
	"|-\n      a\n      policy: {}",
};

START_TEST(a_name_cannot_leave_its_comment)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *file = arena_printf(&arena,
					APPROVAL "approval_rules:\n  - name: %s\n    requires: {count: 1}\n"
						 "  - name: r\n    requires: {count: 1, users: [bob]}\n",
					names[_i])
				   .at;
	struct import import = imported(file, &arena);
	const struct policy *policy = NULL;
	struct problem problem = {0, 0, ""};
	struct policy_rule rule;

	ck_assert(policy_parse(import.policy, &defaults, &arena, &policy, &problem));
	ck_assert(policy_rule_at(policy, 0, &rule) && text_is(rule.name, "r"));
	ck_assert(!policy_rule_at(policy, 1, &rule));
}
END_TEST

/* ---- judgements ---- */

static enum decision judged(struct example *c, const char *file)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct import import = imported(file, &arena);

	return case_judge(c, arena_text(&arena, import.policy).at).decision;
}

#define ONE RULE("count: 1, users: [erin]", "")

static const struct {
	const char *file, *sha; /* what erin approves; NULL: nothing */
	const char *path;       /* of the one changed file */
	enum decision decision;
} judgements[] = {
	{ONE, NULL, "src/a.c", DECISION_WAITING},
	{ONE, CASE_HEAD, "src/a.c", DECISION_ALLOWED},
	{ONE, CASE_OLD, "src/a.c", DECISION_WAITING}, /* policy-bot: an approval survives a push */
	{GROUP("[{or: [a, e]}]",
	       "if: {only_changed_files: {paths: ['^docs/']}}") "  - {name: e, requires: {count: 1, users: [erin]}}\n",
	 NULL, "docs/a", DECISION_ALLOWED},
	{GROUP("[{or: [a, e]}]",
	       "if: {only_changed_files: {paths: ['^docs/']}}") "  - {name: e, requires: {count: 1, users: [erin]}}\n",
	 NULL, "src/a.c", DECISION_WAITING},
	{GROUP("[{or: [a, e]}]",
	       "if: {only_changed_files: {paths: ['^docs/']}}") "  - {name: e, requires: {count: 1, users: [erin]}}\n",
	 CASE_HEAD, "src/a.c", DECISION_ALLOWED},
	/* alice opened the change and bob pushed to it */
	{GROUP("[{or: [a, e]}]",
	       "if: {has_author_in: {users: [alice]}}") "  - {name: e, requires: {count: 1, users: [erin]}}\n",
	 "bob pushes", "src/a.c", DECISION_WAITING},
	{GROUP("[{or: [a, e]}]",
	       "if: {has_author_in: {users: [alice]}}") "  - {name: e, requires: {count: 1, users: [erin]}}\n",
	 NULL, "src/a.c", DECISION_ALLOWED},
};

START_TEST(the_policy_judges_so)
{
	struct example c;

	case_make(&c);
	c.path.path = text_of(judgements[_i].path);
	if (judgements[_i].sha && strcmp(judgements[_i].sha, "bob pushes") == 0)
		c.pushers[0] = BOB;
	else if (judgements[_i].sha)
		case_review(&c, ERIN, REVIEW_APPROVED, judgements[_i].sha, 5000);
	ck_assert_int_eq(judged(&c, judgements[_i].file), judgements[_i].decision);
	case_drop(&c);
}
END_TEST

/* ---- the command ---- */

struct said {
	int code;
	char out[16384], err[16384];
};

static void say(const char *file, const char *words, struct said *said)
{
	static char copy[8192];
	char line[512], *argv[12], *rest = line;
	struct console console = {0};
	int argc = 0;

	*said = (struct said){0};
	(void)snprintf(copy, sizeof copy, "%s", file);
	(void)snprintf(line, sizeof line, "headgate policy import %s", words);
	while (argc < 11 && rest) {
		argv[argc++] = rest;
		rest = strchr(rest, ' ');
		if (rest)
			*rest++ = '\0';
	}
	argv[argc] = NULL;
	console.in = fmemopen(copy, strlen(copy) > 0 ? strlen(copy) : 1, "r");
	console.out = fmemopen(said->out, sizeof said->out, "w");
	console.err = fmemopen(said->err, sizeof said->err, "w");
	said->code = command_main(command_table(), argc, argv, &console);
	(void)fclose(console.in);
	(void)fclose(console.out);
	(void)fclose(console.err);
}

static const struct {
	const char *file, *words;
	int code;
	const char *out, *err; /* a part of it; NULL: nothing */
} lines[] = {
	{ONE, "-", 0, "    invalidate_on_push: true\n",
	 "-:3:5: unsafe: approval_rules[].options.invalidate_on_push: absent: policy-bot: an approval survives every "
	 "push; "
	 "headgate: a push ends every review; nothing keeps one\n"},
	{GROUP("[r]", "requires: {count: 1}"), "-", 0, "  # - name: a\n",
	 "policy-bot: the rule is ignored (a); headgate: it is refused, and taken out here\n"},
	{"remote: a/b\n", "-", 1, NULL,
	 "headgate policy import: nothing is written\n-:1:1: this file names another one"},
	{ONE, "- --json", 0, "{\"line\":3,\"column\":5,\"kind\":\"unsafe\",\"key\":\"approval_rules[].options.inval",
	 NULL},
	{"remote: a/b\n", "- --json", 1, "\"errors\":[{\"line\":1,\"column\":1,\"text\":\"this file names another",
	 NULL},
	{"", "/nonexistent/policy.yml", 2, NULL, "/nonexistent/policy.yml: No such file"},
	{ONE, "- -o /nonexistent/x", 2, NULL, "headgate policy import: /nonexistent/x: No such file"},
};

START_TEST(the_command_writes_the_policy_and_reports)
{
	static struct said said;

	say(lines[_i].file, lines[_i].words, &said);
	ck_assert_msg(said.code == lines[_i].code, "%d: %s%s", said.code, said.out, said.err);
	ck_assert_msg(strstr(said.out, lines[_i].out ? lines[_i].out : ""), "%s", said.out);
	ck_assert_msg(strstr(said.err, lines[_i].err ? lines[_i].err : ""), "%s", said.err);
	ck_assert(lines[_i].out || said.out[0] == '\0');
	ck_assert(lines[_i].err || said.err[0] == '\0');
}
END_TEST

START_TEST(a_policy_that_is_there_is_not_written_over)
{
	char dir[] = "/tmp/headgate-import-XXXXXX", file[64], words[80];
	static struct said said;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(file, sizeof file, "%s/.headgate.yml", dir);
	(void)snprintf(words, sizeof words, "- -o %s", file);
	say(ONE, words, &said);
	ck_assert_msg(said.code == 0 && said.out[0] == '\0', "%s", said.err);
	say(ONE, words, &said);
	ck_assert_int_eq(said.code, 2);
	ck_assert_ptr_nonnull(strstr(said.err, ".headgate.yml: File exists"));
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(each_difference_is_written_and_told, rows),
	SUITE_TEST(no_difference_of_the_table_is_without_a_row),
	SUITE_TEST(the_document_has_this_table),
	SUITE_TEST(what_is_the_same_is_not_remarked_on),
	SUITE_TEST(the_users_comments_stay),
	SUITE_TEST(what_an_anchor_shares_is_not_changed),
	SUITE_ROWS(what_cannot_be_said_safely_is_refused_with_its_place, refused),
	SUITE_TEST(as_many_rules_as_a_policy_may_have_are_imported),
	SUITE_TEST(more_differences_than_anybody_reads_are_refused),
	SUITE_ROWS(a_name_cannot_leave_its_comment, names),
	SUITE_ROWS(the_policy_judges_so, judgements),
	SUITE_ROWS(the_command_writes_the_policy_and_reports, lines),
	SUITE_TEST(a_policy_that_is_there_is_not_written_over),
	SUITE_END,
};
SUITE_MAIN(tests)
