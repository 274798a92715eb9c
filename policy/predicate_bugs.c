/*
 * bugs: what trackers say of the bugs that a change names. `every` is asked of each of them, `any` and `min` of each
 * commit: one of the bugs that it names is enough for `any`, so that no commit of a series goes without.
 */
#include "policy/bug_view.h"
#include "policy/keys.h"

/* ---- reading ---- */

enum { EVERY, ANY };

/* Inside a block other conditions stand than outside. */
static bool block_read(struct parse *parse, const struct yaml *value, struct conditions *ret)
{
	bool ok;

	parse->bugs.inside = true;
	ok = conditions_read(parse, value, &ret->items, &ret->n);
	parse->bugs.inside = false;
	return ok;
}

static bool read_every(struct parse *parse, const struct yaml *value, void *out)
{
	struct bugs_args *args = out;

	args->has_every = true;
	return block_read(parse, value, &args->blocks[EVERY]);
}

static bool read_any(struct parse *parse, const struct yaml *value, void *out)
{
	struct bugs_args *args = out;

	args->has_any = true;
	return block_read(parse, value, &args->blocks[ANY]);
}

static bool read_min(struct parse *parse, const struct yaml *value, void *out)
{
	struct bugs_args *args = out;

	if (!yaml_int(value, &args->min) || args->min < 1 || args->min > BUGS_MAX)
		return yaml_int_problem(value, parse->problem, "min is a whole number from 1 to %d", BUGS_MAX);
	return true;
}

static bool read_tracker(struct parse *parse, const struct yaml *value, void *out)
{
	struct bugs_args *args = out;

	return read_text(parse, value, &args->tracker);
}

static bool read_duplicates(struct parse *parse, const struct yaml *value, void *out)
{
	struct bugs_args *args = out;

	return read_bool(parse, value, &args->duplicates);
}

static bool read_unknown(struct parse *parse, const struct yaml *value, void *out)
{
	struct bugs_args *args = out;
	struct text state;

	if (!read_text(parse, value, &state))
		return false;
	args->unknown_fails = text_is(state, "failure");
	return args->unknown_fails || text_is(state, "pending") ||
	       yaml_problem(value, parse->problem, "on_unknown is pending or failure");
}

bool bugs_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"every", NULL, NULL}, read_every},
					  {{"any", NULL, NULL}, read_any},
					  {{"min", NULL, NULL}, read_min},
					  {{"tracker", NULL, NULL}, read_tracker},
					  {{"duplicates", NULL, NULL}, read_duplicates},
					  {{"on_unknown", NULL, NULL}, read_unknown}};
	static const struct keys keys = KEYS(rows);
	struct bugs_args *args = arena_alloc(parse->arena, 1, sizeof *args);

	if (!parse->bugs.allowed)
		return yaml_problem(value, parse->problem,
				    "`bugs` stands in `requires.conditions` of a rule alone: what bugs say must not "
				    "show, and elsewhere it would");
	args->duplicates = true;
	parse->bugs.seen = true;
	if (!keys_read(parse, value, &keys, "bugs", args))
		return false;
	if (!args->has_every && !args->has_any && args->min == 0)
		return yaml_problem(value, parse->problem, "`bugs` needs `every`, `any` or `min`");
	if (args->has_every && !args->has_any && args->min == 0)
		parse->bugs.optional = args;
	*ret_args = args;
	return true;
}

const struct conditions *bugs_inner(const void *raw, size_t i)
{
	const struct bugs_args *args = raw;

	return i < 2 ? &args->blocks[i] : NULL;
}

/* ---- asking ---- */

static struct answer about(const struct named_bug *bug, struct answer answer, struct arena *arena)
{
	if (answer.holds != TRI_YES)
		answer.why = arena_printf(arena, "bug %lld: %.*s", (long long)bug->id, TEXT_ARG(answer.why));
	return answer;
}

/* Of the bug, and of all that are one with it. */
static struct answer ask_bug(const struct bugs_args *args, const struct conditions *block,
			     const struct named_bug *named, const struct judging *on)
{
	struct answer so_far = answer_yes(TEXT_EMPTY);
	struct bug_chain chain;

	bugs_chain(on->facts, args->tracker, named->id, args->duplicates, &chain);
	for (size_t i = 0; i < chain.n && so_far.holds != TRI_NO; i++) {
		const struct bug_view view = {&chain.items[i], &chain.items[i < chain.n_self ? i : 0], named};
		struct judging bug = *on;

		bug.bug = &view;
		so_far = answer_and(so_far, conditions_ask(block, &bug));
	}
	if (chain.beyond)
		so_far = answer_and(so_far, answer_stuck(arena_printf(on->arena, "more than %d bugs are one with it",
								      BUGS_CHAIN_MAX)));
	if (chain.more)
		so_far = answer_and(so_far, answer_unknown(TEXT_LIT("its duplicates")));
	return about(named, so_far, on->arena);
}

static struct answer ask_every(const struct bugs_args *args, const struct named_bugs *named, const struct judging *on)
{
	struct answer so_far = answer_yes(TEXT_EMPTY);

	for (size_t i = 0; args->has_every && i < named->n && so_far.holds != TRI_NO; i++)
		so_far = answer_and(so_far, ask_bug(args, &args->blocks[EVERY], &named->items[i], on));
	return so_far;
}

/* Of one commit: how many of its bugs do, how many may, and what is said of one that does not. */
struct tallied {
	int64_t yes, maybe;
	bool stuck;
	struct text why;
};

static void tally(struct tallied *to, const struct answer *answer)
{
	to->yes += answer->holds == TRI_YES;
	to->maybe += answer->holds == TRI_UNKNOWN;
	to->stuck = to->stuck || answer->stuck;
	if (answer->holds == TRI_UNKNOWN || (answer->holds == TRI_NO && to->why.len == 0))
		to->why = answer->why;
}

static struct answer told(const struct tallied *tallied, int64_t least, const struct naming_commit *commit,
			  struct arena *arena)
{
	struct text name = oid_short(&commit->commit->sha);
	struct answer answer = {.holds = TRI_YES};

	if (tallied->yes >= least)
		return answer;
	answer.holds = tallied->yes + tallied->maybe >= least ? TRI_UNKNOWN : TRI_NO;
	answer.stuck = answer.holds == TRI_UNKNOWN && tallied->stuck;
	if (tallied->why.len > 0)
		answer.why = tallied->why;
	else
		answer.why = arena_printf(arena, "commit %.*s names too few bugs", TEXT_ARG(name));
	return answer;
}

static struct answer exists(const struct bugs_args *args, const struct named_bug *named, const struct judging *on)
{
	static const bool yes = true;
	struct bug_chain chain;
	struct bug_view view = {&chain.items[0], &chain.items[0], named};
	struct judging bug = *on;

	bug.bug = &view;
	bugs_chain(on->facts, args->tracker, named->id, false, &chain);
	return about(named, bug_exists_ask(&yes, &bug), on->arena);
}

/* Each commit names so many bugs of which it holds; block NULL: that exist. */
static struct answer ask_commits(const struct bugs_args *args, const struct conditions *block, int64_t least,
				 const struct named_bugs *named, const struct judging *on)
{
	struct tallied *of = arena_alloc(on->arena, named->n_commits, sizeof *of);
	struct answer so_far = answer_yes(TEXT_EMPTY);

	for (size_t i = 0; i < named->n; i++) {
		const struct named_bug *bug = &named->items[i];
		struct answer answer;

		if (bug->n_by == 0)
			continue;
		answer = block ? ask_bug(args, block, bug, on) : exists(args, bug, on);
		for (size_t k = 0; k < bug->n_by; k++)
			tally(&of[bug->by[k] - named->commits], &answer);
	}
	for (size_t i = 0; i < named->n_commits && so_far.holds != TRI_NO; i++)
		so_far = answer_and(so_far, told(&of[i], least, &named->commits[i], on->arena));
	return so_far;
}

static struct answer suspicious(const struct naming_commit *commit, struct arena *arena)
{
	struct text name = oid_short(&commit->commit->sha);

	return answer_stuck(arena_printf(arena, "the message of commit %.*s holds %s", TEXT_ARG(name),
					 commit->message.why_suspicious));
}

struct answer bugs_ask(const void *raw, const struct judging *on)
{
	const struct bugs_args *args = raw;
	auto_arena struct arena scratch = ARENA_EMPTY; /* many conditions may read the same messages */
	struct named_bugs named;
	struct answer answer;

	bugs_named(on->change, &scratch, &named);
	if (named.n_commits == 0)
		return answer_unknown(TEXT_LIT("the list of commits"));
	if (named.suspicious)
		return suspicious(named.suspicious, on->arena);
	if (named.title_misleads)
		return answer_stuck(arena_printf(on->arena, "the title holds %s", named.title_misleads));
	if (named.too_many)
		return answer_stuck(arena_printf(
			on->arena, "more than %d bugs are named: split the change, or name fewer", BUGS_MAX));
	answer = ask_every(args, &named, on);
	if (args->has_any && answer.holds != TRI_NO)
		answer = answer_and(answer, ask_commits(args, &args->blocks[ANY], 1, &named, on));
	if (args->min > 0 && answer.holds != TRI_NO)
		answer = answer_and(answer, ask_commits(args, NULL, args->min, &named, on));
	answer.stuck = answer.stuck || (args->unknown_fails && answer.holds == TRI_UNKNOWN);
	return answer;
}
