/* Ghosts at the judges and at the hands that write: what is read, concluded, applied and taken. */
#include "tests/sim/ghost_inner.h"

#define SUCCESS_MOST_MS 30000 /* STORE_LIMITS_DEFAULT */

/* Nothing is read for a head before the one that it replaced has its failure. The claim decides that: the push may be
 * applied between it and the first request, and its success is refused then. */
static void check_read(struct hand *hand, int commit)
{
	struct sim *sim = hand->sim;
	const struct ghost_deed *push = ghost_pushed_to(sim, commit);

	if (push && push->applied <= hand->wrote && swarm_is_calm(&sim->swarm) &&
	    ghost_replaced_without_failure(sim, push) && ghost_unapplied(sim) == 0)
		sim_break(sim, "I2: c%d is read before c%d, which it replaced, has its failure", commit,
			  push->deed.before);
}

static void note_fence(struct hand *hand, int commit)
{
	const struct peek *peek = ghost_peek(hand->sim, commit);

	if (peek && peek->has_subject && text_eq(peek->subject.owner, text_of(hand->owner)))
		hand->fence = peek->subject.fence;
}

static struct reading current(const struct hand *hand)
{
	return (struct reading){hand->began, hand->began_at, hand->fence, hand->read_at, hand->erred};
}

static void turn_to(struct hand *hand, int commit, const struct reading *reading)
{
	hand->commit = commit;
	hand->began = reading->began;
	hand->began_at = reading->began_at;
	hand->fence = reading->fence;
	hand->read_at = reading->read_at;
	hand->erred = reading->erred;
}

/* A judge that puts a judgement off holds its claim beside that of the next one, which begins with the name where it is
 * in doubt. */
void ghost_asks_name(struct hand *hand)
{
	const struct peek *peek;

	for (int i = 0; hand->reading && i < TRUTH_COMMITS; i++) {
		peek = i == hand->commit ? NULL : ghost_peek(hand->sim, i);
		if (peek && peek->has_subject && text_eq(peek->subject.owner, text_of(hand->owner)))
			ghost_reads_for_company(hand);
	}
}

void ghost_reads_for_company(struct hand *hand)
{
	if (hand->reading)
		hand->kept[hand->commit] = current(hand);
	hand->reading = false;
}

void ghost_read_begins(struct hand *hand, int commit)
{
	if (hand->commit != commit)
		ghost_reads_for_company(hand);
	hand->kept[commit].began = 0;
	note_fence(hand, commit);
	hand->erred = false;
	hand->read_at = sim_now(hand->sim);
	if (hand->reading && hand->commit == commit)
		return;
	if (hand->part != PART_SWEEP)
		check_read(hand, commit);
	hand->reading = true;
	hand->commit = commit;
	hand->began = hand->sim->step;
	hand->began_at = sim_now(hand->sim);
}

void ghost_call_failed(struct hand *hand)
{
	hand->erred = true;
}

bool ghost_taken_back(struct sim *sim, int place)
{
	const struct peek *peek = ghost_peek(sim, place);

	return peek && peek->has_slot && peek->slot.kind == SLOT_REVOCATION && peek->slot.state == STATUS_FAILURE;
}

/* It is the head of a change that was merged, as all webhooks told, and of none that is open. */
static bool merged(const struct sim *sim, int commit, uint64_t before)
{
	bool merged = false;

	for (int i = 0; i < TRUTH_CHANGES; i++) {
		const struct truth_change *c = &sim->truth.changes[i];

		if (c->used && c->head == commit && (!c->merged || !ghost_all_told(sim, i, before)))
			return false;
		merged = merged || (c->used && c->head == commit);
	}
	return merged;
}

/* Whatever was concluded: by whoever holds the claim, and of what has not landed. */
static void check_concluded(struct hand *hand, int place, const struct peek *peek)
{
	struct sim *sim = hand->sim;
	struct ghost_commit *c = &sim->ghost.commits[place];

	if (!peek->has_slot || peek->slot.verdict <= c->seen_slot)
		return;
	ghost_rare_concluded(sim, hand);
	c->seen_slot = peek->slot.verdict;
	c->seen_as_of = hand->began_at - (sim->swarm.lag > 0 ? (int64_t)sim->swarm.lag_s * 1000 : 0);
	if (hand->reading && peek->has_subject && peek->subject.fence != hand->fence)
		sim_break(sim, "I2: %s concludes for %s, whose claim it has lost", hand->owner, show_named(place).text);
	/* A judgement that is given up knows nothing of the forge, and says that it is pending. */
	if (hand->reading && peek->slot.state == STATUS_FAILURE && sim->swarm.lag == 0 && c->landed > 0 &&
	    c->landed < hand->began && merged(sim, hand->commit, hand->began))
		sim_break(sim, "I5: a verdict on %s, which had landed before it was read", show_named(place).text);
}

/* Heads that were replaced are concluded in company, from a list of all open changes: that can deny, and no more. */
static void note_company(struct hand *hand)
{
	struct sim *sim = hand->sim;

	for (int i = 0; i < SIM_PLACES; i = ghost_next(sim, i)) {
		bool own = hand->reading && hand->commit == show_commit_at(i);
		const struct peek *peek = own ? NULL : ghost_peek(sim, i);
		struct ghost_commit *c = &sim->ghost.commits[i];

		if (!peek || !peek->has_slot || peek->slot.verdict <= c->seen_slot)
			continue;
		c->seen_slot = peek->slot.verdict;
		if (peek->slot.state == STATUS_SUCCESS)
			sim_break(sim, "I2: %s concludes success for %s without a reading of it", hand->owner,
				  show_named(i).text);
	}
}

static void success_concluded(struct hand *hand, int place, const struct row_slot *slot)
{
	struct sim *sim = hand->sim;
	struct ghost_commit *c = &sim->ghost.commits[place];

	c->seen_generation = slot->generation;
	c->seen_made_at = slot->made_at;
	c->success[c->n_success++ % (sizeof c->success / sizeof c->success[0])] =
		(struct ghost_success){sim->step, hand->began, hand->began_at, hand->read_at};
	if (ghost_unapplied(sim) != 0)
		sim_break(sim, "I3: success concluded for %s over a journal that is not applied",
			  show_named(place).text);
	if (hand->erred)
		sim_break(sim, "I7: success concluded for %s out of a reading that failed", show_named(place).text);
	if (!c->now_true)
		sim_once(sim, SOMETIMES_SUCCESS_NOT_SENT);
	sim_detail(sim, "%s concludes success for %s", hand->owner, show_named(place).text);
}

/* What its judge read for it was read a moment ago, whatever the store believes of that. */
static void check_age(struct sim *sim, int place)
{
	const struct ghost_commit *c = &sim->ghost.commits[place];
	int64_t age =
		sim_now(sim) - c->success[(c->n_success - 1) % (sizeof c->success / sizeof c->success[0])].read_at;

	if (age > SUCCESS_MOST_MS)
		sim_break(sim, "I1: success on %s is sent %lld ms after its reading", show_named(place).text,
			  (long long)age);
}

/* A success is sent only over an applied journal, fresh, and while nothing older may still land. */
static void check_taken(struct hand *hand)
{
	struct sim *sim = hand->sim;

	for (int i = 0; i < SIM_PLACES; i = ghost_next(sim, i)) {
		const struct peek *peek = sim->ghost.commits[i].n_success > 0 ? ghost_peek(sim, i) : NULL;

		if (!peek || !peek->has_ledger || peek->ledger.in_flight_state != STATUS_SUCCESS ||
		    peek->ledger.in_flight_since != node_now(hand) ||
		    !text_eq(peek->ledger.in_flight_by, text_of(hand->owner)))
			continue;
		if (ghost_unapplied(sim) != 0)
			sim_break(sim, "I3: success on %s is sent over a journal that is not applied",
				  show_named(i).text);
		if (peek->ledger.doubt_until > 0)
			sim_break(sim, "I2: success on %s is sent while an older status may land", show_named(i).text);
		check_age(sim, i);
		ghost_check_grants_wait(hand, i);
	}
}

/* What a webhook took back is taken back when that webhook is applied, and by nothing later. */
static void check_applied(struct sim *sim)
{
	if (ghost_untold(sim, sim->step, 0) || ghost_bugs_untold(sim) > 0)
		return; /* the commit may be false by something else by now, which nobody was told */
	for (int i = 0; i < SIM_PLACES; i = ghost_next(sim, i)) {
		const struct peek *peek =
			sim->ghost.commits[i].told_false && ghost_unapplied(sim) == 0 ? ghost_peek(sim, i) : NULL;

		if (peek && peek->has_slot && peek->slot.state == STATUS_SUCCESS)
			sim_break(sim, "I2: a webhook took %s back, was applied, and success is still wanted",
				  show_named(i).text);
	}
}

/* Every webhook of a change names its head, not only that of the push. */
static bool told_of(const struct sim *sim, int change, int commit)
{
	uint64_t pushed = ghost_pushed_at(sim, change, commit);

	for (size_t i = 0; i < sim->ghost.n_deeds; i++) {
		const struct ghost_deed *d = &sim->ghost.deeds[i];
		bool names = d->deed.commit == commit || (d->deed.change == change && d->step > pushed);

		if (names && d->told > 0)
			return true;
	}
	return false;
}

static void note_swept(struct sim *sim)
{
	for (int i = 0; i < TRUTH_CHANGES; i++) {
		const struct peek *peek;
		int head = sim->truth.changes[i].head;

		if (!sim->truth.changes[i].open || sim->ghost.commits[head].swept || told_of(sim, i, head))
			continue;
		peek = ghost_peek(sim, head);
		if (!peek || !peek->has_subject)
			continue;
		sim->ghost.commits[head].swept = true;
		sim_once(sim, SOMETIMES_SWEEP_FOUND);
	}
}

static bool alone(const struct sim *sim, int change)
{
	const struct truth_change *c = &sim->truth.changes[change];

	return c->open && !ghost_shared_ever(sim, c->head, change);
}

static bool superseded(struct sim *sim, int change)
{
	const struct truth_change *c = &sim->truth.changes[change];
	const struct peek *peek = c->open ? ghost_peek(sim, c->head) : NULL;

	return peek && peek->has_slot && peek->slot.superseded;
}

/* What webhooks told in order, a list that lags does not take back. */
static void check_swept(struct sim *sim)
{
	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (alone(sim, i) && !sim->ghost.superseded[i] && ghost_all_told(sim, i, sim->step) &&
		    superseded(sim, i))
			sim_break(sim, "I2: a sweep supersedes c%d, the head of #%d as every webhook told",
				  sim->truth.changes[i].head, i + 1);
}

void ghost_writes(struct hand *hand)
{
	hand->wrote = hand->sim->step;
	for (int i = 0; hand->part == PART_SWEEP && i < TRUTH_CHANGES; i++)
		hand->sim->ghost.superseded[i] = superseded(hand->sim, i);
}

/* Whoever may not count takes nothing back. */
static void check_stands(struct sim *sim)
{
	int commit = sim->ghost.stands;

	if (commit == NOBODY || ghost_unapplied(sim) != 0)
		return;
	sim->ghost.stands = NOBODY;
	if (ghost_taken_back(sim, commit))
		sim_break(sim, "I5: an outsider's review took c%d back", commit);
}

/* What was taken back before the review was applied was taken back by somebody else: by what a poll read of a bug. */
static void forget_stands(struct sim *sim)
{
	if (sim->ghost.stands != NOBODY && ghost_taken_back(sim, sim->ghost.stands))
		sim->ghost.stands = NOBODY;
}

/* The judgement that this hand was at has ended: what it says of a context. The same success once more, which nothing
 * new was wanted for, has a reading of its own, too. */
static void check_ended(struct hand *hand, int place)
{
	const struct ghost_commit *c = &hand->sim->ghost.commits[place];
	const struct peek *peek = ghost_peek(hand->sim, place);

	if (!peek)
		return;
	check_concluded(hand, place, peek);
	if (peek->has_slot && peek->slot.state == STATUS_SUCCESS &&
	    (peek->slot.generation > c->seen_generation || peek->slot.made_at > c->seen_made_at))
		success_concluded(hand, place, &peek->slot);
}

static bool holds(const struct hand *hand, int commit)
{
	const struct peek *peek = ghost_peek(hand->sim, commit);

	return peek && peek->has_subject && text_eq(peek->subject.owner, text_of(hand->owner));
}

static void end_reading(struct hand *hand)
{
	for (int i = 0; i < SIM_PLACES; i = ghost_next(hand->sim, i))
		if (show_commit_at(i) == hand->commit)
			check_ended(hand, i);
}

/* What was judged before, and waited for its moment, stands on its own reading. */
static void end_kept(struct hand *hand)
{
	struct reading now = current(hand);
	int commit = hand->commit;
	bool reading = hand->reading;

	for (int i = 0; i < TRUTH_COMMITS; i++) {
		if (hand->kept[i].began == 0 || holds(hand, i))
			continue;
		hand->reading = true;
		turn_to(hand, i, &hand->kept[i]);
		end_reading(hand);
		hand->kept[i].began = 0;
	}
	turn_to(hand, commit, &now);
	hand->reading = reading;
}

void ghost_wrote(struct hand *hand)
{
	const struct peek *peek;

	ghost_note_applied(hand->sim);
	if (hand->part == PART_APPLY) {
		check_applied(hand->sim);
		check_stands(hand->sim);
	} else {
		forget_stands(hand->sim);
	}
	if (hand->part == PART_SWEEP) {
		note_swept(hand->sim);
		check_swept(hand->sim);
		hand->sim->ghost.stands = NOBODY;
	}
	if (hand->part == PART_POST) {
		check_taken(hand);
		hand->taken = hand->sim->step;
		hand->stopped = false;
	}
	ghost_check_ledger(hand);
	if (hand->part != PART_JUDGE && hand->part != PART_JUDGE_2)
		return;
	end_kept(hand);
	note_company(hand);
	if (!hand->reading)
		return;
	peek = ghost_peek(hand->sim, hand->commit);
	if (!peek)
		return;
	if (peek->has_subject && text_eq(peek->subject.owner, text_of(hand->owner)))
		return; /* still judging */
	if (peek->has_subject && peek->subject.owner.len > 0)
		sim_once(hand->sim, SOMETIMES_FENCED);
	end_reading(hand);
	hand->reading = false;
}
