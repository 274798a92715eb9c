/* More statuses than one in a policy: how they are written, and that none of them says anything of another. */
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <string.h>

/* Bob (write) and carol (write) approved; dave (read) said nothing. */
#define RULES                                                                                                          \
	"approval_rules:\n"                                                                                            \
	"- {name: t, requires: {count: 1, users: [bob]}}\n"                                                            \
	"- {name: f, requires: {count: 1, users: [dave]}}\n"
#define TRY "policy/try-allowed"

static struct verdict judge(struct example *c, const char *policy, const char *context)
{
	struct verdict verdict = case_judge(c, policy);

	if (context)
		policy_judge_context(&c->governed, &c->facts, text_of(context), &c->arena, &verdict);
	return verdict;
}

static const struct {
	const char *main, *more;
	enum decision own, try;
} trees[] = {
	{"approval: [f]", "approval: [t]", DECISION_WAITING, DECISION_ALLOWED},
	{"approval: [t]", "approval: [f]", DECISION_ALLOWED, DECISION_WAITING},
	{"approval: [t]", "approval: [t, f]", DECISION_ALLOWED, DECISION_WAITING},
	{"approval: [t, f]", "branches: {'^main$': [t], default: closed}", DECISION_WAITING, DECISION_ALLOWED},
	{"approval: [t, f]", "branches: {'^x$': [t], default: closed}", DECISION_WAITING, DECISION_BLOCKED},
	/* disapproval: the main one's holds there, too, unless it says something itself */
	{"approval: [t, f], disapproval: {if: {targets_branch: {pattern: '^main$'}}}", "approval: [t]",
	 DECISION_BLOCKED, DECISION_BLOCKED},
	{"approval: [t, f], disapproval: {if: {targets_branch: {pattern: '^main$'}}}",
	 "approval: [t], disapproval: {if: {targets_branch: {pattern: '^x$'}}}", DECISION_BLOCKED, DECISION_ALLOWED},
	{"approval: [t]", "approval: [t, f], disapproval: {if: {targets_branch: {pattern: '^main$'}}}",
	 DECISION_ALLOWED, DECISION_BLOCKED},
};

START_TEST(each_context_has_its_own_approval)
{
	struct example c;
	const char *policy;

	case_make(&c);
	policy = arena_printf(&c.arena, "policy: {%s, contexts: {" TRY ": {%s}}}\n" RULES, trees[_i].main,
			      trees[_i].more)
			 .at;
	if (!strstr(policy, "[f") && !strstr(policy, ", f"))
		ck_abort_msg("every rule must be used");
	ck_assert_int_eq(judge(&c, policy, NULL).decision, trees[_i].own);
	ck_assert_int_eq(judge(&c, policy, TRY).decision, trees[_i].try);
	case_drop(&c);
}
END_TEST

START_TEST(a_context_that_the_policy_does_not_name_is_denied)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	verdict = judge(&c, NULL, TRY);
	ck_assert_int_eq(verdict.decision, DECISION_BLOCKED);
	ck_assert_int_eq(verdict.state, STATUS_FAILURE);
	ck_assert_msg(text_is(verdict.text, "Blocked: the policy names no such status"), "%.*s",
		      TEXT_ARG(verdict.text));
	c.change.draft = true; /* what would be said of it elsewhere is not said */
	case_review(&c, ERIN, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 5000);
	verdict = judge(&c, NULL, TRY);
	ck_assert(text_is(verdict.text, "Blocked: the policy names no such status"));
	c.facts.allowed_before = true;
	verdict = judge(&c, NULL, TRY);
	ck_assert_int_eq(verdict.decision, DECISION_REVOKED);
	case_drop(&c);
}
END_TEST

START_TEST(of_several_changes_each_must_name_the_context)
{
	static const char named[] = "policy: {approval: [f], contexts: {" TRY ": {approval: [t]}}}\n" RULES;
	struct example c;
	struct governed both[2];
	struct change changes[2];
	struct verdict verdict;

	case_make(&c);
	ck_assert_int_eq(judge(&c, named, TRY).decision, DECISION_ALLOWED);
	both[0] = both[1] = c.governed;
	changes[0] = changes[1] = c.change;
	changes[1].number++;
	c.facts.changes = changes;
	c.facts.n_changes = 2;
	policy_judge_context(both, &c.facts, text_of(TRY), &c.arena, &verdict);
	ck_assert_int_eq(verdict.decision, DECISION_ALLOWED);
	both[1].policy = policy_builtin(NULL, &c.arena);
	policy_judge_context(both, &c.facts, text_of(TRY), &c.arena, &verdict);
	ck_assert_int_eq(verdict.decision, DECISION_BLOCKED);
	case_drop(&c);
}
END_TEST

START_TEST(a_broken_policy_decides_nothing_in_any_context)
{
	static const struct problem problem = {.text = "is broken", .line = 1};
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.governed = (struct governed){NULL, &problem};
	policy_judge_context(&c.governed, &c.facts, text_of(TRY), &c.arena, &verdict);
	ck_assert_int_eq(verdict.decision, DECISION_CANNOT_DECIDE);
	ck_assert_int_eq(verdict.state, STATUS_ERROR);
	case_drop(&c);
}
END_TEST

/* ---- guards ---- */

static const struct {
	const char *main, *more;
	bool own, try; /* allowed */
} drafts[] = {
	{"", "", false, false},
	{", guards: {off: [draft]}", "", true, false},
	{"", ", guards: {off: [draft]}", false, true},
};

START_TEST(a_guard_that_is_off_is_off_there_alone)
{
	struct example c;
	const char *policy;

	case_make(&c);
	c.change.draft = true;
	policy = arena_printf(&c.arena,
			      "policy: {approval: [t]%s, contexts: {" TRY ": {approval: [t]%s}, policy/x: {approval: "
			      "[f]}}}\n" RULES,
			      drafts[_i].main, drafts[_i].more)
			 .at;
	ck_assert_int_eq(judge(&c, policy, NULL).state == STATUS_SUCCESS, drafts[_i].own);
	ck_assert_int_eq(judge(&c, policy, TRY).state == STATUS_SUCCESS, drafts[_i].try);
	case_drop(&c);
}
END_TEST

/* Dave says no in a comment, and yes again; it is the main policy that hears him. */
START_TEST(who_may_object_and_how_is_the_same_in_a_context_that_does_not_say)
{
	static const char policy[] =
		"policy: {approval: [t, f], disapproval: {requires: {users: [dave]}, options: {methods: {disapprove: "
		"{comments: ['no way']}, revoke: {comments: ['go on']}}}}, contexts: {" TRY
		": {approval: [t]}}}\n" RULES;
	static const char *const said[] = {"no way", "go on"};
	struct comment comments[2];
	struct example c;

	for (size_t n = 0; n <= 2; n++) {
		case_make(&c);
		for (size_t i = 0; i < n; i++)
			comments[i] = (struct comment){.id = (int64_t)i + 1,
						       .user = c.people[DAVE - 1].who,
						       .body = text_of(said[i]),
						       .created_at = CASE_ARRIVED + 70000 + (int64_t)i};
		c.change.comments = comments;
		c.change.n_comments = n;
		ck_assert_int_eq(judge(&c, policy, TRY).decision, n == 1 ? DECISION_BLOCKED : DECISION_ALLOWED);
		case_drop(&c);
	}
	case_make(&c);
	case_review(&c, DAVE, REVIEW_CHANGES_REQUESTED, CASE_HEAD, 70000);
	ck_assert_int_eq(judge(&c, policy, TRY).decision, DECISION_BLOCKED);
	case_drop(&c);
}
END_TEST

START_TEST(a_context_guards_all_its_files_beside_those_of_the_policy)
{
	static const char policy[] = "policy: {approval: [t, f], guards: {files: ['^one$', '^two$']}, contexts: {" TRY
				     ": {approval: [t], guards: {files: ['^three$', '^four$', '^five$']}}}}\n" RULES;
	static const char *const files[] = {"one", "two", "three", "four", "five", "six"};
	struct example c;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		case_make(&c);
		c.path.path = text_of(files[i]);
		ck_assert_int_eq(judge(&c, policy, TRY).decision == DECISION_ALLOWED, i == 5);
		case_drop(&c);
	}
}
END_TEST

START_TEST(what_only_the_policy_asks_for_holds_no_context_back)
{
	static const char policy[] = "policy: {approval: [s, f], contexts: {" TRY ": {approval: [t]}}}\n" RULES
				     "- {name: s, requires: {conditions: {has_labels: [bug]}}}\n";
	struct example c;

	case_make(&c);
	c.change.known &= ~(unsigned)FACT_LABELS;
	ck_assert_int_eq(judge(&c, policy, TRY).decision, DECISION_ALLOWED);
	case_drop(&c);
}
END_TEST

START_TEST(what_the_policy_guards_is_guarded_in_every_context_and_what_a_context_guards_is_not_elsewhere)
{
	static const char *const where[2][2] = {{", guards: {files: ['^src/']}", ""},
						{"", ", guards: {files: ['^src/']}"}};

	for (int i = 0; i < 2; i++) {
		struct example c;
		const char *policy;

		case_make(&c);
		c.path.path = TEXT_LIT("src/a.c");
		policy = arena_printf(&c.arena,
				      "policy: {approval: [t]%s, contexts: {" TRY ": {approval: [t]%s}, policy/x: "
				      "{approval: [f]}}}\n" RULES,
				      where[i][0], where[i][1])
				 .at;
		ck_assert_int_eq(judge(&c, policy, NULL).state == STATUS_SUCCESS, i == 1);
		ck_assert_int_ne(judge(&c, policy, TRY).state, STATUS_SUCCESS);
		case_drop(&c);
	}
}
END_TEST

/* ---- what is read ---- */

START_TEST(what_only_another_context_asks_for_holds_the_own_one_not_back)
{
	static const char policy[] =
		"policy: {approval: [t], contexts: {" TRY ": {approval: [l]}}}\napproval_rules:\n"
		"- {name: t, requires: {count: 1, users: [bob]}}\n"
		"- {name: l, requires: {count: 1, teams: [o/t], conditions: {has_labels: [go], has_successful_status: "
		"[{name: ci, app: a}]}}}\n";
	struct example c;
	struct policy_needs needs;

	case_make(&c);
	c.change.known &= ~((unsigned)FACT_LABELS | FACT_STATUSES);
	ck_assert_int_eq(judge(&c, policy, NULL).decision, DECISION_ALLOWED);
	ck_assert_int_eq(judge(&c, policy, TRY).decision, DECISION_WAITING);
	needs = policy_needs(c.governed.policy);
	ck_assert(needs.facts & FACT_LABELS);
	ck_assert(needs.facts & FACT_STATUSES);
	ck_assert_uint_eq(needs.n_teams, 1);
	ck_assert_uint_eq(needs.n_watched, 1);
	case_drop(&c);
}
END_TEST

START_TEST(what_any_context_reads_is_read)
{
	static const char policy[] =
		"policy: {approval: [t, own], attribution: {file: owners.json}, contexts: {" TRY
		": {approval: [p, own]}, "
		"policy/more: {approval: [p, t]}}}\napproval_rules:\n"
		"- {name: t, requires: {count: 1, permissions: [write]}}\n"
		"- {name: p, options: {allow_unknown_pushers: true}, requires: {count: 1, users: [bob]}}\n"
		"- {name: own, requires: {owners: {file: owners.json}}}\n";
	struct example c;
	struct policy_needs needs;

	case_make(&c);
	case_judge(&c, policy);
	needs = policy_needs(c.governed.policy);
	ck_assert(needs.unknown_pushers && needs.logins);
	ck_assert_uint_eq(needs.n_owners_files, 1);
	ck_assert(text_is(needs.owners_files[0], "owners.json"));
	case_drop(&c);
}
END_TEST

START_TEST(a_file_of_owners_that_only_another_context_reads_is_guarded_there_alone)
{
	static const char policy[] =
		"policy: {approval: [t], contexts: {" TRY ": {approval: [o]}, policy/x: {approval: [t]}}}\n"
		"approval_rules:\n- {name: t, requires: {count: 1, users: [bob]}}\n"
		"- {name: o, requires: {owners: {file: own/ers.json, per: file, unowned: write}}}\n";
	struct example c;
	struct policy_needs needs;

	case_make(&c);
	c.path.path = TEXT_LIT("own/ers.json");
	ck_assert_int_eq(judge(&c, policy, NULL).decision, DECISION_ALLOWED);
	ck_assert_int_eq(judge(&c, policy, "policy/x").decision, DECISION_ALLOWED);
	ck_assert_int_ne(judge(&c, policy, TRY).decision, DECISION_ALLOWED);
	needs = policy_needs(c.governed.policy);
	ck_assert_uint_eq(needs.n_owners_files, 1);
	case_drop(&c);
}
END_TEST

/* ---- how it is written ---- */

#define T100      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define T93       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define WRITTEN   "a context is written with small letters, digits and . _ / -, at most 100 of them"
#define ONE(name) name ": {approval: [t]}"

static const struct {
	const char *contexts;
	const char *why; /* NULL: it is read */
	const char *own; /* of the server */
} written[] = {
	{ONE(TRY), NULL, NULL},
	{ONE("policy/a.b_c-9"), NULL, NULL},
	{ONE(TRY) ", " ONE("policy/more"), NULL, NULL},
	{ONE("acme/try"), NULL, "acme/merge"},
	{ONE("policy/try"), NULL, "gate"},
	{ONE("acme/try"), "a context begins with `policy/`, as the server's own", NULL},
	{ONE("policy"), "a context begins with `policy/`, as the server's own", NULL},
	{ONE("policy/"), "a context begins with `policy/`, as the server's own", NULL},
	{ONE(TRY), "a context begins with `acme/`, as the server's own", "acme/merge"},
	{ONE("policy/merge-allowed"), "`policy/merge-allowed` is the server's own, of policy.approval", NULL},
	{ONE("acme/merge"), "`ACME/Merge` is the server's own, of policy.approval", "ACME/Merge"},
	{ONE("policy/" T93), NULL, NULL},
	{ONE("/try"), NULL, "/merge"},
	{ONE("acme/try"), "a context begins with `policy/`, as the server's own", "gate"},
	{ONE("a"), "a context begins with `policy/`, as the server's own", NULL},
	{ONE("policy/merge-allowed"), NULL, "g"},
	{ONE("policy/Try"), WRITTEN, NULL},
	{ONE("Policy/try"), WRITTEN, NULL},
	{ONE("'policy/try allowed'"), WRITTEN, NULL},
	{ONE("'policy/\\e'"), WRITTEN, NULL},
	{ONE("''"), WRITTEN, NULL},
	{ONE("policy/" T93 "a"), WRITTEN, NULL},
	{ONE("policy/" T100), WRITTEN, NULL},
	{ONE(TRY) ", 'policy/try-allowed': {approval: [f]}", "is given twice", NULL},
	{"policy/a: {}", "`approval` is missing", NULL},
	{"policy/a: [t]", "`a context` must be a map", NULL},
	{"policy/a: {approval: []}", "an empty list is not allowed here", NULL},
	{"policy/a: {approval: [u]}", "no rule is named `u`", NULL},
	{"policy/a: {approval: [t], contexts: {}}", "unknown key `contexts`", NULL},
	{"policy/a: {approval: [t], guards: {off: [all]}}", "a guard is draft, changes_requested or guarded_files",
	 NULL},
	{"policy/a: {branches: {'^main$': [t]}}", "`branches` is a map", NULL},
	{"policy/a: {branches: {'(': [t], default: closed}}", "not a pattern: ", NULL},
	{"", "`contexts` is a map {name: {approval: ..}}", NULL},
	{"policy/a: &a {approval: [t]}, policy/b: *a, policy/c: *a, policy/d: *a, policy/e: *a, policy/f: *a, "
	 "policy/g: *a, policy/h: *a",
	 NULL, NULL},
	{"policy/a: &a {approval: [t]}, policy/b: *a, policy/c: *a, policy/d: *a, policy/e: *a, policy/f: *a, "
	 "policy/g: *a, policy/h: *a, policy/i: *a",
	 "more than 8 contexts", NULL},
};

START_TEST(contexts_are_read_or_refused_with_the_reason)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct policy_defaults defaults = {.approvals = 2, .context = text_of(written[_i].own)};
	const struct policy *policy = NULL;
	struct text bytes =
		arena_printf(&arena, "policy: {approval: [t, f], contexts: {%s}}\n" RULES, written[_i].contexts);
	bool ok = policy_check(bytes, &defaults, &arena, &policy, &errors, &lints);

	if (written[_i].why) {
		ck_assert_msg(!ok, "%s is read", written[_i].contexts);
		ck_assert_msg(strstr(errors.items[0].text, written[_i].why), "%s", errors.items[0].text);
		ck_assert_uint_eq(errors.n, 1);
		ck_assert_uint_gt(errors.items[0].line, 0);
	} else if (!ok) {
		ck_abort_msg("%s: %s", written[_i].contexts, errors.items[0].text);
	}
}
END_TEST

static const struct {
	const char *policy;
	const char *why; /* NULL: it is read */
} others[] = {
	{"policy: {approval: [t], contexts: {" TRY ": {approval: [f]}}}\n" RULES, NULL},
	{"policy: {approval: [t], contexts: {" TRY ": {approval: [t]}}}\n" RULES,
	 "rule `f` is not used in policy.approval"},
	{"policy: {contexts: {" TRY ": {approval: [t, f]}}}\n" RULES, "`policy.approval` is missing"},
	{"policy: {approval: [t, f, s], contexts: {" TRY ": {approval: [t]}}}\n" RULES
	 "- {name: s, requires: {conditions: {has_successful_status: [{name: Policy/Try-Allowed, app: a}]}}}\n",
	 "a rule waits for `policy/try-allowed`, which this policy gives; join its rules instead"},
	{"policy: {approval: [t, f], contexts: {policy/a: {approval: [s]}, " TRY ": {approval: [t]}}}\n" RULES
	 "- {name: s, requires: {conditions: {has_successful_status: [{name: policy/try-allowed, app: a}]}}}\n",
	 "a rule waits for `policy/try-allowed`, which this policy gives; join its rules instead"},
	{"policy: {approval: [t, f], contexts: {" TRY ": {approval: [{or: [t, w]}]}}}\n" RULES
	 "- {name: w, mode: warn, requires: {count: 1, users: [bob]}}\n",
	 "rule `w` has mode `warn`, which an alternative cannot have: it would always be met"},
	{"policy: {approval: [t, f], contexts: {" TRY ": {approval: [{or: [t, k]}]}}}\n" RULES
	 "- {name: k, requires: {conditions: {commit_token: {key: a, values: [x]}}}}\n",
	 "rule `k` lets a commit token stand in for something else: whoever writes the commit types it"},
};

START_TEST(a_context_is_held_to_what_a_policy_is_held_to)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	bool ok = policy_check(text_of(others[_i].policy), NULL, &arena, &policy, &errors, &lints);

	if (!others[_i].why)
		ck_assert_msg(ok, "%s", errors.items[0].text);
	else
		ck_assert_msg(!ok && strcmp(errors.items[0].text, others[_i].why) == 0, "%s",
			      ok ? "is read" : errors.items[0].text);
}
END_TEST

START_TEST(a_rule_that_two_contexts_join_is_remarked_on_once)
{
	static struct problem_list errors, lints;
	static const char text[] =
		"policy: {approval: [u], contexts: {policy/a: {approval: [u]}, policy/b: {approval: [u]}}}\n"
		"approval_rules:\n- {name: u, requires: {conditions: {has_labels: [go]}}}\n";
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;

	ck_assert(policy_check(text_of(text), NULL, &arena, &policy, &errors, &lints));
	ck_assert_uint_eq(lints.n, 1);
	ck_assert(strstr(lints.items[0].text, "nobody reviewed"));
}
END_TEST

START_TEST(the_names_are_told_in_the_order_of_the_file)
{
	static const char policy[] = "policy: {approval: [t], contexts: {policy/b: {approval: [f]}, policy/a: "
				     "{approval: [t]}}}\n" RULES;
	struct example c;
	struct text name;

	case_make(&c);
	(void)case_judge(&c, policy);
	ck_assert(policy_context_at(c.governed.policy, 0, &name) && text_is(name, "policy/b"));
	ck_assert(policy_context_at(c.governed.policy, 1, &name) && text_is(name, "policy/a"));
	ck_assert(!policy_context_at(c.governed.policy, 2, &name));
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(each_context_has_its_own_approval, trees),
	SUITE_TEST(a_context_that_the_policy_does_not_name_is_denied),
	SUITE_TEST(of_several_changes_each_must_name_the_context),
	SUITE_TEST(a_broken_policy_decides_nothing_in_any_context),
	SUITE_ROWS(a_guard_that_is_off_is_off_there_alone, drafts),
	SUITE_TEST(what_the_policy_guards_is_guarded_in_every_context_and_what_a_context_guards_is_not_elsewhere),
	SUITE_TEST(what_only_another_context_asks_for_holds_the_own_one_not_back),
	SUITE_TEST(a_file_of_owners_that_only_another_context_reads_is_guarded_there_alone),
	SUITE_TEST(who_may_object_and_how_is_the_same_in_a_context_that_does_not_say),
	SUITE_TEST(a_context_guards_all_its_files_beside_those_of_the_policy),
	SUITE_TEST(what_only_the_policy_asks_for_holds_no_context_back),
	SUITE_ROWS(contexts_are_read_or_refused_with_the_reason, written),
	SUITE_ROWS(a_context_is_held_to_what_a_policy_is_held_to, others),
	SUITE_TEST(a_rule_that_two_contexts_join_is_remarked_on_once),
	SUITE_TEST(the_names_are_told_in_the_order_of_the_file),
	SUITE_TEST(what_any_context_reads_is_read),
	SUITE_END,
};
SUITE_MAIN(tests)
