/* Approval of an issue by a comment of a member of a team. */
#include <string.h>

#include "tests/support/bug_bench.h"
#include "tests/support/suite.h"

#define REPO   "/repos/acme/engine"
#define PUBLIC "{\"private\":false,\"full_name\":\"acme/engine\"}"
#define WITH(labels, comments)                                                                                         \
	"{\"number\":412,\"state\":\"open\",\"title\":\"c4nary\",\"labels\":[" labels "],\"comments\":" comments       \
	",\"updated_at\":\"2026-11-20T10:00:00Z\"}"
#define ISSUE(comments) WITH("{\"name\":\"sec-high\"}", comments)
#define TALK            REPO "/issues/412/comments?per_page=100"
#define TEAM            "/orgs/acme/teams/security/memberships/"
#define BY(id, login)   "{\"id\":" id ",\"login\":\"" login "\"}"
#define AT              "\"created_at\":\"2026-11-20T10:00:00Z\",\"updated_at\":\"2026-11-20T10:00:00Z\""
#define LATER           "\"created_at\":\"2026-11-20T10:00:00Z\",\"updated_at\":\"2026-11-20T10:00:01Z\""
#define SAID(n, body, user, when)                                                                                      \
	"{\"id\":" n ",\"body\":\"" body "\",\"user\":" user "," when ",\"author_association\":\"MEMBER\"}"
#define SAM "{\"state\":\"active\"}"

static const struct tracker_wanted nothing = {.n_flags = 0};

static enum err_code ask(struct bug_bench *b, const struct tracker_wanted *want, struct tracker_bug *out)
{
	return b->tracker.bug(b->tracker.self, &b->call, 412, want, out, &b->err);
}

#define MAX_ASKED 3

/* Members: sam (5), pat (6). lee (7) is none, kim (8) is not told. */
static const struct {
	const char *name, *login;
	unsigned status;
	const char *body;
} people[] = {{"sam", TEAM "sam", 200, SAM},
	      {"pat", TEAM "pat", 200, SAM},
	      {"lee", TEAM "lee", 404, "{}"},
	      {"kim", TEAM "kim", 403, "{}"},
	      {"ann", TEAM "ann", 200, "{\"state\":\"pending\"}"}};

static const struct row {
	const char *count, *talk;
	const char *asked[MAX_ASKED]; /* whose membership, in that order */
	char status;                  /* of sec-approval; 0: there is no such flag */
	int64_t setter;
} rows[] = {
	{"0", "[]", {NULL}, 0, 0},
	{"1", "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "]", {"sam"}, '+', 5},
	{"1", "[" SAID("1", "sec-approval+\\nsee above", BY("5", "sam"), AT) "]", {"sam"}, '+', 5},
	{"1", "[" SAID("1", "sec-approval+\\r\\nsee above", BY("5", "sam"), AT) "]", {"sam"}, '+', 5},
	/* the whole first line, and no other */
	{"1", "[" SAID("1", "sec-approval+ please", BY("5", "sam"), AT) "]", {NULL}, 0, 0},
	{"1", "[" SAID("1", " sec-approval+", BY("5", "sam"), AT) "]", {NULL}, 0, 0},
	{"1", "[" SAID("1", "sec-approval+ ", BY("5", "sam"), AT) "]", {NULL}, 0, 0},
	{"1", "[" SAID("1", "sec-approval+\\r", BY("5", "sam"), AT) "]", {NULL}, 0, 0},
	{"1", "[" SAID("1", "> sec-approval+", BY("5", "sam"), AT) "]", {NULL}, 0, 0},
	{"1", "[" SAID("1", "No.\\nsec-approval+", BY("5", "sam"), AT) "]", {NULL}, 0, 0},
	{"1", "[" SAID("1", "\\nsec-approval+", BY("5", "sam"), AT) "]", {NULL}, 0, 0},
	{"1", "[" SAID("1", "sec-approval", BY("5", "sam"), AT) "]", {NULL}, 0, 0},
	{"1", "[" SAID("1", "Sec-Approval+", BY("5", "sam"), AT) "]", {NULL}, 0, 0},
	{"1", "[" SAID("1", "other-flag+", BY("5", "sam"), AT) "]", {NULL}, 0, 0},
	{"1", "[" SAID("1", "", BY("5", "sam"), AT) "]", {NULL}, 0, 0},
	/* by whom */
	{"1", "[" SAID("1", "sec-approval+", BY("7", "lee"), AT) "]", {"lee"}, 0, 0},
	{"1", "[" SAID("1", "sec-approval+", BY("8", "kim"), AT) "]", {"kim"}, 0, 0},
	{"1", "[" SAID("1", "sec-approval+", BY("9", "ann"), AT) "]", {"ann"}, 0, 0},
	{"1", "[" SAID("1", "sec-approval+", "null", AT) "]", {NULL}, 0, 0},
	{"1", "[" SAID("1", "sec-approval+", BY("0", "sam"), AT) "]", {NULL}, 0, 0},
	/* edited: nobody knows what it was */
	{"1", "[" SAID("1", "sec-approval+", BY("5", "sam"), LATER) "]", {"sam"}, '-', 5},
	{"1", "[" SAID("1", "sec-approval+", BY("7", "lee"), LATER) "]", {"lee"}, 0, 0},
	{"2",
	 "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "," SAID("2", "sec-approval+", BY("6", "pat"), LATER) "]",
	 {"pat"},
	 '-',
	 6},
	{"2",
	 "[" SAID("1", "sec-approval+", BY("5", "sam"), LATER) "," SAID("2", "sec-approval+", BY("5", "sam"), AT) "]",
	 {"sam"},
	 '+',
	 5},
	/* taken back by a member, edited or not; by nobody else */
	{"2",
	 "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "," SAID("2", "sec-approval-", BY("6", "pat"), AT) "]",
	 {"pat"},
	 '-',
	 6},
	{"2",
	 "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "," SAID("2", "sec-approval-", BY("6", "pat"), LATER) "]",
	 {"pat"},
	 '-',
	 6},
	{"2",
	 "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "," SAID("2", "sec-approval?", BY("5", "sam"), AT) "]",
	 {"sam"},
	 '?',
	 5},
	{"2",
	 "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "," SAID("2", "sec-approval-", BY("7", "lee"), AT) "]",
	 {"lee", "sam"},
	 '+',
	 5},
	{"2",
	 "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "," SAID("2", "sec-approval-", BY("8", "kim"), AT) "]",
	 {"kim"},
	 '-',
	 8},
	{"2",
	 "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "," SAID("2", "sec-approval?", BY("8", "kim"), AT) "]",
	 {"kim"},
	 '-',
	 8},
	{"2",
	 "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "," SAID("2", "sec-approval-", "null", AT) "]",
	 {NULL},
	 '-',
	 0},
	{"2",
	 "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "," SAID("2", "sec-approval+", BY("8", "kim"), AT) "]",
	 {"kim", "sam"},
	 '+',
	 5},
	{"3",
	 "[" SAID("1", "sec-approval-", BY("6", "pat"), AT) "," SAID("2", "sec-approval+", BY("5", "sam"), AT) "," SAID(
		 "3", "Thanks!", BY("7", "lee"), AT) "]",
	 {"sam"},
	 '+',
	 5},
	{"3",
	 "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "," SAID("2", "sec-approval-", BY("7", "lee"), AT) "," SAID(
		 "3", "sec-approval-", BY("7", "lee"), AT) "]",
	 {"lee", "sam"},
	 '+',
	 5},
};

static size_t add_asked(const struct row *row, struct bug_step *steps)
{
	size_t n = 0;

	for (; n < MAX_ASKED && row->asked[n]; n++)
		for (size_t k = 0; k < sizeof people / sizeof people[0]; k++)
			if (strcmp(people[k].name, row->asked[n]) == 0)
				steps[n] = (struct bug_step){
					.path = people[k].login, .status = people[k].status, .body = people[k].body};
	return n;
}

START_TEST(the_newest_word_of_a_member_decides)
{
	const struct row *row = &rows[_i];
	struct bug_step steps[3 + MAX_ASKED] = {
		{.path = REPO, .status = 200, .body = PUBLIC},
		{.path = REPO "/issues/412", .status = 200},
		{.path = TALK, .status = 200, .body = row->talk},
	};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open_talking(&b, steps, 3 + add_asked(row, steps + 3));
	steps[1].body = bug_bench_with(&b, ISSUE("COUNT"), "COUNT", row->count);
	ck_assert_msg(ask(&b, &nothing, &bug) == ERR_OK, "%s", b.err.text);
	ck_assert_uint_eq(bug.is.n_flags, row->status ? 1 : 0);
	if (row->status) {
		ck_assert(text_is(bug.is.flags[0].name, "sec-approval"));
		ck_assert_int_eq(bug.is.flags[0].status, row->status);
		ck_assert_int_eq(bug.is.flags[0].setter, row->setter);
	}
	bug_bench_close(&b);
}
END_TEST

/* ---- beside labels, and as policies ask ---- */

static const struct text approval[] = {{"sec-approval", 12}}, teams[] = {{"acme/security", 13}, {"acme/leads", 10}};

START_TEST(the_setter_is_who_said_it_and_the_policy_asks_of_its_own_teams)
{
	static const struct tracker_wanted wanted = {.flags = approval, .n_flags = 1, .groups = teams, .n_groups = 2};
	static const struct bug_step steps[] = {
		{.status = 200, .body = PUBLIC},
		{.status = 200, .body = ISSUE("1")},
		{.path = TALK, .status = 200, .body = "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "]"},
		{.path = TEAM "sam", .status = 200, .body = SAM},
		{.path = TEAM "sam", .status = 200, .body = SAM},
		{.path = "/orgs/acme/teams/leads/memberships/sam", .status = 404, .body = "{}"}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open_talking(&b, steps, 6);
	ck_assert_msg(ask(&b, &wanted, &bug) == ERR_OK, "%s", b.err.text);
	ck_assert(bug.is.n_flags == 1 && bug.is.flags[0].setter == 5 && bug.is.flags[0].setter_groups_known);
	ck_assert(bug.is.flags[0].n_groups == 1 && text_is(bug.is.flags[0].groups[0], "acme/security"));
	bug_bench_close(&b);
}
END_TEST

START_TEST(a_label_s_setter_is_not_who_said_it)
{
	static const struct tracker_wanted wanted = {.flags = approval, .n_flags = 1, .groups = teams, .n_groups = 1};
	static const struct bug_step steps[] = {
		{.status = 200, .body = PUBLIC},
		{.status = 200, .body = WITH("{\"name\":\"sec-approval+\"}", "1")},
		{.status = 200, .body = "[" SAID("1", "sec-approval+", BY("5", "sam"), AT) "]"},
		{.path = TEAM "sam", .status = 200, .body = SAM},
		{.path = REPO "/issues/412/events?per_page=100&page=1",
		 .status = 200,
		 .body = "[{\"event\":\"labeled\",\"label\":{\"name\":\"sec-approval+\"},\"actor\":" BY("7",
													"lee") "}]"},
		{.path = TEAM "lee", .status = 404, .body = "{}"},
		{.path = TEAM "sam", .status = 200, .body = SAM}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open_talking(&b, steps, 7);
	ck_assert_msg(ask(&b, &wanted, &bug) == ERR_OK, "%s", b.err.text);
	ck_assert_uint_eq(bug.is.n_flags, 2);
	ck_assert(bug.is.flags[0].setter == 7 && bug.is.flags[0].n_groups == 0);
	ck_assert(bug.is.flags[1].setter == 5 && bug.is.flags[1].n_groups == 1);
	bug_bench_close(&b);
}
END_TEST

START_TEST(where_no_team_is_configured_comments_are_not_read)
{
	static const struct bug_step steps[] = {{.status = 200, .body = PUBLIC}, {.status = 200, .body = ISSUE("1")}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 2);
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_OK);
	ck_assert_uint_eq(bug.is.n_flags, 0);
	bug_bench_close(&b);
}
END_TEST

/* ---- answers that are none ---- */

#define ONE SAID("1", "sec-approval+", BY("5", "sam"), AT)

static const struct {
	const char *count;
	unsigned status;
	const char *talk;
	enum err_code code;
	const char *says;
} bad_rows[] = {
	{"1", 200, "{}", ERR_INVALID, "comments: not a list"},
	{"1", 200, "null", ERR_INVALID, "comments: not a list"},
	{"1", 200, "[" ONE, ERR_RETRY, "not JSON"},
	{"1", 200, "[7]", ERR_INVALID, "comments: id"},
	{"1", 200, "[{\"id\":\"1\",\"body\":\"\"," AT "}]", ERR_INVALID, "comments: id"},
	{"1", 200, "[{\"id\":0,\"body\":\"\"," AT "}]", ERR_INVALID, "in the order"},
	{"1", 200, "[{\"id\":1,\"body\":null," AT "}]", ERR_INVALID, "comments: body"},
	{"1", 200, "[{\"id\":1," AT "}]", ERR_INVALID, "comments: body"},
	{"1", 200, "[{\"id\":1,\"body\":\"\"}]", ERR_INVALID, "its times"},
	{"1", 200, "[{\"id\":1,\"body\":\"\",\"created_at\":\"2026-11-20T10:00:00Z\"}]", ERR_INVALID, "its times"},
	{"2", 200, "[" ONE "," ONE "]", ERR_INVALID, "in the order"},
	{"2", 200, "[" SAID("2", "", "null", AT) "," ONE "]", ERR_INVALID, "in the order"},
	/* a short list hides what was taken back */
	{"2", 200, "[" ONE "]", ERR_RETRY, "not as many"},
	{"0", 200, "[" ONE "]", ERR_RETRY, "not as many"},
	{"1", 200, "[]", ERR_RETRY, "not as many"},
	{"-1", 200, NULL, ERR_INVALID, "how many"},
	{"null", 200, NULL, ERR_INVALID, "how many"},
	{"\"1\"", 200, NULL, ERR_INVALID, "how many"},
	{"1", 301, "[" ONE "]", ERR_INVALID, "301"},
	{"1", 401, "[" ONE "]", ERR_DENIED, "401"},
	{"1", 403, "[" ONE "]", ERR_INVALID, "403"},
	{"1", 404, "[" ONE "]", ERR_GONE, "404"},
	{"1", 429, "[" ONE "]", ERR_RETRY, "429"},
	{"1", 500, "[" ONE "]", ERR_RETRY, "500"},
};

START_TEST(without_its_comments_an_issue_is_not_read)
{
	struct bug_step steps[3] = {{.status = 200, .body = PUBLIC},
				    {.status = 200},
				    {.path = TALK, .status = bad_rows[_i].status, .body = bad_rows[_i].talk}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open_talking(&b, steps, bad_rows[_i].talk ? 3 : 2);
	steps[1].body = bug_bench_with(&b, ISSUE("COUNT"), "COUNT", bad_rows[_i].count);
	ck_assert_int_eq(ask(&b, &nothing, &bug), bad_rows[_i].code);
	ck_assert_msg(strstr(b.err.text, bad_rows[_i].says) != NULL, "%s", b.err.text);
	ck_assert_msg(!strstr(b.err.text, "sec-approval") && !strstr(b.err.text, "sam"), "%s", b.err.text);
	bug_bench_close(&b);
}
END_TEST

static const struct {
	unsigned status;
	enum err_code code;
} team_rows[] = {{401, ERR_DENIED}, {429, ERR_RETRY}, {500, ERR_RETRY}};

START_TEST(where_a_team_is_not_told_for_now_an_issue_is_not_read)
{
	const struct bug_step steps[] = {{.status = 200, .body = PUBLIC},
					 {.status = 200, .body = ISSUE("1")},
					 {.status = 200, .body = "[" ONE "]"},
					 {.path = TEAM "sam", .status = team_rows[_i].status, .body = "{}"}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open_talking(&b, steps, 4);
	ck_assert_int_eq(ask(&b, &nothing, &bug), team_rows[_i].code);
	bug_bench_close(&b);
}
END_TEST

/* ---- many ---- */

/* Comments `from` to `to`, each by an account of its own where `strangers`. */
static const char *many(struct bug_bench *b, int from, int to, bool strangers)
{
	size_t room = 32 + (size_t)(to - from + 1) * 200, len = 0;
	char *all = arena_alloc(&b->arena, room, 1);

	all[len++] = '[';
	for (int i = from; i <= to; i++)
		len += (size_t)snprintf(all + len, room - len,
					"%s{\"id\":%d,\"body\":\"%s\",\"user\":{\"id\":%d,\"login\":\"u%d\"}," AT "}",
					i > from ? "," : "", i, strangers ? "sec-approval+" : "+1", 1000 + i, i);
	all[len++] = ']';
	all[len] = '\0';
	return all;
}

START_TEST(every_page_is_read)
{
	struct bug_step steps[] = {{.status = 200, .body = PUBLIC},
				   {.status = 200, .body = ISSUE("101")},
				   {.path = TALK, .status = 200},
				   {.path = REPO "/issues/412/comments?per_page=100&page=2",
				    .status = 200,
				    .body = "[" SAID("101", "sec-approval-", BY("5", "sam"), AT) "]"},
				   {.path = TEAM "sam", .status = 200, .body = SAM}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open_talking(&b, steps, 5);
	steps[2].body = many(&b, 1, 100, false);
	ck_assert_msg(ask(&b, &nothing, &bug) == ERR_OK, "%s", b.err.text);
	ck_assert(bug.is.n_flags == 1 && bug.is.flags[0].status == BUG_FLAG_DENIED);
	bug_bench_close(&b);
}
END_TEST

#define TENS REPO "/issues/412/comments?per_page=10"

START_TEST(long_comments_are_read_by_tens_and_the_next_hundred_at_once)
{
	struct bug_step steps[15] = {{.status = 200, .body = PUBLIC},
				     {.status = 200, .body = ISSUE("101")},
				     {.path = TALK, .fail = ERR_LIMIT},
				     [13] = {.path = TALK "&page=2",
					     .status = 200,
					     .body = "[" SAID("101", "sec-approval-", BY("5", "sam"), AT) "]"},
				     [14] = {.path = TEAM "sam", .status = 200, .body = SAM}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open_talking(&b, steps, 15);
	for (int page = 0; page < 10; page++)
		steps[3 + page] =
			(struct bug_step){.path = page ? arena_printf(&b.arena, TENS "&page=%d", page + 1).at : TENS,
					  .status = 200,
					  .body = many(&b, page * 10 + 1, page * 10 + 10, false)};
	ck_assert_msg(ask(&b, &nothing, &bug) == ERR_OK, "%s", b.err.text);
	ck_assert(bug.is.n_flags == 1 && bug.is.flags[0].status == BUG_FLAG_DENIED);
	bug_bench_close(&b);
}
END_TEST

START_TEST(a_page_of_more_than_was_asked_for_is_an_error)
{
	struct bug_step steps[] = {
		{.status = 200, .body = PUBLIC}, {.status = 200, .body = ISSUE("101")}, {.status = 200}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open_talking(&b, steps, 3);
	steps[2].body = many(&b, 1, 101, false);
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_INVALID);
	bug_bench_close(&b);
}
END_TEST

START_TEST(more_comments_than_are_read_are_an_error)
{
	struct bug_step steps[12] = {{.status = 200, .body = PUBLIC}, {.status = 200, .body = ISSUE("1000")}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open_talking(&b, steps, 12);
	for (int page = 0; page < 10; page++)
		steps[2 + page] =
			(struct bug_step){.status = 200, .body = many(&b, page * 100 + 1, page * 100 + 100, false)};
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_LIMIT);
	bug_bench_close(&b);
}
END_TEST

/* What the last of them took back must not be passed over. */
START_TEST(more_strangers_than_are_looked_up_are_an_error)
{
	struct bug_step steps[3 + TRACKER_SETTERS_MAX] = {
		{.status = 200, .body = PUBLIC}, {.status = 200, .body = ISSUE("33")}, {.status = 200}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open_talking(&b, steps, 3 + TRACKER_SETTERS_MAX);
	steps[2].body = many(&b, 1, TRACKER_SETTERS_MAX + 1, true);
	for (size_t i = 0; i < TRACKER_SETTERS_MAX; i++)
		steps[3 + i] = (struct bug_step){.status = 404, .body = "{}"};
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_LIMIT);
	bug_bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(the_newest_word_of_a_member_decides, rows),
					  SUITE_TEST(the_setter_is_who_said_it_and_the_policy_asks_of_its_own_teams),
					  SUITE_TEST(a_label_s_setter_is_not_who_said_it),
					  SUITE_TEST(where_no_team_is_configured_comments_are_not_read),
					  SUITE_ROWS(without_its_comments_an_issue_is_not_read, bad_rows),
					  SUITE_ROWS(where_a_team_is_not_told_for_now_an_issue_is_not_read, team_rows),
					  SUITE_TEST(every_page_is_read),
					  SUITE_TEST(long_comments_are_read_by_tens_and_the_next_hundred_at_once),
					  SUITE_TEST(a_page_of_more_than_was_asked_for_is_an_error),
					  SUITE_TEST(more_comments_than_are_read_are_an_error),
					  SUITE_TEST(more_strangers_than_are_looked_up_are_an_error),
					  SUITE_END};
SUITE_MAIN(tests)
