/*
 * Ghosts: they see the truth, every answer 202 and every status that the forge takes, in one order (sim->step), and
 * hold the gate to threats.md's invariants.
 *
 * I1: a success that the forge takes was true at some step since its evaluation began. I2: after a revocation was taken
 * no older success is, but for one whose answer was lost, which must be overwritten; in calm histories a revocation is
 * there in time; nothing is said of a new head before the old one has its failure. I3, I8: ghost_audit. I4: settled.
 * I5: posts are bounded. I6: no public text holds what only insiders know. I7: no success out of a reading that failed.
 */
#include "tests/sim/sim.h"

#include <string.h>

#include "agent/cli/replay.h"
#include "agent/store/pack.h"
#include "tests/sim/oracle.h"

#define REVOKED_WITHIN_MS 5000  /* of the webhook's 202, in a calm history */
#define LIFE_MS           30000 /* of a request: post deadline and grace */
#define OVERWRITTEN_MS    90000 /* a success that landed late, while faults go on */
#define POSTS_MOST        60    /* on one commit of one short history */

/* ---- truth ---- */

static void look(struct sim *sim, int commit, int deed)
{
	struct ghost_commit *c = &sim->ghost.commits[commit];
	bool is = oracle_allows(&sim->truth, commit);

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
	if (deed->kind == DEED_POLICY && deed->policy != NOBODY && deed->policy >= oracle_policies() - 2)
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
	enum deed_kind kind;
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
	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (sim->truth.changes[i].open && sim->truth.changes[i].head == commit) {
			struct truth alone = sim->truth;

			heads++;
			for (int k = 0; k < TRUTH_CHANGES; k++)
				alone.changes[k].open =
					alone.changes[k].open && (k == i || alone.changes[k].head != commit);
			denied += !oracle_allows(&alone, commit);
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

int ghost_deed(struct sim *sim, const struct deed *deed)
{
	struct ghost *ghost = &sim->ghost;

	if (ghost->n_deeds == ghost->room_deeds) {
		ghost->room_deeds = ghost->room_deeds ? 2 * ghost->room_deeds : 64;
		ghost->deeds = realloc(ghost->deeds, ghost->room_deeds * sizeof *ghost->deeds);
		if (!ghost->deeds)
			abort();
	}
	ghost->deeds[ghost->n_deeds] = (struct ghost_deed){*deed, sim->step, 0};
	rare_before(sim, deed);
	for (int i = 0; i < sim->truth.n_commits; i++) {
		bool was = ghost->commits[i].now_true;

		look(sim, i, (int)ghost->n_deeds);
		if (was || shared(&sim->truth, i))
			rare_after(sim, deed, i, was);
	}
	return (int)ghost->n_deeds++;
}

static bool landed(const struct sim *sim, int commit)
{
	for (int b = 0; b < TRUTH_BRANCHES; b++)
		if (sim->truth.commits[sim->truth.branches[b].tip].reach >> commit & 1)
			return true;
	return false;
}

/* Deeds whose webhook alone tells that a commit's permission is gone. */
static bool names_what_it_takes(enum deed_kind kind)
{
	static const enum deed_kind kinds[] = {DEED_OPEN,    DEED_PUSH,  DEED_FORCE_PUSH, DEED_PUSH_BACK, DEED_REQUEST,
					       DEED_DISMISS, DEED_CLOSE, DEED_RETARGET,   DEED_DRAFT};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

void ghost_told(struct sim *sim, int deed, const char *guid)
{
	(void)guid;
	if (deed < 0)
		return;
	if (sim->ghost.deeds[deed].told == 0)
		sim->ghost.deeds[deed].told = sim->step;
	for (int i = 0; i < sim->truth.n_commits; i++) {
		struct ghost_commit *c = &sim->ghost.commits[i];

		if (!c->now_true && !landed(sim, i) && c->made_false_by == deed &&
		    names_what_it_takes(sim->ghost.deeds[deed].deed.kind))
			c->told_false = true;
		if (!c->now_true && !landed(sim, i) && c->newest == STATUS_SUCCESS && c->ours == STATUS_SUCCESS &&
		    c->overdue_at == 0 && c->made_false_by == deed)
			c->overdue_at = sim_now(sim) + REVOKED_WITHIN_MS;
	}
}

/* The push that made this commit a head, by the last webhook told of it; NULL: none, or it was replaced since. */
static const struct ghost_deed *pushed_to(const struct sim *sim, int commit)
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

/* A commit that headed two changes is held by the one of which nobody was told that it went on. */
static bool headed_one_change(const struct truth *truth, int commit)
{
	int changes = 0;

	for (int i = 0; i < TRUTH_CHANGES; i++)
		changes += truth->changes[i].used && truth_arrival(&truth->changes[i], commit) >= 0;
	return changes == 1;
}

static bool replaced_without_failure(const struct sim *sim, const struct ghost_deed *push)
{
	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (sim->truth.changes[i].open && sim->truth.changes[i].head == push->deed.before)
			return false;
	return headed_one_change(&sim->truth, push->deed.before) &&
	       sim->ghost.commits[push->deed.before].ours != STATUS_FAILURE;
}

/* ---- judging ---- */

static int64_t unapplied(struct sim *sim)
{
	struct store store = {sim->stage->exec(sim), STORE_LIMITS_DEFAULT, TEXT_LIT(SIM_CONTEXT)};
	struct store_counts counts = {0};
	struct err err = ERR_NONE;

	return store_counts(&store, &counts, &err) ? counts.waiting : -1;
}

/* Nothing is read for a head before the one that it replaced has its failure. */
static void check_read(struct sim *sim, int commit)
{
	const struct ghost_deed *push = pushed_to(sim, commit);

	if (push && swarm_is_calm(&sim->swarm) && replaced_without_failure(sim, push) && unapplied(sim) == 0)
		sim_break(sim, "I2: c%d is read before c%d, which it replaced, has its failure", commit,
			  push->deed.before);
}

void ghost_read_begins(struct hand *hand, int commit)
{
	hand->erred = false;
	if (hand->reading && hand->commit == commit)
		return;
	if (hand->part != PART_SWEEP)
		check_read(hand->sim, commit);
	hand->reading = true;
	hand->commit = commit;
	hand->began = hand->sim->step;
	hand->began_at = sim_now(hand->sim);
}

void ghost_call_failed(struct hand *hand)
{
	hand->erred = true;
}

struct peek {
	struct row_subject subject;
	struct row_slot slot;
	struct row_ledger ledger;
	struct arena *arena;
	bool has_subject, has_slot, has_ledger;
};

static bool peek_job(struct rows *rows, void *arg, struct err *err)
{
	struct peek *peek = arg;
	struct err gone = ERR_NONE;

	(void)err;
	peek->has_subject = rows->ops->get(rows->self, &table_subject, &peek->subject, peek->arena, &gone);
	peek->has_slot = rows->ops->get(rows->self, &table_slot, &peek->slot, peek->arena, &gone);
	peek->has_ledger = rows->ops->get(rows->self, &table_ledger, &peek->ledger, peek->arena, &gone);
	return true;
}

static bool peek_at(struct sim *sim, int commit, struct peek *peek)
{
	struct store_exec exec = sim->stage->exec(sim);
	struct err err = ERR_NONE;

	peek->subject = (struct row_subject){.repo = sim->repo, .sha = sim->stage->commit(sim, commit)};
	peek->slot = (struct row_slot){
		.repo = sim->repo, .sha = sim->stage->commit(sim, commit), .context = TEXT_LIT(SIM_CONTEXT)};
	peek->ledger = (struct row_ledger){
		.repo = sim->repo, .sha = sim->stage->commit(sim, commit), .context = TEXT_LIT(SIM_CONTEXT)};
	return exec.read(exec.self, peek_job, peek, &err);
}

static void success_concluded(struct hand *hand, int64_t generation)
{
	struct sim *sim = hand->sim;
	struct ghost_commit *c = &sim->ghost.commits[hand->commit];

	c->seen_generation = generation;
	c->success[c->n_success++ % 4] = (struct ghost_success){sim->step, hand->began, hand->began_at};
	if (unapplied(sim) != 0)
		sim_break(sim, "I3: success concluded for c%d over a journal that is not applied", hand->commit);
	if (hand->erred)
		sim_break(sim, "I7: success concluded for c%d out of a reading that failed", hand->commit);
	if (!c->now_true)
		sim_once(sim, SOMETIMES_SUCCESS_NOT_SENT);
	sim_detail(sim, "%s concludes success for c%d", hand->owner, hand->commit);
}

/* A success is sent only over an applied journal, fresh, and while nothing older may still land. */
static void check_taken(struct hand *hand)
{
	struct sim *sim = hand->sim;

	for (int i = 0; i < sim->truth.n_commits; i++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct peek peek = {.arena = &arena};

		if (sim->ghost.commits[i].n_success == 0 || !peek_at(sim, i, &peek) || !peek.has_ledger ||
		    peek.ledger.in_flight_state != STATUS_SUCCESS || peek.ledger.in_flight_since != sim_now(sim) ||
		    !text_eq(peek.ledger.in_flight_by, text_of(hand->owner)))
			continue;
		if (unapplied(sim) != 0)
			sim_break(sim, "I3: success on c%d is sent over a journal that is not applied", i);
		if (peek.ledger.doubt_until > 0)
			sim_break(sim, "I2: success on c%d is sent while an older status may land", i);
		if (sim_now(sim) - peek.slot.made_at > 30000)
			sim_break(sim, "I1: success on c%d is sent %lld ms after its reading", i,
				  (long long)(sim_now(sim) - peek.slot.made_at));
	}
}

/* What a webhook took back is taken back when that webhook is applied, and by nothing later. */
static void check_applied(struct sim *sim)
{
	for (int i = 0; i < sim->truth.n_commits; i++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct peek peek = {.arena = &arena};

		if (sim->ghost.commits[i].told_false && unapplied(sim) == 0 && peek_at(sim, i, &peek) &&
		    peek.has_slot && peek.slot.state == STATUS_SUCCESS)
			sim_break(sim, "I2: a webhook took c%d back, was applied, and success is still wanted", i);
	}
}

static bool told_of(const struct sim *sim, int commit)
{
	for (size_t i = 0; i < sim->ghost.n_deeds; i++)
		if (sim->ghost.deeds[i].deed.commit == commit && sim->ghost.deeds[i].told > 0)
			return true;
	return false;
}

static void note_swept(struct sim *sim)
{
	for (int i = 0; i < TRUTH_CHANGES; i++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct peek peek = {.arena = &arena};
		int head = sim->truth.changes[i].head;

		if (!sim->truth.changes[i].open || sim->ghost.commits[head].swept || told_of(sim, head))
			continue;
		if (!peek_at(sim, head, &peek) || !peek.has_subject)
			continue;
		sim->ghost.commits[head].swept = true;
		sim_once(sim, SOMETIMES_SWEEP_FOUND);
	}
}

void ghost_wrote(struct hand *hand)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct peek peek = {.arena = &arena};

	if (hand->part == PART_APPLY)
		check_applied(hand->sim);
	if (hand->part == PART_SWEEP)
		note_swept(hand->sim);
	if (hand->part == PART_POST) {
		check_taken(hand);
		hand->taken = hand->sim->step;
		hand->stopped = false;
	}
	if ((hand->part != PART_JUDGE && hand->part != PART_JUDGE_2) || !hand->reading)
		return;
	if (!peek_at(hand->sim, hand->commit, &peek))
		return;
	if (peek.has_subject && text_eq(peek.subject.owner, text_of(hand->owner)))
		return; /* still judging */
	if (peek.has_subject && peek.subject.owner.len > 0)
		sim_once(hand->sim, SOMETIMES_FENCED);
	hand->reading = false;
	if (peek.has_slot && peek.slot.state == STATUS_SUCCESS &&
	    peek.slot.generation > hand->sim->ghost.commits[hand->commit].seen_generation)
		success_concluded(hand, peek.slot.generation);
}

/* ---- statuses ---- */

/* What the success that was taken at this step stood on. */
static const struct ghost_success *stands_on(const struct ghost_commit *c, uint64_t taken)
{
	const struct ghost_success *best = NULL;

	for (unsigned i = 0; i < 4 && i < c->n_success; i++)
		if (c->success[i].concluded <= taken && (!best || c->success[i].concluded > best->concluded))
			best = &c->success[i];
	return best;
}

/* What made it false was told to nobody, and every replica that could be asked may have lagged that much. */
static bool nobody_could_know(struct sim *sim, const struct ghost_commit *c, const struct ghost_success *on)
{
	const struct ghost_deed *by = c->made_false_by >= 0 ? &sim->ghost.deeds[c->made_false_by] : NULL;

	return sim->swarm.lag > 0 && by && (by->told == 0 || by->told > on->began) &&
	       c->true_until_at >= on->began_at - (int64_t)sim->swarm.lag_s * 1000;
}

static void check_success(struct sim *sim, const struct ghost_post *post)
{
	struct ghost_commit *c = &sim->ghost.commits[post->commit];
	const struct ghost_success *on = stands_on(c, post->taken);

	if (c->posts >= sim->swarm.posts_max)
		sim_break(sim, "I5: a success on c%d, when only failures were left to it", post->commit);
	if (!on) {
		sim_break(sim, "I1: success on c%d that no judgement concluded", post->commit);
		return;
	}
	if (!c->now_true && c->true_until < on->began && !nobody_could_know(sim, c, on))
		sim_break(sim, "I1: success on c%d was true at no instant since its evaluation began (%s)",
			  post->commit, oracle_why(&sim->truth, post->commit));
	if (c->refused_step == 0 || c->now_true || c->true_until > c->refused_step || on->began > c->refused_taken)
		return;
	sim_once(sim, SOMETIMES_POST_LATE_AFTER_REVOCATION);
	if (!post->late && !post->stopped)
		sim_break(sim, "I2: success on c%d, older than the revocation that the forge had taken", post->commit);
	if (c->excepted_until == 0)
		c->excepted_until = sim_now(sim) + OVERWRITTEN_MS;
}

/* Nothing is said of a head before the one that it replaced has its failure. */
static void check_supersede(struct sim *sim, const struct ghost_post *post)
{
	const struct ghost_deed *push = pushed_to(sim, post->commit);

	if (push && push->told < post->taken && replaced_without_failure(sim, push) && swarm_is_calm(&sim->swarm) &&
	    sim->swarm.delay == 0 && sim->swarm.dup == 0)
		sim_break(sim, "I2: a status on c%d before the failure on c%d that it replaced", post->commit,
			  push->deed.before);
}

static void check_text(struct sim *sim, const struct ghost_post *post)
{
	if (text_find(post->text, TEXT_LIT("CANARY")) != SIZE_MAX || post->text.len > STATUS_TEXT_MAX)
		sim_break(sim, "I6: the text of c%d is \"%.*s\"", post->commit, TEXT_ARG(post->text));
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
	*a = (struct accepted){(int64_t)ghost->n_accepted, sim_now(sim), post->commit, post->ours, post->state, ""};
	(void)snprintf(a->text, sizeof a->text, "%.*s", TEXT_ARG(post->text));
}

static void settle(struct sim *sim, const struct ghost_post *post, struct ghost_commit *c)
{
	c->newest = post->state;
	c->all++;
	if (!post->ours)
		return;
	c->ours = post->state;
	c->posts++;
	sim->ghost.ours++;
	if (post->state != STATUS_SUCCESS) {
		c->refused_step = sim->step;
		c->refused_taken = post->taken;
		c->overdue_at = 0;
		c->excepted_until = 0;
	}
	if (c->posts > POSTS_MOST)
		sim_break(sim, "I5: more than %d statuses on c%d", POSTS_MOST, post->commit);
}

int64_t ghost_accepts(struct sim *sim, const struct ghost_post *post)
{
	struct ghost_commit *c = &sim->ghost.commits[post->commit];

	sim->step++;
	sim_tell(sim, "%s%s on c%d: \"%.*s\"%s%s", post->ours ? "" : "forged ", status_state_name(post->state),
		 post->commit, TEXT_ARG(post->text), post->late ? " (late)" : "", post->lost ? " (answer lost)" : "");
	if (post->ours) {
		rare_post(sim, post, c);
		check_text(sim, post);
		if (post->state == STATUS_SUCCESS)
			check_success(sim, post);
		if (!post->late)
			check_supersede(sim, post);
	} else if (post->state == STATUS_SUCCESS) {
		sim_once(sim, SOMETIMES_FORGED);
	}
	settle(sim, post, c);
	keep(sim, post);
	return (int64_t)sim->ghost.n_accepted;
}

void ghost_tick(struct sim *sim)
{
	int64_t now = sim_now(sim);

	for (int i = 0; i < sim->truth.n_commits; i++) {
		struct ghost_commit *c = &sim->ghost.commits[i];

		if (c->excepted_until > 0 && now > c->excepted_until && !c->now_true && c->ours == STATUS_SUCCESS &&
		    swarm_is_calm(&sim->swarm))
			sim_break(sim, "I2: the success that landed late on c%d was not overwritten in time", i);
		if (c->overdue_at > 0 && now > c->overdue_at && !landed(sim, i) && swarm_is_calm(&sim->swarm))
			sim_break(sim, "I2: c%d is still success %d ms after deed %d was told", i, REVOKED_WITHIN_MS,
				  c->made_false_by);
	}
}

/* ---- the end ---- */

/* Is what the product must know about this change told, or readable? Else it may be more careful than the truth. */
static bool readable(const struct sim *sim, int head)
{
	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (sim->truth.changes[i].open && sim->truth.changes[i].head == head &&
		    sim->truth.changes[i].head_repo == HEAD_PRIVATE_FORK)
			return false;
	return true;
}

static void head_settled(struct sim *sim, int change, bool cured)
{
	int head = sim->truth.changes[change].head;
	const struct ghost_commit *c = &sim->ghost.commits[head];
	bool success = c->newest == STATUS_SUCCESS;

	if (success && !c->now_true)
		sim_break(sim, "I4: c%d, head of #%d, is success at the end (%s)", head, change + 1,
			  oracle_why(&sim->truth, head));
	else if (!success && c->now_true && cured && readable(sim, head) && c->all + 1 < sim->swarm.posts_max)
		sim_break(sim, "I4: c%d, head of #%d, is allowed at the end, and its status is %s: \"%s\"", head,
			  change + 1, status_state_name(c->newest),
			  sim->ghost.n_accepted ? sim->ghost.accepted[sim->ghost.n_accepted - 1].text : "");
	if (cured)
		sim_once(sim, success ? SOMETIMES_END_ALLOWED : SOMETIMES_END_DENIED);
}

void ghost_settled(struct sim *sim, bool cured)
{
	bool heads[TRUTH_COMMITS] = {false};

	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (sim->truth.changes[i].open) {
			heads[sim->truth.changes[i].head] = true;
			head_settled(sim, i, cured);
		}
	for (int i = 0; i < sim->truth.n_commits; i++) {
		/* A status forged where nothing can be merged, told by no webhook, is nobody's to find. */
		if (!heads[i] && !landed(sim, i) && sim->ghost.commits[i].ours == STATUS_SUCCESS &&
		    sim->ghost.commits[i].newest == STATUS_SUCCESS)
			sim_break(sim, "I4: c%d heads no open change, and is success at the end", i);
	}
}

struct audit {
	struct sim *sim;
	struct arena *arena;
	unsigned n;
};

static bool acked_job(struct rows *rows, void *arg, struct err *err)
{
	struct audit *audit = arg;
	struct sim *sim = audit->sim;

	(void)err;
	for (size_t i = 0; i < sim->net.n_acked; i++) {
		struct row_journal key = {.guid = text_of(sim->net.acked[i].guid)};
		struct scan scan = {.table = &table_journal, .index = JOURNAL_BY_GUID, .equal = &key, .n_equal = 1};
		struct err failed = ERR_NONE;
		int64_t n = 0;

		if (!rows->ops->count(rows->self, &scan, &n, &failed) || n != 1)
			sim_break(sim, "I3: %s was answered 202 and is %s", sim->net.acked[i].guid,
				  n ? "there twice" : "lost");
	}
	return true;
}

static bool several_changes(struct text facts)
{
	static const char key[] = "\"number\":";
	size_t at = text_find(facts, text_of(key));

	if (at == SIZE_MAX)
		return false;
	at += sizeof key - 1;
	return text_find((struct text){facts.at + at, facts.len - at}, text_of(key)) != SIZE_MAX;
}

static bool same_verdict(struct audit *audit, const struct row_verdict *row)
{
	struct replay replay = {.policy = row->policy_text, .defaults = {.approvals = 2}};
	struct verdict verdict;
	struct problem problem;
	struct err err = ERR_NONE;

	if (!unpack_text(&(struct unpack){row->inputs_lz4, (size_t)row->inputs_bytes, REPLAY_FACTS_MAX}, audit->arena,
			 &replay.facts, &err))
		return false;
	if (text_eq(replay.facts, TEXT_LIT("{}")))
		return true; /* it said that the facts could not be had */
	if (several_changes(replay.facts))
		return true; /* each by the policy of its base, of which the verdict keeps the first */
	return replay_judge(&replay, audit->arena, &verdict, &problem, &err) &&
	       text_is(row->decision, decision_name(verdict.decision)) && text_eq(row->text, verdict.text);
}

static bool replay_row(void *context, const void *row)
{
	struct audit *audit = context;
	const struct row_verdict *verdict = row;

	if (audit->n++ % 2 == 0 && text_is(verdict->state, "success") && !same_verdict(audit, verdict))
		sim_break(audit->sim, "I8: verdict %lld replayed gives another answer", (long long)verdict->id);
	return true;
}

static bool replay_job(struct rows *rows, void *arg, struct err *err)
{
	struct audit *audit = arg;
	struct scan scan = {.table = &table_verdict, .index = INDEX_KEY, .limit = 100000};

	return rows->ops->scan(rows->self, &scan, (struct visitor){replay_row, audit, audit->arena}, err);
}

void ghost_audit(struct sim *sim)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct audit audit = {.sim = sim, .arena = &arena};
	struct store store = {sim->stage->exec(sim), STORE_LIMITS_DEFAULT, TEXT_LIT(SIM_CONTEXT)};
	struct err err = ERR_NONE;
	int64_t rows;

	if (!store.exec.read(store.exec.self, acked_job, &audit, &err))
		sim_break(sim, "I3: the journal cannot be read: %s", err.text);
	if (sim->seed % 8 != 0)
		return; /* the verdicts of one history in eight: hashing and judging them again is half of its cost */
	if (!store_verify_chain(&store, &rows, &err))
		sim_break(sim, "I8: the chain does not verify: %s", err.text);
	if (!store.exec.read(store.exec.self, replay_job, &audit, &err))
		sim_break(sim, "I8: the verdicts cannot be read: %s", err.text);
}

void ghost_begin(struct sim *sim)
{
	for (int i = 0; i < TRUTH_COMMITS; i++)
		sim->ghost.commits[i].made_false_by = NOBODY;
}

void ghost_end(struct sim *sim)
{
	free(sim->ghost.deeds);
	free(sim->ghost.accepted);
}
