/*
 * headgate-sim: runs simulated histories, one per seed, in several processes; says what was reached; and when an
 * invariant is broken, shrinks that history and tells it.
 *
 *   headgate-sim [--stage broad|deep] [--from N] [--seeds N] [--seconds N] [--jobs N] [--least N] [--keep-going]
 *   headgate-sim --seed N [--trace|--details]     one history again, byte for byte
 * --keep-going runs all the seeds whatever breaks, and tells one history of each kind. --set KNOB=N gives every history
 * that knob of swarm.c: to look for something.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/shrink.h"

#define JOBS_MAX  64
#define KINDS_MAX 8 /* broken histories that are told, each with another message */

struct options {
	const struct stage *stage;
	uint64_t from, seeds, least, seed;
	unsigned seconds, jobs;
	bool one, trace, details, keep_going;
};

struct broken {
	uint64_t seed;
	char kind[160]; /* the message without its numbers */
};

struct share { /* of one process, in memory that all see */
	uint64_t now, done, steps, violations;
	int64_t virtual_ms;
	struct broken kinds[KINDS_MAX];
	size_t n_kinds;
	struct sometimes_counts counts;
};

static const struct {
	const char *name;
	const struct stage *stage;
} stages[] = {{"broad", &stage_broad}, {"deep", &stage_deep}};

static const struct stage *stage_of(const char *name)
{
	for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
		if (strcmp(stages[i].name, name) == 0)
			return stages[i].stage;
	(void)fprintf(stderr, "headgate-sim: no stage \"%s\"\n", name);
	exit(2);
}

static int64_t seconds_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static struct broken broken_of(uint64_t seed, const char *message)
{
	struct broken broken = {.seed = seed};
	size_t n = 0;

	for (; *message != '\0' && n + 1 < sizeof broken.kind; message++)
		if (*message < '0' || *message > '9')
			broken.kind[n++] = *message;
	return broken;
}

static void keep_kind(struct share *share, const struct broken *broken)
{
	for (size_t i = 0; i < share->n_kinds; i++)
		if (strcmp(share->kinds[i].kind, broken->kind) == 0)
			return;
	if (share->n_kinds < KINDS_MAX)
		share->kinds[share->n_kinds++] = *broken;
}

/* True: on to the next seed. */
static bool run_seed(const struct options *options, uint64_t seed, struct share *share)
{
	struct broken broken;
	struct sim_order order = sim_order_of(seed, options->stage);
	struct sim_result result;

	share->now = seed;
	sim_run(&order, &share->counts, &result);
	share->done++;
	share->steps += result.steps;
	share->virtual_ms += result.virtual_ms;
	if (!result.broken[0])
		return true;
	broken = broken_of(seed, result.broken);
	keep_kind(share, &broken);
	share->violations++;
	if (options->keep_going) /* said at once: such a run may take an hour */
		(void)dprintf(STDOUT_FILENO, "seed %llu: %s\n", (unsigned long long)seed, result.broken);
	return options->keep_going;
}

static void work(const struct options *options, unsigned job, struct share *share)
{
	int64_t until = options->seconds ? seconds_now() + options->seconds : INT64_MAX;

	for (uint64_t i = job; i < options->seeds && seconds_now() < until; i += options->jobs)
		if (!run_seed(options, options->from + i, share))
			break;
}

/* The processes; false when one ended by a signal. */
static bool run_all(const struct options *options, struct share *shares)
{
	bool ok = true;
	int status;

	(void)fflush(NULL);
	for (unsigned j = 0; j < options->jobs; j++)
		if (fork() == 0) {
			work(options, j, &shares[j]);
			_exit(0);
		}
	while (wait(&status) > 0)
		ok = ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	return ok;
}

static void summary(const struct options *options, const struct share *all, double took)
{
	(void)printf("%s: %llu histories from seed %llu, %.0f events each, %.0f virtual seconds each, %.1f s, %.0f "
		     "histories/s\n",
		     options->stage->name, (unsigned long long)all->done, (unsigned long long)options->from,
		     (double)all->steps / (double)(all->done ? all->done : 1),
		     (double)all->virtual_ms / 1000 / (double)(all->done ? all->done : 1), took,
		     (double)all->done / (took > 0.01 ? took : 0.01));
}

static int tell(const struct options *options, uint64_t seed)
{
	struct sim_order order = sim_order_of(seed, options->stage);
	struct sim_result result;

	order.trace = options->trace || options->details ? stdout : NULL;
	order.details = options->details;
	sim_run(&order, NULL, &result);
	(void)printf("seed %llu, schedule %016llx, %llu events: %s\n", (unsigned long long)seed,
		     (unsigned long long)result.hash, (unsigned long long)result.steps,
		     result.broken[0] ? result.broken : "all invariants held");
	return result.broken[0] ? 1 : 0;
}

static unsigned rare(const struct options *options, const struct share *all)
{
	static const struct sometimes_part broad = {0, SOMETIMES_DEEP}, deep = {0, SOMETIMES_TRACKER},
					   tracker = {SOMETIMES_TRACKER, SOMETIMES_KINDS};
	struct swarm swarm = swarm_of(options->from);
	unsigned n = sometimes_print(&all->counts, options->stage->crashed ? deep : broad, options->least, stdout);

	if (swarm.trackers)
		n += sometimes_print(&all->counts, tracker, options->least, stdout);
	return n;
}

/* One history of each kind; the first that was met when the run stopped there. */
static int judge(const struct options *options, struct share *shares, struct share *all, bool ok)
{
	for (unsigned j = 0; j < options->jobs; j++)
		for (size_t i = 0; i < shares[j].n_kinds; i++)
			keep_kind(all, &shares[j].kinds[i]);
	for (size_t i = 0; i < all->n_kinds && (i == 0 || options->keep_going); i++)
		shrink_and_tell(all->kinds[i].seed, options->stage, stdout);
	for (unsigned j = 0; !ok && j < options->jobs; j++)
		(void)printf("a process died; seeds under way: %llu\n", (unsigned long long)shares[j].now);
	return ok && all->n_kinds == 0 ? 0 : 1;
}

static int campaign(const struct options *options)
{
	struct share *shares = mmap(NULL, (options->jobs + 1) * sizeof *shares, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct share *all = &shares[options->jobs];
	struct timespec began, ended;
	int code;

	if (shares == MAP_FAILED)
		abort();
	(void)clock_gettime(CLOCK_MONOTONIC, &began);
	code = judge(options, shares, all, run_all(options, shares));
	(void)clock_gettime(CLOCK_MONOTONIC, &ended);
	for (unsigned j = 0; j < options->jobs; j++) {
		all->done += shares[j].done;
		all->steps += shares[j].steps;
		all->violations += shares[j].violations;
		all->virtual_ms += shares[j].virtual_ms;
		sometimes_add(&all->counts, &shares[j].counts);
	}
	summary(options, all, (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9);
	if (options->least && rare(options, all) > 0) {
		(void)printf("too rare: a situation was met less than %llu times\n",
			     (unsigned long long)options->least);
		code = 1;
	}
	(void)printf("violations: %llu%s\n", (unsigned long long)all->violations, code ? ", see above" : "");
	return code;
}

static uint64_t number(const char *text)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0') {
		(void)fprintf(stderr, "headgate-sim: \"%s\" is no number\n", text);
		exit(2);
	}
	return n;
}

static const struct option longs[] = {
	{"stage", required_argument, NULL, 'g'}, {"from", required_argument, NULL, 'f'},
	{"seeds", required_argument, NULL, 'n'}, {"seconds", required_argument, NULL, 't'},
	{"jobs", required_argument, NULL, 'j'},  {"least", required_argument, NULL, 'l'},
	{"keep-going", no_argument, NULL, 'c'},  {"seed", required_argument, NULL, 's'},
	{"trace", no_argument, NULL, 'r'},       {"details", no_argument, NULL, 'd'},
	{"set", required_argument, NULL, 'k'},   {NULL, 0, NULL, 0},
};

static bool take(struct options *options, int option)
{
	switch (option) {
	case 'g':
		options->stage = stage_of(optarg);
		return true;
	case 'f':
		options->from = number(optarg);
		return true;
	case 'n':
		options->seeds = number(optarg);
		return true;
	case 't':
		options->seconds = (unsigned)number(optarg);
		return true;
	case 'j':
		options->jobs = (unsigned)number(optarg);
		return options->jobs >= 1 && options->jobs <= JOBS_MAX;
	case 'l':
		options->least = number(optarg);
		return true;
	case 'c':
		options->keep_going = true;
		return true;
	case 's':
		options->seed = number(optarg);
		options->one = true;
		return true;
	case 'k':
		return swarm_force(optarg);
	case 'r':
		options->trace = true;
		return true;
	case 'd':
		options->details = true;
		return true;
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	struct options options = {.stage = &stage_broad, .from = 1, .seeds = 1000, .jobs = 2};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if (!take(&options, option)) {
			(void)fprintf(stderr,
				      "usage: headgate-sim [--stage broad|deep] [--from N] [--seeds N] [--seconds N] "
				      "[--jobs N] [--least N] [--keep-going] [--set KNOB=N] | "
				      "--seed N [--trace|--details]\n");
			return 2;
		}
	return options.one ? tell(&options, options.seed) : campaign(&options);
}
