/*
 * pushed: what a push brings, as a question for the server (agent/hook/wire.h), asked of git or Mercurial themselves:
 * only a child of the hook sees the pushed objects.
 *
 * Every commit that is new to a branch is told, also one that another branch has already: landing is what is judged,
 * not arriving. Of a branch that is new, those that no other branch has: a tag, a note or a pull request's ref lands
 * nothing. Deleted branches, and what is no branch, bring nothing. A branch is told by its own name, not by one that
 * git takes for it.
 */
#ifndef AGENT_HOOK_CLIENT_PUSHED_H
#define AGENT_HOOK_CLIENT_PUSHED_H

#include "agent/hook/wire.h"

enum pushed { PUSHED_BROKEN = 0 /* it cannot be told; *ret_why, static */, PUSHED_NOTHING, PUSHED_COMMITS };

struct push {
	struct text repository;
	const char *const *args; /* of the command line, NULL at the end */
	struct hook_out *out;    /* begun here; the caller frees it, in any case */
};

enum pushed pushed_pre_receive(const struct push *push, const char **ret_why); /* git; updates on standard input */
enum pushed pushed_update(const struct push *push, const char **ret_why);      /* git; args: REF OLD NEW */
enum pushed pushed_mercurial(const struct push *push, const char **ret_why);   /* pretxnchangegroup, pretxnclose */

#endif
