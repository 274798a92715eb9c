#include "tests/support/judging.h"

#include <check.h>

#include "agent/store/store_bugs.h"

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

/* Time passes for who waits. */
static void wait_until(void *self, enum wake_topic topic, int64_t deadline_ms)
{
	struct judging *b = self;

	ck_assert_int_eq(topic, WAKE_HELD);
	b->t.now = deadline_ms > b->t.now ? deadline_ms : b->t.now;
}

static bool never_stops(void *self)
{
	(void)self;
	return false;
}

void judging_names(struct judging *b, const char *message)
{
	b->t.commits[0].message = text_of(message);
}

void judging_open(struct judging *b, int64_t max_age_ms)
{
	struct told_forge *t = &b->t;

	*b = (struct judging){.tracker = {.n = 0}};
	told_forge_open_approved(t);
	t->file = POLICY;
	told_tracker_open(&b->tracker, &t->now, max_age_ms);
	b->judge = (struct judge){
		.worker = {.store = &t->store,
			   .clock = t->ports.clock,
			   .wake = {b, wait_until, signal_nobody, never_stops},
			   .owner = "w"},
		.config = t->config,
		.forge = &t->forge,
		.mirror = &t->mirror,
		.attempts_max = 6,
		.bugs = &b->tracker.sources,
	};
	judging_names(b, "Bug 12 - a fix");
}

void judging_close(struct judging *b)
{
	judge_later_drop(&b->judge);
	told_tracker_close(&b->tracker);
	told_forge_close(&b->t);
}

struct row_slot judging_slot(struct judging *b)
{
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid('a'), .context = TEXT_LIT("policy/merge-allowed")};

	(void)told_forge_find(&b->t, &table_slot, &slot);
	return slot;
}

struct row_subject judging_subject(struct judging *b)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('a')};

	ck_assert(told_forge_find(&b->t, &table_subject, &subject));
	return subject;
}

void judging_step(struct judging *b)
{
	int64_t at, until;

	ck_assert(judge_step(&b->judge, &at));
	while ((until = judge_later_at(&b->judge)) != WHEN_UNKNOWN) {
		b->t.now = until > b->t.now ? until : b->t.now;
		ck_assert(judge_step(&b->judge, &at));
	}
}

void judging_says(struct judging *b, enum status_state state, const char *text)
{
	struct row_slot slot = judging_slot(b);

	ck_assert_msg(slot.state == state && (!text || text_is(slot.text, text)), "%d: %.*s", (int)slot.state,
		      TEXT_ARG(slot.text));
}

bool judging_linked(struct judging *b, int64_t bug)
{
	struct row_bug_link link = {.tracker = TEXT_LIT("bmo"), .bug = bug, .repo = TOLD_REPO, .sha = told_oid('a')};

	return told_forge_find(&b->t, &table_bug_link, &link);
}

void judging_tell(struct judging *b, int64_t bug)
{
	struct bugs_told told = {.tracker = TEXT_LIT("bmo"), .ids = &bug, .n = 1, .now = b->t.now};
	struct err err = ERR_NONE;
	bool subjects;

	ck_assert_msg(store_tell_bugs(&b->t.store, &told, &subjects, &err), "%s", err.text);
}

void judging_sweep(struct judging *b)
{
	const struct forge_change *is = &b->t.changes[0];
	struct sweep repo = {.repo = TOLD_REPO, .repo_name = TEXT_LIT("o/r"), .installation = TOLD_INSTALLATION};
	struct event_change change = {.number = is->number,
				      .head = is->head,
				      .base_sha = is->base_sha,
				      .base_ref = is->base_ref,
				      .open = TRI_YES,
				      .draft = TRI_NO,
				      .merged = TRI_NO,
				      .author = is->author,
				      .updated_at = is->updated_at};
	struct sweep_seen seen = {
		.sweep = &repo, .changes = &change, .n = 1, .clock = b->t.ports.clock, .next_at = b->t.now + 30000};
	struct err err = ERR_NONE;
	struct swept swept;

	ck_assert_msg(store_sweep(&b->t.store, &seen, &swept, &err), "%s", err.text);
}

void judging_knows(struct judging *b, int64_t id, int64_t seen)
{
	ck_assert_int_eq(bug_table_tell(b->tracker.table, id, TABLE_INSECURE, seen), TABLE_TOLD_CHANGED);
	bug_table_date(b->tracker.table, seen);
}
