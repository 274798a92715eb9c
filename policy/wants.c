#include "policy/wants.h"

#include <string.h>

static void add(struct arena *arena, struct wanted_names *names, struct text name)
{
	for (size_t i = 0; i < names->n; i++)
		if (text_eq_nocase(names->items[i], name))
			return;
	if (names->n == names->room) {
		size_t room = names->room ? 2 * names->room : 8;
		struct text *items = arena_alloc(arena, room, sizeof *items);

		if (names->n > 0)
			memcpy(items, names->items, names->n * sizeof *items);
		names->items = items;
		names->room = room;
	}
	names->items[names->n++] = name;
}

void wants_actors(struct wants *wants, const struct actors *actors)
{
	for (size_t i = 0; i < actors->n_teams; i++)
		add(wants->arena, &wants->teams, actors->teams[i]);
	for (size_t i = 0; i < actors->n_organizations; i++)
		add(wants->arena, &wants->organizations, actors->organizations[i]);
	wants->logins = wants->logins || actors_by_login(actors);
}

static void watch(struct wants *wants, const struct watched_name *name)
{
	for (size_t i = 0; i < wants->n_watched; i++) {
		struct watched_name *at = &wants->watched[i];

		if (at->kinds != name->kinds || !text_eq(at->name, name->name))
			continue;
		at->weighs = at->weighs || name->weighs;
		return;
	}
	if (wants->n_watched == wants->room_watched) {
		size_t room = wants->room_watched ? 2 * wants->room_watched : 8;
		struct watched_name *items = arena_alloc(wants->arena, room, sizeof *items);

		if (wants->n_watched > 0)
			memcpy(items, wants->watched, wants->n_watched * sizeof *items);
		wants->watched = items;
		wants->room_watched = room;
	}
	wants->watched[wants->n_watched++] = *name;
}

static void watch_all(struct wants *wants, const struct condition *c)
{
	struct watched_name name;

	for (size_t i = 0; c->predicate->watched && c->predicate->watched(c->args, i, &name); i++) {
		name.weighs = !wants->only_warns;
		watch(wants, &name);
	}
}

void wants_conditions(struct wants *wants, const struct conditions *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct condition *c = &all->items[i];
		const struct conditions *inner;

		if (c->predicate->about != ABOUT_NOBODY)
			wants_actors(wants, c->args);
		watch_all(wants, c);
		wants->author = wants->author || c->predicate->about == ABOUT_AUTHOR;
		wants->contributors = wants->contributors || c->predicate->about == ABOUT_CONTRIBUTORS;
		wants->merged_before = wants->merged_before || c->predicate->merged_before;
		wants->bugs = wants->bugs || c->predicate->bugs;
		for (size_t k = 0; c->predicate->inner && (inner = c->predicate->inner(c->args, k)) != NULL; k++)
			wants_conditions(wants, inner); /* as deep as the parser allows */
	}
}

void wants_tell(const struct wants *wants, struct policy_needs *needs)
{
	needs->teams = wants->teams.items;
	needs->n_teams = wants->teams.n;
	needs->organizations = wants->organizations.items;
	needs->n_organizations = wants->organizations.n;
	needs->author = wants->author;
	needs->contributors = wants->contributors;
	needs->merged_before = wants->merged_before;
	needs->logins = wants->logins;
	needs->bugs = wants->bugs;
	needs->watched = wants->watched;
	needs->n_watched = wants->n_watched;
}
