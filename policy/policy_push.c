/*
 * Rules to one answer for a hook. A rule, and what is made of rules, is ABSENT (off, not applying, only warning), LACKS
 * (it cannot be met by this push), or is FINE: met, or not to be told here.
 */
#include "policy/push.h"
#include "policy/regex.h"
#include "policy/reviews.h"
#include "policy/rules.h"

enum standing { ABSENT = 0, FINE, LACKS };

#define LINES_MAX 18 /* of either kind; of more than that nobody reads */

static const char clearance[] = "Needs maintainer clearance";

struct pushing {
	const struct judging *on;
	struct push_line lines[2 * LINES_MAX];
	size_t n;
	size_t public;           /* what holds it back and is not restricted */
	size_t certain, unknown; /* what holds it back: whatever is read, and as long as nothing is known */
	size_t unchecked;        /* what was let through without being known */
	size_t doubts;           /* warnings that more reading may take back */
};

/* Of what is public as many lines are told, whatever is restricted. */
static void tell(struct pushing *p, struct push_line line)
{
	size_t alike = 0;

	p->public += !line.warns && !line.restricted;
	for (size_t i = 0; i < p->n; i++) {
		const struct push_line *other = &p->lines[i];

		if (other->restricted != line.restricted)
			continue;
		if (other->warns == line.warns && text_eq(other->text, line.text))
			return;
		alike++;
	}
	if (alike < LINES_MAX)
		p->lines[p->n++] = line;
}

/* Can it be told from messages, the branch and bugs, with everything that is in it? */
static bool can_tell(const struct condition *condition)
{
	const struct predicate *predicate = condition->predicate;
	const struct conditions *inner;

	if (!predicate->of_push || predicate->bugs)
		return predicate->bugs;
	for (size_t i = 0; predicate->inner && (inner = predicate->inner(condition->args, i)) != NULL; i++)
		for (size_t k = 0; k < inner->n; k++)
			if (!can_tell(&inner->items[k])) /* as deep as the parser allows */
				return false;
	return true;
}

static bool any_told(const struct conditions *conditions)
{
	for (size_t i = 0; i < conditions->n; i++)
		if (can_tell(&conditions->items[i]))
			return true;
	return false;
}

bool policy_judges_pushes(const struct policy *policy)
{
	bool any = any_told(&policy->disapproved);

	for (size_t i = 0; i < policy->n_rules && !any; i++)
		any = policy->rules[i].used && policy->rules[i].mode != MODE_OFF &&
		      any_told(&policy->rules[i].requires);
	for (size_t i = 0; i < policy->branches.n && !any; i++)
		any = policy->branches.items[i].closed;
	return any;
}

static bool applies(const struct rule *rule, const struct judging *on)
{
	for (size_t i = 0; i < rule->applies.n; i++)
		if (can_tell(&rule->applies.items[i]) && condition_ask(&rule->applies.items[i], on).holds == TRI_NO)
			return false;
	return true;
}

/* Of the conditions that can be told here: whether all hold. */
static struct answer ask_conditions(const struct rule *rule, const struct judging *on)
{
	struct answer all = answer_yes(TEXT_EMPTY);

	for (size_t i = 0; i < rule->requires.n; i++)
		if (can_tell(&rule->requires.items[i]))
			all = answer_and(all, condition_ask(&rule->requires.items[i], on));
	return all;
}

static struct text why(const struct rule *rule, const struct answer *answer, const struct judging *on)
{
	struct text name = plain(rule->name, 60, on->arena);

	if (rule->restricted)
		return text_of(clearance);
	return arena_printf(on->arena, "%.*s: %s%.*s", TEXT_ARG(name),
			    answer->holds == TRI_UNKNOWN && !answer->stuck ? "needs " : "", TEXT_ARG(answer->why));
}

static struct text let_through(const struct rule *rule, const struct judging *on)
{
	if (rule->restricted)
		return TEXT_LIT("Let through without a check by a maintainers' rule");
	return arena_printf(on->arena, "%.*s: let through without a check", TEXT_ARG(plain(rule->name, 60, on->arena)));
}

/* A rule whose facts cannot be had follows its own fail mode, and says so; what waiting does not cure, whoever pushes
 * can bring about. */
static enum standing unknown(const struct rule *rule, const struct answer *answer, struct pushing *p)
{
	if (!rule->hook_allows || answer->stuck) {
		p->unknown++;
		tell(p, (struct push_line){why(rule, answer, p->on), false, rule->restricted});
		return LACKS;
	}
	p->unchecked++;
	tell(p, (struct push_line){let_through(rule, p->on), true, rule->restricted});
	return FINE;
}

static enum standing ask_rule(const struct rule *rule, struct pushing *p)
{
	struct answer answer;

	if (rule->mode == MODE_OFF || !applies(rule, p->on))
		return ABSENT;
	answer = ask_conditions(rule, p->on);
	if (rule->mode == MODE_WARN) {
		p->doubts += answer.holds == TRI_UNKNOWN;
		if (answer.holds != TRI_YES)
			tell(p, (struct push_line){why(rule, &answer, p->on), true, rule->restricted});
		return ABSENT;
	}
	if (answer.holds == TRI_UNKNOWN)
		return unknown(rule, &answer, p);
	if (answer.holds == TRI_NO) {
		p->certain++;
		tell(p, (struct push_line){why(rule, &answer, p->on), false, rule->restricted});
	}
	return answer.holds == TRI_YES ? FINE : LACKS;
}

/* Alternatives that were not needed hold nothing back. What they warn of stays: one may be met by it alone. */
static void forgive(struct pushing *p, const struct pushing *before)
{
	size_t n = before->n;

	for (size_t i = before->n; i < p->n; i++)
		if (p->lines[i].warns)
			p->lines[n++] = p->lines[i];
	p->n = n;
	p->public = before->public;
	p->certain = before->certain;
	p->unknown = before->unknown;
}

/* Not met: of all together one that is certain decides; of alternatives one that is not known may. */
static void settle(const struct combination *c, struct pushing *p, const struct pushing *before)
{
	if (c->how != COMBINE_OR && c->how != COMBINE_AT_LEAST && p->certain > before->certain)
		p->unknown = before->unknown;
	else if (p->unknown > before->unknown)
		p->certain = before->certain;
}

static enum standing ask(const struct combination *c, struct pushing *p)
{
	const struct pushing before = {.n = p->n, .public = p->public, .certain = p->certain, .unknown = p->unknown};
	size_t fine = 0, lacking = 0;
	bool holds;

	if (c->how == COMBINE_RULE)
		return ask_rule(c->rule, p);
	for (size_t i = 0; i < c->n; i++) { /* as deep as the parser allows */
		enum standing s = ask(&c->members[i], p);

		fine += s == FINE;
		lacking += s == LACKS;
	}
	if (fine + lacking == 0)
		return ABSENT;
	holds = c->how == COMBINE_OR ? fine > 0 : c->how == COMBINE_AT_LEAST ? (int64_t)fine >= c->least : lacking == 0;
	if (!holds)
		settle(c, p, &before);
	else if (lacking > 0)
		forgive(p, &before);
	return holds ? FINE : LACKS;
}

static enum standing ask_branch(const struct policy *policy, struct pushing *p)
{
	const struct text name = p->on->change->base_ref;

	for (size_t i = 0; i < policy->branches.n; i++) {
		const struct branch *branch = &policy->branches.items[i];
		enum tri here = branch->pattern ? regex_search(branch->pattern, name) : TRI_YES;

		if (here == TRI_NO)
			continue;
		if (here == TRI_YES && !branch->closed)
			return ask(&branch->approval, p);
		p->certain++;
		tell(p, (struct push_line){.text = arena_printf(p->on->arena, "The branch %.*s is closed by the policy",
								TEXT_ARG(plain(name, 60, p->on->arena)))});
		return LACKS;
	}
	return ABSENT;
}

static struct text disapproved(const struct predicate *by, const struct answer *answer, const struct judging *on)
{
	if (answer->holds == TRI_YES)
		return arena_printf(on->arena, "Disapproved by the policy (%s)", by->doc.path);
	return arena_printf(on->arena, "The policy may disapprove (%s): %s%.*s", by->doc.path,
			    answer->stuck ? "" : "needs ", TEXT_ARG(answer->why));
}

/* A condition that may hold disapproves, too: a hook cannot wait, and a message that misleads is told by none. */
static enum standing ask_disapproval(const struct policy *policy, struct pushing *p)
{
	enum standing worst = ABSENT;

	for (size_t i = 0; i < policy->disapproved.n; i++) {
		const struct condition *condition = &policy->disapproved.items[i];
		struct answer answer = answer_no(TEXT_EMPTY);

		if (can_tell(condition))
			answer = condition_ask(condition, p->on);
		if (answer.holds == TRI_NO)
			continue;
		if (answer.holds == TRI_YES)
			p->certain++;
		else
			p->unknown++;
		tell(p, (struct push_line){.text = disapproved(condition->predicate, &answer, p->on)});
		worst = LACKS;
	}
	return worst;
}

/* What is restricted is said only where nothing else holds the push back, and then that it must be cleared alone:
 * whoever pushes shall not learn more of it by pushing what is refused anyway, be it by a warning. */
static enum push_says denial(struct pushing *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (!p->lines[i].restricted || (p->public == 0 && !p->lines[i].warns))
			p->lines[n++] = p->lines[i];
	p->n = n;
	return p->public > 0 ? PUSH_DENIED : PUSH_CLEARANCE;
}

void policy_judge_push(const struct policy *policy, const struct facts *facts, struct arena *arena,
		       struct push_answer *ret)
{
	struct judging on = {.facts = facts, .change = &facts->changes[0], .arena = arena};
	struct pushing *p = arena_alloc(arena, 1, sizeof *p);
	enum standing approval = ABSENT, branch, disapproval;

	*p = (struct pushing){.on = &on};
	if (policy->approval.n > 0)
		approval = ask(&policy->approval, p);
	branch = ask_branch(policy, p);
	disapproval = ask_disapproval(policy, p);
	*ret = (struct push_answer){.lines = p->lines};
	if (approval == LACKS || branch == LACKS || disapproval == LACKS)
		ret->says = denial(p);
	ret->open = p->certain == 0 && p->unknown + p->unchecked + p->doubts > 0;
	ret->unchecked = ret->says == PUSH_ALLOWED && p->unchecked > 0;
	ret->n_lines = p->n;
}
