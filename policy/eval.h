/*
 * eval: rules x facts of one change -> a tree of rows and the change's standing. Inner to policy/.
 *
 * A standing is kept twice: `real`, and `face`, which is computed as if restricted rules were a constant
 * ("clearance"). Text and everything but allow or deny come from the face, so that they cannot tell on what a
 * restricted rule saw.
 */
#ifndef POLICY_EVAL_H
#define POLICY_EVAL_H

#include "policy/rules.h"

struct standing {
	enum rule_state state;
	bool blocking;    /* unmet, and waiting cannot cure it */
	bool clearance;   /* face only: pending on what is restricted */
	struct text next; /* unless met */
	int64_t fresh;    /* fresh reviews that were required and are there */
};

struct judged {
	struct rule_result row;
	struct standing real, face;
};

/* The verdict of one commit as a head: policy_judge but for merge groups. */
void judge_head(const struct governed *governed, const struct facts *facts, struct arena *arena, struct verdict *ret);

/* Some gates read a check run before a status of the same name: while one could say yes, the status says no. */
void deny_shadowed(const struct facts *facts, struct arena *arena, struct verdict *ret);

/* Fills decision, state and both texts, which must be made from faces; cut to what a status takes. */
void verdict_say(struct verdict *verdict, enum decision decision, struct text text, struct arena *arena);

/* One open change under its policy. */
struct judged eval_change(const struct policy *policy, const struct judging *on);

#endif
