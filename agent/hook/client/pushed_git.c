/*
 * git's half of pushed.h: githooks(5), "pre-receive" and "update".
 *
 * git is asked for messages as they are in the objects (--encoding=none: an "encoding" header of the commit changes
 * nothing, but --format would) and without replacements, which the pusher could have made. With --header it writes for
 * each "NODE\n", the object's header, an empty line, the message with each line indented by four blanks, and a NUL.
 */
#include "agent/hook/client/child.h"
#include "agent/hook/client/pushed.h"

#include <unistd.h>

enum { UPDATES_MAX = 1 << 20, UPDATES = 256, GIT_MS = 60000, HEX_MAX = 64, INDENT = 4 };

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

/* The message of a record, without the indentation, put together in place. */
static struct text unindented(char *at, const char *end)
{
	char *to = at, *from = at;

	while (from < end) {
		const char *line_end = memchr(from, '\n', (size_t)(end - from));
		size_t n = (size_t)((line_end ? line_end + 1 : end) - from);
		size_t cut = n >= INDENT && memcmp(from, "    ", INDENT) == 0 ? INDENT : 0;

		memmove(to, from + cut, n - cut);
		to += n - cut;
		from += n;
	}
	return (struct text){at, (size_t)(to - at)};
}

static bool take_commit(struct output *rest, struct hook_out *out)
{
	char *end = memchr(rest->at, '\0', rest->n);
	char *line = end ? memchr(rest->at, '\n', (size_t)(end - rest->at)) : NULL;
	char *empty = line ? memmem(line, (size_t)(end - line), "\n\n", 2) : NULL;
	struct text node;

	if (!line)
		return false;
	node = (struct text){rest->at, (size_t)(line - rest->at)};
	if (!is_name(node))
		return false;
	hook_out_commit(out, node, empty ? unindented(empty + 2, end) : TEXT_EMPTY);
	*rest = (struct output){end + 1, rest->n - (size_t)(end + 1 - rest->at), 0};
	return true;
}

static bool take_commits(struct output rest, struct hook_out *out, const char **ret_why)
{
	while (rest.n > 0)
		if (!take_commit(&rest, out)) {
			*ret_why = "git wrote what this hook cannot read";
			return false;
		}
	return true;
}

static bool one_branch(const struct update *update, struct hook_out *out, const char **ret_why)
{
	char new[HEX_MAX + 1], old[HEX_MAX + 2];
	const bool made = is_none(update->old);
	const char *argv[] = {"git",
			      "--no-replace-objects",
			      "rev-list",
			      "--reverse",
			      "--encoding=none",
			      "--header",
			      new,
			      made ? "--not" : old,
			      made ? "--branches" : "--",
			      made ? "--" : NULL,
			      NULL};
	struct output output = {NULL, 0, 0};
	bool ok;

	snprintf(new, sizeof new, "%.*s", TEXT_ARG(update->new));
	snprintf(old, sizeof old, "^%.*s", TEXT_ARG(update->old));
	hook_out_branch(out, branch_of(update->ref));
	ok = child_read(argv, now_ms() + GIT_MS, HOOK_BODY_MAX, &output, ret_why) && take_commits(output, out, ret_why);
	output_free(&output);
	return ok;
}

/* One updated reference. *told is set where it is a branch that is there afterwards. */
static bool one_update(const struct update *update, const struct push *push, bool *told, const char **ret_why)
{
	if (!is_name(update->old) || !is_name(update->new)) {
		*ret_why = "git named no commits";
		return false;
	}
	if (branch_of(update->ref).len == 0 || is_none(update->new))
		return true;
	*told = true;
	return one_branch(update, push->out, ret_why);
}

static enum pushed finished(const struct push *push, bool told, const char **ret_why)
{
	hook_out_end(push->out);
	*ret_why = "there is too much of it; push it in parts";
	if (push->out->failed)
		return PUSHED_BROKEN;
	return told ? PUSHED_COMMITS : PUSHED_NOTHING;
}

static bool take_update(struct text *rest, struct update *ret)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	const char *one = end ? memchr(rest->at, ' ', (size_t)(end - rest->at)) : NULL;
	const char *two = one ? memchr(one + 1, ' ', (size_t)(end - one - 1)) : NULL;

	if (!two)
		return false;
	*ret = (struct update){{rest->at, (size_t)(one - rest->at)},
			       {one + 1, (size_t)(two - one) - 1},
			       {two + 1, (size_t)(end - two) - 1}};
	*rest = (struct text){end + 1, rest->len - (size_t)(end + 1 - rest->at)};
	return true;
}

enum pushed pushed_pre_receive(const struct push *push, const char **ret_why)
{
	struct output input = {NULL, 0, 0};
	bool ok = descriptor_read(STDIN_FILENO, now_ms() + GIT_MS, UPDATES_MAX, &input, ret_why), told = false;
	struct text rest = {input.at, ok ? input.n : 0};
	struct update update;
	size_t n = 0;

	hook_out_begin(push->out, push->repository);
	while (ok && rest.len > 0) {
		*ret_why = n++ < UPDATES ? "git told the updates in an unknown form" : "it updates too many branches";
		ok = n <= UPDATES && take_update(&rest, &update) && one_update(&update, push, &told, ret_why);
	}
	ok = ok && finished(push, told, ret_why) != PUSHED_BROKEN;
	output_free(&input);
	return !ok ? PUSHED_BROKEN : told ? PUSHED_COMMITS : PUSHED_NOTHING;
}

static struct text argument(const char *arg)
{
	return (struct text){arg, strlen(arg)};
}

enum pushed pushed_update(const struct push *push, const char **ret_why)
{
	const char *const *args = push->args;
	bool told = false;
	struct update update;

	hook_out_begin(push->out, push->repository);
	*ret_why = "git's update hook gives REF OLD NEW";
	if (!args[0] || !args[1] || !args[2] || args[3])
		return PUSHED_BROKEN;
	update = (struct update){argument(args[1]), argument(args[2]), argument(args[0])};
	return one_update(&update, push, &told, ret_why) ? finished(push, told, ret_why) : PUSHED_BROKEN;
}
