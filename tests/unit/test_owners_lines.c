/* Lines of CODEOWNERS, byte by byte: what is an owner, where a line and a word end, what is told of one that is wrong.
 */
#include "policy/owners.h"

#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct owners_file {
	struct arena arena;
	char *bytes; /* nothing stands before it or behind */
	const struct owners *owners;
};

static void file_make(struct owners_file *f, const char *text)
{
	struct problem problem = {0, 0, ""};
	size_t n = strlen(text);

	*f = (struct owners_file){.arena = ARENA_EMPTY, .bytes = malloc(n)};
	if (n > 0)
		memcpy(f->bytes, text, n);
	if (!owners_read_github((struct text){f->bytes, n}, &f->arena, &f->owners, &problem))
		ck_abort_msg("%u: %s", problem.line, problem.text);
}

static void file_drop(struct owners_file *f)
{
	free(f->bytes);
	arena_release(&f->arena);
}

static struct owned ask(const struct owners_file *f, const char *path)
{
	size_t steps = OWNERS_STEPS_MAX;

	return owners_of(f->owners, text_of(path), &steps);
}

static struct owned ask_below(const struct owners_file *f, struct text path)
{
	size_t steps = OWNERS_STEPS_MAX;

	return owners_below(f->owners, path, &steps);
}

#define TEN     "aaaaaaaaaa"
#define FIFTY   TEN TEN TEN TEN TEN
#define HUNDRED FIFTY FIFTY

/* ---- lines ---- */

static const struct {
	const char *bytes; /* asked of "b" */
	unsigned line;
	size_t n;
	const char *last; /* owner */
} lines[] = {
	{"* @zoe", 1, 1, "zoe"},
	{"* @Zoz-_9", 1, 1, "Zoz-_9"},
	{"* @" HUNDRED, 1, 1, HUNDRED},
	{"* @" HUNDRED "/" HUNDRED, 1, 1, HUNDRED "/" HUNDRED},
	{"* @a @b", 1, 2, "b"},
	{"* @a\t\t@b \t", 1, 2, "b"},
	{"* @a #", 1, 1, "a"},
	{"* #@a", 1, 0, NULL},
	{"* x@" HUNDRED "." HUNDRED "." FIFTY "a", 1, 1, "x@" HUNDRED "." HUNDRED "." FIFTY "a"},
	/* the last line counts, of one byte and without an end, too; lines without anything do not */
	{"* @a\n*", 2, 0, NULL},
	{"\n* @a", 2, 1, "a"},
	{"\r\n* @a\r\n\r\n", 2, 1, "a"},
	{"\n\n\n* @a\n\n", 4, 1, "a"},
	{" \n\t\n* @a", 3, 1, "a"},
	{"* @a\n#", 1, 1, "a"},
	{"#\n* @a", 2, 1, "a"},
	/* a pattern at either end of the file; an even number of backslashes ends one */
	{"* @a\n/b*", 2, 0, NULL},
	{"\\\\\n* @a", 2, 1, "a"},
	{"/x\\\\ @z\n* @a", 2, 1, "a"},
	{"/x\\\\\\\\ @z\n* @a", 2, 1, "a"},
	/* wildcards in a row */
	{"*? @a", 1, 1, "a"},
	{"*\\b @a", 1, 1, "a"},
	{"* @a\n*?? @z", 1, 1, "a"},
};

START_TEST(a_line_says_who_owns_what_it_is_about)
{
	struct owners_file f;
	struct owned owned;

	file_make(&f, lines[_i].bytes);
	owned = ask(&f, "b");
	ck_assert_ptr_null(owners_problem_at(f.owners, 0));
	ck_assert(owned.known);
	ck_assert_uint_eq(owned.line, lines[_i].line);
	ck_assert_uint_eq(owned.n, lines[_i].n);
	if (lines[_i].last)
		ck_assert(text_is(owned.at[owned.n - 1].name, lines[_i].last));
	file_drop(&f);
}
END_TEST

/* ---- where a pattern ends ---- */

static const struct {
	const char *line, *path;
	unsigned owned; /* by the line, or by the first; 0: that is not known */
} ends[] = {
	{"/?b @z", "xb", 2},
	{"/?b @z", "xb ", 1},
	{"/?b @z", "xb @z", 1},
	{"/ab*b @z", "ab", 1},
	{"/ab*b @z", "abb", 2},
	{"/a*ab @z", "ab", 1},
	{"/a*ab @z", "aab", 2},
	{"/a**a @z", "a", 1},
	{"/a/**/a @z", "a", 1},
	{"/a/**/a @z", "a/a", 2},
	{"/a/b/**/b @z", "a/b", 1},
	{"/a/b/**/b @z", "a/b/b", 2},
	{"/a? @z", "a\x80", 0},
	{"/a? @z", "a\x7f", 2},
	{"/a* @z", "a\x80", 2},
	{"/*ab* @z", "acb", 1},
	{"/*ab* @z", "aab", 2},
	{"/x/**/a/b/ @z", "x/a/c/b/d", 1},
	{"/x/**/a/b/ @z", "x/a/a/b/d", 2},
};

START_TEST(a_pattern_fits_a_name_from_its_first_byte_to_its_last)
{
	struct owners_file f;
	struct owned owned;
	char bytes[100];

	(void)snprintf(bytes, sizeof bytes, "* @a\n%s\n", ends[_i].line);
	file_make(&f, bytes);
	owned = ask(&f, ends[_i].path);
	ck_assert_msg(owned.known == (ends[_i].owned > 0), "%s %s", ends[_i].line, ends[_i].path);
	if (owned.known)
		ck_assert_msg(owned.line == ends[_i].owned, "%s %s", ends[_i].line, ends[_i].path);
	file_drop(&f);
}
END_TEST

/* ---- what is told of a wrong one ---- */

static const struct {
	const char *line, *says;
} wrong[] = {
	{"a @,bob", "`@,bob` is no @user, @org/team or e-mail"},
	{"a @acme/,lib", "`@acme/,lib` is no @user, @org/team or e-mail"},
	{"a @acme/" HUNDRED "a", "is no @user"},
	{"a @" HUNDRED "a/lib", "is no @user"},
	{"a x@,org", "`x@,org` is no"},
	{"a x@" HUNDRED "." HUNDRED "." FIFTY "aa", "is no @user"},
	/* a blank ends an owner, whatever stands before it */
	{"a bo\\ b@example.org", "`bo\\` is no"},
	{"a @bob x\\ y@example.org", "`x\\` is no"},
	{"a @bob @x @", "`@` is no"},
	{"\x01/a @bob", "bytes that are not plain UTF-8 text"},
	{"[a @bob", "`[ ]` is no range here"},
	{"a] @bob", "`[ ]` is no range here"},
	{"*** @bob", "more than two"},
	{"//a @bob", "two slashes"},
	{"/a\\\\\\", "a backslash with nothing behind it"},
	{"\x7f", "bytes that are not plain UTF-8 text"},
};

START_TEST(a_wrong_line_is_told_by_its_number_and_the_word)
{
	struct owners_file f;
	char bytes[600];

	(void)snprintf(bytes, sizeof bytes, "* @erin\n%s\n\n!\n", wrong[_i].line);
	file_make(&f, bytes);
	ck_assert_ptr_nonnull(owners_problem_at(f.owners, 0));
	ck_assert_uint_eq(owners_problem_at(f.owners, 0)->line, 2);
	ck_assert_uint_eq(owners_problem_at(f.owners, 0)->column, 1);
	ck_assert_msg(strstr(owners_problem_at(f.owners, 0)->text, wrong[_i].says) != NULL, "%s",
		      owners_problem_at(f.owners, 0)->text);
	ck_assert_ptr_nonnull(owners_problem_at(f.owners, 1));
	ck_assert_uint_eq(owners_problem_at(f.owners, 1)->line, 4);
	ck_assert_uint_eq(owners_problem_at(f.owners, 1)->column, 1);
	ck_assert_ptr_null(owners_problem_at(f.owners, 2));
	file_drop(&f);
}
END_TEST

static struct text repeated(struct arena *arena, const char *piece, size_t times)
{
	size_t len = strlen(piece);
	char *at = arena_alloc(arena, times * len, 1);

	for (size_t i = 0; i < times; i++)
		memcpy(at + i * len, piece, len);
	return (struct text){at, times * len};
}

START_TEST(a_problem_of_the_whole_file_has_a_place_where_a_line_is_at_fault)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct owners *owners = NULL;
	struct problem problem = {7, 7, ""};

	ck_assert(!owners_read_github(repeated(&arena, "a\n", OWNERS_RULES_MAX + 1), &arena, &owners, &problem));
	ck_assert(problem.line == OWNERS_RULES_MAX + 1 && problem.column == 1);
	ck_assert(!owners_read_github(repeated(&arena, "#", OWNERS_BYTES_MAX), &arena, &owners, &problem));
	ck_assert(problem.line == 0 && problem.column == 0);
	ck_assert_ptr_null(owners);
}
END_TEST

/* ---- what has a file's name and stands for a tree ---- */

START_TEST(a_link_is_a_folder_of_one_name_whose_path_is_as_long_as_a_path_may_be)
{
	struct owners_file f;

	file_make(&f, "* @all\n/k/? @bob\n");
	ck_assert(text_is(ask_below(&f, TEXT_LIT("k")).at[0].name, "bob"));
	ck_assert(text_is(ask_below(&f, TEXT_LIT("l")).at[0].name, "all"));
	ck_assert(ask_below(&f, repeated(&f.arena, "a", OWNERS_PATH_MAX - 2)).known);
	for (size_t more = OWNERS_PATH_MAX - 1; more < OWNERS_PATH_MAX + 20; more++)
		ck_assert(!ask_below(&f, repeated(&f.arena, "a", more)).known);
	file_drop(&f);
}
END_TEST

/* ---- doubts that no line is to blame for ---- */

START_TEST(no_line_is_named_where_none_is_at_fault)
{
	static const char *const files[] = {"", "*", "* @bob\n* @carol\n"};
	struct owners_file f;
	struct owned owned;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		size_t none = 0, little = 1;

		file_make(&f, files[i]);
		owned = owners_of(f.owners, TEXT_LIT("a"), &none);
		ck_assert(!owned.known && owned.line == 0 && none == 0);
		ck_assert(text_starts(owned.why, TEXT_LIT("it has too many patterns")));
		owned = ask(&f, "/a");
		ck_assert(!owned.known && owned.line == 0);
		owned = ask_below(&f, TEXT_EMPTY);
		ck_assert(!owned.known && owned.line == 0);
		ck_assert(text_starts(owned.why, TEXT_LIT("a path that is too long")));
		owned = owners_of(f.owners, TEXT_LIT("a"), &little);
		ck_assert(owned.line == 0 && owned.known == (i == 0));
		file_drop(&f);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_line_says_who_owns_what_it_is_about, lines),
	SUITE_ROWS(a_pattern_fits_a_name_from_its_first_byte_to_its_last, ends),
	SUITE_ROWS(a_wrong_line_is_told_by_its_number_and_the_word, wrong),
	SUITE_TEST(a_problem_of_the_whole_file_has_a_place_where_a_line_is_at_fault),
	SUITE_TEST(a_link_is_a_folder_of_one_name_whose_path_is_as_long_as_a_path_may_be),
	SUITE_TEST(no_line_is_named_where_none_is_at_fault),
	SUITE_END,
};
SUITE_MAIN(tests)
