/*
 * The changes' standings become one verdict: the worst decision, and the text of the first change that has it. Texts
 * are built here and nowhere else; names in them come from outside, so everything is reduced to printable ASCII.
 */
#include "policy/eval.h"
#include "policy/reviews.h"

#define PROBLEM_PATH ".headgate.yml"
#define WITH_MAX     ((size_t)4) /* changes of one head that a text names */
#define NAME_SHOWN   40          /* bytes of a rule's name in a text */

struct part { /* of a verdict: one change */
	struct shut shut;
	bool allowed;
	int64_t fresh;
};

struct text change_name(const struct change *change, struct arena *arena)
{
	if (change->pushed_to.len > 0)
		return arena_printf(arena, "push to %.*s", TEXT_ARG(plain(change->pushed_to, 60, arena)));
	return arena_printf(arena, "#%lld", (long long)change->number);
}

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
	struct part part = {.shut.decision = DECISION_CANNOT_DECIDE};

	if (!problem)
		part.shut.text = TEXT_LIT("Cannot decide: no policy was found");
	else if (problem->line == 0)
		part.shut.text = arena_printf(arena, "Cannot decide: " PROBLEM_PATH " %s", problem->text);
	else
		part.shut.text = arena_printf(arena, "Cannot decide: " PROBLEM_PATH ":%u:%u %s", problem->line,
					      problem->column, problem->text);
	return part;
}

/* The one next step of a change that is not allowed, from its face alone. */
static struct shut shut_of_face(const struct standing *face, bool allowed_before, struct arena *arena)
{
	bool blocks = face->state == RULE_UNMET && face->blocking;
	bool clearance = face->clearance || face->state == RULE_MET;
	struct text next = clearance ? TEXT_LIT("maintainer clearance") : face->next;
	struct shut shut = {.decision = blocks ? DECISION_BLOCKED : DECISION_WAITING, .clearance = clearance};

	if (allowed_before)
		shut.decision = DECISION_REVOKED;
	shut.text = arena_printf(arena, "%s%s%.*s", allowed_before ? "Revoked: " : "",
				 blocks           ? (allowed_before ? "" : "Blocked: ")
				 : allowed_before ? "needs "
						  : "Needs ",
				 TEXT_ARG(next));
	return shut;
}

static struct part part_of_change(const struct policy *policy, const struct judging *on, struct rule_result *ret_row)
{
	struct judged judged = eval_change(policy, on);
	struct part part;

	*ret_row = judged.row;
	part = (struct part){.allowed = judged.real.state == RULE_MET, .fresh = judged.face.fresh};
	if (part.allowed && judged.face.state == RULE_MET)
		part.shut = (struct shut){.decision = DECISION_ALLOWED};
	else
		part.shut = shut_of_face(&judged.face, on->facts->allowed_before, on->arena);
	return part;
}

/* The first rule that only warns and is seen not to be met; NULL: none. What is restricted warns nobody in public. */
static const struct rule_result *warning_in(const struct rule_result *row)
{
	const struct rule_result *found = NULL;

	if (row->mode == MODE_WARN)
		return row->state == RULE_UNMET && !row->restricted ? row : NULL;
	for (size_t i = 0; i < row->n_children && !found; i++)
		found = warning_in(&row->children[i]);
	return found;
}

/* What a success says. Who reads it beside the change learns there what would hold it once the rule is enforced. */
static struct text allowed_text(const struct verdict *verdict, int64_t fresh, struct arena *arena)
{
	const struct rule_result *warning = NULL;

	for (size_t i = 0; i < verdict->n_rules && !warning; i++)
		warning = warning_in(&verdict->rules[i]);
	if (warning)
		return arena_printf(arena, "Would block: %.*s: %.*s", TEXT_ARG(plain(warning->name, NAME_SHOWN, arena)),
				    TEXT_ARG(warning->next));
	if (fresh == 0)
		return TEXT_LIT("Allowed: every rule of the policy is met");
	return arena_printf(arena, "%d fresh review%s; ready to merge", (int)fresh, fresh > 1 ? "s" : "");
}

static struct shut shut_of_none(const struct facts *facts, struct arena *arena)
{
	struct shut shut = {.decision = DECISION_BLOCKED, .text = TEXT_LIT("Blocked: no open change has this head")};

	if (oid_known(&facts->superseded_by))
		shut.text = arena_printf(arena, "Superseded by %.*s", TEXT_ARG(oid_short(&facts->superseded_by)));
	return shut;
}

static struct part judge_one(const struct governed *governed, const struct judging *on, struct rule_result *ret_row)
{
	struct part part;

	if (governed->policy && !governed->problem)
		return part_of_change(governed->policy, on, ret_row);
	part = part_of_problem(governed->problem, on->arena);
	*ret_row = (struct rule_result){.name = change_name(on->change, on->arena),
					.blocking = true,
					.next = status_text(part.shut.text, on->arena)};
	return part;
}

/* "#2 (with #1)": the change that decides, and the others with this head. */
static struct text which(const struct facts *facts, size_t worst, struct arena *arena)
{
	struct text others = TEXT_EMPTY;

	for (size_t i = 0; i < facts->n_changes && i < WITH_MAX; i++)
		if (i != worst)
			others = arena_printf(arena, "%.*s%s%.*s", TEXT_ARG(others), others.len > 0 ? ", " : "",
					      TEXT_ARG(change_name(&facts->changes[i], arena)));
	return arena_printf(arena, "%.*s (with %.*s%s)", TEXT_ARG(change_name(&facts->changes[worst], arena)),
			    TEXT_ARG(others), facts->n_changes > WITH_MAX ? ", and more" : "");
}

/* 0: the public sees why it denies; 1: clearance may; 2: nothing does. */
static int rank(const struct shut *shut)
{
	if (shut->decision == DECISION_ALLOWED)
		return 2;
	return shut->clearance ? 1 : 0;
}

bool shut_before(const struct shut *a, const struct shut *b)
{
	return rank(a) < rank(b) || (rank(a) == rank(b) && a->decision < b->decision);
}

bool shut_public_met(const struct shut *shut)
{
	return shut->decision == DECISION_ALLOWED || shut->clearance;
}

/* Which change is named must not tell which of several restricted rules is met: it hangs on their faces alone. */
static struct shut shut_of_all(const struct facts *facts, const struct part *parts, struct arena *arena)
{
	size_t worst = 0;
	struct shut shut;

	for (size_t i = 1; i < facts->n_changes; i++)
		if (shut_before(&parts[i].shut, &parts[worst].shut))
			worst = i;
	shut = parts[worst].shut;
	if (facts->n_changes > 1 && shut.decision != DECISION_ALLOWED)
		shut.text =
			arena_printf(arena, "%.*s: %.*s", TEXT_ARG(which(facts, worst, arena)), TEXT_ARG(shut.text));
	return shut;
}

static void conclude(const struct facts *facts, const struct part *parts, struct arena *arena, struct headed *ret)
{
	int64_t fresh = parts[0].fresh;
	bool allowed = parts[0].allowed;

	ret->shut = shut_of_all(facts, parts, arena);
	for (size_t i = 1; i < facts->n_changes; i++) {
		allowed = allowed && parts[i].allowed;
		if (parts[i].fresh < fresh)
			fresh = parts[i].fresh;
	}
	if (allowed)
		verdict_say(&ret->verdict, DECISION_ALLOWED, allowed_text(&ret->verdict, fresh, arena), arena);
	else
		verdict_say(&ret->verdict, ret->shut.decision, ret->shut.text, arena);
	ret->verdict.public_met = shut_public_met(&ret->shut);
}

/* Denies wherever all that the public sees is met, so that it tells nothing of what is restricted. */
void deny_shadowed(const struct facts *facts, struct arena *arena, struct verdict *ret)
{
	struct text whose = facts->shadowed_by.len > 0 ? facts->shadowed_by : TEXT_LIT("another app");

	if (!facts->shadowed || (!ret->public_met && ret->decision != DECISION_ALLOWED))
		return;
	ret->public_met = false;
	verdict_say(ret, facts->allowed_before ? DECISION_REVOKED : DECISION_BLOCKED,
		    arena_printf(arena, "%s: a check run of this name by %.*s shadows this status",
				 facts->allowed_before ? "Revoked" : "Blocked", TEXT_ARG(text_cut(whose, 60))),
		    arena);
}

/* Said and shut are one where nothing restricted was asked. */
static struct headed shut_head(struct shut shut, struct arena *arena)
{
	struct headed ret = {.shut = shut};

	verdict_say(&ret.verdict, shut.decision, shut.text, arena);
	return ret;
}

static struct headed judge_changes(const struct governed *governed, const struct facts *facts, struct arena *arena)
{
	struct facts indexed = *facts;
	struct rule_result *rows = arena_alloc(arena, facts->n_changes, sizeof *rows);
	struct part *parts = arena_alloc(arena, facts->n_changes, sizeof *parts);
	struct headed ret = {.verdict = {.rules = rows, .n_rules = facts->n_changes}};

	facts_index(&indexed, arena);
	for (size_t i = 0; i < facts->n_changes; i++) {
		struct judging on = {.facts = &indexed, .change = &facts->changes[i], .arena = arena};

		parts[i] = judge_one(&governed[i], &on, &rows[i]);
	}
	conclude(facts, parts, arena, &ret);
	return ret;
}

struct headed judge_head(const struct governed *governed, const struct facts *facts, struct arena *arena)
{
	struct shut nobody = {.decision = DECISION_CANNOT_DECIDE,
			      .text = TEXT_LIT("Cannot decide: the commit is not known")};
	struct standing unread = {.state = RULE_PENDING, .next = TEXT_LIT("the list of open changes")};

	if (!oid_known(&facts->head))
		return shut_head(nobody, arena);
	if (!facts->changes_known)
		return shut_head(shut_of_face(&unread, facts->allowed_before, arena), arena);
	if (facts->n_changes == 0)
		return shut_head(shut_of_none(facts, arena), arena);
	return judge_changes(governed, facts, arena);
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
		shown.next = shown.who = TEXT_EMPTY;
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
