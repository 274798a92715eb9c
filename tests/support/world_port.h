/*
 * world_port: a story's world behind the http port, without a socket. Counts what is asked; a test may look at each
 * answer, and change it, before it is handed out.
 */
#ifndef TESTS_SUPPORT_WORLD_PORT_H
#define TESTS_SUPPORT_WORLD_PORT_H

#include "agent/base/http.h"
#include "tests/world/story.h"

struct world_port {
	struct story *story;
	const char *url; /* that requests begin with */
	int asked;
	void (*look)(void *self, const char *path, const char *query, struct http_answer *answer, struct arena *arena);
	void *self;
};
struct http_port world_port(struct world_port *port);

#endif
