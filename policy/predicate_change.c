/* What a change is called and where it goes: branches, repository, title, labels. */
#include "policy/keys.h"
#include "policy/reviews.h"

/* ---- one pattern ---- */

/* "release" is in "not-a-release", too, and "^main" begins "main-old"; "^release/" means what it says. */
static bool bound(struct text pattern)
{
	char last = pattern.len > 0 ? pattern.at[pattern.len - 1] : '$';

	return text_starts(pattern, TEXT_LIT("^")) && !(last >= 'a' && last <= 'z') && !(last >= 'A' && last <= 'Z') &&
	       !(last >= '0' && last <= '9');
}

static bool read_pattern(struct parse *parse, const struct yaml *value, void *out)
{
	if (!read_regex(parse, value, out))
		return false;
	if (text_find(value->text, TEXT_LIT("refs/heads/")) != SIZE_MAX)
		parse_unsafe(parse, value, "a branch is named without refs/heads/: this matches none");
	if (!bound(value->text))
		parse_lint(parse, value, "this is found within the names of other branches, too; bind it with ^ and $");
	return true;
}

static bool pattern_read(struct parse *parse, const struct yaml *value, const char *what, const void **ret_args)
{
	static const struct key rows[] = {{{"pattern", NULL, NULL}, read_pattern}};
	static const struct keys keys = KEYS(rows);
	const struct regex *regex = NULL;

	if (!keys_read(parse, value, &keys, what, &regex))
		return false;
	if (!regex)
		return yaml_problem(value, parse->problem, "`%s` needs a `pattern`", what);
	*ret_args = regex;
	return true;
}

/* It is not there, or no search for it came to an end. */
static struct answer no_match(struct text subject, const char *what, struct arena *arena)
{
	if (subject.len == 0)
		return answer_unknown(text_of(what));
	return answer_unknown(
		arena_printf(arena, "an answer to whether %s is one that the rule names (limit reached)", what));
}

static struct answer branch_ask(const void *regex, struct text branch, const char *what, struct arena *arena)
{
	enum tri holds = branch.len == 0 ? TRI_UNKNOWN : regex_search(regex, branch);

	if (holds == TRI_UNKNOWN)
		return no_match(branch, what, arena);
	return (struct answer){
		.holds = holds,
		.why = arena_printf(arena, "%s is %sone that the rule names", what, holds == TRI_NO ? "not " : "")};
}

bool targets_branch_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return pattern_read(parse, value, "targets_branch", ret_args);
}

struct answer targets_branch_ask(const void *args, const struct judging *on)
{
	return branch_ask(args, on->change->base_ref, "the base branch", on->arena);
}

bool from_branch_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return pattern_read(parse, value, "from_branch", ret_args);
}

struct answer from_branch_ask(const void *args, const struct judging *on)
{
	return branch_ask(args, on->change->head_ref, "the head's branch", on->arena);
}

/* ---- patterns that match, and patterns that do not ---- */

struct matches {
	struct patterns matches, not_matches;
};

static bool read_matches(struct parse *parse, const struct yaml *value, void *out)
{
	struct matches *args = out;

	return read_regexes(parse, value, &args->matches.items, &args->matches.n);
}

static bool read_not_matches(struct parse *parse, const struct yaml *value, void *out)
{
	struct matches *args = out;

	return read_regexes(parse, value, &args->not_matches.items, &args->not_matches.n);
}

static bool matches_read(struct parse *parse, const struct yaml *value, const char *what, const void **ret_args)
{
	static const struct key rows[] = {{{"matches", NULL, NULL}, read_matches},
					  {{"not_matches", NULL, NULL}, read_not_matches}};
	static const struct keys keys = KEYS(rows);
	struct matches *args = arena_alloc(parse->arena, 1, sizeof *args);

	if (!keys_read(parse, value, &keys, what, args))
		return false;
	if (args->matches.n == 0 && args->not_matches.n == 0)
		return yaml_problem(value, parse->problem, "`%s` needs a pattern in `matches` or `not_matches`", what);
	*ret_args = args;
	return true;
}

/* One of `matches` matches, or there are `not_matches` and none of them does. */
static enum tri matches_hold(const struct matches *args, struct text subject)
{
	enum tri named = patterns_any(&args->matches, subject);
	enum tri excluded = patterns_any(&args->not_matches, subject);

	if (named == TRI_YES || (args->not_matches.n > 0 && excluded == TRI_NO))
		return TRI_YES;
	return named == TRI_UNKNOWN || excluded == TRI_UNKNOWN ? TRI_UNKNOWN : TRI_NO;
}

static struct answer matches_ask(const void *args, struct text subject, const char *what, struct arena *arena)
{
	enum tri holds = subject.len == 0 ? TRI_UNKNOWN : matches_hold(args, subject);

	if (holds == TRI_UNKNOWN)
		return no_match(subject, what, arena);
	return (struct answer){
		.holds = holds,
		.why = arena_printf(arena, "%s is %sone that the rule names", what, holds == TRI_NO ? "not " : "")};
}

bool repository_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return matches_read(parse, value, "repository", ret_args);
}

struct answer repository_ask(const void *args, const struct judging *on)
{
	return matches_ask(args, on->facts->repo_name, "the repository", on->arena);
}

bool title_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return matches_read(parse, value, "title", ret_args);
}

struct answer title_ask(const void *args, const struct judging *on)
{
	return matches_ask(args, on->change->title, "the title", on->arena);
}

/* ---- labels ---- */

struct labels {
	const struct text *items;
	size_t n;
};

bool has_labels_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	struct labels *labels = arena_alloc(parse->arena, 1, sizeof *labels);

	if (!read_texts(parse, value, &labels->items, &labels->n))
		return false;
	if (labels->n == 0) /* a list that lost its last entry must not come to hold always */
		return yaml_problem(value, parse->problem, "`has_labels` names at least one label");
	*ret_args = labels;
	return true;
}

static bool labelled(const struct change *change, struct text label)
{
	for (size_t i = 0; i < change->n_labels; i++)
		if (text_eq_nocase(change->labels[i], label))
			return true;
	return false;
}

struct answer has_labels_ask(const void *args, const struct judging *on)
{
	const struct labels *labels = args;

	for (size_t i = 0; i < labels->n; i++)
		if (!labelled(on->change, labels->items[i]))
			return answer_no(arena_printf(on->arena, "the label %.*s is missing",
						      TEXT_ARG(plain(labels->items[i], 50, on->arena))));
	return answer_yes(
		arena_printf(on->arena, "the label %.*s is there", TEXT_ARG(plain(labels->items[0], 50, on->arena))));
}

bool up_to_date_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	bool *want = arena_alloc(parse->arena, 1, sizeof *want);

	*ret_args = want;
	return read_bool(parse, value, want);
}

struct answer up_to_date_ask(const void *args, const struct judging *on)
{
	const struct change *change = on->change;
	struct answer now = answer_no(TEXT_LIT("the base branch has commits that the head lacks"));

	if (!oid_known(&change->merge_base) || !oid_known(&change->base_sha))
		return answer_unknown(TEXT_LIT("to know whether the head has all of its base branch"));
	if (oid_eq(&change->merge_base, &change->base_sha))
		now = answer_yes(TEXT_LIT("the head has all commits of its base branch"));
	return answer_wanted(*(const bool *)args, now);
}

bool threads_resolved_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	bool *want = arena_alloc(parse->arena, 1, sizeof *want);

	*ret_args = want;
	return read_bool(parse, value, want);
}

struct answer threads_resolved_ask(const void *args, const struct judging *on)
{
	int64_t open = on->change->open_threads;
	struct answer now = answer_yes(TEXT_LIT("every conversation is resolved"));

	if (open > 0)
		now = answer_no(arena_printf(on->arena, "%lld conversation%s to resolve", (long long)open,
					     open > 1 ? "s" : ""));
	return answer_wanted(*(const bool *)args, now);
}

/* Which of them, the events do not tell in one way. */
bool threads_watched(const void *args, size_t i, struct watched_name *ret)
{
	(void)args;
	*ret = (struct watched_name){.kinds = 1u << WATCH_THREADS, .name = TEXT_LIT("threads")};
	return i == 0;
}
