#include "agent/store/turns.h"

#define NEWS_IN_A_ROW 3 /* while something that was put off could go */

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

/* ---- what was put off ---- */

struct scan due_subjects(enum due which, size_t limit)
{
	static const struct row_subject key = {.due = 1}; /* not_before 0 */

	return (struct scan){.table = &table_subject,
			     .index = SUBJECT_BY_DUE,
			     .equal = &key,
			     .n_equal = which == DUE_NEWS ? 2 : 1,
			     .has_from = which == DUE_PUT_OFF,
			     .from = 1,
			     .limit = limit};
}

struct scan due_slots(enum due which, enum slot_rank rank, size_t limit)
{
	static const struct row_slot keys[SLOT_RANKS] = {
		{.due = 1, .rank = RANK_REVOKES}, {.due = 1, .rank = RANK_GRANTS}, {.due = 1, .rank = RANK_TELLS}};

	return (struct scan){.table = &table_slot,
			     .index = SLOT_BY_DUE,
			     .equal = &keys[rank],
			     .n_equal = which == DUE_NEWS ? 3 : 2,
			     .has_from = which == DUE_PUT_OFF,
			     .from = 1,
			     .limit = limit};
}

/* forge_time: how many went before what was put off, since the last of those. */
static bool passed_over(struct step *step, int64_t line, struct row_floor *ret)
{
	bool found;

	*ret = (struct row_floor){.kind = TEXT_LIT("passed over"), .key = line};
	return step_find(step, &table_floor, ret, &found);
}

bool turn_first(struct step *step, int64_t line, enum due *ret)
{
	struct row_floor passed;

	if (!passed_over(step, line, &passed))
		return false;
	*ret = passed.forge_time >= NEWS_IN_A_ROW ? DUE_PUT_OFF : DUE_NEWS;
	return true;
}

static bool any_row(void *context, const void *row)
{
	(void)row;
	*(bool *)context = true;
	return false;
}

/* Its time has come. */
static bool is_waiting(struct step *step, const struct turn_taken *in, bool *ret)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct scan scan = in->waiting;

	*ret = false;
	scan.has_upto = true;
	scan.upto = step->now;
	scan.lean = true;
	scan.limit = 1;
	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){any_row, ret, &arena}, step->err);
}

/* What goes first and finds nothing that can be taken has had its turn, too. */
bool turn_given(struct step *step, const struct turn_taken *in)
{
	struct row_floor passed;
	bool waiting = false;
	int64_t n;

	if (!passed_over(step, in->line, &passed) ||
	    (in->first == DUE_NEWS && in->taken == DUE_NEWS && !is_waiting(step, in, &waiting)))
		return false;
	n = waiting ? passed.forge_time + 1 : 0;
	if (n == passed.forge_time)
		return true;
	passed.forge_time = n;
	return step_put(step, &table_floor, &passed);
}
