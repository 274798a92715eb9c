/*
 * Gates. The merge button, under branch protection that requires our context from our account on the head. And bors-ng
 * as it is: it reads the status of the head that its own, late, database row names, once; then it takes the batch with
 * whatever head the row names by then, and pushes. On the protected branch its push needs a status on the commit it
 * made; on the others nothing holds it. A gate decides nothing about headgate: what is checked is that the status it
 * reads was right when it was read.
 */
#include "tests/sim/sim.h"

#include "tests/sim/oracle.h"

#define PROTECTED 0 /* the branch */

bool gate_lets_merge(struct sim *sim, int commit)
{
	const struct ghost_commit *c = &sim->ghost.commits[commit];
	bool lets = c->ours == STATUS_SUCCESS && c->newest == STATUS_SUCCESS;

	sim_once(sim, lets ? SOMETIMES_MERGED : SOMETIMES_MERGE_REFUSED);
	return lets;
}

struct bors {
	struct sim *sim;
	int change, row; /* the head in its database */
};

static void nap(struct sim *sim, uint32_t ms)
{
	fiber_sleep(sim->fibers, 1 + dice_below(&sim->gate_dice, ms));
}

/* Its webhook may be late or lost: the row stays what it was. */
static void hears(struct bors *bors)
{
	if (dice_below(&bors->sim->gate_dice, 3))
		bors->row = bors->sim->truth.changes[bors->change].head;
}

static bool push(struct bors *bors)
{
	struct sim *sim = bors->sim;
	const struct truth *t = &sim->truth;
	const struct truth_change *c = &t->changes[bors->change];
	struct deed deed = {.kind = DEED_MERGE,
			    .who = 7,
			    .change = bors->change,
			    .commit = t->n_commits,
			    .branch = c->base,
			    .before = bors->row,
			    .review = NOBODY,
			    .subject = NOBODY,
			    .policy = NOBODY};

	if (c->base == PROTECTED) { /* its own commit has no status */
		sim_once(sim, SOMETIMES_BORS_HELD);
		return false;
	}
	if (!c->open || bors->row != c->head || t->n_commits >= TRUTH_COMMITS - 1)
		return false;
	deed.made = truth_commit_on(t, t->branches[c->base].tip, bors->row);
	deed.made.author = deed.made.committer = 7;
	return sim_do(sim, &deed);
}

/* r+: polls the head that its row names until the status is there, for its time. */
static void batch(struct bors *bors)
{
	struct sim *sim = bors->sim;
	int read = bors->row;

	for (int poll = 0; poll < 4 && !sim->over && !sim->healed; poll++) {
		const struct ghost_commit *c = &sim->ghost.commits[read];

		if (read != sim->truth.changes[bors->change].head)
			sim_once(sim, SOMETIMES_BORS_STALE);
		if (c->newest == STATUS_FAILURE || c->newest == STATUS_ERROR) {
			sim_once(sim, SOMETIMES_BORS_REJECTED);
			return;
		}
		if (c->newest == STATUS_SUCCESS) {
			nap(sim, 15000); /* the batch's delay, and the build */
			hears(bors);
			if (push(bors))
				sim_once(sim, SOMETIMES_BORS_MERGED);
			return;
		}
		nap(sim, 60000);
		hears(bors);
	}
}

static void run(void *arg)
{
	struct sim *sim = arg;
	struct bors bors = {sim, NOBODY, NOBODY};

	while (!sim->over && !sim->healed) {
		nap(sim, 40000);
		bors.change = (int)dice_below(&sim->gate_dice, TRUTH_CHANGES);
		if (sim->healed || !sim->truth.changes[bors.change].used || !sim->truth.changes[bors.change].open)
			continue;
		bors.row = sim->truth.changes[bors.change].head;
		nap(sim, 10000);
		batch(&bors);
	}
}

void gate_begin(struct sim *sim)
{
	if (sim->swarm.gates)
		fibers_add(sim->fibers, "bors", run, sim);
}
