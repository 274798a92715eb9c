#include "agent/work/hands.h"

static const char *or_null(struct text t)
{
	return t.len > 0 ? t.at : NULL;
}

bool hands_share(struct hands_shared *shared, const struct config *config, const struct access_ports *ports,
		 struct err *err)
{
	struct access_config access = {
		.api_url = config->forge.api_url,
		.token_file = config->forge.token_file,
		.app_id = config->forge.app_id,
		.key_file = config->forge.key_file,
	};

	struct pace_config pace = {config->limits.write_pause_ms, config->limits.points_per_minute};

	shared->etags = etags_new((size_t)config->limits.etag_bytes);
	shared->pace = pace_new(&pace);
	shared->access = access_new(&access, ports, err);
	return shared->access != NULL;
}

void hands_shared_release(struct hands_shared *shared)
{
	access_free(shared->access);
	etags_free(shared->etags);
	pace_free(shared->pace);
	*shared = (struct hands_shared){0};
}

bool hands_gate_open(void *self, const struct gate_who *who, int64_t *ret_at)
{
	const struct hands_gate *gate = self;
	struct pace_who asks = {who->installation, who->repo, who->now};

	return pace_may_begin(gate->pace, &asks, gate->kind, ret_at);
}

#define PACK_BYTES_LEAST                                                                                               \
	((int64_t)1024 * 1024) /* where the forge says no size yet, a mirror is made whatever the limit */

static int64_t pack_bytes(const struct config *config)
{
	return config->mirror.max_bytes > PACK_BYTES_LEAST ? config->mirror.max_bytes : PACK_BYTES_LEAST;
}

static bool open_mirrors(struct hands *hands, const struct hands_plan *plan, struct err *err)
{
	const struct config *config = plan->config;
	struct github_mirror_config rest = {config->mirror.deadline_ms, (size_t)config->mirror.kept_bytes};
	struct mirror_git_config bare = {
		.root = plan->mirrors, .ca_file = or_null(config->forge.ca_file), .max_file_bytes = pack_bytes(config)};
	struct mirror_choice_config choice = {
		.forge = hands->forge,
		.clock = plan->clock,
		.max_bytes = config->mirror.max_bytes,
		.deadline_ms = config->limits.forge_deadline_ms,
	};

	hands->mirror_rest = github_mirror_new(hands->github, &rest);
	hands->mirror = choice.rest = github_mirror_port(hands->mirror_rest);
	if (config->mirror.max_bytes == 0)
		return true;
	hands->mirror_git = mirror_git_new(&bare, err);
	if (!hands->mirror_git)
		return false;
	choice.bare = mirror_git_port(hands->mirror_git);
	hands->mirror_choice = mirror_choice_new(&choice);
	hands->mirror = mirror_choice_port(hands->mirror_choice);
	return true;
}

bool hands_init(struct hands *hands, const struct hands_plan *plan, struct err *err)
{
	const struct config *config = plan->config;
	struct http_curl_config http = {.ca_file = or_null(config->forge.ca_file)};
	struct github_config github = {
		.api_url = config->forge.api_url,
		.git_url = config->forge.git_url,
		.pages_max = (unsigned)config->limits.pages,
		.answer_bytes = (size_t)config->limits.answer_bytes,
		.access = plan->shared->access,
		.etags = plan->shared->etags,
		.pace = plan->shared->pace,
		.metrics = plan->shared->metrics,
	};

	*hands = (struct hands){0};
	hands->http = http_curl_new(&http, err);
	if (!hands->http)
		return false;
	hands->github = github_new(&github, http_curl_port(hands->http), plan->clock, err);
	if (!hands->github)
		return false;
	hands->forge = github_port(hands->github);
	return !plan->mirrors || open_mirrors(hands, plan, err);
}

void hands_release(struct hands *hands)
{
	mirror_choice_free(hands->mirror_choice);
	mirror_git_free(hands->mirror_git);
	github_mirror_free(hands->mirror_rest);
	github_free(hands->github);
	http_curl_free(hands->http);
	*hands = (struct hands){0};
}

struct gather_config hands_gather_config(const struct config *config)
{
	struct text shared = config->policy.shared;
	size_t colon = text_find(shared, TEXT_LIT(":"));

	return (struct gather_config){
		.policy_path = config->policy.path,
		.defaults = {(unsigned)config->policy.default_approvals, config->policy.path, config->policy.context},
		.shared_repo = {shared.at, shared.len > 0 ? colon : 0},
		.shared_path = {shared.len > 0 ? shared.at + colon + 1 : NULL,
				shared.len > 0 ? shared.len - colon - 1 : 0},
		.max_commits = (unsigned)config->mirror.max_commits,
		.max_paths = (unsigned)config->mirror.max_paths,
		.deadline_ms = config->limits.gather_deadline_ms,
		.fetch_ms = config->mirror.deadline_ms,
		.context = config->policy.context,
		.tree_max_age_ms = config->trees.url.len > 0 ? config->trees.max_age_ms : -1,
	};
}
