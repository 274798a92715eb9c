/* Delegations and requests to land, as a policy counts them: each row is what happened, the verdict and its text. */
#include "policy/cases.h"
#include "tests/support/suite.h"

#define PEOPLE                                                                                                         \
	"{alice: {permission: write, teams: [a/landers]}, bob: {permission: write, teams: [a/core]}, "                 \
	"bea: {permission: write, teams: [a/core, a/landers]}, dave: read, dora: read, "                               \
	"erin: {permission: write, teams: [a/landers]}, mallory: read, unseen: {permission: unknown, teams: "          \
	"unknown}, "                                                                                                   \
	"robot: {permission: admin, type: bot, teams: [a/core, a/landers]}}"

static struct arena arena; /* of the test's own process, and gone with it */

#define CORE(options)                                                                                                  \
	"policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 1, teams: [a/core]}, options: {"      \
	"delegation: {" options "}}}\n"
#define DEFAULTS(always, here)                                                                                         \
	"policy: {approval: [r]}\napproval_defaults: {options: {delegation: {by: {" always "}}}}\n"                    \
	"approval_rules:\n- {name: r, requires: {count: 1, users: [dora]}, options: {delegation: {" here "}}}\n"
#define TWO                                                                                                            \
	"policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 2, teams: [a/core]}, options: {"      \
	"delegation: {}}}\n"
#define AUTHOR                                                                                                         \
	"policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 1, permissions: [write]}, options: {" \
	"delegation: {author: true}}}\n"
#define ANYBODY                                                                                                        \
	"policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 1, permissions: [write]}, options: {" \
	"delegation: {}}}\n"
#define NONE "policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 1, teams: [a/core]}}\n"
#define LAND(but)                                                                                                      \
	"policy: {approval: [r, l]}\napproval_rules:\n- {name: r, requires: {count: 1, permissions: [write]}}\n"       \
	"- {name: l, requires: {conditions: {landing_asked_by: {teams: [a/landers]" but "}}}}\n"

static struct case_result run(const char *policy, const char *history, const char *expect)
{
	struct text document = arena_printf(&arena,
					    "policy: p.yml\nfacts: {people: " PEOPLE ", author: alice}\n"
					    "cases:\n- {name: it, expect: %s, %s}\n",
					    expect, history);
	struct governed by = {NULL, NULL};
	struct problem problem = {0};
	struct case_result result;
	struct cases cases;

	if (!policy_parse(text_of(policy), NULL, &arena, &by.policy, &problem))
		ck_abort_msg("%s: %u:%u %s", policy, problem.line, problem.column, problem.text);
	if (!cases_read(document, &arena, &cases, &problem))
		ck_abort_msg("%s: %u:%u %s", document.at, problem.line, problem.column, problem.text);
	case_run(&cases.items[0], &by, &arena, &result);
	return result;
}

struct told_row {
	const char *policy, *history, *expect, *why; /* why: of whose word was ignored, or in the text */
};

static const struct told_row rows[] = {
	/* who may stand in */
	{CORE(""), "history: [push, delegate: {by: bob, to: dave}, approve: dave]", "allowed", ""},
	{CORE(""), "history: [push, approve: dave, delegate: {by: bob, to: dave}]", "allowed", ""},
	{NONE, "history: [push, delegate: {by: bob, to: dave}, approve: dave]", "waiting", "is not one of those"},
	/* by whom the rule says, and by the defaults where it says nobody */
	{DEFAULTS("permissions: [write]", "by: {permissions: [admin]}"),
	 "history: [push, delegate: {by: bob, to: dave}, approve: dave]", "waiting",
	 "by none of those who may delegate"},
	{DEFAULTS("users: [bob]", "by: {users: [erin]}"),
	 "history: [push, delegate: {by: bob, to: dave}, approve: dave]", "waiting",
	 "by none of those who may delegate"},
	{DEFAULTS("users: [bob]", "by: {permissions: [write]}"),
	 "history: [push, delegate: {by: erin, to: dave}, approve: dave]", "allowed", ""},
	{DEFAULTS("users: [bob]", ""), "history: [push, delegate: {by: bob, to: dave}, approve: dave]", "allowed", ""},
	{CORE(""), "history: [push, delegate: {by: bob, to: dave}]", "waiting", ""},
	{CORE(""), "history: [push, delegate: {by: bob, to: dave}, approve: dora]", "waiting", "is not one of those"},
	{CORE(""), "history: [push, approve: dave]", "waiting", "is not one of those"},
	{CORE(""), "history: [push, delegate: {by: erin, to: dave}, approve: dave]", "waiting",
	 "the delegation by erin is by none of those who may delegate"},
	{CORE("by: {teams: [a/landers]}"), "history: [push, delegate: {by: erin, to: dave}, approve: dave]", "allowed",
	 ""},
	{CORE("by: {teams: [a/landers]}"), "history: [push, delegate: {by: bob, to: dave}, approve: dave]", "waiting",
	 "by none of those"},
	{CORE(""), "history: [push, delegate: {by: robot, to: dave}, approve: dave]", "waiting", ""},
	{CORE(""), "history: [push, delegate: {by: unseen, to: dave}, approve: dave]", "waiting",
	 "needs the permission of unseen"},
	{CORE(""),
	 "history: [push, delegate: {by: mallory, to: dave}, delegate: {by: dave, to: mallory}, approve: dave]",
	 "waiting", "by none of those"},
	{CORE(""), "history: [push, delegate: {by: bob, to: dave}, delegate: {by: dave, to: dora}, approve: dora]",
	 "waiting", "by none of those"},
	/* of which commit */
	{CORE(""), "history: [push: one, delegate: {by: bob, to: dave}, push: two, approve: dave]", "waiting",
	 "the delegation by bob was for "},
	{CORE(""), "history: [push: one, delegate: {by: bob, to: dave}, push: two, push: one, approve: dave]",
	 "waiting", "was given before this commit arrived here last"},
	{CORE("sticky: true"), "history: [push: one, delegate: {by: bob, to: dave}, push: two, approve: dave]",
	 "allowed", ""},
	{CORE("sticky: true"), "history: [push: one, delegate: {by: bob, to: dave}, approve: dave, push: two]",
	 "waiting", "another commit"},
	/* the words */
	{CORE(""), "history: [push, comment: {by: bob, body: 'bors d=dave', edited: true}, approve: dave]", "waiting",
	 "the delegation by bob was edited after it was given"},
	{CORE(""), "history: [push, comment: {by: bob, body: 'I would say bors d=dave'}, approve: dave]", "waiting",
	 ""},
	{CORE(""), "history: [push, comment: {by: bob, body: '@bors delegate=dave'}, approve: dave]", "allowed", ""},
	{CORE(""), "history: [push, comment: {by: bob, body: 'bors d=dora,dave'}, approve: dave]", "allowed", ""},
	{CORE(""), "history: [push, delegate: {by: bob, to: dave}, approve: dave], unknown: [orders]", "waiting",
	 "to know what people told the gate"},
	{CORE(""), "history: [push, delegate: {by: bob, to: dave}, approve: dave], unknown: [comments]", "waiting",
	 "the comments"},
	/* what does not count anyway is waited for by nobody */
	{CORE(""), "history: [push: one, delegate: {by: unseen, to: dave}, push: two, approve: dave]", "waiting",
	 "the delegation by unseen was for "},
	/* taken back */
	{CORE(""), "history: [push, delegate: {by: bob, to: dave}, approve: dave, undelegate: bob]", "waiting",
	 "was taken back by bob"},
	{CORE(""), "history: [push, delegate: {by: bob, to: dave}, approve: dave, undelegate: erin]", "waiting",
	 "was taken back by erin"},
	{CORE(""), "history: [push, delegate: {by: bob, to: dave}, approve: dave, undelegate: mallory]", "allowed", ""},
	{CORE(""), "history: [push, delegate: {by: bob, to: dave}, approve: dave, undelegate: unseen]", "waiting",
	 "the permission of unseen"},
	{CORE(""), "history: [push, undelegate: bob, delegate: {by: bob, to: dave}, approve: dave]", "allowed", ""},
	{CORE(""), "history: [push, delegate: {by: bob, to: dave}, approve: dave, unland: bob]", "allowed", ""},
	/* one place each */
	{TWO, "history: [push, delegate: {by: bob, to: dave}, approve: dave, approve: bob]", "waiting",
	 "gives no second place"},
	{TWO,
	 "history: [push, delegate: {by: bob, to: dave}, delegate: {by: bob, to: dora}, approve: dave, approve: dora]",
	 "waiting", "gives no second place"},
	{TWO, "history: [push, delegate: {by: bob, to: dave}, approve: dave, approve: bea]", "allowed", ""},
	{TWO,
	 "history: [push, delegate: {by: bob, to: dave}, delegate: {by: bea, to: dora}, approve: dave, approve: dora]",
	 "allowed", ""},
	/* the author */
	{CORE(""), "history: [push, delegate: bob, approve: alice]", "waiting", "wrote the change"},
	/* Who took part does not choose who looks in his place. */
	{ANYBODY, "history: [push, delegate: {by: bob, to: dave}, approve: dave]", "allowed", ""},
	{ANYBODY, "history: [push, delegate: {by: alice, to: dave}, approve: dave]", "waiting",
	 "the delegation by alice is by the author of the change"},
	{AUTHOR, "history: [push, delegate: {by: alice, to: dave}, approve: dave]", "waiting",
	 "the delegation by alice is by the author of the change"},
	{ANYBODY, "history: [push: {author: bob}, delegate: {by: bob, to: dave}, approve: dave]", "waiting",
	 "the delegation by bob is by somebody who wrote or committed"},
	{ANYBODY,
	 "history: [push: {by: bob, author: alice, committer: alice}, delegate: {by: bob, to: dave}, approve: dave]",
	 "waiting", "the delegation by bob is by somebody who pushed"},
	{AUTHOR, "history: [push, delegate: bob, approve: alice]", "allowed", ""},
	{AUTHOR, "history: [push, delegate: {by: bob, to: alice}, approve: alice]", "allowed", ""},
	{AUTHOR, "history: [push, delegate: alice, approve: alice]", "waiting", "is to the same person"},
	{AUTHOR, "history: [push, approve: alice]", "waiting", "wrote the change"},
	{AUTHOR, "history: [push: one, delegate: bob, push: two, approve: alice]", "waiting", "another commit"},
	{CORE(""), "history: [push: {author: dave}, delegate: {by: bob, to: dave}, approve: dave]", "waiting",
	 "wrote or committed a commit"},
	/* landing */
	{LAND(""), "history: [push, approve: bob, land: erin]", "allowed", ""},
	{LAND(""), "history: [push, approve: bob]", "waiting", "Needs somebody whom the rule names to ask for landing"},
	{LAND(""), "history: [push, approve: bob, land: dave]", "waiting", "that of dave is by none"},
	{LAND(""), "history: [push, approve: bob, land: unseen]", "waiting", "the permission of unseen"},
	{LAND(""), "history: [push, approve: bob, land: robot]", "waiting", ""},
	{LAND(""), "history: [push: one, approve: bob, land: erin, push: two, approve: bob]", "waiting",
	 "that of erin was for one, another commit"},
	{LAND(""), "history: [push: one, land: erin, push: two, push: one, approve: bob]", "waiting",
	 "arrived here last"},
	{LAND(""), "history: [push, approve: bob, land: erin, unland: erin]", "waiting", "was taken back by erin"},
	{LAND(""), "history: [push, approve: bob, land: erin, unland: bob]", "waiting", "was taken back by bob"},
	{LAND(""), "history: [push, approve: bob, land: erin, unland: mallory]", "allowed", ""},
	{LAND(""), "history: [push, approve: bob, land: erin, unland: bob, land: erin]", "allowed", ""},
	{LAND(""), "history: [push, approve: bob, comment: {by: erin, body: 'bors r+', edited: true}]", "waiting",
	 "was edited after it was given"},
	{LAND(""), "history: [push, approve: bob, land: {by: erin, how: queue}]", "allowed", ""},
	{LAND(""), "history: [push, approve: bob, land: {by: erin, how: auto_merge}]", "allowed", ""},
	{LAND(""), "history: [push, approve: bob, land: {by: erin, how: queue}, unland: {by: mallory, how: queue}]",
	 "waiting", "was taken back"},
	{LAND(""), "history: [push, approve: bob, land: {by: erin, how: queue}, unland: {by: erin, how: auto_merge}]",
	 "allowed", ""},
	{LAND(""), "history: [push, approve: bob, land: alice]", "allowed", ""},
	{LAND(", not: [author]"), "history: [push, approve: bob, land: alice]", "waiting",
	 "that of alice is by the author"},
	{LAND(", not: [approvers]"), "history: [push, approve: bob, land: alice]", "allowed", ""},
	{LAND(", not: [approvers]"), "history: [push, approve: bea, land: bea]", "waiting",
	 "that of bea is by somebody who approved"},
	{LAND(", not: [approvers]"), "history: [push, approve: bob, approve: bea, land: bea]", "waiting",
	 "by somebody who approved"},
	{LAND(", not: [approvers]"), "history: [push: one, approve: bea, push: two, approve: bob, land: bea]",
	 "allowed", ""},
	{LAND(", not: [approvers]"), "history: [push, approve: alice, approve: bob, land: alice]", "waiting",
	 "that of alice is by somebody who approved"}, /* though the approval counts for no rule */
	{LAND(", not: [approvers]"), "history: [push: one, approve: alice, push: two, approve: bob, land: alice]",
	 "allowed", ""},
	{LAND(", not: [approvers, author]"), "history: [push, approve: bob, land: alice]", "waiting",
	 "that of alice is by the author"},
	{LAND(""), "history: [push, approve: bob, land: unseen], unknown: [comments]", "waiting", "the comments"},
	{LAND(""), "history: [push, approve: bob, land: unseen, land: dave]", "waiting", "the permission of unseen"},
	{LAND(""), "history: [push, approve: bob, land: dave, land: unseen]", "waiting", "the permission of unseen"},
	{LAND(""), "history: [push, approve: bob, land: unseen, land: unseen]", "waiting", "the permission of unseen"},
	{LAND(", not: [author, approvers]"), "history: [push, approve: bob, land: erin, land: alice]", "allowed", ""},
	{LAND(""), "history: [push, approve: bob, land: erin], unknown: [orders]", "waiting",
	 "to know what people told the gate"},
};

static bool says(const struct rule_result *row, const char *why)
{
	for (size_t i = 0; i < row->n_ignored; i++)
		if (text_find(row->ignored[i].why, text_of(why)) != SIZE_MAX)
			return true;
	for (size_t i = 0; i < row->n_children; i++)
		if (says(&row->children[i], why))
			return true;
	return false;
}

START_TEST(what_people_told_gates_counts_as_the_rule_says)
{
	const struct told_row *row = &rows[_i];
	struct case_result result = run(row->policy, row->history, row->expect);
	bool said = text_find(result.text, text_of(row->why)) != SIZE_MAX;

	for (size_t i = 0; i < result.verdict.n_rules; i++)
		said = said || says(&result.verdict.rules[i], row->why);
	ck_assert_msg(result.n_why == 0, "%s: %.*s", row->history, TEXT_ARG(result.text));
	ck_assert_msg(said, "%s: %s: %.*s", row->history, row->why, TEXT_ARG(result.text));
}
END_TEST

static const char *const never[][2] = {
	{AUTHOR, "history: [push, delegate: alice, approve: alice]"},
	{TWO, "history: [push, delegate: {by: bob, to: dave}, approve: dave, approve: bob]"},
};

/* Another review is asked for: nothing that is not known yet could make this one count. */
START_TEST(a_delegation_that_never_counts_is_not_waited_for)
{
	struct case_result result = run(never[_i][0], never[_i][1], "waiting");

	ck_assert_uint_eq(result.n_why, 0);
	ck_assert_msg(text_starts(result.text, TEXT_LIT("Needs 1 ")), "%.*s", TEXT_ARG(result.text));
}
END_TEST

static const struct {
	const char *policy, *problem;
} wrong[] = {
	{CORE("to: dave"), "unknown key `to`"},
	{CORE("confirm: true"), "`confirm` is not known to this version"},
	{LAND(", not: [approvers, author, bots]"), "`not` lists author, approvers"},
	{CORE("by: {}"), "by"},
	{LAND(", not: [bots]"), "`not` lists author, approvers"},
	{"policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {conditions: {landing_asked_by: {not: "
	 "[author]}}}}\n",
	 "landing_asked_by names nobody"},
	{"policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 1, owners: {file: CODEOWNERS}}, "
	 "options: {delegation: {}}}\n",
	 "who cannot delegate"},
	{"policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {eyes: 4, permissions: [write]}, options: "
	 "{delegation: {author: true}}}\n",
	 "no delegation to the author"},
};

START_TEST(what_cannot_be_meant_is_an_error)
{
	const struct policy *policy;
	struct problem problem = {0};

	ck_assert(!policy_parse(text_of(wrong[_i].policy), NULL, &arena, &policy, &problem));
	ck_assert_msg(text_find(text_of(problem.text), text_of(wrong[_i].problem)) != SIZE_MAX, "%s", problem.text);
}
END_TEST

START_TEST(a_sticky_delegation_is_told_as_unsafe)
{
	static struct problem_list errors, lints;
	const struct policy *policy;

	ck_assert(policy_check(TEXT_LIT(CORE("sticky: true")), NULL, &arena, &policy, &errors, &lints));
	ck_assert_uint_eq(lints.n, 1);
	ck_assert(text_starts(text_of(lints.items[0].text), TEXT_LIT(PROBLEM_UNSAFE)));
}
END_TEST

static const struct {
	const char *policy;
	unsigned facts;
} needing[] = {
	{CORE(""), FACT_ORDERS | FACT_COMMENTS},
	{LAND(""), FACT_ORDERS | FACT_COMMENTS},
	{NONE, 0},
	{"policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 1, permissions: [write]}, options: "
	 "{methods: {github_review_comment_patterns: [tested]}}}\n",
	 FACT_COMMENTS},
};

START_TEST(who_reads_texts_asks_for_them)
{
	const struct policy *policy;
	struct problem problem;

	ck_assert(policy_parse(text_of(needing[_i].policy), NULL, &arena, &policy, &problem));
	ck_assert_uint_eq(policy_needs(policy).facts & (FACT_ORDERS | FACT_COMMENTS), needing[_i].facts);
	ck_assert(!policy_needs(policy).comments_object);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_people_told_gates_counts_as_the_rule_says, rows),
	SUITE_ROWS(a_delegation_that_never_counts_is_not_waited_for, never),
	SUITE_ROWS(what_cannot_be_meant_is_an_error, wrong),
	SUITE_TEST(a_sticky_delegation_is_told_as_unsafe),
	SUITE_ROWS(who_reads_texts_asks_for_them, needing),
	SUITE_END,
};
SUITE_MAIN(tests)
