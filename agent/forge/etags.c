/*
 * A table of chains, and one list through all entries, the one used last in front. An entry is one block of memory,
 * counted by its holders: one that leaves the table while it is held is freed when it is given back.
 */
#include "agent/forge/etags.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "policy/memory.h"

#define CHAINS_PER_BYTE 4096 /* one chain per so many bytes: about the size of a list */
#define ETAG_MAX        512
#define SHARE           4 /* no answer may take more than this part of all */

struct etags_kept {
	struct etags_key key;
	struct etags_kept *next_in_chain, *newer, *older;
	size_t holders; /* the table is one */
	size_t bytes;
	int64_t asked_at;             /* when the request left that it answered */
	struct text etag, body, link; /* in `data`; link: as one header, empty for none */
	char data[];
};

struct etags {
	pthread_mutex_t lock;
	size_t bytes_max, bytes, n_chains;
	struct etags_kept **chains;
	struct etags_kept *newest, *oldest;
};

/* These calls fail only when the state is broken. */
static void must(int failed)
{
	if (failed != 0)
		abort();
}

struct etags *etags_new(size_t bytes_max)
{
	struct etags *etags = calloc(1, sizeof *etags);

	if (!etags)
		out_of_memory();
	must(pthread_mutex_init(&etags->lock, NULL));
	etags->bytes_max = bytes_max;
	etags->n_chains = bytes_max / CHAINS_PER_BYTE + 1;
	etags->chains = calloc(etags->n_chains, sizeof(struct etags_kept *));
	if (!etags->chains)
		out_of_memory();
	return etags;
}

struct etags_key etags_key(const unsigned char token[CRYPTO_DIGEST], struct text url)
{
	unsigned char both[2 * CRYPTO_DIGEST];
	struct etags_key key;

	memcpy(both, token, CRYPTO_DIGEST);
	crypto_sha256(url, both + CRYPTO_DIGEST);
	crypto_sha256((struct text){(const char *)both, sizeof both}, key.digest);
	return key;
}

/* ---- with the lock held ---- */

static struct etags_kept **place_of(struct etags *etags, const struct etags_key *key)
{
	size_t hash;
	struct etags_kept **at;

	memcpy(&hash, key->digest, sizeof hash);
	at = &etags->chains[hash % etags->n_chains];
	while (*at && memcmp(&(*at)->key, key, sizeof *key) != 0)
		at = &(*at)->next_in_chain;
	return at;
}

static void unlink_one(struct etags *etags, struct etags_kept *kept)
{
	*(kept->newer ? &kept->newer->older : &etags->newest) = kept->older;
	*(kept->older ? &kept->older->newer : &etags->oldest) = kept->newer;
}

static void link_newest(struct etags *etags, struct etags_kept *kept)
{
	kept->newer = NULL;
	kept->older = etags->newest;
	*(etags->newest ? &etags->newest->newer : &etags->oldest) = kept;
	etags->newest = kept;
}

static void release(struct etags_kept *kept)
{
	assert(kept->holders > 0);
	if (--kept->holders == 0)
		free(kept);
}

static void drop(struct etags *etags, struct etags_kept **at)
{
	struct etags_kept *kept = *at;

	*at = kept->next_in_chain;
	unlink_one(etags, kept);
	etags->bytes -= kept->bytes;
	release(kept);
}

static void insert(struct etags *etags, struct etags_kept *kept)
{
	struct etags_kept **at;

	while (etags->oldest && etags->bytes + kept->bytes > etags->bytes_max)
		drop(etags, place_of(etags, &etags->oldest->key));
	at = place_of(etags, &kept->key);
	kept->next_in_chain = *at;
	*at = kept;
	link_newest(etags, kept);
	etags->bytes += kept->bytes;
}

/* ---- */

void etags_free(struct etags *etags)
{
	if (!etags)
		return;
	while (etags->oldest)
		drop(etags, place_of(etags, &etags->oldest->key));
	must(pthread_mutex_destroy(&etags->lock));
	free(etags->chains);
	free(etags);
}

const struct etags_kept *etags_take(struct etags *etags, const struct etags_key *key, int64_t since)
{
	struct etags_kept *kept;

	if (!etags)
		return NULL;
	must(pthread_mutex_lock(&etags->lock));
	kept = *place_of(etags, key);
	if (kept && kept->asked_at < since)
		kept = NULL;
	if (kept) {
		kept->holders++;
		unlink_one(etags, kept);
		link_newest(etags, kept);
	}
	must(pthread_mutex_unlock(&etags->lock));
	return kept;
}

void etags_give(struct etags *etags, const struct etags_kept *kept)
{
	if (!kept)
		return;
	must(pthread_mutex_lock(&etags->lock));
	release((struct etags_kept *)(uintptr_t)kept);
	must(pthread_mutex_unlock(&etags->lock));
}

struct text etags_etag(const struct etags_kept *kept)
{
	return kept->etag;
}

struct http_answer etags_answer(const struct etags_kept *kept, const struct http_answer *not_modified,
				struct arena *arena)
{
	struct http_answer ret = *not_modified;
	struct http_header *headers = arena_alloc(arena, ret.n_headers + 1, sizeof *headers);

	if (ret.n_headers)
		memcpy(headers, ret.headers, ret.n_headers * sizeof *headers);
	if (kept->link.len && !http_answer_header(&ret, "link").len)
		headers[ret.n_headers++] = (struct http_header){TEXT_LIT("link"), arena_text(arena, kept->link)};
	ret.headers = headers;
	ret.body = arena_text(arena, kept->body);
	ret.status = 200;
	return ret;
}

/* ---- keeping ---- */

static struct text put(struct etags_kept *kept, size_t *used, struct text t)
{
	struct text copy = {kept->data + *used, t.len};

	if (t.len)
		memcpy(kept->data + *used, t.at, t.len);
	*used += t.len;
	return copy;
}

/* Link headers may be several; a list of them in one header means the same (RFC 9110, field order). */
static size_t put_links(struct etags_kept *kept, size_t *used, const struct http_answer *answer)
{
	size_t from = *used;

	for (size_t i = 0; i < answer->n_headers; i++) {
		if (!text_is(answer->headers[i].name, "link"))
			continue;
		if (*used > from)
			(void)put(kept, used, TEXT_LIT(", "));
		(void)put(kept, used, answer->headers[i].value);
	}
	return *used - from;
}

static size_t size_of(const struct http_answer *answer, struct text etag)
{
	size_t n = sizeof(struct etags_kept) + etag.len + answer->body.len;

	for (size_t i = 0; i < answer->n_headers; i++)
		if (text_is(answer->headers[i].name, "link"))
			n += answer->headers[i].value.len + 2;
	return n;
}

static struct etags_kept *copy_of(const struct etags_key *key, const struct http_answer *answer, struct text etag)
{
	struct etags_kept *kept = memory_take(size_of(answer, etag));
	size_t used = 0;

	*kept = (struct etags_kept){.key = *key, .holders = 1, .bytes = size_of(answer, etag)};
	kept->etag = put(kept, &used, etag);
	kept->body = put(kept, &used, answer->body);
	kept->link = (struct text){kept->data + used, 0};
	kept->link.len = put_links(kept, &used, answer);
	return kept;
}

void etags_keep(struct etags *etags, const struct etags_key *key, const struct http_answer *answer, int64_t asked_at)
{
	struct text etag = http_answer_header(answer, "etag");
	struct etags_kept *kept = NULL, **old;

	if (!etags)
		return;
	if (answer->status == 200 && etag.len > 0 && etag.len <= ETAG_MAX &&
	    size_of(answer, etag) <= etags->bytes_max / SHARE)
		kept = copy_of(key, answer, etag);
	if (kept)
		kept->asked_at = asked_at;
	must(pthread_mutex_lock(&etags->lock));
	old = place_of(etags, key);
	if (*old)
		drop(etags, old);
	if (kept)
		insert(etags, kept);
	must(pthread_mutex_unlock(&etags->lock));
}

size_t etags_bytes(struct etags *etags)
{
	size_t bytes;

	must(pthread_mutex_lock(&etags->lock));
	bytes = etags->bytes;
	must(pthread_mutex_unlock(&etags->lock));
	return bytes;
}
