/*
 * truth: what is really so at the forge, in a simulated history: people, commits, branches, changes, reviews. A plain
 * value without pointers, so that a copy is a snapshot (a replica that lags reads an old one). It shares no code with
 * the product and includes none of its headers; the oracle judges it, the ghosts watch it, the simulated forge and the
 * world show it. Everything is an index into an array here; object names and numeric ids are made by whoever shows it.
 *
 * Times are virtual wall-clock milliseconds; the forge shows whole seconds of them. Nothing allocates. One thread.
 */
#ifndef TESTS_SIM_TRUTH_H
#define TESTS_SIM_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

enum {
	TRUTH_PEOPLE = 9,
	TRUTH_COMMITS = 64, /* so that the ancestors of a commit are one word */
	TRUTH_BRANCHES = 3,
	TRUTH_CHANGES = 5,
	TRUTH_REVIEWS = 48,
	TRUTH_MOVES = 32, /* of one change's head */
	TRUTH_BUGS = 4,   /* at the tracker; commits may name one more, which it does not have */
	TRUTH_PATCHES = 2,
	NOBODY = -1 /* no such index */
};

enum truth_role { ROLE_NONE = 0, ROLE_READ, ROLE_TRIAGE, ROLE_WRITE, ROLE_MAINTAIN, ROLE_ADMIN };

struct truth_person {
	enum truth_role role; /* in the repository, now */
	bool bot;
	bool in_team; /* of the one team there is, "org/committers" */
};

enum truth_file { FILE_SOURCE = 1, FILE_WORKFLOW = 2, FILE_POLICY = 4, FILE_DOCS = 8 };

struct truth_commit {
	uint64_t reach;        /* bit i: commit i is this one or an ancestor of it */
	int parent, parent2;   /* NOBODY: none */
	int author, committer; /* people; NOBODY: an address that belongs to no account */
	int co_author;         /* NOBODY: there is none */
	unsigned files;        /* enum truth_file bits: what this commit touches */
	int policy;            /* the policy file in its tree: index into policies (oracle.h); NOBODY: none */
	unsigned bugs;         /* bit i: its message names bug i; TRUTH_BUGS: one that the tracker does not have */
};

struct truth_branch {
	int tip;
};

struct truth_move { /* the head became `to` */
	int to, by;
	int64_t at;
	bool forced;
};

enum truth_head_repo { HEAD_OWN = 0, HEAD_FORK, HEAD_PRIVATE_FORK /* its activity cannot be read */ };

struct truth_change {
	bool used, open, draft, merged;
	int head, base, author; /* base: a branch */
	int base_then;          /* its tip when the head or the base last moved: what the forge goes on to show */
	enum truth_head_repo head_repo;
	int64_t updated_at;
	int edits;     /* of the title */
	unsigned bugs; /* that the title names; as in struct truth_commit */
	struct truth_move moves[TRUTH_MOVES];
	int n_moves;
};

enum truth_review_state { SAID_COMMENTED = 1, SAID_APPROVED, SAID_CHANGES_REQUESTED, SAID_DISMISSED };

struct truth_review {
	int change, by;
	enum truth_review_state state;
	int sha;      /* the commit it was given to, when it was submitted */
	int rest_sha; /* what the forge's interface says now: it has been seen to move with a push */
	int64_t at;
};

/* ---- at the tracker ---- */

struct truth_patch { /* an attachment */
	bool used, obsolete;
	char approval; /* the flag sec-approval: '?', '+', '-'; 0: not set */
};

enum truth_shown { SHOWN_TO_ALL = 0, SHOWN_TO_GROUP /* in which our account is */, SHOWN_TO_OTHERS /* not to us */ };

struct truth_bug {
	bool rated; /* keyword sec-high */
	enum truth_shown shown;
	bool resolved;
	int dupe_of; /* NOBODY: it is none */
	struct truth_patch patches[TRUTH_PATCHES];
	int64_t changed_at;
};

struct truth {
	struct truth_person people[TRUTH_PEOPLE];
	struct truth_commit commits[TRUTH_COMMITS];
	int n_commits;
	struct truth_branch branches[TRUTH_BRANCHES];
	struct truth_change changes[TRUTH_CHANGES];
	struct truth_review reviews[TRUTH_REVIEWS];
	int n_reviews;
	int renamed; /* how often the repository got another name */
	struct truth_bug bugs[TRUTH_BUGS];
};

/* People 0 to 3 may write (0 and 1 write, 2 maintains, 3 administers), 4 triages, 5 reads, 6 has no role, 7 is a bot
 * that may write, 8 writes and is an accomplice of the author. Branch 0 is the default one. */
void truth_begin(struct truth *truth, int policy, int64_t now);

/* ---- what people do ---- */

enum deed_done {
	DEED_OPEN = 1,     /* who opens a change of `commit` into `branch` */
	DEED_PUSH,         /* change's head becomes `commit`, a descendant of it */
	DEED_FORCE_PUSH,   /* ... which is none */
	DEED_PUSH_BACK,    /* ... which it was before */
	DEED_APPROVE,      /* who approves `commit` (the head, or an older one) of change */
	DEED_REQUEST,      /* changes requested */
	DEED_REMARK,       /* a review that only comments */
	DEED_DISMISS,      /* `review` is dismissed */
	DEED_ROLE,         /* `subject` has `role` from now on */
	DEED_TEAM,         /* `subject` joins or leaves the team */
	DEED_POLICY,       /* `policy` is pushed to `branch` as commit */
	DEED_BASE_PUSH,    /* branch's tip becomes `commit`, which leaves the policy alone */
	DEED_RETARGET,     /* change's base becomes `branch` */
	DEED_DRAFT,        /* converted to draft */
	DEED_READY,        /* ready for review */
	DEED_CLOSE,        /* closed */
	DEED_REOPEN,       /* opened again */
	DEED_EDIT,         /* the title */
	DEED_RENAME,       /* the repository */
	DEED_FORGE_STATUS, /* who posts a status of our context, `state`, on `commit` */
	DEED_RECHECK,      /* who comments "/headgate recheck" on change */
	DEED_MERGE,        /* who merges change by the forge's button: branch tip becomes `commit` */
	DEED_BUG_RATED,    /* `bug` has the keyword (`role` 1), or has it no more */
	DEED_BUG_SHOWN,    /* `bug` is shown to `role`, enum truth_shown */
	DEED_BUG_PATCH,    /* `patch` of `bug` is attached, or (`role` 1) obsolete */
	DEED_BUG_APPROVAL, /* ... has the flag `role`, as in struct truth_patch */
	DEED_BUG_DUPE,     /* `bug` is marked as a duplicate of `other` (`role` 1), or is so no more */
	DEED_BUG_CLOSED,   /* `bug` is resolved (`role` 1), or open again */
	DEED_KINDS
};

struct deed {
	enum deed_done kind;
	int who, change, commit, branch, review, subject, policy;
	int role;                 /* enum truth_role, 1 or 0 for teams, status state for DEED_FORGE_STATUS */
	int before;               /* pushes: the head before */
	bool moves_reviews;       /* pushes: the forge's interface moves its reviews of the old head to the new one;
				   * reviews of an old head: it shows this one at the new head from the beginning */
	struct truth_commit made; /* pushes and opens: the commit, when it is new (index n_commits) */
	enum truth_head_repo head_repo;
	int pushed_by;         /* opens: 1 + who pushed the commit there, where that is not who opens; else 0 */
	unsigned bugs;         /* edits: what the title names then */
	int bug, patch, other; /* of deeds at the tracker alone */
};

/*
 * False: the forge refuses it, and nothing changed. Who may do what is the forge's rule: pushes to branches of the
 * repository, retargeting, drafts, dismissals and merges need write access (an author may do the most of it with their
 * own change; a fork is its author's), closing and reopening triage; anybody may review, but not approve or refuse
 * their own change. A deed that would change nothing is refused. `before` is told, not read.
 *
 * A change with nothing to land cannot be: such pushes, retargets and reopenings are refused, and a base that gets a
 * change's head merges the change, whoever pushed. Of `made`, reach is computed again; DEED_POLICY wants made.policy to
 * be `policy`; DEED_MERGE wants made.parent to be the tip (parent2 the head, or NOBODY for a squash).
 */
bool truth_do(struct truth *truth, const struct deed *deed, int64_t now);

/* A new commit on top of parent (and parent2, or NOBODY), not yet in truth: it touches nothing, has its parents' policy
 * (merged, for two) and nobody's name, which the caller gives it. reach is 0 when the history is full. */
struct truth_commit truth_commit_on(const struct truth *truth, int parent, int parent2);

/* Commits that landing this head would bring: bit i is commit i. */
uint64_t truth_range(const struct truth *truth, int head, int tip);
/* enum truth_file bits that differ between the merge base and the head; with several merge bases, from any of them.
 * FILE_POLICY: the policy is another one; the others: a commit since then touched them. */
unsigned truth_paths(const struct truth *truth, int head, int tip);
/* When commit became this change's head for the last time; -1: it never was. */
int64_t truth_arrival(const struct truth_change *change, int commit);
/* Bugs that landing this head would bring the name of, or the title names; bits as in struct truth_commit. */
unsigned truth_bugs_named(const struct truth *truth, const struct truth_change *change);
/* Bit i: bug i is this one, or is one with it by marks of duplicates, however many. */
unsigned truth_bugs_alike(const struct truth *truth, int bug);
bool truth_at_tracker(enum deed_done kind); /* whether such a deed is done to a bug */

const char *deed_name(enum deed_done kind);

/* ---- names that policies speak of; whoever shows the truth uses these ---- */

#define TRUTH_TEAM "org/committers"
const char *truth_login(int person);               /* "ann", ... */
const char *truth_branch_name(int branch);         /* "main", "release", "next" */
const char *truth_file_path(enum truth_file file); /* one bit; FILE_POLICY: ".headgate.yml" */

#endif
