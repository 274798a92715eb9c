/*
 * The paths of a row and the common ones become one scan plan; the body is read in one pass; then each value is read by
 * its field's type into the event. The first needed field that is missing or malformed quarantines the delivery, and
 * the event then keeps nothing but what is common to all.
 */
#include "webhooks/normalize.h"

#include <assert.h>

#include "policy/facts.h"
#include "webhooks/event_json.h"
#include "webhooks/github.h"

#define LISTS    3 /* common and a row's own two */
#define NAME_MAX 100

const struct normalize_row *normalize_row_at(size_t i)
{
	const struct event_row *row = github_row_at(i);

	return row ? &row->about : NULL;
}

bool normal_quarantine(struct normal *n, const char *path, const char *what)
{
	n->fate = DELIVERY_QUARANTINED;
	n->note = arena_printf(n->arena, "%s: %s", path, what);
	return false;
}

bool normal_ignore(struct normal *n, const char *why)
{
	n->fate = DELIVERY_IGNORED;
	n->note = text_of(why);
	return false;
}

/* ---- reading one value: NULL, or what is wrong with it; *to is untouched then ---- */

typedef const char *read_value(const struct scan_value *v, void *to);

static const char *read_id(const struct scan_value *v, void *to)
{
	if (v->type != SCAN_INTEGER || v->integer <= 0)
		return "not a positive integer";
	*(int64_t *)to = v->integer;
	return NULL;
}

static const char *read_text(const struct scan_value *v, void *to)
{
	if (v->type != SCAN_STRING)
		return "not a text";
	if (v->text.len == 0)
		return "empty";
	*(struct text *)to = v->text;
	return NULL;
}

static bool hex_only(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		char c = t.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
	}
	return true;
}

/* A branch called like a commit could be taken for it by whoever resolves names; the forge allows none. */
static bool like_an_object(struct text t)
{
	return (t.len == 40 || t.len == 64) && hex_only(t);
}

static bool controls(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.at[i] <= ' ' || t.at[i] == 0x7f)
			return true;
	return false;
}

static const char *read_ref(const struct scan_value *v, void *to)
{
	if (v->type != SCAN_STRING)
		return "not a text";
	if (v->text.len == 0 || v->text.at[0] == '-' || controls(v->text))
		return "not a branch's name";
	if (like_an_object(v->text))
		return "named like an object";
	*(struct text *)to = v->text;
	return NULL;
}

static const char *read_full_ref(const struct scan_value *v, void *to)
{
	struct text heads = TEXT_LIT("refs/heads/"), t = v->text;

	if (v->type != SCAN_STRING)
		return "not a text";
	if (!text_starts(t, TEXT_LIT("refs/")) || controls(t))
		return "not a full ref";
	if (text_starts(t, heads) && like_an_object((struct text){t.at + heads.len, t.len - heads.len}))
		return "named like an object";
	*(struct text *)to = t;
	return NULL;
}

static const char *read_oid(const struct scan_value *v, void *to)
{
	return v->type == SCAN_STRING && oid_parse(v->text, to) ? NULL : "not a full object name";
}

static bool all_zeros(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] != '0')
			return false;
	return t.len == 40 || t.len == 64;
}

static const char *read_oid_or_zero(const struct scan_value *v, void *to)
{
	return v->type == SCAN_STRING && all_zeros(v->text) ? NULL : read_oid(v, to);
}

#define SECONDS_MAX 253402300799 /* the end of year 9999 */

static const char *read_when(const struct scan_value *v, void *to)
{
	if (v->type == SCAN_STRING && when_parse(v->text, to))
		return NULL;
	if (v->type != SCAN_INTEGER || v->integer < 0 || v->integer > SECONDS_MAX)
		return "not a time";
	*(int64_t *)to = v->integer * 1000;
	return NULL;
}

static const char *read_bool(const struct scan_value *v, void *to)
{
	if (v->type != SCAN_TRUE && v->type != SCAN_FALSE)
		return "neither true nor false";
	*(enum tri *)to = v->type == SCAN_TRUE ? TRI_YES : TRI_NO;
	return NULL;
}

static const char *read_open(const struct scan_value *v, void *to)
{
	bool open = text_is(v->text, "open");

	if (v->type != SCAN_STRING || (!open && !text_is(v->text, "closed")))
		return "neither open nor closed";
	*(enum tri *)to = open ? TRI_YES : TRI_NO;
	return NULL;
}

static const char *read_person_type(const struct scan_value *v, void *to)
{
	if (v->type != SCAN_STRING)
		return "not a text";
	*(enum person_type *)to = text_is(v->text, "User")  ? PERSON_USER
				  : text_is(v->text, "Bot") ? PERSON_BOT
							    : PERSON_OTHER;
	return NULL;
}

static const char *read_review_state(const struct scan_value *v, void *to)
{
	enum review_state state = v->type == SCAN_STRING ? review_state_parse(v->text) : REVIEW_STATE_UNKNOWN;

	if (state == REVIEW_STATE_UNKNOWN)
		return "not a known state";
	*(enum review_state *)to = state;
	return NULL;
}

static const char *read_present(const struct scan_value *v, void *to)
{
	(void)v;
	*(enum tri *)to = TRI_YES; /* a missing value comes not this far: read_missing */
	return NULL;
}

static read_value *const reads[FIELD_READS] = {
	[READ_ID] = read_id,
	[READ_TEXT] = read_text,
	[READ_REF] = read_ref,
	[READ_FULL_REF] = read_full_ref,
	[READ_OID] = read_oid,
	[READ_OID_OR_ZERO] = read_oid_or_zero,
	[READ_WHEN] = read_when,
	[READ_BOOL] = read_bool,
	[READ_OPEN] = read_open,
	[READ_PERSON_TYPE] = read_person_type,
	[READ_REVIEW_STATE] = read_review_state,
	[READ_PRESENT] = read_present,
};

/* ---- fields ---- */

static bool read_missing(struct normal *n, const struct event_field *f)
{
	if (f->read == READ_PRESENT)
		*(enum tri *)(void *)((char *)n->event + f->offset) = TRI_NO;
	return f->need != NEED || normal_quarantine(n, f->path, "missing");
}

/* At most max bytes, never ending inside of a character. */
static struct text cut_bytes(struct text t, size_t max)
{
	if (t.len <= max)
		return t;
	while (max > 0 && ((unsigned char)t.at[max] & 0xc0) == 0x80)
		max--;
	return (struct text){t.at, max};
}

static bool read_field(struct normal *n, const struct event_field *f, struct scan_value v)
{
	const char *wrong = NULL;

	if (scan_missing(&v))
		return read_missing(n, f);
	if (f->limit > 0 && v.type == SCAN_STRING && f->need == SHOW)
		v.text = cut_bytes(v.text, f->limit);
	if (f->limit > 0 && v.type == SCAN_STRING && v.text.len > f->limit)
		wrong = "too long";
	if (!wrong)
		wrong = reads[f->read](&v, (char *)n->event + f->offset);
	return !wrong || f->need == SHOW || normal_quarantine(n, f->path, wrong);
}

static bool read_list(struct normal *n, struct field_list list, const struct scan_value *values)
{
	for (size_t i = 0; i < list.n; i++)
		if (!read_field(n, &list.fields[i], values[i]))
			return false;
	return true;
}

/* ---- one payload ---- */

struct wanted {
	const char *paths[SCAN_FIELDS_MAX];
	struct scan_value values[SCAN_FIELDS_MAX]; /* [0]: the document itself */
	size_t n;
	struct field_list lists[LISTS];
};

static void want(struct wanted *w, const struct event_row *row)
{
	w->n = 0;
	w->paths[w->n++] = "";
	w->lists[0] = github_common();
	for (size_t l = 1; l < LISTS; l++)
		w->lists[l] = row ? row->lists[l - 1] : (struct field_list){NULL, 0};
	for (size_t l = 0; l < LISTS; l++) {
		assert(w->n + w->lists[l].n <= SCAN_FIELDS_MAX);
		for (size_t i = 0; i < w->lists[l].n; i++)
			w->paths[w->n++] = w->lists[l].fields[i].path;
	}
}

static bool scan(struct wanted *w, struct text body, struct arena *arena, struct err *err)
{
	const struct scan_plan *plan = scan_plan_new(w->paths, w->n);
	bool ok = scan_run(plan, body, arena, w->values, err);

	scan_plan_free(plan);
	if (ok && w->values[0].type != SCAN_OBJECT)
		return err_set(err, ERR_INVALID, "not a JSON object");
	return ok;
}

static bool known_action(struct normal *n, const struct event_row *row)
{
	for (size_t i = 0; i < row->n_actions; i++) {
		if (!text_is(n->event->action, row->actions[i].name))
			continue;
		n->action = row->actions[i].value;
		return true;
	}
	return row->any_action || normal_ignore(n, "an action that is not used");
}

static bool needs(struct normal *n, unsigned which)
{
	if ((which & NEEDS_ACTION) && n->event->action.len == 0)
		return normal_quarantine(n, "action", "missing");
	if ((which & NEEDS_REPO) && n->event->repo == 0)
		return normal_quarantine(n, "repository.id", "missing");
	if ((which & NEEDS_INSTALLATION) && n->event->installation == 0)
		return normal_quarantine(n, "installation.id", "missing");
	return true;
}

/* What every event has is read as far as it can be, whatever becomes of the rest. */
static bool read_common(struct normal *n, const struct wanted *w)
{
	bool ok = true;

	for (size_t i = 0; i < w->lists[0].n; i++) {
		enum delivery_fate fate = n->fate;
		struct text note = n->note;

		if (read_field(n, &w->lists[0].fields[i], w->values[1 + i]))
			continue;
		if (!ok) { /* the first one is told */
			n->fate = fate;
			n->note = note;
		}
		ok = false;
	}
	return ok;
}

static bool read_row(struct normal *n, const struct event_row *row, const struct wanted *w)
{
	const struct scan_value *own = w->values + 1 + w->lists[0].n;

	n->event->kind = row->about.kind;
	return needs(n, row->needs) && read_list(n, w->lists[1], own) &&
	       read_list(n, w->lists[2], own + w->lists[1].n) && (!row->finish || row->finish(n));
}

static struct event named_event(struct text name, struct arena *arena)
{
	struct event event = event_unknown();

	event.name = arena_text(arena, cut_bytes(name, NAME_MAX)); /* headers do not outlive the request's head */
	return event;
}

/* Unknown events and actions are ignored before anything of theirs can be malformed. */
static void normalize(struct normal *n, const struct event_row *row, const struct wanted *w)
{
	struct event bare;
	bool sound = read_common(n, w);

	bare = *n->event;
	if (!row) {
		(void)normal_ignore(n, "an event that is not used");
		return;
	}
	if (n->event->action.len > 0 && !known_action(n, row))
		return;
	if (!sound || !read_row(n, row, w))
		*n->event = bare;
}

bool normalize_github(struct text event_name, struct text body, struct arena *arena, struct delivery *ret,
		      struct err *err)
{
	const struct event_row *row = github_row(event_name);
	struct event event = named_event(event_name, arena);
	struct normal n = {&event, 0, arena, DELIVERY_APPLY, TEXT_EMPTY};
	struct wanted w;

	want(&w, row);
	if (!scan(&w, body, arena, err))
		return false;
	normalize(&n, row, &w);
	ret->name = event.name;
	ret->action = event.action;
	ret->body = body;
	ret->fate = n.fate;
	ret->note = n.note;
	ret->repo = event.repo;
	ret->event = event;
	return true;
}
