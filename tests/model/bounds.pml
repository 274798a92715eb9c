/* What a scenario may set with -D, and what holds if it does not. All are bounds of the search. */
#ifndef CHANGES
#define CHANGES 1 /* change 0 is open on A from the start; change 1 can be opened on A */
#endif
#ifndef SHAS
#define SHAS 1 /* A, B, C */
#endif
#ifndef JUDGES
#define JUDGES 1
#endif
#ifndef POSTERS
#define POSTERS 1
#endif
#ifndef ACTS
#define ACTS 3 /* what people do, at most */
#endif
/* What people can do */
#ifndef REVIEWS
#define REVIEWS 0 /* approve, dismiss */
#endif
#ifndef PUSHES
#define PUSHES 0 /* push, and push back */
#endif
#ifndef OPEN_POLICY
#define OPEN_POLICY 0 /* every head is allowed as soon as it is pushed */
#endif
#ifndef STAGING
#define STAGING 0 /* the last SHA is a staging commit built from change 0's A */
#endif
#ifndef OUTSIDERS
#define OUTSIDERS 0 /* reviews by people who cannot count */
#endif
#ifndef FOREIGN
#define FOREIGN 0 /* statuses that somebody else posts */
#endif
#ifndef GREEN
#define GREEN 1 /* at the start A is approved and the forge holds its success; 0: approved, not judged yet */
#endif
/* The network and the journal */
#ifndef SLOW_NET
#define SLOW_NET 0 /* webhooks arrive late, in any order */
#endif
#ifndef LOSE
#define LOSE 0 /* webhooks that never arrive */
#endif
#ifndef DOUBLE
#define DOUBLE 0 /* webhooks that arrive (and are applied) twice */
#endif
#ifndef SLOW_JOURNAL
#define SLOW_JOURNAL 0 /* what was answered 202 may wait to be applied */
#endif
/* Faults */
#ifndef LOST
#define LOST 0 /* answers to a POST that are lost, before or after it landed */
#endif
#ifndef DEATHS
#define DEATHS 0 /* posters that die with a POST out */
#endif
#ifndef EXPIRE
#define EXPIRE 0 /* leases that end while their worker goes on */
#endif
#ifndef ERRORS
#define ERRORS 0 /* reads that fail */
#endif
#ifndef DOWN
#define DOWN 0 /* from some moment on no read succeeds any more */
#endif
#ifndef LAG
#define LAG 0 /* a read may be answered by a copy that lags */
#endif
/* Bookkeeping that only some scenarios need */
#ifndef ARRIVALS
#define ARRIVALS 0 /* arrivals are what was told and recorded, not simply known */
#endif
#ifndef STATUSES
#define STATUSES 0 /* our own status webhooks, with ids */
#endif
#ifndef SWEEPS
#define SWEEPS 0 /* sweeps at any moment */
#endif
#ifndef LAST_SWEEP
#define LAST_SWEEP 0 /* a sweep after everything has come to rest */
#endif
#ifndef QUIET
#define QUIET 0 /* claim Q: at most so many posts without news, while sweeps never end */
#endif
#define ZOMBIES (LOST + DEATHS)
#define FLIGHTS (POSTERS + ZOMBIES)
#define EVENTS  (ACTS + STAGING + 2 * STATUSES)
#define STAGED  SHAS
