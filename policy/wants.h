/*
 * wants: whose permissions, teams and organizations, and which tools' words, a policy asks for, gathered while its
 * rules are walked. Begins as
 * {.arena = ...}; what it gathers lives in the arena. Inner to policy/.
 */
#ifndef POLICY_WANTS_H
#define POLICY_WANTS_H

#include "policy/actors.h"
#include "policy/predicate.h"

struct wanted_names { /* each once, in the order of the policy */
	struct text *items;
	size_t n, room;
};

struct wants {
	struct arena *arena;
	struct wanted_names teams, organizations;
	bool author, contributors, logins, merged_before, bugs;
	bool only_warns; /* set by who walks the rules: what comes now holds nothing back */
	struct watched_name *watched;
	size_t n_watched, room_watched;
};

void wants_actors(struct wants *wants, const struct actors *actors);
void wants_conditions(struct wants *wants, const struct conditions *all); /* and those inside them */

/* The fields of *needs of the same names; the others stay. */
void wants_tell(const struct wants *wants, struct policy_needs *needs);

#endif
