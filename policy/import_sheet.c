#include "policy/import_sheet.h"

#include <string.h>

#define COMMENT_WIDTH 100

struct piece {
	struct piece *next;
	struct text text;
};

struct pieces {
	struct piece *first, *last;
};

struct sheet_line {
	struct text text;
	struct pieces above, below;
	unsigned deeper; /* blanks before it */
	bool out;        /* a comment now; its text says so */
};

static void add(struct sheet *sheet, struct pieces *to, struct text text)
{
	struct piece *piece = arena_alloc(sheet->arena, 1, sizeof *piece);

	piece->text = text;
	if (to->last)
		to->last->next = piece;
	else
		to->first = piece;
	to->last = piece;
}

bool sheet_open(struct text bytes, struct arena *arena, struct sheet *ret, struct problem *problem)
{
	*ret = (struct sheet){.arena = arena};
	if (!source_read(bytes, arena, &ret->source, problem))
		return false;
	ret->n = ret->source.n_lines;
	ret->lines = arena_alloc(arena, ret->n, sizeof *ret->lines);
	for (size_t i = 0; i < ret->n; i++)
		ret->lines[i].text = source_text(&ret->source, (unsigned)i + 1);
	return true;
}

static unsigned indent_of(struct text line)
{
	unsigned n = 0;

	while (n < line.len && line.at[n] == ' ')
		n++;
	return n;
}

static struct text blanks(struct sheet *sheet, unsigned n)
{
	return arena_printf(sheet->arena, "%*s", (int)n, "");
}

static struct text joined(struct sheet *sheet, struct text a, struct text b)
{
	char *at = arena_alloc(sheet->arena, a.len + b.len + 1, 1);

	if (a.len > 0)
		memcpy(at, a.at, a.len);
	if (b.len > 0)
		memcpy(at + a.len, b.at, b.len);
	return (struct text){at, a.len + b.len};
}

static struct text from(struct text line, size_t at)
{
	return at < line.len ? (struct text){line.at + at, line.len - at} : TEXT_EMPTY;
}

/* ---- what stands where ---- */

struct search {
	size_t offset;
	bool map; /* the map that begins there; else the scalar */
	bool shared;
	const struct source_node *found;
};

static bool search(const struct source_node *node, struct search *s)
{
	bool shared = s->shared;

	if (!node || node->start > s->offset || node->end <= s->offset)
		return false;
	s->shared = s->shared || node->anchor.len > 0;
	if (node->start == s->offset && node->what == (s->map ? YAML_AT_MAP : YAML_AT_SCALAR)) {
		s->found = node;
		return true;
	}
	for (const struct source_node *child = node->first; child; child = child->next)
		if (search(child, s))
			return true;
	s->shared = shared;
	return false;
}

static bool has_mark(const struct source_node *node)
{
	bool has = node->anchor.len > 0 || node->what == YAML_AT_ALIAS;

	for (const struct source_node *child = node->first; child && !has; child = child->next)
		has = has_mark(child);
	return has;
}

static unsigned last_line(const struct sheet *sheet, const struct source_node *node)
{
	size_t end = node->end;

	while (end > node->start && sheet->source.bytes.at[end - 1] == '\n')
		end--;
	return source_line(&sheet->source, end);
}

static size_t offset_of(const struct sheet *sheet, const struct yaml *at)
{
	if (at->line == 0 || at->line > sheet->source.n_lines)
		return SIZE_MAX;
	return sheet->source.lines[at->line - 1] + at->column - 1;
}

bool sheet_entry(const struct sheet *sheet, const struct yaml *key, struct entry *ret)
{
	struct search s = {.offset = offset_of(sheet, key)};

	if (!search(sheet->source.root, &s) || !s.found->next)
		return false;
	*ret = (struct entry){.key = s.found,
			      .value = s.found->next,
			      .first = source_line(&sheet->source, s.found->start),
			      .last = source_line(&sheet->source, s.found->end),
			      .shared =
				      s.shared || s.found->next->anchor.len > 0 || s.found->next->what == YAML_AT_ALIAS,
			      .marks = has_mark(s.found->next),
			      .lines = source_as_lines(&sheet->source, s.found->next)};
	if (ret->value->style != YAML_ABSENT)
		ret->last = last_line(sheet, ret->value);
	return true;
}

bool sheet_item(const struct sheet *sheet, const struct yaml *map, struct entry *ret)
{
	struct search s = {.offset = offset_of(sheet, map), .map = true};

	if (!search(sheet->source.root, &s))
		return false;
	*ret = (struct entry){.value = s.found,
			      .first = source_line(&sheet->source, s.found->start),
			      .last = last_line(sheet, s.found),
			      .shared = s.shared,
			      .marks = has_mark(s.found),
			      .lines = true};
	return true;
}

/* ---- comments ---- */

/* The first line of what is left to say. */
static struct text next_line(struct sheet *sheet, struct text *rest)
{
	size_t end = rest->len;

	if (end > COMMENT_WIDTH) {
		end = COMMENT_WIDTH;
		while (end > 0 && rest->at[end] != ' ')
			end--;
		while (end == 0 || (end < rest->len && rest->at[end] != ' '))
			end++;
	}
	struct text line = {rest->at, end};

	*rest = from(*rest, end + 1);
	return joined(sheet, TEXT_LIT("# "), line);
}

static bool is_comment(const struct sheet_line *line, struct text comment)
{
	return text_eq(from(line->text, indent_of(line->text)), comment);
}

static bool begins_comment(const struct sheet_line *line)
{
	return text_starts(from(line->text, indent_of(line->text)), TEXT_LIT("#"));
}

static bool follows(const struct sheet *sheet, size_t at, const struct piece *pieces)
{
	for (; pieces; pieces = pieces->next)
		if (at >= sheet->n || !is_comment(&sheet->lines[at++], pieces->text))
			return false;
	return true;
}

/* In the comments right above that line; anywhere in a text that is nothing but comments. */
static bool stands_above(const struct sheet *sheet, unsigned line, const struct piece *pieces)
{
	size_t at = sheet->source.root ? line - 1 : sheet->n;

	for (; at > 0 && (begins_comment(&sheet->lines[at - 1]) || !sheet->source.root); at--)
		if (follows(sheet, at - 1, pieces))
			return true;
	return false;
}

bool sheet_say(struct sheet *sheet, unsigned line, struct text comment)
{
	struct pieces pieces = {NULL, NULL};
	struct sheet_line *to = &sheet->lines[line - 1];
	struct text indent = blanks(sheet, indent_of(source_text(&sheet->source, line)));

	while (comment.len > 0)
		add(sheet, &pieces, next_line(sheet, &comment));
	if (stands_above(sheet, line, pieces.first))
		return false;
	for (const struct piece *piece = pieces.first; piece; piece = piece->next)
		add(sheet, &to->above, joined(sheet, indent, piece->text));
	return true;
}

/* ---- changes ---- */

/* Bytes of the line, counted in the text that was opened: one change a line. */
static void change(struct sheet *sheet, const struct source_node *node, struct text by)
{
	unsigned line = source_line(&sheet->source, node->start);
	size_t at = sheet->source.lines[line - 1];
	struct sheet_line *to = &sheet->lines[line - 1];
	struct text head = {to->text.at, node->start - at};

	to->text = joined(sheet, joined(sheet, head, by), from(to->text, node->end - at));
}

void sheet_write(struct sheet *sheet, const struct entry *entry, struct text value)
{
	change(sheet, entry->value, value);
}

void sheet_rename(struct sheet *sheet, const struct entry *entry, const char *key)
{
	change(sheet, entry->key, text_of(key));
}

/* Where a map's entry begins: behind the dashes. */
static unsigned margin(const struct sheet *sheet, const struct entry *entry)
{
	const struct source_node *node = entry->key ? entry->key : entry->value;

	return source_column(&sheet->source, node->start) - 1;
}

static void line_out(struct sheet *sheet, struct sheet_line *line, unsigned indent)
{
	unsigned has = indent_of(line->text), cut = has < indent ? has : indent;

	line->text = joined(sheet, joined(sheet, blanks(sheet, cut), TEXT_LIT("# ")), from(line->text, cut));
	line->out = true;
	line->below = (struct pieces){NULL, NULL};
}

void sheet_out(struct sheet *sheet, const struct entry *entry)
{
	struct sheet_line *first = &sheet->lines[entry->first - 1];
	unsigned at = margin(sheet, entry), indent = indent_of(first->text);

	if (entry->key && at > indent) { /* the dash is not the entry's */
		struct text dashes = {first->text.at, at - 1};

		add(sheet, &first->above, dashes);
		first->text = joined(sheet, blanks(sheet, at), from(first->text, at));
	} else {
		at = indent;
	}
	for (unsigned i = entry->first; i <= entry->last; i++)
		if (!sheet->lines[i - 1].out)
			line_out(sheet, &sheet->lines[i - 1], at);
}

void sheet_all_out(struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->n; i++)
		if (sheet->lines[i].text.len > 0 && !begins_comment(&sheet->lines[i]))
			line_out(sheet, &sheet->lines[i], 0);
}

void sheet_deeper(struct sheet *sheet, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++)
		sheet->lines[i - 1].deeper += 2;
}

void sheet_under(struct sheet *sheet, const struct entry *entry, const char *const *lines, size_t n)
{
	struct sheet_line *to = &sheet->lines[entry->first - 1];
	struct text indent = blanks(sheet, margin(sheet, entry) + 2);

	for (size_t i = 0; i < n; i++)
		add(sheet, &to->below, joined(sheet, indent, text_of(lines[i])));
}

void sheet_beside(struct sheet *sheet, const struct entry *entry, const char *const *lines, size_t n)
{
	struct sheet_line *last = &sheet->lines[entry->last - 1];
	struct text indent = blanks(sheet, margin(sheet, entry) + last->deeper);

	for (size_t i = 0; i < n; i++)
		add(sheet, &last->below, joined(sheet, indent, text_of(lines[i])));
}

void sheet_repeat(struct sheet *sheet, const struct entry *entry, const char *key)
{
	struct sheet_line *last = &sheet->lines[entry->last - 1];
	struct text indent = blanks(sheet, margin(sheet, entry) + last->deeper);
	size_t behind = entry->key->end - sheet->source.lines[entry->first - 1];

	add(sheet, &last->below,
	    joined(sheet, joined(sheet, indent, text_of(key)),
		   from(source_text(&sheet->source, entry->first), behind)));
	for (unsigned i = entry->first + 1; i <= entry->last; i++)
		add(sheet, &last->below, joined(sheet, blanks(sheet, last->deeper), source_text(&sheet->source, i)));
}

void sheet_end(struct sheet *sheet, const char *line)
{
	add(sheet, &sheet->lines[sheet->n - 1].below, text_of(line));
}

/* ---- all of it ---- */

struct page {
	char *at;
	size_t n;
};

/* With at NULL it is only counted. */
static void put(struct page *page, struct text text)
{
	if (page->at && text.len > 0)
		memcpy(page->at + page->n, text.at, text.len);
	page->n += text.len;
}

static void put_pieces(struct page *page, const struct pieces *pieces)
{
	for (const struct piece *piece = pieces->first; piece; piece = piece->next) {
		put(page, piece->text);
		put(page, TEXT_LIT("\n"));
	}
}

static void put_all(const struct sheet *sheet, struct page *page)
{
	for (size_t i = 0; i < sheet->n; i++) {
		const struct sheet_line *line = &sheet->lines[i];
		bool last = i + 1 == sheet->n;

		put_pieces(page, &line->above);
		for (unsigned k = 0; k < line->deeper && line->text.len > 0; k++)
			put(page, TEXT_LIT(" "));
		put(page, line->text);
		if (!last || line->text.len > 0)
			put(page, TEXT_LIT("\n"));
		put_pieces(page, &line->below);
	}
}

struct text sheet_text(const struct sheet *sheet)
{
	struct page counted = {NULL, 0}, page = {NULL, 0};

	put_all(sheet, &counted);
	page.at = arena_alloc(sheet->arena, counted.n + 1, 1);
	put_all(sheet, &page);
	return (struct text){page.at, page.n};
}
