/*
 * tree: the bytes of tree objects, read one entry after the other, and the way to one path through them. Where the
 * bytes come from is the reader's affair (a mirror, or the forge's REST interface).
 *
 * Promise: an entry is read completely or it is ERR_INVALID. Modes are taken as they stand, whatever tool wrote them.
 */
#ifndef GIT_TREE_H
#define GIT_TREE_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/oid.h"

enum { TREE_PATH_BYTES = 4096 }; /* limit mirror.max_path_bytes */
enum { TREE_BYTES = 8 << 20 };   /* limit mirror.max_tree_bytes, one tree: some 200000 entries */

struct tree_entry {
	uint32_t mode;
	struct text name;      /* borrowed from the tree */
	const uint8_t *object; /* its 20 bytes, borrowed likewise */
};

/* Takes the next entry off the front of what is left; not called with nothing left. */
bool tree_next(struct text *left, struct tree_entry *ret, struct err *err);

/* By the kind alone, as git does: 40755 is a directory too, and its content would else be hidden. */
bool tree_is_dir(const struct tree_entry *entry); /* NULL: no */
struct oid tree_object(const struct tree_entry *entry);

/* As git sorts them: a directory as "name/". */
int tree_order(const struct tree_entry *a, const struct tree_entry *b);
bool tree_good_name(struct text name); /* one that can stand in a path */

/* The path of an entry below `dir` ("" or "a/b/"); one of a directory ends in "/". ERR_INVALID: the name cannot stand
 * in a path; ERR_LIMIT: it is longer than TREE_PATH_BYTES. */
struct tree_place {
	struct text dir, name;
	bool is_dir;
};
bool tree_path(const struct tree_place *place, struct arena *arena, struct text *ret, struct err *err);

struct tree_reader {
	void *self;
	/* The bytes of a tree, owned by the arena, their hash checked; anything else is an error. ERR_LIMIT above
	 * TREE_BYTES, known before they are read. */
	bool (*read)(void *self, const struct oid *tree, struct arena *arena, struct text *ret, struct err *err);
};

struct tree_file {
	bool exists;
	struct oid blob;
};
/* Only a plain file counts (ERR_INVALID): a link could point at what nobody reviewed. As is what is no path. */
bool tree_find_file(const struct tree_reader *reader, const struct oid *root, struct text path, struct tree_file *ret,
		    struct err *err);

#endif
