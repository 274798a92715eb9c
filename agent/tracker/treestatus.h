/*
 * treestatus: what a service that closes trees says of one: GET of the configured address, with the tree's name in it.
 * No key is sent; no redirect is followed. Owns nothing; one thread at a time per http port.
 *
 * Promise: a tree is open where an answer says so, in full and in the words that are known, of this very tree. Any
 * other answer is ERR_INVALID, which is worth no more than "unknown"; ERR_RETRY is no answer.
 */
#ifndef AGENT_TRACKER_TREESTATUS_H
#define AGENT_TRACKER_TREESTATUS_H

#include "agent/base/http.h"
#include "policy/tree.h"

#define TREESTATUS_ANSWER_MAX ((size_t)64 * 1024)

struct treestatus {
	struct http_port http;
	struct text url; /* with one "%s", where the name goes */
};

struct treestatus_call {
	struct arena *arena;
	int64_t deadline_ms; /* monotonic */
};

struct treestatus_says {
	enum tree_state state; /* UNKNOWN: it knows no such tree */
	struct text reason;    /* in the arena, at most TREE_REASON_MAX bytes of UTF-8 */
};

enum err_code treestatus_ask(const struct treestatus *t, const struct treestatus_call *call, struct text name,
			     struct treestatus_says *ret, struct err *err);

/* The body of an answer of 200. */
bool treestatus_read(struct text body, struct text name, struct arena *arena, struct treestatus_says *ret,
		     struct err *err);

#endif
