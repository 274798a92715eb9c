/*
 * Nodes and comments are written in the order of the source, each once: a cursor over the comments moves along with the
 * nodes. Above an entry stand the comments before its first line is complete; behind it, one that stood in that line.
 */
#include "policy/yaml_format.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules.h"
#include "policy/yaml_writer.h"

/* Where an entry stands. */
struct spot {
	unsigned indent;
	size_t until;    /* where the entry behind it begins, or SIZE_MAX */
	unsigned column; /* of the block around it, in the source */
	bool begun;      /* its line has begun: behind a dash */
};

/* ---- entries ---- */

static bool write_collection(struct writer *writer, const struct source_node *node, struct spot spot);

static size_t first_line_ends(const struct writer *writer, const struct source_node *node);

/* Comments before this byte stand above an entry of this value. */
static size_t value_ends(const struct writer *writer, const struct source_node *key, const struct source_node *value)
{
	if (source_as_lines(writer->source, value))
		return key->end;
	return source_block_text(value) ? value->head : value->end;
}

static size_t item_ends(const struct writer *writer, const struct source_node *item)
{
	if (!source_as_lines(writer->source, item))
		return source_block_text(item) ? item->head : item->end;
	return item->anchor.len > 0 ? item->anchored : first_line_ends(writer, item);
}

static size_t first_line_ends(const struct writer *writer, const struct source_node *node)
{
	if (node->what == YAML_AT_LIST)
		return item_ends(writer, node->first);
	return value_ends(writer, node->first, node->first->next);
}

/* The line that opens a list or map takes the comment that stood in it, or behind its closing bracket. */
static bool opens_with_comment(const struct writer *writer, const struct source_node *node)
{
	const struct source_comment *comment = writer_pending(writer);

	if (!comment || comment->own || comment->at >= writer->close)
		return false;
	if (comment->at < node->first->begin)
		return true;
	return node->style == YAML_FLOW && comment->at >= node->end &&
	       comment->line == source_line(writer->source, node->end);
}

static bool write_opened(struct writer *writer, const struct source_node *node, struct spot spot)
{
	writer_end_line(writer, opens_with_comment(writer, node));
	writer->opened = true;
	spot.begun = false;
	spot.indent += 2;
	return write_collection(writer, node, spot);
}

static void write_value(struct writer *writer, const struct source_node *node, unsigned indent)
{
	if (source_block_text(node)) {
		writer_block_text(writer, node, indent);
		return;
	}
	writer_inline(writer, node, indent);
	writer_end_line(writer, writer_follows(writer, source_line(writer->source, node->end)));
}

static void begin_entry(struct writer *writer, size_t begin, size_t first_line, struct spot spot)
{
	if (spot.begun)
		return;
	writer_flush(writer, begin, spot.indent);
	writer_keep_blank(writer, source_line(writer->source, begin));
	while (writer_pending(writer) && writer_pending(writer)->at < first_line)
		writer_comment(writer, spot.indent);
	writer_begin_line(writer, spot.indent);
}

static bool refuse(struct writer *writer, const struct source_node *node, const char *text)
{
	return yaml_problem_at(writer->problem, source_line(writer->source, node->start),
			       source_column(writer->source, node->start), text);
}

static bool write_pair(struct writer *writer, const struct source_node *key, struct spot spot)
{
	const struct source_node *value = key->next;

	if (source_block_text(key) || source_over_lines(writer->source, key))
		return refuse(writer, key, "a key over several lines is not formatted; write it on one");
	if (value->style == YAML_FOLDED && value->digit)
		return refuse(writer, key, "a folded text with a digit in its header is not formatted; leave it out");
	begin_entry(writer, key->begin, value_ends(writer, key, value), spot);
	writer_inline(writer, key, spot.indent);
	writer_say(writer, ":");
	if (value->style != YAML_ABSENT || value->anchor.len > 0)
		writer_say(writer, !source_as_lines(writer->source, value) || value->anchor.len > 0 ? " " : "");
	if (!source_as_lines(writer->source, value)) {
		write_value(writer, value, spot.indent);
		return true;
	}
	if (value->anchor.len > 0) {
		writer_say(writer, "&");
		writer_put(writer, value->anchor);
	}
	return write_opened(writer, value, spot);
}

static bool write_item(struct writer *writer, const struct source_node *item, struct spot spot)
{
	if (item->style == YAML_FOLDED && item->digit)
		return refuse(writer, item, "a folded text with a digit in its header is not formatted; leave it out");
	begin_entry(writer, item->begin, item_ends(writer, item), spot);
	writer_say(writer, item->style == YAML_ABSENT && item->anchor.len == 0 ? "-" : "- ");
	if (!source_as_lines(writer->source, item)) {
		write_value(writer, item, spot.indent);
		return true;
	}
	if (item->anchor.len > 0) {
		writer_say(writer, "&");
		writer_put(writer, item->anchor);
		return write_opened(writer, item, spot);
	}
	spot.indent += 2;
	spot.begun = true;
	return write_collection(writer, item, spot);
}

/* Comments behind the last entry belong to it where they stand inside the bracket, or are indented like it. */
static void write_rest(struct writer *writer, const struct source_node *node, struct spot spot, unsigned outer)
{
	const struct source_comment *comment;

	if (node->style == YAML_FLOW) {
		writer_flush(writer, node->end, spot.indent);
		comment = writer_pending(writer);
		if (comment && !comment->own && comment->line == source_line(writer->source, node->end))
			writer_comment(writer, spot.indent);
		return;
	}
	while ((comment = writer_pending(writer)) && comment->own && comment->at < spot.until &&
	       source_column(writer->source, comment->at) >= spot.column &&
	       source_column(writer->source, comment->at) > outer)
		writer_flush(writer, comment->at + 1, spot.indent);
}

static bool write_collection(struct writer *writer, const struct source_node *node, struct spot spot)
{
	unsigned outer = spot.column;
	size_t until = spot.until, close = writer->close;
	bool map = node->what == YAML_AT_MAP, ok = true;
	const struct source_node *entry = node->first;

	spot.column = source_column(writer->source, node->start);
	if (node->style == YAML_FLOW)
		writer->close = node->end;
	while (ok && entry) {
		const struct source_node *behind = map ? entry->next->next : entry->next;

		spot.until = behind ? behind->begin : until;
		ok = map ? write_pair(writer, entry, spot) : write_item(writer, entry, spot);
		spot.begun = false;
		entry = behind;
	}
	writer->close = close;
	spot.until = until;
	if (ok)
		write_rest(writer, node, spot, outer);
	return ok;
}

static bool write_source(struct writer *writer)
{
	const struct source *source = writer->source;
	const struct spot spot = {.until = SIZE_MAX};
	bool ok = true;

	if (source->marked) {
		writer_flush(writer, source->marker, 0);
		writer_say(writer, "---");
		writer_end_line(writer, writer_follows(writer, source_line(source, source->marker)));
		writer->opened = true;
	}
	if (source->root && source_as_lines(writer->source, source->root)) {
		if (source->root->anchor.len > 0)
			return refuse(writer, source->root,
				      "an anchor of the whole file is not formatted; leave it out");
		ok = write_collection(writer, source->root, spot);
	} else if (source->root && source->root->style != YAML_ABSENT) {
		begin_entry(writer, source->root->begin, item_ends(writer, source->root), spot);
		write_value(writer, source->root, 0);
	}
	writer_flush(writer, SIZE_MAX, 0);
	return ok;
}

/* ---- the same ---- */

static const struct yaml_limits limits = {POLICY_BYTES_MAX, POLICY_DEPTH_MAX, POLICY_NODES_MAX, POLICY_ALIASES_MAX};

/* The first node of a that b does not have so; NULL: they are the same. */
static const struct yaml *differs(const struct yaml *a, const struct yaml *b)
{
	const struct yaml *found = NULL;

	if (a->kind != b->kind || !text_eq(a->text, b->text) || a->quoted != b->quoted || a->n != b->n)
		return a;
	for (size_t i = 0; i < a->n && !found; i++) {
		if (a->keys && (!text_eq(a->keys[i].text, b->keys[i].text) || a->keys[i].quoted != b->keys[i].quoted))
			return &a->keys[i];
		found = differs(&a->items[i], &b->items[i]);
	}
	return found;
}

static bool same_comments(const struct source *a, const struct source *b)
{
	if (a->n_comments != b->n_comments)
		return false;
	for (size_t i = 0; i < a->n_comments; i++)
		if (!text_eq(a->comments[i].text, b->comments[i].text))
			return false;
	return true;
}

static bool same(const struct yaml *before, const struct writer *writer)
{
	struct text text = {writer->at, writer->len};
	struct problem why = {0, 0, ""};
	const struct yaml *after, *other;
	struct source written;

	if (!yaml_parse(text, &limits, writer->arena, &after, &why) ||
	    !source_read(text, writer->arena, &written, &why)) {
		const struct yaml whole = {.line = 0};

		return yaml_problem(&whole, writer->problem, "cannot be formatted: line %u would be wrong: %s",
				    why.line, why.text);
	}
	other = differs(before, after);
	if (other)
		return yaml_problem(other, writer->problem, "cannot be formatted: this would say something else");
	if (!same_comments(writer->source, &written))
		return yaml_problem_at(writer->problem, 0, 0, "cannot be formatted: a comment would be lost");
	return true;
}

static bool format(struct text bytes, bool opened, struct arena *arena, struct text *ret, struct problem *problem)
{
	struct source source;
	struct writer writer = {.source = &source, .arena = arena, .problem = problem, .close = SIZE_MAX};
	const struct yaml *before;

	if (!yaml_parse(bytes, &limits, arena, &before, problem) ||
	    !yaml_bytes(bytes, limits.bytes, arena, &bytes, problem) || !source_read(bytes, arena, &source, problem))
		return false;
	source.opened = opened;
	if (!write_source(&writer) || !same(before, &writer))
		return false;
	*ret = (struct text){writer.at ? writer.at : "", writer.len};
	return true;
}

bool yaml_format(struct text bytes, struct arena *arena, struct text *ret, struct problem *problem)
{
	return format(bytes, false, arena, ret, problem);
}

bool yaml_format_opened(struct text bytes, struct arena *arena, struct text *ret, struct problem *problem)
{
	return format(bytes, true, arena, ret, problem);
}
