/*
 * prove: git objects rebuilt from what REST tells of them, and proven by their names: bytes that are handed out have
 * the SHA-1 that was asked for. What REST leaves out of a commit (the zones of its two times, the newlines at its end)
 * is found by trying; a signed commit is given in full as the text that was signed, and its signature.
 *
 * What cannot be proven is ERR_LIMIT that names mirror.rest where REST may have left something out (bytes that are no
 * UTF-8, further headers of a commit, a time zone that nobody lives in), else ERR_INVALID. Trying is bounded by
 * mirror.max_rest_hashed (1 GiB a verb). Bytes are owned by the arena handed in. One thread per struct prove.
 *
 * Source of the shapes: GitHub's documentation, "REST API endpoints for Git commits", "Git trees" and "Git blobs".
 */
#ifndef AGENT_FORGE_PROVE_H
#define AGENT_FORGE_PROVE_H

#include "webhooks/jread.h"

struct prove {
	size_t hashed;              /* bytes, so far */
	unsigned author, committer; /* the zones that fitted last: most commits of a range are alike */
	struct arena *arena;
};

/* Is the answer about this object at all? */
bool prove_about(jval answer, const struct oid *name, struct err *err);

/* An answer of git/commits, git/trees or git/blobs about this object. */
bool prove_commit(struct prove *prove, const struct oid *name, jval answer, struct text *ret, struct err *err);
bool prove_tree(struct prove *prove, const struct oid *name, jval answer, struct text *ret, struct err *err);
bool prove_blob(struct prove *prove, const struct oid *name, jval answer, struct text *ret, struct err *err);

/* One commit of a list (commits, compare): what git/commits says stands below "commit" there, but for the parents. */
bool prove_listed(struct prove *prove, const struct oid *name, jval listed, struct text *ret, struct err *err);

#endif
