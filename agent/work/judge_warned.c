#include "agent/work/judge_warned.h"

#include "agent/work/deeds.h"

struct warned {
	const struct judge *judge;
	int64_t repo, change;
};

static bool is_asked_for(const struct bug_sources *bugs)
{
	for (size_t i = 0; bugs && i < bugs->n; i++)
		if (bugs->at[i].guard.warnings)
			return true;
	return false;
}

/* As deep as a policy may be. */
static bool would_block(const struct rule_result *rule)
{
	if (rule->mode == MODE_WARN && rule->restricted && rule->state == RULE_UNMET)
		return true;
	for (size_t i = 0; i < rule->n_children; i++)
		if (would_block(&rule->children[i]))
			return true;
	return false;
}

static void say(const struct judge *judge, const struct err *err)
{
	struct log_field fields[] = {LOG_S("detail", err->text), LOG_DONE};

	log_event(judge->worker.log, LOG_WARN_LEVEL, "a warning for a tracker was not kept", fields);
}

static void want(const struct warned *w, const struct bug_source *source, int64_t id)
{
	const struct warned_change in = {w->repo, w->change, id};
	struct err err = ERR_NONE;

	if (source->guard.warnings && bug_table_state(source->table, id) == TABLE_SECURE &&
	    !deeds_warned(&w->judge->worker, source, &in, &err))
		say(w->judge, &err);
}

static void want_all(const struct warned *w, const struct bugs_wanted *wanted)
{
	const struct bug_sources *all = w->judge->bugs;

	for (size_t i = 0; i < wanted->n_bugs; i++)
		for (size_t k = 0; k < all->n; k++)
			if (wanted->bugs[i].tracker.len == 0 || text_eq(wanted->bugs[i].tracker, all->at[k].name))
				want(w, &all->at[k], wanted->bugs[i].id);
}

static void warned_by(const struct judge *judge, const struct gathered *gathered, const struct verdict *verdict)
{
	const struct facts *facts = &gathered->facts;

	for (size_t i = 0; i < facts->n_changes && i < verdict->n_rules; i++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		const struct warned w = {judge, facts->repo, facts->changes[i].number};
		const struct policy *policy = gathered->governed[i].policy;
		struct bugs_wanted wanted;

		if (!policy || gathered->governed[i].problem || !would_block(&verdict->rules[i]))
			continue;
		policy_bugs_wanted(policy, facts, &facts->changes[i], &arena, &wanted);
		want_all(&w, &wanted);
	}
}

void judge_warned(const struct judge *judge, const struct gathered *gathered, const struct verdict *own,
		  const struct contexts *contexts)
{
	if (!is_asked_for(judge->bugs))
		return;
	warned_by(judge, gathered, own);
	for (size_t i = 0; i < contexts->n; i++)
		warned_by(judge, gathered, &contexts->at[i].verdict);
}
