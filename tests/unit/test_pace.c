/* How fast the forge may be asked: what it said of its limits holds for all, and reads never starve a revocation. */
#include "agent/forge/pace.h"

#include "tests/support/suite.h"

#define NOW    INT64_C(1000000000)
#define HOUR   INT64_C(3600000)
#define MINUTE INT64_C(60000)

static const struct pace_config usual = {.write_every_ms = 1000, .points_per_minute = 800};

static struct pace_who who_at(int64_t now)
{
	return (struct pace_who){.installation = 1, .repo = 10, .now = now};
}

static struct pace_answer answer_of(unsigned status)
{
	return (struct pace_answer){.status = status,
				    .limit = -1,
				    .remaining = -1,
				    .reset_at = WHEN_UNKNOWN,
				    .date = WHEN_UNKNOWN,
				    .retry_after_ms = -1};
}

static struct pace_answer window_of(int64_t limit, int64_t remaining, int64_t reset_at)
{
	struct pace_answer answer = answer_of(200);

	answer.limit = limit;
	answer.remaining = remaining;
	answer.reset_at = reset_at;
	return answer;
}

static struct pace_answer refusal(int64_t retry_after_ms)
{
	struct pace_answer answer = answer_of(403);

	answer.limited = true;
	answer.retry_after_ms = retry_after_ms;
	return answer;
}

/* A request that is let go and answered so. */
static void ask(struct pace *pace, int64_t now, enum pace_kind kind, struct pace_answer answer)
{
	struct pace_who who = who_at(now);
	int64_t at;

	ck_assert(pace_may_send(pace, &who, kind, &at));
	pace_told(pace, &who, kind, &answer);
}

static bool may(struct pace *pace, int64_t now, enum pace_kind kind, int64_t *ret_at)
{
	struct pace_who who = who_at(now);
	struct pace_answer nothing = answer_of(0);
	bool ok = pace_may_send(pace, &who, kind, ret_at);

	if (ok)
		pace_told(pace, &who, kind, &nothing);
	return ok;
}

static const struct {
	const char *what;
	int64_t remaining;
	bool read, write;
} ends[] = {
	{"plenty", 4000, true, true},
	{"what is kept for statuses", 250, false, true},
	{"one more than that", 252, true, true},
	{"the last one", 1, false, true},
	{"nothing", 0, false, false},
};

START_TEST(the_end_of_the_limit_is_kept_for_statuses_and_then_nothing_goes_before_the_reset)
{
	struct pace *pace = pace_new(&usual);
	int64_t reset = NOW + HOUR, at;

	ask(pace, NOW, PACE_READ, window_of(5000, ends[_i].remaining, reset));
	ck_assert_msg(may(pace, NOW, PACE_READ, &at) == ends[_i].read, "%s: read", ends[_i].what);
	ck_assert_msg(ends[_i].read || at > reset, "%s: until %lld", ends[_i].what, (long long)at);
	ck_assert_msg(may(pace, NOW, PACE_WRITE, &at) == ends[_i].write, "%s: write", ends[_i].what);
	ck_assert(may(pace, reset + 2000, PACE_READ, &at));
	pace_free(pace);
}
END_TEST

START_TEST(requests_under_way_count_as_spent)
{
	struct pace *pace = pace_new(&usual);
	struct pace_who who = who_at(NOW);
	int64_t at;

	ask(pace, NOW, PACE_READ, window_of(5000, 253, NOW + HOUR));
	for (int i = 0; i < 3; i++)
		ck_assert(pace_may_send(pace, &who, PACE_READ, &at));
	ck_assert(!pace_may_send(pace, &who, PACE_READ, &at));
	pace_free(pace);
}
END_TEST

/* The forge's clock is an hour ahead: what counts is how far the reset is from the answer's own date. */
START_TEST(the_reset_is_measured_on_the_clock_of_the_forge)
{
	struct pace *pace = pace_new(&usual);
	struct pace_answer answer = window_of(5000, 0, NOW + HOUR + 10 * MINUTE);
	int64_t at;

	answer.date = NOW + HOUR;
	ask(pace, NOW, PACE_READ, answer);
	ck_assert(!may(pace, NOW + 9 * MINUTE, PACE_WRITE, &at));
	ck_assert_int_le(at, NOW + 10 * MINUTE + 1000);
	ck_assert(may(pace, at, PACE_WRITE, &at));
	pace_free(pace);
}
END_TEST

START_TEST(an_answer_of_the_hour_before_takes_nothing_back)
{
	struct pace *pace = pace_new(&usual);
	int64_t at;

	ask(pace, NOW, PACE_READ, window_of(5000, 4999, NOW + HOUR));
	ask(pace, NOW, PACE_READ, window_of(5000, 0, NOW + 1000));
	ck_assert(may(pace, NOW, PACE_READ, &at));
	ck_assert_int_eq(pace_left(pace, 1), 4999);
	pace_free(pace);
}
END_TEST

static const struct {
	const char *what;
	int64_t retry_after_ms;
	int64_t least, most;
} refusals[] = {
	{"a time is named", 30000, 30000, 32000},
	{"none is named", -1, MINUTE, MINUTE},
	{"at once", 0, 1, 2000},
	{"for a month", INT64_C(2592000000), 2 * HOUR, 2 * HOUR},
};

START_TEST(a_refusal_stops_everything_of_its_installation_and_nothing_else)
{
	struct pace *pace = pace_new(&usual);
	struct pace_who other = {.installation = 2, .repo = 20, .now = NOW};
	int64_t at;

	ask(pace, NOW, PACE_READ, refusal(refusals[_i].retry_after_ms));
	ck_assert(!may(pace, NOW, PACE_WRITE, &at));
	ck_assert_int_ge(at - NOW, refusals[_i].least);
	ck_assert_int_le(at - NOW, refusals[_i].most);
	ck_assert(may(pace, at, PACE_READ, &at));
	ck_assert(pace_may_send(pace, &other, PACE_READ, &at));
	pace_free(pace);
}
END_TEST

START_TEST(refusals_without_a_time_double_the_wait_until_one_is_answered)
{
	struct pace *pace = pace_new(&usual);
	int64_t now = NOW, at;

	for (int i = 0; i < 3; i++) {
		ask(pace, now, PACE_READ, refusal(-1));
		ck_assert(!may(pace, now, PACE_READ, &at));
		ck_assert_int_eq(at - now, MINUTE << i);
		now = at;
	}
	ask(pace, now, PACE_READ, answer_of(200));
	ask(pace, now, PACE_READ, refusal(-1));
	ck_assert(!may(pace, now, PACE_READ, &at));
	ck_assert_int_eq(at - now, MINUTE);
	pace_free(pace);
}
END_TEST

START_TEST(requests_that_were_refused_together_are_one_strike)
{
	struct pace *pace = pace_new(&usual);
	struct pace_who who = who_at(NOW);
	struct pace_answer refused = refusal(-1);
	int64_t at;

	for (int i = 0; i < 5; i++)
		ck_assert(pace_may_send(pace, &who, PACE_READ, &at));
	for (int i = 0; i < 5; i++)
		pace_told(pace, &who, PACE_READ, &refused);
	ck_assert(!may(pace, NOW, PACE_READ, &at));
	ck_assert_int_eq(at - NOW, MINUTE);
	pace_free(pace);
}
END_TEST

START_TEST(between_two_writes_there_is_the_pause_that_was_set)
{
	struct pace *pace = pace_new(&usual);
	struct pace_who other = {.installation = 2, .repo = 20, .now = NOW};
	int64_t at;

	ck_assert(may(pace, NOW, PACE_WRITE, &at));
	ck_assert(!may(pace, NOW + 999, PACE_WRITE, &at));
	ck_assert_int_eq(at, NOW + 1000);
	ck_assert(may(pace, NOW + 999, PACE_READ, &at));
	ck_assert(pace_may_send(pace, &other, PACE_WRITE, &at));
	ck_assert(may(pace, NOW + 1000, PACE_WRITE, &at));
	pace_free(pace);
}
END_TEST

START_TEST(a_minute_has_so_many_points_and_a_quarter_of_them_is_for_writes)
{
	struct pace *pace = pace_new(&(struct pace_config){.write_every_ms = 0, .points_per_minute = 800});
	int64_t reads = 0, writes = 0, at;
	int64_t minute = NOW - NOW % MINUTE;

	while (may(pace, minute, PACE_READ, &at))
		reads++;
	ck_assert_int_eq(reads, 600);
	ck_assert_int_eq(at, minute + MINUTE);
	while (may(pace, minute, PACE_WRITE, &at))
		writes++;
	ck_assert_int_eq(writes, 40);
	/* half a minute later the half of it is not over yet */
	reads = 0;
	while (may(pace, minute + MINUTE + MINUTE / 2, PACE_READ, &at))
		reads++;
	ck_assert_int_eq(reads, 200);
	pace_free(pace);
}
END_TEST

/* One repository that asks without end, another that asks now and then. */
START_TEST(when_little_is_left_each_repository_gets_the_same_part)
{
	struct pace *pace = pace_new(&usual);
	struct pace_answer answer = window_of(5000, 1250, NOW + HOUR);
	int64_t jobs[2] = {0, 0}, at;

	ask(pace, NOW, PACE_READ, answer);
	for (int64_t now = NOW; now < NOW + HOUR / 6; now += 1000)
		for (int repo = 0; repo < 2; repo++) {
			struct pace_who who = {.installation = 1, .repo = repo, .now = now};
			bool asks = repo == 0 || now % MINUTE == 0;

			if (!asks || !pace_may_begin(pace, &who, PACE_READ, &at))
				continue;
			ck_assert(pace_may_send(pace, &who, PACE_READ, &at));
			answer.remaining--;
			pace_told(pace, &who, PACE_READ, &answer);
			jobs[repo]++;
		}
	ck_assert_int_ge(jobs[1], 9); /* ten times, once a minute: never put off for the other's sake */
	ck_assert_int_ge(jobs[0], 60);
	ck_assert_int_le(jobs[0], 110); /* 1000 free reads for an hour and two repositories: 83 in ten minutes */
	pace_free(pace);
}
END_TEST

START_TEST(while_there_is_plenty_nobody_is_put_off)
{
	struct pace *pace = pace_new(&(struct pace_config){0});
	struct pace_answer answer = window_of(5000, 5000, NOW + HOUR);
	struct pace_who who = who_at(NOW);
	int64_t at;

	for (int i = 0; i < 2400; i++) {
		ck_assert(pace_may_begin(pace, &who, PACE_READ, &at));
		answer.remaining--;
		ask(pace, NOW, PACE_READ, answer);
	}
	pace_free(pace);
}
END_TEST

START_TEST(an_answer_that_nothing_changed_costs_nothing)
{
	struct pace *pace = pace_new(&usual);
	struct pace_answer answer = window_of(5000, 600, NOW + HOUR);
	struct pace_who who = who_at(NOW);
	int64_t at;

	answer.status = 304;
	for (int i = 0; i < 100; i++) {
		ck_assert(pace_may_begin(pace, &who, PACE_READ, &at));
		ask(pace, NOW, PACE_READ, answer);
	}
	answer.status = 200;
	ask(pace, NOW, PACE_READ, answer);
	ck_assert(!pace_may_begin(pace, &who, PACE_READ, &at));
	pace_free(pace);
}
END_TEST

START_TEST(a_job_that_has_begun_is_not_put_off_for_its_share)
{
	struct pace *pace = pace_new(&usual);
	struct pace_who who = who_at(NOW);
	int64_t at;

	for (int i = 0; i < 8; i++)
		ask(pace, NOW, PACE_READ, window_of(5000, 600 - i, NOW + HOUR));
	ck_assert(!pace_may_begin(pace, &who, PACE_READ, &at));
	ck_assert(at <= NOW + HOUR + 2000);
	pace_free(pace);
}
END_TEST

/* More than anybody has: times an hour it would not fit. */
static const struct {
	int64_t limit, remaining;
	bool begins; /* a second read in the same moment */
} absurd[] = {
	{INT64_MAX, 1000, false},     {INT64_MAX / 3600, 1000, false},
	{INT64_MAX, INT64_MAX, true}, {INT64_MAX, INT64_MAX / 2 - 1, true},
	{5000, INT64_MAX, true},      {INT64_MAX, INT64_MAX / 3600000 + 1, true},
};

START_TEST(an_absurd_limit_makes_neither_little_of_plenty_nor_plenty_of_little)
{
	struct pace *pace = pace_new(&usual);
	struct pace_who who = who_at(NOW + 1);
	int64_t at;

	ask(pace, NOW, PACE_READ, window_of(absurd[_i].limit, absurd[_i].remaining, NOW + HOUR));
	ck_assert(pace_may_begin(pace, &who, PACE_READ, &at) == absurd[_i].begins);
	ck_assert_int_ge(pace_left(pace, 1), 1000);
	pace_free(pace);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(the_end_of_the_limit_is_kept_for_statuses_and_then_nothing_goes_before_the_reset, ends),
	SUITE_TEST(requests_under_way_count_as_spent),
	SUITE_TEST(the_reset_is_measured_on_the_clock_of_the_forge),
	SUITE_TEST(an_answer_of_the_hour_before_takes_nothing_back),
	SUITE_ROWS(a_refusal_stops_everything_of_its_installation_and_nothing_else, refusals),
	SUITE_TEST(refusals_without_a_time_double_the_wait_until_one_is_answered),
	SUITE_TEST(requests_that_were_refused_together_are_one_strike),
	SUITE_TEST(between_two_writes_there_is_the_pause_that_was_set),
	SUITE_TEST(a_minute_has_so_many_points_and_a_quarter_of_them_is_for_writes),
	SUITE_TEST(when_little_is_left_each_repository_gets_the_same_part),
	SUITE_TEST(while_there_is_plenty_nobody_is_put_off),
	SUITE_TEST(an_answer_that_nothing_changed_costs_nothing),
	SUITE_TEST(a_job_that_has_begun_is_not_put_off_for_its_share),
	SUITE_ROWS(an_absurd_limit_makes_neither_little_of_plenty_nor_plenty_of_little, absurd),
	SUITE_END,
};
SUITE_MAIN(tests)
