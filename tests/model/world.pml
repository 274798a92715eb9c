/* People act. Each act is one step: the forge's truth, the webhook, and the ghosts that follow the truth. */

#define approved(c) (real[c].at > 0 && real[c].sha == real[c].head && real[c].at > real[c].arrived)

inline look(s) /* does the policy hold for s now? */
{
	yes = false;
	n = s;
#if STAGING
	if
	:: s == STAGED -> n = 1
	:: else
	fi;
#endif
	for (c_ : 0 .. CHANGES - 1) {
		if
		:: real[c_].open && real[c_].head == n -> yes = true
		:: else
		fi
	}
	for (c_ : 0 .. CHANGES - 1) {
		if
		:: real[c_].open && real[c_].head == n && !approved(c_) -> yes = false
		:: else
		fi
	}
	truth[s] = yes
}

inline look_all()
{
	for (s_ : 1 .. SHAS) {
		look(s_)
	}
	for (k : 0 .. JUDGES - 1) {
		work[k].ok = work[k].ok || (work[k].sha > 0 && truth[work[k].sha])
	}
	for (k : 0 .. FLIGHTS - 1) {
		flight[k].ok = flight[k].ok || (flight[k].life == OUT && flight[k].state == ALLOW && truth[flight[k].sha])
	}
	for (s_ : 1 .. SHAS) {
		slot[s_].ok = slot[s_].ok || (slot[s_].state == ALLOW && truth[s_]);
		outbox[s_].ok = outbox[s_].ok || (outbox[s_].state == ALLOW && truth[s_])
	}
}

inline free_event() /* row_: one of ev[] that nobody uses; EVENTS: none */
{
	row_ = EVENTS;
	for (e_ : 0 .. EVENTS - 1) {
		if
		:: row_ == EVENTS && ev[e_].left == 0 && !ev[e_].queued -> row_ = e_
		:: else
		fi
	}
}

inline tell(what, c, from, to, weak)
{
	free_event();
	assert(row_ < EVENTS || ROOM);
	ev[row_].kind = what;
	ev[row_].change = c;
	ev[row_].before = from;
	ev[row_].head = to;
	ev[row_].at = real[c].version;
	ev[row_].state = real[c].open;
	ev[row_].weakens = weak;
#if SLOW_NET
	ev[row_].left = 1;
#else
	ev[row_].queued = true;
	journal!row_;
#endif
	posts = 0
}

/* The status webhook of what the forge holds for s now. Without a free row it is lost. */
inline tell_status(s, foreign)
{
	forge[s].id++;
	free_event();
	if
	:: row_ < EVENTS ->
		ev[row_].kind = STATUS;
		ev[row_].head = s;
		ev[row_].at = forge[s].id;
		ev[row_].state = forge[s].state;
		ev[row_].about = foreign;
		ev[row_].left = 1
	:: else
	fi
}

#define NOW (ACTS - acts + 3)

inline touch(c)
{
	real[c].version = NOW;
	acts--
}

/* The forge's clock has a grain of one second: an act may or may not be in the second of the one before. */
inline tick(c)
{
	if
	:: NO_VALUES_COMPARED
	:: NO_VALUES_COMPARED -> real[c].second = NOW
	:: else
	fi
}

#define MAY_ACT (acts > 0)

inline approve(c)
{
	atomic {
		MAY_ACT && real[c].open && !approved(c) ->
		tick(c);
		d_step {
			touch(c);
			real[c].sha = real[c].head;
			real[c].at = real[c].version;
			look_all();
			tell(REVIEW, c, 0, real[c].head, false)
		};
		printf("people: approve %c in change %d\n", NAME(real[c].head), c)
	}
}

inline dismiss(c)
{
	atomic {
		MAY_ACT && real[c].open && real[c].at > 0 ->
		tick(c);
		d_step {
			touch(c);
			real[c].at = 0;
			look_all();
			tell(REVIEW, c, 0, real[c].head, true)
		};
		printf("people: dismiss the review of change %d\n", c)
	}
}

inline push(to)
{
	atomic {
		MAY_ACT && real[0].head != to ->
		d_step {
			touch(0);
			old = real[0].head;
			left_ = real[0].arrived;
			real[0].head = to;
			real[0].arrived = real[0].version;
#if OPEN_POLICY
			real[0].arrived--;
			real[0].sha = to;
			real[0].at = real[0].version;
#endif
			look_all();
			tell(PUSH, 0, old, to, true)
		};
		printf("people: push %c over %c\n", NAME(to), NAME(old));
#if ARRIVALS
		if /* a plain push leaves no dated trace, a force push does; a return that leaves none follows one that did */
		:: recorded[to] = NOW - 1
		:: recorded[to] == 0 || recorded[old] == left_ -> printf("people: ... without a trace in the record\n")
		fi
#endif
	}
}

inline open_on_A()
{
	atomic {
		MAY_ACT && !real[CHANGES - 1].open ->
		tick(CHANGES - 1);
		d_step {
			touch(CHANGES - 1);
			real[CHANGES - 1].open = true;
			real[CHANGES - 1].head = 1;
			if
			:: real[CHANGES - 1].arrived == 0 -> real[CHANGES - 1].arrived = real[CHANGES - 1].version
			:: else
			fi;
			look_all();
			tell(OPEN, CHANGES - 1, 0, 1, true)
		};
		printf("people: open change 1 on A\n")
	}
}

inline close()
{
	atomic {
		MAY_ACT && real[CHANGES - 1].open ->
		tick(CHANGES - 1);
		d_step {
			touch(CHANGES - 1);
			real[CHANGES - 1].open = false;
			look_all();
			tell(CLOSE, CHANGES - 1, 0, 1, true)
		};
		printf("people: close change 1\n")
	}
}

proctype People()
{
end:	do
#if REVIEWS
	:: approve(0)
	:: dismiss(0)
#endif
#if PUSHES
	:: push(1)
	:: push(2)
#if SHAS - STAGING > 2
	:: push(3)
#endif
#endif
#if CHANGES > 1
	:: open_on_A()
	:: close()
	:: approve(1)
#endif
#if OUTSIDERS
	:: atomic {
		MAY_ACT -> d_step {
			touch(0);
			n = posts;
			tell(OUTSIDE, 0, 0, real[0].head, true);
			posts = n
		};
		printf("people: an outsider objects\n")
	}
#endif
#if FOREIGN
	:: atomic {
		MAY_ACT -> d_step {
			acts--;
			forge[1].state = ALLOW;
			tell_status(1, 1)
		};
		printf("people: somebody forges a success on A\n")
	}
#endif
	:: atomic { acts > 0 -> acts = 0; printf("people: nothing more\n") }
	od
}

