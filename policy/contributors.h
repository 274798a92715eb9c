/*
 * contributors: everybody who had a hand in a change: its author, whom its commits name (author, committer,
 * co-authors), and who pushed. Commits are only text: whoever writes one can name anybody in it. So a list of
 * contributors can be relied on to leave nobody out, and not to hold only those who took part.
 */
#ifndef POLICY_CONTRIBUTORS_H
#define POLICY_CONTRIBUTORS_H

#include "policy/predicate.h"

#define CONTRIBUTOR_FACTS (FACT_AUTHOR | FACT_COMMITS | FACT_PUSHERS | FACT_SIGNATURES)

struct contributors {
	const int64_t *ids; /* known ones, each once, ascending */
	size_t n;
	struct text unknown; /* who else there may be, as a noun phrase; empty: nobody */
};

/* CONTRIBUTOR_FACTS must be known. A commit that the forge itself made for somebody (a merge by its button) has no
 * committer of its own where the forge's signature says so. */
struct contributors contributors_of(const struct judging *on);

/* What of the list of commits is missing, as a noun phrase; empty: it is there and ends in the head. */
struct text commits_missing(const struct judging *on);

/* What somebody is called; a number where no name is known. Printable, bounded. */
struct text contributor_name(int64_t id, const struct judging *on);

#endif
