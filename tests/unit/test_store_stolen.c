/* A status of our own that no POST of ours explains, and all that looks like it and is innocent. Over every backend. */
#include "agent/store/store.h"
#include "tests/support/forging.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

START_TEST(a_status_of_our_own_that_nothing_explains_is_a_stolen_key)
{
	struct err err = ERR_NONE;
	struct listed_status at;
	struct pipe_rig rig;
	int64_t id;

	forging_open(&rig, _i);
	id = forging_id += 1000;
	tell(&rig, status_by(US, id, "success", rig.now));
	is_revoked(&rig, "headgate");
	ck_assert_int_eq(open_of(&rig, ALARM_STOLEN_KEY), 1);
	ck_assert(store_acknowledge_alarm(&rig.store, alarms_of(&rig).at[0].id, rig.now, &err));
	ck_assert_int_eq(open_of(&rig, ALARM_STOLEN_KEY), 0);
	at = listed_by(US, id, STATUS_SUCCESS, rig.now);
	(void)look_at(&rig, &at, 1); /* seen again: acknowledged stays so */
	ck_assert_int_eq(open_of(&rig, ALARM_STOLEN_KEY), 0);
	(void)post_all(&rig);
	tell(&rig, status_by(US, forging_id += 1000, "success", rig.now));
	ck_assert_int_eq(open_of(&rig, ALARM_STOLEN_KEY), 1); /* another one is not */
	pipe_close(&rig);
}
END_TEST

START_TEST(a_list_shows_a_stolen_key_that_no_webhook_told)
{
	struct listed_status at[2];
	struct pipe_rig rig;
	int64_t ours;

	forging_open(&rig, _i);
	ours = forging_id;
	at[0] = listed_by(US, forging_id += 1000, STATUS_SUCCESS, rig.now);
	at[1] = listed_by(US, ours, STATUS_SUCCESS, rig.now - 5000);
	ck_assert_int_eq(look_at(&rig, at, 2), LOOKED_STOLEN);
	is_revoked(&rig, "headgate");
	ck_assert_int_eq(open_of(&rig, ALARM_STOLEN_KEY), 1);
	pipe_close(&rig);
}
END_TEST

/* What may have been ours, each way. Then nothing is stolen. */
static void restarted(struct pipe_rig *rig)
{
	struct err err = ERR_NONE;

	ck_assert(store_restart_posts(&rig->store, rig->now, &err));
	tell(rig, status_by(US, forging_id += 1000, "success", rig->now));
}

/* The process that had sent it is dead, and so is what it knew: the file was put back from a backup. */
static void put_back(struct pipe_rig *rig)
{
	struct err err = ERR_NONE;
	int64_t before = rig->now;

	rig->now += 1000;
	ck_assert(store_restart_posts(&rig->store, rig->now, &err));
	rig->now += LIFE_MS + 10000;
	tell(rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	(void)post_now(rig);
	tell(rig, status_by(US, forging_id += 1000, "success", before));
}

/* It lands while the first posts of the new process are answered already. */
static void put_back_and_late(struct pipe_rig *rig)
{
	struct err err = ERR_NONE;

	rig->now += 1000;
	ck_assert(store_restart_posts(&rig->store, rig->now, &err));
	tell(rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	(void)post_now(rig);
	rig->now += LIFE_MS - 1000;
	tell(rig, status_by(US, forging_id += 1000, "success", rig->now));
}

static void lost_answer(struct pipe_rig *rig, const struct listed_status *shown, size_t n)
{
	struct taker taker = {"post-1", rig->now + LIFE_MS + 10000, &rig->arena, NULL};
	struct err err = ERR_NONE;
	struct doubt doubt;
	struct reread seen;
	struct post post;
	int64_t next_at;

	tell(rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	ck_assert(next_post(rig, &post));
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	answer(rig, &post, POST_UNANSWERED);
	rig->now = taker.now;
	ck_assert(store_take_doubt(&rig->store, &taker, &doubt, &next_at, &err));
	seen = list_of(rig, shown, n);
	ck_assert(store_settle_doubt(&rig->store, &doubt, &seen, &err));
	ck_assert_int_eq(ledger_of(rig, 'a').in_doubt, 0);
}

static void shown_when_the_doubt_ended(struct pipe_rig *rig)
{
	struct listed_status at[2] = {listed_by(US, forging_id + 1000, STATUS_FAILURE, rig->now + 100),
				      listed_by(US, forging_id, STATUS_SUCCESS, rig->now)};

	lost_answer(rig, at, 2);
	(void)look_at(rig, at, 2);
	tell(rig, status_by(US, forging_id += 1000, "failure", rig->now));
}

/* The list was a copy that lagged, and the webhook comes last. */
static void shown_after_the_doubt_ended(struct pipe_rig *rig)
{
	struct listed_status at[2] = {listed_by(US, forging_id + 1000, STATUS_FAILURE, rig->now + 100),
				      listed_by(US, forging_id, STATUS_SUCCESS, rig->now)};

	lost_answer(rig, &at[1], 1);
	tell(rig, status_by(US, forging_id += 1000, "failure", rig->now));
	(void)look_at(rig, at, 2);
	(void)look_at(rig, at, 2);
}

/* Presumed dead, and answered after all. */
static void answered_too_late(struct pipe_rig *rig)
{
	struct taker taker = {"post-1", rig->now + LIFE_MS + 10000, &rig->arena, NULL};
	struct listed_status at[2] = {listed_by(US, forging_id + 1, STATUS_FAILURE, rig->now),
				      listed_by(US, forging_id, STATUS_SUCCESS, rig->now)};
	struct err err = ERR_NONE;
	struct doubt doubt;
	struct post post;
	int64_t next_at;

	tell(rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	ck_assert(next_post(rig, &post));
	rig->now = taker.now;
	ck_assert(store_take_doubt(&rig->store, &taker, &doubt, &next_at, &err));
	(void)answered(rig, &post);
	ck_assert(store_settle_doubt(&rig->store, &doubt,
				     &(struct reread){.state = STATUS_SUCCESS,
						      .forge_status_id = forging_id,
						      .count = 2,
						      .now = rig->now,
						      .at = at,
						      .n = 2},
				     &err));
	(void)look_at(rig, at, 2);
}

static void webhook_before_the_answer(struct pipe_rig *rig)
{
	struct listed_status at;
	struct post post;

	tell(rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	ck_assert(next_post(rig, &post));
	tell(rig, status_by(US, forging_id + 1, "failure", rig->now));
	(void)answered(rig, &post);
	at = listed_by(US, forging_id, STATUS_FAILURE, rig->now);
	(void)look_at(rig, &at, 1);
}

/* Forty answers between two lists: more than are kept by their numbers. */
static void many_answers(struct pipe_rig *rig)
{
	struct listed_status at[81];
	size_t n = 0;

	for (int i = 0; i < 40; i++) {
		tell(rig, review_event(REVIEW_DISMISSED, i + 1, REVIEW_STATE_DISMISSED, 'a'));
		at[80 - n++] = listed_by(US, post_now(rig), STATUS_FAILURE, rig->now);
		judge_as(rig, 'a', DECISION_ALLOWED);
		at[80 - n++] = listed_by(US, post_now(rig), STATUS_SUCCESS, rig->now);
	}
	ck_assert_int_eq(look_at(rig, &at[81 - n], n), LOOKED_SAME);
}

static void no_time(struct pipe_rig *rig)
{
	tell(rig, status_by(US, forging_id += 1000, "success", WHEN_UNKNOWN));
}

static const struct innocent {
	const char *what;
	void (*happens)(struct pipe_rig *rig);
} innocents[] = {
	{"a process has just started", restarted},
	{"an earlier process posted it, and the store was put back", put_back},
	{"an earlier process had sent it, and it landed late", put_back_and_late},
	{"its answer was lost, and the list showed it", shown_when_the_doubt_ended},
	{"its answer was lost, and the list did not show it yet", shown_after_the_doubt_ended},
	{"its answer came when it was presumed dead", answered_too_late},
	{"its webhook came before its answer", webhook_before_the_answer},
	{"more answers than are kept", many_answers},
	{"the forge gave no time", no_time},
};

START_TEST(nothing_innocent_is_a_stolen_key)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;

		forging_open(&rig, backend);
		innocents[_i].happens(&rig);
		ck_assert_msg(alarms_of(&rig).n == 0, "%s: %.*s", innocents[_i].what,
			      TEXT_ARG(slot_of(&rig, 'a').text));
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(a_lost_failure_explains_no_success)
{
	struct listed_status at;
	struct pipe_rig rig;

	forging_open(&rig, _i);
	at = listed_by(US, forging_id, STATUS_SUCCESS, rig.now);
	lost_answer(&rig, &at, 1);
	tell(&rig, status_by(US, forging_id += 1000, "success", rig.now));
	ck_assert_int_eq(open_of(&rig, ALARM_STOLEN_KEY), 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_lost_answer_explains_one_status_and_not_two)
{
	struct listed_status at;
	struct pipe_rig rig;

	forging_open(&rig, _i);
	at = listed_by(US, forging_id, STATUS_SUCCESS, rig.now);
	lost_answer(&rig, &at, 1);
	tell(&rig, status_by(US, forging_id += 1000, "failure", rig.now));
	ck_assert_int_eq(open_of(&rig, ALARM_STOLEN_KEY), 0);
	tell(&rig, status_by(US, forging_id += 1000, "failure", rig.now));
	ck_assert_int_eq(open_of(&rig, ALARM_STOLEN_KEY), 1);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_status_of_our_own_that_nothing_explains_is_a_stolen_key, backends),
	SUITE_ROWS(a_list_shows_a_stolen_key_that_no_webhook_told, backends),
	SUITE_ROWS(nothing_innocent_is_a_stolen_key, innocents),
	SUITE_ROWS(a_lost_failure_explains_no_success, backends),
	SUITE_ROWS(a_lost_answer_explains_one_status_and_not_two, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
