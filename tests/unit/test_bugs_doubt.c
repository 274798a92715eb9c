/*
 * A tracker of which some answers cannot be understood, or do not come: what is known meanwhile, and what goes on.
 */
#include <unistd.h>

#include "tests/support/polling.h"
#include "tests/support/suite.h"

#define MINUTE INT64_C(60000)

/* Whether it was said since the last time. */
static bool said(struct polling *b, const char *words)
{
	char text[4096] = "";

	(void)!read(b->said[0], text, sizeof text - 1);
	ck_assert_ptr_null(strstr(text, "12"));
	return strstr(text, words) != NULL;
}

static int64_t doubted(struct polling *b)
{
	const struct text labels[] = {TEXT_LIT("bmo"), TEXT_LIT("doubted")};

	return metrics_value(b->metrics, METRIC_TRACKER_REQUESTS, labels);
}

static void spoil(struct polling *b, int64_t bug, enum err_code code)
{
	b->tracker.spoilt = bug;
	b->tracker.spoils = code;
}

static const enum err_code not_understood[] = {ERR_INVALID, ERR_LIMIT, ERR_GONE};

/* Something is told of 12, on which 'a' stands and which cannot be read, and of 13, which was approved meanwhile. */
static void tell_of_two(struct polling *b, enum err_code code)
{
	polling_open(b);
	told_tracker_bug(&b->tracker, 12, NULL);
	told_tracker_approval(told_tracker_bug(&b->tracker, 13, "sec-high"), '+', false);
	polling_known(b, 12, TABLE_INSECURE);
	polling_known(b, 13, TABLE_SECURE);
	polling_link(b, 12);
	polling_work(b);
	spoil(b, 12, code);
	b->t.now += 1000;
	polling_told_of(b, 12);
	polling_told_of(b, 13);
	ck_assert(polling_judged_again(b));
	b->t.now += 1000;
	polling_work(b);
}

/* Nobody knows what 12 is: who stands on it hears of that, and it counts no more; 13, told of later, is read. */
START_TEST(one_bug_that_is_not_understood_keeps_no_other_waiting)
{
	struct polling b;

	tell_of_two(&b, not_understood[_i]);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 13), TABLE_APPROVED);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert(polling_judged_again(&b) && !polling_is_due(&b, 12) && !polling_is_due(&b, 13));
	ck_assert(said(&b, "a bug cannot be read") && doubted(&b) == 1);
	spoil(&b, 0, ERR_OK);
	b.t.now += 1000;
	polling_told_of(&b, 12);
	(void)polling_judged_again(&b);
	b.t.now += 1000;
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_INSECURE);
	ck_assert(polling_judged_again(&b) && doubted(&b) == 1);
	polling_close(&b);
}
END_TEST

static const struct {
	enum table_state before, then;
} known[] = {
	{TABLE_INSECURE, TABLE_SECURE},
	{TABLE_APPROVED, TABLE_SECURE},
	{TABLE_SECURE, TABLE_SECURE},
	{TABLE_UNKNOWN, TABLE_UNKNOWN},
};

/* An approval and "not secure" count no more; nothing that is known is ever made weaker. Said once, however often. */
START_TEST(what_is_known_of_a_bug_in_doubt_becomes_stricter_and_never_weaker)
{
	int64_t as_of;

	for (size_t i = 0; i < sizeof not_understood / sizeof not_understood[0]; i++) {
		struct polling b;

		polling_open(&b);
		if (known[_i].before != TABLE_UNKNOWN)
			polling_known(&b, 12, known[_i].before);
		polling_link(&b, 12);
		spoil(&b, 12, not_understood[i]);
		polling_work(&b);
		ck_assert_int_eq(bug_table_state(b.tracker.table, 12), known[_i].before);
		for (int times = 0; times < 3; times++) {
			b.t.now += 1000;
			polling_told_of(&b, 12);
			(void)polling_judged_again(&b);
			b.t.now += 1000;
			polling_work(&b);
			ck_assert_int_eq(bug_table_state(b.tracker.table, 12), known[_i].then);
			ck_assert(!bug_table_fresh(b.tracker.table, 12, b.t.now, &as_of));
			ck_assert(polling_judged_again(&b) == (times == 0) && !polling_is_due(&b, 12));
			ck_assert_int_eq(doubted(&b), 1);
		}
		polling_close(&b);
	}
}
END_TEST

/* No webhook told: the poll shows both, and goes on. */
START_TEST(a_poll_gets_past_a_bug_that_is_not_understood_and_tells_once_of_it)
{
	struct polling b;

	polling_open(&b);
	told_tracker_bug(&b.tracker, 12, NULL);
	told_tracker_bug(&b.tracker, 13, "sec-high");
	polling_known(&b, 12, TABLE_INSECURE);
	polling_known(&b, 13, TABLE_INSECURE);
	polling_link(&b, 12);
	polling_work(&b);
	spoil(&b, 12, not_understood[_i]);
	b.tracker.ids[0] = 12;
	b.tracker.ids[1] = 13;
	b.tracker.n_changed = 2;
	for (int polls = 0; polls < 3; polls++) {
		int64_t before = b.t.now;

		b.t.now += POLLING_MS;
		polling_work(&b);
		ck_assert_int_eq(b.tracker.since, before - BUGS_LAG_MS);
		ck_assert_int_eq(bug_table_dated(b.tracker.table), b.t.now);
		ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
		ck_assert_int_eq(bug_table_state(b.tracker.table, 13), TABLE_SECURE);
		ck_assert(polling_judged_again(&b) == (polls == 0) && doubted(&b) == 1);
	}
	polling_close(&b);
}
END_TEST

/* Nothing stands on it, and a list tells nothing of it that is understood: it was not secure, and may be now. */
START_TEST(what_a_list_tells_of_a_bug_and_is_not_understood_takes_not_secure_back)
{
	static const enum table_state rows[] = {TABLE_INSECURE, TABLE_UNKNOWN};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct polling b;

		polling_open(&b);
		if (rows[i] == TABLE_INSECURE)
			polling_known(&b, 12, TABLE_INSECURE);
		polling_work(&b);
		spoil(&b, 12, ERR_INVALID);
		b.tracker.ids[0] = 12;
		b.tracker.n_changed = 1;
		b.t.now += POLLING_MS;
		polling_work(&b);
		ck_assert_int_eq(bug_table_state(b.tracker.table, 12),
				 rows[i] == TABLE_INSECURE ? TABLE_SECURE : TABLE_UNKNOWN);
		ck_assert_uint_eq(b.tracker.reads, rows[i] == TABLE_INSECURE);
		polling_close(&b);
	}
}
END_TEST

/* A tracker that has an inner error for one bug alone. */
START_TEST(of_one_bug_no_answer_comes_while_others_have_theirs)
{
	struct polling b;

	tell_of_two(&b, ERR_RETRY);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 13), TABLE_APPROVED);
	ck_assert(polling_is_due(&b, 12) && !polling_is_due(&b, 13) && doubted(&b) == 0);
	for (int minutes = 0; minutes < 15; minutes++) {
		b.t.now += MINUTE;
		polling_work(&b);
	}
	ck_assert(!polling_is_due(&b, 12) && doubted(&b) == 1 && polling_judged_again(&b));
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert_int_ge(bug_table_dated(b.tracker.table), b.t.now - 2 * POLLING_MS);
	polling_close(&b);
}
END_TEST

START_TEST(a_tracker_that_is_silent_puts_no_bug_in_doubt_and_is_asked_little)
{
	unsigned asked;
	struct polling b;

	polling_open(&b);
	for (int64_t bug = 20; bug < 30; bug++)
		polling_link(&b, bug);
	polling_known(&b, 20, TABLE_INSECURE);
	polling_work(&b);
	b.tracker.fails = ERR_RETRY;
	for (int64_t bug = 20; bug < 30; bug++)
		polling_told_of(&b, bug);
	asked = b.tracker.reads + b.tracker.lists;
	for (int minutes = 0; minutes < 60; minutes++) {
		b.t.now += MINUTE;
		polling_work(&b);
	}
	ck_assert_uint_le(b.tracker.reads + b.tracker.lists - asked, 60 + 2 * BUGS_IN_A_ROW);
	ck_assert(polling_is_due(&b, 20) && polling_is_due(&b, 29) && doubted(&b) == 0);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 20), TABLE_INSECURE);
	b.tracker.fails = ERR_OK;
	for (int minutes = 0; minutes < 3; minutes++) {
		b.t.now += MINUTE;
		polling_work(&b);
	}
	ck_assert(!polling_is_due(&b, 20) && !polling_is_due(&b, 29));
	polling_close(&b);
}
END_TEST

/* What is told is read and the poll goes on; but until all secure bugs were listed the table is of no date. */
START_TEST(neither_who_we_are_nor_the_list_of_secure_bugs_keeps_the_poll_waiting)
{
	static const enum err_code codes[] = {ERR_INVALID, ERR_LIMIT, ERR_RETRY};

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		struct polling b;

		polling_open(&b);
		b.tracker.self_fails = b.tracker.secure_fails = codes[i];
		told_tracker_bug(&b.tracker, 12, "sec-high");
		polling_known(&b, 12, TABLE_INSECURE);
		b.tracker.ids[0] = 12;
		b.tracker.n_changed = 1;
		for (int minutes = 0; minutes < 6; minutes++) {
			b.t.now += MINUTE;
			polling_work(&b);
		}
		ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
		ck_assert_int_eq(bug_table_dated(b.tracker.table), 0);
		b.tracker.secure_fails = ERR_OK;
		for (int minutes = 0; minutes < 12; minutes++) {
			b.t.now += MINUTE;
			polling_work(&b);
		}
		ck_assert_int_gt(bug_table_dated(b.tracker.table), b.t.now - 2 * POLLING_MS);
		polling_close(&b);
	}
}
END_TEST
static const struct suite_test tests[] = {
	SUITE_ROWS(one_bug_that_is_not_understood_keeps_no_other_waiting, not_understood),
	SUITE_ROWS(what_is_known_of_a_bug_in_doubt_becomes_stricter_and_never_weaker, known),
	SUITE_ROWS(a_poll_gets_past_a_bug_that_is_not_understood_and_tells_once_of_it, not_understood),
	SUITE_TEST(what_a_list_tells_of_a_bug_and_is_not_understood_takes_not_secure_back),
	SUITE_TEST(of_one_bug_no_answer_comes_while_others_have_theirs),
	SUITE_TEST(a_tracker_that_is_silent_puts_no_bug_in_doubt_and_is_asked_little),
	SUITE_TEST(neither_who_we_are_nor_the_list_of_secure_bugs_keeps_the_poll_waiting),
	SUITE_END,
};
SUITE_MAIN(tests)
