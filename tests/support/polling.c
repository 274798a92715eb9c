#include "tests/support/polling.h"

#include <check.h>
#include <fcntl.h>
#include <unistd.h>

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

void polling_start(struct polling *p)
{
	bugs_worker_release(&p->worker);
	p->worker = (struct bugs_worker){.worker = {.store = &p->t.store,
						    .clock = p->t.ports.clock,
						    .wake = {.signal = signal_nobody},
						    .log = &p->log,
						    .metrics = p->metrics,
						    .owner = "w"},
					 .source = &p->tracker.source,
					 .deadline_ms = 1000,
					 .poll_ms = POLLING_MS};
}

void polling_open(struct polling *p)
{
	*p = (struct polling){.metrics = metrics_new(metrics_rows(), METRICS)};
	ck_assert(pipe2(p->said, O_NONBLOCK) == 0);
	told_forge_open_approved(&p->t);
	p->log = (struct log){p->said[1], LOG_LOGFMT, LOG_WARN_LEVEL, p->t.ports.clock, NULL};
	p->t.now = INT64_C(1795600000000);
	told_tracker_open(&p->tracker, &p->t.now, INT64_C(4) * 3600000);
	polling_start(p);
}

void polling_close(struct polling *p)
{
	(void)close(p->said[0]);
	(void)close(p->said[1]);
	bugs_worker_release(&p->worker);
	metrics_free(p->metrics);
	told_tracker_close(&p->tracker);
	told_forge_close(&p->t);
}

void polling_work_at(struct polling *p, int64_t step_ms)
{
	int64_t at;

	for (int i = 0; bugs_worker_step(&p->worker, &at); i++, p->t.now += step_ms)
		ck_assert_int_lt(i, 100);
}

void polling_work(struct polling *p)
{
	polling_work_at(p, 0);
}

void polling_link(struct polling *p, int64_t bug)
{
	struct row_bug_link link = {
		.tracker = TEXT_LIT("bmo"), .bug = bug, .repo = TOLD_REPO, .sha = told_oid('a'), .weighs = 1};
	struct row_subject subject = {
		.repo = TOLD_REPO, .sha = told_oid('a'), .wanted = 1, .judged = 1, .allowed_before = 1};

	told_forge_keep(&p->t, &table_bug_link, &link);
	told_forge_keep(&p->t, &table_subject, &subject);
}

void polling_allowed(struct polling *p)
{
	struct row_slot slot = {.repo = TOLD_REPO,
				.sha = told_oid('a'),
				.context = p->t.store.context,
				.state = STATUS_SUCCESS,
				.kind = SLOT_VERDICT,
				.made_at = 1,
				.allowed_before = 1};
	struct row_ledger ledger = {
		.repo = TOLD_REPO, .sha = told_oid('a'), .context = p->t.store.context, .state = STATUS_SUCCESS};

	told_forge_keep(&p->t, &table_slot, &slot);
	told_forge_keep(&p->t, &table_ledger, &ledger);
}

bool polling_is_allowed(struct polling *p)
{
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid('a'), .context = p->t.store.context};

	ck_assert(told_forge_find(&p->t, &table_slot, &slot));
	return slot.state == STATUS_SUCCESS;
}

bool polling_judged_again(struct polling *p)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('a')};
	bool due;

	ck_assert(told_forge_find(&p->t, &table_subject, &subject));
	due = subject.due != 0;
	subject.due = 0;
	subject.judged = subject.wanted;
	told_forge_keep(&p->t, &table_subject, &subject);
	return due;
}

void polling_told_of(struct polling *p, int64_t bug)
{
	struct bugs_told told = {.tracker = TEXT_LIT("bmo"), .ids = &bug, .n = 1, .now = p->t.now};
	struct err err = ERR_NONE;
	bool subjects;

	ck_assert_msg(store_tell_bugs(&p->t.store, &told, &subjects, &err), "%s", err.text);
}

bool polling_is_due(struct polling *p, int64_t bug)
{
	const struct bug_ref ref = {TEXT_LIT("bmo"), bug, false};
	struct err err = ERR_NONE;
	bool due;

	ck_assert(store_bug_is_due(&p->t.store, &ref, &due, &err));
	return due;
}

void polling_known(struct polling *p, int64_t bug, enum table_state state)
{
	ck_assert_int_eq(bug_table_tell(p->tracker.table, bug, state, p->t.now), TABLE_TOLD_CHANGED);
}
