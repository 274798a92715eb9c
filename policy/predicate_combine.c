/*
 * all_of, any_of and not, over maps of conditions. Three values: one "no" decides all_of, one "yes" decides any_of,
 * and `not` leaves what is unknown unknown.
 */
#include "policy/keys.h"
#include "policy/rules.h"

struct blocks {
	struct conditions *items;
	size_t n;
};

bool blocks_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	struct blocks *blocks = arena_alloc(parse->arena, 1, sizeof *blocks);
	bool ok = true;

	if (value->kind != YAML_LIST)
		return yaml_problem(value, parse->problem, "expected a list of maps of conditions");
	if (value->n == 0)
		return yaml_problem(value, parse->problem, "an empty list is not allowed here");
	blocks->items = arena_alloc(parse->arena, value->n, sizeof *blocks->items);
	blocks->n = value->n;
	for (size_t i = 0; i < value->n; i++)
		if (!conditions_read(parse, &value->items[i], &blocks->items[i].items, &blocks->items[i].n))
			ok = parse_failed(parse);
	*ret_args = blocks;
	return ok;
}

bool not_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	struct blocks *blocks = arena_alloc(parse->arena, 1, sizeof *blocks);

	blocks->items = arena_alloc(parse->arena, 1, sizeof *blocks->items);
	blocks->n = 1;
	*ret_args = blocks;
	return conditions_read(parse, value, &blocks->items[0].items, &blocks->items[0].n);
}

const struct conditions *blocks_inner(const void *args, size_t i)
{
	const struct blocks *blocks = args;

	return i < blocks->n ? &blocks->items[i] : NULL;
}

struct answer all_of_ask(const void *args, const struct judging *on)
{
	const struct blocks *blocks = args;
	struct answer so_far = answer_yes(TEXT_EMPTY);

	for (size_t i = 0; i < blocks->n && so_far.holds != TRI_NO; i++)
		so_far = answer_and(so_far, conditions_ask(&blocks->items[i], on));
	return so_far;
}

/* How near an alternative is to holding. */
static int nearness(const struct answer *answer)
{
	if (answer->holds == TRI_UNKNOWN)
		return answer->stuck ? 1 : 2;
	return answer->holds == TRI_YES ? 3 : 0;
}

struct answer any_of_ask(const void *args, const struct judging *on)
{
	const struct blocks *blocks = args;
	struct answer best = conditions_ask(&blocks->items[0], on);

	for (size_t i = 1; i < blocks->n && best.holds != TRI_YES; i++) {
		struct answer now = conditions_ask(&blocks->items[i], on);

		if (nearness(&now) > nearness(&best))
			best = now;
	}
	if (best.holds == TRI_NO && blocks->n > 1)
		best.why = arena_printf(on->arena, "%.*s, and no other alternative holds", TEXT_ARG(best.why));
	return best;
}

struct answer not_ask(const void *args, const struct judging *on)
{
	const struct blocks *blocks = args;
	const struct conditions *all = &blocks->items[0];
	struct answer inner = conditions_ask(all, on);
	const char *key = predicate_name(all->items[0].predicate);

	if (inner.holds == TRI_UNKNOWN)
		return inner;
	if (inner.holds == TRI_NO)
		return answer_yes(inner.why);
	if (inner.why.len > 0)
		return answer_no(inner.why);
	if (all->n == 1)
		return answer_no(arena_printf(on->arena, "%s holds, which the rule excludes", key));
	return answer_no(arena_printf(on->arena, "%s and %zu other conditions hold, which the rule excludes together",
				      key, all->n - 1));
}
