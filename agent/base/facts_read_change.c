/* One change from JSON. */
#include "agent/base/facts_reading.h"

#include <stddef.h>
#include <string.h>

const char *const reading_person_types[] = {"", "User", "Bot", "Other", NULL};

static struct person get_person(struct reading *r, jval object, const char *key)
{
	static const char *const keys[] = {"id", "login", "type", NULL};
	struct person person = {0};
	size_t before = reading_enter(r, key, 0);
	jval at;

	if (reading_object(r, object, key, &at)) {
		reading_keys(r, at, keys);
		person.id = reading_id(r, at, "id");
		person.login = reading_text(r, at, "login");
		person.type = (enum person_type)reading_word(r, at, "type", reading_person_types);
	}
	reading_leave(r, before);
	return person;
}

static struct signer signer_value(struct reading *r, jval at)
{
	static const char *const keys[] = {"id", "login", "name", "email", NULL};

	if (!jis_object(at)) {
		if (at)
			reading_wrong(r, "", "not an object");
		return (struct signer){0};
	}
	reading_keys(r, at, keys);
	return (struct signer){reading_id(r, at, "id"), reading_text(r, at, "login"), reading_text(r, at, "name"),
			       reading_text(r, at, "email")};
}

static struct signer get_signer(struct reading *r, jval object, const char *key)
{
	size_t before = reading_enter(r, key, 0);
	struct signer signer = signer_value(r, jget(object, key));

	reading_leave(r, before);
	return signer;
}

static void get_parents(struct reading *r, jval object, struct commit *ret)
{
	jval list;
	struct oid *parents;

	(void)reading_array(r, object, "parents", &list, &ret->n_parents);
	parents = arena_alloc(r->arena, ret->n_parents, sizeof *parents);
	for (size_t i = 0; i < ret->n_parents; i++)
		parents[i] = reading_oid(r, jat(list, i), "");
	ret->parents = parents;
}

/* Absent co-authors are unknown, and so are whoever they are: one that nobody knows. */
static void get_coauthors(struct reading *r, jval object, struct commit *ret)
{
	jval list;
	struct signer *all;
	bool known = reading_array(r, object, "coauthors", &list, &ret->n_coauthors);

	if (!known)
		ret->n_coauthors = 1;
	all = arena_alloc(r->arena, ret->n_coauthors, sizeof *all);
	for (size_t i = 0; known && i < ret->n_coauthors; i++)
		all[i] = signer_value(r, jat(list, i));
	ret->coauthors = all;
}

/* Absent is unknown; the whole fact is, too, where one commit has none (get_all). */
static void get_signature(struct reading *r, jval object, struct signature *ret)
{
	static const char *const keys[] = {"valid", "signer", "key_id", "reason", NULL};
	size_t before = reading_enter(r, "signature", 0);
	bool known;
	jval at;

	if (reading_object(r, object, "signature", &at)) {
		reading_keys(r, at, keys);
		ret->valid = reading_bool(r, at, "valid", &known) ? TRI_YES : TRI_NO;
		ret->valid = known ? ret->valid : TRI_UNKNOWN;
		ret->signer = reading_id(r, at, "signer");
		ret->key_id = reading_text(r, at, "key_id");
		ret->reason = reading_text(r, at, "reason");
	}
	reading_leave(r, before);
}

static void read_commit(struct reading *r, jval at, void *element)
{
	static const char *const keys[] = {"sha",    "tree",      "parents",   "message",   "recoded",
					   "author", "committer", "coauthors", "signature", NULL};
	struct commit *ret = element;

	reading_keys(r, at, keys);
	ret->sha = reading_oid(r, at, "sha");
	ret->tree = reading_oid(r, at, "tree");
	get_parents(r, at, ret);
	ret->message = reading_text(r, at, "message");
	ret->recoded = reading_bool(r, at, "recoded", NULL);
	ret->author = get_signer(r, at, "author");
	ret->committer = get_signer(r, at, "committer");
	get_coauthors(r, at, ret);
	get_signature(r, at, &ret->signature);
}

static uint32_t get_mode(struct reading *r, jval object, const char *key)
{
	int64_t mode = reading_int(r, object, key);

	if (mode < 0 || mode > 0777777)
		reading_wrong(r, key, "not a file mode");
	return (uint32_t)(mode & 0777777);
}

static int64_t get_lines(struct reading *r, jval object, const char *key)
{
	int64_t n = reading_int(r, object, key);

	if (n < 0)
		reading_wrong(r, key, "not a number of lines");
	return n;
}

static void read_path(struct reading *r, jval at, void *element)
{
	static const char *const keys[] = {"path",     "status",    "old_path",  "mode",
					   "old_mode", "additions", "deletions", NULL};
	static const char *const statuses[] = {"", "added", "modified", "deleted", NULL};
	struct path *ret = element;

	reading_keys(r, at, keys);
	ret->path = reading_text(r, at, "path");
	ret->old_path = reading_text(r, at, "old_path");
	ret->status = (enum path_status)reading_word(r, at, "status", statuses);
	ret->mode = get_mode(r, at, "mode");
	ret->old_mode = get_mode(r, at, "old_mode");
	ret->additions = get_lines(r, at, "additions");
	ret->deletions = get_lines(r, at, "deletions");
}

static void read_review(struct reading *r, jval at, void *element)
{
	static const char *const keys[] = {"id", "user", "state", "submitted_at", "bound_sha", "edited", "body", NULL};
	struct review *ret = element;
	bool known;

	reading_keys(r, at, keys);
	ret->id = reading_id(r, at, "id");
	ret->user = get_person(r, at, "user");
	ret->state = review_state_parse(reading_text(r, at, "state"));
	if (jget(at, "state") && ret->state == REVIEW_STATE_UNKNOWN)
		reading_wrong(r, "state", "not a known word");
	ret->submitted_at = reading_when(r, at, "submitted_at");
	ret->bound_sha = reading_oid(r, at, "bound_sha");
	ret->edited = reading_bool(r, at, "edited", &known);
	ret->edited = ret->edited || !known;
	ret->body = reading_text(r, at, "body");
}

static void read_comment(struct reading *r, jval at, void *element)
{
	static const char *const keys[] = {"id", "user", "created_at", "edited", "body", NULL};
	struct comment *ret = element;
	bool known;

	reading_keys(r, at, keys);
	ret->id = reading_id(r, at, "id");
	ret->user = get_person(r, at, "user");
	ret->created_at = reading_when(r, at, "created_at");
	ret->edited = reading_bool(r, at, "edited", &known) || !known;
	ret->body = reading_text(r, at, "body");
}

static void read_order(struct reading *r, jval at, void *element)
{
	static const char *const keys[] = {"takes_back", "how", "by", "to", "to_author", "sha", "at", "comment", NULL};
	static const char *const hows[] = {"", "comment", "queue", "auto_merge", NULL};
	struct order *ret = element;
	size_t how = reading_word(r, at, "how", hows);
	bool known;

	reading_keys(r, at, keys);
	if (how == 0)
		reading_wrong(r, "how", "missing");
	else
		ret->how = (enum order_how)(how - 1);
	ret->takes_back = reading_bool(r, at, "takes_back", &known);
	ret->by = get_person(r, at, "by");
	ret->to = get_person(r, at, "to");
	ret->to_author = reading_bool(r, at, "to_author", &known);
	ret->sha = reading_oid(r, at, "sha");
	ret->at = reading_when(r, at, "at");
	ret->comment = reading_int(r, at, "comment");
}

static void read_carried(struct reading *r, jval at, void *element)
{
	static const char *const keys[] = {"review", "from", "rule", "why", NULL};
	static const char *const rules[] = {"", "same-tree", "same-patch", "base-merge", NULL};
	static const enum carry hows[] = {CARRY_SAME_TREE, CARRY_SAME_TREE, CARRY_SAME_PATCH, CARRY_BASE_MERGE};
	struct carried *ret = element;
	size_t rule;

	reading_keys(r, at, keys);
	ret->review = reading_id(r, at, "review");
	ret->from = reading_oid(r, at, "from");
	rule = (size_t)reading_word(r, at, "rule", rules);
	if (rule == 0)
		reading_wrong(r, "rule", "missing");
	ret->how = hows[rule];
	ret->why = reading_text(r, at, "why");
}

/* Without a path there is no such file; with one its bytes or why they cannot be used. */
static void read_owners_file(struct reading *r, jval at, void *element)
{
	static const char *const keys[] = {"name", "path", "text", "why", NULL};
	struct owners_file *ret = element;

	reading_keys(r, at, keys);
	ret->name = reading_text(r, at, "name");
	ret->path = reading_text(r, at, "path");
	ret->bytes = reading_text(r, at, "text");
	ret->why = reading_text(r, at, "why");
	if (ret->name.len == 0)
		reading_wrong(r, "name", "missing");
	if (ret->path.len > 0 && ret->why.len == 0 && !jget(at, "text"))
		reading_wrong(r, "text", "missing");
	if (ret->path.len == 0 && (ret->bytes.len > 0 || ret->why.len > 0))
		reading_wrong(r, "path", "missing");
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

	*label = reading_text_value(r, at, "");
}

static void read_pusher(struct reading *r, jval at, void *element)
{
	int64_t *id = element;

	*id = reading_id(r, at, "");
}

#define LIST(name, fact, type, read)                                                                                   \
	{                                                                                                              \
#name, fact, sizeof(type), offsetof(struct change, name), offsetof(struct change, n_##name), read      \
	}
static const struct list lists[] = {
	LIST(pushers, FACT_PUSHERS, int64_t, read_pusher),
	LIST(labels, FACT_LABELS, struct text, read_label),
	LIST(commits, FACT_COMMITS, struct commit, read_commit),
	LIST(paths, FACT_PATHS, struct path, read_path),
	LIST(reviews, FACT_REVIEWS, struct review, read_review),
	LIST(comments, FACT_COMMENTS, struct comment, read_comment),
	LIST(delegations, 0, struct order, read_order),
	LIST(landing_asks, 0, struct order, read_order),
	LIST(carried, 0, struct carried, read_carried),
	LIST(owners_files, 0, struct owners_file, read_owners_file), /* known one by one */
};

static void get_list(struct reading *r, jval object, const struct list *list, struct change *ret)
{
	size_t before = reading_enter(r, list->key, 0), n;
	jval all;
	char *elements;

	reading_leave(r, before);
	if (!reading_array(r, object, list->key, &all, &n))
		return;
	(void)reading_enter(r, list->key, 0);
	elements = arena_alloc(r->arena, n, list->size);
	for (size_t i = 0; i < n && !r->bad; i++) {
		size_t outer = reading_enter(r, NULL, i);

		list->read(r, jat(all, i), elements + i * list->size);
		reading_leave(r, outer);
	}
	reading_leave(r, before);
	memcpy((char *)ret + list->items, &elements, sizeof elements);
	memcpy((char *)ret + list->count, &n, sizeof n);
	ret->known |= (unsigned)list->fact;
}

static int64_t get_count(struct reading *r, jval object, const char *key)
{
	int64_t n = reading_int(r, object, key);

	if (n < 0)
		reading_wrong(r, key, "not a number of them");
	return n;
}

static void mark(struct change *change, bool known, enum fact fact)
{
	if (known)
		change->known |= (unsigned)fact;
}

static void get_state(struct reading *r, jval at, struct change *ret)
{
	static const char *const states[] = {"", "open", "closed", "merged", NULL};
	size_t state = reading_word(r, at, "state", states);

	ret->open = state == 1;
	ret->merged = state == 3;
	mark(ret, state != 0, FACT_STATE);
}

static void get_base(struct reading *r, jval at, struct change *ret)
{
	static const char *const keys[] = {"ref", "sha", NULL};
	size_t before = reading_enter(r, "base", 0);
	jval base;

	if (reading_object(r, at, "base", &base)) {
		reading_keys(r, base, keys);
		ret->base_ref = reading_text(r, base, "ref");
		ret->base_sha = reading_oid(r, base, "sha");
		mark(ret, jget(base, "ref") != NULL, FACT_BASE);
	}
	reading_leave(r, before);
}

static bool all_have(jval list, size_t n, const char *const *keys)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; keys[k]; k++)
			if (!jget(jat(list, i), keys[k]))
				return false;
	return true;
}

/* Facts that stand in the elements of a list: known where each of them has it. */
static void get_all(jval at, struct change *ret)
{
	static const char *const signatures[] = {"signature", NULL}, *const lines[] = {"additions", "deletions", NULL};

	mark(ret, (ret->known & FACT_COMMITS) && all_have(jget(at, "commits"), ret->n_commits, signatures),
	     FACT_SIGNATURES);
	mark(ret, (ret->known & FACT_PATHS) && all_have(jget(at, "paths"), ret->n_paths, lines), FACT_LINES);
}

void reading_change(struct reading *r, jval at, struct change *ret)
{
	static const char *const keys[] = {
		"number",       "state",        "draft",          "base",     "head_arrived_at", "author",
		"pushers",      "labels",       "title",          "body",     "commits",         "paths",
		"reviews",      "delegations",  "landing_asks",   "carried",  "merge_base",      "base_changed_at",
		"head_gone",    "head_seen_at", "pushers_hidden", "head_ref", "comments",        "owners_files",
		"open_threads", "policy_from",  "pushed_to",      NULL};
	bool known;

	reading_keys(r, at, keys);
	ret->number = reading_int(r, at, "number");
	get_state(r, at, ret);
	ret->draft = reading_bool(r, at, "draft", &known);
	mark(ret, known, FACT_DRAFT);
	get_base(r, at, ret);
	ret->base_changed_at = reading_when(r, at, "base_changed_at");
	ret->merge_base = reading_oid(r, at, "merge_base");
	ret->head_gone = reading_bool(r, at, "head_gone", &known);
	ret->pushers_hidden = reading_bool(r, at, "pushers_hidden", &known);
	ret->head_seen_at = reading_when(r, at, "head_seen_at");
	ret->head_arrived_at = reading_when(r, at, "head_arrived_at");
	mark(ret, ret->head_arrived_at != WHEN_UNKNOWN, FACT_ARRIVAL);
	ret->author = get_person(r, at, "author");
	mark(ret, jget(at, "author") != NULL, FACT_AUTHOR);
	ret->title = reading_text(r, at, "title");
	mark(ret, jget(at, "title") != NULL, FACT_TITLE);
	ret->body = reading_text(r, at, "body");
	mark(ret, jget(at, "body") != NULL, FACT_BODY);
	ret->pushed_to = reading_text(r, at, "pushed_to");
	ret->policy_from = reading_text(r, at, "policy_from");
	ret->head_ref = reading_text(r, at, "head_ref");
	mark(ret, jget(at, "head_ref") != NULL, FACT_HEAD_REF);
	ret->open_threads = get_count(r, at, "open_threads");
	mark(ret, jget(at, "open_threads") != NULL, FACT_THREADS);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		get_list(r, at, &lists[i], ret);
	if (ret->n_pushers == 0) /* somebody pushed: a list of nobody does not say who */
		ret->known &= ~(unsigned)FACT_PUSHERS;
	mark(ret, jget(at, "delegations") && jget(at, "landing_asks"), FACT_ORDERS);
	get_all(at, ret);
}
