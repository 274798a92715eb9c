/*
 * May commits land in these trees now? A tree is open, closed, or asks for an approval; what is not known is none of
 * these and waits. `approval` and `override` are conditions of their own (commit_token, only_pushed_by), asked where a
 * tree is not open: so all that is true of those, above all that what is not known is no yes, is true of them here.
 *
 * The word CLOSED TREE is typed by whoever writes the commit. It counts only in the commit that is judged, and only
 * where everybody who pushed is one of those whom `override` names.
 */
#include "policy/actors.h"
#include "policy/commit_message.h"
#include "policy/keys.h"
#include "policy/predicate.h"
#include "policy/reviews.h"

#define NAMES_MAX  16
#define SHOWN      40
#define REASON_MAX 60

struct tree_open {
	const struct text *names;
	size_t n_names;
	struct text closed;                   /* by the policy itself; empty: it is not */
	struct conditions approval, override; /* of one condition, or none */
};

/* ---- reading ---- */

static bool read_as(struct parse *parse, const struct yaml *value, const char *predicate, struct conditions *ret)
{
	struct condition *one = arena_alloc(parse->arena, 1, sizeof *one);

	for (size_t i = 0; predicate_at(i); i++)
		if (text_is(text_of(predicate), predicate_name(predicate_at(i))))
			one->predicate = predicate_at(i);
	*ret = (struct conditions){one, 1};
	return one->predicate->read(parse, value, &one->args);
}

static bool read_name(struct parse *parse, const struct yaml *value, struct text *ret)
{
	if (!read_text(parse, value, ret))
		return false;
	return tree_name_ok(*ret) ||
	       yaml_problem(value, parse->problem,
			    "expected the name of a tree: at most %d letters, digits, `.`, `_` and `-`", TREE_NAME_MAX);
}

static bool read_tree(struct parse *parse, const struct yaml *value, void *out)
{
	const struct yaml *items = value->kind == YAML_LIST ? value->items : value;
	size_t n = value->kind == YAML_LIST ? value->n : 1;
	struct tree_open *args = out;
	struct text *names = arena_alloc(parse->arena, n, sizeof *names);

	if (n == 0 || n > NAMES_MAX)
		return yaml_problem(value, parse->problem, "expected the names of 1 to %d trees", NAMES_MAX);
	for (size_t i = 0; i < n; i++)
		if (!read_name(parse, &items[i], &names[i]))
			return false;
	args->names = names;
	args->n_names = n;
	return true;
}

static bool read_closed(struct parse *parse, const struct yaml *value, void *out)
{
	struct tree_open *args = out;

	return read_text(parse, value, &args->closed);
}

static bool read_override(struct parse *parse, const struct yaml *value, void *out)
{
	struct tree_open *args = out;

	return read_as(parse, value, "only_pushed_by", &args->override);
}

static bool read_token(struct parse *parse, const struct yaml *value, void *out)
{
	struct tree_open *args = out;

	return read_as(parse, value, "commit_token", &args->approval);
}

bool tree_open_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"tree", NULL, NULL}, read_tree},
					  {{"closed", NULL, NULL}, read_closed},
					  {{"override", NULL, NULL}, read_override},
					  {{"approval", NULL, NULL}, read_token}};
	static const struct keys keys = KEYS(rows);
	struct tree_open *args = arena_alloc(parse->arena, 1, sizeof *args);

	if (!keys_read(parse, value, &keys, "tree_open", args))
		return false;
	if (args->n_names == 0 && args->closed.len == 0)
		return yaml_problem(value, parse->problem, "`tree_open` needs a `tree`, or `closed` and the reason");
	if (args->n_names == 0 && args->approval.n > 0)
		return yaml_problem(value, parse->problem,
				    "`approval` is for trees that ask for it: `closed` alone has none");
	*ret_args = args;
	return true;
}

/* ---- asking ---- */

static const struct tree *tree_of(const struct facts *facts, struct text name)
{
	for (size_t i = 0; i < facts->n_trees; i++)
		if (text_eq(facts->trees[i].name, name))
			return &facts->trees[i];
	return NULL;
}

static struct text told(struct text before, struct text reason, const struct judging *on)
{
	if (reason.len == 0)
		return before;
	return arena_printf(on->arena, "%.*s: %.*s", TEXT_ARG(before), TEXT_ARG(plain(reason, REASON_MAX, on->arena)));
}

static struct answer approved(const struct tree_open *args, const struct tree *tree, struct text shown,
			      const struct judging *on)
{
	struct text asks = arena_printf(on->arena, "the tree %.*s asks for approval", TEXT_ARG(shown));
	struct answer answer = answer_no(told(asks, tree->reason, on));

	if (args->approval.n == 0)
		return answer;
	answer = conditions_ask(&args->approval, on);
	if (answer.holds == TRI_NO)
		answer.why = told(asks, answer.why, on);
	return answer;
}

static struct answer ask_tree(const struct tree_open *args, struct text name, const struct judging *on)
{
	const struct tree *tree = tree_of(on->facts, name);
	struct text shown = plain(name, SHOWN, on->arena);

	if (tree && tree->state == TREE_OPEN)
		return answer_yes(TEXT_EMPTY);
	if (tree && tree->state == TREE_CLOSED)
		return answer_no(
			told(arena_printf(on->arena, "the tree %.*s is closed", TEXT_ARG(shown)), tree->reason, on));
	if (tree && tree->state == TREE_APPROVAL_REQUIRED)
		return approved(args, tree, shown, on);
	return answer_unknown(arena_printf(on->arena, "to know whether the tree %.*s is open", TEXT_ARG(shown)));
}

static bool asks_to_override(const struct judging *on)
{
	for (size_t i = 0; i < on->change->n_commits; i++) {
		const struct commit *commit = &on->change->commits[i];
		auto_arena struct arena scratch = ARENA_EMPTY;
		struct message message;

		if (!oid_eq(&commit->sha, &on->facts->head))
			continue;
		commit_message(commit, &scratch, &message);
		return message.closed_tree;
	}
	return false;
}

/* NO: nobody asked for it, or somebody else pushed. */
static struct answer overridden(const struct tree_open *args, const struct judging *on)
{
	if (args->override.n == 0 || !asks_to_override(on))
		return answer_no(TEXT_EMPTY);
	return conditions_ask(&args->override, on);
}

struct answer tree_open_ask(const void *raw, const struct judging *on)
{
	const struct tree_open *args = raw;
	struct answer all = answer_yes(TEXT_EMPTY), over;

	if (args->closed.len > 0)
		all = answer_no(told(TEXT_LIT("closed by the policy"), args->closed, on));
	for (size_t i = 0; i < args->n_names; i++)
		all = answer_and(all, ask_tree(args, args->names[i], on));
	if (all.holds == TRI_YES)
		return all;
	over = overridden(args, on);
	return over.holds == TRI_NO ? all : over;
}

/* ---- what it is made of, and watches ---- */

const struct conditions *tree_open_inner(const void *raw, size_t i)
{
	const struct tree_open *args = raw;
	const struct conditions *const both[] = {&args->approval, &args->override};

	for (size_t k = 0; k < 2; k++)
		if (both[k]->n > 0 && i-- == 0)
			return both[k];
	return NULL;
}

bool tree_open_watched(const void *raw, size_t i, struct watched_name *ret)
{
	const struct tree_open *args = raw;

	if (i >= args->n_names)
		return false;
	*ret = (struct watched_name){.kinds = 1u << WATCH_TREE, .name = args->names[i]};
	return true;
}
