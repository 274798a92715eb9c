#include "policy/bug_view.h"
#include "policy/commit_message.h"
#include "policy/keys.h"
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

static enum tri carries(const struct commit_token *args, const struct message *message)
{
	for (size_t i = 0; i < message->n_tokens; i++) {
		const struct message_token *token = &message->tokens[i];

		if (!token->asked && text_eq(token->flag, args->key) && allowed(args, token->name))
			return TRI_YES;
	}
	return message->names_cut ? TRI_UNKNOWN : TRI_NO;
}

/* Of every commit; in a block of `bugs`, of those that name the bug. */
static struct answer of_naming(const struct commit_token *args, const struct judging *on)
{
	const struct named_bug *named = on->bug->named;

	for (size_t i = 0; i < named->n_by; i++) {
		enum tri carried = carries(args, &named->by[i]->message);

		if (carried == TRI_UNKNOWN)
			return answer_stuck(TEXT_LIT("a commit that names it carries more names than are read"));
		if (carried == TRI_NO)
			return answer_no(args->missing);
	}
	return named->n_by > 0 ? answer_yes(TEXT_EMPTY) : answer_no(TEXT_LIT("no commit names it"));
}

/* A message that can mislead a reader is neither a yes nor a no, whatever is asked of it and of the other commits; nor
 * is one with more names than are read, unless what is asked for is among these. */
struct answer commit_token_ask(const void *raw, const struct judging *on)
{
	const struct commit_token *args = raw;
	const struct commit *without = NULL;

	if (on->bug) /* whoever asks that way has looked for messages that mislead */
		return of_naming(args, on);
	for (size_t i = 0; i < on->change->n_commits; i++) {
		const struct commit *commit = &on->change->commits[i];
		auto_arena struct arena scratch = ARENA_EMPTY; /* many conditions may read the same message */
		struct message message;
		enum tri carried;

		commit_message(commit, &scratch, &message);
		if (message.suspicious)
			return answer_stuck(arena_printf(on->arena, "the message of commit %.*s holds %s",
							 TEXT_ARG(oid_short(&commit->sha)), message.why_suspicious));
		carried = carries(args, &message);
		if (carried == TRI_UNKNOWN)
			return answer_stuck(arena_printf(on->arena, "commit %.*s carries more than %d names",
							 TEXT_ARG(oid_short(&commit->sha)), MESSAGE_NAMES_MAX));
		if (!without && carried == TRI_NO)
			without = commit;
	}
	if (on->change->n_commits == 0)
		return answer_unknown(TEXT_LIT("the list of commits"));
	if (without)
		return answer_no(arena_printf(on->arena, "commit %.*s carries no allowed %.*s= token",
					      TEXT_ARG(oid_short(&without->sha)), TEXT_ARG(args->key)));
	return answer_yes(TEXT_EMPTY);
}

/* ---- words ---- */

#define WORDS_MAX 16
#define WORD_MAX  60

struct message_word {
	const struct text *words;
	size_t n_words;
	bool tip;
};

static bool inside_word(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Letters, digits and `_`, with single blanks and hyphens between: what looks like it, and is another, is none. */
static bool word_ok(struct text word)
{
	for (size_t i = 0; i < word.len; i++) {
		bool joins = word.at[i] == ' ' || word.at[i] == '-';

		if (!joins && !inside_word(word.at[i]))
			return false;
		if (joins && (i == 0 || i + 1 == word.len || !inside_word(word.at[i - 1])))
			return false;
	}
	return word.len <= WORD_MAX;
}

static bool read_words(struct parse *parse, const struct yaml *value, void *out)
{
	struct message_word *args = out;

	if (!read_texts(parse, value, &args->words, &args->n_words))
		return false;
	if (args->n_words == 0 || args->n_words > WORDS_MAX)
		return yaml_problem(value, parse->problem, "expected 1 to %d words", WORDS_MAX);
	for (size_t i = 0; i < args->n_words; i++)
		if (!word_ok(args->words[i]))
			return yaml_problem(
				&value->items[i], parse->problem,
				"a word has at most %d letters, digits and `_`, with one blank or `-` between",
				WORD_MAX);
	return true;
}

static bool read_where(struct parse *parse, const struct yaml *value, void *out)
{
	struct message_word *args = out;
	struct text where;

	if (!read_text(parse, value, &where))
		return false;
	args->tip = text_is(where, "tip");
	return args->tip || text_is(where, "every") ||
	       yaml_problem(value, parse->problem, "expected every, or tip: the newest commit");
}

bool message_word_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"words", NULL, NULL}, read_words}, {{"where", NULL, NULL}, read_where}};
	static const struct keys keys = KEYS(rows);
	struct message_word *args = arena_alloc(parse->arena, 1, sizeof *args);

	if (!keys_read(parse, value, &keys, "message_word", args))
		return false;
	if (args->n_words == 0)
		return yaml_problem(value, parse->problem, "`message_word` needs `words`");
	*ret_args = args;
	return true;
}

static bool has_word(const struct message_word *args, const struct message *message)
{
	for (size_t i = 0; i < args->n_words; i++)
		if (message_has_word(message, args->words[i]))
			return true;
	return false;
}

struct answer message_word_ask(const void *raw, const struct judging *on)
{
	const struct message_word *args = raw;
	const struct commit *without = NULL;
	size_t n = 0;

	for (size_t i = 0; i < on->change->n_commits; i++) {
		const struct commit *commit = &on->change->commits[i];
		auto_arena struct arena scratch = ARENA_EMPTY; /* many conditions may read the same message */
		struct message message;

		if (args->tip && !oid_eq(&commit->sha, &on->facts->head))
			continue;
		n++;
		commit_message(commit, &scratch, &message);
		if (message.suspicious)
			return answer_stuck(arena_printf(on->arena, "the message of commit %.*s holds %s",
							 TEXT_ARG(oid_short(&commit->sha)), message.why_suspicious));
		if (!without && !has_word(args, &message))
			without = commit;
	}
	if (n == 0)
		return answer_unknown(TEXT_LIT("the list of commits"));
	if (without)
		return answer_no(arena_printf(on->arena, "commit %.*s does not say %.*s in its first line",
					      TEXT_ARG(oid_short(&without->sha)), TEXT_ARG(args->words[0])));
	return answer_yes(TEXT_EMPTY);
}
