#include "policy/yaml.h"

#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct yaml_limits limits = {256 * 1024, 64, 20000};

static const struct {
	const char *text;
	unsigned line, column;
	const char *says;
} refused[] = {
	{"a: 1\nb: &x 2\n", 2, 7, "anchors are not used here"},
	{"a: &x [1]\n", 1, 7, "anchors are not used here"},
	{"a: *x\n", 1, 5, "aliases are not used here"},
	{"a: !!str 1\n", 1, 10, "tags are not used here"},
	{"a: !x {b: 1}\n", 1, 7, "tags are not used here"},
	{"%YAML 1.2\n---\na: 1\n", 2, 1, "directives are not used here"},
	{"%TAG !e! tag:example.com,2000:\n---\na: 1\n", 2, 1, "directives are not used here"},
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
	{"a: [1\n", 0, 0, NULL},
	{"a: 'x\n", 0, 0, NULL},
	{"a: b: c\n", 0, 0, NULL},
	{"\ta: 1\n", 0, 0, NULL},
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
	{"[", 200000},      {"{a: ", 60000}, {"- ", 100000},       {"? ", 100000},     {"a: [b, ", 30000},
	{"- a\n", 60000},   {"[[],", 60000}, {"{", 200000},        {"&a [*a,", 30000}, {"!!x ", 50000},
	{"a: &a\n", 40000}, {"\"", 200001},  {"- - - -\n", 30000}, {"x: y\n", 50000},
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
	struct yaml_limits few = {12, 2, 5};
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

static const struct suite_test tests[] = {
	SUITE_ROWS(what_is_outside_the_subset_is_refused_with_its_place, refused),
	SUITE_TEST(a_nul_byte_is_refused),
	SUITE_ROWS(an_empty_document_is_null, empties),
	SUITE_TEST(maps_lists_and_scalars_keep_place_and_kind),
	SUITE_ROWS(a_scalar_has_the_value_that_yaml_gives_it, values),
	SUITE_ROWS(a_bomb_is_refused, bombs),
	SUITE_TEST(limits_are_exact),
	SUITE_TEST(the_library_prints_nothing),
	SUITE_END,
};
SUITE_MAIN(tests)
