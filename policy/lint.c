#include "policy/lint.h"

#include <string.h>

/* ---- conditions ---- */

static bool is(const struct condition *c, const char *name)
{
	return text_is(text_of(name), predicate_name(c->predicate));
}

/* Somewhere in them, alone or in others. */
static bool asks(const struct conditions *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct condition *c = &all->items[i];
		const struct conditions *inner;

		if (is(c, name))
			return true;
		/* Who may override a closed tree is not who may push. */
		if (is(c, "tree_open") && text_is(text_of(name), "only_pushed_by"))
			continue;
		for (size_t k = 0; c->predicate->inner && (inner = c->predicate->inner(c->args, k)) != NULL; k++)
			if (asks(inner, name)) /* as deep as the parser allows */
				return true;
	}
	return false;
}

static bool is_one(const struct condition *c, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is(c, names[i]))
			return true;
	return false;
}

static const char *const words[] = {"commit_token", "closedbug", "backout", "message_word"};
enum { WORDS = sizeof words / sizeof words[0] };

static bool asks_word(const struct conditions *all)
{
	for (size_t i = 0; i < WORDS; i++)
		if (asks(all, words[i]))
			return true;
	return false;
}

/* Of a tree that asks for approval, the writer of the commit types it. */
static bool typed_tree(const struct condition *c)
{
	return is(c, "tree_open") && asks_word(&(struct conditions){c, 1});
}

/* Every way to make them hold goes by words that the writer of a commit types. */
static bool typed(const struct conditions *all)
{
	static const char *const joins[] = {"all_of", "any_of", "not", "bugs"};

	for (size_t i = 0; i < all->n; i++) {
		const struct condition *c = &all->items[i];
		const struct conditions *inner;

		if (is_one(c, words, WORDS) || typed_tree(c))
			continue;
		if (!is_one(c, joins, 4))
			return false;
		for (size_t k = 0; (inner = c->predicate->inner(c->args, k)) != NULL; k++)
			if (inner->n > 0 && !typed(inner)) /* as deep as the parser allows */
				return false;
	}
	return asks_word(all);
}

/* Whoever closes a tree does so against everybody, who types what he likes. */
static bool asks_tree(const struct conditions *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (is(&all->items[i], "tree_open") && !typed_tree(&all->items[i]))
			return true;
	return false;
}

/* Something that others than the writer of the commit say of it. */
static bool others_say(const struct conditions *all)
{
	static const char *const names[] = {"has_status",
					    "has_successful_status",
					    "has_workflow_result",
					    "has_labels",
					    "has_valid_signatures_by",
					    "has_valid_signatures_by_keys",
					    "has_valid_signatures",
					    "only_pushed_by",
					    "landing_asked_by",
					    "bugs",
					    "flag",
					    "attachment_flag",
					    "keywords",
					    "groups",
					    "private"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (asks(all, names[i]))
			return true;
	return asks_tree(all);
}

/* People who are named, or who may write: on a public repository anybody may read. */
static bool chosen(const struct actors *who)
{
	return who->permission == PERMISSION_UNKNOWN || who->permission >= PERMISSION_WRITE;
}

static bool vouched(const struct conditions *all);

static bool vouches(const struct condition *c)
{
	static const char *const names[] = {
		"has_status",           "has_successful_status",   "has_workflow_result",
		"has_labels",           "has_valid_signatures_by", "has_valid_signatures_by_keys",
		"has_valid_signatures", "landing_asked_by",        "flag",
		"attachment_flag"};
	static const char *const people[] = {"has_author_in", "only_has_contributors_in", "only_pushed_by"};
	const struct conditions *inner;
	bool every = true, some = false;

	if (is_one(c, names, sizeof names / sizeof names[0]))
		return true;
	if (is_one(c, people, sizeof people / sizeof people[0]))
		return chosen(c->args);
	if (!c->predicate->inner || is(c, "not"))
		return false;
	for (size_t k = 0; (inner = c->predicate->inner(c->args, k)) != NULL; k++) {
		bool one = vouched(inner); /* as deep as the parser allows */

		every = every && one;
		some = some || one;
	}
	return is(c, "any_of") ? every : some;
}

/* They cannot hold without others: what a bug is about, its keywords, and which files and branch it is, vouch for
 * nobody. */
static bool vouched(const struct conditions *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (vouches(&all->items[i]))
			return true;
	return false;
}

/* An `any_of` with an entry that its writer meets by typing beside one that others have a say in. */
static bool offers_typing(const struct conditions *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct condition *c = &all->items[i];
		const struct conditions *inner;
		bool by_typing = false, by_others = false;

		for (size_t k = 0; c->predicate->inner && (inner = c->predicate->inner(c->args, k)) != NULL; k++) {
			if (offers_typing(inner))
				return true;
			by_typing = by_typing || (asks_word(inner) && !vouched(inner));
			by_others = by_others || others_say(inner);
		}
		if (is(c, "any_of") && by_typing && by_others)
			return true;
	}
	return false;
}

/* They cannot hold unless whoever pushed is one of those. */
static bool pushers_named(const struct conditions *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct condition *c = &all->items[i];
		const struct conditions *inner;
		bool every = true, some = false;

		if (is(c, "only_pushed_by") && chosen(c->args))
			return true;
		if (!is(c, "all_of") && !is(c, "any_of"))
			continue;
		for (size_t k = 0; (inner = c->predicate->inner(c->args, k)) != NULL; k++) {
			bool one = pushers_named(inner); /* as deep as the parser allows */

			every = every && one;
			some = some || one;
		}
		if (is(c, "any_of") ? every : some)
			return true;
	}
	return false;
}

/* ---- rules ---- */

static struct yaml place(const struct rule *rule)
{
	return (struct yaml){.line = rule->line, .column = rule->column};
}

/* However often a rule is named, and in how many contexts. */
static bool told(const struct parse *parse, const struct problem *problem)
{
	for (size_t i = 0; i < parse->errors->n; i++)
		if (parse->errors->items[i].line == problem->line &&
		    parse->errors->items[i].column == problem->column &&
		    strcmp(parse->errors->items[i].text, problem->text) == 0)
			return true;
	return false;
}

static bool tell_token(struct parse *parse, const struct rule *rule)
{
	const struct yaml at = place(rule);

	(void)yaml_problem(
		&at, parse->problem,
		"rule `%.*s` lets a commit token stand in for something else: whoever writes the commit types it",
		TEXT_ARG(text_cut(rule->name, 60)));
	if (told(parse, parse->problem))
		*parse->problem = (struct problem){0};
	return parse_failed(parse);
}

/* Once for each rule, however often it is named. */
static void sort_rules(const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_rules; i++) {
		struct rule *rule = &policy->rules[i];

		rule->typed = rule->count == 0 && typed(&rule->requires);
		rule->unattended = rule->mode == MODE_ENFORCE && rule->count == 0 && !pushers_named(&rule->requires) &&
				   !pushers_named(&rule->applies);
	}
}

static void tell_unattended(struct parse *parse, const struct rule *rule)
{
	const struct yaml at = place(rule);

	parse_unsafe(parse, &at,
		     "rule `%.*s` can permit a change that nobody reviewed: name who may push it (only_pushed_by)",
		     TEXT_ARG(text_cut(rule->name, 60)));
}

static bool alternatives(const struct combination *c)
{
	return (c->how == COMBINE_OR || c->how == COMBINE_AT_LEAST) && c->n > 1;
}

/* Whoever types words meets all of it. Alternatives in it are told where they stand. */
static bool by_typing(const struct combination *c)
{
	bool some = false;

	if (c->how == COMBINE_RULE)
		return c->rule->typed;
	for (size_t i = 0; i < c->n && !alternatives(c); i++) {
		bool one = by_typing(&c->members[i]); /* as deep as the parser allows */

		if (!one && !(c->members[i].how == COMBINE_RULE && c->members[i].rule->mode != MODE_ENFORCE))
			return false;
		some = some || one;
	}
	return some;
}

static bool tell_typed(struct parse *parse, const struct combination *c)
{
	bool ok = true;

	if (c->how == COMBINE_RULE)
		return !by_typing(c) || tell_token(parse, c->rule);
	for (size_t i = 0; i < c->n; i++)
		ok = tell_typed(parse, &c->members[i]) && ok;
	return ok;
}

/* A way to `yes` on which no rule asks for a review. */
static bool can_pass_unseen(const struct combination *c)
{
	size_t unseen = 0;

	if (c->how == COMBINE_RULE)
		return c->rule->unattended || c->rule->mode != MODE_ENFORCE;
	for (size_t i = 0; i < c->n; i++)
		unseen += can_pass_unseen(&c->members[i]);
	return unseen >= (c->how == COMBINE_OR ? 1 : c->how == COMBINE_AT_LEAST ? (size_t)c->least : c->n);
}

/* The rules on that way. */
static void tell_unseen(struct parse *parse, const struct combination *c)
{
	if (!can_pass_unseen(c))
		return;
	if (c->how == COMBINE_RULE && c->rule->unattended)
		tell_unattended(parse, c->rule);
	for (size_t i = 0; c->how != COMBINE_RULE && i < c->n; i++)
		tell_unseen(parse, &c->members[i]);
}

/* Not asked where its `if` does not hold. */
static bool can_be_absent(const struct combination *c)
{
	bool all = c->how == COMBINE_AND || c->how == COMBINE_DISTINCT;

	if (c->how == COMBINE_RULE)
		return c->rule->mode != MODE_ENFORCE || c->rule->applies.n > 0;
	for (size_t i = 0; i < c->n; i++)
		all = all && can_be_absent(&c->members[i]);
	return all;
}

/* A way to `yes` on which no rule asks for a review, where those do not apply that need not. */
static bool can_pass_skipped(const struct combination *c)
{
	size_t met = 0, absent = 0;

	if (c->how == COMBINE_RULE)
		return c->rule->unattended;
	for (size_t i = 0; i < c->n; i++) {
		bool one = can_pass_skipped(&c->members[i]);

		met += one;
		absent += !one && can_be_absent(&c->members[i]);
	}
	if (c->how == COMBINE_OR || c->how == COMBINE_AT_LEAST)
		return met >= (c->how == COMBINE_OR ? 1 : (size_t)c->least);
	return met > 0 && met + absent == c->n;
}

static void tell_skipped(struct parse *parse, const struct combination *c)
{
	if (c->how == COMBINE_RULE && c->rule->unattended) {
		const struct yaml at = place(c->rule);

		parse_lint(
			parse, &at,
			"where the rules that ask for reviews do not apply, rule `%.*s` permits what nobody reviewed",
			TEXT_ARG(text_cut(c->rule->name, 60)));
	}
	for (size_t i = 0; c->how != COMBINE_RULE && i < c->n; i++)
		if (can_pass_skipped(&c->members[i]))
			tell_skipped(parse, &c->members[i]);
}

static void lint_root(struct parse *parse, const struct combination *root)
{
	if (can_pass_unseen(root))
		tell_unseen(parse, root);
	else if (can_pass_skipped(root))
		tell_skipped(parse, root);
}

/* to_pushed: nobody can review what is pushed without a change. */
static bool tell_alternative(struct parse *parse, const struct combination *c, bool to_pushed)
{
	if (by_typing(c))
		return tell_typed(parse, c);
	if (!to_pushed)
		tell_unseen(parse, c);
	return true;
}

static bool walk(struct parse *parse, const struct combination *c, bool to_pushed)
{
	bool ok = true;

	for (size_t i = 0; i < c->n; i++) { /* as deep as the parser allows */
		if (alternatives(c))
			ok = tell_alternative(parse, &c->members[i], to_pushed) && ok;
		ok = walk(parse, &c->members[i], to_pushed) && ok;
	}
	return ok;
}

/* A word in it that whoever writes a commit types makes it not hold. */
static bool undone_by_typing(const struct conditions *all, bool negated)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct condition *c = &all->items[i];
		const struct conditions *inner;

		if (negated && is_one(c, words, WORDS))
			return true;
		for (size_t k = 0; c->predicate->inner && (inner = c->predicate->inner(c->args, k)) != NULL; k++)
			if (undone_by_typing(inner, negated != is(c, "not"))) /* as deep as the parser allows */
				return true;
	}
	return false;
}

static void lint_if(struct parse *parse, const struct rule *rule)
{
	const struct yaml at = place(rule);

	if (rule->mode == MODE_ENFORCE && !rule->typed && undone_by_typing(&rule->applies, false))
		parse_unsafe(parse, &at,
			     "rule `%.*s` is skipped where a commit says a word: whoever writes it can be rid of the "
			     "rule",
			     TEXT_ARG(text_cut(rule->name, 60)));
}

static void lint_reviewers(struct parse *parse, const struct rule *rule)
{
	const struct yaml at = place(rule);

	if (rule->count > 0 && rule->actors.permission == PERMISSION_READ)
		parse_lint(
			parse, &at,
			"rule `%.*s` counts the reviews of whoever may read: of a public repository that is everybody",
			TEXT_ARG(text_cut(rule->name, 60)));
}

static bool lint_one(struct parse *parse, const struct policy *policy)
{
	bool ok = walk(parse, &policy->approval, false);

	if (policy->approval.n > 0)
		lint_root(parse, &policy->approval);
	for (size_t i = 0; i < policy->branches.n; i++) {
		const struct branch *branch = &policy->branches.items[i];

		ok = walk(parse, &branch->approval, false) && ok;
		if (policy->approval.n == 0 && !branch->closed)
			lint_root(parse, &branch->approval);
	}
	return ok;
}

static void sort_all(const struct policy *policy)
{
	sort_rules(policy);
	for (size_t i = 0; i < policy->n_contexts; i++)
		sort_rules(&policy->contexts[i]);
	for (size_t i = 0; i < policy->pushes.n; i++)
		sort_rules(policy->pushes.items[i].policy);
}

bool policy_lint(struct parse *parse, const struct policy *policy)
{
	bool ok = true;

	sort_all(policy);
	for (size_t i = 0; i < policy->n_rules; i++) {
		if (offers_typing(&policy->rules[i].requires))
			ok = tell_token(parse, &policy->rules[i]);
		lint_if(parse, &policy->rules[i]);
		lint_reviewers(parse, &policy->rules[i]);
	}
	ok = lint_one(parse, policy) && ok;
	for (size_t i = 0; i < policy->n_contexts; i++)
		ok = lint_one(parse, &policy->contexts[i]) && ok;
	for (size_t i = 0; i < policy->pushes.n; i++)
		ok = walk(parse, &policy->pushes.items[i].policy->approval, true) && ok;
	return ok;
}
