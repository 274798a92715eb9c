#include "policy/cases.h"

#define CASES_NODES_MAX   50000
#define CASES_ALIASES_MAX 1000
#define CASES_MAX         2000
#define WHY_MAX           64

struct case_row {
	struct policy_key doc; /* the key is what follows the last '.' */
	bool (*read)(struct one_case *one, const struct yaml *value, struct problem *problem);
};

static bool read_name(struct one_case *one, const struct yaml *value, struct problem *problem)
{
	if (value->kind != YAML_SCALAR || value->text.len == 0)
		return yaml_problem(value, problem, "expected text");
	one->name = value->text;
	return true;
}

static bool read_expect(struct one_case *one, const struct yaml *value, struct problem *problem)
{
	if (value->kind != YAML_SCALAR || !decision_parse(value->text, &one->expect))
		return yaml_problem(value, problem, "expected allowed, waiting, blocked, revoked or cannot_decide");
	return true;
}

static bool read_context(struct one_case *one, const struct yaml *value, struct problem *problem)
{
	if (value->kind != YAML_SCALAR || value->text.len == 0)
		return yaml_problem(value, problem, "expected a name of policy.contexts");
	one->context = value->text;
	return true;
}

static bool read_part(struct one_case *one, const struct yaml *value, struct problem *problem)
{
	if (value->kind != YAML_SCALAR || value->text.len == 0)
		return yaml_problem(value, problem, "expected a part of the status text");
	one->text = value->text;
	return true;
}

static bool rule_names(const struct yaml *value, struct problem *problem)
{
	if (value->kind == YAML_SCALAR && value->text.len > 0)
		return true;
	if (value->kind != YAML_LIST || value->n == 0)
		return yaml_problem(value, problem, "expected the name of a rule, or a list of names");
	for (size_t i = 0; i < value->n; i++)
		if (value->items[i].kind != YAML_SCALAR)
			return yaml_problem(&value->items[i], problem, "expected the name of a rule");
	return true;
}

static bool read_because(struct one_case *one, const struct yaml *value, struct problem *problem)
{
	one->because = value;
	return rule_names(value, problem);
}

static bool read_skipped(struct one_case *one, const struct yaml *value, struct problem *problem)
{
	one->skipped = value;
	return rule_names(value, problem);
}

static bool read_missing(struct one_case *one, const struct yaml *value, struct problem *problem)
{
	one->missing = value;
	return rule_names(value, problem);
}

/* Beside these a case takes every key of facts. */
static const struct case_row case_rows[] = {
	{{"cases[].name", "text", "what the case says; no two say the same"}, read_name},
	{{"cases[].expect", "allowed|waiting|blocked|revoked|cannot_decide", "the verdict"}, read_expect},
	{{"cases[].context", "text", "one of policy.contexts, whose verdict it is; left out: the server's own"},
	 read_context},
	{{"cases[].text", "text", "a part of the status text"}, read_part},
	{{"cases[].because", "text | [text]",
	  "rules by name: met where `allowed` is expected, else applying and not met"},
	 read_because},
	{{"cases[].missing", "text | [text]",
	  "rules by name that apply and are not met, whatever the verdict: of `mode: warn`, too"},
	 read_missing},
	{{"cases[].skipped", "text | [text]", "rules by name that must not apply"}, read_skipped},
};
enum { CASE_ROWS = sizeof case_rows / sizeof case_rows[0], DOCUMENT_ROWS = 3 };

static const struct policy_key document_rows[DOCUMENT_ROWS] = {
	{"policy", "text", "the policy: a file beside this one, or builtin"},
	{"facts", "map", "what every case begins with"},
	{"cases", "[map]", "at least one: what is different, and what is expected"},
};

const struct policy_key *cases_word_at(size_t i)
{
	if (i < DOCUMENT_ROWS)
		return &document_rows[i];
	i -= DOCUMENT_ROWS;
	return i < CASE_ROWS ? &case_rows[i].doc : NULL;
}

static const char *row_name(size_t i)
{
	return case_rows[i].doc.path + sizeof "cases[]." - 1;
}

static bool unknown_key(const struct yaml *key, const char *const *names, size_t n, struct problem *problem)
{
	const char *near = text_nearest(key->text, names, n);
	struct text shown = text_cut(key->text, 60);

	if (near)
		return yaml_problem(key, problem, "unknown key `%.*s`; did you mean `%s`?", TEXT_ARG(shown), near);
	return yaml_problem(key, problem, "unknown key `%.*s`", TEXT_ARG(shown));
}

static bool case_key(struct one_case *one, const struct yaml *key, const struct yaml *value, struct problem *problem)
{
	const char *names[SCENE_KEYS_MAX + CASE_ROWS];
	size_t n = 0;

	for (; n < CASE_ROWS; n++) {
		names[n] = row_name(n);
		if (text_is(key->text, names[n]))
			return case_rows[n].read(one, value, problem);
	}
	if (telling_key(&one->telling, key, value, problem))
		return true;
	return problem->text[0] == '\0' ? unknown_key(key, names, n + telling_names(names + n), problem) : false;
}

static bool read_case(const struct yaml *node, struct one_case *one, struct arena *arena, struct problem *problem)
{
	const struct scene *scene;

	if (node->kind != YAML_MAP)
		return yaml_problem(node, problem, "expected a case: a map with `name` and `expect`");
	/* `history` first: a `then` beside it follows it, wherever it stands. */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < node->n; i++)
			if (text_is(node->keys[i].text, "history") == (pass == 0) &&
			    !case_key(one, &node->keys[i], &node->items[i], problem))
				return false;
	one->line = node->line;
	one->column = node->column;
	if (one->name.len == 0)
		return yaml_problem(node, problem, "a case needs a `name`");
	if (!yaml_get(node, "expect"))
		return yaml_problem(node, problem, "a case needs `expect`");
	return scene_make(&one->telling, NULL, arena, &scene, problem);
}

static bool read_cases(const struct yaml *list, const struct telling *facts, struct arena *arena, struct cases *ret,
		       struct problem *problem)
{
	struct one_case *items;

	if (list->kind != YAML_LIST || list->n == 0 || list->n > CASES_MAX)
		return yaml_problem(list, problem, "expected a list of 1 to %d cases", CASES_MAX);
	items = arena_alloc(arena, list->n, sizeof *items);
	for (size_t i = 0; i < list->n; i++) {
		items[i].telling = *facts;
		if (!read_case(&list->items[i], &items[i], arena, problem))
			return false;
		for (size_t k = 0; k < i; k++)
			if (text_eq(items[k].name, items[i].name))
				return yaml_problem(&list->items[i], problem,
						    "a second case named `%.*s` (first in line %u)",
						    TEXT_ARG(text_cut(items[i].name, 60)), items[k].line);
	}
	ret->items = items;
	ret->n = list->n;
	return true;
}

static bool document_keys(const struct yaml *root, const struct yaml **at, struct problem *problem)
{
	const char *names[DOCUMENT_ROWS];

	if (root->kind != YAML_MAP)
		return yaml_problem(root, problem, "expected a map with `policy`, `facts` and `cases`");
	for (size_t i = 0; i < DOCUMENT_ROWS; i++) {
		names[i] = document_rows[i].path;
		at[i] = yaml_get(root, names[i]);
	}
	for (size_t i = 0; i < root->n; i++) {
		size_t k = 0;

		while (k < DOCUMENT_ROWS && !text_is(root->keys[i].text, names[k]))
			k++;
		if (k == DOCUMENT_ROWS)
			return unknown_key(&root->keys[i], names, DOCUMENT_ROWS, problem);
	}
	if (!at[0] || at[0]->kind != YAML_SCALAR || at[0]->text.len == 0)
		return yaml_problem(at[0] ? at[0] : root, problem, "`policy` names a file beside this one, or builtin");
	if (!at[2])
		return yaml_problem(root, problem, "`cases` is missing");
	return true;
}

bool cases_read(struct text bytes, struct arena *arena, struct cases *ret, struct problem *problem)
{
	static const struct yaml_limits limits = {POLICY_BYTES_MAX, POLICY_DEPTH_MAX, CASES_NODES_MAX,
						  CASES_ALIASES_MAX};
	struct telling *facts = arena_alloc(arena, 1, sizeof *facts);
	const struct yaml *root, *at[DOCUMENT_ROWS];
	const struct scene *scene;

	if (!yaml_parse(bytes, &limits, arena, &root, problem) || !document_keys(root, at, problem))
		return false;
	if (at[1] && at[1]->kind != YAML_NULL &&
	    (!telling_map(facts, at[1], problem) || !scene_make(facts, NULL, arena, &scene, problem)))
		return false;
	ret->policy = at[0]->text;
	return read_cases(at[2], facts, arena, ret, problem);
}

/* ---- running ---- */

static const struct rule_result *find(const struct rule_result *rows, size_t n, struct text name)
{
	const struct rule_result *found = NULL;

	for (size_t i = 0; i < n && !found; i++)
		found = text_eq(rows[i].name, name) ? &rows[i] : find(rows[i].children, rows[i].n_children, name);
	return found;
}

const struct rule_result *case_rule(const struct verdict *verdict, struct text name)
{
	const struct rule_result *asked, *found = NULL;

	if (verdict->n_rules == 0)
		return NULL;
	asked = find(verdict->rules[0].children, verdict->rules[0].n_children, TEXT_LIT("approval"));
	if (asked)
		found = find(asked->children, asked->n_children, name);
	return found ? found : find(verdict->rules[0].children, verdict->rules[0].n_children, name);
}

struct complaints {
	struct text *items;
	size_t n;
};

static void complain(struct complaints *to, struct text what)
{
	if (to->n < WHY_MAX)
		to->items[to->n++] = what;
}

static size_t names_of(const struct rule_result *rows, size_t n, const char **names, size_t have, size_t max,
		       struct arena *arena)
{
	for (size_t i = 0; i < n && have < max; i++) {
		names[have++] = arena_text(arena, rows[i].name).at;
		have = names_of(rows[i].children, rows[i].n_children, names, have, max, arena);
	}
	return have;
}

static struct text no_such_rule(const struct verdict *verdict, struct text name, struct arena *arena)
{
	const char *names[256];
	const struct rule_result *rows = verdict->n_rules > 0 ? verdict->rules[0].children : NULL;
	size_t n = rows ? names_of(rows, verdict->rules[0].n_children, names, 0, 256, arena) : 0;
	const char *near = text_nearest(name, names, n);

	return arena_printf(arena, near ? "no rule is named `%.*s`; did you mean `%s`?" : "no rule is named `%.*s`",
			    TEXT_ARG(name), near);
}

enum wanted { WANTED_MET, WANTED_UNMET, WANTED_SKIPPED };

static bool as_wanted(enum rule_state state, enum wanted wanted)
{
	if (wanted == WANTED_SKIPPED)
		return state == RULE_SKIPPED || state == RULE_OFF;
	return wanted == WANTED_MET ? state == RULE_MET : state == RULE_UNMET || state == RULE_PENDING;
}

static void check_rule(const struct verdict *verdict, struct text name, enum wanted wanted, struct complaints *to,
		       struct arena *arena)
{
	static const char *const words[] = {"met", "what is missing", "skipped"};
	const struct rule_result *rule = case_rule(verdict, name);

	if (!rule)
		complain(to, no_such_rule(verdict, name, arena));
	else if (!as_wanted(rule->state, wanted))
		complain(to, arena_printf(arena, "rule `%.*s` is %s, and was to be %s", TEXT_ARG(name),
					  rule_state_name(rule->state), words[wanted]));
}

static void check_rules(const struct verdict *verdict, const struct yaml *names, enum wanted wanted,
			struct complaints *to, struct arena *arena)
{
	if (names && names->kind == YAML_SCALAR)
		check_rule(verdict, names->text, wanted, to, arena);
	for (size_t i = 0; names && names->kind == YAML_LIST && i < names->n; i++)
		check_rule(verdict, names->items[i].text, wanted, to, arena);
}

static bool names_context(const struct policy *policy, struct text context)
{
	struct text name;

	for (size_t i = 0; policy_context_at(policy, i, &name); i++)
		if (text_eq(name, context))
			return true;
	return false;
}

static void judge(const struct one_case *one, const struct governed *by, const struct facts *facts, struct arena *arena,
		  struct verdict *ret)
{
	if (by->problem && facts->n_changes == 0)
		policy_cannot_decide("the policy file is invalid", arena, ret);
	else if (one->context.len > 0)
		policy_judge_context(by, facts, one->context, arena, ret);
	else
		policy_judge(by, facts, arena, ret);
}

void case_run(const struct one_case *one, const struct governed *by, struct arena *arena, struct case_result *ret)
{
	struct complaints to = {arena_alloc(arena, WHY_MAX, sizeof *to.items), 0};
	struct problem problem;

	*ret = (struct case_result){0};
	if (one->context.len > 0 && by->policy && !names_context(by->policy, one->context))
		complain(&to, arena_printf(arena, "the policy names no context `%.*s`", TEXT_ARG(one->context)));
	if (!scene_make(&one->telling, NULL, arena, &ret->scene, &problem)) { /* read before: it was made then */
		complain(&to, arena_text(arena, text_of(problem.text)));
		policy_cannot_decide("the case tells no facts", arena, &ret->verdict);
	} else {
		judge(one, by, scene_facts(ret->scene), arena, &ret->verdict);
		ret->text = scene_named(ret->scene, ret->verdict.text, arena);
	}
	if (ret->verdict.decision != one->expect)
		complain(&to, arena_printf(arena, "expected %s, got %s", decision_name(one->expect),
					   decision_name(ret->verdict.decision)));
	if (one->text.len > 0 && text_find(ret->text, one->text) == SIZE_MAX)
		complain(&to, arena_printf(arena, "the text does not hold `%.*s`", TEXT_ARG(one->text)));
	check_rules(&ret->verdict, one->because, one->expect == DECISION_ALLOWED ? WANTED_MET : WANTED_UNMET, &to,
		    arena);
	check_rules(&ret->verdict, one->missing, WANTED_UNMET, &to, arena);
	check_rules(&ret->verdict, one->skipped, WANTED_SKIPPED, &to, arena);
	ret->why = to.items;
	ret->n_why = to.n;
}
