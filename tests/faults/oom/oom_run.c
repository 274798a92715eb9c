#include "tests/faults/oom/oom_run.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "policy/verdict.h"
#include "tests/faults/oom/oom_map.h"

enum { SKIPPED_EXIT = 77, LEAK_EXIT = 78, SANITIZER_EXIT = 79 };

/* The sanitizers leave faults and aborts to the hook; a leak and an error have exits of their own. */
static const char *const options[] = {
	"CK_FORK=no",
	"ASAN_OPTIONS=verify_asan_link_order=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_"
	"abort=0:"
	"allocator_may_return_null=1:exitcode=79:detect_leaks=1",
	"LSAN_OPTIONS=exitcode=78",
	"UBSAN_OPTIONS=print_stacktrace=1:exitcode=79",
};

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "oom: %s: %s\n", what, strerror(errno));
	exit(2);
}

void oom_runner_start(struct oom_runner *runner, const char *hook)
{
	char name[96];
	int fd;

	*runner = (struct oom_runner){.folder = "/tmp/headgate-oom-XXXXXX"};
	if (!realpath(hook, runner->hook)) /* tests change their folder */
		give_up(hook);
	if (!mkdtemp(runner->folder))
		give_up("mkdtemp");
	(void)snprintf(name, sizeof name, "%s/page", runner->folder);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof *runner->page) != 0)
		give_up(name);
	runner->page = mmap(NULL, sizeof *runner->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (runner->page == MAP_FAILED)
		give_up("mmap");
}

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st;
	(void)what;
	(void)at;
	(void)remove(path);
	return 0;
}

static void remove_all(const char *path)
{
	(void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void oom_runner_stop(struct oom_runner *runner)
{
	(void)munmap(runner->page, sizeof *runner->page);
	remove_all(runner->folder);
}

/* --- one process --- */

struct environment {
	char page[128], preload[PATH_MAX + 16], which[128];
	char *list[256];
};

extern char **environ;

static bool ours(const char *entry)
{
	static const char *const names[] = {OOM_VARIABLE "=", "LD_PRELOAD=",   "CK_",
					    "ASAN_OPTIONS=",  "LSAN_OPTIONS=", "UBSAN_OPTIONS="};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static void make_environment(const struct oom_runner *runner, const struct oom_case *test, struct environment *ret)
{
	size_t n = 0;

	(void)snprintf(ret->page, sizeof ret->page, OOM_VARIABLE "=%s/page", runner->folder);
	(void)snprintf(ret->preload, sizeof ret->preload, "LD_PRELOAD=%s", runner->hook);
	(void)snprintf(ret->which, sizeof ret->which, "CK_RUN_CASE=%s", test->name);
	ret->list[n++] = ret->page;
	ret->list[n++] = ret->preload;
	ret->list[n++] = ret->which;
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		ret->list[n++] = (char *)(uintptr_t)options[i];
	for (char **e = environ; *e && n < 255; e++)
		if (!ours(*e))
			ret->list[n++] = *e;
	ret->list[n] = NULL;
}

/* In a process group of its own, so that nothing it started outlives it. */
static pid_t spawn(const struct oom_runner *runner, const struct oom_case *test)
{
	char *argv[] = {(char *)(uintptr_t)test->program, NULL}, out[96];
	struct environment env;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	pid_t pid = -1;

	(void)snprintf(out, sizeof out, "%s/output", runner->folder);
	make_environment(runner, test, &env);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_addopen(&files, 1, out, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	(void)posix_spawn_file_actions_adddup2(&files, 1, 2);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	(void)posix_spawnattr_setpgroup(&attributes, 0);
	errno = posix_spawn(&pid, test->program, &files, &attributes, argv, env.list);
	if (errno != 0)
		give_up(test->program);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attributes);
	return pid;
}

static bool ended_by(struct oom_runner *runner, pid_t pid, int64_t deadline)
{
	struct timespec nap = {0, 1000000};

	while (waitpid(pid, &runner->status, WNOHANG) == 0) {
		if (now_ms() > deadline)
			return false;
		(void)nanosleep(&nap, NULL);
	}
	return true;
}

/* A program that is late is asked where its main thread stands (oom_hook.c), and killed if it does not say. */
static void await(struct oom_runner *runner, pid_t pid, int64_t limit_ms)
{
	int64_t began = now_ms();

	runner->late = !ended_by(runner, pid, began + limit_ms);
	if (runner->late) {
		(void)syscall(SYS_tgkill, pid, pid, SIGRTMAX - 3);
		if (!ended_by(runner, pid, now_ms() + 2000)) {
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, &runner->status, 0);
		}
	}
	(void)kill(-pid, SIGKILL);
	runner->ms = now_ms() - began;
}

static void read_output(struct oom_runner *runner)
{
	char name[96];
	ssize_t n = -1;
	int fd;

	(void)snprintf(name, sizeof name, "%s/output", runner->folder);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, runner->output, sizeof runner->output - 1);
		(void)close(fd);
	}
	runner->output[n > 0 ? n : 0] = '\0';
	if (runner->loud)
		fputs(runner->output, stdout);
}

static void clear_page(struct oom_page *page)
{
	size_t from = offsetof(struct oom_page, ready), to = offsetof(struct oom_page, judged);

	if (page->n_sites > 0)
		memset(page->sites, 0, sizeof page->sites);
	memset((char *)page + from, 0, to - from);
	page->n_sites = 0;
}

static void clean_up(struct oom_page *page)
{
	unsigned n = atomic_load(&page->n_folders);

	for (unsigned i = 0; i < n && i < OOM_FOLDERS; i++)
		if (strncmp(page->folders[i], "/tmp/", 5) == 0)
			remove_all(page->folders[i]);
}

struct run_order {
	enum oom_mode mode;
	uint64_t nth, most;
	int64_t limit_ms;
	bool look_for_leaks;
};

static void map_program(struct oom_runner *runner, const char *program)
{
	char map[PATH_MAX];

	if (runner->mapped == program)
		return;
	(void)snprintf(map, sizeof map, "%s.map", program);
	if (!oom_map_read(map, runner->page->ranges, &runner->page->n_ranges))
		exit(2);
	runner->mapped = program;
}

static void run(struct oom_runner *runner, const struct oom_case *test, const struct run_order *order)
{
	struct oom_page *page = runner->page;

	clear_page(page);
	map_program(runner, test->program);
	page->mode = order->mode;
	page->nth = order->nth;
	page->most = order->most;
	page->go_on = runner->loud;
	page->leak_checked = order->look_for_leaks;
	await(runner, spawn(runner, test), order->limit_ms);
	read_output(runner);
	clean_up(page);
}

/* --- how it ended --- */

static bool exited(const struct oom_runner *r, int code)
{
	return WIFEXITED(r->status) && WEXITSTATUS(r->status) == code;
}

static bool signalled(const struct oom_runner *r)
{
	return WIFSIGNALED(r->status);
}

static bool says(const struct oom_runner *r, const char *what)
{
	return strstr(r->output, what) != NULL;
}

/* UBSan names the file: a test that uses what it did not get is not production's fault. */
static bool test_tripped(const struct oom_runner *r)
{
	const char *error = strstr(r->output, ": runtime error: "), *line = error;

	while (line && line > r->output && line[-1] != '\n')
		line--;
	return line && (strncmp(line, "tests/", 6) == 0 || strncmp(line, "./tests/", 8) == 0) &&
	       strstr(error, "null pointer");
}

/* An allowance where the same judgement, without a failure, ends otherwise. */
static bool wrong_success(const struct oom_runner *r, const struct oom_case *test)
{
	unsigned n = atomic_load(&r->page->n_judged);

	for (unsigned i = 0; i < n && i < test->n_judged; i++)
		if (r->page->judged[i] != test->judged[i])
			return r->page->judged[i] == DECISION_ALLOWED;
	return false;
}

static enum oom_class where(const struct oom_page *page, enum oom_class test, enum oom_class production)
{
	return page->end.whose == OOM_PRODUCTION ? production : test;
}

/* Libraries whose own error paths are at fault, and which take no allocator that would stop the process instead. */
static const char *const excused[] = {"libfyaml.so"};

static bool is_excused(const char *name)
{
	for (size_t i = 0; i < sizeof excused / sizeof excused[0]; i++)
		if (strstr(name, excused[i]))
			return true;
	return false;
}

/* The C library and the compiler's run on behalf of whoever called them. */
static const char *innermost(const struct oom_stack *stack)
{
	unsigned i = 0;

	while (i < stack->n &&
	       (strncmp(stack->frames[i].module, "libc.", 5) == 0 ||
		strncmp(stack->frames[i].module, "libgcc", 6) == 0 || stack->frames[i].module[0] == '?'))
		i++;
	return i < stack->n ? stack->frames[i].module : "";
}

/* libgit2 loses what it holds when zlib, which it gives no allocator, has no memory; whatever else it asks stops. */
static bool libgit2_lost(const struct oom_runner *r, const char *allocated_in)
{
	return strstr(allocated_in, "git/memory.c") && strncmp(innermost(&r->page->failure), "libz.", 5) == 0;
}

/* Every leak that nothing points to was allocated by the library: its frame follows the sanitizer's and the hook's. */
static bool library_lost_all(const struct oom_runner *r)
{
	const char *leak = strstr(r->output, "Direct leak of");
	bool all = leak != NULL;

	while (leak && all) {
		const char *frame = strstr(leak, "    #2 "), *end = frame ? strchr(frame, '\n') : NULL;
		char line[512] = "";

		if (end && (size_t)(end - frame) < sizeof line)
			memcpy(line, frame, (size_t)(end - frame));
		all = is_excused(line) || libgit2_lost(r, line);
		leak = strstr(leak + 1, "Direct leak of");
	}
	return all;
}

static enum oom_class of_leak(const struct oom_runner *r)
{
	return library_lost_all(r) ? OOM_LIBRARY : OOM_LEAK;
}

static enum oom_class of_abort(const struct oom_runner *r)
{
	if (says(r, "headgate: out of memory"))
		return OOM_STOPPED;
	if (says(r, "Assertion `"))
		return where(r->page, OOM_GAVE_UP, OOM_BROKEN_ASSERT);
	if (atomic_load(&r->page->aborted))
		return where(r->page, OOM_GAVE_UP, r->page->unheard ? OOM_STOPPED : OOM_SILENT_ABORT);
	return OOM_SILENT_ABORT; /* the C library found its heap broken, say */
}

static enum oom_class of_signal(const struct oom_runner *r)
{
	if (WTERMSIG(r->status) == SIGABRT)
		return of_abort(r);
	if (!atomic_load(&r->page->faulted))
		return OOM_FAULT;
	return is_excused(innermost(&r->page->end)) ? OOM_LIBRARY : where(r->page, OOM_GAVE_UP, OOM_FAULT);
}

static enum oom_class of_exit(const struct oom_runner *r, const struct oom_case *test)
{
	if (exited(r, SANITIZER_EXIT) || says(r, "ERROR: AddressSanitizer") || says(r, ": runtime error: "))
		return test_tripped(r) ? OOM_GAVE_UP : OOM_SANITIZER;
	if (atomic_load(&r->page->asserted))
		return r->page->leaked && !test->leaks ? of_leak(r) : OOM_HONEST;
	if (exited(r, LEAK_EXIT))
		return test->leaks ? OOM_PASSED : of_leak(r);
	if (exited(r, SKIPPED_EXIT))
		return OOM_SKIPPED;
	return exited(r, 0) ? OOM_PASSED : OOM_ODD;
}

static enum oom_class classify(const struct oom_runner *r, const struct oom_case *test)
{
	if (!atomic_load(&r->page->ready))
		return OOM_ODD;
	if (wrong_success(r, test))
		return OOM_WRONG_SUCCESS;
	if (r->late)
		return atomic_load(&r->page->hung) ? where(r->page, OOM_WAITED, OOM_HANG) : OOM_HANG;
	return signalled(r) ? of_signal(r) : of_exit(r, test);
}

static int by_first(const void *a, const void *b)
{
	const struct oom_site *one = a, *other = b;

	return (one->first > other->first) - (one->first < other->first);
}

static void keep_counts(const struct oom_page *page, struct oom_case *test)
{
	unsigned n = atomic_load(&page->n_judged);

	test->calls = atomic_load(&page->calls);
	test->n_judged = n < OOM_JUDGED ? n : OOM_JUDGED;
	test->judged = malloc(test->n_judged + 1);
	test->sites = calloc(page->n_sites + 1, sizeof *test->sites);
	if (!test->judged || !test->sites)
		give_up("the counts");
	memcpy(test->judged, page->judged, test->n_judged);
	for (size_t i = 0; i < OOM_SITES; i++)
		if (page->sites[i].way != 0)
			test->sites[test->n_sites++] = page->sites[i];
	qsort(test->sites, test->n_sites, sizeof *test->sites, by_first);
}

void oom_run_count(struct oom_runner *runner, struct oom_case *test, uint64_t most, int64_t limit_ms)
{
	run(runner, test, &(struct run_order){OOM_COUNT, 0, most, limit_ms, false});
	test->leaks = exited(runner, LEAK_EXIT);
	test->clean = classify(runner, test);
	test->ms = runner->ms;
	keep_counts(runner->page, test);
}

/* The innermost frame of production is one that ends the process for want of memory. */
static bool must_stop(const struct oom_page *page)
{
	uint64_t at;
	const struct oom_range *range = oom_map_innermost(page, &page->failure, &at);

	return range && range->stops;
}

/* A disk that others keep busy makes a program late once; what hangs is late each time. */
#define PATIENCE 5

enum oom_class oom_run_once(struct oom_runner *runner, const struct oom_point *point)
{
	const struct oom_case *test = point->of;
	struct run_order order = {point->mode, point->nth, UINT64_MAX, test->ms * 4 + 4000, !test->leaks};
	enum oom_class end;

	run(runner, test, &order);
	end = classify(runner, test);
	if (end == OOM_HANG) {
		order.limit_ms *= PATIENCE;
		run(runner, test, &order);
		end = classify(runner, test);
	}
	if (atomic_load(&runner->page->failed) == 0 && (end == OOM_PASSED || end == OOM_HONEST || end == OOM_WAITED))
		return OOM_NOT_REACHED;
	return end != OOM_STOPPED && must_stop(runner->page) ? OOM_WENT_ON : end;
}

static const struct {
	const char *name;
	bool defect;
} classes[OOM_CLASSES] = {
	[OOM_NOT_REACHED] = {"not reached", false},
	[OOM_PASSED] = {"clean", false},
	[OOM_HONEST] = {"honest error: an assertion of the test failed", false},
	[OOM_GAVE_UP] = {"honest error: the test itself gave up or tripped", false},
	[OOM_WAITED] = {"honest error: the test waited for what cannot come", false},
	[OOM_STOPPED] = {"stopped with a clear message", false},
	[OOM_LIBRARY] = {"fell or leaked inside a library that takes no allocator", false},
	[OOM_SKIPPED] = {"skipped", false},
	[OOM_FAULT] = {"memory fault", true},
	[OOM_SANITIZER] = {"sanitizer report", true},
	[OOM_LEAK] = {"leak", true},
	[OOM_HANG] = {"hang", true},
	[OOM_SILENT_ABORT] = {"abort without a message", true},
	[OOM_BROKEN_ASSERT] = {"broken invariant (assert)", true},
	[OOM_WRONG_SUCCESS] = {"wrong success", true},
	[OOM_WENT_ON] = {"went on where it must stop", true},
	[OOM_ODD] = {"unexplained end", true},
};

const char *oom_class_name(enum oom_class c)
{
	return classes[c].name;
}

bool oom_class_is_defect(enum oom_class c)
{
	return classes[c].defect;
}
