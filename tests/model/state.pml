/*
 * What is remembered: by the forge, by the store, and by the ghosts that the claims look at.
 *
 * SHAs are 1 .. SHAS, 0 is none; index 0 of the arrays is unused. `wanted` and `judged` are numbers in the store; only
 * three comparisons are ever made of them, and these are kept: due (wanted > judged), news (wanted > the number at the
 * claim), and which of two was written later (gen, a ghost).
 */
#define NONE    0
#define DENY    1 /* failure or pending */
#define ALLOW   2 /* success */
#define UNKNOWN 3

typedef Change { /* what is true at the forge; times are counts of acts */
	bool open;
	byte head, arrived; /* and when it became the head */
	byte sha, at;       /* the approval: what it was given for, and when; at 0: none stands */
	byte version, second; /* second: as a version of one second's grain tells it */
};
Change real[CHANGES], copy[CHANGES]; /* copy: an answering replica, which may lag */

#define REVIEW  1
#define PUSH    2
#define OPEN    3
#define CLOSE   4
#define OUTSIDE 5
#define STAGE   6
#define STATUS  7
typedef Event {
	byte left;    /* deliveries still to come */
	bool queued; /* in the journal */
	byte kind, change, before, head, at, state, about;
	bool weakens;
};
Event ev[EVENTS];
chan journal = [EVENTS + DOUBLE] of {byte};

typedef Index { /* what applied events told of a change */
	bool open;
	byte head, floor;
};
Index told[CHANGES];

typedef Subject {
	bool due, later; /* later: not before something changes (backoff) */
	byte lease;      /* the judge's number + 1 */
};
Subject subject[SHAS + 1];

typedef Slot {
	byte state;
	bool revocation, superseded, text, dropped;
	byte after;
	bool ok;  /* ghost of a success: the truth held at some instant since its evaluation began */
	byte gen; /* ghost: which was made later */
};
Slot slot[SHAS + 1], outbox[SHAS + 1]; /* outbox: only with NO_SLOT */

typedef Ledger {
	byte state, by, out; /* by: the poster's number + 1; out: what it sent */
	bool doubt, text;
	byte id;
};
Ledger ledger[SHAS + 1];
#define DEAD 255

typedef Flight { /* a POST that was sent; one at index POSTERS or above has lost its poster */
	byte life, sha, state, gen;
	bool ok, text;
};
Flight flight[FLIGHTS];
#define OUT    1
#define LANDED 2

typedef Held { /* what the forge holds */
	byte state, id;
	bool text;
};
Held forge[SHAS + 1];

typedef Work { /* a judge's claim, and what it has read */
	byte sha, v[CHANGES], second[CHANGES];
	bool news, mine, ok; /* mine: the fence is still this one's */
	byte gen;
};
Work work[JUDGES];

#if ARRIVALS
byte arrival[SHAS + 1]; /* of change 0: the newest that webhooks told, 0: none */
byte recorded[SHAS + 1];   /* the same by the forge's own record */
byte shown[SHAS + 1];   /* the first answer that showed it, where nothing told */
#endif
#if STAGING
bool listed; /* the staging commit's constituents are known */
byte verdict[SHAS + 1];
#endif

byte acts = ACTS, lose = LOSE, doubles = DOUBLE, losses = LOST, deaths = DEATHS, expiries = EXPIRE, errors = ERRORS;
byte sweeps = SWEEPS;
bool down;

/* Ghosts */
bool truth[SHAS + 1];
byte gens[SHAS + 1], denied[SHAS + 1], allowed[SHAS + 1]; /* the newest accepted of each sort */
bool owed[SHAS + 1];                                     /* its supersede has not landed yet */
byte pred[SHAS + 1];                                     /* the head that it replaced */
byte posts;                                              /* since the last news */

/* Scratch: used inside one step only, hence no part of the state */
hidden byte seen_open, seen_head, seen_arrived, seen_sha, seen_at; /* of the answer that is read */
hidden byte left_, x, y, k, n, row_, s_, c_, e_;
hidden byte yes, newest;
hidden byte old, of_, before_, head_; /* of the event that is applied */
hidden byte S1 = 0, S2 = 0, S3 = 0, L1 = 0, N = 0, P = 0, Q = 0, R = 0, ROOM = 0;

#define NAME(s) ((STAGING && s == STAGED) -> 'S' : 64 + s)
#define WORD(state) ((state == ALLOW) -> '+' : ((state == DENY) -> '-' : '?'))
