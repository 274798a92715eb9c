/*
 * headgate-sim-mutants: the simulator over the woven sources, to see that it catches each removed defence.
 *
 *   headgate-sim-mutants --search SECONDS [--only NAME]   a seed for each mutant, as lines of a seeds file
 *   headgate-sim-mutants --check FILE                     each recorded seed breaks with its mutant, and not without
 *   headgate-sim-mutants --seed N --only NAME             the history that this mutant breaks, shrunk
 *   --jobs N   processes at once; --set KNOB=N   instead of a mutant's own swarm, to look for one
 *
 * Every mutant of the catalogue must stand in the file, but those that say `by: units`: their tests are asked by
 * mutants.red. One that nobody catches fails the check. A mutant's histories have the knobs that its file names under
 * `swarm:`, with it and without.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/mutants/mutant.h"
#include "tests/sim/shrink.h"

#define NAME_ROOM 64

struct options {
	const char *only, *file; /* file: to check; NULL: search */
	unsigned limit, jobs;    /* limit: CPU seconds for each mutant */
	uint64_t seed;           /* to be told; 0: none */
	bool set;                /* another swarm than the mutants' own */
};

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* what a busy machine and an idle one have in common */
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const struct stage *stage_of(const char *name)
{
	static const struct stage *const stages[] = {&stage_broad};

	for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
		if (strcmp(stages[i]->name, name) == 0)
			return stages[i];
	return NULL;
}

static void choose(const char *name)
{
	struct err err = ERR_NONE;

	if (mutant_select(name, &err))
		return;
	(void)fprintf(stderr, "headgate-sim-mutants: %s\n", err.text);
	exit(2);
}

/* What its file says that its histories need. This process runs no others. */
static void arm(const struct mutant *mutant)
{
	char words[512], *next = words, *word;

	(void)snprintf(words, sizeof words, "%s", mutant->swarm);
	while ((word = strsep(&next, " ")) != NULL)
		if (*word && !swarm_force(word)) {
			(void)fprintf(stderr, "headgate-sim-mutants: %s: no knob \"%s\"\n", mutant->name, word);
			exit(2);
		}
}

static bool seen_by_units(const struct mutant *mutant)
{
	return strcmp(mutant->by, "units") == 0;
}

static bool breaks(uint64_t seed, const struct stage *stage, struct sim_result *result)
{
	struct sim_order order = sim_order_of(seed, stage);

	sim_run(&order, NULL, result);
	return result->broken[0] != '\0';
}

/* ---- search ---- */

static int look_for(const struct mutant *mutant, const struct options *options)
{
	double began = seconds();
	struct sim_result result, without;
	uint64_t seed = 1;

	if (!options->set)
		arm(mutant);
	for (; seconds() - began < options->limit; seed++) {
		choose(mutant->name);
		if (!breaks(seed, &stage_broad, &result))
			continue;
		choose(NULL);
		if (!breaks(seed, &stage_broad, &without)) {
			(void)printf("%s broad %llu # %.1f s: %s\n", mutant->name, (unsigned long long)seed,
				     seconds() - began, result.broken);
			(void)fflush(stdout);
			return 0;
		}
		(void)printf("# seed %llu breaks without a mutant: %s\n", (unsigned long long)seed, without.broken);
	}
	(void)printf("# %s survives %u s, %llu histories\n", mutant->name, options->limit,
		     (unsigned long long)seed - 1);
	(void)fflush(stdout);
	return 1;
}

static void leave(int code)
{
	(void)fflush(NULL);
	_exit(code);
}

/* Runs each mutant in a process of its own: a mutant may crash, and which one is on is chosen once. */
static int in_processes(int (*run)(const struct mutant *, const struct options *), const struct options *options)
{
	const char *only = options->only;
	int failed = 0, running = 0, status;

	(void)fflush(NULL);
	for (size_t i = 0; i < mutant_count || running > 0;) {
		bool left = i < mutant_count, wanted = left && (!only || strcmp(only, mutant_list[i].name) == 0);

		if (left && !wanted) {
			i++;
			continue;
		}
		if (left && running < (int)options->jobs) {
			if (fork() == 0)
				leave(run(&mutant_list[i], options));
			running++;
			i++;
			continue;
		}
		if (wait(&status) < 0)
			break;
		running--;
		failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	}
	return failed;
}

static int search_one(const struct mutant *mutant, const struct options *options)
{
	return seen_by_units(mutant) && !options->only ? 0 : look_for(mutant, options);
}

/* ---- check ---- */

static bool seed_of(const char *file, const char *name, uint64_t *ret_seed, const struct stage **ret_stage)
{
	FILE *in = fopen(file, "r");
	char line[512], is[NAME_ROOM], stage[16];
	unsigned long long seed;
	bool found = false;

	while (in && !found && fgets(line, sizeof line, in))
		found = sscanf(line, "%63s %15s %llu", is, stage, &seed) == 3 && strcmp(is, name) == 0; /* NOLINT */
	if (in)
		(void)fclose(in);
	*ret_seed = found ? seed : 0;
	*ret_stage = found ? stage_of(stage) : NULL;
	return found && *ret_stage;
}

static int check_one(const struct mutant *mutant, const struct options *options)
{
	const struct stage *stage;
	struct sim_result with, without;
	uint64_t seed;
	const char *what;

	if (seen_by_units(mutant)) {
		(void)printf("%-34s rows %-8s by units      %.80s\n", mutant->name, mutant->rows, mutant->red);
		return 0;
	}
	if (!seed_of(options->file, mutant->name, &seed, &stage)) {
		(void)printf("%-34s no seed is recorded: it survives\n", mutant->name);
		return 1;
	}
	arm(mutant);
	choose(NULL);
	(void)breaks(seed, stage, &without);
	choose(mutant->name);
	(void)breaks(seed, stage, &with);
	what = without.broken[0] ? "breaks without it, too" : with.broken[0] ? with.broken : "survives";
	(void)printf("%-34s rows %-8s seed %-8llu %.80s\n", mutant->name, mutant->rows, (unsigned long long)seed, what);
	return without.broken[0] || !with.broken[0];
}

static int check(const struct options *options)
{
	int failed = in_processes(check_one, options);
	size_t units = 0;

	for (size_t i = 0; i < mutant_count; i++)
		units += seen_by_units(&mutant_list[i]);
	(void)printf("%zu mutants: %zu caught by the simulator, %zu seen by unit tests, %d survive\n", mutant_count,
		     mutant_count - units - (size_t)failed, units, failed);
	return failed ? 1 : 0;
}

/* ---- tell ---- */

static int tell_one(const struct mutant *mutant, const struct options *options)
{
	if (!options->set)
		arm(mutant);
	choose(mutant->name);
	shrink_and_tell(options->seed, &stage_broad, stdout);
	return 0;
}

static bool take(struct options *options, int option)
{
	switch (option) {
	case 's':
		options->limit = (unsigned)strtoul(optarg, NULL, 10);
		return options->limit > 0;
	case 'c':
		options->file = optarg;
		return true;
	case 'e':
		options->seed = strtoull(optarg, NULL, 10);
		return options->seed > 0;
	case 'o':
		options->only = optarg;
		return true;
	case 'j':
		options->jobs = (unsigned)strtoul(optarg, NULL, 10);
		return options->jobs > 0;
	case 'k':
		options->set = true;
		return swarm_force(optarg);
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {{"search", required_argument, NULL, 's'},
					      {"check", required_argument, NULL, 'c'},
					      {"only", required_argument, NULL, 'o'},
					      {"jobs", required_argument, NULL, 'j'},
					      {"set", required_argument, NULL, 'k'},
					      {"seed", required_argument, NULL, 'e'},
					      {NULL, 0, NULL, 0}};
	struct options options = {.jobs = 2};
	bool known = true;
	int option;

	while (known && (option = getopt_long(argc, argv, "", longs, NULL)) != -1)
		known = take(&options, option);
	if (known && optind == argc && options.file && options.limit == 0)
		return check(&options);
	if (known && optind == argc && !options.file && options.limit > 0)
		return in_processes(search_one, &options) ? 1 : 0;
	if (known && optind == argc && options.only && options.seed > 0)
		return in_processes(tell_one, &options) ? 1 : 0;
	(void)fprintf(stderr, "usage: headgate-sim-mutants --search SECONDS [--only NAME] [--set KNOB=N] | "
			      "--check FILE [--only NAME] | --seed N --only NAME; --jobs N\n");
	return 2;
}
