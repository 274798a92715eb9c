/* Revocations that the store would not take when a bug turned out to be another than the table said. */
#include <unistd.h>

#include "tests/support/judging.h"
#include "tests/support/polling.h"
#include "tests/support/suite.h"

#define HOUR INT64_C(3600000)

/* A store that refuses: as long as `full`, or the first thing it hears after each reading of a bug. */
struct refusing {
	struct store_exec inner;
	const unsigned *reads;
	unsigned last;
	bool full;
};

static bool refuse_or_write(void *self, store_job *job, void *arg, struct err *err)
{
	struct refusing *r = self;
	bool after = r->reads && *r->reads != r->last;

	r->last = r->reads ? *r->reads : 0;
	if (r->full || after)
		return err_set(err, ERR_LIMIT, "the disk is full");
	return r->inner.write(r->inner.self, job, arg, err);
}

static bool read_on(void *self, store_job *job, void *arg, struct err *err)
{
	const struct refusing *r = self;

	return r->inner.read(r->inner.self, job, arg, err);
}

static void refuse(struct told_forge *t, struct refusing *r)
{
	r->inner = t->store.exec;
	t->store.exec.self = r;
	t->store.exec.write = refuse_or_write;
	t->store.exec.read = read_on;
}

static void a_command_told_the_table(struct polling *b)
{
	b->tracker.source.port = (struct tracker){.self = NULL};
	polling_work(b);
	(void)polling_judged_again(b);
	b->t.now += 1000;
	polling_known(b, 12, TABLE_SECURE);
}

static void the_daily_list_has_it(struct polling *b)
{
	b->tracker.ids[0] = 12;
	b->tracker.n_secure = 1;
}

static void it_is_read(struct polling *b)
{
	polling_work(b);
	b->tracker.n = 0;
	(void)told_tracker_bug(&b->tracker, 12, "sec-high");
	b->t.now += 1000;
	polling_told_of(b, 12);
	polling_allowed(b);
	(void)polling_judged_again(b);
}

static void (*const turns[])(struct polling *b) = {a_command_told_the_table, the_daily_list_has_it, it_is_read};

START_TEST(what_the_store_would_not_take_is_told_when_it_can)
{
	struct refusing full = {.full = true};
	struct polling b;

	polling_open(&b);
	(void)told_tracker_bug(&b.tracker, 12, NULL);
	polling_known(&b, 12, TABLE_INSECURE);
	polling_link(&b, 12);
	polling_allowed(&b);
	turns[_i](&b);
	refuse(&b.t, &full);
	polling_work(&b);
	ck_assert_int_ge(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert(polling_is_allowed(&b));
	full.full = false;
	b.tracker.n_secure = 0;
	b.t.now += 61000;
	polling_work(&b);
	ck_assert(!polling_is_allowed(&b) && polling_judged_again(&b));
	polling_close(&b);
}
END_TEST

static bool was_told_of_now(struct polling *b, int64_t bug)
{
	struct row_bug_news row = {.tracker = TEXT_LIT("bmo"), .bug = bug};

	return told_forge_find(&b->t, &table_bug_news, &row) && row.heard_at == b->t.now;
}

/* What the public sees afterwards does not tell which other bugs are secure. */
START_TEST(of_a_secure_bug_that_was_not_refused_nobody_hears_when_another_is_told_late)
{
	struct refusing full = {.full = true};
	struct polling b;

	polling_open(&b);
	told_tracker_approval(told_tracker_bug(&b.tracker, 12, "sec-high"), '+', false);
	polling_known(&b, 12, TABLE_APPROVED);
	polling_known(&b, 13, TABLE_INSECURE);
	polling_link(&b, 12);
	polling_allowed(&b);
	b.tracker.ids[0] = 13;
	b.tracker.n_secure = 1;
	b.t.now += 1000;
	refuse(&b.t, &full);
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 13), TABLE_SECURE);
	full.full = false;
	polling_work(&b);
	ck_assert(polling_is_allowed(&b) && !polling_judged_again(&b));
	ck_assert(was_told_of_now(&b, 13) && !was_told_of_now(&b, 12));
	polling_close(&b);
}
END_TEST

/* Too many to remember: all are told, secure or not, and whichever they were. */
START_TEST(where_too_many_were_refused_every_bug_is_told_whatever_it_is)
{
	static const enum table_state states[] = {TABLE_UNKNOWN, TABLE_INSECURE, TABLE_SECURE, TABLE_APPROVED};
	struct refusing full = {.full = true};
	struct polling b;

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		polling_open(&b);
		b.tracker.source.port = (struct tracker){.self = NULL};
		if (states[i] != TABLE_UNKNOWN)
			polling_known(&b, 12, states[i]);
		polling_link(&b, 12);
		polling_work(&b);
		polling_allowed(&b);
		(void)polling_judged_again(&b);
		for (int64_t id = 1000; id <= 1000 + TABLE_OWED_MAX; id++)
			bug_table_owe(b.tracker.table, &id, 1);
		refuse(&b.t, &full);
		polling_work(&b);
		ck_assert(polling_is_allowed(&b));
		b.t.store.exec = full.inner;
		polling_work(&b);
		ck_assert(!polling_is_allowed(&b) && polling_judged_again(&b));
		polling_close(&b);
	}
}
END_TEST

static unsigned times_said(struct polling *b, const char *what)
{
	char said[65536];
	ssize_t n = read(b->said[0], said, sizeof said - 1);
	unsigned times = 0;

	said[n > 0 ? n : 0] = '\0';
	for (const char *at = said; (at = strstr(at, what)); at++)
		times++;
	return times;
}

START_TEST(that_the_store_refuses_is_said_once_a_minute)
{
	struct refusing full = {.full = true};
	struct polling b;

	polling_open(&b);
	polling_work(&b);
	bug_table_owe(b.tracker.table, &(int64_t){12}, 1);
	refuse(&b.t, &full);
	for (int i = 0; i < 12; i++, b.t.now += 5000)
		polling_work(&b);
	ck_assert_uint_eq(times_said(&b, "the disk is full"), 1);
	polling_work(&b);
	ck_assert_uint_eq(times_said(&b, "the disk is full"), 1);
	full.full = false;
	polling_work(&b);
	bug_table_owe(b.tracker.table, &(int64_t){12}, 1);
	full.full = true;
	polling_work(&b);
	ck_assert_uint_eq(times_said(&b, "the disk is full"), 1);
	polling_close(&b);
}
END_TEST

/* The one whose turn it was, and those behind it: a first look would find nothing to tell of a bug that is not secure.
 */
START_TEST(what_a_table_alone_says_and_could_not_be_told_is_told_of_every_bug)
{
	struct refusing full = {.full = true};
	struct polling b;

	polling_open(&b);
	b.tracker.source.port = (struct tracker){.self = NULL};
	for (int64_t bug = 12; bug <= 14; bug++) {
		polling_known(&b, bug, TABLE_APPROVED);
		polling_link(&b, bug);
	}
	polling_work(&b);
	b.t.now += 1000;
	for (int64_t bug = 13; bug <= 14; bug++)
		polling_known(&b, bug, TABLE_INSECURE);
	refuse(&b.t, &full);
	polling_work(&b);
	full.full = false;
	b.t.now += 61000;
	polling_work(&b);
	ck_assert(!was_told_of_now(&b, 12) && was_told_of_now(&b, 13) && was_told_of_now(&b, 14));
	polling_close(&b);
}
END_TEST

/* A judgement, or a hook, found it so, and its process goes on. */
START_TEST(what_others_could_not_tell_the_worker_tells_and_reads_again)
{
	struct bug_table_owed owed;
	struct polling b;

	polling_open(&b);
	(void)told_tracker_bug(&b.tracker, 12, "sec-high");
	polling_known(&b, 12, TABLE_SECURE);
	polling_link(&b, 12);
	polling_work(&b);
	polling_allowed(&b);
	(void)polling_judged_again(&b);
	b.t.now += 1000;
	polling_work(&b);
	ck_assert(polling_is_allowed(&b));
	bug_table_owe(b.tracker.table, &(int64_t){12}, 1);
	polling_work(&b);
	ck_assert(!polling_is_allowed(&b));
	ck_assert(polling_judged_again(&b));
	ck_assert(!polling_is_due(&b, 12));
	ck_assert(!bug_table_owed(b.tracker.table, &owed));
	polling_close(&b);
}
END_TEST

START_TEST(a_judgement_that_cannot_tell_of_a_bug_owes_it)
{
	struct refusing once = {.full = false};
	struct bug_table_owed owed;
	struct judging b;

	judging_open(&b, HOUR);
	judging_knows(&b, 12, b.t.now - 1);
	judging_tell(&b, 12);
	(void)told_tracker_bug(&b.tracker, 12, "sec-high");
	once.reads = &b.tracker.reads;
	once.last = b.tracker.reads;
	refuse(&b.t, &once);
	judging_step(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert(bug_table_owed(b.tracker.table, &owed));
	ck_assert(!owed.all && owed.n == 1 && owed.ids[0] == 12);
	judging_close(&b);
}
END_TEST

struct poster_wake {
	struct wake_port inner;
	unsigned slots;
};

static void wait_on(void *self, enum wake_topic topic, int64_t deadline_ms)
{
	const struct wake_port *inner = &((struct poster_wake *)self)->inner;

	inner->wait(inner->self, topic, deadline_ms);
}

static void count_slots(void *self, enum wake_topic topic)
{
	((struct poster_wake *)self)->slots += topic == WAKE_SLOTS;
}

static bool stops(void *self)
{
	const struct wake_port *inner = &((struct poster_wake *)self)->inner;

	return inner->stopping(inner->self);
}

static void before_its_end(void *context, unsigned read)
{
	struct judging *b = context;
	const struct poster_wake *wake = b->judge.worker.wake.self;

	ck_assert(read < 2 || wake->slots > 0);
}

/* Those that stand on it are taken back at once, not when this judgement ends. */
START_TEST(what_a_judgement_finds_of_a_bug_wakes_the_poster_at_once)
{
	struct poster_wake wake = {.slots = 0};
	struct row_bug_link link = {
		.tracker = TEXT_LIT("bmo"), .bug = 12, .repo = TOLD_REPO, .sha = told_oid('b'), .weighs = 1};
	struct row_subject other = {
		.repo = TOLD_REPO, .sha = told_oid('b'), .wanted = 1, .judged = 1, .allowed_before = 1};
	struct judging b;

	judging_open(&b, HOUR);
	judging_knows(&b, 12, b.t.now - 1);
	judging_tell(&b, 12);
	(void)told_tracker_bug(&b.tracker, 12, "sec-high");
	(void)told_tracker_bug(&b.tracker, 13, NULL);
	judging_names(&b, "Bug 12, bug 13");
	told_forge_keep(&b.t, &table_bug_link, &link);
	told_forge_keep(&b.t, &table_subject, &other);
	wake.inner = b.judge.worker.wake;
	b.judge.worker.wake = (struct wake_port){&wake, wait_on, count_slots, stops};
	b.tracker.on_read = before_its_end;
	b.tracker.context = &b;
	judging_step(&b);
	ck_assert_uint_ge(b.tracker.reads, 2);
	judging_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_the_store_would_not_take_is_told_when_it_can, turns),
	SUITE_TEST(of_a_secure_bug_that_was_not_refused_nobody_hears_when_another_is_told_late),
	SUITE_TEST(where_too_many_were_refused_every_bug_is_told_whatever_it_is),
	SUITE_TEST(that_the_store_refuses_is_said_once_a_minute),
	SUITE_TEST(what_a_table_alone_says_and_could_not_be_told_is_told_of_every_bug),
	SUITE_TEST(what_others_could_not_tell_the_worker_tells_and_reads_again),
	SUITE_TEST(a_judgement_that_cannot_tell_of_a_bug_owes_it),
	SUITE_TEST(what_a_judgement_finds_of_a_bug_wakes_the_poster_at_once),
	SUITE_END,
};
SUITE_MAIN(tests)
