#include "policy/keys.h"
#include "policy/predicate.h"

/* Searches of one question; beyond it nobody can tell in time, and the rule waits. */
#define SEARCHES_MAX ((size_t)2000000)

struct changed_files {
	struct patterns paths, ignore;
};

static bool read_paths(struct parse *parse, const struct yaml *value, void *out)
{
	struct changed_files *args = out;

	return read_regexes(parse, value, &args->paths.items, &args->paths.n);
}

static bool read_ignore(struct parse *parse, const struct yaml *value, void *out)
{
	struct changed_files *args = out;

	return read_regexes(parse, value, &args->ignore.items, &args->ignore.n);
}

bool changed_files_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"paths", NULL, NULL}, read_paths}, {{"ignore", NULL, NULL}, read_ignore}};
	static const struct keys keys = KEYS(rows);
	struct changed_files *args = arena_alloc(parse->arena, 1, sizeof *args);

	if (!keys_read(parse, value, &keys, "changed_files", args))
		return false;
	if (args->paths.n == 0)
		return yaml_problem(value, parse->problem, "`changed_files` needs at least one pattern in `paths`");
	*ret_args = args;
	return true;
}

const void *changed_files_with(const void *raw, const struct patterns *more, struct arena *arena)
{
	const struct changed_files *args = raw;
	struct changed_files *both = arena_alloc(arena, 1, sizeof *both);
	const struct regex **paths = arena_alloc(arena, args->paths.n + more->n, sizeof *paths);

	for (size_t i = 0; i < args->paths.n; i++)
		paths[i] = args->paths.items[i];
	for (size_t i = 0; i < more->n; i++)
		paths[args->paths.n + i] = more->items[i];
	*both = (struct changed_files){{paths, args->paths.n + more->n}, args->ignore};
	return both;
}

/* YES as soon as one pattern matches; else UNKNOWN as soon as one cannot tell. */
static enum tri any(const struct patterns *patterns, struct text name)
{
	enum tri answer = TRI_NO;

	for (size_t i = 0; i < patterns->n; i++) {
		enum tri found = regex_search(patterns->items[i], name);

		if (found == TRI_YES)
			return TRI_YES;
		if (found == TRI_UNKNOWN)
			answer = TRI_UNKNOWN;
	}
	return answer;
}

static enum tri concerns(const struct changed_files *args, struct text name)
{
	enum tri ignored, listed;

	if (name.len == 0)
		return TRI_UNKNOWN;
	ignored = any(&args->ignore, name);
	if (ignored == TRI_YES)
		return TRI_NO;
	listed = any(&args->paths, name);
	return listed == TRI_YES && ignored == TRI_UNKNOWN ? TRI_UNKNOWN : listed;
}

struct answer changed_files_ask(const void *raw, const struct judging *on)
{
	const struct changed_files *args = raw;
	const struct answer cannot_tell =
		answer_unknown(TEXT_LIT("an answer to which files were changed (limit reached)"));
	size_t searches = 2 * (args->paths.n + args->ignore.n);

	if (on->change->n_paths > SEARCHES_MAX / searches)
		return cannot_tell;
	for (size_t i = 0; i < on->change->n_paths; i++) {
		const struct path *path = &on->change->paths[i];
		enum tri now = concerns(args, path->path);
		enum tri before = path->old_path.len > 0 ? concerns(args, path->old_path) : TRI_NO;

		if (now == TRI_YES || before == TRI_YES)
			return answer_yes(TEXT_EMPTY);
		if (now == TRI_UNKNOWN || before == TRI_UNKNOWN)
			return cannot_tell; /* at once: a search that hit its limit was the dearest possible */
	}
	return answer_no(TEXT_LIT("no changed file is one that the rule names"));
}
