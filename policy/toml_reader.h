/*
 * toml_reader: the position in a TOML text, shared by the files that read it (toml.c statements and tables,
 * toml_value.c keys and nested values, toml_string.c, toml_scalar.c). Not for others: see toml.h.
 *
 * The text has newlines as its only line ends, is valid UTF-8 and holds no control byte but tab and newline; so no byte
 * of it is NUL, and a peek past the end is 0. Every function that returns false or NULL has filled *problem.
 */
#ifndef POLICY_TOML_READER_H
#define POLICY_TOML_READER_H

#include "policy/toml.h"

struct toml_place {
	size_t at;
	unsigned line, column;
};

struct toml_reader {
	struct text src;
	size_t at;
	struct toml_place seen; /* the last place that was asked for: lines are counted once */
	struct arena *arena;
	struct problem *problem;
	char *scratch; /* for the one string being read; no value is longer than the text */
	unsigned depth_max, nodes_max;
	unsigned nodes;
	unsigned section; /* counts headers, from 1 */
};

struct toml_part { /* of a dotted key */
	struct text text;
	unsigned line, column;
	struct toml_part *next;
};

/* ---- toml_value.c ---- */
/* Of a byte not before the last that was asked for. */
struct toml_place toml_place(struct toml_reader *r, size_t at);
bool toml_refuse(struct toml_reader *r, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));
char toml_peek(const struct toml_reader *r);
bool toml_starts(const struct toml_reader *r, const char *word);
void toml_skip_blanks(struct toml_reader *r); /* spaces and tabs */
void toml_skip_comment(struct toml_reader *r);
/* "`a`", "a newline", "the end of the file": what stands there, for messages; owned by the arena. */
const char *toml_found(struct toml_reader *r);

struct toml *toml_node(struct toml_reader *r, enum toml_kind kind, unsigned depth, size_t at);
void toml_append(struct toml *parent, struct toml *child);
struct toml *toml_member(const struct toml *table, struct text key);

/* A key with its dots, and behind it blanks; NULL: refused. */
struct toml_part *toml_key(struct toml_reader *r);
/* The table that this part of a key names below `table`, made where there is none. */
struct toml *toml_step(struct toml_reader *r, struct toml *table, const struct toml_part *part);
/* `= value` becomes the member of the table that the key's last part names. */
bool toml_assign(struct toml_reader *r, struct toml *table, const struct toml_part *part);
bool toml_taken(struct toml_reader *r, const struct toml *member);

/* ---- toml_string.c ---- */
/* At a quote. `one_line` refuses the three-quote forms, for keys. */
bool toml_string(struct toml_reader *r, bool one_line, struct text *ret);

/* ---- toml_scalar.c ---- */
bool toml_scalar(struct toml_reader *r, struct toml *node);

#endif
