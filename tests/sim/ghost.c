/*
 * Ghosts: they see the truth, every answer 202 and every status that the forge takes, in one order (sim->step), and
 * hold the gate to invariants I1 to I8. Here: what is true, and what webhooks told of it.
 *
 * I1: a success that the forge takes was true at some step since its evaluation began. I2: after a revocation was taken
 * no older success is, but for one whose answer was lost, which must be overwritten; in calm histories a revocation is
 * there in time; nothing is said of a new head before the old one has its failure. I3, I8: ghost_audit. I4: settled.
 * I5: posts are bounded. I6: no public text holds what only insiders know. I7: no success out of a reading that failed.
 * I9: nobody here has the gate's key, so it never says that somebody has.
 */
#include "tests/sim/ghost_inner.h"

/* ---- truth ---- */

int ghost_next(const struct sim *sim, int place)
{
	int context = place / TRUTH_COMMITS, contexts = sim->swarm.contexts ? ORACLE_CONTEXTS : 1;

	if (place % TRUTH_COMMITS + 1 < sim->truth.n_commits)
		return place + 1;
	return context + 1 < contexts ? (context + 1) * TRUTH_COMMITS : SIM_PLACES;
}

static void look(struct sim *sim, int place, int deed)
{
	struct ghost_commit *c = &sim->ghost.commits[place];
	bool is = oracle_allows(&sim->truth, show_commit_at(place), show_context_at(place));

	if (c->now_true && !is) {
		c->true_until = sim->step;
		c->true_until_at = sim_now(sim);
		c->made_false_by = deed;
	}
	if (is) {
		c->overdue_at = 0;
		c->told_false = false;
	}
	c->now_true = is;
}

static void rare_before(struct sim *sim, const struct deed *deed)
{
	const struct truth *t = &sim->truth;

	if (deed->kind == DEED_RENAME)
		sim_once(sim, SOMETIMES_RENAMED);
	if (deed->kind == DEED_PUSH_BACK)
		sim_once(sim, SOMETIMES_PUSH_BACK);
	if (deed->kind == DEED_REOPEN)
		sim_once(sim, SOMETIMES_REOPENED);
	if (deed->kind == DEED_APPROVE && deed->commit != t->changes[deed->change].head)
		sim_once(sim, SOMETIMES_OLD_APPROVAL);
	if (deed->kind == DEED_POLICY && deed->policy != NOBODY && deed->policy >= oracle_policies() - 2 &&
	    deed->policy < oracle_policies())
		sim_once(sim, SOMETIMES_POLICY_BROKEN);
	if (deed->before != NOBODY && deed->kind != DEED_MERGE &&
	    sim->ghost.commits[deed->before].newest == STATUS_SUCCESS)
		sim_once(sim, SOMETIMES_SUPERSEDED_SUCCESS);
	for (int i = 0; deed->moves_reviews && i < t->n_reviews; i++)
		if (t->reviews[i].rest_sha == deed->commit && t->reviews[i].sha != deed->commit) {
			sim_once(sim, SOMETIMES_REVIEW_MOVED);
			break;
		}
}

static const struct {
	enum deed_done kind;
	enum sometimes what;
} taking_back[] = {
	{DEED_DISMISS, SOMETIMES_DISMISSED_COUNTED}, {DEED_ROLE, SOMETIMES_ROLE_LOST},
	{DEED_POLICY, SOMETIMES_POLICY_STRICTER},    {DEED_RETARGET, SOMETIMES_RETARGETED_ALLOWED},
	{DEED_DRAFT, SOMETIMES_DRAFT_ALLOWED},       {DEED_CLOSE, SOMETIMES_CLOSED_ALLOWED},
};

static void rare_after(struct sim *sim, const struct deed *deed, int commit, bool was)
{
	int heads = 0, denied = 0;

	for (size_t i = 0; was && !sim->ghost.commits[commit].now_true && i < sizeof taking_back / sizeof *taking_back;
	     i++)
		if (taking_back[i].kind == deed->kind)
			sim_once(sim, taking_back[i].what);
	if (was && !sim->ghost.commits[commit].now_true && truth_at_tracker(deed->kind))
		sim_once(sim, SOMETIMES_BUG_TOOK);
	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (sim->truth.changes[i].open && sim->truth.changes[i].head == commit) {
			struct truth alone = sim->truth;

			heads++;
			for (int k = 0; k < TRUTH_CHANGES; k++)
				alone.changes[k].open =
					alone.changes[k].open && (k == i || alone.changes[k].head != commit);
			denied += !oracle_allows(&alone, commit, ORACLE_OWN);
		}
	if (heads > 1)
		sim_once(sim, SOMETIMES_SHARED_HEAD);
	if (heads > 1 && denied > 0 && denied < heads)
		sim_once(sim, SOMETIMES_SHARED_DENIED);
}

static bool shared(const struct truth *truth, int commit)
{
	int heads = 0;

	for (int i = 0; i < TRUTH_CHANGES; i++)
		heads += truth->changes[i].open && truth->changes[i].head == commit;
	return heads > 1;
}

static bool insider(const struct sim *sim, int who)
{
	return who != NOBODY && (sim->truth.people[who].in_team || sim->truth.people[who].role >= ROLE_READ);
}

int ghost_deed(struct sim *sim, const struct deed *deed)
{
	struct ghost *ghost = &sim->ghost;

	if (ghost->n_deeds == ghost->room_deeds) {
		ghost->room_deeds = ghost->room_deeds ? 2 * ghost->room_deeds : 64;
		ghost->deeds = realloc(ghost->deeds, ghost->room_deeds * sizeof *ghost->deeds);
		if (!ghost->deeds)
			abort();
	}
	ghost->deeds[ghost->n_deeds] = (struct ghost_deed){
		.deed = *deed, .step = sim->step, .at = sim_now(sim), .insider = insider(sim, deed->who)};
	rare_before(sim, deed);
	for (int i = 0; i < SIM_PLACES; i = ghost_next(sim, i)) {
		bool was = ghost->commits[i].now_true;

		look(sim, i, (int)ghost->n_deeds);
		if (ghost->commits[i].landed == 0 && ghost_landed(sim, show_commit_at(i)))
			ghost->commits[i].landed = sim->step;
		if (i < TRUTH_COMMITS && (was || shared(&sim->truth, i)))
			rare_after(sim, deed, i, was);
	}
	return (int)ghost->n_deeds++;
}

bool ghost_landed(const struct sim *sim, int commit)
{
	for (int b = 0; b < TRUTH_BRANCHES; b++)
		if (sim->truth.commits[sim->truth.branches[b].tip].reach >> commit & 1)
			return true;
	return false;
}

/* Deeds whose webhook alone tells that a commit's permission is gone. Where a policy lets outsiders object, only a
 * judgement tells: else anybody could stop what is under way. */
static bool names_what_it_takes(const struct ghost_deed *told)
{
	static const enum deed_done kinds[] = {DEED_OPEN,    DEED_PUSH,  DEED_FORCE_PUSH, DEED_PUSH_BACK, DEED_REQUEST,
					       DEED_DISMISS, DEED_CLOSE, DEED_RETARGET,   DEED_DRAFT};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i] == told->deed.kind)
			return told->deed.kind != DEED_REQUEST || told->insider;
	return false;
}

bool ghost_untold(const struct sim *sim, uint64_t before, int64_t since)
{
	static const enum deed_done others[] = {DEED_ROLE, DEED_TEAM, DEED_POLICY, DEED_BASE_PUSH};

	for (size_t i = 0; i < sim->ghost.n_deeds; i++) {
		const struct ghost_deed *d = &sim->ghost.deeds[i];
		bool takes = names_what_it_takes(d);

		for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
			takes = takes || d->deed.kind == others[k];
		takes = takes || (d->deed.kind == DEED_EDIT && sim->swarm.trackers);
		if (takes && d->at >= since && (d->told == 0 || d->told > before))
			return true;
	}
	return false;
}

void ghost_note_applied(struct sim *sim)
{
	bool any = false, all = false;

	for (size_t i = 0; i < sim->ghost.n_deeds; i++) {
		struct ghost_deed *d = &sim->ghost.deeds[i];

		if (d->told == 0 || d->applied > 0)
			continue;
		all = any ? all : ghost_unapplied(sim) == 0;
		any = true;
		if (all)
			d->applied = sim->step;
	}
}

/* Whoever counted when the newest verdict was read counts until the next one, whatever became of his rights since: the
 * gate takes back by what it knows, and rather once too often. So it does with what he said before he had them. */
static bool counted_of_late(const struct sim *sim, const struct ghost_deed *told)
{
	const struct deed *review = &told->deed;

	for (size_t i = 0; i < sim->ghost.n_deeds; i++) {
		const struct ghost_deed *d = &sim->ghost.deeds[i];

		if ((d->deed.kind == DEED_ROLE || d->deed.kind == DEED_TEAM) && d->deed.subject == review->who &&
		    (d->at >= sim->ghost.commits[review->commit].seen_as_of || d->step > told->step))
			return true;
	}
	return false;
}

/* An outsider's review may be no reason to take anything back. */
static void told_by_outsider(struct sim *sim, const struct ghost_deed *told)
{
	static const enum deed_done reviews[] = {DEED_REQUEST, DEED_REMARK, DEED_APPROVE};
	const struct deed *d = &told->deed;
	bool review = false;

	sim->ghost.stands = NOBODY;
	for (size_t i = 0; i < sizeof reviews / sizeof reviews[0]; i++)
		review = review || reviews[i] == d->kind;
	if (review && !told->insider && sim->ghost.commits[d->commit].now_true && sim->swarm.posts_max >= 900 &&
	    sim->net.delivering == 1 && ghost_unapplied(sim) == 1 && !ghost_taken_back(sim, d->commit) &&
	    !counted_of_late(sim, told))
		sim->ghost.stands = d->commit;
}

/* What takes a commit back by its webhook alone: of a bug, where the success that stands hangs on it. */
static bool names(struct sim *sim, int place, const struct ghost_deed *told)
{
	if (!truth_at_tracker(told->deed.kind))
		return names_what_it_takes(told);
	return !ghost_untold(sim, sim->step + 1, 0) && ghost_bugs_untold(sim) == 0 && ghost_weighed(sim, place, told);
}

void ghost_told(struct sim *sim, int deed, int64_t bug)
{
	if (deed < 0)
		return;
	if (!ghost_bug_told(sim, &sim->ghost.deeds[deed], bug)) {
		sim->ghost.stands = NOBODY;
		return;
	}
	if (sim->ghost.deeds[deed].told == 0)
		sim->ghost.deeds[deed].told = sim->step;
	told_by_outsider(sim, &sim->ghost.deeds[deed]);
	for (int i = 0; i < SIM_PLACES; i = ghost_next(sim, i)) {
		struct ghost_commit *c = &sim->ghost.commits[i];

		if (!c->now_true && !ghost_landed(sim, show_commit_at(i)) && c->made_false_by == deed &&
		    names(sim, i, &sim->ghost.deeds[deed]))
			c->told_false = true;
		if (!c->now_true && !ghost_landed(sim, show_commit_at(i)) && c->newest == STATUS_SUCCESS &&
		    c->ours == STATUS_SUCCESS && c->overdue_at == 0 && c->made_false_by == deed &&
		    (!truth_at_tracker(sim->ghost.deeds[deed].deed.kind) || c->told_false))
			c->overdue_at = sim_now(sim) + GHOST_REVOKED_MS;
	}
}

/* The push that made this commit a head, by the last webhook told of it; NULL: none, or it was replaced since. */
const struct ghost_deed *ghost_pushed_to(const struct sim *sim, int commit)
{
	const struct ghost_deed *push = NULL;

	for (size_t i = 0; i < sim->ghost.n_deeds; i++) {
		const struct ghost_deed *d = &sim->ghost.deeds[i];

		if (d->deed.before != NOBODY && d->deed.kind != DEED_MERGE && d->told > 0 &&
		    (d->deed.commit == commit || d->deed.before == commit))
			push = d->deed.commit == commit ? d : NULL;
	}
	return push;
}

uint64_t ghost_pushed_at(const struct sim *sim, int change, int commit)
{
	uint64_t step = 0;

	for (size_t i = 0; i < sim->ghost.n_deeds; i++) {
		const struct deed *d = &sim->ghost.deeds[i].deed;

		if (d->change == change && d->before != NOBODY && d->kind != DEED_MERGE && d->commit == commit)
			step = sim->ghost.deeds[i].step;
	}
	return step;
}

bool ghost_shared_ever(const struct sim *sim, int commit, int change)
{
	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (i != change && sim->truth.changes[i].used && truth_arrival(&sim->truth.changes[i], commit) >= 0)
			return true;
	return false;
}

bool ghost_all_told(const struct sim *sim, int change, uint64_t before)
{
	const struct ghost_deed *last = NULL;

	for (size_t i = 0; i < sim->ghost.n_deeds; i++) {
		const struct ghost_deed *d = &sim->ghost.deeds[i];

		if (d->deed.change != change)
			continue;
		if (d->told == 0 || d->told >= before)
			return false;
		if (last && (last->told >= d->told || show_seconds(last->at) == show_seconds(d->at)))
			return false;
		last = d;
	}
	return true;
}

/* A commit that headed another change is held by it, unless it was told that that one went on or is closed. */
static bool headed_one_change(const struct sim *sim, const struct ghost_deed *push)
{
	const struct truth *truth = &sim->truth;

	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (i != push->deed.change && truth->changes[i].used &&
		    truth_arrival(&truth->changes[i], push->deed.before) >= 0 && !ghost_all_told(sim, i, push->told))
			return false;
	return true;
}

/* Another head of the change came in that second: whose push was the last is not told when they are told in the other
 * order, and each supersedes what it replaced. */
static bool one_of_a_second(const struct sim *sim, const struct ghost_deed *push)
{
	const struct truth_change *c = &sim->truth.changes[push->deed.change];
	int in_that_second = 0;

	for (int i = 0; i < c->n_moves; i++)
		in_that_second += show_seconds(c->moves[i].at) == show_seconds(push->at);
	return in_that_second > 1;
}

/* The head it replaced came back since. */
static bool came_back(const struct sim *sim, const struct ghost_deed *push, bool told)
{
	for (const struct ghost_deed *d = push + 1; d < sim->ghost.deeds + sim->ghost.n_deeds; d++)
		if (d->deed.change == push->deed.change && d->deed.before != NOBODY &&
		    d->deed.commit == push->deed.before && (d->told > 0 || !told))
			return true;
	return false;
}

/* It may be the head once more in between, and pending for that: where nobody was told, instead of a failure that stood
 * at the push. In the other context it may never have had anything; what landed late there is held to its own time. */
static bool lacks_failure(const struct sim *sim, const struct ghost_deed *push)
{
	const struct ghost_commit *own = &sim->ghost.commits[push->deed.before],
				  *other = &sim->ghost.commits[TRUTH_COMMITS * ORACLE_OTHER + push->deed.before];
	bool stood = own->unfailed_step >= push->step && came_back(sim, push, false);

	return (own->ours != STATUS_FAILURE && own->failed_step < push->step && !stood) ||
	       (other->ours == STATUS_SUCCESS && !other->late && other->failed_step < push->step);
}

bool ghost_replaced_without_failure(const struct sim *sim, const struct ghost_deed *push)
{
	if (one_of_a_second(sim, push) || came_back(sim, push, true))
		return false;
	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (sim->truth.changes[i].head == push->deed.before) /* again; also if it is merged by now */
			return false;
	return headed_one_change(sim, push) && lacks_failure(sim, push);
}

void ghost_begin(struct sim *sim)
{
	ghost_store_begin(sim);
	sim->ghost.stands = NOBODY;
	for (int i = 0; i < SIM_PLACES; i++)
		sim->ghost.commits[i].made_false_by = NOBODY;
}

void ghost_end(struct sim *sim)
{
	free(sim->ghost.deeds);
	free(sim->ghost.accepted);
	ghost_store_end(sim);
}
