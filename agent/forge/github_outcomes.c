/*
 * What other tools said of a commit: the newest word of each name and of who said it. GitHub lists the newest first,
 * but runs of check suites apart; the number of each says which is newer.
 */
#include "agent/forge/github_inner.h"

static struct text bot_app(struct text login)
{
	const struct text bot = TEXT_LIT("[bot]"); /* no person's login may have brackets */

	return text_ends(login, bot) ? (struct text){login.at, login.len - bot.len} : TEXT_EMPTY;
}

static bool same_speaker(const struct outcome *a, const struct outcome *b)
{
	return text_eq(a->name, b->name) && text_eq(a->event, b->event) && a->app_id == b->app_id &&
	       a->creator_id == b->creator_id && text_eq(a->app, b->app);
}

static void keep_newest(struct github_items *items, const struct forge_outcome *news)
{
	struct forge_outcome *at = items->at;

	for (size_t i = 0; i < items->n; i++)
		if (same_speaker(&at[i].is, &news->is)) {
			if (news->id > at[i].id)
				at[i] = *news;
			return;
		}
	*(struct forge_outcome *)github_grow(items) = *news;
}

/* "completed" with its conclusion; whatever else is not over. */
static struct text state_of(struct arena *arena, jval v)
{
	struct text conclusion = jtext(v, "conclusion");

	if (!text_is(jtext(v, "status"), "completed") || conclusion.len == 0)
		return TEXT_LIT("pending");
	return arena_text(arena, conclusion);
}

static bool take_run(struct github_items *items, jval v, const char *name, struct forge_outcome *ret, struct err *err)
{
	struct text said;

	if (!jneed_int(v, "id", &ret->id, err) || !jneed_text(v, name, &said, err))
		return false;
	if (ret->id <= 0)
		return err_set(err, ERR_INVALID, "a run without an id");
	ret->is.name = arena_text(items->arena, said);
	ret->is.state = state_of(items->arena, v);
	return true;
}

static bool take_check(struct github_items *items, jval v, struct err *err)
{
	struct forge_outcome one = {.is.kind = OUTCOME_CHECK};

	if (!take_run(items, v, "name", &one, err))
		return false;
	one.is.app = github_text(items->arena, v, "app.slug");
	one.is.app_id = jint(v, "app.id", 0);
	keep_newest(items, &one);
	return true;
}

static bool take_workflow(struct github_items *items, jval v, struct err *err)
{
	const struct oid *sha = items->extra;
	struct forge_outcome one = {.is.kind = OUTCOME_WORKFLOW};
	struct oid head = joid(v, "head_sha");

	if (!take_run(items, v, "path", &one, err))
		return false;
	if (!oid_eq(&head, sha)) /* a forge that knows no such filter */
		return true;
	one.is.name = workflow_path(one.is.name);
	one.is.event = github_text(items->arena, v, "event");
	keep_newest(items, &one);
	return true;
}

static const struct {
	const char *path, *within;
	bool (*take)(struct github_items *items, jval item, struct err *err);
} lists[] = {
	[OUTCOME_CHECK] = {"/repos/*/*/commits/*/check-runs?filter=latest&per_page=100", "check_runs", take_check},
	[OUTCOME_WORKFLOW] = {"/repos/*/*/actions/runs?head_sha=*&per_page=100", "workflow_runs", take_workflow},
};

static enum err_code runs(struct github *github, const struct forge_call *call, const struct forge_asked *in,
			  struct github_items *items, struct err *err)
{
	struct rest_path path = {lists[in->kind].path, {oid_text(&in->sha)}, 1};

	items->take = lists[in->kind].take;
	items->within = lists[in->kind].within;
	items->extra = &in->sha;
	return github_list(github, call, &path, items, err);
}

static enum err_code statuses(struct github *github, const struct forge_call *call, const struct forge_asked *in,
			      struct github_items *items, struct err *err)
{
	struct forge_list_statuses list;
	enum err_code code = github_statuses(github, call, &in->sha, &list, err);

	for (size_t i = 0; code == ERR_OK && i < list.n; i++) {
		const struct forge_status *s = &list.at[i];

		keep_newest(items, &(struct forge_outcome){{.kind = OUTCOME_STATUS,
							    .name = s->context,
							    .app = bot_app(s->creator_login),
							    .creator_id = s->creator,
							    .state = text_of(status_state_name(s->state))},
							   s->id});
	}
	return code;
}

enum err_code github_outcomes(void *self, const struct forge_call *call, const struct forge_asked *in,
			      struct forge_list_outcomes *out, struct err *err)
{
	struct github_items items = {.arena = call->arena, .size = sizeof(struct forge_outcome)};
	enum err_code code =
		in->kind == OUTCOME_STATUS ? statuses(self, call, in, &items, err) : runs(self, call, in, &items, err);

	if (code == ERR_OK)
		*out = (struct forge_list_outcomes){items.at, items.n};
	return code;
}
