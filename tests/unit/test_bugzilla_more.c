/* What else the Bugzilla port asks: who set flags, what stubs stand for, lists, ourselves. */
#include <string.h>

#include "agent/tracker/bugzilla_inner.h"
#include "tests/support/bug_bench.h"
#include "tests/support/suite.h"

#define BUG(attachments)                                                                                               \
	"{\"bugs\":[{\"id\":412,\"groups\":[],\"keywords\":[],\"resolution\":\"FIXED\",\"is_open\":false,\"flags\":[]" \
	","                                                                                                            \
	"\"dupe_of\":9,\"duplicates\":[],\"last_change_time\":\"2026-11-20T10:00:00Z\",\"attachments\":[" attachments  \
	"]}]}"
#define FLAGGED(id, type, obsolete, status, setter)                                                                    \
	"{\"id\":" id ",\"is_obsolete\":" obsolete ",\"is_patch\":0,\"content_type\":\"" type                          \
	"\",\"flags\":[{\"name\":\"sec-approval\",\"status\":\"" status "\",\"setter\":\"" setter "\"}]}"
#define PLAIN(id, status, setter) FLAGGED(id, "text/plain", "0", status, setter)

static const struct text approval[] = {{"sec-approval", 12}}, teams[] = {{"sec-team", 8}, {"rel man", 7}};

static enum err_code ask(struct bug_bench *b, const struct tracker_wanted *wanted, struct tracker_bug *out)
{
	return b->tracker.bug(b->tracker.self, &b->call, 412, wanted, out, &b->err);
}

/* ---- who set a flag ---- */

#define TWO_SETTERS     BUG(PLAIN("31", "+", "sam@p.test") "," PLAIN("32", "+", "lee@p.test"))
#define USERS_OF(group) "/rest/user?names=sam%40p.test&names=lee%40p.test&groups=" group "&include_fields=id,name"

START_TEST(setters_are_asked_for_once_per_group)
{
	static const struct bug_step steps[] = {
		{.status = 200, .body = TWO_SETTERS},
		{.path = USERS_OF("sec-team"),
		 .status = 200,
		 .body = "{\"users\":[{\"id\":5,\"name\":\"sam@p.test\"}]}"},
		{.path = USERS_OF("rel%20man"),
		 .status = 200,
		 .body = "{\"users\":[{\"id\":6,\"name\":\"lee@p.test\"},{\"id\":5,\"name\":\"sam@p.test\"}]}"},
	};
	static const struct tracker_wanted wanted = {.flags = approval, .n_flags = 1, .groups = teams, .n_groups = 2};
	const struct bug_flag *sam, *lee;
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, 3);
	ck_assert_int_eq(ask(&b, &wanted, &bug), ERR_OK);
	ck_assert(bug.is.secure == TRI_NO && bug.is.open == TRI_NO && text_is(bug.is.resolution, "FIXED"));
	ck_assert_int_eq(bug.is.dupe_of, 9);
	sam = &bug.is.attachments[0].flags[0];
	lee = &bug.is.attachments[1].flags[0];
	ck_assert(sam->setter == 5 && sam->setter_groups_known && sam->n_groups == 2);
	ck_assert(text_is(sam->groups[0], "sec-team") && text_is(sam->groups[1], "rel man"));
	ck_assert(lee->setter == 6 && lee->setter_groups_known && lee->n_groups == 1);
	ck_assert(text_is(lee->groups[0], "rel man"));
	bug_bench_close(&b);
}
END_TEST

START_TEST(a_group_the_tracker_will_not_tell_of_stays_unknown)
{
	static const struct bug_step steps[] = {
		{.status = 200, .body = TWO_SETTERS},
		{.status = 400, .body = "{\"error\":true,\"code\":804,\"message\":\"canary\"}"},
		{.status = 200, .body = "{\"users\":[{\"id\":5,\"name\":\"sam@p.test\"}]}"},
	};
	static const struct tracker_wanted wanted = {.flags = approval, .n_flags = 1, .groups = teams, .n_groups = 2};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, 3);
	ck_assert_int_eq(ask(&b, &wanted, &bug), ERR_OK);
	ck_assert(!bug.is.attachments[0].flags[0].setter_groups_known && bug.is.attachments[0].flags[0].n_groups == 1);
	ck_assert(!bug.is.attachments[1].flags[0].setter_groups_known && bug.is.attachments[1].flags[0].n_groups == 0);
	bug_bench_close(&b);
}
END_TEST

START_TEST(nobody_is_looked_up_who_granted_nothing_that_is_wanted)
{
	static const struct text other[] = {{"review", 6}};
	static const struct tracker_wanted wanted[] = {
		{.groups = teams, .n_groups = 2, .revisions = true},
		{.flags = other, .n_flags = 1, .groups = teams, .n_groups = 2, .revisions = true},
		{.flags = approval, .n_flags = 1, .revisions = true}};
	static const struct bug_step step = {.status = 200, .body = TWO_SETTERS},
				     asked = {.status = 200, .body = BUG(PLAIN("31", "?", "sam@p.test"))};
	static const struct tracker_wanted all = {
		.flags = approval, .n_flags = 1, .groups = teams, .n_groups = 2, .revisions = true};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", &asked, 1);
	ck_assert_int_eq(ask(&b, &all, &bug), ERR_OK);
	for (size_t i = 0; i < 3; i++) {
		bug_bench_next(&b, &step, 1);
		ck_assert_int_eq(ask(&b, &wanted[i], &bug), ERR_OK);
		ck_assert(!bug.is.attachments[0].flags[0].setter_groups_known);
	}
	bug_bench_close(&b);
}
END_TEST

static const struct {
	unsigned status;
	const char *body;
	enum err_code code;
} user_rows[] = {
	{200, "{}", ERR_INVALID},
	{200, "{\"users\":{}}", ERR_INVALID},
	{200, "{\"users\":[{\"name\":\"sam@p.test\"}]}", ERR_INVALID},
	{200, "{\"users\":[{\"id\":\"5\",\"name\":\"sam@p.test\"}]}", ERR_INVALID},
	{200, "{\"users\":[{\"id\":0,\"name\":\"sam@p.test\"}]}", ERR_INVALID},
	{200, "{\"users\":[{\"id\":5}]}", ERR_INVALID},
	{200, "{\"users\":[{\"id\":5,\"name\":\"eve@p.test\"}]}", ERR_INVALID},
	{200, "{\"users\":[{\"id\":5,\"name\":\"sam@p.test\"},{\"id\":5,\"name\":\"sam@p.test\"}]}", ERR_INVALID},
	{200, "{\"users\":[{\"id\":5,\"name\":\"SAM@p.test\"}]}", ERR_INVALID},
	{200, "{\"users\":[", ERR_RETRY},
	{400, "{\"error\":true,\"code\":306}", ERR_DENIED},
	{429, "<html>", ERR_RETRY},
	{500, "<html>", ERR_RETRY},
	{302, "", ERR_RETRY},
	{401, "<html>", ERR_RETRY},
	{403, "{\"error\":\"forbidden\"}", ERR_RETRY},
	{401, "{\"error\":true,\"code\":102}", ERR_INVALID},
};

START_TEST(a_malformed_answer_about_people_puts_nobody_into_a_group)
{
	const struct bug_step steps[] = {{.status = 200, .body = TWO_SETTERS},
					 {.status = user_rows[_i].status, .body = user_rows[_i].body}};
	static const struct tracker_wanted wanted = {.flags = approval, .n_flags = 1, .groups = teams, .n_groups = 1};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, 2);
	ck_assert_int_eq(ask(&b, &wanted, &bug), user_rows[_i].code);
	bug_bench_close(&b);
}
END_TEST

/* ---- what a stub stands for ---- */

#define PHAB   "text/x-phabricator-request"
#define GITHUB "text/x-github-pull-request"
/* https://phab.test/D123 */
#define D123 "aHR0cHM6Ly9waGFiLnRlc3QvRDEyMw=="

static const struct {
	const char *type, *data, *revision;
} stubs[] = {
	{PHAB, D123, "D123"},
	{PHAB, "aHR0cHM6Ly9waGFiLnRlc3QvRDEyMwo=", "D123"},     /* ends its line */
	{PHAB, "aHR0cHM6Ly9w\naGFiLnRlc3QvRDEyMw==\n", "D123"}, /* broken lines */
	{GITHUB, "aHR0cHM6Ly9naXRodWIuY29tL2FjbWUvZW5naW5lL3B1bGwvMTI=", "acme/engine#12"},
	{GITHUB, D123, ""},
	{PHAB, "aHR0cHM6Ly9naXRodWIuY29tL2FjbWUvZW5naW5lL3B1bGwvMTI=", ""},
	{"text/plain", D123, ""},
	{PHAB, "", ""},
	{PHAB, "aHR0cHM6Ly9waGFiLnRlc3QvRDEyMw", ""},       /* no padding */
	{PHAB, "aHR0cHM6Ly9waGFiLnRlc3QvRDEyMx==", ""},     /* spare bits */
	{PHAB, "aHR0cHM6Ly9waGFiLnRlc3QvRDEyMw==aaaa", ""}, /* more behind the end */
	{PHAB, "aHR0cHM6Ly9waGFi.nRlc3QvRDEyMw==", ""},
	{PHAB, "aHR0cHM6Ly9waGFiLnRlc3QvRA==", ""},                       /* .../D */
	{PHAB, "aHR0cHM6Ly9waGFiLnRlc3QvRDA=", ""},                       /* .../D0 */
	{PHAB, "aHR0cHM6Ly9waGFiLnRlc3QvRDAx", ""},                       /* .../D01 */
	{PHAB, "aHR0cHM6Ly9waGFiLnRlc3QvRDEyMz9E", ""},                   /* .../D123?D */
	{PHAB, "aHR0cDovL3BoYWIudGVzdC9EMTIz", ""},                       /* http: */
	{PHAB, "aHR0cHM6Ly9hQGIvRDEyMw==", ""},                           /* a@b */
	{PHAB, "aHR0cHM6Ly9waGFiLnRlc3QvRDEyMzQ1Njc4OTAxMg==", ""},       /* twelve digits */
	{GITHUB, "aHR0cHM6Ly9naXRodWIuY29tL2FjbWUvLi4vcHVsbC8xMg==", ""}, /* acme/.. */
	{GITHUB, "aHR0cHM6Ly9naXRodWIuY29tLmV2aWwvYS9iL3B1bGwvMQ==", ""}, /* github.com.evil */
	{GITHUB, "aHR0cHM6Ly9naXRodWIuY29tL2EvYi9wdWxsLzEvZmlsZXM=", ""}, /* .../1/files */
	{GITHUB, "aHR0cHM6Ly9naXRodWIuY29tL2EvYi9pc3N1ZXMvMQ==", ""},     /* issues */
};

START_TEST(a_stub_stands_for_the_one_revision_its_content_names)
{
	char revision[BUGZILLA_REVISION] = "";
	bool found = bugzilla_revision_of(text_of(stubs[_i].type), text_of(stubs[_i].data), revision);

	ck_assert_str_eq(revision, stubs[_i].revision);
	ck_assert(found == (stubs[_i].revision[0] != '\0'));
}
END_TEST

#define STUB_BUG                                                                                                       \
	BUG(FLAGGED("31", PHAB, "0", "+", "s@t") "," FLAGGED("32", PHAB, "1", "+", "s@t") "," FLAGGED(                 \
		"33", PHAB, "0", "?", "s@t") "," PLAIN("34", "+", "s@t"))
#define CONTENT(id, type, data)                                                                                        \
	"{\"bugs\":{},\"attachments\":{\"31\":{\"id\":" id ",\"content_type\":\"" type "\",\"data\":\"" data "\"}}}"

static const struct tracker_wanted revisions = {.flags = approval, .n_flags = 1, .revisions = true};

START_TEST(the_content_of_a_stub_is_asked_for_once_where_it_can_count)
{
	static const struct bug_step steps[] = {{.status = 200, .body = STUB_BUG},
						{.path = "/rest/bug/attachment/31?include_fields=id,content_type,data",
						 .status = 200,
						 .body = CONTENT("31", PHAB, D123)}},
				     again = {.status = 200, .body = STUB_BUG};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, 2);
	ck_assert_int_eq(ask(&b, &revisions, &bug), ERR_OK);
	ck_assert(text_is(bug.is.attachments[0].revision, "D123") && bug.is.attachments[1].revision.len == 0);
	bug_bench_next(&b, &again, 1); /* content never changes */
	ck_assert_int_eq(ask(&b, &revisions, &bug), ERR_OK);
	ck_assert(text_is(bug.is.attachments[0].revision, "D123"));
	bug_bench_close(&b);
}
END_TEST

static const struct {
	const char *body;
	enum err_code code;
} content_rows[] = {
	{"{\"bugs\":{},\"attachments\":{}}", ERR_RETRY},
	{"{\"bugs\":{},\"attachments\":[]}", ERR_RETRY},
	{"{}", ERR_RETRY},
	{CONTENT("30", PHAB, D123), ERR_INVALID},
	{CONTENT("\"31\"", PHAB, D123), ERR_INVALID},
	{"{\"attachments\":{\"31\":{\"id\":31,\"content_type\":\"" PHAB "\"}}}", ERR_INVALID},
	{"{\"attachments\":{\"31\":{\"id\":31,\"data\":\"" D123 "\"}}}", ERR_INVALID},
	{CONTENT("31", "text/plain", D123), ERR_OK}, /* became something else: stands for nothing */
	{CONTENT("31", PHAB, "???"), ERR_OK},
};

START_TEST(a_malformed_content_stands_for_nothing)
{
	const struct bug_step steps[] = {{.status = 200, .body = STUB_BUG},
					 {.status = 200, .body = content_rows[_i].body}};
	struct tracker_bug bug = {.changed_at = 0};
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, 2);
	ck_assert_int_eq(ask(&b, &revisions, &bug), content_rows[_i].code);
	if (content_rows[_i].code == ERR_OK)
		ck_assert_uint_eq(bug.is.attachments[0].revision.len, 0);
	bug_bench_close(&b);
}
END_TEST

/* ---- many at once ---- */

#define HINTS "&include_fields=id,keywords,groups,resolution,is_open,dupe_of,last_change_time"
#define HINT(id)                                                                                                       \
	"{\"id\":" id ",\"groups\":[],\"keywords\":[\"sec-high\"],\"resolution\":\"\",\"is_open\":true,"               \
	"\"dupe_of\":null,\"last_change_time\":\"2026-11-20T10:00:00Z\"}"

START_TEST(what_a_batch_leaves_out_is_asked_for_alone)
{
	static const struct bug_step steps[] = {
		{.path = "/rest/bug?id=7%2C8%2C9%2C10" HINTS, .status = 200, .body = "{\"bugs\":[" HINT("9") "]}"},
		{.path = "/rest/bug/7?include_fields=id,keywords,groups,resolution,is_open,dupe_of,last_change_time",
		 .status = 401,
		 .body = "{\"error\":true,\"code\":102}"},
		{.status = 404, .body = "{\"error\":true,\"code\":101}"},
		{.status = 200, .body = "{\"bugs\":[" HINT("10") "],\"faults\":[]}"},
	};
	static const int64_t ids[] = {7, 8, 9, 10};
	struct tracker_bugs out;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, 4);
	ck_assert_int_eq(b.tracker.hints(b.tracker.self, &b.call, &(struct tracker_ids){ids, 4}, &out, &b.err), ERR_OK);
	ck_assert(out.n == 4 && out.at[0].is.state == BUG_HIDDEN && out.at[0].is.id == 7);
	ck_assert(out.at[1].is.state == BUG_MISSING && out.at[2].is.state == BUG_READ && out.at[2].is.id == 9);
	ck_assert(out.at[3].is.state == BUG_READ && out.at[3].is.n_keywords == 1 && !out.at[3].attachments_told);
	bug_bench_close(&b);
}
END_TEST

static const struct {
	unsigned status;
	const char *body;
	enum err_code code;
} batch_rows[] = {
	{200, "{\"bugs\":[" HINT("9") "," HINT("9") "]}", ERR_INVALID},
	{200, "{\"bugs\":[" HINT("12") "]}", ERR_INVALID},
	{200, "{\"bugs\":[{}]}", ERR_INVALID},
	{200, "{\"bugs\":{}}", ERR_INVALID},
	{200, "{}", ERR_INVALID},
	{401, "{\"error\":true,\"code\":102}", ERR_INVALID},
	{404, "{\"error\":true,\"code\":101}", ERR_INVALID},
	{401, "<html>", ERR_RETRY},
	{400, "{\"error\":true,\"code\":306}", ERR_DENIED},
	{414, "Request-URI Too Long", ERR_LIMIT},
};

START_TEST(a_malformed_batch_tells_nothing)
{
	const struct bug_step step = {.status = batch_rows[_i].status, .body = batch_rows[_i].body};
	static const int64_t ids[] = {9, 10};
	struct tracker_bugs out;
	struct bug_bench b;

	bug_bench_open(&b, "bugzilla", &step, 1);
	ck_assert_int_eq(b.tracker.hints(b.tracker.self, &b.call, &(struct tracker_ids){ids, 2}, &out, &b.err),
			 batch_rows[_i].code);
	bug_bench_close(&b);
}
END_TEST

/* Asked for alone it is understood, or it stays unread; its neighbours are told. */
START_TEST(one_bug_that_is_not_understood_spoils_no_batch)
{
	static const struct {
		const char *alone;
		enum bug_state state;
	} rows[] = {{"{\"bugs\":[" HINT("9") "],\"faults\":[]}", BUG_READ},
		    {"{\"bugs\":[{\"id\":9,\"groups\":[\"core\"],\"keywords\":7}],\"faults\":[]}", BUG_UNREAD},
		    {"{\"bugs\":[],\"faults\":[]}", BUG_UNREAD}};
	static const int64_t ids[] = {9, 10};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct bug_step steps[] = {
			{.status = 200,
			 .body = "{\"bugs\":[{\"id\":9,\"groups\":[\"core\"],\"keywords\":7}," HINT("10") "]}"},
			{.status = 200, .body = rows[i].alone}};
		struct tracker_bugs out;
		struct bug_bench b;

		bug_bench_open(&b, "bmo", steps, 2);
		ck_assert_int_eq(b.tracker.hints(b.tracker.self, &b.call, &(struct tracker_ids){ids, 2}, &out, &b.err),
				 ERR_OK);
		ck_assert(out.n == 2 && out.at[0].is.id == 9 && out.at[1].is.id == 10);
		ck_assert(out.at[0].is.state == rows[i].state && out.at[1].is.state == BUG_READ);
		ck_assert(out.at[0].is.state == BUG_READ || out.at[0].is.n_groups == 0);
		bug_bench_close(&b);
	}
}
END_TEST

START_TEST(a_batch_names_each_bug_once_and_not_too_many)
{
	static const int64_t twice[] = {9, 9}, none[] = {0};
	static const int64_t lots[TRACKER_HINTS_MAX + 1] = {1};
	static const struct {
		struct tracker_ids ids;
		enum err_code code;
	} cases[] = {{{twice, 2}, ERR_INVALID},
		     {{none, 1}, ERR_INVALID},
		     {{lots, TRACKER_HINTS_MAX + 1}, ERR_LIMIT},
		     {{NULL, 0}, ERR_OK}};
	struct tracker_bugs out;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", NULL, 0);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(b.tracker.hints(b.tracker.self, &b.call, &cases[i].ids, &out, &b.err), cases[i].code);
	bug_bench_close(&b);
}
END_TEST

/* ---- lists ---- */

#define PAGE_END "&include_fields=id&order=bug_id&limit=500"
#define CHANGED  "/rest/bug?last_change_time=2026-11-20T10%3A00%3A00Z&f1=bug_id&o1=greaterthan&v1="
#define WITH     "&include_fields=id,keywords,groups,resolution,is_open,dupe_of,last_change_time&order=bug_id&limit=500"
#define LISTED(id, keyword, groups)                                                                                    \
	"{\"id\":" id ",\"keywords\":[" keyword "],\"groups\":[" groups                                                \
	"],\"resolution\":\"\",\"is_open\":true,\"dupe_of\":null,\"last_change_time\":\"2026-11-20T10:00:00Z\"}"

START_TEST(changes_are_listed_from_behind_the_last_page_until_one_is_empty)
{
	static const struct bug_step steps[] = {
		{.path = CHANGED "0" WITH,
		 .status = 200,
		 .body = "{\"bugs\":[" LISTED("5", "\"sec-high\"", "") "," LISTED("70", "", "\"core-sec\"") "]}"},
		{.path = CHANGED "70" WITH, .status = 200, .body = "{\"bugs\":[]}"},
	};
	struct tracker_walk walk = {.since = INT64_C(1795168800000)};
	struct tracker_bugs bugs;
	struct bug_bench b;

	bug_bench_open(&b, "bugzilla", steps, 2);
	ck_assert_int_eq(b.tracker.changed_since(b.tracker.self, &b.call, &walk, &bugs, &b.err), ERR_OK);
	ck_assert(!walk.done && bugs.n == 2 && bugs.at[1].is.id == 70);
	ck_assert(bugs.at[0].is.state == BUG_READ && text_is(bugs.at[0].is.keywords[0], "sec-high"));
	ck_assert(bugs.at[0].is.secure == TRI_NO && bugs.at[1].is.secure == TRI_YES);
	ck_assert(!bugs.at[0].attachments_told && !bugs.at[0].duplicates_told);
	ck_assert_int_eq(b.tracker.changed_since(b.tracker.self, &b.call, &walk, &bugs, &b.err), ERR_OK);
	ck_assert(walk.done && bugs.n == 0);
	bug_bench_close(&b);
}
END_TEST

START_TEST(the_secure_set_is_listed_by_keyword_and_by_group)
{
#define BY_KEYWORD "/rest/bug?keywords=sec-high%2Csec-critical&keywords_type=anywords&f1=bug_id&o1=greaterthan&v1="
#define BY_GROUP   "/rest/bug?f1=bug_id&o1=greaterthan&f2=bug_group&o2=anyexact&v2=core-sec&v1="
	static const struct bug_step steps[] = {
		{.path = BY_KEYWORD "0" PAGE_END, .status = 200, .body = "{\"bugs\":[{\"id\":5}]}"},
		{.path = BY_KEYWORD "5" PAGE_END, .status = 200, .body = "{\"bugs\":[]}"},
		{.path = BY_GROUP "0" PAGE_END, .status = 200, .body = "{\"bugs\":[{\"id\":3}]}"},
		{.path = BY_GROUP "3" PAGE_END, .status = 200, .body = "{\"bugs\":[]}"},
	};
	struct tracker_walk walk = {.since = 0};
	struct tracker_ids ids;
	struct bug_bench b;
	size_t shown = 0;

	bug_bench_open(&b, "bmo", steps, 4);
	for (int i = 0; i < 4; i++) {
		ck_assert(!walk.done);
		ck_assert_int_eq(b.tracker.secure_ids(b.tracker.self, &b.call, &walk, &ids, &b.err), ERR_OK);
		shown += ids.n;
	}
	ck_assert(walk.done && shown == 2);
	ck_assert_int_eq(b.tracker.secure_ids(b.tracker.self, &b.call, &walk, &ids, &b.err), ERR_OK);
	ck_assert(walk.done && ids.n == 0);
	bug_bench_close(&b);
}
END_TEST

static const struct {
	const char *body;
	enum err_code code;
} page_rows[] = {
	{"{\"bugs\":[" LISTED("6", "", "") "," LISTED("6", "", "") "]}", ERR_INVALID},
	{"{\"bugs\":[" LISTED("6", "", "") "," LISTED("5", "", "") "]}", ERR_INVALID},
	{"{\"bugs\":[" LISTED("0", "", "") "]}", ERR_INVALID},
	{"{\"bugs\":[{}]}", ERR_INVALID},
	{"{\"bugs\":{}}", ERR_INVALID},
	{"{}", ERR_INVALID},
	{"{\"error\":true,\"bugs\":[]}", ERR_INVALID},
	{"{\"bugs\":[", ERR_RETRY},
};

START_TEST(one_bug_that_is_not_understood_spoils_no_page)
{
	const struct bug_step step = {.status = 200,
				      .body = "{\"bugs\":[" LISTED("5", "", "") ",{\"id\":6,\"groups\":[\"core\"]}]}"};
	struct tracker_walk walk = {.since = 0};
	struct tracker_bugs bugs;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", &step, 1);
	ck_assert_int_eq(b.tracker.changed_since(b.tracker.self, &b.call, &walk, &bugs, &b.err), ERR_OK);
	ck_assert(bugs.n == 2 && bugs.at[0].is.state == BUG_READ && walk.after == 6);
	ck_assert(bugs.at[1].is.id == 6 && bugs.at[1].is.state == BUG_UNREAD && bugs.at[1].is.n_groups == 0);
	bug_bench_close(&b);
}
END_TEST

START_TEST(a_malformed_page_is_not_the_end)
{
	const struct bug_step step = {.status = 200, .body = page_rows[_i].body};
	struct tracker_walk walk = {.since = 0};
	struct tracker_bugs bugs;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", &step, 1);
	ck_assert_int_eq(b.tracker.changed_since(b.tracker.self, &b.call, &walk, &bugs, &b.err), page_rows[_i].code);
	ck_assert(!walk.done && walk.after == 0);
	bug_bench_close(&b);
}
END_TEST

/* ---- ourselves ---- */

START_TEST(bmo_says_who_we_are_and_whether_events_come)
{
	static const struct bug_step steps[] = {
		{.path = "/rest/whoami?include_fields=id,groups",
		 .status = 200,
		 .body = "{\"id\":3,\"groups\":[\"editbugs\",\"core-sec\"]}"},
		{.path = "/rest/webhooks/list?include_fields=enabled,errors",
		 .status = 200,
		 .body = "{\"webhooks\":[{\"enabled\":false,\"errors\":9},{\"enabled\":true,\"errors\":4}]}"},
		{.status = 200, .body = "{\"id\":3,\"groups\":[\"editbugs\"]}"},
		{.status = 404, .body = "{\"error\":true,\"code\":32614}"},
	};
	struct tracker_self self;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, 4);
	ck_assert_int_eq(b.tracker.whoami(b.tracker.self, &b.call, &self, &b.err), ERR_OK);
	ck_assert(self.account == 3 && self.accepted == TRI_YES && self.in_groups == TRI_YES);
	ck_assert(self.pushes == TRI_YES && self.backlog == 4);
	ck_assert_int_eq(b.tracker.whoami(b.tracker.self, &b.call, &self, &b.err), ERR_OK);
	ck_assert(self.in_groups == TRI_NO && self.pushes == TRI_UNKNOWN && self.backlog == -1);
	bug_bench_close(&b);
}
END_TEST

START_TEST(upstream_says_no_more_than_that_the_key_is_good)
{
	static const struct bug_step steps[] = {{.status = 200, .body = "{\"result\":true}"},
						{.status = 400, .body = "{\"error\":true,\"code\":50}"},
						{.status = 400, .body = "{\"error\":true,\"code\":306}"},
						{.status = 401, .body = "<html>log in</html>"}};
	struct tracker_self self;
	struct bug_bench b;

	bug_bench_open(&b, "bugzilla", steps, 4);
	ck_assert_int_eq(b.tracker.whoami(b.tracker.self, &b.call, &self, &b.err), ERR_OK);
	ck_assert(self.accepted == TRI_YES && self.in_groups == TRI_UNKNOWN && self.account == 0);
	ck_assert_int_eq(b.tracker.whoami(b.tracker.self, &b.call, &self, &b.err), ERR_OK);
	ck_assert_int_eq(self.accepted, TRI_UNKNOWN);
	ck_assert_int_eq(b.tracker.whoami(b.tracker.self, &b.call, &self, &b.err), ERR_DENIED);
	ck_assert_int_eq(b.tracker.whoami(b.tracker.self, &b.call, &self, &b.err), ERR_RETRY); /* not its word */
	bug_bench_close(&b);
}
END_TEST

static const struct {
	const char *account, *hooks; /* hooks NULL: not asked for */
	enum err_code code;
} self_rows[] = {
	{"{}", NULL, ERR_INVALID},
	{"{\"id\":0,\"groups\":[]}", NULL, ERR_INVALID},
	{"{\"id\":3}", NULL, ERR_INVALID},
	{"{\"id\":3,\"groups\":\"core-sec\"}", NULL, ERR_INVALID},
	{"{\"id\":3,\"groups\":[]}", "{}", ERR_INVALID},
	{"{\"id\":3,\"groups\":[]}", "{\"webhooks\":[{\"enabled\":1,\"errors\":0}]}", ERR_INVALID},
	{"{\"id\":3,\"groups\":[]}", "{\"webhooks\":[{\"enabled\":true}]}", ERR_INVALID},
	{"{\"id\":3,\"groups\":[]}", "{\"webhooks\":[{\"enabled\":true,\"errors\":-1}]}", ERR_INVALID},
	{"{\"id\":3,\"groups\":[]}", "{\"webhooks\":[]}", ERR_OK},
};

START_TEST(a_malformed_answer_about_ourselves_is_an_error)
{
	const struct bug_step steps[] = {{.status = 200, .body = self_rows[_i].account},
					 {.status = 200, .body = self_rows[_i].hooks}};
	struct tracker_self self;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, self_rows[_i].hooks ? 2 : 1);
	ck_assert_int_eq(b.tracker.whoami(b.tracker.self, &b.call, &self, &b.err), self_rows[_i].code);
	bug_bench_close(&b);
}
END_TEST

START_TEST(the_clock_is_the_tracker_s_own)
{
	static const struct bug_step steps[] = {{.path = "/rest/time?include_fields=db_time",
						 .status = 200,
						 .body = "{\"db_time\":\"2026-11-20T10:00:00Z\"}"},
						{.status = 200, .body = "{\"db_time\":\"now\"}"},
						{.status = 200, .body = "{\"web_time\":\"2026-11-20T10:00:00Z\"}"},
						{.status = 200, .body = "[]"}};
	struct bug_bench b;
	int64_t at = 0;

	bug_bench_open(&b, "bmo", steps, 4);
	ck_assert_int_eq(b.tracker.db_time(b.tracker.self, &b.call, &at, &b.err), ERR_OK);
	ck_assert_int_eq(at, INT64_C(1795168800000));
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(b.tracker.db_time(b.tracker.self, &b.call, &at, &b.err), ERR_INVALID);
	ck_assert_int_eq(at, INT64_C(1795168800000));
	bug_bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(setters_are_asked_for_once_per_group),
	SUITE_TEST(a_group_the_tracker_will_not_tell_of_stays_unknown),
	SUITE_TEST(nobody_is_looked_up_who_granted_nothing_that_is_wanted),
	SUITE_ROWS(a_malformed_answer_about_people_puts_nobody_into_a_group, user_rows),
	SUITE_ROWS(a_stub_stands_for_the_one_revision_its_content_names, stubs),
	SUITE_TEST(the_content_of_a_stub_is_asked_for_once_where_it_can_count),
	SUITE_ROWS(a_malformed_content_stands_for_nothing, content_rows),
	SUITE_TEST(what_a_batch_leaves_out_is_asked_for_alone),
	SUITE_ROWS(a_malformed_batch_tells_nothing, batch_rows),
	SUITE_TEST(one_bug_that_is_not_understood_spoils_no_batch),
	SUITE_TEST(a_batch_names_each_bug_once_and_not_too_many),
	SUITE_TEST(one_bug_that_is_not_understood_spoils_no_page),
	SUITE_TEST(changes_are_listed_from_behind_the_last_page_until_one_is_empty),
	SUITE_TEST(the_secure_set_is_listed_by_keyword_and_by_group),
	SUITE_ROWS(a_malformed_page_is_not_the_end, page_rows),
	SUITE_TEST(bmo_says_who_we_are_and_whether_events_come),
	SUITE_TEST(upstream_says_no_more_than_that_the_key_is_good),
	SUITE_ROWS(a_malformed_answer_about_ourselves_is_an_error, self_rows),
	SUITE_TEST(the_clock_is_the_tracker_s_own),
	SUITE_END};
SUITE_MAIN(tests)
