/* owners.json: the longest prefix wins; anything but one object of lists of numbers has a place and a reason. */
#include "policy/owners.h"

#include "tests/support/row_dice.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXAMPLE                                                                                                        \
	"{\n"                                                                                                          \
	"  \"/\": [1],\n"                                                                                              \
	"  \"lib/\": [17, 4],\n"                                                                                       \
	"  \"lib/free/\": [],\n"                                                                                       \
	"  \"lib/README.md\": [5],\n"                                                                                  \
	"  \"b\\u00f6\\ud83d\\ude00\\/\": [9007199254740993],\t\"x\":[6],\r\n"                                         \
	"\"\\u00E9\\uDBFF\\uDFFF\\ue000\": [7],\"\\u006a\\u004A\\u006f\\u004F\": [8],"                                 \
	"\"\\ud800\\udc00\\u0080\\u07ff\\u0800\\uffff\": [10],\"a b\\\"c\": [9]"                                       \
	"}\n"

static const struct {
	const char *path, *owned;
} whose[] = {
	{"a", "2 1"},
	{"lib", "2 1"},
	{"lib/a", "3 17 4"},
	{"lib/deep/a", "3 17 4"},
	{"library/a", "2 1"},
	{"Lib/a", "2 1"},
	{"lib/free/a", "4"},
	{"lib/free", "3 17 4"},
	{"lib/README.md", "5 5"},
	{"lib/README.md/a", "3 17 4"},
	{"lib/README.mdx", "3 17 4"},
	{"b\xc3\xb6\xf0\x9f\x98\x80/a", "6 9007199254740993"},
	{"x", "6 6"},
	{"\xc3\xa9\xf4\x8f\xbf\xbf\xee\x80\x80", "7 7"},
	{"jJoO", "7 8"},
	{"\xf0\x90\x80\x80\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", "7 10"},
	{"a b\"c", "7 9"},
	{"x/y", "2 1"},
};

static const struct owners *read_text(const char *bytes, struct arena *arena)
{
	const struct owners *owners = NULL;
	struct problem problem = {0, 0, ""};

	if (!owners_read(TEXT_LIT("owners.json"), text_of(bytes), arena, &owners, &problem))
		ck_abort_msg("%u:%u: %s", problem.line, problem.column, problem.text);
	return owners;
}

START_TEST(the_longest_prefix_says_whose_a_path_is)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	size_t steps = OWNERS_STEPS_MAX, used;
	struct owned owned = owners_of(read_text(EXAMPLE, &arena), text_of(whose[_i].path), &steps);
	char out[100];

	ck_assert(owned.known);
	used = (size_t)snprintf(out, sizeof out, "%u", owned.line);
	for (size_t i = 0; i < owned.n; i++) {
		ck_assert_int_eq(owned.at[i].kind, OWNER_ACCOUNT);
		used += (size_t)snprintf(out + used, sizeof out - used, " %lld", (long long)owned.at[i].id);
	}
	ck_assert_str_eq(out, whose[_i].owned);
}
END_TEST

START_TEST(a_path_that_no_prefix_names_is_nobodys)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	size_t steps = OWNERS_STEPS_MAX;
	struct owned owned = owners_of(read_text("{\"lib/\":[1]}", &arena), TEXT_LIT("src/a"), &steps);

	ck_assert(owned.known);
	ck_assert_uint_eq(owned.n + owned.line, 0);
	ck_assert(owners_of(read_text(" {} ", &arena), TEXT_LIT("a"), &steps).known);
}
END_TEST

START_TEST(a_link_is_asked_about_as_the_folder_that_it_could_be)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	size_t steps = OWNERS_STEPS_MAX;
	const struct owners *owners = read_text("{\"/\":[1],\"keys/\":[2],\"keys\":[3]}", &arena);

	ck_assert_int_eq(owners_of(owners, TEXT_LIT("keys"), &steps).at[0].id, 3);
	ck_assert_int_eq(owners_below(owners, TEXT_LIT("keys"), &steps).at[0].id, 2);
}
END_TEST

#define BYTES(s)                                                                                                       \
	{                                                                                                              \
		(s), sizeof(s) - 1                                                                                     \
	}
static const struct {
	struct text bytes;
	unsigned line, column;
	const char *why;
} bad[] = {
	{BYTES(""), 1, 1, "expected an object"},
	{BYTES("[]"), 1, 1, "expected an object"},
	{BYTES("null"), 1, 1, "expected an object"},
	{BYTES("{"), 1, 2, "expected a path"},
	{BYTES("{\"a\""), 1, 5, "expected `:`"},
	{BYTES("{\"a\":"), 1, 6, "expected a list"},
	{BYTES("{\"a\":1}"), 1, 6, "expected a list"},
	{BYTES("{\"a\":{}}"), 1, 6, "expected a list"},
	{BYTES("{\"a\":["), 1, 7, "number of an account"},
	{BYTES("{\"a\":[1"), 1, 8, "expected `,` or `]`"},
	{BYTES("{\"a\":[1,]}"), 1, 9, "number of an account"},
	{BYTES("{\"a\":[,1]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[1 2]}"), 1, 9, "expected `,` or `]`"},
	{BYTES("{\"a\":[1]"), 1, 9, "expected `,` or `}`"},
	{BYTES("{\"a\":[1],}"), 1, 10, "expected a path"},
	{BYTES("{\"a\":[1]} x"), 1, 11, "behind the object"},
	{BYTES("{\"a\":[1]}{}"), 1, 10, "behind the object"},
	{BYTES("{\"a\":[1]}\0"), 1, 10, "behind the object"},
	{BYTES("{\"a\":[\"1\"]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[\"bob\"]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[0]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[-1]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[+1]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[01]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[1.0]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[1e3]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[1.5]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[9223372036854775808]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[null]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[true]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[[1]]}"), 1, 7, "number of an account"},
	{BYTES("{\"a\":[1,1]}"), 1, 10, "twice"},
	{BYTES("{\"a\":[1],\n\"b\":[1],\n\"a\":[2]}"), 3, 0, "twice"},
	{BYTES("{\"a\":[1],\"\\u0061\":[2]}"), 1, 0, "twice"},
	{BYTES("{\"a\":[1],\n \"b\":[x]}"), 2, 7, "number of an account"},
	{BYTES("{\"\xc3\xb6\":[x]}"), 1, 7, "number of an account"},
	{BYTES("{a:[1]}"), 1, 2, "expected a path"},
	{BYTES("{'a':[1]}"), 1, 2, "expected a path"},
	{BYTES("{// remark\n}"), 1, 2, "expected a path"},
	{BYTES("{\"a\n\":[1]}"), 1, 4, "does not end"},
	{BYTES("{\"a"), 1, 4, "does not end"},
	{BYTES("{\"a\\"), 1, 5, "no escape"},
	{BYTES("{\"\\x\":[1]}"), 1, 5, "no escape"},
	{BYTES("{\"\\u12\":[1]}"), 1, 5, "no escape"},
	{BYTES("{\"\\u12"), 1, 5, "no escape"},
	{BYTES("{\"\\u00/0\":[1]}"), 1, 5, "no escape"},
	{BYTES("{\"\\u00:0\":[1]}"), 1, 5, "no escape"},
	{BYTES("{\"\\u00g0\":[1]}"), 1, 5, "no escape"},
	{BYTES("{\"\\u00G0\":[1]}"), 1, 5, "no escape"},
	{BYTES("{\"\\ud800"), 1, 9, "no escape"},
	{BYTES("{\"\\ud800\\x0000\":[1]}"), 1, 9, "no escape"},
	{BYTES("{\"\\ud800x12345\":[1]}"), 1, 9, "no escape"},
	{BYTES("{\"\\ud800\\u12x4\":[1]}"), 1, 9, "no escape"},
	{BYTES("{\"\\ud800\\ue000\":[1]}"), 1, 9, "no escape"},
	{BYTES("{\"a\":[1\0]}"), 1, 8, "expected `,` or `]`"},
	{BYTES("{\"a\0b*\":[1]}"), 1, 4, "does not end"},
	{BYTES("{\"\\ud800\":[1]}"), 1, 9, "no escape"},
	{BYTES("{\"\\udc00\\ud800\":[1]}"), 1, 9, "no escape"},
	{BYTES("{\"\\ud800\\u0041\":[1]}"), 1, 9, "no escape"},
	{BYTES("{\"\\ud800\\"), 1, 9, "no escape"},
	{BYTES("{\"\\udfff\":[1]}"), 1, 9, "no escape"},
	{BYTES("{\"\\ud800\\xdc00\":[1]}"), 1, 9, "no escape"},
	{BYTES("{\"\\ud800/udc00\":[1]}"), 1, 9, "no escape"},
	{BYTES("{\"\\udc00\\udc00\":[1]}"), 1, 9, "no escape"},
	{BYTES("{\"\\ud83d\\ude00"), 1, 15, "does not end"},
	{BYTES("\xef\xbb\xbf{}"), 1, 1, "expected an object"},
	{BYTES("{\"a\xff\":[1]}"), 1, 1, "not UTF-8"},
	{BYTES("{\"\":[1]}"), 1, 2, "a path from the root"},
	{BYTES("{\"/lib/\":[1]}"), 1, 2, "a path from the root"},
	{BYTES("{\"lib//\":[1]}"), 1, 2, "a path from the root"},
	{BYTES("{\"//\":[1]}"), 1, 2, "a path from the root"},
	{BYTES("{\"./lib/\":[1]}"), 1, 2, "`..`"},
	{BYTES("{\"lib/../x\":[1]}"), 1, 2, "`..`"},
	{BYTES("{\"lib/*\":[1]}"), 1, 2, "not a pattern"},
	{BYTES("{\"*.c\":[1]}"), 1, 2, "not a pattern"},
	{BYTES("{\"a?\":[1]}"), 1, 2, "not a pattern"},
	{BYTES("{\"[a]\":[1]}"), 1, 2, "not a pattern"},
};

START_TEST(a_mistake_is_a_problem_with_its_place)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct owners *owners = NULL;
	struct problem problem = {9, 9, ""};
	struct text bytes = bad[_i].bytes;
	char *bare = malloc(bytes.len); /* nothing stands behind it */

	if (bytes.len > 0)
		memcpy(bare, bytes.at, bytes.len);
	ck_assert(!owners_read_json((struct text){bare, bytes.len}, &arena, &owners, &problem));
	ck_assert_ptr_null(owners);
	ck_assert_msg(strstr(problem.text, bad[_i].why) != NULL, "%s", problem.text);
	ck_assert_msg(problem.line == bad[_i].line && problem.column == bad[_i].column, "%u:%u %s", problem.line,
		      problem.column, problem.text);
	free(bare);
}
END_TEST

/* ---- limits ---- */

static struct text repeated(struct arena *arena, const char *before, const char *piece, size_t times, const char *after)
{
	size_t len = strlen(piece), at = strlen(before);
	char *all = arena_alloc(arena, at + times * len + strlen(after) + 1, 1);

	memcpy(all, before, at);
	for (size_t i = 0; i < times; i++, at += len)
		memcpy(all + at, piece, len);
	memcpy(all + at, after, strlen(after));
	return (struct text){all, at + strlen(after)};
}

static const struct {
	const char *before, *piece, *after;
	size_t times;
	const char *why; /* NULL: it is within the limit */
} limits[] = {
	{"{\"", "a", "\":[1]}", OWNERS_PATTERN_MAX, NULL},
	{"{\"", "a", "\":[1]}", OWNERS_PATTERN_MAX + 1, "1000 bytes"},
	{"{\"", "\\ud83d\\ude00", "\":[1]}", OWNERS_PATTERN_MAX, "1000 bytes"},
	{"{\"a", "/a", "\":[1]}", OWNERS_DEPTH_MAX - 1, NULL},
	{"{\"a", "/a", "\":[1]}", OWNERS_DEPTH_MAX, "a path from the root"},
	{"{\"a", "/a", "/\":[1]}", OWNERS_DEPTH_MAX - 1, NULL},
	{"{", " ", "}", OWNERS_BYTES_MAX - 3, NULL},
	{"{", " ", "}", OWNERS_BYTES_MAX - 2, "3 MB"},
};

START_TEST(limits_are_problems_that_name_them)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text bytes = repeated(&arena, limits[_i].before, limits[_i].piece, limits[_i].times, limits[_i].after);
	const struct owners *owners = NULL;
	struct problem problem = {0, 0, ""};
	bool read = owners_read_json(bytes, &arena, &owners, &problem);

	ck_assert_msg(read == !limits[_i].why, "%s", problem.text);
	if (!read)
		ck_assert_msg(strstr(problem.text, limits[_i].why) != NULL, "%s", problem.text);
}
END_TEST

/* {"0":[1],"1":[1],...}, and one list of so many numbers. */
static struct text counted(struct arena *arena, size_t paths, size_t owners)
{
	size_t size = paths * 20 + owners * 8 + 20, used = 0;
	char *at = arena_alloc(arena, size, 1);

	for (size_t i = 0; i < paths; i++)
		used += (size_t)snprintf(at + used, size - used, "%s\"%zu\":[1]", i > 0 ? "," : "{", i);
	used += (size_t)snprintf(at + used, size - used, "%s\"x\":[", paths > 0 ? "," : "{");
	for (size_t i = 0; i < owners; i++)
		used += (size_t)snprintf(at + used, size - used, "%s%zu", i > 0 ? "," : "", i + 1);
	used += (size_t)snprintf(at + used, size - used, "]}");
	return (struct text){at, used};
}

static const struct {
	size_t paths, owners;
	const char *why;
} counts[] = {
	{OWNERS_RULES_MAX - 1, 1, NULL},
	{OWNERS_RULES_MAX, 1, "50000 paths"},
	{0, OWNERS_EACH_MAX, NULL},
	{0, OWNERS_EACH_MAX + 1, "200 owners"},
};

START_TEST(so_many_paths_and_owners_are_read_and_no_more)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text bytes = counted(&arena, counts[_i].paths, counts[_i].owners);
	const struct owners *owners = NULL;
	struct problem problem = {0, 0, ""};
	size_t steps = OWNERS_STEPS_MAX;

	ck_assert_msg(owners_read_json(bytes, &arena, &owners, &problem) == !counts[_i].why, "%s", problem.text);
	if (counts[_i].why)
		ck_assert_ptr_nonnull(strstr(problem.text, counts[_i].why));
	else
		ck_assert_uint_eq(owners_of(owners, TEXT_LIT("x"), &steps).n, counts[_i].owners);
}
END_TEST

START_TEST(what_takes_too_long_is_unknown_and_not_nobodys)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct owners *owners = read_text(EXAMPLE, &arena);
	size_t steps = 20;
	struct owned owned = owners_of(owners, TEXT_LIT("q/w/e/r/t/y"), &steps);

	ck_assert(!owned.known && owned.why.len > 0 && owned.n == 0);
	ck_assert_uint_eq(steps, 0);
	ck_assert(!owners_of(owners, TEXT_LIT("x"), &steps).known);
	for (size_t few = 1, left = 0; left == 0; few++) { /* what is known has left one at least */
		left = few;
		owned = owners_of(owners, TEXT_LIT("x"), &left);
		ck_assert(owned.known == (left > 0));
	}
}
END_TEST

START_TEST(a_problem_of_the_whole_file_is_told_at_its_begin)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct owners *owners = NULL;
	struct problem problem = {7, 7, ""};

	ck_assert(!owners_read_json(repeated(&arena, "{", " ", OWNERS_BYTES_MAX, "}"), &arena, &owners, &problem));
	ck_assert(problem.line == 1 && problem.column == 1);
}
END_TEST

/* ---- a slow second way: every prefix is looked at ---- */

enum { PREFIXES = 12, ROUNDS = 4000 };

static void roll_path(struct dice *dice, char *out, size_t size, bool prefix)
{
	size_t n = 1 + dice_roll(dice, 4), used = 0;

	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%c", i > 0 ? "/" : "",
					 (char)('a' + dice_roll(dice, 3)));
	if (prefix && dice_roll(dice, 2))
		(void)snprintf(out + used, size - used, "/");
}

static int longest(char prefixes[][16], size_t n, const char *path)
{
	int best = -1;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(prefixes[i]);
		bool whole = strcmp(prefixes[i], path) == 0;
		bool below = prefixes[i][len - 1] == '/' && strncmp(prefixes[i], path, len) == 0;

		if ((whole || below) && (best < 0 || len > strlen(prefixes[best])))
			best = (int)i;
	}
	return best;
}

static bool rolled(char prefixes[][16], size_t n, const char *prefix)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(prefixes[i], prefix) == 0)
			return true;
	return false;
}

START_TEST(a_second_way_of_looking_up_says_the_same)
{
	struct dice dice = {3};
	size_t found = 0;

	for (int round = 0; round < ROUNDS; round++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		char prefixes[PREFIXES][16], path[16], bytes[600];
		size_t n = 0, used = 0, steps = OWNERS_STEPS_MAX;
		struct owned owned;
		int best;

		used = (size_t)snprintf(bytes, sizeof bytes, "{");
		for (int i = 0; i < PREFIXES; i++) {
			roll_path(&dice, prefixes[n], sizeof prefixes[n], true);
			if (rolled(prefixes, n, prefixes[n]))
				continue;
			used += (size_t)snprintf(bytes + used, sizeof bytes - used, "%s\"%s\":[%zu]", n > 0 ? "," : "",
						 prefixes[n], n + 1);
			n++;
		}
		(void)snprintf(bytes + used, sizeof bytes - used, "}");
		roll_path(&dice, path, sizeof path, false);
		owned = owners_of(read_text(bytes, &arena), text_of(path), &steps);
		best = longest(prefixes, n, path);
		found += best >= 0;
		ck_assert(owned.known);
		ck_assert_msg(best < 0 ? owned.n == 0 : owned.n == 1 && owned.at[0].id == best + 1, "%s %s", bytes,
			      path);
	}
	ck_assert_uint_gt(found, ROUNDS / 10);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(the_longest_prefix_says_whose_a_path_is, whose),
	SUITE_TEST(a_path_that_no_prefix_names_is_nobodys),
	SUITE_TEST(a_link_is_asked_about_as_the_folder_that_it_could_be),
	SUITE_ROWS(a_mistake_is_a_problem_with_its_place, bad),
	SUITE_ROWS(limits_are_problems_that_name_them, limits),
	SUITE_ROWS(so_many_paths_and_owners_are_read_and_no_more, counts),
	SUITE_TEST(what_takes_too_long_is_unknown_and_not_nobodys),
	SUITE_TEST(a_problem_of_the_whole_file_is_told_at_its_begin),
	SUITE_TEST(a_second_way_of_looking_up_says_the_same),
	SUITE_END,
};
SUITE_MAIN(tests)
