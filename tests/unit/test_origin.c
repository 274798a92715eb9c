#include "agent/forge/link.h"
#include "agent/forge/origin.h"
#include "tests/support/suite.h"

static const struct {
	const char *header, *next;
} links[] = {
	{"", ""},
	{"<a>; rel=\"next\"", "a"},
	{"<a>;rel=next", "a"},
	{"<p>; rel=\"prev\", <a>; title=\"x, <y>; rel=next\"; rel=\"first next\"", "a"},
	{"<p>; rel=\"prev\"", ""},
	{"<p>; rel=\"nextish\"", ""},
	{"<a>; rel=next, <a>; rel=next", "a"},
	{"<a>; rel=next, <b>; rel=next", NULL},
	{"<a>; rel=\"next", NULL},
	{"<a; rel=next", NULL},
	{"a; rel=next", NULL},
	{"<a>; rel=next <b>", NULL},
	{"<>; rel=next", NULL},
	{"<a>;; rel=next", NULL},
};

START_TEST(a_link_is_understood_or_refused)
{
	struct err err = ERR_NONE;
	struct text next = TEXT_LIT("untouched");
	bool ok = link_next(text_of(links[_i].header), &next, &err);

	ck_assert_msg(ok == (links[_i].next != NULL), "%s", links[_i].header);
	ck_assert_msg(text_is(next, ok ? links[_i].next : "untouched"), "%s", links[_i].header);
}
END_TEST

static const struct {
	const char *url;
	bool holds;
} origins[] = {
	{"https://h.test/v3/x?page=2", true},  {"https://h.test/v3", false},      {"https://h.test/v3x/y", false},
	{"https://h.test:444/v3/x", false},    {"http://h.test/v3/x", false},     {"https://h.test/v3/../x", false},
	{"https://h.test/v3/%2e%2e/x", false}, {"https://h.test/v3/a\\b", false}, {"https://h.test/v3/a b", false},
	{"https://h.test/v3/x?q=../y", true},  {"https://h.test/v3/x#f", false},  {"https://h.test/v3/.", false},
	{"https://u@h.test/v3/x", false},      {"//h.test/v3/x", false},          {"/v3/x", false},
};

START_TEST(only_urls_below_the_base_are_held)
{
	ck_assert_msg(origin_holds(TEXT_LIT("https://h.test/v3"), text_of(origins[_i].url)) == origins[_i].holds, "%s",
		      origins[_i].url);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_link_is_understood_or_refused, links),
					  SUITE_ROWS(only_urls_below_the_base_are_held, origins), SUITE_END};
SUITE_MAIN(tests)
