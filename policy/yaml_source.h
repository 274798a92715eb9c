/*
 * yaml_source: a YAML text as somebody wrote it: every node with the bytes that it stands in, its style and anchor, and
 * every comment. For yaml_format.c and import_sheet.c alone. Aliases stay aliases, `<<` stays a key.
 *
 * Each byte of the text is accounted for: it belongs to a node, a comment, or is one of YAML's own marks; a text where
 * that is not so is a problem, never a source that lacks something. Owned by the arena; pure; any thread.
 */
#ifndef POLICY_YAML_SOURCE_H
#define POLICY_YAML_SOURCE_H

#include "policy/yaml_events.h"

struct source_node {
	enum yaml_what what; /* a scalar, alias, list or map */
	enum yaml_style style;
	size_t begin;      /* with its anchor, and as an item of a block list with its dash */
	size_t start, end; /* without them; a block's end is that of its last child */
	size_t head;       /* a block scalar: its `|` or `>` */
	bool digit;        /* a block scalar: its header says how far it is indented */
	bool bare;         /* a map that is one pair in a list in brackets, without its own */
	struct text text;  /* a scalar's value, an alias' name */
	struct text anchor;
	size_t anchored;                         /* where its `&` stands */
	struct source_node *first, *last, *next; /* children; in a map keys and values alternate */
	size_t n;                                /* children */
};

struct source_comment {
	size_t at;
	unsigned line;
	bool own; /* nothing but the comment stands in its line */
	struct text text;
};

struct source {
	struct text bytes;
	bool opened;                    /* by whoever writes it: brackets with maps in them become lines */
	const struct source_node *root; /* NULL: there is none */
	bool marked;                    /* by `---`, which begins at marker */
	size_t marker;
	const struct source_comment *comments; /* in their order */
	size_t n_comments;
	const size_t *lines; /* where each begins */
	size_t n_lines;
};

/* The bytes are what yaml_bytes made, and yaml_parse takes them. */
bool source_read(struct text bytes, struct arena *arena, struct source *ret, struct problem *problem);

unsigned source_line(const struct source *source, size_t at);        /* from 1 */
unsigned source_column(const struct source *source, size_t at);      /* in bytes, from 1 */
struct text source_text(const struct source *source, unsigned line); /* without its end */
bool source_blank(const struct source *source, unsigned line);

bool source_collection(const struct source_node *node); /* a list or map */
bool source_block_text(const struct source_node *node); /* literal or folded */
bool source_over_lines(const struct source *source, const struct source_node *node);
/* A block, and brackets over lines; in an opened source maps in brackets, too, and lists of them. */
bool source_as_lines(const struct source *source, const struct source_node *node);

#endif
