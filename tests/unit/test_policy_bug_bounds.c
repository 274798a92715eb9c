/* Which bugs the name of a branch adds; bounds of what is asked about bugs, and what of them is to be read. */
#include "policy/bugs.h"
#include "policy/rules.h"

#include "tests/support/asking.h"
#include "tests/support/suite.h"

#include <stdio.h>

#define READ .tracker = {"bmo", 3}, .state = BUG_READ, .secure = TRI_NO, .open = TRI_YES

#define CLEARED                                                                                                        \
	"bugs: {tracker: bmo, every: {any_of: [{keywords: {none_of: [sec-high]}}, {attachment_flag: {name: "           \
	"sec-approval, status: '+'}}]}}"

static void tell(struct example *c, const char *message)
{
	c->commits[0].message = text_of(message);
	c->change.n_commits = 1;
	c->change.title = TEXT_LIT("A change");
}

/* ---- the name of the branch ---- */

static const struct text secret[] = {{"sec-high", 8}};
static const struct bug two_and_three[] = {{.id = 2, READ, .keywords = secret, .n_keywords = 1}, {.id = 3, READ}};

static const struct {
	const char *branch;
	enum tri answer; /* bug 2 is not cleared, bug 3 is */
} branches[] = {
	{"topic", TRI_YES},           {"bug-2", TRI_NO},
	{"fix/bug_2-crash", TRI_NO},  {"erin:bug-2", TRI_NO},
	{"fix/bug-3", TRI_YES},       {"erin:bug-3-2", TRI_YES},
	{"bug-3/bug-2", TRI_NO},      {"b=2", TRI_NO},
	{"bug2:topic", TRI_YES},      {"23456-crash", TRI_UNKNOWN},
	{"erin23456:topic", TRI_YES}, {"", TRI_YES},
	{"erin/23456", TRI_UNKNOWN},  {"erin:2-crash", TRI_NO},
	{"2-crash", TRI_NO},          {"topic/one-whose-name-is-quite-long-bug-2", TRI_NO},
};

START_TEST(the_name_of_the_branch_can_only_deny)
{
	struct example c;

	case_make(&c);
	tell(&c, "Bug 3");
	c.facts.bugs = two_and_three;
	c.facts.n_bugs = 2;
	c.change.head_ref = text_of(branches[_i].branch);
	ck_assert_msg(ask(&c, CLEARED).holds == branches[_i].answer, "%s", branches[_i].branch);
	tell(&c, "No bug");
	c.change.head_ref = TEXT_LIT("bug-3");
	ck_assert_int_eq(ask(&c, "bugs: {tracker: bmo, min: 1}").holds, TRI_NO);
	case_drop(&c);
}
END_TEST

START_TEST(a_branch_whose_name_is_not_known_is_waited_for)
{
	struct example c;

	case_make(&c);
	tell(&c, "Bug 3");
	c.facts.bugs = two_and_three;
	c.facts.n_bugs = 2;
	ck_assert_int_eq(ask(&c, CLEARED).holds, TRI_YES);
	c.change.known &= ~(unsigned)FACT_HEAD_REF;
	ck_assert_int_eq(ask(&c, CLEARED).holds, TRI_UNKNOWN);
	case_drop(&c);
}
END_TEST

/* ---- bounds ---- */

START_TEST(more_bugs_than_are_asked_are_stuck_and_say_what_helps)
{
	struct example c;
	char message[8000];
	int n = snprintf(message, sizeof message, "Many:");
	struct answer answer;

	for (int i = 0; i <= BUGS_MAX; i++)
		n += snprintf(message + n, sizeof message - (size_t)n, " bug %d", 1000 + i);
	case_make(&c);
	tell(&c, message);
	answer = ask(&c, "bugs: {every: {bug_exists: true}}");
	ck_assert(answer.holds == TRI_UNKNOWN && answer.stuck);
	ck_assert_str_eq(answer.why.at, "more than 500 bugs are named: split the change, or name fewer");
	case_drop(&c);
}
END_TEST

/* "Many: bug 1000, bug 1001, ..." */
static struct text naming(struct example *c, int n)
{
	struct text all = TEXT_LIT("Many:");

	for (int i = 0; i < n; i++)
		all = arena_printf(&c->arena, "%.*s bug %d", TEXT_ARG(all), 1000 + i);
	return all;
}

static void know_as_many_as_are_asked(struct example *c)
{
	struct bug *all = arena_alloc(&c->arena, BUGS_MAX, sizeof *all);

	for (int i = 0; i < BUGS_MAX; i++)
		all[i] = (struct bug){.id = 1000 + i, READ};
	c->facts.bugs = all;
	c->facts.n_bugs = BUGS_MAX;
}

/* A bug is one, however many commits name it, and the title, too. */
START_TEST(as_many_bugs_as_are_asked_are_asked_whoever_names_them)
{
	struct example c;
	struct text message;

	case_make(&c);
	message = naming(&c, BUGS_MAX);
	tell(&c, message.at);
	know_as_many_as_are_asked(&c);
	ck_assert_int_eq(ask(&c, CLEARED).holds, TRI_YES);
	c.commits[1].message = message;
	c.change.n_commits = 2;
	c.change.title = message;
	ck_assert_int_eq(ask(&c, CLEARED).holds, TRI_YES);
	ck_assert_int_eq(ask(&c, "bugs: {tracker: bmo, min: 500}").holds, TRI_YES);
	c.change.head_ref = TEXT_LIT("bug-2");
	ck_assert(ask(&c, CLEARED).stuck);
	case_drop(&c);
}
END_TEST

START_TEST(a_commit_names_a_bug_once_however_often_it_says_so)
{
	struct example c;
	struct named_bugs named;

	case_make(&c);
	tell(&c, "Bug 3, b=3, 23456: see bug 23456");
	c.commits[1].message = TEXT_LIT("Revert \"7 - bug 3\"");
	c.change.n_commits = 2;
	bugs_named(&c.change, &c.arena, &named);
	ck_assert_uint_eq(named.n, 3);
	ck_assert(named.items[0].id == 3 && named.items[1].id == 7 && named.items[2].id == 23456);
	ck_assert_uint_eq(named.items[0].n_by, 2);
	ck_assert(named.items[0].by[0] == &named.commits[0] && named.items[0].by[1] == &named.commits[1]);
	ck_assert(named.items[1].n_by == 1 && named.items[1].by[0] == &named.commits[1]);
	ck_assert_uint_eq(named.items[2].n_by, 1);
	ck_assert_int_eq(ask(&c, "bugs: {min: 2}").holds, TRI_UNKNOWN);
	case_drop(&c);
}
END_TEST

START_TEST(every_number_is_named_by_itself_and_beside_others)
{
	struct example c;
	struct named_bugs named;

	case_make(&c);
	for (int id = 1; id <= 100; id++) {
		tell(&c, arena_printf(&c.arena, "Bug %d - x", id).at);
		bugs_named(&c.change, &c.arena, &named);
		ck_assert(named.n == 1 && named.items[0].id == id && named.items[0].n_by == 1);
	}
	tell(&c, "23456 and 34567");
	bugs_named(&c.change, &c.arena, &named);
	ck_assert(named.n == 2 && named.items[0].id == 23456 && named.items[1].id == 34567);
	ck_assert(named.items[0].by[0] == &named.commits[0] && named.items[1].by[0] == &named.commits[0]);
	case_drop(&c);
}
END_TEST

/* What was in them before says nothing of the next change or bug. */
START_TEST(lists_of_bugs_tell_of_what_was_asked_last)
{
	struct example c;
	struct named_bugs named;
	struct bug_chain chain;

	case_make(&c);
	tell(&c, "Bug 3 \xe2\x80\xae");
	bugs_named(&c.change, &c.arena, &named);
	ck_assert_ptr_nonnull(named.suspicious);
	tell(&c, naming(&c, BUGS_MAX + 1).at);
	bugs_named(&c.change, &c.arena, &named);
	ck_assert(named.too_many && named.n == 0 && !named.suspicious);
	c.facts.bugs = two_and_three;
	c.facts.n_bugs = 2;
	bugs_chain(&c.facts, TEXT_LIT("bmo"), 2, true, &chain);
	bugs_chain(&c.facts, TEXT_LIT("bmo"), 3, true, &chain);
	ck_assert(chain.n == 1 && chain.n_self == 1 && chain.items[0].id == 3 && !chain.more);
	case_drop(&c);
}
END_TEST

START_TEST(a_circle_of_duplicates_as_long_as_the_bound_is_known)
{
	struct example c;
	struct bug all[BUGS_CHAIN_MAX];

	for (int i = 0; i < BUGS_CHAIN_MAX; i++)
		all[i] = (struct bug){.id = 100 + i, READ, .dupe_of = 100 + (i + 1) % BUGS_CHAIN_MAX};
	case_make(&c);
	tell(&c, "Bug 100");
	c.facts.bugs = all;
	c.facts.n_bugs = BUGS_CHAIN_MAX;
	ck_assert_int_eq(ask(&c, CLEARED).holds, TRI_YES);
	case_drop(&c);
}
END_TEST

/* Those that are known deny, though there may be others. */
START_TEST(a_known_duplicate_denies_beside_others_that_were_not_read)
{
	static const int64_t copies[] = {2};
	static const struct bug all[] = {
		{.id = 3, READ, .unread = BUG_DUPLICATES, .duplicates = copies, .n_duplicates = 1},
		{.id = 2, READ, .keywords = secret, .n_keywords = 1}};
	struct example c;

	case_make(&c);
	tell(&c, "Bug 3");
	c.facts.bugs = all;
	c.facts.n_bugs = 2;
	ck_assert_int_eq(ask(&c, CLEARED).holds, TRI_NO);
	case_drop(&c);
}
END_TEST

START_TEST(a_chain_of_duplicates_beyond_its_bound_is_not_known)
{
	struct example c;
	struct bug all[40];

	for (int i = 0; i < 40; i++)
		all[i] = (struct bug){.id = 100 + i, READ, .dupe_of = i < 39 ? 101 + i : 0};
	case_make(&c);
	tell(&c, "Bug 100");
	c.facts.bugs = all;
	c.facts.n_bugs = 40;
	ck_assert_int_eq(ask(&c, CLEARED).holds, TRI_UNKNOWN);
	ck_assert(ask(&c, CLEARED).stuck); /* no reading cures it */
	all[BUGS_CHAIN_MAX - 1].unread = BUG_DUPLICATES;
	ck_assert(ask(&c, CLEARED).stuck);
	all[BUGS_CHAIN_MAX - 1].dupe_of = 0;
	ck_assert_int_eq(ask(&c, CLEARED).holds, TRI_UNKNOWN);
	ck_assert(!ask(&c, CLEARED).stuck);
	all[BUGS_CHAIN_MAX - 1].unread = 0;
	ck_assert_int_eq(ask(&c, CLEARED).holds, TRI_YES);
	case_drop(&c);
}
END_TEST

START_TEST(one_number_in_too_many_trackers_or_with_too_many_copies_is_not_known)
{
	static const char names[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN";
	struct example c;
	struct bug all[40];
	int64_t copies_of[40];

	for (int i = 0; i < 40; i++) {
		all[i] = (struct bug){.id = 100, READ};
		all[i].tracker = (struct text){&names[i], 1};
		copies_of[i] = 1000 + i;
	}
	case_make(&c);
	tell(&c, "Bug 100");
	c.facts.bugs = all;
	c.facts.n_bugs = BUGS_CHAIN_MAX;
	ck_assert_int_eq(ask(&c, "bugs: {every: {private: false}}").holds, TRI_YES);
	c.facts.n_bugs = BUGS_CHAIN_MAX + 1;
	ck_assert_int_eq(ask(&c, "bugs: {every: {private: false}}").holds, TRI_UNKNOWN);
	ck_assert_int_eq(ask(&c, "bugs: {duplicates: false, every: {private: false}}").holds, TRI_UNKNOWN);
	all[0].duplicates = copies_of;
	all[0].n_duplicates = 40;
	c.facts.n_bugs = 1;
	ck_assert_int_eq(ask(&c, "bugs: {tracker: a, every: {any_of: [{private: false}, {bug_exists: true}]}}").holds,
			 TRI_UNKNOWN);
	ck_assert_int_eq(ask(&c, "bugs: {tracker: a, duplicates: false, every: {private: false}}").holds, TRI_YES);
	case_drop(&c);
}
END_TEST

START_TEST(what_is_not_known_is_stuck_where_the_rule_says_so)
{
	struct example c;
	struct answer answer;
	static const struct bug none = {.id = 8, .tracker = {"bmo", 3}, .state = BUG_MISSING};

	case_make(&c);
	c.facts.bugs = &none;
	c.facts.n_bugs = 1;
	tell(&c, "Bug 9");
	answer = ask(&c, "bugs: {min: 1, on_unknown: failure}");
	ck_assert(answer.holds == TRI_UNKNOWN && answer.stuck);
	answer = ask(&c, "bugs: {min: 1, on_unknown: pending}");
	ck_assert(answer.holds == TRI_UNKNOWN && !answer.stuck);
	answer = ask(&c, "bugs: {any: {bug_open: true}}");
	ck_assert(answer.holds == TRI_UNKNOWN && !answer.stuck);
	tell(&c, "Bug 8");
	answer = ask(&c, "bugs: {min: 1, on_unknown: failure}");
	ck_assert(answer.holds == TRI_NO && !answer.stuck);
	case_drop(&c);
}
END_TEST

/* ---- which bug is spoken of ---- */

#define CLOSED .tracker = {"bmo", 3}, .state = BUG_READ, .secure = TRI_NO, .open = TRI_NO, .resolution = {"FIXED", 5}

static const struct bug related[] = {
	{.id = 2, READ, .keywords = secret, .n_keywords = 1},
	{.id = 8, .tracker = {"bmo", 3}, .state = BUG_MISSING},
	{.id = 40, READ, .dupe_of = 41},
	{.id = 41, CLOSED},
	{.id = 42, CLOSED, .dupe_of = 40},
	{.id = 43, READ, .unread = BUG_KEYWORDS, .dupe_of = 2},
	{.id = 44, READ},
	{.id = 44, .tracker = {"other", 5}, .state = BUG_READ, .open = TRI_NO},
	{.id = 45, READ, .unread = BUG_DUPLICATES},
};

#define UNRATED "every: {keywords: {none_of: [sec-high]}}"

static const struct {
	const char *block, *message, *second; /* NULL: there is one commit */
	enum tri answer;
	bool stuck;
	const char *why;
} spoken_of[] = {
	{"tracker: bmo, every: {bug_open: true}", "Bug 40", NULL, TRI_YES, false,
	 "it is open"}, /* whatever it is one with */
	{"tracker: bmo, every: {bug_open: true}", "Bug 42", NULL, TRI_NO, false, "bug 42: it is closed"},
	{"every: {bug_open: true}", "Bug 44", NULL, TRI_NO, false, "bug 44: it is closed"}, /* of each tracker */
	{"tracker: bmo, " UNRATED, "Bug 2", NULL, TRI_NO, false,
	 "bug 2: its keywords are not those that the rule asks for"},
	{"tracker: bmo, " UNRATED, "Bug 43", NULL, TRI_NO, false,
	 "bug 43: its keywords are not those that the rule asks for"},
	{"tracker: bmo, " UNRATED, "Bug 45", NULL, TRI_UNKNOWN, false, "bug 45: its duplicates"},
	{"tracker: bmo, " UNRATED, "Bug 77", NULL, TRI_UNKNOWN, false, "bug 77: the tracker's answer"},
	{"tracker: bmo, " UNRATED, "Bug 77 bug 2", NULL, TRI_NO, false,
	 "bug 2: its keywords are not those that the rule asks for"},
	{"tracker: bmo, " UNRATED, "Bug 1 bug 2", NULL, TRI_NO, false,
	 "bug 2: its keywords are not those that the rule asks for"},
	{"tracker: bmo, " UNRATED, "Bug 77 bug 78", NULL, TRI_UNKNOWN, false, "bug 77: the tracker's answer"},
	{"tracker: bmo, min: 1", "Bug 8", NULL, TRI_NO, false, "bug 8: there is no such bug"},
	{"tracker: bmo, min: 1", "No bug", NULL, TRI_NO, false, "commit 9a77b03 names too few bugs"},
	{"tracker: bmo, min: 2", "Bug 40", NULL, TRI_NO, false, "commit 9a77b03 names too few bugs"},
	{"tracker: bmo, min: 2", "Bug 40 bug 8", NULL, TRI_NO, false, "bug 8: there is no such bug"},
	{"tracker: bmo, min: 2", "Bug 40 bug 8 bug 77", NULL, TRI_UNKNOWN, false, "bug 77: the tracker's answer"},
	{"tracker: bmo, min: 2", "Bug 40 bug 77 bug 8", NULL, TRI_UNKNOWN, false, "bug 77: the tracker's answer"},
	{"tracker: bmo, any: {keywords: {any_of: [sec-high]}}", "Bug 40 bug 41", NULL, TRI_NO, false,
	 "bug 40: its keywords are not those that the rule asks for"},
	{"tracker: bmo, any: {keywords: {any_of: [sec-high]}}", "Bug 8 bug 41", NULL, TRI_UNKNOWN, true,
	 "bug 8: there is no such bug"},
	{"tracker: bmo, any: {keywords: {any_of: [sec-high]}}", "Bug 40 bug 2", NULL, TRI_YES, false, ""},
	{"tracker: bmo, min: 1", "Bug 40\x01", NULL, TRI_UNKNOWN, true,
	 "the message of commit 9a77b03 holds a control byte"},
	{"tracker: bmo, every: {commit_token: {key: a}}", "Bug 40", NULL, TRI_NO, false,
	 "bug 40: a commit that names it carries no allowed a= token"},
	{"tracker: bmo, min: 1", "Bug 77", "No bug", TRI_NO, false, "commit 2222222 names too few bugs"},
	{"tracker: bmo, " UNRATED ", min: 1", "Bug 77", "No bug", TRI_NO, false, "commit 2222222 names too few bugs"},
	{"tracker: bmo, " UNRATED ", any: {private: false}", "Bug 77", "No bug", TRI_NO, false,
	 "commit 2222222 names too few bugs"},
};

START_TEST(a_bug_that_holds_back_is_named_with_what_is_wrong)
{
	struct example c;
	struct answer answer;

	case_make(&c);
	tell(&c, spoken_of[_i].message);
	if (spoken_of[_i].second)
		c.commits[1].message = text_of(spoken_of[_i].second), c.change.n_commits = 2;
	c.facts.bugs = related;
	c.facts.n_bugs = sizeof related / sizeof related[0];
	answer = ask(&c, arena_printf(&c.arena, "bugs: {%s}", spoken_of[_i].block).at);
	ck_assert_msg(answer.holds == spoken_of[_i].answer && answer.stuck == spoken_of[_i].stuck, "%s: %d %d",
		      spoken_of[_i].message, answer.holds, answer.stuck);
	ck_assert_msg(text_is(answer.why, spoken_of[_i].why), "%.*s", TEXT_ARG(answer.why));
	case_drop(&c);
}
END_TEST

/* ---- in whatever order facts come ---- */

#define EXISTS "policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {conditions: {bugs: {min: 1}}}}\n"

START_TEST(a_bug_is_found_wherever_it_stands_among_others)
{
	static const int64_t order[] = {5, 3, 9, 1, 7, 2, 8};
	struct bug all[7];
	struct example c;

	case_make(&c);
	for (size_t i = 0; i < 7; i++)
		all[i] = (struct bug){.id = order[i], READ};
	c.facts.bugs = all;
	c.facts.n_bugs = 7;
	for (int id = 1; id <= 10; id++) {
		bool there = id != 4 && id != 6 && id != 10;

		tell(&c, arena_printf(&c.arena, "Bug %d", id).at);
		ck_assert_int_eq(case_judge(&c, EXISTS).decision, there ? DECISION_ALLOWED : DECISION_WAITING);
	}
	case_drop(&c);
}
END_TEST

START_TEST(of_one_number_in_two_trackers_the_one_that_is_told_first_comes_first)
{
	struct bug all[3] = {{.id = 8, READ}, {.id = 7, READ}, {.id = 7, READ}};
	struct example c;

	for (size_t missing = 1; missing <= 2; missing++) {
		case_make(&c);
		tell(&c, "Bug 7");
		all[1].state = all[2].state = BUG_READ;
		all[missing].state = BUG_MISSING;
		c.facts.bugs = all;
		c.facts.n_bugs = 3;
		ck_assert_int_eq(case_judge(&c, EXISTS).decision == DECISION_ALLOWED, missing == 2);
		case_drop(&c);
	}
}
END_TEST

/* ---- what is to be read ---- */

static bool wants(const struct bugs_wanted *wanted, int64_t id)
{
	for (size_t i = 0; i < wanted->n_bugs; i++)
		if (wanted->bugs[i].id == id && text_is(wanted->bugs[i].tracker, "bmo"))
			return true;
	return false;
}

#define WANTING                                                                                                        \
	"policy: {approval: [r, off, again, there]}\napproval_rules:\n- {name: r, requires: {conditions: {bugs: "      \
	"{tracker: bmo, "                                                                                              \
	"every: "                                                                                                      \
	"{keywords: {any_of: [a], none_of: [b, a]}, groups: {any_of: [g], none_of: [h]}, any_of: [{flag: {name: f, "   \
	"status: '+', by: {groups: [s, t, s]}}}, {attachment_flag: {name: f, status: '+'}}]}}}}}\n"                    \
	"- {name: off, mode: off, requires: {conditions: {bugs: {tracker: else, min: 1, every: {keywords: {any_of: "   \
	"[zzz]}}}}}}\n"                                                                                                \
	"- {name: again, requires: {conditions: {bugs: {tracker: bmo, min: 1}}}}\n"                                    \
	"- {name: there, requires: {conditions: {bugs: {tracker: x, min: 1}}}}\n"

START_TEST(each_name_is_read_once_and_none_of_a_rule_that_is_off)
{
	struct example c;
	struct bugs_wanted wanted;
	const struct policy *policy;
	struct problem problem;

	case_make(&c);
	tell(&c, "Bug 101 bug 102 bug 103 bug 104 bug 105 bug 106 bug 107 bug 108 bug 109 bug 101");
	ck_assert_msg(policy_parse(TEXT_LIT(WANTING), NULL, &c.arena, &policy, &problem), "%s", problem.text);
	policy_bugs_wanted(policy, &c.facts, &c.change, &c.arena, &wanted);
	ck_assert_uint_eq(wanted.n_bugs, 18); /* of each tracker */
	for (int64_t id = 101; id <= 109; id++)
		ck_assert(wants(&wanted, id));
	ck_assert(wanted.n_keywords == 2 && text_is(wanted.keywords[0], "a") && text_is(wanted.keywords[1], "b"));
	ck_assert(wanted.n_groups == 2 && text_is(wanted.groups[0], "g") && text_is(wanted.groups[1], "h"));
	ck_assert(wanted.n_flags == 1 && text_is(wanted.flags[0], "f"));
	ck_assert(wanted.n_setter_groups == 2 && text_is(wanted.setter_groups[1], "t"));
	case_drop(&c);
}
END_TEST

/* Rules of one bug, each by its mode: whether one of them counts. */
static const struct {
	const char *modes[2];
	bool weighs;
} weighty[] = {
	{{"warn", "warn"}, false}, {{"warn", "enforce"}, true}, {{"enforce", "warn"}, true},
	{{"off", "warn"}, false},  {{"off", "enforce"}, true},  {{"enforce", "off"}, true},
};

START_TEST(a_bug_weighs_where_any_rule_that_asks_of_it_does)
{
	struct example c;
	struct bugs_wanted wanted;

	case_make(&c);
	tell(&c, "Bug 3");
	case_judge(&c, arena_printf(&c.arena,
				    "policy: {approval: [p, q]}\napproval_rules:\n"
				    "- {name: p, mode: %s, requires: {conditions: {bugs: {tracker: bmo, min: 1}}}}\n"
				    "- {name: q, mode: %s, requires: {conditions: {bugs: {tracker: bmo, min: 1}}}}\n",
				    weighty[_i].modes[0], weighty[_i].modes[1])
			       .at);
	policy_bugs_wanted(c.governed.policy, &c.facts, &c.change, &c.arena, &wanted);
	ck_assert_uint_eq(wanted.n_bugs, 1);
	ck_assert(wanted.bugs[0].weighs == weighty[_i].weighs);
	case_drop(&c);
}
END_TEST

#define FLAGS(first, second)                                                                                           \
	"policy: {approval: [r]}\napproval_rules: [{name: r, requires: {conditions: {bugs: {every: {any_of: ["         \
	"{attachment_flag: {name: a, status: '+'" first "}}, {attachment_flag: {name: b, status: '+'" second           \
	"}}]}}}}}]\n"

static const struct {
	const char *policy;
	bool revisions;
} patches[] = {
	{FLAGS("", ""), false},
	{FLAGS(", patch: this", ""), true},
	{FLAGS("", ", patch: this"), true},
};

START_TEST(revisions_are_read_where_any_flag_asks_for_the_patch)
{
	struct example c;
	struct bugs_wanted wanted;

	case_make(&c);
	tell(&c, "Bug 3");
	case_judge(&c, patches[_i].policy);
	policy_bugs_wanted(c.governed.policy, &c.facts, &c.change, &c.arena, &wanted);
	ck_assert(wanted.revisions == patches[_i].revisions);
	case_drop(&c);
}
END_TEST

START_TEST(no_bug_is_read_of_more_than_are_asked_or_where_nothing_asks)
{
	struct example c;
	struct bugs_wanted wanted;

	case_make(&c);
	tell(&c, naming(&c, BUGS_MAX).at);
	case_judge(&c, FLAGS("", ""));
	policy_bugs_wanted(c.governed.policy, &c.facts, &c.change, &c.arena, &wanted);
	ck_assert(!wanted.too_many && wanted.n_bugs == BUGS_MAX);
	for (int i = 0; i < BUGS_MAX; i++)
		ck_assert_int_eq(wanted.bugs[i].id, 1000 + i);
	tell(&c, naming(&c, BUGS_MAX + 1).at);
	policy_bugs_wanted(c.governed.policy, &c.facts, &c.change, &c.arena, &wanted);
	ck_assert(wanted.too_many && wanted.n_bugs == 0);
	policy_bugs_wanted(policy_builtin(NULL, &c.arena), &c.facts, &c.change, &c.arena, &wanted);
	ck_assert(!wanted.too_many && wanted.n_bugs == 0);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(the_name_of_the_branch_can_only_deny, branches),
	SUITE_TEST(a_branch_whose_name_is_not_known_is_waited_for),
	SUITE_TEST(more_bugs_than_are_asked_are_stuck_and_say_what_helps),
	SUITE_TEST(a_chain_of_duplicates_beyond_its_bound_is_not_known),
	SUITE_TEST(one_number_in_too_many_trackers_or_with_too_many_copies_is_not_known),
	SUITE_TEST(as_many_bugs_as_are_asked_are_asked_whoever_names_them),
	SUITE_TEST(a_commit_names_a_bug_once_however_often_it_says_so),
	SUITE_TEST(every_number_is_named_by_itself_and_beside_others),
	SUITE_TEST(lists_of_bugs_tell_of_what_was_asked_last),
	SUITE_TEST(a_circle_of_duplicates_as_long_as_the_bound_is_known),
	SUITE_TEST(a_known_duplicate_denies_beside_others_that_were_not_read),
	SUITE_ROWS(a_bug_weighs_where_any_rule_that_asks_of_it_does, weighty),
	SUITE_ROWS(revisions_are_read_where_any_flag_asks_for_the_patch, patches),
	SUITE_TEST(no_bug_is_read_of_more_than_are_asked_or_where_nothing_asks),
	SUITE_ROWS(a_bug_that_holds_back_is_named_with_what_is_wrong, spoken_of),
	SUITE_TEST(each_name_is_read_once_and_none_of_a_rule_that_is_off),
	SUITE_TEST(a_bug_is_found_wherever_it_stands_among_others),
	SUITE_TEST(of_one_number_in_two_trackers_the_one_that_is_told_first_comes_first),
	SUITE_TEST(what_is_not_known_is_stuck_where_the_rule_says_so),
	SUITE_END,
};
SUITE_MAIN(tests)
