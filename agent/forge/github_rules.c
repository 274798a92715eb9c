/*
 * Rulesets and branch protection add up, and the stricter of two counts: so each answer only ever adds. A refusal is no
 * absence: what may not be read is an error, since a rule that is left out of a policy is a hole in it.
 */
#include "agent/forge/github_rules.h"

#include "agent/forge/github_inner.h"

#include "policy/owners.h"
#include "policy/policy.h"

struct reading {
	struct github *github;
	const struct forge_call *call;
	struct forge_rules *rules;
	bool dismissed; /* somewhere: a push takes approvals back */
	bool *hidden;   /* set where the protection may not be read; NULL: that is an error */
};

static bool on(jval v, const char *path)
{
	return jtri(v, path) == TRI_YES;
}

static bool too_many(struct err *err, const char *what)
{
	return err_set(err, ERR_LIMIT, "more %s than an import takes", what);
}

static bool add_other(struct reading *r, struct text name, struct err *err)
{
	return forge_rules_other(r->rules, arena_text(r->call->arena, name)) || too_many(err, "kinds of rules");
}

/* ---- reviews ---- */

struct review_words { /* the same in a ruleset and in a protection */
	const char *count, *stale, *owners, *last_push;
};

static bool add_reviews(struct reading *r, jval v, const struct review_words *words, struct err *err)
{
	int64_t count = jint(v, words->count, 0);

	if (count < 0 || count > 100)
		return err_set(err, ERR_INVALID, "%lld approvals are asked for", (long long)count);
	r->rules->reviews = true;
	r->rules->approvals = count > r->rules->approvals ? count : r->rules->approvals;
	r->rules->code_owners = r->rules->code_owners || on(v, words->owners);
	r->rules->last_push = r->rules->last_push || on(v, words->last_push);
	r->dismissed = r->dismissed || on(v, words->stale);
	return true;
}

/* ---- statuses ---- */

/* -1 in a protection, and nothing in a ruleset: whoever says it. */
static bool add_status(struct reading *r, jval v, const char *app, struct err *err)
{
	struct forge_status_rule status = {.app_id = jint(v, app, 0)};

	if (!jneed_text(v, "context", &status.name, err))
		return false;
	status.name = arena_text(r->call->arena, status.name);
	status.app_id = status.app_id > 0 ? status.app_id : 0;
	return forge_rules_status(r->rules, &status) || too_many(err, "statuses");
}

static bool add_statuses(struct reading *r, jval list, const char *app, struct err *err)
{
	for (size_t i = 0; i < jlen(list); i++)
		if (!add_status(r, jat(list, i), app, err))
			return false;
	return true;
}

/* ---- rulesets ---- */

static bool take_unforced(struct reading *r, jval v, struct err *err)
{
	(void)v;
	r->rules->forced = TRI_NO;
	return add_other(r, TEXT_LIT("non_fast_forward"), err);
}

static bool take_reviews(struct reading *r, jval v, struct err *err)
{
	static const struct review_words words = {
		"parameters.required_approving_review_count", "parameters.dismiss_stale_reviews_on_push",
		"parameters.require_code_owner_review", "parameters.require_last_push_approval"};

	r->rules->threads = r->rules->threads || on(v, "parameters.required_review_thread_resolution");
	if (jlen(jget(v, "parameters.required_reviewers")) > 0 && !add_other(r, TEXT_LIT("required_reviewers"), err))
		return false;
	return add_reviews(r, v, &words, err);
}

static bool take_statuses(struct reading *r, jval v, struct err *err)
{
	if (on(v, "parameters.strict_required_status_checks_policy") &&
	    !add_other(r, TEXT_LIT("branches must be up to date"), err))
		return false;
	return add_statuses(r, jget(v, "parameters.required_status_checks"), "integration_id", err);
}

static bool take_signatures(struct reading *r, jval v, struct err *err)
{
	(void)v;
	(void)err;
	r->rules->signatures = true;
	return true;
}

static const struct {
	const char *type;
	bool (*take)(struct reading *r, jval v, struct err *err);
} kinds[] = {
	{"pull_request", take_reviews},
	{"required_status_checks", take_statuses},
	{"required_signatures", take_signatures},
	{"non_fast_forward", take_unforced},
};

static bool take_rule(struct github_items *items, jval v, struct err *err)
{
	struct reading *r = items->at;
	struct text type;

	if (!jneed_text(v, "type", &type, err))
		return false;
	r->rules->rulesets = true;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (text_is(type, kinds[i].type))
			return kinds[i].take(r, v, err);
	return add_other(r, type, err);
}

static bool read_rulesets(struct reading *r, struct err *err)
{
	struct rest_path path = {"/repos/*/*/rules/branches/*?per_page=100", {r->rules->branch}, 1};
	struct github_items items = {.take = take_rule, .arena = r->call->arena, .at = r};

	return github_list(r->github, r->call, &path, &items, err) == ERR_OK;
}

/* ---- branch protection ---- */

static const struct {
	const char *key, *name;
} switches[] = {
	{"required_linear_history.enabled", "required_linear_history"},
	{"lock_branch.enabled", "lock_branch"},
	{"restrictions.url", "restrictions on who pushes"},
	{"required_status_checks.strict", "branches must be up to date"},
};

static bool take_switches(struct reading *r, jval v, struct err *err)
{
	for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
		if ((on(v, switches[i].key) || jtext(v, switches[i].key).len > 0) &&
		    !add_other(r, text_of(switches[i].name), err))
			return false;
	r->rules->signatures = r->rules->signatures || on(v, "required_signatures.enabled");
	r->rules->threads = r->rules->threads || on(v, "required_conversation_resolution.enabled");
	r->rules->admins_pass = !on(v, "enforce_admins.enabled");
	if (r->rules->forced != TRI_NO)
		r->rules->forced = jtri(v, "allow_force_pushes.enabled");
	return true;
}

static bool take_protection(struct reading *r, jval v, struct err *err)
{
	static const struct review_words words = {"required_approving_review_count", "dismiss_stale_reviews",
						  "require_code_owner_reviews", "require_last_push_approval"};
	jval reviews = jget(v, "required_pull_request_reviews"), checks = jget(v, "required_status_checks.checks");

	if (!jis_object(v))
		return err_set(err, ERR_INVALID, "branch protection was asked for and something else came");
	if (reviews && !add_reviews(r, reviews, &words, err))
		return false;
	return add_statuses(r, checks, "app_id", err) && take_switches(r, v, err);
}

/* Without the permission the answer is 404 as well, or 403: only these words say that there is no protection. */
static bool is_unprotected(const struct github_reply *reply)
{
	return reply->answer.status == 404 &&
	       text_find(reply->answer.body, TEXT_LIT("\"Branch not protected\"")) != SIZE_MAX;
}

static bool read_protection(struct reading *r, struct err *err)
{
	struct rest_path path = {"/repos/*/*/branches/*/protection", {r->rules->branch}, 1};
	struct github_reply reply = {.doc = NULL};
	enum err_code code = github_get(r->github, r->call, &path, &reply, err);
	bool ok;

	if (code == ERR_GONE && is_unprotected(&reply)) {
		*err = ERR_NONE;
		if (r->rules->forced == TRI_UNKNOWN)
			r->rules->forced = TRI_YES;
		return true;
	}
	if ((code == ERR_GONE || code == ERR_DENIED) && r->hidden) {
		*err = ERR_NONE;
		return *r->hidden = true;
	}
	if (code == ERR_GONE || code == ERR_DENIED)
		return err_wrap(err, "is there such a branch, and has the token the permission `administration: read`, "
				     "which headgate's App does not ask for?");
	if (code != ERR_OK)
		return false;
	ok = take_protection(r, jdoc_root(reply.doc), err);
	jdoc_free(reply.doc);
	return ok;
}

/* ---- CODEOWNERS ---- */

static bool read_owners(struct reading *r, struct err *err)
{
	for (size_t i = 0; policy_codeowners(i) && !r->rules->owners_file; i++) {
		struct rest_path path = {
			"/repos/*/*/contents/*?ref=*", {text_of(policy_codeowners(i)), r->rules->branch}, 2};
		struct github_reply reply;
		enum err_code code = github_get(r->github, r->call, &path, &reply, err);

		if (code == ERR_DENIED)
			return err_wrap(err, "files cannot be read: the token needs the permission `contents: read`");
		if (code != ERR_OK && code != ERR_GONE)
			return false;
		if (code == ERR_OK) {
			r->rules->owners_file = text_is(jtext(jdoc_root(reply.doc), "type"), "file");
			jdoc_free(reply.doc);
		}
		*err = ERR_NONE;
	}
	return true;
}

/* ---- all of it ---- */

static bool read_branch(struct reading *r, struct text branch, struct err *err)
{
	struct rest_path path = {"/repos/*/*", {TEXT_EMPTY}, 0};
	struct github_reply reply;
	bool ok = github_get(r->github, r->call, &path, &reply, err) == ERR_OK;

	if (!ok)
		return false;
	if (branch.len == 0)
		ok = jneed_text(jdoc_root(reply.doc), "default_branch", &branch, err);
	if (ok)
		r->rules->branch = arena_text(r->call->arena, branch);
	jdoc_free(reply.doc);
	return ok;
}

/* Rules name an app by number, policies by its slug: whoever said the status on the branch's tip shows both. */
static bool name_apps(struct reading *r, struct err *err)
{
	struct forge_named in = {.name = TEXT_EMPTY};
	bool any = false;

	for (size_t i = 0; i < r->rules->n_statuses; i++)
		any = any || r->rules->statuses[i].app_id > 0;
	if (any && github_branch_tip(r->github, r->call, r->rules->branch, &in.sha, err) != ERR_OK)
		return false;
	for (size_t i = 0; i < r->rules->n_statuses; i++) {
		struct forge_status_rule *status = &r->rules->statuses[i];
		struct forge_list_checks runs = {NULL, 0};

		in.name = status->name;
		if (status->app_id > 0 && github_check_runs(r->github, r->call, &in, &runs, err) != ERR_OK)
			return false;
		for (size_t k = 0; k < runs.n; k++)
			if (runs.at[k].app == status->app_id)
				status->app = runs.at[k].app_name;
	}
	return true;
}

enum err_code github_rules(struct github *github, const struct forge_call *call, struct text branch,
			   struct forge_rules *out, struct err *err)
{
	struct reading r = {.github = github, .call = call, .rules = out};

	if (!read_branch(&r, branch, err) || !read_rulesets(&r, err) || !read_protection(&r, err) ||
	    !read_owners(&r, err) || !name_apps(&r, err))
		return err->code;
	out->keeps_stale = out->reviews && !r.dismissed;
	return ERR_OK;
}

enum err_code github_rules_seen(struct github *github, const struct forge_call *call, struct text branch,
				struct github_rules_seen *out, struct err *err)
{
	struct reading r = {.github = github, .call = call, .rules = out->rules, .hidden = &out->hidden};

	out->hidden = false;
	if (!read_branch(&r, branch, err) || !read_rulesets(&r, err) || !read_protection(&r, err))
		return err->code;
	return ERR_OK;
}
