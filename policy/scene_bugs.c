/*
 * What trackers say of bugs, told by hand. A bug is there, open and public, and has nothing, unless said; one that is
 * not told was not read. What a key of a bug does not know is a flag of its newest attachment: {1: {sec-approval:
 * "+"}}.
 */
#include "policy/scene_inner.h"

#include <string.h>

#define TRACKER TEXT_LIT("bugzilla")

static bool read_key(struct scene *scene, const struct yaml *key, struct bug *ret)
{
	struct text t = key->text;
	size_t colon = t.len;

	while (colon > 0 && t.at[colon - 1] != ':')
		colon--;
	ret->tracker = colon > 1 ? (struct text){t.at, colon - 1} : TRACKER;
	if (key->kind == YAML_SCALAR && text_int64((struct text){t.at + colon, t.len - colon}, &ret->id) && ret->id > 0)
		return true;
	return scene_wrong(scene, key, "expected the number of a bug, or TRACKER:NUMBER");
}

static bool read_status(struct scene *scene, const struct yaml *value, struct bug_flag *ret)
{
	static const char *const names[] = {"+", "-", "?"};
	size_t i;

	if (!scene_word(scene, value, names, 3, &i))
		return false;
	ret->status = (enum bug_flag_status)names[i][0];
	return true;
}

/* "+", or {status: "+", groups: [..]}. Whoever is not said to be in a group is in none. */
static bool read_flag(struct scene *scene, const struct yaml *value, struct bug_flag *ret)
{
	enum { STATUS, GROUPS, SETTER, N };
	static const char *const names[N] = {"status", "groups", "setter"};
	const struct yaml *at[N] = {NULL};

	ret->setter_groups_known = true;
	if (value->kind == YAML_SCALAR)
		return read_status(scene, value, ret);
	if (!scene_members(scene, value, names, N, at))
		return false;
	if (!at[STATUS])
		return scene_wrong(scene, value, "it needs a `status`");
	if (at[GROUPS] && at[GROUPS]->kind == YAML_SCALAR && text_is(at[GROUPS]->text, "unknown"))
		ret->setter_groups_known = false;
	else if (at[GROUPS] && !scene_texts(scene, at[GROUPS], &ret->groups, &ret->n_groups))
		return false;
	return read_status(scene, at[STATUS], ret) && (!at[SETTER] || scene_int(scene, at[SETTER], &ret->setter));
}

static bool read_flags(struct scene *scene, const struct yaml *value, const struct bug_flag **ret, size_t *ret_n)
{
	struct bug_flag *flags;

	if (value->kind != YAML_MAP)
		return scene_wrong(scene, value, "expected a map, such as {sec-approval: \"+\"}");
	flags = arena_alloc(scene->arena, value->n, sizeof *flags);
	for (size_t i = 0; i < value->n; i++) {
		flags[i].name = value->keys[i].text;
		if (!read_flag(scene, &value->items[i], &flags[i]))
			return false;
	}
	*ret = flags;
	*ret_n = value->n;
	return true;
}

static bool read_attachment(struct scene *scene, const struct yaml *value, int64_t id, struct bug_attachment *ret)
{
	enum { ID, OBSOLETE, PATCH, REVISION, FLAGS, N };
	static const char *const names[N] = {"id", "obsolete", "patch", "revision", "flags"};
	const struct yaml *at[N];

	*ret = (struct bug_attachment){.id = id, .patch = true};
	if (!scene_members(scene, value, names, N, at))
		return false;
	return (!at[ID] || scene_int(scene, at[ID], &ret->id)) &&
	       (!at[OBSOLETE] || scene_bool(scene, at[OBSOLETE], &ret->obsolete)) &&
	       (!at[PATCH] || scene_bool(scene, at[PATCH], &ret->patch)) &&
	       (!at[REVISION] || scene_text(scene, at[REVISION], &ret->revision)) &&
	       (!at[FLAGS] || read_flags(scene, at[FLAGS], &ret->flags, &ret->n_flags));
}

static bool read_attachments(struct scene *scene, const struct yaml *value, struct bug *bug)
{
	struct bug_attachment *all;

	if (value->kind != YAML_LIST)
		return scene_wrong(scene, value, "expected a list of attachments");
	all = arena_alloc(scene->arena, value->n, sizeof *all);
	for (size_t i = 0; i < value->n; i++)
		if (!read_attachment(scene, &value->items[i], (int64_t)i + 1, &all[i]))
			return false;
	bug->attachments = all;
	bug->n_attachments = value->n;
	return true;
}

static bool read_numbers(struct scene *scene, const struct yaml *value, struct bug *bug)
{
	int64_t *ids;

	if (value->kind != YAML_LIST)
		return scene_wrong(scene, value, "expected a list of numbers");
	ids = arena_alloc(scene->arena, value->n, sizeof *ids);
	for (size_t i = 0; i < value->n; i++)
		if (!scene_int(scene, &value->items[i], &ids[i]))
			return false;
	bug->duplicates = ids;
	bug->n_duplicates = value->n;
	return true;
}

static bool read_resolution(struct scene *scene, const struct yaml *value, struct bug *bug)
{
	bug->open = TRI_NO;
	return scene_text(scene, value, &bug->resolution);
}

static bool read_private(struct scene *scene, const struct yaml *value, struct bug *bug)
{
	bool private;

	if (!scene_bool(scene, value, &private))
		return false;
	bug->secure = private ? TRI_YES : TRI_NO;
	return true;
}

static bool read_keywords(struct scene *scene, const struct yaml *value, struct bug *bug)
{
	return scene_texts(scene, value, &bug->keywords, &bug->n_keywords);
}

static bool read_groups(struct scene *scene, const struct yaml *value, struct bug *bug)
{
	bug->secure = value->n > 0 ? TRI_YES : bug->secure;
	return scene_texts(scene, value, &bug->groups, &bug->n_groups);
}

static bool read_bug_flags(struct scene *scene, const struct yaml *value, struct bug *bug)
{
	return read_flags(scene, value, &bug->flags, &bug->n_flags);
}

static bool read_dupe_of(struct scene *scene, const struct yaml *value, struct bug *bug)
{
	return scene_int(scene, value, &bug->dupe_of);
}

static const struct {
	const char *name;
	bool (*read)(struct scene *scene, const struct yaml *value, struct bug *bug);
} details[] = {
	{"keywords", read_keywords},     {"groups", read_groups},      {"private", read_private},
	{"resolution", read_resolution}, {"flags", read_bug_flags},    {"attachments", read_attachments},
	{"dupe_of", read_dupe_of},       {"duplicates", read_numbers},
};
enum { DETAILS = sizeof details / sizeof details[0] };

/* The newest that is not obsolete, of which there is one from now on, in an array that can be changed. */
static struct bug_attachment *newest(struct scene *scene, struct bug *bug)
{
	struct bug_attachment *all = scene_copied(scene->arena, bug->attachments, bug->n_attachments, sizeof *all);
	size_t at = bug->n_attachments;

	bug->attachments = all;
	while (at > 0 && all[at - 1].obsolete)
		at--;
	if (at > 0)
		return &all[at - 1];
	all[bug->n_attachments] = (struct bug_attachment){.id = (int64_t)bug->n_attachments + 1, .patch = true};
	return &all[bug->n_attachments++];
}

/* Instead of the flag of that name; status 0 takes it away. */
static void set_flag(struct scene *scene, const struct bug_flag *flag, const struct bug_flag **flags, size_t *n)
{
	struct bug_flag *all = arena_alloc(scene->arena, *n + 1, sizeof *all);
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++)
		if (!text_eq((*flags)[i].name, flag->name))
			all[kept++] = (*flags)[i];
	if (flag->status != 0)
		all[kept++] = *flag;
	*flags = all;
	*n = kept;
}

static bool looks_like_status(const struct yaml *value)
{
	return value->kind == YAML_MAP ||
	       (value->kind == YAML_SCALAR && value->text.len == 1 && memchr("+-?", value->text.at[0], 3));
}

static bool read_detail(struct scene *scene, const struct yaml *key, const struct yaml *value, struct bug *bug)
{
	const char *names[DETAILS];
	struct bug_flag flag = {.name = key->text};
	struct bug_attachment *attachment;

	for (size_t i = 0; i < DETAILS; i++) {
		names[i] = details[i].name;
		if (text_is(key->text, details[i].name))
			return details[i].read(scene, value, bug);
	}
	if (!looks_like_status(value))
		return scene_unknown(scene->problem, key, "key", names, DETAILS);
	if (!read_flag(scene, value, &flag))
		return false;
	attachment = newest(scene, bug);
	set_flag(scene, &flag, &attachment->flags, &attachment->n_flags);
	return true;
}

/* `attachments` before the flags that are set on the newest of them. */
static bool read_details(struct scene *scene, const struct yaml *value, struct bug *bug)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < value->n; i++)
			if (text_is(value->keys[i].text, "attachments") == (pass == 0) &&
			    !read_detail(scene, &value->keys[i], &value->items[i], bug))
				return false;
	return true;
}

static bool read_bug(struct scene *scene, const struct yaml *key, const struct yaml *value, struct bug *ret)
{
	static const char *const names[] = {"unread", "there", "hidden", "missing"};
	size_t state = BUG_READ;

	*ret = (struct bug){.state = BUG_READ, .secure = TRI_NO, .open = TRI_YES};
	if (!read_key(scene, key, ret))
		return false;
	if (value->kind == YAML_MAP)
		return read_details(scene, value, ret);
	if (!scene_word(scene, value, names, 4, &state))
		return false;
	ret->state = (enum bug_state)state;
	if (ret->state == BUG_READ)
		return true;
	ret->secure = ret->state == BUG_HIDDEN ? TRI_YES : TRI_UNKNOWN;
	ret->open = TRI_UNKNOWN;
	return true;
}

static struct bug *find(struct scene *scene, const struct bug *bug, bool any_tracker)
{
	for (size_t i = 0; i < scene->facts.n_bugs; i++)
		if (scene->bugs[i].id == bug->id && (any_tracker || text_eq(scene->bugs[i].tracker, bug->tracker)))
			return &scene->bugs[i];
	return NULL;
}

static void put(struct scene *scene, const struct bug *bug)
{
	struct bug *before = find(scene, bug, false);

	if (before) {
		*before = *bug;
		return;
	}
	scene->bugs = scene_grown(scene->arena, scene->bugs, scene->facts.n_bugs, sizeof *scene->bugs);
	scene->bugs[scene->facts.n_bugs++] = *bug;
	scene->facts.bugs = scene->bugs;
}

static bool put_all(struct scene *scene, const struct yaml *value)
{
	struct bug bug;

	if (value->kind != YAML_MAP)
		return scene_wrong(scene, value, "expected a map, such as {1: {keywords: [sec-high]}}");
	for (size_t i = 0; i < value->n; i++) {
		if (!read_bug(scene, &value->keys[i], &value->items[i], &bug))
			return false;
		put(scene, &bug);
	}
	return true;
}

bool scene_bugs(struct scene *scene, const struct yaml *value)
{
	scene->facts.n_bugs = 0;
	return put_all(scene, value);
}

bool scene_step_bugs(struct scene *scene, const struct yaml *value)
{
	return put_all(scene, value);
}

/* ---- steps ---- */

static bool named_bug(struct scene *scene, const struct yaml *map, const struct yaml *value, struct bug **ret)
{
	struct bug key;

	if (!value)
		return scene_wrong(scene, map, "it needs a `bug`");
	if (!read_key(scene, value, &key))
		return false;
	*ret = find(scene, &key, text_find(value->text, TEXT_LIT(":")) == SIZE_MAX);
	return *ret != NULL || scene_wrong(scene, value, "nothing was told of that bug: tell it in `bugs`");
}

static bool named_attachment(struct scene *scene, const struct yaml *value, struct bug *bug,
			     struct bug_attachment **ret)
{
	struct bug_attachment *all;
	int64_t id;

	if (!value) {
		*ret = newest(scene, bug);
		return true;
	}
	if (!scene_int(scene, value, &id))
		return false;
	all = scene_copied(scene->arena, bug->attachments, bug->n_attachments, sizeof *all);
	bug->attachments = all;
	for (size_t i = 0; i < bug->n_attachments; i++)
		if (all[i].id == id) {
			*ret = &all[i];
			return true;
		}
	return scene_wrong(scene, value, "the bug has no such attachment");
}

static bool read_step_flag(struct scene *scene, const struct yaml *value, struct bug **ret_bug, struct bug_flag *ret,
			   const struct yaml **ret_attachment)
{
	enum { BUG, NAME, STATUS, GROUPS, ATTACHMENT, N };
	static const char *const names[N] = {"bug", "name", "status", "groups", "attachment"};
	const struct yaml *at[N];

	*ret = (struct bug_flag){.setter_groups_known = true};
	if (!scene_members(scene, value, names, N, at) || !named_bug(scene, value, at[BUG], ret_bug))
		return false;
	if (!at[NAME] || !at[STATUS])
		return scene_wrong(scene, value, "a flag needs a `name` and a `status`: \"+\", \"-\", \"?\" or none");
	*ret_attachment = at[ATTACHMENT];
	if (!scene_text(scene, at[NAME], &ret->name) ||
	    (at[GROUPS] && !scene_texts(scene, at[GROUPS], &ret->groups, &ret->n_groups)))
		return false;
	if (at[STATUS]->kind == YAML_SCALAR && text_is(at[STATUS]->text, "none"))
		return true;
	return read_status(scene, at[STATUS], ret);
}

bool scene_step_flag(struct scene *scene, const struct yaml *value)
{
	struct bug_attachment *attachment;
	const struct yaml *which = NULL;
	struct bug_flag flag;
	struct bug *bug;

	if (!read_step_flag(scene, value, &bug, &flag, &which) || !named_attachment(scene, which, bug, &attachment))
		return false;
	set_flag(scene, &flag, &attachment->flags, &attachment->n_flags);
	return true;
}

bool scene_step_bug_flag(struct scene *scene, const struct yaml *value)
{
	const struct yaml *which = NULL;
	struct bug_flag flag;
	struct bug *bug;

	if (!read_step_flag(scene, value, &bug, &flag, &which))
		return false;
	if (which)
		return scene_wrong(scene, which, "a flag of the bug stands on no attachment: that is `flag`");
	set_flag(scene, &flag, &bug->flags, &bug->n_flags);
	return true;
}

bool scene_step_obsolete(struct scene *scene, const struct yaml *value)
{
	static const char *const names[] = {"bug", "attachment"};
	struct bug_attachment *attachment;
	const struct yaml *at[2];
	struct bug *bug;

	if (!scene_members(scene, value, names, 2, at) || !named_bug(scene, value, at[0], &bug) ||
	    !named_attachment(scene, at[1], bug, &attachment))
		return false;
	attachment->obsolete = true;
	return true;
}
