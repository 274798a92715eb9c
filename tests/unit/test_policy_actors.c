/* Whom a policy names: every alternative, each in three values, and what must be read to know. */
#include "policy/actors.h"

#include "tests/support/case.h"
#include "tests/support/suite.h"

static const struct account carol_by_login = {0, {"CAROL", 5}}, carol_by_id = {CAROL, {"id:3", 4}};
static const struct text team = {"Acme/Core", 9}, other_team = {"acme/docs", 9}, company = {"ACME", 4};

#define CAROL_LOGIN                                                                                                    \
	{                                                                                                              \
		.users = &carol_by_login, .n_users = 1                                                                 \
	}
#define CAROL_ID                                                                                                       \
	{                                                                                                              \
		.users = &carol_by_id, .n_users = 1                                                                    \
	}
#define TEAM                                                                                                           \
	{                                                                                                              \
		.teams = &team, .n_teams = 1                                                                           \
	}
#define COMPANY                                                                                                        \
	{                                                                                                              \
		.organizations = &company, .n_organizations = 1                                                        \
	}
#define MAINTAIN                                                                                                       \
	{                                                                                                              \
		.permission = PERMISSION_MAINTAIN                                                                      \
	}

static void as_is(struct member *who)
{
	(void)who;
}
static void no_login(struct member *who)
{
	who->who.login = TEXT_EMPTY;
}
static void in_core(struct member *who)
{
	static const struct text core = {"acme/core", 9};

	who->teams = &core;
	who->n_teams = 1;
}
static void in_docs(struct member *who)
{
	who->teams = &other_team;
	who->n_teams = 1;
}
static void teams_unread(struct member *who)
{
	who->teams_known = false;
}
static void in_acme(struct member *who)
{
	static const struct text acme = {"acme", 4};

	who->organizations = &acme;
	who->n_organizations = 1;
}
static void organizations_unread(struct member *who)
{
	who->organizations_known = false;
}
static void maintainer(struct member *who)
{
	who->permission = PERMISSION_MAINTAIN;
}
static void admin(struct member *who)
{
	who->permission = PERMISSION_ADMIN;
}
static void permission_unread(struct member *who)
{
	who->permission = PERMISSION_UNKNOWN;
}
static void stranger(struct member *who)
{
	who->who.id = 999;
}

static const struct {
	struct actors actors;
	void (*bend)(struct member *who);
	enum tri answer;
} rows[] = {
	{CAROL_LOGIN, as_is, TRI_YES},
	{CAROL_LOGIN, no_login, TRI_UNKNOWN},
	{CAROL_LOGIN, stranger, TRI_UNKNOWN},
	{CAROL_ID, as_is, TRI_YES},
	{CAROL_ID, stranger, TRI_YES},
	{TEAM, as_is, TRI_NO},
	{TEAM, in_core, TRI_YES},
	{TEAM, in_docs, TRI_NO},
	{TEAM, teams_unread, TRI_UNKNOWN},
	{TEAM, stranger, TRI_UNKNOWN},
	{COMPANY, as_is, TRI_NO},
	{COMPANY, organizations_unread, TRI_UNKNOWN},
	{COMPANY, in_acme, TRI_YES},
	{COMPANY, stranger, TRI_UNKNOWN},
	{MAINTAIN, as_is, TRI_NO},
	{MAINTAIN, maintainer, TRI_YES},
	{MAINTAIN, admin, TRI_YES},
	{MAINTAIN, permission_unread, TRI_UNKNOWN},
	{MAINTAIN, stranger, TRI_UNKNOWN},
	{{.permission = PERMISSION_UNKNOWN}, as_is, TRI_NO},
};

START_TEST(somebody_is_named_or_is_not_or_that_is_not_known)
{
	struct example c;

	case_make(&c);
	rows[_i].bend(&c.people[CAROL - 1]);
	ck_assert_int_eq(actors_match(&rows[_i].actors, &c.facts, CAROL), rows[_i].answer);
	case_drop(&c);
}
END_TEST

START_TEST(whom_nothing_names_is_neither_meant_nor_not)
{
	struct example c;

	case_make(&c);
	c.people[CAROL - 1].who.id = 0;
	ck_assert_int_eq(actors_match(&rows[_i].actors, &c.facts, 0), TRI_UNKNOWN);
	case_drop(&c);
}
END_TEST

START_TEST(one_alternative_that_is_known_to_hold_is_enough)
{
	struct actors either = {.users = &carol_by_id, .n_users = 1, .organizations = &company, .n_organizations = 1};
	struct example c;

	case_make(&c);
	c.people[BOB - 1].organizations_known = c.people[CAROL - 1].organizations_known = false;
	ck_assert_int_eq(actors_match(&either, &c.facts, CAROL), TRI_YES);
	ck_assert_int_eq(actors_match(&either, &c.facts, BOB), TRI_UNKNOWN);
	case_drop(&c);
}
END_TEST

#define RULE(requires) "policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 1, " requires "}}\n"
static const struct {
	const char *policy;
	enum permission carol; /* hers, so that hers alone counts */
	enum decision decision;
} words[] = {
	{RULE("admins: true"), PERMISSION_ADMIN, DECISION_ALLOWED},
	{RULE("admins: true"), PERMISSION_MAINTAIN, DECISION_WAITING},
	{RULE("write_collaborators: true"), PERMISSION_WRITE, DECISION_ALLOWED},
	{RULE("write_collaborators: true"), PERMISSION_TRIAGE, DECISION_WAITING},
	{RULE("admins: true, write_collaborators: true"), PERMISSION_WRITE, DECISION_ALLOWED},
	{RULE("admins: true, write_collaborators: false"), PERMISSION_WRITE, DECISION_WAITING},
	{RULE("admins: true, permissions: [Triage]"), PERMISSION_TRIAGE, DECISION_ALLOWED},
	{RULE("permissions: [triage], admins: true"), PERMISSION_READ, DECISION_WAITING},
	/* the least of several, whichever stands last */
	{RULE("permissions: [triage, maintain]"), PERMISSION_TRIAGE, DECISION_ALLOWED},
	{RULE("write_collaborators: true, admins: true"), PERMISSION_WRITE, DECISION_ALLOWED},
	{RULE("organizations: [nobody], permissions: [maintain]"), PERMISSION_MAINTAIN, DECISION_ALLOWED},
};

START_TEST(older_words_mean_a_permission)
{
	struct example c;

	case_make(&c);
	c.people[BOB - 1].permission = PERMISSION_NONE;
	c.people[CAROL - 1].permission = words[_i].carol;

	ck_assert_int_eq(case_judge(&c, words[_i].policy).decision, words[_i].decision);
	case_drop(&c);
}
END_TEST

START_TEST(what_a_policy_asks_of_people_is_what_must_be_read)
{
	struct example c;
	struct policy_needs needs;

	case_make(&c);
	(void)case_judge(&c, RULE("teams: [a/b, A/B, c/d], organizations: [acme, Acme], users: [id:3]"));
	needs = policy_needs(c.governed.policy);
	ck_assert_uint_eq(needs.n_teams, 2);
	ck_assert_uint_eq(needs.n_organizations, 1);
	ck_assert(text_is(needs.organizations[0], "acme"));
	ck_assert(needs.people && !needs.logins && !needs.author && !needs.contributors);
	(void)case_judge(&c,
			 "policy: {approval: [r, q], disapproval: {requires: {organizations: [beta], users: [x]}}}\n"
			 "approval_rules:\n- {name: r, requires: {count: 1, teams: [e/f]}}\n"
			 "- {name: q, mode: off, requires: {count: 1, teams: [off/off]}}\n");
	needs = policy_needs(c.governed.policy);
	ck_assert_uint_eq(needs.n_teams, 1);
	ck_assert(text_is(needs.teams[0], "e/f") && text_is(needs.organizations[0], "beta") && needs.logins);
	case_drop(&c);
}
END_TEST

/* ---- in words ---- */

static const struct account some[] = {{0, {"ada", 3}}, {7, {"id:7", 4}}, {0, {"ann\x1b", 4}}, {0, {"d", 1}},
				      {0, {"e", 1}},   {0, {"f", 1}},    {0, {"g", 1}},       {0, {"h", 1}},
				      {0, {"i", 1}},   {0, {"j", 1}}};
static const struct text teams[] = {{"acme/core", 9}, {"acme/docs", 9}};

static const struct {
	struct actors actors;
	const char *said;
} in_words[] = {
	{MAINTAIN, "anybody with maintain access"},
	{{.users = some, .n_users = 1}, "ada"},
	{{.users = some, .n_users = 2}, "ada or id:7"},
	{{.users = some, .n_users = 3}, "ada, id:7 or ann?"},
	{{.teams = teams, .n_teams = 2}, "a member of acme/core or a member of acme/docs"},
	{COMPANY, "a member of ACME"},
	{{.users = some,
	  .n_users = 1,
	  .teams = teams,
	  .n_teams = 1,
	  .organizations = &company,
	  .n_organizations = 1,
	  .permission = PERMISSION_READ},
	 "anybody with read access, ada, a member of acme/core or a member of ACME"},
	{{.users = some, .n_users = 8}, "ada, id:7, ann?, d, e, f, g or h"},
	{{.users = some, .n_users = 9}, "ada, id:7, ann?, d, e, f, g, h and 1 more"},
	{{.users = some, .n_users = 10, .teams = teams, .n_teams = 2}, "ada, id:7, ann?, d, e, f, g, h and 4 more"},
	{{.n_users = 0}, ""},
};

START_TEST(whom_a_rule_names_is_said)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text said = actors_said(&in_words[_i].actors, &arena);

	ck_assert_msg(text_is(said, in_words[_i].said), "%.*s", TEXT_ARG(said));
}
END_TEST

static const struct {
	const char *rule, *who;
} givers[] = {
	{"requires: {count: 2, permissions: [write]}", ""}, /* met */
	{"requires: {count: 3, permissions: [write]}", "anybody with write access"},
	{"requires: {count: 1, users: [erin], teams: [a/b]}", "erin or a member of a/b"},
	{"options: {delegation: {}}, requires: {count: 1, users: [erin]}", "erin, or whom one of these delegates to"},
	{"requires: {owners: {file: CODEOWNERS}}", "whoever owns the files by CODEOWNERS"},
	{"requires: {users: [erin], owners: {file: CODEOWNERS}}", "whoever owns the files by CODEOWNERS, erin"},
	{"requires: {conditions: {has_labels: [x]}}", ""},
};

START_TEST(who_can_give_what_is_missing_is_told_beside_it)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	verdict = case_judge(&c, arena_printf(&c.arena, "policy: {approval: [r]}\napproval_rules: [{name: r, %s}]\n",
					      givers[_i].rule)
					 .at);
	ck_assert_msg(text_is(case_row(&verdict, "r")->who, givers[_i].who), "%.*s",
		      TEXT_ARG(case_row(&verdict, "r")->who));
	case_drop(&c);
}
END_TEST

START_TEST(who_can_ask_for_landing_is_told_until_somebody_did)
{
	static const char policy[] = "policy: {approval: [r]}\napproval_rules: [{name: r, requires: {conditions: "
				     "{landing_asked_by: {users: [erin]}, has_labels: [x]}}}]\n";
	struct order asked = {.how = ORDER_QUEUE, .by = {.id = ERIN, .login = {"erin", 4}, .type = PERSON_USER}};
	const struct rule_result *row;
	struct verdict verdict;
	struct example c;

	case_make(&c);
	c.change.known |= FACT_ORDERS | FACT_COMMENTS | FACT_LABELS;
	verdict = case_judge(&c, policy);
	row = case_row(&verdict, "r");
	ck_assert_msg(text_is(row->children[0].who, "erin"), "%.*s", TEXT_ARG(row->children[0].who));
	ck_assert_uint_eq(row->children[1].who.len, 0);
	asked.sha = c.facts.head;
	asked.at = CASE_ARRIVED + 1;
	c.change.landing_asks = &asked;
	c.change.n_landing_asks = 1;
	verdict = case_judge(&c, policy);
	row = case_row(&verdict, "r");
	ck_assert_int_eq(row->children[0].state, RULE_MET);
	ck_assert_uint_eq(row->children[0].who.len, 0);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(somebody_is_named_or_is_not_or_that_is_not_known, rows),
	SUITE_ROWS(whom_nothing_names_is_neither_meant_nor_not, rows),
	SUITE_TEST(one_alternative_that_is_known_to_hold_is_enough),
	SUITE_ROWS(older_words_mean_a_permission, words),
	SUITE_TEST(what_a_policy_asks_of_people_is_what_must_be_read),
	SUITE_ROWS(whom_a_rule_names_is_said, in_words),
	SUITE_ROWS(who_can_give_what_is_missing_is_told_beside_it, givers),
	SUITE_TEST(who_can_ask_for_landing_is_told_until_somebody_did),
	SUITE_END,
};
SUITE_MAIN(tests)
