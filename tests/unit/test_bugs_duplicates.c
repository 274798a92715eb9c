/* What a secure bug says of those that are one with it, whoever reads it: none of them is "not secure" any more. */
#include "tests/support/judging.h"
#include "tests/support/polling.h"
#include "tests/support/suite.h"

#define HOUR INT64_C(3600000)

static const int64_t twelve[] = {12}, thirteen[] = {13};

static void is_one_with(struct tracker_bug *bug, const int64_t *duplicates)
{
	bug->is.duplicates = duplicates;
	bug->is.n_duplicates = 1;
}

/* 12 is not secure and a success stands on it; then 13 is made a duplicate of it. */
static void begin(struct polling *b, const char *keyword)
{
	polling_open(b);
	polling_known(b, 12, TABLE_INSECURE);
	polling_link(b, 12);
	polling_allowed(b);
	polling_work(b);
	b->t.now += 1000;
	is_one_with(told_tracker_bug(&b->tracker, 12, NULL), thirteen);
	told_tracker_bug(&b->tracker, 13, keyword)->is.dupe_of = 12;
	b->tracker.ids[0] = 13;
	b->tracker.n_changed = 1;
}

static void a_poll_shows_it(struct polling *b)
{
	(void)b;
}

static void a_poll_shows_both(struct polling *b)
{
	b->tracker.ids[1] = 12;
	b->tracker.n_changed = 2;
}

static void a_poll_shows_the_other_first(struct polling *b)
{
	b->tracker.ids[0] = 12;
	b->tracker.ids[1] = 13;
	b->tracker.n_changed = 2;
}

static void it_was_secure_before(struct polling *b)
{
	polling_known(b, 13, TABLE_SECURE);
}

static void it_is_approved(struct polling *b)
{
	told_tracker_approval(&b->tracker.bugs[1], '+', false);
	polling_known(b, 13, TABLE_APPROVED);
}

static void a_webhook_told(struct polling *b)
{
	b->tracker.n_changed = 0;
	polling_known(b, 13, TABLE_SECURE);
	polling_told_of(b, 13);
}

static void it_is_the_other_way_round(struct polling *b)
{
	b->tracker.bugs[0].is = (struct bug){.id = 12, .state = BUG_READ, .secure = TRI_NO, .dupe_of = 13};
	b->tracker.bugs[1].is.dupe_of = 0;
	is_one_with(&b->tracker.bugs[1], twelve);
	polling_known(b, 13, TABLE_SECURE);
}

static void (*const findings[])(struct polling *b) = {
	a_poll_shows_it, a_poll_shows_both, a_poll_shows_the_other_first, it_was_secure_before,
	it_is_approved,  a_webhook_told,    it_is_the_other_way_round,
};

START_TEST(a_bug_that_is_one_with_a_secure_one_counts_no_more_and_who_stands_on_it_hears)
{
	struct polling b;

	begin(&b, "sec-high");
	findings[_i](&b);
	b.worker.poll_at = 0;
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert_int_ge(bug_table_state(b.tracker.table, 13), TABLE_SECURE);
	ck_assert(!polling_is_allowed(&b) && polling_judged_again(&b));
	ck_assert(!polling_is_due(&b, 12)); /* it was read for that */
	b.t.now += POLLING_MS;              /* the overlap shows it once more */
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert(!polling_judged_again(&b));
	polling_close(&b);
}
END_TEST

/* A secure one, a public one that it duplicates, and what that one does. */
START_TEST(a_bug_that_is_one_with_a_secure_one_by_a_public_one_counts_no_more)
{
	static const int64_t fourteen[] = {14};

	for (int of_public = 0; of_public < 2; of_public++) {
		struct polling b;

		begin(&b, NULL);
		is_one_with(&b.tracker.bugs[1], fourteen);
		told_tracker_bug(&b.tracker, 14, of_public ? NULL : "sec-high")->is.dupe_of = 13;
		b.tracker.ids[0] = 14;
		polling_told_of(&b, 13);
		b.worker.poll_at = 0;
		polling_work(&b);
		ck_assert_int_eq(bug_table_state(b.tracker.table, 12), of_public ? TABLE_INSECURE : TABLE_SECURE);
		ck_assert(polling_is_allowed(&b) == (of_public == 1));
		ck_assert(polling_judged_again(&b) == (of_public == 0));
		polling_close(&b);
	}
}
END_TEST

/* No verdict asked about it: nobody hears, and a table that is pulled has it all the same. */
START_TEST(a_bug_that_nobody_stands_on_is_secure_with_its_duplicate)
{
	static const enum table_state before[] = {TABLE_UNKNOWN, TABLE_INSECURE};

	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
		struct polling b;

		polling_open(&b);
		is_one_with(told_tracker_bug(&b.tracker, 12, NULL), thirteen);
		told_tracker_bug(&b.tracker, 13, "sec-high")->is.dupe_of = 12;
		b.tracker.ids[0] = 13;
		b.tracker.n_changed = 1;
		if (before[i] != TABLE_UNKNOWN)
			polling_known(&b, 12, before[i]);
		b.t.now += 1000;
		polling_work(&b);
		ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
		polling_close(&b);
	}
}
END_TEST

START_TEST(a_bug_that_is_no_longer_one_with_a_secure_one_counts_again)
{
	struct polling b;

	begin(&b, "sec-high");
	b.worker.poll_at = 0;
	polling_work(&b);
	(void)polling_judged_again(&b);
	b.tracker.bugs[0].is.n_duplicates = 0;
	b.tracker.bugs[1].is.dupe_of = 0;
	b.t.now += 1000;
	polling_told_of(&b, 12);
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_INSECURE);
	ck_assert(polling_judged_again(&b));
	b.t.now += POLLING_MS;
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_INSECURE);
	polling_close(&b);
}
END_TEST

/* One that was read alone after the list began says more than the list. */
START_TEST(an_older_word_of_a_duplicate_changes_nothing)
{
	struct polling b;

	begin(&b, "sec-high");
	ck_assert_int_eq(bug_table_tell(b.tracker.table, 12, TABLE_INSECURE, b.t.now + 1), TABLE_TOLD_SEEN);
	b.worker.poll_at = 0;
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_INSECURE);
	ck_assert(!polling_judged_again(&b));
	polling_close(&b);
}
END_TEST

/* A rule about the bugs of a tracker that lists no duplicates holds of a bug alone, or never. */
START_TEST(a_public_duplicate_and_a_tracker_that_lists_none_change_nothing)
{
	for (int lists = 0; lists < 2; lists++) {
		struct polling b;

		begin(&b, lists ? NULL : "sec-high");
		b.tracker.source.tells_duplicates = lists;
		b.worker.poll_at = 0;
		polling_work(&b);
		ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_INSECURE);
		ck_assert(polling_is_allowed(&b) && !polling_judged_again(&b));
		polling_close(&b);
	}
}
END_TEST

/* What it is one with may be secure, and out of our sight: of that one nobody tells. */
START_TEST(a_bug_known_not_secure_that_a_poll_shows_as_a_duplicate_is_read_though_nothing_was_told)
{
	struct polling b;

	polling_open(&b);
	polling_known(&b, 12, TABLE_INSECURE);
	polling_work(&b);
	b.t.now += 1000;
	told_tracker_bug(&b.tracker, 12, NULL)->is.dupe_of = 13;
	b.tracker.ids[0] = 12;
	b.tracker.n_changed = 1;
	b.worker.poll_at = 0;
	polling_work(&b);
	ck_assert_uint_eq(b.tracker.reads, 1);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	polling_close(&b);
}
END_TEST

START_TEST(a_judgement_that_reads_a_secure_bug_tells_who_stands_on_what_it_duplicates)
{
	const struct bug_ref other = {TEXT_LIT("bmo"), 13, false};
	struct row_bug_link link = {
		.tracker = TEXT_LIT("bmo"), .bug = 13, .repo = TOLD_REPO, .sha = told_oid('b'), .weighs = 1};
	struct row_subject subject = {
		.repo = TOLD_REPO, .sha = told_oid('b'), .wanted = 1, .judged = 1, .allowed_before = 1};
	struct err err = ERR_NONE;
	struct judging b;
	bool due;

	judging_open(&b, HOUR);
	judging_knows(&b, 13, b.t.now - 1);
	b.t.file = POLICY_ALONE;
	told_tracker_bug(&b.tracker, 12, "sec-high")->is.dupe_of = 13;
	told_forge_keep(&b.t, &table_bug_link, &link);
	told_forge_keep(&b.t, &table_subject, &subject);
	judging_step(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 13), TABLE_SECURE);
	ck_assert(told_forge_find(&b.t, &table_subject, &subject) && subject.wanted > subject.judged);
	ck_assert(store_bug_is_due(&b.t.store, &other, &due, &err) && due);
	judging_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_bug_that_is_one_with_a_secure_one_counts_no_more_and_who_stands_on_it_hears, findings),
	SUITE_TEST(a_bug_that_is_one_with_a_secure_one_by_a_public_one_counts_no_more),
	SUITE_TEST(a_bug_that_nobody_stands_on_is_secure_with_its_duplicate),
	SUITE_TEST(a_bug_that_is_no_longer_one_with_a_secure_one_counts_again),
	SUITE_TEST(an_older_word_of_a_duplicate_changes_nothing),
	SUITE_TEST(a_public_duplicate_and_a_tracker_that_lists_none_change_nothing),
	SUITE_TEST(a_bug_known_not_secure_that_a_poll_shows_as_a_duplicate_is_read_though_nothing_was_told),
	SUITE_TEST(a_judgement_that_reads_a_secure_bug_tells_who_stands_on_what_it_duplicates),
	SUITE_END,
};
SUITE_MAIN(tests)
