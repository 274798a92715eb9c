/* The table of differences. A row with a key finds itself; the others are found by import_rules.c and import_policy.c.
 */
#include "policy/import_inner.h"

#include "policy/keys.h"

/* ---- when a row applies ---- */

static bool is_on(const struct yaml *value)
{
	return import_on(value);
}

static bool is_off(const struct yaml *value)
{
	bool on;

	return yaml_bool(value, &on) && !on;
}

static bool has_entries(const struct yaml *value)
{
	return value->kind == YAML_LIST && value->n > 0;
}

static bool has_capitals(const struct yaml *list)
{
	for (size_t i = 0; list->kind == YAML_LIST && i < list->n; i++)
		for (size_t k = 0; k < list->items[i].text.len; k++)
			if (list->items[i].text.at[k] >= 'A' && list->items[i].text.at[k] <= 'Z')
				return true;
	return false;
}

static bool is_unanchored(const struct yaml *value)
{
	const struct yaml *pattern = value->kind == YAML_MAP ? yaml_get(value, "pattern") : NULL;

	return pattern && pattern->kind == YAML_SCALAR &&
	       !(text_starts(pattern->text, TEXT_LIT("^")) && text_ends(pattern->text, TEXT_LIT("$")));
}

static bool is_odd_int(const struct yaml *value)
{
	int64_t n;

	return !yaml_int(value, &n) && import_int(value, &n) && n >= 0;
}

static bool is_negative(const struct yaml *value)
{
	int64_t n;

	return import_int(value, &n) && n < 0;
}

static bool is_no_mode(const struct yaml *value)
{
	return value->kind == YAML_SCALAR && !text_is(value->text, "random-users") &&
	       !text_is(value->text, "all-users") && !text_is(value->text, "teams");
}

/* A name without `{name, app}`. */
static bool has_unpinned(const struct yaml *value)
{
	const struct yaml *list = value;

	if (value->kind == YAML_MAP)
		list = yaml_get(value, "statuses") ? yaml_get(value, "statuses") : yaml_get(value, "workflows");
	for (size_t i = 0; list && list->kind == YAML_LIST && i < list->n; i++)
		if (list->items[i].kind == YAML_SCALAR)
			return true;
	return false;
}

static bool has_glob(const struct yaml *value)
{
	for (size_t i = 0; value->kind == YAML_LIST && i < value->n; i++)
		if (text_find(value->items[i].text, TEXT_LIT("/*")) != SIZE_MAX &&
		    text_find(value->items[i].text, TEXT_LIT("\\")) == SIZE_MAX)
			return true;
	return false;
}

/* ---- what is written instead ---- */

static struct text say_true(const struct yaml *value, struct arena *arena)
{
	(void)value;
	(void)arena;
	return TEXT_LIT("true");
}

static struct text say_false(const struct yaml *value, struct arena *arena)
{
	(void)value;
	(void)arena;
	return TEXT_LIT("false");
}

static struct text say_decimal(const struct yaml *value, struct arena *arena)
{
	int64_t n = 0;

	(void)import_int(value, &n);
	return arena_printf(arena, "%lld", (long long)n);
}

static struct text say_zero(const struct yaml *value, struct arena *arena)
{
	(void)value;
	(void)arena;
	return TEXT_LIT("0");
}

static struct text say_random(const struct yaml *value, struct arena *arena)
{
	(void)value;
	(void)arena;
	return TEXT_LIT("random-users");
}

/* ---- the table ---- */

#define OPTIONS "approval_rules[].options."
#define METHODS OPTIONS "methods."

static const struct import_row rows[] = {
	[IMPORT_GROUP_EVENT] = {.doc = {"the server: merge_group", IMPORT_UNSAFE,
					"every commit of a merge queue gets success",
					"it is judged by the changes that are in it"}},
	[IMPORT_CONTEXT] = {.doc = {"the server: the status", IMPORT_NOTE,
				    "the status is `policy-bot: BRANCH`, one for each base branch",
				    "it is policy/merge-allowed, for all open changes of the commit: let the branch "
				    "protection require that one"}},
	[IMPORT_SHARED_FILE] = {.doc = {"the server: shared policy", IMPORT_NOTE,
					"a repository without a file takes that of OWNER/.github",
					"a repository without a file is judged by the built-in policy"}},
	[IMPORT_NO_APPROVAL] = {.doc = {"policy.approval: absent", IMPORT_UNSAFE, "every change gets success",
					"the built-in policy applies; the file becomes a comment"}},
	[IMPORT_NO_DISAPPROVAL] = {.doc = {"policy.disapproval: absent", IMPORT_STRICTER,
					   "requested changes have no effect",
					   "they block while they stand, if the person has write access, and take "
					   "back the same person's approval"}},
	[IMPORT_REVOKE] = {.doc = {"policy.disapproval.requires", IMPORT_STRICTER,
				   "whoever is listed can revoke anybody's disapproval, and nobody else can disapprove",
				   "only who objected lifts the objection; people with write access can object, "
				   "too"}},
	[IMPORT_DISAPPROVE] = {.doc = {"policy.disapproval.options.methods.disapprove: absent", IMPORT_NOTE,
				       "a :-1: or \xf0\x9f\x91\x8e anywhere in a comment disapproves, and so do "
				       "requested changes",
				       "the same, since it is written out"}},
	[IMPORT_ALL_SKIPPED] = {.doc = {"policy.approval: all can be skipped", IMPORT_NOTE,
					"where every rule is skipped the status is an error",
					"the change is blocked there"}},
	[IMPORT_OR_SKIPPED] = {.doc = {"policy.approval: or, all can be skipped", IMPORT_STRICTER,
				       "where every entry of this `or` is skipped it is as if it were not there",
				       "it is not met there"}},
	[IMPORT_MASKED] = {.doc = {"policy.approval: or", IMPORT_NOTE,
				   "an error in one entry is hidden by another that is approved or pending",
				   "what is not known makes its entry wait; another that is met is enough"}},
	[IMPORT_DUPLICATE] = {.doc = {"approval_rules[].name: twice", IMPORT_NOTE,
				      "the last rule of a name counts, the others are ignored",
				      "a second one is refused, so that this one is taken out"}},
	[IMPORT_UNUSED] = {.doc = {"approval_rules[]: not named in policy.approval", IMPORT_NOTE, "the rule is ignored",
				   "it is refused, and taken out here"}},
	[IMPORT_FREE] = {.doc = {"approval_rules[].requires: nothing", IMPORT_UNSAFE,
				 "where its `if` holds the rule is approved without anybody's review",
				 "the same, written as conditions; what is not known waits"}},
	[IMPORT_FREE_AUTHOR] = {.doc = {"approval_rules[].if.has_author_in: and nothing required", IMPORT_STRICTER,
					"only who opened the change is asked for, whoever pushed to it",
					"nobody else may have written or pushed a commit of it"}},
	[IMPORT_NULL] = {.doc = {"a key without a value", IMPORT_NOTE, "it is as if the key were not there",
				 "it is refused, and taken out here"}},
	[IMPORT_PUSH_ABSENT] = {.doc = {OPTIONS "invalidate_on_push: absent", IMPORT_UNSAFE,
					"an approval survives every push",
					"a push ends every review; nothing keeps one"}},
	[IMPORT_EDITED_ABSENT] = {.doc = {OPTIONS "ignore_edited_comments: absent", IMPORT_STRICTER,
					  "what was edited approves", "what was edited never counts"}},
	[IMPORT_COMMENTS_ABSENT] = {.doc = {METHODS "comments: absent", IMPORT_UNSAFE,
					    "a :+1: or \xf0\x9f\x91\x8d anywhere in a comment approves",
					    "no comment approves; whoever wants that must list it"}},
	[IMPORT_REVIEW_ABSENT] = {.doc = {METHODS "github_review: absent", IMPORT_NOTE, "approving reviews count",
					  "the same, since it is written out"}},
	[IMPORT_CONTRIBUTORS] = {.doc = {"approval_rules[].requires.count: contributors", IMPORT_STRICTER,
					 "who is behind a merge, co-authored, pushed or has no account may approve",
					 "all commits count, their co-authors and who pushed; a commit of nobody "
					 "known holds the change back"}},
	[IMPORT_LIMITS] = {.doc = {"has_labels, paths: long lists", IMPORT_NOTE,
				   "labels beyond 100 are not seen, and 3000 files are an error",
				   "all are read, or what hangs on them waits"}},
	{.doc = {OPTIONS "invalidate_on_push: false", IMPORT_UNSAFE, "an approval survives every push",
		 "a push ends every review; nothing keeps one"},
	 .parent = "options",
	 .key = "invalidate_on_push",
	 .applies = is_off,
	 .write = say_true},
	{.doc = {OPTIONS "ignore_edited_comments: false", IMPORT_STRICTER, "what was edited approves",
		 "what was edited never counts"},
	 .parent = "options",
	 .key = "ignore_edited_comments",
	 .applies = is_off,
	 .write = say_true},
	{.doc = {OPTIONS "ignore_update_merges: true", IMPORT_STRICTER,
		 "a merge of the base keeps approvals, conflicts included",
		 "`carry: [base-merge]` keeps them over one without conflict, which git makes again byte for byte"},
	 .parent = "options",
	 .key = "ignore_update_merges",
	 .applies = is_on,
	 .write = say_false},
	{.doc = {OPTIONS "ignore_commits_by", IMPORT_STRICTER,
		 "commits by these keep approvals and make nobody a contributor",
		 "they make nobody a contributor; a push ends reviews all the same"},
	 .parent = "options",
	 .key = "ignore_commits_by"},
	{.doc = {OPTIONS "allow_contributor: true", IMPORT_STRICTER, "the author may approve, too",
		 "the author may not: that is allow_author"},
	 .parent = "options",
	 .key = "allow_contributor",
	 .applies = is_on},
	{.doc = {OPTIONS "request_review.enabled: true", IMPORT_WEAKER, "people are asked for their review",
		 "nobody is asked; the forge's own rules can"},
	 .parent = "request_review",
	 .key = "enabled",
	 .applies = is_on,
	 .write = say_false},
	{.doc = {OPTIONS "request_review.mode: unknown", IMPORT_NOTE, "it fails when reviewers are chosen",
		 "it is refused; the usual one is written"},
	 .parent = "request_review",
	 .key = "mode",
	 .applies = is_no_mode,
	 .write = say_random},
	{.doc = {METHODS "comments", IMPORT_STRICTER, "a comment with such a text anywhere in it approves",
		 "a line of exactly this text does, with the full name of the commit"},
	 .parent = "methods",
	 .key = "comments",
	 .applies = has_entries},
	{.doc = {METHODS "comment_patterns", IMPORT_STRICTER, "a comment in which it is found approves",
		 "it does where the full name of the commit stands in it, too"},
	 .parent = "methods",
	 .key = "comment_patterns",
	 .applies = has_entries},
	{.doc = {METHODS "body_patterns", IMPORT_STRICTER, "the description approves",
		 "it approves nothing: it belongs to no commit"},
	 .parent = "methods",
	 .key = "body_patterns",
	 .applies = has_entries},
	{.doc = {"policy.disapproval.options.methods.disapprove.comments", IMPORT_WEAKER,
		 "a comment with such a text anywhere in it disapproves",
		 "a line of exactly this text does; comment_patterns are searched for"},
	 .parent = "disapprove",
	 .key = "comments",
	 .applies = has_entries},
	{.doc = {"approval_rules[].requires.count: below 0", IMPORT_NOTE, "it is 0", "it is refused, and 0 is written"},
	 .key = "count",
	 .applies = is_negative,
	 .write = say_zero},
	{.doc = {"approval_rules[].requires.count: not decimal", IMPORT_NOTE, "0x2, 02, 1_0 and 2.0 are numbers",
		 "numbers are decimal"},
	 .key = "count",
	 .applies = is_odd_int,
	 .write = say_decimal},
	{.doc = {"users: with capitals", IMPORT_NOTE, "a login matches in this very case alone",
		 "it matches in any case"},
	 .key = "users",
	 .applies = has_capitals},
	{.doc = {"only_has_contributors_in", IMPORT_STRICTER, "who has no account passes",
		 "who has no account, or pushed and is not known, makes it wait"},
	 .key = "only_has_contributors_in"},
	{.doc = {"has_status: without an app", IMPORT_UNSAFE,
		 "whoever can post a status can post this one, and it stays met when it fails later",
		 "every change counts, and all who post it must agree; {name, app} says whose it is"},
	 .key = "has_status",
	 .applies = has_unpinned},
	{.doc = {"has_successful_status: without an app", IMPORT_UNSAFE,
		 "whoever can post a status can post this one, and it stays met when it fails later",
		 "every change counts, and all who post it must agree; {name, app} says whose it is"},
	 .key = "has_successful_status",
	 .applies = has_unpinned},
	{.doc = {"has_workflow_result", IMPORT_STRICTER, "the newest finished run of each event counts",
		 "the newest run of each event does, and one that is not over waits"},
	 .key = "has_workflow_result"},
	{.doc = {"targets_branch: not anchored", IMPORT_NOTE, "`main` matches `not-main-either`",
		 "the same; ^...$ names one branch"},
	 .key = "targets_branch",
	 .applies = is_unanchored},
	{.doc = {"from_branch: not anchored", IMPORT_NOTE, "`main` matches `not-main-either`",
		 "the same; ^...$ names one branch"},
	 .key = "from_branch",
	 .applies = is_unanchored},
	{.doc = {"paths: like a glob", IMPORT_NOTE, "`/*` in a pattern is any number of slashes",
		 "the same; what was meant may be [^/]*"},
	 .key = "paths",
	 .applies = has_glob},
	{.doc = {"ignore: like a glob", IMPORT_NOTE, "`/*` in a pattern is any number of slashes",
		 "the same; what was meant may be [^/]*"},
	 .key = "ignore",
	 .applies = has_glob},
};

const struct import_row *import_row(enum import_id id)
{
	return &rows[id];
}

const struct import_row *import_row_at(size_t i)
{
	return i < sizeof rows / sizeof rows[0] ? &rows[i] : NULL;
}

const struct import_difference *import_difference_at(size_t i)
{
	return i < sizeof rows / sizeof rows[0] ? &rows[i].doc : NULL;
}

const char *import_kind_name(enum import_kind kind)
{
	static const char *const names[] = {[IMPORT_UNSAFE] = "unsafe",
					    [IMPORT_STRICTER] = "stricter",
					    [IMPORT_WEAKER] = "weaker",
					    [IMPORT_NOTE] = "note"};

	return names[kind];
}
