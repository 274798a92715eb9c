#include "agent/work/judge_bugs.h"

bool bug_stage_due(const struct verdict *own, const struct contexts *contexts)
{
	bool due = policy_bugs_due(own);

	for (size_t i = 0; i < contexts->n; i++)
		due = due || policy_bugs_due(&contexts->at[i].verdict);
	return due;
}

/* A judgement that was put off to a tick is on it, however late it begins. */
static bool is_on_tick(const struct bug_tick *tick)
{
	int64_t at = tick->claim->put_off_to;

	return tick->tick_ms <= 0 || (at > 0 && at % tick->tick_ms == 0 && at <= tick->now);
}

/* What the forge holds already tells nothing new, nor does what is allowed whatever bugs say. */
static bool must_wait(const struct verdict *verdict, const struct verdict *unread, bool granted)
{
	return verdict->state == STATUS_SUCCESS && unread->state != STATUS_SUCCESS && !granted;
}

/* To the letter what waits for clearance. A merge group would be denied: its queue waits for nobody, but for the tick
 * it shall. */
static void wait_for_tick(struct verdict *verdict, const struct verdict *unread, bool allowed_before)
{
	enum decision decision = allowed_before ? DECISION_REVOKED : DECISION_WAITING;

	*verdict = *unread;
	if (unread->decision == decision)
		return;
	verdict->decision = decision;
	verdict->state = decision_state(decision);
	verdict->text = verdict->public_text = allowed_before ? TEXT_LIT("Revoked: needs maintainer clearance")
							      : TEXT_LIT("Needs maintainer clearance");
}

bool bug_stage_wait(struct bug_stage *stage, const struct bug_tick *tick, struct verdict *own,
		    struct contexts *contexts)
{
	bool waits, any;

	if (!stage->looked_up || is_on_tick(tick))
		return false;
	any = waits = must_wait(own, &stage->own, tick->claim->granted);
	if (waits)
		wait_for_tick(own, &stage->own, tick->claim->allowed_before);
	for (size_t i = 0; i < contexts->n && i < stage->contexts.n; i++) {
		struct context_judged *one = &contexts->at[i];
		const struct context_judged *unread = &stage->contexts.at[i];

		if (!must_wait(&one->verdict, &unread->verdict, one->granted))
			continue;
		wait_for_tick(&one->verdict, &unread->verdict, unread->facts.allowed_before);
		one->facts = unread->facts;
		any = true;
	}
	/* By the judgement's begin: one that a sweep has begin just before each tick would else wait for ever. */
	if (any)
		stage->tick_at = (tick->began / tick->tick_ms + 1) * tick->tick_ms;
	return waits;
}
