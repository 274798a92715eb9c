/*
 * Which files are touched. A pattern speaks of the name of a plain file. What stands behind a symbolic link, a
 * submodule or an executable bit is more than its name, so that a path that becomes, is or ceases to be one is read the
 * cautious way, unless `types` lists it:
 *
 *   changed_files       makes a rule apply: the path matches as any other, `ignore` never hides it, and a link or
 *                       submodule is also looked at as the directory that it stands for ("vendor" as "vendor/")
 *   no_changed_files    lets pass: does not hold where one is touched, whatever its name
 *   only_changed_files  lets pass: no pattern matches it
 *
 * Who wants the first not to hold, or the others to, cannot get there by a type. Where a mode is not known, nobody can
 * tell.
 */
#include "policy/keys.h"
#include "policy/reviews.h"

/* Searches of one question; beyond it nobody can tell in time, and the rule waits. */
#define SEARCHES_MAX ((size_t)2000000)

enum file_type { TYPE_SYMLINK = 1 << 0, TYPE_GITLINK = 1 << 1, TYPE_EXECUTABLE = 1 << 2, TYPE_UNKNOWN = 1 << 3 };

static const struct {
	const char *name, *is;
	enum file_type type;
} type_names[] = {
	{"symlink", "is or was a symbolic link", TYPE_SYMLINK},
	{"gitlink", "is or was a submodule", TYPE_GITLINK},
	{"executable", "got or lost its executable bit", TYPE_EXECUTABLE},
};
enum { TYPES = sizeof type_names / sizeof type_names[0] };

struct files {
	struct patterns paths, ignore;
	unsigned types; /* enum file_type bits that are files like any other */
};

/* ---- reading ---- */

bool paths_read(struct parse *parse, const struct yaml *value, struct patterns *ret)
{
	if (!read_regexes(parse, value, &ret->items, &ret->n))
		return false;
	for (size_t i = 0; i < value->n; i++) {
		struct text t = value->items[i].text;

		if (text_starts(t, TEXT_LIT("^/")) || text_starts(t, TEXT_LIT("^\\/")) ||
		    text_starts(t, TEXT_LIT("^\\./")))
			parse_unsafe(parse, &value->items[i],
				     "a path begins at the root, without a slash: this matches none");
	}
	return true;
}

static bool read_paths(struct parse *parse, const struct yaml *value, void *out)
{
	struct files *args = out;

	return paths_read(parse, value, &args->paths);
}

static bool read_ignore(struct parse *parse, const struct yaml *value, void *out)
{
	struct files *args = out;

	return paths_read(parse, value, &args->ignore);
}

static bool read_types(struct parse *parse, const struct yaml *value, void *out)
{
	struct files *args = out;
	const struct text *names;
	size_t n;

	if (!read_texts(parse, value, &names, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t t = 0;

		while (t < TYPES && !text_is(names[i], type_names[t].name))
			t++;
		if (t == TYPES)
			return yaml_problem(&value->items[i], parse->problem,
					    "a type is symlink, gitlink or executable");
		args->types |= (unsigned)type_names[t].type;
	}
	return true;
}

static const struct key rows[] = {
	{{"paths", NULL, NULL}, read_paths},
	{{"types", NULL, NULL}, read_types},
	{{"ignore", NULL, NULL}, read_ignore},
};
static const struct keys with_ignore = {rows, 3}, without_ignore = {rows, 2};

static bool files_read(struct parse *parse, const struct yaml *value, const struct keys *keys, const char *what,
		       const void **ret_args)
{
	struct files *args = arena_alloc(parse->arena, 1, sizeof *args);

	if (!keys_read(parse, value, keys, what, args))
		return false;
	if (args->paths.n == 0)
		return yaml_problem(value, parse->problem, "`%s` needs at least one pattern in `paths`", what);
	*ret_args = args;
	return true;
}

bool changed_files_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return files_read(parse, value, &with_ignore, "changed_files", ret_args);
}

bool no_changed_files_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return files_read(parse, value, &with_ignore, "no_changed_files", ret_args);
}

bool only_changed_files_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return files_read(parse, value, &without_ignore, "only_changed_files", ret_args);
}

const void *changed_files_with(const void *raw, const struct patterns *more, struct arena *arena)
{
	const struct files *args = raw;
	struct files *both = arena_alloc(arena, 1, sizeof *both);
	const struct regex **paths = arena_alloc(arena, args->paths.n + more->n, sizeof *paths);

	for (size_t i = 0; i < args->paths.n; i++)
		paths[i] = args->paths.items[i];
	for (size_t i = 0; i < more->n; i++)
		paths[args->paths.n + i] = more->items[i];
	*both = *args;
	both->paths = (struct patterns){paths, args->paths.n + more->n};
	return both;
}

/* ---- types ---- */

#define MODE_FORMAT     0170000u
#define MODE_REGULAR    0100000u
#define MODE_SYMLINK    0120000u
#define MODE_GITLINK    0160000u
#define MODE_EXECUTABLE 0111u

static unsigned type_of(uint32_t mode)
{
	uint32_t format = mode & MODE_FORMAT;

	if (format == MODE_SYMLINK)
		return TYPE_SYMLINK;
	if (format == MODE_GITLINK)
		return TYPE_GITLINK;
	return mode == 0 || format == MODE_REGULAR ? 0 : TYPE_UNKNOWN;
}

static bool runs(uint32_t mode)
{
	return (mode & MODE_FORMAT) == MODE_REGULAR && (mode & MODE_EXECUTABLE);
}

/* What of a path is more than the content of a plain file. */
static unsigned types_of(const struct path *path)
{
	unsigned types = type_of(path->mode) | type_of(path->old_mode);
	bool gone = path->status == PATH_DELETED, new = path->status == PATH_ADDED;

	if ((path->mode == 0 && !gone) || (path->old_mode == 0 && !new))
		types |= TYPE_UNKNOWN;
	if (runs(path->mode) != runs(path->old_mode) && path->mode != 0)
		types |= TYPE_EXECUTABLE;
	return types;
}

static struct answer of_type(const struct path *path, unsigned types, struct arena *arena)
{
	struct text name = plain(path->path, 60, arena);

	for (size_t t = 0; t < TYPES; t++)
		if (types & (unsigned)type_names[t].type)
			return answer_no(arena_printf(arena, "%.*s %s", TEXT_ARG(name), type_names[t].is));
	return answer_unknown(arena_printf(arena, "the type of %.*s", TEXT_ARG(name)));
}

/* ---- matching ---- */

enum tri patterns_any(const struct patterns *patterns, struct text subject)
{
	enum tri answer = TRI_NO;

	for (size_t i = 0; i < patterns->n; i++) {
		enum tri found = regex_search(patterns->items[i], subject);

		if (found == TRI_YES)
			return TRI_YES;
		if (found == TRI_UNKNOWN)
			answer = TRI_UNKNOWN;
	}
	return answer;
}

struct asking {
	const struct files *args;
	const struct judging *on;
};

static struct answer cannot_tell(void)
{
	return answer_unknown(TEXT_LIT("an answer to which files were changed (limit reached)"));
}

/* A path has two names where it was renamed, and each a second one where it stands for a directory. */
static bool too_many(const struct asking *a)
{
	size_t names = 2, patterns = a->args->paths.n + a->args->ignore.n;

	for (size_t i = 0; i < a->on->change->n_paths; i++)
		names += types_of(&a->on->change->paths[i]) & (TYPE_SYMLINK | TYPE_GITLINK) ? 4 : 2;
	return names > SEARCHES_MAX / patterns;
}

static enum tri ignored(const struct asking *a, unsigned types, struct text name)
{
	enum tri found = types & ~(unsigned)TYPE_UNKNOWN ? TRI_NO : patterns_any(&a->args->ignore, name);

	return found == TRI_YES && types ? TRI_UNKNOWN : found;
}

static enum tri listed(const struct asking *a, unsigned types, struct text name)
{
	enum tri found = patterns_any(&a->args->paths, name);

	if (found == TRI_NO && (types & (TYPE_SYMLINK | TYPE_GITLINK)))
		found = patterns_any(&a->args->paths, arena_printf(a->on->arena, "%.*s/", TEXT_ARG(name)));
	return found;
}

static enum tri touches(const struct asking *a, unsigned types, struct text name)
{
	enum tri hidden, found;

	if (name.len == 0)
		return TRI_UNKNOWN;
	hidden = ignored(a, types, name);
	if (hidden == TRI_YES)
		return TRI_NO;
	found = listed(a, types, name);
	return found == TRI_YES && hidden == TRI_UNKNOWN ? TRI_UNKNOWN : found;
}

static struct answer touched(const struct asking *a, const struct path *path)
{
	unsigned types = types_of(path) & ~a->args->types;
	enum tri now = touches(a, types, path->path);
	enum tri before = path->old_path.len > 0 ? touches(a, types, path->old_path) : TRI_NO;
	struct text name = now == TRI_YES ? path->path : path->old_path;

	if (now == TRI_YES || before == TRI_YES)
		return answer_yes(
			arena_printf(a->on->arena, "%.*s was changed", TEXT_ARG(plain(name, 60, a->on->arena))));
	return now == TRI_UNKNOWN || before == TRI_UNKNOWN ? cannot_tell() : answer_no(TEXT_EMPTY);
}

struct answer changed_files_ask(const void *raw, const struct judging *on)
{
	struct asking a = {raw, on};

	if (too_many(&a))
		return cannot_tell();
	for (size_t i = 0; i < on->change->n_paths; i++) {
		struct answer now = touched(&a, &on->change->paths[i]);

		if (now.holds != TRI_NO) /* unknown, too, as below: a search that hit its limit was the dearest */
			return now;
	}
	return answer_no(TEXT_LIT("no changed file is one that the rule names"));
}

static struct answer untouched(const struct asking *a, const struct path *path)
{
	unsigned types = types_of(path) & ~a->args->types;
	struct answer now = touched(a, path);

	if (types & ~(unsigned)TYPE_UNKNOWN)
		return of_type(path, types, a->on->arena);
	if (now.holds == TRI_YES)
		return answer_no(now.why);
	if (now.holds == TRI_UNKNOWN)
		return now;
	return types ? of_type(path, types, a->on->arena) : answer_yes(TEXT_EMPTY);
}

struct answer no_changed_files_ask(const void *raw, const struct judging *on)
{
	struct asking a = {raw, on};
	struct answer so_far = answer_yes(TEXT_EMPTY);

	if (too_many(&a))
		return cannot_tell();
	for (size_t i = 0; i < on->change->n_paths && so_far.holds == TRI_YES; i++)
		so_far = answer_and(so_far, untouched(&a, &on->change->paths[i]));
	return so_far;
}

/* Both names of a renamed file must match. */
static struct answer allowed(const struct asking *a, const struct path *path)
{
	unsigned types = types_of(path) & ~a->args->types;
	enum tri now = path->path.len > 0 ? patterns_any(&a->args->paths, path->path) : TRI_UNKNOWN;
	enum tri before = path->old_path.len > 0 ? patterns_any(&a->args->paths, path->old_path) : TRI_YES;
	struct text name = now == TRI_NO ? path->path : path->old_path;

	if (types & ~(unsigned)TYPE_UNKNOWN)
		return of_type(path, types, a->on->arena);
	if (now == TRI_NO || before == TRI_NO)
		return answer_no(arena_printf(a->on->arena, "%.*s is not among the files that the rule names",
					      TEXT_ARG(plain(name, 60, a->on->arena))));
	if (now == TRI_UNKNOWN || before == TRI_UNKNOWN)
		return cannot_tell();
	return types ? of_type(path, types, a->on->arena) : answer_yes(TEXT_EMPTY);
}

struct answer only_changed_files_ask(const void *raw, const struct judging *on)
{
	struct asking a = {raw, on};
	struct answer so_far = answer_yes(TEXT_LIT("every changed file is one that the rule names"));

	if (on->change->n_paths == 0)
		return answer_no(TEXT_LIT("no file was changed"));
	if (too_many(&a))
		return cannot_tell();
	for (size_t i = 0; i < on->change->n_paths && so_far.holds == TRI_YES; i++)
		so_far = answer_and(so_far, allowed(&a, &on->change->paths[i]));
	return so_far;
}
