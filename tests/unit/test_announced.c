/* What the public was told is kept apart from why, and pages are made of that alone (_i: backend). */
#include <stdio.h>

#include "tests/support/browse.h"
#include "tests/support/suite.h"

#define AAAA  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FORMS 3
static const char *const forms[FORMS] = {"", ".json", ".txt"};
static const int backends[PIPE_BACKENDS] = {0, 1};

static struct browse b;
static struct browsed pages[FORMS], got;

/* ---- judging ---- */

struct said { /* the rest of a verdict is the same in each */
	enum decision decision;
	const char *secret, *rule; /* rule: the name of a public one */
};

static void judge(const struct said *said)
{
	struct oid sha = sha_of('a');
	struct err err = ERR_NONE;
	struct rule_result children[] = {
		{.name = text_of(said->rule), .state = RULE_PENDING, .next = TEXT_LIT("a\nreview")},
		{.name = TEXT_LIT("secret"), .restricted = true, .state = RULE_PENDING, .next = text_of(said->secret)}};
	struct rule_result tree = {
		.name = TEXT_LIT("#1"), .state = RULE_PENDING, .children = children, .n_children = 2};
	struct verdict verdict = {.decision = said->decision,
				  .state = decision_state(said->decision),
				  .text = text_of(said->secret),
				  .public_text = TEXT_LIT("Needs a review"),
				  .rules = &tree,
				  .n_rules = 1};

	b.pipe.now += 60000;
	ck_assert(store_want(&b.pipe.store, PIPE_REPO, &sha, false, &err));
	browse_judge(&b, 'a', &verdict);
}

static void open_judged(int backend)
{
	browse_open_over(&b, backend);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	judge(&(struct said){DECISION_WAITING, "secret words 1", "two reviews"});
}

/* ---- rows ---- */

struct listed {
	struct row_announced at[64];
	size_t n;
};

static bool list(void *context, const void *row)
{
	struct listed *listed = context;

	listed->at[listed->n++] = *(const struct row_announced *)row;
	return listed->n < sizeof listed->at / sizeof listed->at[0];
}

static struct listed announced(void)
{
	struct rows *rows = &b.pipe.rows;
	struct scan scan = {.table = &table_announced};
	struct listed ret = {.n = 0};
	struct err err = ERR_NONE;

	ck_assert(rows->ops->begin(rows->self, false, &err));
	ck_assert_msg(rows->ops->scan(rows->self, &scan, (struct visitor){list, &ret, &b.pipe.arena}, &err), "%s",
		      err.text);
	rows->ops->rollback(rows->self);
	return ret;
}

static void put(const struct table *table, const void *row)
{
	struct rows *rows = &b.pipe.rows;
	struct err err = ERR_NONE;

	ck_assert(rows->ops->begin(rows->self, true, &err));
	ck_assert_msg(rows->ops->put(rows->self, table, row, &err), "%s", err.text);
	ck_assert(rows->ops->commit(rows->self, &err));
}

static struct row_verdict verdict_row(int64_t id)
{
	struct row_verdict row;
	struct err err = ERR_NONE;

	ck_assert_msg(store_verdict(&b.pipe.store, id, &row, &b.pipe.arena, &err), "%s", err.text);
	return row;
}

/* ---- pages ---- */

static void get(size_t form, struct browsed *ret)
{
	char path[128];

	snprintf(path, sizeof path, "/acme/engine/c/" AAAA "%s", forms[form]);
	browse_get(&b, path, ret);
	ck_assert_int_eq(ret->status, 200);
}

static void keep_pages(void)
{
	for (size_t i = 0; i < FORMS; i++)
		get(i, &pages[i]);
	ck_assert_ptr_nonnull(strstr(pages[0].body, "two reviews"));
	ck_assert_ptr_nonnull(strstr(pages[0].body, "Maintainer clearance"));
}

static void same_pages(void)
{
	for (size_t i = 0; i < FORMS; i++) {
		get(i, &got);
		ck_assert_str_eq(got.body, pages[i].body);
		ck_assert_ptr_null(strstr(got.body, "secret"));
	}
}

START_TEST(a_judgement_that_tells_nothing_new_is_no_new_row)
{
	struct listed rows;

	open_judged(_i);
	for (int i = 2; i < 30; i++) {
		judge(&(struct said){DECISION_WAITING, i % 2 ? "secret words 1" : "other secret words", "two reviews"});
		rows = announced();
		ck_assert_uint_eq(rows.n, 1);
		ck_assert_int_eq(rows.at[0].id, 1);
		ck_assert_int_eq(rows.at[0].last, i);
		ck_assert_int_eq(rows.at[0].last_at, b.pipe.now);
	}
	ck_assert(rows.at[0].made_at < b.pipe.now);
	browse_close(&b);
}
END_TEST

static const struct said news[] = {{DECISION_ALLOWED, "secret words 1", "two reviews"},
				   {DECISION_WAITING, "secret words 1", "three reviews"}};

START_TEST(what_is_news_to_the_public_is_a_row_of_its_own)
{
	struct listed rows;

	for (size_t i = 0; i < sizeof news / sizeof news[0]; i++) {
		open_judged(_i);
		judge(&news[i]);
		judge(&(struct said){DECISION_WAITING, "secret words 1", "two reviews"});
		rows = announced();
		ck_assert_uint_eq(rows.n, 3);
		ck_assert(rows.at[1].id == 2 && rows.at[1].last == 2 && rows.at[1].made_at == rows.at[1].last_at);
		ck_assert(!text_eq(rows.at[0].rules, rows.at[1].rules));
		ck_assert(text_eq(rows.at[0].rules, rows.at[2].rules));
		browse_close(&b);
	}
}
END_TEST

START_TEST(what_is_announced_holds_nothing_restricted)
{
	struct listed rows;

	open_judged(_i);
	rows = announced();
	for (size_t i = 0; i < table_announced.n_columns; i++) {
		const struct column *column = &table_announced.columns[i];
		struct text value;

		if (column->type != COLUMN_TEXT)
			continue;
		memcpy(&value, (const char *)&rows.at[0] + column->offset, sizeof value);
		ck_assert_msg(value.len > 0, "%s", column->name);
		ck_assert_msg(text_find(value, TEXT_LIT("secret")) == SIZE_MAX, "%s", column->name);
	}
	browse_close(&b);
}
END_TEST

START_TEST(a_page_reads_no_verdict)
{
	static const char *const rubbish[] = {"", "[", "{\"secret\":", "[{\"name\":\"secret rule\"}]"};

	open_judged(_i);
	keep_pages();
	for (size_t i = 0; i < sizeof rubbish / sizeof rubbish[0]; i++) {
		struct row_verdict row = verdict_row(1);

		row.rules = text_of(rubbish[i]);
		row.text = row.public_text = row.decision = row.state = TEXT_LIT("secret");
		row.made_at++;
		put(&table_verdict, &row);
		same_pages();
	}
	browse_close(&b);
}
END_TEST

START_TEST(broken_public_rules_cost_the_operator_nothing_and_the_public_those_alone)
{
	struct row_announced row;

	open_judged(_i);
	row = announced().at[0];
	row.rules = TEXT_LIT("[{\"name\":\"a secret rule\",\"children\":[{\"name\":\"a secret\"}]}]");
	put(&table_announced, &row);
	for (size_t i = 0; i < FORMS; i++) {
		get(i, &got);
		ck_assert_ptr_null(strstr(got.body, "secret"));
		ck_assert_ptr_nonnull(strstr(got.body, i == 0 ? "Next step" : "Needs a review"));
	}
	browse_control(&b, "/api/v1/commits/acme/engine/" AAAA, &got);
	ck_assert_ptr_nonnull(strstr(got.body, "two reviews"));
	ck_assert_ptr_nonnull(strstr(got.body, "secret words 1"));
	browse_close(&b);
}
END_TEST

/* Of a row that a migration made, or an older program. */
START_TEST(what_was_told_before_rules_were_kept_is_shown_from_its_verdict_until_it_is_judged_again)
{
	struct listed rows;
	struct row_announced row;

	open_judged(_i);
	keep_pages();
	row = announced().at[0];
	row.rules = TEXT_EMPTY;
	put(&table_announced, &row);
	same_pages();
	judge(&(struct said){DECISION_WAITING, "secret words 1",
			     "two reviews"}); /* it says the same: no verdict of its own */
	rows = announced();
	ck_assert_uint_eq(rows.n, 1);
	ck_assert_uint_gt(rows.at[0].rules.len, 0);
	ck_assert(rows.at[0].last == 1 && rows.at[0].made_at == row.made_at && rows.at[0].last_at == row.last_at);
	same_pages();
	browse_close(&b);
}
END_TEST

/* Its slot says so, and the page with it, whatever was announced. */
START_TEST(what_was_taken_back_since_is_not_shown_as_allowed)
{
	open_judged(_i);
	judge(&(struct said){DECISION_ALLOWED, "a secret", "two reviews"});
	get(0, &got);
	ck_assert_ptr_nonnull(strstr(got.body, "Allowed to merge</h1>"));
	b.pipe.now += 60000;
	tell(&b.pipe, push_to_change(1, 'a', 'b', 2));
	get(0, &got);
	ck_assert_ptr_null(strstr(got.body, "Allowed to merge</h1>"));
	ck_assert_ptr_nonnull(strstr(got.body, "superseded</h1>"));
	browse_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_judgement_that_tells_nothing_new_is_no_new_row, backends),
	SUITE_ROWS(what_is_news_to_the_public_is_a_row_of_its_own, backends),
	SUITE_ROWS(what_is_announced_holds_nothing_restricted, backends),
	SUITE_ROWS(a_page_reads_no_verdict, backends),
	SUITE_ROWS(broken_public_rules_cost_the_operator_nothing_and_the_public_those_alone, backends),
	SUITE_ROWS(what_was_told_before_rules_were_kept_is_shown_from_its_verdict_until_it_is_judged_again, backends),
	SUITE_ROWS(what_was_taken_back_since_is_not_shown_as_allowed, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
