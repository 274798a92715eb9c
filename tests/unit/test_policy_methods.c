/* Approving and objecting by what is said: in a review, and in a comment that names the commit. */
#include "policy/methods.h"

#include "tests/support/case.h"
#include "tests/support/suite.h"

#define POLICY(methods)                                                                                                \
	"policy: {approval: [r]}\napproval_rules:\n- {name: r, options: {methods: {" methods                           \
	"}}, requires: {count: 1, permissions: [write]}}\n"
#define THUMB POLICY("comments: [':+1:'], github_review: false")
#define FOUND POLICY("comment_patterns: ['(?i)\\blgtm\\b'], github_review: false")

/* A comment, or a review, by bob; nothing else is there. */
static const struct {
	const char *policy, *body;
	enum review_state state; /* UNKNOWN: a comment */
	bool counts;
	const char *why; /* it does not */
} said[] = {
	{THUMB, ":+1: " CASE_HEAD, REVIEW_STATE_UNKNOWN, true, NULL},
	{THUMB, "Looked at " CASE_HEAD ".\r\n\r\n  :+1:  \r\n", REVIEW_STATE_UNKNOWN, true, NULL},
	{THUMB, ":+1:", REVIEW_STATE_UNKNOWN, false, "approved in a comment that does not name this commit in full"},
	{THUMB, ":+1: 9a77b03", REVIEW_STATE_UNKNOWN, false, NULL},
	{THUMB, ":+1:\n9a77b03", REVIEW_STATE_UNKNOWN, false,
	 "approved in a comment that does not name this commit in full"},
	{THUMB, ":+1:\n" CASE_OLD, REVIEW_STATE_UNKNOWN, false,
	 "approved in a comment that does not name this commit in full"},
	{THUMB, ":+1:\n" CASE_HEAD "a", REVIEW_STATE_UNKNOWN, false,
	 "approved in a comment that does not name this commit in full"},
	{THUMB, ":+1:\n> " CASE_HEAD, REVIEW_STATE_UNKNOWN, false,
	 "approved in a comment that does not name this commit in full"},
	{THUMB, "I can not give this a :+1: yet: " CASE_HEAD, REVIEW_STATE_UNKNOWN, false, NULL},
	{THUMB, "> :+1:\nNo. " CASE_HEAD, REVIEW_STATE_UNKNOWN, false, NULL},
	{THUMB, ":+1:", REVIEW_COMMENTED, true, NULL},
	{THUMB, "not :+1:", REVIEW_COMMENTED, false, NULL},
	{THUMB, "", REVIEW_APPROVED, false, "approved by a review, which the rule does not count"},
	{THUMB, ":+1:", REVIEW_APPROVED, true, NULL},
	{THUMB, ":+1:", REVIEW_CHANGES_REQUESTED, false, "requested changes"},
	{FOUND, "LGTM, " CASE_HEAD, REVIEW_STATE_UNKNOWN, true, NULL},
	{FOUND, "lgtmish " CASE_HEAD, REVIEW_STATE_UNKNOWN, false, NULL},
	{FOUND, "> lgtm " CASE_HEAD, REVIEW_STATE_UNKNOWN, false, NULL},
	{POLICY("github_review: true"), ":+1: " CASE_HEAD, REVIEW_STATE_UNKNOWN, false, NULL},
	{POLICY("github_review: true"), "", REVIEW_APPROVED, true, NULL},
	{POLICY("github_review: true"), ":+1:", REVIEW_COMMENTED, false, NULL},
	{POLICY("github_review_comment_patterns: [tested]"), "", REVIEW_APPROVED, false,
	 "approved without saying what the rule asks for"},
	{POLICY("github_review_comment_patterns: [tested]"), "I tested it", REVIEW_APPROVED, true, NULL},
	{POLICY("github_review_comment_patterns: [tested], github_review: false"), "tested", REVIEW_APPROVED, true,
	 NULL},
	{POLICY("comment_patterns: ['^(s+)+$']"), CASE_HEAD "\nssssssssssssssssssssssssssssssssssssssssssssssssssssx",
	 REVIEW_STATE_UNKNOWN, false, "needs an answer to what a review or comment says (limit reached)"},
	{POLICY("comment_patterns: ['^(s+)+$']"), "ssssssssssssssssssssssssssssssssssssssssssssssssssssx",
	 REVIEW_COMMENTED, false, "needs an answer to what a review or comment says (limit reached)"},
	{POLICY("github_review_comment_patterns: ['^(s+)+$']"), "ssssssssssssssssssssssssssssssssssssssssssssssssssssx",
	 REVIEW_APPROVED, false, "needs an answer to what a review or comment says (limit reached)"},
};

struct spoken {
	struct example c;
	struct comment comments[3];
};

static void say(struct spoken *s, int64_t who, const char *body, int64_t ms)
{
	size_t n = s->c.change.n_comments++;

	s->comments[n] = (struct comment){.id = 100 + (int64_t)n,
					  .user = s->c.people[who - 1].who,
					  .created_at = CASE_ARRIVED + ms,
					  .body = text_of(body)};
	s->c.change.comments = s->comments;
}

static void spoken_make(struct spoken *s)
{
	case_make(&s->c);
	s->c.change.known |= FACT_COMMENTS;
	s->c.change.n_comments = 0;
	s->c.change.n_reviews = 0;
}

START_TEST(a_text_approves_where_the_rule_lists_it_and_it_is_bound_to_the_commit)
{
	struct spoken s;
	struct verdict verdict;
	const struct rule_result *row;

	spoken_make(&s);
	if (said[_i].state == REVIEW_STATE_UNKNOWN) {
		say(&s, BOB, said[_i].body, 60000);
	} else {
		case_review(&s.c, BOB, said[_i].state, CASE_HEAD, 60000);
		s.c.reviews[0].body = text_of(said[_i].body);
	}
	verdict = case_judge(&s.c, said[_i].policy);
	row = case_row(&verdict, "r");
	ck_assert_ptr_nonnull(row);
	ck_assert_msg(row->n_counts == (said[_i].counts ? 1 : 0), "%.*s", TEXT_ARG(verdict.text));
	ck_assert_uint_eq(row->n_ignored, said[_i].why ? 1 : 0);
	if (said[_i].why)
		ck_assert_msg(text_is(row->ignored[0].why, said[_i].why), "%.*s", TEXT_ARG(row->ignored[0].why));
	case_drop(&s.c);
}
END_TEST

START_TEST(an_edited_comment_never_approves)
{
	struct spoken s;

	spoken_make(&s);
	say(&s, BOB, ":+1: " CASE_HEAD, 60000);
	ck_assert_int_eq(case_judge(&s.c, THUMB).decision, DECISION_ALLOWED);
	s.comments[0].edited = true;
	ck_assert_int_eq(case_judge(&s.c, THUMB).decision, DECISION_WAITING);
	case_drop(&s.c);
}
END_TEST

START_TEST(a_comment_from_before_the_commit_arrived_is_stale)
{
	struct spoken s;

	spoken_make(&s);
	say(&s, BOB, ":+1: " CASE_HEAD, 0);
	ck_assert(text_is(case_judge(&s.c, THUMB).text, "Needs 1 review of 9a77b03 (0/1); 1 became stale"));
	case_drop(&s.c);
}
END_TEST

START_TEST(a_comment_that_approves_nothing_does_not_shadow_an_approval)
{
	struct spoken s;
	static const char policy[] = POLICY("comments: [':+1:']");

	spoken_make(&s);
	case_review(&s.c, BOB, REVIEW_APPROVED, CASE_HEAD, 60000);
	say(&s, BOB, ":+1: everybody!", 70000);
	say(&s, BOB, ":+1:", 80000);
	ck_assert_int_eq(case_judge(&s.c, policy).decision, DECISION_ALLOWED);
	case_drop(&s.c);
}
END_TEST

/* Whoever approved by a comment alone has approved, too, and may not ask for landing. */
START_TEST(whoever_approved_by_a_comment_does_not_ask_for_landing)
{
	static const char policy[] =
		"policy: {approval: [r, l, o, n]}\napproval_rules:\n"
		"- {name: r, options: {methods: {comments: [':+1:']}}, requires: {count: 1, "
		"permissions: [write]}}\n"
		"- {name: l, requires: {conditions: {landing_asked_by: {permissions: [write], not: "
		"[approvers]}}}}\n"
		"- {name: o, mode: off, options: {methods: {comments: [':ok:']}}, requires: {count: "
		"1, permissions: [write]}}\n"
		"- {name: n, options: {methods: {comments: [':ok:']}}, requires: {conditions: "
		"{has_labels: [bug]}}}\n";
	static const struct {
		int64_t who;
		enum decision decision;
	} asking[] = {{BOB, DECISION_WAITING}, {ERIN, DECISION_WAITING}, {CAROL, DECISION_ALLOWED}};
	struct spoken s;

	for (size_t i = 0; i < sizeof asking / sizeof asking[0]; i++) {
		spoken_make(&s);
		say(&s, BOB, ":+1: " CASE_HEAD, 60000);
		say(&s, ERIN, ":+1: " CASE_HEAD, 61000);
		say(&s, CAROL, ":ok: " CASE_HEAD, 62000);
		s.c.asked.by = s.c.people[asking[i].who - 1].who;
		ck_assert_msg(case_judge(&s.c, policy).decision == asking[i].decision, "%lld",
			      (long long)asking[i].who);
		case_drop(&s.c);
	}
}
END_TEST

START_TEST(changes_requested_after_a_comment_that_approves_take_it_back)
{
	struct spoken s;
	static const char policy[] = "policy: {approval: [r], guards: {off: [changes_requested]}}\napproval_rules:\n"
				     "- {name: r, options: {methods: {comments: [':+1:']}}, requires: {count: 1, "
				     "permissions: [write]}}\n";

	spoken_make(&s);
	say(&s, BOB, ":+1: " CASE_HEAD, 60000);
	ck_assert_int_eq(case_judge(&s.c, policy).decision, DECISION_ALLOWED);
	case_review(&s.c, BOB, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 70000);
	ck_assert_int_eq(case_judge(&s.c, policy).decision, DECISION_WAITING);
	case_drop(&s.c);
}
END_TEST

START_TEST(comments_that_were_not_read_are_waited_for_where_they_matter)
{
	struct spoken s;

	spoken_make(&s);
	case_review(&s.c, BOB, REVIEW_APPROVED, CASE_HEAD, 60000);
	s.c.change.known &= ~(unsigned)FACT_COMMENTS;
	ck_assert_int_eq(case_judge(&s.c, POLICY("comments: []")).decision, DECISION_ALLOWED);
	ck_assert(text_is(case_judge(&s.c, POLICY("comments: [':+1:']")).text, "Needs the comments"));
	ck_assert(text_is(case_judge(&s.c,
				     "policy: {approval: [r], disapproval: {options: {methods: {disapprove: {comments: "
				     "[no]}}}}}\napproval_rules:\n- {name: r, requires: {count: 1, users: [bob]}}\n")
				  .text,
			  "Needs the comments"));
	case_drop(&s.c);
}
END_TEST

#define OBJECT                                                                                                         \
	"policy: {approval: [r], disapproval: {options: {methods: {disapprove: {comments: [':-1:']}, revoke: "         \
	"{comments: "                                                                                                  \
	"[':+1:']}}}}}\napproval_rules:\n- {name: r, requires: {count: 1, users: [bob]}}\n"

static const struct {
	int64_t who, then;
	const char *body, *after;
	bool edited;
	enum decision decision;
} objections[] = {
	{CAROL, CAROL, "Why", NULL, false, DECISION_ALLOWED},
	{CAROL, CAROL, "No\n:-1:", NULL, false, DECISION_BLOCKED},
	{DAVE, DAVE, ":-1:", NULL, false, DECISION_ALLOWED},
	{CAROL, CAROL, ":-1:", ":+1:", false, DECISION_ALLOWED},
	{CAROL, ERIN, ":-1:", ":+1:", false, DECISION_BLOCKED},
	{CAROL, CAROL, ":-1:", ":+1:", true, DECISION_BLOCKED},
	{CAROL, CAROL, ":+1:", ":-1:", false, DECISION_BLOCKED},
};

START_TEST(a_comment_objects_where_the_policy_lists_it_and_its_writer_lifts_it)
{
	struct spoken s;
	struct verdict verdict;

	spoken_make(&s);
	case_review(&s.c, BOB, REVIEW_APPROVED, CASE_HEAD, 50000);
	say(&s, objections[_i].who, objections[_i].body, 60000);
	if (objections[_i].after)
		say(&s, objections[_i].then, objections[_i].after, 70000);
	s.comments[1].edited = objections[_i].edited;
	verdict = case_judge(&s.c, OBJECT);
	ck_assert_msg(verdict.decision == objections[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	case_drop(&s.c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_text_approves_where_the_rule_lists_it_and_it_is_bound_to_the_commit, said),
	SUITE_TEST(an_edited_comment_never_approves),
	SUITE_TEST(a_comment_from_before_the_commit_arrived_is_stale),
	SUITE_TEST(a_comment_that_approves_nothing_does_not_shadow_an_approval),
	SUITE_TEST(changes_requested_after_a_comment_that_approves_take_it_back),
	SUITE_TEST(comments_that_were_not_read_are_waited_for_where_they_matter),
	SUITE_ROWS(a_comment_objects_where_the_policy_lists_it_and_its_writer_lifts_it, objections),
	SUITE_TEST(whoever_approved_by_a_comment_does_not_ask_for_landing),
	SUITE_END,
};
SUITE_MAIN(tests)
