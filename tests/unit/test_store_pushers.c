/* What events and the forge's record tell about who pushed, as the store keeps it, over every backend (_i). */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

static struct told told_of(struct pipe_rig *rig)
{
	struct err err = ERR_NONE;
	struct told told;

	ck_assert(store_told(&rig->store, (struct change_key){PIPE_REPO, 1}, &told, &rig->arena, &err));
	return told;
}

static const struct row_arrival *arrival_of(const struct told *told, char head)
{
	struct oid sha = sha_of(head);

	for (size_t i = 0; i < told->n_arrivals; i++)
		if (oid_eq(&told->arrivals[i].sha, &sha))
			return &told->arrivals[i];
	ck_abort_msg("no arrival of %c", head);
}

START_TEST(only_a_push_says_who_pushed_and_what_it_replaced)
{
	struct oid a = sha_of('a');
	struct pipe_rig rig;
	struct told told;

	pipe_open_told(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	tell(&rig, change_event(CHANGE_REOPENED, 1, 'c', 3));
	told = told_of(&rig);
	ck_assert_uint_eq(told.n_arrivals, 3);
	ck_assert_int_eq(arrival_of(&told, 'a')->pusher, 0);
	ck_assert(!oid_known(&arrival_of(&told, 'a')->before));
	ck_assert_int_eq(arrival_of(&told, 'b')->pusher, 11);
	ck_assert(oid_eq(&arrival_of(&told, 'b')->before, &a));
	ck_assert_int_eq(arrival_of(&told, 'c')->pusher, 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(pushers_that_were_named_are_kept_once)
{
	static const int64_t by[] = {11, 12};
	struct pushed in = {{PIPE_REPO, 1}, sha_of('a'), by, 2};
	struct err err = ERR_NONE;
	struct pipe_rig rig;
	struct told told;

	pipe_open(&rig, _i);
	for (int i = 0; i < 2; i++)
		ck_assert(store_keep_pushers(&rig.store, &in, &err));
	in.key.number = 2;
	ck_assert(store_keep_pushers(&rig.store, &in, &err));
	told = told_of(&rig);
	ck_assert_uint_eq(told.n_pushed, 2);
	ck_assert_int_eq(told.pushed[0].pusher, 11);
	ck_assert_int_eq(told.pushed[1].pusher, 12);
	ck_assert(oid_eq(&told.pushed[0].sha, &in.sha));
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(only_a_push_says_who_pushed_and_what_it_replaced, backends),
	SUITE_ROWS(pushers_that_were_named_are_kept_once, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
