/*
 * Conversations, in the store, over every backend: one that is opened on a commit whose verdict asked for them revokes
 * at once; one that is resolved only asks for a judgement; where no verdict asked, none does anything.
 */
#include "agent/store/watches.h"
#include "tests/support/grouping.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

static struct event happens(const char *action, const char *node, int64_t comment)
{
	struct event event = change_event(CHANGE_OTHER, 1, 'a', 5);

	event.kind = EVENT_THREAD;
	event.action = text_of(action);
	event.status.context = text_of(node);
	event.comment.id = comment;
	return event;
}

static const struct {
	const char *what, *watches, *action, *node;
	int64_t comment;
	bool revokes, wants;
} rows[] = {
	{"opened again", "h t ! threads\n", "unresolved", "T1", 0, true, true},
	{"opened again, without a name", "h t ! threads\n", "unresolved", "", 0, true, true},
	{"begun", "h t ! threads\n", "created", "", 7, true, true},
	{"resolved", "h t ! threads\n", "resolved", "T1", 0, false, true},
	{"gone", "h t ! threads\n", "deleted", "", 7, false, true},
	{"a rule that warns", "h t . threads\n", "unresolved", "T1", 0, false, true},
	{"everything is watched", "*", "unresolved", "T1", 0, true, true},
	{"nobody asked", "h s ! threads\n", "unresolved", "T1", 0, false, false},
	{"asked of constituents alone", "p t ! threads\n", "unresolved", "T1", 0, false, false},
};

START_TEST(a_conversation_that_is_opened_revokes_where_a_verdict_asked)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;
		struct post post;

		pipe_open_told(&rig, backend);
		rig.watches = text_of(rows[_i].watches);
		judge_as(&rig, 'a', DECISION_ALLOWED);
		ck_assert_int_gt(drain(&rig), 0);
		tell(&rig, happens(rows[_i].action, rows[_i].node, rows[_i].comment));
		ck_assert_msg((slot_of(&rig, 'a').state == STATUS_FAILURE) == rows[_i].revokes, "%s", rows[_i].what);
		ck_assert_msg(subject_of(&rig, 'a').due == rows[_i].wants, "%s", rows[_i].what);
		ck_assert_msg(next_post(&rig, &post) == rows[_i].revokes, "%s", rows[_i].what);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(what_happens_while_it_is_judged_is_not_lost)
{
	struct pipe_rig rig;
	struct claim claim;
	struct heard heard;
	struct text rest;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	tell(&rig, happens("unresolved", "T1", 0));
	rig.watches = TEXT_LIT("h t ! threads\n");
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	claim = claim_of(&rig, 'a');
	rest = claim.heard;
	ck_assert(heard_next(&rest, &heard) && heard.kind == WATCH_THREADS && text_is(heard.name, "T1"));
	ck_assert(text_is(heard.state, "unresolved"));
	pipe_close(&rig);
}
END_TEST

/* The newest word of each conversation is kept: one that is resolved does not hide another that was opened. */
START_TEST(each_conversation_has_a_word_of_its_own)
{
	struct pipe_rig rig;
	struct heard heard;
	struct text rest;
	size_t n = 0;

	pipe_open_told(&rig, _i);
	tell(&rig, happens("unresolved", "T1", 0));
	tell(&rig, happens("unresolved", "T2", 0));
	tell(&rig, happens("resolved", "T2", 0));
	tell(&rig, happens("created", "", 7));
	tell(&rig, happens("created", "", 8));
	for (rest = subject_of(&rig, 'a').heard; heard_next(&rest, &heard); n++)
		ck_assert(!text_is(heard.name, "T2") || text_is(heard.state, "resolved"));
	ck_assert_uint_eq(n, 4);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_conversation_on_a_constituent_reaches_the_group_that_asked)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert_int_gt(drain(&rig), 0);
	tell(&rig, asked('e'));
	rig.watches = TEXT_LIT("p t ! threads\n");
	allow_group(&rig, 'e', "a");
	tell(&rig, happens("unresolved", "T1", 0));
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_FAILURE);
	ck_assert_int_eq(subject_of(&rig, 'e').due, 1);
	pipe_close(&rig);
}
END_TEST

/* The event tells of the change, too: no older answer about that is believed. */
START_TEST(the_version_of_the_change_is_a_floor)
{
	struct pipe_rig rig;
	struct event event = happens("resolved", "T1", 0);
	struct told told;
	struct err err = ERR_NONE;

	pipe_open_told(&rig, _i);
	event.change.updated_at = 99000;
	tell(&rig, event);
	ck_assert(store_told(&rig.store, (struct change_key){PIPE_REPO, 1}, &told, &rig.arena, &err));
	ck_assert_int_eq(told.floor_time, 99000);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_conversation_that_is_opened_revokes_where_a_verdict_asked, rows),
	SUITE_ROWS(what_happens_while_it_is_judged_is_not_lost, backends),
	SUITE_ROWS(each_conversation_has_a_word_of_its_own, backends),
	SUITE_ROWS(a_conversation_on_a_constituent_reaches_the_group_that_asked, backends),
	SUITE_ROWS(the_version_of_the_change_is_a_floor, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
