/* A judge's steps as time goes by, over a forge that answers what it was told: what hours end, is taken back. */
#include "agent/work/workers.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

struct bench {
	struct told_forge t;
	struct judge judge;
	enum err_code (*reviews)(void *self, const struct forge_call *call, int64_t number,
				 struct forge_list_reviews *out, struct err *err);
	int reads; /* of the reviews */
};

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

static void bench_open(struct bench *b)
{
	struct told_forge *t = &b->t;

	*b = (struct bench){.reads = 0};
	told_forge_open_approved(t);
	b->reviews = t->forge.reviews;
	b->judge = (struct judge){.worker = {.store = &t->store,
					     .clock = t->ports.clock,
					     .wake = {.signal = signal_nobody},
					     .owner = "w"},
				  .config = t->config,
				  .forge = &t->forge,
				  .mirror = &t->mirror,
				  .attempts_max = 6};
}

static struct row_slot slot_of(struct bench *b, char head)
{
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid(head), .context = TEXT_LIT("policy/merge-allowed")};

	(void)told_forge_find(&b->t, &table_slot, &slot);
	return slot;
}

static struct row_subject subject_of(struct bench *b, char head)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid(head)};

	ck_assert(told_forge_find(&b->t, &table_subject, &subject));
	return subject;
}

#define HOURS                                                                                                          \
	"policy: {approval: [r]}\napproval_rules: [{name: r, requires: {count: 1, permissions: [write], conditions: "  \
	"{window: {days: [thu], to: '01:00'}}}}]\n"
#define END  INT64_C(3600000) /* of the first Thursday's hour */
#define WEEK (INT64_C(7) * 24 * 3600000)

/* Nothing happens but that time goes by. */
START_TEST(a_success_is_taken_back_when_its_hours_end_and_given_again_when_they_begin)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	b.t.file = HOURS;
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(subject_of(&b, 'a').not_before, END);
	b.t.now = END - 1;
	ck_assert(!judge_step(&b.judge, &at));
	ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_SUCCESS);
	b.t.now = END;
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_FAILURE);
	ck_assert_msg(text_is(slot_of(&b, 'a').text, "Revoked: not in these hours: again at 1970-01-08T00:00:00Z"),
		      "%.*s", TEXT_ARG(slot_of(&b, 'a').text));
	b.t.now = WEEK - 1;
	ck_assert(!judge_step(&b.judge, &at));
	b.t.now = WEEK;
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(subject_of(&b, 'a').not_before, WEEK + END);
	told_forge_close(&b.t);
}
END_TEST

/* The second reading lasts until the hours are over. */
static enum err_code reviews_until_the_end(void *self, const struct forge_call *call, int64_t number,
					   struct forge_list_reviews *out, struct err *err)
{
	struct bench *b = self; /* told_forge is its first member */

	if (b->reads++ == 1)
		b->t.now = END;
	return b->reviews(self, call, number, out, err);
}

START_TEST(hours_that_end_while_it_is_judged_give_no_success)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	b.t.file = HOURS;
	b.t.now = END - 1000;
	b.t.forge.reviews = reviews_until_the_end;
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(b.t.now, END);
	ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_FAILURE);
	told_forge_close(&b.t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_success_is_taken_back_when_its_hours_end_and_given_again_when_they_begin),
	SUITE_TEST(hours_that_end_while_it_is_judged_give_no_success),
	SUITE_END,
};
SUITE_MAIN(tests)
