/*
 * Commits are parsed here from the raw object and not by libgit2, because its accessors end a message at the first
 * NUL and tidy names up: what a rule judges must be every byte that was signed off.
 */
#include "git/objects.h"

#include "git/trailer.h"

bool objects_error(struct err *err, const char *what)
{
	const git_error *last = git_error_last();
	return err_set(err, ERR_RETRY, "%s: %s", what, last && last->message ? last->message : "cannot be read");
}

bool objects_open(const char *objects_dir, struct objects *ret, struct err *err)
{
	struct objects opened = {0};
	if (git_odb_open(&opened.odb, objects_dir) || git_repository_wrap_odb(&opened.repo, opened.odb)) {
		objects_error(err, "mirror");
		objects_close(&opened);
		return false;
	}
	*ret = opened;
	return true;
}

void objects_close(struct objects *objects)
{
	git_repository_free(objects->repo);
	git_odb_free(objects->odb);
	*objects = (struct objects){0};
}

bool objects_oid(const struct oid *oid, git_oid *ret, struct err *err)
{
	struct oid checked;
	git_oid name;
	if (!oid_parse(oid_text(oid), &checked) || oid_text(&checked).len != GIT_OID_HEXSZ ||
	    git_oid_fromstr(&name, checked.hex))
		return err_set(err, ERR_INVALID, "not a full SHA-1 object name: \"%.64s\"", oid->hex);
	*ret = name;
	return true;
}

struct oid objects_name(const git_oid *oid)
{
	struct oid name = OID_NONE;
	git_oid_tostr(name.hex, GIT_OID_HEXSZ + 1, oid);
	return name;
}

bool objects_is_commit(struct objects *objects, const struct oid *oid)
{
	size_t size;
	git_object_t type;
	git_oid name;
	struct err ignored = ERR_NONE;
	return objects_oid(oid, &name, &ignored) && !git_odb_read_header(&size, &type, objects->odb, &name) &&
	       type == GIT_OBJECT_COMMIT;
}

bool objects_tree(struct objects *objects, const git_oid *commit, git_tree **ret, struct err *err)
{
	git_commit *found = NULL;
	git_tree *tree = NULL;
	bool read = !git_commit_lookup(&found, objects->repo, commit) && !git_commit_tree(&tree, found);
	if (!read)
		objects_error(err, objects_name(commit).hex);
	else
		*ret = tree;
	git_commit_free(found);
	return read;
}

/* Takes "key value\n" off the front. */
static bool header(struct text *left, const char *key, struct text *value)
{
	size_t end = text_find(*left, TEXT_LIT("\n")), n = strlen(key);
	if (end == SIZE_MAX || end < n || !text_starts(*left, text_of(key)))
		return false;
	*value = (struct text){left->at + n, end - n};
	*left = (struct text){left->at + end + 1, left->len - end - 1};
	return true;
}

/* "Name <mail> seconds zone": the part up to the address. More than one address is left whole: then it names nobody. */
static struct text identity(struct text value)
{
	size_t close = text_find(value, TEXT_LIT(">"));
	if (close == SIZE_MAX)
		return value;
	struct text after = {value.at + close + 1, value.len - close - 1};
	if (text_find(after, TEXT_LIT(">")) != SIZE_MAX || text_find(after, TEXT_LIT("<")) != SIZE_MAX)
		return value;
	return (struct text){value.at, close + 1};
}

static bool parents(struct text *left, struct commit *commit, struct arena *arena)
{
	struct text value, ahead = *left;
	size_t n = 0;
	while (header(&ahead, "parent ", &value))
		n++;
	struct oid *list = n ? arena_alloc(arena, n, sizeof(*list)) : NULL;
	for (size_t i = 0; i < n; i++)
		if (!header(left, "parent ", &value) || !oid_parse(value, &list[i]))
			return false;
	commit->parents = list;
	commit->n_parents = n;
	return true;
}

static bool parse(struct text raw, struct text host, struct commit *commit, struct arena *arena)
{
	struct text value, left = raw;
	if (!header(&left, "tree ", &value) || !oid_parse(value, &commit->tree) || !parents(&left, commit, arena) ||
	    !header(&left, "author ", &value))
		return false;
	commit->author = trailer_signer(identity(value), host);
	if (!header(&left, "committer ", &value))
		return false;
	commit->committer = trailer_signer(identity(value), host);
	if (text_starts(left, TEXT_LIT("\n"))) {
		commit->message = (struct text){left.at + 1, left.len - 1};
		return true;
	}
	size_t gap = text_find(left, TEXT_LIT("\n\n"));
	if (gap == SIZE_MAX) /* headers to the end and no message at all */
		commit->message = TEXT_EMPTY;
	else
		commit->message = (struct text){left.at + gap + 2, left.len - gap - 2};
	return true;
}

static bool too_big(struct reading *reading, const git_oid *name, bool *ret, struct err *err)
{
	size_t size;
	git_object_t type;
	struct oid hex = objects_name(name);
	if (git_odb_read_header(&size, &type, reading->objects->odb, name))
		return objects_error(err, hex.hex);
	if (type != GIT_OBJECT_COMMIT)
		return err_set(err, ERR_INVALID, "%s is not a commit", hex.hex);
	*ret = size > reading->budget;
	if (!*ret)
		reading->budget -= size;
	return true;
}

bool objects_commit(struct reading *reading, const git_oid *name, struct commit *ret, struct err *err)
{
	bool big = true;
	if (!too_big(reading, name, &big, err))
		return false;
	if (big)
		return err_set(err, ERR_LIMIT, "the commits of the range are too large (mirror.max_commit_bytes)");
	git_odb_object *object;
	struct commit commit = {.sha = objects_name(name)};
	if (git_odb_read(&object, reading->objects->odb, name))
		return objects_error(err, commit.sha.hex);
	struct text raw = {git_odb_object_data(object), git_odb_object_size(object)};
	raw = arena_text(reading->arena, raw);
	git_odb_object_free(object);
	if (!parse(raw, reading->host, &commit, reading->arena))
		return err_set(err, ERR_INVALID, "%s is a malformed commit", commit.sha.hex);
	if (!trailer_coauthors(commit.message, reading->host, &commit, reading->arena, err))
		return false;
	*ret = commit;
	return true;
}
