/*
 * What is said and undone on bugs: found when a bug is read, done once whatever happens in between, and left alone
 * where it is not so any more. Step by step in virtual time.
 */
#include "agent/work/deeds.h"

#include <string.h>

#include "tests/support/polling.h"
#include "tests/support/suite.h"

#define MINUTE INT64_C(60000)

static const struct text guarded[] = {{"approval-*", 10}};
static const struct tracker_mark uplift = {31, 7, {"approval-x", 10}}, tracking = {0, 0, {"approval-field", 14}};

static void start(struct polling *b)
{
	polling_start(b);
	b->worker.poll_ms = BUGS_LAG_MS;
}

/* Bug 12: secure, not approved, with a flag that is guarded. */
static void open_guarded(struct polling *b)
{
	polling_open(b);
	b->tracker.source.guard = (struct bug_guard){.flags = {guarded, 1}, .comments = true};
	(void)told_tracker_bug(&b->tracker, 12, "sec-high");
	b->tracker.marks[0] = uplift;
	b->tracker.n_marks = 1;
	b->tracker.write_fails = ERR_RETRY;
	start(b);
}

static void work(struct polling *b)
{
	polling_work_at(b, 1); /* readings of one instant have no order */
}

static void work_for(struct polling *b, int64_t ms)
{
	for (int64_t until = b->t.now + ms; b->t.now < until; b->t.now += 5000)
		work(b);
}

/* Half of the minute that there is. */
static void soon(struct polling *b)
{
	work_for(b, MINUTE / 2);
}

/* From now on it is among what changed, as far as the list goes back. */
static void changed(struct polling *b, int64_t bug)
{
	for (size_t i = 0; i < b->tracker.n_changed; i++)
		if (b->tracker.ids[i] == bug)
			return;
	b->tracker.ids[b->tracker.n_changed++] = bug;
}

static void told_of(struct polling *b, int64_t bug)
{
	changed(b, bug);
	polling_told_of(b, bug);
}

static int64_t counted(const struct polling *b, const char *what)
{
	const struct text labels[] = {TEXT_LIT("bmo"), text_of(what)};

	return metrics_value(b->metrics, METRIC_TRACKER_DEEDS, labels);
}

static void not_secure(struct polling *b)
{
	b->tracker.bugs[0].is.n_keywords = 0;
}

static const struct {
	bool comments, clears;
} ways[] = {{true, false}, {false, true}, {true, true}};

START_TEST(a_guarded_flag_on_a_secure_bug_that_no_change_names_is_told_within_a_minute_and_once)
{
	struct polling b;

	open_guarded(&b);
	b.tracker.source.guard.comments = ways[_i].comments;
	b.tracker.source.guard.clears = ways[_i].clears;
	work(&b);
	told_of(&b, 12);
	soon(&b);
	ck_assert_uint_eq(b.tracker.comments, ways[_i].comments);
	ck_assert_uint_eq(b.tracker.clears, ways[_i].clears);
	b.tracker.n_marks = 1; /* whatever shows it again */
	for (int i = 0; i < 5; i++) {
		start(&b);
		b.t.now += MINUTE;
		told_of(&b, 12);
		work_for(&b, 20 * MINUTE);
	}
	ck_assert_uint_eq(b.tracker.comments, ways[_i].comments);
	ck_assert_uint_eq(b.tracker.clears, ways[_i].clears);
	ck_assert_uint_eq(b.tracker.looks, 0);
	polling_close(&b);
}
END_TEST

START_TEST(a_guarded_flag_that_no_webhook_told_is_found_by_polling)
{
	struct polling b;

	open_guarded(&b);
	work(&b);
	changed(&b, 12);
	b.t.now += BUGS_LAG_MS;
	work(&b);
	ck_assert_uint_eq(b.tracker.comments, 1);
	polling_close(&b);
}
END_TEST

/* The list that it is looked up in is a copy's, of before it was secure. */
START_TEST(a_bug_that_a_copy_shows_late_is_found_all_the_same)
{
	struct polling b;

	open_guarded(&b);
	not_secure(&b);
	work(&b);
	told_of(&b, 12);
	soon(&b);
	b.tracker.bugs[0].is.n_keywords = 1;
	work_for(&b, BUGS_LAG_MS + MINUTE);
	ck_assert_uint_eq(b.tracker.comments, 1);
	polling_close(&b);
}
END_TEST

START_TEST(its_words_are_about_that_flag_alone)
{
	struct polling b;

	open_guarded(&b);
	told_of(&b, 12);
	soon(&b);
	ck_assert_str_eq(b.tracker.said,
			 "12 approval-x is + on attachment 31, but no attachment that is not obsolete has "
			 "sec-approval+. Please ask for that first.");
	polling_close(&b);
}
END_TEST

START_TEST(another_flag_of_the_same_name_is_another)
{
	struct polling b;

	open_guarded(&b);
	told_of(&b, 12);
	soon(&b);
	b.tracker.marks[0].flag = 8; /* cleared, and set anew */
	b.t.now += MINUTE;
	told_of(&b, 12);
	soon(&b);
	ck_assert_uint_eq(b.tracker.comments, 2);
	polling_close(&b);
}
END_TEST

/* It has no number: what tells the next time from this one is that it was not + in between. */
START_TEST(a_field_that_was_cleared_and_is_set_anew_is_another)
{
	struct polling b;

	open_guarded(&b);
	b.tracker.source.guard.comments = ways[_i].comments;
	b.tracker.source.guard.clears = ways[_i].clears;
	b.tracker.marks[0] = tracking;
	for (unsigned i = 1; i <= 3; i++) {
		b.tracker.n_marks = 1;
		b.tracker.unset = TEXT_EMPTY;
		told_of(&b, 12);
		work_for(&b, 20 * MINUTE);
		told_of(&b, 12); /* whatever shows it again */
		work_for(&b, 20 * MINUTE);
		ck_assert_uint_eq(b.tracker.comments, i * ways[_i].comments);
		ck_assert_uint_eq(b.tracker.clears, i * ways[_i].clears);
		b.tracker.n_marks = 0;
		b.tracker.unset = tracking.name;
		told_of(&b, 12);
		work_for(&b, MINUTE);
	}
	polling_close(&b);
}
END_TEST

/* ---- what is left alone ---- */

static void approved(struct polling *b)
{
	told_tracker_approval(&b->tracker.bugs[0], '+', false);
}

static void no_flag(struct polling *b)
{
	b->tracker.n_marks = 0;
}

static void hidden(struct polling *b)
{
	b->tracker.bugs[0].is.state = BUG_HIDDEN;
}

static void half_read(struct polling *b)
{
	b->tracker.bugs[0].attachments_told = false;
}

static void not_configured(struct polling *b)
{
	b->tracker.source.guard.comments = false;
}

typedef void (*changes)(struct polling *b);
static const changes harmless[] = {approved, not_secure, no_flag, hidden, half_read, not_configured};

START_TEST(what_is_approved_not_secure_not_set_or_not_certain_is_left_alone)
{
	struct polling b;

	open_guarded(&b);
	harmless[_i](&b);
	told_of(&b, 12);
	work_for(&b, 20 * MINUTE);
	ck_assert_uint_eq(b.tracker.comments + b.tracker.clears, 0);
	polling_close(&b);
}
END_TEST

/* It was found, and what was to be done could not be done yet. */
START_TEST(what_is_not_so_any_more_by_then_is_left_alone)
{
	struct polling b;

	open_guarded(&b);
	b.tracker.fate = TRACKER_UNSENT;
	told_of(&b, 12);
	soon(&b);
	ck_assert_uint_eq(b.tracker.comments, 1);
	b.tracker.fate = TRACKER_DONE;
	harmless[_i](&b);
	work_for(&b, 20 * MINUTE);
	ck_assert_uint_eq(b.tracker.comments, 1);
	ck_assert_int_eq(counted(&b, "moot"), 1);
	polling_close(&b);
}
END_TEST

/* ---- between a request and its outcome ---- */

/* Nothing that this process would write any more is written. */
static bool drop_write(void *self, store_job *fn, void *arg, struct err *err)
{
	(void)self, (void)fn, (void)arg;
	return err_set(err, ERR_BROKEN, "dead");
}

static void die(void *context)
{
	struct polling *b = context;

	b->t.store.exec.write = drop_write;
}

static const bool arrived[] = {true, false};

START_TEST(a_process_that_dies_before_the_answer_never_lets_it_be_said_twice)
{
	struct polling b;
	struct store_exec exec;

	open_guarded(&b);
	exec = b.t.store.exec;
	work(&b);
	b.tracker.context = &b;
	b.tracker.on_write = die;
	b.tracker.fate = arrived[_i] ? TRACKER_DONE : TRACKER_DOUBT;
	told_of(&b, 12);
	soon(&b);
	ck_assert_uint_eq(b.tracker.comments, 1);
	b.t.store.exec = exec;
	b.tracker.on_write = NULL;
	b.tracker.fate = TRACKER_DONE;
	start(&b);
	work_for(&b, BUGS_LAG_MS - 10000);
	ck_assert_uint_eq(b.tracker.comments + b.tracker.looks, 1); /* a copy may not show it yet */
	work_for(&b, 20 * MINUTE);
	ck_assert_uint_eq(b.tracker.looks, 1);
	ck_assert_uint_eq(b.tracker.comments, arrived[_i] ? 1 : 2);
	ck_assert_int_eq(counted(&b, "done"), 1);
	polling_close(&b);
}
END_TEST

START_TEST(a_flag_whose_clearing_has_no_answer_is_looked_at_before_it_is_cleared_again)
{
	struct polling b;

	open_guarded(&b);
	b.tracker.source.guard.comments = false;
	b.tracker.source.guard.clears = true;
	b.tracker.fate = TRACKER_DOUBT;
	b.tracker.says_done = arrived[_i];
	told_of(&b, 12);
	soon(&b);
	b.tracker.fate = TRACKER_DONE;
	work_for(&b, 20 * MINUTE);
	ck_assert_uint_eq(b.tracker.clears, arrived[_i] ? 1 : 2);
	ck_assert_int_eq(counted(&b, "done"), 1);
	polling_close(&b);
}
END_TEST

/* ---- a tracker that says no ---- */

START_TEST(what_the_tracker_refuses_is_told_once_and_not_tried_again)
{
	struct polling b;

	open_guarded(&b);
	b.tracker.fate = TRACKER_REFUSED;
	b.tracker.write_fails = ERR_INVALID;
	told_of(&b, 12);
	work_for(&b, 60 * MINUTE);
	ck_assert_uint_eq(b.tracker.comments, 1);
	ck_assert_int_eq(counted(&b, "refused"), 1);
	polling_close(&b);
}
END_TEST

START_TEST(what_cannot_be_sent_is_tried_again_and_given_up_at_last)
{
	struct polling b;

	open_guarded(&b);
	b.tracker.fate = TRACKER_UNSENT;
	told_of(&b, 12);
	work_for(&b, 600 * MINUTE);
	ck_assert_uint_eq(b.tracker.comments, DEED_ATTEMPTS_MAX);
	ck_assert_uint_eq(b.tracker.looks, 0);
	ck_assert_int_eq(counted(&b, "given_up"), 1);
	polling_close(&b);
}
END_TEST

START_TEST(a_refused_key_stops_writing_and_another_one_goes_on)
{
	struct polling b;

	open_guarded(&b);
	b.tracker.fate = TRACKER_UNSENT;
	b.tracker.write_fails = ERR_DENIED;
	told_of(&b, 12);
	work_for(&b, 60 * MINUTE);
	ck_assert_uint_eq(b.tracker.comments, 1);
	b.tracker.fate = TRACKER_DONE;
	start(&b);
	work_for(&b, 10 * MINUTE);
	ck_assert_uint_eq(b.tracker.comments, 2);
	polling_close(&b);
}
END_TEST

START_TEST(what_waits_for_the_tracker_holds_up_nothing_else)
{
	struct polling b;

	open_guarded(&b);
	b.tracker.fate = TRACKER_UNSENT;
	told_of(&b, 12);
	soon(&b);
	(void)told_tracker_bug(&b.tracker, 13, "sec-high");
	b.t.now += 1000;
	told_of(&b, 13);
	soon(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 13), TABLE_SECURE);
	polling_close(&b);
}
END_TEST

/* ---- changes that a rule would block which only warns ---- */

static void warned(struct polling *b, int64_t change)
{
	const struct warned_change in = {TOLD_REPO, change, 12};
	struct err err = ERR_NONE;

	ck_assert_msg(deeds_warned(&b->worker.worker, &b->tracker.source, &in, &err), "%s", err.text);
}

START_TEST(a_warning_is_said_on_the_bug_once_for_each_change)
{
	struct polling b;

	open_guarded(&b);
	b.tracker.source.guard = (struct bug_guard){.warnings = true};
	b.tracker.n_marks = 0;
	for (int i = 0; i < 3; i++) {
		warned(&b, 1);
		work_for(&b, MINUTE);
	}
	ck_assert_uint_eq(b.tracker.comments, 1);
	ck_assert_str_eq(
		b.tracker.said,
		"12 A change that names this bug would be blocked by a rule that only warns for now. Whoever runs "
		"headgate finds it with `headgate warnings`.");
	warned(&b, 2);
	work_for(&b, MINUTE);
	ck_assert_uint_eq(b.tracker.comments, 2);
	polling_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_guarded_flag_on_a_secure_bug_that_no_change_names_is_told_within_a_minute_and_once, ways),
	SUITE_TEST(a_guarded_flag_that_no_webhook_told_is_found_by_polling),
	SUITE_TEST(a_bug_that_a_copy_shows_late_is_found_all_the_same),
	SUITE_TEST(its_words_are_about_that_flag_alone),
	SUITE_TEST(another_flag_of_the_same_name_is_another),
	SUITE_ROWS(a_field_that_was_cleared_and_is_set_anew_is_another, ways),
	SUITE_ROWS(what_is_approved_not_secure_not_set_or_not_certain_is_left_alone, harmless),
	SUITE_ROWS(what_is_not_so_any_more_by_then_is_left_alone, harmless),
	SUITE_ROWS(a_process_that_dies_before_the_answer_never_lets_it_be_said_twice, arrived),
	SUITE_ROWS(a_flag_whose_clearing_has_no_answer_is_looked_at_before_it_is_cleared_again, arrived),
	SUITE_TEST(what_the_tracker_refuses_is_told_once_and_not_tried_again),
	SUITE_TEST(what_cannot_be_sent_is_tried_again_and_given_up_at_last),
	SUITE_TEST(a_refused_key_stops_writing_and_another_one_goes_on),
	SUITE_TEST(what_waits_for_the_tracker_holds_up_nothing_else),
	SUITE_TEST(a_warning_is_said_on_the_bug_once_for_each_change),
	SUITE_END,
};
SUITE_MAIN(tests)
