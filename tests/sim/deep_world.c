/*
 * Deeds that the truth took become acts of the world; it must take them too, and show the same afterwards. What the
 * world wants delivered becomes parcels.
 */
#include "tests/sim/deep.h"

#include <stdarg.h>
#include <string.h>

#include "tests/sim/oracle.h"

static const char *repo_name(const struct deep *deep)
{
	return show_repo(deep->sim->truth.renamed).at;
}

/* ---- requests ---- */

void deep_handle(struct deep *deep, const struct world_request *request, struct world_response *ret)
{
	world_tick(deep->world, sim_now(deep->sim));
	world_handle(deep->world, request, ret);
}

static json_t *ask(struct deep *deep, const struct world_request *request, int *status)
{
	struct world_response response;
	json_t *answer;

	deep_handle(deep, request, &response);
	*status = response.status;
	answer = json_loadb(response.body ? response.body : "", response.len, JSON_DECODE_ANY, NULL);
	world_response_clear(&response);
	return answer ? answer : json_null();
}

/* The answer, a new reference. The world refuses what the truth took: the two differ, and the history is broken. */
static json_t *act(struct deep *deep, const char *format, ...)
{
	va_list args;
	json_t *body, *answer;
	char *bytes;
	int status;

	va_start(args, format);
	body = json_vpack_ex(NULL, 0, format, args);
	va_end(args);
	bytes = body ? json_dumps(body, JSON_COMPACT) : NULL;
	if (!bytes)
		abort();
	answer = ask(
		deep,
		&(struct world_request){.method = "POST", .path = "/_world/act", .body = bytes, .len = strlen(bytes)},
		&status);
	if (status >= 300)
		sim_break(deep->sim, "the world and the truth differ: %d %s to %s", status,
			  json_string_value(json_object_get(answer, "message")), bytes);
	json_decref(body);
	free(bytes);
	return answer;
}

static json_int_t number_in(json_t *answer, const char *key) /* takes the reference */
{
	json_int_t n = json_integer_value(json_object_get(answer, key));

	json_decref(answer);
	return n;
}

/* ---- webhooks ---- */

static void take_headers(struct deep *deep, const struct world_delivery *delivery, struct deep_letter *ret)
{
	const char *key;
	json_t *value;

	json_object_foreach(delivery->headers, key, value) ret->headers[ret->n_headers++] = (struct header){
		arena_text(&deep->arena, text_of(key)), arena_text(&deep->arena, text_of(json_string_value(value)))};
	ret->headers[ret->n_headers++] =
		(struct header){TEXT_LIT("Content-Length"), arena_printf(&deep->arena, "%zu", delivery->len)};
}

static struct text field(struct deep *deep, const json_t *from, const char *key)
{
	const char *value = json_string_value(json_object_get(from, key));

	return value ? arena_text(&deep->arena, text_of(value)) : TEXT_EMPTY;
}

static struct parcel parcel_of(struct deep *deep, const struct world_delivery *delivery)
{
	struct deep_letter *letter = arena_alloc(&deep->arena, 1, sizeof *letter);
	json_t *body = json_loadb(delivery->body, delivery->len, 0, NULL);
	struct parcel parcel = {.deed = -1, .bytes = letter};

	*letter = (struct deep_letter){.body = arena_text(&deep->arena, (struct text){delivery->body, delivery->len})};
	take_headers(deep, delivery, letter);
	parcel.event.name = field(deep, delivery->headers, "X-GitHub-Event");
	parcel.event.action = field(deep, body, "action");
	parcel.event.change.number = json_integer_value(json_object_get(body, "number"));
	(void)snprintf(parcel.guid, sizeof parcel.guid, "%s",
		       json_string_value(json_object_get(delivery->headers, "X-GitHub-Delivery")));
	json_decref(body);
	return parcel;
}

/* The push that makes a branch says nothing of the change that is opened from it then. */
static bool tells_of(const struct parcel *parcel, const struct deed *deed)
{
	return deed && (deed->kind != DEED_OPEN || text_is(parcel->event.name, "pull_request"));
}

static void remember(struct deep *deep)
{
	if (deep->sim->swarm.lag == 0)
		return;
	if (deep->n_past == DEEP_PAST) {
		world_past_free(deep->past[0].past);
		memmove(deep->past, deep->past + 1, (DEEP_PAST - 1) * sizeof *deep->past);
		deep->n_past--;
	}
	deep->past[deep->n_past++] = (struct deep_past){sim_now(deep->sim), world_remember(deep->world)};
}

void deep_changed(struct deep *deep, const struct deed *deed, int number)
{
	struct world_delivery delivery;

	while (world_next_delivery(deep->world, &delivery)) {
		struct parcel parcel = parcel_of(deep, &delivery);

		if (tells_of(&parcel, deed))
			parcel.deed = number;
		world_delivery_done(deep->world, delivery.id, 202, 1);
		world_delivery_clear(&delivery);
		net_post_office(deep->sim, &parcel);
	}
	remember(deep);
}

struct world_past *deep_as_of(struct deep *deep, int64_t lag)
{
	size_t i = deep->n_past;

	if (lag == 0 || i == 0)
		return NULL;
	while (i > 1 && deep->past[i - 1].at > sim_now(deep->sim) - lag)
		i--;
	if (i == deep->n_past)
		return NULL;
	sim_once(deep->sim, SOMETIMES_READ_OLD);
	return deep->past[i - 1].past;
}

/* ---- deeds ---- */

static const char *sha_of(const struct deep *deep, int commit)
{
	return deep->commits[commit].hex;
}

static void head_repo(const struct deep *deep, int change, char *ret, size_t room)
{
	const struct truth_change *c = &deep->sim->truth.changes[change];

	if (c->head_repo == HEAD_OWN)
		(void)snprintf(ret, room, "%s", repo_name(deep));
	else
		(void)snprintf(ret, room, "%s/fork-%d", truth_login(c->author), change + 1);
}

static json_t *push_to(struct deep *deep, const struct deed *deed, const char *repo, const char *branch)
{
	return act(deep, "{s:s,s:s,s:s,s:s,s:s}", "do", "force_push", "repo", repo, "who", truth_login(deed->who),
		   "branch", branch, "sha", sha_of(deep, deed->commit));
}

static json_t *open_change(struct deep *deep, const struct deed *deed)
{
	const struct truth_change *c = &deep->sim->truth.changes[deed->change];
	const char *who = truth_login(deed->who), *topic = show_topic(deed->change).at;
	char repo[80], as[16];

	head_repo(deep, deed->change, repo, sizeof repo);
	(void)snprintf(as, sizeof as, "fork-%d", deed->change + 1);
	if (c->head_repo != HEAD_OWN)
		json_decref(act(deep, "{s:s,s:s,s:s,s:s,s:b}", "do", "fork", "repo", repo_name(deep), "who", who, "as",
				as, "private", c->head_repo == HEAD_PRIVATE_FORK));
	json_decref(push_to(deep, deed, repo, topic));
	return act(deep, "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "do", "open", "repo", repo_name(deep), "who", who, "head",
		   topic, "head_repo", repo, "base", truth_branch_name(deed->branch), "title", show_title(0).at, "body",
		   "CANARY body");
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
			json_decref(act(deep, "{s:s,s:s,s:i,s:I,s:s}", "do", "rebind", "repo", repo_name(deep),
					"number", deed->change + 1, "review", deep->reviews[i], "commit_id",
					sha_of(deep, deed->commit)));
	return answer;
}

static const char *review_word(enum deed_kind kind)
{
	return kind == DEED_APPROVE ? "approve" : kind == DEED_REQUEST ? "request_changes" : "comment_review";
}

static json_t *review(struct deep *deep, const struct deed *deed)
{
	json_t *answer = act(deep, "{s:s,s:s,s:s,s:i,s:s,s:s}", "do", review_word(deed->kind), "repo", repo_name(deep),
			     "who", truth_login(deed->who), "number", deed->change + 1, "commit_id",
			     sha_of(deep, deed->commit), "body", "CANARY review");

	deep->reviews[deed->review] = json_integer_value(json_object_get(answer, "id"));
	return answer;
}

static json_t *dismiss(struct deep *deep, const struct deed *deed)
{
	return act(deep, "{s:s,s:s,s:s,s:i,s:I}", "do", "dismiss", "repo", repo_name(deep), "who",
		   truth_login(deed->who), "number", deep->sim->truth.reviews[deed->review].change + 1, "review",
		   deep->reviews[deed->review]);
}

static json_t *give_role(struct deep *deep, const struct deed *deed)
{
	static const char *const roles[] = {"none", "read", "triage", "write", "maintain", "admin"};

	return act(deep, "{s:s,s:s,s:s,s:s,s:s}", "do", "permission", "repo", repo_name(deep), "who",
		   truth_login(deed->who), "login", truth_login(deed->subject), "role", roles[deed->role]);
}

static json_t *join(struct deep *deep, const struct deed *deed)
{
	return act(deep, "{s:s,s:s,s:s,s:s,s:b}", "do", "team", "team", TRUTH_TEAM, "who", truth_login(deed->who),
		   "member", truth_login(deed->subject), "remove", !deed->role);
}

/* The merge button's commit, too, is made by us, so that it is the truth's. */
static json_t *push_base(struct deep *deep, const struct deed *deed)
{
	return push_to(deep, deed, repo_name(deep), truth_branch_name(deed->branch));
}

static json_t *retarget(struct deep *deep, const struct deed *deed)
{
	return act(deep, "{s:s,s:s,s:s,s:i,s:s}", "do", "retarget", "repo", repo_name(deep), "who",
		   truth_login(deed->who), "number", deed->change + 1, "base", truth_branch_name(deed->branch));
}

static const char *const words[DEED_KINDS] = {
	[DEED_DRAFT] = "draft", [DEED_READY] = "ready",     [DEED_CLOSE] = "close",
	[DEED_EDIT] = "edit",   [DEED_RECHECK] = "comment", [DEED_REOPEN] = "reopen",
};

/* title and body are of the deeds that have them; the others do not look. */
static json_t *on_change(struct deep *deep, const struct deed *deed)
{
	return act(deep, "{s:s,s:s,s:s,s:i,s:s,s:s}", "do", words[deed->kind], "repo", repo_name(deep), "who",
		   truth_login(deed->who), "number", deed->change + 1, "title",
		   show_title(deep->sim->truth.changes[deed->change].edits).at, "body",
		   deed->kind == DEED_RECHECK ? "/headgate recheck" : "CANARY body");
}

static json_t *rename_repo(struct deep *deep, const struct deed *deed)
{
	return act(deep, "{s:s,s:s,s:s,s:s}", "do", "rename", "repo", show_repo(deep->sim->truth.renamed - 1).at, "who",
		   truth_login(deed->who), "name", repo_name(deep));
}

static json_t *forge_status(struct deep *deep, const struct deed *deed)
{
	struct ghost_post forged = {.commit = deed->commit,
				    .state = deed->role ? STATUS_FAILURE : STATUS_SUCCESS,
				    .text = TEXT_LIT("All good, promise")};
	json_t *answer = act(deep, "{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "do", "forge_status", "repo", repo_name(deep),
			     "who", truth_login(deed->who), "sha", sha_of(deep, deed->commit), "context", SIM_CONTEXT,
			     "state", deed->role ? "failure" : "success", "description", forged.text.at);

	(void)ghost_accepts(deep->sim, &forged);
	return answer;
}

static json_t *(*const acts[DEED_KINDS])(struct deep *deep, const struct deed *deed) = {
	[DEED_OPEN] = open_change,
	[DEED_PUSH] = push_change,
	[DEED_FORCE_PUSH] = push_change,
	[DEED_PUSH_BACK] = push_change,
	[DEED_APPROVE] = review,
	[DEED_REQUEST] = review,
	[DEED_COMMENT] = review,
	[DEED_DISMISS] = dismiss,
	[DEED_ROLE] = give_role,
	[DEED_TEAM] = join,
	[DEED_POLICY] = push_base,
	[DEED_BASE_PUSH] = push_base,
	[DEED_RETARGET] = retarget,
	[DEED_DRAFT] = on_change,
	[DEED_READY] = on_change,
	[DEED_CLOSE] = on_change,
	[DEED_REOPEN] = on_change,
	[DEED_EDIT] = on_change,
	[DEED_RENAME] = rename_repo,
	[DEED_RECHECK] = on_change,
	[DEED_FORGE_STATUS] = forge_status,
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

	(void)snprintf(path, sizeof path, "/repos/%s/pulls/%d", repo_name(deep), change + 1);
	request.path = path;
	answer = ask(deep, &request, &status);
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

/* ---- the beginning ---- */

static void people(struct deep *deep)
{
	for (int i = 0; i < TRUTH_PEOPLE; i++) {
		json_int_t id =
			number_in(act(deep, "{s:s,s:s,s:s,s:[s]}", "do", "user", "login", truth_login(i), "type",
				      deep->sim->truth.people[i].bot ? "Bot" : "User", "emails", show_email(i).at),
				  "id");

		if (i == 0)
			deep->first_person = id;
		if (id != deep->first_person + i)
			abort();
	}
}

static void roles(struct deep *deep)
{
	for (int i = 0; i < TRUTH_PEOPLE; i++) {
		struct deed deed = {.who = 3, .subject = i, .role = (int)deep->sim->truth.people[i].role};

		if (deed.role != ROLE_NONE)
			json_decref(give_role(deep, &deed));
		deed.role = 1;
		if (deep->sim->truth.people[i].in_team)
			json_decref(join(deep, &deed));
	}
}

static void repository(struct deep *deep)
{
	json_t *answer =
		act(deep, "{s:s,s:s,s:s,s:b,s:{s:s,s:s},s:{s:s,s:s,s:s}}", "do", "repo", "repo", repo_name(deep), "who",
		    truth_login(3), "private", 1, "author", "name", truth_login(3), "email", show_email(3).at, "files",
		    truth_file_path(deep_files[0]), deep_file_text(0), truth_file_path(deep_files[1]),
		    deep_file_text(0), truth_file_path(deep_files[2]), deep_file_text(0));
	const char *sha = json_string_value(json_object_get(answer, "sha"));

	if (!sha || !oid_parse(text_of(sha), &deep->commits[0]))
		abort();
	deep->n_commits = 1;
	deep->sim->repo = number_in(answer, "id");
	for (int i = 1; i < TRUTH_BRANCHES; i++)
		json_decref(act(deep, "{s:s,s:s,s:s,s:s}", "do", "branch", "repo", repo_name(deep), "who",
				truth_login(3), "branch", truth_branch_name(i)));
}

void deep_world_begin(struct deep *deep)
{
	const char *why = "";
	struct world_delivery delivery;
	char path[128];

	deep->world = world_new(&(struct world_config){.dir = deep->dir,
						       .public_url = DEEP_URL,
						       .hook_url = "http://gate.test/webhooks/github",
						       .secret = DEEP_SECRET,
						       .tokens = "{\"APP\": {\"app\": \"headgate\"}}",
						       .seed = deep->sim->seed,
						       .real = true},
				&why);
	if (!deep->world)
		abort();
	people(deep);
	repository(deep);
	roles(deep);
	(void)snprintf(path, sizeof path, "%s/%s.git", deep->dir, repo_name(deep));
	deep_git_begin(deep, path);
	while (world_next_delivery(deep->world, &delivery)) { /* the App is installed after all that */
		world_delivery_done(deep->world, delivery.id, 202, 1);
		world_delivery_clear(&delivery);
	}
	remember(deep);
}

void deep_world_end(struct deep *deep)
{
	for (size_t i = 0; i < deep->n_past; i++)
		world_past_free(deep->past[i].past);
	deep_git_end(deep);
	world_free(deep->world);
}
