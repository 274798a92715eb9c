#include "agent/hook/trackers.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "agent/base/http.h"
#include "agent/base/secret.h"
#include "agent/tracker/ask.h"
#include "agent/tracker/table_store.h"
#include "policy/memory.h"

struct hook_source {
	const struct config_tracker *config;
	struct secret *key;
	struct bug_table *table;
	struct table_store store;
	atomic_bool unwell; /* its file was refused, which was said */
	struct ask *ask;
	struct ask_client *clients[HOOK_WORKERS]; /* none of a table alone */
};

struct hook_trackers {
	struct hook_trackers_ports ports;
	struct http_curl *http[HOOK_WORKERS];
	struct hook_source sources[CONFIG_TRACKERS_MAX];
	size_t n;
};

/* ---- opening ---- */

static const char *kind_of(const struct config_tracker *config)
{
	if (config->kind == CONFIG_TRACKER_GITHUB)
		return "github-issues";
	return config->flavour == CONFIG_TRACKER_UPSTREAM ? "bugzilla" : "bmo";
}

static void say(const struct hook_trackers *t, const struct hook_source *source, const char *why)
{
	struct log_field fields[] = {LOG_T("tracker", source->config->name), LOG_S("detail", why), LOG_DONE};

	log_event(t->ports.log, LOG_WARN_LEVEL, "the table of a tracker cannot be used; commit hooks know less",
		  fields);
}

/* A table that is refused is said to be, and nothing is known by it. */
static void open_table(struct hook_trackers *t, struct hook_source *source)
{
	struct err err = ERR_NONE;

	source->store = (struct table_store){t->ports.config->state_dir, source->config->name};
	source->table = table_store_load(&source->store, source->config->max_age_ms, &err);
	if (source->table)
		return;
	source->table = bug_table_new(source->config->max_age_ms);
	if (err.code == ERR_GONE)
		return;
	atomic_store(&source->unwell, true);
	say(t, source, err.text);
}

static bool open_clients(struct hook_trackers *t, struct hook_source *source, struct err *err)
{
	const struct ask_config budget = {0};
	const struct ask_ports ask_ports = {t->ports.clock, t->ports.wake};
	struct tracker_config config = {.kind = text_of(kind_of(source->config)),
					.name = source->config->name,
					.url = source->config->url,
					.answer_bytes = (size_t)t->ports.config->limits.answer_bytes};

	if (source->config->source == CONFIG_TRACKER_TABLE)
		return true;
	if (source->config->key_file.len > 0) {
		source->key = secret_read(source->config->key_file, 1, err);
		if (!source->key)
			return err_wrap(err, "trackers: %.*s: key_file", TEXT_ARG(source->config->name));
		config.key = secret_text(source->key);
	}
	source->ask = ask_new(&budget, &ask_ports);
	for (size_t i = 0; i < HOOK_WORKERS; i++) {
		const struct tracker_ports ports = {http_curl_port(t->http[i]), t->ports.clock};

		source->clients[i] = ask_client_new(source->ask, &config, &ports, err);
		if (!source->clients[i])
			return err_wrap(err, "trackers: %.*s", TEXT_ARG(source->config->name));
	}
	return true;
}

static bool is_named(const struct config *config, struct text tracker)
{
	for (size_t i = 0; i < config->hook.repositories.n; i++)
		if (text_eq(config->hook.repositories.at[i].tracker, tracker))
			return true;
	return false;
}

static bool open_all(struct hook_trackers *t, struct err *err)
{
	const struct http_curl_config http = {NULL, NULL};
	const struct config *config = t->ports.config;

	for (size_t i = 0; i < HOOK_WORKERS; i++) {
		t->http[i] = http_curl_new(&http, err);
		if (!t->http[i])
			return false;
	}
	for (size_t i = 0; i < config->trackers.n; i++) {
		if (!is_named(config, config->trackers.at[i].name))
			continue;
		t->sources[t->n].config = &config->trackers.at[i];
		open_table(t, &t->sources[t->n]);
		if (!open_clients(t, &t->sources[t->n++], err))
			return false;
	}
	return true;
}

struct hook_trackers *hook_trackers_open(const struct hook_trackers_ports *ports, struct err *err)
{
	struct hook_trackers *t = memory_take(sizeof *t);

	*t = (struct hook_trackers){.ports = *ports};
	if (open_all(t, err))
		return t;
	hook_trackers_free(t);
	return NULL;
}

void hook_trackers_free(struct hook_trackers *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++) {
		for (size_t k = 0; k < HOOK_WORKERS; k++)
			ask_client_free(t->sources[i].clients[k]);
		ask_free(t->sources[i].ask);
		bug_table_free(t->sources[i].table);
		secret_free(t->sources[i].key);
	}
	for (size_t i = 0; i < HOOK_WORKERS; i++)
		http_curl_free(t->http[i]);
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

/* A table alone counts as a whole until it is stale. Beside a tracker it does for the time that max_age gives. */
static bool counts(void *self, int64_t id, int64_t *ret_as_of)
{
	const struct hook_view *view = self;
	const struct hook_source *source = view->source;
	enum table_state is = bug_table_state(source->table, id);
	int64_t now = wall(view), dated = bug_table_dated(source->table);

	if (source->config->source != CONFIG_TRACKER_TABLE)
		return is == TABLE_INSECURE && bug_table_fresh(source->table, id, now, ret_as_of);
	*ret_as_of = dated;
	return (is == TABLE_INSECURE || is == TABLE_APPROVED) && dated > 0 &&
	       now - dated <= source->config->table_max_age_ms;
}

static void tell_table(const struct hook_source *source, const struct bug *bug, int64_t version)
{
	if (bug->state == BUG_HIDDEN)
		(void)bug_table_hidden(source->table, bug->id, version);
	else if (bug->state == BUG_READ && bug->secure == TRI_YES &&
		 bug_table_state(source->table, bug->id) != TABLE_APPROVED)
		(void)bug_table_tell(source->table, bug->id, TABLE_SECURE, version);
}

static bool read_bug(void *self, int64_t id, const struct bugs_wanted *wanted, struct arena *arena, struct bug *ret)
{
	const struct hook_view *view = self;
	struct ask_client *client = view->source->clients[view->worker];
	const struct tracker_call call = {arena, view->deadline_ms};
	const struct tracker_wanted names = {.flags = wanted->flags,
					     .n_flags = wanted->n_flags,
					     .groups = wanted->setter_groups,
					     .n_groups = wanted->n_setter_groups,
					     .revisions = wanted->n_flags > 0};
	struct tracker_bug bug;
	struct tracker tracker;
	struct err err = ERR_NONE;
	int64_t began = wall(view);

	if (!client || view->all->ports.clock.mono(view->all->ports.clock.self) >= view->deadline_ms)
		return false;
	tracker = ask_client_port(client);
	if (tracker.bug(tracker.self, &call, id, &names, &bug, &err) != ERR_OK)
		return false;
	*ret = bug.is;
	ret->as_of = began;
	if (!bug.duplicates_told)
		ret->unread |= BUG_DUPLICATES;
	if (!bug.attachments_told)
		ret->unread |= BUG_ATTACHMENTS | BUG_FLAGS;
	tell_table(view->source, ret, began);
	return true;
}

/* What a command wrote meanwhile counts for the next question. */
static void look(struct hook_trackers *t, struct hook_source *source)
{
	struct err err = ERR_NONE;
	uint64_t changed;
	bool ok = table_store_refresh(&source->store, source->table, &changed, &err) || err.code == ERR_GONE;

	if (!ok && !atomic_exchange(&source->unwell, true))
		say(t, source, err.text);
	else if (ok)
		atomic_store(&source->unwell, false);
}

bool hook_trackers_view(struct hook_trackers *trackers, struct text name, struct hook_view *view,
			struct hook_tracker *ret)
{
	for (size_t i = 0; i < trackers->n; i++) {
		struct hook_source *source = &trackers->sources[i];

		if (!text_eq(source->config->name, name))
			continue;
		look(trackers, source);
		view->all = trackers;
		view->source = source;
		*ret = (struct hook_tracker){.self = view,
					     .name = source->config->name,
					     .table_only = source->config->source == CONFIG_TRACKER_TABLE,
					     .state = state,
					     .counts = counts,
					     .read = read_bug};
		return true;
	}
	return false;
}
