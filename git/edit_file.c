/*
 * One file that both sides changed. libgit2 merges the lines and makes the two patches; what is compared is bytes. Its
 * own ideas of binary files are switched off: an empty patch would be equal to another.
 */
#include <git2.h>
#include <string.h>

#include "git/edit.h"

enum { AROUND = 3 }; /* lines before and after a change: part of what was reviewed */

static bool is_text(struct text bytes)
{
	return !bytes.len || !memchr(bytes.at, 0, bytes.len);
}

static bool input(struct text bytes, git_merge_file_input *ret)
{
	if (git_merge_file_input_init(ret, GIT_MERGE_FILE_INPUT_VERSION))
		return false;
	ret->ptr = bytes.at ? bytes.at : "";
	ret->size = bytes.len;
	return true;
}

/* The edit, done on base without conflict, is result. */
static bool merges(const struct text bytes[EDIT_SIDES])
{
	git_merge_file_input was, is, base;
	git_merge_file_options options;
	git_merge_file_result merged = {0};
	if (!input(bytes[EDIT_WAS], &was) || !input(bytes[EDIT_IS], &is) || !input(bytes[EDIT_BASE], &base) ||
	    git_merge_file_options_init(&options, GIT_MERGE_FILE_OPTIONS_VERSION) ||
	    git_merge_file(&merged, &was, &is, &base, &options))
		return false;
	bool right = merged.automergeable && text_eq((struct text){merged.ptr, merged.len}, bytes[EDIT_RESULT]);
	git_merge_file_result_free(&merged);
	return right;
}

static git_patch *patch_of(struct text from, struct text to)
{
	git_diff_options options;
	git_patch *patch = NULL;
	if (git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION))
		return NULL;
	options.flags = GIT_DIFF_FORCE_TEXT;
	options.context_lines = AROUND;
	options.interhunk_lines = 0;
	if (git_patch_from_buffers(&patch, from.at ? from.at : "", from.len, NULL, to.at ? to.at : "", to.len, NULL,
				   &options))
		return NULL;
	return patch;
}

static bool same_line(const git_diff_line *a, const git_diff_line *b)
{
	return a->origin == b->origin &&
	       text_eq((struct text){a->content, a->content_len}, (struct text){b->content, b->content_len});
}

static bool same_hunk(git_patch *a, git_patch *b, size_t hunk)
{
	const git_diff_line *x, *y;
	int n = git_patch_num_lines_in_hunk(a, hunk);
	if (n <= 0 || n != git_patch_num_lines_in_hunk(b, hunk))
		return false;
	for (int i = 0; i < n; i++)
		if (git_patch_get_line_in_hunk(&x, a, hunk, (size_t)i) ||
		    git_patch_get_line_in_hunk(&y, b, hunk, (size_t)i) || !same_line(x, y))
			return false;
	return true;
}

/* Where in the file a change stands is all that may differ. */
static bool one_patch(const struct text bytes[EDIT_SIDES])
{
	git_patch *a = patch_of(bytes[EDIT_WAS], bytes[EDIT_IS]), *b = patch_of(bytes[EDIT_BASE], bytes[EDIT_RESULT]);
	size_t n = a ? git_patch_num_hunks(a) : 0;
	bool right = a && b && n > 0 && n == git_patch_num_hunks(b);
	for (size_t i = 0; right && i < n; i++)
		right = same_hunk(a, b, i);
	git_patch_free(a);
	git_patch_free(b);
	return right;
}

const char *edit_file(const struct text bytes[EDIT_SIDES], bool merge)
{
	for (size_t i = 0; i < EDIT_SIDES; i++)
		if (!is_text(bytes[i]))
			return "is no text, and was changed on the base branch, too";
	if (!merges(bytes))
		return "is not what a merge without conflict gives";
	return merge || one_patch(bytes) ? NULL : "was changed otherwise";
}
