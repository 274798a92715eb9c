#include "agent/work/tally.h"

#include <stddef.h>

static const char *const names[TALLY_NAMES] = {
	[TALLY_ACCEPTED] = "accepted",
	[TALLY_DUPLICATE] = "duplicate",
	[TALLY_IGNORED] = "ignored",
	[TALLY_QUARANTINED] = "quarantined",
	[TALLY_OVERLOADED] = "overloaded",
	[TALLY_APPLIED] = "applied",
	[TALLY_UNDECODED] = "undecoded",
	[TALLY_JUDGED_ALLOWED] = "judged_allowed",
	[TALLY_JUDGED_CANNOT_DECIDE] = "judged_cannot_decide",
	[TALLY_JUDGED_REVOKED] = "judged_revoked",
	[TALLY_JUDGED_BLOCKED] = "judged_blocked",
	[TALLY_JUDGED_WAITING] = "judged_waiting",
	[TALLY_JUDGE_MOVED] = "judge_moved",
	[TALLY_JUDGE_DEFERRED] = "judge_deferred",
	[TALLY_JUDGE_DROPPED] = "judge_dropped",
	[TALLY_JUDGE_FENCED] = "judge_fenced",
	[TALLY_POST_ACCEPTED] = "post_accepted",
	[TALLY_POST_REFUSED] = "post_refused",
	[TALLY_POST_NOT_SENT] = "post_not_sent",
	[TALLY_POST_UNANSWERED] = "post_unanswered",
	[TALLY_DOUBTS_SETTLED] = "doubts_settled",
};

const char *tally_name_at(unsigned i)
{
	return i < TALLY_NAMES ? names[i] : NULL;
}
