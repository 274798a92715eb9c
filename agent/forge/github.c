#include "agent/forge/github.h"

#include "agent/forge/github_inner.h"
#include "agent/forge/origin.h"
#include "policy/memory.h"

/* Where git is reached, from where the API is: api.github.com and HOST/api/v3 are GitHub's two layouts. */
static struct text derive_git_url(struct text api)
{
	static const struct text suffix = {"/api/v3", 7};

	if (text_is(api, "https://api.github.com"))
		return TEXT_LIT("https://github.com");
	if (text_ends(api, suffix))
		api.len -= suffix.len;
	return api;
}

struct github *github_new(const struct github_config *config, struct http_port http, struct clock_port clock,
			  struct err *err)
{
	struct github *github = calloc(1, sizeof *github);
	struct text git = config->git_url.len ? config->git_url : derive_git_url(config->api_url);

	if (!github)
		out_of_memory();
	github->config = *config;
	github->config.api_url = arena_text(&github->arena, config->api_url);
	github->config.git_url = arena_text(&github->arena, git);
	github->http = http;
	github->clock = clock;
	if (!origin_check(config->api_url, err) || !origin_check(git, err)) {
		github_free(github);
		return NULL;
	}
	return github;
}

void github_free(struct github *github)
{
	if (!github)
		return;
	arena_release(&github->arena);
	free(github);
}

struct forge github_port(struct github *github)
{
	return (struct forge){
		.self = github,
		.repo = github_repo,
		.change = github_change,
		.open_changes = github_open_changes,
		.reviews = github_reviews,
		.moves = github_moves,
		.commit_people = github_commit_people,
		.permission = github_permission,
		.in_team = github_in_team,
		.branch_tip = github_branch_tip,
		.statuses = github_statuses,
		.check_runs = github_check_runs,
		.post = github_post,
		.keeps_deliveries = github_keeps_deliveries,
		.deliveries = github_deliveries,
		.redeliver = github_redeliver,
		.git_access = github_git_access,
		.belongs = github_belongs,
		.merged_before = github_merged_before,
		.lines = github_lines,
		.said = github_said,
		.outcomes = github_outcomes,
		.threads = github_threads,
	};
}
