/*
 * github: the forge port over an http port. Owns nothing but its copies of the configuration; the token comes from
 * access.h, and is asked for anew when the forge answers 401, once. Requests carry Authorization: Bearer, Accept,
 * User-Agent and X-GitHub-Api-Version; URLs are built from the configured origin only, and a Link target elsewhere is
 * ERR_INVALID. A read that finds nothing new is answered from etags.h, as far back as the call allows. What pace.h does
 * not let go is ERR_RETRY with its time, and was not sent.
 * One thread per struct github (it shares the http port's thread); access, etags, pace and metrics are shared by all.
 */
#ifndef AGENT_FORGE_GITHUB_H
#define AGENT_FORGE_GITHUB_H

#include "agent/base/clock.h"
#include "agent/base/http.h"
#include "agent/base/metrics.h"
#include "agent/forge/access.h"
#include "agent/forge/etags.h"
#include "agent/forge/forge.h"
#include "agent/forge/pace.h"

struct github_config {
	struct text api_url;     /* "https://api.github.com", "https://ghes/api/v3", no trailing slash */
	struct text git_url;     /* "https://github.com"; empty: derived from api_url */
	unsigned pages_max;      /* limits.pages */
	size_t answer_bytes;     /* limits.answer_bytes */
	struct access *access;   /* borrowed, as the next two */
	struct etags *etags;     /* NULL: nothing is kept */
	struct pace *pace;       /* borrowed; NULL: asked as fast as work comes */
	struct metrics *metrics; /* NULL: not counted */
};

struct github;
struct github *github_new(const struct github_config *config, struct http_port http, struct clock_port clock,
			  struct err *err);
void github_free(struct github *github); /* takes NULL */
struct forge github_port(struct github *github);

#endif
