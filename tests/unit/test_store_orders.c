/* What people tell gates, as the store keeps it over every backend: bound to the head by then, bounded, and heard. */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

#include "policy/orders.h"

#define ASKING "h c . said\nh c ! unsaid\n"

static const int backends[PIPE_BACKENDS] = {0, 1};

static struct event told_by(int64_t id, const char *body, const char *association)
{
	static int64_t comment = 500;
	struct event event = change_event(CHANGE_OTHER, 1, 'a', 2);

	event.kind = EVENT_COMMENT;
	event.action = TEXT_LIT("created");
	event.comment.id = ++comment;
	event.comment.body = text_of(body);
	event.comment.association = text_of(association);
	event.comment.created_at = 9000;
	event.sender = (struct person){id, TEXT_LIT("mo"), PERSON_USER};
	event.comment.user = event.sender;
	return event;
}

static struct event queued(const char *action, char head)
{
	struct event event = change_event(CHANGE_OTHER, 1, head, 8);

	event.action = text_of(action);
	event.sender = (struct person){33, TEXT_LIT("mo"), PERSON_USER};
	return event;
}

static struct told told(struct pipe_rig *rig)
{
	struct told told;
	struct err err = ERR_NONE;

	ck_assert(store_told(&rig->store, (struct change_key){PIPE_REPO, 1}, &told, &rig->arena, &err));
	return told;
}

static const struct {
	const char *body;
	enum order_kind kind;
	const char *whom;
	bool bound;
} kept[] = {
	{"bors r+", ORDER_LAND, "", true},
	{"bors d+", ORDER_DELEGATE, "", true},
	{"bors d=erin", ORDER_DELEGATE, "erin", true},
	{"bors r-", ORDER_UNLAND, "", true},
	{"```\nbors r-\n```", ORDER_UNLAND, "", true},
	{"@bors delegate-", ORDER_UNDELEGATE, "", true},
	{"@bors r+ aaaaaaaa", ORDER_LAND, "", true},
	{"@bors r+ bbbbbbbb", ORDER_LAND, "", false},
	{"```\nbors r+\n```", ORDER_NONE, "", false},
	{"Fine.", ORDER_NONE, "", false},
};

START_TEST(an_order_in_a_comment_is_kept_with_the_head_by_then)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;
		struct event event = told_by(33, kept[_i].body, "MEMBER");
		struct told got;

		pipe_open_told(&rig, backend);
		tell(&rig, event);
		got = told(&rig);
		ck_assert_msg(got.n_spoken == (kept[_i].kind != ORDER_NONE), "%s", kept[_i].body);
		if (got.n_spoken > 0) {
			const struct row_spoken *row = &got.spoken[0];

			ck_assert(row->kind == (int64_t)kept[_i].kind && row->how == ORDER_COMMENT && row->by == 33);
			ck_assert(text_is(row->login, "mo") && text_is(row->whom, kept[_i].whom) && row->at == 9000);
			ck_assert(row->comment == event.comment.id && row->strange == 0);
			ck_assert_msg((oid_known(&row->sha) && row->sha.hex[0] == 'a') == kept[_i].bound, "%s",
				      kept[_i].body);
		}
		pipe_close(&rig);
	}
}
END_TEST

static void by_a_bot(struct event *event)
{
	event->sender.type = PERSON_BOT;
}

static void by_nobody(struct event *event)
{
	event->sender.id = 0;
}

static void for_another(struct event *event)
{
	event->comment.user.id = 34;
}

static void edited(struct event *event)
{
	event->action = TEXT_LIT("edited");
}

static void elsewhere(struct event *event)
{
	event->change.number = 2;
}

static void (*const nothings[])(struct event *event) = {by_a_bot, by_nobody, for_another, edited, elsewhere};

START_TEST(what_a_person_did_not_write_himself_there_orders_nothing)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;
		struct event event = told_by(33, "bors r+\nbors d+", "MEMBER");

		pipe_open_told(&rig, backend);
		nothings[_i](&event);
		tell(&rig, event);
		ck_assert_uint_eq(told(&rig).n_spoken, 0);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(the_end_of_a_body_that_was_cut_orders_nothing)
{
	struct pipe_rig rig;
	char body[EVENT_BODY_MAX + 1];
	struct told got;

	pipe_open_told(&rig, _i);
	memset(body, ' ', sizeof body);
	memcpy(body, "bors d=erin\n", 12);
	memcpy(body + EVENT_BODY_MAX - 13, "\nbors d=boble", 14);
	tell(&rig, told_by(33, body, "MEMBER"));
	got = told(&rig);
	ck_assert_uint_eq(got.n_spoken, 1);
	ck_assert(text_is(got.spoken[0].whom, "erin"));
	pipe_close(&rig);
}
END_TEST

/* Two pushes of one second, each to the other's head: nobody knows which is the head. */
START_TEST(where_the_head_is_not_known_an_order_is_of_no_commit)
{
	struct pipe_rig rig;
	struct told got;

	pipe_open_told(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 5));
	tell(&rig, push_to_change(1, 'b', 'a', 5));
	tell(&rig, told_by(33, "bors r+", "MEMBER"));
	got = told(&rig);
	ck_assert_uint_eq(got.n_spoken, 1);
	ck_assert(!oid_known(&got.spoken[0].sha));
	pipe_close(&rig);
}
END_TEST

START_TEST(who_could_not_count_takes_nobodys_place)
{
	struct pipe_rig rig;
	struct told got;
	size_t strange = 0;

	pipe_open_told(&rig, _i);
	for (int i = 0; i < 150; i++)
		tell(&rig, told_by(44, "bors r+", "NONE"));
	tell(&rig, told_by(33, "bors r+", "MEMBER"));
	got = told(&rig);
	for (size_t i = 0; i < got.n_spoken; i++)
		strange += got.spoken[i].strange != 0;
	ck_assert_uint_eq(strange, 100);
	ck_assert_uint_eq(got.n_spoken, 101);
	pipe_close(&rig);
}
END_TEST

static const struct {
	const char *action;
	enum order_kind kind;
	enum order_how how;
	bool revokes;
} queue[] = {
	{"enqueued", ORDER_LAND, ORDER_QUEUE, false},
	{"dequeued", ORDER_UNLAND, ORDER_QUEUE, true},
	{"auto_merge_enabled", ORDER_LAND, ORDER_AUTO_MERGE, false},
	{"auto_merge_disabled", ORDER_UNLAND, ORDER_AUTO_MERGE, true},
	{"assigned", ORDER_NONE, ORDER_COMMENT, false},
};

START_TEST(the_forges_queue_is_kept_and_heard)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;
		struct told got;

		pipe_open_told(&rig, backend);
		rig.watches = TEXT_LIT(ASKING);
		judge_as(&rig, 'a', DECISION_ALLOWED);
		(void)drain(&rig);
		tell(&rig, queued(queue[_i].action, 'a'));
		got = told(&rig);
		ck_assert_int_eq(subject_of(&rig, 'a').due, queue[_i].kind != ORDER_NONE);
		ck_assert((slot_of(&rig, 'a').state == STATUS_FAILURE) == queue[_i].revokes);
		ck_assert_uint_eq(got.n_spoken, queue[_i].kind != ORDER_NONE);
		if (got.n_spoken > 0) {
			ck_assert(got.spoken[0].kind == (int64_t)queue[_i].kind);
			ck_assert(got.spoken[0].how == (int64_t)queue[_i].how && got.spoken[0].at == 8000);
			ck_assert(got.spoken[0].by == 33 && got.spoken[0].sha.hex[0] == 'a');
		}
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(what_left_the_queue_because_it_landed_was_not_taken_back)
{
	struct pipe_rig rig;
	struct event event = queued("dequeued", 'a');

	pipe_open_told(&rig, _i);
	rig.watches = TEXT_LIT(ASKING);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	event.status.state = TEXT_LIT("MERGE");
	tell(&rig, event);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	ck_assert_uint_eq(told(&rig).n_spoken, 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_comment_that_takes_back_revokes_where_comments_only_approve)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	rig.watches = TEXT_LIT(ASKING);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	(void)drain(&rig);
	tell(&rig, told_by(33, "bors r+", "MEMBER"));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	tell(&rig, told_by(44, "bors r-", "NONE"));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	tell(&rig, told_by(33, "bors r-", "MEMBER"));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(an_order_in_a_comment_is_kept_with_the_head_by_then, kept),
	SUITE_ROWS(what_a_person_did_not_write_himself_there_orders_nothing, nothings),
	SUITE_ROWS(the_end_of_a_body_that_was_cut_orders_nothing, backends),
	SUITE_ROWS(where_the_head_is_not_known_an_order_is_of_no_commit, backends),
	SUITE_ROWS(who_could_not_count_takes_nobodys_place, backends),
	SUITE_ROWS(the_forges_queue_is_kept_and_heard, queue),
	SUITE_ROWS(what_left_the_queue_because_it_landed_was_not_taken_back, backends),
	SUITE_ROWS(a_comment_that_takes_back_revokes_where_comments_only_approve, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
