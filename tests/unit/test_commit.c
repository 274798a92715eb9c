/* A commit's encoding: what is judged are its bytes, and where people are shown others, its message permits nothing. */
#include "git/commit.h"

#include "tests/support/asking.h"
#include "tests/support/suite.h"

#define NAMES "author A <7+ann@users.noreply.github.com> 1 +0000\ncommitter C <c@d> 2 +0000\n"

static struct commit parsed(struct example *c, const char *headers, const char *message)
{
	struct oid name = case_oid(CASE_HEAD);
	struct text raw = arena_printf(&c->arena, "tree %s\n" NAMES "%s\n%s", case_oid(CASE_OLD).hex, headers, message);
	struct commit_bytes in = {&name, raw, TEXT_LIT("github.com")};
	struct err err = ERR_NONE;
	struct commit ret;

	ck_assert_msg(commit_parse(&in, &ret, &c->arena, &err), "%s", err.text);
	return ret;
}

static const struct {
	const char *headers, *message;
	bool recoded;
} commits[] = {
	{"", "Bug 123 - fix", false},
	{"", "Bug 123\n\nencoding UTF-7\n", false},
	{"encoding ISO-8859-1\n", "Bug 123 - d\xe9j\xe0 vu", false},
	{"encoding utf-8\n", "Bug 123 - fix", false},
	{"encoding ISO-8859-1\n", "Bug 123 a=b\xadob", true},
	{"encoding EUC-JP\n", "Bug 123\xa3\xb4\xa3\xb5\xa3\xb6\xa3\xb7", true},
	{"gpgsig a\n encoding UTF-7\n", "Bug 123 - fix", false},
	{"encoding UTF-7\n", "Bug 123+ADQ-567 - fix", true},
	{"encoding IBM037\n", "\xc2\xa4\x87@\xf1\xf2\xf3", true},
	{"gpgsig a\n b\nencoding UTF-7\n", "Bug 123+ADQ-567 - fix", true},
	{"encoding utf-8\nencoding UTF-16\n", "Bug 123 - fix", true},
	{"encoding UTF-7\nx y\n", "Bug 123\n\nencoding utf-8\n", true},
	{"encoding \n", "Bug 123 - fix", true},
};

START_TEST(an_encoding_that_shows_something_else_is_told)
{
	struct example c;
	struct commit commit;

	case_make(&c);
	commit = parsed(&c, commits[_i].headers, commits[_i].message);
	ck_assert_msg(commit.recoded == commits[_i].recoded, "%s", commits[_i].headers);
	ck_assert(text_is(commit.message, commits[_i].message));
	case_drop(&c);
}
END_TEST

START_TEST(a_header_without_a_message_is_read_to_its_end)
{
	struct example c;
	struct oid name = case_oid(CASE_HEAD);
	struct commit_bytes in = {.name = &name};
	struct err err = ERR_NONE;
	struct commit commit;

	case_make(&c);
	in.raw = arena_printf(&c.arena, "tree %s\n" NAMES "encoding UTF-7\n", case_oid(CASE_OLD).hex);
	ck_assert(commit_parse(&in, &commit, &c.arena, &err));
	ck_assert(commit.recoded && commit.message.len == 0);
	case_drop(&c);
}
END_TEST

#define READ .tracker = {"bmo", 3}, .state = BUG_READ, .secure = TRI_NO, .open = TRI_YES

static const char *const conditions[] = {
	"bugs: {tracker: bmo, min: 1}",
	"bugs: {tracker: bmo, every: {private: false}}",
	"commit_token: {key: a}",
	"message_word: {words: [LANDS]}",
};

START_TEST(no_commit_is_judged_by_bytes_that_are_shown_as_others)
{
	static const struct bug known = {.id = 123, READ};
	struct answer answer;
	struct example c;

	case_make(&c);
	c.facts.bugs = &known;
	c.facts.n_bugs = 1;
	c.change.n_commits = 1;
	c.change.title = TEXT_LIT("A change");
	c.commits[0] = parsed(&c, "encoding latin1\n", "Bug 123 - LANDS a=erin");
	ck_assert_int_eq(ask(&c, conditions[_i]).holds, TRI_YES);
	c.commits[0] = parsed(&c, "encoding UTF-7\n", "Bug 123 - LANDS a=erin");
	answer = ask(&c, conditions[_i]);
	ck_assert(answer.holds == TRI_UNKNOWN && answer.stuck);
	ck_assert(text_find(answer.why, TEXT_LIT("holds text whose encoding may show something else")) != SIZE_MAX);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(an_encoding_that_shows_something_else_is_told, commits),
	SUITE_TEST(a_header_without_a_message_is_read_to_its_end),
	SUITE_ROWS(no_commit_is_judged_by_bytes_that_are_shown_as_others, conditions),
	SUITE_END,
};
SUITE_MAIN(tests)
