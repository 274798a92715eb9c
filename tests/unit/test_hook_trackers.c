/*
 * What commit hooks and the other workers of a process have of a tracker: the same table, the same gate, and the same
 * word for what counts. The tracker itself is a port at which nobody answers.
 */
#include "agent/hook/trackers.h"
#include "tests/support/key_file.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"
#include "tests/support/told_tracker.h"

#include <unistd.h>

#define NOW  INT64_C(1795600000000)
#define HOUR INT64_C(3600000)

static const struct text keywords[] = {{"sec-high", 8}}, flags[] = {{"sec-approval", 12}};

struct bench {
	char key[KEY_FILE_BYTES];
	int64_t now;
	struct told_forge t; /* its store */
	struct config_tracker tracker;
	struct config config;
	struct trackers *trackers;
	struct hook_trackers *hooks;
	struct tracker_hands worker;
	struct hook_view view;
	struct hook_tracker hook;
	struct arena arena;
};

static int64_t clock_now(void *self)
{
	return ((struct bench *)self)->now;
}

static void wait_not(void *self, enum wake_topic topic, int64_t deadline_ms)
{
	(void)self, (void)topic, (void)deadline_ms;
}

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

static void bench_open(struct bench *b, enum config_tracker_source source)
{
	const struct clock_port clock = {b, clock_now, clock_now};
	const struct wake_port wake = {.wait = wait_not, .signal = signal_nobody};
	struct err err = ERR_NONE;

	*b = (struct bench){.now = NOW};
	told_forge_open(&b->t);
	key_file_text(b->key, "KEY\n", 0600);
	b->tracker = (struct config_tracker){.name = TEXT_LIT("bmo"),
					     .url = TEXT_LIT("http://127.0.0.1:1"),
					     .source = source,
					     .max_age_ms = 3 * HOUR,
					     .table_max_age_ms = 24 * HOUR,
					     .keywords = {keywords, 1},
					     .approval_flags = {flags, 1},
					     .per_hour = 4};
	if (source == CONFIG_TRACKER_REST)
		b->tracker.key_file = text_of(b->key);
	b->config = (struct config){.state_dir = TEXT_LIT("/nonexistent/headgate"), .trackers = {&b->tracker, 1}};
	b->config.limits.answer_bytes = 100000;
	b->trackers = trackers_open(&(struct trackers_plan){&b->config, clock, wake, NULL}, &err);
	ck_assert_msg(b->trackers != NULL, "%s", err.text);
	b->hooks = hook_trackers_open(
		&(struct hook_trackers_ports){&b->config, b->trackers, &b->t.store, clock, wake, NULL}, &err);
	ck_assert_msg(b->hooks != NULL, "%s", err.text);
	ck_assert_msg(tracker_hands_init(&b->worker, b->trackers, &err), "%s", err.text);
	b->view = (struct hook_view){.deadline_ms = NOW + 1000};
	ck_assert(hook_trackers_view(b->hooks, b->tracker.name, &b->view, &b->hook));
}

static void bench_close(struct bench *b)
{
	tracker_hands_release(&b->worker);
	hook_trackers_free(b->hooks);
	trackers_free(b->trackers);
	arena_release(&b->arena);
	(void)unlink(b->key);
	told_forge_close(&b->t);
}

static enum err_code worker_asks(struct bench *b, struct err *err)
{
	const struct tracker *port = &b->worker.sources[0].port;
	const struct tracker_call call = {&b->arena, NOW + 1000};
	const struct tracker_wanted nothing = {.n_flags = 0};
	struct tracker_bug bug;

	return port->bug(port->self, &call, 12, &nothing, &bug, err);
}

static void hook_asks(struct bench *b, size_t worker)
{
	const struct bugs_wanted nothing = {.n_bugs = 0};
	struct bug bug;

	b->view.worker = worker;
	ck_assert(hook_trackers_view(b->hooks, b->tracker.name, &b->view, &b->hook));
	ck_assert(!b->hook.read(b->hook.self, 12, &nothing, &b->arena, &bug));
}

/* Three requests an hour, whoever sends them; one more for the table's keeper. */
START_TEST(hooks_and_workers_share_one_budget)
{
	struct err err = ERR_NONE;
	struct ask_counts counts;
	struct bench b;

	bench_open(&b, CONFIG_TRACKER_REST);
	hook_asks(&b, 0);
	ck_assert_int_eq(worker_asks(&b, &err), ERR_RETRY);
	hook_asks(&b, HOOK_WORKERS - 1);
	counts = ask_counts(trackers_ask(b.trackers, 0));
	ck_assert_int_eq(counts.requests, 3);
	ck_assert_int_eq(counts.over_budget, 0);
	ck_assert_int_eq(worker_asks(&b, &err), ERR_RETRY);
	hook_asks(&b, 0);
	counts = ask_counts(trackers_ask(b.trackers, 0));
	ck_assert_int_eq(counts.requests, 3);
	ck_assert_int_eq(counts.over_budget, 2);
	tracker_hands_keep(&b.worker);
	ck_assert_int_eq(worker_asks(&b, &err), ERR_RETRY);
	hook_asks(&b, 0);
	counts = ask_counts(trackers_ask(b.trackers, 0));
	ck_assert_int_eq(counts.requests, 4);
	ck_assert_int_eq(counts.over_budget, 3);
	bench_close(&b);
}
END_TEST

static void told(const struct bug_source *source, int64_t id, const char *keyword)
{
	struct tracker_bug bug = {
		.is = {.id = id, .state = BUG_READ, .secure = TRI_NO, .as_of = NOW, .n_keywords = keyword != NULL},
		.duplicates_told = true,
		.attachments_told = true};
	struct arena arena = ARENA_EMPTY;
	struct tracker_ids others;

	if (keyword)
		bug.is.keywords = keywords;
	(void)bug_source_tell(source, &bug, &arena, &others);
	arena_release(&arena);
}

START_TEST(what_a_worker_reads_a_hook_knows_and_the_other_way_round)
{
	struct bench b;

	bench_open(&b, CONFIG_TRACKER_REST);
	told(&b.worker.sources[0], 12, NULL);
	told(&b.worker.sources[0], 13, "sec-high");
	ck_assert_int_eq(b.hook.state(b.hook.self, 12), TABLE_INSECURE);
	ck_assert_int_eq(b.hook.state(b.hook.self, 13), TABLE_SECURE);
	told(b.view.source, 14, "sec-high");
	ck_assert_int_eq(bug_table_state(b.worker.sources[0].table, 14), TABLE_SECURE);
	bench_close(&b);
}
END_TEST

static const struct {
	enum config_tracker_source source;
	enum table_state state;
	int64_t age;
	bool heard;
	bool counts;
	enum bug_state as;
} same_rows[] = {
	{CONFIG_TRACKER_REST, TABLE_INSECURE, HOUR, false, true, BUG_READ},
	{CONFIG_TRACKER_REST, TABLE_INSECURE, HOUR, true, false, BUG_UNREAD},
	{CONFIG_TRACKER_REST, TABLE_INSECURE, 4 * HOUR, false, false, BUG_UNREAD},
	{CONFIG_TRACKER_REST, TABLE_SECURE, 0, false, false, BUG_UNREAD},
	{CONFIG_TRACKER_REST, TABLE_APPROVED, 0, false, false, BUG_UNREAD},
	{CONFIG_TRACKER_TABLE, TABLE_INSECURE, 23 * HOUR, false, true, BUG_READ},
	{CONFIG_TRACKER_TABLE, TABLE_INSECURE, 25 * HOUR, false, false, BUG_UNREAD},
	{CONFIG_TRACKER_TABLE, TABLE_INSECURE, HOUR, true, false, BUG_UNREAD},
	{CONFIG_TRACKER_TABLE, TABLE_SECURE, HOUR, false, true, BUG_HIDDEN},
	{CONFIG_TRACKER_TABLE, TABLE_APPROVED, 23 * HOUR, false, true, BUG_READ},
	{CONFIG_TRACKER_TABLE, TABLE_APPROVED, 25 * HOUR, false, true, BUG_HIDDEN},
	{CONFIG_TRACKER_TABLE, TABLE_APPROVED, HOUR, true, true, BUG_HIDDEN},
	{CONFIG_TRACKER_TABLE, TABLE_UNKNOWN, HOUR, false, false, BUG_UNREAD},
};

START_TEST(a_hook_and_a_judgement_are_told_the_same_of_a_bug)
{
	const struct bugs_wanted nothing = {.n_bugs = 0};
	struct bugs_told news = {.tracker = TEXT_LIT("bmo"), .ids = (int64_t[]){12}, .n = 1, .now = NOW + HOUR / 2};
	struct bug hook = {.id = 12}, judge = {.id = 12};
	struct err err = ERR_NONE;
	struct bug_asking asking;
	struct bench b;
	bool subjects;

	bench_open(&b, same_rows[_i].source);
	if (same_rows[_i].state != TABLE_UNKNOWN)
		(void)bug_table_tell(b.worker.sources[0].table, 12, same_rows[_i].state, NOW);
	bug_table_date(b.worker.sources[0].table, NOW);
	ck_assert(!same_rows[_i].heard || store_tell_bugs(&b.t.store, &news, &subjects, &err));
	b.now += same_rows[_i].age;
	asking = (struct bug_asking){&b.t.store, &nothing, 12, b.now};
	ck_assert(b.hook.counts(b.hook.self, 12, &nothing, &b.arena, &hook) == same_rows[_i].counts);
	ck_assert(bug_source_counts(&b.worker.sources[0], &asking, &b.arena, &judge) == same_rows[_i].counts);
	ck_assert_int_eq(hook.state, same_rows[_i].as);
	ck_assert(text_eq(bug_source_content(&hook, &b.arena), bug_source_content(&judge, &b.arena)));
	ck_assert_int_eq(hook.as_of, judge.as_of);
	ck_assert(hook.secure == (!same_rows[_i].counts                   ? TRI_UNKNOWN
				  : same_rows[_i].state == TABLE_INSECURE ? TRI_NO
									  : TRI_YES));
	bench_close(&b);
}
END_TEST

/* Of a custom field that was not asked for, "not +" would hold. */
START_TEST(a_hook_asks_for_custom_fields_and_what_is_not_told_stays_unread)
{
	static const struct text names[][1] = {{{"cf_tracking_next", 16}}, {{"sec-approval", 12}}};

	for (size_t i = 0; i < 4; i++) {
		const struct bugs_wanted wanted = {.flags = names[i % 2], .n_flags = 1};
		struct told_tracker told;
		struct bug_source source;
		struct bug bug = {.id = 0};
		struct bench b;

		bench_open(&b, CONFIG_TRACKER_REST);
		told_tracker_open(&told, &b.now, 0);
		told_tracker_bug(&told, 12, NULL)->duplicates_told = i < 2;
		source = *b.view.source;
		source.port = told.port;
		b.view.source = &source;
		ck_assert(b.hook.read(b.hook.self, 12, &wanted, &b.arena, &bug));
		ck_assert(told.fields == (i % 2 == 0));
		ck_assert_uint_eq(bug.unread, i < 2 ? 0 : BUG_DUPLICATES);
		ck_assert(bug.id == 12 && text_eq(bug.tracker, b.tracker.name));
		told_tracker_close(&told);
		bench_close(&b);
	}
}
END_TEST

START_TEST(a_hook_that_reads_a_secure_bug_knows_what_it_duplicates_as_secure_and_tells)
{
	const struct bug_ref other = {TEXT_LIT("bmo"), 13, false};
	const struct bugs_wanted nothing = {.n_bugs = 0};
	struct told_tracker tracker;
	struct err err = ERR_NONE;
	struct bug_source source;
	struct bug bug;
	struct bench b;
	bool due;

	bench_open(&b, CONFIG_TRACKER_REST);
	told_tracker_open(&tracker, &b.now, 0);
	told_tracker_bug(&tracker, 12, "sec-high")->is.dupe_of = 13;
	source = *b.view.source;
	source.port = tracker.port;
	source.tells_duplicates = true;
	b.view.source = &source;
	told(&source, 13, NULL);
	b.now += 500;
	ck_assert(b.hook.read(b.hook.self, 12, &nothing, &b.arena, &bug));
	ck_assert_int_eq(b.hook.state(b.hook.self, 13), TABLE_SECURE);
	ck_assert(store_bug_is_due(&b.t.store, &other, &due, &err) && due);
	told_tracker_close(&tracker);
	bench_close(&b);
}
END_TEST

static const struct {
	enum config_tracker_source source;
	bool due;
} starts[] = {{CONFIG_TRACKER_REST, true}, {CONFIG_TRACKER_TABLE, false}};

/* What was heard of a bug after the time that the table has it of, and is settled: whoever read it may have died before
 * the file had what he read. A connector's word is of an earlier time than we heard it, and in the file. */
START_TEST(at_a_start_what_was_told_since_the_table_is_read_again_where_something_is_read)
{
	const struct bug_ref ref = {TEXT_LIT("bmo"), 12, false};
	struct row_bug_news row = {.tracker = ref.tracker, .bug = ref.id, .due = BUG_SETTLED, .heard_at = NOW + 5000};
	struct err err = ERR_NONE;
	struct bench b;
	bool due;

	bench_open(&b, starts[_i].source);
	told(&b.worker.sources[0], 12, NULL);
	told_forge_keep(&b.t, &table_bug_news, &row);
	ck_assert_msg(trackers_begin(b.trackers, &b.t.store, &err), "%s", err.text);
	ck_assert(store_bug_is_due(&b.t.store, &ref, &due, &err) && due == starts[_i].due);
	bench_close(&b);
}
END_TEST

/* What the last process read with a key and did not save is read again by nobody: its table is of no known age. */
START_TEST(a_table_that_was_kept_with_a_key_counts_no_more_without_one)
{
	const struct bugs_wanted nothing = {.n_bugs = 0};
	struct bug_asking asking = {NULL, &nothing, 12, NOW + 1000};
	struct config_tracker alone;
	struct bench b;
	struct bug bug;

	bench_open(&b, CONFIG_TRACKER_REST);
	told(&b.worker.sources[0], 12, NULL);
	bug_table_date(b.worker.sources[0].table, NOW);
	ck_assert(bug_source_counts(&b.worker.sources[0], &asking, &b.arena, &bug));
	alone = b.tracker;
	alone.key_file = TEXT_EMPTY;
	bug_table_rules(b.worker.sources[0].table, trackers_rules(&alone));
	ck_assert(!bug_source_counts(&b.worker.sources[0], &asking, &b.arena, &bug));
	bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(hooks_and_workers_share_one_budget),
	SUITE_TEST(what_a_worker_reads_a_hook_knows_and_the_other_way_round),
	SUITE_ROWS(a_hook_and_a_judgement_are_told_the_same_of_a_bug, same_rows),
	SUITE_TEST(a_hook_asks_for_custom_fields_and_what_is_not_told_stays_unread),
	SUITE_TEST(a_hook_that_reads_a_secure_bug_knows_what_it_duplicates_as_secure_and_tells),
	SUITE_ROWS(at_a_start_what_was_told_since_the_table_is_read_again_where_something_is_read, starts),
	SUITE_TEST(a_table_that_was_kept_with_a_key_counts_no_more_without_one),
	SUITE_END,
};
SUITE_MAIN(tests)
