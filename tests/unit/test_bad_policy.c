/*
 * Policy files that somebody wrote badly, or to do harm: one clear message with its place, little memory and little
 * work, from the parser and from `headgate policy check` alike.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "agent/cli/command.h"
#include "policy/policy.h"
#include "tests/support/case.h"
#include "tests/support/suite.h"

/* A sanitizer's own memory and time come on top. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 20
#else
#define SLOWER 1
#endif
#define WORK_MAX   (SLOWER * CLOCKS_PER_SEC)    /* of this process, however busy the machine is */
#define MEMORY_MAX (SLOWER * (size_t)40 * 1024) /* KiB more than before */
#define ARENA_MAX  ((size_t)24 * 1024 * 1024)

#define RULE(rest)                                                                                                     \
	"policy: {approval: [x]}\napproval_rules:\n  - name: x\n    requires: {count: 1, permissions: [write]}\n" rest
#define PATHS(pattern) RULE("    if: {changed_files: {paths: ['" pattern "']}}\n")

static const struct bad {
	const char *title, *head, *unit; /* the head, then the unit so many times */
	size_t times;
	const char *tail; /* NULL: none */
	unsigned line, column;
	const char *says; /* NULL: it is a policy */
} rows[] = {
	{"nested aliases",
	 "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
	 "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
	 "g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n",
	 "", 0, NULL, 5, 11, "more nodes than the limit allows"},
	{"an alias many times", "- &a [b, c]\n", "- *a\n", 50000, NULL, 1002, 3, "more aliases than the limit allows"},
	{"anchors many times", "", "- &a x\n", 30000, NULL, 2, 6, "anchor `&a` is given twice"},
	{"an alias of what it stands in", "policy: &p\n  approval: [*p]\n", "", 0, NULL, 2, 14,
	 "`*p` stands inside what it names"},
	{"open lists", "", "[", 200000, NULL, 1, 4097, "more brackets than the limit allows"},
	{"open maps", "", "{a: ", 60000, NULL, 1, 16385, "more brackets than the limit allows"},
	{"open block lists", "", "- ", 100000, NULL, 1, 129, "nested too deeply"},
	{"a list of everything", "", "- a\n", 60000, NULL, 20001, 3, "more nodes than the limit allows"},
	{"blank lines in a text", "a: |\n", "\n", 250000, " x\n", 1002, 1,
	 "more blank lines in a row than the limit allows"},
	{"blank lines in quotes", "a: 'x\n", "\n", 250000, " x'\n", 1002, 1,
	 "more blank lines in a row than the limit allows"},
	{"spaces behind a dash", "- ", " ", 250000, "x\n", 1, 1002, "more spaces in a row than the limit allows"},
	{"tabs behind a question mark", "? ", "\t", 250000, "x\n", 1, 1002,
	 "more spaces in a row than the limit allows"},
	{"10 MB", "", "# a comment\n", 900000, NULL, 0, 0, "larger than 262144 bytes"},
	{"one byte too many", "", "#", 262145, NULL, 0, 0, "larger than 262144 bytes"},
	{"lines of directives", "", "%a\n", 80000, NULL, 1, 1, "directives are not used here"},
	{"a long directive", "%", "b", 250000, NULL, 1, 1, "directives are not used here"},
	{"bytes that are not UTF-8", "# caf\xc3\xa9\npolicy: \xe9\n", "", 0, NULL, 2, 9, "not valid UTF-8"},
	{"half a character at the end", "a: \xc3", "", 0, NULL, 1, 4, "not valid UTF-8"},
	{"UTF-16", "\xff\xfep", "", 0, NULL, 1, 1, "UTF-16; save the file as UTF-8"},
	{"a control byte", "policy: \x1b[31m\n", "", 0, NULL, 1, 9, "a control byte"},
	{"a key twice", RULE("    requires: {count: 2}\n"), "", 0, NULL, 5, 5,
	 "key `requires` is given twice (first in line 4)"},
	{"a key twice in braces", "policy: {approval: [x], approval: [y]}\n", "", 0, NULL, 1, 25,
	 "key `approval` is given twice (first in line 1)"},
	{"a tab", "policy:\n\tapproval: [x]\n", "", 0, NULL, 2, 1, "a tab where lines are indented; use spaces"},
	{"a tab after spaces", "policy:\n  approval:\n    - x\n  \tdisapproval: {}\n", "", 0, NULL, 4, 4,
	 "a tab where lines are indented; use spaces"},
	{"a line of carriage return alone", "policy: {}\rapproval_rules: []\n", "", 0, NULL, 1, 11,
	 "a carriage return without a line feed"},
	{"a byte order mark in the middle", "policy: {approval: [x\xef\xbb\xbf]}\n", "", 0, NULL, 1, 22,
	 "a byte order mark inside the text"},
	{"a directive", "%POLICY 2\n---\npolicy: {approval: [x]}\n", "", 0, NULL, 1, 1, "directives are not used here"},
	{"a tag", "policy: !policy {approval: [x]}\n", "", 0, NULL, 1, 17, "tags are not used here"},
	{"a second document", RULE("---\npolicy: {}\n"), "", 0, NULL, 5, 1, "a second document"},
	{"an open quote", "policy: 'x\n", "", 0, NULL, 1, 10,
	 "not valid YAML: single-quoted scalar without closing quote"},
	{"a count in hexadecimal", RULE("    options: {request_review: {count: 0x2}}\n"), "", 0, NULL, 5, 39,
	 "count is a whole number from 0 to 100; write it as a decimal number"},
	{"a pattern that compiles to too much", PATHS("((((a{1000}){1000}){1000}){1000}){1000}"), "", 0, NULL, 5, 34,
	 ""},
	{"a pattern of open groups", RULE("    if: {changed_files: {paths: ['"), "(", 900, "']}}\n", 5, 34, ""},
	{"too long a pattern", RULE("    if: {changed_files: {paths: ['"), "a", 1001, "']}}\n", 5, 34,
	 "not a pattern: a pattern has 1 to 1000 bytes"},
	{"too many patterns", RULE("    if: {changed_files: {paths: ["), "'(a+)+$', ", 201, "]}}\n", 5, 2034,
	 "more than 200 patterns"},
	{"a byte order mark at the start", "\xef\xbb\xbf" RULE(""), "", 0, NULL, 0, 0, NULL},
	{"lines that end with CR LF",
	 "policy: {approval: [x]}\r\napproval_rules:\r\n  - name: x\r\n    requires: {count: 1, permissions: "
	 "[write]}\r\n",
	 "", 0, NULL, 0, 0, NULL},
	{"a pattern that takes for ever to search", PATHS("^((a+)+)+$"), "", 0, NULL, 0, 0, NULL},
	{"booleans as YAML 1.1 has them", RULE("    options: {allow_author: No, allow_contributor: OFF}\n"), "", 0,
	 NULL, 0, 0, NULL},
	{"numbers for names",
	 "policy: {approval: [7, yes]}\napproval_rules:\n  - {name: 7, requires: {count: 1, users: [123]}}\n"
	 "  - {name: yes, requires: {count: 1, users: [0x1f]}}\n",
	 "", 0, NULL, 0, 0, NULL},
};

static struct text text_of_row(const struct bad *row)
{
	size_t head = strlen(row->head), unit = strlen(row->unit), tail = row->tail ? strlen(row->tail) : 0;
	char *text = malloc(head + unit * row->times + tail + 1), *to = text;

	ck_assert_ptr_nonnull(text);
	to = mempcpy(to, row->head, head);
	for (size_t i = 0; i < row->times; i++)
		to = mempcpy(to, row->unit, unit);
	to = mempcpy(to, row->tail ? row->tail : "", tail);
	return (struct text){text, (size_t)(to - text)};
}

static size_t most_memory(void)
{
	struct rusage usage;

	ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
	return (size_t)usage.ru_maxrss;
}

START_TEST(a_bad_policy_is_one_message_with_its_place_and_costs_little)
{
	const struct policy_defaults defaults = {.approvals = 2};
	const struct bad *row = &rows[_i];
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text text = text_of_row(row);
	struct problem problem = {0, 0, ""};
	const struct policy *policy = NULL;
	size_t memory = most_memory();
	clock_t work = clock();
	bool ok = policy_parse(text, &defaults, &arena, &policy, &problem);

	work = clock() - work;
	ck_assert_msg(ok == !row->says, "%s: %u:%u %s", row->title, problem.line, problem.column, problem.text);
	ck_assert_msg(problem.line == row->line && problem.column == row->column, "%s: %u:%u %s", row->title,
		      problem.line, problem.column, problem.text);
	ck_assert_msg(ok || problem.text[0] != '\0', "%s", row->title);
	if (row->says && row->says[0])
		ck_assert_str_eq(problem.text, row->says);
	ck_assert_msg(work <= WORK_MAX, "%s: %ld", row->title, (long)work);
	ck_assert_msg(arena.used <= ARENA_MAX, "%s: %zu", row->title, arena.used);
	ck_assert_msg(most_memory() - memory <= MEMORY_MAX, "%s: %zu KiB", row->title, most_memory() - memory);
	free((char *)(uintptr_t)text.at);
}
END_TEST

static int check(const char *name, char *out, char *err, size_t room)
{
	char program[] = "headgate", group[] = "policy", command[] = "check", file[64];
	char *argv[] = {program, group, command, file, NULL};
	struct console console = {.in = stdin};
	int code;

	(void)snprintf(file, sizeof file, "%s", name);
	console.out = fmemopen(out, room, "w");
	console.err = fmemopen(err, room, "w");
	code = command_main(command_table(), 4, argv, &console);
	(void)fclose(console.out);
	(void)fclose(console.err);
	return code;
}

START_TEST(policy_check_names_the_file_and_the_place_on_one_line)
{
	const struct bad *row = &rows[_i];
	struct text text = text_of_row(row);
	char name[] = "/tmp/headgate-bad-XXXXXX", out[8192] = "", err[8192] = "", place[64];
	int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text.at, text.len), (ssize_t)text.len);
	ck_assert_int_eq(close(fd), 0);
	free((char *)(uintptr_t)text.at);
	ck_assert_int_eq(check(name, out, err, sizeof out), row->says ? COMMAND_NO : COMMAND_OK);
	ck_assert_int_eq(unlink(name), 0);
	if (!row->says) {
		ck_assert_msg(err[0] == '\0' || strstr(err, ": warning: "), "%s: %s", row->title, err);
		return;
	}
	if (row->line > 0)
		(void)snprintf(place, sizeof place, "%s:%u:%u: ", name, row->line, row->column);
	else
		(void)snprintf(place, sizeof place, "%s: more than 262144 bytes", name);
	ck_assert_msg(strstr(err, place), "%s: %s does not say %s", row->title, err, place);
	ck_assert_msg(strstr(err, row->line > 0 ? row->says : ""), "%s: %s", row->title, err);
	ck_assert_ptr_eq(strchr(err, '\n'), err + strlen(err) - 1);
}
END_TEST

START_TEST(a_pattern_that_takes_for_ever_to_search_makes_the_rule_wait)
{
	struct example c;
	struct verdict verdict;
	clock_t work = clock();

	case_make(&c);
	c.path.path =
		TEXT_LIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
	verdict = case_judge(&c, PATHS("^((a+)+)+$"));
	ck_assert_int_eq(verdict.decision, DECISION_WAITING);
	ck_assert_int_le(clock() - work, WORK_MAX);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_bad_policy_is_one_message_with_its_place_and_costs_little, rows),
	SUITE_ROWS(policy_check_names_the_file_and_the_place_on_one_line, rows),
	SUITE_TEST(a_pattern_that_takes_for_ever_to_search_makes_the_rule_wait),
	SUITE_END,
};
SUITE_MAIN(tests)
