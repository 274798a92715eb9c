/*
 * yaml_writer: the text that yaml_format.c writes, and how values and comments look in it. Grows in the arena; a cursor
 * over the source's comments moves along, so that each is written once and in its order. For yaml_format.c alone.
 */
#ifndef POLICY_YAML_WRITER_H
#define POLICY_YAML_WRITER_H

#include "policy/yaml_source.h"

struct writer {
	const struct source *source;
	struct arena *arena;
	struct problem *problem;
	char *at;
	size_t len, room;
	size_t next;  /* the first comment that is not written yet */
	size_t close; /* where the innermost bracket closes that is written as lines, or SIZE_MAX */
	bool opened;  /* the last line opens what is written next */
};

void writer_put(struct writer *writer, struct text text);
void writer_say(struct writer *writer, const char *text);
void writer_begin_line(struct writer *writer, unsigned indent);

/* A blank line of the source before this one stays, where one can be. */
void writer_keep_blank(struct writer *writer, unsigned line);

const struct source_comment *writer_pending(const struct writer *writer); /* the next one, or NULL */
void writer_comment(struct writer *writer, unsigned indent);              /* writes it, on its line */
void writer_flush(struct writer *writer, size_t until, unsigned indent);  /* all before that byte, each on its line */

/* Whether the next comment stands in this line of the source, inside what is being written. */
bool writer_follows(const struct writer *writer, unsigned line);

/* Ends the line, with the next comment. */
void writer_end_line(struct writer *writer, bool comment);

/* Anything but a block's lines or a block text; without the end of its line. */
void writer_inline(struct writer *writer, const struct source_node *node, unsigned indent);

/* A literal or folded text from its header to its last line, for an entry with this indent. */
void writer_block_text(struct writer *writer, const struct source_node *node, unsigned indent);

#endif
