/* Commits with statuses in two contexts: what holds of the one holds of the other, and neither says anything of it.
 * Over every backend (_i). */
#include "tests/support/forging.h"
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

#define TRY TEXT_LIT("policy/try-allowed")

static const int backends[PIPE_BACKENDS] = {0, 1};

static struct verdict verdict_of(enum decision decision)
{
	struct text text = text_of(decision_name(decision));

	return (struct verdict){
		.decision = decision, .state = decision_state(decision), .text = text, .public_text = text};
}

/* Concludes both contexts. */
static enum concluded conclude_both(struct pipe_rig *rig, const struct claim *claim, enum decision own,
				    enum decision other)
{
	struct verdict verdict = verdict_of(own);
	struct conclusion_context context = {TRY, verdict_of(other), TEXT_LIT("[]"), TEXT_LIT("{\"other\":1}"),
					     TEXT_LIT("[]")};
	struct conclusion in = {.claim = claim,
				.verdict = &verdict,
				.rules_json = TEXT_LIT("[]"),
				.facts_json = TEXT_LIT("{}"),
				.counted = TEXT_LIT(",22,"),
				.contexts = &context,
				.n_contexts = 1,
				.now = rig->now,
				.read_at = rig->now};
	struct err err = ERR_NONE;
	enum concluded outcome;
	int64_t id;

	ck_assert_msg(store_conclude(&rig->store, &in, &outcome, &id, &err), "%s", err.text);
	return outcome;
}

static void judge_both(struct pipe_rig *rig, char head, enum decision own, enum decision other)
{
	struct claim claim = claim_of(rig, head);

	ck_assert_int_eq(conclude_both(rig, &claim, own, other), CONCLUDED);
}

/* Change 1 with head 'a', allowed in both, and the forge has it. */
static void open_both(struct pipe_rig *rig, int backend)
{
	pipe_open_told(rig, backend);
	(void)drain(rig);
	judge_both(rig, 'a', DECISION_ALLOWED, DECISION_ALLOWED);
	ck_assert_int_eq(drain(rig), 2);
}

static void get(struct pipe_rig *rig, const struct table *table, void *row)
{
	struct err err = ERR_NONE;

	ck_assert(rig->rows.ops->begin(rig->rows.self, false, &err));
	ck_assert_msg(rig->rows.ops->get(rig->rows.self, table, row, &rig->arena, &err), "%s", err.text);
	rig->rows.ops->rollback(rig->rows.self);
}

static struct row_slot other_slot(struct pipe_rig *rig, char head)
{
	struct row_slot row = {.repo = PIPE_REPO, .sha = sha_of(head), .context = TRY};

	get(rig, &table_slot, &row);
	return row;
}

static struct row_ledger other_ledger(struct pipe_rig *rig, char head)
{
	struct row_ledger row = {.repo = PIPE_REPO, .sha = sha_of(head), .context = TRY};

	get(rig, &table_ledger, &row);
	return row;
}

START_TEST(each_context_is_posted_by_its_own_name)
{
	struct pipe_rig rig;

	open_both(&rig, _i);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(other_slot(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(other_ledger(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert(slot_of(&rig, 'a').verdict != other_slot(&rig, 'a').verdict);
	pipe_close(&rig);
}
END_TEST

START_TEST(one_judgement_says_yes_in_one_context_and_no_in_the_other)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	judge_both(&rig, 'a', DECISION_WAITING, DECISION_ALLOWED);
	(void)drain(&rig);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_PENDING);
	ck_assert_int_eq(other_ledger(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(subject_of(&rig, 'a').allowed_before, 0);
	ck_assert_int_eq(other_slot(&rig, 'a').allowed_before, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_revokes_a_commit_revokes_it_in_every_context)
{
	struct pipe_rig rig;

	open_both(&rig, _i);
	tell(&rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(other_slot(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(other_slot(&rig, 'a').kind, SLOT_REVOCATION);
	ck_assert_int_eq(other_slot(&rig, 'a').rank, RANK_REVOKES);
	ck_assert_int_eq(drain(&rig), 2);
	ck_assert_int_eq(other_ledger(&rig, 'a').state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(nothing_is_posted_on_the_new_head_before_the_old_one_failed_in_every_context)
{
	struct pipe_rig rig;
	struct post first, second, third;
	struct claim claim;

	open_both(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 3));
	ck_assert(next_post(&rig, &first) && next_post(&rig, &second));
	ck_assert_str_eq(first.sha.hex, sha_of('a').hex);
	ck_assert_str_eq(second.sha.hex, sha_of('a').hex);
	ck_assert(!text_eq(first.context, second.context));
	ck_assert_int_eq(first.state, STATUS_FAILURE);
	ck_assert_int_eq(second.state, STATUS_FAILURE);
	if (text_eq(first.context, TRY)) { /* the own one is answered first */
		third = first;
		first = second;
		second = third;
	}
	answer(&rig, &first, POST_ACCEPTED);
	next_tick(&rig);
	ck_assert(!next_post(&rig, &third));
	ck_assert(!try_claim(&rig, &claim));
	answer(&rig, &second, POST_ACCEPTED);
	ck_assert(next_post(&rig, &third));
	ck_assert_str_eq(third.sha.hex, sha_of('b').hex);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_claim_names_the_other_contexts_of_its_commit)
{
	struct pipe_rig rig;
	struct claim claim;

	open_both(&rig, _i);
	tell(&rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	claim = claim_of(&rig, 'a');
	ck_assert_uint_eq(claim.n_contexts, 1);
	ck_assert(text_eq(claim.contexts[0].name, TRY));
	ck_assert(claim.contexts[0].allowed_before);
	ck_assert(!claim.contexts[0].granted);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_doubt_in_one_context_holds_back_no_other)
{
	struct pipe_rig rig;
	struct claim claim;
	struct post post;

	pipe_open_told(&rig, _i);
	judge_both(&rig, 'a', DECISION_WAITING, DECISION_WAITING);
	while (next_post(&rig, &post))
		answer(&rig, &post, text_eq(post.context, TRY) ? POST_UNANSWERED : POST_ACCEPTED);
	ck_assert(other_ledger(&rig, 'a').doubt_until > 0);
	tell(&rig, review_event(REVIEW_SUBMITTED, 1, REVIEW_APPROVED, 'a'));
	claim = claim_of(&rig, 'a');
	ck_assert_int_eq(conclude_both(&rig, &claim, DECISION_ALLOWED, DECISION_ALLOWED), CONCLUDED);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_ne(other_slot(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1); /* the other one is judged again */
	pipe_close(&rig);
}
END_TEST

START_TEST(a_success_that_is_dropped_drops_no_denial_of_another_context)
{
	struct pipe_rig rig;
	struct claim claim;

	open_both(&rig, _i);
	tell(&rig, review_event(REVIEW_SUBMITTED, 1, REVIEW_APPROVED, 'a'));
	claim = claim_of(&rig, 'a');
	tell(&rig, review_event(REVIEW_SUBMITTED, 2, REVIEW_APPROVED, 'a'));
	ck_assert_int_eq(conclude_both(&rig, &claim, DECISION_ALLOWED, DECISION_BLOCKED), CONCLUDED_DROPPED);
	ck_assert_int_eq(other_slot(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_verdict_that_says_the_same_in_both_contexts_again_is_no_new_one)
{
	struct pipe_rig rig;
	int64_t own, other;

	open_both(&rig, _i);
	own = slot_of(&rig, 'a').verdict;
	other = other_slot(&rig, 'a').verdict;
	tell(&rig, review_event(REVIEW_SUBMITTED, 1, REVIEW_APPROVED, 'a'));
	judge_both(&rig, 'a', DECISION_ALLOWED, DECISION_ALLOWED);
	ck_assert_int_eq(slot_of(&rig, 'a').verdict, own);
	ck_assert_int_eq(other_slot(&rig, 'a').verdict, other);
	ck_assert_int_eq(drain(&rig), 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_forged_status_in_another_context_is_overwritten_there_alone)
{
	struct pipe_rig rig;
	struct event event;

	open_both(&rig, _i);
	event = status_event(9000, "failure", 'a');
	event.status.context = TEXT_LIT("Policy/Try-Allowed");
	tell(&rig, event);
	ck_assert_int_eq(other_ledger(&rig, 'a').forge_status_id, 9000);
	ck_assert_int_eq(other_slot(&rig, 'a').due, 1);
	ck_assert_int_eq(slot_of(&rig, 'a').due, 0);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_another_account_set_in_another_context_is_failed_there_alone)
{
	struct pipe_rig rig;
	struct event event;

	pipe_open(&rig, _i);
	rig.creator = US;
	tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	(void)drain(&rig);
	judge_both(&rig, 'a', DECISION_ALLOWED, DECISION_WAITING);
	(void)drain(&rig);
	event = status_by(MALLORY, 9000, "success", rig.now);
	event.status.context = TRY;
	tell(&rig, event);
	ck_assert_int_eq(other_slot(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_check_run_by_the_name_of_another_context_revokes)
{
	struct pipe_rig rig;
	struct event event;

	open_both(&rig, _i);
	event = status_event(77, "success", 'a');
	event.kind = EVENT_CHECK_RUN;
	event.status.context = TRY;
	tell(&rig, event);
	ck_assert_int_eq(other_slot(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_uint_eq(alarms_of(&rig).n, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(each_context_is_looked_at_by_its_own_name)
{
	struct taker taker = {.owner = "sweep-1"};
	struct event_change change = change_event(CHANGE_OPENED, 1, 'a', 1).change;
	struct sweep sweep = {.repo = PIPE_REPO};
	struct sweep_seen seen = {.sweep = &sweep, .changes = &change, .n = 1};
	struct err err = ERR_NONE;
	struct sweep_look look;
	struct swept swept;
	struct pipe_rig rig;
	int own = 0, other = 0;

	open_both(&rig, _i);
	taker.now = rig.now;
	seen.clock = pipe_clock(&rig);
	seen.next_at = rig.now + 1000;
	taker.arena = &rig.arena;
	change.open = TRI_YES;
	ck_assert_msg(store_sweep(&rig.store, &seen, &swept, &err), "%s", err.text);
	while (store_take_look(&rig.store, &taker, &look, &err)) {
		own += text_eq(look.context, rig.store.context);
		other += text_eq(look.context, TRY);
	}
	ck_assert_int_eq(own, 1);
	ck_assert_int_eq(other, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_look_corrects_the_context_that_it_was_taken_for)
{
	struct err err = ERR_NONE;
	struct pipe_rig rig;
	enum looked outcome;
	struct sweep_look look;
	struct reread seen;

	open_both(&rig, _i);
	look = (struct sweep_look){
		.repo = PIPE_REPO, .sha = sha_of('a'), .context = TRY, .known_count = other_ledger(&rig, 'a').count};
	seen = (struct reread){
		.state = STATUS_FAILURE, .text = TEXT_LIT("?"), .forge_status_id = 9999, .count = 2, .now = rig.now};
	ck_assert(store_looked(&rig.store, &look, &seen, &outcome, &err));
	ck_assert_int_eq(other_ledger(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

START_TEST(the_forges_cap_counts_each_context_by_itself)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	rig.store.limits.posts_max = 3;
	for (int i = 0; i < 4; i++) {
		tell(&rig, review_event(REVIEW_SUBMITTED, 1 + i, REVIEW_APPROVED, 'a'));
		judge_both(&rig, 'a', DECISION_WAITING, i % 2 ? DECISION_ALLOWED : DECISION_WAITING);
		(void)drain(&rig);
	}
	ck_assert_int_eq(other_slot(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_PENDING);
	pipe_close(&rig);
}
END_TEST

START_TEST(all_contexts_of_a_commit_are_shown)
{
	struct commit_key key = {.sha = sha_of('a')};
	struct err err = ERR_NONE;
	struct pipe_rig rig;
	struct shown shown;
	struct row_repo repo = {.id = PIPE_REPO};

	open_both(&rig, _i);
	get(&rig, &table_repo, &repo);
	key.repo_name = repo.name;
	ck_assert_msg(store_show(&rig.store, &key, &shown, &rig.arena, &err), "%s", err.text);
	ck_assert_uint_eq(shown.n_contexts, 1);
	ck_assert(text_eq(shown.contexts[0].slot.context, TRY));
	ck_assert(text_eq(shown.contexts[0].ledger.context, TRY));
	ck_assert_int_eq(shown.contexts[0].ledger.state, STATUS_SUCCESS);
	ck_assert_int_eq(shown.contexts[0].verdict.id, other_slot(&rig, 'a').verdict);
	ck_assert_uint_eq(shown.n_verdicts, 1);
	ck_assert_int_eq(shown.verdicts[0].id, slot_of(&rig, 'a').verdict);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(each_context_is_posted_by_its_own_name, backends),
	SUITE_ROWS(one_judgement_says_yes_in_one_context_and_no_in_the_other, backends),
	SUITE_ROWS(what_revokes_a_commit_revokes_it_in_every_context, backends),
	SUITE_ROWS(nothing_is_posted_on_the_new_head_before_the_old_one_failed_in_every_context, backends),
	SUITE_ROWS(a_claim_names_the_other_contexts_of_its_commit, backends),
	SUITE_ROWS(a_doubt_in_one_context_holds_back_no_other, backends),
	SUITE_ROWS(a_success_that_is_dropped_drops_no_denial_of_another_context, backends),
	SUITE_ROWS(a_verdict_that_says_the_same_in_both_contexts_again_is_no_new_one, backends),
	SUITE_ROWS(a_forged_status_in_another_context_is_overwritten_there_alone, backends),
	SUITE_ROWS(what_another_account_set_in_another_context_is_failed_there_alone, backends),
	SUITE_ROWS(a_check_run_by_the_name_of_another_context_revokes, backends),
	SUITE_ROWS(each_context_is_looked_at_by_its_own_name, backends),
	SUITE_ROWS(a_look_corrects_the_context_that_it_was_taken_for, backends),
	SUITE_ROWS(the_forges_cap_counts_each_context_by_itself, backends),
	SUITE_ROWS(all_contexts_of_a_commit_are_shown, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
