/*
 * Trees as time goes by, on a virtual clock: what treestatus answers, what becomes of it, and how soon a success is
 * taken back.
 */
#include "agent/store/trees.h"
#include "agent/work/trees.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

#define EVERY   60000
#define MAX_AGE 300000
#define START   1000000
#define BODY(tree, status, rest)                                                                                       \
	"{\"result\":{\"tree\":\"" tree "\",\"status\":\"" status "\"" rest ",\"message_of_the_day\":\"\","            \
	"\"category\":\"x\",\"tags\":[],\"log_id\":1}}"
#define POLICY                                                                                                         \
	"policy: {approval: [r]}\napproval_rules: [{name: r, requires: {count: 1, permissions: [write], conditions: "  \
	"{tree_open: {tree: central}}}}]\n"

struct bench {
	struct told_forge t;
	struct judge judge;
	struct tree_watcher watcher;
	unsigned status;
	const char *body;
	enum err_code fails;
	int asked, woken;
	char url[200];
};

static void signal_trees(void *self, enum wake_topic topic)
{
	struct bench *b = self;

	b->woken += topic == WAKE_TREES;
}

static enum err_code answer(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct bench *b = self;

	b->asked++;
	(void)snprintf(b->url, sizeof b->url, "%.*s", TEXT_ARG(in->url));
	ck_assert(text_is(in->method, "GET"));
	ck_assert_int_gt(in->deadline_ms, 0);
	if (b->fails != ERR_OK)
		return err_set(err, b->fails, "told so") ? ERR_OK : err->code;
	*out = (struct http_answer){.status = b->status, .body = text_of(b->body)};
	if (out->body.len > in->max_bytes)
		return err_set(err, ERR_LIMIT, "too long") ? ERR_OK : err->code;
	return ERR_OK;
}

static void bench_open(struct bench *b)
{
	struct told_forge *t = &b->t;
	struct worker worker;

	*b = (struct bench){.status = 200};
	told_forge_open_approved(t);
	t->now = START;
	t->file = POLICY;
	t->config.tree_max_age_ms = MAX_AGE;
	worker = (struct worker){
		.store = &t->store, .clock = t->ports.clock, .wake = {.self = b, .signal = signal_trees}, .owner = "w"};
	b->judge = (struct judge){
		.worker = worker, .config = t->config, .forge = &t->forge, .mirror = &t->mirror, .attempts_max = 6};
	b->watcher = (struct tree_watcher){
		worker, {{b, answer}, TEXT_LIT("https://trees.example/v1/%s/now")}, EVERY, MAX_AGE, 1000};
}

static void judged(struct bench *b)
{
	int64_t at;

	ck_assert(judge_step(&b->judge, &at));
}

static bool watched(struct bench *b)
{
	int64_t at;

	return tree_watcher_step(&b->watcher, &at);
}

static enum tree_state state_of(struct bench *b)
{
	struct row_tree row;
	struct err err = ERR_NONE;

	ck_assert(store_tree(&b->t.store, TEXT_LIT("central"), &b->t.arena, &row, &err));
	return (enum tree_state)row.state;
}

static struct row_slot slot_of(struct bench *b)
{
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid('a'), .context = TEXT_LIT("policy/merge-allowed")};

	(void)told_forge_find(&b->t, &table_slot, &slot);
	return slot;
}

static bool due(struct bench *b)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('a')};

	return told_forge_find(&b->t, &table_subject, &subject) && subject.due;
}

/* Judged, asked for, and judged again. */
static void opened(struct bench *b)
{
	bench_open(b);
	b->body = BODY("central", "open", ",\"reason\":\"\"");
	judged(b);
	ck_assert(watched(b));
	judged(b);
	ck_assert_int_eq(slot_of(b).state, STATUS_SUCCESS);
	ck_assert(!due(b));
}

START_TEST(a_tree_is_asked_for_from_the_first_verdict_on_that_asks_about_it)
{
	struct bench b;

	bench_open(&b);
	ck_assert(!watched(&b));
	ck_assert_int_eq(b.asked, 0);
	judged(&b);
	ck_assert_int_eq(b.woken, 1);
	ck_assert_int_eq(slot_of(&b).state, STATUS_PENDING);
	ck_assert_msg(text_is(slot_of(&b).text, "Needs to know whether the tree central is open"), "%.*s",
		      TEXT_ARG(slot_of(&b).text));
	b.body = BODY("central", "open", "");
	ck_assert(watched(&b));
	ck_assert_str_eq(b.url, "https://trees.example/v1/central/now");
	ck_assert(due(&b));
	judged(&b);
	ck_assert_int_eq(slot_of(&b).state, STATUS_SUCCESS);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_closing_revokes_within_a_poll_and_an_opening_allows)
{
	struct bench b;

	opened(&b);
	b.body = BODY("central", "closed", ",\"reason\":\"bustage\"");
	b.t.now += EVERY - 1;
	ck_assert(!watched(&b));
	b.t.now++;
	ck_assert(watched(&b));
	ck_assert_int_eq(slot_of(&b).state, STATUS_FAILURE);
	ck_assert_int_eq(slot_of(&b).kind, SLOT_REVOCATION);
	judged(&b);
	ck_assert_int_eq(slot_of(&b).state, STATUS_FAILURE);
	ck_assert_msg(text_is(slot_of(&b).text, "Revoked: the tree central is closed: bustage"), "%.*s",
		      TEXT_ARG(slot_of(&b).text));
	b.body = BODY("central", "open", "");
	b.t.now += EVERY;
	ck_assert(watched(&b));
	judged(&b);
	ck_assert_int_eq(slot_of(&b).state, STATUS_SUCCESS);
	told_forge_close(&b.t);
}
END_TEST

/* An answer that is not understood is worth nothing, at once. */
static const struct {
	unsigned status;
	const char *body;
} bad[] = {
	{200, ""},
	{200, "open"},
	{200, "\"open\""},
	{200, "[]"},
	{200, "{}"},
	{200, "<html>open</html>"},
	{200, "{\"result\":null}"},
	{200, "{\"result\":{}}"},
	{200, "{\"result\":{\"status\":\"open\"}}"},
	{200, "{\"tree\":\"central\",\"status\":\"open\"}"},
	{200, "{\"result\":[{\"tree\":\"central\",\"status\":\"open\"}]}"},
	{200, "{\"result\":{\"tree\":\"central\",\"status\":null}}"},
	{200, "{\"result\":{\"tree\":\"central\",\"status\":true}}"},
	{200, "{\"result\":{\"tree\":\"central\",\"status\":\"Open\"}}"},
	{200, "{\"result\":{\"tree\":\"central\",\"status\":\"open \"}}"},
	{200, "{\"result\":{\"tree\":\"central\",\"status\":\"opened\"}}"},
	{200, "{\"result\":{\"tree\":\"central\",\"status\":\"\"}}"},
	{200, "{\"result\":{\"tree\":\"central\",\"status\":\"closed\",\"status\":\"open\"}}"},
	{200, "{\"result\":{\"tree\":\"beta\",\"status\":\"open\"}}"},
	{200, "{\"result\":{\"tree\":\"Central\",\"status\":\"open\"}}"},
	{200, "{\"result\":{\"tree\":\"central\",\"status\":\"open\"}"},
	{200, "{\"result\":{\"tree\":\"central\",\"status\":\"open\"}} x"},
	{200, "{\"result\":{\"tree\":\"central\",\"status\":\"open\xff\"}}"},
	{404, BODY("central", "open", "")},
	{404, "{\"detail\":\"No such tree\",\"status\":404}"},
	{301, BODY("central", "open", "")},
	{302, BODY("central", "open", "")},
	{304, ""},
	{204, ""},
	{206, BODY("central", "open", "")},
	{401, BODY("central", "open", "")},
	{403, BODY("central", "open", "")},
	{410, BODY("central", "open", "")},
};

START_TEST(an_answer_that_is_not_understood_makes_the_tree_unknown)
{
	struct bench b;

	opened(&b);
	b.status = bad[_i].status;
	b.body = bad[_i].body;
	b.t.now += EVERY;
	ck_assert(watched(&b));
	ck_assert_int_eq(state_of(&b), TREE_UNKNOWN);
	ck_assert(due(&b));
	judged(&b);
	ck_assert_int_eq(slot_of(&b).state, STATUS_FAILURE);
	ck_assert_msg(text_is(slot_of(&b).text, "Revoked: needs to know whether the tree central is open"), "%.*s",
		      TEXT_ARG(slot_of(&b).text));
	told_forge_close(&b.t);
}
END_TEST

START_TEST(an_answer_without_end_makes_the_tree_unknown)
{
	static char body[TREESTATUS_ANSWER_MAX + 2];
	struct bench b;

	for (size_t i = 0; i + 1 < sizeof body; i++)
		body[i] = ' ';
	opened(&b);
	b.body = body;
	b.t.now += EVERY;
	ck_assert(watched(&b));
	ck_assert_int_eq(state_of(&b), TREE_UNKNOWN);
	told_forge_close(&b.t);
}
END_TEST

static const struct {
	unsigned status;
	enum err_code fails;
} silent[] = {{500, ERR_OK}, {502, ERR_OK}, {503, ERR_OK}, {429, ERR_OK}, {408, ERR_OK}, {0, ERR_RETRY}};

START_TEST(without_an_answer_the_last_one_counts_until_it_is_too_old)
{
	struct bench b;

	opened(&b);
	b.status = silent[_i].status;
	b.fails = silent[_i].fails;
	for (int i = 1; i <= MAX_AGE / EVERY; i++) {
		b.t.now += EVERY;
		ck_assert(watched(&b));
		ck_assert_int_eq(state_of(&b), TREE_OPEN);
		ck_assert(!due(&b));
	}
	ck_assert_int_eq(b.asked, 1 + MAX_AGE / EVERY);
	b.t.now += EVERY;
	ck_assert(watched(&b));
	ck_assert_int_eq(state_of(&b), TREE_UNKNOWN);
	judged(&b);
	ck_assert_int_eq(slot_of(&b).state, STATUS_FAILURE);
	b.status = 200;
	b.fails = ERR_OK;
	b.t.now += EVERY;
	ck_assert(watched(&b));
	judged(&b);
	ck_assert_int_eq(slot_of(&b).state, STATUS_SUCCESS);
	told_forge_close(&b.t);
}
END_TEST

/* Whatever the watcher is doing. */
START_TEST(a_judgement_believes_nothing_that_is_too_old)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('a')};
	struct bench b;

	opened(&b);
	b.t.now += MAX_AGE + 1;
	ck_assert(told_forge_find(&b.t, &table_subject, &subject));
	subject.wanted++;
	subject.due = 1;
	told_forge_keep(&b.t, &table_subject, &subject);
	judged(&b);
	ck_assert_int_eq(slot_of(&b).state, STATUS_FAILURE);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(where_no_treestatus_is_configured_no_tree_is_known)
{
	struct bench b;

	opened(&b);
	b.judge.config.tree_max_age_ms = -1;
	b.body = BODY("central", "closed", "");
	b.t.now += EVERY;
	ck_assert(watched(&b));
	b.body = BODY("central", "open", "");
	b.t.now += EVERY;
	ck_assert(watched(&b));
	judged(&b);
	ck_assert_int_eq(slot_of(&b).state, STATUS_FAILURE);
	told_forge_close(&b.t);
}
END_TEST

/* The second reading lasts until somebody closes the tree. */
struct closing {
	struct bench b; /* told_forge is its first member */
	enum err_code (*reviews)(void *self, const struct forge_call *call, int64_t number,
				 struct forge_list_reviews *out, struct err *err);
	int reads;
};

static enum err_code reviews_then_closed(void *self, const struct forge_call *call, int64_t number,
					 struct forge_list_reviews *out, struct err *err)
{
	struct closing *c = self;

	if (c->reads++ == 1) {
		c->b.body = BODY("central", "closed", "");
		c->b.t.now += EVERY;
		ck_assert(watched(&c->b));
	}
	return c->reviews(self, call, number, out, err);
}

START_TEST(a_tree_that_closes_while_it_is_judged_gives_no_success)
{
	static struct closing c;

	c = (struct closing){.reads = 0};
	bench_open(&c.b);
	c.b.body = BODY("central", "open", "");
	judged(&c.b);
	ck_assert(watched(&c.b));
	c.reviews = c.b.t.forge.reviews;
	c.b.t.forge.reviews = reviews_then_closed;
	judged(&c.b);
	ck_assert_int_ge(c.reads, 2);
	ck_assert_int_ne(slot_of(&c.b).state, STATUS_SUCCESS);
	ck_assert(due(&c.b));
	told_forge_close(&c.b.t);
}
END_TEST

static const struct {
	const char *body;
	size_t len; /* of the reason */
} reasons[] = {
	{BODY("central", "closed", ""), 0},
	{BODY("central", "closed", ",\"reason\":null"), 0},
	{BODY("central", "closed", ",\"reason\":5"), 0},
	{BODY("central", "closed", ",\"reason\":\"bustage\""), 7},
	{BODY("central", "open", ",\"reason\":\"was bustage\""), 0},
};

START_TEST(a_reason_is_what_closed_it)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct treestatus_says says;
	struct err err = ERR_NONE;

	ck_assert_msg(treestatus_read(text_of(reasons[_i].body), TEXT_LIT("central"), &arena, &says, &err), "%s",
		      err.text);
	ck_assert_uint_eq(says.reason.len, reasons[_i].len);
}
END_TEST

START_TEST(a_long_reason_is_cut_between_characters)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text body = TEXT_LIT("{\"result\":{\"tree\":\"t\",\"status\":\"closed\",\"reason\":\"x");
	struct treestatus_says says;
	struct err err = ERR_NONE;

	for (int i = 0; i < TREE_REASON_MAX; i++)
		body = arena_printf(&arena, "%.*s\xc3\xb6", TEXT_ARG(body));
	body = arena_printf(&arena, "%.*s\"}}", TEXT_ARG(body));
	ck_assert(treestatus_read(body, TEXT_LIT("t"), &arena, &says, &err));
	ck_assert_uint_eq(says.reason.len, TREE_REASON_MAX - 1);
	ck_assert(text_utf8(says.reason));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_tree_is_asked_for_from_the_first_verdict_on_that_asks_about_it),
	SUITE_TEST(a_closing_revokes_within_a_poll_and_an_opening_allows),
	SUITE_ROWS(an_answer_that_is_not_understood_makes_the_tree_unknown, bad),
	SUITE_TEST(an_answer_without_end_makes_the_tree_unknown),
	SUITE_ROWS(without_an_answer_the_last_one_counts_until_it_is_too_old, silent),
	SUITE_TEST(a_judgement_believes_nothing_that_is_too_old),
	SUITE_TEST(where_no_treestatus_is_configured_no_tree_is_known),
	SUITE_TEST(a_tree_that_closes_while_it_is_judged_gives_no_success),
	SUITE_ROWS(a_reason_is_what_closed_it, reasons),
	SUITE_TEST(a_long_reason_is_cut_between_characters),
	SUITE_END,
};
SUITE_MAIN(tests)
