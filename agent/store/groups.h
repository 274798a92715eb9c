/*
 * groups: commits that the forge's merge queue made, and what they were built from (agent/PROTOCOL.md).
 *
 * Life. `checks_requested` (signed) names a commit by a branch of the queue: it is a subject of its own kind, pending
 * at once. The same commit may be named by several branches; it must be right for each. `destroyed` ends the branch's
 * claim for good, also where it is told first. When none is left that lives, the relation to the constituents is
 * gone and nothing is posted there any more, but for one thing: a success on a commit that did not land is taken back,
 * because the commit could still be pushed, and it is watched until the forge has the failure. A commit that no such
 * event named is no group, whatever its branch.
 *
 * Relation. The judge notes the constituents before it reads any of their facts (store_compose). From then on each
 * event that asks for a judgement of a constituent's head asks for one of the commit, and each that revokes the head
 * revokes the commit's success, in the same transaction. Rows are only added while a group lives: one too many can
 * revoke too much for a moment, one too few would let a success stand.
 *
 * Lost events: without `checks_requested` there is no status and the queue waits; without `destroyed` the commit is
 * judged until it is found to have landed, or its branch of the queue to be gone for longer than any copy lags.
 * Private to agent/store.
 */
#ifndef AGENT_STORE_GROUPS_H
#define AGENT_STORE_GROUPS_H

#include "agent/store/steps.h"

/* wanted += 1 for each live group with this constituent; for each that shall land on this branch. */
bool groups_want(struct step *step, int64_t repo, const struct oid *head);
bool groups_want_into(struct step *step, int64_t repo, struct text base_ref);

/* Calls for the commit of each live group that has this constituent; false ends the walk and fails. */
struct groups_visit {
	bool (*visit)(void *context, struct step *step, const struct row_constituent *row);
	void *context;
};
bool groups_each(struct step *step, const struct row_constituent *head, const struct groups_visit *visit);

/* A merge group has or had this commit. */
bool groups_named(struct step *step, int64_t repo, const struct oid *sha, bool *ret);

/* Fills what a claim says of merge groups. */
bool groups_claim(struct step *step, struct claim *ret);

struct groups_count { /* the groups that have or had one commit */
	size_t all, live, landed;
};
bool groups_count(struct step *step, int64_t repo, const struct oid *sha, struct groups_count *ret);

/* This branch of the queue is over. *ret_left: others still name the commit. */
bool groups_end(struct step *step, const struct row_merge_group *group, enum group_end how, bool *ret_left);

/* The commit is on every branch that it should become: all its groups are over, and nobody looks at it any more. */
bool groups_landed(struct step *step, int64_t repo, const struct oid *sha);

/* All its groups are over and it heads no open change. What did not land and may still have success gets its failure
 * once more, also where the forge refused it before. */
bool groups_over(struct step *step, int64_t repo, const struct oid *sha);

/* The branches of the queue that a judgement found gone: as if their ends had been told, but for their reasons. */
bool groups_gone(struct step *step, const struct conclusion *in);

/* It did not land and could still be pushed: failure, where the forge may have success. */
bool groups_take_back(struct step *step, int64_t repo, const struct oid *sha, enum slot_kind kind);

#endif
