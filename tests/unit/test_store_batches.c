/* How much one transaction of apply may write and remember: while it runs nothing is posted. Over every backend (_i).
 */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

#define CHANGES   1000
#define MEMBERS   500
#define TEAMS     12    /* events of different scopes: each raises all changes */
#define PUTS_MOST 7000  /* 5,000, and what the last row n_puts */
#define READ_MOST 65536 /* bytes */

/* The backend, and what is asked of it. One test is one process. */
static struct rows_ops counted;
static const struct rows_ops *inner;
static size_t n_puts, most_puts, all_puts, most_read;

static bool count_begin(void *self, bool write, struct err *err)
{
	n_puts = 0;
	return inner->begin(self, write, err);
}

static bool count_put(void *self, const struct table *table, const void *row, struct err *err)
{
	n_puts++;
	all_puts++;
	if (n_puts > most_puts)
		most_puts = n_puts;
	return inner->put(self, table, row, err);
}

static bool count_get(void *self, const struct table *table, void *row, struct arena *arena, struct err *err)
{
	bool ok = inner->get(self, table, row, arena, err);

	if (arena->used > most_read)
		most_read = arena->used;
	return ok;
}

static void count_from_now(struct pipe_rig *rig)
{
	n_puts = most_puts = all_puts = most_read = 0;
	if (rig->rows.ops == &counted)
		return;
	inner = rig->rows.ops;
	counted = *inner;
	counted.begin = count_begin;
	counted.put = count_put;
	counted.get = count_get;
	rig->rows.ops = &counted;
}

static struct oid head_of(int n)
{
	struct oid oid = sha_of('a');

	for (int i = 0; i < 4; i++, n /= 10)
		oid.hex[i] = (char)('0' + n % 10);
	return oid;
}

static void open_changes(struct pipe_rig *rig)
{
	for (int n = 0; n < CHANGES; n++) {
		struct event event = change_event(CHANGE_OPENED, n + 1, 'a', 1);

		event.change.head = head_of(n);
		tell_unapplied(rig, event);
	}
	apply_all(rig);
}

static struct event people_event(int64_t installation, int64_t user)
{
	return (struct event){.kind = EVENT_MEMBERSHIP,
			      .name = TEXT_LIT("membership"),
			      .action = TEXT_LIT("removed"),
			      .installation = installation,
			      .subject_user = {.id = user, .login = TEXT_LIT("carol")},
			      .review.submitted_at = WHEN_UNKNOWN,
			      .status.created_at = WHEN_UNKNOWN,
			      .pushed_at = WHEN_UNKNOWN,
			      .comment.created_at = WHEN_UNKNOWN};
}

static int64_t least_wanted(struct pipe_rig *rig)
{
	int64_t ret = INT64_MAX;

	for (int n = 0; n < CHANGES; n++) {
		struct row_subject subject = {.repo = PIPE_REPO, .sha = head_of(n)};
		struct err err = ERR_NONE;

		ck_assert(rig->rows.ops->begin(rig->rows.self, false, &err));
		ck_assert(rig->rows.ops->get(rig->rows.self, &table_subject, &subject, &rig->arena, &err));
		ck_assert(rig->rows.ops->commit(rig->rows.self, &err));
		if (subject.wanted < ret)
			ret = subject.wanted;
	}
	return ret;
}

/* One store for all of it: a thousand changes are slow to open. */
START_TEST(rights_that_change_five_hundred_times_make_no_long_transaction)
{
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct applied applied;
	int64_t was;

	pipe_open(&rig, _i);
	open_changes(&rig);
	was = least_wanted(&rig);
	for (int n = 0; n < MEMBERS; n++)
		tell_unapplied(&rig, people_event(1, 100 + n));
	count_from_now(&rig);
	do
		ck_assert_msg(store_apply(&rig.store, rig.now, 500, &applied, &err), "%s", err.text);
	while (applied.more);
	ck_assert_uint_le(most_puts, PUTS_MOST);
	ck_assert_uint_le(all_puts, CHANGES + 4 * MEMBERS); /* each change once: what was asked twice is asked */
	ck_assert_uint_le(most_read, READ_MOST);
	ck_assert_int_eq(least_wanted(&rig), was + 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(many_scopes_take_many_transactions)
{
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct applied applied;
	int64_t was;
	size_t rows = 0;

	pipe_open(&rig, _i);
	open_changes(&rig);
	was = least_wanted(&rig);
	for (int n = 0; n < TEAMS; n++)
		tell_unapplied(&rig, people_event(1 + n % 2, 100));
	count_from_now(&rig);
	do {
		ck_assert_msg(store_apply(&rig.store, rig.now, 500, &applied, &err), "%s", err.text);
		rows += applied.rows;
	} while (applied.more);
	ck_assert_uint_eq(rows, TEAMS);
	ck_assert_uint_le(most_puts, PUTS_MOST);
	ck_assert_uint_gt(all_puts, TEAMS * CHANGES);
	ck_assert_uint_le(most_read, READ_MOST);
	ck_assert_int_eq(least_wanted(&rig), was + TEAMS);
	pipe_close(&rig);
}
END_TEST

/* Only of what stands one behind the other is the second one nothing new. */
START_TEST(rights_that_change_again_after_other_news_are_asked_for_again)
{
	struct pipe_rig rig;
	int64_t was;

	pipe_open(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 1, 'b', 1));
	was = subject_of(&rig, 'b').wanted;
	tell_unapplied(&rig, people_event(1, 100));
	tell_unapplied(&rig, change_event(CHANGE_OPENED, 2, 'c', 1));
	tell_unapplied(&rig, people_event(1, 101));
	tell_unapplied(&rig, people_event(2, 101));
	apply_all(&rig);
	ck_assert_int_eq(subject_of(&rig, 'b').wanted, was + 3);
	tell(&rig, people_event(2, 101));
	ck_assert_int_eq(subject_of(&rig, 'b').wanted, was + 4);
	pipe_close(&rig);
}
END_TEST

/* A sweep knows nothing better than what the journal holds, however long that takes. */
START_TEST(a_sweep_applies_all_that_waits_before_it_acts)
{
	struct sweep repo = {.repo = PIPE_REPO, .repo_name = TEXT_LIT("acme/engine")};
	struct pipe_rig rig;
	struct event_change listed;
	struct sweep_seen seen = {.sweep = &repo, .changes = &listed, .n = 1};
	struct err err = ERR_NONE;
	struct swept swept;

	pipe_open(&rig, _i);
	open_changes(&rig);
	for (int n = 0; n < TEAMS; n++)
		tell_unapplied(&rig, people_event(1 + n % 2, 100));
	tell_unapplied(&rig, push_to_change(1, 'a', 'b', 60));
	listed = change_event(CHANGE_OTHER, 1, 'c', 30).change; /* an older list */
	seen.clock = pipe_clock(&rig);
	seen.next_at = rig.now + 120000;
	count_from_now(&rig);
	ck_assert_msg(store_sweep(&rig.store, &seen, &swept, &err), "%s", err.text);
	ck_assert_uint_le(most_puts, PUTS_MOST);
	ck_assert_uint_eq(swept.moved, 0);
	ck_assert_int_eq(slot_of(&rig, 'b').superseded, 0);
	pipe_close(&rig);
}
END_TEST

struct slow { /* a clock that goes on by as much as a copy of the forge's data may lag each time it is asked */
	struct pipe_rig *rig;
	int asked;
};

/* The second transaction finds what came while the first one worked. */
static int64_t news_comes(void *self)
{
	struct slow *slow = self;
	struct event bug = {.kind = EVENT_BUG,
			    .name = TEXT_LIT("bug"),
			    .bug = {.tracker = TEXT_LIT("bmo"), .id = 12, .touched = BUG_TOUCHED_FLAGS}};

	slow->rig->now += FLOOR_LAG_MS;
	if (++slow->asked == 2) {
		tell_unapplied(slow->rig, people_event(1, 7));
		tell_unapplied(slow->rig, bug);
	}
	return slow->rig->now;
}

static void get_row(struct pipe_rig *rig, const struct table *table, void *row)
{
	struct err err = ERR_NONE;

	ck_assert(rig->rows.ops->begin(rig->rows.self, false, &err));
	ck_assert(rig->rows.ops->get(rig->rows.self, table, row, &rig->arena, &err));
	ck_assert(rig->rows.ops->commit(rig->rows.self, &err));
}

START_TEST(what_comes_while_a_sweep_applies_is_not_heard_of_before_it_came)
{
	struct sweep repo = {.repo = PIPE_REPO, .repo_name = TEXT_LIT("acme/engine")};
	struct row_floor floor = {.kind = TEXT_LIT(FLOOR_PEOPLE_ANY), .key = 7};
	struct row_bug_news news = {.tracker = TEXT_LIT("bmo"), .bug = 12};
	struct pipe_rig rig;
	struct slow slow = {&rig, 0};
	struct event_change listed = change_event(CHANGE_OTHER, 1, 'c', 30).change;
	struct sweep_seen seen = {.sweep = &repo, .changes = &listed, .n = 1, .clock = {&slow, news_comes, news_comes}};
	struct err err = ERR_NONE;
	struct swept swept;
	int64_t began;

	pipe_open(&rig, _i);
	open_changes(&rig);
	for (int n = 0; n < TEAMS; n++)
		tell_unapplied(&rig, people_event(1 + n % 2, 100));
	began = rig.now;
	ck_assert_msg(store_sweep(&rig.store, &seen, &swept, &err), "%s", err.text);
	get_row(&rig, &table_floor, &floor);
	get_row(&rig, &table_bug_news, &news);
	ck_assert_int_ge(floor.forge_time, began + 2 * FLOOR_LAG_MS);
	ck_assert_int_ge(news.heard_at, began + 2 * FLOOR_LAG_MS);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(rights_that_change_five_hundred_times_make_no_long_transaction, backends),
	SUITE_ROWS(many_scopes_take_many_transactions, backends),
	SUITE_ROWS(rights_that_change_again_after_other_news_are_asked_for_again, backends),
	SUITE_ROWS(a_sweep_applies_all_that_waits_before_it_acts, backends),
	SUITE_ROWS(what_comes_while_a_sweep_applies_is_not_heard_of_before_it_came, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
