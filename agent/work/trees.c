#include "agent/work/trees.h"

#include "agent/store/trees.h"

#define IDLE_MS          5000
#define STORE_TROUBLE_MS 200

static int64_t mono(const struct worker *w)
{
	return w->clock.mono(w->clock.self);
}

static int64_t wall(const struct worker *w)
{
	return w->clock.wall(w->clock.self);
}

static bool trouble(const struct worker *w, const struct err *err, int64_t *ret_at)
{
	struct log_field fields[] = {LOG_S("step", "trees"), LOG_S("code", err_name(err->code)),
				     LOG_S("error", err->text), LOG_DONE};

	log_event(w->log, LOG_ERROR_LEVEL, "store", fields);
	*ret_at = mono(w) + STORE_TROUBLE_MS;
	return false;
}

/* What it says. Whatever came and was not understood says that nobody knows. */
static struct tree_told ask(const struct tree_watcher *watcher, const struct row_tree *tree, struct arena *arena)
{
	const struct worker *w = &watcher->worker;
	struct treestatus_call call = {arena, mono(w) + watcher->deadline_ms};
	struct tree_told told = {.name = tree->name, .as_of = wall(w), .max_age_ms = watcher->max_age_ms};
	struct treestatus_says says = {.state = TREE_UNKNOWN};
	struct err err = ERR_NONE;
	enum err_code code = treestatus_ask(&watcher->treestatus, &call, tree->name, &says, &err);

	if (code != ERR_OK) {
		struct log_field fields[] = {LOG_T("tree", tree->name), LOG_S("code", err_name(code)),
					     LOG_S("error", err.text), LOG_DONE};

		log_event(w->log, LOG_WARN_LEVEL, "treestatus", fields);
	}
	told.answered = code != ERR_RETRY;
	told.state = says.state;
	told.reason = says.reason;
	told.now = wall(w);
	return told;
}

static void say(const struct worker *w, const struct tree_told *told)
{
	struct log_field fields[] = {LOG_T("tree", told->name), LOG_S("state", tree_state_name(told->state)),
				     LOG_T("reason", told->reason), LOG_DONE};

	log_event(w->log, LOG_INFO_LEVEL, "tree", fields);
}

static bool tell(const struct tree_watcher *watcher, const struct tree_told *told, int64_t *ret_at)
{
	const struct worker *w = &watcher->worker;
	struct err err = ERR_NONE;
	struct tree_news news;

	if (!store_tell_tree(w->store, told, &news, &err))
		return trouble(w, &err, ret_at);
	if (news.changed)
		say(w, told);
	if (news.slots) /* the poster wakes the judges: revocations first, then reads */
		w->wake.signal(w->wake.self, WAKE_SLOTS);
	else if (news.subjects)
		w->wake.signal(w->wake.self, WAKE_SUBJECTS);
	return true;
}

bool tree_watcher_step(struct tree_watcher *watcher, int64_t *ret_at)
{
	const struct worker *w = &watcher->worker;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct tree_turn turn = {wall(w), watcher->every_ms, &arena};
	struct err err = ERR_NONE;
	struct row_tree tree;
	struct tree_told told;
	int64_t at;

	*ret_at = mono(w);
	if (!store_due_tree(w->store, &turn, &tree, &at, &err)) {
		if (err.code != ERR_GONE)
			return trouble(w, &err, ret_at);
		*ret_at += at == WHEN_UNKNOWN || at - turn.now > IDLE_MS ? IDLE_MS : at - turn.now;
		return false;
	}
	told = ask(watcher, &tree, &arena);
	return tell(watcher, &told, ret_at);
}

void tree_watcher_run(struct tree_watcher *watcher)
{
	const struct worker *w = &watcher->worker;
	int64_t at;

	while (!w->wake.stopping(w->wake.self))
		if (!tree_watcher_step(watcher, &at))
			w->wake.wait(w->wake.self, WAKE_TREES, at);
}
