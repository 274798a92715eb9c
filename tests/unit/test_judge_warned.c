/*
 * What a judgement wants said on a bug: that a rule which only warns would have blocked its change. Once for each
 * change, where it is asked for, of bugs that are secure and not approved.
 */
#include "agent/store/store_deeds.h"
#include "agent/work/workers.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"
#include "tests/support/told_tracker.h"

#define IN_BOTH      "approval: [r, c]"
#define IN_OWN       "approval: [r, c], contexts: {policy/try-allowed: {approval: [r]}}"
#define IN_TRY       "approval: [r], contexts: {policy/try-allowed: {approval: [r, c]}}"
#define POLICY(mode) POLICY_OF(IN_BOTH, mode)
#define POLICY_OF(approval, mode)                                                                                      \
	"policy: {" approval "}\napproval_rules:\n"                                                                    \
	"  - {name: r, requires: {count: 1, permissions: [write]}}\n"                                                  \
	"  - {name: c, mode: " mode ", visibility: restricted, requires: {conditions: {bugs: {every: {any_of: "        \
	"[{keywords: {none_of: [sec-high]}}, {attachment_flag: {name: sec-approval, status: '+'}}]}}}}}\n"

/* No tracking flag before sec-approval, which some trackers keep as a field. */
#define POLICY_TRACKS                                                                                                  \
	"policy: {approval: [r, c]}\napproval_rules:\n"                                                                \
	"  - {name: r, requires: {count: 1, permissions: [write]}}\n"                                                  \
	"  - {name: c, requires: {conditions: {bugs: {every: {any_of: [{attachment_flag: {name: sec-approval, "        \
	"status: '+'}}, {not: {flag: {name: cf_tracking_x, status: '+'}}}]}}}}}\n"

struct bench {
	struct told_forge t;
	struct told_tracker tracker;
	struct judge judge;
	int woken; /* those who keep trackers' tables */
};

static void signalled(void *self, enum wake_topic topic)
{
	struct bench *b = self;

	b->woken += topic == WAKE_BUGS;
}

static enum err_code no_runs(void *self, const struct forge_call *call, const struct forge_named *in,
			     struct forge_list_checks *out, struct err *err)
{
	(void)self, (void)call, (void)in, (void)err;
	*out = (struct forge_list_checks){NULL, 0};
	return ERR_OK;
}

/* A change that fixes bug 12, which is secure and not approved; the rule warns. */
static void bench_open(struct bench *b)
{
	struct told_forge *t = &b->t;

	*b = (struct bench){.tracker = {.n = 0}};
	told_forge_open_approved(t);
	t->forge.check_runs = no_runs; /* in whatever context */
	t->file = POLICY("warn");
	told_tracker_open(&b->tracker, &t->now, 0);
	b->tracker.source.guard.warnings = true;
	(void)told_tracker_bug(&b->tracker, 12, "sec-high");
	b->judge = (struct judge){
		.worker = {.store = &t->store, .clock = t->ports.clock, .wake = {b, .signal = signalled}, .owner = "w"},
		.config = t->config,
		.forge = &t->forge,
		.mirror = &t->mirror,
		.attempts_max = 6,
		.bugs = &b->tracker.sources,
	};
	t->commits[0].message = TEXT_LIT("Bug 12 - a fix");
}

static void bench_close(struct bench *b)
{
	told_tracker_close(&b->tracker);
	told_forge_close(&b->t);
}

static void judged(struct bench *b)
{
	const struct oid sha = told_oid('a');
	struct err err = ERR_NONE;
	int64_t at;

	ck_assert(store_want(&b->t.store, TOLD_REPO, &sha, true, &err));
	ck_assert(judge_step(&b->judge, &at));
}

/* *ret: it is over afterwards. */
static bool wanted(struct bench *b, struct row_bug_deed *ret)
{
	const struct deed_end done = {DEED_DONE, 0};
	const struct deed_query query = {TEXT_LIT("bmo"), b->t.now};
	struct err err = ERR_NONE;
	struct deed_due due;

	ck_assert(store_due_deed(&b->t.store, &query, &b->t.arena, &due, &err));
	if (due.any) {
		*ret = due.deed;
		ck_assert(store_end_deed(&b->t.store, &due.deed, &done, &err));
	}
	return due.any;
}

static const char *const warns[] = {POLICY("warn"), POLICY_OF(IN_OWN, "warn"), POLICY_OF(IN_TRY, "warn")};

START_TEST(a_rule_that_warns_of_a_secure_bug_is_told_there_once)
{
	struct row_bug_deed deed;
	struct bench b;

	bench_open(&b);
	b.t.file = warns[_i];
	judged(&b);
	ck_assert_int_gt(b.woken, 0);
	ck_assert(wanted(&b, &deed));
	ck_assert(deed.kind == DEED_WARNED && deed.bug == 12 && deed.name.len == 0);
	ck_assert(!wanted(&b, &deed));
	for (int i = 0; i < 3; i++)
		judged(&b);
	ck_assert(!wanted(&b, &deed));
	bench_close(&b);
}
END_TEST

static void not_asked_for(struct bench *b)
{
	b->tracker.source.guard.warnings = false;
}

static void enforced(struct bench *b)
{
	b->t.file = POLICY("enforce");
}

static void off(struct bench *b)
{
	b->t.file = POLICY("off");
}

static void approved(struct bench *b)
{
	told_tracker_approval(&b->tracker.bugs[0], '+', false);
}

static void not_secure(struct bench *b)
{
	b->tracker.bugs[0].is.n_keywords = 0;
}

static void another(struct bench *b)
{
	b->t.commits[0].message = TEXT_LIT("Bug 13 - a fix");
}

static void unread(struct bench *b)
{
	b->tracker.fails = ERR_RETRY;
}

static void not_reviewed(struct bench *b)
{
	b->t.permission = PERMISSION_READ;
}

typedef void (*changes)(struct bench *b);
static const changes silent[] = {not_asked_for, enforced, off, approved, not_secure, another, unread, not_reviewed};

START_TEST(nothing_else_is_told)
{
	struct row_bug_deed deed;
	struct bench b;

	bench_open(&b);
	silent[_i](&b);
	judged(&b);
	ck_assert(!wanted(&b, &deed));
	bench_close(&b);
}
END_TEST

START_TEST(a_tracking_field_before_approval_is_reported_on_the_commit)
{
	static const struct bug_flag set = {.name = {"cf_tracking_x", 13}, .status = BUG_FLAG_GRANTED};
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid('a'), .context = TEXT_LIT("policy/merge-allowed")};
	struct bench b;

	bench_open(&b);
	b.t.file = POLICY_TRACKS;
	b.tracker.bugs[0].is.flags = &set;
	b.tracker.bugs[0].is.n_flags = _i == 0;
	judged(&b);
	ck_assert(b.tracker.fields); /* asked for because the policy names one */
	ck_assert(told_forge_find(&b.t, &table_slot, &slot));
	ck_assert_int_eq(slot.state, _i == 0 ? STATUS_PENDING : STATUS_SUCCESS);
	ck_assert(text_is(slot.text, "Needs maintainer clearance") == (_i == 0));
	bench_close(&b);
}
END_TEST

static const int set_or_not[] = {0, 1};

static const struct suite_test tests[] = {
	SUITE_ROWS(a_rule_that_warns_of_a_secure_bug_is_told_there_once, warns),
	SUITE_ROWS(nothing_else_is_told, silent),
	SUITE_ROWS(a_tracking_field_before_approval_is_reported_on_the_commit, set_or_not),
	SUITE_END,
};
SUITE_MAIN(tests)
