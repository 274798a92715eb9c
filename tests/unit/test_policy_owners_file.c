/* `requires.owners`: numbers of accounts, what the rule needs and shows, limits and mistakes. */
#include "tests/support/owned.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

static void bob(struct owned_case *o)
{
	owned_approve(o, BOB);
}
static void bob_and_carol(struct owned_case *o)
{
	bob(o);
	owned_approve(o, CAROL);
}
static void no_file(struct owned_case *o)
{
	o->file.path = o->file.bytes = TEXT_EMPTY;
	bob(o);
}

static void bob_two_files(struct owned_case *o)
{
	owned_add(o, owned_path("docs/a.md"));
	bob(o);
}

/* ---- owners.json ---- */

static void dave(struct owned_case *o)
{
	owned_approve(o, DAVE);
}
static void dave_has_no_access(struct owned_case *o)
{
	o->c.people[DAVE - 1].permission = PERMISSION_NONE;
	dave(o);
}

#define JSON OWNED_RULE("file: ci/owners.json", "")

static const struct owned_row json[] = {
	{"{\"src/\": [4]}", dave, DECISION_ALLOWED,
	 NULL}, /* numbers are of the base branch: write access is not asked */
	{"{\"src/\": [4]}", dave_has_no_access, DECISION_WAITING, "Needs review by an owner of src/cache.c (id:4)"},
	{"{\"src/\": [4]}", bob, DECISION_WAITING, "Needs review by an owner of src/cache.c (id:4)"},
	{"{\"/\": [2], \"src/\": [4]}", bob, DECISION_WAITING, "Needs review by an owner of src/cache.c (id:4)"},
	{"{\"src/\": [2], \"docs/\": [3]}", bob_two_files, DECISION_WAITING, /* of one line, and each its own */
	 "Needs review by an owner of docs/a.md (id:3)"},
	{"{\"src/\": []}", bob, DECISION_BLOCKED, "Blocked: nobody owns src/cache.c in ci/owners.json"},
	{"{\"src/\": [1]}", bob, DECISION_BLOCKED,
	 "Blocked: only the author owns src/cache.c; a maintainer must add an owner to ci/owners.json"},
	{"{\"src/\": [2],}", bob, DECISION_BLOCKED, "Blocked: ci/owners.json:1:14 expected a path in double quotes"},
	{"* @bob\n", bob, DECISION_BLOCKED, NULL},
	{"", no_file, DECISION_BLOCKED, "Blocked: there is no ci/owners.json on the base branch"},
};

START_TEST(numbers_of_accounts_own_by_prefix)
{
	struct owned_case o;

	owned_begin(&o, json[_i].owners);
	o.file.name = o.file.path = TEXT_LIT("ci/owners.json");
	json[_i].bend(&o);
	owned_expect(&o, JSON, json[_i].decision, json[_i].text);
}
END_TEST

START_TEST(without_the_file_of_numbers_nobody_owns_anything)
{
	struct owned_case o;

	owned_begin(&o, "");
	no_file(&o);
	o.file.name = TEXT_LIT("ci/owners.json");
	owned_expect(&o, OWNED_RULE("file: ci/owners.json, unowned: write", ""), DECISION_ALLOWED, NULL);
}
END_TEST

/* Whoever may change it decides who approves: a maintainer's review, besides its owners'. */
START_TEST(the_file_of_owners_is_guarded)
{
	struct owned_case o;

	for (int maintained = 0; maintained < 2; maintained++) {
		owned_begin(&o, "{\"/\": [2]}");
		o.file.name = o.file.path = TEXT_LIT("ci/owners.json");
		o.paths[0] = owned_path("ci/owners.json");
		bob(&o);
		if (maintained)
			owned_approve(&o, ERIN);
		owned_expect(&o, JSON, maintained ? DECISION_ALLOWED : DECISION_WAITING,
			     maintained ? NULL : "Needs maintainer clearance");
	}
	owned_begin(&o, "{\"/\": [2]}");
	o.file.name = o.file.path = TEXT_LIT("ci/owners.json");
	o.paths[0] = owned_path("ci/ownersxjson");
	bob(&o);
	owned_expect(&o, JSON, DECISION_ALLOWED, NULL);
}
END_TEST

/* ---- what the rule shows and needs ---- */

#define OWNERS(name, more) "  - {name: " name ", " more "requires: {owners: {file: CODEOWNERS}}}\n"
#define TWICE                                                                                                          \
	"policy: {approval: [a, b, c]}\napproval_rules:\n" OWNERS("a", "") OWNERS("b", "") OWNERS("c", "mode: off, ")

static void named(struct owned_case *o, const char *login)
{
	owned_approve(o, CAROL);
	o->c.reviews[o->c.change.n_reviews - 1].user.login = text_of(login);
}

/* Beside those who did not count before; the first who said something need not be the one who owns. */
START_TEST(whoever_does_not_count_is_told_in_order)
{
	static const char *const logins[] = {"carol", "c", ""};
	struct owned_case o;
	struct verdict verdict;
	const struct rule_result *row;

	for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
		owned_begin(&o, "* @bob\n");
		owned_approve(&o, ROBOT);
		named(&o, logins[i]);
		bob(&o);
		verdict = case_judge(&o.c, OWNED_PLAIN);
		row = case_row(&verdict, "owned");
		ck_assert(row->n_counts == 1 && row->counts[0].id == BOB);
		ck_assert_uint_eq(row->n_ignored, 2);
		ck_assert(text_is(row->ignored[0].what, "robot"));
		ck_assert(text_is(row->ignored[1].what, logins[i][0] ? logins[i] : "somebody"));
		case_drop(&o.c);
	}
}
END_TEST

START_TEST(a_rule_finds_its_own_file_among_others)
{
	struct owners_file both[2];
	struct owned_case o;

	owned_begin(&o, "* @bob\n");
	both[0] = (struct owners_file){
		.name = TEXT_LIT("people.yml"), .path = TEXT_LIT("people.yml"), .bytes = TEXT_LIT("* @carol\n")};
	both[1] = o.file;
	o.c.change.owners_files = both;
	o.c.change.n_owners_files = 2;
	bob(&o);
	owned_expect(&o, OWNED_PLAIN, DECISION_ALLOWED, NULL);
}
END_TEST

START_TEST(a_rule_that_warns_tells_that_the_changed_files_are_not_known)
{
	static const char policy[] =
		"policy: {approval: [t, owned]}\napproval_rules:\n- {name: t, requires: {count: 1, "
		"users: [bob]}}\n- {name: owned, mode: warn, requires: {owners: {file: CODEOWNERS}}}\n";
	struct owned_case o;
	struct verdict verdict;

	owned_begin(&o, "* @bob\n");
	o.c.change.known &= ~(unsigned)FACT_PATHS;
	bob(&o);
	verdict = case_judge(&o.c, policy);
	ck_assert_msg(text_is(case_row(&verdict, "owned")->next, "the list of changed files"), "%.*s",
		      TEXT_ARG(case_row(&verdict, "owned")->next));
	case_drop(&o.c);
}
END_TEST

START_TEST(a_team_of_several_files_is_one_of_thirty_two)
{
	enum { FILES = 40, TEAMS = 32 };
	static struct path paths[FILES];
	static struct text teams[TEAMS];
	struct owned_case o;
	struct text bytes = TEXT_EMPTY;

	owned_begin(&o, "");
	for (int i = 0; i < FILES; i++) {
		paths[i] = owned_path(arena_printf(&o.c.arena, "d%d/a", i).at);
		bytes = arena_printf(&o.c.arena, "%.*s/d%d/ @acme/%c%d\n", TEXT_ARG(bytes), i, i < TEAMS ? 't' : 'T',
				     i % TEAMS);
	}
	for (int i = 0; i < TEAMS; i++)
		teams[i] = arena_printf(&o.c.arena, "acme/t%d", i);
	o.file.bytes = bytes;
	o.c.change.paths = paths;
	o.c.change.n_paths = FILES;
	o.c.people[BOB - 1].teams = teams;
	o.c.people[BOB - 1].n_teams = TEAMS;
	bob(&o);
	owned_expect(&o, OWNED_PLAIN, DECISION_ALLOWED, NULL);
}
END_TEST

START_TEST(who_owns_nothing_of_the_change_does_not_count_and_is_told_why)
{
	struct owned_case o;
	struct verdict verdict;
	const struct rule_result *row;

	owned_begin(&o, "* @bob\n");
	bob_and_carol(&o);
	verdict = case_judge(&o.c, OWNED_PLAIN);
	row = case_row(&verdict, "owned");
	ck_assert_uint_eq(row->n_counts, 1);
	ck_assert_int_eq(row->counts[0].id, BOB);
	ck_assert_uint_eq(row->n_ignored, 1);
	ck_assert(text_is(row->ignored[0].what, "carol"));
	ck_assert(text_is(row->ignored[0].why, "owns none of the changed files"));
	case_drop(&o.c);
}
END_TEST

static const struct policy *parsed(struct arena *arena, const char *text)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	const struct policy *policy = NULL;
	struct problem problem = {0, 0, ""};

	if (!policy_parse(text_of(text), &defaults, arena, &policy, &problem))
		ck_abort_msg("%u:%u %s", problem.line, problem.column, problem.text);
	return policy;
}

START_TEST(a_policy_needs_its_files_and_the_teams_that_own_what_was_changed)
{
	struct owned_case o;
	struct policy_needs needs;
	const struct text *teams;

	owned_begin(&o,
		    "* @acme/all\n/src/ @acme/core @Acme/CORE @evil/core @bob\n/keys/ @acme/keys\n/docs/ @acme/docs\n");
	o.paths[0].old_path = TEXT_LIT("keys/a");
	needs = policy_needs(parsed(&o.c.arena, OWNED_PLAIN));
	ck_assert_uint_eq(needs.n_owners_files, 1);
	ck_assert(text_is(needs.owners_files[0], "CODEOWNERS"));
	ck_assert(needs.logins && needs.people);
	ck_assert_uint_ne(needs.facts & FACT_PATHS, 0);
	ck_assert_uint_eq(policy_owner_teams(parsed(&o.c.arena, OWNED_PLAIN), o.c.facts.repo_name, &o.c.change,
					     &o.c.arena, &teams),
			  2);
	ck_assert(text_is(teams[0], "acme/core"));
	ck_assert(text_is(teams[1], "acme/keys"));
	ck_assert_uint_eq(
		policy_owner_teams(parsed(&o.c.arena, TWICE), o.c.facts.repo_name, &o.c.change, &o.c.arena, &teams),
		2); /* of two rules, and none of one that is off */
	o.c.change.n_owners_files = 0;
	ck_assert_uint_eq(policy_owner_teams(parsed(&o.c.arena, OWNED_PLAIN), o.c.facts.repo_name, &o.c.change,
					     &o.c.arena, &teams),
			  0);
	ck_assert_uint_eq(policy_needs(parsed(&o.c.arena, "")).n_owners_files, 0);
	case_drop(&o.c);
}
END_TEST

/* Each file once, whoever asks for it. */
START_TEST(a_policy_needs_each_file_of_the_base_once)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text rules[2] = {TEXT_EMPTY, TEXT_EMPTY}, names = TEXT_EMPTY;
	struct policy_needs needs;

	for (int i = 0; i < 8; i++) {
		names = arena_printf(&arena, "%.*s%sr%d", TEXT_ARG(names), i > 0 ? ", " : "", i);
		for (int same = 0; same < 2; same++)
			rules[same] =
				arena_printf(&arena, "%.*s  - {name: r%d, requires: {owners: {file: f%d.json}}}\n",
					     TEXT_ARG(rules[same]), i, same ? i % 2 : i);
	}
	for (int same = 0; same < 2; same++)
		for (int people = 0; people < 3; people++) {
			static const char *const more[] = {"", ", attribution: {file: people.yml}",
							   ", attribution: {file: f1.json}"};
			size_t n = (same ? 2U : 8U) + (people == 1 ? 1U : 0U);

			needs = policy_needs(parsed(
				&arena, arena_printf(&arena, "policy: {approval: [%.*s]%s}\napproval_rules:\n%.*s",
						     TEXT_ARG(names), more[people], TEXT_ARG(rules[same]))
						.at));
			ck_assert_uint_eq(needs.n_owners_files, n);
			ck_assert(text_is(needs.owners_files[0], "f0.json"));
			ck_assert(text_is(needs.owners_files[1], "f1.json"));
			ck_assert(people != 1 || text_is(needs.owners_files[n - 1], "people.yml"));
		}
}
END_TEST

START_TEST(a_files_path_may_have_two_hundred_bytes)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	char path[202] = "";

	for (size_t n = 200; n <= 201; n++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		const struct policy *policy = NULL;
		struct problem problem = {0, 0, ""};

		memset(path, 'a', n);
		ck_assert(policy_parse(arena_printf(&arena, OWNED_RULE("file: %s", ""), path), &defaults, &arena,
				       &policy, &problem) == (n == 200));
	}
}
END_TEST

/* 33 files, each of another team; bob is in all of them, as far as he was asked about. */
START_TEST(more_teams_than_are_asked_about_wait)
{
	enum { TEAMS = 33 };
	static struct path paths[TEAMS];
	static struct text teams[TEAMS];
	struct owned_case o;
	struct text bytes = TEXT_EMPTY;

	for (int more = 0; more < 2; more++) {
		owned_begin(&o, "");
		for (int i = 0; i < TEAMS; i++) {
			paths[i] = owned_path(arena_printf(&o.c.arena, "d%d/a", i).at);
			teams[i] = arena_printf(&o.c.arena, "acme/t%d", i);
			bytes = arena_printf(&o.c.arena, "%.*s/d%d/ @acme/t%d\n", TEXT_ARG(bytes), i, i);
		}
		o.file.bytes = bytes;
		o.c.change.paths = paths;
		o.c.change.n_paths = (size_t)(TEAMS - 1 + more);
		o.c.people[BOB - 1].teams = teams;
		o.c.people[BOB - 1].n_teams = TEAMS;
		bob(&o);
		owned_expect(&o, OWNED_PLAIN, more ? DECISION_WAITING : DECISION_ALLOWED,
			     more ? "Needs an answer to whose the files are: more than 32 teams own them" : NULL);
		bytes = TEXT_EMPTY;
	}
}
END_TEST

/* A file whose every line is tried in vain for every path. */
START_TEST(what_takes_too_long_waits)
{
	enum { MANY = 3000 };
	static struct path paths[MANY];
	struct owned_case o;
	char *bytes;
	size_t used = 0, size = (size_t)MANY * 10;

	owned_begin(&o, "");
	bytes = arena_alloc(&o.c.arena, size, 1);
	used += (size_t)snprintf(bytes, size, "* @bob\n");
	for (int i = 0; i < MANY; i++) {
		used += (size_t)snprintf(bytes + used, size - used, "*%d @x\n", i);
		paths[i] = owned_path(arena_printf(&o.c.arena, "some/folder/of/names/a%dx", i).at);
	}
	o.file.bytes = (struct text){bytes, used};
	o.c.change.paths = paths;
	o.c.change.n_paths = MANY;
	bob(&o);
	owned_expect(&o, OWNED_PLAIN, DECISION_WAITING,
		     "Needs an answer to whose the files are: it has too many patterns for so "
		     "many paths (limit reached)");
}
END_TEST

/* ---- mistakes ---- */

static const struct {
	const char *policy, *why;
} mistakes[] = {
	{OWNED_RULE("per: file", ""), "needs a `file`"},
	{OWNED_RULE("file: CODEOWNERS, ref: head", ""), "ref is base"},
	{OWNED_RULE("file: CODEOWNERS, ref: main", ""), "ref is base"},
	{OWNED_RULE("file: CODEOWNERS, per: path", ""), "file or change"},
	{OWNED_RULE("file: CODEOWNERS, unowned: allow", ""), "deny or write"},
	{OWNED_RULE("file: /CODEOWNERS", ""), "a path from the root"},
	{OWNED_RULE("file: ../CODEOWNERS", ""), "a path from the root"},
	{OWNED_RULE("file: docs/", ""), "a path from the root"},
	{OWNED_RULE("file: \"a'b\"", ""), "a path from the root"},
	{OWNED_RULE("file: \"'ab\"", ""), "a path from the root"},
	{OWNED_RULE("file: CODEOWNERS, ref: [base]", ""), "expected text"},
	{OWNED_RULE("file: \"o\\u00f6\"", ""), "a path from the root"},
	{OWNED_RULE("file: [CODEOWNERS]", ""), "expected text"},
	{OWNED_RULE("file: CODEOWNERS, unownd: deny", ""), "did you mean `unowned`"},
	{OWNED_RULE("file: CODEOWNERS", ", count: 0"), "asks for nobody"},
	{"policy: {approval: [a]}\napproval_rules: [{name: a, requires: {owners: CODEOWNERS}}]\n", "must be a map"},
	{"policy: {approval: [{distinct: [a, b]}]}\napproval_rules: [{name: a, requires: {owners: {file: x}}}, {name: "
	 "b, requires: {count: 1, users: [bob]}}]\n",
	 "cannot be in `distinct`"},
};

START_TEST(a_mistake_in_the_rule_is_a_problem)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	struct problem problem = {0, 0, ""};

	ck_assert(!policy_parse(text_of(mistakes[_i].policy), &defaults, &arena, &policy, &problem));
	ck_assert_msg(strstr(problem.text, mistakes[_i].why) != NULL, "%s", problem.text);
	ck_assert_uint_gt(problem.line, 0);
}
END_TEST

START_TEST(more_rules_with_owners_than_may_be_are_a_problem)
{
	static const struct policy_defaults defaults = {.approvals = 2};

	for (int n = 8; n <= 9; n++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		const struct policy *policy = NULL;
		struct problem problem = {0, 0, ""};
		struct text names = TEXT_EMPTY, rules = TEXT_EMPTY;

		for (int i = 0; i < n; i++) {
			names = arena_printf(&arena, "%.*s%sr%d", TEXT_ARG(names), i > 0 ? ", " : "", i);
			rules = arena_printf(&arena, "%.*s  - {name: r%d, requires: {owners: {file: CODEOWNERS}}}\n",
					     TEXT_ARG(rules), i);
		}
		rules = arena_printf(&arena, "policy: {approval: [%.*s]}\napproval_rules:\n%.*s", TEXT_ARG(names),
				     TEXT_ARG(rules));
		ck_assert(policy_parse(rules, &defaults, &arena, &policy, &problem) == (n == 8));
		ck_assert((n == 8) == !strstr(problem.text, "more than 8"));
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(numbers_of_accounts_own_by_prefix, json),
	SUITE_TEST(the_file_of_owners_is_guarded),
	SUITE_TEST(who_owns_nothing_of_the_change_does_not_count_and_is_told_why),
	SUITE_TEST(a_policy_needs_its_files_and_the_teams_that_own_what_was_changed),
	SUITE_TEST(a_policy_needs_each_file_of_the_base_once),
	SUITE_TEST(a_files_path_may_have_two_hundred_bytes),
	SUITE_TEST(without_the_file_of_numbers_nobody_owns_anything),
	SUITE_TEST(whoever_does_not_count_is_told_in_order),
	SUITE_TEST(a_rule_finds_its_own_file_among_others),
	SUITE_TEST(a_rule_that_warns_tells_that_the_changed_files_are_not_known),
	SUITE_TEST(a_team_of_several_files_is_one_of_thirty_two),
	SUITE_TEST(more_teams_than_are_asked_about_wait),
	SUITE_TEST(what_takes_too_long_waits),
	SUITE_ROWS(a_mistake_in_the_rule_is_a_problem, mistakes),
	SUITE_TEST(more_rules_with_owners_than_may_be_are_a_problem),
	SUITE_END,
};
SUITE_MAIN(tests)
