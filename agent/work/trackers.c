#include "agent/work/trackers.h"

#include <stdlib.h>

#include "agent/base/secret.h"
#include "policy/memory.h"
#include "webhooks/crypto.h"
#include "webhooks/jread.h"

#define KEY_BYTES_MIN 1

struct one { /* tracker */
	const struct config_tracker *config;
	struct secret *key; /* NULL: nothing is asked */
	struct ask *ask;    /* NULL: read from its table alone */
	struct bug_table *table;
};

struct trackers {
	struct trackers_plan plan;
	struct one all[CONFIG_TRACKERS_MAX];
	size_t n;
};

static const char *kind_of(const struct config_tracker *config)
{
	if (config->kind == CONFIG_TRACKER_GITHUB)
		return "github-issues";
	return config->flavour == CONFIG_TRACKER_BMO ? "bmo" : "bugzilla";
}

struct tracker_config trackers_asked(const struct config *config, const struct config_tracker *tracker, struct text key)
{
	return (struct tracker_config){
		.kind = text_of(kind_of(tracker)),
		.name = tracker->name,
		.url = tracker->url,
		.key = key,
		.keywords = tracker->keywords.at,
		.n_keywords = tracker->keywords.n,
		.groups = tracker->groups.at,
		.n_groups = tracker->groups.n,
		.approvals = tracker->approval_flags.at,
		.n_approvals = tracker->approval_flags.n,
		.teams = tracker->approval_teams.at,
		.n_teams = tracker->approval_teams.n,
		.answer_bytes = (size_t)config->limits.answer_bytes,
	};
}

static void put_words(struct jwrite *w, const char *key, const struct text *at, size_t n)
{
	jwrite_array(w, key);
	for (size_t i = 0; i < n; i++)
		jwrite_text(w, NULL, at[i]);
	jwrite_end(w);
}

uint64_t trackers_rules(const struct config_tracker *tracker)
{
	struct jwrite *w = jwrite_new();
	unsigned char digest[CRYPTO_DIGEST];
	uint64_t rules = 0;

	if (tracker->source != CONFIG_TRACKER_TABLE) {
		jwrite_object(w, NULL);
		jwrite_text(w, "kind", text_of(kind_of(tracker)));
		jwrite_text(w, "url", tracker->url);
		put_words(w, "keywords", tracker->keywords.at, tracker->keywords.n);
		put_words(w, "groups", tracker->groups.at, tracker->groups.n);
		/* What was read with a key may have been read otherwise since, and not saved. */
		if (tracker->key_file.len == 0)
			jwrite_bool(w, "alone", true);
		jwrite_end(w);
		crypto_sha256(jwrite_text_of(w), digest);
		for (size_t i = 0; i < sizeof rules; i++)
			rules = rules << 8 | digest[i];
	}
	jwrite_free(w);
	return rules;
}

static void say_refused(const struct trackers *t, const struct one *one, const struct err *err)
{
	struct log_field fields[] = {LOG_T("tracker", one->config->name), LOG_S("error", err->text),
				     LOG_S("detail", "nothing is known of its bugs until they are read again"),
				     LOG_DONE};

	log_event(t->plan.log, LOG_ERROR_LEVEL, "the table of bugs is refused", fields);
}

/* What strangers are told may come from a copy that lags, and supports no grant. */
static void say_nobody(const struct trackers *t, const struct one *one)
{
	struct log_field fields[] = {LOG_T("tracker", one->config->name),
				     LOG_S("detail", "without key_file no bug is read: its table is all that is known"),
				     LOG_DONE};

	log_event(t->plan.log, LOG_WARN_LEVEL, "tracker", fields);
}

static bool open_one(struct trackers *t, struct one *one, struct err *err)
{
	const struct config_tracker *config = one->config;
	const struct table_store store = {t->plan.config->state_dir, config->name};
	struct ask_config limits = {config->per_hour};
	struct ask_ports ports = {t->plan.clock, t->plan.wake};
	struct err loaded = ERR_NONE;

	one->table = table_store_load(&store, config->max_age_ms, &loaded);
	if (!one->table && loaded.code != ERR_GONE)
		say_refused(t, one, &loaded);
	if (!one->table)
		one->table = bug_table_new(config->max_age_ms);
	bug_table_clock(one->table, &t->plan.clock);
	bug_table_rules(one->table, trackers_rules(config));
	if (config->source == CONFIG_TRACKER_TABLE)
		return true;
	if (config->key_file.len == 0) {
		say_nobody(t, one);
		return true;
	}
	one->key = secret_read(config->key_file, KEY_BYTES_MIN, err);
	if (!one->key)
		return err_wrap(err, "trackers: key_file");
	one->ask = ask_new(&limits, &ports);
	return true;
}

struct trackers *trackers_open(const struct trackers_plan *plan, struct err *err)
{
	struct trackers *t = memory_take(sizeof *t);

	*t = (struct trackers){.plan = *plan};
	for (size_t i = 0; i < plan->config->trackers.n; i++) {
		t->all[t->n].config = &plan->config->trackers.at[i];
		if (!open_one(t, &t->all[t->n++], err)) {
			trackers_free(t);
			return NULL;
		}
	}
	return t;
}

void trackers_free(struct trackers *trackers)
{
	if (!trackers)
		return;
	for (size_t i = 0; i < trackers->n; i++) {
		ask_free(trackers->all[i].ask);
		bug_table_free(trackers->all[i].table);
		secret_free(trackers->all[i].key);
	}
	free(trackers);
}

size_t trackers_count(const struct trackers *trackers)
{
	return trackers->n;
}

struct table_store trackers_store(const struct trackers *trackers, size_t i)
{
	return (struct table_store){trackers->plan.config->state_dir, trackers->all[i].config->name};
}

struct ask *trackers_ask(const struct trackers *trackers, size_t i)
{
	return trackers->all[i].ask;
}

bool trackers_healthy(const struct trackers *trackers)
{
	for (size_t i = 0; trackers && i < trackers->n; i++)
		if (trackers->all[i].ask && ask_counts(trackers->all[i].ask).key_refused)
			return false;
	return true;
}

/* ---- one worker's ---- */

static struct ask_client *client_of(const struct trackers *t, const struct one *one, struct tracker_hands *hands,
				    struct err *err)
{
	struct tracker_config tracker = trackers_asked(t->plan.config, one->config, secret_text(one->key));
	struct tracker_ports ports = {http_curl_port(hands->http), t->plan.clock};

	return ask_client_new(one->ask, &tracker, &ports, err);
}

static struct bug_source source_of(const struct one *one)
{
	const struct config_tracker *config = one->config;

	return (struct bug_source){
		.name = config->name,
		.table = one->table,
		.keywords = {config->keywords.at, config->keywords.n},
		.groups = {config->groups.at, config->groups.n},
		.approvals = {config->approval_flags.at, config->approval_flags.n},
		.tells_duplicates = config->kind == CONFIG_TRACKER_GITHUB || config->flavour == CONFIG_TRACKER_BMO,
		.table_max_age_ms = config->table_max_age_ms,
		.guard = {.flags = {config->guarded_flags.at, config->guarded_flags.n},
			  .comments = config->on_guarded != CONFIG_GUARD_CLEAR,
			  .clears = config->on_guarded != CONFIG_GUARD_COMMENT,
			  .warnings = config->on_warning == CONFIG_WARNING_COMMENT},
	};
}

bool trackers_begin(const struct trackers *trackers, const struct store *store, struct err *err)
{
	for (size_t i = 0; i < trackers->n; i++) {
		const struct bug_source source = source_of(&trackers->all[i]);

		/* Where nothing is read, what was said was settled only when the file had it. */
		if (trackers->all[i].ask && !bug_source_begin(&source, store, err))
			return err_wrap(err, "tracker %.*s", TEXT_ARG(source.name));
	}
	return true;
}

int64_t trackers_longest_age(const struct config *config)
{
	int64_t most = 0;

	for (size_t i = 0; i < config->trackers.n; i++)
		if (config->trackers.at[i].max_age_ms > most)
			most = config->trackers.at[i].max_age_ms;
	return most;
}

bool tracker_hands_init(struct tracker_hands *hands, const struct trackers *trackers, struct err *err)
{
	struct http_curl_config http = {.ca_file = NULL};

	*hands = (struct tracker_hands){.all = {hands->sources, trackers->n}};
	for (size_t i = 0; i < trackers->n; i++) {
		const struct one *one = &trackers->all[i];

		hands->sources[i] = source_of(one);
		if (!one->ask)
			continue;
		if (!hands->http)
			hands->http = http_curl_new(&http, err);
		hands->clients[i] = hands->http ? client_of(trackers, one, hands, err) : NULL;
		if (!hands->clients[i])
			return err_wrap(err, "tracker %.*s", TEXT_ARG(one->config->name));
		hands->sources[i].port = ask_client_port(hands->clients[i]);
	}
	return true;
}

void tracker_hands_keep(struct tracker_hands *hands)
{
	for (size_t i = 0; i < CONFIG_TRACKERS_MAX; i++)
		if (hands->clients[i])
			ask_client_keeps(hands->clients[i]);
}

void tracker_hands_release(struct tracker_hands *hands)
{
	for (size_t i = 0; i < CONFIG_TRACKERS_MAX; i++)
		ask_client_free(hands->clients[i]);
	http_curl_free(hands->http);
	*hands = (struct tracker_hands){0};
}
