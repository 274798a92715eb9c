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

static bool is_whole(const struct tracker_bug *bug)
{
	return (bug->is.unread & (BUG_KEYWORDS | BUG_GROUPS | BUG_FLAGS | BUG_ATTACHMENTS)) == 0 &&
	       bug->attachments_told;
}

enum table_state bug_source_state(const struct bug_source *source, const struct tracker_bug *bug)
{
	const struct bug *is = &bug->is;
	bool whole = is_whole(bug);

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

bool bug_source_lacks_approval(const struct bug_source *source, const struct tracker_bug *bug)
{
	return bug->is.state == BUG_READ && is_whole(bug) && bug_source_state(source, bug) == TABLE_SECURE;
}

struct tracker_wanted bug_source_wanted(const struct bug_source *source)
{
	const struct bug_guard *guard = &source->guard;
	struct tracker_wanted wanted = {.flags = source->approvals.at,
					.n_flags = source->approvals.n,
					.marks = guard->flags.at,
					.n_marks = guard->flags.n};

	for (size_t i = 0; i < guard->flags.n; i++)
		wanted.fields = wanted.fields || text_starts(guard->flags.at[i], TEXT_LIT(TRACKER_FIELD));
	return wanted;
}

/* Trackers keep some flags of a bug as custom fields; they are asked for only where a policy names one. */
static bool names_field(const struct bugs_wanted *wanted)
{
	for (size_t i = 0; i < wanted->n_flags; i++)
		if (text_starts(wanted->flags[i], TEXT_LIT(TRACKER_FIELD)))
			return true;
	return false;
}

struct tracker_wanted bug_source_asked(const struct bugs_wanted *wanted)
{
	return (struct tracker_wanted){.flags = wanted->flags,
				       .n_flags = wanted->n_flags,
				       .groups = wanted->setter_groups,
				       .n_groups = wanted->n_setter_groups,
				       .revisions = wanted->revisions,
				       .fields = names_field(wanted)};
}

struct bug bug_source_facts(const struct bug_source *source, const struct tracker_bug *bug)
{
	struct bug facts = bug->is;

	facts.tracker = source->name;
	if (facts.state == BUG_READ && !bug->duplicates_told)
		facts.unread |= BUG_DUPLICATES;
	if (facts.state == BUG_READ && !bug->attachments_told)
		facts.unread |= BUG_ATTACHMENTS | BUG_FLAGS;
	return facts;
}

static bool tell_of_itself(const struct bug_source *source, struct tracker_bug *bug)
{
	enum table_state before = bug_table_state(source->table, bug->is.id), now;

	if (bug->is.state == BUG_MISSING && before >= TABLE_SECURE)
		bug->is = (struct bug){.tracker = bug->is.tracker,
				       .id = bug->is.id,
				       .state = BUG_HIDDEN,
				       .secure = TRI_YES,
				       .as_of = bug->is.as_of};
	now = bug_source_state(source, bug);
	if (before == TABLE_INSECURE && now == TABLE_UNKNOWN)
		now = TABLE_SECURE; /* the table cannot forget: as one that is secure it counts no more without a
				       reading */
	if (bug->is.state == BUG_HIDDEN)
		(void)bug_table_hidden(source->table, bug->is.id, bug->is.as_of);
	else if (now != TABLE_UNKNOWN)
		(void)bug_table_tell(source->table, bug->is.id, now, bug->is.as_of);
	return before != TABLE_UNKNOWN && now != TABLE_UNKNOWN && before != now;
}

static size_t n_others(const struct bug *bug)
{
	return bug->n_duplicates + 1;
}

static int64_t other_of(const struct bug *bug, size_t i) /* 0: none */
{
	return i < bug->n_duplicates ? bug->duplicates[i] : bug->dupe_of;
}

static bool is_one_with_secure(const struct bug_source *source, const struct bug *bug)
{
	bool any = false;

	for (size_t i = 0; i < n_others(bug) && !any; i++)
		any = other_of(bug, i) != 0 && bug_table_state(source->table, other_of(bug, i)) >= TABLE_SECURE;
	return any;
}

/* Whether the table had it otherwise. Of an approval of its own nothing is known here, and none is lost. */
static bool tell_as_secure(const struct bug_source *source, int64_t id, int64_t version)
{
	return bug_table_state(source->table, id) < TABLE_SECURE &&
	       bug_table_tell(source->table, id, TABLE_SECURE, version) == TABLE_TOLD_CHANGED;
}

void bug_source_tell_others(const struct bug_source *source, const struct tracker_bug *bug, struct arena *arena,
			    struct tracker_ids *ret)
{
	const struct bug *is = &bug->is;
	bool itself = bug_source_state(source, bug) >= TABLE_SECURE;
	int64_t *ids;

	*ret = (struct tracker_ids){NULL, 0};
	if (!source->tells_duplicates || is->state != BUG_READ || (!itself && !is_one_with_secure(source, is)))
		return;
	ret->at = ids = arena_alloc(arena, n_others(is), sizeof *ids);
	for (size_t i = 0; i < n_others(is); i++) {
		int64_t id = other_of(is, i);

		if (id == 0 || (!itself && bug_table_state(source->table, id) == TABLE_UNKNOWN))
			continue;
		if (tell_as_secure(source, id, is->as_of))
			ids[ret->n++] = id;
	}
}

bool bug_source_tell(const struct bug_source *source, struct tracker_bug *bug, struct arena *arena,
		     struct tracker_ids *ret_others)
{
	bool changed = tell_of_itself(source, bug);

	bug_source_tell_others(source, bug, arena, ret_others);
	return changed;
}

void bug_source_settle(const struct bug_source *source, const struct store *store, const struct bug *bug)
{
	const struct bugs_seen seen = {source->name, &bug->id, 1, bug->as_of};
	struct err err = ERR_NONE;

	(void)store_seen_bugs(store, &seen, &err);
}

bool bug_source_begin(const struct bug_source *source, const struct store *store, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct bug_due_query settled = {source->name, BUG_SETTLED, SIZE_MAX / 2};
	struct bug_news_list list, again;
	struct bug_news *at;

	if (!store_due_bugs(store, &settled, &arena, &list, err))
		return false;
	again = (struct bug_news_list){at = arena_alloc(&arena, list.n + 1, sizeof *at), 0};
	for (size_t i = 0; i < list.n; i++)
		if (bug_table_state(source->table, list.at[i].id) == TABLE_INSECURE &&
		    bug_table_seen(source->table, list.at[i].id) <= list.at[i].heard_at)
			at[again.n++] = list.at[i];
	return again.n == 0 || store_mark_bugs(store, source->name, BUG_DUE, &again, err);
}

/* ---- what is known without reading ---- */

/* When it was heard what the table says of the bug. Where nothing is read, what was told of the very bug is as good as
 * a whole table of that time. */
static int64_t heard_of(const struct bug_source *source, int64_t id)
{
	int64_t dated = bug_table_dated(source->table), seen = bug_table_seen(source->table, id);

	return !source->port.bug && seen > dated ? seen : dated;
}

static bool is_stale(const struct bug_source *source, int64_t id, int64_t now)
{
	int64_t heard = heard_of(source, id);

	return heard <= 0 || heard > now || now - heard > source->table_max_age_ms;
}

bool bug_source_can_tell(const struct bug_source *source, const struct bugs_wanted *wanted)
{
	return all_in(&source->keywords, wanted->keywords, wanted->n_keywords) &&
	       all_in(&source->groups, wanted->groups, wanted->n_groups);
}

static struct bug not_secure(const struct bug_source *source, int64_t id, int64_t as_of)
{
	return (struct bug){.tracker = source->name,
			    .id = id,
			    .state = BUG_READ,
			    .unread = BUG_FLAGS | BUG_ATTACHMENTS,
			    .secure = TRI_NO,
			    .as_of = as_of,
			    .from_table = true};
}

static bool counts_beside(const struct bug_source *source, const struct bug_asking *asking, struct bug *ret)
{
	int64_t as_of;

	if (!bug_table_fresh(source->table, asking->id, asking->now, &as_of) ||
	    !bug_source_can_tell(source, asking->wanted))
		return false;
	*ret = not_secure(source, asking->id, as_of);
	ret->unread |= source->tells_duplicates ? 0 : BUG_DUPLICATES;
	return true;
}

/* Which of several flags it was, no table tells. */
static bool approved(const struct bug_source *source, const struct bug_asking *asking, struct arena *arena,
		     struct bug *ret)
{
	struct bug_flag *flag = arena_alloc(arena, 1, sizeof *flag);
	struct bug_attachment *attachment = arena_alloc(arena, 1, sizeof *attachment);

	if (source->approvals.n != 1)
		return false;
	*flag = (struct bug_flag){.name = source->approvals.at[0], .status = BUG_FLAG_GRANTED};
	*attachment = (struct bug_attachment){.flags = flag, .n_flags = 1};
	*ret = not_secure(source, asking->id, heard_of(source, asking->id));
	ret->secure = TRI_YES;
	ret->unread |= BUG_KEYWORDS | BUG_GROUPS;
	ret->attachments = attachment;
	ret->n_attachments = 1;
	return true;
}

/* Whoever made the table answers for duplicates. */
static bool counts_alone(const struct bug_source *source, const struct bug_asking *asking, struct arena *arena,
			 struct bug *ret)
{
	enum table_state state = bug_table_state(source->table, asking->id);

	if (state == TABLE_INSECURE && bug_source_can_tell(source, asking->wanted)) {
		*ret = not_secure(source, asking->id, heard_of(source, asking->id));
		return true;
	}
	return state == TABLE_APPROVED && approved(source, asking, arena, ret);
}

/* Stale or not, as it was last seen; and no rule's word for what is unknown helps. */
static bool is_hidden(const struct bug_source *source, const struct bug_asking *asking, struct bug *ret)
{
	if (source->port.bug || bug_table_state(source->table, asking->id) < TABLE_SECURE)
		return false;
	*ret = (struct bug){.tracker = source->name,
			    .id = asking->id,
			    .state = BUG_HIDDEN,
			    .secure = TRI_YES,
			    .as_of = heard_of(source, asking->id),
			    .from_table = true};
	return true;
}

bool bug_source_counts(const struct bug_source *source, const struct bug_asking *asking, struct arena *arena,
		       struct bug *ret)
{
	const struct bug_ref ref = {source->name, asking->id, false};
	struct err err = ERR_NONE;
	bool due = true;

	if (is_stale(source, asking->id, asking->now) ||
	    (asking->store && (!store_bug_is_due(asking->store, &ref, &due, &err) || due)))
		return is_hidden(source, asking, ret);
	if (source->port.bug)
		return counts_beside(source, asking, ret);
	return counts_alone(source, asking, arena, ret) || is_hidden(source, asking, ret);
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
