/*
 * The commits of a range, page by page: as many as the forge said there are, each once, each proven. Histories that
 * have nothing in common cannot be compared (404, and the forge says why); then all commits of head are listed.
 */
#include "agent/forge/github_mirror_inner.h"

#include "git/commit.h"
#include "git/trailer.h"

struct comparing {
	struct rest_reading *r;
	struct rest_range *range;
	int64_t total; /* as the first page said; -1: it was not read yet */
};

static bool add(struct comparing *c, const struct oid *name, struct text raw, struct err *err)
{
	struct rest_range *range = c->range;
	struct commit_bytes in = {name, raw, trailer_host(range->in->where.url)};

	range->bytes += raw.len;
	if (!commit_fits(raw.len, range->bytes, err))
		return false;
	if (range->n >= range->in->max_commits)
		return err_set(err, ERR_LIMIT, "more than %u commits (mirror.max_commits)", range->in->max_commits);
	if (range->n == range->room) {
		size_t room = range->room ? range->room * 2 : 16;
		struct commit *wider = arena_alloc(range->arena, room, sizeof *wider);

		if (range->n)
			memcpy(wider, range->at, range->n * sizeof *wider);
		range->at = wider;
		range->room = room;
	}
	return commit_parse(&in, &range->at[range->n++], range->arena, err);
}

static bool add_listed(struct comparing *c, jval listed, struct err *err)
{
	struct kept_key key;
	struct text raw;
	struct oid name;

	if (!jneed_oid(listed, "sha", &name, err))
		return false;
	c->r->prove.arena = c->range->arena;
	if (!prove_listed(&c->r->prove, &name, listed, &raw, err) || !add(c, &name, raw, err))
		return false;
	key = rest_key(c->r, KEPT_COMMIT, &name);
	kept_put(c->r->mirror->kept, &key, raw);
	return true;
}

/* ---- comparing ---- */

static const char compare_path[] = "/repos/*/*/compare/*?per_page=*&page=*";

static struct rest_path path_of(const struct oid *base, const struct oid *head, int64_t per_page, int64_t page,
				struct arena *arena)
{
	struct text both = arena_printf(arena, "%s...%s", base->hex, head->hex);

	return (struct rest_path){compare_path, {both, github_number(arena, per_page), github_number(arena, page)}, 3};
}

static bool unrelated(const struct http_answer *answer, enum err_code code)
{
	return code == ERR_GONE && answer->status == 404 &&
	       text_find(answer->body, TEXT_LIT("No common ancestor")) != SIZE_MAX;
}

static bool take_head(struct comparing *c, jval page, struct err *err)
{
	struct oid base;
	int64_t total;

	if (!jneed_oid(page, "base_commit.sha", &base, err) ||
	    !jneed_oid(page, "merge_base_commit.sha", &c->range->near, err) ||
	    !jneed_int(page, "total_commits", &total, err))
		return false;
	if (!oid_eq(&base, &c->range->in->base))
		return err_set(err, ERR_INVALID, "the comparison is with %s, not %s", base.hex, c->range->in->base.hex);
	if (total < 0 || (c->total >= 0 && total != c->total))
		return err_set(err, ERR_INVALID, "total_commits: not the same on each page");
	if (total > (int64_t)c->range->in->max_commits)
		return err_set(err, ERR_LIMIT, "more than %u commits (mirror.max_commits)", c->range->in->max_commits);
	c->total = total;
	return true;
}

static bool take_page(struct comparing *c, jval page, struct err *err)
{
	jval list = jget(page, "commits");
	size_t before = c->range->n;

	if (!take_head(c, page, err))
		return false;
	if (!jis_array(list))
		return err_set(err, ERR_INVALID, "commits: not a list");
	for (size_t i = 0; i < jlen(list); i++)
		if (!add_listed(c, jat(list, i), err))
			return false;
	if ((int64_t)c->range->n > c->total || (c->range->n == before && (int64_t)before < c->total))
		return err_set(err, ERR_INVALID, "%zu commits were listed where there are %lld", c->range->n,
			       (long long)c->total);
	return true;
}

/* The merge base's tree comes with the comparison. */
static void keep_tree(const struct comparing *c, jval page)
{
	struct kept_key key = rest_key(c->r, KEPT_TREE_OF, &c->range->near);
	struct oid tree = joid(page, "merge_base_commit.commit.tree.sha");

	if (oid_known(&tree))
		kept_put(c->r->mirror->kept, &key, oid_text(&tree));
}

static bool one_page(struct comparing *c, int64_t page, bool *ret_unrelated, struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	const struct mirror_range_in *in = c->range->in;
	struct forge_call call = rest_call(c->r, &scratch);
	struct rest_path path = path_of(&in->base, &in->head, REST_PAGE, page, &scratch);
	struct github_reply reply = {.doc = NULL};
	enum err_code code = github_get(c->r->mirror->github, &call, &path, &reply, err);
	bool done;

	*ret_unrelated = page == 1 && unrelated(&reply.answer, code);
	if (code != ERR_OK)
		return false;
	done = take_page(c, jdoc_root(reply.doc), err);
	if (done)
		keep_tree(c, jdoc_root(reply.doc));
	jdoc_free(reply.doc);
	return done;
}

static bool compare(struct comparing *c, bool *ret_unrelated, struct err *err)
{
	unsigned pages = c->r->mirror->github->config.pages_max;

	for (unsigned page = 1; c->total < 0 || (int64_t)c->range->n < c->total; page++) {
		if (page > pages)
			return err_set(err, ERR_LIMIT, "a list of more than %u pages (limits.pages)", pages);
		if (!one_page(c, page, ret_unrelated, err))
			return false;
	}
	return true;
}

bool rest_is_behind(struct rest_reading *r, const struct oid *a, const struct oid *b, bool *ret, struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct forge_call call = rest_call(r, &scratch);
	struct rest_path path = path_of(a, b, 1, 2, &scratch); /* files stand on the first page only */
	struct github_reply reply = {.doc = NULL};
	struct oid base, near;
	enum err_code code = github_get(r->mirror->github, &call, &path, &reply, err);
	bool done;

	if (unrelated(&reply.answer, code)) {
		*err = ERR_NONE;
		*ret = false;
		return true;
	}
	if (code != ERR_OK)
		return false;
	done = jneed_oid(jdoc_root(reply.doc), "base_commit.sha", &base, err) &&
	       jneed_oid(jdoc_root(reply.doc), "merge_base_commit.sha", &near, err);
	jdoc_free(reply.doc);
	if (done && !oid_eq(&base, a))
		return err_set(err, ERR_INVALID, "the comparison is with %s, not %s", base.hex, a->hex);
	*ret = done && oid_eq(&near, a);
	return done;
}

/* ---- unrelated histories ---- */

static bool take_one(struct github_items *items, jval item, struct err *err)
{
	struct comparing *const *c = items->extra;

	return add_listed(*c, item, err);
}

static void take_again(struct github_items *items)
{
	struct comparing *const *c = items->extra;

	(*c)->range->n = 0;
	(*c)->range->bytes = 0;
}

static bool list_all(struct comparing *c, struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct forge_call call = rest_call(c->r, &scratch);
	struct rest_path path = {"/repos/*/*/commits?sha=*&per_page=100", {oid_text(&c->range->in->head)}, 1};
	struct github_items items = {.take = take_one, .again = take_again, .arena = &scratch, .extra = &c};

	return github_list(c->r->mirror->github, &call, &path, &items, err) == ERR_OK;
}

/* ---- what is kept of a range: its merge bases, then its commits, by name ---- */

struct kept_range {
	struct oid near;
	size_t n_bases, n;
};

static struct kept_key range_key(const struct comparing *c)
{
	struct kept_key key = rest_key(c->r, KEPT_RANGE, &c->range->in->base);

	key.b = c->range->in->head;
	return key;
}

static void keep_range(const struct comparing *c)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	const struct rest_range *range = c->range;
	struct kept_range head = {range->near, range->n_bases, range->n};
	size_t names = range->n_bases + range->n;
	char *bytes = arena_alloc(&scratch, sizeof head + names * sizeof(struct oid), 1);
	struct kept_key key = range_key(c);

	memcpy(bytes, &head, sizeof head);
	for (size_t i = 0; i < names; i++)
		memcpy(bytes + sizeof head + i * sizeof(struct oid),
		       i < range->n_bases ? &range->bases[i] : &range->at[i - range->n_bases].sha, sizeof(struct oid));
	kept_put(c->r->mirror->kept, &key, (struct text){bytes, sizeof head + names * sizeof(struct oid)});
}

static bool from_kept(struct comparing *c, struct text kept, struct err *err)
{
	struct kept_range head;
	struct oid name;

	memcpy(&head, kept.at, sizeof head);
	c->range->near = head.near;
	c->range->n_bases = head.n_bases;
	for (size_t i = 0; i < head.n_bases + head.n; i++) {
		struct kept_key key;
		struct text raw;

		memcpy(&name, kept.at + sizeof head + i * sizeof name, sizeof name);
		key = rest_key(c->r, KEPT_COMMIT, &name);
		if (i < head.n_bases)
			c->range->bases[i] = name;
		else if (!rest_object(c->r, &key, c->range->arena, &raw, err) || !add(c, &name, raw, err))
			return false;
	}
	return true;
}

bool rest_commits(struct rest_reading *r, struct rest_range *range, struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct comparing c = {r, range, -1};
	struct kept_key key = range_key(&c);
	struct text kept;
	bool nothing_common = false;

	if (kept_find(r->mirror->kept, &key, &scratch, &kept))
		return from_kept(&c, kept, err);
	if (!compare(&c, &nothing_common, err)) {
		if (!nothing_common)
			return false;
		*err = ERR_NONE;
		if (!list_all(&c, err))
			return false;
	}
	if (!rest_bases(r, range, err))
		return false;
	keep_range(&c);
	return true;
}
