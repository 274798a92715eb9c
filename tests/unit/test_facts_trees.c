/* What treestatus said, as JSON. */
#include "agent/base/facts_json.h"
#include "tests/support/suite.h"

#define HEAD        "\"version\": 1, "
#define TREES(list) "{" HEAD "\"trees\": [" list "]}"

START_TEST(trees_come_back_as_they_were_written)
{
	static const char json[] = TREES("{\"name\": \"central\", \"state\": \"closed\", \"reason\": \"b\\u00fcstage\","
					 " \"as_of\": \"2026-11-21T14:02:11.007Z\"},"
					 " {\"name\": \"a.b_c-1\", \"state\": \"approval_required\"},"
					 " {\"name\": \"o\", \"state\": \"open\"}, {\"name\": \"u\"}");
	auto_arena struct arena arena = ARENA_EMPTY;
	struct facts facts, again;
	struct err err = ERR_NONE;

	ck_assert_msg(facts_decode(text_of(json), &arena, &facts, &err), "%s", err.text);
	ck_assert_msg(facts_decode(facts_encode(&facts, &arena), &arena, &again, &err), "%s", err.text);
	ck_assert_str_eq(facts_encode(&facts, &arena).at, facts_encode(&again, &arena).at);
	ck_assert_uint_eq(again.n_trees, 4);
	ck_assert(text_is(again.trees[0].name, "central") && again.trees[0].state == TREE_CLOSED);
	ck_assert(text_is(again.trees[0].reason, "b\xc3\xbcstage") && again.trees[0].as_of % 1000 == 7);
	ck_assert(again.trees[1].state == TREE_APPROVAL_REQUIRED && again.trees[2].state == TREE_OPEN);
	ck_assert(again.trees[3].state == TREE_UNKNOWN && again.trees[3].as_of == 0);
}
END_TEST

static const struct {
	const char *json, *says;
} wrong_trees[] = {
	{TREES("1"), "trees.0.: not an object"},
	{TREES("{}"), "trees.0.name: not the name of a tree"},
	{TREES("{\"name\": \"a/b\"}"), "trees.0.name: not the name of a tree"},
	{TREES("{\"name\": \"a\"}, {\"name\": \"\"}"), "trees.1.name: not the name of a tree"},
	{TREES("{\"name\": \"a\", \"state\": \"Open\"}"), "trees.0.state: not a known word"},
	{TREES("{\"name\": \"a\", \"open\": true}"), "trees.0.open: unknown key"},
};

START_TEST(wrong_trees_are_refused_by_path)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct facts facts;
	struct err err = ERR_NONE;

	ck_assert(!facts_decode(text_of(wrong_trees[_i].json), &arena, &facts, &err));
	ck_assert_str_eq(err.text, wrong_trees[_i].says);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(trees_come_back_as_they_were_written),
	SUITE_ROWS(wrong_trees_are_refused_by_path, wrong_trees),
	SUITE_END,
};
SUITE_MAIN(tests)
