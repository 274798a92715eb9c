/*
 * The hook's receiver is broken for a while, on fibers: the whole pipeline as an App against the world. The sweep finds
 * what can be read; when the receiver works again the deliveries come back, each is applied once, and with them what
 * only they can tell: to which commit a review was given.
 */
#include <string.h>

#include "tests/support/inworld_acts.h"
#include "tests/support/suite.h"

#define PATIENCE_MS 3600000 /* pauses between two asks grow */

struct play {
	struct inworld *in;
	char a[65], b[65];
	bool waited, believed, corrected;
};

static void begin(struct play *p)
{
	p->in->patience_ms = PATIENCE_MS;
	inworld_begin(p->in, p->a);
	p->waited = inworld_until(p->in, p->a, "pending");
}

/* Carol approves the old commit from a page that she had open, after the push; the forge shows it at the new one. Who
 * heard nothing of it must believe the forge. */
static void broken_story(void *arg)
{
	struct play *p = arg;
	struct inworld *in = p->in;
	json_int_t review;

	begin(p);
	story_post(in->story, "/_world/hooks", "{s:s,s:i}", "do", "fail", "status", 502);
	inworld_push(p->in, p->b, "second");
	(void)inworld_approve(p->in, "bob", p->b);
	review = inworld_approve(p->in, "carol", p->a);
	story_act(in->story, "{s:s,s:s,s:i,s:I,s:s}", "do", "rebind", "repo", "o/r", "number", 1, "review", review,
		  "commit_id", p->b);
	p->believed = inworld_until(in, p->b, "success");
	story_post(in->story, "/_world/hooks", "{s:s}", "do", "clear");
	p->corrected = inworld_until(in, p->b, "failure");
	fiber_sleep(in->fibers, PATIENCE_MS); /* until the last has come */
	in->over = true;
}

struct heard {
	const char *guid;
	int failed, taken;
};

/* Of every delivery: how often it failed, and how often it was answered. */
static size_t listen(struct play *p, struct heard *ret, size_t room)
{
	const json_t *log = json_object_get(story_get(p->in->story, "/_world/log?since=0"), "entries"), *one;
	size_t i, n = 0, k;

	json_array_foreach(log, i, one)
	{
		if (strcmp(story_str(one, "kind"), "delivery") != 0)
			continue;
		for (k = 0; k < n && strcmp(ret[k].guid, story_str(one, "guid")) != 0; k++)
			;
		ck_assert_uint_lt(k, room);
		if (k == n)
			ret[n++] = (struct heard){story_str(one, "guid"), 0, 0};
		if (story_int(one, "status") == 202)
			ret[k].taken++;
		else
			ret[k].failed++;
	}
	return n;
}

static void each_came_once(struct play *p)
{
	struct heard heard[200];
	size_t n = listen(p, heard, 200), failed = 0;

	for (size_t i = 0; i < n; i++) {
		failed += heard[i].failed > 0;
		ck_assert_msg(heard[i].taken == 1, "delivery %s was taken %d times", heard[i].guid, heard[i].taken);
		ck_assert_int_le(heard[i].failed, 1 + REDELIVERY_ASKS_MAX);
	}
	ck_assert_uint_ge(failed, 4); /* two of the push, two reviews */
}

struct journal {
	size_t n, applied;
};

static bool take_row(void *context, const void *row)
{
	struct journal *journal = context;

	journal->n++;
	journal->applied += ((const struct row_journal *)row)->state != JOURNAL_WAITING;
	return true;
}

/* The commits that reviews are bound to. */
struct bound {
	struct oid at[8];
	size_t n;
};

static bool take_binding(void *context, const void *row)
{
	struct bound *bound = context;

	bound->at[bound->n++] = ((const struct row_binding *)row)->sha;
	return true;
}

static void scan(struct play *p, const struct table *table, rows_visit *visit, void *context)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct scan all = {.table = table, .index = INDEX_KEY};
	struct err err = ERR_NONE;

	ck_assert(p->in->rows.ops->begin(p->in->rows.self, false, &err));
	ck_assert(p->in->rows.ops->scan(p->in->rows.self, &all, (struct visitor){visit, context, &arena}, &err));
	p->in->rows.ops->rollback(p->in->rows.self);
}

START_TEST(what_a_broken_receiver_missed_comes_back_with_what_only_it_can_tell)
{
	struct play play = {.in = inworld_new((uint64_t)_i + 1)};
	struct journal journal = {0, 0};
	struct bound bound = {.n = 0};
	struct heard heard[200];

	inworld_as_app(play.in);
	ck_assert_msg(inworld_run(play.in, broken_story, &play), "never ends");
	ck_assert_msg(play.waited, "never pending");
	ck_assert_msg(play.believed, "what can be read was not found");
	ck_assert_msg(play.corrected, "the binding never came");
	ck_assert_str_ne(inworld_status(play.in, play.b), "success");
	each_came_once(&play);
	scan(&play, &table_journal, take_row, &journal);
	ck_assert_uint_eq(journal.applied, journal.n);
	ck_assert_uint_eq(journal.n, listen(&play, heard, 200));
	scan(&play, &table_binding, take_binding, &bound);
	ck_assert_uint_eq(bound.n, 2);
	ck_assert_str_ne(bound.at[0].hex, bound.at[1].hex);
	inworld_free(play.in);
}
END_TEST

static const int seeds[4] = {0};

static const struct suite_test tests[] = {
	{.name = "what_a_broken_receiver_missed_comes_back_with_what_only_it_can_tell",
	 .test = &what_a_broken_receiver_missed_comes_back_with_what_only_it_can_tell,
	 .rows = sizeof seeds / sizeof seeds[0],
	 .seconds = 300},
	SUITE_END,
};
SUITE_MAIN(tests)
