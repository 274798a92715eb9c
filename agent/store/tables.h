/*
 * tables: the rows headgate keeps (INTERFACES section 4). Each struct is one table; tables.c describes its columns and
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
};                  /* pk id; index name */
struct row_change { /* pk (repo, number) */
	int64_t repo, number;
	struct oid head;      /* index (repo, head) */
	struct text base_ref; /* index (repo, base_ref) */
	struct oid base_sha;
	struct text head_ref;
	int64_t open, draft, merged, author, updated_at, installation; /* enum tri where it may be unknown */
								       /* index (repo, open) */
};
struct row_arrival { /* pk (repo, change, sha, forge_at) */
	int64_t repo, change;
	struct oid sha;
	int64_t forge_at, pusher; /* pusher 0: not said */
	int64_t first_shown;      /* 1: a Date of an answer, not a signed event */
	struct text guid;
};
struct row_binding {                  /* pk review */
	int64_t review, repo, change; /* index (repo, change) */
	struct oid sha;
	int64_t user, state, submitted_at; /* enum review_state; DISMISSED never goes back */
	struct text guid;
};
struct row_subject { /* pk (repo, sha) */
	int64_t repo;
	struct oid sha;
	int64_t wanted, judged, fence;
	struct text owner;
	int64_t lease_until, not_before, attempts;
	int64_t due;            /* 1 while wanted > judged; index (due, not_before) */
	int64_t allowed_before; /* a success for it was once concluded */
	struct oid superseded_by;
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
enum slot_kind { SLOT_REVOCATION = 0, SLOT_VERDICT };
struct row_slot { /* pk (repo, sha, context) */
	int64_t repo;
	struct oid sha;
	struct text context;
	int64_t state; /* enum status_state */
	struct text text;
	int64_t kind, generation, made_at, verdict;
	int64_t superseded; /* compared by state only */
	int64_t grant;      /* 1 when state is success: revocations go first. index (due, grant, not_before) */
	int64_t due;        /* 1 while it differs from the ledger */
	int64_t attempts, not_before;
	struct oid after; /* not posted before this SHA's supersede was answered */
	int64_t refused;  /* the forge refused this very status for good (4xx): parked, alarmed */
	int64_t watched;  /* 1 while the forge may hold success and the commit is not known to have landed. index (repo,
			     watched) */
	int64_t look;     /* 1: the forge's statuses of this commit are to be read; index (look, repo) */
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
};
struct row_floor { /* pk (repo, kind, key) */
	int64_t repo;
	struct text kind; /* "change", ... */
	int64_t key;
	int64_t forge_time;
	struct text value; /* the head, the tip or the direction that the newest event told */
};
struct row_merge_group { /* pk (repo, sha, ref): a commit that the forge's merge queue made, by a signed event */
	int64_t repo;
	struct oid sha;
	struct text ref;      /* "refs/heads/gh-readonly-queue/..." */
	struct text base_ref; /* the branch that it shall become */
	int64_t ended;        /* 1: destroyed or landed, and never 0 again; index (repo, ended) */
};
struct row_constituent { /* pk (repo, sha, head); index (repo, head): rows are only added while a group has the sha */
	int64_t repo;
	struct oid sha;  /* the group's commit */
	struct oid head; /* a change's head that it was built from */
	int64_t number;  /* the open change that had this head when the row was made; 0: none, by the index */
};
/* Kind "people", key: whose rights an event changed (0: everybody's), and which way. forge_time is ours there. */
#define FLOOR_LAG_MS 60000 /* longer than a copy of the forge's data lags behind in practice */
#define FLOOR_LESS   "less"
#define FLOOR_MORE   "more"
#define FLOOR_OTHER  "other"

extern const struct table table_meta, table_journal, table_repo, table_change, table_arrival, table_binding,
	table_subject, table_verdict, table_slot, table_ledger, table_floor, table_merge_group, table_constituent;

/* Positions in each table's indexes[], beside 0, the primary key. */
enum { INDEX_KEY = 0 };
enum { JOURNAL_BY_GUID = 1, JOURNAL_BY_STATE, JOURNAL_BY_REPO };
enum { REPO_BY_NAME = 1, REPO_BY_SWEEP };
enum { CHANGE_BY_HEAD = 1, CHANGE_BY_BASE, CHANGE_BY_OPEN };
enum { BINDING_BY_CHANGE = 1 };
enum { SUBJECT_BY_DUE = 1 };
enum { VERDICT_BY_SHA = 1 };
enum { SLOT_BY_DUE = 1, SLOT_BY_WATCHED, SLOT_BY_LOOK };
enum { LEDGER_BY_DOUBT = 1 };
enum { MERGE_GROUP_BY_LIFE = 1 };
enum { CONSTITUENT_BY_HEAD = 1 };

#endif
