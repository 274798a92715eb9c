#include "agent/store/turns.h"

static bool subject_since(void *context, const void *row)
{
	*(int64_t *)context = ((const struct row_subject *)row)->due_since;
	return false;
}

static bool slot_since(void *context, const void *row)
{
	*(int64_t *)context = ((const struct row_slot *)row)->due_since;
	return false;
}

/* The last of those that nothing puts off; of what is put off the time alone decides. */
static bool newest(struct step *step, struct scan *scan, rows_visit *visit, int64_t *ret)
{
	auto_arena struct arena arena = ARENA_EMPTY;

	scan->descending = true;
	scan->limit = 1;
	return step->rows->ops->scan(step->rows->self, scan, (struct visitor){visit, ret, &arena}, step->err);
}

static int64_t after(const struct step *step, int64_t newest_turn)
{
	return step->now > newest_turn ? step->now : newest_turn + 1;
}

bool turn_end(struct step *step, struct row_subject *subject)
{
	struct row_subject key = {.due = 1};
	struct scan scan = {.table = &table_subject, .index = SUBJECT_BY_DUE, .equal = &key, .n_equal = 2};
	int64_t *turn = &step->turns.subjects;

	if (*turn == 0 && !newest(step, &scan, subject_since, turn))
		return false;
	*turn = after(step, *turn);
	subject->due_since = *turn;
	return true;
}

bool turn_take(struct step *step, struct row_subject *subject)
{
	int64_t since = subject->due_since;

	if (!turn_end(step, subject))
		return false;
	if (subject->due && since < subject->due_since)
		subject->due_since = since;
	return true;
}

bool turn_end_slot(struct step *step, struct row_slot *slot)
{
	struct row_slot key = {.due = 1, .rank = slot->rank};
	struct scan scan = {.table = &table_slot, .index = SLOT_BY_DUE, .equal = &key, .n_equal = 3};
	int64_t *turn = &step->turns.slots[slot->rank];

	if (*turn == 0 && !newest(step, &scan, slot_since, turn))
		return false;
	*turn = after(step, *turn);
	slot->due_since = *turn;
	return true;
}
