/* Conversations, as gather makes facts of them: only where a policy asks, and never below what events told. */
#include "agent/store/watches.h"
#include "agent/work/gather.h"
#include "tests/support/needing.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

static void begin(struct told_forge *t)
{
	told_forge_open(t);
	t->threads[0] = (struct forge_thread){TEXT_LIT("A"), 5, true};
	t->threads[1] = (struct forge_thread){TEXT_LIT("B"), 6, false};
	t->n_threads = 2;
	t->threads_at = t->changes[0].updated_at;
	ask_for((struct policy_needs){.facts = FACT_THREADS});
}

static bool collect(struct told_forge *t, struct gathered *ret, struct err *err)
{
	*err = ERR_NONE;
	return gather_collect(&t->gather, &t->arena, ret, err);
}

START_TEST(they_are_read_where_a_policy_asks_for_them)
{
	struct told_forge t;
	struct gathered got;
	struct err err;

	begin(&t);
	ask_for((struct policy_needs){.facts = 0});
	ck_assert(collect(&t, &got, &err));
	ck_assert(!(got.facts.changes[0].known & FACT_THREADS) && t.threads_asked == 0);
	ask_for((struct policy_needs){.facts = FACT_THREADS});
	ck_assert(collect(&t, &got, &err));
	ck_assert(got.facts.changes[0].known & FACT_THREADS);
	ck_assert_int_eq(got.facts.changes[0].open_threads, 1);
	told_forge_close(&t);
}
END_TEST

static const struct {
	enum err_code code;
	bool unknown;
} failing[] = {{ERR_LIMIT, true}, {ERR_DENIED, true}, {ERR_GONE, true}, {ERR_RETRY, false}, {ERR_INVALID, false}};

START_TEST(what_the_forge_does_not_tell_is_unknown)
{
	struct told_forge t;
	struct gathered got;
	struct err err;

	begin(&t);
	t.fails = TOLD_THREADS;
	t.fails_as = failing[_i].code;
	ck_assert(collect(&t, &got, &err) == failing[_i].unknown);
	if (failing[_i].unknown)
		ck_assert(err.code == ERR_OK && !(got.facts.changes[0].known & FACT_THREADS));
	else
		ck_assert_int_eq(err.code, failing[_i].code);
	told_forge_close(&t);
}
END_TEST

static void reopened(struct told_forge *t)
{
	t->threads[0].resolved = false;
}
static void resolved(struct told_forge *t)
{
	t->threads[1].resolved = true;
}
static void one_more(struct told_forge *t)
{
	t->threads[t->n_threads++] = (struct forge_thread){TEXT_LIT("C"), 7, false};
}
static void one_more_resolved(struct told_forge *t)
{
	t->threads[t->n_threads++] = (struct forge_thread){TEXT_LIT("C"), 7, true};
}
static void not_told(struct told_forge *t)
{
	t->fails = TOLD_THREADS;
	t->fails_as = ERR_DENIED;
}

static const struct {
	void (*act)(struct told_forge *t);
	bool unmoved;
} moves[] = {{reopened, false}, {resolved, false}, {one_more, false}, {one_more_resolved, true}, {not_told, false}};

START_TEST(what_moves_between_the_collects_is_seen)
{
	struct told_forge t;
	struct gathered got;
	struct err err;
	bool unmoved;

	begin(&t);
	ck_assert(collect(&t, &got, &err));
	moves[_i].act(&t);
	ck_assert(gather_unmoved(&t.gather, &got, &unmoved, &err));
	ck_assert(unmoved == moves[_i].unmoved);
	told_forge_close(&t);
}
END_TEST

START_TEST(an_answer_older_than_the_change_is_none)
{
	struct told_forge t;
	struct gathered got;
	struct err err;

	begin(&t);
	t.threads_at--;
	ck_assert(!collect(&t, &got, &err));
	ck_assert_int_eq(err.code, ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

#define BY_NAME(state, name)                                                                                           \
	{                                                                                                              \
		WATCH_HEAD, WATCH_THREADS, 1, 0, 1999000, {state, sizeof state - 1},                                   \
		{                                                                                                      \
			name, sizeof name - 1                                                                          \
		}                                                                                                      \
	}
#define BY_COMMENT(state, id)                                                                                          \
	{                                                                                                              \
		WATCH_HEAD, WATCH_THREADS, 1, id, 1999000, {state, sizeof state - 1},                                  \
		{                                                                                                      \
			"comment", 7                                                                                   \
		}                                                                                                      \
	}

static const struct {
	const char *what;
	struct heard heard;
	bool taken;
} lags[] = {
	{"resolved, and it is", BY_NAME("resolved", "A"), true},
	{"resolved, and it is open", BY_NAME("resolved", "B"), false},
	{"resolved, and it is gone", BY_NAME("resolved", "Z"), true},
	{"opened, and it is", BY_NAME("unresolved", "B"), true},
	{"opened, and it is resolved", BY_NAME("unresolved", "A"), false},
	{"opened, and it is not there", BY_NAME("unresolved", "Z"), false},
	{"begun, and it is there", BY_COMMENT("created", 5), true},
	{"begun, and it is not there yet", BY_COMMENT("created", 7), false},
	{"its first comment is gone", BY_COMMENT("deleted", 7), true},
	{"a state that is none", BY_NAME("?", "A"), false},
	{"longer ago than any copy lags",
	 {WATCH_HEAD, WATCH_THREADS, 1, 0, 1940000, {"unresolved", 10}, {"A", 1}},
	 true},
	{"of a constituent", {WATCH_PARTS, WATCH_THREADS, 1, 0, 1999000, {"unresolved", 10}, {"A", 1}}, true},
	{"a status", {WATCH_HEAD, OUTCOME_STATUS, 1, 7, 1999000, {"failure", 7}, {"ci", 2}}, true},
	{"more than could be kept", {WATCH_HEAD, WATCH_THREADS, 1, 0, 1999000, {"resolved", 8}, {"a\nb", 3}}, false},
};

START_TEST(no_answer_is_taken_that_is_older_than_an_event)
{
	struct told_forge t;
	struct gathered got;
	struct err err;

	begin(&t);
	t.claim.heard = heard_add(TEXT_EMPTY, &lags[_i].heard, &t.arena);
	ck_assert_msg(collect(&t, &got, &err) == lags[_i].taken, "%s", lags[_i].what);
	ck_assert_int_eq(err.code, lags[_i].taken ? ERR_OK : ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(they_are_read_where_a_policy_asks_for_them),
	SUITE_ROWS(what_the_forge_does_not_tell_is_unknown, failing),
	SUITE_ROWS(what_moves_between_the_collects_is_seen, moves),
	SUITE_TEST(an_answer_older_than_the_change_is_none),
	SUITE_ROWS(no_answer_is_taken_that_is_older_than_an_event, lags),
	SUITE_END,
};
SUITE_MAIN(tests)
