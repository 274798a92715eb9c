#include "agent/work/crew.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/work/bugs_worker.h"
#include "agent/work/hands.h"
#include "agent/work/pulse.h"
#include "agent/work/sweep.h"
#include "agent/work/trackers.h"
#include "agent/work/trees.h"

#define JUDGES_MAX   64
#define ATTEMPTS_MAX 6
#define APPLY_BATCH  500
#define OWNER_BYTES  64
#define STILL_MS     60000   /* beyond all deadlines together */
#define WHOLE_MS     3600000 /* longer than any work: the caller will free what they use */

struct hand { /* one thread */
	pthread_t thread;
	bool running;
	atomic_bool over;
	void *(*run)(void *);
	const char *role;
	struct pulse pulse;
	char owner[OWNER_BYTES];
	struct hands hands;
	struct tracker_hands trackers;
	struct table_store table;
	union {
		struct applier applier;
		struct judge judge;
		struct poster poster;
		struct sweeper sweeper;
		struct tree_watcher trees;
		struct bugs_worker bugs;
	} as;
};

struct crew {
	struct wake_threads *wake;
	int64_t still_max_ms;
	struct hands_shared shared;
	struct hands_gate paces[2];
	struct gate gates[2]; /* by pace_kind */
	size_t n;
	struct hand hands[JUDGES_MAX + 4 + CONFIG_TRACKERS_MAX]; /* and the applier, the poster, the sweeper, trees */
};

static void *run_applier(void *arg)
{
	applier_run(&((struct hand *)arg)->as.applier);
	return NULL;
}

static void *run_judge(void *arg)
{
	judge_run(&((struct hand *)arg)->as.judge);
	return NULL;
}

static void *run_poster(void *arg)
{
	poster_run(&((struct hand *)arg)->as.poster);
	return NULL;
}

static void *run_sweeper(void *arg)
{
	sweeper_run(&((struct hand *)arg)->as.sweeper);
	return NULL;
}

static void *run_trees(void *arg)
{
	tree_watcher_run(&((struct hand *)arg)->as.trees);
	return NULL;
}

static void *run_bugs(void *arg)
{
	bugs_worker_run(&((struct hand *)arg)->as.bugs);
	return NULL;
}

/* A lease's name: this process start and this worker, so that a restarted one never takes itself for its predecessor.
 */
static struct worker worker_of(const struct crew_plan *plan, struct hand *hand, const char *role, size_t i)
{
	(void)snprintf(hand->owner, sizeof hand->owner, "%s-%zu-%ld-%lld", role, i, (long)getpid(),
		       (long long)plan->clock.wall(plan->clock.self));
	hand->role = role;
	pulse_begin(&hand->pulse, plan->clock, wake_threads_port(plan->wake));
	return (struct worker){
		.store = plan->store,
		.clock = pulse_clock(&hand->pulse),
		.wake = pulse_wake(&hand->pulse),
		.log = plan->log,
		.metrics = plan->metrics,
		.owner = hand->owner,
	};
}

/* That it is over is said, and looked at by who joined it: not every checker of threads knows pthread_clockjoin_np. */
static void *run_hand(void *arg)
{
	struct hand *hand = arg;

	(void)hand->run(hand);
	atomic_store(&hand->over, true);
	return NULL;
}

/* Everybody's tools are made before anybody runs: http.h asks for it. */
static bool start_all(struct crew *crew, struct err *err)
{
	for (size_t i = 0; i < crew->n; i++) {
		struct hand *hand = &crew->hands[i];

		if (pthread_create(&hand->thread, NULL, run_hand, hand) != 0)
			return err_set(err, ERR_LIMIT, "no thread for a worker");
		hand->running = true;
	}
	return true;
}

static void hire_applier(struct crew *crew, const struct crew_plan *plan)
{
	struct hand *hand = &crew->hands[crew->n++];

	hand->run = run_applier;
	hand->as.applier = (struct applier){worker_of(plan, hand, "apply", 0), APPLY_BATCH};
}

static struct worker gated(struct worker worker, const struct gate *gate)
{
	worker.gate = gate;
	return worker;
}

static void build_gates(struct crew *crew)
{
	for (enum pace_kind kind = PACE_READ; kind <= PACE_WRITE; kind++) {
		crew->paces[kind] = (struct hands_gate){crew->shared.pace, kind};
		crew->gates[kind] = (struct gate){&crew->paces[kind], hands_gate_open};
	}
}

static bool equip(struct crew *crew, const struct crew_plan *plan, struct hand *hand, const char *mirrors,
		  struct err *err)
{
	struct hands_plan tools = {plan->config, &crew->shared, pulse_clock(&hand->pulse), mirrors};

	return hands_init(&hand->hands, &tools, err);
}

static bool hire_judge(struct crew *crew, const struct crew_plan *plan, size_t i, struct err *err)
{
	struct hand *hand = &crew->hands[crew->n++];

	hand->run = run_judge;
	hand->as.judge = (struct judge){
		.worker = gated(worker_of(plan, hand, "judge", i), &crew->gates[PACE_READ]),
		.config = hands_gather_config(plan->config),
		.forge = &hand->hands.forge,
		.mirror = &hand->hands.mirror,
		.attempts_max = ATTEMPTS_MAX,
		.bugs = &hand->trackers.all,
		.tick_ms = plan->config->bugs.tick_ms,
	};
	return equip(crew, plan, hand, plan->mirrors, err) && tracker_hands_init(&hand->trackers, plan->trackers, err);
}

static bool hire_poster(struct crew *crew, const struct crew_plan *plan, struct err *err)
{
	struct hand *hand = &crew->hands[crew->n++];

	hand->run = run_poster;
	hand->as.poster = (struct poster){
		.worker = gated(worker_of(plan, hand, "post", 0), &crew->gates[PACE_WRITE]),
		.forge = &hand->hands.forge,
		.public_url = plan->config->public_url,
		.post_deadline_ms = plan->config->limits.post_deadline_ms,
	};
	return equip(crew, plan, hand, NULL, err);
}

static bool hire_sweeper(struct crew *crew, const struct crew_plan *plan, struct err *err)
{
	struct hand *hand = &crew->hands[crew->n++];

	hand->run = run_sweeper;
	hand->as.sweeper = (struct sweeper){
		.worker = worker_of(plan, hand, "sweep", 0),
		.forge = &hand->hands.forge,
		.every_ms = plan->config->sweep.every_ms,
		.deadline_ms = plan->config->limits.forge_deadline_ms,
		.repositories = plan->config->repositories.at,
		.n_repositories = plan->config->repositories.n,
		.installation = plan->config->forge.installation,
	};
	return equip(crew, plan, hand, NULL, err);
}

/* It asks the forge for nothing: an http handle is all it has. */
static bool hire_trees(struct crew *crew, const struct crew_plan *plan, struct err *err)
{
	struct http_curl_config http = {NULL, NULL};
	struct hand *hand;

	if (plan->config->trees.url.len == 0)
		return true;
	hand = &crew->hands[crew->n++];
	hand->run = run_trees;
	hand->hands.http = http_curl_new(&http, err);
	if (!hand->hands.http)
		return false;
	hand->as.trees = (struct tree_watcher){
		.worker = worker_of(plan, hand, "trees", 0),
		.treestatus = {http_curl_port(hand->hands.http), plan->config->trees.url},
		.every_ms = plan->config->trees.every_ms,
		.max_age_ms = plan->config->trees.max_age_ms,
		.deadline_ms = plan->config->limits.forge_deadline_ms,
	};
	return true;
}

static bool hire_for_bugs(struct crew *crew, const struct crew_plan *plan, size_t i, struct err *err)
{
	struct hand *hand = &crew->hands[crew->n++];

	hand->run = run_bugs;
	hand->table = trackers_store(plan->trackers, i);
	hand->as.bugs = (struct bugs_worker){
		.worker = worker_of(plan, hand, "bugs", i),
		.source = &hand->trackers.sources[i],
		.disk = &hand->table,
		.ask = trackers_ask(plan->trackers, i),
		.deadline_ms = plan->config->limits.forge_deadline_ms,
		.poll_ms = plan->config->bugs.poll_ms,
		.hooked = plan->config->trackers.at[i].webhook_secret_file.len > 0,
	};
	if (!tracker_hands_init(&hand->trackers, plan->trackers, err))
		return false;
	tracker_hands_keep(&hand->trackers);
	return true;
}

/* Longer than anything one of them does between two looks at the clock. */
static int64_t still_max(const struct config *config)
{
	return config->limits.gather_deadline_ms + config->limits.forge_deadline_ms + config->limits.post_deadline_ms +
	       config->mirror.deadline_ms + STILL_MS;
}

struct crew *crew_start(const struct crew_plan *plan, struct err *err)
{
	struct crew *crew = calloc(1, sizeof *crew);
	struct access_ports ports = {plan->clock, plan->wall, wake_threads_port(plan->wake)};
	bool ok;

	if (!crew) {
		(void)err_set(err, ERR_LIMIT, "no memory for the workers");
		return NULL;
	}
	crew->wake = plan->wake;
	crew->still_max_ms = still_max(plan->config);
	hire_applier(crew, plan);
	crew->shared.metrics = plan->metrics;
	ok = hands_share(&crew->shared, plan->config, &ports, err);
	build_gates(crew);
	ok = ok && hire_poster(crew, plan, err) && hire_sweeper(crew, plan, err) && hire_trees(crew, plan, err);
	for (size_t i = 0; ok && i < (size_t)plan->config->workers.judge && i < JUDGES_MAX; i++)
		ok = hire_judge(crew, plan, i, err);
	for (size_t i = 0; ok && i < trackers_count(plan->trackers); i++)
		ok = hire_for_bugs(crew, plan, i, err);
	if (ok && start_all(crew, err))
		return crew;
	(void)crew_stop(crew, WHOLE_MS);
	return NULL;
}

struct access *crew_access(struct crew *crew)
{
	return crew->shared.access;
}

const char *crew_stuck(struct crew *crew)
{
	for (size_t i = 0; i < crew->n; i++)
		if (pulse_still_ms(&crew->hands[i].pulse) > crew->still_max_ms)
			return crew->hands[i].role;
	return NULL;
}

static bool joined(struct crew *crew, int64_t finish_ms)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += finish_ms / 1000;
	until.tv_nsec += finish_ms % 1000 * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	for (size_t i = 0; i < crew->n; i++)
		if (crew->hands[i].running &&
		    (pthread_clockjoin_np(crew->hands[i].thread, NULL, CLOCK_MONOTONIC, &until) != 0 ||
		     !atomic_load(&crew->hands[i].over)))
			return false;
	return true;
}

bool crew_stop(struct crew *crew, int64_t finish_ms)
{
	if (!crew)
		return true;
	wake_threads_stop(crew->wake);
	if (!joined(crew, finish_ms))
		return false;
	for (size_t i = 0; i < sizeof crew->hands / sizeof crew->hands[0]; i++) {
		hands_release(&crew->hands[i].hands);
		tracker_hands_release(&crew->hands[i].trackers);
	}
	hands_shared_release(&crew->shared);
	free(crew);
	return true;
}
