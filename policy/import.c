/*
 * The file is opened (every map on lines of its own), walked, commented and changed line by line, formatted, and
 * checked as the policy that it now is: what does not pass that check is not handed out.
 */
#include "policy/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/import_inner.h"
#include "policy/reviews.h"
#include "policy/rules.h"
#include "policy/yaml_format.h"

static const struct yaml_limits limits = {POLICY_BYTES_MAX, POLICY_DEPTH_MAX, POLICY_NODES_MAX, POLICY_ALIASES_MAX};

#define PLACES_MAX (2 * POLICY_NODES_MAX) /* a key is none of the nodes that are counted */

/* ---- findings ---- */

bool import_refuse(struct importing *in, const struct yaml *at, const char *format, ...)
{
	struct problem problem = {.line = at->line, .column = at->column};
	va_list args;

	for (size_t i = 0; i < in->n_places; i++)
		if (in->places[i].line == at->line && in->places[i].column == at->column) {
			problem.line = in->places[i].was_line;
			problem.column = in->places[i].was_column;
			break;
		}
	va_start(args, format);
	(void)vsnprintf(problem.text, sizeof problem.text, format, args);
	va_end(args);
	if (in->refused->n < PROBLEMS_MAX)
		in->refused->items[in->refused->n++] = problem;
	else
		in->refused->more++;
	return false;
}

struct text import_comment(struct importing *in, const struct import_row *row, struct text detail)
{
	return arena_printf(in->arena, "policy-bot: %s%s%.*s%s. headgate: %s.", row->doc.theirs,
			    detail.len > 0 ? " (" : "", TEXT_ARG(detail), detail.len > 0 ? ")" : "", row->doc.ours);
}

void import_find(struct importing *in, const struct import_row *row, const struct yaml *at, struct text detail)
{
	struct import_finding finding = {&row->doc, at->line, at->column, detail};

	for (size_t i = 0; i < in->n_places; i++)
		if (in->places[i].line == at->line && in->places[i].column == at->column) {
			finding.line = in->places[i].was_line;
			finding.column = in->places[i].was_column;
			break;
		}
	if (in->n == IMPORT_FINDINGS_MAX) {
		if (in->refused->n == 0)
			(void)import_refuse(in, at, "more than %d differences", IMPORT_FINDINGS_MAX);
		return;
	}
	in->findings[in->n++] = finding;
}

void import_say(struct importing *in, const struct import_row *row, const struct yaml *at, struct text detail)
{
	for (size_t i = 0; i < in->n_said; i++)
		if (in->said[i].row == row && in->said[i].line == at->line && in->said[i].column == at->column)
			return; /* an alias shows it once more */
	if (in->n_said < IMPORT_FINDINGS_MAX)
		in->said[in->n_said++] = (struct import_said){row, at->line, at->column};
	if (at->line == 0 || at->line > in->sheet.n)
		return;
	if (sheet_say(&in->sheet, at->line, import_comment(in, row, detail)))
		import_find(in, row, at, detail);
}

/* ---- places ---- */

static void place(struct importing *in, const struct yaml *is, const struct yaml *was)
{
	if (in->n_places < PLACES_MAX)
		in->places[in->n_places++] = (struct place){is->line, is->column, was->line, was->column};
}

/* Both trees are the same but for their places. */
static void find_places(struct importing *in, const struct yaml *is, const struct yaml *was)
{
	for (size_t i = 0; i < is->n && i < was->n; i++) {
		if (is->keys && was->keys)
			place(in, &is->keys[i], &was->keys[i]);
		place(in, &is->items[i], &was->items[i]);
		find_places(in, &is->items[i], &was->items[i]);
	}
}

/* ---- the document ---- */

static bool is_remote(struct importing *in)
{
	const struct yaml *remote = import_key(in->root, "remote"), *name = import_get(in->root, "remote");
	const struct yaml *path = import_get(in->root, "path"), *ref = import_get(in->root, "ref");

	if (!remote)
		return false;
	(void)import_refuse(
		in, remote,
		"this file names another one, which is the one to convert: %.*s%s%.*s%s%.*s; put the result here",
		TEXT_ARG(plain(name ? name->text : TEXT_EMPTY, 50, in->arena)), path ? ", file " : "",
		TEXT_ARG(plain(path ? path->text : TEXT_EMPTY, 40, in->arena)), ref ? ", at " : "",
		TEXT_ARG(plain(ref ? ref->text : TEXT_EMPTY, 40, in->arena)));
	return true;
}

/* policy-bot lets everything pass without it. */
static bool without_approval(const struct importing *in)
{
	return !in->approval || (in->approval->kind == YAML_LIST && in->approval->n == 0);
}

/* Every key of the map is one of these: a misspelt one must not take the policy away. */
static bool only_keys(struct importing *in, const struct yaml *map, const char *const *keys, size_t n)
{
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n; i++) {
		struct text shown = plain(map->keys[i].text, 60, in->arena);
		size_t k = 0;

		while (k < n && !text_is(map->keys[i].text, keys[k]))
			k++;
		if (k == n)
			return import_refuse(in, &map->keys[i], "unknown key `%.*s`", TEXT_ARG(shown));
	}
	return true;
}

static bool import_nothing_required(struct importing *in)
{
	static const char *const outer[] = {"policy", "approval_rules", "approval_defaults"};
	static const char *const inner[] = {"approval", "disapproval"};
	const struct yaml *policy = import_get(in->root, "policy");
	const struct yaml top = {.line = 1, .column = 1};

	if (!only_keys(in, in->root, outer, 3) || !only_keys(in, policy, inner, 2))
		return false;
	if (import_get(policy, "disapproval"))
		return import_refuse(
			in, import_key(policy, "disapproval"),
			"`policy.approval` is missing: policy-bot allows whatever is not disapproved; give "
			"it the rules that must be met");
	import_say(in, import_row(IMPORT_NO_APPROVAL), &top, TEXT_EMPTY);
	sheet_all_out(&in->sheet);
	return true;
}

static const struct yaml *first_of(const struct importing *in)
{
	return in->root->kind == YAML_MAP && in->root->n > 0 ? &in->root->keys[0] : in->root;
}

/* Whether a rule relies on who took part in the change. */
static bool bans_contributors(const struct importing *in)
{
	for (size_t i = 0; in->rules && i < in->rules->n; i++) {
		const struct yaml *rule = &in->rules->items[i], *options = import_get(rule, "options");

		if (import_lives(in, rule) && import_count(rule) > 0 &&
		    !import_on(import_get(options, "allow_contributor")))
			return true;
	}
	return false;
}

static bool has_key(const struct yaml *node, const char *key)
{
	bool has = import_key(node, key) != NULL;

	for (size_t i = 0; i < node->n && !has; i++)
		has = has_key(&node->items[i], key);
	return has;
}

static void say_general(struct importing *in)
{
	static const enum import_id rows[] = {IMPORT_GROUP_EVENT, IMPORT_CONTEXT, IMPORT_SHARED_FILE};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		import_say(in, import_row(rows[i]), first_of(in), TEXT_EMPTY);
	if (bans_contributors(in))
		import_say(in, import_row(IMPORT_CONTRIBUTORS), first_of(in), TEXT_EMPTY);
	if (has_key(in->root, "has_labels") || has_key(in->root, "paths"))
		import_say(in, import_row(IMPORT_LIMITS), first_of(in), TEXT_EMPTY);
}

static bool walk(struct importing *in)
{
	const struct yaml *policy = import_get(in->root, "policy");
	bool ok;

	if (is_remote(in))
		return false;
	if (in->root->kind != YAML_MAP && in->root->kind != YAML_NULL)
		return import_refuse(in, in->root, "`the policy file` must be a map");
	in->approval = import_get(policy, "approval");
	in->rules = import_get(in->root, "approval_rules");
	in->defaults = import_get(in->root, "approval_defaults");
	if (without_approval(in) && !import_get(policy, "branches"))
		return import_nothing_required(in);
	say_general(in);
	ok = import_rules(in);
	ok = import_policy_keys(in) && ok;
	import_values(in, in->defaults, "");
	import_defaults(in);
	return ok && in->refused->n == 0;
}

/* ---- what is written ---- */

/* A mistake that stood in the file already is told where it stands there. */
static void refuse_as_was(struct importing *in, const struct problem *problem, const struct problem_list *was)
{
	const struct yaml nowhere = {.line = 0};
	size_t i = 0;

	while (i < was->n && !text_is(text_of(was->items[i].text), problem->text))
		i++;
	if (i == was->n)
		(void)import_refuse(in, &nowhere, "%s", problem->text);
	else if (in->refused->n < PROBLEMS_MAX)
		in->refused->items[in->refused->n++] = was->items[i];
}

static bool check(struct importing *in, struct text bytes, struct text written)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	struct problem_list *lists = arena_alloc(in->arena, 3, sizeof *lists);
	const struct policy *policy;

	if (policy_check(written, &defaults, in->arena, &policy, &lists[0], &lists[2]))
		return true;
	(void)policy_check(bytes, &defaults, in->arena, &policy, &lists[1], &lists[2]);
	for (size_t i = 0; i < lists[0].n; i++)
		refuse_as_was(in, &lists[0].items[i], &lists[1]);
	in->refused->more += lists[0].more;
	return false;
}

static int by_place(const void *left, const void *right)
{
	const struct import_finding *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return (a->what > b->what) - (a->what < b->what);
}

static bool begin(struct importing *in, struct text bytes, struct problem *problem)
{
	const struct yaml *was;
	struct text opened;

	if (!yaml_parse(bytes, &limits, in->arena, &was, problem) ||
	    !yaml_format_opened(bytes, in->arena, &opened, problem) ||
	    !yaml_parse(opened, &limits, in->arena, &in->root, problem) ||
	    !sheet_open(opened, in->arena, &in->sheet, problem))
		return false;
	in->places = arena_alloc(in->arena, PLACES_MAX, sizeof *in->places);
	in->findings = arena_alloc(in->arena, IMPORT_FINDINGS_MAX, sizeof *in->findings);
	in->said = arena_alloc(in->arena, IMPORT_FINDINGS_MAX, sizeof *in->said);
	find_places(in, in->root, was);
	return true;
}

static bool import_once(struct text bytes, struct arena *arena, struct import *ret, struct problem_list *refused)
{
	struct importing in = {.arena = arena, .refused = refused};
	struct problem problem = {0};
	struct text written;

	*refused = (struct problem_list){0};
	if (!begin(&in, bytes, &problem)) {
		refused->items[refused->n++] = problem;
		return false;
	}
	if (!walk(&in))
		return false;
	if (!yaml_format(sheet_text(&in.sheet), arena, &written, &problem)) {
		problem.line = problem.column = 0;
		refused->items[refused->n++] = problem;
		return false;
	}
	if (!check(&in, bytes, written))
		return false;
	if (in.n > 1)
		qsort(in.findings, in.n, sizeof *in.findings, by_place);
	*ret = (struct import){written, in.findings, in.n};
	return true;
}

#define ROUNDS_MAX 5

/* Of a later round: places are in a text that nobody has seen. */
static bool refuse_round(struct problem_list *refused)
{
	for (size_t i = 0; i < refused->n; i++)
		refused->items[i].line = refused->items[i].column = 0;
	return false;
}

/* What was written can be something to remark on, too: until that imports as itself. */
bool policy_import(struct text bytes, struct arena *arena, struct import *ret, struct problem_list *refused)
{
	struct import first, next;

	if (!import_once(bytes, arena, &first, refused))
		return false;
	for (int round = 1; round < ROUNDS_MAX; round++) {
		if (!import_once(first.policy, arena, &next, refused))
			return refuse_round(refused);
		if (next.n == 0 && text_eq(next.policy, first.policy)) {
			*ret = first;
			return true;
		}
		first.policy = next.policy;
	}
	refused->items[refused->n++] = (struct problem){.text = "it does not come to an end: write it more plainly"};
	return false;
}
