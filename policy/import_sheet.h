/*
 * import_sheet: a policy file as lines that are commented, taken out and added to, for the files import*.c. The text is
 * what yaml_format_opened wrote, so that each entry of a map begins its line, alone or behind dashes.
 *
 * Lines are numbered from 1 as in that text, whatever was done to others. In the arena; pure.
 */
#ifndef POLICY_IMPORT_SHEET_H
#define POLICY_IMPORT_SHEET_H

#include "policy/yaml_source.h"

struct sheet_line;
struct sheet {
	struct arena *arena;
	struct source source;
	struct sheet_line *lines;
	size_t n;
};

bool sheet_open(struct text bytes, struct arena *arena, struct sheet *ret, struct problem *problem);

/* An entry of a map as it is written, found by its key (never one that only an alias or `<<` shows in its map). */
struct entry {
	const struct source_node *key, *value;
	unsigned first, last; /* its lines */
	bool shared;          /* it is an alias, or in what an anchor names: changing it changes something else, too */
	bool marks;           /* an anchor or alias is somewhere in it */
	bool lines;           /* its value is a map or list on lines of its own */
};
bool sheet_entry(const struct sheet *sheet, const struct yaml *key, struct entry *ret);

/* The lines of a map that stands in a list, by its first key. */
bool sheet_item(const struct sheet *sheet, const struct yaml *map, struct entry *ret);

/* A comment above that line, as long as it needs to be. False: it stands there already. */
bool sheet_say(struct sheet *sheet, unsigned line, struct text comment);

void sheet_write(struct sheet *sheet, const struct entry *entry, struct text value); /* a scalar on one line */
void sheet_rename(struct sheet *sheet, const struct entry *entry, const char *key);
void sheet_out(struct sheet *sheet, const struct entry *entry); /* made a comment */
void sheet_deeper(struct sheet *sheet, unsigned first, unsigned last);
/* Lines below that one, which opens a map: indented by 2 more than its key. */
void sheet_under(struct sheet *sheet, const struct entry *entry, const char *const *lines, size_t n);
/* Lines behind it, as further entries of its map. */
void sheet_beside(struct sheet *sheet, const struct entry *entry, const char *const *lines, size_t n);
/* The lines of the entry once more, behind it, under another key. */
void sheet_repeat(struct sheet *sheet, const struct entry *entry, const char *key);
void sheet_end(struct sheet *sheet, const char *line); /* at the end, as it is */
void sheet_all_out(struct sheet *sheet);

struct text sheet_text(const struct sheet *sheet);

#endif
