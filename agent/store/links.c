#include "agent/store/links.h"

#include "agent/store/apply.h"

static bool forget(struct step *step, const struct links *links, const void *row)
{
	return step->rows->ops->del(step->rows->self, links->table, row, step->err);
}

struct dropping {
	struct step *step;
	const struct links *links;
	const struct links_asked *asked;
	bool ok;
};

static bool drop_one(void *context, const void *row)
{
	struct dropping *dropping = context;

	if (!dropping->asked->is_asked(dropping->asked->in, row))
		dropping->ok = forget(dropping->step, dropping->links, row);
	return dropping->ok;
}

bool links_drop_stale(struct step *step, const struct links *links, const struct links_asked *asked)
{
	struct scan scan = {.table = links->table,
			    .index = links->by_sha,
			    .equal = asked->commit,
			    .n_equal = 2,
			    .limit = links->max};
	struct dropping dropping = {step, links, asked, true};

	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){drop_one, &dropping, step->arena},
				     step->err) &&
	       dropping.ok;
}

struct reaching {
	struct step *step;
	const struct links *links;
	struct text revoke;
	bool any, ok;
};

static bool reach(void *context, const void *row)
{
	struct reaching *reaching = context;
	const struct link link = reaching->links->of(row);
	const struct event event = {.repo = link.repo};
	struct applying a = {reaching->step, &event, TEXT_EMPTY, false};
	bool landed = false;

	reaching->ok = commit_landed(reaching->step, link.repo, &link.sha, &landed);
	if (!reaching->ok)
		return false;
	if (landed) {
		reaching->ok = forget(reaching->step, reaching->links, row);
		return reaching->ok;
	}
	reaching->any = true;
	reaching->ok = link.weighs && reaching->revoke.len > 0
			       ? revoke(&a, &link.sha, reaching->revoke)
			       : subject_want(reaching->step, link.repo, &link.sha, false);
	return reaching->ok;
}

bool links_reach(struct step *step, const struct links *links, const struct links_news *news, bool *ret_any)
{
	struct scan scan = {.table = links->table,
			    .index = INDEX_KEY,
			    .equal = news->thing,
			    .n_equal = links->n_thing,
			    .limit = SIZE_MAX}; /* one that is left out would keep its success */
	struct reaching reaching = {step, links, news->revoke, false, true};

	if (!step->rows->ops->scan(step->rows->self, &scan, (struct visitor){reach, &reaching, step->arena},
				   step->err) ||
	    !reaching.ok)
		return false;
	*ret_any = reaching.any;
	return true;
}
