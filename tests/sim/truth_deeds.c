/*
 * What people do to the truth, by the rules of the forge. Each act asks everything first and changes then, so that a
 * refused deed leaves no trace.
 */
#include "tests/sim/truth.h"

#include <stddef.h>
#include <string.h>

static bool has(const struct truth *truth, int commit, int ancestor)
{
	return truth->commits[commit].reach >> ancestor & 1;
}

/* ---- what is asked before anything is done ---- */

static bool within(int index, int n)
{
	return index >= 0 && index < n;
}

static bool may(const struct truth *truth, int who, enum truth_role role)
{
	return within(who, TRUTH_PEOPLE) && truth->people[who].role >= role;
}

static struct truth_change *change_of(struct truth *truth, const struct deed *deed)
{
	struct truth_change *change = within(deed->change, TRUTH_CHANGES) ? &truth->changes[deed->change] : NULL;

	return change && change->used ? change : NULL;
}

/* An open change, asked by its author or by somebody with that role. */
static struct truth_change *open_change(struct truth *truth, const struct deed *deed, enum truth_role role)
{
	struct truth_change *change = change_of(truth, deed);
	bool allowed = change && (deed->who == change->author || may(truth, deed->who, role));

	return allowed && change->open ? change : NULL;
}

static bool lands_nothing(const struct truth *truth, int head, int base)
{
	return has(truth, truth->branches[base].tip, head);
}

/* A branch of the repository needs write access; a fork is its owner's, who lets writers push there, too. */
static bool may_push(const struct truth *truth, const struct deed *deed, const struct truth_change *change)
{
	bool owner = change->head_repo != HEAD_OWN && deed->who == change->author;

	return owner || may(truth, deed->who, ROLE_WRITE);
}

/* ---- heads ---- */

static void move_head(const struct truth *truth, struct truth_change *change, const struct truth_move *move)
{
	change->base_then = truth->branches[change->base].tip;
	change->moves[change->n_moves++] = *move;
	change->head = move->to;
	change->updated_at = move->at;
}

static bool act_open(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_change made = {.used = true, .open = true, .base = deed->branch, .author = deed->who};
	bool possible = within(deed->who, TRUTH_PEOPLE) && within(deed->change, TRUTH_CHANGES) &&
			within(deed->branch, TRUTH_BRANCHES) && within(deed->commit, truth->n_commits);

	int by = deed->pushed_by ? deed->pushed_by - 1 : deed->who;

	made.head_repo = deed->head_repo;
	if (!possible || truth->changes[deed->change].used || !may_push(truth, deed, &made) ||
	    lands_nothing(truth, deed->commit, deed->branch) || (by != deed->who && !may(truth, by, ROLE_WRITE)))
		return false;
	move_head(truth, &made, &(struct truth_move){deed->commit, by, now, false});
	truth->changes[deed->change] = made;
	return true;
}

static void re_anchor(struct truth *truth, const struct deed *deed, int before)
{
	for (int i = 0; i < truth->n_reviews; i++)
		if (truth->reviews[i].change == deed->change && truth->reviews[i].rest_sha == before)
			truth->reviews[i].rest_sha = deed->commit;
}

static bool push(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_change *change = &truth->changes[deed->change];
	int before = change->head;

	if (lands_nothing(truth, deed->commit, change->base))
		return false;
	move_head(truth, change, &(struct truth_move){deed->commit, deed->who, now, !has(truth, deed->commit, before)});
	if (deed->moves_reviews)
		re_anchor(truth, deed, before);
	return true;
}

/* An open change with room for another move, and a commit that is not its head already. */
static const struct truth_change *pushable(struct truth *truth, const struct deed *deed)
{
	struct truth_change *change = change_of(truth, deed);

	if (!change || !change->open || change->n_moves >= TRUTH_MOVES || !may_push(truth, deed, change))
		return NULL;
	return within(deed->commit, truth->n_commits) && deed->commit != change->head ? change : NULL;
}

static bool act_push(struct truth *truth, const struct deed *deed, int64_t now)
{
	const struct truth_change *change = pushable(truth, deed);

	return change && has(truth, deed->commit, change->head) && push(truth, deed, now);
}

static bool act_force_push(struct truth *truth, const struct deed *deed, int64_t now)
{
	const struct truth_change *change = pushable(truth, deed);

	return change && !has(truth, deed->commit, change->head) && push(truth, deed, now);
}

static bool act_push_back(struct truth *truth, const struct deed *deed, int64_t now)
{
	const struct truth_change *change = pushable(truth, deed);

	return change && truth_arrival(change, deed->commit) >= 0 && push(truth, deed, now);
}

/* ---- reviews ---- */

static bool review(struct truth *truth, const struct deed *deed, enum truth_review_state state, int64_t now)
{
	struct truth_change *change = change_of(truth, deed);

	if (!change || !within(deed->who, TRUTH_PEOPLE) || truth->n_reviews >= TRUTH_REVIEWS ||
	    truth_arrival(change, deed->commit) < 0 || (deed->who == change->author && state != SAID_COMMENTED))
		return false;
	truth->reviews[truth->n_reviews++] = (struct truth_review){
		deed->change, deed->who, state, deed->commit, deed->moves_reviews ? change->head : deed->commit, now};
	change->updated_at = now;
	return true;
}

static bool act_approve(struct truth *truth, const struct deed *deed, int64_t now)
{
	return review(truth, deed, SAID_APPROVED, now);
}

static bool act_request(struct truth *truth, const struct deed *deed, int64_t now)
{
	return review(truth, deed, SAID_CHANGES_REQUESTED, now);
}

static bool act_comment(struct truth *truth, const struct deed *deed, int64_t now)
{
	return review(truth, deed, SAID_COMMENTED, now);
}

static bool act_dismiss(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_review *said = within(deed->review, truth->n_reviews) ? &truth->reviews[deed->review] : NULL;

	if (!said || (said->state != SAID_APPROVED && said->state != SAID_CHANGES_REQUESTED) ||
	    !may(truth, deed->who, ROLE_WRITE))
		return false;
	said->state = SAID_DISMISSED;
	truth->changes[said->change].updated_at = now;
	return true;
}

/* ---- the repository; whoever owns the organisation does this, with or without a role here ---- */

static bool act_role(struct truth *truth, const struct deed *deed, int64_t now)
{
	(void)now;
	if (!within(deed->subject, TRUTH_PEOPLE) || deed->role < ROLE_NONE || deed->role > ROLE_ADMIN ||
	    (int)truth->people[deed->subject].role == deed->role)
		return false;
	truth->people[deed->subject].role = (enum truth_role)deed->role;
	return true;
}

static bool act_team(struct truth *truth, const struct deed *deed, int64_t now)
{
	(void)now;
	if (!within(deed->subject, TRUTH_PEOPLE) || truth->people[deed->subject].in_team == (deed->role != 0))
		return false;
	truth->people[deed->subject].in_team = deed->role != 0;
	return true;
}

static bool act_rename(struct truth *truth, const struct deed *deed, int64_t now)
{
	(void)deed;
	(void)now;
	truth->renamed++;
	return true;
}

/* ---- bases ---- */

/* A change whose head the base has got is merged, whoever pushed it there. */
static void move_base(struct truth *truth, int branch, int tip, int64_t now)
{
	truth->branches[branch].tip = tip;
	for (int i = 0; i < TRUTH_CHANGES; i++) {
		struct truth_change *change = &truth->changes[i];

		if (!change->used || !change->open || change->base != branch || !has(truth, tip, change->head))
			continue;
		change->open = false;
		change->merged = true;
		change->updated_at = now;
	}
}

static bool onward(const struct truth *truth, const struct deed *deed)
{
	return within(deed->branch, TRUTH_BRANCHES) && within(deed->commit, truth->n_commits) &&
	       may(truth, deed->who, ROLE_WRITE) && deed->commit != truth->branches[deed->branch].tip &&
	       has(truth, deed->commit, truth->branches[deed->branch].tip);
}

static bool act_policy(struct truth *truth, const struct deed *deed, int64_t now)
{
	if (!onward(truth, deed) || truth->commits[deed->commit].policy != deed->policy)
		return false;
	move_base(truth, deed->branch, deed->commit, now);
	return true;
}

static bool act_base_push(struct truth *truth, const struct deed *deed, int64_t now)
{
	if (!onward(truth, deed) ||
	    truth->commits[deed->commit].policy != truth->commits[truth->branches[deed->branch].tip].policy)
		return false;
	move_base(truth, deed->branch, deed->commit, now);
	return true;
}

/* The commit is made on the tip; a squash does not have the head among its ancestors. */
static bool act_merge(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_change *change = change_of(truth, deed);

	if (!change || !change->open || change->draft || !may(truth, deed->who, ROLE_WRITE) ||
	    !within(deed->commit, truth->n_commits) ||
	    truth->commits[deed->commit].parent != truth->branches[change->base].tip)
		return false;
	change->open = false;
	change->merged = true;
	change->updated_at = now;
	move_base(truth, change->base, deed->commit, now);
	return true;
}

/* ---- a change ---- */

static bool act_retarget(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_change *change = open_change(truth, deed, ROLE_WRITE);

	if (!change || !within(deed->branch, TRUTH_BRANCHES) || deed->branch == change->base ||
	    lands_nothing(truth, change->head, deed->branch))
		return false;
	change->base = deed->branch;
	change->base_then = truth->branches[deed->branch].tip;
	change->updated_at = now;
	return true;
}

static bool set_draft(struct truth *truth, const struct deed *deed, bool draft, int64_t now)
{
	struct truth_change *change = open_change(truth, deed, ROLE_WRITE);

	if (!change || change->draft == draft)
		return false;
	change->draft = draft;
	change->updated_at = now;
	return true;
}

static bool act_draft(struct truth *truth, const struct deed *deed, int64_t now)
{
	return set_draft(truth, deed, true, now);
}

static bool act_ready(struct truth *truth, const struct deed *deed, int64_t now)
{
	return set_draft(truth, deed, false, now);
}

static bool act_close(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_change *change = open_change(truth, deed, ROLE_TRIAGE);

	if (!change)
		return false;
	change->open = false;
	change->updated_at = now;
	return true;
}

static bool act_reopen(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_change *change = change_of(truth, deed);

	if (!change || change->open || change->merged || lands_nothing(truth, change->head, change->base) ||
	    (deed->who != change->author && !may(truth, deed->who, ROLE_TRIAGE)))
		return false;
	change->open = true;
	change->updated_at = now;
	return true;
}

static bool act_edit(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_change *change = change_of(truth, deed);

	if (!change || (deed->who != change->author && !may(truth, deed->who, ROLE_WRITE)))
		return false;
	change->edits++;
	change->bugs = deed->bugs;
	change->updated_at = now;
	return true;
}

/* ---- what is no part of the truth: the forge takes it, the judgement must not depend on it ---- */

static bool act_forge_status(struct truth *truth, const struct deed *deed, int64_t now)
{
	(void)now;
	return within(deed->commit, truth->n_commits) && may(truth, deed->who, ROLE_WRITE);
}

static bool act_recheck(struct truth *truth, const struct deed *deed, int64_t now)
{
	(void)now;
	return change_of(truth, deed) && within(deed->who, TRUTH_PEOPLE);
}

/* ---- at the tracker, where whoever may see a bug may do all of this ---- */

static struct truth_bug *bug_of(struct truth *truth, const struct deed *deed)
{
	return within(deed->bug, TRUTH_BUGS) ? &truth->bugs[deed->bug] : NULL;
}

static bool changed(struct truth_bug *bug, int64_t now)
{
	bug->changed_at = now;
	return true;
}

static bool act_bug_rated(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_bug *bug = bug_of(truth, deed);

	if (!bug || bug->rated == (deed->role != 0))
		return false;
	bug->rated = deed->role != 0;
	return changed(bug, now);
}

static bool act_bug_shown(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_bug *bug = bug_of(truth, deed);

	if (!bug || deed->role < SHOWN_TO_ALL || deed->role > SHOWN_TO_OTHERS || (int)bug->shown == deed->role)
		return false;
	bug->shown = (enum truth_shown)deed->role;
	return changed(bug, now);
}

static struct truth_patch *patch_of(struct truth_bug *bug, const struct deed *deed)
{
	return bug && within(deed->patch, TRUTH_PATCHES) ? &bug->patches[deed->patch] : NULL;
}

static bool act_bug_patch(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_bug *bug = bug_of(truth, deed);
	struct truth_patch *patch = patch_of(bug, deed);

	if (!patch || patch->used == (deed->role == 0) || patch->obsolete)
		return false;
	patch->used = true;
	patch->obsolete = deed->role != 0;
	return changed(bug, now);
}

static bool act_bug_approval(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_bug *bug = bug_of(truth, deed);
	struct truth_patch *patch = patch_of(bug, deed);

	if (!patch || !patch->used || patch->approval == deed->role)
		return false;
	patch->approval = (char)deed->role;
	return changed(bug, now);
}

/* The one it is marked as has changed, too. Two that are one already cannot be marked. */
static bool act_bug_dupe(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_bug *bug = bug_of(truth, deed);
	bool marks = deed->role != 0;

	if (!bug || !within(deed->other, TRUTH_BUGS) || bug->dupe_of != (marks ? NOBODY : deed->other) ||
	    (marks && truth_bugs_alike(truth, deed->bug) >> deed->other & 1))
		return false;
	bug->dupe_of = marks ? deed->other : NOBODY;
	return changed(&truth->bugs[deed->other], now) && changed(bug, now);
}

static bool act_bug_closed(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct truth_bug *bug = bug_of(truth, deed);

	if (!bug || bug->resolved == (deed->role != 0))
		return false;
	bug->resolved = deed->role != 0;
	return changed(bug, now);
}

static const struct {
	const char *name;
	bool (*act)(struct truth *truth, const struct deed *deed, int64_t now);
	bool makes; /* the commit may be a new one */
} deeds[DEED_KINDS] = {
	[DEED_OPEN] = {"open", act_open, true},
	[DEED_PUSH] = {"push", act_push, true},
	[DEED_FORCE_PUSH] = {"force-push", act_force_push, true},
	[DEED_PUSH_BACK] = {"push back", act_push_back, false},
	[DEED_APPROVE] = {"approve", act_approve, false},
	[DEED_REQUEST] = {"request changes", act_request, false},
	[DEED_REMARK] = {"comment", act_comment, false},
	[DEED_DISMISS] = {"dismiss", act_dismiss, false},
	[DEED_ROLE] = {"role", act_role, false},
	[DEED_TEAM] = {"team", act_team, false},
	[DEED_POLICY] = {"policy", act_policy, true},
	[DEED_BASE_PUSH] = {"push to base", act_base_push, true},
	[DEED_RETARGET] = {"retarget", act_retarget, false},
	[DEED_DRAFT] = {"draft", act_draft, false},
	[DEED_READY] = {"ready", act_ready, false},
	[DEED_CLOSE] = {"close", act_close, false},
	[DEED_REOPEN] = {"reopen", act_reopen, false},
	[DEED_EDIT] = {"edit", act_edit, false},
	[DEED_RENAME] = {"rename", act_rename, false},
	[DEED_FORGE_STATUS] = {"forge a status", act_forge_status, false},
	[DEED_RECHECK] = {"recheck", act_recheck, false},
	[DEED_MERGE] = {"merge", act_merge, true},
	[DEED_BUG_RATED] = {"rate a bug", act_bug_rated, false},
	[DEED_BUG_SHOWN] = {"show a bug", act_bug_shown, false},
	[DEED_BUG_PATCH] = {"patch", act_bug_patch, false},
	[DEED_BUG_APPROVAL] = {"sec-approval", act_bug_approval, false},
	[DEED_BUG_DUPE] = {"duplicate", act_bug_dupe, false},
	[DEED_BUG_CLOSED] = {"resolve", act_bug_closed, false},
};

const char *deed_name(enum deed_done kind)
{
	return kind > 0 && kind < DEED_KINDS ? deeds[kind].name : "nothing";
}

static bool person_or_nobody(int who)
{
	return who == NOBODY || within(who, TRUTH_PEOPLE);
}

static bool makeable(const struct truth *truth, const struct truth_commit *made)
{
	return truth->n_commits < TRUTH_COMMITS && within(made->parent, truth->n_commits) &&
	       (made->parent2 == NOBODY || within(made->parent2, truth->n_commits)) && person_or_nobody(made->author) &&
	       person_or_nobody(made->committer) && person_or_nobody(made->co_author);
}

bool truth_do(struct truth *truth, const struct deed *deed, int64_t now)
{
	int fresh = truth->n_commits;

	if (deed->kind <= 0 || deed->kind >= DEED_KINDS)
		return false;
	if (!deeds[deed->kind].makes || deed->commit != fresh)
		return deeds[deed->kind].act(truth, deed, now);
	if (!makeable(truth, &deed->made))
		return false;
	truth->commits[fresh] = deed->made;
	truth->commits[fresh].reach = truth_commit_on(truth, deed->made.parent, deed->made.parent2).reach;
	truth->n_commits++;
	if (deeds[deed->kind].act(truth, deed, now))
		return true;
	truth->n_commits--;
	memset(&truth->commits[fresh], 0, sizeof truth->commits[fresh]);
	return false;
}
