/*
 * objects: reads commits, trees and blobs of one mirror by full name. Only the object database is opened: never the
 * repository's configuration, refs, grafts or alternates of the machine.
 *
 * Promise: an object is read completely and with its hash checked, or it is an error: ERR_RETRY where it is missing,
 * ERR_INVALID where it is something else than asked for.
 */
#ifndef GIT_OBJECTS_H
#define GIT_OBJECTS_H

#include <git2.h>

#include "git/tree.h"
#include "policy/facts.h"

struct objects {
	git_odb *odb;
	git_repository *repo; /* a wrapping of odb, nothing else */
};

bool objects_open(const char *objects_dir, struct objects *ret, struct err *err);
void objects_close(struct objects *objects); /* takes a zeroed one */

bool objects_oid(const struct oid *oid, git_oid *ret, struct err *err); /* ERR_INVALID: unknown, or not SHA-1 */
struct oid objects_name(const git_oid *oid);

/* The error libgit2 has just reported: missing is ERR_RETRY, as is everything that cannot be read. */
bool objects_error(struct err *err, const char *what);

bool objects_is_commit(struct objects *objects, const struct oid *oid);

/* What one walk reads with. */
struct reading {
	struct objects *objects;
	struct text host; /* whose noreply addresses carry account numbers (git/trailer.h) */
	size_t bytes;     /* of commits read so far (git/commit.h: commit_fits) */
	struct arena *arena;
};

/* Owned by the arena. */
bool objects_commit(struct reading *reading, const git_oid *name, struct commit *ret, struct err *err);

bool objects_tree_of(struct objects *objects, const git_oid *commit, struct oid *ret, struct err *err);
struct tree_reader objects_trees(struct objects *objects); /* borrows it */

#endif
