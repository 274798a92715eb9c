/* `policy.disapproval` and `policy.guards`: what blocks a change whatever its rules say. */
#include "policy/keys.h"
#include "policy/rules.h"

static bool read_disapprove(struct parse *parse, const struct yaml *value, void *out)
{
	struct policy *policy = out;

	if (!keys_read(parse, value, &keys_objections, "disapprove", &policy->disapprove))
		return false;
	if (policy->disapprove.n_comments > 0)
		parse_lint(parse, value, "differs: such a comment objects only as a whole line");
	if (policy->disapprove.no_review)
		parse_lint(parse, value, "differs: changes requested by a review block all the same");
	return true;
}

static bool read_revoke(struct parse *parse, const struct yaml *value, void *out)
{
	struct policy *policy = out;

	if (!keys_read(parse, value, &keys_objections, "revoke", &policy->revoke))
		return false;
	parse_lint(parse, value, "differs: only those who objected lift their objection");
	return true;
}

static bool read_methods(struct parse *parse, const struct yaml *value, void *out)
{
	static const struct key rows[] = {
		{{"disapprove", NULL, NULL}, read_disapprove},
		{{"revoke", NULL, NULL}, read_revoke},
	};
	static const struct keys keys = KEYS(rows);

	return keys_read(parse, value, &keys, "methods", out);
}

static bool read_options(struct parse *parse, const struct yaml *value, void *out)
{
	static const struct key rows[] = {{{"methods", NULL, NULL}, read_methods}};
	static const struct keys keys = KEYS(rows);

	return keys_read(parse, value, &keys, "options", out);
}

static bool read_requires(struct parse *parse, const struct yaml *value, void *out)
{
	struct policy *policy = out;

	return keys_read(parse, value, &keys_actors, "requires", &policy->objectors);
}

static bool read_if(struct parse *parse, const struct yaml *value, void *out)
{
	struct policy *policy = out;

	return conditions_read(parse, value, &policy->disapproved.items, &policy->disapproved.n);
}

static const struct key disapproval_rows[] = {
	{{"policy.disapproval.if", "conditions", "any of these that holds blocks the change, whoever approved it"},
	 read_if},
	{{"policy.disapproval.requires", ACTORS_TYPE,
	  "whose open \"changes requested\" block, besides those of people with write access"},
	 read_requires},
	{{"policy.disapproval.options", "{methods: {disapprove: methods, revoke: methods}}",
	  "methods as a rule has them: comments that object, and that lift one's own objection, besides reviews"},
	 read_options},
};
const struct keys keys_disapproval = KEYS(disapproval_rows);

void objections_lint(struct parse *parse, const struct yaml *map, const struct policy *policy)
{
	const struct yaml *by = yaml_get(map, "disapproval");
	const struct yaml *who = by ? yaml_get(by, "requires") : NULL, *how = by ? yaml_get(by, "options") : NULL;

	if ((policy->guards_off & GUARD_OBJECTIONS) && (who || how))
		parse_unsafe(parse, who ? who : how,
			     "nobody is asked for objections: `guards: {off: [changes_requested]}` stands beside this");
}

bool read_disapproval(struct parse *parse, const struct yaml *value, void *out)
{
	return keys_read(parse, value, &keys_disapproval, "disapproval", out);
}

/* ---- guards ---- */

static const struct {
	const char *name;
	enum guard guard;
} guards[] = {
	{"draft", GUARD_DRAFT},
	{"changes_requested", GUARD_OBJECTIONS},
	{"guarded_files", GUARD_FILES},
};
enum { GUARDS = sizeof guards / sizeof guards[0] };

static bool guard_named(struct parse *parse, const struct yaml *node, unsigned *ret)
{
	const char *names[GUARDS], *near;

	for (size_t i = 0; i < GUARDS; i++) {
		names[i] = guards[i].name;
		if (text_is(node->text, guards[i].name)) {
			*ret |= guards[i].guard;
			return true;
		}
	}
	near = text_nearest(node->text, names, GUARDS);
	return yaml_problem(node, parse->problem, "a guard is draft, changes_requested or guarded_files%s%s%s",
			    near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
}

static bool read_off(struct parse *parse, const struct yaml *value, void *out)
{
	struct policy *policy = out;
	bool ok = true;

	if (value->kind != YAML_LIST)
		return yaml_problem(value, parse->problem, "expected a list of guards");
	for (size_t i = 0; i < value->n; i++)
		if (!guard_named(parse, &value->items[i], &policy->guards_off))
			ok = parse_failed(parse);
	if (ok && value->n > 0)
		parse_lint(parse, value, "without these guards changes land that every other policy holds back");
	return ok;
}

static bool read_files(struct parse *parse, const struct yaml *value, void *out)
{
	struct policy *policy = out;

	return paths_read(parse, value, &policy->guarded_files);
}

static const struct key guard_rows[] = {
	{{"policy.guards.off", "[draft|changes_requested|guarded_files]",
	  "built-in guards that this policy does without"},
	 read_off},
	{{"policy.guards.files", "[pattern]", "files that are guarded besides the built-in ones"}, read_files},
};
const struct keys keys_guards = KEYS(guard_rows);

bool read_guards(struct parse *parse, const struct yaml *value, void *out)
{
	return keys_read(parse, value, &keys_guards, "guards", out);
}
