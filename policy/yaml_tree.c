/*
 * The tree is built with an explicit stack of open lists and maps, so that neither depth nor size of the input reaches
 * our call stack. What an alias shows is walked once where it stands, only to count it: a text of nested aliases ends
 * at the limit of nodes, after as many steps.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/yaml_events.h"

#define YAML_DEPTH_LIMIT 64 /* libfyaml promises no more, so ours may not be larger */

struct link {
	struct link *next;
	struct yaml node;
};

struct frame { /* an open list or map */
	struct yaml node;
	struct text anchor;
	struct link *first, *last;
	size_t n; /* links: in a map keys and values alternate */
};

struct anchor {
	struct anchor *next;
	struct text name;
	struct yaml node;
};

struct walk {
	struct text bytes;
	const struct yaml_limits *limits;
	struct arena *arena;
	struct problem *problem;
	struct frame frames[YAML_DEPTH_LIMIT];
	unsigned depth, nodes, anchors, aliases;
	struct anchor *known; /* whose nodes have ended, newest first */
	struct yaml root;
};

bool yaml_problem_at(struct problem *problem, unsigned line, unsigned column, const char *text)
{
	problem->line = line;
	problem->column = column;
	(void)snprintf(problem->text, sizeof problem->text, "%s", text);
	return false;
}

bool yaml_problem(const struct yaml *at, struct problem *problem, const char *format, ...)
{
	va_list args;

	problem->line = at->line;
	problem->column = at->column;
	va_start(args, format);
	(void)vsnprintf(problem->text, sizeof problem->text, format, args);
	va_end(args);
	return false;
}

static bool refuse(struct walk *walk, const struct yaml_event *event, const char *text)
{
	return yaml_problem_at(walk->problem, event->line, event->column, text);
}

/* ---- maps ---- */

static int by_text(const void *a, const void *b)
{
	const struct yaml *const *left = a, *const *right = b;
	int order = text_cmp((*left)->text, (*right)->text);

	if (order != 0)
		return order;
	return *left < *right ? -1 : *left > *right; /* in one array: the order in the document */
}

static const struct yaml **sorted_keys(const struct yaml *map, struct arena *arena)
{
	const struct yaml **sorted = arena_alloc(arena, map->n, sizeof(const struct yaml *));

	for (size_t i = 0; i < map->n; i++)
		sorted[i] = &map->keys[i];
	if (map->n > 1)
		qsort(sorted, map->n, sizeof *sorted, by_text);
	return sorted;
}

static bool keys_differ(const struct yaml *map, struct walk *walk)
{
	const struct yaml **sorted = sorted_keys(map, walk->arena);

	for (size_t i = 1; i < map->n; i++)
		if (text_eq(sorted[i - 1]->text, sorted[i]->text))
			return yaml_problem(sorted[i], walk->problem, "key `%.*s` is given twice (first in line %u)",
					    TEXT_ARG(text_cut(sorted[i]->text, 60)), sorted[i - 1]->line);
	return true;
}

static size_t merge_key(const struct yaml *map)
{
	size_t i = 0;

	while (i < map->n && (map->keys[i].quoted || !text_is(map->keys[i].text, "<<")))
		i++;
	return i;
}

/* The maps that `<<` names; NULL: it names something else. */
static const struct yaml *merged_maps(const struct yaml *value, size_t *ret_n)
{
	bool list = value->kind == YAML_LIST;
	const struct yaml *maps = list ? value->items : value;

	*ret_n = list ? value->n : 1;
	for (size_t i = 0; i < *ret_n; i++)
		if (maps[i].kind != YAML_MAP)
			return NULL;
	return maps;
}

struct pairs {
	struct yaml *keys, *items;
	size_t n;
};

static void append(struct pairs *pairs, const struct yaml *map, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		pairs->keys[pairs->n] = map->keys[i];
		pairs->items[pairs->n++] = map->items[i];
	}
}

/* Of the pairs with one key only the first stays: it is the map's own, or of the earlier map. */
static void keep_first(struct pairs *pairs, struct arena *arena)
{
	const struct yaml all = {.kind = YAML_MAP, .keys = pairs->keys, .items = pairs->items, .n = pairs->n};
	const struct yaml **sorted = sorted_keys(&all, arena);
	bool *drop = arena_alloc(arena, all.n, sizeof *drop);
	size_t n = 0;

	for (size_t i = 1; i < all.n; i++)
		if (text_eq(sorted[i - 1]->text, sorted[i]->text))
			drop[sorted[i] - all.keys] = true;
	for (size_t i = 0; i < all.n; i++) {
		if (drop[i])
			continue;
		pairs->keys[n] = pairs->keys[i];
		pairs->items[n++] = pairs->items[i];
	}
	pairs->n = n;
}

/* What is merged was counted as nodes where it stands under `<<`, whose place it takes. */
static bool merge(struct yaml *map, struct walk *walk)
{
	size_t at = merge_key(map), n_maps = 0, room = map->n;
	const struct yaml *maps;
	struct pairs pairs = {NULL, NULL, 0};

	if (walk->limits->aliases == 0 || at == map->n)
		return true;
	maps = merged_maps(&map->items[at], &n_maps);
	if (!maps)
		return yaml_problem(&map->items[at], walk->problem, "`<<` takes a map or a list of maps");
	for (size_t i = 0; i < n_maps; i++)
		room += maps[i].n;
	pairs.keys = arena_alloc(walk->arena, room, sizeof *pairs.keys);
	pairs.items = arena_alloc(walk->arena, room, sizeof *pairs.items);
	append(&pairs, map, 0, at);
	append(&pairs, map, at + 1, map->n);
	for (size_t i = 0; i < n_maps; i++)
		append(&pairs, &maps[i], 0, maps[i].n);
	keep_first(&pairs, walk->arena);
	map->keys = pairs.keys;
	map->items = pairs.items;
	map->n = pairs.n;
	return true;
}

static bool finish(struct frame *frame, struct walk *walk)
{
	bool map = frame->node.kind == YAML_MAP;
	size_t n = map ? frame->n / 2 : frame->n, i = 0;
	struct yaml *items = arena_alloc(walk->arena, n, sizeof *items);
	struct yaml *keys = map ? arena_alloc(walk->arena, n, sizeof *keys) : NULL;

	for (const struct link *link = frame->first; link; link = link->next, i++) {
		if (!map)
			items[i] = link->node;
		else if (i % 2 == 0)
			keys[i / 2] = link->node;
		else
			items[i / 2] = link->node;
	}
	frame->node.items = items;
	frame->node.keys = keys;
	frame->node.n = n;
	return !map || (keys_differ(&frame->node, walk) && merge(&frame->node, walk));
}

/* ---- nodes ---- */

static bool expects_key(const struct walk *walk)
{
	const struct frame *frame = walk->depth > 0 ? &walk->frames[walk->depth - 1] : NULL;

	return frame && frame->node.kind == YAML_MAP && frame->n % 2 == 0;
}

/* Puts a finished node where it belongs. */
static bool put(struct walk *walk, const struct yaml *node)
{
	struct frame *frame;
	struct link *link;

	if (walk->depth == 0) {
		walk->root = *node;
		return true;
	}
	if (expects_key(walk) && node->kind != YAML_SCALAR)
		return yaml_problem(node, walk->problem, "a key must be text");
	frame = &walk->frames[walk->depth - 1];
	link = arena_alloc(walk->arena, 1, sizeof *link);
	link->node = *node;
	if (frame->last)
		frame->last->next = link;
	else
		frame->first = link;
	frame->last = link;
	frame->n++;
	return true;
}

static bool count(struct walk *walk, const struct yaml *at)
{
	if (++walk->nodes > walk->limits->nodes)
		return yaml_problem(at, walk->problem, "more nodes than the limit allows");
	return true;
}

/* An anchored node can be named from here on. */
static void remember(struct walk *walk, struct text name, const struct yaml *node)
{
	struct anchor *anchor;

	if (name.len == 0)
		return;
	anchor = arena_alloc(walk->arena, 1, sizeof *anchor);
	*anchor = (struct anchor){walk->known, name, *node};
	walk->known = anchor;
}

static unsigned depth_max(const struct walk *walk)
{
	return walk->limits->depth < YAML_DEPTH_LIMIT ? walk->limits->depth : YAML_DEPTH_LIMIT;
}

static bool on_start(struct walk *walk, const struct yaml_event *event, enum yaml_kind kind)
{
	struct frame *frame;

	if (walk->depth >= depth_max(walk))
		return refuse(walk, event, "nested too deeply");
	if (expects_key(walk))
		return refuse(walk, event, "a key must be text");
	frame = &walk->frames[walk->depth++];
	*frame = (struct frame){.node = {.kind = kind, .line = event->line, .column = event->column},
				.anchor = event->anchor};
	return true;
}

static bool on_list(struct walk *walk, const struct yaml_event *event)
{
	return on_start(walk, event, YAML_LIST);
}

static bool on_map(struct walk *walk, const struct yaml_event *event)
{
	return on_start(walk, event, YAML_MAP);
}

static bool on_end(struct walk *walk, const struct yaml_event *event)
{
	const struct yaml at = {.line = event->line, .column = event->column};
	struct frame *frame;

	assert(walk->depth > 0);
	frame = &walk->frames[--walk->depth];
	if (!finish(frame, walk) || !count(walk, &at) || !put(walk, &frame->node))
		return false;
	remember(walk, frame->anchor, &frame->node);
	return true;
}

/* libfyaml reads an empty block text of a list as the items behind it: what it gives must be indented deeper than the
 * list or map that the text belongs to. */
static bool indented(const struct walk *walk, const struct yaml_event *event)
{
	unsigned around = walk->depth > 0 ? walk->frames[walk->depth - 1].node.column : 0, blanks = 0;

	if (event->style != YAML_LITERAL && event->style != YAML_FOLDED)
		return true;
	for (size_t i = event->start; i < event->end; i++) {
		char c = walk->bytes.at[i];

		if (c != ' ' && c != '\n')
			return blanks >= around;
		blanks = c == ' ' ? blanks + 1 : 0;
	}
	return true;
}

static bool on_scalar(struct walk *walk, const struct yaml_event *event)
{
	struct yaml node = {.kind = YAML_SCALAR, .line = event->line, .column = event->column, .text = event->text};

	node.quoted = event->style != YAML_PLAIN && event->style != YAML_ABSENT;
	if (!node.quoted && (node.text.len == 0 || text_is(node.text, "~") || text_is(node.text, "null"))) {
		node.kind = YAML_NULL;
		node.text = TEXT_EMPTY;
	}
	if (!indented(walk, event))
		return refuse(walk, event, "not indented deeper than what it belongs to");
	if (!count(walk, &node) || !put(walk, &node))
		return false;
	remember(walk, event->anchor, &node);
	return true;
}

/* ---- aliases ---- */

/* Counts what an alias shows. As deep as the limit of depth at most, like the tree itself. */
static bool visit(struct walk *walk, const struct yaml *node, unsigned depth, const struct yaml *alias)
{
	if (!count(walk, alias))
		return false;
	if (node->kind != YAML_LIST && node->kind != YAML_MAP)
		return true;
	if (depth >= depth_max(walk))
		return yaml_problem(alias, walk->problem, "nested too deeply");
	for (size_t i = 0; i < node->n; i++) {
		if (node->keys && !count(walk, alias))
			return false;
		if (!visit(walk, &node->items[i], depth + 1, alias))
			return false;
	}
	return true;
}

static const struct anchor *find(const struct walk *walk, struct text name)
{
	const struct anchor *anchor = walk->known;

	while (anchor && !text_eq(anchor->name, name))
		anchor = anchor->next;
	return anchor;
}

static bool open(const struct walk *walk, struct text name)
{
	for (unsigned i = 0; i < walk->depth; i++)
		if (text_eq(walk->frames[i].anchor, name))
			return true;
	return false;
}

static bool on_alias(struct walk *walk, const struct yaml_event *event)
{
	const struct anchor *anchor = find(walk, event->text);
	struct yaml node = {.line = event->line, .column = event->column};
	struct text name = text_cut(event->text, 60);

	if (walk->limits->aliases == 0)
		return refuse(walk, event, "aliases are not used here");
	if (++walk->aliases > walk->limits->aliases)
		return refuse(walk, event, "more aliases than the limit allows");
	if (expects_key(walk))
		return refuse(walk, event, "an alias cannot be a key");
	if (open(walk, event->text))
		return yaml_problem(&node, walk->problem, "`*%.*s` stands inside what it names", TEXT_ARG(name));
	if (!anchor)
		return yaml_problem(&node, walk->problem, "`*%.*s` names no anchor before it", TEXT_ARG(name));
	if (!visit(walk, &anchor->node, walk->depth, &node))
		return false;
	node = anchor->node;
	node.line = event->line;
	node.column = event->column;
	return put(walk, &node);
}

static bool anchor_ok(struct walk *walk, const struct yaml_event *event)
{
	const struct yaml at = {.line = event->line, .column = event->column};
	const struct anchor *same = find(walk, event->anchor);

	if (event->anchor.len == 0)
		return true;
	if (walk->limits->aliases == 0)
		return refuse(walk, event, "anchors are not used here");
	if (++walk->anchors > walk->limits->aliases)
		return refuse(walk, event, "more anchors than the limit allows");
	if (same || open(walk, event->anchor))
		return yaml_problem(&at, walk->problem, "anchor `&%.*s` is given twice",
				    TEXT_ARG(text_cut(event->anchor, 60)));
	return true;
}

static bool take(void *self, const struct yaml_event *event, struct problem *problem)
{
	static bool (*const rows[])(struct walk *, const struct yaml_event *) = {[YAML_AT_SCALAR] = on_scalar,
										 [YAML_AT_ALIAS] = on_alias,
										 [YAML_AT_LIST] = on_list,
										 [YAML_AT_MAP] = on_map,
										 [YAML_AT_END] = on_end};
	struct walk *walk = self;

	(void)problem; /* walk has it */
	return event->what == YAML_AT_DOCUMENT || (anchor_ok(walk, event) && rows[event->what](walk, event));
}

bool yaml_parse(struct text bytes, const struct yaml_limits *limits, struct arena *arena, const struct yaml **ret,
		struct problem *problem)
{
	struct walk walk = {.limits = limits, .arena = arena, .problem = problem};
	struct yaml *root;

	walk.root = (struct yaml){.kind = YAML_NULL, .line = 1, .column = 1};
	if (!yaml_bytes(bytes, limits->bytes, arena, &walk.bytes, problem) ||
	    !yaml_events(walk.bytes, arena, (struct yaml_sink){take, &walk}, problem))
		return false;
	root = arena_alloc(arena, 1, sizeof *root);
	*root = walk.root;
	*ret = root;
	return true;
}

/* ---- reading ---- */

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
	if (map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (text_is(map->keys[i].text, key))
			return &map->items[i];
	return NULL;
}

bool yaml_int(const struct yaml *node, int64_t *ret)
{
	return node->kind == YAML_SCALAR && !node->quoted && text_int64(node->text, ret);
}

static size_t skip(struct text t, size_t i, const char *set)
{
	while (i < t.len && strchr(set, t.at[i]))
		i++;
	return i;
}

/* A whole number that is not canonical decimal: 0x1f, 0o17, 0b11, 017, 1_000, +1. */
static bool odd_int(const struct yaml *node)
{
	static const struct {
		const char *prefix, *digits;
	} rows[] = {{"0x", "0123456789abcdefABCDEF_"},
		    {"0X", "0123456789abcdefABCDEF_"},
		    {"0o", "01234567_"},
		    {"0O", "01234567_"},
		    {"0b", "01_"},
		    {"0B", "01_"},
		    {"", "0123456789_"}};
	struct text t = node->text;
	size_t i = 0;
	int64_t n;

	if (node->kind != YAML_SCALAR || node->quoted || text_int64(t, &n))
		return false;
	if (t.len > 0 && (t.at[0] == '-' || t.at[0] == '+'))
		t = (struct text){t.at + 1, t.len - 1};
	while (!text_starts(t, text_of(rows[i].prefix)))
		i++;
	return t.len > strlen(rows[i].prefix) && t.at[0] != '_' &&
	       skip(t, strlen(rows[i].prefix), rows[i].digits) == t.len;
}

bool yaml_int_problem(const struct yaml *at, struct problem *problem, const char *format, ...)
{
	va_list args;
	size_t used;

	va_start(args, format);
	(void)vsnprintf(problem->text, sizeof problem->text, format, args);
	va_end(args);
	problem->line = at->line;
	problem->column = at->column;
	used = strlen(problem->text);
	if (odd_int(at))
		(void)snprintf(problem->text + used, sizeof problem->text - used, "; write it as a decimal number");
	return false;
}

bool yaml_bool(const struct yaml *node, bool *ret)
{
	static const char *const words[2][12] = {
		{"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"},
		{"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"},
	};

	if (node->kind != YAML_SCALAR || node->quoted)
		return false;
	for (int yes = 0; yes < 2; yes++)
		for (size_t i = 0; words[yes][i]; i++)
			if (text_is(node->text, words[yes][i])) {
				*ret = yes == 1;
				return true;
			}
	return false;
}
