/*
 * Faults of the machine on the running server: descriptors that run out, signals, a process that stands still, git
 * children that are killed, mirrors that go away. After each one everything that trouble.h promises must hold.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/faults/trouble.h"
#include "tests/support/suite.h"

#define WIDE "limits:\n  connections: 512\n  connections_per_ip: 512\n  request_seconds: 20\n"

enum { DRAIN_MS = 5000, CODE_BROKEN = 70, CODE_CONFIG = 78 };

/* ---- descriptors ---- */

enum { FILES_FIRST = 4, FILES_LAST = 112 };

static bool answers(struct trouble *t)
{
	struct rig_reply reply;
	bool ok = rig_page(&t->gate.rig, "/", &reply) && reply.status > 0;

	rig_reply_clear(&reply);
	return ok;
}

/* What it said was the last word, a clear one, and the exit code tells a script that it did not start. */
static void stopped_clearly(const struct trouble *t, int code, unsigned files)
{
	ck_assert_msg(code == CODE_BROKEN || code == CODE_CONFIG, "with %u descriptors it ended with %d", files, code);
	ck_assert_msg(trouble_says(t, "not started") || trouble_says(t, "headgate:"),
		      "with %u descriptors it ended without a word", files);
}

START_TEST(with_few_descriptors_it_serves_or_says_that_it_cannot)
{
	struct trouble t;
	unsigned least = 0;

	trouble_begin(&t, WIDE);
	ck_assert(rig_agent_term(&t.gate.rig));
	for (unsigned files = FILES_FIRST; files <= FILES_LAST; files += files < 20 || files > 84 ? 2 : 4) {
		int code;

		if (trouble_serve(&t, &(struct trouble_start){.files = files}, &code)) {
			ck_assert(answers(&t));
			ck_assert(rig_agent_term(&t.gate.rig));
			least = least ? least : files;
		} else {
			stopped_clearly(&t, code, files);
			ck_assert_msg(least == 0, "it starts with %u descriptors, but not with %u", least, files);
		}
	}
	printf("starts with %u descriptors\n", least);
	ck_assert_uint_gt(least, 0);
	ck_assert(rig_agent_start(&t.gate.rig));
	trouble_over(&t);
	trouble_end(&t);
}
END_TEST

static int connect_to(unsigned port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_port = htons((uint16_t)port);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0); /* the backlog takes it in any case */
	return fd;
}

static int64_t cpu_ms(pid_t pid)
{
	char path[64], line[1024] = "";
	unsigned long user = 0, kernel = 0;
	const char *at;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
	(void)fclose(f);
	at = strrchr(line, ')');
	ck_assert_ptr_nonnull(at);
	ck_assert_int_eq(sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel), 2);
	return (int64_t)(user + kernel) * 1000 / sysconf(_SC_CLK_TCK);
}

/* Everybody who connects and then says nothing, until they are let go. */
enum { HELD = 160, LOOK_MS = 1000 };

static void hold(const struct trouble *t, int held[HELD])
{
	for (int i = 0; i < HELD; i++)
		held[i] = connect_to(t->gate.rig.port);
	rig_sleep(300);
}

static void let_go(int held[HELD])
{
	for (int i = 0; i < HELD; i++)
		(void)close(held[i]);
}

/* Clients take all that they can get: the work that was accepted goes on, and accepting waits without a spin. */
START_TEST(clients_cannot_take_the_descriptors_that_the_work_needs)
{
	struct trouble t;
	int held[HELD], code;
	int64_t cpu;

	trouble_begin(&t, WIDE);
	ck_assert(rig_agent_term(&t.gate.rig));
	ck_assert(trouble_serve(&t, &(struct trouble_start){.files = 160}, &code));
	ck_assert(trouble_says(&t, "fewer connections"));
	json_decref(rig_world(&t.gate.rig, "fault",
			      "{\"endpoint\":\"/repos/*/pulls*\",\"delay_before_ms\":1500,\"count\":1}"));
	gate_push(&t.gate);
	ck_assert(rig_settle(&t.gate.rig, 100)); /* heard, and not judged yet */
	hold(&t, held);
	cpu = cpu_ms(t.gate.rig.agent);
	rig_sleep(LOOK_MS);
	cpu = cpu_ms(t.gate.rig.agent) - cpu;
	rig_wait_status(&t.gate.rig, t.gate.head, "pending", RIG_WAIT_MS);
	let_go(held);
	printf("%lld of %d ms cpu while full\n", (long long)cpu, LOOK_MS);
	ck_assert_int_lt(cpu, LOOK_MS / 2);
	trouble_over(&t);
	trouble_end(&t);
}
END_TEST

static const rlim_t files_left[] = {4, 12, 16, 20, 24, 28, 32, 40, 48, 64};

/* The limit falls below what the running server has open already, under load. */
START_TEST(when_the_descriptors_are_taken_away_it_waits_and_recovers_when_they_return)
{
	struct rlimit before, now;
	struct trouble t;
	int held[HELD];
	pid_t pid;

	trouble_begin(&t, WIDE);
	pid = t.gate.rig.agent;
	ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, NULL, &before), 0);
	trouble_load(&t);
	for (size_t i = 0; i < sizeof files_left / sizeof files_left[0]; i++) {
		now = (struct rlimit){files_left[i], before.rlim_max};
		ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, &now, NULL), 0);
		hold(&t, held);
		gate_push(&t.gate); /* nobody hears of it now */
		rig_sleep(100);
		ck_assert(rig_agent_running(&t.gate.rig));
		let_go(held);
		ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, &before, NULL), 0);
		rig_sleep(50);
	}
	trouble_over(&t);
	ck_assert_int_gt(trouble_told(&t), 0);
	trouble_end(&t);
}
END_TEST

/* ---- signals ---- */

static void ends_well(struct trouble *t, int64_t *slowest)
{
	int64_t began = rig_now();
	int code = trouble_end_of(t, DRAIN_MS + 1000);

	began = rig_now() - began;
	ck_assert_msg(code == 0, "it left with %d after a request to stop", code);
	ck_assert_msg(began <= DRAIN_MS, "it took %lld ms to stop", (long long)began);
	*slowest = began > *slowest ? began : *slowest;
}

START_TEST(asked_to_stop_at_any_moment_it_drains_and_the_next_start_goes_on)
{
	static const int signals[] = {SIGTERM, SIGINT};
	int rounds = trouble_size(14, 200);
	unsigned seed = 20261121;
	int64_t slowest = 0;
	struct trouble t;

	trouble_begin(&t, NULL);
	trouble_load(&t);
	for (int i = 0; i < 50; i++) { /* nothing but a word in the log */
		(void)kill(t.gate.rig.agent, SIGHUP);
		rig_sleep(2);
	}
	trouble_wait_said(&t, "reload asked for", 2000);
	for (int i = 0; i < rounds; i++) {
		if (i % 4 == 1)
			gate_push(&t.gate);
		rig_sleep((int)((unsigned)rand_r(&seed) % 200));
		if (i % 3 == 0)
			(void)kill(t.gate.rig.agent, SIGHUP);
		(void)kill(t.gate.rig.agent, signals[i % 2]);
		ends_well(&t, &slowest);
		ck_assert(rig_agent_start(&t.gate.rig));
	}
	printf("%d stops, slowest %lld ms\n", rounds, (long long)slowest);
	trouble_over(&t);
	ck_assert_int_gt(trouble_told(&t), 0);
	trouble_end(&t);
}
END_TEST

static const char *const hanging[] = {
	"{\"endpoint\":\"/repos/*/statuses/*\",\"method\":\"POST\",\"delay_before_ms\":20000}",
	"{\"endpoint\":\"/repos/*/pulls*\",\"delay_before_ms\":20000}",
	"{\"endpoint\":\"/*.git/*\",\"delay_before_ms\":20000}",
};

START_TEST(a_forge_that_hangs_does_not_hold_the_stop_back)
{
	struct trouble t;
	int64_t slowest = 0;

	trouble_begin(&t, NULL);
	for (size_t i = 0; i < sizeof hanging / sizeof hanging[0]; i++) {
		json_decref(rig_world(&t.gate.rig, "fault", "%s", hanging[i]));
		gate_push(&t.gate);
		gate_approve(&t.gate, "bob"); /* a push alone may wait for more to follow */
		rig_sleep(300);
		(void)kill(t.gate.rig.agent, SIGTERM);
		ends_well(&t, &slowest);
		ck_assert(trouble_says(&t, "stopped amid work"));
		json_decref(rig_world(&t.gate.rig, "fault", "{\"clear\":true}"));
		ck_assert(rig_agent_start(&t.gate.rig));
	}
	printf("slowest stop %lld ms\n", (long long)slowest);
	trouble_over(&t);
	trouble_end(&t);
}
END_TEST

/* ---- standing still ---- */

#define SHORT "limits:\n  post_deadline: 1s\n  post_grace: 2s\n  gather_deadline: 8s\n  lease: 10s\n  grant_age: 2s\n"

static void stand_still(struct trouble *t, int ms)
{
	ck_assert_int_eq(kill(t->gate.rig.agent, SIGSTOP), 0);
	rig_sleep(ms);
	ck_assert_int_eq(kill(t->gate.rig.agent, SIGCONT), 0);
}

START_TEST(stopped_and_continued_at_many_moments_it_goes_on)
{
	int rounds = trouble_size(30, 500);
	unsigned seed = 7;
	struct trouble t;

	trouble_begin(&t, SHORT);
	trouble_load(&t);
	for (int i = 0; i < rounds; i++) {
		if (i % 8 == 1)
			gate_push(&t.gate);
		rig_sleep((int)((unsigned)rand_r(&seed) % 60));
		stand_still(&t, (int)((unsigned)rand_r(&seed) % 60));
	}
	trouble_over(&t);
	trouble_end(&t);
}
END_TEST

/* While a status is on its way, longer than it may live. */
START_TEST(whoever_stood_still_with_a_status_on_its_way_looks_what_became_of_it)
{
	struct trouble t;

	trouble_begin(&t, SHORT);
	json_decref(rig_world(&t.gate.rig, "fault",
			      "{\"endpoint\":\"/repos/*/statuses/*\",\"method\":\"POST\",\"delay_before_ms\":900,"
			      "\"count\":1}"));
	gate_push(&t.gate);
	rig_sleep(300);
	stand_still(&t, trouble_size(5000, 150000));
	trouble_redeliver(&t);
	trouble_over(&t);
	trouble_end(&t);
}
END_TEST

/* It has read two reviews when it is stopped; one is taken back, and nobody tells it. Longer than doubt and age; in the
 * full size longer than the lease, too. */
START_TEST(whoever_stood_still_for_minutes_reads_again_before_it_says_success)
{
	struct trouble t;
	json_int_t mark;

	trouble_begin(&t, SHORT);
	rig_next_second();
	gate_push(&t.gate);
	gate_approve(&t.gate, "bob");
	gate_judged(&t.gate);
	json_decref(
		rig_world(&t.gate.rig, "fault", "{\"endpoint\":\"/repos/*/reviews*\",\"delay_ms\":1500,\"count\":1}"));
	gate_approve(&t.gate, "carol");
	rig_sleep(700);
	ck_assert_int_eq(kill(t.gate.rig.agent, SIGSTOP), 0);
	json_decref(rig_world(&t.gate.rig, "hooks", "{\"do\":\"hold\",\"event\":\"pull_request_review\"}"));
	gate_dismiss(&t.gate);
	mark = rig_log_mark(&t.gate.rig);
	rig_sleep(trouble_size(5000, 150000));
	ck_assert_int_eq(kill(t.gate.rig.agent, SIGCONT), 0);
	gate_wait_rows(&t.gate, "subject", GATE_OWED, 0);
	gate_wait_rows(&t.gate, "slot", "due = 1", 0);
	ck_assert_ptr_null(gate_first_post(&t.gate, mark, t.gate.head, "success"));
	gate_stays_refused(&t.gate);
	json_decref(rig_world(&t.gate.rig, "hooks", "{\"do\":\"release\"}"));
	trouble_over(&t);
	trouble_end(&t);
}
END_TEST

/* ---- git ---- */

/* Kills the git children of the server, and says how many. */
static int kill_children(pid_t parent)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int n = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		char path[300], line[512] = "", name[64] = "";
		int pid = (int)strtol(entry->d_name, NULL, 10), father = 0;
		FILE *f;

		(void)snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
		f = pid > 0 ? fopen(path, "r") : NULL;
		if (f && fgets(line, sizeof line, f) && sscanf(line, "%*d (%60[^)]) %*c %d", name, &father) == 2 &&
		    father == parent && strcmp(name, "git") == 0)
			n += kill(pid, SIGKILL) == 0;
		if (f)
			(void)fclose(f);
	}
	(void)closedir(dir);
	return n;
}

START_TEST(killed_git_children_only_delay_the_judgement)
{
	int wanted = trouble_size(10, 100), killed = 0;
	int64_t until = rig_now() + 60000;
	struct trouble t;

	trouble_begin(&t, NULL);
	while (killed < wanted) {
		ck_assert_msg(rig_now() < until, "%d of %d git children were met", killed, wanted);
		gate_push(&t.gate);
		for (int i = 0; i < 100 && killed < wanted; i++) {
			killed += kill_children(t.gate.rig.agent);
			rig_sleep(2);
		}
	}
	printf("%d git children killed\n", killed);
	ck_assert(rig_agent_running(&t.gate.rig));
	trouble_over(&t);
	trouble_end(&t);
}
END_TEST

static const struct {
	const char *breaks, *mends; /* shell, in the directory of the state */
} mirror_faults[] = {
	{"rm -rf mirrors", ":"},
	{"rm -rf mirrors; : > mirrors", "rm mirrors"},
	{"find mirrors -name '*.pack' -delete -o -path '*/objects/*' -type f -delete", ":"},
	{"find mirrors -path '*/objects/*' -type f -exec truncate -s 20 {} +", "rm -rf mirrors"},
	{"mv mirrors away; ln -s /nonexistent mirrors", "rm mirrors; mv away mirrors"},
};

static void in_state(struct trouble *t, const char *what)
{
	char script[512];

	(void)snprintf(script, sizeof script, "cd '%s/state'; %s", t->gate.rig.dir, what);
	ck_assert_int_eq(rig_sh(&t->gate.rig, script), 0);
}

START_TEST(a_mirror_that_goes_away_allows_nothing_and_is_made_again)
{
	struct trouble t;

	trouble_begin(&t, NULL);
	for (size_t i = 0; i < sizeof mirror_faults / sizeof mirror_faults[0]; i++) {
		in_state(&t, mirror_faults[i].breaks);
		gate_push(&t.gate);
		rig_sleep(400);
		ck_assert(rig_agent_running(&t.gate.rig));
		trouble_no_wrong_success(&t);
		in_state(&t, mirror_faults[i].mends);
		trouble_next_head(&t);
	}
	trouble_over(&t);
	trouble_end(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(with_few_descriptors_it_serves_or_says_that_it_cannot),
	SUITE_TEST(clients_cannot_take_the_descriptors_that_the_work_needs),
	SUITE_TEST(when_the_descriptors_are_taken_away_it_waits_and_recovers_when_they_return),
	SUITE_SLOW(asked_to_stop_at_any_moment_it_drains_and_the_next_start_goes_on, 600),
	SUITE_TEST(a_forge_that_hangs_does_not_hold_the_stop_back),
	SUITE_SLOW(stopped_and_continued_at_many_moments_it_goes_on, 300),
	SUITE_SLOW(whoever_stood_still_with_a_status_on_its_way_looks_what_became_of_it, 400),
	SUITE_SLOW(whoever_stood_still_for_minutes_reads_again_before_it_says_success, 400),
	SUITE_SLOW(killed_git_children_only_delay_the_judgement, 200),
	SUITE_TEST(a_mirror_that_goes_away_allows_nothing_and_is_made_again),
	SUITE_END,
};
SUITE_MAIN(tests)
