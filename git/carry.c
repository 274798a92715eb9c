/*
 * What may keep an approval of one commit for another, from objects alone.
 *
 * same-patch: what `from` changes since its merge base is what head changes since its own: the same files, and in each
 * the same lines taken out and put in between the same neighbours (git/edit.h), said in the same messages in the same
 * order. What else changed on the base branch is not looked at: lines mean what their surroundings make of them, and
 * whoever asks for this rule says that the base branch is trusted.
 *
 * base-merge: head comes from `from` by merges alone, along first parents. Each has two parents, the second is a commit
 * of the base branch, there is one merge base, and its files are those that a merge without conflict and without
 * renames gives. Nothing is asked of its message.
 *
 * With several merge bases it is not clear what was reviewed, or merged: no.
 */
#include <stdarg.h>

#include "git/child.h"
#include "git/edit.h"
#include "git/inside.h"
#include "policy/encoding.h"

enum { CARRY_MS = 30000, CARRY_MERGES = 32 };

struct carrying {
	struct mirror_git *mirror;
	const struct mirror_carry_in *in;
	struct objects objects;
	git_oid base, from, head;
	struct mirror_carry_out out; /* why is set where the answer is no */
	size_t bytes;                /* of contents, so far */
	int64_t deadline_ms;
	struct arena *arena;
};

/* True: it is an answer. */
static bool no(struct carrying *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool no(struct carrying *c, const char *format, ...)
{
	char why[256];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	c->out.why = arena_text(c->arena, text_of(why));
	return true;
}

static bool said_no(const struct carrying *c)
{
	return c->out.why.len > 0;
}

/* *ret_one is false, and the answer no, where there is none or several. */
static bool merge_base(struct carrying *c, const git_oid *a, const git_oid *b, git_oid *ret, struct err *err)
{
	git_oidarray bases = {0};
	int failed = git_merge_bases(&bases, c->objects.repo, a, b);
	const git_error *last = git_error_last();
	size_t n = failed ? 0 : bases.count;
	if (n == 1)
		*ret = bases.ids[0];
	git_oidarray_free(&bases); /* the older name: libgit2 1.1 may know no other */
	if (failed && !(failed == GIT_ENOTFOUND && last && last->klass == GIT_ERROR_MERGE))
		return objects_error(err, "merge base");
	return n == 1 || no(c, "there is not one merge base, but %zu", n);
}

/* ---- contents ---- */

static bool size_fits(struct carrying *c, const git_oid *name, bool *missing, struct err *err)
{
	size_t size = 0;
	git_object_t type = GIT_OBJECT_INVALID;
	int failed = git_odb_read_header(&size, &type, c->objects.odb, name);
	*missing = failed == GIT_ENOTFOUND;
	if (*missing)
		return true;
	if (failed)
		return objects_error(err, objects_name(name).hex);
	if (type != GIT_OBJECT_BLOB)
		return err_set(err, ERR_INVALID, "%s is not a blob", objects_name(name).hex);
	c->bytes += size;
	if (size > EDIT_FILE_BYTES)
		return err_set(err, ERR_LIMIT, "a file has %zu bytes, more than %d (mirror.max_carried_file_bytes)",
			       size, EDIT_FILE_BYTES);
	return c->bytes <= EDIT_BYTES ||
	       err_set(err, ERR_LIMIT, "files of more than %d bytes to compare (mirror.max_carried_bytes)", EDIT_BYTES);
}

/* Which of them the mirror lacks; `found` ones are measured. */
static bool lacking(struct carrying *c, const struct edit *edit, git_oid *ret, size_t *n, struct err *err)
{
	bool missing;
	*n = 0;
	c->bytes = 0;
	for (size_t i = 0; i < edit->n_files * EDIT_SIDES; i++) {
		const struct oid *blob = &edit->files[i / EDIT_SIDES].blob[i % EDIT_SIDES];
		if (!objects_oid(blob, &ret[*n], err) || !size_fits(c, &ret[*n], &missing, err))
			return false;
		*n += missing;
	}
	return true;
}

static bool have_contents(struct carrying *c, const struct edit *edit, struct err *err)
{
	git_oid wants[EDIT_FILES * EDIT_SIDES + 1];
	struct blobs blobs = {wants, 0};
	if (!lacking(c, edit, wants, &blobs.n, err))
		return false;
	if (!blobs.n)
		return true;
	if (!mirror_fetch_blobs(c->mirror, &c->in->where, &blobs, c->deadline_ms, err))
		return false;
	if (git_odb_refresh(c->objects.odb))
		return objects_error(err, "mirror");
	return lacking(c, edit, wants, &blobs.n, err) &&
	       (!blobs.n || err_set(err, ERR_GONE, "blob %s is not at the forge", objects_name(&wants[0]).hex));
}

static bool content(struct carrying *c, const struct oid *blob, struct arena *arena, struct text *ret, struct err *err)
{
	git_odb_object *object;
	git_oid name;
	if (!objects_oid(blob, &name, err))
		return false;
	if (git_odb_read(&object, c->objects.odb, &name))
		return objects_error(err, blob->hex);
	*ret = arena_text(arena, (struct text){git_odb_object_data(object), git_odb_object_size(object)});
	git_odb_object_free(object);
	return true;
}

static bool one_file(struct carrying *c, const struct edit_file *file, bool merge, struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct text bytes[EDIT_SIDES];
	for (size_t i = 0; i < EDIT_SIDES; i++)
		if (!content(c, &file->blob[i], &scratch, &bytes[i], err))
			return false;
	const char *wrong = edit_file(bytes, merge);
	return !wrong || no(c, "%.*s %s", TEXT_ARG(text_cut(file->path, 160)), wrong);
}

/* ---- trees ---- */

static bool compare(struct carrying *c, const git_oid *const of[EDIT_SIDES], bool merge, struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct edit edit = {.trees = objects_trees(&c->objects), .merge = merge, .arena = &scratch};
	struct oid trees[EDIT_SIDES];
	for (size_t i = 0; i < EDIT_SIDES; i++)
		if (!objects_tree_of(&c->objects, of[i], &trees[i], err))
			return false;
	if (!edit_compare(&edit, trees, err))
		return false;
	if (edit.why.len)
		return no(c, "%.*s", TEXT_ARG(text_cut(edit.why, 200)));
	if (!have_contents(c, &edit, err))
		return false;
	for (size_t i = 0; i < edit.n_files && !said_no(c); i++)
		if (!one_file(c, &edit.files[i], merge, err))
			return false;
	return true;
}

/* ---- same-patch ---- */

static bool messages_of(struct carrying *c, const struct oid *head, struct mirror_range_out *ret, struct err *err)
{
	struct mirror_range_in in = {c->in->where, c->in->base, *head, c->in->max_commits, c->in->max_paths};
	return mirror_range(c->mirror, &in, ret, c->arena, err);
}

/* A commit up to its message. */
static bool header_of(struct carrying *c, const struct oid *commit, struct arena *arena, struct text *ret,
		      struct err *err)
{
	if (!content(c, commit, arena, ret, err))
		return false;
	size_t gap = text_find(*ret, TEXT_LIT("\n\n"));
	ret->len = gap == SIZE_MAX ? ret->len : gap + 1;
	return true;
}

static bool same_message(struct carrying *c, const struct commit *from, const struct commit *head, struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct text was, is;
	if (!text_eq(from->message, head->message))
		return no(c, "a commit message differs");
	if (!header_of(c, &from->sha, &scratch, &was, err) || !header_of(c, &head->sha, &scratch, &is, err))
		return false;
	return encoding_is_same(was, is) || no(c, "a commit message differs as it is shown");
}

static bool same_messages(struct carrying *c, struct err *err)
{
	struct mirror_range_out from, head;
	if (!messages_of(c, &c->in->from, &from, err) || !messages_of(c, &c->in->head, &head, err))
		return false;
	if (!from.n_commits)
		return no(c, "it is part of the base branch");
	if (from.n_commits != head.n_commits)
		return no(c, "%zu commits became %zu", from.n_commits, head.n_commits);
	for (size_t i = 0; i < from.n_commits && !said_no(c); i++)
		if (!same_message(c, &from.commits[i], &head.commits[i], err))
			return false;
	return true;
}

static bool same_patch(struct carrying *c, struct err *err)
{
	git_oid was, base;
	const git_oid *of[EDIT_SIDES] = {&was, &c->from, &base, &c->head};
	if (!merge_base(c, &c->base, &c->from, &was, err))
		return false;
	if (said_no(c))
		return true;
	if (!merge_base(c, &c->base, &c->head, &base, err) || (!said_no(c) && !same_messages(c, err)))
		return false;
	return said_no(c) || compare(c, of, false, err);
}

/* ---- base-merge ---- */

static bool of_base(struct carrying *c, const git_oid *commit, struct err *err)
{
	int is = git_oid_equal(&c->base, commit) ? 1 : git_graph_descendant_of(c->objects.repo, &c->base, commit);
	if (is < 0)
		return objects_error(err, "base branch");
	return is || no(c, "%.7s is merged, which is not of the base branch", objects_name(commit).hex);
}

static bool parents(struct carrying *c, const git_oid *name, git_oid ret[2], struct err *err)
{
	git_commit *commit;
	if (git_commit_lookup(&commit, c->objects.repo, name))
		return objects_error(err, objects_name(name).hex);
	bool two = git_commit_parentcount(commit) == 2;
	for (unsigned i = 0; two && i < 2; i++)
		ret[i] = *git_commit_parent_id(commit, i);
	git_commit_free(commit);
	return two || no(c, "%.7s is no merge of two commits", objects_name(name).hex);
}

/* *at, one merge, becomes its first parent. */
static bool one_merge(struct carrying *c, git_oid *at, struct err *err)
{
	git_oid both[2], was;
	const git_oid *of[EDIT_SIDES] = {&was, &both[0], &both[1], at};
	if (!parents(c, at, both, err))
		return false;
	if (!said_no(c) && !of_base(c, &both[1], err))
		return false;
	if (!said_no(c) && !merge_base(c, &both[0], &both[1], &was, err))
		return false;
	if (!said_no(c) && !compare(c, of, true, err))
		return false;
	if (!said_no(c))
		*at = both[0];
	return true;
}

static bool base_merge(struct carrying *c, struct err *err)
{
	git_oid at = c->head;
	if (git_oid_equal(&at, &c->from))
		return no(c, "nothing was merged");
	for (int n = 0; !said_no(c) && !git_oid_equal(&at, &c->from); n++) {
		if (n == CARRY_MERGES)
			return err_set(err, ERR_LIMIT, "more than %d merges (mirror.max_carried_merges)", CARRY_MERGES);
		if (!one_merge(c, &at, err))
			return false;
	}
	return true;
}

bool mirror_carry(struct mirror_git *mirror, const struct mirror_carry_in *in, struct mirror_carry_out *out,
		  struct arena *arena, struct err *err)
{
	struct carrying c = {.mirror = mirror, .in = in, .deadline_ms = child_now_ms() + CARRY_MS, .arena = arena};
	bool done = objects_oid(&in->base, &c.base, err) && objects_oid(&in->from, &c.from, err) &&
		    objects_oid(&in->head, &c.head, err) && mirror_objects(mirror, in->where.repo, &c.objects, err);
	if (done && in->how == CARRY_SAME_PATCH)
		done = same_patch(&c, err);
	else if (done && in->how == CARRY_BASE_MERGE)
		done = base_merge(&c, err);
	else if (done)
		done = err_set(err, ERR_INVALID, "not a comparison of commits: %d", (int)in->how);
	if (done)
		*out = (struct mirror_carry_out){!said_no(&c), c.out.why};
	objects_close(&c.objects);
	return done;
}
