/* What people told gates, as gather makes facts of it: where a policy asks, from the store alone. */
#include "agent/work/gather.h"
#include "policy/orders.h"
#include "tests/support/needing.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

static struct comment remark;

static void keep(struct told_forge *t, enum order_kind kind, int64_t by, const char *whom, int64_t at)
{
	static int64_t place;
	struct row_spoken row = {.repo = TOLD_REPO,
				 .change = 1,
				 .guid = TEXT_LIT("g"),
				 .place = ++place,
				 .kind = kind,
				 .by = by,
				 .login = told_login(t, by),
				 .whom = text_of(whom),
				 .sha = told_oid('a'),
				 .at = at,
				 .comment = 70};

	told_forge_keep(t, &table_spoken, &row);
}

static void open_telling(struct told_forge *t)
{
	told_forge_open_approved(t);
	remark = (struct comment){.id = 70,
				  .user = {11, TEXT_LIT("u11"), PERSON_USER},
				  .created_at = 700000,
				  .body = TEXT_LIT("bors d=u5")};
	t->said = (struct forge_said){&remark, 1, NULL, 0};
	keep(t, ORDER_LAND, 9, "", 900000);
	keep(t, ORDER_UNLAND, 9, "", 800000);
	keep(t, ORDER_DELEGATE, 11, "U5", 700000);
	keep(t, ORDER_DELEGATE, 11, "", 600000);
	keep(t, ORDER_DELEGATE, 11, "u77", 500000);
	ask_for((struct policy_needs){.facts = FACT_ORDERS, .people = true});
}

static struct gathered must_collect(struct told_forge *t)
{
	struct gathered got;
	struct err err = ERR_NONE;

	ck_assert_msg(gather_collect(&t->gather, &t->arena, &got, &err) && err.code == ERR_OK, "%s", err.text);
	return got;
}

START_TEST(what_was_told_is_a_fact_in_order_of_time)
{
	struct told_forge t;
	struct gathered got;
	const struct change *change;

	open_telling(&t);
	got = must_collect(&t);
	change = &got.facts.changes[0];
	ck_assert(change->known & FACT_ORDERS);
	ck_assert(change->n_landing_asks == 2 && change->n_delegations == 3);
	ck_assert(change->landing_asks[0].takes_back && !change->landing_asks[1].takes_back);
	ck_assert(change->landing_asks[1].by.id == 9 && change->landing_asks[1].at == 900000);
	ck_assert(change->landing_asks[1].comment == 70 && change->landing_asks[1].sha.hex[0] == 'a');
	ck_assert(change->delegations[1].to_author && change->delegations[1].to.login.len == 0);
	ck_assert(!change->delegations[2].to_author);
	told_forge_close(&t);
}
END_TEST

START_TEST(a_login_is_that_of_who_speaks_there_and_else_of_nobody)
{
	struct told_forge t;
	const struct change *change;

	open_telling(&t);
	change = &must_collect(&t).facts.changes[0];
	ck_assert_int_eq(change->delegations[2].to.id, 5); /* who reviewed */
	ck_assert(change->delegations[0].to.id == 0 && text_is(change->delegations[0].to.login, "u77"));
	told_forge_close(&t);
}
END_TEST

START_TEST(a_login_that_another_account_had_first_is_nobodys)
{
	struct told_forge t;
	struct err err = ERR_NONE;
	int64_t first = 4;

	open_telling(&t);
	ck_assert(store_login(&t.store, TEXT_LIT("u5"), &first, &err));
	ck_assert_int_eq(must_collect(&t).facts.changes[0].delegations[2].to.id, 0);
	told_forge_close(&t);
}
END_TEST

START_TEST(who_told_it_is_asked_about)
{
	struct told_forge t;
	struct gathered got;

	open_telling(&t);
	got = must_collect(&t);
	ck_assert_str_eq(t.asked_for, "u5 u9 u11 ");
	ck_assert(facts_member(&got.facts, 9) && facts_member(&got.facts, 11));
	told_forge_close(&t);
}
END_TEST

START_TEST(nobody_asks_and_nothing_is_told)
{
	struct told_forge t;
	const struct change *change;

	open_telling(&t);
	ask_for((struct policy_needs){.facts = FACT_COMMENTS, .people = true});
	change = &must_collect(&t).facts.changes[0];
	ck_assert(!(change->known & FACT_ORDERS) && change->n_delegations == 0 && change->n_landing_asks == 0);
	told_forge_close(&t);
}
END_TEST

START_TEST(without_a_store_it_is_not_known)
{
	struct told_forge t;

	open_telling(&t);
	t.ports.store = NULL;
	ck_assert(!(must_collect(&t).facts.changes[0].known & FACT_ORDERS));
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(what_was_told_is_a_fact_in_order_of_time),
	SUITE_TEST(a_login_is_that_of_who_speaks_there_and_else_of_nobody),
	SUITE_TEST(a_login_that_another_account_had_first_is_nobodys),
	SUITE_TEST(who_told_it_is_asked_about),
	SUITE_TEST(nobody_asks_and_nothing_is_told),
	SUITE_TEST(without_a_store_it_is_not_known),
	SUITE_END,
};
SUITE_MAIN(tests)
