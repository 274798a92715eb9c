/*
 * bodies: both bodies of the mirror port over one repository: the bare mirror of tests/support/mirrored.h, and REST
 * over a world that has the same objects. A test may spoil the world's answers (bodies.world.look).
 */
#ifndef TESTS_SUPPORT_BODIES_H
#define TESTS_SUPPORT_BODIES_H

#include "agent/forge/github_mirror.h"
#include "tests/support/mirrored.h"
#include "tests/support/world_port.h"

struct bodies {
	struct mirrored bare;
	struct story *story;
	struct world_port world;
	struct access *access;
	struct github *github;
	struct github_mirror *rest;
	struct mirror port; /* over REST */
	struct mirror_where where;
	int64_t now;
	char token[64];
};

/* The script makes dir/work; all its branches are in the world's o/r, too. */
void bodies_begin(struct bodies *b, const char *script, size_t kept_bytes);
void bodies_end(struct bodies *b);

/* Once more: branches that were made since. */
void bodies_share(struct bodies *b);

/* Over REST; in b->bare.arena, the error in b->bare.err. */
enum err_code bodies_range(struct bodies *b, const char *base, const char *head, struct mirror_range_out *ret);

#endif
