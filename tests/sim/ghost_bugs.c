/* Ghosts at the tracker: which verdicts hang on a bug, and what may be believed of one without a reading. */
#include "tests/sim/ghost_inner.h"

/* The snapshot in force then. */
static size_t past_at(const struct sim *sim, int64_t at)
{
	size_t i = sim->n_past;

	while (i > 1 && sim->past[i - 1].at > at)
		i--;
	return i - 1;
}

static unsigned touched(const struct ghost_deed *d)
{
	return show_bugs_of(&d->deed);
}

/* ---- what a success hangs on ---- */

/* Would this have been no success, had those bugs been hidden? */
static bool hung_on(const struct truth *then, int place, unsigned bugs)
{
	struct truth hidden = *then;

	for (int i = 0; i < TRUTH_BUGS; i++)
		if (bugs >> i & 1)
			hidden.bugs[i].shown = SHOWN_TO_OTHERS;
	return oracle_allows(then, show_commit_at(place), show_context_at(place)) &&
	       !oracle_allows(&hidden, show_commit_at(place), show_context_at(place));
}

static const struct ghost_success *newest(const struct ghost_commit *c)
{
	return c->n_success ? &c->success[(c->n_success - 1) % (sizeof c->success / sizeof c->success[0])] : NULL;
}

bool ghost_weighed(const struct sim *sim, int place, const struct ghost_deed *deed)
{
	const struct ghost_success *on = newest(&sim->ghost.commits[place]);

	return on && sim->swarm.lag == 0 &&
	       hung_on(&sim->past[past_at(sim, on->began_at)].truth, place, touched(deed)) &&
	       hung_on(&sim->past[past_at(sim, on->read_at)].truth, place, touched(deed));
}

/* Of a success that is there only by an approval. */
static bool by_approval(const struct sim *sim, int place)
{
	struct truth without = sim->truth;

	for (int i = 0; i < TRUTH_BUGS; i++)
		for (int k = 0; k < TRUTH_PATCHES; k++)
			without.bugs[i].patches[k].approval = 0;
	return !oracle_allows(&without, show_commit_at(place), show_context_at(place));
}

static void rare_success(struct sim *sim, int place, const struct ghost_success *on)
{
	int64_t tick = (int64_t)sim->swarm.bug_tick_s * 1000;

	if (!hung_on(&sim->truth, place, (1u << TRUTH_BUGS) - 1))
		return;
	sim_once(sim, SOMETIMES_BUG_GRANTED);
	if (by_approval(sim, place))
		sim_once(sim, SOMETIMES_BUG_APPROVED);
	if (tick > 0 && sim->ghost.commits[place].ours != STATUS_SUCCESS && on->began_at % tick < 3000)
		sim_once(sim, SOMETIMES_BUG_ON_TICK);
	if (sim->bugzilla.read_step < on->began)
		sim_once(sim, SOMETIMES_BUG_FROM_TABLE);
}

void ghost_rare_by_bugs(struct sim *sim, const struct ghost_post *post)
{
	const struct ghost_commit *c = &sim->ghost.commits[post->place];
	const struct ghost_success *on = newest(c);

	if (!sim->swarm.trackers)
		return;
	if (post->state == STATUS_SUCCESS && on)
		rare_success(sim, post->place, on);
	if (post->state == STATUS_FAILURE && c->ours == STATUS_SUCCESS && !c->now_true && c->made_false_by != NOBODY &&
	    truth_at_tracker(sim->ghost.deeds[c->made_false_by].deed.kind) &&
	    sim->ghost.deeds[c->made_false_by].told > 0)
		sim_once(sim, SOMETIMES_BUG_REVOKED);
}

void ghost_rare_concluded(struct sim *sim, const struct hand *hand)
{
	for (size_t i = sim->ghost.n_deeds; i-- > 0 && sim->ghost.deeds[i].step > hand->began;)
		if (truth_at_tracker(sim->ghost.deeds[i].deed.kind)) {
			sim_once(sim, SOMETIMES_BUG_MOVED);
			return;
		}
}

/* ---- what the table may say ---- */

static bool clean(const struct truth *t, int bug)
{
	return !t->bugs[bug].rated && t->bugs[bug].shown == SHOWN_TO_ALL && truth_bugs_alike(t, bug) == 1u << bug;
}

/* Since when what was read of the bug may count: no older than the configuration lets it, and than what was told of it
 * when the judgement began. */
static int64_t believed_since(const struct sim *sim, int bug, const struct ghost_success *on)
{
	int64_t since = on->began_at - (int64_t)sim->swarm.bug_age_s * 1000;

	for (size_t i = 0; i < sim->ghost.n_deeds; i++) {
		const struct ghost_deed *d = &sim->ghost.deeds[i];

		if ((touched(d) >> bug & 1) && (d->bugs_told >> bug & 1) &&
		    d->told_at_step[bug != d->deed.bug] < on->began && d->at > since)
			since = d->at;
	}
	return since;
}

static bool clean_lately(const struct sim *sim, int bug, const struct ghost_success *on)
{
	for (size_t i = past_at(sim, believed_since(sim, bug, on)); i < sim->n_past; i++)
		if (clean(&sim->past[i].truth, bug))
			return true;
	return false;
}

static void forget_marks(struct truth *t, int bug)
{
	t->bugs[bug].dupe_of = NOBODY;
	for (int i = 0; i < TRUTH_BUGS; i++)
		if (t->bugs[i].dupe_of == bug)
			t->bugs[i].dupe_of = NOBODY;
}

bool ghost_by_table(const struct sim *sim, int place, const struct ghost_success *on)
{
	bool lately[TRUTH_BUGS];

	if (!sim->swarm.trackers || sim->swarm.bug_age_s == 0)
		return false;
	for (int i = 0; i < TRUTH_BUGS; i++)
		lately[i] = clean_lately(sim, i, on);
	for (size_t k = past_at(sim, on->began_at); k < sim->n_past; k++) {
		struct truth t = sim->past[k].truth;

		for (int i = 0; i < TRUTH_BUGS; i++) {
			if (!lately[i])
				continue;
			t.bugs[i].rated = false;
			t.bugs[i].shown = SHOWN_TO_ALL;
			forget_marks(&t, i);
		}
		if (oracle_allows(&t, show_commit_at(place), show_context_at(place)))
			return true;
	}
	return false;
}

/* ---- what was told ---- */

bool ghost_bug_told(struct sim *sim, struct ghost_deed *d, int64_t id)
{
	int bug = show_bug_of(id);

	if (!truth_at_tracker(d->deed.kind) || bug == NOBODY)
		return true;
	if (!(d->bugs_told >> bug & 1))
		d->told_at_step[bug != d->deed.bug] = sim->step;
	d->bugs_told |= 1u << bug;
	return d->bugs_told == touched(d);
}

int64_t ghost_bugs_untold(const struct sim *sim)
{
	int64_t at = 0;

	for (size_t i = 0; i < sim->ghost.n_deeds; i++)
		if (truth_at_tracker(sim->ghost.deeds[i].deed.kind) && sim->ghost.deeds[i].told == 0)
			at = sim->ghost.deeds[i].at;
	return at;
}

int64_t ghost_bug_hidden_untold(const struct sim *sim)
{
	int64_t at = 0;

	for (size_t i = 0; i < sim->ghost.n_deeds; i++) {
		const struct ghost_deed *d = &sim->ghost.deeds[i];

		if (d->deed.kind == DEED_BUG_SHOWN && d->told == 0 &&
		    sim->truth.bugs[d->deed.bug].shown == SHOWN_TO_OTHERS)
			at = d->at;
	}
	return at;
}

bool ghost_bug_untold(const struct sim *sim, int bug)
{
	for (size_t i = 0; i < sim->ghost.n_deeds; i++) {
		const struct ghost_deed *d = &sim->ghost.deeds[i];

		if ((touched(d) & ~d->bugs_told) >> bug & 1)
			return true;
	}
	return false;
}
