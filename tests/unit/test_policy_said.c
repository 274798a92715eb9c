/* What a verdict says, letter by letter: of policies that are broken, of several changes, and to the public. */
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <string.h>

/* ---- no policy ---- */

static const struct problem nowhere = {0, 0, "cannot be read"}, first_line = {1, 1, "unknown key `x`"};

static const struct {
	const struct problem *problem;
	const char *text;
} broken[] = {
	{NULL, "Cannot decide: no policy was found"},
	{&nowhere, "Cannot decide: .headgate.yml cannot be read"},
	{&first_line, "Cannot decide: .headgate.yml:1:1 unknown key `x`"},
};

START_TEST(a_change_without_a_policy_says_why)
{
	struct example c;
	struct verdict verdict;
	struct governed governed = {.problem = broken[_i].problem};

	case_make(&c);
	policy_judge(&governed, &c.facts, &c.arena, &verdict);
	ck_assert_int_eq(verdict.decision, DECISION_CANNOT_DECIDE);
	ck_assert_msg(text_is(verdict.text, broken[_i].text), "%.*s", TEXT_ARG(verdict.text));
	ck_assert_uint_eq(verdict.n_rules, 1);
	ck_assert(text_is(verdict.rules[0].name, "#412"));
	ck_assert(text_is(verdict.rules[0].next, broken[_i].text));
	ck_assert_int_eq(verdict.rules[0].state, RULE_UNMET);
	ck_assert(verdict.rules[0].blocking);
	case_drop(&c);
}
END_TEST

START_TEST(a_problem_is_told_even_beside_a_policy)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	(void)case_judge(&c, NULL);
	c.governed.problem = &first_line;
	policy_judge(&c.governed, &c.facts, &c.arena, &verdict);
	ck_assert_int_eq(verdict.decision, DECISION_CANNOT_DECIDE);
	case_drop(&c);
}
END_TEST

/* ---- nothing is left of what was in the verdict before ---- */

static void no_head(struct example *c)
{
	c->facts.head = OID_NONE;
}
static void no_changes(struct example *c)
{
	c->facts.n_changes = 0;
}
static void unread(struct example *c)
{
	c->facts.changes_known = false;
}
static void (*const empty[])(struct example *c) = {no_head, no_changes, unread};

START_TEST(a_verdict_about_no_change_has_no_tree)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	empty[_i](&c);
	memset(&verdict, 0x5a, sizeof verdict);
	policy_judge(&c.governed, &c.facts, &c.arena, &verdict);
	ck_assert_uint_eq(verdict.n_rules, 0);
	ck_assert_ptr_null(verdict.rules);
	memset(&verdict, 0x5a, sizeof verdict);
	policy_cannot_decide("x", &c.arena, &verdict);
	ck_assert_uint_eq(verdict.n_rules, 0);
	ck_assert_ptr_null(verdict.rules);
	case_drop(&c);
}
END_TEST

/* ---- several changes with one head ---- */

enum { MANY = 6 };

static const struct {
	size_t n;
	const char *short_of; /* a letter a change: s, short of a review; d, a draft; r, right */
	const char *text;
} several[] = {
	{2, "sr", "#1 (with #2): Needs 1 more review of 9a77b03 (1/2)"},
	{2, "rs", "#2 (with #1): Needs 1 more review of 9a77b03 (1/2)"},
	{2, "ss", "#1 (with #2): Needs 1 more review of 9a77b03 (1/2)"},
	{3, "sds", "#2 (with #1, #3): Blocked: draft"},
	{3, "sdd", "#2 (with #1, #3): Blocked: draft"},
	{4, "srrr", "#1 (with #2, #3, #4): Needs 1 more review of 9a77b03 (1/2)"},
	{4, "rrrs", "#4 (with #1, #2, #3): Needs 1 more review of 9a77b03 (1/2)"},
	{5, "srrrr", "#1 (with #2, #3, #4, and more): Needs 1 more review of 9a77b03 (1/2)"},
	{5, "rrrrs", "#5 (with #1, #2, #3, #4, and more): Needs 1 more review of 9a77b03 (1/2)"},
	{6, "rrrrrd", "#6 (with #1, #2, #3, #4, and more): Blocked: draft"},
	{6, "rrrrrr", "2 fresh reviews; ready to merge"},
};

START_TEST(of_several_changes_the_first_of_the_worst_is_named)
{
	struct example c;
	struct verdict verdict;
	struct change changes[MANY];
	struct governed governed[MANY];

	case_make(&c);
	(void)case_judge(&c, NULL);
	for (size_t i = 0; i < several[_i].n; i++) {
		changes[i] = c.change;
		changes[i].number = (int64_t)i + 1;
		changes[i].draft = several[_i].short_of[i] == 'd';
		if (several[_i].short_of[i] == 's')
			changes[i].n_reviews = 1;
		governed[i] = c.governed;
	}
	c.facts.changes = changes;
	c.facts.n_changes = several[_i].n;
	policy_judge(governed, &c.facts, &c.arena, &verdict);
	ck_assert_msg(text_is(verdict.text, several[_i].text), "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

static const struct {
	unsigned first, second;
	const char *text;
} counted[] = {
	{1, 1, "1 fresh review; ready to merge"},
	{1, 2, "1 fresh review; ready to merge"},
	{2, 1, "1 fresh review; ready to merge"},
	{2, 2, "2 fresh reviews; ready to merge"},
};

START_TEST(of_several_changes_the_fewest_reviews_are_told)
{
	struct example c;
	struct verdict verdict;
	struct change both[2];
	struct governed governed[2] = {{0}};

	case_make(&c);
	both[0] = both[1] = c.change;
	governed[0].policy = policy_builtin(&(struct policy_defaults){.approvals = counted[_i].first}, &c.arena);
	governed[1].policy = policy_builtin(&(struct policy_defaults){.approvals = counted[_i].second}, &c.arena);
	c.facts.changes = both;
	c.facts.n_changes = 2;
	policy_judge(governed, &c.facts, &c.arena, &verdict);
	ck_assert_msg(text_is(verdict.text, counted[_i].text), "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

#define APPROVED_BY(rest) "approval_rules:\n- {name: r, requires: {count: 1, users: " rest "}\n"
#define RULE(rest)        "policy: {approval: [r]}\n" APPROVED_BY(rest)
/* Guarded files are asked for in secret under every policy but the first. */
#define OPEN         "policy: {approval: [r], guards: {off: [guarded_files]}}\n" APPROVED_BY("[bob]}")
#define GUARDED      RULE("[bob]}")
#define HIDDEN_MET   RULE("[bob]}, visibility: restricted")
#define HIDDEN_UNMET RULE("[dave]}, visibility: restricted")
#define LACKING      RULE("[dave]}")

static const struct {
	const char *first, *second;
	enum decision decision;
	const char *text;
} hidden[] = {
	{OPEN, HIDDEN_UNMET, DECISION_WAITING, "#2 (with #1): Needs maintainer clearance"},
	{HIDDEN_UNMET, OPEN, DECISION_WAITING, "#1 (with #2): Needs maintainer clearance"},
	{GUARDED, HIDDEN_UNMET, DECISION_WAITING, "#1 (with #2): Needs maintainer clearance"},
	{HIDDEN_MET, HIDDEN_UNMET, DECISION_WAITING, "#1 (with #2): Needs maintainer clearance"},
	{HIDDEN_UNMET, HIDDEN_MET, DECISION_WAITING, "#1 (with #2): Needs maintainer clearance"},
	{HIDDEN_MET, LACKING, DECISION_WAITING, "#2 (with #1): Needs 1 review of 9a77b03 (0/1)"},
	{HIDDEN_UNMET, LACKING, DECISION_WAITING, "#2 (with #1): Needs 1 review of 9a77b03 (0/1)"},
	{HIDDEN_MET, OPEN, DECISION_ALLOWED, "Allowed: every rule of the policy is met"},
	{OPEN, OPEN, DECISION_ALLOWED, "1 fresh review; ready to merge"},
};

START_TEST(which_change_is_named_tells_nothing_of_which_restricted_rule_is_met)
{
	struct example c;
	struct verdict verdict;
	struct change both[2];
	struct governed governed[2] = {{0}};

	case_make(&c);
	(void)case_judge(&c, hidden[_i].first);
	governed[0] = c.governed;
	(void)case_judge(&c, hidden[_i].second);
	governed[1] = c.governed;
	for (size_t i = 0; i < 2; i++) {
		both[i] = c.change;
		both[i].number = (int64_t)i + 1;
	}
	c.facts.changes = both;
	c.facts.n_changes = 2;
	policy_judge(governed, &c.facts, &c.arena, &verdict);
	ck_assert_int_eq(verdict.decision, hidden[_i].decision);
	ck_assert_msg(text_is(verdict.text, hidden[_i].text), "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

/* ---- by which policy ---- */

static const struct {
	const char *from, *description;
} sources[] = {{"", ""}, {"x", "By x."}, {"acme/policies:gate.yml", "By acme/policies:gate.yml."}};

START_TEST(a_change_says_where_its_policy_is_from)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.change.policy_from = text_of(sources[_i].from);
	verdict = case_judge(&c, NULL);
	ck_assert_msg(text_is(verdict.rules[0].description, sources[_i].description), "%.*s",
		      TEXT_ARG(verdict.rules[0].description));
	case_drop(&c);
}
END_TEST

START_TEST(where_the_base_branch_is_not_known_each_branch_is_shown)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.change.known &= ~(unsigned)FACT_BASE;
	verdict = case_judge(&c,
			     "policy: {branches: {'^main$': [r], '^old$': closed, default: closed}}\napproval_rules:\n"
			     "- {name: r, requires: {count: 1, users: [bob]}}\n");
	ck_assert_int_eq(verdict.decision, DECISION_WAITING);
	ck_assert(text_is(verdict.text, "Needs the base branch"));
	ck_assert_int_eq(case_row(&verdict, "^main$")->state, RULE_MET);
	ck_assert_int_eq(case_row(&verdict, "^old$: closed")->state, RULE_UNMET);
	ck_assert_ptr_nonnull(case_row(&verdict, "default: closed"));
	case_drop(&c);
}
END_TEST

/* ---- how long, and by whom ---- */

static const struct {
	size_t len;    /* of the reason, which is x and ends with a word of three */
	size_t expect; /* of what is said of it */
} lengths[] = {{124, 124}, {125, 125}, {126, 122}, {127, 123}, {128, 124}, {129, 125}, {130, 125}};

START_TEST(a_text_is_cut_where_a_word_ends_once_it_is_too_long)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text verb = TEXT_LIT("Cannot decide: ");
	char reason[160];
	struct verdict verdict;

	memset(reason, 'x', lengths[_i].len);
	memcpy(reason + lengths[_i].len - 4, " end", 5);
	policy_cannot_decide(reason, &arena, &verdict);
	ck_assert_msg(verdict.text.len == verb.len + lengths[_i].expect, "%zu: %zu", lengths[_i].len,
		      verdict.text.len - verb.len);
	ck_assert_int_eq(memcmp(verdict.text.at + verb.len, reason, lengths[_i].expect), 0);
}
END_TEST

static const struct {
	const char *by;
	bool before;
	enum decision decision;
	const char *text;
} shadows[] = {
	{"", false, DECISION_BLOCKED, "Blocked: a check run of this name by another app shadows this status"},
	{"x", false, DECISION_BLOCKED, "Blocked: a check run of this name by x shadows this status"},
	{"acme-ci", true, DECISION_REVOKED, "Revoked: a check run of this name by acme-ci shadows this status"},
};

START_TEST(a_shadow_says_whose_it_is)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.facts.shadowed = true;
	c.facts.shadowed_by = text_of(shadows[_i].by);
	c.facts.allowed_before = shadows[_i].before;
	verdict = case_judge(&c, NULL);
	ck_assert_int_eq(verdict.decision, shadows[_i].decision);
	ck_assert_msg(text_is(verdict.text, shadows[_i].text), "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

/* What a shadow denies is what the public takes for allowed. */
static const struct {
	const char *policy, *text;
} shadowed[] = {
	{OPEN, "Blocked: a check run of this name by x shadows this status"},
	{GUARDED, "Blocked: a check run of this name by x shadows this status"},
	{HIDDEN_MET, "Blocked: a check run of this name by x shadows this status"},
	{HIDDEN_UNMET, "Blocked: a check run of this name by x shadows this status"},
	{LACKING, "Needs 1 review of 9a77b03 (0/1)"},
};

START_TEST(a_shadow_tells_nothing_of_what_is_restricted)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.facts.shadowed = true;
	c.facts.shadowed_by = TEXT_LIT("x");
	verdict = case_judge(&c, shadowed[_i].policy);
	ck_assert_msg(text_is(verdict.text, shadowed[_i].text), "%.*s", TEXT_ARG(verdict.text));
	ck_assert(!verdict.public_met);
	case_drop(&c);
}
END_TEST

/* ---- to the public ---- */

#define SECRET "what nobody may read"

/* #1: a public rule, and one that joins a public and a restricted one; #2: public alone. */
static const struct rule_result joined[] = {
	{.name = {"open", 4}, .state = RULE_UNMET, .blocking = true, .next = {"a review", 8}},
	{.name = {"hidden", 6},
	 .state = RULE_UNMET,
	 .blocking = true,
	 .restricted = true,
	 .next = {SECRET, sizeof SECRET - 1}},
	{.name = {"other", 5}, .state = RULE_SKIPPED},
};
static const struct rule_result first[] = {
	{.name = {"plain", 5}, .state = RULE_UNMET, .blocking = true, .next = {"a label", 7}, .who = {"ada", 3}},
	{.name = {"or", 2},
	 .state = RULE_UNMET,
	 .blocking = true,
	 .next = {SECRET, sizeof SECRET - 1},
	 .who = {SECRET, sizeof SECRET - 1},
	 .children = joined,
	 .n_children = 3},
};
static const struct rule_result trees[] = {
	{.name = {"#1", 2},
	 .state = RULE_UNMET,
	 .blocking = true,
	 .next = {SECRET, sizeof SECRET - 1},
	 .children = first,
	 .n_children = 2},
	{.name = {"#2", 2},
	 .state = RULE_UNMET,
	 .blocking = true,
	 .next = {"a label", 7},
	 .children = first,
	 .n_children = 1},
};

static void clearance_is(const struct rule_result *row, enum rule_state state)
{
	ck_assert(text_is(row->name, "Maintainer clearance"));
	ck_assert(row->restricted);
	ck_assert_int_eq(row->state, state);
	ck_assert_uint_eq(row->next.len, 0);
}

START_TEST(the_public_sees_what_is_public_as_it_is_and_nothing_of_the_rest)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	bool allowed = _i == 1;
	enum rule_state neither = allowed ? RULE_MET : RULE_PENDING;
	struct verdict verdict = {.decision = allowed ? DECISION_ALLOWED : DECISION_BLOCKED,
				  .state = allowed ? STATUS_SUCCESS : STATUS_FAILURE,
				  .text = TEXT_LIT(SECRET),
				  .public_text = TEXT_LIT("public"),
				  .rules = trees,
				  .n_rules = 2};
	struct verdict shown;
	const struct rule_result *one, *two;

	policy_public_view(&verdict, &arena, &shown);
	ck_assert_int_eq(shown.decision, verdict.decision);
	ck_assert_int_eq(shown.state, verdict.state);
	ck_assert(text_is(shown.text, "public") && text_is(shown.public_text, "public"));
	ck_assert_uint_eq(shown.n_rules, 2);
	one = &shown.rules[0];
	two = &shown.rules[1];
	ck_assert(text_is(one->name, "#1") && one->state == neither && !one->blocking && one->next.len == 0);
	ck_assert_uint_eq(one->n_children, 3);
	ck_assert(text_is(one->children[0].name, "plain") && one->children[0].state == RULE_UNMET &&
		  one->children[0].blocking && text_is(one->children[0].next, "a label") &&
		  text_is(one->children[0].who, "ada"));
	ck_assert(text_is(one->children[1].name, "or") && one->children[1].state == neither &&
		  !one->children[1].blocking && one->children[1].next.len == 0 && one->children[1].who.len == 0);
	ck_assert_uint_eq(one->children[1].n_children, 2);
	ck_assert(text_is(one->children[1].children[0].name, "open") &&
		  one->children[1].children[0].state == RULE_UNMET && one->children[1].children[0].blocking);
	ck_assert(text_is(one->children[1].children[1].name, "other"));
	clearance_is(&one->children[2], neither);
	ck_assert(two->state == RULE_UNMET && two->blocking && text_is(two->next, "a label"));
	ck_assert_uint_eq(two->n_children, 2);
	ck_assert(text_is(two->children[0].name, "plain"));
	clearance_is(&two->children[1], neither);
}
END_TEST

static const bool both_ways[] = {false, true};

static const struct suite_test tests[] = {
	SUITE_ROWS(a_change_without_a_policy_says_why, broken),
	SUITE_TEST(a_problem_is_told_even_beside_a_policy),
	SUITE_ROWS(a_verdict_about_no_change_has_no_tree, empty),
	SUITE_ROWS(of_several_changes_the_first_of_the_worst_is_named, several),
	SUITE_ROWS(of_several_changes_the_fewest_reviews_are_told, counted),
	SUITE_ROWS(which_change_is_named_tells_nothing_of_which_restricted_rule_is_met, hidden),
	SUITE_ROWS(a_change_says_where_its_policy_is_from, sources),
	SUITE_TEST(where_the_base_branch_is_not_known_each_branch_is_shown),
	SUITE_ROWS(a_text_is_cut_where_a_word_ends_once_it_is_too_long, lengths),
	SUITE_ROWS(a_shadow_says_whose_it_is, shadows),
	SUITE_ROWS(a_shadow_tells_nothing_of_what_is_restricted, shadowed),
	SUITE_ROWS(the_public_sees_what_is_public_as_it_is_and_nothing_of_the_rest, both_ways),
	SUITE_END,
};
SUITE_MAIN(tests)
