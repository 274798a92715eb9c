/*
 * A pattern and a path are compared name by name, a name with a name byte by byte, and both comparisons are the same
 * one: where something fits after a wildcard it is taken, and where it fails later only the newest wildcard is made
 * longer. What stands between two wildcards is found at its first place, and no earlier wildcard can do better; so
 * nothing is ever tried in a tree, and the work is at most the product of the two lengths. It is counted all the same.
 */
#include "policy/owners_inner.h"

#include <string.h>

bool path_cut(struct text path, struct path_names *ret)
{
	size_t from = 0;

	ret->n = 0;
	if (path.len == 0 || path.len > OWNERS_PATH_MAX)
		return false;
	for (size_t i = 0; i <= path.len; i++) {
		if (i < path.len && path.at[i] != '/')
			continue;
		if (i == from || ret->n == OWNERS_DEPTH_MAX)
			return false;
		ret->at[ret->n++] = (struct text){path.at + from, i - from};
		from = i + 1;
	}
	return true;
}

/* ---- reading ---- */

/* Patterns that GitHub skips, or of which nobody can say what it makes of them. */
static const struct {
	const char *holds; /* anywhere, unescaped */
	const char *why;
} refused[] = {
	{"[", "`[ ]` is no range here"},
	{"]", "`[ ]` is no range here"},
	{"***", "more than two `*` in a row"},
	{"//", "two slashes in a row"},
};

/* NULL, or what the pattern holds that it may not. */
static const char *find_refused(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] == '\\')
			i++;
		else if (t.at[i] == '*' || t.at[i] == '/' || t.at[i] == '[' || t.at[i] == ']')
			for (size_t k = 0; k < sizeof refused / sizeof refused[0]; k++)
				if (text_starts((struct text){t.at + i, t.len - i}, text_of(refused[k].holds)))
					return refused[k].why;
	}
	return NULL;
}

static bool ends_escaping(struct text t)
{
	size_t n = 0;

	while (n < t.len && t.at[t.len - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

_Static_assert(OWNERS_PATTERN_MAX == 1000 && OWNERS_DEPTH_MAX == 128, "the texts below name them");

static const char *refuse(struct text pattern)
{
	if (pattern.len > OWNERS_PATTERN_MAX)
		return "a pattern of more than 1000 bytes";
	if (pattern.at[0] == '!')
		return "`!` does not negate here";
	if (text_starts(pattern, TEXT_LIT("\\#")))
		return "`\\#` is no way to begin a pattern";
	if (text_is(pattern, "/"))
		return "`/` matches nothing; write `*`";
	if (text_ends(pattern, TEXT_LIT("**/")))
		return "`**/` at the end; end with `/` alone";
	if (ends_escaping(pattern))
		return "a backslash with nothing behind it";
	if (text_find(pattern, TEXT_LIT("\\/")) != SIZE_MAX)
		return "a backslash before a slash";
	return find_refused(pattern);
}

static size_t add_name(struct glob_name *names, size_t n, struct text t)
{
	bool exact = !memchr(t.at, '?', t.len) && !memchr(t.at, '\\', t.len);
	size_t end = t.len;

	while (end > 0 && t.at[end - 1] != '*')
		end--;
	names[n] = (struct glob_name){t, text_is(t, "**"), exact && end == 0, TEXT_EMPTY};
	if (exact && end > 0)
		names[n].end = (struct text){t.at + end, t.len - end};
	return n + 1;
}

/* Cuts what lies between the slashes; 0: too deep, or a name that no path has. */
static size_t cut_names(struct text t, struct glob_name *names, size_t n)
{
	size_t from = 0, most = n + OWNERS_DEPTH_MAX;

	for (size_t i = 0; i <= t.len; i++) {
		struct text name;

		if (i < t.len && t.at[i] != '/')
			continue;
		name = (struct text){t.at + from, i - from};
		if (n == most || text_is(name, ".") || text_is(name, ".."))
			return 0;
		n = add_name(names, n, name);
		from = i + 1;
	}
	return n;
}

const char *glob_read(struct text pattern, struct arena *arena, struct glob *ret)
{
	struct glob_name names[OWNERS_DEPTH_MAX + 2], *kept;
	const char *why = refuse(pattern);
	bool rooted = pattern.at[0] == '/', below = pattern.at[pattern.len - 1] == '/';
	struct text t = {pattern.at + rooted, pattern.len - rooted - below};
	size_t n = 0;

	if (why)
		return why;
	if (!rooted && text_find(t, TEXT_LIT("/")) == SIZE_MAX) /* one name alone: at any depth */
		n = add_name(names, n, TEXT_LIT("**"));
	n = cut_names(t, names, n);
	if (n == 0)
		return "a name that is `.` or `..`, or more than 128 of them";
	ret->tail = below ? GLOB_BELOW : text_is(names[n - 1].text, "*") ? GLOB_EXACT : GLOB_MORE;
	if (names[n - 1].any_depth) {
		ret->tail = GLOB_BELOW;
		n--;
	}
	kept = arena_alloc(arena, n, sizeof *kept);
	for (size_t i = 0; i < n; i++)
		kept[i] = names[i];
	ret->names = kept;
	ret->n = n;
	return NULL;
}

/* ---- matching ---- */

static bool spend(struct glob_try *on, size_t steps)
{
	on->steps = on->steps > steps ? on->steps - steps : 0;
	return on->steps > 0;
}

/* Does the pattern's character at *i fit this byte? Moves *i behind it where it does. */
static bool fits(struct text pattern, size_t *i, char byte, struct glob_try *on)
{
	size_t at = *i;

	if (at == pattern.len || pattern.at[at] == '*')
		return false;
	if (pattern.at[at] == '?') {
		on->doubt = on->doubt || (unsigned char)byte >= 0x80;
		*i = at + 1;
		return true;
	}
	if (pattern.at[at] == '\\')
		at++;
	if (pattern.at[at] != byte)
		return false;
	*i = at + 1;
	return true;
}

static bool name_fits(struct text pattern, struct text name, struct glob_try *on)
{
	size_t i = 0, k = 0, star = SIZE_MAX, from = 0; /* behind the newest `*`, and what it has taken so far */

	while (k < name.len || i < pattern.len) {
		if (!spend(on, 1))
			return false;
		if (i < pattern.len && pattern.at[i] == '*') {
			star = ++i;
			from = k;
		} else if (k < name.len && fits(pattern, &i, name.at[k], on)) {
			k++;
		} else if (star != SIZE_MAX && from < name.len) {
			i = star;
			k = ++from;
		} else {
			return false;
		}
	}
	return true;
}

static bool one_fits(const struct glob_name *name, struct text t, struct glob_try *on)
{
	if (!spend(on, 1))
		return false;
	if (name->plain)
		return text_eq(name->text, t);
	return text_ends(t, name->end) && name_fits(name->text, t, on); /* most names differ at the end from `*.c` */
}

static bool tail_fits(enum glob_tail tail, size_t rest)
{
	return tail == GLOB_MORE || (tail == GLOB_EXACT ? rest == 0 : rest > 0);
}

static bool names_fit(const struct glob *glob, const struct path_names *path, struct glob_try *on)
{
	size_t i = 0, k = 0, star = SIZE_MAX, from = 0;

	while (i < glob->n || !tail_fits(glob->tail, path->n - k)) {
		if (!spend(on, 1))
			return false;
		if (i < glob->n && glob->names[i].any_depth) {
			star = ++i;
			from = k;
		} else if (i < glob->n && k < path->n && one_fits(&glob->names[i], path->at[k], on)) {
			i++;
			k++;
		} else if (star != SIZE_MAX && from < path->n) {
			i = star;
			k = ++from;
		} else {
			return false;
		}
	}
	return true;
}

enum tri glob_match(const struct glob *glob, const struct path_names *path, struct glob_try *on)
{
	bool fit;

	on->doubt = false;
	fit = names_fit(glob, path, on);
	if (on->steps == 0 || on->doubt)
		return TRI_UNKNOWN;
	return fit ? TRI_YES : TRI_NO;
}
