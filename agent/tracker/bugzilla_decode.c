/*
 * What is taken out of answers about bugs: the few fields named here, each strictly of its type, each within its limit.
 * An error names the field, never what was in it. Nothing else of an answer is looked at.
 */
#include "agent/tracker/bugzilla_inner.h"

#include <string.h>

static bool wrong(struct err *err, const char *name, const char *what)
{
	return err_set(err, ERR_INVALID, "%s: %s", name, what);
}

/* A keyword's, group's or flag's name: what the tracker's administrators chose, and what policies may ask for. */
static bool take_word(struct arena *arena, jval v, const char *path, struct text *ret, struct err *err)
{
	struct text t;

	if (!jneed_text(v, path, &t, err))
		return false;
	if (t.len == 0)
		return wrong(err, path, "empty");
	if (t.len > TRACKER_WORD_MAX)
		return err_set(err, ERR_LIMIT, "a word of more than %zu bytes", TRACKER_WORD_MAX);
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.at[i] < 0x20 || t.at[i] == 0x7f)
			return err_set(err, ERR_INVALID, "a word with control bytes");
	*ret = arena_text(arena, t);
	return true;
}

static bool list_of(jval v, const char *name, size_t max, jval *ret, struct err *err)
{
	*ret = jget(v, name);
	if (!*ret || !jis_array(*ret))
		return wrong(err, name, "not a list");
	return jlen(*ret) <= max || err_set(err, ERR_LIMIT, "%s: more than %zu", name, max);
}

struct words {
	const struct text *at;
	size_t n;
};

static bool take_words(struct arena *arena, jval v, const char *name, struct words *ret, struct err *err)
{
	struct text *at;
	jval list;

	if (!list_of(v, name, TRACKER_KEYWORDS_MAX, &list, err))
		return false;
	at = arena_alloc(arena, jlen(list) + 1, sizeof *at);
	for (size_t i = 0; i < jlen(list); i++)
		if (!take_word(arena, jat(list, i), "", &at[i], err))
			return err_wrap(err, "%s", name);
	*ret = (struct words){at, jlen(list)};
	return true;
}

static bool need_bool(jval v, const char *name, bool *ret, struct err *err)
{
	enum tri tri = jtri(v, name);
	int64_t n = jint(v, name, -1);

	if (tri == TRI_UNKNOWN && n != 0 && n != 1)
		return wrong(err, name, "neither 0 nor 1");
	*ret = tri == TRI_YES || n == 1;
	return true;
}

static bool need_id(jval v, const char *name, int64_t *ret, struct err *err)
{
	return jneed_int(v, name, ret, err) && (*ret > 0 || wrong(err, name, "not a number of anything"));
}

/* ---- flags ---- */

static bool is_wanted(const struct tracker_wanted *wanted, const struct bug_flag *flag)
{
	for (size_t i = 0; flag->status == BUG_FLAG_GRANTED && i < wanted->n_flags; i++)
		if (text_eq(wanted->flags[i], flag->name))
			return true;
	return false;
}

static bool take_setter(const struct bugzilla_into *to, jval v, struct bug_flag *flag, struct err *err)
{
	struct bugzilla_open *open = to->open;
	struct text login = jtext(v, "setter");

	if (to->wanted->n_groups == 0 || !is_wanted(to->wanted, flag) || !login.len)
		return true;
	if (open->n_setters == TRACKER_SETTERS_MAX)
		return err_set(err, ERR_LIMIT, "flags: more than %d whose setter is asked for", TRACKER_SETTERS_MAX);
	if (login.len > TRACKER_WORD_MAX)
		return err_set(err, ERR_LIMIT, "setter: more than %zu bytes", TRACKER_WORD_MAX);
	open->setters[open->n_setters++] = (struct bugzilla_setter){arena_text(to->scratch, login), flag};
	return true;
}

static bool take_flag(const struct bugzilla_into *to, jval v, struct bug_flag *ret, struct err *err)
{
	struct text status;

	if (!take_word(to->arena, v, "name", &ret->name, err) || !jneed_text(v, "status", &status, err))
		return false;
	if (status.len != 1 || !strchr("?+-", status.at[0]))
		return wrong(err, "status", "none that a flag can have");
	ret->status = (enum bug_flag_status)status.at[0];
	return take_setter(to, v, ret, err);
}

static bool take_flags(const struct bugzilla_into *to, jval v, const struct bug_flag **ret, size_t *ret_n,
		       struct err *err)
{
	struct bug_flag *at;
	jval list;

	if (!list_of(v, "flags", TRACKER_FLAGS_MAX, &list, err))
		return false;
	at = arena_alloc(to->arena, jlen(list) + 1, sizeof *at);
	for (size_t i = 0; i < jlen(list); i++)
		if (!take_flag(to, jat(list, i), &at[i], err))
			return err_wrap(err, "flags");
	*ret = at;
	*ret_n = jlen(list);
	return true;
}

/* ---- attachments ---- */

/* Which revision it stands for is asked only where that can count. */
static bool take_stub(const struct bugzilla_into *to, jval v, struct bug_attachment *a, struct err *err)
{
	struct text type;
	bool counts = false;

	if (!jneed_text(v, "content_type", &type, err))
		return false;
	for (size_t i = 0; i < a->n_flags; i++)
		counts = counts || is_wanted(to->wanted, &a->flags[i]);
	if (!to->wanted->revisions || !counts || a->obsolete || !bugzilla_is_stub(type))
		return true;
	if (to->open->n_stubs == TRACKER_STUBS_MAX)
		return err_set(err, ERR_LIMIT, "attachments: more than %d whose revision is asked for",
			       TRACKER_STUBS_MAX);
	to->open->stubs[to->open->n_stubs++] = a;
	return true;
}

static bool take_attachment(const struct bugzilla_into *to, jval v, struct bug_attachment *ret, struct err *err)
{
	int64_t bug = jint(v, "bug_id", to->bug->is.id);

	if (bug != to->bug->is.id)
		return wrong(err, "bug_id", "of another bug");
	return need_id(v, "id", &ret->id, err) && need_bool(v, "is_obsolete", &ret->obsolete, err) &&
	       need_bool(v, "is_patch", &ret->patch, err) && take_flags(to, v, &ret->flags, &ret->n_flags, err) &&
	       (ret->obsolete || bugzilla_take_marks(to, jget(v, "flags"), ret->id, err)) && take_stub(to, v, ret, err);
}

bool bugzilla_take_attachments(const struct bugzilla_into *to, jval list, struct err *err)
{
	struct bug_attachment *at;

	if (!list || !jis_array(list))
		return wrong(err, "attachments", "not a list");
	if (jlen(list) > TRACKER_ATTACHMENTS_MAX)
		return err_set(err, ERR_LIMIT, "attachments: more than %d", TRACKER_ATTACHMENTS_MAX);
	at = arena_alloc(to->arena, jlen(list) + 1, sizeof *at);
	for (size_t i = 0; i < jlen(list); i++) {
		if (!take_attachment(to, jat(list, i), &at[i], err))
			return err_wrap(err, "attachments");
		for (size_t j = 0; j < i; j++)
			if (at[j].id == at[i].id)
				return wrong(err, "attachments", "the same one twice");
	}
	to->bug->is.attachments = at;
	to->bug->is.n_attachments = jlen(list);
	to->bug->attachments_told = true;
	return true;
}

/* ---- the bug ---- */

static bool take_state(const struct bugzilla_into *to, jval v, struct err *err)
{
	struct bug *bug = &to->bug->is;
	enum tri open = jtri(v, "is_open");
	struct text resolution;

	if (!jneed_text(v, "resolution", &resolution, err))
		return false;
	if (resolution.len && !take_word(to->arena, v, "resolution", &bug->resolution, err))
		return false;
	if (open == TRI_UNKNOWN)
		return wrong(err, "is_open", "neither true nor false");
	if ((open == TRI_YES) != (resolution.len == 0))
		return wrong(err, "is_open", "contradicts the resolution");
	bug->open = open;
	return true;
}

static bool has(jval v, const char *name)
{
	struct text key;
	size_t i = 0;
	jval ignored;

	while (jmember(v, &i, &key, &ignored))
		if (text_is(key, name))
			return true;
	return false;
}

/* null, or another bug. */
static bool take_dupe(const struct bugzilla_into *to, jval v, struct err *err)
{
	struct bug *bug = &to->bug->is;

	if (!jget(v, "dupe_of"))
		return has(v, "dupe_of") || wrong(err, "dupe_of", "missing");
	return need_id(v, "dupe_of", &bug->dupe_of, err) &&
	       (bug->dupe_of != bug->id || wrong(err, "dupe_of", "the bug itself"));
}

static bool take_time(const struct bugzilla_into *to, jval v, struct err *err)
{
	to->bug->changed_at = jwhen(v, "last_change_time");
	return to->bug->changed_at != WHEN_UNKNOWN || wrong(err, "last_change_time", "not a time");
}

bool bugzilla_take_bug(const struct bugzilla_into *to, jval v, int64_t id, struct err *err)
{
	struct bug *bug = &to->bug->is;
	struct words groups = {NULL, 0}, keywords = {NULL, 0};
	int64_t said;

	if (!need_id(v, "id", &said, err))
		return false;
	if (said != id)
		return wrong(err, "id", "another bug than the one asked for");
	bug->id = id;
	if (!take_words(to->arena, v, "groups", &groups, err) ||
	    !take_words(to->arena, v, "keywords", &keywords, err) || !take_state(to, v, err) ||
	    !take_dupe(to, v, err) || !take_time(to, v, err))
		return false;
	bug->groups = groups.at;
	bug->n_groups = groups.n;
	bug->keywords = keywords.at;
	bug->n_keywords = keywords.n;
	bug->secure = bug->n_groups ? TRI_YES : TRI_NO;
	bug->state = BUG_READ;
	return true;
}

/* Its number and its time are known before: what was taken of it before the mistake counts for nothing. */
void bugzilla_take_hint(const struct bugzilla_into *to, jval v)
{
	const struct tracker_bug unread = *to->bug;
	struct err err = ERR_NONE;

	if (!bugzilla_take_bug(to, v, unread.is.id, &err))
		*to->bug = unread;
}

static bool take_duplicates(const struct bugzilla_into *to, jval v, struct err *err)
{
	int64_t *at;
	jval list;

	if (!list_of(v, "duplicates", TRACKER_DUPLICATES_MAX, &list, err))
		return false;
	at = arena_alloc(to->arena, jlen(list) + 1, sizeof *at);
	for (size_t i = 0; i < jlen(list); i++)
		if (!need_id(jat(list, i), "", &at[i], err))
			return err_wrap(err, "duplicates");
	to->bug->is.duplicates = at;
	to->bug->is.n_duplicates = jlen(list);
	to->bug->duplicates_told = true;
	return true;
}

bool bugzilla_take_more(const struct bugzilla_into *to, jval v, bool duplicates, struct err *err)
{
	struct bug *bug = &to->bug->is;

	return take_flags(to, v, &bug->flags, &bug->n_flags, err) &&
	       bugzilla_take_marks(to, jget(v, "flags"), 0, err) &&
	       (!to->wanted->fields || bugzilla_take_fields(to, v, err)) &&
	       (!duplicates || take_duplicates(to, v, err));
}
