#include "agent/work/judge_bugs.h"

#define SAID_FIRST 1    /* put off to then: what is known without bugs was said */
#define SLOT_MS    5000 /* longer than most readings: what bugs decided is said at the end of one */

bool bug_stage_due(const struct verdict *own, const struct contexts *contexts)
{
	bool due = policy_bugs_due(own);

	for (size_t i = 0; i < contexts->n; i++)
		due = due || policy_bugs_due(&contexts->at[i].verdict);
	return due;
}

/* A judgement that has waited over a tick, with no news since, is on it, however late it begins: put off to the tick,
 * or asked for by a sweep before it. */
static bool is_on_tick(const struct bug_tick *tick)
{
	int64_t since = tick->claim->put_off_to;

	return tick->tick_ms <= 0 || (since > SAID_FIRST && tick->now / tick->tick_ms * tick->tick_ms >= since);
}

/* Not after its end: one that a sweep has begin just before each tick would wait for ever. */
static int64_t first_tick(const struct bug_tick *tick)
{
	return (tick->began / tick->tick_ms + 1) * tick->tick_ms;
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

/* ---- what is said of every context ---- */

static struct claim_said said_in(const struct claim *claim, struct text context)
{
	for (size_t i = 0; i < claim->n_contexts; i++)
		if (text_eq(claim->contexts[i].name, context))
			return claim->contexts[i].said;
	return (struct claim_said){STATUS_UNKNOWN, TEXT_EMPTY};
}

static bool is_news(const struct verdict *verdict, struct claim_said said)
{
	return verdict->state != said.state || !text_eq(verdict->public_text, said.text);
}

/* What is posted again, too. */
static bool any_news(const struct claim *claim, const struct verdict *own, const struct contexts *contexts)
{
	bool any = claim->rechecked || is_news(own, claim->said);

	for (size_t i = 0; i < contexts->n; i++)
		any = any || is_news(&contexts->at[i].verdict, said_in(claim, contexts->at[i].name));
	return any;
}

static bool any_granted(const struct claim *claim, const struct contexts *contexts)
{
	bool any = claim->granted;

	for (size_t i = 0; i < contexts->n; i++)
		any = any || contexts->at[i].granted;
	return any;
}

static bool takes_back(const struct claim *claim, const struct verdict *own, const struct contexts *contexts)
{
	bool any = claim->granted && own->state != STATUS_SUCCESS;

	for (size_t i = 0; i < contexts->n; i++)
		any = any || (contexts->at[i].granted && contexts->at[i].verdict.state != STATUS_SUCCESS);
	return any;
}

/* ---- before anything is read ---- */

static struct verdict without_bugs(const struct verdict *verdict, bool allowed_before)
{
	struct verdict ret = *verdict;

	if (policy_bugs_due(verdict) && verdict->state != STATUS_SUCCESS)
		wait_for_tick(&ret, verdict, allowed_before);
	return ret;
}

/* What is granted is read at once, since nothing but a revocation can come of it. Nor is anything said twice, should
 * the slot not take it. */
bool bug_stage_says_first(struct bug_stage *stage, const struct bug_tick *tick, struct verdict *own,
			  struct contexts *contexts)
{
	const struct claim *claim = tick->claim;
	struct verdict first = without_bugs(own, claim->allowed_before);
	struct contexts firsts = {arena_alloc(contexts->arena, contexts->n, sizeof *firsts.at), contexts->n,
				  contexts->arena};

	if (is_on_tick(tick) || claim->put_off_to == SAID_FIRST || any_granted(claim, contexts))
		return false;
	for (size_t i = 0; i < contexts->n; i++) {
		firsts.at[i] = contexts->at[i];
		firsts.at[i].verdict = without_bugs(&contexts->at[i].verdict, contexts->at[i].facts.allowed_before);
	}
	if (!any_news(claim, &first, &firsts))
		return false;
	*own = first;
	*contexts = firsts;
	stage->looked_up = false;
	stage->again_at = SAID_FIRST;
	return true;
}

/* ---- after it ---- */

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
	if (any)
		stage->again_at = first_tick(tick);
	return waits;
}

int64_t bug_stage_hold(const struct bug_stage *stage, const struct bug_tick *tick, const struct verdict *own,
		       const struct contexts *contexts)
{
	int64_t slot = tick->tick_ms < SLOT_MS ? tick->tick_ms : SLOT_MS;

	if (!stage->looked_up || slot <= 0 || !any_news(tick->claim, own, contexts) ||
	    takes_back(tick->claim, own, contexts))
		return 0;
	return slot - tick->now % slot;
}
