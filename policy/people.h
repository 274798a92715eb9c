/*
 * people: a file of the base branch that says whose an e-mail is, in YAML or JSON:
 *
 *     ada@example.org: 17
 *     grace@example.org: { id: 4, login: grace }
 *
 * Addresses are compared without case. What is no such map, names one address twice, or is larger than the limits is a
 * problem of the whole file: nobody is then known by it. A login is for display alone; the forge's own is refused.
 *
 * Owned by the arena, never changed after reading, read by any thread. Pure.
 */
#ifndef POLICY_PEOPLE_H
#define POLICY_PEOPLE_H

#include "policy/policy.h"

#define PEOPLE_BYTES_MAX ((size_t)1 << 20)
#define PEOPLE_NODES_MAX 100000
#define PEOPLE_EMAIL_MAX 320 /* bytes */

struct known_email {
	struct text email; /* in lower case */
	int64_t id;
	struct text login; /* empty: not said */
};

struct people {
	const struct known_email *at; /* in order of their addresses */
	size_t n;
};

bool people_read(struct text bytes, struct arena *arena, struct people *ret, struct problem *problem);
const struct known_email *people_find(const struct people *people, struct text email); /* NULL: not there */

#endif
