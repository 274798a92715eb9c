/* Single steps of a sweeper whose forge keeps a list of deliveries: what it asks, when, and what it says of it. */
#include "agent/work/sweep.h"

#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

#define EVERY_MS    120000
#define DEADLINE_MS 15000
#define MINE        42
#define MINUTE      INT64_C(60000)

struct bench {
	struct told_forge t;
	struct sweeper sweeper;
	struct metrics *metrics;
	bool none; /* a token file's forge */
	struct forge_delivery list[4];
	size_t n;
	struct text rest;
	struct forge_span span; /* as last asked for */
	char asked[256];        /* 'd': the list, '1' to '9': an attempt, 'l': open changes */
	size_t n_asked;
	enum err_code list_fails, ask_fails;
	int64_t retry_at;
	bool stray; /* a call without its deadline, or of a repository */
};

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

static enum err_code asked(struct bench *b, char what, enum err_code code, struct err *err)
{
	ck_assert_uint_lt(b->n_asked, sizeof b->asked - 1);
	b->asked[b->n_asked++] = what;
	if (code != ERR_OK) {
		(void)err_set(err, code, "told to fail");
		err->retry_at_ms = b->retry_at;
	}
	return code;
}

static void check(struct bench *b, const struct forge_call *call, int deadlines)
{
	b->stray = b->stray || call->repo.id != 0 || call->repo.name.len > 0 || call->repo.installation != 0 ||
		   call->deadline_ms != b->t.now + deadlines * DEADLINE_MS;
}

static bool keeps(void *self)
{
	return !((struct bench *)self)->none;
}

static enum err_code deliveries(void *self, const struct forge_call *call, const struct forge_span *in,
				struct forge_list_deliveries *out, struct err *err)
{
	struct bench *b = self;

	check(b, call, 4);
	b->span = (struct forge_span){arena_text(&b->t.arena, in->from), in->since};
	*out = (struct forge_list_deliveries){b->list, b->n, b->rest};
	return asked(b, 'd', b->list_fails, err);
}

static enum err_code redeliver(void *self, const struct forge_call *call, int64_t attempt, struct err *err)
{
	struct bench *b = self;

	check(b, call, 1);
	return asked(b, (char)('0' + attempt), b->ask_fails, err);
}

static enum err_code open_changes(void *self, const struct forge_call *call, const struct oid *head,
				  struct forge_list_changes *out, struct err *err)
{
	(void)call, (void)head;
	*out = (struct forge_list_changes){.n = 0};
	return asked(self, 'l', ERR_OK, err);
}

static void bench_open(struct bench *b)
{
	struct told_forge *t = &b->t;

	*b = (struct bench){.n_asked = 0};
	told_forge_open(t);
	t->forge.keeps_deliveries = keeps;
	t->forge.deliveries = deliveries;
	t->forge.redeliver = redeliver;
	t->forge.open_changes = open_changes;
	b->metrics = metrics_new(metrics_rows(), METRICS);
	b->sweeper = (struct sweeper){.worker = {.store = &t->store,
						 .clock = t->ports.clock,
						 .wake = {.signal = signal_nobody},
						 .metrics = b->metrics,
						 .owner = "w"},
				      .forge = &t->forge,
				      .every_ms = EVERY_MS,
				      .deadline_ms = DEADLINE_MS};
}

static void bench_close(struct bench *b)
{
	ck_assert_msg(!b->stray, "a question of a repository, or without its deadline");
	metrics_free(b->metrics);
	told_forge_close(&b->t);
}

/* Attempt `id` of delivery "g<id>" got no answer. */
static struct forge_delivery *failed(struct bench *b, int64_t id)
{
	struct forge_delivery *d = &b->list[b->n++];

	*d = (struct forge_delivery){.id = id,
				     .guid = arena_printf(&b->t.arena, "g%lld", (long long)id),
				     .event = TEXT_LIT("push"),
				     .attempted_at = b->t.now - 100 + id};
	return d;
}

static int64_t sweep(struct bench *b)
{
	int64_t at = 0;

	for (int i = 0; sweeper_step(&b->sweeper, &at); i++)
		ck_assert_int_lt(i, 50);
	return at;
}

/* Steps whenever the sweeper says so, for so long. */
static void pass(struct bench *b, int64_t ms)
{
	int64_t until = b->t.now + ms, at = sweep(b);

	while (at <= until) {
		ck_assert_int_gt(at, b->t.now);
		b->t.now = at;
		at = sweep(b);
	}
	b->t.now = until;
}

static int64_t counted(struct bench *b, const char *what)
{
	const struct text label = text_of(what);

	return metrics_value(b->metrics, METRIC_REDELIVERIES, &label);
}

static void arrive(struct bench *b, const char *guid)
{
	struct append append = {.guid = text_of(guid), .event = TEXT_LIT("push"), .state = JOURNAL_IGNORED};
	struct err err = ERR_NONE;

	ck_assert_msg(store_append(&b->t.store, &append, &err), "%s", err.text);
}

START_TEST(a_step_reads_the_list_or_asks_for_one_delivery)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	failed(&b, 1);
	failed(&b, 2);
	arrive(&b, "g2"); /* the answer was lost, the delivery was not */
	failed(&b, 3)->answered = true;
	failed(&b, 4);
	ck_assert(sweeper_step(&b.sweeper, &at));
	ck_assert_str_eq(b.asked, "d");
	ck_assert_int_eq(counted(&b, "found"), 2);
	ck_assert(sweeper_step(&b.sweeper, &at));
	ck_assert_str_eq(b.asked, "d1");
	ck_assert(sweeper_step(&b.sweeper, &at));
	ck_assert_str_eq(b.asked, "d14");
	ck_assert_int_eq(counted(&b, "asked"), 2);
	ck_assert(!sweeper_step(&b.sweeper, &at));
	arrive(&b, "g1");
	pass(&b, MINUTE);
	ck_assert_str_eq(b.asked, "d144");
	ck_assert_int_eq(counted(&b, "arrived"), 1);
	bench_close(&b);
}
END_TEST

START_TEST(without_a_list_nothing_is_asked)
{
	struct bench b;

	bench_open(&b);
	b.none = true;
	failed(&b, 1);
	pass(&b, 10 * EVERY_MS);
	ck_assert_str_eq(b.asked, "");
	bench_close(&b);
}
END_TEST

START_TEST(heads_are_read_before_deliveries)
{
	struct row_repo repo = {.id = TOLD_REPO, .name = TEXT_LIT("o/r")};
	struct bench b;

	bench_open(&b);
	told_forge_keep(&b.t, &table_repo, &repo);
	failed(&b, 1);
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "ld1");
	bench_close(&b);
}
END_TEST

START_TEST(the_list_is_read_anew_at_its_time_and_back_to_where_it_was_read)
{
	struct bench b;
	int64_t began;

	bench_open(&b);
	began = b.t.now;
	failed(&b, 1)->answered = true;
	(void)sweep(&b);
	ck_assert_int_eq(b.span.since, WHEN_UNKNOWN);
	b.t.now += EVERY_MS - 1;
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "d");
	b.t.now++;
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "dd");
	ck_assert_int_eq(b.span.since, began - 99 - 5 * MINUTE);
	b.sweeper.started = false; /* another process */
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "ddd");
	bench_close(&b);
}
END_TEST

START_TEST(a_list_cut_off_is_said_and_read_on_next_time)
{
	struct bench b;

	bench_open(&b);
	failed(&b, 1);
	b.rest = TEXT_LIT("https://f/next");
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "d1"); /* what was read is not kept waiting */
	ck_assert_int_eq(counted(&b, "cut"), 1);
	ck_assert_uint_eq(b.span.from.len, 0);
	b.rest = TEXT_EMPTY;
	b.t.now += EVERY_MS;
	(void)sweep(&b);
	ck_assert(text_is(b.span.from, "https://f/next"));
	ck_assert_int_eq(counted(&b, "cut"), 1);
	bench_close(&b);
}
END_TEST

START_TEST(a_list_that_cannot_be_read_is_put_off_ever_longer_and_keeps_nobody_waiting)
{
	static const int64_t pauses[] = {5000, 10000, 20000, 40000, 80000, EVERY_MS, EVERY_MS};
	struct row_repo repo = {.id = TOLD_REPO, .name = TEXT_LIT("o/r")};
	struct bench b;

	bench_open(&b);
	told_forge_keep(&b.t, &table_repo, &repo);
	b.list_fails = ERR_RETRY;
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "ld");
	for (int64_t i = 0; i < 7; i++) {
		b.t.now += pauses[i] - 1;
		(void)sweep(&b);
		ck_assert_int_eq(counted(&b, "unread"), i + 1);
		b.t.now++;
		(void)sweep(&b);
		ck_assert_int_eq(counted(&b, "unread"), i + 2);
	}
	b.retry_at = b.t.now + 10 * EVERY_MS; /* as the forge says */
	b.t.now += EVERY_MS;
	(void)sweep(&b);
	pass(&b, 9 * EVERY_MS - 1);
	ck_assert_int_eq(counted(&b, "unread"), 9);
	b.t.now++;
	(void)sweep(&b);
	ck_assert_int_eq(counted(&b, "unread"), 10);
	bench_close(&b);
}
END_TEST

static const struct {
	enum err_code code;
	bool anew;
} lost_places[] = {{ERR_RETRY, false}, {ERR_INVALID, true}, {ERR_GONE, true}, {ERR_DENIED, true}};

START_TEST(where_the_place_to_read_on_is_lost_the_list_is_read_from_its_beginning)
{
	struct bench b;

	bench_open(&b);
	b.rest = TEXT_LIT("https://f/next");
	(void)sweep(&b);
	b.list_fails = lost_places[_i].code;
	b.t.now += EVERY_MS;
	(void)sweep(&b);
	ck_assert_uint_gt(b.span.from.len, 0);
	b.list_fails = ERR_OK;
	b.t.now += EVERY_MS;
	(void)sweep(&b);
	ck_assert_int_eq(b.span.from.len == 0, lost_places[_i].anew);
	bench_close(&b);
}
END_TEST

START_TEST(deliveries_of_another_installation_are_not_asked_for)
{
	struct bench b;

	bench_open(&b);
	b.sweeper.installation = MINE;
	failed(&b, 1)->installation = MINE + 1;
	failed(&b, 2)->installation = MINE;
	failed(&b, 3); /* of none */
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "d23");
	bench_close(&b);
}
END_TEST

START_TEST(deliveries_of_repositories_that_are_not_governed_are_not_asked_for)
{
	static const struct text names[] = {{"o/r", 3}};
	struct row_repo repo = {.id = TOLD_REPO, .name = TEXT_LIT("o/r")};
	struct bench b;

	bench_open(&b);
	told_forge_keep(&b.t, &table_repo, &repo);
	b.sweeper.repositories = names;
	b.sweeper.n_repositories = 1;
	failed(&b, 1)->repo = TOLD_REPO;
	failed(&b, 2)->repo = TOLD_REPO + 1;
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "ld1");
	bench_close(&b);
}
END_TEST

START_TEST(over_the_rate_nothing_is_asked_before_its_time_and_nothing_is_counted)
{
	struct bench b;

	bench_open(&b);
	failed(&b, 1);
	failed(&b, 2);
	b.ask_fails = ERR_RETRY;
	b.retry_at = b.t.now + 1000;
	ck_assert_int_eq(sweep(&b), b.t.now + 1000);
	ck_assert_str_eq(b.asked, "d1");
	b.ask_fails = ERR_OK;
	b.t.now += 1000;
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "d121");
	ck_assert_int_eq(counted(&b, "asked"), 2);
	ck_assert_int_eq(counted(&b, "refused"), 0);
	bench_close(&b);
}
END_TEST

static const struct {
	enum err_code code;
	const char *counted, *at_once, *later;
} refusals[] = {
	{ERR_DENIED, "refused", "d1", "d12"},
	{ERR_RETRY, "refused", "d1", "d12"},
	{ERR_INVALID, "refused", "d1", "d12"},
	{ERR_GONE, "given_up", "d12", "d12"},
};

START_TEST(a_refusal_makes_all_wait_and_what_the_forge_forgot_is_given_up)
{
	struct bench b;

	bench_open(&b);
	failed(&b, 1);
	failed(&b, 2);
	b.ask_fails = refusals[_i].code;
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, refusals[_i].at_once);
	pass(&b, EVERY_MS - 1);
	ck_assert_str_eq(b.asked, refusals[_i].later);
	ck_assert_int_eq(counted(&b, refusals[_i].counted), 2);
	ck_assert_int_eq(counted(&b, "asked"), 0);
	bench_close(&b);
}
END_TEST

START_TEST(what_always_fails_is_given_up_and_said_once)
{
	struct bench b;
	size_t asks = 0;

	bench_open(&b);
	failed(&b, 1);
	b.sweeper.every_ms = 60 * MINUTE; /* the list goes on saying so */
	for (int i = 0; i < 10; i++)
		pass(&b, 12 * 60 * MINUTE);
	for (size_t i = 0; i < b.n_asked; i++)
		asks += b.asked[i] == '1';
	ck_assert_uint_eq(asks, REDELIVERY_ASKS_MAX);
	ck_assert_int_eq(counted(&b, "asked"), REDELIVERY_ASKS_MAX);
	ck_assert_int_eq(counted(&b, "given_up"), 1);
	ck_assert_int_eq(counted(&b, "found"), 1);
	bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_step_reads_the_list_or_asks_for_one_delivery),
	SUITE_TEST(without_a_list_nothing_is_asked),
	SUITE_TEST(heads_are_read_before_deliveries),
	SUITE_TEST(the_list_is_read_anew_at_its_time_and_back_to_where_it_was_read),
	SUITE_TEST(a_list_cut_off_is_said_and_read_on_next_time),
	SUITE_TEST(a_list_that_cannot_be_read_is_put_off_ever_longer_and_keeps_nobody_waiting),
	SUITE_ROWS(where_the_place_to_read_on_is_lost_the_list_is_read_from_its_beginning, lost_places),
	SUITE_TEST(deliveries_of_another_installation_are_not_asked_for),
	SUITE_TEST(deliveries_of_repositories_that_are_not_governed_are_not_asked_for),
	SUITE_TEST(over_the_rate_nothing_is_asked_before_its_time_and_nothing_is_counted),
	SUITE_ROWS(a_refusal_makes_all_wait_and_what_the_forge_forgot_is_given_up, refusals),
	SUITE_TEST(what_always_fails_is_given_up_and_said_once),
	SUITE_END};
SUITE_MAIN(tests)
