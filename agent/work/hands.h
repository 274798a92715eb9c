/*
 * hands: one worker's own tools for the outside: an http handle, the forge client over it, and (for judges) a mirror:
 * bare ones, REST for the repositories that are too large, or REST for all.
 * Used by one thread at a time. Built from the configuration; released in any state.
 *
 * hands_shared: what the tools of all workers of a process have in common: tokens, kept answers, and how fast the forge
 * may be asked. Any thread; made before the first hands and released after the last.
 */
#ifndef AGENT_WORK_HANDS_H
#define AGENT_WORK_HANDS_H

#include "agent/base/config.h"
#include "agent/forge/github_mirror.h"
#include "agent/forge/mirror_choice.h"
#include "agent/work/gather.h"

struct hands_shared {
	struct access *access;
	struct etags *etags;
	struct pace *pace;
	struct metrics *metrics; /* borrowed; NULL: not counted */
};
/* Reads the token, or the App's key. False: *err; *shared may be released. */
bool hands_share(struct hands_shared *shared, const struct config *config, const struct access_ports *ports,
		 struct err *err);
void hands_shared_release(struct hands_shared *shared); /* takes zeroed and half-made ones */

/* The gate of work that reads the forge, or that writes to it; a gate's self. */
struct hands_gate {
	struct pace *pace;
	enum pace_kind kind;
};
bool hands_gate_open(void *self, const struct gate_who *who, int64_t *ret_at);

struct hands_plan {
	const struct config *config;
	const struct hands_shared *shared;
	struct clock_port clock;
	const char *mirrors; /* NULL: no mirror is opened */
};

struct hands {
	struct http_curl *http;
	struct github *github;
	struct mirror_git *mirror_git; /* NULL: no git is needed */
	struct github_mirror *mirror_rest;
	struct mirror_choice *mirror_choice;
	struct forge forge;
	struct mirror mirror;
};

/* False: *err; *hands may be released. */
bool hands_init(struct hands *hands, const struct hands_plan *plan, struct err *err);
void hands_release(struct hands *hands); /* takes zeroed and half-made ones */

struct gather_config hands_gather_config(const struct config *config);

#endif
