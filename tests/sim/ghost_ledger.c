/* Ghosts at the ledger: what the store believes of the forge, against what is so and what is still on its way. */
#include "tests/sim/ghost_inner.h"

#define HELD_MOST_MS 11000 /* a poster that nothing wakes looks every five seconds */

/* Living posters' requests, and those that nobody waits for any more. */
static bool in_the_air(const struct sim *sim, int place)
{
	for (size_t i = 0; i < sim->net.n_landings; i++)
		if (sim->net.landings[i].place == place)
			return true;
	for (unsigned i = 0; i < sim->swarm.nodes; i++) {
		const struct life *life = sim->nodes[i].life;

		if (life && life->hands[PART_POST].air == place && life->hands[PART_POST].air_until > sim_now(sim))
			return true;
	}
	return false;
}

static void check_known(struct sim *sim, int place, const struct row_ledger *ledger)
{
	const struct accepted *a = NULL;

	/* The world of the deep stage numbers statuses as it likes. */
	if (sim->stage == &stage_broad && ledger->forge_status_id > 0 &&
	    (size_t)ledger->forge_status_id <= sim->ghost.n_accepted)
		a = &sim->ghost.accepted[ledger->forge_status_id - 1];
	/* A copy of the forge that lags may be believed when a doubt ends. */
	if (sim->swarm.lag == 0 && a && a->place == place && !ledger->in_doubt && ledger->state != STATUS_UNKNOWN &&
	    ledger->state != (int64_t)a->state)
		sim_break(sim, "I2: the ledger of %s says that status %lld is a %s, and it is a %s",
			  show_named(place).text, (long long)a->id, status_state_name((enum status_state)ledger->state),
			  status_state_name(a->state));
}

static void check_one(struct sim *sim, int place, const struct peek *peek)
{
	struct ghost_commit *c = &sim->ghost.commits[place];
	const struct row_ledger *ledger = &peek->ledger;

	if (ledger->in_flight_by.len > 0 && ledger->state != STATUS_UNKNOWN)
		sim_break(sim, "I2: the ledger of %s says %s while a status is out", show_named(place).text,
			  status_state_name((enum status_state)ledger->state));
	/* Only one process is promised that its own stops cost nothing: beside others its time may be older than
	 * theirs. */
	if (!ledger->in_doubt && !(sim->swarm.nodes > 1 && sim->ghost.late_clock) && in_the_air(sim, place))
		sim_break(sim, "I2: the ledger of %s is sure while a status is on its way", show_named(place).text);
	if (ledger->forge_status_id < c->seen_id)
		sim_break(sim, "I2: the ledger of %s goes back from status %lld to %lld", show_named(place).text,
			  (long long)c->seen_id, (long long)ledger->forge_status_id);
	c->seen_id = ledger->forge_status_id;
	check_known(sim, place, ledger);
	if (peek->has_slot && !peek->slot.due && ledger->state != STATUS_UNKNOWN && ledger->state != peek->slot.state &&
	    sim->swarm.denied == 0)
		sim_break(sim, "I2: the forge has %s for %s, %s is wanted, and nothing is due",
			  status_state_name((enum status_state)ledger->state), show_named(place).text,
			  status_state_name((enum status_state)peek->slot.state));
}

/* Since when the store wants what it wants, and what a poster has just taken. */
static void note_wanted(struct hand *hand, struct ghost_commit *c, const struct peek *peek)
{
	if (peek->wanted != c->wanted)
		c->wanted_step = hand->sim->step;
	c->wanted = peek->wanted;
	if (hand->part == PART_POST && peek->has_ledger && peek->ledger.in_flight_since == node_now(hand) &&
	    text_eq(peek->ledger.in_flight_by, text_of(hand->owner)))
		hand->decided = c->wanted_step;
}

void ghost_check_ledger(struct hand *hand)
{
	struct sim *sim = hand->sim;

	for (int i = 0; i < SIM_PLACES; i = ghost_next(sim, i)) {
		const struct peek *peek = ghost_peek(sim, i);
		struct ghost_commit *c = &sim->ghost.commits[i];

		if (!peek)
			continue;
		note_wanted(hand, c, peek);
		if (c->sent && peek->has_ledger)
			check_one(sim, i, peek);
	}
}

/* Nothing holds this failure back: no poster, no backoff, no other head. */
static bool may_be_sent(const struct peek *peek, int64_t now)
{
	return peek->has_slot && peek->has_ledger && peek->slot.due && peek->slot.state == STATUS_FAILURE &&
	       peek->slot.not_before <= now && !oid_known(&peek->slot.after) && peek->ledger.in_flight_by.len == 0;
}

/* Success is there, or may come to be. A failure of any other commit takes nothing back, and may wait. */
static bool may_stand(const struct hand *hand, const struct ghost_commit *c, const struct peek *peek)
{
	return c->ours == STATUS_SUCCESS || c->doubted_until > sim_now(hand->sim) ||
	       peek->ledger.state == STATUS_SUCCESS;
}

void ghost_check_grants_wait(struct hand *hand, int taken)
{
	struct sim *sim = hand->sim;

	for (int i = 0; i < SIM_PLACES; i = ghost_next(sim, i)) {
		const struct ghost_commit *c = &sim->ghost.commits[i];
		const struct peek *peek = i != taken && c->sent ? ghost_peek(sim, i) : NULL;

		if (peek && may_stand(hand, c, peek) && may_be_sent(peek, node_now(hand)))
			sim_break(sim, "I2: the success on %s goes before the failure on %s", show_named(taken).text,
				  show_named(i).text);
	}
}

/* A poster that runs and has nothing under way. NULL: there is none, or another one is busy. */
static const struct hand *idle_poster(const struct sim *sim)
{
	const struct hand *idle = NULL;

	for (unsigned i = 0; i < sim->swarm.nodes; i++) {
		const struct node *node = &sim->nodes[i];

		if (!node->has[PART_POST])
			continue;
		if (!node->life || node->paused_until > sim_now(sim) || node->life->hands[PART_POST].air != NOBODY ||
		    node->life->hands[PART_POST].waiting)
			return NULL;
		idle = &node->life->hands[PART_POST];
	}
	return idle;
}

void ghost_check_due(struct sim *sim)
{
	const struct hand *poster = idle_poster(sim);

	for (int i = 0; i < SIM_PLACES; i = ghost_next(sim, i)) {
		struct ghost_commit *c = &sim->ghost.commits[i];
		const struct peek *peek = poster && c->doubted_until > sim_now(sim) ? ghost_peek(sim, i) : NULL;
		bool stands =
			peek && may_be_sent(peek, node_now(poster)) && peek->ledger.doubt_until > node_now(poster);

		if (!stands)
			c->held_since = 0;
		else if (c->held_since == 0)
			c->held_since = sim_now(sim);
		else if (sim_now(sim) - c->held_since > HELD_MOST_MS)
			sim_break(sim, "I2: the failure on %s waits because an older status is in doubt",
				  show_named(i).text);
	}
}
