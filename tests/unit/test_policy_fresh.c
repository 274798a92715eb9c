/* Whose review counts: the built-in policy (two fresh reviews by people with write access) over bent cases. */
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <string.h>

#define NEEDS1 "Needs 1 more review of 9a77b03 (1/2)"
#define STALE1 "Needs 1 more review of 9a77b03 (1/2); 1 became stale"
#define REMEDY "add its e-mail to an account"
#define READY  "2 fresh reviews; ready to merge"

static void nothing(struct example *c)
{
	(void)c;
}
static void no_reviews(struct example *c)
{
	c->change.n_reviews = 0;
}
static void one_review(struct example *c)
{
	c->change.n_reviews = 1;
}
static void third_review(struct example *c)
{
	case_review(c, ERIN, REVIEW_APPROVED, CASE_HEAD, 1);
}
static void same_person_twice(struct example *c)
{
	c->reviews[1].user = c->reviews[0].user;
}
static void same_person_other_login(struct example *c)
{
	c->reviews[1].user = c->reviews[0].user;
	c->reviews[1].user.login = TEXT_LIT("bobby");
}
static void old_commit(struct example *c)
{
	c->reviews[1].bound_sha = case_oid(CASE_OLD);
}
static void all_old(struct example *c)
{
	c->reviews[0].bound_sha = c->reviews[1].bound_sha = case_oid(CASE_OLD);
}
static void unbound(struct example *c)
{
	c->reviews[1].bound_sha = OID_NONE;
}
static void in_the_second_of_arrival(struct example *c)
{
	c->reviews[1].submitted_at = CASE_ARRIVED;
}
static void just_after_arrival(struct example *c)
{
	c->reviews[1].submitted_at = CASE_ARRIVED + 1;
}
static void before_arrival(struct example *c)
{
	c->reviews[1].submitted_at = CASE_ARRIVED - 1;
}
static void at_unknown_time(struct example *c)
{
	c->reviews[1].submitted_at = WHEN_UNKNOWN;
}
static void edited(struct example *c)
{
	c->reviews[1].edited = true;
}
static void by_author(struct example *c)
{
	c->reviews[1].user = c->change.author;
}
static void bob_is_author(struct example *c)
{
	c->change.author = c->reviews[0].user;
}
static void bob_is_commit_author(struct example *c)
{
	c->commits[1].author.id = BOB;
}
static void bob_is_committer(struct example *c)
{
	c->commits[0].committer.id = BOB;
}
static void bob_is_coauthor(struct example *c)
{
	c->coauthor = (struct signer){.id = BOB};
	c->commits[1].coauthors = &c->coauthor;
	c->commits[1].n_coauthors = 1;
}
static void bob_pushed(struct example *c)
{
	c->pushers[1] = BOB;
	c->change.n_pushers = 2;
}
static void somebody_unknown_pushed(struct example *c)
{
	c->pushers[1] = 0;
	c->change.n_pushers = 2;
}
static void hidden(struct example *c)
{
	somebody_unknown_pushed(c);
	c->change.pushers_hidden = true;
}
static void hidden_and_bob_pushed(struct example *c)
{
	hidden(c);
	c->pushers[0] = BOB;
}
static void hidden_and_guarded(struct example *c)
{
	hidden(c);
	c->path.path = TEXT_LIT(".headgate.yml");
	c->reviews[1].user.id = ERIN;
}
static void two_unknown_pushed(struct example *c)
{
	c->pushers[0] = c->pushers[1] = 0;
	c->change.n_pushers = 2;
}
static void merged(struct example *c)
{
	c->change.merged = true;
}
static void nobody_is_author(struct example *c)
{
	c->commits[1].author.id = 0;
}
static void nobody_is_committer(struct example *c)
{
	c->commits[0].committer.id = 0;
}
static void nobody_is_coauthor(struct example *c)
{
	bob_is_coauthor(c);
	c->coauthor.id = 0;
}
static void nobody_opened(struct example *c)
{
	c->change.author.id = 0;
}
static void gone(struct example *c)
{
	c->change.head_gone = true;
	c->change.head_seen_at = c->reviews[1].submitted_at;
}
static void gone_before_a_review(struct example *c)
{
	gone(c);
	c->change.head_seen_at--;
}
static void gone_unseen(struct example *c)
{
	gone(c);
	c->change.head_seen_at = WHEN_UNKNOWN;
}
static void another_base_before(struct example *c)
{
	c->change.base_changed_at = c->reviews[0].submitted_at - 1;
}
static void another_base_after_a_review(struct example *c)
{
	c->change.base_changed_at = c->reviews[0].submitted_at;
}
static void by_bot(struct example *c)
{
	c->reviews[1].user = c->people[ROBOT - 1].who;
}
static void by_unknown_type(struct example *c)
{
	c->reviews[1].user.type = PERSON_UNKNOWN;
}
static void by_other_type(struct example *c)
{
	c->reviews[1].user.type = PERSON_OTHER;
}
static void by_bot_of_people(struct example *c)
{
	c->people[CAROL - 1].who.type = PERSON_BOT;
}
static void by_ghost(struct example *c)
{
	c->reviews[1].user = (struct person){0, TEXT_LIT("ghost"), PERSON_USER};
}
static void by_reader(struct example *c)
{
	c->reviews[1].user = c->people[DAVE - 1].who;
}
static void by_triager(struct example *c)
{
	c->reviews[1].user = c->people[FRANK - 1].who;
}
static void by_maintainer(struct example *c)
{
	c->reviews[1].user = c->people[ERIN - 1].who;
}
static void access_lost(struct example *c)
{
	c->people[CAROL - 1].permission = PERMISSION_NONE;
}
static void access_unknown(struct example *c)
{
	c->people[CAROL - 1].permission = PERMISSION_UNKNOWN;
}
static void stranger(struct example *c)
{
	c->reviews[1].user.id = 999;
}
static void arrival_unknown(struct example *c)
{
	c->change.head_arrived_at = WHEN_UNKNOWN;
}
static void commented_later(struct example *c)
{
	case_review(c, CAROL, REVIEW_COMMENTED, CASE_HEAD, 200000);
}
static void pending_later(struct example *c)
{
	case_review(c, CAROL, REVIEW_PENDING, CASE_HEAD, 200000);
}
static void dismissed(struct example *c)
{
	c->reviews[1].state = REVIEW_STATE_DISMISSED;
}
static void dismissed_later(struct example *c)
{
	case_review(c, CAROL, REVIEW_STATE_DISMISSED, CASE_OLD, 200000);
}
static void objected_later(struct example *c)
{
	case_review(c, CAROL, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 200000);
}
static void objected_in_the_same_second(struct example *c)
{
	case_review(c, CAROL, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 120000);
}
static void objected_before(struct example *c)
{
	case_review(c, CAROL, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 100000);
}
static void objected_to_the_old(struct example *c)
{
	case_review(c, ERIN, REVIEW_CHANGES_REQUESTED, CASE_OLD, -5000);
}
static void objection_lifted_on_the_old(struct example *c)
{
	case_review(c, ERIN, REVIEW_CHANGES_REQUESTED, CASE_OLD, -5000);
	case_review(c, ERIN, REVIEW_APPROVED, CASE_OLD, -4000);
}
static void objection_lifted_by_another(struct example *c)
{
	case_review(c, ERIN, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 5000);
	case_review(c, FRANK, REVIEW_APPROVED, CASE_HEAD, 6000);
}
static void objection_dismissed(struct example *c)
{
	case_review(c, ERIN, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 5000);
	case_review(c, ERIN, REVIEW_STATE_DISMISSED, CASE_HEAD, 6000);
}
static void objection_at_unknown_time(struct example *c)
{
	objection_dismissed(c);
	c->reviews[2].submitted_at = WHEN_UNKNOWN;
}
static void objection_by_reader(struct example *c)
{
	case_review(c, DAVE, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 5000);
}
static void objection_by_bot(struct example *c)
{
	case_review(c, ROBOT, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 5000);
}
static void objection_by_unknown_access(struct example *c)
{
	objection_by_reader(c);
	c->people[DAVE - 1].permission = PERMISSION_UNKNOWN;
}
static void unknown_state_later(struct example *c)
{
	case_review(c, ERIN, REVIEW_STATE_UNKNOWN, CASE_HEAD, 5000);
}
static void approved_the_old_later(struct example *c)
{
	case_review(c, CAROL, REVIEW_APPROVED, CASE_OLD, 200000);
}
static void approved_both_in_one_second(struct example *c)
{
	case_review(c, CAROL, REVIEW_APPROVED, CASE_OLD, 120000);
}
static void reviews_out_of_order(struct example *c)
{
	case_review(c, CAROL, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 200000);
	c->reviews[3] = c->reviews[0];
	c->reviews[0] = c->reviews[2];
	c->reviews[2] = c->reviews[3];
}
static void head_not_in_range(struct example *c)
{
	c->commits[0].sha = case_oid(CASE_OLD);
}
static void no_commits(struct example *c)
{
	c->change.n_commits = 0;
}
static void odd_login(struct example *c)
{
	objected_later(c);
	c->reviews[2].user.login = TEXT_LIT("ca\nrol\xe2\x80\xae");
}

#define ROW(bend, decision, text)                                                                                      \
	{                                                                                                              \
#bend, bend, DECISION_##decision, text                                                                 \
	}
static const struct {
	const char *name;
	void (*bend)(struct example *c);
	enum decision decision;
	const char *text;
} rows[] = {
	ROW(nothing, ALLOWED, READY),
	ROW(no_reviews, WAITING, "Needs 2 reviews of 9a77b03 (0/2)"),
	ROW(one_review, WAITING, NEEDS1),
	ROW(third_review, ALLOWED, READY),
	ROW(same_person_twice, WAITING, NEEDS1),
	ROW(same_person_other_login, WAITING, NEEDS1),
	ROW(old_commit, WAITING, STALE1),
	ROW(all_old, WAITING, "Needs 2 reviews of 9a77b03 (0/2); 2 became stale"),
	ROW(unbound, WAITING, NEEDS1),
	ROW(in_the_second_of_arrival, WAITING, STALE1),
	ROW(just_after_arrival, ALLOWED, READY),
	ROW(before_arrival, WAITING, STALE1),
	ROW(at_unknown_time, WAITING, NEEDS1),
	ROW(edited, WAITING, NEEDS1),
	ROW(by_author, WAITING, NEEDS1),
	ROW(bob_is_author, WAITING, NEEDS1),
	ROW(bob_is_commit_author, WAITING, NEEDS1),
	ROW(bob_is_committer, WAITING, NEEDS1),
	ROW(bob_is_coauthor, WAITING, NEEDS1),
	ROW(bob_pushed, WAITING, NEEDS1),
	ROW(somebody_unknown_pushed, WAITING, "Needs to know who pushed"),
	ROW(nobody_is_author, BLOCKED, "Blocked: commit 2222222 names nobody the forge knows: " REMEDY),
	ROW(nobody_is_committer, BLOCKED, "Blocked: commit 9a77b03 names nobody the forge knows: " REMEDY),
	ROW(nobody_is_coauthor, BLOCKED, "Blocked: commit 2222222 names nobody the forge knows: " REMEDY),
	ROW(nobody_opened, BLOCKED, "Blocked: the author of the change is nobody the forge knows"),
	ROW(by_bot, WAITING, NEEDS1),
	ROW(by_unknown_type, WAITING, NEEDS1),
	ROW(by_other_type, WAITING, NEEDS1),
	ROW(by_bot_of_people, WAITING, NEEDS1),
	ROW(by_ghost, WAITING, NEEDS1),
	ROW(by_reader, WAITING, NEEDS1),
	ROW(by_triager, WAITING, NEEDS1),
	ROW(by_maintainer, ALLOWED, READY),
	ROW(access_lost, WAITING, NEEDS1),
	ROW(access_unknown, WAITING, "Needs the permission of carol"),
	ROW(stranger, WAITING, "Needs the permission of carol"),
	ROW(arrival_unknown, WAITING, "Needs the time at which this commit arrived"),
	ROW(commented_later, ALLOWED, READY),
	ROW(pending_later, ALLOWED, READY),
	ROW(dismissed, WAITING, NEEDS1),
	ROW(dismissed_later, WAITING, NEEDS1),
	ROW(objected_later, BLOCKED, "Blocked: changes requested by carol"),
	ROW(objected_in_the_same_second, BLOCKED, "Blocked: changes requested by carol"),
	ROW(objected_before, ALLOWED, READY),
	ROW(objected_to_the_old, BLOCKED, "Blocked: changes requested by erin"),
	ROW(objection_lifted_on_the_old, ALLOWED, READY),
	ROW(objection_lifted_by_another, BLOCKED, "Blocked: changes requested by erin"),
	ROW(objection_dismissed, ALLOWED, READY),
	ROW(objection_at_unknown_time, BLOCKED, "Blocked: changes requested by erin"),
	ROW(objection_by_reader, ALLOWED, READY),
	ROW(objection_by_bot, BLOCKED, "Blocked: changes requested by robot"),
	ROW(objection_by_unknown_access, WAITING, "Needs to know whether the review by dave blocks"),
	ROW(unknown_state_later, WAITING, "Needs to know whether the review by erin blocks"),
	ROW(approved_the_old_later, WAITING, STALE1),
	ROW(approved_both_in_one_second, WAITING, STALE1),
	ROW(reviews_out_of_order, BLOCKED, "Blocked: changes requested by carol"),
	ROW(head_not_in_range, WAITING, "Needs the list of commits"),
	ROW(no_commits, WAITING, "Needs the list of commits"),
	ROW(odd_login, BLOCKED, "Blocked: changes requested by ca?rol???"),
};

START_TEST(a_review_counts_only_when_it_is_fresh_and_independent)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	rows[_i].bend(&c);
	verdict = case_judge(&c, NULL);
	ck_assert_msg(verdict.decision == rows[_i].decision, "%s: %s", rows[_i].name, verdict.text.at);
	ck_assert_msg(text_is(verdict.text, rows[_i].text), "%s: %s", rows[_i].name, verdict.text.at);
	ck_assert(text_eq(verdict.text, verdict.public_text));
	ck_assert_int_eq(verdict.state, decision_state(verdict.decision));
	case_drop(&c);
}
END_TEST

static const struct {
	void (*bend)(struct example *c);
	const char *why;
} reasons[] = {
	{old_commit, "reviewed 1111111, another commit than this"},
	{gone_before_a_review, "was given after the head's repository was last seen"},
	{before_arrival, "was given before this commit arrived here last"},
	{edited, "was edited after it was given"},
	{unbound, "reviewed a commit that is not known"},
	{at_unknown_time, "was given at an unknown time"},
	{by_author, "wrote the change"},
	{bob_is_coauthor, "wrote or committed a commit of the change"},
	{bob_pushed, "pushed to the change"},
	{by_bot, "is a bot"},
	{by_unknown_type, "is not known to be a person"},
	{by_reader, "has no write access"},
	{dismissed, "was dismissed"},
	{objected_later, "requested changes"},
	{by_ghost, "is nobody the forge knows"},
	{access_unknown, "needs the permission of carol"},
};

START_TEST(what_does_not_count_is_listed_with_its_reason)
{
	struct example c;
	struct verdict verdict;
	const struct rule_result *row;

	case_make(&c);
	reasons[_i].bend(&c);
	verdict = case_judge(&c, NULL);
	row = case_row(&verdict, "fresh reviews");
	ck_assert_uint_eq(row->n_counts, 1);
	ck_assert_uint_eq(row->n_ignored, 1);
	ck_assert_msg(text_is(row->ignored[0].why, reasons[_i].why), "%.*s", TEXT_ARG(row->ignored[0].why));
	case_drop(&c);
}
END_TEST

/* An oracle that shares nothing with the code: the last state that is not a comment decides. */
static enum decision oracle(const enum review_state *states, size_t n)
{
	enum review_state last = REVIEW_COMMENTED;

	for (size_t i = 0; i < n; i++)
		if (states[i] != REVIEW_COMMENTED && states[i] != REVIEW_PENDING)
			last = states[i];
	return last == REVIEW_APPROVED            ? DECISION_ALLOWED
	       : last == REVIEW_CHANGES_REQUESTED ? DECISION_BLOCKED
						  : DECISION_WAITING;
}

START_TEST(every_sequence_of_four_states_is_read_by_its_last_decisive_one)
{
	for (unsigned code = 0; code < 5 * 5 * 5 * 5; code++) {
		struct example c;
		struct verdict verdict;
		enum review_state states[4];

		case_make(&c);
		c.change.n_reviews = 1; /* bob's stays */
		for (unsigned i = 0, rest = code; i < 4; i++, rest /= 5) {
			states[i] = (enum review_state)(REVIEW_COMMENTED + rest % 5);
			case_review(&c, CAROL, states[i], CASE_HEAD, 100000 + (int64_t)i * 1000);
		}
		verdict = case_judge(&c, NULL);
		ck_assert_msg(verdict.decision == oracle(states, 4), "sequence %u: %s", code, verdict.text.at);
		case_drop(&c);
	}
}
END_TEST

#define RULE(requires, options)                                                                                        \
	"policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: " requires ", options: {" options "}}\n"
static const struct {
	const char *policy;
	void (*bend)(struct example *c);
	enum decision decision;
} choices[] = {
	{RULE("{count: 2, permissions: [write]}", "allow_author: true"), by_author, DECISION_ALLOWED},
	{RULE("{count: 2, permissions: [write]}", "allow_contributor: true"), by_author, DECISION_WAITING},
	{RULE("{count: 2, permissions: [write]}", "allow_contributor: true"), bob_is_coauthor, DECISION_ALLOWED},
	{RULE("{count: 2, permissions: [write]}", "allow_contributor: true"), bob_pushed, DECISION_ALLOWED},
	{RULE("{count: 2, permissions: [write]}", "allow_author: true"), bob_pushed, DECISION_WAITING},
	{RULE("{count: 2, permissions: [write]}", "allow_contributor: true"), nobody_is_author, DECISION_ALLOWED},
	{RULE("{count: 2, permissions: [write]}", "allow_author: true"), nobody_is_author, DECISION_BLOCKED},
	{RULE("{count: 2, permissions: [write]}", "allow_contributor: true"), by_bot, DECISION_WAITING},
	{RULE("{count: 2, permissions: [triage]}", ""), by_triager, DECISION_ALLOWED},
	{RULE("{count: 2, permissions: [admin, read]}", ""), by_reader, DECISION_ALLOWED},
	{RULE("{count: 1, permissions: [maintain]}", ""), nothing, DECISION_WAITING},
	{RULE("{count: 1, permissions: [maintain]}", ""), by_maintainer, DECISION_ALLOWED},
	{RULE("{count: 1, users: [BOB]}", ""), nothing, DECISION_ALLOWED},
	{RULE("{count: 1, users: ['id:3']}", ""), nothing, DECISION_ALLOWED},
	{RULE("{count: 1, users: ['id:4', dave]}", ""), nothing, DECISION_WAITING},
	{RULE("{count: 2, users: [bob], permissions: [maintain]}", ""), by_maintainer, DECISION_ALLOWED},
	{RULE("{count: 1, users: [somebody]}", ""), stranger, DECISION_WAITING},
	{RULE("{count: 1, teams: [acme/core]}", ""), nothing, DECISION_WAITING},
	{RULE("{count: 2, permissions: [write]}", ""), gone, DECISION_ALLOWED},
	{RULE("{count: 2, permissions: [write]}", ""), gone_before_a_review, DECISION_BLOCKED},
	{RULE("{count: 2, permissions: [write]}", ""), gone_unseen, DECISION_BLOCKED},
	{RULE("{count: 2, permissions: [write]}", "allow_gone_head: true"), gone_unseen, DECISION_ALLOWED},
	{RULE("{count: 2, permissions: [write]}", ""), hidden, DECISION_WAITING},
	{RULE("{count: 2, permissions: [write]}", "allow_author: true"), hidden, DECISION_WAITING},
	{RULE("{count: 2, permissions: [write]}", "allow_contributor: true"), hidden, DECISION_ALLOWED},
	{RULE("{count: 2, permissions: [write]}", "allow_unknown_pushers: true"), hidden, DECISION_ALLOWED},
	{RULE("{count: 2, permissions: [write]}", "allow_unknown_pushers: true"), hidden_and_bob_pushed,
	 DECISION_WAITING},
	{RULE("{count: 2, permissions: [write]}", "allow_unknown_pushers: true"), hidden_and_guarded, DECISION_WAITING},
	{RULE("{count: 2, permissions: [write]}", "allow_unknown_pushers: true"), somebody_unknown_pushed,
	 DECISION_WAITING},
	{RULE("{count: 2, permissions: [write]}", ""), another_base_after_a_review, DECISION_ALLOWED},
	{RULE("{count: 2, permissions: [write]}", "per_base: true"), another_base_after_a_review, DECISION_WAITING},
	{RULE("{count: 2, permissions: [write]}", "per_base: true"), nothing, DECISION_ALLOWED},
	{RULE("{count: 2, permissions: [write]}", "per_base: true"), at_unknown_time, DECISION_WAITING},
	{RULE("{count: 2, permissions: [write]}", "allow_unknown_pushers: true, allow_contributor: true"), hidden,
	 DECISION_ALLOWED},
	{RULE("{count: 2, permissions: [write]}", ""), two_unknown_pushed, DECISION_WAITING},
	{RULE("{count: 2, permissions: [write]}", ""), merged, DECISION_BLOCKED},
	{RULE("{count: 2, permissions: [write]}", "per_base: true"), another_base_before, DECISION_ALLOWED},
};

START_TEST(a_rule_chooses_who_may_count)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	choices[_i].bend(&c);
	verdict = case_judge(&c, choices[_i].policy);
	ck_assert_msg(verdict.decision == choices[_i].decision, "%s", verdict.text.at);
	case_drop(&c);
}
END_TEST

START_TEST(team_membership_is_read_or_waited_for)
{
	static const struct text team = {"acme/core", 9};
	struct example c;

	case_make(&c);
	c.people[BOB - 1].teams = &team;
	c.people[BOB - 1].n_teams = 1;
	ck_assert_int_eq(case_judge(&c, RULE("{count: 1, teams: [Acme/core]}", "")).decision, DECISION_ALLOWED);
	c.people[BOB - 1].teams_known = false;
	ck_assert(text_is(case_judge(&c, RULE("{count: 1, teams: [acme/core]}", "")).text,
			  "Needs the permission of bob"));
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_review_counts_only_when_it_is_fresh_and_independent, rows),
	SUITE_ROWS(what_does_not_count_is_listed_with_its_reason, reasons),
	SUITE_TEST(every_sequence_of_four_states_is_read_by_its_last_decisive_one),
	SUITE_ROWS(a_rule_chooses_who_may_count, choices),
	SUITE_TEST(team_membership_is_read_or_waited_for),
	SUITE_END,
};
SUITE_MAIN(tests)
