#include "agent/cli/cmd_client.h"
#include "agent/cli/cmd_policy.h"

#include "agent/cli/print.h"
#include "policy/policy.h"
#include "policy/remote.h"
#include "webhooks/jread.h"

static const struct {
	unsigned fact;
	const char *name;
} fact_names[] = {
	{FACT_STATE, "state"},       {FACT_DRAFT, "draft"},           {FACT_BASE, "base"},
	{FACT_AUTHOR, "author"},     {FACT_ARRIVAL, "arrival"},       {FACT_PUSHERS, "pushers"},
	{FACT_COMMITS, "commits"},   {FACT_PATHS, "paths"},           {FACT_REVIEWS, "reviews"},
	{FACT_LABELS, "labels"},     {FACT_TITLE, "title"},           {FACT_BODY, "body"},
	{FACT_HEAD_REF, "head_ref"}, {FACT_SIGNATURES, "signatures"}, {FACT_LINES, "lines"},
	{FACT_STATUSES, "statuses"}, {FACT_WORKFLOWS, "workflows"},   {FACT_COMMENTS, "comments"},
	{FACT_ORDERS, "orders"},     {FACT_THREADS, "threads"},
};

static void print_needs(FILE *out, const struct policy *policy)
{
	struct policy_needs needs = policy_needs(policy);
	const char *gap = " needs ";

	for (size_t i = 0; i < sizeof fact_names / sizeof fact_names[0]; i++) {
		if ((needs.facts & fact_names[i].fact) == 0)
			continue;
		(void)fprintf(out, "%s%s", gap, fact_names[i].name);
		gap = ", ";
	}
	if (needs.people)
		(void)fprintf(out, "%spermissions", gap);
	for (size_t i = 0; i < needs.n_teams; i++) {
		(void)fprintf(out, "%steam ", needs.people || i > 0 ? ", " : gap);
		print_safe(out, needs.teams[i]);
	}
	(void)fprintf(out, "\n");
}

static size_t count_rules(const struct rule_result *rules, size_t n)
{
	size_t all = n;

	for (size_t i = 0; i < n; i++)
		all += count_rules(rules[i].children, rules[i].n_children);
	return all;
}

static void print_names(FILE *out, const struct rule_result *rules, size_t n, int indent)
{
	for (size_t i = 0; i < n; i++) {
		(void)fprintf(out, "%*s- ", indent, "");
		print_safe(out, rules[i].name);
		if (rules[i].description.len > 0) {
			(void)fprintf(out, ": ");
			print_safe(out, rules[i].description);
		}
		(void)fprintf(out, "\n");
		print_names(out, rules[i].children, rules[i].n_children, indent + 2);
	}
}

static void print_applied(FILE *out, const struct policy *policy)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct verdict verdict;
	const struct rule_result *rules = policy_applied(policy, &arena, &verdict);
	size_t n = verdict.rules[0].n_children;

	(void)fprintf(out, "ok: %zu rules,", count_rules(rules, n));
	print_needs(out, policy);
	if (policy_needs(policy).unknown_pushers)
		(void)fprintf(out, "counts reviews though not everybody who pushed is known (allow_unknown_pushers)\n");
	(void)fprintf(out, "applied to every change, built-in guards included:\n");
	print_names(out, rules, n, 2);
}

/* ---- one file ---- */

struct checked {
	const char *name;
	const struct policy *policy; /* NULL: invalid, or not read */
	struct problem_list errors, lints;
	bool elsewhere; /* it only names where the policy is */
	struct remote remote;
};

static void print_remote(FILE *out, const struct remote *remote)
{
	(void)fprintf(out, "the policy is that of %.*s, %.*s, at %.*s: check that file\n", TEXT_ARG(remote->repo),
		      TEXT_ARG(remote->path.len > 0 ? remote->path : TEXT_LIT("the file of this name")),
		      TEXT_ARG(remote->ref.len > 0 ? remote->ref : TEXT_LIT("the default branch")));
}

static void print_checked(const struct invocation *invocation, const struct checked *file)
{
	const struct console *console = invocation->console;

	for (size_t i = 0; i < file->errors.n; i++)
		policy_print_problem(console, file->name, &file->errors.items[i]);
	if (file->errors.more > 0)
		(void)fprintf(console->err, "and %zu more\n", file->errors.more);
	for (size_t i = 0; i < file->lints.n; i++)
		policy_print_warning(console, file->name, &file->lints.items[i]);
	if (!file->policy && !file->elsewhere)
		return;
	if (invocation->n_operands > 1) {
		print_safe(console->out, text_of(file->name));
		(void)fprintf(console->out, ": ");
	}
	if (file->elsewhere)
		print_remote(console->out, &file->remote);
	else
		print_applied(console->out, file->policy);
}

/* What is unsafe fails the check, though the policy is one and is judged by. */
static bool unsafe(const struct problem_list *lints)
{
	for (size_t i = 0; i < lints->n; i++)
		if (text_starts(text_of(lints->items[i].text), TEXT_LIT(PROBLEM_UNSAFE)))
			return true;
	return false;
}

static void put_problems(struct jwrite *w, const char *key, const struct problem_list *list)
{
	jwrite_array(w, key);
	for (size_t i = 0; i < list->n; i++) {
		jwrite_object(w, NULL);
		jwrite_int(w, "line", list->items[i].line);
		jwrite_int(w, "column", list->items[i].column);
		jwrite_text(w, "text", text_of(list->items[i].text));
		jwrite_end(w);
	}
	jwrite_end(w);
}

static void put_checked(struct jwrite *w, const struct checked *file)
{
	struct policy_needs needs = file->policy ? policy_needs(file->policy) : (struct policy_needs){0};

	jwrite_object(w, NULL);
	jwrite_text(w, "file", text_of(file->name));
	jwrite_bool(w, "ok", file->policy != NULL || file->elsewhere);
	if (file->elsewhere)
		jwrite_text(w, "remote", file->remote.repo);
	put_problems(w, "errors", &file->errors);
	jwrite_int(w, "more_errors", (int64_t)file->errors.more);
	put_problems(w, "lints", &file->lints);
	jwrite_array(w, "needs");
	for (size_t i = 0; i < sizeof fact_names / sizeof fact_names[0]; i++)
		if (needs.facts & fact_names[i].fact)
			jwrite_text(w, NULL, text_of(fact_names[i].name));
	jwrite_end(w);
	jwrite_array(w, "teams");
	for (size_t i = 0; i < needs.n_teams; i++)
		jwrite_text(w, NULL, needs.teams[i]);
	jwrite_end(w);
	jwrite_end(w);
}

/* The worse of two: a line or file that is wrong hides what a check said. */
static int worse(int a, int b)
{
	if (a == COMMAND_USAGE || b == COMMAND_USAGE)
		return COMMAND_USAGE;
	return a == COMMAND_OK ? b : a;
}

static void check_bytes(struct text bytes, const struct policy_defaults *defaults, struct arena *arena,
			struct checked *file)
{
	enum remote_answer answer = remote_check(bytes, arena, &file->remote, &file->errors);

	file->elsewhere = answer == REMOTE_YES;
	if (answer == REMOTE_NO && !policy_check(bytes, defaults, arena, &file->policy, &file->errors, &file->lints))
		file->policy = NULL;
}

static int check_file(const struct invocation *invocation, const char *name, const struct policy_defaults *defaults,
		      struct jwrite *w)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct checked *file = arena_alloc(&arena, 1, sizeof *file);
	struct client_file source = {name, POLICY_BYTES_MAX};
	struct err err = ERR_NONE;
	struct text bytes;

	file->name = name;
	if (!client_file_read(invocation->console, source, &arena, &bytes, &err)) {
		if (err.code != ERR_LIMIT)
			return policy_cannot_read(invocation, &err);
		file->errors.n = 1;
		(void)snprintf(file->errors.items[0].text, sizeof file->errors.items[0].text, "more than %zu bytes",
			       source.max);
	} else {
		check_bytes(bytes, defaults, &arena, file);
	}
	if (w)
		put_checked(w, file);
	else
		print_checked(invocation, file);
	if (!file->policy)
		return file->elsewhere ? COMMAND_OK : COMMAND_NO;
	return unsafe(&file->lints) || (file->lints.n > 0 && invocation_has(invocation, "strict")) ? COMMAND_NO
												   : COMMAND_OK;
}

static int run_check(const struct invocation *invocation)
{
	static const char *const usual[] = {".headgate.yml"};
	const char *const *names = invocation->n_operands > 0 ? invocation->operands : usual;
	size_t n = invocation->n_operands > 0 ? invocation->n_operands : 1;
	struct jwrite *w = invocation_has(invocation, "json") ? jwrite_new() : NULL;
	struct policy_defaults defaults;
	bool ok = policy_defaults_given(invocation, &defaults);
	int code = ok ? COMMAND_OK : COMMAND_USAGE;

	if (w) {
		jwrite_object(w, NULL);
		jwrite_array(w, "files");
	}
	for (size_t i = 0; ok && i < n; i++)
		code = worse(code, check_file(invocation, names[i], &defaults, w));
	if (w && ok) {
		jwrite_end(w);
		jwrite_end(w);
		(void)fprintf(invocation->console->out, "%.*s\n", TEXT_ARG(jwrite_text_of(w)));
	}
	jwrite_free(w);
	return code;
}

static const struct command_option check_options[] = {
	{"json", 0, NULL, "print the answer as JSON"},
	{"strict", 0, NULL, "every warning is a failure, not only what is unsafe"},
	POLICY_DEFAULTS_OPTIONS,
};
const struct command command_policy_check = {
	"policy check",
	"[FILE...|-]",
	0,
	POLICY_FILES_MAX,
	"check policy files, .headgate.yml unless named: all that is wrong",
	"  headgate policy check\n  git show main:.headgate.yml | headgate policy check -\n",
	check_options,
	sizeof check_options / sizeof check_options[0],
	run_check,
};
