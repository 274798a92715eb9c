#include "policy/predicate.h"

#include "policy/keys.h"

/* The table. `if` and `conditions` know what stands here and nothing else. */
static const struct predicate predicates[] = {
	{.doc = {"changed_files", "{paths: [pattern], ignore: [pattern]}",
		 "a changed file that no `ignore` matches is matched by one of `paths`; both names of a renamed file "
		 "are looked at"},
	 .needs = FACT_PATHS,
	 .read = changed_files_read,
	 .ask = changed_files_ask},
	{.doc = {"targets_branch", "{pattern: pattern}", "the base branch matches"},
	 .needs = FACT_BASE,
	 .read = targets_branch_read,
	 .ask = targets_branch_ask},
	{.doc = {"commit_token", "{key: text, values: [name]}",
		 "every commit carries key=name in its first line; values: the names that are allowed, left out: any"},
	 .needs = FACT_COMMITS,
	 .read = commit_token_read,
	 .ask = commit_token_ask},
	{.doc = {"all_of", "[conditions]", "each entry, a map of conditions, holds"},
	 .read = blocks_read,
	 .ask = all_of_ask,
	 .inner = blocks_inner},
	{.doc = {"any_of", "[conditions]", "one entry, a map of conditions that all hold, is enough"},
	 .read = blocks_read,
	 .ask = any_of_ask,
	 .inner = blocks_inner},
	{.doc = {"not", "conditions", "they do not all hold; where that cannot be known, neither can this"},
	 .read = not_read,
	 .ask = not_ask,
	 .inner = blocks_inner},
};
enum { PREDICATES = sizeof predicates / sizeof predicates[0] };

const struct predicate *predicate_at(size_t i)
{
	return i < PREDICATES ? &predicates[i] : NULL;
}

static const struct predicate *find(struct text name)
{
	for (size_t i = 0; i < PREDICATES; i++)
		if (text_is(name, predicates[i].doc.path))
			return &predicates[i];
	return NULL;
}

static bool unknown(struct parse *parse, const struct yaml *key)
{
	const char *names[PREDICATES];

	for (size_t i = 0; i < PREDICATES; i++)
		names[i] = predicates[i].doc.path;
	return key_unknown(parse, key, names, PREDICATES);
}

static unsigned depth_of(const struct conditions *all)
{
	unsigned deepest = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct condition *c = &all->items[i];
		const struct conditions *inner;

		for (size_t k = 0; c->predicate->inner && (inner = c->predicate->inner(c->args, k)) != NULL; k++) {
			unsigned depth = 1 + depth_of(inner); /* as deep as the nodes of a document */

			deepest = depth > deepest ? depth : deepest;
		}
	}
	return deepest;
}

static bool read_one(struct parse *parse, const struct yaml *map, size_t i, struct condition *ret)
{
	ret->predicate = find(map->keys[i].text);
	if (!ret->predicate)
		return unknown(parse, &map->keys[i]);
	if (!ret->predicate->read(parse, &map->items[i], &ret->args))
		return false;
	if (depth_of(&(struct conditions){ret, 1}) > CONDITIONS_DEPTH_MAX)
		return yaml_problem(&map->keys[i], parse->problem, "conditions nested more than %d deep",
				    CONDITIONS_DEPTH_MAX);
	return true;
}

bool conditions_read(struct parse *parse, const struct yaml *map, const struct condition **ret, size_t *ret_n)
{
	struct condition *all;
	bool ok = true;

	if (map->kind != YAML_MAP || map->n == 0)
		return yaml_problem(map, parse->problem, "expected a map of conditions");
	all = arena_alloc(parse->arena, map->n, sizeof *all);
	for (size_t i = 0; i < map->n; i++)
		if (!read_one(parse, map, i, &all[i]))
			ok = parse_failed(parse);
	if (!ok)
		return false;
	*ret = all;
	*ret_n = map->n;
	return true;
}

static const struct {
	unsigned fact;
	const char *name;
} names[] = {
	{FACT_STATE, "the state of the change"},
	{FACT_DRAFT, "to know whether the change is a draft"},
	{FACT_BASE, "the base branch"},
	{FACT_AUTHOR, "the author of the change"},
	{FACT_ARRIVAL, "the time at which this commit arrived"},
	{FACT_PUSHERS, "to know who pushed"},
	{FACT_COMMITS, "the list of commits"},
	{FACT_PATHS, "the list of changed files"},
	{FACT_REVIEWS, "the list of reviews"},
	{FACT_LABELS, "the labels"},
	{FACT_TITLE, "the title"},
	{FACT_BODY, "the description"},
	{FACT_HEAD_REF, "the name of the head's branch"},
	{FACT_SIGNATURES, "the signatures of the commits"},
	{FACT_LINES, "the number of changed lines"},
	{FACT_STATUSES, "the statuses and check runs"},
	{FACT_WORKFLOWS, "the results of the workflows"},
	{FACT_COMMENTS, "the comments"},
};

const char *fact_missing(unsigned needs, const struct change *change)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((needs & names[i].fact) && !(change->known & names[i].fact))
			return names[i].name;
	return NULL;
}

struct answer answer_yes(struct text why)
{
	return (struct answer){.holds = TRI_YES, .why = why};
}

struct answer answer_no(struct text why)
{
	return (struct answer){.holds = TRI_NO, .why = why};
}

struct answer answer_unknown(struct text why)
{
	return (struct answer){.holds = TRI_UNKNOWN, .why = why};
}

struct answer answer_stuck(struct text why)
{
	return (struct answer){.holds = TRI_UNKNOWN, .stuck = true, .why = why};
}

struct answer condition_ask(const struct condition *condition, const struct judging *on)
{
	const char *missing = fact_missing(condition->predicate->needs, on->change);

	if (missing)
		return answer_unknown(text_of(missing));
	return condition->predicate->ask(condition->args, on);
}

struct answer answer_and(struct answer a, struct answer b)
{
	if (a.holds == TRI_NO || b.holds == TRI_NO)
		return a.holds == TRI_NO ? a : b;
	if (a.stuck || b.stuck)
		return a.stuck ? a : b;
	if (a.holds == TRI_UNKNOWN || b.holds == TRI_UNKNOWN)
		return a.holds == TRI_UNKNOWN ? a : b;
	return a.why.len > 0 ? a : b;
}

struct answer conditions_ask(const struct conditions *all, const struct judging *on)
{
	struct answer so_far = answer_yes(TEXT_EMPTY);

	for (size_t i = 0; i < all->n && so_far.holds != TRI_NO; i++)
		so_far = answer_and(so_far, condition_ask(&all->items[i], on));
	return so_far;
}

unsigned conditions_facts(const struct conditions *all)
{
	unsigned facts = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct condition *c = &all->items[i];
		const struct conditions *inner;

		facts |= c->predicate->needs;
		for (size_t k = 0; c->predicate->inner && (inner = c->predicate->inner(c->args, k)) != NULL; k++)
			facts |= conditions_facts(inner);
	}
	return facts;
}
