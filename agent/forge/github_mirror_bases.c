/*
 * What is listed are commits of head that are not in base; so a parent that is not listed is in base, and in head.
 * Every way from head to something common to both goes through one of these edges, so the merge bases are those edges
 * that lie behind no other one. The forge names one merge base only; the others are found by asking which edge lies
 * behind which. An edge that does not lie behind base was left out of the list.
 */
#include <string.h>

#include "agent/forge/github_mirror_inner.h"

struct graph {
	const struct commit **by_name;
	bool *reached;
	size_t n, n_reached;
	struct oid edges[REST_EDGES];
	size_t n_edges;
};

static int by_name(const void *a, const void *b)
{
	const struct commit *const *x = a, *const *y = b;

	return strcmp((*x)->sha.hex, (*y)->sha.hex);
}

static bool sort(struct graph *graph, const struct rest_range *range, struct arena *arena, struct err *err)
{
	graph->n = range->n;
	graph->by_name = arena_alloc(arena, range->n + 1, sizeof(struct commit *));
	graph->reached = arena_alloc(arena, range->n + 1, sizeof(bool));
	for (size_t i = 0; i < range->n; i++)
		graph->by_name[i] = &range->at[i];
	if (range->n)
		qsort(graph->by_name, range->n, sizeof(struct commit *), by_name);
	for (size_t i = 1; i < range->n; i++)
		if (!by_name(&graph->by_name[i - 1], &graph->by_name[i]))
			return err_set(err, ERR_INVALID, "a commit is listed twice");
	return true;
}

/* Its place, or SIZE_MAX. */
static size_t place_of(const struct graph *graph, const struct oid *name)
{
	struct commit wanted = {.sha = *name};
	const struct commit *key = &wanted, **at;

	at = bsearch(&key, graph->by_name, graph->n, sizeof(struct commit *), by_name);
	return at ? (size_t)(at - graph->by_name) : SIZE_MAX;
}

static bool add_edge(struct graph *graph, const struct oid *name, struct err *err)
{
	for (size_t i = 0; i < graph->n_edges; i++)
		if (oid_eq(&graph->edges[i], name))
			return true;
	if (graph->n_edges == REST_EDGES)
		return err_set(err, ERR_LIMIT, "a range that begins at more than %d commits (mirror.max_rest_edges)",
			       REST_EDGES);
	graph->edges[graph->n_edges++] = *name;
	return true;
}

/* From head along all parents; `left` holds places still to be looked at, each at most once. */
static bool walk(struct graph *graph, const struct oid *head, struct arena *arena, struct err *err)
{
	size_t *left = arena_alloc(arena, graph->n + 1, sizeof *left), n_left = 0, place = place_of(graph, head);

	if (place == SIZE_MAX)
		return err_set(err, ERR_INVALID, "the list has not %s, which was asked for", head->hex);
	graph->reached[place] = true;
	left[n_left++] = place;
	while (n_left) {
		const struct commit *commit = graph->by_name[left[--n_left]];

		graph->n_reached++;
		for (size_t i = 0; i < commit->n_parents; i++) {
			place = place_of(graph, &commit->parents[i]);
			if (place == SIZE_MAX && !add_edge(graph, &commit->parents[i], err))
				return false;
			if (place == SIZE_MAX || graph->reached[place])
				continue;
			graph->reached[place] = true;
			left[n_left++] = place;
		}
	}
	return graph->n_reached == graph->n || err_set(err, ERR_INVALID, "the list has commits that head has not");
}

/* ---- which edges are merge bases ---- */

static bool candidate(struct rest_range *range, const struct oid *name, struct err *err)
{
	if (range->n_bases == MIRROR_MERGE_BASES)
		return err_set(err, ERR_LIMIT, "more than %d merge bases (mirror.max_merge_bases)", MIRROR_MERGE_BASES);
	range->bases[range->n_bases++] = *name;
	return true;
}

/* All that do not lie behind the merge base that the forge named, which is the most of them. */
static bool candidates(struct rest_reading *r, struct rest_range *range, const struct graph *graph, struct err *err)
{
	bool found = false, behind;

	for (size_t i = 0; i < graph->n_edges; i++)
		found = found || oid_eq(&graph->edges[i], &range->near);
	if (!found)
		return err_set(err, ERR_INVALID, "the list does not begin at the merge base %s", range->near.hex);
	range->bases[range->n_bases++] = range->near;
	for (size_t i = 0; i < graph->n_edges; i++) {
		const struct oid *edge = &graph->edges[i];

		if (oid_eq(edge, &range->near))
			continue;
		if (!rest_is_behind(r, edge, &range->near, &behind, err))
			return false;
		if (behind)
			continue;
		if (!rest_is_behind(r, edge, &range->in->base, &behind, err))
			return false;
		if (!behind)
			return err_set(err, ERR_INVALID, "%s is missing in the list of commits", edge->hex);
		if (!candidate(range, edge, err))
			return false;
	}
	return true;
}

/* Of the candidates, those that lie behind no other. */
static bool reduce(struct rest_reading *r, struct rest_range *range, struct err *err)
{
	for (size_t i = 0; i < range->n_bases; i++)
		for (size_t k = 0; k < range->n_bases; k++) {
			bool behind = false;

			if (i == k)
				continue;
			if (!rest_is_behind(r, &range->bases[i], &range->bases[k], &behind, err))
				return false;
			if (!behind)
				continue;
			range->bases[i--] = range->bases[--range->n_bases];
			break;
		}
	return true;
}

/* No commit but those of base: then head is one of them, and its own merge base. */
static bool nothing_to_land(struct rest_range *range, struct err *err)
{
	if (!oid_eq(&range->near, &range->in->head))
		return err_set(err, ERR_INVALID, "no commits, and the merge base is %s", range->near.hex);
	range->bases[range->n_bases++] = range->near;
	return true;
}

bool rest_bases(struct rest_reading *r, struct rest_range *range, struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct graph graph = {.n = 0};

	range->n_bases = 0;
	if (!range->n)
		return nothing_to_land(range, err);
	if (!sort(&graph, range, &scratch, err) || !walk(&graph, &range->in->head, &scratch, err))
		return false;
	if (!oid_known(&range->near))
		return !graph.n_edges ||
		       err_set(err, ERR_INVALID, "not all commits of %s are listed", range->in->head.hex);
	return candidates(r, range, &graph, err) && reduce(r, range, err);
}
