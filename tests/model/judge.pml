/*
 * Judge: claim, read, read again, conclude. Each read is one step of one change, so that the world moves between them.
 * The values that a judge keeps: 0 no open change has this head, 1 it has and does not pass, more: it passes, and by
 * which review.
 */

/* Waits for a supersede: its own, or that of the head it replaced. */
#define waits(s) (!answered(s) || (slot[s].after > 0 && !answered(slot[s].after)))
#define can_claim(s) (subject[s].due && !subject[s].later && subject[s].lease == 0 && \
	(NO_CLAIM_HELD_BACK || !waits(s)))
#define CLAIMS(me, s) (can_claim(s) && (me == 0 || work[0].sha > 0)) /* judges are alike: the first idle one claims */

inline claim(me, s)
{
	yes = false;
	for (k : 0 .. JUDGES - 1) {
		if
		:: k != me && work[k].sha == s -> work[k].mine = false; yes = true
		:: else
		fi
	}
	if
	:: yes -> gens[s]++ /* a late worker goes on with this one: what it has read by now is older */
	:: else
	fi;
	subject[s].lease = me + 1;
	work[me].sha = s;
	work[me].mine = true;
	work[me].news = false;
	work[me].ok = truth[s];
#if LAG /* what a replica may still show, where no event contradicts it */
	work[me].ok = work[me].ok || (copy[0].version >= told[0].floor && copy[0].open && copy[0].head == s &&
		copy[0].sha == s && copy[0].at > copy[0].arrived);
#endif
	work[me].gen = 2 * gens[s] + 1;
	if
	:: NO_FENCELESS_REVOKING && slot[s].revocation -> slot[s].dropped = true
	:: else
	fi
}

#if ARRIVALS
/* When the head arrived, as the agent can know it; x: the answer. The forge's record is part of each read. */
inline arrival_of(s)
{
	x = arrival[s];
	y = 0;
	for (s_ : 1 .. SHAS) {
		if
		:: s_ == s && recorded[s_] > x && !NO_RECORD_READ -> x = recorded[s_]
		:: s_ != s && arrival[s_] > y -> y = arrival[s_]
		:: else
		fi;
		if
		:: s_ != s && recorded[s_] > y && !NO_RECORD_READ -> y = recorded[s_]
		:: else
		fi
	}
	if
	:: x > 0 && (x > y || NO_RECORD_READ)
	:: else -> /* it went and came back, and nothing dates the return: the first answer that shows it again */
		if
		:: shown[s] > y
		:: else -> shown[s] = NOW - 1
		fi;
		x = shown[s]
	fi
}
#endif

/* What the answer says; then n: the value. */
#define SEEN(from) seen_open = from.open; seen_head = from.head; seen_arrived = from.arrived; seen_sha = from.sha; seen_at = from.at

inline value(c, s)
{
	if
	:: NO_OPEN_SET_READ -> yes = told[c].open && told[c].head == s
	:: else -> yes = seen_open && seen_head == s
	fi;
	x = seen_arrived;
	y = seen_at;
#if ARRIVALS
	arrival_of(s);
	y = seen_at;
#endif
	n = (yes -> ((y > x && seen_sha == s) -> 1 + seen_at : 1) : 0)
}

#if LAG
#define STALE(c) (copy[c].version < real[c].version)
#else
#define STALE(c) false
#endif

inline answer_of(me, c, s) /* n: the value */
{
	if
	:: STALE(c) && (copy[c].version >= told[c].floor || NO_FLOOR) ->
		printf("judge %d: reads change %d from a replica that lags\n", me, c);
		d_step { SEEN(copy[c]); value(c, s) }
	:: STALE(c) && copy[c].version < told[c].floor && !NO_FLOOR ->
		printf("judge %d: the answer is older than an event: later\n", me);
		goto defer
	:: !down ->
		d_step { SEEN(real[c]); value(c, s) };
		printf("judge %d: reads change %d: %d\n", me, c, n)
	:: errors > 0 ->
		errors--;
		printf("judge %d: the read fails\n", me);
		goto failed
	:: down -> goto defer
	fi;
#if STAGING
	if
	:: NO_FRESH_CONSTITUENTS && work[me].sha == STAGED -> n = (verdict[1] == ALLOW -> 2 : 1)
	:: else
	fi
#endif
}

inline read(me, c, s)
{
	atomic {
		answer_of(me, c, s);
		work[me].v[c] = n;
		work[me].second[c] = real[c].second;
		work[me].gen = 2 * gens[work[me].sha] + 1
	}
}

inline read_again(me, c, s)
{
	atomic {
		answer_of(me, c, s);
		if
		:: (!NO_VALUES_COMPARED && n != work[me].v[c]) || (NO_VALUES_COMPARED && work[me].second[c] != real[c].second) ->
			printf("judge %d: moved\n", me);
			goto moved
		:: else -> work[me].gen = 2 * gens[work[me].sha] + 1
		fi
	}
}

/* Of all values: yes: allowed; x: 1 if some open change has this head. */
inline evaluate(me, s)
{
	yes = true;
	x = 0;
	for (c_ : 0 .. CHANGES - 1) {
		if
		:: work[me].v[c_] == 1 -> yes = false; x = 1
		:: work[me].v[c_] > 1 -> x = 1
		:: else
		fi
	}
	yes = yes && x == 1
}

inline give_back(me)
{
	for (c_ : 0 .. CHANGES - 1) {
		work[me].v[c_] = 0;
		work[me].second[c_] = 0
	}
	work[me].sha = 0;
	work[me].news = false;
	work[me].mine = false;
	work[me].ok = false;
	work[me].gen = 0
}

inline end_lease(me, s)
{
	if
	:: subject[s].lease == me + 1 -> subject[s].lease = 0
	:: else
	fi
}

/* A success that cannot be concluded: dropped, and the subject stays due. */
inline drop(me, s)
{
	if
	:: NO_JUDGED_KEPT -> subject[s].due = false
	:: !NO_JUDGED_KEPT && !work[me].news && ledger[s].doubt -> subject[s].later = true
	:: else
	fi
}

inline write_slot(me, s, allow, heads)
{
	slot[s].revocation = false;
	slot[s].superseded = (heads == 0);
	slot[s].text = (NO_STEADY_TEXT -> 1 - slot[s].text : 0);
	slot[s].dropped = false;
	slot[s].ok = allow && work[me].ok;
	slot[s].gen = work[me].gen;
	if
	:: NO_POSTER_COMPARES && ledger[s].state == (allow -> ALLOW : DENY) -> slot[s].state = NONE /* "it has it already" */
	:: else -> slot[s].state = (allow -> ALLOW : DENY)
	fi
}

inline write_verdict(me, s, allow, heads)
{
	if /* older than news: it takes no supersede back and makes none; the subject is judged again */
	:: work[me].news && !allow && slot[s].superseded
	:: work[me].news && !allow && !slot[s].superseded -> write_slot(me, s, allow, 1)
	:: else -> write_slot(me, s, allow, heads)
	fi;
#if STAGING
	if
	:: s == STAGED -> listed = true
	:: s == 1 && NO_WANTED_OF_STAGING && verdict[1] != (allow -> ALLOW : DENY) -> want_one(STAGED)
	:: else
	fi;
	verdict[s] = (allow -> ALLOW : DENY);
#endif
	subject[s].due = work[me].news
}

inline apply_journal()
{
	do
	:: len(journal) > 0 && !NO_JOURNAL_AT_CONCLUDE ->
		journal?e_;
		ev[e_].queued = false;
		row_ = e_; /* apply uses e_ for nothing, but its row must stay */
		apply(row_);
		forget(row_)
	:: len(journal) == 0 || NO_JOURNAL_AT_CONCLUDE -> break
	od
}

inline conclude(me, s)
{
	apply_journal();
	if
	:: !work[me].mine && !NO_FENCE
	:: else ->
		end_lease(me, s);
		evaluate(me, s);
		if
		:: yes && ((work[me].news && !NO_WANTED_COMPARED) || (ledger[s].doubt && !NO_WAIT_IN_DOUBT)) -> drop(me, s)
		:: else ->
			assert(!yes || empty(journal) || N);
			write_verdict(me, s, yes, x)
		fi
	fi;
	give_back(me)
}

#if STAGING
#define READ_FOR(s) (s == STAGED -> 1 : s) /* the facts of a staging commit are its constituent's */
#else
#define READ_FOR(s) s
#endif

proctype Judge(byte me)
{
	byte s;
	bool allow;
end:	do
	:: atomic {
		if
		:: CLAIMS(me, 1) -> s = 1
#if SHAS > 1
		:: CLAIMS(me, 2) -> s = 2
#endif
#if SHAS > 2
		:: CLAIMS(me, 3) -> s = 3
#endif
		fi;
		d_step { claim(me, s) };
		printf("judge %d: claims %c\n", me, NAME(s))
	};
#if STAGING
	if
	:: s == STAGED && !listed && !NO_CONSTITUENTS_FIRST ->
		atomic { listed = true; printf("judge %d: the list of constituents is committed\n", me) }
	:: else
	fi;
#endif
	read(me, 0, READ_FOR(s));
#if CHANGES > 1
	read(me, 1, s);
#endif
	d_step {
		evaluate(me, s);
		allow = yes
	};
	if
	:: allow && !NO_DOUBLE_COLLECT ->
		read_again(me, 0, READ_FOR(s));
#if CHANGES > 1
		read_again(me, 1, s)
#endif
	:: else
	fi;
	atomic {
		d_step { conclude(me, s) };
		printf("judge %d: concludes about %c: slot %c\n", me, NAME(s), WORD(slot[s].state));
		goto done
	};
failed:	atomic {
		d_step {
			if
			:: work[me].mine -> subject[s].lease = 0
			:: else
			fi;
			if
			:: work[me].mine && NO_RETRY_AFTER_ERROR -> subject[s].due = work[me].news
			:: else
			fi;
			give_back(me)
		};
		goto done
	};
defer:	atomic {
		d_step {
			if
			:: work[me].mine -> subject[s].lease = 0; subject[s].later = !work[me].news && (down || STALE(0))
			:: else
			fi;
			give_back(me)
		};
		goto done
	};
moved:	atomic {
		d_step {
			if
			:: work[me].mine -> subject[s].lease = 0
			:: else
			fi;
			give_back(me)
		};
		goto done
	};
done:	atomic { s = 0; allow = false }
	od
}
