#include "policy/scene_inner.h"

void scene_introduce(struct scene *scene, const struct member *member)
{
	size_t i = 0;

	while (i < scene->facts.n_people && scene->people[i].who.id != member->who.id)
		i++;
	if (i == scene->facts.n_people) {
		scene->people = scene_grown(scene->arena, scene->people, i, sizeof *scene->people);
		scene->facts.n_people++;
	}
	scene->people[i] = *member;
	scene->facts.people = scene->people;
}

static bool permission(struct scene *scene, const struct yaml *value, enum permission *ret)
{
	static const char *const names[] = {"unknown", "none", "read", "triage", "write", "maintain", "admin"};
	size_t i;

	if (!scene_word(scene, value, names, sizeof names / sizeof names[0], &i))
		return false;
	*ret = permission_parse(text_of(names[i]));
	return true;
}

/* A list, or `unknown`. */
static bool groups(struct scene *scene, const struct yaml *value, const struct text **ret, size_t *ret_n,
		   bool *ret_known)
{
	*ret_known = value->kind != YAML_SCALAR;
	if (!*ret_known)
		return text_is(value->text, "unknown") || scene_wrong(scene, value, "expected a list, or `unknown`");
	return scene_texts(scene, value, ret, ret_n);
}

static bool read_details(struct scene *scene, const struct yaml *value, struct member *member)
{
	enum { ID, PERMISSION, TYPE, TEAMS, ORGANIZATIONS, MERGED, N };
	static const char *const names[N] = {"id", "permission", "type", "teams", "organizations", "merged_before"};
	static const char *const types[] = {"user", "bot"};
	const struct yaml *at[N];
	bool merged = false;
	size_t type = 0;

	if (!scene_members(scene, value, names, N, at))
		return false;
	if (at[ID] && (!scene_int(scene, at[ID], &member->who.id) || member->who.id == 0))
		return scene_wrong(scene, at[ID], "an id is a number above 0");
	if ((at[PERMISSION] && !permission(scene, at[PERMISSION], &member->permission)) ||
	    (at[TYPE] && !scene_word(scene, at[TYPE], types, 2, &type)) ||
	    (at[MERGED] && !scene_bool(scene, at[MERGED], &merged)))
		return false;
	member->who.type = type == 1 ? PERSON_BOT : PERSON_USER;
	member->merged_before = merged ? TRI_YES : TRI_NO;
	return (!at[TEAMS] || groups(scene, at[TEAMS], &member->teams, &member->n_teams, &member->teams_known)) &&
	       (!at[ORGANIZATIONS] || groups(scene, at[ORGANIZATIONS], &member->organizations, &member->n_organizations,
					     &member->organizations_known));
}

static const struct member *by_login(const struct scene *scene, struct text login)
{
	for (size_t i = 0; i < scene->facts.n_people; i++)
		if (text_eq_nocase(scene->people[i].who.login, login))
			return &scene->people[i];
	return NULL;
}

static bool same_number(struct scene *scene, const struct yaml *key, const struct member *member)
{
	const struct member *other = facts_member(&scene->facts, member->who.id);

	if (!other || text_eq_nocase(other->who.login, member->who.login))
		return false;
	(void)scene_wrong(scene, key, "`%.*s` has the number of `%.*s`: give one of them another `id`",
			  TEXT_ARG(text_cut(member->who.login, 40)), TEXT_ARG(text_cut(other->who.login, 40)));
	return true;
}

bool scene_people(struct scene *scene, const struct yaml *value)
{
	if (value->kind != YAML_MAP)
		return scene_wrong(scene, value, "expected a map of logins, such as {alice: write}");
	for (size_t i = 0; i < value->n; i++) {
		struct text login = value->keys[i].text;
		const struct member *before = by_login(scene, login);
		struct member member = {.who = {scene_id(login), login, PERSON_USER},
					.permission = PERMISSION_NONE,
					.teams_known = true,
					.organizations_known = true,
					.merged_before = TRI_NO};
		bool details = value->items[i].kind == YAML_MAP;

		if (login.len == 0 || text_is(login, "nobody") || text_is(login, "unknown"))
			return scene_wrong(scene, &value->keys[i], "`%.*s` is no login", TEXT_ARG(login));
		if (before)
			member.who.id = before->who.id;
		if (details ? !read_details(scene, &value->items[i], &member)
			    : !permission(scene, &value->items[i], &member.permission))
			return false;
		if (same_number(scene, &value->keys[i], &member))
			return false;
		scene_introduce(scene, &member);
	}
	return true;
}

bool scene_person(struct scene *scene, const struct yaml *value, struct person *ret)
{
	const struct member *member;
	const char **names;

	if (value->kind != YAML_SCALAR)
		return scene_wrong(scene, value, "expected somebody's login");
	if (text_is(value->text, "nobody")) {
		*ret = (struct person){0, TEXT_EMPTY, PERSON_UNKNOWN};
		return true;
	}
	member = by_login(scene, value->text);
	if (member) {
		*ret = member->who;
		return true;
	}
	names = arena_alloc(scene->arena, scene->facts.n_people + 1, sizeof *names);
	for (size_t i = 0; i < scene->facts.n_people; i++)
		names[i] = arena_text(scene->arena, scene->people[i].who.login).at;
	return scene_unknown(scene->problem, value, "person", names, scene->facts.n_people);
}
