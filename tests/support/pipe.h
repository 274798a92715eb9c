/*
 * pipe: a store without its workers, driven verb by verb: tests say what a delivery told, what a worker concluded and
 * what the forge answered, and look at what would be posted. Over every backend. Aborts the test on any store error.
 */
#ifndef TESTS_SUPPORT_PIPE_H
#define TESTS_SUPPORT_PIPE_H

#include "agent/store/store.h"

#define PIPE_REPO     7
#define PIPE_BACKENDS 2 /* 0: memory, 1: SQLite */

struct pipe_rig {
	struct rows rows;
	struct exec_direct *direct;
	struct store store;
	struct arena arena;
	char dir[64];
	int64_t now;                /* wall clock, milliseconds */
	int64_t look_again_at;      /* of the conclusions to come; 0: none */
	struct text over;           /* what those find: a branch of the queue that is gone */
	struct text watches;        /* of those: what they asked other tools (agent/store/watches.h) */
	const struct bug_ref *bugs; /* of those: what they asked about */
	size_t n_bugs;
	const struct tree_ref *trees; /* the same */
	size_t n_trees;
	struct oid head_now; /* what those find: the head that a change shows instead */
	int deliveries;
	const struct gate *gate; /* of takers; NULL: always open */
	int64_t creator;         /* who the forge says posts for us; 0: it does not say */
};

void pipe_open(struct pipe_rig *rig, int backend);
struct clock_port pipe_clock(struct pipe_rig *rig); /* shows rig->now */
/* Change 1 with head 'a' was opened. */
void pipe_open_told(struct pipe_rig *rig, int backend);
/* The same, and it was allowed, and the forge has it. */
void pipe_open_allowed(struct pipe_rig *rig, int backend);
void pipe_close(struct pipe_rig *rig);

/* 40 times the letter: commit 'a' is aaaa... */
struct oid sha_of(char letter);

/* Events, appended and applied at once. `at` is the forge's time in seconds. */
void tell(struct pipe_rig *rig, struct event event);
void tell_unapplied(struct pipe_rig *rig, struct event event);
void apply_all(struct pipe_rig *rig);
struct event change_event(enum change_action action, int64_t number, char head, int64_t at);
struct event push_to_change(int64_t number, char before, char head, int64_t at);
/* Of our context; 'state' as the forge writes it. */
struct event status_event(int64_t id, const char *state, char sha);
struct event review_event(enum review_action action, int64_t id, enum review_state state, char head);

/* Claims the due subject (which must be this commit) and concludes it so. */
struct claim claim_of(struct pipe_rig *rig, char head);
bool try_claim(struct pipe_rig *rig, struct claim *ret);
/* Time goes on until replaced heads, and those pushed on the heels of others, may be judged. claim_of does it, too,
 * where nothing is due before. */
void next_tick(struct pipe_rig *rig);
enum concluded conclude_as(struct pipe_rig *rig, const struct claim *claim, enum decision decision);
/* Concludes that it heads no open change. */
enum concluded conclude_headless(struct pipe_rig *rig, const struct claim *claim);
void judge_as(struct pipe_rig *rig, char head, enum decision decision);
/* Concludes that it has landed. */
void judge_landed(struct pipe_rig *rig, char head);
/* Concludes that the merge groups that had it are over, and that it has not landed. */
void judge_ended(struct pipe_rig *rig, char head);
void conclude_ended(struct pipe_rig *rig, const struct claim *claim);

/* The next post, or false when none is due now. */
bool next_post(struct pipe_rig *rig, struct post *ret);
void answer(struct pipe_rig *rig, const struct post *post, enum post_outcome outcome);
/* Takes and accepts everything due; returns how many. */
int drain(struct pipe_rig *rig);

struct row_slot slot_of(struct pipe_rig *rig, char head);
struct row_ledger ledger_of(struct pipe_rig *rig, char head);
struct row_subject subject_of(struct pipe_rig *rig, char head);

#endif
