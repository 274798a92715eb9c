/* Where floors and first showings are at their grain: nothing stale is believed, and nothing waits for ever. */
#include "agent/work/gather.h"
#include "tests/support/pipe.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

#define FLOOR INT64_C(500000) /* the second of the change's last update, by every answer here */

static bool collect(struct told_forge *t, struct gathered *ret)
{
	struct err err = ERR_NONE;
	bool ok = gather_collect(&t->gather, &t->arena, ret, &err);

	ck_assert_msg(ok || err.code == ERR_RETRY, "%s", err.text);
	return ok;
}

static void arrive(struct told_forge *t, char sha, int64_t at, bool first_shown)
{
	struct row_arrival row = {TOLD_REPO, 1, told_oid(sha), at, 100, first_shown, TEXT_LIT("g"), OID_NONE};

	told_forge_keep(t, &table_arrival, &row);
}

/* The branch began with head a, long ago. */
static void begin(struct told_forge *t)
{
	t->moves[t->n_moves++] = (struct forge_move){told_oid('a'), 1000, 100, OID_NONE, true, TEXT_EMPTY};
}

/* ---- one second ---- */

struct tie {
	const char *what;
	char floor_head;    /* 0: two events of that second contradict each other */
	char superseded_by; /* what the events say of head a, which the forge shows */
	int64_t after;      /* milliseconds from that second to the answer */
	bool draft, ok;
};
static const struct tie ties[] = {
	{"the head that was told", 'a', 0, 1000, false, true},
	{"another head, soon", 'b', 0, 10000, false, false},
	{"another head, replaced by the one that was told", 'b', 'b', 3600000, false, false},
	{"another head, replaced by one that came and went in that second", 'b', 'c', 3600000, false, false},
	{"another head, replaced long ago", 'b', 'd', 61000, false, true},
	{"another head, no event says that it was replaced", 'b', 0, 61000, false, true},
	{"events that contradict each other, soon", 0, 'b', 10000, false, false},
	{"events that contradict each other, later", 0, 'b', 61000, false, true},
	{"not the draft that was told, soon", 'a', 0, 10000, true, false},
	{"not the draft that was told, later", 'a', 0, 61000, true, true},
};

START_TEST(an_answer_of_the_same_second_must_agree_until_no_copy_lags)
{
	const struct tie *tie = &ties[_i];
	struct oid head = tie->floor_head ? told_oid(tie->floor_head) : OID_NONE;
	struct row_floor floor = {TOLD_REPO, TEXT_LIT("change"), 1, FLOOR, oid_text(&head)};
	struct row_change change = {.repo = TOLD_REPO,
				    .number = 1,
				    .head = told_oid('a'),
				    .base_ref = TEXT_LIT("main"),
				    .open = TRI_YES,
				    .draft = tie->draft ? TRI_YES : TRI_NO,
				    .updated_at = FLOOR};
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	told_forge_keep(&t, &table_floor, &floor);
	told_forge_keep(&t, &table_change, &change);
	begin(&t);
	arrive(&t, 'c', FLOOR, false);
	arrive(&t, 'd', FLOOR - 9000, false);
	t.claim.superseded_by = tie->superseded_by ? told_oid(tie->superseded_by) : OID_NONE;
	t.changes[0].answered_at = FLOOR + tie->after;
	ck_assert_msg(collect(&t, &got) == tie->ok, "%s", tie->what);
	told_forge_close(&t);
}
END_TEST

/* The answer of that second cannot show that the head was there after the other one: asked for again, not dated later.
 */
START_TEST(a_head_that_moved_in_the_second_of_the_answer_is_asked_for_again)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	begin(&t);
	arrive(&t, 'c', FLOOR, false);
	t.now = FLOOR + 300;
	t.changes[0].answered_at = FLOOR;
	ck_assert(!collect(&t, &got));
	told_forge_close(&t);
	told_forge_open(&t);
	begin(&t);
	arrive(&t, 'c', FLOOR, false);
	t.changes[0].answered_at = FLOOR + 1000;
	ck_assert(collect(&t, &got));
	ck_assert_int_eq(got.facts.changes[0].head_arrived_at, FLOOR + 1000);
	told_forge_close(&t);
}
END_TEST

static struct oid floor_after(struct pipe_rig *rig, int64_t at)
{
	struct told told;
	struct err err = ERR_NONE;

	ck_assert(store_told(&rig->store, (struct change_key){PIPE_REPO, 1}, &told, &rig->arena, &err));
	ck_assert_int_eq(told.floor_time, at * 1000);
	return told.floor_head;
}

START_TEST(there_and_back_in_one_second_told_in_any_order_names_no_wrong_head)
{
	struct pipe_rig rig;
	struct oid head;

	pipe_open_told(&rig, _i);
	tell(&rig, push_to_change(1, 'b', 'a', 2)); /* delivered first */
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	head = floor_after(&rig, 2);
	ck_assert(!oid_known(&head));
	pipe_close(&rig);
}
END_TEST

static const int backends[PIPE_BACKENDS] = {0, 1};

START_TEST(a_return_of_an_earlier_second_is_no_contradiction)
{
	struct pipe_rig rig;
	struct oid head;

	pipe_open(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 1));
	tell(&rig, review_event(REVIEW_SUBMITTED, 5, REVIEW_COMMENTED, 'b')); /* raises the floor, moves no head */
	tell(&rig, push_to_change(1, 'b', 'a', 5));
	tell(&rig, change_event(CHANGE_READY, 1, 'a', 6));
	tell(&rig, push_to_change(1, 'a', 'b', 6));
	head = floor_after(&rig, 6);
	ck_assert_str_eq(head.hex, sha_of('b').hex);
	pipe_close(&rig);
}
END_TEST

/* ---- first showings ---- */

START_TEST(a_second_return_that_nothing_told_has_one_first_showing_of_its_own)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	arrive(&t, 'a', 100000, false);
	arrive(&t, 'a', 150000, true);  /* the first stay was shown then */
	arrive(&t, 'b', 300000, false); /* a came back after it: no event, no record */
	t.changes[0].answered_at = 600000;
	ck_assert(collect(&t, &got));
	ck_assert_int_eq(got.facts.changes[0].head_arrived_at, 600000);
	t.changes[0].answered_at = 900000; /* else every review would be older than the newest answer, for ever */
	ck_assert(collect(&t, &got));
	ck_assert_int_eq(got.facts.changes[0].head_arrived_at, 600000);
	told_forge_close(&t);
}
END_TEST

START_TEST(an_arrival_in_the_second_of_another_head_may_be_of_an_earlier_stay)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	arrive(&t, 'a', 300000, false);
	arrive(&t, 'b', 300000, false);
	t.changes[0].answered_at = 600000;
	ck_assert(collect(&t, &got));
	ck_assert_int_eq(got.facts.changes[0].head_arrived_at, 600000);
	told_forge_close(&t);
}
END_TEST

static const struct listed {
	int64_t age; /* of the change's last update, when the forge answers */
	bool head, ok;
} listeds[] = {{60000, true, true}, {60000, false, false}, {61000, false, true}};

START_TEST(commits_listed_without_their_head_are_of_a_copy_that_lags)
{
	const struct listed *listed = &listeds[_i];
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	begin(&t);
	arrive(&t, 'a', 100000, false);
	t.changes[0].updated_at = t.changes[0].answered_at - listed->age;
	t.people[0].sha = told_oid(listed->head ? 'a' : 'b');
	ck_assert(collect(&t, &got) == listed->ok);
	told_forge_close(&t);
}
END_TEST

/* ---- reviews that are gone ---- */

struct gone {
	enum review_state bound;
	int64_t attempts, age; /* of the review that is missing, when the forge answers */
	bool ok, counts;       /* does another approval of the same person count? */
};
static const struct gone gones[] = {
	{REVIEW_COMMENTED, 0, 800000, false, false},      {REVIEW_COMMENTED, 4, 800000, true, true},
	{REVIEW_APPROVED, 0, 800000, false, false},       {REVIEW_APPROVED, 4, 800000, true, false},
	{REVIEW_APPROVED, 4, 60000, false, false}, /* a copy that lags does not show it yet */
	{REVIEW_APPROVED, 4, 61000, true, false},         {REVIEW_STATE_DISMISSED, 0, 800000, false, false},
	{REVIEW_STATE_DISMISSED, 4, 800000, true, false}, {REVIEW_CHANGES_REQUESTED, 4, 800000, false, false},
};

START_TEST(a_review_that_is_gone_is_waited_for_only_if_it_objected)
{
	const struct gone *gone = &gones[_i];
	struct row_binding binding = {
		9, TOLD_REPO, 1, told_oid('a'), 5, gone->bound, 1000000 - gone->age, TEXT_LIT("g"), TEXT_LIT("u5")};
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	arrive(&t, 'a', 100000, false);
	told_forge_keep(&t, &table_binding, &binding);
	t.reviews[t.n_reviews++] = (struct forge_review){.id = 8,
							 .user = {5, TEXT_LIT("u5"), PERSON_USER},
							 .state = REVIEW_APPROVED,
							 .commit_id = told_oid('a'),
							 .submitted_at = 150000};
	t.claim.attempts = gone->attempts;
	ck_assert(collect(&t, &got) == gone->ok);
	if (gone->ok)
		ck_assert(oid_known(&got.facts.changes[0].reviews[0].bound_sha) == gone->counts);
	told_forge_close(&t);
}
END_TEST

static const struct {
	const char *what, *login; /* as it was told; the forge's login uN is of account N, unless it has a new owner */
	enum err_code fails;
	int64_t owner;
	enum permission permission;
	int64_t attempts, age;
	const char *told; /* which way rights of theirs went a moment ago */
	bool ok, kept;    /* kept: the policy sees the objection */
} objectors[] = {
	{"account gone", "u9", ERR_GONE, 0, PERMISSION_WRITE, 5, 800000, NULL, true, false},
	{"login of another account", "u9", ERR_OK, 66, PERMISSION_WRITE, 5, 800000, NULL, true, false},
	{"may read", "u9", ERR_OK, 0, PERMISSION_READ, 5, 800000, NULL, true, true},
	{"may triage", "u9", ERR_OK, 0, PERMISSION_TRIAGE, 5, 800000, NULL, true, true},
	{"may write", "u9", ERR_OK, 0, PERMISSION_WRITE, 5, 800000, NULL, false, false},
	{"may do anything", "u9", ERR_OK, 0, PERMISSION_ADMIN, 5, 800000, NULL, false, false},
	{"nobody knows what they may", "u9", ERR_OK, 0, PERMISSION_UNKNOWN, 5, 800000, NULL, false, false},
	{"the forge does not answer", "u9", ERR_RETRY, 0, PERMISSION_READ, 5, 800000, NULL, false, false},
	{"no login was told", "", ERR_GONE, 0, PERMISSION_WRITE, 5, 800000, NULL, false, false},
	{"not asked often enough", "u9", ERR_GONE, 0, PERMISSION_WRITE, 3, 800000, NULL, false, false},
	{"given just now", "u9", ERR_GONE, 0, PERMISSION_WRITE, 5, 60000, NULL, false, false},
	{"rights given just now", "u9", ERR_OK, 0, PERMISSION_READ, 5, 800000, FLOOR_MORE, false, false},
	{"rights taken just now", "u9", ERR_OK, 0, PERMISSION_READ, 5, 800000, FLOOR_LESS, true, true},
};

static void keep_objection(struct told_forge *t, const char *login, int64_t age)
{
	struct row_binding binding = {.review = 3,
				      .repo = TOLD_REPO,
				      .change = 1,
				      .sha = told_oid('a'),
				      .user = 9,
				      .state = REVIEW_CHANGES_REQUESTED,
				      .submitted_at = 1000000 - age,
				      .login = text_of(login)};

	told_forge_keep(t, &table_binding, &binding);
}

START_TEST(an_objection_that_is_gone_stands_while_who_gave_it_may_write)
{
	struct row_floor rights = {.repo = TOLD_REPO, .kind = TEXT_LIT(FLOOR_PEOPLE), .key = 9};
	struct err err = ERR_NONE;
	struct told_forge t;
	struct gathered got;
	bool unmoved = false;

	told_forge_open(&t);
	arrive(&t, 'a', 100000, false);
	keep_objection(&t, objectors[_i].login, objectors[_i].age);
	rights.forge_time = t.now;
	rights.value = text_of(objectors[_i].told);
	if (objectors[_i].told)
		told_forge_keep(&t, &table_floor, &rights);
	t.fails = objectors[_i].fails == ERR_OK ? 0 : TOLD_PERMISSION;
	t.fails_as = objectors[_i].fails;
	t.login_owner = objectors[_i].owner;
	t.permission = objectors[_i].permission;
	t.claim.attempts = objectors[_i].attempts;
	ck_assert_msg(collect(&t, &got) == objectors[_i].ok, "%s", objectors[_i].what);
	if (objectors[_i].ok) {
		ck_assert_uint_eq(got.facts.changes[0].n_reviews, objectors[_i].kept);
		ck_assert_msg(gather_unmoved(&t.gather, &got, &unmoved, &err), "%s", err.text);
		ck_assert(unmoved);
	}
	told_forge_close(&t);
}
END_TEST

#define MANY 40

/* Whoever makes and loses accounts cannot block a change with their reviews. */
START_TEST(however_many_reviews_are_gone_the_others_are_judged)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	arrive(&t, 'a', 100000, false);
	for (int64_t i = 0; i < MANY; i++) {
		struct row_binding binding = {.review = 100 + i,
					      .repo = TOLD_REPO,
					      .change = 1,
					      .sha = told_oid('a'),
					      .user = 1000 + i,
					      .state = REVIEW_APPROVED,
					      .submitted_at = 200000};

		told_forge_keep(&t, &table_binding, &binding);
	}
	t.reviews[t.n_reviews++] =
		(struct forge_review){8, {5, TEXT_LIT("u5"), PERSON_USER}, REVIEW_APPROVED, told_oid('a'), 150000};
	t.claim.attempts = 4;
	ck_assert(collect(&t, &got));
	ck_assert(oid_known(&got.facts.changes[0].reviews[0].bound_sha));
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_head_that_moved_in_the_second_of_the_answer_is_asked_for_again),
	SUITE_ROWS(an_answer_of_the_same_second_must_agree_until_no_copy_lags, ties),
	SUITE_ROWS(there_and_back_in_one_second_told_in_any_order_names_no_wrong_head, backends),
	SUITE_ROWS(a_return_of_an_earlier_second_is_no_contradiction, backends),
	SUITE_TEST(a_second_return_that_nothing_told_has_one_first_showing_of_its_own),
	SUITE_TEST(an_arrival_in_the_second_of_another_head_may_be_of_an_earlier_stay),
	SUITE_ROWS(commits_listed_without_their_head_are_of_a_copy_that_lags, listeds),
	SUITE_ROWS(a_review_that_is_gone_is_waited_for_only_if_it_objected, gones),
	SUITE_ROWS(an_objection_that_is_gone_stands_while_who_gave_it_may_write, objectors),
	SUITE_TEST(however_many_reviews_are_gone_the_others_are_judged),
	SUITE_END,
};
SUITE_MAIN(tests)
