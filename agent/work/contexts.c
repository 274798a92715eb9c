#include "agent/work/contexts.h"

static struct context_judged *find(const struct contexts *contexts, struct text name)
{
	for (size_t i = 0; i < contexts->n; i++)
		if (text_eq(contexts->at[i].name, name))
			return &contexts->at[i];
	return NULL;
}

static void add(struct contexts *contexts, struct text name)
{
	if (!find(contexts, name))
		contexts->at[contexts->n++] = (struct context_judged){.name = name};
}

static void add_known(const struct claim *claim, struct contexts *contexts)
{
	for (size_t i = 0; i < claim->n_contexts; i++) {
		const struct claim_context *known = &claim->contexts[i];
		struct context_judged *one;

		add(contexts, known->name);
		one = find(contexts, known->name);
		one->facts.allowed_before = known->allowed_before;
		one->granted = known->granted;
	}
}

static void add_named(const struct governed *governed, size_t n, struct contexts *contexts)
{
	struct text name;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; governed[i].policy && policy_context_at(governed[i].policy, k, &name); k++)
			add(contexts, name);
}

static void judge(const struct gathered *gathered, struct context_judged *one, struct arena *arena)
{
	policy_judge_context(gathered->governed, &one->facts, one->name, arena, &one->verdict);
}

void contexts_judge(const struct claim *claim, const struct gathered *gathered, struct arena *arena,
		    struct contexts *ret)
{
	size_t n = facts_changes(&gathered->facts), room = claim->n_contexts + n * POLICY_CONTEXTS_MAX;

	*ret = (struct contexts){arena_alloc(arena, room, sizeof *ret->at), 0, arena};
	add_known(claim, ret);
	add_named(gathered->governed, n, ret);
	for (size_t i = 0; i < ret->n; i++) {
		bool allowed_before = ret->at[i].facts.allowed_before;

		ret->at[i].facts = gathered->facts;
		ret->at[i].facts.allowed_before = allowed_before;
		ret->at[i].facts.shadowed = false;
		ret->at[i].facts.shadowed_by = TEXT_EMPTY;
		judge(gathered, &ret->at[i], arena);
	}
}

void contexts_say(const struct claim *claim, const struct verdict *verdict, struct arena *arena, struct contexts *ret)
{
	*ret = (struct contexts){arena_alloc(arena, claim->n_contexts, sizeof *ret->at), 0, arena};
	add_known(claim, ret);
	for (size_t i = 0; i < ret->n; i++)
		ret->at[i].verdict = *verdict;
}

bool contexts_shadow(const struct gather *gather, const struct gathered *gathered, struct contexts *contexts,
		     struct forge_check_run *ret_run, struct err *err)
{
	struct gather_config config = *gather->config;
	struct claim claim = *gather->claim;
	struct gather named = {&config, gather->ports, &claim};

	*ret_run = (struct forge_check_run){.id = 0};
	for (size_t i = 0; i < contexts->n; i++) {
		struct context_judged *one = &contexts->at[i];
		struct forge_check_run run;

		if (!verdict_may_allow(&one->verdict))
			continue;
		config.context = one->name;
		claim.granted = one->granted;
		if (!gather_shadow(&named, contexts->arena, &one->facts, &run, err))
			return false;
		if (run.id == 0)
			continue;
		judge(gathered, one, contexts->arena);
		*ret_run = run;
	}
	return true;
}

bool contexts_allow(const struct contexts *contexts)
{
	for (size_t i = 0; i < contexts->n; i++)
		if (contexts->at[i].verdict.state == STATUS_SUCCESS)
			return true;
	return false;
}

bool contexts_all_granted(const struct contexts *contexts)
{
	for (size_t i = 0; i < contexts->n; i++)
		if (contexts->at[i].verdict.state == STATUS_SUCCESS && !contexts->at[i].granted)
			return false;
	return true;
}

bool verdict_may_allow(const struct verdict *verdict)
{
	return verdict->state == STATUS_SUCCESS || verdict->public_met;
}

static bool wait_for_rights(struct verdict *verdict, bool allowed_before)
{
	if (!verdict_may_allow(verdict))
		return false;
	verdict->decision = allowed_before ? DECISION_REVOKED : DECISION_WAITING;
	verdict->state = decision_state(verdict->decision);
	verdict->text = verdict->public_text = TEXT_LIT("Needs a new look in a minute: somebody's rights changed");
	return true;
}

bool contexts_wait_for_rights(struct contexts *contexts, struct verdict *own, bool allowed_before)
{
	bool any = wait_for_rights(own, allowed_before);

	for (size_t i = 0; i < contexts->n; i++)
		any = wait_for_rights(&contexts->at[i].verdict, contexts->at[i].facts.allowed_before) || any;
	return any;
}
