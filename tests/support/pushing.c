#include "tests/support/pushing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/hook/wire.h"
#include "tests/support/suite.h"

#define HOOK BIN_DIR "/headgate-hook"

static void *answering(void *arg)
{
	struct stage *stage = arg;
	int fd;

	while ((fd = accept(stage->listener, NULL, NULL)) >= 0) {
		ssize_t n;

		stage->n = 0;
		while (!memmem(stage->question, stage->n, "end\n", 4) &&
		       (n = read(fd, stage->question + stage->n, sizeof stage->question - 1 - stage->n)) > 0)
			stage->n += (size_t)n;
		if (stage->answer) {
			n = write(fd, stage->answer, strlen(stage->answer));
			ck_assert_int_gt(n, 0);
		} else {
			sleep(1);
		}
		close(fd);
	}
	return NULL;
}

int stage_run(const struct stage *stage, const char *format, ...)
{
	char line[2000], whole[2300];
	va_list args;
	pid_t pid;
	int status;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	snprintf(whole, sizeof whole, "cd '%s' && { %s; } >out.txt 2>&1", stage->dir, line);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		setenv("HOME", stage->dir, 1);
		setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
		setenv("HGRCPATH", "", 1);
		execl("/bin/sh", "sh", "-c", whole, (char *)NULL);
		_exit(127);
	}
	ck_assert(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

char *stage_said(const struct stage *stage)
{
	static char text[20000];
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/out.txt", stage->dir);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void listen_there(struct stage *stage)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	snprintf(at.sun_path, sizeof at.sun_path, "%s", stage->socket);
	stage->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert(!bind(stage->listener, (struct sockaddr *)&at, sizeof at) && !listen(stage->listener, 5));
	ck_assert(!pthread_create(&stage->thread, NULL, answering, stage));
}

void stage_begin(struct stage *stage, const char *answer, const char *flags)
{
	memset(stage, 0, sizeof *stage);
	snprintf(stage->dir, sizeof stage->dir, "/tmp/headgate-hook-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(stage->dir));
	snprintf(stage->socket, sizeof stage->socket, "%s/s", stage->dir);
	stage->answer = answer;
	listen_there(stage);
	ck_assert_msg(stage_run(stage,
				AS_SOMEBODY
				"git init -q -b main --bare r.git && git init -q -b main w && cd w && "
				"git commit -q --allow-empty -m 'Bug 11111 - one' && "
				"git commit -q --allow-empty -m 'Bug 22222 - two' && git remote add o ../r.git && "
				"printf '#!/bin/sh\\nexec %s pre-receive --repository acme/app --socket %s %s\\n' > "
				"../r.git/hooks/pre-receive && chmod +x ../r.git/hooks/pre-receive",
				HOOK, stage->socket, flags) == 0,
		      "%s", stage_said(stage));
}

void stage_end(struct stage *stage)
{
	shutdown(stage->listener, SHUT_RDWR);
	close(stage->listener);
	pthread_join(stage->thread, NULL);
	stage_run(stage, "rm -rf '%s'", stage->dir);
}

void stage_begin_hg(struct stage *stage, const char *answer, const char *hook)
{
	stage_begin(stage, answer, "");
	ck_assert_msg(
		stage_run(stage,
			  "hg init h && printf '[hooks]\\n%s.headgate = %s %s --repository acme/app --socket %s\\n"
			  "%s.told = echo source=$HG_SOURCE >>'$PWD'/sources\\n"
			  "[web]\\npush_ssl=false\\nallow_push=*\\n' > h/.hg/hgrc && hg init c && cd c && "
			  "echo x > f && hg add -q f && hg commit -q -u a -m 'Bug 44444 - three' && "
			  "echo y > f && hg commit -q -u a -m 'Bug 55555 - four'",
			  hook, HOOK, hook, stage->socket, hook) == 0,
		"%s", stage_said(stage));
}

size_t stage_told(const struct stage *stage, const char *branch, const char *message)
{
	const char *body = memmem(stage->question, stage->n, "\r\n\r\n", 4);
	struct hook_in in;
	struct text name, text, on = TEXT_EMPTY;
	enum hook_part part;
	size_t n = 0;

	ck_assert_ptr_nonnull(body);
	body += 4;
	ck_assert(hook_in_begin(&in, (struct text){body, (size_t)(stage->question + stage->n - body)}, &name));
	ck_assert(text_is(name, "acme/app"));
	while ((part = hook_in_next(&in, &name, &text)) != HOOK_END) {
		ck_assert_msg(part != HOOK_BROKEN, "%s", in.why);
		if (part == HOOK_BRANCH)
			on = name;
		else if (text_is(on, branch) && text_find(text, text_of(message)) != SIZE_MAX)
			n++;
	}
	return n;
}
