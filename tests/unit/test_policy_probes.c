/*
 * Situations in which gates of this kind have been seen to approve what they should not, and the odd files that such
 * gates accept. Each test is what is true here.
 */
#include "policy/message.h"
#include "policy/rules.h"

#include "tests/support/asking.h"
#include "tests/support/suite.h"

#define ONE(rest)  "policy: {approval: [r]}\napproval_rules:\n- {name: r, " rest "}\n"
#define BY_WRITERS ONE("requires: {count: 1, permissions: [write]}")

static enum decision decide(struct example *c, const char *policy)
{
	return case_judge(c, policy).decision;
}

/* ---- who approves ---- */

START_TEST(who_contributed_only_behind_a_merge_does_not_approve)
{
	static struct oid parents[2];
	struct example c;

	case_make(&c);
	c.change.n_reviews = 1; /* bob's */
	ck_assert_int_eq(decide(&c, BY_WRITERS), DECISION_ALLOWED);
	c.commits[1].author.id = c.commits[1].committer.id = BOB; /* 2222222 is the second parent of the head */
	parents[0] = case_oid(CASE_OLD);
	parents[1] = c.commits[1].sha;
	c.commits[0].parents = parents;
	c.commits[0].n_parents = 2;
	ck_assert_int_eq(decide(&c, BY_WRITERS), DECISION_WAITING);
	case_drop(&c);
}
END_TEST

START_TEST(who_is_named_as_co_author_does_not_approve)
{
	struct example c;

	case_make(&c);
	c.change.n_reviews = 1;
	c.coauthor.id = BOB;
	c.commits[1].coauthors = &c.coauthor;
	c.commits[1].n_coauthors = 1;
	ck_assert_int_eq(decide(&c, BY_WRITERS), DECISION_WAITING);
	case_drop(&c);
}
END_TEST

START_TEST(a_commit_without_an_account_holds_back_whoever_approves)
{
	struct example c;

	case_make(&c);
	c.commits[1].author.id = 0;
	ck_assert_int_eq(decide(&c, BY_WRITERS), DECISION_BLOCKED);
	ck_assert_int_eq(decide(&c, ONE("requires: {conditions: {only_has_contributors_in: {users: [alice]}}}")),
			 DECISION_WAITING);
	ck_assert_int_eq(decide(&c, ONE("if: {only_has_contributors_in: {users: [alice]}}, requires: {count: 1, users: "
					"[bob]}, options: {allow_contributor: true}")),
			 DECISION_WAITING);
	case_drop(&c);
}
END_TEST

START_TEST(a_login_is_the_same_person_in_any_case)
{
	struct example c;

	case_make(&c);
	ck_assert_int_eq(decide(&c, ONE("requires: {count: 1, users: [CAROL]}")), DECISION_ALLOWED);
	case_drop(&c);
}
END_TEST

/* ---- what they approve ---- */

START_TEST(a_review_of_an_older_commit_does_not_count_however_late_it_is_given)
{
	struct example c;

	case_make(&c);
	c.change.n_reviews = 0;
	case_review(&c, BOB, REVIEW_APPROVED, CASE_OLD, 3000000);
	ck_assert_int_eq(decide(&c, BY_WRITERS), DECISION_WAITING);
	case_drop(&c);
}
END_TEST

START_TEST(a_review_counts_from_the_first_instant_after_the_arrival)
{
	static const struct {
		int64_t ms;
		enum decision decision;
	} rows[] = {{-1, DECISION_WAITING}, {0, DECISION_WAITING}, {1, DECISION_ALLOWED}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct example c;

		case_make(&c);
		c.change.n_reviews = 0;
		case_review(&c, BOB, REVIEW_APPROVED, CASE_HEAD, rows[i].ms);
		ck_assert_int_eq(decide(&c, BY_WRITERS), rows[i].decision);
		case_drop(&c);
	}
}
END_TEST

START_TEST(whoever_asks_for_changes_has_taken_his_approval_back)
{
	struct example c;

	case_make(&c);
	case_review(&c, BOB, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 200000);
	ck_assert_int_eq(decide(&c, BY_WRITERS), DECISION_BLOCKED);
	c.people[BOB - 1].permission = PERMISSION_READ; /* nor does it count where it blocks nobody */
	ck_assert_int_eq(decide(&c, ONE("requires: {count: 1, users: [bob]}")), DECISION_WAITING);
	case_drop(&c);
}
END_TEST

#define BY_COMMENT                                                                                                     \
	ONE("requires: {count: 1, permissions: [write]}, options: {methods: {comments: [':+1:', LGTM], "               \
	    "comment_patterns: ['(?i)approved']}}")
static const struct {
	const char *body;
	enum decision decision;
} said[] = {
	{"I can not give this a :+1: yet " CASE_HEAD, DECISION_WAITING},
	{":+1:", DECISION_WAITING}, /* of which commit? */
	{":+1: 9a77b03", DECISION_WAITING},
	{":+1: " CASE_OLD, DECISION_WAITING},
	{"> :+1: " CASE_HEAD "\nno", DECISION_WAITING},
	{"> Approved " CASE_HEAD, DECISION_WAITING},
	{":+1: " CASE_HEAD, DECISION_ALLOWED},
};

START_TEST(a_comment_approves_only_as_a_whole_line_that_names_the_commit)
{
	struct comment comment;
	struct example c;

	case_make(&c);
	c.change.n_reviews = 0;
	comment = (struct comment){.id = 1,
				   .user = c.people[BOB - 1].who,
				   .created_at = CASE_ARRIVED + 1000,
				   .body = text_of(said[_i].body)};
	c.change.comments = &comment;
	c.change.n_comments = 1;
	ck_assert_int_eq(decide(&c, BY_WRITERS), DECISION_WAITING);
	ck_assert_int_eq(decide(&c, BY_COMMENT), said[_i].decision);
	case_drop(&c);
}
END_TEST

/* ---- what other tools say ---- */

START_TEST(a_required_status_that_turns_to_failure_takes_the_permission_back)
{
	static const char policy[] = ONE("requires: {conditions: {has_status: {statuses: [ci/build]}}}");
	struct example c;

	case_make(&c);
	ck_assert_int_eq(decide(&c, policy), DECISION_ALLOWED);
	c.facts.allowed_before = true;
	c.outcomes[0].state = TEXT_LIT("failure");
	ck_assert_int_eq(decide(&c, policy), DECISION_REVOKED);
	c.outcomes[0].state = TEXT_LIT("pending");
	ck_assert_int_eq(decide(&c, policy), DECISION_REVOKED);
	c.facts.n_outcomes = 0;
	ck_assert_int_eq(decide(&c, policy), DECISION_REVOKED);
	case_drop(&c);
}
END_TEST

START_TEST(a_check_run_that_succeeds_hides_no_status_of_its_name_that_failed)
{
	static const char policy[] = ONE("requires: {conditions: {has_status: {statuses: [ci/build]}}}");
	struct example c;

	case_make(&c);
	c.outcomes[1].name = c.outcomes[0].name;
	ck_assert_int_eq(decide(&c, policy), DECISION_ALLOWED);
	c.outcomes[0].state = TEXT_LIT("failure");
	ck_assert_int_eq(decide(&c, policy), DECISION_BLOCKED);
	case_drop(&c);
}
END_TEST

START_TEST(a_status_that_is_not_there_is_not_one_that_did_not_succeed)
{
	struct example c;

	case_make(&c);
	c.facts.n_outcomes = 0;
	ck_assert_int_eq(decide(&c, ONE("requires: {conditions: {not: {has_status: {statuses: [ci/build]}}}}")),
			 DECISION_WAITING);
	case_drop(&c);
}
END_TEST

/* ---- merge groups ---- */

START_TEST(a_merge_group_is_allowed_only_if_each_of_its_changes_is)
{
	struct constituent constituent = {.number = 412};
	struct group group = {.base_ref = TEXT_LIT("main"), .constituents = &constituent, .n_constituents = 1};
	struct verdict verdict;
	struct example c;
	struct facts facts;

	case_make(&c);
	facts = (struct facts){.now = c.facts.now,
			       .repo = c.facts.repo,
			       .repo_name = c.facts.repo_name,
			       .head = case_oid(CASE_OLD),
			       .changes_known = true,
			       .groups = &group,
			       .n_groups = 1};
	for (size_t reviews = 0; reviews <= 1; reviews++) {
		c.change.n_reviews = reviews;
		(void)decide(&c, BY_WRITERS);
		constituent.facts = c.facts;
		policy_judge(&c.governed, &facts, &c.arena, &verdict);
		ck_assert_int_eq(verdict.decision, reviews ? DECISION_ALLOWED : DECISION_BLOCKED);
	}
	case_drop(&c);
}
END_TEST

/* ---- odd files ---- */

START_TEST(an_empty_policy_asks_for_reviews)
{
	static const char *const empties[] = {"", "# nothing\n", "{}\n", "policy:\n", "policy: {}\napproval_rules:\n"};

	for (size_t i = 0; i < sizeof empties / sizeof empties[0]; i++) {
		struct example c;

		case_make(&c);
		ck_assert_int_eq(decide(&c, empties[i]), DECISION_ALLOWED);
		c.change.n_reviews = 0;
		ck_assert_int_eq(decide(&c, empties[i]), DECISION_WAITING);
		case_drop(&c);
	}
}
END_TEST

START_TEST(a_policy_none_of_whose_rules_applies_allows_nothing)
{
	struct example c;

	case_make(&c);
	ck_assert_int_eq(decide(&c, ONE("if: {has_labels: [never]}, requires: {count: 1, users: [bob]}")),
			 DECISION_BLOCKED);
	case_drop(&c);
}
END_TEST

static const char *const refused[] = {
	/* rules that nothing names, without policy.approval */
	"approval_rules:\n- {name: r, requires: {count: 1, users: [bob]}}\n",
	"policy: {approval: []}\napproval_rules:\n- {name: r, requires: {count: 1, users: [bob]}}\n",
	/* two rules of one name, one that is not used, one that nobody can meet */
	ONE("requires: {count: 1, users: [bob]}") "- {name: r, requires: {count: 1, users: [carol]}}\n",
	ONE("requires: {count: 1, users: [bob]}") "- {name: q, requires: {count: 1, users: [carol]}}\n",
	ONE("requires: {count: 1}"),
	ONE("requires: {count: -1, users: [bob]}"),
	ONE("requires: {count: 0, users: [bob]}"),
	ONE("requires: {count: 1, permissions: [none]}"),
	ONE("requires: {users: [bob]}"),
	ONE("requires: {conditions: {}}"),
	ONE("if: {}, requires: {count: 1, users: [bob]}"),
	/* a condition that would hold for everybody, or for nobody */
	ONE("requires: {conditions: {has_labels: []}}"),
	ONE("requires: {conditions: {has_status: {statuses: []}}}"),
	ONE("requires: {conditions: {only_has_contributors_in: {}}}"),
	ONE("requires: {conditions: {modified_lines: {}}}"),
	ONE("requires: {conditions: {title: {}}}"),
	/* a glob where a pattern belongs */
	ONE("if: {changed_files: {paths: ['*_test.go']}}, requires: {count: 1, users: [bob]}"),
};

START_TEST(an_odd_file_is_refused_and_not_read_as_if_it_allowed)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	struct problem problem;

	ck_assert(!policy_parse(text_of(refused[_i]), NULL, &arena, &policy, &problem));
	ck_assert(problem.line > 0);
}
END_TEST

/* ---- files that are more than they seem ---- */

START_TEST(a_link_among_the_documents_is_no_document)
{
	static const char policy[] = ONE("requires: {conditions: {only_changed_files: {paths: ['^docs/']}}}");
	struct example c;

	case_make(&c);
	c.path.path = TEXT_LIT("docs/setup");
	ck_assert_int_eq(decide(&c, policy), DECISION_ALLOWED);
	c.path.mode = 0120000;
	ck_assert_int_eq(decide(&c, policy), DECISION_BLOCKED);
	c.path.mode = 0160000;
	ck_assert_int_eq(decide(&c, policy), DECISION_BLOCKED);
	c.path.mode = 0100755;
	ck_assert_int_eq(decide(&c, policy), DECISION_BLOCKED);
	case_drop(&c);
}
END_TEST

START_TEST(a_message_that_hides_something_passes_neither_a_token_nor_its_absence)
{
	static const char *const policies[] = {
		ONE("requires: {conditions: {commit_token: {key: a}}}"),
		ONE("requires: {conditions: {not: {commit_token: {key: a}}}}"),
		ONE("requires: {conditions: {any_of: [{not: {commit_token: {key: r}}}, {commit_token: {key: r}}]}}"),
		ONE("if: {commit_token: {key: a}}, requires: {count: 1, users: [bob]}"),
		"policy: {approval: [r], disapproval: {if: {commit_token: {key: r}}}}\napproval_rules:\n- {name: r, "
		"requires: {count: 1, users: [bob]}}\n",
	};

	for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
		struct example c;

		case_make(&c);
		c.commits[0].message = TEXT_LIT("Fix a=erin\n\n\xe2\x80\xaehidden");
		ck_assert_msg(decide(&c, policies[i]) == DECISION_BLOCKED, "%s", policies[i]);
		c.commits[0].message = TEXT_LIT("Fix");
		c.commits[1].message = TEXT_LIT("Fix a=erin\n\n\xe2\x80\xaehidden"); /* behind one that answers no */
		ck_assert_msg(decide(&c, policies[i]) == DECISION_BLOCKED, "%s", policies[i]);
		case_drop(&c);
	}
}
END_TEST

/* In the message below r=x stands behind more names than are read, and a=erin before them. */
static const struct {
	const char *policy;
	bool allowed;
} unread[] = {
	{ONE("requires: {conditions: {commit_token: {key: r, values: [x]}}}"), false},
	{ONE("requires: {conditions: {not: {commit_token: {key: r, values: [x]}}}}"), false},
	{ONE("requires: {conditions: {bugs: {every: {not: {commit_token: {key: r, values: [x]}}}}}}"), false},
	{ONE("requires: {conditions: {bugs: {every: {commit_token: {key: r, values: [x]}}}}}"), false},
	{ONE("if: {commit_token: {key: r, values: [x]}}, requires: {count: 1, users: [bob]}"), false},
	{ONE("requires: {conditions: {commit_token: {key: a, values: [erin]}}}"), true},
};

START_TEST(a_name_behind_those_that_are_read_is_neither_there_nor_absent)
{
	static const struct bug known = {
		.tracker = {"bmo", 3}, .id = 12, .state = BUG_READ, .secure = TRI_NO, .open = TRI_YES};
	struct example c;
	struct text names = TEXT_LIT("Bug 12 a=erin r=y");

	case_make(&c);
	c.facts.bugs = &known;
	c.facts.n_bugs = 1;
	for (size_t i = 0; i < MESSAGE_NAMES_MAX - 2; i++)
		names = arena_printf(&c.arena, "%.*s,y", TEXT_ARG(names));
	for (size_t i = 0; i < c.change.n_commits; i++)
		c.commits[i].message = arena_printf(&c.arena, "%.*s,z,x", TEXT_ARG(names));
	ck_assert_int_eq(decide(&c, unread[_i].policy) == DECISION_ALLOWED, unread[_i].allowed);
	for (size_t i = 0; i < c.change.n_commits; i++) /* as many as are read: the last of them is found */
		c.commits[i].message = names;
	if (text_find(text_of(unread[_i].policy), TEXT_LIT("not:")) != SIZE_MAX)
		ck_assert_int_eq(decide(&c, unread[_i].policy), DECISION_ALLOWED);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(who_contributed_only_behind_a_merge_does_not_approve),
	SUITE_TEST(who_is_named_as_co_author_does_not_approve),
	SUITE_TEST(a_commit_without_an_account_holds_back_whoever_approves),
	SUITE_TEST(a_login_is_the_same_person_in_any_case),
	SUITE_TEST(a_review_of_an_older_commit_does_not_count_however_late_it_is_given),
	SUITE_TEST(a_review_counts_from_the_first_instant_after_the_arrival),
	SUITE_TEST(whoever_asks_for_changes_has_taken_his_approval_back),
	SUITE_ROWS(a_comment_approves_only_as_a_whole_line_that_names_the_commit, said),
	SUITE_TEST(a_required_status_that_turns_to_failure_takes_the_permission_back),
	SUITE_TEST(a_check_run_that_succeeds_hides_no_status_of_its_name_that_failed),
	SUITE_TEST(a_status_that_is_not_there_is_not_one_that_did_not_succeed),
	SUITE_TEST(a_merge_group_is_allowed_only_if_each_of_its_changes_is),
	SUITE_TEST(an_empty_policy_asks_for_reviews),
	SUITE_TEST(a_policy_none_of_whose_rules_applies_allows_nothing),
	SUITE_ROWS(an_odd_file_is_refused_and_not_read_as_if_it_allowed, refused),
	SUITE_TEST(a_link_among_the_documents_is_no_document),
	SUITE_TEST(a_message_that_hides_something_passes_neither_a_token_nor_its_absence),
	SUITE_ROWS(a_name_behind_those_that_are_read_is_neither_there_nor_absent, unread),
	SUITE_END,
};
SUITE_MAIN(tests)
