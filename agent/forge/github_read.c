/*
 * Verbs that read one object.
 */
#include "agent/forge/github_inner.h"

/* Its installation, too, is asked for by number and afresh: both change when a repository is given to another owner. */
static enum err_code repo_by_number(struct github *github, const struct forge_call *call, int64_t id,
				    struct github_reply *reply, struct err *err)
{
	struct rest_path path = {"/repositories/*", {github_number(call->arena, id)}, 1};
	struct forge_call there = *call;

	*err = ERR_NONE;
	there.repo = (struct forge_repo){.id = id};
	access_forget_place(github->config.access, id);
	return github_get(github, &there, &path, reply, err);
}

/* By its number, where that is known: the name may be an old one. */
static enum err_code repo_reply(struct github *github, const struct forge_call *call, struct github_reply *reply,
				struct err *err)
{
	struct rest_path by_name = {"/repos/*/*", {TEXT_EMPTY}, 0};
	enum err_code code;
	int64_t id;

	if (call->repo.id)
		return repo_by_number(github, call, call->repo.id, reply, err);
	code = github_get(github, call, &by_name, reply, err);
	id = code == ERR_INVALID ? rest_moved_to(github->config.api_url, &reply->answer, "") : 0;
	return id ? repo_by_number(github, call, id, reply, err) : code;
}

enum err_code github_repo(void *self, const struct forge_call *call, struct forge_found *out, struct err *err)
{
	struct github_reply reply = {.doc = NULL};
	struct forge_found repo;
	enum err_code code = repo_reply(self, call, &reply, err);
	bool ok;

	if (code != ERR_OK)
		return code;
	ok = jneed_int(jdoc_root(reply.doc), "id", &repo.id, err) &&
	     jneed_text(jdoc_root(reply.doc), "full_name", &repo.name, err);
	if (ok && (repo.id <= 0 || (call->repo.id && repo.id != call->repo.id)))
		ok = err_set(err, ERR_INVALID, "the answer is about repository %lld, not %lld", (long long)repo.id,
			     (long long)call->repo.id);
	if (ok)
		*out = (struct forge_found){repo.id, arena_text(call->arena, repo.name), reply.installation,
					    jint(jdoc_root(reply.doc), "size", 0),
					    arena_text(call->arena, jtext(jdoc_root(reply.doc), "default_branch"))};
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

enum err_code github_change(void *self, const struct forge_call *call, int64_t number, struct forge_change *out,
			    struct err *err)
{
	struct rest_path path = {"/repos/*/*/pulls/*", {github_number(call->arena, number)}, 1};
	struct github_reply reply;
	struct forge_change change;
	enum err_code code = github_get(self, call, &path, &reply, err);
	bool ok;

	if (code != ERR_OK)
		return code;
	ok = github_change_decode(call, jdoc_root(reply.doc), &change, err);
	if (ok && change.number != number)
		ok = err_set(err, ERR_INVALID, "the answer is about change %lld, not %lld", (long long)change.number,
			     (long long)number);
	if (ok) {
		*out = change;
		out->answered_at = reply.date;
	}
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

enum err_code github_permission(void *self, const struct forge_call *call, struct text login, struct member *out,
				struct err *err)
{
	struct rest_path path = {"/repos/*/*/collaborators/*/permission", {login}, 1};
	struct github_reply reply;
	struct member member = {.permission = PERMISSION_UNKNOWN};
	enum err_code code = github_get(self, call, &path, &reply, err);

	if (code != ERR_OK)
		return code;
	member.who = github_person(call->arena, jget(jdoc_root(reply.doc), "user"));
	member.permission = permission_parse(jtext(jdoc_root(reply.doc), "role_name"));
	if (member.permission == PERMISSION_UNKNOWN) /* a custom role: what it is at least worth */
		member.permission = permission_parse(jtext(jdoc_root(reply.doc), "permission"));
	jdoc_free(reply.doc);
	if (member.who.id <= 0 || member.permission == PERMISSION_UNKNOWN)
		return err_set(err, ERR_INVALID, "permission: user.id or the role is missing"), err->code;
	*out = member;
	return ERR_OK;
}

enum err_code github_in_team(void *self, const struct forge_call *call, const struct forge_membership *in, bool *out,
			     struct err *err)
{
	const char *slash = in->team.len ? memchr(in->team.at, '/', in->team.len) : NULL;
	size_t org = slash ? (size_t)(slash - in->team.at) : 0;
	struct rest_path path = {
		"/orgs/*/teams/*/memberships/*",
		{{in->team.at, org}, {slash ? slash + 1 : NULL, slash ? in->team.len - org - 1 : 0}, in->login},
		3};
	struct github_reply reply;
	enum err_code code = github_get(self, call, &path, &reply, err);
	struct text state;
	bool ok;

	if (code == ERR_GONE) {
		*err = ERR_NONE; /* an answer: who asks looks at err alone, too */
		*out = false;
		return ERR_OK;
	}
	if (code != ERR_OK)
		return code;
	ok = jneed_text(jdoc_root(reply.doc), "state", &state, err);
	if (ok)
		*out = text_is(state, "active"); /* "pending" was only invited */
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

/* 204: a member, shown in public or not; an invitation makes none. A redirect leads to the public members, who are not
 * all; it comes where our access is not the organization's. */
enum err_code github_belongs(void *self, const struct forge_call *call, const struct forge_belonging *in, enum tri *out,
			     struct err *err)
{
	struct github *github = self;
	struct rest_path path = {"/orgs/*/members/*", {in->organization, in->login}, 2};
	struct github_ask ask = {.method = "GET", .blind = true};
	struct github_reply reply = {.doc = NULL};
	enum err_code code = rest_url(github->config.api_url, call, &path, &ask.url, err);

	if (code != ERR_OK)
		return code;
	code = github_send(github, call, &ask, &reply, err);
	if (code != ERR_OK && code != ERR_GONE && code != ERR_DENIED && reply.answer.status / 100 != 3)
		return code;
	*err = ERR_NONE; /* an answer: who asks looks at err alone, too */
	*out = code == ERR_GONE ? TRI_NO : TRI_UNKNOWN;
	if (code == ERR_OK && reply.answer.status == 204)
		*out = TRI_YES;
	return ERR_OK;
}

enum err_code github_branch_tip(void *self, const struct forge_call *call, struct text branch, struct oid *out,
				struct err *err)
{
	struct text ref = arena_printf(call->arena, "heads/%.*s", TEXT_ARG(branch));
	struct rest_path path = {"/repos/*/*/git/ref/*", {ref}, 1};
	struct github_reply reply;
	struct text name, type;
	struct oid sha;
	enum err_code code = github_get(self, call, &path, &reply, err);
	bool ok;

	if (code != ERR_OK)
		return code;
	ok = jneed_text(jdoc_root(reply.doc), "ref", &name, err) &&
	     jneed_text(jdoc_root(reply.doc), "object.type", &type, err) &&
	     jneed_oid(jdoc_root(reply.doc), "object.sha", &sha, err);
	if (ok && (name.len != ref.len + 5 || !text_starts(name, TEXT_LIT("refs/")) || !text_ends(name, ref) ||
		   !text_is(type, "commit")))
		ok = err_set(err, ERR_INVALID, "the answer is about another ref, or no commit");
	if (ok)
		*out = sha;
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

enum err_code github_git_access(void *self, const struct forge_call *call, struct forge_git *out, struct err *err)
{
	struct github *github = self;
	struct rest_path path = {"/repos/*/*", {TEXT_EMPTY}, 0};
	size_t skip = github->config.api_url.len + sizeof "/repos" - 1;
	struct access_token token = {.installation = 0};
	struct text url;
	enum err_code code = rest_url(github->config.api_url, call, &path, &url, err);

	if (code != ERR_OK || access_take(github->config.access, github->http, call, &token, err) != ERR_OK)
		return err->code;
	out->url = arena_printf(call->arena, "%.*s%.*s.git", TEXT_ARG(github->config.git_url),
				TEXT_ARG(((struct text){url.at + skip, url.len - skip})));
	out->token = arena_text(call->arena, token.bytes);
	access_drop(&token);
	return ERR_OK;
}
