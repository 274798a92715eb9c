/*
 * contexts: the verdicts of one judgement in other contexts than the server's own: in those that the policies name, and
 * in those that the commit has a status in, whoever named them. What was gathered serves all of them; allowed_before
 * and what shadows a status are each context's own. Everything is owned by the arena.
 */
#ifndef AGENT_WORK_CONTEXTS_H
#define AGENT_WORK_CONTEXTS_H

#include "agent/work/gather.h"

struct context_judged {
	struct text name;
	struct facts facts; /* what was gathered, as it is for this context */
	struct verdict verdict;
	bool granted; /* as in struct claim */
};
struct contexts {
	struct context_judged *at;
	size_t n;
	struct arena *arena;
};

void contexts_judge(const struct claim *claim, const struct gathered *gathered, struct arena *arena,
		    struct contexts *ret);

/* The same verdict in each context of the claim: where nothing could be gathered. */
void contexts_say(const struct claim *claim, const struct verdict *verdict, struct arena *arena, struct contexts *ret);

/* It allows, or would with clearance: what else stands against it is asked for and said in both cases, since what is
 * said only where clearance is there would tell that it is. */
bool verdict_may_allow(const struct verdict *verdict);

/* Rights were taken a moment ago, and a copy of the forge may still show them: nothing is granted on them yet, in any
 * context. False: none could be. */
bool contexts_wait_for_rights(struct contexts *contexts, struct verdict *own, bool allowed_before);

/* gather_shadow for each that may be allowed; one that is shadowed is judged again, and *ret_run is its check run (id
 * 0: none of them is). */
bool contexts_shadow(const struct gather *gather, const struct gathered *gathered, struct contexts *contexts,
		     struct forge_check_run *ret_run, struct err *err);

bool contexts_allow(const struct contexts *contexts);       /* one of them at least */
bool contexts_all_granted(const struct contexts *contexts); /* of those that are allowed */

#endif
