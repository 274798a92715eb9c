/*
 * git's half of pushed.h: githooks(5), "pre-receive" and "update".
 *
 * `git rev-list` names the commits and `git cat-file --batch` writes each: "NODE commit SIZE\n", the object's bytes and
 * "\n". Whatever else of git shows a message ends it at a NUL, converts it or tidies it up. Replacements, which the
 * pusher could have made, count for neither.
 */
#include "agent/hook/client/child.h"
#include "agent/hook/client/pushed.h"
#include "agent/hook/client/symref.h"
#include "policy/encoding.h"

#include <unistd.h>

enum { UPDATES_MAX = 1 << 20, BRANCHES = 256, GIT_MS = 60000, HEX_MAX = 64, SIZE_DIGITS = 8 };

static const char heads[] = "refs/heads/";

struct update {
	struct text old, new, ref;
};

static bool is_name(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (!((t.at[i] >= '0' && t.at[i] <= '9') || (t.at[i] >= 'a' && t.at[i] <= 'f')))
			return false;
	return t.len == 40 || t.len == HEX_MAX;
}

static bool is_none(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] != '0')
			return false;
	return true;
}

static struct text branch_of(struct text ref)
{
	size_t n = sizeof heads - 1;

	return ref.len > n && memcmp(ref.at, heads, n) == 0 ? (struct text){ref.at + n, ref.len - n} : TEXT_EMPTY;
}

/* Takes what stands before `end`, and `end`. */
static bool take_word(struct text *rest, char end, struct text *ret)
{
	const char *at = rest->len > 0 ? memchr(rest->at, end, rest->len) : NULL;

	if (!at)
		return false;
	*ret = (struct text){rest->at, (size_t)(at - rest->at)};
	*rest = (struct text){at + 1, rest->len - ret->len - 1};
	return true;
}

static bool read_size(struct text digits, size_t *ret)
{
	*ret = 0;
	if (digits.len == 0 || digits.len > SIZE_DIGITS)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9')
			return false;
		*ret = *ret * 10 + (size_t)(digits.at[i] - '0');
	}
	return true;
}

static bool take_object(struct text *rest, struct text *ret_node, struct text *ret_bytes)
{
	struct text type, digits;
	size_t size;

	if (!take_word(rest, ' ', ret_node) || !take_word(rest, ' ', &type) || !take_word(rest, '\n', &digits))
		return false;
	if (!is_name(*ret_node) || !text_is(type, "commit") || !read_size(digits, &size))
		return false;
	if (size >= rest->len || rest->at[size] != '\n')
		return false;
	*ret_bytes = (struct text){rest->at, size};
	*rest = (struct text){rest->at + size + 1, rest->len - size - 1};
	return true;
}

/* NULL: taken. Else why its readers may differ on where its message is, or on what it says. */
static const char *take_message(struct text bytes, struct text *ret)
{
	const char *empty = memmem(bytes.at, bytes.len, "\n\n", 2);
	size_t n = empty ? (size_t)(empty - bytes.at) + 1 : 0;

	if (!empty || memchr(bytes.at, '\0', n))
		return "a commit is malformed: it has a NUL in its header, or no end of it";
	*ret = (struct text){bytes.at + n + 1, bytes.len - n - 1};
	if (!encoding_shows((struct text){bytes.at, n}, *ret))
		return "a commit names an encoding that can show other text than its bytes; write it anew, in UTF-8 "
		       "(git config --unset i18n.commitEncoding)";
	return NULL;
}

static bool take_commits(struct text rest, struct hook_out *out, const char **ret_why)
{
	struct text node, bytes, message;

	while (rest.len > 0) {
		*ret_why = "git wrote what this hook cannot read";
		if (!take_object(&rest, &node, &bytes))
			return false;
		*ret_why = take_message(bytes, &message);
		if (*ret_why)
			return false;
		hook_out_commit(out, node, message);
	}
	return true;
}

static const char *const write_them[] = {"git", "--no-replace-objects", "cat-file", "--batch", "--buffer", NULL};

static bool one_branch(const struct update *update, struct text branch, struct hook_out *out, const char **ret_why)
{
	char new[HEX_MAX + 1], old[HEX_MAX + 2];
	const bool made = is_none(update->old);
	const char *name_them[] = {"git",
				   "--no-replace-objects",
				   "rev-list",
				   "--reverse",
				   new,
				   made ? "--not" : old,
				   made ? "--branches" : "--",
				   made ? "--" : NULL,
				   NULL};
	const char *const *const both[] = {name_them, write_them, NULL};
	struct output output = {NULL, 0, 0};
	bool ok;

	snprintf(new, sizeof new, "%.*s", TEXT_ARG(update->new));
	snprintf(old, sizeof old, "^%.*s", TEXT_ARG(update->old));
	hook_out_branch(out, branch);
	ok = chain_read(both, now_ms() + GIT_MS, HOOK_BODY_MAX, &output, ret_why) &&
	     take_commits((struct text){output.at, output.n}, out, ret_why);
	output_free(&output);
	return ok;
}

/* One updated reference. *told counts those that are branches and there afterwards, by whatever name they were pushed.
 */
static bool one_update(const struct update *update, const struct push *push, size_t *told, const char **ret_why)
{
	char end[PATH_MAX];
	struct text branch;

	if (!is_name(update->old) || !is_name(update->new)) {
		*ret_why = "git named no commits";
		return false;
	}
	if (is_none(update->new))
		return true;
	if (!symref_end(update->ref, end, ret_why))
		return false;
	branch = branch_of((struct text){end, strlen(end)});
	if (branch.len == 0)
		return true;
	*ret_why = "it updates too many branches; push them in parts";
	if (++*told > BRANCHES)
		return false;
	return one_branch(update, branch, push->out, ret_why);
}

static enum pushed finished(const struct push *push, size_t told, const char **ret_why)
{
	hook_out_end(push->out);
	*ret_why = "there is too much of it; push it in parts";
	if (push->out->failed)
		return PUSHED_BROKEN;
	return told > 0 ? PUSHED_COMMITS : PUSHED_NOTHING;
}

static bool take_update(struct text *rest, struct update *ret)
{
	return take_word(rest, ' ', &ret->old) && take_word(rest, ' ', &ret->new) && take_word(rest, '\n', &ret->ref);
}

enum pushed pushed_pre_receive(const struct push *push, const char **ret_why)
{
	struct output input = {NULL, 0, 0};
	bool ok = descriptor_read(STDIN_FILENO, now_ms() + GIT_MS, UPDATES_MAX, &input, ret_why);
	struct text rest = {input.at, ok ? input.n : 0};
	struct update update;
	size_t told = 0;

	hook_out_begin(push->out, push->repository);
	while (ok && rest.len > 0) {
		*ret_why = "git told the updates in an unknown form";
		ok = take_update(&rest, &update) && one_update(&update, push, &told, ret_why);
	}
	ok = ok && finished(push, told, ret_why) != PUSHED_BROKEN;
	output_free(&input);
	return !ok ? PUSHED_BROKEN : told > 0 ? PUSHED_COMMITS : PUSHED_NOTHING;
}

static struct text argument(const char *arg)
{
	return (struct text){arg, strlen(arg)};
}

enum pushed pushed_update(const struct push *push, const char **ret_why)
{
	const char *const *args = push->args;
	size_t told = 0;
	struct update update;

	hook_out_begin(push->out, push->repository);
	*ret_why = "git's update hook gives REF OLD NEW";
	if (!args[0] || !args[1] || !args[2] || args[3])
		return PUSHED_BROKEN;
	update = (struct update){argument(args[1]), argument(args[2]), argument(args[0])};
	return one_update(&update, push, &told, ret_why) ? finished(push, told, ret_why) : PUSHED_BROKEN;
}
