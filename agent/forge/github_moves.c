/*
 * The forge's own record of a change's head: the activity of its branch (every push, with the forge's time) and the
 * change's timeline (force pushes only, but readable where the head's repository is not; every return to an old
 * commit is a force push). The timeline must be readable. Where the activity is not, the record is incomplete and says
 * so. The timeline also tells when the change was moved to another base branch. A force push whose target is not told
 * is kept with an unknown target: it may have been to any commit.
 */
#include "agent/forge/github_inner.h"

static bool take_activity(struct github_items *items, jval v, struct err *err)
{
	const struct text *ref = items->extra;
	struct forge_move move = {.actor = jint(v, "actor.id", 0),
				  .actor_login = github_text(items->arena, v, "actor.login"),
				  .activity = true};
	struct text named, before, after;

	if (!jneed_text(v, "ref", &named, err) || !jneed_text(v, "before", &before, err) ||
	    !jneed_text(v, "after", &after, err))
		return false;
	if (!text_eq(named, *ref))
		return err_set(err, ERR_INVALID, "the activity of another branch than was asked for");
	move.at = jwhen(v, "timestamp");
	if (move.at == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "an activity without a time");
	if (!oid_parse(after, &move.to))
		return true;                 /* all zeros: the branch was deleted */
	(void)oid_parse(before, &move.from); /* all zeros: it began */
	*(struct forge_move *)github_grow(items) = move;
	return true;
}

struct record { /* the timeline's items, and what else stands there */
	struct github_items items;
	int64_t base_changed_at;
};

static bool take_retarget(struct record *record, jval v, struct err *err)
{
	int64_t at = jwhen(v, "created_at");

	if (at == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "a change of the base branch without a time");
	if (at > record->base_changed_at)
		record->base_changed_at = at;
	return true;
}

static bool take_event(struct github_items *items, jval v, struct err *err)
{
	struct forge_move move = {
		.to = joid(v, "commit_id"), .at = jwhen(v, "created_at"), .actor = jint(v, "actor.id", 0)};

	if (text_is(jtext(v, "event"), "base_ref_changed"))
		return take_retarget((struct record *)items, v, err); /* its first member */
	if (!text_is(jtext(v, "event"), "head_ref_force_pushed"))
		return true;
	if (move.at == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "a force push without a time");
	*(struct forge_move *)github_grow(items) = move;
	return true;
}

static enum err_code activity(struct github *github, const struct forge_call *call, const struct forge_change *change,
			      struct github_items *items, struct err *err)
{
	struct text ref = arena_printf(call->arena, "refs/heads/%.*s", TEXT_ARG(change->head_ref));
	struct rest_path path = {"/repos/*/*/activity?per_page=100&ref=*", {ref}, 1};
	struct forge_call there = *call;

	there.sent_since = 0; /* no return to an old commit hides here: one of its two moves is forced */
	there.repo = (struct forge_repo){change->head_repo, change->head_repo_name, call->repo.installation};
	items->take = take_activity;
	items->extra = &ref;
	return github_list(github, &there, &path, items, err);
}

enum err_code github_moves(void *self, const struct forge_call *call, const struct forge_change *change,
			   struct forge_list_moves *out, struct err *err)
{
	struct rest_path path = {
		"/repos/*/*/issues/*/timeline?per_page=100", {github_number(call->arena, change->number)}, 1};
	struct record record = {{.take = take_event, .arena = call->arena, .size = sizeof(struct forge_move)},
				WHEN_UNKNOWN};
	struct github_items *items = &record.items;
	struct text missing = TEXT_EMPTY;
	enum err_code code = github_list(self, call, &path, items, err);

	if (code != ERR_OK)
		return code;
	if (!change->head_repo_name.len) {
		missing = TEXT_LIT("the head's repository is gone");
	} else {
		code = activity(self, call, change, items, err);
		if (code == ERR_GONE || code == ERR_DENIED) {
			missing = TEXT_LIT("the activity of the head's repository cannot be read");
			*err = ERR_NONE; /* mastered: who asks looks at err alone, too */
		} else if (code != ERR_OK) {
			return code;
		}
	}
	*out = (struct forge_list_moves){items->at, items->n, missing.len == 0, missing, record.base_changed_at};
	return ERR_OK;
}
