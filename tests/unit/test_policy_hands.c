/* Who had a hand in a change, and what lines of a text say, asked of the functions themselves. */
#include "policy/contributors.h"
#include "policy/methods.h"
#include "policy/regex.h"

#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

/* ---- contributors ---- */

static void alice_alone(struct example *c)
{
	(void)c;
}
static void bob_is_last_author(struct example *c)
{
	c->commits[1].author.id = BOB;
}
static void bob_is_first_committer(struct example *c)
{
	c->commits[0].committer.id = BOB;
}
static void carol_is_coauthor(struct example *c)
{
	bob_is_last_author(c);
	c->coauthor = (struct signer){CAROL, TEXT_LIT("carol-then"), TEXT_LIT("Carol"), TEXT_EMPTY};
	c->commits[0].coauthors = &c->coauthor;
	c->commits[0].n_coauthors = 1;
}
static void erin_pushed(struct example *c)
{
	carol_is_coauthor(c);
	c->pushers[0] = ERIN;
	c->pushers[1] = ERIN;
	c->change.n_pushers = 2;
}
static void bob_opened(struct example *c)
{
	c->change.author.id = BOB;
}
static void nobody_opened(struct example *c)
{
	c->change.author.id = 0;
}
static void nobody_committed(struct example *c)
{
	c->commits[1].committer.id = 0;
	c->commits[0].author.id = 0;
}
static void somebody_pushed_first(struct example *c)
{
	c->pushers[0] = 0;
	c->pushers[1] = BOB;
	c->change.n_pushers = 2;
}
static void somebody_pushed_last(struct example *c)
{
	c->pushers[1] = 0;
	c->change.n_pushers = 2;
}
static void hidden_pushers(struct example *c)
{
	c->change.pushers_hidden = true;
}
static void no_pushers(struct example *c)
{
	c->change.n_pushers = 0;
}
static void no_head(struct example *c)
{
	c->facts.head = case_oid(CASE_OLD);
}
static void no_commits(struct example *c)
{
	c->change.n_commits = 0;
}
static void by_button(struct example *c)
{
	c->commits[0].committer = (struct signer){900, TEXT_LIT("Web-Flow"), TEXT_EMPTY, TEXT_EMPTY};
}
static void by_button_of_the_first_account(struct example *c)
{
	by_button(c);
	c->change.author.id = c->commits[0].author.id = c->commits[1].author.id = c->commits[1].committer.id = BOB;
	c->pushers[0] = BOB;
	c->commits[0].committer.id = 1;
}
/* As many as there can be: each place names somebody else. */
static void a_crowd(struct example *c)
{
	static const struct signer helpers[] = {{21, {"h", 1}, {"H", 1}, {"", 0}}, {20, {"i", 1}, {"I", 1}, {"", 0}}};

	c->change.author.id = 30;
	c->pushers[0] = 10;
	c->pushers[1] = 29;
	c->change.n_pushers = 2;
	for (int i = 0; i < 2; i++) {
		c->commits[i].author.id = 28 - i;
		c->commits[i].committer.id = 26 - i;
		c->commits[i].coauthors = helpers;
		c->commits[i].n_coauthors = 2;
	}
}
static void nobody_at_all(struct example *c)
{
	c->change.author.id = 0;
	c->change.n_pushers = 0;
	c->change.n_commits = 0;
}
static void by_button_unsigned(struct example *c)
{
	by_button(c);
	c->commits[0].signature.valid = TRI_NO;
}
static void by_button_without_account(struct example *c)
{
	by_button(c);
	c->commits[0].committer.id = 0;
}

static const struct {
	void (*bend)(struct example *c);
	size_t n;
	int64_t ids[9];
	const char *unknown;
} hands[] = {
	{alice_alone, 1, {ALICE}, ""},
	{bob_is_last_author, 2, {ALICE, BOB}, ""},
	{bob_is_first_committer, 2, {ALICE, BOB}, ""},
	{carol_is_coauthor, 3, {ALICE, BOB, CAROL}, ""},
	{erin_pushed, 4, {ALICE, BOB, CAROL, ERIN}, ""},
	{bob_opened, 2, {ALICE, BOB}, ""},
	{nobody_opened, 1, {ALICE}, "an account for the author of the change"},
	{nobody_committed, 1, {ALICE}, "an account for everybody whom commit 9a77b03 names"},
	{somebody_pushed_first, 2, {ALICE, BOB}, "to know who pushed"},
	{somebody_pushed_last, 1, {ALICE}, "to know who pushed"},
	{hidden_pushers, 1, {ALICE}, "to know who pushed"},
	{no_pushers, 1, {ALICE}, "to know who pushed"},
	{no_head, 1, {ALICE}, "the list of commits"},
	{no_commits, 1, {ALICE}, "the list of commits"},
	{nobody_at_all, 0, {0}, "the list of commits"},
	{a_crowd, 9, {10, 20, 21, 25, 26, 27, 28, 29, 30}, ""},
	{by_button, 1, {ALICE}, ""},
	{by_button_of_the_first_account, 1, {BOB}, ""},
	{by_button_unsigned, 2, {ALICE, 900}, ""},
	{by_button_without_account, 1, {ALICE}, "an account for everybody whom commit 9a77b03 names"},
};

START_TEST(contributors_are_each_once_by_number)
{
	struct example c;
	struct judging on;
	struct contributors all;
	struct commit *bare; /* a sanitizer sees its ends */

	case_make(&c);
	hands[_i].bend(&c);
	bare = malloc(c.change.n_commits * sizeof *bare);
	for (size_t i = 0; i < c.change.n_commits; i++)
		bare[i] = c.change.commits[i];
	c.change.commits = bare;
	on = (struct judging){.facts = &c.facts, .change = &c.change, .arena = &c.arena};
	all = contributors_of(&on);
	ck_assert_msg(text_is(all.unknown, hands[_i].unknown), "%.*s", TEXT_ARG(all.unknown));
	ck_assert_uint_eq(all.n, hands[_i].n);
	ck_assert_int_eq(memcmp(all.ids, hands[_i].ids, all.n * sizeof *all.ids), 0);
	free(bare);
	case_drop(&c);
}
END_TEST

static const struct {
	int64_t id;
	size_t n_people; /* of those whose name is known now */
	const char *name;
} names[] = {
	{ALICE, CASE_PEOPLE, "alice"},   {ALICE, 0, "opener"},     {ERIN, 0, "e"},
	{FRANK, 0, "frank-then"},        {CAROL, 0, "carol-then"}, {DAVE, 0, "dave-then"},
	{77, CASE_PEOPLE, "account 77"},
};

START_TEST(somebody_has_the_name_that_is_known)
{
	static const struct signer coauthors[] = {{DAVE, {"dave-then", 9}, {"D", 1}, {"", 0}},
						  {CAROL, {"carol-then", 10}, {"C", 1}, {"", 0}}};
	struct example c;
	struct judging on;
	struct text name;

	case_make(&c);
	c.change.author.login = TEXT_LIT("opener");
	c.commits[0].author = (struct signer){ERIN, TEXT_LIT("e"), TEXT_EMPTY, TEXT_EMPTY};
	c.commits[1].committer = (struct signer){FRANK, TEXT_LIT("frank-then"), TEXT_EMPTY, TEXT_EMPTY};
	c.commits[1].coauthors = coauthors;
	c.commits[1].n_coauthors = 2;
	c.facts.n_people = names[_i].n_people;
	on = (struct judging){.facts = &c.facts, .change = &c.change, .arena = &c.arena};
	name = contributor_name(names[_i].id, &on);
	ck_assert_msg(text_is(name, names[_i].name), "%.*s", TEXT_ARG(name));
	case_drop(&c);
}
END_TEST

/* ---- lines ---- */

static const struct {
	const char *line, *body;
	enum tri says;
} lines[] = {
	{"y", "y", TRI_YES},
	{"y", " y", TRI_YES},
	{"y", "y\t", TRI_YES},
	{"y", "\t \ry\r \t", TRI_YES},
	{" y ", "y", TRI_YES},
	{"y", "n\ny", TRI_YES},
	{"y", "n\n\n  \ny\nn", TRI_YES},
	{"y", "> y", TRI_NO},
	{"y", " > y", TRI_NO},
	{">", ">", TRI_NO},
	{"y", ">\ny", TRI_YES},
	{"y", "", TRI_NO},
	{"y", "\n", TRI_NO},
	{"y", " ", TRI_NO},
	{" ", " " CASE_HEAD, TRI_NO},
	{"y", "\n \n\t", TRI_NO},
	{"y", "yy", TRI_NO},
	{"y", "y y", TRI_NO},
	{"y", "y " CASE_HEAD, TRI_YES},
	{"y", "y\t" CASE_HEAD, TRI_YES},
	{"y", "y" CASE_HEAD, TRI_NO},
	{"y", CASE_HEAD, TRI_NO},
	{"y", " \ny", TRI_YES},
	{"y", CASE_HEAD " y", TRI_NO},
	{"y", "y " CASE_OLD, TRI_NO},
	{"y", "y " CASE_HEAD " z", TRI_NO},
	{"ready to go", "ready to go " CASE_HEAD, TRI_YES},
};

START_TEST(a_line_says_yes_by_itself_or_with_the_name_of_the_commit)
{
	const struct text listed = text_of(lines[_i].line);
	const struct methods methods = {.comments = &listed, .n_comments = 1};
	struct oid head = case_oid(CASE_HEAD);
	size_t n = strlen(lines[_i].body);
	char *bare = malloc(n); /* a sanitizer sees its ends */

	if (n > 0)
		memcpy(bare, lines[_i].body, n);
	ck_assert_int_eq(methods_said(&methods, (struct text){bare, n}, &head), lines[_i].says);
	free(bare);
}
END_TEST

START_TEST(a_line_without_anything_says_nothing_whatever_a_pattern_finds_in_it)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	char why[100];
	const struct regex *any = regex_compile(TEXT_LIT("^x*$"), &arena, why, sizeof why);
	const struct methods methods = {.lines = {&any, 1}};
	struct oid head = case_oid(CASE_HEAD);

	ck_assert_int_eq(methods_said(&methods, TEXT_LIT("\n \n\t\ny"), &head), TRI_NO);
	ck_assert_int_eq(methods_said(&methods, TEXT_LIT("\n x \n"), &head), TRI_YES);
}
END_TEST

static const struct {
	const char *body;
	bool names;
} words[] = {
	{CASE_HEAD, true},
	{"x" CASE_HEAD "\n> " CASE_HEAD, false},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa. x" CASE_HEAD, false},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa. x" CASE_HEAD " and so on\n> " CASE_HEAD, false},
	{"(" CASE_HEAD ")", true},
	{"see\n " CASE_HEAD ".", true},
	{"_" CASE_HEAD "_", true},
	{"/" CASE_HEAD ":", true},
	{"`" CASE_HEAD "{", true},
	{"@" CASE_HEAD "[", true},
	{"0" CASE_HEAD, false},
	{"9" CASE_HEAD, false},
	{"a" CASE_HEAD, false},
	{"z" CASE_HEAD, false},
	{"A" CASE_HEAD, false},
	{"Z" CASE_HEAD, false},
	{CASE_HEAD "0", false},
	{CASE_HEAD "9", false},
	{CASE_HEAD "z", false},
	{CASE_HEAD "Z", false},
	{CASE_HEAD "a " CASE_HEAD, true},
	{CASE_HEAD "a" CASE_HEAD, false},
	{"x" CASE_HEAD " x" CASE_HEAD " " CASE_HEAD, true},
	{CASE_OLD, false},
	{"> " CASE_HEAD, false},
	{"9a77b03", false},
	{"", false},
};

START_TEST(a_text_names_a_commit_in_full_and_as_a_word)
{
	struct oid head = case_oid(CASE_HEAD), none = OID_NONE;
	size_t n = strlen(words[_i].body);
	char *bare = malloc(n);

	if (n > 0)
		memcpy(bare, words[_i].body, n);
	ck_assert(methods_names((struct text){bare, n}, &head) == words[_i].names);
	ck_assert(!methods_names((struct text){bare, n}, &none));
	free(bare);
}
END_TEST

/* ---- patterns ---- */

#define ENDLESS "^(s+)+$"
#define STUCK   "ssssssssssssssssssssssssssssssssssssssssssssssssssssssssx"

static const struct {
	const char *first, *second, *text;
	enum tri found;
} searches[] = {
	{"a", "b", "a", TRI_YES},           {"a", "b", "b", TRI_YES},       {"a", "b", "c", TRI_NO},
	{ENDLESS, "x", STUCK, TRI_YES},     {"x", ENDLESS, STUCK, TRI_YES}, {ENDLESS, "y", STUCK, TRI_UNKNOWN},
	{"y", ENDLESS, STUCK, TRI_UNKNOWN},
};

START_TEST(one_pattern_that_is_found_is_enough_and_one_that_cannot_be_told_is_no_answer)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	char why[160];
	const struct regex *both[] = {regex_compile(text_of(searches[_i].first), &arena, why, sizeof why),
				      regex_compile(text_of(searches[_i].second), &arena, why, sizeof why)};
	const struct methods methods = {.no_review = true, .reviews = {both, 2}};

	ck_assert_int_eq(methods_review(&methods, text_of(searches[_i].text)), searches[_i].found);
	ck_assert_int_eq(patterns_any(&methods.reviews, text_of(searches[_i].text)), searches[_i].found);
}
END_TEST

START_TEST(a_pattern_is_kept_as_it_was_written)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	char why[160];

	ck_assert(text_is(regex_pattern(regex_compile(TEXT_LIT("^a+$"), &arena, why, sizeof why)), "^a+$"));
	ck_assert_ptr_null(regex_compile(TEXT_EMPTY, &arena, why, sizeof why));
	ck_assert_str_eq(why, "a pattern has 1 to 1000 bytes");
}
END_TEST

/* ---- answers ---- */

static const struct {
	enum tri a, b, both;
} ands[] = {
	{TRI_YES, TRI_YES, TRI_YES},         {TRI_YES, TRI_NO, TRI_NO},     {TRI_YES, TRI_UNKNOWN, TRI_UNKNOWN},
	{TRI_NO, TRI_YES, TRI_NO},           {TRI_NO, TRI_NO, TRI_NO},      {TRI_NO, TRI_UNKNOWN, TRI_NO},
	{TRI_UNKNOWN, TRI_YES, TRI_UNKNOWN}, {TRI_UNKNOWN, TRI_NO, TRI_NO}, {TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN},
};

START_TEST(two_answers_are_one_in_three_values)
{
	struct answer a = {.holds = ands[_i].a}, b = {.holds = ands[_i].b}, stuck = answer_stuck(TEXT_LIT("s"));

	ck_assert_int_eq(answer_and(a, b).holds, ands[_i].both); /* whatever they say */
	a.why = TEXT_LIT("a");
	ck_assert_int_eq(answer_and(a, b).holds, ands[_i].both);
	b.why = TEXT_LIT("b");
	ck_assert_int_eq(answer_and(a, b).holds, ands[_i].both);
	ck_assert(text_is(answer_and(a, b).why, a.holds == ands[_i].both ? "a" : "b"));
	ck_assert(answer_and(a, stuck).stuck == (a.holds != TRI_NO) &&
		  answer_and(stuck, a).stuck == (a.holds != TRI_NO));
}
END_TEST

START_TEST(no_conditions_need_nothing_and_hold)
{
	struct example c;
	const struct conditions none = {0};
	struct judging on;

	case_make(&c);
	on = (struct judging){.facts = &c.facts, .change = &c.change, .arena = &c.arena};
	ck_assert_uint_eq(conditions_facts(&none), 0);
	ck_assert_int_eq(conditions_ask(&none, &on).holds, TRI_YES);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(contributors_are_each_once_by_number, hands),
	SUITE_ROWS(somebody_has_the_name_that_is_known, names),
	SUITE_ROWS(a_line_says_yes_by_itself_or_with_the_name_of_the_commit, lines),
	SUITE_TEST(a_line_without_anything_says_nothing_whatever_a_pattern_finds_in_it),
	SUITE_ROWS(a_text_names_a_commit_in_full_and_as_a_word, words),
	SUITE_ROWS(one_pattern_that_is_found_is_enough_and_one_that_cannot_be_told_is_no_answer, searches),
	SUITE_TEST(a_pattern_is_kept_as_it_was_written),
	SUITE_ROWS(two_answers_are_one_in_three_values, ands),
	SUITE_TEST(no_conditions_need_nothing_and_hold),
	SUITE_END,
};
SUITE_MAIN(tests)
