/*
 * Merge groups: the verdict of a commit that the forge's queue made of several changes. It is allowed when each change
 * that would land with it is allowed now, each judged as its own head is, by its own policy:
 *
 *   a commit of the group that merges no change's head (squash, rebase)   blocked: nobody can say what is in it
 *   a constituent that heads no open change into the group's branch       blocked
 *   a constituent that is not allowed                                      blocked: a queue must not wait for people
 *   a constituent of which not even the changes are known                  waiting
 *   a constituent whose policy is broken                                   cannot decide
 *
 * and, where the commit also heads open changes, when those are allowed, too. What is blocked and was allowed before
 * is revoked. The text names the change that decides.
 */
#include "policy/eval.h"

struct so_far {                          /* the AND of what was judged */
	const struct governed *governed; /* of what comes next */
	struct arena *arena;
	bool allowed;
	struct shut shut;
	size_t n; /* constituents */
	struct rule_result *rules;
	size_t n_rules;
	bool public_unmet; /* of something */
};

static void take(struct so_far *all, const struct shut *shut)
{
	all->public_unmet = all->public_unmet || !shut_public_met(shut);
	if (shut_before(shut, &all->shut))
		all->shut = *shut;
}

static void deny(struct so_far *all, struct text text)
{
	all->allowed = false;
	take(all, &(struct shut){.decision = DECISION_BLOCKED, .text = text});
}

static struct shut judge_next(struct so_far *all, const struct facts *facts)
{
	struct headed headed = judge_head(all->governed, facts, all->arena);

	all->allowed = all->allowed && headed.verdict.decision == DECISION_ALLOWED;
	all->governed += facts->n_changes;
	for (size_t i = 0; i < headed.verdict.n_rules; i++)
		all->rules[all->n_rules++] = headed.verdict.rules[i];
	return headed.shut;
}

/* ---- a constituent ---- */

static struct text name_of(const struct constituent *c, struct arena *arena)
{
	int64_t number = c->facts.n_changes > 0 ? c->facts.changes[0].number : c->number;
	struct text head = oid_short(&c->facts.head);

	if (number != 0)
		return arena_printf(arena, "#%lld", (long long)number);
	return arena_printf(arena, "%.*s", TEXT_ARG(head));
}

static bool lands_there(const struct constituent *c, struct text base_ref)
{
	for (size_t i = 0; i < c->facts.n_changes; i++)
		if ((c->facts.changes[i].known & FACT_BASE) && text_eq(c->facts.changes[i].base_ref, base_ref))
			return true;
	return false;
}

/* "Blocked: draft" becomes "Blocked by #2: draft". */
static struct text said_of(const struct constituent *c, enum decision decision, struct text why, struct arena *arena)
{
	static const char *const verbs[] = {"Blocked: ", "Cannot decide: "};
	const char *verb = decision == DECISION_CANNOT_DECIDE ? "Cannot decide" : "Blocked by";

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (text_starts(why, text_of(verbs[i])))
			why = (struct text){why.at + text_of(verbs[i]).len, why.len - text_of(verbs[i]).len};
	return arena_printf(arena, "%s %.*s: %.*s", verb, TEXT_ARG(name_of(c, arena)), TEXT_ARG(why));
}

static void take_constituent(struct so_far *all, const struct constituent *c, const struct group *group)
{
	struct shut shut = judge_next(all, &c->facts);

	if (shut_public_met(&shut) && !lands_there(c, group->base_ref)) {
		all->allowed = false;
		shut = (struct shut){.decision = DECISION_BLOCKED,
				     .text = arena_printf(all->arena, "not open into %.*s", TEXT_ARG(group->base_ref))};
	}
	if (shut.decision == DECISION_WAITING && c->facts.changes_known)
		shut.decision = DECISION_BLOCKED;
	shut.text = said_of(c, shut.decision, shut.text, all->arena);
	take(all, &shut);
}

/* ---- all of it ---- */

static void take_group(struct so_far *all, const struct group *group)
{
	struct text commit = oid_short(&group->unmerged);

	if (oid_known(&group->unmerged))
		deny(all, arena_printf(all->arena, "Blocked: %.*s in this merge group merges no change's head",
				       TEXT_ARG(commit)));
	else if (group->n_constituents == 0)
		deny(all, TEXT_LIT("Blocked: no change is in this merge group"));
	for (size_t i = 0; i < group->n_constituents; i++)
		take_constituent(all, &group->constituents[i], group);
	all->n += group->n_constituents;
}

static struct so_far judge_all(const struct governed *governed, const struct facts *facts, struct arena *arena)
{
	struct so_far all = {
		.governed = governed, .arena = arena, .allowed = true, .shut = {.decision = DECISION_ALLOWED}};
	bool unread = !facts->changes_known;

	all.rules = arena_alloc(arena, facts_changes(facts), sizeof *all.rules);
	if (facts->n_changes > 0 || unread) {
		struct shut own = judge_next(&all, facts);

		take(&all, &own);
	}
	for (size_t i = 0; i < facts->n_groups; i++)
		take_group(&all, &facts->groups[i]);
	return all;
}

static struct text revoked(struct text text, struct arena *arena)
{
	struct text verb = TEXT_LIT("Blocked"), rest = TEXT_EMPTY;

	if (text_starts(text, verb))
		rest = (struct text){text.at + verb.len, text.len - verb.len};
	return arena_printf(arena, "Revoked%.*s", TEXT_ARG(rest));
}

static void judge_group(const struct governed *governed, const struct facts *facts, struct arena *arena,
			struct verdict *ret)
{
	struct so_far all = judge_all(governed, facts, arena);
	enum decision decision = all.shut.decision;
	struct text text = all.shut.text;

	if (all.allowed) {
		decision = DECISION_ALLOWED;
		text = all.n == 1 ? TEXT_LIT("The one change of this merge group is allowed")
				  : arena_printf(arena, "All %zu changes of this merge group are allowed", all.n);
	} else if (decision == DECISION_BLOCKED && facts->allowed_before) {
		decision = DECISION_REVOKED;
		text = revoked(text, arena);
	}
	*ret = (struct verdict){0};
	verdict_say(ret, decision, text, arena);
	ret->public_met = !all.public_unmet;
	ret->rules = all.rules;
	ret->n_rules = all.n_rules;
}

void policy_judge(const struct governed *governed, const struct facts *facts, struct arena *arena, struct verdict *ret)
{
	if (facts->n_groups > 0 && oid_known(&facts->head))
		judge_group(governed, facts, arena, ret);
	else
		*ret = judge_head(governed, facts, arena).verdict;
	deny_shadowed(facts, arena, ret);
}
