/*
 * What only some policies ask about, once they are known. Nothing is read or kept that none asks for. What can move is
 * read in both readings, into `seen`; what cannot, since it is of exactly these commits, when it becomes a fact.
 */
#include "agent/store/watches.h"
#include "agent/work/gather_inner.h"

static unsigned asked(const struct governed *governed)
{
	return governed->policy ? policy_needs(governed->policy).facts : 0;
}

static unsigned carries(const struct governed *governed)
{
	return governed->policy ? policy_needs(governed->policy).carries : 0;
}

/* ---- signatures ---- */

/* They came with whose commits they are; a list that lacks one is of other commits, or too long. */
static void take_signatures(struct change *change)
{
	if (!(change->known & FACT_COMMITS))
		return;
	for (size_t i = 0; i < change->n_commits; i++)
		if (change->commits[i].signature.valid == TRI_UNKNOWN)
			return;
	change->known |= FACT_SIGNATURES;
}

/* ---- lines ---- */

static const struct forge_lines *lines_of(const struct forge_list_lines *list, struct text path)
{
	for (size_t i = 0; i < list->n; i++)
		if (text_eq(list->at[i].path, path))
			return &list->at[i];
	return NULL;
}

static bool renamed_from(const struct forge_list_lines *list, struct text path)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].old_path.len && text_eq(list->at[i].old_path, path))
			return true;
	return false;
}

static bool has_path(const struct change *change, struct text path)
{
	for (size_t i = 0; i < change->n_paths; i++)
		if (text_eq(change->paths[i].path, path))
			return true;
	return false;
}

/* The forge's files are exactly the paths that git tells, but that it shows a renamed one once: then its lines are
 * those of the new name, and the old name, which git says was deleted, has none. */
static bool fit(const struct change *change, const struct forge_list_lines *list, struct path *ret)
{
	for (size_t i = 0; i < list->n; i++)
		if (!has_path(change, list->at[i].path))
			return false;
	for (size_t i = 0; i < change->n_paths; i++) {
		const struct forge_lines *lines = lines_of(list, change->paths[i].path);

		ret[i] = change->paths[i];
		if (!lines && (ret[i].status != PATH_DELETED || !renamed_from(list, ret[i].path)))
			return false;
		ret[i].additions = lines ? lines->additions : 0;
		ret[i].deletions = lines ? lines->deletions : 0;
	}
	return true;
}

/* A comparison that is too large leaves them unknown. */
static bool read_lines(const struct collect *c, const struct seen_change *seen, struct change *change, struct err *err)
{
	struct forge *f = c->gather->ports->forge;
	struct forge_ends ends = {seen->tip, seen->now.head};
	struct forge_list_lines list = {.n = 0, .complete = true};
	struct path *paths = arena_alloc(c->arena, change->n_paths + 1, sizeof *paths);

	if (!(change->known & FACT_PATHS))
		return true;
	if (change->n_paths > 0 && f->lines(f->self, &c->call, &ends, &list, err) != ERR_OK) {
		if (err->code != ERR_LIMIT)
			return collect_failed(err, "changed lines");
		*err = ERR_NONE; /* mastered: who asks looks at err alone, too */
		return true;
	}
	if (!list.complete || !fit(change, &list, paths))
		return true;
	change->paths = paths;
	change->known |= FACT_LINES;
	return true;
}

/* ---- what was said ---- */

/* More than its limits leaves it unknown: anybody may write more. */
static bool read_said(const struct collect *c, struct seen_change *seen, struct err *err)
{
	struct forge *f = c->gather->ports->forge;

	seen->said_known = f->said(f->self, &c->anew, seen->now.number, &seen->said, err) == ERR_OK;
	if (!seen->said_known && err->code != ERR_LIMIT)
		return collect_failed(err, "comments");
	*err = ERR_NONE; /* mastered: who asks looks at err alone, too */
	return true;
}

static const struct comment *comment_in(const struct seen *seen, int64_t id)
{
	for (size_t i = 0; i < seen->n_changes; i++)
		for (size_t k = 0; seen->changes[i].said_known && k < seen->changes[i].said.n_comments; k++)
			if (seen->changes[i].said.comments[k].id == id)
				return &seen->changes[i].said.comments[k];
	return NULL;
}

static bool told_deleted(struct text heard, int64_t id)
{
	struct heard one;

	while (heard_next(&heard, &one))
		if (one.kind == WATCH_TALK && one.id == id && text_is(one.state, TALK_COMMENT_DELETED))
			return true;
	return false;
}

/* Nothing shows whether the text of a review is the one before its edit: it is waited until no copy has that. */
static bool shows_talk(const struct seen *seen, struct text all, const struct heard *heard)
{
	const struct comment *one = comment_in(seen, heard->id);

	/* Its binding says that a review must be there (gather_check.c); of the queue the store alone tells. */
	if (text_is(heard->state, TALK_REVIEW) || text_is(heard->state, TALK_QUEUE))
		return true;
	if (text_is(heard->state, TALK_REVIEW_EDITED))
		return false;
	if (told_deleted(all, heard->id))
		return !one;
	return one && (one->edited || text_is(heard->state, TALK_COMMENT));
}

/* No comments below what events told of the last minute. */
static bool check_said(const struct collect *c, const struct seen *seen, struct err *err)
{
	const struct clock_port *clock = &c->gather->ports->clock;
	int64_t now = clock->wall(clock->self);
	struct text all = c->gather->claim->heard, rest = all;
	struct heard heard;

	while (heard_next(&rest, &heard)) {
		bool talk = heard.kind == WATCH_TALK && heard.scope == WATCH_HEAD;

		if (heard.at + FLOOR_LAG_MS <= now || (!talk && heard.scope != WATCH_EVERYTHING))
			continue;
		if (talk && shows_talk(seen, all, &heard))
			continue;
		(void)err_set(err, ERR_RETRY, "comments: the answer is older than an event (stale replica)");
		if (!talk || text_is(heard.state, TALK_REVIEW_EDITED))
			err->retry_at_ms = heard.at + FLOOR_LAG_MS;
		return false;
	}
	return true;
}

bool gather_asked(const struct collect *c, struct seen *seen, const struct governed *governed, struct err *err)
{
	bool all = true, any = false;

	for (size_t i = 0; i < seen->n_changes; i++) {
		if ((asked(&governed[i]) & FACT_COMMENTS) && !read_said(c, &seen->changes[i], err))
			return err_wrap(err, "change %lld", (long long)seen->changes[i].now.number);
		any = any || seen->changes[i].said_known;
		all = all && seen->changes[i].said_known;
	}
	if (any && all && !check_said(c, seen, err)) /* else some are not known, and what needs them waits */
		return false;
	return gather_outcomes(c, seen, governed, err);
}

static const struct comment *said_in(const struct forge_said *said, int64_t review)
{
	for (size_t i = 0; i < said->n_reviews; i++)
		if (said->reviews[i].id == review)
			return &said->reviews[i];
	return NULL;
}

/* A review that this list lacks came or went meanwhile: its text is not known, and so none is. Whether a text was
 * edited the forge does not tell, and others than its writer may do it: what counts by nothing but its text may have
 * been. Approvals and objections stand as they were given, whatever their texts say by now. */
static void take_said(const struct collect *c, const struct seen_change *seen, struct change *change)
{
	struct review *reviews = arena_alloc(c->arena, change->n_reviews + 1, sizeof *reviews);

	if (!seen->said_known)
		return;
	for (size_t i = 0; i < change->n_reviews; i++) {
		const struct comment *said = said_in(&seen->said, change->reviews[i].id);

		if (!said)
			return;
		reviews[i] = change->reviews[i];
		reviews[i].body = said->body;
		if (reviews[i].state == REVIEW_COMMENTED)
			reviews[i].edited = said->edited;
	}
	change->reviews = reviews;
	change->comments = seen->said.comments;
	change->n_comments = seen->said.n_comments;
	change->known |= FACT_COMMENTS;
}

bool gather_asked_facts(const struct collect *c, const struct seen_change *seen, const struct governed *governed,
			struct change *ret, struct err *err)
{
	unsigned facts = asked(governed);

	if (facts & FACT_SIGNATURES)
		take_signatures(ret);
	if (facts & FACT_COMMENTS)
		take_said(c, seen, ret);
	if ((carries(governed) & ~(unsigned)CARRY_ANY_PUSH) && !gather_carried(c, seen, carries(governed), ret, err))
		return false;
	return !(facts & FACT_LINES) || read_lines(c, seen, ret, err);
}
