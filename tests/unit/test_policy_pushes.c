/* Commits that are pushed to a branch without a change: what a policy asks of them, and what reaches them of the rest.
 */
#include "policy/rules.h"
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <string.h>

#define RULES                                                                                                          \
	"approval_rules:\n"                                                                                            \
	"- {name: seen, requires: {count: 1, permissions: [write]}}\n"                                                 \
	"- {name: built, requires: {conditions: {has_status: {statuses: [ci/build], conclusions: [success]}}}}\n"      \
	"- {name: by alice, requires: {conditions: {only_pushed_by: {users: ['id:1']}}}}\n"                            \
	"- {name: seen docs, if: {only_changed_files: {paths: ['^docs/']}}, requires: {count: 1, permissions: "        \
	"[write]}}\n"
#define LAND "'^autoland$': {onto: main, rules: "
#define PUSH(more)                                                                                                     \
	"policy: {approval: [seen], contexts: {policy/other: {approval: [built, by alice, seen docs]}}, pushes: "      \
	"{" more "}}\n" RULES

static void pushed(struct example *c, const char *branch)
{
	case_make(c);
	c->change.known &=
		~(unsigned)(FACT_DRAFT | FACT_AUTHOR | FACT_ARRIVAL | FACT_REVIEWS | FACT_LABELS | FACT_TITLE |
			    FACT_BODY | FACT_HEAD_REF | FACT_COMMENTS | FACT_ORDERS | FACT_THREADS);
	c->change.number = 0;
	c->change.n_reviews = 0;
	c->change.pushed_to = text_of(branch);
}

static void guarded(struct example *c)
{
	c->path.path = TEXT_LIT(".headgate.yml");
}

static void others_push(struct example *c)
{
	c->pushers[0] = BOB;
}

static void nobody_known(struct example *c)
{
	c->pushers[0] = 0;
}

static void red(struct example *c)
{
	for (size_t i = 0; i < c->facts.n_outcomes; i++)
		c->outcomes[i].state = TEXT_LIT("failure");
}

static void elsewhere(struct example *c)
{
	c->change.base_ref = TEXT_LIT("release");
}

static void unread(struct example *c)
{
	c->change.known &= ~(unsigned)FACT_COMMITS & ~(unsigned)FACT_PATHS;
}

static void nothing(struct example *c)
{
	(void)c;
}

static const struct {
	const char *policy, *branch;
	void (*bend)(struct example *c);
	enum decision decision;
	const char *text; /* NULL: whatever it is */
} rows[] = {
	{PUSH(LAND "[built]}"), "autoland", nothing, DECISION_ALLOWED, "Allowed: every rule of the policy is met"},
	{PUSH(LAND "[built]}"), "autoland", red, DECISION_BLOCKED, "Blocked: the status ci/build is failure"},
	{PUSH(LAND "[built, by alice]}"), "autoland", nothing, DECISION_ALLOWED, NULL},
	{PUSH(LAND "[by alice]}"), "autoland", others_push, DECISION_BLOCKED, NULL},
	{PUSH(LAND "[by alice]}"), "autoland", nobody_known, DECISION_WAITING, "Needs to know who pushed"},
	{PUSH(LAND "[seen]}"), "autoland", nothing, DECISION_BLOCKED,
	 "Blocked: needs a change: no review can be given to a pushed commit"},
	{PUSH(LAND "[built, seen docs]}"), "autoland", nothing, DECISION_ALLOWED, NULL}, /* it does not apply */
	{PUSH(LAND "[built]}"), "autoland", guarded, DECISION_WAITING, "Needs maintainer clearance"},
	{PUSH(LAND "[built], guards: {off: [guarded_files]}}"), "autoland", guarded, DECISION_ALLOWED, NULL},
	{PUSH(LAND "[built]}"), "autoland", unread, DECISION_WAITING, NULL},
	{PUSH(LAND "[built]}"), "autoland2", nothing, DECISION_BLOCKED,
	 "Blocked: the policy says nothing of pushes to autoland2"},
	{PUSH(LAND "[built]}"), "autoland", elsewhere, DECISION_BLOCKED,
	 "Blocked: the policy says nothing of pushes to autoland"},
	{PUSH(LAND "[seen]}, '^auto.*$': {onto: main, rules: [built]}"), "autoland", nothing, DECISION_BLOCKED, NULL},
	{PUSH(LAND "[seen]}, '^auto.*$': {onto: main, rules: [built]}"), "autoland2", nothing, DECISION_ALLOWED, NULL},
	{PUSH("'^m$': {onto: main, rules: [seen]}"), "m", nothing, DECISION_BLOCKED,
	 "Blocked: needs a change: no review can be given to a pushed commit"},
	{PUSH("'^m$': {onto: main, rules: [seen]}"), "n", nothing, DECISION_BLOCKED,
	 "Blocked: the policy says nothing of pushes to n"},
	{NULL, "autoland", nothing, DECISION_BLOCKED, "Blocked: the policy says nothing of pushes to autoland"},
	/* What blocks changes blocks here; what changes are let off with does not count here. */
	{"policy: {approval: [seen, built, by alice, seen docs], guards: {off: [guarded_files]}, pushes: {" LAND
	 "[built]}}}\n" RULES,
	 "autoland", guarded, DECISION_WAITING, NULL},
	{"policy: {approval: [seen, built, by alice, seen docs], disapproval: {if: {targets_branch: {pattern: "
	 "'^main$'}}}, "
	 "pushes: {" LAND "[built]}}}\n" RULES,
	 "autoland", nothing, DECISION_BLOCKED, NULL},
};

START_TEST(a_pushed_commit_is_judged_by_the_entry_of_its_branch_alone)
{
	struct example c;
	struct verdict verdict;

	pushed(&c, rows[_i].branch);
	rows[_i].bend(&c);
	verdict = case_judge(&c, rows[_i].policy);
	ck_assert_msg(verdict.decision == rows[_i].decision, "%s: %s", decision_name(verdict.decision),
		      verdict.text.at);
	ck_assert_msg(!rows[_i].text || text_is(verdict.public_text, rows[_i].text), "%s", verdict.public_text.at);
	ck_assert_ptr_nonnull(case_row(&verdict, arena_printf(&c.arena, "push to %s", rows[_i].branch).at));
	case_drop(&c);
}
END_TEST

#define WITH(more, entry)                                                                                              \
	"policy: {approval: [seen, built, by alice, seen docs], " more ", pushes: {" LAND "[built]" entry "}}}"        \
													  "\n" RULES

static void secret(struct example *c)
{
	c->path.path = TEXT_LIT("secret");
}

static const struct {
	const char *policy;
	void (*bend)(struct example *c);
	enum decision decision;
} inherited[] = {
	{WITH("guards: {files: ['^secret$']}", ""), secret, DECISION_WAITING},
	{WITH("guards: {files: ['^other$']}", ""), secret, DECISION_ALLOWED},
	{WITH("guards: {files: ['^other$']}", ", guards: {files: ['^secret$']}"), secret, DECISION_WAITING},
	{WITH("disapproval: {if: {targets_branch: {pattern: '^main$'}}}", ""), nothing, DECISION_BLOCKED},
	{WITH("disapproval: {if: {targets_branch: {pattern: '^main$'}}}",
	      ", disapproval: {if: {targets_branch: {pattern: '^old$'}}}"),
	 nothing, DECISION_ALLOWED},
	{WITH("disapproval: {if: {targets_branch: {pattern: '^old$'}}}",
	      ", disapproval: {if: {targets_branch: {pattern: '^main$'}}}"),
	 nothing, DECISION_BLOCKED},
};

START_TEST(an_entry_has_the_files_of_the_policy_and_its_disapproval_unless_it_says_another)
{
	struct example c;
	const struct policy *entry;

	pushed(&c, "autoland");
	inherited[_i].bend(&c);
	ck_assert_int_eq(case_judge(&c, inherited[_i].policy).decision, inherited[_i].decision);
	entry = policy_of_push(c.governed.policy, TEXT_LIT("autoland"), TEXT_LIT("main"));
	ck_assert_ptr_eq(policy_of_push(entry, TEXT_LIT("autoland"), TEXT_LIT("main")), entry);
	ck_assert_uint_eq(entry->people_file.len, 0);
	case_drop(&c);
}
END_TEST

START_TEST(an_entry_knows_the_people_of_the_policy)
{
	struct example c;
	const struct policy *entry;

	pushed(&c, "autoland");
	(void)case_judge(&c, WITH("attribution: {file: people.yml}", ""));
	entry = policy_of_push(c.governed.policy, TEXT_LIT("autoland"), TEXT_LIT("main"));
	ck_assert(text_is(entry->people_file, "people.yml"));
	case_drop(&c);
}
END_TEST

START_TEST(of_what_no_entry_names_nothing_else_is_asked)
{
	struct example c;
	struct verdict verdict;

	pushed(&c, "elsewhere");
	verdict = case_judge(&c, PUSH(LAND "[built]}"));
	ck_assert_uint_eq(verdict.rules[0].n_children, 2); /* open, and what says so */
	case_drop(&c);
}
END_TEST

START_TEST(an_entry_says_nothing_of_changes)
{
	struct example c;

	case_make(&c);
	c.outcomes[0].state = TEXT_LIT("failure");
	ck_assert_int_eq(case_judge(&c, PUSH(LAND "[built]}")).decision, DECISION_ALLOWED);
	c.change.n_reviews = 0;
	ck_assert_int_eq(case_judge(&c, PUSH(LAND "[built]}")).decision, DECISION_WAITING);
	case_drop(&c);
}
END_TEST

START_TEST(a_commit_that_heads_a_change_too_must_be_right_as_both)
{
	struct change both[2];
	struct governed by[2];
	struct verdict verdict;
	struct example c;

	pushed(&c, "autoland");
	(void)case_judge(&c, PUSH(LAND "[built]}"));
	both[1] = c.change;
	by[0] = by[1] = c.governed;
	both[0] = both[1];
	both[0].pushed_to = TEXT_EMPTY;
	both[0].number = 412;
	both[0].known = FACTS_ALL;
	c.facts.changes = both;
	c.facts.n_changes = 2;
	policy_judge(by, &c.facts, &c.arena, &verdict); /* nobody looked at the change */
	ck_assert_int_eq(verdict.decision, DECISION_WAITING);
	ck_assert_ptr_nonnull(case_row(&verdict, "push to autoland"));
	both[0].reviews = c.reviews;
	both[0].n_reviews = 2;
	policy_judge(by, &c.facts, &c.arena, &verdict);
	ck_assert_int_eq(verdict.decision, DECISION_ALLOWED);
	red(&c); /* of which the change asks nothing */
	policy_judge(by, &c.facts, &c.arena, &verdict);
	ck_assert_int_eq(verdict.decision, DECISION_BLOCKED);
	case_drop(&c);
}
END_TEST

START_TEST(no_other_context_is_given_to_a_pushed_commit)
{
	struct example c;
	struct verdict verdict;

	pushed(&c, "autoland");
	(void)case_judge(&c, PUSH(LAND "[built]}"));
	policy_judge_context(&c.governed, &c.facts, TEXT_LIT("policy/other"), &c.arena, &verdict);
	ck_assert_int_eq(verdict.decision, DECISION_BLOCKED);
	case_drop(&c);
}
END_TEST

START_TEST(only_what_is_to_be_had_of_a_pushed_commit_is_read)
{
	struct example c;
	struct policy_needs needs;

	pushed(&c, "autoland");
	(void)case_judge(&c, PUSH(LAND "[built, seen docs]}"));
	needs = policy_needs(policy_of_push(c.governed.policy, TEXT_LIT("autoland"), TEXT_LIT("main")));
	ck_assert_uint_eq(needs.facts & (FACT_REVIEWS | FACT_COMMENTS | FACT_THREADS | FACT_AUTHOR), 0);
	ck_assert(needs.facts & FACT_STATUSES);
	ck_assert_uint_eq(needs.n_watched, 1);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *entry, *why;
} wrongs[] = {
	{"'autoland': {onto: main, rules: [built]}", "^...$"},
	{"'^autoland$': {rules: [built]}", "`onto` is missing"},
	{"'^autoland$': {onto: main}", "`rules` is missing"},
	{"'^autoland$': {onto: '', rules: [built]}", "expected text"},
	{"'^autoland$': {onto: main, rules: []}", "empty list"},
	{"'^autoland$': {onto: main, rules: [unheard of]}", "no rule is named"},
	{"'^autoland$': {onto: main, rule: [built]}", "unknown"},
	{"'^autoland$': [built]", "map"},
	{"", "is a map"},
};

START_TEST(an_entry_that_is_wrong_is_told)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy;
	struct text text =
		arena_printf(&arena, "policy: {approval: [seen, built, by alice, seen docs], pushes: {%s}}\n%s",
			     wrongs[_i].entry, RULES);
	bool ok = policy_check(text, NULL, &arena, &policy, &errors, &lints);

	ck_assert(!ok);
	ck_assert_msg(strstr(errors.items[0].text, wrongs[_i].why) != NULL, "%s", errors.items[0].text);
}
END_TEST

START_TEST(a_rule_that_one_entry_alone_names_is_used)
{
	struct example c;

	pushed(&c, "autoland");
	ck_assert_int_eq(case_judge(&c,
				    "policy: {approval: [seen], pushes: {'^autoland$': {onto: main, rules: [built]}, "
				    "'^try$': {onto: main, rules: [by alice]}}}\napproval_rules:\n"
				    "- {name: seen, requires: {count: 1, permissions: [write]}}\n"
				    "- {name: built, requires: {conditions: {has_status: {statuses: [ci/build]}}}}\n"
				    "- {name: by alice, requires: {conditions: {only_pushed_by: {users: ['id:1']}}}}\n")
				 .decision,
			 DECISION_ALLOWED);
	case_drop(&c);
}
END_TEST

/* Rules that hold nothing back, ask for no review or stand in no entry are none of those. */
START_TEST(a_rule_that_asks_for_no_review_is_not_remarked_on)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy;

	ck_assert(policy_check(
		text_of("policy: {approval: [seen, warns], pushes: {'^autoland$': {onto: main, rules: [built, "
			"warns]}}}\n"
			"approval_rules:\n"
			"- {name: seen, requires: {count: 1, permissions: [write]}}\n"
			"- {name: warns, mode: warn, requires: {count: 1, permissions: [write]}}\n"
			"- {name: built, requires: {conditions: {only_pushed_by: {users: ['id:1']}}}}\n"),
		NULL, &arena, &policy, &errors, &lints));
	for (size_t i = 0; i < lints.n; i++)
		ck_assert_ptr_null(strstr(lints.items[i].text, "none can be given to a pushed commit"));
}
END_TEST

START_TEST(a_rule_that_asks_for_reviews_is_remarked_on)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy;

	ck_assert(
		policy_check(text_of("policy: {approval: [seen], pushes: {'^autoland$': {onto: main, rules: [seen]}}}\n"
				     "approval_rules: [{name: seen, requires: {count: 1, permissions: [write]}}]\n"),
			     NULL, &arena, &policy, &errors, &lints));
	ck_assert_uint_eq(lints.n, 1);
	ck_assert(strstr(lints.items[0].text, "none can be given to a pushed commit"));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_pushed_commit_is_judged_by_the_entry_of_its_branch_alone, rows),
	SUITE_ROWS(an_entry_has_the_files_of_the_policy_and_its_disapproval_unless_it_says_another, inherited),
	SUITE_TEST(an_entry_knows_the_people_of_the_policy),
	SUITE_TEST(of_what_no_entry_names_nothing_else_is_asked),
	SUITE_TEST(a_rule_that_asks_for_no_review_is_not_remarked_on),
	SUITE_TEST(an_entry_says_nothing_of_changes),
	SUITE_TEST(a_commit_that_heads_a_change_too_must_be_right_as_both),
	SUITE_TEST(no_other_context_is_given_to_a_pushed_commit),
	SUITE_TEST(only_what_is_to_be_had_of_a_pushed_commit_is_read),
	SUITE_ROWS(an_entry_that_is_wrong_is_told, wrongs),
	SUITE_TEST(a_rule_that_one_entry_alone_names_is_used),
	SUITE_TEST(a_rule_that_asks_for_reviews_is_remarked_on),
	SUITE_END};
SUITE_MAIN(tests)
