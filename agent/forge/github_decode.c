#include "agent/forge/github_inner.h"

#define LABELS_MAX 100 /* the forge's own limit for one change */

struct text github_text(struct arena *arena, jval v, const char *path)
{
	struct text t = jtext(v, path);

	return t.len ? arena_text(arena, t) : TEXT_EMPTY;
}

static const struct {
	const char *name;
	enum person_type type;
} types[] = {{"User", PERSON_USER}, {"Bot", PERSON_BOT}};

struct person github_person(struct arena *arena, jval user)
{
	struct person who = {jint(user, "id", 0), github_text(arena, user, "login"), PERSON_UNKNOWN};
	struct text type = jtext(user, "type");

	if (type.len)
		who.type = PERSON_OTHER;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (text_is(type, types[i].name))
			who.type = types[i].type;
	return who;
}

static bool labels(struct arena *arena, jval v, struct forge_change *ret, struct err *err)
{
	jval list = jget(v, "labels");
	size_t n = list ? jlen(list) : 0;
	struct text *at = arena_alloc(arena, n + 1, sizeof *at);

	if (n > LABELS_MAX)
		return err_set(err, ERR_LIMIT, "a change with more than %d labels", LABELS_MAX);
	for (size_t i = 0; i < n; i++)
		at[i] = github_text(arena, jat(list, i), "name");
	ret->labels = at;
	ret->n_labels = n;
	return true;
}

bool github_change_look(const struct forge_call *call, jval v, struct forge_change *ret, struct err *err)
{
	struct forge_change c = {.answered_at = WHEN_UNKNOWN};
	struct text state;

	if (!jneed_int(v, "number", &c.number, err) || !jneed_oid(v, "head.sha", &c.head, err) ||
	    !jneed_oid(v, "base.sha", &c.base_sha, err) || !jneed_int(v, "base.repo.id", &c.base_repo, err) ||
	    !jneed_text(v, "head.ref", &c.head_ref, err) || !jneed_text(v, "base.ref", &c.base_ref, err) ||
	    !jneed_text(v, "state", &state, err))
		return false;
	if (c.base_repo != call->repo.id)
		return err_set(err, ERR_INVALID, "the answer is about repository %lld, not %lld",
			       (long long)c.base_repo, (long long)call->repo.id);
	if (!text_is(state, "open") && !text_is(state, "closed"))
		return err_set(err, ERR_INVALID, "state: neither open nor closed");
	c.open = text_is(state, "open");
	c.updated_at = jwhen(v, "updated_at");
	if (c.updated_at == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "updated_at: not a time");
	c.head_repo = jint(v, "head.repo.id", 0);
	*ret = c;
	return true;
}

void github_change_take(struct arena *arena, jval v, struct forge_change *c)
{
	c->head_ref = arena_text(arena, c->head_ref);
	c->base_ref = arena_text(arena, c->base_ref);
	c->draft = jtri(v, "draft") != TRI_NO;
	c->merged = jtri(v, "merged") == TRI_YES || jtext(v, "merged_at").len;
	c->head_repo_name = c->head_repo ? github_text(arena, v, "head.repo.full_name") : TEXT_EMPTY;
	c->author = github_person(arena, jget(v, "user"));
}

bool github_change_decode(const struct forge_call *call, jval v, struct forge_change *ret, struct err *err)
{
	struct forge_change c;

	if (!github_change_look(call, v, &c, err) || !labels(call->arena, v, &c, err))
		return false;
	if (jtri(v, "draft") == TRI_UNKNOWN || jtri(v, "merged") == TRI_UNKNOWN)
		return err_set(err, ERR_INVALID, "draft or merged: missing");
	github_change_take(call->arena, v, &c);
	c.head_label = github_text(call->arena, v, "head.label");
	c.title = github_text(call->arena, v, "title");
	c.body = github_text(call->arena, v, "body");
	*ret = c;
	return true;
}
