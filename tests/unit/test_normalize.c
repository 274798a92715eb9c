/*
 * Own payloads, each row with one field changed: what becomes of the delivery, and what its note says.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/suite.h"
#include "webhooks/normalize.h"

#define A40   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B40   "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C40   "cccccccccccccccccccccccccccccccccccccccc"
#define D40   "dddddddddddddddddddddddddddddddddddddddd"
#define F40   "ffffffffffffffffffffffffffffffffffffffff"
#define ZEROS "0000000000000000000000000000000000000000"

struct fixture {
	struct arena arena;
	struct delivery d;
	struct err err;
};

/* tests/data/deliveries/NAME.json; the event's name is what stands before the first dot. */
static json_t *payload(const char *name)
{
	char path[512];
	json_error_t error;
	json_t *root;

	(void)snprintf(path, sizeof path, SOURCE_DIR "/tests/data/deliveries/%s.json", name);
	root = json_load_file(path, 0, &error);
	ck_assert_msg(root != NULL, "%s: %s", path, error.text);
	return root;
}

/* Puts a value (JSON text; NULL: removes it) at a dotted path. */
static void patch(json_t *root, const char *path, const char *value)
{
	const char *dot = strchr(path, '.');
	char key[64];
	json_t *parsed;

	if (dot) {
		(void)snprintf(key, sizeof key, "%.*s", (int)(dot - path), path);
		ck_assert_msg(json_object_get(root, key) != NULL, "no %s", key);
		patch(json_object_get(root, key), dot + 1, value);
		return;
	}
	if (!value) {
		(void)json_object_del(root, path);
		return;
	}
	parsed = json_loads(value, JSON_DECODE_ANY, NULL);
	ck_assert_msg(parsed != NULL, "%s", value);
	ck_assert_int_eq(json_object_set_new(root, path, parsed), 0);
}

static bool normalize_text(struct fixture *f, const char *event, const char *body)
{
	f->d = (struct delivery){.guid = TEXT_LIT("g-1")};
	return normalize_github(text_of(event), arena_text(&f->arena, text_of(body)), &f->arena, &f->d, &f->err);
}

static void normalize_patched(struct fixture *f, const char *name, const char *path, const char *value)
{
	json_t *root = payload(name);
	char event[64], *body;

	(void)snprintf(event, sizeof event, "%.*s", (int)strcspn(name, "."), name);
	if (path)
		patch(root, path, value);
	body = json_dumps(root, JSON_COMPACT);
	ck_assert_msg(normalize_text(f, event, body), "%s", f->err.text);
	free(body);
	json_decref(root);
}

/* ---- what comes out of sound payloads ---- */

START_TEST(a_push_to_a_change_names_both_heads)
{
	struct fixture f = {0};
	const struct event *e = &f.d.event;

	normalize_patched(&f, "pull_request.synchronize", NULL, NULL);
	ck_assert_int_eq(f.d.fate, DELIVERY_APPLY);
	ck_assert(e->kind == EVENT_CHANGE && e->change_action == CHANGE_SYNCHRONIZE);
	ck_assert(e->installation == 42 && e->repo == 5001 && f.d.repo == 5001);
	ck_assert(text_is(e->repo_name, "acme/engine") && text_is(f.d.action, "synchronize"));
	ck_assert(text_is(f.d.guid, "g-1") && text_is(f.d.name, "pull_request"));
	ck_assert(e->sender.id == 102 && text_is(e->sender.login, "bo") && e->sender.type == PERSON_USER);
	ck_assert_str_eq(e->before.hex, A40);
	ck_assert_str_eq(e->after.hex, B40);
	ck_assert_str_eq(e->change.head.hex, B40);
	ck_assert_str_eq(e->change.base_sha.hex, C40);
	ck_assert(text_is(e->change.head_ref, "speed") && text_is(e->change.base_ref, "main"));
	ck_assert(e->change.number == 17 && e->change.head_repo == 5002 && e->change.author.id == 102);
	ck_assert(e->change.open == TRI_YES && e->change.draft == TRI_NO && e->change.merged == TRI_NO);
	ck_assert(e->base_changed == TRI_NO && e->change.updated_at == 1795169473000);
	arena_release(&f.arena);
}
END_TEST

START_TEST(a_retarget_and_a_merge_are_told)
{
	struct fixture f = {0};

	normalize_patched(&f, "pull_request.edited_base", NULL, NULL);
	ck_assert(f.d.event.change_action == CHANGE_EDITED && f.d.event.base_changed == TRI_YES);
	normalize_patched(&f, "pull_request.edited_base", "changes.base", NULL);
	ck_assert(f.d.event.change_action == CHANGE_EDITED && f.d.event.base_changed == TRI_NO);
	normalize_patched(&f, "pull_request.closed", NULL, NULL);
	ck_assert(f.d.event.change.open == TRI_NO && f.d.event.change.merged == TRI_YES);
	ck_assert(f.d.fate == DELIVERY_APPLY && f.d.event.change.head_repo == 0);
	arena_release(&f.arena);
}
END_TEST

START_TEST(a_review_names_its_commit_and_its_time)
{
	struct fixture f = {0};
	const struct event *e = &f.d.event;

	normalize_patched(&f, "pull_request_review.submitted", NULL, NULL);
	ck_assert(f.d.fate == DELIVERY_APPLY && e->kind == EVENT_REVIEW && e->review_action == REVIEW_SUBMITTED);
	ck_assert(e->review.id == 77001 && e->review.state == REVIEW_APPROVED && e->review.user.id == 103);
	ck_assert_str_eq(e->review.commit_id.hex, B40);
	ck_assert(e->review.submitted_at == 1795170600000 && text_is(e->review.association, "MEMBER"));
	ck_assert(e->change.number == 17 && e->change.merged == TRI_UNKNOWN);
	normalize_patched(&f, "pull_request_review.dismissed", "review.submitted_at", NULL);
	ck_assert(e->review_action == REVIEW_DISMISSED && e->review.state == REVIEW_STATE_DISMISSED);
	ck_assert(e->review.submitted_at == WHEN_UNKNOWN && f.d.fate == DELIVERY_APPLY);
	arena_release(&f.arena);
}
END_TEST

START_TEST(a_push_tells_what_moved_and_when)
{
	struct fixture f = {0};
	const struct event *e = &f.d.event;

	normalize_patched(&f, "push", NULL, NULL);
	ck_assert(e->kind == EVENT_PUSH && text_is(e->ref, "refs/heads/main") && e->pushed_at == 1763633472000);
	ck_assert_str_eq(e->before.hex, C40);
	ck_assert_str_eq(e->after.hex, D40);
	ck_assert(e->created == TRI_NO && e->deleted == TRI_NO && e->forced == TRI_NO);
	normalize_patched(&f, "push", "repository.pushed_at", "\"2025-11-20T10:11:12Z\"");
	ck_assert_int_eq(e->pushed_at, 1763633472000);
	normalize_patched(&f, "push.branch_deleted", NULL, NULL);
	ck_assert(f.d.fate == DELIVERY_APPLY && e->deleted == TRI_YES && !oid_known(&e->after));
	arena_release(&f.arena);
}
END_TEST

START_TEST(a_comment_on_a_change_is_cut_inside_of_no_character)
{
	struct fixture f = {0};
	const struct event *e = &f.d.event;

	normalize_patched(&f, "issue_comment.created", NULL, NULL);
	ck_assert(e->kind == EVENT_COMMENT && e->change.number == 17 && e->comment.id == 66001);
	ck_assert(e->comment.user.id == 101 && text_is(e->comment.user.login, "ada") && e->sender.id == 101);
	ck_assert(text_starts(e->comment.body, TEXT_LIT("@bors r+ \xe2\x80\x94")) && e->comment.body.len == 512);
	ck_assert_int_eq(e->base_changed, TRI_UNKNOWN);
	for (size_t pad = 508; pad <= 512; pad++) {
		char value[600];

		(void)snprintf(value, sizeof value, "\"%0*d\xf0\x9f\x98\x80x\"", (int)pad, 0);
		normalize_patched(&f, "issue_comment.created", "comment.body", value);
		ck_assert(text_utf8(e->comment.body));
		ck_assert_uint_eq(e->comment.body.len, pad == 508 ? 512 : pad);
	}
	arena_release(&f.arena);
}
END_TEST

START_TEST(conversations_name_their_change_and_themselves)
{
	struct fixture f = {0};
	const struct event *e = &f.d.event;

	normalize_patched(&f, "pull_request_review_thread.unresolved", NULL, NULL);
	ck_assert(e->kind == EVENT_THREAD && text_is(e->action, "unresolved") && e->comment.id == 0);
	ck_assert(text_is(e->status.context, "PRRT_31") && e->change.number == 17);
	ck_assert_str_eq(e->change.head.hex, B40);
	normalize_patched(&f, "pull_request_review_comment.created", NULL, NULL);
	ck_assert(e->kind == EVENT_THREAD && text_is(e->action, "created") && e->comment.id == 66102);
	ck_assert_int_eq(e->base_changed, TRI_UNKNOWN);
	ck_assert_str_eq(e->change.head.hex, B40);
	arena_release(&f.arena);
}
END_TEST

START_TEST(statuses_checks_and_groups_name_their_commit)
{
	struct fixture f = {0};
	const struct event *e = &f.d.event;

	normalize_patched(&f, "status", NULL, NULL);
	ck_assert(e->kind == EVENT_STATUS && e->status.id == 55001 && e->status.creator.type == PERSON_BOT);
	ck_assert(text_is(e->status.context, "policy/merge-allowed") && text_is(e->status.state, "pending"));
	ck_assert_str_eq(e->status.sha.hex, B40);
	normalize_patched(&f, "check_run.completed", NULL, NULL);
	ck_assert(e->kind == EVENT_CHECK_RUN && text_is(e->status.context, "build"));
	ck_assert(text_is(e->status.state, "success"));
	ck_assert(e->status.creator.id == 900 && text_is(e->status.creator.login, "builder")); /* its app */
	normalize_patched(&f, "workflow_run.completed", NULL, NULL);
	ck_assert(e->kind == EVENT_WORKFLOW_RUN && text_is(e->status.context, ".github/workflows/ci.yml"));
	ck_assert(e->status.id == 45001 && text_is(e->status.state, "failure"));
	ck_assert_str_eq(e->status.sha.hex, B40);
	normalize_patched(&f, "merge_group.checks_requested", NULL, NULL);
	ck_assert(e->kind == EVENT_MERGE_GROUP && text_is(e->change.base_ref, "main") && e->change.number == 0);
	ck_assert_str_eq(e->change.head.hex, F40);
	ck_assert(text_starts(e->ref, TEXT_LIT("refs/heads/gh-readonly-queue/main/pr-17-")));
	arena_release(&f.arena);
}
END_TEST

START_TEST(people_and_teams_need_no_repository)
{
	struct fixture f = {0};

	normalize_patched(&f, "membership.added", NULL, NULL);
	ck_assert(f.d.fate == DELIVERY_APPLY && f.d.event.kind == EVENT_MEMBERSHIP && f.d.repo == 0);
	ck_assert(f.d.event.subject_user.id == 103 && text_is(f.d.event.team, "core"));
	normalize_patched(&f, "installation_repositories.added", NULL, NULL);
	ck_assert(f.d.fate == DELIVERY_APPLY && f.d.event.installation == 42);
	normalize_patched(&f, "branch_protection_rule.edited", NULL, NULL);
	ck_assert(f.d.fate == DELIVERY_APPLY && f.d.event.kind == EVENT_PROTECTION && f.d.repo == 5001);
	arena_release(&f.arena);
}
END_TEST

/* ---- one field changed ---- */

#define SYNC   "pull_request.synchronize"
#define REVIEW "pull_request_review.submitted"
#define LONG50 "12345678901234567890123456789012345678901234567890"
#define LONG   LONG50 LONG50 LONG50 LONG50 LONG50 LONG50

static const struct {
	const char *name, *path, *value;
	enum delivery_fate fate;
	const char *note;
} changed[] = {
	/* needed: missing, null, wrong */
	{SYNC, "repository", NULL, DELIVERY_QUARANTINED, "repository.id: missing"},
	{SYNC, "repository.id", NULL, DELIVERY_QUARANTINED, "repository.id: missing"},
	{SYNC, "repository.id", "-5", DELIVERY_QUARANTINED, "repository.id: not a positive integer"},
	{SYNC, "repository.id", "0", DELIVERY_QUARANTINED, "repository.id: not a positive integer"},
	{SYNC, "repository.id", "\"5001\"", DELIVERY_QUARANTINED, "repository.id: not a positive integer"},
	{SYNC, "repository.id", "5001.0", DELIVERY_QUARANTINED, "repository.id: not a positive integer"},
	{SYNC, "action", NULL, DELIVERY_QUARANTINED, "action: missing"},
	{SYNC, "action", "7", DELIVERY_QUARANTINED, "action: missing"},
	{SYNC, "action", "\"\"", DELIVERY_QUARANTINED, "action: missing"},
	{SYNC, "pull_request", NULL, DELIVERY_QUARANTINED, "pull_request.number: missing"},
	{SYNC, "pull_request", "[]", DELIVERY_QUARANTINED, "pull_request.number: missing"},
	{SYNC, "pull_request.number", "-17", DELIVERY_QUARANTINED, "pull_request.number: not a positive integer"},
	{SYNC, "pull_request.head", "null", DELIVERY_QUARANTINED, "pull_request.head.sha: missing"},
	{SYNC, "pull_request.head.sha", NULL, DELIVERY_QUARANTINED, "pull_request.head.sha: missing"},
	{SYNC, "pull_request.head.sha", "null", DELIVERY_QUARANTINED, "pull_request.head.sha: missing"},
	{SYNC, "pull_request.head.sha", "\"bbbbbbb\"", DELIVERY_QUARANTINED,
	 "pull_request.head.sha: not a full object name"},
	{SYNC, "pull_request.head.sha", "\"" ZEROS "\"", DELIVERY_QUARANTINED,
	 "pull_request.head.sha: not a full object name"},
	{SYNC, "pull_request.head.sha", "\"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB\"", DELIVERY_QUARANTINED,
	 "pull_request.head.sha: not a full object name"},
	{SYNC, "pull_request.head.sha", "{}", DELIVERY_QUARANTINED, "pull_request.head.sha: not a full object name"},
	{SYNC, "pull_request.base.ref", "\"" C40 "\"", DELIVERY_QUARANTINED,
	 "pull_request.base.ref: named like an object"},
	{SYNC, "pull_request.base.ref", "\"\"", DELIVERY_QUARANTINED, "pull_request.base.ref: not a branch's name"},
	{SYNC, "pull_request.base.ref", "\"-x\"", DELIVERY_QUARANTINED, "pull_request.base.ref: not a branch's name"},
	{SYNC, "pull_request.base.ref", "\"a\\nb\"", DELIVERY_QUARANTINED,
	 "pull_request.base.ref: not a branch's name"},
	{SYNC, "pull_request.base.ref", "\"" LONG LONG "\"", DELIVERY_QUARANTINED, "pull_request.base.ref: too long"},
	{SYNC, "pull_request.state", "\"ajar\"", DELIVERY_QUARANTINED, "pull_request.state: neither open nor closed"},
	{SYNC, "pull_request.state", "true", DELIVERY_QUARANTINED, "pull_request.state: neither open nor closed"},
	{SYNC, "before", NULL, DELIVERY_QUARANTINED, "before: missing"},
	{SYNC, "before", "\"" ZEROS "\"", DELIVERY_QUARANTINED, "before: not a full object name"},
	{SYNC, "after", NULL, DELIVERY_QUARANTINED, "after: missing"},
	{REVIEW, "review", NULL, DELIVERY_QUARANTINED, "review.id: missing"},
	{REVIEW, "review.user", "null", DELIVERY_QUARANTINED, "review.user.id: missing"},
	{REVIEW, "review.state", "\"blessed\"", DELIVERY_QUARANTINED, "review.state: not a known state"},
	{REVIEW, "review.submitted_at", NULL, DELIVERY_QUARANTINED, "review.submitted_at: missing"},
	{REVIEW, "review.submitted_at", "\"yesterday\"", DELIVERY_QUARANTINED, "review.submitted_at: not a time"},
	{REVIEW, "review.commit_id", "\"bbbbbbb\"", DELIVERY_QUARANTINED, "review.commit_id: not a full object name"},
	{"push", "ref", "\"" C40 "\"", DELIVERY_QUARANTINED, "ref: not a full ref"},
	{"push", "ref", "\"refs/heads/" C40 "\"", DELIVERY_QUARANTINED, "ref: named like an object"},
	{"push", "before", NULL, DELIVERY_QUARANTINED, "before: missing"},
	{"push", "after", "\"0000\"", DELIVERY_QUARANTINED, "after: not a full object name"},
	{"push", "repository.pushed_at", "999999999999999", DELIVERY_QUARANTINED, "repository.pushed_at: not a time"},
	{"push", "repository.pushed_at", "-1", DELIVERY_QUARANTINED, "repository.pushed_at: not a time"},
	{"push", "created", "\"yes\"", DELIVERY_QUARANTINED, "created: neither true nor false"},
	{"status", "context", "\"" LONG "\"", DELIVERY_QUARANTINED, "context: too long"},
	{"status", "context", "\"\"", DELIVERY_QUARANTINED, "context: empty"},
	{"status", "sha", NULL, DELIVERY_QUARANTINED, "sha: missing"},
	{"check_run.completed", "check_run.head_sha", "1", DELIVERY_QUARANTINED,
	 "check_run.head_sha: not a full object name"},
	{"workflow_run.completed", "workflow_run.path", "null", DELIVERY_APPLY, ""}, /* older forges */
	{"merge_group.checks_requested", "merge_group.base_ref", "\"refs/tags/x\"", DELIVERY_QUARANTINED,
	 "merge_group.base_ref: not a branch"},
	{"installation_repositories.added", "installation.id", NULL, DELIVERY_QUARANTINED, "installation.id: missing"},
	{"membership.added", "member.id", NULL, DELIVERY_QUARANTINED, "member.id: missing"},
	{"organization.member_removed", "membership", NULL, DELIVERY_QUARANTINED, "membership.user.id: missing"},
	{"organization.member_removed", NULL, NULL, DELIVERY_APPLY, ""},
	{"issue_comment.created", "comment.id", NULL, DELIVERY_QUARANTINED, "comment.id: missing"},
	{"pull_request_review_comment.created", "comment.id", NULL, DELIVERY_QUARANTINED, "comment.id: missing"},
	{"pull_request_review_comment.created", "comment.in_reply_to_id", "66101", DELIVERY_IGNORED,
	 "an answer within a conversation"},
	{"pull_request_review_comment.created", "action", "\"edited\"", DELIVERY_IGNORED, "an action that is not used"},
	{"pull_request_review_thread.unresolved", "thread", "null", DELIVERY_APPLY, ""},
	{"pull_request_review_thread.unresolved", "pull_request.head.sha", NULL, DELIVERY_QUARANTINED,
	 "pull_request.head.sha: missing"},

	/* may be missing, not malformed */
	{SYNC, "installation", NULL, DELIVERY_APPLY, ""},
	{SYNC, "installation.id", "\"42\"", DELIVERY_QUARANTINED, "installation.id: not a positive integer"},
	{SYNC, "pull_request.user", "null", DELIVERY_APPLY, ""},
	{SYNC, "pull_request.head.repo", "null", DELIVERY_APPLY, ""},
	{SYNC, "pull_request.head.repo.id", "-1", DELIVERY_QUARANTINED,
	 "pull_request.head.repo.id: not a positive integer"},
	{SYNC, "pull_request.draft", NULL, DELIVERY_APPLY, ""},
	{SYNC, "pull_request.draft", "0", DELIVERY_QUARANTINED, "pull_request.draft: neither true nor false"},
	{SYNC, "pull_request.updated_at", NULL, DELIVERY_APPLY, ""},
	{SYNC, "pull_request.base.sha", "null", DELIVERY_APPLY, ""},
	{SYNC, "sender", NULL, DELIVERY_APPLY, ""},
	{"check_run.completed", "check_run.conclusion", "null", DELIVERY_APPLY, ""},
	{"workflow_run.completed", "workflow_run.conclusion", "null", DELIVERY_APPLY, ""},
	{"membership.added", "team.slug", NULL, DELIVERY_APPLY, ""},

	/* for display: nothing an outsider chooses can keep the event from being applied */
	{SYNC, "pull_request.head.ref", "\"" B40 "\"", DELIVERY_APPLY, ""},
	{SYNC, "pull_request.head.ref", "\"" LONG LONG "\"", DELIVERY_APPLY, ""},
	{SYNC, "pull_request.head.ref", "7", DELIVERY_APPLY, ""},
	{SYNC, "pull_request.user.login", "\"" LONG "\"", DELIVERY_APPLY, ""},
	{SYNC, "sender.login", "{}", DELIVERY_APPLY, ""},
	{SYNC, "sender.type", "[]", DELIVERY_APPLY, ""},
	{REVIEW, "review.author_association", "3", DELIVERY_APPLY, ""},
	{"issue_comment.created", "comment.body", "null", DELIVERY_APPLY, ""},

	/* not used */
	{SYNC, "action", "\"beautified\"", DELIVERY_APPLY, ""},
	{REVIEW, "action", "\"admired\"", DELIVERY_IGNORED, "an action that is not used"},
	{"issue_comment.created", "issue.pull_request", NULL, DELIVERY_IGNORED,
	 "a comment on an issue that is no change"},
	{"membership.added", "action", "\"pondered\"", DELIVERY_IGNORED, "an action that is not used"},
	{"edge_of_the_grammar", NULL, NULL, DELIVERY_IGNORED, "an event that is not used"},
};

START_TEST(one_changed_field_decides_the_fate)
{
	struct fixture f = {0};

	normalize_patched(&f, changed[_i].name, changed[_i].path, changed[_i].value);
	ck_assert_msg(text_is(f.d.note, changed[_i].note), "%s: %.*s", changed[_i].note, TEXT_ARG(f.d.note));
	ck_assert_int_eq(f.d.fate, changed[_i].fate);
	if (f.d.fate != DELIVERY_APPLY) { /* nothing of it can be applied by accident */
		ck_assert(f.d.event.kind == EVENT_IGNORED && f.d.event.change.number == 0);
		ck_assert(!oid_known(&f.d.event.change.head) && !oid_known(&f.d.event.status.sha));
	}
	arena_release(&f.arena);
}
END_TEST

START_TEST(a_huge_number_is_no_id)
{
	struct fixture f = {0};

	ck_assert(normalize_text(&f, "push", "{\"repository\":{\"id\":99999999999999999999}}"));
	ck_assert_int_eq(f.d.fate, DELIVERY_QUARANTINED);
	ck_assert(text_is(f.d.note, "repository.id: not a positive integer"));
	ck_assert(normalize_text(&f, "push", "{\"repository\":{\"id\":1e3}}"));
	ck_assert_int_eq(f.d.fate, DELIVERY_QUARANTINED);
	arena_release(&f.arena);
}
END_TEST

START_TEST(the_first_fault_is_told_and_the_sound_rest_is_kept)
{
	struct fixture f = {0};

	ck_assert(normalize_text(&f, "push",
				 "{\"repository\":{\"id\":\"x\",\"full_name\":7},\"installation\":{\"id\":42}}"));
	ck_assert(text_is(f.d.note, "repository.id: not a positive integer"));
	ck_assert(f.d.event.installation == 42 && f.d.repo == 0);
	ck_assert(normalize_text(&f, "push", "{\"repository\":{\"id\":9}}"));
	ck_assert(text_is(f.d.note, "ref: missing") && f.d.repo == 9);
	arena_release(&f.arena);
}
END_TEST

static const char *const no_objects[] = {"",
					 "[]",
					 "null",
					 "7",
					 "\"{}\"",
					 "{",
					 "{}{}",
					 "{\"action\":\"a\",\"action\":\"b\"}",
					 "{\"repository\":{\"id\":1,\"id\":2}}",
					 "\xff",
					 "payload=%7B%7D"};

START_TEST(what_is_no_object_is_refused_and_touches_nothing)
{
	struct fixture f = {0};

	ck_assert(!normalize_text(&f, "push", no_objects[_i]));
	ck_assert_int_eq(f.err.code, ERR_INVALID);
	ck_assert(f.d.fate == 0 && f.d.body.len == 0);
	arena_release(&f.arena);
}
END_TEST

/* Every row, a thousand ways: with each member of a sound payload removed or replaced in turn, nothing crashes. */
static void without_each(struct fixture *f, const char *event, json_t *root, json_t *object)
{
	static const char *const values[] = {"null", "-1", "\"x\"", "{}", "[]", "true", "1e400", NULL};
	const char *key;
	json_t *value;
	void *tmp;

	json_object_foreach_safe(object, tmp, key, value)
	{
		if (json_is_object(value))
			without_each(f, event, root, value);
		for (size_t i = 0; values[i]; i++) {
			json_t *other = json_loads(values[i], JSON_DECODE_ANY, NULL), *old = json_incref(value);
			char *body;

			if (!other) /* out of jansson's range */
				other = json_integer(INT64_MAX);
			(void)json_object_set_new(object, key, other);
			body = json_dumps(root, JSON_COMPACT);
			ck_assert(normalize_text(f, event, body));
			free(body);
			(void)json_object_set_new(object, key, old);
			arena_release(&f->arena);
		}
	}
}

START_TEST(every_event_survives_any_one_field_being_anything)
{
	const struct normalize_row *row;
	size_t rows = 0;

	for (; (row = normalize_row_at(rows)); rows++) {
		struct fixture f = {0};
		json_t *root = payload("pull_request.edited_base");

		without_each(&f, row->name, root, root);
		json_decref(root);
		ck_assert(row->help[0] != '\0' && row->kind != EVENT_IGNORED);
	}
	ck_assert_uint_eq(rows, 22);
}
END_TEST

START_TEST(a_long_event_name_is_cut)
{
	struct fixture f = {0};

	ck_assert(normalize_text(&f, LONG, "{}"));
	ck_assert(f.d.fate == DELIVERY_IGNORED && f.d.name.len == 100);
	arena_release(&f.arena);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_push_to_a_change_names_both_heads),
	SUITE_TEST(a_retarget_and_a_merge_are_told),
	SUITE_TEST(a_review_names_its_commit_and_its_time),
	SUITE_TEST(a_push_tells_what_moved_and_when),
	SUITE_TEST(a_comment_on_a_change_is_cut_inside_of_no_character),
	SUITE_TEST(conversations_name_their_change_and_themselves),
	SUITE_TEST(statuses_checks_and_groups_name_their_commit),
	SUITE_TEST(people_and_teams_need_no_repository),
	SUITE_ROWS(one_changed_field_decides_the_fate, changed),
	SUITE_TEST(a_huge_number_is_no_id),
	SUITE_TEST(the_first_fault_is_told_and_the_sound_rest_is_kept),
	SUITE_ROWS(what_is_no_object_is_refused_and_touches_nothing, no_objects),
	SUITE_TEST(every_event_survives_any_one_field_being_anything),
	SUITE_TEST(a_long_event_name_is_cut),
	SUITE_END,
};
SUITE_MAIN(tests)
