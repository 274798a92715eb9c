/* Bugs of which some attachments are known and not all, as a table has them: what is granted there is, and no more. */
#include "policy/bugs.h"

#include "tests/support/asking.h"
#include "tests/support/suite.h"

static const struct bug_flag granted[] = {{.name = {"sec-approval", 12}, .status = BUG_FLAG_GRANTED}},
			     asked_for[] = {{.name = {"sec-approval", 12}, .status = BUG_FLAG_ASKED}};
static const struct bug_attachment with_plus[] = {{.flags = granted, .n_flags = 1}},
				   with_ask[] = {{.id = 1, .flags = asked_for, .n_flags = 1}},
				   of_this[] = {{.id = 1,
						 .revision = {"acme/engine#412", 15},
						 .flags = granted,
						 .n_flags = 1}};

#define PARTLY                                                                                                         \
	.tracker = {"bmo", 3}, .state = BUG_READ, .secure = TRI_YES, .unread = BUG_KEYWORDS | BUG_ATTACHMENTS,         \
	.n_attachments = 1
static const struct bug bugs[] = {
	{.id = 1, PARTLY, .attachments = with_plus},
	{.id = 2, PARTLY, .attachments = with_ask},
	{.id = 3, PARTLY, .attachments = of_this},
};

#define EVERY(of) "bugs: {tracker: bmo, every: {" of "}}"

static const struct {
	const char *message, *block;
	enum tri answer;
} rows[] = {
	{"Bug 1", EVERY("any_of: [{private: false}, {attachment_flag: {name: sec-approval, status: '+'}}]"), TRI_YES},
	{"Bug 1", EVERY("attachment_flag: {name: sec-approval, status: '+'}"), TRI_YES},
	{"Bug 2", EVERY("attachment_flag: {name: sec-approval, status: '+'}"), TRI_UNKNOWN},
	{"Bug 1", EVERY("attachment_flag: {name: other, status: '+'}"), TRI_UNKNOWN},
	{"Bug 1", EVERY("attachment_flag: {name: sec-approval, status: '-'}"), TRI_UNKNOWN},
	{"Bug 1", EVERY("not: {attachment_flag: {name: sec-approval, status: '-'}}"), TRI_UNKNOWN},
	{"Bug 2", EVERY("attachment_flag: {name: sec-approval, status: '?'}"), TRI_UNKNOWN},
	{"Bug 1", EVERY("attachment_flag: {name: sec-approval, status: '+', by: {groups: [sec]}}"), TRI_UNKNOWN},
	{"Bug 1", EVERY("attachment_flag: {name: sec-approval, status: '+', patch: this}"), TRI_UNKNOWN},
	{"Bug 3", EVERY("attachment_flag: {name: sec-approval, status: '+', patch: this}"), TRI_YES},
	{"Bug 1", EVERY("keywords: {none_of: [sec-high]}"), TRI_UNKNOWN},
	{"Bug 1", EVERY("private: false"), TRI_NO},
};

START_TEST(of_attachments_that_are_known_in_part_a_granted_flag_is_there_and_nothing_is_missing)
{
	struct example c;

	case_make(&c);
	c.commits[0].message = text_of(rows[_i].message);
	c.change.n_commits = 1;
	c.change.title = TEXT_LIT("A change");
	c.facts.bugs = bugs;
	c.facts.n_bugs = sizeof bugs / sizeof bugs[0];
	ck_assert_int_eq(ask(&c, rows[_i].block).holds, rows[_i].answer);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(of_attachments_that_are_known_in_part_a_granted_flag_is_there_and_nothing_is_missing, rows),
	SUITE_END,
};
SUITE_MAIN(tests)
