/*
 * The protocol from journal to status, as a model for Spin. README.md says what is modelled, what is not, and how to
 * read a counterexample; run.sh runs it. One source for all scenarios: they set bounds.pml's bounds.
 */
#include "bounds.pml"
#include "switches.pml"
#include "state.pml"
#include "world.pml"
#include "apply.pml"
#include "net.pml"
#include "judge.pml"
#include "post.pml"
#include "time.pml"
#include "claims.pml"

c_code {
	/* OFF: the switch; CLAIM: the only claim to look at. Neither is part of a state. */
	static int muted(const char *claim)
	{
		return getenv("CLAIM") && strcmp(getenv("CLAIM"), claim) != 0;
	}

	static void choose(void)
	{
		off = getenv("OFF") ? (unsigned char)atoi(getenv("OFF")) : 0;
		S1 = muted("S1");
		S2 = muted("S2");
		S3 = muted("S3");
		L1 = muted("L1");
		N = muted("N");
		P = muted("P");
		Q = muted("Q");
		R = muted("R");
	}
};

inline start_change()
{
	real[0].open = true;
	real[0].head = 1;
	real[0].arrived = 1;
	real[0].sha = 1;
	real[0].at = 2;
	real[0].version = 2;
	copy[0].open = true;
	copy[0].head = 1;
	copy[0].arrived = 1;
	copy[0].sha = 1;
	copy[0].at = 2;
	copy[0].version = 2;
	told[0].open = true;
	told[0].head = 1;
	told[0].floor = 2;
#if ARRIVALS
	arrival[1] = 1;
	recorded[1] = 1;
#endif
	look_all()
}

inline start_status()
{
#if GREEN
	slot[1].state = ALLOW;
	slot[1].gen = 1;
	ledger[1].state = ALLOW;
	forge[1].state = ALLOW;
	allowed[1] = 1;
#if STAGING
	verdict[1] = ALLOW;
#endif
#else
	subject[1].due = true;
#endif
#if STAGING
	ev[EVENTS - 1].kind = STAGE;
	ev[EVENTS - 1].head = STAGED;
	ev[EVENTS - 1].queued = true;
	journal!EVENTS - 1
#endif
}

init {
	atomic {
		c_code { choose(); };
		d_step { start_change(); start_status() };
		run People();
#if SLOW_NET || STATUSES
		run Net();
#endif
		run Applier();
		run Judge(0);
#if JUDGES > 1
		run Judge(1);
#endif
		run Poster(0);
#if POSTERS > 1
		run Poster(1);
#endif
#if ZOMBIES
		run Wire();
#endif
#if EXPIRE || LAG || DOWN
		run Clock();
#endif
#if SWEEPS
		run Sweep();
#endif
#if QUIET
		run Sweeps();
#endif
		run Rest()
	}
}
