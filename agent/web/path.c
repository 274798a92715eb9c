#include "agent/web/path.h"

#include <string.h>

static bool name_ok(struct text t)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	bool dots = true; /* "." and ".." are steps of a path, not names */

	if (t.len == 0 || t.len > PATH_NAME_MAX)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (!memchr(allowed, t.at[i], sizeof allowed - 1))
			return false;
		dots = dots && t.at[i] == '.';
	}
	return !dots;
}

/* Takes the bytes before the first '/', and that '/', off the front. */
static struct text segment(struct text *rest)
{
	size_t slash = text_find(*rest, TEXT_LIT("/"));
	struct text first = {rest->at, slash == SIZE_MAX ? rest->len : slash};
	size_t skip = slash == SIZE_MAX ? rest->len : slash + 1;

	*rest = (struct text){rest->at + skip, rest->len - skip};
	return first;
}

/* "owner/name/" off the front; *rest is what follows. */
static bool take_repo(struct text *rest, struct text *ret)
{
	const char *start = rest->at;
	struct text owner = segment(rest), name = segment(rest);

	if (!name_ok(owner) || !name_ok(name))
		return false;
	*ret = (struct text){start, owner.len + 1 + name.len};
	return true;
}

bool path_repo(struct text t)
{
	struct text rest = t, repo;

	return t.len > 0 && take_repo(&rest, &repo) && repo.len == t.len;
}

static enum path_form take_form(struct text *t)
{
	static const struct {
		struct text suffix;
		enum path_form form;
	} forms[] = {{{".json", 5}, PATH_JSON}, {{".txt", 4}, PATH_TXT}};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (text_ends(*t, forms[i].suffix)) {
			t->len -= forms[i].suffix.len;
			return forms[i].form;
		}
	return PATH_HTML;
}

bool path_commit(struct text rest, struct path_named *ret)
{
	struct path_named named = {.sha = OID_NONE};

	if (rest.len == 0 || !take_repo(&rest, &named.repo) || !oid_parse(rest, &named.sha))
		return false;
	*ret = named;
	return true;
}

bool path_change(struct text rest, struct path_named *ret)
{
	struct path_named named = {.sha = OID_NONE};

	if (rest.len == 0 || !take_repo(&rest, &named.repo) || !text_int64(rest, &named.number) || named.number <= 0)
		return false;
	*ret = named;
	return true;
}

bool path_public(struct text path, struct path_named *ret)
{
	struct path_named named = {.sha = OID_NONE};
	struct text rest;

	if (path.len < 2 || path.at[0] != '/')
		return false;
	rest = (struct text){path.at + 1, path.len - 1};
	if (!take_repo(&rest, &named.repo))
		return false;
	named.form = take_form(&rest);
	if (text_starts(rest, TEXT_LIT("c/"))) {
		if (!oid_parse((struct text){rest.at + 2, rest.len - 2}, &named.sha))
			return false;
	} else if (named.form == PATH_TXT || !text_int64(rest, &named.number) || named.number <= 0) {
		return false;
	}
	*ret = named;
	return true;
}

bool path_wants_json(struct text path)
{
	return text_ends(path, TEXT_LIT(".json"));
}
