/*
 * Who wrote a change. An account that nothing names (id 0) may be anybody: it is neither one of those whom a rule names
 * nor not, and "only" never holds beside it.
 */
#include "policy/actors.h"
#include "policy/contributors.h"
#include "policy/keys.h"

static bool people_read(struct parse *parse, const struct yaml *value, const char *what, const void **ret_args)
{
	struct actors *actors = arena_alloc(parse->arena, 1, sizeof *actors);

	*ret_args = actors;
	return actors_read(parse, value, what, actors);
}

static struct answer membership_of(int64_t id, const struct judging *on)
{
	return answer_unknown(
		arena_printf(on->arena, "the permissions and memberships of %.*s", TEXT_ARG(contributor_name(id, on))));
}

bool has_author_in_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return people_read(parse, value, "has_author_in", ret_args);
}

struct answer has_author_in_ask(const void *args, const struct judging *on)
{
	int64_t author = on->change->author.id;
	enum tri holds = actors_match(args, on->facts, author);

	if (author == 0)
		return answer_unknown(TEXT_LIT("an account for the author of the change"));
	if (holds == TRI_UNKNOWN)
		return membership_of(author, on);
	return (struct answer){.holds = holds,
			       .why = arena_printf(on->arena, "the author %.*s is %sone of those whom the rule names",
						   TEXT_ARG(contributor_name(author, on)),
						   holds == TRI_NO ? "not " : "")};
}

bool has_contributor_in_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return people_read(parse, value, "has_contributor_in", ret_args);
}

struct answer has_contributor_in_ask(const void *args, const struct judging *on)
{
	struct contributors all = contributors_of(on);
	struct answer so_far = answer_no(TEXT_LIT("no contributor is one of those whom the rule names"));

	for (size_t i = 0; i < all.n; i++) {
		enum tri named = actors_match(args, on->facts, all.ids[i]);

		if (named == TRI_YES)
			return answer_yes(arena_printf(on->arena,
						       "the contributor %.*s is one of those whom the rule names",
						       TEXT_ARG(contributor_name(all.ids[i], on))));
		if (named == TRI_UNKNOWN && so_far.holds == TRI_NO)
			so_far = membership_of(all.ids[i], on);
	}
	return so_far.holds == TRI_NO && all.unknown.len > 0 ? answer_unknown(all.unknown) : so_far;
}

bool only_has_contributors_in_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return people_read(parse, value, "only_has_contributors_in", ret_args);
}

struct answer only_has_contributors_in_ask(const void *args, const struct judging *on)
{
	struct contributors all = contributors_of(on);
	struct answer so_far = answer_yes(TEXT_LIT("every contributor is one of those whom the rule names"));

	for (size_t i = 0; i < all.n; i++) {
		enum tri named = actors_match(args, on->facts, all.ids[i]);

		if (named == TRI_NO)
			return answer_no(arena_printf(on->arena,
						      "the contributor %.*s is not one of those whom the rule names",
						      TEXT_ARG(contributor_name(all.ids[i], on))));
		if (named == TRI_UNKNOWN && so_far.holds == TRI_YES)
			so_far = membership_of(all.ids[i], on);
	}
	return so_far.holds == TRI_YES && all.unknown.len > 0 ? answer_unknown(all.unknown) : so_far;
}

static struct answer author_alone(const struct judging *on)
{
	struct contributors all = contributors_of(on);

	for (size_t i = 0; i < all.n; i++)
		if (on->change->author.id != 0 && all.ids[i] != on->change->author.id)
			return answer_no(arena_printf(on->arena, "%.*s contributed, too",
						      TEXT_ARG(contributor_name(all.ids[i], on))));
	if (all.unknown.len > 0)
		return answer_unknown(all.unknown);
	return answer_yes(arena_printf(on->arena, "%.*s is the only contributor",
				       TEXT_ARG(contributor_name(on->change->author.id, on))));
}

bool author_is_only_contributor_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	bool *want = arena_alloc(parse->arena, 1, sizeof *want);

	*ret_args = want;
	return read_bool(parse, value, want);
}

struct answer author_is_only_contributor_ask(const void *args, const struct judging *on)
{
	return answer_wanted(*(const bool *)args, author_alone(on));
}

bool only_pushed_by_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return people_read(parse, value, "only_pushed_by", ret_args);
}

struct answer only_pushed_by_ask(const void *args, const struct judging *on)
{
	const struct change *change = on->change;
	struct answer so_far = answer_yes(TEXT_LIT("everybody who pushed is one of those whom the rule names"));

	if (change->pushers_hidden || change->n_pushers == 0)
		so_far = answer_unknown(TEXT_LIT("to know who pushed"));
	for (size_t i = 0; i < change->n_pushers; i++) {
		int64_t pusher = change->pushers[i];
		enum tri named = actors_match(args, on->facts, pusher);

		if (named == TRI_NO)
			return answer_no(arena_printf(on->arena,
						      "%.*s, who pushed, is not one of those whom the rule names",
						      TEXT_ARG(contributor_name(pusher, on))));
		if (named == TRI_UNKNOWN && so_far.holds == TRI_YES)
			so_far = pusher == 0 ? answer_unknown(TEXT_LIT("to know who pushed"))
					     : membership_of(pusher, on);
	}
	return so_far;
}

bool author_has_merged_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	bool *want = arena_alloc(parse->arena, 1, sizeof *want);

	*ret_args = want;
	return read_bool(parse, value, want);
}

struct answer author_has_merged_ask(const void *args, const struct judging *on)
{
	int64_t author = on->change->author.id;
	const struct member *member = facts_member(on->facts, author);
	enum tri merged = member ? member->merged_before : TRI_UNKNOWN;

	if (merged == TRI_UNKNOWN)
		return answer_unknown(arena_printf(on->arena, "to know whether a change of %.*s was merged before",
						   TEXT_ARG(contributor_name(author, on))));
	return answer_wanted(*(const bool *)args,
			     (struct answer){.holds = merged,
					     .why = arena_printf(on->arena, "%s change of %.*s was merged before",
								 merged == TRI_YES ? "a" : "no",
								 TEXT_ARG(contributor_name(author, on)))});
}
