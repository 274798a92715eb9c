/*
 * A comment line "/headgate recheck" (tests/rows.md, row 43): the commit is judged again, and its status is posted
 * again even if it says the same, because a gate may have begun to watch after it was posted.
 *
 * Whoever has nothing to do with the repository asks for nothing. The payload's association is no permission, so what
 * an insider can cause is bounded: POSTS_MAX posts of one commit, and none near the forge's cap (tests/rows.md, H32). A
 * wish is a floor of kind "recheck/SHA": forge_time is the `wanted` that answers it, 0 when answered; value counts the
 * posts.
 */
#include "agent/store/apply.h"

#define POSTS_MAX 10

static bool find_wish(struct step *step, int64_t repo, const struct oid *sha, struct row_floor *ret, bool *found)
{
	*ret = (struct row_floor){.repo = repo, .kind = arena_printf(step->arena, "recheck/%s", sha->hex)};
	return step_find(step, &table_floor, ret, found);
}

static bool wish(struct step *step, int64_t repo, const struct oid *sha)
{
	struct row_subject subject = {.repo = repo, .sha = *sha};
	struct row_floor floor;
	bool found;

	if (!subject_want(step, repo, sha, true) || !step_find(step, &table_subject, &subject, &found) ||
	    !find_wish(step, repo, sha, &floor, &found))
		return false;
	floor.forge_time = subject.wanted;
	return step_put(step, &table_floor, &floor);
}

/* What the forge holds is taken for unlike the slot. Not where something is on its way or in doubt: that is posted. */
static bool slot_again(struct step *step, const struct row_slot *slot, bool *ret)
{
	struct row_ledger ledger = {.repo = slot->repo, .sha = slot->sha, .context = slot->context};
	bool has_ledger;

	if (!step_find(step, &table_ledger, &ledger, &has_ledger))
		return false;
	if (!has_ledger || slot->due || slot->refused || slot->superseded || ledger.in_doubt ||
	    ledger.count >= step->store->limits.posts_max)
		return true;
	*ret = true;
	ledger.text = TEXT_EMPTY;
	return ledger_write(step, &ledger);
}

static bool post_again(struct step *step, const struct claim *claim, bool *ret)
{
	struct slots slots;

	*ret = false;
	if (!slots_of(step, claim->repo, &claim->sha, &slots))
		return false;
	for (size_t i = 0; i < slots.n; i++)
		if (!slot_again(step, &slots.at[i], ret))
			return false;
	return true;
}

static bool answers(const struct claim *claim, const struct row_floor *floor, bool found)
{
	return found && floor->forge_time != 0 && floor->forge_time <= claim->wanted;
}

bool recheck_claim(struct step *step, struct claim *claim)
{
	struct row_floor floor;
	int64_t posts = 0;
	bool found;

	if (!find_wish(step, claim->repo, &claim->sha, &floor, &found))
		return false;
	(void)text_int64(floor.value, &posts);
	claim->rechecked = answers(claim, &floor, found) && posts < POSTS_MAX;
	return true;
}

bool recheck_answer(struct step *step, const struct claim *claim)
{
	struct row_floor floor;
	int64_t posts = 0;
	bool found, posted = false;

	if (!find_wish(step, claim->repo, &claim->sha, &floor, &found))
		return false;
	if (!answers(claim, &floor, found))
		return true;
	(void)text_int64(floor.value, &posts);
	if (posts < POSTS_MAX && !post_again(step, claim, &posted))
		return false;
	floor.forge_time = 0;
	floor.value = arena_printf(step->arena, "%lld", (long long)posts + (posted ? 1 : 0));
	return step_put(step, &table_floor, &floor);
}

static bool asks_recheck(struct text body)
{
	static const char command[] = "/headgate recheck";
	size_t at = text_find(body, text_of(command)), end = at + sizeof command - 1;

	if (at == SIZE_MAX || (at > 0 && body.at[at - 1] != '\n'))
		return false;
	return end == body.len || body.at[end] == '\n' || body.at[end] == '\r';
}

bool recheck_asked(struct applying *a, const struct row_change *change)
{
	const struct event *event = a->event;
	struct speaker who = {event->comment.association, event->sender.id};
	bool may;

	if (!asks_recheck(event->comment.body))
		return true;
	return could_count(a, &who, &change->head, &may) && (!may || wish(a->step, change->repo, &change->head));
}
