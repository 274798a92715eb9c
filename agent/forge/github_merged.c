/*
 * Was a change of somebody's merged here? The list of what they opened and what is closed tells when each was merged.
 * It is kept by login, and who opened it is compared by number: a login can be another account's by now. The oldest
 * come first: whoever comes back has most often landed something early.
 *
 * Search knows the same and is not used: its index lags, and it may leave out what it did not get to.
 */
#include "agent/forge/github_inner.h"

#define MERGED_PAGE 30 /* with long texts */

struct past {
	struct github_items items;
	int64_t who;
	bool merged;
};

static bool take_closed(struct github_items *items, jval v, struct err *err)
{
	struct past *past = (struct past *)items; /* its first member */
	int64_t number;

	if (!jneed_int(v, "number", &number, err))
		return false;
	if (jint(v, "user.id", 0) == past->who && jwhen(v, "pull_request.merged_at") != WHEN_UNKNOWN)
		past->merged = true;
	return true;
}

static bool found(const struct github_items *items)
{
	return ((const struct past *)items)->merged;
}

enum err_code github_merged_before(void *self, const struct forge_call *call, const struct person *who, enum tri *out,
				   struct err *err)
{
	struct github *github = self;
	struct rest_path path = {
		"/repos/*/*/issues?state=closed&creator=*&sort=created&direction=asc&per_page=30", {who->login}, 1};
	struct past past = {{.take = take_closed, .arena = call->arena, .size = 1}, who->id, false};
	struct github_walk walk = {.enough = found, .page_items = MERGED_PAGE};
	enum err_code code = rest_url(github->config.api_url, call, &path, &walk.url, err);

	if (code == ERR_OK)
		code = github_walk(github, call, &walk, &past.items, err);
	if (code != ERR_OK && code != ERR_GONE && code != ERR_DENIED && code != ERR_LIMIT)
		return code;
	*err = ERR_NONE; /* an answer: who asks looks at err alone, too */
	*out = past.merged ? TRI_YES : code != ERR_OK || walk.url.len ? TRI_UNKNOWN : TRI_NO;
	return ERR_OK;
}
