/*
 * What people say in comments and in texts of reviews, in the store, over every backend: only where the verdict asked
 * for it is it of any account; who could count takes a success back by it, anybody else asks for one more look.
 */
#include "agent/store/watches.h"
#include "tests/support/grouping.h"
#include "tests/support/suite.h"

#define OBJECTING "h c ! said\nh c ! unsaid\n" /* comments can block */
#define APPROVING "h c . said\nh c ! unsaid\n" /* they can only approve */
#define WARNING   "h c . said\nh c . unsaid\n"

static const int backends[PIPE_BACKENDS] = {0, 1};

struct speech {
	const char *action; /* of a comment */
	enum review_action review;
	enum review_state state;
	const char *association;
	int64_t writer, sender;
};

static struct event spoken(const struct speech *speech)
{
	struct event event = change_event(CHANGE_OTHER, 1, 'a', 2);

	if (speech->action) {
		event.kind = EVENT_COMMENT;
		event.action = text_of(speech->action);
		event.comment.id = 70;
		event.comment.body = TEXT_LIT("Well.");
		event.comment.association = text_of(speech->association);
		event.comment.user.id = speech->writer;
		event.sender.id = speech->sender;
		return event;
	}
	event = review_event(speech->review, 9, speech->state, 'a');
	event.action = text_of(speech->review == REVIEW_EDITED ? "edited" : "submitted");
	event.review.association = text_of(speech->association);
	event.review.user.id = speech->writer;
	return event;
}

static const struct {
	const char *what, *watches;
	struct speech speech;
	bool revokes, wants;
} words[] = {
	{"a comment by one of the house", OBJECTING, {"created", 0, 0, "MEMBER", 33, 33}, true, true},
	{"where comments only approve", APPROVING, {"created", 0, 0, "MEMBER", 33, 33}, false, true},
	{"where only a rule that warns asks", WARNING, {"edited", 0, 0, "MEMBER", 33, 33}, false, true},
	{"where nobody asks", "", {"created", 0, 0, "OWNER", 33, 33}, false, false},
	{"where tools alone are asked", "h s ! said\nh k ! unsaid\n", {"created", 0, 0, "OWNER", 33, 33}, false, false},
	{"by who counted in the verdict", OBJECTING, {"created", 0, 0, "NONE", 22, 22}, true, true},
	{"by an outsider", OBJECTING, {"created", 0, 0, "NONE", 33, 33}, false, true},
	{"by a contributor", OBJECTING, {"created", 0, 0, "CONTRIBUTOR", 33, 33}, false, true},
	{"one that was edited", APPROVING, {"edited", 0, 0, "MEMBER", 33, 33}, true, true},
	{"one that was deleted", APPROVING, {"deleted", 0, 0, "MEMBER", 33, 33}, true, true},
	{"an outsider's, deleted by who counts", APPROVING, {"deleted", 0, 0, "NONE", 33, 22}, false, true},
	{"of who counts, deleted by another", APPROVING, {"deleted", 0, 0, "NONE", 22, 33}, true, true},
	{"whose writer is not told", APPROVING, {"edited", 0, 0, "NONE", 0, 22}, true, true},
	{"moved elsewhere", OBJECTING, {"transferred", 0, 0, "MEMBER", 33, 33}, false, false},
	{"a remark", OBJECTING, {NULL, REVIEW_SUBMITTED, REVIEW_COMMENTED, "MEMBER", 33, 33}, true, true},
	{"a remark where they only approve",
	 APPROVING,
	 {NULL, REVIEW_SUBMITTED, REVIEW_COMMENTED, "MEMBER", 33, 33},
	 false,
	 true},
	{"an outsider's remark", OBJECTING, {NULL, REVIEW_SUBMITTED, REVIEW_COMMENTED, "NONE", 33, 33}, false, true},
	{"an edited remark", APPROVING, {NULL, REVIEW_EDITED, REVIEW_COMMENTED, "MEMBER", 33, 33}, true, true},
	{"an outsider's edited remark",
	 APPROVING,
	 {NULL, REVIEW_EDITED, REVIEW_COMMENTED, "NONE", 33, 33},
	 false,
	 true},
	{"an edited approval", APPROVING, {NULL, REVIEW_EDITED, REVIEW_APPROVED, "MEMBER", 33, 33}, true, true},
	{"an approval, which is one whatever it says",
	 OBJECTING,
	 {NULL, REVIEW_SUBMITTED, REVIEW_APPROVED, "MEMBER", 33, 33},
	 false,
	 true},
	{"a remark where nobody asks", "", {NULL, REVIEW_SUBMITTED, REVIEW_COMMENTED, "OWNER", 33, 33}, false, false},
};

START_TEST(what_is_said_takes_a_success_back_only_where_it_was_asked_for_and_who_said_it_could_count)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;
		struct post post;

		pipe_open_told(&rig, backend);
		rig.watches = text_of(words[_i].watches);
		judge_as(&rig, 'a', DECISION_ALLOWED);
		ck_assert_int_gt(drain(&rig), 0);
		tell(&rig, spoken(&words[_i].speech));
		ck_assert_msg((slot_of(&rig, 'a').state == STATUS_FAILURE) == words[_i].revokes, "%s", words[_i].what);
		ck_assert_msg(subject_of(&rig, 'a').due == words[_i].wants, "%s", words[_i].what);
		ck_assert_msg(next_post(&rig, &post) == words[_i].revokes, "%s", words[_i].what);
		pipe_close(&rig);
	}
}
END_TEST

static const struct speech insider = {"created", 0, 0, "MEMBER", 33, 33};
static const struct speech outsider = {"created", 0, 0, "NONE", 34, 34};

START_TEST(what_was_said_while_it_was_judged_is_not_lost)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	tell(&rig, spoken(&insider));
	rig.watches = TEXT_LIT(APPROVING);
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	claim = claim_of(&rig, 'a');
	ck_assert_uint_gt(claim.heard.len, 0); /* which comment it must find */
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED);
	pipe_close(&rig);
}
END_TEST

START_TEST(an_outsider_who_goes_on_talking_keeps_nobody_from_a_success)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	rig.watches = TEXT_LIT(OBJECTING);
	judge_as(&rig, 'a', DECISION_WAITING);
	(void)drain(&rig);
	tell(&rig, spoken(&outsider));
	claim = claim_of(&rig, 'a');
	for (int i = 0; i < 100; i++)
		tell(&rig, spoken(&outsider));
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED);
	ck_assert_uint_eq(subject_of(&rig, 'a').heard.len, 0);
	ck_assert_int_eq(drain(&rig), 1);
	for (int i = 0; i < 100; i++) {
		tell(&rig, spoken(&outsider));
		judge_as(&rig, 'a', DECISION_ALLOWED);
	}
	ck_assert_int_eq(drain(&rig), 0); /* nor costs it a post */
	pipe_close(&rig);
}
END_TEST

START_TEST(what_is_said_in_a_closed_or_unknown_change_does_nothing)
{
	struct pipe_rig rig;
	struct event event = spoken(&insider);

	pipe_open_told(&rig, _i);
	rig.watches = TEXT_LIT(OBJECTING);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	(void)drain(&rig);
	event.change.number = 2;
	tell(&rig, event);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	tell(&rig, change_event(CHANGE_CLOSED, 1, 'a', 3));
	(void)drain(&rig);
	judge_as(&rig, 'a', DECISION_BLOCKED);
	tell(&rig, spoken(&insider));
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	pipe_close(&rig);
}
END_TEST

static const struct {
	const struct speech *speech;
	const char *watches;
	bool revokes;
} parts[] = {{&insider, "p c ! said\n", true},
	     {&insider, "p c . said\n", false},
	     {&outsider, "p c ! said\n", false},
	     {&outsider, "p c . said\n", false}};

START_TEST(what_is_said_of_a_constituent_reaches_the_group_that_asked)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;

		pipe_open_told(&rig, backend);
		judge_as(&rig, 'a', DECISION_ALLOWED);
		tell(&rig, asked('e'));
		rig.watches = text_of(parts[_i].watches);
		allow_group(&rig, 'e', "a");
		tell(&rig, spoken(parts[_i].speech));
		ck_assert((slot_of(&rig, 'e').state == STATUS_FAILURE) == parts[_i].revokes);
		ck_assert_int_eq(subject_of(&rig, 'e').due, 1);
		ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
		ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
		pipe_close(&rig);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_is_said_takes_a_success_back_only_where_it_was_asked_for_and_who_said_it_could_count, words),
	SUITE_ROWS(what_was_said_while_it_was_judged_is_not_lost, backends),
	SUITE_ROWS(an_outsider_who_goes_on_talking_keeps_nobody_from_a_success, backends),
	SUITE_ROWS(what_is_said_in_a_closed_or_unknown_change_does_nothing, backends),
	SUITE_ROWS(what_is_said_of_a_constituent_reaches_the_group_that_asked, parts),
	SUITE_END,
};
SUITE_MAIN(tests)
