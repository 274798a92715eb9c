/*
 * tables: the rows headgate keeps. Each struct is one table; tables.c describes its columns and
 * indexes, rows_sqlite.c's migrations create the same, and a test compares the two.
 *
 * To change a row: 1. add the column at the end of the struct, 2. to its descriptor in tables.c, 3. in a NEW numbered
 * migration with a DEFAULT (never edit one that was released: its checksum is stored), 4. run test_rows.
 */
#ifndef AGENT_STORE_TABLES_H
#define AGENT_STORE_TABLES_H

#include "agent/store/rows.h"

enum journal_state { JOURNAL_WAITING = 0, JOURNAL_APPLIED, JOURNAL_IGNORED, JOURNAL_QUARANTINED };

struct row_meta {
	struct text key, value;
};                   /* pk key */
struct row_journal { /* pk seq (auto), unique guid */
	int64_t seq;
	struct text guid, source, event, action;
	int64_t repo, received_at, state; /* enum journal_state; index (state, seq), (repo, state, seq) */
	struct text note, facts, body_lz4;
	int64_t body_bytes;
};
struct row_repo {
	int64_t id;
	struct text name;
	int64_t installation;
	int64_t sweep_at; /* when its open changes are next compared with the forge's; index (sweep_at) */
	int64_t sweep_attempts;
};                         /* pk id; index name */
#define REPO_LEFT_OUT (-1) /* in sweep_attempts: store_leave_out_sweep said so */
struct row_change {        /* pk (repo, number) */
	int64_t repo, number;
	struct oid head;      /* index (repo, head) */
	struct text base_ref; /* index (repo, base_ref, open, number) */
	struct oid base_sha;
	struct text head_ref;
	int64_t open, draft, merged, author, updated_at, installation; /* enum tri where it may be unknown */
								       /* index (repo, open, number) */
};
struct row_arrival { /* pk (repo, change, sha, forge_at) */
	int64_t repo, change;
	struct oid sha;
	int64_t forge_at, pusher; /* pusher 0: not said */
	int64_t first_shown;      /* 1: a Date of an answer, not a signed event */
	struct text guid;
	struct oid
		before; /* the head that this push replaced, by the signed event; unknown: it is no push, or not said */
};
struct row_pushed { /* pk (repo, change, sha, pusher) */
	int64_t repo, change;
	struct oid sha; /* a head of which the forge's whole record once named everybody who pushed: one row each */
	int64_t pusher;
};
struct row_binding {                  /* pk review */
	int64_t review, repo, change; /* index (repo, change) */
	struct oid sha;
	int64_t user, state, submitted_at; /* enum review_state; DISMISSED never goes back */
	struct text guid;
	struct text login; /* of the user, when it was told; empty: not told */
};
struct row_spoken { /* pk (repo, change, guid, place): what somebody told a gate, by a signed event (apply_orders.c) */
	int64_t repo, change;
	struct text guid;
	int64_t place;     /* among those of one comment */
	int64_t kind, how; /* enum order_kind (policy/orders.h), enum order_how */
	int64_t by;
	struct text login, whom; /* of `by`; of whom it is told, empty: the author */
	struct oid sha;          /* the head then; unknown: not proven */
	int64_t at, comment;     /* the forge's time; 0: it was no comment */
	int64_t strange;         /* 1: who told it could not count then */
};
struct row_subject { /* pk (repo, sha) */
	int64_t repo;
	struct oid sha;
	int64_t wanted, judged, fence;
	struct text owner;
	int64_t lease_until, not_before, attempts;
	int64_t due;            /* 1 while wanted > judged; index (due, not_before, due_since) */
	int64_t allowed_before; /* a success for it was once concluded */
	struct oid superseded_by;
	struct text watches, heard; /* watches.h: of its newest verdict; since then */
	int64_t due_since;          /* turns.h: it is behind all that were due before; 0: from before this was kept */
};
struct row_verdict { /* pk id (auto); index (repo, sha, id) */
	int64_t id, repo;
	struct oid sha;
	int64_t made_at, wanted, fence, cause_seq; /* cause_seq: the newest journal row applied before it */
	struct text context, decision, state, text, public_text, rules, counted, policy_text,
		policy_sha;     /* rules: JSON; counted: ",12,34," */
	struct text inputs_lz4; /* the facts JSON */
	int64_t inputs_bytes;
	struct text prev_hash, hash;
};
/* What the public was told: a row for each time that it became another, so that nothing in here, not even how many rows
 * there are, depends on what is restricted. */
struct row_announced { /* pk id: the verdict that first said it; index (repo, sha, context, id) */
	int64_t id, repo;
	struct oid sha;
	struct text context;
	int64_t made_at, last, last_at; /* last: the newest verdict that says it, made at last_at */
	struct text decision, state, public_text;
	struct text rules; /* JSON, as the public may see them; empty: from before they were kept */
};
enum slot_kind { SLOT_REVOCATION = 0, SLOT_VERDICT };
/* What is posted first: what takes a success back, then successes, then what only tells people how things stand. */
enum slot_rank { RANK_REVOKES = 0, RANK_GRANTS, RANK_TELLS, SLOT_RANKS };
struct row_slot { /* pk (repo, sha, context) */
	int64_t repo;
	struct oid sha;
	struct text context;
	int64_t state; /* enum status_state */
	struct text text;
	int64_t kind, generation, made_at, verdict;
	int64_t superseded; /* compared by state only */
	int64_t rank;       /* enum slot_rank; index (due, rank, not_before, due_since) */
	int64_t due;        /* 1 while it differs from the ledger */
	int64_t attempts, not_before;
	struct oid after; /* not posted before this SHA's supersede was answered */
	int64_t refused;  /* the forge refused this very status for good (4xx): parked, alarmed */
	int64_t watched;  /* 1 while the forge may hold success and the commit is not known to have landed. index (repo,
			     watched) */
	int64_t look;     /* 1: the forge's statuses of this commit are to be read; index (look, repo) */
	int64_t allowed_before; /* a success was once concluded; the own context's is its subject's */
	int64_t owed_since;     /* since when a success that may stand at the forge is to be taken back and is not; 0:
				   none is. index (owed_since) */
	int64_t due_since;      /* turns.h: it is behind all of its rank that were due before */
};
struct row_ledger { /* pk (repo, sha, context) */
	int64_t repo;
	struct oid sha;
	struct text context;
	int64_t state; /* enum status_state; STATUS_UNKNOWN while a POST is out or in doubt, or nothing was ever posted
			*/
	struct text text;
	int64_t forge_status_id, count;
	struct text in_flight_by; /* empty: none */
	int64_t in_flight_since, in_flight_state;
	int64_t doubt_until; /* 0: not in doubt; index (in_doubt, doubt_until) */
	int64_t in_doubt;    /* 1 while in flight or in doubt */
	/* What tells our statuses from others' (forged.h). */
	struct text own_ids;  /* ",12,34,": answered to us, and not yet seen in a list that was audited */
	int64_t lost_grants;  /* successes sent whose answer nobody has: each may stand at the forge */
	int64_t lost_denials; /* the same of all other states */
	int64_t audited_id;   /* statuses up to this one were explained, or reported */
	int64_t others;       /* statuses by others, seen so far */
	int64_t grants_until; /* until a list of then or later: a success without an answer may stand there unseen */
	int64_t granted;      /* 1: our newest may be success, whatever others have set above it (forged.h) */
};
struct row_hook { /* pk id: HOOK_APP. How far the forge's list of deliveries was read; losing it only reads anew */
	int64_t id;
	int64_t due_at;    /* when it is read on */
	int64_t attempts;  /* that failed since the last that did not */
	int64_t read_upto; /* the forge's time: all that was attempted before was read; 0: nothing was */
	int64_t newest;    /* the newest attempt of the list that is being read */
	struct text rest;  /* where that list goes on; empty: it was read to its end */
	int64_t ask_at;    /* no delivery is asked for before */
};
#define HOOK_APP 1
enum redelivery_state { REDELIVERY_WANTED = 0, REDELIVERY_SETTLED, REDELIVERY_GIVEN_UP };
struct row_redelivery { /* pk guid: a delivery that failed; the journal, not this, says what we have */
	struct text guid, event;
	int64_t attempt, attempted_at; /* its newest one that is known; index (attempted_at) */
	int64_t state, ask_at,
		asked; /* enum redelivery_state; when to ask next, how often it was; index (state, ask_at) */
};
struct row_floor { /* pk (repo, kind, key) */
	int64_t repo;
	struct text kind; /* "change", ... */
	int64_t key;
	int64_t forge_time;
	struct text value; /* the head, the tip or the direction that the newest event told */
};
enum group_end { GROUP_LIVES = 0, GROUP_GONE /* without landing, as far as is known */, GROUP_LANDED };
struct row_merge_group { /* pk (repo, sha, ref): a commit that the forge's merge queue made, by a signed event */
	int64_t repo;
	struct oid sha;
	struct text ref;      /* "refs/heads/gh-readonly-queue/..." */
	struct text base_ref; /* the branch that it shall become */
	int64_t ended;        /* enum group_end, and never 0 again; index (repo, ended) */
	int64_t gone_since;   /* when a judgement first found that branch gone; 0: it is there, as far as is known */
};
struct row_constituent { /* pk (repo, sha, head); index (repo, head): rows are only added while a group has the sha */
	int64_t repo;
	struct oid sha;  /* the group's commit */
	struct oid head; /* a change's head that it was built from */
	int64_t number;  /* the open change that had this head when the row was made; 0: none, by the index */
};
/* Kinds FLOOR_PEOPLE..., key: whose rights an event changed (0: everybody's), and which way. forge_time is ours there.
 * FLOOR_PEOPLE of a repository; of repository 0, by an event that names no installation, so of all. By one that names
 * an installation: "people/NUMBER", and FLOOR_PEOPLE_ANY for repositories whose installation is not known (floors.c).
 */
#define FLOOR_PEOPLE     "people"
#define FLOOR_PEOPLE_ANY "people/any"
#define FLOOR_LAG_MS     60000    /* longer than a copy of the forge's data lags behind in practice */
#define FLOOR_PUSHER     "pusher" /* kind: key is an account; value what it was called when it pushed to a branch */
#define FLOOR_LESS       "less"
#define FLOOR_MORE       "more"
#define FLOOR_OTHER      "other"
/* Kind "login/NAME", in small letters, of no repository: forge_time is the number of the account that had it first. */
/* Kinds "base" and "head", key: a change's number. "base": when it was last moved to another base branch. "head": the
 * newest time at which its head's repository, another than its own, is known to have been there. */
/* Kinds "taken", of no repository, and "refused/SHA/CONTEXT", key: the slot's owed_since. forge_time counts statuses
 * (store_owed.c). */
/* Kind "passed over", of no repository, key: a line (turns.h). forge_time counts. */
/* Kind "name", key 0: the repository's name is in doubt (names.c). forge_time counts the doubts; value: empty where the
 * forge has settled the newest. */

struct row_identity {         /* pk installation: whom the forge names as the creator of what we post there */
	int64_t installation; /* 0: of a token file */
	int64_t creator;
	int64_t former;   /* the creator before, where it changed; 0: none */
	int64_t armed_at; /* ours: whatever an earlier process sent is dead from here on */
	int64_t since; /* the forge's: everything that this creator posted later went through this store. 0: not yet */
};
enum alarm_kind { ALARM_STATUS = 1 /* foreign */, ALARM_CHECK_RUN, ALARM_STOLEN_KEY, ALARM_KINDS };
struct row_alarm { /* pk id (auto); unique (repo, sha, kind) */
	int64_t id, repo;
	struct oid sha;
	int64_t kind; /* enum alarm_kind; index (kind, acknowledged_at) */
	struct text who;
	int64_t who_id, forge_id; /* of the newest status or check run */
	int64_t first_at, at, times;
	int64_t acknowledged_at; /* 0: not */
	int64_t said;            /* how many of the times were logged and counted */
	int64_t unsaid;          /* 1: not all; index (unsaid, id) */
};

struct row_bug_link { /* pk (tracker, bug, repo, sha); index (repo, sha): the newest verdict of that commit asked about
			 it */
	struct text tracker;
	int64_t bug, repo;
	struct oid sha;
	int64_t weighs; /* 0: only rules that warn ask */
};
struct row_bug_news { /* pk (tracker, bug): something was told of it */
	struct text tracker;
	int64_t bug;
	int64_t due;      /* enum bug_due; index (tracker, due, heard_at) */
	int64_t heard_at; /* ours; the newest; of two hints never the same */
	int64_t said;     /* enum bug_said: what its tracker's connector told, while BUG_SAID */
	int64_t said_of;  /* when that was so */
	int64_t said_at;  /* heard_at of that */
};
#define BUG_NEWS_KEEP_MS 3600000 /* longer than a judgement lasts from its reading to its end */

enum deed_kind { DEED_COMMENT = 1 /* about a flag */, DEED_CLEAR /* the flag */, DEED_WARNED /* of a change */ };
enum deed_state { DEED_WANTED = 0, DEED_SENT /* or about to be: nobody knows */, DEED_DONE, DEED_GIVEN_UP };
struct row_bug_deed { /* pk (tracker, mark): something that is done at a tracker once (store_deeds.h) */
	struct text tracker, mark;
	int64_t state; /* enum deed_state */
	int64_t due;   /* 1 while it is not over; index (tracker, due, not_before) */
	int64_t not_before, sent_at, attempts;
	/* What is to be done; nothing of it is kept once it is over. */
	int64_t kind; /* enum deed_kind */
	int64_t bug, attachment, flag;
	struct text name;
};

struct row_tree { /* pk name: a tree that newest verdicts asked about, and what treestatus said of it */
	struct text name;
	int64_t state; /* enum tree_state */
	struct text reason;
	int64_t as_of;      /* ours: when it was asked for what it says; 0: never */
	int64_t tried_at;   /* when it was last asked for, with or without an answer */
	int64_t changed_at; /* when state or reason became another; never twice the same; 0: nothing was told yet */
};
struct row_tree_link { /* pk (tree, repo, sha); index (repo, sha): the newest verdict of that commit asked about it */
	struct text tree;
	int64_t repo;
	struct oid sha;
	int64_t weighs; /* 0: only rules that warn ask */
};

extern const struct table table_meta, table_journal, table_repo, table_change, table_arrival, table_binding,
	table_subject, table_verdict, table_slot, table_ledger, table_floor, table_identity, table_alarm, table_hook,
	table_redelivery, table_merge_group, table_constituent, table_pushed, table_spoken, table_bug_link,
	table_bug_news, table_tree, table_tree_link, table_bug_deed, table_announced;

/* Positions in each table's indexes[], beside 0, the primary key. */
enum { INDEX_KEY = 0 };
enum { JOURNAL_BY_GUID = 1, JOURNAL_BY_STATE, JOURNAL_BY_REPO };
enum { REPO_BY_NAME = 1, REPO_BY_SWEEP };
enum { CHANGE_BY_HEAD = 1, CHANGE_BY_BASE, CHANGE_BY_OPEN };
enum { BINDING_BY_CHANGE = 1 };
enum { SUBJECT_BY_DUE = 1 };
enum { VERDICT_BY_SHA = 1 };
enum { ANNOUNCED_BY_SHA = 1 };
enum { SLOT_BY_DUE = 1, SLOT_BY_WATCHED, SLOT_BY_LOOK, SLOT_BY_OWED };
enum { LEDGER_BY_DOUBT = 1 };
enum { ALARM_BY_SUBJECT = 1, ALARM_BY_KIND, ALARM_BY_UNSAID };
enum { REDELIVERY_BY_AGE = 1, REDELIVERY_BY_DUE };
enum { MERGE_GROUP_BY_LIFE = 1 };
enum { CONSTITUENT_BY_HEAD = 1 };
enum { BUG_LINK_BY_SHA = 1 };
enum { BUG_NEWS_BY_DUE = 1 };
enum { TREE_LINK_BY_SHA = 1 };
enum { BUG_DEED_BY_DUE = 1 };

#endif
