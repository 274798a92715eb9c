/*
 * Lists of issues, the one that changed longest ago first, each page from the time on at which the last one ended: an
 * issue that changes meanwhile moves to the end, and none is skipped. Only where more changed in one second than a page
 * has are pages counted. And who put a label on an issue.
 */
#include "agent/tracker/github_issues_inner.h"

#include "agent/forge/origin.h"

#define EVENT_PAGES_MAX 10    /* of one issue's events */
#define SAME_MAX        10000 /* issues that changed in the same second: an import */

/* ---- lists ---- */

struct page {
	struct text label; /* asked for: those that bear it; empty: all */
	enum tri secure;   /* what each of them is */
	const jval *at;    /* issues alone: changes are left out */
	int64_t *ids;
	size_t n, shown;
	bool full;        /* there may be more behind it */
	struct jdoc *doc; /* whoever asked frees it */
};

/* As a walk keeps them. */
static struct issues_pages pages_of(const struct tracker_walk *walk)
{
	return (struct issues_pages){.tens = walk->page, .small = walk->small};
}

static bool walk_on(struct tracker_walk *walk, const struct issues_pages *pages, const struct page *page, int64_t when,
		    struct err *err)
{
	walk->small = pages->small;
	walk->page = page->full && when == walk->after ? pages->tens + pages->size / 10 : 0;
	walk->after = when;
	return walk->page < SAME_MAX / 10 || err_set(err, ERR_LIMIT, "%d issues changed in the same second", SAME_MAX);
}

static bool take_page(jval list, const struct tracker_call *call, const struct issues_pages *pages,
		      struct tracker_walk *walk, struct page *ret, struct err *err)
{
	jval *at = arena_alloc(call->arena, pages->size, sizeof *at);
	int64_t when = walk->after;

	ret->at = at;
	ret->ids = arena_alloc(call->arena, pages->size, sizeof *ret->ids);
	ret->n = 0;
	if (!list || !jis_array(list) || jlen(list) > pages->size)
		return err_set(err, ERR_INVALID, "not a list of at most %u issues", pages->size);
	ret->shown = jlen(list);
	ret->full = ret->shown == pages->size;
	for (size_t i = 0; i < ret->shown; i++) {
		int64_t changed = jwhen(jat(list, i), "updated_at");

		if (changed == WHEN_UNKNOWN || changed < when)
			return err_set(err, ERR_INVALID, "updated_at: no time, or not in the order asked for");
		when = changed;
		if (jget(jat(list, i), "pull_request"))
			continue;
		at[ret->n] = jat(list, i);
		if (!jneed_int(at[ret->n], "number", &ret->ids[ret->n], err))
			return false;
		if (ret->ids[ret->n++] <= 0)
			return err_set(err, ERR_INVALID, "number: not an issue's");
	}
	return walk_on(walk, pages, ret, when, err);
}

static enum err_code ask_page(struct issues *issues, const struct tracker_call *call, struct tracker_walk *walk,
			      struct page *page, struct err *err)
{
	static const char *const lists[] = {
		"/repos/*/*/issues?state=all&sort=updated&direction=asc&per_page=100&since=*",
		"/repos/*/*/issues?state=all&sort=updated&direction=asc&per_page=100&since=*&labels=*"};
	struct rest_path path = {lists[page->label.len > 0], {TEXT_EMPTY}, 1};
	struct issues_pages pages = pages_of(walk);
	struct tracker_walk next = *walk;
	char when[32];
	struct issues_reply reply;
	enum err_code code;

	path.segments[0] = text_of(when_print(walk->after, when));
	if (page->label.len > 0)
		path.segments[path.n++] = page->label;
	code = issues_page(issues, call, &path, &pages, &reply, err);
	if (code != ERR_OK)
		return code;
	if (!take_page(jdoc_root(reply.doc), call, &pages, &next, page, err)) {
		jdoc_free(reply.doc);
		return err->code;
	}
	*walk = next;
	page->doc = reply.doc;
	return ERR_OK;
}

/* Whether the public cannot see the repository is asked for once a walk, and kept in it. */
enum { SEEN_UNASKED = 0, SEEN_BY_ALL, SEEN_BY_US };

static enum err_code ask_seen(struct issues *issues, const struct tracker_call *call, struct tracker_walk *walk,
			      struct err *err)
{
	enum tri hidden = TRI_UNKNOWN;
	int64_t ignored;
	enum err_code code;

	if (walk->part != SEEN_UNASKED)
		return ERR_OK;
	code = issues_ask_repo(issues, call, &hidden, &ignored, err);
	if (code == ERR_OK)
		walk->part = hidden == TRI_NO ? SEEN_BY_ALL : SEEN_BY_US;
	return code;
}

static void take_changed(struct issues *issues, const struct tracker_call *call, const struct page *page,
			 struct tracker_bugs *out)
{
	struct tracker_bug *at = arena_alloc(call->arena, page->n + 1, sizeof *at);

	for (size_t i = 0; i < page->n; i++) {
		at[i] = issues_unread(issues, call->arena, page->ids[i]);
		at[i].is.secure = page->secure;
		issues_take_hint(issues, call->arena, page->at[i], &at[i]);
	}
	*out = (struct tracker_bugs){at, page->n};
}

static enum err_code changed_page(struct issues *issues, const struct tracker_call *call, struct tracker_walk *walk,
				  struct tracker_bugs *out, struct err *err)
{
	struct tracker_walk next = *walk;
	struct page page = {.secure = walk->part == SEEN_BY_ALL ? TRI_NO : TRI_YES};
	enum err_code code = ask_page(issues, call, &next, &page, err);

	if (code != ERR_OK)
		return code;
	take_changed(issues, call, &page, out);
	jdoc_free(page.doc);
	*walk = next;
	walk->done = !page.full;
	return ERR_OK;
}

enum err_code issues_changed_since(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				   struct tracker_bugs *out, struct err *err)
{
	enum err_code code;

	if (walk->since == WHEN_UNKNOWN || walk->since < 0)
		return err_set(err, ERR_INVALID, "since when is not said"), err->code;
	if (walk->after < walk->since)
		walk->after = walk->since / 1000 * 1000;
	code = ask_seen(self, call, walk, err);
	return code == ERR_OK ? changed_page(self, call, walk, out, err) : code;
}

/* One part is one label. */
static enum err_code labelled_page(struct issues *issues, const struct tracker_call *call, struct tracker_walk *walk,
				   struct tracker_ids *out, struct err *err)
{
	struct page page = {.label = issues->config.keywords[walk->part]};
	enum err_code code = ask_page(issues, call, walk, &page, err);

	if (code != ERR_OK)
		return code;
	jdoc_free(page.doc);
	*out = (struct tracker_ids){page.ids, page.n};
	if (!page.full) {
		walk->part++;
		walk->after = 0;
		walk->page = 0;
	}
	return ERR_OK;
}

enum err_code issues_secure_ids(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				struct tracker_ids *out, struct err *err)
{
	struct issues *issues = self;
	enum err_code code = ERR_OK;

	*out = (struct tracker_ids){NULL, 0};
	if (walk->part < issues->config.n_keywords)
		code = labelled_page(issues, call, walk, out, err);
	if (code == ERR_OK)
		walk->done = walk->part >= issues->config.n_keywords;
	return code;
}

/* ---- who set flags ---- */

struct setter {
	struct bug_flag *flag;
	struct text login; /* in the scratch arena */
	bool said;         /* in a comment: no event tells of it */
};
struct setters { /* who is looked for, and how */
	struct issues *issues;
	const struct tracker_call *call;
	const struct tracker_wanted *wanted;
	struct setter at[TRACKER_SETTERS_MAX];
	size_t n;
	struct arena scratch;
};

static bool is_wanted(const struct tracker_wanted *wanted, const struct bug_flag *flag)
{
	for (size_t i = 0; flag->status == BUG_FLAG_GRANTED && i < wanted->n_flags; i++)
		if (text_eq(wanted->flags[i], flag->name))
			return true;
	return false;
}

/* "sec-approval+" of the flag sec-approval. */
static bool is_label(const struct bug_flag *flag, struct text label)
{
	return label.len == flag->name.len + 1 && text_starts(label, flag->name) &&
	       label.at[label.len - 1] == (char)flag->status;
}

/* The newest event of a label decides: events come oldest first. */
static void take_event(struct setters *setters, jval v)
{
	struct text event = jtext(v, "event"), label = jtext(v, "label.name"), login = jtext(v, "actor.login");
	bool put = text_is(event, "labeled");

	if (!put && !text_is(event, "unlabeled"))
		return;
	for (size_t i = 0; i < setters->n; i++) {
		if (setters->at[i].said || !is_label(setters->at[i].flag, label))
			continue;
		setters->at[i].flag->setter = put ? jint(v, "actor.id", 0) : 0;
		setters->at[i].login = put ? arena_text(&setters->scratch, login) : TEXT_EMPTY;
	}
}

static enum err_code ask_events(struct setters *setters, int64_t issue, struct err *err)
{
	struct text number = arena_printf(&setters->scratch, "%lld", (long long)issue);

	for (int page = 1; page <= EVENT_PAGES_MAX; page++) {
		struct rest_path path = {"/repos/*/*/issues/*/events?per_page=100&page=*",
					 {number, arena_printf(&setters->scratch, "%d", page)},
					 2};
		struct issues_reply reply;
		enum err_code code = issues_get(setters->issues, setters->call, &path, &reply, err);
		size_t n;
		jval list;

		if (code != ERR_OK)
			return code;
		list = jdoc_root(reply.doc);
		n = jlen(list);
		for (size_t i = 0; i < n; i++)
			take_event(setters, jat(list, i));
		if (!jis_array(list))
			code = ERR_INVALID;
		jdoc_free(reply.doc);
		if (code != ERR_OK)
			return err_set(err, code, "events: not a list"), code;
		if (n < ISSUES_PAGE)
			return ERR_OK;
	}
	return err_set(err, ERR_LIMIT, "events: more than %d pages", EVENT_PAGES_MAX), err->code;
}

enum err_code issues_ask_team(struct issues *issues, const struct tracker_call *call, const struct issues_member *who,
			      enum tri *ret, struct err *err)
{
	struct rest_path path = {"/orgs/*/teams/*/memberships/*", {TEXT_EMPTY, TEXT_EMPTY, who->login}, 3};
	struct issues_reply reply;
	enum err_code code;
	struct err no_team;

	*ret = TRI_UNKNOWN;
	if (!who->login.len || !origin_split(who->team, path.segments, &no_team))
		return ERR_OK;
	code = issues_get(issues, call, &path, &reply, err);
	if (code == ERR_GONE) {
		*ret = TRI_NO;
		return ERR_OK;
	}
	if (code == ERR_INVALID) /* teams are not for this token */
		return ERR_OK;
	if (code != ERR_OK)
		return code;
	*ret = text_is(jtext(jdoc_root(reply.doc), "state"), "active") ? TRI_YES : TRI_NO;
	jdoc_free(reply.doc);
	return ERR_OK;
}

static enum err_code ask_teams(const struct setters *setters, const struct setter *setter, struct err *err)
{
	const struct tracker_wanted *wanted = setters->wanted;
	struct arena *arena = setters->call->arena;
	struct text *groups = arena_alloc(arena, wanted->n_groups + 1, sizeof *groups);
	bool all = true;

	setter->flag->groups = groups;
	for (size_t i = 0; i < wanted->n_groups; i++) {
		const struct issues_member who = {wanted->groups[i], setter->login};
		enum tri in = TRI_UNKNOWN;
		enum err_code code = issues_ask_team(setters->issues, setters->call, &who, &in, err);

		if (code != ERR_OK)
			return code;
		all = all && in != TRI_UNKNOWN;
		if (in == TRI_YES)
			groups[setter->flag->n_groups++] = arena_text(arena, wanted->groups[i]);
	}
	setter->flag->setter_groups_known = all;
	return ERR_OK;
}

static enum err_code look_up(struct setters *setters, const struct issues_flags *flags, struct err *err)
{
	enum err_code code;
	bool labels = false;

	for (size_t i = 0; i < flags->n; i++) {
		if (!is_wanted(setters->wanted, &flags->at[i]))
			continue;
		if (setters->n == TRACKER_SETTERS_MAX)
			return err_set(err, ERR_LIMIT, "labels: more than %d whose setter is asked for",
				       TRACKER_SETTERS_MAX),
			       err->code;
		setters->at[setters->n++] = (struct setter){&flags->at[i], flags->logins[i], flags->logins[i].len > 0};
		labels = labels || !setters->at[setters->n - 1].said;
	}
	if (setters->n == 0 || setters->wanted->n_groups == 0)
		return ERR_OK;
	code = labels ? ask_events(setters, flags->issue, err) : ERR_OK;
	for (size_t i = 0; code == ERR_OK && i < setters->n; i++)
		code = ask_teams(setters, &setters->at[i], err);
	return code;
}

enum err_code issues_look_up(struct issues *issues, const struct tracker_call *call,
			     const struct tracker_wanted *wanted, const struct issues_flags *flags, struct err *err)
{
	struct setters setters = {.issues = issues, .call = call, .wanted = wanted};
	enum err_code code;

	if (wanted->n_groups > TRACKER_GROUPS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d groups of setters", TRACKER_GROUPS_MAX), err->code;
	code = look_up(&setters, flags, err);
	arena_release(&setters.scratch);
	return code;
}
