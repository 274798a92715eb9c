#include "tests/sim/play_inner.h"

#include <stdio.h>

#include "tests/sim/dice.h"
#include "tests/sim/oracle.h"

static enum deed_done any_kind(struct dice *dice, const struct swarm *swarm)
{
	unsigned sum = 0, roll;

	for (int i = 1; i < DEED_KINDS; i++)
		sum += swarm->weight[i];
	roll = dice_below(dice, sum);
	for (int i = 1; i < DEED_KINDS; i++) {
		if (roll < swarm->weight[i])
			return (enum deed_done)i;
		roll -= swarm->weight[i];
	}
	return DEED_APPROVE;
}

/* What takes an act back, or does it again; else an approval. */
static enum deed_done turned(enum deed_done kind)
{
	static const enum deed_done turns[DEED_KINDS] = {
		[DEED_APPROVE] = DEED_DISMISS,
		[DEED_DISMISS] = DEED_APPROVE,
		[DEED_PUSH] = DEED_PUSH_BACK,
		[DEED_PUSH_BACK] = DEED_PUSH_BACK,
		[DEED_FORCE_PUSH] = DEED_PUSH_BACK,
		[DEED_DRAFT] = DEED_READY,
		[DEED_READY] = DEED_DRAFT,
		[DEED_CLOSE] = DEED_REOPEN,
		[DEED_REOPEN] = DEED_CLOSE,
		[DEED_ROLE] = DEED_ROLE,
		[DEED_TEAM] = DEED_TEAM,
		[DEED_POLICY] = DEED_POLICY,
		[DEED_RETARGET] = DEED_RETARGET,
		[DEED_BUG_RATED] = DEED_BUG_RATED,
		[DEED_BUG_SHOWN] = DEED_BUG_SHOWN,
		[DEED_BUG_APPROVAL] = DEED_BUG_APPROVAL,
		[DEED_BUG_DUPE] = DEED_BUG_DUPE,
	};

	return turns[kind] ? turns[kind] : DEED_APPROVE;
}

struct plan plan_of(uint64_t seed, const struct swarm *swarm)
{
	struct dice dice = dice_of(seed, 2);
	struct plan plan = {.n = swarm->deeds < PLAN_MAX ? swarm->deeds : PLAN_MAX};
	int64_t at = 100;
	uint32_t usual = 2 * swarm->span_s * 1000 / (plan.n + 1);

	for (unsigned i = 0; i < plan.n; i++) {
		struct act *act = &plan.acts[i];
		bool turn = i > 0 && dice_permille(&dice, swarm->turns);

		act->kind = i < 1 ? DEED_OPEN : turn ? turned(plan.acts[i - 1].kind) : any_kind(&dice, swarm);
		act->turns = turn;
		at += turn || dice_permille(&dice, swarm->bursts) ? dice_below(&dice, turn             ? 4000
										      : swarm->rush_ms ? swarm->rush_ms
												       : 900)
								  : 1 + dice_below(&dice, usual);
		act->at = at;
		for (size_t k = 0; k < sizeof act->draw / sizeof act->draw[0]; k++)
			act->draw[k] = (uint32_t)dice_roll(&dice);
		if (turn && swarm->same && (act->kind == DEED_ROLE || act->kind == DEED_TEAM))
			act->draw[0] = plan.acts[i - 1].draw[0];
	}
	return plan;
}

/* ---- choosing ---- */

typedef bool change_is(const struct truth_change *change);

static bool is_open(const struct truth_change *c)
{
	return c->open;
}
static bool is_closed(const struct truth_change *c)
{
	return !c->open && !c->merged;
}
static bool is_ready(const struct truth_change *c)
{
	return c->open && !c->draft;
}
static bool is_draft(const struct truth_change *c)
{
	return c->open && c->draft;
}

static int pick_change(const struct truth *truth, change_is *is, uint32_t draw)
{
	int found[TRUTH_CHANGES], n = 0;

	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (truth->changes[i].used && is(&truth->changes[i]))
			found[n++] = i;
	return n ? found[draw % (uint32_t)n] : NOBODY;
}

int play_pick_open(const struct truth *truth, uint32_t draw)
{
	return pick_change(truth, is_open, draw);
}

static int pick_person(uint32_t draw)
{
	return (int)(draw % TRUTH_PEOPLE);
}

static bool can_push(const struct truth *truth, int who)
{
	return truth->people[who].role >= ROLE_WRITE;
}

/* NOBODY: not the one who was drawn. */
static int whoever_writes(const struct truth *truth, uint32_t draw)
{
	return can_push(truth, pick_person(draw)) ? pick_person(draw) : NOBODY;
}

/* A commit on top of parent, by who, perhaps with others' names on it. */
static struct truth_commit new_commit(const struct truth *truth, int parent, int who, const uint32_t *draw)
{
	struct truth_commit commit = truth_commit_on(truth, parent, NOBODY);

	commit.author = commit.committer = who;
	commit.co_author = draw[0] % 12 == 0 ? pick_person(draw[0] >> 8) : NOBODY;
	if (draw[0] % 37 == 5)
		commit.author = NOBODY;
	commit.files = FILE_SOURCE;
	if (draw[1] % 9 == 0)
		commit.files |= FILE_WORKFLOW;
	if (draw[1] % 7 == 0)
		commit.files = FILE_DOCS;
	return commit;
}

static bool room(const struct truth *truth)
{
	return truth->n_commits < TRUTH_COMMITS - 2;
}

/* ---- what each act becomes ---- */

static bool to_open(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	int other = pick_change(truth, is_open, act->draw[1]), tip;

	ret->branch = (int)(act->draw[2] % 5 < 3 ? 0 : act->draw[2] % TRUTH_BRANCHES);
	ret->who = act->draw[0] % 3 ? 8 : pick_person(act->draw[0] >> 4);
	ret->head_repo = swarm->forks || act->draw[3] % 5 == 0 ? HEAD_PRIVATE_FORK
			 : act->draw[3] % 5 == 1               ? HEAD_FORK
							       : HEAD_OWN;
	if (ret->head_repo == HEAD_OWN && !can_push(truth, ret->who))
		ret->head_repo = HEAD_FORK;
	if (ret->head_repo == HEAD_PRIVATE_FORK && (act->draw[3] >> 8) % 3 == 0)
		ret->pushed_by = whoever_writes(truth, act->draw[3] >> 12) + 1;
	for (ret->change = 0; truth->changes[ret->change].used;)
		if (++ret->change == TRUTH_CHANGES)
			return false;
	if (other != NOBODY && (act->draw[1] % 3 == 0 ||
				act->draw[1] / 8 % 1000 < swarm->shared)) { /* a second change on the same commit */
		ret->commit = truth->changes[other].head;
		return true;
	}
	if (!room(truth))
		return false;
	tip = truth->branches[ret->branch].tip;
	ret->commit = truth->n_commits;
	ret->made = new_commit(truth, tip, ret->who, act->draw + 4);
	ret->made.bugs = play_names_bugs(swarm, act->draw[4] >> 8);
	return true;
}

static bool pushes(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	const struct truth_change *c;

	ret->change = pick_change(truth, is_open, act->draw[0]);
	if (ret->change == NOBODY)
		return false;
	c = &truth->changes[ret->change];
	ret->who = act->draw[1] % 4 ? c->author : pick_person(act->draw[1] >> 4);
	if (c->head_repo != HEAD_OWN)
		ret->who = c->author;
	else if (!can_push(truth, ret->who))
		return false;
	ret->before = c->head;
	ret->moves_reviews = act->draw[5] % 1000 < swarm->reanchor;
	return true;
}

static bool to_push(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	if (!room(truth) || !pushes(truth, swarm, act, ret))
		return false;
	ret->commit = truth->n_commits;
	ret->made = new_commit(truth, ret->before, ret->who, act->draw + 2);
	ret->made.bugs = play_names_bugs(swarm, act->draw[4]);
	return true;
}

static bool to_force_push(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	int other = pick_change(truth, is_open, act->draw[2]);

	if (!room(truth) || !pushes(truth, swarm, act, ret))
		return false;
	if (other != NOBODY && act->draw[3] % 4 == 0 && truth->changes[other].head != ret->before) {
		ret->commit = truth->changes[other].head; /* what heads another change already */
		return true;
	}
	ret->commit = truth->n_commits;
	ret->made = new_commit(truth, truth->branches[truth->changes[ret->change].base].tip, ret->who, act->draw + 3);
	ret->made.bugs = play_names_bugs(swarm, act->draw[5]);
	return true;
}

static bool to_push_back(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	const struct truth_change *c;

	if (!pushes(truth, swarm, act, ret))
		return false;
	c = &truth->changes[ret->change];
	ret->commit = c->moves[act->draw[2] % (uint32_t)c->n_moves].to;
	return ret->commit != ret->before;
}

/* Who reviews: mostly somebody whose word may count, now and then anybody. */
static int reviewer(const struct truth *truth, int change, const uint32_t *draw)
{
	int first = pick_person(draw[0]);

	for (int i = 0; draw[1] % 4 && i < TRUTH_PEOPLE; i++)
		if (oracle_could_count(truth, change, (first + i) % TRUTH_PEOPLE))
			return (first + i) % TRUTH_PEOPLE;
	return first;
}

static bool reviews(const struct truth *truth, const struct act *act, struct deed *ret)
{
	ret->change = pick_change(truth, is_open, act->draw[0]);
	if (ret->change == NOBODY || truth->n_reviews == TRUTH_REVIEWS)
		return false;
	ret->commit = truth->changes[ret->change].head;
	ret->who = reviewer(truth, ret->change, act->draw + 1);
	ret->review = truth->n_reviews;
	return true;
}

static bool to_approve(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	const struct truth_change *c;

	if (!reviews(truth, act, ret))
		return false;
	c = &truth->changes[ret->change];
	ret->moves_reviews = act->draw[3] % 1000 < swarm->pages;
	/* an old commit, from a page that was opened before the push */
	if (ret->moves_reviews || act->draw[4] % 8 == 0)
		ret->commit = c->moves[act->draw[5] % (uint32_t)c->n_moves].to;
	return true;
}

static bool to_review(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	(void)swarm;
	return reviews(truth, act, ret);
}

static bool to_dismiss(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	(void)swarm;
	for (int i = 0; i < truth->n_reviews; i++) {
		uint32_t first = act->turns ? (uint32_t)truth->n_reviews - 1 : act->draw[0]; /* the newest */
		int k = (int)((first + (uint32_t)i) % (uint32_t)truth->n_reviews);
		const struct truth_review *r = &truth->reviews[k];

		if (!truth->changes[r->change].open ||
		    (r->state != SAID_APPROVED && r->state != SAID_CHANGES_REQUESTED))
			continue;
		ret->review = k;
		ret->change = r->change;
		ret->commit = r->sha;
		ret->who = 3;
		return true;
	}
	return false;
}

/* Mostly somebody who approved what is open. */
static int whose_word(const struct truth *truth, const uint32_t *draw)
{
	for (int i = 0; draw[2] % 4 && i < truth->n_reviews; i++) {
		const struct truth_review *r = &truth->reviews[(draw[0] + (uint32_t)i) % (uint32_t)truth->n_reviews];

		if (r->state == SAID_APPROVED && truth->changes[r->change].open)
			return r->by;
	}
	return pick_person(draw[0]);
}

static bool to_role(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	static const enum truth_role roles[] = {ROLE_NONE, ROLE_READ, ROLE_WRITE, ROLE_WRITE, ROLE_MAINTAIN};

	ret->who = 3;
	ret->subject = swarm->turns ? whose_word(truth, act->draw) : pick_person(act->draw[0]);
	ret->role = (int)roles[act->draw[1] % 5];
	if (swarm->turns && act->draw[1] % 4)
		ret->role = truth->people[ret->subject].role >= ROLE_WRITE ? ROLE_READ : ROLE_WRITE;
	return ret->subject != 3 && truth->people[ret->subject].role != (enum truth_role)ret->role;
}

static bool to_team(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	(void)swarm;
	ret->who = 3;
	ret->subject = pick_person(act->draw[0]);
	ret->role = !truth->people[ret->subject].in_team;
	return true;
}

static bool base_pushes(const struct truth *truth, const struct act *act, struct deed *ret)
{
	if (!room(truth))
		return false;
	ret->branch = (int)(act->draw[0] % TRUTH_BRANCHES);
	ret->who = 3;
	ret->commit = truth->n_commits;
	ret->made = new_commit(truth, truth->branches[ret->branch].tip, 3, act->draw + 2);
	return true;
}

static int drawn_policy(const struct swarm *swarm, uint32_t draw)
{
	if (swarm->trackers && draw % 4)
		return oracle_policies() + oracle_policies_with_contexts() +
		       (int)(draw / 4 % (uint32_t)oracle_policies_with_bugs());
	if (swarm->contexts && draw % 2)
		return oracle_policies() + (int)(draw / 2 % (uint32_t)oracle_policies_with_contexts());
	return (int)(draw % (uint32_t)(oracle_policies() + 1)) - 1;
}

static bool to_policy(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	if (swarm->policies == 0 || !base_pushes(truth, act, ret))
		return false;
	ret->policy = drawn_policy(swarm, act->draw[1]);
	ret->made.policy = ret->policy;
	ret->made.files = FILE_POLICY;
	return true;
}

static bool to_base_push(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	(void)swarm;
	return base_pushes(truth, act, ret);
}

static bool to_retarget(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	(void)swarm;
	ret->change = pick_change(truth, is_open, act->draw[0]);
	ret->branch = (int)(act->draw[1] % TRUTH_BRANCHES);
	ret->who = 3;
	return ret->change != NOBODY && truth->changes[ret->change].base != ret->branch;
}

static bool on_change(const struct truth *truth, change_is *is, const struct act *act, struct deed *ret)
{
	ret->change = pick_change(truth, is, act->draw[0]);
	if (ret->change == NOBODY)
		return false;
	ret->who = truth->changes[ret->change].author;
	return true;
}

static bool to_draft(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	(void)swarm;
	return on_change(truth, is_ready, act, ret);
}
static bool to_ready(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	(void)swarm;
	return on_change(truth, is_draft, act, ret);
}
static bool to_any_open(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	(void)swarm;
	return on_change(truth, is_open, act, ret);
}
static bool to_edit(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	ret->bugs = act->draw[1] % 2 ? play_names_bugs(swarm, act->draw[2]) : 0;
	return on_change(truth, is_open, act, ret);
}
static bool to_reopen(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	(void)swarm;
	return on_change(truth, is_closed, act, ret);
}

static bool to_rename(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	(void)swarm, (void)act;
	ret->who = 3;
	return truth->renamed < 3;
}

static bool to_forge(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	(void)swarm;
	ret->change = pick_change(truth, is_open, act->draw[0]);
	if (ret->change == NOBODY)
		return false;
	ret->who = 8;
	ret->commit = truth->changes[ret->change].head;
	ret->role = act->draw[1] % 3 == 0; /* failure now and then, else success */
	return true;
}

static bool to_merge(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	if (!swarm->gates || !room(truth) || !on_change(truth, is_ready, act, ret))
		return false;
	ret->who = 3;
	ret->branch = truth->changes[ret->change].base;
	ret->before = truth->changes[ret->change].head;
	ret->commit = truth->n_commits;
	ret->made = truth_commit_on(truth, truth->branches[ret->branch].tip, ret->before);
	ret->made.author = ret->made.committer = 3;
	return true;
}

static resolver *const resolvers[DEED_KINDS] = {
	[DEED_OPEN] = to_open,
	[DEED_PUSH] = to_push,
	[DEED_FORCE_PUSH] = to_force_push,
	[DEED_PUSH_BACK] = to_push_back,
	[DEED_APPROVE] = to_approve,
	[DEED_REQUEST] = to_review,
	[DEED_REMARK] = to_review,
	[DEED_DISMISS] = to_dismiss,
	[DEED_ROLE] = to_role,
	[DEED_TEAM] = to_team,
	[DEED_POLICY] = to_policy,
	[DEED_BASE_PUSH] = to_base_push,
	[DEED_RETARGET] = to_retarget,
	[DEED_DRAFT] = to_draft,
	[DEED_READY] = to_ready,
	[DEED_CLOSE] = to_any_open,
	[DEED_REOPEN] = to_reopen,
	[DEED_EDIT] = to_edit,
	[DEED_RENAME] = to_rename,
	[DEED_FORGE_STATUS] = to_forge,
	[DEED_RECHECK] = to_any_open,
	[DEED_MERGE] = to_merge,
	[DEED_BUG_RATED] = play_to_rate,
	[DEED_BUG_SHOWN] = play_to_show,
	[DEED_BUG_PATCH] = play_to_patch,
	[DEED_BUG_APPROVAL] = play_to_approve_patch,
	[DEED_BUG_DUPE] = play_to_mark,
	[DEED_BUG_CLOSED] = play_to_resolve,
};

bool play_resolve(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	*ret = (struct deed){.kind = act->kind,
			     .who = NOBODY,
			     .change = NOBODY,
			     .commit = NOBODY,
			     .branch = NOBODY,
			     .review = NOBODY,
			     .subject = NOBODY,
			     .policy = NOBODY,
			     .before = NOBODY,
			     .bug = NOBODY,
			     .patch = NOBODY,
			     .other = NOBODY};
	return resolvers[act->kind](truth, swarm, act, ret);
}

struct line {
	char *at;
	size_t room, n;
};

static void add(struct line *line, const char *what, const char *value)
{
	int n = snprintf(line->at + line->n, line->room - line->n, " %s%s", what, value);

	if (n > 0)
		line->n = line->n + (size_t)n < line->room ? line->n + (size_t)n : line->room - 1;
}

static void add_number(struct line *line, const char *what, int value)
{
	char text[16];

	(void)snprintf(text, sizeof text, "%d", value);
	add(line, what, text);
}

static void tell_bug(struct line *line, const struct deed *d)
{
	static const char *const shown[] = {"to all", "to the group", "to others"};
	const char flag[] = {(char)d->role, '\0'};

	add_number(line, "bug ", d->bug);
	if (d->patch != NOBODY)
		add_number(line, "patch ", d->patch);
	if (d->kind == DEED_BUG_DUPE)
		add_number(line, d->role ? "of " : "no more of ", d->other);
	else if (d->kind == DEED_BUG_SHOWN)
		add(line, shown[d->role], "");
	else if (d->kind == DEED_BUG_APPROVAL)
		add(line, d->role ? flag : "cleared", "");
	else
		add(line, d->role ? "yes" : "no", "");
}

void play_tell(const struct deed *d, char *text, size_t room_for)
{
	static const char *const roles[] = {"none", "read", "triage", "write", "maintain", "admin"};
	const struct {
		const char *what;
		int value, add;
	} parts[] = {{"#", d->change, 1},
		     {"c", d->commit, 0},
		     {"instead of c", d->before, 0},
		     {"branch ", d->branch, 0},
		     {"review ", d->review, 1}};
	struct line line = {text, room_for, 0};

	text[0] = '\0';
	add(&line, d->who == NOBODY ? "somebody" : truth_login(d->who), "");
	add(&line, deed_name(d->kind), "");
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (parts[i].value != NOBODY)
			add_number(&line, parts[i].what, parts[i].value + parts[i].add);
	if (d->subject != NOBODY)
		add(&line, truth_login(d->subject), "");
	if (d->kind == DEED_ROLE)
		add(&line, "becomes ", roles[d->role]);
	if (d->kind == DEED_TEAM)
		add(&line, d->role ? "joins" : "leaves", "");
	if (d->kind == DEED_POLICY)
		add(&line, "policy ", d->policy == NOBODY ? "built-in" : oracle_policy_name(d->policy));
	if (truth_at_tracker(d->kind))
		tell_bug(&line, d);
	for (int i = 0; i <= TRUTH_BUGS; i++)
		if ((d->bugs | d->made.bugs) >> i & 1)
			add_number(&line, "naming bug ", i);
	if (d->pushed_by)
		add(&line, "pushed by ", truth_login(d->pushed_by - 1));
	if (d->moves_reviews)
		add(&line, "(reviews move along)", "");
}
