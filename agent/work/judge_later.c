/*
 * Judgements that are made, and said at a moment that tells nothing of how long they took. Their judge goes on with
 * other commits meanwhile. Each keeps its claim, whose lease is far longer: news of the commit drops its success, as of
 * any judgement under way. In memory alone: whoever dies with some leaves claims, as whoever dies while judging does.
 */
#include <stdlib.h>

#include "agent/work/judge_inner.h"

#define LATER_MAX       1000
#define LATER_BYTES_MAX ((size_t)64 << 20)

static size_t bytes_of(const struct judgement *made)
{
	return sizeof *made + made->claimed.used + made->names.used + made->arena.used;
}

bool judge_later_put(struct judgement *made, struct arena *claimed, int64_t until)
{
	struct judge *judge = made->is.judge;
	struct judgement **at = &judge->later.first;
	size_t bytes = bytes_of(made) + claimed->used;

	if (judge->later.n >= LATER_MAX || judge->later.bytes + bytes > LATER_BYTES_MAX)
		return false;
	made->claimed = *claimed;
	*claimed = ARENA_EMPTY;
	made->until = until;
	while (*at && (*at)->until <= until)
		at = &(*at)->next;
	made->next = *at;
	*at = made;
	judge->later.n++;
	judge->later.bytes += bytes;
	return true;
}

static struct judgement *take_first(struct judge *judge)
{
	struct judgement *made = judge->later.first;

	judge->later.first = made->next;
	judge->later.n--;
	judge->later.bytes -= bytes_of(made);
	return made;
}

struct judgement *judge_later_take(struct judge *judge)
{
	const struct clock_port *clock = &judge->worker.clock;

	if (!judge->later.first || judge->later.first->until > clock->mono(clock->self))
		return NULL;
	return take_first(judge);
}

int64_t judge_later_at(const struct judge *judge)
{
	return judge->later.first ? judge->later.first->until : WHEN_UNKNOWN;
}

/* Their commits are judged anew by whoever comes next: what the store does not take now waits for the end of its lease.
 */
void judge_later_drop(struct judge *judge)
{
	while (judge->later.first) {
		struct judgement *made = take_first(judge);
		struct err err = ERR_NONE;

		(void)store_defer(judge->worker.store, &made->claim, judge_wall(judge), &err);
		judgement_free(made);
	}
}

void judgement_free(struct judgement *made)
{
	arena_release(&made->arena);
	arena_release(&made->names);
	arena_release(&made->claimed);
	free(made);
}
