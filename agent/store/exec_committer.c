/*
 * Group commit. One thread owns the write connection. It takes everything that has queued while the last commit ran,
 * up to a batch, begins, runs each job between mark and keep (or undo: a failed job takes only itself back), commits
 * once and only then tells anybody. No timer: under load batches grow by themselves, without load nobody waits.
 *
 * Whatever fails outside a job (begin, mark, keep, undo, commit) fails the whole batch: nothing of it is durable. An
 * ERR_BROKEN from anywhere, a reader's too, is for good: nobody is told success any more, `broken` is called once, all
 * that comes after it is refused.
 */
#include "agent/store/exec.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>

#include "agent/store/tables.h"
#include "policy/memory.h"

#define BATCH_JOBS  256
#define BATCH_BYTES ((size_t)4 << 20)
#define WAIT_BYTES  1024 /* what a waiting write counts for: its caller is bounded by being a thread */

struct exec_committer {
	struct exec_committer_config config;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t work;
	struct store_later *first, **end;
	size_t queued, queued_bytes;
	bool stopping, broken, announced, failing;
	struct err why; /* of broken; never changes after it */
	int64_t jobs, commits;
	pthread_mutex_t reading; /* of config.reader */
};

/* ---- the batch: on the committer's thread ---- */

struct batch {
	struct store_later *jobs[BATCH_JOBS];
	struct err outcomes[BATCH_JOBS];
	size_t n;
};

static void fail_batch(struct batch *batch, const struct err *err)
{
	for (size_t i = 0; i < batch->n; i++)
		batch->outcomes[i] = *err;
}

static void name_silence(struct err *err)
{
	if (err->code == ERR_OK)
		(void)err_set(err, ERR_BROKEN, "store: a job failed without saying why");
}

/* False: the transaction is lost, *err says why. A job that fails by itself is none of that. */
static bool run_job(const struct rows *rows, struct store_later *later, struct err *outcome, struct err *err)
{
	struct rows own = *rows;
	bool ok;

	if (!rows->ops->mark(rows->self, err))
		return false;
	ok = later->job(&own, later->arg, outcome);
	if (ok) {
		*outcome = ERR_NONE;
		return rows->ops->keep(rows->self, err);
	}
	name_silence(outcome);
	if (outcome->code == ERR_BROKEN) {
		*err = *outcome;
		return false;
	}
	return rows->ops->undo(rows->self, err);
}

static bool run_all(const struct rows *rows, struct batch *batch, struct err *err)
{
	for (size_t i = 0; i < batch->n; i++)
		if (!run_job(rows, batch->jobs[i], &batch->outcomes[i], err))
			return false;
	return rows->ops->commit(rows->self, err);
}

/* True: committed. */
static bool run_batch(const struct rows *rows, struct batch *batch)
{
	struct err err = ERR_NONE;
	bool begun = rows->ops->begin(rows->self, true, &err);

	for (size_t i = 0; i < batch->n; i++)
		batch->outcomes[i] = ERR_NONE;
	if (begun && run_all(rows, batch, &err))
		return true;
	name_silence(&err);
	if (begun)
		rows->ops->rollback(rows->self);
	fail_batch(batch, &err);
	return false;
}

/* A full disk takes a batch that changes nothing, and a job's own ERR_LIMIT may be one, or no more than a limit of the
 * store's. */
static bool suspects(const struct batch *batch, bool committed)
{
	for (size_t i = 0; i < batch->n; i++)
		if (!committed || batch->outcomes[i].code == ERR_LIMIT)
			return true;
	return false;
}

/* Another value each time: what is there already need not be written. */
static bool write_proof(const struct rows *rows, int64_t number, struct err *err)
{
	char digits[24];
	struct row_meta row = {TEXT_LIT(EXEC_PROOF), {digits, 0}};

	row.value.len = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)number);
	if (!rows->ops->begin(rows->self, true, err))
		return false;
	if (rows->ops->put(rows->self, &table_meta, &row, err) && rows->ops->commit(rows->self, err))
		return true;
	rows->ops->rollback(rows->self);
	return false;
}

/* ---- the queue: under the lock ---- */

static void take_batch(struct exec_committer *exec, struct batch *batch)
{
	size_t bytes = 0;

	batch->n = 0;
	while (exec->first && batch->n < BATCH_JOBS && (batch->n == 0 || bytes + exec->first->bytes <= BATCH_BYTES)) {
		struct store_later *later = exec->first;

		bytes += later->bytes;
		batch->jobs[batch->n++] = later;
		exec->first = later->next;
		if (!exec->first)
			exec->end = &exec->first;
		exec->queued--;
		exec->queued_bytes -= later->bytes;
	}
}

static void break_now(struct exec_committer *exec, const struct err *why)
{
	if (exec->broken)
		return;
	exec->broken = true;
	exec->why = *why;
	(void)pthread_cond_signal(&exec->work); /* it is announced on the committer's thread */
}

/* After the batch. Where a reader broke the store meanwhile, even what was committed is not called a success. */
static void settle(struct exec_committer *exec, struct batch *batch, bool committed)
{
	exec->jobs += (int64_t)batch->n;
	exec->commits += committed;
	exec->failing = exec->failing || suspects(batch, committed);
	for (size_t i = 0; i < batch->n; i++)
		if (batch->outcomes[i].code == ERR_BROKEN)
			break_now(exec, &batch->outcomes[i]);
	if (exec->broken)
		fail_batch(batch, &exec->why);
}

/* ---- the loop: takes the lock itself ---- */

static void announce(struct exec_committer *exec)
{
	bool first;

	(void)pthread_mutex_lock(&exec->lock);
	first = exec->broken && !exec->announced;
	exec->announced = exec->broken;
	(void)pthread_mutex_unlock(&exec->lock);
	if (first && exec->config.broken)
		exec->config.broken(exec->config.context, &exec->why);
}

/* Waits for work; false: stopping, and nothing is left. An empty batch: something is to be announced. */
static bool next_batch(struct exec_committer *exec, struct batch *batch, bool *refuse)
{
	bool more;

	(void)pthread_mutex_lock(&exec->lock);
	while (!exec->first && !exec->stopping && exec->broken == exec->announced)
		(void)pthread_cond_wait(&exec->work, &exec->lock);
	take_batch(exec, batch);
	*refuse = exec->broken;
	more = batch->n > 0 || !exec->stopping;
	(void)pthread_mutex_unlock(&exec->lock);
	return more;
}

/* After everybody was told; only after a batch that was committed, so that no wait in vain is doubled. */
static void prove(struct exec_committer *exec)
{
	struct err err = ERR_NONE;
	bool proven;

	proven = write_proof(exec->config.writer, exec->jobs, &err);
	(void)pthread_mutex_lock(&exec->lock);
	exec->failing = !proven;
	if (!proven && err.code == ERR_BROKEN)
		break_now(exec, &err);
	(void)pthread_mutex_unlock(&exec->lock);
}

static void *committer(void *arg)
{
	struct exec_committer *exec = arg;
	struct batch *batch = calloc(1, sizeof *batch);
	bool refuse, committed, doubted;

	if (!batch)
		out_of_memory();
	while (next_batch(exec, batch, &refuse)) {
		/* What queued before the store broke is told so in settle, not run. */
		committed = !refuse && batch->n > 0 && run_batch(exec->config.writer, batch);
		(void)pthread_mutex_lock(&exec->lock);
		settle(exec, batch, committed);
		doubted = committed && exec->failing && !exec->broken;
		(void)pthread_mutex_unlock(&exec->lock);
		announce(exec);
		for (size_t i = 0; i < batch->n; i++)
			batch->jobs[i]->done(batch->jobs[i], &batch->outcomes[i]);
		if (doubted)
			prove(exec);
	}
	announce(exec);
	free(batch);
	return NULL;
}

/* ---- the port: any thread ---- */

static bool enqueue(struct exec_committer *exec, struct store_later *later, struct err *err)
{
	bool ok = false;

	(void)pthread_mutex_lock(&exec->lock);
	if (exec->broken)
		*err = exec->why;
	else if (exec->stopping)
		(void)err_set(err, ERR_RETRY, "store: stopping");
	else if (exec->queued >= exec->config.queue_jobs)
		(void)err_set(err, ERR_LIMIT, "store: limits.queue_rows (%zu) are queued", exec->config.queue_jobs);
	else if (later->bytes > exec->config.queue_bytes - exec->queued_bytes)
		(void)err_set(err, ERR_LIMIT, "store: limits.queue_bytes (%zu) are queued", exec->config.queue_bytes);
	else
		ok = true;
	if (ok) {
		later->next = NULL;
		*exec->end = later;
		exec->end = &later->next;
		exec->queued++;
		exec->queued_bytes += later->bytes;
		(void)pthread_cond_signal(&exec->work);
	}
	(void)pthread_mutex_unlock(&exec->lock);
	return ok;
}

struct waiting {
	struct store_later later; /* first: done gets it back */
	pthread_mutex_t lock;
	pthread_cond_t told;
	bool finished;
	struct err outcome;
};

static void wake_waiting(struct store_later *later, const struct err *err)
{
	struct waiting *waiting = (struct waiting *)later;

	(void)pthread_mutex_lock(&waiting->lock);
	waiting->outcome = *err;
	waiting->finished = true;
	(void)pthread_cond_signal(&waiting->told); /* under the lock: the waiter's stack goes once it has it */
	(void)pthread_mutex_unlock(&waiting->lock);
}

static bool committer_write(void *self, store_job *job, void *arg, struct err *err)
{
	struct exec_committer *exec = self;
	struct waiting waiting = {.later = {job, arg, WAIT_BYTES, wake_waiting, NULL}};
	bool ok;

	assert(!pthread_equal(pthread_self(), exec->thread)); /* it would wait for itself */
	(void)pthread_mutex_init(&waiting.lock, NULL);
	(void)pthread_cond_init(&waiting.told, NULL);
	ok = enqueue(exec, &waiting.later, err);
	if (ok) {
		(void)pthread_mutex_lock(&waiting.lock);
		while (!waiting.finished)
			(void)pthread_cond_wait(&waiting.told, &waiting.lock);
		(void)pthread_mutex_unlock(&waiting.lock);
		ok = waiting.outcome.code == ERR_OK;
		if (!ok)
			*err = waiting.outcome;
	}
	(void)pthread_cond_destroy(&waiting.told);
	(void)pthread_mutex_destroy(&waiting.lock);
	return ok;
}

static bool committer_write_later(void *self, struct store_later *later, struct err *err)
{
	return enqueue(self, later, err);
}

static bool is_broken(struct exec_committer *exec, struct err *err)
{
	bool broken;

	(void)pthread_mutex_lock(&exec->lock);
	broken = exec->broken;
	if (broken)
		*err = exec->why;
	(void)pthread_mutex_unlock(&exec->lock);
	return broken;
}

static bool read_once(struct rows *rows, store_job *job, void *arg, struct err *err)
{
	bool ok;

	if (!rows->ops->begin(rows->self, false, err))
		return false;
	ok = job(rows, arg, err) && rows->ops->commit(rows->self, err);
	if (!ok)
		rows->ops->rollback(rows->self);
	return ok;
}

static bool committer_read(void *self, store_job *job, void *arg, struct err *err)
{
	struct exec_committer *exec = self;
	struct err why = ERR_NONE;
	bool ok;

	if (is_broken(exec, err))
		return false;
	(void)pthread_mutex_lock(&exec->reading);
	ok = read_once(exec->config.reader, job, arg, &why);
	(void)pthread_mutex_unlock(&exec->reading);
	if (ok)
		return true;
	name_silence(&why);
	if (why.code == ERR_BROKEN) {
		(void)pthread_mutex_lock(&exec->lock);
		break_now(exec, &why);
		(void)pthread_mutex_unlock(&exec->lock);
	}
	*err = why;
	return false;
}

struct exec_committer *exec_committer_start(const struct exec_committer_config *config, struct err *err)
{
	struct exec_committer *exec = calloc(1, sizeof *exec);

	if (!exec)
		out_of_memory();
	exec->config = *config;
	exec->end = &exec->first;
	(void)pthread_mutex_init(&exec->lock, NULL);
	(void)pthread_mutex_init(&exec->reading, NULL);
	(void)pthread_cond_init(&exec->work, NULL);
	/* The new thread's first look at exec->thread is behind the first enqueue, under the lock. */
	if (pthread_create(&exec->thread, NULL, committer, exec) != 0) {
		free(exec);
		(void)err_set(err, ERR_RETRY, "store: no thread for the committer");
		return NULL;
	}
	return exec;
}

void exec_committer_stop(struct exec_committer *exec)
{
	if (!exec)
		return;
	(void)pthread_mutex_lock(&exec->lock);
	exec->stopping = true;
	(void)pthread_cond_signal(&exec->work);
	(void)pthread_mutex_unlock(&exec->lock);
	(void)pthread_join(exec->thread, NULL);
	(void)pthread_cond_destroy(&exec->work);
	(void)pthread_mutex_destroy(&exec->reading);
	(void)pthread_mutex_destroy(&exec->lock);
	free(exec);
}

struct store_exec exec_committer_port(struct exec_committer *exec)
{
	return (struct store_exec){exec, committer_write, committer_read, committer_write_later};
}

struct exec_counters exec_committer_counters(struct exec_committer *exec)
{
	struct exec_counters ret;

	(void)pthread_mutex_lock(&exec->lock);
	ret = (struct exec_counters){exec->jobs, exec->commits, (int64_t)exec->queued, exec->failing};
	(void)pthread_mutex_unlock(&exec->lock);
	return ret;
}
