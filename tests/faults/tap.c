/*
 * Two sides share a page. The test writes a request and wakes the tap by a signal; the tap owns everything else. Every
 * thread of the program is known by its number; it is stopped at calls only while a plan is armed.
 */
#include "tests/faults/tap.h"
#include "tests/faults/tap_call.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 128
#define ANSWER_MS   20000
#define OPTIONS     (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

enum request { REQUEST_NONE = 0, REQUEST_FOLLOW, REQUEST_ARM, REQUEST_DISARM };

struct tap { /* shared by both sides */
	pid_t self;
	_Atomic enum request request; /* NONE: it was answered */
	bool ok;                      /* the answer */
	int error;                    /* errno, where it is no */
	pid_t program;                /* of FOLLOW */
	struct tap_plan plan;
	_Atomic int64_t calls, hits;
	struct tap_seen seen; /* the rest, written before hits rises */
};

struct thread {
	pid_t id;
	bool failing; /* between the entry and the exit of a call that the plan lets fail */
	bool due;     /* asked to stop for a new plan, and has not yet */
};

struct side { /* the tap's own */
	struct tap *tap;
	struct thread threads[THREADS_MAX];
	unsigned n; /* in the order of their making; those that ended keep their place with id 0 */
	bool armed, begun, killed;
};

/* ---- the tap's side ---- */

static struct thread *thread_of(struct side *side, pid_t id)
{
	for (unsigned i = 0; i < side->n; i++)
		if (side->threads[i].id == id)
			return &side->threads[i];
	if (side->n == THREADS_MAX)
		_exit(3);
	side->threads[side->n] = (struct thread){.id = id};
	return &side->threads[side->n++];
}

static unsigned living(const struct side *side, bool due_only)
{
	unsigned n = 0;

	for (unsigned i = 0; i < side->n; i++)
		n += side->threads[i].id > 0 && (side->threads[i].due || !due_only);
	return n;
}

static void answer(struct side *side, bool ok, int error)
{
	side->tap->ok = ok;
	side->tap->error = error;
	atomic_store(&side->tap->request, REQUEST_NONE);
}

static void ask_all_to_stop(struct side *side)
{
	for (unsigned i = 0; i < side->n; i++) {
		struct thread *thread = &side->threads[i];

		if (thread->id > 0)
			thread->due = ptrace(PTRACE_INTERRUPT, thread->id, NULL, NULL) == 0;
	}
}

static void follow(struct side *side)
{
	pid_t program = side->tap->program;

	if (ptrace(PTRACE_SEIZE, program, NULL, (void *)(uintptr_t)OPTIONS) != 0) {
		answer(side, false, errno);
		return;
	}
	side->n = 0;
	side->begun = side->killed = false;
	(void)thread_of(side, program);
	if (side->armed)
		ask_all_to_stop(side);
	answer(side, true, 0);
}

static void arm(struct side *side)
{
	struct tap *tap = side->tap;

	atomic_store(&tap->calls, 0);
	atomic_store(&tap->hits, 0);
	tap->seen = (struct tap_seen){.name = ""};
	side->armed = true;
	ask_all_to_stop(side);
	if (living(side, true) == 0)
		answer(side, true, 0);
}

static void disarm(struct side *side)
{
	side->armed = false;
	answer(side, true, 0);
}

static void take_request(struct side *side)
{
	static void (*const verbs[])(struct side *) = {
		[REQUEST_FOLLOW] = follow, [REQUEST_ARM] = arm, [REQUEST_DISARM] = disarm};
	enum request request = atomic_load(&side->tap->request);

	if (request != REQUEST_NONE && living(side, true) == 0)
		verbs[request](side);
}

/* Kept of the first call that the plan is for. */
static void keep(struct tap *tap, unsigned thread, const struct __ptrace_syscall_info *info)
{
	char path[64];
	ssize_t n;

	tap->seen.name = tap_call_name(info->entry.nr);
	tap->seen.thread = thread;
	(void)snprintf(path, sizeof path, "/proc/%ld/fd/%u", (long)tap->program, (unsigned)info->entry.args[0]);
	n = readlink(path, tap->seen.file, sizeof tap->seen.file - 1);
	tap->seen.file[n > 0 ? n : 0] = '\0';
}

/* True: the plan is for this call. */
static bool count(struct side *side, const struct thread *thread, const struct __ptrace_syscall_info *info)
{
	uint64_t number = info->entry.nr;
	const struct tap_plan *plan = &side->tap->plan;
	unsigned index = (unsigned)(thread - side->threads), bit = index < TAP_THREADS ? index : TAP_THREADS - 1;
	int64_t n;

	if (!side->begun || !tap_call_counts(plan->calls, number) ||
	    (plan->threads != 0 && (plan->threads & (UINT32_C(1) << bit)) == 0))
		return false;
	n = atomic_fetch_add(&side->tap->calls, 1) + 1;
	side->tap->seen.by_thread[bit]++;
	for (int calls = TAP_ALL; calls < TAP_CALLS; calls++)
		side->tap->seen.by_call[calls] += tap_call_counts((enum tap_calls)calls, number);
	if (plan->act == TAP_COUNT || n < plan->at || (n > plan->at && !plan->onwards))
		return false;
	if (atomic_load(&side->tap->hits) == 0)
		keep(side->tap, index, info);
	atomic_fetch_add(&side->tap->hits, 1);
	return true;
}

static void at_call(struct side *side, struct thread *thread)
{
	struct __ptrace_syscall_info info = {0};

	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->id, (void *)sizeof info, &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && thread->failing) {
		thread->failing = false;
		if (!tap_call_fail(thread->id, side->tap->plan.error))
			_exit(4);
	}
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY || !side->armed || !count(side, thread, &info))
		return;
	if (side->tap->plan.act == TAP_FAIL) {
		if (!tap_call_skip(thread->id))
			_exit(4);
		thread->failing = true;
		return;
	}
	side->killed = true; /* the call is not performed: the signal is looked at first */
	(void)kill(side->tap->program, SIGKILL);
}

static void resume(struct side *side, const struct thread *thread, int signal)
{
	bool stops = side->armed || thread->failing;

	(void)ptrace(stops ? PTRACE_SYSCALL : PTRACE_CONT, thread->id, NULL, (void *)(intptr_t)signal);
}

/* A thread is known from its making on: its own first stop may be heard of after that of the next. */
static void made(struct side *side, const struct thread *by)
{
	unsigned long id;

	if (ptrace(PTRACE_GETEVENTMSG, by->id, NULL, &id) == 0)
		(void)thread_of(side, (pid_t)id);
}

static void met(struct side *side, struct thread *thread)
{
	if (!thread->due)
		return;
	thread->due = false;
	if (living(side, true) == 0 && atomic_load(&side->tap->request) == REQUEST_ARM)
		answer(side, true, 0);
}

static void on_stop(struct side *side, struct thread *thread, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16;

	if (event == PTRACE_EVENT_EXEC)
		side->begun = true;
	if (event == PTRACE_EVENT_CLONE)
		made(side, thread);
	if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) { /* the whole program was stopped by a signal */
		(void)ptrace(PTRACE_LISTEN, thread->id, NULL, NULL);
		return;
	}
	if (signal == (SIGTRAP | 0x80))
		at_call(side, thread);
	met(side, thread);
	if (!side->killed)
		resume(side, thread, event != 0 || signal == (SIGTRAP | 0x80) ? 0 : signal);
}

static void on_change(struct side *side, pid_t id, int status)
{
	struct thread *thread = thread_of(side, id);

	if (WIFSTOPPED(status)) {
		on_stop(side, thread, status);
		return;
	}
	thread->id = 0;
	met(side, thread);
}

static _Noreturn void run(struct side *side, const sigset_t *wanted, pid_t parent)
{
	pid_t id;
	int status, got;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	for (;;) {
		while ((id = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
			on_change(side, id, status);
		take_request(side);
		(void)sigwait(wanted, &got);
	}
}

/* ---- the test's side ---- */

static void pause_shortly(void)
{
	(void)nanosleep(&(struct timespec){0, 200000}, NULL);
}

static bool ask(struct tap *tap, enum request request)
{
	int left = ANSWER_MS * 5;

	atomic_store(&tap->request, request);
	while (atomic_load(&tap->request) != REQUEST_NONE && left-- > 0) {
		if (left % 50 == 49)
			(void)kill(tap->self, SIGUSR1);
		pause_shortly();
	}
	return left > 0 && tap->ok;
}

/* A child of the caller's that does nothing is followed: that is what may be forbidden. */
static bool permitted(struct tap *tap)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(tap_follow(tap) ? 0 : 1);
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct tap *tap_open(const char **why)
{
	struct tap *tap = mmap(NULL, sizeof *tap, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct side side = {.tap = tap};
	pid_t parent = getpid(), self;
	sigset_t wanted, before;

	if (tap == MAP_FAILED)
		abort();
	(void)sigemptyset(&wanted);
	(void)sigaddset(&wanted, SIGCHLD);
	(void)sigaddset(&wanted, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &wanted, &before);
	self = fork();
	if (self == 0)
		run(&side, &wanted, parent);
	tap->self = self;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (tap->self > 0 && permitted(tap))
		return tap;
	*why = tap->error ? strerror(tap->error) : "no answer from the tracing process";
	tap_close(tap);
	return NULL;
}

void tap_close(struct tap *tap)
{
	if (tap->self > 0) {
		(void)kill(tap->self, SIGKILL);
		(void)waitpid(tap->self, NULL, 0);
	}
	(void)munmap(tap, sizeof *tap);
}

bool tap_follow(struct tap *tap)
{
	(void)prctl(PR_SET_PTRACER, tap->self); /* where only parents may trace; where that is no rule, it fails */
	tap->program = getpid();
	return ask(tap, REQUEST_FOLLOW);
}

bool tap_arm(struct tap *tap, const struct tap_plan *plan)
{
	tap->plan = *plan;
	return ask(tap, REQUEST_ARM);
}

struct tap_seen tap_look(const struct tap *tap)
{
	struct tap_seen ret = tap->seen;

	ret.hits = atomic_load(&tap->hits);
	ret.calls = atomic_load(&tap->calls);
	return ret;
}

struct tap_seen tap_disarm(struct tap *tap)
{
	(void)ask(tap, REQUEST_DISARM);
	return tap_look(tap);
}
