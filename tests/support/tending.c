#include "tests/support/tending.h"

#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

void tending_open(struct tending *b)
{
	*b = (struct tending){.metrics = metrics_new(metrics_rows(), METRICS)};
	ck_assert(pipe2(b->said, O_NONBLOCK) == 0);
	told_forge_open_approved(&b->t);
	b->log = (struct log){b->said[1], LOG_LOGFMT, LOG_WARN_LEVEL, b->t.ports.clock};
	b->t.now = INT64_C(1795600000000);
	told_tracker_open(&b->tracker, &b->t.now, 4 * HOUR);
	b->worker = (struct bugs_worker){.worker = {.store = &b->t.store,
						    .clock = b->t.ports.clock,
						    .wake = {.signal = signal_nobody},
						    .log = &b->log,
						    .metrics = b->metrics,
						    .owner = "w"},
					 .source = &b->tracker.source,
					 .deadline_ms = 1000,
					 .poll_ms = POLL};
}

void tending_close(struct tending *b)
{
	(void)close(b->said[0]);
	(void)close(b->said[1]);
	metrics_free(b->metrics);
	told_tracker_close(&b->tracker);
	told_forge_close(&b->t);
}

/* Until it has nothing to do. */
void tending_work(struct tending *b)
{
	int64_t at;

	for (int i = 0; bugs_worker_step(&b->worker, &at); i++)
		ck_assert_int_lt(i, 100);
}

void tending_link(struct tending *b, int64_t bug)
{
	struct row_bug_link link = {
		.tracker = TEXT_LIT("bmo"), .bug = bug, .repo = TOLD_REPO, .sha = told_oid('a'), .weighs = 1};
	struct row_subject subject = {
		.repo = TOLD_REPO, .sha = told_oid('a'), .wanted = 1, .judged = 1, .allowed_before = 1};

	told_forge_keep(&b->t, &table_bug_link, &link);
	told_forge_keep(&b->t, &table_subject, &subject);
}

bool tending_judged_again(struct tending *b)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('a')};
	bool due;

	ck_assert(told_forge_find(&b->t, &table_subject, &subject));
	due = subject.due != 0;
	subject.due = 0;
	subject.judged = subject.wanted;
	told_forge_keep(&b->t, &table_subject, &subject);
	return due;
}

void tending_told_of(struct tending *b, int64_t bug)
{
	struct bugs_told told = {TEXT_LIT("bmo"), &bug, 1, 0, b->t.now};
	struct err err = ERR_NONE;
	bool subjects;

	ck_assert_msg(store_tell_bugs(&b->t.store, &told, &subjects, &err), "%s", err.text);
}

bool tending_is_due(struct tending *b, int64_t bug)
{
	const struct bug_ref ref = {TEXT_LIT("bmo"), bug, false};
	struct err err = ERR_NONE;
	bool due;

	ck_assert(store_bug_is_due(&b->t.store, &ref, &due, &err));
	return due;
}

void tending_known(struct tending *b, int64_t bug, enum table_state state)
{
	ck_assert_int_eq(bug_table_tell(b->tracker.table, bug, state, b->t.now), TABLE_TOLD_CHANGED);
}

/* Whether it was said since the last time. */
bool tending_said(struct tending *b, const char *words)
{
	char text[4096] = "";

	(void)!read(b->said[0], text, sizeof text - 1);
	ck_assert_ptr_null(strstr(text, "12"));
	return strstr(text, words) != NULL;
}
