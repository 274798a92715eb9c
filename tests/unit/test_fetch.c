#include "git/child.h"
#include "tests/support/mirrored.h"
#include "tests/support/suite.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define START "new\nput a 1\nsave root\n"
#define TOKEN "ghs_notARealTokenButLongEnough"
#define BASIC "eC1hY2Nlc3MtdG9rZW46Z2hzX25vdEFSZWFsVG9rZW5CdXRMb25nRW5vdWdo"

START_TEST(what_is_there_needs_no_child)
{
	struct mirrored m;
	bool fetched;
	mirrored_begin(&m, NULL, START);
	ck_assert_int_eq(mirrored_fetch(&m, "main", &fetched), ERR_OK);
	ck_assert(fetched);
	repo_sh(&m.repo, NULL, "printf x >../mirrors/42.git/FETCH_HEAD.lock");
	struct text url = m.where.url;
	m.where.url = TEXT_LIT("file:///nonexistent/nowhere");
	ck_assert_int_eq(mirrored_fetch(&m, "main", &fetched), ERR_OK);
	ck_assert(!fetched);
	m.where.url = url;
	repo_sh(&m.repo, NULL, "put a 2\nsave two\n");
	ck_assert_int_eq(mirrored_fetch(&m, "main", &fetched), ERR_OK);
	ck_assert(fetched);
	mirrored_end(&m);
}
END_TEST

START_TEST(a_server_without_filters_serves_everything)
{
	struct mirrored m;
	mirrored_begin(&m, NULL, START "git config uploadpack.allowFilter false\nput a 2\nsave two\n");
	struct mirror_range_out out = mirrored_range(&m, "main~1", "main");
	ck_assert_str_eq(mirrored_paths(&m, &out), "M a 100644>100644");
	struct mirror_file_in in = {m.where, repo_oid(&m.repo, "main"), TEXT_LIT("a"), 9};
	struct mirror_file_out file;
	ck_assert_int_eq(m.port.file_at(m.port.self, &in, &file, &m.arena, &m.err), ERR_OK);
	ck_assert_str_eq(file.bytes.at, "2\n");
	mirrored_end(&m);
}
END_TEST

START_TEST(a_ref_named_like_an_object_is_never_consulted)
{
	struct mirrored m;
	struct oid fake, real;
	ck_assert(oid_parse(TEXT_LIT("1234567890123456789012345678901234567890"), &fake));
	mirrored_begin(&m, NULL, START);
	real = repo_oid(&m.repo, "main");
	repo_sh(&m.repo, NULL,
		"for r in refs/heads refs/tags refs; do\n"
		"git update-ref $r/1234567890123456789012345678901234567890 main; done");
	ck_assert_int_eq(mirrored_fetch_oids(&m, &fake, 1, 30000), ERR_GONE);
	repo_sh(&m.repo, NULL,
		"git update-ref refs/heads/$(git rev-parse main) $(git commit-tree -m evil 'main^{tree}')");
	ck_assert_int_eq(mirrored_fetch_oids(&m, &real, 1, 30000), ERR_OK);
	struct mirror_range_in in = {m.where, real, real, 9, 9};
	struct mirror_range_out out;
	ck_assert_int_eq(mirrored_try_range(&m, &in, &out), ERR_OK);
	in.head = fake;
	ck_assert_int_ne(mirrored_try_range(&m, &in, &out), ERR_OK);
	mirrored_end(&m);
}
END_TEST

START_TEST(what_is_not_a_commit_at_the_forge_is_gone)
{
	struct mirrored m;
	struct oid wants[2];
	mirrored_begin(&m, NULL, START);
	wants[0] = repo_oid(&m.repo, "main");
	wants[1] = repo_oid(&m.repo, "main^{tree}");
	ck_assert_int_eq(mirrored_fetch_oids(&m, &wants[1], 1, 30000), ERR_GONE);
	wants[1] = repo_oid(&m.repo, "main:a");
	ck_assert_int_eq(mirrored_fetch_oids(&m, wants, 2, 30000), ERR_GONE);
	ck_assert(oid_parse(TEXT_LIT("1234567890123456789012345678901234567890"), &wants[1]));
	ck_assert_int_eq(mirrored_fetch_oids(&m, wants, 2, 30000), ERR_GONE);
	ck_assert_int_eq(mirrored_fetch_oids(&m, wants, 1, 30000), ERR_OK);
	mirrored_end(&m);
}
END_TEST

static const struct {
	const char *what, *script; /* prints the commit */
} blemishes[] = {
	{"a time zone of an old tool",
	 "{ echo tree $(git rev-parse main^{tree}); echo parent $(git rev-parse main); echo 'author A <a@b> 1 "
	 "+051800'; "
	 "echo 'committer A <a@b> 1 +0000'; echo; echo x; } | git hash-object --literally -t commit -w --stdin"},
	{"no address at all",
	 "{ echo tree $(git rev-parse main^{tree}); echo parent $(git rev-parse main); echo 'author A 1 +0000'; "
	 "echo 'committer A <a@b> 1 +0000'; echo; echo x; } | git hash-object --literally -t commit -w --stdin"},
	{"a tree with an entry named .git",
	 "git commit-tree -p main -m x $(printf '040000 tree %s\\t.git\\n' $(git rev-parse main^{tree}) | git mktree)"},
};

START_TEST(a_blemish_in_history_keeps_nobody_from_being_judged)
{
	struct mirrored m;
	struct oid want;
	char out[512], script[1024];
	mirrored_begin(&m, NULL, START);
	snprintf(script, sizeof(script), "git update-ref refs/heads/odd $(%s)", blemishes[_i].script);
	repo_sh(&m.repo, out, script);
	want = repo_oid(&m.repo, "odd");
	ck_assert_msg(mirrored_fetch_oids(&m, &want, 1, 30000) == ERR_OK, "%s: %s", blemishes[_i].what, m.err.text);
	mirrored_end(&m);
}
END_TEST

static const char *const bad_urls[] = {
	"",       "ext::sh -c true", "--upload-pack=true",   "ssh://127.0.0.1/x",    "git://127.0.0.1/x",
	"/tmp/x", "file://relative", "http://127.0.0.1/a b", "http://127.0.0.1/a\nb"};

START_TEST(only_http_and_files_are_urls)
{
	struct mirrored m;
	mirrored_begin(&m, NULL, START);
	struct oid want = repo_oid(&m.repo, "main");
	m.where.url = text_of(bad_urls[_i]);
	ck_assert_int_eq(mirrored_fetch_oids(&m, &want, 1, 30000), ERR_INVALID);
	mirrored_end(&m);
}
END_TEST

/* A program in the place of git: writes down what it got, makes the mirror with the real one, then does as told. */
static void fake(struct mirrored *m, const char *then, char program[128])
{
	char script[2048];
	struct repo where = repo_begin();
	snprintf(program, 128, "%s/git", where.dir);
	snprintf(script, sizeof(script),
		 "cat >git <<'X'\n#!/bin/sh\ncase \"$2\" in init) exec /usr/bin/git \"$@\";; esac\n"
		 "cd %s\ntr '\\0' '\\n' </proc/$$/cmdline >argv\ntr '\\0' '\\n' </proc/$$/environ >env\n"
		 "ls -l /proc/$$/fd >fds\necho $$ >pid\n%s\nX\nchmod +x git",
		 where.dir, then);
	repo_sh(&where, NULL, script);
	mirrored_begin(m, program, START);
	m->where.token = TEXT_LIT(TOKEN);
}

static void said(const char *program, char ret[512], const char *script)
{
	struct repo where;
	snprintf(where.dir, sizeof(where.dir), "%.*s", (int)strlen(program) - 4, program);
	repo_sh(&where, ret, script);
}

static void fake_end(struct mirrored *m, const char *program)
{
	struct repo where;
	snprintf(where.dir, sizeof(where.dir), "%.*s", (int)strlen(program) - 4, program);
	repo_end(&where);
	mirrored_end(m);
}

START_TEST(git_itself_reads_the_settings_of_the_child)
{
	struct mirrored m;
	char program[128], out[512];
	fake(&m, "exec /usr/bin/git config --get-regexp '^(http.foll|protocol|core.hooks|transfer)' >config", program);
	mirrored_fetch(&m, "main", NULL);
	said(program, out, "sort config | tr '\\n' ','");
	ck_assert_str_eq(out, "core.hookspath /dev/null,http.followredirects false,protocol.allow never,"
			      "protocol.file.allow always,protocol.http.allow always,protocol.https.allow always,"
			      "protocol.version 2,transfer.fsckobjects false,");
	fake_end(&m, program);
}
END_TEST

static const struct {
	const char *ca_file, *read; /* by git; %s: the current directory */
} authorities[] = {{NULL, ""}, {"/etc/forge.pem", "/etc/forge.pem"}, {"own/forge.pem", "%s/own/forge.pem"}};

START_TEST(git_believes_whom_the_api_believes)
{
	struct mirrored m;
	char program[128], out[512], here[256], expected[300];
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	fake(&m, "exec /usr/bin/git config --get-all http.sslCAInfo >config", program);
	mirrored_reopen(&m, (struct mirror_git_config){.program = program, .ca_file = authorities[_i].ca_file});
	mirrored_fetch(&m, "main", NULL);
	said(program, out, "cat config");
	snprintf(expected, sizeof(expected), "%s%s", strncmp(authorities[_i].read, "%s", 2) ? "" : here,
		 authorities[_i].read + (strncmp(authorities[_i].read, "%s", 2) ? 0 : 2));
	ck_assert_str_eq(out, expected);
	fake_end(&m, program);
}
END_TEST

START_TEST(the_child_sees_nothing_but_what_it_needs)
{
	struct mirrored m;
	char program[128], out[512];
	setenv("HEADGATE_SECRET", "leak", 1);
	setenv("GIT_TRACE", "0", 1);
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	int open_fd = dup(0);
	fake(&m, "exit 1", program);
	ck_assert_int_eq(mirrored_fetch(&m, "main", NULL), ERR_RETRY);
	said(program, out, "grep -c -e 'HEADGATE_SECRET' -e '^GIT_TRACE' -e 'http_proxy' env || :");
	ck_assert_str_eq(out, "0");
	said(program, out, "grep -E '^(HOME|PATH|LC_ALL|GIT_CONFIG_[GN]|GIT_T|GIT_A)' env | sort | tr '\\n' ' '");
	ck_assert_str_eq(out, "GIT_ASKPASS= GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 "
			      "GIT_TERMINAL_PROMPT=0 HOME=/nonexistent LC_ALL=C PATH=/usr/local/bin:/usr/bin:/bin ");
	said(program, out, "grep -c '^GIT_CONFIG_VALUE_[0-9]*=Authorization: Basic " BASIC "$' env || :");
	ck_assert_str_eq(out, "1");
	said(program, out, "grep -c -e " TOKEN " -e " BASIC " argv || :");
	ck_assert_str_eq(out, "0");
	said(program, out, "grep -c '^--filter=blob:none$' argv");
	ck_assert_str_eq(out, "1");
	said(program, out, "grep -c ' [3-9] -> ' fds || :"); /* sh itself keeps its script open as 10 */
	ck_assert_str_eq(out, "0");
	close(open_fd);
	fake_end(&m, program);
}
END_TEST

static const struct {
	const char *then;
	enum err_code code;
} ends[] = {
	{"echo 'fatal: your token " TOKEN " and " BASIC " are bad' >&2; exit 128", ERR_RETRY},
	{"echo " TOKEN " >&2; exit 1", ERR_RETRY},
	{"printf 'fatal: \\033[31m\\r\\0 red " TOKEN "' >&2; exit 1", ERR_RETRY},
	{"i=0; while [ $i -lt 3000 ]; do echo '" TOKEN "'; i=$((i+1)); done; exit 1", ERR_RETRY},
	{"printf '%s'$(printf '" TOKEN "%.0s' $(seq 400)); exit 1", ERR_RETRY},
	{"echo 'fatal: Authentication failed for x' >&2; exit 128", ERR_DENIED},
	{"echo 'fatal: unable to access: The requested URL returned error: 503' >&2; exit 128", ERR_RETRY},
	{"echo 'fatal: remote error: upload-pack: not our ref 12' >&2; exit 128", ERR_GONE},
	{"kill -9 $$", ERR_RETRY},
	{"exit 0", ERR_GONE},
};

START_TEST(an_error_text_never_holds_the_token)
{
	struct mirrored m;
	char program[128];
	fake(&m, ends[_i].then, program);
	ck_assert_int_eq(mirrored_fetch(&m, "main", NULL), ends[_i].code);
	ck_assert_msg(!strstr(m.err.text, "ghs_not") && !strstr(m.err.text, "eC1hY2"), "%s", m.err.text);
	for (const char *c = m.err.text; *c; c++)
		ck_assert_msg((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7f, "%s", m.err.text);
	fake_end(&m, program);
}
END_TEST

static const char *const hangs[] = {
	"sleep 600",
	"trap '' TERM; sleep 600 & while :; do sleep 600; done",
	"while :; do echo noise; done",
	"exec 1>&- 2>&-; sleep 600",
};

START_TEST(a_hanging_child_ends_at_its_deadline_with_its_group)
{
	struct mirrored m;
	char program[128], out[512];
	fake(&m, hangs[_i], program);
	struct oid want = repo_oid(&m.repo, "main");
	int64_t began = child_now_ms();
	ck_assert_int_eq(mirrored_fetch_oids(&m, &want, 1, 700), ERR_RETRY);
	int64_t took = child_now_ms() - began;
	ck_assert_msg(took >= 600 && took < 4000, "%lld ms", (long long)took);
	ck_assert_ptr_nonnull(strstr(m.err.text, "deadline"));
	said(program, out, "cat pid");
	pid_t pid = (pid_t)strtol(out, NULL, 10);
	ck_assert_int_gt(pid, 1);
	for (int i = 0; i < 50 && !kill(-pid, 0); i++) /* orphans are reaped by init */
		usleep(20000);
	said(program, out,
	     "for p in /proc/[0-9]*; do read x <$p/stat 2>/dev/null || continue; set -- ${x##*)};\n"
	     "[ $3 = $(cat pid) ] && [ $1 != Z ] && echo $p; done; :");
	ck_assert_str_eq(out, "");
	errno = 0;
	ck_assert(kill(pid, 0) && errno == ESRCH);
	fake_end(&m, program);
}
END_TEST

START_TEST(a_child_that_left_a_process_behind_leaves_none)
{
	struct mirrored m;
	char program[128], out[512];
	fake(&m, "sleep 600 & echo $! >left; exit 1", program);
	ck_assert_int_eq(mirrored_fetch(&m, "main", NULL), ERR_RETRY);
	said(program, out, "sleep 0.2; read x </proc/$(cat left)/stat 2>/dev/null || exit 0; set -- ${x##*)}; echo $1");
	ck_assert_msg(!out[0] || out[0] == 'Z', "%s", out);
	fake_end(&m, program);
}
END_TEST

START_TEST(a_server_that_never_answers_is_left_at_the_deadline)
{
	struct mirrored m;
	char url[128];
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert(!bind(fd, (struct sockaddr *)&at, n) && !listen(fd, 8));
	ck_assert(!getsockname(fd, (struct sockaddr *)&at, &n));
	mirrored_begin(&m, NULL, START);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/o/r.git", ntohs(at.sin_port));
	m.where.url = text_of(url);
	m.where.token = TEXT_LIT(TOKEN);
	struct oid want = repo_oid(&m.repo, "main");
	int64_t began = child_now_ms();
	ck_assert_int_eq(mirrored_fetch_oids(&m, &want, 1, 1500), ERR_RETRY);
	ck_assert_int_lt(child_now_ms() - began, 4000);
	char asked[2048] = "";
	int peer = accept(fd, NULL, NULL);
	ck_assert_int_gt((int)recv(peer, asked, sizeof(asked) - 1, MSG_DONTWAIT), 0);
	ck_assert_ptr_nonnull(strstr(asked, "Authorization: Basic " BASIC "\r\n"));
	close(peer);
	close(fd);
	m.where.url = text_of(m.url);
	ck_assert_msg(!mirrored_fetch_oids(&m, &want, 1, 30000), "%s", m.err.text);
	mirrored_end(&m);
}
END_TEST

START_TEST(what_a_killed_child_left_is_swept)
{
	struct mirrored m;
	char name[512];
	mirrored_begin(&m, NULL, START);
	ck_assert_int_eq(mirrored_fetch(&m, "main", NULL), ERR_OK);
	repo_sh(&m.repo, NULL, "put a 2\nsave two\n");
	repo_sh(&m.repo, name,
		"cd ../mirrors/42.git; : >config.lock; : >objects/pack/tmp_pack_x; : >packed-refs.lock\n"
		": >refs/headgate/keep/$(git -C ../../work rev-parse main).lock");
	ck_assert_msg(!mirrored_fetch(&m, "main", NULL), "%s", m.err.text);
	repo_sh(&m.repo, name, "cd ../mirrors/42.git; find . -name '*.lock' -o -name 'tmp_*'");
	ck_assert_str_eq(name, "");
	mirrored_end(&m);
}
END_TEST

static const char *const large[] = {
	"i=0; while [ $i -lt 200 ]; do head -c 2000 /dev/urandom >f$i; i=$((i+1)); done\n", /* a pack */
	"head -c 300000 /dev/urandom >f\n",                                                 /* one object */
};

START_TEST(a_fetch_writes_no_file_above_the_limit)
{
	struct mirrored m;
	char script[512], out[512];
	snprintf(script, sizeof(script), START "git config uploadpack.allowFilter false\n%sgit add .\nsave large\n",
		 large[_i]);
	mirrored_begin(&m, NULL, script);
	mirrored_reopen(&m, (struct mirror_git_config){.max_file_bytes = 100000});
	ck_assert_int_eq(mirrored_fetch(&m, "main", NULL), ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(m.err.text, "100000 bytes (mirror.max_bytes)"));
	repo_sh(&m.repo, out, "ls ../mirrors/42.git/objects/pack");
	ck_assert_str_eq(out, "");
	mirrored_reopen(&m, (struct mirror_git_config){.max_file_bytes = 1000000});
	ck_assert_msg(!mirrored_fetch(&m, "main", NULL), "%s", m.err.text);
	mirrored_end(&m);
}
END_TEST

START_TEST(a_half_made_mirror_is_made_anew_and_private)
{
	struct mirrored m;
	char out[512];
	mirrored_begin(&m, NULL, START);
	repo_sh(&m.repo, NULL, "mkdir -p ../mirrors/42.git/objects ../mirrors/42.git.new/refs");
	ck_assert_msg(!mirrored_fetch(&m, "main", NULL), "%s", m.err.text);
	repo_sh(&m.repo, out, "stat -c %a ../mirrors; ls ../mirrors; ls ../mirrors/42.git/hooks 2>/dev/null || :");
	ck_assert_str_eq(out, "700\n42.git\n42.lock");
	mirrored_end(&m);
}
END_TEST

START_TEST(a_root_that_was_cleared_away_is_made_again)
{
	struct mirrored m;
	char out[512];
	mirrored_begin(&m, NULL, START);
	ck_assert_int_eq(mirrored_fetch(&m, "main", NULL), ERR_OK);
	repo_sh(&m.repo, NULL, "rm -rf ../mirrors");
	ck_assert_msg(!mirrored_fetch(&m, "main", NULL), "%s", m.err.text);
	repo_sh(&m.repo, out, "stat -c %a ../mirrors; ls ../mirrors");
	ck_assert_str_eq(out, "700\n42.git\n42.lock");
	mirrored_end(&m);
}
END_TEST

START_TEST(two_fetches_of_one_mirror_wait_for_each_other)
{
	struct mirrored m;
	mirrored_begin(&m, NULL, START);
	ck_assert_int_eq(mirrored_fetch(&m, "main", NULL), ERR_OK);
	repo_sh(&m.repo, NULL, "put a 2\nsave two\nflock ../mirrors/42.lock sleep 1 >/dev/null 2>&1 & sleep 0.3");
	struct oid want = repo_oid(&m.repo, "main");
	ck_assert_int_eq(mirrored_fetch_oids(&m, &want, 1, 200), ERR_RETRY);
	ck_assert_ptr_nonnull(strstr(m.err.text, "in use"));
	ck_assert_int_eq(mirrored_fetch_oids(&m, &want, 1, 20000), ERR_OK);
	mirrored_end(&m);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(what_is_there_needs_no_child),
					  SUITE_TEST(a_server_without_filters_serves_everything),
					  SUITE_TEST(git_itself_reads_the_settings_of_the_child),
					  SUITE_TEST(a_ref_named_like_an_object_is_never_consulted),
					  SUITE_TEST(what_is_not_a_commit_at_the_forge_is_gone),
					  SUITE_ROWS(a_blemish_in_history_keeps_nobody_from_being_judged, blemishes),
					  SUITE_ROWS(only_http_and_files_are_urls, bad_urls),
					  SUITE_ROWS(git_believes_whom_the_api_believes, authorities),
					  SUITE_TEST(the_child_sees_nothing_but_what_it_needs),
					  SUITE_ROWS(an_error_text_never_holds_the_token, ends),
					  SUITE_ROWS(a_hanging_child_ends_at_its_deadline_with_its_group, hangs),
					  SUITE_TEST(a_child_that_left_a_process_behind_leaves_none),
					  SUITE_TEST(a_server_that_never_answers_is_left_at_the_deadline),
					  SUITE_TEST(what_a_killed_child_left_is_swept),
					  SUITE_ROWS(a_fetch_writes_no_file_above_the_limit, large),
					  SUITE_TEST(a_half_made_mirror_is_made_anew_and_private),
					  SUITE_TEST(a_root_that_was_cleared_away_is_made_again),
					  SUITE_TEST(two_fetches_of_one_mirror_wait_for_each_other),
					  SUITE_END};
SUITE_MAIN(tests)
