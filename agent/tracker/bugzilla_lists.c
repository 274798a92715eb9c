/*
 * Lists by ascending number, each page from behind the last one's end: a bug that joins or leaves meanwhile moves no
 * other. A page may be shorter than was asked for (the tracker lowers what it allows without a word), so only an empty
 * one is the end.
 */
#include "agent/tracker/bugzilla_inner.h"

#define ORDERED "&order=bug_id&limit=500"
#define IDS     "&include_fields=id" ORDERED
#define HINTS   "&include_fields=" BUGZILLA_HINT_FIELDS ORDERED
_Static_assert(TRACKER_PAGE == 500, "the page of the addresses below");

static bool take_ids(struct tracker_walk *walk, const struct tracker_call *call, jval list, struct tracker_ids *out,
		     struct err *err)
{
	int64_t last = walk->after, *at;
	size_t n;

	if (!list || !jis_array(list))
		return err_set(err, ERR_INVALID, "bugs: not a list");
	n = jlen(list);
	if (n > TRACKER_PAGE)
		return err_set(err, ERR_LIMIT, "bugs: a page of more than %d", TRACKER_PAGE);
	at = arena_alloc(call->arena, n + 1, sizeof *at);
	for (size_t i = 0; i < n; i++) {
		if (!jneed_int(jat(list, i), "id", &at[i], err))
			return err_wrap(err, "bugs");
		if (at[i] <= last)
			return err_set(err, ERR_INVALID, "bugs: not in the order asked for");
		last = at[i];
	}
	walk->after = last;
	*out = (struct tracker_ids){at, n};
	return true;
}

struct page { /* one that is asked for; of its path the last segment is where it begins */
	struct bugzilla *b;
	const struct tracker_call *call;
	struct bugzilla_path path;
	bool (*take)(const struct page *page, struct tracker_walk *walk, jval list, struct err *err);
	struct tracker_ids *ids;   /* what take_page fills */
	struct tracker_bugs *bugs; /* what take_changed fills */
};

static bool take_page(const struct page *page, struct tracker_walk *walk, jval list, struct err *err)
{
	return take_ids(walk, page->call, list, page->ids, err);
}

/* As take_ids, but what each is like, too. */
static bool take_changed(const struct page *page, struct tracker_walk *walk, jval list, struct err *err)
{
	static const struct tracker_wanted nothing = {.n_flags = 0};
	struct tracker_walk next = *walk;
	struct tracker_bug *at;
	struct tracker_ids ids;

	if (!take_ids(&next, page->call, list, &ids, err))
		return false;
	at = arena_alloc(page->call->arena, ids.n + 1, sizeof *at);
	for (size_t i = 0; i < ids.n; i++) {
		struct bugzilla_into to = {page->call->arena, NULL, &at[i], &nothing, NULL, NULL, NULL};

		at[i] = bugzilla_unread(page->b, page->call->arena, ids.at[i]);
		bugzilla_take_hint(&to, jat(list, i));
	}
	*walk = next;
	*page->bugs = (struct tracker_bugs){at, ids.n};
	return true;
}

static enum err_code ask_page(const struct page *page, struct tracker_walk *walk, struct err *err)
{
	struct bugzilla_reply reply;
	enum err_code code = bugzilla_get(page->b, page->call, &page->path, &reply, err);
	bool ok;

	if (code != ERR_OK)
		return code;
	ok = page->take(page, walk, jget(jdoc_root(reply.doc), "bugs"), err);
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

static struct text number_of(struct arena *arena, int64_t n)
{
	return arena_printf(arena, "%lld", (long long)n);
}

enum err_code bugzilla_changed_since(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				     struct tracker_bugs *out, struct err *err)
{
	auto_wiped struct arena scratch = ARENA_EMPTY;
	char when[32];
	struct text segments[2] = {arena_text(&scratch, text_of(when_print(walk->since, when))),
				   number_of(&scratch, walk->after)};
	struct tracker_bugs bugs = {NULL, 0};
	struct page page = {.b = self,
			    .call = call,
			    .path = {.path = "/rest/bug?last_change_time=*&f1=bug_id&o1=greaterthan&v1=*" HINTS,
				     .segments = segments,
				     .n = 2},
			    .take = take_changed,
			    .bugs = &bugs};
	enum err_code code;

	if (walk->since == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "since when is not said"), err->code;
	code = ask_page(&page, walk, err);
	if (code != ERR_OK)
		return code;
	walk->done = bugs.n == 0;
	*out = bugs;
	return ERR_OK;
}

/* ---- the secure set: first by keyword, then by group ---- */

static struct text joined(struct arena *arena, const struct text *words, size_t n)
{
	struct text all = TEXT_EMPTY;

	for (size_t i = 0; i < n; i++)
		all = arena_printf(arena, "%.*s%s%.*s", TEXT_ARG(all), i ? "," : "", TEXT_ARG(words[i]));
	return all;
}

enum { BY_KEYWORD = 0, BY_GROUP, PARTS };

static const char *const parts[PARTS] = {
	[BY_KEYWORD] = "/rest/bug?keywords=*&keywords_type=anywords&f1=bug_id&o1=greaterthan&v1=*" IDS,
	[BY_GROUP] = "/rest/bug?f1=bug_id&o1=greaterthan&f2=bug_group&o2=anyexact&v2=*&v1=*" IDS,
};

static void skip_empty_parts(const struct bugzilla *b, struct tracker_walk *walk)
{
	const size_t n[PARTS] = {[BY_KEYWORD] = b->config.n_keywords, [BY_GROUP] = b->config.n_groups};

	while (walk->part < PARTS && n[walk->part] == 0)
		walk->part++;
	walk->done = walk->part == PARTS;
}

enum err_code bugzilla_secure_ids(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				  struct tracker_ids *out, struct err *err)
{
	auto_wiped struct arena scratch = ARENA_EMPTY;
	struct bugzilla *b = self;
	struct tracker_ids ids = {NULL, 0};
	struct text segments[2];
	struct page page = {
		.b = b, .call = call, .path = {.segments = segments, .n = 2}, .take = take_page, .ids = &ids};
	enum err_code code;

	skip_empty_parts(b, walk);
	*out = ids;
	if (walk->done)
		return ERR_OK;
	segments[0] = walk->part == BY_KEYWORD ? joined(&scratch, b->config.keywords, b->config.n_keywords)
					       : joined(&scratch, b->config.groups, b->config.n_groups);
	segments[1] = number_of(&scratch, walk->after);
	page.path.path = parts[walk->part];
	code = ask_page(&page, walk, err);
	if (code != ERR_OK)
		return code;
	if (ids.n == 0) {
		walk->part++;
		walk->after = 0;
		skip_empty_parts(b, walk);
	}
	*out = ids;
	return ERR_OK;
}
