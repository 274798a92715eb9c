/*
 * table: the answer where no server gives one: from a table of bugs that is on this machine, and nothing else. A bug
 * that it has as secure and without approval is refused, whatever else it may be; so is a message that can mislead, a
 * push that names more than HOOK_BUGS_MAX bugs, of which none is looked up, and in a stale table a bug with approval.
 * What it does not know, what else a stale table says, and one that is damaged or not there, is no answer: the hook's
 * fail mode decides.
 *
 * Which numbers are bugs is read as the server does it (policy/message.h).
 */
#ifndef AGENT_HOOK_CLIENT_TABLE_H
#define AGENT_HOOK_CLIENT_TABLE_H

#include "agent/hook/wire.h"

struct table_place {
	const char *path;  /* bugs.NAME.table; NULL: there is none */
	const char *key;   /* bugs.key; NULL: beside it */
	int64_t max_age_s; /* what is older is stale */
};

struct table_said {
	enum hook_word word; /* ALLOW, CLEARANCE, DENY (too many are named) or NO_ANSWER; never names a bug */
	const char *why;     /* of NO_ANSWER; static */
	char of[32];         /* of when the table is; "" where that is not known */
	bool stale;          /* it is there, and too old */
};
void table_ask(const struct table_place *place, struct text question, struct table_said *ret);

#endif
