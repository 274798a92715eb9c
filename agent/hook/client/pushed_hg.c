/*
 * Mercurial's half of pushed.h: hg help config.hooks, "pretxnchangegroup" and "pretxnclose". HG_NODE is the first new
 * changeset. All behind it, to the repository's end, are new, too, for a push holds the lock: HG_NODE_LAST tells
 * pretxnclose the last of a bundle's first part alone. HG_PENDING, which is handed on, makes them visible to the child.
 * The source tells what a transaction is: its name does not (over HTTP it is "serve").
 */
#include "agent/hook/client/child.h"
#include "agent/hook/client/pushed.h"

enum { HG_MS = 60000, NODE = 40 };

/* Branches and descriptions may hold any byte, NUL and line ends among them: none of these can end a field. */
static const char template[] = "{node} {branch|hex} {desc|hex}\n";
static const char *const not_pushed[] = {"pull", "strip"};

static bool is_node(const char *s)
{
	return s && strlen(s) == NODE && strspn(s, "0123456789abcdef") == NODE;
}

static bool is_pushed(const char *source)
{
	for (size_t i = 0; source && i < sizeof not_pushed / sizeof *not_pushed; i++)
		if (strcmp(source, not_pushed[i]) == 0)
			return false;
	return source != NULL; /* none: what somebody does in the repository itself */
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes in hexadecimal, up to and with `end`, put together in place. */
static bool take_hex(struct output *rest, char end, struct text *ret)
{
	char *past = rest->n > 0 ? memchr(rest->at, end, rest->n) : NULL;
	size_t n = past ? (size_t)(past - rest->at) : 1;

	if (n % 2 != 0)
		return false;
	for (size_t i = 0; i < n; i += 2) {
		int high = digit(rest->at[i]), low = digit(rest->at[i + 1]);

		if (high < 0 || low < 0)
			return false;
		rest->at[i / 2] = (char)(high << 4 | low);
	}
	*ret = (struct text){rest->at, n / 2};
	*rest = (struct output){past + 1, rest->n - n - 1, 0};
	return true;
}

static bool take_node(struct output *rest, struct text *ret)
{
	if (rest->n <= NODE || rest->at[NODE] != ' ')
		return false;
	for (size_t i = 0; i < NODE; i++)
		if (digit(rest->at[i]) < 0)
			return false;
	*ret = (struct text){rest->at, NODE};
	*rest = (struct output){rest->at + NODE + 1, rest->n - NODE - 1, 0};
	return true;
}

static bool take_commits(struct output rest, struct hook_out *out)
{
	struct text node, branch, message, last = TEXT_EMPTY;

	while (rest.n > 0) {
		if (!take_node(&rest, &node) || !take_hex(&rest, ' ', &branch) || !take_hex(&rest, '\n', &message))
			return false;
		if (branch.len == 0)
			return false;
		if (!text_eq(branch, last))
			hook_out_branch(out, branch);
		last = branch;
		hook_out_commit(out, node, message);
	}
	return last.len > 0;
}

enum pushed pushed_mercurial(const struct push *push, const char **ret_why)
{
	const char *first = getenv("HG_NODE"), *last = getenv("HG_NODE_LAST"), *hg = getenv("HG");
	char range[NODE + 2];
	const char *argv[] = {hg && hg[0] == '/' ? hg : "hg", "log", "--hidden", "-r", range, "-T", template, NULL};
	struct output output = {NULL, 0, 0};
	bool ok;

	hook_out_begin(push->out, push->repository);
	if (!is_pushed(getenv("HG_SOURCE")) || (!first && !last))
		return PUSHED_NOTHING;
	*ret_why = "hg named no changesets";
	if (!is_node(first) || !is_node(last))
		return PUSHED_BROKEN;
	snprintf(range, sizeof range, "%s:", first);
	/* Hidden, too: a marker that was pushed with them hides changesets, and a word about phases shows them again.
	 * Descriptions are kept in UTF-8; written in another encoding they would lose characters. */
	ok = setenv("HGENCODING", "UTF-8", 1) == 0 && setenv("HGPLAIN", "1", 1) == 0 &&
	     child_read(argv, now_ms() + HG_MS, 2 * HOOK_BODY_MAX, &output, ret_why);
	if (ok && !take_commits(output, push->out)) {
		*ret_why = "hg wrote what this hook cannot read";
		ok = false;
	}
	output_free(&output);
	hook_out_end(push->out);
	if (ok && push->out->failed)
		*ret_why = "there is too much of it; push it in parts";
	return ok && !push->out->failed ? PUSHED_COMMITS : PUSHED_BROKEN;
}
