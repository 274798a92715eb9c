/* How a doubt ends: by what the forge's list says, where the list can know. */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

static struct event status_event(int64_t id, const char *state, char sha)
{
	struct event event = change_event(CHANGE_OTHER, 0, sha, 1);

	event.kind = EVENT_STATUS;
	event.status.id = id;
	event.status.sha = sha_of(sha);
	event.status.context = TEXT_LIT("Policy/Merge-Allowed");
	event.status.state = text_of(state);
	return event;
}

/* The webhook of a newer status came first: a copy of the forge that does not have it yet says nothing. */
START_TEST(a_list_without_the_newest_known_status_ends_no_doubt)
{
	struct err err = ERR_NONE;
	struct reread seen = {STATUS_FAILURE, TEXT_LIT("old"), 500, 1, 0, NULL, 0};
	struct pipe_rig rig;
	int64_t next_at;
	struct post post;
	struct doubt doubt;

	pipe_open(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	judge_as(&rig, 'a', DECISION_BLOCKED);
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_UNANSWERED);
	tell(&rig, status_event(501, "success", 'a'));
	rig.now += 31000;
	ck_assert(store_take_doubt(&rig.store, &(struct taker){"post-1", rig.now, &rig.arena, NULL}, &doubt, &next_at,
				   &err));
	seen.now = rig.now;
	ck_assert(store_settle_doubt(&rig.store, &doubt, &seen, &err));
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_UNKNOWN);
	ck_assert_int_gt(ledger_of(&rig, 'a').doubt_until, rig.now);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_list_without_the_newest_known_status_ends_no_doubt, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
