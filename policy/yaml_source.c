/*
 * Between one event and the next stands a gap: blanks, marks, comments and nothing else. The gaps are read byte by
 * byte, which finds the comments; what a scalar stands in is held against its value, so that no comment hides in it.
 */
#include "policy/yaml_source.h"

#include <assert.h>
#include <string.h>

#define DEPTH_MAX 64

struct comment_link {
	struct comment_link *next;
	struct source_comment comment;
};

struct builder {
	struct source *source;
	struct arena *arena;
	struct problem *problem;
	struct source_node *open[DEPTH_MAX];
	unsigned depth;
	struct source_node *root;
	struct comment_link *first, *last;
	size_t at;   /* up to here everything is accounted for */
	size_t dash; /* the last one of the last gap, or SIZE_MAX */
	size_t head; /* the same of `|` or `>` */
	bool digit;  /* behind it */
};

unsigned source_line(const struct source *source, size_t at)
{
	size_t low = 0, high = source->n_lines;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		if (source->lines[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return (unsigned)low + 1;
}

unsigned source_column(const struct source *source, size_t at)
{
	return (unsigned)(at - source->lines[source_line(source, at) - 1]) + 1;
}

struct text source_text(const struct source *source, unsigned line)
{
	size_t from = source->lines[line - 1];
	size_t to = line < source->n_lines ? source->lines[line] - 1 : source->bytes.len;

	return (struct text){source->bytes.at + from, to - from};
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

bool source_blank(const struct source *source, unsigned line)
{
	struct text text = source_text(source, line);

	for (size_t i = 0; i < text.len; i++)
		if (!is_blank(text.at[i]))
			return false;
	return true;
}

bool source_over_lines(const struct source *source, const struct source_node *node)
{
	return source_line(source, node->start) != source_line(source, node->end);
}

bool source_collection(const struct source_node *node)
{
	return node->what == YAML_AT_LIST || node->what == YAML_AT_MAP;
}

static bool holds_map(const struct source_node *node)
{
	bool holds = node->what == YAML_AT_MAP;

	for (const struct source_node *child = node->first; child && !holds; child = child->next)
		holds = source_collection(child) && holds_map(child);
	return holds;
}

bool source_as_lines(const struct source *source, const struct source_node *node)
{
	if (!source_collection(node) || node->n == 0)
		return false;
	return node->style == YAML_BLOCK || source_over_lines(source, node) || (source->opened && holds_map(node));
}

bool source_block_text(const struct source_node *node)
{
	return node->what == YAML_AT_SCALAR && (node->style == YAML_LITERAL || node->style == YAML_FOLDED);
}

static bool refuse(struct builder *builder, size_t at, const char *text)
{
	return yaml_problem_at(builder->problem, source_line(builder->source, at), source_column(builder->source, at),
			       text);
}

static void find_lines(struct source *source, struct arena *arena)
{
	size_t n = 1, *lines;

	for (size_t i = 0; i < source->bytes.len; i++)
		n += source->bytes.at[i] == '\n';
	lines = arena_alloc(arena, n, sizeof *lines);
	for (size_t i = 0, line = 1; i < source->bytes.len; i++)
		if (source->bytes.at[i] == '\n')
			lines[line++] = i + 1;
	source->lines = lines;
	source->n_lines = n;
}

/* ---- gaps ---- */

static size_t line_ends(struct text bytes, size_t at)
{
	while (at < bytes.len && bytes.at[at] != '\n')
		at++;
	return at;
}

/* Keeps the comment that begins here; returns where its line ends. */
static size_t keep_comment(struct builder *builder, size_t at)
{
	const struct source *source = builder->source;
	struct comment_link *link = arena_alloc(builder->arena, 1, sizeof *link);
	size_t end = line_ends(source->bytes, at), begin = source->lines[source_line(source, at) - 1];
	struct source_comment *comment = &link->comment;

	*comment = (struct source_comment){at, source_line(source, at), true, {source->bytes.at + at, end - at}};
	while (comment->text.len > 0 && is_blank(comment->text.at[comment->text.len - 1]))
		comment->text.len--;
	for (size_t i = begin; i < at; i++)
		comment->own = comment->own && is_blank(source->bytes.at[i]);
	if (builder->last)
		builder->last->next = link;
	else
		builder->first = link;
	builder->last = link;
	builder->source->n_comments++;
	return end;
}

static void note_mark(struct builder *builder, size_t at)
{
	char c = builder->source->bytes.at[at];

	if (c == '|' || c == '>') {
		builder->head = at;
		builder->digit = false;
	}
	if (c >= '0' && c <= '9')
		builder->digit = true;
	if (c == '-')
		builder->dash = at;
}

/* From what is accounted for to here there are comments and these marks only. */
static bool gap(struct builder *builder, size_t to, const char *marks)
{
	struct text bytes = builder->source->bytes;
	size_t i = builder->at;

	builder->dash = builder->head = SIZE_MAX;
	if (to < i)
		return refuse(builder, to, "what stands here cannot be told apart");
	while (i < to) {
		char c = bytes.at[i];

		if (c == '#' && (i == 0 || is_blank(bytes.at[i - 1]))) {
			i = keep_comment(builder, i);
			continue;
		}
		if (!is_blank(c) && !strchr(marks, c))
			return refuse(builder, i, "what stands here cannot be told apart");
		note_mark(builder, i++);
	}
	builder->at = i;
	return i == to || refuse(builder, to, "what stands here cannot be told apart");
}

/* ---- nodes ---- */

/* Whether a scalar's bytes are its value but for blanks: nothing else stands among them. */
static bool says_its_value(const struct source_node *node, struct text bytes)
{
	size_t i = node->start, k = 0;

	if (node->style != YAML_PLAIN && node->style != YAML_LITERAL && node->style != YAML_FOLDED)
		return true; /* between quotes there are no comments */
	for (;;) {
		while (i < node->end && is_blank(bytes.at[i]))
			i++;
		while (k < node->text.len && is_blank(node->text.at[k]))
			k++;
		if (i == node->end || k == node->text.len)
			return i == node->end && k == node->text.len;
		if (bytes.at[i++] != node->text.at[k++])
			return false;
	}
}

static void hang(struct builder *builder, struct source_node *node)
{
	struct source_node *above = builder->depth > 0 ? builder->open[builder->depth - 1] : NULL;

	if (!above) {
		builder->root = node;
		return;
	}
	if (above->last)
		above->last->next = node;
	else
		above->first = node;
	above->last = node;
	above->n++;
}

/* A pair in a list in brackets, [a: b], is a map that begins nowhere. */
static bool bare_pair(const struct builder *builder, const struct yaml_event *event)
{
	const struct source_node *above = builder->depth > 0 ? builder->open[builder->depth - 1] : NULL;

	return event->what == YAML_AT_MAP && event->style == YAML_BLOCK && above && above->style == YAML_FLOW;
}

static bool block_list_above(const struct builder *builder)
{
	const struct source_node *above = builder->depth > 0 ? builder->open[builder->depth - 1] : NULL;

	return above && above->what == YAML_AT_LIST && above->style == YAML_BLOCK;
}

static const char *marks_before(const struct yaml_event *event)
{
	return event->style == YAML_LITERAL || event->style == YAML_FOLDED ? "-?:,[]{}|>+0123456789" : "-?:,[]{}";
}

static bool read_anchor(struct builder *builder, const struct yaml_event *event, struct source_node *node,
			size_t *ret_dash)
{
	if (event->anchor.len == 0)
		return true;
	if (!gap(builder, event->anchored, "-?:,[]{}"))
		return false;
	*ret_dash = builder->dash;
	node->anchor = event->anchor;
	node->anchored = event->anchored;
	builder->at = event->anchored + 1 + event->anchor.len;
	return true;
}

/* Of an item that is not there only the dash is. */
static bool read_absent(struct builder *builder, struct source_node *node)
{
	struct text bytes = builder->source->bytes;
	size_t to = builder->at;

	if (block_list_above(builder) && node->anchor.len == 0) {
		while (to < bytes.len && bytes.at[to] != '-')
			to = bytes.at[to] == '#' ? line_ends(bytes, to) : to + 1;
		if (!gap(builder, to < bytes.len ? to + 1 : to, "-"))
			return false;
	}
	node->begin = node->start = node->end = builder->at;
	return true;
}

static bool read_extent(struct builder *builder, const struct yaml_event *event, struct source_node *node)
{
	if (event->style == YAML_ABSENT)
		return read_absent(builder, node);
	if (bare_pair(builder, event)) {
		node->style = YAML_FLOW;
		node->bare = true;
		node->begin = node->start = SIZE_MAX;
		return true;
	}
	if (!gap(builder, event->start, marks_before(event)))
		return false;
	node->begin = node->start = event->start;
	node->end = event->end;
	node->head = builder->head;
	node->digit = builder->digit;
	builder->at = event->end;
	return true;
}

static bool on_node(struct builder *builder, const struct yaml_event *event)
{
	struct source_node *node = arena_alloc(builder->arena, 1, sizeof *node);
	size_t dash = SIZE_MAX;

	*node = (struct source_node){.what = event->what, .style = event->style, .text = event->text};
	if (!read_anchor(builder, event, node, &dash))
		return false;
	builder->dash = SIZE_MAX;
	if (!read_extent(builder, event, node))
		return false;
	if (dash == SIZE_MAX)
		dash = builder->dash;
	if (node->anchor.len > 0)
		node->begin = node->anchored;
	if (block_list_above(builder) && dash != SIZE_MAX)
		node->begin = dash;
	if (event->what == YAML_AT_SCALAR && event->style != YAML_ABSENT &&
	    !says_its_value(node, builder->source->bytes))
		return refuse(builder, node->start, "a text that cannot be told apart from what stands beside it");
	hang(builder, node);
	if (!source_collection(node))
		return true;
	if (builder->depth == DEPTH_MAX)
		return refuse(builder, node->start, "nested too deeply");
	builder->open[builder->depth++] = node;
	return true;
}

static bool on_end(struct builder *builder, const struct yaml_event *event)
{
	struct source_node *node;

	assert(builder->depth > 0);
	node = builder->open[--builder->depth];
	if (node->style == YAML_FLOW && event->style == YAML_FLOW) {
		if (!gap(builder, event->start, "-?:,[]{}"))
			return false;
		node->end = builder->at = event->end;
	} else if (node->last) {
		node->end = node->last->end;
	}
	if (node->start == SIZE_MAX && node->first)
		node->begin = node->start = node->first->begin;
	return true;
}

static bool on_document(struct builder *builder, const struct yaml_event *event)
{
	builder->source->marked = true;
	builder->source->marker = event->start;
	if (!gap(builder, event->start, ""))
		return false;
	builder->at = event->end;
	return true;
}

static bool take(void *self, const struct yaml_event *event, struct problem *problem)
{
	struct builder *builder = self;

	(void)problem; /* the builder has it */
	if (event->what == YAML_AT_DOCUMENT)
		return on_document(builder, event);
	return event->what == YAML_AT_END ? on_end(builder, event) : on_node(builder, event);
}

bool source_read(struct text bytes, struct arena *arena, struct source *ret, struct problem *problem)
{
	struct source source = {.bytes = bytes};
	struct builder builder = {.source = &source, .arena = arena, .problem = problem};
	struct source_comment *comments;
	size_t i = 0;

	find_lines(&source, arena);
	if (!yaml_events(bytes, arena, (struct yaml_sink){take, &builder}, problem) ||
	    !gap(&builder, bytes.len, "-?:,[]{}."))
		return false;
	comments = arena_alloc(arena, source.n_comments, sizeof *comments);
	for (const struct comment_link *link = builder.first; link; link = link->next)
		comments[i++] = link->comment;
	source.comments = comments;
	source.root = builder.root;
	*ret = source;
	return true;
}
