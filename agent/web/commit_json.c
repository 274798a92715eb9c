#include "agent/web/commit_json.h"

#include <assert.h>

#include "agent/base/facts_json.h"
#include "agent/web/alarm_json.h"
#include "agent/web/clean.h"
#include "webhooks/jread.h"

struct text json_with(struct text object, const char *key, struct text value, struct arena *arena)
{
	assert(object.len > 2 && object.at[object.len - 1] == '}');
	return arena_printf(arena, "%.*s,\"%s\":%.*s}", (int)(object.len - 1), object.at, key, TEXT_ARG(value));
}

static bool same(const struct history_row *a, const struct history_row *b)
{
	return a->decision == b->decision && text_eq(a->text, b->text);
}

static struct history_row history_of(const struct row_announced *told)
{
	struct history_row ret = {.made_at = told->made_at, .text = told->public_text};

	if (!decision_parse(told->decision, &ret.decision))
		ret.decision = DECISION_CANNOT_DECIDE;
	return ret;
}

const struct history_row *history_public(const struct view *view, struct arena *arena, size_t *ret_n)
{
	struct history_row *rows = arena_alloc(arena, view->shown.n_told + 1, sizeof *rows);
	size_t n = 0;

	if (view->now.by_event)
		rows[n++] = (struct history_row){view->now.made_at, view->now.decision, view->now.public_text};
	for (size_t i = 0; i < view->shown.n_told; i++) {
		struct history_row row = history_of(&view->shown.told[i]);

		if (n > 0 && same(&rows[n - 1], &row))
			rows[n - 1].made_at = row.made_at;
		else
			rows[n++] = row;
	}
	*ret_n = n;
	return rows;
}

int64_t history_since(const struct view *view, struct arena *arena)
{
	size_t n;
	const struct history_row *rows = history_public(view, arena, &n);

	return n > 0 ? rows[0].made_at : view->now.made_at;
}

static void put_when(struct jwrite *w, const char *key, int64_t ms)
{
	char buffer[32];

	if (ms == WHEN_UNKNOWN)
		jwrite_null(w, key);
	else
		jwrite_text(w, key, text_of(when_print(ms, buffer)));
}

static void put_oid(struct jwrite *w, const char *key, const struct oid *oid)
{
	if (oid_known(oid))
		jwrite_text(w, key, oid_text(oid));
	else
		jwrite_null(w, key);
}

static void put_posted(struct jwrite *w, const struct view *view)
{
	const struct row_ledger *ledger = &view->shown.ledger;

	jwrite_object(w, "posted");
	jwrite_text(w, "state", text_of(status_state_name((enum status_state)ledger->state)));
	jwrite_text(w, "text", ledger->text);
	put_when(w, "at", view_posted_at(view));
	jwrite_bool(w, "in_doubt", view_in_doubt(view));
	jwrite_end(w);
}

static void put_contexts(struct jwrite *w, const struct view *view, enum commit_view who)
{
	jwrite_array(w, "contexts");
	for (size_t i = 0; i < view->n_contexts; i++) {
		const struct view_context *one = &view->contexts[i];
		bool operator= who == COMMIT_OPERATOR;

		jwrite_object(w, NULL);
		jwrite_text(w, "context", one->name);
		jwrite_text(w, "verdict", text_of(decision_name(one->now.decision)));
		jwrite_text(w, "state", text_of(status_state_name(one->now.state)));
		jwrite_text(w, "text", operator? one->now.text : one->now.public_text);
		if (operator&& one->now.verdict)
			jwrite_int(w, "verdict_id", one->now.verdict->id);
		jwrite_text(w, "posted", text_of(status_state_name((enum status_state)one->ledger->state)));
		jwrite_end(w);
	}
	jwrite_end(w);
}

static void put_changes(struct jwrite *w, const struct view *view)
{
	jwrite_array(w, "changes");
	for (size_t i = 0; i < view->shown.n_changes; i++) {
		const struct row_change *change = &view->shown.changes[i];

		jwrite_object(w, NULL);
		jwrite_int(w, "number", change->number);
		put_oid(w, "head", &change->head);
		jwrite_text(w, "base_ref", change->base_ref);
		jwrite_bool(w, "open", change->open == TRI_YES);
		jwrite_end(w);
	}
	jwrite_end(w);
}

static void put_history_operator(struct jwrite *w, const struct view *view)
{
	for (size_t i = 0; i < view->shown.n_verdicts; i++) {
		const struct row_verdict *row = &view->shown.verdicts[i];

		jwrite_object(w, NULL);
		jwrite_int(w, "id", row->id);
		jwrite_text(w, "verdict", row->decision);
		jwrite_text(w, "state", row->state);
		jwrite_text(w, "text", row->text);
		put_when(w, "made_at", row->made_at);
		jwrite_text(w, "hash", row->hash);
		jwrite_end(w);
	}
}

static void put_history_public(struct jwrite *w, const struct view *view, struct arena *arena)
{
	size_t n;
	const struct history_row *rows = history_public(view, arena, &n);

	for (size_t i = 0; i < n; i++) {
		jwrite_object(w, NULL);
		jwrite_text(w, "verdict", text_of(decision_name(rows[i].decision)));
		jwrite_text(w, "state", text_of(status_state_name(decision_state(rows[i].decision))));
		jwrite_text(w, "text", rows[i].text);
		put_when(w, "made_at", rows[i].made_at);
		jwrite_end(w);
	}
}

static void put_bug_age(struct jwrite *w, const struct view *view, struct arena *arena)
{
	struct text words = view_bug_age(view, arena);

	if (words.len == 0)
		return;
	jwrite_object(w, "max_age");
	jwrite_int(w, "ms", view->bug_age_ms);
	jwrite_text(w, "text", words);
	jwrite_end(w);
}

static void put_head(struct jwrite *w, const struct view *view, enum commit_view who, struct arena *arena)
{
	const struct now *now = &view->now;

	jwrite_text(w, "repo", view->shown.repo.name);
	jwrite_text(w, "sha", oid_text(&view->sha));
	if (view->number > 0)
		jwrite_int(w, "number", view->number);
	jwrite_text(w, "verdict", text_of(decision_name(now->decision)));
	jwrite_text(w, "state", text_of(status_state_name(now->state)));
	jwrite_text(w, "text", who == COMMIT_OPERATOR ? now->text : now->public_text);
	jwrite_text(w, "public_text", now->public_text);
	if (who == COMMIT_OPERATOR && now->verdict)
		jwrite_int(w, "verdict_id", now->verdict->id);
	else if (who == COMMIT_OPERATOR)
		jwrite_null(w, "verdict_id");
	put_when(w, "made_at", who == COMMIT_OPERATOR ? now->made_at : history_since(view, arena));
	put_oid(w, "superseded_by", &view->shown.subject.superseded_by);
	put_bug_age(w, view, arena);
}

struct text commit_json(const struct view *view, enum commit_view who, struct arena *arena)
{
	struct jwrite *w = jwrite_new();
	struct text document;

	jwrite_object(w, NULL);
	put_head(w, view, who, arena);
	put_posted(w, view);
	if (view->n_contexts > 0)
		put_contexts(w, view, who);
	put_changes(w, view);
	if (who == COMMIT_OPERATOR)
		alarms_put(w, "alarms", &view->shown.alarms);
	jwrite_array(w, "history");
	if (who == COMMIT_OPERATOR)
		put_history_operator(w, view);
	else
		put_history_public(w, view, arena);
	jwrite_end(w);
	jwrite_end(w);
	document =
		json_with(jwrite_text_of(w), "rules", rules_encode(&view->verdict, who == COMMIT_PUBLIC, arena), arena);
	jwrite_free(w);
	return document;
}

/* A line for each other status: its name, its state and its text. */
static struct text contexts_text(const struct view *view, struct arena *arena)
{
	struct text lines = TEXT_EMPTY;

	for (size_t i = 0; i < view->n_contexts; i++) {
		const struct view_context *one = &view->contexts[i];

		lines = arena_printf(arena, "%.*scontext: %.*s %s: %.*s\n", TEXT_ARG(lines),
				     TEXT_ARG(clean_text(one->name, arena)), status_state_name(one->now.state),
				     TEXT_ARG(clean_text(one->now.public_text, arena)));
	}
	return lines;
}

static struct text bug_age_text(const struct view *view, struct arena *arena)
{
	struct text words = view_bug_age(view, arena);

	return words.len > 0 ? arena_printf(arena, "max_age: %.*s\n", TEXT_ARG(words)) : TEXT_EMPTY;
}

struct text commit_text(const struct view *view, struct arena *arena)
{
	char decided[32], posted[32];
	const struct row_ledger *ledger = &view->shown.ledger;
	const struct oid *newer = &view->shown.subject.superseded_by;

	return arena_printf(
		arena,
		"verdict: %s\nstate: %s\ntext: %.*s\nrepo: %.*s\nsha: %s\nmade_at: %s\n"
		"posted: %s\nposted_at: %s\nin_doubt: %s\nsuperseded_by: %s\n%.*s%.*s",
		decision_name(view->now.decision), status_state_name(view->now.state),
		TEXT_ARG(clean_text(view->now.public_text, arena)), TEXT_ARG(clean_text(view->shown.repo.name, arena)),
		view->sha.hex, when_print(history_since(view, arena), decided),
		status_state_name((enum status_state)ledger->state), when_print(view_posted_at(view), posted),
		view_in_doubt(view) ? "yes" : "no", oid_known(newer) ? newer->hex : "none",
		TEXT_ARG(bug_age_text(view, arena)), TEXT_ARG(contexts_text(view, arena)));
}
