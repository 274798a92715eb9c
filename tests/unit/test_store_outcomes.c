/*
 * What other tools say, in the store, over every backend: a word that the verdict asked for, other than success,
 * revokes at once; success only asks for a judgement; what nobody asked for does nothing; what is told while a
 * judgement runs is not lost on it.
 */
#include <stdio.h>

#include "agent/store/watches.h"
#include "tests/support/grouping.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

static struct event said(enum event_kind kind, const char *name, const char *state)
{
	static int64_t id = 500;
	struct event event = status_event(++id, state, 'a');

	event.kind = kind;
	event.status.context = text_of(name);
	event.status.creator.id = 9;
	return event;
}

static struct text asks(struct pipe_rig *rig, enum watch_scope scope, enum outcome_kind kind, const char *name)
{
	struct watch watch = {scope, kind, true, text_of(name)};

	return watches_write(&watch, 1, &rig->arena);
}

static void allow_watching(struct pipe_rig *rig, int backend, struct text watches)
{
	pipe_open_told(rig, backend);
	rig->watches = watches.len > 0 ? watches : asks(rig, WATCH_HEAD, OUTCOME_STATUS, "ci/build it");
	judge_as(rig, 'a', DECISION_ALLOWED);
	ck_assert_int_gt(drain(rig), 0);
	ck_assert_int_eq(subject_of(rig, 'a').due, 0);
}

static const struct {
	const char *what;
	enum event_kind kind;
	const char *watches, *name, *state, *action;
	bool revokes, wants;
} words[] = {
	{"failure", EVENT_STATUS, "h s ! ci\n", "ci", "failure", "", true, true},
	{"error", EVENT_STATUS, "h s ! ci\n", "ci", "error", "", true, true},
	{"begun anew", EVENT_STATUS, "h s ! ci\n", "ci", "pending", "", true, true},
	{"success", EVENT_STATUS, "h s ! ci\n", "ci", "success", "", false, true},
	{"another name", EVENT_STATUS, "h s ! ci\n", "cj", "failure", "", false, false},
	{"a longer name", EVENT_STATUS, "h s ! ci\n", "ci 2", "failure", "", false, false},
	{"names with spaces", EVENT_STATUS, "h s ! a b\nh s ! c  d\n", "c  d", "failure", "", true, true},
	{"another kind", EVENT_CHECK_RUN, "h s ! ci\n", "ci", "failure", "completed", false, false},
	{"a check that failed", EVENT_CHECK_RUN, "h k ! ci\n", "ci", "failure", "completed", true, true},
	{"a check that began", EVENT_CHECK_RUN, "h k ! ci\n", "ci", "", "created", true, true},
	{"a check that is well", EVENT_CHECK_RUN, "h k ! ci\n", "ci", "success", "completed", false, true},
	{"a check that shall run again", EVENT_CHECK_RUN, "h k ! ci\n", "ci", "success", "rerequested", true, true},
	{"a workflow that failed", EVENT_WORKFLOW_RUN, "h w ! w/a.yml\n", "w/a.yml", "failure", "completed", true,
	 true},
	{"a workflow with its ref", EVENT_WORKFLOW_RUN, "h w ! w/a.yml\n", "w/a.yml@refs/heads/x", "failure",
	 "completed", true, true},
	{"a workflow that runs", EVENT_WORKFLOW_RUN, "h w ! w/a.yml\n", "w/a.yml", "", "in_progress", true, true},
	{"a workflow that is well", EVENT_WORKFLOW_RUN, "h w ! w/a.yml\n", "w/a.yml", "success", "completed", false,
	 true},
	{"a workflow of a forge that tells no path", EVENT_WORKFLOW_RUN, "h w ! w/a.yml\n", "", "failure", "completed",
	 true, true},
	{"that, where no workflow is asked for", EVENT_WORKFLOW_RUN, "h s ! ci\n", "", "failure", "completed", false,
	 false},
	{"a rule that warns", EVENT_STATUS, "h s . ci\n", "ci", "failure", "", false, true},
	{"a rule that warns and one that does not", EVENT_STATUS, "h s . ci\nh s ! ci\n", "ci", "failure", "", true,
	 true},
	{"more names than are kept", EVENT_STATUS, "*", "whatever", "failure", "", true, true},
	{"no question at all", EVENT_STATUS, "", "ci", "failure", "", false, false},
	{"asked of constituents alone", EVENT_STATUS, "p s ! ci\n", "ci", "failure", "", false, false},
};

START_TEST(a_word_that_was_asked_for_and_is_no_success_revokes_at_once)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct event event = said(words[_i].kind, words[_i].name, words[_i].state);
		struct pipe_rig rig;
		struct post post;

		pipe_open_told(&rig, backend);
		rig.watches = text_of(words[_i].watches);
		judge_as(&rig, 'a', DECISION_ALLOWED);
		ck_assert_int_gt(drain(&rig), 0);
		event.action = text_of(words[_i].action);
		tell(&rig, event);
		ck_assert_msg((slot_of(&rig, 'a').state == STATUS_FAILURE) == words[_i].revokes, "%s", words[_i].what);
		ck_assert_msg(subject_of(&rig, 'a').due == words[_i].wants, "%s", words[_i].what);
		ck_assert_msg(next_post(&rig, &post) == words[_i].revokes, "%s", words[_i].what);
		ck_assert_msg(words[_i].wants == (subject_of(&rig, 'a').heard.len > 0), "%s", words[_i].what);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(what_is_not_allowed_needs_no_revocation_and_is_judged_again)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	rig.watches = asks(&rig, WATCH_HEAD, OUTCOME_STATUS, "ci");
	judge_as(&rig, 'a', DECISION_WAITING);
	ck_assert_int_gt(drain(&rig), 0);
	tell(&rig, said(EVENT_STATUS, "ci", "failure"));
	ck_assert_int_eq(slot_of(&rig, 'a').kind, SLOT_VERDICT);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	ck_assert_int_eq(drain(&rig), 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_burst_of_words_is_one_judgement)
{
	struct pipe_rig rig;
	struct claim claim;

	allow_watching(&rig, _i, TEXT_EMPTY);
	for (int i = 0; i < 400; i++)
		tell(&rig, said(EVENT_STATUS, "ci/build it", i % 2 ? "success" : "pending"));
	ck_assert_int_eq(drain(&rig), 1); /* the revocation */
	ck_assert_uint_lt(subject_of(&rig, 'a').heard.len, 200);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert(!try_claim(&rig, &claim));
	ck_assert_int_eq(drain(&rig), 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_replay_changes_nothing)
{
	struct pipe_rig rig;
	struct event event = said(EVENT_STATUS, "ci/build it", "failure");
	struct row_subject once;
	struct text heard;

	allow_watching(&rig, _i, TEXT_EMPTY);
	tell(&rig, event);
	once = subject_of(&rig, 'a');
	heard = arena_text(&rig.arena, once.heard);
	ck_assert_int_eq(drain(&rig), 1);
	tell(&rig, event);
	ck_assert(text_eq(subject_of(&rig, 'a').heard, heard));
	ck_assert_int_eq(drain(&rig), 0);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_commit_that_nobody_knows_stays_unknown)
{
	struct pipe_rig rig;
	struct event event = said(EVENT_STATUS, "ci", "failure");

	allow_watching(&rig, _i, TEXT_EMPTY);
	event.status.sha = sha_of('c');
	tell(&rig, event);
	ck_assert_int_eq(subject_of(&rig, 'c').wanted, 0);
	pipe_close(&rig);
}
END_TEST

/* ---- while a judgement is owed ---- */

START_TEST(what_came_while_it_was_judged_for_the_first_time_is_not_lost)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	tell(&rig, said(EVENT_STATUS, "other", "failure"));
	tell(&rig, said(EVENT_STATUS, "ci", "failure"));
	rig.watches = asks(&rig, WATCH_HEAD, OUTCOME_STATUS, "ci");
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	judge_as(&rig, 'a', DECISION_WAITING); /* which knows */
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_waiting_verdict_that_may_have_asked_too_early_is_judged_again)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	tell(&rig, said(EVENT_STATUS, "ci", "success"));
	rig.watches = asks(&rig, WATCH_HEAD, OUTCOME_STATUS, "ci");
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_WAITING), CONCLUDED);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_came_meanwhile_and_nobody_asked_for_holds_nothing_up)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	tell(&rig, said(EVENT_STATUS, "other", "failure"));
	rig.watches = asks(&rig, WATCH_HEAD, OUTCOME_STATUS, "ci");
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_was_told_before_the_claim_is_handed_to_it)
{
	struct pipe_rig rig;
	struct claim claim;
	struct heard heard;
	struct text rest;

	pipe_open_told(&rig, _i);
	tell(&rig, said(EVENT_STATUS, "a name", "failure"));
	claim = claim_of(&rig, 'a');
	rest = claim.heard;
	ck_assert(heard_next(&rest, &heard));
	ck_assert(heard.scope == WATCH_HEAD && heard.kind == OUTCOME_STATUS && text_is(heard.state, "failure"));
	ck_assert(text_is(heard.name, "a name") && heard.at == rig.now);
	ck_assert(!heard_next(&rest, &heard));
	rig.watches = asks(&rig, WATCH_HEAD, OUTCOME_STATUS, "a name");
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED); /* it had to know */
	pipe_close(&rig);
}
END_TEST

START_TEST(more_words_than_are_kept_are_every_word)
{
	struct pipe_rig rig;
	struct claim claim;
	struct heard heard;
	struct text rest;
	bool everything = false;
	char name[200];

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	for (int i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof name, "%0150d", i);
		tell(&rig, said(EVENT_STATUS, name, "success"));
	}
	rest = subject_of(&rig, 'a').heard;
	ck_assert_uint_le(rest.len, WATCHES_BYTES);
	while (heard_next(&rest, &heard))
		everything = everything || (heard.scope == WATCH_EVERYTHING && heard.at == rig.now);
	ck_assert(everything);
	rig.watches = asks(&rig, WATCH_HEAD, OUTCOME_STATUS, "ci");
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	pipe_close(&rig);
}
END_TEST

/* ---- merge groups ---- */

static const struct {
	const char *head, *group; /* what their verdicts asked */
	const char *state;
	bool revokes_head, revokes_group, wants_head, wants_group;
} parts[] = {
	{"h s ! ci\n", "p s ! ci\n", "failure", true, true, true, true},
	{"h s ! ci\n", "", "failure", true, true, true, true},
	{"", "p s ! ci\n", "failure", false, true, false, true},
	{"", "p s ! ci\n", "success", false, false, false, true},
	{"", "p s . ci\n", "failure", false, false, false, true},
	{"h s . ci\n", "p s ! ci\n", "failure", false, true, true, true},
	{"", "h s ! ci\n", "failure", false, false, false, false},
	{"", "", "failure", false, false, false, false},
};

START_TEST(a_word_on_a_constituent_reaches_the_group_that_asked)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;

		pipe_open_told(&rig, backend);
		rig.watches = text_of(parts[_i].head);
		judge_as(&rig, 'a', DECISION_ALLOWED);
		ck_assert_int_gt(drain(&rig), 0);
		tell(&rig, asked('e'));
		rig.watches = text_of(parts[_i].group);
		allow_group(&rig, 'e', "a");
		tell(&rig, said(EVENT_STATUS, "ci", parts[_i].state));
		ck_assert((slot_of(&rig, 'a').state == STATUS_FAILURE) == parts[_i].revokes_head);
		ck_assert((slot_of(&rig, 'e').state == STATUS_FAILURE) == parts[_i].revokes_group);
		ck_assert(subject_of(&rig, 'a').due == parts[_i].wants_head);
		ck_assert(subject_of(&rig, 'e').due == parts[_i].wants_group);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(what_came_while_a_group_was_judged_is_not_lost)
{
	struct pipe_rig rig;
	struct constituent_claim of[1];
	struct claim claim;

	pipe_open_told(&rig, _i);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert_int_gt(drain(&rig), 0);
	tell(&rig, asked('e'));
	claim = claim_of(&rig, 'e');
	ck_assert(compose(&rig, &claim, "a", of));
	tell(&rig, said(EVENT_STATUS, "ci", "failure"));
	rig.watches = asks(&rig, WATCH_PARTS, OUTCOME_STATUS, "ci");
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	claim = claim_of(&rig, 'e');
	ck_assert(compose(&rig, &claim, "a", of));
	ck_assert_uint_gt(of[0].claim.heard.len, 0); /* and the next one knows which word it must find */
	pipe_close(&rig);
}
END_TEST

START_TEST(a_word_on_a_landed_commit_takes_nothing_back)
{
	struct pipe_rig rig;
	struct event event = change_event(CHANGE_CLOSED, 1, 'a', 2);

	allow_watching(&rig, _i, TEXT_EMPTY);
	event.change.merged = TRI_YES;
	tell(&rig, event);
	tell(&rig, said(EVENT_STATUS, "ci/build it", "failure"));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(drain(&rig), 0);
	pipe_close(&rig);
}
END_TEST

/* ---- the texts ---- */

START_TEST(a_name_that_fits_into_no_line_is_everything)
{
	static const struct text names[] = {{"a\nb", 3}, {"a\0b", 3}, {"", 0}};
	auto_arena struct arena arena = ARENA_EMPTY;

	for (size_t i = 0; i < 3; i++) {
		struct watch watch = {WATCH_HEAD, OUTCOME_STATUS, false, names[i]};

		ck_assert(text_is(watches_write(&watch, 1, &arena), "*"));
	}
	ck_assert(text_is(watches_write(NULL, 0, &arena), ""));
}
END_TEST

START_TEST(what_is_older_than_any_copy_lags_is_forgotten_but_for_the_claims_own)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct heard first = {WATCH_HEAD, OUTCOME_CHECK, 1, 7, 1000, TEXT_LIT("failure"), TEXT_LIT("old")};
	struct heard next = {WATCH_HEAD, OUTCOME_CHECK, 1, 8, 1001 + 60000, TEXT_LIT("failure"), TEXT_LIT("new")};
	struct text all = heard_add(TEXT_EMPTY, &first, &arena);

	ck_assert(text_find(heard_add(all, &next, &arena), TEXT_LIT("old")) != SIZE_MAX);
	next.fence = 2;
	ck_assert(text_find(heard_add(all, &next, &arena), TEXT_LIT("old")) == SIZE_MAX);
	next.at = 61000;
	ck_assert(text_find(heard_add(all, &next, &arena), TEXT_LIT("old")) != SIZE_MAX);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_word_that_was_asked_for_and_is_no_success_revokes_at_once, words),
	SUITE_ROWS(what_is_not_allowed_needs_no_revocation_and_is_judged_again, backends),
	SUITE_ROWS(a_burst_of_words_is_one_judgement, backends),
	SUITE_ROWS(a_replay_changes_nothing, backends),
	SUITE_ROWS(a_commit_that_nobody_knows_stays_unknown, backends),
	SUITE_ROWS(what_came_while_it_was_judged_for_the_first_time_is_not_lost, backends),
	SUITE_ROWS(a_waiting_verdict_that_may_have_asked_too_early_is_judged_again, backends),
	SUITE_ROWS(what_came_meanwhile_and_nobody_asked_for_holds_nothing_up, backends),
	SUITE_ROWS(what_was_told_before_the_claim_is_handed_to_it, backends),
	SUITE_ROWS(more_words_than_are_kept_are_every_word, backends),
	SUITE_ROWS(a_word_on_a_constituent_reaches_the_group_that_asked, parts),
	SUITE_ROWS(what_came_while_a_group_was_judged_is_not_lost, backends),
	SUITE_ROWS(a_word_on_a_landed_commit_takes_nothing_back, backends),
	SUITE_TEST(a_name_that_fits_into_no_line_is_everything),
	SUITE_TEST(what_is_older_than_any_copy_lags_is_forgotten_but_for_the_claims_own),
	SUITE_END,
};
SUITE_MAIN(tests)
