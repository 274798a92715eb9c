/*
 * gather: the facts of one commit, read now. Asks the forge (the set of open changes with this head, each change, its
 * reviews, its record of head moves, who its commits belong to, permissions, teams and organizations of those who
 * reviewed and of whom else the policy asks about, the tip of the base branch), the mirror (range, paths, policy file
 * at the base tip) and the store (bindings, arrivals, floors). Decides nothing.
 *
 * Promises: an answer older than a floor is no input (ERR_RETRY); an answer that is not complete is an error, and so is
 * more than GATHER_BYTES_MAX (ERR_LIMIT: anybody can open many changes with one head); a part that cannot be known is
 * left unknown in facts, never guessed. Freshness inputs (agent/PROTOCOL.md): a review's bound_sha is the signed
 * webhook's binding where there is one, else the forge's commit_id where the head's arrival is known; head_arrived_at
 * is the newest of the signed arrivals and the forge's own record, else the Date of the answer that first showed this
 * head. A merge group's commit: gather_group.c. Everything is owned by the arena. Thread: one worker, sequential, ports
 * only.
 */
#ifndef AGENT_WORK_GATHER_H
#define AGENT_WORK_GATHER_H

#include "agent/base/clock.h"
#include "agent/base/wake.h"
#include "agent/forge/forge.h"
#include "agent/store/store.h"
#include "git/mirror.h"
#include "policy/policy.h"

#define GATHER_BYTES_MAX ((size_t)128 << 20) /* limit judge.max_gathered_bytes, of one collect */

struct gather_config {
	struct text policy_path; /* ".headgate.yml" */
	struct text shared_repo; /* "owner/name", whose shared_path is for repositories without that; empty: none */
	struct text shared_path;
	struct policy_defaults defaults;
	unsigned max_commits, max_paths;
	int64_t deadline_ms;     /* for the whole of one collect, relative */
	int64_t fetch_ms;        /* for one fetch of its git objects, and never beyond the collect's end */
	struct text context;     /* the status's name */
	int64_t tree_max_age_ms; /* what treestatus said longer ago is not known; below 0: nothing is */
};

struct bug_sources;
struct policies;

struct gather_ports {
	struct forge *forge;
	struct mirror *mirror;
	const struct store *store; /* NULL: one-shot judgement; bindings, arrivals and floors are then empty */
	struct clock_port clock;
	const struct bug_sources *bugs; /* gather_bugs.h; NULL: no tracker is configured */
	struct policies *policies;      /* policies.h; NULL: what was parsed is not kept */
	struct wake_port wake;          /* of the poster, where a bug is not as it was; .signal NULL: nobody waits */
};

/* Rights that an event changed a moment ago, of people whose review weighs: until then an answer may be from before. 0:
 * none. */
struct unsettled {
	int64_t less, more; /* by events that took, and that gave */
};

struct policy_place {          /* another repository that was asked for a policy (gather_elsewhere.c) */
	struct text repo, ref; /* as they were named; ref empty: the default branch */
	int64_t id;
	struct oid commit; /* unknown: none was asked */
};

struct gathered_part; /* of a merge group: one constituent (gather_inner.h) */
struct group_part {   /* one branch that the commit shall become by a merge group */
	struct text base_ref;
	struct oid tip;      /* of base_ref */
	struct oid unmerged; /* as in struct group */
	bool landed;
	bool over; /* the queue's branches for it are gone, longer than any copy lags */
	const struct gathered_part *parts;
	size_t n;
};

struct gathered {
	struct unsettled unsettled;
	struct facts facts;
	struct governed *governed;         /* one per change */
	const struct policy_place *places; /* one per change */
	struct text policy_text;           /* of the first change; the built-in's text where it has no file */
	struct text policy_sha;            /* hex SHA-256 of it */
	const struct oid *heads_now; /* of open changes that have this head by the index: the heads they have now */
	size_t n_heads_now;
	bool landed;                     /* heads no open change, and was merged */
	bool landing_lags;               /* a copy of the forge's data may not have that yet */
	bool silent;                     /* landed, or heads no open change and its merge groups have ended */
	const struct group_part *groups; /* of the claim's bases, in order */
	size_t n_groups;
	const struct text *over; /* of the claim's branches: those that are gone for good */
	size_t n_over;
	int64_t look_again_at;            /* when one of them may be; 0: each is there */
	const int64_t *trees_changed_at;  /* of the store's rows that facts.trees are from */
	const bool *trees_lapsed;         /* those said something too long ago */
	const struct tree_ref *tree_refs; /* what all its policies ask about, constituents' too (agent/store/trees.h) */
	size_t n_tree_refs;
	int64_t began;        /* monotonic: nothing was asked for earlier */
	struct text versions; /* canonical text of every value read that can move: equal texts, unmoved inputs */
};

struct gather { /* what a collect needs; borrowed by every call */
	const struct gather_config *config;
	const struct gather_ports *ports;
	const struct claim *claim;
};

/* One collect. ERR_RETRY: not now (retry_at_ms where the forge named one). */
bool gather_collect(const struct gather *gather, struct arena *arena, struct gathered *ret, struct err *err);

/* All open changes of the claim's repository, in one reading that serves many commits. */
bool gather_open(const struct gather *gather, struct arena *arena, struct forge_list_changes *ret, struct err *err);
/* What gather_collect gives for a commit that no change has by the index, where gather_open's list, read after its
 * claim, does not name it as a head. Asks nobody. */
bool gather_headless(const struct gather *gather, struct arena *arena, struct gathered *ret, struct err *err);

/* The second read of a double collect: reads again every value that can move (all but git objects, which cannot) and
 * says whether it equals first->versions. Where a success would be a new one, the forge has sent the open changes, the
 * change, its reviews, its comments where a policy asks for them, its record of forced moves, the tip that a merge
 * group is built on and, if it was asked, the repository's name since the first reading began, in it or in this one: no
 * answer from before stands in for them, though the forge call it not modified. Of the rest its word in this very
 * request that nothing changed will do: of whose commits, rights, teams and the base branch's tip within the last hour,
 * of plain pushes since they were read. */
bool gather_unmoved(const struct gather *gather, const struct gathered *first, bool *ret_unmoved, struct err *err);

/* The check runs with the status's name, into facts.shadowed and shadowed_by; before a new success the forge sent them,
 * or said that they are as they were, no longer than an hour ago. *ret_run: the newest that may be read as success; id
 * 0: none. */
bool gather_shadow(const struct gather *gather, struct arena *arena, struct facts *facts,
		   struct forge_check_run *ret_run, struct err *err);

#endif
