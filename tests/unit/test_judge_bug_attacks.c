/*
 * What an outage of the tracker, and a bug that turns, must not let through: at each step of a judgement, and on a
 * merge group's commit. The forge and the tracker answer what they were told; the store is the real one, in memory.
 */
#include "agent/work/workers.h"
#include "tests/support/suite.h"
#include "tests/support/told_group.h"
#include "tests/support/told_tracker.h"

#define POLICY                                                                                                         \
	"policy: {approval: [r, c]}\napproval_rules:\n"                                                                \
	"  - {name: r, requires: {count: 1, permissions: [write]}}\n"                                                  \
	"  - {name: c, visibility: restricted, requires: {conditions: {bugs: {every: {any_of: [{keywords: {none_of: "  \
	"[sec-high]}}, {attachment_flag: {name: sec-approval, status: '+'}}]}}}}}\n"
#define CLEARANCE "Needs maintainer clearance"

struct bench {
	struct told_group g;
	struct told_tracker tracker;
	struct judge judge;
	unsigned fails_from; /* 0: never */
	enum err_code fails_as;
};

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

static void arm(struct bench *b)
{
	struct told_forge *t = &b->g.t;

	t->file = POLICY;
	told_tracker_open(&b->tracker, &t->now, 0);
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
}

static void bench_close(struct bench *b)
{
	told_tracker_close(&b->tracker);
	told_forge_close(&b->g.t);
}

static struct row_slot slot_of(struct bench *b, char sha)
{
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid(sha), .context = TEXT_LIT("policy/merge-allowed")};

	(void)told_forge_find(&b->g.t, &table_slot, &slot);
	return slot;
}

static void judged(struct bench *b)
{
	int64_t at;

	ck_assert(judge_step(&b->judge, &at));
}

/* ---- an outage at every step ---- */

#define READS 4 /* of two bugs, twice */

static void fails_from(void *context, unsigned read)
{
	struct bench *b = context;

	if (read >= b->fails_from)
		b->tracker.fails = b->fails_as;
}

static const enum err_code outages[] = {ERR_RETRY, ERR_DENIED, ERR_GONE, ERR_LIMIT, ERR_INVALID};

START_TEST(an_outage_at_any_step_gives_no_success_and_ends)
{
	for (unsigned from = 1; from <= READS; from++) {
		struct bench b = {.fails_from = from, .fails_as = outages[_i]};

		told_forge_open_approved(&b.g.t);
		arm(&b);
		b.g.t.commits[0].message = TEXT_LIT("Bug 12 and bug 13");
		told_tracker_bug(&b.tracker, 12, NULL);
		told_tracker_bug(&b.tracker, 13, NULL);
		b.tracker.on_read = fails_from;
		b.tracker.context = &b;
		b.tracker.retry_at = b.g.t.now + 5000;
		judged(&b);
		ck_assert_uint_ge(b.tracker.reads, from);
		ck_assert_int_ne(slot_of(&b, 'a').state, STATUS_SUCCESS);
		b.tracker.fails = ERR_OK;
		b.tracker.on_read = NULL;
		b.g.t.now += 60000;
		judged(&b);
		ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_SUCCESS);
		bench_close(&b);
	}
}
END_TEST

/* ---- a merge group ---- */

static void keep_group(struct bench *b)
{
	struct row_merge_group group = {TOLD_REPO, told_oid('e'), TEXT_LIT("refs/heads/q"), TEXT_LIT("main"), 0, 0};
	struct row_repo repo = {.id = TOLD_REPO, .name = TEXT_LIT("o/r")};

	told_forge_keep(&b->g.t, &table_repo, &repo);
	told_forge_keep(&b->g.t, &table_merge_group, &group);
}

static void open_group(struct bench *b)
{
	*b = (struct bench){.fails_from = 0};
	told_group_open(&b->g);
	arm(b);
	b->g.t.commits[0].message = TEXT_LIT("Bug 12 - a fix");
	told_tracker_bug(&b->tracker, 12, NULL);
	keep_group(b);
	judged(b);
}

START_TEST(a_bug_of_one_change_takes_the_success_of_its_merge_group_back)
{
	struct bugs_told told = {.tracker = TEXT_LIT("bmo"), .n = 1};
	static const int64_t id = 12;
	struct err err = ERR_NONE;
	struct bench b;
	bool subjects;

	open_group(&b);
	ck_assert_msg(slot_of(&b, 'e').state == STATUS_SUCCESS, "%.*s", TEXT_ARG(slot_of(&b, 'e').text));
	b.g.t.now += 1000;
	told.ids = &id;
	told.now = b.g.t.now;
	ck_assert_msg(store_tell_bugs(&b.g.t.store, &told, &subjects, &err), "%s", err.text);
	ck_assert_int_eq(slot_of(&b, 'e').state, STATUS_FAILURE);
	b.tracker.n = 0;
	told_tracker_bug(&b.tracker, 12, "sec-high");
	b.g.t.now += 1000;
	judged(&b);
	ck_assert_int_eq(slot_of(&b, 'e').state, STATUS_FAILURE);
	bench_close(&b);
}
END_TEST

START_TEST(a_merge_group_with_a_change_whose_bug_is_not_cleared_is_refused)
{
	struct bench b = {.fails_from = 0};

	told_group_open(&b.g);
	arm(&b);
	b.g.t.commits[1].message = TEXT_LIT("Bug 12 - a fix");
	told_tracker_bug(&b.tracker, 12, "sec-high");
	keep_group(&b);
	judged(&b);
	ck_assert_uint_ge(b.tracker.reads, 1);
	ck_assert_int_eq(slot_of(&b, 'e').state, STATUS_FAILURE);
	bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(an_outage_at_any_step_gives_no_success_and_ends, outages),
	SUITE_TEST(a_bug_of_one_change_takes_the_success_of_its_merge_group_back),
	SUITE_TEST(a_merge_group_with_a_change_whose_bug_is_not_cleared_is_refused),
	SUITE_END,
};
SUITE_MAIN(tests)
