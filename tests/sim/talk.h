/*
 * talk: one conversation with the store that ships, on a disk that can fail: deliveries come in and are applied,
 * commits are judged, statuses posted, doubts settled, the process is stopped, killed and loses its power, all by seed.
 * Beside it stands the past: what people did, what the forge holds, and what the store has promised by returning.
 *
 * The past is a plain value: a copy of it together with an image of the disk is a moment that talk_check.c can judge. A
 * struct talk owns its connections and borrows its disk. No part of it asks the store what is true.
 */
#ifndef TESTS_SIM_TALK_H
#define TESTS_SIM_TALK_H

#include "agent/store/store.h"
#include "tests/sim/disk.h"
#include "tests/support/row_dice.h"

#define TALK_CHANGES 3
#define TALK_HEADS   12
#define TALK_EVENTS  160
#define TALK_TEXT    80
#define TALK_WHY     300

enum told_kind {
	TOLD_OPENED,
	TOLD_PUSHED,
	TOLD_DRAFT,
	TOLD_READY,
	TOLD_APPROVED,
	TOLD_DISMISSED,
	TOLD_CLOSED,
	TOLD_REOPENED
};

struct told_event {
	enum told_kind kind;
	int64_t number, review, at; /* at: the forge's seconds */
	char before, head;
	bool acked; /* answered 202 */
};

struct told_change {
	char head;
	bool exists, open, draft, approved;
	int64_t review;
};

struct forge_head { /* what the forge holds for one commit */
	enum status_state state;
	char text[TALK_TEXT];
	int64_t count, id;
};

struct past {
	struct told_change changes[TALK_CHANGES];
	struct told_event events[TALK_EVENTS];
	size_t n_events;
	struct forge_head forge[TALK_HEADS];
	int64_t last_status, verdicts; /* verdicts: rows promised */
	int64_t now, forge_seconds;
};

enum talk_port { TALK_DIRECT, TALK_COMMITTER, TALK_PORTS };

struct talk {
	struct disk *disk;
	struct dice dice;
	struct past past;
	enum talk_port port;
	bool troubled; /* faults of the disk happen */
	struct rows writer, reader;
	struct exec_direct *direct;
	struct exec_committer *committer;
	struct store store;
	struct store_exec inner; /* the real one; store.exec tells `returned` after each of its transactions */
	void (*returned)(void *context,
			 const struct err *err); /* NULL: nobody; err NULL: it is durable, says the store */
	void *context;
	bool still; /* people do nothing more */
	bool open;
	const char *act; /* the last one, for a trace */
	struct err err;  /* of it */
};

bool talk_open(struct talk *talk, struct err *err);
bool talk_start(struct talk *talk, struct err *err); /* opens it as the program does: the leases of before are ended */
void talk_close(struct talk *talk);                  /* in order; after disk_crash or disk_cut it only frees */

/* One act. TALK_STOPPED: the store is broken and its process has to go. */
enum talk_outcome { TALK_DONE, TALK_FAILED, TALK_STOPPED, TALK_RESTARTED };
enum talk_outcome talk_act(struct talk *talk);
/* As the sender does for what was not answered; duplicates of what was answered change nothing. */
bool talk_redeliver(struct talk *talk, struct err *err);

/* One step of the workers; *ret false: there is nothing to do now. */
bool talk_apply(struct talk *talk, bool *ret, struct err *err);
bool talk_judge(struct talk *talk, bool *ret, struct err *err);
bool talk_post(struct talk *talk, bool *ret, struct err *err);
bool talk_settle(struct talk *talk, bool *ret, struct err *err);

/* What a commit's status has to be in the end; STATUS_UNKNOWN: none or failure, it heads nothing. */
enum status_state talk_truth(const struct past *past, char head);
struct oid talk_oid(char head);
char talk_head(size_t i); /* of past.forge */
size_t talk_place(const struct oid *oid);
struct text talk_guid(size_t event, struct arena *arena);

/* talk_check.c: a connection that nobody uses just now, and a sum over every row of every table. */
struct rows *talk_looker(struct talk *talk);
bool talk_digest(struct rows *rows, uint64_t *ret, struct err *err);

/* A moment: the disk after a cut, and what had been promised by then. */
struct moment {
	struct disk *disk;
	struct past past;
	uint64_t digests[4]; /* what it may hold: a whole transaction or nothing of it */
	size_t n_digests;
	bool any_digest; /* a verb failed in doubt: more may have become durable */
	size_t found;    /* out: which of the digests */
};
/* Opens it and holds it against the past; then lets the pipeline go on from it. False: why[TALK_WHY] says what was
 * lost. */
bool moment_holds(struct moment *moment, char *why);
/* The second half of it, for a conversation that is open: faults are over, to the end. */
bool talk_ends_well(struct talk *talk, struct err *err);

#endif
