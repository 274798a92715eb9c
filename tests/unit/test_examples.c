/*
 * Every policy of examples/policies as a reader would try it: accepted, with no warning but those that its comments
 * explain; its cases hold and see each rule met and unmet; policy and cases stand in the one written form. One that has
 * no cases fails. test_policy_schema holds the same files against the schema, test_examples_attacks their attacks.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/config.h"
#include "agent/cli/commands.h"
#include "policy/cases.h"
#include "policy/key_type.h"
#include "tests/support/suite.h"

#define FOLDER SOURCE_DIR "/examples/policies/"
#define CASES  ".test.yml"

/* Of the test's own process, and gone with it. */
static struct arena arena;

/* ---- the files ---- */

typedef void visit_fn(const char *path);

static bool is_cases(const char *path)
{
	return text_ends(text_of(path), TEXT_LIT(CASES));
}

/* How many policies there are, or files of cases. */
static size_t each(bool cases, visit_fn *visit)
{
	glob_t found;
	size_t n = 0;

	ck_assert_int_eq(glob(FOLDER "*", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (is_cases(found.gl_pathv[i]) == cases) {
			visit(found.gl_pathv[i]);
			n++;
		}
	globfree(&found);
	return n;
}

static struct text bytes_of(const char *path)
{
	struct err err = ERR_NONE;
	struct text bytes;

	ck_assert_msg(config_file(path, &arena, &bytes, &err), "%s: no such file", path);
	return bytes;
}

static const char *file_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* headgate policy COMMAND [OPTION] FILE says nothing but what is expected, and no warning. */
static void says_ok(const char *command, const char *option, const char *path)
{
	char *words[] = {strdup("headgate"), strdup("policy"), strdup(command), strdup(option), strdup(path), NULL};
	char out[65536] = "", err[8192] = "";
	struct console console = {.in = fopen("/dev/null", "r"),
				  .out = fmemopen(out, sizeof out, "w"),
				  .err = fmemopen(err, sizeof err, "w")};
	int code = command_main(command_table(), 5, words, &console);

	(void)fclose(console.in);
	(void)fclose(console.out);
	(void)fclose(console.err);
	ck_assert_msg(code == COMMAND_OK && err[0] == '\0', "policy %s %s: %d: %s%s", command, option, code, out, err);
	for (size_t i = 0; words[i]; i++)
		free(words[i]);
}

/* ---- cases ---- */

static void has_cases(const char *path)
{
	struct text stem = {path, strlen(path) - strlen(".yml")};
	const char *beside = arena_printf(&arena, "%.*s" CASES, TEXT_ARG(stem)).at;
	struct problem problem;
	struct cases cases;

	ck_assert_msg(text_ends(text_of(path), TEXT_LIT(".yml")), "%s is no policy", path);
	ck_assert_msg(cases_read(bytes_of(beside), &arena, &cases, &problem), "%s:%u: %s", beside, problem.line,
		      problem.text);
	ck_assert_msg(text_is(cases.policy, file_name(path)), "%s is about %.*s", beside, TEXT_ARG(cases.policy));
}

static void is_listed(const char *path)
{
	struct text readme = bytes_of(SOURCE_DIR "/examples/README.md");

	ck_assert_msg(text_find(readme, arena_printf(&arena, "\n| `%s` |", file_name(path))) != SIZE_MAX,
		      "examples/README.md has no line for %s", path);
}

START_TEST(the_readme_has_a_line_for_every_policy)
{
	(void)each(false, is_listed);
}
END_TEST

START_TEST(every_policy_has_cases_of_its_own)
{
	ck_assert_uint_ge(each(false, has_cases), 13);
}
END_TEST

static void cases_hold(const char *path)
{
	says_ok("test", "--cover", path);
}

START_TEST(every_case_holds_and_every_rule_is_seen_met_and_unmet)
{
	ck_assert_uint_eq(each(true, cases_hold), each(false, has_cases));
}
END_TEST

/* ---- warnings ---- */

static const struct {
	const char *file, *warning;
} expected[] = {
	{"everything.yml", "differs: only those who objected lift their objection"},
	{"everything.yml",
	 "differs: such a comment approves only as a whole line, and where it names the commit in full"},
	{"everything.yml", "differs: such a comment approves only where it names the commit in full"},
	{"try-build.yml", "without these guards changes land that every other policy holds back"},
};
enum { EXPECTED = sizeof expected / sizeof expected[0] };

static bool commented(const struct text *bytes, unsigned line)
{
	struct text rest = *bytes;

	for (; line > 1; line--) {
		size_t end = text_find(rest, TEXT_LIT("\n"));

		rest = (struct text){rest.at + end + 1, rest.len - end - 1};
	}
	return text_find((struct text){rest.at, text_find(rest, TEXT_LIT("\n"))}, TEXT_LIT("# warned of")) != SIZE_MAX;
}

static void is_accepted(const char *path)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	struct problem_list *lists = arena_alloc(&arena, 2, sizeof *lists), *errors = &lists[0], *lints = &lists[1];
	const struct policy *policy;
	struct text bytes = bytes_of(path);
	size_t k = 0;

	ck_assert_msg(policy_check(bytes, &defaults, &arena, &policy, errors, lints), "%s:%u: %s", path,
		      errors->items[0].line, errors->items[0].text);
	while (k < EXPECTED && strcmp(expected[k].file, file_name(path)) != 0)
		k++;
	for (size_t i = 0; i < lints->n; i++, k++) {
		ck_assert_msg(k < EXPECTED && strcmp(expected[k].file, file_name(path)) == 0 &&
				      strcmp(expected[k].warning, lints->items[i].text) == 0,
			      "%s:%u: %s", path, lints->items[i].line, lints->items[i].text);
		ck_assert_msg(commented(&bytes, lints->items[i].line), "%s:%u: no word of the warning", path,
			      lints->items[i].line);
	}
	ck_assert_msg(k == EXPECTED || strcmp(expected[k].file, file_name(path)) != 0, "%s: no warning: %s", path,
		      expected[k].warning);
}

START_TEST(every_policy_is_accepted_and_its_comments_tell_of_every_warning)
{
	(void)each(false, is_accepted);
}
END_TEST

/* ---- form ---- */

static void in_its_form(const char *path)
{
	says_ok("fmt", "--check", path);
}

START_TEST(every_file_is_in_the_one_written_form)
{
	(void)each(false, in_its_form);
	(void)each(true, in_its_form);
}
END_TEST

/* ---- everything.yml ---- */

#define PATHS_MAX 1000

static struct text paths[PATHS_MAX]; /* of its keys: "policy.approval[].or[].at_least" */
static size_t n_paths;

static void walk(const struct yaml *node, struct text path)
{
	for (size_t i = 0; i < node->n; i++) {
		struct text below = arena_printf(&arena, "%.*s[]", TEXT_ARG(path));
		/* Their names are no keys. */
		bool any = text_ends(path, TEXT_LIT(".contexts")) || text_ends(path, TEXT_LIT(".pushes"));

		if (node->kind == YAML_MAP) {
			below = arena_printf(&arena, "%.*s.%.*s", TEXT_ARG(path),
					     TEXT_ARG(any ? TEXT_LIT("*") : node->keys[i].text));
			ck_assert_uint_lt(n_paths, PATHS_MAX);
			paths[n_paths++] = below;
		}
		walk(&node->items[i], below);
	}
}

static bool used(struct text key)
{
	static const char bugs[] = "bugs."; /* what is asked of one bug stands in blocks */

	for (size_t i = 0; i < n_paths && text_starts(key, TEXT_LIT(bugs)); i++)
		if (text_find(paths[i], TEXT_LIT(".bugs.")) != SIZE_MAX &&
		    text_ends(paths[i], arena_printf(&arena, ".%s", key.at + sizeof bugs - 1)))
			return true;
	for (size_t i = 0; i < n_paths; i++)
		if (text_ends(paths[i], arena_printf(&arena, ".%.*s", TEXT_ARG(key))))
			return true;
	return false;
}

/* The keys that a type has of its own; somewhere in the file is enough, since many types share them. */
static void uses_members(const char *of, const struct key_type *type)
{
	for (size_t i = 0; type->kind == KEY_MAP && i < type->n; i++) {
		const struct key_member *member = &type->members[i];

		ck_assert_msg(text_is(member->name, "*") || used(member->name), "%s: nowhere `%.*s`", of,
			      TEXT_ARG(member->name));
		if (member->type)
			uses_members(of, member->type);
	}
	for (size_t i = 0; (type->kind == KEY_LIST || type->kind == KEY_ONE_OF) && i < type->n; i++)
		uses_members(of, &type->items[i]);
}

static void uses_type(const char *of, const char *notation)
{
	const char *why = NULL;
	const struct key_type *type = key_type_parse(text_of(notation), &arena, &why);

	ck_assert_msg(type, "%s: %s", of, why);
	uses_members(of, type);
}

/* A file that names another repository's has nothing else. */
static bool stands_alone(const char *path)
{
	return strcmp(path, "remote") == 0 || strcmp(path, "path") == 0 || strcmp(path, "ref") == 0;
}

START_TEST(the_file_of_everything_uses_every_key)
{
	static const struct yaml_limits limits = {1 << 16, 64, 10000, 0};
	const struct key_word *word;
	const struct policy_key *key;
	const struct yaml *root;
	struct problem problem;

	ck_assert(yaml_parse(bytes_of(FOLDER "everything.yml"), &limits, &arena, &root, &problem));
	walk(root, TEXT_EMPTY);
	for (size_t i = 0; (key = policy_key_at(i)); i++) {
		if (stands_alone(key->path))
			continue;
		ck_assert_msg(used(text_of(key->path)), "nowhere `%s`", key->path);
		uses_type(key->path, key->type);
	}
	for (size_t i = 0; (word = key_word_at(i)); i++)
		if (word->kind == WORD_TYPE)
			uses_type(word->name, word->is);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(the_readme_has_a_line_for_every_policy),
	SUITE_TEST(every_policy_has_cases_of_its_own),
	SUITE_TEST(every_case_holds_and_every_rule_is_seen_met_and_unmet),
	SUITE_TEST(every_policy_is_accepted_and_its_comments_tell_of_every_warning),
	SUITE_TEST(every_file_is_in_the_one_written_form),
	SUITE_TEST(the_file_of_everything_uses_every_key),
	SUITE_END,
};
SUITE_MAIN(tests)
