#include "webhooks/bugzilla.h"

#include "policy/arena_wipe.h"
#include "webhooks/bug_hint.h"
#include "webhooks/crypto.h"
#include "webhooks/head.h"

/* ---- who delivers ---- */

bool bugzilla_admit(const struct bugzilla_hook *hook, const struct header *headers, size_t n, struct refusal *refusal)
{
	struct text value = TEXT_EMPTY;
	size_t found = head_find(headers, n, hook->header ? hook->header : "Authorization", &value);

	if (hook->secret.len > 0) {
		if (found != 1)
			return refuse(refusal, found ? REASON_TOKEN_DOUBLED : REASON_TOKEN_MISSING);
		if (!crypto_equal_texts(value, hook->secret))
			return refuse(refusal, REASON_BAD_TOKEN);
	}
	return head_content(headers, n, refusal);
}

/* ---- what was touched ---- */

/* Changed fields, as routing keys have them. Those of no row weaken nothing. */
static const struct bugzilla_word words[] = {
	{"flag.", BUG_TOUCHED_FLAGS},
	{"flagtypes.name", BUG_TOUCHED_FLAGS},
	{"isobsolete", BUG_TOUCHED_ATTACHMENT},
	{"is_obsolete", BUG_TOUCHED_ATTACHMENT},
	{"isprivate", BUG_TOUCHED_ATTACHMENT | BUG_TOUCHED_GROUPS},
	{"is_private", BUG_TOUCHED_ATTACHMENT | BUG_TOUCHED_GROUPS},
	{"mimetype", BUG_TOUCHED_ATTACHMENT},
	{"ispatch", BUG_TOUCHED_ATTACHMENT},
	{"keywords", BUG_TOUCHED_KEYWORDS},
	{"groups", BUG_TOUCHED_GROUPS},
	{"bug_group", BUG_TOUCHED_GROUPS},
	{"product", BUG_TOUCHED_GROUPS},
	{"status", BUG_TOUCHED_RESOLUTION},
	{"bug_status", BUG_TOUCHED_RESOLUTION},
	{"resolution", BUG_TOUCHED_RESOLUTION},
	{"dupe_of", BUG_TOUCHED_DUPLICATES},
	{"duplicates", BUG_TOUCHED_DUPLICATES},
	{"cf_", BUG_TOUCHED_FIELDS},
};

const struct bugzilla_word *bugzilla_word_at(size_t i)
{
	return i < sizeof words / sizeof words[0] ? &words[i] : NULL;
}

static int64_t touched_by(struct text field)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		struct text word = text_of(words[i].word);
		bool prefix = word.at[word.len - 1] == '.' || word.at[word.len - 1] == '_';

		if (prefix ? text_starts(field, word) : text_eq_nocase(field, word))
			return words[i].touched;
	}
	return 0;
}

/* "keywords,status" */
static int64_t touched_by_all(struct text fields)
{
	int64_t all = 0;

	if (fields.len == 0)
		return BUG_TOUCHED_ALL; /* modified, and not a word of what */
	for (size_t start = 0, i = 0; i <= fields.len; i++) {
		if (i < fields.len && fields.at[i] != ',')
			continue;
		all |= i > start ? touched_by((struct text){fields.at + start, i - start}) : BUG_TOUCHED_ALL;
		start = i + 1;
	}
	return all;
}

/* TARGET.ACTION of a routing key. Any other touches everything. */
static const struct target {
	const char *name; /* for people and the journal: never what was sent */
	bool fields;      /* the key goes on with those that changed */
	bool ignored;
	int64_t touched;
} targets[] = {
	{"bug.create", false, false, BUG_TOUCHED_EXISTENCE},
	{"bug.modify", true, false, 0},
	{"attachment.create", false, false, 0},
	{"attachment.modify", true, false, 0},
	{"comment.create", false, true, 0},
};

static const struct target *target_of(struct text key, struct text *ret_fields)
{
	size_t colon = text_find(key, TEXT_LIT(":"));

	*ret_fields = TEXT_EMPTY;
	if (colon != SIZE_MAX) {
		*ret_fields = (struct text){key.at + colon + 1, key.len - colon - 1};
		key.len = colon;
	}
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
		if (text_is(key, targets[i].name) && (targets[i].fields || colon == SIZE_MAX))
			return &targets[i];
	return NULL;
}

/* ---- the body ---- */

enum { FIELD_BUG = 0, FIELD_ATTACHMENT, FIELD_KEY, FIELD_TIME, FIELD_ROOT, FIELDS };
static const char *const paths[FIELDS] = {
	[FIELD_BUG] = "bug.id",
	[FIELD_ATTACHMENT] = "bug.attachment.id",
	[FIELD_KEY] = "event.routing_key",
	[FIELD_TIME] = "event.time",
	[FIELD_ROOT] = "",
};

/* UTC, written without a zone. */
static int64_t time_of(const struct scan_value *v, struct arena *scratch)
{
	int64_t at = 0;

	if (v->type != SCAN_STRING || v->text.len > 40)
		return 0;
	if (!when_parse(v->text, &at) && !when_parse(arena_printf(scratch, "%.*sZ", TEXT_ARG(v->text)), &at))
		return 0;
	return at;
}

static void take_key(struct delivery *d, const struct scan_value *v)
{
	struct text fields = TEXT_EMPTY;
	const struct target *target = v->type == SCAN_STRING ? target_of(v->text, &fields) : NULL;

	d->action = text_of(target ? target->name : "other");
	d->event.bug.touched = !target ? BUG_TOUCHED_ALL : target->fields ? touched_by_all(fields) : target->touched;
	if (target && target->ignored)
		(void)bug_hint_set(d, DELIVERY_IGNORED, "a comment");
	else if (v->type != SCAN_STRING)
		(void)bug_hint_set(d, DELIVERY_APPLY,
				   scan_missing(v) ? "event.routing_key: missing" : "event.routing_key: not a text");
	else if (!target)
		(void)bug_hint_set(d, DELIVERY_APPLY, "event.routing_key: not one that is known");
}

static void take_facts(struct delivery *d, const struct scan_value *values, struct arena *scratch)
{
	const struct scan_value *bug = &values[FIELD_BUG], *attachment = &values[FIELD_ATTACHMENT];

	if (bug->type != SCAN_INTEGER || bug->integer <= 0 || bug->integer > BUG_HINT_ID_MAX) {
		d->action = TEXT_LIT("other");
		(void)bug_hint_set(d, DELIVERY_QUARANTINED,
				   scan_missing(bug) ? "bug.id: missing" : "bug.id: not a bug's number");
		return;
	}
	d->event.kind = EVENT_BUG;
	d->event.bug.id = bug->integer;
	take_key(d, &values[FIELD_KEY]);
	d->event.bug.at = time_of(&values[FIELD_TIME], scratch);
	if (attachment->type == SCAN_INTEGER && attachment->integer > 0)
		d->event.bug.attachment = attachment->integer;
	else if (!scan_missing(attachment) && !d->note.len)
		d->note = TEXT_LIT("bug.attachment.id: not an attachment's number");
}

bool normalize_bugzilla(const struct bugzilla_hook *hook, struct text body, struct arena *arena, struct delivery *ret,
			struct err *err)
{
	auto_wiped struct arena scratch = ARENA_EMPTY; /* of the body's own texts */
	static const struct bug_hint_fields fields = {paths, FIELDS};
	struct scan_value values[FIELDS];
	struct delivery d = bug_hint_begin("bugzilla", hook->tracker);

	if (!bug_hint_scan(&fields, body, &scratch, values, err))
		return false;
	take_facts(&d, values, &scratch);
	bug_hint_end(&d, arena, ret);
	return true;
}
