/*
 * Trees that policies ask about, as the store has them: treestatus is asked by a worker of its own (trees.h), and a
 * judgement waits for nobody. What is older than max_age is not known.
 */
#include "agent/work/gather_inner.h"

#include <string.h>

#include "agent/store/trees.h"

struct naming_trees {
	struct text *at;
	size_t n;
};

static void name_tree(struct naming_trees *all, struct text name)
{
	for (size_t i = 0; i < all->n; i++)
		if (text_eq(all->at[i], name))
			return;
	all->at[all->n++] = name;
}

static bool is_tree(const struct watched_name *name)
{
	return name->kinds & 1u << WATCH_TREE;
}

static struct naming_trees names_of(const struct collect *c, const struct governed *governed, size_t n)
{
	struct naming_trees all = {.n = 0};
	size_t room = 0;

	for (size_t i = 0; i < n; i++)
		room += governed[i].policy ? policy_needs(governed[i].policy).n_watched : 0;
	all.at = arena_alloc(c->arena, room, sizeof *all.at);
	for (size_t i = 0; i < n; i++) {
		struct policy_needs needs;

		if (!governed[i].policy)
			continue;
		needs = policy_needs(governed[i].policy);
		for (size_t k = 0; k < needs.n_watched; k++)
			if (is_tree(&needs.watched[k]))
				name_tree(&all, needs.watched[k].name);
	}
	return all;
}

/* By the clock after the row was read: an answer can come while facts are collected, and is not of a time to come. Of
 * a clock that was set back nothing is known. */
static bool is_fresh(const struct collect *c, const struct row_tree *row)
{
	int64_t now = c->gather->ports->clock.wall(c->gather->ports->clock.self);

	return row->as_of <= now && now - row->as_of <= c->gather->config->tree_max_age_ms;
}

static struct tree tree_of(const struct collect *c, const struct row_tree *row, bool *ret_lapsed)
{
	bool says = row->state > TREE_UNKNOWN && row->state < TREE_STATES, known = says && is_fresh(c, row);

	*ret_lapsed = says && !known;
	return (struct tree){
		.name = row->name,
		.state = known ? (enum tree_state)row->state : TREE_UNKNOWN,
		.as_of = row->as_of,
		.reason = known ? row->reason : TEXT_EMPTY,
	};
}

bool gather_trees(const struct collect *c, const struct governed *governed, struct gathered *ret, struct err *err)
{
	struct naming_trees names = names_of(c, governed, ret->facts.n_changes);
	struct tree *trees = arena_alloc(c->arena, names.n, sizeof *trees);
	int64_t *changed_at = arena_alloc(c->arena, names.n, sizeof *changed_at);
	bool *lapsed = arena_alloc(c->arena, names.n, sizeof *lapsed);

	for (size_t i = 0; i < names.n; i++) {
		struct row_tree row = {.name = names.at[i]};

		if (c->gather->ports->store && !store_tree(c->gather->ports->store, names.at[i], c->arena, &row, err))
			return false;
		row.name = names.at[i];
		trees[i] = tree_of(c, &row, &lapsed[i]);
		changed_at[i] = row.changed_at;
	}
	ret->facts.trees = trees;
	ret->facts.n_trees = names.n;
	ret->trees_changed_at = changed_at;
	ret->trees_lapsed = lapsed;
	return true;
}

/* ---- what a verdict asked about ---- */

struct refs {
	struct tree_ref *at;
	size_t n;
};

/* Of one that two readings found different, both cannot be what it says now. */
static void add_ref(struct refs *refs, const struct tree_ref *ref)
{
	struct tree_ref *was = refs->at;

	while (was < refs->at + refs->n && !text_eq(was->name, ref->name))
		was++;
	if (was == refs->at + refs->n) {
		refs->at[refs->n++] = *ref;
		return;
	}
	was->weighs = was->weighs || ref->weighs;
	was->lapsed = was->lapsed || ref->lapsed;
	if (was->changed_at != ref->changed_at)
		was->changed_at = WHEN_UNKNOWN;
}

static bool weighs(const struct governed *governed, size_t n, struct text name)
{
	for (size_t i = 0; i < n; i++) {
		struct policy_needs needs;

		if (!governed[i].policy)
			continue;
		needs = policy_needs(governed[i].policy);
		for (size_t k = 0; k < needs.n_watched; k++)
			if (is_tree(&needs.watched[k]) && text_eq(needs.watched[k].name, name) &&
			    needs.watched[k].weighs)
				return true;
	}
	return false;
}

static void add_gathered(struct refs *refs, const struct gathered *gathered)
{
	const struct facts *facts = &gathered->facts;

	for (size_t i = 0; i < facts->n_trees; i++)
		add_ref(refs, &(struct tree_ref){facts->trees[i].name,
						 weighs(gathered->governed, facts->n_changes, facts->trees[i].name),
						 gathered->trees_changed_at[i], gathered->trees_lapsed[i]});
}

bool gather_tree_refs(const struct collect *c, struct gathered *ret, struct err *err)
{
	size_t room = ret->facts.n_trees;
	struct refs refs = {.n = 0};

	for (size_t i = 0; i < ret->n_groups; i++)
		for (size_t k = 0; k < ret->groups[i].n; k++)
			room += ret->groups[i].parts[k].gathered.facts.n_trees;
	refs.at = arena_alloc(c->arena, room, sizeof *refs.at);
	add_gathered(&refs, ret);
	for (size_t i = 0; i < ret->n_groups; i++)
		for (size_t k = 0; k < ret->groups[i].n; k++)
			add_gathered(&refs, &ret->groups[i].parts[k].gathered);
	if (refs.n > TREE_REFS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d trees", TREE_REFS_MAX);
	ret->tree_refs = refs.at;
	ret->n_tree_refs = refs.n;
	return true;
}
