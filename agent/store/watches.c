#include "agent/store/watches.h"

#include "agent/store/tables.h"

#define NAME_BYTES  250 /* an event's is cut a little behind that */
#define STATE_BYTES 40
#define EVERYTHING  "*"

static const char kinds[] = {
	[OUTCOME_STATUS] = 's', [OUTCOME_CHECK] = 'k', [OUTCOME_WORKFLOW] = 'w', [WATCH_TALK] = 'c'};

static struct text cut(struct text name)
{
	return (struct text){name.at, name.len < NAME_BYTES ? name.len : NAME_BYTES};
}

bool watch_same_name(struct text a, struct text b)
{
	return text_eq(cut(a), cut(b));
}

static bool fits(struct text name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] == '\n' || name.at[i] == '\0')
			return false;
	return name.len > 0;
}

static bool next_line(struct text *rest, struct text *ret)
{
	size_t end = text_find(*rest, TEXT_LIT("\n"));

	if (end == SIZE_MAX)
		return false;
	*ret = (struct text){rest->at, end};
	*rest = (struct text){rest->at + end + 1, rest->len - end - 1};
	return true;
}

static struct text next_word(struct text *rest)
{
	size_t end = text_find(*rest, TEXT_LIT(" "));
	struct text word = *rest;

	if (end == SIZE_MAX) {
		*rest = TEXT_EMPTY;
		return word;
	}
	word.len = end;
	*rest = (struct text){rest->at + end + 1, rest->len - end - 1};
	return word;
}

/* ---- watches ---- */

static struct text watch_line(const struct watch *watch, struct arena *arena)
{
	return arena_printf(arena, "%c %c %c %.*s\n", (char)watch->scope, kinds[watch->kind], watch->weighs ? '!' : '.',
			    TEXT_ARG(cut(watch->name)));
}

struct text watches_write(const struct watch *at, size_t n, struct arena *arena)
{
	struct text all = TEXT_EMPTY;

	for (size_t i = 0; i < n; i++) {
		struct text line = watch_line(&at[i], arena);

		if (!fits(at[i].name) || all.len + line.len > WATCHES_BYTES)
			return TEXT_LIT(EVERYTHING);
		all = arena_printf(arena, "%.*s%.*s", TEXT_ARG(all), TEXT_ARG(line));
	}
	return all;
}

static enum watched line_asks(struct text line, const struct watch *watch)
{
	struct text scope = next_word(&line), kind = next_word(&line), weight = next_word(&line);

	if (scope.len != 1 || kind.len != 1 || scope.at[0] != (char)watch->scope || kind.at[0] != kinds[watch->kind] ||
	    (watch->name.len > 0 && !text_eq(line, cut(watch->name))))
		return WATCHED_NOT;
	return text_is(weight, "!") ? WATCHED_WEIGHS : WATCHED_SHOWN;
}

enum watched watches_ask(struct text watches, const struct watch *watch)
{
	enum watched most = WATCHED_NOT, one;
	struct text line;

	if (text_is(watches, EVERYTHING))
		return WATCHED_WEIGHS;
	while (next_line(&watches, &line)) {
		one = line_asks(line, watch);
		most = one > most ? one : most;
	}
	return most;
}

/* ---- what was heard ---- */

static enum outcome_kind kind_of(struct text word)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (word.len == 1 && word.at[0] == kinds[i])
			return (enum outcome_kind)i;
	return OUTCOME_STATUS;
}

bool heard_next(struct text *rest, struct heard *ret)
{
	struct text line, scope, kind, fence, id, at;

	if (!next_line(rest, &line))
		return false;
	scope = next_word(&line);
	kind = next_word(&line);
	fence = next_word(&line);
	id = next_word(&line);
	at = next_word(&line);
	*ret = (struct heard){.scope = WATCH_EVERYTHING, .kind = kind_of(kind)};
	if (scope.len == 1 && (scope.at[0] == WATCH_HEAD || scope.at[0] == WATCH_PARTS))
		ret->scope = (enum watch_scope)scope.at[0];
	(void)(text_int64(fence, &ret->fence) && text_int64(id, &ret->id) && text_int64(at, &ret->at));
	ret->state = next_word(&line);
	ret->name = line;
	return true;
}

static struct text heard_line(const struct heard *heard, struct arena *arena)
{
	return arena_printf(arena, "%c %c %lld %lld %lld %.*s %.*s\n", (char)heard->scope, kinds[heard->kind],
			    (long long)heard->fence, (long long)heard->id, (long long)heard->at, TEXT_ARG(heard->state),
			    TEXT_ARG(cut(heard->name)));
}

static bool is_over(const struct heard *old, const struct heard *news)
{
	if (old->fence != news->fence && old->at + FLOOR_LAG_MS < news->at)
		return true;
	if (news->scope != old->scope || news->kind != old->kind || !watch_same_name(news->name, old->name))
		return false;
	/* A run is one number whatever becomes of it; each status is a new one. */
	return news->id == old->id || (news->kind == OUTCOME_STATUS && news->id > old->id);
}

/* A word of the forge is one word; anything else is no state that an answer could show. */
static struct text one_word(struct text state)
{
	for (size_t i = 0; i < state.len; i++)
		if ((state.at[i] < 'a' || state.at[i] > 'z') && state.at[i] != '_')
			return TEXT_LIT("?");
	return state.len > 0 && state.len <= STATE_BYTES ? state : TEXT_LIT("?");
}

struct text heard_add(struct text all, const struct heard *news, struct arena *arena)
{
	struct heard one = *news, old, everything = {.scope = WATCH_EVERYTHING, .fence = news->fence, .at = news->at};
	struct text kept, rest = all;

	one.state = one_word(news->state);
	kept = heard_line(&one, arena);
	while (heard_next(&rest, &old))
		if (!is_over(&old, &one)) {
			struct text line = heard_line(&old, arena);

			kept = arena_printf(arena, "%.*s%.*s", TEXT_ARG(line), TEXT_ARG(kept));
		}
	return fits(news->name) && kept.len <= WATCHES_BYTES ? kept : heard_line(&everything, arena);
}

bool heard_concerns(struct text all, int64_t fence, struct text watches)
{
	struct heard heard;

	while (heard_next(&all, &heard)) {
		struct watch watch = {heard.scope, heard.kind, false, heard.name};

		if (heard.fence != fence)
			continue;
		if (heard.scope == WATCH_EVERYTHING ? watches.len > 0 : watches_ask(watches, &watch) != WATCHED_NOT)
			return true;
	}
	return false;
}
