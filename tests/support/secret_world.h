/*
 * secret_world: worlds by seed for tests of what the public can learn. Each is a random policy with restricted rules in
 * every place where a rule can stand, random public facts (one or two changes of one head, or a merge group), and any
 * number of secrets: sets of bugs that differ in everything that a tracker may say. The same seed gives the same world
 * everywhere.
 *
 * A world is drawn in two steps, since policies cost most: secret_policy, then secret_draw as often as wanted.
 * Everything lives in the world's arena; secret_draw drops what the last one drew.
 */
#ifndef TESTS_SUPPORT_SECRET_WORLD_H
#define TESTS_SUPPORT_SECRET_WORLD_H

#include "tests/support/case.h"
#include "tests/support/row_dice.h"

enum { SECRET_IDS = 6, SECRET_TRACKERS = 2, SECRET_BUGS = SECRET_IDS * SECRET_TRACKERS, SECRET_CHANGES = 2 };

struct secret_bugs { /* one secret: what trackers say; a bug that they do not speak of is not among them */
	struct bug items[SECRET_BUGS];
	size_t n;
};

struct secret_world {
	struct dice dice;
	struct arena policies, arena;
	struct text policy_text;
	const struct policy *policy;
	size_t refused; /* texts drawn that were no policy */
	struct example example;
	struct change changes[SECRET_CHANGES];
	struct commit commits[SECRET_CHANGES][2];
	struct constituent constituents[SECRET_CHANGES];
	struct group group;
	struct facts facts;
	struct governed governed[2 * SECRET_CHANGES];
};

void secret_open(struct secret_world *w, uint64_t seed);
void secret_close(struct secret_world *w);
void secret_policy(struct secret_world *w);
void secret_draw(struct secret_world *w);
/* One more secret of this world. */
void secret_bugs(struct secret_world *w, struct secret_bugs *ret);

/* The verdict of the drawn world where trackers say this; context: empty for the server's own. */
struct verdict secret_judge(struct secret_world *w, const struct secret_bugs *bugs, struct text context,
			    struct arena *arena);

/* One bug in a line, for people who look for a leak. */
struct text secret_print(const struct bug *bug, struct arena *arena);

#endif
