#include "tests/faults/oom/oom_stack.h"

#include <link.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <unwind.h>

struct module {
	uintptr_t from, to, base;
	uint64_t id;
	char name[OOM_NAME];
	bool ours;      /* the hook itself: its frames say nothing */
	bool libc;      /* the C library and the loader: they ask for others */
	bool sanitizer; /* its runtime, which checks that its own allocations succeed */
};

enum { MODULES = 128 };

static struct {
	const struct oom_page *page;
	struct module modules[MODULES];
	atomic_uint n; /* grows only, after the entry is whole */
	atomic_flag filling;
	pid_t main_thread;
} all = {.filling = ATOMIC_FLAG_INIT};

struct walk {
	bool hashing, stop;
	bool ends;                  /* the process, in the innermost frame of production */
	const struct module *asked; /* the innermost that is not the C library */
	enum oom_whose whose;
	uint64_t way, place;
	struct oom_stack *stack; /* or NULL */
};

static uint64_t mix(uint64_t hash, uint64_t with)
{
	return (hash ^ with) * 0x9e3779b97f4a7c15u + (hash >> 29);
}

static void name_module(struct module *m, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	m->id = 1;
	for (size_t i = 0; name[i] != '\0'; i++) {
		m->id = mix(m->id, (unsigned char)name[i]);
		if (i + 1 < OOM_NAME)
			m->name[i] = name[i];
	}
	m->ours = strstr(name, "oom_hook") != NULL;
	m->libc = strncmp(name, "libc.", 5) == 0 || strncmp(name, "ld-", 3) == 0;
	m->sanitizer = strncmp(name, "libasan", 7) == 0 || strncmp(name, "libtsan", 7) == 0;
}

static const struct module *known(uintptr_t at)
{
	unsigned n = atomic_load(&all.n);

	for (unsigned i = 0; i < n; i++)
		if (at >= all.modules[i].from && at < all.modules[i].to)
			return &all.modules[i];
	return NULL;
}

static int add_module(struct dl_phdr_info *info, size_t size, void *user)
{
	(void)size;
	(void)user;
	for (unsigned i = 0; i < info->dlpi_phnum && all.n < MODULES; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		struct module *m = &all.modules[all.n];

		if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0 || known(info->dlpi_addr + part->p_vaddr))
			continue;
		*m = (struct module){.base = info->dlpi_addr, .from = info->dlpi_addr + part->p_vaddr};
		m->to = m->from + part->p_memsz;
		name_module(m, info->dlpi_name);
		atomic_fetch_add(&all.n, 1);
	}
	return 0;
}

/* A library that was opened later is found by looking again; a thread that finds somebody looking goes without. */
static const struct module *module_of(uintptr_t at)
{
	const struct module *found = known(at);

	if (found || atomic_flag_test_and_set(&all.filling))
		return found;
	(void)dl_iterate_phdr(add_module, NULL);
	atomic_flag_clear(&all.filling);
	return known(at);
}

static const struct oom_range *range_of(uint64_t at)
{
	unsigned from = 0, to = all.page->n_ranges;

	while (from < to) {
		unsigned middle = from + (to - from) / 2;
		const struct oom_range *range = &all.page->ranges[middle];

		if (at < range->from)
			to = middle;
		else if (at >= range->to)
			from = middle + 1;
		else
			return range;
	}
	return NULL;
}

static void remember(struct oom_stack *stack, const struct module *m, uintptr_t at)
{
	struct oom_frame *frame = &stack->frames[stack->n++];

	memcpy(frame->module, m ? m->name : "?", m ? OOM_NAME : 2);
	frame->at = at - (m ? m->base : 0);
}

/* `at` lies inside the call instruction, so that a call that ends a function still belongs to it. */
static void step(struct walk *walk, uintptr_t at)
{
	const struct module *m = module_of(at);
	const struct oom_range *range = NULL;

	if (m && m->ours)
		return;
	if (!walk->asked && m && !m->libc)
		walk->asked = m;
	if (walk->stack && walk->stack->n < OOM_FRAMES)
		remember(walk->stack, m, at);
	if (m && m->name[0] == '\0') { /* the program itself has no name in the list */
		range = range_of(at - m->base);
		if (walk->whose == OOM_NOBODY)
			walk->whose = range ? OOM_PRODUCTION : OOM_TEST;
		walk->stop = !walk->stack && (!range || !walk->hashing);
		if (!range)
			return;
		if (walk->place == 0) {
			walk->place = range->id + (at - m->base - range->from);
			walk->ends = range->stops;
		}
	}
	/* Whatever a library was about to do when its process ended, it does not do it: its frames tell no ways apart.
	 */
	if (walk->ends && !range)
		return;
	walk->way = mix(walk->way, range ? range->id + (at - m->base - range->from) : m ? m->id + (at - m->base) : 0);
}

static _Unwind_Reason_Code each_frame(struct _Unwind_Context *context, void *user)
{
	struct walk *walk = user;
	uintptr_t at = _Unwind_GetIP(context);

	if (at == 0)
		return _URC_END_OF_STACK;
	step(walk, at - 1);
	return walk->stop ? _URC_END_OF_STACK : _URC_NO_REASON;
}

static enum oom_whose owner(const struct walk *walk)
{
	if (walk->whose != OOM_NOBODY)
		return walk->whose;
	if (walk->asked && walk->asked->sanitizer)
		return OOM_TEST;
	return (pid_t)syscall(SYS_gettid) == all.main_thread ? OOM_TEST : OOM_PRODUCTION;
}

void oom_stack_start(const struct oom_page *page)
{
	all.page = page;
	all.main_thread = (pid_t)syscall(SYS_gettid);
	(void)dl_iterate_phdr(add_module, NULL);
}

enum oom_whose oom_stack_whose(struct oom_site *site)
{
	struct walk walk = {.hashing = site != NULL, .way = 1};

	(void)_Unwind_Backtrace(each_frame, &walk);
	if (site) {
		site->way = walk.way ? walk.way : 1;
		site->place = walk.place;
		site->stops = walk.ends;
	}
	return owner(&walk);
}

void oom_stack_take(struct oom_stack *ret)
{
	struct walk walk = {.stack = ret};

	ret->n = 0;
	(void)_Unwind_Backtrace(each_frame, &walk);
	ret->whose = owner(&walk);
}
