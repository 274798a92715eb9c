#include "agent/work/bug_source.h"

#include "agent/base/facts_bugs.h"

static bool has(const struct bug_words *words, struct text word)
{
	for (size_t i = 0; i < words->n; i++)
		if (text_eq_nocase(words->at[i], word))
			return true;
	return false;
}

static bool shares(const struct bug_words *words, const struct text *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (has(words, at[i]))
			return true;
	return false;
}

static bool all_in(const struct bug_words *words, const struct text *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!has(words, at[i]))
			return false;
	return true;
}

/* ---- what was read ---- */

/* Beside a + that another denied, no + counts. */
static bool is_approved(const struct bug_source *source, const struct bug_attachment *attachment)
{
	bool granted = false;

	for (size_t i = 0; i < attachment->n_flags; i++) {
		if (!has(&source->approvals, attachment->flags[i].name))
			continue;
		if (attachment->flags[i].status == BUG_FLAG_DENIED)
			return false;
		granted = granted || attachment->flags[i].status == BUG_FLAG_GRANTED;
	}
	return granted && !attachment->obsolete;
}

static bool any_approved(const struct bug_source *source, const struct bug *bug)
{
	for (size_t i = 0; i < bug->n_attachments; i++)
		if (is_approved(source, &bug->attachments[i]))
			return true;
	return false;
}

enum table_state bug_source_state(const struct bug_source *source, const struct tracker_bug *bug)
{
	const struct bug *is = &bug->is;
	bool whole =
		(is->unread & (BUG_KEYWORDS | BUG_GROUPS | BUG_FLAGS | BUG_ATTACHMENTS)) == 0 && bug->attachments_told;

	if (is->state == BUG_HIDDEN)
		return TABLE_SECURE;
	if (is->state != BUG_READ)
		return TABLE_UNKNOWN;
	if (is->secure == TRI_YES || shares(&source->keywords, is->keywords, is->n_keywords) ||
	    shares(&source->groups, is->groups, is->n_groups))
		return whole && any_approved(source, is) ? TABLE_APPROVED : TABLE_SECURE;
	if (!whole || is->secure == TRI_UNKNOWN || is->dupe_of != 0 || is->n_duplicates > 0)
		return TABLE_UNKNOWN;
	return TABLE_INSECURE;
}

bool bug_source_tell(const struct bug_source *source, struct tracker_bug *bug)
{
	enum table_state before = bug_table_state(source->table, bug->is.id), now;

	if (bug->is.state == BUG_MISSING && before >= TABLE_SECURE)
		bug->is = (struct bug){.tracker = bug->is.tracker,
				       .id = bug->is.id,
				       .state = BUG_HIDDEN,
				       .secure = TRI_YES,
				       .as_of = bug->is.as_of};
	now = bug_source_state(source, bug);
	if (bug->is.state == BUG_HIDDEN)
		(void)bug_table_hidden(source->table, bug->is.id, bug->is.as_of);
	else if (now != TABLE_UNKNOWN)
		(void)bug_table_tell(source->table, bug->is.id, now, bug->is.as_of);
	return before != TABLE_UNKNOWN && now != TABLE_UNKNOWN && before != now;
}

/* ---- what is known without reading ---- */

/* Where nothing is read, what was told of the very bug is as good as a whole table of that time. */
static bool is_stale(const struct bug_source *source, int64_t as_of, int64_t now)
{
	int64_t dated = bug_table_dated(source->table);

	if (!source->port.bug && as_of > dated)
		dated = as_of;
	return dated <= 0 || dated > now || now - dated > source->table_max_age_ms;
}

bool bug_source_can_tell(const struct bug_source *source, const struct bugs_wanted *wanted)
{
	return all_in(&source->keywords, wanted->keywords, wanted->n_keywords) &&
	       all_in(&source->groups, wanted->groups, wanted->n_groups);
}

bool bug_source_counts(const struct bug_source *source, const struct store *store, const struct bugs_wanted *wanted,
		       int64_t id, int64_t now, struct bug *ret)
{
	const struct bug_ref ref = {source->name, id, false};
	struct err err = ERR_NONE;
	int64_t as_of;
	bool due = true;

	if (!bug_table_fresh(source->table, id, now, &as_of) || is_stale(source, as_of, now) ||
	    !bug_source_can_tell(source, wanted))
		return false;
	if (store && (!store_bug_is_due(store, &ref, &due, &err) || due))
		return false;
	*ret = (struct bug){.tracker = source->name,
			    .id = id,
			    .state = BUG_READ,
			    .unread = BUG_FLAGS | BUG_ATTACHMENTS | (source->tells_duplicates ? 0 : BUG_DUPLICATES),
			    .secure = TRI_NO,
			    .as_of = as_of,
			    .from_table = true};
	return true;
}

struct text bug_source_content(const struct bug *bug, struct arena *arena)
{
	struct bug timeless = *bug;
	const struct facts facts = {.bugs = &timeless, .n_bugs = 1};
	struct jwrite *w = jwrite_new();
	struct text text;

	timeless.as_of = 0;
	jwrite_object(w, NULL);
	facts_put_bugs(w, &facts, arena);
	jwrite_end(w);
	text = arena_text(arena, jwrite_text_of(w));
	jwrite_free(w);
	return text;
}
