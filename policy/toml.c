/*
 * A document is statements: `key = value` into the table that the last header named, and headers. What may be opened
 * again is the language's one subtlety, and kept on the nodes: a table that had its header, or that dotted keys of an
 * earlier section opened, is declared and has no second; a value is fixed; all else may still grow.
 */
#include "policy/toml_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- tables ---- */

static bool declared(const struct toml_reader *r, const struct toml *node)
{
	return node->declared || (node->dotted_in != 0 && node->dotted_in != r->section);
}

static bool twice(struct toml_reader *r, const struct toml_part *part, const struct toml *first)
{
	(void)toml_refuse(r, r->at, "`%.*s` cannot be opened again (first in line %u)",
			  TEXT_ARG(text_cut(part->text, 60)), first->key_line);
	r->problem->line = part->line;
	r->problem->column = part->column;
	return false;
}

/* Behind "[": the table that its header names. */
static struct toml *open_table(struct toml_reader *r, struct toml *root, const struct toml_part *part)
{
	struct toml *table = root;

	for (; table; part = part->next) {
		const struct toml *member = toml_member(table, part->text);

		if (!part->next && member && declared(r, member)) {
			(void)twice(r, part, member);
			return NULL;
		}
		table = toml_step(r, table, part);
		if (table && !part->next) {
			table->declared = true;
			return table;
		}
	}
	return NULL;
}

static struct toml *new_array(struct toml_reader *r, struct toml *table, const struct toml_part *part)
{
	struct toml *array = toml_node(r, TOML_ARRAY, table->depth + 1, r->at);

	if (!array)
		return NULL;
	array->key = part->text;
	array->line = array->key_line = part->line;
	array->column = array->key_column = part->column;
	array->declared = true;
	toml_append(table, array);
	return array;
}

/* Behind "[[": a new table at the end of the array that its header names. */
static struct toml *open_array(struct toml_reader *r, struct toml *root, const struct toml_part *part)
{
	struct toml *table = root, *array, *member;

	for (; part->next; part = part->next) {
		table = toml_step(r, table, part);
		if (!table)
			return NULL;
	}
	array = toml_member(table, part->text);
	if (array && (array->kind != TOML_ARRAY || array->fixed)) {
		(void)toml_taken(r, array);
		return NULL;
	}
	if (!array)
		array = new_array(r, table, part);
	member = array ? toml_node(r, TOML_TABLE, array->depth + 1, r->at) : NULL;
	if (!member)
		return NULL;
	member->line = part->line;
	member->column = part->column;
	toml_append(array, member);
	return member;
}

/* ---- statements ---- */

static struct toml *header(struct toml_reader *r, struct toml *root)
{
	const char *ends = toml_starts(r, "[[") ? "]]" : "]";
	const struct toml_part *key;
	struct toml *table;

	r->at += strlen(ends);
	r->section++;
	toml_skip_blanks(r);
	key = toml_key(r);
	if (!key)
		return NULL;
	if (!toml_starts(r, ends)) {
		toml_refuse(r, r->at, "expected `%s` after the table's name, found %s", ends, toml_found(r));
		return NULL;
	}
	table = ends[1] == ']' ? open_array(r, root, key) : open_table(r, root, key);
	r->at += strlen(ends);
	return table;
}

static bool assignment(struct toml_reader *r, struct toml *table)
{
	const struct toml_part *part = toml_key(r);

	for (; part && part->next; part = part->next) {
		const struct toml *member = toml_member(table, part->text);

		if (member && declared(r, member))
			return twice(r, part, member);
		table = toml_step(r, table, part);
		if (!table)
			return false;
		table->dotted_in = r->section;
	}
	return part && toml_assign(r, table, part);
}

static bool statements(struct toml_reader *r, struct toml *root)
{
	struct toml *table = root;

	for (;;) {
		toml_skip_blanks(r);
		if (toml_peek(r) == '[')
			table = header(r, root);
		else if (r->at < r->src.len && !strchr("#\n", toml_peek(r)) && !assignment(r, table))
			return false;
		if (!table)
			return false;
		toml_skip_blanks(r);
		toml_skip_comment(r);
		if (r->at == r->src.len)
			return true;
		if (toml_peek(r) != '\n')
			return toml_refuse(r, r->at, "expected the end of the line, found %s", toml_found(r));
		r->at++;
	}
}

/* ---- bytes ---- */

/* The first byte that no character may have here, or the length. Line ends are newlines by now. */
static size_t bad_byte(struct text t)
{
	size_t i = 0;

	while (i < t.len) {
		unsigned char c = (unsigned char)t.at[i];
		size_t n = 1;

		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
			return i;
		while (n <= 4 && i + n <= t.len && !text_utf8((struct text){t.at + i, n}))
			n++;
		if (n > 4 || i + n > t.len)
			return i;
		i += n;
	}
	return i;
}

static bool bytes_ok(struct toml_reader *r)
{
	size_t bad = bad_byte(r->src);

	if (bad < r->src.len && r->src.at[bad] == '\r')
		return toml_refuse(r, bad, "a carriage return without a newline");
	if (bad < r->src.len && (unsigned char)r->src.at[bad] < 0x80)
		return toml_refuse(r, bad, "a control character");
	if (bad < r->src.len)
		return toml_refuse(r, bad, "not valid UTF-8");
	if (text_starts(r->src, TEXT_LIT("\xef\xbb\xbf")))
		return toml_refuse(r, 0, "a byte order mark, which TOML does not have; save the file without it");
	return true;
}

/* A copy in which every line ends with a newline alone. */
static struct text one_line_end(struct text bytes, struct arena *arena)
{
	char *copy = arena_alloc(arena, bytes.len + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.at[i] != '\r' || i + 1 == bytes.len || bytes.at[i + 1] != '\n')
			copy[n++] = bytes.at[i];
	return (struct text){copy, n};
}

bool toml_parse(struct text bytes, const struct toml_limits *limits, struct arena *arena, const struct toml **ret,
		struct problem *problem)
{
	struct toml_reader r = {.seen = {0, 1, 1}, .arena = arena, .problem = problem, .nodes_max = limits->nodes};
	struct toml *root;

	if (bytes.len > limits->bytes) {
		*problem = (struct problem){0, 0, ""};
		(void)snprintf(problem->text, sizeof problem->text, "larger than %zu bytes", limits->bytes);
		return false;
	}
	r.src = one_line_end(bytes, arena);
	r.scratch = arena_alloc(arena, bytes.len + 1, 1);
	r.depth_max = limits->depth < TOML_DEPTH_LIMIT ? limits->depth : TOML_DEPTH_LIMIT;
	r.section = 1;
	root = bytes_ok(&r) ? toml_node(&r, TOML_TABLE, 0, 0) : NULL;
	if (!root || !statements(&r, root))
		return false;
	*ret = root;
	return true;
}

/* ---- for whoever has the tree ---- */

const struct toml *toml_get(const struct toml *table, struct text key)
{
	return table->kind == TOML_TABLE ? toml_member(table, key) : NULL;
}

bool toml_int(const struct toml *node, int64_t *ret)
{
	if (node->kind != TOML_INTEGER || node->wide)
		return false;
	*ret = node->integer;
	return true;
}

bool toml_problem(const struct toml *at, struct problem *problem, const char *format, ...)
{
	va_list args;

	problem->line = at->line;
	problem->column = at->column;
	va_start(args, format);
	(void)vsnprintf(problem->text, sizeof problem->text, format, args);
	va_end(args);
	return false;
}
