/*
 * What other tools said of the head. A name can be posted by several (a status and a check run; a workflow once for
 * each event): all of them must have an outcome that is allowed, never the best of them. An outcome that is there and
 * not allowed is TRI_NO. One that is missing or not over can still come: TRI_UNKNOWN, so that the rule waits and `not`
 * makes no yes of it.
 */
#include "policy/keys.h"
#include "policy/reviews.h"
#include "policy/rules.h"

struct wanted { /* one name */
	struct text name;
	struct text app; /* the slug of who must have said it; empty: whoever said it */
};

struct outcomes {
	const struct wanted *items;
	size_t n;
	const struct text *conclusions;
	size_t n_conclusions; /* 0: success alone */
	unsigned kinds;       /* bits 1 << enum outcome_kind */
	const char *what;     /* "status", "workflow" */
};

#define KINDS_STATUS   (1u << OUTCOME_STATUS | 1u << OUTCOME_CHECK)
#define KINDS_WORKFLOW (1u << OUTCOME_WORKFLOW)

/* ---- reading ---- */

static bool read_conclusions(struct parse *parse, const struct yaml *value, void *out)
{
	static const char *const known[] = {"success",   "failure",         "error",   "neutral", "cancelled",
					    "timed_out", "action_required", "skipped", "stale",   "startup_failure"};
	enum { KNOWN = sizeof known / sizeof known[0] };
	struct outcomes *args = out;

	if (!read_texts(parse, value, &args->conclusions, &args->n_conclusions))
		return false;
	if (args->n_conclusions == 0)
		return yaml_problem(value, parse->problem, "`conclusions` names at least one; left out: success");
	for (size_t i = 0; i < args->n_conclusions; i++) {
		struct text shown = text_cut(args->conclusions[i], 60);
		const char *near = text_nearest(args->conclusions[i], known, KNOWN);
		size_t k = 0;

		while (k < KNOWN && !text_is(args->conclusions[i], known[k]))
			k++;
		if (k == KNOWN)
			return yaml_problem(&value->items[i], parse->problem,
					    near ? "no conclusion is named `%.*s`; did you mean `%s`?"
						 : "no conclusion is named `%.*s`",
					    TEXT_ARG(shown), near);
	}
	return true;
}

static bool read_name(struct parse *parse, const struct yaml *value, void *out)
{
	struct wanted *wanted = out;

	return read_text(parse, value, &wanted->name);
}

static bool read_app(struct parse *parse, const struct yaml *value, void *out)
{
	struct wanted *wanted = out;

	return read_text(parse, value, &wanted->app);
}

static bool read_wanted(struct parse *parse, const struct yaml *value, struct wanted *ret)
{
	static const struct key rows[] = {{{"name", NULL, NULL}, read_name}, {{"app", NULL, NULL}, read_app}};
	static const struct keys keys = KEYS(rows);

	if (value->kind == YAML_SCALAR) {
		parse_unsafe(parse, value,
			     "whoever may post statuses can post this one: name the app that does, {name, app}");
		return read_text(parse, value, &ret->name);
	}
	if (value->kind != YAML_MAP)
		return yaml_problem(value, parse->problem, "expected a name or {name, app}");
	if (!keys_read(parse, value, &keys, "status", ret))
		return false;
	if (ret->name.len == 0 || ret->app.len == 0)
		return yaml_problem(value, parse->problem, "expected a name or {name, app}");
	return true;
}

static bool read_statuses(struct parse *parse, const struct yaml *value, void *out)
{
	struct outcomes *args = out;
	struct wanted *all;

	if (value->kind != YAML_LIST || value->n == 0)
		return yaml_problem(value, parse->problem, "expected a list of at least one name");
	if (value->n > POLICY_LIST_MAX)
		return yaml_problem(value, parse->problem, "a list of more than %d entries", POLICY_LIST_MAX);
	all = arena_alloc(parse->arena, value->n, sizeof *all);
	for (size_t i = 0; i < value->n; i++)
		if (!read_wanted(parse, &value->items[i], &all[i]))
			return false;
	args->items = all;
	args->n = value->n;
	return true;
}

static struct outcomes *statuses(struct arena *arena)
{
	struct outcomes *args = arena_alloc(arena, 1, sizeof *args);

	args->kinds = KINDS_STATUS;
	args->what = "status";
	return args;
}

bool has_status_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"conclusions", NULL, NULL}, read_conclusions},
					  {{"statuses", NULL, NULL}, read_statuses}};
	static const struct keys keys = KEYS(rows);
	struct outcomes *args = statuses(parse->arena);

	*ret_args = args;
	if (!keys_read(parse, value, &keys, "has_status", args))
		return false;
	if (args->n == 0)
		return yaml_problem(value, parse->problem, "`has_status` needs `statuses`");
	return true;
}

bool has_successful_status_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	struct outcomes *args = statuses(parse->arena);

	*ret_args = args;
	return read_statuses(parse, value, args);
}

bool has_workflow_result_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"conclusions", NULL, NULL}, read_conclusions},
					  {{"workflows", NULL, NULL}, read_statuses}};
	static const struct keys keys = KEYS(rows);
	struct outcomes *args = arena_alloc(parse->arena, 1, sizeof *args);

	args->kinds = KINDS_WORKFLOW;
	args->what = "workflow";
	*ret_args = args;
	if (!keys_read(parse, value, &keys, "has_workflow_result", args))
		return false;
	if (args->n == 0)
		return yaml_problem(value, parse->problem, "`has_workflow_result` needs `workflows`");
	return true;
}

/* ---- asking ---- */

static bool is_meant(const struct outcome *outcome, const struct outcomes *args, const struct wanted *wanted)
{
	if (!(args->kinds & 1u << outcome->kind) || !text_eq(outcome->name, wanted->name))
		return false;
	return wanted->app.len == 0 || text_eq_nocase(outcome->app, wanted->app);
}

static bool is_allowed(const struct outcomes *args, struct text state)
{
	for (size_t i = 0; i < args->n_conclusions; i++)
		if (text_eq(state, args->conclusions[i]))
			return true;
	return args->n_conclusions == 0 && text_is(state, "success");
}

/* Not over, or nobody knows what it came to. */
static bool is_open(struct text state)
{
	static const char *const words[] = {"", "pending", "queued", "in_progress", "expected", "waiting", "requested"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (text_is(state, words[i]))
			return true;
	return false;
}

static struct answer ask_one(const struct outcomes *args, const struct wanted *wanted, const struct judging *on)
{
	struct text name = plain(wanted->name, 60, on->arena);
	struct answer so_far = answer_unknown(arena_printf(on->arena, "the %s %.*s%s%.*s", args->what, TEXT_ARG(name),
							   wanted->app.len > 0 ? " by " : "",
							   TEXT_ARG(plain(wanted->app, 39, on->arena))));
	struct answer open = so_far;
	bool some = false;

	for (size_t i = 0; i < on->facts->n_outcomes; i++) {
		const struct outcome *outcome = &on->facts->outcomes[i];

		if (!is_meant(outcome, args, wanted))
			continue;
		if (!is_allowed(args, outcome->state) && !is_open(outcome->state))
			return answer_no(arena_printf(on->arena, "the %s %.*s is %.*s", args->what, TEXT_ARG(name),
						      TEXT_ARG(plain(outcome->state, 30, on->arena))));
		if (is_open(outcome->state))
			so_far = open;
		else if (!some)
			so_far = answer_yes(TEXT_EMPTY);
		some = true;
	}
	return so_far;
}

struct answer outcomes_ask(const void *raw, const struct judging *on)
{
	const struct outcomes *args = raw;
	struct answer so_far = answer_yes(TEXT_EMPTY);

	for (size_t i = 0; i < args->n && so_far.holds != TRI_NO; i++)
		so_far = answer_and(so_far, ask_one(args, &args->items[i], on));
	return so_far;
}

bool outcomes_watched(const void *raw, size_t i, struct watched_name *ret)
{
	const struct outcomes *args = raw;

	if (i >= args->n)
		return false;
	*ret = (struct watched_name){.kinds = args->kinds, .name = args->items[i].name};
	return true;
}
