/*
 * One table says for every field of an event its key, its type and where it lies; both directions walk it. A field that
 * holds its type's "unknown" is left out, so that most events take a few hundred bytes.
 */
#include "webhooks/event_json.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "webhooks/jread.h"

#define VERSION 1

/* The names of an enum's values by number; [0] is the unknown that is left out. */
struct names {
	const char *const *at;
	size_t n;
};

#define NAMES(array)                                                                                                   \
	{                                                                                                              \
		(array), sizeof(array) / sizeof((array)[0])                                                            \
	}

static const char *const tri_names[] = {"unknown", "no", "yes"};
static const char *const person_names[] = {"unknown", "user", "bot", "other"};
static const char *const change_names[] = {"other",  "opened", "reopened", "synchronize",
					   "closed", "edited", "draft",    "ready"};
static const char *const review_names[] = {"other", "submitted", "edited", "dismissed"};
static const char *const state_names[] = {"unknown",           "commented", "approved",
					  "changes_requested", "dismissed", "pending"};
static const char *const kind_names[] = {
	"ignored",   "ping",         "push",        "change",       "review",     "comment", "status",
	"check_run", "check_suite",  "merge_group", "installation", "repository", "member",  "membership",
	"team",      "organization", "protection",  "workflow_run", "thread",     "bug",
};
static_assert(sizeof kind_names / sizeof kind_names[0] == EVENT_KINDS, "a name for every kind");
static_assert(sizeof(enum tri) == sizeof(unsigned) && sizeof(enum event_kind) == sizeof(unsigned),
	      "enums are read as unsigned");

static const struct names tri = NAMES(tri_names), person_type = NAMES(person_names), change = NAMES(change_names),
			  review = NAMES(review_names), review_state = NAMES(state_names), kind = NAMES(kind_names);

enum field_type { FIELD_INT, FIELD_WHEN, FIELD_TEXT, FIELD_OID, FIELD_NAME, FIELD_TYPES };

struct field {
	const char *key;
	enum field_type type;
	size_t offset;
	const struct names *names; /* FIELD_NAME */
};

#define AT(member) offsetof(struct event, member)
#define PERSON(prefix, member)                                                                                         \
	{prefix "_id", FIELD_INT, AT(member.id), NULL}, {prefix "_login", FIELD_TEXT, AT(member.login), NULL},         \
	{                                                                                                              \
		prefix "_type", FIELD_NAME, AT(member.type), &person_type                                              \
	}

static const struct field fields[] = {
	{"kind", FIELD_NAME, AT(kind), &kind},
	{"name", FIELD_TEXT, AT(name), NULL},
	{"action", FIELD_TEXT, AT(action), NULL},
	{"installation", FIELD_INT, AT(installation), NULL},
	{"repo", FIELD_INT, AT(repo), NULL},
	{"repo_name", FIELD_TEXT, AT(repo_name), NULL},
	PERSON("sender", sender),
	{"change_action", FIELD_NAME, AT(change_action), &change},
	{"number", FIELD_INT, AT(change.number), NULL},
	{"head", FIELD_OID, AT(change.head), NULL},
	{"base_sha", FIELD_OID, AT(change.base_sha), NULL},
	{"head_ref", FIELD_TEXT, AT(change.head_ref), NULL},
	{"base_ref", FIELD_TEXT, AT(change.base_ref), NULL},
	{"head_repo", FIELD_INT, AT(change.head_repo), NULL},
	{"open", FIELD_NAME, AT(change.open), &tri},
	{"draft", FIELD_NAME, AT(change.draft), &tri},
	{"merged", FIELD_NAME, AT(change.merged), &tri},
	PERSON("author", change.author),
	{"updated_at", FIELD_WHEN, AT(change.updated_at), NULL},
	{"before", FIELD_OID, AT(before), NULL},
	{"after", FIELD_OID, AT(after), NULL},
	{"base_changed", FIELD_NAME, AT(base_changed), &tri},
	{"review_action", FIELD_NAME, AT(review_action), &review},
	{"review_id", FIELD_INT, AT(review.id), NULL},
	{"review_state", FIELD_NAME, AT(review.state), &review_state},
	{"review_commit", FIELD_OID, AT(review.commit_id), NULL},
	{"review_submitted_at", FIELD_WHEN, AT(review.submitted_at), NULL},
	PERSON("reviewer", review.user),
	{"review_association", FIELD_TEXT, AT(review.association), NULL},
	{"comment_id", FIELD_INT, AT(comment.id), NULL},
	{"comment_body", FIELD_TEXT, AT(comment.body), NULL},
	{"comment_association", FIELD_TEXT, AT(comment.association), NULL},
	PERSON("commenter", comment.user),
	{"comment_created_at", FIELD_WHEN, AT(comment.created_at), NULL},
	{"status_id", FIELD_INT, AT(status.id), NULL},
	{"status_sha", FIELD_OID, AT(status.sha), NULL},
	{"status_context", FIELD_TEXT, AT(status.context), NULL},
	{"status_state", FIELD_TEXT, AT(status.state), NULL},
	PERSON("status_creator", status.creator),
	{"status_created_at", FIELD_WHEN, AT(status.created_at), NULL},
	{"ref", FIELD_TEXT, AT(ref), NULL},
	{"created", FIELD_NAME, AT(created), &tri},
	{"deleted", FIELD_NAME, AT(deleted), &tri},
	{"forced", FIELD_NAME, AT(forced), &tri},
	{"pushed_at", FIELD_WHEN, AT(pushed_at), NULL},
	PERSON("subject_user", subject_user),
	{"team", FIELD_TEXT, AT(team), NULL},
	{"tracker", FIELD_TEXT, AT(bug.tracker), NULL},
	{"bug", FIELD_INT, AT(bug.id), NULL},
	{"attachment", FIELD_INT, AT(bug.attachment), NULL},
	{"touched", FIELD_INT, AT(bug.touched), NULL},
	{"bug_at", FIELD_INT, AT(bug.at), NULL},
	{"said", FIELD_INT, AT(bug.said), NULL},
};
#define N_FIELDS (sizeof fields / sizeof fields[0])

/* ---- one write and one read per type ---- */

typedef void write_field(struct jwrite *w, const struct field *f, const void *from);
typedef bool read_field(jval v, const struct field *f, struct arena *arena, void *to);

static void write_int(struct jwrite *w, const struct field *f, const void *from)
{
	const int64_t *n = from;

	if (*n != 0)
		jwrite_int(w, f->key, *n);
}

static void write_when(struct jwrite *w, const struct field *f, const void *from)
{
	const int64_t *ms = from;

	if (*ms != WHEN_UNKNOWN)
		jwrite_int(w, f->key, *ms);
}

static void write_text(struct jwrite *w, const struct field *f, const void *from)
{
	const struct text *t = from;

	if (t->len > 0)
		jwrite_text(w, f->key, *t);
}

static void write_oid(struct jwrite *w, const struct field *f, const void *from)
{
	const struct oid *oid = from;

	if (oid_known(oid))
		jwrite_text(w, f->key, oid_text(oid));
}

static void write_name(struct jwrite *w, const struct field *f, const void *from)
{
	unsigned value;

	memcpy(&value, from, sizeof value);
	assert(value < f->names->n);
	if (value > 0)
		jwrite_text(w, f->key, text_of(f->names->at[value]));
}

static bool read_int(jval v, const struct field *f, struct arena *arena, void *to)
{
	struct err ignored;

	(void)f;
	(void)arena;
	return jneed_int(v, "", to, &ignored);
}

static bool read_text(jval v, const struct field *f, struct arena *arena, void *to)
{
	struct err ignored;
	struct text t;

	(void)f;
	if (!jneed_text(v, "", &t, &ignored))
		return false;
	*(struct text *)to = arena_text(arena, t);
	return true;
}

static bool read_oid(jval v, const struct field *f, struct arena *arena, void *to)
{
	(void)f;
	(void)arena;
	return oid_parse(jtext(v, ""), to);
}

static bool read_name(jval v, const struct field *f, struct arena *arena, void *to)
{
	struct text t = jtext(v, "");

	(void)arena;
	for (unsigned i = 0; i < f->names->n; i++) {
		if (!text_is(t, f->names->at[i]))
			continue;
		memcpy(to, &i, sizeof i);
		return true;
	}
	return false;
}

static const struct {
	write_field *write;
	read_field *read;
} types[FIELD_TYPES] = {
	[FIELD_INT] = {write_int, read_int},    [FIELD_WHEN] = {write_when, read_int},
	[FIELD_TEXT] = {write_text, read_text}, [FIELD_OID] = {write_oid, read_oid},
	[FIELD_NAME] = {write_name, read_name},
};

/* ---- both directions ---- */

struct text event_encode(const struct event *event, struct arena *arena)
{
	struct jwrite *w = jwrite_new();
	struct text out;

	jwrite_object(w, NULL);
	jwrite_int(w, "v", VERSION);
	for (size_t i = 0; i < N_FIELDS; i++)
		types[fields[i].type].write(w, &fields[i], (const char *)event + fields[i].offset);
	jwrite_end(w);
	out = arena_text(arena, jwrite_text_of(w));
	jwrite_free(w);
	return out;
}

struct event event_unknown(void)
{
	struct event event = {0};

	for (size_t i = 0; i < N_FIELDS; i++)
		if (fields[i].type == FIELD_WHEN)
			*(int64_t *)(void *)((char *)&event + fields[i].offset) = WHEN_UNKNOWN;
	return event;
}

/* Behind the last one: they stand in the order in which they were written, as long as nobody touched them. */
static const struct field *field_of(struct text key, const struct field *last)
{
	size_t from = last ? (size_t)(last - fields) + 1 : 0;

	for (size_t i = 0; i < N_FIELDS; i++)
		if (text_is(key, fields[(from + i) % N_FIELDS].key))
			return &fields[(from + i) % N_FIELDS];
	return NULL;
}

static bool read_members(jval root, struct arena *arena, struct event *to, struct err *err)
{
	const struct field *f = NULL;
	struct text key;
	size_t i = 0;
	jval v;

	while (jmember(root, &i, &key, &v)) {
		if (text_is(key, "v"))
			continue;
		f = field_of(key, f);
		if (!f)
			return err_set(err, ERR_BROKEN, "stored event: unknown key %.*s", TEXT_ARG(text_cut(key, 64)));
		if (!types[f->type].read(v, f, arena, (char *)to + f->offset))
			return err_set(err, ERR_BROKEN, "stored event: malformed %s", f->key);
	}
	return true;
}

static bool decode(jval root, struct arena *arena, struct event *ret, struct err *err)
{
	int64_t version = jint(root, "v", 0);
	struct event event;

	if (version != VERSION)
		return err_set(err, ERR_BROKEN, "stored event: version %lld is not known", (long long)version);
	event = event_unknown();
	if (!read_members(root, arena, &event, err))
		return false;
	*ret = event;
	return true;
}

bool event_decode(struct text json, struct arena *arena, struct event *ret, struct err *err)
{
	struct jdoc *doc = jdoc_parse(json, err);
	bool ok;

	if (!doc) {
		err->code = ERR_BROKEN;
		return err_wrap(err, "stored event");
	}
	ok = decode(jdoc_root(doc), arena, ret, err);
	jdoc_free(doc);
	return ok;
}
