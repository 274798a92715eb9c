/* changed_files, no_changed_files, only_changed_files and modified_lines: names, types, lines. */
#include "tests/support/asking.h"
#include "tests/support/suite.h"

#define FILE_  0100644
#define EXE    0100755
#define LINK   0120000
#define MODULE 0160000
#define NONE   0

struct touched {
	const char *path;
	uint32_t old_mode, mode;
	const char *old_path;
};

static void touch(struct example *c, const struct touched *touched, size_t n)
{
	struct path *paths = arena_alloc(&c->arena, n, sizeof *paths);

	for (size_t i = 0; i < n; i++)
		paths[i] = (struct path){.path = text_of(touched[i].path),
					 .old_path = text_of(touched[i].old_path),
					 .status = !touched[i].old_mode ? PATH_ADDED
						   : !touched[i].mode   ? PATH_DELETED
									: PATH_MODIFIED,
					 .old_mode = touched[i].old_mode,
					 .mode = touched[i].mode};
	c->change.paths = paths;
	c->change.n_paths = n;
}

#define DOCS "{paths: ['^docs/'], ignore: ['[.]tmp$']}"
static const struct {
	const char *block;
	struct touched paths[2];
	enum tri answer;
	const char *why;
} names[] = {
	{"changed_files: " DOCS, {{"docs/a", FILE_, FILE_, ""}}, TRI_YES, "docs/a was changed"},
	{"changed_files: " DOCS, {{"src/a", FILE_, FILE_, ""}}, TRI_NO, "no changed file is one that the rule names"},
	{"changed_files: " DOCS, {{"docs/a.tmp", FILE_, FILE_, ""}}, TRI_NO, NULL},
	{"changed_files: " DOCS, {{"src/a", FILE_, FILE_, "docs/a"}}, TRI_YES, "docs/a was changed"},
	{"changed_files: " DOCS, {{"src/a", FILE_, FILE_, ""}, {"docs/b", NONE, FILE_, ""}}, TRI_YES, NULL},
	{"changed_files: " DOCS, {{"docs/a", FILE_, NONE, ""}}, TRI_YES, NULL},
	{"changed_files: " DOCS, {{"", FILE_, FILE_, ""}}, TRI_UNKNOWN, NULL},
	{"changed_files: " DOCS, {{NULL, NONE, NONE, NULL}}, TRI_NO, NULL},
	{"no_changed_files: " DOCS, {{"docs/a", FILE_, FILE_, ""}}, TRI_NO, "docs/a was changed"},
	{"no_changed_files: " DOCS, {{"src/a", FILE_, FILE_, ""}}, TRI_YES, NULL},
	{"no_changed_files: " DOCS, {{"docs/a.tmp", FILE_, FILE_, ""}}, TRI_YES, NULL},
	{"no_changed_files: " DOCS, {{"src/a", FILE_, FILE_, "docs/a"}}, TRI_NO, "docs/a was changed"},
	{"no_changed_files: " DOCS, {{"src/a", FILE_, FILE_, ""}, {"docs/b", NONE, FILE_, ""}}, TRI_NO, NULL},
	{"no_changed_files: " DOCS, {{"", FILE_, FILE_, ""}}, TRI_UNKNOWN, NULL},
	{"no_changed_files: " DOCS, {{NULL, NONE, NONE, NULL}}, TRI_YES, NULL},
	{"only_changed_files: {paths: ['^docs/']}", {{"docs/a", FILE_, FILE_, ""}}, TRI_YES, NULL},
	{"only_changed_files: {paths: ['^docs/']}",
	 {{"docs/a", FILE_, FILE_, ""}, {"src/\x1b[2Jb", NONE, FILE_, ""}},
	 TRI_NO,
	 "src/?[2Jb is not among the files that the rule names"},
	{"only_changed_files: {paths: ['^docs/', '^src/b$']}",
	 {{"docs/a", FILE_, FILE_, ""}, {"src/b", NONE, FILE_, ""}},
	 TRI_YES,
	 NULL},
	{"only_changed_files: {paths: ['^docs/']}",
	 {{"docs/a", FILE_, FILE_, "src/a"}},
	 TRI_NO,
	 "src/a is not among the files that the rule names"},
	{"only_changed_files: {paths: ['^docs/']}",
	 {{"docs/a", FILE_, FILE_, "a"}},
	 TRI_NO,
	 "a is not among the files that the rule names"},
	{"only_changed_files: {paths: ['^docs/']}",
	 {{"src/a", NONE, LINK, ""}},
	 TRI_NO,
	 "src/a is or was a symbolic link"},
	{"only_changed_files: {paths: ['^docs/']}", {{"docs/a", FILE_, NONE, ""}}, TRI_YES, NULL},
	{"only_changed_files: {paths: ['^docs/']}", {{"docs/a\n", FILE_, FILE_, ""}}, TRI_YES, NULL},
	{"only_changed_files: {paths: ['^docs/a$']}", {{"docs/a\n", FILE_, FILE_, ""}}, TRI_NO, NULL},
	{"only_changed_files: {paths: ['^docs/']}", {{"", FILE_, FILE_, ""}}, TRI_UNKNOWN, NULL},
	{"only_changed_files: {paths: ['^docs/']}", {{NULL, NONE, NONE, NULL}}, TRI_NO, "no file was changed"},
	{"changed_files: {paths: ['^a$']}", {{"src/b", FILE_, FILE_, "a"}}, TRI_YES, "a was changed"},
	{"changed_files: {paths: ['^(s+)+$']}",
	 {{"b", FILE_, FILE_, "sssssssssssssssssssssssssssssssssssssssssssssssssssssx"}},
	 TRI_UNKNOWN,
	 NULL},
	{"only_changed_files: {paths: ['^a$']}", {{"a", FILE_, FILE_, ""}}, TRI_YES, NULL},
	{"only_changed_files: {paths: ['^b$', '^(s+)+$']}",
	 {{"b", FILE_, FILE_, "sssssssssssssssssssssssssssssssssssssssssssssssssssssx"}},
	 TRI_UNKNOWN,
	 NULL},
	{"only_changed_files: {paths: ['^(s+)+$']}",
	 {{"sssssssssssssssssssssssssssssssssssssssssssssssssssssx", FILE_, FILE_, ""}},
	 TRI_UNKNOWN,
	 "an answer to which files were changed (limit reached)"},
	{"no_changed_files: {paths: ['^(s+)+$']}",
	 {{"sssssssssssssssssssssssssssssssssssssssssssssssssssssx", FILE_, FILE_, ""}},
	 TRI_UNKNOWN,
	 NULL},
};

static void expect(struct example *c, const char *block, enum tri holds, const char *why)
{
	struct answer answer = ask(c, block);

	ck_assert_msg(answer.holds == holds, "%s: %d %s", block, answer.holds, answer.why.at);
	if (why)
		ck_assert_msg(text_is(answer.why, why), "%s: %s", block, answer.why.at);
}

START_TEST(files_are_told_by_their_names)
{
	struct example c;

	case_make(&c);
	touch(&c, names[_i].paths, !names[_i].paths[0].path ? 0 : names[_i].paths[1].path ? 2 : 1);
	expect(&c, names[_i].block, names[_i].answer, names[_i].why);
	case_drop(&c);
}
END_TEST

/* Each is a path below docs/, or docs itself: what a rule about documentation says of it, without and with `types`. */
static const struct {
	struct touched path;
	const char *type; /* NULL: a plain file */
	const char *is;
} kinds[] = {
	{{"docs/a", FILE_, FILE_, ""}, NULL, NULL},
	{{"docs/a", EXE, EXE, ""}, NULL, NULL},
	{{"docs/a", EXE, NONE, ""}, NULL, NULL},
	{{"docs/a", NONE, FILE_, ""}, NULL, NULL},
	{{"docs/a", NONE, LINK, ""}, "symlink", "docs/a is or was a symbolic link"},
	{{"docs/a", LINK, LINK, ""}, "symlink", "docs/a is or was a symbolic link"},
	{{"docs/a", LINK, NONE, ""}, "symlink", "docs/a is or was a symbolic link"},
	{{"docs/a", FILE_, LINK, ""}, "symlink", "docs/a is or was a symbolic link"},
	{{"docs/a", LINK, FILE_, ""}, "symlink", "docs/a is or was a symbolic link"},
	{{"docs/a", NONE, MODULE, ""}, "gitlink", "docs/a is or was a submodule"},
	{{"docs/a", MODULE, MODULE, ""}, "gitlink", "docs/a is or was a submodule"},
	{{"docs/a", MODULE, NONE, ""}, "gitlink", "docs/a is or was a submodule"},
	{{"docs/a", NONE, EXE, ""}, "executable", "docs/a got or lost its executable bit"},
	{{"docs/a", FILE_, EXE, ""}, "executable", "docs/a got or lost its executable bit"},
	{{"docs/a", EXE, FILE_, ""}, "executable", "docs/a got or lost its executable bit"},
};

START_TEST(a_type_or_mode_matches_no_pattern_that_lets_pass_unless_it_is_listed)
{
	const char *type = kinds[_i].type, *is = kinds[_i].is;
	struct example c;

	case_make(&c);
	touch(&c, &kinds[_i].path, 1);
	expect(&c, "only_changed_files: {paths: ['^docs/']}", type ? TRI_NO : TRI_YES, is);
	expect(&c, "no_changed_files: {paths: ['^src/']}", type ? TRI_NO : TRI_YES, is);
	expect(&c, "no_changed_files: {paths: ['^docs/'], ignore: ['^docs/']}", type ? TRI_NO : TRI_YES, is);
	if (type) {
		expect(&c, arena_printf(&c.arena, "only_changed_files: {paths: ['^docs/'], types: [%s]}", type).at,
		       TRI_YES, NULL);
		expect(&c, arena_printf(&c.arena, "only_changed_files: {paths: ['^src/'], types: [%s]}", type).at,
		       TRI_NO, "docs/a is not among the files that the rule names");
		expect(&c, arena_printf(&c.arena, "no_changed_files: {paths: ['^src/'], types: [%s]}", type).at,
		       TRI_YES, NULL);
		expect(&c, arena_printf(&c.arena, "no_changed_files: {paths: ['^docs/'], types: [%s]}", type).at,
		       TRI_NO, "docs/a was changed");
	}
	case_drop(&c);
}
END_TEST

START_TEST(a_type_or_mode_makes_a_rule_apply_as_any_file_does_and_is_never_ignored)
{
	const char *type = kinds[_i].type;
	struct example c;

	case_make(&c);
	touch(&c, &kinds[_i].path, 1);
	expect(&c, "changed_files: {paths: ['^docs/']}", TRI_YES, "docs/a was changed");
	expect(&c, "changed_files: {paths: ['^src/']}", TRI_NO, NULL);
	expect(&c, "changed_files: {paths: ['.'], ignore: ['^docs/']}", type ? TRI_YES : TRI_NO, NULL);
	if (type)
		expect(&c,
		       arena_printf(&c.arena, "changed_files: {paths: ['.'], ignore: ['^docs/'], types: [%s]}", type)
			       .at,
		       TRI_NO, NULL);
	case_drop(&c);
}
END_TEST

static const struct {
	struct touched path;
	enum tri answer; /* of changed_files: {paths: ['^docs/']} */
} stand_ins[] = {
	{{"docs", NONE, LINK, ""}, TRI_YES},   {{"docs", NONE, MODULE, ""}, TRI_YES},
	{{"docs", MODULE, NONE, ""}, TRI_YES}, {{"docs", NONE, FILE_, ""}, TRI_NO},
	{{"docs", NONE, EXE, ""}, TRI_NO},     {{"other", NONE, LINK, ""}, TRI_NO},
	{{"x", LINK, LINK, "docs"}, TRI_YES},
};

START_TEST(a_link_or_submodule_is_also_the_directory_that_it_stands_for)
{
	struct example c;

	case_make(&c);
	touch(&c, &stand_ins[_i].path, 1);
	expect(&c, "changed_files: {paths: ['^docs/']}", stand_ins[_i].answer, NULL);
	case_drop(&c);
}
END_TEST

static const struct touched odd[] = {
	{"docs/a", FILE_, 040000, ""}, /* a directory as a file */
	{"docs/a", FILE_, 0150000, ""},
};

START_TEST(a_mode_that_is_not_known_lets_nothing_pass)
{
	struct path *path;
	struct example c;

	case_make(&c);
	touch(&c, &odd[_i], 1);
	expect(&c, "only_changed_files: {paths: ['^docs/']}", TRI_UNKNOWN, "the type of docs/a");
	expect(&c, "no_changed_files: {paths: ['^src/']}", TRI_UNKNOWN, "the type of docs/a");
	expect(&c, "only_changed_files: {paths: ['^src/']}", TRI_NO, NULL);
	expect(&c, "changed_files: {paths: ['^docs/']}", TRI_YES, NULL);
	expect(&c, "changed_files: {paths: ['.'], ignore: ['^docs/']}", TRI_UNKNOWN, NULL);
	path = arena_alloc(&c.arena, 1, sizeof *path); /* modified, and nobody knows from what to what */
	*path = (struct path){.path = TEXT_LIT("docs/a"), .status = PATH_MODIFIED};
	c.change.paths = path;
	expect(&c, "only_changed_files: {paths: ['^docs/']}", TRI_UNKNOWN, "the type of docs/a");
	path->mode = 0100644;
	expect(&c, "only_changed_files: {paths: ['^docs/']}", TRI_UNKNOWN, "the type of docs/a");
	path->mode = 0;
	path->old_mode = 0100644;
	expect(&c, "only_changed_files: {paths: ['^docs/']}", TRI_UNKNOWN, "the type of docs/a");
	path->mode = 0100644;
	path->old_mode = 0100644;
	expect(&c, "only_changed_files: {paths: ['^docs/']}", TRI_YES, NULL);
	case_drop(&c);
}
END_TEST

/* With a hundred patterns each of 20000 names can be looked for, and a path has two, a link four; each change has two
 * more.
 */
static const struct {
	size_t n;
	uint32_t mode;
	bool in_time;
} crowds[] = {{9999, FILE_, true}, {10000, FILE_, false}, {4999, LINK, true}, {5000, LINK, false}};

START_TEST(more_files_than_can_be_looked_at_in_time_wait)
{
	static const struct {
		const char *name;
		enum tri answer;
	} asked[] = {{"changed_files", TRI_YES}, {"no_changed_files", TRI_NO}, {"only_changed_files", TRI_YES}};
	struct example c;
	struct path *paths;
	struct text patterns = TEXT_LIT("'^src/'");

	case_make(&c);
	for (int i = 1; i < 100; i++)
		patterns = arena_printf(&c.arena, "%.*s, x%d", TEXT_ARG(patterns), i);
	paths = arena_alloc(&c.arena, crowds[_i].n, sizeof *paths);
	for (size_t i = 0; i < crowds[_i].n; i++) {
		paths[i] = c.path;
		paths[i].mode = paths[i].old_mode = crowds[_i].mode;
	}
	c.change.paths = paths;
	c.change.n_paths = crowds[_i].n;
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
		expect(&c,
		       arena_printf(&c.arena, "%s: {paths: [%.*s], types: [symlink]}", asked[i].name,
				    TEXT_ARG(patterns))
			       .at,
		       crowds[_i].in_time ? asked[i].answer : TRI_UNKNOWN,
		       crowds[_i].in_time ? NULL : "an answer to which files were changed (limit reached)");
	case_drop(&c);
}
END_TEST

static const struct {
	const char *block;
	enum tri answer;
} lines[] = {
	{"modified_lines: {additions: '<8'}", TRI_YES},
	{"modified_lines: {additions: '<7'}", TRI_NO},
	{"modified_lines: {additions: '=7'}", TRI_YES},
	{"modified_lines: {additions: '> 6'}", TRI_YES},
	{"modified_lines: {additions: '>7'}", TRI_NO},
	{"modified_lines: {deletions: '=3'}", TRI_YES},
	{"modified_lines: {deletions: '=7'}", TRI_NO},
	{"modified_lines: {deletions: '>0'}", TRI_YES},
	{"modified_lines: {total: '=10'}", TRI_YES},
	{"modified_lines: {total: '<10'}", TRI_NO},
	{"modified_lines: {total: '<9223372036854775807'}", TRI_YES},
	{"modified_lines: {additions: '<1', deletions: '=3'}", TRI_YES},
	{"modified_lines: {additions: '<1', deletions: '=4', total: '>10'}", TRI_NO},
};

START_TEST(one_comparison_of_lines_is_enough)
{
	struct path paths[2];
	struct example c;

	case_make(&c);
	paths[0] = paths[1] = c.path;
	paths[1].additions = -1; /* behind the end, where nothing is read */
	c.change.paths = paths;
	expect(&c, lines[_i].block, lines[_i].answer,
	       lines[_i].answer == TRI_NO ? "7 lines were added and 3 deleted" : NULL);
	case_drop(&c);
}
END_TEST

START_TEST(lines_that_cannot_be_counted_are_not_few)
{
	static const int64_t odd_counts[][2] = {{INT64_MAX, 1}, {-1, 0}, {0, -1}, {INT64_MIN, INT64_MIN}};
	struct path paths[2];
	struct example c;

	case_make(&c);
	paths[0] = paths[1] = c.path;
	c.change.paths = paths;
	c.change.n_paths = 2;
	for (size_t i = 0; i < sizeof odd_counts / sizeof odd_counts[0]; i++) {
		paths[1].additions = odd_counts[i][0];
		paths[1].deletions = odd_counts[i][1];
		expect(&c, "modified_lines: {total: '<100'}", TRI_UNKNOWN, "the number of changed lines");
		expect(&c, "modified_lines: {total: '>100'}", TRI_UNKNOWN, NULL);
	}
	paths[1].additions = INT64_MAX - 7;
	paths[1].deletions = 0; /* additions fit, the total does not */
	expect(&c, "modified_lines: {additions: '>1'}", TRI_UNKNOWN, NULL);
	paths[1].additions = INT64_MAX - 7 - 3; /* as many as can be counted */
	expect(&c, "modified_lines: {total: '=9223372036854775807'}", TRI_YES, NULL);
	paths[1].additions = paths[1].deletions = 0;
	expect(&c, "modified_lines: {total: '=10'}", TRI_YES, NULL);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *block, *says;
} refused[] = {
	{"changed_files: {paths: []}", "`changed_files` needs at least one pattern in `paths`"},
	{"no_changed_files: {ignore: [a]}", "`no_changed_files` needs at least one pattern in `paths`"},
	{"only_changed_files: {}", "`only_changed_files` needs at least one pattern in `paths`"},
	{"only_changed_files: {paths: [a], ignore: [b]}", "unknown key `ignore`"},
	{"only_changed_files: {paths: [a], types: [link]}", "a type is symlink, gitlink or executable"},
	{"only_changed_files: {paths: [a], types: symlink}", "expected a list"},
	{"only_changed_files: [a]", "`only_changed_files` must be a map"},
	{"modified_lines: {}", "`modified_lines` needs `additions`, `deletions` or `total`"},
	{"modified_lines: {total: '10'}", "a number of lines is compared as \"<N\", \">N\" or \"=N\""},
	{"modified_lines: {total: '<=10'}", "a number of lines is compared as \"<N\", \">N\" or \"=N\""},
	{"modified_lines: {total: '<'}", "a number of lines is compared as \"<N\", \">N\" or \"=N\""},
	{"modified_lines: {total: '< '}", "a number of lines is compared as \"<N\", \">N\" or \"=N\""},
	{"modified_lines: {total: '<-1'}", "a number of lines is compared as \"<N\", \">N\" or \"=N\""},
	{"modified_lines: {total: '<9223372036854775808'}",
	 "a number of lines is compared as \"<N\", \">N\" or \"=N\""},
	{"modified_lines: {lines: '<1'}", "unknown key `lines`"},
};

START_TEST(a_condition_on_files_that_says_nothing_is_refused)
{
	struct example c;

	case_make(&c);
	ck_assert_str_eq(ask_refused(&c, refused[_i].block)->text, refused[_i].says);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(files_are_told_by_their_names, names),
	SUITE_ROWS(a_type_or_mode_matches_no_pattern_that_lets_pass_unless_it_is_listed, kinds),
	SUITE_ROWS(a_type_or_mode_makes_a_rule_apply_as_any_file_does_and_is_never_ignored, kinds),
	SUITE_ROWS(a_link_or_submodule_is_also_the_directory_that_it_stands_for, stand_ins),
	SUITE_ROWS(a_mode_that_is_not_known_lets_nothing_pass, odd),
	SUITE_ROWS(more_files_than_can_be_looked_at_in_time_wait, crowds),
	SUITE_ROWS(one_comparison_of_lines_is_enough, lines),
	SUITE_TEST(lines_that_cannot_be_counted_are_not_few),
	SUITE_ROWS(a_condition_on_files_that_says_nothing_is_refused, refused),
	SUITE_END,
};
SUITE_MAIN(tests)
