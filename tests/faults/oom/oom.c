/*
 * oom: lets memory run out at each place of production code, in the test cases there are.
 *
 *     oom --hook LIBRARY [--seconds N] [--seed N] [--jobs N] PROGRAM...      a sample; N seconds of wall time
 *     oom --hook LIBRARY --all [...] PROGRAM...                              every point
 *     oom --hook LIBRARY --only CASE [--nth N] [--on] PROGRAM                one case, or one point, loudly
 *
 * Exit 0: no defect and every clean run passed. The last line is the sum.
 */
#include <getopt.h>
#include <limits.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/faults/oom/oom_map.h"
#include "tests/faults/oom/oom_plan.h"

enum { JOBS_MAX = 16, SAMPLE_MS = 2000, SAMPLE_CALLS = 4000, SHOWN_MAX = 512 };

static struct {
	const char *hook, *only;
	uint64_t seed, nth;
	unsigned seconds, jobs;
	bool all, on;
} want = {.seed = 1, .seconds = 120, .jobs = 2};

static struct {
	pthread_mutex_t lock;
	struct oom_plan plan;
	size_t next;
	int64_t deadline; /* ms; nothing new is begun after it */
	bool counting;
	size_t tried, tally[OOM_CLASSES];
	uint64_t shown[SHOWN_MAX];
	size_t n_shown;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* --- a stack, in words --- */

/* Names and lines of the program's own frames come from addr2line (binutils); without it the offsets stand alone. */
static void show_stack(const char *what, const char *program, const struct oom_stack *stack)
{
	extern char **environ;
	static char tool[] = "addr2line", how[] = "-fpse";
	char *argv[OOM_FRAMES + 8] = {tool, how, (char *)(uintptr_t)program}, at[OOM_FRAMES][20];
	size_t n = 3;
	pid_t pid;

	printf("  %s:\n", what);
	for (unsigned i = 0; i < stack->n; i++) {
		if (stack->frames[i].module[0] != '\0') {
			printf("    %s+0x%llx\n", stack->frames[i].module, (unsigned long long)stack->frames[i].at);
			continue;
		}
		(void)snprintf(at[i], sizeof at[i], "0x%llx", (unsigned long long)stack->frames[i].at);
		argv[n++] = at[i];
	}
	(void)fflush(stdout);
	if (n > 3 && posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) == 0)
		(void)waitpid(pid, NULL, 0);
}

static void show(const struct oom_runner *runner, const struct oom_point *point, enum oom_class end)
{
	const struct oom_page *page = runner->page;

	printf("%s: %s %s: call %llu%s\n  again: --only %s --nth %llu%s %s\n", oom_class_name(end),
	       base(point->of->program), point->of->name, (unsigned long long)point->nth,
	       point->mode == OOM_ONCE ? "" : " and all after it", point->of->name, (unsigned long long)point->nth,
	       point->mode == OOM_ONCE ? "" : " --on", point->of->program);
	show_stack("no memory for", point->of->program, &page->failure);
	if (page->end.n > 0)
		show_stack("ended in", point->of->program, &page->end);
	if (!runner->loud)
		printf("  it said: %.3000s\n", runner->output);
	(void)fflush(stdout);
}

/* The place in production code that asked for memory, whatever the program. */
static uint64_t place(const struct oom_page *page, enum oom_class end)
{
	uint64_t at;
	const struct oom_range *range = oom_map_innermost(page, &page->failure, &at);

	return range ? range->id + at - range->from + ((uint64_t)end << 16) : end;
}

/* One of each kind is shown; the sum counts them all. */
static bool seen(uint64_t key)
{
	for (size_t i = 0; i < all.n_shown; i++)
		if (all.shown[i] == key)
			return true;
	if (all.n_shown < SHOWN_MAX)
		all.shown[all.n_shown++] = key;
	return false;
}

/* --- the work, on several threads --- */

static bool take(size_t *i)
{
	size_t n = all.counting ? all.plan.n_cases : all.plan.n_points;
	bool ok;

	(void)pthread_mutex_lock(&all.lock);
	ok = all.next < n && now_ms() < all.deadline;
	*i = all.next;
	all.next += ok;
	(void)pthread_mutex_unlock(&all.lock);
	return ok;
}

static void count_one(struct oom_runner *runner, struct oom_case *test)
{
	bool whole = want.all || want.only;

	oom_run_count(runner, test, whole ? UINT64_MAX : SAMPLE_CALLS,
		      whole ? (int64_t)test->seconds * 4000 : SAMPLE_MS);
	(void)pthread_mutex_lock(&all.lock);
	if (oom_class_is_defect(test->clean) && !runner->late) {
		printf("no clean run: %s %s: %s\n%.2000s\n", base(test->program), test->name,
		       oom_class_name(test->clean), runner->output);
		all.tally[test->clean]++;
	}
	(void)pthread_mutex_unlock(&all.lock);
}

static void try_one(struct oom_runner *runner, const struct oom_point *point)
{
	enum oom_class end = oom_run_once(runner, point);

	(void)pthread_mutex_lock(&all.lock);
	all.tried++;
	if (oom_class_is_defect(end) && !seen(place(runner->page, end)))
		show(runner, point, end);
	all.tally[end]++;
	(void)pthread_mutex_unlock(&all.lock);
}

static void *work(void *arg)
{
	struct oom_runner runner;
	size_t i;

	(void)arg;
	oom_runner_start(&runner, want.hook);
	while (take(&i)) {
		if (all.counting)
			count_one(&runner, &all.plan.cases[i]);
		else
			try_one(&runner, &all.plan.points[i]);
	}
	oom_runner_stop(&runner);
	return NULL;
}

static void work_through(bool counting, int64_t deadline)
{
	pthread_t threads[JOBS_MAX];

	all.counting = counting;
	all.deadline = deadline;
	all.next = 0;
	for (unsigned i = 0; i < want.jobs; i++)
		if (pthread_create(&threads[i], NULL, work, NULL) != 0)
			abort();
	for (unsigned i = 0; i < want.jobs; i++)
		(void)pthread_join(threads[i], NULL);
}

/* --- what it came to --- */

static void print_cases(void)
{
	size_t late = 0, left = 0, skipped = 0, empty = 0, counted = 0;
	uint64_t calls = 0;

	for (size_t i = 0; i < all.plan.n_cases; i++) {
		const struct oom_case *test = &all.plan.cases[i];
		bool passed = test->clean == OOM_PASSED;

		skipped += test->clean == OOM_SKIPPED;
		left += test->clean == OOM_NOT_REACHED;
		late += !passed && test->clean != OOM_SKIPPED && test->clean != OOM_NOT_REACHED;
		empty += passed && test->calls == 0;
		counted += passed && test->calls > 0;
		calls += passed ? test->calls : 0;
	}
	printf("cases: %zu; %zu allocate in production code (%llu calls), %zu do not, %zu skipped, %zu too slow "
	       "for a sample, %zu left out for want of time\n",
	       all.plan.n_cases, counted, (unsigned long long)calls, empty, skipped, late, left);
	printf("points: %zu, of %zu different ways to an allocation, through %zu lines of production code\n",
	       all.plan.n_points, all.plan.n_ways, all.plan.n_places);
	(void)fflush(stdout);
}

static int sum_up(int64_t began)
{
	size_t honest = all.tally[OOM_HONEST] + all.tally[OOM_GAVE_UP] + all.tally[OOM_WAITED], defects = 0, cases = 0;

	for (enum oom_class c = 0; c < OOM_CLASSES; c++) {
		if (all.tally[c] > 0)
			printf("%8zu  %s\n", all.tally[c], oom_class_name(c));
		defects += oom_class_is_defect(c) ? all.tally[c] : 0;
	}
	for (size_t i = 0; i < all.plan.n_cases; i++)
		cases += all.plan.cases[i].clean == OOM_PASSED;
	printf("tried %zu of %zu points; seed %llu; %lld s\n", all.tried, all.plan.n_points,
	       (unsigned long long)want.seed, (long long)(now_ms() - began) / 1000);
	printf("oom: cases %zu, points %zu, clean %zu, honest errors %zu, stopped %zu, defects %zu\n", cases, all.tried,
	       all.tally[OOM_PASSED] + all.tally[OOM_NOT_REACHED], honest, all.tally[OOM_STOPPED], defects);
	return defects == 0 && cases > 0 && (all.tried > 0 || all.plan.n_points == 0) ? 0 : 1;
}

static int again(struct oom_case *test)
{
	struct oom_point point = {.of = test, .nth = want.nth, .mode = want.on ? OOM_FROM_THEN_ON : OOM_ONCE};
	struct oom_runner runner;
	enum oom_class end;

	oom_runner_start(&runner, want.hook);
	oom_run_count(&runner, test, UINT64_MAX, (int64_t)test->seconds * 4000);
	runner.loud = true;
	end = oom_run_once(&runner, &point);
	show(&runner, &point, end);
	oom_runner_stop(&runner);
	return oom_class_is_defect(end);
}

static int campaign(void)
{
	int64_t began = now_ms(), ms = (int64_t)want.seconds * 1000;

	oom_plan_shuffle(&all.plan, want.seed);
	work_through(true, want.all ? INT64_MAX : began + ms / 2);
	oom_plan_points(&all.plan, want.seed);
	print_cases();
	work_through(false, want.all ? INT64_MAX : began + ms);
	return sum_up(began);
}

static bool options(int argc, char **argv)
{
	static const struct option long_options[] = {{"hook", required_argument, NULL, 'h'},
						     {"seconds", required_argument, NULL, 's'},
						     {"seed", required_argument, NULL, 'r'},
						     {"jobs", required_argument, NULL, 'j'},
						     {"all", no_argument, NULL, 'a'},
						     {"only", required_argument, NULL, 'o'},
						     {"nth", required_argument, NULL, 'n'},
						     {"on", no_argument, NULL, 'f'},
						     {NULL, 0, NULL, 0}};
	uint64_t number;
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		number = optarg ? strtoull(optarg, NULL, 10) : 0;
		want.hook = c == 'h' ? optarg : want.hook;
		want.only = c == 'o' ? optarg : want.only;
		want.seconds = c == 's' ? (unsigned)number : want.seconds;
		want.jobs = c == 'j' ? (unsigned)number : want.jobs;
		want.seed = c == 'r' ? number : want.seed;
		want.nth = c == 'n' ? number : want.nth;
		want.all |= c == 'a';
		want.on |= c == 'f';
		if (c == '?')
			return false;
	}
	return want.hook && want.jobs >= 1 && want.jobs <= JOBS_MAX && optind < argc;
}

int main(int argc, char **argv)
{
	int code;

	(void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	if (!options(argc, argv)) {
		fprintf(stderr, "oom: see the head of tests/faults/oom/oom.c\n");
		return 2;
	}
	for (int i = optind; i < argc; i++)
		if (!oom_plan_add(&all.plan, argv[i], want.only))
			return 2;
	code = want.only && want.nth > 0 ? again(&all.plan.cases[0]) : campaign();
	oom_plan_free(&all.plan);
	return code;
}
