/* One tracker and many workers: readings that are shared, budgets, pauses, a key that is refused. */
#include <unistd.h>

#include "tests/support/ask_stand.h"
#include "tests/support/suite.h"

#define START   ASK_STAND_START
#define MINUTE  INT64_C(60000)
#define BUG     ASK_STAND_BUG
#define BAD_KEY "{\"error\":true,\"code\":306}"

static const struct tracker_wanted nothing = {.n_flags = 0};

static enum err_code ask_one(struct ask_stand *s)
{
	struct tracker_bug bug;

	s->err = ERR_NONE;
	return s->tracker.bug(s->tracker.self, &s->call, 412, &nothing, &bug, &s->err);
}

/* ---- the gate ---- */

START_TEST(an_hour_has_a_budget)
{
	struct ask_stand s;
	int64_t at = 0;

	ask_stand_open(&s, 3); /* too few for a share of them */
	ck_assert_int_eq(ask_one(&s), ERR_OK);
	s.now = 10 * MINUTE;
	ck_assert_int_eq(ask_one(&s), ERR_OK);
	s.body = "{\"db_time\":\"2026-11-20T10:00:00Z\"}";
	ck_assert_int_eq(s.tracker.db_time(s.tracker.self, &s.call, &at, &s.err), ERR_OK);
	ck_assert_int_eq(s.tracker.db_time(s.tracker.self, &s.call, &at, &s.err), ERR_RETRY);
	ck_assert_int_eq(s.err.retry_at_ms, START + 60 * MINUTE);
	s.body = BUG;
	s.now = 60 * MINUTE - 1;
	ck_assert_int_eq(ask_one(&s), ERR_RETRY);
	s.now = 60 * MINUTE;
	ck_assert_int_eq(ask_one(&s), ERR_OK);
	ck_assert_int_eq(ask_one(&s), ERR_RETRY);
	ck_assert_int_eq(s.err.retry_at_ms, START + 70 * MINUTE);
	s.now = 1000 * MINUTE;
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(ask_one(&s), ERR_OK);
	ck_assert_int_eq(ask_one(&s), ERR_RETRY);
	ck_assert_int_eq(s.asked, 7);
	ck_assert(ask_counts(s.ask).requests == 7 && ask_counts(s.ask).over_budget == 4);
	ask_stand_close(&s);
}
END_TEST

static enum err_code ask_changed(struct ask_client *client, struct ask_stand *s)
{
	const struct tracker port = ask_client_port(client);
	struct tracker_walk walk = {.since = START};
	struct tracker_bugs bugs;

	s->err = ERR_NONE;
	return port.changed_since(port.self, &s->call, &walk, &bugs, &s->err);
}

/* Verdicts and hooks ask for as much as strangers want. */
START_TEST(a_quarter_of_the_budget_is_for_those_alone_who_keep_the_table)
{
	struct ask_client *keeper;
	struct ask_stand s;

	ask_stand_open(&s, 8);
	keeper = ask_stand_client(&s);
	ask_client_keeps(keeper);
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(ask_one(&s), ERR_OK);
	s.now = 10 * MINUTE;
	ck_assert_int_eq(ask_one(&s), ERR_RETRY);
	ck_assert_int_eq(s.err.retry_at_ms, START + 60 * MINUTE);
	s.body = "{\"bugs\":[]}";
	ck_assert_int_eq(ask_changed(keeper, &s), ERR_OK);
	ck_assert_int_eq(ask_changed(s.client, &s), ERR_RETRY);
	ck_assert_int_eq(ask_changed(keeper, &s), ERR_OK);
	ck_assert_int_eq(ask_changed(keeper, &s), ERR_RETRY);
	ck_assert_int_eq(s.err.retry_at_ms, START + 60 * MINUTE);
	ck_assert_int_eq(s.asked, 8);
	ask_client_free(keeper);
	ask_stand_close(&s);
}
END_TEST

START_TEST(what_the_table_s_keeper_asks_takes_from_others_only_what_is_not_theirs)
{
	struct ask_client *keeper;
	struct ask_stand s;

	ask_stand_open(&s, 8);
	keeper = ask_stand_client(&s);
	ask_client_keeps(keeper);
	s.body = "{\"bugs\":[]}";
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(ask_changed(keeper, &s), ERR_OK);
	s.body = BUG;
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(ask_one(&s), ERR_OK);
	ck_assert_int_eq(ask_one(&s), ERR_RETRY);
	ask_client_free(keeper);
	ask_stand_close(&s);
}
END_TEST

START_TEST(after_a_refused_key_nothing_is_sent_until_it_is_replaced)
{
	struct tracker_walk walk = {.since = 0};
	struct tracker_self self;
	struct tracker_bugs bugs;
	struct ask_stand s;

	ask_stand_open(&s, 0);
	s.status = 400;
	s.body = BAD_KEY;
	ck_assert_int_eq(ask_one(&s), ERR_DENIED);
	s.status = 200;
	s.body = BUG;
	for (int day = 0; day < 3; day++) {
		s.now += 24 * 60 * MINUTE;
		ck_assert_int_eq(ask_one(&s), ERR_DENIED);
		ck_assert_int_eq(s.tracker.whoami(s.tracker.self, &s.call, &self, &s.err), ERR_DENIED);
		ck_assert_int_eq(s.tracker.changed_since(s.tracker.self, &s.call, &walk, &bugs, &s.err), ERR_DENIED);
	}
	ck_assert_int_eq(s.asked, 1);
	ck_assert(ask_counts(s.ask).key_refused && ask_counts(s.ask).stopped == 9);
	ask_renew(s.ask);
	ck_assert_int_eq(ask_one(&s), ERR_OK);
	ck_assert(!ask_counts(s.ask).key_refused);
	ask_stand_close(&s);
}
END_TEST

START_TEST(a_pause_is_doubled_with_each_refusal_and_ends_with_a_success)
{
	static const int64_t pauses[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
	struct ask_stand s;

	ask_stand_open(&s, 0);
	s.status = 429;
	for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
		ck_assert_int_eq(ask_one(&s), ERR_RETRY);
		s.now += pauses[i] * MINUTE - 1;
		ck_assert_int_eq(ask_one(&s), ERR_RETRY);
		ck_assert_int_eq(s.err.retry_at_ms, START + s.now + 1);
		ck_assert_int_eq(s.asked, (int)i + 1);
		s.now++;
	}
	s.status = 200;
	ck_assert_int_eq(ask_one(&s), ERR_OK);
	s.status = 429;
	s.retry_after = "5";
	ck_assert_int_eq(ask_one(&s), ERR_RETRY);
	s.now += 4999;
	ck_assert_int_eq(ask_one(&s), ERR_RETRY);
	s.now++;
	s.status = 200;
	ck_assert_int_eq(ask_one(&s), ERR_OK);
	ck_assert_int_eq(ask_counts(s.ask).paused, 10);
	ask_stand_close(&s);
}
END_TEST

START_TEST(an_outage_pauses_nobody)
{
	struct ask_stand s;

	ask_stand_open(&s, 0);
	s.fail = ERR_RETRY;
	ck_assert_int_eq(ask_one(&s), ERR_RETRY);
	s.fail = ERR_OK;
	s.status = 500;
	ck_assert_int_eq(ask_one(&s), ERR_RETRY);
	s.status = 200;
	ck_assert_int_eq(ask_one(&s), ERR_OK);
	ck_assert(s.asked == 3 && ask_counts(s.ask).failed == 1);
	ask_stand_close(&s);
}
END_TEST

START_TEST(a_kind_that_nobody_knows_makes_no_client)
{
	struct tracker_config config = {.kind = TEXT_LIT("jira")};
	struct tracker_ports ports = {.http = {NULL, NULL}};
	struct ask_stand s;

	ask_stand_open(&s, 0);
	ck_assert_ptr_null(ask_client_new(s.ask, &config, &ports, &s.err));
	ck_assert_int_eq(s.err.code, ERR_INVALID);
	ask_stand_close(&s);
}
END_TEST

/* ---- readings that are shared ---- */

#define WORKERS 8
struct worker {
	struct ask_stand *stand;
	const struct tracker_wanted *wanted;
	int64_t id, deadline;
	bool keeps;
	pthread_t thread;
	struct arena arena;
	enum err_code code;
	struct tracker_bug bug;
	struct err err;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct ask_client *own = ask_stand_client(w->stand);
	struct tracker tracker = ask_client_port(own);
	struct tracker_call call = {&w->arena, w->deadline};

	if (w->keeps)
		ask_client_keeps(own);
	w->code = tracker.bug(tracker.self, &call, w->id, w->wanted, &w->bug, &w->err);
	ask_client_free(own);
	return NULL;
}

static void start_as(struct worker *w, const struct worker *as)
{
	*w = *as;
	w->err = ERR_NONE;
	ck_assert_int_eq(pthread_create(&w->thread, NULL, work, w), 0);
}

static void start(struct worker *w, struct ask_stand *s, int64_t id, const struct tracker_wanted *wanted,
		  int64_t deadline)
{
	start_as(w, &(struct worker){.stand = s, .wanted = wanted, .id = id, .deadline = deadline});
}

static void join(struct worker *w)
{
	ck_assert_int_eq(pthread_join(w->thread, NULL), 0);
}

/* Until so many requests are under way, or were made. */
static void until(struct ask_stand *s, const int *what, int n)
{
	pthread_mutex_lock(&s->lock);
	while (*what < n)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

static void release(struct ask_stand *s)
{
	pthread_mutex_lock(&s->lock);
	s->hold = 0;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void move(struct ask_stand *s, int64_t ms)
{
	pthread_mutex_lock(&s->lock);
	s->now += ms;
	pthread_mutex_unlock(&s->lock);
}

static void is_whole(const struct worker *w)
{
	ck_assert_msg(w->code == ERR_OK, "%s", w->err.text);
	ck_assert(w->bug.is.id == 412 && w->bug.is.n_keywords == 1 && text_is(w->bug.is.keywords[0], "sec-high"));
	ck_assert(w->bug.is.n_attachments == 1 && text_is(w->bug.is.attachments[0].flags[0].name, "a"));
	ck_assert(w->bug.is.n_duplicates == 1 && w->bug.is.duplicates[0] == 7 && text_is(w->bug.is.groups[0], "g"));
	ck_assert(text_is(w->bug.is.flags[0].name, "f") && text_is(w->bug.is.tracker, "bugs"));
}

START_TEST(a_reading_that_began_before_somebody_came_is_not_his)
{
	struct worker first, others[WORKERS];
	struct ask_stand s;

	ask_stand_open(&s, 0);
	s.hold = 1;
	start(&first, &s, 412, &nothing, 1000000);
	until(&s, &s.inside, 1);
	move(&s, 1); /* a change may have come in now */
	for (int i = 0; i < WORKERS; i++)
		start(&others[i], &s, 412, &nothing, 1000000);
	usleep(200000); /* they wait: were one of them to ask, `most` would tell */
	ck_assert_int_eq(s.asked, 1);
	release(&s);
	join(&first);
	is_whole(&first);
	for (int i = 0; i < WORKERS; i++) {
		join(&others[i]);
		is_whole(&others[i]);
		arena_release(&others[i].arena);
	}
	ck_assert_int_eq(s.most, 1);
	ck_assert_int_ge(s.asked, 2);
	ck_assert_int_le(s.asked, 1 + WORKERS);
	ck_assert_int_eq(ask_counts(s.ask).shared, 1 + WORKERS - s.asked);
	arena_release(&first.arena);
	ask_stand_close(&s);
}
END_TEST

START_TEST(those_who_came_before_a_reading_share_it)
{
	struct worker workers[WORKERS];
	struct ask_stand s;

	ask_stand_open(&s, 0);
	s.hold = 1;
	start(&workers[0], &s, 412, &nothing, 1000000);
	until(&s, &s.inside, 1);
	for (int i = 1; i < WORKERS; i++) /* in the same millisecond: the first reading is not theirs, the second is */
		start(&workers[i], &s, 412, &nothing, 1000000);
	usleep(200000);
	move(&s, 1);
	release(&s);
	for (int i = 0; i < WORKERS; i++) {
		join(&workers[i]);
		is_whole(&workers[i]);
		arena_release(&workers[i].arena);
	}
	ck_assert(s.most == 1 && s.asked == 2 && ask_counts(s.ask).shared == WORKERS - 2);
	ask_stand_close(&s);
}
END_TEST

START_TEST(bugs_do_not_wait_for_each_other)
{
	struct worker one, two;
	struct ask_stand s;

	ask_stand_open(&s, 0);
	s.hold = 1;
	start(&one, &s, 412, &nothing, 1000000);
	start(&two, &s, 413, &nothing, 1000000);
	until(&s, &s.inside, 2);
	release(&s);
	join(&one);
	join(&two);
	ck_assert(one.code == ERR_OK && two.code == ERR_INVALID); /* the answer is about 412 */
	arena_release(&one.arena);
	arena_release(&two.arena);
	ask_stand_close(&s);
}
END_TEST

START_TEST(who_wants_more_than_was_read_is_not_served_with_it)
{
	static const struct text flags[] = {{"a", 1}};
	static const struct tracker_wanted more = {.flags = flags, .n_flags = 1, .revisions = true};
	struct worker one, two;
	struct ask_stand s;

	ask_stand_open(&s, 0);
	s.hold = 1;
	start(&one, &s, 412, &nothing, 1000000);
	until(&s, &s.inside, 1);
	start(&two, &s, 412, &more, 1000000);
	usleep(100000);
	ck_assert_int_eq(s.asked, 1);
	release(&s);
	join(&one);
	join(&two);
	ck_assert(s.asked == 2 && s.most == 1 && one.code == ERR_OK && two.code == ERR_OK);
	arena_release(&one.arena);
	arena_release(&two.arena);
	ask_stand_close(&s);
}
END_TEST

START_TEST(nobody_waits_beyond_his_deadline)
{
	struct worker one, two;
	struct ask_stand s;

	ask_stand_open(&s, 0);
	s.hold = 1;
	start(&one, &s, 412, &nothing, 1000000);
	until(&s, &s.inside, 1);
	start(&two, &s, 412, &nothing, 500);
	usleep(100000);
	move(&s, 500);
	join(&two); /* while the first is still asking */
	ck_assert_int_eq(two.code, ERR_RETRY);
	release(&s);
	join(&one);
	is_whole(&one);
	arena_release(&one.arena);
	arena_release(&two.arena);
	ask_stand_close(&s);
}
END_TEST

START_TEST(a_failure_is_shared_where_the_time_was_the_same)
{
	struct worker one, two, patient;
	struct ask_stand s;

	ask_stand_open(&s, 0);
	s.hold = 1;
	s.fail = ERR_RETRY;
	start(&one, &s, 412, &nothing, 1000);
	until(&s, &s.inside, 1);
	start(&two, &s, 412, &nothing, 1000);
	start(&patient, &s, 412, &nothing, 2000);
	usleep(200000);
	move(&s, 1);
	release(&s);
	join(&one);
	join(&two);
	join(&patient);
	ck_assert(one.code == ERR_RETRY && two.code == ERR_RETRY && patient.code == ERR_RETRY);
	ck_assert_int_ge(s.asked, 2); /* the patient one's, which serves the other; or each in turn */
	ck_assert_int_le(s.asked, 3);
	arena_release(&one.arena);
	arena_release(&two.arena);
	arena_release(&patient.arena);
	ask_stand_close(&s);
}
END_TEST

/* The first uses up what is theirs. Of those who waited for it one asks next, and is not let; all but the table's
 * keeper may take that for themselves. */
START_TEST(a_reading_without_a_budget_does_not_serve_who_has_one)
{
	struct worker workers[WORKERS];
	struct ask_stand s;

	ask_stand_open(&s, 4);
	ck_assert(ask_one(&s) == ERR_OK && ask_one(&s) == ERR_OK);
	s.hold = 1;
	start(&workers[0], &s, 412, &nothing, 1000000);
	until(&s, &s.inside, 1);
	for (int i = 1; i < WORKERS; i++)
		start_as(&workers[i], &(struct worker){.stand = &s,
						       .wanted = &nothing,
						       .id = 412,
						       .deadline = 1000000,
						       .keeps = i == WORKERS - 1});
	usleep(200000);
	move(&s, 1);
	release(&s);
	for (int i = 0; i < WORKERS; i++)
		join(&workers[i]);
	is_whole(&workers[0]);
	is_whole(&workers[WORKERS - 1]);
	ck_assert_int_eq(s.asked, 4);
	for (int i = 0; i < WORKERS; i++)
		arena_release(&workers[i].arena);
	ask_stand_close(&s);
}
END_TEST

START_TEST(who_waits_leaves_when_the_agent_stops)
{
	struct worker one, two;
	struct ask_stand s;

	ask_stand_open(&s, 0);
	s.hold = 1;
	start(&one, &s, 412, &nothing, 1000000);
	until(&s, &s.inside, 1);
	start(&two, &s, 412, &nothing, 1000000);
	usleep(100000);
	wake_threads_stop(s.wake);
	join(&two);
	ck_assert_int_eq(two.code, ERR_RETRY);
	release(&s);
	join(&one);
	ck_assert_int_eq(one.code, ERR_OK);
	arena_release(&one.arena);
	arena_release(&two.arena);
	ask_stand_close(&s);
}
END_TEST

/* ---- writing ---- */

static const struct tracker_comment note = {412, {"words", 5}, {"00ff00ff00ff00ff", 16}};

static enum err_code write_note(struct ask_stand *s, enum tracker_fate *fate)
{
	s->err = ERR_NONE;
	*fate = TRACKER_DONE;
	return s->tracker.comment(s->tracker.self, &s->call, &note, fate, &s->err);
}

START_TEST(what_is_written_counts_in_the_budget_and_beyond_it_is_certainly_not_sent)
{
	enum tracker_fate fate;
	struct ask_stand s;

	ask_stand_open(&s, 2);
	s.body = "{\"id\":1}";
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(write_note(&s, &fate), ERR_OK);
		ck_assert_int_eq(fate, TRACKER_DONE);
	}
	ck_assert_int_eq(write_note(&s, &fate), ERR_RETRY);
	ck_assert_int_eq(fate, TRACKER_UNSENT);
	ck_assert_int_gt(s.err.retry_at_ms, START);
	ck_assert_int_eq(s.asked, 2);
	ck_assert(ask_counts(s.ask).requests == 2 && ask_counts(s.ask).over_budget == 1);
	ask_stand_close(&s);
}
END_TEST

START_TEST(a_key_that_is_refused_for_a_write_stops_everything)
{
	enum tracker_fate fate;
	struct ask_stand s;

	ask_stand_open(&s, 0);
	s.status = 400;
	s.body = BAD_KEY;
	ck_assert_int_eq(write_note(&s, &fate), ERR_DENIED);
	ck_assert_int_eq(fate, TRACKER_UNSENT);
	ck_assert(ask_counts(s.ask).key_refused);
	ck_assert_int_eq(write_note(&s, &fate), ERR_DENIED);
	ck_assert_int_eq(fate, TRACKER_UNSENT);
	ck_assert_int_eq(s.asked, 1);
	ask_stand_close(&s);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(an_hour_has_a_budget),
	SUITE_TEST(a_quarter_of_the_budget_is_for_those_alone_who_keep_the_table),
	SUITE_TEST(what_the_table_s_keeper_asks_takes_from_others_only_what_is_not_theirs),
	SUITE_TEST(after_a_refused_key_nothing_is_sent_until_it_is_replaced),
	SUITE_TEST(a_pause_is_doubled_with_each_refusal_and_ends_with_a_success),
	SUITE_TEST(an_outage_pauses_nobody),
	SUITE_TEST(a_kind_that_nobody_knows_makes_no_client),
	SUITE_TEST(a_reading_that_began_before_somebody_came_is_not_his),
	SUITE_TEST(those_who_came_before_a_reading_share_it),
	SUITE_TEST(bugs_do_not_wait_for_each_other),
	SUITE_TEST(who_wants_more_than_was_read_is_not_served_with_it),
	SUITE_TEST(nobody_waits_beyond_his_deadline),
	SUITE_TEST(a_failure_is_shared_where_the_time_was_the_same),
	SUITE_TEST(a_reading_without_a_budget_does_not_serve_who_has_one),
	SUITE_TEST(who_waits_leaves_when_the_agent_stops),
	SUITE_TEST(what_is_written_counts_in_the_budget_and_beyond_it_is_certainly_not_sent),
	SUITE_TEST(a_key_that_is_refused_for_a_write_stops_everything),
	SUITE_END};
SUITE_MAIN(tests)
