/*
 * headgate-hook without a server: real pushes, answered from a table that `headgate bugs` made, on this host or on one
 * that was cut off.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/suite.h"

struct host {
	char dir[64];
};

static int sh(const struct host *host, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int sh(const struct host *host, const char *format, ...)
{
	char line[3000], whole[4000];
	va_list args;
	pid_t pid;
	int status;

	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	(void)snprintf(whole, sizeof whole,
		       "cd '%s' && export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 HGRCPATH= GIT_AUTHOR_NAME=a "
		       "GIT_AUTHOR_EMAIL=a@example.test GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.test "
		       "PATH=" BINARY_DIR "/bin:$PATH && { %s; } >said.txt 2>&1",
		       host->dir, line);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		(void)execl("/bin/sh", "sh", "-c", whole, (char *)NULL);
		_exit(127);
	}
	ck_assert(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char *said(const struct host *host)
{
	static char text[20000];
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/said.txt", host->dir);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	(void)fclose(file);
	return text;
}

#define BUGS                                                                                                           \
	"{\\\"id\\\":10001,\\\"secure\\\":false,\\\"seen\\\":\\\"$now\\\"}\\n"                                         \
	"{\\\"id\\\":20001,\\\"secure\\\":true,\\\"approved\\\":false,\\\"seen\\\":\\\"$now\\\"}\\n"                   \
	"{\\\"id\\\":30001,\\\"secure\\\":true,\\\"approved\\\":true,\\\"seen\\\":\\\"$now\\\"}\\n"

/* A table of three bugs in `state`, a bare repository with the hook, and a clone. flags go to the hook. */
static void begin(struct host *host, const char *flags)
{
	(void)snprintf(host->dir, sizeof host->dir, "/tmp/headgate-table-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(host->dir));
	ck_assert_msg(sh(host,
			 "printf 'state_dir: %s/state\\ntrackers: [{name: bmo, source: table}]\\n' > h.yml && "
			 "mkdir -m 700 state && now=$(date -u +%%Y-%%m-%%dT%%H:%%M:%%SZ) && printf \"" BUGS
			 "\" > bugs.json && headgate bugs import -c h.yml --dated $now bugs.json",
			 host->dir) == 0,
		      "%s", said(host));
	ck_assert_msg(
		sh(host,
		   "git init -q -b main --bare r.git && git init -q -b main w && git -C w remote add o ../r.git && "
		   "printf '#!/bin/sh\\nexec headgate-hook pre-receive --repository acme/app --socket %s/none "
		   "--table %s/state/bugs.bmo.table %s $HOOK_FLAGS\\n' > r.git/hooks/pre-receive && "
		   "chmod +x r.git/hooks/pre-receive",
		   host->dir, host->dir, flags) == 0,
		"%s", said(host));
}

static void end(struct host *host)
{
	ck_assert(sh(host, "rm -rf '%s'", host->dir) >= 0);
}

static bool push(struct host *host, const char *message, const char *flags)
{
	return sh(host,
		  "cd w && git commit -q --allow-empty -m \"$(printf '%s')\" && HOOK_FLAGS='%s' git push -q o "
		  "HEAD:main",
		  message, flags) == 0;
}

#define CLEARANCE "headgate: Needs maintainer clearance"
#define ANSWERED  "headgate: the server cannot be reached: answered from the table of 20"
#define MANY      "headgate: Too many bugs are named at once; push the commits in parts"
#define UNKNOWN   "refused: the server cannot be reached, and the table does not know what the commits name, of 20"

static const struct {
	const char *message, *flags;
	bool lands;
	const char *says;
} rows[] = {
	{"Bug 10001 - x", "", true, ANSWERED},
	{"No bug - x", "", true, ANSWERED},
	{"Bug 30001 - x", "", true, ANSWERED},
	{"Bug 20001 - x", "", false, CLEARANCE},
	{"Bug 20001 - x", "--on-failure allow", false, CLEARANCE},
	{"Bug 10001, bug 20001 - x", "", false, CLEARANCE},
	{"x\\n\\nb=20001", "", false, CLEARANCE},
	{"Backed out changeset 0123456789ab (bug 20001)", "", false, CLEARANCE},
	/* What the table does not know must not hide what it knows. */
	{"Bug 40001, bug 20001 - x", "--on-failure allow", false, CLEARANCE},
	{"Bug 40001 - x", "", false, UNKNOWN},
	{"Bug 40001 - x", "--on-failure allow", true,
	 "let through without a check: the server cannot be reached, and "},
	/* Text that can mislead. */
	{"Bug 10001 - x\\033[0m", "--on-failure allow", false, CLEARANCE},
	{"Bug 10001 - x", "--table-only", true, "headgate: answered from the table of 20"},
	{"Bug 20001 - x", "--table-only", false, CLEARANCE},
};

START_TEST(without_a_server_the_table_answers_and_says_so)
{
	struct host host;

	begin(&host, "");
	ck_assert_msg(push(&host, rows[_i].message, rows[_i].flags) == rows[_i].lands, "%s", said(&host));
	ck_assert_msg(strstr(said(&host), rows[_i].says) != NULL, "%s", said(&host));
	ck_assert_ptr_null(strstr(said(&host), "0001"));
	end(&host);
}
END_TEST

#define WARNED "headgate: This push would be refused; for now this repository only warns"

static const struct {
	const char *message, *flags, *spoil, *says,
		*then; /* spoil: a shell's line before the push; then: NULL: no more */
} warned[] = {
	{"Bug 20001 - x", "", "true", ANSWERED, WARNED},
	{"Bug 20001 - x", "--on-failure allow", "true", ANSWERED, WARNED},
	{"Bug 20001 - x", "--table-only", "true", "headgate: answered from the table of 20", WARNED},
	/* Nobody could say. */
	{"Bug 40001 - x", "", "true", "headgate: not checked: ", WARNED},
	{"Bug 10001 - x", "--max-table-age 1", "sleep 2.1", "headgate: not checked: ", WARNED},
	{"Bug 10001 - x", "", "rm state/bugs.bmo.table", "headgate: not checked: ", WARNED},
	/* What lands anyway says what it says without --warn. */
	{"Bug 10001 - x", "", "true", ANSWERED, NULL},
	{"Bug 40001 - x", "--on-failure allow", "true", "headgate: let through without a check: ", NULL},
};

START_TEST(in_warn_mode_nothing_is_said_of_why_a_table_would_refuse)
{
	struct host host;
	const char *first, *second;
	char flags[80];

	(void)snprintf(flags, sizeof flags, "--warn %s", warned[_i].flags);
	begin(&host, "");
	ck_assert_msg(sh(&host, "%s", warned[_i].spoil) == 0, "%s", said(&host));
	ck_assert_msg(push(&host, warned[_i].message, flags), "%s", said(&host));
	first = strstr(said(&host), "headgate: ");
	ck_assert_msg(first && strstr(first, warned[_i].says) != NULL, "%s", said(&host));
	second = strstr(first + 1, "headgate: ");
	ck_assert_msg(warned[_i].then ? second && strncmp(second, warned[_i].then, strlen(warned[_i].then)) == 0
				      : !second,
		      "%s", said(&host));
	ck_assert_msg(!second || !strstr(second + 1, "headgate: "), "%s", said(&host));
	ck_assert_ptr_null(strstr(said(&host), "0001"));
	ck_assert_ptr_null(strstr(said(&host), "clearance"));
	end(&host);
}
END_TEST

static const struct {
	const char *damage, *says;
} damages[] = {
	{"rm state/bugs.bmo.table", "there is no table"},
	{"rm state/bugs.key", "the table cannot be read"},
	{"printf x | dd of=state/bugs.bmo.table bs=1 seek=100 conv=notrunc", "the table cannot be read"},
	{"truncate -s -1 state/bugs.bmo.table", "the table cannot be read"},
	{"printf x | dd of=state/bugs.bmo.table bs=1 seek=600 conv=notrunc", "the table is damaged"},
};

START_TEST(a_table_that_is_damaged_or_not_there_is_no_answer)
{
	struct host host;

	begin(&host, "");
	ck_assert_msg(sh(&host, "%s", damages[_i].damage) == 0, "%s", said(&host));
	ck_assert_msg(!push(&host, "Bug 10001 - x", ""), "%s", said(&host));
	ck_assert_msg(strstr(said(&host), "headgate: refused: ") && strstr(said(&host), damages[_i].says), "%s",
		      said(&host));
	ck_assert(push(&host, "Bug 10001 - y", "--on-failure allow"));
	ck_assert_ptr_nonnull(strstr(said(&host), "headgate: let through without a check: "));
	end(&host);
}
END_TEST

/* Bugs 10001, 20001 and 30001 are on a page each. */
START_TEST(a_damaged_page_hides_no_secure_bug_of_another)
{
	static const char *const messages[] = {"Bug 10001, bug 20001 - x", "Bug 10001 - x\\n\\nBug 30001, bug 20001"};
	struct host host;

	begin(&host, "");
	ck_assert_msg(sh(&host, "printf x | dd of=state/bugs.bmo.table bs=1 seek=600 conv=notrunc") == 0, "%s",
		      said(&host));
	for (size_t i = 0; i < 2; i++) {
		ck_assert_msg(!push(&host, messages[i], "--on-failure allow"), "%s", said(&host));
		ck_assert_msg(strstr(said(&host), CLEARANCE) != NULL, "%s", said(&host));
	}
	ck_assert(sh(&host, "cd w && git checkout -q --orphan other") == 0);
	ck_assert_msg(push(&host, "Bug 10001, bug 30001 - x", "--on-failure allow"), "%s", said(&host));
	ck_assert_ptr_nonnull(strstr(said(&host), "the table is damaged"));
	end(&host);
}
END_TEST

/* So many that a secure one could hide behind what looking them all up costs. */
static const struct {
	int from, n;
	const char *more, *flags;
	bool lands;
	const char *says;
} many[] = {
	{100000, 2000, "", "--on-failure allow", true, "let through without a check: "},
	{100000, 1999, "bug 20001", "--on-failure allow", false, CLEARANCE},
	{100000, 2001, "", "--on-failure allow", false, MANY},
	/* The same words beside a secure one, over all commits, and where the numbers are beyond the planes. */
	{100000, 2001, "bug 20001", "", false, MANY},
	{10000000, 200000, "", "--on-failure allow", false, MANY},
};

START_TEST(more_bugs_than_are_ever_judged_are_refused_and_not_looked_up)
{
	struct host host;
	int half = many[_i].n / 2;

	begin(&host, "");
	ck_assert_msg(sh(&host,
			 "for at in \"%d %d\" \"%d %d\"; do set -- $at; { echo x; echo; seq -f 'bug %%.0f' $1 $2; "
			 "echo '%s'; } > m && git -C w commit -q --allow-empty -F ../m; done",
			 many[_i].from, many[_i].from + half - 1, many[_i].from + half, many[_i].from + many[_i].n - 1,
			 many[_i].more) == 0,
		      "%s", said(&host));
	ck_assert_msg((sh(&host, "cd w && HOOK_FLAGS='%s' git push -q o HEAD:main", many[_i].flags) == 0) ==
			      many[_i].lands,
		      "%s", said(&host));
	ck_assert_msg(strstr(said(&host), many[_i].says) != NULL, "%s", said(&host));
	ck_assert((strstr(said(&host), CLEARANCE) != NULL) == (strcmp(many[_i].says, CLEARANCE) == 0));
	end(&host);
}
END_TEST

/* The second host pulls the first one's signed table, and then hears no more. */
START_TEST(of_two_hosts_the_one_that_is_cut_off_says_it_is_stale)
{
	struct host one, two;

	begin(&one, "");
	ck_assert_msg(sh(&one,
			 "openssl genpkey -algorithm ed25519 -out sign.pem && chmod 600 sign.pem && "
			 "openssl pkey -in sign.pem -pubout -out trust.pem && "
			 "printf 'state_dir: '$PWD'/state\\ntrackers: [{name: bmo, source: table, sign_key_file: '"
			 "$PWD'/sign.pem}]\\n' > h.yml && headgate bugs export -c h.yml --sign > bmo.dump") == 0,
		      "%s", said(&one));
	begin(&two, "");
	ck_assert_msg(sh(&two,
			 "rm -rf state && mkdir -m 700 state && cp %s/trust.pem . && "
			 "printf 'state_dir: '$PWD'/state\\ntrackers: [{name: bmo, source: table, trust_key_file: '"
			 "$PWD'/trust.pem}]\\n' > h.yml && headgate bugs pull -c h.yml - < %s/bmo.dump",
			 one.dir, one.dir) == 0,
		      "%s", said(&two));
	ck_assert_msg(push(&two, "Bug 10001 - x", "--table-only"), "%s", said(&two));
	ck_assert(!push(&two, "Bug 20001 - x", "--table-only"));
	ck_assert_ptr_nonnull(strstr(said(&two), CLEARANCE));
	ck_assert(sh(&two, "git -C w reset -q --hard HEAD~1; sleep 2.1") == 0);
	ck_assert(!push(&two, "Bug 10001 - y", "--table-only --max-table-age 1"));
	ck_assert_ptr_nonnull(strstr(said(&two), "headgate: refused: the table is stale, of 20"));
	ck_assert(push(&two, "Bug 10001 - z", "--table-only --max-table-age 1 --on-failure allow"));
	ck_assert_ptr_nonnull(strstr(said(&two), "headgate: let through without a check: the table is stale, of 20"));
	for (size_t i = 0; i < 2; i++) { /* what was secure passes by no fail mode, approved or not */
		ck_assert(!push(&two, i == 0 ? "Bug 20001 - z" : "Bug 30001 - z",
				"--table-only --max-table-age 1 --on-failure allow"));
		ck_assert_ptr_nonnull(strstr(said(&two), "headgate: answered from a stale table of 20"));
		ck_assert_ptr_nonnull(strstr(said(&two), CLEARANCE));
		ck_assert(sh(&two, "git -C w reset -q --hard HEAD~1") == 0);
	}
	ck_assert_msg(push(&one, "Bug 10001 - z", "--table-only"), "%s", said(&one));
	end(&one);
	end(&two);
}
END_TEST

START_TEST(mercurial_without_a_server_is_answered_from_the_table)
{
	struct host host;

	begin(&host, "");
	ck_assert_msg(sh(&host,
			 "hg init h && printf '[hooks]\\npretxnchangegroup.headgate = headgate-hook pretxnchangegroup "
			 "--repository acme/app --socket %s/none --table %s/state/bugs.bmo.table\\n' > h/.hg/hgrc && "
			 "hg init c && cd c && echo x > f && hg add -q f && hg commit -q -u a -m 'Bug 10001 - one' && "
			 "echo y > f && hg commit -q -u a -m 'Bug 20001 - two' && hg push -q -r 0 ../h",
			 host.dir, host.dir) == 0,
		      "%s", said(&host));
	ck_assert_int_eq(sh(&host, "hg -R c push h"), 255);
	ck_assert_msg(strstr(said(&host), CLEARANCE) != NULL, "%s", said(&host));
	end(&host);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(without_a_server_the_table_answers_and_says_so, rows),
	SUITE_ROWS(in_warn_mode_nothing_is_said_of_why_a_table_would_refuse, warned),
	SUITE_ROWS(a_table_that_is_damaged_or_not_there_is_no_answer, damages),
	SUITE_TEST(a_damaged_page_hides_no_secure_bug_of_another),
	SUITE_ROWS(more_bugs_than_are_ever_judged_are_refused_and_not_looked_up, many),
	SUITE_TEST(of_two_hosts_the_one_that_is_cut_off_says_it_is_stale),
	SUITE_TEST(mercurial_without_a_server_is_answered_from_the_table),
	SUITE_END,
};
SUITE_MAIN(tests)
