/* The commit-message grammar by example. That it is the published one is test_message_equal's business. */
#include "policy/message.h"

#include <stdio.h>

#include "tests/support/message_reference.h"
#include "tests/support/suite.h"

static void reads_as(enum message_dialect dialect, struct text message, const char *shown)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message m;

	message_read(message, dialect, &arena, &m);
	ck_assert_str_eq(message_shown(&m, &arena).at, shown);
}

/* ---- names: the same in all dialects but for groups ---- */

static const struct {
	const char *message, *tokens;
} names[] = {
	{"Fix. r=alice", "r=alice"},
	{"Fix. r=alice,bob a=carol", "r=alice; r=bob; a=carol"},
	{"Fix r?alice", "r?alice"},
	{"r=alice", ""},
	{"x:r=alice", ""},
	{"Fix (r=alice)", "r=alice"},
	{"Fix [a=x] ,sr=y;rs=z", "a=x; sr=y; rs=z"},
	{"Fix ui-r=z", "ui-r=z"},
	{"Fix i-r=z", ""},
	{"Fix -r=z", ""},
	{"Fix\tr=z\tr=y", "r=z; r=y"},
	{"Fix R=alice", ""},
	{"Fix a1.9=bz", ""},
	{"Fix a=.", ""},
	{"Fix r=a.", "r=a"},
	{"Fix r=a.,b", "r=a"},
	{"Fix r=a.b", "r=a.b"},
	{"Fix r=a.r=b", "r=a.r"},
	{"Fix r=A.r=b", "r=A.r"},
	{"Fix r=.a", "r=.a"},
	{"Fix r=a/b\\c;d", "r=a; r=b; r=c; r=d"},
	{"Fix r=a,  b", "r=a; r=b"},
	{"Fix r=a , b", "r=a"},
	{"Fix r=a,,b", "r=a"},
	{"Fix r=a,b,a", "r=a; r=b; r=a"},
	{"Fix r=a, a=b", "r=a; a=b"},
	{"Fix r=a,sr=b", "r=a; sr=b"},
	{"Fix r=a,bug=3", "r=a"},
	{"Fix r=a,Bug=3", "r=a; r=Bug"},
	{"Fix r=", ""},
	{"Fix r= a=b", "a=b"},
	{"Fix r=?r=b", ""},
	{"Fix\nr=alice a=bob", ""},
	{"Fix\r\n a=bob", ""},
	{"\n a=bob", ""},
	{"Fix aa=bob", ""},
	{"Fix a==bob", ""},
	{"Fix a=\xc3\xa9", ""},
	{"Fix a=bob\xc3\xa9", "a=bob"},
	{"Fix\xc2\xa0"
	 "a=bob",
	 ""},
	{"Fix \xef\xbd\x81=bob", ""},
	{"", ""},
};

START_TEST(tokens_are_read_from_the_first_line)
{
	struct text message = text_of(names[_i].message);

	reads_as(MESSAGE_VCT, message, names[_i].tokens);
	reads_as(MESSAGE_LANDO, message, names[_i].tokens);
	reads_as(MESSAGE_STRICT, message, names[_i].tokens);
}
END_TEST

static const struct {
	const char *message, *vct, *lando;
} groups[] = {
	{"Fix r=#dom", "", "r=#dom"},
	{"Fix r=bob!", "r=bob", "r=bob!"},
	{"Fix r=bob!,#dom!, eve", "r=bob", "r=bob!; r=#dom!; r=eve"},
	{"Fix r=bob,#dom", "r=bob", "r=bob; r=#dom"},
	{"Fix r=#,bob", "", ""},
	{"Fix r=##dom", "", ""},
	{"Fix r=bob.!", "r=bob", "r=bob"},
	{"Fix r=bob!!", "r=bob", "r=bob!"},
	{"Fix r=!bob", "", ""},
	{"Fix r=bob,#a=eve", "r=bob", "r=bob; r=#a"},
	{"Fix r=bob,a=#eve", "r=bob", "r=bob; a=#eve"},
};

START_TEST(only_lando_knows_groups_and_blocking_reviewers)
{
	struct text message = text_of(groups[_i].message);

	reads_as(MESSAGE_VCT, message, groups[_i].vct);
	reads_as(MESSAGE_STRICT, message, groups[_i].vct);
	reads_as(MESSAGE_LANDO, message, groups[_i].lando);
}
END_TEST

/* ---- bugs ---- */

#define BOTH(n) "bugs " n "; conservative " n

static const struct {
	const char *message, *shown;
} bugs[] = {
	{"Bug 12", BOTH("12")},
	{"bug12", "bugs 12"},
	{"BUG\n\t 12", BOTH("12")},
	{"Bug #5", "bugs 5"},
	{"Bug - 5", ""},
	{"Bug :5", ""},
	{"bug:: 5", ""},
	{"bugss 5", ""},
	{"b=: 5", ""},
	{"b=s5", ""},
	{"b=12", BOTH("12")},
	{"B=12", BOTH("12")},
	{"b= 12", "bugs 12"},
	{"b=#12", "bugs 12"},
	{"debug 12", "bugs 12"},
	{"debug-4.3, debug: 5, debugs 6, 1bug-7", ""},
	{"Fix bugs:\n1. crash", ""},
	{"login bug:\n\n1. crash\nbugs\n2. it", ""},
	{"bugs. 3 tests, bug. 4", ""},
	{"ab=12", "bugs 12"},
	{"_bug 12", "bugs 12"},
	{"-bug 12", BOTH("12")},
	{"bugbug 12", "bugs 12"},
	{"b=bug 12", BOTH("12")},
	{"Bug 012", BOTH("12")},
	{"bug 0", BOTH("0")},
	{"bug 12; 34", BOTH("12")},
	{"bug 12 andromeda", BOTH("12")},
	{"bug 12 34", BOTH("12")},
	{"bug 12 -34", BOTH("12")},
	{"Bug 12 3456", BOTH("12")},
	{"Bug 1234 567", BOTH("1234")},
	{"bug 7 and bug 3, bug 7", BOTH("7,3")},
	{"fix 1234", ""},
	{"fix 12345", "bugs 12345"},
	{"fix #12345", "bugs 12345"},
	{"fix x#12345", "bugs 12345"},
	{"fix x12345", ""},
	{"fix v1.23456", "bugs 23456"},
	{"fix 12345,67890", "bugs 12345,67890"},
	{"fix 123456abcdef", ""},
	{"1234 foo", "bugs 1234"},
	{"12", "bugs 12"},
	{" 12", ""},
	{"#12", ""},
	{"1a 5", ""},
	{"bug 99999999", BOTH("99999999")},
	{"bug 100000000", ""},
	{"bug 18446744073709551617", ""},
	{"bug 000000000000000000000000000000005", BOTH("5")},
	{"fix 20260101", "bugs 20260101"},
	{"bu", ""},
	{"bug", ""},
	{"bug ", ""},
	{"b=", ""},
	{"b", ""},
};

START_TEST(bugs_are_found_wherever_they_are_named)
{
	struct text message = text_of(bugs[_i].message);

	reads_as(MESSAGE_VCT, message, bugs[_i].shown);
	reads_as(MESSAGE_STRICT, message, bugs[_i].shown);
}
END_TEST

/* What people read as the numbers of bugs: strictly, all that it could be. */
static const struct {
	const char *message, *vct, *strict;
} forms[] = {
	{"Bug # 5", "", "bugs 5"},
	{"Bug: 5", "", "bugs 5"},
	{"Bugs 5", "", "bugs 5"},
	{"BUGS: #5", "", "bugs 5"},
	{"Bug.5", "", "bugs 5"},
	{"Bugs.#5", "", "bugs 5"},
	{"Bug-5", "", "bugs 5"},
	{"bug 12a", "", "bugs 12"},
	{"bug 12_", "", "bugs 12"},
	{"_Bug 1234567_", "", "bugs 1234567"},
	{"b=12x b=345", BOTH("345"), "bugs 12,345; conservative 345"},
	{"bug 1, 2, 3", BOTH("1"), "bugs 1,2,3; conservative 1"},
	{"Bug 12, 34 - x, 5", BOTH("12"), "bugs 12,34; conservative 12"},
	{"Bugs 12 and 34", "", "bugs 12,34"},
	{"bugs 12, 34 & 56", "", "bugs 12,34,56"},
	{"bug 12/34+56, and\n#78 9", BOTH("12"), "bugs 12,34,56,78; conservative 12"},
	{"bug 12, 34a, 56", BOTH("12"), "bugs 12,34; conservative 12"},
	{"bug 12 and bug 34, 5", BOTH("12,34"), "bugs 12,34,5; conservative 12,34"},
	{"Bug 1,234,567", BOTH("1"), "bugs 1,1234567,234,567; conservative 1"},
	{"Bug 1 234 567, 89", BOTH("1"), "bugs 1,1234567,89; conservative 1"},
	{"Bug 12.345", BOTH("12"), "bugs 12,12345; conservative 12"},
	{"bugs 5 and 1'234'567", "", "bugs 5,1,1234567"},
	{"Bug 12, 999 999 999", BOTH("12"), "bugs 12,999; conservative 12"},
};

START_TEST(strictly_bugs_are_read_as_people_write_them)
{
	reads_as(MESSAGE_VCT, text_of(forms[_i].message), forms[_i].vct);
	reads_as(MESSAGE_STRICT, text_of(forms[_i].message), forms[_i].strict);
}
END_TEST

#define FROM_GITHUB "Source-Repo: https://github.com/o/r"

/* Who writes a message may not choose how its bugs are looked for where they can only deny. */
static const struct {
	const char *message, *vct, *strict;
} origins[] = {
	{"bug 1 bug2\n" FROM_GITHUB, "bugs 1; conservative 1", "bugs 1,2; conservative 1"},
	{FROM_GITHUB "\nbug2", "", "bugs 2"},
	{"bug2\n\n" FROM_GITHUB "\r\n", "", "bugs 2"},
	{"bug2\r" FROM_GITHUB, "bugs 2; a control byte", "bugs 2; a control byte"},
	{"bug2\n " FROM_GITHUB, "bugs 2", "bugs 2"},
	{"bug2\nSource-Repo: https://github.com.example/", "bugs 2", "bugs 2"},
	{"bug2\nSource-Repo: http://github.com/", "bugs 2", "bugs 2"},
	{"bug2\nSource-Repo: https://git.example/\n" FROM_GITHUB, "bugs 2", "bugs 2"},
	{"bug2\nSource-Repo: git://\n" FROM_GITHUB, "", "bugs 2"},
	{"bug2\nsource-repo: https://github.com/", "bugs 2", "bugs 2"},
	{"Bumping gaia.json bug2 bug 3", "bugs 3; conservative 3", "bugs 2,3; conservative 3"},
	{"bumping gaia.json bug2", "bugs 2", "bugs 2"},
};

START_TEST(strictly_no_message_chooses_how_its_bugs_are_found)
{
	reads_as(MESSAGE_VCT, text_of(origins[_i].message), origins[_i].vct);
	reads_as(MESSAGE_STRICT, text_of(origins[_i].message), origins[_i].strict);
}
END_TEST

START_TEST(lando_finds_bugs_conservatively)
{
	reads_as(MESSAGE_LANDO, TEXT_LIT("bug 1 bug2 b=3 b= 4 56789 bug #6"), BOTH("1,3"));
	reads_as(MESSAGE_LANDO, TEXT_LIT("12 bug 1"), BOTH("1"));
}
END_TEST

START_TEST(many_bugs_keep_their_order_and_come_once)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text message = TEXT_EMPTY;
	struct message m;
	int64_t n = 0;

	for (int i = 0; i < 3; i++)
		for (int bug = 40; bug > 0; bug--)
			message = arena_printf(&arena, "%.*s bug %d", TEXT_ARG(message), bug * 2499999);
	message_read(message, MESSAGE_VCT, &arena, &m);
	ck_assert_uint_eq(m.bugs.n, 40);
	for (int bug = 40; bug > 0; bug--)
		ck_assert_int_eq(m.bugs.at[n++], bug * 2499999);
}
END_TEST

/* ---- backouts, reverts ---- */

#define A "aaaaaaaaaaa1"
#define B "bbbbbbbbbbb2"
#define C "ccccccccccc3"

static const struct {
	const char *message, *shown;
} backouts[] = {
	{"Backed out changeset " A, "backout; undoes " A "; strictly " A},
	{"backed OUT CSET " A, "backout; undoes " A "; strictly " A},
	{"backout " A " now", "backout; undoes " A "; strictly " A},
	{"Back out of " A, "backout; undoes " A "; strictly " A},
	{"Backed out  revision\t" A ",", "backout; undoes " A "; strictly " A},
	{"Backed out changeset AAAAAAAAAAA1", "backout; undoes AAAAAAAAAAA1; strictly AAAAAAAAAAA1"},
	{"Backed out changeset " A " (bug 5)\nbug 6",
	 "bugs 5,6; conservative 5,6; backout; undoes " A "; of 5; strictly " A "; of 5"},
	{"Backed out changeset " A "b", "backout"},
	{"Backed out changeset:" A, "backout"},
	{"Backed out changeset" A, "backout"},
	{"Backed out", "backout"},
	{"Backed out: the engine", "backout"},
	{"Backed  out " A, ""},
	{" Backed out " A, ""},
	{"Backouts " A, ""},
	{"Backout_ " A, ""},
	{"Fix\nBacked out " A, ""},
	{"Backed out " A " " B, "backout; undoes " A "; strictly " A},
	{"Backed out changesets " A ", " B " and " C, "backout; undoes " A " " B " " C "; strictly " A " " B " " C},
	{"Backed out changes " A "," B "x", "backout; undoes " A "; strictly " A},
	{"Backed out csets and" A, "backout; undoes " A "; strictly " A},
	{"Backed out, " A, "backout"},
	{"Backed out ," A, "backout; undoes " A "; strictly " A},
	{"Backed out and " A, "backout; undoes " A "; strictly " A},
	{"Backed out changesetsand" A, "backout"},
	{"Backed out changesets", "backout"},
	{"Backed out changesets  \t ", "backout"},
	{"Backed out 2 changesets\nBacked out " A "\nBack out cset " B,
	 "backout; undoes " A " " B "; strictly " A " " B},
	{"Backed out 2 changesets (bug 5)\r\nBacked out " A " (bug 6)\r\nBacked out " B,
	 "bugs 5,6; conservative 5,6; backout; undoes " A " " B "; of 5,6; strictly " A " " B "; of 5,6"},
	{"Backed out 2 changesets\nBacked out " A, "backout; undoes " A},
	{"Backed out 1 changesets\nBacked out " A "\nbackout " B, "backout; undoes " A " " B},
	{"Backed out 01 of\nno\nBacked out " A, "backout; undoes " A "; strictly " A},
	{"Backed out 0 changesets", "backout; undoes; strictly"},
	{"Backed out 3 changesets", "backout; undoes"},
	{"Backed out 36893488147419103233 changesets\nBacked out " A, "backout; undoes " A},
	{"Backed out 2 changeset", "backout"},
	{"Backed out 2 changesetsx", "backout"},
	{"Backed out 2changesets", "backout"},
	{"Backed out 123456789012 changesets", "backout; undoes 123456789012; strictly 123456789012"},
};

START_TEST(backouts_name_what_they_back_out)
{
	struct text message = text_of(backouts[_i].message);

	reads_as(MESSAGE_VCT, message, backouts[_i].shown);
	reads_as(MESSAGE_STRICT, message, backouts[_i].shown);
	if (text_find(message, TEXT_LIT("(bug")) == SIZE_MAX)
		reads_as(MESSAGE_LANDO, message, backouts[_i].shown);
}
END_TEST

static const char *const reverting[] = {"Revert ", "reverted ", "REVERTING ", "Revert to ", "Reverted to changeset "};

START_TEST(only_lando_takes_revert_for_a_backout)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text message = arena_printf(&arena, "%s" A, reverting[_i]);
	const char *git = text_starts(message, TEXT_LIT("Revert ")) ? "reverts" : "";

	reads_as(MESSAGE_VCT, message, git);
	reads_as(MESSAGE_STRICT, message, git);
	reads_as(MESSAGE_LANDO, message,
		 arena_printf(&arena, "backout; undoes " A "; strictly " A "%s%s", git[0] ? "; " : "", git).at);
}
END_TEST

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static const struct {
	const char *message, *shown;
} reverts[] = {
	{"Revert \"Bug 12 - it\"", BOTH("12") "; reverts; of 12"},
	{"Revert \"12 it\"", "reverts; of 12"},
	{"Revert 12", "reverts; of 12"},
	{"Revert \"bug12\"\n\nThis reverts commit " COMMIT ".", "bugs 12; reverts " COMMIT "; of 12"},
	{"Revert \"x\"\nThis reverts commit " COMMIT "0", "reverts"},
	{"Revert \"x\"\n This reverts commit " COMMIT, "reverts"},
	{"Revert \"x\"\nthis reverts commit " COMMIT, "reverts"},
	{"Revert \"x\"\nThis reverts commit 0123456789ABCDEF0123456789abcdef01234567", "reverts"},
	{"Revert \"x\"\nThis reverts commit 012345678901", "reverts"},
	{"Revert \"x\"\nThis reverts commit " COMMIT "\nRevert \"bug 3\"\r\nThis reverts commit " COMMIT,
	 BOTH("3") "; reverts " COMMIT " " COMMIT "; of 3"},
	{"Revert \"bug 3\"\nRevert \"bug 2\"\nRevert \"bug 3\"", BOTH("3,2") "; reverts; of 3,2"},
	{"Revert ", "reverts"},
	{"Revert", ""},
	{"revert \"x\"", ""},
	{"Reverts x\nThis reverts commit " COMMIT, ""},
	{"Fix\nThis reverts commit " COMMIT, ""},
};

START_TEST(reverts_name_commits_and_bugs)
{
	reads_as(MESSAGE_VCT, text_of(reverts[_i].message), reverts[_i].shown);
	reads_as(MESSAGE_STRICT, text_of(reverts[_i].message), reverts[_i].shown);
}
END_TEST

/* ---- override words ---- */

static const struct {
	const char *message, *vct, *strict;
} words[] = {
	{"Fix CLOSED TREE", "closed tree", "closed tree"},
	{"CLOSED TREE", "closed tree", "closed tree"},
	{"Fix (CLOSED TREE)", "closed tree", "closed tree"},
	{"Fix. CLOSED TREE; more", "closed tree", "closed tree"},
	{"Fix xCLOSED TREE", "closed tree", ""},
	{"Fix CLOSED TREES", "closed tree", ""},
	{"Fix CLOSED TREE\xc3\xa9", "closed tree", ""},
	{"Fix NOTCLOSED TREE, CLOSED TREE", "closed tree", "closed tree"},
	{"Fix\n\nCLOSED TREE", "closed tree", ""},
	{"Fix CLOSED  TREE", "", ""},
	{"Fix CLOSED\nTREE", "", ""},
	{"Fix closed tree", "", ""},
	{"Fix CLOSEDBUG", "closedbug", "closedbug"},
	{"Fix CLOSEDBUGS", "closedbug", ""},
	{"Fix\nCLOSEDBUG", "closedbug", ""},
	{"CLOSEDBUG,CLOSED TREE", "closed tree; closedbug", "closed tree; closedbug"},
	{"CLOSEDBU", "", ""},
};

START_TEST(override_words_are_words_of_the_first_line)
{
	reads_as(MESSAGE_VCT, text_of(words[_i].message), words[_i].vct);
	reads_as(MESSAGE_LANDO, text_of(words[_i].message), words[_i].vct);
	reads_as(MESSAGE_STRICT, text_of(words[_i].message), words[_i].strict);
}
END_TEST

/* ---- size ---- */

#define SEVENTEEN "b=1 b=2 b=3 b=4 b=5 b=6 b=7 b=8 b=9 b=10 b=11 b=12 b=13 b=14 b=15 b=16 b=17"
enum { MANY_MAX = 32 << 20 }; /* bytes of arena, for one megabyte */

static const char *const units[] = {
	" a=",
	" a=.",
	" r=x,",
	"r=x.,",
	" ",
	",a",
	"/a-",
	" a=b;c",
	"a.a,",
	"bug",
	"bug\t ",
	"b=",
	"1",
	"12345 ",
	"bug 1\n",
	"and",
	" and, ",
	" " A,
	"\n",
	"\nRevert",
	"\nRevert 12345678",
	"\nRevert " SEVENTEEN,
	"\rRevert 1",
	"\nBacked out ",
	"CLOSED ",
	"\nSource-Repo: h",
	"=",
	"\x01",
	"\xe2\x80",
	"1\xcc\x81",
	"1\xff\xff\xff",
	"bug\xc2\xa0",
	"bug \xc2\xa0# ",
	"\xcc\x81",
	"bug 1, ",
	"1, and ",
	"1 234 ",
	"bug 1 \xd7\x90 ",
	"\xd7\x90"
	"1 ",
	"12345\xd7\x90 ",
	"b=\xc3\xa9\xe3\x81\xae",
	"bug 1\xe3\x81\xae",
	"\xe3\x81\xae",
	"bug 1o",
};
static const char *const openings[] = {
	" a=x,",   "bug 1,", "bug \xd7\x90", "bug 1\xc2\xa0", "Backed out changesets", "Backed out 9 changesets",
	"Revert x"};

START_TEST(a_megabyte_is_read_in_one_pass)
{
	size_t unit = strlen(units[_i]), len = 1000000;
	char *line = malloc(len);

	ck_assert_ptr_nonnull(line);
	for (size_t k = 0; k < sizeof openings / sizeof openings[0]; k++) {
		for (size_t i = 0; i < len; i++)
			line[i] = units[_i][i % unit];
		memcpy(line, openings[k], strlen(openings[k]));
		for (enum message_dialect dialect = MESSAGE_STRICT; dialect <= MESSAGE_LANDO; dialect++) {
			auto_arena struct arena arena = ARENA_EMPTY;
			struct message m;

			message_read((struct text){line, len}, dialect, &arena, &m);
			ck_assert_uint_le(m.first_line.len, len);
			ck_assert_uint_le(arena.used, MANY_MAX);
		}
	}
	free(line);
}
END_TEST

/* So many that finding repetitions in a list would be slow: what finds them is not kept. */
START_TEST(a_thousand_messages_of_many_bugs_fit_in_one_arena)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text messages[] = {TEXT_LIT("Fix " SEVENTEEN), TEXT_LIT("Revert " SEVENTEEN),
				  TEXT_LIT("Backed out " A " " SEVENTEEN)};

	for (size_t i = 0; i < 1000; i++) {
		struct message m;

		message_parse(messages[i % 3], &arena, &m);
		ck_assert_uint_eq(m.bugs.n, 17);
		ck_assert_uint_eq(m.reverts.bugs.n, i % 3 == 1 ? 17 : 0);
		ck_assert_uint_eq(m.backouts.bugs.n, i % 3 == 2 ? 17 : 0);
	}
	ck_assert_uint_lt(arena.used, 1000 * 1000);
}
END_TEST

/* What is kept of a name is twenty times its two bytes, and every bug asks all names of its commits. */
START_TEST(strictly_no_message_carries_names_without_end)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	char line[2 * (MESSAGE_NAMES_MAX + 1) + 6] = "Fix a=";
	struct text bytes = {line, sizeof line};
	struct message m;

	for (size_t i = 6; i < sizeof line; i++)
		line[i] = i % 2 ? ',' : 'x';
	line[sizeof line - 1] = '\n';
	message_read(bytes, MESSAGE_VCT, &arena, &m);
	ck_assert_uint_eq(m.n_tokens, MESSAGE_NAMES_MAX + 1);
	ck_assert(!m.names_cut);
	message_parse(bytes, &arena, &m);
	ck_assert_uint_eq(m.n_tokens, MESSAGE_NAMES_MAX);
	ck_assert(m.names_cut);
	line[sizeof line - 3] = '\n';
	message_parse(bytes, &arena, &m);
	ck_assert_uint_eq(m.n_tokens, MESSAGE_NAMES_MAX);
	ck_assert(!m.names_cut);
}
END_TEST

/* 100,000 numbers that are all different: no choice of them makes finding repetitions slow. */
START_TEST(numbers_without_end_are_told_apart_in_one_pass)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	char *bytes = malloc(1000000);
	size_t used = 0;
	struct message m;

	ck_assert_ptr_nonnull(bytes);
	for (uint32_t i = 0; i < 100000; i++)
		used += (size_t)snprintf(bytes + used, 1000000 - used, " %08u", 1 + i * 999);
	message_read((struct text){bytes, used}, MESSAGE_VCT, &arena, &m);
	ck_assert_uint_eq(m.bugs.n, 100000);
	ck_assert_int_eq(m.bugs.at[99999], 1 + 99999 * 999);
	ck_assert_uint_lt(arena.used, 32u << 20);
	free(bytes);
}
END_TEST

START_TEST(dialects_have_names)
{
	enum message_dialect dialect = MESSAGE_STRICT;

	ck_assert(message_dialect_parse(TEXT_LIT("vct"), &dialect) && dialect == MESSAGE_VCT);
	ck_assert(message_dialect_parse(TEXT_LIT("lando"), &dialect) && dialect == MESSAGE_LANDO);
	ck_assert(message_dialect_parse(TEXT_LIT("strict"), &dialect) && dialect == MESSAGE_STRICT);
	ck_assert(!message_dialect_parse(TEXT_LIT("VCT"), &dialect) && dialect == MESSAGE_STRICT);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(tokens_are_read_from_the_first_line, names),
	SUITE_ROWS(only_lando_knows_groups_and_blocking_reviewers, groups),
	SUITE_ROWS(bugs_are_found_wherever_they_are_named, bugs),
	SUITE_ROWS(strictly_bugs_are_read_as_people_write_them, forms),
	SUITE_ROWS(strictly_no_message_chooses_how_its_bugs_are_found, origins),
	SUITE_TEST(lando_finds_bugs_conservatively),
	SUITE_TEST(many_bugs_keep_their_order_and_come_once),
	SUITE_ROWS(backouts_name_what_they_back_out, backouts),
	SUITE_ROWS(only_lando_takes_revert_for_a_backout, reverting),
	SUITE_ROWS(reverts_name_commits_and_bugs, reverts),
	SUITE_ROWS(override_words_are_words_of_the_first_line, words),
	SUITE_ROWS(a_megabyte_is_read_in_one_pass, units),
	SUITE_TEST(strictly_no_message_carries_names_without_end),
	SUITE_TEST(a_thousand_messages_of_many_bugs_fit_in_one_arena),
	SUITE_TEST(numbers_without_end_are_told_apart_in_one_pass),
	SUITE_TEST(dialects_have_names),
	SUITE_END,
};
SUITE_MAIN(tests)
