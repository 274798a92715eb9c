/*
 * What people tell gates: that somebody else may approve, that the change shall land, or that this is taken back
 * (policy/orders.h). The forge's queue and auto-merge are told the same by events of the change.
 *
 * Kept is what the signed event said, and the head by then: of a comment the one that the index believes in, of the
 * queue the one that the event names. A comment on its way may find a newer head here than its writer saw: whoever
 * counts it compares its time with the arrival of that head. What is edited later does not change what was kept.
 *
 * Bounded: of a change ORDERS_MAX are kept, and STRANGE_MAX of those who could not count, so that they take nobody
 * else's place. Bots order nothing.
 */
#include "agent/store/apply.h"

#include "policy/orders.h"

#define ORDERS_MAX  1000
#define STRANGE_MAX 100

struct spoken_count {
	int64_t all, strange;
};

static bool count_one(void *context, const void *row)
{
	struct spoken_count *count = context;

	count->all++;
	count->strange += ((const struct row_spoken *)row)->strange;
	return true;
}

static bool has_room(struct applying *a, const struct row_spoken *row, bool *ret)
{
	struct scan scan = {.table = &table_spoken,
			    .index = INDEX_KEY,
			    .equal = row,
			    .n_equal = 2,
			    .limit = ORDERS_MAX + STRANGE_MAX};
	struct spoken_count count = {0};

	if (!a->step->rows->ops->scan(a->step->rows->self, &scan, (struct visitor){count_one, &count, a->step->arena},
				      a->step->err))
		return false;
	*ret = row->strange ? count.strange < STRANGE_MAX : count.all - count.strange < ORDERS_MAX;
	return true;
}

static bool keep(struct applying *a, const struct row_spoken *row)
{
	bool room;

	return has_room(a, row, &room) && (!room || step_put(a->step, &table_spoken, row));
}

static bool by_nobody(const struct event *event)
{
	return event->sender.id <= 0 || event->sender.type != PERSON_USER;
}

/* The head that events told, unless those of its newest second contradict each other. */
static bool head_then(struct applying *a, const struct row_change *change, struct oid *ret)
{
	struct row_floor floor = {.repo = change->repo, .kind = TEXT_LIT("change"), .key = change->number};
	bool found;

	if (!step_find(a->step, &table_floor, &floor, &found))
		return false;
	*ret = found && floor.value.len == 0 ? OID_NONE : change->head;
	return true;
}

static struct row_spoken row_of(const struct applying *a, int64_t change)
{
	const struct event *event = a->event;

	return (struct row_spoken){.repo = event->repo,
				   .change = change,
				   .guid = a->guid,
				   .by = event->sender.id,
				   .login = event->sender.login};
}

static void fill(struct row_spoken *row, const struct spoken_order *order, const struct oid *head)
{
	row->kind = order->kind;
	row->whom = order->whom;
	row->sha = text_starts(oid_text(head), order->commit) ? *head : OID_NONE;
}

bool keep_orders(struct applying *a, const struct row_change *change, bool *ret)
{
	const struct event *event = a->event;
	struct orders orders = {.rest = event->comment.body, .cut = event->comment.body.len > EVENT_BODY_MAX - 4};
	struct row_spoken row = row_of(a, change->number);
	struct speaker who = {event->comment.association, event->sender.id};
	struct spoken_order order;
	struct oid head;
	bool may;

	*ret = orders_take_back(event->comment.body);
	if (by_nobody(event) || (event->comment.user.id != 0 && event->comment.user.id != event->sender.id))
		return true;
	if (!head_then(a, change, &head) || !could_count(a, &who, &change->head, &may))
		return false;
	row.at = event->comment.created_at;
	row.comment = event->comment.id;
	row.strange = !may;
	for (; orders_next(&orders, &order); row.place++) {
		bool back = order.kind == ORDER_UNDELEGATE || order.kind == ORDER_UNLAND;

		fill(&row, &order, &head);
		if ((order.certain || back) && !keep(a, &row))
			return false;
	}
	return true;
}

/* ---- the forge's queue ---- */

static const struct queue_action {
	const char *action;
	enum order_kind kind;
	enum order_how how;
} queue_actions[] = {
	{"enqueued", ORDER_LAND, ORDER_QUEUE},
	{"dequeued", ORDER_UNLAND, ORDER_QUEUE},
	{"auto_merge_enabled", ORDER_LAND, ORDER_AUTO_MERGE},
	{"auto_merge_disabled", ORDER_UNLAND, ORDER_AUTO_MERGE},
};

static const struct queue_action *queue_action(const struct event *event)
{
	for (size_t i = 0; i < sizeof queue_actions / sizeof queue_actions[0]; i++)
		if (text_is(event->action, queue_actions[i].action))
			return &queue_actions[i];
	return NULL;
}

/* It left the queue because it has landed: nobody took anything back. */
static bool has_landed(const struct event *event)
{
	return event->change.merged == TRI_YES || text_eq_nocase(event->status.state, TEXT_LIT("merge"));
}

/* Nobody but the forge and who may write tells these: whoever it is, he is heard. */
bool apply_queue(struct applying *a)
{
	const struct event *event = a->event;
	const struct queue_action *action = queue_action(event);
	struct row_spoken row = row_of(a, event->change.number);
	struct news news = {
		.heard = {.kind = WATCH_TALK, .id = event->change.updated_at, .state = TEXT_LIT(TALK_QUEUE)},
		.sha = event->change.head,
		.text = "Revoked: what was asked to land is taken back"};

	if (!action || event->change.open == TRI_NO || has_landed(event))
		return true;
	row.kind = action->kind;
	row.how = action->how;
	row.sha = event->change.head;
	row.at = event->change.updated_at;
	if ((action->kind == ORDER_UNLAND || !by_nobody(event)) && !keep(a, &row))
		return false;
	news.weakens = action->kind == ORDER_UNLAND;
	news.heard.name = text_of(news.weakens ? TALK_UNSAID : TALK_SAID);
	return hear(a, &news);
}
