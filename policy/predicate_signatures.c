/* What the forge says of the signatures of the commits. */
#include "policy/actors.h"
#include "policy/contributors.h"
#include "policy/keys.h"
#include "policy/reviews.h"

struct signing { /* how a commit is judged whose signature is valid */
	struct answer (*more)(const void *args, const struct commit *commit, const struct judging *on); /* or NULL */
	const void *args;
};

static struct answer judge_commit(const struct commit *commit, const struct signing *how, const struct judging *on)
{
	struct text sha = oid_short(&commit->sha);
	struct text reason = plain(commit->signature.reason, 40, on->arena);

	if (commit->signature.valid == TRI_UNKNOWN)
		return answer_unknown(arena_printf(on->arena, "the signature of commit %.*s", TEXT_ARG(sha)));
	if (commit->signature.valid == TRI_NO)
		return answer_no(arena_printf(on->arena, "commit %.*s has no valid signature%s%.*s", TEXT_ARG(sha),
					      reason.len > 0 ? ": " : "", TEXT_ARG(reason)));
	return how->more ? how->more(how->args, commit, on) : answer_yes(TEXT_EMPTY);
}

static struct answer judge_commits(const struct signing *how, const struct judging *on)
{
	struct text missing = commits_missing(on);
	struct answer so_far = answer_yes(TEXT_LIT("every commit has a signature as the rule wants it"));

	for (size_t i = 0; i < on->change->n_commits && so_far.holds != TRI_NO; i++)
		so_far = answer_and(so_far, judge_commit(&on->change->commits[i], how, on));
	return so_far.holds == TRI_YES && missing.len > 0 ? answer_unknown(missing) : so_far;
}

bool has_valid_signatures_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	bool *want = arena_alloc(parse->arena, 1, sizeof *want);

	*ret_args = want;
	return read_bool(parse, value, want);
}

struct answer has_valid_signatures_ask(const void *args, const struct judging *on)
{
	return answer_wanted(*(const bool *)args, judge_commits(&(struct signing){NULL, NULL}, on));
}

bool has_valid_signatures_by_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	struct actors *actors = arena_alloc(parse->arena, 1, sizeof *actors);

	*ret_args = actors;
	return actors_read(parse, value, "has_valid_signatures_by", actors);
}

static struct answer signed_by(const void *args, const struct commit *commit, const struct judging *on)
{
	int64_t signer = commit->signature.signer;
	struct text sha = oid_short(&commit->sha);
	enum tri named = actors_match(args, on->facts, signer);

	if (signer == 0)
		return answer_unknown(arena_printf(on->arena, "an account for who signed commit %.*s", TEXT_ARG(sha)));
	if (named == TRI_UNKNOWN)
		return answer_unknown(arena_printf(on->arena, "the permissions and memberships of %.*s",
						   TEXT_ARG(contributor_name(signer, on))));
	if (named == TRI_NO)
		return answer_no(arena_printf(on->arena, "%.*s, who signed commit %.*s, is not one whom the rule names",
					      TEXT_ARG(contributor_name(signer, on)), TEXT_ARG(sha)));
	return answer_yes(TEXT_EMPTY);
}

struct answer has_valid_signatures_by_ask(const void *args, const struct judging *on)
{
	return judge_commits(&(struct signing){signed_by, args}, on);
}

/* ---- whom the commit names ---- */

enum named { NAMED_AUTHOR = 0, NAMED_COMMITTER };

bool signer_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	enum named *named = arena_alloc(parse->arena, 1, sizeof *named);
	struct text word;

	*ret_args = named;
	if (!read_text(parse, value, &word))
		return false;
	*named = text_is(word, "committer") ? NAMED_COMMITTER : NAMED_AUTHOR;
	if (*named == NAMED_AUTHOR && !text_is(word, "author"))
		return yaml_problem(value, parse->problem,
				    "signer is author or committer; for others there is has_valid_signatures_by");
	return true;
}

static struct answer signed_as_named(const void *args, const struct commit *commit, const struct judging *on)
{
	bool author = *(const enum named *)args == NAMED_AUTHOR;
	int64_t named = author ? commit->author.id : commit->committer.id;
	struct text sha = oid_short(&commit->sha);
	const char *whom = author ? "author" : "committer";

	if (commit->signature.signer == 0)
		return answer_unknown(arena_printf(on->arena, "an account for who signed commit %.*s", TEXT_ARG(sha)));
	if (named == 0)
		return answer_unknown(
			arena_printf(on->arena, "an account for the %s of commit %.*s", whom, TEXT_ARG(sha)));
	if (named != commit->signature.signer)
		return answer_no(arena_printf(on->arena, "commit %.*s is not signed by its %s", TEXT_ARG(sha), whom));
	return answer_yes(TEXT_EMPTY);
}

struct answer signer_ask(const void *args, const struct judging *on)
{
	return judge_commits(&(struct signing){signed_as_named, args}, on);
}

/* ---- keys ---- */

struct key_ids {
	const struct text *items;
	size_t n;
};

static bool key_id(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		char c = t.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
	}
	return t.len == 16;
}

static bool read_key_ids(struct parse *parse, const struct yaml *value, void *out)
{
	struct key_ids *ids = out;

	if (!read_texts(parse, value, &ids->items, &ids->n))
		return false;
	for (size_t i = 0; i < ids->n; i++)
		if (!key_id(ids->items[i]))
			return yaml_problem(&value->items[i], parse->problem,
					    "a key id is the last 16 hexadecimal digits of an OpenPGP key");
	return true;
}

bool has_valid_signatures_by_keys_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"key_ids", NULL, NULL}, read_key_ids}};
	static const struct keys keys = KEYS(rows);
	struct key_ids *ids = arena_alloc(parse->arena, 1, sizeof *ids);

	*ret_args = ids;
	if (!keys_read(parse, value, &keys, "has_valid_signatures_by_keys", ids))
		return false;
	if (ids->n == 0)
		return yaml_problem(value, parse->problem,
				    "`has_valid_signatures_by_keys` names at least one key in `key_ids`");
	return true;
}

static struct answer signed_with(const void *args, const struct commit *commit, const struct judging *on)
{
	const struct key_ids *ids = args;
	struct text sha = oid_short(&commit->sha), key = commit->signature.key_id;

	for (size_t i = 0; i < ids->n; i++)
		if (text_eq_nocase(ids->items[i], key))
			return answer_yes(TEXT_EMPTY);
	if (key.len == 0)
		return answer_no(
			arena_printf(on->arena, "commit %.*s is not signed with an OpenPGP key", TEXT_ARG(sha)));
	return answer_no(arena_printf(on->arena, "commit %.*s is signed with key %.*s, which the rule does not name",
				      TEXT_ARG(sha), TEXT_ARG(plain(key, 40, on->arena))));
}

struct answer has_valid_signatures_by_keys_ask(const void *args, const struct judging *on)
{
	return judge_commits(&(struct signing){signed_with, args}, on);
}
