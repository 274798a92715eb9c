/*
 * links: which commits' newest verdicts asked about a thing that stands outside of the forge (a bug, a tree): one row a
 * commit and thing, in a table of its own for each kind. What happens to a thing reaches exactly those commits: what it
 * costs grows with those. Private to agent/store; bugs.c and trees.c say what their kind is.
 */
#ifndef AGENT_STORE_LINKS_H
#define AGENT_STORE_LINKS_H

#include "agent/store/steps.h"

struct link { /* what one row says */
	int64_t repo;
	struct oid sha;
	bool weighs;
};
struct links { /* of one kind */
	const struct table *table;
	size_t by_sha;  /* its index (repo, sha) */
	size_t n_thing; /* columns that name the thing: the first of its primary key */
	size_t max;     /* of one commit */
	struct link (*of)(const void *row);
};

/* Drops what the newest verdict of a commit does not ask about any more. `commit`: a row with its repo and sha. */
struct links_asked {
	const void *commit;
	const struct conclusion *in;
	bool (*is_asked)(const struct conclusion *in, const void *row);
};
bool links_drop_stale(struct step *step, const struct links *links, const struct links_asked *asked);

/* Something happened to a thing: each commit that is linked to it is judged again, and where it weighs its success is
 * taken back, with this text (empty: of none). What has landed is let go instead. *ret_any: there was one. */
struct links_news {
	const void *thing; /* a row with its name */
	struct text revoke;
};
bool links_reach(struct step *step, const struct links *links, const struct links_news *news, bool *ret_any);

#endif
