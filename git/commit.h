/*
 * commit: the bytes of a commit object as facts. Wherever they came from, this is the one reader of them, so that a
 * commit says the same whether a mirror or the forge's REST interface handed it out.
 *
 * Promise: every byte of the message, people as git has them (git/trailer.h); a commit without its four parts in order
 * is ERR_INVALID, more co-authors than mirror.max_coauthors ERR_LIMIT. Lists are owned by the arena, texts borrow from
 * the bytes handed in. Any thread.
 */
#ifndef GIT_COMMIT_H
#define GIT_COMMIT_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/facts.h"

/* Limits mirror.max_commit_bytes, one commit, and mirror.max_range_bytes, the commits of a range together: as much as
 * the facts of a verdict may come to (judge.max_facts_bytes), for more could never be judged. */
enum { COMMIT_BYTES = 4 << 20, RANGE_BYTES = 8 << 20 };

/* bytes: one commit's; all: those of the range with it. */
bool commit_fits(size_t bytes, size_t all, struct err *err);

struct commit_bytes {
	const struct oid *name;
	struct text raw;  /* without the object's header */
	struct text host; /* whose noreply addresses carry account numbers (git/trailer.h) */
};
bool commit_parse(const struct commit_bytes *in, struct commit *ret, struct arena *arena, struct err *err);

/* One order, whatever way the commits were found: head first, children before their parents, a side branch together and
 * before what it was merged into. It is a function of the commits and their parents alone. */
void commit_order(struct commit *list, size_t n, const struct oid *head);

#endif
