/*
 * What is written to a Bugzilla: a comment that insiders alone see, and a flag or custom field that is cleared. Nobody
 * is asked whether the bug is public: a comment of ours never is.
 */
#include "agent/tracker/bugzilla_inner.h"

#include "webhooks/crypto.h"

#define COMMENT_END "[headgate %.*s]"

static struct text number_of(struct arena *arena, int64_t n)
{
	return arena_printf(arena, "%lld", (long long)n);
}

enum err_code bugzilla_comment(void *self, const struct tracker_call *call, const struct tracker_comment *in,
			       enum tracker_fate *fate, struct err *err)
{
	struct bugzilla_change change = {"POST", "/rest/bug/*/comment", number_of(call->arena, in->bug), jwrite_new()};
	struct text words = arena_printf(call->arena, "%.*s " COMMENT_END, TEXT_ARG(in->words), TEXT_ARG(in->mark));

	jwrite_object(change.body, NULL);
	jwrite_text(change.body, "comment", words);
	jwrite_bool(change.body, "is_private", true);
	return bugzilla_send(self, call, &change, fate, err);
}

/* {"flags":[{"id":7,"status":"X"}]}, or {"cf_tracking_x":"---"} */
enum err_code bugzilla_clear(void *self, const struct tracker_call *call, int64_t bug, const struct tracker_mark *mark,
			     enum tracker_fate *fate, struct err *err)
{
	struct bugzilla_change change = {"PUT", "/rest/bug/*", number_of(call->arena, bug), NULL};
	struct text name = arena_text(call->arena, mark->name);

	*fate = TRACKER_REFUSED;
	if (mark->flag <= 0 && !text_starts(name, TEXT_LIT(TRACKER_FIELD)))
		return err_set(err, ERR_INVALID, "neither a flag nor a custom field"), err->code;
	change.body = jwrite_new();
	if (mark->attachment) {
		change.path = "/rest/bug/attachment/*";
		change.segment = number_of(call->arena, mark->attachment);
	}
	jwrite_object(change.body, NULL);
	if (mark->flag) {
		jwrite_array(change.body, "flags");
		jwrite_object(change.body, NULL);
		jwrite_int(change.body, "id", mark->flag);
		jwrite_text(change.body, "status", TEXT_LIT("X"));
		jwrite_end(change.body);
		jwrite_end(change.body);
	} else {
		jwrite_text(change.body, name.at, TEXT_LIT("---"));
	}
	return bugzilla_send(self, call, &change, fate, err);
}

/* ---- looking for our own ---- */

static bool ends_so(struct text t, struct text end)
{
	return t.len >= end.len && text_eq((struct text){t.at + t.len - end.len, end.len}, end);
}

static bool look(jval comments, struct text end, bool *ret, struct err *err)
{
	*ret = false;
	if (!comments || !jis_array(comments))
		return err_set(err, ERR_INVALID, "comments: not a list");
	if (jlen(comments) > TRACKER_COMMENTS_MAX)
		return err_set(err, ERR_LIMIT, "comments: more than %d", TRACKER_COMMENTS_MAX);
	for (size_t i = 0; i < jlen(comments); i++)
		*ret = *ret || ends_so(jtext(jat(comments, i), "text"), end);
	return true;
}

static jval comments_of(jval root, const char *number)
{
	jval bugs = jget(root, "bugs"), bug = jis_object(bugs) ? jget(bugs, number) : NULL;

	return jis_object(bug) ? jget(bug, "comments") : NULL;
}

enum err_code bugzilla_commented(void *self, const struct tracker_call *call, const struct tracker_comment *in,
				 bool *ret, struct err *err)
{
	struct text number = number_of(call->arena, in->bug);
	struct text end = arena_printf(call->arena, COMMENT_END, TEXT_ARG(in->mark));
	struct bugzilla_path path = {
		.path = "/rest/bug/*/comment?include_fields=text", .segments = &number, .n = 1, .of_bug = true};
	struct bugzilla_reply reply;
	enum err_code code = bugzilla_get(self, call, &path, &reply, err);
	bool ok = true;

	if (code != ERR_OK)
		return code;
	if (reply.fate != BUGZILLA_TOLD)
		ok = err_set(err, ERR_RETRY, "the bug went out of sight");
	else
		ok = look(comments_of(jdoc_root(reply.doc), number.at), end, ret, err);
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}
