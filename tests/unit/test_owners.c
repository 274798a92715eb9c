/* CODEOWNERS: which paths a pattern is about, held against a slow second way; lines, owners, limits. */
#include "policy/owners.h"

#include "tests/support/row_dice.h"
#include "tests/support/suite.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct owners *read_text(const char *bytes, struct arena *arena)
{
	const struct owners *owners = NULL;
	struct problem problem = {0, 0, ""};

	if (!owners_read_github(text_of(bytes), arena, &owners, &problem))
		ck_abort_msg("%u: %s", problem.line, problem.text);
	return owners;
}

static struct owned ask(const struct owners *owners, const char *path)
{
	size_t steps = OWNERS_STEPS_MAX;

	return owners_of(owners, text_of(path), &steps);
}

/* ---- which paths a pattern is about ---- */

static const struct {
	const char *pattern, *path;
	bool fits;
} rows[] = {
	/* everything, and names at any depth */
	{"*", "a", true},
	{"*", "a/b/c", true},
	{"**", "a/b/c", true},
	{"/**", "a/b", true},
	{"*.c", "a.c", true},
	{"*.c", "src/deep/a.c", true},
	{"*.c", "a.cc", false},
	{"*.c", "A.C", false},
	{"a.c", "x/a.c", true},
	{"a.c", "xa.c", false},
	{"a.c", "a.c/below", true},
	/* a folder anywhere; the folder and not a file of its name */
	{"apps/", "apps/a", true},
	{"apps/", "x/y/apps/z/a", true},
	{"apps/", "apps", false},
	{"apps/", "x/apps", false},
	{"apps/", "myapps/a", false},
	{"apps/", "Apps/a", false},
	/* a slash before the end is the root's */
	{"/apps/", "apps/x/a", true},
	{"/apps/", "x/apps/a", false},
	{"/apps/", "apps", false},
	{"apps/one", "apps/one", true},
	{"apps/one", "apps/one/deep/a", true},
	{"apps/one", "x/apps/one", false},
	{"apps/one", "apps/one2", false},
	{"apps/one/", "apps/one", false},
	{"apps/one/", "apps/one/a", true},
	{"apps/one/", "x/apps/one/a", false},
	{"/a.c", "a.c", true},
	{"/a.c", "x/a.c", false},
	{"/*.c", "a.c", true},
	{"/*.c", "x/a.c", false},
	/* a lone star at the end: what stands there itself, nothing below */
	{"docs/*", "docs/a.md", true},
	{"docs/*", "docs/app/a.md", false},
	{"docs/*", "x/docs/a.md", false},
	{"docs/*", "docs", false},
	{"/*", "a", true},
	{"/*", "a/b", false},
	{"docs/*.md", "docs/a.md", true},
	{"docs/*.md", "docs/x/a.md", false},
	{"docs/*.d", "docs/x.d/a", true},
	{"docs/a*", "docs/app/deep/a", true},
	{"docs/a*", "docs/app", true},
	{"*/", "a/b", true},
	{"*/", "a", false},
	/* two stars are any number of names where they are one name, else as one star */
	{"**/logs", "logs", true},
	{"**/logs", "a/b/logs", true},
	{"**/logs", "a/logs/b", true},
	{"**/logs", "a/logsx", false},
	{"/**/logs", "a/logs", true},
	{"a/**/b", "a/b", true},
	{"a/**/b", "a/x/y/b", true},
	{"a/**/b", "a/x/y/b/z", true},
	{"a/**/b", "x/a/b", false},
	{"a/**/b/", "a/b", false},
	{"a/**/b/", "a/x/b/c", true},
	{"a/**", "a/b", true},
	{"a/**", "a/b/c", true},
	{"a/**", "a", false},
	{"a/**", "x/a/b", false},
	{"a/**/*", "a/b/c", true},
	{"a/**/*", "a", false},
	{"a/**/*.c", "a/x/y.c", true},
	{"**/a/**/b/**/c", "x/a/b/a/y/b/z/c", true},
	{"**/a/**/b/**/c", "x/a/y/c/b", false},
	{"a**c", "abbc", true},
	{"a**c", "a/c", false},
	{"/a**/c", "abb/c", true},
	{"/a**/c", "a/b/c", false},
	{"**.c", "x/a.c", true},
	/* one character, and the star that takes as much as it must */
	{"a?c", "abc", true},
	{"a?c", "ac", false},
	{"a?c", "a/c", false},
	{"/a?c", "a/c", false},
	{"*a*b", "xaxaxb", true},
	{"*a*b", "xaxax", false},
	{"a*", "a", true},
	{"*ab", "aab", true},
	/* behind a backslash a byte is itself */
	{"a\\*c", "a*c", true},
	{"a\\*c", "abc", false},
	{"a\\ b", "a b", true},
	{"a\\ b/", "a b/c", true},
	{"a\\?", "a?", true},
	{"\\a", "a", true},
	{"a\\\\b", "a\\b", true},
	{"\\!a", "!a", true},
	{"a\\[b\\]", "a[b]", true},
	{"/docs/*\\*", "docs/x*", true},
	/* neither case nor letters beyond ASCII mean anything */
	{"/src/", "SRC/a", false},
	{"\xc3\xa9/", "\xc3\xa9/a", true},
	{"*\xc3\xa9", "x\xc3\xa9", true},
	{"*x", "\xff\xfex", true},
	{"a#b", "a#b", true},
};

START_TEST(patterns_are_about_the_paths_that_github_documents)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	char line[200];
	struct owned owned;

	(void)snprintf(line, sizeof line, "%s @bob\n", rows[_i].pattern);
	owned = ask(read_text(line, &arena), rows[_i].path);
	ck_assert_msg(owned.known, "%s: %.*s", rows[_i].pattern, TEXT_ARG(owned.why));
	ck_assert_msg((owned.n == 1) == rows[_i].fits, "%s %s", rows[_i].pattern, rows[_i].path);
}
END_TEST

/* ---- the second way: a regular expression, written down piece by piece ---- */

enum bend { STRAIGHT = 0, STAR_GOES_DEEPER, SLASH_IN_MIDDLE_FLOATS, FOLDER_IS_FILE, STAR_CROSSES, CASE_BLIND, BENDS };

static bool last_is_lone_star(const char *p)
{
	size_t n = strlen(p);

	return p[n - 1] == '*' && (n == 1 || p[n - 2] == '/');
}

static pcre2_code *second_way(const char *p, enum bend bend)
{
	char re[800] = "^";
	size_t n = strlen(p), at = 1, offset;
	const char *slash = strchr(p, '/');
	bool rooted = slash && slash != p + n - 1 && bend != SLASH_IN_MIDDLE_FLOATS;
	bool folder = p[n - 1] == '/' && bend == FOLDER_IS_FILE;
	const char *star = bend == STAR_CROSSES ? ".*" : "[^/]*";
	int code;

	if (!rooted)
		at += (size_t)snprintf(re + at, sizeof re - at, "(?:.*/)?");
	for (size_t i = p[0] == '/'; i < n - folder; i++) {
		bool starts = i == 0 || p[i - 1] == '/';

		if (starts && strncmp(p + i, "**/", 3) == 0) {
			at += (size_t)snprintf(re + at, sizeof re - at, "(?:.*/)?");
			i += 2;
		} else if (starts && strcmp(p + i, "**") == 0) {
			at += (size_t)snprintf(re + at, sizeof re - at, ".+");
			i += 1;
		} else if (p[i] == '*') {
			at += (size_t)snprintf(re + at, sizeof re - at, "%s", star);
		} else if (p[i] == '?') {
			at += (size_t)snprintf(re + at, sizeof re - at, "[^/]");
		} else {
			if (p[i] == '\\')
				i++;
			at += (size_t)snprintf(re + at, sizeof re - at, "\\x{%02x}", (unsigned char)p[i]);
		}
	}
	if (p[n - 1] == '/' && !folder)
		at += (size_t)snprintf(re + at, sizeof re - at, ".+");
	else if (!last_is_lone_star(p) || bend == STAR_GOES_DEEPER)
		at += (size_t)snprintf(re + at, sizeof re - at, "(?:/.*)?");
	(void)snprintf(re + at, sizeof re - at, "$");
	return pcre2_compile((PCRE2_SPTR)re, PCRE2_ZERO_TERMINATED,
			     PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | (bend == CASE_BLIND ? PCRE2_CASELESS : 0), &code,
			     &offset, NULL);
}

/* Made of few letters, so that patterns and paths meet. Never what the reader refuses. */
static void roll_pattern(struct dice *dice, char *out)
{
	static const char *const names[] = {"a", "b", "ab", "A", "*", "**", "a*", "*b", "?", "a?", "*a*", "\\*", "a**"};
	size_t n = 1 + dice_roll(dice, 4);

	out[0] = '\0';
	if (dice_roll(dice, 3) == 0)
		(void)snprintf(out, 100, "/");
	for (size_t i = 0; i < n; i++) {
		size_t used = strlen(out);

		(void)snprintf(out + used, 100 - used, "%s%s", i > 0 ? "/" : "",
			       names[dice_roll(dice, sizeof names / sizeof names[0])]);
	}
	if (dice_roll(dice, 3) == 0 && !(strlen(out) >= 2 && strcmp(out + strlen(out) - 2, "**") == 0))
		(void)snprintf(out + strlen(out), 3, "/");
}

static void roll_path(struct dice *dice, char *out)
{
	static const char *const names[] = {"a", "b", "ab", "ba", "aab", "A", "*"};
	size_t n = 1 + dice_roll(dice, 5);

	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		size_t used = strlen(out);

		(void)snprintf(out + used, 100 - used, "%s%s", i > 0 ? "/" : "",
			       names[dice_roll(dice, sizeof names / sizeof names[0])]);
	}
}

enum { PATTERNS = 6000, PATHS = 24 };

/* How many answers differ; *ret_fits: how many said yes. */
static size_t differences(enum bend bend, size_t *ret_fits)
{
	struct dice dice = {5};
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	size_t differ = 0;

	*ret_fits = 0;
	for (int i = 0; i < PATTERNS; i++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		char pattern[128], path[128], line[160];
		const struct owners *owners;
		pcre2_code *code;

		roll_pattern(&dice, pattern);
		(void)snprintf(line, sizeof line, "%s @bob", pattern);
		owners = read_text(line, &arena);
		ck_assert_msg(!owners_problem_at(owners, 0), "%s", pattern);
		code = second_way(pattern, bend);
		ck_assert_msg(code != NULL, "%s", pattern);
		for (int k = 0; k < PATHS; k++) {
			struct owned owned;
			bool fits;

			roll_path(&dice, path);
			owned = ask(owners, path);
			ck_assert(owned.known);
			fits = pcre2_match(code, (PCRE2_SPTR)path, strlen(path), 0, 0, data, NULL) >= 0;
			*ret_fits += fits;
			if (fits == (owned.n == 1))
				continue;
			differ++;
			ck_assert_msg(bend != STRAIGHT, "%s %s: %d", pattern, path, fits);
		}
		pcre2_code_free(code);
	}
	pcre2_match_data_free(data);
	return differ;
}

START_TEST(a_second_way_of_matching_says_the_same)
{
	size_t fits;

	ck_assert_uint_eq(differences(STRAIGHT, &fits), 0);
	ck_assert_uint_gt(fits, PATTERNS * PATHS / 10);
	ck_assert_uint_lt(fits, PATTERNS * PATHS * 9 / 10);
}
END_TEST

START_TEST(a_planted_difference_is_seen)
{
	size_t fits;

	ck_assert_uint_gt(differences((enum bend)(_i + 1), &fits), 0);
}
END_TEST
static const int bends[BENDS - 1];

/* ---- whose a path is ---- */

#define EXAMPLE                                                                                                        \
	"# everybody\n"                                                                                                \
	"*            @acme/all\n"                                                                                     \
	"\n"                                                                                                           \
	"  # an indented remark\n"                                                                                     \
	"*.c\t@alice @bob  # the compiler's people @carol\n"                                                           \
	"/lib/        @acme/lib alice@example.com\r\n"                                                                 \
	"/lib/free/\n"                                                                                                 \
	"/lib/loose/  # nobody\n"                                                                                      \
	"with\\ blank @dave"

static void shown(const struct owned *owned, char *out, size_t size)
{
	static const char kinds[] = {
		[OWNER_LOGIN] = 'u', [OWNER_TEAM] = 't', [OWNER_ACCOUNT] = 'n', [OWNER_EMAIL] = 'e'};
	size_t used = (size_t)snprintf(out, size, "%u%s", owned->line, owned->known ? "" : "?");

	for (size_t i = 0; i < owned->n; i++)
		ck_assert_int_eq(owned->at[i].id, 0);
	for (size_t i = 0; i < owned->n && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, " %c:%.*s", kinds[owned->at[i].kind],
					 TEXT_ARG(owned->at[i].name));
}

static const struct {
	const char *path, *owned;
} whose[] = {
	{"README", "2 t:acme/all"},
	{"x/a.c", "5 u:alice u:bob"},
	{"lib/a.c", "6 t:acme/lib e:alice@example.com"},
	{"lib/free/a.c", "7"},
	{"lib/free", "6 t:acme/lib e:alice@example.com"},
	{"lib/loose/a", "8"},
	{"with blank", "9 u:dave"},
	{"with", "2 t:acme/all"},
};

START_TEST(the_last_line_that_is_about_a_path_says_whose_it_is)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct owned owned = ask(read_text(EXAMPLE, &arena), whose[_i].path);
	char out[200];

	shown(&owned, out, sizeof out);
	ck_assert_str_eq(out, whose[_i].owned);
}
END_TEST

START_TEST(a_path_that_no_line_is_about_is_nobodys)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct owned owned = ask(read_text("/lib/ @bob\n", &arena), "src/a.c");

	ck_assert(owned.known);
	ck_assert_uint_eq(owned.n, 0);
	ck_assert_uint_eq(owned.line, 0);
	ck_assert(ask(read_text("", &arena), "a").known);
}
END_TEST

/* ---- lines that cannot be relied on ---- */

#define TEN     "aaaaaaaaaa"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *line;
	bool everywhere; /* a doubt for every path; else for those of the pattern alone, here "a/b" */
	const char *why;
} bad[] = {
	{"!a/b @bob", true, "`!`"},
	{"a/[bc] @bob", true, "`[ ]`"},
	{"a]b @bob", true, "`[ ]`"},
	{"[Section] @bob", true, "`[ ]`"},
	{"^[Section] @bob", true, "`[ ]`"},
	{"\\#a @bob", true, "`\\#`"},
	{"/ @bob", true, "write `*`"},
	{"a//b @bob", true, "two slashes"},
	{"a*** @bob", true, "more than two"},
	{"a/**/ @bob", true, "end with `/`"},
	{"**/ @bob", true, "end with `/`"},
	{"./a @bob", true, "`..`"},
	{"a/../b @bob", true, "`..`"},
	{"a\\", true, "backslash"},
	{"a\\/b @bob", true, "backslash before a slash"},
	{"a\x01 @bob", true, "UTF-8"},
	{"a\xff @bob", true, "UTF-8"},
	{"# \xff", true, "UTF-8"},
	{"\xef\xbb\xbf* @bob", true, "UTF-8"},
	{"a @bob\r@carol", true, "UTF-8"},
	{"a\x7f @bob", true, "UTF-8"},
	{"a/b @b/", false, "`@b/`"},
	{"a/b @b:c", false, "`@b:c`"},
	{"a/b @b`c", false, "`@b`c`"},
	{"a/b @example.org", false, "`@example.org`"},
	{"a/b bob@" HUNDRED HUNDRED HUNDRED, false, "is no @user"},
	{"a/b @" HUNDRED "a", false, "is no @user"},
	{"a/b bob", false, "`bob`"},
	{"a/b @bob carol", false, "`carol`"},
	{"a/b @", false, "`@`"},
	{"a/b @acme/", false, "`@acme/`"},
	{"a/b @/lib", false, "`@/lib`"},
	{"a/b @acme/lib/x", false, "`@acme/lib/x`"},
	{"a/b @bo,b", false, "`@bo,b`"},
	{"a/b @bob, @carol", false, "`@bob,`"},
	{"a/b @app[bot]", false, "`@app[bot]`"},
	{"a/b bob@", false, "`bob@`"},
	{"a/b bob@exa/mple", false, "`bob@exa/mple`"},
	{"a/b @b\xc3\xb6"
	 "b",
	 false, "`@b"},
};

/* The bad line is the second of three; the third is about "c" alone. */
START_TEST(a_line_that_is_wrong_is_a_doubt_and_never_skipped)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	char bytes[300];
	const struct owners *owners;
	struct owned owned;

	(void)snprintf(bytes, sizeof bytes, "* @mallory\n%s\n/c @dave\n", bad[_i].line);
	owners = read_text(bytes, &arena);
	ck_assert_ptr_nonnull(owners_problem_at(owners, 0));
	ck_assert_ptr_null(owners_problem_at(owners, 1));
	ck_assert_uint_eq(owners_problem_at(owners, 0)->line, 2);
	ck_assert_msg(strstr(owners_problem_at(owners, 0)->text, bad[_i].why) != NULL, "%s",
		      owners_problem_at(owners, 0)->text);
	owned = ask(owners, "a/b");
	ck_assert(!owned.known);
	ck_assert_uint_eq(owned.line, 2);
	ck_assert_uint_eq(owned.n, 0);
	owned = ask(owners, "z");
	ck_assert(owned.known != bad[_i].everywhere);
	owned = ask(owners, "c");
	ck_assert(owned.known);
	ck_assert_uint_eq(owned.n, 1);
}
END_TEST

START_TEST(whether_a_letter_beyond_ascii_is_one_character_is_not_guessed)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct owners *owners = read_text("* @mallory\n/a? @bob\n", &arena);

	ck_assert(!ask(owners, "a\xc3\xa9").known);
	ck_assert_uint_eq(ask(owners, "a\xc3\xa9").line, 2);
	ck_assert(ask(owners, "ax").known);
	ck_assert(ask(owners, "b\xc3\xa9").known);
}
END_TEST

/* ---- what has a file's name and stands for a tree ---- */

START_TEST(a_link_is_asked_about_as_the_folder_that_it_could_be)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct owners *owners = read_text("* @all\n/keys/ @bob\n/sub/* @carol\n", &arena);
	size_t steps = OWNERS_STEPS_MAX;
	struct owned as_file = owners_of(owners, TEXT_LIT("keys"), &steps);
	struct owned as_folder = owners_below(owners, TEXT_LIT("keys"), &steps);

	ck_assert(text_is(as_file.at[0].name, "all"));
	ck_assert(text_is(as_folder.at[0].name, "bob"));
	as_folder = owners_below(owners, TEXT_LIT("sub"), &steps);
	ck_assert(text_is(as_folder.at[0].name, "carol"));
	ck_assert(!owners_below(owners, TEXT_EMPTY, &steps).known);
}
END_TEST

/* ---- limits ---- */

static struct text repeated(struct arena *arena, const char *piece, size_t times)
{
	size_t len = strlen(piece);
	char *at = arena_alloc(arena, times * len + 1, 1);

	for (size_t i = 0; i < times; i++)
		memcpy(at + i * len, piece, len);
	return (struct text){at, times * len};
}

START_TEST(a_file_that_the_forge_does_not_load_is_no_file)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text bytes = repeated(&arena, "#aaaaaaa\n", OWNERS_BYTES_MAX / 9 + 1);
	const struct owners *owners = NULL;
	struct problem problem = {7, 7, ""};

	bytes.len = OWNERS_BYTES_MAX;
	ck_assert(!owners_read_github(bytes, &arena, &owners, &problem));
	ck_assert_uint_eq(problem.line, 0);
	ck_assert_ptr_nonnull(strstr(problem.text, "3 MB"));
	ck_assert_ptr_null(owners);
	bytes.len = OWNERS_BYTES_MAX - 1;
	ck_assert(owners_read_github(bytes, &arena, &owners, &problem));
}
END_TEST

START_TEST(too_many_lines_are_a_problem_of_the_file)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text bytes = repeated(&arena, "a @b\n", OWNERS_RULES_MAX + 1);
	const struct owners *owners = NULL;
	struct problem problem = {7, 7, ""};

	ck_assert(!owners_read_github(bytes, &arena, &owners, &problem));
	ck_assert_uint_eq(problem.line, OWNERS_RULES_MAX + 1);
	bytes.len -= 5;
	ck_assert(owners_read_github(bytes, &arena, &owners, &problem));
}
END_TEST

static const struct {
	const char *before, *piece;
	size_t times;
	const char *why; /* NULL: it is within the limit */
} limits[] = {
	{"", "a", OWNERS_PATTERN_MAX, NULL},     {"", "a", OWNERS_PATTERN_MAX + 1, "1000 bytes"},
	{"a", "/a", OWNERS_DEPTH_MAX - 1, NULL}, {"a", "/a", OWNERS_DEPTH_MAX, "more than 128"},
	{"a", " @b", OWNERS_EACH_MAX, NULL},     {"a", " @b", OWNERS_EACH_MAX + 1, "200 owners"},
};

START_TEST(a_line_beyond_a_limit_is_a_doubt)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text more = repeated(&arena, limits[_i].piece, limits[_i].times);
	struct text bytes = arena_printf(&arena, "%s%.*s", limits[_i].before, TEXT_ARG(more));
	const struct owners *owners = read_text(bytes.at, &arena);
	const struct problem *problem = owners_problem_at(owners, 0);

	ck_assert(!problem == !limits[_i].why);
	if (problem)
		ck_assert_ptr_nonnull(strstr(problem->text, limits[_i].why));
}
END_TEST

START_TEST(a_path_that_no_tree_has_or_that_is_too_long_has_unknown_owners)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct owners *owners = read_text("* @bob\n", &arena);
	struct text odd[] = {TEXT_EMPTY,
			     TEXT_LIT("/a"),
			     TEXT_LIT("a/"),
			     TEXT_LIT("a//b"),
			     repeated(&arena, "a", OWNERS_PATH_MAX + 1),
			     repeated(&arena, "a/", OWNERS_DEPTH_MAX + 1)};
	size_t steps = OWNERS_STEPS_MAX;

	odd[5].len--; /* the last slash */
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
		ck_assert(!owners_of(owners, odd[i], &steps).known);
	ck_assert(owners_of(owners, repeated(&arena, "a", OWNERS_PATH_MAX), &steps).known);
}
END_TEST

/* Every name of the pattern is tried at every place of the path, and every byte of the name, too. */
START_TEST(what_takes_too_long_is_unknown_and_not_nobodys)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text stars = repeated(&arena, "*a", 400), many = repeated(&arena, "**/*a*a*a*a*b/", 60);
	struct text path = repeated(&arena, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/", 100);
	const struct owners *owners[] = {
		read_text(arena_printf(&arena, "%.*sb*a @bob", TEXT_ARG(stars)).at, &arena),
		read_text(arena_printf(&arena, "%.*s* @bob", TEXT_ARG(many)).at, &arena),
	};
	struct text paths[] = {repeated(&arena, "a", OWNERS_PATH_MAX), {path.at, path.len - 1}};

	for (size_t i = 0; i < 2; i++) {
		size_t enough = OWNERS_STEPS_MAX, little = 100000;
		struct owned owned = owners_of(owners[i], paths[i], &enough);

		ck_assert(owned.known && owned.n == 0);
		ck_assert_uint_lt(OWNERS_STEPS_MAX - enough, (size_t)OWNERS_PATTERN_MAX * OWNERS_PATH_MAX);
		little = (OWNERS_STEPS_MAX - enough) / 2;
		owned = owners_of(owners[i], paths[i], &little);
		ck_assert(!owned.known && little == 0);
		ck_assert(text_find(owned.why, TEXT_LIT("too many patterns")) != SIZE_MAX);
		ck_assert(!owners_of(owners[i], TEXT_LIT("x"), &little).known);
		for (size_t few = 1, left = 1; few < 40; left = ++few) /* wherever it ends */
			ck_assert(!owners_of(owners[i], paths[i], &left).known && left == 0);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(patterns_are_about_the_paths_that_github_documents, rows),
	SUITE_SLOW(a_second_way_of_matching_says_the_same, 120),
	SUITE_ROWS(a_planted_difference_is_seen, bends),
	SUITE_ROWS(the_last_line_that_is_about_a_path_says_whose_it_is, whose),
	SUITE_TEST(a_path_that_no_line_is_about_is_nobodys),
	SUITE_ROWS(a_line_that_is_wrong_is_a_doubt_and_never_skipped, bad),
	SUITE_TEST(whether_a_letter_beyond_ascii_is_one_character_is_not_guessed),
	SUITE_TEST(a_link_is_asked_about_as_the_folder_that_it_could_be),
	SUITE_TEST(a_file_that_the_forge_does_not_load_is_no_file),
	SUITE_TEST(too_many_lines_are_a_problem_of_the_file),
	SUITE_ROWS(a_line_beyond_a_limit_is_a_doubt, limits),
	SUITE_TEST(a_path_that_no_tree_has_or_that_is_too_long_has_unknown_owners),
	SUITE_TEST(what_takes_too_long_is_unknown_and_not_nobodys),
	SUITE_END,
};
SUITE_MAIN(tests)
