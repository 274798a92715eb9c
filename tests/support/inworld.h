/*
 * inworld: the whole pipeline in one process on fibers: the world behind the http port, deliveries through intake and
 * receive, the workers' own loops, a store in memory, real git objects over file://. Virtual time throughout.
 */
#ifndef TESTS_SUPPORT_INWORLD_H
#define TESTS_SUPPORT_INWORLD_H

#include "agent/work/receive.h"
#include "agent/work/sweep.h"
#include "agent/work/workers.h"
#include "tests/support/fiber.h"
#include "tests/world/story.h"

#define INWORLD_JUDGES 2

struct inworld {
	struct fibers *fibers;
	struct story *story;
	struct rows rows;
	struct exec_direct *direct;
	struct fiber_exec exec;
	struct store store;
	struct http_port http; /* the world */
	struct fiber_http fiber_http;
	struct access *access;
	struct github *github;
	struct forge forge;
	struct mirror_git *mirror_git;
	struct mirror mirror, inner_mirror; /* mirror: inner_mirror over file://, yielding */
	struct intake_config intake;
	atomic_size_t in_flight;
	struct receive receive;
	struct applier applier;
	struct judge judges[INWORLD_JUDGES];
	struct poster poster;
	struct sweeper sweeper;
	struct log log;
	bool verbose;
	int64_t patience_ms; /* how long inworld_until waits, in virtual time; 2 minutes unless set */
	char dir[64], token[96];
	bool over; /* the story has ended: deliveries are drained, then everything stops */
};

/* The play is a fiber of its own: acts on in->story, waits with inworld_until. */
struct inworld *inworld_new(uint64_t seed);
/* From now on an App, installed at account "o" and told by its hook, instead of a token. Before inworld_run. */
void inworld_as_app(struct inworld *in);
bool inworld_run(struct inworld *in, void (*play)(void *), void *arg);
void inworld_free(struct inworld *in);

/* Waits (virtual time) until the newest status of our context on sha is this state; false after patience_ms. */
bool inworld_until(struct inworld *in, const char *sha, const char *state);
/* The newest state, "" if none. Borrowed until the next call. */
const char *inworld_status(struct inworld *in, const char *sha);

#endif
