/*
 * The text is checked as bytes first (size, NUL, UTF-8, control bytes). Then libfyaml's parser is drained event by
 * event into a tree of our own: an explicit stack of open lists and maps, so that neither depth nor size of the input
 * reaches our call stack. Its document builder (which resolves aliases and merges) is never entered; an event that
 * carries an anchor, an alias, a tag or a directive ends the parse.
 */
#include "policy/yaml.h"

#include <assert.h>
#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/memory.h"

#define YAML_DEPTH_LIMIT  64   /* libfyaml promises no more, so ours may not be larger */
#define YAML_BRACKETS_MAX 4096 /* `[` and `{`: libfyaml reads on through open ones before it hands out the first */

struct link {
	struct link *next;
	struct yaml node;
};

struct frame { /* an open list or map */
	struct yaml node;
	struct link *first, *last;
	size_t n; /* links: in a map keys and values alternate */
};

struct walk {
	struct text bytes;
	const struct yaml_limits *limits;
	struct arena *arena;
	struct problem *problem;
	struct frame frames[YAML_DEPTH_LIMIT];
	unsigned depth, nodes, documents;
	unsigned line, column; /* of the last event that had a position */
	char *scratch;         /* for one scalar's value */
	size_t scratch_size;
	struct yaml root;
};

static bool problem_at(struct problem *problem, unsigned line, unsigned column, const char *text)
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

static bool problem_at_byte(struct problem *problem, struct text bytes, size_t offset, const char *text)
{
	unsigned line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		column++;
		if (bytes.at[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return problem_at(problem, line, column, text);
}

/* Where the first ill-formed sequence starts: the longest well-formed prefix, found by halving. */
static size_t utf8_ends(struct text bytes)
{
	size_t good = 0, bad = bytes.len;

	while (good + 1 < bad) {
		size_t middle = good + (bad - good) / 2;
		size_t back = middle;

		while (back > good && ((unsigned char)bytes.at[back] & 0xc0) == 0x80 && middle - back < 3)
			back--;
		if (back == good)
			return good;
		if (text_utf8((struct text){bytes.at + good, back - good}))
			good = back;
		else
			bad = back;
	}
	return good;
}

static bool bytes_ok(struct text bytes, const struct yaml_limits *limits, struct problem *problem)
{
	size_t brackets = 0;

	if (bytes.len > limits->bytes) {
		problem_at(problem, 0, 0, "");
		(void)snprintf(problem->text, sizeof problem->text, "larger than %zu bytes", limits->bytes);
		return false;
	}
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.at[i];

		if (c == 0)
			return problem_at_byte(problem, bytes, i, "a NUL byte");
		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
			return problem_at_byte(problem, bytes, i, "a control byte");
		if ((c == '[' || c == '{') && ++brackets > YAML_BRACKETS_MAX)
			return problem_at_byte(problem, bytes, i, "more brackets than the limit allows");
	}
	if (!text_utf8(bytes))
		return problem_at_byte(problem, bytes, utf8_ends(bytes), "not valid UTF-8");
	return true;
}

static bool refuse(struct walk *walk, const char *text)
{
	return problem_at(walk->problem, walk->line, walk->column, text);
}

static void place(struct walk *walk, struct fy_event *event)
{
	const struct fy_mark *mark = fy_event_start_mark(event);

	if (!mark || mark->line < 0 || mark->column < 0)
		return;
	walk->line = (unsigned)mark->line + 1;
	walk->column = (unsigned)mark->column + 1;
}

static int by_text(const void *a, const void *b)
{
	const struct yaml *const *left = a, *const *right = b;
	int order = text_cmp((*left)->text, (*right)->text);

	if (order != 0)
		return order;
	return *left < *right ? -1 : *left > *right; /* in one array: the order in the document */
}

static bool keys_differ(const struct yaml *map, struct walk *walk)
{
	const struct yaml **sorted = arena_alloc(walk->arena, map->n, sizeof(const struct yaml *));

	for (size_t i = 0; i < map->n; i++)
		sorted[i] = &map->keys[i];
	if (map->n > 1)
		qsort(sorted, map->n, sizeof *sorted, by_text);
	for (size_t i = 1; i < map->n; i++)
		if (text_eq(sorted[i - 1]->text, sorted[i]->text))
			return yaml_problem(sorted[i], walk->problem, "key `%.*s` is given twice (first in line %u)",
					    TEXT_ARG(text_cut(sorted[i]->text, 60)), sorted[i - 1]->line);
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
	return !map || keys_differ(&frame->node, walk);
}

/* Puts a finished node where it belongs. */
static bool add(struct walk *walk, const struct yaml *node)
{
	struct frame *frame;
	struct link *link;

	if (++walk->nodes > walk->limits->nodes)
		return refuse(walk, "more nodes than the limit allows");
	if (walk->depth == 0) {
		walk->root = *node;
		return true;
	}
	frame = &walk->frames[walk->depth - 1];
	if (frame->node.kind == YAML_MAP && frame->n % 2 == 0 && node->kind != YAML_SCALAR)
		return yaml_problem(node, walk->problem, "a key must be text");
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

static bool on_start(struct walk *walk, enum yaml_kind kind)
{
	struct frame *frame;
	unsigned max = walk->limits->depth < YAML_DEPTH_LIMIT ? walk->limits->depth : YAML_DEPTH_LIMIT;

	if (walk->depth >= max)
		return refuse(walk, "nested too deeply");
	if (walk->depth > 0) {
		frame = &walk->frames[walk->depth - 1];
		if (frame->node.kind == YAML_MAP && frame->n % 2 == 0)
			return refuse(walk, "a key must be text");
	}
	frame = &walk->frames[walk->depth++];
	*frame = (struct frame){.node = {.kind = kind, .line = walk->line, .column = walk->column}};
	return true;
}

static bool on_end(struct walk *walk)
{
	struct frame *frame;

	assert(walk->depth > 0);
	frame = &walk->frames[--walk->depth];
	return finish(frame, walk) && add(walk, &frame->node);
}

/*
 * The value of a scalar, piece by piece: the library's one-call reading loses memory for values of many pieces
 * (escapes, lines). No value is longer than the whole text by more than its last line's end, so the buffer holds it.
 */
static bool read_scalar(struct walk *walk, struct fy_token *token, struct text *ret)
{
	struct fy_token_iter *iter = fy_token_iter_create(token);
	const struct fy_iter_chunk *chunk = NULL;
	size_t used = 0;
	int error = 0;

	if (!iter)
		out_of_memory();
	while ((chunk = fy_token_iter_chunk_next(iter, chunk, &error)) != NULL &&
	       chunk->len <= walk->scratch_size - used) {
		memcpy(walk->scratch + used, chunk->str, chunk->len);
		used += chunk->len;
	}
	fy_token_iter_destroy(iter);
	if (chunk || error != 0)
		return false;
	*ret = arena_text(walk->arena, (struct text){walk->scratch, used});
	return true;
}

static bool in_quotes(struct fy_token *token)
{
	enum fy_scalar_style style = fy_token_scalar_style(token);

	return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

/* libfyaml reads two doubled quotes side by side ('a''''b') wrongly: such a scalar is refused. */
static bool misread(const struct walk *walk, struct fy_token *token)
{
	const struct fy_mark *start = fy_token_start_mark(token), *end = fy_token_end_mark(token);
	struct text source;

	if (fy_token_scalar_style(token) != FYSS_SINGLE_QUOTED)
		return false;
	if (!start || !end || start->input_pos > end->input_pos || end->input_pos > walk->bytes.len)
		return true;
	source = (struct text){walk->bytes.at + start->input_pos, end->input_pos - start->input_pos};
	return text_find(source, TEXT_LIT("''''")) != SIZE_MAX;
}

static bool on_scalar(struct walk *walk, struct fy_event *event)
{
	struct yaml node = {.kind = YAML_SCALAR, .line = walk->line, .column = walk->column, .text = TEXT_LIT("")};
	struct fy_token *token = event->scalar.value;

	node.quoted = token && fy_token_scalar_style(token) != FYSS_PLAIN;
	if (token && in_quotes(token) && walk->column > 1)
		node.column = --walk->column; /* the mark stands behind the quote */
	if (token && misread(walk, token))
		return refuse(walk, "doubled quotes side by side are not used here; write it in double quotes");
	if (token && !read_scalar(walk, token, &node.text))
		return refuse(walk, "a scalar that cannot be read");
	if (memchr(node.text.at, '\0', node.text.len))
		return refuse(walk, "an escape makes a NUL byte");
	if (!text_utf8(node.text))
		return refuse(walk, "an escape makes text that is not valid UTF-8");
	if (!node.quoted && (node.text.len == 0 || text_is(node.text, "~") || text_is(node.text, "null"))) {
		node.kind = YAML_NULL;
		node.text = TEXT_EMPTY;
	}
	return add(walk, &node);
}

static bool on_document(struct walk *walk, struct fy_event *event)
{
	struct fy_document_state *state = event->document_start.document_state;

	if (walk->documents++ > 0)
		return refuse(walk, "a second document");
	if (state && (fy_document_state_version_explicit(state) || fy_document_state_tags_explicit(state)))
		return refuse(walk, "directives are not used here");
	return true;
}

static bool decorated(const struct fy_token *anchor, const struct fy_token *tag, const char **ret_why)
{
	*ret_why = anchor ? "anchors are not used here" : "tags are not used here";
	return anchor || tag;
}

static bool on_event(struct walk *walk, struct fy_event *event)
{
	const char *why;

	place(walk, event);
	if (event->type == FYET_ALIAS)
		return refuse(walk, "aliases are not used here");
	if (event->type == FYET_DOCUMENT_START)
		return on_document(walk, event);
	if (event->type == FYET_SCALAR)
		return decorated(event->scalar.anchor, event->scalar.tag, &why) ? refuse(walk, why)
										: on_scalar(walk, event);
	if (event->type == FYET_SEQUENCE_START)
		return decorated(event->sequence_start.anchor, event->sequence_start.tag, &why)
			       ? refuse(walk, why)
			       : on_start(walk, YAML_LIST);
	if (event->type == FYET_MAPPING_START)
		return decorated(event->mapping_start.anchor, event->mapping_start.tag, &why)
			       ? refuse(walk, why)
			       : on_start(walk, YAML_MAP);
	if (event->type == FYET_SEQUENCE_END || event->type == FYET_MAPPING_END)
		return on_end(walk);
	return true;
}

/* What libfyaml collected about a text that it could not read; it is told to print nothing. */
static bool library_problem(struct walk *walk, struct fy_diag *diag)
{
	void *iterator = NULL;
	const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &iterator);

	if (error && error->line >= 0 && error->column >= 0) {
		walk->line = (unsigned)error->line + 1;
		walk->column = (unsigned)error->column + 1;
	}
	(void)snprintf(walk->problem->text, sizeof walk->problem->text, "not valid YAML%s%s",
		       error && error->msg ? ": " : "", error && error->msg ? error->msg : "");
	walk->problem->text[strcspn(walk->problem->text, "\r\n")] = '\0';
	walk->problem->line = walk->line;
	walk->problem->column = walk->column;
	return false;
}

static bool drain(struct walk *walk, struct fy_parser *parser, struct fy_diag *diag)
{
	struct fy_event *event;
	bool ok = true, ended = false;

	while (ok && !ended && (event = fy_parser_parse(parser)) != NULL) {
		ended = event->type == FYET_STREAM_END;
		ok = on_event(walk, event);
		fy_parser_event_free(parser, event);
	}
	if (ok && (!ended || fy_diag_got_error(diag)))
		return library_problem(walk, diag);
	return ok;
}

static void say_nothing(struct fy_diag *diag, void *user, const char *buffer, size_t len)
{
	(void)diag;
	(void)user;
	(void)buffer;
	(void)len;
}

static bool walk_bytes(struct walk *walk, struct text bytes)
{
	struct fy_diag_cfg diag_cfg;
	struct fy_diag *diag;
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 |
					    FYPCF_JSON_NONE};
	struct fy_parser *parser = NULL;
	bool ok = false;

	fy_diag_cfg_default(&diag_cfg);
	diag_cfg.fp = NULL;
	diag_cfg.output_fn = say_nothing;
	diag_cfg.colorize = false;
	diag = fy_diag_create(&diag_cfg);
	if (!diag)
		out_of_memory();
	fy_diag_set_collect_errors(diag, true);
	cfg.diag = diag;
	parser = fy_parser_create(&cfg);
	if (!parser)
		out_of_memory();
	if (fy_parser_set_string(parser, bytes.at, bytes.len) == 0)
		ok = drain(walk, parser, diag);
	else
		refuse(walk, "cannot be read");
	fy_parser_destroy(parser);
	fy_diag_destroy(diag);
	return ok;
}

bool yaml_parse(struct text bytes, const struct yaml_limits *limits, struct arena *arena, const struct yaml **ret,
		struct problem *problem)
{
	struct walk walk = {
		.bytes = bytes, .limits = limits, .arena = arena, .problem = problem, .line = 1, .column = 1};
	struct yaml *root;

	walk.root = (struct yaml){.kind = YAML_NULL, .line = 1, .column = 1};
	if (!bytes_ok(bytes, limits, problem))
		return false;
	walk.scratch_size = 2 * bytes.len + 64;
	walk.scratch = arena_alloc(arena, walk.scratch_size, 1);
	if (bytes.len > 0 && !walk_bytes(&walk, bytes))
		return false;
	root = arena_alloc(arena, 1, sizeof *root);
	*root = walk.root;
	*ret = root;
	return true;
}

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

bool yaml_bool(const struct yaml *node, bool *ret)
{
	if (node->kind != YAML_SCALAR || node->quoted)
		return false;
	if (!text_is(node->text, "true") && !text_is(node->text, "false"))
		return false;
	*ret = text_is(node->text, "true");
	return true;
}
