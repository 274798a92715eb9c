/*
 * Conditions on bugs. A row is a block of `bugs`, what the two commits say and what the tracker says; asking.h asks
 * `not` of each as well. Named tests after the rows: attacks, the walls around restricted facts, and what is to be
 * read.
 */
#include "policy/bugs.h"

#include "tests/support/asking.h"
#include "tests/support/suite.h"

#include <stdio.h>

/* ---- a tracker ---- */

static const struct text sec[] = {{"sec-high", 8}}, tracking[] = {{"Regression", 10}}, team[] = {{"core-security", 13}};
static const struct text approvers[] = {{"sec-approvers", 13}}, editors[] = {{"editbugs", 8}};

#define FLAG(n, s)    .name = {n, sizeof n - 1}, .status = BUG_FLAG_##s
#define SEC_FLAG(s)   FLAG("sec-approval", s)
#define LIST(f, list) .f = list, .n_##f = sizeof(list) / sizeof(list)[0]

static const struct bug_flag granted[] = {{SEC_FLAG(GRANTED)}}, denied[] = {{SEC_FLAG(DENIED)}},
			     asked_for[] = {{SEC_FLAG(ASKED)}}, both[] = {{SEC_FLAG(GRANTED)}, {SEC_FLAG(DENIED)}},
			     uplift[] = {{FLAG("approval-esr17", GRANTED)}},
			     by_approver[] = {{SEC_FLAG(GRANTED), .setter_groups_known = true,
					       LIST(groups, approvers)}},
			     by_editor[] = {{SEC_FLAG(GRANTED), .setter_groups_known = true, LIST(groups, editors)}};

static const struct bug_flag unknown_then_editor[] = {{SEC_FLAG(GRANTED)},
						      {SEC_FLAG(GRANTED), .setter_groups_known = true,
						       LIST(groups, editors)}},
			     unknown_then_approver[] = {
				     {SEC_FLAG(GRANTED)},
				     {SEC_FLAG(GRANTED), .setter_groups_known = true, LIST(groups, approvers)}};
static const struct bug_attachment unknown_and_editor[] = {{.id = 1, LIST(flags, unknown_then_editor)}},
				   unknown_and_approver[] = {{.id = 1, LIST(flags, unknown_then_approver)}},
				   numberless[] = {{.id = 1, .revision = {"#412", 4}, LIST(flags, granted)}};
static const struct bug_attachment with_plus[] = {{.id = 1, LIST(flags, granted)}},
				   obsolete_plus[] = {{.id = 1, .obsolete = true, LIST(flags, granted)}, {.id = 2}},
				   with_minus[] = {{.id = 1, LIST(flags, denied)}},
				   with_ask[] = {{.id = 1, LIST(flags, asked_for)}},
				   with_both[] = {{.id = 1, LIST(flags, both)}},
				   approver_plus[] = {{.id = 1, LIST(flags, by_approver)}},
				   editor_plus[] = {{.id = 1, LIST(flags, by_editor)}},
				   phabricator[] = {{.id = 1, .revision = {"D10", 3}, LIST(flags, granted)},
						    {.id = 2, .revision = {"D20", 3}}},
				   pull[] = {{.id = 1, .revision = {"ACME/engine#412", 15}, LIST(flags, granted)}},
				   other_pull[] = {{.id = 1, .revision = {"acme/engine#41", 14}, LIST(flags, granted)}};

static const int64_t copies[] = {4};

#define READ    .tracker = {"bmo", 3}, .state = BUG_READ, .secure = TRI_NO, .open = TRI_YES
#define PRIVATE .tracker = {"bmo", 3}, .state = BUG_READ, .secure = TRI_YES, .open = TRI_YES

static const struct bug bugs[] = {
	{.id = 1, PRIVATE, LIST(keywords, sec), LIST(groups, team), LIST(attachments, with_plus)},
	{.id = 2, PRIVATE, LIST(keywords, sec), LIST(groups, team)},
	{.id = 3, READ, LIST(keywords, tracking)},
	{.id = 4, PRIVATE, LIST(keywords, sec), .dupe_of = 5}, /* of a public one */
	{.id = 5, READ, LIST(duplicates, copies)},
	{.id = 6, READ, .dupe_of = 2}, /* a public face of a secure one */
	{.id = 7, .tracker = {"bmo", 3}, .state = BUG_HIDDEN, .secure = TRI_YES},
	{.id = 8, .tracker = {"bmo", 3}, .state = BUG_MISSING},
	{.id = 9, .tracker = {"bmo", 3}, .state = BUG_UNREAD},
	{.id = 10, PRIVATE, LIST(keywords, sec), LIST(attachments, obsolete_plus)},
	{.id = 11, PRIVATE, LIST(keywords, sec), LIST(attachments, with_minus), LIST(flags, granted)},
	{.id = 12, PRIVATE, LIST(keywords, sec), LIST(attachments, with_both)},
	{.id = 13, PRIVATE, LIST(keywords, sec), LIST(attachments, approver_plus)},
	{.id = 14, PRIVATE, LIST(keywords, sec), LIST(attachments, editor_plus)},
	{.id = 15, PRIVATE, LIST(keywords, sec), LIST(attachments, phabricator)},
	{.id = 16, PRIVATE, LIST(keywords, sec), LIST(attachments, pull)},
	{.id = 17, PRIVATE, LIST(keywords, sec), LIST(attachments, other_pull)},
	{.id = 18, PRIVATE}, /* without a rating */
	{.id = 19,
	 .tracker = {"bmo", 3},
	 .state = BUG_READ,
	 .secure = TRI_NO,
	 .open = TRI_NO,
	 .resolution = {"FIXED", 5}},
	{.id = 20, READ, .unread = BUG_KEYWORDS | BUG_GROUPS | BUG_FLAGS | BUG_ATTACHMENTS},
	{.id = 21, READ, .unread = BUG_DUPLICATES},
	{.id = 22, READ, .dupe_of = 999}, /* which was not read */
	{.id = 23, READ, .dupe_of = 24},
	{.id = 24, READ, .dupe_of = 23},
	{.id = 25, READ, LIST(flags, uplift)},
	{.id = 26, PRIVATE, LIST(keywords, sec), LIST(attachments, with_ask)},
	{.id = 27, .tracker = {"bmo", 3}, .state = BUG_READ},
	{.id = 28, .tracker = {"bmo", 3}, .state = BUG_READ, .secure = TRI_NO, .open = TRI_NO}, /* closed, as what? */
	{.id = 29, PRIVATE, LIST(attachments, unknown_and_editor)},
	{.id = 30, PRIVATE, LIST(attachments, unknown_and_approver)},
	{.id = 31, READ, .dupe_of = 32}, /* in both trackers */
	{.id = 32, READ},
	{.id = 33, READ, LIST(attachments, numberless)},
	{.id = 1, .tracker = {"other", 5}, .state = BUG_READ, .secure = TRI_NO, .open = TRI_YES},
	{.id = 31, .tracker = {"other", 5}, .state = BUG_READ, .secure = TRI_NO, .open = TRI_YES, .dupe_of = 32},
	{.id = 32, .tracker = {"other", 5}, .state = BUG_READ, .secure = TRI_YES, .open = TRI_YES},
};

static void tell(struct example *c, const char *first, const char *second)
{
	c->commits[0].message = text_of(first);
	c->commits[1].message = text_of(second);
	c->change.n_commits = second ? 2 : 1;
	c->change.title = TEXT_LIT("A change");
	c->facts.bugs = bugs;
	c->facts.n_bugs = sizeof bugs / sizeof bugs[0];
}

/* ---- rows ---- */

#define NONE      "keywords: {none_of: [sec-high, sec-critical]}"
#define PLUS      "attachment_flag: {name: sec-approval, status: '+'}"
#define CLEARED   "tracker: bmo, every: {any_of: [{" NONE "}, {" PLUS "}]}"
#define EVERY(is) "tracker: bmo, every: {" is "}"
#define TOKEN     "commit_token: {key: a, values: [erin]}"
#define THIS      "attachment_flag: {name: sec-approval, status: '+', patch: this}"
#define THIS_BY   "attachment_flag: {name: sec-approval, status: '+', patch: this, by: {groups: [sec-approvers]}}"
#define BY        "attachment_flag: {name: sec-approval, status: '+', by: {groups: [sec-approvers]}}"

static const struct {
	const char *block, *first, *second;
	enum tri answer;
} rows[] = {
	{CLEARED, "No bug", NULL, TRI_YES},
	{CLEARED, "Bug 1 - approved", NULL, TRI_YES},
	{CLEARED, "Bug 2 - not approved", NULL, TRI_NO},
	{CLEARED, "Bug 3 - public", NULL, TRI_YES},
	{CLEARED, "Bug 26 - asked for", NULL, TRI_NO},
	{CLEARED, "Bug 9 - not read", NULL, TRI_UNKNOWN},
	{CLEARED, "Bug 77 - not told", NULL, TRI_UNKNOWN},
	{CLEARED, "Bug 7 - hidden", NULL, TRI_UNKNOWN},
	{CLEARED, "Bug 8 - missing", NULL, TRI_UNKNOWN},
	{CLEARED, "Bug 20 - nothing of it", NULL, TRI_UNKNOWN},
	/* an attack each: threats to a rule that lets approved bugs pass */
	{CLEARED, "Bug 1 and bug 2", NULL, TRI_NO},  /* a second one beside an approved one */
	{CLEARED, "Bug 2 and bug 1", NULL, TRI_NO},  /* whatever the order */
	{CLEARED, "Bug 3 - x", "Bug 2 - y", TRI_NO}, /* in one commit of a series, whichever it is */
	{CLEARED, "Bug 2 - x", "Bug 3 - y", TRI_NO},
	{CLEARED, "Bug 3 - x\n\nSource-Repo: https://github.com/a/b\n\nb=2", NULL, TRI_NO}, /* the origin hides none */
	{CLEARED, "Backed out changeset 0123456789ab (bug 2)", NULL, TRI_NO},               /* what a backout undoes */
	{CLEARED, "Revert it\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567.\nBug 2", NULL, TRI_NO},
	{CLEARED, "Bug 10 - the + of what it was", NULL, TRI_NO},        /* an obsolete attachment */
	{CLEARED, "Bug 11 - refused, and a + of the bug", NULL, TRI_NO}, /* the flag stands on the bug */
	{CLEARED, "Bug 12 - both", NULL, TRI_NO},                        /* one says +, another - */
	{CLEARED, "Bug 6 - a public face of bug two", NULL, TRI_NO},     /* dupe_of, up */
	{CLEARED, "Bug 5 - has a secure copy", NULL, TRI_NO},            /* and down */
	{CLEARED, "Bug 22 - a copy of what nobody read", NULL, TRI_UNKNOWN},
	{CLEARED, "Bug 21 - copies not read", NULL, TRI_UNKNOWN},
	{CLEARED, "Bug 23 - a circle", NULL, TRI_YES},
	{"duplicates: false, " CLEARED, "Bug 6 - it alone", NULL, TRI_YES},
	{"duplicates: false, " CLEARED, "Bug 21 - it alone", NULL, TRI_YES},
	{CLEARED, "Bug 4294967297 - too high", NULL, TRI_YES}, /* no bug, so none that is 1 */
	{CLEARED, "Bug 00000000000000000000000002", NULL, TRI_NO},
	{CLEARED, "Bug \xef\xbc\x92", NULL, TRI_UNKNOWN},   /* a digit of another script is none */
	{CLEARED, "Bug 3 \xe2\x80\xae", NULL, TRI_UNKNOWN}, /* and what turns text around is read by nobody */
	{CLEARED, "As of 20260101", NULL, TRI_UNKNOWN},     /* a date is a number, and no bug: it waits */

	/* two trackers: a rule that names none asks both */
	{"every: {private: true}", "Bug 1", NULL, TRI_NO},
	{"every: {private: true}", "Bug 2", NULL, TRI_YES},
	{"tracker: other, every: {private: false}", "Bug 1", NULL, TRI_YES},
	{"tracker: other, every: {private: false}", "Bug 2", NULL, TRI_UNKNOWN},

	/* private, without a rating */
	{EVERY("not: {private: true, " NONE "}"), "Bug 18", NULL, TRI_NO},
	{EVERY("not: {private: true, " NONE "}"), "Bug 1", NULL, TRI_YES},
	{EVERY("not: {private: true, " NONE "}"), "Bug 3", NULL, TRI_YES},
	{EVERY("not: {private: true, " NONE "}"), "Bug 7", NULL, TRI_UNKNOWN},
	{EVERY("private: true"), "Bug 7", NULL, TRI_YES},
	{EVERY("private: true"), "Bug 8", NULL, TRI_UNKNOWN},
	{EVERY("private: true"), "Bug 27", NULL, TRI_UNKNOWN},
	{EVERY("private: false"), "Bug 9", NULL, TRI_UNKNOWN},

	/* names */
	{EVERY("keywords: {any_of: [regression]}"), "Bug 3", NULL, TRI_YES}, /* case does not matter */
	{EVERY("keywords: {any_of: [regression]}"), "Bug 1", NULL, TRI_NO},
	{EVERY("keywords: {any_of: [sec-high], none_of: [sec-high]}"), "Bug 1", NULL, TRI_NO},
	{EVERY("keywords: {none_of: [SEC-HIGH]}"), "Bug 1", NULL, TRI_NO},
	{EVERY("groups: {any_of: [core-security]}"), "Bug 1", NULL, TRI_YES},
	{EVERY("groups: {none_of: [core-security]}"), "Bug 1", NULL, TRI_NO},
	{EVERY("groups: {any_of: [core-security]}"), "Bug 3", NULL, TRI_NO},
	{EVERY("groups: {none_of: [core-security]}"), "Bug 7", NULL, TRI_UNKNOWN},
	{EVERY("resolution: {any_of: [FIXED]}"), "Bug 19", NULL, TRI_YES},
	{EVERY("resolution: {none_of: [FIXED]}"), "Bug 19", NULL, TRI_NO},
	{EVERY("resolution: {none_of: [FIXED]}"), "Bug 3", NULL, TRI_YES},
	{EVERY("resolution: {any_of: [FIXED]}"), "Bug 3", NULL, TRI_NO},
	{EVERY("resolution: {none_of: [FIXED]}"), "Bug 27", NULL, TRI_UNKNOWN},

	/* flags */
	{EVERY("flag: {name: sec-approval, status: '+'}"), "Bug 11", NULL, TRI_YES},
	{EVERY("flag: {name: sec-approval, status: '+'}"), "Bug 1", NULL, TRI_NO},
	{EVERY("flag: {name: Sec-approval, status: '+'}"), "Bug 11", NULL, TRI_NO},
	{EVERY("flag: {name: sec-approval, status: '+'}"), "Bug 20", NULL, TRI_UNKNOWN},
	{EVERY("attachment_flag: {name: sec-approval, status: '?'}"), "Bug 26", NULL, TRI_YES},
	{EVERY("attachment_flag: {name: sec-approval, status: '-'}"), "Bug 12", NULL, TRI_YES},
	{EVERY(BY), "Bug 13", NULL, TRI_YES},
	{EVERY(BY), "Bug 14", NULL, TRI_NO},     /* a setter who may not */
	{EVERY(BY), "Bug 1", NULL, TRI_UNKNOWN}, /* one of whom nothing is known */
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/D10", NULL, TRI_YES},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/D10\r\n", NULL, TRI_YES},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/D20", NULL, TRI_NO}, /* another patch's + */
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/D1", NULL, TRI_NO},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/D100", NULL, TRI_NO},
	{EVERY(THIS), "Bug 15\n\n Differential Revision: https://p.example/D10", NULL, TRI_NO},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/xD10", NULL, TRI_NO},
	{EVERY(THIS),
	 "Bug 15\n\nDifferential Revision: https://p.example/D10\nDifferential Revision: https://p.example/D20", NULL,
	 TRI_NO}, /* two of them, one approved */
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/D10", "Bug 15 too", TRI_NO},
	{EVERY(THIS), "Bug 15", NULL, TRI_NO},
	{EVERY(THIS), "Bug 16", "Bug 16 again", TRI_YES}, /* this change */
	{EVERY(THIS), "Bug 17", NULL, TRI_NO},            /* another one */

	/* what the commits say */
	{EVERY(TOKEN), "Bug 1 a=erin", NULL, TRI_YES},
	{EVERY(TOKEN), "Bug 1 a=mallory", NULL, TRI_NO},
	{EVERY(TOKEN), "Bug 1", "Unnamed a=erin", TRI_NO}, /* the token stands in another commit than the bug */
	{EVERY(TOKEN), "Bug 1 a=erin", "Bug 1", TRI_NO},   /* in one that names it, not in the other */
	{EVERY(TOKEN), "Bug 1 a=erin", "No bug", TRI_YES},
	{EVERY(TOKEN), "Bug 1\n\na=erin", NULL, TRI_NO}, /* below the first line */
	{EVERY("any_of: [{" NONE "}, {" TOKEN ", " PLUS "}]"), "Bug 1 a=erin", NULL, TRI_YES},
	{EVERY("any_of: [{" NONE "}, {" TOKEN ", " PLUS "}]"), "Bug 1", NULL, TRI_NO},
	{EVERY("any_of: [{" NONE "}, {" TOKEN ", " PLUS "}]"), "Bug 2 a=erin", NULL, TRI_NO},
	{EVERY("bug_open: true"), "Bug 1", NULL, TRI_YES},
	{EVERY("bug_open: true"), "Bug 19", NULL, TRI_NO},
	{EVERY("bug_open: true"), "Bug 6", NULL, TRI_YES}, /* of the bug itself */
	{EVERY("bug_open: false"), "Bug 9", NULL, TRI_UNKNOWN},
	{EVERY("bug_exists: true"), "Bug 8", NULL, TRI_NO},
	{EVERY("bug_exists: true"), "Bug 7", NULL, TRI_YES},
	{EVERY("bug_exists: true"), "Bug 9", NULL, TRI_UNKNOWN},
	{EVERY("any_of: [{bug_exists: false}, {" NONE "}]"), "Bug 8", NULL, TRI_YES},
	{EVERY("any_of: [{bug_open: true}, {closedbug: true}, {backout: true}]"), "Bug 19", NULL, TRI_NO},
	{EVERY("any_of: [{bug_open: true}, {closedbug: true}, {backout: true}]"), "Bug 19 CLOSEDBUG", NULL, TRI_YES},
	{EVERY("any_of: [{bug_open: true}, {closedbug: true}, {backout: true}]"), "Bug 19\n\nCLOSEDBUG", NULL, TRI_NO},
	{EVERY("any_of: [{bug_open: true}, {closedbug: true}, {backout: true}]"),
	 "Backed out changeset 0123456789ab (bug 19)", NULL, TRI_YES},
	{EVERY("any_of: [{bug_open: true}, {closedbug: true}, {backout: true}]"),
	 "Backed out changeset 0123456789ab (bug 19)", "Bug 19 - again", TRI_NO},

	{EVERY("backout: true"), "Revert it\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567.\nBug 3",
	 NULL, TRI_YES},
	{EVERY("resolution: {any_of: [FIXED]}"), "Bug 9", NULL, TRI_UNKNOWN},
	{EVERY("resolution: {any_of: [FIXED]}"), "Bug 28", NULL, TRI_UNKNOWN},
	{EVERY("bug_open: true"), "Bug 3 \xe2\x80\xae", "Bug 3 \xe2\x80\xae", TRI_UNKNOWN},
	{"every: {private: false}", "Bug 31", NULL, TRI_NO}, /* of one name in two trackers each has its own */
	{EVERY(BY), "Bug 29", NULL, TRI_UNKNOWN},
	{EVERY(BY), "Bug 30", NULL, TRI_YES},
	{EVERY(THIS_BY), "Bug 16", NULL, TRI_UNKNOWN},
	{EVERY(THIS_BY), "Bug 15\n\nDifferential Revision: https://p.example/D10", NULL, TRI_UNKNOWN},
	{EVERY(THIS_BY),
	 "Bug 15\n\nDifferential Revision: https://p.example/D10\nDifferential Revision: https://p.example/D10", NULL,
	 TRI_UNKNOWN},
	{EVERY(THIS_BY),
	 "Bug 15\n\nDifferential Revision: https://p.example/D10\nDifferential Revision: https://p.example/D20", NULL,
	 TRI_NO},
	{EVERY(THIS_BY), "Bug 15\n\nDifferential Revision: https://p.example/D10",
	 "Bug 15\n\nDifferential Revision: https://p.example/D10", TRI_UNKNOWN},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/D10 \t", NULL, TRI_YES},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: /D10", NULL, TRI_YES},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: D10", NULL, TRI_NO},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: 10", NULL, TRI_NO},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: \t ", NULL, TRI_NO},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/D", NULL, TRI_NO},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/D10/", NULL, TRI_NO},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/D10:", NULL, TRI_NO},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/E10", NULL, TRI_NO},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/D010", NULL, TRI_NO},
	{EVERY(THIS), "Bug 15\n\nDifferential Revision: https://p.example/D1000000000", NULL, TRI_NO},
	{EVERY("not: {keywords: {any_of: [regression]}, groups: {none_of: [x]}}"), "Bug 3", NULL, TRI_NO},

	/* any and min: each commit */
	{"tracker: bmo, any: {" NONE "}", "Bug 3", NULL, TRI_YES},
	{"tracker: bmo, any: {" NONE "}", "Bug 3 and bug 2", NULL, TRI_YES},
	{"tracker: bmo, any: {" NONE "}", "No bug", NULL, TRI_NO},
	{"tracker: bmo, any: {" NONE "}", "Bug 3", "No bug", TRI_NO},
	{"tracker: bmo, any: {" NONE "}", "Bug 2 and bug 9", NULL, TRI_UNKNOWN},
	{"tracker: bmo, any: {" NONE "}, every: {" NONE "}", "Bug 3 and bug 2", NULL, TRI_NO},
	{"tracker: bmo, min: 1", "Bug 3", NULL, TRI_YES},
	{"tracker: bmo, min: 1", "Bug 8", NULL, TRI_NO}, /* a number that is no bug */
	{"tracker: bmo, min: 1", "Bug 7", NULL, TRI_YES},
	{"tracker: bmo, min: 1", "Bug 9", NULL, TRI_UNKNOWN},
	{"tracker: bmo, min: 2", "Bug 3 and bug 3", NULL, TRI_NO},
	{"tracker: bmo, min: 2", "Bug 3 and bug 5", NULL, TRI_YES},
	{"tracker: bmo, min: 1", "Bug 3", "No bug", TRI_NO},
	{"tracker: bmo, min: 500", "Bug 3", NULL, TRI_NO},
	/* beside it, conditions are those of the change again */
	{"tracker: bmo, every: {private: false}}, has_labels: [bug], has_status: {statuses: [ci/build]", "Bug 3", NULL,
	 TRI_YES},
};

START_TEST(every_row_is_answered)
{
	struct example c;
	struct answer answer;

	case_make(&c);
	tell(&c, rows[_i].first, rows[_i].second);
	answer = ask(&c, arena_printf(&c.arena, "bugs: {%s}", rows[_i].block).at);
	ck_assert_msg(answer.holds == rows[_i].answer, "%s\n%s | %s: %d %s", rows[_i].block, rows[_i].first,
		      rows[_i].second ? rows[_i].second : "", answer.holds, answer.why.at ? answer.why.at : "");
	case_drop(&c);
}
END_TEST

START_TEST(the_title_can_only_deny)
{
	struct example c;

	case_make(&c);
	tell(&c, "Bug 3", NULL);
	c.change.title = TEXT_LIT("Bug 2 - what a squash would say");
	ck_assert_int_eq(ask(&c, "bugs: {" CLEARED "}").holds, TRI_NO);
	c.change.title = TEXT_LIT("Bug 3");
	tell(&c, "No bug", NULL);
	c.change.title = TEXT_LIT("Bug 3");
	ck_assert_int_eq(ask(&c, "bugs: {tracker: bmo, min: 1}").holds, TRI_NO);
	case_drop(&c);
}
END_TEST

START_TEST(what_no_commit_names_no_commit_speaks_for)
{
	static const char *const blocks[] = {"bugs: {" EVERY("closedbug: true") "}",
					     "bugs: {" EVERY("backout: true") "}", "bugs: {" EVERY(TOKEN) "}",
					     "bugs: {" EVERY(THIS) "}"};
	struct example c;

	case_make(&c);
	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
		tell(&c, "No bug a=erin CLOSEDBUG", NULL);
		ck_assert_int_eq(ask(&c, blocks[i]).holds, TRI_YES);
		c.change.title = TEXT_LIT("Bug 15");
		ck_assert_int_eq(ask(&c, blocks[i]).holds, TRI_NO);
	}
	c.change.n_commits = 0;
	ck_assert_int_eq(ask(&c, "bugs: {min: 1}").holds, TRI_UNKNOWN);
	case_drop(&c);
}
END_TEST

START_TEST(a_change_of_no_repository_is_no_attachments)
{
	struct example c;

	case_make(&c);
	tell(&c, "Bug 33", NULL);
	c.facts.repo_name = TEXT_EMPTY;
	ck_assert_int_eq(ask(&c, "bugs: {" EVERY(THIS) "}").holds, TRI_NO);
	case_drop(&c);
}
END_TEST

/* ---- flags named by the branch ---- */

#define BRANCHED(pattern, name)                                                                                        \
	"policy: {approval: [r]}\napproval_rules:\n- name: r\n  if: {targets_branch: {pattern: '" pattern              \
	"'}}\n  requires: {conditions: {bugs: {min: 1, every: {flag: {name: '" name "', status: '+'}}}}}\n"

static const struct {
	const char *policy, *base;
	bool allowed;
} branched[] = {
	{BRANCHED("^esr([0-9]+)$", "approval-esr${1}"), "esr17", true},
	{BRANCHED("^esr([0-9]+)$", "approval-esr${1}"), "esr18", false},
	{BRANCHED("^esr1([0-9])$", "approval-esr1${1}"), "esr17", true},
	{BRANCHED("^(esr)([0-9]+)$", "approval-${1}${2}"), "esr17", true},
	{BRANCHED("^esr(.*)$", "approval-esr${1}"), "esr17/x", false},
	{BRANCHED("^esr(.*)$", "approval-esr17${1}"), "esr", false},         /* nothing is no name */
	{BRANCHED("^main|esr(17)$", "approval-esr${1}"), "my-esr17", false}, /* bound where an alternative is not */
	{BRANCHED("^esr(17)$|^other$", "approval-esr${1}"), "other", false},
};

START_TEST(a_flag_is_named_by_the_branch)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	tell(&c, "Bug 25", NULL);
	c.change.base_ref = text_of(branched[_i].base);
	verdict = case_judge(&c, branched[_i].policy);
	ck_assert_msg((verdict.decision == DECISION_ALLOWED) == branched[_i].allowed, "%s: %s", branched[_i].base,
		      case_row(&verdict, "r")->next.at);
	case_drop(&c);
}
END_TEST

/* ---- what is refused ---- */

#define RULE(rule)                                                                                                     \
	"policy: {approval: [r, s]}\napproval_rules:\n- {name: s, requires: {count: 1, permissions: [write]}}\n"       \
	"- {name: r, " rule "}\n"
#define ASKS(block) "requires: {conditions: {bugs: {" block "}}}"

static const struct {
	const char *policy, *says;
} refused[] = {
	{RULE("if: {bugs: {min: 1}}, requires: {count: 1, permissions: [write]}"), "`bugs` stands in"},
	{RULE("if: {not: {bugs: {min: 1}}}, requires: {count: 1, permissions: [write]}"), "`bugs` stands in"},
	{"policy: {approval: [s], disapproval: {if: {bugs: {min: 1}}}}\napproval_rules:\n"
	 "- {name: s, requires: {count: 1, permissions: [write]}}\n",
	 "`bugs` stands in"},
	{RULE("visibility: public, " ASKS("min: 1")), "a rule with `bugs` is always restricted"},
	{RULE("on_unknown: {status: failure}, " ASKS("min: 1")), "a restricted rule never blocks"},
	{RULE(ASKS("every: {any_of: [{" PLUS "}, {commit_token: {key: a}}]}")),
	 "rule `r` lets a commit token stand in"},
	{RULE(ASKS("every: {any_of: [{" PLUS "}, {backout: true}]}")), "rule `r` lets a commit token stand in"},
	{RULE(ASKS("every: {any_of: [{" PLUS "}, {all_of: [{closedbug: true}]}]}")), "rule `r` lets a commit token"},
	{RULE("requires: {conditions: {any_of: [{bugs: {min: 1}}, {commit_token: {key: a}}]}}"), "rule `r` lets a"},
	{RULE(ASKS("tracker: bmo")), "`bugs` needs `every`, `any` or `min`"},
	{RULE(ASKS("every: {}")), "expected a map of conditions"},
	{RULE(ASKS("every: {keywords: {any_of: []}}")), "an empty list is not allowed here"},
	{RULE(ASKS("every: {keywords: {}}")), "`keywords` needs `any_of` or `none_of`"},
	{RULE(ASKS("every: {flag: {name: x}}")), "`flag` needs a `name` and a `status`"},
	{RULE(ASKS("every: {flag: {name: x, status: yes}}")), "status is \"+\", \"-\" or \"?\""},
	{RULE(ASKS("every: {flag: {name: x, status: '+', by: {groups: []}}}")), "`groups` names at least one"},
	{RULE(ASKS("every: {flag: {name: x, status: '+', by: {}}}")), "`by` needs `groups`"},
	{RULE(ASKS("every: {flag: {name: x, status: '+', patch: this}}")), "unknown key `patch`"},
	{RULE(ASKS("every: {attachment_flag: {name: x, status: '+', patch: any}}")), "patch is `this`, or left out"},
	{RULE(ASKS("every: {has_labels: [x]}")), "unknown key `has_labels`"},
	{RULE(ASKS("every: {bugs: {min: 1}}")), "unknown key `bugs`"},
	{RULE(ASKS("min: 0")), "min is a whole number from 1 to 500"},
	{RULE(ASKS("on_unknown: success, min: 1")), "on_unknown is pending or failure"},
	{RULE("requires: {conditions: {keywords: {any_of: [x]}}}"), "unknown key `keywords`"},
	{RULE("on_unknown: {hook: maybe}, " ASKS("min: 1")), "hook is allow or deny"},
	{BRANCHED("^esr([0-9]+)", "approval-esr${1}"), "${N} is a group of the rule's own"},
	{BRANCHED("esr([0-9]+)$", "approval-esr${1}"), "${N} is a group of the rule's own"},
	{RULE(ASKS("every: {flag: {name: 'x${1}', status: '+'}}")), "${N} is a group of the rule's own"},
	{BRANCHED("^esr([0-9]+)$", "${2}"), "${2}: the branch's pattern has 1 groups"},
	{BRANCHED("^esr([0-9]+)$", "x${2}', status: '+'}, attachment_flag: {name: 'y${1}"),
	 "${2}: the branch's pattern has 1 groups"},
	{BRANCHED("^esr([0-9]+)$", "approval-esr${2}"), "${2}: the branch's pattern has 1 groups"},
	{BRANCHED("^esr([0-9]+)$", "approval-esr${0}"), "a group of the branch's pattern is written ${1}"},
	{BRANCHED("^esr([0-9]+)$", "approval-esr${1"), "a group of the branch's pattern is written ${1}"},
	{BRANCHED("^esr([0-9]+)$", "approval-esr${/}"), "a group of the branch's pattern is written ${1}"},
	{BRANCHED("^esr([0-9]+)$", "approval-esr${:}"), "a group of the branch's pattern is written ${1}"},
	{BRANCHED("^esr([0-9]+)$", "approval-esr${1:}"), "a group of the branch's pattern is written ${1}"},
	{BRANCHED("^esr([0-9]+)$", "approval-esr${1000}"), "a group of the branch's pattern is written ${1}"},
	{BRANCHED("^esr([0-9]+)$", "approval-esr${"), "a group of the branch's pattern is written ${1}"},
	{RULE("if: {targets_branch: {pattern: ['^x$']}}, " ASKS("every: {flag: {name: 'x${1}', status: '+'}}")),
	 "expected"},
	{RULE(ASKS("min: 501")), "min is a whole number from 1 to 500"},
	{RULE(ASKS("min: -1")), "min is a whole number from 1 to 500"},
	{RULE(ASKS("every: {flag: {status: '+'}}")), "`flag` needs a `name` and a `status`"},
	{RULE(ASKS("every: {flag: {name: x, status: '++'}}")), "status is \"+\", \"-\" or \"?\""},
	{BRANCHED("^esr([0-9]+)$", "approval-esr${x}"), "a group of the branch's pattern is written ${1}"},
};

START_TEST(what_would_let_slip_a_secret_or_oneself_is_refused)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	struct problem problem = {0, 0, ""};

	ck_assert_msg(!policy_parse(text_of(refused[_i].policy), NULL, &arena, &policy, &problem), "%s",
		      refused[_i].policy);
	ck_assert_msg(text_starts(text_of(problem.text), text_of(refused[_i].says)), "%s\n%s", refused[_i].policy,
		      problem.text);
}
END_TEST

START_TEST(a_rule_for_a_branch_that_a_commit_without_a_bug_passes_is_remarked)
{
	static const char *const policies[] = {
		RULE("if: {targets_branch: {pattern: '^beta$'}}, " ASKS("every: {" PLUS "}")),
		RULE("if: {targets_branch: {pattern: '^beta$'}}, " ASKS("min: 1, every: {" PLUS "}")),
		RULE(ASKS("every: {" PLUS "}")),
	};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem_list *lists = arena_alloc(&arena, 2, sizeof *lists);
	const struct policy *policy;

	for (size_t i = 0; i < 3; i++) {
		ck_assert(policy_check(text_of(policies[i]), NULL, &arena, &policy, &lists[0], &lists[1]));
		ck_assert_uint_eq(lists[1].n, i == 0);
	}
	ck_assert_int_eq(policy_check(text_of(policies[0]), NULL, &arena, &policy, &lists[0], &lists[1]), true);
	ck_assert(
		text_starts(text_of(lists[1].items[0].text), TEXT_LIT("a commit that names no bug passes this rule")));
}
END_TEST

/* ---- secrecy ---- */

#define SECRET                                                                                                         \
	"policy: {approval: [s, r]}\napproval_rules:\n- {name: s, requires: {count: 2, permissions: [write]}}\n"       \
	"- {name: r, on_unknown: {hook: allow}, requires: {conditions: {bugs: {" CLEARED "}}}}\n"

static struct verdict judged(struct example *c, const char *message)
{
	tell(c, message, NULL);
	c->commits[0].sha = c->facts.head;
	return case_judge(c, SECRET);
}

START_TEST(bugs_are_due_when_all_that_the_public_sees_is_met)
{
	static const struct bug none[1];
	struct example c;
	struct verdict verdict;

	case_make(&c);
	verdict = judged(&c, "Bug 2");
	c.facts.bugs = none;
	c.facts.n_bugs = 0;
	verdict = case_judge(&c, SECRET);
	ck_assert_int_eq(verdict.decision, DECISION_WAITING);
	ck_assert(policy_bugs_due(&verdict));
	ck_assert_str_eq(verdict.public_text.at, "Needs maintainer clearance");
	c.change.n_reviews = 1;
	verdict = case_judge(&c, SECRET);
	ck_assert(!policy_bugs_due(&verdict));
	c.change.n_reviews = 2;
	c.change.draft = true;
	verdict = case_judge(&c, SECRET);
	ck_assert(!policy_bugs_due(&verdict));
	case_drop(&c);
}
END_TEST

static void same_text(const struct verdict *a, const struct verdict *b)
{
	ck_assert_int_eq(a->decision, b->decision);
	ck_assert_int_eq(a->state, b->state);
	ck_assert(text_eq(a->text, b->text) && text_eq(a->public_text, b->public_text));
}

START_TEST(a_bug_that_is_missing_hidden_unapproved_or_unread_looks_the_same)
{
	static const char *const messages[] = {"Bug 8", "Bug 7", "Bug 2", "Bug 9", "Bug 77", "Bug 12", "Bug 20260101"};
	struct example c;
	struct verdict first, next;

	case_make(&c);
	first = judged(&c, "Bug 2");
	ck_assert_int_eq(first.decision, DECISION_WAITING);
	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		next = judged(&c, messages[i]);
		same_text(&first, &next);
		ck_assert(case_row(&next, "r")->restricted && case_row(&next, "r")->hook_allows);
	}
	next = judged(&c, "Bug 1");
	ck_assert_int_eq(next.decision, DECISION_ALLOWED);
	case_drop(&c);
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

START_TEST(what_is_to_be_read_are_the_bugs_and_names_that_count)
{
	struct example c;
	struct bugs_wanted wanted;
	const struct policy *policy;
	struct problem problem;

	case_make(&c);
	tell(&c, "Bug 6", "Bug 3");
	ck_assert(policy_parse(TEXT_LIT(SECRET), NULL, &c.arena, &policy, &problem));
	ck_assert(policy_needs(policy).bugs);
	ck_assert_uint_eq(policy_needs(policy).facts & FACT_COMMITS, FACT_COMMITS);
	policy_bugs_wanted(policy, &c.facts, &c.change, &c.arena, &wanted);
	ck_assert_uint_eq(wanted.n_bugs, 3); /* 2 is what 6 is a duplicate of */
	ck_assert(wants(&wanted, 2) && wants(&wanted, 3) && wants(&wanted, 6));
	ck_assert(wanted.n_keywords == 2 && text_is(wanted.keywords[0], "sec-high"));
	ck_assert(wanted.n_flags == 1 && text_is(wanted.flags[0], "sec-approval"));
	ck_assert(wanted.n_groups == 0 && wanted.n_setter_groups == 0 && !wanted.too_many);
	c.facts.n_bugs = 0;
	policy_bugs_wanted(policy, &c.facts, &c.change, &c.arena, &wanted);
	ck_assert_uint_eq(wanted.n_bugs, 2);
	policy = policy_builtin(NULL, &c.arena);
	policy_bugs_wanted(policy, &c.facts, &c.change, &c.arena, &wanted);
	ck_assert(wanted.n_bugs == 0 && !policy_needs(policy).bugs);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(every_row_is_answered, rows),
	SUITE_TEST(the_title_can_only_deny),
	SUITE_ROWS(a_flag_is_named_by_the_branch, branched),
	SUITE_ROWS(what_would_let_slip_a_secret_or_oneself_is_refused, refused),
	SUITE_TEST(a_rule_for_a_branch_that_a_commit_without_a_bug_passes_is_remarked),
	SUITE_TEST(bugs_are_due_when_all_that_the_public_sees_is_met),
	SUITE_TEST(a_bug_that_is_missing_hidden_unapproved_or_unread_looks_the_same),
	SUITE_TEST(what_is_to_be_read_are_the_bugs_and_names_that_count),
	SUITE_TEST(what_no_commit_names_no_commit_speaks_for),
	SUITE_TEST(a_change_of_no_repository_is_no_attachments),
	SUITE_END,
};
SUITE_MAIN(tests)
