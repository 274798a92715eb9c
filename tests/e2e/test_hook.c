/*
 * Commit hooks against the real daemon: real pushes of git and Mercurial, headgate-hook, the socket, a policy's file
 * and the world's Bugzilla. What a hook tells and how it follows an answer is test_hook_client's.
 */
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/hook/wire.h"
#include "tests/support/gate.h"
#include "tests/support/importing.h"
#include "tests/support/suite.h"

#define HOOK BINARY_DIR "/bin/headgate-hook"

enum { PUBLIC = 10001, KNOWN = 10002, RATED = 20001, APPROVED = 30001, NOBODYS = 99999 };

#define SECURE(hook)                                                                                                   \
	"policy: {approval: [land]}\napproval_rules:\n"                                                                \
	"  - name: land\n    visibility: restricted\n    on_unknown: {hook: " hook "}\n"                               \
	"    requires:\n      conditions:\n        bugs:\n          every:\n            any_of:\n"                     \
	"              - {private: false, keywords: {none_of: [sec-high]}}\n"                                          \
	"              - {attachment_flag: {name: sec-approval, status: '+'}}\n"
#define TOKEN                                                                                                          \
	"policy: {approval: [token]}\napproval_rules:\n"                                                               \
	"  - {name: token, requires: {conditions: {commit_token: {key: a}}}}\n"

struct scene {
	struct rig rig;
	char config[2048];
};

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

static void put(struct scene *s, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", s->rig.dir, name);
	file = fopen(path, "w");
	ck_assert(file && fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, 0600) == 0);
}

static int sh(struct scene *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* In the rig's folder; what it says is kept in said.txt. */
static int sh(struct scene *s, const char *format, ...)
{
	char line[3000], whole[4000];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	(void)snprintf(whole, sizeof whole,
		       "cd '%s' && export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 HGRCPATH= GIT_AUTHOR_NAME=a "
		       "GIT_AUTHOR_EMAIL=a@example.test GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.test && "
		       "{ %s; } >said.txt 2>&1",
		       s->rig.dir, line);
	return rig_sh(&s->rig, whole);
}

static const char *said(struct scene *s)
{
	static char *text;

	free(text);
	text = rig_file(&s->rig, "said.txt");
	return text;
}

static void act(struct scene *s, const char *what, const char *members)
{
	json_decref(rig_act(&s->rig, what, "dev@tracker.test", "%s", members));
}

static void make_bugs(struct scene *s)
{
	json_decref(rig_act(&s->rig, "account", "bot@tracker.test",
			    "{\"login\":\"bot@tracker.test\",\"groups\":[\"core-security\"],\"key\":\"BOTKEY\","
			    "\"insider\":true}"));
	act(s, "bug", "{\"bug\":10001}");
	act(s, "bug", "{\"bug\":10002}");
	act(s, "bug", "{\"bug\":20001,\"groups\":[\"core-security\"],\"keywords\":[\"sec-high\"]}");
	act(s, "bug", "{\"bug\":30001,\"groups\":[\"core-security\"],\"keywords\":[\"sec-high\"]}");
	act(s, "attachment",
	    "{\"bug\":30001,\"is_patch\":true,\"flags\":[{\"name\":\"sec-approval\",\"status\":\"+\"}]}");
}

/* more: further lines of `hook`. */
static void configure(struct scene *s, const char *more, const char *source)
{
	const char *dir = s->rig.dir;

	s->rig.plan.config = s->config;
	(void)snprintf(s->config, sizeof s->config,
		       "hook:\n  socket: %s/hook.sock\n  deadline: 1200ms\n%s  repositories:\n"
		       "    - {name: acme/app, policy: %s/hook.yml, tracker: bmo}\n"
		       "    - {name: acme/soft, policy: %s/hook.yml, tracker: bmo, mode: warn}\n"
		       "trackers:\n  - {name: bmo, url: '%s/bugzilla-bmo', %s, max_age: 2h}\n",
		       dir, more, dir, dir, s->rig.world_url, source);
}

static void begin_on(struct scene *s, const char *policy, const char *more, const char *of_tracker)
{
	static char key[200];
	struct rig_plan plan = {.failed = failed, .no_agent = true};

	memset(s, 0, sizeof *s);
	ck_assert(rig_start(&s->rig, &plan));
	put(s, "bot-key", "BOTKEY\n");
	put(s, "hook.yml", policy);
	(void)snprintf(key, sizeof key, "key_file: %s/bot-key%s", s->rig.dir, of_tracker);
	configure(s, more, key);
	make_bugs(s);
	ck_assert(rig_agent_start(&s->rig));
	ck_assert_msg(
		sh(s,
		   "git init -q -b main --bare r.git && git init -q -b main w && git -C w remote add o ../r.git && "
		   "git -C w commit -q --allow-empty -m 'No bug - start' && git -C w push -q o main && "
		   "printf '#!/bin/sh\\nexec %s pre-receive --repository acme/app --socket '$PWD'/hook.sock "
		   "$HOOK_FLAGS\\n' > r.git/hooks/pre-receive && chmod +x r.git/hooks/pre-receive",
		   HOOK) == 0,
		"%s", said(s));
}

static void begin(struct scene *s, const char *policy)
{
	begin_on(s, policy, "", "");
}

static void end(struct scene *s)
{
	ck_assert(rig_stop(&s->rig));
}

/* A commit with this message, pushed; whether it landed. It is taken back if not. */
static bool push(struct scene *s, const char *message, const char *flags)
{
	bool landed;

	put(s, "message", message);
	landed = sh(s, "cd w && git commit -q --allow-empty -F ../message && HOOK_FLAGS='%s' git push -q o main",
		    flags) == 0;
	if (!landed) {
		char *text = rig_file(&s->rig, "said.txt");

		ck_assert(sh(s, "git -C w reset -q --hard HEAD~1") == 0);
		put(s, "said.txt", text);
		free(text);
	}
	return landed;
}

/* Requests to the tracker since the mark. */
static size_t asked(struct scene *s, json_int_t mark)
{
	size_t n = 0, i;
	json_t *entry;

	json_array_foreach(rig_log(&s->rig), i, entry) n += gate_n(entry) > mark && gate_is(entry, "kind", "request") &&
							    strncmp(gate_str(entry, "path"), "/bugzilla-bmo/", 14) == 0;
	return n;
}

#define CLEARANCE "headgate: Needs maintainer clearance"

START_TEST(a_push_lands_or_not_by_what_the_tracker_says_of_its_bugs)
{
	static const struct {
		const char *message;
		bool lands;
		size_t requests;
	} rows[] = {
		{"No bug - x", true, 0},
		{"Bug 10001 - x", true, 1},
		{"Bug 20001 - x", false, 1},
		{"Bug 30001 - x", true, 1},
		{"Bug 99999 - x", false, 1},
		{"Bug 10001 - y", true, 0}, /* known by now */
		{"Bug 10001, bug 20001 - x", false, 1},
		{"x\n\nBug 20001", false, 1},
		{"BUG20001 x", false, 1},
	};
	struct scene s;

	begin(&s, SECURE("deny"));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_int_t mark = rig_log_mark(&s.rig);

		ck_assert_msg(push(&s, rows[i].message, "") == rows[i].lands, "%s: %s", rows[i].message, said(&s));
		ck_assert_msg((strstr(said(&s), CLEARANCE) != NULL) == !rows[i].lands, "%s", said(&s));
		ck_assert_ptr_null(strstr(said(&s), "2000"));
		ck_assert_msg(asked(&s, mark) == rows[i].requests, "%s: %zu", rows[i].message, asked(&s, mark));
	}
	end(&s);
}
END_TEST

/* Trackers keep tracking flags as custom fields, which no answer has unless it was asked for them. */
START_TEST(a_tracking_field_before_approval_holds_a_push_back)
{
	static const char policy[] = "policy: {approval: [land]}\napproval_rules:\n"
				     "  - {name: land, requires: {conditions: {bugs: {every: {any_of: [\n"
				     "      {not: {flag: {name: cf_tracking_firefox150, status: '+'}}},\n"
				     "      {attachment_flag: {name: sec-approval, status: '+'}}]}}}}}\n";
	struct scene s;

	begin(&s, policy);
	act(&s, "bug", "{\"bug\":10001,\"cf_tracking_firefox150\":\"?\"}");
	act(&s, "bug", "{\"bug\":20001,\"cf_tracking_firefox150\":\"+\"}");
	act(&s, "bug", "{\"bug\":30001,\"cf_tracking_firefox150\":\"+\"}");
	ck_assert_msg(push(&s, "Bug 10001 - x", ""), "%s", said(&s));
	ck_assert_msg(!push(&s, "Bug 20001 - x", ""), "%s", said(&s));
	ck_assert_msg(strstr(said(&s), CLEARANCE) && !strstr(said(&s), "20001"), "%s", said(&s));
	ck_assert_msg(push(&s, "Bug 30001 - x", ""), "%s", said(&s));
	end(&s);
}
END_TEST

/* What the server's own worker asks at its start, and what pushes ask, together. Pushes alone may ask for 12: were the
 * worker's among them, no 15 would be asked. */
START_TEST(hooks_and_workers_of_one_server_share_one_budget)
{
	char message[40];
	size_t own;
	struct scene s;

	begin_on(&s, SECURE("deny"), "", ", per_hour: 15");
	rig_settle(&s.rig, 500);
	own = asked(&s, 0);
	ck_assert(own >= 3 && own < 15);
	for (size_t i = own; i < 18; i++) {
		(void)snprintf(message, sizeof message, "Bug %zu - x", 90000 + i);
		ck_assert(!push(&s, message, ""));
	}
	ck_assert_uint_eq(asked(&s, 0), 15);
	end(&s);
}
END_TEST

START_TEST(known_insecure_bugs_cost_no_request_and_pass_while_the_tracker_is_down)
{
	struct scene s;
	json_int_t mark;

	begin(&s, SECURE("deny"));
	importing_bug(&s.rig, KNOWN, false);
	mark = rig_log_mark(&s.rig);
	ck_assert_msg(push(&s, "Bug 10002 - x", ""), "%s", said(&s));
	json_decref(rig_world(&s.rig, "fault", "{\"endpoint\":\"/bugzilla-bmo\",\"status\":503}"));
	ck_assert_msg(push(&s, "Bug 10002 - y", ""), "%s", said(&s));
	ck_assert_uint_eq(asked(&s, mark), 0);
	ck_assert(!push(&s, "Bug 10001 - z", "") && strstr(said(&s), CLEARANCE));
	end(&s);
}
END_TEST

START_TEST(what_is_unknown_follows_the_rule_and_what_was_secure_does_not)
{
	struct scene s;

	begin(&s, SECURE("allow"));
	importing_bug(&s.rig, APPROVED, true);
	json_decref(rig_world(&s.rig, "fault", "{\"endpoint\":\"/bugzilla-bmo\",\"status\":503}"));
	ck_assert_msg(push(&s, "Bug 10001 - x", ""), "%s", said(&s));
	ck_assert_ptr_nonnull(strstr(said(&s), "headgate: Let through without a check by a maintainers' rule"));
	ck_assert(!push(&s, "Bug 30001 - x", "") && strstr(said(&s), CLEARANCE));
	json_decref(rig_world(&s.rig, "fault", "{\"clear\":true}"));
	json_decref(rig_world(&s.rig, "fault", "{\"endpoint\":\"/bugzilla-bmo\",\"delay_before_ms\":3000}"));
	ck_assert(push(&s, "Bug 10001 - slow", "") && strstr(said(&s), "Let through without a check"));
	end(&s);
}
END_TEST

START_TEST(one_bad_commit_among_ten_holds_the_push_back_wherever_it_stands)
{
	static const int at[] = {1, 5, 10};
	struct scene s;

	begin(&s, SECURE("deny"));
	importing_bug(&s.rig, KNOWN, false);
	for (size_t i = 0; i < 3; i++) {
		ck_assert(sh(&s,
			     "cd w && git checkout -q -B main o/main && for i in 1 2 3 4 5 6 7 8 9 10; do "
			     "test $i = %d && bug=20001 || bug=10002; "
			     "git commit -q --allow-empty -m \"Bug $bug - part $i\"; done && git push -q o main",
			     at[i]) != 0);
		ck_assert_ptr_nonnull(strstr(said(&s), CLEARANCE));
	}
	ck_assert_msg(sh(&s, "cd w && git checkout -q -B main o/main && for i in 1 2 3 4 5 6 7 8 9 10; do "
			     "git commit -q --allow-empty -m \"Bug 10002 - part $i\"; done && git push -q o main") == 0,
		      "%s", said(&s));
	end(&s);
}
END_TEST

START_TEST(the_policy_file_counts_from_the_next_push_on_and_a_broken_one_refuses)
{
	struct scene s;

	begin(&s, TOKEN);
	ck_assert(!push(&s, "No bug - x", "") && strstr(said(&s), "headgate: token: "));
	ck_assert(push(&s, "No bug - x a=ann", ""));
	put(&s, "hook.yml", SECURE("deny"));
	ck_assert_msg(push(&s, "No bug - y", ""), "%s", said(&s));
	put(&s, "hook.yml", "policy: {approval: [nobody]}\n");
	ck_assert(!push(&s, "No bug - z", "--on-failure allow"));
	ck_assert_ptr_nonnull(strstr(said(&s), "policy is not valid (line 1, column "));
	ck_assert(sh(&s, "rm hook.yml") == 0);
	ck_assert(!push(&s, "No bug - z", "--on-failure allow"));
	ck_assert_ptr_nonnull(strstr(said(&s), "cannot read this repository's policy file"));
	end(&s);
}
END_TEST

START_TEST(without_a_daemon_the_hook_follows_its_own_fail_mode)
{
	struct scene s;

	begin(&s, SECURE("deny"));
	ck_assert(rig_agent_term(&s.rig) && !push(&s, "No bug - x", "") &&
		  strstr(said(&s), "refused: the server cannot be reached"));
	ck_assert(push(&s, "No bug - x", "--on-failure allow") &&
		  strstr(said(&s), "let through without a check: the server cannot be reached"));
	ck_assert(rig_agent_start(&s.rig));
	ck_assert(!push(&s, "Bug 20001 - y", "--on-failure allow"));
	end(&s);
}
END_TEST

START_TEST(a_repository_that_only_warns_lets_through_and_says_one_line)
{
	struct scene s;

	begin(&s, SECURE("deny"));
	ck_assert(sh(&s, "sed -i s,acme/app,acme/soft, r.git/hooks/pre-receive") == 0);
	ck_assert(push(&s, "Bug 20001 - x", ""));
	ck_assert_ptr_nonnull(
		strstr(said(&s), "headgate: This push would be refused; for now this repository only warns"));
	ck_assert(!strstr(said(&s), "learance"));
	ck_assert(sh(&s, "sed -i s,acme/soft,acme/none, r.git/hooks/pre-receive") == 0);
	ck_assert(!push(&s, "No bug - x", "--on-failure allow"));
	ck_assert_ptr_nonnull(strstr(said(&s), "The server does not know this repository"));
	end(&s);
}
END_TEST

START_TEST(who_asks_too_often_is_refused_whatever_the_fail_mode)
{
	struct scene s;

	begin_on(&s, SECURE("deny"), "  per_minute: 3\n", "");
	ck_assert_msg(sh(&s,
			 "cd w && for b in 1 2 3 4; do git checkout -q -b b$b o/main && seq -f 'bug %%.0f' ${b}1001 "
			 "${b}1500 | git commit -q --allow-empty -F - || exit; done; ! git push -q o b1 b2 b3 b4 && "
			 "git checkout -q main") == 0 &&
			      strstr(said(&s), CLEARANCE),
		      "%s", said(&s));
	ck_assert(!push(&s, "Bug 10001 - x", "--on-failure allow"));
	ck_assert_msg(strstr(said(&s), "headgate: Too many bugs were asked about; try again"), "%s", said(&s));
	ck_assert_msg(push(&s, "No bug - x", ""), "%s", said(&s));
	ck_assert(!push(&s, "No bug - y", "--on-failure allow") && strstr(said(&s), "not take this question"));
	end(&s);
}
END_TEST

/* ---- Mercurial, and git over HTTP ---- */

static void hg_begin(struct scene *s, const char *hook)
{
	begin(s, SECURE("deny"));
	ck_assert_msg(
		sh(s,
		   "hg init h && printf '[hooks]\\n%s = %s pretxnchangegroup --repository acme/app --socket '$PWD'/"
		   "hook.sock\\n[web]\\npush_ssl=false\\nallow_push=*\\n' > h/.hg/hgrc && hg init c && cd c && "
		   "echo x > f && hg add -q f && hg commit -q -u a -m 'Bug 10001 - one' && "
		   "echo y > f && hg commit -q -u a -m 'Bug 20001 - two'",
		   hook, HOOK) == 0,
		"%s", said(s));
}

START_TEST(mercurial_pushes_by_path_are_answered)
{
	struct scene s;

	hg_begin(&s, "pretxnchangegroup.headgate");
	ck_assert_msg(sh(&s, "hg -R c push -r 0 h") == 0, "%s", said(&s));
	ck_assert_int_eq(sh(&s, "hg -R c push h"), 255);
	ck_assert_msg(strstr(said(&s), CLEARANCE) && strstr(said(&s), "rollback completed"), "%s", said(&s));
	ck_assert(sh(&s, "test $(hg -R h log -T x) = x") == 0);
	end(&s);
}
END_TEST

START_TEST(mercurial_pushes_over_http_are_answered)
{
	struct scene s;

	hg_begin(&s, "pretxnclose.headgate");
	ck_assert_msg(sh(&s,
			 "hg serve -R h -a 127.0.0.1 -p 0 -d --pid-file pid > port && "
			 "url=$(grep -o 'http://[^ ]*' port | head -1); test -n \"$url\" && "
			 "{ hg -R c push -r 0 $url && ! hg -R c push $url; code=$?; kill $(cat pid); test $code = 0; "
			 "} && test $(hg -R h log -T x) = x") == 0,
		      "%s", said(&s));
	end(&s);
}
END_TEST

/* The world lends its git face, which is git's own http-backend; the hook is in the repository behind it. */
static const char *const git_hooks[] = {"pre-receive", "update"};
START_TEST(git_pushes_over_http_are_answered)
{
	struct scene s;

	begin(&s, TOKEN);
	ck_assert_msg(
		sh(&s,
		   "hook=$(readlink -f $(find . -path '*acme/app.git' | head -1))/hooks/%s && "
		   "mkdir -p $(dirname $hook) && sed 's/ pre-receive / %s /; s/$/ \"$@\"/; 1s/ .*//' "
		   "r.git/hooks/pre-receive > $hook && chmod +x $hook && "
		   "git clone -q '%s/acme/app.git' v && cd v && "
		   "git config http.extraHeader \"Authorization: Basic $(printf 'x-access-token:%s' | base64 -w0)\" && "
		   "git commit -q --allow-empty -m 'x a=ann' && git push -q origin HEAD:topic && "
		   "git commit -q --allow-empty -m 'no token' && ! git push -q origin HEAD:topic",
		   git_hooks[_i], git_hooks[_i], s.rig.world_url, s.rig.token) == 0,
		"%s", said(&s));
	ck_assert_msg(strstr(said(&s), "headgate: token: ") != NULL, "%s", said(&s));
	end(&s);
}
END_TEST

/* ---- the socket ---- */

static long request(struct scene *s, const char *method, const char *path, const char *body)
{
	char socket[160], url[128];
	struct rig_request in = {method, url, socket, NULL, body, body ? strlen(body) : 0};
	struct rig_reply reply;
	long status;

	(void)snprintf(socket, sizeof socket, "%s/hook.sock", s->rig.dir);
	(void)snprintf(url, sizeof url, "http://localhost%s", path);
	ck_assert(rig_http(&in, &reply));
	status = reply.status;
	rig_reply_clear(&reply);
	return status;
}

#define QUESTION                                                                                                       \
	"headgate-hook 1\nrepository 8\nacme/app\nbranch 4\nmain\n"                                                    \
	"commit 0123456789012345678901234567890123456789 1\nx\nend\n"

START_TEST(there_is_one_verb_and_none_that_lists_anything)
{
	static const char *const methods[] = {"GET", "PUT", "DELETE", "PATCH", "OPTIONS"};
	static const char *const paths[] = {"/",
					    "/hook/v1/push/",
					    "/hook/v1/push/12345",
					    "/hook/v1/",
					    "/hook/v1/bugs",
					    "/hook/v2/push",
					    "/api/v1/bugs",
					    "/api/v1/deliveries",
					    "/metrics",
					    "/healthz"};
	struct scene s;

	begin(&s, SECURE("deny"));
	ck_assert_int_eq(request(&s, "POST", HOOK_PATH, QUESTION), 200);
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		ck_assert_int_eq(request(&s, methods[i], HOOK_PATH, NULL), 405);
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		ck_assert_int_eq(request(&s, "GET", paths[i], NULL), 404);
		ck_assert_int_eq(request(&s, "POST", paths[i], QUESTION), 404);
	}
	ck_assert_int_eq(request(&s, "POST", HOOK_PATH, "headgate-hook 1\nbugs\nend\n"), 400);
	ck_assert_int_eq(request(&s, "POST", HOOK_PATH, ""), 400);
	ck_assert_int_eq(request(&s, "POST", HOOK_PATH "?bug=20001", QUESTION), 200);
	end(&s);
}
END_TEST

START_TEST(each_question_is_a_line_in_the_log_that_tells_who_and_no_bug)
{
	char line[200];
	struct scene s;
	char *log;

	begin(&s, SECURE("deny"));
	ck_assert(!push(&s, "Bug 20001 - very-secret words", ""));
	ck_assert_int_eq(request(&s, "POST", HOOK_PATH, "bug 20001?\n"), 400);
	log = rig_file(&s.rig, "agent.log");
	(void)snprintf(line, sizeof line,
		       "msg=\"a push was asked about\" uid=%u repository=acme/app branch=main branches=1 commits=1 "
		       "bugs=1 answer=clearance",
		       (unsigned)getuid());
	ck_assert_msg(strstr(log, line) != NULL, "%s", log);
	ck_assert_ptr_nonnull(strstr(log, "a commit hook's question was refused"));
	ck_assert(!strstr(log, "20001") && !strstr(log, "very-secret"));
	free(log);
	end(&s);
}
END_TEST

/* As another user: what connect says; 0: it could. */
static int connects(struct scene *s, gid_t group)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const struct passwd *nobody = getpwnam("nobody");
	int status, fd;
	pid_t pid;

	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s/hook.sock", s->rig.dir);
	ck_assert_ptr_nonnull(nobody);
	pid = fork();
	if (pid == 0) {
		if (setgroups(0, NULL) != 0 || setgid(group) != 0 || setuid(nobody->pw_uid) != 0)
			_exit(99);
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		_exit(connect(fd, (const struct sockaddr *)&at, sizeof at) == 0 ? 0 : 1);
	}
	ck_assert(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(only_the_group_can_ask)
{
	struct scene s;
	struct stat is;
	char path[160];

	if (geteuid() == 0) {
		begin_on(&s, SECURE("deny"), "  group: daemon\n", "");
		ck_assert(chmod(s.rig.dir, 0755) == 0);
		ck_assert_int_eq(connects(&s, 1), 0);
		ck_assert_int_eq(connects(&s, 65533), 1);
	} else {
		begin(&s, SECURE("deny"));
	}
	(void)snprintf(path, sizeof path, "%s/hook.sock", s.rig.dir);
	ck_assert(stat(path, &is) == 0);
	ck_assert_int_eq((int)(is.st_mode & 0777), geteuid() == 0 ? 0660 : 0600);
	end(&s);
}
END_TEST

START_TEST(without_a_key_anywhere_the_table_alone_answers)
{
	struct scene s;
	json_int_t mark;

	begin(&s, SECURE("deny"));
	ck_assert(rig_agent_term(&s.rig));
	configure(&s, "", "source: table");
	ck_assert(rig_agent_start(&s.rig));
	mark = rig_log_mark(&s.rig);
	importing_bug(&s.rig, RATED, true);
	importing_bug(&s.rig, KNOWN, false);
	ck_assert_msg(push(&s, "Bug 10002 - x", ""), "%s", said(&s));
	ck_assert(!push(&s, "Bug 20001 - x", "") && !push(&s, "Bug 10001 - nobody told", ""));
	ck_assert_uint_eq(asked(&s, mark), 0);
	end(&s);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_push_lands_or_not_by_what_the_tracker_says_of_its_bugs),
	SUITE_SLOW(a_tracking_field_before_approval_holds_a_push_back, 120),
	SUITE_SLOW(hooks_and_workers_of_one_server_share_one_budget, 120),
	SUITE_TEST(known_insecure_bugs_cost_no_request_and_pass_while_the_tracker_is_down),
	SUITE_TEST(what_is_unknown_follows_the_rule_and_what_was_secure_does_not),
	SUITE_TEST(one_bad_commit_among_ten_holds_the_push_back_wherever_it_stands),
	SUITE_TEST(the_policy_file_counts_from_the_next_push_on_and_a_broken_one_refuses),
	SUITE_TEST(without_a_daemon_the_hook_follows_its_own_fail_mode),
	SUITE_TEST(a_repository_that_only_warns_lets_through_and_says_one_line),
	SUITE_TEST(who_asks_too_often_is_refused_whatever_the_fail_mode),
	SUITE_TEST(mercurial_pushes_by_path_are_answered),
	SUITE_TEST(mercurial_pushes_over_http_are_answered),
	SUITE_ROWS(git_pushes_over_http_are_answered, git_hooks),
	SUITE_TEST(there_is_one_verb_and_none_that_lists_anything),
	SUITE_TEST(each_question_is_a_line_in_the_log_that_tells_who_and_no_bug),
	SUITE_TEST(only_the_group_can_ask),
	SUITE_TEST(without_a_key_anywhere_the_table_alone_answers),
	SUITE_END,
};
SUITE_MAIN(tests)
