/*
 * What moments tell. One change that names bug 12, judged as time passes, in worlds that differ in what the tracker
 * says of it, in how many readings that takes and in how long they are: whatever is posted, and when, and each byte of
 * the page, its JSON and its text are the same wherever the same is decided.
 */
#include "agent/web/commit_json.h"
#include "agent/web/page.h"
#include "tests/support/judging.h"
#include "tests/support/suite.h"

#define SWEEP INT64_C(30000)
#define END   INT64_C(240000)
#define FIRST INT64_C(40000) /* tick after the begin */

struct secret {
	const char *of; /* in words */
	bool allowed;
	const char *keyword;
	char approval;
	int64_t copy; /* bug 12 is a duplicate of this one; 0: of none */
	const char *keyword_of_copy;
	enum bug_state state;
	bool known, silent; /* the table's word counts without a reading; the tracker does not answer */
	int64_t takes_ms;   /* each reading */
	int64_t approved;   /* since the begin: an approval, and its event; 0: none */
};

static const struct secret secrets[] = {
	{.of = "not secure", .allowed = true, .state = BUG_READ, .takes_ms = 100},
	{.of = "not secure, slowly", .allowed = true, .state = BUG_READ, .takes_ms = 1200},
	{.of = "approved", .allowed = true, .keyword = "sec-high", .approval = '+', .state = BUG_READ, .takes_ms = 700},
	{.of = "known", .allowed = true, .state = BUG_READ, .known = true, .takes_ms = 800},
	{.of = "with a copy", .allowed = true, .copy = 13, .state = BUG_READ, .takes_ms = 600},
	{.of = "approved soon",
	 .allowed = true,
	 .keyword = "sec-high",
	 .state = BUG_READ,
	 .takes_ms = 500,
	 .approved = 20000},
	{.of = "approved just before the tick",
	 .allowed = true,
	 .keyword = "sec-high",
	 .state = BUG_READ,
	 .takes_ms = 300,
	 .approved = FIRST - 2000},
	{.of = "secure", .keyword = "sec-high", .state = BUG_READ, .takes_ms = 100},
	{.of = "denied", .keyword = "sec-high", .approval = '-', .state = BUG_READ, .takes_ms = 1200},
	{.of = "hidden", .state = BUG_HIDDEN, .takes_ms = 900},
	{.of = "missing", .state = BUG_MISSING, .takes_ms = 300},
	{.of = "not told", .state = BUG_READ, .silent = true, .takes_ms = 9000},
	{.of = "a secure one's copy", .copy = 13, .keyword_of_copy = "sec-high", .state = BUG_READ, .takes_ms = 700},
};
#define SECRETS (sizeof secrets / sizeof secrets[0])

/* ---- as time passes ---- */

struct watched {
	struct judging b;
	const struct secret *secret;
	struct tracker_bug *bug;
	int64_t began;
	struct arena arena;
	struct text seen;        /* all that was posted and shown, in order */
	enum status_state state; /* of the newest post */
	int posts;
};

static void takes_time(void *context, unsigned read)
{
	struct watched *w = context;

	(void)read;
	w->b.t.now += w->secret->takes_ms;
}

static void show(struct watched *w)
{
	struct commit_key key = {TEXT_LIT("o/r"), told_oid('a')};
	struct arena *arena = &w->arena;
	struct err err = ERR_NONE;
	struct view view;

	ck_assert_msg(view_commit(&(struct viewing){&w->b.t.store, COMMIT_PUBLIC, arena}, &key, &view, &err), "%s",
		      err.text);
	w->seen = arena_printf(arena, "%.*s%.*s%.*s\n%.*s\n", TEXT_ARG(w->seen), TEXT_ARG(commit_text(&view, arena)),
			       TEXT_ARG(commit_json(&view, COMMIT_PUBLIC, arena)),
			       TEXT_ARG(page_commit(&view, TEXT_EMPTY, arena)));
}

/* What a poster sends by now, and the forge takes. */
static void post(struct watched *w)
{
	struct row_slot slot = judging_slot(&w->b);
	struct row_ledger ledger = {.repo = TOLD_REPO, .sha = told_oid('a'), .context = slot.context};

	(void)told_forge_find(&w->b.t, &table_ledger, &ledger);
	if (slot.state == ledger.state && text_eq(slot.text, ledger.text))
		return;
	ledger.state = slot.state;
	ledger.text = slot.text;
	ledger.granted = slot.state == STATUS_SUCCESS;
	ledger.in_flight_since = w->b.t.now;
	slot.due = 0;
	told_forge_keep(&w->b.t, &table_ledger, &ledger);
	told_forge_keep(&w->b.t, &table_slot, &slot);
	w->state = (enum status_state)slot.state;
	w->posts++;
	w->seen = arena_printf(&w->arena, "%.*s@%lld %s %.*s\n", TEXT_ARG(w->seen), (long long)(w->b.t.now - w->began),
			       status_state_name(w->state), TEXT_ARG(slot.text));
	show(w);
}

static void upto(struct watched *w, int64_t at)
{
	while (w->b.t.now < w->began + at) {
		int64_t next;

		if (!judge_step(&w->b.judge, &next))
			w->b.t.now = next < w->began + at ? next : w->began + at;
		post(w);
	}
}

static void pass(struct watched *w, int64_t from, int64_t at)
{
	int64_t approved = w->secret->approved;

	if (approved > from && approved <= at) {
		upto(w, approved);
		told_tracker_approval(w->bug, '+', false);
		judging_tell(&w->b, 12);
	}
	upto(w, at);
}

static void begin(struct watched *w, const struct secret *s)
{
	*w = (struct watched){.secret = s};
	judging_open(&w->b, s->known ? 3600000 : 0);
	w->b.judge.tick_ms = TICK;
	w->b.t.store.limits.bug_age_ms = 3600000;
	w->began = w->b.t.now;
	ck_assert_int_eq((w->began + FIRST) % TICK, 0);
	w->b.t.n_reviews = 0;
	w->bug = told_tracker_bug(&w->b.tracker, 12, s->keyword);
	w->bug->is.state = s->state;
	w->bug->is.dupe_of = s->copy;
	if (s->copy)
		(void)told_tracker_bug(&w->b.tracker, s->copy, s->keyword_of_copy);
	if (s->approval)
		told_tracker_approval(w->bug, s->approval, false);
	if (s->known)
		judging_knows(&w->b, 12, w->began - 1000);
	w->b.tracker.fails = s->silent ? ERR_RETRY : ERR_OK;
	w->b.tracker.on_read = takes_time;
	w->b.tracker.context = w;
}

static void reviewed(struct watched *w)
{
	struct oid head = told_oid('a');
	struct err err = ERR_NONE;

	w->b.t.n_reviews = 1;
	ck_assert(store_want(&w->b.t.store, TOLD_REPO, &head, false, &err));
}

/* "/headgate recheck", by somebody who may. */
static void rechecked(struct watched *w)
{
	struct oid head = told_oid('a');
	struct row_floor wish = {.repo = TOLD_REPO,
				 .kind = arena_printf(&w->arena, "recheck/%s", head.hex),
				 .forge_time = judging_subject(&w->b).wanted + 1};
	struct err err = ERR_NONE;

	ck_assert(store_want(&w->b.t.store, TOLD_REPO, &head, false, &err));
	told_forge_keep(&w->b.t, &table_floor, &wish);
}

static bool list(void *context, const void *visited)
{
	const struct row_announced *row = visited;
	struct watched *w = context;

	w->seen = arena_printf(&w->arena, "%.*sannounced@%lld %.*s %.*s %.*s %.*s\n", TEXT_ARG(w->seen),
			       (long long)(row->made_at - w->began), TEXT_ARG(row->decision), TEXT_ARG(row->state),
			       TEXT_ARG(row->public_text), TEXT_ARG(row->rules));
	return true;
}

/* What pages are made of: neither what stands in it nor how many rows there are may tell more than pages do. */
static void list_announced(struct watched *w)
{
	struct rows *rows = &w->b.t.rows;
	struct scan scan = {.table = &table_announced};
	struct err err = ERR_NONE;

	ck_assert(rows->ops->begin(rows->self, false, &err));
	ck_assert_msg(rows->ops->scan(rows->self, &scan, (struct visitor){list, w, &w->arena}, &err), "%s", err.text);
	rows->ops->rollback(rows->self);
}

/* A review after five seconds; sweeps from then on; a recheck later. */
static struct text history(const struct secret *s, int64_t sweep, struct arena *arena)
{
	static struct watched w;
	struct text ret;
	int64_t at = 5000;
	int posts;

	begin(&w, s);
	upto(&w, at);
	reviewed(&w);
	for (; sweep < END - 25000; at = sweep, sweep += SWEEP) {
		pass(&w, at, sweep);
		judging_sweep(&w.b);
	}
	upto(&w, END - 10000);
	posts = w.posts;
	rechecked(&w);
	upto(&w, END);
	ck_assert_int_eq(w.posts, posts + 1);
	show(&w);
	list_announced(&w);
	ck_assert_msg((w.state == STATUS_SUCCESS) == s->allowed, "%s", s->of);
	ret = arena_text(arena, w.seen);
	arena_release(&w.arena);
	judging_close(&w.b);
	return ret;
}

/* Where two histories part, with what stands around it. */
static struct text parting(struct text a, struct text b)
{
	size_t at = 0, from;

	while (at < a.len && at < b.len && a.at[at] == b.at[at])
		at++;
	from = at > 100 ? at - 100 : 0;
	return (struct text){a.at + from, a.len - from < 300 ? a.len - from : 300};
}

static const int64_t sweeps[] = {9900, 9000, 25000}; /* the first one: just before each tick, too */

START_TEST(what_is_posted_and_shown_and_when_hangs_on_what_is_decided_alone)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text first[2] = {TEXT_EMPTY, TEXT_EMPTY};

	for (size_t i = 0; i < SECRETS; i++) {
		const struct secret *s = &secrets[i];
		struct text now = history(s, sweeps[_i], &arena);

		if (first[s->allowed].len == 0)
			first[s->allowed] = now;
		ck_assert_msg(text_eq(now, first[s->allowed]), "%s:\n...%.*s\nbut\n...%.*s", s->of,
			      TEXT_ARG(parting(now, first[s->allowed])), TEXT_ARG(parting(first[s->allowed], now)));
	}
}
END_TEST

/* Whether it will be allowed is told by nothing before it is. */
START_TEST(until_the_tick_nothing_tells_what_will_be_decided)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text allowed = history(&secrets[0], sweeps[_i], &arena), denied = TEXT_EMPTY, before;
	size_t at = text_find(allowed, TEXT_LIT(" success "));

	for (size_t i = 0; denied.len == 0; i++)
		if (!secrets[i].allowed)
			denied = history(&secrets[i], sweeps[_i], &arena);
	ck_assert_uint_ne(at, SIZE_MAX);
	while (allowed.at[at - 1] != '@')
		at--;
	before = (struct text){allowed.at, at - 1};
	ck_assert_msg(text_starts(denied, before), "...%.*s\nbut\n...%.*s", TEXT_ARG(parting(denied, before)),
		      TEXT_ARG(parting(before, denied)));
}
END_TEST

/* ---- the sweep and the tick ---- */

START_TEST(a_sweep_just_before_each_tick_puts_no_success_off_for_ever)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text seen = history(&secrets[_i], 9900, &arena);

	ck_assert_msg(text_find(seen, TEXT_LIT("@45000 success ")) != SIZE_MAX, "%s", secrets[_i].of);
}
END_TEST
static const int slow[] = {0, 1, 2, 3, 4, 5, 6};

static const struct suite_test tests[] = {
	SUITE_ROWS(what_is_posted_and_shown_and_when_hangs_on_what_is_decided_alone, sweeps),
	SUITE_ROWS(until_the_tick_nothing_tells_what_will_be_decided, sweeps),
	SUITE_ROWS(a_sweep_just_before_each_tick_puts_no_success_off_for_ever, slow),
	SUITE_END,
};
SUITE_MAIN(tests)
