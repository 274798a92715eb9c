/*
 * Permissions and memberships now, of those whose review may count. A login answers with an id; when that is not the
 * reviewer's, the login has a new owner, and nothing is known of the reviewer. Where a policy names people by login,
 * the account that had it first is remembered.
 */
#include "agent/work/gather_inner.h"

#define PEOPLE_MAX 300

struct wanted_teams {
	const struct text *at[64];
	size_t n;
	bool people, logins;
};

static bool add_team(struct wanted_teams *teams, const struct text *team, struct err *err)
{
	for (size_t i = 0; i < teams->n; i++)
		if (text_eq(*teams->at[i], *team))
			return true;
	if (teams->n == sizeof teams->at / sizeof teams->at[0])
		return err_set(err, ERR_LIMIT, "more than %zu teams in the policies of one head", teams->n);
	teams->at[teams->n++] = team;
	return true;
}

static bool wanted(const struct seen *seen, const struct governed *governed, struct wanted_teams *ret, struct err *err)
{
	for (size_t i = 0; i < seen->n_changes; i++) {
		struct policy_needs needs;

		if (!governed[i].policy)
			continue;
		needs = policy_needs(governed[i].policy);
		ret->people = ret->people || needs.people || needs.n_teams;
		ret->logins = ret->logins || needs.logins;
		for (size_t t = 0; t < needs.n_teams; t++)
			if (!add_team(ret, &needs.teams[t], err))
				return false;
	}
	return true;
}

static bool have(const struct member *at, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (at[i].who.id == id)
			return true;
	return false;
}

/* Everybody with a review that approves or asks for changes, by the order of reviews. */
static bool reviewers(const struct collect *c, const struct seen *seen, struct members *ret, struct err *err)
{
	struct member *at = arena_alloc(c->arena, PEOPLE_MAX, sizeof *at);
	size_t n = 0;

	for (size_t i = 0; i < seen->n_changes; i++)
		for (size_t k = 0; k < seen->changes[i].reviews.n; k++) {
			const struct forge_review *r = &seen->changes[i].reviews.at[k];
			bool decisive = r->state == REVIEW_APPROVED || r->state == REVIEW_CHANGES_REQUESTED;

			if (!decisive || r->user.id <= 0 || !r->user.login.len || have(at, n, r->user.id))
				continue;
			if (n == PEOPLE_MAX)
				return err_set(err, ERR_LIMIT, "more than %d reviewers", PEOPLE_MAX);
			at[n++].who = r->user;
		}
	*ret = (struct members){.at = at, .n = n};
	return true;
}

static bool read_teams(const struct collect *c, const struct wanted_teams *teams, struct member *m, struct err *err)
{
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
	m->teams_known = true;
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
	if (*ret_known)
		m->permission = now.permission;
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

bool gather_people(const struct collect *c, const struct seen *seen, const struct governed *governed,
		   struct members *ret, struct err *err)
{
	struct wanted_teams teams = {.n = 0};
	struct members all = {.n = 0}, known = {.n = 0};

	if (!wanted(seen, governed, &teams, err) || !reviewers(c, seen, &all, err))
		return false;
	known.at = all.at;
	for (size_t i = 0; teams.people && i < all.n; i++) {
		bool is_known;

		if (!gather_check_person(c, all.at[i].who.id, &all.unsettled, err) ||
		    !read_member(c, &all.at[i], &is_known, err))
			return false;
		if (!is_known)
			continue;
		if (!read_teams(c, &teams, &all.at[i], err) || (teams.logins && !check_login(c, &all.at[i], err)))
			return false;
		known.at[known.n++] = all.at[i];
	}
	known.unsettled = all.unsettled;
	*ret = known;
	return true;
}
