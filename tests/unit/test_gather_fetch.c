/* How long a fetch of git objects may take within a collect. */
#include "agent/work/gather.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

static const struct {
	int64_t collect_ms, fetch_ms, until_ms;
} deadlines[] = {{300000, 120000, 120000}, {300000, 300000, 300000}, {60000, 120000, 60000}};

START_TEST(a_fetch_ends_at_its_own_deadline_and_with_the_collect)
{
	struct told_forge t;
	struct gathered got;
	struct err err = ERR_NONE;

	told_forge_open(&t);
	t.config.deadline_ms = deadlines[_i].collect_ms;
	t.config.fetch_ms = deadlines[_i].fetch_ms;
	ck_assert_msg(gather_collect(&t.gather, &t.arena, &got, &err), "%s", err.text);
	ck_assert_int_eq(t.fetch_until, t.now + deadlines[_i].until_ms);
	told_forge_close(&t);
}
END_TEST

/* The commit of a merge group, whose objects are fetched for it alone: no change has it as its head. */
START_TEST(a_merge_groups_fetch_ends_there_too)
{
	struct text base = TEXT_LIT("main");
	struct told_forge t;
	struct gathered got;
	struct err err = ERR_NONE;

	told_forge_open(&t);
	t.claim.sha = told_oid('e');
	t.claim.bases = &base;
	t.claim.n_bases = 1;
	t.merged = told_oid('e');
	t.landed = true;
	t.config.fetch_ms = 100;
	ck_assert_msg(gather_collect(&t.gather, &t.arena, &got, &err), "%s", err.text);
	ck_assert_int_eq(t.fetch_until, t.now + 100);
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_fetch_ends_at_its_own_deadline_and_with_the_collect, deadlines),
	SUITE_TEST(a_merge_groups_fetch_ends_there_too),
	SUITE_END,
};
SUITE_MAIN(tests)
