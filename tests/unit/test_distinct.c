/* Whether rules can be met by different people at once, against trying every way there is. */
#include "policy/distinct.h"

#include "tests/support/case.h"
#include "tests/support/suite.h"

enum { PEOPLE = 5, RULES = 4, ROUNDS = 20000 };

/* Every way to give the people of one rule after another; the fewest places left. */
static int64_t fewest(const struct demand *demands, size_t n, size_t rule, int64_t filled, unsigned taken)
{
	int64_t best, with;

	if (rule == n)
		return 0;
	if (filled == demands[rule].count)
		return fewest(demands, n, rule + 1, 0, taken);
	best = 1 + fewest(demands, n, rule, filled + 1, taken);
	for (size_t i = 0; i < demands[rule].n; i++) {
		unsigned bit = 1u << demands[rule].who[i].id;

		if (taken & bit)
			continue;
		with = fewest(demands, n, rule, filled + 1, taken | bit);
		best = with < best ? with : best;
	}
	return best;
}

static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 16;
}

START_TEST(the_assignment_is_as_good_as_the_best_of_all)
{
	uint32_t state = 7;
	int64_t missed = 0;

	for (int round = 0; round < ROUNDS; round++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct person people[RULES][PEOPLE] = {0};
		struct demand demands[RULES];
		size_t n = 1 + next(&state) % RULES;
		int64_t expected;

		for (size_t r = 0; r < n; r++) {
			demands[r] = (struct demand){next(&state) % 3, people[r], 0};
			for (int64_t id = 1; id <= PEOPLE; id++)
				if (next(&state) % 3 == 0)
					people[r][demands[r].n++].id = id;
		}
		expected = fewest(demands, n, 0, 0, 0);
		missed += expected > 0;
		ck_assert_int_eq(distinct_missing(demands, n, &arena), expected);
	}
	ck_assert(missed > ROUNDS / 10 && missed < ROUNDS - ROUNDS / 10); /* both answers were asked for */
}
END_TEST

/* More than there are places: those that are not asked change nothing. */
static const struct {
	int64_t first, second;
	size_t people, others; /* of the first rule, and of the second, which begin with the same */
	int64_t missing;
} crowds[] = {
	{50, 50, 100, 100, 0}, {50, 50, 99, 99, 1},  {50, 50, 300, 300, 0}, {99, 1, 300, 1, 0}, {1, 99, 1, 300, 0},
	{99, 1, 99, 1, 1},     {99, 1, 99, 300, 0},  {100, 0, 100, 0, 0},   {100, 0, 99, 0, 1}, {100, 0, 101, 0, 0},
	{101, 0, 300, 0, 0},   {60, 40, 60, 300, 0}, {60, 40, 300, 40, 0},
};

START_TEST(a_crowd_is_as_good_as_so_many_as_there_are_places)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct person people[300] = {0};
	struct demand demands[2] = {{crowds[_i].first, people, crowds[_i].people},
				    {crowds[_i].second, people, crowds[_i].others}};

	for (int64_t i = 0; i < 300; i++)
		people[i].id = i + 1;
	ck_assert_int_eq(distinct_missing(demands, 2, &arena), crowds[_i].missing);
}
END_TEST

#define POLICY(members)                                                                                                \
	"policy: {approval: [" members "]}\napproval_rules:\n"                                                         \
	"- {name: any, requires: {count: 1, permissions: [write]}}\n"                                                  \
	"- {name: only bob, requires: {count: 1, users: [bob]}}\n"                                                     \
	"- {name: both, requires: {count: 2, users: [bob, carol]}}\n"                                                  \
	"- {name: not here, if: {targets_branch: {pattern: '^release$'}}, requires: {count: 1, users: [bob]}}\n"       \
	"- {name: hidden, visibility: restricted, requires: {count: 1, users: [bob]}}\n"
#define USED ", {or: [any, only bob, both, not here, hidden]}"

static const struct {
	const char *policy;
	bool carol;
	enum decision decision;
	const char *text;
} joined[] = {
	{POLICY("any, only bob" USED), false, DECISION_ALLOWED, NULL},
	{POLICY("{distinct: [any, only bob]}" USED), false, DECISION_WAITING,
	 "Needs 1 more review by somebody else: \"any\" and others are met by the same people"},
	{POLICY("{distinct: [any, only bob]}" USED), true, DECISION_ALLOWED, NULL},
	{POLICY("{distinct: [only bob, any]}" USED), true, DECISION_ALLOWED, NULL},
	{POLICY("{distinct: [both, only bob]}" USED), true, DECISION_WAITING, NULL},
	{POLICY("{distinct: [both, only bob]}" USED), false, DECISION_WAITING, "Needs 1 more review of 9a77b03 (1/2)"},
	{POLICY("{distinct: [only bob, not here]}" USED), false, DECISION_ALLOWED, NULL},
	{POLICY("{distinct: [any, hidden]}" USED), true, DECISION_ALLOWED, NULL},
	{POLICY("{distinct: [any, hidden]}" USED), false, DECISION_WAITING, "Needs maintainer clearance"},
	{POLICY("{or: [{distinct: [any, only bob]}, any]}" USED), false, DECISION_ALLOWED, NULL},
};

START_TEST(rules_that_are_distinct_are_met_by_different_people)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.change.n_reviews = joined[_i].carol ? 2 : 1;
	verdict = case_judge(&c, joined[_i].policy);
	ck_assert_msg(verdict.decision == joined[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	if (joined[_i].text)
		ck_assert_msg(text_is(verdict.text, joined[_i].text), "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(the_assignment_is_as_good_as_the_best_of_all),
	SUITE_ROWS(a_crowd_is_as_good_as_so_many_as_there_are_places, crowds),
	SUITE_ROWS(rules_that_are_distinct_are_met_by_different_people, joined),
	SUITE_END,
};
SUITE_MAIN(tests)
