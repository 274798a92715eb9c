/*
 * Nodes, keys, and values that hold values. A value is read before it becomes a member; an array or an inline table is
 * fixed from then on, so that whatever comes later cannot reach into it.
 */
#include "policy/toml_reader.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- where, and what is wrong ---- */

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

struct toml_place toml_place(struct toml_reader *r, size_t at)
{
	struct toml_place place = r->seen;

	assert(at >= place.at); /* places are asked for in the order of the text */
	for (; place.at < at; place.at++) {
		if (r->src.at[place.at] == '\n') {
			place.line++;
			place.column = 1;
		} else if (!continues(r->src.at[place.at])) {
			place.column++;
		}
	}
	r->seen = place;
	return place;
}

bool toml_refuse(struct toml_reader *r, size_t at, const char *format, ...)
{
	struct toml_place place = toml_place(r, at);
	va_list args;

	r->problem->line = place.line;
	r->problem->column = place.column;
	va_start(args, format);
	(void)vsnprintf(r->problem->text, sizeof r->problem->text, format, args);
	va_end(args);
	return false;
}

const char *toml_found(struct toml_reader *r)
{
	size_t end = r->at + 1;

	if (r->at == r->src.len)
		return "the end of the file";
	if (r->src.at[r->at] == '\n')
		return "the end of the line";
	while (end < r->src.len && continues(r->src.at[end]))
		end++;
	return arena_printf(r->arena, "`%.*s`", (int)(end - r->at), r->src.at + r->at).at;
}

/* ---- the position ---- */

char toml_peek(const struct toml_reader *r)
{
	if (r->at == r->src.len)
		return '\0';
	return r->src.at[r->at];
}

bool toml_starts(const struct toml_reader *r, const char *word)
{
	return text_starts((struct text){r->src.at + r->at, r->src.len - r->at}, text_of(word));
}

void toml_skip_blanks(struct toml_reader *r)
{
	while (toml_peek(r) == ' ' || toml_peek(r) == '\t')
		r->at++;
}

void toml_skip_comment(struct toml_reader *r)
{
	if (toml_peek(r) != '#')
		return;
	while (r->at < r->src.len && r->src.at[r->at] != '\n')
		r->at++;
}

/* Between the members of an array lines may end, and comments stand. */
static void skip_lines(struct toml_reader *r)
{
	size_t before;

	do {
		before = r->at;
		toml_skip_blanks(r);
		toml_skip_comment(r);
		if (toml_peek(r) == '\n')
			r->at++;
	} while (r->at != before);
}

/* ---- nodes ---- */

struct toml *toml_node(struct toml_reader *r, enum toml_kind kind, unsigned depth, size_t at)
{
	struct toml_place place = toml_place(r, at);
	struct toml *node;

	if (depth > r->depth_max) {
		toml_refuse(r, at, "nested too deeply");
		return NULL;
	}
	if (++r->nodes > r->nodes_max) {
		toml_refuse(r, at, "more values than the limit allows");
		return NULL;
	}
	node = arena_alloc(r->arena, 1, sizeof *node);
	node->kind = kind;
	node->line = place.line;
	node->column = place.column;
	node->depth = depth;
	node->key = node->text = TEXT_LIT("");
	return node;
}

void toml_append(struct toml *parent, struct toml *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->n++;
}

struct toml *toml_member(const struct toml *table, struct text key)
{
	struct toml *member = table->first;

	while (member && !text_eq(member->key, key))
		member = member->next;
	return member;
}

static void name(struct toml *member, const struct toml_part *part)
{
	member->key = part->text;
	member->key_line = part->line;
	member->key_column = part->column;
}

bool toml_taken(struct toml_reader *r, const struct toml *member)
{
	return toml_refuse(r, r->at, "`%.*s` is already a value (line %u): nothing can be put into it",
			   TEXT_ARG(text_cut(member->key, 60)), member->key_line);
}

struct toml *toml_step(struct toml_reader *r, struct toml *table, const struct toml_part *part)
{
	struct toml *member = toml_member(table, part->text);

	if (!member) {
		member = toml_node(r, TOML_TABLE, table->depth + 1, r->at);
		if (!member)
			return NULL;
		name(member, part);
		member->line = part->line;
		member->column = part->column;
		toml_append(table, member);
		return member;
	}
	if (member->kind == TOML_ARRAY && !member->fixed)
		return member->last; /* an array of tables: its newest */
	if (member->kind == TOML_TABLE && !member->fixed)
		return member;
	toml_taken(r, member);
	return NULL;
}

/* ---- keys ---- */

static bool bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static struct toml_part *key_part(struct toml_reader *r)
{
	struct toml_place place = toml_place(r, r->at);
	struct toml_part *part = arena_alloc(r->arena, 1, sizeof *part);
	size_t start = r->at;

	part->line = place.line;
	part->column = place.column;
	if (toml_peek(r) == '"' || toml_peek(r) == '\'')
		return toml_string(r, true, &part->text) ? part : NULL;
	while (bare(toml_peek(r)))
		r->at++;
	if (r->at == start) {
		toml_refuse(r, start, "expected a key, found %s", toml_found(r));
		return NULL;
	}
	part->text = arena_text(r->arena, (struct text){r->src.at + start, r->at - start});
	return part;
}

struct toml_part *toml_key(struct toml_reader *r)
{
	struct toml_part *first = key_part(r), *last = first;

	while (last) {
		toml_skip_blanks(r);
		if (toml_peek(r) != '.')
			return first;
		r->at++;
		toml_skip_blanks(r);
		last->next = key_part(r);
		last = last->next;
	}
	return NULL;
}

/* ---- values ---- */

static struct toml *value(struct toml_reader *r, unsigned depth);

static bool array(struct toml_reader *r, struct toml *node)
{
	node->kind = TOML_ARRAY;
	node->fixed = true;
	r->at++;
	skip_lines(r);
	while (toml_peek(r) != ']') {
		struct toml *member = value(r, node->depth + 1);

		if (!member)
			return false;
		toml_append(node, member);
		skip_lines(r);
		if (toml_peek(r) == ']')
			break;
		if (toml_peek(r) != ',')
			return toml_refuse(r, r->at, "expected `,` or `]` in the array of line %u, found %s",
					   node->line, toml_found(r));
		r->at++;
		skip_lines(r);
	}
	r->at++;
	return true;
}

static bool pair(struct toml_reader *r, struct toml *table)
{
	const struct toml_part *part = toml_key(r);

	for (; part && part->next; part = part->next) {
		table = toml_step(r, table, part);
		if (!table)
			return false;
	}
	return part && toml_assign(r, table, part);
}

/* In one line, and without a comma behind the last member. */
static bool inline_table(struct toml_reader *r, struct toml *node)
{
	node->kind = TOML_TABLE;
	r->at++;
	toml_skip_blanks(r);
	while (node->n > 0 || toml_peek(r) != '}') {
		if (!pair(r, node))
			return false;
		toml_skip_blanks(r);
		if (toml_peek(r) == '}')
			break;
		if (toml_peek(r) != ',')
			return toml_refuse(r, r->at, "expected `,` or `}` in the inline table of line %u, found %s",
					   node->line, toml_found(r));
		r->at++;
		toml_skip_blanks(r);
	}
	r->at++;
	node->fixed = true;
	return true;
}

static struct toml *value(struct toml_reader *r, unsigned depth)
{
	struct toml *node = toml_node(r, TOML_TEXT, depth, r->at);
	char c = toml_peek(r);
	bool ok;

	if (!node)
		return NULL;
	if (c == '"' || c == '\'')
		ok = toml_string(r, false, &node->text);
	else if (c == '[')
		ok = array(r, node);
	else if (c == '{')
		ok = inline_table(r, node);
	else
		ok = toml_scalar(r, node);
	return ok ? node : NULL;
}

bool toml_assign(struct toml_reader *r, struct toml *table, const struct toml_part *part)
{
	const struct toml *first = toml_member(table, part->text);
	struct toml *member;

	if (toml_peek(r) != '=')
		return toml_refuse(r, r->at, "expected `=` after the key, found %s", toml_found(r));
	if (first) {
		(void)toml_refuse(r, r->at, "key `%.*s` is given twice (first in line %u)",
				  TEXT_ARG(text_cut(part->text, 60)), first->key_line);
		r->problem->line = part->line;
		r->problem->column = part->column;
		return false;
	}
	r->at++;
	toml_skip_blanks(r);
	member = value(r, table->depth + 1);
	if (!member)
		return false;
	name(member, part);
	toml_append(table, member);
	return true;
}
