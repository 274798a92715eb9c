/*
 * forged: which statuses of our context others made, and what is done about them. Private to agent/store.
 *
 * Who posts for us is learned from the forge's answers to our own POSTs (its numeric creator), per installation.
 *
 *   foreign  another creator than ours and the one before it: failure is wanted there at once, the commit is judged
 *            again, and an alarm is kept. Where nobody knows yet who posts for us, nobody is called foreign.
 *   stolen   our creator, and no POST of ours explains it: the same, and an alarm that an operator must acknowledge.
 *
 * A status of our creator is explained by its id in an answer, or by any POST of that kind (success, other) on that
 * commit whose answer nobody has: the count rises before a POST leaves and falls only with a certain answer, so
 * crashes, late answers and requests that land late are counted, for ever. It is called stolen only where, besides,
 *   - nothing of ours is out or in doubt there (a webhook may come before its answer; a doubt is read again first);
 *   - no list or webhook up to its id was explained before;
 *   - the forge dates it later than `since`: the first status that the forge dated for a POST taken when whatever an
 *     earlier process had sent was dead. So what stood there before this process is never stolen, whoever made it: a
 *     store put back from a backup, another deployment, a file that was lost.
 * All else of our creator is only corrected. Two servers with stores of their own on one App, or `judge --post` beside
 * a server, are what it looks like: they are not innocent, and must be acknowledged.
 */
#ifndef AGENT_STORE_FORGED_H
#define AGENT_STORE_FORGED_H

#include "agent/store/steps.h"

/* ---- what our POSTs explain, in the ledger (not written here) ---- */
void own_sent(struct row_ledger *ledger, enum status_state state);   /* one leaves */
void own_unsent(struct row_ledger *ledger, enum status_state state); /* it certainly did not arrive */
/* It is this one; id 0: not said. */
void own_answered(struct step *step, struct row_ledger *ledger, const struct post *post, int64_t id);

/* ---- who we are ---- */
bool identity_answered(struct step *step, const struct post *post, const struct post_result *result);
bool identity_restart(struct step *step); /* whatever was sent until now may live on for a while */

/* ---- judging others' ---- */
enum forged {
	FORGED_UNTOLD = 1 /* nobody knows whose */,
	FORGED_NOT /* ours, as far as can be told */,
	FORGED_FOREIGN,
	FORGED_STOLEN
};

/* ledger->granted after a status that the forge holds: a success is ours unless it is certainly another's, and only a
 * denial that is certainly of our creator takes it away. True: this status decided it. */
bool own_told(struct row_ledger *ledger, enum status_state state, enum forged what);

/* One status that a webhook told of; nothing of ours is out or in doubt where `certain`. Raises the alarm. */
struct forged_told {
	const struct listed_status *status;
	bool certain;
};
bool forged_told(struct step *step, struct row_ledger *ledger, const struct forged_told *told, enum forged *ret);

/* A whole list, read while nothing was out or in doubt. *ret: of its newest. ledger->granted is what it says of ours.
 */
bool forged_audit(struct step *step, struct row_ledger *ledger, const struct reread *seen, enum forged *ret);

/* Failure over it and a judgement, unless the commit has landed. After ledger_write. */
bool forged_revoke(struct step *step, const struct row_ledger *ledger, enum forged what, struct text who);

/* A name from outside in a public text: at most 60 printable characters. */
struct text forged_login(struct text login, struct arena *arena);

/* ---- alarms (alarms.c) ---- */
/* *ret_news false: this forge id, or a newer one, is in the row already. ret_news may be NULL. */
bool alarm_raise(struct step *step, const struct alarm_news *news, bool *ret_news);

#endif
