/* A policy-bot file in, a policy out with what differs above each line, and the same as a report. */
#include <string.h>

#include "agent/cli/cmd_client.h"
#include "agent/cli/cmd_policy.h"
#include "agent/cli/print.h"
#include "policy/import.h"
#include "webhooks/jread.h"

struct imported {
	const char *name;
	bool ok;
	struct import is;
	struct problem_list refused;
};

static void print_finding(const struct console *console, const char *name, const struct import_finding *finding)
{
	const struct import_difference *what = finding->what;

	print_safe(console->err, text_of(name));
	(void)fprintf(console->err, ":%u:%u: %s: %s: policy-bot: %s", finding->line, finding->column,
		      import_kind_name(what->kind), what->key, what->theirs);
	if (finding->detail.len > 0)
		(void)fprintf(console->err, " (%.*s)", TEXT_ARG(finding->detail));
	(void)fprintf(console->err, "; headgate: %s\n", what->ours);
}

static void print_report(const struct invocation *invocation, const struct imported *file)
{
	const struct console *console = invocation->console;

	for (size_t i = 0; file->ok && i < file->is.n; i++)
		print_finding(console, file->name, &file->is.findings[i]);
	if (file->ok)
		return;
	(void)fprintf(console->err, "headgate %s: nothing is written\n", invocation->command->name);
	for (size_t i = 0; i < file->refused.n; i++)
		policy_print_problem(console, file->refused.items[i].line > 0 ? file->name : "the policy",
				     &file->refused.items[i]);
	if (file->refused.more > 0)
		(void)fprintf(console->err, "and %zu more\n", file->refused.more);
}

static void put_finding(struct jwrite *w, const struct import_finding *finding)
{
	jwrite_object(w, NULL);
	jwrite_int(w, "line", finding->line);
	jwrite_int(w, "column", finding->column);
	jwrite_text(w, "kind", text_of(import_kind_name(finding->what->kind)));
	jwrite_text(w, "key", text_of(finding->what->key));
	jwrite_text(w, "policy_bot", text_of(finding->what->theirs));
	jwrite_text(w, "headgate", text_of(finding->what->ours));
	jwrite_text(w, "detail", finding->detail);
	jwrite_end(w);
}

static void print_json(const struct console *console, const struct imported *file)
{
	struct jwrite *w = jwrite_new();

	jwrite_object(w, NULL);
	jwrite_text(w, "file", text_of(file->name));
	jwrite_bool(w, "ok", file->ok);
	jwrite_array(w, "differences");
	for (size_t i = 0; file->ok && i < file->is.n; i++)
		put_finding(w, &file->is.findings[i]);
	jwrite_end(w);
	jwrite_array(w, "errors");
	for (size_t i = 0; i < file->refused.n; i++) {
		jwrite_object(w, NULL);
		jwrite_int(w, "line", file->refused.items[i].line);
		jwrite_int(w, "column", file->refused.items[i].column);
		jwrite_text(w, "text", text_of(file->refused.items[i].text));
		jwrite_end(w);
	}
	jwrite_end(w);
	jwrite_int(w, "more_errors", (int64_t)file->refused.more);
	if (file->ok)
		jwrite_text(w, "policy", file->is.policy);
	jwrite_end(w);
	(void)fprintf(console->out, "%.*s\n", TEXT_ARG(jwrite_text_of(w)));
	jwrite_free(w);
}

static int write_policy(const struct invocation *invocation, struct text policy)
{
	const char *to = invocation_value(invocation, "output");

	if (to && strcmp(to, "-") != 0)
		return policy_write_new(invocation, to, policy);
	if (!invocation_has(invocation, "json"))
		(void)fwrite(policy.at, 1, policy.len, invocation->console->out);
	return COMMAND_OK;
}

static int run_import(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct imported *file = arena_alloc(&arena, 1, sizeof *file);
	struct err err = ERR_NONE;
	struct text bytes;
	int code;

	file->name = invocation->operands[0];
	if (!client_file_read(invocation->console, (struct client_file){file->name, POLICY_BYTES_MAX}, &arena, &bytes,
			      &err)) {
		(void)policy_cannot_read(invocation, &err);
		return err.code == ERR_LIMIT ? COMMAND_NO : COMMAND_USAGE;
	}
	file->ok = policy_import(bytes, &arena, &file->is, &file->refused);
	code = file->ok ? write_policy(invocation, file->is.policy) : COMMAND_NO;
	if (code == COMMAND_USAGE)
		return code;
	if (invocation_has(invocation, "json"))
		print_json(invocation->console, file);
	else
		print_report(invocation, file);
	return code;
}

static const struct command_option import_options[] = {
	{"output", 'o', "FILE", "write a new file instead of standard output"},
	{"json", 0, NULL, "print the report as JSON, with the policy in it"},
};
const struct command command_policy_import = {
	"policy import",
	"FILE|-",
	1,
	1,
	"turn a policy-bot file into a policy, and say what differs",
	"  headgate policy import .policy.yml -o .headgate.yml\n",
	import_options,
	sizeof import_options / sizeof import_options[0],
	run_import,
};
