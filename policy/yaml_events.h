/*
 * yaml_events: what stands in a YAML text, one thing after another, with the bytes that it stands in. For the files of
 * policy/ that build a tree of it (yaml_tree.c) or write it anew (yaml_source.c); yaml.c is the only one that meets
 * libfyaml.
 *
 * Tags and a second document are refused here; depth, numbers, names and keys are the receiver's matter.
 * Texts are owned by the arena or static. Pure; any thread.
 */
#ifndef POLICY_YAML_EVENTS_H
#define POLICY_YAML_EVENTS_H

#include "policy/yaml.h"

enum yaml_what {
	YAML_AT_DOCUMENT, /* only where it is written, `---` */
	YAML_AT_SCALAR,
	YAML_AT_ALIAS,
	YAML_AT_LIST,
	YAML_AT_MAP,
	YAML_AT_END, /* of the innermost list or map */
};

enum yaml_style {
	YAML_PLAIN,
	YAML_SINGLE,
	YAML_DOUBLE,
	YAML_LITERAL,
	YAML_FOLDED,
	YAML_ABSENT, /* a scalar of which nothing is written: start and end are 0 */
	YAML_BLOCK,  /* lists, maps and their ends */
	YAML_FLOW,
};

struct yaml_event {
	enum yaml_what what;
	enum yaml_style style;
	unsigned line, column; /* from 1 */
	size_t start, end;     /* bytes of the text; quotes, brackets and `*` included, a block scalar's header not */
	struct text text;      /* a scalar's value, an alias' name */
	struct text anchor;    /* empty: none */
	size_t anchored;       /* where the anchor's `&` stands */
};

struct yaml_sink {
	bool (*take)(void *self, const struct yaml_event *event, struct problem *problem);
	void *self;
};

/* Every event until the sink refuses one. The bytes are what yaml_bytes made. False: *problem says why. */
bool yaml_events(struct text bytes, struct arena *arena, struct yaml_sink sink, struct problem *problem);

/*
 * The text as it is read: checked for size, NUL and control bytes, directives, brackets and UTF-8, without a byte order
 * mark at its start, and with every line ended by one line feed, so that how an editor ends lines changes no value.
 * *ret is the same bytes or a copy in the arena. False: *problem says why.
 */
bool yaml_bytes(struct text bytes, size_t max, struct arena *arena, struct text *ret, struct problem *problem);

bool yaml_problem_at(struct problem *problem, unsigned line, unsigned column, const char *text);

#endif
