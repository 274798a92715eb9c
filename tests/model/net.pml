/* Deliveries: late, in any order, lost, doubled; and the journal, applied in order. */

inline forget(e)
{
	if
	:: ev[e].left == 0 && !ev[e].queued ->
		ev[e].kind = 0;
		ev[e].change = 0;
		ev[e].before = 0;
		ev[e].head = 0;
		ev[e].at = 0;
		ev[e].state = 0;
		ev[e].about = 0;
		ev[e].weakens = false
	:: else
	fi
}

/* Without a sweep at the end, only our own status webhooks may be lost: nobody else would tell the rest. */
#define CAN_BE_LOST(e) (lose > 0 && (LAST_SWEEP || (ev[e].kind == STATUS && ev[e].about == 0)))
#define COMING(e)   (ev[e].left > 0 && !ev[e].queued)

#if SLOW_NET || STATUSES
proctype Net()
{
	byte e;
end:	do
	:: atomic {
		if
		:: COMING(0) -> e = 0
#if EVENTS > 1
		:: COMING(1) -> e = 1
#endif
#if EVENTS > 2
		:: COMING(2) -> e = 2
#endif
#if EVENTS > 3
		:: COMING(3) -> e = 3
#endif
#if EVENTS > 4
		:: COMING(4) -> e = 4
#endif
#if EVENTS > 5
		:: COMING(5) -> e = 5
#endif
#if EVENTS > 6
#error six events are as many as Net knows
#endif
		fi;
		if
		:: printf("net: delivered, answered 202: kind %d about %c\n", ev[e].kind, NAME(ev[e].head));
			if
			:: doubles > 0 -> doubles--; printf("net: ... and will be delivered again\n")
			:: ev[e].left--
			fi;
#if SLOW_JOURNAL
			ev[e].queued = true;
			journal!e
#else
			d_step {
				apply(e);
				forget(e)
			}
#endif
		:: CAN_BE_LOST(e) -> printf("net: lost: kind %d about %c\n", ev[e].kind, NAME(ev[e].head));
			d_step {
				lose--;
				ev[e].left--;
				forget(e)
			}
		:: NO_DURABLE_202 -> printf("net: answered 202 and forgotten: kind %d about %c\n", ev[e].kind, NAME(ev[e].head));
			d_step {
				ev[e].left--;
				forget(e)
			}
		fi;
		e = 0
	}
	od
}
#endif

proctype Applier()
{
	byte e;
end:	do
	:: atomic {
		journal?e ->
		printf("apply: kind %d about %c\n", ev[e].kind, NAME(ev[e].head));
		d_step {
			ev[e].queued = false;
			apply(e);
			forget(e);
			e = 0
		}
	}
	od
}
