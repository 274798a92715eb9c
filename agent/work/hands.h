/*
 * hands: one worker's own tools for the outside: an http handle, the forge client over it, and (for judges) a mirror.
 * Used by one thread at a time. Built from the configuration; released in any state.
 */
#ifndef AGENT_WORK_HANDS_H
#define AGENT_WORK_HANDS_H

#include "agent/base/config.h"
#include "agent/forge/github.h"
#include "agent/work/gather.h"

struct hands {
	struct http_curl *http;
	struct github *github;
	struct mirror_git *mirror_git;
	struct forge forge;
	struct mirror mirror;
};

/* mirrors NULL: no mirror is opened. False: *err; *hands may be released. */
bool hands_init(struct hands *hands, const struct config *config, const char *mirrors, struct clock_port clock,
		struct err *err);
void hands_release(struct hands *hands); /* takes zeroed and half-made ones */

struct gather_config hands_gather_config(const struct config *config);

#endif
