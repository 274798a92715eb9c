/*
 * facts: everything a verdict is computed from, as plain values (as JSON: agent/base/README.md). Borrowed from one
 * arena.
 *
 * Unknown is marked, never guessed: `known` bits say which parts of a change were read completely. A part that is
 * unknown makes whatever needs it pending, never met. Time enters as `now`. People are numeric ids.
 */
#ifndef POLICY_FACTS_H
#define POLICY_FACTS_H

#include "policy/arena.h"
#include "policy/bug.h"
#include "policy/event.h"
#include "policy/tree.h"

enum fact {
	FACT_STATE = 1 << 0,
	FACT_DRAFT = 1 << 1,
	FACT_BASE = 1 << 2,
	FACT_AUTHOR = 1 << 3,
	FACT_ARRIVAL = 1 << 4, /* head_arrived_at */
	FACT_PUSHERS = 1 << 5,
	FACT_COMMITS = 1 << 6,
	FACT_PATHS = 1 << 7,
	FACT_REVIEWS = 1 << 8,
	FACT_LABELS = 1 << 9,
	FACT_TITLE = 1 << 10,
	FACT_BODY = 1 << 11,
	FACT_HEAD_REF = 1 << 12,
	FACT_SIGNATURES = 1 << 13, /* of every commit */
	FACT_LINES = 1 << 14,      /* added and deleted lines of every path */
	FACT_STATUSES = 1 << 15,   /* facts.outcomes: those of kind STATUS and CHECK */
	FACT_WORKFLOWS = 1 << 16,  /* facts.outcomes: those of kind WORKFLOW */
	FACT_COMMENTS = 1 << 17,   /* and the texts of reviews */
	FACT_ORDERS = 1 << 18,     /* delegations and landing_asks, as far as signed events told them */
	FACT_THREADS = 1 << 19     /* open_threads */
};
#define FACTS_ALL ((1u << 20) - 1)

/* Somebody a commit names. id 0: not attributable to an account, which is treated as "anybody". */
struct signer {
	int64_t id;
	struct text login, name, email;
};

/* What the forge says of a commit's signature. */
struct signature {
	enum tri valid;     /* UNKNOWN: not read */
	int64_t signer;     /* the account it proves; 0: none, or not known */
	struct text key_id; /* OpenPGP: 16 hexadecimal digits in upper case; empty: another kind */
	struct text reason; /* the forge's word unless valid: "unsigned", "expired_key" */
};

struct commit {
	struct oid sha, tree;
	const struct oid *parents;
	size_t n_parents;
	struct text message; /* bytes as in the object, not necessarily UTF-8 */
	bool recoded;        /* in the encoding that its header names they may say something else (encoding.h) */
	struct signer author, committer;
	const struct signer *coauthors; /* Co-authored-by trailers */
	size_t n_coauthors;
	struct signature signature; /* FACT_SIGNATURES */
};

enum path_status { PATH_UNKNOWN = 0, PATH_ADDED, PATH_MODIFIED, PATH_DELETED };

struct path {
	struct text path, old_path; /* old_path empty unless renamed */
	enum path_status status;
	uint32_t mode, old_mode;      /* git file modes, 0 where absent */
	int64_t additions, deletions; /* lines, FACT_LINES */
};

struct review {
	int64_t id;
	struct person user;
	enum review_state state;
	int64_t submitted_at;
	struct oid
		bound_sha; /* the commit it was given to, proven (agent/PROTOCOL.md, Freshness); unknown: none proven */
	bool edited;
	struct text body;
};

/* How an approval is kept over a push. */
enum carry { CARRY_SAME_TREE = 1 << 0, CARRY_ANY_PUSH = 1 << 1, CARRY_SAME_PATCH = 1 << 2, CARRY_BASE_MERGE = 1 << 3 };

/* What the head has in common with the commit that a review was given to, which its signed event named. */
struct carried {
	int64_t review;
	struct oid from; /* that commit */
	enum carry how;  /* SAME_TREE: the same files on the same merge base; others: git/carry.c */
	struct text why; /* not empty: this is not had in common, and why */
};

/* Said in the conversation of a change; nothing binds it to a commit but what it says itself. */
struct comment {
	int64_t id;
	struct person user;
	int64_t created_at;
	bool edited;
	struct text body;
};

/* What somebody told a gate, or the forge's queue, by a signed event: to let somebody else approve, to land, or that
 * this is taken back. What a comment said counts only while the list of comments has it, unedited. */
enum order_how { ORDER_COMMENT = 0, ORDER_QUEUE, ORDER_AUTO_MERGE, ORDER_HOWS };
struct order {
	bool takes_back; /* of all of this kind and way that came no later; sha and to are then of no account */
	enum order_how how;
	struct person by;
	bool to_author;      /* a delegation to the author of the change; else: */
	struct person to;    /* id 0: whose the login is, nobody knows */
	struct oid sha;      /* the head when it was told; unknown: not proven */
	int64_t at, comment; /* comment 0: it was none */
};

/* A file that says whose a path is (policy/owners.h), or an e-mail (policy/people.h), as the base branch's tip has it.
 */
struct owners_file {
	struct text name; /* as the policy asks for it */
	struct text path; /* where it is; empty: there is none */
	struct text bytes;
	struct text why; /* not empty: it is there and cannot be read (too large, no plain file) */
};

struct change {
	unsigned known; /* enum fact bits */
	int64_t number;
	struct text pushed_to; /* not empty: no change, number is 0: a commit that was pushed to this branch, to become
				  base_ref one day */
	bool open, draft, merged;
	struct text base_ref;
	struct oid base_sha;     /* tip of the base branch when read */
	struct oid merge_base;   /* of the two; FACT_COMMITS; unknown: unrelated histories, or not read */
	int64_t base_changed_at; /* when it was last moved to another base branch; WHEN_UNKNOWN: never, or 0 */
	bool head_gone;          /* the head's repository was deleted */
	int64_t head_seen_at;    /* where it was: until when it is known to have been there; WHEN_UNKNOWN: not at all */
	int64_t head_arrived_at;
	struct person author;
	const int64_t *pushers; /* 0: somebody whom nothing names */
	size_t n_pushers;
	bool pushers_hidden; /* that somebody may be anybody: the forge does not show all pushes, and it does not pass
			      */
	const struct commit *commits;
	size_t n_commits;
	const struct path *paths;
	size_t n_paths;
	const struct review *reviews; /* in order of submission */
	size_t n_reviews;
	const struct text *labels;
	size_t n_labels;
	struct text title, body;
	struct text head_ref; /* the head's branch; "owner:branch" where it is in another repository */
	const struct comment *comments;
	size_t n_comments;
	const struct order *delegations, *landing_asks; /* FACT_ORDERS */
	size_t n_delegations, n_landing_asks;
	int64_t open_threads;          /* conversations about its lines that nobody resolved */
	const struct carried *carried; /* none where no policy asks for it */
	size_t n_carried;
	struct text policy_from;                /* where its policy is from; empty: the base branch's own file */
	const struct owners_file *owners_files; /* those that were read; what is not among them is not known */
	size_t n_owners_files;
};

enum permission {
	PERMISSION_UNKNOWN = 0,
	PERMISSION_NONE,
	PERMISSION_READ,
	PERMISSION_TRIAGE,
	PERMISSION_WRITE,
	PERMISSION_MAINTAIN,
	PERMISSION_ADMIN
};

struct member {
	struct person who;
	enum permission permission;
	bool teams_known;
	const struct text *teams; /* "org/slug": those of the policy's teams this person is in */
	size_t n_teams;
	bool organizations_known;
	const struct text *organizations; /* those of the policy's organizations this person is an active member of */
	size_t n_organizations;
	enum tri merged_before; /* a change of theirs was merged into this repository */
};

/* What somebody else's tool said of the head. WATCH_THREADS is no outcome: it stands beside them where it is said which
 * events a verdict hangs on (struct watched_name). */
enum outcome_kind {
	OUTCOME_STATUS = 0,
	OUTCOME_CHECK,
	OUTCOME_WORKFLOW,
	OUTCOME_KINDS,
	WATCH_THREADS = OUTCOME_KINDS,
	WATCH_TALK, /* comments and texts of reviews */
	WATCH_KINDS,
	WATCH_TREE = WATCH_KINDS /* a tree's state, of which no event tells */
};
struct outcome {
	enum outcome_kind kind;
	struct text name;   /* context, name of the check, path of the workflow */
	struct text event;  /* WORKFLOW: what started it */
	struct text app;    /* slug of the app that said it; empty: a person, or not known */
	int64_t app_id;     /* CHECK, WORKFLOW: the app's number; 0: not known */
	int64_t creator_id; /* STATUS: the account that posted it */
	struct text state;  /* as the forge writes it: "success", "failure", "timed_out"; not over yet: "pending" */
};

/* A workflow's path without the "@REF" that some of the forge's answers add. */
struct text workflow_path(struct text path);

/* A merge group's commit: what would land on base_ref with it. */
struct group {
	struct text base_ref;
	struct oid unmerged; /* a commit of it that merges no change's head, so that nobody can say what is in it; then
				no constituent is listed */
	const struct constituent *constituents; /* from the newest to the oldest */
	size_t n_constituents;
};

struct facts {
	int64_t now;
	int64_t repo;
	struct text repo_name;
	struct oid head;
	bool allowed_before;          /* this commit was allowed once: what would wait is revoked instead */
	bool changes_known;           /* the set of open changes with this head was read from the forge */
	struct oid superseded_by;     /* when no open change has this head: the newer head, where known */
	bool shadowed;                /* a check run with the status's name stands here and may be read as success */
	struct text shadowed_by;      /* whose it is; empty: not said */
	const struct change *changes; /* open changes whose head this is, by number */
	size_t n_changes;
	const struct outcome *outcomes; /* the newest of each name and kind (of each event, too, for WORKFLOW) */
	size_t n_outcomes;
	const struct member *people;
	size_t n_people;
	const struct member *const *people_by_id; /* the same, in order of their ids (facts_index); NULL: not made */
	const struct bug *bugs; /* one of each tracker and number; what is not among them is BUG_UNREAD */
	size_t n_bugs;
	const struct bug *const *bugs_by_id; /* the same, by number (facts_index); NULL: not made */
	const struct tree *trees;            /* those that policies name; what is not among them is not known */
	size_t n_trees;
	const struct group *groups; /* merge groups that have this commit and have not landed: each must be right */
	size_t n_groups;
};

struct constituent {
	struct facts facts; /* of the head that was merged, as for its own verdict; no groups in it */
	int64_t number;     /* the change that had this head when it was merged; 0: none is known */
};

/* How many changes there are in all: the head's, then those of every constituent. */
size_t facts_changes(const struct facts *facts);

/* Bytes of what outsiders can make large (messages, paths, titles, texts of changes and comments), in all of them:
 * however facts are written down, it takes no fewer. */
size_t facts_bytes(const struct facts *facts);

const struct member *facts_member(const struct facts *facts, int64_t id); /* NULL: nothing is known of them */

/* The i-th of that number in this tracker, or in any where its name is empty; NULL past the end. */
const struct bug *facts_bug(const struct facts *facts, struct text tracker, int64_t id, size_t i);

const char *order_how_name(enum order_how how); /* "comment", "queue", "auto_merge" */
const char *carry_name(enum carry how);         /* as a policy writes it: "same-tree" */
bool carry_parse(struct text t, enum carry *ret);
/* Makes people_by_id and bugs_by_id, so that a judgement's many questions do not go through all of them. */
void facts_index(struct facts *facts, struct arena *arena);

/* Names as the forge writes them; *_parse gives the UNKNOWN value for anything else. */
const char *permission_name(enum permission p);
enum permission permission_parse(struct text t);
const char *review_state_name(enum review_state s);  /* "APPROVED", ... */
enum review_state review_state_parse(struct text t); /* any case, both "changes_requested" and "request_changes" */

#endif
