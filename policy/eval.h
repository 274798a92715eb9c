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

/*
 * What is said of a commit while anything denies, be it this or something restricted: made from faces alone. Of several
 * the first by shut_before is said, so that what is public comes before clearance, and which one it is tells nothing.
 */
struct shut {
	enum decision decision; /* DECISION_ALLOWED: nothing here denies, nor can anything restricted */
	struct text text;
	bool clearance; /* nothing that is public denies */
};
bool shut_before(const struct shut *a, const struct shut *b);
bool shut_public_met(const struct shut *shut);

struct headed {
	struct verdict verdict;
	struct shut shut;
};

/* The verdict of one commit as a head: policy_judge but for merge groups and shadows. */
struct headed judge_head(const struct governed *governed, const struct facts *facts, struct arena *arena);

/* Some gates read a check run before a status of the same name: while one could say yes, the status says no. */
void deny_shadowed(const struct facts *facts, struct arena *arena, struct verdict *ret);

/* Fills decision, state and both texts, which must be made from faces; cut to what a status takes. */
void verdict_say(struct verdict *verdict, enum decision decision, struct text text, struct arena *arena);

/* "#12", or the branch that it was pushed to. */
struct text change_name(const struct change *change, struct arena *arena);

/* One open change under its policy. */
struct judged eval_change(const struct policy *policy, const struct judging *on);

#endif
