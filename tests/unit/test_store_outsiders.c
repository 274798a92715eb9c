/* What anybody can do keeps nobody else from a success, and hides nothing. Over every backend. */
#include <stdio.h>

#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const struct {
	const char *what;
	enum review_action action;
	enum review_state state, known; /* known: what an event told of that review before; 0: nothing */
	bool asks;
} reviews[] = {
	{"a remark", REVIEW_SUBMITTED, REVIEW_COMMENTED, 0, false},
	{"a remark told again", REVIEW_SUBMITTED, REVIEW_COMMENTED, REVIEW_COMMENTED, false},
	{"an edited remark", REVIEW_EDITED, REVIEW_COMMENTED, REVIEW_COMMENTED, false},
	{"an edited remark that nobody told of", REVIEW_EDITED, REVIEW_COMMENTED, 0, false},
	{"a remark where an approval was told", REVIEW_EDITED, REVIEW_COMMENTED, REVIEW_APPROVED, true},
	{"an edited approval", REVIEW_EDITED, REVIEW_APPROVED, REVIEW_APPROVED, false},
	{"an edited approval that nobody told of", REVIEW_EDITED, REVIEW_APPROVED, 0, true},
	{"an approval", REVIEW_SUBMITTED, REVIEW_APPROVED, 0, true},
	{"an approval told again", REVIEW_SUBMITTED, REVIEW_APPROVED, REVIEW_APPROVED, true},
	{"an objection", REVIEW_SUBMITTED, REVIEW_CHANGES_REQUESTED, 0, true},
	{"a dismissal", REVIEW_DISMISSED, REVIEW_STATE_DISMISSED, REVIEW_STATE_DISMISSED, true},
};

static struct event by_outsider(enum review_action action, enum review_state state)
{
	struct event event = review_event(action, 9, state, 'a');

	event.review.association = TEXT_LIT("NONE");
	event.review.user.id = 33;
	return event;
}

START_TEST(what_decides_nothing_drops_no_success)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		enum concluded outcome = reviews[_i].asks ? CONCLUDED_DROPPED : CONCLUDED;
		struct pipe_rig rig;
		struct claim claim;

		pipe_open(&rig, backend);
		tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
		if (reviews[_i].known)
			tell(&rig, by_outsider(REVIEW_SUBMITTED, reviews[_i].known));
		claim = claim_of(&rig, 'a');
		tell(&rig, by_outsider(reviews[_i].action, reviews[_i].state));
		ck_assert_msg(conclude_as(&rig, &claim, DECISION_ALLOWED) == outcome, "%s", reviews[_i].what);
		ck_assert_int_eq(subject_of(&rig, 'a').due, reviews[_i].asks);
		pipe_close(&rig);
	}
}
END_TEST

static const int backends[PIPE_BACKENDS] = {0, 1};

START_TEST(a_remark_is_kept_and_is_a_floor)
{
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct told told;

	pipe_open_allowed(&rig, _i);
	tell(&rig, by_outsider(REVIEW_SUBMITTED, REVIEW_COMMENTED));
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	ck_assert(store_told(&rig.store, (struct change_key){PIPE_REPO, 1}, &told, &rig.arena, &err));
	ck_assert_uint_eq(told.n_bindings, 1);
	ck_assert_int_eq(told.bindings[0].state, REVIEW_COMMENTED);
	ck_assert_int_eq(told.floor_time, 5000);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_remark_on_a_head_nobody_told_of_asks_for_it)
{
	struct event event = review_event(REVIEW_SUBMITTED, 9, REVIEW_COMMENTED, 'b');
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	tell(&rig, by_outsider(REVIEW_SUBMITTED, REVIEW_COMMENTED)); /* the opening was lost */
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	judge_as(&rig, 'a', DECISION_BLOCKED);
	event.change.updated_at = 9000;
	tell(&rig, event); /* and so was the push */
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	ck_assert_int_eq(subject_of(&rig, 'b').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_judgement_that_was_put_off_stays_owed_after_a_remark)
{
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct claim claim;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	tell(&rig, by_outsider(REVIEW_SUBMITTED, REVIEW_COMMENTED));
	ck_assert_msg(store_defer(&rig.store, &claim, rig.now + 500, &err), "%s", err.text);
	ck_assert(!try_claim(&rig, &claim));
	rig.now += 500;
	ck_assert(try_claim(&rig, &claim));
	ck_assert_int_eq(claim.attempts, 1);
	pipe_close(&rig);
}
END_TEST

/* ---- many changes ---- */

#define OTHERS   8 /* a repository of another installation */
#define NAMELESS 9 /* one that nobody told of */
#define OURS     5 /* the installation of PIPE_REPO */
#define CLOSED   1500
#define ALL      4000 /* several walks, whatever their length */

static struct oid head_of(int64_t repo, int64_t number)
{
	struct oid oid = OID_NONE;

	(void)snprintf(oid.hex, sizeof oid.hex, "%020x%020x", (unsigned)repo, (unsigned)number);
	return oid;
}

/* The closed ones came first; then open ones, the newest of which nobody knows to be open. */
static void keep_changes(struct pipe_rig *rig, int64_t repo)
{
	const struct rows_ops *ops = rig->rows.ops;
	struct err err = ERR_NONE;

	ck_assert(ops->begin(rig->rows.self, true, &err));
	for (int64_t number = 1; number <= ALL; number++) {
		struct row_change row = {.repo = repo, .number = number, .head = head_of(repo, number)};

		row.base_ref = TEXT_LIT("main");
		row.open = number <= CLOSED ? TRI_NO : number == ALL ? TRI_UNKNOWN : TRI_YES;
		ck_assert_msg(ops->put(rig->rows.self, &table_change, &row, &err), "%s", err.text);
	}
	ck_assert(ops->commit(rig->rows.self, &err));
}

static void keep_repo(struct pipe_rig *rig, int64_t id, int64_t installation)
{
	struct row_repo row = {.id = id, .name = TEXT_LIT("acme/engine"), .installation = installation};
	struct err err = ERR_NONE;

	ck_assert(rig->rows.ops->begin(rig->rows.self, true, &err));
	ck_assert_msg(rig->rows.ops->put(rig->rows.self, &table_repo, &row, &err), "%s", err.text);
	ck_assert(rig->rows.ops->commit(rig->rows.self, &err));
}

static bool is_asked(struct pipe_rig *rig, int64_t repo, int64_t number)
{
	struct row_subject row = {.repo = repo, .sha = head_of(repo, number)};
	struct err err = ERR_NONE;

	ck_assert(rig->rows.ops->begin(rig->rows.self, false, &err));
	(void)rig->rows.ops->get(rig->rows.self, &table_subject, &row, &rig->arena, &err);
	rig->rows.ops->rollback(rig->rows.self);
	return row.wanted == 1;
}

static void check_asked(struct pipe_rig *rig, int64_t repo, bool asked)
{
	for (int64_t number = 1; number <= ALL; number++)
		ck_assert_msg(is_asked(rig, repo, number) == (asked && number > CLOSED), "%lld of %lld",
			      (long long)number, (long long)repo);
}

static const struct {
	enum event_kind kind;
	int64_t repo;
	const char *ref;
	bool asked, nameless;
} crowds[] = {
	{EVENT_PUSH, PIPE_REPO, "refs/heads/main", true, false},
	{EVENT_PUSH, PIPE_REPO, "refs/heads/next", false, false},
	{EVENT_MEMBER, PIPE_REPO, "", true, false},
	{EVENT_TEAM, 0, "", true, true},
};

START_TEST(every_open_change_is_asked_for_however_many_there_are)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct event event = {.kind = crowds[_i].kind,
				      .repo = crowds[_i].repo,
				      .installation = OURS,
				      .ref = text_of(crowds[_i].ref),
				      .action = TEXT_LIT("edited"),
				      .pushed_at = WHEN_UNKNOWN};
		struct pipe_rig rig;

		pipe_open(&rig, backend);
		keep_repo(&rig, PIPE_REPO, OURS);
		keep_repo(&rig, OTHERS, OURS + 1);
		keep_changes(&rig, PIPE_REPO);
		keep_changes(&rig, OTHERS);
		keep_changes(&rig, NAMELESS);
		tell(&rig, event);
		check_asked(&rig, PIPE_REPO, crowds[_i].asked);
		check_asked(&rig, OTHERS, false);
		check_asked(&rig, NAMELESS, crowds[_i].nameless);
		pipe_close(&rig);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_decides_nothing_drops_no_success, reviews),
	SUITE_ROWS(a_remark_is_kept_and_is_a_floor, backends),
	SUITE_ROWS(a_remark_on_a_head_nobody_told_of_asks_for_it, backends),
	SUITE_ROWS(a_judgement_that_was_put_off_stays_owed_after_a_remark, backends),
	SUITE_ROWS(every_open_change_is_asked_for_however_many_there_are, crowds),
	SUITE_END,
};
SUITE_MAIN(tests)
