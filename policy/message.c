/* A row for each dialect; what a reading consists of is in message_bugs.c, message_named.c, message_tokens.c,
 * message_undo.c and message_suspicion.c. */
#include "policy/message_scan.h"

#include <string.h>

static const struct dialect {
	const char *name;
	bool guarded; /* a suspicious message permits nothing, and override words are words of the first line */
	struct token_plan tokens;
	struct undo_plan undo;
} dialects[] = {
	[MESSAGE_STRICT] = {"strict", true, {false, MESSAGE_NAMES_MAX}, {BUGS_STRICTLY, false}},
	[MESSAGE_VCT] = {"vct", false, {false, SIZE_MAX}, {BUGS_BY_ORIGIN, false}},
	[MESSAGE_LANDO] = {"lando", false, {true, SIZE_MAX}, {BUGS_CONSERVATIVE, true}},
};

bool message_dialect_parse(struct text name, enum message_dialect *ret)
{
	for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++)
		if (text_is(name, dialects[i].name)) {
			*ret = (enum message_dialect)i;
			return true;
		}
	return false;
}

/* Never further than it is: a message may be lines from end to end. */
static size_t line_end(struct text t)
{
	size_t at = 0;

	for (; t.len - at >= WIDE; at += WIDE) {
		wide x = wide_at(t.at + at);
		size_t first = wide_first((wide)((x == '\n') | (x == '\r')));

		if (first < WIDE)
			return at + first;
	}
	while (at < t.len && t.at[at] != '\n' && t.at[at] != '\r')
		at++;
	return at;
}

bool message_line(struct text *rest, struct text *ret)
{
	struct text t = *rest;
	size_t end, next;

	if (t.len == 0)
		return false;
	end = line_end(t);
	next = end + (end < t.len); /* \r\n leaves one more line, which is empty and says nothing */
	*ret = (struct text){t.at, end};
	*rest = (struct text){t.at + next, t.len - next};
	return true;
}

/* ---- override words ---- */

static bool closes(char c)
{
	return byte_blank(c) || c == ')' || c == ']' || c == '.' || c == ';' || c == ',';
}

static bool stands_alone(struct text t, size_t from, size_t end)
{
	return (from == 0 || byte_separator(t.at[from - 1])) && (end == t.len || closes(t.at[end]));
}

static bool holds(struct text t, struct text word, bool alone)
{
	size_t at = 0;

	while (t.len - at >= word.len) {
		const char *first = memchr(t.at + at, word.at[0], t.len - at - word.len + 1);

		if (!first)
			return false;
		at = (size_t)(first - t.at);
		if (memcmp(first, word.at, word.len) == 0 && (!alone || stands_alone(t, at, at + word.len)))
			return true;
		at++;
	}
	return false;
}

/* ---- a reading ---- */

void message_read(struct text bytes, enum message_dialect dialect, struct arena *arena, struct message *ret)
{
	const struct dialect *d = &dialects[dialect];
	struct message_bug_lists bugs;
	struct text rest, searched;

	if (bytes.len == 0)
		bytes = TEXT_LIT("");
	*ret = (struct message){.first_line = bytes};
	rest = bytes;
	(void)message_line(&rest, &ret->first_line);
	message_suspect(bytes, ret);
	message_bugs(bytes, d->undo.bugs, arena, &bugs);
	ret->bugs = message_bugs_by(bytes, d->undo.bugs, &bugs);
	ret->bugs_conservative = bugs.conservative;
	if (d->guarded && ret->suspicious)
		return;
	message_tokens(ret->first_line, d->tokens, arena, ret);
	message_backouts(bytes, d->undo, arena, ret);
	message_reverts(bytes, d->undo, arena, ret);
	searched = d->guarded ? ret->first_line : bytes;
	ret->closed_tree = holds(searched, TEXT_LIT("CLOSED TREE"), d->guarded);
	ret->closedbug = holds(searched, TEXT_LIT("CLOSEDBUG"), d->guarded);
}

bool message_has_word(const struct message *message, struct text word)
{
	return !message->suspicious && word.len > 0 && holds(message->first_line, word, true);
}

void message_parse(struct text bytes, struct arena *arena, struct message *ret)
{
	message_read(bytes, MESSAGE_STRICT, arena, ret);
}
