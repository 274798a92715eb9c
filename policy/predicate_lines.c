/* How many lines a change adds and deletes. */
#include "policy/keys.h"
#include "policy/predicate.h"

struct comparison {
	char how; /* '<', '>', '='; 0: not given */
	int64_t with;
};

struct modified_lines {
	struct comparison additions, deletions, total;
};

static bool read_comparison(struct parse *parse, const struct yaml *value, struct comparison *ret)
{
	struct text t = TEXT_EMPTY;
	size_t at = 1;

	if (!read_text(parse, value, &t))
		return false;
	while (at < t.len && t.at[at] == ' ')
		at++;
	if ((t.at[0] != '<' && t.at[0] != '>' && t.at[0] != '=') ||
	    !text_int64((struct text){t.at + at, t.len - at}, &ret->with) || ret->with < 0)
		return yaml_problem(value, parse->problem, "a number of lines is compared as \"<N\", \">N\" or \"=N\"");
	ret->how = t.at[0];
	return true;
}

static bool read_additions(struct parse *parse, const struct yaml *value, void *out)
{
	struct modified_lines *args = out;

	return read_comparison(parse, value, &args->additions);
}

static bool read_deletions(struct parse *parse, const struct yaml *value, void *out)
{
	struct modified_lines *args = out;

	return read_comparison(parse, value, &args->deletions);
}

static bool read_total(struct parse *parse, const struct yaml *value, void *out)
{
	struct modified_lines *args = out;

	return read_comparison(parse, value, &args->total);
}

bool modified_lines_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"additions", NULL, NULL}, read_additions},
					  {{"deletions", NULL, NULL}, read_deletions},
					  {{"total", NULL, NULL}, read_total}};
	static const struct keys keys = KEYS(rows);
	struct modified_lines *args = arena_alloc(parse->arena, 1, sizeof *args);

	if (!keys_read(parse, value, &keys, "modified_lines", args))
		return false;
	if (!args->additions.how && !args->deletions.how && !args->total.how)
		return yaml_problem(value, parse->problem,
				    "`modified_lines` needs `additions`, `deletions` or `total`");
	*ret_args = args;
	return true;
}

static bool compares(const struct comparison *comparison, int64_t n)
{
	if (comparison->how == '<')
		return n < comparison->with;
	if (comparison->how == '>')
		return n > comparison->with;
	return comparison->how == '=' && n == comparison->with;
}

/* False: more than can be counted, or a count that is none. */
static bool add(int64_t *sum, int64_t n)
{
	if (n < 0 || n > INT64_MAX - *sum)
		return false;
	*sum += n;
	return true;
}

struct answer modified_lines_ask(const void *raw, const struct judging *on)
{
	const struct modified_lines *args = raw;
	int64_t additions = 0, deletions = 0, total;

	for (size_t i = 0; i < on->change->n_paths; i++)
		if (!add(&additions, on->change->paths[i].additions) ||
		    !add(&deletions, on->change->paths[i].deletions))
			return answer_unknown(TEXT_LIT("the number of changed lines"));
	total = additions;
	if (!add(&total, deletions))
		return answer_unknown(TEXT_LIT("the number of changed lines"));
	if (compares(&args->additions, additions) || compares(&args->deletions, deletions) ||
	    compares(&args->total, total))
		return answer_yes(TEXT_EMPTY);
	return answer_no(arena_printf(on->arena, "%lld lines were added and %lld deleted", (long long)additions,
				      (long long)deletions));
}
