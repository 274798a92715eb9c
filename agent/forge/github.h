/*
 * github: the forge port over an http port. Owns nothing but its copies of the configuration; the token is read anew
 * from its file when the forge answers 401, once. Requests carry Authorization: Bearer, Accept, User-Agent and
 * X-GitHub-Api-Version; URLs are built from the configured origin only, and a Link target elsewhere is ERR_INVALID.
 * One thread per struct github (it shares the http port's thread).
 */
#ifndef AGENT_FORGE_GITHUB_H
#define AGENT_FORGE_GITHUB_H

#include "agent/base/clock.h"
#include "agent/base/http.h"
#include "agent/forge/forge.h"

struct github_config {
	struct text api_url;    /* "https://api.github.com", "https://ghes/api/v3", no trailing slash */
	struct text git_url;    /* "https://github.com"; empty: derived from api_url */
	const char *token_file; /* refused when group- or world-readable */
	unsigned pages_max;     /* limits.pages */
	size_t answer_bytes;    /* limits.answer_bytes */
};

struct github;
struct github *github_new(const struct github_config *config, struct http_port http, struct clock_port clock,
			  struct err *err);
void github_free(struct github *github); /* takes NULL */
struct forge github_port(struct github *github);

#endif
