/*
 * Lines that differ, from the comparison of two commits. Its files stand on the first page, however small the page is,
 * and no other has more of them.
 */
#include "agent/forge/github_inner.h"

#define FILES_MAX 300 /* of a comparison (docs: REST, compare two commits) */

static bool take_file(struct github_items *items, jval v, struct err *err)
{
	struct forge_lines lines = {.additions = 0};
	struct text path;

	if (!jneed_text(v, "filename", &path, err) || !jneed_int(v, "additions", &lines.additions, err) ||
	    !jneed_int(v, "deletions", &lines.deletions, err))
		return false;
	if (lines.additions < 0 || lines.deletions < 0)
		return err_set(err, ERR_INVALID, "a file with fewer than no lines");
	lines.path = arena_text(items->arena, path);
	lines.old_path = github_text(items->arena, v, "previous_filename");
	*(struct forge_lines *)github_grow(items) = lines;
	return true;
}

static bool take_files(struct github_items *items, const struct forge_ends *in, jval answer, struct err *err)
{
	jval list = jget(answer, "files");
	struct oid base;

	if (!jneed_oid(answer, "base_commit.sha", &base, err))
		return false;
	if (!oid_eq(&base, &in->base))
		return err_set(err, ERR_INVALID, "the comparison is with %s, not %s", base.hex, in->base.hex);
	if (!jis_array(list))
		return err_set(err, ERR_INVALID, "files: not a list");
	for (size_t i = 0; i < jlen(list); i++)
		if (!take_file(items, jat(list, i), err))
			return false;
	return true;
}

enum err_code github_lines(void *self, const struct forge_call *call, const struct forge_ends *in,
			   struct forge_list_lines *out, struct err *err)
{
	struct text both = arena_printf(call->arena, "%s...%s", in->base.hex, in->head.hex);
	struct rest_path path = {"/repos/*/*/compare/*?per_page=1&page=1", {both}, 1};
	struct github_items items = {.arena = call->arena, .size = sizeof(struct forge_lines)};
	struct github_reply reply;
	enum err_code code = github_get(self, call, &path, &reply, err);
	bool ok;

	if (code != ERR_OK)
		return code;
	ok = take_files(&items, in, jdoc_root(reply.doc), err);
	jdoc_free(reply.doc);
	if (!ok)
		return err->code;
	*out = (struct forge_list_lines){items.at, items.n, items.n < FILES_MAX};
	return ERR_OK;
}
