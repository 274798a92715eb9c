/*
 * A merge group's commit 'e': what it was built from, each constituent read as its own head is, and what the judge
 * makes of it. #1 has head a, #2 head b; the group's branch is main.
 */
#include "agent/base/facts_json.h"
#include "agent/cli/replay.h"
#include "agent/work/workers.h"
#include "tests/support/suite.h"
#include "tests/support/told_group.h"

static struct verdict judged(struct told_group *b)
{
	struct gathered got;
	struct verdict verdict;
	struct err err;

	ck_assert_msg(told_group_collect(b, &got, &err), "%s", err.text);
	policy_judge(got.governed, &got.facts, &b->t.arena, &verdict);
	return verdict;
}

static void says(struct told_group *b, enum decision decision, const char *text)
{
	struct verdict verdict = judged(b);

	ck_assert_msg(verdict.decision == decision && text_is(verdict.public_text, text), "%s: %.*s",
		      decision_name(verdict.decision), TEXT_ARG(verdict.public_text));
}

static struct forge_change *change_of(struct told_group *b, int64_t number)
{
	return &b->t.changes[number - 1];
}

/* ---- the AND over constituents ---- */

START_TEST(a_group_is_allowed_when_every_change_in_it_is)
{
	struct gathered got;
	struct told_group b;
	struct err err;

	told_group_open(&b);
	says(&b, DECISION_ALLOWED, "All 2 changes of this merge group are allowed");
	ck_assert(told_group_collect(&b, &got, &err));
	ck_assert(!got.silent && got.facts.n_changes == 0 && got.facts.n_groups == 1);
	ck_assert_uint_eq(got.facts.groups[0].n_constituents, 2);
	ck_assert_str_eq(got.facts.groups[0].constituents[0].facts.head.hex, told_oid('b').hex);
	told_forge_close(&b.t);
}
END_TEST

static void unapprove_older(struct told_group *b)
{
	b->t.reviews[0].state = REVIEW_STATE_DISMISSED;
}

static void unapprove_newer(struct told_group *b)
{
	b->t.reviews[1].state = REVIEW_STATE_DISMISSED;
}

static void object(struct told_group *b)
{
	b->t.reviews[1].state = REVIEW_CHANGES_REQUESTED;
	b->t.reviews[1].user = (struct person){6, TEXT_LIT("u6"), PERSON_USER};
}

static void draft(struct told_group *b)
{
	change_of(b, 1)->draft = true;
}

static void push(struct told_group *b)
{
	change_of(b, 1)->head = told_oid('c');
}

static void close_one(struct told_group *b)
{
	change_of(b, 2)->open = false;
}

static void retarget(struct told_group *b)
{
	change_of(b, 2)->base_ref = TEXT_LIT("release");
}

/* Allowed into main, but the same head is asked for elsewhere, too, by a change that nobody looked at. */
static void ask_elsewhere(struct told_group *b)
{
	told_forge_add(&b->t, 3, 'b')->draft = true;
}

static void break_policy(struct told_group *b)
{
	b->t.file = "no such key: 1\n";
}

static void squash(struct told_group *b)
{
	static const char *const squashed[] = {"e<db", "d<f", NULL};

	told_group_build(b, squashed);
}

static void root(struct told_group *b)
{
	static const char *const lone[] = {"e<", NULL};

	told_group_build(b, lone);
}

static void unknown_head(struct told_group *b)
{
	static const char *const strange[] = {"e<d9", "d<fa", NULL};

	told_group_build(b, strange);
}

static void octopus(struct told_group *b)
{
	static const char *const three[] = {"e<fab", NULL};

	told_group_build(b, three);
	unapprove_newer(b);
}

static const struct {
	void (*change)(struct told_group *b);
	enum decision decision;
	const char *text;
} wrongs[] = {
	{unapprove_older, DECISION_BLOCKED, "Blocked by #1: Needs 1 review of aaaaaaa (0/1)"},
	{unapprove_newer, DECISION_BLOCKED, "Blocked by #2: Needs 1 review of bbbbbbb (0/1)"},
	{object, DECISION_BLOCKED, "Blocked by #2: changes requested by u6"},
	{draft, DECISION_BLOCKED, "Blocked by #1: draft"},
	{push, DECISION_BLOCKED, "Blocked by #1: Superseded by ccccccc"},
	{close_one, DECISION_BLOCKED, "Blocked by #2: no open change has this head"},
	{retarget, DECISION_BLOCKED, "Blocked by #2: not open into main"},
	{ask_elsewhere, DECISION_BLOCKED, "Blocked by #2: #3 (with #2): Blocked: draft"},
	{break_policy, DECISION_CANNOT_DECIDE, "Cannot decide #2: .headgate.yml:1:1 unknown key `no such key`"},
	{squash, DECISION_BLOCKED, "Blocked: ddddddd in this merge group merges no change's head"},
	{root, DECISION_BLOCKED, "Blocked: eeeeeee in this merge group merges no change's head"},
	{unknown_head, DECISION_BLOCKED, "Blocked by 9999999: no open change has this head"},
	{octopus, DECISION_BLOCKED, "Blocked by #2: Needs 1 review of bbbbbbb (0/1)"},
};

static void index_changes(struct told_group *b)
{
	struct row_change row = {.repo = TOLD_REPO, .base_ref = TEXT_LIT("main"), .open = TRI_YES};

	for (row.number = 1; row.number <= 2; row.number++) {
		row.head = told_oid((char)('a' + row.number - 1));
		told_forge_keep(&b->t, &table_change, &row);
	}
}

START_TEST(one_wrong_constituent_blocks_the_group_and_is_named)
{
	struct told_group b;

	told_group_open(&b);
	index_changes(&b);
	wrongs[_i].change(&b);
	says(&b, wrongs[_i].decision, wrongs[_i].text);
	b.t.claim.allowed_before = true; /* the commit */
	ck_assert_int_eq(judged(&b).decision,
			 wrongs[_i].decision == DECISION_BLOCKED ? DECISION_REVOKED : wrongs[_i].decision);
	told_forge_close(&b.t);
}
END_TEST

/* The event's base_sha would be d here: all that lands on main counts. */
START_TEST(a_group_built_on_a_group_answers_for_both)
{
	struct told_group b;

	told_group_open(&b);
	unapprove_older(&b); /* of the group below */
	ck_assert_int_eq(judged(&b).decision, DECISION_BLOCKED);
	b.t.n_merges = 1; /* that one has landed: d is on main, and e is built on it */
	ck_assert_int_eq(judged(&b).decision, DECISION_ALLOWED);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_commit_that_heads_a_change_too_must_be_allowed_as_both)
{
	struct text mail = TEXT_LIT("a@x"), who = TEXT_LIT("u100");
	struct row_arrival row = {TOLD_REPO, 3, told_oid('e'), 100000, 100, 0, TEXT_LIT("g"), OID_NONE};
	struct told_group b;

	told_group_open(&b);
	told_forge_add(&b.t, 3, 'e');
	told_forge_keep(&b.t, &table_arrival, &row);
	told_forge_record(&b.t, 3, row.sha);
	b.t.people[2] = (struct forge_commit_people){told_oid('e'), 100, 100, who, who, mail, mail, {0}};
	b.t.people[3] = (struct forge_commit_people){told_oid('d'), 100, 100, who, who, mail, mail, {0}};
	b.t.n_people = 4;
	for (size_t i = 0; i < 2; i++)
		b.t.merges[i].author.email = b.t.merges[i].committer.email = mail;
	says(&b, DECISION_WAITING, "Needs 1 review of eeeeeee (0/1)"); /* the group alone would be allowed */
	told_group_approve(&b, 3, 'e');
	ck_assert_int_eq(judged(&b).decision, DECISION_ALLOWED);
	draft(&b);
	ck_assert_int_eq(judged(&b).decision, DECISION_BLOCKED);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_commit_of_two_groups_must_be_right_for_both)
{
	struct text bases[2] = {TEXT_LIT("main"), TEXT_LIT("release")};
	struct told_group b;

	told_group_open(&b);
	b.t.claim.bases = bases;
	b.t.claim.n_bases = 2;
	says(&b, DECISION_BLOCKED, "Blocked by #2: not open into release");
	told_forge_close(&b.t);
}
END_TEST

/* ---- what cannot be read, and what has landed ---- */

static const enum told_verb verbs[] = {TOLD_OPEN_CHANGES, TOLD_CHANGE,     TOLD_REVIEWS, TOLD_MOVES,
				       TOLD_PEOPLE,       TOLD_PERMISSION, TOLD_TIP,     TOLD_GIT,
				       TOLD_FETCH,        TOLD_RANGE,      TOLD_FILE};

START_TEST(what_cannot_be_read_is_no_verdict)
{
	struct gathered got;
	struct told_group b;
	struct err err;

	told_group_open(&b);
	b.t.fails = verbs[_i];
	for (size_t i = 0; i < 2; i++) {
		b.t.fails_as = i == 0 ? ERR_RETRY : ERR_GONE;
		if (i == 1 && b.t.fails == TOLD_PERMISSION)
			continue; /* an account that is gone: its review does not count */
		ck_assert(!told_group_collect(&b, &got, &err));
		ck_assert_int_eq(err.code, ERR_RETRY);
	}
	told_forge_close(&b.t);
}
END_TEST

static bool is_noted(struct told_group *b, char head)
{
	struct row_constituent row = {.repo = TOLD_REPO, .sha = told_oid('e'), .head = told_oid(head)};
	struct err err = ERR_NONE;
	bool found;

	ck_assert(b->t.rows.ops->begin(b->t.rows.self, false, &err));
	found = b->t.rows.ops->get(b->t.rows.self, &table_constituent, &row, &b->t.arena, &err);
	b->t.rows.ops->rollback(b->t.rows.self);
	return found;
}

START_TEST(the_constituents_are_noted_before_anything_of_them_is_read)
{
	struct gathered got;
	struct told_group b;
	struct err err;

	told_group_open(&b);
	b.t.fails = TOLD_CHANGE; /* the first thing read of one */
	b.t.fails_as = ERR_RETRY;
	ck_assert(!told_group_collect(&b, &got, &err));
	ck_assert(is_noted(&b, 'a') && is_noted(&b, 'b'));
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_constituent_that_was_merged_may_mean_that_the_group_has_landed)
{
	struct gathered got;
	struct told_group b;
	struct err err;

	told_group_open(&b);
	index_changes(&b);
	change_of(&b, 1)->open = false;
	change_of(&b, 1)->merged = true;
	change_of(&b, 1)->answered_at = 1000000;
	change_of(&b, 1)->updated_at = 1000000 - 10000;
	b.t.claim.attempts = 4;
	ck_assert(!told_group_collect(&b, &got, &err)); /* the tip may be from before, however often it was asked for */
	ck_assert_int_eq(err.code, ERR_RETRY);
	change_of(&b, 1)->updated_at = 1000000 - 61000;
	says(&b, DECISION_BLOCKED, "Blocked by #1: no open change has this head");
	b.t.landed = true;
	ck_assert(told_group_collect(&b, &got, &err) && got.silent);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_commit_whose_groups_have_ended_is_not_spoken_of)
{
	struct gathered got;
	struct told_group b;
	struct err err;

	told_group_open(&b);
	b.t.claim.n_bases = 0;
	ck_assert(told_group_collect(&b, &got, &err) && !got.silent); /* no event named it: it heads no change */
	b.t.claim.was_group = true;
	ck_assert(told_group_collect(&b, &got, &err) && got.silent);
	told_forge_add(&b.t, 3, 'e');
	b.t.people[0].sha = told_oid('e');
	ck_assert(told_group_collect(&b, &got, &err) && !got.silent);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(more_changes_than_a_group_may_have_are_a_limit)
{
	struct oid parents[52];
	struct gathered got;
	struct told_group b;
	struct err err;

	told_group_open(&b);
	for (size_t i = 0; i < 52; i++)
		parents[i] = told_oid('9');
	parents[0] = told_oid('f');
	b.t.merges[0].parents = parents;
	b.t.merges[0].n_parents = 52;
	ck_assert(!told_group_collect(&b, &got, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	told_forge_close(&b.t);
}
END_TEST

/* ---- the second reading ---- */

static void move_tip(struct told_group *b)
{
	b->t.tip = told_oid('8');
}

static void relabel(struct told_group *b)
{
	static const struct text labels[] = {{"x", 1}};

	change_of(b, 1)->labels = labels;
	change_of(b, 1)->n_labels = 1;
}

static void demote(struct told_group *b)
{
	b->t.permission = PERMISSION_READ;
}

static void nothing(struct told_group *b)
{
	(void)b;
}

static const struct {
	void (*change)(struct told_group *b);
	bool unmoved;
} moves[] = {{nothing, true},    {unapprove_older, false}, {unapprove_newer, false}, {push, false},
	     {close_one, false}, {draft, false},           {retarget, false},        {ask_elsewhere, false},
	     {move_tip, false},  {relabel, false},         {demote, false}};

START_TEST(the_second_reading_sees_whatever_moved_in_any_constituent)
{
	struct gathered got;
	struct told_group b;
	struct err err;
	bool unmoved;

	told_group_open(&b);
	ck_assert(told_group_collect(&b, &got, &err));
	moves[_i].change(&b);
	ck_assert_msg(gather_unmoved(&b.t.gather, &got, &unmoved, &err), "%s", err.text);
	ck_assert(unmoved == moves[_i].unmoved);
	told_forge_close(&b.t);
}
END_TEST

static int fresh, kept;
static enum err_code (*told_reviews)(void *self, const struct forge_call *call, int64_t number,
				     struct forge_list_reviews *out, struct err *err);

static enum err_code reviews_counted(void *self, const struct forge_call *call, int64_t number,
				     struct forge_list_reviews *out, struct err *err)
{
	fresh += call->sent_since != 0;
	kept += call->sent_since == 0;
	return told_reviews(self, call, number, out, err);
}

START_TEST(a_new_success_is_read_afresh_in_every_constituent)
{
	struct gathered got;
	struct told_group b;
	struct err err;
	bool unmoved;

	told_group_open(&b);
	told_reviews = b.t.forge.reviews;
	b.t.forge.reviews = reviews_counted;
	fresh = kept = 0;
	ck_assert(told_group_collect(&b, &got, &err) && kept == 2);
	ck_assert(gather_unmoved(&b.t.gather, &got, &unmoved, &err) && fresh == 2);
	ck_assert_int_eq(b.t.tip_since, got.began); /* what lands with the group hangs on its own tip */
	told_forge_close(&b.t);
}
END_TEST

START_TEST(rights_that_changed_a_moment_ago_hold_the_group_back)
{
	struct row_floor floor = {TOLD_REPO, TEXT_LIT(FLOOR_PEOPLE), 5, 1990000, TEXT_LIT(FLOOR_LESS)};
	struct gathered got;
	struct told_group b;
	struct err err;

	told_group_open(&b);
	told_forge_keep(&b.t, &table_floor, &floor);
	ck_assert(told_group_collect(&b, &got, &err));
	ck_assert_int_eq(got.unsettled.less, 1990000 + FLOOR_LAG_MS);
	told_forge_close(&b.t);
}
END_TEST

/* ---- what is kept of it ---- */

START_TEST(a_groups_verdict_can_be_replayed_from_its_facts)
{
	struct replay replay = {.defaults = {.approvals = 1}};
	struct problem problem;
	struct verdict verdict;
	struct gathered got;
	struct told_group b;
	struct err err;

	for (int wrong = 0; wrong < 2; wrong++) {
		told_group_open(&b);
		if (wrong)
			unapprove_newer(&b);
		ck_assert(told_group_collect(&b, &got, &err));
		replay.facts = facts_encode(&got.facts, &b.t.arena);
		ck_assert_msg(replay_judge(&replay, &b.t.arena, &verdict, &problem, &err), "%s", err.text);
		ck_assert_int_eq(verdict.decision, wrong ? DECISION_BLOCKED : DECISION_ALLOWED);
		ck_assert(text_eq(verdict.public_text, judged(&b).public_text));
		ck_assert_uint_eq(verdict.n_rules, 2);
		told_forge_close(&b.t);
	}
}
END_TEST

/* ---- one whole judgement ---- */

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

static struct row_slot slot_after_judgement(struct told_group *b)
{
	struct row_merge_group group = {TOLD_REPO, told_oid('e'), TEXT_LIT("refs/heads/q"), TEXT_LIT("main"), 0, 0};
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('e'), .wanted = 1, .due = 1};
	struct row_repo repo = {.id = TOLD_REPO, .name = TEXT_LIT("o/r")};
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid('e'), .context = b->t.store.context};
	struct judge judge = {.worker = {.store = &b->t.store,
					 .clock = b->t.ports.clock,
					 .wake = {.self = b, .signal = signal_nobody},
					 .owner = "judge-1"},
			      .config = b->t.config,
			      .forge = &b->t.forge,
			      .mirror = &b->t.mirror,
			      .attempts_max = 1};
	struct err err = ERR_NONE;
	int64_t at;

	told_forge_keep(&b->t, &table_repo, &repo);
	told_forge_keep(&b->t, &table_merge_group, &group);
	told_forge_keep(&b->t, &table_subject, &subject);
	ck_assert(judge_step(&judge, &at));
	ck_assert(b->t.rows.ops->begin(b->t.rows.self, false, &err));
	(void)b->t.rows.ops->get(b->t.rows.self, &table_slot, &slot, &b->t.arena, &err);
	b->t.rows.ops->rollback(b->t.rows.self);
	return slot;
}

static const struct {
	void (*change)(struct told_group *b);
	enum told_verb fails;
	enum status_state state;
} judgements[] = {
	{nothing, 0, STATUS_SUCCESS},
	{unapprove_older, 0, STATUS_FAILURE},
	{squash, 0, STATUS_FAILURE},
	{nothing, TOLD_FETCH, STATUS_PENDING},
	{nothing, TOLD_RANGE, STATUS_PENDING},
	{nothing, TOLD_TIP, STATUS_PENDING},
	{nothing, TOLD_REVIEWS, STATUS_PENDING},
};

START_TEST(a_judgement_of_a_group_ends_in_the_status_that_its_queue_must_see)
{
	struct row_slot slot;
	struct told_group b;

	told_group_open(&b);
	judgements[_i].change(&b);
	b.t.fails = judgements[_i].fails;
	b.t.fails_as = ERR_RETRY;
	slot = slot_after_judgement(&b);
	ck_assert_int_eq(slot.state, judgements[_i].state);
	ck_assert_int_eq(slot.superseded, 0);
	told_forge_close(&b.t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_group_is_allowed_when_every_change_in_it_is),
	SUITE_ROWS(one_wrong_constituent_blocks_the_group_and_is_named, wrongs),
	SUITE_TEST(a_group_built_on_a_group_answers_for_both),
	SUITE_TEST(a_commit_that_heads_a_change_too_must_be_allowed_as_both),
	SUITE_TEST(a_commit_of_two_groups_must_be_right_for_both),
	SUITE_ROWS(what_cannot_be_read_is_no_verdict, verbs),
	SUITE_TEST(the_constituents_are_noted_before_anything_of_them_is_read),
	SUITE_TEST(a_constituent_that_was_merged_may_mean_that_the_group_has_landed),
	SUITE_TEST(a_commit_whose_groups_have_ended_is_not_spoken_of),
	SUITE_TEST(more_changes_than_a_group_may_have_are_a_limit),
	SUITE_ROWS(the_second_reading_sees_whatever_moved_in_any_constituent, moves),
	SUITE_TEST(a_new_success_is_read_afresh_in_every_constituent),
	SUITE_TEST(rights_that_changed_a_moment_ago_hold_the_group_back),
	SUITE_TEST(a_groups_verdict_can_be_replayed_from_its_facts),
	SUITE_ROWS(a_judgement_of_a_group_ends_in_the_status_that_its_queue_must_see, judgements),
	SUITE_END};
SUITE_MAIN(tests)
