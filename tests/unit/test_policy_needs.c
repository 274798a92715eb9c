/* What is to be read before a policy can say anything: of rules, guards, contexts and pushes, and nothing besides. */
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <string.h>

static const struct policy *parsed(struct arena *arena, const char *text, const struct policy_defaults *defaults)
{
	const struct policy *policy = NULL;
	struct problem problem = {0, 0, ""};

	if (!policy_parse(text_of(text), defaults, arena, &policy, &problem))
		ck_abort_msg("%u:%u %s", problem.line, problem.column, problem.text);
	return policy;
}

#define EVERY  (FACT_STATE | FACT_BASE)
#define REVIEW (FACT_REVIEWS | FACT_ARRIVAL)
#define HANDS  (FACT_AUTHOR | FACT_COMMITS | FACT_PUSHERS)
#define ALL    "guards: {off: [draft, changes_requested, guarded_files]}"

/* A policy of one rule `r`, without any guard but those of `more`. */
#define ONE(more, rule) "policy: {approval: [r]" more "}\napproval_rules:\n- {name: r, " rule "}\n"
#define PEOPLE          "requires: {count: 1, users: [bob]}"
#define WARNS                                                                                                          \
	"policy: {approval: [r, w], " ALL "}\napproval_rules:\n- {name: r, requires: {conditions: {has_labels: "       \
	"[x]}}}\n- {name: w, mode: warn, options: {methods: {comments: [y]}}, " PEOPLE "}\n"

static const struct {
	const char *policy;
	unsigned facts;
	bool comments_object, comments_shown;
	unsigned carries;
} rows[] = {
	{ONE(", " ALL, "requires: {conditions: {has_labels: [x]}}"), EVERY | FACT_LABELS, false, true, 0},
	{ONE(", guards: {off: [changes_requested, guarded_files]}", "requires: {conditions: {has_labels: [x]}}"),
	 EVERY | FACT_LABELS | FACT_DRAFT, false, true, 0},
	{ONE(", guards: {off: [draft, guarded_files]}", "requires: {conditions: {has_labels: [x]}}"),
	 EVERY | FACT_LABELS | FACT_REVIEWS, false, true, 0},
	{ONE(", " ALL, PEOPLE), EVERY | REVIEW | HANDS, false, true, 0},
	{ONE(", " ALL, "options: {allow_author: true}, " PEOPLE), EVERY | REVIEW | HANDS, false, true, 0},
	{ONE(", " ALL, "options: {allow_contributor: true}, " PEOPLE), EVERY | REVIEW | FACT_AUTHOR, false, true, 0},
	{ONE(", " ALL, "options: {allow_author: true, allow_contributor: true}, " PEOPLE), EVERY | REVIEW, false, true,
	 0},
	{ONE(", " ALL, "options: {methods: {comments: [y]}}, " PEOPLE), EVERY | REVIEW | HANDS | FACT_COMMENTS, false,
	 false, 0},
	{WARNS, EVERY | FACT_LABELS | REVIEW | HANDS | FACT_COMMENTS, false, true, 0},
	{ONE(", " ALL, "carry: [same-tree], " PEOPLE), EVERY | REVIEW | HANDS, false, true, CARRY_SAME_TREE},
	{"policy: {approval: [r, w], " ALL "}\napproval_rules:\n- {name: r, requires: {conditions: {has_labels: "
	 "[x]}}}\n- {name: w, mode: off, carry: [same-tree], " PEOPLE "}\n",
	 EVERY | FACT_LABELS, false, true, 0},
	/* what is said against a change, in reviews alone and in comments, too */
	{ONE(", guards: {off: [draft, guarded_files]}, disapproval: {requires: {users: [bob]}, options: {methods: "
	     "{disapprove: {comments: [no]}}}}",
	     "requires: {conditions: {has_labels: [x]}}"),
	 EVERY | FACT_LABELS | FACT_REVIEWS | FACT_COMMENTS, true, false, 0},
	{ONE(", guards: {off: [draft, guarded_files]}, disapproval: {requires: {users: [bob]}, options: {methods: "
	     "{revoke: {comments: [yes]}}}}",
	     "requires: {conditions: {has_labels: [x]}}"),
	 EVERY | FACT_LABELS | FACT_REVIEWS | FACT_COMMENTS, true, false, 0},
	{ONE(", " ALL ", disapproval: {requires: {users: [bob]}, options: {methods: {disapprove: {comments: [no]}}}}",
	     "requires: {conditions: {has_labels: [x]}}"),
	 EVERY | FACT_LABELS, false, true, 0},
};

START_TEST(a_policy_needs_what_its_rules_and_guards_ask_and_nothing_else)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct policy_needs needs = policy_needs(parsed(&arena, rows[_i].policy, NULL));

	ck_assert_msg(needs.facts == rows[_i].facts, "%s: %x, not %x", rows[_i].policy, needs.facts, rows[_i].facts);
	ck_assert(needs.comments_object == rows[_i].comments_object);
	ck_assert(needs.comments_shown == rows[_i].comments_shown);
	ck_assert_uint_eq(needs.carries, rows[_i].carries);
}
END_TEST

/* ---- people ---- */

static const struct {
	const char *policy, *team; /* NULL: none */
	bool contributors;
} teams[] = {
	{ONE("", PEOPLE), NULL, false},
	{ONE("", "options: {ignore_commits_by: {teams: [a/b]}}, " PEOPLE), "a/b", true},
	{ONE("", "options: {delegation: {by: {teams: [a/c]}}}, " PEOPLE), "a/c", false},
	{ONE(", disapproval: {if: {has_author_in: {teams: [a/d]}}}", PEOPLE), "a/d", false},
	{ONE(", disapproval: {requires: {teams: [a/e]}}", PEOPLE), "a/e", false},
};

START_TEST(whose_membership_matters_is_read)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct policy_needs needs = policy_needs(parsed(&arena, teams[_i].policy, NULL));

	ck_assert_uint_eq(needs.n_teams, teams[_i].team ? 1 : 0);
	if (teams[_i].team)
		ck_assert(text_is(needs.teams[0], teams[_i].team));
	ck_assert(needs.contributors == teams[_i].contributors);
}
END_TEST

/* ---- contexts and pushes ---- */

#define STATUS(name) "has_status: {statuses: [" name "], conclusions: [success]}"

static const char contexts[] =
	"policy: {approval: [t, w], contexts: {policy/a: {approval: [k], disapproval: {if: {" STATUS(
		"s") "}}}, "
		     "policy/b: {approval: [o, p]}}}\n"
		     "approval_rules:\n"
		     "- {name: t, requires: {count: 1, permissions: [write]}}\n"
		     "- {name: w, mode: warn, requires: {conditions: {" STATUS(
			     "w") "}}}\n"
				  "- {name: k, carry: [same-patch], requires: {count: 1, permissions: [write]}}\n"
				  "- {name: o, requires: {owners: {file: o.json}}}\n"
				  "- {name: p, requires: {owners: {file: p.json}}}\n";

START_TEST(what_a_context_alone_asks_for_is_read_and_weighs)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct policy_needs needs = policy_needs(parsed(&arena, contexts, NULL));

	ck_assert_uint_eq(needs.carries, CARRY_SAME_PATCH);
	ck_assert(needs.logins);
	ck_assert_uint_eq(needs.n_owners_files, 2);
	ck_assert(text_is(needs.owners_files[0], "o.json") && text_is(needs.owners_files[1], "p.json"));
	ck_assert_uint_eq(needs.n_watched, 2);
	ck_assert(text_is(needs.watched[0].name, "w") && !needs.watched[0].weighs);
	ck_assert(text_is(needs.watched[1].name, "s") && needs.watched[1].weighs);
}
END_TEST

START_TEST(what_only_a_pushed_branch_asks_for_is_not_kept_of_changes)
{
	static const char text[] =
		"policy: {approval: [t], pushes: {'^land$': {onto: main, rules: [k]}}}\n"
		"approval_rules:\n"
		"- {name: t, requires: {count: 1, permissions: [write]}}\n"
		"- {name: k, carry: [same-tree], options: {allow_unknown_pushers: true}, requires: {count: 1, "
		"permissions: [write]}}\n";
	auto_arena struct arena arena = ARENA_EMPTY;
	struct policy_needs needs = policy_needs(parsed(&arena, text, NULL));

	ck_assert(needs.carries == 0 && !needs.unknown_pushers);
	needs = policy_needs(policy_of_push(parsed(&arena, text, NULL), TEXT_LIT("land"), TEXT_LIT("main")));
	ck_assert(needs.carries == 0 && !needs.comments_object && !needs.comments_shown);
}
END_TEST

/* ---- the policy's own file ---- */

START_TEST(the_policys_own_path_is_guarded_whatever_it_is_made_of)
{
	static const char *const paths[] = {"p",   "a b.yml", "ci/(gate).yml", "a*b", "''''''''''''''''",
					    "'x'", "\\a[b]"};
	struct example c;
	struct verdict verdict;

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		for (int other = 0; other < 2; other++) {
			struct policy_defaults defaults = {.path = text_of(paths[i])};

			case_make(&c);
			c.path.path = arena_printf(&c.arena, "%s%s", paths[i], other ? "x" : "");
			c.governed.policy = policy_builtin(&defaults, &c.arena);
			policy_judge(&c.governed, &c.facts, &c.arena, &verdict);
			ck_assert_msg((verdict.decision == DECISION_ALLOWED) == other, "%s: %.*s", paths[i],
				      TEXT_ARG(verdict.text));
			case_drop(&c);
		}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_policy_needs_what_its_rules_and_guards_ask_and_nothing_else, rows),
	SUITE_ROWS(whose_membership_matters_is_read, teams),
	SUITE_TEST(what_a_context_alone_asks_for_is_read_and_weighs),
	SUITE_TEST(what_only_a_pushed_branch_asks_for_is_not_kept_of_changes),
	SUITE_TEST(the_policys_own_path_is_guarded_whatever_it_is_made_of),
	SUITE_END,
};
SUITE_MAIN(tests)
