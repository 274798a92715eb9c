/*
 * headgate doctor: reads the configuration and asks forge and trackers, with the keys that the server uses, whether
 * what the promises depend on is so. No server is needed, and one may run. Nothing is changed anywhere.
 */
#include "agent/base/secret.h"
#include "agent/cli/cmd_client.h"
#include "agent/cli/commands.h"
#include "agent/cli/doctor.h"
#include "agent/forge/github_rules.h"
#include "agent/tracker/table_store.h"
#include "agent/work/hands.h"
#include "agent/work/trackers.h"
#include "policy/bors.h"
#include "policy/policy.h"

#define KEPT_BYTES ((size_t)1 << 20) /* of trees, between the files of a branch */

struct visit {
	const struct invocation *invocation;
	const struct config *config;
	struct clock_port clock;
	struct doctor *doctor;
	struct arena *arena;
};

static int64_t deadline(const struct visit *v)
{
	return v->clock.mono(v->clock.self) + v->config->limits.forge_deadline_ms;
}

/* ---- trackers ---- */

struct opened {
	struct secret *key;
	struct http_curl *http;
	const struct tracker_kind *kind;
	void *self; /* NULL: err says why */
	struct tracker port;
	struct err err;
};

static void open_tracker(const struct visit *v, const struct config_tracker *tracker, struct opened *o)
{
	struct http_curl_config http = {.ca_file = NULL};
	struct tracker_config config;
	struct tracker_ports ports = {.clock = v->clock};

	o->key = secret_read(tracker->key_file, 1, &o->err);
	o->http = o->key ? http_curl_new(&http, &o->err) : NULL;
	if (!o->http)
		return;
	config = trackers_asked(v->config, tracker, secret_text(o->key));
	ports.http = http_curl_port(o->http);
	o->kind = tracker_kind(config.kind);
	o->self = o->kind->open(&config, &ports, &o->err);
	if (o->self)
		o->port = o->kind->port(o->self);
}

static void close_tracker(struct opened *o)
{
	if (o->kind)
		o->kind->close(o->self);
	http_curl_free(o->http);
	secret_free(o->key);
}

static void see_tracker(const struct visit *v, const struct config_tracker *tracker)
{
	const struct table_store store = {v->config->state_dir, tracker->name};
	struct err unread = ERR_NONE;
	struct bug_table *table = table_store_load(&store, tracker->max_age_ms, &unread);
	struct opened o = {.err = ERR_NONE};
	struct doctor_tracker in = {.config = tracker, .table = table, .unread = &unread, .unasked = &o.err};

	if (tracker->source == CONFIG_TRACKER_REST && tracker->key_file.len > 0)
		open_tracker(v, tracker, &o);
	in.port = o.self ? &o.port : NULL;
	in.deadline_ms = deadline(v);
	in.poll_ms = v->config->bugs.poll_ms;
	doctor_tracker(v->doctor, &in);
	close_tracker(&o);
	bug_table_free(table);
}

/* ---- the forge ---- */

static bool find_repo(const struct visit *v, const struct hands *hands, struct forge_repo *repo)
{
	struct forge_call call = {*repo, v->arena, deadline(v), 0};
	struct forge_found found;
	struct err err = ERR_NONE;

	if (hands->forge.repo(hands->forge.self, &call, &found, &err) != ERR_OK) {
		doctor_say(v->doctor, DOCTOR_FAIL, "reachable", text_of(err.text),
			   "look at forge.api_url, at the token or App, and at whether it is installed there");
		return false;
	}
	*repo = (struct forge_repo){found.id, found.name, found.installation};
	doctor_say(v->doctor, DOCTOR_OK, "reachable", TEXT_LIT("headgate's key reads it"), NULL);
	return true;
}

static int64_t app_number(const struct config *config)
{
	int64_t number;

	return text_int64(config->forge.app_id, &number) && number > 0 ? number : 0;
}

struct seen_file {
	const char *path;
	size_t max_bytes;
	void (*look)(struct doctor *doctor, const struct doctor_file *in);
};

/* Whether it is there; what cannot be read may be. */
static bool see_file(const struct visit *v, const struct mirror *mirror, struct mirror_file_in *in,
		     const struct seen_file *file)
{
	struct mirror_file_out out = {.exists = false};
	struct doctor_file found = {.policy = &v->config->policy};
	struct err err = ERR_NONE;

	in->path = text_of(file->path);
	in->max_bytes = file->max_bytes;
	if (mirror->file_at(mirror->self, in, &out, v->arena, &err) != ERR_OK) {
		doctor_say(v->doctor, err.code == ERR_RETRY ? DOCTOR_UNKNOWN : DOCTOR_FAIL, "files", text_of(err.text),
			   "look at the policy's file and bors.toml on the branch, or ask again");
		return true;
	}
	found.exists = out.exists;
	found.bytes = out.bytes;
	file->look(v->doctor, &found);
	return out.exists;
}

static void see_files(const struct visit *v, const struct hands *hands, const struct forge_repo *repo,
		      struct text branch)
{
	static const struct seen_file bors[] = {{"bors.toml", BORS_BYTES_MAX, doctor_bors},
						{".github/bors.toml", BORS_BYTES_MAX, doctor_bors}};
	const struct seen_file policy = {v->config->policy.path.at, POLICY_BYTES_MAX, doctor_policy};
	const struct github_mirror_config config = {v->config->limits.forge_deadline_ms, KEPT_BYTES};
	struct forge_call call = {*repo, v->arena, deadline(v), 0};
	struct mirror_file_in in = {
		.where = {.repo = repo->id, .name = repo->name, .installation = repo->installation}};
	struct github_mirror *rest = github_mirror_new(hands->github, &config);
	const struct mirror mirror = github_mirror_port(rest);
	struct err err = ERR_NONE;

	if (hands->forge.branch_tip(hands->forge.self, &call, branch, &in.commit, &err) != ERR_OK) {
		doctor_say(v->doctor, err.code == ERR_GONE ? DOCTOR_FAIL : DOCTOR_UNKNOWN, "files", text_of(err.text),
			   "is there such a branch? ask again");
	} else {
		(void)see_file(v, &mirror, &in, &policy);
		for (size_t i = 0; i < sizeof bors / sizeof bors[0] && !see_file(v, &mirror, &in, &bors[i]); i++)
			;
	}
	github_mirror_free(rest);
}

static void see_branch(const struct visit *v, const struct hands *hands, const struct forge_repo *repo)
{
	struct forge_call call = {*repo, v->arena, deadline(v), 0};
	struct forge_rules *rules = arena_alloc(v->arena, 1, sizeof *rules);
	struct doctor_gate gate = {
		.rules = rules, .is_app = v->config->forge.app_id.len > 0, .app_id = app_number(v->config)};
	struct github_rules_seen seen = {.rules = rules};
	struct err err = ERR_NONE;

	rules->repo = repo->name;
	rules->context = v->config->policy.context;
	if (github_rules_seen(hands->github, &call, text_of(invocation_value(v->invocation, "branch")), &seen, &err) ==
	    ERR_OK) {
		gate.hidden = seen.hidden;
		doctor_gate(v->doctor, &gate);
	} else {
		doctor_say(v->doctor, DOCTOR_UNKNOWN, "required", text_of(err.text),
			   "ask again, or look at the branch's protection and rulesets");
	}
	if (err.code == ERR_OK)
		see_files(v, hands, repo, rules->branch);
}

static void see_repo(const struct visit *v, const struct hands *hands, struct text name)
{
	struct forge_repo repo = {0, name, 0};

	v->doctor->about = name;
	if (find_repo(v, hands, &repo))
		see_branch(v, hands, &repo);
}

static void see_repos(const struct visit *v, const struct hands *hands)
{
	const char *one = invocation_value(v->invocation, "repo");

	for (size_t i = 0; !one && i < v->config->repositories.n; i++)
		see_repo(v, hands, v->config->repositories.at[i]);
	if (one)
		see_repo(v, hands, text_of(one));
	else if (v->config->repositories.n == 0)
		doctor_say(v->doctor, DOCTOR_UNKNOWN, "repositories", TEXT_LIT("none is named"),
			   "use --repo OWNER/REPO");
}

static void see_forge(const struct visit *v)
{
	struct access_ports ports = {.clock = v->clock, .wall = v->clock};
	struct hands_shared shared = {.access = NULL};
	struct hands_plan plan = {v->config, &shared, v->clock, NULL};
	struct hands hands = {.http = NULL};
	struct err err = ERR_NONE;

	v->doctor->about = TEXT_LIT("forge");
	if (!config_check(v->config, CONFIG_NEEDS_FORGE, &err))
		doctor_say(v->doctor, DOCTOR_FAIL, "configuration", text_of(err.text), "see examples/headgate.yml");
	else if (!hands_share(&shared, v->config, &ports, &err) || !hands_init(&hands, &plan, &err))
		doctor_say(v->doctor, DOCTOR_FAIL, "key", text_of(err.text), "mend the file or the configuration");
	else
		see_repos(v, &hands);
	hands_release(&hands);
	hands_shared_release(&shared);
}

static int run(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct visit v = {.invocation = invocation, .clock = clock_system(), .arena = &arena};
	int code = client_config(invocation->console, invocation_value(invocation, "config"), &arena, &loaded);

	if (code != COMMAND_OK)
		return code;
	v.config = &loaded.config;
	v.doctor = arena_alloc(&arena, 1, sizeof *v.doctor);
	v.doctor->arena = &arena;
	v.doctor->now_ms = v.clock.wall(v.clock.self);
	if (!invocation_has(invocation, "trackers"))
		see_forge(&v);
	for (size_t i = 0; i < loaded.config.trackers.n; i++)
		see_tracker(&v, &loaded.config.trackers.at[i]);
	(invocation_has(invocation, "json") ? doctor_print_json : doctor_print)(v.doctor, invocation->console->out);
	return v.doctor->n_of[DOCTOR_FAIL] > 0 ? COMMAND_NO : COMMAND_OK;
}

static const struct command_option options[] = {
	{"config", 'c', "FILE", "configuration, as the server has it"},
	{"repo", 0, "OWNER/REPO", "this one; left out: each of `repositories`"},
	{"branch", 0, "NAME", "whose protection; left out: the default branch's"},
	{"trackers", 0, NULL, "the trackers alone"},
	{"json", 0, NULL, "print the findings as JSON"},
};
const struct command command_doctor = {
	"doctor",
	"",
	0,
	0,
	"ask forge and trackers whether the set-up holds what is promised; exit 1 where it does not",
	"  headgate doctor --repo acme/widget\n  headgate doctor --trackers --json\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
