/*
 * The one written form of a policy file: rows of before and after; what is refused; that each policy of the project is
 * written in it; and the command that replaces files.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/cli/command.h"
#include "policy/yaml_format.h"
#include "tests/support/suite.h"

static const struct {
	const char *before, *after; /* NULL: the same */
} rows[] = {
	/* Indentation. */
	{"a:\n    b:\n          - c\n", "a:\n  b:\n    - c\n"},
	{"a:\n- b\n- c\nd: e\n", "a:\n  - b\n  - c\nd: e\n"},
	{"- a:   1\n  b:  2\n-   c\n", "- a: 1\n  b: 2\n- c\n"},
	{"-\n  a: 1\n  b: 2\n-\n - c\n - - d\n", "- a: 1\n  b: 2\n- - c\n  - - d\n"},
	{"a:\n  b\n? c\n: d\n", "a: b\nc: d\n"},
	{"a:\nb: ~\nc: null\nd:\n  - e\n  -\n", "a:\nb: ~\nc: null\nd:\n  - e\n  -\n"},
	{"a:   b   \n\n\n", "a: b\n"},
	{"\n\n\na: b\n\n\n\nc: d\n", "a: b\n\nc: d\n"},
	{"a:\n\n  b: c\n\n  d: e\n", "a:\n  b: c\n\n  d: e\n"},
	{"a: b", "a: b\n"},
	{"a: b\r\nc: |\r\n  d\r\n", "a: b\nc: |\n  d\n"},
	{"\xef\xbb\xbf"
	 "a: b\n",
	 "a: b\n"},
	{"---\n# x\na: b\n...\n", "---\n# x\na: b\n"},
	{"# x\n--- # y\na: b\n", NULL},
	{"--- {a: b}\n", "---\n{ a: b }\n"},
	{"", NULL},
	{"# only a comment", "# only a comment\n"},
	{"~\n", NULL},

	/* Brackets. */
	{"a: [b,c ,  d]\n", "a: [b, c, d]\n"},
	{"a: {b: c,d: {e: [f]}}\n", "a: { b: c, d: { e: [f] } }\n"},
	{"a: [ ]\nb: { }\n", "a: []\nb: {}\n"},
	{"a: {b, c: , d: [e: f, g]}\n", "a: { b: ~, c: ~, d: [e: f, g] }\n"},
	{"a: [b: c, d: {e: f}, ? g : h]\n", "a: [b: c, d: { e: f }, g: h]\n"},
	{"a: [b: c,\n  d:\n   e]\n", "a:\n  - b: c\n  - d: e\n"},
	{"a: {\"b\":1}\n", "a: { 'b': 1 }\n"},
	{"a: [b,\n  c, {d: e,\n f: [g]}]\n", "a:\n  - b\n  - c\n  - d: e\n    f: [g]\n"},
	{"{a: b,\n c: d}\n", "a: b\nc: d\n"},
	{"a: [ # x\n  b, # y\n  # z\n  c\n  # last\n ] # end\n",
	 "a: # x\n  - b # y\n  # z\n  - c\n  # last\n  # end\n"},
	{"a: [b,\n  c] # end\n", "a: # end\n  - b\n  - c\n"},
	{"a: [[b,\n  c] # in\n ] # out\nd: e\n", "a:\n  - - b\n    - c\n    # in\n  # out\nd: e\n"},
	{"a: [ # none\n ]\n", "# none\na: []\n"},

	/* Comments. */
	{"# a\n\n\n# b\na: b    # c\n# d\n", "# a\n\n# b\na: b # c\n# d\n"},
	{"a:   # x\n      # y\n   b: c\n   # z\nd: e\n", "a: # x\n  # y\n  b: c\n  # z\nd: e\n"},
	{"a:\n- b\n# of c\nc: d\n", "a:\n  - b\n# of c\nc: d\n"},
	{"a:\n  - b\n  # of a\n\n  # too\nc: d\n", "a:\n  - b\n  # of a\n\n  # too\nc: d\n"},
	{"a:\n  - b: c\n    # of b\n  # of a\n# of the file\n", NULL},
	{"a: # x\n  b # y\n", "# x\na: b # y\n"},
	{"a:\n  # x\n  b\n", "# x\na: b\n"},
	{"- # x\n  a: b\n\n- # y\n  # z\n  - c\n", "# x\n- a: b\n\n# y\n# z\n- - c\n"},
	{"a: 'b # c'\nd: e#f\ng: [h] # i\n", NULL},
	{"a: | # x\n  b # c\n# d\ne: f\n", NULL},
	{"a: \"b\n   # c\"\n", "a: \"b\n  # c\"\n"},

	/* Quotes. */
	{"a: \"b\"\nc: 'd'\ne: f\n", "a: 'b'\nc: 'd'\ne: f\n"},
	{"a: \"\"\nb: ''\n", "a: ''\nb: ''\n"},
	{"a: \"^a\\\\.b$\"\n", "a: '^a\\.b$'\n"},
	{"a: \"b\\\"c\"\n", "a: 'b\"c'\n"},
	{"a: 'it''s'\n", "a: \"it's\"\n"},
	{"a: '''\\d'\n", "a: '''\\d'\n"},
	{"a: \"''\\\\\"\n", "a: \"''\\\\\"\n"},
	{"a: \"b\\tc\"\nd: \"\\u200b\"\ne: \"\\n\"\n", NULL},
	{"\"a\": b\n'c': d\n", "'a': b\n'c': d\n"},
	{"a: 'yes'\nb: yes\nc: '1'\n", NULL},

	/* Long texts. */
	{"a: b\n      c\n\n      d\ne: f\n", "a: b\n  c\n\n  d\ne: f\n"},
	{"a: \"b \\\n      c\\\n      \\ d\"\n", "a: \"b \\\n  c\\\n  \\ d\"\n"},
	{"- 'b\n   c'\n", "- 'b\n  c'\n"},
	{"a: |\n      b\n        c\n\n      d\n\n\ne: f\n", "a: |\n  b\n    c\n\n  d\n\ne: f\n"},
	{"a: |-\n   b\nc: |+\n   d\n\n\ne: f\n", "a: |-\n  b\nc: |+\n  d\n\n\ne: f\n"},
	{"a: |4\n     b\n    c\n", "a: |2\n   b\n  c\n"},
	{"a:\n  - |4\n        b\n      c\n", "a:\n  - |2\n      b\n    c\n"},
	{"a: >-\n      b\n      c\n\n      d\ne: f\n", "a: >-\n  b\n  c\n\n  d\ne: f\n"},
	{"a: >\n      b\n        c\n      d\n", "a: >\n  b\n    c\n  d\n"},
	{"a: |\nb: >-\n\nc: |+\n\n", "a: ''\nb: ''\n\nc: \"\\n\"\n"},

	/* Anchors. */
	{"a: &x   {b: c}\nd: *x\ne:\n   <<:   *x\n", "a: &x { b: c }\nd: *x\ne:\n  <<: *x\n"},
	{"a: &x\n    b: c\nd: &y\n- *x\n- &z\n  e: f\n- &w g\n",
	 "a: &x\n  b: c\nd: &y\n  - *x\n  - &z\n    e: f\n  - &w g\n"},
	{"&k a: &v {}\nb: &w [*k , *v ]\nc: {<<: [*v , *v ]}\n", "&k a: &v {}\nb: &w [*k, *v]\nc: { <<: [*v, *v] }\n"},
	{"a: &x # y\n  # z\n  b: c\nd:\n  - &w # v\n    e: f\n", NULL},
};

static struct text formatted(struct text bytes, struct arena *arena)
{
	struct problem problem = {0, 0, ""};
	struct text text = TEXT_EMPTY;

	ck_assert_msg(yaml_format(bytes, arena, &text, &problem), "%.*s: %u:%u %s", TEXT_ARG(bytes), problem.line,
		      problem.column, problem.text);
	return text;
}

START_TEST(a_text_is_written_in_its_one_form_which_stays)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *after = rows[_i].after ? rows[_i].after : rows[_i].before;
	struct text text = formatted(text_of(rows[_i].before), &arena);

	ck_assert_msg(text_is(text, after), "<%.*s> is not <%s>", TEXT_ARG(text), after);
	ck_assert(text_eq(formatted(text, &arena), text));
}
END_TEST

static const struct {
	const char *text;
	unsigned line, column;
	const char *says;
} refused[] = {
	{"a: [b\n", 2, 1, NULL},
	{"a: b\na: c\n", 2, 1, "key `a` is given twice (first in line 1)"},
	{"? |\n  a\n: b\n", 2, 1, "a key over several lines is not formatted; write it on one"},
	{"? \"a\n  b\"\n: c\n", 1, 3, "a key over several lines is not formatted; write it on one"},
	{"a: >2\n   b\n", 1, 1, "a folded text with a digit in its header is not formatted; leave it out"},
	{"- >2\n   b\n", 2, 1, "a folded text with a digit in its header is not formatted; leave it out"},
	{"&x\na: b\n", 2, 1, "an anchor of the whole file is not formatted; leave it out"},
};

START_TEST(what_cannot_be_written_safely_is_refused_with_its_place)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	struct text text = TEXT_EMPTY;

	ck_assert(!yaml_format(text_of(refused[_i].text), &arena, &text, &problem));
	ck_assert_uint_eq(text.len, 0);
	if (refused[_i].says)
		ck_assert_str_eq(problem.text, refused[_i].says);
	ck_assert_msg(problem.line == refused[_i].line && problem.column == refused[_i].column, "%u:%u %s",
		      problem.line, problem.column, problem.text);
}
END_TEST

/* ---- the command ---- */

static char folder[] = "/tmp/headgate-fmt-XXXXXX";

static const char *file_named(const char *name)
{
	static char path[4][200];
	static unsigned turn;
	char *at = path[turn++ % 4];

	(void)snprintf(at, sizeof path[0], "%s/%s", folder, name);
	return at;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void holds(const char *path, const char *text)
{
	static char is[4096];
	FILE *file = fopen(path, "re");

	ck_assert_ptr_nonnull(file);
	is[fread(is, 1, sizeof is - 1, file)] = '\0';
	(void)fclose(file);
	ck_assert_str_eq(is, text);
}

struct said {
	int code;
	char out[4096], err[4096];
};

static struct said run(const char *a, const char *b, const char *c, const char *in)
{
	char *words[] = {strdup("headgate"),   strdup("policy"),     strdup("fmt"), strdup(a),
			 b ? strdup(b) : NULL, c ? strdup(c) : NULL, NULL};
	int n = b ? (c ? 6 : 5) : 4;
	struct said said = {0, "", ""};
	struct console console = {.in = fmemopen((void *)(uintptr_t)in, strlen(in), "r"),
				  .out = fmemopen(said.out, sizeof said.out, "w"),
				  .err = fmemopen(said.err, sizeof said.err, "w")};

	said.code = command_main(command_table(), n, words, &console);
	(void)fclose(console.in);
	(void)fclose(console.out);
	(void)fclose(console.err);
	for (int i = 0; i < 6; i++)
		free(words[i]);
	return said;
}

static void begin(void)
{
	(void)memcpy(folder, "/tmp/headgate-fmt-XXXXXX", sizeof folder);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

/* Removes the files; nothing else was left beside them. */
static void end(const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		ck_assert_int_eq(unlink(file_named(names[i])), 0);
	ck_assert_msg(rmdir(folder) == 0, "something was left in %s", folder);
}

START_TEST(a_file_is_replaced_with_its_mode_and_a_link_stays_a_link)
{
	struct stat st;
	struct said said;

	begin();
	write_file(file_named("a.yml"), "a:   b\n");
	ck_assert_int_eq(chmod(file_named("a.yml"), 0640), 0);
	write_file(file_named("b.yml"), "a: b\n");
	ck_assert_int_eq(symlink("a.yml", file_named("link.yml")), 0);
	said = run(file_named("link.yml"), file_named("b.yml"), NULL, " ");
	ck_assert_msg(said.code == COMMAND_OK, "%s", said.err);
	ck_assert_str_eq(said.out, "");
	holds(file_named("a.yml"), "a: b\n");
	ck_assert_int_eq(stat(file_named("a.yml"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640);
	ck_assert_int_eq(lstat(file_named("link.yml"), &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	end((const char *const[]){"a.yml", "b.yml", "link.yml", NULL});
}
END_TEST

START_TEST(a_file_that_is_in_its_form_is_not_touched)
{
	struct stat before, after;

	begin();
	write_file(file_named("a.yml"), "a: b\n");
	ck_assert_int_eq(stat(file_named("a.yml"), &before), 0);
	ck_assert_int_eq(run(file_named("a.yml"), NULL, NULL, " ").code, COMMAND_OK);
	ck_assert_int_eq(stat(file_named("a.yml"), &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	end((const char *const[]){"a.yml", NULL});
}
END_TEST

START_TEST(check_changes_nothing_and_names_what_would_change)
{
	struct said said;
	char line[300];

	begin();
	write_file(file_named("a.yml"), "a:   b\n");
	write_file(file_named("b.yml"), "a: b\n");
	said = run("--check", file_named("b.yml"), file_named("a.yml"), " ");
	ck_assert_int_eq(said.code, COMMAND_NO);
	(void)snprintf(line, sizeof line, "%s\n", file_named("a.yml"));
	ck_assert_str_eq(said.out, line);
	holds(file_named("a.yml"), "a:   b\n");
	ck_assert_int_eq(run("--check", file_named("b.yml"), NULL, " ").code, COMMAND_OK);
	end((const char *const[]){"a.yml", "b.yml", NULL});
}
END_TEST

START_TEST(a_file_that_cannot_be_formatted_stays_and_the_others_are_done)
{
	struct said said;

	begin();
	write_file(file_named("a.yml"), "a:   [b\n");
	write_file(file_named("b.yml"), "a:   b\n");
	said = run(file_named("a.yml"), file_named("b.yml"), NULL, " ");
	ck_assert_int_eq(said.code, COMMAND_NO);
	ck_assert_ptr_nonnull(strstr(said.err, "a.yml:2:1: not valid YAML"));
	holds(file_named("a.yml"), "a:   [b\n");
	holds(file_named("b.yml"), "a: b\n");
	said = run(file_named("none.yml"), NULL, NULL, " ");
	ck_assert_int_eq(said.code, COMMAND_USAGE);
	ck_assert_ptr_nonnull(strstr(said.err, "none.yml: No such file"));
	end((const char *const[]){"a.yml", "b.yml", NULL});
}
END_TEST

START_TEST(standard_input_is_written_to_standard_output)
{
	struct said said = run("-", NULL, NULL, "a:   b # c\n");

	ck_assert_int_eq(said.code, COMMAND_OK);
	ck_assert_str_eq(said.out, "a: b # c\n");
	said = run("-", NULL, NULL, "a: [b\n");
	ck_assert_int_eq(said.code, COMMAND_NO);
	ck_assert_str_eq(said.out, "");
	said = run("--check", "-", NULL, "a:   b\n");
	ck_assert_int_eq(said.code, COMMAND_NO);
	ck_assert_str_eq(said.out, "-\n");
}
END_TEST

static const char *const policies[] = {SOURCE_DIR "/examples/policies/*.yml",
				       SOURCE_DIR "/tests/data/policies/*/policy.yml"};

START_TEST(the_projects_own_files_are_in_that_form)
{
	glob_t found;

	ck_assert_int_eq(glob(policies[_i], 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct said said = run("--check", found.gl_pathv[i], NULL, " ");

		ck_assert_msg(said.code == COMMAND_OK ||
				      (strstr(found.gl_pathv[i], "/invalid") && said.code == COMMAND_NO),
			      "%s%s", said.out, said.err);
	}
	globfree(&found);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_text_is_written_in_its_one_form_which_stays, rows),
	SUITE_ROWS(what_cannot_be_written_safely_is_refused_with_its_place, refused),
	SUITE_TEST(a_file_is_replaced_with_its_mode_and_a_link_stays_a_link),
	SUITE_TEST(a_file_that_is_in_its_form_is_not_touched),
	SUITE_TEST(check_changes_nothing_and_names_what_would_change),
	SUITE_TEST(a_file_that_cannot_be_formatted_stays_and_the_others_are_done),
	SUITE_TEST(standard_input_is_written_to_standard_output),
	SUITE_ROWS(the_projects_own_files_are_in_that_form, policies),
	SUITE_END,
};
SUITE_MAIN(tests)
