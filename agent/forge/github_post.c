#include "agent/forge/github_inner.h"

static struct text body_of(struct arena *arena, const struct forge_post *post)
{
	struct jwrite *w = jwrite_new();
	struct text body;

	jwrite_object(w, NULL);
	jwrite_text(w, "state", post->state);
	jwrite_text(w, "context", post->context);
	jwrite_text(w, "description", post->description);
	if (post->target_url.len)
		jwrite_text(w, "target_url", post->target_url);
	jwrite_end(w);
	body = arena_text(arena, jwrite_text_of(w));
	jwrite_free(w);
	return body;
}

static enum err_code refuse(struct github_reply *reply, struct err *err, const char *why)
{
	jdoc_free(reply->doc);
	(void)err_set(err, ERR_RETRY, "%s", why);
	return err->code;
}

static enum err_code send_post(struct github *github, const struct forge_call *call, const struct forge_post *post,
			       struct forge_posted *out, struct err *err)
{
	struct rest_path path = {"/repos/*/*/statuses/*", {oid_text(&post->sha)}, 1};
	struct github_ask ask = {.method = "POST", .body = body_of(call->arena, post)};
	struct github_reply reply = {.doc = NULL};
	enum err_code code = rest_url(github->config.api_url, call, &path, &ask.url, err);
	struct forge_posted posted = {.created_at = WHEN_UNKNOWN, .maybe_sent = true};

	if (code == ERR_OK)
		code = github_send(github, call, &ask, &reply, err);
	if (code != ERR_OK) {
		out->maybe_sent = reply.answer.maybe_sent;
		return code;
	}
	out->maybe_sent = true; /* below here the forge has said yes, if strangely */
	posted.status_id = jint(jdoc_root(reply.doc), "id", 0);
	posted.creator = jint(jdoc_root(reply.doc), "creator.id", 0);
	posted.created_at = jwhen(jdoc_root(reply.doc), "created_at");
	if (reply.answer.status != 201 || posted.status_id <= 0)
		return refuse(&reply, err, "the answer to a status is no 201 with an id");
	if (!text_eq_nocase(jtext(jdoc_root(reply.doc), "context"), post->context) ||
	    !text_eq(jtext(jdoc_root(reply.doc), "state"), post->state))
		return refuse(&reply, err, "the answer to a status names another context or state");
	jdoc_free(reply.doc);
	*out = posted;
	return ERR_OK;
}

enum err_code github_post(void *self, const struct forge_post *post, int64_t deadline_ms, struct forge_posted *out,
			  struct err *err)
{
	struct arena arena = ARENA_EMPTY;
	struct forge_call call = {post->repo, &arena, deadline_ms, 0};
	struct forge_posted posted = {.created_at = WHEN_UNKNOWN};
	enum err_code code = send_post(self, &call, post, &posted, err);

	arena_release(&arena);
	*out = posted;
	return code;
}
