/* What other tools said, as gather makes facts of it: only where a policy asks, and never below what events told. */
#include "agent/store/watches.h"
#include "agent/work/gather.h"
#include "tests/support/needing.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

#define KIND(kind) (1u << OUTCOME_##kind)

static const struct watched_name asked[] = {{KIND(STATUS) | KIND(CHECK), {"ci", 2}, true},
					    {KIND(WORKFLOW), {"w.yml", 5}, true},
					    {KIND(STATUS), {"policy/merge-allowed", 20}, true}};

static void need(unsigned facts)
{
	ask_for((struct policy_needs){.facts = facts, .watched = asked, .n_watched = sizeof asked / sizeof asked[0]});
}

static void say(struct told_forge *t, enum outcome_kind kind, int64_t id, const char *name, const char *state)
{
	t->outcomes[t->n_outcomes++] =
		(struct forge_outcome){{.kind = kind, .name = text_of(name), .state = text_of(state)}, id};
}

static struct gathered must_collect(struct told_forge *t)
{
	struct gathered got;
	struct err err = ERR_NONE;

	ck_assert_msg(gather_collect(&t->gather, &t->arena, &got, &err) && err.code == ERR_OK, "%s", err.text);
	return got;
}

START_TEST(only_names_that_a_policy_asks_for_are_facts)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	say(&t, OUTCOME_STATUS, 1, "ci", "success");
	say(&t, OUTCOME_STATUS, 2, "other", "success");
	say(&t, OUTCOME_STATUS, 3, "policy/merge-allowed", "success"); /* our own */
	say(&t, OUTCOME_CHECK, 4, "ci", "failure");
	say(&t, OUTCOME_CHECK, 5, "w.yml", "failure");
	say(&t, OUTCOME_WORKFLOW, 6, "w.yml", "pending");
	need(0);
	got = must_collect(&t);
	ck_assert(got.facts.n_outcomes == 0 && t.outcomes_asked == 0);
	ck_assert_uint_eq(got.facts.changes[0].known & (FACT_STATUSES | FACT_WORKFLOWS), 0);
	need(FACT_STATUSES);
	got = must_collect(&t);
	ck_assert(got.facts.n_outcomes == 2 && t.outcomes_asked == 2);
	ck_assert_int_eq(got.facts.outcomes[0].kind, OUTCOME_STATUS);
	ck_assert(text_is(got.facts.outcomes[1].state, "failure"));
	ck_assert_uint_eq(got.facts.changes[0].known & (FACT_STATUSES | FACT_WORKFLOWS), FACT_STATUSES);
	need(FACT_STATUSES | FACT_WORKFLOWS);
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.n_outcomes, 3);
	ck_assert_int_eq(got.facts.outcomes[2].kind, OUTCOME_WORKFLOW);
	ck_assert(got.facts.changes[0].known & FACT_WORKFLOWS);
	told_forge_close(&t);
}
END_TEST

static const struct {
	enum err_code code;
	bool unknown;
} failing[] = {{ERR_LIMIT, true}, {ERR_DENIED, true}, {ERR_RETRY, false}, {ERR_INVALID, false}, {ERR_GONE, false}};

START_TEST(what_the_forge_does_not_tell_is_unknown_and_what_fails_is_an_error)
{
	struct told_forge t;
	struct gathered got;
	struct err err = ERR_NONE;

	told_forge_open(&t);
	need(FACT_STATUSES | FACT_WORKFLOWS);
	t.fails = TOLD_OUTCOMES;
	t.fails_as = failing[_i].code;
	ck_assert(gather_collect(&t.gather, &t.arena, &got, &err) == failing[_i].unknown);
	if (failing[_i].unknown)
		ck_assert_uint_eq(got.facts.changes[0].known & (FACT_STATUSES | FACT_WORKFLOWS), 0);
	else
		ck_assert_int_eq(err.code, failing[_i].code == ERR_GONE ? ERR_RETRY : failing[_i].code);
	told_forge_close(&t);
}
END_TEST

static void state_moves(struct told_forge *t)
{
	t->outcomes[0].is.state = TEXT_LIT("pending");
}

static void one_more(struct told_forge *t)
{
	say(t, OUTCOME_CHECK, 9, "ci", "queued");
}

static void none_left(struct told_forge *t)
{
	t->n_outcomes = 0;
}

static void another_name(struct told_forge *t)
{
	say(t, OUTCOME_CHECK, 9, "other", "failure");
}

static const struct {
	void (*act)(struct told_forge *t);
	bool unmoved;
} moves[] = {{state_moves, false}, {one_more, false}, {none_left, false}, {another_name, true}};

START_TEST(a_word_that_came_between_the_collects_is_seen)
{
	struct told_forge t;
	struct gathered got;
	struct err err = ERR_NONE;
	bool unmoved;

	told_forge_open(&t);
	need(FACT_STATUSES);
	say(&t, OUTCOME_STATUS, 1, "ci", "success");
	got = must_collect(&t);
	moves[_i].act(&t);
	ck_assert(gather_unmoved(&t.gather, &got, &unmoved, &err));
	ck_assert(unmoved == moves[_i].unmoved);
	told_forge_close(&t);
}
END_TEST

static const struct {
	const char *what;
	struct heard heard;
	bool taken;
} lags[] = {
	{"that very word", {WATCH_HEAD, OUTCOME_CHECK, 1, 7, 1999000, {"failure", 7}, {"ci", 2}}, true},
	{"the same run said otherwise", {WATCH_HEAD, OUTCOME_CHECK, 1, 7, 1999000, {"success", 7}, {"ci", 2}}, false},
	{"the same run, longer ago than any copy lags",
	 {WATCH_HEAD, OUTCOME_CHECK, 1, 7, 1940000, {"success", 7}, {"ci", 2}},
	 true},
	{"a run that is not there yet", {WATCH_HEAD, OUTCOME_CHECK, 1, 8, 1999000, {"failure", 7}, {"ci", 2}}, false},
	{"an older one", {WATCH_HEAD, OUTCOME_CHECK, 1, 6, 1999000, {"success", 7}, {"ci", 2}}, true},
	{"a status", {WATCH_HEAD, OUTCOME_STATUS, 1, 3, 1999000, {"failure", 7}, {"ci", 2}}, false},
	{"a name that nobody asks for", {WATCH_HEAD, OUTCOME_CHECK, 1, 8, 1999000, {"failure", 7}, {"cj", 2}}, true},
	{"a word on a constituent", {WATCH_PARTS, OUTCOME_CHECK, 1, 8, 1999000, {"failure", 7}, {"ci", 2}}, true},
	{"a workflow, which nobody asks for",
	 {WATCH_HEAD, OUTCOME_WORKFLOW, 1, 8, 1999000, {"failure", 7}, {"w.yml", 5}},
	 true},
	{"more than could be kept", {WATCH_HEAD, OUTCOME_CHECK, 1, 8, 1999000, {"failure", 7}, {"a\nb", 3}}, false},
	{"that, longer ago", {WATCH_HEAD, OUTCOME_CHECK, 1, 8, 1940000, {"failure", 7}, {"a\nb", 3}}, true},
};

START_TEST(no_answer_is_taken_that_is_older_than_an_event)
{
	struct told_forge t;
	struct gathered got;
	struct err err = ERR_NONE;

	told_forge_open(&t);
	need(FACT_STATUSES);
	say(&t, OUTCOME_CHECK, 7, "ci", "failure");
	t.claim.heard = heard_add(TEXT_EMPTY, &lags[_i].heard, &t.arena);
	ck_assert_msg(gather_collect(&t.gather, &t.arena, &got, &err) == lags[_i].taken, "%s", lags[_i].what);
	ck_assert_int_eq(err.code, lags[_i].taken ? ERR_OK : ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(only_names_that_a_policy_asks_for_are_facts),
	SUITE_ROWS(what_the_forge_does_not_tell_is_unknown_and_what_fails_is_an_error, failing),
	SUITE_ROWS(a_word_that_came_between_the_collects_is_seen, moves),
	SUITE_ROWS(no_answer_is_taken_that_is_older_than_an_event, lags),
	SUITE_END,
};
SUITE_MAIN(tests)
