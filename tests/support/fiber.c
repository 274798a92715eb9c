#include "tests/support/fiber.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

/* swapcontext asks the kernel for the signal mask at each switch; the plain switch is for builds without sanitizers. */
#if defined(__x86_64__) && !defined(HAVE_ASAN) && !defined(__SANITIZE_THREAD__)
#define PLAIN_SWITCH 1
void fiber_switch(void **keep_sp, void *to_sp);
__asm__(".text\n"
	".type fiber_switch,@function\n"
	"fiber_switch:\n"
	"	endbr64\n"
	"	push %rbp\n	push %rbx\n	push %r12\n	push %r13\n	push %r14\n	push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbx\n	pop %rbp\n"
	"	ret\n"
	".size fiber_switch,.-fiber_switch\n");
#endif

#define FIBERS_MAX 64
#define FOREVER    INT64_MAX

enum state { READY = 0, SLEEPING, WAITING, DONE };

struct fiber { /* small: the scheduler looks at all of them at each switch */
	enum state state;
	enum wake_topic topic;
	int64_t until;             /* SLEEPING and WAITING: monotonic */
	struct fiber_group *group; /* WAITING: whose topic; before, the scheduler's own */
	struct fibers *home;
	const char *name;
	void (*run)(void *);
	void *arg;
	char *stack; /* the guard page comes first */
#ifdef PLAIN_SWITCH
	void *sp;
#else
	ucontext_t context;
	void *fake_stack;
	void *tsan;
#endif
};

struct fibers {
	struct fiber at[FIBERS_MAX];
	size_t n;
	struct fiber *now; /* the one running; NULL: the scheduler */
#ifdef PLAIN_SWITCH
	void *scheduler_sp;
#else
	ucontext_t scheduler;
	void *scheduler_fake, *scheduler_tsan;
	const void *scheduler_stack;
	size_t scheduler_size;
#endif
	int64_t mono, wall_start;
	uint64_t seed, hash;
	struct fiber_group own; /* of those that are in no other */
};

#ifdef PLAIN_SWITCH
static struct fibers *switching; /* whose fiber begins */
#endif

/* Stacks that nobody uses now: mapping and protecting them costs more than a short history. */
static char *spare[2 * FIBERS_MAX];
static size_t n_spare;

/* splitmix64: short, well distributed, and ours to repeat. */
static uint64_t dice(struct fibers *fibers)
{
	uint64_t z = (fibers->seed += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t fibers_dice(struct fibers *fibers, uint64_t n)
{
	return dice(fibers) % n;
}

struct fibers *fibers_new(uint64_t seed, int64_t wall_ms)
{
	struct fibers *fibers = calloc(1, sizeof *fibers);

	assert(fibers);
	fibers->seed = seed;
	fibers->wall_start = wall_ms;
	fibers->own.fibers = fibers;
#if defined(__SANITIZE_THREAD__)
	fibers->scheduler_tsan = __tsan_get_current_fiber();
#endif
	return fibers;
}

static size_t page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static char *take_stack(void)
{
	char *stack = n_spare > 0 ? spare[--n_spare] : NULL;

	if (stack)
		return stack;
	stack = mmap(NULL, FIBER_STACK + page(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1,
		     0);
	assert(stack != MAP_FAILED);
	if (mprotect(stack, page(), PROT_NONE) != 0)
		abort();
	return stack;
}

static void give_stack(char *stack)
{
#ifdef HAVE_ASAN
	__asan_unpoison_memory_region(stack + page(), FIBER_STACK);
#endif
	if (n_spare < sizeof spare / sizeof spare[0])
		spare[n_spare++] = stack;
	else
		(void)munmap(stack, FIBER_STACK + page());
}

void fibers_free(struct fibers *fibers)
{
	for (size_t i = 0; i < fibers->n; i++) {
		assert(fibers->at[i].state == DONE);
		give_stack(fibers->at[i].stack);
#if defined(__SANITIZE_THREAD__)
		__tsan_destroy_fiber(fibers->at[i].tsan);
#endif
	}
	free(fibers);
}

/* ---- switching: each side tells the sanitizer where it goes, and says that it has arrived ---- */

#ifdef PLAIN_SWITCH
static void to_scheduler(struct fiber *self)
{
	fiber_switch(&self->sp, self->home->scheduler_sp);
}

static void to_fiber(struct fibers *fibers, struct fiber *next)
{
	switching = fibers;
	fiber_switch(&fibers->scheduler_sp, next->sp);
}

static void arrived(struct fiber *self)
{
	(void)self;
}
#else
static void leave(void **keep, const void *stack, size_t size, void *tsan)
{
	(void)keep, (void)stack, (void)size, (void)tsan;
#ifdef HAVE_ASAN
	__sanitizer_start_switch_fiber(keep, stack, size);
#endif
#if defined(__SANITIZE_THREAD__)
	__tsan_switch_to_fiber(tsan, 0);
#endif
}

static void arrive(void *kept, const void **from, size_t *size)
{
	(void)kept, (void)from, (void)size;
#ifdef HAVE_ASAN
	__sanitizer_finish_switch_fiber(kept, from, size);
#endif
}

static void to_scheduler(struct fiber *self)
{
	struct fibers *fibers = self->home;

	/* A fiber that is done gives its fake stack up. */
	leave(self->state == DONE ? NULL : &self->fake_stack, fibers->scheduler_stack, fibers->scheduler_size,
	      fibers->scheduler_tsan);
	(void)swapcontext(&self->context, &fibers->scheduler);
	arrive(self->fake_stack, NULL, NULL);
}

static void to_fiber(struct fibers *fibers, struct fiber *next)
{
	leave(&fibers->scheduler_fake, next->stack + page(), FIBER_STACK, next->tsan);
	(void)swapcontext(&fibers->scheduler, &next->context);
	arrive(fibers->scheduler_fake, NULL, NULL);
}

static void arrived(struct fiber *self)
{
	arrive(NULL, &self->home->scheduler_stack, &self->home->scheduler_size);
}
#endif

static void resume(struct fibers *fibers, struct fiber *next)
{
	fibers->now = next;
	fibers->hash = (fibers->hash ^ (uint64_t)(next - fibers->at)) * 0x100000001b3u;
	to_fiber(fibers, next);
	fibers->now = NULL;
}

static void live(struct fiber *self)
{
	arrived(self);
	self->run(self->arg);
	self->state = DONE;
	self->group = &self->home->own; /* the one it waited in may go now */
	to_scheduler(self);
	abort(); /* a finished fiber is never run again */
}

#ifdef PLAIN_SWITCH
static void begin(void)
{
	live(switching->now);
}

/* As fiber_switch would have left it: six registers, then where to go on. */
static void prepare(struct fiber *fiber)
{
	void **top = (void **)(void *)(fiber->stack + page() + FIBER_STACK - 64);

	*--top = NULL; /* nobody returns from begin */
	*--top = (void *)(uintptr_t)begin;
	for (int i = 0; i < 6; i++)
		*--top = NULL;
	fiber->sp = top;
}
#else
/* makecontext passes ints only: the pointer travels in two halves. */
static void begin(unsigned high, unsigned low)
{
	live((struct fiber *)(((uintptr_t)high << 32) | low)); /* NOLINT */
}

static void prepare(struct fiber *fiber)
{
	uintptr_t self = (uintptr_t)fiber;

	(void)getcontext(&fiber->context);
	fiber->context.uc_stack.ss_sp = fiber->stack + page();
	fiber->context.uc_stack.ss_size = FIBER_STACK;
	makecontext(&fiber->context, (void (*)(void))begin, 2, (unsigned)(self >> 32), (unsigned)self); /* NOLINT */
}
#endif

/* A fiber that has returned leaves its place to the next. */
static struct fiber *place(struct fibers *fibers)
{
	for (size_t i = 0; i < fibers->n; i++)
		if (fibers->at[i].state == DONE) {
#if defined(__SANITIZE_THREAD__)
			__tsan_destroy_fiber(fibers->at[i].tsan);
#endif
			give_stack(fibers->at[i].stack);
			return &fibers->at[i];
		}
	assert(fibers->n < FIBERS_MAX);
	return &fibers->at[fibers->n++];
}

void fibers_add(struct fibers *fibers, const char *name, void (*run)(void *), void *arg)
{
	struct fiber *fiber = place(fibers);

	*fiber = (struct fiber){
		.group = &fibers->own, .home = fibers, .name = name, .run = run, .arg = arg, .stack = take_stack()};
#if defined(__SANITIZE_THREAD__)
	fiber->tsan = __tsan_create_fiber(0);
#endif
	prepare(fiber);
}

size_t fibers_alive(const struct fibers *fibers)
{
	size_t n = 0;

	for (size_t i = 0; i < fibers->n; i++)
		n += fibers->at[i].state != DONE;
	return n;
}

/* ---- the scheduler ---- */

/* Nothing here jumps: who can run next is what no processor guesses. */
static bool runnable(const struct fibers *fibers, const struct fiber *fiber)
{
	const struct fiber_group *group = fiber->group;
	bool woken = group->signalled[fiber->topic] | group->stopping | fibers->own.stopping;

	return (fiber->state == READY) | ((fiber->state == WAITING) & woken) |
	       ((fiber->state != DONE) & (fiber->until <= fibers->mono));
}

static struct fiber *pick(struct fibers *fibers)
{
	unsigned char ready[FIBERS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < fibers->n; i++) {
		ready[n] = (unsigned char)i;
		n += runnable(fibers, &fibers->at[i]);
	}
	return n ? &fibers->at[ready[dice(fibers) % n]] : NULL;
}

/* Nobody can run: the clock jumps to when somebody can. False: nobody ever will. */
static bool jump(struct fibers *fibers)
{
	int64_t next = FOREVER;

	for (size_t i = 0; i < fibers->n; i++)
		if (fibers->at[i].state != DONE && fibers->at[i].until < next)
			next = fibers->at[i].until;
	if (next == FOREVER)
		return false;
	fibers->mono = next > fibers->mono ? next : fibers->mono;
	return true;
}

static bool all_done(const struct fibers *fibers)
{
	for (size_t i = 0; i < fibers->n; i++)
		if (fibers->at[i].state != DONE)
			return false;
	return true;
}

bool fibers_run(struct fibers *fibers, uint64_t max_switches)
{
	for (uint64_t i = 0; i < max_switches && !all_done(fibers); i++) {
		struct fiber *next = pick(fibers);

		if (next) {
			if (next->state == WAITING)
				next->group->signalled[next->topic] = false;
			next->state = READY;
			resume(fibers, next);
		} else if (!jump(fibers)) {
			return false;
		}
	}
	return all_done(fibers);
}

void fiber_yield(struct fibers *fibers)
{
	if (fibers->now)
		to_scheduler(fibers->now);
}

void fiber_sleep(struct fibers *fibers, int64_t ms)
{
	fibers->now->until = fibers->mono + ms;
	fibers->now->state = SLEEPING;
	to_scheduler(fibers->now);
}

void fibers_stop(struct fibers *fibers)
{
	fibers->own.stopping = true;
}

uint64_t fibers_schedule_hash(const struct fibers *fibers)
{
	return fibers->hash;
}

/* ---- ports ---- */

static int64_t wall(void *self)
{
	const struct fibers *fibers = self;

	return fibers->wall_start + fibers->mono;
}

static int64_t mono(void *self)
{
	return ((const struct fibers *)self)->mono;
}

struct clock_port fibers_clock(struct fibers *fibers)
{
	return (struct clock_port){fibers, wall, mono};
}

static void wake_wait(void *self, enum wake_topic topic, int64_t deadline_ms)
{
	struct fiber_group *group = self;
	struct fiber *now = group->fibers->now;

	now->group = group;
	now->topic = topic;
	now->until = deadline_ms;
	now->state = WAITING;
	to_scheduler(now);
}

static void wake_signal(void *self, enum wake_topic topic)
{
	((struct fiber_group *)self)->signalled[topic] = true;
}

static bool wake_stopping(void *self)
{
	const struct fiber_group *group = self;

	return group->stopping || group->fibers->own.stopping;
}

struct wake_port fibers_wake(struct fibers *fibers)
{
	return fiber_group_wake(&fibers->own);
}

struct wake_port fiber_group_wake(struct fiber_group *group)
{
	return (struct wake_port){group, wake_wait, wake_signal, wake_stopping};
}

void fiber_group_stop(struct fiber_group *group)
{
	group->stopping = true;
}

const void *fiber_self(const struct fibers *fibers)
{
	return fibers->now;
}

static bool exec_write(void *self, store_job *job, void *arg, struct err *err)
{
	struct fiber_exec *exec = self;
	bool ok;

	fiber_yield(exec->fibers);
	ok = exec->inner.write(exec->inner.self, job, arg, err);
	fiber_yield(exec->fibers);
	return ok;
}

static bool exec_read(void *self, store_job *job, void *arg, struct err *err)
{
	struct fiber_exec *exec = self;
	bool ok;

	fiber_yield(exec->fibers);
	ok = exec->inner.read(exec->inner.self, job, arg, err);
	fiber_yield(exec->fibers);
	return ok;
}

static bool exec_later(void *self, struct store_later *later, struct err *err)
{
	struct fiber_exec *exec = self;

	return exec->inner.write_later(exec->inner.self, later, err);
}

struct store_exec fiber_exec_port(struct fiber_exec *exec)
{
	return (struct store_exec){exec, exec_write, exec_read, exec_later};
}

static enum err_code http_send(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct fiber_http *http = self;
	enum err_code code;

	fiber_yield(http->fibers);
	code = http->inner.send(http->inner.self, in, out, err);
	fiber_yield(http->fibers);
	return code;
}

struct http_port fiber_http_port(struct fiber_http *http)
{
	return (struct http_port){http, http_send};
}
