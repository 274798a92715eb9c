/*
 * trees: which verdicts asked about which trees, and what treestatus said of those. Two tables: one row a tree that is
 * asked about, and links, one row a commit and tree of the newest verdict of that commit. A tree that changed reaches
 * exactly the commits whose verdicts asked for it: what it costs grows with those.
 *
 * A tree is known here from the first verdict that asks about it until nothing asks any more; more than TREES_MAX are
 * not, and stay unknown. Verbs: any thread, each one transaction.
 */
#ifndef AGENT_STORE_TREES_H
#define AGENT_STORE_TREES_H

#include "agent/store/store.h"
#include "agent/store/tables.h"
#include "policy/tree.h"

#define TREES_MAX     256 /* trees that are asked for, of all repositories */
#define TREE_REFS_MAX 64  /* of one verdict */

struct tree_ref { /* of a conclusion; each name once */
	struct text name;
	bool weighs;        /* false: only rules that warn ask about it */
	int64_t changed_at; /* of the row that it was judged by; 0: there was none, or it was not told yet */
	bool lapsed;        /* the row said something, and was too old to count */
};

/* The row of that name; all zero where there is none. */
bool store_tree(const struct store *store, struct text name, struct arena *arena, struct row_tree *ret,
		struct err *err);

/* The tree that was not asked for longest, if that is every_ms ago. False with ERR_GONE: none is, *ret_at says when the
 * next is; WHEN_UNKNOWN: there is none. */
struct tree_turn {
	int64_t now, every_ms;
	struct arena *arena;
};
bool store_due_tree(const struct store *store, const struct tree_turn *turn, struct row_tree *ret, int64_t *ret_at,
		    struct err *err);

struct tree_told {
	struct text name;
	bool answered; /* false: nobody knows. What was said before stands until it is older than max_age_ms */
	enum tree_state state;
	struct text reason;
	int64_t as_of; /* when it was asked for */
	int64_t max_age_ms;
	int64_t now;
};
/* Where state or reason is another, or a verdict took the tree for unknown since what was said had lapsed, every
 * commit whose newest verdict asked about it is judged again; the success of each is taken back where the tree was
 * closed or asks for approval now, unless only rules that warn asked. A tree that nothing asks about any more is
 * forgotten. */
struct tree_news {
	bool changed;
	bool subjects, slots; /* there is something to judge, or to post */
};
bool store_tell_tree(const struct store *store, const struct tree_told *in, struct tree_news *ret, struct err *err);

#endif
