/*
 * sometimes: rare situations that a campaign must have met, each at least SOMETIMES_LEAST times, or it fails: a
 * simulator that never gets there proves nothing. The table is in sometimes.c; adding one is a line here and one there.
 */
#ifndef TESTS_SIM_SOMETIMES_H
#define TESTS_SIM_SOMETIMES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SOMETIMES_LEAST 100

#define SOMETIMES(X)                                                                                                   \
	X(SUCCESS, "a success was accepted")                                                                           \
	X(REVOKED, "a success was taken back")                                                                         \
	X(SUCCESS_AGAIN, "a commit that was revoked was allowed again")                                                \
	X(SUPERSEDED_SUCCESS, "a push replaced a head that had success")                                               \
	X(PUSH_BACK, "a head came back to an old commit")                                                              \
	X(SHARED_HEAD, "two open changes had one head")                                                                \
	X(SHARED_DENIED, "a shared head was denied for one of its changes only")                                       \
	X(OLD_APPROVAL, "somebody approved a commit that was not the head any more")                                   \
	X(REVIEW_MOVED, "the forge moved a review to a commit that nobody had seen")                                   \
	X(DISMISSED_COUNTED, "an approval that counted was dismissed")                                                 \
	X(ROLE_LOST, "somebody whose approval counted lost the right")                                                 \
	X(POLICY_STRICTER, "a policy edit made an allowed head not allowed")                                           \
	X(POLICY_BROKEN, "the policy file was malformed")                                                              \
	X(RETARGETED_ALLOWED, "an allowed change got another base")                                                    \
	X(DRAFT_ALLOWED, "an allowed change became a draft")                                                           \
	X(CLOSED_ALLOWED, "an allowed change was closed")                                                              \
	X(REOPENED, "a change was opened again")                                                                       \
	X(RENAMED, "the repository was renamed under way")                                                             \
	X(FORGED, "somebody forged a success")                                                                         \
	X(FORGED_REPLACED, "a forged status was overwritten")                                                          \
	X(MERGED, "the merge button was let through")                                                                  \
	X(MERGE_REFUSED, "protection refused the merge button")                                                        \
	X(BORS_MERGED, "bors merged a head that was allowed")                                                          \
	X(BORS_STALE, "bors read the status of a head that was replaced")                                              \
	X(BORS_REJECTED, "bors read a failure and rejected")                                                           \
	X(BORS_HELD, "bors' push was refused by protection")                                                           \
	X(HOOK_LOST, "a webhook was lost")                                                                             \
	X(HOOK_DOUBLED, "a webhook was delivered twice")                                                               \
	X(HOOK_LATE, "a webhook was delivered after a younger one")                                                    \
	X(HOOK_REFUSED, "a webhook met no living receiver, or a full disk")                                            \
	X(CALL_FAILED, "a read failed")                                                                                \
	X(CALL_LIMITED, "the forge asked to come back later")                                                          \
	X(READ_OLD, "a lagging replica showed something else than the truth")                                          \
	X(POST_LOST_ANSWER, "the answer to a status was lost")                                                         \
	X(POST_LATE, "a status landed after its client had given up")                                                  \
	X(POST_LATE_SUCCESS, "a success landed late")                                                                  \
	X(POST_LATE_AFTER_REVOCATION, "a success landed after a revocation")                                           \
	X(POST_LOST_REQUEST, "a status never reached the forge, and nobody knew")                                      \
	X(POST_REFUSED, "the forge refused a status")                                                                  \
	X(SUCCESS_NOT_SENT, "the truth had turned when a success was concluded, and it was not sent")                  \
	X(FENCED, "two workers judged one commit at once")                                                             \
	X(CRASH, "a process died")                                                                                     \
	X(CRASH_JUDGING, "a process died while it judged")                                                             \
	X(CRASH_POSTING, "a process died while its status was under way")                                              \
	X(CRASH_RECEIVING, "a process died between durable and 202")                                                   \
	X(PAUSED, "a process was stopped for minutes")                                                                 \
	X(DISK_FULL, "a transaction met a full disk")                                                                  \
	X(NODES, "several nodes shared the store")                                                                     \
	X(SWEEP_FOUND, "a sweep found what no webhook had told")                                                       \
	X(END_ALLOWED, "a head was allowed at the end, and so said its status")                                        \
	X(END_DENIED, "a head was not allowed at the end, and so said its status")                                     \
	/* from here on: only where the store has a disk and the forge speaks HTTP */                                  \
	X(POWER_CUT, "the power failed as a process died")                                                             \
	X(POWER_CUT_WRITING, "the power failed in the middle of a write")                                              \
	X(IO_ERROR, "an I/O error ended a process")                                                                    \
	X(NO_SPACE, "the disk was full in the middle of a transaction")                                                \
	X(LOCKED, "another writer held the database for too long")                                                     \
	X(REOPEN_FAILED, "the database could not be opened again at once")                                             \
	X(HALF_ANSWER, "half of an answer came")                                                                       \
	X(TOKEN_EXPIRED, "the forge did not take the token")                                                           \
	X(REDIRECTED, "an old name of the repository was asked for")                                                   \
	/* from here on: only where there is a tracker */                                                              \
	X(BUG_TOOK, "what happened to a bug made an allowed head not allowed")                                         \
	X(BUG_REVOKED, "a success was taken back by what a webhook told of a bug")                                     \
	X(BUG_GRANTED, "a success was given that hangs on bugs")                                                       \
	X(BUG_APPROVED, "a success was given to a fix of a rated bug, by its approval")                                \
	X(BUG_ON_TICK, "a success that hangs on bugs waited for the tick")                                             \
	X(BUG_FROM_TABLE, "a success was given without a reading of a bug, from the table")                            \
	X(BUG_MOVED, "a bug changed between its reading and the conclusion")                                           \
	X(BUG_UNREAD, "the tracker did not answer a judge")                                                            \
	X(BUG_KEY_REFUSED, "the tracker refused our key")                                                              \
	X(BUG_LAGGED, "a copy of the tracker showed something else than the truth")                                    \
	X(BUG_VANISHED, "a rated bug was hidden, and the tracker said that there is none")                             \
	X(BUG_HOOK_LOST, "a webhook of the tracker was lost")                                                          \
	X(BUG_HOOK_LATE, "a webhook of the tracker came more than five seconds late")                                  \
	X(BUG_UNSAVED, "a process began with an older table of bugs than the last one had")                            \
	X(BUG_POLLED, "a poll found a change of a bug that no webhook had told")

enum sometimes {
#define X(name, text) SOMETIMES_##name,
	SOMETIMES(X)
#undef X
		SOMETIMES_KINDS
};

enum { SOMETIMES_DEEP = SOMETIMES_POWER_CUT, SOMETIMES_TRACKER = SOMETIMES_BUG_TOOK }; /* where each part begins */

struct sometimes_counts {
	uint64_t at[SOMETIMES_KINDS];
};

const char *sometimes_text(enum sometimes what);
const char *sometimes_name(enum sometimes what);
void sometimes_add(struct sometimes_counts *to, const struct sometimes_counts *from);
/* Prints those from `from` to before `upto` with their counts, rarest first; those below `least` are marked. The number
 * of those. */
struct sometimes_part {
	int from, upto;
};
unsigned sometimes_print(const struct sometimes_counts *counts, struct sometimes_part part, uint64_t least, FILE *out);

#endif
