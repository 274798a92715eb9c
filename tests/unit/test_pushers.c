/* Who pushed: what proves it, what is missing where nothing does, and what a rule makes of that. u5 approves head a. */
#include "agent/work/gather.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

#define MALLORY 5
#define AT      INT64_C(100000)

enum source { END = 0, OPENED, PUSHED, SHOWN, KEPT, RECORDED, FORCED };

struct clue {
	enum source source;
	char from, to;
	int64_t by;
	int64_t later; /* seconds */
};

static void keep_arrival(struct told_forge *t, const struct clue *f)
{
	struct row_arrival row = {.repo = TOLD_REPO,
				  .change = 1,
				  .sha = told_oid(f->to),
				  .forge_at = AT + 1000 * f->later,
				  .pusher = f->by,
				  .first_shown = f->source == SHOWN,
				  .guid = TEXT_LIT("g"),
				  .before = f->from ? told_oid(f->from) : OID_NONE};

	told_forge_keep(t, &table_arrival, &row);
}

static void keep_pushed(struct told_forge *t, const struct clue *f)
{
	struct row_pushed row = {TOLD_REPO, 1, told_oid(f->to), f->by};

	told_forge_keep(t, &table_pushed, &row);
}

static void record(struct told_forge *t, const struct clue *f)
{
	t->moves[t->n_moves++] = (struct forge_move){told_oid(f->to),
						     AT + 1000 * f->later,
						     f->by,
						     f->from ? told_oid(f->from) : OID_NONE,
						     f->source == RECORDED,
						     TEXT_EMPTY};
}

static void (*const tellers[])(struct told_forge *t, const struct clue *f) = {
	[OPENED] = keep_arrival, [PUSHED] = keep_arrival, [SHOWN] = keep_arrival,
	[KEPT] = keep_pushed,    [RECORDED] = record,     [FORCED] = record,
};

static void tell(struct told_forge *t, const struct clue *clues)
{
	for (; clues->source != END; clues++)
		tellers[clues->source](t, clues);
}

static struct gathered must_collect(struct told_forge *t)
{
	struct gathered got;
	struct err err = ERR_NONE;

	ck_assert_msg(gather_collect(&t->gather, &t->arena, &got, &err) && err.code == ERR_OK, "%s", err.text);
	return got;
}

enum answer { NAMED, UNNAMED, HIDDEN };

static enum answer answer_of(const struct change *change)
{
	bool nobody = false;

	for (size_t i = 0; i < change->n_pushers; i++)
		nobody = nobody || change->pushers[i] == 0;
	ck_assert(nobody == change->pushers_hidden);
	ck_assert(!change->pushers_hidden || (change->known & FACT_PUSHERS));
	return change->pushers_hidden ? HIDDEN : change->known & FACT_PUSHERS ? NAMED : UNNAMED;
}

static const struct {
	const char *what;
	bool unreadable;
	struct clue facts[5];
	enum answer answer;
} rows[] = {
	{"the record names who pushed the head", false, {{RECORDED, 0, 'a', 100, 0}}, NAMED},
	{"the record names nobody", false, {{RECORDED, 0, 'a', 0, 0}}, UNNAMED},
	{"the record names nobody, the push does",
	 false,
	 {{RECORDED, 0, 'a', 0, 0}, {PUSHED, 'b', 'a', 100, 0}},
	 UNNAMED},
	{"opened, and nothing recorded", false, {{OPENED, 0, 'a', 0, 0}}, UNNAMED},
	{"opened, and nothing readable", true, {{OPENED, 0, 'a', 0, 0}}, HIDDEN},
	{"nothing at all", true, {{END, 0, 0, 0, 0}}, HIDDEN},
	{"opened and pushed to, nothing readable", true, {{OPENED, 0, 'b', 0, 0}, {PUSHED, 'b', 'a', 100, 1}}, HIDDEN},
	{"a force push in the timeline", true, {{OPENED, 0, 'b', 0, 0}, {FORCED, 0, 'a', 100, 1}}, HIDDEN},
	{"a head in between whose event was lost, nothing readable",
	 true,
	 {{OPENED, 0, 'b', 0, 0}, {SHOWN, 0, 'c', 0, 1}, {PUSHED, 'c', 'a', 100, 2}},
	 HIDDEN},
	{"a head in between that the record lacks",
	 false,
	 {{RECORDED, 0, 'a', 100, 0}, {SHOWN, 0, 'c', 0, 1}},
	 UNNAMED},
	{"a head in between that the record has",
	 false,
	 {{RECORDED, 0, 'c', 100, 0}, {SHOWN, 0, 'c', 0, 1}, {RECORDED, 'c', 'a', 100, 0}},
	 NAMED},
	{"the record lags behind a push", false, {{RECORDED, 0, 'b', 100, 0}, {PUSHED, 'b', 'a', 100, 1}}, NAMED},
	{"the record lags behind two pushes",
	 false,
	 {{RECORDED, 0, 'b', 100, 0}, {PUSHED, 'b', 'c', 100, 1}, {PUSHED, 'c', 'a', 100, 2}},
	 NAMED},
	{"the record lags, and the event of a push was lost",
	 false,
	 {{RECORDED, 0, 'b', 100, 0}, {PUSHED, 'c', 'a', 100, 2}},
	 UNNAMED},
	{"the activity lags behind the timeline",
	 false,
	 {{RECORDED, 0, 'b', 100, 0}, {FORCED, 0, 'a', 100, 1}},
	 UNNAMED},
	{"a push that does not say what it replaced",
	 false,
	 {{RECORDED, 0, 'b', 100, 0}, {PUSHED, 0, 'a', 100, 1}},
	 UNNAMED},
	{"a push by nobody", false, {{RECORDED, 0, 'b', 100, 0}, {PUSHED, 'b', 'a', 0, 1}}, UNNAMED},
	{"an earlier head by nobody", false, {{RECORDED, 0, 'd', 0, 0}, {RECORDED, 'd', 'a', 100, 1}}, UNNAMED},
	{"there and back again, then away",
	 false,
	 {{RECORDED, 0, 'b', 100, 0},
	  {PUSHED, 'b', 'c', 100, 1},
	  {PUSHED, 'c', 'b', 100, 2},
	  {PUSHED, 'b', 'a', 100, 3}},
	 NAMED},
	{"round and round in one second", true, {{PUSHED, 'b', 'a', 100, 0}, {PUSHED, 'a', 'b', 100, 0}}, HIDDEN},
	{"read while it could be", true, {{OPENED, 0, 'a', 0, 0}, {KEPT, 0, 'a', 100, 0}}, NAMED},
	{"read once, and pushed to since", true, {{KEPT, 0, 'b', 100, 0}, {PUSHED, 'b', 'a', 100, 1}}, NAMED},
	{"read once, and pushed to unseen since", true, {{KEPT, 0, 'b', 100, 0}, {PUSHED, 'c', 'a', 100, 1}}, HIDDEN},
	{"read once, and forced by nobody since",
	 true,
	 {{KEPT, 0, 'a', 100, 0}, {FORCED, 0, 'c', 0, 1}, {FORCED, 0, 'a', 100, 2}},
	 HIDDEN},
	{"the record begins in the middle", false, {{RECORDED, 'e', 'a', 100, 0}}, HIDDEN},
	{"the record begins with what the base has", false, {{RECORDED, '9', 'a', 100, 0}}, NAMED},
};

START_TEST(who_pushed_is_known_only_where_it_is_proven)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	t.on_base = told_oid('9');
	t.moves_incomplete = rows[_i].unreadable;
	tell(&t, rows[_i].facts);
	got = must_collect(&t);
	ck_assert_msg(answer_of(&got.facts.changes[0]) == rows[_i].answer, "%s: %d", rows[_i].what,
		      answer_of(&got.facts.changes[0]));
	told_forge_close(&t);
}
END_TEST

START_TEST(everybody_who_is_named_anywhere_is_a_pusher)
{
	static const struct clue facts[] = {{RECORDED, 0, 'b', 11, 0}, {RECORDED, 'b', 'a', 12, 1},
					    {PUSHED, 'b', 'a', 12, 1}, {PUSHED, 'c', 'd', 13, 1},
					    {FORCED, 0, 'd', 14, 2},   {END, 0, 0, 0, 0}};
	static const struct clue kept = {KEPT, 0, 'd', 15, 0};
	struct told_forge t;
	const struct change *change;

	told_forge_open(&t);
	tell(&t, facts);
	keep_pushed(&t, &kept);
	change = &must_collect(&t).facts.changes[0];
	ck_assert(answer_of(change) == NAMED);
	ck_assert_uint_eq(change->n_pushers, 5);
	for (size_t i = 0; i < change->n_pushers; i++)
		ck_assert_int_ge(change->pushers[i], 11);
	told_forge_close(&t);
}
END_TEST

static const struct {
	int64_t repo;
	enum answer answer;
} heads[] = {{99, NAMED}, {TOLD_REPO, HIDDEN}};

START_TEST(what_the_record_of_a_fork_said_is_kept_for_when_it_is_gone)
{
	static const struct clue facts[] = {
		{OPENED, 0, 'b', 0, 0}, {RECORDED, 0, 'b', 11, 0}, {RECORDED, 'b', 'a', 12, 1}, {END, 0, 0, 0, 0}};
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	t.changes[0].head_repo = heads[_i].repo; /* of the repository's own branches nothing needs to be kept */
	tell(&t, facts);
	(void)must_collect(&t);
	t.n_moves = 0;
	t.moves_incomplete = true;
	got = must_collect(&t);
	ck_assert(answer_of(&got.facts.changes[0]) == heads[_i].answer);
	ck_assert(heads[_i].answer == HIDDEN || got.facts.changes[0].n_pushers == 2);
	told_forge_close(&t);
}
END_TEST

#define POLICY(options)                                                                                                \
	"policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 1, permissions: [write]}, options: "  \
	"{" options "}}\n"

static const struct {
	const char *policy;
	struct clue facts[4];
	enum decision decision;
	const char *text;
} verdicts[] = {
	{NULL,
	 {{OPENED, 0, 'a', 0, 0}},
	 DECISION_WAITING,
	 "Needs to know who pushed, which the forge does not show: use a new branch here, or allow_unknown_pushers"},
	{POLICY("allow_unknown_pushers: true"), {{OPENED, 0, 'a', 0, 0}}, DECISION_ALLOWED, NULL},
	{POLICY("allow_contributor: true"), {{OPENED, 0, 'a', 0, 0}}, DECISION_ALLOWED, NULL},
	{POLICY("allow_author: true, allow_gone_head: true"), {{OPENED, 0, 'a', 0, 0}}, DECISION_WAITING, NULL},
	{POLICY("allow_unknown_pushers: true"),
	 {{OPENED, 0, 'b', 0, 0}, {PUSHED, 'b', 'a', MALLORY, 1}},
	 DECISION_WAITING,
	 "Needs 1 review of aaaaaaa (0/1)"},
};

/* A fork that cannot be read. u5 may have pushed there what names another as author, who then opened the change. */
START_TEST(an_approval_of_what_its_giver_may_have_pushed_waits)
{
	struct told_forge t;
	struct gathered got;
	struct verdict verdict;

	told_forge_open_approved(&t);
	t.n_moves = 0;
	t.moves_incomplete = true;
	t.file = verdicts[_i].policy;
	tell(&t, verdicts[_i].facts);
	got = must_collect(&t);
	policy_judge(got.governed, &got.facts, &t.arena, &verdict);
	ck_assert_msg(verdict.decision == verdicts[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	if (verdicts[_i].text)
		ck_assert_msg(text_is(verdict.text, verdicts[_i].text), "%.*s", TEXT_ARG(verdict.text));
	told_forge_close(&t);
}
END_TEST

START_TEST(nobody_reviews_in_vain_before_it_is_said)
{
	struct told_forge t;
	struct gathered got;
	struct verdict verdict;

	told_forge_open(&t);
	t.moves_incomplete = true;
	got = must_collect(&t);
	policy_judge(got.governed, &got.facts, &t.arena, &verdict);
	ck_assert_int_eq(verdict.decision, DECISION_WAITING);
	ck_assert_msg(strstr(verdict.text.at, "who pushed"), "%.*s", TEXT_ARG(verdict.text));
	told_forge_close(&t);
}
END_TEST

static const struct {
	struct clue facts[4];
	int64_t after; /* the change's newest update, ms */
	bool ok;
} lags[] = {
	{{{OPENED, 0, 'a', 0, 0}}, 10000, false},
	{{{OPENED, 0, 'a', 0, 0}}, 61000, true},
	{{{RECORDED, 0, 'a', 100, 0}}, 10000, true},
	{{{RECORDED, 0, 'b', 100, 0}, {PUSHED, 'b', 'a', 100, 1}}, 10000, true},
	{{{OPENED, 0, 'b', 0, 0}, {PUSHED, 'b', 'a', 100, 1}, {KEPT, 0, 'a', 100, 0}}, 10000, false},
	{{{OPENED, 0, 'b', 0, 0}, {PUSHED, 'b', 'a', 100, 1}, {KEPT, 0, 'a', 100, 0}}, 61000, true},
};

START_TEST(a_record_without_a_head_is_no_input_until_no_copy_lags)
{
	struct told_forge t;
	struct gathered got;
	struct err err = ERR_NONE;

	told_forge_open(&t);
	tell(&t, lags[_i].facts);
	t.changes[0].answered_at = t.changes[0].updated_at + lags[_i].after;
	ck_assert(gather_collect(&t.gather, &t.arena, &got, &err) == lags[_i].ok);
	ck_assert(lags[_i].ok || err.code == ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(who_pushed_is_known_only_where_it_is_proven, rows),
	SUITE_TEST(everybody_who_is_named_anywhere_is_a_pusher),
	SUITE_ROWS(what_the_record_of_a_fork_said_is_kept_for_when_it_is_gone, heads),
	SUITE_ROWS(an_approval_of_what_its_giver_may_have_pushed_waits, verdicts),
	SUITE_TEST(nobody_reviews_in_vain_before_it_is_said),
	SUITE_ROWS(a_record_without_a_head_is_no_input_until_no_copy_lags, lags),
	SUITE_END,
};
SUITE_MAIN(tests)
