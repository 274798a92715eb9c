/*
 * swarm: which faults and habits one history has, and how often. Each seed switches on a random subset with random
 * rates, so that rare things are also tried without the others that hide them. A value; chances are per mille.
 *
 * The shrinker switches knobs off one by one through the table of names.
 */
#ifndef TESTS_SIM_SWARM_H
#define TESTS_SIM_SWARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/truth.h"

struct swarm {
	unsigned deeds;        /* acts of people */
	unsigned span_s;       /* within this time */
	unsigned brief;        /* chance of a history of few deeds in a short time; 0 unless a knob is set */
	unsigned bursts;       /* an act follows the last within a second */
	unsigned nodes;        /* 1 to 3 */
	unsigned split;        /* 1: each node has other roles */
	unsigned judges;       /* of a node */
	unsigned policies;     /* 0: the built-in policy only; else any */
	unsigned policy_first; /* 0: the built-in one is in force at the beginning; else the one of that number */
	unsigned contexts;     /* 1: half of the policies name another context, the first of all, too */
	unsigned gates;        /* 1: bors and the merge button are used */
	unsigned reanchor;     /* a push moves the forge's commit_id of reviews */
	unsigned rush_ms;      /* 0: bursts are within a second; else an act follows the last within this time */
	unsigned turns;        /* an act is turned round by the next one */
	unsigned same;         /* 1: whose rights are turned round is the same person */
	unsigned forks;        /* 1: changes come from forks whose activity cannot be read */
	unsigned shared;       /* a change is opened on another one's head */
	unsigned pages; /* an approval comes from an old page, and the forge shows it at the new head all the same */

	/* webhooks */
	unsigned lose, dup, delay, delay_s; /* delay: chance; delay_s: at most */
	unsigned rights_untold;             /* a change of somebody's rights makes none; only where there is a sweep */
	unsigned app;                       /* 1: what was lost or refused can be asked for again (broad) */

	/* calls of the forge */
	unsigned latency_ms, fail, limited, denied, cut, lost_answer, late_request, lost_request, lag, lag_s;
	unsigned stuck;     /* 1: what lags is one copy of the forge, which stands still for a while */
	unsigned held_open; /* a request that comes late lives as long as its connection, and that as long as a process
			     * that is stopped; only where one process is the only one */

	/* the agents */
	unsigned sweepless; /* 1: no sweep; every webhook arrives in the end: the journal alone must do */
	unsigned posts_max; /* statuses on one commit, before only failures are sent */
	unsigned crash, pause, disk_full, skew_s;

	/* deep: their disk. power_cut: of a process that is the only one; the others: of one file operation or another
	 * writer's lock */
	unsigned power_cut, io_error, no_space, busy;

	/* the tracker (broad); all of it 0 unless a knob is set to 1: `trackers` */
	unsigned trackers;
	unsigned bug_tick_s, bug_age_s; /* bugs.tick; bugs.max_age, in one process alone */
	unsigned bug_latency_ms, bug_fail, bug_limited, bug_late, bug_down, bug_down_s, bug_denied;
	unsigned bug_lag, bug_lag_s; /* of lists and batches: a single bug is read from the main database */
	unsigned bug_skew_s;         /* its clock is so much before ours */
	unsigned bug_vanish;         /* 1: what was shown as rated last is missing when it is hidden; one process */
	unsigned bug_unsaved;        /* chance that a process which dies leaves an older table; permille */
	unsigned bug_lose, bug_dup, bug_delay, bug_delay_s; /* its webhooks; it tries again what was refused */

	unsigned weight[DEED_KINDS];
};

struct swarm swarm_of(uint64_t seed);

/* Without any fault that would delay a revocation: then it is held to its time. */
bool swarm_is_calm(const struct swarm *swarm);

struct swarm_knob { /* what the shrinker may turn down, and to what */
	const char *name;
	size_t offset;
	unsigned off;
};
extern const struct swarm_knob swarm_knobs[];
extern const size_t swarm_n_knobs;

/* "lag=900": false for an unknown knob or no number. From now on every swarm_of() has that value: for a person who
 * looks for something, and for a mutant whose file says what it needs. `trackers=1` draws the rest of the tracker's
 * knobs, too; `brief=N` makes N histories of a thousand brief ones, and leaves the others what they are. Beside the
 * knobs of the table: deeds, span_s, bursts, delay_s, lag_s; weight.approve and so on; and two that come first, since
 * later ones change what they set: faults=0 turns every knob of the table off, weight=0 every deed. */
bool swarm_force(const char *knob);

#endif
