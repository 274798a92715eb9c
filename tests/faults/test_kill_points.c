/*
 * kill -9 at the boundaries between system calls of the accept, judge and post paths, and of starts. A step of the
 * scene is played while the tap waits for the n-th call of one path; there the program is killed, every other time
 * killed again while it starts on what was left, started once more, and then the scene must recover.
 *
 * HEADGATE_KILL_POINTS: about how many kills (150), spread evenly over steps, paths and the calls of each; "all": at
 * every call of each step whoever makes it, n = 1, 2, 3 ... until the step passes whole, and so for starts.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/faults/scene.h"
#include "tests/support/suite.h"

/* After CHAPTER changes another world begins: each start reads all changes that are open, and they only grow. */
enum { KILLS = 150, SHARE_OF_EMPTY = 5, HELD_MS = 400, END_MS = 10000, CALLS_MAX = 64, CHAPTER = 20 };

struct tally {
	struct tap_seen calls[SCENE_PATHS]; /* of one pass without a kill */
	int kills[SCENE_PATHS][SCENE_PARTS];
	int passed[SCENE_PATHS]; /* the plan lay behind the last call */
	struct before {          /* what the program was about to do */
		const char *name;
		int kills;
	} before[CALLS_MAX];
	int64_t verdicts, redelivered; /* in the hash chains, at the end of the changes; in all */
	int changes;
};

static void note_call(struct tally *tally, const char *name)
{
	size_t i = 0;

	while (i < CALLS_MAX - 1 && tally->before[i].name && strcmp(tally->before[i].name, name) != 0)
		i++;
	tally->before[i].name = name;
	tally->before[i].kills++;
}

static int kills_of_path(const struct tally *tally, int path)
{
	int n = 0;

	for (int part = 0; part < SCENE_PARTS; part++)
		n += tally->kills[path][part];
	return n;
}

static int kills_of_part(const struct tally *tally, int part)
{
	int n = 0;

	for (int path = 0; path < SCENE_PATHS; path++)
		n += tally->kills[path][part];
	return n;
}

/* Returns all kills. */
static int print(const struct tally *tally, int64_t ms)
{
	int all = 0;

	printf("%-10s %6s %6s %6s  ", "killed in", "calls", "kills", "passed");
	for (int part = 0; part < SCENE_PARTS; part++)
		printf("%7s", scene_parts[part]);
	printf("\n");
	for (int path = 0; path < SCENE_PATHS; path++) {
		printf("%-10s %6lld %6d %6d  ", scene_path(path), (long long)tally->calls[path].calls,
		       kills_of_path(tally, path), tally->passed[path]);
		for (int part = 0; part < SCENE_PARTS; part++)
			printf("%7d", tally->kills[path][part]);
		printf("\n");
		all += kills_of_path(tally, path);
	}
	printf("before");
	for (size_t i = 0; i < CALLS_MAX && tally->before[i].name; i++)
		printf(" %s %d", tally->before[i].name, tally->before[i].kills);
	printf("\n%d kills, %d changes, %lld redelivered, %lld verdicts in the chain, %lld ms\n", all, tally->changes,
	       (long long)tally->redelivered, (long long)tally->verdicts, (long long)ms);
	return all;
}

/* Kills asked for; 0: at every call. */
static int asked(void)
{
	const char *text = getenv("HEADGATE_KILL_POINTS");

	if (!text || text[0] == '\0')
		return KILLS;
	return strcmp(text, "all") == 0 ? 0 : (int)strtol(text, NULL, 10);
}

/* A round is a change: a kill in each step, and half as many in starts. */
static int rounds_of(int kills)
{
	int rounds = 2 * kills / (3 * SCENE_STEPS);

	return rounds > 0 ? rounds : 1;
}

/* The call to kill at, the i-th of n spread over all; n 0: the i-th itself. */
static int64_t point(int64_t calls, int i, int n)
{
	return n == 0 ? i + 1 : 1 + (2 * (int64_t)i + 1) * calls / (2 * (int64_t)n);
}

static void arm(struct scene *scene, enum tap_act act, uint32_t threads, int64_t at)
{
	ck_assert(tap_arm(scene->tap, &(struct tap_plan){.act = act, .threads = threads, .at = at}));
}

/* True: it was killed. */
static bool note(struct tally *tally, struct scene *scene, int path, bool ended)
{
	struct tap_seen seen = tap_disarm(scene->tap);

	if (seen.hits > 0) /* as the last thing that happened, perhaps */
		ended = rig_agent_end(&scene->rig, END_MS) >= 0;
	if (!ended) {
		tally->passed[path]++;
		return false;
	}
	ck_assert_msg(seen.hits == 1 && scene->rig.agent_code == 128 + 9, "it ended with %d without being killed",
		      scene->rig.agent_code);
	tally->kills[path][scene_part_of(seen.thread)]++;
	note_call(tally, seen.name);
	return true;
}

/* A start that is killed: on what the last kill left, or in an empty directory. */
static bool killed_start(struct tally *tally, struct scene *scene, int path, int64_t at)
{
	int64_t until = rig_now() + HELD_MS;

	arm(scene, TAP_KILL, 0, at);
	if (rig_agent_try(&scene->rig))
		while (rig_agent_running(&scene->rig) && rig_now() < until)
			rig_sleep(5);
	if (note(tally, scene, path, !rig_agent_running(&scene->rig)))
		return true;
	rig_agent_kill(&scene->rig);
	return false;
}

/* ---- the scene ---- */

static int64_t calls_of(const struct tap_seen *seen, enum scene_part part)
{
	int64_t n = 0;

	for (unsigned i = 0; i < TAP_THREADS; i++)
		n += scene_part_of(i) == part ? seen->by_thread[i] : 0;
	return n;
}

/* A change that is opened keeps all of these busy; the applier works on the committer's thread. */
static void each_has_calls(const struct tap_seen *seen)
{
	static const enum scene_part busy[] = {SCENE_ACCEPT, SCENE_COMMIT, SCENE_JUDGE, SCENE_POST};

	for (size_t i = 0; i < sizeof busy / sizeof busy[0]; i++)
		ck_assert_msg(calls_of(seen, busy[i]) > 0, "no call of %s: its thread is taken for another",
			      scene_parts[busy[i]]);
}

static void measure(struct tally *tally, struct scene *scene)
{
	for (int step = 0; step < SCENE_STEPS; step++) {
		arm(scene, TAP_COUNT, 0, 0);
		scene_play(scene, (enum scene_step)step);
		ck_assert(!scene_ended(scene));
		tally->calls[step] = tap_disarm(scene->tap);
		scene_recover(scene);
	}
	each_has_calls(&tally->calls[SCENE_OPENED]);
	rig_agent_kill(&scene->rig);
	arm(scene, TAP_COUNT, 0, 0);
	ck_assert(rig_agent_try(&scene->rig));
	tally->calls[SCENE_RESTARTED] = tap_disarm(scene->tap);
	scene_recover(scene);
}

/* The paths that take turns. The applier's work is the committer's; what shows pages and the first thread do nothing in
 * a step. */
static const enum scene_part turns[] = {SCENE_ACCEPT, SCENE_COMMIT, SCENE_JUDGE, SCENE_POST};
enum { TURNS = sizeof turns / sizeof turns[0] };

/* Whose turn it is in this step of the i-th change: who makes no calls of his own is passed over. */
static enum scene_part part_in_turn(const struct tally *tally, int step, int i)
{
	int turn = 0;

	while (turn < TURNS && calls_of(&tally->calls[step], turns[(i + step + turn) % TURNS]) == 0)
		turn++;
	return turns[(i + step + turn) % TURNS];
}

/* Where the i-th change is killed in this step: `rounds` changes cover all paths in turn; 0: at the i-th call. */
static void arm_step(const struct tally *tally, struct scene *scene, int step, int i, int rounds)
{
	enum scene_part part = part_in_turn(tally, step, i);

	if (rounds == 0)
		arm(scene, TAP_KILL, 0, i + 1);
	else
		arm(scene, TAP_KILL, scene_threads_of(part),
		    point(calls_of(&tally->calls[step], part), i / TURNS, (rounds + TURNS - 1) / TURNS));
}

/* After every other kill of a step the start on what it left is killed, too. */
static void kill_again(struct tally *tally, struct scene *scene, int starts)
{
	static int i;

	if (starts == 0 && tally->passed[SCENE_RESTARTED] > 0)
		i = tally->passed[SCENE_RESTARTED] = 0; /* all were met: from the first call again */
	(void)killed_start(tally, scene, SCENE_RESTARTED, point(tally->calls[SCENE_RESTARTED].calls, i++, starts));
}

/* Every change goes through all steps, with a kill in each: from the *at-th change on, as many as a world takes. True:
 * that was the last of them. */
static bool kill_scene(struct tally *tally, struct scene *scene, int rounds, int *at)
{
	bool whole[SCENE_STEPS] = {false}, all_whole = false;
	int n = 0, end = *at + CHAPTER;

	for (int i = *at; i < end && (rounds == 0 ? !all_whole : i < rounds); i++) {
		*at = i + 1;
		all_whole = true;
		for (int step = 0; step < SCENE_STEPS; step++) {
			arm_step(tally, scene, step, i, rounds);
			scene_play(scene, (enum scene_step)step);
			if (note(tally, scene, step, scene_ended(scene))) {
				if (n++ % 2 == 0)
					kill_again(tally, scene, (rounds * SCENE_STEPS + 1) / 2);
				scene_restart(scene);
			} else {
				whole[step] = true;
			}
			scene_recover(scene);
			all_whole = all_whole && whole[step];
		}
	}
	return rounds == 0 ? all_whole : *at >= rounds;
}

/* In one world after the other; the last one goes on. */
static void kill_changes(struct tally *tally, struct scene *scene, int rounds)
{
	bool last = false;

	for (int at = 0; !last;) {
		scene_begin(scene);
		if (at == 0)
			measure(tally, scene);
		last = kill_scene(tally, scene, rounds, &at);
		ck_assert(rig_settle(&scene->rig, 6000)); /* longer than the workers sleep with nothing to do */
		scene_recover(scene);
		tally->verdicts += scene->verdicts;
		tally->redelivered += scene->redelivered;
		tally->changes += scene->changes;
		if (!last)
			scene_end(scene);
	}
}

/* ---- a start in an empty directory ---- */

/* It has no work and no repository: what it must do is start, and have a whole database. */
static void kill_empty(struct tally *tally, struct scene *scene, int kills)
{
	rig_agent_kill(&scene->rig);
	scene_forget(scene);
	arm(scene, TAP_COUNT, 0, 0);
	ck_assert(rig_agent_try(&scene->rig));
	tally->calls[SCENE_EMPTY] = tap_disarm(scene->tap);
	rig_agent_kill(&scene->rig);
	for (int i = 0; kills == 0 ? tally->passed[SCENE_EMPTY] == 0 : i < kills; i++) {
		scene_forget(scene);
		if (!killed_start(tally, scene, SCENE_EMPTY, point(tally->calls[SCENE_EMPTY].calls, i, kills)))
			continue;
		scene_restart(scene);
		ck_assert_int_eq(scene_owed(scene), 0);
		rig_agent_kill(&scene->rig);
	}
}

START_TEST(a_kill_at_any_system_call_loses_nothing_and_allows_nothing)
{
	int kills = asked(), empty = kills / SHARE_OF_EMPTY, done;
	int64_t began = rig_now();
	struct tally tally = {.passed = {0}};
	struct scene scene;

	kill_changes(&tally, &scene, kills == 0 ? 0 : rounds_of(kills - empty));
	kill_empty(&tally, &scene, empty);
	done = print(&tally, rig_now() - began);
	ck_assert_msg(done >= kills * 6 / 10, "%d kills of about %d", done, kills);
	for (int path = 0; path < SCENE_PATHS; path++)
		ck_assert_msg(kills_of_path(&tally, path) > 0, "no kill in %s", scene_path(path));
	ck_assert_int_gt(kills_of_part(&tally, SCENE_ACCEPT), 0);
	ck_assert_int_gt(kills_of_part(&tally, SCENE_COMMIT), 0);
	ck_assert_int_gt(kills_of_part(&tally, SCENE_JUDGE), 0);
	ck_assert_int_gt(kills_of_part(&tally, SCENE_POST), 0);
	scene_end(&scene);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(a_kill_at_any_system_call_loses_nothing_and_allows_nothing, 600),
	SUITE_END,
};

SUITE_MAIN(tests)
