/*
 * A commit that was pushed to a configured branch without a change: its facts, as of a change that nobody can review.
 * It is one where the forge shows the branch with this commit as its tip, or a signed push made it the tip and it is on
 * the branch still; and where the branch that it is to become does not have it yet. The policy is of that branch's tip,
 * and its commits are those which that tip lacks. The forge tells accounts and signatures of changes' commits alone:
 * here they are not known. Who pushed is what signed pushes say, back to a commit that is where it should go, also past
 * forced ones.
 */
#include "agent/store/pushed.h"
#include "agent/work/gather_inner.h"

#define PUSHES_BACK 1000
#define LOGINS_MAX  50

/* OID_NONE: there is no such branch. */
static bool read_tip(const struct collect *c, struct text branch, struct oid *ret, struct err *err)
{
	struct forge *f = c->gather->ports->forge;
	struct seen_change into = {.now = {.base_ref = branch, .answered_at = WHEN_UNKNOWN}};

	*ret = OID_NONE;
	if (f->branch_tip(f->self, &c->anew, branch, &into.tip, err) != ERR_OK) {
		if (err->code != ERR_GONE)
			return collect_failed(err, "tip of a branch that is pushed to");
		*err = ERR_NONE;
		return gather_check_name(c, err);
	}
	*ret = into.tip;
	return gather_check_tip(c, &into, err);
}

/* What cannot be fetched any more is on no branch. */
static bool is_on(const struct collect *c, const struct oid *tip, const struct oid *sha, bool *ret, struct err *err)
{
	const struct gather *g = c->gather;
	struct mirror *mirror = g->ports->mirror;
	struct oid wants[2] = {*tip, *sha};
	struct mirror_range_in in = {
		.base = *tip, .head = *sha, .max_commits = g->config->max_commits, .max_paths = g->config->max_paths};
	struct mirror_range_out range = {.n_commits = 0};
	enum err_code code;

	*ret = false;
	if (!gather_fetch_any(c, wants, &in.where, err)) {
		if (err->code != ERR_GONE)
			return collect_failed(err, "fetch");
		*err = ERR_NONE;
		return true;
	}
	code = mirror->range(mirror->self, &in, &range, c->arena, err);
	if (code != ERR_OK && code != ERR_LIMIT)
		return collect_failed(err, "commits of a branch that is pushed to");
	*err = ERR_NONE; /* what has so many commits that the tip lacks is not on it */
	*ret = code == ERR_OK && range.head_in_base;
	return true;
}

static bool pushes_of(const struct collect *c, const struct oid *sha, struct pushed_rows *ret, struct err *err)
{
	const struct pushed_at in = {c->gather->claim->repo, sha};

	return store_pushes_of(c->gather->ports->store, &in, ret, c->arena, err) || err_wrap(err, "pushes");
}

static bool is_pushed(const struct collect *c, const struct push_branch *branch, bool *ret, struct err *err)
{
	const struct oid *sha = &c->gather->claim->sha;
	struct pushed_rows rows;
	struct oid tip;

	*ret = false;
	if (!read_tip(c, branch->branch, &tip, err))
		return false;
	if (!oid_known(&tip))
		return true;
	if (oid_eq(&tip, sha)) {
		*ret = true;
		return true;
	}
	return pushes_of(c, sha, &rows, err) && (rows.n == 0 || is_on(c, &tip, sha, ret, err));
}

/* The one signed push to this commit; NULL: there is none, or nobody can say which it was. */
static const struct row_arrival *push_to(const struct pushed_rows *rows)
{
	const struct row_arrival *only = NULL;

	for (size_t i = 0; i < rows->n; i++) {
		if (rows->at[i].first_shown)
			continue;
		if (only || rows->at[i].pusher <= 0)
			return NULL;
		only = &rows->at[i];
	}
	return only;
}

/* What they were called when they pushed: the forge is asked by it, and says whose it is. */
static bool read_logins(const struct collect *c, struct seen_change *s, struct err *err)
{
	struct forge_move *moves = arena_alloc(c->arena, LOGINS_MAX, sizeof *moves);
	struct oid at = s->now.head;

	s->moves.at = moves;
	while (oid_known(&at) && s->moves.n < LOGINS_MAX) {
		struct row_floor who = {.repo = c->gather->claim->repo, .kind = TEXT_LIT(FLOOR_PUSHER)};
		const struct row_arrival *push;
		struct pushed_rows rows;

		if (!pushes_of(c, &at, &rows, err))
			return false;
		push = push_to(&rows);
		if (!push)
			return true;
		who.key = push->pusher;
		if (!store_floor(c->gather->ports->store, &who, c->arena, err))
			return false;
		moves[s->moves.n++] = (struct forge_move){
			.to = at, .at = push->forge_at, .actor = push->pusher, .actor_login = who.value};
		at = push->before;
	}
	return true;
}

static bool take(const struct collect *c, const struct push_branch *branch, struct seen *seen, struct err *err)
{
	const struct oid *sha = &c->gather->claim->sha;
	struct seen_change s = {.now = {.open = true, .head = *sha, .base_ref = branch->onto},
				.pushed_to = branch->branch};
	bool pushed, landed;

	if (!is_pushed(c, branch, &pushed, err))
		return false;
	if (!pushed)
		return true;
	if (!read_tip(c, branch->onto, &s.tip, err))
		return false;
	if (!oid_known(&s.tip))
		return err_set(err, ERR_INVALID, "the branch %.*s, which pushed commits are to become, is not there",
			       TEXT_ARG(branch->onto));
	if (!is_on(c, &s.tip, sha, &landed, err))
		return false;
	seen->landed = seen->landed || landed;
	if (landed)
		return true;
	if (!read_logins(c, &s, err))
		return false;
	seen->changes[seen->n_changes++] = s;
	return true;
}

bool gather_pushed(const struct collect *c, struct seen *seen, struct err *err)
{
	const struct claim *claim = c->gather->claim;

	for (size_t i = 0; i < claim->n_pushes; i++)
		if (!take(c, claim->pushes[i], seen, err))
			return false;
	return true;
}

/* ---- who pushed ---- */

static bool in_range(const struct change *change, const struct oid *sha)
{
	for (size_t i = 0; i < change->n_commits; i++)
		if (oid_eq(&change->commits[i].sha, sha))
			return true;
	return false;
}

struct back {
	struct oid at; /* a tip; then the one before it */
	int64_t by;    /* who made it the tip; 0: nobody knows */
	bool end;      /* nothing of these commits was there before */
};

/* A tip that was dropped may have brought some of these commits: who made it one counts, too. */
static bool one_back(const struct collect *c, const struct change *change, struct back *back, struct err *err)
{
	const struct row_arrival *push;
	struct pushed_rows rows;

	back->by = 0;
	if (!pushes_of(c, &back->at, &rows, err))
		return false;
	push = push_to(&rows);
	if (!push)
		return true;
	back->by = push->pusher;
	back->at = push->before;
	back->end = !oid_known(&push->before);
	return back->end || in_range(change, &back->at) || is_on(c, &change->base_sha, &back->at, &back->end, err);
}

bool gather_push_pushers(const struct collect *c, struct change *ret, struct err *err)
{
	int64_t *by = arena_alloc(c->arena, PUSHES_BACK + 1, sizeof *by);
	struct back back = {.at = c->gather->claim->sha};

	do {
		if (!one_back(c, ret, &back, err))
			return false;
		by[ret->n_pushers++] = back.by;
	} while (!back.end && back.by != 0 && ret->n_pushers < PUSHES_BACK);
	if (!back.end && back.by != 0)
		by[ret->n_pushers++] = 0;
	ret->pushers = by;
	ret->known |= FACT_PUSHERS;
	return true;
}
