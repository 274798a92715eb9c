/*
 * oom_hook: preloaded in front of the C library's (or AddressSanitizer's) allocator. Every function here asks
 * refuse() first and passes the call on; oom.h says what counts. What the allocator of a sanitizer would hide
 * (strdup and its like do not reach malloc there) is caught by name.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/faults/oom/oom_stack.h"

#define ONE_STATE __attribute__((tls_model("initial-exec"))) /* thread-local without a call of malloc */

static struct oom_page *page; /* NULL: not started by the driver, or in a child */
static _Thread_local ONE_STATE bool busy;
static atomic_flag sites_taken = ATOMIC_FLAG_INIT;

/* dlsym may allocate before it can name the next malloc: such memory comes from here and is never given back. */
static _Alignas(16) unsigned char early[1 << 16];
static atomic_size_t early_used;
static _Thread_local ONE_STATE bool looking;

static void *early_take(size_t size)
{
	size_t at = atomic_fetch_add(&early_used, (size + 31) / 16 * 16);

	if (at + size + 16 > sizeof early)
		abort();
	memcpy(early + at, &size, sizeof size);
	return early + at + 16;
}

static bool is_early(const void *p)
{
	return (const unsigned char *)p >= early && (const unsigned char *)p < early + sizeof early;
}

/* The function that would be called without this hook. */
static void *look(const char *name)
{
	void *found;

	looking = true;
	found = dlsym(RTLD_NEXT, name);
	looking = false;
	return found;
}

#define NEXT(name)                                                                                                     \
	static __typeof__(name) *next;                                                                                 \
	if (!next)                                                                                                     \
	*(void **)&next = look(#name)

static struct oom_site *site_of(uint64_t way)
{
	struct oom_site *site = NULL;

	for (uint64_t i = way, n = 0; n < OOM_SITES && !site; i++, n++) {
		struct oom_site *s = &page->sites[i % OOM_SITES];

		if (s->way == way || s->way == 0)
			site = s;
	}
	return site;
}

static void note_site(const struct oom_site *came, uint64_t call)
{
	struct oom_site *site;

	while (atomic_flag_test_and_set(&sites_taken))
		continue;
	site = site_of(came->way);
	if (site && site->way == 0) {
		*site = (struct oom_site){came->way, came->place, call, call, came->stops};
		page->n_sites++;
	}
	if (site)
		site->last = call;
	atomic_flag_clear(&sites_taken);
}

/* No later call can be the one: the rest of the run need not look at its stacks. */
static bool past(void)
{
	uint64_t calls = atomic_load(&page->calls);

	return calls >= page->most || (page->mode == OOM_ONCE && calls >= page->nth);
}

/* Counts the call if it is production's. */
static bool counted(void)
{
	struct oom_site site = {0};
	uint64_t call;
	bool counting = page->mode == OOM_COUNT;

	if (past())
		return false;
	if (oom_stack_whose(counting ? &site : NULL) != OOM_PRODUCTION)
		return false;
	call = atomic_fetch_add(&page->calls, 1) + 1;
	if (counting)
		note_site(&site, call);
	if (counting || (page->mode == OOM_ONCE ? call != page->nth : call < page->nth))
		return false;
	if (atomic_fetch_add(&page->failed, 1) == 0)
		oom_stack_take(&page->failure);
	return true;
}

static bool refuse(void)
{
	bool yes;

	if (!page || busy || looking)
		return false;
	busy = true;
	yes = counted();
	busy = false;
	if (yes)
		errno = ENOMEM;
	return yes;
}

#define EXPORT __attribute__((visibility("default")))

/*
 * dlsym frees, too, and what free calls must be known by then: it is looked up with the first allocation. What is
 * given back before that waits.
 */
static void (*next_free)(void *);
static _Atomic(void *) waits;

static void know_free(void)
{
	void *p;

	if (!next_free)
		*(void **)&next_free = look("free");
	p = next_free ? atomic_exchange(&waits, NULL) : NULL;
	if (p)
		next_free(p);
}

EXPORT void *malloc(size_t size)
{
	if (looking)
		return early_take(size);
	NEXT(malloc);
	know_free();
	return refuse() ? NULL : next(size);
}

EXPORT void *calloc(size_t n, size_t size)
{
	if (looking)
		return early_take(n * size); /* static memory is zero */
	NEXT(calloc);
	know_free();
	return refuse() ? NULL : next(n, size);
}

EXPORT void *realloc(void *old, size_t size)
{
	size_t had;
	void *moved;

	if (!is_early(old)) {
		NEXT(realloc);
		return refuse() ? NULL : next(old, size);
	}
	moved = malloc(size);
	memcpy(&had, (unsigned char *)old - 16, sizeof had);
	if (moved)
		memcpy(moved, old, had < size ? had : size);
	return moved;
}

EXPORT void *reallocarray(void *old, size_t n, size_t size)
{
	NEXT(reallocarray);
	return refuse() ? NULL : next(old, n, size);
}

EXPORT void free(void *p)
{
	if (is_early(p))
		return;
	if (next_free)
		next_free(p);
	else
		atomic_store(&waits, p);
}

EXPORT int posix_memalign(void **ret, size_t align, size_t size)
{
	NEXT(posix_memalign);
	return refuse() ? ENOMEM : next(ret, align, size);
}

EXPORT void *aligned_alloc(size_t align, size_t size)
{
	NEXT(aligned_alloc);
	return refuse() ? NULL : next(align, size);
}

EXPORT void *memalign(size_t align, size_t size)
{
	NEXT(memalign);
	return refuse() ? NULL : next(align, size);
}

/* Once here, the malloc inside is not asked again: one call, one failure. */
EXPORT char *strdup(const char *s)
{
	char *copy;
	bool was = busy;

	NEXT(strdup);
	if (refuse())
		return NULL;
	busy = true;
	copy = next(s);
	busy = was;
	return copy;
}

EXPORT char *strndup(const char *s, size_t n)
{
	char *copy;
	bool was = busy;

	NEXT(strndup);
	if (refuse())
		return NULL;
	busy = true;
	copy = next(s, n);
	busy = was;
	return copy;
}

/* --- what the run leaves behind, and how it ends --- */

static void note_folder(const char *made)
{
	unsigned i;

	if (!page || !made)
		return;
	i = atomic_fetch_add(&page->n_folders, 1);
	if (i < OOM_FOLDERS)
		(void)snprintf(page->folders[i], sizeof page->folders[i], "%s", made);
}

EXPORT char *mkdtemp(char *template)
{
	char *made;

	NEXT(mkdtemp);
	made = next(template);
	note_folder(made);
	return made;
}

EXPORT int mkstemp(char *template)
{
	int fd;

	NEXT(mkstemp);
	fd = next(template);
	note_folder(fd >= 0 ? template : NULL);
	return fd;
}

/* Tests tell each decision of the policy (tests/support/suite.c). */
EXPORT void headgate_oom_judged(int decision)
{
	unsigned i;

	if (!page)
		return;
	i = atomic_fetch_add(&page->n_judged, 1);
	if (i < OOM_JUDGED)
		page->judged[i] = (uint8_t)decision;
}

static struct stat voice; /* what stderr was */

static bool unheard(void)
{
	struct stat now;

	return fstat(STDERR_FILENO, &now) != 0 || now.st_dev != voice.st_dev || now.st_ino != voice.st_ino;
}

static void note_end(atomic_bool *how)
{
	bool was = busy;

	if (!page || atomic_exchange(how, true))
		return;
	busy = true;
	oom_stack_take(&page->end);
	page->unheard = unheard();
	busy = was;
}

EXPORT void abort(void)
{
	NEXT(abort);
	if (page)
		note_end(&page->aborted);
	next();
	_exit(127);
}

EXPORT void __assert_fail(const char *what, const char *file, unsigned line, const char *function)
{
	(void)fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, what);
	abort();
}

/*
 * Check leaves a failed assertion by longjmp. The stack still stands here, so what a leak check finds now was lost by
 * the code under test; after the jump everything the test held would look lost, too.
 */
static void before_jump(void)
{
	int (*leaks)(void);

	if (!page)
		return;
	note_end(&page->asserted);
	if (page->go_on)
		return;
	*(void **)&leaks = look("__lsan_do_recoverable_leak_check");
	if (leaks && page->leak_checked)
		page->leaked = leaks() != 0;
	_exit(OOM_ENDED);
}

#define JUMP(name)                                                                                                     \
	EXPORT void name(struct __jmp_buf_tag where[1], int value)                                                     \
	{                                                                                                              \
		void (*next)(struct __jmp_buf_tag *, int);                                                             \
                                                                                                                       \
		before_jump();                                                                                         \
		*(void **)&next = look(#name);                                                                         \
		next(where, value);                                                                                    \
		_exit(127);                                                                                            \
	}
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wattributes"
JUMP(longjmp)
JUMP(_longjmp)
JUMP(siglongjmp)
JUMP(__longjmp_chk)

static void on_fault(int sig)
{
	note_end(&page->faulted);
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

static void on_hang(int sig)
{
	(void)sig;
	note_end(&page->hung);
	_exit(OOM_ENDED);
}

static void catch_signals(void)
{
	struct sigaction fault = {.sa_handler = on_fault, .sa_flags = SA_NODEFER}, hang = {.sa_handler = on_hang};

	(void)sigaction(SIGSEGV, &fault, NULL);
	(void)sigaction(SIGBUS, &fault, NULL);
	(void)sigaction(SIGFPE, &fault, NULL);
	(void)sigaction(SIGILL, &fault, NULL);
	(void)sigaction(SIGRTMAX - 3, &hang, NULL);
}

static void in_child(void)
{
	page = NULL;
}

__attribute__((constructor)) static void start(void)
{
	const char *name = getenv(OOM_VARIABLE);
	int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
	void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd >= 0)
		(void)close(fd);
	(void)unsetenv("LD_PRELOAD"); /* programs that the test starts allocate as ever */
	(void)unsetenv(OOM_VARIABLE);
	if (at == MAP_FAILED)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* not longer than the driver */
	(void)fstat(STDERR_FILENO, &voice);
	oom_stack_start(at);
	catch_signals();
	(void)pthread_atfork(NULL, NULL, in_child);
	page = at;
	atomic_store(&page->ready, true);
}
