/*
 * exec: how a store verb reaches the rows: the one port below the store. A write job runs inside one transaction and
 * is durable when write() returns true; when it returns false nothing of it happened. A read job sees a consistent
 * snapshot. Jobs are plain functions over struct rows; they never block, wait or call another port.
 *
 * exec_direct.c: runs at once on the caller's thread (in-memory backend, one-shot commands, fibers).
 * exec_committer.c: one thread owns the write connection; it takes whatever has queued (no timer window, at most 256
 * jobs or 4 MB), runs each between mark and keep/undo, commits once, then tells everybody. Readers share a second
 * connection under a lock. Where a batch failed, it says so (failing) until a write of its own was committed after
 * another batch, for one that changes nothing is committed on a full disk, too. After an I/O error from commit or sync
 * it tells nobody success, calls `broken`, and refuses everything from then on.
 */
#ifndef AGENT_STORE_EXEC_H
#define AGENT_STORE_EXEC_H

#include "agent/store/rows.h"

typedef bool store_job(struct rows *rows, void *arg, struct err *err);

struct store_later { /* a write whose caller does not wait; owned by the caller until done was called */
	store_job *job;
	void *arg;
	size_t bytes; /* roughly what it adds, for the batch and queue limits */
	void (*done)(struct store_later *later,
		     const struct err *err); /* after the commit; any thread; err->code OK: durable */
	struct store_later *next;            /* the executor's */
};

struct store_exec {
	void *self;
	bool (*write)(void *self, store_job *job, void *arg, struct err *err);
	bool (*read)(void *self, store_job *job, void *arg, struct err *err);
	/* False: the queue is full (ERR_LIMIT) or the store is broken; done will not be called. */
	bool (*write_later)(void *self, struct store_later *later, struct err *err);
};

/* `rows` is borrowed. */
struct exec_direct;
struct exec_direct *exec_direct_new(struct rows *rows);
void exec_direct_free(struct exec_direct *exec); /* takes NULL */
struct store_exec exec_direct_port(struct exec_direct *exec);

struct exec_committer_config {
	struct rows *writer, *reader;                         /* borrowed; used by nobody else until _stop returned */
	size_t queue_jobs, queue_bytes;                       /* limits.queue_rows, limits.queue_bytes */
	void (*broken)(void *context, const struct err *err); /* called once, on the committer's thread */
	void *context;
};
struct exec_committer;
#define EXEC_PROOF "write proven" /* the key in table_meta of its own writes, which say nothing else */
struct exec_committer *exec_committer_start(const struct exec_committer_config *config, struct err *err);
void exec_committer_stop(struct exec_committer *exec); /* finishes what has queued; takes NULL */
struct store_exec exec_committer_port(struct exec_committer *exec);

/* For metrics and readiness: jobs, commits, queued now. */
struct exec_counters {
	int64_t jobs, commits, queued;
	bool failing; /* the last write failed for all that we know, and none was proven since */
};
struct exec_counters exec_committer_counters(struct exec_committer *exec);

#endif
