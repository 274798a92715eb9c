/*
 * Post: take (the ledger is written ahead), the request lands or not, the answer comes or not. A request whose poster
 * knows nothing more of it flies on as a zombie: it lands late or dies.
 */

#define due(s) (differs(s) && !slot[s].dropped && (ledger[s].by == 0 || NO_ONE_IN_FLIGHT) && \
	(NO_SUPERSEDE_FIRST || slot[s].superseded || slot[s].after == 0 || answered(slot[s].after)))
#define revoking(s) (due(s) && slot[s].state == DENY)
#define granting(s) (due(s) && slot[s].state == ALLOW && !revoking_any && \
	(!ledger[s].doubt || NO_WAIT_IN_DOUBT) && (empty(journal) || NO_JOURNAL_AT_SEND))
#define old_row(s) (outbox[s].state == ALLOW && ledger[s].by == 0 && !revoking_any)
#if SHAS == 1
#define revoking_any revoking(1)
#endif
#if SHAS == 2
#define revoking_any (revoking(1) || revoking(2))
#endif
#if SHAS == 3
#define revoking_any (revoking(1) || revoking(2) || revoking(3))
#endif
#define TAKES(me, s) ((me == 0 || flight[0].life > 0) && (revoking(s) || granting(s) || old_row(s)))

inline take(me, s)
{
	if
	:: old_row(s) ->
		flight[me].state = ALLOW;
		flight[me].ok = outbox[s].ok;
		flight[me].gen = outbox[s].gen;
		outbox[s].state = NONE;
		outbox[s].ok = false;
		outbox[s].gen = 0
	:: else ->
		flight[me].state = slot[s].state;
		flight[me].ok = slot[s].ok;
		flight[me].gen = slot[s].gen;
		flight[me].text = slot[s].text
	fi;
	assert(flight[me].state == DENY || empty(journal) || N);
	assert(slot[s].superseded || pred[s] == 0 || !owed[pred[s]] || P);
	flight[me].life = OUT;
	flight[me].sha = s;
	if /* a supersede waits for nobody, but what comes after it does */
	:: slot[s].superseded
	:: else -> slot[s].after = 0; pred[s] = 0
	fi;
	if
	:: NO_WRITE_AHEAD || NO_POSTER_COMPARES
	:: else -> ledger[s].state = UNKNOWN; ledger[s].text = 0
	fi;
	ledger[s].by = me + 1;
#if QUIET
	posts++;
	assert(posts <= QUIET || Q)
#endif
}

inline clear(f)
{
	flight[f].life = 0;
	flight[f].sha = 0;
	flight[f].state = 0;
	flight[f].ok = false;
	flight[f].text = 0;
	flight[f].gen = 0
}

/* The forge accepts it. An answer that is lost is the written exception of S2. */
inline land(f)
{
	y = flight[f].sha;
	if
	:: flight[f].state == ALLOW ->
		assert(flight[f].ok || S1);
		assert(f >= POSTERS || flight[f].gen >= denied[y] || S2);
		allowed[y] = (flight[f].gen > allowed[y] -> flight[f].gen : allowed[y])
	:: else ->
		assert(flight[f].gen >= allowed[y] || S3);
		owed[y] = false;
		denied[y] = (flight[f].gen > denied[y] -> flight[f].gen : denied[y])
	fi;
	forge[y].state = flight[f].state;
	forge[y].text = flight[f].text;
#if SWEEPS
	forge[y].id++;
#endif
#if STATUSES
	tell_status(y, 0);
#endif
	if
	:: f >= POSTERS -> clear(f)
	:: else -> flight[f].life = LANDED; flight[f].ok = false; flight[f].gen = 0
	fi
}

inline answer(me, s, number)
{
	if
	:: ledger[s].by == me + 1 ->
		ledger[s].by = 0;
#if STATUSES || SWEEPS
		if
		:: ledger[s].id > number
		:: else -> ledger[s].id = number; ledger[s].state = flight[me].state
		fi;
#else
		ledger[s].state = flight[me].state;
#endif
		ledger[s].text = flight[me].text
	:: else
	fi;
	clear(me)
}

/* The poster learns nothing, or is dead: then its row in the ledger stands until no request can live that long. */
inline unanswered(me, s, died)
{
	if
	:: flight[me].life == OUT ->
		row_ = POSTERS;
		do
		:: row_ < FLIGHTS && flight[row_].life > 0 -> row_++
		:: else -> break
		od;
		assert(row_ < FLIGHTS || ROOM);
		flight[row_].life = OUT;
		flight[row_].sha = s;
		flight[row_].state = flight[me].state;
		flight[row_].ok = flight[me].ok;
		flight[row_].gen = flight[me].gen;
		flight[row_].text = flight[me].text
	:: else
	fi;
	if
	:: ledger[s].by != me + 1
	:: ledger[s].by == me + 1 && died -> ledger[s].by = (NO_WRITE_AHEAD -> 0 : DEAD)
	:: else -> ledger[s].by = 0; ledger[s].doubt = !NO_DOUBT
	fi;
	clear(me);
	posts = 0
}

proctype Poster(byte me)
{
	byte s, number; /* number: the id that the forge gave */
end:	do
	:: atomic {
		if
		:: TAKES(me, 1) -> s = 1
#if SHAS > 1
		:: TAKES(me, 2) -> s = 2
#endif
#if SHAS > 2
		:: TAKES(me, 3) -> s = 3
#endif
		fi;
		d_step { take(me, s) };
		printf("poster %d: takes %c%c\n", me, NAME(s), WORD(flight[me].state))
	};
	if
	:: atomic {
		d_step { land(me); number = forge[s].id };
		printf("forge: accepts %c%c\n", NAME(s), WORD(forge[s].state))
	}
#if ZOMBIES
	:: atomic { losses > 0 -> losses--; printf("poster %d: no answer; the request may land late\n", me); goto lost }
	:: atomic { deaths > 0 -> deaths--; printf("poster %d: dies\n", me); goto died }
#endif
	fi;
	if
	:: atomic { d_step { answer(me, s, number) }; printf("poster %d: answered\n", me) }
#if ZOMBIES
	:: atomic { losses > 0 -> losses--; printf("poster %d: the answer is lost\n", me); goto lost }
	:: atomic { deaths > 0 -> deaths--; printf("poster %d: dies before the answer\n", me); goto died }
#endif
	fi;
	goto done;
lost:	atomic { d_step { unanswered(me, s, false) }; goto done };
died:	atomic { d_step { unanswered(me, s, true) }; goto done };
done:	atomic { s = 0; number = 0 }
	od
}
