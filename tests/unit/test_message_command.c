/* headgate message parse, as it is called. */
#include <stdio.h>

#include "agent/cli/commands.h"
#include "tests/support/suite.h"

struct said {
	int code;
	char out[6000], err[500];
};

static void run(FILE *in, FILE *out, const char *const *words, struct said *said)
{
	char program[] = "headgate", group[] = "message", verb[] = "parse", *argv[8] = {program, group, verb};
	struct console console = {.in = in, .out = out, .err = fmemopen(said->err, sizeof said->err, "w")};
	int argc = 3;

	ck_assert(console.in && console.out && console.err);
	for (; argc < 7 && *words; argc++)
		argv[argc] = (char *)(uintptr_t)*words++;
	said->code = command_main(command_table(), argc, argv, &console);
	(void)fclose(console.in);
	(void)fclose(console.out);
	(void)fclose(console.err);
}

/* `words` are those behind "headgate message parse", then NULL. */
static void parse(struct text input, const char *const *words, struct said *said)
{
	*said = (struct said){0};
	run(fmemopen((void *)(uintptr_t)input.at, input.len, "r"), fmemopen(said->out, sizeof said->out, "w"), words,
	    said);
}

#define LITERAL(s)                                                                                                     \
	{                                                                                                              \
		(s), sizeof(s) - 1                                                                                     \
	}
#define NOTHING                                                                                                        \
	"{\"bugs\":[],\"bugs_conservative\":[],\"reviewers\":[],\"requal\":[],\"rquestion\":[],\"approvers\":[],"      \
	"\"superreviewers\":[],\"is_backout\":false,\"backouts\":null,\"backouts_strict\":null,\"reverts\":null,"      \
	"\"closed_tree\":false,\"closedbug\":false,\"suspicious\":[]}\n"

static const struct {
	const char *words[5];
	struct text input;
	const char *out;
} json[] = {
	{{"--json"}, LITERAL("Fix"), NOTHING},
	{{"--json"}, LITERAL("Fix\0"), NOTHING},
	{{"--json"}, LITERAL("\0\0Fix"), NOTHING NOTHING NOTHING},
	{{"--json", "--dialect", "vct"}, LITERAL("Fix \xff\xfe"), NOTHING},
	{{"--dialect=vct", "--json"},
	 LITERAL("bug2 bug 1: it r=bo,bo sr=ann a=cy rs=dee r?eve ui-r=fay\n\nCLOSED TREE CLOSEDBUG \x01\xe2\x80\xae"),
	 "{\"bugs\":[2,1],\"bugs_conservative\":[1],\"reviewers\":[\"bo\",\"bo\",\"ann\",\"cy\",\"dee\",\"eve\","
	 "\"fay\"],"
	 "\"requal\":[\"bo\",\"bo\"],\"rquestion\":[\"eve\"],\"approvers\":[\"cy\"],\"superreviewers\":[\"ann\"],"
	 "\"is_backout\":false,\"backouts\":null,\"backouts_strict\":null,\"reverts\":null,"
	 "\"closed_tree\":true,\"closedbug\":true,"
	 "\"suspicious\":[\"a control byte\",\"a bidirectional control character\"]}\n"},
	{{"-d", "vct", "--json"},
	 LITERAL("Backed out 2 changesets (bug 3)\nBacked out aaaaaaaaaaaa\0Revert \"bug 4\""),
	 "{\"bugs\":[3],\"bugs_conservative\":[3],\"reviewers\":[],\"requal\":[],\"rquestion\":[],\"approvers\":[],"
	 "\"superreviewers\":[],\"is_backout\":true,\"backouts\":{\"nodes\":[\"aaaaaaaaaaaa\"],\"bugs\":[3]},"
	 "\"backouts_strict\":null,\"reverts\":null,\"closed_tree\":false,\"closedbug\":false,\"suspicious\":[]}\n"
	 "{\"bugs\":[4],\"bugs_conservative\":[4],\"reviewers\":[],\"requal\":[],\"rquestion\":[],\"approvers\":[],"
	 "\"superreviewers\":[],\"is_backout\":false,\"backouts\":null,\"backouts_strict\":null,"
	 "\"reverts\":{\"nodes\":[],\"bugs\":[4]},\"closed_tree\":false,\"closedbug\":false,\"suspicious\":[]}\n"},
};

START_TEST(json_has_every_key_on_a_line_for_each_message)
{
	struct said said;

	parse(json[_i].input, json[_i].words, &said);
	ck_assert_int_eq(said.code, COMMAND_OK);
	ck_assert_str_eq(said.out, json[_i].out);
	ck_assert_str_eq(said.err, "");
}
END_TEST

static const struct {
	const char *words[5];
	struct text input;
	const char *out;
} shown[] = {
	{{NULL},
	 LITERAL("Fix\0Fix\n\nbug 2"),
	 "message 1: Fix\nmessage 2: Fix\n  bugs              2\n  bugs_conservative 2\n"},
	{{NULL},
	 LITERAL("a \xff\x1b[31m \xc3\xa9 b"),
	 "message 1: a \\xff\\x1b[31m \xc3\xa9 b\n  suspicious        a control byte\n"},
	{{NULL},
	 LITERAL("Fix bug5 r=a,b sr=c r?d CLOSED TREE CLOSEDBUG"),
	 "message 1: Fix bug5 r=a,b sr=c r?d CLOSED TREE CLOSEDBUG\n  bugs              5\n"
	 "  reviewers         a, b, c, d\n  requal            a, b\n  rquestion         d\n  superreviewers    c\n"
	 "  closed_tree       yes\n  closedbug         yes\n"},
	{{"--dialect", "lando"},
	 LITERAL("Fix r=#x!"),
	 "message 1: Fix r=#x!\n  reviewers         #x!\n  requal            #x!\n"},
	{{NULL},
	 LITERAL("Backed out 3 changesets (bug 1)\nBacked out aaaaaaaaaaaa\nBacked out bbbbbbbbbbbb"),
	 "message 1: Backed out 3 changesets (bug 1)\n  bugs              1\n  bugs_conservative 1\n"
	 "  backouts          aaaaaaaaaaaa, bbbbbbbbbbbb (bugs 1)\n                    not as many as it says\n"},
	{{NULL}, LITERAL("Backed out"), "message 1: Backed out\n  is_backout        but of what cannot be read\n"},
	{{NULL}, LITERAL("Revert \"it\""), "message 1: Revert \"it\"\n  reverts           no commit\n"},
};

START_TEST(people_see_what_there_is)
{
	struct said said;

	parse(shown[_i].input, shown[_i].words, &said);
	ck_assert_int_eq(said.code, COMMAND_OK);
	ck_assert_str_eq(said.out, shown[_i].out);
}
END_TEST

static const char *const plain[] = {NULL};

START_TEST(nothing_comes_out_of_nothing)
{
	struct said said = {0};

	run(fopen("/dev/null", "r"), fmemopen(said.out, sizeof said.out, "w"), plain, &said);
	ck_assert_int_eq(said.code, COMMAND_OK);
	ck_assert_str_eq(said.out, "");
}
END_TEST

START_TEST(input_that_cannot_be_read_is_an_error)
{
	struct said said = {0};

	run(fopen("/", "r"), fmemopen(said.out, sizeof said.out, "w"), plain, &said);
	ck_assert_int_eq(said.code, COMMAND_USAGE);
	ck_assert_ptr_nonnull(strstr(said.err, "standard input: "));
}
END_TEST

START_TEST(an_unknown_dialect_is_named_with_those_there_are)
{
	const char *words[] = {"--dialect", "hg", NULL};
	struct said said;

	parse(TEXT_LIT("Fix"), words, &said);
	ck_assert_int_eq(said.code, COMMAND_USAGE);
	ck_assert_str_eq(said.out, "");
	ck_assert_ptr_nonnull(strstr(said.err, "--dialect is strict, vct or lando"));
}
END_TEST

enum { LIMIT = 4 << 20 };

START_TEST(a_message_over_the_limit_ends_the_run_and_names_it)
{
	const char *words[] = {"--json", NULL};
	struct text input = {NULL, LIMIT + 5};
	char *bytes = malloc(input.len);
	struct said said;

	ck_assert_ptr_nonnull(bytes);
	memset(bytes, 'x', input.len);
	memcpy(bytes, "Fix", 4);
	input.at = bytes;
	parse(input, words, &said);
	ck_assert_int_eq(said.code, COMMAND_USAGE);
	ck_assert_str_eq(said.out, NOTHING);
	ck_assert_str_eq(said.err, "headgate message parse: message 2 is larger than 4 MiB (message.max_bytes)\n");
	input.len--;
	parse(input, words, &said);
	ck_assert_int_eq(said.code, COMMAND_OK);
	ck_assert_str_eq(said.out, NOTHING NOTHING);
	free(bytes);
}
END_TEST

START_TEST(output_that_goes_nowhere_is_a_failure)
{
	struct said said = {0};

	run(fopen("/dev/null", "r"), fopen("/dev/full", "w"), plain, &said);
	ck_assert_int_eq(said.code, COMMAND_OK); /* nothing was written */
	run(fopen("/proc/self/cmdline", "r"), fopen("/dev/full", "w"), plain, &said);
	ck_assert_int_eq(said.code, COMMAND_NO);
	ck_assert_ptr_nonnull(strstr(said.err, "standard output: "));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(json_has_every_key_on_a_line_for_each_message, json),
	SUITE_ROWS(people_see_what_there_is, shown),
	SUITE_TEST(nothing_comes_out_of_nothing),
	SUITE_TEST(input_that_cannot_be_read_is_an_error),
	SUITE_TEST(an_unknown_dialect_is_named_with_those_there_are),
	SUITE_TEST(a_message_over_the_limit_ends_the_run_and_names_it),
	SUITE_TEST(output_that_goes_nowhere_is_a_failure),
	SUITE_END,
};
SUITE_MAIN(tests)
