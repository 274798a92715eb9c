/*
 * What the worker of a tracker warns the operator of: an account that lacks something, and webhooks that do not come.
 */
#include <string.h>
#include <unistd.h>

#include "tests/support/polling.h"
#include "tests/support/suite.h"

#define MINUTE INT64_C(60000)

/* Since the last time. */
static const char *all_said(struct polling *b)
{
	static char text[4096];
	ssize_t n = read(b->said[0], text, sizeof text - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* Whether it was said since the last time, and no bug was named. */
static bool said(struct polling *b, const char *words)
{
	const char *text = all_said(b);

	ck_assert_ptr_null(strstr(text, "12"));
	return strstr(text, words) != NULL;
}

#define NO_GROUP "our account is not in each group that makes a bug secure"
#define NO_HOOK  "no webhook of our account is enabled"

/* How often it stands in `text`. */
static unsigned times(const char *text, const char *words)
{
	unsigned n = 0;

	for (const char *at = text; (at = strstr(at, words)) != NULL; at++)
		n++;
	return n;
}

static const struct {
	enum tri in_groups, pushes;
	enum err_code fails;
	unsigned group, hook; /* how often each is said */
} greetings[] = {
	{TRI_YES, TRI_YES, ERR_OK, 0, 0},         {TRI_NO, TRI_YES, ERR_OK, 1, 0},  {TRI_YES, TRI_NO, ERR_OK, 0, 1},
	{TRI_NO, TRI_NO, ERR_OK, 1, 1},           {TRI_NO, TRI_NO, ERR_GONE, 0, 0}, /* it has no such call */
	{TRI_UNKNOWN, TRI_UNKNOWN, ERR_OK, 0, 0},
};

/* Once, whatever comes later that day; and nothing at all where all is well or not told. */
START_TEST(at_its_start_it_says_what_our_account_lacks_and_nothing_where_all_is_well)
{
	unsigned group = greetings[_i].group, hook = greetings[_i].hook;
	char text[4096] = "";
	struct polling b;

	polling_open(&b);
	b.tracker.in_groups = greetings[_i].in_groups;
	b.tracker.pushes = greetings[_i].pushes;
	b.tracker.self_fails = greetings[_i].fails;
	for (int polls = 0; polls < 3; polls++) {
		polling_work(&b);
		b.t.now += POLLING_MS;
	}
	(void)!read(b.said[0], text, sizeof text - 1);
	ck_assert_uint_eq(times(text, NO_GROUP), group);
	ck_assert_uint_eq(times(text, NO_HOOK), hook);
	ck_assert_uint_eq(times(text, "tracker=bmo"), group + hook);
	ck_assert_uint_eq(times(text, "\n"), group + hook); /* nothing else is warned of */
	ck_assert_uint_eq(times(text, "level=warn"), group + hook);
	polling_close(&b);
}
END_TEST

/* Who we are is asked for until it is told. */
START_TEST(what_our_account_lacks_is_said_when_the_tracker_is_heard_again)
{
	struct polling b;

	polling_open(&b);
	b.tracker.in_groups = TRI_NO;
	b.tracker.fails = ERR_RETRY;
	polling_work(&b);
	ck_assert(!said(&b, NO_GROUP));
	b.tracker.fails = ERR_OK;
	b.t.now += 2 * MINUTE;
	polling_work(&b);
	ck_assert(said(&b, NO_GROUP));
	polling_close(&b);
}
END_TEST

static void approve_unheard(struct polling *b, char status, int64_t ago)
{
	told_tracker_approval(&b->tracker.bugs[0], status, false);
	b->t.now += POLLING_MS;
	b->tracker.bugs[0].changed_at = b->t.now - ago;
	polling_work(b);
}

START_TEST(an_approval_that_no_webhook_told_is_warned_of_once_a_day)
{
	static const char words[] = "and no webhook told";
	struct polling b;

	polling_open(&b);
	b.t.now = INT64_C(1790000000000);
	b.worker.hooked = true;
	told_tracker_bug(&b.tracker, 12, "sec-high")->changed_at = b.t.now;
	b.tracker.ids[0] = 12;
	b.tracker.n_changed = b.tracker.n_secure = 1;
	polling_work(&b);
	approve_unheard(&b, '+', BUGS_UNTOLD_MS - 1); /* its webhook may be on its way */
	ck_assert(!said(&b, words));
	approve_unheard(&b, 0, 3 * POLLING_MS); /* before the first poll nobody listened */
	ck_assert(!said(&b, words));
	approve_unheard(&b, '+', BUGS_UNTOLD_MS);
	ck_assert(said(&b, words));
	approve_unheard(&b, 0, BUGS_UNTOLD_MS);
	ck_assert(!said(&b, words));
	b.t.now += BUGS_RESYNC_MS;
	approve_unheard(&b, '+', BUGS_UNTOLD_MS);
	ck_assert(said(&b, words));
	b.t.now += BUGS_RESYNC_MS;
	b.worker.hooked = false;
	approve_unheard(&b, 0, BUGS_UNTOLD_MS);
	ck_assert(!said(&b, words));
	polling_close(&b);
}
END_TEST

/* ---- polls that do not come to their end ---- */

#define LATE  "no poll has come to its end"
#define AGAIN "polls come to their end again"

static bool says(struct polling *b, const char *words)
{
	return strstr(all_said(b), words) != NULL;
}

static bool healthy(const struct polling *b)
{
	const struct text name = TEXT_LIT("bmo");

	return metrics_value(b->metrics, METRIC_TRACKER_HEALTHY, &name) == 1;
}

static const struct {
	bool polled; /* once, before it fails */
	enum err_code fails, secure_fails;
} silences[] = {{false, ERR_RETRY, ERR_OK},
		{true, ERR_RETRY, ERR_OK},
		{true, ERR_LIMIT, ERR_OK},
		{true, ERR_INVALID, ERR_OK},
		{false, ERR_OK, ERR_LIMIT}};

START_TEST(a_tracker_whose_polls_do_not_end_is_not_healthy_and_that_is_said_once)
{
	int64_t began;
	struct polling b;

	polling_open(&b);
	if (silences[_i].polled)
		polling_work(&b);
	b.tracker.fails = silences[_i].fails;
	b.tracker.secure_fails = silences[_i].secure_fails;
	for (began = b.t.now; b.t.now - began <= BUGS_LATE_POLLS * POLLING_MS; b.t.now += MINUTE) {
		polling_work(&b);
		ck_assert(healthy(&b) && !says(&b, LATE));
	}
	polling_work(&b);
	ck_assert(!healthy(&b) && says(&b, LATE));
	for (int i = 0; i < 100; i++, b.t.now += MINUTE) {
		polling_work(&b);
		ck_assert(!healthy(&b) && !says(&b, LATE));
	}
	b.tracker.fails = b.tracker.secure_fails = ERR_OK;
	for (int i = 0; i < 15; i++, b.t.now += MINUTE) /* each task has its turn again, and then the next poll */
		polling_work(&b);
	ck_assert(healthy(&b) && says(&b, AGAIN));
	for (int i = 0; i < 100; i++, b.t.now += MINUTE) {
		polling_work(&b);
		ck_assert(healthy(&b) && !says(&b, "poll"));
	}
	polling_close(&b);
}
END_TEST

START_TEST(where_nothing_is_read_no_poll_is_late)
{
	struct polling b;

	polling_open(&b);
	b.tracker.source.port = (struct tracker){.self = NULL};
	for (int i = 0; i < 100; i++, b.t.now += 60 * MINUTE) {
		polling_work(&b);
		ck_assert(healthy(&b) && !says(&b, "poll"));
	}
	polling_close(&b);
}
END_TEST

START_TEST(however_often_it_polls_it_is_late_after_ten_minutes_at_least)
{
	ck_assert_int_eq(bugs_late_ms(5000), 10 * MINUTE);
	ck_assert_int_eq(bugs_late_ms(5 * MINUTE), 15 * MINUTE);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(at_its_start_it_says_what_our_account_lacks_and_nothing_where_all_is_well, greetings),
	SUITE_TEST(what_our_account_lacks_is_said_when_the_tracker_is_heard_again),
	SUITE_TEST(an_approval_that_no_webhook_told_is_warned_of_once_a_day),
	SUITE_ROWS(a_tracker_whose_polls_do_not_end_is_not_healthy_and_that_is_said_once, silences),
	SUITE_TEST(where_nothing_is_read_no_poll_is_late),
	SUITE_TEST(however_often_it_polls_it_is_late_after_ten_minutes_at_least),
	SUITE_END,
};
SUITE_MAIN(tests)
