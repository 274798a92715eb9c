/*
 * store: the pipeline's durable memory, as verbs named for its steps (agent/PROTOCOL.md). Each verb is one
 * transaction through the exec port; a worker yields before and after it, never inside. What a verb promises holds on
 * every backend: it is written once, over rows.h.
 *
 * Times are milliseconds handed in by the caller, of a clock that does not jump while he runs (clock_steady). Results
 * are owned by the arena handed in. Verbs return false with *err filled; ERR_GONE means "nothing to do" where a verb
 * takes work. Any thread, through the exec port.
 */
#ifndef AGENT_STORE_STORE_H
#define AGENT_STORE_STORE_H

#include "agent/base/clock.h"
#include "agent/store/exec.h"
#include "agent/store/tables.h"
#include "policy/event.h"
#include "policy/facts.h"
#include "policy/verdict.h"

struct store_limits {
	int64_t post_deadline_ms; /* the longest a POST may take before its connection is cut */
	int64_t post_grace_ms;    /* after that, how long a request may still be on its way at the forge */
	int64_t grant_age_ms;     /* a success older than this is not sent but judged again: 30000 */
	int64_t posts_max;        /* per commit and context: from here on the slot latches to failure: 900 */
	int64_t lease_ms;         /* of a judgement */
	int64_t bug_age_ms;       /* the longest for which what was read of a bug counts without a reading */
};
#define STORE_LIMITS_DEFAULT ((struct store_limits){10000, 20000, 30000, 900, 120000, 0})

/* A branch whose commits are judged as they are pushed, without a change: where they are to go one day. */
struct push_branch {
	struct text repo, branch, onto; /* "owner/name"; names without refs/heads/ */
};

struct store {
	struct store_exec exec;
	struct store_limits limits;
	struct text context;              /* "policy/merge-allowed"; borrowed, outlives the store */
	const struct push_branch *pushes; /* the same */
	size_t n_pushes;
};

/* May work for a repository begin now? Asked inside a transaction, so it only looks at what it knows. False: *ret_at,
 * later than now. */
struct gate_who {
	int64_t installation, repo;
	int64_t now;
};
struct gate {
	void *self;
	bool (*open)(void *self, const struct gate_who *who, int64_t *ret_at);
};

struct taker {             /* who takes work, when, and where the result is put */
	const char *owner; /* unique per worker and process start */
	int64_t now;
	struct arena *arena;
	const struct gate *gate; /* NULL: always open */
};

struct change_key {
	int64_t repo, number;
};
struct commit_key {
	struct text repo_name;
	struct oid sha;
};

/* ---- receive ---- */

struct append { /* one delivery; texts are borrowed until done */
	struct text guid, source, event, action, note, facts, body_lz4;
	int64_t repo, received_at, state, body_bytes; /* enum journal_state: WAITING, IGNORED or QUARANTINED */
	bool duplicate;                               /* out: the guid was known; nothing changed */
};
/* One row, or nothing when the guid is known. The job for write_later; arg is a struct append. */
bool store_append_job(struct rows *rows, void *arg, struct err *err);
bool store_append(const struct store *store, struct append *append, struct err *err);

/* ---- decide: apply ---- */

struct applied {
	size_t rows;          /* journal rows applied now */
	bool more;            /* more are waiting */
	bool subjects, slots; /* there is something to judge, to post */
	size_t broken;        /* rows whose facts could not be decoded: quarantined, counted */
	bool looks;           /* there are statuses to be read, or alarms to be told */
};
/* Applies waiting rows in order, at most max, exactly once each (agent/PROTOCOL.md, Apply). */
bool store_apply(const struct store *store, int64_t now, size_t max, struct applied *ret, struct err *err);

/* Raises wanted for one commit (recheck, sweep); makes the subject if `create`. */
bool store_want(const struct store *store, int64_t repo, const struct oid *sha, bool create, struct err *err);

/* ---- decide: sweep (webhooks may be lost) ---- */

/* Every repository is due for a sweep: for the start of a process, which may have been away. */
bool store_sweep_all(const struct store *store, struct err *err);
/* A repository that no event told of yet, by its configured name; installation 0: not known. */
bool store_know_repo(const struct store *store, const struct row_repo *repo, struct err *err);

/* The forge said, by number, what the repository is called and which installation reads it (0: none is needed). */
struct named {
	int64_t repo;
	struct text name;
	int64_t installation;
	int64_t doubt; /* that was asked about, as handed out with the work; 0: none */
};
/* Its name from now on. It is swept anew where that is another one; a repository that had this name is asked for its
 * own before it is called again. */
bool store_name_repo(const struct store *store, const struct named *named, struct err *err);
/* The forge does not answer under the name that is known. */
bool store_doubt_name(const struct store *store, int64_t repo, struct err *err);

struct sweep { /* one repository whose changes are to be read from the forge now */
	int64_t repo;
	struct text repo_name;
	int64_t installation, attempts; /* attempts: that failed since the last that did not */
	int64_t name_doubt;             /* not 0: ask for the name by number before it is called (agent/work/name.h) */
	bool first;                     /* since a process started, or since the repository is known */
	bool left_out;                  /* store_leave_out_sweep said so */
	const int64_t *open;            /* numbers of the changes that are open by the index */
	size_t n_open;
};
/* The repository that is due the longest; nobody else is given it before `until`. ERR_GONE: none is due; *next_at. */
bool store_take_sweep(const struct store *store, const struct taker *taker, int64_t until, struct sweep *ret,
		      int64_t *next_at, struct err *err);
/* It could not be read: not before `until`. */
bool store_put_off_sweep(const struct store *store, const struct sweep *sweep, int64_t until, struct err *err);
/* It is none of ours, by its name at its first turn: left out until a process starts or store_know_repo names it. A
 * later rename takes nobody out: what is governed is the repository, not its name. */
bool store_leave_out_sweep(const struct store *store, const struct sweep *sweep, int64_t until, struct err *err);

struct sweep_seen {
	const struct sweep *sweep;
	/* Every open change by the forge's own list, and the others that were read one by one. */
	const struct event_change *changes;
	size_t n;
	struct clock_port clock; /* asked before each transaction: what the journal still holds may take many */
	int64_t next_at, began;
	/* Of those that are open by the index: the forge does not know them, and did not after `began`. */
	const int64_t *gone;
	size_t n_gone;
};
struct swept {
	size_t moved;         /* changes of which something was not known */
	size_t left;          /* commits that may have success and head no open change */
	bool subjects, slots; /* there is something to judge, to post */
};
/* Takes what a read of the forge says, after what the journal still holds: for each change that is news what its events
 * would have done (but no arrival); what is gone is closed, unless an event of the last minute told of it; then every
 * open head, and every commit that may have success and heads no open change, is asked to be judged again and its
 * statuses to be looked at. Bounded transactions; one that fails leaves the repository due. */
bool store_sweep(const struct store *store, const struct sweep_seen *seen, struct swept *ret, struct err *err);

struct sweep_look { /* a commit whose statuses are to be read, and what was known of them before */
	int64_t repo;
	struct text repo_name;
	int64_t installation;
	struct oid sha;
	struct text context;
	int64_t known_count; /* statuses posted or told, by the ledger */
	int64_t name_doubt;  /* as in sweep */
};
/* ERR_GONE: none. */
bool store_take_look(const struct store *store, const struct taker *taker, struct sweep_look *ret, struct err *err);

/* The forge cannot be read there: the next sweep asks for its looks again. */
bool store_drop_looks(const struct store *store, int64_t repo, struct err *err);

enum looked {
	LOOKED_SAME = 1 /* the forge holds what the ledger says, or an older copy was read */,
	LOOKED_OVERTAKEN /* a POST went out meanwhile, or is in doubt: nothing was learnt */,
	LOOKED_CORRECTED /* the ledger says now what the forge holds */,
	LOOKED_FOREIGN /* the same, and headgate never posted it; if another made it, failure is wanted now */,
	LOOKED_STOLEN /* the same, made with headgate's own name */
};

/* ---- decide: sweep of deliveries (an App's: the forge tries none again by itself) ---- */

/* The list of deliveries is due to be read: for the start of a process. */
bool store_hook_due(const struct store *store, struct err *err);

struct hook_turn {        /* the forge's list of deliveries is to be read now, from there back to `since` */
	struct text from; /* empty: from the newest on */
	int64_t since;    /* WHEN_UNKNOWN: to its end */
	int64_t attempts; /* that failed since the last that did not */
	int64_t next_at;  /* not due: when it is */
};
/* Nobody else is given it before `until`. ERR_GONE: not due, and ret->next_at alone is set. */
bool store_take_hook(const struct store *store, const struct taker *taker, int64_t until, struct hook_turn *ret,
		     struct err *err);
/* The list could not be read: not before `until`; `anew`: then from the newest on. */
bool store_put_off_hook(const struct store *store, int64_t until, bool anew, struct err *err);

struct attempt { /* one line of the list */
	struct text guid, event;
	int64_t id, attempted_at;
	int64_t repo;  /* 0: of none */
	bool answered; /* with a 2xx */
	bool again;    /* not the delivery's first attempt */
};
struct hook_seen {
	const struct attempt *at; /* newest first */
	size_t n;
	struct text rest; /* where the list goes on; empty: it was read back to the turn's `since` */
	bool governed;    /* what names a repository that the store does not know, or left out, is not ours */
	int64_t now, next_at;
};
/* Takes what was read: each delivery of which no attempt was answered and that the journal does not have is wanted.
 * Bounded transactions; one that fails leaves the list to be read again. *ret: wanted now that were not before. */
bool store_hook_seen(const struct store *store, const struct hook_seen *seen, size_t *ret, struct err *err);

/* Pauses between two asks for one delivery: a minute, four times as long each time, twelve hours at most: all the time
 * that a forge keeps it. */
#define REDELIVERY_ASKS_MAX     10
#define REDELIVERY_PAUSE_MS     60000
#define REDELIVERY_PAUSE_MAX_MS 43200000
#define REDELIVERY_KEPT_MS      691200000 /* eight days: longer than any forge keeps a delivery */

struct redelivery { /* the delivery whose turn it is to be asked for */
	struct text guid, event;
	int64_t attempt; /* by which the forge knows it */
	int64_t asked;   /* how often it was, this time included */
	bool given_up;   /* that was often enough: nothing is to be asked; said once */
	size_t arrived;  /* found in the journal on the way, in any case */
	int64_t next_at; /* none is due: when one will be; WHEN_UNKNOWN */
};
/* The delivery that waits the longest. It counts as asked for from now on, so that nobody else asks too, and a death in
 * between only costs one of its asks. ERR_GONE: none is due, and ret->arrived and next_at alone are set. */
bool store_take_redelivery(const struct store *store, const struct taker *taker, struct redelivery *ret,
			   struct err *err);

enum unasked {
	UNASKED_NOW = 1 /* it was not sent: it counts as not asked */,
	UNASKED_FAILED /* refused, or nobody knows: it counts */,
	UNASKED_FOR_EVER /* the forge keeps it no more */
};
/* The forge did not say yes. No other is asked for before `until`, either. */
bool store_unasked(const struct store *store, const struct redelivery *redelivery, enum unasked why, int64_t until,
		   struct err *err);

/* ---- decide: judge ---- */

struct queue_branch { /* by which the merge queue named a commit */
	struct text ref, base_ref;
	int64_t gone_since; /* as in row_merge_group */
};
struct claim_said {              /* what was wanted there at the claim, whether or not the forge has it */
	enum status_state state; /* STATUS_UNKNOWN: nothing was */
	struct text text;
};
struct claim_context { /* besides the server's own, of which the claim itself tells the same */
	struct text name;
	bool allowed_before, granted;
	struct claim_said said;
};

struct claim {
	int64_t repo;
	struct text repo_name;
	int64_t installation;
	struct oid sha;
	int64_t fence, wanted, attempts;
	struct text owner;
	bool allowed_before;
	bool granted; /* the forge holds success, and it still shall: a success now would grant nothing new */
	struct claim_said said;
	bool rechecked; /* somebody asked for the status to be posted again, and this judgement answers */
	struct oid superseded_by;
	const int64_t *candidates; /* changes that have or had this head, by the index: at most 64 */
	size_t n_candidates;
	int64_t name_doubt;       /* as in sweep */
	const struct text *bases; /* of the live merge groups that have this commit: where they shall land, each once */
	size_t n_bases;
	const struct queue_branch *branches; /* of the same groups: one each */
	size_t n_branches;
	bool was_group;     /* merge groups had this commit, and all of them have ended */
	struct text heard;  /* what other tools said of it, by events of the last minute (watches.h) */
	int64_t put_off_to; /* it was not to be judged before that, and nothing was told of it since; 0: it was */
	const struct push_branch *const *pushes; /* the repository's */
	size_t n_pushes;
	const struct claim_context *contexts; /* others that it has a slot in: each is to be concluded, too */
	size_t n_contexts;
};
/* Ends every lease. For the start of the one process that judges: whoever held one is dead, and a commit that was being
 * judged must not wait until its lease runs out. Fences make a late conclusion harmless all the same. It may be what
 * killed him: it counts as an attempt, and from the second in a row on the commit is put off, ever longer (to five
 * minutes), so that the others have their turn. */
bool store_end_leases(const struct store *store, int64_t now, struct err *err);

/* For the start of the one process that posts: what an earlier one left on its way or in doubt is in doubt for a whole
 * life from now on, and what it allowed but did not send is judged again. Its clock need not have been this one's, so
 * that no time that it wrote is believed. */
bool store_restart_posts(const struct store *store, int64_t now, struct err *err);

/* The longest-due subject that nobody holds and that waits for no supersede: after a push neither the old head nor the
 * new one is claimed before the forge has the old one's failure, or refused it for good. ERR_GONE: none is due now;
 * *next_at says when one will be (WHEN_UNKNOWN: none is waiting). */
bool store_claim(const struct store *store, const struct taker *taker, struct claim *ret, int64_t *next_at,
		 struct err *err);

/* A head that was replaced, that no change has by the index and no merge group ever named: it has its failure, and one
 * list of the open changes says whether that was false, of others like it, too. */
static inline bool claim_is_replaced(const struct claim *claim)
{
	return oid_known(&claim->superseded_by) && claim->n_candidates == 0 && claim->n_bases == 0 &&
	       !claim->was_group && claim->n_pushes == 0;
}

struct company {
	bool put_off; /* not now: the forge has not answered the supersedes of all; the lead was given back */
	const struct claim *at;
	size_t n;
};
/* Claims with `lead`, which is such a head, at most `max` others of its repository, for one reading that begins now.
 * They wait for one another, at most ten minutes. An error leaves *ret empty. */
bool store_claim_company(const struct store *store, const struct taker *taker, const struct claim *lead, size_t max,
			 struct company *ret, struct err *err);

/* One of them is a head after all: *ret says whether it may be judged alone by the claim that it has. It may not where
 * its fence is another's by now, or where an event that came since makes it wait for a supersede: then it was given
 * back, and is claimed anew when that was answered. */
bool store_claim_alone(const struct store *store, const struct claim *claim, bool *ret, struct err *err);

/* ---- decide: merge groups (agent/store/groups.h) ---- */

struct constituent_claim {  /* a change's head inside a group's commit, to be judged as that head is */
	struct claim claim; /* of the group, but for sha, candidates, superseded_by, allowed_before, bases,
			     * branches */
	int64_t number;     /* the change that had this head when it was first named; 0: none was known */
};
/* Notes what a group's commit was built from, before anything of it is read: from then on what happens to one of these
 * heads happens to the commit, too. ERR_RETRY unless the fence is still the claim's. ret: n of them, in order. */
struct composition {
	const struct claim *claim;
	const struct oid *heads;
	size_t n;
};
bool store_compose(const struct store *store, const struct composition *in, struct constituent_claim *ret,
		   struct arena *arena, struct err *err);

/* The forge showed this branch of the queue, with the claim's commit, or did not. */
struct branch_seen {
	const struct claim *claim;
	struct text ref;
	bool there;
	int64_t at;
};
bool store_branch_seen(const struct store *store, const struct branch_seen *in, struct err *err);

/* What only events told about one change: inputs beside the forge's answers, and floors under them. */
struct told {
	const struct row_binding *bindings;
	size_t n_bindings;
	const struct row_arrival *arrivals;
	size_t n_arrivals; /* of every head of the change */
	const struct row_pushed *pushed;
	size_t n_pushed;                 /* of every head of the change, kept by store_keep_pushers */
	const struct row_spoken *spoken; /* what people told gates there, in no order */
	size_t n_spoken;
	int64_t floor_time;      /* WHEN_UNKNOWN: none */
	struct oid floor_head;   /* unknown: events of that second contradict each other */
	struct row_change index; /* the newest that an event told of it; number 0: nothing */
};
bool store_told(const struct store *store, struct change_key key, struct told *ret, struct arena *arena,
		struct err *err);

/* The floor of floor->repo, kind and key; forge_time WHEN_UNKNOWN: no event told of it. */
bool store_floor(const struct store *store, struct row_floor *floor, struct arena *arena, struct err *err);

/* The kind under which events of this installation tell of people, for floors of repository 0 (tables.h); 0: it is not
 * known, so every installation's. */
struct text floor_people(int64_t installation, struct arena *arena);

/* Whose a login was when it was first asked about here: keeps *id where nobody's is known, else *id is that. */
bool store_login(const struct store *store, struct text login, int64_t *id, struct err *err);

/* Remembers when an answer of the forge first showed this head (its Date) after it was known to be away;
 * *ret_first is the kept, earliest one later than that. */
struct first_shown {
	struct change_key key;
	struct oid sha;
	int64_t date;
	int64_t after; /* WHEN_UNKNOWN: it is not known to have been away */
};
bool store_first_shown(const struct store *store, const struct first_shown *in, int64_t *ret_first, struct err *err);

/* Remembers that the forge's whole record named these, and nobody else, as those who pushed this head of the change
 * and what was there before it. What is kept holds on when the record cannot be read any more. */
struct pushed {
	struct change_key key;
	struct oid sha;
	const int64_t *by; /* none is 0 */
	size_t n;
};
bool store_keep_pushers(const struct store *store, const struct pushed *in, struct err *err);

#define BUG_REFS_MAX 2000 /* of one verdict */
struct bug_ref {
	struct text tracker; /* its name in the configuration */
	int64_t id;
	bool weighs; /* false: only rules that warn ask about it */
};

struct conclusion_context { /* what the same judgement says in another context than the server's own */
	struct text name;
	struct verdict verdict;
	struct text rules_json, facts_json, public_rules;
};

struct tree_ref;
struct conclusion {
	const struct claim *claim;
	const struct verdict *verdict;
	struct text rules_json, facts_json, policy_text, policy_sha, counted;
	struct text public_rules;                  /* JSON: of rules_json what the public may see */
	const struct conclusion_context *contexts; /* of the claim's, and of the policies' */
	size_t n_contexts;
	struct oid superseded_by;    /* where the verdict found a newer head */
	const struct oid *heads_now; /* that open changes showed instead of this one; judged, too, where that is news */
	size_t n_heads_now;
	bool silent;             /* landed, or its merge groups have ended: judged, and there is no verdict */
	bool landed;             /* silent, and the forge showed that it has */
	const struct text *over; /* branches of the queue that are gone for good: their groups have ended */
	size_t n_over;
	bool no_change;        /* heads no open change: its status is compared by state only */
	int64_t retry_at;      /* 0: judged. Else a verdict of waiting whose judgement is still owed, from then on */
	int64_t look_again_at; /* 0: only when something happens. Else judged, and asked for once more then */
	int64_t now;
	int64_t read_at;            /* a success: when the last reading that it stands on began */
	struct text watches;        /* what it asked other tools (watches.h) */
	const struct bug_ref *bugs; /* what it asked about; each once */
	size_t n_bugs;
	const struct tree_ref *trees; /* the same (trees.h) */
	size_t n_trees;
};
enum concluded {
	CONCLUDED = 1,
	CONCLUDED_DROPPED /* a success, but wanted moved or a POST is in doubt: judged again. Other contexts stand */,
	CONCLUDED_FENCED /* another worker holds the subject */
};
/* Applies what the journal still holds for the repository, then, for each context by itself: verdict row (the last one,
 * where the slot holds it and it says the same for the same reasons), slot := verdict, judged := wanted at claim, lease
 * given back; refused unless the fence is still the claim's. A success whose reading is older than grant_age_ms (its
 * process may have been stopped since) is dropped, and from its reading on it ages in the slot. */
bool store_conclude(const struct store *store, const struct conclusion *in, enum concluded *ret, int64_t *ret_verdict,
		    struct err *err);

/* Gives the claim back without a verdict: judged stays, not_before and attempts are set. Lost fence: nothing. */
bool store_defer(const struct store *store, const struct claim *claim, int64_t not_before, struct err *err);

/* ---- post ---- */

struct post {
	int64_t repo;
	struct text repo_name;
	int64_t installation;
	struct oid sha;
	struct text context, text;
	enum status_state state;
	int64_t taken_at, made_at, generation, attempts, verdict;
	int64_t name_doubt; /* as in sweep */
};
/* The next status to send, written ahead to the ledger: revocations before grants; at most one POST per slot in
 * flight; none behind an unanswered supersede; no success in doubt, older than grant_age_ms (judged again), or while
 * the repository's journal has unapplied rows; latched at posts_max. ERR_GONE: nothing now; *next_at as in claim. */
bool store_take_post(const struct store *store, const struct taker *taker, struct post *ret, int64_t *next_at,
		     struct err *err);

enum post_outcome {
	POST_ACCEPTED = 1,
	POST_REFUSED /* for good: parked, alarmed */,
	POST_NOT_SENT /* certainly not */,
	POST_UNANSWERED /* in doubt */
};
struct post_result {
	enum post_outcome outcome;
	int64_t forge_status_id;
	int64_t retry_at; /* 0: none named */
	int64_t now;
	int64_t creator;    /* who posted it by the forge's answer: we; 0: not said */
	int64_t created_at; /* by the forge's clock; WHEN_UNKNOWN */
};
bool store_posted(const struct store *store, const struct post *post, const struct post_result *result,
		  struct err *err);

/* A ledger entry whose doubt has passed and that must be read again from the forge. ERR_GONE: none; *next_at. */
struct doubt {
	int64_t repo;
	struct text repo_name;
	int64_t installation;
	struct oid sha;
	struct text context;
	int64_t since, seen_count;
	int64_t name_doubt; /* as in sweep */
};
bool store_take_doubt(const struct store *store, const struct taker *taker, struct doubt *ret, int64_t *next_at,
		      struct err *err);

struct listed_status { /* one status of our context, by whoever */
	int64_t id;
	enum status_state state;
	int64_t creator, created_at; /* 0, WHEN_UNKNOWN: not said */
	struct text login;
};
struct reread {                  /* what the forge's list says now about our context */
	enum status_state state; /* of the newest; STATUS_UNKNOWN: none was ever accepted */
	struct text text;
	int64_t forge_status_id, count;
	int64_t now;                    /* when it was read */
	const struct listed_status *at; /* all of them, newest first; none: nobody is looked for who forged one */
	size_t n;
};
bool store_settle_doubt(const struct store *store, const struct doubt *doubt, const struct reread *seen,
			struct err *err);
/* Corrects the ledger by what was read after store_take_look, unless a POST went out since or is in doubt; never from
 * an older status id. The slot is due again where it differs. */
bool store_looked(const struct store *store, const struct sweep_look *look, const struct reread *seen, enum looked *ret,
		  struct err *err);
/* The forge could not be read: the doubt stands until then, and the others have their turn. */
bool store_defer_doubt(const struct store *store, const struct doubt *doubt, int64_t until, struct err *err);

/* ---- alarms: what an operator has to know of (forged.h says when one is raised) ---- */

struct alarm_news {
	int64_t repo;
	struct oid sha;
	enum alarm_kind kind;
	struct text who;
	int64_t who_id, forge_id; /* of the status or check run: raised once for each */
};
bool store_alarm(const struct store *store, const struct alarm_news *news, int64_t now, struct err *err);
/* One that was not yet told in full: now it counts as told. row.said: how often it was before. ERR_GONE: none. */
bool store_take_alarm(const struct store *store, const struct taker *taker, struct row_alarm *ret, struct err *err);

struct alarms {
	const struct row_alarm *at; /* newest first, at most 1000 are kept */
	size_t n;
};
bool store_alarms(const struct store *store, struct alarms *ret, struct arena *arena, struct err *err);
/* ERR_GONE: there is none of this number. Again: nothing. */
bool store_acknowledge_alarm(const struct store *store, int64_t id, int64_t now, struct err *err);

/* ---- show ---- */

struct shown_context { /* another than the server's own */
	struct row_slot slot;
	struct row_ledger ledger;
	struct row_verdict verdict; /* the newest one that its slot took; id 0: none */
};
struct shown {
	struct row_repo repo;
	struct row_subject subject; /* zeroed when there is none */
	struct row_slot slot;       /* of the server's own context */
	struct row_ledger ledger;
	const struct shown_context *contexts;
	size_t n_contexts;
	const struct row_verdict *verdicts; /* of the server's own context; newest first, at most 20 */
	size_t n_verdicts;
	bool rules_public;                /* the verdicts' rules are as the public may see them */
	const struct row_announced *told; /* what was told from when on; newest first, at most 20 */
	size_t n_told;
	const struct row_change *changes;
	size_t n_changes;     /* the index's, open or not, with this head */
	struct alarms alarms; /* of this commit */
	const struct row_merge_group *groups;
	size_t n_groups; /* that have or had this commit; at most 20 */
};
/* The newest verdicts of a commit, without inputs and policies. ERR_GONE: it is not known. */
bool store_show(const struct store *store, const struct commit_key *key, struct shown *ret, struct arena *arena,
		struct err *err);
/* The same from what was announced: one verdict, of public texts and rules alone, and no alarms; what is restricted is
 * not read, so that no time tells it. But where only the whole rules were kept, those: rules_public is false. */
bool store_show_public(const struct store *store, const struct commit_key *key, struct shown *ret, struct arena *arena,
		       struct err *err);
bool store_verdict(const struct store *store, int64_t id, struct row_verdict *ret, struct arena *arena,
		   struct err *err);
bool store_repo_by_name(const struct store *store, struct text name, struct row_repo *ret, struct arena *arena,
			struct err *err);
bool store_change(const struct store *store, struct change_key key, struct row_change *ret, struct arena *arena,
		  struct err *err);
/* What is owed, not what was ever done: counting a whole journal would hold up other readers. */
struct store_counts {
	int64_t waiting, quarantined, subjects_due, slots_due, in_doubt, oldest_waiting_at;
	int64_t alarms[ALARM_KINDS]; /* not acknowledged, by kind */
};
bool store_counts(const struct store *store, struct store_counts *ret, struct err *err);

struct deliveries {
	const struct row_journal *at;
	size_t n;
}; /* newest first, at most 100; without bodies */
bool store_deliveries(const struct store *store, enum journal_state state, struct deliveries *ret, struct arena *arena,
		      struct err *err);

/* Walks the hash chain over all verdicts; ERR_INVALID names the first row that was edited. */
bool store_verify_chain(const struct store *store, int64_t *ret_rows, struct err *err);

#endif
