/* A judge's steps where bugs are known from the table: when that counts without a reading, and when it does not. */
#include "agent/web/commit_json.h"
#include "agent/web/page.h"
#include "agent/work/bugs_worker.h"
#include "tests/support/judging.h"
#include "tests/support/suite.h"

#define HOUR INT64_C(3600000)

START_TEST(a_hundred_bugs_known_not_secure_are_allowed_for_two_hours_without_a_request)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text message = TEXT_LIT("Bugs");
	struct judging b;

	judging_open(&b, 3 * HOUR);
	for (int i = 0; i < 100; i++) {
		judging_knows(&b, 20000 + i, b.t.now);
		message = arena_printf(&arena, "%.*s bug %d", TEXT_ARG(message), 20000 + i);
	}
	judging_names(&b, message.at);
	b.tracker.fails = ERR_RETRY;
	b.t.now += 2 * HOUR;
	judging_step(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	ck_assert_uint_eq(b.tracker.reads + b.tracker.lists, 0);
	judging_close(&b);
}
END_TEST

static struct text shown_of(const char *message, struct arena *arena)
{
	const struct commit_key key = {TEXT_LIT("o/r"), told_oid('a')};
	struct err err = ERR_NONE;
	struct judging b;
	struct view view;
	struct text ret;

	judging_open(&b, 3 * HOUR);
	b.t.store.limits.bug_age_ms = 3 * HOUR;
	judging_knows(&b, 20000, b.t.now);
	judging_names(&b, message);
	judging_step(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	ck_assert_uint_eq(b.tracker.reads, 0);
	ck_assert(judging_linked(&b, 20000) == (strstr(message, "20000") != NULL));
	ck_assert_msg(view_commit(&(struct viewing){&b.t.store, COMMIT_PUBLIC, arena}, &key, &view, &err), "%s",
		      err.text);
	ret = arena_printf(arena, "%.*s%.*s\n%.*s", TEXT_ARG(commit_text(&view, arena)),
			   TEXT_ARG(commit_json(&view, COMMIT_PUBLIC, arena)),
			   TEXT_ARG(page_commit(&view, TEXT_EMPTY, arena)));
	judging_close(&b);
	return ret;
}

START_TEST(that_a_bug_may_count_unread_is_said_of_every_commit_whether_it_names_one_or_none)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text counted = shown_of("Bug 20000 - x", &arena), none = shown_of("No bug", &arena);

	ck_assert_str_eq(counted.at, none.at);
	ck_assert_uint_ne(text_find(none, TEXT_LIT("for up to 3 hours without being read again")), SIZE_MAX);
}
END_TEST

static void too_old(struct judging *b)
{
	b->t.now += 4 * HOUR;
}
static void heard_of(struct judging *b)
{
	judging_tell(b, 12);
}
static void secure_now(struct judging *b)
{
	ck_assert_int_eq(bug_table_tell(b->tracker.table, 12, TABLE_SECURE, b->t.now + 1), TABLE_TOLD_CHANGED);
}
static void another_word(struct judging *b)
{
	b->t.file = POLICY_OTHER_WORD;
}
static void names_an_unknown_one(struct judging *b)
{
	judging_names(b, "Bug 12 and bug 13");
}
static void stale_table(struct judging *b)
{
	b->tracker.source.table_max_age_ms = HOUR;
	b->t.now += 2 * HOUR;
}
static void no_duplicates_told(struct judging *b)
{
	b->tracker.source.tells_duplicates = false;
}
static void (*const spoils[])(struct judging *b) = {
	too_old, heard_of, secure_now, another_word, names_an_unknown_one, stale_table, no_duplicates_told};

START_TEST(what_the_table_cannot_tell_is_read_and_waits_where_it_cannot_be)
{
	struct judging b;

	judging_open(&b, 3 * HOUR);
	judging_knows(&b, 12, b.t.now);
	spoils[_i](&b);
	b.tracker.fails = ERR_RETRY;
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert_uint_ge(b.tracker.reads, 1);
	judging_close(&b);
}
END_TEST

/* Whoever reads it after it was told of settles what no other reading would settle so soon. */
START_TEST(what_was_put_off_is_settled_by_a_reading_that_began_later)
{
	const struct bug_ref ref = {TEXT_LIT("bmo"), 12, false};
	struct err err = ERR_NONE;
	bool due;

	for (int64_t later = 0; later <= 1; later++) {
		struct judging b;

		judging_open(&b, 3 * HOUR);
		told_tracker_bug(&b.tracker, 12, NULL);
		judging_tell(&b, 12);
		ck_assert(store_mark_bugs(&b.t.store, ref.tracker, BUG_PUT_OFF,
					  &(struct bug_news_list){&(struct bug_news){.id = 12, .heard_at = b.t.now}, 1},
					  &err));
		b.t.now += later;
		judging_step(&b);
		ck_assert(store_bug_is_due(&b.t.store, &ref, &due, &err) && due == (later == 0));
		judging_close(&b);
	}
}
END_TEST

static void settle(struct judging *b, int64_t id)
{
	const struct bug_due_query due = {TEXT_LIT("bmo"), BUG_DUE, 10};
	struct bug_news_list list;
	struct err err = ERR_NONE;

	judging_tell(b, id);
	ck_assert(store_due_bugs(&b->t.store, &due, &b->t.arena, &list, &err));
	ck_assert_uint_eq(list.n, 1);
	ck_assert(store_mark_bugs(&b->t.store, due.tracker, BUG_SETTLED, &list, &err));
}

/* Whoever reads a bug after it was told of settles that, and dies before the file has what he read. What the file has
 * from later on counts. */
START_TEST(what_a_process_read_and_did_not_save_is_read_again_by_the_next)
{
	for (int saved = 0; saved <= 1; saved++) {
		struct judging b;
		struct err err = ERR_NONE;

		judging_open(&b, 3 * HOUR);
		if (!saved)
			judging_knows(&b, 12, b.t.now);
		b.t.now += HOUR;
		settle(&b, 12);
		b.t.now += HOUR;
		if (saved)
			judging_knows(&b, 12, b.t.now);
		ck_assert_msg(bug_source_begin(&b.tracker.source, &b.t.store, &err), "%s", err.text);
		b.tracker.fails = ERR_RETRY;
		judging_step(&b);
		judging_says(&b, saved ? STATUS_SUCCESS : STATUS_PENDING, saved ? NULL : CLEARANCE);
		judging_close(&b);
	}
}
END_TEST

static void is_duplicate(struct tracker_bug *bug)
{
	bug->is.dupe_of = 13;
}
static void has_duplicates(struct tracker_bug *bug)
{
	static const int64_t one[] = {13};

	bug->is.duplicates = one;
	bug->is.n_duplicates = 1;
}
static void is_gone(struct tracker_bug *bug)
{
	bug->is.state = BUG_MISSING;
}
static void (*const unclear[])(struct tracker_bug *bug) = {is_duplicate, has_duplicates, is_gone};

/* The table has no way to forget that it was seen not secure. */
START_TEST(what_a_reading_shows_to_be_unclear_counts_from_no_table)
{
	struct judging b;
	struct bug_asking asking = {NULL, &(struct bugs_wanted){.n_bugs = 0}, 12, 0};
	struct bug ret;

	judging_open(&b, 3 * HOUR);
	judging_knows(&b, 12, b.t.now);
	unclear[_i](told_tracker_bug(&b.tracker, 12, NULL));
	judging_tell(&b, 12);
	b.t.now += 1000;
	judging_step(&b);
	ck_assert_uint_ge(b.tracker.reads, 1);
	asking.now = b.t.now;
	ck_assert(!bug_source_counts(&b.tracker.source, &asking, &b.t.arena, &ret));
	judging_close(&b);
}
END_TEST

/* A bug that is read because another is unknown is read for this judgement: not again because the table does not do. */
START_TEST(each_bug_is_read_at_most_twice_in_a_judgement)
{
	struct judging b;

	judging_open(&b, 3 * HOUR);
	b.t.file = "policy: {approval: [r, c]}\napproval_rules:\n" REVIEWED
		   "  - {name: c, visibility: restricted, requires: {conditions: {bugs: {every: {bug_open: true}}}}}\n";
	judging_knows(&b, 12, b.t.now);
	told_tracker_bug(&b.tracker, 12, NULL);
	told_tracker_bug(&b.tracker, 13, NULL);
	judging_names(&b, "Bug 12 and bug 13");
	judging_step(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	ck_assert_uint_eq(b.tracker.reads, 4);
	judging_close(&b);
}
END_TEST

#define EVERY(of)                                                                                                      \
	"policy: {approval: [r, c]}\napproval_rules:\n" REVIEWED                                                       \
	"  - {name: c, visibility: restricted, requires: {conditions: {bugs: {every: {" of "}}}}}\n"
#define POLICY_PRIVATE    EVERY("private: false")
#define POLICY_FLAG       EVERY("attachment_flag: {name: sec-approval, status: '+'}")
#define POLICY_OTHER_FLAG EVERY("attachment_flag: {name: other, status: '+'}")
#define POLICY_NOT_DENIED EVERY("not: {attachment_flag: {name: sec-approval, status: '-'}}")
#define POLICY_SET_BY     EVERY("attachment_flag: {name: sec-approval, status: '+', by: {groups: [sec]}}")
static const struct text two_flags[] = {{"sec-approval", 12}, {"other", 5}};

static const struct {
	enum table_state state;
	int64_t age, max_age; /* of the table, and of "not secure" beside a tracker */
	bool heard, two_flags;
	const char *policy;
	enum status_state says;
} alone_rows[] = {
	{TABLE_INSECURE, 0, 0, false, false, POLICY, STATUS_SUCCESS}, /* max_age is for what is read besides */
	{TABLE_INSECURE, 23 * HOUR, 0, false, false, POLICY, STATUS_SUCCESS},
	{TABLE_INSECURE, 25 * HOUR, 0, false, false, POLICY, STATUS_PENDING},
	{TABLE_INSECURE, 0, 0, true, false, POLICY, STATUS_PENDING},
	{TABLE_INSECURE, 0, 0, false, false, POLICY_OTHER_WORD, STATUS_PENDING},
	{TABLE_APPROVED, 0, 0, false, false, POLICY, STATUS_SUCCESS},
	{TABLE_APPROVED, 23 * HOUR, 0, false, false, POLICY, STATUS_SUCCESS},
	{TABLE_APPROVED, 25 * HOUR, 0, false, false, POLICY, STATUS_PENDING},
	{TABLE_APPROVED, 0, 0, true, false, POLICY, STATUS_PENDING},
	{TABLE_APPROVED, 0, 0, false, true, POLICY, STATUS_PENDING}, /* which one, nobody knows */
	{TABLE_APPROVED, 0, 0, false, false, POLICY_OTHER_WORD, STATUS_PENDING},
	{TABLE_APPROVED, 0, 0, false, false, POLICY_PRIVATE, STATUS_PENDING}, /* it is secure all the same */
	{TABLE_APPROVED, 0, 0, false, false, POLICY_FLAG, STATUS_SUCCESS},
	{TABLE_APPROVED, 0, 0, false, false, POLICY_OTHER_FLAG, STATUS_PENDING},
	{TABLE_APPROVED, 0, 0, false, false, POLICY_NOT_DENIED, STATUS_PENDING}, /* beside the +, nobody knows */
	{TABLE_APPROVED, 0, 0, false, false, POLICY_SET_BY, STATUS_PENDING},
	{TABLE_INSECURE, 0, 0, false, false, POLICY_FLAG, STATUS_PENDING},
	{TABLE_SECURE, 0, 0, false, false, POLICY, STATUS_PENDING},
	{TABLE_SECURE, 0, 0, false, false, POLICY_FLAG, STATUS_PENDING},
	{TABLE_UNKNOWN, 0, 0, false, false, POLICY, STATUS_PENDING},
};

/* No tracker is asked, and none need be there. */
START_TEST(a_tracker_that_is_read_from_a_table_decides_what_the_table_tells)
{
	struct judging b;

	judging_open(&b, alone_rows[_i].max_age);
	b.t.file = alone_rows[_i].policy;
	b.tracker.source.port = (struct tracker){.self = NULL};
	if (alone_rows[_i].two_flags)
		b.tracker.source.approvals = (struct bug_words){two_flags, 2};
	if (alone_rows[_i].state != TABLE_UNKNOWN)
		ck_assert_int_eq(bug_table_tell(b.tracker.table, 12, alone_rows[_i].state, b.t.now),
				 TABLE_TOLD_CHANGED);
	bug_table_date(b.tracker.table, b.t.now);
	b.t.now += alone_rows[_i].age;
	if (alone_rows[_i].heard)
		judging_tell(&b, 12);
	judging_step(&b);
	judging_says(&b, alone_rows[_i].says, alone_rows[_i].says == STATUS_SUCCESS ? NULL : CLEARANCE);
	ck_assert_uint_eq(b.tracker.reads + b.tracker.lists, 0);
	if (alone_rows[_i].state == TABLE_SECURE || alone_rows[_i].state == TABLE_UNKNOWN)
		ck_assert(judging_subject(&b).due && judging_subject(&b).not_before > b.t.now);
	judging_close(&b);
}
END_TEST

/* What the worker that keeps it does until there is nothing to do. */
static void keep_table(struct bugs_worker *worker)
{
	int64_t at;

	while (bugs_worker_step(worker, &at))
		;
}

static const struct {
	enum table_state told, dumped; /* TABLE_UNKNOWN: no dump came since, and another process looks at it anew */
} not_newer[] = {{TABLE_APPROVED, TABLE_UNKNOWN}, {TABLE_INSECURE, TABLE_APPROVED}};

/* Its approval was taken back, says a webhook; what the table says is from before, and may come after. */
START_TEST(where_a_table_is_all_no_success_stands_on_one_from_before_what_was_told)
{
	struct judging b;
	struct bugs_worker worker;

	judging_open(&b, 0);
	b.tracker.source.port = (struct tracker){.self = NULL};
	worker = (struct bugs_worker){.worker = b.judge.worker, .source = &b.tracker.source, .poll_ms = HOUR};
	(void)bug_table_tell(b.tracker.table, 12, not_newer[_i].told, b.t.now);
	bug_table_date(b.tracker.table, b.t.now);
	judging_step(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	if (not_newer[_i].dumped != TABLE_UNKNOWN)
		keep_table(&worker);
	b.t.now += HOUR;
	judging_tell(&b, 12);
	(void)bug_table_tell(b.tracker.table, 12, not_newer[_i].dumped, b.t.now - 1);
	b.t.now += 5000;
	keep_table(&worker);
	b.t.now += 1000;
	judging_step(&b);
	ck_assert_int_ne(judging_slot(&b).state, STATUS_SUCCESS);
	bugs_worker_release(&worker);
	judging_close(&b);
}
END_TEST

START_TEST(what_is_read_is_known_to_the_table)
{
	struct judging b;

	judging_open(&b, HOUR);
	told_tracker_bug(&b.tracker, 12, NULL);
	told_tracker_approval(told_tracker_bug(&b.tracker, 13, "sec-high"), '+', false);
	told_tracker_bug(&b.tracker, 14, "sec-high");
	told_tracker_bug(&b.tracker, 15, NULL)->is.state = BUG_HIDDEN;
	judging_names(&b, "Bug 12, bug 13, bug 14, bug 15");
	judging_step(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_INSECURE);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 13), TABLE_APPROVED);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 14), TABLE_SECURE);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 15), TABLE_SECURE);
	judging_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(that_a_bug_may_count_unread_is_said_of_every_commit_whether_it_names_one_or_none),
	SUITE_TEST(a_hundred_bugs_known_not_secure_are_allowed_for_two_hours_without_a_request),
	SUITE_ROWS(what_the_table_cannot_tell_is_read_and_waits_where_it_cannot_be, spoils),
	SUITE_TEST(what_was_put_off_is_settled_by_a_reading_that_began_later),
	SUITE_TEST(what_a_process_read_and_did_not_save_is_read_again_by_the_next),
	SUITE_ROWS(what_a_reading_shows_to_be_unclear_counts_from_no_table, unclear),
	SUITE_TEST(each_bug_is_read_at_most_twice_in_a_judgement),
	SUITE_ROWS(a_tracker_that_is_read_from_a_table_decides_what_the_table_tells, alone_rows),
	SUITE_ROWS(where_a_table_is_all_no_success_stands_on_one_from_before_what_was_told, not_newer),
	SUITE_TEST(what_is_read_is_known_to_the_table),
	SUITE_END,
};
SUITE_MAIN(tests)
