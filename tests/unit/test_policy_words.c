/* Whose last word decides, where several came at once, and whose objection is named where several object. */
#include "tests/support/case.h"
#include "tests/support/suite.h"

/* ---- two words of one person in the same second ---- */

struct word {
	enum review_state state;
	const char *of;
	bool edited;
};

#define YES                                                                                                            \
	{                                                                                                              \
		REVIEW_APPROVED, CASE_HEAD, false                                                                      \
	}
#define YES_OLD                                                                                                        \
	{                                                                                                              \
		REVIEW_APPROVED, CASE_OLD, false                                                                       \
	}
#define YES_THEN                                                                                                       \
	{                                                                                                              \
		REVIEW_APPROVED, CASE_HEAD, true                                                                       \
	}
#define DISMISSED                                                                                                      \
	{                                                                                                              \
		REVIEW_STATE_DISMISSED, CASE_HEAD, false                                                               \
	}
#define NO                                                                                                             \
	{                                                                                                              \
		REVIEW_CHANGES_REQUESTED, CASE_HEAD, false                                                             \
	}
#define NOBODY                                                                                                         \
	{                                                                                                              \
		REVIEW_STATE_UNKNOWN, CASE_HEAD, false                                                                 \
	}

static const struct {
	struct word cautious, other;
	enum decision decision;
	const char *why;
} pairs[] = {
	{YES_OLD, YES, DECISION_WAITING, "reviewed 1111111, another commit than this"},
	{YES_THEN, YES, DECISION_WAITING, "was edited after it was given"},
	{DISMISSED, YES, DECISION_WAITING, "was dismissed"},
	{DISMISSED, YES_OLD, DECISION_WAITING, "was dismissed"},
	{DISMISSED, YES_THEN, DECISION_WAITING, "was dismissed"},
	{NOBODY, YES, DECISION_WAITING, "is in an unknown state"},
	{NOBODY, DISMISSED, DECISION_WAITING, "is in an unknown state"},
	{NO, YES, DECISION_BLOCKED, "requested changes"},
	{NO, DISMISSED, DECISION_BLOCKED, "requested changes"},
	{NO, NOBODY, DECISION_BLOCKED, "requested changes"},
};

static void says(struct example *c, size_t i, int64_t id, const struct word *word)
{
	c->reviews[i].id = id;
	c->reviews[i].state = word->state;
	c->reviews[i].bound_sha = case_oid(word->of);
	c->reviews[i].edited = word->edited;
}

START_TEST(in_one_second_the_more_cautious_word_decides)
{
	for (int way = 0; way < 4; way++) { /* whichever came first, and whichever has the lower number */
		struct example c;
		struct verdict verdict;
		const struct rule_result *row;
		size_t at = (size_t)(way & 1);

		case_make(&c);
		case_review(&c, CAROL, REVIEW_APPROVED, CASE_HEAD, 120000);
		says(&c, 1 + at, way & 2 ? 2 : 3, &pairs[_i].cautious);
		says(&c, 2 - at, way & 2 ? 3 : 2, &pairs[_i].other);
		verdict = case_judge(&c, NULL);
		ck_assert_msg(verdict.decision == pairs[_i].decision, "%d: %.*s", way, TEXT_ARG(verdict.text));
		row = case_row(&verdict, "fresh reviews");
		ck_assert_ptr_nonnull(row);
		ck_assert_uint_eq(row->n_counts, 1);
		ck_assert_uint_eq(row->n_ignored, 1);
		ck_assert_msg(text_is(row->ignored[0].why, pairs[_i].why), "%.*s", TEXT_ARG(row->ignored[0].why));
		case_drop(&c);
	}
}
END_TEST

START_TEST(accounts_that_are_gone_are_not_one_person)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.reviews[0].user.id = c.reviews[1].user.id = 0;
	verdict = case_judge(&c, NULL);
	ck_assert_uint_eq(case_row(&verdict, "fresh reviews")->n_ignored, 2);
	case_drop(&c);
}
END_TEST

START_TEST(the_author_speaks_once_like_everybody)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	case_review(&c, ALICE, REVIEW_APPROVED, CASE_HEAD, 1000);
	case_review(&c, ALICE, REVIEW_APPROVED, CASE_HEAD, 2000);
	verdict = case_judge(&c, NULL);
	ck_assert_uint_eq(case_row(&verdict, "fresh reviews")->n_ignored, 1);
	case_drop(&c);
}
END_TEST

/* ---- whose objection ---- */

#define OBJECTORS                                                                                                      \
	"policy: {approval: [r], disapproval: {requires: {users: [frank], teams: [acme/core]}}}\napproval_rules:\n"    \
	"- {name: r, requires: {count: 1, users: [bob]}}\n"

static void dave_unknown(struct example *c)
{
	c->people[DAVE - 1].permission = PERMISSION_UNKNOWN;
}
static void daves_teams_unknown(struct example *c)
{
	c->people[DAVE - 1].teams_known = false;
}
static void franks_unknown(struct example *c)
{
	dave_unknown(c);
	c->people[FRANK - 1].permission = PERMISSION_UNKNOWN;
}
static void as_it_is(struct example *c)
{
	(void)c;
}

static const struct {
	const char *policy;
	void (*bend)(struct example *c);
	int64_t who[2]; /* 0: nobody */
	const char *text;
} objectors[] = {
	{NULL, as_it_is, {CAROL, ERIN}, "Blocked: changes requested by carol"},
	{NULL, as_it_is, {ERIN, CAROL}, "Blocked: changes requested by carol"},
	{NULL, as_it_is, {DAVE, ERIN}, "Blocked: changes requested by erin"},
	{NULL, dave_unknown, {DAVE, ERIN}, "Blocked: changes requested by erin"},
	{NULL, dave_unknown, {DAVE, CAROL}, "Blocked: changes requested by carol"},
	{NULL, dave_unknown, {DAVE, 0}, "Needs to know whether the review by dave blocks"},
	{NULL, franks_unknown, {DAVE, FRANK}, "Needs to know whether the review by dave blocks"},
	{NULL, franks_unknown, {FRANK, DAVE}, "Needs to know whether the review by dave blocks"},
	{OBJECTORS, as_it_is, {DAVE, 0}, "1 fresh review; ready to merge"},
	{OBJECTORS, as_it_is, {FRANK, 0}, "Blocked: changes requested by frank"},
	{OBJECTORS, dave_unknown, {DAVE, 0}, "Needs to know whether the review by dave blocks"},
	{OBJECTORS, daves_teams_unknown, {DAVE, 0}, "Needs to know whether the review by dave blocks"},
};

START_TEST(the_first_objection_that_is_certain_is_named)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.change.n_reviews = objectors[_i].policy ? 1 : 2;
	for (size_t i = 0; i < 2; i++)
		if (objectors[_i].who[i] != 0)
			case_review(&c, objectors[_i].who[i], REVIEW_CHANGES_REQUESTED, CASE_HEAD, 130000 + (int64_t)i);
	objectors[_i].bend(&c);
	verdict = case_judge(&c, objectors[_i].policy);
	ck_assert_msg(text_is(verdict.text, objectors[_i].text), "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

#define VETO                                                                                                           \
	"policy: {approval: [r], disapproval: {options: {methods: {disapprove: {comments: [veto]}}}}}\n"               \
	"approval_rules:\n- {name: r, requires: {count: 1, users: [bob]}}\n"

static const struct {
	enum review_state state;
	const char *body;
	enum decision decision;
} vetoes[] = {
	{REVIEW_COMMENTED, "veto", DECISION_BLOCKED},
	{REVIEW_COMMENTED, "no veto", DECISION_ALLOWED},
	{REVIEW_PENDING, "veto", DECISION_ALLOWED}, /* nobody but who writes it can read it */
	{REVIEW_APPROVED, "veto", DECISION_ALLOWED},
};

START_TEST(a_review_objects_by_its_text_where_it_says_nothing_else)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	case_review(&c, ERIN, vetoes[_i].state, CASE_HEAD, 130000);
	c.reviews[2].body = text_of(vetoes[_i].body);
	verdict = case_judge(&c, VETO);
	ck_assert_msg(verdict.decision == vetoes[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(in_one_second_the_more_cautious_word_decides, pairs),
	SUITE_TEST(accounts_that_are_gone_are_not_one_person),
	SUITE_TEST(the_author_speaks_once_like_everybody),
	SUITE_ROWS(the_first_objection_that_is_certain_is_named, objectors),
	SUITE_ROWS(a_review_objects_by_its_text_where_it_says_nothing_else, vetoes),
	SUITE_END,
};
SUITE_MAIN(tests)
