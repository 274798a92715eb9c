#include "tests/support/tool.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/cli/commands.h"

char tool_folder[64];

void tool_begin(void)
{
	(void)snprintf(tool_folder, sizeof tool_folder, "/tmp/headgate-tools-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(tool_folder));
}

const char *tool_put(const char *name, const char *bytes)
{
	static char path[8][128];
	static unsigned next;
	char *at = path[next++ % 8];
	FILE *out;

	(void)snprintf(at, 128, "%s/%s", tool_folder, name);
	out = fopen(at, "w");
	ck_assert_ptr_nonnull(out);
	(void)fputs(bytes, out);
	(void)fclose(out);
	return at;
}

void tool_end(void)
{
	static const char *const names[] = {"p.yml",       "p.test.yml",      "q.test.yml",
					    "headgate.db", "headgate.db-wal", "headgate.db-shm"};
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", tool_folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(tool_folder);
}

void tool_say(struct said *said, ...)
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

void tool_expect(const struct said *said, int code, const char *out, const char *err)
{
	ck_assert_msg(said->code == code, "%d: %s%s", said->code, said->out, said->err);
	ck_assert_msg(strstr(said->out, out), "no `%s` in: %s", out, said->out);
	ck_assert_msg(strstr(said->err, err), "no `%s` in: %s", err, said->err);
}
