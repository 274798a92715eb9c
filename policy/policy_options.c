/* `options` of a rule: exceptions, and how approval is given. */
#include "policy/keys.h"
#include "policy/rules.h"

static bool read_author(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule_options *options = out;

	return read_bool(parse, value, &options->allow_author);
}

static bool read_contributor(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule_options *options = out;

	return read_bool(parse, value, &options->allow_contributor);
}

static bool read_gone_head(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule_options *options = out;

	return read_bool(parse, value, &options->allow_gone_head);
}

static bool read_unknown_pushers(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule_options *options = out;

	return read_bool(parse, value, &options->allow_unknown_pushers);
}

static bool read_per_base(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule_options *options = out;

	return read_bool(parse, value, &options->per_base);
}

static bool read_methods(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule_options *options = out;

	return keys_read(parse, value, &keys_methods, "methods", &options->methods);
}

/* ---- what other tools of this schema need, and here goes without saying, or is not done ---- */

static bool read_invalidate(struct parse *parse, const struct yaml *value, void *out)
{
	bool on = true;

	(void)out;
	if (!read_bool(parse, value, &on))
		return false;
	if (!on)
		parse_lint(parse, value, "differs: a push always takes reviews away here; nothing keeps them over it");
	return true;
}

static bool read_update_merges(struct parse *parse, const struct yaml *value, void *out)
{
	bool on = false;

	(void)out;
	if (!read_bool(parse, value, &on))
		return false;
	if (on)
		parse_lint(parse, value,
			   "differs: a merge of the base takes reviews away here; `carry: [base-merge]` keeps them "
			   "over one "
			   "without conflict");
	return true;
}

/* Either way: an edited review never counts. */
static bool read_edited(struct parse *parse, const struct yaml *value, void *out)
{
	bool on = true;

	(void)out;
	if (!read_bool(parse, value, &on))
		return false;
	if (!on)
		parse_lint(parse, value, "differs: what was edited never counts here");
	return true;
}

static bool read_passed_over(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule_options *options = out;

	options->passed_over =
		(struct actors){.n_users = 0}; /* a rule's own take the place of those of approval_defaults */
	return actors_read(parse, value, "ignore_commits_by", &options->passed_over);
}

static bool read_request_on(struct parse *parse, const struct yaml *value, void *out)
{
	return read_bool(parse, value, out);
}

static bool read_request_mode(struct parse *parse, const struct yaml *value, void *out)
{
	static const char *const modes[] = {"random-users", "all-users", "teams"};

	(void)out;
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (value->kind == YAML_SCALAR && text_is(value->text, modes[i]))
			return true;
	return yaml_problem(value, parse->problem, "mode is random-users, all-users or teams");
}

static bool read_request_count(struct parse *parse, const struct yaml *value, void *out)
{
	int64_t count;

	(void)out;
	if (!yaml_int(value, &count) || count < 0 || count > POLICY_COUNT_MAX)
		return yaml_int_problem(value, parse->problem, "count is a whole number from 0 to %d",
					POLICY_COUNT_MAX);
	return true;
}

static const struct key request_rows[] = {
	{{"approval_rules[].options.request_review.enabled", "boolean", "read, and not acted on"}, read_request_on},
	{{"approval_rules[].options.request_review.mode", "random-users|all-users|teams", "read, and not acted on"},
	 read_request_mode},
	{{"approval_rules[].options.request_review.count", "integer >= 0", "read, and not acted on"},
	 read_request_count},
};
const struct keys keys_request = KEYS(request_rows);

static bool read_request(struct parse *parse, const struct yaml *value, void *out)
{
	bool on = false;

	(void)out;
	if (!keys_read(parse, value, &keys_request, "request_review", &on))
		return false;
	if (on)
		parse_lint(parse, value, "differs: nobody is asked for a review here; the forge's own rules can");
	return true;
}

static bool read_delegators(struct parse *parse, const struct yaml *value, void *out)
{
	struct delegation *delegation = out;

	delegation->by = (struct actors){.n_users = 0}; /* as above */
	return actors_read(parse, value, "by", &delegation->by);
}

static bool read_delegated_author(struct parse *parse, const struct yaml *value, void *out)
{
	struct delegation *delegation = out;

	return read_bool(parse, value, &delegation->author);
}

static bool read_sticky(struct parse *parse, const struct yaml *value, void *out)
{
	struct delegation *delegation = out;

	if (!read_bool(parse, value, &delegation->sticky))
		return false;
	if (delegation->sticky)
		parse_unsafe(parse, value, "a sticky delegation holds for commits that nobody saw who gave it");
	return true;
}

static const struct key delegation_rows[] = {
	{{"approval_rules[].options.delegation.by", ACTORS_TYPE,
	  "who may delegate; left out: those whom the rule names"},
	 read_delegators},
	{{"approval_rules[].options.delegation.author", "boolean",
	  "the author of the change may be delegated to, and then approve it in a way that the rule counts"},
	 read_delegated_author},
	{{"approval_rules[].options.delegation.sticky", "boolean", "a push does not end it"}, read_sticky},
};
const struct keys keys_delegation = KEYS(delegation_rows);

static bool read_delegation(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule_options *options = out;

	options->delegation.on = true;
	return keys_read(parse, value, &keys_delegation, "delegation", &options->delegation);
}

static const struct key option_rows[] = {
	{{"approval_rules[].options.allow_author", "boolean", "the author of the change may be one of those who count"},
	 read_author},
	{{"approval_rules[].options.allow_contributor", "boolean",
	  "those who wrote, committed or pushed commits, other than the author, may count; unattributable commits "
	  "pass"},
	 read_contributor},
	{{"approval_rules[].options.allow_non_author_contributor", "boolean", "another name of allow_contributor"},
	 read_contributor},
	{{"approval_rules[].options.allow_gone_head", "boolean",
	  "reviews count that were given after the head's repository was deleted; else only earlier ones do"},
	 read_gone_head},
	{{"approval_rules[].options.allow_unknown_pushers", "boolean",
	  "reviews count though the forge does not show everybody who pushed (a private fork); whoever is known to "
	  "have "
	  "pushed still does not count"},
	 read_unknown_pushers},
	{{"approval_rules[].options.per_base", "boolean",
	  "a review counts for the base branch alone that it was given for: after a retarget it is asked for again"},
	 read_per_base},
	{{"approval_rules[].options.delegation", "map",
	  "whom one of the rule's people lets approve this commit (`bors d=LOGIN`) counts in that one's place"},
	 read_delegation},
	{{"approval_rules[].options.methods", "map", "how approval is given"}, read_methods},
	{{"approval_rules[].options.invalidate_on_push", "boolean = true",
	  "true, whatever is written: reviews are of one commit"},
	 read_invalidate},
	{{"approval_rules[].options.ignore_update_merges", "boolean",
	  "false, whatever is written; carry: [base-merge] is what is safe of it"},
	 read_update_merges},
	{{"approval_rules[].options.ignore_edited_comments", "boolean = true", "true, whatever is written"},
	 read_edited},
	{{"approval_rules[].options.ignore_commits_by", ACTORS_TYPE,
	  "a commit whose author, committer and co-authors are all among these makes nobody a contributor (a merge "
	  "made "
	  "on the forge's page names web-flow, too); reviews end with a push all the same"},
	 read_passed_over},
	{{"approval_rules[].options.request_review", "map", "read, and not acted on"}, read_request},
};
const struct keys keys_options = KEYS(option_rows);

static bool read_default_options(struct parse *parse, const struct yaml *value, void *out)
{
	return keys_read(parse, value, &keys_options, "options", out);
}

bool read_defaults(struct parse *parse, const struct yaml *node, struct rule_options *ret)
{
	static const struct key rows[] = {{{"options", NULL, NULL}, read_default_options}};
	static const struct keys keys = KEYS(rows);

	return keys_read(parse, node, &keys, "approval_defaults", ret);
}
