/* Deliveries that failed, in the store: which are asked for again, how often, and how far the list was read. */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

#define MINUTE  INT64_C(60000)
#define EVERY   (2 * MINUTE)
#define OVERLAP (5 * MINUTE)
#define DAY     (24 * 60 * MINUTE)

static const int backends[PIPE_BACKENDS] = {0, 1};

static struct attempt failed(const char *guid, int64_t id, int64_t at)
{
	return (struct attempt){.guid = text_of(guid), .event = TEXT_LIT("push"), .id = id, .attempted_at = at};
}

static struct attempt answered(const char *guid, int64_t id, int64_t at, bool again)
{
	struct attempt one = failed(guid, id, at);

	one.answered = true;
	one.again = again;
	return one;
}

/* How many are wanted now that were not before. */
static size_t see_with(struct pipe_rig *rig, const struct attempt *at, size_t n, struct hook_seen seen)
{
	struct err err = ERR_NONE;
	size_t wanted = 99;

	seen.at = at;
	seen.n = n;
	seen.now = rig->now;
	seen.next_at = rig->now + EVERY;
	ck_assert_msg(store_hook_seen(&rig->store, &seen, &wanted, &err), "%s", err.text);
	return wanted;
}

static size_t see(struct pipe_rig *rig, const struct attempt *at, size_t n)
{
	return see_with(rig, at, n, (struct hook_seen){.n = 0});
}

static bool take_turn(struct pipe_rig *rig, struct hook_turn *ret, int64_t *next_at)
{
	struct taker taker = {"sweep-1", rig->now, &rig->arena, NULL};
	struct err err = ERR_NONE;

	if (store_take_hook(&rig->store, &taker, rig->now + EVERY, ret, &err))
		return true;
	*next_at = ret->next_at;
	ck_assert_msg(err.code == ERR_GONE, "%s", err.text);
	return false;
}

struct taken {
	struct redelivery redelivery;
	bool has;
};

static struct taken take(struct pipe_rig *rig)
{
	struct taker taker = {"sweep-1", rig->now, &rig->arena, NULL};
	struct taken t = {.has = false};
	struct err err = ERR_NONE;

	t.has = store_take_redelivery(&rig->store, &taker, &t.redelivery, &err);
	ck_assert_msg(t.has || err.code == ERR_GONE, "%s", err.text);
	return t;
}

static void unasked(struct pipe_rig *rig, const struct taken *t, enum unasked why, int64_t until)
{
	struct err err = ERR_NONE;

	ck_assert_msg(store_unasked(&rig->store, &t->redelivery, why, until, &err), "%s", err.text);
}

static void arrive(struct pipe_rig *rig, const char *guid)
{
	struct append append = {.guid = text_of(guid), .event = TEXT_LIT("push"), .state = JOURNAL_IGNORED};
	struct err err = ERR_NONE;

	ck_assert_msg(store_append(&rig->store, &append, &err), "%s", err.text);
}

static bool is(const struct taken *t, const char *guid, int64_t attempt)
{
	return t->has && text_is(t->redelivery.guid, guid) && t->redelivery.attempt == attempt;
}

/* ---- one delivery ---- */

START_TEST(a_delivery_that_failed_is_asked_for_ever_more_rarely_and_then_given_up)
{
	static const int64_t minutes[] = {1, 4, 16, 64, 256, 720, 720, 720, 720, 720};
	struct pipe_rig rig;
	struct attempt one;
	struct taken t;

	pipe_open(&rig, _i);
	one = failed("a", 7, rig.now - MINUTE);
	ck_assert_uint_eq(see(&rig, &one, 1), 1);
	ck_assert_uint_eq(see(&rig, &one, 1), 0);
	for (int64_t i = 0; i < REDELIVERY_ASKS_MAX; i++) {
		t = take(&rig);
		ck_assert_msg(is(&t, "a", 7) && !t.redelivery.given_up, "ask %lld", (long long)i + 1);
		ck_assert_int_eq(t.redelivery.asked, i + 1);
		t = take(&rig);
		ck_assert(!t.has);
		ck_assert_int_eq(t.redelivery.next_at, rig.now + minutes[i] * MINUTE);
		rig.now += minutes[i] * MINUTE - 1;
		ck_assert(!take(&rig).has);
		rig.now++;
	}
	t = take(&rig);
	ck_assert(is(&t, "a", 7) && t.redelivery.given_up);
	rig.now += 3 * DAY;
	t = take(&rig);
	ck_assert(!t.has);
	ck_assert_int_eq(t.redelivery.next_at, WHEN_UNKNOWN);
	one = failed("a", 8, rig.now); /* seen to fail again */
	ck_assert_uint_eq(see(&rig, &one, 1), 0);
	ck_assert(!take(&rig).has);
	pipe_close(&rig);
}
END_TEST

START_TEST(the_journal_says_what_came)
{
	struct attempt two[2];
	struct pipe_rig rig;
	struct taken t;

	pipe_open(&rig, _i);
	two[0] = failed("late", 2, rig.now);
	two[1] = failed("lost-answer", 1, rig.now); /* taken, but the forge never heard so */
	arrive(&rig, "lost-answer");
	ck_assert_uint_eq(see(&rig, two, 2), 1);
	arrive(&rig, "late"); /* before it was asked for */
	t = take(&rig);
	ck_assert(!t.has);
	ck_assert_uint_eq(t.redelivery.arrived, 1);
	ck_assert_uint_eq(take(&rig).redelivery.arrived, 0);
	ck_assert_uint_eq(see(&rig, two, 2), 0);
	ck_assert(!take(&rig).has);
	pipe_close(&rig);
}
END_TEST

/* Pieces of one list, newest first; 'A': failed, 'a': the first attempt was answered, 'r': another was. */
static const struct {
	const char *pieces[3];
	bool wanted;
} lists[] = {
	{{"A", NULL, NULL}, true},   {{"a", NULL, NULL}, false}, {{"rA", NULL, NULL}, false}, {{"r", "A", NULL}, false},
	{{"Aa", NULL, NULL}, false}, {{"A", "a", NULL}, false},  {{"AA", "r", "A"}, false},   {{"AA", "A", NULL}, true},
};

START_TEST(one_attempt_that_was_answered_settles_the_delivery)
{
	struct pipe_rig rig;
	int64_t id = 100;

	pipe_open(&rig, _i % PIPE_BACKENDS);
	for (size_t i = 0; i < 3 && lists[_i / PIPE_BACKENDS].pieces[i]; i++) {
		const char *piece = lists[_i / PIPE_BACKENDS].pieces[i];
		struct attempt at[4];
		size_t n = 0;

		for (; piece[n]; n++, id--)
			at[n] = piece[n] == 'A' ? failed("g", id, rig.now - 101 + id)
						: answered("g", id, rig.now - 101 + id, piece[n] == 'r');
		(void)see(&rig, at, n);
	}
	ck_assert_int_eq(take(&rig).has, lists[_i / PIPE_BACKENDS].wanted);
	pipe_close(&rig);
}
END_TEST

START_TEST(it_is_asked_for_by_its_newest_attempt)
{
	struct attempt one;
	struct pipe_rig rig;
	struct taken t;

	pipe_open(&rig, _i);
	one = failed("g", 5, rig.now - 10);
	(void)see(&rig, &one, 1);
	one = failed("g", 9, rig.now - 5);
	(void)see(&rig, &one, 1);
	one = failed("g", 5, rig.now - 10); /* seen once more, by the overlap */
	(void)see(&rig, &one, 1);
	t = take(&rig);
	ck_assert(is(&t, "g", 9));
	ck_assert_int_eq(t.redelivery.asked, 1);
	ck_assert(text_is(t.redelivery.event, "push"));
	pipe_close(&rig);
}
END_TEST

START_TEST(the_oldest_goes_first_and_no_two_ask_for_the_same)
{
	struct attempt three[3];
	struct pipe_rig rig;
	struct taken t;

	pipe_open(&rig, _i);
	three[0] = failed("new", 3, rig.now + DAY); /* the forge's clock is ahead */
	three[1] = failed("mid", 2, rig.now - 5);
	three[2] = failed("old", 1, rig.now - 9);
	(void)see(&rig, three, 3);
	t = take(&rig);
	ck_assert(is(&t, "old", 1));
	t = take(&rig);
	ck_assert(is(&t, "mid", 2));
	t = take(&rig);
	ck_assert(is(&t, "new", 3));
	ck_assert(!take(&rig).has);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_the_forge_did_not_take)
{
	struct attempt two[2];
	struct pipe_rig rig;
	struct taken t;

	pipe_open(&rig, _i);
	two[0] = failed("b", 2, rig.now - 1);
	two[1] = failed("a", 1, rig.now - 2);
	(void)see(&rig, two, 2);
	t = take(&rig);
	unasked(&rig, &t, UNASKED_NOW, rig.now + 1000); /* over the rate: it counts as not asked, and all wait */
	t = take(&rig);
	ck_assert(!t.has);
	ck_assert_int_eq(t.redelivery.next_at, rig.now + 1000);
	rig.now += 1000;
	t = take(&rig);
	ck_assert(is(&t, "b", 2));
	unasked(&rig, &t, UNASKED_FAILED, rig.now + MINUTE); /* refused: it counts, and all wait */
	ck_assert(!take(&rig).has);
	rig.now += MINUTE;
	t = take(&rig);
	ck_assert(is(&t, "a", 1));
	ck_assert_int_eq(t.redelivery.asked, 1);
	unasked(&rig, &t, UNASKED_FOR_EVER, rig.now); /* the forge has forgotten it */
	t = take(&rig);
	ck_assert(is(&t, "b", 2));
	ck_assert_int_eq(t.redelivery.asked, 2);
	rig.now += 3 * DAY;
	t = take(&rig);
	ck_assert(is(&t, "b", 2));
	ck_assert(!take(&rig).has);
	pipe_close(&rig);
}
END_TEST

START_TEST(of_repositories_that_are_not_governed_nothing_is_asked)
{
	struct row_repo repos[] = {{.id = 1, .name = TEXT_LIT("o/r")},
				   {.id = 2, .name = TEXT_LIT("o/left"), .sweep_attempts = REPO_LEFT_OUT}};
	struct attempt at[4];
	struct pipe_rig rig;
	struct err err = ERR_NONE;

	pipe_open(&rig, _i);
	ck_assert(rig.rows.ops->begin(rig.rows.self, true, &err));
	for (size_t i = 0; i < 2; i++)
		ck_assert(rig.rows.ops->put(rig.rows.self, &table_repo, &repos[i], &err));
	ck_assert(rig.rows.ops->commit(rig.rows.self, &err));
	for (int64_t i = 0; i < 4; i++) { /* of none, ours, left out, unknown */
		at[i] = failed(arena_printf(&rig.arena, "g%lld", (long long)i).at, i + 1, rig.now - i);
		at[i].repo = i;
	}
	ck_assert_uint_eq(see_with(&rig, at, 4, (struct hook_seen){.governed = true}), 2);
	ck_assert(text_is(take(&rig).redelivery.guid, "g1"));
	ck_assert(text_is(take(&rig).redelivery.guid, "g0"));
	ck_assert(!take(&rig).has);
	ck_assert_uint_eq(see(&rig, at, 4), 2); /* all are governed */
	pipe_close(&rig);
}
END_TEST

static int64_t rows_of(struct pipe_rig *rig, const struct table *table)
{
	struct scan scan = {.table = table, .index = INDEX_KEY};
	struct err err = ERR_NONE;
	int64_t n = -1;

	ck_assert(rig->rows.ops->begin(rig->rows.self, false, &err));
	ck_assert(rig->rows.ops->count(rig->rows.self, &scan, &n, &err));
	rig->rows.ops->rollback(rig->rows.self);
	return n;
}

START_TEST(what_no_forge_keeps_any_more_is_forgotten)
{
	struct attempt two[2];
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	two[0] = failed("b", 2, rig.now);
	two[1] = answered("a", 1, rig.now - 1, true);
	(void)see(&rig, two, 2);
	rig.now += REDELIVERY_KEPT_MS - 1;
	(void)see(&rig, NULL, 0);
	ck_assert_int_eq(rows_of(&rig, &table_redelivery), 1);
	rig.now++;
	(void)see(&rig, NULL, 0);
	ck_assert_int_eq(rows_of(&rig, &table_redelivery), 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_long_list_is_taken_whole)
{
	enum { MANY = 700 };
	struct attempt at[MANY];
	struct pipe_rig rig;
	struct taken t;

	pipe_open(&rig, _i);
	for (int64_t i = 0; i < MANY; i++)
		at[i] = failed(arena_printf(&rig.arena, "g%lld", (long long)i).at, i + 1, rig.now - i);
	ck_assert_uint_eq(see(&rig, at, MANY), MANY);
	for (size_t i = 1; i < MANY; i++)
		arrive(&rig, at[i].guid.at);
	t = take(&rig);
	ck_assert(is(&t, "g0", 1));
	ck_assert_uint_eq(t.redelivery.arrived, MANY - 1);
	pipe_close(&rig);
}
END_TEST

/* ---- how far the list was read ---- */

START_TEST(a_list_is_read_back_to_where_the_last_one_began)
{
	struct attempt two[2];
	struct hook_turn turn;
	struct pipe_rig rig;
	int64_t next_at, newest;

	pipe_open(&rig, _i);
	newest = rig.now - MINUTE;
	ck_assert(take_turn(&rig, &turn, &next_at));
	ck_assert_int_eq(turn.since, WHEN_UNKNOWN);
	two[0] = answered("b", 2, newest, false);
	two[1] = failed("a", 1, newest - DAY);
	(void)see(&rig, two, 2);
	ck_assert(!take_turn(&rig, &turn, &next_at));
	ck_assert_int_eq(next_at, rig.now + EVERY);
	rig.now += EVERY;
	ck_assert(take_turn(&rig, &turn, &next_at));
	ck_assert_int_eq(turn.since, newest - OVERLAP);
	ck_assert_uint_eq(turn.from.len, 0);
	two[0] = failed("c", 3, newest - DAY); /* an older one changes nothing */
	(void)see(&rig, two, 1);
	rig.now += EVERY;
	ck_assert(take_turn(&rig, &turn, &next_at));
	ck_assert_int_eq(turn.since, newest - OVERLAP);
	two[0] = answered("d", 4, rig.now + DAY, false); /* a time to come */
	(void)see(&rig, two, 1);
	rig.now += EVERY;
	ck_assert(take_turn(&rig, &turn, &next_at));
	ck_assert_int_eq(turn.since, rig.now - EVERY - OVERLAP);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_was_cut_off_is_read_before_anything_newer_is_believed_read)
{
	struct attempt one;
	struct hook_turn turn;
	struct pipe_rig rig;
	int64_t next_at, newest;

	pipe_open(&rig, _i);
	newest = rig.now;
	one = failed("new", 9, newest);
	ck_assert_uint_eq(see_with(&rig, &one, 1, (struct hook_seen){.rest = TEXT_LIT("https://f/page3")}), 1);
	rig.now += EVERY;
	ck_assert(take_turn(&rig, &turn, &next_at));
	ck_assert(text_is(turn.from, "https://f/page3"));
	ck_assert_int_eq(turn.since, WHEN_UNKNOWN);
	one = failed("old", 1, newest - DAY);
	ck_assert_uint_eq(see(&rig, &one, 1), 1);
	rig.now += EVERY;
	ck_assert(take_turn(&rig, &turn, &next_at));
	ck_assert_uint_eq(turn.from.len, 0);
	ck_assert_int_eq(turn.since, newest - OVERLAP);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_list_that_cannot_be_read_waits_and_may_begin_anew)
{
	struct err err = ERR_NONE;
	struct hook_turn turn;
	struct pipe_rig rig;
	int64_t next_at;

	pipe_open(&rig, _i);
	(void)see_with(&rig, NULL, 0, (struct hook_seen){.rest = TEXT_LIT("https://f/page3")});
	for (int i = 1; i <= 2; i++) {
		ck_assert(store_put_off_hook(&rig.store, rig.now + MINUTE, i == 2, &err));
		ck_assert(!take_turn(&rig, &turn, &next_at));
		rig.now += MINUTE;
		ck_assert(take_turn(&rig, &turn, &next_at));
		ck_assert_int_eq(turn.attempts, i);
		ck_assert_uint_eq(turn.from.len > 0, i == 1);
	}
	(void)see(&rig, NULL, 0);
	rig.now += EVERY;
	ck_assert(take_turn(&rig, &turn, &next_at));
	ck_assert_int_eq(turn.attempts, 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(one_node_reads_at_a_time_a_start_reads_at_once_and_no_clock_stops_it)
{
	struct err err = ERR_NONE;
	struct hook_turn turn;
	struct attempt one;
	struct pipe_rig rig;
	int64_t next_at;

	pipe_open(&rig, _i);
	ck_assert(take_turn(&rig, &turn, &next_at));
	ck_assert(!take_turn(&rig, &turn, &next_at)); /* who reads it may have died: a period later */
	ck_assert_int_eq(next_at, rig.now + EVERY);
	ck_assert(store_hook_due(&rig.store, &err));
	ck_assert(take_turn(&rig, &turn, &next_at));
	one = failed("g", 1, rig.now - 1);
	(void)see(&rig, &one, 1);
	ck_assert(take(&rig).has);
	rig.now -= 30 * DAY;
	ck_assert(take_turn(&rig, &turn, &next_at));
	ck_assert(take(&rig).has);
	pipe_close(&rig);
}
END_TEST

static const int list_rows[PIPE_BACKENDS * sizeof lists / sizeof lists[0]] = {0};

static const struct suite_test tests[] = {
	SUITE_ROWS(a_delivery_that_failed_is_asked_for_ever_more_rarely_and_then_given_up, backends),
	SUITE_ROWS(the_journal_says_what_came, backends),
	SUITE_ROWS(one_attempt_that_was_answered_settles_the_delivery, list_rows),
	SUITE_ROWS(it_is_asked_for_by_its_newest_attempt, backends),
	SUITE_ROWS(the_oldest_goes_first_and_no_two_ask_for_the_same, backends),
	SUITE_ROWS(what_the_forge_did_not_take, backends),
	SUITE_ROWS(of_repositories_that_are_not_governed_nothing_is_asked, backends),
	SUITE_ROWS(what_no_forge_keeps_any_more_is_forgotten, backends),
	SUITE_ROWS(a_long_list_is_taken_whole, backends),
	SUITE_ROWS(a_list_is_read_back_to_where_the_last_one_began, backends),
	SUITE_ROWS(what_was_cut_off_is_read_before_anything_newer_is_believed_read, backends),
	SUITE_ROWS(a_list_that_cannot_be_read_waits_and_may_begin_anew, backends),
	SUITE_ROWS(one_node_reads_at_a_time_a_start_reads_at_once_and_no_clock_stops_it, backends),
	SUITE_END};
SUITE_MAIN(tests)
