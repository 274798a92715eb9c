/* What joins and surrounds the rules: k of n, branches, guards, disapproval, rules that only warn, eyes, defaults. */
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <string.h>

/* t: met; f: unmet (waits); b: blocks; s: skipped; h, k: restricted, unmet and met; w: warns, unmet. */
#define RULES                                                                                                          \
	"approval_rules:\n"                                                                                            \
	"- {name: t, requires: {count: 1, users: [bob]}}\n"                                                            \
	"- {name: t2, requires: {count: 1, users: [carol]}}\n"                                                         \
	"- {name: f, requires: {count: 1, users: [dave]}}\n"                                                           \
	"- {name: b, requires: {conditions: {targets_branch: {pattern: '^release$'}}}}\n"                              \
	"- {name: s, if: {targets_branch: {pattern: '^release$'}}, requires: {count: 1, users: [bob]}}\n"              \
	"- {name: h, visibility: restricted, requires: {count: 1, users: [dave]}}\n"                                   \
	"- {name: k, visibility: restricted, requires: {count: 1, users: [bob]}}\n"                                    \
	"- {name: w, mode: warn, requires: {count: 1, users: [dave]}}\n"
#define USED "{or: [t, t2, f, b, s, h, k]}, w"

static const struct {
	const char *entry;
	enum decision decision;
	const char *text;
} k_of_n[] = {
	{"{at_least: {count: 1, of: [t]}}", DECISION_ALLOWED, NULL},
	{"{at_least: {count: 2, of: [t, t2]}}", DECISION_ALLOWED, NULL},
	{"{at_least: {count: 2, of: [t, f, t2]}}", DECISION_ALLOWED, NULL},
	{"{at_least: {count: 2, of: [t, f]}}", DECISION_WAITING, "Needs 1 review of 9a77b03 (0/1)"},
	{"{at_least: {count: 2, of: [f, t, b]}}", DECISION_WAITING, "Needs 1 review of 9a77b03 (0/1)"},
	{"{at_least: {count: 2, of: [t, b]}}", DECISION_BLOCKED,
	 "Blocked: too few of the alternatives in the policy can be met by this change"},
	{"{at_least: {count: 2, of: [t, s]}}", DECISION_BLOCKED,
	 "Blocked: too few of the alternatives in the policy can be met by this change"},
	{"{at_least: {count: 1, of: [s, {and: [s, s]}]}}", DECISION_BLOCKED,
	 "Blocked: too few of the alternatives in the policy can be met by this change"},
	{"{at_least: {count: 2, of: [t, {or: [t, b]}]}}", DECISION_ALLOWED, NULL},
	{"{at_least: {count: 2, of: [t, k]}}", DECISION_ALLOWED, NULL},
	{"{at_least: {count: 2, of: [t, h]}}", DECISION_WAITING, "Needs maintainer clearance"},
	{"{at_least: {count: 2, of: [h, k, b]}}", DECISION_WAITING, "Needs maintainer clearance"},
	{"{at_least: {count: 2, of: [{and: [t, f]}, t2, {or: [b, t]}]}}", DECISION_ALLOWED, NULL},
};

START_TEST(so_many_of_the_alternatives_that_apply_must_be_met)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	verdict = case_judge(&c,
			     arena_printf(&c.arena, "policy: {approval: [%s, " USED "]}\n" RULES, k_of_n[_i].entry).at);
	ck_assert_msg(verdict.decision == k_of_n[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	if (k_of_n[_i].text)
		ck_assert_msg(text_is(verdict.text, k_of_n[_i].text), "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

START_TEST(a_rule_that_warns_is_judged_and_holds_nothing_back)
{
	struct example c;
	struct verdict verdict;
	const struct rule_result *row;

	case_make(&c);
	verdict = case_judge(&c, "policy: {approval: [" USED "]}\n" RULES);
	row = case_row(&verdict, "w");
	ck_assert_int_eq(verdict.decision, DECISION_ALLOWED);
	ck_assert(row && row->mode == MODE_WARN && row->state == RULE_UNMET);
	ck_assert(text_is(row->next, "1 review of 9a77b03 (0/1)"));
	case_drop(&c);
}
END_TEST

START_TEST(what_only_a_warning_asks_for_is_not_waited_for)
{
	struct example c;
	struct verdict verdict;
	static const char policy[] = "policy: {approval: [t, w]}\napproval_rules:\n"
				     "- {name: t, requires: {count: 1, users: [bob]}}\n"
				     "- {name: w, mode: warn, requires: {conditions: {changed_files: {paths: [x]}}}}\n";

	case_make(&c);
	c.change.known &= ~(unsigned)FACT_PATHS;
	verdict = case_judge(&c, arena_printf(&c.arena, "%s", policy).at);
	ck_assert_int_eq(verdict.decision, DECISION_WAITING); /* the guarded files still want it */
	verdict = case_judge(&c, "policy: {approval: [t, w], guards: {off: [guarded_files]}}\napproval_rules:\n"
				 "- {name: t, requires: {count: 1, users: [bob]}}\n"
				 "- {name: w, mode: warn, requires: {conditions: {changed_files: {paths: [x]}}}}\n");
	ck_assert_int_eq(verdict.decision, DECISION_ALLOWED);
	ck_assert(policy_needs(c.governed.policy).facts & FACT_PATHS);
	case_drop(&c);
}
END_TEST

START_TEST(a_policy_of_warnings_alone_permits_nothing)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	verdict = case_judge(&c, "policy: {approval: [w]}\napproval_rules:\n"
				 "- {name: w, mode: warn, requires: {count: 1, users: [bob]}}\n");
	ck_assert_int_eq(verdict.decision, DECISION_BLOCKED);
	case_drop(&c);
}
END_TEST

#define TABLE "policy: {branches: {'^main$': [t], '^release$': [f], '^(dev|next)$': closed, default: %s}%s}\n" TWO_RULES
#define TWO_RULES                                                                                                      \
	"approval_rules:\n- {name: t, requires: {count: 1, users: [bob]}}\n- {name: f, requires: {count: 1, users: "   \
	"[dave]}}\n"

static const struct {
	const char *base, *other, *more;
	enum decision decision;
	const char *text;
} branches[] = {
	{"main", "closed", "", DECISION_ALLOWED, NULL},
	{"release", "closed", "", DECISION_WAITING, "Needs 1 review of 9a77b03 (0/1)"},
	{"dev", "[t]", "", DECISION_BLOCKED, "Blocked: the branch dev is closed by the policy"},
	{"not-main-either", "closed", "", DECISION_BLOCKED,
	 "Blocked: the branch not-main-either is closed by the policy"},
	{"main2", "[f]", "", DECISION_WAITING, NULL},
	{"main\n", "closed", "", DECISION_BLOCKED, "Blocked: the branch main? is closed by the policy"},
	{"other", "[t]", "", DECISION_ALLOWED, NULL},
	{"", "[t]", "", DECISION_WAITING, "Needs the base branch"},
	{"main", "closed", ", approval: [f]", DECISION_WAITING, NULL},
	{"main", "closed", ", approval: [t]", DECISION_ALLOWED, NULL},
	{"dev", "closed", ", approval: [t]", DECISION_BLOCKED, NULL},
};

START_TEST(a_branch_has_the_rules_of_its_entry_and_no_branch_is_open_by_accident)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.change.base_ref = text_of(branches[_i].base);
	verdict = case_judge(&c, arena_printf(&c.arena, TABLE, branches[_i].other, branches[_i].more).at);
	ck_assert_msg(verdict.decision == branches[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	if (branches[_i].text)
		ck_assert_msg(text_is(verdict.text, branches[_i].text), "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

/* What looks anchored and is not, to whoever reads patterns as people do. */
static const struct {
	const char *pattern, *base;
	enum decision decision;
} hiding[] = {
	{"^\\Q[\\E|main$", "not-main", DECISION_BLOCKED},
	{"^\\Q[\\E|main$", "main", DECISION_ALLOWED},
	{"^\\c[|main$", "not-main", DECISION_BLOCKED},
	{"^(?#()|main$", "not-main", DECISION_BLOCKED},
	{"^main(*ACCEPT)x$", "main-old", DECISION_BLOCKED},
	{"^(main)(?:-old|)$", "main-older", DECISION_BLOCKED},
	{"^(main)(?:-old|)$", "main-old", DECISION_ALLOWED},
	{"^main[a|b]$", "main|", DECISION_ALLOWED},
	{"^[ab|]x$", "|x", DECISION_ALLOWED},
	{"^[ab|]x$", "x", DECISION_BLOCKED},
};

START_TEST(a_pattern_opens_whole_names_alone_whatever_it_hides)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.change.base_ref = text_of(hiding[_i].base);
	verdict =
		case_judge(&c, arena_printf(&c.arena,
					    "policy: {branches: {'%s': [t], default: closed}}\napproval_rules: [{name: "
					    "t, requires: {count: 1, users: [bob]}}]\n",
					    hiding[_i].pattern)
				       .at);
	ck_assert_msg(verdict.decision == hiding[_i].decision, "%s: %s: %.*s", hiding[_i].pattern, hiding[_i].base,
		      TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

/* Nobody can tell which branch it is: each is shown with its rules. */
START_TEST(distinct_rules_may_ask_for_a_hundred_people)
{
	static const char text[] =
		"policy: {approval: [{distinct: [x, y]}]}\napproval_rules:\n- {name: x, requires: "
		"{count: 51, permissions: [write]}}\n- {name: y, requires: {count: 49, permissions: [write]}}\n";
	struct example c;

	case_make(&c);
	ck_assert_int_eq(case_judge(&c, text).decision, DECISION_WAITING);
	case_drop(&c);
}
END_TEST

/* What else is wrong with them cannot be told before they have names. */
START_TEST(of_rules_without_names_nothing_is_told_but_that)
{
	static struct problem_list errors, lints;
	static const char text[] =
		"policy: {approval: [x, {distinct: [x, y]}]}\napproval_rules:\n- {name: y, requires: "
		"{count: 1, users: [a]}}\n- {requires: {count: 1, users: [a]}}\n";
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;

	ck_assert(!policy_check(text_of(text), NULL, &arena, &policy, &errors, &lints));
	ck_assert_uint_eq(errors.n, 1);
	ck_assert_msg(text_find(text_of(errors.items[0].text), TEXT_LIT("`name`")) != SIZE_MAX, "%s",
		      errors.items[0].text);
	ck_assert_uint_eq(lints.n, 0);
}
END_TEST

START_TEST(of_an_unknown_branch_every_entry_is_shown)
{
	static const char *const names[] = {"^main$", "^release$", "^(dev|next)$", "default"};
	struct example c;
	struct verdict verdict;
	const struct rule_result *row;

	case_make(&c);
	c.change.base_ref = TEXT_EMPTY;
	verdict = case_judge(&c, arena_printf(&c.arena, TABLE, "[f]", "").at);
	row = case_row(&verdict, "approval");
	ck_assert_ptr_nonnull(row);
	ck_assert_uint_eq(row->n_children, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_msg(text_find(row->children[i].name, text_of(names[i])) != SIZE_MAX, "%.*s",
			      TEXT_ARG(row->children[i].name));
		ck_assert_uint_eq(row->children[i].n_children, i == 2 ? 0 : 1);
	}
	case_drop(&c);
}
END_TEST

#define ONE_RULE(policy)                                                                                               \
	"policy: {approval: [t]" policy "}\napproval_rules: [{name: t, requires: {count: 1, users: [bob]}}]\n"

static const struct {
	const char *policy;
	bool draft, objected;
	const char *path;
	enum decision decision;
} guarded[] = {
	{ONE_RULE(""), false, false, "src/a.c", DECISION_ALLOWED},
	{ONE_RULE(""), true, false, "src/a.c", DECISION_BLOCKED},
	{ONE_RULE(", guards: {off: [draft]}"), true, false, "src/a.c", DECISION_ALLOWED},
	{ONE_RULE(", guards: {off: [draft]}"), false, true, "src/a.c", DECISION_BLOCKED},
	{ONE_RULE(", guards: {off: [changes_requested]}"), false, true, "src/a.c", DECISION_ALLOWED},
	{ONE_RULE(", guards: {off: [changes_requested]}"), true, true, "src/a.c", DECISION_BLOCKED},
	{ONE_RULE(""), false, false, ".headgate.yml", DECISION_WAITING},
	{ONE_RULE(", guards: {off: [guarded_files]}"), false, false, ".headgate.yml", DECISION_ALLOWED},
	{ONE_RULE(", guards: {files: ['^src/secret/']}"), false, false, "src/secret/key.c", DECISION_WAITING},
	{ONE_RULE(", guards: {files: ['^src/secret/']}"), false, false, ".headgate.yml", DECISION_WAITING},
	{ONE_RULE(", guards: {files: ['^src/secret/']}"), false, false, "src/a.c", DECISION_ALLOWED},
};

START_TEST(a_guard_stands_unless_the_policy_names_it_as_off)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.change.draft = guarded[_i].draft;
	c.path.path = text_of(guarded[_i].path);
	if (guarded[_i].objected)
		case_review(&c, CAROL, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 180000);
	verdict = case_judge(&c, guarded[_i].policy);
	ck_assert_msg(verdict.decision == guarded[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

START_TEST(a_closed_change_is_blocked_whatever_guards_are_off)
{
	struct example c;

	case_make(&c);
	c.change.open = false;
	ck_assert_int_eq(
		case_judge(&c, ONE_RULE(", guards: {off: [draft, changes_requested, guarded_files]}")).decision,
		DECISION_BLOCKED);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *conditions;
	enum decision decision;
	const char *text;
} disapproved[] = {
	{"{targets_branch: {pattern: '^release$'}}", DECISION_ALLOWED, NULL},
	{"{targets_branch: {pattern: '^main$'}}", DECISION_BLOCKED,
	 "Blocked: disapproved by the policy (targets_branch)"},
	{"{targets_branch: {pattern: '^release$'}, changed_files: {paths: ['^src/']}}", DECISION_BLOCKED,
	 "Blocked: disapproved by the policy (changed_files)"},
	{"{changed_files: {paths: ['^(s+)+$']}, targets_branch: {pattern: '^main$'}}", DECISION_BLOCKED,
	 "Blocked: disapproved by the policy (targets_branch)"},
	{"{changed_files: {paths: ['^(s+)+$']}}", DECISION_WAITING,
	 "Needs an answer to which files were changed (limit reached)"},
};

START_TEST(any_condition_of_the_disapproval_that_holds_blocks)
{
	struct example c;
	struct verdict verdict;
	char name[64];

	case_make(&c);
	memset(name, 's', sizeof name);
	name[0] = 's', name[1] = 'r', name[2] = 'c', name[3] = '/', name[sizeof name - 1] = 'x';
	if (strstr(disapproved[_i].conditions, "(s+)+"))
		name[1] = name[2] = name[3] = 's';
	c.path.path = (struct text){name, sizeof name};
	verdict = case_judge(
		&c, arena_printf(&c.arena, ONE_RULE(", disapproval: {if: %s}"), disapproved[_i].conditions).at);
	ck_assert_msg(verdict.decision == disapproved[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	if (disapproved[_i].text)
		ck_assert_msg(text_is(verdict.text, disapproved[_i].text), "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

static const struct {
	int eyes;
	enum decision decision;
} eyes[] = {{4, DECISION_ALLOWED}, {6, DECISION_ALLOWED}, {8, DECISION_WAITING}};

START_TEST(eyes_are_the_authors_and_those_of_so_many_others)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	case_review(&c, ALICE, REVIEW_APPROVED, CASE_HEAD, 180000);
	verdict =
		case_judge(&c, arena_printf(&c.arena,
					    "policy: {approval: [e]}\napproval_rules: [{name: e, requires: {eyes: %d, "
					    "permissions: [write]}}]\n",
					    eyes[_i].eyes)
				       .at);
	ck_assert_msg(verdict.decision == eyes[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

static const struct {
	const char *defaults, *options;
	enum decision decision;
} defaults[] = {
	{"{}", "{}", DECISION_WAITING},
	{"{options: {allow_author: true}}", "{}", DECISION_ALLOWED},
	{"{options: {allow_author: true}}", "{per_base: true}", DECISION_ALLOWED},
	{"{options: {allow_author: true}}", "{allow_author: false}", DECISION_WAITING},
	{"{}", "{allow_author: true}", DECISION_ALLOWED},
};

START_TEST(default_options_hold_for_every_rule_that_does_not_say_otherwise)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	case_review(&c, ALICE, REVIEW_APPROVED, CASE_HEAD, 180000);
	verdict = case_judge(&c, arena_printf(&c.arena,
					      "policy: {approval: [e]}\napproval_defaults: %s\n"
					      "approval_rules: [{name: e, options: %s, requires: {count: 3, "
					      "permissions: [write]}}]\n",
					      defaults[_i].defaults, defaults[_i].options)
					 .at);
	ck_assert_msg(verdict.decision == defaults[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

/* The second commit names these; bob's review is the one that is wanted. */
static const struct {
	const char *who; /* ignore_commits_by */
	int64_t author, committer, coauthor;
	enum decision decision;
} passed[] = {
	{"{users: [robot]}", BOB, BOB, 0, DECISION_WAITING},
	{"{users: [bob]}", BOB, BOB, 0, DECISION_ALLOWED},
	{"{users: [bob]}", BOB, ROBOT, 0, DECISION_WAITING},
	{"{users: [bob, robot]}", BOB, ROBOT, 0, DECISION_ALLOWED},
	{"{users: [robot]}", ROBOT, BOB, 0, DECISION_WAITING},
	{"{users: [robot]}", ROBOT, ROBOT, BOB, DECISION_WAITING},
	{"{users: [robot, bob]}", ROBOT, ROBOT, BOB, DECISION_ALLOWED},
	{"{users: [bob]}", BOB, 0, 0, DECISION_BLOCKED},
	{"{organizations: [acme]}", BOB, BOB, 0, DECISION_WAITING},
};

START_TEST(a_commit_is_passed_over_only_where_everybody_it_names_is_known_to_be_meant)
{
	struct example c;
	struct verdict verdict;
	struct commit *second = &c.commits[1];

	case_make(&c);
	second->author = (struct signer){.id = passed[_i].author};
	second->committer = (struct signer){.id = passed[_i].committer};
	c.coauthor = (struct signer){.id = passed[_i].coauthor};
	second->coauthors = &c.coauthor;
	second->n_coauthors = passed[_i].coauthor != 0;
	c.people[BOB - 1].organizations_known = false;
	verdict = case_judge(&c, arena_printf(&c.arena,
					      "policy: {approval: [e]}\napproval_rules: [{name: e, options: "
					      "{ignore_commits_by: %s}, requires: {count: 1, users: [bob]}}]\n",
					      passed[_i].who)
					 .at);
	ck_assert_msg(verdict.decision == passed[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

/* Bob wrote a commit, and may write: whom the defaults pass over is not whom this rule does. */
START_TEST(whom_a_rule_passes_over_takes_the_place_of_the_defaults)
{
	static const char text[] = "policy: {approval: [e]}\napproval_defaults: {options: {ignore_commits_by: %s}}\n"
				   "approval_rules: [{name: e, options: {ignore_commits_by: %s}, requires: {count: 1, "
				   "users: [bob]}}]\n";
	static const struct {
		const char *always, *here;
		enum decision decision;
	} rows[] = {{"{permissions: [read]}", "{permissions: [admin]}", DECISION_WAITING},
		    {"{permissions: [read]}", "{users: [robot]}", DECISION_WAITING},
		    {"{users: [robot]}", "{permissions: [read]}", DECISION_ALLOWED}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct example c;

		case_make(&c);
		c.commits[1].author = c.commits[1].committer = (struct signer){.id = BOB};
		ck_assert_msg(case_judge(&c, arena_printf(&c.arena, text, rows[i].always, rows[i].here).at).decision ==
				      rows[i].decision,
			      "%s, %s", rows[i].always, rows[i].here);
		case_drop(&c);
	}
}
END_TEST

START_TEST(whoever_pushed_is_not_passed_over_by_forging_an_author)
{
	struct example c;

	case_make(&c);
	c.commits[1].author = c.commits[1].committer = (struct signer){.id = ROBOT};
	c.pushers[1] = BOB;
	c.change.n_pushers = 2;
	ck_assert_int_eq(case_judge(&c, "policy: {approval: [e]}\napproval_rules: [{name: e, options: "
					"{ignore_commits_by: {users: [robot]}}, requires: {count: 1, users: [bob]}}]\n")
				 .decision,
			 DECISION_WAITING);
	case_drop(&c);
}
END_TEST

START_TEST(a_rule_chooses_whether_what_is_not_known_waits_or_blocks)
{
	static const char text[] =
		"policy: {approval: [e]}\napproval_rules: [{name: e, on_unknown: {status: %s}, requires: "
		"{conditions: {has_labels: [ok]}}}]\n";
	struct example c;

	case_make(&c);
	c.change.known &= ~(unsigned)FACT_LABELS;
	ck_assert(text_is(case_judge(&c, arena_printf(&c.arena, text, "pending").at).text, "Needs the labels"));
	ck_assert(
		text_is(case_judge(&c, arena_printf(&c.arena, text, "failure").at).text, "Blocked: needs the labels"));
	case_drop(&c);
}
END_TEST

#define CARRY(carry)                                                                                                   \
	"policy: {approval: [e]}\napproval_rules: [{name: e, " carry "requires: {count: 1, users: [bob]}}]\n"

/* Bob approved the old commit before the head arrived. */
static const struct {
	const char *policy;
	bool carried, edited, rebound;
	enum decision decision;
	enum carry how; /* 0: same-tree */
	const char *why;
} kept[] = {
	{CARRY(""), true, false, false, DECISION_WAITING, 0, NULL},
	{CARRY("carry: [], "), true, false, false, DECISION_WAITING, 0, NULL},
	{CARRY("carry: [same-tree], "), true, false, false, DECISION_ALLOWED, 0, NULL},
	{CARRY("carry: [same-tree], "), false, false, false, DECISION_WAITING, 0, NULL},
	{CARRY("carry: [same-tree], "), true, true, false, DECISION_WAITING, 0, NULL},
	{CARRY("carry: [same-tree], "), true, false, true, DECISION_WAITING, 0, NULL},
	{CARRY("carry: [any-push], "), false, false, false, DECISION_ALLOWED, 0, NULL},
	{CARRY("carry: [any-push], "), false, true, false, DECISION_WAITING, 0, NULL},
	{CARRY("carry: [same-patch], "), true, false, false, DECISION_ALLOWED, CARRY_SAME_PATCH, NULL},
	{CARRY("carry: [base-merge], "), true, false, false, DECISION_ALLOWED, CARRY_BASE_MERGE, NULL},
	{CARRY("carry: [same-tree, base-merge], "), true, false, false, DECISION_ALLOWED, CARRY_BASE_MERGE, NULL},
	{CARRY("carry: [same-patch], "), true, false, false, DECISION_WAITING, CARRY_BASE_MERGE, NULL},
	{CARRY("carry: [base-merge], "), true, false, false, DECISION_WAITING, CARRY_SAME_PATCH, NULL},
	{CARRY("carry: [same-patch], "), true, false, false, DECISION_WAITING, CARRY_SAME_TREE, NULL},
	{CARRY("carry: [same-patch], "), true, false, false, DECISION_WAITING, CARRY_SAME_PATCH, "a differs"},
};

START_TEST(a_review_is_kept_over_a_push_only_as_its_rule_says)
{
	struct example c;
	struct carried carried = {.review = 1, .from = case_oid(CASE_OLD), .how = CARRY_SAME_TREE};
	struct verdict verdict;

	case_make(&c);
	c.change.n_reviews = 0;
	case_review(&c, BOB, REVIEW_APPROVED, CASE_OLD, -60000);
	c.reviews[0].edited = kept[_i].edited;
	if (kept[_i].rebound) /* what is carried is of another commit than the review */
		c.reviews[0].bound_sha = case_oid("4444444aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	carried.how = kept[_i].how ? kept[_i].how : carried.how;
	carried.why = text_of(kept[_i].why);
	c.change.carried = &carried;
	c.change.n_carried = kept[_i].carried;
	verdict = case_judge(&c, kept[_i].policy);
	ck_assert_msg(verdict.decision == kept[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

START_TEST(why_a_review_is_not_kept_is_told_to_those_who_asked_for_it)
{
	static const char *const policies[] = {CARRY("carry: [same-patch], "), CARRY("carry: [same-tree], ")};
	struct carried carried = {.review = 1,
				  .from = case_oid(CASE_OLD),
				  .how = CARRY_SAME_PATCH,
				  .why = TEXT_LIT("caf\xe9\n was changed otherwise")};
	static const char *const why[] = {
		"reviewed 1111111, another commit than this; same-patch: caf?? was changed otherwise",
		"reviewed 1111111, another commit than this"};
	struct example c;

	case_make(&c);
	c.change.n_reviews = 0;
	case_review(&c, BOB, REVIEW_APPROVED, CASE_OLD, -60000);
	c.change.carried = &carried;
	c.change.n_carried = 1;
	for (size_t i = 0; i < 2; i++) {
		struct verdict verdict = case_judge(&c, policies[i]);
		const struct rule_result *row = case_row(&verdict, "e");

		ck_assert_uint_eq(row->n_ignored, 1);
		ck_assert_msg(text_is(row->ignored[0].why, why[i]), "%.*s", TEXT_ARG(row->ignored[0].why));
	}
	case_drop(&c);
}
END_TEST

START_TEST(the_head_that_came_back_keeps_its_review_where_the_tree_is_carried)
{
	struct example c;
	struct carried carried = {.review = 1, .from = case_oid(CASE_HEAD), .how = CARRY_SAME_TREE};

	case_make(&c);
	c.change.n_reviews = 0;
	case_review(&c, BOB, REVIEW_APPROVED, CASE_HEAD, -60000);
	c.change.carried = &carried;
	c.change.n_carried = 1;
	ck_assert_int_eq(case_judge(&c, CARRY("")).decision, DECISION_WAITING);
	ck_assert_int_eq(case_judge(&c, CARRY("carry: [same-tree], ")).decision, DECISION_ALLOWED);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_review_is_kept_over_a_push_only_as_its_rule_says, kept),
	SUITE_TEST(why_a_review_is_not_kept_is_told_to_those_who_asked_for_it),
	SUITE_TEST(the_head_that_came_back_keeps_its_review_where_the_tree_is_carried),
	SUITE_TEST(a_rule_chooses_whether_what_is_not_known_waits_or_blocks),
	SUITE_ROWS(a_commit_is_passed_over_only_where_everybody_it_names_is_known_to_be_meant, passed),
	SUITE_TEST(whoever_pushed_is_not_passed_over_by_forging_an_author),
	SUITE_TEST(whom_a_rule_passes_over_takes_the_place_of_the_defaults),
	SUITE_ROWS(so_many_of_the_alternatives_that_apply_must_be_met, k_of_n),
	SUITE_TEST(a_rule_that_warns_is_judged_and_holds_nothing_back),
	SUITE_TEST(what_only_a_warning_asks_for_is_not_waited_for),
	SUITE_TEST(a_policy_of_warnings_alone_permits_nothing),
	SUITE_ROWS(a_branch_has_the_rules_of_its_entry_and_no_branch_is_open_by_accident, branches),
	SUITE_ROWS(a_guard_stands_unless_the_policy_names_it_as_off, guarded),
	SUITE_TEST(a_closed_change_is_blocked_whatever_guards_are_off),
	SUITE_ROWS(any_condition_of_the_disapproval_that_holds_blocks, disapproved),
	SUITE_ROWS(eyes_are_the_authors_and_those_of_so_many_others, eyes),
	SUITE_ROWS(default_options_hold_for_every_rule_that_does_not_say_otherwise, defaults),
	SUITE_ROWS(a_pattern_opens_whole_names_alone_whatever_it_hides, hiding),
	SUITE_TEST(distinct_rules_may_ask_for_a_hundred_people),
	SUITE_TEST(of_rules_without_names_nothing_is_told_but_that),
	SUITE_TEST(of_an_unknown_branch_every_entry_is_shown),
	SUITE_END,
};
SUITE_MAIN(tests)
