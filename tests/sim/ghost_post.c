/* Ghosts at the forge: every status that it takes, and what is due. */
#include "tests/sim/ghost_inner.h"

#define OVERWRITTEN_MS 90000 /* a success that landed late, while faults go on */
#define POSTS_MOST     60    /* on one commit of one short history */

/* What the success that was taken at this step stood on. */
static const struct ghost_success *stands_on(const struct ghost_commit *c, uint64_t taken)
{
	const struct ghost_success *best = NULL;

	for (unsigned i = 0; i < sizeof c->success / sizeof c->success[0] && i < c->n_success; i++)
		if (c->success[i].concluded <= taken && (!best || c->success[i].concluded > best->concluded))
			best = &c->success[i];
	return best;
}

/* Another change with this head was opened again, and nobody was told. */
static bool company_untold(const struct sim *sim, int commit, const struct ghost_success *on, int64_t since)
{
	for (size_t i = 0; i < sim->ghost.n_deeds; i++) {
		const struct ghost_deed *d = &sim->ghost.deeds[i];

		if (d->deed.kind == DEED_REOPEN && d->at >= since && (d->told == 0 || d->told > on->began) &&
		    sim->truth.changes[d->deed.change].head == commit && ghost_shared_ever(sim, commit, d->deed.change))
			return true;
	}
	return false;
}

/* Something that takes permission away was told to nobody before the evaluation began, and every replica that could be
 * asked may have lagged that much: what is hidden like this no design can know. */
static bool nobody_could_know(const struct sim *sim, int place, const struct ghost_success *on)
{
	int64_t since = on->began_at - (int64_t)sim->swarm.lag_s * 1000;

	return sim->swarm.lag > 0 &&
	       (ghost_untold(sim, on->began, since) || company_untold(sim, show_commit_at(place), on, since));
}

static void check_success(struct sim *sim, const struct ghost_post *post)
{
	struct ghost_commit *c = &sim->ghost.commits[post->place];
	const struct ghost_success *on = stands_on(c, post->taken);

	if (c->posts >= sim->swarm.posts_max && !post->late) /* a late one was sent when there was room */
		sim_break(sim, "I5: a success on %s, when only failures were left to it", show_named(post->place).text);
	if (!on) {
		sim_break(sim, "I1: success on %s that no judgement concluded", show_named(post->place).text);
		return;
	}
	if (!c->now_true && c->true_until < on->began && !nobody_could_know(sim, post->place, on) &&
	    !ghost_by_table(sim, post->place, on))
		sim_break(sim, "I1: success on %s was true at no instant since its evaluation began (%s)",
			  show_named(post->place).text,
			  oracle_why(&sim->truth, show_commit_at(post->place), show_context_at(post->place)));
	/* What was wanted before the truth turned takes back nothing, whenever the forge had it. */
	if (c->refused_step == 0 || c->now_true || c->true_until > c->refused_decided || on->began > c->refused_taken ||
	    nobody_could_know(sim, post->place, on) || ghost_by_table(sim, post->place, on))
		return;
	sim_once(sim, SOMETIMES_POST_LATE_AFTER_REVOCATION);
	if (!post->late && !post->stopped)
		sim_break(sim, "I2: success on %s, older than the revocation that the forge had taken",
			  show_named(post->place).text);
	if (c->excepted_until == 0)
		c->excepted_until = sim_now(sim) + OVERWRITTEN_MS;
}

/* Superseded, too, or of a closed change: that waits for nothing. */
static bool denied_for_good(struct sim *sim, const struct ghost_post *post)
{
	const struct peek *peek = ghost_peek(sim, post->place);

	return post->state == STATUS_FAILURE && peek && peek->has_slot && peek->slot.superseded;
}

/* Nothing else is said of a head before the one that it replaced has its failure. What the journal still holds orders
 * successes alone. */
static void check_supersede(struct sim *sim, const struct ghost_post *post)
{
	const struct ghost_deed *push = ghost_pushed_to(sim, show_commit_at(post->place));

	if (push && !denied_for_good(sim, post) && push->applied > 0 && push->applied < post->taken &&
	    ghost_replaced_without_failure(sim, push) && swarm_is_calm(&sim->swarm) && sim->swarm.delay == 0 &&
	    sim->swarm.dup == 0)
		sim_break(sim, "I2: a status on %s before the failure on c%d that it replaced",
			  show_named(post->place).text, push->deed.before);
}

/* A sweep that finds a new head takes the old one back first, or denies the new one, too, of which it may have known
 * that its change was closed. Whatever it had before: that it is pending once does not take back what came after. */
static void check_found(struct sim *sim, const struct ghost_post *post)
{
	for (int i = 0; i < TRUTH_CHANGES; i++) {
		const struct truth_change *t = &sim->truth.changes[i];
		const struct ghost_commit *old;

		/* What heads another change, too, may be judged for that one. */
		if (!t->open || t->head != show_commit_at(post->place) || t->n_moves != 2 ||
		    t->moves[0].to == t->head || !sim->ghost.commits[t->head].swept ||
		    ghost_shared_ever(sim, t->head, i))
			continue;
		old = &sim->ghost.commits[t->moves[0].to];
		/* One that landed late is held to its own time; a forged failure denies as well as ours. */
		if (post->state != STATUS_FAILURE && sim->swarm.denied == 0 && sim->swarm.lag == 0 &&
		    old->ours == STATUS_SUCCESS && old->newest == STATUS_SUCCESS && !old->late &&
		    old->failed_step < ghost_pushed_at(sim, i, t->head) && !ghost_shared_ever(sim, t->moves[0].to, i))
			sim_break(sim, "I2: a status on %s, which a sweep found, while c%d before it is success",
				  show_named(post->place).text, t->moves[0].to);
	}
}

static void check_text(struct sim *sim, const struct ghost_post *post)
{
	static const char *const secrets[] = {"CANARY", "9001", "sec-", "core-", "bmo"};
	bool tells = false;

	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		tells = tells || text_find(post->text, text_of(secrets[i])) != SIZE_MAX;
	if (tells || post->text.len > STATUS_TEXT_MAX)
		sim_break(sim, "I6: the text of %s is \"%.*s\"", show_named(post->place).text, TEXT_ARG(post->text));
}

static void rare_post(struct sim *sim, const struct ghost_post *post, const struct ghost_commit *c)
{
	bool success = post->state == STATUS_SUCCESS;

	if (success)
		sim_once(sim, SOMETIMES_SUCCESS);
	if (!success && c->ours == STATUS_SUCCESS)
		sim_once(sim, SOMETIMES_REVOKED);
	if (success && c->refused_step > 0 && c->n_success > 1)
		sim_once(sim, SOMETIMES_SUCCESS_AGAIN);
	if (post->late)
		sim_once(sim, success ? SOMETIMES_POST_LATE_SUCCESS : SOMETIMES_POST_LATE);
	if (c->newest == STATUS_SUCCESS && c->ours != c->newest)
		sim_once(sim, SOMETIMES_FORGED_REPLACED);
}

static void keep(struct sim *sim, const struct ghost_post *post)
{
	struct ghost *ghost = &sim->ghost;
	struct accepted *a;

	if (ghost->n_accepted == ghost->room_accepted) {
		ghost->room_accepted = ghost->room_accepted ? 2 * ghost->room_accepted : 64;
		ghost->accepted = realloc(ghost->accepted, ghost->room_accepted * sizeof *ghost->accepted);
		if (!ghost->accepted)
			abort();
	}
	a = &ghost->accepted[ghost->n_accepted++];
	*a = (struct accepted){(int64_t)ghost->n_accepted, sim_now(sim), post->place, post->ours, post->state, ""};
	(void)snprintf(a->text, sizeof a->text, "%.*s", TEXT_ARG(post->text));
}

static void settle(struct sim *sim, const struct ghost_post *post, struct ghost_commit *c)
{
	c->newest = post->state;
	c->all++;
	if (!post->ours)
		return;
	if (c->ours == STATUS_FAILURE && post->state != STATUS_FAILURE)
		c->unfailed_step = sim->step;
	c->ours = post->state;
	c->late = post->late;
	c->posts++;
	sim->ghost.ours++;
	if (post->state == STATUS_FAILURE)
		c->failed_step = sim->step;
	if (post->state != STATUS_SUCCESS) {
		c->refused_step = sim->step;
		c->refused_taken = post->taken;
		c->refused_decided = post->decided;
		c->overdue_at = 0;
		c->excepted_until = 0;
	}
	if (c->posts > POSTS_MOST)
		sim_break(sim, "I5: more than %d statuses on %s", POSTS_MOST, show_named(post->place).text);
}

int64_t ghost_accepts(struct sim *sim, const struct ghost_post *post)
{
	struct ghost_commit *c = &sim->ghost.commits[post->place];

	sim->step++;
	sim_tell(sim, "%s%s on %s: \"%.*s\"%s%s", post->ours ? "" : "forged ", status_state_name(post->state),
		 show_named(post->place).text, TEXT_ARG(post->text), post->late ? " (late)" : "",
		 post->lost ? " (answer lost)" : "");
	if (post->ours) {
		rare_post(sim, post, c);
		ghost_rare_by_bugs(sim, post);
		check_text(sim, post);
		if (post->state == STATUS_SUCCESS)
			check_success(sim, post);
		if (!post->late) {
			check_supersede(sim, post);
			check_found(sim, post);
		}
	} else if (post->state == STATUS_SUCCESS) {
		sim_once(sim, SOMETIMES_FORGED);
	}
	settle(sim, post, c);
	keep(sim, post);
	return (int64_t)sim->ghost.n_accepted;
}

/* At most one request of a slot is out, whoever is stopped: the next one may go when the client of the last one holds
 * it no more. What a client has given up may still be on its way, and is in doubt. */
void ghost_sends(struct hand *hand, int place, int64_t until)
{
	struct sim *sim = hand->sim;
	struct ghost_commit *c = &sim->ghost.commits[place];

	/* Past its deadline, told before the ledger, it does not go: its process stood still meanwhile. */
	for (unsigned i = 0; i < sim->swarm.nodes && until > sim_now(sim); i++) {
		const struct life *life = sim->nodes[i].life;
		const struct hand *other = life ? &life->hands[PART_POST] : NULL;

		if (other && other != hand && other->out == place && other->air_until > sim_now(sim))
			sim_break(sim, "I2: %s sends a status of %s, and that of %s is still out", hand->owner,
				  show_named(place).text, other->owner);
	}
	hand->air = hand->out = place;
	hand->air_until = until;
	c->sent = true;
	c->tries++;
}

void ghost_sent(struct hand *hand)
{
	hand->air = hand->out = NOBODY;
}

void ghost_tick(struct sim *sim)
{
	int64_t now = sim_now(sim);

	ghost_check_due(sim);

	for (int i = 0; i < SIM_PLACES; i = ghost_next(sim, i)) {
		struct ghost_commit *c = &sim->ghost.commits[i];

		if (c->excepted_until > 0 && now > c->excepted_until && !c->now_true && c->ours == STATUS_SUCCESS &&
		    swarm_is_calm(&sim->swarm))
			sim_break(sim, "I2: the success that landed late on %s was not overwritten in time",
				  show_named(i).text);
		if (c->overdue_at > 0 && now > c->overdue_at && !ghost_landed(sim, show_commit_at(i)) &&
		    swarm_is_calm(&sim->swarm))
			sim_break(sim, "I2: %s is still success %d ms after deed %d was told", show_named(i).text,
				  GHOST_REVOKED_MS, c->made_false_by);
	}
}
