#include "policy/contributors.h"

#include "policy/reviews.h"

#include <stdlib.h>

#define FORGE_LOGIN "web-flow" /* what the forge commits as, for whoever pressed the button */

struct hands {
	int64_t *ids;
	size_t n;
	const struct commit *nameless; /* the first that names somebody without an account */
};

static void take(struct hands *hands, const struct commit *commit, int64_t id)
{
	if (id == 0 && !hands->nameless)
		hands->nameless = commit;
	if (id != 0)
		hands->ids[hands->n++] = id;
}

static bool by_forge(const struct commit *commit)
{
	return commit->signature.valid == TRI_YES && commit->committer.id != 0 &&
	       text_eq_nocase(commit->committer.login, TEXT_LIT(FORGE_LOGIN));
}

static void take_commit(struct hands *hands, const struct commit *commit)
{
	take(hands, commit, commit->author.id);
	if (!by_forge(commit))
		take(hands, commit, commit->committer.id);
	for (size_t i = 0; i < commit->n_coauthors; i++)
		take(hands, commit, commit->coauthors[i].id);
}

static int by_id(const void *left, const void *right)
{
	const int64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

static size_t unique(int64_t *ids, size_t n)
{
	size_t kept = 0;

	qsort(ids, n, sizeof *ids, by_id);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || ids[kept - 1] != ids[i])
			ids[kept++] = ids[i];
	return kept;
}

static bool pusher_unknown(const struct change *change)
{
	for (size_t i = 0; i < change->n_pushers; i++)
		if (change->pushers[i] == 0)
			return true;
	return change->pushers_hidden || change->n_pushers == 0;
}

struct text commits_missing(const struct judging *on)
{
	for (size_t i = 0; i < on->change->n_commits; i++)
		if (oid_eq(&on->change->commits[i].sha, &on->facts->head))
			return TEXT_EMPTY;
	return TEXT_LIT("the list of commits");
}

static struct text who_else(const struct hands *hands, const struct judging *on)
{
	struct text missing = commits_missing(on);

	if (missing.len > 0)
		return missing;
	if (on->change->author.id == 0)
		return TEXT_LIT("an account for the author of the change");
	if (hands->nameless)
		return arena_printf(on->arena, "an account for everybody whom commit %.*s names",
				    TEXT_ARG(oid_short(&hands->nameless->sha)));
	return pusher_unknown(on->change) ? TEXT_LIT("to know who pushed") : TEXT_EMPTY;
}

struct contributors contributors_of(const struct judging *on)
{
	const struct change *change = on->change;
	struct hands hands = {0};
	size_t room = 1 + change->n_pushers;

	for (size_t i = 0; i < change->n_commits; i++)
		room += 2 + change->commits[i].n_coauthors;
	hands.ids = arena_alloc(on->arena, room, sizeof *hands.ids);
	if (change->author.id != 0)
		hands.ids[hands.n++] = change->author.id;
	for (size_t i = 0; i < change->n_pushers; i++)
		if (change->pushers[i] != 0)
			hands.ids[hands.n++] = change->pushers[i];
	for (size_t i = 0; i < change->n_commits; i++)
		take_commit(&hands, &change->commits[i]);
	return (struct contributors){hands.ids, unique(hands.ids, hands.n), who_else(&hands, on)};
}

static struct text login_in(const struct commit *commit, int64_t id)
{
	if (commit->author.id == id)
		return commit->author.login;
	if (commit->committer.id == id)
		return commit->committer.login;
	for (size_t i = 0; i < commit->n_coauthors; i++)
		if (commit->coauthors[i].id == id)
			return commit->coauthors[i].login;
	return TEXT_EMPTY;
}

struct text contributor_name(int64_t id, const struct judging *on)
{
	const struct member *member = facts_member(on->facts, id);
	struct text login = member ? member->who.login : TEXT_EMPTY;

	if (login.len == 0 && on->change->author.id == id)
		login = on->change->author.login;
	for (size_t i = 0; login.len == 0 && i < on->change->n_commits; i++)
		login = login_in(&on->change->commits[i], id);
	if (login.len == 0)
		return arena_printf(on->arena, "account %lld", (long long)id);
	return plain(login, 39, on->arena);
}
