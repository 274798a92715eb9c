/*
 * `policy.pushes`: what commits need that are pushed to a branch without a change. Each entry is a policy of its own
 * over a copy of the rules, as a context's, so that nothing it says reaches changes, nor what they are let off with
 * reaches it. A change's draft and requested changes are not asked for; its guarded files are, and since nobody can
 * review them there, they hold until `guards: {off: [guarded_files]}` says otherwise. What blocks changes by
 * `policy.disapproval.if` blocks here, too, unless the entry has one of its own.
 */
#include "policy/keys.h"
#include "policy/regex.h"
#include "policy/rules.h"

#define PUSHES_MAX 20

struct reading {
	struct push_rules *entry;
	const struct yaml *rules;
	bool disapproval;
};

static bool onto(struct parse *parse, const struct yaml *value, void *out)
{
	struct reading *reading = out;

	return read_text(parse, value, &reading->entry->onto);
}

static bool rules(struct parse *parse, const struct yaml *value, void *out)
{
	struct reading *reading = out;

	(void)parse;
	reading->rules = value;
	return true;
}

static bool blocks(struct parse *parse, const struct yaml *value, void *out)
{
	struct reading *reading = out;

	reading->disapproval = true;
	return read_disapproval(parse, value, reading->entry->policy);
}

static bool guards(struct parse *parse, const struct yaml *value, void *out)
{
	struct reading *reading = out;

	return read_guards(parse, value, reading->entry->policy);
}

static const struct key push_rows[] = {
	{{"policy.pushes.*.onto", "text",
	  "the branch that these commits are to become, which the file stands on; what it lacks is judged"},
	 onto},
	{{"policy.pushes.*.rules", "[entry]", "as policy.approval, for these commits; no review can be given to them"},
	 rules},
	{{"policy.pushes.*.disapproval", "disapproval", "its `if` instead of that of policy.disapproval"}, blocks},
	{{"policy.pushes.*.guards", "guards", "the guards that they do without, and files besides policy.guards.files"},
	 guards},
};
const struct keys keys_push = KEYS(push_rows);

/* What can never be met is no error: the rule may be for some files only. */
static void remark(struct parse *parse, const struct yaml *value, const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_rules; i++)
		if (policy->rules[i].used && policy->rules[i].count > 0 && policy->rules[i].mode == MODE_ENFORCE)
			parse_lint(parse, value,
				   "rule `%.*s` asks for reviews, and none can be given to a pushed commit: where it "
				   "applies, that commit is blocked",
				   TEXT_ARG(text_cut(policy->rules[i].name, 60)));
}

static bool read_entry(struct parse *parse, const struct yaml *value, const struct policy *policy,
		       struct push_rules *ret)
{
	struct reading reading = {.entry = ret};
	struct policy *own = ret->policy;
	bool ok = true;

	policy_copy_rules(policy, own, parse->arena);
	if (!keys_read(parse, value, &keys_push, "pushes", &reading))
		return parse_failed(parse);
	if (ret->onto.len == 0 || !reading.rules)
		return yaml_problem(value, parse->problem, "`%s` is missing", ret->onto.len == 0 ? "onto" : "rules");
	if (!read_approval(parse, reading.rules, own))
		ok = parse_failed(parse);
	remark(parse, value, own);
	policy_inherit_files(policy, own, parse->arena);
	if (!reading.disapproval)
		own->disapproved = policy->disapproved;
	own->people_file = policy->people_file;
	own->guards_off |= GUARD_DRAFT | GUARD_OBJECTIONS;
	return ok;
}

bool read_pushes(struct parse *parse, const struct yaml *value, struct policy *policy)
{
	struct push_rules *all;
	bool ok = true;

	if (value->kind != YAML_MAP || value->n == 0)
		return yaml_problem(value, parse->problem, "`pushes` is a map {pattern: {onto: branch, rules: [..]}}");
	if (value->n > PUSHES_MAX)
		return yaml_problem(value, parse->problem, "more than %d entries", PUSHES_MAX);
	all = arena_alloc(parse->arena, value->n, sizeof *all);
	for (size_t i = 0; i < value->n; i++) {
		struct policy *own = arena_alloc(parse->arena, 1, sizeof *own);

		*own = (struct policy){.of_push = true};
		all[i] = (struct push_rules){.name = value->keys[i].text, .policy = own};
		if (!read_branch_pattern(parse, &value->keys[i], &all[i].pattern))
			ok = parse_failed(parse);
		if (!read_entry(parse, &value->items[i], policy, &all[i]))
			ok = parse_failed(parse);
		policy->pushes = (struct pushes){all, i + 1};
	}
	return ok;
}

/* ---- judging ---- */

/* NULL: none, or nobody can tell. */
static const struct push_rules *find(const struct pushes *pushes, struct text branch)
{
	for (size_t i = 0; i < pushes->n; i++) {
		enum tri here = regex_search(pushes->items[i].pattern, branch);

		if (here != TRI_NO)
			return here == TRI_YES ? &pushes->items[i] : NULL;
	}
	return NULL;
}

const struct policy *policy_of_push(const struct policy *policy, struct text branch, struct text onto)
{
	static const struct policy absent = {.absent = true, .of_push = true, .guards_off = ~0u};
	const struct push_rules *entry;

	if (policy->of_push)
		return policy;
	entry = find(&policy->pushes, branch);
	return entry && text_eq(entry->onto, onto) ? entry->policy : &absent;
}
