/*
 * tally: what the workers count, for /metrics and status. Atomic counters, any thread; never a label that names a
 * person, a commit or a bug.
 */
#ifndef AGENT_WORK_TALLY_H
#define AGENT_WORK_TALLY_H

#include <stdatomic.h>
#include <stdint.h>

enum tally_name {
	TALLY_ACCEPTED = 0, /* deliveries appended, by fate */
	TALLY_DUPLICATE,
	TALLY_IGNORED,
	TALLY_QUARANTINED,
	TALLY_OVERLOADED,
	TALLY_APPLIED,
	TALLY_UNDECODED,
	TALLY_JUDGED_ALLOWED, /* verdicts concluded, in the order of enum decision from worst to best */
	TALLY_JUDGED_CANNOT_DECIDE,
	TALLY_JUDGED_REVOKED,
	TALLY_JUDGED_BLOCKED,
	TALLY_JUDGED_WAITING,
	TALLY_JUDGE_MOVED, /* inputs moved between the two reads */
	TALLY_JUDGE_DEFERRED,
	TALLY_JUDGE_DROPPED,
	TALLY_JUDGE_FENCED,
	TALLY_POST_ACCEPTED,
	TALLY_POST_REFUSED,
	TALLY_POST_NOT_SENT,
	TALLY_POST_UNANSWERED,
	TALLY_DOUBTS_SETTLED,
	TALLY_NAMES
};

struct tally {
	atomic_llong at[TALLY_NAMES];
};

static inline void tally_add(struct tally *tally, enum tally_name name)
{
	if (tally)
		atomic_fetch_add_explicit(&tally->at[name], 1, memory_order_relaxed);
}

/* "accepted", "judged_allowed", ...: NULL past the end. */
const char *tally_name_at(unsigned i);

#endif
