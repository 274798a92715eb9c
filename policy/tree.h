/*
 * tree: what a treestatus says of one tree: whether commits may land in it now. Plain values; names and words as its
 * answers have them.
 *
 * Promise: what is not known is never open.
 */
#ifndef POLICY_TREE_H
#define POLICY_TREE_H

#include "policy/text.h"

#define TREE_NAME_MAX   64 /* bytes; letters, digits, `.`, `_` and `-`, the first one a letter or digit */
#define TREE_REASON_MAX 200

enum tree_state { TREE_UNKNOWN = 0, TREE_OPEN, TREE_APPROVAL_REQUIRED, TREE_CLOSED, TREE_STATES };

struct tree {
	struct text name;
	enum tree_state state;
	int64_t as_of;      /* when it was asked for; 0: never */
	struct text reason; /* why it is not open, in the words of whoever closed it; empty: not said */
};

const char *tree_state_name(enum tree_state state); /* "unknown", "open", "approval_required", "closed" */
bool tree_state_parse(struct text word, enum tree_state *ret);

/* May a policy, or an answer, call a tree so? Such a name is one segment of a URL as it stands. */
bool tree_name_ok(struct text name);

#endif
