/*
 * scene: facts told by hand, in words made for people: who is who, what the change looks like, and an ordered list of
 * what happened (`push`, `approve: bob`). For declarative tests (cases.h) and for "what if".
 *
 * Numbers of people and names of commits follow from their names, times from the order of what happened; so the same
 * words are the same facts. Whatever is not told has the default that its row states. Who or what is named must have
 * been introduced: a typing error is a problem with its place, never another meaning. One change; merge groups and
 * several changes with one head are told in facts as JSON. Pure; everything is owned by the arena.
 */
#ifndef POLICY_SCENE_H
#define POLICY_SCENE_H

#include "policy/policy.h"

#define SCENE_KEYS_MAX     33
#define SCENE_TELLINGS_MAX 64

/* The words: keys of a scene, then what can happen ("history[].push"). NULL past the end. */
const struct policy_key *scene_word_at(size_t i);

bool scene_is_step(struct text word); /* something that can happen, and no key */

/* What maps say, by key and not read yet. Zeroed: nothing. */
struct telling {
	struct {
		const struct yaml *nodes[SCENE_TELLINGS_MAX];
		size_t n;
	} keys[SCENE_KEYS_MAX];
};

/* The value of one key, over what was told before: `people` and `then` add to it, `history` takes what happened before
 * away, anything else replaces. False with an empty problem: no such key; else *problem says why. */
bool telling_key(struct telling *telling, const struct yaml *key, const struct yaml *value, struct problem *problem);

/* Every member of a map; an unknown key is a problem. */
bool telling_map(struct telling *telling, const struct yaml *map, struct problem *problem);

/* The keys' names, for suggestions; at most SCENE_KEYS_MAX. */
size_t telling_names(const char **ret);

/* What happens next: a list of steps, as in `then`. */
bool telling_then(struct telling *telling, const struct yaml *steps, struct problem *problem);

struct scene;

/* From nothing; or from facts about at least one change, whose first one it goes on with. */
bool scene_make(const struct telling *telling, const struct facts *from, struct arena *arena, const struct scene **ret,
		struct problem *problem);

const struct facts *scene_facts(const struct scene *scene);

/* The text with the names that commits were given, instead of what stands for them in facts. */
struct text scene_named(const struct scene *scene, struct text text, struct arena *arena);

#endif
