/*
 * Path by path: whose it is, then how many of those whose review counts are among them. What is asked of a line of the
 * file is asked once for all paths that it decides (answers are kept by line). Whatever blocks is looked for in every
 * path first, then what nobody covers, then what cannot be told; so the text does not hang on the order of reviews.
 */
#include "policy/owners_rule.h"

#include "policy/owners.h"

#include <string.h>

#define KEPT         256 /* answers, by line */
#define MODE_LINK    0120000u
#define MODE_GITLINK 0160000u
#define MODE_KIND    0170000u

struct answer_kept { /* of one line: who of those that count owns what it is about */
	const struct owner *at;
	unsigned line;
	size_t have, maybe;
	bool set;
};

struct cover {
	const struct rule *rule;
	const struct judging *on;
	const struct owners_file *file;
	const struct owners *owners;
	const struct tally *tally;
	size_t steps;
	bool github;     /* CODEOWNERS: an owner needs write access */
	struct text org; /* the repository's */
	bool *owns;      /* of tally->counts: something of the change */
	bool *may;       /* the same, as far as it is known */
	bool some_owned; /* a path that somebody owns */
	struct text teams[OWNERS_TEAMS_MAX];
	size_t n_teams;
	struct answer_kept kept[KEPT];
	struct coverage ret;
	int worst; /* of ret: 3 blocks, 2 is not covered, 1 cannot be told */
};

/* ---- who owns ---- */

static enum tri both(enum tri a, enum tri b)
{
	if (a == TRI_NO || b == TRI_NO)
		return TRI_NO;
	return a == TRI_YES && b == TRI_YES ? TRI_YES : TRI_UNKNOWN;
}

static bool same_org(const struct cover *c, struct text team)
{
	return text_eq_nocase((struct text){team.at, text_find(team, TEXT_LIT("/"))}, c->org);
}

/* Could anybody prove to be this owner? */
static bool provable(const struct cover *c, const struct owner *o)
{
	return o->kind != OWNER_EMAIL && (o->kind != OWNER_TEAM || same_org(c, o->name));
}

static enum tri is_owner(const struct cover *c, const struct owner *o, int64_t id)
{
	struct account account = {.login = o->name};
	struct actors one = {0};

	if (!provable(c, o))
		return TRI_NO;
	if (o->kind == OWNER_ACCOUNT)
		return o->id == id ? TRI_YES : TRI_NO;
	one = o->kind == OWNER_TEAM ? (struct actors){.teams = &o->name, .n_teams = 1}
				    : (struct actors){.users = &account, .n_users = 1};
	return actors_match(&one, c->on->facts, id);
}

static enum tri writes(const struct cover *c, int64_t id)
{
	static const struct actors writers = {.permission = PERMISSION_WRITE};

	return actors_match(&writers, c->on->facts, id);
}

/* Among the owners, or named by the rule besides. Nobody owns it: whoever may write does. */
static enum tri owns(const struct cover *c, const struct owned *owned, int64_t id)
{
	enum tri answer = owned->n == 0 ? writes(c, id) : TRI_NO,
		 named = actors_match(&c->rule->actors, c->on->facts, id);

	for (size_t i = 0; i < owned->n && answer != TRI_YES; i++) {
		enum tri one = is_owner(c, &owned->at[i], id);

		answer = one == TRI_NO ? answer : one;
	}
	if (c->github && owned->n > 0)
		answer = both(answer, writes(c, id));
	if (named == TRI_YES || answer == TRI_YES)
		return TRI_YES;
	return named == TRI_UNKNOWN || answer == TRI_UNKNOWN ? TRI_UNKNOWN : TRI_NO;
}

static struct answer_kept who_owns(struct cover *c, const struct owned *owned)
{
	struct answer_kept *kept = &c->kept[owned->line % KEPT];

	if (kept->set && kept->line == owned->line && kept->at == owned->at)
		return *kept;
	*kept = (struct answer_kept){.at = owned->at, .line = owned->line, .set = true, .maybe = c->tally->maybe};
	for (size_t i = 0; i < c->tally->n_counts; i++) {
		enum tri answer = owns(c, owned, c->tally->counts[i].id);

		kept->have += answer == TRI_YES;
		kept->maybe += answer == TRI_UNKNOWN;
		c->owns[i] = c->owns[i] || answer == TRI_YES;
		c->may[i] = c->may[i] || answer == TRI_UNKNOWN;
	}
	return *kept;
}

/* ---- texts ---- */

#define PATH_SHOWN   60
#define OWNERS_SHOWN 44

/* Its end says more than its start. */
static struct text shown_path(const struct cover *c, struct text path)
{
	struct text end = path;

	if (path.len <= PATH_SHOWN)
		return plain(path, PATH_SHOWN, c->on->arena);
	end = (struct text){path.at + (path.len - PATH_SHOWN + 3), PATH_SHOWN - 3};
	return arena_printf(c->on->arena, "...%.*s", TEXT_ARG(plain(end, PATH_SHOWN, c->on->arena)));
}

static struct text shown_owners(const struct cover *c, const struct owned *owned)
{
	struct text all = TEXT_EMPTY;

	for (size_t i = 0; i < owned->n; i++) {
		const struct owner *o = &owned->at[i];
		struct text name = plain(o->name, 40, c->on->arena);
		struct text one = o->kind == OWNER_ACCOUNT ? arena_printf(c->on->arena, "id:%lld", (long long)o->id)
				  : o->kind == OWNER_EMAIL ? name
							   : arena_printf(c->on->arena, "@%.*s", TEXT_ARG(name));

		if (i > 0 && all.len + one.len + 2 > OWNERS_SHOWN)
			return arena_printf(c->on->arena, "%.*s, ...", TEXT_ARG(all));
		all = arena_printf(c->on->arena, "%.*s%s%.*s", TEXT_ARG(all), i > 0 ? ", " : "", TEXT_ARG(one));
	}
	return all;
}

static struct text shown_file(const struct cover *c)
{
	return shown_path(c, c->file->path.len > 0 ? c->file->path : c->rule->owners->file);
}

/* Keeps the worst; of two that are as bad the first. */
static void tell(struct cover *c, int weight, struct text next)
{
	if (weight <= c->worst)
		return;
	c->worst = weight;
	c->ret.covered = weight == 1 ? TRI_UNKNOWN : TRI_NO;
	c->ret.blocking = weight == 3;
	c->ret.next = next;
}

/* ---- one path ---- */

static void not_known(struct cover *c, const struct owned *owned, struct text path)
{
	if (c->steps == 0)
		tell(c, 1,
		     arena_printf(c->on->arena, "an answer to whose the files are: %.*s (limit reached)",
				  TEXT_ARG(owned->why)));
	else if (owned->line > 0)
		tell(c, 3,
		     arena_printf(c->on->arena, "%.*s, line %u: %.*s", TEXT_ARG(shown_file(c)), owned->line,
				  TEXT_ARG(plain(owned->why, 70, c->on->arena))));
	else
		tell(c, 3,
		     arena_printf(c->on->arena, "whose %.*s is: %.*s", TEXT_ARG(shown_path(c, path)),
				  TEXT_ARG(owned->why)));
}

static bool is_author(const struct cover *c, const struct owner *o)
{
	const struct change *change = c->on->change;

	if (!(change->known & FACT_AUTHOR) || c->rule->options.allow_author)
		return false;
	return o->kind == OWNER_ACCOUNT ? o->id == change->author.id
					: o->kind == OWNER_LOGIN && text_eq_nocase(o->name, change->author.login);
}

/* No review that could still come makes enough: the owners are too few people, or nobody can prove to be one. */
static bool hopeless(struct cover *c, const struct owned *owned, struct text path)
{
	int64_t can = 0;
	bool author = false;
	struct text shown;

	if (owned->n == 0 || actors_any(&c->rule->actors))
		return false;
	for (size_t i = 0; i < owned->n; i++) {
		const struct owner *o = &owned->at[i];

		if (provable(c, o) && o->kind == OWNER_TEAM)
			return false;
		can += provable(c, o) && !is_author(c, o);
		author = author || is_author(c, o);
	}
	if (can >= c->rule->count)
		return false;
	shown = shown_path(c, path);
	if (author)
		tell(c, 3,
		     arena_printf(c->on->arena, "%s the author owns %.*s; a maintainer must add an owner to %.*s",
				  can > 0 ? "hardly anybody but" : "only", TEXT_ARG(shown), TEXT_ARG(shown_file(c))));
	else
		tell(c, 3,
		     arena_printf(c->on->arena, "too few can prove to own %.*s (%.*s); add a @user", TEXT_ARG(shown),
				  TEXT_ARG(shown_owners(c, owned))));
	return true;
}

static struct text wanted(const struct cover *c, const struct owned *owned, struct text path, size_t have)
{
	struct text shown = shown_path(c, path), who = shown_owners(c, owned);
	int64_t count = c->rule->count;

	if (owned->n == 0)
		return arena_printf(c->on->arena, "%sreview by somebody with write access: nobody owns %.*s (%zu/%d)",
				    have > 0 ? "one more " : "", TEXT_ARG(shown), have, (int)count);
	if (count > 1)
		return arena_printf(c->on->arena, "reviews by owners of %.*s (%.*s), %zu/%d", TEXT_ARG(shown),
				    TEXT_ARG(who), have, (int)count);
	return arena_printf(c->on->arena, "review by an owner of %.*s (%.*s)", TEXT_ARG(shown), TEXT_ARG(who));
}

/* The path's teams were asked about, as far as they have a place in the list that policy_owner_teams gives. */
static bool note_teams(struct cover *c, const struct owned *owned)
{
	for (size_t i = 0; i < owned->n; i++) {
		const struct owner *o = &owned->at[i];
		size_t k = 0;

		if (o->kind != OWNER_TEAM || !same_org(c, o->name))
			continue;
		while (k < c->n_teams && !text_eq_nocase(c->teams[k], o->name))
			k++;
		if (k < c->n_teams)
			continue;
		if (c->n_teams == OWNERS_TEAMS_MAX)
			return false;
		c->teams[c->n_teams++] = o->name;
	}
	return true;
}

static void one_path(struct cover *c, const struct owned *owned, struct text path)
{
	struct answer_kept who;
	size_t count = (size_t)c->rule->count;

	if (!owned->known) {
		not_known(c, owned, path);
		return;
	}
	c->some_owned = c->some_owned || owned->n > 0;
	if (owned->n == 0 && !c->rule->owners->unowned_write) {
		tell(c, 3,
		     arena_printf(c->on->arena, "nobody owns %.*s in %.*s", TEXT_ARG(shown_path(c, path)),
				  TEXT_ARG(shown_file(c))));
		return;
	}
	if (!note_teams(c, owned))
		tell(c, 1, TEXT_LIT("an answer to whose the files are: more than 32 teams own them"));
	if (c->rule->owners->per_change && owned->n == 0)
		return; /* owned paths decide; where there are none, all_unowned */
	who = who_owns(c, owned);
	if (c->rule->owners->per_change || who.have >= count || hopeless(c, owned, path))
		return;
	tell(c, who.have + who.maybe >= count ? 1 : 2,
	     who.have + who.maybe < count ? wanted(c, owned, path, who.have)
	     : c->tally->maybe > 0
		     ? c->tally->unknown
		     : arena_printf(c->on->arena, "to know who owns %.*s", TEXT_ARG(shown_path(c, path))));
}

_Static_assert(OWNERS_TEAMS_MAX == 32, "the text above names it");

/* ---- all of them ---- */

static bool stands_for_tree(uint32_t mode)
{
	return (mode & MODE_KIND) == MODE_LINK || (mode & MODE_KIND) == MODE_GITLINK;
}

typedef void visit_fn(struct cover *c, const struct owned *owned, struct text path);

static void each_name(struct cover *c, struct text name, bool tree, visit_fn *visit)
{
	struct owned owned = owners_of(c->owners, name, &c->steps), below;

	visit(c, &owned, name);
	if (!tree)
		return;
	below = owners_below(c->owners, name, &c->steps);
	if (!below.known || (below.n > 0 && below.at != owned.at))
		visit(c, &below, name);
}

static void each_path(struct cover *c, visit_fn *visit)
{
	const struct change *change = c->on->change;

	for (size_t i = 0; i < change->n_paths && c->steps > 0; i++) {
		const struct path *p = &change->paths[i];
		bool tree = stands_for_tree(p->mode) || stands_for_tree(p->old_mode);

		each_name(c, p->path, tree, visit);
		if (p->old_path.len > 0)
			each_name(c, p->old_path, tree, visit);
	}
}

/* `per: change`: people who own anything of it; where nobody owns any of it, people who may write. */
static void whole_change(struct cover *c)
{
	static const struct owned nobodys = {.known = true};
	const struct change *change = c->on->change;
	size_t have = 0, maybe = c->tally->maybe, count = (size_t)c->rule->count;
	struct text first = change->n_paths > 0 ? change->paths[0].path : TEXT_LIT("the change");
	struct owned owned = nobodys;

	if (!c->some_owned && (c->rule->owners->unowned_write || change->n_paths == 0))
		(void)who_owns(c, &nobodys);
	for (size_t i = 0; i < c->tally->n_counts; i++) {
		have += c->owns[i];
		maybe += !c->owns[i] && c->may[i];
	}
	if (have >= count)
		return;
	if (c->some_owned)
		owned = owners_of(c->owners, first, &c->steps);
	tell(c, have + maybe >= count ? 1 : 2,
	     have + maybe < count  ? wanted(c, &owned, first, have)
	     : c->tally->maybe > 0 ? c->tally->unknown
				   : TEXT_LIT("to know who owns the changed files"));
}

/* Whoever owns nothing of the change does not count, and is told so. */
static void sort_out(struct cover *c, struct tally *tally)
{
	struct person *counts = arena_alloc(c->on->arena, tally->n_counts, sizeof *counts);
	struct ignored *ignored = arena_alloc(c->on->arena, tally->n_ignored + tally->n_counts, sizeof *ignored);
	size_t n = 0;

	for (size_t i = 0; i < tally->n_ignored; i++)
		ignored[i] = tally->ignored[i];
	for (size_t i = 0; i < tally->n_counts; i++) {
		struct text login = plain(tally->counts[i].login, 39, c->on->arena);

		if (c->owns[i])
			counts[n++] = tally->counts[i];
		else
			ignored[tally->n_ignored++] =
				(struct ignored){login.len > 0 ? login : TEXT_LIT("somebody"),
						 c->may[i] ? TEXT_LIT("is not known to own a changed file")
							   : TEXT_LIT("owns none of the changed files")};
	}
	tally->counts = counts;
	tally->n_counts = n;
	tally->ignored = ignored;
}

static const struct owners_file *find_file(const struct change *change, struct text name)
{
	for (size_t i = 0; i < change->n_owners_files; i++)
		if (text_eq(change->owners_files[i].name, name))
			return &change->owners_files[i];
	return NULL;
}

static struct text organization(struct text repo)
{
	size_t slash = text_find(repo, TEXT_LIT("/"));

	return (struct text){repo.at, slash == SIZE_MAX ? 0 : slash};
}

/* False: c->ret says why it cannot be used. */
static bool open_file(struct cover *c)
{
	struct problem problem = {0, 0, ""};
	struct text file = c->rule->owners->file, where;

	c->file = find_file(c->on->change, file);
	if (!c->file || !(c->on->change->known & FACT_PATHS)) {
		tell(c, 1,
		     c->file ? TEXT_LIT("the list of changed files")
			     : arena_printf(c->on->arena, "the base branch's %.*s",
					    TEXT_ARG(plain(file, 80, c->on->arena))));
		return false;
	}
	where = shown_file(c);
	c->github = !text_ends(file, TEXT_LIT(".json"));
	c->org = organization(c->on->facts->repo_name);
	if (c->file->why.len > 0)
		tell(c, 3,
		     arena_printf(c->on->arena, "%.*s cannot be used: %.*s", TEXT_ARG(where),
				  TEXT_ARG(plain(c->file->why, 60, c->on->arena))));
	else if (c->file->path.len == 0 && !c->rule->owners->unowned_write)
		tell(c, 3, arena_printf(c->on->arena, "there is no %.*s on the base branch", TEXT_ARG(where)));
	else if (c->file->path.len == 0)
		(void)owners_read_github(TEXT_EMPTY, c->on->arena, &c->owners, &problem); /* nobody owns anything */
	else if (!owners_read(file, c->file->bytes, c->on->arena, &c->owners, &problem))
		tell(c, 3,
		     arena_printf(c->on->arena, "%.*s:%u:%u %.70s", TEXT_ARG(where), problem.line, problem.column,
				  problem.text));
	return c->owners != NULL;
}

static struct cover *begin(const struct rule *rule, const struct judging *on, const struct tally *tally)
{
	struct cover *c = arena_alloc(on->arena, 1, sizeof *c);

	c->rule = rule;
	c->on = on;
	c->tally = tally;
	c->steps = OWNERS_STEPS_MAX;
	c->owns = arena_alloc(on->arena, tally->n_counts, sizeof *c->owns);
	c->may = arena_alloc(on->arena, tally->n_counts, sizeof *c->may);
	c->ret.covered = TRI_YES;
	return c;
}

struct coverage owners_cover(const struct rule *rule, const struct judging *on, struct tally *tally)
{
	struct cover *c = begin(rule, on, tally);

	if (open_file(c)) {
		each_path(c, one_path);
		if (c->steps == 0)
			tell(c, 1, TEXT_LIT("an answer to whose the files are (limit reached)"));
		if (rule->owners->per_change || on->change->n_paths == 0)
			whole_change(c);
	}
	sort_out(c, tally);
	return c->ret;
}

/* ---- whose membership matters ---- */

static void only_teams(struct cover *c, const struct owned *owned, struct text path)
{
	(void)path;
	if (owned->known)
		(void)note_teams(c, owned);
}

static bool given(const struct text *teams, size_t n, struct text team)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq_nocase(teams[i], team))
			return true;
	return false;
}

size_t policy_owner_teams(const struct policy *policy, struct text repo_name, const struct change *change,
			  struct arena *arena, const struct text **ret)
{
	static const struct tally nobody = {0};
	const struct facts facts = {.repo_name = repo_name};
	const struct judging on = {&facts, change, arena, NULL};
	struct text *all = arena_alloc(arena, OWNERS_RULES_PER_POLICY * OWNERS_TEAMS_MAX, sizeof *all);
	size_t n = 0;

	for (size_t i = 0; i < policy->n_rules; i++) {
		struct cover *c;

		if (!policy->rules[i].owners || policy->rules[i].mode == MODE_OFF)
			continue;
		c = begin(&policy->rules[i], &on, &nobody);
		if (!open_file(c))
			continue;
		each_path(c, only_teams);
		for (size_t k = 0; k < c->n_teams; k++)
			if (!given(all, n, c->teams[k]))
				all[n++] = c->teams[k];
	}
	*ret = all;
	return n;
}
