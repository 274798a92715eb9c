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

static uint64_t lot(const struct oom_case *test, uint64_t seed)
{
	uint64_t hash = seed * 0x9e3779b97f4a7c15u;

	for (const char *c = test->name; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	return hash ^ hash >> 29;
}

static int by_lot(const void *a, const void *b, void *seed)
{
	uint64_t one = lot(a, *(const uint64_t *)seed), other = lot(b, *(const uint64_t *)seed);

	return (one > other) - (one < other);
}

void oom_plan_shuffle(struct oom_plan *plan, uint64_t seed)
{
	qsort_r(plan->cases, plan->n_cases, sizeof *plan->cases, by_lot, &seed);
}

/* --- points --- */

static void add_point(struct oom_plan *plan, struct oom_point point)
{
	if (plan->n_points == plan->room) {
		plan->room = plan->room * 2 + 1024;
		plan->points = must(realloc(plan->points, plan->room * sizeof point));
	}
	plan->points[plan->n_points++] = point;
}

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Where each way is cheapest; not by the time a run took, which differs from one day to another. */
static int by_way(const void *a, const void *b)
{
	const struct oom_point *one = a, *other = b;

	if (one->way != other->way)
		return order(one->way, other->way);
	if (one->of->calls != other->of->calls)
		return order(one->of->calls, other->of->calls);
	return order((uintptr_t)one->of, (uintptr_t)other->of);
}

static uint64_t shuffled(const struct oom_point *p, uint64_t seed)
{
	uint64_t x = (p->way ^ (uint64_t)p->mode << 7 ^ p->nth << 9 ^ seed) * 0x9e3779b97f4a7c15u;

	return (x ^ x >> 31) * 0xbf58476d1ce4e5b9u;
}

static int by_chance(const void *a, const void *b, void *seed)
{
	return order(shuffled(a, *(const uint64_t *)seed), shuffled(b, *(const uint64_t *)seed));
}

static int by_place(const void *a, const void *b, void *seed)
{
	const struct oom_point *one = a, *other = b;

	return one->place != other->place ? order(one->place, other->place) : by_chance(a, b, seed);
}

static int by_rank(const void *a, const void *b, void *seed)
{
	const struct oom_point *one = a, *other = b;

	return one->rank != other->rank ? order(one->rank, other->rank) : by_chance(a, b, seed);
}

/* One point of every place first, then a second one: a line that allocates in few ways is not left out by chance. */
static void spread(struct oom_plan *plan, uint64_t seed)
{
	struct oom_point *p = plan->points;

	qsort_r(p, plan->n_points, sizeof *p, by_place, &seed);
	for (size_t i = 0; i < plan->n_points; i++) {
		bool same = i > 0 && p[i].place == p[i - 1].place;

		p[i].rank = same ? p[i - 1].rank + 1 : 0;
		plan->n_places += !same;
	}
	qsort_r(p, plan->n_points, sizeof *p, by_rank, &seed);
}

static const struct oom_site *site_of(const struct oom_point *p)
{
	const struct oom_site *site = p->of->sites;

	while (site->way != p->way)
		site++;
	return site;
}

/* Leaves one case for each way. */
static void keep_cheapest(struct oom_plan *plan)
{
	size_t n = 0;

	qsort(plan->points, plan->n_points, sizeof *plan->points, by_way);
	for (size_t i = 0; i < plan->n_points; i++)
		if (n == 0 || plan->points[i].way != plan->points[n - 1].way)
			plan->points[n++] = plan->points[i];
	plan->n_points = plan->n_ways = n;
}

static void add_all_of(struct oom_plan *plan, const struct oom_case *test)
{
	for (size_t i = 0; i < test->n_sites; i++)
		add_point(plan, (struct oom_point){test, test->sites[i].way, test->sites[i].place, test->sites[i].first,
						   0, OOM_ONCE});
}

void oom_plan_points(struct oom_plan *plan, uint64_t seed)
{
	for (size_t i = 0; i < plan->n_cases; i++)
		if (plan->cases[i].clean == OOM_PASSED)
			add_all_of(plan, &plan->cases[i]);
	if (plan->n_points == 0)
		return;
	keep_cheapest(plan);
	for (size_t i = 0; i < plan->n_ways; i++) {
		struct oom_point p = plan->points[i];
		const struct oom_site *site = site_of(&p);

		if (!site->stops)
			add_point(plan, (struct oom_point){p.of, p.way, p.place, p.nth, 0, OOM_FROM_THEN_ON});
		if (site->last != p.nth)
			add_point(plan, (struct oom_point){p.of, p.way, p.place, site->last, 0, OOM_ONCE});
	}
	spread(plan, seed);
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
