#include "agent/forge/github_mirror.h"

#include "agent/forge/github_mirror_inner.h"
#include "git/commit.h"
#include "git/treediff.h"
#include "policy/memory.h"

struct github_mirror *github_mirror_new(struct github *github, const struct github_mirror_config *config)
{
	struct github_mirror *mirror = calloc(1, sizeof *mirror);

	if (!mirror)
		out_of_memory();
	*mirror = (struct github_mirror){github, *config, kept_new(config->kept_bytes)};
	return mirror;
}

void github_mirror_free(struct github_mirror *mirror)
{
	if (!mirror)
		return;
	kept_free(mirror->kept);
	free(mirror);
}

static struct rest_reading begin(struct github_mirror *mirror, const struct mirror_where *where, int64_t deadline_ms)
{
	return (struct rest_reading){
		.mirror = mirror,
		.repo = {where->repo, where->name, where->installation},
		.deadline_ms = deadline_ms,
	};
}

static int64_t own_deadline(const struct github_mirror *mirror)
{
	const struct clock_port *clock = &mirror->github->clock;

	return clock->mono(clock->self) + mirror->config.deadline_ms;
}

static bool good_name(const struct oid *name, struct err *err)
{
	struct oid checked;

	return (oid_parse(oid_text(name), &checked) && oid_text(&checked).len == 40) ||
	       err_set(err, ERR_INVALID, "not a full SHA-1 object name: \"%.64s\"", name->hex);
}

/* ---- fetch ---- */

static enum err_code fetch(void *self, const struct mirror_fetch_in *in, struct mirror_fetch_out *out, struct err *err)
{
	struct rest_reading r = begin(self, &in->where, in->deadline_ms);
	struct oid tree;

	if (in->n_wants > MIRROR_WANTS)
		return err_set(err, ERR_LIMIT, "more than %d commits in one fetch (mirror.max_wants)", MIRROR_WANTS),
		       err->code;
	for (size_t i = 0; i < in->n_wants; i++)
		if (!good_name(&in->wants[i], err) || !rest_tree_of(&r, &in->wants[i], &tree, err))
			return err->code;
	out->fetched = false;
	return ERR_OK;
}

/* ---- range ---- */

static bool paths(struct rest_reading *r, const struct rest_range *range, struct mirror_range_out *out, struct err *err)
{
	struct treediff diff = {.trees = rest_trees(r),
				.max_paths = range->in->max_paths,
				.max_trees = REST_TREES,
				.limit_trees = "mirror.max_rest_trees",
				.arena = range->arena};
	struct oid head, base;
	bool done = true;

	if (range->n)
		head = range->at[0].tree;
	else if (!rest_tree_of(r, &range->in->head, &head, err))
		return false;
	if (!range->n_bases && !treediff_add(&diff, NULL, &head, err))
		return false;
	for (size_t i = 0; done && i < range->n_bases; i++)
		done = rest_tree_of(r, &range->bases[i], &base, err) && treediff_add(&diff, &base, &head, err);
	treediff_finish(&diff);
	out->paths = diff.paths;
	out->n_paths = diff.n_paths;
	return done;
}

/* The smallest name, as in the bare mirror. */
static struct oid first_base(const struct rest_range *range)
{
	struct oid first = OID_NONE;

	for (size_t i = 0; i < range->n_bases; i++)
		if (!i || text_cmp(oid_text(&range->bases[i]), oid_text(&first)) < 0)
			first = range->bases[i];
	return first;
}

static enum err_code range_of(void *self, const struct mirror_range_in *in, struct mirror_range_out *out,
			      struct arena *arena, struct err *err)
{
	struct rest_reading r = begin(self, &in->where, own_deadline(self));
	struct rest_range range = {.in = in, .arena = arena};
	struct mirror_range_out found = {.n_commits = 0};

	if (!good_name(&in->base, err) || !good_name(&in->head, err) || !rest_commits(&r, &range, err))
		return err->code;
	commit_order(range.at, range.n, &in->head);
	if (!paths(&r, &range, &found, err))
		return err->code;
	found.commits = range.at;
	found.n_commits = range.n;
	found.merge_base = first_base(&range);
	found.head_in_base = range.n_bases == 1 && oid_eq(&range.bases[0], &in->head);
	*out = found;
	return ERR_OK;
}

/* ---- one file ---- */

static bool read_blob(struct rest_reading *r, const struct oid *name, struct arena *arena, struct text *ret,
		      struct err *err)
{
	struct kept_key key = rest_key(r, KEPT_BLOB, name);

	return rest_object(r, &key, arena, ret, err);
}

static enum err_code file_at(void *self, const struct mirror_file_in *in, struct mirror_file_out *out,
			     struct arena *arena, struct err *err)
{
	struct rest_reading r = begin(self, &in->where, own_deadline(self));
	struct tree_reader trees = rest_trees(&r);
	struct tree_file found;
	struct oid root;
	struct text bytes = TEXT_EMPTY;

	if (!good_name(&in->commit, err) || !rest_tree_of(&r, &in->commit, &root, err) ||
	    !tree_find_file(&trees, &root, in->path, &found, err) ||
	    (found.exists && !read_blob(&r, &found.blob, arena, &bytes, err)))
		return err->code;
	if (bytes.len > in->max_bytes)
		return err_set(err, ERR_LIMIT, "%.*s has %zu bytes, more than max_bytes = %zu",
			       TEXT_ARG(text_cut(in->path, 80)), bytes.len, in->max_bytes),
		       err->code;
	*out = (struct mirror_file_out){found.exists, found.blob, bytes};
	return ERR_OK;
}

/* ---- what an approval may be kept for ---- */

static enum err_code carry(void *self, const struct mirror_carry_in *in, struct mirror_carry_out *out,
			   struct arena *arena, struct err *err)
{
	(void)self, (void)in, (void)out, (void)arena;
	return err_set(err, ERR_LIMIT, "contents of changed files cannot be compared over REST (mirror.rest)"),
	       err->code;
}

struct mirror github_mirror_port(struct github_mirror *mirror)
{
	return (struct mirror){mirror, fetch, range_of, file_at, carry};
}
