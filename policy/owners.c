#include "policy/owners.h"

#include "policy/owners_inner.h"

#include <string.h>

bool owners_read(struct text path, struct text bytes, struct arena *arena, const struct owners **ret,
		 struct problem *problem)
{
	return text_ends(path, TEXT_LIT(".json")) ? owners_read_json(bytes, arena, ret, problem)
						  : owners_read_github(bytes, arena, ret, problem);
}

const struct problem *owners_problem_at(const struct owners *owners, size_t i)
{
	return i < owners->n_problems ? &owners->problems[i] : NULL;
}

static struct owned not_known(unsigned line, struct text why)
{
	return (struct owned){.line = line, .why = why};
}

/* The last rule that the path fits; one that cannot be relied on is a doubt. */
static struct owned last_match(const struct owners *owners, const struct path_names *path, size_t *steps)
{
	struct glob_try on = {.steps = *steps};

	for (size_t i = owners->n; i-- > 0;) {
		const struct owners_rule *rule = &owners->rules[i];
		enum tri fit = rule->unreadable ? TRI_YES : glob_match(&rule->glob, path, &on);

		*steps = on.steps;
		if (fit == TRI_NO)
			continue;
		if (on.steps == 0)
			return not_known(0, TEXT_LIT("it has too many patterns for so many paths"));
		if (fit == TRI_UNKNOWN)
			return not_known(rule->line, TEXT_LIT("`?` may or may not be the letter in this path"));
		if (rule->why.len > 0)
			return not_known(rule->line, rule->why);
		return (struct owned){.known = true, .line = rule->line, .at = rule->at, .n = rule->n};
	}
	return (struct owned){.known = true};
}

struct owned owners_of(const struct owners *owners, struct text path, size_t *steps)
{
	struct path_names names;

	if (!path_cut(path, &names))
		return not_known(0, TEXT_LIT("a path that is too long, too deep or none"));
	if (*steps == 0)
		return not_known(0, TEXT_LIT("it has too many patterns for so many paths"));
	return owners->prefixes ? prefix_owned(owners, path, steps) : last_match(owners, &names, steps);
}

struct owned owners_below(const struct owners *owners, struct text path, size_t *steps)
{
	char below[OWNERS_PATH_MAX + 2];

	if (path.len == 0 || path.len > OWNERS_PATH_MAX - 2)
		return not_known(0, TEXT_LIT("a path that is too long, too deep or none"));
	memcpy(below, path.at, path.len);
	memcpy(below + path.len, "/\x01", 2); /* a name that no line can write: only a wildcard fits it */
	return owners_of(owners, (struct text){below, path.len + 2}, steps);
}
