/*
 * Deeds that the truth took become acts of the world. It must take them, too, and show the same afterwards: else the
 * history is broken, and one of the two is wrong about the forge.
 */
#include "tests/sim/deep.h"

#include <string.h>

#include "tests/sim/oracle.h"

static const char *sha_of(const struct deep *deep, int commit)
{
	return deep->commits[commit].hex;
}

static void head_repo(const struct deep *deep, int change, char *ret, size_t room)
{
	const struct truth_change *c = &deep->sim->truth.changes[change];

	if (c->head_repo == HEAD_OWN)
		(void)snprintf(ret, room, "%s", deep_repo_name(deep));
	else
		(void)snprintf(ret, room, "%s/fork-%d", truth_login(c->author), change + 1);
}

static json_t *push_to(struct deep *deep, const struct deed *deed, const char *repo, const char *branch)
{
	return deep_act(deep, "{s:s,s:s,s:s,s:s,s:s}", "do", "force_push", "repo", repo, "who", truth_login(deed->who),
			"branch", branch, "sha", sha_of(deep, deed->commit));
}

static json_t *open_change(struct deep *deep, const struct deed *deed)
{
	const struct truth_change *c = &deep->sim->truth.changes[deed->change];
	const char *who = truth_login(deed->who), *topic = show_topic(deed->change).at;
	struct deed pushed = *deed;
	char repo[80], as[16];

	head_repo(deep, deed->change, repo, sizeof repo);
	(void)snprintf(as, sizeof as, "fork-%d", deed->change + 1);
	if (c->head_repo != HEAD_OWN)
		json_decref(deep_act(deep, "{s:s,s:s,s:s,s:s,s:b}", "do", "fork", "repo", deep_repo_name(deep), "who",
				     who, "as", as, "private", c->head_repo == HEAD_PRIVATE_FORK));
	if (deed->pushed_by)
		pushed.who = deed->pushed_by - 1;
	json_decref(push_to(deep, &pushed, repo, topic));
	return deep_act(deep, "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "do", "open", "repo", deep_repo_name(deep), "who",
			who, "head", topic, "head_repo", repo, "base", truth_branch_name(deed->branch), "title",
			show_title(c).at, "body", "CANARY body");
}

static void rebind(struct deep *deep, int change, int review, int commit)
{
	json_decref(deep_act(deep, "{s:s,s:s,s:i,s:I,s:s}", "do", "rebind", "repo", deep_repo_name(deep), "number",
			     change + 1, "review", deep->reviews[review], "commit_id", sha_of(deep, commit)));
}

static json_t *push_change(struct deep *deep, const struct deed *deed)
{
	const struct truth *t = &deep->sim->truth;
	char repo[80];
	json_t *answer;

	head_repo(deep, deed->change, repo, sizeof repo);
	answer = push_to(deep, deed, repo, show_topic(deed->change).at);
	for (int i = 0; deed->moves_reviews && i < t->n_reviews; i++)
		if (t->reviews[i].change == deed->change && t->reviews[i].rest_sha == deed->commit)
			rebind(deep, deed->change, i, deed->commit);
	return answer;
}

static const char *review_word(enum deed_done kind)
{
	return kind == DEED_APPROVE ? "approve" : kind == DEED_REQUEST ? "request_changes" : "comment_review";
}

static json_t *review(struct deep *deep, const struct deed *deed)
{
	json_t *answer = deep_act(deep, "{s:s,s:s,s:s,s:i,s:s,s:s}", "do", review_word(deed->kind), "repo",
				  deep_repo_name(deep), "who", truth_login(deed->who), "number", deed->change + 1,
				  "commit_id", sha_of(deep, deed->commit), "body", "CANARY review");

	deep->reviews[deed->review] = json_integer_value(json_object_get(answer, "id"));
	if (deed->moves_reviews)
		rebind(deep, deed->change, deed->review, deep->sim->truth.changes[deed->change].head);
	return answer;
}

static json_t *dismiss(struct deep *deep, const struct deed *deed)
{
	return deep_act(deep, "{s:s,s:s,s:s,s:i,s:I}", "do", "dismiss", "repo", deep_repo_name(deep), "who",
			truth_login(deed->who), "number", deep->sim->truth.reviews[deed->review].change + 1, "review",
			deep->reviews[deed->review]);
}

json_t *deep_give_role(struct deep *deep, const struct deed *deed)
{
	static const char *const roles[] = {"none", "read", "triage", "write", "maintain", "admin"};

	return deep_act(deep, "{s:s,s:s,s:s,s:s,s:s}", "do", "permission", "repo", deep_repo_name(deep), "who",
			truth_login(deed->who), "login", truth_login(deed->subject), "role", roles[deed->role]);
}

json_t *deep_join(struct deep *deep, const struct deed *deed)
{
	return deep_act(deep, "{s:s,s:s,s:s,s:s,s:b}", "do", "team", "team", TRUTH_TEAM, "who", truth_login(deed->who),
			"member", truth_login(deed->subject), "remove", !deed->role);
}

/* The merge button's commit, too, is made by us, so that it is the truth's. */
static json_t *push_base(struct deep *deep, const struct deed *deed)
{
	return push_to(deep, deed, deep_repo_name(deep), truth_branch_name(deed->branch));
}

static json_t *retarget(struct deep *deep, const struct deed *deed)
{
	return deep_act(deep, "{s:s,s:s,s:s,s:i,s:s}", "do", "retarget", "repo", deep_repo_name(deep), "who",
			truth_login(deed->who), "number", deed->change + 1, "base", truth_branch_name(deed->branch));
}

static const char *const words[DEED_KINDS] = {
	[DEED_DRAFT] = "draft", [DEED_READY] = "ready",     [DEED_CLOSE] = "close",
	[DEED_EDIT] = "edit",   [DEED_RECHECK] = "comment", [DEED_REOPEN] = "reopen",
};

/* title and body are of the deeds that have them; the others do not look. */
static json_t *on_change(struct deep *deep, const struct deed *deed)
{
	return deep_act(deep, "{s:s,s:s,s:s,s:i,s:s,s:s}", "do", words[deed->kind], "repo", deep_repo_name(deep), "who",
			truth_login(deed->who), "number", deed->change + 1, "title",
			show_title(&deep->sim->truth.changes[deed->change]).at, "body",
			deed->kind == DEED_RECHECK ? "/headgate recheck" : "CANARY body");
}

static json_t *rename_repo(struct deep *deep, const struct deed *deed)
{
	return deep_act(deep, "{s:s,s:s,s:s,s:s}", "do", "rename", "repo", show_repo(deep->sim->truth.renamed - 1).at,
			"who", truth_login(deed->who), "name", deep_repo_name(deep));
}

static json_t *forge_status(struct deep *deep, const struct deed *deed)
{
	struct ghost_post forged = {.place = deed->commit,
				    .state = deed->role ? STATUS_FAILURE : STATUS_SUCCESS,
				    .text = TEXT_LIT("All good, promise")};
	json_t *answer =
		deep_act(deep, "{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "do", "forge_status", "repo", deep_repo_name(deep),
			 "who", truth_login(deed->who), "sha", sha_of(deep, deed->commit), "context", SIM_CONTEXT,
			 "state", deed->role ? "failure" : "success", "description", forged.text.at);

	(void)ghost_accepts(deep->sim, &forged);
	return answer;
}

static json_t *(*const acts[DEED_KINDS])(struct deep *deep, const struct deed *deed) = {
	[DEED_OPEN] = open_change,      [DEED_PUSH] = push_change,  [DEED_FORCE_PUSH] = push_change,
	[DEED_PUSH_BACK] = push_change, [DEED_APPROVE] = review,    [DEED_REQUEST] = review,
	[DEED_REMARK] = review,         [DEED_DISMISS] = dismiss,   [DEED_ROLE] = deep_give_role,
	[DEED_TEAM] = deep_join,        [DEED_POLICY] = push_base,  [DEED_BASE_PUSH] = push_base,
	[DEED_RETARGET] = retarget,     [DEED_DRAFT] = on_change,   [DEED_READY] = on_change,
	[DEED_CLOSE] = on_change,       [DEED_REOPEN] = on_change,  [DEED_EDIT] = on_change,
	[DEED_RENAME] = rename_repo,    [DEED_RECHECK] = on_change, [DEED_FORGE_STATUS] = forge_status,
	[DEED_MERGE] = push_base,
};

/* ---- do the two agree? ---- */

static void agree_on(struct deep *deep, int change)
{
	const struct truth_change *c = &deep->sim->truth.changes[change];
	struct world_request request = {.method = "GET", .authorization = "Bearer APP", .body = ""};
	const char *state = "", *sha = "", *base = "";
	int draft = 0, merged = 0, status;
	char path[120];
	json_t *answer;

	(void)snprintf(path, sizeof path, "/repos/%s/pulls/%d", deep_repo_name(deep), change + 1);
	request.path = path;
	answer = deep_ask(deep, &request, &status);
	if (json_unpack(answer, "{s:s,s:b,s:b,s:{s:s},s:{s:s}}", "state", &state, "draft", &draft, "merged", &merged,
			"head", "sha", &sha, "base", "ref", &base) != 0 ||
	    (strcmp(state, "open") == 0) != c->open || (bool)draft != c->draft || (bool)merged != c->merged ||
	    strcmp(sha, sha_of(deep, c->head)) != 0 || strcmp(base, truth_branch_name(c->base)) != 0)
		sim_break(deep->sim, "the world and the truth differ on #%d: %d %s%s%s, head c%d, base %s", change + 1,
			  status, state, draft ? " draft" : "", merged ? " merged" : "", deep_commit_of(deep, sha),
			  base);
	json_decref(answer);
}

void deep_perform(struct sim *sim, const struct deed *deed, int number)
{
	struct deep *deep = deep_of(sim);

	deep_git_follow(deep);
	json_decref(acts[deed->kind](deep, deed));
	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (sim->truth.changes[i].used && (i == deed->change || deed->branch != NOBODY))
			agree_on(deep, i);
	deep_changed(deep, deed, number);
}
