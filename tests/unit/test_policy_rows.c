/*
 * What the rows of the tree say. The guards hold a verdict back anyway; a row that said something else would mislead
 * who reads it, and is the second of two defences where the first is gone.
 */
#include "tests/support/case.h"
#include "tests/support/suite.h"

#define FRESH "fresh reviews"

static const struct rule_result *row_of(const struct verdict *verdict, const char *name)
{
	const struct rule_result *row = case_row(verdict, name);

	ck_assert_msg(row, "no row %s", name);
	return row;
}

/* ---- facts that were not read ---- */

static const struct {
	enum fact missing;
	const char *row, *next;
} unread[] = {
	{FACT_REVIEWS, FRESH, "the list of reviews"},
	{FACT_REVIEWS, "no changes requested", "the list of reviews"},
	{FACT_AUTHOR, FRESH, "the author of the change"},
	{FACT_COMMITS, FRESH, "the list of commits"},
	{FACT_PUSHERS, FRESH, "to know who pushed"},
	{FACT_ARRIVAL, FRESH, "the time at which this commit arrived"},
	{FACT_STATE, "open, and all facts known", "the state of the change"},
	{FACT_DRAFT, "not a draft", "to know whether the change is a draft"},
	{FACT_PATHS, "guarded files", "the list of changed files"},
};

START_TEST(a_row_waits_itself_for_what_was_not_read)
{
	struct example c;
	struct verdict verdict;
	const struct rule_result *row;

	case_make(&c);
	c.change.known &= ~(unsigned)unread[_i].missing;
	c.change.open = unread[_i].missing != FACT_STATE; /* what a part says that was not read is nothing */
	c.change.draft = unread[_i].missing == FACT_DRAFT;
	if (unread[_i].missing == FACT_AUTHOR)
		c.change.author.id = 0;
	if (unread[_i].missing == FACT_COMMITS)
		c.commits[1].author.id = 0;
	verdict = case_judge(&c, NULL);
	row = row_of(&verdict, unread[_i].row);
	ck_assert_int_eq(verdict.decision, DECISION_WAITING);
	ck_assert_int_eq(row->state, RULE_PENDING);
	ck_assert(!row->blocking);
	ck_assert_msg(text_is(row->next, unread[_i].next), "%.*s", TEXT_ARG(row->next));
	ck_assert_uint_eq(row->n_counts, 0);
	case_drop(&c);
}
END_TEST

/* Nobody but the author counts here, whom the commits do not keep from it. */
START_TEST(commits_that_were_not_read_are_waited_for_whoever_counts)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	case_review(&c, ALICE, REVIEW_APPROVED, CASE_HEAD, 1000);
	c.change.known &= ~(unsigned)FACT_COMMITS;
	verdict = case_judge(&c, "policy: {approval: [a]}\napproval_rules:\n- {name: a, options: {allow_author: true}, "
				 "requires: {count: 1, users: [alice]}}\n");
	ck_assert_int_eq(row_of(&verdict, "a")->state, RULE_PENDING);
	ck_assert(text_is(row_of(&verdict, "a")->next, "the list of commits"));
	case_drop(&c);
}
END_TEST

START_TEST(a_base_branch_that_was_not_read_is_none_of_the_table)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.change.known &= ~(unsigned)FACT_BASE;
	verdict = case_judge(&c, "policy: {branches: {'^main$': closed, default: closed}}\n");
	ck_assert_int_eq(row_of(&verdict, "approval")->state, RULE_PENDING);
	ck_assert(text_is(row_of(&verdict, "approval")->next, "the base branch"));
	case_drop(&c);
}
END_TEST

START_TEST(of_two_unknown_things_the_first_is_named)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.change.known &= ~(unsigned)(FACT_AUTHOR | FACT_ARRIVAL);
	verdict = case_judge(&c, NULL);
	ck_assert(text_is(row_of(&verdict, FRESH)->next, "the author of the change"));
	case_drop(&c);
}
END_TEST

/* ---- what a row is called, and how it stands ---- */

#define RULES(approval, rest) "policy: {approval: [" approval "]}\napproval_rules:\n" rest
#define BOB(name)             "- {name: " name ", requires: {count: 1, users: [bob]}}\n"
#define DAVE(name)            "- {name: " name ", requires: {count: 1, users: [dave]}}\n"
#define CLOSED(name)          "- {name: " name ", requires: {conditions: {targets_branch: {pattern: '^x$'}}}}\n"
#define SKIPPED(name)         "- {name: " name ", if: {targets_branch: {pattern: '^x$'}}, requires: {count: 1, users: [bob]}}\n"
#define HIDDEN(name)                                                                                                   \
	"- {name: " name ", visibility: restricted, requires: {conditions: {targets_branch: {pattern: '^x$'}}}}\n"
#define NOBODY_APPLIES "no rule of the policy applies to this change"
#define SHORT          "1 review of 9a77b03 (0/1)"
#define SAME           "1 more review by somebody else: \"a\" and others are met by the same people"
#define NOT_X          "the base branch is not one that the rule names"

static const struct {
	const char *policy, *row;
	enum rule_state state;
	bool blocking;
	const char *next;
	size_t children;
} standings[] = {
	{RULES("a", BOB("a")), "approval", RULE_MET, false, "", 1},
	{RULES("a", DAVE("a")), "approval", RULE_UNMET, false, SHORT, 1},
	{RULES("a", CLOSED("a")), "approval", RULE_UNMET, true, NOT_X, 1},
	{RULES("a", SKIPPED("a")), "approval", RULE_UNMET, true, NOBODY_APPLIES, 1},
	{RULES("a, {and: [b, c]}", BOB("a") SKIPPED("b") SKIPPED("c")), "and", RULE_SKIPPED, false, "", 2},
	{RULES("a, {or: [b, a]}", BOB("a") DAVE("b")), "or", RULE_MET, false, "", 2},
	{RULES("a, {or: [b]}", BOB("a") DAVE("b")), "or", RULE_UNMET, false, SHORT, 1},
	{RULES("a, {at_least: {count: 1, of: [b]}}", BOB("a") DAVE("b")), "at_least", RULE_UNMET, false, SHORT, 1},
	{RULES("{distinct: [a, b]}", BOB("a") BOB("b")), "distinct", RULE_UNMET, false, SAME, 2},
	{RULES("{distinct: [a, b]}", BOB("a") DAVE("b")), "distinct", RULE_UNMET, false, SHORT, 2},
	{RULES("{distinct: [a, b, d]}", BOB("a") BOB("b") DAVE("d")), "distinct", RULE_UNMET, false, SHORT, 3},
	{RULES("a", HIDDEN("a")), "a", RULE_UNMET, false, NOT_X, 1},
	{RULES("a", CLOSED("a")), "a", RULE_UNMET, true, NOT_X, 1},
	{RULES("a", CLOSED("a")), "targets_branch", RULE_UNMET, true, NOT_X, 0},
	{RULES("a", SKIPPED("a")), "a", RULE_SKIPPED, false, NOT_X, 0},
	{"policy: {branches: {default: closed}}\n", "approval", RULE_UNMET, true,
	 "the branch main is closed by the policy", 0},
	{"policy: {branches: {'^main$': closed, default: [a]}}\napproval_rules:\n" BOB("a"), "approval", RULE_UNMET,
	 true, "the branch main is closed by the policy", 0},
	{"policy: {branches: {'^maim$': closed, default: [a]}}\napproval_rules:\n" BOB("a"), "approval", RULE_MET,
	 false, "", 1},
	{"policy: {branches: {'^((a|m|i|n|x)+)+$': closed, default: [a]}}\napproval_rules:\n" BOB("a"), "approval",
	 RULE_UNMET, true, "the branch main is closed by the policy", 0},
};

START_TEST(a_row_says_how_it_stands_and_what_is_next)
{
	struct example c;
	struct verdict verdict;
	const struct rule_result *row;

	case_make(&c);
	verdict = case_judge(&c, standings[_i].policy);
	row = row_of(&verdict, standings[_i].row);
	ck_assert_msg(row->state == standings[_i].state && row->blocking == standings[_i].blocking &&
			      text_is(row->next, standings[_i].next) && row->n_children == standings[_i].children,
		      "%s: %s %s %.*s %zu", standings[_i].policy, rule_state_name(row->state),
		      row->blocking ? "blocking" : "waiting", TEXT_ARG(row->next), row->n_children);
	case_drop(&c);
}
END_TEST

/* ---- branches ---- */

static const struct {
	const char *ref;
	enum decision decision;
	const char *text;
} refs[] = {
	{"x", DECISION_BLOCKED, "Blocked: the branch x is closed by the policy"},
	{"y", DECISION_ALLOWED, "1 fresh review; ready to merge"},
	{"", DECISION_WAITING, "Needs the base branch"},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", DECISION_WAITING, "Needs the base branch"},
};

START_TEST(a_branch_of_which_nobody_can_tell_whose_it_is_waits)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.change.base_ref = text_of(refs[_i].ref);
	verdict = case_judge(
		&c, "policy: {branches: {'^x$': closed, '^(a+)+$': closed, default: [a]}}\napproval_rules:\n" BOB("a"));
	ck_assert_int_eq(verdict.decision, refs[_i].decision);
	ck_assert_msg(text_is(verdict.text, refs[_i].text), "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

/* ---- who counts, and who does not ---- */

static void reviewed(struct example *c, size_t i, int64_t id, int64_t ms)
{
	c->reviews[i].id = id;
	c->reviews[i].submitted_at = CASE_ARRIVED + ms;
}

static const struct {
	int64_t bob_id, bob_ms, carol_id, carol_ms;
	int64_t first;
} orders[] = {
	{1, 10, 2, 20, BOB}, {2, 10, 1, 20, BOB},   {1, 20, 2, 10, CAROL}, {2, 20, 1, 10, CAROL},
	{1, 10, 2, 10, BOB}, {2, 10, 1, 10, CAROL}, {7, 10, 7, 10, BOB},
};

START_TEST(who_counts_is_told_from_the_oldest_review_to_the_newest)
{
	struct example c;

	for (int turned = 0; turned < 2; turned++) {
		struct verdict verdict;
		const struct rule_result *row;

		case_make(&c);
		reviewed(&c, 0, orders[_i].bob_id, orders[_i].bob_ms);
		reviewed(&c, 1, orders[_i].carol_id, orders[_i].carol_ms);
		if (turned) { /* however they came */
			struct review bobs = c.reviews[0];

			c.reviews[0] = c.reviews[1];
			c.reviews[1] = bobs;
		}
		verdict = case_judge(&c, NULL);
		row = row_of(&verdict, FRESH);
		ck_assert_uint_eq(row->n_counts, 2);
		ck_assert_int_eq(row->counts[0].id, orders[_i].first);
		ck_assert_int_eq(row->counts[1].id, BOB + CAROL - orders[_i].first);
		case_drop(&c);
	}
}
END_TEST

/* A rule that wants a text with the review: what else people said stands aside. Each is told once, with the last of
 * it, unless another review of theirs counts. */
#define ASIDE                                                                                                          \
	RULES("a", "- {name: a, options: {methods: {github_review_comment_patterns: ['^ok$']}}, "                      \
		   "requires: {count: 1, permissions: [write]}}\n")

static const struct {
	const char *first, *second; /* bob's reviews */
	bool ghost;                 /* the second of them is by an account that is gone, and so is the first */
	size_t counts, ignored;
} asides[] = {
	{"ok", "ok", false, 1, 1},     {"ok", "fine", false, 1, 1},  {"fine", "ok", false, 1, 1},
	{"fine", "well", false, 0, 2}, {"fine", "well", true, 0, 3},
};

START_TEST(what_stands_aside_is_told_once_a_person)
{
	struct example c;
	struct verdict verdict;
	const struct rule_result *row;

	case_make(&c);
	c.reviews[0].body = text_of(asides[_i].first);
	c.reviews[1].body = TEXT_LIT("nice"); /* carol's, who is always told */
	case_review(&c, BOB, REVIEW_APPROVED, CASE_HEAD, 200000);
	c.reviews[2].body = text_of(asides[_i].second);
	if (asides[_i].ghost)
		c.reviews[0].user.id = c.reviews[2].user.id = 0;
	verdict = case_judge(&c, ASIDE);
	row = row_of(&verdict, "a");
	ck_assert_uint_eq(row->n_counts, asides[_i].counts);
	ck_assert_uint_eq(row->n_ignored, asides[_i].ignored);
	for (size_t i = 0; i < row->n_ignored; i++)
		ck_assert(text_is(row->ignored[i].why, "approved without saying what the rule asks for"));
	case_drop(&c);
}
END_TEST

START_TEST(an_objection_that_does_not_count_is_told)
{
	struct example c;
	struct verdict verdict;
	const struct rule_result *row;

	case_make(&c);
	case_review(&c, DAVE, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 130000);
	verdict = case_judge(&c, NULL);
	row = row_of(&verdict, "no changes requested");
	ck_assert_int_eq(row->state, RULE_MET);
	ck_assert_uint_eq(row->n_ignored, 1);
	ck_assert(text_is(row->ignored[0].what, "dave"));
	ck_assert(text_is(row->ignored[0].why, "requested changes and has no write access"));
	case_drop(&c);
}
END_TEST

static const struct {
	const char *login, *shown;
} logins[] = {{"c", "c"}, {"", "somebody"}, {"ca\x7frol", "ca?rol"}, {"ca rol~", "ca rol~"}, {"ca\x1frol", "ca?rol"}};

START_TEST(who_objects_is_named_in_printable_letters)
{
	struct example c;
	struct verdict verdict;
	struct text expected;

	case_make(&c);
	case_review(&c, CAROL, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 130000);
	c.reviews[2].user.login = text_of(logins[_i].login);
	verdict = case_judge(&c, NULL);
	expected = arena_printf(&c.arena, "Blocked: changes requested by %s", logins[_i].shown);
	ck_assert_msg(text_eq(verdict.text, expected), "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

/* Of a name that the forge gives now and another that the review has, the newer one is shown. */
static const struct {
	const char *now, *then, *shown;
} renamed[] = {{"caro", "carol", "caro"}, {"", "carol", "carol"}, {"c", "carol", "c"}};

START_TEST(whose_permission_is_missing_is_named_as_now)
{
	struct example c;
	struct verdict verdict;
	struct text expected;

	case_make(&c);
	c.people[CAROL - 1].permission = PERMISSION_UNKNOWN;
	c.people[CAROL - 1].who.login = text_of(renamed[_i].now);
	c.reviews[1].user.login = text_of(renamed[_i].then);
	verdict = case_judge(&c, NULL);
	expected = arena_printf(&c.arena, "Needs the permission of %s", renamed[_i].shown);
	ck_assert_msg(text_eq(verdict.text, expected), "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

START_TEST(a_review_at_an_unknown_time_undoes_no_dismissal)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	case_review(&c, ERIN, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 1000);
	case_review(&c, ERIN, REVIEW_STATE_DISMISSED, CASE_HEAD, 5000);
	case_review(&c, ERIN, REVIEW_APPROVED, CASE_HEAD, 0);
	c.reviews[4].submitted_at = WHEN_UNKNOWN;
	verdict = case_judge(&c, NULL);
	ck_assert_msg(verdict.decision == DECISION_ALLOWED, "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_row_waits_itself_for_what_was_not_read, unread),
	SUITE_TEST(commits_that_were_not_read_are_waited_for_whoever_counts),
	SUITE_TEST(a_base_branch_that_was_not_read_is_none_of_the_table),
	SUITE_TEST(of_two_unknown_things_the_first_is_named),
	SUITE_ROWS(a_row_says_how_it_stands_and_what_is_next, standings),
	SUITE_ROWS(a_branch_of_which_nobody_can_tell_whose_it_is_waits, refs),
	SUITE_ROWS(who_counts_is_told_from_the_oldest_review_to_the_newest, orders),
	SUITE_ROWS(what_stands_aside_is_told_once_a_person, asides),
	SUITE_TEST(an_objection_that_does_not_count_is_told),
	SUITE_ROWS(who_objects_is_named_in_printable_letters, logins),
	SUITE_ROWS(whose_permission_is_missing_is_named_as_now, renamed),
	SUITE_TEST(a_review_at_an_unknown_time_undoes_no_dismissal),
	SUITE_END,
};
SUITE_MAIN(tests)
