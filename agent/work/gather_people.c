/*
 * Permissions and memberships now, of those whose review may count, and where a policy asks for them of the authors and
 * of everybody whom commits and pushes name. A login answers with an id; when that is not the person's, the login has a
 * new owner, and nothing is known of the person. Where a policy names people by login, the account that had it first is
 * remembered.
 *
 * Commits and pushes name people by number; what their login is, an answer of the same reading must have told. Of whom
 * none did, and of more than CONTRIBUTORS_MAX, nothing is known. The same holds of more than SPEAKERS_MAX who
 * commented, where that may count.
 */
#include "agent/work/gather_inner.h"

#define REVIEWERS_MAX    300
#define CONTRIBUTORS_MAX 50
#define SPEAKERS_MAX     50 /* by a comment, or by a review that only comments */
#define ORDERERS_MAX     50 /* who told a gate something */
#define NAMES_MAX        64

struct names { /* each once */
	const struct text *at[NAMES_MAX];
	size_t n;
};

struct wanted {
	struct names teams, organizations;
	bool people, logins;
	bool too_many; /* teams that own changed files: nobody is then known to be in none */
};

static bool add_name(struct names *names, const struct text *name, const char *what, struct err *err)
{
	for (size_t i = 0; i < names->n; i++)
		if (text_eq(*names->at[i], *name))
			return true;
	if (names->n == NAMES_MAX)
		return err_set(err, ERR_LIMIT, "more than %zu %s in the policies of one head", names->n, what);
	names->at[names->n++] = name;
	return true;
}

static struct policy_needs needs_of(const struct governed *governed)
{
	return governed->policy ? policy_needs(governed->policy) : (struct policy_needs){.facts = 0};
}

/* Those that own what a change touches: its author can make them many, and so too many is no error. */
static void add_owners(const struct collect *c, const struct governed *governed, const struct change *change,
		       struct wanted *ret)
{
	struct text repo = c->gather->claim->repo_name;
	struct err err = ERR_NONE;
	const struct text *teams;
	size_t n = governed->policy ? policy_owner_teams(governed->policy, repo, change, c->arena, &teams) : 0;

	for (size_t i = 0; i < n; i++)
		ret->too_many = !add_name(&ret->teams, &teams[i], "teams", &err) || ret->too_many;
}

static bool wanted(const struct seen *seen, const struct governed *governed, struct wanted *ret, struct err *err)
{
	for (size_t i = 0; i < seen->n_changes; i++) {
		struct policy_needs needs = needs_of(&governed[i]);

		ret->people = ret->people || needs.people || needs.author || needs.contributors ||
			      needs.merged_before || needs.n_teams || needs.n_organizations;
		ret->logins = ret->logins || needs.logins;
		for (size_t t = 0; t < needs.n_teams; t++)
			if (!add_name(&ret->teams, &needs.teams[t], "teams", err))
				return false;
		for (size_t t = 0; t < needs.n_organizations; t++)
			if (!add_name(&ret->organizations, &needs.organizations[t], "organizations", err))
				return false;
	}
	return true;
}

/* ---- who ---- */

static struct member *find(struct members *all, int64_t id)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].who.id == id)
			return &all->at[i];
	return NULL;
}

/* Nobody is asked about without a login. */
static void add(struct members *ret, const struct person *who)
{
	if (who->id <= 0 || who->login.len == 0 || find(ret, who->id))
		return;
	ret->at = arena_room(ret->arena, ret->at, ret->n, &ret->room, sizeof *ret->at);
	ret->at[ret->n++] = (struct member){.who = *who};
}

/* Everybody with a review that approves or asks for changes, by the order of reviews. */
static bool add_reviewers(const struct seen_change *seen, struct members *ret, struct err *err)
{
	for (size_t k = 0; k < seen->reviews.n; k++) {
		const struct forge_review *r = &seen->reviews.at[k];
		bool decisive = r->state == REVIEW_APPROVED || r->state == REVIEW_CHANGES_REQUESTED;

		if (decisive)
			add(ret, &r->user);
		if (ret->n > REVIEWERS_MAX)
			return err_set(err, ERR_LIMIT, "more than %d reviewers", REVIEWERS_MAX);
	}
	return true;
}

static struct text login_in_people(const struct forge_list_people *people, int64_t id)
{
	for (size_t i = 0; i < people->n; i++) {
		if (people->at[i].author == id)
			return people->at[i].author_login;
		if (people->at[i].committer == id)
			return people->at[i].committer_login;
	}
	return TEXT_EMPTY;
}

static struct person person_of(const struct seen_change *seen, int64_t id)
{
	for (size_t i = 0; i < seen->reviews.n; i++)
		if (seen->reviews.at[i].user.id == id)
			return seen->reviews.at[i].user;
	if (seen->now.author.id == id)
		return seen->now.author;
	for (size_t i = 0; i < seen->moves.n; i++)
		if (seen->moves.at[i].actor == id && seen->moves.at[i].actor_login.len)
			return (struct person){id, seen->moves.at[i].actor_login, PERSON_UNKNOWN};
	return (struct person){id, login_in_people(&seen->people, id), PERSON_UNKNOWN};
}

/* *left: how many more may be added. The login of a people file is as good a guess as any: the forge says whose it is.
 */
static void add_contributor(const struct seen_change *seen, const struct signer *one, size_t *left, struct members *ret)
{
	struct person who;
	size_t before = ret->n;

	if (*left == 0 || one->id <= 0 || find(ret, one->id))
		return;
	who = person_of(seen, one->id);
	if (who.login.len == 0)
		who.login = one->login;
	add(ret, &who);
	*left -= ret->n - before;
}

static void add_contributors(const struct seen_change *seen, const struct change *change, size_t *left,
			     struct members *ret)
{
	for (size_t i = 0; i < change->n_commits; i++) {
		const struct commit *c = &change->commits[i];

		add_contributor(seen, &c->author, left, ret);
		add_contributor(seen, &c->committer, left, ret);
		for (size_t k = 0; k < c->n_coauthors; k++)
			add_contributor(seen, &c->coauthors[k], left, ret);
	}
	for (size_t i = 0; i < change->n_pushers; i++)
		add_contributor(seen, &(struct signer){.id = change->pushers[i]}, left, ret);
}

/* Where what they say may count. */
static void add_speakers(const struct seen_change *seen, size_t *left, struct members *ret)
{
	const struct forge_said *said = &seen->said;

	for (size_t i = 0; seen->said_known && i < said->n_reviews + said->n_comments; i++) {
		const struct comment *one =
			i < said->n_reviews ? &said->reviews[i] : &said->comments[i - said->n_reviews];
		size_t before = ret->n;

		if (*left > 0 && one->body.len > 0)
			add(ret, &one->user);
		*left -= ret->n - before;
	}
}

/* The newest first. */
static void add_orderers(const struct order *at, size_t n, size_t *left, struct members *ret)
{
	while (n-- > 0 && *left > 0) {
		size_t before = ret->n;

		add(ret, &at[n].by);
		*left -= ret->n - before;
	}
}

/* Contributors last, so that however many a change names, nobody else is left out for them. */
static bool everybody(const struct collect *c, const struct seen *seen, const struct asked_people *asked,
		      struct members *ret, struct err *err)
{
	size_t left = CONTRIBUTORS_MAX, speakers = SPEAKERS_MAX, orderers = ORDERERS_MAX;

	*ret = (struct members){.arena = c->arena};
	ret->at = arena_room(ret->arena, NULL, 0, &ret->room, sizeof *ret->at);
	for (size_t i = 0; i < seen->n_changes; i++)
		if (!add_reviewers(&seen->changes[i], ret, err))
			return false;
	for (size_t i = 0; i < seen->n_changes; i++) {
		struct policy_needs needs = needs_of(&asked->governed[i]);

		if (needs.author || needs.merged_before)
			add(ret, &seen->changes[i].now.author);
	}
	for (size_t i = 0; i < seen->n_changes; i++)
		add_speakers(&seen->changes[i], &speakers, ret);
	for (size_t i = 0; i < seen->n_changes; i++) {
		const struct change *change = &asked->changes[i];

		add_orderers(change->landing_asks, change->n_landing_asks, &orderers, ret);
		add_orderers(change->delegations, change->n_delegations, &orderers, ret);
	}
	for (size_t i = 0; i < seen->n_changes; i++)
		if (needs_of(&asked->governed[i]).contributors)
			add_contributors(&seen->changes[i],
					 policy_attributed(asked->governed[i].policy, &asked->changes[i], c->arena),
					 &left, ret);
	return true;
}

/* ---- what of them ---- */

static bool read_teams(const struct collect *c, const struct wanted *want, struct member *m, struct err *err)
{
	const struct names *teams = &want->teams;
	struct forge *f = c->gather->ports->forge;
	struct text *in = arena_alloc(c->arena, teams->n + 1, sizeof *in);

	for (size_t i = 0; i < teams->n; i++) {
		struct forge_membership ask = {*teams->at[i], m->who.login};
		bool is = false;

		if (f->in_team(f->self, &c->call, &ask, &is, err) != ERR_OK)
			return collect_failed(err, "team");
		if (is)
			in[m->n_teams++] = *teams->at[i];
	}
	m->teams = in;
	m->teams_known = !want->too_many;
	return true;
}

/* One that the forge does not tell leaves them all unknown. */
static bool read_organizations(const struct collect *c, const struct names *names, struct member *m, struct err *err)
{
	struct forge *f = c->gather->ports->forge;
	struct text *in = arena_alloc(c->arena, names->n + 1, sizeof *in);

	m->organizations = in;
	m->organizations_known = true;
	for (size_t i = 0; i < names->n && m->organizations_known; i++) {
		struct forge_belonging ask = {*names->at[i], m->who.login};
		enum tri is = TRI_UNKNOWN;

		if (f->belongs(f->self, &c->call, &ask, &is, err) != ERR_OK)
			return collect_failed(err, "organization");
		if (is == TRI_YES)
			in[m->n_organizations++] = *names->at[i];
		m->organizations_known = is != TRI_UNKNOWN;
	}
	if (!m->organizations_known)
		m->n_organizations = 0;
	return true;
}

/* *ret_known is false for an account that is gone or whose login is now somebody else's. */
static bool read_member(const struct collect *c, struct member *m, bool *ret_known, struct err *err)
{
	struct forge *f = c->gather->ports->forge;
	struct member now;
	enum err_code code = f->permission(f->self, &c->call, m->who.login, &now, err);

	*ret_known = code == ERR_OK && now.who.id == m->who.id;
	if (code != ERR_OK && code != ERR_GONE)
		return collect_failed(err, "permission");
	*err = ERR_NONE; /* an answer: who asks next looks at err alone, too */
	if (*ret_known) {
		m->permission = now.permission;
		m->who.type = m->who.type == PERSON_UNKNOWN ? now.who.type : m->who.type;
	}
	return true;
}

/* A login that was another account's when a policy named it, or might have been, names nobody: the rule waits. Its
 * owner now still counts by what he may do, and by number. */
static bool check_login(const struct collect *c, struct member *m, struct err *err)
{
	const struct store *store = c->gather->ports->store;
	int64_t first = m->who.id;

	if (!store)
		return true;
	if (!store_login(store, m->who.login, &first, err))
		return false;
	if (first != m->who.id)
		m->who.login = TEXT_EMPTY;
	return true;
}

static bool authored(const struct seen *seen, const struct governed *governed, int64_t id)
{
	for (size_t i = 0; i < seen->n_changes; i++)
		if (needs_of(&governed[i]).merged_before && seen->changes[i].now.author.id == id)
			return true;
	return false;
}

static bool read_past(const struct collect *c, struct member *m, struct err *err)
{
	struct forge *f = c->gather->ports->forge;

	return f->merged_before(f->self, &c->call, &m->who, &m->merged_before, err) == ERR_OK ||
	       collect_failed(err, "merged changes");
}

bool gather_people(const struct collect *c, const struct seen *seen, const struct asked_people *asked,
		   struct members *ret, struct err *err)
{
	struct wanted want = {.people = false};
	struct members all = {.n = 0}, known = {.n = 0};

	if (!wanted(seen, asked->governed, &want, err) || !everybody(c, seen, asked, &all, err))
		return false;
	for (size_t i = 0; i < seen->n_changes; i++)
		add_owners(c, &asked->governed[i], &asked->changes[i], &want);
	known.at = all.at;
	for (size_t i = 0; want.people && i < all.n; i++) {
		struct member *m = &all.at[i];
		bool is_known;

		if (!gather_check_person(c, m->who.id, &all.unsettled, err) || !read_member(c, m, &is_known, err))
			return false;
		if (!is_known)
			continue;
		if (!read_teams(c, &want, m, err) || !read_organizations(c, &want.organizations, m, err) ||
		    (authored(seen, asked->governed, m->who.id) && !read_past(c, m, err)) ||
		    (want.logins && !check_login(c, m, err)))
			return false;
		known.at[known.n++] = *m;
	}
	known.unsettled = all.unsettled;
	*ret = known;
	return true;
}
