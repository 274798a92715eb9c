/*
 * The disk fails under the real program: a write or a sync of the store, once or from then on, with an I/O error or for
 * want of space. The scene must recover as ever (scene.h), and: while the disk is full no delivery is answered 202, and
 * the program serves again once there is space; an I/O error, and any error of a sync, ends the process with its own
 * code and a message, so that it answers no 202 after it.
 *
 * HEADGATE_DISK_ERRORS: about how many (84), spread evenly over paths, kinds and calls; "all": each such call, each
 * kind.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/cli/daemon.h"
#include "tests/faults/scene.h"
#include "tests/support/suite.h"

enum { ERRORS = 84, END_MS = 10000, FULL_MS = 300, CHAPTER = 20 };

static const struct kind {
	const char *name;
	enum tap_calls calls;
	int error;
	bool onwards, must_end; /* must_end: nobody knows what the disk holds */
} kinds[] = {
	{"pwrite64 EIO once", TAP_PWRITE, EIO, false, true},
	{"pwrite64 EIO from then on", TAP_PWRITE, EIO, true, true},
	{"pwrite64 ENOSPC once", TAP_PWRITE, ENOSPC, false, false},
	{"pwrite64 ENOSPC from then on", TAP_PWRITE, ENOSPC, true, false},
	{"fdatasync EIO once", TAP_FDATASYNC, EIO, false, true},
	{"fdatasync EIO from then on", TAP_FDATASYNC, EIO, true, true},
	{"fdatasync ENOSPC once", TAP_FDATASYNC, ENOSPC, false, true},
	{"fdatasync ENOSPC from then on", TAP_FDATASYNC, ENOSPC, true, true},
	{"fsync EIO once", TAP_FSYNC, EIO, false, true},
	{"fsync EIO from then on", TAP_FSYNC, EIO, true, true},
	{"fsync ENOSPC once", TAP_FSYNC, ENOSPC, false, true},
	{"fsync ENOSPC from then on", TAP_FSYNC, ENOSPC, true, true},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const char *const call_names[TAP_CALLS] = {"all", "pwrite64", "fdatasync", "fsync"};

struct campaign {
	struct scene scene;
	int64_t calls[SCENE_PATHS][TAP_CALLS]; /* of one pass without a fault */
	int asked;                             /* 0: all */
	struct next {                          /* what the path's next fault is */
		int i, kind;
		int64_t at;
	} next[SCENE_PATHS];
	int hits[KINDS][SCENE_PATHS], ended[KINDS], missed[KINDS];
	int probes;
	int changes, redelivered; /* of the worlds before this one */
};

static int asked(void)
{
	const char *text = getenv("HEADGATE_DISK_ERRORS");

	if (!text || text[0] == '\0')
		return ERRORS;
	return strcmp(text, "all") == 0 ? 0 : (int)strtol(text, NULL, 10);
}

/* ---- which fault comes next ---- */

static bool next_of_all(struct campaign *c, int path)
{
	struct next *next = &c->next[path];

	next->at++;
	while (next->kind < KINDS && next->at > c->calls[path][kinds[next->kind].calls])
		*next = (struct next){.kind = next->kind + 1, .at = 1};
	return next->kind < KINDS;
}

/* The n-th kind, round and round, of those that the path has calls for; KINDS: there are none. */
static int kind_in_turn(const struct campaign *c, int path, int n)
{
	int usable[KINDS], count = 0;

	for (int kind = 0; kind < KINDS; kind++)
		if (c->calls[path][kinds[kind].calls] > 0)
			usable[count++] = kind;
	return count > 0 ? usable[n % count] : KINDS;
}

/* Where among the calls is spread by the golden ratio, whatever their number. */
static bool next_of_some(struct campaign *c, int path)
{
	struct next *next = &c->next[path];
	int most = c->asked / SCENE_PATHS > 0 ? c->asked / SCENE_PATHS : 1;

	next->kind = kind_in_turn(c, path, next->i + path);
	if (next->i >= most || next->kind == KINDS)
		return false;
	next->at =
		1 + c->calls[path][kinds[next->kind].calls] * ((next->i * SCENE_PATHS + path + 1) * 618 % 1000) / 1000;
	next->i++;
	return true;
}

static bool take_next(struct campaign *c, int path)
{
	return c->asked == 0 ? next_of_all(c, path) : next_of_some(c, path);
}

static void arm(struct campaign *c, int path)
{
	const struct next *next = &c->next[path];
	const struct kind *kind = &kinds[next->kind];
	struct tap_plan plan = {
		.act = TAP_FAIL, .calls = kind->calls, .at = next->at, .onwards = kind->onwards, .error = kind->error};

	ck_assert(tap_arm(c->scene.tap, &plan));
}

/* ---- what the program does about it ---- */

/* Ended by itself, and said why. */
static void ended_well(struct campaign *c, const char *kind)
{
	struct rig *rig = &c->scene.rig;
	char *log = rig_file(rig, "agent.log");
	const char *own = log + (rig->agent_log_from < (long)strlen(log) ? rig->agent_log_from : 0);

	ck_assert_msg(rig->agent_code == DAEMON_BROKEN, "%s on %s: it left with %d, not %d: %s", kind,
		      tap_look(c->scene.tap).file, rig->agent_code, DAEMON_BROKEN, own);
	ck_assert_msg(strstr(own, "the store failed; stopping") || strstr(own, "not started"), "%s: no word of it: %s",
		      kind, own);
	free(log);
}

/* A delivery that nobody has sent before: while nothing can be written it must not be acknowledged. */
static void none_is_accepted(struct campaign *c)
{
	char guid[64];
	struct rig_delivery delivery = {.event = "ping", .guid = guid, .body = "{\"zen\":\"Full.\"}", .len = 15};
	struct rig_reply reply;

	(void)snprintf(guid, sizeof guid, "00000000-0000-0000-0000-%012d", c->probes++);
	(void)rig_deliver(&c->scene.rig, &delivery, &reply);
	ck_assert_msg(reply.status == 503 || !rig_agent_running(&c->scene.rig),
		      "a delivery was answered %ld while the disk was full", reply.status);
	rig_reply_clear(&reply);
}

/* SQLite passes over an error of its own sync of the directory; the program's own, by fsync, is not passed over. */
static bool passed_over(struct campaign *c, const struct kind *kind)
{
	struct stat st;

	return kind->calls == TAP_FDATASYNC && stat(tap_look(c->scene.tap).file, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The fault was met; it lasts, or it was one or is over. What must follow at once. True: the process has ended. */
static bool follows(struct campaign *c, const struct kind *kind, bool lasts)
{
	struct scene *scene = &c->scene;
	int64_t until = rig_now() + FULL_MS;

	if (kind->must_end && !passed_over(c, kind)) {
		(void)rig_agent_end(&scene->rig, END_MS);
		ended_well(c, kind->name);
		return true;
	}
	while (lasts && rig_agent_running(&scene->rig) && rig_now() < until)
		rig_sleep(5);
	if (lasts && kind->calls == TAP_PWRITE && rig_agent_running(&scene->rig))
		none_is_accepted(c);
	if (rig_agent_running(&scene->rig))
		return false;
	ended_well(c, kind->name);
	return true;
}

/* After a step or a start under a plan. True: the process has ended. */
static bool note(struct campaign *c, int path)
{
	const struct next *next = &c->next[path];
	const struct kind *kind = &kinds[next->kind];
	bool met = tap_look(c->scene.tap).hits > 0, late = !met && tap_disarm(c->scene.tap).hits > 0, ended = false;

	if (met || late) {
		c->hits[next->kind][path]++;
		ended = follows(c, kind, kind->onwards && !late);
		c->ended[next->kind] += ended;
	} else {
		c->missed[next->kind]++;
	}
	(void)tap_disarm(c->scene.tap);
	return ended || !rig_agent_running(&c->scene.rig);
}

/* ---- paths ---- */

static void measure_start(struct campaign *c, int path)
{
	rig_agent_kill(&c->scene.rig);
	if (path == SCENE_EMPTY)
		scene_forget(&c->scene);
	ck_assert(tap_arm(c->scene.tap, &(struct tap_plan){.act = TAP_COUNT}));
	ck_assert(rig_agent_try(&c->scene.rig));
	memcpy(c->calls[path], tap_disarm(c->scene.tap).by_call, sizeof c->calls[path]);
}

static void measure(struct campaign *c)
{
	struct scene *scene = &c->scene;

	for (int step = 0; step < SCENE_STEPS; step++) {
		ck_assert(tap_arm(scene->tap, &(struct tap_plan){.act = TAP_COUNT}));
		scene_play(scene, (enum scene_step)step);
		ck_assert(!scene_ended(scene));
		memcpy(c->calls[step], tap_disarm(scene->tap).by_call, sizeof c->calls[step]);
		scene_recover(scene);
	}
	measure_start(c, SCENE_RESTARTED);
}

/* Waits until the fault was met, or the step is over without it. */
static void wait_met(struct scene *scene)
{
	while (tap_look(scene->tap).hits == 0 && rig_agent_running(&scene->rig) && !scene_done(scene))
		rig_sleep(2);
}

/* The agent is started on what is there, under a plan; then whole. */
static void fail_start(struct campaign *c, int path)
{
	rig_agent_kill(&c->scene.rig);
	if (path == SCENE_EMPTY)
		scene_forget(&c->scene);
	arm(c, path);
	(void)rig_agent_try(&c->scene.rig);
	if (note(c, path))
		scene_restart(&c->scene);
}

/* Each start reads all changes that are open, and they only grow. */
static void next_world(struct campaign *c)
{
	c->changes += c->scene.changes;
	c->redelivered += (int)c->scene.redelivered;
	scene_end(&c->scene);
	scene_begin(&c->scene);
}

/* Changes go through their steps, with a fault in each and in the start after the last, until all had theirs. */
static void fail_scene(struct campaign *c)
{
	bool more = true;

	for (int n = 1; more; n++) {
		if (n % CHAPTER == 0)
			next_world(c);
		more = false;
		for (int step = 0; step < SCENE_STEPS; step++) {
			bool planned = take_next(c, step);

			if (planned)
				arm(c, step);
			scene_play(&c->scene, (enum scene_step)step);
			if (planned)
				wait_met(&c->scene);
			if (planned && note(c, step))
				scene_restart(&c->scene);
			scene_recover(&c->scene);
			more = more || planned;
		}
		if (take_next(c, SCENE_RESTARTED)) {
			fail_start(c, SCENE_RESTARTED);
			scene_recover(&c->scene);
			more = true;
		}
	}
}

static void fail_empty(struct campaign *c)
{
	measure_start(c, SCENE_EMPTY);
	while (take_next(c, SCENE_EMPTY)) {
		fail_start(c, SCENE_EMPTY);
		ck_assert_int_eq(scene_owed(&c->scene), 0);
	}
}

/* The calls of one pass, then what was done to them. Returns the errors that were met. */
static int print(const struct campaign *c, int64_t ms)
{
	int all = 0;

	printf("%-29s %6s %6s %6s %6s", "calls of one pass", "", "", "", "");
	for (int path = 0; path < SCENE_PATHS; path++)
		printf(" %10s", scene_path(path));
	for (int calls = TAP_PWRITE; calls < TAP_CALLS; calls++) {
		printf("\n%-29s %6s %6s %6s %6s", call_names[calls], "", "", "", "");
		for (int path = 0; path < SCENE_PATHS; path++)
			printf(" %10lld", (long long)c->calls[path][calls]);
	}
	printf("\n%-29s %6s %6s %6s %6s\n", "errors", "met", "ended", "served", "passed");
	for (int kind = 0; kind < KINDS; kind++) {
		int met = 0;

		for (int path = 0; path < SCENE_PATHS; path++)
			met += c->hits[kind][path];
		printf("%-29s %6d %6d %6d %6d", kinds[kind].name, met, c->ended[kind], met - c->ended[kind],
		       c->missed[kind]);
		for (int path = 0; path < SCENE_PATHS; path++)
			printf(" %10d", c->hits[kind][path]);
		printf("\n");
		all += met;
	}
	printf("%d errors, %d changes, %lld redelivered, %lld ms\n", all, c->changes + c->scene.changes,
	       c->redelivered + (long long)c->scene.redelivered, (long long)ms);
	return all;
}

START_TEST(a_failing_disk_loses_nothing_and_is_never_called_a_success)
{
	struct campaign c = {.asked = asked()};
	int64_t began = rig_now();

	scene_begin(&c.scene);
	measure(&c);
	fail_scene(&c);
	fail_empty(&c);
	for (int step = 0; step < SCENE_STEPS; step++)
		ck_assert_msg(c.calls[step][TAP_PWRITE] > 0 &&
				      c.calls[step][TAP_FDATASYNC] + c.calls[step][TAP_FSYNC] > 0,
			      "%s is answered without a write and a sync that this test knows", scene_path(step));
	ck_assert_msg(c.calls[SCENE_RESTARTED][TAP_FSYNC] > 0 && c.calls[SCENE_EMPTY][TAP_FSYNC] > 0,
		      "a start does not sync the directory by itself");
	ck_assert_int_ge(print(&c, rig_now() - began), c.asked / 2);
	scene_end(&c.scene);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(a_failing_disk_loses_nothing_and_is_never_called_a_success, 600),
	SUITE_END,
};

SUITE_MAIN(tests)
