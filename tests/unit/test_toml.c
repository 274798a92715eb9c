#include "policy/toml.h"

#include "tests/support/suite.h"
#include "tests/support/toml_dump.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define CORPUS SOURCE_DIR "/tests/data/toml"

static const struct toml *read_ok(struct text bytes, struct arena *arena)
{
	struct problem problem = {0, 0, ""};
	const struct toml *root = NULL;

	ck_assert_msg(toml_parse(bytes, &toml_dump_limits, arena, &root, &problem), "%u:%u: %s", problem.line,
		      problem.column, problem.text);
	return root;
}

/* ---- what it takes and refuses: as Python's tomllib does ---- */

static struct text file_bytes(const char *path, struct arena *arena)
{
	static char bytes[256 * 1024];
	FILE *file = fopen(path, "rb");
	size_t n;

	ck_assert_msg(file != NULL, "%s", path);
	n = fread(bytes, 1, sizeof bytes, file);
	ck_assert(n < sizeof bytes && ferror(file) == 0);
	(void)fclose(file);
	return arena_text(arena, (struct text){bytes, n});
}

/* The tree in one line, or "refused". */
static const char *answer(struct text bytes, struct arena *arena)
{
	static char line[64 * 1024];
	struct problem problem = {0, 0, ""};
	const struct toml *root = NULL;
	FILE *out;

	if (!toml_parse(bytes, &toml_dump_limits, arena, &root, &problem)) {
		ck_assert(problem.text[0] != '\0' && problem.line > 0 && problem.column > 0 && !root);
		return "refused";
	}
	ck_assert(problem.text[0] == '\0');
	out = fmemopen(line, sizeof line, "w");
	ck_assert_ptr_nonnull(out);
	toml_dump(out, root);
	ck_assert_int_eq(fclose(out), 0);
	return line;
}

static size_t documents(void)
{
	DIR *dir = opendir(CORPUS);
	struct dirent *entry;
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)))
		n += text_ends(text_of(entry->d_name), TEXT_LIT(".toml")) ? 1 : 0;
	(void)closedir(dir);
	return n;
}

START_TEST(every_document_is_read_as_tomllib_reads_it)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text rest = file_bytes(CORPUS "/expected.tsv", &arena);
	size_t n = 0, taken = 0;

	for (; rest.len > 0; n++) {
		size_t tab = text_find(rest, TEXT_LIT("\t")), end = text_find(rest, TEXT_LIT("\n"));
		struct text name = {rest.at, tab}, expected = {rest.at + tab + 1, end - tab - 1};
		struct text path = arena_printf(&arena, CORPUS "/%.*s.toml", TEXT_ARG(name));
		const char *ours = answer(file_bytes(path.at, &arena), &arena);

		ck_assert_msg(text_is(expected, ours), "%s\n  tomllib: %.*s\n  ours:    %s", path.at,
			      TEXT_ARG(expected), ours);
		taken += strcmp(ours, "refused") != 0;
		rest = (struct text){rest.at + end + 1, rest.len - end - 1};
	}
	ck_assert_uint_eq(n, documents());
	ck_assert_uint_gt(taken, 100);
	ck_assert_uint_gt(n - taken, 200);
}
END_TEST

/* ---- what it says ---- */

static const struct {
	const char *text;
	unsigned line, column;
	const char *says;
} refused[] = {
	{"status = [ci]\n", 1, 11, "`ci` is no number, date, true or false; text needs quotes"},
	{"status: 1\n", 1, 7, "expected `=` after the key, found `:`"},
	{"a = 1\n\nb =\n", 3, 4, "expected a value, found the end of the line"},
	{"a = ", 1, 5, "expected a value, found the end of the file"},
	{"a = [\n  1\n  2\n]\n", 3, 3, "expected `,` or `]` in the array of line 1, found `2`"},
	{"a = {b = 1 c = 2}\n", 1, 12, "expected `,` or `}` in the inline table of line 1, found `c`"},
	{"a = 1 é\n", 1, 7, "expected the end of the line, found `é`"},
	{"\"é\" = \"é\" x\n", 1, 11, "expected the end of the line, found `x`"},
	{"a = 1\n'a' = 2\n", 2, 1, "key `a` is given twice (first in line 1)"},
	{"[x]\ny.a = 1\ny.a = 2\n", 3, 3, "key `a` is given twice (first in line 2)"},
	{"[a]\n\n[a]\n", 3, 2, "`a` cannot be opened again (first in line 1)"},
	{"a.b = 1\n[a]\n", 2, 2, "`a` cannot be opened again (first in line 1)"},
	{"[a.b]\n[a]\nb.c = 1\n", 3, 1, "`b` cannot be opened again (first in line 1)"},
	{"a = 1\na.b = 2\n", 2, 5, "`a` is already a value (line 1): nothing can be put into it"},
	{"a = {}\n[[a]]\n", 2, 4, "`a` is already a value (line 1): nothing can be put into it"},
	{"a = 1\n[[a.b]]\n", 2, 6, "`a` is already a value (line 1): nothing can be put into it"},
	{"[[a.b.c]]\n[a.b]\nc.d = 1\n", 3, 1, "`c` cannot be opened again (first in line 1)"},
	{"a = 1 é", 1, 7, "expected the end of the line, found `é`"},
	{"[a\n", 1, 3, "expected `]` after the table's name, found the end of the line"},
	{"[[a]\n", 1, 4, "expected `]]` after the table's name, found `]`"},
	{"a = 1\nb = \"x\n", 2, 5, "text that does not end"},
	{"a = '''x\n\n", 1, 5, "text that does not end"},
	{"a = \"C:\\dir\"\n", 1, 8, "an escape that TOML does not have; a backslash itself is written `\\\\`"},
	{"a = \"\\u12\"\n", 1, 6, "`\\u` needs 4 hexadecimal digits"},
	{"a = \"\\ud800\"\n", 1, 6, "an escape that is no Unicode character"},
	{"a = \"\"\"x \\ y\"\"\"\n", 1, 10, "a backslash before a blank, which is not the line's last"},
	{"a = 1\n# \x01\n", 2, 3, "a control character"},
	{"a = 1\rb = 2\n", 1, 6, "a carriage return without a newline"},
	{"a = 1\n# \xff\n", 2, 3, "not valid UTF-8"},
	{"\xef\xbb\xbf"
	 "a = 1\n",
	 1, 1, "a byte order mark, which TOML does not have; save the file without it"},
};

START_TEST(what_is_refused_has_a_place_and_a_reason)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct toml *root = NULL;

	ck_assert(!toml_parse(text_of(refused[_i].text), &toml_dump_limits, &arena, &root, &problem));
	ck_assert_str_eq(problem.text, refused[_i].says);
	ck_assert_uint_eq(problem.line, refused[_i].line);
	ck_assert_uint_eq(problem.column, refused[_i].column);
	ck_assert_ptr_null(root);
}
END_TEST

static void at(const struct toml *node, unsigned key_line, unsigned key_column, unsigned line, unsigned column)
{
	ck_assert_ptr_nonnull(node);
	ck_assert_uint_eq(node->key_line, key_line);
	ck_assert_uint_eq(node->key_column, key_column);
	ck_assert_uint_eq(node->line, line);
	ck_assert_uint_eq(node->column, column);
}

START_TEST(keys_and_values_keep_their_places)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct toml *root =
		read_ok(TEXT_LIT("a = 1\r\n'ü' . b =  [2,\r\n 3]\n [ t ]\nx = {y = 'z'}\n[[l]]\n"), &arena);
	const struct toml *dotted = toml_get(root, TEXT_LIT("ü")), *t = toml_get(root, TEXT_LIT("t"));
	const struct toml *list = toml_get(dotted, TEXT_LIT("b"));

	at(toml_get(root, TEXT_LIT("a")), 1, 1, 1, 5);
	at(dotted, 2, 1, 2, 1);
	at(list, 2, 7, 2, 12);
	at(list->first, 0, 0, 2, 13);
	at(list->first->next, 0, 0, 3, 2);
	ck_assert_ptr_null(list->first->next->next);
	at(t, 4, 4, 4, 4);
	at(toml_get(toml_get(t, TEXT_LIT("x")), TEXT_LIT("y")), 5, 6, 5, 10);
	at(toml_get(root, TEXT_LIT("l")), 6, 3, 6, 3);
	ck_assert_uint_eq(root->n, 4);
	ck_assert_ptr_null(toml_get(root, TEXT_LIT("b")));
	ck_assert_ptr_null(toml_get(list, TEXT_LIT("b")));
}
END_TEST

/* ---- numbers that nobody may take for another ---- */

static const struct {
	const char *text;
	bool fits;
	int64_t value;
} integers[] = {
	{"9223372036854775807", true, INT64_MAX},
	{"-9223372036854775808", true, INT64_MIN},
	{"0x7fff_ffff_ffff_ffff", true, INT64_MAX},
	{"0o777777777777777777777", true, INT64_MAX},
	{"9223372036854775808", false, 0},
	{"-9223372036854775809", false, 0},
	{"18446744073709551617", false, 0}, /* 1 in 64 bits */
	{"0x1_0000_0000_0000_0001", false, 0},
	{"0b10000000000000000000000000000000000000000000000000000000000000001", false, 0},
	{"1.0", false, 0},
	{"\"1\"", false, 0},
	{"true", false, 0},
};

START_TEST(an_integer_beyond_int64_is_no_number)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct toml *root = read_ok(arena_printf(&arena, "a = %s\n", integers[_i].text), &arena);
	int64_t n = 4711;

	ck_assert_int_eq(toml_int(root->first, &n), integers[_i].fits);
	ck_assert_int_eq(n, integers[_i].fits ? integers[_i].value : 4711);
}
END_TEST

/* ---- limits ---- */

static struct text repeated(const char *head, const char *piece, size_t n, const char *tail)
{
	static char bytes[512 * 1024];
	size_t used = strlen(head), each = strlen(piece);

	ck_assert_uint_lt(used + n * each + strlen(tail), sizeof bytes);
	memcpy(bytes, head, used);
	for (size_t i = 0; i < n; i++, used += each)
		memcpy(bytes + used, piece, each);
	memcpy(bytes + used, tail, strlen(tail));
	return (struct text){bytes, used + strlen(tail)};
}

static const struct toml_limits narrow = {64 * 1024, 8, 100};

static const struct {
	const char *head, *piece, *tail;
	size_t fits; /* so many pieces are taken, and one more is not */
	const char *says;
} limits[] = {
	{"#", "x", "", 64 * 1024 - 1, "larger than 65536 bytes"},
	{"a = [", "1,", "]", 98, "more values than the limit allows"},
	{"", "[[a]]\n", "", 98, "more values than the limit allows"},
	{"a = [", "{},", "]", 98, "more values than the limit allows"},
	{"a = ", "[", "]]]]]]]]", 8, "nested too deeply"},
	{"a = ", "{b=", "1}}}}}}}", 7, "nested too deeply"},
	{"a", ".b", " = 1\n", 7, "nested too deeply"},
	{"[a", ".b", "]\n", 7, "nested too deeply"},
	{"[[a", ".b", "]]\n", 6, "nested too deeply"},
	{"a = {b", ".c", " = 1}\n", 6, "nested too deeply"},
	{"[a.b.c.d]\ne", ".f", " = {}", 3, "nested too deeply"},
};

START_TEST(what_is_over_a_limit_is_refused)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct toml *root = NULL;
	size_t n = limits[_i].fits;

	ck_assert_msg(toml_parse(repeated(limits[_i].head, limits[_i].piece, n, limits[_i].tail), &narrow, &arena,
				 &root, &problem),
		      "%s", problem.text);
	ck_assert(!toml_parse(repeated(limits[_i].head, limits[_i].piece, n + 1, limits[_i].tail), &narrow, &arena,
			      &root, &problem));
	ck_assert_str_eq(problem.text, limits[_i].says);
}
END_TEST

static const char *const far_too_deep[] = {"[[a.b.c.d.e.f.g.h.i]]\n", "[[a.b.c.d.e.f.g.h.i.j.k]]\n"};

START_TEST(an_array_of_tables_is_no_way_round_the_depth)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct toml *root = NULL;

	ck_assert(!toml_parse(text_of(far_too_deep[_i]), &narrow, &arena, &root, &problem));
	ck_assert_str_eq(problem.text, "nested too deeply");
}
END_TEST

START_TEST(the_callers_depth_is_cut_to_what_the_stack_bears)
{
	static const struct toml_limits boundless = {SIZE_MAX, UINT32_MAX, UINT32_MAX};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct toml *root = NULL;

	ck_assert(!toml_parse(repeated("a = ", "[", 200000, ""), &boundless, &arena, &root, &problem));
	ck_assert_str_eq(problem.text, "nested too deeply");
	ck_assert_uint_eq(problem.column, 5 + TOML_DEPTH_LIMIT);
	ck_assert(!toml_parse(repeated("a = ", "{a=", 100000, ""), &boundless, &arena, &root, &problem));
	ck_assert_str_eq(problem.text, "nested too deeply");
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(every_document_is_read_as_tomllib_reads_it),
	SUITE_ROWS(what_is_refused_has_a_place_and_a_reason, refused),
	SUITE_TEST(keys_and_values_keep_their_places),
	SUITE_ROWS(an_integer_beyond_int64_is_no_number, integers),
	SUITE_ROWS(what_is_over_a_limit_is_refused, limits),
	SUITE_ROWS(an_array_of_tables_is_no_way_round_the_depth, far_too_deep),
	SUITE_TEST(the_callers_depth_is_cut_to_what_the_stack_bears),
	SUITE_END,
};
SUITE_MAIN(tests)
