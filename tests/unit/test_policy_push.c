/*
 * What a commit hook is answered: a policy judged from the branch and the commits' messages alone.
 */
#include "policy/push.h"
#include "tests/support/case.h"
#include "tests/support/suite.h"

#define RULES    "approval_rules:\n"
#define NEEDS_A  "  - {name: approved, requires: {conditions: {commit_token: {key: a}}}}\n"
#define RELEASE  "  - {name: release, requires: {conditions: {commit_token: {key: a, values: [release]}}}}\n"
#define SECRET_A "  - {name: hush, visibility: restricted, requires: {conditions: {commit_token: {key: a}}}}\n"
#define WARN_A   "  - {name: soft, mode: warn, requires: {conditions: {commit_token: {key: a}}}}\n"
#define OFF_A    "  - {name: dead, mode: off, requires: {conditions: {commit_token: {key: a}}}}\n"
#define REVIEW   "  - {name: review, requires: {count: 1, permissions: [write]}}\n"
#define BOTH     "  - {name: both, requires: {count: 1, permissions: [write], conditions: {commit_token: {key: a}}}}\n"
#define ON_BETA                                                                                                        \
	"  - {name: beta, if: {targets_branch: {pattern: '^beta$'}}, requires: {conditions: {commit_token: {key: "     \
	"a}}}}\n"
#define LABELLED         "  - {name: labelled, if: {has_labels: [x]}, requires: {conditions: {commit_token: {key: a}}}}\n"
#define FILES            "  - {name: files, requires: {conditions: {changed_files: {paths: ['^x']}}}}\n"
#define NEVER_A          "  - {name: never, requires: {conditions: {not: {commit_token: {key: a}}}}}\n"
#define ON(name, branch) "  - {name: " name ", requires: {conditions: {targets_branch: {pattern: '^" branch "$'}}}}\n"
#define SECRET_ON(name, branch)                                                                                        \
	"  - {name: " name ", visibility: restricted, requires: {conditions: {targets_branch: {pattern: '^" branch     \
	"$'}}}}\n"
#define MIXED                                                                                                          \
	"  - {name: mixed, requires: {conditions: {any_of: [{targets_branch: {pattern: '^x$'}}, {has_labels: "         \
	"[x]}]}}}\n"
#define MIXED_LAST                                                                                                     \
	"  - {name: mixed, requires: {conditions: {any_of: [{has_labels: [x]}, {targets_branch: {pattern: "            \
	"'^x$'}}]}}}\n"
#define SECRET_WARN_A                                                                                                  \
	"  - {name: whisper, mode: warn, visibility: restricted, requires: {conditions: {commit_token: {key: a}}}}\n"
#define GONE                                                                                                           \
	"  - {name: gone, if: {targets_branch: {pattern: '^beta$'}}, requires: {conditions: {targets_branch: "         \
	"{pattern: '^x$'}}}}\n"
#define GONE_TOO                                                                                                       \
	"  - {name: too, if: {targets_branch: {pattern: '^beta$'}}, requires: {conditions: {targets_branch: "          \
	"{pattern: "                                                                                                   \
	"'^y$'}}}}\n"
#define BUGGED(hook) "  - {name: bugged, on_unknown: {hook: " hook "}, requires: {conditions: {bugs: {min: 1}}}}\n"
/* A search that ends at its limit is not known. */
#define UNKNOWN(name, mode)                                                                                            \
	"  - {name: " name ", on_unknown: {hook: " mode                                                                \
	"}, requires: {conditions: {targets_branch: {pattern: '^(a+)+$'}}}}\n"
#define UNKNOWN_WARN "  - {name: soft, mode: warn, requires: {conditions: {targets_branch: {pattern: '^(a+)+$'}}}}\n"
#define BUG(mode)                                                                                                      \
	"  - {name: bug, visibility: restricted, on_unknown: {hook: " mode                                             \
	"}, requires: {conditions: {bugs: {every: {private: false}}}}}\n"
#define HARD_BRANCH "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"

static const struct {
	const char *policy, *branch, *first, *second;
	enum push_says says;
	const char *line;
	bool warns;
} pushes[] = {
	{"policy: {approval: [approved]}\n" RULES NEEDS_A, "main", "x r=bob a=ann", "y a=ann", PUSH_ALLOWED, NULL,
	 false},
	{"policy: {approval: [approved]}\n" RULES NEEDS_A, "main", "x r=bob a=ann", "y", PUSH_DENIED,
	 "approved: ", false},
	{"policy: {approval: [release]}\n" RULES RELEASE, "main", "x a=ann", "y a=release", PUSH_DENIED,
	 "release: commit ", false},
	{"policy: {approval: [hush]}\n" RULES SECRET_A, "main", "x", "y", PUSH_CLEARANCE, "Needs maintainer clearance",
	 false},
	{"policy: {approval: [soft, review]}\n" RULES WARN_A REVIEW, "main", "x", "y", PUSH_ALLOWED, "soft: ", true},
	{"policy: {approval: [dead, review]}\n" RULES OFF_A REVIEW, "main", "x", "y", PUSH_ALLOWED, NULL, false},
	/* The commit status judges reviews and files. */
	{"policy: {approval: [review]}\n" RULES REVIEW, "main", "x", "y", PUSH_ALLOWED, NULL, false},
	{"policy: {approval: [files]}\n" RULES FILES, "main", "x", "y", PUSH_ALLOWED, NULL, false},
	{"policy: {approval: [mixed]}\n" RULES MIXED, "main", "x", "y", PUSH_ALLOWED, NULL, false},
	{"policy: {approval: [mixed]}\n" RULES MIXED_LAST, "main", "x", "y", PUSH_ALLOWED, NULL, false},
	{"policy: {approval: [both]}\n" RULES BOTH, "main", "x", "y", PUSH_DENIED, "both: ", false},
	{"policy: {approval: [both]}\n" RULES BOTH, "main", "x a=ann", "y a=ann", PUSH_ALLOWED, NULL, false},
	/* What applies to another branch does not here; what may apply does. */
	{"policy: {approval: [beta, review]}\n" RULES ON_BETA REVIEW, "main", "x", "y", PUSH_ALLOWED, NULL, false},
	{"policy: {approval: [beta, review]}\n" RULES ON_BETA REVIEW, "beta", "x", "y", PUSH_DENIED, "beta: ", false},
	{"policy: {approval: [labelled, review]}\n" RULES LABELLED REVIEW, "main", "x", "y", PUSH_DENIED,
	 "labelled: ", false},
	/* Alternatives. */
	{"policy: {approval: [{or: [one, review]}]}\n" RULES ON("one", "x") REVIEW, "main", "x", "y", PUSH_ALLOWED,
	 NULL, false},
	{"policy: {approval: [{or: [one, two]}]}\n" RULES ON("one", "x") ON("two", "y"), "main", "x", "y", PUSH_DENIED,
	 "one: ", false},
	{"policy: {approval: [{or: [one, two]}]}\n" RULES ON("one", "main") ON("two", "y"), "main", "x", "y",
	 PUSH_ALLOWED, NULL, false},
	{"policy: {approval: [{at_least: {count: 2, of: [one, two, hush]}}]}\n" RULES ON("one", "main") ON("two", "y")
		 SECRET_ON("hush", "main"),
	 "main", "x", "y", PUSH_ALLOWED, NULL, false},
	{"policy: {approval: [{at_least: {count: 3, of: [one, two, hush]}}]}\n" RULES ON("one", "main") ON("two", "y")
		 SECRET_ON("hush", "y"),
	 "main", "x", "y", PUSH_DENIED, "two: ", false},
	/* A push that is refused anyway tells nothing of what is restricted. */
	{"policy: {approval: [hush, approved]}\n" RULES SECRET_A NEEDS_A, "main", "x", "y", PUSH_DENIED,
	 "approved: ", false},
	{"policy: {approval: [never]}\n" RULES NEVER_A, "main", "x a=ann", "y a=ann", PUSH_DENIED, "never: ", false},
	/* Branches. */
	{"policy: {branches: {'^main$': [review], default: closed}}\n" RULES REVIEW, "main", "x", "y", PUSH_ALLOWED,
	 NULL, false},
	{"policy: {branches: {'^main$': [review], default: closed}}\n" RULES REVIEW, "other", "x", "y", PUSH_DENIED,
	 "The branch other is closed", false},
	{"policy: {branches: {'^main$': [approved], default: [review]}}\n" RULES NEEDS_A REVIEW, "main", "x", "y",
	 PUSH_DENIED, "approved: ", false},
	{"policy: {branches: {'^main$': [approved], default: [review]}}\n" RULES NEEDS_A REVIEW, "mainly", "x", "y",
	 PUSH_ALLOWED, NULL, false},
	/* Disapproval. */
	{"policy: {approval: [review], disapproval: {if: {targets_branch: {pattern: '^old$'}}}}\n" RULES REVIEW, "old",
	 "x", "y", PUSH_DENIED, "Disapproved by the policy (targets_branch)", false},
	{"policy: {approval: [review], disapproval: {if: {targets_branch: {pattern: '^old$'}}}}\n" RULES REVIEW, "new",
	 "x", "y", PUSH_ALLOWED, NULL, false},
	/* What is not known. */
	{"policy: {approval: [maybe]}\n" RULES UNKNOWN("maybe", "deny"), HARD_BRANCH, "x", "y", PUSH_DENIED,
	 "maybe: needs an answer to whether the base branch is one that the rule names (limit reached)", false},
	{"policy: {approval: [maybe]}\n" RULES UNKNOWN("maybe", "allow"), HARD_BRANCH, "x", "y", PUSH_ALLOWED,
	 "maybe: let through without a check", true},
	{"policy: {approval: [maybe, approved]}\n" RULES UNKNOWN("maybe", "allow") NEEDS_A, HARD_BRANCH, "x", "y",
	 PUSH_DENIED, "maybe: let through without a check", true},
	{"policy: {approval: [bugged]}\n" RULES BUGGED("deny"), "main", "x", "y", PUSH_CLEARANCE,
	 "Needs maintainer clearance", false},
	{"policy: {approval: [bugged]}\n" RULES BUGGED("allow"), "main", "x bug 1", "y bug 1", PUSH_ALLOWED,
	 "Let through without a check by a maintainers' rule", true},
	{"policy: {branches: {'^(a+)+$': [review], default: [review]}}\n" RULES REVIEW, HARD_BRANCH, "x", "y",
	 PUSH_DENIED, "The branch " HARD_BRANCH " is closed", false},
	/* What is skipped asks for nothing, and a rule that only warns is quiet where it holds. */
	{"policy: {approval: [beta]}\n" RULES ON_BETA, "main", "x", "y", PUSH_ALLOWED, NULL, false},
	{"policy: {approval: [{or: [gone, too]}, review]}\n" RULES GONE GONE_TOO REVIEW, "main", "x", "y", PUSH_ALLOWED,
	 NULL, false},
	{"policy: {approval: [{or: [gone, {and: [gone]}]}, one]}\n" RULES GONE ON("one", "x"), "main", "x", "y",
	 PUSH_DENIED, "one: ", false},
	{"policy: {approval: [soft, review]}\n" RULES WARN_A REVIEW, "main", "x a=ann", "y a=ann", PUSH_ALLOWED, NULL,
	 false},
	/* What was not needed is not told, and what passed without a check is told once. */
	{"policy: {approval: [{or: [two, one]}]}\n" RULES ON("one", "main") ON("two", "y"), "main", "x", "y",
	 PUSH_ALLOWED, NULL, false},
	{"policy: {approval: [{or: [one, two, maybe]}, {or: [three, review]}]}\n" RULES ON("one", "x") ON("two", "y")
		 UNKNOWN("maybe", "allow") ON("three", "z") REVIEW,
	 HARD_BRANCH, "x", "y", PUSH_ALLOWED, "maybe: let through without a check", true},
	/* The same twice is said once; what holds back is told beside what only warns. */
	{"policy: {approval: [{or: [two, one]}, {or: [two, one]}]}\n" RULES ON("two", "z") ON("one", "x"), "main", "x",
	 "y", PUSH_DENIED, "two: ", false},
	{"policy: {approval: [hush, quiet]}\n" RULES SECRET_A SECRET_ON("quiet", "x"), "main", "x", "y", PUSH_CLEARANCE,
	 "Needs maintainer clearance", false},
	{"policy: {approval: [whisper, hush]}\n" RULES SECRET_WARN_A SECRET_A, "main", "x", "y", PUSH_CLEARANCE,
	 "Needs maintainer clearance", false},
	{"policy: {approval: [hush, whisper]}\n" RULES SECRET_WARN_A SECRET_A, "main", "x", "y", PUSH_CLEARANCE,
	 "Needs maintainer clearance", false},
	{"policy: {approval: [whisper, review]}\n" RULES SECRET_WARN_A REVIEW, "main", "x", "y", PUSH_ALLOWED,
	 "Needs maintainer clearance", true},
	/* A condition of the change that the branch does not tell is none of the push's. */
	{"policy: {approval: [review], disapproval: {if: {has_labels: [x]}}}\n" RULES REVIEW, "main", "x", "y",
	 PUSH_ALLOWED, NULL, false},
	/* What may disapprove does: a hook cannot wait. */
	{"policy: {approval: [review], disapproval: {if: {message_word: {words: [WIP]}}}}\n" RULES REVIEW, "main", "x",
	 "y", PUSH_ALLOWED, NULL, false},
	{"policy: {approval: [review], disapproval: {if: {message_word: {words: [WIP]}}}}\n" RULES REVIEW, "main",
	 "WIP x", "WIP y", PUSH_DENIED, "Disapproved by the policy (message_word)", false},
	{"policy: {approval: [review], disapproval: {if: {message_word: {words: [WIP]}}}}\n" RULES REVIEW, "main",
	 "WIP x", "WIP y\x1b[0m", PUSH_DENIED, "The policy may disapprove (message_word): the message of commit ",
	 false},
	{"policy: {approval: [review], disapproval: {if: {targets_branch: {pattern: '^(a+)+$'}}}}\n" RULES REVIEW,
	 HARD_BRANCH, "x", "y", PUSH_DENIED,
	 "The policy may disapprove (targets_branch): needs an answer to whether the base branch is ", false},
	/* Text that could mislead whoever reads it carries no token, and is told as it is. */
	{"policy: {approval: [approved]}\n" RULES NEEDS_A, "main", "x a=ann", "y a=ann\x1b[0m", PUSH_DENIED,
	 "approved: the message of commit ", false},
	{"policy: {approval: [approved]}\n" RULES NEEDS_A, "main", "x a=ann", "y a=ann\x1b[0m", PUSH_DENIED,
	 "approved: ", false},
};

static struct push_answer judged_as(struct example *c, const char *text, const char *branch, const char *first)
{
	struct policy_defaults defaults = {.approvals = 2};
	const struct policy *policy;
	struct problem problem = {.line = 0};
	struct push_answer answer;

	ck_assert_msg(policy_parse(text_of(text), &defaults, &c->arena, &policy, &problem), "%u: %s", problem.line,
		      problem.text);
	c->commits[0].message = text_of(first);
	c->change.base_ref = text_of(branch);
	c->change.known = FACT_BASE | FACT_COMMITS | FACT_TITLE | FACT_HEAD_REF;
	c->change.title = c->change.head_ref = TEXT_EMPTY;
	policy_judge_push(policy, &c->facts, &c->arena, &answer);
	return answer;
}

/* Whether it is worth the while to read more, and whether something passed that nobody looked at. */
static const struct {
	const char *policy;
	enum push_says says;
	bool open, unchecked;
} readings[] = {
	{"policy: {approval: [maybe]}\n" RULES UNKNOWN("maybe", "deny"), PUSH_DENIED, true, false},
	{"policy: {approval: [maybe]}\n" RULES UNKNOWN("maybe", "allow"), PUSH_ALLOWED, true, true},
	{"policy: {approval: [maybe, approved]}\n" RULES UNKNOWN("maybe", "deny") NEEDS_A, PUSH_DENIED, false, false},
	{"policy: {approval: [maybe, hush]}\n" RULES UNKNOWN("maybe", "deny") SECRET_A, PUSH_DENIED, false, false},
	{"policy: {approval: [maybe, approved]}\n" RULES UNKNOWN("maybe", "allow") NEEDS_A, PUSH_DENIED, false, false},
	{"policy: {approval: [{or: [maybe, one]}]}\n" RULES UNKNOWN("maybe", "deny") ON("one", "x"), PUSH_DENIED, true,
	 false},
	{"policy: {approval: [{or: [review, {and: [maybe, approved]}]}]}\n" RULES REVIEW UNKNOWN("maybe", "deny")
		 NEEDS_A,
	 PUSH_ALLOWED, false, false},
	{"policy: {approval: [{or: [one, {and: [maybe, approved]}]}]}\n" RULES ON("one", "x") UNKNOWN("maybe", "deny")
		 NEEDS_A,
	 PUSH_DENIED, false, false},
	{"policy: {approval: [{or: [maybe, one]}]}\n" RULES UNKNOWN("maybe", "allow") ON("one", "x"), PUSH_ALLOWED,
	 true, true},
	{"policy: {approval: [{or: [review, maybe]}]}\n" RULES REVIEW UNKNOWN("maybe", "deny"), PUSH_ALLOWED, false,
	 false},
	{"policy: {branches: {'^main$': [maybe], default: closed}}\n" RULES UNKNOWN("maybe", "deny"), PUSH_DENIED,
	 false, false},
	{"policy: {approval: [review]}\n" RULES REVIEW, PUSH_ALLOWED, false, false},
	{"policy: {approval: [review], disapproval: {if: {targets_branch: {pattern: '^(a+)+$'}}}}\n" RULES REVIEW,
	 PUSH_DENIED, true, false},
	{"policy: {approval: [maybe], disapproval: {if: {targets_branch: {pattern: '^a'}}}}\n" RULES UNKNOWN("maybe",
													     "deny"),
	 PUSH_DENIED, false, false},
	{"policy: {approval: [maybe, {and: [more]}]}\n" RULES UNKNOWN("maybe", "deny") UNKNOWN("more", "allow"),
	 PUSH_DENIED, true, false},
	/* What only warns is worth it, too: else it would warn of what nobody looked at. */
	{"policy: {approval: [soft]}\n" RULES UNKNOWN_WARN, PUSH_ALLOWED, true, false},
	{"policy: {approval: [soft, maybe]}\n" RULES UNKNOWN_WARN UNKNOWN("maybe", "deny"), PUSH_DENIED, true, false},
	{"policy: {approval: [soft, approved]}\n" RULES UNKNOWN_WARN NEEDS_A, PUSH_DENIED, false, false},
	{"policy: {approval: [soft]}\n" RULES WARN_A, PUSH_ALLOWED, false, false},
	/* Beside what is certain nothing is worth reading. */
	{"policy: {approval: [maybe, {or: [one, two]}]}\n" RULES UNKNOWN("maybe", "deny") ON("one", "x") ON("two", "y"),
	 PUSH_DENIED, false, false},
	{"policy: {approval: [maybe], branches: {'^main$': [review], default: closed}}\n" RULES UNKNOWN("maybe", "deny")
		 REVIEW,
	 PUSH_DENIED, false, false},
	{"policy: {approval: [maybe], disapproval: {if: {targets_branch: {pattern: '^aaa.*$'}}}}\n" RULES UNKNOWN(
		 "maybe", "deny"),
	 PUSH_DENIED, false, false},
};

START_TEST(only_what_reading_may_change_is_open_and_what_passed_unknown_is_said)
{
	struct example c;
	struct push_answer answer;

	case_make(&c);
	answer = judged_as(&c, readings[_i].policy, HARD_BRANCH, "x");
	ck_assert_int_eq(answer.says, readings[_i].says);
	ck_assert_int_eq(answer.open, readings[_i].open);
	ck_assert_int_eq(answer.unchecked, readings[_i].unchecked);
	if (answer.unchecked)
		ck_assert(answer.n_lines > 0 && answer.lines[0].warns);
	case_drop(&c);
}
END_TEST

/* Nobody knows of the bug: that may pass by the rule's word. A message that can mislead is the pusher's own doing. */
START_TEST(what_the_pusher_makes_unknown_does_not_pass_by_the_word_of_the_rule)
{
	static const char *const policies[] = {"policy: {approval: [bug]}\n" RULES BUG("allow"),
					       "policy: {approval: [bug]}\n" RULES BUG("deny")};
	static const char *const messages[] = {"Bug 12345 - x", "Bug 12345 - x\x1b[0m"};
	struct push_answer answer;
	struct example c;

	for (int deny = 0; deny < 2; deny++)
		for (int misleads = 0; misleads < 2; misleads++) {
			case_make(&c);
			answer = judged_as(&c, policies[deny], "main", messages[misleads]);
			ck_assert_int_eq(answer.says, deny || misleads ? PUSH_CLEARANCE : PUSH_ALLOWED);
			ck_assert_int_eq(answer.unchecked, !deny && !misleads);
			case_drop(&c);
		}
}
END_TEST

static struct push_answer judged(struct example *c, size_t row)
{
	struct policy_defaults defaults = {.approvals = 2};
	const struct policy *policy;
	struct problem problem = {.line = 0};
	struct push_answer answer;

	ck_assert_msg(policy_parse(text_of(pushes[row].policy), &defaults, &c->arena, &policy, &problem), "%u: %s",
		      problem.line, problem.text);
	c->commits[0].message = text_of(pushes[row].first);
	c->commits[1].message = text_of(pushes[row].second);
	c->change.base_ref = text_of(pushes[row].branch);
	c->change.known = FACT_BASE | FACT_COMMITS;
	policy_judge_push(policy, &c->facts, &c->arena, &answer);
	return answer;
}

static const struct {
	const char *policy;
	bool judges;
} asked[] = {
	{"", false},
	{"# nothing\n", false},
	{"{}\n", false},
	{"policy: {approval: [review]}\n" RULES REVIEW, false},
	{"policy: {approval: [files, mixed]}\n" RULES FILES MIXED, false},
	{"policy: {approval: [dead, review]}\n" RULES OFF_A REVIEW, false},
	{"policy: {branches: {'^main$': [review], default: [review]}}\n" RULES REVIEW, false},
	{"policy: {approval: [review], disapproval: {if: {has_labels: [x]}}}\n" RULES REVIEW, false},
	/* Another context's rules are not asked of a push. */
	{"policy:\n  approval: [review]\n  contexts: {policy/try: {approval: [approved]}}\n" RULES REVIEW NEEDS_A,
	 false},
	{"policy: {approval: [approved]}\n" RULES NEEDS_A, true},
	{"policy: {approval: [both]}\n" RULES BOTH, true},
	{"policy: {approval: [soft]}\n" RULES WARN_A, true},
	{"policy: {approval: [review, bug]}\n" RULES REVIEW BUG("allow"), true},
	/* What is asked of some branches only is asked. */
	{"policy: {approval: [beta]}\n" RULES ON_BETA, true},
	{"policy: {branches: {'^main$': [review], default: closed}}\n" RULES REVIEW, true},
	{"policy: {branches: {'^main$': [approved], default: [review]}}\n" RULES NEEDS_A REVIEW, true},
	{"policy: {approval: [{or: [one, review]}]}\n" RULES ON("one", "x") REVIEW, true},
	{"policy: {approval: [review], disapproval: {if: {targets_branch: {pattern: '^old$'}}}}\n" RULES REVIEW, true},
};

START_TEST(a_policy_that_asks_nothing_of_a_push_is_told_from_one_that_does)
{
	const struct policy_defaults defaults = {.approvals = 1};
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy;
	struct problem problem = {.line = 0};

	ck_assert_msg(policy_parse(text_of(asked[_i].policy), &defaults, &arena, &policy, &problem), "%u: %s",
		      problem.line, problem.text);
	ck_assert_int_eq(policy_judges_pushes(policy), asked[_i].judges);
}
END_TEST

START_TEST(a_push_is_judged_by_what_can_be_told_from_it)
{
	struct example c;
	struct push_answer answer;
	size_t found = 0;

	case_make(&c);
	answer = judged(&c, (size_t)_i);
	ck_assert_int_eq(answer.says, pushes[_i].says);
	if (!pushes[_i].line)
		ck_assert_uint_eq(answer.n_lines, 0);
	for (size_t i = 0; pushes[_i].line && i < answer.n_lines; i++)
		found += text_starts(answer.lines[i].text, text_of(pushes[_i].line)) &&
			 answer.lines[i].warns == pushes[_i].warns;
	ck_assert_msg(!pushes[_i].line || found == 1, "it says: %s", answer.n_lines > 0 ? answer.lines[0].text.at : "");
	for (size_t i = 0; i < answer.n_lines; i++)
		ck_assert(answer.says != PUSH_DENIED ||
			  text_find(answer.lines[i].text, TEXT_LIT("clearance")) == SIZE_MAX);
	case_drop(&c);
}
END_TEST

START_TEST(an_alternative_that_was_not_needed_is_not_told_beside_what_refuses)
{
	struct example c;
	struct push_answer answer;

	case_make(&c);
	answer = judged_as(
		&c, "policy: {approval: [{or: [two, one]}, approved]}\n" RULES ON("one", "main") ON("two", "y") NEEDS_A,
		"main", "x");
	ck_assert_int_eq(answer.says, PUSH_DENIED);
	ck_assert_uint_eq(answer.n_lines, 1);
	ck_assert(text_starts(answer.lines[0].text, TEXT_LIT("approved: ")));
	case_drop(&c);
}
END_TEST

/* Warnings of bugs, too, would tell of them by what is refused anyway, or say more than that it must be cleared. */
static const struct {
	const char *policy;
	enum push_says says;
	size_t lines;
} hushed[] = {
	{"policy: {approval: [whisper, bug, approved]}\n" RULES SECRET_WARN_A BUG("allow") NEEDS_A, PUSH_DENIED, 1},
	{"policy: {approval: [approved, bug, whisper]}\n" RULES SECRET_WARN_A BUG("allow") NEEDS_A, PUSH_DENIED, 1},
	{"policy: {approval: [whisper, bug, hush]}\n" RULES SECRET_WARN_A BUG("allow") SECRET_A, PUSH_CLEARANCE, 1},
	{"policy: {approval: [hush, bug, soft]}\n" RULES WARN_A BUG("allow") SECRET_A, PUSH_CLEARANCE, 2},
	{"policy: {approval: [whisper, bug, soft]}\n" RULES SECRET_WARN_A WARN_A BUG("allow"), PUSH_ALLOWED, 3},
	/* What was not needed refuses nothing in public. */
	{"policy: {approval: [{or: [two, one]}, hush]}\n" RULES ON("one", "main") ON("two", "y") SECRET_A,
	 PUSH_CLEARANCE, 1},
};

START_TEST(what_is_restricted_is_told_of_a_refused_push_as_one_line_or_none)
{
	struct example c;
	struct push_answer answer;

	case_make(&c);
	answer = judged_as(&c, hushed[_i].policy, "main", "Bug 10001 - x");
	ck_assert_int_eq(answer.says, hushed[_i].says);
	ck_assert_uint_eq(answer.n_lines, hushed[_i].lines);
	for (size_t i = 0; answer.says != PUSH_ALLOWED && i < answer.n_lines; i++)
		ck_assert(!answer.lines[i].restricted || (answer.says == PUSH_CLEARANCE && !answer.lines[i].warns));
	case_drop(&c);
}
END_TEST

/* Of more lines than anybody reads the first stand there, and all hold back; what is restricted takes the place of
 * none. */
START_TEST(a_push_that_many_rules_refuse_is_told_some)
{
	struct example c;
	struct policy_defaults defaults = {.approvals = 2};
	struct text names = TEXT_EMPTY, rules = TEXT_EMPTY;
	const struct policy *policy;
	struct problem problem = {.line = 0};
	struct push_answer answer;

	case_make(&c);
	for (int i = 0; i < 40; i++) {
		names = arena_printf(&c.arena, "%.*s%sr%d", TEXT_ARG(names), i > 0 ? ", " : "", i);
		rules = arena_printf(&c.arena,
				     "%.*s  - {name: r%d, requires: {conditions: {commit_token: {key: a}}}}\n",
				     TEXT_ARG(rules), i);
	}
	ck_assert(policy_parse(arena_printf(&c.arena, "policy: {approval: [hush, %.*s]}\n" RULES SECRET_A "%.*s",
					    TEXT_ARG(names), TEXT_ARG(rules)),
			       &defaults, &c.arena, &policy, &problem));
	c.commits[0].message = c.commits[1].message = TEXT_LIT("x");
	c.change.known = FACT_BASE | FACT_COMMITS;
	policy_judge_push(policy, &c.facts, &c.arena, &answer);
	ck_assert_int_eq(answer.says, PUSH_DENIED);
	ck_assert_uint_eq(answer.n_lines, 18);
	ck_assert(text_starts(answer.lines[17].text, TEXT_LIT("r17: ")));
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_push_is_judged_by_what_can_be_told_from_it, pushes),
	SUITE_ROWS(only_what_reading_may_change_is_open_and_what_passed_unknown_is_said, readings),
	SUITE_ROWS(a_policy_that_asks_nothing_of_a_push_is_told_from_one_that_does, asked),
	SUITE_TEST(what_the_pusher_makes_unknown_does_not_pass_by_the_word_of_the_rule),
	SUITE_ROWS(what_is_restricted_is_told_of_a_refused_push_as_one_line_or_none, hushed),
	SUITE_TEST(an_alternative_that_was_not_needed_is_not_told_beside_what_refuses),
	SUITE_TEST(a_push_that_many_rules_refuse_is_told_some),
	SUITE_END,
};
SUITE_MAIN(tests)
