#include "policy/predicate.h"

#include "policy/keys.h"

/* The table. `if` and `conditions` know what stands here and nothing else. */
static const struct predicate predicates[] = {
	{{"changed_files", "{paths: [pattern], ignore: [pattern]}",
	  "a changed file that no `ignore` matches is matched by one of `paths`; both names of a renamed file are "
	  "looked at"},
	 FACT_PATHS,
	 changed_files_read,
	 changed_files_ask},
	{{"targets_branch", "{pattern: pattern}", "the base branch matches"},
	 FACT_BASE,
	 targets_branch_read,
	 targets_branch_ask},
	{{"commit_token", "{key: text, values: [name]}",
	  "every commit carries key=name in its first line; values: the names that are allowed, left out: any"},
	 FACT_COMMITS,
	 commit_token_read,
	 commit_token_ask},
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

bool conditions_read(struct parse *parse, const struct yaml *map, const struct condition **ret, size_t *ret_n)
{
	struct condition *all;

	if (map->kind != YAML_MAP || map->n == 0)
		return yaml_problem(map, parse->problem, "expected a map of conditions");
	all = arena_alloc(parse->arena, map->n, sizeof *all);
	for (size_t i = 0; i < map->n; i++) {
		all[i].predicate = find(map->keys[i].text);
		if (!all[i].predicate)
			return unknown(parse, &map->keys[i]);
		if (!all[i].predicate->read(parse, &map->items[i], &all[i].args))
			return false;
	}
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

struct answer condition_ask(const struct condition *condition, const struct judging *on)
{
	const char *missing = fact_missing(condition->predicate->needs, on->change);

	if (missing)
		return (struct answer){TRI_UNKNOWN, text_of(missing)};
	return condition->predicate->ask(condition->args, on);
}
