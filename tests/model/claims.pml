/* What must hold when everything has come to rest. (S1, S2, N, P, Q are asserted where a status is taken or lands.) */

inline sweep_all()
{
	for (s_ : 1 .. SHAS) {
		if
		:: ledger[s_].by == 0 && !ledger[s_].doubt -> ledger[s_].state = forge[s_].state; ledger[s_].id = forge[s_].id
		:: else
		fi;
		if
		:: slot[s_].state != NONE || real[0].head == s_ -> want(s_)
		:: else
		fi
	}
}

#if ARRIVALS
#define datable(s) (arrival[s] == real[0].arrived || recorded[s] == real[0].arrived)
#else
#define datable(s) true
#endif

inline settled()
{
	for (s_ : 1 .. SHAS) {
		assert(slot[s_].state == ALLOW || forge[s_].state != ALLOW || R);
		assert(truth[s_] || forge[s_].state != ALLOW || down || L1);
		assert(!truth[s_] || forge[s_].state == ALLOW || down || !datable(s_) || L1)
	}
}

proctype Rest()
{
#if LAST_SWEEP
	atomic {
		timeout ->
		if
		:: NO_SWEEP
		:: else ->
			printf("sweep: looks at everything\n");
			d_step { sweep_all(); skip }
		fi
	};
#endif
end:	atomic {
		timeout ->
		printf("rest: everything is quiet\n");
		d_step { settled(); skip }
	}
}
