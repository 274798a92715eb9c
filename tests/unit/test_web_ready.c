/* What /readyz says of what is stuck: until when it is ready, why it is not, and what ends that. */
#include "tests/support/browse.h"
#include "tests/support/suite.h"

static struct browse b;
static struct browsed got;

static void has(const char *needle)
{
	ck_assert_msg(strstr(got.body, needle) != NULL, "`%s` is not in:\n%s", needle, got.body);
}

static void ops(const char *path, const char *accept)
{
	browse_send(&b, &(struct browse_request){listener_port(b.ops), "GET", path, accept, NULL}, &got);
}

/* ---- a success that is to be taken back ---- */

/* Allowed, and the forge has it; then what it stands on is gone. */
static void revoked(void)
{
	struct verdict verdict = {
		DECISION_ALLOWED, STATUS_SUCCESS, TEXT_LIT("1 review"), TEXT_LIT("1 review"), NULL, 0, false};

	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	browse_judge(&b, 'a', &verdict);
	ck_assert_int_eq(drain(&b.pipe), 1);
	tell(&b.pipe, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
}

static void later(int64_t ms)
{
	b.now += ms;
	b.pipe.now += ms;
}

static void ready_is(int status)
{
	ops("/readyz", NULL);
	ck_assert_msg(got.status == status, "%d: %s", got.status, got.body);
}

START_TEST(a_revocation_that_is_not_sent_is_not_ready_until_the_forge_has_it)
{
	revoked();
	later(60000);
	ready_is(200);
	ops("/readyz", "Accept: application/json\r\n");
	has("\"oldest_owed_ms\":60000");
	later(15001);
	ready_is(503);
	ck_assert_str_eq(got.body, "not ready: a success that is to be taken back stands at the forge for 75 s: the "
				   "forge did not take our status yet\n");
	ops("/metrics", NULL);
	has("headgate_revocation_oldest_seconds 75\n");
	ck_assert_int_eq(drain(&b.pipe), 1);
	ready_is(200);
	ops("/metrics", NULL);
	has("headgate_revocation_oldest_seconds 0\n");
	browse_close(&b);
}
END_TEST

/* Each judgement writes another status, and lets what was refused be tried once more: it stands for as long all the
 * same. */
START_TEST(a_revocation_that_the_forge_refuses_is_not_ready_however_often_it_is_judged_anew)
{
	struct verdict verdict = {
		DECISION_WAITING, STATUS_PENDING, TEXT_LIT("Needs more"), TEXT_LIT("Needs more"), NULL, 0, false};
	const struct oid head = sha_of('a');
	struct err err = ERR_NONE;
	struct post post;

	revoked();
	ck_assert(next_post(&b.pipe, &post));
	answer(&b.pipe, &post, POST_REFUSED);
	ck_assert(!next_post(&b.pipe, &post));
	later(50000);
	browse_judge(&b, 'a', &verdict);
	ck_assert(next_post(&b.pipe, &post));
	answer(&b.pipe, &post, POST_REFUSED);
	ready_is(200);
	later(10001);
	ready_is(503);
	has("because the forge refused our status");
	ck_assert(store_want(&b.pipe.store, PIPE_REPO, &head, false, &err));
	ready_is(503);
	browse_judge(&b, 'a', &verdict);
	ck_assert_int_eq(drain(&b.pipe), 1);
	ready_is(200);
	browse_close(&b);
}
END_TEST

static void refuse_next(void)
{
	struct post post;

	ck_assert(next_post(&b.pipe, &post));
	answer(&b.pipe, &post, POST_REFUSED);
}

static void judge_waiting(void)
{
	struct verdict verdict = {
		DECISION_WAITING, STATUS_PENDING, TEXT_LIT("Needs more"), TEXT_LIT("Needs more"), NULL, 0, false};

	browse_judge(&b, 'a', &verdict);
}

/* The app is gone from one repository, say. Each judgement sends it again, and it is refused again. */
START_TEST(what_the_forge_refuses_of_one_while_it_takes_others_is_told_and_keeps_nobody_out)
{
	revoked();
	refuse_next();
	later(75001);
	ready_is(503);
	tell(&b.pipe, change_event(CHANGE_OPENED, 2, 'b', 1));
	ck_assert_int_eq(drain(&b.pipe), 1);
	for (int again = 0; again < 2; again++) {
		ready_is(200);
		has("ready, but a success that is to be taken back stands at the forge for 75 s");
		ops("/readyz", "Accept: application/json\r\n");
		has("\"oldest_owed_ms\":75001");
		has("\"warning\":\"a success");
		ops("/metrics", NULL);
		has("headgate_revocation_oldest_seconds 75\n");
		if (again > 0)
			break;
		judge_waiting();
		ready_is(200);
		refuse_next();
	}
	browse_close(&b);
}
END_TEST

/* The key was good for others, once. */
START_TEST(what_is_refused_since_nothing_is_taken_is_not_ready_whatever_was_refused_before)
{
	struct verdict allowed = {
		DECISION_ALLOWED, STATUS_SUCCESS, TEXT_LIT("1 review"), TEXT_LIT("1 review"), NULL, 0, false};
	struct event dismissed = review_event(REVIEW_DISMISSED, 2, REVIEW_STATE_DISMISSED, 'b');

	revoked();
	refuse_next();
	judge_waiting();
	refuse_next();
	tell(&b.pipe, change_event(CHANGE_OPENED, 2, 'b', 1));
	browse_judge(&b, 'b', &allowed);
	ck_assert_int_eq(drain(&b.pipe), 1);
	later(600000);
	ready_is(200);
	dismissed.change.number = 2;
	tell(&b.pipe, dismissed);
	refuse_next();
	later(60000);
	ready_is(200);
	later(1);
	ready_is(503);
	has("stands at the forge for 60 s, because the forge refused our status");
	browse_close(&b);
}
END_TEST

/* Nobody sends anything there any more: it would never end. */
START_TEST(what_stands_in_a_repository_that_is_left_out_is_nobodys_business)
{
	struct taker taker = {.owner = "s", .now = 0, .arena = &b.arena};
	struct sweep sweep;
	struct err err = ERR_NONE;
	int64_t next_at;

	revoked();
	later(75001);
	ready_is(503);
	taker.now = b.pipe.now;
	ck_assert(store_sweep_all(&b.pipe.store, &err));
	ck_assert(store_take_sweep(&b.pipe.store, &taker, taker.now + 1000, &sweep, &next_at, &err));
	ck_assert(store_leave_out_sweep(&b.pipe.store, &sweep, taker.now + 1000, &err));
	ready_is(200);
	browse_close(&b);
}
END_TEST

/* An earlier process's clock was ahead. */
START_TEST(what_is_owed_since_a_later_time_is_of_no_age_that_can_be_told)
{
	revoked();
	b.now -= 60000;
	ready_is(200);
	b.now -= 1;
	ready_is(503);
	browse_close(&b);
}
END_TEST

/* It says nothing that anybody could land with. */
START_TEST(a_grant_or_a_first_word_that_is_not_sent_is_no_reason)
{
	struct verdict verdict = {
		DECISION_ALLOWED, STATUS_SUCCESS, TEXT_LIT("1 review"), TEXT_LIT("1 review"), NULL, 0, false};

	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	later(600000);
	ready_is(200);
	browse_judge(&b, 'a', &verdict);
	b.now += 600000;
	ready_is(200);
	browse_close(&b);
}
END_TEST

static const struct {
	const char *what;
	bool allowed, foreign, owed;
} stands[] = {
	{"nothing was ever allowed there", false, false, false},
	{"what was allowed was taken back", true, false, false},
	{"somebody else said success", false, true, true},
};

/* The permission to set statuses is withdrawn, say, or the repository is archived. */
START_TEST(a_text_that_the_forge_refuses_where_no_success_stands_is_no_reason)
{
	struct verdict verdict = {
		DECISION_WAITING, STATUS_PENDING, TEXT_LIT("Needs 1"), TEXT_LIT("Needs 1"), NULL, 0, false};
	struct verdict allowed = {
		DECISION_ALLOWED, STATUS_SUCCESS, TEXT_LIT("1 review"), TEXT_LIT("1 review"), NULL, 0, false};
	struct event foreign = status_event(5000, "success", 'a');
	struct post post;

	browse_open(&b);
	b.pipe.creator = 5;
	foreign.status.creator = (struct person){6, TEXT_LIT("mallory"), PERSON_USER};
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	ck_assert_int_eq(drain(&b.pipe), 1);
	if (stands[_i].allowed) {
		browse_judge(&b, 'a', &allowed);
		ck_assert_int_eq(drain(&b.pipe), 1);
		tell(&b.pipe, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
		ck_assert_int_eq(drain(&b.pipe), 1);
	}
	if (stands[_i].foreign)
		tell(&b.pipe, foreign);
	else
		browse_judge(&b, 'a', &verdict);
	ck_assert(next_post(&b.pipe, &post));
	answer(&b.pipe, &post, POST_REFUSED);
	later(600000);
	ready_is(stands[_i].owed ? 503 : 200);
	ck_assert_msg((slot_of(&b.pipe, 'a').owed_since > 0) == stands[_i].owed, "%s", stands[_i].what);
	ck_assert_int_eq(slot_of(&b.pipe, 'a').watched, 1); /* sweeps look at it all the same */
	browse_close(&b);
}
END_TEST

/* ---- a store that cannot be written ---- */

static struct exec_counters counted(void *exec)
{
	return *(const struct exec_counters *)exec;
}

START_TEST(a_store_that_cannot_be_written_is_not_ready_though_no_delivery_waits)
{
	struct exec_counters counters = {.jobs = 9, .commits = 7, .failing = true};

	browse_open(&b);
	b.web.exec_counters = counted;
	b.web.exec = &counters;
	ready_is(503);
	ck_assert_str_eq(got.body, "not ready: the store cannot be written: is the disk full?\n");
	ops("/metrics", NULL);
	has("headgate_store_failing 1\n");
	counters.failing = false;
	ready_is(200);
	ops("/metrics", NULL);
	has("headgate_store_failing 0\n");
	browse_close(&b);
}
END_TEST

/* ---- a worker that hangs ---- */

static const char *stuck_one(void *crew)
{
	return crew;
}

START_TEST(a_worker_that_does_not_move_is_not_ready)
{
	static char role[] = "judge";

	browse_open(&b);
	b.web.stuck = stuck_one;
	ready_is(200);
	ops("/metrics", NULL);
	has("headgate_worker_stuck 0\n");
	b.web.crew = role;
	ready_is(503);
	ck_assert_str_eq(got.body, "not ready: the worker `judge` does not move any more: restart\n");
	ops("/metrics", NULL);
	has("headgate_worker_stuck 1\n");
	browse_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_revocation_that_is_not_sent_is_not_ready_until_the_forge_has_it),
	SUITE_TEST(a_revocation_that_the_forge_refuses_is_not_ready_however_often_it_is_judged_anew),
	SUITE_TEST(what_the_forge_refuses_of_one_while_it_takes_others_is_told_and_keeps_nobody_out),
	SUITE_TEST(what_is_refused_since_nothing_is_taken_is_not_ready_whatever_was_refused_before),
	SUITE_TEST(what_stands_in_a_repository_that_is_left_out_is_nobodys_business),
	SUITE_TEST(what_is_owed_since_a_later_time_is_of_no_age_that_can_be_told),
	SUITE_TEST(a_grant_or_a_first_word_that_is_not_sent_is_no_reason),
	SUITE_ROWS(a_text_that_the_forge_refuses_where_no_success_stands_is_no_reason, stands),
	SUITE_TEST(a_store_that_cannot_be_written_is_not_ready_though_no_delivery_waits),
	SUITE_TEST(a_worker_that_does_not_move_is_not_ready),
	SUITE_END,
};
SUITE_MAIN(tests)
