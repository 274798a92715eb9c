/* Issues of a repository with labels, as a tracker. */
#include <string.h>

#include "tests/support/bug_bench.h"
#include "tests/support/suite.h"

#define REPO        "/repos/acme/engine"
#define PUBLIC      "{\"private\":false,\"full_name\":\"acme/engine\"}"
#define SECRET      "{\"private\":true}"
#define LABEL(name) "{\"id\":1,\"name\":\"" name "\",\"description\":\"c4nary\"}"
#define ISSUE                                                                                                          \
	"{\"number\":412,\"state\":\"open\",\"state_reason\":null,\"title\":\"c4nary\",\"body\":\"c4nary\","           \
	"\"user\":{\"login\":\"c4nary\",\"id\":9},\"labels\":[" LABEL("sec-high") "," LABEL(                           \
		"sec-approval+") "," LABEL("?") "],\"updated_at\":\"2026-11-20T10:00:00Z\"}"

static const struct text approval[] = {{"sec-approval", 12}}, teams[] = {{"acme/security", 13}, {"plain", 5}};
static const struct tracker_wanted nothing = {.n_flags = 0},
				   wanted = {.flags = approval, .n_flags = 1, .groups = teams, .n_groups = 1},
				   both = {.flags = approval, .n_flags = 1, .groups = teams, .n_groups = 2};

static enum err_code ask(struct bug_bench *b, const struct tracker_wanted *want, struct tracker_bug *out)
{
	return b->tracker.bug(b->tracker.self, &b->call, 412, want, out, &b->err);
}

START_TEST(labels_are_keywords_and_flags)
{
	static const struct bug_step steps[] = {{.path = REPO, .status = 200, .body = SECRET},
						{.path = REPO "/issues/412", .status = 200, .body = ISSUE}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 2);
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_OK);
	ck_assert(bug.is.state == BUG_READ && bug.is.secure == TRI_YES && bug.is.open == TRI_YES);
	ck_assert(bug.is.n_keywords == 3 && text_is(bug.is.keywords[0], "sec-high"));
	ck_assert(bug.is.n_flags == 1 && text_is(bug.is.flags[0].name, "sec-approval"));
	ck_assert(bug.is.flags[0].status == BUG_FLAG_GRANTED && !bug.is.flags[0].setter_groups_known);
	ck_assert(bug.changed_at == INT64_C(1795168800000) && bug.answered_at == INT64_C(1764064800000));
	ck_assert(bug.is.n_attachments == 0 && bug.attachments_told && bug.is.as_of == BUG_BENCH_NOW);
	bug_bench_close(&b);
}
END_TEST

static const struct {
	unsigned repo_status;
	const char *repo;
	unsigned status; /* 0: the issue is not asked for */
	const char *what, *with;
	enum err_code code;
	enum bug_state state;
} rows[] = {
	{200, PUBLIC, 200, "\"open\"", "\"closed\"", ERR_OK, BUG_READ},
	{200, PUBLIC, 200, "\"state\":\"open\"", "\"state\":\"merged\"", ERR_INVALID, BUG_UNREAD},
	{200, PUBLIC, 200, "\"state\":\"open\",", "", ERR_INVALID, BUG_UNREAD},
	{200, PUBLIC, 200, "\"number\":412", "\"number\":411", ERR_INVALID, BUG_UNREAD},
	{200, PUBLIC, 200, "\"number\":412", "\"number\":\"412\"", ERR_INVALID, BUG_UNREAD},
	{200, PUBLIC, 200, "\"number\":412", "\"pull_request\":{},\"number\":412", ERR_OK, BUG_MISSING},
	{200, PUBLIC, 200, "\"labels\":[", "\"labels\":[{},", ERR_INVALID, BUG_UNREAD},
	{200, PUBLIC, 200, "\"labels\":[", "\"labels\":[{\"name\":\"\"},", ERR_INVALID, BUG_UNREAD},
	{200, PUBLIC, 200, "\"labels\":[", "\"tags\":[", ERR_INVALID, BUG_UNREAD},
	{200, PUBLIC, 200, "2026-11-20T10:00:00Z", "yesterday", ERR_INVALID, BUG_UNREAD},
	{200, PUBLIC, 200, "}", "", ERR_RETRY, BUG_UNREAD},
	{200, PUBLIC, 404, "", "", ERR_OK, BUG_MISSING},
	{200, PUBLIC, 410, "", "", ERR_OK, BUG_MISSING},
	{200, PUBLIC, 301, "", "", ERR_INVALID, BUG_UNREAD},
	{200, PUBLIC, 401, "", "", ERR_DENIED, BUG_UNREAD},
	{200, PUBLIC, 403, "", "", ERR_INVALID, BUG_UNREAD},
	{200, PUBLIC, 422, "", "", ERR_INVALID, BUG_UNREAD},
	{200, PUBLIC, 429, "", "", ERR_RETRY, BUG_UNREAD},
	{200, PUBLIC, 500, "", "", ERR_RETRY, BUG_UNREAD},
	{200, "{}", 0, "", "", ERR_INVALID, BUG_UNREAD},
	{200, "{\"private\":1}", 0, "", "", ERR_INVALID, BUG_UNREAD},
	{404, "{}", 0, "", "", ERR_GONE, BUG_UNREAD},
	{401, "{}", 0, "", "", ERR_DENIED, BUG_UNREAD},
};

START_TEST(each_answer_has_one_meaning)
{
	struct bug_step steps[2] = {{.status = rows[_i].repo_status, .body = rows[_i].repo},
				    {.status = rows[_i].status}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, rows[_i].status ? 2 : 1);
	steps[1].body = bug_bench_with(&b, ISSUE, rows[_i].what, rows[_i].with);
	ck_assert_int_eq(ask(&b, &nothing, &bug), rows[_i].code);
	if (rows[_i].code == ERR_OK)
		ck_assert_int_eq(bug.is.state, rows[_i].state);
	ck_assert_msg(!strstr(b.err.text, "c4nary") && !strstr(b.err.text, "412"), "%s", b.err.text);
	bug_bench_close(&b);
}
END_TEST

/* ---- who put the label there ---- */

#define PUT(kind, label, id, login)                                                                                    \
	"{\"event\":\"" kind "\",\"label\":{\"name\":\"" label "\"},\"actor\":{\"id\":" id ",\"login\":\"" login "\"}" \
	"}"
#define EVENTS REPO "/issues/412/events?per_page=100&page=1"
#define TEAM   "/orgs/acme/teams/security/memberships/"

static const struct {
	const char *events, *asked; /* asked NULL: no team is */
	unsigned status;
	const char *team;
	int64_t setter;
	bool known;
	size_t groups;
} setters[] = {
	{"[" PUT("labeled", "sec-approval+", "5", "sam") "]", TEAM "sam", 200, "{\"state\":\"active\"}", 5, true, 1},
	{"[" PUT("labeled", "sec-approval+", "5", "sam") "]", TEAM "sam", 200, "{\"state\":\"pending\"}", 5, true, 0},
	{"[" PUT("labeled", "sec-approval+", "5", "sam") "]", TEAM "sam", 404, "{}", 5, true, 0},
	{"[" PUT("labeled", "sec-approval+", "5", "sam") "]", TEAM "sam", 403, "{}", 5, false, 0},
	{"[" PUT("labeled", "sec-approval+", "5", "sam") "," PUT("unlabeled", "sec-approval+", "6", "lee") "," PUT(
		 "labeled", "sec-approval+", "6", "lee") "]",
	 TEAM "lee", 200, "{\"state\":\"active\"}", 6, true, 1},
	{"[" PUT("labeled", "sec-approval+", "5", "sam") "," PUT("labeled", "sec-approval?", "6", "lee") "]",
	 TEAM "sam", 200, "{\"state\":\"active\"}", 5, true, 1},
	{"[" PUT("labeled", "sec-approval+", "5", "sam") "," PUT("unlabeled", "sec-approval+", "6", "lee") "]", NULL, 0,
	 "", 0, false, 0},
	{"[]", NULL, 0, "", 0, false, 0},
	{"[{\"event\":\"labeled\"},{\"event\":\"closed\"}]", NULL, 0, "", 0, false, 0},
};

START_TEST(a_flag_is_set_by_who_put_the_label_there_last)
{
	const struct bug_step steps[] = {
		{.status = 200, .body = PUBLIC},
		{.status = 200, .body = ISSUE},
		{.path = EVENTS, .status = 200, .body = setters[_i].events},
		{.path = setters[_i].asked, .status = setters[_i].status, .body = setters[_i].team}};
	const struct bug_flag *flag;
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, setters[_i].asked ? 4 : 3);
	ck_assert_msg(ask(&b, &wanted, &bug) == ERR_OK, "%s", b.err.text);
	flag = &bug.is.flags[0];
	ck_assert(flag->setter == setters[_i].setter && flag->setter_groups_known == setters[_i].known);
	ck_assert_uint_eq(flag->n_groups, setters[_i].groups);
	bug_bench_close(&b);
}
END_TEST

START_TEST(a_group_that_is_no_team_stays_unknown)
{
	static const struct bug_step steps[] = {
		{.status = 200, .body = PUBLIC},
		{.status = 200, .body = ISSUE},
		{.status = 200, .body = "[" PUT("labeled", "sec-approval+", "5", "sam") "]"},
		{.status = 200, .body = "{\"state\":\"active\"}"}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 4);
	ck_assert_int_eq(ask(&b, &both, &bug), ERR_OK);
	ck_assert(!bug.is.flags[0].setter_groups_known && bug.is.flags[0].n_groups == 1);
	bug_bench_close(&b);
}
END_TEST

static const struct {
	unsigned status;
	const char *events;
	enum err_code code;
} event_rows[] = {{200, "{}", ERR_INVALID}, {200, "[", ERR_RETRY}, {404, "{}", ERR_GONE}, {500, "{}", ERR_RETRY}};

START_TEST(without_its_events_an_issue_is_not_read)
{
	const struct bug_step steps[] = {{.status = 200, .body = PUBLIC},
					 {.status = 200, .body = ISSUE},
					 {.status = event_rows[_i].status, .body = event_rows[_i].events}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 3);
	ck_assert_int_eq(ask(&b, &wanted, &bug), event_rows[_i].code);
	bug_bench_close(&b);
}
END_TEST

/* ---- lists ---- */

#define LIST            REPO "/issues?state=all&sort=updated&direction=asc&per_page=100&since="
#define REST            "\"state\":\"open\",\"labels\":[" LABEL("sec-high") "]"
#define ITEM(n, second) "{\"number\":" n ",\"updated_at\":\"2026-11-20T10:00:" second "Z\"," REST "}"

static const char *many(struct bug_bench *b, int n, bool same)
{
	struct text all = TEXT_LIT("[");

	for (int i = 0; i < n; i++)
		all = arena_printf(
			&b->arena, "%.*s%s{\"number\":%d,\"updated_at\":\"2026-11-20T10:00:%02dZ\"," REST "%s}",
			TEXT_ARG(all), i ? "," : "", i + 1, same ? 0 : i / 2, i % 2 ? ",\"pull_request\":{}" : "");
	return arena_printf(&b->arena, "%.*s]", TEXT_ARG(all)).at;
}

static const char *hundred(struct bug_bench *b, bool same)
{
	return many(b, 100, same);
}

START_TEST(a_full_page_is_followed_from_its_last_second)
{
	struct bug_step steps[] = {{.status = 200, .body = PUBLIC}, /* once a walk */
				   {.path = LIST "2026-11-20T10%3A00%3A00Z", .status = 200},
				   {.path = LIST "2026-11-20T10%3A00%3A49Z",
				    .status = 200,
				    .body = "[" ITEM("99", "49") "," ITEM("7", "59") "]"}};
	struct tracker_walk walk = {.since = INT64_C(1795168800000)};
	struct tracker_bugs bugs;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 3);
	steps[1].body = hundred(&b, false);
	ck_assert_int_eq(b.tracker.changed_since(b.tracker.self, &b.call, &walk, &bugs, &b.err), ERR_OK);
	ck_assert(!walk.done && bugs.n == 50 && bugs.at[49].is.id == 99); /* changes are no issues */
	ck_assert_int_eq(b.tracker.changed_since(b.tracker.self, &b.call, &walk, &bugs, &b.err), ERR_OK);
	ck_assert(walk.done && bugs.n == 2);
	bug_bench_close(&b);
}
END_TEST

START_TEST(a_page_shows_of_each_issue_what_a_hint_does)
{
	static const struct {
		const char *repo;
		enum tri secure;
	} seen[] = {{PUBLIC, TRI_NO}, {SECRET, TRI_YES}};

	for (size_t i = 0; i < 2; i++) {
		const struct bug_step steps[] = {{.status = 200, .body = seen[i].repo},
						 {.status = 200, .body = "[" ITEM("7", "59") "]"}};
		struct tracker_walk walk = {.since = INT64_C(1795168800000)};
		struct tracker_bugs bugs;
		struct bug_bench b;

		bug_bench_open(&b, "github-issues", steps, 2);
		ck_assert_int_eq(b.tracker.changed_since(b.tracker.self, &b.call, &walk, &bugs, &b.err), ERR_OK);
		ck_assert_uint_eq(bugs.n, 1);
		ck_assert(bugs.at[0].is.state == BUG_READ && bugs.at[0].is.secure == seen[i].secure);
		ck_assert(bugs.at[0].is.n_keywords == 1 && text_is(bugs.at[0].is.keywords[0], "sec-high"));
		ck_assert(!bugs.at[0].attachments_told && !bugs.at[0].duplicates_told);
		bug_bench_close(&b);
	}
}
END_TEST

/* Somebody renamed a label, or an import brought them all. */
START_TEST(more_issues_than_a_page_has_that_changed_in_one_second_are_all_listed)
{
	struct bug_step steps[] = {
		{.status = 200, .body = PUBLIC},
		{.path = LIST "2026-11-20T10%3A00%3A00Z", .status = 200},
		{.path = LIST "2026-11-20T10%3A00%3A00Z&page=2", .status = 200},
		{.path = LIST "2026-11-20T10%3A00%3A00Z&page=3", .status = 200},
		{.path = LIST "2026-11-20T10%3A00%3A49Z", .status = 200, .body = "[" ITEM("99", "49") "]"}};
	struct tracker_walk walk = {.since = INT64_C(1795168800000)};
	struct tracker_bugs bugs;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 5);
	steps[1].body = steps[2].body = hundred(&b, true);
	steps[3].body = hundred(&b, false);
	for (int i = 0; i < 4; i++) {
		ck_assert(!walk.done);
		ck_assert_int_eq(b.tracker.changed_since(b.tracker.self, &b.call, &walk, &bugs, &b.err), ERR_OK);
	}
	ck_assert(walk.done && bugs.n == 1);
	bug_bench_close(&b);
}
END_TEST

/* ---- pages that are more than one answer may be ---- */

#define TENS          REPO "/issues?state=all&sort=updated&direction=asc&per_page=10&since="
#define AFTER(second) "2026-11-20T10%3A00%3A" second "Z"
#define TOO_LARGE(page)                                                                                                \
	{                                                                                                              \
		.path = LIST page, .fail = ERR_LIMIT                                                                   \
	}

static void take_pages(struct bug_bench *b, struct tracker_walk *walk, int n, size_t each)
{
	struct tracker_bugs bugs;

	for (int i = 0; i < n; i++) {
		ck_assert(!walk->done);
		ck_assert_msg(b->tracker.changed_since(b->tracker.self, &b->call, walk, &bugs, &b->err) == ERR_OK, "%s",
			      b->err.text);
		ck_assert_uint_eq(bugs.n, each);
	}
}

START_TEST(a_page_of_long_issues_is_asked_for_by_tens)
{
	struct bug_step steps[] = {{.status = 200, .body = PUBLIC},
				   TOO_LARGE(AFTER("00")),
				   {.path = TENS AFTER("00"), .status = 200},
				   {.path = TENS AFTER("04"), .status = 200, .body = "[" ITEM("9", "04") "]"}};
	struct tracker_walk walk = {.since = INT64_C(1795168800000)};
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 4);
	steps[2].body = many(&b, 10, false);
	take_pages(&b, &walk, 1, 5);
	take_pages(&b, &walk, 1, 1);
	ck_assert(walk.done);
	bug_bench_close(&b);
}
END_TEST

START_TEST(after_ten_small_pages_a_usual_one_is_asked_for_again)
{
	struct bug_step steps[] = {
		{.status = 200, .body = PUBLIC},
		TOO_LARGE(AFTER("00")),
		{.path = TENS AFTER("00"), .status = 200},
		{.path = TENS AFTER("00") "&page=2", .status = 200},
		{.path = TENS AFTER("00") "&page=3", .status = 200},
		{.path = TENS AFTER("00") "&page=4", .status = 200},
		{.path = TENS AFTER("00") "&page=5", .status = 200},
		{.path = TENS AFTER("00") "&page=6", .status = 200},
		{.path = TENS AFTER("00") "&page=7", .status = 200},
		{.path = TENS AFTER("00") "&page=8", .status = 200},
		{.path = TENS AFTER("00") "&page=9", .status = 200},
		{.path = TENS AFTER("00") "&page=10", .status = 200},
		{.path = LIST AFTER("00") "&page=2", .status = 200, .body = "[" ITEM("9", "00") "]"},
	};
	struct tracker_walk walk = {.since = INT64_C(1795168800000)};
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 13);
	for (int i = 2; i < 12; i++)
		steps[i].body = many(&b, 10, true);
	take_pages(&b, &walk, 10, 5);
	take_pages(&b, &walk, 1, 1);
	ck_assert(walk.done);
	bug_bench_close(&b);
}
END_TEST

START_TEST(secure_issues_that_are_long_are_listed_by_tens_too)
{
	struct bug_step steps[] = {
		TOO_LARGE("1970-01-01T00%3A00%3A00Z&labels=sec-high"),
		{.path = TENS "1970-01-01T00%3A00%3A00Z&labels=sec-high", .status = 200},
		{.path = TENS AFTER("04") "&labels=sec-high", .status = 200, .body = "[" ITEM("9", "04") "]"},
		{.path = TENS "1970-01-01T00%3A00%3A00Z&labels=sec-critical", .status = 200, .body = "[]"}};
	static const size_t listed[] = {5, 1, 0};
	struct tracker_walk walk = {.since = 0};
	struct tracker_ids ids;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 4);
	steps[1].body = many(&b, 10, false);
	for (size_t i = 0; i < 3; i++) {
		ck_assert(!walk.done);
		ck_assert_int_eq(b.tracker.secure_ids(b.tracker.self, &b.call, &walk, &ids, &b.err), ERR_OK);
		ck_assert_uint_eq(ids.n, listed[i]);
	}
	ck_assert(walk.done);
	bug_bench_close(&b);
}
END_TEST

START_TEST(where_not_even_ten_are_a_whole_answer_the_walk_stands_before_them)
{
	static const struct bug_step steps[] = {
		{.status = 200, .body = PUBLIC}, TOO_LARGE(AFTER("00")), {.path = TENS AFTER("00"), .fail = ERR_LIMIT}};
	struct tracker_walk walk = {.since = INT64_C(1795168800000)};
	struct tracker_bugs bugs;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 3);
	ck_assert_int_eq(b.tracker.changed_since(b.tracker.self, &b.call, &walk, &bugs, &b.err), ERR_LIMIT);
	ck_assert(!walk.done && walk.page == 0 && walk.small == 0);
	b.err = ERR_NONE; /* the bench's own words */
	bug_bench_close(&b);
}
END_TEST

START_TEST(pages_that_lead_nowhere_end_in_an_error)
{
	struct bug_step step = {.status = 200};
	struct tracker_walk walk = {.since = INT64_C(1795168800000), .part = 1, .page = 990};
	struct tracker_bugs bugs;
	struct bug_bench b;

	walk.after = walk.since;
	bug_bench_open(&b, "github-issues", &step, 1);
	step.body = hundred(&b, true);
	ck_assert_int_eq(b.tracker.changed_since(b.tracker.self, &b.call, &walk, &bugs, &b.err), ERR_LIMIT);
	ck_assert(!walk.done && walk.page == 990);
	bug_bench_close(&b);
}
END_TEST

START_TEST(each_secure_label_is_listed_by_itself)
{
	static const struct bug_step steps[] = {
		{.path = LIST "1970-01-01T00%3A00%3A00Z&labels=sec-high",
		 .status = 200,
		 .body = "[" ITEM("7", "01") "]"},
		{.path = LIST "1970-01-01T00%3A00%3A00Z&labels=sec-critical", .status = 200, .body = "[]"}};
	struct tracker_walk walk = {.since = 0};
	struct tracker_ids ids;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 2);
	ck_assert_int_eq(b.tracker.secure_ids(b.tracker.self, &b.call, &walk, &ids, &b.err), ERR_OK);
	ck_assert(!walk.done && ids.n == 1 && ids.at[0] == 7);
	ck_assert_int_eq(b.tracker.secure_ids(b.tracker.self, &b.call, &walk, &ids, &b.err), ERR_OK);
	ck_assert(walk.done && ids.n == 0);
	bug_bench_close(&b);
}
END_TEST

static const struct {
	const char *body;
	enum err_code code;
} page_rows[] = {{"{}", ERR_INVALID},
		 {"[{\"number\":7}]", ERR_INVALID},
		 {"[{\"updated_at\":\"2026-11-20T10:00:01Z\"}]", ERR_INVALID},
		 {"[" ITEM("0", "01") "]", ERR_INVALID},
		 {"[" ITEM("7", "02") "," ITEM("8", "01") "]", ERR_INVALID},
		 {"[" ITEM("7", "02"), ERR_RETRY}};

START_TEST(one_issue_that_is_not_understood_spoils_neither_page_nor_batch)
{
	static const struct bug_step steps[] = {
		{.status = 200, .body = PUBLIC},
		{.status = 200,
		 .body = "[{\"number\":7,\"labels\":[],\"updated_at\":\"2026-11-20T10:00:01Z\"}," ITEM("8", "02") "]"},
		{.status = 200, .body = PUBLIC},
		{.path = REPO "/issues/7", .status = 200, .body = "{\"number\":7,\"labels\":7}"},
		{.path = REPO "/issues/412", .status = 200, .body = ISSUE}};
	static const int64_t ids[] = {7, 412};
	struct tracker_walk walk = {.since = INT64_C(1795168800000)};
	struct tracker_bugs bugs;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 5);
	ck_assert_int_eq(b.tracker.changed_since(b.tracker.self, &b.call, &walk, &bugs, &b.err), ERR_OK);
	ck_assert(bugs.n == 2 && bugs.at[0].is.state == BUG_UNREAD && bugs.at[1].is.state == BUG_READ);
	ck_assert_int_eq(b.tracker.hints(b.tracker.self, &b.call, &(struct tracker_ids){ids, 2}, &bugs, &b.err),
			 ERR_OK);
	ck_assert(bugs.n == 2 && bugs.at[0].is.state == BUG_UNREAD && bugs.at[1].is.state == BUG_READ);
	bug_bench_close(&b);
}
END_TEST

START_TEST(a_malformed_page_is_not_the_end)
{
	const struct bug_step steps[] = {{.status = 200, .body = PUBLIC}, {.status = 200, .body = page_rows[_i].body}};
	struct tracker_walk walk = {.since = INT64_C(1795168800000)};
	struct tracker_bugs bugs;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 2);
	ck_assert_int_eq(b.tracker.changed_since(b.tracker.self, &b.call, &walk, &bugs, &b.err), page_rows[_i].code);
	ck_assert(!walk.done);
	bug_bench_close(&b);
}
END_TEST

START_TEST(many_issues_are_read_one_by_one)
{
	static const struct bug_step steps[] = {{.status = 200, .body = PUBLIC},
						{.path = REPO "/issues/7", .status = 404, .body = "{}"},
						{.path = REPO "/issues/412", .status = 200, .body = ISSUE}};
	static const int64_t ids[] = {7, 412};
	struct tracker_bugs out;
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", steps, 3);
	ck_assert_int_eq(b.tracker.hints(b.tracker.self, &b.call, &(struct tracker_ids){ids, 2}, &out, &b.err), ERR_OK);
	ck_assert(out.n == 2 && out.at[0].is.state == BUG_MISSING && out.at[1].is.state == BUG_READ);
	ck_assert_int_eq(out.at[1].is.secure, TRI_NO);
	bug_bench_close(&b);
}
END_TEST

START_TEST(the_clock_and_the_token_are_told_by_the_repository_s_answer)
{
	static const struct bug_step steps[] = {{.path = REPO, .status = 200, .body = PUBLIC},
						{.path = REPO, .status = 200, .body = PUBLIC},
						{.path = REPO, .status = 401, .body = "{}"}};
	struct tracker_self self;
	struct bug_bench b;
	int64_t at = 0;

	bug_bench_open(&b, "github-issues", steps, 3);
	ck_assert_int_eq(b.tracker.db_time(b.tracker.self, &b.call, &at, &b.err), ERR_OK);
	ck_assert_int_eq(at, INT64_C(1764064800000));
	ck_assert_int_eq(b.tracker.whoami(b.tracker.self, &b.call, &self, &b.err), ERR_OK);
	ck_assert(self.accepted == TRI_YES && self.backlog == -1);
	ck_assert_int_eq(b.tracker.whoami(b.tracker.self, &b.call, &self, &b.err), ERR_DENIED);
	bug_bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(labels_are_keywords_and_flags),
	SUITE_ROWS(each_answer_has_one_meaning, rows),
	SUITE_ROWS(a_flag_is_set_by_who_put_the_label_there_last, setters),
	SUITE_TEST(a_group_that_is_no_team_stays_unknown),
	SUITE_ROWS(without_its_events_an_issue_is_not_read, event_rows),
	SUITE_TEST(a_full_page_is_followed_from_its_last_second),
	SUITE_TEST(a_page_shows_of_each_issue_what_a_hint_does),
	SUITE_TEST(more_issues_than_a_page_has_that_changed_in_one_second_are_all_listed),
	SUITE_TEST(a_page_of_long_issues_is_asked_for_by_tens),
	SUITE_TEST(after_ten_small_pages_a_usual_one_is_asked_for_again),
	SUITE_TEST(secure_issues_that_are_long_are_listed_by_tens_too),
	SUITE_TEST(where_not_even_ten_are_a_whole_answer_the_walk_stands_before_them),
	SUITE_TEST(pages_that_lead_nowhere_end_in_an_error),
	SUITE_TEST(each_secure_label_is_listed_by_itself),
	SUITE_TEST(one_issue_that_is_not_understood_spoils_neither_page_nor_batch),
	SUITE_ROWS(a_malformed_page_is_not_the_end, page_rows),
	SUITE_TEST(many_issues_are_read_one_by_one),
	SUITE_TEST(the_clock_and_the_token_are_told_by_the_repository_s_answer),
	SUITE_END};
SUITE_MAIN(tests)
