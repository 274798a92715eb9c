/*
 * Commits are parsed here from the raw object and not by libgit2, because its accessors end a message at the first
 * NUL and tidy names up: what a rule judges must be every byte that was signed off.
 */
#include "git/commit.h"

#include <string.h>

#include "git/trailer.h"
#include "policy/encoding.h"

/* Takes "key value\n" off the front. */
static bool header(struct text *left, const char *key, struct text *value)
{
	size_t end = text_find(*left, TEXT_LIT("\n")), n = strlen(key);
	if (end == SIZE_MAX || end < n || !text_starts(*left, text_of(key)))
		return false;
	*value = (struct text){left->at + n, end - n};
	*left = (struct text){left->at + end + 1, left->len - end - 1};
	return true;
}

/* "Name <mail> seconds zone": the part up to the address. More than one address is left whole: then it names nobody. */
static struct text identity(struct text value)
{
	size_t close = text_find(value, TEXT_LIT(">"));
	if (close == SIZE_MAX)
		return value;
	struct text after = {value.at + close + 1, value.len - close - 1};
	if (text_find(after, TEXT_LIT(">")) != SIZE_MAX || text_find(after, TEXT_LIT("<")) != SIZE_MAX)
		return value;
	return (struct text){value.at, close + 1};
}

static bool parents(struct text *left, struct commit *commit, struct arena *arena)
{
	struct text value, ahead = *left;
	size_t n = 0;
	while (header(&ahead, "parent ", &value))
		n++;
	struct oid *list = n ? arena_alloc(arena, n, sizeof(*list)) : NULL;
	for (size_t i = 0; i < n; i++)
		if (!header(left, "parent ", &value) || !oid_parse(value, &list[i]))
			return false;
	commit->parents = list;
	commit->n_parents = n;
	return true;
}

static bool parse(const struct commit_bytes *in, struct commit *commit, struct arena *arena)
{
	struct text value, left = in->raw;
	if (!header(&left, "tree ", &value) || !oid_parse(value, &commit->tree) || !parents(&left, commit, arena) ||
	    !header(&left, "author ", &value))
		return false;
	commit->author = trailer_signer(identity(value), in->host);
	if (!header(&left, "committer ", &value))
		return false;
	commit->committer = trailer_signer(identity(value), in->host);
	if (text_starts(left, TEXT_LIT("\n"))) {
		commit->message = (struct text){left.at + 1, left.len - 1};
		return true;
	}
	size_t gap = text_find(left, TEXT_LIT("\n\n"));
	struct text headers = {left.at, gap == SIZE_MAX ? left.len : gap + 1};
	if (gap == SIZE_MAX) /* headers to the end and no message at all */
		commit->message = TEXT_EMPTY;
	else
		commit->message = (struct text){left.at + gap + 2, left.len - gap - 2};
	commit->recoded = !encoding_shows(headers, commit->message);
	return true;
}

bool commit_fits(size_t bytes, size_t all, struct err *err)
{
	if (bytes > COMMIT_BYTES)
		return err_set(err, ERR_LIMIT, "a commit has %zu bytes, more than %d (mirror.max_commit_bytes)", bytes,
			       COMMIT_BYTES);
	return all <= RANGE_BYTES || err_set(err, ERR_LIMIT,
					     "the commits of the range have more than %d bytes "
					     "(mirror.max_range_bytes)",
					     RANGE_BYTES);
}

bool commit_parse(const struct commit_bytes *in, struct commit *ret, struct arena *arena, struct err *err)
{
	struct commit commit = {.sha = *in->name};
	if (!parse(in, &commit, arena))
		return err_set(err, ERR_INVALID, "%s is a malformed commit", commit.sha.hex);
	if (!trailer_coauthors(commit.message, in->host, &commit, arena, err))
		return false;
	*ret = commit;
	return true;
}

/* ---- the order ---- */

struct place { /* one commit while the order is made */
	const struct commit *commit;
	size_t children; /* listed, and not yet put out */
};

static int by_name(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	return strcmp(x->commit->sha.hex, y->commit->sha.hex);
}

static struct place *find(struct place *places, size_t n, const struct oid *name)
{
	struct commit wanted = {.sha = *name};
	struct place key = {&wanted, 0};
	return bsearch(&key, places, n, sizeof(key), by_name);
}

static void count_children(struct place *places, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < places[i].commit->n_parents; k++) {
			struct place *parent = find(places, n, &places[i].commit->parents[k]);
			if (parent)
				parent->children++;
		}
}

/* Whose children are all out waits on a stack: what a merge brought in comes before what was there. */
static size_t put_out(struct place *places, size_t n, struct place **stack, size_t waiting, struct commit *ret)
{
	size_t out = 0;
	while (waiting) {
		const struct commit *commit = stack[--waiting]->commit;
		ret[out++] = *commit;
		for (size_t k = 0; k < commit->n_parents; k++) {
			struct place *parent = find(places, n, &commit->parents[k]);
			if (parent && !--parent->children)
				stack[waiting++] = parent;
		}
	}
	return out;
}

void commit_order(struct commit *list, size_t n, const struct oid *head)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct place *places = arena_alloc(&arena, n + 1, sizeof(*places));
	struct place **stack = arena_alloc(&arena, n + 1, sizeof(struct place *));
	struct commit *ordered = arena_alloc(&arena, n + 1, sizeof(*ordered));
	size_t waiting = 0;
	for (size_t i = 0; i < n; i++)
		places[i].commit = &list[i];
	if (n)
		qsort(places, n, sizeof(*places), by_name);
	count_children(places, n);
	for (size_t i = n; i > 0; i--)
		if (!places[i - 1].children && !oid_eq(&places[i - 1].commit->sha, head))
			stack[waiting++] = &places[i - 1];
	struct place *first = find(places, n, head);
	if (first && !first->children)
		stack[waiting++] = first;
	if (n && put_out(places, n, stack, waiting, ordered) == n) /* names by hash make no circle */
		memcpy(list, ordered, n * sizeof(*list));
}
