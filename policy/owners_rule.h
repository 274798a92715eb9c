/*
 * owners_rule: `requires.owners`, by which a rule asks for those whose the changed files are. Reading it, what it
 * needs, and how far the reviews that count cover what was changed.
 *
 * Promises: a path is covered when enough people who own it, or whom the rule names besides, gave a review that counts.
 * Both names of a renamed file are paths; a link or submodule is also the folder it could be. Whoever cannot be proved
 * to own a path does not: an e-mail, a team of another organization, an owner of CODEOWNERS without write access. A
 * file, a line, a login or a team that is not known waits or blocks. The file is the base branch's, so a change to it
 * never speaks for itself. Pure.
 */
#ifndef POLICY_OWNERS_RULE_H
#define POLICY_OWNERS_RULE_H

#include "policy/reviews.h"

#define OWNERS_RULES_PER_POLICY 8  /* each reads its file again */
#define OWNERS_TEAMS_MAX        32 /* that own what one change touches; each costs a request a reviewer */

struct rule_owners {
	struct text file;   /* a path, or "CODEOWNERS": where the forge looks for it */
	bool per_change;    /* any owner of any path covers all of them */
	bool unowned_write; /* what nobody owns needs somebody with write access; else it blocks */
};

struct parse;
struct yaml;
bool owners_key_read(struct parse *parse, const struct yaml *value, struct rule *ret);
/* After the rule's other keys: a count that was not given is 1. */
bool owners_key_complete(struct parse *parse, const struct yaml *node, struct rule *ret);
/* A path that a policy may name: of plain letters, since it becomes a pattern of the guarded files, too. */
bool base_file_plain(struct text path);
/* Fills needs.owners_files, with the people file among them. */
void owners_needs(struct policy *policy, struct arena *arena);

struct coverage {
	enum tri covered;
	bool blocking;    /* no review can cover it */
	struct text next; /* unless covered */
};

/* *tally: what reviews_count says of the rule; whoever owns nothing of the change is moved to its ignored ones. */
struct coverage owners_cover(const struct rule *rule, const struct judging *on, struct tally *tally);

#endif
