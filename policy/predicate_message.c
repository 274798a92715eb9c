#include "policy/bug_view.h"
#include "policy/keys.h"
#include "policy/message.h"
#include "policy/predicate.h"

struct commit_token {
	struct text key;
	const struct text *values;
	size_t n_values;
	struct text missing;
};

static bool read_key(struct parse *parse, const struct yaml *value, void *out)
{
	static const char *const flags[] = {"a", "r", "sr", "rs", "ui-r"};
	struct commit_token *args = out;

	if (!read_text(parse, value, &args->key))
		return false;
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (text_is(args->key, flags[i]))
			return true;
	return yaml_problem(value, parse->problem, "a token's key is one of a, r, sr, rs, ui-r");
}

static bool read_values(struct parse *parse, const struct yaml *value, void *out)
{
	struct commit_token *args = out;

	if (!read_texts(parse, value, &args->values, &args->n_values))
		return false;
	if (args->n_values == 0) /* a list that lost its last entry must not come to mean everybody */
		return yaml_problem(value, parse->problem,
				    "`values` names at least one; leave it out to allow any name");
	return true;
}

bool commit_token_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"key", NULL, NULL}, read_key}, {{"values", NULL, NULL}, read_values}};
	static const struct keys keys = KEYS(rows);
	struct commit_token *args = arena_alloc(parse->arena, 1, sizeof *args);

	if (!keys_read(parse, value, &keys, "commit_token", args))
		return false;
	if (args->key.len == 0)
		return yaml_problem(value, parse->problem, "`commit_token` needs a `key`");
	args->missing = arena_printf(parse->arena, "a commit that names it carries no allowed %.*s= token",
				     TEXT_ARG(args->key));
	*ret_args = args;
	return true;
}

static bool allowed(const struct commit_token *args, struct text name)
{
	for (size_t i = 0; i < args->n_values; i++)
		if (text_eq(name, args->values[i]))
			return true;
	return args->n_values == 0;
}

static bool carries(const struct commit_token *args, const struct message *message)
{
	for (size_t i = 0; i < message->n_tokens; i++) {
		const struct message_token *token = &message->tokens[i];

		if (!token->asked && text_eq(token->flag, args->key) && allowed(args, token->name))
			return true;
	}
	return false;
}

/* Of every commit; in a block of `bugs`, of those that name the bug. */
static struct answer of_naming(const struct commit_token *args, const struct judging *on)
{
	const struct named_bug *named = on->bug->named;

	for (size_t i = 0; i < named->n_by; i++)
		if (!carries(args, &named->by[i]->message))
			return answer_no(args->missing);
	return named->n_by > 0 ? answer_yes(TEXT_EMPTY) : answer_no(TEXT_LIT("no commit names it"));
}

/* A message that can mislead a reader is neither a yes nor a no, whatever is asked of it and of the other commits. */
struct answer commit_token_ask(const void *raw, const struct judging *on)
{
	const struct commit_token *args = raw;
	const struct commit *without = NULL;

	if (on->bug) /* whoever asks that way has looked for messages that mislead */
		return of_naming(args, on);
	for (size_t i = 0; i < on->change->n_commits; i++) {
		const struct commit *commit = &on->change->commits[i];
		struct message message;

		message_parse(commit->message, on->arena, &message);
		if (message.suspicious)
			return answer_stuck(arena_printf(on->arena, "the message of commit %.*s holds %s",
							 TEXT_ARG(oid_short(&commit->sha)), message.why_suspicious));
		if (!without && !carries(args, &message))
			without = commit;
	}
	if (on->change->n_commits == 0)
		return answer_unknown(TEXT_LIT("the list of commits"));
	if (without)
		return answer_no(arena_printf(on->arena, "commit %.*s carries no allowed %.*s= token",
					      TEXT_ARG(oid_short(&without->sha)), TEXT_ARG(args->key)));
	return answer_yes(TEXT_EMPTY);
}
