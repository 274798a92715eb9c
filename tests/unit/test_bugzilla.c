/* Bugs, as the Bugzilla port reads them from BMO and from upstream. */
#include <string.h>

#include "tests/support/bug_bench.h"
#include "tests/support/suite.h"

#define BMO_PATH(id)                                                                                                   \
	"/rest/bug/" id "?include_fields=id,keywords,groups,resolution,is_open,flags,dupe_of,last_change_time,"        \
	"duplicates,attachments.id,attachments.bug_id,attachments.is_obsolete,attachments.is_patch,"                   \
	"attachments.content_type,attachments.flags"
#define UP_PATH  "/rest/bug/412?include_fields=id,keywords,groups,resolution,is_open,flags,dupe_of,last_change_time"
#define ATT_PATH "/rest/bug/412/attachment?include_fields=id,bug_id,is_obsolete,is_patch,is_private,content_type,flags"

#define ATTACHMENTS                                                                                                    \
	"[{\"id\":31,\"bug_id\":412,\"is_obsolete\":0,\"is_patch\":1,\"content_type\":\"text/plain\","                 \
	"\"flags\":[{\"id\":1,\"name\":\"sec-approval\",\"status\":\"+\",\"setter\":\"sam@people.test\"}]},"           \
	"{\"id\":32,\"bug_id\":412,\"is_obsolete\":1,\"is_patch\":0,\"content_type\":\"text/plain\",\"flags\":[]}]"
#define FIELDS                                                                                                         \
	"\"id\":412,\"groups\":[\"core-sec\"],\"keywords\":[\"sec-high\",\"crash\"],\"resolution\":\"\","              \
	"\"is_open\":true,\"flags\":[{\"id\":7,\"name\":\"tracking\",\"status\":\"?\",\"setter\":\"lee@people.test\"}" \
	"],"                                                                                                           \
	"\"dupe_of\":null,\"last_change_time\":\"2026-11-20T10:00:00Z\""
#define BMO      "{\"bugs\":[{" FIELDS ",\"duplicates\":[77,78],\"attachments\":" ATTACHMENTS "}],\"faults\":[]}"
#define UPSTREAM "{\"bugs\":[{" FIELDS "}],\"faults\":[]}"
#define LISTED   "{\"bugs\":{\"412\":" ATTACHMENTS "},\"attachments\":{}}"
#define ERROR(code, text)                                                                                              \
	"{\"error\":true,\"code\":" code ",\"message\":\"" text "\",\"documentation\":\"docs/%lang%/html/api/\"}"

static const struct tracker_wanted nothing = {.n_flags = 0};

static enum err_code ask(struct bug_bench *b, const struct tracker_wanted *wanted, struct tracker_bug *out)
{
	*out = (struct tracker_bug){.is = {.id = -1}};
	return b->tracker.bug(b->tracker.self, &b->call, 412, wanted, out, &b->err);
}

static void check_bug(const struct tracker_bug *bug)
{
	ck_assert(bug->is.state == BUG_READ && bug->is.id == 412 && text_is(bug->is.tracker, "bugs"));
	ck_assert(bug->is.secure == TRI_YES && bug->is.open == TRI_YES && bug->is.resolution.len == 0);
	ck_assert(bug->is.n_keywords == 2 && text_is(bug->is.keywords[0], "sec-high"));
	ck_assert(text_is(bug->is.keywords[1], "crash"));
	ck_assert(bug->is.n_groups == 1 && text_is(bug->is.groups[0], "core-sec"));
	ck_assert(bug->is.n_flags == 1 && text_is(bug->is.flags[0].name, "tracking"));
	ck_assert(bug->is.flags[0].status == BUG_FLAG_ASKED && bug->is.flags[0].setter == 0);
	ck_assert(bug->is.n_attachments == 2 && bug->attachments_told);
	ck_assert(bug->is.attachments[0].id == 31 && !bug->is.attachments[0].obsolete && bug->is.attachments[0].patch);
	ck_assert(bug->is.attachments[0].n_flags == 1 && bug->is.attachments[1].n_flags == 0);
	ck_assert(bug->is.attachments[0].flags[0].status == BUG_FLAG_GRANTED);
	ck_assert(!bug->is.attachments[0].flags[0].setter_groups_known);
	ck_assert(bug->is.attachments[1].obsolete && !bug->is.attachments[1].patch);
	ck_assert(bug->is.as_of == BUG_BENCH_NOW && !bug->is.from_table && bug->is.dupe_of == 0);
	ck_assert(bug->changed_at == INT64_C(1795168800000) && bug->answered_at == INT64_C(1764064800000));
}

START_TEST(bmo_tells_a_bug_and_its_attachments_in_one_answer)
{
	static const struct bug_step step = {.path = BMO_PATH("412"), .status = 200, .body = BMO};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", &step, 1);
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_OK);
	check_bug(&bug);
	ck_assert(bug.duplicates_told && bug.is.n_duplicates == 2 && bug.is.duplicates[1] == 78);
	bug_bench_close(&b);
}
END_TEST

START_TEST(upstream_is_asked_for_attachments_besides)
{
	static const struct bug_step steps[] = {{.path = UP_PATH, .status = 200, .body = UPSTREAM},
						{.path = ATT_PATH, .status = 200, .body = LISTED}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bugzilla", steps, 2);
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_OK);
	check_bug(&bug);
	ck_assert(!bug.duplicates_told && bug.is.n_duplicates == 0);
	bug_bench_close(&b);
}
END_TEST

/* ---- one thing changed in a sound answer ---- */

static const struct {
	const char *what, *with;
	enum err_code code;
	const char *names; /* what the error says */
} malformed[] = {
	{"{\"bugs\":", "[{\"bugs\":", ERR_RETRY, "not JSON"},
	{"\"faults\":[]}", "\"faults\":[]", ERR_RETRY, "not JSON"},
	{"\"id\":412,", "\"id\":412,\"id\":413,", ERR_RETRY, "not JSON"},
	{"{\"bugs\":[", "{\"bugs\":[[", ERR_RETRY, "not JSON"},
	{"\"bugs\":[{", "\"bugz\":[{", ERR_INVALID, "bugs: not a list"},
	{"\"faults\":[]", "\"faults\":[{\"id\":412}]", ERR_INVALID, "bugs: not a list"},
	{"\"faults\":[]", "\"faults\":{}", ERR_INVALID, "bugs: not a list"},
	{"\"bugs\":[{", "\"bugs\":[{\"id\":1},{", ERR_INVALID, "bugs: not a list"},
	{"\"id\":412", "\"id\":413", ERR_INVALID, "another bug"},
	{"\"id\":412", "\"id\":\"412\"", ERR_INVALID, "id: not an integer"},
	{"\"id\":412", "\"id\":0", ERR_INVALID, "id: not a number"},
	{"\"id\":412", "\"id\":-412", ERR_INVALID, "id: not a number"},
	{"\"id\":412", "\"id\":412.0", ERR_INVALID, "id: not an integer"},
	{"\"id\":412,", "", ERR_INVALID, "id: missing"},
	{"\"groups\":[\"core-sec\"]", "\"groups\":null", ERR_INVALID, "groups: not a list"},
	{"\"groups\":[\"core-sec\"],", "", ERR_INVALID, "groups: not a list"},
	{"\"groups\":[\"core-sec\"]", "\"groups\":\"core-sec\"", ERR_INVALID, "groups: not a list"},
	{"\"groups\":[\"core-sec\"]", "\"groups\":[null]", ERR_INVALID, "groups"},
	{"\"groups\":[\"core-sec\"]", "\"groups\":[\"\"]", ERR_INVALID, "groups"},
	{"\"groups\":[\"core-sec\"]", "\"groups\":[\"a\\nb\"]", ERR_INVALID, "control bytes"},
	{"\"keywords\":[\"sec-high\",\"crash\"]", "\"keywords\":[7]", ERR_INVALID, "keywords"},
	{"\"keywords\":[\"sec-high\",\"crash\"],", "", ERR_INVALID, "keywords: not a list"},
	{"\"resolution\":\"\"", "\"resolution\":null", ERR_INVALID, "resolution: missing"},
	{"\"resolution\":\"\"", "\"resolution\":\"FIXED\"", ERR_INVALID, "is_open: contradicts"},
	{"\"is_open\":true", "\"is_open\":false", ERR_INVALID, "is_open: contradicts"},
	{"\"is_open\":true", "\"is_open\":1", ERR_INVALID, "is_open: neither"},
	{"\"is_open\":true,", "", ERR_INVALID, "is_open: neither"},
	{"\"dupe_of\":null,", "", ERR_INVALID, "dupe_of: missing"},
	{"\"dupe_of\":null", "\"dupe_of\":412", ERR_INVALID, "dupe_of: the bug itself"},
	{"\"dupe_of\":null", "\"dupe_of\":\"9\"", ERR_INVALID, "dupe_of: not an integer"},
	{"\"dupe_of\":null", "\"dupe_of\":false", ERR_INVALID, "dupe_of: not an integer"},
	{"\"2026-11-20T10:00:00Z\"", "\"2026-11-20 10:00\"", ERR_INVALID, "last_change_time"},
	{"\"2026-11-20T10:00:00Z\"", "1795168800", ERR_INVALID, "last_change_time"},
	{"\"duplicates\":[77,78],", "", ERR_INVALID, "duplicates: not a list"},
	{"\"duplicates\":[77,78]", "\"duplicates\":[77,\"78\"]", ERR_INVALID, "duplicates"},
	{"\"duplicates\":[77,78]", "\"duplicates\":[0]", ERR_INVALID, "duplicates"},
	{"\"status\":\"?\"", "\"status\":\"X\"", ERR_INVALID, "status: none that a flag"},
	{"\"status\":\"?\"", "\"status\":\"\"", ERR_INVALID, "status: none that a flag"},
	{"\"status\":\"?\"", "\"status\":\"++\"", ERR_INVALID, "status: none that a flag"},
	{"\"status\":\"?\"", "\"value\":\"?\"", ERR_INVALID, "status: missing"},
	{"\"name\":\"tracking\",", "", ERR_INVALID, "flags: name: missing"},
	{"\"status\":\"+\"", "\"status\":\"++\"", ERR_INVALID, "attachments: flags: status"},
	{"\"status\":\"+\"", "\"status\":1", ERR_INVALID, "attachments: flags: status"},
	{"\"attachments\":[{", "\"attachments\":{\"x\":[{", ERR_RETRY, "not JSON"},
	{"\"attachments\":[{", "\"attach\":[{", ERR_INVALID, "attachments: not a list"},
	{"\"id\":31", "\"id\":32", ERR_INVALID, "attachments: the same one twice"},
	{"\"id\":31,", "", ERR_INVALID, "attachments: id: missing"},
	{"\"bug_id\":412", "\"bug_id\":413", ERR_INVALID, "bug_id: of another bug"},
	{"\"is_obsolete\":0", "\"is_obsolete\":2", ERR_INVALID, "is_obsolete: neither"},
	{"\"is_obsolete\":0", "\"is_obsolete\":\"0\"", ERR_INVALID, "is_obsolete: neither"},
	{"\"is_obsolete\":0,", "", ERR_INVALID, "is_obsolete: neither"},
	{"\"is_patch\":1", "\"is_patch\":null", ERR_INVALID, "is_patch: neither"},
	{"\"content_type\":\"text/plain\",", "", ERR_INVALID, "content_type: missing"},
};

START_TEST(a_malformed_answer_is_an_error_that_names_the_field)
{
	struct tracker_bug bug;
	struct bug_step step = {.status = 200};
	struct bug_bench b;

	bug_bench_open(&b, "bmo", &step, 1);
	step.body = bug_bench_with(&b, BMO, malformed[_i].what, malformed[_i].with);
	ck_assert_int_eq(ask(&b, &nothing, &bug), malformed[_i].code);
	ck_assert_msg(strstr(b.err.text, malformed[_i].names) != NULL, "%s", b.err.text);
	ck_assert_int_eq(bug.is.id, -1); /* untouched */
	bug_bench_close(&b);
}
END_TEST

static const struct {
	const char *what, *with;
	enum err_code code;
} attachment_rows[] = {
	{"\"412\"", "\"413\"", ERR_INVALID},
	{"{\"412\":", "[", ERR_RETRY},
	{"\"bug_id\":412", "\"bug_id\":1", ERR_INVALID},
	{"\"bugs\"", "\"error\":true,\"bugs\"", ERR_INVALID},
	{"\"bugs\"", "\"code\":32000,\"bugs\"", ERR_INVALID},
};

START_TEST(malformed_attachments_are_never_none)
{
	struct tracker_bug bug;
	struct bug_step steps[2] = {{.path = UP_PATH, .status = 200, .body = UPSTREAM},
				    {.path = ATT_PATH, .status = 200}};
	struct bug_bench b;

	bug_bench_open(&b, "bugzilla", steps, 2);
	steps[1].body = bug_bench_with(&b, LISTED, attachment_rows[_i].what, attachment_rows[_i].with);
	ck_assert_int_eq(ask(&b, &nothing, &bug), attachment_rows[_i].code);
	ck_assert_int_eq(bug.is.id, -1);
	bug_bench_close(&b);
}
END_TEST

/* ---- more than the limits ---- */

static const char *many(struct bug_bench *b, const char *item, size_t n)
{
	struct text all = TEXT_EMPTY;

	for (size_t i = 0; i < n; i++)
		all = arena_printf(&b->arena, "%.*s%s%s", TEXT_ARG(all), i ? "," : "", item);
	return all.at;
}

static const struct {
	const char *what, *before, *item, *after;
	size_t max;
} limits[] = {
	{"[\"core-sec\"]", "[", "\"g\"", "]", TRACKER_KEYWORDS_MAX},
	{"[\"sec-high\",\"crash\"]", "[", "\"k\"", "]", TRACKER_KEYWORDS_MAX},
	{"[77,78]", "[", "5", "]", TRACKER_DUPLICATES_MAX},
	{"\"flags\":[]", "\"flags\":[", "{\"name\":\"f\",\"status\":\"-\"}", "]", TRACKER_FLAGS_MAX},
};

START_TEST(the_limit_is_taken_and_one_more_is_an_error)
{
	struct tracker_bug bug;
	struct bug_step steps[2] = {{.status = 200}, {.status = 200}};
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, 2);
	for (size_t i = 0; i < 2; i++) {
		const char *items = many(&b, limits[_i].item, limits[_i].max + i);
		const char *with = arena_printf(&b.arena, "%s%s%s", limits[_i].before, items, limits[_i].after).at;

		steps[i].body = bug_bench_with(&b, BMO, limits[_i].what, with);
		ck_assert_int_eq(ask(&b, &nothing, &bug), i ? ERR_LIMIT : ERR_OK);
	}
	bug_bench_close(&b);
}
END_TEST

START_TEST(a_word_or_a_list_too_long_is_an_error)
{
	struct tracker_bug bug;
	struct bug_step steps[2] = {{.status = 200}, {.status = 200}};
	struct text word = TEXT_EMPTY, list = TEXT_LIT("[");
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, 2);
	word = text_of(many(&b, "x", TRACKER_WORD_MAX / 2 + 1)); /* with commas one too many */
	steps[0].body = bug_bench_with(&b, BMO, "crash", word.at);
	ck_assert_uint_eq(word.len, TRACKER_WORD_MAX);
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_OK);
	steps[1].body = bug_bench_with(&b, BMO, "crash", arena_printf(&b.arena, "%sy", word.at).at);
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_LIMIT);
	for (int i = 0; i <= TRACKER_ATTACHMENTS_MAX; i++)
		list = arena_printf(
			&b.arena,
			"%.*s%s{\"id\":%d,\"is_obsolete\":1,\"is_patch\":1,\"content_type\":\"\",\"flags\":[]}",
			TEXT_ARG(list), i ? "," : "", i + 1);
	steps[0] = (struct bug_step){
		.status = 200,
		.body = arena_printf(&b.arena, "{\"bugs\":[{" FIELDS ",\"duplicates\":[],\"attachments\":%s]}]}",
				     list.at)
				.at};
	bug_bench_next(&b, steps, 1);
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_LIMIT);
	bug_bench_close(&b);
}
END_TEST

/* ---- refusals ---- */

#define HTML "<html><body>bug 412 \"canary\" is busy</body></html>"
static const struct {
	unsigned status;
	const char *body, *retry_after;
	enum err_code code;
	enum bug_state state;
	int64_t wait_ms; /* 0: none is named */
} refusals[] = {
	{401, ERROR("102", "You are not authorized"), NULL, ERR_OK, BUG_HIDDEN, 0},
	{404, ERROR("101", "Bug #412 does not exist."), NULL, ERR_OK, BUG_MISSING, 0},
	{404, ERROR("102", ""), NULL, ERR_INVALID, BUG_UNREAD, 0},
	{401, ERROR("101", ""), NULL, ERR_INVALID, BUG_UNREAD, 0},
	{200, ERROR("101", ""), NULL, ERR_INVALID, BUG_UNREAD, 0},
	{200, ERROR("102", ""), NULL, ERR_INVALID, BUG_UNREAD, 0},
	{404, HTML, NULL, ERR_INVALID, BUG_UNREAD, 0},
	{401, HTML, NULL, ERR_RETRY, BUG_UNREAD, 0},
	{401, "", NULL, ERR_RETRY, BUG_UNREAD, 0},
	{401, "{\"error\":true}", NULL, ERR_RETRY, BUG_UNREAD, 0},
	{401, "{\"error\":\"unauthorized\",\"message\":\"bug 412\"}", NULL, ERR_RETRY, BUG_UNREAD, 0},
	{401, BMO, NULL, ERR_RETRY, BUG_UNREAD, 0},
	{403, HTML, NULL, ERR_RETRY, BUG_UNREAD, 0},
	{403, ERROR("102", ""), NULL, ERR_INVALID, BUG_UNREAD, 0},
	{407, HTML, NULL, ERR_RETRY, BUG_UNREAD, 0},
	{404, "{\"error\":false,\"code\":101}", NULL, ERR_INVALID, BUG_UNREAD, 0},
	{400, ERROR("306", "The API key you specified is invalid."), NULL, ERR_DENIED, BUG_UNREAD, 0},
	{401, ERROR("410", "You must log in"), NULL, ERR_DENIED, BUG_UNREAD, 0},
	{401, ERROR("306", ""), NULL, ERR_INVALID, BUG_UNREAD, 0},
	{400, ERROR("100", ""), NULL, ERR_INVALID, BUG_UNREAD, 0},
	{400, ERROR("32000", "You have exceeded the rate limit."), NULL, ERR_RETRY, BUG_UNREAD, 60000},
	{404, ERROR("32614", "no such resource"), NULL, ERR_GONE, BUG_UNREAD, 0},
	{200, ERROR("100500", "null"), NULL, ERR_RETRY, BUG_UNREAD, 0},
	{200, ERROR("7", "something new"), NULL, ERR_INVALID, BUG_UNREAD, 0},
	{200, "{\"error\":true}", NULL, ERR_INVALID, BUG_UNREAD, 0},
	{200, "{\"error\":\"yes\",\"bugs\":[]}", NULL, ERR_INVALID, BUG_UNREAD, 0},
	{200, "{\"error\":true,\"code\":0}", NULL, ERR_INVALID, BUG_UNREAD, 0},
	{200, "null", NULL, ERR_INVALID, BUG_UNREAD, 0},
	{200, "[]", NULL, ERR_INVALID, BUG_UNREAD, 0},
	{200, "", NULL, ERR_RETRY, BUG_UNREAD, 0},
	{200, HTML, NULL, ERR_RETRY, BUG_UNREAD, 0},
	{204, "", NULL, ERR_RETRY, BUG_UNREAD, 0},
	{301, "", NULL, ERR_RETRY, BUG_UNREAD, 0},
	{302, HTML, NULL, ERR_RETRY, BUG_UNREAD, 0},
	{302, ERROR("102", ""), NULL, ERR_INVALID, BUG_UNREAD, 0},
	{307, "", NULL, ERR_RETRY, BUG_UNREAD, 0},
	{304, "", NULL, ERR_RETRY, BUG_UNREAD, 0},
	{308, BMO, NULL, ERR_RETRY, BUG_UNREAD, 0},
	{414, "too long", NULL, ERR_LIMIT, BUG_UNREAD, 0},
	{429, HTML, NULL, ERR_RETRY, BUG_UNREAD, 60000},
	{429, HTML, "120", ERR_RETRY, BUG_UNREAD, 120000},
	{429, HTML, "-3", ERR_RETRY, BUG_UNREAD, 3600000},
	{429, HTML, "99999999999", ERR_RETRY, BUG_UNREAD, 3600000},
	{429, HTML, "soon", ERR_RETRY, BUG_UNREAD, 60000},
	{429, HTML, "Tue, 25 Nov 2025 10:00:00 GMT", ERR_RETRY, BUG_UNREAD, 1000},
	{500, HTML, NULL, ERR_RETRY, BUG_UNREAD, 0},
	{503, HTML, NULL, ERR_RETRY, BUG_UNREAD, 0},
	{100, "", NULL, ERR_INVALID, BUG_UNREAD, 0},
	{999, "", NULL, ERR_INVALID, BUG_UNREAD, 0},
};

START_TEST(each_refusal_says_what_to_do_next)
{
	struct bug_step step = {
		.status = refusals[_i].status, .body = refusals[_i].body, .retry_after = refusals[_i].retry_after};
	static const char *const kinds[] = {"bmo", "bugzilla"};
	struct tracker_bug bug;
	struct bug_bench b;

	for (size_t k = 0; k < 2; k++) {
		bug_bench_open(&b, kinds[k], &step, 1);
		ck_assert_int_eq(ask(&b, &nothing, &bug), refusals[_i].code);
		if (refusals[_i].code == ERR_OK)
			ck_assert_int_eq(bug.is.state, refusals[_i].state);
		ck_assert_msg(!strstr(b.err.text, "412") && !strstr(b.err.text, "canary"), "%s", b.err.text);
		ck_assert_int_eq(b.err.retry_at_ms, refusals[_i].wait_ms ? BUG_BENCH_NOW + refusals[_i].wait_ms : 0);
		bug_bench_close(&b);
	}
}
END_TEST

START_TEST(what_is_hidden_is_secure_and_what_is_missing_is_not_known_to_be)
{
	static const struct bug_step steps[] = {{.status = 401, .body = ERROR("102", "")},
						{.status = 404, .body = ERROR("101", "")}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, 2);
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_OK);
	ck_assert(bug.is.secure == TRI_YES && bug.is.open == TRI_UNKNOWN && !bug.attachments_told);
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_OK);
	ck_assert(bug.is.secure == TRI_UNKNOWN && bug.is.n_keywords == 0);
	bug_bench_close(&b);
}
END_TEST

START_TEST(a_bug_that_is_hidden_between_two_answers_is_read_again)
{
	static const struct bug_step steps[] = {{.path = UP_PATH, .status = 200, .body = UPSTREAM},
						{.path = ATT_PATH, .status = 401, .body = ERROR("102", "")}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bugzilla", steps, 2);
	ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_RETRY);
	bug_bench_close(&b);
}
END_TEST

START_TEST(the_key_is_in_no_error_text)
{
	static const struct bug_step steps[] = {{.fail = ERR_RETRY}, {.fail = ERR_LIMIT}};
	static const char *const kinds[] = {"bmo", "bugzilla"};
	struct tracker_bug bug;
	struct bug_bench b;

	for (size_t k = 0; k < 2; k++) {
		bug_bench_open(&b, kinds[k], steps, 2);
		ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_RETRY);
		ck_assert_ptr_null(strstr(b.err.text, "nobody"));
		ck_assert_int_eq(ask(&b, &nothing, &bug), ERR_LIMIT);
		bug_bench_close(&b);
	}
}
END_TEST

START_TEST(no_bug_has_a_number_below_one)
{
	struct tracker_bug bug = {.changed_at = 0};
	struct bug_bench b;

	bug_bench_open(&b, "bmo", NULL, 0);
	ck_assert_int_eq(b.tracker.bug(b.tracker.self, &b.call, 0, &nothing, &bug, &b.err), ERR_INVALID);
	ck_assert_int_eq(b.tracker.bug(b.tracker.self, &b.call, -4, &nothing, &bug, &b.err), ERR_INVALID);
	bug_bench_close(&b);
}
END_TEST

static const struct {
	const char *kind, *url, *key;
	size_t bytes;
} unsound[] = {
	{"bmo", "http//bugs.test", "k", 1},         {"bmo", "https://bugs.test/", "k", 1},
	{"bmo", "https://me@bugs.test", "k", 1},    {"bmo", BUG_BENCH_URL, "", 1},
	{"bmo", BUG_BENCH_URL, "two words", 1},     {"bugzilla", BUG_BENCH_URL, "line\n", 1},
	{"bugzilla", BUG_BENCH_URL, "k", 0},        {"github-issues", BUG_BENCH_URL, "", 1},
	{"github-issues", BUG_BENCH_URL, "a b", 1}, {"github-issues", "ftp://x", "k", 1},
};

START_TEST(an_unsound_configuration_opens_nothing)
{
	struct tracker_config config = {.url = text_of(unsound[_i].url),
					.key = text_of(unsound[_i].key),
					.repo = TEXT_LIT("o/r"),
					.answer_bytes = unsound[_i].bytes};
	struct tracker_ports ports = {.http = {NULL, NULL}};
	struct err err = ERR_NONE;

	ck_assert_ptr_null(tracker_kind(text_of(unsound[_i].kind))->open(&config, &ports, &err));
	ck_assert_int_eq(err.code, ERR_INVALID);
}
END_TEST

START_TEST(kinds_have_names_of_their_own)
{
	size_t n = 0;

	for (; tracker_kind_at(n); n++) {
		ck_assert(tracker_kind(text_of(tracker_kind_at(n)->name)) == tracker_kind_at(n));
		tracker_kind_at(n)->close(NULL);
	}
	ck_assert_uint_eq(n, 3);
	ck_assert_ptr_null(tracker_kind(TEXT_LIT("jira")));
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(bmo_tells_a_bug_and_its_attachments_in_one_answer),
					  SUITE_TEST(upstream_is_asked_for_attachments_besides),
					  SUITE_ROWS(a_malformed_answer_is_an_error_that_names_the_field, malformed),
					  SUITE_ROWS(malformed_attachments_are_never_none, attachment_rows),
					  SUITE_ROWS(the_limit_is_taken_and_one_more_is_an_error, limits),
					  SUITE_TEST(a_word_or_a_list_too_long_is_an_error),
					  SUITE_ROWS(each_refusal_says_what_to_do_next, refusals),
					  SUITE_TEST(what_is_hidden_is_secure_and_what_is_missing_is_not_known_to_be),
					  SUITE_TEST(a_bug_that_is_hidden_between_two_answers_is_read_again),
					  SUITE_TEST(the_key_is_in_no_error_text),
					  SUITE_TEST(no_bug_has_a_number_below_one),
					  SUITE_ROWS(an_unsound_configuration_opens_nothing, unsound),
					  SUITE_TEST(kinds_have_names_of_their_own),
					  SUITE_END};
SUITE_MAIN(tests)
