#include "agent/hook/trackers.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "policy/memory.h"

struct hook_trackers {
	struct hook_trackers_ports ports;
	struct tracker_hands hands[HOOK_WORKERS];
	atomic_bool unwell[CONFIG_TRACKERS_MAX]; /* its table's file was refused, which was said */
};

struct hook_trackers *hook_trackers_open(const struct hook_trackers_ports *ports, struct err *err)
{
	struct hook_trackers *t = memory_take(sizeof *t);

	*t = (struct hook_trackers){.ports = *ports};
	for (size_t i = 0; i < HOOK_WORKERS; i++)
		if (!tracker_hands_init(&t->hands[i], ports->trackers, err)) {
			hook_trackers_free(t);
			return NULL;
		}
	return t;
}

void hook_trackers_free(struct hook_trackers *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < HOOK_WORKERS; i++)
		tracker_hands_release(&t->hands[i]);
	free(t);
}

/* ---- one question's view ---- */

static int64_t wall(const struct hook_view *view)
{
	return view->all->ports.clock.wall(view->all->ports.clock.self);
}

static enum table_state state(void *self, int64_t id)
{
	const struct hook_view *view = self;

	return bug_table_state(view->source->table, id);
}

static bool counts(void *self, int64_t id, const struct bugs_wanted *wanted, struct arena *arena, struct bug *ret)
{
	const struct hook_view *view = self;
	const struct bug_asking asking = {view->all->ports.store, wanted, id, wall(view)};

	return bug_source_counts(view->source, &asking, arena, ret);
}

/* Who stands on what was known of the bugs hears that it is not so. */
static void spread(const struct hook_view *view, const struct tracker_ids *ids, int64_t read_at)
{
	const struct hook_trackers_ports *ports = &view->all->ports;
	const struct bugs_told told = {
		.tracker = view->source->name, .ids = ids->at, .n = ids->n, .read_at = read_at, .now = wall(view)};
	struct err err = ERR_NONE;
	bool subjects = false;

	if (ids->n == 0)
		return;
	if (!store_tell_bugs(ports->store, &told, &subjects, &err))
		bug_table_owe(view->source->table, ids->at, ids->n);
	if (subjects) {
		ports->wake.signal(ports->wake.self, WAKE_SUBJECTS);
		ports->wake.signal(ports->wake.self, WAKE_SLOTS);
	}
}

static bool read_bug(void *self, int64_t id, const struct bugs_wanted *wanted, struct arena *arena, struct bug *ret)
{
	const struct hook_view *view = self;
	const struct bug_source *source = view->source;
	const struct tracker_call call = {arena, view->deadline_ms};
	const struct tracker_wanted names = bug_source_asked(wanted);
	struct tracker_bug bug = {.changed_at = 0};
	struct tracker_ids others;
	struct err err = ERR_NONE;

	if (!source->port.bug || view->all->ports.clock.mono(view->all->ports.clock.self) >= view->deadline_ms)
		return false;
	if (source->port.bug(source->port.self, &call, id, &names, &bug, &err) != ERR_OK)
		return false;
	if (bug_source_tell(source, &bug, arena, &others))
		spread(view, &(struct tracker_ids){&bug.is.id, 1}, bug.is.as_of);
	spread(view, &others, 0);
	bug_source_settle(source, view->all->ports.store, &bug.is);
	*ret = bug_source_facts(source, &bug);
	return true;
}

/* What a command wrote meanwhile counts for this question. */
static void say_unread(const struct hook_trackers *t, struct text tracker, const struct err *err)
{
	struct log_field fields[] = {LOG_T("tracker", tracker), LOG_S("detail", err->text), LOG_DONE};

	log_event(t->ports.log, LOG_WARN_LEVEL, "the table of a tracker cannot be read; commit hooks know less",
		  fields);
}

static void look(struct hook_trackers *t, size_t i, struct bug_table *table)
{
	struct table_store store = trackers_store(t->ports.trackers, i);
	struct err err = ERR_NONE;
	uint64_t changed;
	bool ok;

	bug_table_clock(table, &t->ports.clock);
	ok = table_store_refresh(&store, table, &changed, &err) || err.code == ERR_GONE;
	if (!ok && !atomic_exchange(&t->unwell[i], true))
		say_unread(t, store.tracker, &err);
	else if (ok)
		atomic_store(&t->unwell[i], false);
}

bool hook_trackers_view(struct hook_trackers *trackers, struct text name, struct hook_view *view,
			struct hook_tracker *ret)
{
	const struct bug_sources *all = &trackers->hands[view->worker].all;

	for (size_t i = 0; i < all->n; i++) {
		const struct bug_source *source = &all->at[i];

		if (!text_eq(source->name, name))
			continue;
		look(trackers, i, source->table);
		view->all = trackers;
		view->source = source;
		*ret = (struct hook_tracker){.self = view,
					     .name = source->name,
					     .table_only = !source->port.bug,
					     .state = state,
					     .counts = counts,
					     .read = read_bug};
		return true;
	}
	return false;
}
