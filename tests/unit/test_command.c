#include "agent/cli/command.h"

#include "agent/cli/cmd_client.h"
#include "agent/cli/commands.h"
#include "agent/cli/print.h"
#include "tests/support/suite.h"

/* ---- a command of our own ---- */

static int run_echo(const struct invocation *invocation)
{
	const char *depth = invocation_value(invocation, "depth");

	(void)fprintf(invocation->console->out, "json=%d depth=%s", invocation_has(invocation, "json"),
		      depth ? depth : "-");
	for (size_t i = 0; i < invocation->n_operands; i++)
		(void)fprintf(invocation->console->out, " %s", invocation->operands[i]);
	return COMMAND_WAITING;
}

static int run_word(const struct invocation *invocation)
{
	(void)fprintf(invocation->console->out, "ran %s", invocation->command->name);
	return COMMAND_WAITING;
}

static const struct command_option echo_options[] = {{"json", 'j', NULL, "as JSON"}, {"depth", 'd', "N", "how deep"}};
static const struct command echo = {"echo", "WORD...", 0, 3, "echoes", NULL, echo_options, 2, run_echo};
static const struct command group_check = {"group check", "", 0, 0, "checks", NULL, NULL, 0, run_word};
static const struct command group_eval = {"group eval", "", 0, 0, "evaluates", NULL, NULL, 0, run_word};
static const struct command *const own[] = {&echo, &group_check, &group_eval};

struct said {
	int code;
	char out[8192], err[4096];
};

static void say(struct command_table table, const struct http_port *http, const char *line, struct said *said)
{
	char copy[1024], *argv[20], *rest = copy;
	struct console console = {.http = http};
	int argc = 0;

	*said = (struct said){0};
	(void)snprintf(copy, sizeof copy, "%s", line);
	while (argc < 19 && rest) {
		argv[argc++] = rest;
		rest = strchr(rest, ' ');
		if (rest)
			*rest++ = '\0';
	}
	argv[argc] = NULL;
	console.in = fmemopen(copy, 1, "r");
	console.out = fmemopen(said->out, sizeof said->out, "w");
	console.err = fmemopen(said->err, sizeof said->err, "w");
	said->code = command_main(table, argc, argv, &console);
	(void)fclose(console.in);
	(void)fclose(console.out);
	(void)fclose(console.err);
}

static const struct {
	const char *line;
	int code;
	const char *out, *err; /* a part of it; NULL: nothing */
} lines[] = {
	{"headgate echo", 8, "json=0 depth=-", NULL},
	{"headgate echo a --json b", 8, "json=1 depth=- a b", NULL},
	{"headgate echo --depth=3 -j", 8, "json=1 depth=3", NULL},
	{"headgate echo -d3 --depth 4", 8, "depth=4", NULL},
	{"headgate echo -- --json", 8, "json=0 depth=- --json", NULL},
	{"headgate echo -", 8, "depth=- -", NULL},
	{"headgate echo --jsn", 2, NULL, "unknown option `--jsn`; did you mean `--json`?"},
	{"headgate echo --dept=3 --deth=3", 2, NULL, "unknown option `--deth=3`; did you mean `--depth`?"},
	{"headgate echo -x", 2, NULL, "unknown option `-x`"},
	{"headgate echo --hlp", 2, NULL, "did you mean `--help`?"},
	{"headgate echo --depth", 2, NULL, "`--depth` needs an argument"},
	{"headgate echo -d", 2, NULL, "`-d` needs an argument"},
	{"headgate echo --json=1", 2, NULL, "`--json=1` takes no argument"},
	{"headgate echo a b c d", 2, NULL, "too many words\nusage: headgate echo [options] WORD..."},
	{"headgate echo --help", 0, "usage: headgate echo [options] WORD...", NULL},
	{"headgate echo -h", 0, "-d, --depth N", NULL},
	{"headgate help echo", 0, "usage: headgate echo", NULL},
	{"headgate group check", 8, "ran group check", NULL},
	{"headgate help group check", 0, "usage: headgate group check\n", NULL},
	{"headgate group", 2, NULL, "group eval"},
	{"headgate group --help", 0, "group eval            evaluates", NULL},
	{"headgate group chck", 2, NULL, "did you mean `headgate group check`?"},
	{"headgate ecko", 2, NULL, "unknown command `ecko`; did you mean `headgate echo`?"},
	{"headgate zebra", 2, NULL, "unknown command `zebra`; `headgate --help` lists the commands\n"},
	{"headgate \033[31m", 2, NULL, "unknown command `\\x1b[31m`"},
	{"headgate", 2, NULL, "usage: headgate COMMAND"},
	{"headgate --help", 0, "group check", NULL},
	{"headgate -h", 0, "exit: 0 allowed", NULL},
	{"headgate help", 0, "echo                  echoes", NULL},
	{"headgate --version", 0, "headgate 0.1.0\nbuilt with curl ", NULL},
};

START_TEST(a_line_is_understood_or_corrected)
{
	struct said said;

	say((struct command_table){own, 3, NULL}, NULL, lines[_i].line, &said);
	ck_assert_msg(said.code == lines[_i].code, "%s: %d: %s%s", lines[_i].line, said.code, said.out, said.err);
	ck_assert_msg(strstr(said.out, lines[_i].out ? lines[_i].out : ""), "%s: %s", lines[_i].line, said.out);
	ck_assert_msg(strstr(said.err, lines[_i].err ? lines[_i].err : ""), "%s: %s", lines[_i].line, said.err);
	ck_assert(lines[_i].out || said.out[0] == '\0');
	ck_assert(lines[_i].err || said.err[0] == '\0');
}
END_TEST

START_TEST(every_commands_help_lists_every_option)
{
	struct command_table table = command_table();
	const struct command *command;
	char line[128], option[64];
	struct said said;

	ck_assert_ptr_nonnull(command_at(table, 4));
	for (size_t i = 0; (command = command_at(table, i)); i++) {
		(void)snprintf(line, sizeof line, "headgate %s --help", command->name);
		say(table, NULL, line, &said);
		ck_assert_int_eq(said.code, 0);
		ck_assert_ptr_nonnull(strstr(said.out, command->summary));
		for (size_t k = 0; k < command->n_options; k++) {
			(void)snprintf(option, sizeof option, "--%s", command->options[k].name);
			ck_assert_msg(strstr(said.out, option), "%s: %s", command->name, option);
		}
		say(table, NULL, "headgate --help", &said);
		ck_assert_ptr_nonnull(strstr(said.out, command->name));
	}
}
END_TEST

/* ---- the commands that ask the server ---- */

struct fake {
	struct http_port port;
	unsigned status;
	const char *body;
	enum err_code code;
	bool maybe_sent;
	char asked[512];
};

static enum err_code answer(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct fake *fake = self;

	(void)snprintf(fake->asked, sizeof fake->asked, "%.*s %.*s %.*s", TEXT_ARG(in->method), TEXT_ARG(in->url),
		       TEXT_ARG(in->body));
	out->maybe_sent = fake->maybe_sent;
	if (fake->code != ERR_OK) {
		(void)err_set(err, fake->code, "Couldn't connect to server");
		return fake->code;
	}
	out->status = fake->status;
	out->body = arena_text(in->arena, text_of(fake->body));
	return ERR_OK;
}

#define SHA "4f2c9e1d5a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d"
#define COMMIT(verdict)                                                                                                \
	"{\"repo\":\"a/b\",\"sha\":\"" SHA "\",\"verdict\":\"" verdict                                                 \
	"\",\"state\":\"pending\",\"text\":\"Needs \\u001b[2J1 "                                                       \
	"more\",\"posted\":{\"state\":\"pending\",\"text\":\"x\","                                                     \
	"\"at\":null,\"in_doubt\":true},\"rules\":[{\"name\":\"fresh "                                                 \
	"reviews\",\"state\":\"unmet\",\"mode\":\"enforce\","                                                          \
	"\"next\":\"1 more "                                                                                           \
	"review\",\"who\":\"a member of "                                                                              \
	"a/core\",\"counts\":[{\"id\":7,\"login\":\"ann\"}],\"ignored\":[{\"what\":\"bob\",\"why\":\"of an "           \
	"older "                                                                                                       \
	"commit\"}],\"children\":[{\"name\":\"inner\",\"state\":\"met\"}]}],\"verdict_id\":3,\"changes\":[{"           \
	"\"number\":12,"                                                                                               \
	"\"base_ref\":\"main\",\"open\":true}],\"history\":[{\"id\":3,\"verdict\":\"waiting\",\"text\":\"t\",\"made_"  \
	"at\":\"2026\"}]}"

static const struct {
	const char *line;
	unsigned status;
	const char *body;
	int code;
	const char *asked, *out, *err; /* parts */
} asks[] = {
	{"headgate status a/b@" SHA, 200, COMMIT("waiting"), 8, "GET http://localhost/api/v1/commits/a/b/" SHA " ",
	 "waiting: Needs \\x1b[2J1 more", ""},
	{"headgate status a/b#12", 200, COMMIT("allowed"), 0, "GET http://localhost/api/v1/changes/a/b/12 ",
	 "  x fresh reviews: unmet; next: 1 more review  (ann)\n      by: a member of a/core\n      does not count: "
	 "bob: of an older commit\n    + "
	 "inner: met",
	 ""},
	{"headgate status a/b#12", 200, COMMIT("revoked"), 1, "", "#12 into main\n", ""},
	{"headgate status a/b#12", 200, COMMIT("cannot_decide"), 1, "", "(unanswered: being read back)", ""},
	{"headgate status a/b#12", 200, COMMIT("superb"), 1, "", "", ""},
	{"headgate status a/b#12", 200, "{}", 1, "", "", ""},
	{"headgate status a/b#12", 200, "<html>", 1, "", "", "no JSON"},
	{"headgate status --json a/b#12", 200, COMMIT("waiting"), 8, "", "\"verdict_id\":3", ""},
	{"headgate status a/b#12", 404, "{\"error\":\"unknown\",\"detail\":\"no such\\u0007change\"}", 1, "", "",
	 "the server answered 404: no such\\x07change"},
	{"headgate status a/b#12", 302, "", 1, "", "", "answered 302: no reason given"},
	{"headgate status", 200, "", 2, "", "", "name one change or commit"},
	{"headgate status a/b#1 --deliveries", 200, "", 2, "", "", "name one change or commit"},
	{"headgate status --deliveries", 200,
	 "{\"deliveries\":[{\"guid\":\"g-1\",\"event\":\"push\",\"note\":\"no sha\"}]}", 0,
	 "GET http://localhost/api/v1/deliveries?state=quarantined ", "g-1  push    no sha\n1 quarantined", ""},
	{"headgate status a/b@4f2c9e1", 200, "", 2, "", "", "neither owner/name#NUMBER nor"},
	{"headgate status a/b#0", 200, "", 2, "", "", "neither"},
	{"headgate status a/b#01", 200, "", 2, "", "", "neither"},
	{"headgate status a/b?c#1", 200, "", 2, "", "", "neither"},
	{"headgate status a/..#1", 200, "", 2, "", "", "neither"},
	{"headgate status a#1", 200, "", 2, "", "", "neither"},
	{"headgate recheck a/b#12", 202, "{}", 0,
	 "POST http://localhost/api/v1/recheck {\"repo\":\"a/b\",\"number\":12}", "asked; see `headgate status a/b#12`",
	 ""},
	{"headgate recheck a/b@" SHA, 202, "{}", 0, "\"sha\":\"" SHA "\"}", "asked", ""},
	{"headgate recheck", 202, "{}", 2, "", "", "something is missing"},
	{"headgate alarms", 200, "{\"alarms\":[]}", 0, "GET http://localhost/api/v1/alarms ", "0 not acknowledged", ""},
	{"headgate alarms", 200,
	 "{\"alarms\":[{\"id\":3,\"kind\":\"stolen_key\",\"who\":\"x\\u001b[1m\",\"sha\":\"" SHA
	 "\",\"times\":2,\"acknowledged_at\":null}]}",
	 1, "", "stolen_key  " SHA "  x\\x1b[1m  (2 times)\n1 not acknowledged", ""},
	{"headgate alarms --json", 200, "{\"alarms\":[]}", 0, "", "{\"alarms\":[]}", ""},
	{"headgate alarms", 200, "{}", 1, "", "", ""},
	{"headgate alarms --acknowledge 3", 200, "{\"acknowledged\":true}", 0,
	 "POST http://localhost/api/v1/alarms {\"id\":3}", "alarm 3 is acknowledged", ""},
	{"headgate alarms --acknowledge 4", 404, "{\"detail\":\"there is no alarm\"}", 1, "", "", "no alarm"},
	{"headgate alarms --acknowledge all", 200, "{}", 2, "", "", "takes a number"},
	{"headgate warnings", 200, "{\"warnings\":[],\"looked_at\":3,\"more\":false}", 0,
	 "GET http://localhost/api/v1/warnings ", "warnings: 0, in the newest 3 verdicts\n", ""},
	{"headgate warnings", 200,
	 "{\"warnings\":[{\"repo\":\"a/b\",\"sha\":\"" SHA "\",\"rule\":\"x\\u001b[1m\",\"next\":\"an "
	 "approval\",\"blocks\":true,\"verdict\":\"allowed\",\"context\":\"policy/try-allowed\",\"verdict_id\":7},"
	 "{\"repo\":\"a/b\",\"sha\":\"" SHA "\",\"rule\":\"y\",\"next\":\"\",\"blocks\":false,\"verdict\":\"waiting\","
	 "\"verdict_id\":6}],\"looked_at\":9,\"more\":true}",
	 0, "", "Would block: x\\x1b[1m: an approval (verdict 7, allowed in policy/try-allowed)\n", ""},
	{"headgate warnings --json", 200, "{\"warnings\":[]}", 0, "", "{\"warnings\":[]}", ""},
	{"headgate warnings", 200, "{}", 1, "", "", ""},
	{"headgate explain a/b#12", 200, "{\"verdict_id\":null}", 1, "", "", "there is no verdict of it yet"},
	{"headgate explain a/b#12", 200, "{\"verdict_id\":7}", 2, "GET http://localhost/api/v1/verdicts/7?full=1 ", "",
	 "not a stored verdict"},
	{"headgate explain a/b#12 --context policy/try-allowed", 200,
	 "{\"verdict_id\":7,\"contexts\":[{\"context\":\"policy/x\",\"verdict_id\":8},"
	 "{\"context\":\"policy/try-allowed\",\"verdict_id\":9}]}",
	 2, "GET http://localhost/api/v1/verdicts/9?full=1 ", "", "not a stored verdict"},
	{"headgate explain a/b#12 --context policy/other", 200,
	 "{\"verdict_id\":7,\"contexts\":[{\"context\":\"policy/x\",\"verdict_id\":8}]}", 1, "", "",
	 "there is no verdict of it yet"},
	{"headgate explain /nonexistent/verdict.json", 200, "", 2, "", "", "No such file"},
};

START_TEST(the_servers_answer_decides_words_and_exit)
{
	struct fake fake = {.status = asks[_i].status, .body = asks[_i].body};
	struct said said;

	fake.port = (struct http_port){&fake, answer};
	say(command_table(), &fake.port, asks[_i].line, &said);
	ck_assert_msg(said.code == asks[_i].code, "%s: %d: %s%s", asks[_i].line, said.code, said.out, said.err);
	ck_assert_msg(strstr(fake.asked, asks[_i].asked), "%s: %s", asks[_i].line, fake.asked);
	ck_assert_msg(strstr(said.out, asks[_i].out), "%s: %s", asks[_i].line, said.out);
	ck_assert_msg(strstr(said.err, asks[_i].err), "%s: %s", asks[_i].line, said.err);
	for (const char *at = said.out; *at; at++)
		ck_assert(*at >= ' ' || *at == '\n');
}
END_TEST

START_TEST(nobody_at_the_socket_is_told_from_no_answer)
{
	struct fake fake = {.code = ERR_RETRY};
	struct said said;

	fake.port = (struct http_port){&fake, answer};
	say(command_table(), &fake.port, "headgate recheck a/b#1", &said);
	ck_assert_int_eq(said.code, COMMAND_ABSENT);
	fake.maybe_sent = true;
	say(command_table(), &fake.port, "headgate recheck a/b#1", &said);
	ck_assert_int_eq(said.code, COMMAND_NO);
	say(command_table(), NULL, "headgate status --socket /nonexistent/control.sock a/b#1", &said);
	ck_assert_int_eq(said.code, COMMAND_ABSENT);
	ck_assert_ptr_nonnull(
		strstr(said.err, "no server at /nonexistent/control.sock; start one with `headgate serve`"));
	say(command_table(), NULL, "headgate status -c /nonexistent/headgate.yml a/b#1", &said);
	ck_assert_int_eq(said.code, COMMAND_CONFIG);
}
END_TEST

/* ---- words on a terminal ---- */

static const struct {
	const char *input, *shown;
} words[] = {
	{"plain", "plain"},
	{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
	{"\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"},
	{"a\nb\rc\td\x7f", "a\\x0ab\\x0dc\\x09d\\x7f"},
	{"\xc2\x9b"
	 "31m",
	 "\\xc2\\x9b31m"},
	{"a\xe2\x80\xae"
	 "b\xe2\x81\xa6"
	 "c\xe2\x80\x8b",
	 "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa6c\\xe2\\x80\\x8b"},
	{"\xef\xbb\xbfx\xc2\xad", "\\xef\\xbb\\xbfx\\xc2\\xad"},
	{"\xff\xc3", "\\xff\\xc3"},
	{"\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"},
	{"\xe2\x80", "\\xe2\\x80"},
};

START_TEST(nothing_from_outside_moves_the_terminal)
{
	char shown[256] = "";
	FILE *out = fmemopen(shown, sizeof shown, "w");

	print_safe(out, text_of(words[_i].input));
	(void)fclose(out);
	ck_assert_str_eq(shown, words[_i].shown);
}
END_TEST

START_TEST(only_allowed_exits_with_zero)
{
	ck_assert_int_eq(client_exit_of(DECISION_ALLOWED), 0);
	ck_assert_int_eq(client_exit_of(DECISION_WAITING), 8);
	ck_assert_int_eq(client_exit_of(DECISION_BLOCKED), 1);
	ck_assert_int_eq(client_exit_of(DECISION_REVOKED), 1);
	ck_assert_int_eq(client_exit_of(DECISION_CANNOT_DECIDE), 1);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_line_is_understood_or_corrected, lines),
	SUITE_TEST(every_commands_help_lists_every_option),
	SUITE_ROWS(the_servers_answer_decides_words_and_exit, asks),
	SUITE_TEST(nobody_at_the_socket_is_told_from_no_answer),
	SUITE_ROWS(nothing_from_outside_moves_the_terminal, words),
	SUITE_TEST(only_allowed_exits_with_zero),
	SUITE_END,
};
SUITE_MAIN(tests)
