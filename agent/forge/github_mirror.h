/*
 * github_mirror: the mirror port (git/mirror.h) over the forge's REST interface, for repositories that are too large to
 * be kept here. It fetches nothing and starts no child: fetch only asks whether the commits are there.
 *
 * Promise: the same facts as the bare mirror's, byte for byte, or an error. Commits are rebuilt and proven by their
 * names (prove.h) and read by the mirror's own parser; the list of them is whole when every parent that is not listed
 * lies behind base; paths come from walking the proven trees of both sides, never from the forge's list of files, which
 * ends at 300 and knows renames. Objects cannot change, so what was proven is kept (kept.h) and not asked for again.
 * Requests are counted and paced as all others (github.h).
 *
 * What REST cannot give is ERR_LIMIT that names mirror.rest: a commit with bytes that are no UTF-8, or with headers
 * that REST leaves out (an encoding, a merged tag); a tree with such a name, or cut short by the forge. A rule over
 * commits or paths is then pending: the list is not known. Everything that the policy language has today needs a range,
 * its paths and files by name, and is given, but for carry over a base branch that moved (same-patch, base-merge): it
 * compares the contents of changed files, and is answered so. Further limits: mirror.max_rest_trees (1000 a range), mirror.max_rest_edges (100
 * commits of base that a range begins at), mirror.max_rest_hashed, and limits.pages, limits.answer_bytes. A file takes
 * its directories and its blob.
 *
 * Source: GitHub's documentation, "Compare two commits", "Git trees", "Git blobs", "Git commits", "List commits".
 * One thread at a time per struct github_mirror; it uses the thread's struct github.
 */
#ifndef AGENT_FORGE_GITHUB_MIRROR_H
#define AGENT_FORGE_GITHUB_MIRROR_H

#include "agent/forge/github.h"
#include "git/mirror.h"

struct github_mirror_config {
	int64_t deadline_ms; /* of one range, or one file; relative */
	size_t kept_bytes;   /* of proven objects */
};

struct github_mirror;
struct github_mirror *github_mirror_new(struct github *github, const struct github_mirror_config *config);
void github_mirror_free(struct github_mirror *mirror); /* takes NULL; before its github */
struct mirror github_mirror_port(struct github_mirror *mirror);

#endif
