/*
 * The built-in policy is text that goes through the same parser as a user's, so that there is one meaning of rules.
 * The guards (open, not a draft, nobody requests changes, guarded files) stand beside every policy.
 */
#include "policy/owners_rule.h"
#include "policy/regex.h"
#include "policy/rules.h"
#include "policy/standing_orders.h"
#include "policy/wants.h"

#include <assert.h>

#include "policy/memory.h"

static const char text_format[] =
	"# The built-in policy. Beside every policy stand, always: the change is open and not a draft, nobody with\n"
	"# write access has requested changes, and files that decide what may be merged (.headgate.yml, bors.toml, "
	"workflows, CODEOWNERS)\n"
	"# need one fresh review by a maintainer.\n"
	"policy:\n"
	"  approval:\n"
	"    - fresh reviews\n"
	"  disapproval:\n"
	"    requires: { permissions: [write] }\n"
	"approval_rules:\n"
	"  - name: fresh reviews\n"
	"    description: People with write access, who did not take part in the change, looked at exactly this "
	"commit.\n"
	"    options:\n"
	"      methods: { comments: [], github_review: true }\n"
	"    requires: { count: %u, permissions: [write] }\n";

static const char guarded_format[] =
	"policy: { approval: [guarded files] }\n"
	"approval_rules:\n"
	"  - name: guarded files\n"
	"    description: Files that decide what may be merged need one review by a maintainer.\n"
	"    visibility: restricted\n"
	"    if:\n"
	"      changed_files:\n"
	"        paths:\n"
	"          - '^\\.headgate\\.yml$'\n"
	"          - '^%s$'\n"
	"          - '^\\.policy\\.yml$'\n"
	"          - '^(\\.github/)?bors\\.toml$'\n"
	"          - '^\\.github/workflows/'\n"
	"          - '(^|/)CODEOWNERS$'\n"
	"    requires: { count: 1, permissions: [maintain] }\n";

/* A pattern, inside single quotes of YAML, that matches t and nothing else. */
static const char *literally(struct text t, struct arena *arena)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/-";
	char *pattern = arena_alloc(arena, 3 * t.len + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < t.len; i++) {
		if (!memchr(plain, t.at[i], sizeof plain - 1))
			pattern[n++] = '\\';
		if (t.at[i] == '\'')
			pattern[n++] = '\'';
		pattern[n++] = t.at[i];
	}
	return pattern;
}

/* An operator may keep the policy elsewhere; whoever may change it there decides what may be merged. */
static struct text guarded_text(const struct policy_defaults *defaults, struct arena *arena)
{
	struct text path = defaults && defaults->path.len > 0 ? defaults->path : TEXT_LIT(".headgate.yml");

	return arena_printf(arena, guarded_format, literally(path, arena));
}

static struct policy *compiled(struct text text, struct arena *arena)
{
	struct policy *policy = arena_alloc(arena, 1, sizeof *policy);
	struct problem_list *lists = arena_alloc(arena, 2, sizeof *lists);

	if (!policy_compile(text, arena, policy, &(struct reports){&lists[0], &lists[1]}))
		out_of_memory(); /* our own text: nothing else is wrong with it */
	assert(policy->n_rules == 1);
	return policy;
}

static unsigned approvals(const struct policy_defaults *defaults)
{
	if (!defaults || defaults->approvals == 0)
		return 1;
	return defaults->approvals < POLICY_COUNT_MAX ? defaults->approvals : POLICY_COUNT_MAX;
}

struct text policy_builtin_text(const struct policy_defaults *defaults, struct arena *arena)
{
	return arena_printf(arena, text_format, approvals(defaults));
}

const struct policy *policy_builtin(const struct policy_defaults *defaults, struct arena *arena)
{
	struct policy *policy = compiled(policy_builtin_text(defaults, arena), arena);

	policy->builtin = true;
	policy_finish(policy, defaults, arena);
	return policy;
}

bool policy_is_builtin(const struct policy *policy)
{
	return policy->builtin;
}

static unsigned rule_needs(const struct rule *rule)
{
	unsigned facts = conditions_facts(&rule->applies) | conditions_facts(&rule->requires);

	if (rule->mode == MODE_OFF || !rule->used)
		return 0;
	if (rule->count == 0)
		return facts;
	facts |= FACT_REVIEWS | FACT_ARRIVAL | (rule->owners ? FACT_PATHS : 0u);
	if (methods_read_comments(&rule->options.methods) || rule->options.methods.reviews.n > 0)
		facts |= FACT_COMMENTS;
	if (rule->options.delegation.on)
		facts |= ORDER_FACTS;
	if (!rule->options.allow_author)
		facts |= FACT_AUTHOR;
	if (!rule->options.allow_contributor)
		facts |= FACT_AUTHOR | FACT_COMMITS | FACT_PUSHERS;
	return facts;
}

static unsigned objections_need(const struct policy *policy)
{
	bool comments = methods_read_comments(&policy->disapprove) || methods_read_comments(&policy->revoke);

	return (unsigned)FACT_REVIEWS | (comments ? (unsigned)FACT_COMMENTS : 0);
}

/* What a rule that only warns asks about is read where it can be; it holds nothing back. */
static void find_facts(struct policy *policy)
{
	unsigned needed = FACT_STATE | FACT_BASE | conditions_facts(&policy->disapproved), shown = 0;

	if (!(policy->guards_off & GUARD_DRAFT))
		needed |= FACT_DRAFT;
	if (!(policy->guards_off & GUARD_OBJECTIONS))
		needed |= objections_need(policy);
	if (!(policy->guards_off & GUARD_FILES))
		needed |= rule_needs(&policy->guarded);
	for (size_t i = 0; i < policy->n_rules; i++)
		*(policy->rules[i].mode == MODE_WARN ? &shown : &needed) |= rule_needs(&policy->rules[i]);
	policy->required = needed;
	policy->needs.facts = needed | shown;
	policy->needs.comments_object =
		!(policy->guards_off & GUARD_OBJECTIONS) && (objections_need(policy) & FACT_COMMENTS);
	policy->needs.comments_shown = !(needed & FACT_COMMENTS);
}

static void rule_people(const struct rule *rule, struct wants *wants)
{
	if (rule->mode == MODE_OFF || !rule->used)
		return;
	wants->only_warns = rule->mode == MODE_WARN;
	wants_actors(wants, &rule->actors);
	wants_conditions(wants, &rule->applies);
	wants_conditions(wants, &rule->requires);
	wants_actors(wants, &rule->options.passed_over);
	wants_actors(wants, &rule->options.delegation.by);
	wants->contributors = wants->contributors || actors_any(&rule->options.passed_over);
	wants->only_warns = false;
}

static void find_people(const struct policy *policy, struct wants *wants)
{
	wants_actors(wants, &policy->objectors);
	wants_conditions(wants, &policy->disapproved);
	for (size_t i = 0; i < policy->n_rules; i++)
		rule_people(&policy->rules[i], wants);
}

/* Of the policy alone, without its contexts. */
static void find_needs(struct policy *policy, struct arena *arena)
{
	struct policy_needs *needs = &policy->needs;

	needs->people = true; /* whose requested changes block is a matter of permission, under every policy */
	find_facts(policy);
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = &policy->rules[i];

		if (!rule->used)
			continue;
		needs->carries |= rule->mode == MODE_OFF ? 0 : rule->carries;
		needs->unknown_pushers = needs->unknown_pushers || rule->options.allow_unknown_pushers;
	}
	owners_needs(policy, arena);
}

static void add_owners_files(struct policy_needs *to, const struct policy_needs *more, struct arena *arena)
{
	struct text *files = arena_alloc(arena, to->n_owners_files + more->n_owners_files, sizeof *files);
	size_t n = 0;

	for (size_t i = 0; i < to->n_owners_files + more->n_owners_files; i++) {
		struct text file =
			i < to->n_owners_files ? to->owners_files[i] : more->owners_files[i - to->n_owners_files];
		size_t k = 0;

		while (k < n && !text_eq(files[k], file))
			k++;
		if (k == n)
			files[n++] = file;
	}
	to->owners_files = files;
	to->n_owners_files = n;
}

/* What is read serves all contexts; what each requires of it is its own. */
static void add_contexts(struct policy *policy, struct arena *arena)
{
	struct policy_needs *needs = &policy->needs;
	struct wants wants = {.arena = arena, .logins = needs->logins};

	find_people(policy, &wants);
	for (size_t i = 0; i < policy->n_contexts; i++) {
		const struct policy_needs *more = &policy->contexts[i].needs;

		find_people(&policy->contexts[i], &wants);
		needs->facts |= more->facts;
		needs->carries |= more->carries;
		needs->unknown_pushers = needs->unknown_pushers || more->unknown_pushers;
		wants.logins = wants.logins || more->logins;
		add_owners_files(needs, more, arena);
	}
	wants_tell(&wants, needs);
}

/* The policy's own, and those that say whose a file is: whoever may change them there decides who approves. */
static struct patterns more_guarded(const struct policy *policy, struct arena *arena)
{
	const struct patterns *own = &policy->guarded_files;
	const struct regex **all = arena_alloc(arena, own->n + policy->needs.n_owners_files, sizeof *all);
	size_t n = 0;

	for (size_t i = 0; i < own->n; i++)
		all[n++] = own->items[i];
	for (size_t i = 0; i < policy->needs.n_owners_files; i++) {
		struct text exactly = arena_printf(arena, "^%s$", literally(policy->needs.owners_files[i], arena));
		char why[160];

		all[n] = regex_compile(exactly, arena, why, sizeof why);
		if (!all[n++])
			out_of_memory(); /* letters and escapes: nothing else is wrong with it */
	}
	return (struct patterns){all, n};
}

/* The built-in rule, of more files. */
static void guard_files(struct policy *policy, struct arena *arena)
{
	struct condition *applies = arena_alloc(arena, 1, sizeof *applies);
	struct patterns more = more_guarded(policy, arena);

	assert(policy->guarded.applies.n == 1);
	*applies = policy->guarded.applies.items[0];
	applies->args = changed_files_with(applies->args, &more, arena);
	policy->guarded.applies.items = applies;
}

static void finish_one(struct policy *policy, const struct policy_defaults *defaults, struct arena *arena)
{
	policy->guarded = compiled(guarded_text(defaults, arena), arena)->rules[0];
	find_needs(policy, arena);
	guard_files(policy, arena);
}

/* What is asked of it alone, and only what is to be had. */
static void finish_push(struct policy *policy, const struct policy_defaults *defaults, struct arena *arena)
{
	finish_one(policy, defaults, arena);
	add_contexts(policy, arena);
	policy->required &= PUSH_FACTS;
	policy->needs.facts &= PUSH_FACTS;
	policy->needs.comments_object = policy->needs.comments_shown = false;
	policy->needs.carries = 0;
}

void policy_finish(struct policy *policy, const struct policy_defaults *defaults, struct arena *arena)
{
	finish_one(policy, defaults, arena);
	for (size_t i = 0; i < policy->n_contexts; i++)
		finish_one(&policy->contexts[i], defaults, arena);
	for (size_t i = 0; i < policy->pushes.n; i++)
		finish_push(policy->pushes.items[i].policy, defaults, arena);
	add_contexts(policy, arena);
}

struct policy_needs policy_needs(const struct policy *policy)
{
	return policy->needs;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t own_change_at(const struct policy *policy, int64_t now)
{
	int64_t at = conditions_change_at(&policy->disapproved, now);

	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = &policy->rules[i];

		if (rule->mode == MODE_OFF)
			continue;
		at = sooner(at, conditions_change_at(&rule->applies, now));
		at = sooner(at, conditions_change_at(&rule->requires, now));
	}
	return at;
}

int64_t policy_changes_at(const struct policy *policy, int64_t now)
{
	int64_t at = own_change_at(policy, now);

	for (size_t i = 0; i < policy->n_contexts; i++)
		at = sooner(at, own_change_at(&policy->contexts[i], now));
	return at == INT64_MAX ? 0 : at;
}
