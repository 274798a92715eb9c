/* Properties over many cases: doubt waits, secrets stay, and the same input gives the same bytes. */
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include "agent/base/facts_json.h"
#include "policy/predicate.h"

#include <string.h>

#define ONE(rest) "policy: {approval: [r]}\napproval_rules:\n- {name: r, " rest "}\n"

/* For every predicate a block that holds for the example, so that only a missing fact can hold it back. */
static const struct {
	const char *key, *block;
} blocks[] = {
	{"changed_files", "changed_files: {paths: ['^src/']}"},
	{"targets_branch", "targets_branch: {pattern: '^main$'}"},
	{"commit_token", "commit_token: {key: a, values: [erin]}"},
	{"no_changed_files", "no_changed_files: {paths: ['^doc/']}"},
	{"only_changed_files", "only_changed_files: {paths: ['^src/']}"},
	{"has_author_in", "has_author_in: {users: [alice]}"},
	{"has_contributor_in", "has_contributor_in: {users: [alice]}"},
	{"only_has_contributors_in", "only_has_contributors_in: {users: [alice]}"},
	{"author_is_only_contributor", "author_is_only_contributor: true"},
	{"from_branch", "from_branch: {pattern: '^fix-'}"},
	{"modified_lines", "modified_lines: {total: '<11'}"},
	{"has_status", "has_status: {statuses: [ci/build, {name: lint, app: acme-ci}]}"},
	{"has_successful_status", "has_successful_status: [ci/build]"},
	{"has_workflow_result", "has_workflow_result: {workflows: [.github/workflows/ci.yml]}"},
	{"has_labels", "has_labels: [bug]"},
	{"threads_resolved", "threads_resolved: true"},
	{"window", "window: {from: '00:00', to: '23:59'}"},
	{"not_during", "not_during: [{from: 2020-12-24T00:00:00Z, to: 2020-12-27T00:00:00Z}]"},
	{"repository", "repository: {matches: ['^acme/']}"},
	{"landing_asked_by", "landing_asked_by: {users: [carol]}"},
	{"title", "title: {matches: ['^Fix']}"},
	{"has_valid_signatures", "has_valid_signatures: true"},
	{"has_valid_signatures_by", "has_valid_signatures_by: {users: [alice]}"},
	{"has_valid_signatures_by_keys", "has_valid_signatures_by_keys: {key_ids: [3262EFF25BA0D270]}"},
	{"up_to_date", "up_to_date: true"},
	{"only_pushed_by", "only_pushed_by: {users: [alice]}"},
	{"author_has_merged", "author_has_merged: true"},
	{"signer", "signer: author"},
	{"message_word", "message_word: {words: [Fix, Add]}"},
	{"tree_open", "tree_open: {tree: central}"}, /* of trees: test_policy_tree */
	{"bugs", "bugs: {every: {bug_exists: true}}"},
	{"all_of", "all_of: [{changed_files: {paths: ['^src/']}}]"},
	{"any_of", "any_of: [{changed_files: {paths: ['^doc/']}}, {changed_files: {paths: ['^src/']}}]"},
	{"not", "not: {changed_files: {paths: ['^doc/']}}"},
};

START_TEST(every_predicate_waits_when_its_facts_are_unknown)
{
	size_t n = 0;

	for (const struct predicate *p; (p = predicate_at(n)) != NULL; n++) {
		size_t k = 0;

		while (k < sizeof blocks / sizeof blocks[0] && strcmp(blocks[k].key, p->doc.path) != 0)
			k++;
		ck_assert_msg(k < sizeof blocks / sizeof blocks[0], "no row for %s", p->doc.path);
		for (unsigned bit = 1; bit & FACTS_ALL; bit <<= 1) {
			struct example c;
			const char *in_if, *in_conditions;

			if (!((p->needs | (p->inner && !p->bugs && !p->watched ? FACT_PATHS : 0)) & bit))
				continue;
			case_make(&c);
			in_if = arena_printf(&c.arena, ONE("if: {%s}, requires: {count: 1, users: [bob]}"),
					     blocks[k].block)
					.at;
			in_conditions = arena_printf(&c.arena, ONE("requires: {conditions: {%s}}"), blocks[k].block).at;
			if (p->bugs) /* refused in `if` */
				in_if = in_conditions;
			ck_assert_int_eq(case_judge(&c, in_if).decision, DECISION_ALLOWED);
			ck_assert_int_eq(case_judge(&c, in_conditions).decision, DECISION_ALLOWED);
			c.change.known &= ~bit;
			for (int i = 0; i < 2; i++) {
				struct verdict verdict = case_judge(&c, i ? in_if : in_conditions);

				ck_assert_int_eq(verdict.decision, DECISION_WAITING);
				ck_assert_int_eq(case_row(&verdict, "r")->state, RULE_PENDING);
			}
			case_drop(&c);
		}
	}
	ck_assert_uint_eq(n, sizeof blocks / sizeof blocks[0]);
}
END_TEST

static const char *const policies[] = {
	NULL,
	ONE("requires: {count: 2, permissions: [write], conditions: {commit_token: {key: a, values: [erin]}}}"),
	ONE("if: {targets_branch: {pattern: main}}, requires: {count: 1, users: [bob, carol]}"),
	ONE("requires: {conditions: {changed_files: {paths: [src]}}}"),
	ONE("if: {has_labels: [bug], from_branch: {pattern: fix}, title: {matches: [Fix]}, author_is_only_contributor: "
	    "true, not: {modified_lines: {total: '>10'}}}, requires: {conditions: {has_status: {statuses: [ci/build]}, "
	    "any_of: [{has_workflow_result: {workflows: [.github/workflows/ci.yml]}}]}}"),
	ONE("requires: {count: 1, permissions: [write]}, options: {allow_contributor: true}"),
	"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n- {name: x, requires: {count: 3, permissions: [write]}}\n"
	"- {name: y, visibility: restricted, requires: {count: 2, permissions: [triage]}}\n",
};

START_TEST(a_missing_fact_that_is_needed_never_stays_allowed)
{
	for (unsigned bit = 1; bit & FACTS_ALL; bit <<= 1) {
		struct example c;
		bool needed, allowed;

		case_make(&c);
		ck_assert_int_eq(case_judge(&c, policies[_i]).decision, DECISION_ALLOWED);
		c.change.known &= ~bit;
		allowed = case_judge(&c, policies[_i]).decision == DECISION_ALLOWED;
		needed = (policy_needs(c.governed.policy).facts & bit) != 0;
		ck_assert_msg(allowed == !needed, "fact %x", bit);
		case_drop(&c);
	}
}
END_TEST

/* Everything else that can be unknown about the example, one at a time. */
static void forget_people(struct example *c)
{
	c->facts.n_people = 0;
}
static void forget_bob(struct example *c)
{
	c->people[BOB - 1].permission = PERMISSION_UNKNOWN;
}
static void forget_changes(struct example *c)
{
	c->facts.changes_known = false;
}
static void forget_arrival(struct example *c)
{
	c->change.head_arrived_at = WHEN_UNKNOWN;
}
static void forget_author(struct example *c)
{
	c->change.author.id = 0;
}
static void forget_binding(struct example *c)
{
	c->reviews[0].bound_sha = OID_NONE;
}
static void forget_type(struct example *c)
{
	c->reviews[0].user.type = PERSON_UNKNOWN;
}
static void forget_reviewer(struct example *c)
{
	c->reviews[0].user.id = 0;
}
static void forget_state(struct example *c)
{
	c->reviews[0].state = REVIEW_STATE_UNKNOWN;
}
static void forget_submission(struct example *c)
{
	c->reviews[0].submitted_at = WHEN_UNKNOWN;
}
static void forget_pusher(struct example *c)
{
	c->pushers[0] = 0;
}
static void forget_signer(struct example *c)
{
	c->commits[1].committer.id = 0;
}
static void forget_head(struct example *c)
{
	c->facts.head = OID_NONE;
}
static void forget_path(struct example *c)
{
	c->path.path = TEXT_EMPTY;
}
static void forget_governed(struct example *c)
{
	c->facts.n_changes = 0;
}

static void (*const forgets[])(struct example *c) = {
	forget_people,  forget_bob,    forget_changes,  forget_arrival, forget_author,
	forget_binding, forget_type,   forget_reviewer, forget_state,   forget_submission,
	forget_pusher,  forget_signer, forget_head,     forget_path,    forget_governed,
};

START_TEST(forgetting_anything_about_an_allowed_change_is_not_allowed)
{
	struct example c;

	case_make(&c);
	ck_assert_int_eq(case_judge(&c, NULL).decision, DECISION_ALLOWED);
	forgets[_i](&c);
	ck_assert_int_ne(case_judge(&c, NULL).decision, DECISION_ALLOWED);
	case_drop(&c);
}
END_TEST

START_TEST(the_same_input_gives_the_same_bytes)
{
	struct example a, b;

	case_make(&a);
	case_make(&b);
	case_review(&a, DAVE, REVIEW_CHANGES_REQUESTED, CASE_OLD, 5);
	case_review(&b, DAVE, REVIEW_CHANGES_REQUESTED, CASE_OLD, 5);
	for (int i = 0; i < 3; i++) {
		struct verdict x = case_judge(&a, policies[_i]), y = case_judge(&b, policies[_i]);

		ck_assert(text_eq(verdict_encode(&x, false, &a.arena), verdict_encode(&y, false, &b.arena)));
		b.reviews[3] = b.reviews[0]; /* another order of the same reviews */
		b.reviews[0] = b.reviews[2];
		b.reviews[2] = b.reviews[3];
	}
	case_drop(&a);
	case_drop(&b);
}
END_TEST

/* The two worlds differ in what a restricted rule sees (guarded files, a maintainer's review of another kind). */
static void secret(struct example *c)
{
	static struct path paths[2];

	paths[0] = c->path;
	paths[1] = c->path;
	paths[1].path = TEXT_LIT(".github/workflows/ci.yml");
	c->change.paths = paths;
	c->change.n_paths = 2;
}

#define SECRET                                                                                                         \
	"- {name: h, visibility: restricted, if: {changed_files: {paths: [workflows]}}, "                              \
	"requires: {count: 1, permissions: [admin]}}\n"
static const struct {
	const char *policy;
	size_t reviews;
} secrets[] = {
	{NULL, 0},
	{NULL, 1},
	{"policy: {approval: [x, h]}\napproval_rules:\n- {name: x, requires: {count: 3, permissions: "
	 "[write]}}\n" SECRET,
	 2},
	{"policy: {approval: [{or: [{and: [h, x]}, x]}, x]}\napproval_rules:\n"
	 "- {name: x, requires: {count: 3, permissions: [write]}}\n" SECRET,
	 2},
	{"policy: {approval: [h, {or: [h, x]}]}\napproval_rules:\n- {name: x, requires: {conditions: {targets_branch: "
	 "{pattern: nowhere}}}}\n" SECRET,
	 2},
};

START_TEST(the_public_view_is_the_same_whatever_a_restricted_rule_saw)
{
	struct example plain, hidden;
	struct verdict a, b;

	case_make(&plain);
	case_make(&hidden);
	secret(&hidden);
	plain.change.n_reviews = hidden.change.n_reviews = secrets[_i].reviews;
	a = case_judge(&plain, secrets[_i].policy);
	b = case_judge(&hidden, secrets[_i].policy);
	ck_assert_int_ne(a.decision, DECISION_ALLOWED);
	ck_assert_int_ne(b.decision, DECISION_ALLOWED);
	ck_assert_str_eq(verdict_encode(&a, true, &plain.arena).at, verdict_encode(&b, true, &hidden.arena).at);
	ck_assert(!text_eq(rules_encode(&a, false, &plain.arena), rules_encode(&b, false, &hidden.arena)));
	case_drop(&plain);
	case_drop(&hidden);
}
END_TEST

START_TEST(the_clearance_row_is_always_there_and_restricted_rows_never)
{
	struct example c;
	struct verdict verdict, shown;

	case_make(&c);
	verdict = case_judge(&c, NULL);
	policy_public_view(&verdict, &c.arena, &shown);
	ck_assert_int_eq(case_row(&shown, "Maintainer clearance")->state, RULE_MET);
	ck_assert_ptr_null(case_row(&shown, "guarded files"));
	ck_assert_ptr_nonnull(case_row(&shown, "fresh reviews"));
	c.change.n_reviews = 0;
	verdict = case_judge(&c, NULL);
	policy_public_view(&verdict, &c.arena, &shown);
	ck_assert_int_eq(case_row(&shown, "Maintainer clearance")->state, RULE_PENDING);
	case_drop(&c);
}
END_TEST

START_TEST(a_commit_is_judged_by_all_changes_that_have_it_as_head)
{
	struct example c;
	struct verdict verdict;
	struct change both[2];
	struct governed governed[2];
	struct problem problem = {4, 7, "unknown key `approvl`; did you mean `approval`?"};

	case_make(&c);
	(void)case_judge(&c, NULL);
	both[0] = c.change;
	both[0].number = 2;
	both[1] = c.change;
	governed[0] = governed[1] = c.governed;
	c.facts.changes = both;
	c.facts.n_changes = 2;
	policy_judge(governed, &c.facts, &c.arena, &verdict);
	ck_assert(text_is(verdict.text, "2 fresh reviews; ready to merge"));
	ck_assert_uint_eq(verdict.n_rules, 2);
	both[0].n_reviews = 1;
	policy_judge(governed, &c.facts, &c.arena, &verdict);
	ck_assert(text_is(verdict.text, "#2 (with #412): Needs 1 more review of 9a77b03 (1/2)"));
	both[1].draft = true;
	policy_judge(governed, &c.facts, &c.arena, &verdict);
	ck_assert(text_is(verdict.text, "#412 (with #2): Blocked: draft"));
	governed[0] = (struct governed){NULL, &problem};
	policy_judge(governed, &c.facts, &c.arena, &verdict);
	ck_assert(text_is(
		verdict.text,
		"#2 (with #412): Cannot decide: .headgate.yml:4:7 unknown key `approvl`; did you mean `approval`?"));
	ck_assert_int_eq(verdict.state, STATUS_ERROR);
	governed[0] = (struct governed){NULL, NULL};
	policy_judge(governed, &c.facts, &c.arena, &verdict);
	ck_assert_int_eq(verdict.decision, DECISION_CANNOT_DECIDE);
	case_drop(&c);
}
END_TEST

START_TEST(a_status_text_is_short_and_printable)
{
	struct example c;
	struct verdict verdict;
	char reason[400];

	case_make(&c);
	memset(reason, 'x', sizeof reason);
	for (size_t i = 7; i < sizeof reason; i += 8)
		reason[i] = i % 3 ? ' ' : '\x1b';
	reason[sizeof reason - 1] = '\0';
	policy_cannot_decide(reason, &c.arena, &verdict);
	ck_assert_uint_le(verdict.text.len, STATUS_TEXT_MAX);
	for (size_t i = 0; i < verdict.text.len; i++)
		ck_assert(verdict.text.at[i] >= 0x20 && verdict.text.at[i] < 0x7f);
	ck_assert(text_starts(verdict.text, TEXT_LIT("Cannot decide: x")));
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(every_predicate_waits_when_its_facts_are_unknown),
	SUITE_ROWS(a_missing_fact_that_is_needed_never_stays_allowed, policies),
	SUITE_ROWS(forgetting_anything_about_an_allowed_change_is_not_allowed, forgets),
	SUITE_ROWS(the_same_input_gives_the_same_bytes, policies),
	SUITE_ROWS(the_public_view_is_the_same_whatever_a_restricted_rule_saw, secrets),
	SUITE_TEST(the_clearance_row_is_always_there_and_restricted_rows_never),
	SUITE_TEST(a_commit_is_judged_by_all_changes_that_have_it_as_head),
	SUITE_TEST(a_status_text_is_short_and_printable),
	SUITE_END,
};
SUITE_MAIN(tests)
