/*
 * What is to be done at trackers, over every backend: each thing once, its intent before the request and its outcome
 * after, and nothing of a bug once it is over.
 */
#include "agent/store/store_deeds.h"
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

static const struct deed_about flagged = {.tracker = {"bmo", 3},
					  .kind = DEED_COMMENT,
					  .bug = 4711,
					  .attachment = 31,
					  .flag = 7,
					  .name = {"approval-x", 10}};

static size_t want(struct pipe_rig *rig, const struct deed_about *at, size_t n)
{
	const struct deeds_wanted wanted = {at, n, rig->now};
	struct err err = ERR_NONE;
	size_t fresh;

	ck_assert_msg(store_want_deeds(&rig->store, &wanted, &fresh, &err), "%s", err.text);
	return fresh;
}

static bool due(struct pipe_rig *rig, const char *tracker, struct row_bug_deed *ret)
{
	const struct deed_query query = {text_of(tracker), rig->now};
	struct err err = ERR_NONE;
	struct deed_due due;

	ck_assert_msg(store_due_deed(&rig->store, &query, &rig->arena, &due, &err), "%s", err.text);
	if (due.any)
		*ret = due.deed;
	return due.any;
}

static void begin(struct pipe_rig *rig, struct row_bug_deed *deed)
{
	struct err err = ERR_NONE;

	ck_assert_msg(store_begin_deed(&rig->store, deed, rig->now, &err), "%s", err.text);
}

static void end(struct pipe_rig *rig, struct row_bug_deed *deed, enum deed_state state, int64_t in_ms)
{
	const struct deed_end how = {state, rig->now + in_ms};
	struct err err = ERR_NONE;

	ck_assert_msg(store_end_deed(&rig->store, deed, &how, &err), "%s", err.text);
}

START_TEST(what_was_wanted_once_is_never_wanted_again)
{
	static const enum deed_state states[] = {DEED_WANTED, DEED_SENT, DEED_DONE, DEED_GIVEN_UP};
	struct row_bug_deed deed;
	struct pipe_rig rig;

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		pipe_open(&rig, _i);
		ck_assert_uint_eq(want(&rig, &flagged, 1), 1);
		ck_assert(due(&rig, "bmo", &deed));
		end(&rig, &deed, states[i], 1000);
		ck_assert_uint_eq(want(&rig, &flagged, 1), 0);
		ck_assert(!due(&rig, "bmo", &deed));
		pipe_close(&rig);
	}
}
END_TEST

static struct deed_about other(struct deed_about about, int which)
{
	static const struct deed_about more = {.tracker = {"other", 5},
					       .kind = DEED_CLEAR,
					       .bug = 4712,
					       .attachment = 32,
					       .flag = 8,
					       .name = {"approval-y", 10},
					       .repo = 1,
					       .change = 2};

	about.tracker = which == 0 ? more.tracker : about.tracker;
	about.kind = which == 1 ? more.kind : about.kind;
	about.bug = which == 2 ? more.bug : about.bug;
	about.attachment = which == 3 ? more.attachment : about.attachment;
	about.flag = which == 4 ? more.flag : about.flag;
	about.name = which == 5 ? more.name : about.name;
	about.repo = which == 6 ? more.repo : about.repo;
	about.change = which == 7 ? more.change : about.change;
	return about;
}

START_TEST(whatever_differs_in_anything_is_another)
{
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	ck_assert_uint_eq(want(&rig, &flagged, 1), 1);
	for (int i = 0; i < 8; i++) {
		struct deed_about about = other(flagged, i);

		ck_assert_uint_eq(want(&rig, &about, 1), 1);
		ck_assert_uint_eq(want(&rig, &about, 1), 0);
	}
	pipe_close(&rig);
}
END_TEST

/* The process ended between the request and its answer: the next one sees that it may have been done. */
START_TEST(what_was_begun_is_known_to_have_been)
{
	struct row_bug_deed deed;
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	want(&rig, &flagged, 1);
	ck_assert(due(&rig, "bmo", &deed) && deed.state == DEED_WANTED && deed.bug == 4711);
	rig.now += 5;
	begin(&rig, &deed);
	ck_assert(due(&rig, "bmo", &deed));
	ck_assert(deed.state == DEED_SENT && deed.sent_at == rig.now && deed.kind == DEED_COMMENT && deed.bug == 4711);
	ck_assert(deed.attachment == 31 && deed.flag == 7 && text_is(deed.name, "approval-x"));
	pipe_close(&rig);
}
END_TEST

START_TEST(what_is_not_over_is_due_again_in_time_and_counts_its_attempts)
{
	struct row_bug_deed deed;
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	want(&rig, &flagged, 1);
	ck_assert(!due(&rig, "other", &deed) && due(&rig, "bmo", &deed));
	end(&rig, &deed, DEED_WANTED, 1000);
	rig.now += 999;
	ck_assert(!due(&rig, "bmo", &deed));
	rig.now++;
	ck_assert(due(&rig, "bmo", &deed) && deed.attempts == 1 && deed.state == DEED_WANTED);
	begin(&rig, &deed);
	end(&rig, &deed, DEED_SENT, 0);
	ck_assert(due(&rig, "bmo", &deed) && deed.attempts == 2 && deed.state == DEED_SENT);
	pipe_close(&rig);
}
END_TEST

START_TEST(of_what_is_over_nothing_stays_but_its_mark)
{
	static const enum deed_state states[] = {DEED_DONE, DEED_GIVEN_UP};
	struct row_bug_deed deed, row;
	struct pipe_rig rig;
	struct err err = ERR_NONE;

	for (size_t i = 0; i < 2; i++) {
		pipe_open(&rig, _i);
		want(&rig, &flagged, 1);
		ck_assert(due(&rig, "bmo", &deed));
		begin(&rig, &deed);
		end(&rig, &deed, states[i], 0);
		row = (struct row_bug_deed){.tracker = deed.tracker, .mark = deed.mark};
		ck_assert(rig.rows.ops->begin(rig.rows.self, false, &err));
		ck_assert(rig.rows.ops->get(rig.rows.self, &table_bug_deed, &row, &rig.arena, &err));
		ck_assert(rig.rows.ops->commit(rig.rows.self, &err));
		ck_assert(row.state == (int64_t)states[i] && row.due == 0 && row.kind == 0 && row.bug == 0);
		ck_assert(row.attachment == 0 && row.flag == 0 && row.name.len == 0 && row.sent_at == 0);
		pipe_close(&rig);
	}
}
END_TEST

/* What is still to be done, or may have been, is not forgotten: it would be done twice. */
static const struct {
	enum deed_state state;
	size_t again;
} forgotten[] = {{DEED_WANTED, 0}, {DEED_SENT, 0}, {DEED_DONE, 1}, {DEED_GIVEN_UP, 1}};

START_TEST(what_is_over_is_wanted_anew_once_it_is_forgotten)
{
	struct row_bug_deed deed;
	struct pipe_rig rig;
	struct err err = ERR_NONE;

	for (size_t i = 0; i < sizeof forgotten / sizeof forgotten[0]; i++) {
		struct deed_about both[] = {other(flagged, 2), flagged};

		pipe_open(&rig, _i);
		want(&rig, &flagged, 1);
		ck_assert(due(&rig, "bmo", &deed));
		end(&rig, &deed, forgotten[i].state, 1000);
		ck_assert_msg(store_forget_deeds(&rig.store, &both[0], 1, &err), "%s", err.text);
		ck_assert_uint_eq(want(&rig, &flagged, 1), 0);
		ck_assert_msg(store_forget_deeds(&rig.store, both, 2, &err), "%s", err.text);
		ck_assert_uint_eq(want(&rig, &flagged, 1), forgotten[i].again);
		pipe_close(&rig);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_was_wanted_once_is_never_wanted_again, backends),
	SUITE_ROWS(whatever_differs_in_anything_is_another, backends),
	SUITE_ROWS(what_was_begun_is_known_to_have_been, backends),
	SUITE_ROWS(what_is_not_over_is_due_again_in_time_and_counts_its_attempts, backends),
	SUITE_ROWS(of_what_is_over_nothing_stays_but_its_mark, backends),
	SUITE_ROWS(what_is_over_is_wanted_anew_once_it_is_forgotten, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
