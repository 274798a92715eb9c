/*
 * apply: the effects of one event inside apply's transaction, a function per kind (apply_change.c, apply_review.c,
 * apply_others.c, apply_outcome.c), and what they share (revoke.c). Private to agent/store.
 *
 * revoke.h's rule: a revocation is written only where slot or ledger may be success; superseded and closed commits
 * always get one, because a gate may still be watching them turn green. It can express no success.
 */
#ifndef AGENT_STORE_APPLY_H
#define AGENT_STORE_APPLY_H

#include "agent/store/steps.h"
#include "agent/store/watches.h"
#include "policy/event.h"

struct applying { /* one event being applied */
	struct step *step;
	const struct event *event;
	struct text guid;
	bool newest; /* no applied event of this change was newer; set by raise_floor */
};

bool apply_change(struct applying *a);
bool apply_review(struct applying *a);
bool apply_push(struct applying *a);
bool apply_comment(struct applying *a);
bool apply_status(struct applying *a);
bool apply_check_run(struct applying *a);
bool apply_thread(struct applying *a);
bool apply_outcome(struct applying *a); /* of those three kinds, where it is not of our name */
bool apply_texts(struct applying *a); /* of a review, after apply_review: what its text may have said or says by now */
bool apply_people(struct applying *a);
bool apply_repository(struct applying *a);
bool apply_group(struct applying *a); /* groups.c */
bool apply_bug(struct applying *a);   /* bugs.c */

/* The payload's association is no permission, but whoever has none at all cannot stop a batch by typing, nor have
 * anything posted; unless the newest verdict of this commit found that he counts. */
struct speaker {
	struct text association;
	int64_t user;
};
bool could_count(struct applying *a, const struct speaker *who, const struct oid *sha, bool *ret);

/* One word of a tool or of somebody, for every verdict that may have asked for it (watches.h): this head's, and those
 * of merge groups built from it. Where it asked, it is judged again, and its success is taken back where the word
 * weighs; where a judgement is owed, it is noted. A faint word is of somebody who could not count: it is worth one look
 * after all that is owed, and neither notes nor takes back anything. */
struct news {
	struct heard heard; /* scope, fence and at are filled here */
	struct oid sha;
	bool weakens; /* it can take something away */
	bool faint;
	const char *text; /* of the revocation */
};
bool hear(struct applying *a, const struct news *news);

/* What somebody told a gate in a comment that was created, or the forge's queue, is kept (apply_orders.c). *ret: it
 * takes something back. The event of a change asks for judgements, too. */
bool keep_orders(struct applying *a, const struct row_change *change, bool *ret);
bool apply_queue(struct applying *a);

/* "/headgate recheck" (recheck.c), in a comment that was created. */
bool recheck_asked(struct applying *a, const struct row_change *change);

/* What any event tells of its repository's name and installation (names.c). */
bool keep_repo(struct step *step, const struct event *event);

/* What an event told of things that carry no version (floors.c): a branch's new tip; that somebody's rights changed. */
bool keep_tip(struct applying *a, struct text branch);
bool keep_people(struct applying *a);
/* That its base branch is another since then; that its head's repository is still there. */
bool keep_base(struct applying *a, int64_t at);
bool keep_head_repository(struct applying *a);

/* What revokes a head revokes every live group that it is a constituent of, if it may have success (groups.c). */
bool revoke_groups(struct applying *a, const struct oid *head, struct text text);

/* Keeps what an event of another kind tells of a change, after raise_floor. Where the index believed in another head,
 * an event in between was lost or is late: both heads are judged again. */
bool keep_change(struct applying *a);

/* Asks for a judgement of this head and revokes a success it may have. */
bool revoke(struct applying *a, const struct oid *sha, struct text text);

/* The commit heads no change any more: failure, whatever it had; judged again. */
bool revoke_for_good(struct applying *a, const struct oid *sha, struct text text);

/* The first status of a new head: pending, from the event alone, for people. Asks for its judgement. `after`: the head
 * it replaced, whose supersede must be answered first. A success already there (a shared head) is revoked. */
bool announce(struct applying *a, const struct oid *sha, const struct oid *after, struct text why);

/* The change's head is now the event's, and `old` was it before: failure on old, unless another change has it. */
bool supersede(struct applying *a, const struct oid *old);
/* Its first status, after the supersede of `before` where that is known. */
bool arrive(struct applying *a, const struct oid *before);

/* What the forge's own list of changes says of one (apply_listed.c), in two steps so that the index knows all of a list
 * before anything is made of it. It gives no arrival: only events and the forge's record of moves do. */
struct listed {
	struct row_change was; /* the index before; number 0: it knew nothing */
	bool news;             /* newer than what is known, or of the same second and different */
};
bool listed_keep(struct applying *a, struct listed *ret);
bool listed_act(struct applying *a, const struct listed *listed);
/* The forge knew no such change at `read_at`. Closed where the index has it open, until a list or an event says more;
 * *ret: it was closed now. Not where an event told of it that a copy may not have yet, or none did. */
bool listed_gone(struct applying *a, int64_t read_at, bool *ret);

/* Does another open change have this head, by the index? Unknown where what events told of that one contradicts itself:
 * then it spares nothing that is to be taken back, and is still judged. */
bool heads_another(struct applying *a, const struct oid *sha, int64_t number, enum tri *ret);

/* The newest that events told about a change: sets a->newest, false when this event is older than another. */
bool raise_floor(struct applying *a);

#endif
