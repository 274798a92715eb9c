/* What is known of the past beside a head's arrivals: a change's base branch, its head's repository, and who had a
 * login. */
#include "agent/work/gather.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

static struct gathered must_collect(struct told_forge *t)
{
	struct err err = ERR_NONE;
	struct gathered got;

	ck_assert_msg(gather_collect(&t->gather, &t->arena, &got, &err), "%s", err.text);
	return got;
}

static void floor_at(struct told_forge *t, const char *kind, int64_t at)
{
	struct row_floor floor = {.repo = TOLD_REPO, .kind = text_of(kind), .key = 1, .forge_time = at};

	told_forge_keep(t, &table_floor, &floor);
}

/* A null head.repo is judged by commit like any other; what is known of its past goes into the facts. */
START_TEST(a_deleted_fork_is_a_fact_and_no_error)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	ck_assert(!must_collect(&t).facts.changes[0].head_gone);
	t.changes[0].head_repo = 0;
	t.changes[0].head_repo_name = TEXT_EMPTY;
	got = must_collect(&t);
	ck_assert(got.facts.changes[0].head_gone);
	ck_assert(got.facts.changes[0].head_seen_at == WHEN_UNKNOWN);
	floor_at(&t, "head", 600000);
	ck_assert_int_eq(must_collect(&t).facts.changes[0].head_seen_at, 600000);
	t.ports.store = NULL;
	ck_assert(must_collect(&t).facts.changes[0].head_seen_at == WHEN_UNKNOWN);
	told_forge_close(&t);
}
END_TEST

static const struct {
	int64_t told, recorded, is;
} bases[] = {{WHEN_UNKNOWN, WHEN_UNKNOWN, WHEN_UNKNOWN},
	     {600000, WHEN_UNKNOWN, 600000},
	     {WHEN_UNKNOWN, 700000, 700000},
	     {600000, 700000, 700000},
	     {700000, 600000, 700000}};

START_TEST(the_base_is_as_old_as_its_newest_change_that_events_or_the_record_tell)
{
	struct told_forge t;

	told_forge_open(&t);
	if (bases[_i].told != WHEN_UNKNOWN)
		floor_at(&t, "base", bases[_i].told);
	t.base_changed_at = bases[_i].recorded;
	ck_assert(must_collect(&t).facts.changes[0].base_changed_at == bases[_i].is);
	told_forge_close(&t);
}
END_TEST

static const struct {
	const char *who; /* in the policy */
	int64_t first;   /* whose the login u5 was; 0: nobody asked yet */
	enum decision decision;
} logins[] = {
	{"users: [u5]", 0, DECISION_ALLOWED},           {"users: [U5]", 5, DECISION_ALLOWED},
	{"users: [u5]", 66, DECISION_WAITING},          {"users: ['id:5']", 66, DECISION_ALLOWED},
	{"permissions: [write]", 66, DECISION_ALLOWED}, {"users: [u5], permissions: [write]", 66, DECISION_ALLOWED},
};

static enum decision judged(struct told_forge *t)
{
	struct gathered got = must_collect(t);
	struct verdict verdict;

	policy_judge(got.governed, &got.facts, &t->arena, &verdict);
	return verdict.decision;
}

/* A policy may name people by login. Whoever takes a login that was given up is not the one who was named. */
START_TEST(a_login_names_the_account_that_had_it_first)
{
	struct row_arrival arrival = {TOLD_REPO, 1, told_oid('a'), 100000, 100, 0, TEXT_LIT("g"), OID_NONE};
	struct row_floor floor = {.kind = TEXT_LIT("login/u5"), .forge_time = logins[_i].first};
	struct told_forge t;

	told_forge_open(&t);
	told_forge_keep(&t, &table_arrival, &arrival);
	told_forge_record(&t, 1, arrival.sha);
	if (logins[_i].first != 0)
		told_forge_keep(&t, &table_floor, &floor);
	t.file = arena_printf(&t.arena,
			      "policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 1, %s}}\n",
			      logins[_i].who)
			 .at;
	t.reviews[t.n_reviews++] = (struct forge_review){.id = 1,
							 .user = {5, TEXT_LIT("u5"), PERSON_USER},
							 .state = REVIEW_APPROVED,
							 .commit_id = told_oid('a'),
							 .submitted_at = 600000};
	ck_assert_int_eq(judged(&t), logins[_i].decision);
	ck_assert_int_eq(judged(&t), logins[_i].decision);
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_deleted_fork_is_a_fact_and_no_error),
	SUITE_ROWS(a_login_names_the_account_that_had_it_first, logins),
	SUITE_ROWS(the_base_is_as_old_as_its_newest_change_that_events_or_the_record_tell, bases),
	SUITE_END,
};
SUITE_MAIN(tests)
