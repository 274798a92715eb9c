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

/* ---- what was put off ---- */

/* not_before of each sort; of what was put off it is a time. */
#define NEWS_AT 0
#define NEXT_AT 1

/* By how many went before what was put off, while something waited. */
static const enum due orders[][TURN_LOOKS] = {
	{DUE_NEWS, DUE_NEXT, DUE_PUT_OFF, DUES},
	{DUE_NEXT, DUE_NEWS, DUE_PUT_OFF, DUES},
	{DUE_NEWS, DUE_NEXT, DUE_PUT_OFF, DUES},
	{DUE_PUT_OFF, DUE_NEXT, DUE_NEWS, DUE_PUT_OFF},
};
enum { TURNS = sizeof orders / sizeof orders[0] };

struct scan due_subjects(enum due which, size_t limit)
{
	static const struct row_subject keys[DUES] = {[DUE_NEWS] = {.due = 1, .not_before = NEWS_AT},
						      [DUE_NEXT] = {.due = 1, .not_before = NEXT_AT},
						      [DUE_PUT_OFF] = {.due = 1}};

	return (struct scan){.table = &table_subject,
			     .index = SUBJECT_BY_DUE,
			     .equal = &keys[which],
			     .n_equal = which == DUE_PUT_OFF ? 1 : 2,
			     .has_from = which == DUE_PUT_OFF,
			     .from = NEXT_AT + 1,
			     .limit = limit};
}

#define KEYS_OF(r)                                                                                                     \
	{                                                                                                              \
		{.due = 1, .rank = (r)}, {.due = 1, .rank = (r), .not_before = NEXT_AT},                               \
		{                                                                                                      \
			.due = 1, .rank = (r)                                                                          \
		}                                                                                                      \
	}

struct scan due_slots(enum due which, enum slot_rank rank, size_t limit)
{
	static const struct row_slot keys[SLOT_RANKS][DUES] = {[RANK_REVOKES] = KEYS_OF(RANK_REVOKES),
							       [RANK_GRANTS] = KEYS_OF(RANK_GRANTS),
							       [RANK_TELLS] = KEYS_OF(RANK_TELLS)};

	return (struct scan){.table = &table_slot,
			     .index = SLOT_BY_DUE,
			     .equal = &keys[rank][which],
			     .n_equal = which == DUE_PUT_OFF ? 2 : 3,
			     .has_from = which == DUE_PUT_OFF,
			     .from = NEXT_AT + 1,
			     .limit = limit};
}

/* forge_time: how many went before what was put off, since the last of those. */
static bool find_passed(struct step *step, int64_t line, struct row_floor *ret)
{
	bool found;

	*ret = (struct row_floor){.kind = TEXT_LIT("passed over"), .key = line};
	return step_find(step, &table_floor, ret, &found);
}

bool turn_begin(struct step *step, struct turn *turn)
{
	struct row_floor passed;

	if (!find_passed(step, turn->line, &passed))
		return false;
	turn->passed = passed.forge_time < TURNS ? passed.forge_time : TURNS - 1;
	turn->order = orders[turn->passed];
	return true;
}

void turn_bound(const struct step *step, const struct turn *turn, int i, struct scan *scan)
{
	scan->has_upto = i == 0 && turn->order[0] == DUE_PUT_OFF;
	scan->upto = step->now;
}

static bool any_row(void *context, const void *row)
{
	(void)row;
	*(bool *)context = true;
	return false;
}

/* Is there one of this sort whose time has come? */
static bool is_waiting(struct step *step, const struct turn *turn, enum due which, bool *ret)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct scan scan = turn->waiting[which];

	scan.has_upto = which == DUE_PUT_OFF;
	scan.upto = step->now;
	scan.lean = true;
	scan.limit = 1;
	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){any_row, ret, &arena}, step->err);
}

/* A turn that nobody could use is over, too. */
bool turn_given(struct step *step, const struct turn *turn, enum due taken)
{
	struct row_floor passed;
	bool waiting = false;
	int64_t n;

	if (!find_passed(step, turn->line, &passed))
		return false;
	for (enum due i = DUE_NEXT; i < DUES && taken != DUE_PUT_OFF && !waiting; i++)
		if (!is_waiting(step, turn, i, &waiting))
			return false;
	n = waiting ? (turn->passed + 1) % TURNS : 0;
	if (n == passed.forge_time)
		return true;
	passed.forge_time = n;
	return step_put(step, &table_floor, &passed);
}
