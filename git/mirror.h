/*
 * mirror: the port through which workers read commits, and its first body: a bare mirror per repository. The second
 * reads over the forge's REST interface (agent/forge/github_mirror.h) and gives the same facts, byte for byte.
 *
 * Whatever cannot be read completely is an error: ERR_RETRY (network, deadline), ERR_GONE (no such object at the
 * forge), ERR_LIMIT (the text names it), ERR_INVALID (not what was asked for). Never a partial answer. A body that
 * cannot give something at all says so by ERR_LIMIT that names mirror.rest: what needs it is then unknown, never
 * guessed.
 *
 * The bare mirrors: owns the directories below `root` (0700), one per numeric repository id. Fetching is a `git fetch`
 * child with a deadline (killed with its process group), blobs left out, the token only in the child's environment, no
 * configuration, hooks, credential helpers or prompts of the machine. Objects are read with libgit2 by full object
 * name only; a ref named like an object name is never consulted.
 *
 * Fixed limits, named in the text of their ERR_LIMIT: mirror.max_wants (32 commits a fetch), mirror.max_commit_bytes
 * (4 MiB), mirror.max_range_bytes (8 MiB, the commits of a range together), mirror.max_coauthors (1000 a commit),
 * mirror.max_merge_bases (16), mirror.max_depth (128), mirror.max_trees (200000 a comparison), mirror.max_tree_bytes (8
 * MiB), mirror.max_open_tree_bytes (32 MiB) and mirror.max_all_tree_bytes (512 MiB, git/treediff.h),
 * mirror.max_path_bytes (4096); and, where it is asked what an approval may be kept for (git/edit.h, git/carry.c),
 * mirror.max_carried_merges (32), mirror.max_carried_files (100), mirror.max_carried_file_bytes (512 KiB),
 * mirror.max_carried_bytes (8 MiB), mirror.max_carried_trees (20000) and mirror.max_carried_tree_bytes (128 MiB).
 * What one fetch writes is bounded besides, by mirror_git_config: a pack that grows beyond it is ERR_LIMIT, and what is
 * there of it is removed.
 *
 * A commit or tree that git's own check refuses is ERR_INVALID. "The forge" of a noreply address is the host of the
 * URL; for file:// and the loopback it is github.com.
 *
 * Results are owned by the arena handed in. One thread at a time per struct mirror_git; the port's verbs lock nothing.
 */
#ifndef GIT_MIRROR_H
#define GIT_MIRROR_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/facts.h"

enum { MIRROR_WANTS = 32, MIRROR_MERGE_BASES = 16 };
enum { MIRROR_PACKS = 16 }; /* open at one time, of all mirrors in the process: each fetch leaves one behind */

struct mirror_where {
	int64_t repo;         /* numeric id: the directory */
	struct text url;      /* https://host/owner/name.git (or file:// for tests and the demo) */
	struct text token;    /* empty: none */
	struct text name;     /* "owner/name", as REST knows it; empty: nobody asks REST */
	int64_t installation; /* of the App, for REST; 0: not known, or none */
};

struct mirror_fetch_in {
	struct mirror_where where;
	const struct oid *wants; /* commits that must be there afterwards, with their history */
	size_t n_wants;
	int64_t deadline_ms; /* monotonic, absolute; the child is killed then */
};
struct mirror_fetch_out {
	bool fetched; /* false: everything was there already, no child was started */
};

struct mirror_range_in {
	struct mirror_where where;
	struct oid base, head; /* both fetched before */
	unsigned max_commits;  /* limit mirror.max_commits; more: ERR_LIMIT */
	unsigned max_paths;    /* limit mirror.max_paths */
};
/* Commits reachable from head and not from base, over all parents, in the order of git/commit.h; paths that differ
 * between the merge base and head, sorted bytewise, with modes, no rename detection (a rename is a deletion and an
 * addition). Signer ids are 0 except where a noreply address of the forge carries one; the caller attributes the rest.
 */
struct mirror_range_out {
	struct oid merge_base; /* unknown: unrelated histories */
	const struct commit *commits;
	size_t n_commits;
	const struct path *paths;
	size_t n_paths;
	bool head_in_base; /* head is an ancestor of base: nothing to land */
};

struct mirror_file_in {
	struct mirror_where where;
	struct oid commit;
	struct text path;
	size_t max_bytes;
};
struct mirror_file_out {
	bool exists;
	struct oid blob;
	struct text bytes; /* NUL-terminated besides */
};

/* May an approval of `from` be kept for `head`? */
struct mirror_carry_in {
	struct mirror_where where;
	struct oid base, from, head; /* base: the base branch's tip; all fetched before */
	enum carry how;              /* CARRY_SAME_PATCH or CARRY_BASE_MERGE, as git/carry.c defines them */
	unsigned max_commits, max_paths;
};
struct mirror_carry_out {
	bool holds;
	struct text why; /* it does not: "PATH was changed otherwise"; a path's bytes are as git has them */
};

/* The port. */
struct mirror {
	void *self;
	enum err_code (*fetch)(void *self, const struct mirror_fetch_in *in, struct mirror_fetch_out *out,
			       struct err *err);
	enum err_code (*range)(void *self, const struct mirror_range_in *in, struct mirror_range_out *out,
			       struct arena *arena, struct err *err);
	enum err_code (*file_at)(void *self, const struct mirror_file_in *in, struct mirror_file_out *out,
				 struct arena *arena, struct err *err); /* may fetch one blob; own deadline of 30 s */
	enum err_code (*carry)(void *self, const struct mirror_carry_in *in, struct mirror_carry_out *out,
			       struct arena *arena, struct err *err); /* may fetch blobs; own deadline of 30 s */
};

struct mirror_git;

struct mirror_git_config {
	const char *root;    /* the directory of mirrors; made, 0700 */
	const char *program; /* an absolute path, or a name looked up in /usr/local/bin, /usr/bin and /bin; NULL: git */
	const char
		*ca_file; /* whom to believe that he is the forge, in the place of the system's; NULL: the system's */
	int64_t max_file_bytes; /* limit mirror.max_bytes: of each file that git writes, a pack above all; 0: none */
};
/* Taken: nothing; texts are copied. NULL and *err on failure. */
struct mirror_git *mirror_git_new(const struct mirror_git_config *config, struct err *err);
void mirror_git_free(struct mirror_git *mirror); /* takes NULL */
struct mirror mirror_git_port(struct mirror_git *mirror);

#endif
