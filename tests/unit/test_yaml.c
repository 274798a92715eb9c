#include "policy/yaml.h"

#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct yaml_limits limits = {256 * 1024, 64, 20000, 0}, shared = {256 * 1024, 64, 20000, 100};

static const struct {
	const char *text;
	unsigned line, column;
	const char *says;
} refused[] = {
	{"a: 1\nb: &x 2\n", 2, 7, "anchors are not used here"},
	{"a: &x [1]\n", 1, 7, "anchors are not used here"},
	{"a: *x\n", 1, 4, "aliases are not used here"},
	{"a: !!str 1\n", 1, 10, "tags are not used here"},
	{"a: !x {b: 1}\n", 1, 7, "tags are not used here"},
	{"%YAML 1.2\n---\na: 1\n", 1, 1, "directives are not used here"},
	{"%TAG !e! tag:example.com,2000:\n---\na: 1\n", 1, 1, "directives are not used here"},
	{"%NEW x\n", 1, 1, "directives are not used here"},
	{"# x\n%NEW x\n---\na: 1\n", 2, 1, "directives are not used here"},
	{"a: 1\n---\nb: 2\n", 2, 1, "a second document"},
	{"a: 1\n...\n---\nb: 2\n", 3, 1, "a second document"},
	{"a: 1\nb: 2\na: 3\n", 3, 1, "key `a` is given twice (first in line 1)"},
	{"x:\n  - {b: 1, b: 2}\n", 2, 12, "key `b` is given twice (first in line 2)"},
	{"a: 1\n\"a\": 2\n", 2, 1, "key `a` is given twice (first in line 1)"},
	{"[a, b]: 1\n", 1, 1, "a key must be text"},
	{"{a: 1}: 1\n", 1, 1, "a key must be text"},
	{"~: 1\n", 1, 1, "a key must be text"},
	{"a: \x01\n", 1, 4, "a control byte"},
	{"a: b\nc: \xff\n", 2, 4, "not valid UTF-8"},
	{"\xc3\xa9: \xc3\n", 1, 5, "not valid UTF-8"},
	{"a: \"\\0\"\n", 1, 4, "an escape makes a NUL byte"},
	{"a: 'a''''b'\n", 1, 4, "doubled quotes side by side are not used here; write it in double quotes"},
	{"a:\n  - >\n  - x\n", 3, 1, "not indented deeper than what it belongs to"},
	{"a:\n  b: |\n  c: d\n", 3, 1, "not indented deeper than what it belongs to"},
	{"a:\n  - b: |\n    c: d\n", 3, 1, "not indented deeper than what it belongs to"},
	{"a:\n  - |+\n\n  - x\n", 3, 1, "not indented deeper than what it belongs to"},
	{"a: [1\n", 0, 0, NULL},
	{"a: 'x\n", 0, 0, NULL},
	{"a: b: c\n", 0, 0, NULL},
	{"\ta: 1\n", 1, 1, "a tab where lines are indented; use spaces"},
	{"a:\n\tb: 1\n", 2, 1, "a tab where lines are indented; use spaces"},
	{"a:\n  b: 1\n\tc: 2\n", 3, 2, "a tab where lines are indented; use spaces"},
	{"a: [1,\n\t2]\n", 2, 1, "a tab where lines are indented; use spaces"},
	{"a: |\n\tx\n", 2, 1, "a tab where lines are indented; use spaces"},
	{"a: b\rc: d\n", 1, 5, "a carriage return without a line feed"},
	{"a: b\r", 1, 5, "a carriage return without a line feed"},
	{"a: \xef\xbb\xbf"
	 "b\n",
	 1, 4, "a byte order mark inside the text"},
	{"\xef\xbb\xbf\xef\xbb\xbf"
	 "a: b\n",
	 1, 1, "a byte order mark inside the text"},
	{"\xff\xfe"
	 "a",
	 1, 1, "UTF-16; save the file as UTF-8"},
	{"\xfe\xff", 1, 1, "UTF-16; save the file as UTF-8"},
	{"a: 1\n b: 2\n", 0, 0, NULL},
};

START_TEST(what_is_outside_the_subset_is_refused_with_its_place)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct yaml *root = NULL;

	ck_assert(!yaml_parse(text_of(refused[_i].text), &limits, &arena, &root, &problem));
	ck_assert_ptr_null(root);
	ck_assert_msg(problem.text[0] != '\0', "says why");
	if (refused[_i].says)
		ck_assert_str_eq(problem.text, refused[_i].says);
	if (refused[_i].line > 0)
		ck_assert_msg(problem.line == refused[_i].line && problem.column == refused[_i].column, "%u:%u %s",
			      problem.line, problem.column, problem.text);
	else
		ck_assert_uint_gt(problem.line, 0);
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem;
	const struct yaml *root = NULL;

	ck_assert(!yaml_parse((struct text){"a: 1\nb: \0", 9}, &limits, &arena, &root, &problem));
	ck_assert_uint_eq(problem.line, 2);
	ck_assert_uint_eq(problem.column, 4);
}
END_TEST

static const char *const empties[] = {"", "\n\n", "# only a comment\n", "---\n", "~\n", "null\n", "--- # x\n...\n"};

START_TEST(an_empty_document_is_null)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct yaml *root = NULL;

	ck_assert_msg(yaml_parse(text_of(empties[_i]), &limits, &arena, &root, &problem), "%u:%u %s", problem.line,
		      problem.column, problem.text);
	ck_assert_int_eq(root->kind, YAML_NULL);
}
END_TEST

START_TEST(maps_lists_and_scalars_keep_place_and_kind)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem;
	const struct yaml *root, *list;
	bool yes = false;
	int64_t n = 0;

	ck_assert(yaml_parse(TEXT_LIT("name: 'it''s'\nlist:\n  - 42\n  - true\n  - \"true\"\n  - ~\n  - {a: b}\n"
				      "block: |\n  one\n  two\n"),
			     &limits, &arena, &root, &problem));
	ck_assert_int_eq(root->kind, YAML_MAP);
	ck_assert_uint_eq(root->n, 3);
	ck_assert(text_is(yaml_get(root, "name")->text, "it's") && yaml_get(root, "name")->quoted);
	list = yaml_get(root, "list");
	ck_assert_uint_eq(list->n, 5);
	ck_assert(yaml_int(&list->items[0], &n) && n == 42);
	ck_assert(yaml_bool(&list->items[1], &yes) && yes);
	ck_assert(!yaml_bool(&list->items[2], &yes));
	ck_assert_int_eq(list->items[3].kind, YAML_NULL);
	ck_assert_uint_eq(list->items[1].line, 4);
	ck_assert_uint_eq(list->items[1].column, 5);
	ck_assert(text_is(yaml_get(&list->items[4], "a")->text, "b"));
	ck_assert(text_is(yaml_get(root, "block")->text, "one\ntwo\n") && yaml_get(root, "block")->quoted);
	ck_assert_ptr_null(yaml_get(root, "absent"));
}
END_TEST

static const struct {
	const char *text, *value;
} values[] = {
	{"'a''b''c''d''e''f''g''h''i''j''k''l'", "a'b'c'd'e'f'g'h'i'j'k'l"},
	{"''''", "'"},
	{"'a'''", "a'"},
	{"'''a'", "'a"},
	{"\"a\\tb\\x41\\u00e9\\\\ \\\"q\\\"\\n\\n\\n\\n\\n\\n\\n\\n\\n\"", "a\tbA\xc3\xa9\\ \"q\"\n\n\n\n\n\n\n\n\n"},
	{"|\n  1\n  2\n  3\n  4\n  5\n  6\n  7\n  8\n  9\n  10\n  11\n  12\n",
	 "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"},
	{">-\n  1\n  2\n  3\n  4\n  5\n  6\n  7\n  8\n  9\n\n  10\n  11\n", "1 2 3 4 5 6 7 8 9\n10 11"},
	{"plain\n  over\n  lines\n  a\n  b\n  c\n  d\n  e\n  f\n", "plain over lines a b c d e f"},
	{"''", ""},
	{"|\n", ""},
	{"\"\"", ""},
	{"'^(\\.github/)?bors\\.toml$'", "^(\\.github/)?bors\\.toml$"},
};

/* Values of many pieces besides: the library's one-call reading of them loses memory, which the sanitizer sees. */
START_TEST(a_scalar_has_the_value_that_yaml_gives_it)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct yaml *root = NULL;

	ck_assert_msg(yaml_parse(text_of(values[_i].text), &limits, &arena, &root, &problem), "%s", problem.text);
	ck_assert_int_eq(root->kind, YAML_SCALAR);
	ck_assert_msg(text_is(root->text, values[_i].value), "%.*s", TEXT_ARG(root->text));
}
END_TEST

static char *repeat(const char *unit, size_t times, size_t *ret_len)
{
	size_t len = strlen(unit);
	char *all = malloc(len * times + 1);

	ck_assert_ptr_nonnull(all);
	for (size_t i = 0; i < times; i++)
		memcpy(all + i * len, unit, len);
	all[len * times] = '\0';
	*ret_len = len * times;
	return all;
}

static const struct {
	const char *unit;
	size_t times;
} bombs[] = {
	{"[", 200000},      {"{a: ", 60000},   {"- ", 100000},       {"? ", 100000},     {"a: [b, ", 30000},
	{"- a\n", 60000},   {"[[],", 60000},   {"{", 200000},        {"&a [*a,", 30000}, {"!!x ", 50000},
	{"a: &a\n", 40000}, {"\"", 200001},    {"- - - -\n", 30000}, {"x: y\n", 50000},  {"\n", 200000},
	{" \n", 100000},    {"\t\r\n", 60000},
};

START_TEST(a_bomb_is_refused)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct yaml *root = NULL;
	size_t len;
	char *bomb = repeat(bombs[_i].unit, bombs[_i].times, &len);

	ck_assert(!yaml_parse((struct text){bomb, len}, &limits, &arena, &root, &problem));
	ck_assert(problem.text[0] != '\0');
	free(bomb);
}
END_TEST

START_TEST(limits_are_exact)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct yaml_limits few = {12, 2, 5, 0};
	struct problem problem;
	const struct yaml *root = NULL;

	ck_assert(yaml_parse(TEXT_LIT("[[a],b,c]"), &few, &arena, &root, &problem));
	ck_assert(!yaml_parse(TEXT_LIT("[[a],b,c,d]"), &few, &arena, &root, &problem));
	ck_assert_str_eq(problem.text, "more nodes than the limit allows");
	ck_assert(!yaml_parse(TEXT_LIT("[[[a]]]"), &few, &arena, &root, &problem));
	ck_assert_str_eq(problem.text, "nested too deeply");
	ck_assert(yaml_parse(TEXT_LIT("[aaaaaaaaaa]"), &few, &arena, &root, &problem));
	ck_assert(!yaml_parse(TEXT_LIT("[aaaaaaaaaaa]"), &few, &arena, &root, &problem));
	ck_assert_str_eq(problem.text, "larger than 12 bytes");
}
END_TEST

START_TEST(the_library_prints_nothing)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem;
	const struct yaml *root = NULL;
	int keep = dup(2), ends[2];
	char byte;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(dup2(ends[1], 2), 2);
	ck_assert(!yaml_parse(TEXT_LIT("a: [1\nb: }"), &limits, &arena, &root, &problem));
	ck_assert_int_eq(dup2(keep, 2), 2);
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	close(keep);
}
END_TEST

/* The tree on one line: quoted texts in quotes, lists in [], maps in {}. */
static void show(const struct yaml *node, char *to, size_t room)
{
	size_t used = strlen(to);

	if (node->kind == YAML_NULL)
		snprintf(to + used, room - used, "~");
	if (node->kind == YAML_SCALAR)
		snprintf(to + used, room - used, node->quoted ? "'%.*s'" : "%.*s", TEXT_ARG(node->text));
	if (node->kind != YAML_LIST && node->kind != YAML_MAP)
		return;
	snprintf(to + used, room - used, node->kind == YAML_LIST ? "[" : "{");
	for (size_t i = 0; i < node->n; i++) {
		used = strlen(to);
		snprintf(to + used, room - used, "%s%.*s%s", i > 0 ? ", " : "",
			 TEXT_ARG(node->keys ? node->keys[i].text : TEXT_EMPTY), node->keys ? ": " : "");
		show(&node->items[i], to, room);
	}
	used = strlen(to);
	snprintf(to + used, room - used, node->kind == YAML_LIST ? "]" : "}");
}

static const char *shown(const char *text, const struct yaml_limits *allowed, struct arena *arena)
{
	struct problem problem = {0, 0, ""};
	const struct yaml *root = NULL;
	static char line[1000];

	line[0] = '\0';
	ck_assert_msg(yaml_parse(text_of(text), allowed, arena, &root, &problem), "%s: %u:%u %s", text, problem.line,
		      problem.column, problem.text);
	show(root, line, sizeof line);
	return line;
}

static const struct {
	const char *text, *tree;
} sharing[] = {
	{"a: &x 1\nb: *x\n", "{a: 1, b: 1}"},
	{"a: &x 'yes'\nb: *x\n", "{a: 'yes', b: 'yes'}"},
	{"a: &x\nb: *x\n", "{a: ~, b: ~}"},
	{"a: &x [1, {b: c}]\nd: [*x, *x]\n", "{a: [1, {b: c}], d: [[1, {b: c}], [1, {b: c}]]}"},
	{"a: &x {b: &y [c]}\nd: *y\ne: *x\n", "{a: {b: [c]}, d: [c], e: {b: [c]}}"},
	{"&k a: 1\nb: *k\n", "{a: 1, b: a}"},
	{"- &x a\n- *x\n", "[a, a]"},
	{"a:\n  d:\n    - |\n     x\n    - e: >\n       y\n    - - |\n       z\nf: |\ng: 1\n",
	 "{a: {d: ['x\n', {e: 'y\n'}, ['z\n']]}, f: '', g: 1}"},
	{"a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n", "{a: {b: 1, c: 2}, d: {c: 3, b: 1}}"},
	{"a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x\n  e: 4\n", "{a: {b: 1, c: 2}, d: {c: 3, e: 4, b: 1}}"},
	{"a: &x {b: 1, c: 2}\nd: &y {c: 3, e: 4}\nf: {<<: [*y, *x]}\n",
	 "{a: {b: 1, c: 2}, d: {c: 3, e: 4}, f: {c: 3, e: 4, b: 1}}"},
	{"a: &x {b: 1, c: 2}\nd: &y {<<: *x, c: 3}\nf: {<<: *y, b: 5}\n",
	 "{a: {b: 1, c: 2}, d: {c: 3, b: 1}, f: {b: 5, c: 3}}"},
	{"a: {<<: {b: 1}, c: 2}\n", "{a: {c: 2, b: 1}}"},
	{"a: {<<: [{b: 1}, {b: 2, d: 3}], c: 2}\n", "{a: {c: 2, b: 1, d: 3}}"},
	{"a: {<<: []}\n", "{a: {}}"},
	{"a: {'<<': 1}\n", "{a: {<<: 1}}"},
	{"a: [<<]\n", "{a: [<<]}"},
};

START_TEST(an_alias_shows_what_its_anchor_names_and_merged_keys_never_win)
{
	auto_arena struct arena arena = ARENA_EMPTY;

	ck_assert_str_eq(shown(sharing[_i].text, &shared, &arena), sharing[_i].tree);
}
END_TEST

START_TEST(an_alias_shares_the_node_and_stands_at_its_own_place)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem;
	const struct yaml *root, *a, *b;

	ck_assert(yaml_parse(TEXT_LIT("a: &x\n  - 1\nb:\n  *x\n"), &shared, &arena, &root, &problem));
	a = yaml_get(root, "a");
	b = yaml_get(root, "b");
	ck_assert_ptr_eq(a->items, b->items);
	ck_assert_uint_eq(b->line, 4);
	ck_assert_uint_eq(b->column, 3);
	ck_assert_uint_eq(b->items[0].line, 2);
}
END_TEST

static const struct {
	const char *text;
	unsigned line, column;
	const char *says;
} unshared[] = {
	{"a: *x\n", 1, 4, "`*x` names no anchor before it"},
	{"a: *x\nb: &x 1\n", 1, 4, "`*x` names no anchor before it"},
	{"a: &x [*x]\n", 1, 8, "`*x` stands inside what it names"},
	{"a: &x\n  b:\n    - c: *x\n", 3, 10, "`*x` stands inside what it names"},
	{"a: &x {<<: *x}\n", 1, 12, "`*x` stands inside what it names"},
	{"a: &x 1\nb: &x 2\n", 2, 7, "anchor `&x` is given twice"},
	{"a: &x [&x 2]\n", 1, 11, "anchor `&x` is given twice"},
	{"a: &x?0 b\n", 1, 9, "an anchor's name has letters, digits, `-` and `_` only"},
	{"a: &x b\nc: *x\xc3\xa9\n", 2, 5, "an anchor's name has letters, digits, `-` and `_` only"},
	{"a: &x b\n*x : 1\n", 2, 1, "an alias cannot be a key"},
	{"a: &x [b]\n? *x\n: 1\n", 2, 3, "an alias cannot be a key"},
	{"a: {<<: 1}\n", 1, 9, "`<<` takes a map or a list of maps"},
	{"a: {<<: ~}\n", 1, 9, "`<<` takes a map or a list of maps"},
	{"a: {<<: [{b: 1}, c]}\n", 1, 9, "`<<` takes a map or a list of maps"},
	{"a: {<<: {b: 1}, <<: {c: 1}}\n", 1, 17, "key `<<` is given twice (first in line 1)"},
	{"a: {<<: {b: 1}, c: 1, c: 2}\n", 1, 23, "key `c` is given twice (first in line 1)"},
	{"a: &x {b: 1, b: 2}\n", 1, 14, "key `b` is given twice (first in line 1)"},
	{"a: !!map &x {b: 1}\n", 1, 13, "tags are not used here"},
	{"a: !!merge {b: 1}\n", 1, 12, "tags are not used here"},
};

START_TEST(an_alias_that_could_not_be_meant_is_refused_with_its_place)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct yaml *root = NULL;

	ck_assert(!yaml_parse(text_of(unshared[_i].text), &shared, &arena, &root, &problem));
	ck_assert_ptr_null(root);
	ck_assert_str_eq(problem.text, unshared[_i].says);
	ck_assert_msg(problem.line == unshared[_i].line && problem.column == unshared[_i].column, "%u:%u", problem.line,
		      problem.column);
}
END_TEST

START_TEST(what_aliases_show_counts_as_nodes_and_depth_and_they_are_counted_themselves)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct yaml_limits few = {1000, 4, 11, 2};
	struct problem problem;
	const struct yaml *root = NULL;

	/* 11 nodes: a map, two keys, a list of two, and the same again in a list of one alias. */
	ck_assert(yaml_parse(TEXT_LIT("a: &x [1, 2]\nb: [*x, 3]"), &few, &arena, &root, &problem));
	few.nodes = 10;
	ck_assert(!yaml_parse(TEXT_LIT("a: &x [1, 2]\nb: [*x, 3, 4]"), &few, &arena, &root, &problem));
	ck_assert_str_eq(problem.text, "more nodes than the limit allows");
	few.nodes = 100;
	ck_assert(yaml_parse(TEXT_LIT("a: &x [[]]\nb: [*x]"), &few, &arena, &root, &problem));
	ck_assert(!yaml_parse(TEXT_LIT("a: &x [[]]\nb: [[*x]]"), &few, &arena, &root, &problem));
	ck_assert_str_eq(problem.text, "nested too deeply");
	ck_assert(yaml_parse(TEXT_LIT("[&a 1, &b 1, *a, *b]"), &few, &arena, &root, &problem));
	ck_assert(!yaml_parse(TEXT_LIT("[&a 1, *a, *a, *a]"), &few, &arena, &root, &problem));
	ck_assert_str_eq(problem.text, "more aliases than the limit allows");
	ck_assert(!yaml_parse(TEXT_LIT("[&a 1, &b 1, &c 1]"), &few, &arena, &root, &problem));
	ck_assert_str_eq(problem.text, "more anchors than the limit allows");
}
END_TEST

static const char *const laughs[] = {
	"a0: &a0 [x, x, x, x, x, x, x, x, x, x]\na%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n",
	"a0: &a0 {k: v}\na%d: &a%d {a: *a%d, b: *a%d, c: *a%d, d: *a%d, e: *a%d, f: *a%d, g: *a%d, h: *a%d}\n",
	"a0: &a0 {k: v, l: w}\na%d: &a%d {x%d: {<<: *a%d}, c: *a%d, d: *a%d, e: *a%d, f: *a%d, g: *a%d, h: *a%d}\n",
};

/* The first line once, the second for every level, its numbers filled in: own, own, then the level below. */
static size_t laugh(const char *lines, char *to, size_t room)
{
	const char *second = strchr(lines, '\n') + 1;
	size_t n = (size_t)(second - lines);

	memcpy(to, lines, n);
	for (int level = 1; level < 60; level++) {
		int own = 0;

		for (const char *c = second; *c; c++) {
			if (c[0] == '%' && c[1] == 'd') {
				n += (size_t)snprintf(to + n, room - n, "%d", own < 2 ? level : level - 1);
				own++;
				c++;
			} else {
				to[n++] = *c;
			}
		}
	}
	ck_assert_uint_lt(n, room);
	return n;
}

START_TEST(a_text_of_nested_aliases_ends_at_the_limit_of_nodes)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct yaml_limits limited = shared;
	struct problem problem = {0, 0, ""};
	const struct yaml *root = NULL;
	static char text[20000];
	size_t n = laugh(laughs[_i], text, sizeof text);

	limited.aliases = 1000;
	ck_assert(!yaml_parse((struct text){text, n}, &limited, &arena, &root, &problem));
	ck_assert_str_eq(problem.text, "more nodes than the limit allows");
	ck_assert_uint_lt(problem.line, 10);
	ck_assert_uint_lt(arena.used, 200000);
}
END_TEST

static const struct {
	const char *text, *same;
} endings[] = {
	{"a: |\r\n  x\r\n\r\n  y\r\nb: >\r\n  p\r\n  q\r\n", "{a: 'x\n\ny\n', b: 'p q\n'}"},
	{"a: '^x$'\r\nb: \"q\r\n  r\"\r\nc: p\r\n  q\r\n", "{a: '^x$', b: 'q r', c: p q}"},
	{"a: \"x\\r\\n\"\r\n", "{a: 'x\r\n'}"},
	{"a: 1\nb: 2\r\n", "{a: 1, b: 2}"},
	{"\xef\xbb\xbf"
	 "a: 1\r\n",
	 "{a: 1}"},
	{"\xef\xbb\xbf", "~"},
	{"\r\n", "~"},
};

START_TEST(how_an_editor_ends_lines_or_begins_a_file_changes_no_value)
{
	auto_arena struct arena arena = ARENA_EMPTY;

	ck_assert_str_eq(shown(endings[_i].text, &limits, &arena), endings[_i].same);
}
END_TEST

static const struct yaml *only(const char *text, struct arena *arena)
{
	const struct yaml *root = NULL;
	struct problem problem;

	ck_assert(yaml_parse(text_of(text), &limits, arena, &root, &problem));
	return root;
}

static const struct {
	const char *text;
	int is; /* 1, 0; -1: no boolean */
} booleans[] = {
	{"true", 1},  {"True", 1},   {"TRUE", 1},      {"yes", 1},     {"Yes", 1},    {"YES", 1},
	{"on", 1},    {"On", 1},     {"ON", 1},        {"y", 1},       {"Y", 1},      {"false", 0},
	{"False", 0}, {"FALSE", 0},  {"no", 0},        {"No", 0},      {"NO", 0},     {"off", 0},
	{"Off", 0},   {"OFF", 0},    {"n", 0},         {"N", 0},       {"tRue", -1},  {"yEs", -1},
	{"oN", -1},   {"t", -1},     {"1", -1},        {"0", -1},      {"'yes'", -1}, {"\"true\"", -1},
	{"~", -1},    {"truee", -1}, {"|\n true", -1}, {"[true]", -1}, {"ye", -1},    {"yes no", -1},
};

START_TEST(a_boolean_is_a_word_of_yaml_1_1_without_quotes)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct yaml *node = only(booleans[_i].text, &arena);
	bool is = booleans[_i].is == 0;

	ck_assert_int_eq(yaml_bool(node, &is), booleans[_i].is >= 0);
	ck_assert_int_eq(is, booleans[_i].is == 1);
	if (booleans[_i].is >= 0)
		ck_assert_msg(text_is(node->text, booleans[_i].text), "the text stays as it is written");
}
END_TEST

static const struct {
	const char *text;
	bool is, odd;
} integers[] = {
	{"0", true, false},     {"42", true, false},
	{"-7", true, false},    {"0x1f", false, true},
	{"0X1F", false, true},  {"0o17", false, true},
	{"0b11", false, true},  {"017", false, true},
	{"1_000", false, true}, {"+1", false, true},
	{"-0", false, true},    {"-0x1", false, true},
	{"1.0", false, false},  {"1e3", false, false},
	{"one", false, false},  {"'1'", false, false},
	{"0xg", false, false},  {"", false, false},
	{"-", false, false},    {"[1]", false, false},
	{"1 2", false, false},  {"99999999999999999999", false, true},
};

START_TEST(an_integer_is_decimal_and_another_notation_is_told_so)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct yaml *node = only(integers[_i].text, &arena);
	struct problem problem;
	int64_t n = 0;

	ck_assert_int_eq(yaml_int(node, &n), integers[_i].is);
	ck_assert(!yaml_int_problem(node, &problem, "expected %d", 1));
	ck_assert_str_eq(problem.text, integers[_i].odd ? "expected 1; write it as a decimal number" : "expected 1");
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_is_outside_the_subset_is_refused_with_its_place, refused),
	SUITE_TEST(a_nul_byte_is_refused),
	SUITE_ROWS(an_empty_document_is_null, empties),
	SUITE_TEST(maps_lists_and_scalars_keep_place_and_kind),
	SUITE_ROWS(a_scalar_has_the_value_that_yaml_gives_it, values),
	SUITE_ROWS(a_bomb_is_refused, bombs),
	SUITE_TEST(limits_are_exact),
	SUITE_ROWS(an_alias_shows_what_its_anchor_names_and_merged_keys_never_win, sharing),
	SUITE_TEST(an_alias_shares_the_node_and_stands_at_its_own_place),
	SUITE_ROWS(an_alias_that_could_not_be_meant_is_refused_with_its_place, unshared),
	SUITE_TEST(what_aliases_show_counts_as_nodes_and_depth_and_they_are_counted_themselves),
	SUITE_ROWS(a_text_of_nested_aliases_ends_at_the_limit_of_nodes, laughs),
	SUITE_ROWS(how_an_editor_ends_lines_or_begins_a_file_changes_no_value, endings),
	SUITE_ROWS(a_boolean_is_a_word_of_yaml_1_1_without_quotes, booleans),
	SUITE_ROWS(an_integer_is_decimal_and_another_notation_is_told_so, integers),
	SUITE_TEST(the_library_prints_nothing),
	SUITE_END,
};
SUITE_MAIN(tests)
