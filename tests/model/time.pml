/* Time and its faults: requests that nobody waits for land or die, doubts end, leases expire, copies catch up. */

#if ZOMBIES
inline zombie(f)
{
	atomic {
		flight[f].life == OUT ->
		if
		:: printf("forge: accepts %c%c, late\n", NAME(flight[f].sha), WORD(flight[f].state));
			d_step { land(f) }
		:: printf("forge: a request for %c will never land\n", NAME(flight[f].sha));
			d_step { clear(f) }
		fi
	}
}

#if ZOMBIES > 1
#define flying(s) ((flight[POSTERS].life > 0 && flight[POSTERS].sha == s) || \
	(flight[POSTERS + 1].life > 0 && flight[POSTERS + 1].sha == s))
#else
#define flying(s) (flight[POSTERS].life > 0 && flight[POSTERS].sha == s)
#endif

/* A doubt ends when no request can live any more; then the forge is read again. */
inline end_doubt(s)
{
	atomic {
		ledger[s].doubt && ledger[s].by == 0 && (!flying(s) || NO_LIFE_AWAITED) ->
		d_step {
			ledger[s].doubt = false;
			ledger[s].state = forge[s].state;
			ledger[s].text = forge[s].text;
			ledger[s].id = forge[s].id;
			subject[s].later = false
		};
		printf("poster: the doubt about %c is over, the forge shows %c\n", NAME(s), WORD(forge[s].state))
	}
}

inline presume_dead(s)
{
	atomic {
		ledger[s].by == DEAD && !flying(s) ->
		ledger[s].by = 0;
		ledger[s].doubt = true;
		printf("poster: the POST about %c is out for too long: in doubt\n", NAME(s))
	}
}

proctype Wire()
{
end:	do
	:: zombie(POSTERS)
#if ZOMBIES > 1
	:: zombie(POSTERS + 1)
#endif
	:: end_doubt(1)
#if SHAS > 1
	:: end_doubt(2)
#endif
#if DEATHS
	:: presume_dead(1)
#if SHAS > 1
	:: presume_dead(2)
#endif
#endif
	od
}
#endif

proctype Clock()
{
end:	do
#if EXPIRE
	:: atomic {
		if
		:: expiries > 0 && subject[1].lease > 0 -> subject[1].lease = 0
#if SHAS > 1
		:: expiries > 0 && subject[2].lease > 0 -> subject[2].lease = 0
#endif
		fi;
		expiries--;
		printf("clock: a lease expires, its worker goes on\n")
	}
#endif
#if LAG
	:: atomic {
		copy[0].version < real[0].version ->
		d_step {
			for (s_ : 1 .. SHAS) {
				subject[s_].later = false
			}
			copy[0].open = real[0].open;
			copy[0].head = real[0].head;
			copy[0].arrived = real[0].arrived;
			copy[0].sha = real[0].sha;
			copy[0].at = real[0].at;
			copy[0].version = real[0].version
		};
		printf("forge: the replica catches up\n")
	}
#endif
#if DOWN
	:: atomic { !down -> down = true; printf("forge: no read succeeds any more\n") }
#endif
	:: false
	od
}

#if SWEEPS
/* Reads what the forge holds for A, and corrects the ledger a step later. */
proctype Sweep()
{
	byte seen, id;
end:	do
	:: atomic {
			sweeps > 0 ->
			sweeps--;
			seen = forge[1].state;
			id = forge[1].id;
			printf("sweep: sees A%c\n", WORD(seen))
		};
		atomic {
			d_step {
				if
				:: ((ledger[1].by == 0 && !ledger[1].doubt) || NO_SWEEP_CARE) && (id >= ledger[1].id || NO_ID_COMPARED) ->
					ledger[1].state = seen;
					ledger[1].id = id;
					ledger[1].by = 0;
					ledger[1].doubt = false;
					subject[1].later = false
				:: else
				fi;
				seen = 0;
				id = 0
			};
			printf("sweep: done with A, the ledger says %c\n", WORD(ledger[1].state))
		}
	od
}
#endif

#if QUIET
/* Sweeps without number, each asking for a judgement. */
proctype Sweeps()
{
	do
	:: atomic {
		!subject[1].due && !differs(1) && ledger[1].by == 0 ->
		d_step { want(1); skip };
		printf("sweep: asks for a judgement of A\n")
	}
	:: break
	od
}
#endif
