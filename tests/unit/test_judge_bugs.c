/*
 * A judge's steps where the policy asks about bugs: what is looked up when, what counts, and when a success is given.
 * The forge and the tracker answer what they were told; the store is the real one, in memory.
 */
#include "agent/work/workers.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"
#include "tests/support/told_tracker.h"

#define REVIEWED "  - {name: r, requires: {count: 1, permissions: [write]}}\n"
#define CLEARED                                                                                                        \
	"{bugs: {every: {any_of: [{keywords: {none_of: [sec-high]}}, "                                                 \
	"{attachment_flag: {name: sec-approval, status: '+'}}]}}}"
#define POLICY                                                                                                         \
	"policy: {approval: [r, c]}\napproval_rules:\n" REVIEWED                                                       \
	"  - {name: c, visibility: restricted, requires: {conditions: " CLEARED "}}\n"
#define POLICY_WARNS                                                                                                   \
	"policy: {approval: [r, c]}\napproval_rules:\n" REVIEWED                                                       \
	"  - {name: c, mode: warn, visibility: restricted, requires: {conditions: " CLEARED "}}\n"
#define POLICY_OTHER_WORD                                                                                              \
	"policy: {approval: [r, c]}\napproval_rules:\n" REVIEWED                                                       \
	"  - {name: c, visibility: restricted, requires: {conditions: {bugs: {every: {keywords: {none_of: "            \
	"[other]}}}}}}\n"

#define CLEARANCE "Needs maintainer clearance"
#define TICK      INT64_C(60000)

struct bench {
	struct told_forge t;
	struct told_tracker tracker;
	struct judge judge;
};

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

static void names_bug(struct bench *b, const char *message)
{
	b->t.commits[0].message = text_of(message);
}

static void bench_open(struct bench *b, int64_t max_age_ms)
{
	struct told_forge *t = &b->t;

	*b = (struct bench){.tracker = {.n = 0}};
	told_forge_open_approved(t);
	t->file = POLICY;
	told_tracker_open(&b->tracker, &t->now, max_age_ms);
	b->judge = (struct judge){
		.worker = {.store = &t->store,
			   .clock = t->ports.clock,
			   .wake = {.signal = signal_nobody},
			   .owner = "w"},
		.config = t->config,
		.forge = &t->forge,
		.mirror = &t->mirror,
		.attempts_max = 6,
		.bugs = &b->tracker.sources,
	};
	names_bug(b, "Bug 12 - a fix");
}

static void bench_close(struct bench *b)
{
	told_tracker_close(&b->tracker);
	told_forge_close(&b->t);
}

static struct row_slot slot_of(struct bench *b)
{
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid('a'), .context = TEXT_LIT("policy/merge-allowed")};

	(void)told_forge_find(&b->t, &table_slot, &slot);
	return slot;
}

static struct row_subject subject_of(struct bench *b)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('a')};

	ck_assert(told_forge_find(&b->t, &table_subject, &subject));
	return subject;
}

static void judged(struct bench *b)
{
	int64_t at;

	ck_assert(judge_step(&b->judge, &at));
}

static void ck_says(struct bench *b, enum status_state state, const char *text)
{
	struct row_slot slot = slot_of(b);

	ck_assert_msg(slot.state == state && (!text || text_is(slot.text, text)), "%d: %.*s", (int)slot.state,
		      TEXT_ARG(slot.text));
}

static bool linked(struct bench *b, int64_t bug)
{
	struct row_bug_link link = {.tracker = TEXT_LIT("bmo"), .bug = bug, .repo = TOLD_REPO, .sha = told_oid('a')};

	return told_forge_find(&b->t, &table_bug_link, &link);
}

static void tell(struct bench *b, int64_t bug)
{
	struct bugs_told told = {TEXT_LIT("bmo"), &bug, 1, 0, b->t.now};
	struct err err = ERR_NONE;
	bool subjects;

	ck_assert_msg(store_tell_bugs(&b->t.store, &told, &subjects, &err), "%s", err.text);
}

START_TEST(nothing_is_looked_up_while_what_the_public_sees_is_not_met)
{
	struct bench b;

	bench_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, "sec-high");
	b.t.permission = PERMISSION_READ;
	judged(&b);
	ck_says(&b, STATUS_PENDING, NULL);
	ck_assert(!text_is(slot_of(&b).text, CLEARANCE));
	ck_assert_uint_eq(b.tracker.reads, 0);
	ck_assert(!linked(&b, 12));
	bench_close(&b);
}
END_TEST

static const struct {
	const char *keyword;
	char approval;
	bool obsolete;
	enum bug_state state;
	bool allowed;
} states[] = {
	{NULL, 0, false, BUG_READ, true},          {"sec-high", 0, false, BUG_READ, false},
	{"sec-high", '?', false, BUG_READ, false}, {"sec-high", '-', false, BUG_READ, false},
	{"sec-high", '+', true, BUG_READ, false},  {"sec-high", '+', false, BUG_READ, true},
	{NULL, 0, false, BUG_HIDDEN, false},       {NULL, 0, false, BUG_MISSING, false},
	{NULL, 0, false, BUG_UNREAD, false},
};

START_TEST(a_bug_decides_by_what_the_tracker_says)
{
	struct bench b;
	struct tracker_bug *bug;

	bench_open(&b, 0);
	bug = told_tracker_bug(&b.tracker, 12, states[_i].keyword);
	bug->is.state = states[_i].state;
	if (states[_i].approval)
		told_tracker_approval(bug, states[_i].approval, states[_i].obsolete);
	judged(&b);
	if (states[_i].allowed)
		ck_says(&b, STATUS_SUCCESS, NULL);
	else
		ck_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert_uint_eq(b.tracker.reads, states[_i].allowed ? 2 : 1);
	ck_assert(linked(&b, 12));
	bench_close(&b);
}
END_TEST

static const enum err_code failures[] = {ERR_RETRY, ERR_DENIED, ERR_GONE, ERR_LIMIT, ERR_INVALID};

START_TEST(a_tracker_that_does_not_answer_gives_no_success_and_says_no_more_than_a_secure_bug)
{
	struct bench b;

	bench_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, NULL);
	b.tracker.fails = failures[_i];
	b.tracker.retry_at = b.t.now + 5000;
	judged(&b);
	ck_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert(linked(&b, 12));
	ck_assert_int_eq(subject_of(&b).not_before, b.t.now + 5000);
	b.t.now += 5000;
	b.tracker.fails = ERR_OK;
	judged(&b);
	ck_says(&b, STATUS_SUCCESS, NULL);
	bench_close(&b);
}
END_TEST

START_TEST(without_a_tracker_what_asks_about_bugs_waits)
{
	struct bench b;

	bench_open(&b, 0);
	b.judge.bugs = NULL;
	judged(&b);
	ck_says(&b, STATUS_PENDING, CLEARANCE);
	bench_close(&b);
}
END_TEST

/* ---- read twice ---- */

static void becomes_secure(void *context, unsigned read)
{
	struct told_tracker *tracker = context;

	if (read == 2) {
		tracker->n = 0;
		told_tracker_bug(tracker, 12, "sec-high");
	}
}
static void fails_then(void *context, unsigned read)
{
	struct told_tracker *tracker = context;

	if (read >= 2)
		tracker->fails = ERR_RETRY;
}
static void (*const between[])(void *context, unsigned read) = {becomes_secure, fails_then};

START_TEST(a_bug_that_moves_between_the_two_readings_gives_no_success)
{
	struct bench b;
	int64_t at;

	bench_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, NULL);
	b.tracker.on_read = between[_i];
	b.tracker.context = &b.tracker;
	judged(&b);
	(void)judge_step(&b.judge, &at); /* the judge itself may have told of the change: then it is owed again */
	ck_says(&b, STATUS_PENDING, CLEARANCE);
	bench_close(&b);
}
END_TEST

static void told_between(void *context, unsigned read)
{
	if (read == 2)
		tell(context, 12);
}

START_TEST(what_is_told_of_a_bug_while_it_is_judged_drops_the_success)
{
	struct bench b;

	bench_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, NULL);
	b.tracker.on_read = told_between;
	b.tracker.context = &b;
	judged(&b);
	ck_assert_int_ne(slot_of(&b).state, STATUS_SUCCESS);
	ck_assert(subject_of(&b).due);
	bench_close(&b);
}
END_TEST

static void told_after_first(void *context, unsigned read)
{
	struct bench *b = context;

	if (read != 1)
		return;
	b->t.now += 1000;
	tell(b, 12);
	b->t.now += 1000;
}

/* A denial, too, may stand on what was read just before it was cured. */
START_TEST(what_is_told_of_a_bug_after_its_only_reading_is_judged_again)
{
	struct bench b;

	bench_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, "sec-high");
	b.tracker.on_read = told_after_first;
	b.tracker.context = &b;
	judged(&b);
	ck_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert(subject_of(&b).due);
	bench_close(&b);
}
END_TEST

START_TEST(a_bug_that_changes_takes_the_success_back_at_once)
{
	struct bench b;

	bench_open(&b, 0);
	told_tracker_approval(told_tracker_bug(&b.tracker, 12, "sec-high"), '+', false);
	judged(&b);
	ck_says(&b, STATUS_SUCCESS, NULL);
	b.t.now += 1000;
	tell(&b, 12);
	ck_says(&b, STATUS_FAILURE, "Revoked: maintainer clearance is looked at again");
	told_tracker_approval(&b.tracker.bugs[0], 0, false);
	judged(&b);
	ck_says(&b, STATUS_FAILURE, NULL);
	bench_close(&b);
}
END_TEST

START_TEST(where_only_a_rule_that_warns_asks_the_success_neither_waits_nor_falls)
{
	struct bench b;

	bench_open(&b, 0);
	b.t.file = POLICY_WARNS;
	b.judge.tick_ms = TICK;
	told_tracker_bug(&b.tracker, 12, "sec-high");
	judged(&b);
	ck_says(&b, STATUS_SUCCESS, NULL);
	b.t.now += 1000;
	tell(&b, 12);
	ck_says(&b, STATUS_SUCCESS, NULL);
	ck_assert(subject_of(&b).due);
	bench_close(&b);
}
END_TEST

START_TEST(a_bug_that_was_secure_and_is_missing_now_is_secure)
{
	struct bench b;

	bench_open(&b, 0);
	b.t.file =
		"policy: {approval: [r, c]}\napproval_rules:\n" REVIEWED
		"  - {name: c, visibility: restricted, requires: {conditions: {bugs: {every: {bug_exists: false}}}}}\n";
	ck_assert_int_eq(bug_table_tell(b.tracker.table, 12, TABLE_SECURE, b.t.now - 5), TABLE_TOLD_CHANGED);
	judged(&b);
	ck_says(&b, STATUS_PENDING, CLEARANCE);
	bench_close(&b);
}
END_TEST

START_TEST(duplicates_are_read_until_nothing_is_new)
{
	struct bench b;

	bench_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, NULL)->is.dupe_of = 13;
	told_tracker_bug(&b.tracker, 13, NULL)->is.dupe_of = 14;
	told_tracker_bug(&b.tracker, 14, "sec-high");
	judged(&b);
	ck_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert_uint_eq(b.tracker.reads, 3);
	ck_assert(linked(&b, 14));
	bench_close(&b);
}
END_TEST

/* ---- the table ---- */

static void known_insecure(struct bench *b, int64_t id, int64_t seen)
{
	ck_assert_int_eq(bug_table_tell(b->tracker.table, id, TABLE_INSECURE, seen), TABLE_TOLD_CHANGED);
	bug_table_date(b->tracker.table, seen);
}

#define HOUR INT64_C(3600000)

START_TEST(a_hundred_bugs_known_not_secure_are_allowed_for_two_hours_without_a_request)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text message = TEXT_LIT("Bugs");
	struct bench b;

	bench_open(&b, 3 * HOUR);
	for (int i = 0; i < 100; i++) {
		known_insecure(&b, 20000 + i, b.t.now);
		message = arena_printf(&arena, "%.*s bug %d", TEXT_ARG(message), 20000 + i);
	}
	names_bug(&b, message.at);
	b.tracker.fails = ERR_RETRY;
	b.t.now += 2 * HOUR;
	judged(&b);
	ck_says(&b, STATUS_SUCCESS, NULL);
	ck_assert_uint_eq(b.tracker.reads + b.tracker.lists, 0);
	bench_close(&b);
}
END_TEST

static void too_old(struct bench *b)
{
	b->t.now += 4 * HOUR;
}
static void heard_of(struct bench *b)
{
	tell(b, 12);
}
static void secure_now(struct bench *b)
{
	ck_assert_int_eq(bug_table_tell(b->tracker.table, 12, TABLE_SECURE, b->t.now + 1), TABLE_TOLD_CHANGED);
}
static void another_word(struct bench *b)
{
	b->t.file = POLICY_OTHER_WORD;
}
static void names_an_unknown_one(struct bench *b)
{
	names_bug(b, "Bug 12 and bug 13");
}
static void stale_table(struct bench *b)
{
	b->tracker.source.table_max_age_ms = HOUR;
	b->t.now += 2 * HOUR;
}
static void no_duplicates_told(struct bench *b)
{
	b->tracker.source.tells_duplicates = false;
}
static void (*const spoils[])(struct bench *b) = {
	too_old, heard_of, secure_now, another_word, names_an_unknown_one, stale_table, no_duplicates_told};

START_TEST(what_the_table_cannot_tell_is_read_and_waits_where_it_cannot_be)
{
	struct bench b;

	bench_open(&b, 3 * HOUR);
	known_insecure(&b, 12, b.t.now);
	spoils[_i](&b);
	b.tracker.fails = ERR_RETRY;
	judged(&b);
	ck_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert_uint_ge(b.tracker.reads, 1);
	bench_close(&b);
}
END_TEST

/* Whoever reads it after it was told of settles what no other reading would settle so soon. */
START_TEST(what_was_put_off_is_settled_by_a_reading_that_began_later)
{
	const struct bug_ref ref = {TEXT_LIT("bmo"), 12, false};
	struct err err = ERR_NONE;
	bool due;

	for (int64_t later = 0; later <= 1; later++) {
		struct bench b;

		bench_open(&b, 3 * HOUR);
		told_tracker_bug(&b.tracker, 12, NULL);
		tell(&b, 12);
		ck_assert(store_mark_bugs(&b.t.store, ref.tracker, BUG_PUT_OFF,
					  &(struct bug_news_list){&(struct bug_news){.id = 12, .heard_at = b.t.now}, 1}, &err));
		b.t.now += later;
		judged(&b);
		ck_assert(store_bug_is_due(&b.t.store, &ref, &due, &err) && due == (later == 0));
		bench_close(&b);
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
	struct bench b;
	struct bug_asking asking = {NULL, &(struct bugs_wanted){.n_bugs = 0}, 12, 0};
	struct bug ret;

	bench_open(&b, 3 * HOUR);
	known_insecure(&b, 12, b.t.now);
	unclear[_i](told_tracker_bug(&b.tracker, 12, NULL));
	tell(&b, 12);
	b.t.now += 1000;
	judged(&b);
	ck_assert_uint_ge(b.tracker.reads, 1);
	asking.now = b.t.now;
	ck_assert(!bug_source_counts(&b.tracker.source, &asking, &b.t.arena, &ret));
	bench_close(&b);
}
END_TEST

/* A bug that is read because another is unknown is read for this judgement: not again because the table does not do. */
START_TEST(each_bug_is_read_at_most_twice_in_a_judgement)
{
	struct bench b;

	bench_open(&b, 3 * HOUR);
	b.t.file = "policy: {approval: [r, c]}\napproval_rules:\n" REVIEWED
		   "  - {name: c, visibility: restricted, requires: {conditions: {bugs: {every: {bug_open: true}}}}}\n";
	known_insecure(&b, 12, b.t.now);
	told_tracker_bug(&b.tracker, 12, NULL);
	told_tracker_bug(&b.tracker, 13, NULL);
	names_bug(&b, "Bug 12 and bug 13");
	judged(&b);
	ck_says(&b, STATUS_SUCCESS, NULL);
	ck_assert_uint_eq(b.tracker.reads, 4);
	bench_close(&b);
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
	struct bench b;

	bench_open(&b, alone_rows[_i].max_age);
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
		tell(&b, 12);
	judged(&b);
	ck_says(&b, alone_rows[_i].says, alone_rows[_i].says == STATUS_SUCCESS ? NULL : CLEARANCE);
	ck_assert_uint_eq(b.tracker.reads + b.tracker.lists, 0);
	if (alone_rows[_i].state == TABLE_SECURE || alone_rows[_i].state == TABLE_UNKNOWN)
		ck_assert(subject_of(&b).due && subject_of(&b).not_before > b.t.now);
	bench_close(&b);
}
END_TEST

START_TEST(what_is_read_is_known_to_the_table)
{
	struct bench b;

	bench_open(&b, HOUR);
	told_tracker_bug(&b.tracker, 12, NULL);
	told_tracker_approval(told_tracker_bug(&b.tracker, 13, "sec-high"), '+', false);
	told_tracker_bug(&b.tracker, 14, "sec-high");
	told_tracker_bug(&b.tracker, 15, NULL)->is.state = BUG_HIDDEN;
	names_bug(&b, "Bug 12, bug 13, bug 14, bug 15");
	judged(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_INSECURE);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 13), TABLE_APPROVED);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 14), TABLE_SECURE);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 15), TABLE_SECURE);
	bench_close(&b);
}
END_TEST

/* ---- the tick ---- */

START_TEST(a_success_that_hangs_on_bugs_waits_for_the_tick_and_shows_nothing_before)
{
	struct bench b;
	int64_t at, tick;

	bench_open(&b, 0);
	b.judge.tick_ms = TICK;
	told_tracker_bug(&b.tracker, 12, NULL);
	tick = (b.t.now / TICK + 1) * TICK;
	judged(&b);
	ck_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert_int_eq(subject_of(&b).not_before, tick);
	ck_assert(linked(&b, 12));
	b.t.now = tick - 1;
	ck_assert(!judge_step(&b.judge, &at));
	b.t.now = tick + 7000; /* however late */
	judged(&b);
	ck_says(&b, STATUS_SUCCESS, NULL);
	bench_close(&b);
}
END_TEST

START_TEST(what_is_told_before_the_tick_is_judged_at_once_and_waits_for_it_all_the_same)
{
	struct bench b;

	bench_open(&b, 0);
	b.judge.tick_ms = TICK;
	told_tracker_bug(&b.tracker, 12, NULL);
	judged(&b);
	b.t.now += 1000;
	tell(&b, 12);
	judged(&b);
	ck_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert_int_eq(subject_of(&b).not_before % TICK, 0);
	bench_close(&b);
}
END_TEST

START_TEST(a_change_that_names_no_bug_waits_for_no_tick)
{
	struct bench b;

	bench_open(&b, 0);
	b.judge.tick_ms = TICK;
	names_bug(&b, "No bug - words");
	judged(&b);
	ck_says(&b, STATUS_SUCCESS, NULL);
	ck_assert_uint_eq(b.tracker.reads, 0);
	bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(nothing_is_looked_up_while_what_the_public_sees_is_not_met),
	SUITE_ROWS(a_bug_decides_by_what_the_tracker_says, states),
	SUITE_ROWS(a_tracker_that_does_not_answer_gives_no_success_and_says_no_more_than_a_secure_bug, failures),
	SUITE_TEST(without_a_tracker_what_asks_about_bugs_waits),
	SUITE_ROWS(a_bug_that_moves_between_the_two_readings_gives_no_success, between),
	SUITE_TEST(what_is_told_of_a_bug_while_it_is_judged_drops_the_success),
	SUITE_TEST(what_is_told_of_a_bug_after_its_only_reading_is_judged_again),
	SUITE_TEST(a_bug_that_changes_takes_the_success_back_at_once),
	SUITE_TEST(where_only_a_rule_that_warns_asks_the_success_neither_waits_nor_falls),
	SUITE_TEST(a_bug_that_was_secure_and_is_missing_now_is_secure),
	SUITE_TEST(duplicates_are_read_until_nothing_is_new),
	SUITE_TEST(a_hundred_bugs_known_not_secure_are_allowed_for_two_hours_without_a_request),
	SUITE_ROWS(what_the_table_cannot_tell_is_read_and_waits_where_it_cannot_be, spoils),
	SUITE_TEST(what_was_put_off_is_settled_by_a_reading_that_began_later),
	SUITE_ROWS(what_a_reading_shows_to_be_unclear_counts_from_no_table, unclear),
	SUITE_TEST(each_bug_is_read_at_most_twice_in_a_judgement),
	SUITE_ROWS(a_tracker_that_is_read_from_a_table_decides_what_the_table_tells, alone_rows),
	SUITE_TEST(what_is_read_is_known_to_the_table),
	SUITE_TEST(a_success_that_hangs_on_bugs_waits_for_the_tick_and_shows_nothing_before),
	SUITE_TEST(what_is_told_before_the_tick_is_judged_at_once_and_waits_for_it_all_the_same),
	SUITE_TEST(a_change_that_names_no_bug_waits_for_no_tick),
	SUITE_END,
};
SUITE_MAIN(tests)
