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

static const struct suite_test tests[] = {
	SUITE_ROWS(somebody_is_named_or_is_not_or_that_is_not_known, rows),
	SUITE_ROWS(whom_nothing_names_is_neither_meant_nor_not, rows),
	SUITE_TEST(one_alternative_that_is_known_to_hold_is_enough),
	SUITE_ROWS(older_words_mean_a_permission, words),
	SUITE_TEST(what_a_policy_asks_of_people_is_what_must_be_read),
	SUITE_END,
};
SUITE_MAIN(tests)
