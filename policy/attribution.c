#include "policy/attribution.h"

#include "policy/keys.h"
#include "policy/owners_rule.h"
#include "policy/people.h"
#include "policy/reviews.h"

#define TOLD_MAX 10 /* commits of nobody known that a row tells of */

/* ---- keys ---- */

static bool read_file(struct parse *parse, const struct yaml *value, void *out)
{
	static const char *const ends[] = {".yml", ".yaml", ".json"};
	struct policy *policy = out;
	bool named = false;

	if (!read_text(parse, value, &policy->people_file))
		return false;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		named = named || text_ends(policy->people_file, text_of(ends[i]));
	if (!named || !base_file_plain(policy->people_file))
		return yaml_problem(
			value, parse->problem,
			"file is a path from the root that ends in .yml, .yaml or .json, of letters, digits "
			"and . _ - /");
	return true;
}

static bool read_ref(struct parse *parse, const struct yaml *value, void *out)
{
	struct text ref;

	(void)out;
	if (!read_text(parse, value, &ref))
		return false;
	if (!text_is(ref, "base"))
		return yaml_problem(value, parse->problem,
				    "ref is base: a change could say in its own head whose its commits are");
	return true;
}

static const struct key rows[] = {
	{{"policy.attribution.file", "path",
	  "whose an e-mail is that the forge gives to no account: a map of addresses to numbers of accounts"},
	 read_file},
	{{"policy.attribution.ref", "base", "the file of the base branch; nothing else is accepted"}, read_ref},
};
const struct keys keys_attribution = KEYS(rows);

bool read_attribution(struct parse *parse, const struct yaml *value, void *policy)
{
	struct policy *out = policy;

	if (!keys_read(parse, value, &keys_attribution, "attribution", policy))
		return false;
	if (out->people_file.len == 0)
		return yaml_problem(value, parse->problem, "`attribution` needs a `file`");
	return true;
}

bool read_unattributed(struct parse *parse, const struct yaml *value, void *rule)
{
	struct rule *out = rule;
	struct text word;

	if (!read_text(parse, value, &word))
		return false;
	out->pusher_stands_in = text_is(word, "pusher");
	if (!out->pusher_stands_in && !text_is(word, "fail"))
		return yaml_problem(value, parse->problem, "expected fail or pusher");
	return true;
}

/* ---- the file ---- */

static bool nameless(const struct commit *commit)
{
	bool some = commit->author.id == 0 || commit->committer.id == 0;

	for (size_t i = 0; i < commit->n_coauthors && !some; i++)
		some = commit->coauthors[i].id == 0;
	return some;
}

static bool some_nameless(const struct change *change)
{
	size_t i = 0;

	while (i < change->n_commits && !nameless(&change->commits[i]))
		i++;
	return i < change->n_commits;
}

static const struct owners_file *find_file(const struct change *change, struct text name)
{
	for (size_t i = 0; i < change->n_owners_files; i++)
		if (text_eq(change->owners_files[i].name, name))
			return &change->owners_files[i];
	return NULL;
}

static struct answer use_file(const struct policy *policy, const struct change *change, struct arena *arena,
			      struct people *ret)
{
	const struct owners_file *file = find_file(change, policy->people_file);
	struct text name = text_cut(policy->people_file, 60);
	struct problem problem = {0};

	if (!file)
		return answer_unknown(arena_printf(arena, "the file %.*s", TEXT_ARG(name)));
	if (file->path.len == 0)
		return answer_no(arena_printf(arena, "the base branch has no %.*s", TEXT_ARG(name)));
	if (file->why.len > 0)
		return answer_no(arena_printf(arena, "%.*s: %.*s", TEXT_ARG(name), TEXT_ARG(file->why)));
	if (!people_read(file->bytes, arena, ret, &problem))
		return answer_no(arena_printf(arena, "%.*s:%u:%u: %.*s", TEXT_ARG(name), problem.line, problem.column,
					      TEXT_ARG(plain(text_of(problem.text), 60, arena))));
	return answer_yes(TEXT_EMPTY);
}

static void name_by(const struct people *people, struct signer *signer)
{
	const struct known_email *known = signer->id == 0 ? people_find(people, signer->email) : NULL;

	if (!known)
		return;
	signer->id = known->id;
	signer->login = known->login;
}

static void name_commit(const struct people *people, struct commit *commit, struct arena *arena)
{
	struct signer *coauthors = arena_alloc(arena, commit->n_coauthors, sizeof *coauthors);

	name_by(people, &commit->author);
	name_by(people, &commit->committer);
	for (size_t i = 0; i < commit->n_coauthors; i++) {
		coauthors[i] = commit->coauthors[i];
		name_by(people, &coauthors[i]);
	}
	commit->coauthors = coauthors;
}

const struct change *attributed(const struct policy *policy, const struct change *change, struct arena *arena,
				struct answer *ret_file)
{
	struct change *named;
	struct commit *commits;
	struct people people;

	*ret_file = answer_yes(TEXT_EMPTY);
	if (policy->people_file.len == 0 || !some_nameless(change))
		return change;
	*ret_file = use_file(policy, change, arena, &people);
	if (ret_file->holds != TRI_YES)
		return change;
	named = arena_alloc(arena, 1, sizeof *named);
	commits = arena_alloc(arena, change->n_commits, sizeof *commits);
	for (size_t i = 0; i < change->n_commits; i++) {
		commits[i] = change->commits[i];
		name_commit(&people, &commits[i], arena);
	}
	*named = *change;
	named->commits = commits;
	return named;
}

const struct change *policy_attributed(const struct policy *policy, const struct change *change, struct arena *arena)
{
	struct answer ignored;

	return attributed(policy, change, arena, &ignored);
}

/* ---- what a rule makes of it ---- */

static const struct signer *stranger(const struct commit *commit)
{
	if (commit->author.id == 0)
		return &commit->author;
	if (commit->committer.id == 0)
		return &commit->committer;
	for (size_t i = 0; i < commit->n_coauthors; i++)
		if (commit->coauthors[i].id == 0)
			return &commit->coauthors[i];
	return NULL;
}

static bool pushers_known(const struct change *change)
{
	for (size_t i = 0; i < change->n_pushers; i++)
		if (change->pushers[i] == 0)
			return false;
	return (change->known & FACT_PUSHERS) && change->n_pushers > 0 && !change->pushers_hidden;
}

/* Behind "commit 4f2c9e1 names nobody the forge knows". */
static struct text remedy(const struct rule *rule, const struct judging *on)
{
	if (on->people.holds == TRI_NO)
		return on->people.why;
	if (rule->pusher_stands_in && !pushers_known(on->change))
		return TEXT_LIT("and who pushed is not known");
	if (on->people_file.len == 0)
		return TEXT_LIT("add its e-mail to an account");
	return arena_printf(on->arena, "add its e-mail to an account or to %.*s",
			    TEXT_ARG(text_cut(on->people_file, 40)));
}

static void tell(const struct rule *rule, const struct judging *on, bool passes, struct rule_result *row)
{
	size_t n = row->n_ignored;
	struct ignored *all = arena_alloc(on->arena, n + TOLD_MAX, sizeof *all);

	for (size_t i = 0; i < n; i++)
		all[i] = row->ignored[i];
	for (size_t i = 0; i < on->change->n_commits && row->n_ignored < n + TOLD_MAX; i++) {
		const struct commit *commit = &on->change->commits[i];
		const struct signer *who = stranger(commit);
		struct text email;

		if (!who)
			continue;
		email = plain(who->email, 100, on->arena);
		all[row->n_ignored++] = (struct ignored){
			arena_printf(on->arena, "commit %.*s", TEXT_ARG(oid_short(&commit->sha))),
			arena_printf(on->arena, "names %.*s, which is no account's: %.*s",
				     TEXT_ARG(email.len > 0 ? email : TEXT_LIT("an empty address")),
				     TEXT_ARG(passes ? TEXT_LIT("taken for its pusher's") : remedy(rule, on)))};
	}
	row->ignored = all;
}

static struct answer stop(const struct rule *rule, const struct judging *on)
{
	size_t i = 0;

	while (!stranger(&on->change->commits[i]))
		i++;
	return answer_no(arena_printf(on->arena, "commit %.*s names nobody the forge knows: %.*s",
				      TEXT_ARG(oid_short(&on->change->commits[i].sha)), TEXT_ARG(remedy(rule, on))));
}

struct answer attribution_ask(const struct rule *rule, const struct judging *on, struct rule_result *row)
{
	const struct change *change = on->change;
	bool passes;

	if (!rule->options.allow_author && (change->known & FACT_AUTHOR) && change->author.id == 0)
		return answer_no(TEXT_LIT("the author of the change is nobody the forge knows"));
	if (rule->options.allow_contributor || !(change->known & FACT_COMMITS) || !some_nameless(change))
		return answer_yes(TEXT_EMPTY);
	passes = rule->pusher_stands_in && pushers_known(change) && on->people.holds == TRI_YES;
	tell(rule, on, passes, row);
	if (on->people.holds == TRI_UNKNOWN)
		return on->people;
	if (rule->pusher_stands_in && !(change->known & FACT_PUSHERS))
		return answer_unknown(TEXT_LIT("to know who pushed"));
	return passes ? answer_yes(TEXT_EMPTY) : stop(rule, on);
}
