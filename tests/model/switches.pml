/*
 * One switch for each rule: the verifier reads one number (environment variable OFF) at its start, so that one compiled
 * verifier serves the design and all its weakenings. 0: the design. `off` never changes and is no part of a state.
 * rN: the row of the table of counterexamples in README.md that the switch puts back.
 */
hidden byte off = 0;

/* append, apply */
#define NO_DURABLE_202         (off == 1)  /* a delivery can vanish after its 202 */
#define NO_WANTED              (off == 2)  /* an event that strengthens does not raise wanted */
#define NO_ASK_WITH_REVOCATION (off == 3)  /* a revocation stands alone */
#define NO_EVENTS_BEFORE       (off == 4)  /* r7: supersede the head that the store believes in */
#define NO_WANTED_OF_BEFORE    (off == 5)  /* r7: the superseded head's wanted is not raised */
#define NO_OUTSIDER_RULE       (off == 6)  /* r16: anybody's review revokes */
/* judge */
#define NO_FLOOR               (off == 10) /* r9 */
#define NO_OPEN_SET_READ       (off == 11) /* r10: the open changes come from the index */
#define NO_DOUBLE_COLLECT      (off == 12) /* the values are read once */
#define NO_VALUES_COMPARED     (off == 13) /* r20: versions of one second's grain are compared */
#define NO_RETRY_AFTER_ERROR   (off == 14) /* r18: errors set judged */
#define NO_FORGE_TIME          (off == 15) /* r12: arrivals by our receipt */
#define NO_RECORD_READ         (off == 16) /* r12: arrivals from webhooks alone */
#define NO_CONSTITUENTS_FIRST  (off == 17) /* r11: the list is committed at conclude */
#define NO_FRESH_CONSTITUENTS  (off == 18) /* r11: judged from stored verdicts */
#define NO_WANTED_OF_STAGING   (off == 19) /* r11: judged again only when a constituent's verdict changes */
#define NO_CLAIM_HELD_BACK     (off == 20) /* a claim does not wait for the supersede it depends on */
/* conclude */
#define NO_FENCE               (off == 30) /* r8 */
#define NO_WANTED_COMPARED     (off == 31) /* r6 */
#define NO_JUDGED_KEPT         (off == 32) /* r3: a dropped success sets judged */
#define NO_JOURNAL_AT_CONCLUDE (off == 33) /* r19 */
#define NO_JOURNAL_AT_SEND     (off == 34) /* r19 */
/* post */
#define NO_SLOT                (off == 40) /* r1: an outbox of rows, revocations first */
#define NO_POSTER_COMPARES     (off == 41) /* r2: ledger written after the answer, compared at conclude */
#define NO_WRITE_AHEAD         (off == 42) /* r2: ledger written after the answer */
#define NO_ONE_IN_FLIGHT       (off == 43) /* r4 */
#define NO_DOUBT               (off == 44) /* r5: the ledger knows answers alone */
#define NO_LIFE_AWAITED        (off == 45) /* r5: a re-read ends a doubt while the request may still land */
#define NO_WAIT_IN_DOUBT       (off == 46) /* a success is concluded and sent in doubt */
#define NO_SUPERSEDE_FIRST     (off == 47) /* the new head's posts do not wait for the old head's supersede */
#define NO_FENCELESS_REVOKING  (off == 48) /* r14: a claim drops the revocation that waits */
#define NO_STEADY_TEXT         (off == 49) /* r15: the text holds an age */
/* sweep, own status webhooks */
#define NO_SWEEP_CARE          (off == 60) /* r13: the sweep writes the ledger while a POST is out or in doubt */
#define NO_STATUS_CARE         (off == 61) /* the same for our own status webhooks */
#define NO_ID_COMPARED         (off == 62) /* an older status id corrects the ledger */
#define NO_SWEEP               (off == 63) /* webhooks are lost and nobody looks */
