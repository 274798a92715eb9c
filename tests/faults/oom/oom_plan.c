#include "tests/faults/oom/oom_plan.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static void add_case(struct oom_plan *plan, const char *program, const char *name, unsigned seconds)
{
	struct oom_case *test;

	plan->cases = must(realloc(plan->cases, (plan->n_cases + 1) * sizeof *plan->cases));
	test = &plan->cases[plan->n_cases++];
	*test = (struct oom_case){.program = program, .seconds = seconds};
	(void)snprintf(test->name, sizeof test->name, "%s", name);
}

static FILE *ask(const char *program, pid_t *pid)
{
	static char list[] = "--list";
	char *argv[] = {(char *)(uintptr_t)program, list, NULL};
	posix_spawn_file_actions_t files;
	int ends[2], failed;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return NULL;
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_adddup2(&files, ends[1], 1);
	failed = posix_spawn(pid, program, &files, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)close(ends[1]);
	if (failed == 0)
		return fdopen(ends[0], "r");
	(void)close(ends[0]);
	return NULL;
}

bool oom_plan_add(struct oom_plan *plan, const char *program, const char *name)
{
	char line[256];
	size_t had = plan->n_cases;
	pid_t pid = 0;
	FILE *in = ask(program, &pid);

	while (in && fgets(line, sizeof line, in)) {
		char *space = strchr(line, ' ');

		if (!space)
			continue;
		*space = '\0';
		if (!name || strcmp(name, line) == 0)
			add_case(plan, program, line, (unsigned)strtoul(space + 1, NULL, 10));
	}
	if (in) {
		(void)fclose(in);
		(void)waitpid(pid, NULL, 0);
	}
	if (plan->n_cases == had)
		fprintf(stderr, "oom: %s lists no test%s%s\n", program, name ? " of the name " : "", name ? name : "");
	return plan->n_cases > had;
}

/* --- points --- */

static void add_point(struct oom_plan *plan, struct oom_point point)
{
	if ((plan->n_points & (plan->n_points - 1)) == 0) /* a power of two: full */
		plan->points = must(realloc(plan->points, (plan->n_points ? 2 * plan->n_points : 1) * sizeof point));
	plan->points[plan->n_points++] = point;
}

static void add_points(struct oom_plan *plan, const struct oom_case *test, uint64_t every)
{
	enum oom_mode modes[] = {OOM_ONCE, OOM_FROM_THEN_ON};
	bool all = test->calls <= every;
	size_t n = all ? test->calls : test->n_sites;

	for (size_t i = 0; i < n; i++)
		for (size_t m = 0; m < 2; m++)
			add_point(plan, (struct oom_point){test, all ? i + 1 : test->sites[i].way,
							   all ? i + 1 : test->sites[i].first, modes[m]});
}

/* The cheapest point of each way comes first, then by what the seed says. */
static uint64_t shuffled(const struct oom_point *p, uint64_t seed)
{
	uint64_t x = (p->way ^ (uint64_t)p->mode << 7 ^ seed) * 0x9e3779b97f4a7c15u;

	return (x ^ x >> 31) * 0xbf58476d1ce4e5b9u;
}

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Not by the time a run took, which differs from one day to another. */
static int by_way(const void *a, const void *b)
{
	const struct oom_point *one = a, *other = b;

	if (one->way != other->way)
		return order(one->way, other->way);
	if (one->mode != other->mode)
		return order(one->mode, other->mode);
	if (one->of->calls != other->of->calls)
		return order(one->of->calls, other->of->calls);
	return order((uintptr_t)one->of, (uintptr_t)other->of);
}

static int by_chance(const void *a, const void *b, void *seed)
{
	return order(shuffled(a, *(const uint64_t *)seed), shuffled(b, *(const uint64_t *)seed));
}

/* Moves the first point of each way and mode to the front. */
static void firsts_first(struct oom_plan *plan, uint64_t seed)
{
	struct oom_point *sorted = must(malloc((plan->n_points + 1) * sizeof *sorted));
	size_t rest = 0;

	qsort(plan->points, plan->n_points, sizeof *plan->points, by_way);
	for (size_t i = 0; i < plan->n_points; i++) {
		const struct oom_point *p = &plan->points[i];

		if (i == 0 || p->way != p[-1].way || p->mode != p[-1].mode)
			sorted[plan->n_ways++] = *p;
	}
	for (size_t i = 1; i < plan->n_points; i++) {
		const struct oom_point *p = &plan->points[i];

		if (p->way == p[-1].way && p->mode == p[-1].mode)
			sorted[plan->n_ways + rest++] = *p;
	}
	free(plan->points);
	plan->points = sorted;
	qsort_r(sorted, plan->n_ways, sizeof *sorted, by_chance, &seed);
	qsort_r(sorted + plan->n_ways, rest, sizeof *sorted, by_chance, &seed);
}

void oom_plan_points(struct oom_plan *plan, uint64_t seed, uint64_t every)
{
	for (size_t i = 0; i < plan->n_cases; i++)
		if (plan->cases[i].clean == OOM_PASSED)
			add_points(plan, &plan->cases[i], every);
	if (plan->n_points > 0)
		firsts_first(plan, seed);
}

void oom_plan_free(struct oom_plan *plan)
{
	for (size_t i = 0; i < plan->n_cases; i++) {
		free(plan->cases[i].judged);
		free(plan->cases[i].sites);
	}
	free(plan->cases);
	free(plan->points);
}
