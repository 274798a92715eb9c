#include "policy/actors.h"

#include "policy/keys.h"
#include "policy/rules.h"

static void permit(struct actors *actors, enum permission least)
{
	if (actors->permission == PERMISSION_UNKNOWN || least < actors->permission)
		actors->permission = least;
}

static enum permission permission_named(struct text name)
{
	for (enum permission p = PERMISSION_READ; p <= PERMISSION_ADMIN; p++)
		if (text_eq_nocase(name, text_of(permission_name(p))))
			return p;
	return PERMISSION_UNKNOWN;
}

static bool read_permissions(struct parse *parse, const struct yaml *value, void *out)
{
	const struct text *names;
	size_t n;

	if (!read_texts(parse, value, &names, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		enum permission p = permission_named(names[i]);

		if (p == PERMISSION_UNKNOWN)
			return yaml_problem(&value->items[i], parse->problem,
					    "a permission is read, triage, write, maintain or admin");
		permit(out, p);
	}
	return true;
}

/* `admins` and `write_collaborators` are older words for a permission. */
static bool read_old_word(struct parse *parse, const struct yaml *value, enum permission least, struct actors *actors)
{
	bool on = false;

	if (!read_bool(parse, value, &on))
		return false;
	if (on)
		permit(actors, least);
	return true;
}

static bool read_admins(struct parse *parse, const struct yaml *value, void *out)
{
	return read_old_word(parse, value, PERMISSION_ADMIN, out);
}

static bool read_writers(struct parse *parse, const struct yaml *value, void *out)
{
	return read_old_word(parse, value, PERMISSION_WRITE, out);
}

/* Of letters, digits, . _ and -: whoever writes @name, or a letter that looks like another, would name nobody. */
static bool can_be_name(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		char c = t.at[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
			return false;
	}
	return t.len > 0;
}

static bool account(struct text name, struct account *ret)
{
	struct text prefix = TEXT_LIT("id:"), app = TEXT_LIT("[bot]");

	ret->login = name;
	ret->id = 0;
	if (!text_starts(name, prefix))
		return can_be_name((struct text){name.at, name.len - (text_ends(name, app) ? app.len : 0)});
	return text_int64((struct text){name.at + prefix.len, name.len - prefix.len}, &ret->id) && ret->id > 0;
}

static bool read_users(struct parse *parse, const struct yaml *value, void *out)
{
	struct actors *actors = out;
	const struct text *names;
	struct account *users;
	size_t n;

	if (!read_texts(parse, value, &names, &n))
		return false;
	users = arena_alloc(parse->arena, n, sizeof *users);
	for (size_t i = 0; i < n; i++)
		if (!account(names[i], &users[i]))
			return yaml_problem(&value->items[i], parse->problem,
					    "a user is a login, without `@`, or id:NUMBER");
	actors->users = users;
	actors->n_users = n;
	return true;
}

static bool read_teams(struct parse *parse, const struct yaml *value, void *out)
{
	struct actors *actors = out;

	if (!read_texts(parse, value, &actors->teams, &actors->n_teams))
		return false;
	for (size_t i = 0; i < actors->n_teams; i++) {
		struct text team = actors->teams[i];
		size_t slash = text_find(team, TEXT_LIT("/"));

		if (slash == SIZE_MAX || !can_be_name((struct text){team.at, slash}) ||
		    !can_be_name((struct text){team.at + slash + 1, team.len - slash - 1}))
			return yaml_problem(&value->items[i], parse->problem,
					    "a team is written org/slug, without `@` and blanks");
	}
	return true;
}

static bool read_organizations(struct parse *parse, const struct yaml *value, void *out)
{
	struct actors *actors = out;

	if (!read_texts(parse, value, &actors->organizations, &actors->n_organizations))
		return false;
	for (size_t i = 0; i < actors->n_organizations; i++)
		if (!can_be_name(actors->organizations[i]))
			return yaml_problem(&value->items[i], parse->problem,
					    "an organization is one name, without `@`; org/slug is a team");
	return true;
}

static const struct key rows[] = {
	{{"users", NULL, NULL}, read_users},
	{{"teams", NULL, NULL}, read_teams},
	{{"organizations", NULL, NULL}, read_organizations},
	{{"permissions", NULL, NULL}, read_permissions},
	{{"admins", NULL, NULL}, read_admins},
	{{"write_collaborators", NULL, NULL}, read_writers},
};
const struct keys keys_actors = KEYS(rows);

bool actors_key(struct parse *parse, const char *key, const struct yaml *value, struct actors *actors)
{
	bool ok = false;

	for (size_t i = 0; i < keys_actors.n; i++)
		if (text_is(text_of(key), key_name(&rows[i])))
			ok = rows[i].read(parse, value, actors);
	return ok;
}

bool actors_read(struct parse *parse, const struct yaml *map, const char *what, struct actors *actors)
{
	if (!keys_read(parse, map, &keys_actors, what, actors))
		return false;
	if (!actors_any(actors))
		return yaml_problem(map, parse->problem,
				    "`%s` names nobody: give `users`, `teams`, `organizations` or `permissions`", what);
	return true;
}

bool actors_any(const struct actors *actors)
{
	return actors->n_users > 0 || actors->n_teams > 0 || actors->n_organizations > 0 ||
	       actors->permission != PERMISSION_UNKNOWN;
}

bool actors_by_login(const struct actors *actors)
{
	for (size_t i = 0; i < actors->n_users; i++)
		if (actors->users[i].id == 0)
			return true;
	return false;
}

/* ---- matching ---- */

/* Three-valued or. */
static enum tri either(enum tri a, enum tri b)
{
	if (a == TRI_YES || b == TRI_YES)
		return TRI_YES;
	return a == TRI_UNKNOWN || b == TRI_UNKNOWN ? TRI_UNKNOWN : TRI_NO;
}

static enum tri user_listed(const struct actors *actors, const struct member *member, int64_t id)
{
	enum tri answer = TRI_NO;

	for (size_t i = 0; i < actors->n_users; i++) {
		const struct account *user = &actors->users[i];

		if (user->id != 0 ? user->id == id : member && text_eq_nocase(user->login, member->who.login))
			return TRI_YES;
		if (user->id == 0 && (!member || member->who.login.len == 0))
			answer = TRI_UNKNOWN;
	}
	return answer;
}

static bool share(const struct text *a, size_t n_a, const struct text *b, size_t n_b)
{
	for (size_t i = 0; i < n_a; i++)
		for (size_t k = 0; k < n_b; k++)
			if (text_eq_nocase(a[i], b[k]))
				return true;
	return false;
}

static enum tri in_team(const struct actors *actors, const struct member *member)
{
	if (actors->n_teams == 0)
		return TRI_NO;
	if (!member || !member->teams_known)
		return TRI_UNKNOWN;
	return share(actors->teams, actors->n_teams, member->teams, member->n_teams) ? TRI_YES : TRI_NO;
}

static enum tri in_organization(const struct actors *actors, const struct member *member)
{
	if (actors->n_organizations == 0)
		return TRI_NO;
	if (!member || !member->organizations_known)
		return TRI_UNKNOWN;
	return share(actors->organizations, actors->n_organizations, member->organizations, member->n_organizations)
		       ? TRI_YES
		       : TRI_NO;
}

static enum tri permitted(enum permission least, const struct member *member)
{
	if (least == PERMISSION_UNKNOWN)
		return TRI_NO;
	if (!member || member->permission == PERMISSION_UNKNOWN)
		return TRI_UNKNOWN;
	return member->permission >= least ? TRI_YES : TRI_NO;
}

enum tri actors_match(const struct actors *actors, const struct facts *facts, int64_t id)
{
	const struct member *member = facts_member(facts, id);
	enum tri named = either(user_listed(actors, member, id), in_team(actors, member));

	if (id == 0)
		return TRI_UNKNOWN;
	return either(either(named, in_organization(actors, member)), permitted(actors->permission, member));
}
