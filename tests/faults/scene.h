/*
 * scene: what the programs are put through while they are killed or their disk fails, and what must hold afterwards.
 * A rig whose agent a tap follows; changes that go, one after another, through five steps: opened, approved, approved
 * again, one approval dismissed, pushed. After each step the forge must come to hold exactly one right answer.
 *
 * scene_recover is the promise: the agent runs, all that it had not answered 202 is delivered again, and then every
 * 202 is found in the journal once, no success stands where the policy does not hold, the statuses become right,
 * nothing more is posted, and the hash chain holds. A failure fails the Check test.
 */
#ifndef TESTS_FAULTS_SCENE_H
#define TESTS_FAULTS_SCENE_H

#include "tests/faults/tap.h"
#include "tests/support/rig.h"

enum scene_step { SCENE_OPENED = 0, SCENE_APPROVED, SCENE_ALLOWED, SCENE_DISMISSED, SCENE_PUSHED, SCENE_STEPS };
/* What a fault is put into: a step, a start on the state that is there, a start in an empty directory. */
enum { SCENE_RESTARTED = SCENE_STEPS, SCENE_EMPTY, SCENE_PATHS };
const char *scene_path(int path);

/* Who made a call, by the order in which serve makes its threads. */
enum scene_part {
	SCENE_MAIN = 0, /* start-up and stop */
	SCENE_COMMIT,   /* the only writer of the store, for all */
	SCENE_APPLY,
	SCENE_POST,
	SCENE_SWEEP,
	SCENE_JUDGE,
	SCENE_SHOW,   /* control socket and operator's port */
	SCENE_ACCEPT, /* the public port */
	SCENE_PARTS
};
extern const char *const scene_parts[SCENE_PARTS];
enum scene_part scene_part_of(unsigned thread);
uint32_t scene_threads_of(enum scene_part part); /* as tap_plan.threads */

struct scene {
	struct rig rig;
	struct tap *tap;
	int changes; /* opened so far; the last is the one that is played with */
	json_int_t number, review;
	char head[41], old[41]; /* old: before the push, "" until then */
	enum scene_step step;   /* the last that was played */
	json_int_t mark;        /* the world's log before it */
	bool fresh;             /* pushed, and the second has not turned since */
	json_t *told;           /* guid: was it answered 202 */
	size_t log_at;          /* entries of the log that are in told */
	int64_t verdicts;       /* that the hash chain had when it was last looked at */
	int64_t redelivered;
};

/* Both programs run, one repository, nothing opened. No permission to trace fails the test, and says so. */
void scene_begin(struct scene *scene);
void scene_end(struct scene *scene);

/* The acts of a step. SCENE_OPENED opens the next change. */
void scene_play(struct scene *scene, enum scene_step step);
/* The agent starts on the state that is there; it must become ready at once. */
void scene_restart(struct scene *scene);
/* The state directory goes, of an agent that does not run. */
void scene_forget(struct scene *scene);
/* Are the statuses right, and is nothing owed? The agent runs. */
bool scene_done(struct scene *scene);
/* Waits until the agent has ended, true, or all is done, false. */
bool scene_ended(struct scene *scene);
/* See above. The agent runs. */
void scene_recover(struct scene *scene);

/* Parts of it. What was delivered and not answered 202 is sent again, in its order; how many. */
int scene_redeliver(struct scene *scene);
/* Every row of work that the store still owes. */
int64_t scene_owed(struct scene *scene);

#endif
