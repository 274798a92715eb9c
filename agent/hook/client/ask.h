/*
 * ask: one question to the server's Unix socket, one answer, within a deadline.
 */
#ifndef AGENT_HOOK_CLIENT_ASK_H
#define AGENT_HOOK_CLIENT_ASK_H

#include "agent/hook/wire.h"

struct asked {
	enum hook_word word; /* HOOK_NO_ANSWER: why says what is wrong */
	bool refused;        /* the server is there and does not take this question: no failure to be let pass */
	struct text lines;   /* in reply; of a question that is not taken, what is wrong with it */
	const char *why;     /* static */
	char reply[HOOK_REPLY_MAX];
};
void ask(const char *socket_path, struct text question, int64_t deadline_ms, struct asked *ret);

#endif
