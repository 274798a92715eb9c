/* The two executors: what they call durable, whom a failure takes with it, and what they refuse. */
#include "agent/store/exec.h"

#include <pthread.h>
#include <stdatomic.h>

#include "agent/store/tables.h"
#include "tests/support/bad_disk.h"
#include "tests/support/fault.h"
#include "tests/support/scratch_db.h"
#include "tests/support/suite.h"

struct bench {
	struct scratch_db scratch;
	struct rows writer, reader, faulty;
	struct fault fault;
	struct exec_committer *committer;
	struct store_exec port;
	struct err err;
	atomic_int broken;
};

static void on_broken(void *context, const struct err *err)
{
	struct bench *bench = context;

	ck_assert_int_eq(err->code, ERR_BROKEN);
	atomic_fetch_add(&bench->broken, 1);
}

static void bench_open(struct bench *bench, struct fault fault, size_t queue_jobs)
{
	struct exec_committer_config config = {NULL, &bench->reader, queue_jobs, (size_t)1 << 20, on_broken, bench};

	scratch_db_make(&bench->scratch);
	bench->err = ERR_NONE;
	atomic_init(&bench->broken, 0);
	ck_assert(rows_sqlite_open(bench->scratch.file, false, &bench->writer, &bench->err));
	ck_assert(rows_sqlite_open(bench->scratch.file, true, &bench->reader, &bench->err));
	bench->fault = fault;
	bench->fault.below = bench->writer;
	bench->faulty = fault_rows(&bench->fault);
	config.writer = &bench->faulty;
	bench->committer = exec_committer_start(&config, &bench->err);
	ck_assert_ptr_nonnull(bench->committer);
	bench->port = exec_committer_port(bench->committer);
}

static void bench_close(struct bench *bench)
{
	exec_committer_stop(bench->committer);
	rows_close(&bench->reader);
	rows_close(&bench->writer);
	scratch_db_remove(&bench->scratch);
}

struct entry {
	char guid[32];
	bool fail_after; /* the row is written, then the job fails */
};

static bool add_entry(struct rows *rows, void *arg, struct err *err)
{
	const struct entry *entry = arg;
	struct row_journal row = {.guid = text_of(entry->guid)};

	if (!rows->ops->add(rows->self, &table_journal, &row, err))
		return false;
	return !entry->fail_after || err_set(err, ERR_INVALID, "this job fails");
}

static bool write_entry(struct bench *bench, const char *guid, bool fail_after)
{
	struct entry entry = {.fail_after = fail_after};

	(void)snprintf(entry.guid, sizeof entry.guid, "%s", guid);
	bench->err = ERR_NONE;
	return bench->port.write(bench->port.self, add_entry, &entry, &bench->err);
}

static bool count_job(struct rows *rows, void *arg, struct err *err)
{
	struct scan scan = {.table = &table_journal};

	return rows->ops->count(rows->self, &scan, arg, err);
}

static int64_t count_rows(struct bench *bench)
{
	int64_t n = -1;

	ck_assert_msg(bench->port.read(bench->port.self, count_job, &n, &bench->err), "%s", bench->err.text);
	return n;
}

/* ---- many writers ---- */

struct writer {
	struct bench *bench;
	pthread_t thread;
	int number, refused;
};

static void *write_many(void *arg)
{
	struct writer *writer = arg;

	for (int i = 0; i < 500; i++) {
		struct entry entry = {.fail_after = i % 10 == 9};
		struct err err = ERR_NONE;

		(void)snprintf(entry.guid, sizeof entry.guid, "%d-%d", writer->number, i);
		if (!writer->bench->port.write(writer->bench->port.self, add_entry, &entry, &err))
			writer->refused++;
	}
	return NULL;
}

START_TEST(what_eight_threads_write_is_durable_and_counted)
{
	static struct bench bench;
	struct writer writers[8] = {0};
	struct exec_counters counters;

	bench_open(&bench, (struct fault){0}, 1000);
	for (int i = 0; i < 8; i++) {
		writers[i] = (struct writer){.bench = &bench, .number = i};
		ck_assert_int_eq(pthread_create(&writers[i].thread, NULL, write_many, &writers[i]), 0);
	}
	for (int i = 0; i < 8; i++) {
		(void)pthread_join(writers[i].thread, NULL);
		ck_assert_int_eq(writers[i].refused, 50);
	}
	ck_assert_int_eq(count_rows(&bench), 8 * 450);
	counters = exec_committer_counters(bench.committer);
	ck_assert_int_eq(counters.jobs, 8 * 500);
	ck_assert_int_eq(counters.queued, 0);
	ck_assert_int_le(counters.commits, counters.jobs);
	bench_close(&bench);
}
END_TEST

/* ---- write_later behind a gate: a batch of known content ---- */

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	bool entered, open;
};

static bool wait_at_gate(struct rows *rows, void *arg, struct err *err)
{
	struct gate *gate = arg;

	(void)rows;
	(void)err;
	(void)pthread_mutex_lock(&gate->lock);
	gate->entered = true;
	(void)pthread_cond_broadcast(&gate->moved);
	while (!gate->open)
		(void)pthread_cond_wait(&gate->moved, &gate->lock);
	(void)pthread_mutex_unlock(&gate->lock);
	return true;
}

struct later {
	struct store_later later;
	struct entry entry;
	struct err outcome;
	atomic_int calls;
};

static void note_outcome(struct store_later *later, const struct err *err)
{
	struct later *own = (struct later *)later;

	own->outcome = *err;
	atomic_fetch_add(&own->calls, 1);
}

static void later_fill(struct later *later, int number, bool fail_after)
{
	*later = (struct later){.later = {add_entry, &later->entry, 100, note_outcome, NULL}};
	later->entry.fail_after = fail_after;
	(void)snprintf(later->entry.guid, sizeof later->entry.guid, "later-%d", number);
}

/* Holds the committer at a gate, so that what follows becomes one batch. */
static void gate_close(struct bench *bench, struct gate *gate, struct later *later)
{
	*gate = (struct gate){.entered = false};
	(void)pthread_mutex_init(&gate->lock, NULL);
	(void)pthread_cond_init(&gate->moved, NULL);
	*later = (struct later){.later = {wait_at_gate, gate, 0, note_outcome, NULL}};
	ck_assert(bench->port.write_later(bench->port.self, &later->later, &bench->err));
	(void)pthread_mutex_lock(&gate->lock);
	while (!gate->entered)
		(void)pthread_cond_wait(&gate->moved, &gate->lock);
	(void)pthread_mutex_unlock(&gate->lock);
}

static void gate_open(struct gate *gate)
{
	(void)pthread_mutex_lock(&gate->lock);
	gate->open = true;
	(void)pthread_cond_broadcast(&gate->moved);
	(void)pthread_mutex_unlock(&gate->lock);
}

static void gated_batch(struct bench *bench, struct later *laters, int n, int failing)
{
	struct gate gate;
	struct later at_gate;

	gate_close(bench, &gate, &at_gate);
	for (int i = 0; i < n; i++) {
		later_fill(&laters[i], i, i == failing);
		ck_assert(bench->port.write_later(bench->port.self, &laters[i].later, &bench->err));
	}
	gate_open(&gate);
	exec_committer_stop(bench->committer); /* drains the queue */
	bench->committer = NULL;
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(laters[i].calls, 1);
}

static int64_t rows_on_disk(struct bench *bench)
{
	struct exec_direct *direct = exec_direct_new(&bench->reader);
	int64_t n = -1;

	bench->port = exec_direct_port(direct);
	n = count_rows(bench);
	exec_direct_free(direct);
	return n;
}

START_TEST(a_failing_job_takes_only_itself_back)
{
	static struct bench bench;
	static struct later laters[20];

	bench_open(&bench, (struct fault){0}, 1000);
	gated_batch(&bench, laters, 20, 7);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(laters[i].outcome.code, i == 7 ? ERR_INVALID : ERR_OK);
	ck_assert_int_eq(rows_on_disk(&bench), 19);
	bench_close(&bench);
}
END_TEST

/* What goes wrong around the jobs takes the whole batch: the code that everybody is told. */
static const struct {
	const char *what;
	struct fault fault;
	bool broken;
} around[] = {
	{"disk full at commit", {.op = FAULT_COMMIT, .countdown = 1, .repeat = 1, .code = ERR_LIMIT}, false},
	{"busy at begin", {.op = FAULT_BEGIN, .countdown = 1, .repeat = 1, .code = ERR_RETRY}, false},
	{"transaction lost at mark", {.op = FAULT_MARK, .countdown = 5, .repeat = 1, .code = ERR_LIMIT}, false},
	{"transaction lost at keep", {.op = FAULT_KEEP, .countdown = 5, .repeat = 1, .code = ERR_LIMIT}, false},
	{"transaction lost at undo", {.op = FAULT_UNDO, .countdown = 0, .repeat = 1, .code = ERR_LIMIT}, false},
	{"sync fails at commit", {.op = FAULT_COMMIT, .countdown = 1, .repeat = 1, .code = ERR_BROKEN}, true},
	{"read error in a job", {.op = FAULT_ADD, .countdown = 4, .repeat = 1, .code = ERR_BROKEN}, true},
};

START_TEST(a_failure_around_the_jobs_is_told_to_everybody)
{
	static struct bench bench;
	static struct later laters[10];

	bench_open(&bench, around[_i].fault, 1000);
	gated_batch(&bench, laters, 10, 8);
	for (int i = 0; i < 10; i++)
		ck_assert_msg(laters[i].outcome.code == around[_i].fault.code, "%s: job %d is told %s", around[_i].what,
			      i, err_name(laters[i].outcome.code));
	ck_assert_int_eq(bench.broken, around[_i].broken);
	ck_assert_int_eq(rows_on_disk(&bench), 0);
	bench_close(&bench);
}
END_TEST

START_TEST(a_full_disk_passes_and_writing_goes_on)
{
	static struct bench bench;

	bench_open(&bench, (struct fault){.op = FAULT_COMMIT, .countdown = 1, .repeat = 2, .code = ERR_LIMIT}, 1000);
	ck_assert(write_entry(&bench, "one", false));
	ck_assert(!write_entry(&bench, "two", false));
	ck_assert_int_eq(bench.err.code, ERR_LIMIT);
	ck_assert(!write_entry(&bench, "three", false));
	ck_assert(write_entry(&bench, "four", false));
	ck_assert_int_eq(count_rows(&bench), 2);
	ck_assert_int_eq(bench.broken, 0);
	bench_close(&bench);
}
END_TEST

/* A job that changes nothing proves nothing: its commit needs no disk. */
static bool idle_job(struct rows *rows, void *arg, struct err *err)
{
	(void)rows;
	(void)arg;
	return err_set(err, ERR_GONE, "nothing is due");
}

static void idle(struct bench *bench)
{
	(void)bench->port.write(bench->port.self, idle_job, NULL, &bench->err);
	/* The proof is written behind the answer: a second job waits for it. */
	(void)bench->port.write(bench->port.self, idle_job, NULL, &bench->err);
}

static bool failing(struct bench *bench)
{
	return exec_committer_counters(bench->committer).failing;
}

START_TEST(a_store_that_cannot_be_written_is_failing_until_a_write_is_proven)
{
	static struct bench bench;
	struct bad_disk disk = {.write_error = 0};

	bad_disk_install(&disk);
	bench_open(&bench, (struct fault){0}, 1000);
	ck_assert(write_entry(&bench, "one", false));
	ck_assert(!failing(&bench));
	disk.write_error = SQLITE_FULL;
	ck_assert(!write_entry(&bench, "two", false));
	ck_assert_int_eq(bench.err.code, ERR_LIMIT);
	ck_assert(failing(&bench));
	idle(&bench);
	ck_assert(failing(&bench));
	disk.write_error = 0;
	idle(&bench);
	ck_assert(!failing(&bench));
	ck_assert_int_eq(count_rows(&bench), 1);
	ck_assert_int_eq(bench.broken, 0);
	bench_close(&bench);
	bad_disk_remove(&disk);
}
END_TEST

static bool limited_job(struct rows *rows, void *arg, struct err *err)
{
	(void)rows;
	(void)arg;
	return err_set(err, ERR_LIMIT, "more than the store keeps of these");
}

START_TEST(a_job_that_fails_by_itself_leaves_no_doubt_of_the_disk)
{
	static struct bench bench;

	bench_open(&bench, (struct fault){0}, 1000);
	ck_assert(!write_entry(&bench, "one", true));
	ck_assert(!failing(&bench));
	ck_assert(!bench.port.write(bench.port.self, limited_job, NULL, &bench.err));
	idle(&bench);
	ck_assert(!failing(&bench));
	bench_close(&bench);
}
END_TEST

START_TEST(a_broken_store_never_says_success_again)
{
	static struct bench bench;
	int64_t n;

	bench_open(&bench, (struct fault){.op = FAULT_COMMIT, .countdown = 3, .repeat = 1, .code = ERR_BROKEN}, 1000);
	for (int i = 0; i < 20; i++) {
		char guid[16];

		(void)snprintf(guid, sizeof guid, "g%d", i);
		ck_assert_int_eq(write_entry(&bench, guid, false), i < 3);
		ck_assert_int_eq(bench.err.code, i < 3 ? ERR_OK : ERR_BROKEN);
	}
	ck_assert(!bench.port.read(bench.port.self, count_job, &n, &bench.err));
	ck_assert_int_eq(bench.err.code, ERR_BROKEN);
	ck_assert_int_eq(bench.broken, 1);
	bench_close(&bench);
}
END_TEST

static bool broken_job(struct rows *rows, void *arg, struct err *err)
{
	(void)rows;
	(void)arg;
	return err_set(err, ERR_BROKEN, "a page that cannot be read");
}

START_TEST(a_broken_reader_stops_the_writers_too)
{
	static struct bench bench;

	bench_open(&bench, (struct fault){0}, 1000);
	ck_assert(!bench.port.read(bench.port.self, broken_job, NULL, &bench.err));
	ck_assert(!write_entry(&bench, "late", false));
	ck_assert_int_eq(bench.err.code, ERR_BROKEN);
	exec_committer_stop(bench.committer);
	bench.committer = NULL;
	ck_assert_int_eq(bench.broken, 1);
	bench_close(&bench);
}
END_TEST

static bool silent_job(struct rows *rows, void *arg, struct err *err)
{
	(void)rows;
	(void)arg;
	(void)err;
	return false;
}

static bool talkative_job(struct rows *rows, void *arg, struct err *err)
{
	(void)rows;
	(void)arg;
	(void)err_set(err, ERR_GONE, "met and mastered");
	return true;
}

START_TEST(the_outcome_is_what_the_job_returned)
{
	static struct bench bench;
	struct later later = {.later = {talkative_job, NULL, 1, note_outcome, NULL}};
	struct exec_direct *direct;

	bench_open(&bench, (struct fault){0}, 1000);
	ck_assert(bench.port.write_later(bench.port.self, &later.later, &bench.err));
	ck_assert(bench.port.write(bench.port.self, talkative_job, NULL, &bench.err));
	ck_assert_int_eq(later.outcome.code, ERR_OK);
	bench.err = ERR_NONE;
	ck_assert(!bench.port.write(bench.port.self, silent_job, NULL, &bench.err));
	ck_assert_int_eq(bench.err.code, ERR_BROKEN);
	exec_committer_stop(bench.committer);
	bench.committer = NULL;
	direct = exec_direct_new(&bench.writer);
	bench.port = exec_direct_port(direct);
	ck_assert(bench.port.write_later(bench.port.self, &later.later, &bench.err));
	ck_assert_int_eq(later.outcome.code, ERR_OK);
	later.later.job = silent_job;
	ck_assert(bench.port.write_later(bench.port.self, &later.later, &bench.err));
	ck_assert_int_eq(later.outcome.code, ERR_BROKEN);
	exec_direct_free(direct);
	bench_close(&bench);
}
END_TEST

START_TEST(a_full_queue_refuses_and_names_the_limit)
{
	static struct bench bench;
	static struct later laters[6];
	struct gate gate;
	struct later at_gate, huge;

	bench_open(&bench, (struct fault){0}, 5);
	gate_close(&bench, &gate, &at_gate);
	later_fill(&huge, 99, false);
	huge.later.bytes = ((size_t)1 << 20) + 1;
	ck_assert(!bench.port.write_later(bench.port.self, &huge.later, &bench.err));
	ck_assert_int_eq(bench.err.code, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(bench.err.text, "limits.queue_bytes"));
	for (int i = 0; i < 6; i++) {
		later_fill(&laters[i], i, false);
		ck_assert_int_eq(bench.port.write_later(bench.port.self, &laters[i].later, &bench.err), i < 5);
	}
	ck_assert_int_eq(bench.err.code, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(bench.err.text, "limits.queue_rows"));
	gate_open(&gate);
	exec_committer_stop(bench.committer);
	bench.committer = NULL;
	ck_assert_int_eq(laters[5].calls, 0);
	ck_assert_int_eq(rows_on_disk(&bench), 5);
	bench_close(&bench);
}
END_TEST

/* ---- direct ---- */

START_TEST(the_direct_executor_commits_or_takes_back)
{
	struct rows rows;
	struct err err = ERR_NONE;
	struct exec_direct *direct;
	struct store_exec port;
	struct later later;
	int64_t n = -1;

	ck_assert(rows_memory_open(&rows, &err));
	direct = exec_direct_new(&rows);
	port = exec_direct_port(direct);
	for (int i = 0; i < 4; i++) {
		later_fill(&later, i, i == 2);
		ck_assert(port.write_later(port.self, &later.later, &err));
		ck_assert_int_eq(later.calls, 1);
		ck_assert_int_eq(later.outcome.code, i == 2 ? ERR_INVALID : ERR_OK);
	}
	later_fill(&later, 0, false);
	ck_assert(!port.write(port.self, add_entry, &later.entry, &err));
	ck_assert_int_eq(err.code, ERR_CONFLICT);
	ck_assert(port.read(port.self, count_job, &n, &err));
	ck_assert_int_eq(n, 3);
	exec_direct_free(direct);
	rows_close(&rows);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(what_eight_threads_write_is_durable_and_counted),
					  SUITE_TEST(a_failing_job_takes_only_itself_back),
					  SUITE_ROWS(a_failure_around_the_jobs_is_told_to_everybody, around),
					  SUITE_TEST(a_store_that_cannot_be_written_is_failing_until_a_write_is_proven),
					  SUITE_TEST(a_job_that_fails_by_itself_leaves_no_doubt_of_the_disk),
					  SUITE_TEST(a_full_disk_passes_and_writing_goes_on),
					  SUITE_TEST(a_broken_store_never_says_success_again),
					  SUITE_TEST(a_broken_reader_stops_the_writers_too),
					  SUITE_TEST(the_outcome_is_what_the_job_returned),
					  SUITE_TEST(a_full_queue_refuses_and_names_the_limit),
					  SUITE_TEST(the_direct_executor_commits_or_takes_back),
					  SUITE_END};

SUITE_MAIN(tests)
