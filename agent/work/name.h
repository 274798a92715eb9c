/*
 * name: a repository is known by its number and called by its name, which changes hands (tests/rows.md, H30). Asks the
 * forge by number what the name is now, tells the store, and puts the answer into the call. Needed before a call where
 * the store doubts the name, and after one that was refused or showed nothing of the repository itself: the name may be
 * another repository's by now. Decides nothing. One worker's thread, ports only.
 */
#ifndef AGENT_WORK_NAME_H
#define AGENT_WORK_NAME_H

#include "agent/forge/forge.h"
#include "agent/store/store.h"

struct naming { /* borrowed */
	struct forge *forge;
	const struct store *store; /* NULL: a one-shot judgement, which keeps nothing */
};

/* call->repo becomes what the forge says of its number; the text is owned by call->arena. `doubt`: the store's, which
 * this answers; 0: none. Errors are forge.h's, of the number: ERR_GONE says that nobody here may see it any more. */
enum err_code name_ask(const struct naming *naming, struct forge_call *call, int64_t doubt, struct err *err);

/* Nothing where doubt is 0. */
enum err_code name_sure(const struct naming *naming, struct forge_call *call, int64_t doubt, struct err *err);

#endif
