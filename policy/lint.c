#include "policy/lint.h"

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
					    "attachment_flag"};

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

static bool tell_token(struct parse *parse, const struct rule *rule)
{
	const struct yaml at = place(rule);

	(void)yaml_problem(
		&at, parse->problem,
		"rule `%.*s` lets a commit token stand in for something else: whoever writes the commit types it",
		TEXT_ARG(text_cut(rule->name, 60)));
	return parse_failed(parse);
}

/* Nobody but the change's own people have a say in it. */
static bool unattended(const struct rule *rule)
{
	return rule->mode == MODE_ENFORCE && rule->count == 0 && !pushers_named(&rule->requires) &&
	       !pushers_named(&rule->applies);
}

static void tell_unattended(struct parse *parse, const struct rule *rule)
{
	const struct yaml at = place(rule);

	parse_unsafe(parse, &at,
		     "rule `%.*s` can permit a change that nobody reviewed: name who may push it (only_pushed_by)",
		     TEXT_ARG(text_cut(rule->name, 60)));
}

static bool members_typed(struct parse *parse, const struct combination *c)
{
	bool ok = true;

	for (size_t i = 0; i < c->n; i++) {
		const struct rule *rule = c->members[i].how == COMBINE_RULE ? c->members[i].rule : NULL;

		if (rule && rule->count == 0 && typed(&rule->requires))
			ok = tell_token(parse, rule);
		else if (rule && unattended(rule))
			tell_unattended(parse, rule);
	}
	return ok;
}

static bool walk(struct parse *parse, const struct combination *c)
{
	bool alternatives = (c->how == COMBINE_OR || c->how == COMBINE_AT_LEAST) && c->n > 1;
	bool ok = !alternatives || members_typed(parse, c);

	for (size_t i = 0; i < c->n; i++) /* as deep as the parser allows */
		ok = walk(parse, &c->members[i]) && ok;
	return ok;
}

/* A way to `yes` on which no rule asks for a review. */
static bool can_pass_unseen(const struct combination *c)
{
	bool every = true, some = false;

	if (c->how == COMBINE_RULE)
		return unattended(c->rule) || c->rule->mode != MODE_ENFORCE;
	for (size_t i = 0; i < c->n; i++) {
		bool unseen = can_pass_unseen(&c->members[i]);

		every = every && unseen;
		some = some || unseen;
	}
	return c->how == COMBINE_OR ? some : every;
}

static void lint_root(struct parse *parse, const struct combination *root)
{
	for (size_t i = 0; can_pass_unseen(root) && i < root->n; i++)
		if (root->members[i].how == COMBINE_RULE && unattended(root->members[i].rule))
			tell_unattended(parse, root->members[i].rule);
}

static bool lint_one(struct parse *parse, const struct policy *policy)
{
	bool ok = walk(parse, &policy->approval);

	if (policy->approval.n > 0)
		lint_root(parse, &policy->approval);
	for (size_t i = 0; i < policy->branches.n; i++) {
		ok = walk(parse, &policy->branches.items[i].approval) && ok;
		if (policy->approval.n == 0 && !policy->branches.items[i].closed)
			lint_root(parse, &policy->branches.items[i].approval);
	}
	return ok;
}

bool policy_lint(struct parse *parse, const struct policy *policy)
{
	bool ok = true;

	for (size_t i = 0; i < policy->n_rules; i++)
		if (offers_typing(&policy->rules[i].requires))
			ok = tell_token(parse, &policy->rules[i]);
	ok = lint_one(parse, policy) && ok;
	for (size_t i = 0; i < policy->n_contexts; i++)
		ok = lint_one(parse, &policy->contexts[i]) && ok;
	return ok;
}
