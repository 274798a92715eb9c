/* Flags of bugs and of patches: whose counts, which patch a commit names, what is said of one that is missing. */
#include "policy/bugs.h"
#include "policy/rules.h"

#include "tests/support/asking.h"
#include "tests/support/suite.h"

#define READ          .tracker = {"bmo", 3}, .state = BUG_READ, .secure = TRI_NO, .open = TRI_YES
#define LIST(f, list) .f = list, .n_##f = sizeof(list) / sizeof(list)[0]
#define GRANTED(n)    .name = {n, sizeof n - 1}, .status = BUG_FLAG_GRANTED
#define REVISION(r)   .revision = {r, sizeof r - 1}

static const struct text approvers[] = {{"sec-approvers", 13}}, editors[] = {{"editbugs", 8}};

#define BY(list) .setter_groups_known = true, .groups = list, .n_groups = 1

static const struct bug_flag plain_plus[] = {{GRANTED("ok")}}, by_approver[] = {{GRANTED("ok"), BY(approvers)}},
			     by_editor[] = {{GRANTED("ok"), BY(editors)}},
			     plain_minus[] = {{.name = {"ok", 2}, .status = BUG_FLAG_DENIED}};

/* ---- of attachments ---- */

static const struct bug_attachment second[] = {{.id = 1}, {.id = 2, LIST(flags, plain_plus)}},
				   denied[] = {{.id = 1, LIST(flags, plain_minus)}},
				   numbered[] = {{.id = 1, REVISION("D29"), LIST(flags, plain_plus)},
						 {.id = 2, REVISION("D123456789"), LIST(flags, plain_plus)}},
				   odd[] = {{.id = 1, REVISION("D"), LIST(flags, plain_plus)},
					    {.id = 2, REVISION("D010"), LIST(flags, plain_plus)},
					    {.id = 3, REVISION("D1234567890"), LIST(flags, plain_plus)},
					    {.id = 4, REVISION("29"), LIST(flags, plain_plus)}},
				   doubtful_and_bad[] = {{.id = 1, REVISION("D10"), LIST(flags, plain_plus)},
							 {.id = 2, REVISION("D20"), LIST(flags, by_editor)}},
				   change_and_patch[] = {
					   {.id = 1, REVISION("acme/engine#412"), LIST(flags, plain_plus)},
					   {.id = 2, REVISION("D10"), LIST(flags, by_approver)}};

static const struct bug bugs[] = {
	{.id = 1, READ, LIST(attachments, second)},
	{.id = 2, READ, LIST(attachments, numbered)},
	{.id = 3, READ, LIST(attachments, odd)},
	{.id = 4, READ, LIST(attachments, doubtful_and_bad)},
	{.id = 5, READ, LIST(attachments, change_and_patch)},
	{.id = 6, .tracker = {"bmo", 3}, .state = BUG_MISSING},
	{.id = 7, .tracker = {"bmo", 3}, .state = BUG_HIDDEN, .secure = TRI_YES},
	{.id = 8, .tracker = {"bmo", 3}, .state = BUG_UNREAD},
	{.id = 9, READ, .unread = BUG_KEYWORDS | BUG_GROUPS | BUG_FLAGS | BUG_ATTACHMENTS | BUG_DUPLICATES},
	{.id = 10, READ, .unread = BUG_ATTACHMENTS, LIST(attachments, second)}, /* there may be more of them */
	{.id = 11, READ, .unread = BUG_ATTACHMENTS, LIST(attachments, denied)},
	{.id = 12, .tracker = {"bmo", 3}, .state = BUG_HIDDEN, .secure = TRI_YES, LIST(attachments, second)},
	{.id = 13, READ, .unread = BUG_KEYWORDS | BUG_GROUPS | BUG_FLAGS, LIST(attachments, second)},
};

static void tell(struct example *c, const char *first, const char *second_message)
{
	c->commits[0].message = text_of(first);
	c->commits[1].message = text_of(second_message);
	c->change.n_commits = second_message ? 2 : 1;
	c->change.title = TEXT_LIT("A change");
	c->facts.bugs = bugs;
	c->facts.n_bugs = sizeof bugs / sizeof bugs[0];
}

#define SOME    "attachment_flag: {name: ok, status: '+'}"
#define THIS    "attachment_flag: {name: ok, status: '+', patch: this}"
#define THIS_BY "attachment_flag: {name: ok, status: '+', patch: this, by: {groups: [sec-approvers]}}"
#define IS(rev) "\n\nDifferential Revision: https://p.example/" rev

static const struct {
	const char *every, *first, *second;
	enum tri answer;
} rows[] = {
	{SOME, "Bug 1", NULL, TRI_YES},     /* whichever of the bug's attachments has it */
	{SOME, "Bug 8", NULL, TRI_UNKNOWN}, /* what was not read has no flag, and lacks none */
	{SOME, "Bug 9", NULL, TRI_UNKNOWN},
	{"flag: {name: ok, status: '+'}", "Bug 8", NULL, TRI_UNKNOWN},
	/* Of those that are known one that has it is enough; that none is denied nobody can say. */
	{SOME, "Bug 10", NULL, TRI_YES},
	{SOME, "Bug 11", NULL, TRI_UNKNOWN},
	{"attachment_flag: {name: ok, status: '-'}", "Bug 11", NULL, TRI_UNKNOWN},
	{SOME, "Bug 12", NULL, TRI_UNKNOWN}, /* whatever else is told of a bug that is hidden */
	{SOME, "Bug 13", NULL, TRI_YES},
	/* A revision has one to nine digits, of which the first is no 0. */
	{THIS, "Bug 2" IS("D29"), NULL, TRI_YES},
	{THIS, "Bug 2" IS("D123456789"), NULL, TRI_YES},
	{THIS, "Bug 3" IS("D"), NULL, TRI_NO},
	{THIS, "Bug 3" IS("D010"), NULL, TRI_NO},
	{THIS, "Bug 3" IS("D1234567890"), NULL, TRI_NO},
	{THIS, "Bug 3" IS("29"), NULL, TRI_NO},
	/* A line that names none neither helps nor harms. */
	{THIS, "Bug 2" IS("x") IS("D29"), NULL, TRI_YES},
	{THIS, "Bug 2" IS("D29") IS("x"), NULL, TRI_YES},
	{THIS, "Bug 2" IS("x"), NULL, TRI_NO},
	/* Of several commits the worst counts, in whatever order they stand. */
	{THIS_BY, "Bug 4" IS("D10"), "Bug 4" IS("D20"), TRI_NO},
	{THIS_BY, "Bug 4" IS("D20"), "Bug 4" IS("D10"), TRI_NO},
	{THIS_BY, "Bug 4", "Bug 4" IS("D10"), TRI_NO},
	{THIS_BY, "Bug 4" IS("D10"), NULL, TRI_UNKNOWN},
	/* A patch by its number stands for itself where the change's own is in doubt. */
	{THIS_BY, "Bug 5" IS("D10"), NULL, TRI_YES},
	{THIS_BY, "Bug 5", NULL, TRI_UNKNOWN},
};

START_TEST(a_flag_counts_of_the_patch_that_is_asked_about)
{
	struct example c;
	struct answer answer;

	case_make(&c);
	tell(&c, rows[_i].first, rows[_i].second);
	answer = ask(&c, arena_printf(&c.arena, "bugs: {tracker: bmo, every: {%s}}", rows[_i].every).at);
	ck_assert_msg(answer.holds == rows[_i].answer, "%s: %d %s", rows[_i].first, answer.holds,
		      answer.why.at ? answer.why.at : "");
	case_drop(&c);
}
END_TEST

/* What needs nothing but the bug itself is answered of one whose lists were not read. */
START_TEST(what_tells_of_the_bug_itself_needs_none_of_its_lists)
{
	static const char *const blocks[] = {"private: false", "bug_open: true", "resolution: {none_of: [FIXED]}"};
	struct example c;

	case_make(&c);
	tell(&c, "Bug 9", NULL);
	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
		ck_assert_int_eq(
			ask(&c, arena_printf(&c.arena, "bugs: {duplicates: false, every: {%s}}", blocks[i]).at).holds,
			TRI_YES);
	case_drop(&c);
}
END_TEST

/* ---- what is said ---- */

#define MISSING "bug 6: there is no such bug"
#define HIDDEN  "bug 7: the tracker does not show it"
#define UNREAD  "bug 8: the tracker's answer"

static const struct {
	const char *every, *message;
	enum tri answer;
	bool stuck; /* it does not help to wait */
	const char *why;
} said[] = {
	{"flag: {name: sec-ok, status: '+'}", "Bug 1", TRI_NO, false, "bug 1: the flag sec-ok+ is missing"},
	{"attachment_flag: {name: ok, status: '-'}", "Bug 1", TRI_NO, false, "bug 1: the flag ok- is missing"},
	{THIS, "Bug 1", TRI_NO, false, "bug 1: the patch's flag ok+ is missing"},
	{THIS_BY, "Bug 5", TRI_UNKNOWN, false, "bug 5: the groups of who set the flag"},
	{SOME, "Bug 6", TRI_UNKNOWN, true, MISSING},
	{"flag: {name: ok, status: '+'}", "Bug 6", TRI_UNKNOWN, true, MISSING},
	{"private: true", "Bug 6", TRI_UNKNOWN, true, MISSING},
	{"private: false", "Bug 6", TRI_UNKNOWN, true, MISSING},
	{"bug_open: true", "Bug 6", TRI_UNKNOWN, true, MISSING},
	{"resolution: {none_of: [FIXED]}", "Bug 6", TRI_UNKNOWN, true, MISSING},
	{"keywords: {none_of: [x]}", "Bug 6", TRI_UNKNOWN, true, MISSING},
	{SOME, "Bug 7", TRI_UNKNOWN, false, HIDDEN},
	{"bug_open: true", "Bug 7", TRI_UNKNOWN, false, HIDDEN},
	{"resolution: {none_of: [FIXED]}", "Bug 7", TRI_UNKNOWN, false, HIDDEN},
	{"private: false", "Bug 7", TRI_NO, false, "bug 7: it is private"},
	{"private: true", "Bug 8", TRI_UNKNOWN, false, UNREAD},
	{"bug_open: true", "Bug 8", TRI_UNKNOWN, false, UNREAD},
	{"resolution: {none_of: [FIXED]}", "Bug 8", TRI_UNKNOWN, false, UNREAD},
};

START_TEST(what_is_missing_of_a_bug_is_said_and_whether_waiting_helps)
{
	struct example c;
	struct answer answer;

	case_make(&c);
	tell(&c, said[_i].message, NULL);
	answer = ask(&c, arena_printf(&c.arena, "bugs: {tracker: bmo, every: {%s}}", said[_i].every).at);
	ck_assert_msg(answer.holds == said[_i].answer && answer.stuck == said[_i].stuck, "%s %s: %d", said[_i].every,
		      said[_i].message, answer.holds);
	ck_assert_msg(text_is(answer.why, said[_i].why), "%.*s", TEXT_ARG(answer.why));
	case_drop(&c);
}
END_TEST

/* ---- named by the branch ---- */

#define NAMED(pattern, name)                                                                                           \
	"policy: {approval: [r]}\napproval_rules:\n- name: r\n  if: {targets_branch: {pattern: '" pattern              \
	"'}}\n  requires: {conditions: {bugs: {min: 1, every: {flag: {name: '" name "', status: '+'}}}}}\n"
#define TEN "^(a)?(b)?(c)?(d)?(e)?(f)?(g)?(h)?(es)r(17)$"

static const struct bug_flag made[] = {{GRANTED("approval-esr17")}, {GRANTED("xy1}-17")},   {GRANTED("x-/17")},
				       {GRANTED("x-17/")},          {GRANTED("x-esr\0z")}, {GRANTED("x-b")},
				       {GRANTED("x-esr")}};
static const struct bug flagged = {.id = 25, READ, LIST(flags, made)};

#define BRANCH(b)                                                                                                      \
	{                                                                                                              \
		b, sizeof b - 1                                                                                        \
	}

static const struct {
	const char *policy;
	struct text base;
	bool allowed;
} named[] = {
	{NAMED(TEN, "approval-esr${10}"), BRANCH("esr17"), true},
	{NAMED(TEN, "approval-${9}r17"), BRANCH("esr17"), true},
	{NAMED("^(.)$", "x-${1}"), BRANCH("b"), true},
	{NAMED("^esr([0-9]+)$", "xy1}-${1}"), BRANCH("esr17"), true}, /* nothing but ${N} is replaced */
	{NAMED("^esr(.*)$", "x-${1}"), BRANCH("esr/17"), false},     /* no name begins or ends with a "/" */
	{NAMED("^esr(.*)$", "x-${1}"), BRANCH("esr17/"), false},
	{NAMED("^(.*)$", "x-${1}"), BRANCH("esr\0z"), false}, /* nor does it end before the branch's does */
};

START_TEST(a_flags_name_is_made_of_what_the_branch_gives)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	tell(&c, "Bug 25", NULL);
	c.facts.bugs = &flagged;
	c.facts.n_bugs = 1;
	c.change.base_ref = named[_i].base;
	verdict = case_judge(&c, named[_i].policy);
	ck_assert_msg((verdict.decision == DECISION_ALLOWED) == named[_i].allowed, "%s: %.*s", named[_i].policy,
		      TEXT_ARG(case_row(&verdict, "r")->next));
	case_drop(&c);
}
END_TEST

START_TEST(a_name_that_no_branch_gives_is_told_where_it_stands)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy;
	struct problem problem = {0};

	ck_assert(!policy_parse(TEXT_LIT(NAMED("^esr([0-9]+)$", "x-${2}")), NULL, &arena, &policy, &problem));
	ck_assert_uint_eq(problem.line, 5);
	ck_assert_uint_eq(problem.column, 63);
}
END_TEST

/* ---- names from the branch ---- */

/* A name that cannot be made is stuck, in each of the places where it is asked for. */
static const struct {
	const char *block;
	const char *base;
	unsigned unknown;
} nameless[] = {
	{"every: {attachment_flag: {name: 'x-${1}', status: '+'}}", "esr17/x", 0},
	{"every: {flag: {name: 'x-${1}', status: '+'}}", "esr17/x", 0},
	{"any: {flag: {name: 'x-${1}', status: '+'}}", "esr17/x", 0},
	{"every: {flag: {name: 'x-${1}', status: '+'}}", "", 0},
	{"every: {flag: {name: 'x-${1}', status: '+'}}", "esr17", FACT_BASE},
};

START_TEST(a_flag_without_a_name_is_nobodys_and_not_asked_for)
{
	struct example c;
	static const struct bug read = {.id = 25, READ};
	struct bugs_wanted wanted;
	struct answer answer;
	struct judging on = {.facts = &c.facts, .change = &c.change, .arena = &c.arena};

	case_make(&c);
	c.commits[0].message = TEXT_LIT("Bug 25");
	c.change.n_commits = 1;
	c.change.title = TEXT_LIT("A change");
	c.facts.bugs = &read;
	c.facts.n_bugs = 1;
	c.change.base_ref = text_of(nameless[_i].base);
	case_judge(&c,
		   arena_printf(&c.arena,
				"policy: {approval: [r]}\napproval_rules:\n- {name: r, if: {targets_branch: {pattern: "
				"'^esr(.*)$'}}, requires: {conditions: {bugs: {min: 1, %s}}}}\n",
				nameless[_i].block)
			   .at);
	c.change.known &= ~nameless[_i].unknown;
	answer = condition_ask(&c.governed.policy->rules[0].requires.items[0], &on);
	ck_assert(answer.holds == TRI_UNKNOWN && answer.stuck);
	policy_bugs_wanted(c.governed.policy, &c.facts, &c.change, &c.arena, &wanted);
	ck_assert(wanted.n_flags == 0 && wanted.n_bugs == 1);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_flag_counts_of_the_patch_that_is_asked_about, rows),
	SUITE_TEST(what_tells_of_the_bug_itself_needs_none_of_its_lists),
	SUITE_ROWS(what_is_missing_of_a_bug_is_said_and_whether_waiting_helps, said),
	SUITE_ROWS(a_flags_name_is_made_of_what_the_branch_gives, named),
	SUITE_TEST(a_name_that_no_branch_gives_is_told_where_it_stands),
	SUITE_ROWS(a_flag_without_a_name_is_nobodys_and_not_asked_for, nameless),
	SUITE_END,
};
SUITE_MAIN(tests)
