/*
 * Facts from JSON: small functions share one `reading`, which keeps the path and the first error, so that a wrong
 * value anywhere stops everything and is named by its path. A value of the wrong type is an error, never "unknown".
 */
#include "agent/base/facts_json.h"

#include "webhooks/jread.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define FACTS_VERSION 1
#define PATH_BYTES    160

struct reading {
	struct arena *arena;
	struct err *err; /* filled once `bad` */
	bool bad;
	char path[PATH_BYTES]; /* of the object that is read: "changes.0." */
	size_t path_len;
};

static void wrong(struct reading *r, const char *key, const char *why)
{
	if (r->bad)
		return;
	r->bad = true;
	(void)err_set(r->err, ERR_INVALID, "%.*s%s: %s", (int)r->path_len, r->path, key, why);
}

/* Goes down one key or index; the answer is for leave(). */
static size_t enter(struct reading *r, const char *key, size_t index)
{
	size_t before = r->path_len, room = sizeof r->path - before;
	int n = key ? snprintf(r->path + before, room, "%s.", key) : snprintf(r->path + before, room, "%zu.", index);

	if (n > 0 && (size_t)n < room)
		r->path_len += (size_t)n;
	return before;
}

static void leave(struct reading *r, size_t before)
{
	r->path_len = before;
}

/* Only keys of the NULL-terminated list are known; an unknown one is an error, so that no typing error is a fact. */
static void known_keys(struct reading *r, jval object, const char *const *keys)
{
	size_t i = 0, k;
	struct text key;
	jval value;

	while (!r->bad && jmember(object, &i, &key, &value)) {
		char name[64];

		for (k = 0; keys[k] && !text_is(key, keys[k]); k++)
			;
		(void)snprintf(name, sizeof name, "%.*s", TEXT_ARG(text_cut(key, sizeof name - 1)));
		if (!keys[k])
			wrong(r, name, "unknown key");
	}
}

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct text unhex(struct reading *r, const char *key, struct text hex)
{
	char *at = arena_alloc(r->arena, hex.len / 2 + 1, 1);

	for (size_t i = 0; i + 1 < hex.len; i += 2) {
		int high = nibble(hex.at[i]), low = nibble(hex.at[i + 1]);

		if (high < 0 || low < 0)
			wrong(r, key, "not hexadecimal");
		at[i / 2] = (char)(unsigned char)((high < 0 ? 0 : high) * 16 + (low < 0 ? 0 : low));
	}
	if (hex.len % 2 != 0)
		wrong(r, key, "not hexadecimal");
	return (struct text){at, hex.len / 2};
}

static struct text text_value(struct reading *r, jval value, const char *key)
{
	struct text t;
	struct err ignored;
	jval holder = value;

	if (jis_object(holder)) {
		static const char *const keys[] = {"hex", NULL};

		known_keys(r, holder, keys);
		if (!jneed_text(holder, "hex", &t, &ignored))
			wrong(r, key, "not a text");
		else
			return unhex(r, key, t);
		return TEXT_EMPTY;
	}
	if (!value)
		return TEXT_EMPTY;
	if (!jneed_text(value, "", &t, &ignored)) {
		wrong(r, key, "not a text");
		return TEXT_EMPTY;
	}
	return arena_text(r->arena, t);
}

static struct text get_text(struct reading *r, jval object, const char *key)
{
	return text_value(r, jget(object, key), key);
}

static int64_t get_int(struct reading *r, jval object, const char *key)
{
	struct err ignored;
	int64_t n = 0;

	if (jget(object, key) && !jneed_int(object, key, &n, &ignored))
		wrong(r, key, "not an integer");
	return n;
}

static int64_t get_id(struct reading *r, jval object, const char *key)
{
	int64_t n = get_int(r, object, key);

	if (n < 0)
		wrong(r, key, "not an id");
	return n;
}

static bool get_bool(struct reading *r, jval object, const char *key, bool *ret_known)
{
	enum tri answer = jtri(object, key);

	if (answer == TRI_UNKNOWN && jget(object, key))
		wrong(r, key, "not true or false");
	if (ret_known)
		*ret_known = answer != TRI_UNKNOWN;
	return answer == TRI_YES;
}

static struct oid get_oid(struct reading *r, jval object, const char *key)
{
	struct oid oid = joid(object, key);

	if (!oid_known(&oid) && jget(object, key))
		wrong(r, key, "not a full object name");
	return oid;
}

static int64_t get_when(struct reading *r, jval object, const char *key)
{
	int64_t ms = jwhen(object, key);

	if (ms == WHEN_UNKNOWN && jget(object, key))
		wrong(r, key, "not a time like 2026-11-21T14:02:11Z");
	return ms;
}

/* The index of a word in a list (NULL entries match nothing); 0 when absent. */
static size_t get_word(struct reading *r, jval object, const char *key, const char *const *words)
{
	struct text t = get_text(r, object, key);

	if (!jget(object, key))
		return 0;
	for (size_t i = 1; words[i]; i++)
		if (text_is(t, words[i]))
			return i;
	wrong(r, key, "not a known word");
	return 0;
}

/* The elements of an array of known length; false when absent. */
static bool get_array(struct reading *r, jval object, const char *key, jval *ret, size_t *ret_n)
{
	*ret = jget(object, key);
	*ret_n = 0;
	if (!*ret)
		return false;
	if (!jis_array(*ret)) {
		wrong(r, key, "not a list");
		return false;
	}
	*ret_n = jlen(*ret);
	return true;
}

static bool get_object(struct reading *r, jval object, const char *key, jval *ret)
{
	*ret = jget(object, key);
	if (*ret && !jis_object(*ret))
		wrong(r, key, "not an object");
	return *ret && jis_object(*ret);
}

static const char *const person_types[] = {"", "User", "Bot", "Other", NULL};

static struct person get_person(struct reading *r, jval object, const char *key)
{
	static const char *const keys[] = {"id", "login", "type", NULL};
	struct person person = {0};
	size_t before = enter(r, key, 0);
	jval at;

	if (get_object(r, object, key, &at)) {
		known_keys(r, at, keys);
		person.id = get_id(r, at, "id");
		person.login = get_text(r, at, "login");
		person.type = (enum person_type)get_word(r, at, "type", person_types);
	}
	leave(r, before);
	return person;
}

static struct signer signer_value(struct reading *r, jval at)
{
	static const char *const keys[] = {"id", "login", "name", "email", NULL};

	if (!jis_object(at)) {
		if (at)
			wrong(r, "", "not an object");
		return (struct signer){0};
	}
	known_keys(r, at, keys);
	return (struct signer){get_id(r, at, "id"), get_text(r, at, "login"), get_text(r, at, "name"),
			       get_text(r, at, "email")};
}

static struct signer get_signer(struct reading *r, jval object, const char *key)
{
	size_t before = enter(r, key, 0);
	struct signer signer = signer_value(r, jget(object, key));

	leave(r, before);
	return signer;
}

static void get_parents(struct reading *r, jval object, struct commit *ret)
{
	jval list;
	struct oid *parents;

	(void)get_array(r, object, "parents", &list, &ret->n_parents);
	parents = arena_alloc(r->arena, ret->n_parents, sizeof *parents);
	for (size_t i = 0; i < ret->n_parents; i++)
		parents[i] = get_oid(r, jat(list, i), "");
	ret->parents = parents;
}

/* Absent co-authors are unknown, and so are whoever they are: one that nobody knows. */
static void get_coauthors(struct reading *r, jval object, struct commit *ret)
{
	jval list;
	struct signer *all;
	bool known = get_array(r, object, "coauthors", &list, &ret->n_coauthors);

	if (!known)
		ret->n_coauthors = 1;
	all = arena_alloc(r->arena, ret->n_coauthors, sizeof *all);
	for (size_t i = 0; known && i < ret->n_coauthors; i++)
		all[i] = signer_value(r, jat(list, i));
	ret->coauthors = all;
}

static void read_commit(struct reading *r, jval at, void *element)
{
	static const char *const keys[] = {"sha",       "tree",      "parents",   "message", "author",
					   "committer", "coauthors", "signature", NULL};
	struct commit *ret = element;

	known_keys(r, at, keys);
	ret->sha = get_oid(r, at, "sha");
	ret->tree = get_oid(r, at, "tree");
	get_parents(r, at, ret);
	ret->message = get_text(r, at, "message");
	ret->author = get_signer(r, at, "author");
	ret->committer = get_signer(r, at, "committer");
	get_coauthors(r, at, ret);
}

static uint32_t get_mode(struct reading *r, jval object, const char *key)
{
	int64_t mode = get_int(r, object, key);

	if (mode < 0 || mode > 0777777)
		wrong(r, key, "not a file mode");
	return (uint32_t)(mode & 0777777);
}

static void read_path(struct reading *r, jval at, void *element)
{
	static const char *const keys[] = {"path",     "status",    "old_path",  "mode",
					   "old_mode", "additions", "deletions", NULL};
	static const char *const statuses[] = {"", "added", "modified", "deleted", NULL};
	struct path *ret = element;

	known_keys(r, at, keys);
	ret->path = get_text(r, at, "path");
	ret->old_path = get_text(r, at, "old_path");
	ret->status = (enum path_status)get_word(r, at, "status", statuses);
	ret->mode = get_mode(r, at, "mode");
	ret->old_mode = get_mode(r, at, "old_mode");
}

static void read_review(struct reading *r, jval at, void *element)
{
	static const char *const keys[] = {"id", "user", "state", "submitted_at", "bound_sha", "edited", "body", NULL};
	struct review *ret = element;
	bool known;

	known_keys(r, at, keys);
	ret->id = get_id(r, at, "id");
	ret->user = get_person(r, at, "user");
	ret->state = review_state_parse(get_text(r, at, "state"));
	if (jget(at, "state") && ret->state == REVIEW_STATE_UNKNOWN)
		wrong(r, "state", "not a known word");
	ret->submitted_at = get_when(r, at, "submitted_at");
	ret->bound_sha = get_oid(r, at, "bound_sha");
	ret->edited = get_bool(r, at, "edited", &known);
	ret->edited = ret->edited || !known;
}

struct list { /* how one array of a change is read */
	const char *key;
	enum fact fact;
	size_t size, items, count; /* of an element; offsets in struct change */
	void (*read)(struct reading *r, jval at, void *element);
};

static void read_label(struct reading *r, jval at, void *element)
{
	struct text *label = element;

	*label = text_value(r, at, "");
}

static void read_pusher(struct reading *r, jval at, void *element)
{
	int64_t *id = element;

	*id = get_id(r, at, "");
}

#define LIST(name, fact, type, read)                                                                                   \
	{                                                                                                              \
#name, fact, sizeof(type), offsetof(struct change, name), offsetof(struct change, n_##name), read      \
	}
static const struct list lists[] = {
	LIST(pushers, FACT_PUSHERS, int64_t, read_pusher),       LIST(labels, FACT_LABELS, struct text, read_label),
	LIST(commits, FACT_COMMITS, struct commit, read_commit), LIST(paths, FACT_PATHS, struct path, read_path),
	LIST(reviews, FACT_REVIEWS, struct review, read_review),
};

static void get_list(struct reading *r, jval object, const struct list *list, struct change *ret)
{
	size_t before = enter(r, list->key, 0), n;
	jval all;
	char *elements;

	leave(r, before);
	if (!get_array(r, object, list->key, &all, &n))
		return;
	(void)enter(r, list->key, 0);
	elements = arena_alloc(r->arena, n, list->size);
	for (size_t i = 0; i < n && !r->bad; i++) {
		size_t outer = enter(r, NULL, i);

		list->read(r, jat(all, i), elements + i * list->size);
		leave(r, outer);
	}
	leave(r, before);
	memcpy((char *)ret + list->items, &elements, sizeof elements);
	memcpy((char *)ret + list->count, &n, sizeof n);
	ret->known |= (unsigned)list->fact;
}

static void mark(struct change *change, bool known, enum fact fact)
{
	if (known)
		change->known |= (unsigned)fact;
}

static void get_state(struct reading *r, jval at, struct change *ret)
{
	static const char *const states[] = {"", "open", "closed", "merged", NULL};
	size_t state = get_word(r, at, "state", states);

	ret->open = state == 1;
	ret->merged = state == 3;
	mark(ret, state != 0, FACT_STATE);
}

static void get_base(struct reading *r, jval at, struct change *ret)
{
	static const char *const keys[] = {"ref", "sha", NULL};
	size_t before = enter(r, "base", 0);
	jval base;

	if (get_object(r, at, "base", &base)) {
		known_keys(r, base, keys);
		ret->base_ref = get_text(r, base, "ref");
		ret->base_sha = get_oid(r, base, "sha");
		mark(ret, jget(base, "ref") != NULL, FACT_BASE);
	}
	leave(r, before);
}

static void get_change(struct reading *r, jval at, struct change *ret)
{
	static const char *const keys[] = {
		"number",  "state",           "draft",     "base",         "head_arrived_at", "author",  "pushers",
		"labels",  "title",           "body",      "commits",      "paths",           "reviews", "delegations",
		"carried", "base_changed_at", "head_gone", "head_seen_at", "pushers_hidden",  NULL};
	bool known;

	known_keys(r, at, keys);
	ret->number = get_int(r, at, "number");
	get_state(r, at, ret);
	ret->draft = get_bool(r, at, "draft", &known);
	mark(ret, known, FACT_DRAFT);
	get_base(r, at, ret);
	ret->base_changed_at = get_when(r, at, "base_changed_at");
	ret->head_gone = get_bool(r, at, "head_gone", &known);
	ret->pushers_hidden = get_bool(r, at, "pushers_hidden", &known);
	ret->head_seen_at = get_when(r, at, "head_seen_at");
	ret->head_arrived_at = get_when(r, at, "head_arrived_at");
	mark(ret, ret->head_arrived_at != WHEN_UNKNOWN, FACT_ARRIVAL);
	ret->author = get_person(r, at, "author");
	mark(ret, jget(at, "author") != NULL, FACT_AUTHOR);
	ret->title = get_text(r, at, "title");
	mark(ret, jget(at, "title") != NULL, FACT_TITLE);
	ret->body = get_text(r, at, "body");
	mark(ret, jget(at, "body") != NULL, FACT_BODY);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		get_list(r, at, &lists[i], ret);
}

static void get_changes(struct reading *r, jval root, struct facts *ret)
{
	jval all;
	struct change *changes;

	ret->changes_known = get_array(r, root, "changes", &all, &ret->n_changes);
	changes = arena_alloc(r->arena, ret->n_changes, sizeof *changes);
	(void)enter(r, "changes", 0);
	for (size_t i = 0; i < ret->n_changes && !r->bad; i++) {
		size_t before = enter(r, NULL, i);

		if (!jis_object(jat(all, i)))
			wrong(r, "", "not an object");
		get_change(r, jat(all, i), &changes[i]);
		leave(r, before);
	}
	leave(r, 0);
	ret->changes = changes;
}

static void get_member(struct reading *r, jval at, struct member *ret)
{
	static const char *const keys[] = {"login", "type", "permission", "teams", "merged_before", NULL};
	struct text *teams;
	jval all;

	known_keys(r, at, keys);
	ret->who.login = get_text(r, at, "login");
	ret->who.type = (enum person_type)get_word(r, at, "type", person_types);
	ret->permission = permission_parse(get_text(r, at, "permission"));
	if (jget(at, "permission") && ret->permission == PERMISSION_UNKNOWN)
		wrong(r, "permission", "not a known word");
	ret->teams_known = get_array(r, at, "teams", &all, &ret->n_teams);
	teams = arena_alloc(r->arena, ret->n_teams, sizeof *teams);
	for (size_t i = 0; i < ret->n_teams; i++)
		teams[i] = text_value(r, jat(all, i), "teams");
	ret->teams = teams;
}

static size_t members(jval object)
{
	size_t i = 0, n = 0;
	struct text key;
	jval value;

	while (jmember(object, &i, &key, &value))
		n++;
	return n;
}

static void get_people(struct reading *r, jval root, struct facts *ret)
{
	jval all, value;
	struct member *people;
	struct text key;
	size_t at = 0, n = 0;

	if (!get_object(r, root, "people", &all))
		return;
	people = arena_alloc(r->arena, members(all), sizeof *people);
	(void)enter(r, "people", 0);
	while (!r->bad && jmember(all, &at, &key, &value)) {
		char name[24];
		size_t before;

		(void)snprintf(name, sizeof name, "%.*s", TEXT_ARG(text_cut(key, sizeof name - 1)));
		before = enter(r, name, 0);
		if (!text_int64(key, &people[n].who.id) || people[n].who.id <= 0)
			wrong(r, "", "not an id");
		else if (!jis_object(value))
			wrong(r, "", "not an object");
		else
			get_member(r, value, &people[n++]);
		leave(r, before);
	}
	leave(r, 0);
	ret->people = people;
	ret->n_people = n;
}

static void get_facts(struct reading *r, jval root, struct facts *ret);

static void get_group(struct reading *r, jval at, struct group *ret)
{
	struct constituent *to;
	jval all;

	ret->base_ref = get_text(r, at, "base_ref");
	ret->unmerged = get_oid(r, at, "unmerged");
	(void)get_array(r, at, "constituents", &all, &ret->n_constituents);
	to = arena_alloc(r->arena, ret->n_constituents, sizeof *to);
	for (size_t i = 0; i < ret->n_constituents && !r->bad; i++) {
		to[i].number = get_int(r, jat(all, i), "number");
		get_facts(r, jget(jat(all, i), "facts"), &to[i].facts); /* as deep as the parser allows */
	}
	ret->constituents = to;
}

static void get_groups(struct reading *r, jval root, struct facts *ret)
{
	struct group *groups;
	jval all;

	(void)get_array(r, root, "groups", &all, &ret->n_groups);
	groups = arena_alloc(r->arena, ret->n_groups, sizeof *groups);
	for (size_t i = 0; i < ret->n_groups && !r->bad; i++)
		get_group(r, jat(all, i), &groups[i]);
	ret->groups = groups;
}

static void get_facts(struct reading *r, jval root, struct facts *ret)
{
	static const char *const keys[] = {"version",       "now",     "repo",   "head",     "allowed_before",
					   "superseded_by", "changes", "people", "statuses", "bugs",
					   "shadowed_by",   "groups",  NULL};
	static const char *const repo_keys[] = {"id", "name", NULL};
	jval repo;

	if (!jis_object(root))
		wrong(r, "facts", "not an object");
	known_keys(r, root, keys);
	if (get_int(r, root, "version") != FACTS_VERSION)
		wrong(r, "version", "must be 1");
	ret->now = get_when(r, root, "now");
	if (get_object(r, root, "repo", &repo)) {
		size_t before = enter(r, "repo", 0);

		known_keys(r, repo, repo_keys);
		ret->repo = get_id(r, repo, "id");
		ret->repo_name = get_text(r, repo, "name");
		leave(r, before);
	}
	ret->head = get_oid(r, root, "head");
	ret->allowed_before = get_bool(r, root, "allowed_before", NULL);
	ret->superseded_by = get_oid(r, root, "superseded_by");
	ret->shadowed = jget(root, "shadowed_by") != NULL;
	ret->shadowed_by = get_text(r, root, "shadowed_by");
	get_changes(r, root, ret);
	get_people(r, root, ret);
	get_groups(r, root, ret);
}

bool facts_decode(struct text json, struct arena *arena, struct facts *ret, struct err *err)
{
	struct reading r = {.arena = arena, .err = err};
	struct jdoc *doc = jdoc_parse(json, err);
	struct facts facts = {0};

	if (!doc)
		return false;
	get_facts(&r, jdoc_root(doc), &facts);
	jdoc_free(doc);
	if (r.bad)
		return false;
	*ret = facts;
	return true;
}
