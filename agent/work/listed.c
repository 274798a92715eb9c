#include "agent/work/listed.h"

static struct listed_status of(const struct forge_status *s)
{
	return (struct listed_status){s->id, s->state, s->creator, s->created_at, s->creator_login};
}

/* Newest first, whatever order the forge gave. */
static void insert(struct listed_status *at, size_t n, struct listed_status one)
{
	for (; n > 0 && at[n - 1].id < one.id; n--)
		at[n] = at[n - 1];
	at[n] = one;
}

bool listed_read(const struct listed_plan *plan, struct reread *ret, struct err *err)
{
	struct forge_list_statuses list;
	struct listed_status *at;

	*ret = (struct reread){.state = STATUS_UNKNOWN, .now = plan->now};
	if (plan->forge->statuses(plan->forge->self, &plan->call, &plan->sha, &list, err) != ERR_OK)
		return false;
	at = arena_alloc(plan->call.arena, list.n + 1, sizeof *at);
	for (size_t i = 0; i < list.n; i++) {
		if (!text_eq_nocase(list.at[i].context, plan->context))
			continue;
		insert(at, ret->n++, of(&list.at[i]));
		if (list.at[i].id <= ret->forge_status_id)
			continue;
		ret->state = list.at[i].state;
		ret->text = list.at[i].description;
		ret->forge_status_id = list.at[i].id;
	}
	ret->count = (int64_t)ret->n;
	ret->at = at;
	return true;
}
