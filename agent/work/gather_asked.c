/*
 * What only some policies ask about, once they are known. Nothing is read or kept that none asks for. What can move is
 * read in both readings, into `seen`; what cannot, since it is of exactly these commits, when it becomes a fact.
 */
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

bool gather_asked(const struct collect *c, struct seen *seen, const struct governed *governed, struct err *err)
{
	for (size_t i = 0; i < seen->n_changes; i++)
		if (((asked(&governed[i]) & FACT_COMMENTS) && !read_said(c, &seen->changes[i], err)) ||
		    ((asked(&governed[i]) & FACT_THREADS) && !gather_threads(c, &seen->changes[i], err)))
			return err_wrap(err, "change %lld", (long long)seen->changes[i].now.number);
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
	if (facts & FACT_THREADS)
		gather_threads_facts(seen, ret);
	if ((carries(governed) & CARRY_SAME_TREE) && !gather_carried(c, seen, ret, err))
		return false;
	return !(facts & FACT_LINES) || read_lines(c, seen, ret, err);
}
