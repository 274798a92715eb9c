/* Every case of every file is run; what failed is printed, then the count. A file that cannot be read is exit code 2,
 * whatever the others say: nobody knows what its cases would have said. */
#include "agent/cli/cmd_client.h"
#include "agent/cli/cmd_policy.h"

#include "agent/base/facts_json.h"
#include "agent/cli/print.h"
#include "policy/cases.h"

struct run {
	const struct invocation *invocation;
	struct policy_defaults defaults;
	struct jwrite *json; /* NULL: text */
	size_t cases, failed;
	bool unread;
};

/* One file, and the policy it names. */
struct suite {
	const char *name;        /* as given */
	const char *policy_name; /* as it can be opened */
	struct cases cases;
	struct governed by;
	struct problem problem; /* of the policy */
	bool *met, *unmet;      /* by rule of the policy: some case saw it so */
};

/* Where `name` stands when it is written in `file`. */
static const char *beside(const char *file, struct text name, struct arena *arena)
{
	const char *slash = strrchr(file, '/');

	if (!slash || text_starts(name, TEXT_LIT("/")))
		return arena_text(arena, name).at;
	return arena_printf(arena, "%.*s/%.*s", (int)(slash - file), file, TEXT_ARG(name)).at;
}

static bool read_policy(const struct run *run, struct suite *suite, struct arena *arena, struct err *err)
{
	const struct console *console = run->invocation->console;
	struct client_file file;
	struct text bytes;

	if (text_is(suite->cases.policy, "builtin")) {
		suite->policy_name = "builtin";
		suite->by.policy = policy_builtin(&run->defaults, arena);
		return true;
	}
	suite->policy_name = beside(suite->name, suite->cases.policy, arena);
	file = (struct client_file){suite->policy_name, POLICY_BYTES_MAX};
	if (!client_file_read(console, file, arena, &bytes, err))
		return false;
	if (!policy_parse(bytes, &run->defaults, arena, &suite->by.policy, &suite->problem)) {
		policy_print_problem(console, suite->policy_name, &suite->problem);
		suite->by = (struct governed){NULL, &suite->problem};
	}
	return true;
}

static bool read_suite(const struct run *run, struct suite *suite, struct arena *arena)
{
	const struct console *console = run->invocation->console;
	struct problem problem = {0};
	struct err err = ERR_NONE;
	struct text bytes;

	if (!client_file_read(console, (struct client_file){suite->name, POLICY_BYTES_MAX}, arena, &bytes, &err)) {
		(void)policy_cannot_read(run->invocation, &err);
		return false;
	}
	if (!cases_read(bytes, arena, &suite->cases, &problem)) {
		policy_print_problem(console, suite->name, &problem);
		return false;
	}
	if (!read_policy(run, suite, arena, &err)) {
		(void)policy_cannot_read(run->invocation, &err);
		return false;
	}
	return true;
}

/* ---- what the cases cover ---- */

static size_t count_rules(const struct suite *suite)
{
	struct policy_rule rule;
	size_t n = 0;

	while (suite->by.policy && policy_rule_at(suite->by.policy, n, &rule))
		n++;
	return n;
}

static void cover(struct suite *suite, const struct verdict *verdict)
{
	struct policy_rule rule;

	for (size_t i = 0; suite->by.policy && policy_rule_at(suite->by.policy, i, &rule); i++) {
		const struct rule_result *row = case_rule(verdict, rule.name);

		suite->met[i] = suite->met[i] || (row && row->state == RULE_MET);
		suite->unmet[i] = suite->unmet[i] || (row && (row->state == RULE_UNMET || row->state == RULE_PENDING));
	}
}

static void print_uncovered(const struct run *run, const struct suite *suite)
{
	FILE *out = run->invocation->console->err;
	struct policy_rule rule;

	for (size_t i = 0; suite->by.policy && policy_rule_at(suite->by.policy, i, &rule); i++) {
		if (rule.mode == MODE_OFF || (suite->met[i] && suite->unmet[i]))
			continue;
		print_safe(out, text_of(suite->policy_name));
		(void)fprintf(out, ":%u:%u: warning: no case sees rule `", rule.line, rule.column);
		print_safe(out, rule.name);
		(void)fprintf(out, "` %s\n", suite->met[i] ? "unmet" : suite->unmet[i] ? "met" : "met, and none unmet");
	}
}

/* ---- what the cases say ---- */

static void print_failed(const struct run *run, const struct suite *suite, const struct one_case *one,
			 const struct case_result *result, struct arena *arena)
{
	const struct console *console = run->invocation->console;
	struct text rules = scene_named(result->scene, rules_encode(&result->verdict, false, arena), arena);
	struct err err = ERR_NONE;
	struct jdoc *doc = jdoc_parse(rules, &err);

	print_safe(console->out, text_of(suite->name));
	(void)fprintf(console->out, ":%u:%u: ", one->line, one->column);
	print_safe(console->out, one->name);
	for (size_t i = 0; i < result->n_why; i++) {
		(void)fprintf(console->out, i == 0 ? ": " : "; ");
		print_safe(console->out, result->why[i]);
	}
	(void)fprintf(console->out, "\n    ");
	print_safe(console->out, result->text);
	(void)fprintf(console->out, "\n");
	print_rules(console->out, doc ? jdoc_root(doc) : NULL, console->colour);
	jdoc_free(doc);
}

static void put_case(struct jwrite *w, const struct one_case *one, const struct case_result *result,
		     struct arena *arena)
{
	jwrite_object(w, NULL);
	jwrite_text(w, "name", one->name);
	jwrite_int(w, "line", one->line);
	jwrite_bool(w, "ok", result->n_why == 0);
	jwrite_text(w, "expected", text_of(decision_name(one->expect)));
	jwrite_text(w, "got", text_of(decision_name(result->verdict.decision)));
	jwrite_text(w, "text", result->text);
	jwrite_array(w, "why");
	for (size_t i = 0; i < result->n_why; i++)
		jwrite_text(w, NULL, result->why[i]);
	jwrite_end(w);
	jwrite_json(w, "rules", scene_named(result->scene, rules_encode(&result->verdict, false, arena), arena));
	jwrite_end(w);
}

static void run_suite(struct run *run, struct suite *suite)
{
	for (size_t i = 0; i < suite->cases.n; i++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct case_result result;

		case_run(&suite->cases.items[i], &suite->by, &arena, &result);
		run->cases++;
		run->failed += result.n_why > 0;
		cover(suite, &result.verdict);
		if (run->json)
			put_case(run->json, &suite->cases.items[i], &result, &arena);
		else if (result.n_why > 0)
			print_failed(run, suite, &suite->cases.items[i], &result, &arena);
	}
}

static void run_file(struct run *run, const char *name)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct suite suite = {.name = name};

	if (!read_suite(run, &suite, &arena)) {
		run->unread = true;
		return;
	}
	suite.met = arena_alloc(&arena, count_rules(&suite), sizeof *suite.met);
	suite.unmet = arena_alloc(&arena, count_rules(&suite), sizeof *suite.unmet);
	if (run->json) {
		jwrite_object(run->json, NULL);
		jwrite_text(run->json, "file", text_of(name));
		jwrite_text(run->json, "policy", text_of(suite.policy_name));
		jwrite_array(run->json, "cases");
	}
	run_suite(run, &suite);
	if (run->json) {
		jwrite_end(run->json);
		jwrite_end(run->json);
	}
	if (invocation_has(run->invocation, "cover"))
		print_uncovered(run, &suite);
}

static void print_sum(const struct run *run)
{
	const struct console *console = run->invocation->console;

	if (!run->json) {
		(void)fprintf(console->out, "%zu case%s, %zu failed\n", run->cases, run->cases == 1 ? "" : "s",
			      run->failed);
		return;
	}
	jwrite_end(run->json);
	jwrite_int(run->json, "n", (int64_t)run->cases);
	jwrite_int(run->json, "failed", (int64_t)run->failed);
	jwrite_end(run->json);
	(void)fprintf(console->out, "%.*s\n", TEXT_ARG(jwrite_text_of(run->json)));
}

static void print_words(FILE *out)
{
	const struct policy_key *key;

	for (size_t i = 0; (key = cases_word_at(i)); i++)
		(void)fprintf(out, "%s: %s\n    %s\n", key->path, key->type, key->help);
	for (size_t i = 0; (key = scene_word_at(i)); i++)
		(void)fprintf(out, "facts.%s: %s\n    %s\n", key->path, key->type, key->help);
}

static int run_test(const struct invocation *invocation)
{
	static const char usual[] = ".headgate.test.yml";
	struct run run = {.invocation = invocation};

	if (!policy_defaults_given(invocation, &run.defaults))
		return COMMAND_USAGE;
	if (invocation_has(invocation, "words")) {
		print_words(invocation->console->out);
		return COMMAND_OK;
	}
	if (invocation_has(invocation, "json")) {
		run.json = jwrite_new();
		jwrite_object(run.json, NULL);
		jwrite_array(run.json, "files");
	}
	if (invocation->n_operands == 0)
		run_file(&run, usual);
	for (size_t i = 0; i < invocation->n_operands; i++)
		run_file(&run, invocation->operands[i]);
	print_sum(&run);
	jwrite_free(run.json);
	if (run.unread)
		return COMMAND_USAGE;
	return run.failed > 0 ? COMMAND_NO : COMMAND_OK;
}

static const struct command_option test_options[] = {
	{"json", 0, NULL, "print the answer as JSON"},
	{"cover", 0, NULL, "warn of rules that no case sees met, or none unmet"},
	{"words", 0, NULL, "list what a test file can say"},
	POLICY_DEFAULTS_OPTIONS,
};
const struct command command_policy_test = {
	"policy test",
	"[FILE...]",
	0,
	POLICY_FILES_MAX,
	"run the cases of test files, .headgate.test.yml unless named",
	"  headgate policy test examples/policies/*.test.yml\n",
	test_options,
	sizeof test_options / sizeof test_options[0],
	run_test,
};
