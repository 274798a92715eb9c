/*
 * serve: the socket of commit hooks: a Unix listener of its own with the one route POST HOOK_PATH, open to a group, and
 * workers that answer (answer.h), so that reading a tracker holds back nobody. Who asks is known by the kernel's word
 * (SO_PEERCRED); each user has so many questions a minute, and bugs in them. Each question is a line in the log: who,
 * about which repository and branch, how many commits and bugs, what was answered; never a bug or a text. There is no
 * other verb.
 *
 * Owns listener, threads and clients; borrows configuration, trackers and store. Open and free it while no other thread
 * uses libcurl.
 */
#ifndef AGENT_HOOK_SERVE_H
#define AGENT_HOOK_SERVE_H

#include "agent/base/metrics.h"
#include "agent/hook/trackers.h"
#include "webhooks/listener.h"

struct hook_serve_plan {
	const struct config *config;
	struct clock_port clock;
	struct wake_port wake;
	struct trackers *trackers;
	const struct store *store; /* of which bugs something was told */
	const struct log *log;
	struct metrics *metrics;
	/* For requests that the listener refuses. */
	void (*refused)(void *context, struct text guid, const struct refusal *refusal);
	void *refused_context;
};

struct hook_serve;
/* *ret is NULL where no hook is configured. False: *err says what is wrong with the configuration. */
bool hook_serve_open(const struct hook_serve_plan *plan, struct hook_serve **ret, struct err *err);
bool hook_serve_start(struct hook_serve *serve, struct err *err); /* takes NULL */
void hook_serve_stop(struct hook_serve *serve);                   /* takes NULL, and what was not started */
void hook_serve_free(struct hook_serve *serve);                   /* takes NULL; stopped */

#endif
