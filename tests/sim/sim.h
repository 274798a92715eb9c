/*
 * sim: one simulated history. The product's own workers run as fibers on one to three nodes over one store; people act
 * on the truth; webhooks and calls of the forge cross a network with faults; ghosts watch every post. Virtual time, one
 * thread, everything from one seed: the same seed, swarm and plan give the same history, byte for byte.
 *
 * Two stages share all of it. Broad: forge and mirror are ports over the truth as structs, the store is in memory.
 * Deep: the REST client with real JSON against the world, SQLite on a disk that loses what was not synced.
 *
 * A broken invariant does not abort: the first one is kept in sim->broken, everything stops, and whoever runs the
 * history tells it. Files: play (people), net (faults, webhooks), node (agents), ghost* (invariants), gate (bors, the
 * merge button), history (the phases), and one per stage.
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <stdio.h>

#include "agent/work/bugs_worker.h"
#include "agent/work/receive.h"
#include "agent/work/sweep.h"
#include "agent/work/workers.h"
#include "tests/sim/dice.h"
#include "tests/sim/oracle.h"
#include "tests/sim/play.h"
#include "tests/sim/sometimes.h"
#include "tests/support/fiber.h"

#define SIM_NODES    3
#define SIM_START_MS INT64_C(1795269731000)
#define SIM_CONTEXT  "policy/merge-allowed"
#define SIM_OTHER    "policy/try-allowed" /* the other context that some policies name */
#define SIM_REPO     INT64_C(7)
#define SIM_APP      INT64_C(900) /* the account that our posts are made by */
#define SIM_SWEEP_MS INT64_C(30000)
#define SIM_GRACE_MS 20000 /* STORE_LIMITS_DEFAULT: how long a request that was cut may still arrive */
#define SIM_PAST     256   /* snapshots of the truth that a lagging replica may show */

/* A place is what a status stands in: a commit in a context. In the own context its number is that of the commit. */
enum { SIM_PLACES = ORACLE_CONTEXTS * TRUTH_COMMITS };

struct sim;
struct life;

/* ---- what a worker of a node touches: its ports, and what the ghosts saw it do ---- */

enum part { PART_RECEIVE = 0, PART_APPLY, PART_JUDGE, PART_JUDGE_2, PART_POST, PART_SWEEP, PART_BUGS, PARTS };

struct reading { /* of a judgement that waits for its moment, as a hand has it */
	uint64_t began;
	int64_t began_at, fence, read_at;
	bool erred;
};

struct hand {
	struct sim *sim;
	struct life *life;
	enum part part;
	char owner[24];
	struct store store; /* the node's store through this hand's exec */
	struct forge forge;
	struct mirror mirror;
	/* ghosts */
	int commit;                         /* being judged; NOBODY */
	uint64_t began, taken;              /* steps: this judgement's first read; the last post taken */
	uint64_t decided;                   /* step at which that post came to be wanted */
	uint64_t wrote;                     /* step of its newest transaction */
	int64_t began_at, fence;            /* fence: of the claim that is being judged */
	int64_t read_at;                    /* when its newest reading began: the second one, of a success */
	bool reading, erred, stopped;       /* stopped: by a signal, since the last post was taken */
	struct reading kept[TRUTH_COMMITS]; /* of commits judged before this one, and held; began 0: none */
	bool waiting;                       /* for an answer that will not come */
	int air;                            /* the place of the status that is on its way; NOBODY */
	int64_t air_until;                  /* after that it is not sent any more */
	int out;                            /* the place of the status whose answer it waits for; NOBODY */
};

struct life { /* one process: from start to crash */
	struct node *node;
	struct life *older;
	bool dead;
	int64_t ahead; /* of its clock before the forge's */
	struct fiber_group group;
	struct hand hands[PARTS];
	struct applier applier;
	struct judge judges[2];
	struct poster poster;
	struct sweeper sweeper;
	struct receive receive;
	struct tracked *tracked; /* what this process has of the tracker (tracker.c); NULL: there is none */
	void *stage;             /* the stage's own, made by stage->born */
};

struct node {
	struct sim *sim;
	unsigned index, lives;
	bool has[PARTS];   /* roles */
	struct life *life; /* NULL: down */
	int64_t paused_until, restart_at;
};

/* ---- the network ---- */

struct parcel { /* one webhook on its way */
	int64_t due;
	int deed;
	char guid[40];      /* "": the network gives it one */
	struct event event; /* its texts live as long as the history; deep: name and action, for the story */
	void *bytes;        /* deep: the stage's */
};

struct landing { /* a request that its client has given up, still on its way */
	int64_t due;
	int place;
	void (*land)(struct sim *sim, void *what); /* frees it */
	void *what;
	const struct hand *held; /* whose connection it lives on; NULL: it lands at its time */
};

struct hook { /* what was tried, in order (hook.c) */
	struct tried *tried;
	size_t n, room;
};

struct network {
	struct parcel *parcels;
	size_t n_parcels, room;
	struct landing landings[32];
	size_t n_landings;
	struct fiber_group couriers;
	unsigned delivering;              /* webhooks handed over and not answered yet */
	int64_t still_since, still_until; /* a copy of the forge that stands still */
	unsigned next_guid;
	struct acked {
		char guid[40];
	} * acked;
	size_t n_acked, room_acked;
	struct hook hook;
};

enum call {
	CALL_CHANGES = 0,
	CALL_CHANGE,
	CALL_REVIEWS,
	CALL_MOVES,
	CALL_PEOPLE,
	CALL_PERMISSION,
	CALL_TEAM,
	CALL_TIP,
	CALL_STATUSES,
	CALL_CHECKS,
	CALL_POST,
	CALL_GIT,
	CALL_HOOK,
	CALL_KINDS
};

/* ---- ghosts ---- */

struct ghost_commit { /* of one place; what has no context stands in the own one */
	bool now_true;
	uint64_t true_until; /* step before which it was true the last time; 0: never was */
	int64_t true_until_at;
	int made_false_by;                    /* deed; NOBODY */
	enum status_state newest, ours;       /* by anybody; by us */
	uint64_t refused_step, refused_taken; /* when the newest non-success of ours was accepted, and taken */
	uint64_t refused_decided;             /* and when the store began to want it */
	uint64_t wanted, wanted_step;         /* what the slot says, as a number, and since which step */
	int64_t last_id;
	unsigned posts, all, tries;         /* statuses: ours; anybody's; ours, those that never came included */
	int64_t overdue_at, excepted_until; /* 0: nothing is due */
	bool told_false;                    /* by a webhook that names what it takes back */
	bool swept;                         /* found by a sweep before any webhook told of it */
	bool late;                          /* the newest of ours came when its client had given it up */
	bool sent;                          /* some status of it was taken by a poster */
	uint64_t failed_step;               /* when the newest failure of ours was accepted */
	uint64_t unfailed_step;             /* when something else of ours last took a failure's place */
	uint64_t landed;                    /* step at which a base had it; 0: none has */
	int64_t doubted_until;              /* a status of it may be in doubt until then */
	int64_t held_since;                 /* a failure is due and is not sent; 0: none */
	int64_t seen_id, seen_slot;         /* the ledger's newest status id; the slot's newest verdict */
	int64_t seen_as_of;                 /* what was read for that verdict is no older than this */
	struct ghost_success {
		uint64_t concluded, began;
		int64_t began_at, read_at;
	} success[16]; /* the newest conclusions of success */
	unsigned n_success;
	int64_t seen_generation, seen_made_at; /* of the newest success that a judgement concluded */
};

struct ghost_deed {
	struct deed deed;
	uint64_t step, told; /* told: when its webhook was answered 202; 0: never */
	uint64_t applied;    /* by when the store had applied that; 0: not yet */
	int64_t at;
	bool insider;             /* who did it had a role or was in the team */
	unsigned bugs_told;       /* those of which a webhook was answered, and */
	uint64_t told_at_step[2]; /* when: `bug` and `other` of the deed */
};

struct accepted { /* one status that the forge took */
	int64_t id, at;
	int place;
	bool ours;
	enum status_state state;
	char text[160];
};

struct ghost {
	struct ghost_commit commits[SIM_PLACES];
	struct ghost_deed *deeds;
	size_t n_deeds, room_deeds;
	struct accepted *accepted;
	size_t n_accepted, room_accepted;
	struct ghost_store *store;      /* what was read of it (ghost_peek.c) */
	unsigned ours;                  /* how many of them are */
	bool late_clock;                /* a process was stopped between reading its clock and its transaction */
	bool superseded[TRUTH_CHANGES]; /* their heads' slots, before the transaction of a sweep */
	int stands; /* a commit whose change an outsider has just reviewed, and nothing else happened; NOBODY */
};

/* ---- one history ---- */

struct stage { /* what differs between broad and deep */
	const char *name;
	/* Calls go to the repository's name. A webhook that is late tells an old one, and only the sweep puts that
	 * right: without a sweep nobody renames. */
	bool by_name;
	bool bare; /* its first commit has no policy file, whatever the swarm says */
	bool (*begin)(struct sim *sim);
	void (*end)(struct sim *sim);
	/* After the truth took the deed: makes its webhooks. */
	void (*perform)(struct sim *sim, const struct deed *deed, int number);
	void (*born)(struct life *life);                   /* forge, mirror and exec of each hand */
	void (*died)(struct life *life);                   /* its fibers have returned or will touch nothing more */
	void (*crashed)(struct life *life);                /* a process died; NULL: the store does not mind */
	struct oid (*commit)(struct sim *sim, int commit); /* its name; NOBODY: none */
	int (*commit_of)(struct sim *sim, const struct oid *oid);
	/* The exec below the hands: one transaction of the shared store, with the faults of its disk. */
	struct store_exec (*hand_exec)(struct hand *hand);
	/* The same without faults, for looks from outside. */
	struct store_exec (*exec)(struct sim *sim);
	/* Hands the parcel to a node; true: it was answered 202. */
	bool (*deliver)(struct sim *sim, struct life *life, const struct parcel *parcel);
};

struct sim {
	uint64_t seed;
	struct swarm swarm;
	struct plan plan;
	const struct stage *stage;
	void *stage_self;
	int64_t repo; /* its number at the forge; the stage says */
	struct fibers *fibers;
	struct dice net_dice, fate_dice, gate_dice;
	struct bugzilla { /* the tracker (tracker.c) */
		struct dice dice;
		int64_t down_until, refused_until;
		bool rated[TRUTH_BUGS]; /* as it was shown last, alone, as far as the table has it */
		bool saved[TRUTH_BUGS]; /* the same, as far as its file has it */
		uint64_t read_step;     /* when a judge was last told of a bug */
		int64_t news_at;        /* when a process last had an answer that may take back for a moment */
	} bugzilla;
	uint64_t step; /* counts everything that happens: the order of ghosts */
	struct truth truth;
	struct past {
		int64_t at;
		struct truth truth;
	} * past;
	size_t n_past;
	struct network net;
	struct node nodes[SIM_NODES];
	struct life *lives; /* all there ever were */
	struct ghost ghost;
	unsigned crashes, pauses;
	bool healed; /* the faults have stopped, */
	int64_t healed_at;
	bool over; /* the history has ended: everything returns */
	char broken[512];
	struct sometimes_counts *sometimes;
	FILE *trace;  /* NULL: quiet */
	bool details; /* of the trace: calls and transactions, too; and what the workers log, on stderr */
	struct log log;
};

/* Runs one history from a seed. Result in sim->broken ("" when all held); counts are added to *counts. */
struct sim_order {
	uint64_t seed;
	struct swarm swarm;
	struct plan plan;
	const struct stage *stage;
	FILE *trace;
	bool details;
};
struct sim_result {
	char broken[512];
	uint64_t hash; /* of the schedule: equal for equal runs */
	uint64_t steps;
	int64_t virtual_ms;
};
void sim_run(const struct sim_order *order, struct sometimes_counts *counts, struct sim_result *ret);

extern const struct stage stage_broad, stage_deep;

/* ---- what the files share ---- */

int64_t sim_now(const struct sim *sim); /* wall */
void sim_break(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_tell(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_detail(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_once(struct sim *sim, enum sometimes what);
bool sim_do(struct sim *sim, const struct deed *deed); /* truth, ghosts, webhooks */

/* net.c */
void net_begin(struct sim *sim);
void net_end(struct sim *sim);
void net_post_office(struct sim *sim, const struct parcel *parcel); /* copied; `due` is its own */
/* What becomes of one read of the forge, after its wait. */
enum net_reply { NET_ANSWERED = 1, NET_DEAD, NET_LIMITED, NET_DENIED, NET_GARBLED, NET_CUT, NET_UNWELL };
struct net_read {
	enum net_reply reply;
	int64_t retry_at; /* limited: from then on */
	int64_t lag;      /* answered: so old is what the replica shows */
};
struct net_read net_ask(struct hand *hand, enum call call);
/* One call of the forge: waits, and may fail. *ret_seen: the truth that the answering replica shows. */
enum err_code net_call(struct hand *hand, enum call call, const struct truth **ret_seen, struct err *err);
enum net_fate { NET_DONE = 1, NET_REFUSED, NET_NOT_SENT, NET_LOST_REQUEST, NET_LOST_ANSWER, NET_LATE };
enum net_fate net_post_fate(struct hand *hand, struct err *err);
enum net_fate net_in_time(struct hand *hand, int64_t deadline_ms, enum net_fate fate, struct err *err);
void net_land_later(struct sim *sim, struct hand *hand, const struct landing *landing, int64_t within_ms);
void net_wait_in_vain(struct hand *hand, int64_t deadline_ms);
bool net_idle(struct sim *sim);

/* ---- the hook of an App (hook.c) ---- */

void hook_tried(struct sim *sim, const struct parcel *parcel, bool taken);
bool hook_idle(struct sim *sim); /* all that was tried is in the journal */
void hook_end(struct sim *sim);
bool hook_keeps(void *self); /* these three: of a hand's forge */
enum err_code hook_list(void *self, const struct forge_call *call, const struct forge_span *in,
			struct forge_list_deliveries *out, struct err *err);
enum err_code hook_again(void *self, const struct forge_call *call, int64_t attempt, struct err *err);

int64_t net_lag(struct sim *sim); /* of one read */
const struct truth *net_past(struct sim *sim, int64_t lag);
void net_carry(struct sim *sim, const struct parcel *parcel, int64_t way_ms); /* as it is: nothing happens to it */

/* ---- the tracker (tracker.c) ---- */

void tracker_perform(struct sim *sim, const struct deed *deed, int number); /* its webhooks */
void tracker_begin(struct sim *sim);
void tracker_born(struct life *life);                                                     /* after its hands */
bool tracker_begins(const struct life *life, const struct store *store, struct err *err); /* what serve does first */
struct bugs_worker *tracker_worker(const struct life *life, const struct worker *worker);
const struct bug_sources *tracker_of(const struct hand *hand); /* NULL: none */
void tracker_died(struct life *life);
bool tracker_refuses(const struct life *life);             /* it has a key that is not taken any more */
bool tracker_polled(const struct sim *sim, int64_t since); /* each process has read the list to its end, begun since */

/* node.c */
void node_begin(struct sim *sim);
void node_end(struct sim *sim);
void node_start(struct node *node);
void node_crash(struct node *node);
void node_heal(struct sim *sim);
struct life *node_taker(struct sim *sim, enum part part); /* a living node with this role, any; NULL */
/* Before and after whatever a hand does outside: stops for signals, perhaps dies. False: this process is dead. */
bool node_alive(struct hand *hand);
int64_t node_now(const struct hand *hand); /* by the wall clock of its process */

/* ghost.c and its like: ghost_inner.h says which */
void ghost_begin(struct sim *sim);
void ghost_end(struct sim *sim); /* after the stage's own end */
/* Puts the ghosts between the store and these rows, so that they know who writes what. In one transaction at a time. */
void ghost_watch(struct sim *sim, struct rows *rows);
int ghost_deed(struct sim *sim, const struct deed *deed); /* its number */
void ghost_told(struct sim *sim, int deed, int64_t bug);  /* bug: 0, or which the webhook told of */
void ghost_read_begins(struct hand *hand, int commit);
void ghost_asks_name(struct hand *hand);
void ghost_reads_for_company(struct hand *hand); /* for several replaced heads: what it judged before is put off */
void ghost_call_failed(struct hand *hand);
void ghost_writes(struct hand *hand); /* before a transaction of this hand */
void ghost_wrote(struct hand *hand);  /* after a transaction of this hand */
/* The forge takes a status. Its id; 0: the cap of 1000 is reached. poster NULL: somebody else's, or a late landing. */
struct ghost_post {
	int place;
	bool ours, late, lost; /* late: landing after its client gave up; lost: its answer will be */
	enum status_state state;
	struct text text;
	uint64_t taken;   /* step at which the poster took it */
	uint64_t decided; /* step since which it was wanted */
	bool stopped;
};
int64_t ghost_accepts(struct sim *sim, const struct ghost_post *post);
void ghost_sends(struct hand *hand, int place, int64_t until); /* a client begins to send; ghost_sent: it has ended */
void ghost_sent(struct hand *hand);
void ghost_tick(struct sim *sim);
void ghost_settled(struct sim *sim, bool cured); /* after the faults: L1 */
bool ghost_bug_untold(const struct sim *sim, int bug);
int64_t ghost_bug_hidden_untold(const struct sim *sim); /* the same of what no list shows, 0 where that is nothing */
int64_t
ghost_bugs_untold(const struct sim *sim); /* when the newest deed was done at the tracker that no webhook told */
int64_t ghost_idly_owed(struct sim *sim); /* judgements that wait, and can change nothing */
void ghost_audit(struct sim *sim);        /* I3, I8 */

/* gate.c */
void gate_begin(struct sim *sim);
bool gate_lets_merge(struct sim *sim, int commit); /* branch protection: the newest status of ours on it */

/* show.c: how the truth looks from outside */
int show_place(int commit, struct text context); /* NOBODY: a commit or a context that is none of ours */
int show_commit_at(int place);
enum oracle_context show_context_at(int place);
struct text show_context(int place); /* its name */
struct show_name {
	char text[48];
} show_named(int place); /* as stories tell it */
struct oid show_commit(int commit);
int show_commit_of(const struct oid *oid); /* NOBODY: none of ours */
int64_t show_id(int person);
int show_person_of(struct text login);
struct text show_login(int person), show_email(int person), show_branch(int branch), show_topic(int change);
struct text show_repo(int renamed), show_title(const struct truth_change *change);
struct text show_message(const struct truth_commit *commit);
int64_t show_bug(int bug);
int show_bug_of(int64_t id);                    /* NOBODY: the tracker has no such bug */
unsigned show_bugs_of(const struct deed *deed); /* bits of those that it changes, in their trackers' eyes */
int64_t show_seconds(int64_t ms);
size_t show_events(const struct truth *truth, const struct deed *deed, int64_t now, struct event *ret); /* at most 3 */
struct event show_status_event(const struct truth *truth, const struct accepted *accepted);

#endif
