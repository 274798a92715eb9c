/* What rules that only warn would have held back: the operator's list, and what no page says of it. */
#include "agent/cli/print.h"
#include "tests/support/browse.h"
#include "tests/support/suite.h"
#include "webhooks/jread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AAAA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct browse b;
static struct browsed got;

static struct jdoc *parsed(void)
{
	struct err err = ERR_NONE;
	struct jdoc *doc = jdoc_parse((struct text){got.body, got.body_len}, &err);

	ck_assert_msg(doc != NULL, "%s:\n%s", err.text, got.body);
	return doc;
}

static void text_at(jval v, const char *path, const char *want)
{
	struct text t = jtext(v, path);

	ck_assert_msg(text_is(t, want), "%s is `%.*s`, not `%s`", path, TEXT_ARG(t), want);
}

/* Rules of a change, as a judgement leaves them. */
static struct verdict warned_by(enum rule_state state, enum rule_mode mode, bool restricted)
{
	static struct rule_result rules[2], tree;

	rules[0] = (struct rule_result){.name = TEXT_LIT("enforced"), .state = RULE_UNMET};
	rules[1] = (struct rule_result){.name = TEXT_LIT("warning"),
					.state = state,
					.mode = mode,
					.restricted = restricted,
					.next = TEXT_LIT("an approval of bug 4711")};
	tree = (struct rule_result){.name = TEXT_LIT("change 1"), .children = rules, .n_children = 2};
	return (struct verdict){.decision = DECISION_WAITING,
				.state = STATUS_PENDING,
				.text = TEXT_LIT("Needs more"),
				.public_text = TEXT_LIT("Needs more"),
				.rules = &tree,
				.n_rules = 1};
}

static struct verdict warned(enum rule_state state, enum rule_mode mode)
{
	return warned_by(state, mode, true);
}

static const struct {
	enum rule_state state;
	enum rule_mode mode;
	size_t n;
} warns[] = {
	{RULE_UNMET, MODE_WARN, 1},   {RULE_PENDING, MODE_WARN, 1},  {RULE_MET, MODE_WARN, 0},
	{RULE_SKIPPED, MODE_WARN, 0}, {RULE_UNMET, MODE_ENFORCE, 0}, {RULE_UNMET, MODE_OFF, 0},
};

START_TEST(what_would_have_been_held_is_listed_for_the_operator_and_on_no_page)
{
	struct verdict verdict = warned(warns[_i].state, warns[_i].mode);
	struct jdoc *doc;
	jval root;

	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	browse_judge(&b, 'a', &verdict);
	browse_control(&b, "/api/v1/warnings", &got);
	ck_assert_int_eq(got.status, 200);
	doc = parsed();
	root = jdoc_root(doc);
	ck_assert_uint_eq(jlen(jget(root, "warnings")), warns[_i].n);
	ck_assert_int_eq(jint(root, "looked_at", 0), 1);
	ck_assert_int_eq(jtri(root, "more"), TRI_NO);
	if (warns[_i].n > 0) {
		text_at(root, "warnings.0.repo", "acme/engine");
		text_at(root, "warnings.0.sha", AAAA);
		text_at(root, "warnings.0.rule", "warning");
		text_at(root, "warnings.0.next", "an approval of bug 4711");
		text_at(root, "warnings.0.verdict", "waiting");
		ck_assert_int_eq(jint(root, "warnings.0.verdict_id", 0), 1);
		ck_assert_int_eq(jtri(root, "warnings.0.blocks"), warns[_i].state == RULE_UNMET ? TRI_YES : TRI_NO);
	}
	jdoc_free(doc);
	browse_get(&b, "/api/v1/warnings", &got);
	ck_assert_int_eq(got.status, 404);
	browse_get(&b, "/acme/engine/c/" AAAA, &got);
	ck_assert_ptr_null(strstr(got.body, "4711"));
	browse_close(&b);
}
END_TEST

#define WOULD_BLOCK  "<p>Would block. Only a warning: it does not hold the change.</p>"
#define ONLY_WARNING "<p>Only a warning: it does not hold the change.</p>"

static const struct {
	enum rule_state state;
	enum rule_mode mode;
	bool restricted;
	const char *page;     /* what the page says of it; NULL: nothing of the rule at all */
	const char *operator; /* the line of `headgate status` */
} said[] = {
	{RULE_UNMET, MODE_WARN, false, WOULD_BLOCK, "warning: unmet [warn]; next: an approval of bug 4711\n"},
	{RULE_PENDING, MODE_WARN, false, ONLY_WARNING, "warning: pending [warn]; next: an approval of bug 4711\n"},
	{RULE_MET, MODE_WARN, false, ONLY_WARNING, "warning: met [warn]; next: an approval of bug 4711\n"},
	{RULE_UNMET, MODE_ENFORCE, false, "", "warning: unmet; next: an approval of bug 4711\n"},
	{RULE_UNMET, MODE_WARN, true, NULL, "warning: unmet [warn]; next: an approval of bug 4711\n"},
	{RULE_PENDING, MODE_WARN, true, NULL, "warning: pending [warn]; next: an approval of bug 4711\n"},
};

/* What `headgate status` prints of the rules. */
static void operator_sees(const char *line)
{
	char *printed = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&printed, &n);
	struct jdoc *doc;

	ck_assert_ptr_nonnull(out);
	browse_control(&b, "/api/v1/commits/acme/engine/" AAAA, &got);
	ck_assert_int_eq(got.status, 200);
	doc = parsed();
	print_rules(out, jget(jdoc_root(doc), "rules"), false);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_msg(strstr(printed, line) != NULL, "%s", printed);
	jdoc_free(doc);
	free(printed);
}

START_TEST(a_warning_is_said_to_all_where_the_rule_is_public_and_to_the_operator_alone_where_it_is_not)
{
	static const char *const surfaces[] = {"", ".json", ".txt"};
	struct verdict verdict = warned_by(said[_i].state, said[_i].mode, said[_i].restricted);
	char path[80];

	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	browse_judge(&b, 'a', &verdict);
	operator_sees(said[_i].operator);
	browse_get(&b, "/acme/engine/c/" AAAA, &got);
	ck_assert_int_eq(got.status, 200);
	ck_assert_msg(!said[_i].page || strstr(got.body, said[_i].page), "%s", got.body);
	ck_assert((strstr(got.body, "Would block") != NULL) == (said[_i].page && !strcmp(said[_i].page, WOULD_BLOCK)));
	ck_assert((strstr(got.body, "nly a warning") != NULL) == (said[_i].page && said[_i].page[0]));
	for (size_t i = 0; !said[_i].page && i < sizeof surfaces / sizeof surfaces[0]; i++) {
		snprintf(path, sizeof path, "/acme/engine/c/" AAAA "%s", surfaces[i]);
		browse_get(&b, path, &got);
		ck_assert_int_eq(got.status, 200);
		ck_assert_msg(!strstr(got.body, "warn") && !strstr(got.body, "4711"), "%s: %s", path, got.body);
	}
	browse_close(&b);
}
END_TEST

START_TEST(what_was_judged_again_or_replaced_is_listed_no_more)
{
	struct verdict verdict = warned(RULE_UNMET, MODE_WARN);

	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	browse_judge(&b, 'a', &verdict);
	if (_i == 0) {
		verdict = warned(RULE_MET, MODE_WARN);
		tell(&b.pipe, review_event(REVIEW_SUBMITTED, 1, REVIEW_APPROVED, 'a'));
		browse_judge(&b, 'a', &verdict);
	} else {
		tell(&b.pipe, push_to_change(1, 'a', 'b', 2));
	}
	browse_control(&b, "/api/v1/warnings", &got);
	ck_assert_msg(strstr(got.body, "{\"warnings\":[],\"looked_at\":") != NULL, "%s", got.body);
	browse_close(&b);
}
END_TEST

/* More than are read at a time: each commit is told once, the newest first. */
START_TEST(the_list_goes_on_behind_what_is_read_at_a_time)
{
	struct verdict verdict = warned(RULE_UNMET, MODE_WARN);
	struct jdoc *doc;
	int64_t last;
	jval list;

	browse_open(&b);
	for (int i = 0; i < 60; i++) {
		char head = (char)('a' + i % 6);

		const struct oid sha = sha_of(head);
		struct err err = ERR_NONE;

		tell(&b.pipe, change_event(CHANGE_OPENED, 1 + i % 6, head, 1));
		ck_assert(store_want(&b.pipe.store, PIPE_REPO, &sha, true, &err));
		verdict.text = verdict.public_text = arena_printf(&b.arena, "Needs %d more", i);
		browse_judge(&b, head, &verdict);
	}
	browse_control(&b, "/api/v1/warnings", &got);
	doc = parsed();
	list = jget(jdoc_root(doc), "warnings");
	ck_assert_uint_eq(jlen(list), 6);
	ck_assert_int_eq(jint(jdoc_root(doc), "looked_at", 0), 60);
	last = 61;
	for (size_t i = 0; i < jlen(list); i++) {
		ck_assert_int_lt(jint(jat(list, i), "verdict_id", 0), last);
		last = jint(jat(list, i), "verdict_id", 0);
	}
	jdoc_free(doc);
	browse_close(&b);
}
END_TEST

static const int twice[] = {0, 1};

static const struct suite_test tests[] = {
	SUITE_ROWS(what_would_have_been_held_is_listed_for_the_operator_and_on_no_page, warns),
	SUITE_ROWS(a_warning_is_said_to_all_where_the_rule_is_public_and_to_the_operator_alone_where_it_is_not, said),
	SUITE_ROWS(what_was_judged_again_or_replaced_is_listed_no_more, twice),
	SUITE_TEST(the_list_goes_on_behind_what_is_read_at_a_time),
	SUITE_END,
};
SUITE_MAIN(tests)
