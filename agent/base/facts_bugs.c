/*
 * Bugs of facts as JSON, both ways. A list of a bug that was read is null where it was not read itself; what it is a
 * duplicate of is none where nothing is said.
 */
#include "agent/base/facts_bugs.h"

#include <stdio.h>

/* ---- writing ---- */

static void put_tri(struct jwrite *w, const char *key, enum tri t)
{
	if (t == TRI_UNKNOWN)
		jwrite_null(w, key);
	else
		jwrite_bool(w, key, t == TRI_YES);
}

static void put_names(struct jwrite *w, const char *key, const struct text *names, size_t n)
{
	jwrite_array(w, key);
	for (size_t i = 0; i < n; i++)
		jwrite_text(w, NULL, names[i]);
	jwrite_end(w);
}

static void put_flag(struct jwrite *w, const struct bug_flag *flag)
{
	const char status = (char)flag->status;

	jwrite_object(w, NULL);
	jwrite_text(w, "status", (struct text){&status, 1});
	if (flag->setter != 0)
		jwrite_int(w, "setter", flag->setter);
	if (flag->setter_groups_known)
		put_names(w, "groups", flag->groups, flag->n_groups);
	jwrite_end(w);
}

static bool named_before(const struct bug_flag *flags, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (text_eq(flags[k].name, flags[i].name))
			return true;
	return false;
}

static void put_flags(struct jwrite *w, const struct bug_flag *flags, size_t n, struct arena *arena)
{
	jwrite_object(w, "flags");
	for (size_t i = 0; i < n; i++) {
		if (named_before(flags, i))
			continue;
		jwrite_array(w, arena_text(arena, flags[i].name).at);
		for (size_t k = i; k < n; k++)
			if (text_eq(flags[k].name, flags[i].name))
				put_flag(w, &flags[k]);
		jwrite_end(w);
	}
	jwrite_end(w);
}

static void put_attachment(struct jwrite *w, const struct bug_attachment *attachment, struct arena *arena)
{
	jwrite_object(w, NULL);
	jwrite_int(w, "id", attachment->id);
	jwrite_bool(w, "obsolete", attachment->obsolete);
	jwrite_bool(w, "patch", attachment->patch);
	if (attachment->revision.len > 0)
		jwrite_text(w, "revision", attachment->revision);
	put_flags(w, attachment->flags, attachment->n_flags, arena);
	jwrite_end(w);
}

/* What is not written was not read. */
static void put_lists(struct jwrite *w, const struct bug *bug, struct arena *arena)
{
	if (!(bug->unread & BUG_KEYWORDS))
		put_names(w, "keywords", bug->keywords, bug->n_keywords);
	if (!(bug->unread & BUG_GROUPS))
		put_names(w, "groups", bug->groups, bug->n_groups);
	if (!(bug->unread & BUG_FLAGS))
		put_flags(w, bug->flags, bug->n_flags, arena);
	if (!(bug->unread & BUG_ATTACHMENTS) || bug->n_attachments > 0) {
		jwrite_array(w, "attachments");
		for (size_t i = 0; i < bug->n_attachments; i++)
			put_attachment(w, &bug->attachments[i], arena);
		jwrite_end(w);
	}
	if ((bug->unread & BUG_ATTACHMENTS) && bug->n_attachments > 0)
		jwrite_bool(w, "attachments_unread", true);
	if (bug->unread & BUG_DUPLICATES)
		jwrite_bool(w, "duplicates_unread", true);
	if (bug->dupe_of != 0)
		jwrite_int(w, "dupe_of", bug->dupe_of);
	if (bug->n_duplicates > 0) {
		jwrite_array(w, "duplicates");
		for (size_t i = 0; i < bug->n_duplicates; i++)
			jwrite_int(w, NULL, bug->duplicates[i]);
		jwrite_end(w);
	}
}

static void put_bug(struct jwrite *w, const struct bug *bug, struct arena *arena)
{
	jwrite_object(w, arena_printf(arena, "%.*s:%lld", TEXT_ARG(bug->tracker), (long long)bug->id).at);
	if (bug->state != BUG_UNREAD)
		jwrite_bool(w, "exists", bug->state != BUG_MISSING);
	if (bug->state == BUG_HIDDEN)
		jwrite_bool(w, "hidden", true);
	put_tri(w, "secure", bug->secure);
	put_tri(w, "open", bug->open);
	if (bug->resolution.len > 0)
		jwrite_text(w, "resolution", bug->resolution);
	if (bug->state == BUG_READ)
		put_lists(w, bug, arena);
	if (bug->as_of != 0)
		facts_put_when(w, "as_of", bug->as_of);
	if (bug->from_table)
		jwrite_bool(w, "from_table", true);
	jwrite_end(w);
}

void facts_put_bugs(struct jwrite *w, const struct facts *facts, struct arena *arena)
{
	if (facts->n_bugs == 0)
		return;
	jwrite_object(w, "bugs");
	for (size_t i = 0; i < facts->n_bugs; i++)
		put_bug(w, &facts->bugs[i], arena);
	jwrite_end(w);
}

/* ---- reading ---- */

static size_t members(jval object)
{
	size_t i = 0, n = 0;
	struct text key;
	jval value;

	while (jmember(object, &i, &key, &value))
		n++;
	return n;
}

static bool get_names(struct reading *r, jval at, const char *key, const struct text **ret, size_t *ret_n)
{
	jval all;
	bool known = reading_array(r, at, key, &all, ret_n);
	struct text *names = arena_alloc(r->arena, *ret_n, sizeof *names);

	for (size_t i = 0; i < *ret_n; i++)
		names[i] = reading_text_value(r, jat(all, i), key);
	*ret = names;
	return known;
}

static enum tri get_tri(struct reading *r, jval at, const char *key)
{
	bool known, yes = reading_bool(r, at, key, &known);

	if (!known)
		return TRI_UNKNOWN;
	return yes ? TRI_YES : TRI_NO;
}

static void get_status(struct reading *r, struct text t, struct bug_flag *ret)
{
	if (t.len != 1 || (t.at[0] != BUG_FLAG_ASKED && t.at[0] != BUG_FLAG_GRANTED && t.at[0] != BUG_FLAG_DENIED))
		reading_wrong(r, "status", "not one of ?, +, -");
	else
		ret->status = (enum bug_flag_status)t.at[0];
}

static void get_flag(struct reading *r, jval at, struct bug_flag *ret)
{
	static const char *const keys[] = {"status", "setter", "groups", NULL};

	if (!jis_object(at)) {
		get_status(r, reading_text_value(r, at, "flag"), ret);
		return;
	}
	reading_keys(r, at, keys);
	get_status(r, reading_text(r, at, "status"), ret);
	ret->setter = reading_id(r, at, "setter");
	ret->setter_groups_known = get_names(r, at, "groups", &ret->groups, &ret->n_groups);
}

/* By name: "+", or {"status": "+"}, or a list of these. */
static bool get_flags(struct reading *r, jval at, const struct bug_flag **ret, size_t *ret_n)
{
	struct bug_flag *flags;
	size_t i = 0, room = 0, n = 0;
	struct text name;
	jval all, value;

	if (!reading_object(r, at, "flags", &all))
		return false;
	while (jmember(all, &i, &name, &value))
		room += jis_array(value) ? jlen(value) : 1;
	flags = arena_alloc(r->arena, room, sizeof *flags);
	for (i = 0; !r->bad && jmember(all, &i, &name, &value);) {
		bool list = jis_array(value);

		for (size_t k = 0; !r->bad && k < (list ? jlen(value) : 1); k++) {
			flags[n].name = arena_text(r->arena, name);
			get_flag(r, list ? jat(value, k) : value, &flags[n++]);
		}
	}
	*ret = flags;
	*ret_n = n;
	return true;
}

/* False: something of it that counts was not read. */
static bool get_attachment(struct reading *r, jval at, struct bug_attachment *ret)
{
	static const char *const keys[] = {"id", "obsolete", "patch", "revision", "flags", NULL};
	bool known;

	if (!jis_object(at))
		reading_wrong(r, "attachments", "not an object");
	reading_keys(r, at, keys);
	ret->id = reading_id(r, at, "id");
	ret->obsolete = reading_bool(r, at, "obsolete", &known);
	ret->patch = reading_bool(r, at, "patch", NULL);
	ret->revision = reading_text(r, at, "revision");
	return get_flags(r, at, &ret->flags, &ret->n_flags) && known;
}

static bool get_attachments(struct reading *r, jval at, struct bug *ret)
{
	struct bug_attachment *attachments;
	bool known;
	jval all;

	known = reading_array(r, at, "attachments", &all, &ret->n_attachments);
	attachments = arena_alloc(r->arena, ret->n_attachments, sizeof *attachments);
	for (size_t i = 0; i < ret->n_attachments && !r->bad; i++)
		known = get_attachment(r, jat(all, i), &attachments[i]) && known;
	ret->attachments = attachments;
	if (!known)
		ret->n_attachments = 0;
	return known;
}

static void get_duplicates(struct reading *r, jval at, struct bug *ret)
{
	int64_t *ids;
	struct err ignored;
	jval all;

	ret->dupe_of = reading_id(r, at, "dupe_of");
	(void)reading_array(r, at, "duplicates", &all, &ret->n_duplicates);
	ids = arena_alloc(r->arena, ret->n_duplicates, sizeof *ids);
	for (size_t i = 0; i < ret->n_duplicates; i++)
		if (!jneed_int(jat(all, i), "", &ids[i], &ignored) || ids[i] <= 0)
			reading_wrong(r, "duplicates", "not numbers");
	ret->duplicates = ids;
}

static void get_lists(struct reading *r, jval at, struct bug *ret)
{
	ret->unread |= get_names(r, at, "keywords", &ret->keywords, &ret->n_keywords) ? 0u : BUG_KEYWORDS;
	ret->unread |= get_names(r, at, "groups", &ret->groups, &ret->n_groups) ? 0u : BUG_GROUPS;
	ret->unread |= get_flags(r, at, &ret->flags, &ret->n_flags) ? 0u : BUG_FLAGS;
	ret->unread |= get_attachments(r, at, ret) ? 0u : BUG_ATTACHMENTS;
	ret->unread |= reading_bool(r, at, "attachments_unread", NULL) ? BUG_ATTACHMENTS : 0u;
	ret->unread |= reading_bool(r, at, "duplicates_unread", NULL) ? BUG_DUPLICATES : 0u;
	get_duplicates(r, at, ret);
}

/* An open bug has an empty resolution; one that is not told is not known. */
static enum tri get_open(struct reading *r, jval at, const struct bug *bug)
{
	enum tri open = get_tri(r, at, "open");

	if (open != TRI_UNKNOWN || !jget(at, "resolution"))
		return open;
	return bug->resolution.len == 0 ? TRI_YES : TRI_NO;
}

static void get_bug(struct reading *r, jval at, struct bug *ret)
{
	static const char *const keys[] = {
		"exists",      "hidden",  "secure",     "open",  "resolution", "keywords",          "groups", "flags",
		"attachments", "dupe_of", "duplicates", "as_of", "from_table", "duplicates_unread", "attachments_unread", NULL};
	enum tri exists = get_tri(r, at, "exists");

	reading_keys(r, at, keys);
	if (exists != TRI_UNKNOWN)
		ret->state = exists == TRI_YES ? BUG_READ : BUG_MISSING;
	if (reading_bool(r, at, "hidden", NULL))
		ret->state = BUG_HIDDEN;
	ret->secure = get_tri(r, at, "secure");
	ret->resolution = reading_text(r, at, "resolution");
	ret->open = get_open(r, at, ret);
	if (ret->state == BUG_READ)
		get_lists(r, at, ret);
	ret->as_of = jget(at, "as_of") ? reading_when(r, at, "as_of") : 0;
	ret->from_table = reading_bool(r, at, "from_table", NULL);
}

/* "TRACKER:ID" */
static bool get_key(struct reading *r, struct text key, struct bug *ret)
{
	size_t colon = key.len;

	while (colon > 0 && key.at[colon - 1] != ':')
		colon--;
	if (colon < 2 || !text_int64((struct text){key.at + colon, key.len - colon}, &ret->id) || ret->id <= 0) {
		reading_wrong(r, "", "not TRACKER:NUMBER");
		return false;
	}
	ret->tracker = arena_text(r->arena, (struct text){key.at, colon - 1});
	return true;
}

void facts_get_bugs(struct reading *r, jval root, struct facts *ret)
{
	struct bug *bugs;
	size_t i = 0, n = 0, outer;
	struct text key;
	jval all, value;

	if (!reading_object(r, root, "bugs", &all))
		return;
	bugs = arena_alloc(r->arena, members(all), sizeof *bugs);
	outer = reading_enter(r, "bugs", 0);
	while (!r->bad && jmember(all, &i, &key, &value)) {
		char name[64];
		size_t before;

		(void)snprintf(name, sizeof name, "%.*s", TEXT_ARG(text_cut(key, sizeof name - 1)));
		before = reading_enter(r, name, 0);
		if (!jis_object(value))
			reading_wrong(r, "", "not an object");
		else if (get_key(r, key, &bugs[n]))
			get_bug(r, value, &bugs[n++]);
		reading_leave(r, before);
	}
	reading_leave(r, outer);
	ret->bugs = bugs;
	ret->n_bugs = n;
}
