/* The commands around a policy file, as they are typed. */
#include "agent/cli/commands.h"

#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/suite.h"
#include "webhooks/jread.h"

struct said {
	int code;
	char out[65536], err[8192];
};

/* A folder of this test's own, and gone with it. */
static char folder[64];

static void begin(void)
{
	(void)snprintf(folder, sizeof folder, "/tmp/headgate-tools-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static const char *put(const char *name, const char *bytes)
{
	static char path[8][128];
	static unsigned next;
	char *at = path[next++ % 8];
	FILE *out;

	(void)snprintf(at, 128, "%s/%s", folder, name);
	out = fopen(at, "w");
	ck_assert_ptr_nonnull(out);
	(void)fputs(bytes, out);
	(void)fclose(out);
	return at;
}

static void end(void)
{
	static const char *const names[] = {"p.yml", "p.test.yml", "q.test.yml"};
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

/* The words after `headgate policy`, NULL last. */
static void say(struct said *said, ...)
{
	char words[24][256] = {"headgate", "policy"}, *argv[24] = {words[0], words[1]};
	struct console console = {0};
	const char *word;
	int argc = 2;
	va_list args;

	*said = (struct said){0};
	va_start(args, said);
	while ((word = va_arg(args, const char *))) {
		ck_assert(argc < 23 && strlen(word) < sizeof words[0]);
		(void)snprintf(words[argc], sizeof words[0], "%s", word);
		argv[argc] = words[argc];
		argc++;
	}
	va_end(args);
	argv[argc] = NULL;
	console.in = fopen("/dev/null", "r");
	console.out = fmemopen(said->out, sizeof said->out, "w");
	console.err = fmemopen(said->err, sizeof said->err, "w");
	said->code = command_main(command_table(), argc, argv, &console);
	(void)fclose(console.in);
	(void)fclose(console.out);
	(void)fclose(console.err);
}

static void expect(const struct said *said, int code, const char *out, const char *err)
{
	ck_assert_msg(said->code == code, "%d: %s%s", said->code, said->out, said->err);
	ck_assert_msg(strstr(said->out, out), "no `%s` in: %s", out, said->out);
	ck_assert_msg(strstr(said->err, err), "no `%s` in: %s", err, said->err);
}

#define POLICY                                                                                                         \
	"policy: {approval: [one review, labelled]}\n"                                                                 \
	"approval_rules:\n"                                                                                            \
	"- {name: one review, requires: {count: 1, permissions: [write]}}\n"                                           \
	"- {name: labelled, if: {targets_branch: {pattern: '^beta$'}}, requires: {count: 1, permissions: [admin]}}\n"
#define CASES                                                                                                          \
	"policy: p.yml\n"                                                                                              \
	"facts: {people: {alice: write, bob: write}, author: alice}\n"                                                 \
	"cases:\n"                                                                                                     \
	"- {name: one is enough, then: [approve: bob], expect: allowed}\n"

/* ---- policy test ---- */

START_TEST(cases_that_hold_are_counted)
{
	struct said said;

	begin();
	(void)put("p.yml", POLICY);
	say(&said, "test", put("p.test.yml", CASES), NULL);
	expect(&said, 0, "1 case, 0 failed\n", "");
	ck_assert_str_eq(said.err, "");
	end();
}
END_TEST

START_TEST(a_case_that_fails_is_shown_with_its_tree)
{
	struct said said;

	begin();
	(void)put("p.yml", POLICY);
	say(&said, "test", put("p.test.yml", CASES "- {name: nobody, then: [push: two], expect: allowed}\n"), NULL);
	expect(&said, 1, "p.test.yml:5:3: nobody: expected allowed, got waiting\n    Needs 1 review of two (0/1)\n",
	       "");
	ck_assert_ptr_nonnull(strstr(said.out, "x one review: unmet; next: 1 review of two (0/1)"));
	ck_assert_ptr_nonnull(strstr(said.out, "2 cases, 1 failed\n"));
	end();
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_a_wrong_line_whatever_the_others_say)
{
	struct said said;
	const char *good, *bad;

	begin();
	(void)put("p.yml", POLICY);
	good = put("p.test.yml", CASES);
	bad = put("q.test.yml", "policy: p.yml\ncases:\n- {name: a, expect: waiting, drft: true}\n");
	say(&said, "test", good, bad, NULL);
	expect(&said, 2, "1 case, 0 failed\n", "q.test.yml:3:30: unknown key `drft`; did you mean `draft`?");
	say(&said, "test", "/nonexistent/x.test.yml", NULL);
	expect(&said, 2, "0 cases", "/nonexistent/x.test.yml: No such file");
	say(&said, "test", put("q.test.yml", "policy: none.yml\ncases:\n- {name: a, expect: waiting}\n"), NULL);
	expect(&said, 2, "0 cases", "none.yml: No such file");
	end();
}
END_TEST

START_TEST(an_invalid_policy_fails_every_case_and_is_named)
{
	struct said said;

	begin();
	(void)put("p.yml", "polcy: {}\n");
	say(&said, "test", put("p.test.yml", CASES), NULL);
	expect(&said, 1, "expected allowed, got cannot_decide",
	       "p.yml:1:1: unknown key `polcy`; did you mean `policy`?");
	end();
}
END_TEST

START_TEST(rules_that_no_case_sees_both_ways_are_named_on_request)
{
	struct said said;
	const char *file;

	begin();
	(void)put("p.yml", POLICY);
	file = put("p.test.yml", CASES);
	say(&said, "test", file, NULL);
	ck_assert_str_eq(said.err, "");
	say(&said, "test", "--cover", file, NULL);
	expect(&said, 0, "", "p.yml:3:3: warning: no case sees rule `one review` unmet\n");
	expect(&said, 0, "", "p.yml:4:3: warning: no case sees rule `labelled` met, and none unmet\n");
	end();
}
END_TEST

START_TEST(cases_are_told_as_json)
{
	struct said said;
	struct err err = ERR_NONE;
	struct jdoc *doc;
	jval root, one;

	begin();
	(void)put("p.yml", POLICY);
	say(&said, "test", "--json", put("p.test.yml", CASES "- {name: none, expect: allowed}\n"), NULL);
	ck_assert_int_eq(said.code, 1);
	doc = jdoc_parse(text_of(said.out), &err);
	ck_assert_msg(doc, "%s: %s", err.text, said.out);
	root = jdoc_root(doc);
	ck_assert_int_eq(jint(root, "n", 0), 2);
	ck_assert_int_eq(jint(root, "failed", 0), 1);
	one = jat(jget(jat(jget(root, "files"), 0), "cases"), 1);
	ck_assert(text_is(jtext(one, "got"), "waiting") && text_is(jtext(one, "expected"), "allowed"));
	ck_assert(text_is(jtext(jat(jget(one, "rules"), 0), "name"), "#1"));
	jdoc_free(doc);
	end();
}
END_TEST

START_TEST(the_words_of_a_test_file_are_listed)
{
	struct said said;

	say(&said, "test", "--words", NULL);
	expect(&said, 0, "cases[].expect: allowed|waiting|blocked|revoked|cannot_decide\n", "");
	expect(&said, 0, "facts.history[].approve: ", "");
}
END_TEST

/* ---- policy check ---- */

START_TEST(a_check_tells_of_everything_that_is_wrong)
{
	struct said said;
	const char *file;

	begin();
	file = put("p.yml", "policy: {aproval: [a], approval: [b, c]}\n"
			    "approval_rules:\n- {name: b, requires: {count: 1}}\n");
	say(&said, "check", file, NULL);
	expect(&said, 1, "", "p.yml:1:10: unknown key `aproval`; did you mean `approval`?\n");
	expect(&said, 1, "", "p.yml:1:38: no rule is named `c`\n");
	expect(&said, 1, "", "p.yml:3:23: rule `b` can never be met");
	ck_assert_str_eq(said.out, "");
	say(&said, "check", "--json", file, NULL);
	expect(&said, 1, "{\"line\":1,\"column\":38,\"text\":\"no rule is named `c`\"}", "");
	ck_assert_str_eq(said.err, "");
	end();
}
END_TEST

START_TEST(a_check_of_several_files_is_as_bad_as_the_worst)
{
	struct said said;
	const char *good, *bad;

	begin();
	good = put("p.yml", POLICY);
	bad = put("q.test.yml", "polcy: {}\n");
	say(&said, "check", good, good, NULL);
	expect(&said, 0, "p.yml: ok: 7 rules", "");
	say(&said, "check", bad, good, NULL);
	expect(&said, 1, "p.yml: ok: 7 rules", "q.test.yml:1:1: unknown key");
	say(&said, "check", bad, "/nonexistent/p.yml", NULL);
	expect(&said, 2, "", "/nonexistent/p.yml: No such file");
	end();
}
END_TEST

START_TEST(a_warning_fails_a_strict_check)
{
	struct said said;
	const char *file;

	begin();
	file = put("p.yml",
		   "policy: {approval: [a]}\napproval_rules:\n"
		   "- {name: a, if: {targets_branch: {pattern: '^x$'}}, requires: {count: 1, permissions: [write]}}\n");
	say(&said, "check", file, NULL);
	expect(&said, 0, "ok: ", "warning: every rule here can be skipped");
	say(&said, "check", "--strict", file, NULL);
	expect(&said, 1, "ok: ", "warning: ");
	say(&said, "check", "--json", file, NULL);
	expect(&said, 0, "\"lints\":[{\"line\":1,", "");
	end();
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_check_tells_of_everything_that_is_wrong),
	SUITE_TEST(a_check_of_several_files_is_as_bad_as_the_worst),
	SUITE_TEST(a_warning_fails_a_strict_check),
	SUITE_TEST(cases_that_hold_are_counted),
	SUITE_TEST(a_case_that_fails_is_shown_with_its_tree),
	SUITE_TEST(a_file_that_cannot_be_read_is_a_wrong_line_whatever_the_others_say),
	SUITE_TEST(an_invalid_policy_fails_every_case_and_is_named),
	SUITE_TEST(rules_that_no_case_sees_both_ways_are_named_on_request),
	SUITE_TEST(cases_are_told_as_json),
	SUITE_TEST(the_words_of_a_test_file_are_listed),
	SUITE_END,
};
SUITE_MAIN(tests)
