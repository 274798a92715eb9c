/*
 * The changes' standings become one verdict: the worst decision, and the text of the first change that has it. Texts
 * are built here and nowhere else; names in them come from outside, so everything is reduced to printable ASCII.
 */
#include "policy/eval.h"
#include "policy/reviews.h"

#define PROBLEM_PATH ".headgate.yml"
#define WITH_MAX     ((size_t)4) /* changes of one head that a text names */

struct part { /* of a verdict: one change */
	enum decision decision;
	struct text text;
	int64_t fresh;
	bool public_met;
};

static struct text status_text(struct text t, struct arena *arena)
{
	struct text shown = text_cut(plain(t, STATUS_TEXT_MAX + 1, arena), STATUS_TEXT_MAX);

	return arena_text(arena, shown);
}

void verdict_say(struct verdict *verdict, enum decision decision, struct text text, struct arena *arena)
{
	verdict->decision = decision;
	verdict->state = decision_state(decision);
	verdict->text = status_text(text, arena);
	verdict->public_text = verdict->text; /* made from faces: nothing restricted is in it */
}

void policy_cannot_decide(const char *reason, struct arena *arena, struct verdict *ret)
{
	*ret = (struct verdict){0};
	verdict_say(ret, DECISION_CANNOT_DECIDE, arena_printf(arena, "Cannot decide: %s", reason), arena);
}

static struct part part_of_problem(const struct problem *problem, struct arena *arena)
{
	struct part part = {.decision = DECISION_CANNOT_DECIDE};

	if (!problem)
		part.text = TEXT_LIT("Cannot decide: no policy was found");
	else if (problem->line == 0)
		part.text = arena_printf(arena, "Cannot decide: " PROBLEM_PATH " %s", problem->text);
	else
		part.text = arena_printf(arena, "Cannot decide: " PROBLEM_PATH ":%u:%u %s", problem->line,
					 problem->column, problem->text);
	return part;
}

/* The one next step of a change that is not allowed, from its face alone. */
static struct part part_of_face(const struct standing *face, bool allowed_before, struct arena *arena)
{
	bool blocks = face->state == RULE_UNMET && face->blocking;
	struct text next = face->clearance || face->state == RULE_MET ? TEXT_LIT("maintainer clearance") : face->next;
	struct part part = {.decision = blocks ? DECISION_BLOCKED : DECISION_WAITING};

	if (allowed_before)
		part.decision = DECISION_REVOKED;
	part.text = arena_printf(arena, "%s%s%.*s", allowed_before ? "Revoked: " : "",
				 blocks           ? (allowed_before ? "" : "Blocked: ")
				 : allowed_before ? "needs "
						  : "Needs ",
				 TEXT_ARG(next));
	return part;
}

static struct part part_of_change(const struct policy *policy, const struct judging *on, struct rule_result *ret_row)
{
	struct judged judged = eval_change(policy, on);
	struct part part;

	*ret_row = judged.row;
	if (judged.real.state == RULE_MET)
		part = (struct part){.decision = DECISION_ALLOWED, .fresh = judged.face.fresh};
	else
		part = part_of_face(&judged.face, on->facts->allowed_before, on->arena);
	part.public_met = judged.face.state == RULE_MET || judged.face.clearance;
	return part;
}

static struct text allowed_text(int64_t fresh, struct arena *arena)
{
	if (fresh == 0)
		return TEXT_LIT("Allowed: every rule of the policy is met");
	return arena_printf(arena, "%d fresh review%s; ready to merge", (int)fresh, fresh > 1 ? "s" : "");
}

static void judge_none(const struct facts *facts, struct arena *arena, struct verdict *ret)
{
	*ret = (struct verdict){0};
	if (oid_known(&facts->superseded_by))
		verdict_say(ret, DECISION_BLOCKED,
			    arena_printf(arena, "Superseded by %.*s", TEXT_ARG(oid_short(&facts->superseded_by))),
			    arena);
	else
		verdict_say(ret, DECISION_BLOCKED, TEXT_LIT("Blocked: no open change has this head"), arena);
}

static struct part judge_one(const struct governed *governed, const struct judging *on, struct rule_result *ret_row)
{
	struct part part;

	if (governed->policy && !governed->problem)
		return part_of_change(governed->policy, on, ret_row);
	part = part_of_problem(governed->problem, on->arena);
	*ret_row = (struct rule_result){.name = arena_printf(on->arena, "#%lld", (long long)on->change->number),
					.blocking = true,
					.next = status_text(part.text, on->arena)};
	return part;
}

/* "#2 (with #1)": the change that decides, and the others with this head. */
static struct text which(const struct facts *facts, size_t worst, struct arena *arena)
{
	struct text others = TEXT_EMPTY;

	for (size_t i = 0; i < facts->n_changes && i < WITH_MAX; i++)
		if (i != worst)
			others = arena_printf(arena, "%.*s%s#%lld", TEXT_ARG(others), others.len > 0 ? ", " : "",
					      (long long)facts->changes[i].number);
	return arena_printf(arena, "#%lld (with %.*s%s)", (long long)facts->changes[worst].number, TEXT_ARG(others),
			    facts->n_changes > WITH_MAX ? ", and more" : "");
}

static void conclude(const struct facts *facts, const struct part *parts, struct arena *arena, struct verdict *ret)
{
	size_t worst = 0;
	int64_t fresh = parts[0].fresh;
	struct text text;

	for (size_t i = 1; i < facts->n_changes; i++) {
		if (parts[i].decision < parts[worst].decision)
			worst = i;
		if (parts[i].fresh < fresh)
			fresh = parts[i].fresh;
	}
	if (parts[worst].decision == DECISION_ALLOWED)
		text = allowed_text(fresh, arena);
	else if (facts->n_changes > 1)
		text = arena_printf(arena, "%.*s: %.*s", TEXT_ARG(which(facts, worst, arena)),
				    TEXT_ARG(parts[worst].text));
	else
		text = parts[worst].text;
	verdict_say(ret, parts[worst].decision, text, arena);
	ret->public_met = true;
	for (size_t i = 0; i < facts->n_changes; i++)
		ret->public_met = ret->public_met && parts[i].public_met;
}

void deny_shadowed(const struct facts *facts, struct arena *arena, struct verdict *ret)
{
	struct text whose = facts->shadowed_by.len > 0 ? facts->shadowed_by : TEXT_LIT("another app");

	if (!facts->shadowed || ret->decision != DECISION_ALLOWED)
		return;
	verdict_say(ret, facts->allowed_before ? DECISION_REVOKED : DECISION_BLOCKED,
		    arena_printf(arena, "%s: a check run of this name by %.*s shadows this status",
				 facts->allowed_before ? "Revoked" : "Blocked", TEXT_ARG(text_cut(whose, 60))),
		    arena);
}

void judge_head(const struct governed *governed, const struct facts *facts, struct arena *arena, struct verdict *ret)
{
	struct facts indexed = *facts;
	struct rule_result *rows;
	struct part *parts;

	*ret = (struct verdict){0};
	if (!oid_known(&facts->head)) {
		policy_cannot_decide("the commit is not known", arena, ret);
		return;
	}
	if (!facts->changes_known) {
		struct standing unread = {.state = RULE_PENDING, .next = TEXT_LIT("the list of open changes")};
		struct part part = part_of_face(&unread, facts->allowed_before, arena);

		verdict_say(ret, part.decision, part.text, arena);
		return;
	}
	if (facts->n_changes == 0) {
		judge_none(facts, arena, ret);
		return;
	}
	rows = arena_alloc(arena, facts->n_changes, sizeof *rows);
	parts = arena_alloc(arena, facts->n_changes, sizeof *parts);
	facts_index(&indexed, arena);
	for (size_t i = 0; i < facts->n_changes; i++) {
		struct judging on = {.facts = &indexed, .change = &facts->changes[i], .arena = arena};

		parts[i] = judge_one(&governed[i], &on, &rows[i]);
	}
	conclude(facts, parts, arena, ret);
	ret->rules = rows;
	ret->n_rules = facts->n_changes;
}

static bool tells_restricted(const struct rule_result *row)
{
	if (row->restricted)
		return true;
	for (size_t i = 0; i < row->n_children; i++)
		if (tells_restricted(&row->children[i]))
			return true;
	return false;
}

static struct rule_result clearance(bool allowed)
{
	return (struct rule_result){.name = TEXT_LIT("Maintainer clearance"),
				    .state = allowed ? RULE_MET : RULE_PENDING,
				    .restricted = true};
}

/* A row over restricted ones shows only whether the verdict allows; the restricted ones are left out. */
static struct rule_result public_row(const struct rule_result *row, bool allowed, struct arena *arena)
{
	struct rule_result shown = *row;
	struct rule_result *children = arena_alloc(arena, row->n_children, sizeof *children);

	shown.n_children = 0;
	if (tells_restricted(row)) {
		shown.state = allowed ? RULE_MET : RULE_PENDING;
		shown.blocking = false;
		shown.next = TEXT_EMPTY;
	}
	for (size_t i = 0; i < row->n_children; i++)
		if (!row->children[i].restricted)
			children[shown.n_children++] = public_row(&row->children[i], allowed, arena);
	shown.children = children;
	return shown;
}

void policy_public_view(const struct verdict *verdict, struct arena *arena, struct verdict *ret)
{
	bool allowed = verdict->decision == DECISION_ALLOWED;
	struct rule_result *rows = arena_alloc(arena, verdict->n_rules, sizeof *rows);

	for (size_t i = 0; i < verdict->n_rules; i++) {
		struct rule_result shown = public_row(&verdict->rules[i], allowed, arena);
		struct rule_result *children = arena_alloc(arena, shown.n_children + 1, sizeof *children);

		for (size_t k = 0; k < shown.n_children; k++)
			children[k] = shown.children[k];
		children[shown.n_children] = clearance(allowed);
		shown.children = children;
		shown.n_children++;
		rows[i] = shown;
	}
	*ret = *verdict;
	ret->text = verdict->public_text;
	ret->rules = rows;
}
