/*
 * `policy.contexts`: more statuses than the server's own, by name. Each is a policy of its own over a copy of the same
 * rules, so that nothing it says can reach the main one. What is stricter of the main one holds here, too: its guarded
 * files, and its `disapproval` where a context has none. Its `guards: {off}` does not.
 */
#include "policy/keys.h"
#include "policy/rules.h"

#include "policy/memory.h"

#define OWN_CONTEXT "policy/merge-allowed"

struct reading {
	struct policy *context;
	const struct yaml *approval, *branches;
	bool disapproval;
};

static bool keep_approval(struct parse *parse, const struct yaml *value, void *out)
{
	struct reading *reading = out;

	(void)parse;
	reading->approval = value;
	return true;
}

static bool keep_branches(struct parse *parse, const struct yaml *value, void *out)
{
	struct reading *reading = out;

	(void)parse;
	reading->branches = value;
	return true;
}

static bool blocks(struct parse *parse, const struct yaml *value, void *out)
{
	struct reading *reading = out;

	reading->disapproval = true;
	return read_disapproval(parse, value, reading->context);
}

static bool guards(struct parse *parse, const struct yaml *value, void *out)
{
	struct reading *reading = out;

	return read_guards(parse, value, reading->context);
}

static const struct key context_rows[] = {
	{{"policy.contexts.*.approval", "[entry]", "as policy.approval, for this status"}, keep_approval},
	{{"policy.contexts.*.branches", "{*: [entry] | closed, default!: [entry] | closed}",
	  "as policy.branches, for this status"},
	 keep_branches},
	{{"policy.contexts.*.disapproval", "disapproval", "instead of policy.disapproval; left out: that one"}, blocks},
	{{"policy.contexts.*.guards", "guards",
	  "the guards that this status does without, and files besides policy.guards.files"},
	 guards},
};
const struct keys keys_context = KEYS(context_rows);

/* ---- names ---- */

/* Forges compare without regard to case: two that they hold alike cannot be written (no key is given twice). */
static bool is_name(struct text t)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789._/-";

	for (size_t i = 0; i < t.len; i++)
		if (!memchr(plain, t.at[i], sizeof plain - 1))
			return false;
	return t.len > 0 && t.len <= POLICY_CONTEXT_NAME_MAX;
}

static bool read_name(struct parse *parse, const struct yaml *key)
{
	return is_name(key->text) ||
	       yaml_problem(key, parse->problem,
			    "a context is written with small letters, digits and . _ / -, at most %d of them",
			    POLICY_CONTEXT_NAME_MAX);
}

static bool at_context(struct parse *parse, const struct policy *context, struct text why)
{
	const struct yaml at = {.line = context->line, .column = context->column};

	(void)yaml_problem(&at, parse->problem, "%.*s", TEXT_ARG(why));
	return parse_failed(parse);
}

/* All up to the last '/'. A policy gives no status beside the server's family, such as that of somebody's tests. */
static struct text family(struct text own)
{
	struct text t = own;

	while (t.len > 0 && t.at[t.len - 1] != '/')
		t.len--;
	return t.len > 0 ? t : TEXT_LIT("policy/");
}

static bool begins(struct text name, struct text with)
{
	return name.len > with.len && text_eq_nocase((struct text){name.at, with.len}, with);
}

/* Which of the two was posted first would decide. */
static bool waits_for(const struct policy *policy, struct text name)
{
	for (size_t i = 0; i < policy->needs.n_watched; i++)
		if (text_eq_nocase(policy->needs.watched[i].name, name))
			return true;
	return false;
}

bool contexts_check(struct parse *parse, const struct policy *policy, const struct policy_defaults *defaults)
{
	struct text own = defaults && defaults->context.len > 0 ? defaults->context : TEXT_LIT(OWN_CONTEXT);
	bool ok = true;

	for (size_t i = 0; i < policy->n_contexts; i++) {
		const struct policy *context = &policy->contexts[i];

		if (text_eq_nocase(context->context, own))
			ok = at_context(parse, context,
					arena_printf(parse->arena, "`%.*s` is the server's own, of policy.approval",
						     TEXT_ARG(own)));
		else if (!begins(context->context, family(own)))
			ok = at_context(parse, context,
					arena_printf(parse->arena, "a context begins with `%.*s`, as the server's own",
						     TEXT_ARG(family(own))));
		if (waits_for(policy, context->context))
			ok = at_context(parse, context,
					arena_printf(parse->arena,
						     "a rule waits for `%.*s`, which this policy gives; join its "
						     "rules instead",
						     TEXT_ARG(context->context)));
	}
	return ok;
}

/* ---- reading ---- */

void policy_copy_rules(const struct policy *from, struct policy *to, struct arena *arena)
{
	to->rules = arena_alloc(arena, from->n_rules, sizeof *to->rules);
	to->n_rules = from->n_rules;
	for (size_t i = 0; i < from->n_rules; i++) {
		to->rules[i] = from->rules[i];
		to->rules[i].used = false;
	}
}

void policy_inherit_files(const struct policy *from, struct policy *to, struct arena *arena)
{
	const struct patterns *own = &to->guarded_files, *theirs = &from->guarded_files;
	const struct regex **all = arena_alloc(arena, own->n + theirs->n, sizeof *all);

	for (size_t i = 0; i < theirs->n; i++)
		all[i] = theirs->items[i];
	for (size_t i = 0; i < own->n; i++)
		all[theirs->n + i] = own->items[i];
	to->guarded_files = (struct patterns){all, own->n + theirs->n};
}

static void inherit(const struct policy *from, const struct reading *reading, struct arena *arena)
{
	struct policy *to = reading->context;

	policy_inherit_files(from, to, arena);
	if (reading->disapproval)
		return;
	to->disapproved = from->disapproved;
	to->objectors = from->objectors;
	to->disapprove = from->disapprove;
	to->revoke = from->revoke;
}

static bool read_one(struct parse *parse, const struct yaml *value, const struct policy *policy, struct policy *ret)
{
	struct reading reading = {.context = ret};
	bool ok = true;

	policy_copy_rules(policy, ret, parse->arena);
	if (!keys_read(parse, value, &keys_context, "a context", &reading))
		ok = parse_failed(parse);
	objections_lint(parse, value, ret);
	if (value->kind == YAML_MAP && !reading.approval && !reading.branches && ok)
		return yaml_problem(value, parse->problem, "`approval` is missing");
	if (reading.approval && !read_approval(parse, reading.approval, ret))
		ok = parse_failed(parse);
	if (reading.branches && !read_branches(parse, reading.branches, ret))
		ok = parse_failed(parse);
	inherit(policy, &reading, parse->arena);
	return ok;
}

bool read_contexts(struct parse *parse, const struct yaml *value, struct policy *policy)
{
	bool ok = true;

	if (value->kind != YAML_MAP || value->n == 0)
		return yaml_problem(value, parse->problem, "`contexts` is a map {name: {approval: ..}}");
	if (value->n > POLICY_CONTEXTS_MAX)
		return yaml_problem(value, parse->problem, "more than %d contexts", POLICY_CONTEXTS_MAX);
	policy->contexts = arena_alloc(parse->arena, value->n, sizeof *policy->contexts);
	for (size_t i = 0; i < value->n; i++) {
		struct policy *context = &policy->contexts[i];

		*context = (struct policy){
			.context = value->keys[i].text, .line = value->keys[i].line, .column = value->keys[i].column};
		if (!read_name(parse, &value->keys[i]))
			ok = parse_failed(parse);
		if (!read_one(parse, &value->items[i], policy, context))
			ok = parse_failed(parse);
		policy->n_contexts = i + 1;
	}
	return ok;
}

/* ---- judging ---- */

bool policy_context_at(const struct policy *policy, size_t i, struct text *ret)
{
	if (i >= policy->n_contexts)
		return false;
	*ret = policy->contexts[i].context;
	return true;
}

static const struct policy *context_of(const struct policy *policy, struct text name)
{
	static const struct policy absent = {.absent = true, .guards_off = ~0u};

	for (size_t i = 0; i < policy->n_contexts; i++)
		if (text_eq(policy->contexts[i].context, name))
			return &policy->contexts[i];
	return &absent;
}

void policy_judge_context(const struct governed *governed, const struct facts *facts, struct text context,
			  struct arena *arena, struct verdict *ret)
{
	size_t n = facts_changes(facts);
	struct governed *by = arena_alloc(arena, n, sizeof *by);

	for (size_t i = 0; i < n; i++) {
		by[i] = governed[i];
		if (by[i].policy && !by[i].problem)
			by[i].policy = context_of(by[i].policy, context);
	}
	policy_judge(by, facts, arena, ret);
}
