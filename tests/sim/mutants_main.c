/*
 * headgate-sim-mutants: the simulator over the woven sources, to see that it catches each removed defence.
 *
 *   headgate-sim-mutants --search SECONDS [--only NAME]   a seed for each mutant, as lines of a seeds file
 *   headgate-sim-mutants --check FILE                     each recorded seed breaks with its mutant, and not without
 *
 * Every mutant of the catalogue must stand in the file, but those that say `by: units`: their tests are asked by
 * mutants.red. One that nobody catches fails the check.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/mutants/mutant.h"
#include "tests/sim/shrink.h"

#define JOBS      2
#define NAME_ROOM 64

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

static int look_for(const struct mutant *mutant, unsigned limit)
{
	double began = seconds();
	struct sim_result result, without;

	for (uint64_t seed = 1; seconds() - began < limit; seed++) {
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
	(void)printf("# %s survives %u s\n", mutant->name, limit);
	(void)fflush(stdout);
	return 1;
}

static void leave(int code)
{
	(void)fflush(NULL);
	_exit(code);
}

/* Runs each mutant in a process of its own: a mutant may crash, and which one is on is chosen once. */
static int in_processes(int (*run)(const struct mutant *, const void *), const void *arg, const char *only)
{
	int failed = 0, running = 0, status;

	(void)fflush(NULL);
	for (size_t i = 0; i < mutant_count || running > 0;) {
		bool left = i < mutant_count, wanted = left && (!only || strcmp(only, mutant_list[i].name) == 0);

		if (left && !wanted) {
			i++;
			continue;
		}
		if (left && running < JOBS) {
			if (fork() == 0)
				leave(run(&mutant_list[i], arg));
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

static int search_one(const struct mutant *mutant, const void *arg)
{
	return seen_by_units(mutant) ? 0 : look_for(mutant, *(const unsigned *)arg);
}

/* ---- check ---- */

struct recorded {
	const char *file;
};

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

static int check_one(const struct mutant *mutant, const void *arg)
{
	const struct recorded *recorded = arg;
	const struct stage *stage;
	struct sim_result with, without;
	uint64_t seed;
	const char *what;

	if (seen_by_units(mutant)) {
		(void)printf("%-34s rows %-8s by units      %.80s\n", mutant->name, mutant->rows, mutant->red);
		return 0;
	}
	if (!seed_of(recorded->file, mutant->name, &seed, &stage)) {
		(void)printf("%-34s no seed is recorded: it survives\n", mutant->name);
		return 1;
	}
	choose(NULL);
	(void)breaks(seed, stage, &without);
	choose(mutant->name);
	(void)breaks(seed, stage, &with);
	what = without.broken[0] ? "breaks without it, too" : with.broken[0] ? with.broken : "survives";
	(void)printf("%-34s rows %-8s seed %-8llu %.80s\n", mutant->name, mutant->rows, (unsigned long long)seed, what);
	return without.broken[0] || !with.broken[0];
}

static int check(const char *file)
{
	struct recorded recorded = {file};
	int failed = in_processes(check_one, &recorded, NULL);
	size_t units = 0;

	for (size_t i = 0; i < mutant_count; i++)
		units += seen_by_units(&mutant_list[i]);
	(void)printf("%zu mutants: %zu caught by the simulator, %zu seen by unit tests, %d survive\n", mutant_count,
		     mutant_count - units - (size_t)failed, units, failed);
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	unsigned limit;

	if (argc == 3 && strcmp(argv[1], "--check") == 0)
		return check(argv[2]);
	if ((argc == 3 || (argc == 5 && strcmp(argv[3], "--only") == 0)) && strcmp(argv[1], "--search") == 0) {
		limit = (unsigned)strtoul(argv[2], NULL, 10);
		return in_processes(search_one, &limit, argc == 5 ? argv[4] : NULL) ? 1 : 0;
	}
	(void)fprintf(stderr, "usage: headgate-sim-mutants --search SECONDS [--only NAME] | --check FILE\n");
	return 2;
}
