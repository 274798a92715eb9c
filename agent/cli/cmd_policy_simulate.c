/* What if: facts are judged as they are, and once more after what the line tells in the words of cases
 * (policy/scene.h). An option is a short form of one such word. */
#include "agent/cli/cmd_client.h"
#include "agent/cli/cmd_policy.h"

#include "agent/base/facts_json.h"
#include "agent/cli/print.h"
#include "agent/cli/replay.h"
#include "policy/scene.h"

struct answer { /* in one context; empty: the server's own */
	struct text context;
	struct verdict before, after;
};

struct simulation {
	const struct invocation *invocation;
	struct arena *arena;
	struct policy_defaults defaults;
	const struct policy *policy;
	struct facts facts;
	struct telling *telling;
	const struct scene *scene;
	struct answer *answers; /* the first is what the exit code says */
	size_t n_answers;
};

/* ---- the words of the line ---- */

static struct yaml *word_node(const struct simulation *sim, struct text text)
{
	struct yaml *node = arena_alloc(sim->arena, 1, sizeof *node);

	*node = (struct yaml){.kind = YAML_SCALAR, .line = 1, .column = 1, .text = text};
	return node;
}

static struct yaml *pair(const struct simulation *sim, const char *key, const struct yaml *value)
{
	struct yaml *node = arena_alloc(sim->arena, 1, sizeof *node);

	*node = (struct yaml){
		.kind = YAML_MAP, .line = 1, .column = 1, .keys = word_node(sim, text_of(key)), .items = value, .n = 1};
	return node;
}

/* {by: LOGIN, of: COMMIT} */
static struct yaml *by_whom(const struct simulation *sim, struct text login, struct text of)
{
	struct yaml *node = arena_alloc(sim->arena, 1, sizeof *node), *keys, *items;

	keys = arena_alloc(sim->arena, 2, sizeof *keys);
	items = arena_alloc(sim->arena, 2, sizeof *items);
	keys[0] = *word_node(sim, TEXT_LIT("by"));
	keys[1] = *word_node(sim, TEXT_LIT("of"));
	items[0] = *word_node(sim, login);
	items[1] = *word_node(sim, of);
	*node = (struct yaml){
		.kind = YAML_MAP, .line = 1, .column = 1, .keys = keys, .items = items, .n = of.len > 0 ? 2 : 1};
	return node;
}

static bool tell_step(struct simulation *sim, const struct yaml *step, struct problem *problem)
{
	struct yaml *list = arena_alloc(sim->arena, 1, sizeof *list);

	*list = (struct yaml){.kind = YAML_LIST, .line = 1, .column = 1, .items = step, .n = 1};
	return telling_then(sim->telling, list, problem);
}

/* Cuts t at the last `mark`: what stands before it stays in *t. */
static bool cut_at(struct text *t, char mark, struct text *ret_after)
{
	for (size_t i = t->len; i-- > 0;)
		if (t->at[i] == mark) {
			*ret_after = (struct text){t->at + i + 1, t->len - i - 1};
			t->len = i;
			return true;
		}
	return false;
}

/* LOGIN[@COMMIT]:approve */
static bool tell_review(struct simulation *sim, const char *key, const char *value, struct problem *problem)
{
	static const char *const known[] = {"approve", "request_changes", "remark", "dismiss"};
	struct text login = text_of(value), how, of = TEXT_EMPTY;
	struct yaml at = {.kind = YAML_SCALAR, .line = 1, .column = 1};
	const struct yaml *who;

	(void)key;
	if (!cut_at(&login, ':', &how))
		return yaml_problem(&at, problem, "write LOGIN:approve, or LOGIN@COMMIT:approve");
	(void)cut_at(&login, '@', &of);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (!text_is(how, known[i]))
			continue;
		who = text_is(how, "dismiss") ? word_node(sim, login) : by_whom(sim, login, of);
		return tell_step(sim, pair(sim, known[i], who), problem);
	}
	return yaml_problem(&at, problem, "a review is approve, request_changes, remark or dismiss");
}

static bool tell_person(struct simulation *sim, const char *key, const char *value, struct problem *problem)
{
	struct text login = text_of(value), permission;
	struct yaml at = {.kind = YAML_SCALAR, .line = 1, .column = 1};

	(void)key;
	if (!cut_at(&login, '=', &permission))
		return yaml_problem(&at, problem, "write LOGIN=PERMISSION");
	return telling_map(sim->telling,
			   pair(sim, "people", pair(sim, arena_text(sim->arena, login).at, word_node(sim, permission))),
			   problem);
}

static bool tell_word(struct simulation *sim, const char *key, const char *value, struct problem *problem)
{
	return tell_step(sim, pair(sim, key, word_node(sim, text_of(value))), problem);
}

/* An operand: `approve: bob`, `labels: [x]`; what can happen, or a fact. */
static bool tell_operand(struct simulation *sim, const char *word, struct problem *problem)
{
	static const struct yaml_limits limits = {(size_t)64 * 1024, 16, 2000, 0};
	const struct yaml *root;

	if (!yaml_parse(text_of(word), &limits, sim->arena, &root, problem))
		return false;
	if (root->kind == YAML_SCALAR || (root->kind == YAML_MAP && root->n == 1 && scene_is_step(root->keys[0].text)))
		return tell_step(sim, root, problem);
	return telling_map(sim->telling, root, problem);
}

static const struct {
	const char *option, *step;
	bool (*tell)(struct simulation *sim, const char *key, const char *value, struct problem *problem);
} words[] = {
	{"review", NULL, tell_review}, {"head", "push", tell_word},       {"base", "retarget", tell_word},
	{"label", "label", tell_word}, {"unlabel", "unlabel", tell_word}, {"person", NULL, tell_person},
};

static bool wrong(const struct simulation *sim, const char *option, const char *word, const struct problem *problem)
{
	FILE *err = sim->invocation->console->err;

	(void)fprintf(err, "headgate policy simulate: %s%s", option ? "--" : "", option ? option : "");
	(void)fprintf(err, option ? " " : "");
	print_safe(err, text_of(word));
	(void)fprintf(err, ": ");
	print_safe(err, text_of(problem->text));
	(void)fprintf(err, "\n");
	return false;
}

/* Made again after each word, so that the word that is wrong is the one that is named. */
static bool make(struct simulation *sim, bool told, const char *option, const char *word, struct problem *problem)
{
	if (told && scene_make(sim->telling, &sim->facts, sim->arena, &sim->scene, problem))
		return true;
	return wrong(sim, option, word, problem);
}

static bool tell(struct simulation *sim)
{
	const struct invocation *invocation = sim->invocation;
	struct problem problem = {0};

	for (size_t i = 0; i < invocation->n_given; i++)
		for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
			const struct given_option *given = &invocation->given[i];

			if (strcmp(given->name, words[k].option) == 0 &&
			    !make(sim, words[k].tell(sim, words[k].step, given->value, &problem), given->name,
				  given->value, &problem))
				return false;
		}
	for (size_t i = 0; i < invocation->n_operands; i++)
		if (!make(sim, tell_operand(sim, invocation->operands[i], &problem), NULL, invocation->operands[i],
			  &problem))
			return false;
	return true;
}

/* ---- what is different ---- */

struct differing {
	const struct simulation *sim;
	struct jwrite *w; /* NULL: text */
	size_t n;
};

static const struct rule_result *row(const struct rule_result *rows, size_t n, struct text name)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static void show_row(struct differing *to, struct text name, const char *before, const struct rule_result *after)
{
	FILE *out = to->sim->invocation->console->out;
	struct text next = scene_named(to->sim->scene, after->next, to->sim->arena);

	to->n++;
	if (to->w) {
		jwrite_object(to->w, NULL);
		jwrite_text(to->w, "rule", name);
		jwrite_text(to->w, "before", text_of(before));
		jwrite_text(to->w, "after", text_of(rule_state_name(after->state)));
		jwrite_text(to->w, "next", next);
		jwrite_end(to->w);
		return;
	}
	(void)fprintf(out, "  ");
	print_safe(out, name);
	(void)fprintf(out, ": %s -> %s", before, rule_state_name(after->state));
	if (next.len > 0) {
		(void)fprintf(out, "; next: ");
		print_safe(out, next);
	}
	(void)fprintf(out, "\n");
}

/* Rows that are told apart by name; a rule is as deep as the parser allows. */
static void show_rows(struct differing *to, const struct rule_result *before, size_t n_before,
		      const struct rule_result *after, size_t n_after)
{
	for (size_t i = 0; i < n_after; i++) {
		const struct rule_result *was = row(before, n_before, after[i].name);

		if (!was || was->state != after[i].state || !text_eq(was->next, after[i].next))
			show_row(to, after[i].name, was ? rule_state_name(was->state) : "not there", &after[i]);
		show_rows(to, was ? was->children : NULL, was ? was->n_children : 0, after[i].children,
			  after[i].n_children);
	}
}

static void show_differing(struct differing *to, const struct answer *of)
{
	const struct verdict *before = &of->before, *after = &of->after;

	if (before->n_rules > 0 && after->n_rules > 0)
		show_rows(to, before->rules[0].children, before->rules[0].n_children, after->rules[0].children,
			  after->rules[0].n_children);
}

static struct text encoded(const struct simulation *sim, const struct verdict *verdict)
{
	return scene_named(sim->scene, verdict_encode(verdict, false, sim->arena), sim->arena);
}

static void put_answer(struct differing *to, const struct answer *of)
{
	jwrite_json(to->w, "before", encoded(to->sim, &of->before));
	jwrite_json(to->w, "after", encoded(to->sim, &of->after));
	jwrite_array(to->w, "differs");
	show_differing(to, of);
	jwrite_end(to->w);
}

static void print_json(const struct simulation *sim)
{
	struct differing to = {sim, jwrite_new(), 0};

	jwrite_object(to.w, NULL);
	put_answer(&to, &sim->answers[0]);
	if (sim->n_answers > 1)
		jwrite_array(to.w, "contexts");
	for (size_t i = 1; i < sim->n_answers; i++) {
		jwrite_object(to.w, NULL);
		jwrite_text(to.w, "context", sim->answers[i].context);
		put_answer(&to, &sim->answers[i]);
		jwrite_end(to.w);
	}
	if (sim->n_answers > 1)
		jwrite_end(to.w);
	jwrite_end(to.w);
	(void)fprintf(sim->invocation->console->out, "%.*s\n", TEXT_ARG(jwrite_text_of(to.w)));
	jwrite_free(to.w);
}

static void print_answer(const struct simulation *sim, const struct answer *of)
{
	const struct console *console = sim->invocation->console;
	const struct verdict *both[] = {&of->before, &of->after};
	struct differing to = {sim, NULL, 0};
	struct err err = ERR_NONE;

	for (size_t i = 0; i < 2; i++) {
		struct jdoc *doc = jdoc_parse(encoded(sim, both[i]), &err);

		(void)fprintf(console->out, i == 0 ? "before: " : "after:  ");
		print_verdict(console->out, doc ? jdoc_root(doc) : NULL, console->colour);
		jdoc_free(doc);
	}
	show_differing(&to, of);
	if (to.n == 0)
		(void)fprintf(console->out, "no rule is met otherwise than before\n");
}

static void print_text(const struct simulation *sim)
{
	for (size_t i = 0; i < sim->n_answers; i++) {
		if (i > 0)
			(void)fprintf(sim->invocation->console->out, "%.*s\n", TEXT_ARG(sim->answers[i].context));
		print_answer(sim, &sim->answers[i]);
	}
}

/* ---- the command ---- */

static void judge(const struct simulation *sim, const struct facts *facts, struct text context, struct verdict *ret)
{
	size_t n = facts_changes(facts);
	struct governed *governed = arena_alloc(sim->arena, n, sizeof *governed);

	for (size_t i = 0; i < n; i++)
		governed[i] = (struct governed){sim->policy, NULL};
	if (context.len > 0)
		policy_judge_context(governed, facts, context, sim->arena, ret);
	else
		policy_judge(governed, facts, sim->arena, ret);
}

/* With --context: that one alone, whether the policy names it or not, as the server would judge it. */
static void judge_all(struct simulation *sim)
{
	const char *name = invocation_value(sim->invocation, "context");
	struct text context = TEXT_EMPTY;

	sim->answers = arena_alloc(sim->arena, 1 + POLICY_CONTEXTS_MAX, sizeof *sim->answers);
	if (name && !text_eq_nocase(text_of(name), sim->defaults.context))
		context = text_of(name);
	for (size_t i = 0; i == 0 || (!name && policy_context_at(sim->policy, i - 1, &context)); i++) {
		struct answer *of = &sim->answers[sim->n_answers++];

		of->context = context;
		judge(sim, &sim->facts, context, &of->before);
		judge(sim, scene_facts(sim->scene), context, &of->after);
	}
}

static int read_policy(struct simulation *sim, const char *name)
{
	struct client_file file = {name, POLICY_BYTES_MAX};
	struct problem problem = {0};
	struct err err = ERR_NONE;
	struct text bytes = TEXT_EMPTY;

	if (strcmp(name, "builtin") != 0 && !client_file_read(sim->invocation->console, file, sim->arena, &bytes, &err))
		return policy_cannot_read(sim->invocation, &err);
	if (policy_parse(bytes, &sim->defaults, sim->arena, &sim->policy, &problem))
		return COMMAND_OK;
	policy_print_problem(sim->invocation->console, name, &problem);
	return COMMAND_NO;
}

static int read_facts(struct simulation *sim, const char *name)
{
	struct client_file file = {name, REPLAY_FACTS_MAX};
	struct err err = ERR_NONE;
	struct text bytes;

	if (!client_file_read(sim->invocation->console, file, sim->arena, &bytes, &err) ||
	    !facts_decode(bytes, sim->arena, &sim->facts, &err))
		return policy_cannot_read(sim->invocation, &err);
	if (sim->facts.n_changes > 0)
		return COMMAND_OK;
	(void)err_set(&err, ERR_INVALID, "%s: tells of no open change", name);
	return policy_cannot_read(sim->invocation, &err);
}

static int run_simulate(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *policy = invocation_value(invocation, "policy"), *facts = invocation_value(invocation, "facts");
	struct simulation sim = {.invocation = invocation, .arena = &arena};
	struct err err = ERR_NONE;
	int code;

	if (!policy_defaults_given(invocation, &sim.defaults))
		return COMMAND_USAGE;
	if (!policy || !facts) {
		(void)err_set(&err, ERR_INVALID, "--policy and --facts are both needed");
		return policy_cannot_read(invocation, &err);
	}
	code = read_policy(&sim, policy);
	if (code == COMMAND_OK)
		code = read_facts(&sim, facts);
	if (code != COMMAND_OK)
		return code;
	sim.telling = arena_alloc(&arena, 1, sizeof *sim.telling);
	if (!make(&sim, true, NULL, facts, &(struct problem){0}) || !tell(&sim))
		return COMMAND_USAGE;
	judge_all(&sim);
	if (invocation_has(invocation, "json"))
		print_json(&sim);
	else
		print_text(&sim);
	return client_exit_of(sim.answers[0].after.decision);
}

static const struct command_option simulate_options[] = {
	{"policy", 'p', "FILE", "the policy; builtin: the one for repositories without a file"},
	{"facts", 'f', "FILE", "what is known, as JSON; - is standard input"},
	{"review", 0, "LOGIN:HOW", "approve, request_changes, remark, dismiss; LOGIN@COMMIT:HOW"},
	{"head", 0, "COMMIT", "it is pushed: a full name, or any word for a new one"},
	{"base", 0, "BRANCH", "the change goes to another branch"},
	{"label", 0, "LABEL", "a label is set"},
	{"unlabel", 0, "LABEL", "a label is taken away"},
	{"person", 0, "LOGIN=PERM", "somebody has this permission"},
	{"context", 0, "NAME", "in one of policy.contexts alone; left out: in the server's own, then in each of them"},
	{"json", 0, NULL, "print the answer as JSON"},
	POLICY_DEFAULTS_OPTIONS,
};
const struct command command_policy_simulate = {
	"policy simulate",
	"[WHAT...]",
	0,
	POLICY_FILES_MAX,
	"what if: judge facts before and after what the line tells; the exit code is the verdict after",
	"  headgate policy simulate -p .headgate.yml -f facts.json --review erin:approve\n"
	"  headgate policy simulate -p .headgate.yml -f facts.json 'push: {by: bob}' 'title: Revert' 'statuses: {ci: "
	"success}'\n"
	"  # options in the order of the line, then WHAT, in the words that `headgate policy test --words` lists\n",
	simulate_options,
	sizeof simulate_options / sizeof simulate_options[0],
	run_simulate,
};
