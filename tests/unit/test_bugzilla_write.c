/* What is written to a Bugzilla: exactly what was asked for, once, and what its answer says of it. */
#include <string.h>

#include "tests/support/bug_bench.h"
#include "tests/support/suite.h"

#define WORDS "Something is to be done."
#define MARK  "00ff00ff00ff00ff"
#define SENT  "{\"comment\":\"" WORDS " [headgate " MARK "]\",\"is_private\":true}"

#define ERROR(code) "{\"error\":true,\"code\":" code ",\"message\":\"bug 412 is a secret\"}"

static const struct tracker_comment note = {412, {WORDS, sizeof WORDS - 1}, {MARK, sizeof MARK - 1}};
static const char *const flavours[] = {"bmo", "bugzilla"};

static enum err_code say(struct bug_bench *b, enum tracker_fate *fate)
{
	*fate = TRACKER_DOUBT;
	return b->tracker.comment(b->tracker.self, &b->call, &note, fate, &b->err);
}

START_TEST(a_comment_is_private_in_both_flavours)
{
	static const struct bug_step step = {
		.path = "/rest/bug/412/comment", .method = "POST", .sent = SENT, .status = 201, .body = "{\"id\":9}"};
	enum tracker_fate fate;
	struct bug_bench b;

	bug_bench_open(&b, flavours[_i], &step, 1);
	ck_assert_int_eq(say(&b, &fate), ERR_OK);
	ck_assert_int_eq(fate, TRACKER_DONE);
	bug_bench_close(&b);
}
END_TEST

static const struct {
	struct tracker_mark mark;
	const char *path, *sent;
} cleared[] = {
	{{31, 7, {"approval-x", 10}}, "/rest/bug/attachment/31", "{\"flags\":[{\"id\":7,\"status\":\"X\"}]}"},
	{{0, 8, {"tracking", 8}}, "/rest/bug/412", "{\"flags\":[{\"id\":8,\"status\":\"X\"}]}"},
	{{0, 0, {"cf_tracking_x", 13}}, "/rest/bug/412", "{\"cf_tracking_x\":\"---\"}"},
};

START_TEST(a_flag_is_cleared_by_its_number_and_a_field_by_its_name)
{
	for (size_t i = 0; i < sizeof cleared / sizeof cleared[0]; i++) {
		struct bug_step step = {.path = cleared[i].path,
					.method = "PUT",
					.sent = cleared[i].sent,
					.status = 200,
					.body = "{\"bugs\":[]}"};
		enum tracker_fate fate;
		struct bug_bench b;

		bug_bench_open(&b, flavours[_i], &step, 1);
		ck_assert_int_eq(b.tracker.clear(b.tracker.self, &b.call, 412, &cleared[i].mark, &fate, &b.err),
				 ERR_OK);
		ck_assert_int_eq(fate, TRACKER_DONE);
		bug_bench_close(&b);
	}
}
END_TEST

START_TEST(what_is_neither_a_flag_nor_a_custom_field_is_never_written)
{
	static const struct tracker_mark none = {0, 0, {"groups", 6}};
	enum tracker_fate fate;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", NULL, 0);
	ck_assert_int_eq(b.tracker.clear(b.tracker.self, &b.call, 412, &none, &fate, &b.err), ERR_INVALID);
	ck_assert_int_eq(fate, TRACKER_REFUSED);
	bug_bench_close(&b);
}
END_TEST

static const struct {
	struct bug_step step;
	enum err_code code;
	enum tracker_fate fate;
} answers[] = {
	{{.status = 400, .body = ERROR("130")}, ERR_INVALID, TRACKER_REFUSED},
	{{.status = 401, .body = ERROR("113")}, ERR_INVALID, TRACKER_REFUSED},
	{{.status = 401, .body = ERROR("102")}, ERR_OK, TRACKER_REFUSED},
	{{.status = 404, .body = ERROR("101")}, ERR_OK, TRACKER_REFUSED},
	{{.status = 404, .body = ERROR("32614")}, ERR_GONE, TRACKER_REFUSED},
	{{.status = 400, .body = ERROR("306")}, ERR_DENIED, TRACKER_UNSENT},
	{{.status = 429, .body = "<html>slow</html>"}, ERR_RETRY, TRACKER_UNSENT},
	{{.status = 400, .body = ERROR("32000")}, ERR_RETRY, TRACKER_UNSENT},
	{{.status = 503, .body = "<html>down</html>"}, ERR_RETRY, TRACKER_DOUBT},
	{{.status = 200, .body = ERROR("100500")}, ERR_RETRY, TRACKER_DOUBT},
	{{.status = 201, .body = "{\"id\":"}, ERR_RETRY, TRACKER_DOUBT},
	{{.status = 401, .body = "<html>log in</html>"}, ERR_RETRY, TRACKER_UNSENT},
	{{.status = 403, .body = "{\"error\":\"forbidden\"}"}, ERR_RETRY, TRACKER_UNSENT},
	{{.status = 407, .body = ""}, ERR_RETRY, TRACKER_UNSENT},
	{{.status = 403, .body = ERROR("113")}, ERR_INVALID, TRACKER_REFUSED},
	{{.status = 302, .body = ""}, ERR_RETRY, TRACKER_DOUBT},
	{{.fail = ERR_RETRY}, ERR_RETRY, TRACKER_DOUBT},
	{{.fail = ERR_RETRY, .not_sent = true}, ERR_RETRY, TRACKER_UNSENT},
};

START_TEST(an_answer_says_whether_it_was_done_and_nothing_of_the_bug)
{
	struct bug_step step = answers[_i].step;
	enum tracker_fate fate;
	struct bug_bench b;

	step.method = "POST";
	step.sent = SENT;
	bug_bench_open(&b, "bmo", &step, 1);
	ck_assert_int_eq(say(&b, &fate), answers[_i].code);
	ck_assert_int_eq(fate, answers[_i].fate);
	ck_assert_ptr_null(strstr(b.err.text, "412"));
	ck_assert_ptr_null(strstr(b.err.text, "secret"));
	bug_bench_close(&b);
}
END_TEST

static const struct {
	const char *body;
	enum err_code code;
	bool found;
} comments[] = {
	{"{\"bugs\":{\"412\":{\"comments\":[{\"text\":\"x\"},{\"text\":\"y [headgate " MARK "]\"}]}}}", ERR_OK, true},
	{"{\"bugs\":{\"412\":{\"comments\":[{\"text\":\"y [headgate 11ff00ff00ff00ff]\"}]}}}", ERR_OK, false},
	{"{\"bugs\":{\"412\":{\"comments\":[{\"text\":\"[headgate " MARK "] quoted\"}]}}}", ERR_OK, false},
	{"{\"bugs\":{\"412\":{\"comments\":[]}}}", ERR_OK, false},
	{"{\"bugs\":{\"413\":{\"comments\":[]}}}", ERR_INVALID, false},
	{"{\"bugs\":[{\"comments\":[]}]}", ERR_INVALID, false},
	{"{\"bugs\":{\"412\":{\"comments\":{}}}}", ERR_INVALID, false},
};

START_TEST(a_comment_of_ours_is_found_by_its_mark)
{
	struct bug_step step = {
		.path = "/rest/bug/412/comment?include_fields=text", .status = 200, .body = comments[_i].body};
	bool found = false;
	struct bug_bench b;

	bug_bench_open(&b, "bugzilla", &step, 1);
	ck_assert_int_eq(b.tracker.commented(b.tracker.self, &b.call, &note, &found, &b.err), comments[_i].code);
	ck_assert(found == comments[_i].found);
	bug_bench_close(&b);
}
END_TEST

START_TEST(github_issues_are_never_written_to)
{
	struct bug_bench b;

	bug_bench_open(&b, "github-issues", NULL, 0);
	ck_assert(!b.tracker.comment && !b.tracker.clear && !b.tracker.commented);
	bug_bench_close(&b);
}
END_TEST

/* ---- which flags are told with their numbers ---- */

#define ATTACHMENT(id, obsolete, flags)                                                                                \
	"{\"id\":" id ",\"bug_id\":412,\"is_obsolete\":" obsolete ",\"is_patch\":1,\"content_type\":\"text/plain\","   \
	"\"flags\":[" flags "]}"
#define FLAG(id, name, status) "{\"id\":" id ",\"name\":\"" name "\",\"status\":\"" status "\"}"
#define BUG(more)                                                                                                      \
	"{\"bugs\":[{\"id\":412,\"groups\":[],\"keywords\":[\"sec-high\"],\"resolution\":\"\",\"is_open\":true,"       \
	"\"flags\":[" FLAG("9", "approval-bug",                                                                        \
			   "+") "],\"dupe_of\":null,"                                                                  \
				"\"last_change_time\":\"2026-11-20T10:00:00Z\",\"duplicates\":[]" more                 \
				",\"attachments\":[" ATTACHMENT(                                                       \
					"31", "0",                                                                     \
					FLAG("1", "approval-mozilla-beta", "+") "," FLAG(                              \
						"2", "approval-mozilla-esr",                                           \
						"?") "," FLAG("3", "sec-approval",                                     \
							      "+")) "," ATTACHMENT("32", "1",                          \
										   FLAG("4", "approval-mozilla-beta",  \
											"+")) "]}],\"faults\":[]}"

static const struct text marked[] = {{"approval-*", 10}, {"cf_tracking_*", 13}};

static enum err_code read_marks(struct bug_bench *b, struct tracker_bug *out)
{
	static const struct tracker_wanted wanted = {.marks = marked, .n_marks = 2, .fields = true};

	return b->tracker.bug(b->tracker.self, &b->call, 412, &wanted, out, &b->err);
}

START_TEST(granted_flags_of_patterns_are_told_but_not_of_what_is_obsolete)
{
	static const struct bug_step step = {
		.status = 200,
		.body = BUG(",\"cf_tracking_x\":\"+\",\"cf_tracking_y\":\"?\",\"cf_tracking_z\":\"---\",\"cf_n\":7")};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", &step, 1);
	ck_assert_msg(read_marks(&b, &bug) == ERR_OK, "%s", b.err.text);
	ck_assert_uint_eq(bug.n_marks, 3);
	ck_assert(bug.marks[0].flag == 9 && bug.marks[0].attachment == 0);
	ck_assert(bug.marks[1].flag == 0 && text_is(bug.marks[1].name, "cf_tracking_x"));
	ck_assert(bug.marks[2].flag == 1 && bug.marks[2].attachment == 31);
	ck_assert_uint_eq(bug.is.n_flags, 3); /* fields are flags, too */
	ck_assert(text_is(bug.is.flags[2].name, "cf_tracking_y") && bug.is.flags[2].status == BUG_FLAG_ASKED);
	ck_assert_uint_eq(bug.n_unset, 2);
	ck_assert(text_is(bug.unset[0], "cf_tracking_y") && text_is(bug.unset[1], "cf_tracking_z"));
	bug_bench_close(&b);
}
END_TEST

START_TEST(a_marked_flag_without_a_number_is_an_error)
{
	static const char *const ids[] = {"\"name\":\"x\"", "\"id\":\"9\"", "\"id\":0"};
	struct bug_step step = {.status = 200};
	struct tracker_bug bug;
	struct bug_bench b;

	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		bug_bench_open(&b, "bmo", NULL, 0);
		step.body = bug_bench_with(&b, BUG(""), "\"id\":9", i == 0 ? "\"x\":9" : ids[i]);
		bug_bench_next(&b, &step, 1);
		ck_assert_int_eq(read_marks(&b, &bug), ERR_INVALID);
		bug_bench_close(&b);
	}
}
END_TEST

START_TEST(custom_fields_are_asked_for_only_where_they_count)
{
	static const struct tracker_wanted nothing = {.n_flags = 0};
	static const struct bug_step step = {.status = 200, .body = BUG(",\"cf_tracking_x\":\"+\"")};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", &step, 1);
	ck_assert_int_eq(b.tracker.bug(b.tracker.self, &b.call, 412, &nothing, &bug, &b.err), ERR_OK);
	ck_assert(bug.n_marks == 0 && bug.n_unset == 0 && bug.is.n_flags == 1);
	bug_bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_comment_is_private_in_both_flavours, flavours),
	SUITE_ROWS(a_flag_is_cleared_by_its_number_and_a_field_by_its_name, flavours),
	SUITE_TEST(what_is_neither_a_flag_nor_a_custom_field_is_never_written),
	SUITE_ROWS(an_answer_says_whether_it_was_done_and_nothing_of_the_bug, answers),
	SUITE_ROWS(a_comment_of_ours_is_found_by_its_mark, comments),
	SUITE_TEST(github_issues_are_never_written_to),
	SUITE_TEST(granted_flags_of_patterns_are_told_but_not_of_what_is_obsolete),
	SUITE_TEST(a_marked_flag_without_a_number_is_an_error),
	SUITE_TEST(custom_fields_are_asked_for_only_where_they_count),
	SUITE_END,
};
SUITE_MAIN(tests)
