/* A judge whose policy names a second context, over a forge that answers what it was told. */
#include "agent/store/pack.h"
#include "agent/work/contexts.h"
#include "agent/work/workers.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

#define OWN TEXT_LIT("policy/merge-allowed")
#define TRY TEXT_LIT("policy/try-allowed")

/* u5 approved; nobody else did. */
#define RULES                                                                                                          \
	"approval_rules:\n"                                                                                            \
	"- {name: one, requires: {count: 1, permissions: [write]}}\n"                                                  \
	"- {name: two, requires: {count: 2, permissions: [write]}}\n"
#define TRY_ONE "policy: {approval: [two], contexts: {policy/try-allowed: {approval: [one]}}}\n" RULES
#define TRY_TWO "policy: {approval: [one], contexts: {policy/try-allowed: {approval: [two]}}}\n" RULES
#define UNNAMED "policy: {approval: [one, {or: [one, two]}]}\n" RULES

struct bench {
	struct told_forge t;
	struct judge judge;
	enum err_code (*check_runs)(void *self, const struct forge_call *call, const struct forge_named *in,
				    struct forge_list_checks *out, struct err *err);
	enum err_code (*reviews)(void *self, const struct forge_call *call, int64_t number,
				 struct forge_list_reviews *out, struct err *err);
	bool fresh;      /* the newest second reading asked for what was sent since the first */
	const char *run; /* the context that a check run by another app bears */
};

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

static enum err_code checks_of(void *self, const struct forge_call *call, const struct forge_named *in,
			       struct forge_list_checks *out, struct err *err)
{
	struct bench *b = self;
	static const struct forge_check_run run = {.id = 9, .app = 4, .app_name = {"mallory", 7}, .may_pass = true};

	(void)call, (void)err;
	*out = (struct forge_list_checks){&run, b->run && text_is(in->name, b->run)};
	return ERR_OK;
}

static enum err_code reviews_noted(void *self, const struct forge_call *call, int64_t number,
				   struct forge_list_reviews *out, struct err *err)
{
	struct bench *b = self;

	b->fresh = call->sent_since != 0;
	return b->reviews(&b->t, call, number, out, err);
}

static void bench_open(struct bench *b, const char *policy)
{
	struct told_forge *t = &b->t;
	struct worker worker;

	*b = (struct bench){.run = NULL};
	told_forge_open_approved(t);
	t->file = policy;
	b->reviews = t->forge.reviews;
	t->forge.check_runs = checks_of;
	t->forge.reviews = reviews_noted;
	worker = (struct worker){
		.store = &t->store, .clock = t->ports.clock, .wake = {.signal = signal_nobody}, .owner = "w"};
	b->judge = (struct judge){
		.worker = worker, .config = t->config, .forge = &t->forge, .mirror = &t->mirror, .attempts_max = 6};
}

static struct row_slot slot_of(struct bench *b, struct text context)
{
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid('a'), .context = context};

	(void)told_forge_find(&b->t, &table_slot, &slot);
	return slot;
}

static void judge_again(struct bench *b)
{
	struct oid sha = told_oid('a');
	struct err err = ERR_NONE;
	int64_t at;

	ck_assert(store_want(&b->t.store, TOLD_REPO, &sha, true, &err));
	ck_assert(judge_step(&b->judge, &at));
}

START_TEST(one_reading_gives_a_verdict_in_each_context)
{
	struct bench b;

	bench_open(&b, TRY_ONE);
	judge_again(&b);
	ck_assert_int_eq(slot_of(&b, OWN).state, STATUS_PENDING);
	ck_assert_int_eq(slot_of(&b, TRY).state, STATUS_SUCCESS);
	ck_assert_msg(b.fresh, "what is allowed there alone was read again");
	told_forge_close(&b.t);
	bench_open(&b, TRY_TWO);
	judge_again(&b);
	ck_assert_int_eq(slot_of(&b, OWN).state, STATUS_SUCCESS);
	ck_assert_int_eq(slot_of(&b, TRY).state, STATUS_PENDING);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_context_that_no_policy_names_any_more_is_denied)
{
	struct bench b;

	bench_open(&b, TRY_ONE);
	judge_again(&b);
	ck_assert_int_eq(slot_of(&b, TRY).state, STATUS_SUCCESS);
	b.t.file = UNNAMED;
	judge_again(&b);
	ck_assert_int_eq(slot_of(&b, TRY).state, STATUS_FAILURE);
	ck_assert_msg(text_is(slot_of(&b, TRY).text, "Revoked: the policy names no such status"), "%.*s",
		      TEXT_ARG(slot_of(&b, TRY).text));
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_policy_that_breaks_leaves_no_context_allowed)
{
	struct bench b;

	bench_open(&b, TRY_ONE);
	judge_again(&b);
	b.t.file = "policy: [";
	judge_again(&b);
	ck_assert_int_eq(slot_of(&b, OWN).state, STATUS_ERROR);
	ck_assert_int_eq(slot_of(&b, TRY).state, STATUS_ERROR);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(what_cannot_be_read_leaves_no_context_allowed)
{
	struct bench b;

	bench_open(&b, TRY_ONE);
	judge_again(&b);
	b.t.fails = TOLD_REVIEWS;
	b.t.fails_as = ERR_LIMIT;
	judge_again(&b);
	ck_assert_int_eq(slot_of(&b, TRY).state, STATUS_ERROR);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_closed_change_leaves_no_context_allowed)
{
	struct bench b;

	bench_open(&b, TRY_ONE);
	judge_again(&b);
	b.t.changes[0].open = false;
	judge_again(&b);
	ck_assert_int_eq(slot_of(&b, TRY).state, STATUS_FAILURE);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(whether_it_was_allowed_before_is_each_contexts_own)
{
	struct bench b;

	bench_open(&b, TRY_ONE);
	judge_again(&b);
	b.t.reviews[0].state = REVIEW_STATE_DISMISSED;
	judge_again(&b);
	ck_assert_int_eq(slot_of(&b, OWN).state, STATUS_PENDING);
	ck_assert_int_eq(slot_of(&b, TRY).state, STATUS_FAILURE);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_check_run_shadows_the_context_whose_name_it_bears_and_no_other)
{
	static const char both[] = "policy: {approval: [one, {or: [one, two]}], contexts: {policy/try-allowed: "
				   "{approval: [one]}}}\n" RULES;
	struct bench b;

	bench_open(&b, both);
	b.run = "policy/try-allowed";
	judge_again(&b);
	ck_assert_int_eq(slot_of(&b, OWN).state, STATUS_SUCCESS);
	ck_assert_int_eq(slot_of(&b, TRY).state, STATUS_FAILURE);
	told_forge_close(&b.t);
	bench_open(&b, both);
	b.run = "policy/merge-allowed";
	judge_again(&b);
	ck_assert_int_eq(slot_of(&b, OWN).state, STATUS_FAILURE);
	ck_assert_int_eq(slot_of(&b, TRY).state, STATUS_SUCCESS);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_verdict_is_kept_with_its_own_contexts_facts)
{
	struct bench b;
	struct row_verdict row;
	struct text facts;
	struct err err = ERR_NONE;

	bench_open(&b, TRY_ONE);
	b.run = "policy/try-allowed";
	judge_again(&b);
	ck_assert(store_verdict(&b.t.store, slot_of(&b, TRY).verdict, &row, &b.t.arena, &err));
	ck_assert(text_eq(row.context, TRY));
	ck_assert(unpack_text(&(struct unpack){row.inputs_lz4, (size_t)row.inputs_bytes, PACK_RAW_MAX}, &b.t.arena,
			      &facts, &err));
	ck_assert(text_find(facts, TEXT_LIT("mallory")) != SIZE_MAX);
	ck_assert(store_verdict(&b.t.store, slot_of(&b, OWN).verdict, &row, &b.t.arena, &err));
	ck_assert(text_eq(row.context, OWN));
	ck_assert(unpack_text(&(struct unpack){row.inputs_lz4, (size_t)row.inputs_bytes, PACK_RAW_MAX}, &b.t.arena,
			      &facts, &err));
	ck_assert(text_find(facts, TEXT_LIT("mallory")) == SIZE_MAX);
	told_forge_close(&b.t);
}
END_TEST

/* The own one holds success at the forge, so that a success there grants nothing new; the other one is granted now. */
START_TEST(what_is_new_in_another_context_is_read_for_as_new)
{
	struct bench b;
	struct row_ledger ledger = {.repo = TOLD_REPO, .sha = told_oid('a'), .context = OWN, .state = STATUS_SUCCESS};
	struct row_slot slot;

	bench_open(&b, "policy: {approval: [one, {or: [one, two]}]}\n" RULES);
	judge_again(&b);
	slot = slot_of(&b, OWN);
	ledger.text = slot.text;
	told_forge_keep(&b.t, &table_ledger, &ledger);
	judge_again(&b);
	ck_assert(!b.fresh);
	b.t.file = "policy: {approval: [one, {or: [one, two]}], contexts: {policy/try-allowed: {approval: "
		   "[one]}}}\n" RULES;
	judge_again(&b);
	ck_assert_int_eq(slot_of(&b, TRY).state, STATUS_SUCCESS);
	ck_assert(b.fresh);
	told_forge_close(&b.t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(one_reading_gives_a_verdict_in_each_context),
	SUITE_TEST(a_context_that_no_policy_names_any_more_is_denied),
	SUITE_TEST(a_policy_that_breaks_leaves_no_context_allowed),
	SUITE_TEST(what_cannot_be_read_leaves_no_context_allowed),
	SUITE_TEST(a_closed_change_leaves_no_context_allowed),
	SUITE_TEST(whether_it_was_allowed_before_is_each_contexts_own),
	SUITE_TEST(a_check_run_shadows_the_context_whose_name_it_bears_and_no_other),
	SUITE_TEST(a_verdict_is_kept_with_its_own_contexts_facts),
	SUITE_TEST(what_is_new_in_another_context_is_read_for_as_new),
	SUITE_END,
};
SUITE_MAIN(tests)
