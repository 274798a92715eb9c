/*
 * The facts of one open change, from what was read: what the forge says now, what only events told, and git objects.
 */
#include "agent/work/gather_inner.h"

struct mirror_where gather_where(const struct collect *c, const struct forge_git *git)
{
	const struct forge_repo *repo = &c->call.repo;

	return (struct mirror_where){repo->id, git->url, git->token, repo->name, repo->installation};
}

int64_t gather_fetch_deadline(const struct collect *c)
{
	const struct clock_port *clock = &c->gather->ports->clock;
	int64_t own = clock->mono(clock->self) + c->gather->config->fetch_ms;

	return own < c->call.deadline_ms ? own : c->call.deadline_ms;
}

bool gather_fetch_any(const struct collect *c, const struct oid wants[2], struct mirror_where *ret, struct err *err)
{
	const struct gather_ports *ports = c->gather->ports;
	struct mirror_fetch_in in = {.wants = wants, .n_wants = 2, .deadline_ms = gather_fetch_deadline(c)};
	struct mirror_fetch_out out;
	struct forge_git git;

	if (ports->forge->git_access(ports->forge->self, &c->call, &git, err) != ERR_OK)
		return collect_failed(err, "git access");
	in.where = gather_where(c, &git);
	*ret = in.where;
	return ports->mirror->fetch(ports->mirror->self, &in, &out, err) == ERR_OK;
}

bool gather_fetch(const struct collect *c, const struct oid wants[2], struct mirror_where *ret, struct err *err)
{
	return gather_fetch_any(c, wants, ret, err) || collect_failed(err, "fetch");
}

/* ---- reviews ---- */

/* A ghost's approval proves nothing and is left out; its objection stays, as nobody's. */
static bool counts_at_all(const struct forge_review *r)
{
	return r->state != REVIEW_PENDING && (r->user.id > 0 || r->state == REVIEW_CHANGES_REQUESTED);
}

/* What the signed event bound it to, and nothing else where there was one; else what the forge says now, which is
 * proof of nothing unless the arrival of the head is known and compared. */
static struct oid bound_sha(const struct seen_change *seen, const struct forge_review *r, bool arrival_known)
{
	const struct row_binding *binding = gather_binding(&seen->told, r->id);

	for (size_t i = 0; i < seen->n_gone; i++)
		if (seen->gone[i] == r->user.id)
			return OID_NONE;
	if (binding)
		return binding->sha;
	return arrival_known ? r->commit_id : OID_NONE;
}

static bool before(const struct review *a, const struct review *b)
{
	return a->submitted_at != b->submitted_at ? a->submitted_at < b->submitted_at : a->id < b->id;
}

static void take_reviews(const struct collect *c, const struct seen_change *seen, struct change *ret)
{
	struct review *at = arena_alloc(c->arena, seen->reviews.n + 1, sizeof *at);
	bool arrival_known = ret->known & FACT_ARRIVAL;
	size_t n = 0;

	for (size_t i = 0; i < seen->reviews.n; i++) {
		const struct forge_review *r = &seen->reviews.at[i];
		struct review one = {.id = r->id, .user = r->user, .state = r->state, .submitted_at = r->submitted_at};
		size_t k = n;

		if (!counts_at_all(r))
			continue;
		one.bound_sha = bound_sha(seen, r, arrival_known);
		for (; k > 0 && before(&one, &at[k - 1]); k--)
			at[k] = at[k - 1];
		at[k] = one;
		n++;
	}
	ret->reviews = at;
	ret->n_reviews = n;
	ret->known |= FACT_REVIEWS;
}

/* ---- git objects ---- */

static void take_range(const struct collect *c, const struct seen_change *seen, const struct mirror_range_out *range,
		       struct change *ret)
{
	ret->commits = attribute_commits(range, &seen->people, c->arena);
	ret->n_commits = range->n_commits;
	ret->merge_base = range->merge_base;
	ret->known |= FACT_COMMITS;
	if (!oid_known(&range->merge_base))
		return; /* unrelated histories: what differs is not said by any diff */
	ret->paths = range->paths;
	ret->n_paths = range->n_paths;
	ret->known |= FACT_PATHS;
}

/* Too many commits or paths, or what REST cannot give, leave both unknown; everything else that fails is an error. */
static bool read_objects(const struct collect *c, const struct seen_change *seen, struct change *ret, struct err *err)
{
	const struct gather *g = c->gather;
	struct mirror *mirror = g->ports->mirror;
	struct oid wants[2] = {seen->tip, seen->now.head};
	struct mirror_range_in in = {.base = seen->tip,
				     .head = seen->now.head,
				     .max_commits = g->config->max_commits,
				     .max_paths = g->config->max_paths};
	struct mirror_range_out range;
	enum err_code code;

	if (!gather_fetch(c, wants, &in.where, err))
		return false;
	code = mirror->range(mirror->self, &in, &range, c->arena, err);
	if (code == ERR_OK)
		take_range(c, seen, &range, ret);
	else if (code != ERR_LIMIT)
		return collect_failed(err, "commits");
	*err = ERR_NONE; /* who asks next looks at err alone, too */
	return true;
}

/* What events told of it: WHEN_UNKNOWN, nothing. */
static bool told_at(const struct collect *c, const char *kind, int64_t number, int64_t *ret, struct err *err)
{
	struct row_floor floor = {.repo = c->gather->claim->repo, .kind = text_of(kind), .key = number};

	*ret = WHEN_UNKNOWN;
	if (!c->gather->ports->store)
		return true;
	if (!store_floor(c->gather->ports->store, &floor, c->arena, err))
		return false;
	*ret = floor.forge_time;
	return true;
}

/* Since when it has this base branch, and until when its head's repository is known to have been there. */
static bool take_past(const struct collect *c, const struct seen_change *seen, struct change *ret, struct err *err)
{
	ret->head_gone = seen->now.head_repo == 0;
	if (!told_at(c, "base", ret->number, &ret->base_changed_at, err) ||
	    !told_at(c, "head", ret->number, &ret->head_seen_at, err))
		return false;
	if (seen->moves.base_changed_at > ret->base_changed_at)
		ret->base_changed_at = seen->moves.base_changed_at;
	return true;
}

/* A branch of another repository is told from one of ours by the owner before it, who cannot have a colon in his name.
 * A label that does not say so could be taken for a branch of ours. */
static void take_head_ref(const struct seen_change *seen, struct change *ret)
{
	const struct forge_change *now = &seen->now;
	size_t owner = text_find(now->head_label, TEXT_LIT(":"));

	if (now->head_repo != 0 && now->head_repo == now->base_repo) {
		ret->head_ref = now->head_ref;
	} else if (owner != SIZE_MAX && owner > 0 && now->head_label.len == owner + 1 + now->head_ref.len &&
		   text_ends(now->head_label, now->head_ref)) {
		ret->head_ref = now->head_label;
	}
	if (ret->head_ref.len > 0)
		ret->known |= FACT_HEAD_REF;
}

static bool pushed(const struct collect *c, const struct seen_change *seen, struct change *ret, struct err *err)
{
	*ret = (struct change){.known = FACT_STATE | FACT_BASE,
			       .pushed_to = seen->pushed_to,
			       .open = true,
			       .base_ref = seen->now.base_ref,
			       .base_sha = seen->tip,
			       .head_arrived_at = WHEN_UNKNOWN};
	return read_objects(c, seen, ret, err) && gather_push_pushers(c, ret, err);
}

bool gather_change(const struct collect *c, const struct seen_change *seen, struct change *ret, struct err *err)
{
	const struct forge_change *now = &seen->now;
	struct change change = {
		.known = FACT_STATE | FACT_DRAFT | FACT_BASE | FACT_LABELS | FACT_TITLE | FACT_BODY,
		.number = now->number,
		.open = now->open,
		.draft = now->draft,
		.merged = now->merged,
		.base_ref = now->base_ref,
		.base_sha = seen->tip,
		.head_arrived_at = WHEN_UNKNOWN,
		.author = now->author,
		.labels = now->labels,
		.n_labels = now->n_labels,
		.title = now->title,
		.body = now->body,
	};

	if (seen->pushed_to.len > 0)
		return pushed(c, seen, ret, err);
	if (now->author.id > 0)
		change.known |= FACT_AUTHOR;
	if (!take_past(c, seen, &change, err) || !arrival_of_head(c, seen, &change.head_arrived_at, err))
		return false;
	if (change.head_arrived_at != WHEN_UNKNOWN)
		change.known |= FACT_ARRIVAL;
	take_head_ref(seen, &change);
	take_reviews(c, seen, &change);
	if (!read_objects(c, seen, &change, err) || !gather_pushers(c, seen, &change, err))
		return false;
	if (c->arena->used > GATHER_BYTES_MAX)
		return err_set(err, ERR_LIMIT,
			       "the changes of this commit come to more than %zu bytes "
			       "(judge.max_gathered_bytes)",
			       GATHER_BYTES_MAX);
	*ret = change;
	return true;
}
