/*
 * kept: what cannot change, kept so that it is asked for once: objects of git by their names, and what follows from two
 * names. Owns copies, at most `bytes_max` of them; what is in the way of something new goes. One thread at a time.
 */
#ifndef AGENT_FORGE_KEPT_H
#define AGENT_FORGE_KEPT_H

#include "policy/arena.h"
#include "policy/oid.h"

enum kept_kind { KEPT_COMMIT = 1, KEPT_TREE, KEPT_BLOB, KEPT_TREE_OF, KEPT_RANGE };

struct kept_key {
	int64_t repo; /* one repository's objects say nothing of another's */
	enum kept_kind kind;
	struct oid a, b; /* b: of a range; else unknown */
};

struct kept;
struct kept *kept_new(size_t bytes_max);
void kept_free(struct kept *kept); /* takes NULL */

/* A copy in the arena; false: not kept. */
bool kept_find(const struct kept *kept, const struct kept_key *key, struct arena *arena, struct text *ret);
void kept_put(struct kept *kept, const struct kept_key *key, struct text bytes);

size_t kept_bytes(const struct kept *kept); /* now */

#endif
