/*
 * Mercurial's half of pushed.h: hg help config.hooks, "pretxnchangegroup" and "pretxnclose". HG_NODE is the first new
 * changeset. All behind it, to the repository's end, are new, too, for a push holds the lock: HG_NODE_LAST tells
 * pretxnclose the last of a bundle's first part alone. HG_PENDING, which is handed on, makes them visible to the child.
 * The source tells what a transaction is: its name does not (over HTTP it is "serve").
 *
 * A changeset names one branch, but lands on every branch that it becomes an ancestor of. Where the new changesets of a
 * branch have no parent on another, they are all that comes to it: one hg tells that of each. Of the other branches,
 * and of those that are new, a second one tells what they have now and had not before.
 */
#include "agent/hook/client/child.h"
#include "agent/hook/client/pushed.h"

enum { HG_MS = 60000, NODE = 40, ID = NODE + sizeof "id()+" - 1, LANDING_MAX = 1000 };

/* Branches and descriptions may hold any byte, NUL and line ends among them: none of these can end a field. A parent
 * that is not there counts as one of the same branch. */
static const char new_ones[] = "{node} {branch|hex} {ifeq(p1.rev,'-1',branch,p1.branch)|hex} "
			       "{ifeq(p2.rev,'-1',branch,p2.branch)|hex} {desc|hex}\n";

/*
 * A branch, "=" and its name, then what comes to it. Of one that is new, what is new to the repository. %%s, hg's own,
 * is the name, quoted.
 *
 * hg keeps in a cache which branch a changeset has, by number and by four bytes of its hash: what a refused push left
 * there may be said of another. So branch(), which believes it, only looks for the heads that were there before, which
 * is fast; what is new, and what those heads are, is read from the changesets. Of a head that is none more is told.
 */
#define NAME "'literal:{branch}'"
#define NEW  "id(%s):"
#define ITS  "extra('branch', %%s)"
#define WAS  "present(branch(%%s)) - " NEW
#define TELL "{node} {desc|hex}\n"
#define LANDING                                                                                                        \
	"={branch|hex}\n{if(revset(\"last(" WAS ")\", " NAME "), "                                                     \
	"revset(\"only(" NEW " and " ITS ", heads(" WAS ") and " ITS ")\", " NAME ", " NAME ", " NAME ") %% '" TELL    \
	"', revset(\"" NEW " and ::(" NEW " and " ITS ")\", " NAME ") %% '" TELL "')}"

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

struct changeset {
	struct text node, branch, message;
	size_t number;
	bool crosses; /* it has a parent on another branch */
};

struct changesets {
	struct changeset *at;
	size_t n;
};

static bool take_changeset(struct output *rest, struct changeset *ret)
{
	struct text parents[2];

	if (!take_node(rest, &ret->node) || !take_hex(rest, ' ', &ret->branch) || !take_hex(rest, ' ', &parents[0]) ||
	    !take_hex(rest, ' ', &parents[1]) || !take_hex(rest, '\n', &ret->message))
		return false;
	ret->crosses = !text_eq(parents[0], ret->branch) || !text_eq(parents[1], ret->branch);
	return ret->branch.len > 0;
}

/* ret->at is the caller's in any case; its texts are in rest. */
static bool take_changesets(struct output rest, struct changesets *ret)
{
	size_t lines = 0;

	for (size_t i = 0; i < rest.n; i++)
		lines += rest.at[i] == '\n';
	ret->at = calloc(lines + 1, sizeof *ret->at);
	for (ret->n = 0; ret->at && rest.n > 0; ret->n++) {
		ret->at[ret->n].number = ret->n;
		if (!take_changeset(&rest, &ret->at[ret->n]))
			return false;
	}
	return ret->at && ret->n > 0;
}

static int by_branch(const void *a, const void *b)
{
	const struct changeset *x = a, *y = b;
	int order = text_cmp(x->branch, y->branch);

	return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

/* The first branch of `all`, which are sorted by it. */
static struct changesets of_one_branch(struct changesets all, bool *ret_crosses)
{
	struct changesets ret = {all.at, 0};

	*ret_crosses = false;
	while (ret.n < all.n && text_eq(all.at[ret.n].branch, all.at[0].branch))
		*ret_crosses = all.at[ret.n++].crosses || *ret_crosses;
	return ret;
}

/* What the second hg is asked for. */
struct crossing {
	char *ids; /* a changeset of each branch */
	size_t n;
};

/* Tells the branches that no new changeset comes to from another one. */
static bool tell_branches(struct changesets all, struct hook_out *out, struct crossing *ret, const char **ret_why)
{
	struct changesets one;
	bool crosses;

	*ret_why = "it updates too many branches; push them in parts";
	for (size_t n = 0; all.n > 0; n++, all = (struct changesets){all.at + one.n, all.n - one.n}) {
		one = of_one_branch(all, &crosses);
		if (n == HOOK_BRANCHES_MAX)
			return false;
		if (crosses) {
			snprintf(ret->ids + ID * ret->n++, ID + 1, "id(%.*s)+", TEXT_ARG(one.at->node));
			continue;
		}
		hook_out_branch(out, one.at->branch);
		for (size_t i = 0; i < one.n; i++)
			hook_out_commit(out, one.at[i].node, one.at[i].message);
	}
	if (ret->n > 0)
		ret->ids[ID * ret->n - 1] = '\0';
	return true;
}

/* Of so many branches; to each comes something. */
static bool take_landing(struct output rest, size_t branches, struct hook_out *out)
{
	struct text name, message;
	bool empty = false;

	while (rest.n > 0) {
		if (rest.at[0] == '=') {
			rest = (struct output){rest.at + 1, rest.n - 1, 0};
			if (empty || branches-- == 0 || !take_hex(&rest, '\n', &name))
				return false;
			hook_out_branch(out, name);
			empty = true;
			continue;
		}
		if (!take_node(&rest, &name) || !take_hex(&rest, '\n', &message))
			return false;
		hook_out_commit(out, name, message);
		empty = false;
	}
	return branches == 0 && !empty;
}

/* Hidden, too: a marker that was pushed with them hides changesets, and a word about phases shows them again. */
static bool hg_log(const char *which, const char *shown, struct output *ret, const char **ret_why)
{
	const char *hg = getenv("HG");
	const char *argv[] = {hg && hg[0] == '/' ? hg : "hg", "log", "--hidden", "-r", which, "-T", shown, NULL};

	return child_read(argv, now_ms() + HG_MS, 2 * HOOK_BODY_MAX, ret, ret_why);
}

static bool tell_landing(const char *first, const struct crossing *crossing, struct hook_out *out, const char **ret_why)
{
	struct output output = {NULL, 0, 0};
	char landing[LANDING_MAX];
	int n = snprintf(landing, sizeof landing, LANDING, first, first, first, first, first);
	bool ok = n > 0 && n < LANDING_MAX && hg_log(crossing->ids, landing, &output, ret_why);

	if (ok && !take_landing(output, crossing->n, out)) {
		*ret_why = "hg wrote what this hook cannot read";
		ok = false;
	}
	output_free(&output);
	return ok;
}

static bool tell(const char *first, struct output written, struct hook_out *out, const char **ret_why)
{
	struct changesets all = {NULL, 0};
	struct crossing crossing = {NULL, 0};
	bool ok = take_changesets(written, &all);

	*ret_why = "hg wrote what this hook cannot read";
	if (ok) {
		qsort(all.at, all.n, sizeof *all.at, by_branch);
		crossing.ids = malloc(ID * all.n + 1);
		*ret_why = "memory ran out";
		ok = crossing.ids && tell_branches(all, out, &crossing, ret_why) &&
		     (crossing.n == 0 || tell_landing(first, &crossing, out, ret_why));
	}
	free(crossing.ids);
	free(all.at);
	return ok;
}

enum pushed pushed_mercurial(const struct push *push, const char **ret_why)
{
	const char *first = getenv("HG_NODE"), *last = getenv("HG_NODE_LAST");
	char range[NODE + 2];
	struct output output = {NULL, 0, 0};
	bool ok;

	hook_out_begin(push->out, push->repository);
	if (!is_pushed(getenv("HG_SOURCE")) || (!first && !last))
		return PUSHED_NOTHING;
	*ret_why = "hg named no changesets";
	if (!is_node(first) || !is_node(last))
		return PUSHED_BROKEN;
	snprintf(range, sizeof range, "%s:", first);
	/* Descriptions are kept in UTF-8; written in another encoding they would lose characters. */
	ok = setenv("HGENCODING", "UTF-8", 1) == 0 && setenv("HGPLAIN", "1", 1) == 0 &&
	     hg_log(range, new_ones, &output, ret_why) && tell(first, output, push->out, ret_why);
	output_free(&output);
	hook_out_end(push->out);
	if (ok && push->out->failed)
		*ret_why = "there is too much of it; push it in parts";
	return ok && !push->out->failed ? PUSHED_COMMITS : PUSHED_BROKEN;
}
