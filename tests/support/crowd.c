#include "tests/support/crowd.h"

#include <check.h>
#include <stdio.h>

static const struct text tracker = {"bmo", 3};
static const struct bug_ref named[] = {{{"bmo", 3}, CROWD_BUG, true}};

static void put(struct pipe_rig *rig, const struct table *table, const void *row)
{
	struct err err = ERR_NONE;

	ck_assert_msg(rig->rows.ops->put(rig->rows.self, table, row, &err), "%s: %s", table->name, err.text);
}

static struct oid head_of(int64_t i)
{
	char hex[41];
	struct oid oid;

	(void)snprintf(hex, sizeof hex, "%040llx", (unsigned long long)i + 1);
	ck_assert(oid_parse(text_of(hex), &oid));
	return oid;
}

static void put_bug(struct pipe_rig *rig, const struct oid *head, int64_t bug)
{
	struct row_bug_link link = {.tracker = tracker, .bug = bug, .repo = PIPE_REPO, .sha = *head, .weighs = 1};

	put(rig, &table_bug_link, &link);
}

static void put_change(struct pipe_rig *rig, int64_t i, bool names)
{
	const struct oid head = head_of(i);
	const struct text context = rig->store.context;
	struct row_change change = {.repo = PIPE_REPO,
				    .number = i + 1,
				    .head = head,
				    .base_ref = TEXT_LIT("main"),
				    .open = TRI_YES,
				    .draft = TRI_NO,
				    .merged = TRI_NO,
				    .author = 11};
	struct row_subject subject = {.repo = PIPE_REPO, .sha = head, .wanted = 1, .judged = 1, .allowed_before = 1};
	struct row_slot slot = {
		.repo = PIPE_REPO, .sha = head, .context = context, .state = STATUS_SUCCESS, .watched = 1};
	struct row_ledger ledger = {.repo = PIPE_REPO, .sha = head, .context = context, .state = STATUS_SUCCESS};

	put(rig, &table_change, &change);
	put(rig, &table_subject, &subject);
	put(rig, &table_slot, &slot);
	put(rig, &table_ledger, &ledger);
	put_bug(rig, &head, i + 1);
	if (names)
		put_bug(rig, &head, CROWD_BUG);
}

void crowd_open(struct pipe_rig *rig, int64_t n)
{
	struct err err = ERR_NONE;

	pipe_open(rig, 1);
	ck_assert_int_ge(n, CROWD_NAMED);
	ck_assert(rig->rows.ops->begin(rig->rows.self, true, &err));
	for (int64_t i = 0; i < n; i++)
		put_change(rig, i, i == 0 || i == n / 2 || i == n - 1);
	ck_assert(rig->rows.ops->commit(rig->rows.self, &err));
}

void crowd_hears(struct pipe_rig *rig, int64_t bug)
{
	struct event event = {.kind = EVENT_BUG,
			      .name = TEXT_LIT("bug"),
			      .bug = {.tracker = tracker, .id = bug, .touched = BUG_TOUCHED_ALL},
			      .change.updated_at = WHEN_UNKNOWN,
			      .review.submitted_at = WHEN_UNKNOWN,
			      .status.created_at = WHEN_UNKNOWN,
			      .pushed_at = WHEN_UNKNOWN,
			      .comment.created_at = WHEN_UNKNOWN};

	tell(rig, event);
}

int64_t crowd_judged(struct pipe_rig *rig)
{
	struct claim claim;
	int64_t n = 0;

	rig->now += 1000; /* what is read from now on is newer than what was told */
	rig->bugs = named;
	rig->n_bugs = 1;
	for (; try_claim(rig, &claim); n++)
		ck_assert_int_eq(conclude_as(rig, &claim, DECISION_ALLOWED), CONCLUDED);
	rig->bugs = NULL;
	rig->n_bugs = 0;
	return n;
}
