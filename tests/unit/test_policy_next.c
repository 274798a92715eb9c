/*
 * Where several things are missing a status names one, and where several hold it counts one: which. The rules of a row
 * are those that it names. met, meb: met by one and by two reviews; wait, wai2: want one and two; bloc, blo2: block;
 * hidd, hidm: restricted, unmet and met; skip, offs: absent; dunn: nobody can tell whether it applies. Of those
 * that only warn wrnw and wrnb are unmet and wrnl, too, of a long name; wrnm is met, wrnh restricted, wrns absent, wrnd
 * not known.
 */
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <string.h>

static const struct {
	const char *name, *rest;
} rules[] = {
	{"met", "requires: {count: 1, users: [bob]}"},
	{"meb", "requires: {count: 2, users: [bob, carol]}"},
	{"wait", "requires: {count: 1, users: [dave]}"},
	{"wai2", "requires: {count: 2, users: [dave, erin]}"},
	{"bloc", "requires: {conditions: {targets_branch: {pattern: '^release$'}}}"},
	{"blo2", "requires: {conditions: {has_labels: [ready]}}"},
	{"hidd", "visibility: restricted, requires: {count: 1, users: [dave]}"},
	{"hidm", "visibility: restricted, requires: {count: 1, users: [bob]}"},
	{"skip", "if: {targets_branch: {pattern: '^release$'}}, requires: {count: 1, users: [bob]}"},
	{"offs", "mode: off, requires: {count: 1, users: [bob]}"},
	{"wrnw", "mode: warn, requires: {count: 1, users: [dave]}"},
	{"wrnb", "mode: warn, requires: {conditions: {has_labels: [ready]}}"},
	{"wrnl-of-more-bytes-than-a-text-shows-of-a-name", "mode: warn, requires: {count: 1, users: [dave]}"},
	{"wrnm", "mode: warn, requires: {count: 1, users: [carol]}"},
	{"wrnh", "mode: warn, visibility: restricted, requires: {count: 1, users: [dave]}"},
	{"wrns", "mode: warn, if: {targets_branch: {pattern: '^release$'}}, requires: {count: 1, users: [dave]}"},
	{"wrnd", "mode: warn, requires: {conditions: {title: {matches: ['^(x+)+$']}}}"},
	{"cond", "requires: {conditions: {targets_branch: {pattern: main}}}"},
	{"two",
	 "if: {title: {matches: ['^(x+)+$']}, from_branch: {pattern: '^(y+)+$'}}, requires: {count: 1, users: [bob]}"},
	{"dunn", "if: {title: {matches: ['^(x+)+$']}, targets_branch: {pattern: main}}, requires: {count: 1, users: "
		 "[bob]}"},
};

#define WAIT "Needs 1 review of 9a77b03 (0/1)"
#define WAI2 "Needs 2 reviews of 9a77b03 (0/2)"
#define BLOC "Blocked: the base branch is not one that the rule names"
#define BLO2 "Blocked: the label ready is missing"
#define HIDD "Needs maintainer clearance"
#define NONE "Blocked: none of the alternatives in the policy applies to this change"
#define FEW  "Blocked: too few of the alternatives in the policy can be met by this change"
#define DUNN "Needs an answer to whether the title is one that the rule names (limit reached)"

static const struct {
	const char *approval, *text;
} rows[] = {
	{"[met]", "1 fresh review; ready to merge"},
	{"[met, meb]", "2 fresh reviews; ready to merge"},
	{"[meb, met]", "2 fresh reviews; ready to merge"},
	{"[skip, met]", "1 fresh review; ready to merge"},
	{"[offs, met]", "1 fresh review; ready to merge"},
	{"[hidm]", "Allowed: every rule of the policy is met"},
	{"[met, wrnw]", "Would block: wrnw: 1 review of 9a77b03 (0/1)"},
	{"[wrnb, met, wrnw]", "Would block: wrnb: the label ready is missing"},
	{"[{and: [met, {and: [cond, wrnb]}]}]", "Would block: wrnb: the label ready is missing"},
	{"[met, wrnl-of-more-bytes-than-a-text-shows-of-a-name]",
	 "Would block: wrnl-of-more-bytes-than-a-text-shows-of-: 1 review of 9a77b03 (0/1)"},
	{"[met, wrnm, wrnh, wrns, wrnd]", "1 fresh review; ready to merge"},
	{"[met, wrnm, wrnh, wrns, wrnd, wrnw]", "Would block: wrnw: 1 review of 9a77b03 (0/1)"},
	{"[hidm, wrnh]", "Allowed: every rule of the policy is met"},
	{"[hidm, wrnw]", "Would block: wrnw: 1 review of 9a77b03 (0/1)"},
	{"[hidd, wrnw]", HIDD},
	{"[wait, wrnb]", WAIT},
	{"[wait, wai2]", WAIT},
	{"[wai2, wait]", WAI2},
	{"[wait, bloc, blo2]", BLOC},
	{"[blo2, bloc]", BLO2},
	{"[hidd, wait]", WAIT},
	{"[wait, hidd]", WAIT},
	{"[hidd, met]", HIDD},
	{"[hidm, wait]", WAIT},
	{"[dunn]", DUNN},
	{"[two]", DUNN},
	{"[dunn, wait]", DUNN},
	{"[wait, dunn]", WAIT},
	{"[{or: [met, meb]}]", "1 fresh review; ready to merge"},
	{"[{or: [meb, met]}]", "2 fresh reviews; ready to merge"},
	{"[{or: [wait, wai2]}]", WAIT},
	{"[{or: [wai2, wait]}]", WAI2},
	{"[{or: [bloc, blo2]}]", BLOC},
	{"[{or: [blo2, bloc]}]", BLO2},
	{"[{or: [bloc, wait, wai2]}]", WAIT},
	{"[{or: [wait, bloc]}]", WAIT},
	{"[{or: [wait, hidd]}]", HIDD},
	{"[{or: [hidd, wait]}]", HIDD},
	{"[{or: [bloc, hidd]}]", HIDD},
	{"[{or: [hidd, bloc]}]", HIDD},
	{"[{or: [skip, bloc]}]", BLOC},
	{"[{or: [skip, wait]}]", WAIT},
	{"[{or: [skip, offs]}]", NONE},
	{"[{at_least: {count: 1, of: [cond, wait]}}]", "Allowed: every rule of the policy is met"},
	{"[{at_least: {count: 1, of: [meb, met]}}]", "2 fresh reviews; ready to merge"},
	{"[{at_least: {count: 1, of: [met, meb]}}]", "2 fresh reviews; ready to merge"},
	{"[{at_least: {count: 1, of: [wait, met]}}]", "1 fresh review; ready to merge"},
	{"[{at_least: {count: 1, of: [hidm, bloc]}}]", "Allowed: every rule of the policy is met"},
	{"[{at_least: {count: 1, of: [hidd, bloc]}}]", HIDD},
	{"[{at_least: {count: 2, of: [met, wait, wai2]}}]", WAIT},
	{"[{at_least: {count: 2, of: [met, wai2, wait]}}]", WAI2},
	{"[{at_least: {count: 2, of: [met, bloc, wait]}}]", WAIT},
	{"[{at_least: {count: 2, of: [met, wait, bloc]}}]", WAIT},
	{"[{at_least: {count: 2, of: [met, wait, hidd]}}]", HIDD},
	{"[{at_least: {count: 2, of: [met, hidd, wait]}}]", HIDD},
	{"[{at_least: {count: 2, of: [met, hidd, wait, bloc]}}]", HIDD},
	{"[{at_least: {count: 2, of: [met, bloc, hidd]}}]", HIDD},
	{"[{at_least: {count: 2, of: [met, bloc, blo2]}}]", FEW},
	{"[{at_least: {count: 2, of: [met, bloc, skip]}}]", FEW},
	{"[{at_least: {count: 2, of: [wait, bloc, blo2]}}]", FEW},
	{"[{at_least: {count: 1, of: [bloc, blo2]}}]", FEW},
	{"[{at_least: {count: 2, of: [offs, skip, met]}}]", FEW},
};

static const char *policy_of(struct example *c, const char *approval)
{
	const char *all = "";

	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (strstr(approval, rules[i].name))
			all = arena_printf(&c->arena, "%s- {name: %s, %s}\n", all, rules[i].name, rules[i].rest).at;
	return arena_printf(&c->arena, "policy: {approval: %s}\napproval_rules:\n%s", approval, all).at;
}

START_TEST(of_several_things_the_status_names_one)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.change.title = TEXT_LIT("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx!");
	c.change.head_ref = TEXT_LIT("yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy!");
	verdict = case_judge(&c, policy_of(&c, rows[_i].approval));
	ck_assert_msg(text_is(verdict.text, rows[_i].text), "%s: %.*s", rows[_i].approval, TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

/* ---- why nobody asked for landing ---- */

static void asked_by_x(struct example *c)
{
	c->asked.by.login = TEXT_LIT("x");
}
static void asked_of_old(struct example *c)
{
	c->asked.sha = case_oid(CASE_OLD);
}
static void asked_by_somebody_unread(struct example *c)
{
	c->people[CAROL - 1].permission = PERMISSION_UNKNOWN;
}
static void asked_by_erin(struct example *c)
{
	c->asked.by = c->people[ERIN - 1].who;
}
static void only_taken_back(struct example *c)
{
	c->asked.takes_back = true;
}
static void approved_behind_the_list(struct example *c)
{
	c->change.n_reviews = 1; /* hers is the second */
}

#define WHOSE "somebody whom the rule names to ask for landing: that of "

static const struct {
	void (*bend)(struct example *c);
	const char *who;
	enum rule_state state;
	const char *next;
} requests[] = {
	{asked_by_x, "users: [bob]", RULE_PENDING, WHOSE "x is by none of those"},
	{asked_of_old, "users: [bob]", RULE_PENDING, WHOSE "carol was for 1111111, another commit"},
	{asked_by_somebody_unread, "permissions: [write]", RULE_PENDING, "the permission of carol"},
	{only_taken_back, "users: [carol]", RULE_PENDING,
	 "somebody whom the rule names to ask for landing of exactly this commit"},
	{asked_by_erin, "users: [erin], not: [approvers]", RULE_MET, ""},
	{approved_behind_the_list, "users: [carol], not: [approvers]", RULE_MET, ""},
};

START_TEST(a_request_to_land_that_does_not_count_says_why)
{
	struct example c;
	struct verdict verdict;
	const struct rule_result *row;

	case_make(&c);
	requests[_i].bend(&c);
	verdict = case_judge(&c,
			     arena_printf(&c.arena,
					  "policy: {approval: [l]}\napproval_rules:\n- {name: l, requires: {count: 1, "
					  "permissions: [write], conditions: {landing_asked_by: {%s}}}}\n",
					  requests[_i].who)
				     .at);
	row = case_row(&verdict, "l");
	ck_assert_int_eq(row->state, requests[_i].state);
	ck_assert_msg(text_is(row->next, requests[_i].next), "%.*s", TEXT_ARG(row->next));
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(of_several_things_the_status_names_one, rows),
	SUITE_ROWS(a_request_to_land_that_does_not_count_says_why, requests),
	SUITE_END,
};
SUITE_MAIN(tests)
