/* What people tell gates in comments: only whole lines that are spelt as a gate takes them. */
#include "policy/orders.h"

#include "policy/arena.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

/* Each order as "+" (certain) or "?", its kind, whom and the commit. */
static const struct {
	const char *body, *orders;
} bodies[] = {
	{"bors r+", "+land "},
	{"bors merge", "+land "},
	{"Bors R+\r\n", "+land "},
	{"bors: r+", "+land "},
	{"  bors   r+  ", "+land "},
	{"bors r=alice", "+land "},
	{"bors r=", ""},
	{"bors r+ p=1", ""},
	{"please bors r+", ""},
	{"borsr+", ""},
	{"bors", ""},
	{"> bors r+", ""},
	{"bors r-", "+unland "},
	{"bors cancel", "+unland "},
	{"bors merge-", "+unland "},
	{"bors d+", "+delegate "},
	{"bors delegate+", "+delegate "},
	{"bors d=erin", "+delegate erin "},
	{"bors delegate=@erin", "+delegate erin "},
	{"bors d= erin, @bob", "+delegate erin +delegate bob "},
	{"bors d=erin please", ""},
	{"bors d=erin , bob,carol", "+delegate erin +delegate bob +delegate carol "},
	{"bors d=erin,,bob", ""},
	{"bors d=erin!", ""},
	{"bors d=erin, o'brien", ""},
	{"bors d=", ""},
	{"bors d=,", ""},
	{"bors d-", "+undelegate "},
	{"@bors r+", "+land "},
	{"@bors r+ 4f2c9e1", "+land 4f2c9e1 "},
	{"@bors r+ 4f2c9e", ""},
	{"@bors r+ rollup", ""},
	{"@bors r+4f2c9e1", ""},
	{"@bors r=alice", "+land "},
	{"@bors r-", "+unland "},
	{"@bors delegate", "+delegate "},
	{"@bors delegate+", "+delegate "},
	{"@bors delegate=review", "+delegate "},
	{"@bors delegate=try", ""},
	{"@bors delegate=tryst", "+delegate tryst "},
	{"@bors delegate=erin", "+delegate erin "},
	{"@bors delegate-", "+undelegate "},
	{"@bors d+", ""},
	{"@rust-bors r+", ""},
	{"First.\nbors r+\nbors d=erin\n", "+land +delegate erin "},
	{"\tbors\tr+\t", "+land "},
	{"@bors delegate=E-R_9z", "+delegate E-R_9z "},
	{"@bors delegate=Z0", "+delegate Z0 "},
	{"@bors delegate=er/in", ""},
	{"@bors delegate=er:in", ""},
	{"@bors delegate=er`in", ""},
	{"@bors delegate=er{in", ""},
	{"@bors delegate=er[in", ""},
	{"@bors "
	 "delegate="
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	 ""},
	{"@bors delegate="
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	 "+delegate "
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "},
	{"bors d=Ada", "+delegate Ada "},
	{"bors d=x", "+delegate x "},
	{"bors d=erin,b", "+delegate erin +delegate b "},
	{"bors d=erin,!", ""}, /* all of a line is obeyed, or nothing */
	{"bors d=erin,", "+delegate erin "},
	{"bors:", ""},
	{"bors r+\n \t\nbors d+", "+land +delegate "},
	{" \nbors r+", "+land "},
	{"@bors r+ 4f2c9e1\r\n", "+land 4f2c9e1 "},
	{"@bors r+ 4f2c9e1 \t", "+land 4f2c9e1 "},
	{"@bors r+ gf2c9e1", ""},
	{"@bors r+ 4f2c9e1/", ""},
	{"@bors r+ 4f2c9e1:", ""},
	{"@bors r+ 4f2c9e1`", ""},
	{"@bors r+ 4f2c9eg", ""},
	{"@bors r+ 4F2C9E1", ""},
	{"@bors r+ 0123456789abcdef0123456789abcdef01234567", "+land 0123456789abcdef0123456789abcdef01234567 "},
	{"@bors r+ 0123456789abcdef0123456789abcdef012345678", ""},
	{"```\nbors r+\n```\nbors d+", "?land +delegate "},
	{"~~~\nbors d=erin,bob\n~~~", "?delegate erin ?delegate bob "},
	{"```\nbors r-\n```", "?unland "},
	{"", ""},
};

static struct text written(struct orders orders, struct arena *arena)
{
	static const char *const kinds[] = {"", "delegate", "undelegate", "land", "unland"};
	struct text all = TEXT_EMPTY;
	struct spoken_order one;

	while (orders_next(&orders, &one))
		all = arena_printf(arena, "%.*s%s%s %.*s%.*s%s", TEXT_ARG(all), one.certain ? "+" : "?",
				   kinds[one.kind], TEXT_ARG(one.whom), TEXT_ARG(one.commit),
				   one.whom.len + one.commit.len > 0 ? " " : "");
	return all;
}

START_TEST(an_order_is_a_whole_line_as_a_gate_takes_it)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text body = text_of(bodies[_i].body), got;
	char *bare = malloc(body.len); /* nothing stands behind it */

	if (body.len > 0)
		memcpy(bare, body.at, body.len);
	got = written((struct orders){.rest = {bare, body.len}}, &arena);
	ck_assert_msg(text_is(got, bodies[_i].orders), "%s: %.*s", bodies[_i].body, TEXT_ARG(got));
	free(bare);
}
END_TEST

START_TEST(each_of_several_delegations_is_told_whole)
{
	struct orders orders = {.rest = TEXT_LIT("@bors r+ 4f2c9e1\nbors d=erin,bob")};
	struct spoken_order land, erin, bob;

	memset(&bob, 0xa5, sizeof bob);
	ck_assert(orders_next(&orders, &land) && orders_next(&orders, &erin) && orders_next(&orders, &bob));
	ck_assert(land.kind == ORDER_LAND && text_is(land.commit, "4f2c9e1") && land.whom.len == 0);
	ck_assert(erin.kind == ORDER_DELEGATE && text_is(erin.whom, "erin") && erin.commit.len == 0 && erin.certain);
	ck_assert(bob.kind == ORDER_DELEGATE && text_is(bob.whom, "bob") && bob.commit.len == 0 && bob.certain);
	ck_assert(!orders_next(&orders, &bob));
}
END_TEST

START_TEST(the_last_line_of_what_was_cut_is_not_certain)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct orders orders = {.rest = TEXT_LIT("bors r+\nbors d=erin,bo"), .cut = true};

	ck_assert(text_is(written(orders, &arena), "+land ?delegate erin "));
	orders.rest = TEXT_LIT("bors d=erin,bo\n");
	ck_assert(text_is(written(orders, &arena), "+delegate erin +delegate bo "));
}
END_TEST

START_TEST(what_takes_back_is_found_wherever_it_stands)
{
	ck_assert(orders_take_back(TEXT_LIT("No.\nbors r-")));
	ck_assert(orders_take_back(TEXT_LIT("```\nbors d-\n```")));
	ck_assert(!orders_take_back(TEXT_LIT("bors r+\nbors d+")));
	ck_assert(!orders_take_back(TEXT_LIT("> bors r-")));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(an_order_is_a_whole_line_as_a_gate_takes_it, bodies),
	SUITE_TEST(each_of_several_delegations_is_told_whole),
	SUITE_TEST(the_last_line_of_what_was_cut_is_not_certain),
	SUITE_TEST(what_takes_back_is_found_wherever_it_stands),
	SUITE_END,
};
SUITE_MAIN(tests)
