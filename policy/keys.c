#include "policy/keys.h"

#include "policy/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void keep(struct problem_list *list, const struct problem *problem)
{
	if (list->n == PROBLEMS_MAX)
		list->more++;
	else
		list->items[list->n++] = *problem;
}

/* A rule that two contexts join is remarked on once. */
static bool is_kept(const struct problem_list *list, const struct problem *problem)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].line == problem->line && list->items[i].column == problem->column &&
		    strcmp(list->items[i].text, problem->text) == 0)
			return true;
	return false;
}

bool parse_failed(struct parse *parse)
{
	if (parse->problem->text[0] != '\0')
		keep(parse->errors, parse->problem);
	*parse->problem = (struct problem){0};
	return false;
}

__attribute__((format(printf, 4, 0))) static void remark(struct parse *parse, const struct yaml *at, const char *mark,
							 const char *format, va_list args)
{
	struct problem problem = {.line = at->line, .column = at->column};
	int n = snprintf(problem.text, sizeof problem.text, "%s", mark);

	(void)vsnprintf(problem.text + n, sizeof problem.text - (size_t)n, format, args);
	if (!is_kept(parse->lints, &problem))
		keep(parse->lints, &problem);
}

void parse_lint(struct parse *parse, const struct yaml *at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	remark(parse, at, "", format, args);
	va_end(args);
}

void parse_unsafe(struct parse *parse, const struct yaml *at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	remark(parse, at, PROBLEM_UNSAFE, format, args);
	va_end(args);
}

const char *key_name(const struct key *key)
{
	const char *dot = strrchr(key->doc.path, '.');

	return dot ? dot + 1 : key->doc.path;
}

/* Keys of the policy language that other tools and later versions know and this one does not. */
static const char *const later[] = {
	"confirm",
};

bool key_unknown(struct parse *parse, const struct yaml *key, const char *const *names, size_t n)
{
	struct text shown = text_cut(key->text, 60);
	const char *near;

	for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
		if (text_is(key->text, later[i]))
			return yaml_problem(key, parse->problem, "`%s` is not known to this version", later[i]);
	near = text_nearest(key->text, names, n);
	if (near)
		return yaml_problem(key, parse->problem, "unknown key `%.*s`; did you mean `%s`?", TEXT_ARG(shown),
				    near);
	return yaml_problem(key, parse->problem, "unknown key `%.*s`", TEXT_ARG(shown));
}

#define KEYS_MAX 32

bool keys_read(struct parse *parse, const struct yaml *map, const struct keys *keys, const char *what, void *out)
{
	const char *names[KEYS_MAX];
	size_t n = keys->n < KEYS_MAX ? keys->n : KEYS_MAX;
	bool ok = true;

	if (map->kind != YAML_MAP)
		return yaml_problem(map, parse->problem, "`%s` must be a map", what);
	for (size_t k = 0; k < n; k++)
		names[k] = key_name(&keys->rows[k]);
	for (size_t i = 0; i < map->n; i++) {
		size_t k = 0;

		while (k < n && !text_is(map->keys[i].text, names[k]))
			k++;
		if (k == n ? !key_unknown(parse, &map->keys[i], names, n)
			   : !keys->rows[k].read(parse, &map->items[i], out))
			ok = parse_failed(parse);
	}
	return ok;
}

bool read_text(struct parse *parse, const struct yaml *value, struct text *ret)
{
	if (value->kind != YAML_SCALAR || value->text.len == 0)
		return yaml_problem(value, parse->problem, "expected text");
	*ret = value->text;
	return true;
}

bool read_bool(struct parse *parse, const struct yaml *value, bool *ret)
{
	if (!yaml_bool(value, ret))
		return yaml_problem(value, parse->problem, "expected true or false");
	return true;
}

bool read_texts(struct parse *parse, const struct yaml *value, const struct text **ret, size_t *ret_n)
{
	struct text *texts;

	if (value->kind != YAML_LIST)
		return yaml_problem(value, parse->problem, "expected a list");
	if (value->n > POLICY_LIST_MAX)
		return yaml_problem(value, parse->problem, "a list of more than %d entries", POLICY_LIST_MAX);
	texts = arena_alloc(parse->arena, value->n, sizeof *texts);
	for (size_t i = 0; i < value->n; i++)
		if (!read_text(parse, &value->items[i], &texts[i]))
			return false;
	*ret = texts;
	*ret_n = value->n;
	return true;
}

/* What somebody who wrote a glob meant: "*_test.go" is ".*_test\.go$". NULL: it does not look like one. */
static const char *glob_as_pattern(struct text glob, struct arena *arena)
{
	char *at = arena_alloc(arena, 5 * glob.len + 2, 1);
	size_t n = 0;

	if (text_find(glob, TEXT_LIT("*")) == SIZE_MAX)
		return NULL;
	for (size_t i = 0; i < glob.len; i++) {
		char c = glob.at[i];
		bool twice = c == '*' && i + 1 < glob.len && glob.at[i + 1] == '*';
		struct text part = c == '*'   ? (twice || i == 0 ? TEXT_LIT(".*") : TEXT_LIT("[^/]*"))
				   : c == '.' ? TEXT_LIT("\\.")
					      : (struct text){&glob.at[i], 1};

		memcpy(at + n, part.at, part.len);
		n += part.len;
		i += twice;
	}
	at[n] = '$';
	return at;
}

/* A pattern that is valid and reads like a glob: a `*` behind a slash repeats the slash. */
static void remark_glob(struct parse *parse, const struct yaml *value)
{
	if (text_find(value->text, TEXT_LIT("/*")) != SIZE_MAX && text_find(value->text, TEXT_LIT("\\")) == SIZE_MAX)
		parse_lint(parse, value, "`/*` in a pattern is any number of slashes; did you mean `%s`?",
			   glob_as_pattern(text_cut(value->text, 60), parse->arena));
}

bool read_regex(struct parse *parse, const struct yaml *value, const struct regex **ret)
{
	const struct regex *regex;
	struct text pattern = TEXT_EMPTY;
	char why[160];

	if (!read_text(parse, value, &pattern))
		return false;
	if (++parse->patterns > POLICY_PATTERNS_MAX)
		return yaml_problem(value, parse->problem, "more than %d patterns", POLICY_PATTERNS_MAX);
	regex = regex_compile(pattern, parse->arena, why, sizeof why);
	if (!regex && glob_as_pattern(pattern, parse->arena))
		return yaml_problem(value, parse->problem,
				    "not a pattern: %s; it looks like a glob, did you mean `%s`?", why,
				    glob_as_pattern(text_cut(pattern, 60), parse->arena));
	if (!regex)
		return yaml_problem(value, parse->problem, "not a pattern: %s", why);
	remark_glob(parse, value);
	*ret = regex;
	return true;
}

bool read_regexes(struct parse *parse, const struct yaml *value, const struct regex *const **ret, size_t *ret_n)
{
	const struct regex **all;

	if (value->kind != YAML_LIST)
		return yaml_problem(value, parse->problem, "expected a list of patterns");
	all = arena_alloc(parse->arena, value->n, sizeof *all);
	for (size_t i = 0; i < value->n; i++)
		if (!read_regex(parse, &value->items[i], &all[i]))
			return false;
	*ret = all;
	*ret_n = value->n;
	return true;
}
