/*
 * Which stored verdicts would flip: the facts of each are judged by both policies. Facts hold what the policy of their
 * time asked for; where a new one asks for more, a flip may only mean that nobody looked: that is told apart.
 */
#include "agent/cli/cmd_client.h"
#include "agent/cli/cmd_policy.h"

#include <inttypes.h>

#include "agent/base/clock.h"
#include "agent/base/facts_json.h"
#include "agent/cli/past.h"
#include "agent/cli/print.h"
#include "policy/policy.h"
#include "webhooks/jread.h"

#define DECISIONS (DECISION_ALLOWED + 1)

struct diff {
	const struct invocation *invocation;
	struct policy_defaults defaults;
	const struct policy *old, *new;
	const char *repo; /* NULL: any */
	struct jwrite *w; /* NULL: text */
	size_t n, flips, untold, unread;
	size_t to[DECISIONS][DECISIONS]; /* flips, by what it was and is */
};

/* ---- what was asked for ---- */

static bool all_listed(const struct text *wanted, size_t n, const struct text *listed, size_t n_listed)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < n_listed && !text_eq_nocase(wanted[i], listed[k]))
			k++;
		if (k == n_listed)
			return false;
	}
	return true;
}

/* Facts about people hold what the policy of their time asked of them. */
static bool people_told(const struct policy_needs *needs, const struct policy_needs *asked)
{
	return (!needs->author || asked->author) && (!needs->contributors || asked->contributors) &&
	       (!needs->merged_before || asked->merged_before) &&
	       all_listed(needs->teams, needs->n_teams, asked->teams, asked->n_teams) &&
	       all_listed(needs->organizations, needs->n_organizations, asked->organizations, asked->n_organizations);
}

/* So do those about other tools: the names that were asked for. */
static bool tools_told(const struct policy_needs *needs, const struct policy_needs *asked)
{
	for (size_t i = 0; i < needs->n_watched; i++) {
		const struct watched_name *name = &needs->watched[i];
		unsigned kinds = 0;

		for (size_t k = 0; k < asked->n_watched; k++)
			if (text_eq(asked->watched[k].name, name->name))
				kinds |= asked->watched[k].kinds;
		if (name->kinds & ~kinds)
			return false;
	}
	return true;
}

static bool owners_told(const struct policy_needs *needs, const struct change *change)
{
	for (size_t i = 0; i < needs->n_owners_files; i++) {
		size_t k = 0;

		while (k < change->n_owners_files && !text_eq(change->owners_files[k].name, needs->owners_files[i]))
			k++;
		if (k == change->n_owners_files)
			return false;
	}
	return true;
}

static bool changes_told(const struct policy_needs *needs, const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_changes; i++)
		if ((needs->facts & ~facts->changes[i].known) || !owners_told(needs, &facts->changes[i]))
			return false;
	for (size_t i = 0; i < facts->n_groups; i++)
		for (size_t k = 0; k < facts->groups[i].n_constituents; k++)
			if (!changes_told(needs, &facts->groups[i].constituents[k].facts)) /* no groups in it */
				return false;
	return true;
}

static bool told(const struct diff *diff, const struct facts *facts, struct text stored, struct arena *arena)
{
	const struct policy *policy = policy_builtin(&diff->defaults, arena);
	struct policy_needs asked, old = policy_needs(diff->old), new = policy_needs(diff->new);
	struct problem ignored;

	if (stored.len > 0)
		(void)policy_parse(stored, &diff->defaults, arena, &policy, &ignored);
	asked = policy_needs(policy);
	return changes_told(&old, facts) && changes_told(&new, facts) && people_told(&old, &asked) &&
	       people_told(&new, &asked) && tools_told(&old, &asked) && tools_told(&new, &asked);
}

/* ---- one verdict ---- */

static bool names(const struct policy *policy, struct text context)
{
	struct text name;

	for (size_t i = 0; policy && policy_context_at(policy, i, &name); i++)
		if (text_eq(name, context))
			return true;
	return false;
}

/* Which verdict it was: that of a context, where one of the policies or its own names it; empty: the server's own. */
static struct text context_of(const struct diff *diff, const struct past_verdict *past, struct arena *arena)
{
	const struct policy *stored = NULL;
	struct problem ignored;

	if (past->policy.len > 0)
		(void)policy_parse(past->policy, &diff->defaults, arena, &stored, &ignored);
	return names(diff->old, past->context) || names(diff->new, past->context) || names(stored, past->context)
		       ? past->context
		       : TEXT_EMPTY;
}

struct judged_for {
	const struct facts *facts;
	struct text context;
};

static void judge(const struct policy *policy, const struct judged_for *of, struct arena *arena, struct verdict *ret)
{
	const struct facts *facts = of->facts;
	size_t n = facts_changes(facts);
	struct governed *governed = arena_alloc(arena, n, sizeof *governed);

	for (size_t i = 0; i < n; i++)
		governed[i] = (struct governed){policy, NULL};
	if (of->context.len > 0)
		policy_judge_context(governed, facts, of->context, arena, ret);
	else
		policy_judge(governed, facts, arena, ret);
}

static void put_flip(struct jwrite *w, const struct past_verdict *past, const struct facts *facts,
		     const struct verdict *before, const struct verdict *after)
{
	jwrite_object(w, NULL);
	jwrite_int(w, "verdict_id", past->id);
	jwrite_text(w, "repo", facts->repo_name);
	jwrite_text(w, "sha", oid_text(&past->sha));
	jwrite_text(w, "context", past->context);
	jwrite_text(w, "stored", past->decision);
	jwrite_text(w, "old", text_of(decision_name(before->decision)));
	jwrite_text(w, "new", text_of(decision_name(after->decision)));
	jwrite_text(w, "text", after->text);
	jwrite_end(w);
}

static void print_flip(FILE *out, const struct past_verdict *past, const struct judged_for *of,
		       const struct verdict *before, const struct verdict *after)
{
	char made[32];

	print_safe(out, of->facts->repo_name);
	(void)fprintf(out, "@%.*s  verdict %" PRId64 " of %s  ", TEXT_ARG(oid_short(&past->sha)), past->id,
		      when_print(past->made_at, made));
	print_safe(out, of->context);
	(void)fprintf(out, "%s%s -> %s: ", of->context.len > 0 ? ": " : "", decision_name(before->decision),
		      decision_name(after->decision));
	print_safe(out, after->text);
	(void)fprintf(out, "\n");
}

static void compare(void *context, const struct past_verdict *past, struct arena *arena)
{
	struct diff *diff = context;
	struct verdict before, after;
	struct facts facts;
	struct judged_for of = {.facts = &facts};
	struct err err = ERR_NONE;

	if (past->facts.len == 0 || !facts_decode(past->facts, arena, &facts, &err)) {
		diff->unread++;
		return;
	}
	if (diff->repo && !text_eq_nocase(facts.repo_name, text_of(diff->repo)))
		return;
	diff->n++;
	of.context = context_of(diff, past, arena);
	judge(diff->old, &of, arena, &before);
	judge(diff->new, &of, arena, &after);
	if (before.decision == after.decision)
		return;
	if (!told(diff, &facts, past->policy, arena)) {
		diff->untold++;
		return;
	}
	diff->flips++;
	diff->to[before.decision][after.decision]++;
	if (diff->w)
		put_flip(diff->w, past, &facts, &before, &after);
	else
		print_flip(diff->invocation->console->out, past, &of, &before, &after);
}

/* ---- the command ---- */

static void print_counts(const struct diff *diff)
{
	FILE *out = diff->invocation->console->out;
	const char *gap = ": ";

	(void)fprintf(out, "%zu verdict%s, %zu would flip", diff->n, diff->n == 1 ? "" : "s", diff->flips);
	for (size_t i = 0; i < DECISIONS; i++)
		for (size_t k = 0; k < DECISIONS; k++)
			if (diff->to[i][k] > 0) {
				(void)fprintf(out, "%s%zu %s -> %s", gap, diff->to[i][k],
					      decision_name((enum decision)i), decision_name((enum decision)k));
				gap = ", ";
			}
	(void)fprintf(out, "\n");
	if (diff->untold > 0)
		(void)fprintf(out, "%zu cannot be told: their facts do not hold what the policies ask for\n",
			      diff->untold);
	if (diff->unread > 0)
		(void)fprintf(out, "%zu hold no facts that this version reads\n", diff->unread);
}

static void put_counts(const struct diff *diff)
{
	struct jwrite *w = diff->w;

	jwrite_end(w);
	jwrite_int(w, "verdicts", (int64_t)diff->n);
	jwrite_int(w, "would_flip", (int64_t)diff->flips);
	jwrite_int(w, "cannot_be_told", (int64_t)diff->untold);
	jwrite_int(w, "unreadable", (int64_t)diff->unread);
	jwrite_end(w);
	(void)fprintf(diff->invocation->console->out, "%.*s\n", TEXT_ARG(jwrite_text_of(w)));
}

static int read_policy(const struct diff *diff, const char *name, struct arena *arena, const struct policy **ret)
{
	struct client_file file = {name, POLICY_BYTES_MAX};
	struct problem problem = {0};
	struct err err = ERR_NONE;
	struct text bytes = TEXT_EMPTY;

	if (strcmp(name, "builtin") != 0 && !client_file_read(diff->invocation->console, file, arena, &bytes, &err))
		return policy_cannot_read(diff->invocation, &err);
	if (policy_parse(bytes, &diff->defaults, arena, ret, &problem))
		return COMMAND_OK;
	policy_print_problem(diff->invocation->console, name, &problem);
	return COMMAND_USAGE;
}

/* 12h, 30d, 4w */
static bool since_of(const char *given, int64_t *ret_ms)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = {{'h', 3600000}, {'d', 86400000}, {'w', 604800000}};
	struct text t = text_of(given ? given : "30d");
	int64_t n;

	if (t.len < 2 || t.len > 6 || !text_int64((struct text){t.at, t.len - 1}, &n) || n < 1)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (t.at[t.len - 1] == units[i].unit) {
			*ret_ms = n * units[i].ms;
			return true;
		}
	return false;
}

static int run_over(struct diff *diff, const struct past_ask *ask)
{
	struct err err = ERR_NONE;
	bool ok;

	if (invocation_has(diff->invocation, "json")) {
		diff->w = jwrite_new();
		jwrite_object(diff->w, NULL);
		jwrite_array(diff->w, "flips");
	}
	ok = past_each(ask, compare, diff, &err);
	if (ok && diff->w)
		put_counts(diff);
	else if (ok)
		print_counts(diff);
	jwrite_free(diff->w);
	if (!ok)
		return policy_cannot_read(diff->invocation, &err);
	return diff->flips > 0 || diff->untold > 0 || diff->unread > 0 ? COMMAND_NO : COMMAND_OK;
}

/* As the server of that configuration judges, unless the line says otherwise. */
static void take_configured(struct diff *diff, const struct config_policy *set)
{
	diff->defaults.path = set->path;
	if (!invocation_value(diff->invocation, "default-approvals"))
		diff->defaults.approvals = (unsigned)set->default_approvals;
	if (!invocation_value(diff->invocation, "server-context"))
		diff->defaults.context = set->context;
}

static int run_diff(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct clock_port clock = clock_system();
	struct past_ask ask = {.state_dir = invocation_value(invocation, "state-dir"),
			       .all = invocation_has(invocation, "all")};
	struct diff diff = {.invocation = invocation, .repo = invocation_value(invocation, "repo")};
	struct config_loaded loaded;
	int64_t ago;
	int code = COMMAND_OK;

	if (!policy_defaults_given(invocation, &diff.defaults))
		return COMMAND_USAGE;
	if (!since_of(invocation_value(invocation, "since"), &ago)) {
		(void)fprintf(invocation->console->err, "headgate policy diff: --since is like 12h, 30d or 4w\n");
		return COMMAND_USAGE;
	}
	ask.since = clock.wall(clock.self) - ago;
	if (!ask.state_dir) {
		code = client_config(invocation->console, invocation_value(invocation, "config"), &arena, &loaded);
		if (code != COMMAND_OK)
			return code;
		ask.state_dir = loaded.config.state_dir.at;
		take_configured(&diff, &loaded.config.policy);
	}
	code = read_policy(&diff, invocation->operands[0], &arena, &diff.old);
	if (code == COMMAND_OK)
		code = read_policy(&diff, invocation->operands[1], &arena, &diff.new);
	return code == COMMAND_OK ? run_over(&diff, &ask) : code;
}

static const struct command_option diff_options[] = {
	{"since", 0, "AGE", "verdicts that are younger: 12h, 30d, 4w; 30d"},
	{"state-dir", 0, "DIR", "where the server keeps them; it may run"},
	{"config", 'c', "FILE", "configuration that names it"},
	{"repo", 0, "O/R", "of this repository alone"},
	{"all", 0, NULL, "every verdict, and not the newest of each commit alone"},
	{"json", 0, NULL, "print the answer as JSON"},
	POLICY_DEFAULTS_OPTIONS,
};
const struct command command_policy_diff = {
	"policy diff",
	"OLD|builtin NEW|builtin",
	2,
	2,
	"which stored verdicts would flip; 1 when one would, or cannot be told",
	"  git show main:.headgate.yml >old.yml\n"
	"  headgate policy diff old.yml .headgate.yml --since 30d --state-dir /var/lib/headgate\n",
	diff_options,
	sizeof diff_options / sizeof diff_options[0],
	run_diff,
};
