/*
 * Flags of a bug and of its attachments. `patch: this` takes the word of the commit for what it is the patch of
 * ("Differential Revision: URL/D123", a line of its own): whoever writes the commit writes that, too; the name of this
 * change ("owner/name#12") nobody can write.
 */
#include "policy/bug_view.h"
#include "policy/keys.h"
#include "policy/regex.h"
#include "policy/reviews.h"

#include <string.h>

/* ---- reading ---- */

static bool read_name(struct parse *parse, const struct yaml *value, void *out)
{
	struct flag_args *args = out;

	if (!read_text(parse, value, &args->name))
		return false;
	args->captures = text_find(args->name, TEXT_LIT("${")) != SIZE_MAX;
	args->line = value->line;
	args->column = value->column;
	return true;
}

static bool read_status(struct parse *parse, const struct yaml *value, void *out)
{
	static const char known[] = {BUG_FLAG_ASKED, BUG_FLAG_GRANTED, BUG_FLAG_DENIED};
	struct flag_args *args = out;
	struct text status;

	if (!read_text(parse, value, &status))
		return false;
	if (status.len != 1 || !memchr(known, status.at[0], sizeof known))
		return yaml_problem(value, parse->problem, "status is \"+\", \"-\" or \"?\"");
	args->status = (enum bug_flag_status)status.at[0];
	return true;
}

static bool read_groups(struct parse *parse, const struct yaml *value, void *out)
{
	struct flag_args *args = out;

	if (!read_texts(parse, value, &args->groups, &args->n_groups))
		return false;
	if (args->n_groups == 0) /* a list that lost its last entry must not come to mean everybody */
		return yaml_problem(value, parse->problem, "`groups` names at least one");
	return true;
}

static bool read_by(struct parse *parse, const struct yaml *value, void *out)
{
	static const struct key rows[] = {{{"groups", NULL, NULL}, read_groups}};
	static const struct keys keys = KEYS(rows);
	struct flag_args *args = out;

	if (!keys_read(parse, value, &keys, "by", args))
		return false;
	return args->n_groups > 0 || yaml_problem(value, parse->problem, "`by` needs `groups`");
}

static bool read_patch(struct parse *parse, const struct yaml *value, void *out)
{
	struct flag_args *args = out;

	args->patch_this = value->kind == YAML_SCALAR && text_is(value->text, "this");
	return args->patch_this || yaml_problem(value, parse->problem, "patch is `this`, or left out");
}

static bool flag_read(struct parse *parse, const struct yaml *value, const struct keys *keys, const char *what,
		      const void **ret_args)
{
	struct flag_args *args = arena_alloc(parse->arena, 1, sizeof *args);

	if (!keys_read(parse, value, keys, what, args))
		return false;
	if (args->name.len == 0 || args->status == 0)
		return yaml_problem(value, parse->problem, "`%s` needs a `name` and a `status`", what);
	args->missing =
		arena_printf(parse->arena, "%s %.*s%c is missing", args->patch_this ? "the patch's flag" : "the flag",
			     TEXT_ARG(plain(args->name, 60, parse->arena)), (int)args->status);
	if (args->captures) {
		args->next = parse->bugs.captures;
		parse->bugs.captures = args;
	}
	*ret_args = args;
	return true;
}

bool bug_flag_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"name", NULL, NULL}, read_name},
					  {{"status", NULL, NULL}, read_status},
					  {{"by", NULL, NULL}, read_by}};
	static const struct keys keys = KEYS(rows);

	return flag_read(parse, value, &keys, "flag", ret_args);
}

bool bug_attachment_flag_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"name", NULL, NULL}, read_name},
					  {{"status", NULL, NULL}, read_status},
					  {{"by", NULL, NULL}, read_by},
					  {{"patch", NULL, NULL}, read_patch}};
	static const struct keys keys = KEYS(rows);

	return flag_read(parse, value, &keys, "attachment_flag", ret_args);
}

/* ---- names made from the branch ---- */

/* "${N}" at the begin; its length, or 0. */
static size_t capture_at(struct text t, size_t *ret_n)
{
	size_t i = 2;

	if (!text_starts(t, TEXT_LIT("${")))
		return 0;
	for (*ret_n = 0; i < t.len && t.at[i] >= '0' && t.at[i] <= '9' && *ret_n < 100; i++)
		*ret_n = *ret_n * 10 + (size_t)(t.at[i] - '0');
	return i > 2 && i < t.len && t.at[i] == '}' && *ret_n > 0 ? i + 1 : 0;
}

static bool plain_capture(struct text t)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	for (size_t i = 0; i < t.len; i++)
		if (!memchr(allowed, t.at[i], sizeof allowed - 1))
			return false;
	return t.len > 0;
}

bool flag_name(const struct flag_args *args, const struct change *change, struct arena *arena, struct text *ret)
{
	struct text name = args->name, made = TEXT_EMPTY;

	*ret = args->name;
	if (!args->captures)
		return true;
	if (!args->branch || !(change->known & FACT_BASE) || change->base_ref.len == 0)
		return false;
	for (size_t i = 0, n = 0; i < name.len;) {
		struct text rest = {name.at + i, name.len - i}, part = {rest.at, 1};
		size_t len = capture_at(rest, &n);

		if (len > 0 &&
		    (regex_group(args->branch, change->base_ref, n, &part) != TRI_YES || !plain_capture(part)))
			return false;
		made = arena_printf(arena, "%.*s%.*s", TEXT_ARG(made), TEXT_ARG(part));
		i += len > 0 ? len : 1;
	}
	*ret = made;
	return true;
}

/* The highest N of a name; false: something in it only looks like a ${N}. */
static bool highest(struct text name, size_t *ret)
{
	*ret = 0;
	for (size_t i = 0, n = 0; i < name.len; i++) {
		struct text rest = {name.at + i, name.len - i};

		if (!text_starts(rest, TEXT_LIT("${")))
			continue;
		if (capture_at(rest, &n) == 0)
			return false;
		*ret = n > *ret ? n : *ret;
	}
	return true;
}

static const struct yaml *branch_pattern(const struct yaml *rule)
{
	const struct yaml *applies = yaml_get(rule, "if");
	const struct yaml *branch = applies ? yaml_get(applies, "targets_branch") : NULL;
	const struct yaml *pattern = branch ? yaml_get(branch, "pattern") : NULL;

	return pattern && pattern->kind == YAML_SCALAR ? pattern : NULL;
}

bool bug_captures_complete(struct parse *parse, const struct yaml *rule)
{
	const struct yaml *pattern = branch_pattern(rule);
	const struct regex *whole = NULL;
	char why[160];
	size_t n;

	if (!parse->bugs.captures)
		return true;
	if (pattern && text_starts(pattern->text, TEXT_LIT("^")) && text_ends(pattern->text, TEXT_LIT("$")))
		whole = regex_compile_whole(pattern->text, parse->arena, why, sizeof why);
	for (struct flag_args *flag = parse->bugs.captures; flag; flag = flag->next) {
		const struct yaml at = {.line = flag->line, .column = flag->column};

		if (!whole)
			return yaml_problem(&at, parse->problem,
					    "${N} is a group of the rule's own `if: {targets_branch: {pattern: "
					    "'^...$'}}`, bound on both sides; there is none");
		if (!highest(flag->name, &n))
			return yaml_problem(&at, parse->problem, "a group of the branch's pattern is written ${1}");
		if (n > regex_groups(whole))
			return yaml_problem(&at, parse->problem, "${%zu}: the branch's pattern has %zu groups", n,
					    regex_groups(whole));
		flag->branch = whole;
	}
	return true;
}

/* ---- asking ---- */

static enum tri setter_in(const struct flag_args *args, const struct bug_flag *flag)
{
	if (args->n_groups == 0)
		return TRI_YES;
	if (!flag->setter_groups_known)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < args->n_groups; i++)
		for (size_t k = 0; k < flag->n_groups; k++)
			if (text_eq_nocase(args->groups[i], flag->groups[k]))
				return TRI_YES;
	return TRI_NO;
}

/* Several people can set one flag: beside a "-" no "+" counts. */
static enum tri flag_stands(const struct flag_args *args, struct text name, const struct bug_flag *flags, size_t n)
{
	enum tri best = TRI_NO;

	for (size_t i = 0; i < n; i++) {
		enum tri now;

		if (!text_eq(flags[i].name, name))
			continue;
		if (args->status == BUG_FLAG_GRANTED && flags[i].status == BUG_FLAG_DENIED)
			return TRI_NO;
		now = flags[i].status == args->status ? setter_in(args, &flags[i]) : TRI_NO;
		if (now == TRI_YES || best == TRI_NO)
			best = now;
	}
	return best;
}

static struct answer from_tri(const struct flag_args *args, enum tri holds)
{
	if (holds == TRI_UNKNOWN)
		return answer_unknown(TEXT_LIT("the groups of who set the flag"));
	return holds == TRI_YES ? answer_yes(TEXT_LIT("the flag is there")) : answer_no(args->missing);
}

/* Neither a yes nor a no: `not` must not make a yes of a branch that the pattern does not take apart. */
static struct answer no_name(void)
{
	return answer_stuck(TEXT_LIT("the flag's name cannot be made from the base branch"));
}

struct answer bug_flag_ask(const void *raw, const struct judging *on)
{
	const struct flag_args *args = raw;
	const struct bug *bug = on->bug->bug;
	struct answer known = bug_readable(bug, BUG_FLAGS);
	struct text name;

	if (known.holds != TRI_YES)
		return known;
	if (!flag_name(args, on->change, on->arena, &name))
		return no_name();
	return from_tri(args, flag_stands(args, name, bug->flags, bug->n_flags));
}

/* ---- which attachment ---- */

/* The revision that a line names: what follows the last "/D", which is a number. */
static bool revision_in(struct text line, struct text *ret)
{
	static const struct text field = {"Differential Revision: ", 23};
	struct text url = {line.at + field.len, line.len - field.len};
	size_t at;

	if (!text_starts(line, field))
		return false;
	while (url.len > 0 && strchr(" \t\r", url.at[url.len - 1]))
		url.len--;
	at = url.len;
	while (at > 0 && url.at[at - 1] >= '0' && url.at[at - 1] <= '9')
		at--;
	if (at < 2 || at == url.len || url.at[at - 1] != 'D' || url.at[at - 2] != '/')
		return false;
	*ret = (struct text){url.at + at - 1, url.len - at + 1};
	return ret->len <= 10 && ret->at[1] != '0';
}

/* The next line that names one; false: there is none. */
static bool next_revision(struct text *rest, struct text *ret)
{
	while (rest->len > 0) {
		const char *end = memchr(rest->at, '\n', rest->len);
		struct text line = {rest->at, end ? (size_t)(end - rest->at) : rest->len};

		*rest = (struct text){rest->at + line.len + (end != NULL), rest->len - line.len - (end != NULL)};
		if (revision_in(line, ret))
			return true;
	}
	return false;
}

static bool of_this_change(const struct bug_attachment *attachment, const struct judging *on)
{
	struct text own =
		arena_printf(on->arena, "%.*s#%lld", TEXT_ARG(on->facts->repo_name), (long long)on->change->number);

	return on->facts->repo_name.len > 0 && text_eq_nocase(attachment->revision, own);
}

/* revision NULL: of any; empty: of this change. */
static enum tri attached(const struct flag_args *args, struct text name, const struct text *revision,
			 const struct judging *on)
{
	const struct bug *bug = on->bug->bug;
	enum tri best = TRI_NO;

	for (size_t i = 0; i < bug->n_attachments; i++) {
		const struct bug_attachment *attachment = &bug->attachments[i];
		enum tri now;

		if (attachment->obsolete)
			continue;
		if (revision &&
		    (revision->len > 0 ? !text_eq(attachment->revision, *revision) : !of_this_change(attachment, on)))
			continue;
		now = flag_stands(args, name, attachment->flags, attachment->n_flags);
		if (now == TRI_YES)
			return now;
		best = now == TRI_UNKNOWN ? now : best;
	}
	return best;
}

/* so_far is not NO. */
static enum tri worse(enum tri so_far, enum tri now)
{
	return now == TRI_YES ? so_far : now;
}

/* Every revision that it names; a commit that names none has no patch. */
static enum tri commit_patched(const struct flag_args *args, struct text name, const struct commit *commit,
			       const struct judging *on)
{
	struct text rest = commit->message, revision;
	enum tri all = TRI_YES;
	bool some = false;

	while (all != TRI_NO && next_revision(&rest, &revision)) {
		all = worse(all, attached(args, name, &revision, on));
		some = true;
	}
	return some ? all : TRI_NO;
}

static enum tri this_patch(const struct flag_args *args, struct text name, const struct judging *on)
{
	const struct named_bug *named = on->bug->named;
	enum tri own = attached(args, name, &TEXT_EMPTY, on), all = TRI_YES;

	if (own == TRI_YES || named->n_by == 0)
		return own;
	for (size_t i = 0; i < named->n_by && all != TRI_NO; i++)
		all = worse(all, commit_patched(args, name, named->by[i]->commit, on));
	return all == TRI_NO && own == TRI_UNKNOWN ? own : all;
}

struct answer bug_attachment_flag_ask(const void *raw, const struct judging *on)
{
	const struct flag_args *args = raw;
	struct answer readable = bug_readable(on->bug->bug, 0), whole = bug_readable(on->bug->bug, BUG_ATTACHMENTS);
	struct text name;
	enum tri holds;

	if (readable.holds != TRI_YES)
		return readable;
	if (!flag_name(args, on->change, on->arena, &name))
		return whole.holds == TRI_YES ? no_name() : whole;
	holds = args->patch_this ? this_patch(args, name, on) : attached(args, name, NULL, on);
	if (whole.holds != TRI_YES && (holds != TRI_YES || args->status != BUG_FLAG_GRANTED))
		return whole;
	return from_tri(args, holds);
}
