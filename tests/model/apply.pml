/*
 * Apply: what one event does to subjects and slots, in one transaction. Slots and ledgers first, then the events.
 * `differs` is what makes a slot due; it is never stored here.
 */

#define differs(s) (slot[s].state != NONE && (ledger[s].state != slot[s].state || \
	(!slot[s].superseded && ledger[s].text != slot[s].text)))
#define may_be_allowed(s) (slot[s].state == ALLOW || ledger[s].state == ALLOW || ledger[s].state == UNKNOWN || ledger[s].doubt)

/* A supersede is answered when nothing more is due there, whatever an earlier attempt left in doubt. */
#define answered(s) (!slot[s].superseded || !differs(s))

inline want_one(s)
{
	subject[s].due = true;
	subject[s].later = false;
	for (k : 0 .. JUDGES - 1) {
		if
		:: work[k].sha == s -> work[k].news = true
		:: else
		fi
	}
}

inline want(s)
{
	want_one(s);
#if STAGING
	if
	:: s == 1 && listed && !NO_WANTED_OF_STAGING -> want_one(STAGED)
	:: else
	fi
#endif
}

inline write_revocation(s, forgood)
{
	if
	:: NO_SLOT && slot[s].state == ALLOW && differs(s) && ledger[s].by == 0 ->
		outbox[s].state = ALLOW;
		outbox[s].ok = slot[s].ok;
		outbox[s].gen = slot[s].gen;
		ledger[s].state = UNKNOWN /* rows are posted, not compared */
	:: else
	fi;
	gens[s]++;
	slot[s].state = DENY;
	slot[s].revocation = true;
	slot[s].superseded = forgood;
	slot[s].text = 0;
	slot[s].dropped = false;
	slot[s].ok = false;
	slot[s].gen = 2 * gens[s]
}

inline revoke_one(s)
{
	if
	:: may_be_allowed(s) && !slot[s].superseded -> write_revocation(s, false)
	:: else /* a superseded one says so already, and stays superseded */
	fi
}

inline revoke(s) /* the caller asks for the judgement */
{
	revoke_one(s);
#if STAGING
	if
	:: s == 1 && listed -> revoke_one(STAGED)
	:: else
	fi
#endif
}

inline ask_with_revocation(s)
{
	if
	:: NO_ASK_WITH_REVOCATION
	:: else -> want(s)
	fi
}

/* yes: the index knows another open change with this head */
inline heads_another(s)
{
	yes = false;
	for (c_ : 0 .. CHANGES - 1) {
		if
		:: c_ != of_ && told[c_].open && told[c_].head == s -> yes = true
		:: else
		fi
	}
}

inline take_back(s)
{
	heads_another(s);
	if
	:: yes -> want(s)
	:: else ->
		write_revocation(s, true);
		owed[s] = forge[s].state != DENY;
		for (k : 0 .. FLIGHTS - 1) {
			owed[s] = owed[s] || (flight[k].life == OUT && flight[k].sha == s && flight[k].state == ALLOW)
		}
#if STAGING
		if
		:: s == 1 && listed -> revoke_one(STAGED)
		:: else
		fi;
#endif
		if
		:: NO_WANTED_OF_BEFORE || NO_EVENTS_BEFORE
		:: else -> ask_with_revocation(s)
		fi
	fi
}

inline announce(s, from)
{
	if
	:: may_be_allowed(s) && (newest || !slot[s].superseded) ->
		write_revocation(s, false);
		owed[s] = owed[s] && !newest; /* it came back: nobody waits for its supersede any more */
		slot[s].after = from;
		pred[s] = from;
		ask_with_revocation(s)
	:: else ->
		want(s);
		if
		:: newest && slot[s].state != NONE && !slot[s].superseded && from > 0 -> slot[s].after = from; pred[s] = from
		:: newest && (slot[s].state == NONE || slot[s].superseded) ->
			write_revocation(s, false);
			owed[s] = false;
			slot[s].after = from;
			pred[s] = from
		:: else
		fi
	fi
}

inline apply_push(e)
{
#if ARRIVALS
	x = (NO_FORGE_TIME -> NOW - 1 : ev[e].at);
	arrival[head_] = (x > arrival[head_] -> x : arrival[head_]);
#endif
	if
	:: NO_EVENTS_BEFORE && old != head_ -> take_back(old)
	:: NO_EVENTS_BEFORE && old == head_
	:: else -> take_back(before_)
	fi;
	announce(head_, before_);
	if
	:: NO_EVENTS_BEFORE -> want(before_)
	:: else
	fi
}

inline apply_review(e)
{
	if
	:: ev[e].weakens && (ev[e].kind == REVIEW || NO_OUTSIDER_RULE) -> revoke(head_); ask_with_revocation(head_)
	:: else ->
		if
		:: NO_WANTED
		:: else -> want(head_)
		fi
	fi
}

inline apply_close(e)
{
	heads_another(head_);
	if
	:: yes -> want(head_)
	:: else -> take_back(head_)
	fi
}

/* Our own status, or somebody's: believed when nothing of ours is out or in doubt and its id is newer. */
inline apply_status(s, now, number)
{
	if
	:: number <= ledger[s].id && !NO_ID_COMPARED
	:: (number > ledger[s].id || NO_ID_COMPARED) && (ledger[s].by > 0 || ledger[s].doubt) && !NO_STATUS_CARE ->
		ledger[s].id = number
	:: else ->
		ledger[s].state = now;
		ledger[s].id = number;
		ledger[s].by = 0;
		ledger[s].doubt = false;
		subject[s].later = false
	fi
}

inline apply_told(e) /* floor and index */
{
	newest = ev[e].at >= told[of_].floor;
	old = told[of_].head;
	if
	:: newest ->
		told[of_].floor = ev[e].at;
		told[of_].head = head_;
		told[of_].open = ev[e].state
	:: else
	fi
}

inline apply(e)
{
	of_ = ev[e].change;
	before_ = ev[e].before;
	head_ = ev[e].head;
	if
	:: ev[e].kind == STATUS -> apply_status(head_, ev[e].state, ev[e].at)
	:: ev[e].kind == STAGE -> newest = true; announce(STAGED, 0)
	:: else ->
		apply_told(e);
		if
		:: ev[e].kind == REVIEW || ev[e].kind == OUTSIDE -> apply_review(e)
		:: ev[e].kind == PUSH -> apply_push(e)
		:: ev[e].kind == OPEN -> announce(head_, 0)
		:: ev[e].kind == CLOSE -> apply_close(e)
		fi;
		if /* the index believed in another head: an event between was lost, or this one is late */
		:: old != head_ && !NO_EVENTS_BEFORE && !NO_WANTED_OF_BEFORE && !NO_ASK_WITH_REVOCATION ->
			want(old);
			want(head_)
		:: else
		fi
	fi
}
