/*
 * message: the commit-message grammar: bytes in, slices out. Total over any bytes, linear time, no locale: letters,
 * digits and blanks are ASCII, and a line ends at \n, \r\n or \r.
 *
 * `vct` reads what Mozilla's version-control-tools read, `lando` what Lando reads, in bytes. `strict` is what verdicts
 * use: against vct, what can permit is a subset and what can only deny (bugs) a superset: what people write, too. A
 * message that holds control bytes (but \t, \n and a \r before \n), characters that hide or reorder what is read, or
 * what looks like another number than is read, is `suspicious`; strictly it then carries no name, no override word, no
 * backout and no revert. The other dialects only say why it is.
 *
 * Everything is owned by the arena or borrowed from `bytes`.
 */
#ifndef POLICY_MESSAGE_H
#define POLICY_MESSAGE_H

#include "policy/arena.h"

enum message_dialect { MESSAGE_STRICT = 0, MESSAGE_VCT, MESSAGE_LANDO };
enum { MESSAGE_SUSPICIONS = 8 };

#define MESSAGE_BUG_MAX   99999999 /* a higher number is none */
#define MESSAGE_NAMES_MAX 250      /* strict: of one message; names behind them are not read */

struct message_token {
	struct text flag; /* "a", "r", "sr", "rs", "ui-r", without the '=' */
	bool asked;       /* written with '?' */
	struct text name; /* one name; a list gives several tokens. lando: "#group", "name!" as written */
};

struct message_bugs { /* in order of first appearance, each once */
	const int64_t *at;
	size_t n;
};

struct message_undone { /* what a backout or revert names */
	bool given;
	const struct text *nodes; /* as written, in order */
	size_t n_nodes;
	struct message_bugs bugs;
};

struct message {
	struct text first_line;
	bool suspicious;
	const char *why_suspicious; /* static text; NULL unless suspicious */
	/* Static texts, each once, in order of first appearance; one about the number of a bug stands alone. */
	const char *suspicions[MESSAGE_SUSPICIONS];
	size_t n_suspicions;
	const struct message_token *tokens; /* of the first line */
	size_t n_tokens;
	bool names_cut; /* strict: there are names that were not read, so that one that is not found may be there */
	struct message_bugs bugs;              /* strict: every form; vct: fewer where the message says so */
	struct message_bugs bugs_conservative; /* only "bug N" and "b=N" as words */
	bool is_backout;                       /* begins like one; what it backs out may still not be readable */
	struct message_undone backouts, backouts_strict; /* Mercurial's; strict: N changesets must be N */
	struct message_undone reverts;                   /* git's */
	bool closed_tree, closedbug; /* override words: anywhere; strict: as words of the first line */
};

void message_read(struct text bytes, enum message_dialect dialect, struct arena *arena, struct message *ret);

/* The strict reading. */
void message_parse(struct text bytes, struct arena *arena, struct message *ret);

/* Does the first line have this as a word of its own? Never in a message that is suspicious. */
bool message_has_word(const struct message *message, struct text word);

/* "strict", "vct", "lando"; false: none of these. */
bool message_dialect_parse(struct text name, enum message_dialect *ret);

#endif
