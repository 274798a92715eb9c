#include "policy/yaml_writer.h"

#include <string.h>

/* ---- bytes ---- */

void writer_put(struct writer *writer, struct text text)
{
	if (writer->room - writer->len < text.len) {
		size_t room = 2 * (writer->len + text.len) + 256;
		char *at = arena_alloc(writer->arena, room, 1);

		if (writer->len > 0)
			memcpy(at, writer->at, writer->len);
		writer->at = at;
		writer->room = room;
	}
	if (text.len > 0)
		memcpy(writer->at + writer->len, text.at, text.len);
	writer->len += text.len;
}

void writer_say(struct writer *writer, const char *text)
{
	writer_put(writer, text_of(text));
}

void writer_begin_line(struct writer *writer, unsigned indent)
{
	for (unsigned i = 0; i < indent; i++)
		writer_say(writer, " ");
	writer->opened = false;
}

/* A blank line of the source before this one stays, where one can be. */
void writer_keep_blank(struct writer *writer, unsigned line)
{
	bool doubled = writer->len >= 2 && writer->at[writer->len - 2] == '\n' && writer->at[writer->len - 1] == '\n';

	if (line > 1 && source_blank(writer->source, line - 1) && writer->len > 0 && !writer->opened && !doubled)
		writer_say(writer, "\n");
}

/* ---- comments ---- */

const struct source_comment *writer_pending(const struct writer *writer)
{
	return writer->next < writer->source->n_comments ? &writer->source->comments[writer->next] : NULL;
}

void writer_comment(struct writer *writer, unsigned indent)
{
	writer_begin_line(writer, indent);
	writer_put(writer, writer->source->comments[writer->next++].text);
	writer_say(writer, "\n");
}

/* The comments before that byte, each on its line. */
void writer_flush(struct writer *writer, size_t until, unsigned indent)
{
	while (writer_pending(writer) && writer_pending(writer)->at < until) {
		writer_keep_blank(writer, writer_pending(writer)->line);
		writer_comment(writer, indent);
	}
}

void writer_end_line(struct writer *writer, bool comment)
{
	if (comment) {
		writer_say(writer, " ");
		writer_put(writer, writer->source->comments[writer->next++].text);
	}
	writer_say(writer, "\n");
}

/* Whether the next comment stands in this line of the source, inside what is being written. */
bool writer_follows(const struct writer *writer, unsigned line)
{
	const struct source_comment *comment = writer_pending(writer);

	return comment && !comment->own && comment->line == line && comment->at < writer->close;
}

/* ---- what is written in one go ---- */

static struct text raw(const struct writer *writer, const struct source_node *node)
{
	return (struct text){writer->source->bytes.at + node->start, node->end - node->start};
}

/* An escape that single quotes could not say, or that shows what would not be seen. */
static bool telling_escape(struct text source)
{
	for (size_t i = 0; i + 1 < source.len; i++)
		if (source.at[i] == '\\') {
			i++;
			if (source.at[i] != '\\' && source.at[i] != '"')
				return true;
		}
	return false;
}

static bool has(struct text text, const char *what)
{
	return text_find(text, text_of(what)) != SIZE_MAX;
}

static void write_quoted(struct writer *writer, struct text value, char quote, const char *escaped, const char *by)
{
	const char end[] = {quote, '\0'};

	writer_say(writer, end);
	for (size_t i = 0; i < value.len; i++) {
		if (strchr(escaped, value.at[i]))
			writer_say(writer, by);
		writer_put(writer, (struct text){value.at + i, 1});
	}
	writer_say(writer, end);
}

/* Single quotes; double ones where that needs no doubling, or where doubling would stand side by side. */
static void write_in_quotes(struct writer *writer, const struct source_node *node)
{
	struct text value = node->text;

	if (node->style == YAML_DOUBLE && telling_escape(raw(writer, node)))
		writer_put(writer, raw(writer, node));
	else if (has(value, "''") || (has(value, "'") && !has(value, "\\") && !has(value, "\"")))
		write_quoted(writer, value, '"', "\\\"", "\\");
	else
		write_quoted(writer, value, '\'', "'", "'");
}

static struct text trimmed(struct text line, bool quoted)
{
	while (line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t'))
		line = (struct text){line.at + 1, line.len - 1};
	while (line.len > 0 && (line.at[line.len - 1] == ' ' || line.at[line.len - 1] == '\t') &&
	       !(quoted && line.len > 1 && line.at[line.len - 2] == '\\'))
		line.len--;
	return line;
}

/* A plain or quoted text over several lines: the same lines, indented anew. */
static void write_broken(struct writer *writer, struct text text, unsigned indent, bool quoted)
{
	bool first = true;

	while (text.len > 0 || first) {
		size_t end = text_find(text, TEXT_LIT("\n"));
		struct text line = {text.at, end == SIZE_MAX ? text.len : end};
		struct text shown = trimmed(line, quoted);

		if (!first)
			writer_say(writer, "\n");
		if (!first && shown.len > 0)
			writer_begin_line(writer, indent);
		writer_put(writer, shown);
		first = false;
		text = (struct text){text.at + line.len, text.len - line.len};
		if (text.len > 0)
			text = (struct text){text.at + 1, text.len - 1};
	}
}

static void write_scalar(struct writer *writer, const struct source_node *node, unsigned indent)
{
	bool quoted = node->style == YAML_SINGLE || node->style == YAML_DOUBLE;

	if (source_over_lines(writer->source, node))
		write_broken(writer, raw(writer, node), indent + 2, node->style == YAML_DOUBLE);
	else if (quoted)
		write_in_quotes(writer, node);
	else
		writer_put(writer, raw(writer, node));
}

static void writer_anchor(struct writer *writer, const struct source_node *node)
{
	if (node->anchor.len == 0)
		return;
	writer_say(writer, "&");
	writer_put(writer, node->anchor);
	if (node->style != YAML_ABSENT)
		writer_say(writer, " ");
}

static const struct {
	const char *open, *close;
} brackets[] = {{"[", "]"}, {"{ ", " }"}, {"{", "}"}, {"", ""}};

static void write_in_brackets(struct writer *writer, const struct source_node *node, unsigned indent)
{
	bool map = node->what == YAML_AT_MAP;
	size_t kind = !map ? 0 : node->bare && node->anchor.len == 0 ? 3 : node->n == 0 ? 2 : 1, i = 0;

	writer_say(writer, brackets[kind].open);
	for (const struct source_node *child = node->first; child; child = child->next, i++) {
		if (i > 0)
			writer_say(writer, map && i % 2 == 1 ? ": " : ", ");
		writer_inline(writer, child, indent);
		if (child->style == YAML_ABSENT)
			writer_say(writer, child->anchor.len > 0 ? " ~" : "~");
	}
	writer_say(writer, brackets[kind].close);
}

/* Anything but a block's lines or a block text. */
void writer_inline(struct writer *writer, const struct source_node *node, unsigned indent)
{
	writer_anchor(writer, node);
	if (node->what == YAML_AT_ALIAS) {
		writer_say(writer, "*");
		writer_put(writer, node->text);
	} else if (source_collection(node)) {
		write_in_brackets(writer, node, indent);
	} else if (node->style != YAML_ABSENT) {
		write_scalar(writer, node, indent);
	}
}

/* ---- block texts ---- */

/* The next line of a text, without its end; the text moves behind it. */
static struct text next_line(struct text *text)
{
	size_t end = text_find(*text, TEXT_LIT("\n"));
	struct text line = {text->at, end == SIZE_MAX ? text->len : end};
	size_t used = end == SIZE_MAX ? line.len : line.len + 1;

	*text = (struct text){text->at + used, text->len - used};
	return line;
}

static size_t ends_of(struct text value)
{
	size_t n = 0;

	while (n < value.len && value.at[value.len - 1 - n] == '\n')
		n++;
	return n;
}

static unsigned blanks_before(struct text line)
{
	unsigned n = 0;

	while (n < line.len && line.at[n] == ' ')
		n++;
	return n;
}

/* How far the first line that is not blank is indented. */
static unsigned indent_of(struct text text)
{
	while (text.len > 0) {
		struct text line = next_line(&text);

		if (blanks_before(line) < line.len)
			return blanks_before(line);
	}
	return 0;
}

/* The first line that is not empty begins with a blank: the header must say how far the text is indented. */
static bool begins_blank(struct text value)
{
	while (value.len > 0 && value.at[0] == '\n')
		value = (struct text){value.at + 1, value.len - 1};
	return value.len > 0 && value.at[0] == ' ';
}

/* Without the lines at its end in which nothing stands. */
static struct text without_last_blanks(struct text text)
{
	size_t end = text.len;

	for (size_t i = text.len; i > 0 && strchr(" \t\n", text.at[i - 1]); i--)
		if (text.at[i - 1] == '\n')
			end = i - 1;
	return (struct text){text.at, end};
}

static void write_lines(struct writer *writer, struct text text, unsigned strip, unsigned indent)
{
	while (text.len > 0) {
		struct text line = next_line(&text);
		unsigned blanks = blanks_before(line) < strip ? blanks_before(line) : strip;

		line = (struct text){line.at + blanks, line.len - blanks};
		if (line.len > 0)
			writer_begin_line(writer, indent);
		writer_put(writer, line);
		writer_say(writer, "\n");
	}
}

/* A text of line ends alone. */
static void write_ends(struct writer *writer, size_t n)
{
	writer_say(writer, n > 0 ? "\"" : "'");
	for (size_t i = 0; i < n; i++)
		writer_say(writer, "\\n");
	writer_say(writer, n > 0 ? "\"" : "'");
}

/* A literal text is written from its value, a folded one from its lines. One of line ends alone is written in quotes.
 */
void writer_block_text(struct writer *writer, const struct source_node *node, unsigned indent)
{
	bool literal = node->style == YAML_LITERAL,
	     comment = writer_follows(writer, source_line(writer->source, node->head));
	size_t ends = ends_of(node->text);
	struct text body = without_last_blanks(literal ? node->text : raw(writer, node));

	writer_anchor(writer, node);
	if (ends == node->text.len) {
		write_ends(writer, ends);
		writer_end_line(writer, comment);
		return;
	}
	writer_say(writer, literal ? "|" : ">");
	writer_say(writer, literal && begins_blank(node->text) ? "2" : "");
	writer_say(writer, ends == 0 ? "-" : ends == 1 ? "" : "+");
	writer_end_line(writer, comment);
	write_lines(writer, body, literal ? 0 : indent_of(body), indent + 2);
	for (size_t i = 1; i < ends; i++)
		writer_say(writer, "\n");
}
