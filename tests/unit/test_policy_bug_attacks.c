/*
 * Attacks on a rule that lets only approved bugs pass, each tried in every place and order: a bad bug among good ones,
 * a bad commit in a series, and the states of two attachments. What must come out is counted here anew. And attacks on
 * whoever reads a title, and on the memory of whoever judges.
 */
#include "policy/bugs.h"
#include "policy/push.h"

#include "tests/support/asking.h"
#include "tests/support/suite.h"

#include <stdio.h>

#define NONE  "keywords: {none_of: [sec-high, sec-critical]}"
#define BY    "attachment_flag: {name: sec-approval, status: '+', by: {groups: [sec-approvers]}}"
#define BLOCK "bugs: {tracker: bmo, every: {any_of: [{" NONE "}, {" BY "}]}}"

static const struct text sec[] = {{"sec-high", 8}}, approvers[] = {{"sec-approvers", 13}},
			 editors[] = {{"editbugs", 8}};

#define READ(n) .tracker = {"bmo", 3}, .id = (n), .state = BUG_READ, .secure = TRI_NO, .open = TRI_YES

static const struct bug_flag by_approver[] = {{.name = {"sec-approval", 12},
					       .status = BUG_FLAG_GRANTED,
					       .setter_groups_known = true,
					       .groups = approvers,
					       .n_groups = 1}};
static const struct bug_attachment approved[] = {{.id = 1, .flags = by_approver, .n_flags = 1}};

/* 1 is secure and approved, 2 secure and not, the others are public. */
static const struct bug bugs[] = {
	{READ(1), .keywords = sec, .n_keywords = 1, .attachments = approved, .n_attachments = 1},
	{READ(2), .keywords = sec, .n_keywords = 1},
	{READ(3)},
	{READ(4)},
};

static void open_it(struct example *c)
{
	case_make(c);
	c->facts.bugs = bugs;
	c->facts.n_bugs = sizeof bugs / sizeof bugs[0];
	c->change.title = TEXT_LIT("A change");
}

/* ---- several bugs ---- */

#define PLACES 4 /* the first commit, the second, the title, the branch */

/* The i-th bug stands in the place that the i-th digit of `where`, to the base of PLACES, says. */
static void name_bugs(struct example *c, const int *numbers, size_t n, unsigned where)
{
	struct text at[PLACES] = {TEXT_LIT("One"), TEXT_LIT("Two"), TEXT_LIT("Three"), TEXT_LIT("four")};

	for (size_t i = 0; i < n; i++, where /= PLACES) {
		struct text *to = &at[where % PLACES];

		*to = arena_printf(&c->arena, where % PLACES == 3 ? "%.*s-bug-%d" : "%.*s, bug %d", TEXT_ARG(*to),
				   numbers[i]);
	}
	c->commits[0].message = at[0];
	c->commits[1].message = at[1];
	c->change.title = at[2];
	c->change.head_ref = at[3];
}

START_TEST(one_bad_bug_among_good_ones_decides_wherever_it_is_named)
{
	static const int good[] = {1, 3, 4}, bad[] = {1, 2, 3, 4};

	for (unsigned where = 0; where < PLACES * PLACES * PLACES * PLACES; where++) {
		struct example c;

		open_it(&c);
		name_bugs(&c, bad, 4, where);
		ck_assert_msg(ask(&c, BLOCK).holds == TRI_NO, "places %u", where);
		name_bugs(&c, good, 3, where);
		ck_assert_msg(ask(&c, BLOCK).holds == TRI_YES, "places %u", where);
		case_drop(&c);
	}
}
END_TEST

static void swap(int *a, int *b)
{
	int was = *a;

	*a = *b;
	*b = was;
}

/* Each order of the four once: Heap's way. */
static void each_order(int *numbers, size_t n, void (*each)(const int *numbers))
{
	if (n == 1) {
		each(numbers);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		each_order(numbers, n - 1, each);
		swap(&numbers[n % 2 ? 0 : i], &numbers[n - 1]);
	}
}

static unsigned orders;

static void is_refused(const int *numbers)
{
	static const char *const between[] = {", bug ", " and bug ", " (bug ", "; b="};
	struct example c;

	orders++;
	for (size_t i = 0; i < sizeof between / sizeof between[0]; i++) {
		const char *b = between[i];

		open_it(&c);
		c.change.n_commits = 1;
		c.commits[0].message = arena_printf(&c.arena, "Bug %d%s%d%s%d%s%d", numbers[0], b, numbers[1], b,
						    numbers[2], b, numbers[3]);
		ck_assert_msg(ask(&c, BLOCK).holds == TRI_NO, "%.*s", TEXT_ARG(c.commits[0].message));
		case_drop(&c);
	}
}

START_TEST(one_bad_bug_among_good_ones_decides_in_every_order)
{
	int numbers[] = {1, 2, 3, 4};

	orders = 0;
	each_order(numbers, 4, is_refused);
	ck_assert_uint_eq(orders, 24);
}
END_TEST

/* ---- a series ---- */

#define SERIES 10

START_TEST(one_bad_commit_of_a_series_decides_wherever_it_stands)
{
	struct commit series[SERIES];
	struct example c;

	for (size_t bad = 0; bad <= SERIES; bad++) {
		open_it(&c);
		for (size_t i = 0; i < SERIES; i++) {
			series[i] = c.commits[0];
			series[i].message = i == bad ? TEXT_LIT("Bug 2 - in haste") : TEXT_LIT("Bug 1 - a part");
		}
		c.change.commits = series;
		c.change.n_commits = SERIES;
		ck_assert_int_eq(ask(&c, BLOCK).holds, bad == SERIES ? TRI_YES : TRI_NO);
		case_drop(&c);
	}
}
END_TEST

/* A sensitive fix under the number of a public bug: a rule that asks for a bug in each commit sees those without one.
 */
START_TEST(a_series_that_names_a_bug_only_here_and_there_is_refused_where_each_must)
{
	struct commit series[SERIES];
	struct example c;

	for (unsigned named = 0; named < 1u << SERIES; named += 1 + named / 7) {
		open_it(&c);
		for (size_t i = 0; i < SERIES; i++) {
			series[i] = c.commits[0];
			series[i].message = named >> i & 1 ? TEXT_LIT("Bug 3 - a part") : TEXT_LIT("A part");
		}
		c.change.commits = series;
		c.change.n_commits = SERIES;
		ck_assert_int_eq(ask(&c, "bugs: {tracker: bmo, min: 1}").holds, TRI_NO);
		case_drop(&c);
	}
	open_it(&c);
	for (size_t i = 0; i < SERIES; i++)
		series[i].message = TEXT_LIT("Bug 3 - a part");
	c.change.commits = series;
	c.change.n_commits = SERIES;
	ck_assert_int_eq(ask(&c, "bugs: {tracker: bmo, min: 1}").holds, TRI_YES);
	case_drop(&c);
}
END_TEST

/* ---- attachments ---- */

enum { NO_FLAG, ASKED, DENIED, GRANTED, BOTH, STANDS };
enum { APPROVER, EDITOR, UNKNOWN, SETTERS };
#define SHAPES (STANDS * SETTERS * 2 * 2) /* flag, setter, obsolete, patch */

struct shape {
	struct bug_flag flags[2];
	struct bug_attachment attachment;
};

static struct bug_flag flag_of(unsigned setter, enum bug_flag_status status)
{
	return (struct bug_flag){.name = TEXT_LIT("sec-approval"),
				 .status = status,
				 .setter = 5,
				 .setter_groups_known = setter != UNKNOWN,
				 .groups = setter == APPROVER ? approvers : editors,
				 .n_groups = setter == UNKNOWN ? 0 : 1};
}

/* What the attachment is worth by itself. */
static enum tri make(struct shape *s, unsigned shape)
{
	unsigned stands = shape % STANDS, setter = shape / STANDS % SETTERS, rest = shape / STANDS / SETTERS;
	size_t n = 0;

	if (stands == ASKED)
		s->flags[n++] = flag_of(setter, BUG_FLAG_ASKED);
	if (stands == GRANTED || stands == BOTH)
		s->flags[n++] = flag_of(setter, BUG_FLAG_GRANTED);
	if (stands == DENIED || stands == BOTH)
		s->flags[n++] = flag_of(APPROVER, BUG_FLAG_DENIED);
	s->attachment = (struct bug_attachment){
		.id = 1, .obsolete = rest % 2 == 1, .patch = rest / 2 == 1, .flags = s->flags, .n_flags = n};
	if (rest % 2 == 1 || stands != GRANTED)
		return TRI_NO;
	return setter == APPROVER ? TRI_YES : setter == EDITOR ? TRI_NO : TRI_UNKNOWN;
}

START_TEST(of_two_attachments_in_every_state_one_that_stands_is_needed)
{
	for (unsigned i = 0; i < SHAPES * SHAPES; i++) {
		struct shape one, other;
		enum tri a = make(&one, i % SHAPES), b = make(&other, i / SHAPES);
		enum tri either = a == TRI_YES || b == TRI_YES           ? TRI_YES
				  : a == TRI_UNKNOWN || b == TRI_UNKNOWN ? TRI_UNKNOWN
									 : TRI_NO;
		struct bug_attachment both[] = {one.attachment, other.attachment};
		struct bug bug = {READ(2), .keywords = sec, .n_keywords = 1, .attachments = both, .n_attachments = 2};
		struct example c;

		open_it(&c);
		c.facts.bugs = &bug;
		c.facts.n_bugs = 1;
		c.change.n_commits = 1;
		c.commits[0].message = TEXT_LIT("Bug 2");
		ck_assert_msg(ask(&c, BLOCK).holds == either, "%u and %u", i % SHAPES, i / SHAPES);
		case_drop(&c);
	}
}
END_TEST

/* ---- what hides a number ---- */

static const struct {
	const char *title, *why; /* NULL: it misleads nobody */
} titles[] = {
	{"Bug 3 - d\xc3\xa9j\xc3\xa0 vu \xf0\x9f\x98\x80\xef\xb8\x8f", NULL},
	{"Bug 3 \xe2\x80\xae", "the title holds a bidirectional control character"},
	{"Bug 3\xe2\x80\x8b"
	 "1",
	 "the title holds an invisible character"},
	{"Fix\x7f", "the title holds a control byte"},
};

/* A squash makes the message of it. */
START_TEST(a_title_that_misleads_is_stuck_as_a_message_is)
{
	struct answer answer;
	struct example c;

	open_it(&c);
	c.change.n_commits = 1;
	c.commits[0].message = TEXT_LIT("Bug 3");
	c.change.title = text_of(titles[_i].title);
	answer = ask(&c, "bugs: {tracker: bmo, every: {private: false}}");
	ck_assert(answer.holds == (titles[_i].why ? TRI_UNKNOWN : TRI_YES));
	ck_assert(answer.stuck == (titles[_i].why != NULL));
	if (titles[_i].why)
		ck_assert_str_eq(answer.why.at, titles[_i].why);
	case_drop(&c);
}
END_TEST

/* ---- what is large ---- */

/* Conditions that read what a change says, each of its own: many rules may have one. */
static const char *const readers[] = {
	"bugs: {min: 1}",
	"commit_token: {key: a, values: [erin]}",
	"message_word: {words: [LANDS]}",
	"bugs: {any: {commit_token: {key: a, values: [erin]}}}",
};

START_TEST(what_a_condition_read_is_not_kept_for_the_next_one)
{
	size_t size = 100000, used = 0, empty, full;
	char *message = malloc(size);
	struct example c;

	ck_assert_ptr_nonnull(message);
	used = (size_t)snprintf(message, size, "Fix a=");
	for (int i = 0; i < 200; i++)
		used += (size_t)snprintf(message + used, size - used, "x,");
	for (int i = 0; used < size - 20; i++)
		used += (size_t)snprintf(message + used, size - used, " %d", 100000 + i);
	open_it(&c);
	c.change.n_commits = 1;
	c.commits[0].message = TEXT_LIT("Fix");
	(void)ask(&c, readers[_i]);
	empty = c.arena.used;
	(void)ask(&c, readers[_i]);
	empty = c.arena.used - empty;
	c.commits[0].message = text_of(message);
	full = c.arena.used;
	(void)ask(&c, readers[_i]);
	full = c.arena.used - full;
	ck_assert_uint_le(full, empty + 1000);
	case_drop(&c);
	free(message);
}
END_TEST

/* ---- a push ---- */

#define LET_THROUGH                                                                                                    \
	"policy: {approval: [r]}\napproval_rules: [{name: r, on_unknown: {hook: allow}, requires: {conditions: "       \
	"{" BLOCK "}}}]\n"

/* Whoever may resolve bugs could else push the secure one off the end. */
START_TEST(a_chain_of_duplicates_beyond_its_bound_passes_by_no_rules_word)
{
	static const struct {
		int n;
		enum push_says says;
	} rows[] = {{BUGS_CHAIN_MAX, PUSH_ALLOWED}, {BUGS_CHAIN_MAX + 1, PUSH_CLEARANCE}, {40, PUSH_CLEARANCE}};
	struct bug all[40];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct push_answer answer;
		struct example c;

		open_it(&c);
		for (int k = 0; k < rows[i].n; k++)
			all[k] = (struct bug){READ(100 + k), .dupe_of = k + 1 < rows[i].n ? 101 + k : 0};
		c.commits[0].message = TEXT_LIT("Bug 100");
		c.change.n_commits = 1;
		c.facts.bugs = all;
		c.facts.n_bugs = (size_t)rows[i].n;
		case_judge(&c, LET_THROUGH);
		policy_judge_push(c.governed.policy, &c.facts, &c.arena, &answer);
		ck_assert_int_eq(answer.says, rows[i].says);
		ck_assert(!answer.unchecked);
		case_drop(&c);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(one_bad_bug_among_good_ones_decides_wherever_it_is_named),
	SUITE_TEST(one_bad_bug_among_good_ones_decides_in_every_order),
	SUITE_TEST(one_bad_commit_of_a_series_decides_wherever_it_stands),
	SUITE_TEST(a_series_that_names_a_bug_only_here_and_there_is_refused_where_each_must),
	SUITE_TEST(of_two_attachments_in_every_state_one_that_stands_is_needed),
	SUITE_ROWS(a_title_that_misleads_is_stuck_as_a_message_is, titles),
	SUITE_ROWS(what_a_condition_read_is_not_kept_for_the_next_one, readers),
	SUITE_TEST(a_chain_of_duplicates_beyond_its_bound_passes_by_no_rules_word),
	SUITE_END,
};
SUITE_MAIN(tests)
