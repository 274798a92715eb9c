/* What can be asked of one bug. A row's name is what follows the '.' of its path. */
#include "policy/bug_view.h"
#include "policy/keys.h"

static const struct predicate rows[] = {
	{.doc = {"bugs.keywords", "{any_of: [name], none_of: [name]}",
		 "the bug has one of `any_of`, and none of `none_of`; without regard to case"},
	 .read = bug_keywords_read,
	 .ask = bug_keywords_ask},
	{.doc = {"bugs.groups", "{any_of: [name], none_of: [name]}",
		 "it is shown to one of these groups alone, or to none of those"},
	 .read = bug_groups_read,
	 .ask = bug_groups_ask},
	{.doc = {"bugs.private", "boolean", "true: the public cannot see it; false: everybody can"},
	 .read = bug_bool_read,
	 .ask = bug_private_ask},
	{.doc = {"bugs.flag", "{name!: name, status!: flag_status, by: {groups!: [name]}}",
		 "the bug has this flag with this status (+, - or ?), set by somebody in one of the groups; ${N} in "
		 "the "
		 "name is the N-th group of the rule's own `targets_branch`; beside a - no + counts"},
	 .read = bug_flag_read,
	 .ask = bug_flag_ask},
	{.doc = {"bugs.attachment_flag", "{name!: name, status!: flag_status, by: {groups!: [name]}, patch: this}",
		 "the same of an attachment that is not obsolete; patch: this: of the one that is what each commit "
		 "that names the bug calls its revision, or of this change"},
	 .read = bug_attachment_flag_read,
	 .ask = bug_attachment_flag_ask},
	{.doc = {"bugs.resolution", "{any_of: [name], none_of: [name]}", "how it was closed; an open bug has none"},
	 .read = bug_resolution_read,
	 .ask = bug_resolution_ask},
	{.doc = {"bugs.bug_open", "boolean", "true: it has no resolution; false: it has one"},
	 .read = bug_bool_read,
	 .ask = bug_open_ask},
	{.doc = {"bugs.bug_exists", "boolean", "true: the tracker has a bug of this number; false: it has none"},
	 .read = bug_bool_read,
	 .ask = bug_exists_ask},
	{.doc = {"bugs.commit_token", "{key!: token, values: [name]}",
		 "each commit that names the bug carries key=name in its first line"},
	 .needs = FACT_COMMITS,
	 .read = commit_token_read,
	 .ask = commit_token_ask},
	{.doc = {"bugs.closedbug", "boolean",
		 "true: each commit that names the bug has the word CLOSEDBUG in its first line; false: one has not"},
	 .needs = FACT_COMMITS,
	 .read = bug_bool_read,
	 .ask = bug_closedbug_ask},
	{.doc = {"bugs.backout", "boolean",
		 "true: each commit that names the bug is a backout or revert, which names what it undoes; false: one "
		 "is not"},
	 .needs = FACT_COMMITS,
	 .read = bug_bool_read,
	 .ask = bug_backout_ask},
	{.doc = {"bugs.all_of", "[bug_conditions]", "each entry holds"},
	 .read = blocks_read,
	 .ask = all_of_ask,
	 .inner = blocks_inner},
	{.doc = {"bugs.any_of", "[bug_conditions]", "one entry, all of which holds, is enough"},
	 .read = blocks_read,
	 .ask = any_of_ask,
	 .inner = blocks_inner},
	{.doc = {"bugs.not", "bug_conditions", "they do not all hold; where that cannot be known, neither can this"},
	 .read = not_read,
	 .ask = not_ask,
	 .inner = blocks_inner},
};

const struct predicate *bug_predicate_at(size_t i)
{
	return i < sizeof rows / sizeof rows[0] ? &rows[i] : NULL;
}

/* ---- what is known of it ---- */

struct answer bug_readable(const struct bug *bug, unsigned needs)
{
	if (bug->state == BUG_MISSING)
		return answer_stuck(TEXT_LIT("there is no such bug"));
	if (bug->state == BUG_HIDDEN)
		return answer_unknown(TEXT_LIT("the tracker does not show it"));
	if (bug->state != BUG_READ || (bug->unread & needs))
		return answer_unknown(TEXT_LIT("the tracker's answer"));
	return answer_yes(TEXT_EMPTY);
}

static struct answer is_so(enum tri so, const char *yes, const char *no)
{
	if (so == TRI_UNKNOWN)
		return answer_unknown(TEXT_LIT("the tracker's answer"));
	return so == TRI_YES ? answer_yes(text_of(yes)) : answer_no(text_of(no));
}

bool bug_bool_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	bool *want = arena_alloc(parse->arena, 1, sizeof *want);

	*ret_args = want;
	return read_bool(parse, value, want);
}

struct answer bug_private_ask(const void *args, const struct judging *on)
{
	const struct bug *bug = on->bug->bug;
	struct answer known = bug_readable(bug, 0);
	enum tri private = bug->state == BUG_HIDDEN ? TRI_YES : bug->secure;

	if (known.holds != TRI_YES && bug->state != BUG_HIDDEN)
		return known;
	return answer_wanted(*(const bool *)args, is_so(private, "it is private", "it is public"));
}

struct answer bug_open_ask(const void *args, const struct judging *on)
{
	struct answer known = bug_readable(on->bug->self, 0);

	if (known.holds != TRI_YES)
		return known;
	return answer_wanted(*(const bool *)args, is_so(on->bug->self->open, "it is open", "it is closed"));
}

struct answer bug_exists_ask(const void *args, const struct judging *on)
{
	static const enum tri there[] = {
		[BUG_UNREAD] = TRI_UNKNOWN, [BUG_READ] = TRI_YES, [BUG_HIDDEN] = TRI_YES, [BUG_MISSING] = TRI_NO};

	return answer_wanted(*(const bool *)args,
			     is_so(there[on->bug->self->state], "it exists", "there is no such bug"));
}

/* ---- names ---- */

static bool read_some(struct parse *parse, const struct yaml *value, const struct text **ret, size_t *ret_n)
{
	if (!read_texts(parse, value, ret, ret_n))
		return false;
	if (*ret_n == 0) /* a list that lost its last entry must not come to hold always */
		return yaml_problem(value, parse->problem, "an empty list is not allowed here");
	return true;
}

static bool read_any_of(struct parse *parse, const struct yaml *value, void *out)
{
	struct names *names = out;

	return read_some(parse, value, &names->any_of, &names->n_any_of);
}

static bool read_none_of(struct parse *parse, const struct yaml *value, void *out)
{
	struct names *names = out;

	return read_some(parse, value, &names->none_of, &names->n_none_of);
}

static bool names_read(struct parse *parse, const struct yaml *value, const char *what, const void **ret_args)
{
	static const struct key keys_rows[] = {{{"any_of", NULL, NULL}, read_any_of},
					       {{"none_of", NULL, NULL}, read_none_of}};
	static const struct keys keys = KEYS(keys_rows);
	struct names *names = arena_alloc(parse->arena, 1, sizeof *names);

	if (!keys_read(parse, value, &keys, what, names))
		return false;
	if (names->n_any_of == 0 && names->n_none_of == 0)
		return yaml_problem(value, parse->problem, "`%s` needs `any_of` or `none_of`", what);
	*ret_args = names;
	return true;
}

static bool shared(const struct text *a, size_t n_a, const struct text *b, size_t n_b)
{
	for (size_t i = 0; i < n_a; i++)
		for (size_t k = 0; k < n_b; k++)
			if (text_eq_nocase(a[i], b[k]))
				return true;
	return false;
}

static struct answer names_ask(const struct names *names, const struct text *has, size_t n, const char *what)
{
	if (shared(has, n, names->none_of, names->n_none_of))
		return answer_no(text_of(what));
	if (names->n_any_of > 0 && !shared(has, n, names->any_of, names->n_any_of))
		return answer_no(text_of(what));
	return answer_yes(TEXT_EMPTY);
}

bool bug_keywords_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return names_read(parse, value, "keywords", ret_args);
}

struct answer bug_keywords_ask(const void *args, const struct judging *on)
{
	const struct bug *bug = on->bug->bug;
	struct answer known = bug_readable(bug, BUG_KEYWORDS);

	return known.holds != TRI_YES ? known
				      : names_ask(args, bug->keywords, bug->n_keywords,
						  "its keywords are not those that the rule asks for");
}

bool bug_groups_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return names_read(parse, value, "groups", ret_args);
}

struct answer bug_groups_ask(const void *args, const struct judging *on)
{
	const struct bug *bug = on->bug->bug;
	struct answer known = bug_readable(bug, BUG_GROUPS);

	return known.holds != TRI_YES
		       ? known
		       : names_ask(args, bug->groups, bug->n_groups, "its groups are not those that the rule asks for");
}

bool bug_resolution_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	return names_read(parse, value, "resolution", ret_args);
}

struct answer bug_resolution_ask(const void *args, const struct judging *on)
{
	const struct bug *bug = on->bug->self;
	struct answer known = bug_readable(bug, 0);

	if (known.holds != TRI_YES)
		return known;
	if (bug->open == TRI_UNKNOWN || (bug->open == TRI_NO && bug->resolution.len == 0))
		return answer_unknown(TEXT_LIT("its resolution"));
	return names_ask(args, &bug->resolution, bug->open == TRI_NO,
			 "its resolution is not one that the rule asks for");
}

/* ---- what the commits that name it say ---- */

static struct answer each_commit(const struct judging *on, bool (*says)(const struct message *message), const char *yes,
				 const char *no)
{
	const struct named_bug *named = on->bug->named;

	for (size_t i = 0; i < named->n_by; i++)
		if (!says(&named->by[i]->message))
			return answer_no(text_of(no));
	return named->n_by > 0 ? answer_yes(text_of(yes)) : answer_no(TEXT_LIT("no commit names it"));
}

static bool says_closedbug(const struct message *message)
{
	return message->closedbug;
}

static bool says_backout(const struct message *message)
{
	return message->backouts_strict.given || message->reverts.given;
}

struct answer bug_closedbug_ask(const void *args, const struct judging *on)
{
	return answer_wanted(*(const bool *)args,
			     each_commit(on, says_closedbug, "each commit that names it says CLOSEDBUG",
					 "a commit that names it does not say CLOSEDBUG"));
}

struct answer bug_backout_ask(const void *args, const struct judging *on)
{
	return answer_wanted(*(const bool *)args, each_commit(on, says_backout, "only backouts name it",
							      "a commit that names it is no backout"));
}
