/* What is known of a change's past beside its head's arrivals: its base branch and its head's repository. */
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

static const struct suite_test tests[] = {
	SUITE_TEST(a_deleted_fork_is_a_fact_and_no_error),
	SUITE_ROWS(the_base_is_as_old_as_its_newest_change_that_events_or_the_record_tell, bases),
	SUITE_END,
};
SUITE_MAIN(tests)
