/*
 * actors: whom a policy names, as alternatives: by account, team, organization or permission. One table of keys reads
 * them wherever they stand (`requires`, `disapproval.requires`, has_author_in, ...), one function matches them.
 *
 * Promise: three values. Whether somebody is meant whose permission, teams, organizations or login are not known, or
 * whom nothing names (id 0), is TRI_UNKNOWN: neither yes nor no. Plain values in the policy's arena; any thread.
 */
#ifndef POLICY_ACTORS_H
#define POLICY_ACTORS_H

#include "policy/facts.h"

struct account {    /* somebody a policy names */
	int64_t id; /* 0: named by login, which is compared without case */
	struct text login;
};

/* Whoever matches one of them qualifies. */
struct actors {
	const struct account *users;
	size_t n_users;
	const struct text *teams; /* "org/slug" */
	size_t n_teams;
	const struct text *organizations;
	size_t n_organizations;
	enum permission permission; /* this or a higher one; UNKNOWN: none is listed */
};

/* How a policy writes them, for the type of a key. */
#define ACTORS_TYPE                                                                                                    \
	"{users: [login], teams: [team], organizations: [name], "                                                      \
	"permissions: [read|triage|write|maintain|admin], admins: boolean, write_collaborators: boolean}"

struct keys;
struct parse;
struct yaml;
extern const struct keys keys_actors; /* out: struct actors */

/* One of these keys, for a map that has others, too. */
bool actors_key(struct parse *parse, const char *key, const struct yaml *value, struct actors *actors);

/* A map of these keys alone, which names at least somebody; false: *parse->problem says why. */
bool actors_read(struct parse *parse, const struct yaml *map, const char *what, struct actors *actors);

/* False: nobody is named, whoever they are. */
bool actors_any(const struct actors *actors);
bool actors_by_login(const struct actors *actors);

enum tri actors_match(const struct actors *actors, const struct facts *facts, int64_t id);

/* "anybody with write access, ada or a member of acme/core": printable, the first few by name (actors_said.c). */
struct text actors_said(const struct actors *actors, struct arena *arena);

#endif
