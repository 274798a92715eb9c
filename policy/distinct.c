/* Augmenting paths (Kuhn): each place in turn asks for somebody, and may send them on to another of their places. */
#include "policy/distinct.h"

struct place {
	const struct demand *demand;
	bool asked; /* on the present path */
};

struct assignment {
	struct place *places;
	size_t n_places;
	int64_t *ids; /* distinct people */
	size_t *at;   /* the place each fills; SIZE_MAX: none */
	size_t n_people;
};

static size_t find(const struct assignment *a, int64_t id)
{
	size_t i = 0;

	while (i < a->n_people && a->ids[i] != id)
		i++;
	return i;
}

/* Of as many people as there are places, one is always left, whoever the others are: more need not be asked. */
static size_t asked_of(const struct demand *demand)
{
	return demand->n < DISTINCT_PLACES_MAX ? demand->n : DISTINCT_PLACES_MAX;
}

static void enter(struct assignment *a, const struct demand *demand)
{
	for (int64_t i = 0; i < demand->count && a->n_places < DISTINCT_PLACES_MAX; i++)
		a->places[a->n_places++] = (struct place){demand, false};
	for (size_t i = 0; i < asked_of(demand); i++)
		if (find(a, demand->who[i].id) == a->n_people) {
			a->at[a->n_people] = SIZE_MAX;
			a->ids[a->n_people++] = demand->who[i].id;
		}
}

/* As deep as there are places: each is asked once on a path. */
static bool fill(struct assignment *a, size_t place)
{
	const struct demand *demand = a->places[place].demand;

	if (a->places[place].asked)
		return false;
	a->places[place].asked = true;
	for (size_t i = 0; i < asked_of(demand); i++) {
		size_t who = find(a, demand->who[i].id);

		if (a->at[who] == SIZE_MAX || fill(a, a->at[who])) {
			a->at[who] = place;
			return true;
		}
	}
	return false;
}

int64_t distinct_missing(const struct demand *demands, size_t n, struct arena *arena)
{
	struct assignment a = {.places = arena_alloc(arena, DISTINCT_PLACES_MAX, sizeof *a.places)};
	size_t room = 0;
	int64_t missing = 0;

	for (size_t i = 0; i < n; i++)
		room += asked_of(&demands[i]);
	a.ids = arena_alloc(arena, room, sizeof *a.ids);
	a.at = arena_alloc(arena, room, sizeof *a.at);
	for (size_t i = 0; i < n; i++)
		enter(&a, &demands[i]);
	for (size_t i = 0; i < a.n_places; i++) {
		for (size_t k = 0; k < a.n_places; k++)
			a.places[k].asked = false;
		missing += !fill(&a, i);
	}
	return missing;
}
