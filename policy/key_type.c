#include "policy/key_type.h"

#define DEPTH_MAX 16
#define ITEMS_MAX 32

static const struct key_word words[] = {
	{"text", WORD_TEXT, NULL, "text"},
	{"name", WORD_TEXT, NULL, "a name"},
	{"label", WORD_TEXT, NULL, "a label, without regard to case"},
	{"path", WORD_TEXT, NULL, "a path from the root of the repository"},
	{"base", WORD_TEXT, "^base$", "base, and nothing else"},
	{"this", WORD_TEXT, "^this$", "this, and nothing else"},
	{"flag_status", WORD_TEXT, "^[-+?]$", "+, - or ?"},
	{"token", WORD_TEXT, "^(a|r|sr|rs|ui-r)$", "a, r, sr, rs or ui-r"},
	{"event", WORD_TEXT, NULL, "an event that starts a workflow"},
	{"app", WORD_TEXT, NULL, "the short name of an app"},
	{"conclusion", WORD_TEXT, "^[a-z_]+$", "success, failure, neutral, skipped, ..."},
	{"comparison", WORD_TEXT, "^[<>=] *[0-9]+$", "such as \"< 100\""},
	{"key_id", WORD_TEXT, "^[0-9A-Fa-f]{16}$", "an OpenPGP key: 16 hexadecimal digits"},
	{"day", WORD_TEXT, "^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$", "mon, or mon-fri"},
	{"clock", WORD_TEXT, "^[0-2][0-9]:[0-5][0-9]$", "a time of the day, such as \"09:00\"; up to \"24:00\""},
	{"offset", WORD_TEXT, "^[+-][01][0-9]:[0-5][0-9]$", "how far the clock is ahead of UTC, such as \"+01:00\""},
	{"time", WORD_TEXT, "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}",
	 "such as 2026-12-24T00:00:00Z"},
	{"pattern", WORD_TEXT, NULL, "a regular expression; it is searched for, so bind it with ^ and $"},
	{"login", WORD_TEXT, NULL, "a login, or id:NUMBER"},
	{"team", WORD_TEXT, "^[^/]+/.+$", "organization/slug"},
	{"boolean", WORD_BOOLEAN, NULL, "true or false"},
	{"entry", WORD_TYPE, "text | {and!: [entry]} | {or!: [entry]} | {at_least!: at_least} | {distinct!: [entry]}",
	 "a rule's name, or entries joined"},
	{"at_least", WORD_ROWS, "at_least.", "so many of the members"},
	{"rule", WORD_ROWS, "approval_rules[].", "a rule"},
	{"options", WORD_ROWS, "approval_rules[].options.", "exceptions"},
	{"methods", WORD_ROWS, "approval_rules[].options.methods.", "how approval is given"},
	{"push", WORD_ROWS, "policy.pushes.*.", "what a commit pushed to such a branch needs"},
	{"context", WORD_ROWS, "policy.contexts.*.", "what one more status says"},
	{"disapproval", WORD_ROWS, "policy.disapproval.", "who and what can block a change"},
	{"guards", WORD_ROWS, "policy.guards.", "the guards that stand beside the rules"},
	{"bug_conditions", WORD_ROWS, "bugs.", "conditions on one bug that must all hold"},
	{"conditions", WORD_CONDITIONS, NULL, "conditions that must all hold"},
	{"map", WORD_ROWS, NULL, "a map"}, /* the rows below its own path */
};

const struct key_word *key_word_at(size_t i)
{
	return i < sizeof words / sizeof words[0] ? &words[i] : NULL;
}

const struct key_word *key_word_find(struct text name)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (text_is(name, words[i].name))
			return &words[i];
	return NULL;
}

struct reading {
	struct text rest;
	struct arena *arena;
	const char *why; /* NULL as long as nothing is wrong */
	unsigned depth;
};

static bool wrong(struct reading *r, const char *why)
{
	if (!r->why)
		r->why = why;
	return false;
}

static void skip(struct reading *r, size_t n)
{
	r->rest = (struct text){r->rest.at + n, r->rest.len - n};
	while (r->rest.len > 0 && r->rest.at[0] == ' ')
		r->rest = (struct text){r->rest.at + 1, r->rest.len - 1};
}

static bool accept(struct reading *r, const char *mark)
{
	struct text t = text_of(mark);

	if (!text_starts(r->rest, t))
		return false;
	skip(r, t.len);
	return true;
}

static bool expected(struct reading *r, const char *mark, const char *why)
{
	return accept(r, mark) || wrong(r, why);
}

static struct text take_word(struct reading *r)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	struct text word = r->rest;

	for (word.len = 0; word.len < r->rest.len && memchr(plain, word.at[word.len], sizeof plain - 1); word.len++)
		;
	skip(r, word.len);
	return word;
}

static bool read_type(struct reading *r, struct key_type *ret);

static bool read_list(struct reading *r, struct key_type *ret)
{
	struct key_type *item = arena_alloc(r->arena, 1, sizeof *item);

	*ret = (struct key_type){.kind = KEY_LIST, .items = item};
	if (accept(r, "]"))
		return true;
	ret->n = 1;
	return read_type(r, item) && expected(r, "]", "a list is not closed");
}

static bool read_member(struct reading *r, struct key_member *ret)
{
	struct key_type *type = arena_alloc(r->arena, 1, sizeof *type);

	*ret = (struct key_member){.type = type};
	if (accept(r, "*"))
		ret->name = TEXT_LIT("*");
	else
		ret->name = take_word(r);
	if (ret->name.len == 0)
		return wrong(r, "a member has no name");
	ret->must = accept(r, "!");
	return !accept(r, ":") || read_type(r, type);
}

static bool read_map(struct reading *r, struct key_type *ret)
{
	struct key_member *members = arena_alloc(r->arena, ITEMS_MAX, sizeof *members);

	*ret = (struct key_type){.kind = KEY_MAP, .members = members};
	do {
		if (ret->n == ITEMS_MAX)
			return wrong(r, "too many members");
		if (!read_member(r, &members[ret->n++]))
			return false;
	} while (accept(r, ","));
	return expected(r, "}", "a map is not closed");
}

static bool read_integer(struct reading *r, struct key_type *ret)
{
	*ret = (struct key_type){.kind = KEY_INTEGER, .least = INT64_MIN};
	if (!accept(r, ">="))
		return true;
	return text_int64(take_word(r), &ret->least) || wrong(r, "no number follows >=");
}

static bool read_one(struct reading *r, struct key_type *ret)
{
	struct text word;

	if (accept(r, "["))
		return read_list(r, ret);
	if (accept(r, "{"))
		return read_map(r, ret);
	word = take_word(r);
	if (word.len == 0)
		return wrong(r, "a type is missing");
	if (text_is(word, "integer"))
		return read_integer(r, ret);
	*ret = (struct key_type){.kind = key_word_find(word) ? KEY_WORD : KEY_LITERAL, .word = word};
	if (!text_is(word, "boolean") || !accept(r, "="))
		return true;
	ret->preset = accept(r, "true");
	return ret->preset || accept(r, "false") || wrong(r, "true or false follows =");
}

static bool read_type(struct reading *r, struct key_type *ret)
{
	struct key_type *items = arena_alloc(r->arena, ITEMS_MAX, sizeof *items);
	size_t n = 0;

	if (++r->depth > DEPTH_MAX)
		return wrong(r, "nested too deep");
	do {
		if (n == ITEMS_MAX)
			return wrong(r, "too many alternatives");
		if (!read_one(r, &items[n++]))
			return false;
	} while (accept(r, "|") || accept(r, "or "));
	r->depth--;
	*ret = n == 1 ? items[0] : (struct key_type){.kind = KEY_ONE_OF, .items = items, .n = n};
	if (n == 1 && ret->kind == KEY_LITERAL && !text_is(ret->word, "true") && !text_is(ret->word, "false"))
		return wrong(r, "a word that is no type stands alone");
	return true;
}

const struct key_type *key_type_parse(struct text notation, struct arena *arena, const char **why)
{
	struct reading r = {.rest = notation, .arena = arena};
	struct key_type *type = arena_alloc(arena, 1, sizeof *type);

	skip(&r, 0);
	if (read_type(&r, type) && r.rest.len > 0)
		(void)wrong(&r, "something follows the type");
	*why = r.why;
	return r.why ? NULL : type;
}
