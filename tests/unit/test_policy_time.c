/* Hours of the week and spans to keep out of: when they hold, and when a verdict by them changes. */
#include "policy/rules.h"
#include "tests/support/asking.h"
#include "tests/support/suite.h"

#define WORK   "window: {days: [mon-fri], from: '09:00', to: '17:00', utc_offset: '+01:00'}"
#define NIGHT  "window: {days: [fri], from: '22:00', to: '06:00'}"
#define WHOLE  "window: {days: [mon-wed, fri]}"
#define ROUND  "window: {days: [sat-mon], from: '12:00'}"
#define FAR    "window: {days: [fri], from: '22:00', to: '06:00', utc_offset: '-10:00'}"
#define BEHIND "window: {days: [mon], to: '01:00', utc_offset: '-05:30'}"
#define SPAN   "not_during: [{from: 2026-12-24T00:00:00Z, to: 2026-12-27T00:00:00+01:00, reason: the holidays}]"
#define SPANS                                                                                                          \
	"not_during: [{from: 2026-12-24T00:00:00Z, to: 2026-12-25T00:00:00Z}, {from: 2026-12-24T12:00:00Z, to: "       \
	"2026-12-26T00:00:00Z}]"
#define BOTH "any_of: [{" WORK "}, {" NIGHT "}]"

/* 2026-11-23 is a Monday. */
static const struct {
	const char *block, *now;
	enum tri answer;
	const char *changes; /* NULL: never */
	const char *why;     /* NULL: not asked */
} rows[] = {
	{WORK, "2026-11-23T07:59:59Z", TRI_NO, "2026-11-23T08:00:00Z",
	 "not in these hours: again at 2026-11-23T08:00:00Z"},
	{WORK, "2026-11-23T08:00:00Z", TRI_YES, "2026-11-23T16:00:00Z", "the hours last until 2026-11-23T16:00:00Z"},
	{WORK, "2026-11-23T15:59:59.999Z", TRI_YES, "2026-11-23T16:00:00Z", NULL},
	{WORK, "2026-11-23T16:00:00Z", TRI_NO, "2026-11-24T08:00:00Z", NULL},
	{WORK, "2026-11-27T15:00:00Z", TRI_YES, "2026-11-27T16:00:00Z", NULL},
	{WORK, "2026-11-27T16:00:00Z", TRI_NO, "2026-11-30T08:00:00Z", NULL}, /* over the weekend */
	{WORK, "2026-11-28T10:00:00Z", TRI_NO, "2026-11-30T08:00:00Z", NULL},
	{WORK, "2026-11-29T10:00:00Z", TRI_NO, "2026-11-30T08:00:00Z", NULL},
	/* over midnight: it belongs to the day on which it begins */
	{NIGHT, "2026-11-27T21:59:59Z", TRI_NO, "2026-11-27T22:00:00Z", NULL},
	{NIGHT, "2026-11-27T22:00:00Z", TRI_YES, "2026-11-28T06:00:00Z", NULL},
	{NIGHT, "2026-11-28T05:59:59Z", TRI_YES, "2026-11-28T06:00:00Z", NULL},
	{NIGHT, "2026-11-28T06:00:00Z", TRI_NO, "2026-12-04T22:00:00Z", NULL},
	{NIGHT, "2026-11-27T05:00:00Z", TRI_NO, "2026-11-27T22:00:00Z", NULL}, /* Thursday's night is none */
	/* days that follow one another are one window */
	{WHOLE, "2026-11-23T00:00:00Z", TRI_YES, "2026-11-26T00:00:00Z", NULL},
	{WHOLE, "2026-11-26T12:00:00Z", TRI_NO, "2026-11-27T00:00:00Z", NULL},
	{WHOLE, "2026-11-28T00:00:00Z", TRI_NO, "2026-11-30T00:00:00Z", NULL},
	/* from the end of the week into the next */
	{ROUND, "2026-11-29T12:00:00Z", TRI_YES, "2026-11-30T00:00:00Z", NULL},
	{ROUND, "2026-11-30T13:00:00Z", TRI_YES, "2026-12-01T00:00:00Z", NULL},
	{ROUND, "2026-12-01T13:00:00Z", TRI_NO, "2026-12-05T12:00:00Z", NULL},
	/* Monday there begins at 05:30 UTC */
	{BEHIND, "2026-11-23T05:29:59Z", TRI_NO, "2026-11-23T05:30:00Z", NULL},
	{BEHIND, "2026-11-23T06:29:59Z", TRI_YES, "2026-11-23T06:30:00Z", NULL},
	{BEHIND, "2026-11-23T06:30:00Z", TRI_NO, "2026-11-30T05:30:00Z", NULL},
	/* where it is still Saturday while it is Sunday in the east */
	{FAR, "2026-11-28T15:00:00Z", TRI_YES, "2026-11-28T16:00:00Z", NULL},
	{"window: {days: [mon], to: '12:00', utc_offset: '+14:00'}", "2026-11-22T10:00:00Z", TRI_YES,
	 "2026-11-22T22:00:00Z", NULL},
	{"window: {from: '08:00', to: '16:00'}", "2026-11-23T08:00:00Z", TRI_YES, "2026-11-23T16:00:00Z", NULL},
	/* before 1970, and a leap day */
	{WORK, "1969-12-31T08:00:00Z", TRI_YES, "1969-12-31T16:00:00Z", NULL},  /* a Wednesday */
	{WORK, "1969-12-29T08:00:00Z", TRI_YES, "1969-12-29T16:00:00Z", NULL},  /* a Monday, days before */
	{WHOLE, "1969-12-22T00:00:00Z", TRI_YES, "1969-12-25T00:00:00Z", NULL}, /* when a Monday begins */
	{WORK, "2028-02-29T08:00:00Z", TRI_YES, "2028-02-29T16:00:00Z", NULL},  /* a Tuesday */
	/* spans */
	{SPAN, "2026-12-23T23:59:59Z", TRI_YES, "2026-12-24T00:00:00Z", NULL},
	{SPAN, "2026-12-24T00:00:00Z", TRI_NO, "2026-12-26T23:00:00Z", "the holidays, until 2026-12-26T23:00:00Z"},
	{SPAN, "2026-12-26T22:59:59Z", TRI_NO, "2026-12-26T23:00:00Z", NULL},
	{SPAN, "2026-12-26T23:00:00Z", TRI_YES, NULL, NULL},
	{"not_during: [{from: 2026-12-24T00:00:00Z, to: 2026-12-25T00:00:00Z, reason: x}]", "2026-12-24T13:00:00Z",
	 TRI_NO, "2026-12-25T00:00:00Z", "x, until 2026-12-25T00:00:00Z"},
	{SPANS, "2026-12-24T13:00:00Z", TRI_NO, "2026-12-25T00:00:00Z", "not now, until 2026-12-25T00:00:00Z"},
	{SPANS, "2026-12-25T00:00:00Z", TRI_NO, "2026-12-26T00:00:00Z", NULL},
	/* whatever is in them: the soonest */
	{BOTH, "2026-11-27T21:00:00Z", TRI_NO, "2026-11-27T22:00:00Z", NULL},
	{"not: {" WORK "}", "2026-11-23T08:00:00Z", TRI_NO, "2026-11-23T16:00:00Z", NULL},
	{"title: {matches: ['^Fix']}", "2026-11-23T08:00:00Z", TRI_YES, NULL, NULL},
};

static int64_t when(const char *text)
{
	int64_t ret = 0;

	ck_assert(!text || when_parse(text_of(text), &ret));
	return ret;
}

START_TEST(hours_hold_and_say_when_they_change)
{
	struct example c;
	struct answer answer;

	case_make(&c);
	c.facts.now = when(rows[_i].now);
	answer = ask(&c, rows[_i].block);
	ck_assert_msg(answer.holds == rows[_i].answer, "%s at %s", rows[_i].block, rows[_i].now);
	if (rows[_i].why)
		ck_assert_msg(text_is(answer.why, rows[_i].why), "%.*s", TEXT_ARG(answer.why));
	case_judge(&c,
		   arena_printf(&c.arena,
				"policy: {approval: [r]}\napproval_rules: [{name: r, requires: {conditions: {%s}}}]\n",
				rows[_i].block)
			   .at);
	ck_assert_int_eq(policy_changes_at(c.governed.policy, c.facts.now), when(rows[_i].changes));
	case_drop(&c);
}
END_TEST

/* Between two changes the answer is one and the same, and at each it is another: a month, minute by minute. */
static const char *const walked[] = {WORK,
				     NIGHT,
				     WHOLE,
				     ROUND,
				     BEHIND,
				     "not_during: [{from: 2026-11-24T10:07:00Z, to: "
				     "2026-11-25T00:00:00Z}]"};

START_TEST(it_changes_when_it_says_and_at_no_other_time)
{
	struct example c;
	enum tri was;
	int64_t at = 0, now = when("2026-11-23T00:00:00Z"), end = when("2026-12-23T00:00:00Z");
	const struct condition *condition;

	case_make(&c);
	case_judge(&c,
		   arena_printf(&c.arena,
				"policy: {approval: [r]}\napproval_rules: [{name: r, requires: {conditions: {%s}}}]\n",
				walked[_i])
			   .at);
	condition = &c.governed.policy->rules[0].requires.items[0];
	for (was = TRI_UNKNOWN; now < end; now += 60000) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct judging on = {.facts = &c.facts, .change = &c.change, .arena = &arena};
		enum tri is;

		c.facts.now = now;
		is = condition_ask(condition, &on).holds;
		ck_assert(was == TRI_UNKNOWN || (is != was) == (now == at));
		at = condition->predicate->changes_at(condition->args, now);
		ck_assert_int_gt(at, now);
		was = is;
	}
	case_drop(&c);
}
END_TEST

static const int64_t unknown[] = {WHEN_UNKNOWN, INT64_MAX, -62135596800001, 253402300800000};

START_TEST(a_time_that_is_not_known_is_not_now)
{
	struct example c;

	case_make(&c);
	c.facts.now = unknown[_i];
	ck_assert_int_eq(ask(&c, WORK).holds, TRI_UNKNOWN);
	ck_assert_int_eq(ask(&c, SPAN).holds, TRI_UNKNOWN);
	case_judge(&c, "policy: {approval: [r]}\napproval_rules: [{name: r, requires: {conditions: {" WORK "}}}]\n");
	ck_assert_int_eq(policy_changes_at(c.governed.policy, unknown[_i]), 0);
	case_drop(&c);
}
END_TEST

START_TEST(the_first_and_the_last_moment_of_all_times_are_known)
{
	struct example c;

	case_make(&c);
	c.facts.now = when("0001-01-01T00:00:00Z"); /* a Monday */
	ck_assert_int_eq(ask(&c, WHOLE).holds, TRI_YES);
	c.facts.now = when("9999-12-31T23:59:59.999Z"); /* a Friday */
	ck_assert_int_eq(ask(&c, WHOLE).holds, TRI_YES);
	case_drop(&c);
}
END_TEST

/* Wherever a condition stands that can change the verdict. */
static const struct {
	const char *policy;
	const char *changes;
} places[] = {
	{"policy: {approval: [r]}\napproval_rules: [{name: r, requires: {count: 1, users: [bob]}}]\n", NULL},
	{"policy: {approval: [r]}\napproval_rules: [{name: r, if: {" WORK "}, requires: {count: 1, users: [bob]}}]\n",
	 "2026-11-23T08:00:00Z"},
	{"policy: {approval: [r]}\napproval_rules: [{name: r, mode: warn, requires: {conditions: {" WORK "}}}]\n",
	 "2026-11-23T08:00:00Z"},
	{"policy: {approval: [r, o]}\napproval_rules: [{name: r, requires: {count: 1, users: [bob]}}, {name: o, mode: "
	 "off, "
	 "requires: {conditions: {" WORK "}}}]\n",
	 NULL},
	{"policy: {approval: [r], disapproval: {if: {not: {" WORK
	 "}}}}\napproval_rules: [{name: r, requires: {count: 1, "
	 "users: [bob]}}]\n",
	 "2026-11-23T08:00:00Z"},
	{"policy: {approval: [r], contexts: {policy/try-allowed: {approval: [r], disapproval: {if: {not: {" WORK
	 "}}}}}}\napproval_rules: [{name: r, requires: {count: 1, users: [bob]}}]\n",
	 "2026-11-23T08:00:00Z"},
};

START_TEST(every_place_of_a_condition_counts)
{
	struct example c;

	case_make(&c);
	case_judge(&c, places[_i].policy);
	ck_assert_int_eq(policy_changes_at(c.governed.policy, when("2026-11-23T07:00:00Z")), when(places[_i].changes));
	case_drop(&c);
}
END_TEST

static const struct {
	const char *block, *problem;
} wrong[] = {
	{"window: {days: []}", "expected a list of days"},
	{"window: {days: [monday]}", "expected a day"},
	{"window: {days: [mon-]}", "expected a day"},
	{"window: {days: [mon-fri-sun]}", "expected a day"},
	{"window: {from: '9:00'}", "expected a time of the day"},
	{"window: {from: '09.00'}", "expected a time of the day"},
	{"window: {from: '09:60'}", "expected a time of the day"},
	{"window: {from: '24:01'}", "expected a time of the day"},
	{"window: {from: '0a:00'}", "expected a time of the day"},
	{"window: {from: '0/:00'}", "expected a time of the day"},
	{"window: {from: '0::00'}", "expected a time of the day"},
	{"window: {from: '09:00', to: '09:00'}", "a window that begins when it ends"},
	{"window: {from: '24:00', to: '09:00'}", "a window that begins when it ends"},
	{"window: {}", "a window of all days"},
	{"window: {days: [mon-sun], utc_offset: '+01:00'}", "a window of all days"},
	{"window: {to: '09:00', utc_offset: '01:00'}", "expected an offset"},
	{"window: {to: '09:00', utc_offset: '+1:00'}", "expected an offset"},
	{"window: {to: '09:00', utc_offset: '+01:000'}", "expected an offset"},
	{"window: {to: '09:00', utc_offset: '+14:01'}", "expected an offset"},
	{"window: {to: '09:00', utc_offset: Europe/Berlin}", "expected an offset"},
	{"window: {to: '09:00', utc_offset: ' 01:00'}", "expected an offset"},
	{"window: {to: '09:00', utc_offset: '+01.00'}", "expected an offset"},
	{"window: {to: '09:00', utc_offset: ['+01:00']}", "expected an offset"},
	{"window: {days: [mon-sun], from: '12:00', to: '12:00'}", "a window that begins when it ends"},
	{"not_during: [{from: 9999-12-31T23:59:60Z, to: 2026-12-24T00:00:00Z}]", "expected a time such as"},
	{"not_during: []", "expected a list"},
	{"not_during: [{from: 2026-12-24T00:00:00Z}]", "a span needs"},
	{"not_during: [{to: 2026-12-24T00:00:00Z}]", "a span needs"},
	{"not_during: [{from: 2026-12-24, to: 2026-12-25}]", "expected a time such as"},
	{"not_during: [{from: 2026-12-24T00:00:00Z, to: 2026-12-24T00:00:00Z}]", "a span that ends"},
	{"not_during: [{from: 2026-12-24T00:00:00Z, to: 2026-12-24T00:00:00+01:00}]", "a span that ends"},
	{"not_during: [{from: 2026-12-24T00:00:00Z, to: 2026-12-25T00:00:00Z, why: x}]", "unknown key `why`"},
};

START_TEST(a_mistake_is_told)
{
	struct example c;

	case_make(&c);
	ck_assert_msg(text_starts(text_of(ask_refused(&c, wrong[_i].block)->text), text_of(wrong[_i].problem)),
		      "%s: %s", wrong[_i].block, ask_refused(&c, wrong[_i].block)->text);
	case_drop(&c);
}
END_TEST

START_TEST(so_many_spans_are_read_and_no_more)
{
	struct example c;
	struct text all = TEXT_EMPTY;

	case_make(&c);
	for (int i = 0; i < 200; i++)
		all = arena_printf(&c.arena, "%.*s{from: 2026-12-24T00:00:00Z, to: 2026-12-25T00:00:00Z}, ",
				   TEXT_ARG(all));
	c.facts.now = when("2026-11-23T08:00:00Z");
	ck_assert_int_eq(ask(&c, arena_printf(&c.arena, "not_during: [%.*s]", TEXT_ARG(all)).at).holds, TRI_YES);
	all = arena_printf(&c.arena, "not_during: [%.*s{from: 2026-12-24T00:00:00Z, to: 2026-12-25T00:00:00Z}]",
			   TEXT_ARG(all));
	ck_assert(text_starts(text_of(ask_refused(&c, all.at)->text), TEXT_LIT("expected a list")));
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(hours_hold_and_say_when_they_change, rows),
	SUITE_ROWS(it_changes_when_it_says_and_at_no_other_time, walked),
	SUITE_TEST(the_first_and_the_last_moment_of_all_times_are_known),
	SUITE_ROWS(a_time_that_is_not_known_is_not_now, unknown),
	SUITE_ROWS(every_place_of_a_condition_counts, places),
	SUITE_ROWS(a_mistake_is_told, wrong),
	SUITE_TEST(so_many_spans_are_read_and_no_more),
	SUITE_END,
};
SUITE_MAIN(tests)
