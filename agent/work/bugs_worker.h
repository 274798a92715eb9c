/*
 * bugs_worker: keeps the table of one tracker, and finds what its webhooks did not tell. At its start it asks what our
 * account may do; at the start and daily for all secure bugs; every poll_ms for what changed since the last time, with
 * five minutes of overlap, by the tracker's own clock; and at once for a bug of which something was told, if a verdict
 * asked about it or it is secure.
 *
 * Bugs that verdicts asked about are read one by one, and who stands on one hears of it where it is not as it was when
 * this worker read it last; a bug that it has not read yet is told of, too. What is told of any other bug is put off to
 * the poll, which shows all of them at once, from a copy that may lag: that makes a bug secure and never takes it back,
 * and settles what was told only when a copy cannot lag that much any more. So long the bug counts from no table. One
 * that is known to be not secure brings the poll forward, by whatever else is told within a minute. What the poll does
 * not show (it is out of our sight) is then looked up by its number.
 *
 * A bug of which an answer comes that is not understood, or none while the tracker answers others, is in doubt: it
 * counts from no table, and who stands on it hears of it. It keeps no other bug waiting, nor does anything else that
 * fails.
 *
 * Once the key is refused nothing is asked any more. Where no poll comes to its end for bugs_late_ms(), whatever keeps
 * it, that is said once and the tracker is not healthy: what no webhook tells is not found. A table that nothing is
 * read for takes in what commands wrote, and who stands on a bug of which it says something else then hears of that;
 * and what the tracker's connector said (receive_said.h), which is in the file before anything is judged by it. One
 * worker among the others (workers.h), one thread per tracker. Nothing durable is lost when it dies.
 */
#ifndef AGENT_WORK_BUGS_WORKER_H
#define AGENT_WORK_BUGS_WORKER_H

#include "agent/tracker/ask.h"
#include "agent/tracker/table_store.h"
#include "agent/work/bug_source.h"
#include "agent/work/workers.h"

#define BUGS_LAG_MS     300000   /* a copy of the tracker's data lags no longer; also the overlap of polls */
#define BUGS_UNTOLD_MS  120000   /* a webhook is no later, where the tracker has no backlog */
#define BUGS_GATHER_MS  60000    /* what is told within this time is polled for together */
#define BUGS_GUARD_MS   20000    /* and where flags are guarded */
#define BUGS_RESYNC_MS  86400000 /* between two readings of all secure bugs */
#define BUGS_LATE_POLLS 3        /* so many times bugs.poll without one that is over: */
#define BUGS_LATE_MS    600000   /* and no less than this: the tracker is not healthy */
#define BUGS_SEEN       4096     /* bugs whose content is remembered */
#define BUGS_KNOWN      131072   /* and of a table alone, bugs whose state is: 2 MB */
#define BUGS_SILENT     32       /* bugs of which no answer came, remembered */
#define BUGS_IN_A_ROW   3        /* questions without an answer: then it is the tracker */

struct bug_seen {
	int64_t id;
	uint64_t content; /* of its digest; 0: it is in doubt, and who stands on it heard of it */
};
struct bug_known { /* what a table alone said of it when those who stand on it were told */
	int64_t id;
	enum table_state state;
};
struct bugs_known {
	struct bug_known *at; /* by number */
	size_t n, room;
};
struct bug_silent {
	int64_t id;
	uint64_t answers; /* how many had come by then */
};
enum bugs_task { BUGS_GREET = 0, BUGS_RESYNC, BUGS_POLL, BUGS_SETTLE, BUGS_NEWS, BUGS_DEEDS, BUGS_TASKS };

struct bugs_worker {
	struct worker worker;
	const struct bug_source *source;
	const struct table_store *disk; /* NULL: the table is kept nowhere */
	struct ask *ask;                /* for its counts; NULL: not counted */
	int64_t deadline_ms;            /* of one question */
	int64_t poll_ms;                /* bugs.poll */
	bool hooked;                    /* its webhooks are taken */

	/* Zero at the start; losing it only makes it read more. */
	bool greeted, refused;
	int64_t resync_at, poll_at, not_before; /* wall; resync_at 0: none was read to its end */
	int64_t put_off_to[BUGS_TASKS];         /* wall: of each task that failed */
	unsigned turn;                          /* the task to begin with: the one behind what failed */
	uint64_t answers;                       /* of the tracker, to whatever was asked */
	unsigned in_a_row;                      /* questions without one since */
	struct bug_silent silent[BUGS_SILENT];
	size_t next_silent;
	int64_t since;            /* by the tracker's clock: nothing that changed before is missed; 0: none */
	struct tracker_walk walk; /* the poll under way, at the page it goes on with */
	int64_t walk_began;       /* wall; of the newest poll */
	int64_t walk_until;       /* the tracker's clock when it began; 0: none is under way */
	int64_t walked;           /* walk_began of the newest one that is over; 0: none, or it is settled */
	int64_t first_until;      /* walk_until of the first one; 0: it is not over yet */
	int64_t kept_at;          /* monotonic: the newest poll was over and settled, or the first began; 0: none did */
	bool late;                /* that none was for too long was said */
	int64_t warned_at;        /* wall: that an approval was told by no webhook */
	uint64_t looked;          /* where the table is all: its changes when those who stand on it were told */
	uint64_t saved;           /* its changes that the file holds */
	int64_t save_at;          /* wall: no sooner */
	int64_t owed_quiet_to;    /* monotonic: until then it is not said again; 0: nothing is owed */
	bool unsaved;             /* what a connector said is in the table, and perhaps not in the file */
	struct ask_counts counted;
	struct bug_seen seen[BUGS_SEEN];
	struct bugs_known
		known; /* of a table alone, what verdicts asked about and was not "not secure" at the last look */
};

/* From this age on of the newest poll that is over, something is wrong. */
int64_t bugs_late_ms(int64_t poll_ms);

/* As the steps of workers.h. */
bool bugs_worker_step(struct bugs_worker *b, int64_t *ret_at);
void bugs_worker_run(struct bugs_worker *b);     /* releases it at its end */
void bugs_worker_release(struct bugs_worker *b); /* what it remembers; it may go on, and tells more */

#endif
