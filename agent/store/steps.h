/*
 * steps: what the store's verbs share inside one transaction: reading and writing subjects, slots and ledgers so that
 * their derived columns (due, rank, watched, in_doubt) always agree with what they are derived from. Private to
 * agent/store.
 *
 * Rule: nobody puts a row_slot or row_ledger but through slot_write, slot_settle and ledger_write, and nobody raises
 * wanted but through subject_want, subject_raise and subject_want_again.
 */
#ifndef AGENT_STORE_STEPS_H
#define AGENT_STORE_STEPS_H

#include "agent/store/store.h"

struct turns { /* the newest that this transaction gave, of commits and of each rank of statuses; 0: none yet */
	int64_t subjects, slots[SLOT_RANKS];
};

struct touched { /* whose open changes the row before asked for, all of them */
	bool any;
	int64_t repo, installation; /* 0: of all, as events name them */
};
#define TOUCHED_NOTHING ((struct touched){false, 0, 0})

struct step { /* one running transaction */
	struct rows *rows;
	const struct store *store;
	struct arena *arena;
	struct err *err;
	int64_t now;
	bool subjects, slots; /* out: something became due */
	bool alarms;          /* out: one was raised */
	bool looks;           /* out: statuses are to be read */
	struct turns turns;   /* turns.h */
	size_t puts;          /* by step_put */
	struct touched touched;
};

/* Gets the row whose key fields are set in *row. False only on a real error; *found says whether it was there. */
bool step_find(struct step *step, const struct table *table, void *row, bool *found);
bool step_put(struct step *step, const struct table *table, const void *row);

/* As subject_want with `create`, for a sweep: nothing where a judgement is owed already, or a sweep that came back
 * often could drop every success of a slow one; and its turn comes after what news asks for (turns.h). What nothing
 * failed in and is only to be looked at once more, later, is looked at now: the sweep may have come for news that was
 * lost. */
bool subject_want_again(struct step *step, int64_t repo, const struct oid *sha);

/* wanted += 1, of this commit and of every live merge group that it is a constituent of. An absent subject is made if
 * `create`, else nothing happens to it. */
bool subject_want(struct step *step, int64_t repo, const struct oid *sha, bool create);
bool subject_raise(struct step *step, int64_t repo, const struct oid *sha, bool create); /* of this commit alone */

struct slot_wish { /* what one slot should say from now on */
	int64_t repo;
	struct oid sha;
	struct text context; /* empty: the server's own */
	enum status_state state;
	struct text text;
	enum slot_kind kind;
	int64_t verdict;  /* 0: none */
	bool superseded;  /* compared by state only, never waits behind another slot */
	struct oid after; /* known: not posted before that SHA's supersede was answered */
	int64_t made_at;  /* 0: now */
};
/* Replaces what the slot holds (latching to failure near the forge's cap) and recomputes what is due. A verdict lets a
 * refused status be tried once more. */
bool slot_write(struct step *step, const struct slot_wish *wish);

/* Whatever waits in the slot is too old to be sent: it waits, and the commit is judged again. */
bool slot_age(struct step *step, const struct row_slot *slot);

/* The slot of the server's own context as it is; *found false: nothing was ever wanted there. */
bool slot_find(struct step *step, int64_t repo, const struct oid *sha, struct row_slot *ret, bool *found);
bool ledger_find(struct step *step, int64_t repo, const struct oid *sha, struct row_ledger *ret, bool *found);

/* Every slot of a commit, whatever its context: whatever takes back, and whatever waits, looks at all of them. */
struct slots {
	struct row_slot *at; /* in the transaction's arena */
	size_t n;
};
bool slots_of(struct step *step, int64_t repo, const struct oid *sha, struct slots *ret);
bool slot_ledger(struct step *step, const struct row_slot *slot, struct row_ledger *ret);
bool is_own(const struct step *step, struct text context);
/* Each of them of which the forge may hold success gets this wish, but for what denies for good. */
bool slots_revoke(struct step *step, const struct slot_wish *wish);
/* slot_settle for each. */
bool slots_settle(struct step *step, int64_t repo, const struct oid *sha);
/* The slot of the commit in *slot whose context is that of *slot, compared as the forge does; *found false: there is
 * none, and *slot is as it was. */
bool slot_named(struct step *step, struct row_slot *slot, bool *found);

/* It denies already, for good: a weaker revocation would take away what the posts on the new head wait for. */
bool stays_superseded(const struct row_slot *slot);

/* Puts the ledger with in_doubt and grants_until derived, and recomputes its slot's due. */
bool ledger_write(struct step *step, struct row_ledger *ledger);

/* A list of the forge was read then. While a doubt lasts a success without an answer may still land, and a copy that
 * lags does not show it at once: until a list of later than that, the forge may hold success. */
void ledger_listed(const struct store *store, struct row_ledger *ledger, int64_t at);

/* Puts a slot whose posting state changed (attempts, not_before, refused, after, look), due and watched recomputed. */
bool slot_settle(struct step *step, struct row_slot *slot);

/* By the index: a change with this head was merged or a merge group with this commit landed, and none is open or lives.
 * Its success may stay, and no sweep need look at it until something changes. */
bool commit_landed(struct step *step, int64_t repo, const struct oid *sha, bool *ret);

/* True if the forge may hold success for it, or will by what was already sent or is wanted. */
bool may_be_success(const struct row_slot *slot, const struct row_ledger *ledger);

/* *ret_at: WHEN_UNKNOWN where work for the repository may begin. */
bool gate_asked(struct step *step, const struct gate *gate, int64_t repo, int64_t *ret_at);

/* Waits for a supersede to be answered: its own, or that of the head it replaced. */
bool subject_waits(struct step *step, const struct row_subject *subject, bool *ret);

/* Puts a judgement that is owed off to the next tick, a few seconds away, where others are made with it; the second one
 * only of a head that was replaced and that no change has by the index (store_company.c). */
bool company_wait(struct step *step, int64_t repo, const struct oid *sha);
bool company_wait_replaced(struct step *step, int64_t repo, const struct oid *sha);

/* *ret: the repository's name is in doubt (names.c), by this number; 0: it is not. */
bool name_doubt(struct step *step, int64_t repo, int64_t *ret);
/* This repository has its name now: that of any other which is known by it is in doubt. */
bool name_taken(struct step *step, const struct row_repo *repo);

/* A verdict was concluded and stands in its slot: it is posted again where a maintainer asked for that (recheck.c). */
bool recheck_answer(struct step *step, const struct claim *claim);
/* Fills rechecked. */
bool recheck_claim(struct step *step, struct claim *claim);

/* Fills candidates: the changes that have or had claim->sha, by the index. */
bool claim_candidates(struct step *step, struct claim *claim);
/* Fills contexts: the other slots that claim->sha has. */
bool claim_contexts(struct step *step, struct claim *claim);

/* Nothing is still to be posted, in any context, that takes a superseded head back: the forge has answered, or refused
 * for good. */
bool supersede_answered(struct step *step, int64_t repo, const struct oid *sha, bool *ret);

/* Only failures are posted there any more: near the forge's cap, or after too many statuses by others, so that whoever
 * forges again and again does not make us spend two of the forge's thousand for each of his. */
bool is_latched(const struct store *store, const struct row_ledger *ledger);

/* When a POST that is out must have died: in_flight_since + deadline + grace. */
int64_t post_dead_at(const struct store *store, const struct row_ledger *ledger);

/* The forge answered a POST of this state for this slot, which is as it was before: what store_owed tells apart
 * (store_owed.c). */
bool owed_answered(struct step *step, const struct row_slot *slot, enum status_state state, enum post_outcome outcome);

/* Applies one journal row (apply.c) and marks it; quarantines it when its facts cannot be decoded. */
bool apply_row(struct step *step, const struct row_journal *row, bool *ret_broken);

/* Applies what waits for one repository and for no repository, in order, at most max rows, and
 * none after some thousand puts. *ret_left: more may remain. */
bool apply_repo(struct step *step, int64_t repo, size_t max, bool *ret_left);

/* Extends the hash chain over verdicts: fills prev_hash and hash of a row about to be added (chain.c). */
bool chain_link(struct step *step, struct row_verdict *row);

#endif
