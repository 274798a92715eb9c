#include "policy/standing_orders.h"

#include "policy/contributors.h"

static struct order_standing fallen(const char *why)
{
	return (struct order_standing){TRI_NO, text_of(why)};
}

static struct order_standing standing(void)
{
	return (struct order_standing){.stands = TRI_YES};
}

static struct order_standing waits(const char *why)
{
	return (struct order_standing){TRI_UNKNOWN, text_of(why)};
}

static struct order_standing check_giver(const struct order_list *list, const struct order *order)
{
	const struct member *member = facts_member(list->on->facts, order->by.id);

	if (order->by.id <= 0)
		return fallen("was given by nobody the forge knows");
	if (order->by.type == PERSON_BOT || (member && member->who.type == PERSON_BOT))
		return fallen("was given by a bot");
	return standing();
}

static struct order_standing check_commit(const struct order_list *list, const struct order *order)
{
	if (!oid_known(&order->sha))
		return fallen("was given when nobody knew for sure what the head was");
	if (list->sticky || oid_eq(&order->sha, &list->on->facts->head))
		return standing();
	return (struct order_standing){TRI_NO, arena_printf(list->on->arena, "was for %.*s, another commit",
							    TEXT_ARG(oid_short(&order->sha)))};
}

/* An event of the queue names the head itself, and may be of the second of its arrival. A comment's writer may have
 * seen the head before. */
static struct order_standing check_time(const struct order_list *list, const struct order *order)
{
	const struct change *change = list->on->change;
	int64_t after = order->how == ORDER_COMMENT ? order->at - 1 : order->at;

	if (order->at == WHEN_UNKNOWN)
		return fallen("was given at an unknown time");
	if (list->sticky)
		return standing();
	if (!(change->known & FACT_ARRIVAL) || change->head_arrived_at == WHEN_UNKNOWN)
		return waits("the time at which this commit arrived");
	return after < change->head_arrived_at ? fallen("was given before this commit arrived here last") : standing();
}

static struct order_standing check_comment(const struct order_list *list, const struct order *order)
{
	const struct change *change = list->on->change;

	if (order->how != ORDER_COMMENT)
		return standing();
	if (!(change->known & FACT_COMMENTS))
		return waits("the comments");
	for (size_t i = 0; i < change->n_comments; i++) {
		const struct comment *comment = &change->comments[i];

		if (comment->id != order->comment || comment->user.id != order->by.id)
			continue;
		return comment->edited ? fallen("was edited after it was given") : standing();
	}
	return fallen("was deleted");
}

/* ---- taken back ---- */

static enum tri may_take(const struct order_list *list, const struct order *order, int64_t taker)
{
	static const struct actors writers = {.permission = PERMISSION_WRITE};
	const struct facts *facts = list->on->facts;
	enum tri writes = actors_match(&writers, facts, taker), named = actors_match(list->takers, facts, taker);

	if (taker == order->by.id || writes == TRI_YES || named == TRI_YES)
		return TRI_YES;
	return writes == TRI_UNKNOWN || named == TRI_UNKNOWN ? TRI_UNKNOWN : TRI_NO;
}

static struct order_standing taken_by(const struct order_list *list, const struct order *order, int64_t taker)
{
	enum tri may = may_take(list, order, taker);
	struct text who = contributor_name(taker, list->on);

	if (may == TRI_NO)
		return standing();
	if (may == TRI_YES)
		return (struct order_standing){TRI_NO,
					       arena_printf(list->on->arena, "was taken back by %.*s", TEXT_ARG(who))};
	return (struct order_standing){TRI_UNKNOWN,
				       arena_printf(list->on->arena, "the permission of %.*s", TEXT_ARG(who))};
}

static bool worse(struct order_standing *so_far, struct order_standing now)
{
	if (now.stands != TRI_YES && so_far->stands == TRI_YES)
		*so_far = now;
	if (now.stands == TRI_NO)
		*so_far = now;
	return so_far->stands == TRI_NO;
}

static bool not_before(int64_t at, const struct order *order)
{
	return at == WHEN_UNKNOWN || at >= order->at;
}

/* What its queue says of itself the forge says, whoever was behind it. */
static struct order_standing check_events(const struct order_list *list, const struct order *order)
{
	struct order_standing so_far = standing();

	for (size_t i = 0; i < list->n; i++) {
		const struct order *back = &list->at[i];

		if (!back->takes_back || back->how != order->how || !not_before(back->at, order))
			continue;
		if (back->how != ORDER_COMMENT)
			return fallen("was taken back");
		if (worse(&so_far, taken_by(list, order, back->by.id)))
			break;
	}
	return so_far;
}

static bool takes_back(const struct order_list *list, struct text body)
{
	struct orders orders = {.rest = body};
	struct spoken_order one;

	while (orders_next(&orders, &one))
		if (one.kind == list->taken_back_by)
			return true;
	return false;
}

/* Also where no event told of it. When an edited one took it back nobody knows. */
static struct order_standing check_words(const struct order_list *list, const struct order *order)
{
	const struct change *change = list->on->change;
	struct order_standing so_far = standing();

	if (order->how != ORDER_COMMENT)
		return so_far;
	for (size_t i = 0; i < change->n_comments; i++) {
		const struct comment *comment = &change->comments[i];

		if ((comment->edited || not_before(comment->created_at, order)) && takes_back(list, comment->body) &&
		    worse(&so_far, taken_by(list, order, comment->user.id)))
			break;
	}
	return so_far;
}

struct order_standing order_stands(const struct order_list *list, const struct order *order)
{
	static struct order_standing (*const checks[])(const struct order_list *, const struct order *) = {
		check_giver, check_commit, check_time, check_comment, check_events, check_words};
	struct order_standing so_far = standing();

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		if (worse(&so_far, checks[i](list, order)))
			break;
	return so_far;
}
