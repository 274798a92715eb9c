/* How rules combine, what is said about it, and what the public may see. */
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <string.h>

/* t: met; f: unmet (waits); b: blocks; s: skipped; o: off; u: cannot be known. */
#define RULES                                                                                                          \
	"approval_rules:\n"                                                                                            \
	"- {name: t, requires: {count: 1, users: [bob]}}\n"                                                            \
	"- {name: f, requires: {count: 1, users: [dave]}}\n"                                                           \
	"- {name: b, requires: {conditions: {targets_branch: {pattern: '^release$'}}}}\n"                              \
	"- {name: s, if: {targets_branch: {pattern: '^release$'}}, requires: {count: 1, users: [bob]}}\n"              \
	"- {name: o, mode: off, requires: {count: 1, users: [bob]}}\n"                                                 \
	"- {name: u, if: {changed_files: {paths: ['^(s+)+$']}}, requires: {count: 1, users: [bob]}}\n"                 \
	"- {name: h, visibility: restricted, requires: {count: 1, users: [dave]}}\n"                                   \
	"- {name: k, visibility: restricted, requires: {count: 1, users: [bob]}}\n"
#define ALL ", {or: [t, f, b, s, o, u, h, k]}"

static const struct {
	const char *approval;
	enum decision decision;
} combinations[] = {
	{"[t]", DECISION_ALLOWED},
	{"[f]", DECISION_WAITING},
	{"[b]", DECISION_BLOCKED},
	{"[s]", DECISION_BLOCKED},
	{"[o]", DECISION_BLOCKED},
	{"[u]", DECISION_WAITING},
	{"[t, s]", DECISION_ALLOWED},
	{"[t, o]", DECISION_ALLOWED},
	{"[t, f]", DECISION_WAITING},
	{"[t, b]", DECISION_BLOCKED},
	{"[f, b]", DECISION_BLOCKED},
	{"[t, u]", DECISION_WAITING},
	{"[u, b]", DECISION_BLOCKED},
	{"[{and: [t, s]}]", DECISION_ALLOWED},
	{"[t, {and: [s, o]}]", DECISION_ALLOWED},
	{"[{and: [s, o]}]", DECISION_BLOCKED},
	{"[{and: [{and: [t, f]}, t]}]", DECISION_WAITING},
	{"[{or: [t, f]}]", DECISION_ALLOWED},
	{"[{or: [f, t]}]", DECISION_ALLOWED},
	{"[{or: [b, t]}]", DECISION_ALLOWED},
	{"[{or: [u, t]}]", DECISION_ALLOWED},
	{"[{or: [f, b]}]", DECISION_WAITING},
	{"[{or: [b, f]}]", DECISION_WAITING},
	{"[{or: [b, b]}]", DECISION_BLOCKED},
	{"[{or: [s, b]}]", DECISION_BLOCKED},
	{"[{or: [s, o]}]", DECISION_BLOCKED},
	{"[t, {or: [s, o]}]", DECISION_BLOCKED},
	{"[t, {or: [s, {and: [s, o]}]}]", DECISION_BLOCKED},
	{"[{or: [s, f]}]", DECISION_WAITING},
	{"[{or: [s, t]}]", DECISION_ALLOWED},
	{"[h]", DECISION_WAITING},
	{"[k]", DECISION_ALLOWED},
	{"[{or: [h, t]}]", DECISION_ALLOWED},
	{"[{or: [h, b]}]", DECISION_WAITING},
	{"[{or: [k, b]}]", DECISION_ALLOWED},
	{"[k, f]", DECISION_WAITING},
	{"[k, b]", DECISION_BLOCKED},
};

static void long_name(struct example *c)
{
	static char name[64];

	memset(name, 's', sizeof name);
	name[sizeof name - 1] = 'x';
	c->path.path = (struct text){name, sizeof name};
}

/* Every rule must be used: those that a row leaves out go into an alternative that is met. */
static const char *policy_of(struct example *c, const char *approval, bool use_all)
{
	size_t n = strlen(approval) - 1;

	return arena_printf(&c->arena, "policy: {approval: %.*s%s]}\n" RULES, (int)n, approval, use_all ? ALL : "").at;
}

START_TEST(rules_combine_in_three_values_and_skipped_helps_nobody)
{
	struct example c;
	struct verdict verdict;
	const char *approval = combinations[_i].approval;
	bool skipped_only = strchr("so", approval[1]) || strncmp(approval, "[{and: [s", 9) == 0;

	case_make(&c);
	long_name(&c);
	if (skipped_only) /* the alternative that uses all rules would be the one that is met */
		approval =
			arena_printf(&c.arena, "[{or: [{and: %s}, {and: [b, {or: [t, f, s, o, u, h, k]}]}]}]", approval)
				.at;
	verdict = case_judge(&c, policy_of(&c, approval, !skipped_only));
	ck_assert_msg(verdict.decision == combinations[_i].decision, "%s: %s %s", combinations[_i].approval,
		      decision_name(verdict.decision), verdict.text.at);
	case_drop(&c);
}
END_TEST

#define ONE(rest)     "policy: {approval: [r]}\napproval_rules:\n- {name: r, " rest "}\n"
#define ANY_TOKEN     ONE("requires: {conditions: {commit_token: {key: a}}}")
#define TOKEN(values) ONE("requires: {conditions: {commit_token: {key: a, values: " values "}}}")

START_TEST(a_policy_whose_rules_are_all_skipped_allows_nothing)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	verdict = case_judge(&c, ONE("if: {targets_branch: {pattern: nowhere}}, requires: {count: 1, users: [bob]}"));
	ck_assert(text_is(verdict.text, "Blocked: no rule of the policy applies to this change"));
	verdict = case_judge(&c, ONE("mode: off, requires: {count: 1, users: [bob]}"));
	ck_assert_int_eq(verdict.decision, DECISION_BLOCKED);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *first, *second, *values;
	enum decision decision;
	const char *text;
} tokens[] = {
	{"Fix a=erin", "More a=erin", "[erin]", DECISION_ALLOWED, "Allowed: every rule of the policy is met"},
	{"Fix a=erin", "More a=bob", "[erin, bob]", DECISION_ALLOWED, "Allowed: every rule of the policy is met"},
	{"Fix a=erin", "More", "[erin]", DECISION_BLOCKED, "Blocked: commit 2222222 carries no allowed a= token"},
	{"Fix", "More a=erin", "[erin]", DECISION_BLOCKED, "Blocked: commit 9a77b03 carries no allowed a= token"},
	{"Fix a=erinn", "More a=erin", "[erin]", DECISION_BLOCKED,
	 "Blocked: commit 9a77b03 carries no allowed a= token"},
	{"Fix a?erin", "More a=erin", "[erin]", DECISION_BLOCKED,
	 "Blocked: commit 9a77b03 carries no allowed a= token"},
	{"Fix r=erin", "More a=erin", "[erin]", DECISION_BLOCKED,
	 "Blocked: commit 9a77b03 carries no allowed a= token"},
	{"Fix\n a=erin", "More a=erin", "[erin]", DECISION_BLOCKED,
	 "Blocked: commit 9a77b03 carries no allowed a= token"},
	{"Fix a=erin\n\n\xe2\x80\xae", "More a=erin", "[erin]", DECISION_BLOCKED,
	 "Blocked: the message of commit 9a77b03 holds a bidirectional control character"},
	{"Fix a=erin\r", "More a=erin", "[erin]", DECISION_BLOCKED,
	 "Blocked: the message of commit 9a77b03 holds a control byte"},
};

START_TEST(every_commit_carries_the_token)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.commits[0].message = text_of(tokens[_i].first);
	c.commits[1].message = text_of(tokens[_i].second);
	verdict = case_judge(&c, arena_printf(&c.arena, TOKEN("%s"), tokens[_i].values).at);
	ck_assert_int_eq(verdict.decision, tokens[_i].decision);
	ck_assert_msg(text_is(verdict.text, tokens[_i].text), "%s", verdict.text.at);
	c.change.n_commits = 0;
	ck_assert_int_eq(case_judge(&c, arena_printf(&c.arena, TOKEN("%s"), tokens[_i].values).at).decision,
			 DECISION_WAITING);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *path, *old_path;
	enum decision decision;
} guarded[] = {
	{"src/a.c", "", DECISION_ALLOWED},
	{".headgate.yml", "", DECISION_WAITING},
	{".policy.yml", "", DECISION_WAITING},
	{"bors.toml", "", DECISION_WAITING},
	{".github/bors.toml", "", DECISION_WAITING},
	{".github/workflows/ci.yml", "", DECISION_WAITING},
	{"docs/CODEOWNERS", "", DECISION_WAITING},
	{"CODEOWNERS", "", DECISION_WAITING},
	{"a/.headgate.yml", "", DECISION_ALLOWED},
	{"docs/a.txt", ".github/workflows/ci.yml", DECISION_WAITING},
	{".github/workflows/\xff.yml", "", DECISION_WAITING},
	{"src/\xff.c", "", DECISION_ALLOWED},
};

START_TEST(guarded_files_need_a_maintainer_under_every_policy)
{
	static const char *const policies[] = {NULL, ONE("requires: {count: 1, users: [bob]}"), ANY_TOKEN};

	for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
		struct example c;
		struct verdict verdict;

		case_make(&c);
		c.path.path = text_of(guarded[_i].path);
		c.path.old_path = text_of(guarded[_i].old_path);
		verdict = case_judge(&c, policies[i]);
		ck_assert_msg(verdict.decision == guarded[_i].decision, "%s", verdict.text.at);
		if (verdict.decision == DECISION_WAITING)
			ck_assert(text_is(verdict.text, "Needs maintainer clearance"));
		case_review(&c, ERIN, REVIEW_APPROVED, CASE_HEAD, 1000);
		ck_assert_int_eq(case_judge(&c, policies[i]).decision, DECISION_ALLOWED);
		case_drop(&c);
	}
}
END_TEST

static const struct {
	const char *set, *changed;
	bool guarded;
} places[] = {
	{"ci/gate.yml", "ci/gate.yml", true},
	{"ci/gate.yml", ".headgate.yml", true},
	{"ci/gate.yml", "ci/gateXyml", false},
	{"ci/gate.yml", "a/ci/gate.yml", false},
	{"it's [a] (+)", "it's [a] (+)", true},
	{"", "", true},
	{"\\Q.*\\E", "\\Q.*\\E", true},
	{"\\Q.*\\E", "src/a.c", false},
	{"", ".headgate.yml", true},
};

START_TEST(the_policy_file_is_guarded_wherever_it_stands)
{
	struct policy_defaults defaults = {.approvals = 2, .path = text_of(places[_i].set)};
	struct problem problem = {0, 0, ""};
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.path.path = text_of(places[_i].changed);
	c.governed.problem = NULL;
	ck_assert(policy_parse(TEXT_LIT(ONE("requires: {count: 1, users: [bob]}")), &defaults, &c.arena,
			       &c.governed.policy, &problem));
	policy_judge(&c.governed, &c.facts, &c.arena, &verdict);
	ck_assert_int_eq(verdict.decision, places[_i].guarded ? DECISION_WAITING : DECISION_ALLOWED);
	c.governed.policy = policy_builtin(&defaults, &c.arena);
	policy_judge(&c.governed, &c.facts, &c.arena, &verdict);
	ck_assert_int_eq(verdict.decision == DECISION_ALLOWED, !places[_i].guarded);
	case_drop(&c);
}
END_TEST

START_TEST(every_file_that_a_policy_guards_besides_is_guarded)
{
	static const char *const files[] = {
		"a", "b", "c", ".headgate.yml", "bors.toml", "docs/CODEOWNERS", ".github/workflows/ci.yml", "src/a.c"};

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct example c;

		case_make(&c);
		c.path.path = text_of(files[i]);
		ck_assert_int_eq(case_judge(&c, "policy: {approval: [r], guards: {files: ['^a$', '^b$', '^c$']}}\n"
						"approval_rules:\n- {name: r, requires: {count: 1, users: [bob]}}\n")
					 .decision,
				 i == 7 ? DECISION_ALLOWED : DECISION_WAITING);
		case_drop(&c);
	}
}
END_TEST

START_TEST(drafts_closed_changes_and_objections_block_under_every_policy)
{
	struct example c;
	const char *policy = ANY_TOKEN;

	case_make(&c);
	c.change.draft = true;
	ck_assert(text_is(case_judge(&c, policy).text, "Blocked: draft"));
	ck_assert_int_eq(case_judge(&c, policy).state, STATUS_FAILURE);
	c.change.draft = false;
	c.change.open = false;
	ck_assert(text_is(case_judge(&c, policy).text, "Blocked: the change is closed"));
	c.change.open = true;
	case_review(&c, ERIN, REVIEW_CHANGES_REQUESTED, CASE_OLD, -1);
	ck_assert(text_is(case_judge(&c, policy).text, "Blocked: changes requested by erin"));
	case_drop(&c);
}
END_TEST

START_TEST(without_values_every_name_is_allowed)
{
	struct example c;

	case_make(&c);
	c.commits[0].message = TEXT_LIT("Fix a=anyone");
	c.commits[1].message = TEXT_LIT("More a=x");
	ck_assert_int_eq(case_judge(&c, ANY_TOKEN).decision, DECISION_ALLOWED);
	c.commits[1].message = TEXT_LIT("More");
	ck_assert_int_eq(case_judge(&c, ANY_TOKEN).decision, DECISION_BLOCKED);
	case_drop(&c);
}
END_TEST

static const char *const odd_names[] = {"crypto/x.c", "crypto/x\n.c", "crypto/\r\n.c", "crypto/\xff\n.c", "crypto/.c"};

START_TEST(a_line_break_in_a_name_hides_no_file_from_a_pattern)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.path.path = text_of(odd_names[_i]);
	verdict = case_judge(
		&c, ONE("if: {changed_files: {paths: ['^crypto/.*\\.c$']}}, requires: {count: 1, users: [dave]}"));
	ck_assert_int_eq(case_row(&verdict, "r")->state, RULE_UNMET);
	c.path.path = arena_printf(&c.arena, "%s\n", odd_names[_i]); /* another file, which does not end in .c */
	verdict = case_judge(
		&c, ONE("if: {changed_files: {paths: ['^crypto/.*\\.c$']}}, requires: {count: 1, users: [dave]}"));
	ck_assert_int_eq(case_row(&verdict, "r")->state, RULE_SKIPPED);
	case_drop(&c);
}
END_TEST

START_TEST(a_hit_pattern_limit_waits)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	long_name(&c);
	verdict = case_judge(&c, ONE("if: {changed_files: {paths: ['^(s+)+$']}}, requires: {count: 1, users: [bob]}"));
	ck_assert_int_eq(verdict.decision, DECISION_WAITING);
	ck_assert_int_eq(case_row(&verdict, "r")->state, RULE_PENDING);
	case_drop(&c);
}
END_TEST

static void one_review(struct example *c)
{
	c->change.n_reviews = 1;
}
static void draft(struct example *c)
{
	c->change.draft = true;
}
static void guarded_file(struct example *c)
{
	c->path.path = TEXT_LIT(".headgate.yml");
}
static void no_change(struct example *c)
{
	c->facts.n_changes = 0;
}
static void superseded(struct example *c)
{
	no_change(c);
	c->facts.superseded_by = case_oid("4f2c9e1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}
static void unread(struct example *c)
{
	c->facts.changes_known = false;
}
static void no_head(struct example *c)
{
	c->facts.head = OID_NONE;
}

static const struct {
	void (*bend)(struct example *c);
	const char *text, *revoked; /* where the commit was allowed before */
	enum decision decision, before;
} texts[] = {
	{one_review, "Needs 1 more review of 9a77b03 (1/2)", "Revoked: needs 1 more review of 9a77b03 (1/2)",
	 DECISION_WAITING, DECISION_REVOKED},
	{draft, "Blocked: draft", "Revoked: draft", DECISION_BLOCKED, DECISION_REVOKED},
	{guarded_file, "Needs maintainer clearance", "Revoked: needs maintainer clearance", DECISION_WAITING,
	 DECISION_REVOKED},
	{no_change, "Blocked: no open change has this head", "Blocked: no open change has this head", DECISION_BLOCKED,
	 DECISION_BLOCKED},
	{superseded, "Superseded by 4f2c9e1", "Superseded by 4f2c9e1", DECISION_BLOCKED, DECISION_BLOCKED},
	{unread, "Needs the list of open changes", "Revoked: needs the list of open changes", DECISION_WAITING,
	 DECISION_REVOKED},
	{no_head, "Cannot decide: the commit is not known", "Cannot decide: the commit is not known",
	 DECISION_CANNOT_DECIDE, DECISION_CANNOT_DECIDE},
};

START_TEST(the_text_names_the_one_next_step)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	texts[_i].bend(&c);
	verdict = case_judge(&c, NULL);
	ck_assert_msg(text_is(verdict.text, texts[_i].text), "%s", verdict.text.at);
	ck_assert_int_eq(verdict.decision, texts[_i].decision);
	c.facts.allowed_before = true;
	verdict = case_judge(&c, NULL);
	ck_assert_msg(text_is(verdict.text, texts[_i].revoked), "%s", verdict.text.at);
	ck_assert_int_eq(verdict.decision, texts[_i].before);
	case_drop(&c);
}
END_TEST

START_TEST(a_rule_that_is_named_twice_says_twice_what_it_said_once)
{
	struct example c;
	struct verdict verdict;
	const struct rule_result *approval;

	case_make(&c);
	verdict = case_judge(&c, "policy: {approval: [t, f, {and: [t]}" ALL "]}\n" RULES);
	approval = case_row(&verdict, "approval");
	ck_assert_uint_eq(approval->n_children, 4);
	ck_assert_uint_eq(approval->children[0].n_counts, 1);
	ck_assert_ptr_eq(approval->children[0].counts, approval->children[2].children[0].counts);
	ck_assert_ptr_eq(approval->children[0].counts, approval->children[3].children[0].counts);
	ck_assert_ptr_ne(approval->children[0].counts, approval->children[1].counts);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(rules_combine_in_three_values_and_skipped_helps_nobody, combinations),
	SUITE_TEST(a_policy_whose_rules_are_all_skipped_allows_nothing),
	SUITE_TEST(a_rule_that_is_named_twice_says_twice_what_it_said_once),
	SUITE_ROWS(every_commit_carries_the_token, tokens),
	SUITE_ROWS(guarded_files_need_a_maintainer_under_every_policy, guarded),
	SUITE_ROWS(the_policy_file_is_guarded_wherever_it_stands, places),
	SUITE_TEST(every_file_that_a_policy_guards_besides_is_guarded),
	SUITE_TEST(drafts_closed_changes_and_objections_block_under_every_policy),
	SUITE_TEST(without_values_every_name_is_allowed),
	SUITE_ROWS(a_line_break_in_a_name_hides_no_file_from_a_pattern, odd_names),
	SUITE_TEST(a_hit_pattern_limit_waits),
	SUITE_ROWS(the_text_names_the_one_next_step, texts),
	SUITE_END,
};
SUITE_MAIN(tests)
