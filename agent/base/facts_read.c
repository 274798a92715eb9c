/*
 * Facts from JSON: small functions share one `reading` (facts_reading.h), so that a wrong value anywhere stops
 * everything and is named by its path. Changes: facts_read_change.c.
 */
#include "agent/base/facts_json.h"

#include "agent/base/facts_bugs.h"
#include "agent/base/facts_reading.h"
#include "agent/base/facts_trees.h"

#include <stdio.h>

#define FACTS_VERSION 1

static struct change *get_changes(struct reading *r, jval root, struct facts *ret)
{
	jval all;
	struct change *changes;

	ret->changes_known = reading_array(r, root, "changes", &all, &ret->n_changes);
	changes = arena_alloc(r->arena, ret->n_changes, sizeof *changes);
	(void)reading_enter(r, "changes", 0);
	for (size_t i = 0; i < ret->n_changes && !r->bad; i++) {
		size_t before = reading_enter(r, NULL, i);

		if (!jis_object(jat(all, i)))
			reading_wrong(r, "", "not an object");
		reading_change(r, jat(all, i), &changes[i]);
		reading_leave(r, before);
	}
	reading_leave(r, 0);
	ret->changes = changes;
	return changes;
}

static bool get_names(struct reading *r, jval object, const char *key, const struct text **ret, size_t *ret_n)
{
	struct text *names;
	jval all;
	bool known = reading_array(r, object, key, &all, ret_n);

	names = arena_alloc(r->arena, *ret_n, sizeof *names);
	for (size_t i = 0; i < *ret_n; i++)
		names[i] = reading_text_value(r, jat(all, i), key);
	*ret = names;
	return known;
}

static void get_member(struct reading *r, jval at, struct member *ret)
{
	static const char *const keys[] = {"login",         "type",          "permission", "teams",
					   "organizations", "merged_before", NULL};
	bool known;

	reading_keys(r, at, keys);
	ret->who.login = reading_text(r, at, "login");
	ret->who.type = (enum person_type)reading_word(r, at, "type", reading_person_types);
	ret->permission = permission_parse(reading_text(r, at, "permission"));
	if (jget(at, "permission") && ret->permission == PERMISSION_UNKNOWN)
		reading_wrong(r, "permission", "not a known word");
	ret->teams_known = get_names(r, at, "teams", &ret->teams, &ret->n_teams);
	ret->organizations_known = get_names(r, at, "organizations", &ret->organizations, &ret->n_organizations);
	ret->merged_before = reading_bool(r, at, "merged_before", &known) ? TRI_YES : TRI_NO;
	ret->merged_before = known ? ret->merged_before : TRI_UNKNOWN;
}

static size_t members(jval object)
{
	size_t i = 0, n = 0;
	struct text key;
	jval value;

	while (jmember(object, &i, &key, &value))
		n++;
	return n;
}

static void get_people(struct reading *r, jval root, struct facts *ret)
{
	jval all, value;
	struct member *people;
	struct text key;
	size_t at = 0, n = 0;

	if (!reading_object(r, root, "people", &all))
		return;
	people = arena_alloc(r->arena, members(all), sizeof *people);
	(void)reading_enter(r, "people", 0);
	while (!r->bad && jmember(all, &at, &key, &value)) {
		char name[24];
		size_t before;

		(void)snprintf(name, sizeof name, "%.*s", TEXT_ARG(text_cut(key, sizeof name - 1)));
		before = reading_enter(r, name, 0);
		if (!text_int64(key, &people[n].who.id) || people[n].who.id <= 0)
			reading_wrong(r, "", "not an id");
		else if (!jis_object(value))
			reading_wrong(r, "", "not an object");
		else
			get_member(r, value, &people[n++]);
		reading_leave(r, before);
	}
	reading_leave(r, 0);
	ret->people = people;
	ret->n_people = n;
}

/* ---- outcomes: two lists of them, each of which may be unknown ---- */

static void read_status(struct reading *r, jval at, struct outcome *ret)
{
	static const char *const keys[] = {"kind", "name", "app", "app_id", "creator_id", "state", NULL};
	static const char *const kinds[] = {"", "status", "check", NULL};

	reading_keys(r, at, keys);
	ret->kind = reading_word(r, at, "kind", kinds) == 2 ? OUTCOME_CHECK : OUTCOME_STATUS;
	ret->creator_id = reading_id(r, at, "creator_id");
}

static void read_workflow(struct reading *r, jval at, struct outcome *ret)
{
	static const char *const keys[] = {"name", "event", "app", "app_id", "state", NULL};

	reading_keys(r, at, keys);
	ret->kind = OUTCOME_WORKFLOW;
	ret->event = reading_text(r, at, "event");
}

static const struct {
	const char *key;
	enum fact fact;
	void (*read)(struct reading *r, jval at, struct outcome *ret);
} outcome_lists[] = {{"statuses", FACT_STATUSES, read_status}, {"workflows", FACT_WORKFLOWS, read_workflow}};
enum { OUTCOME_LISTS = sizeof outcome_lists / sizeof outcome_lists[0] };

static void get_outcome(struct reading *r, jval at, struct outcome *ret)
{
	if (!jis_object(at))
		reading_wrong(r, "", "not an object");
	ret->name = reading_text(r, at, "name");
	ret->app = reading_text(r, at, "app");
	ret->app_id = reading_id(r, at, "app_id");
	ret->state = reading_text(r, at, "state");
}

/* What was said of the head was read for all of its changes, or for none. After get_changes. */
static void get_outcomes(struct reading *r, jval root, struct facts *ret, struct change *changes)
{
	jval all[OUTCOME_LISTS];
	size_t n[OUTCOME_LISTS], room = 0;
	struct outcome *outcomes;

	for (size_t k = 0; k < OUTCOME_LISTS; k++) {
		bool known = reading_array(r, root, outcome_lists[k].key, &all[k], &n[k]);

		room += n[k];
		for (size_t i = 0; i < ret->n_changes; i++)
			changes[i].known |= known ? (unsigned)outcome_lists[k].fact : 0;
	}
	outcomes = arena_alloc(r->arena, room, sizeof *outcomes);
	for (size_t k = 0; k < OUTCOME_LISTS; k++) {
		size_t before = reading_enter(r, outcome_lists[k].key, 0);

		for (size_t i = 0; i < n[k] && !r->bad; i++) {
			size_t outer = reading_enter(r, NULL, i);

			get_outcome(r, jat(all[k], i), &outcomes[ret->n_outcomes]);
			outcome_lists[k].read(r, jat(all[k], i), &outcomes[ret->n_outcomes++]);
			reading_leave(r, outer);
		}
		reading_leave(r, before);
	}
	ret->outcomes = outcomes;
}

static void get_facts(struct reading *r, jval root, struct facts *ret);

static void get_group(struct reading *r, jval at, struct group *ret)
{
	struct constituent *to;
	jval all;

	ret->base_ref = reading_text(r, at, "base_ref");
	ret->unmerged = reading_oid(r, at, "unmerged");
	(void)reading_array(r, at, "constituents", &all, &ret->n_constituents);
	to = arena_alloc(r->arena, ret->n_constituents, sizeof *to);
	for (size_t i = 0; i < ret->n_constituents && !r->bad; i++) {
		to[i].number = reading_int(r, jat(all, i), "number");
		get_facts(r, jget(jat(all, i), "facts"), &to[i].facts); /* as deep as the parser allows */
	}
	ret->constituents = to;
}

static void get_groups(struct reading *r, jval root, struct facts *ret)
{
	struct group *groups;
	jval all;

	(void)reading_array(r, root, "groups", &all, &ret->n_groups);
	groups = arena_alloc(r->arena, ret->n_groups, sizeof *groups);
	for (size_t i = 0; i < ret->n_groups && !r->bad; i++)
		get_group(r, jat(all, i), &groups[i]);
	ret->groups = groups;
}

static void get_facts(struct reading *r, jval root, struct facts *ret)
{
	static const char *const keys[] = {"version",       "now",     "repo",      "head",     "allowed_before",
					   "superseded_by", "changes", "people",    "statuses", "bugs",
					   "shadowed_by",   "groups",  "workflows", "trees",    NULL};
	static const char *const repo_keys[] = {"id", "name", NULL};
	struct change *changes;
	jval repo;

	if (!jis_object(root))
		reading_wrong(r, "facts", "not an object");
	reading_keys(r, root, keys);
	if (reading_int(r, root, "version") != FACTS_VERSION)
		reading_wrong(r, "version", "must be 1");
	ret->now = reading_when(r, root, "now");
	if (reading_object(r, root, "repo", &repo)) {
		size_t before = reading_enter(r, "repo", 0);

		reading_keys(r, repo, repo_keys);
		ret->repo = reading_id(r, repo, "id");
		ret->repo_name = reading_text(r, repo, "name");
		reading_leave(r, before);
	}
	ret->head = reading_oid(r, root, "head");
	ret->allowed_before = reading_bool(r, root, "allowed_before", NULL);
	ret->superseded_by = reading_oid(r, root, "superseded_by");
	ret->shadowed = jget(root, "shadowed_by") != NULL;
	ret->shadowed_by = reading_text(r, root, "shadowed_by");
	changes = get_changes(r, root, ret);
	get_outcomes(r, root, ret, changes);
	get_people(r, root, ret);
	facts_get_bugs(r, root, ret);
	facts_get_trees(r, root, ret);
	get_groups(r, root, ret);
}

bool facts_decode(struct text json, struct arena *arena, struct facts *ret, struct err *err)
{
	struct reading r = {.arena = arena, .err = err};
	struct jdoc *doc = jdoc_parse(json, err);
	struct facts facts = {0};

	if (!doc)
		return false;
	get_facts(&r, jdoc_root(doc), &facts);
	jdoc_free(doc);
	if (r.bad)
		return false;
	*ret = facts;
	return true;
}
