/*
 * A table of fixed size: each key has one place, and whoever comes to a place has it. When there are too many bytes, a
 * hand goes round the places and clears them until there is room.
 */
#include "agent/forge/kept.h"

#include <stdlib.h>
#include <string.h>

#include "policy/memory.h"

enum { PLACES = 16384, SHARE = 16 }; /* nothing may take more than this part of all */

struct item {
	struct kept_key key;
	size_t len;
	char bytes[];
};

struct kept {
	size_t bytes_max, bytes, hand;
	struct item *places[PLACES];
};

struct kept *kept_new(size_t bytes_max)
{
	struct kept *kept = calloc(1, sizeof *kept);

	if (!kept)
		out_of_memory();
	kept->bytes_max = bytes_max;
	return kept;
}

static void clear(struct kept *kept, size_t place)
{
	if (kept->places[place])
		kept->bytes -= sizeof(struct item) + kept->places[place]->len;
	free(kept->places[place]);
	kept->places[place] = NULL;
}

void kept_free(struct kept *kept)
{
	if (!kept)
		return;
	for (size_t i = 0; i < PLACES; i++)
		clear(kept, i);
	free(kept);
}

static bool same(const struct kept_key *a, const struct kept_key *b)
{
	return a->repo == b->repo && a->kind == b->kind && !strcmp(a->a.hex, b->a.hex) && !strcmp(a->b.hex, b->b.hex);
}

static size_t mixed(size_t hash, const char *hex)
{
	for (; *hex; hex++)
		hash = (hash ^ (unsigned char)*hex) * 1099511628211u;
	return hash;
}

static size_t place_of(const struct kept_key *key)
{
	size_t hash = mixed(14695981039346656037u ^ (size_t)key->repo, key->a.hex);

	hash = mixed(hash + (size_t)key->kind, key->b.hex);
	return (hash ^ hash >> 32) % PLACES;
}

bool kept_find(const struct kept *kept, const struct kept_key *key, struct arena *arena, struct text *ret)
{
	const struct item *item = kept->places[place_of(key)];

	if (!item || !same(&item->key, key))
		return false;
	*ret = arena_text(arena, (struct text){item->bytes, item->len});
	return true;
}

void kept_put(struct kept *kept, const struct kept_key *key, struct text bytes)
{
	size_t place = place_of(key), size = sizeof(struct item) + bytes.len;
	struct item *item;

	if (size > kept->bytes_max / SHARE)
		return;
	clear(kept, place);
	while (kept->bytes + size > kept->bytes_max) {
		clear(kept, kept->hand);
		kept->hand = (kept->hand + 1) % PLACES;
	}
	item = memory_take(size);
	item->key = *key;
	item->len = bytes.len;
	if (bytes.len)
		memcpy(item->bytes, bytes.at, bytes.len);
	kept->places[place] = item;
	kept->bytes += size;
}

size_t kept_bytes(const struct kept *kept)
{
	return kept->bytes;
}
