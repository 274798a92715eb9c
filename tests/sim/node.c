/*
 * Nodes: processes that run the product's workers. A crash is a kill -9 between two port calls: from then on every port
 * of that life refuses and has no effect, so that its fibers unwind without touching anything.
 */
#include "tests/sim/sim.h"

#include <string.h>

#define CRASHES_MAX 6
#define PAUSES_MAX  4
#define STOP_MS     5000 /* longer than any transaction waits but for a stop */

static bool roll(struct sim *sim, unsigned chance)
{
	return !sim->healed && dice_permille(&sim->fate_dice, chance);
}

/* ---- the store, through one hand ---- */

static void perhaps_dies(struct hand *hand)
{
	struct sim *sim = hand->sim;

	if (sim->crashes < CRASHES_MAX && roll(sim, sim->swarm.crash)) {
		if (hand->part == PART_JUDGE || hand->part == PART_JUDGE_2)
			sim_once(sim, SOMETIMES_CRASH_JUDGING);
		if (hand->part == PART_RECEIVE)
			sim_once(sim, SOMETIMES_CRASH_RECEIVING);
		node_crash(hand->life->node);
	}
}

/* Often about as long as a request lives, or a lease. */
static int64_t stop_length(struct sim *sim)
{
	static const struct {
		uint32_t least, more;
	} lengths[] = {{25000, 35000}, {115000, 20000}, {1000, 240000}, {1000, 240000}};
	uint32_t i = dice_below(&sim->fate_dice, sizeof lengths / sizeof lengths[0]);

	return lengths[i].least + dice_below(&sim->fate_dice, lengths[i].more);
}

static void perhaps_stops(struct hand *hand)
{
	struct sim *sim = hand->sim;
	struct node *node = hand->life->node;

	if (sim->pauses < PAUSES_MAX && !hand->life->dead && roll(sim, sim->swarm.pause)) {
		sim->pauses++;
		node->paused_until = sim_now(sim) + stop_length(sim);
		sim_once(sim, SOMETIMES_PAUSED);
		sim_tell(sim, "node %u is stopped by a signal", node->index);
	}
}

bool node_alive(struct hand *hand)
{
	struct sim *sim = hand->sim;
	struct node *node = hand->life->node;

	perhaps_stops(hand);
	while (!hand->life->dead && !sim->healed && !sim->over && node->paused_until > sim_now(sim)) {
		hand->stopped = true;
		fiber_sleep(sim->fibers,
			    node->paused_until - sim_now(sim) < 5000 ? node->paused_until - sim_now(sim) : 5000);
	}
	return !hand->life->dead && !sim->over;
}

static bool dead(struct err *err)
{
	return err_set(err, ERR_BROKEN, "this process has died");
}

static bool hand_write(void *self, store_job *job, void *arg, struct err *err)
{
	struct hand *hand = self;
	struct sim *sim = hand->sim;
	struct store_exec inner;
	int64_t began = sim_now(sim);
	bool ok;

	fiber_yield(sim->fibers);
	if (!node_alive(hand))
		return dead(err);
	sim->ghost.late_clock = sim->ghost.late_clock || sim_now(sim) - began > STOP_MS;
	sim->step++;
	if (roll(sim, sim->swarm.disk_full)) {
		sim_once(sim, SOMETIMES_DISK_FULL);
		return err_set(err, ERR_LIMIT, "the disk is full");
	}
	inner = sim->stage->hand_exec(hand);
	ghost_writes(hand);
	ok = inner.write(inner.self, job, arg, err);
	if (ok)
		ghost_wrote(hand);
	perhaps_dies(hand);
	fiber_yield(sim->fibers);
	return hand->life->dead ? dead(err) : ok;
}

static bool hand_read(void *self, store_job *job, void *arg, struct err *err)
{
	struct hand *hand = self;
	struct store_exec inner = hand->sim->stage->hand_exec(hand);
	bool ok;

	fiber_yield(hand->sim->fibers);
	if (!node_alive(hand))
		return dead(err);
	hand->sim->step++;
	ok = inner.read(inner.self, job, arg, err);
	fiber_yield(hand->sim->fibers);
	return hand->life->dead ? dead(err) : ok;
}

static bool hand_later(void *self, struct store_later *later, struct err *err)
{
	struct err none = ERR_NONE;

	if (!hand_write(self, later->job, later->arg, err))
		return false;
	later->done(later, &none);
	return true;
}

/* ---- a life ---- */

static const char *const part_names[PARTS] = {"receive", "apply", "judge", "judge-b", "post", "sweep", "bugs"};

static void give_hands(struct life *life)
{
	struct node *node = life->node;

	for (int i = 0; i < PARTS; i++) {
		struct hand *hand = &life->hands[i];

		*hand = (struct hand){.sim = node->sim,
				      .life = life,
				      .part = (enum part)i,
				      .commit = NOBODY,
				      .air = NOBODY,
				      .out = NOBODY};
		(void)snprintf(hand->owner, sizeof hand->owner, "n%u.%u.%s", node->index, node->lives, part_names[i]);
		hand->store = (struct store){.exec = {hand, hand_write, hand_read, hand_later},
					     .limits = STORE_LIMITS_DEFAULT,
					     .context = TEXT_LIT(SIM_CONTEXT)};
		hand->store.limits.posts_max = node->sim->swarm.posts_max;
		hand->store.limits.bug_age_ms = (int64_t)node->sim->swarm.bug_age_s * 1000;
	}
	node->sim->stage->born(life);
	tracker_born(life);
}

int64_t node_now(const struct hand *hand)
{
	return sim_now(hand->sim) + hand->life->ahead;
}

static int64_t life_wall(void *self)
{
	const struct life *life = self;

	return sim_now(life->node->sim) + life->ahead;
}

static int64_t life_mono(void *self)
{
	const struct life *life = self;
	struct clock_port clock = fibers_clock(life->node->sim->fibers);

	return clock.mono(clock.self);
}

static struct worker worker_of(struct life *life, enum part part)
{
	struct hand *hand = &life->hands[part];

	return (struct worker){.store = &hand->store,
			       .clock = {life, life_wall, life_mono},
			       .wake = fiber_group_wake(&life->group),
			       .log = life->node->sim->details ? &life->node->sim->log : NULL,
			       .owner = hand->owner};
}

static const struct text governed[] = {{"o/r", 3}};

static void give_work(struct life *life)
{
	struct gather_config gather = {.policy_path = TEXT_LIT(".headgate.yml"),
				       .defaults = {.approvals = 2},
				       .max_commits = 1000,
				       .max_paths = 1000,
				       .deadline_ms = 60000,
				       .fetch_ms = 60000,
				       .context = TEXT_LIT(SIM_CONTEXT)};
	struct worker receive = worker_of(life, PART_RECEIVE);

	life->receive = (struct receive){.store = receive.store, .clock = receive.clock, .wake = receive.wake};
	life->applier = (struct applier){worker_of(life, PART_APPLY), 3};
	for (int i = 0; i < 2; i++) {
		struct hand *hand = &life->hands[PART_JUDGE + i];

		life->judges[i] = (struct judge){.worker = worker_of(life, (enum part)(PART_JUDGE + i)),
						 .config = gather,
						 .forge = &hand->forge,
						 .mirror = &hand->mirror,
						 .attempts_max = 6,
						 .bugs = tracker_of(hand),
						 .tick_ms = (int64_t)life->node->sim->swarm.bug_tick_s * 1000};
	}
	life->poster = (struct poster){worker_of(life, PART_POST), &life->hands[PART_POST].forge,
				       TEXT_LIT("http://gate.test"), 10000, 0};
	life->sweeper = (struct sweeper){.worker = worker_of(life, PART_SWEEP),
					 .forge = &life->hands[PART_SWEEP].forge,
					 .every_ms = SIM_SWEEP_MS,
					 .deadline_ms = 10000,
					 .repositories = governed,
					 .n_repositories = 1};
}

static void run_apply(void *arg)
{
	applier_run(arg);
}
static void run_judge(void *arg)
{
	judge_run(arg);
}
static void run_post(void *arg)
{
	poster_run(arg);
}

static void run_sweep(void *arg)
{
	sweeper_run(arg);
}

static void run_bugs(void *arg)
{
	bugs_worker_run(arg);
}

/* What serve does first, in the one process that there is. */
static void begin_alone(struct life *life)
{
	struct sim *sim = life->node->sim;
	struct store plain = life->hands[PART_JUDGE].store;
	struct err err = ERR_NONE;
	int64_t now = node_now(&life->hands[PART_POST]);

	plain.exec = sim->stage->exec(sim);
	if (sim->swarm.nodes == 1 && (!store_end_leases(&plain, now, &err) || !store_restart_posts(&plain, now, &err) ||
				      !tracker_begins(life, &plain, &err)))
		sim_break(sim, "what the last life left cannot be taken over: %s", err.text);
}

/* Of a life's clock. Several processes are held to one time; a single one may begin with a later one than the last.
 * What waits for a time of a clock that went back waits for two hours at most (test_store_faults), longer than a
 * history. */
static int64_t clock_error(const struct life *life)
{
	struct sim *sim = life->node->sim;
	uint32_t most = sim->swarm.nodes == 1 ? sim->swarm.skew_s * 1000 : 0;
	int64_t last = life->older ? life->older->ahead : 0;

	return most > 0 ? last + dice_below(&sim->fate_dice, most) : 0;
}

void node_start(struct node *node)
{
	struct sim *sim = node->sim;
	struct life *life = calloc(1, sizeof *life);

	if (!life)
		abort();
	*life = (struct life){.node = node, .older = sim->lives, .group = {.fibers = sim->fibers}};
	sim->lives = node->life = life;
	node->lives++;
	life->ahead = clock_error(life);
	give_hands(life);
	give_work(life);
	begin_alone(life);
	if (node->has[PART_APPLY])
		fibers_add(sim->fibers, "apply", run_apply, &life->applier);
	for (unsigned i = 0; i < sim->swarm.judges && node->has[PART_JUDGE]; i++)
		fibers_add(sim->fibers, "judge", run_judge, &life->judges[i]);
	if (node->has[PART_POST])
		fibers_add(sim->fibers, "post", run_post, &life->poster);
	if (node->has[PART_SWEEP] && !sim->swarm.sweepless)
		fibers_add(sim->fibers, "sweep", run_sweep, &life->sweeper);
	if (node->has[PART_BUGS] && life->tracked) {
		struct worker worker = worker_of(life, PART_BUGS);

		fibers_add(sim->fibers, "bugs", run_bugs, tracker_worker(life, &worker));
	}
}

void node_crash(struct node *node)
{
	struct sim *sim = node->sim;

	if (!node->life)
		return;
	sim_tell(sim, "node %u dies", node->index);
	sim_once(sim, SOMETIMES_CRASH);
	sim->crashes++;
	node->life->dead = true;
	fiber_group_stop(&node->life->group);
	if (sim->stage->crashed)
		sim->stage->crashed(node->life);
	node->life = NULL;
	node->paused_until = 0;
	node->restart_at = sim_now(sim) + 100 + dice_below(&sim->fate_dice, 40000);
}

struct life *node_taker(struct sim *sim, enum part part)
{
	struct life *found[SIM_NODES];
	uint32_t n = 0;

	for (unsigned i = 0; i < sim->swarm.nodes; i++) {
		struct node *node = &sim->nodes[i];

		if (node->life && node->has[part] && node->paused_until <= sim_now(sim))
			found[n++] = node->life;
	}
	return n ? found[dice_below(&sim->fate_dice, n)] : NULL;
}

/* An operator gives whoever was refused another key, which takes a restart. */
static void renew_keys(struct sim *sim)
{
	for (unsigned i = 0; i < sim->swarm.nodes; i++)
		if (sim->nodes[i].life && tracker_refuses(sim->nodes[i].life))
			node_crash(&sim->nodes[i]);
}

/* The supervisor: starts again what has died. */
static void supervise(void *arg)
{
	struct sim *sim = arg;

	while (!sim->over) {
		ghost_tick(sim);
		renew_keys(sim);
		for (unsigned i = 0; i < sim->swarm.nodes; i++)
			if (!sim->nodes[i].life && sim->nodes[i].restart_at <= sim_now(sim)) {
				sim_tell(sim, "node %u starts", i);
				node_start(&sim->nodes[i]);
			}
		fiber_sleep(sim->fibers, sim->healed ? 5000 : 250);
	}
}

void node_heal(struct sim *sim)
{
	for (unsigned i = 0; i < sim->swarm.nodes; i++)
		sim->nodes[i].restart_at = sim->nodes[i].paused_until = 0;
}

void node_begin(struct sim *sim)
{
	for (unsigned i = 0; i < sim->swarm.nodes; i++) {
		struct node *node = &sim->nodes[i];

		*node = (struct node){.sim = sim, .index = i};
		for (int p = 0; p < PARTS; p++)
			node->has[p] = !sim->swarm.split || p % (int)sim->swarm.nodes == (int)i;
		node->has[PART_JUDGE_2] = node->has[PART_JUDGE];
		node_start(node);
	}
	if (sim->swarm.nodes > 1)
		sim_once(sim, SOMETIMES_NODES);
	fibers_add(sim->fibers, "supervisor", supervise, sim);
}

void node_end(struct sim *sim)
{
	while (sim->lives) {
		struct life *life = sim->lives;

		sim->lives = life->older;
		sim->stage->died(life);
		tracker_died(life);
		free(life);
	}
}
