/* How much a user may ask, and gets back. */
#include "agent/hook/rate.h"
#include "tests/support/suite.h"

START_TEST(a_user_has_so_many_at_once_and_gets_one_back_at_a_time)
{
	struct hook_rate rate = {.per_minute = 60, .most = 60};

	for (int i = 0; i < 60; i++)
		ck_assert(hook_rate_take(&rate, 7, 1, 1000));
	ck_assert(!hook_rate_take(&rate, 7, 1, 1000));
	ck_assert(!hook_rate_take(&rate, 7, 1, 1999));
	ck_assert(hook_rate_take(&rate, 7, 1, 2000));
	ck_assert(!hook_rate_take(&rate, 7, 1, 2000));
	for (int i = 0; i < 60; i++)
		ck_assert(hook_rate_take(&rate, 7, 1, 100000));
	ck_assert(!hook_rate_take(&rate, 7, 1, 100000));
}
END_TEST

START_TEST(a_refused_question_costs_nothing)
{
	struct hook_rate rate = {.per_minute = 1, .most = 1};

	ck_assert(hook_rate_take(&rate, 7, 1, 0));
	for (int i = 0; i < 1000; i++)
		ck_assert(!hook_rate_take(&rate, 7, 1, i));
	ck_assert(hook_rate_take(&rate, 7, 1, 60000));
}
END_TEST

START_TEST(users_do_not_use_up_each_others_questions)
{
	struct hook_rate rate = {.per_minute = 2, .most = 2};

	for (int64_t uid = 0; uid < 200; uid++) {
		ck_assert(hook_rate_take(&rate, uid, 1, 5));
		ck_assert(hook_rate_take(&rate, uid, 1, 5));
		ck_assert(!hook_rate_take(&rate, uid, 1, 5));
	}
}
END_TEST

/* More users than are remembered: who used up the most is forgotten last. */
START_TEST(a_crowd_does_not_give_a_user_who_is_through_new_questions)
{
	struct hook_rate rate = {.per_minute = 100, .most = 100};

	for (int i = 0; i < 100; i++)
		ck_assert(hook_rate_take(&rate, 7, 1, 5));
	for (int64_t uid = 1000; uid < 1000 + 3 * HOOK_RATE_USERS; uid++)
		ck_assert(hook_rate_take(&rate, uid, 1, 5));
	ck_assert(!hook_rate_take(&rate, 7, 1, 5));
}
END_TEST

START_TEST(a_very_large_rate_is_a_rate)
{
	struct hook_rate rate = {.per_minute = 100000, .most = 100000};

	for (int i = 0; i < 100000; i++)
		ck_assert(hook_rate_take(&rate, 7, 1, 5));
	ck_assert(!hook_rate_take(&rate, 7, 1, 5));
}
END_TEST

/* A merge of some hundred bugs at once, a list of all bugs never. */
START_TEST(many_are_taken_together_or_not_at_all_and_come_back_slowly)
{
	struct hook_rate rate = {.per_minute = 60, .most = 2000};

	ck_assert(hook_rate_take(&rate, 7, 0, 5000));
	ck_assert(hook_rate_take(&rate, 7, 500, 5000));
	ck_assert(hook_rate_take(&rate, 7, 1500, 5000));
	ck_assert(!hook_rate_take(&rate, 7, 1, 5000));
	ck_assert(hook_rate_take(&rate, 7, 0, 5000));
	ck_assert(!hook_rate_take(&rate, 7, 61, 65000));
	ck_assert(hook_rate_take(&rate, 7, 60, 65000));
	ck_assert(hook_rate_take(&rate, 8, 2000, 65000));
	ck_assert(!hook_rate_take(&rate, 7, 2000, 2064000));
	ck_assert(hook_rate_take(&rate, 7, 2000, 2065000));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_user_has_so_many_at_once_and_gets_one_back_at_a_time),
	SUITE_TEST(a_refused_question_costs_nothing),
	SUITE_TEST(users_do_not_use_up_each_others_questions),
	SUITE_TEST(a_crowd_does_not_give_a_user_who_is_through_new_questions),
	SUITE_TEST(a_very_large_rate_is_a_rate),
	SUITE_TEST(many_are_taken_together_or_not_at_all_and_come_back_slowly),
	SUITE_END,
};
SUITE_MAIN(tests)
