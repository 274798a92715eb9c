#include "policy/bug_view.h"
#include "policy/rules.h"

#include <string.h>

struct list {
	struct text *items;
	size_t n, room;
};

struct gathering {
	struct arena *arena;
	const struct facts *facts;
	const struct change *change;
	const struct named_bugs *named;
	struct bug_name *bugs;
	size_t n_bugs, room_bugs;
	bool weighs, revisions;
	struct list keywords, groups, flags, setter_groups;
};

static void *room_for_one(struct arena *arena, void *items, size_t n, size_t *room, size_t size)
{
	void *more;

	if (n < *room)
		return items;
	*room = *room ? 2 * *room : 8;
	more = arena_alloc(arena, *room, size);
	if (n > 0)
		memcpy(more, items, n * size);
	return more;
}

static void want_name(struct arena *arena, struct list *list, struct text name)
{
	for (size_t i = 0; i < list->n; i++)
		if (text_eq(list->items[i], name))
			return;
	list->items = room_for_one(arena, list->items, list->n, &list->room, sizeof *list->items);
	list->items[list->n++] = name;
}

static void want_names(struct arena *arena, struct list *list, const struct text *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		want_name(arena, list, names[i]);
}

static void unite(struct gathering *to, const struct bugs_wanted *more)
{
	want_names(to->arena, &to->keywords, more->keywords, more->n_keywords);
	want_names(to->arena, &to->groups, more->groups, more->n_groups);
	want_names(to->arena, &to->flags, more->flags, more->n_flags);
	want_names(to->arena, &to->setter_groups, more->setter_groups, more->n_setter_groups);
	to->revisions = to->revisions || more->revisions;
}

static void want_bug(struct gathering *g, struct text tracker, int64_t id)
{
	for (size_t i = 0; i < g->n_bugs; i++)
		if (g->bugs[i].id == id && text_eq(g->bugs[i].tracker, tracker)) {
			g->bugs[i].weighs = g->bugs[i].weighs || g->weighs;
			return;
		}
	g->bugs = room_for_one(g->arena, g->bugs, g->n_bugs, &g->room_bugs, sizeof *g->bugs);
	g->bugs[g->n_bugs++] = (struct bug_name){tracker, id, g->weighs};
}

static void want_chain(struct gathering *g, const struct bugs_args *args, int64_t id)
{
	struct bug_chain chain;

	want_bug(g, args->tracker, id);
	bugs_chain(g->facts, args->tracker, id, args->duplicates, &chain);
	for (size_t i = chain.n_self; i < chain.n; i++)
		want_bug(g, chain.items[i].tracker, chain.items[i].id);
}

static void want_flag(struct gathering *g, const struct flag_args *args)
{
	struct text name;

	g->revisions = g->revisions || args->patch_this;
	want_names(g->arena, &g->setter_groups, args->groups, args->n_groups);
	if (flag_name(args, g->change, g->arena, &name))
		want_name(g->arena, &g->flags, name);
}

static void want_conditions(struct gathering *g, const struct conditions *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct condition *c = &all->items[i];
		const struct names *names = c->args;
		const struct conditions *inner;

		if (c->predicate->ask == bug_keywords_ask) {
			want_names(g->arena, &g->keywords, names->any_of, names->n_any_of);
			want_names(g->arena, &g->keywords, names->none_of, names->n_none_of);
		} else if (c->predicate->ask == bug_groups_ask) {
			want_names(g->arena, &g->groups, names->any_of, names->n_any_of);
			want_names(g->arena, &g->groups, names->none_of, names->n_none_of);
		} else if (c->predicate->ask == bug_flag_ask || c->predicate->ask == bug_attachment_flag_ask) {
			want_flag(g, c->args);
		} else if (c->predicate->ask == bugs_ask) {
			for (size_t k = 0; k < g->named->n; k++)
				want_chain(g, c->args, g->named->items[k].id);
		}
		for (size_t k = 0; c->predicate->inner && (inner = c->predicate->inner(c->args, k)) != NULL; k++)
			want_conditions(g, inner); /* as deep as the parser allows */
	}
}

static void put_names(const struct gathering *g, struct bugs_wanted *ret)
{
	ret->revisions = g->revisions;
	ret->keywords = g->keywords.items;
	ret->n_keywords = g->keywords.n;
	ret->groups = g->groups.items;
	ret->n_groups = g->groups.n;
	ret->flags = g->flags.items;
	ret->n_flags = g->flags.n;
	ret->setter_groups = g->setter_groups.items;
	ret->n_setter_groups = g->setter_groups.n;
}

void policy_bugs_wanted(const struct policy *policy, const struct facts *facts, const struct change *change,
			struct arena *arena, struct bugs_wanted *ret)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct facts indexed = *facts;
	struct named_bugs named;
	struct gathering g = {.arena = arena, .facts = &indexed, .change = change, .named = &named};

	*ret = (struct bugs_wanted){0};
	if (!policy->needs.bugs)
		return;
	facts_index(&indexed, &scratch);
	bugs_named(change, &scratch, &named);
	for (size_t i = 0; i < policy->n_rules; i++) {
		g.weighs = policy->rules[i].mode == MODE_ENFORCE;
		if (policy->rules[i].mode != MODE_OFF)
			want_conditions(&g, &policy->rules[i].requires);
	}
	ret->bugs = g.bugs;
	ret->n_bugs = g.n_bugs;
	ret->too_many = named.too_many;
	put_names(&g, ret);
}

void policy_bugs_unite(const struct bugs_wanted *all, size_t n, struct arena *arena, struct bugs_wanted *ret)
{
	struct gathering g = {.arena = arena};

	for (size_t i = 0; i < n; i++)
		unite(&g, &all[i]);
	put_names(&g, ret);
}

bool policy_bugs_due(const struct verdict *verdict)
{
	return verdict->public_met;
}
