/*
 * key_type: what the types of keys (struct policy_key) say, in a notation that both people and the schema read:
 *
 *     type    = one { "|" one }                    any of these; "or" may stand for "|"
 *     one     = "[" [type] "]"                     a list; "[]" is the empty one
 *             | "{" member { "," member } "}"      a map of these keys and no others
 *             | "integer" [ ">=" number ]          a whole number
 *             | "boolean" "=" ( "true" | "false" )     what it is where it is left out; false where this is, too
 *             | word
 *     member  = ( name | "*" ) [ "!" ] [ ":" type ]   "*": any other key; "!": it must be there; no type: any value
 *
 * A word of the table below is that kind of value ("pattern", "conditions"); "map" is a map whose keys are rows of
 * their own; any other word is itself, written so ("enforce|warn|off"), and stands beside others. Pure; owned by the
 * arena.
 */
#ifndef POLICY_KEY_TYPE_H
#define POLICY_KEY_TYPE_H

#include "policy/arena.h"
#include "policy/text.h"

enum key_type_kind { KEY_ANY = 0, KEY_WORD, KEY_LITERAL, KEY_INTEGER, KEY_LIST, KEY_MAP, KEY_ONE_OF };

struct key_type;
struct key_member {
	struct text name; /* "*": every key that has no other member */
	bool must;
	const struct key_type *type;
};

struct key_type {
	enum key_type_kind kind;
	struct text word;                 /* WORD: a row of key_word_at; LITERAL: the value itself */
	bool preset;                      /* WORD boolean: what it is where it is left out */
	int64_t least;                    /* INTEGER: INT64_MIN: any */
	const struct key_member *members; /* MAP */
	const struct key_type *items;     /* LIST: one, or none for []; ONE_OF: two or more */
	size_t n;                         /* of members or items */
};

enum key_word_kind { WORD_TEXT, WORD_BOOLEAN, WORD_ROWS, WORD_TYPE, WORD_CONDITIONS };
struct key_word {
	const char *name;
	enum key_word_kind kind;
	const char
		*is; /* TEXT: an expression that it matches, or NULL; ROWS: what their paths begin with; TYPE: a type */
	const char *help; /* what an editor shows */
};
const struct key_word *key_word_at(size_t i); /* NULL past the end */
const struct key_word *key_word_find(struct text name);

/* NULL: the notation is wrong, and *why says how. */
const struct key_type *key_type_parse(struct text notation, struct arena *arena, const char **why);

#endif
