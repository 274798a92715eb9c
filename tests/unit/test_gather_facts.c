/* What only some policies ask about, as gather makes facts of it. */
#include "agent/work/gather.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

static struct gathered must_collect(struct told_forge *t)
{
	struct gathered got;
	struct err err = ERR_NONE;

	ck_assert_msg(gather_collect(&t->gather, &t->arena, &got, &err) && err.code == ERR_OK, "%s", err.text);
	return got;
}

/* ---- the head's branch ---- */

static const struct {
	int64_t repo; /* of the head; 0: deleted */
	const char *label, *ref;
} heads[] = {
	{TOLD_REPO, "o:f", "f"}, {TOLD_REPO, "", "f"}, {9, "ann:f", "ann:f"}, {0, "ann:f", "ann:f"}, {9, "", NULL},
	{9, ":f", NULL},         {9, "f", NULL},       {9, "ann:g", NULL},    {9, "ann:o:f", NULL},  {0, "ann", NULL},
};

START_TEST(a_branch_of_another_repository_bears_its_owner)
{
	struct told_forge t;
	const struct change *change;

	told_forge_open(&t);
	t.changes[0].head_repo = heads[_i].repo;
	t.changes[0].head_label = text_of(heads[_i].label);
	change = &must_collect(&t).facts.changes[0];
	ck_assert(((change->known & FACT_HEAD_REF) != 0) == (heads[_i].ref != NULL));
	ck_assert(text_eq(change->head_ref, text_of(heads[_i].ref)));
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_branch_of_another_repository_bears_its_owner, heads), SUITE_END};
SUITE_MAIN(tests)
