/*
 * gather_inner: what the files of gather share; nobody else includes it.
 */
#ifndef AGENT_WORK_GATHER_INNER_H
#define AGENT_WORK_GATHER_INNER_H

#include "agent/work/gather.h"
#include "webhooks/jread.h"

struct seen_change { /* what one open change was when it was read */
	struct forge_change now;
	struct told told; /* n_bindings and n_arrivals 0, floor_time WHEN_UNKNOWN without a store */
	struct forge_list_reviews reviews;
	struct forge_list_moves moves;
	struct forge_list_people people;
	struct oid tip;        /* of the base branch */
	struct text pushed_to; /* not empty: no change; a commit pushed to this branch (gather_pushed.c) */
	struct forge_said said;
	bool said_known; /* a policy asks for it, and it was read */
	struct forge_list_threads threads;
	bool threads_known; /* the same */
	int64_t *gone;      /* who gave a review that the forge has no more */
	size_t n_gone;
};

struct seen {                        /* one reading of everything that can move, but for people (gather_people.c) */
	struct seen_change *changes; /* open with this head, by number */
	size_t n_changes;
	bool landed;                 /* a branch that it was pushed for has it */
	struct forge_change *others; /* candidates that are closed or have another head */
	size_t n_others;
	struct outcome *outcomes; /* of the names that policies ask for */
	size_t n_outcomes;
	unsigned outcomes_known; /* FACT_STATUSES, FACT_WORKFLOWS: asked for, and read */
};

struct members {
	struct member *at;
	size_t n, room;
	struct arena *arena;
	struct unsettled unsettled;
};

struct collect { /* one collect under way */
	const struct gather *gather;
	struct arena *arena;
	int64_t began;          /* monotonic */
	struct forge_call call; /* of the forge: repository, arena, deadline */
	struct forge_call anew; /* the same, of what a new success may not stand on from before (gather_unmoved) */
};

struct collect collect_begin(const struct gather *gather, struct arena *arena);
/* For calls of ports: ERR_GONE would tell the worker that there is nothing to do, so it becomes ERR_RETRY. */
bool collect_failed(struct err *err, const char *what);

/* ---- gather_read.c ---- */
bool gather_read(const struct collect *c, struct seen *ret, struct err *err);
/* An answer that names a change carries the repository's number. One that shows none may be another repository's, which
 * has this name by now. */
bool gather_check_name(const struct collect *c, struct err *err);

/* ---- gather_check.c: no answer below what events told ---- */
bool gather_check_change(const struct collect *c, const struct told *told, const struct forge_change *now,
			 struct err *err);
/* A change that an event told of and that the answer does not know (404): gone only when no copy lags that much. */
bool gather_check_gone(const struct collect *c, const struct told *told, struct err *err);
/* It was merged, and a copy of the forge's data may not have that yet, nor the branch as it is since. */
bool gather_landing_lags(const struct collect *c, const struct forge_change *now);
/* The tip of the change's base branch, too, is not older than what an event told. */
bool gather_check_tip(const struct collect *c, const struct seen_change *seen, struct err *err);
/* A list of the change's commits without its head is of another head. */
bool gather_check_people(const struct collect *c, const struct seen_change *seen, struct err *err);
/* A complete record of moves that lacks the head, or one before it that events told of, is from before its push. */
bool gather_check_moves(const struct collect *c, const struct seen_change *seen, struct err *err);
/* Until when a copy may still show the rights that this person had before an event. */
bool gather_check_person(const struct collect *c, int64_t id, struct unsettled *ret, struct err *err);
bool gather_check_reviews(const struct collect *c, struct seen_change *seen, struct err *err);
const struct row_binding *gather_binding(const struct told *told, int64_t review);

/* ---- gather_people.c: what those may do whom the policies ask about ---- */
struct asked_people {
	const struct governed *governed; /* one per seen change */
	const struct change *changes;    /* their facts, commits and pushers among them */
};
bool gather_people(const struct collect *c, const struct seen *seen, const struct asked_people *asked,
		   struct members *ret, struct err *err);

/* ---- gather_asked.c: what only some policies ask about ---- */
/* Reads what can move, into seen: once the policies are known, in both readings. */
bool gather_asked(const struct collect *c, struct seen *seen, const struct governed *governed, struct err *err);
/* Into the facts of one change, whose commits and paths are there. */
bool gather_asked_facts(const struct collect *c, const struct seen_change *seen, const struct governed *governed,
			struct change *ret, struct err *err);

/* ---- gather_outcomes.c: what other tools said of the head; part of gather_asked ---- */
bool gather_outcomes(const struct collect *c, struct seen *seen, const struct governed *governed, struct err *err);

/* ---- gather_threads.c: conversations; part of gather_asked ---- */
bool gather_threads(const struct collect *c, struct seen_change *seen, struct err *err);
void gather_threads_facts(const struct seen_change *seen, struct change *ret);

/* ---- gather_group.c: what a merge group's commit was built from ---- */
struct gathered_part {
	struct constituent_claim of;
	struct gathered gathered; /* as of its own head */
};
/* Adds the claim's groups to what was gathered of the commit itself. */
bool gather_groups(const struct collect *c, struct gathered *ret, struct err *err);
bool gather_groups_unmoved(const struct collect *c, const struct gathered *first, bool *ret_unmoved, struct err *err);

/* ---- gather_queue.c: whether the queue's branches for the commit are still there ---- */
bool gather_queue(const struct collect *c, struct gathered *ret, struct err *err);
/* All that the claim names for this base are gone. */
bool gather_queue_over(const struct collect *c, const struct gathered *got, struct text base_ref);

/* ---- gather_pushed.c: commits pushed without a change ---- */
/* Behind the changes of seen, where there is room for one of each of the claim's pushes. */
bool gather_pushed(const struct collect *c, struct seen *seen, struct err *err);
/* Into *ret, whose commits are there: who pushed them. */
bool gather_push_pushers(const struct collect *c, struct change *ret, struct err *err);

/* ---- gather_versions.c ---- */
struct text gather_versions(const struct seen *seen, const struct members *members, struct arena *arena);

/* ---- gather_change.c: the facts of one change ---- */
bool gather_change(const struct collect *c, const struct seen_change *seen, struct change *ret, struct err *err);
struct mirror_where gather_where(const struct collect *c, const struct forge_git *git);
int64_t gather_fetch_deadline(const struct collect *c);
/* Both commits into the mirror; *ret names it. */
bool gather_fetch(const struct collect *c, const struct oid wants[2], struct mirror_where *ret, struct err *err);

/* The same, where they may not be there: *err is the port's own. */
bool gather_fetch_any(const struct collect *c, const struct oid wants[2], struct mirror_where *ret, struct err *err);

/* ---- gather_carry.c: into ret->carried, of its reviews; asked: enum carry bits ---- */
bool gather_carried(const struct collect *c, const struct seen_change *seen, unsigned asked, struct change *ret,
		    struct err *err);

/* ---- gather_orders.c: into ret->delegations and landing_asks, where there is a store; after what was said ---- */
bool gather_orders(const struct collect *c, const struct seen_change *seen, struct change *ret, struct err *err);

/* ---- gather_policy.c ---- */
struct policy_read {
	struct governed governed;
	struct text text;
	struct text from; /* as in struct change */
	struct policy_place place;
};
/* The policy of these bytes, or what is wrong with them. */
void gather_policy_parse(const struct collect *c, struct text bytes, struct policy_read *ret);
/* No policy, with this reason, which goes on after the name of the policy file. */
void gather_policy_none(const struct collect *c, struct policy_read *ret, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool gather_policy(const struct collect *c, const struct oid *tip, struct policy_read *ret, struct err *err);

/* ---- gather_elsewhere.c: policies of other repositories ---- */
struct elsewhere {
	struct text repo, path, ref; /* ref empty: the default branch */
	const char *named;           /* how the reason of a failure begins: "names" */
};
/* *ret_found false: it is proven that there is no such file. Whatever cannot be read is found, and is no policy. */
bool gather_elsewhere(const struct collect *c, const struct elsewhere *in, struct policy_read *ret, bool *ret_found,
		      struct err *err);
/* Does it still stand where it stood? */
bool gather_place_unmoved(const struct collect *c, const struct policy_place *place, bool *ret_unmoved,
			  struct err *err);

/* ---- gather_owners.c: into *ret the files of owners that its policy asks for ---- */
bool gather_owners(const struct collect *c, const struct oid *tip, const struct governed *governed, struct change *ret,
		   struct err *err);

/* ---- gather_trees.c: into ret->facts.trees those that the policies of its changes name, as the store has them ---- */
bool gather_trees(const struct collect *c, const struct governed *governed, struct gathered *ret, struct err *err);
/* Into ret->tree_refs; once its groups are there. */
bool gather_tree_refs(const struct collect *c, struct gathered *ret, struct err *err);

/* ---- arrival.c ---- */
/* WHEN_UNKNOWN: nothing gives it. */
bool arrival_of_head(const struct collect *c, const struct seen_change *seen, int64_t *ret, struct err *err);

/* ---- pushers.c ---- */
/* Into *ret: who pushed, as far as anything names them. The objects of base and head were fetched. Keeps what the
 * record of a fork says. */
bool gather_pushers(const struct collect *c, const struct seen_change *seen, struct change *ret, struct err *err);
/* Can it be known who pushed the head, and is somebody named for each head that events told of? A complete record of
 * which that is not so has not seen a push. */
bool pushers_heads_covered(const struct seen_change *seen);

/* ---- attribute.c ---- */
const struct commit *attribute_commits(const struct mirror_range_out *range, const struct forge_list_people *people,
				       struct arena *arena);

#endif
