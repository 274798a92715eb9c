/*
 * Floors. An event told us at least this much; an answer that knows less comes from a replica that lags and is no
 * input, neither for a grant nor for a denial.
 */
#include "agent/work/gather_inner.h"

#define PEOPLE_LISTED_MAX 250 /* commits of a change that the forge lists */
#define GONE_TRIES        4   /* attempts after which a review that is still missing was taken away */

/* What the event of the same second said of the change, where the index holds it. */
static bool agrees(const struct told *told, const struct forge_change *now)
{
	const struct row_change *is = &told->index;

	if (!oid_eq(&told->floor_head, &now->head))
		return false;
	if (is->number == 0 || is->updated_at != told->floor_time)
		return true;
	return (is->open == TRI_UNKNOWN || (is->open == TRI_YES) == now->open) &&
	       (is->draft == TRI_UNKNOWN || (is->draft == TRI_YES) == now->draft) &&
	       text_eq(is->base_ref, now->base_ref);
}

/* Is this the head that was told, or one that came and went in the same second? */
static bool was_there_then(const struct told *told, const struct oid *head)
{
	if (!oid_known(head) || !oid_known(&told->floor_head))
		return false;
	for (size_t i = 0; i < told->n_arrivals; i++)
		if (told->arrivals[i].forge_at == told->floor_time && oid_eq(&told->arrivals[i].sha, head))
			return true;
	return oid_eq(&told->floor_head, head);
}

static int64_t now_of(const struct collect *c)
{
	const struct clock_port *clock = &c->gather->ports->clock;

	return clock->wall(clock->self);
}

/* By now no copy of the forge lags so much that it would not know what happened then. The forge's own clock says it
 * where the change was answered: ours may be ahead. */
static bool every_copy_has(const struct collect *c, const struct forge_change *now, int64_t then)
{
	int64_t at = now && now->answered_at != WHEN_UNKNOWN ? now->answered_at : now_of(c);

	return then != WHEN_UNKNOWN && at - then > FLOOR_LAG_MS;
}

/*
 * Events of the same second as the answer: times cannot tell which is older. An answer that agrees with the newest
 * event is taken. Another one may be a stale copy, or the event may have been followed by one that was lost or came
 * in the wrong order. So it is waited until no copy lags that much; only a head that an event of that second says was
 * replaced is never believed.
 */
static bool check_tie(const struct collect *c, const struct told *told, const struct forge_change *now)
{
	const struct claim *claim = c->gather->claim;

	if (agrees(told, now))
		return true;
	if (oid_eq(&now->head, &claim->sha) && was_there_then(told, &claim->superseded_by))
		return false;
	return every_copy_has(c, now, told->floor_time);
}

bool gather_check_change(const struct collect *c, const struct told *told, const struct forge_change *now,
			 struct err *err)
{
	if (told->floor_time == WHEN_UNKNOWN || now->updated_at > told->floor_time)
		return true;
	if (now->updated_at < told->floor_time)
		return err_set(err, ERR_RETRY, "change %lld: the answer is older than an event (stale replica)",
			       (long long)now->number);
	return check_tie(c, told, now) ||
	       err_set(err, ERR_RETRY, "change %lld: the answer differs from an event of that second",
		       (long long)now->number);
}

bool gather_check_gone(const struct collect *c, const struct told *told, struct err *err)
{
	if (told->floor_time == WHEN_UNKNOWN || every_copy_has(c, NULL, told->floor_time))
		return true;
	return err_set(err, ERR_RETRY, "a change that an event told of is not in the answer (stale replica)");
}

bool gather_landing_lags(const struct collect *c, const struct forge_change *now)
{
	return now->merged && !every_copy_has(c, now, now->updated_at);
}

bool gather_check_tip(const struct collect *c, const struct seen_change *seen, struct err *err)
{
	struct row_floor floor = {.repo = c->gather->claim->repo,
				  .kind = arena_printf(c->arena, "tip/%.*s", TEXT_ARG(seen->now.base_ref))};

	if (!c->gather->ports->store)
		return true;
	if (!store_floor(c->gather->ports->store, &floor, c->arena, err))
		return false;
	if (floor.forge_time == WHEN_UNKNOWN || text_eq(floor.value, oid_text(&seen->tip)) ||
	    every_copy_has(c, &seen->now, floor.forge_time))
		return true;
	return err_set(err, ERR_RETRY, "the base branch's tip is not the one an event told of (stale replica)");
}

static void later(int64_t *at, int64_t other)
{
	if (other > *at)
		*at = other;
}

static void note_rights(const struct collect *c, const struct row_floor *floor, struct unsettled *ret)
{
	int64_t until = floor->forge_time + FLOOR_LAG_MS;

	if (floor->forge_time == WHEN_UNKNOWN || until <= now_of(c))
		return;
	if (!text_is(floor->value, FLOOR_MORE))
		later(&ret->less, until);
	if (!text_is(floor->value, FLOOR_LESS))
		later(&ret->more, until);
}

/* Told of this repository, of its installation, or of nobody knows which. */
bool gather_check_person(const struct collect *c, int64_t id, struct unsettled *ret, struct err *err)
{
	const struct claim *claim = c->gather->claim;
	const struct text everywhere = TEXT_LIT(FLOOR_PEOPLE);
	const struct row_floor told[] = {
		{.repo = claim->repo, .kind = everywhere},
		{.kind = everywhere},
		{.kind = floor_people(claim->installation, c->arena)},
	};
	const int64_t keys[] = {0, id};

	for (size_t i = 0; c->gather->ports->store && i < 6; i++) {
		struct row_floor floor = told[i / 2];

		floor.key = keys[i % 2];
		if (!store_floor(c->gather->ports->store, &floor, c->arena, err))
			return false;
		note_rights(c, &floor, ret);
	}
	return true;
}

const struct row_binding *gather_binding(const struct told *told, int64_t review)
{
	for (size_t i = 0; i < told->n_bindings; i++)
		if (told->bindings[i].review == review)
			return &told->bindings[i];
	return NULL;
}

static const struct forge_review *review_of(const struct forge_list_reviews *reviews, int64_t id)
{
	for (size_t i = 0; i < reviews->n; i++)
		if (reviews->at[i].id == id)
			return &reviews->at[i];
	return NULL;
}

/* Who cannot write may still be one whom the policy lets object: it sees the objection as it was given. */
static void put_back(const struct collect *c, struct seen_change *seen, const struct row_binding *b,
		     const struct person *who)
{
	struct forge_review *at = arena_alloc(c->arena, seen->reviews.n + 1, sizeof *at);

	for (size_t i = 0; i < seen->reviews.n; i++)
		at[i] = seen->reviews.at[i];
	at[seen->reviews.n] = (struct forge_review){b->review, *who, REVIEW_CHANGES_REQUESTED, b->sha, b->submitted_at};
	seen->reviews = (struct forge_list_reviews){at, seen->reviews.n + 1};
}

/* Without its review an objection stands as long as who gave it may write. It goes with the account: else nobody could
 * ever lift it. Rights that were given a moment ago may not be shown yet. */
static bool ask_objector(const struct collect *c, struct seen_change *seen, const struct row_binding *b, bool *ret_gone,
			 struct err *err)
{
	struct forge *f = c->gather->ports->forge;
	struct unsettled unsettled = {0};
	struct member now = {.permission = PERMISSION_UNKNOWN};
	enum err_code code;

	*ret_gone = false;
	if (b->login.len == 0 || b->user <= 0)
		return true;
	code = f->permission(f->self, &c->call, b->login, &now, err);
	if (code != ERR_OK && code != ERR_GONE)
		return collect_failed(err, "permission");
	*err = ERR_NONE;
	if (!gather_check_person(c, b->user, &unsettled, err))
		return false;
	if (unsettled.more != 0)
		return true;
	*ret_gone = code == ERR_GONE || now.who.id != b->user ||
		    (now.permission != PERMISSION_UNKNOWN && now.permission < PERMISSION_WRITE);
	if (*ret_gone && code == ERR_OK && now.who.id == b->user)
		put_back(c, seen, b, &now.who);
	return true;
}

/* The forge takes reviews away with their accounts; one that was given just now is only not shown yet by a copy that
 * lags, however often it was asked for. Of somebody whose other review is gone nobody knows what was the last word: no
 * approval of theirs counts. */
static bool check_gone(const struct collect *c, struct seen_change *seen, const struct row_binding *b, struct err *err)
{
	bool gone = c->gather->claim->attempts >= GONE_TRIES && every_copy_has(c, &seen->now, b->submitted_at);

	if (gone && b->state == REVIEW_CHANGES_REQUESTED && !ask_objector(c, seen, b, &gone, err))
		return false;
	if (gone && b->state == REVIEW_COMMENTED)
		return true;
	if (!gone)
		return err_set(err, ERR_RETRY, "review %lld is missing from the answer (stale replica)",
			       (long long)b->review);
	seen->gone[seen->n_gone++] = b->user;
	return true;
}

bool gather_check_reviews(const struct collect *c, struct seen_change *seen, struct err *err)
{
	seen->gone = arena_alloc(c->arena, seen->told.n_bindings + 1, sizeof *seen->gone);
	for (size_t i = 0; i < seen->told.n_bindings; i++) {
		const struct row_binding *b = &seen->told.bindings[i];
		const struct forge_review *r = review_of(&seen->reviews, b->review);

		if (!r && !check_gone(c, seen, b, err))
			return false;
		if (!r)
			continue;
		if (r->state == REVIEW_STATE_DISMISSED || b->state == REVIEW_STATE_UNKNOWN)
			continue;
		if ((int64_t)r->state != b->state)
			return err_set(err, ERR_RETRY, "review %lld: the answer is older than an event (stale replica)",
				       (long long)b->review);
	}
	return true;
}

/* A copy that lags lists the commits of the head before this one, and the head would name nobody. A long list ends
 * before its head. */
bool gather_check_people(const struct collect *c, const struct seen_change *seen, struct err *err)
{
	for (size_t i = 0; i < seen->people.n; i++)
		if (oid_eq(&seen->people.at[i].sha, &seen->now.head))
			return true;
	return seen->people.n >= PEOPLE_LISTED_MAX || every_copy_has(c, &seen->now, seen->now.updated_at) ||
	       err_set(err, ERR_RETRY, "change %lld: its commits are listed without its head (stale replica)",
		       (long long)seen->now.number);
}

bool gather_check_moves(const struct collect *c, const struct seen_change *seen, struct err *err)
{
	return !seen->moves.complete || pushers_heads_covered(seen) ||
	       every_copy_has(c, &seen->now, seen->now.updated_at) ||
	       err_set(err, ERR_RETRY, "change %lld: the record of its head's moves lacks a head of it (stale replica)",
		       (long long)seen->now.number);
}
