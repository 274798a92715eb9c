/*
 * The GitHub port over a scripted http port: a table of URL -> answer, and a count of what was asked.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/forge/github.h"
#include "tests/support/suite.h"

#define API  "https://forge.test/api/v3"
#define SHA  "1111111111111111111111111111111111111111"
#define SHA2 "2222222222222222222222222222222222222222"
#define NOW  INT64_C(1700000000000)

struct step {
	const char *method, *path; /* below API */
	unsigned status;
	const char *header, *value, *body;
	enum err_code fail; /* instead of an answer */
	bool maybe_sent;
};

struct script {
	const struct step *steps;
	size_t n, asked;
	char last_body[512];
	const char *tokens[4]; /* Authorization of each request */
	struct arena arena;
};

static enum err_code play(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct script *s = self;
	const struct step *step = &s->steps[s->asked];
	struct http_header *headers = arena_alloc(in->arena, 2, sizeof *headers);
	struct text url = arena_printf(in->arena, API "%s", s->asked < s->n ? step->path : "");

	ck_assert_msg(s->asked < s->n, "one request too many: %.*s", TEXT_ARG(in->url));
	ck_assert_msg(text_eq(in->url, url), "%.*s instead of %.*s", TEXT_ARG(in->url), TEXT_ARG(url));
	ck_assert(text_is(in->method, step->method));
	ck_assert(text_is(in->headers[0].name, "Authorization"));
	if (s->asked < 4)
		s->tokens[s->asked] = arena_text(&s->arena, in->headers[0].value).at;
	(void)snprintf(s->last_body, sizeof s->last_body, "%.*s", TEXT_ARG(in->body));
	s->asked++;
	if (step->fail) {
		out->maybe_sent = step->maybe_sent;
		return err_set(err, step->fail, "scripted"), err->code;
	}
	headers[0] = (struct http_header){TEXT_LIT("date"), TEXT_LIT("Tue, 14 Nov 2023 22:13:20 GMT")};
	headers[1] = (struct http_header){text_of(step->header), text_of(step->value)};
	*out = (struct http_answer){step->status, headers, step->header ? 2 : 1, text_of(step->body), true};
	return ERR_OK;
}

static int64_t wall(void *self)
{
	(void)self;
	return NOW;
}

struct bench { /* one port with its script */
	struct script script;
	struct access *access;
	struct github *github;
	struct forge forge;
	struct arena arena;
	struct forge_call call;
	struct err err;
	char file[64];
};

static void write_token(const char *file, const char *token, mode_t mode)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, token, strlen(token)), (ssize_t)strlen(token));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static struct access *open_access(const char *file, struct err *err)
{
	struct access_config config = {.api_url = TEXT_LIT(API), .token_file = text_of(file)};
	struct clock_port clock = {NULL, wall, wall};
	struct access_ports ports = {.clock = clock, .wall = clock};

	return access_new(&config, &ports, err);
}

static void open_bench(struct bench *b, const struct step *steps, size_t n)
{
	struct github_config config = {.api_url = TEXT_LIT(API), .pages_max = 3, .answer_bytes = 100000};
	int fd;

	*b = (struct bench){.script = {.steps = steps, .n = n}, .file = "/tmp/headgate-token-XXXXXX"};
	fd = mkstemp(b->file);
	ck_assert_int_ge(fd, 0);
	close(fd);
	write_token(b->file, "first\n", 0600);
	b->access = open_access(b->file, &b->err);
	ck_assert_msg(b->access != NULL, "%s", b->err.text);
	config.access = b->access;
	b->github = github_new(&config, (struct http_port){&b->script, play}, (struct clock_port){NULL, wall, wall},
			       &b->err);
	ck_assert_msg(b->github != NULL, "%s", b->err.text);
	b->forge = github_port(b->github);
	b->call = (struct forge_call){{7, TEXT_LIT("o/r"), 0}, &b->arena, NOW + 1000, 0};
}

static void close_bench(struct bench *b)
{
	ck_assert_uint_eq(b->script.asked, b->script.n);
	github_free(b->github);
	access_free(b->access);
	arena_release(&b->arena);
	arena_release(&b->script.arena);
	(void)unlink(b->file);
}

/* ---- one object ---- */

#define CHANGE(repo, number, extra)                                                                                    \
	"{\"number\":" number ",\"state\":\"open\",\"draft\":false,\"merged\":false,\"new_field\":[1],"                \
	"\"title\":\"t\",\"body\":null,\"labels\":[{\"name\":\"x\"}],\"updated_at\":\"2023-11-14T00:00:00Z\","         \
	"\"user\":{\"id\":5,\"login\":\"ann\",\"type\":\"User\"},"                                                     \
	"\"head\":{\"sha\":\"" SHA "\",\"ref\":\"f/x\",\"label\":\"ann:f/x\",\"repo\":{\"id\":9,\"full_name\":\"ann/r\"}},"                  \
	"\"base\":{\"sha\":\"" SHA2 "\",\"ref\":\"main\",\"repo\":{\"id\":" repo "}}" extra "}"

static const struct {
	const char *what;
	struct step step;
	enum err_code code;
	int64_t retry_at;
} changes[] = {
	{"good", {"GET", "/repos/o/r/pulls/3", 200, NULL, NULL, CHANGE("7", "3", ""), 0, 0}, ERR_OK, 0},
	{"other repository",
	 {"GET", "/repos/o/r/pulls/3", 200, NULL, NULL, CHANGE("8", "3", ""), 0, 0},
	 ERR_INVALID,
	 0},
	{"other number", {"GET", "/repos/o/r/pulls/3", 200, NULL, NULL, CHANGE("7", "4", ""), 0, 0}, ERR_INVALID, 0},
	{"key twice",
	 {"GET", "/repos/o/r/pulls/3", 200, NULL, NULL, CHANGE("7", "3", ",\"state\":\"open\""), 0, 0},
	 ERR_RETRY,
	 0},
	{"empty object", {"GET", "/repos/o/r/pulls/3", 200, NULL, NULL, "{}", 0, 0}, ERR_INVALID, 0},
	{"a list", {"GET", "/repos/o/r/pulls/3", 200, NULL, NULL, "[]", 0, 0}, ERR_INVALID, 0},
	{"cut short", {"GET", "/repos/o/r/pulls/3", 200, NULL, NULL, "{\"number\":3,", 0, 0}, ERR_RETRY, 0},
	{"nothing", {"GET", "/repos/o/r/pulls/3", 200, NULL, NULL, "", 0, 0}, ERR_RETRY, 0},
	{"moved", {"GET", "/repos/o/r/pulls/3", 301, "location", "https://evil.test/", "{}", 0, 0}, ERR_INVALID, 0},
	{"temporary", {"GET", "/repos/o/r/pulls/3", 307, "location", API "/x", "{}", 0, 0}, ERR_INVALID, 0},
	{"not modified", {"GET", "/repos/o/r/pulls/3", 304, NULL, NULL, "", 0, 0}, ERR_INVALID, 0},
	{"gone", {"GET", "/repos/o/r/pulls/3", 404, NULL, NULL, "{}", 0, 0}, ERR_GONE, 0},
	{"deleted", {"GET", "/repos/o/r/pulls/3", 410, NULL, NULL, "{}", 0, 0}, ERR_GONE, 0},
	{"forbidden", {"GET", "/repos/o/r/pulls/3", 403, NULL, NULL, "{}", 0, 0}, ERR_DENIED, 0},
	{"retry after", {"GET", "/repos/o/r/pulls/3", 403, "retry-after", "7", "{}", 0, 0}, ERR_RETRY, NOW + 7000},
	{"retry after for ever",
	 {"GET", "/repos/o/r/pulls/3", 429, "retry-after", "999999999", "{}", 0, 0},
	 ERR_RETRY,
	 NOW + 7200000},
	{"no budget",
	 {"GET", "/repos/o/r/pulls/3", 403, "x-ratelimit-remaining", "0", "{}", 0, 0},
	 ERR_RETRY,
	 NOW + 60000},
	{"secondary",
	 {"GET", "/repos/o/r/pulls/3", 403, NULL, NULL, "{\"message\":\"a secondary rate limit\"}", 0, 0},
	 ERR_RETRY,
	 NOW + 60000},
	{"too many", {"GET", "/repos/o/r/pulls/3", 429, NULL, NULL, "", 0, 0}, ERR_RETRY, NOW + 60000},
	{"rejected", {"GET", "/repos/o/r/pulls/3", 422, NULL, NULL, "{}", 0, 0}, ERR_DENIED, 0},
	{"teapot", {"GET", "/repos/o/r/pulls/3", 418, NULL, NULL, "{}", 0, 0}, ERR_DENIED, 0},
	{"unwell", {"GET", "/repos/o/r/pulls/3", 502, NULL, NULL, "<html>", 0, 0}, ERR_RETRY, 0},
	{"unknown status", {"GET", "/repos/o/r/pulls/3", 999, NULL, NULL, "{}", 0, 0}, ERR_INVALID, 0},
	{"no network", {"GET", "/repos/o/r/pulls/3", 0, NULL, NULL, NULL, ERR_RETRY, true}, ERR_RETRY, 0},
	{"too large", {"GET", "/repos/o/r/pulls/3", 0, NULL, NULL, NULL, ERR_LIMIT, true}, ERR_LIMIT, 0},
};

START_TEST(a_change_is_read_completely_or_not_at_all)
{
	struct bench b;
	struct forge_change out = {.number = -1};
	enum err_code code;

	open_bench(&b, &changes[_i].step, 1);
	code = b.forge.change(b.forge.self, &b.call, 3, &out, &b.err);
	ck_assert_msg(code == changes[_i].code, "%s: %s %s", changes[_i].what, err_name(code), b.err.text);
	ck_assert_int_eq(b.err.retry_at_ms, changes[_i].retry_at);
	ck_assert_int_eq(out.number, code == ERR_OK ? 3 : -1);
	if (code == ERR_OK) {
		ck_assert(out.open && !out.draft && !out.merged);
		ck_assert_int_eq(out.answered_at, NOW);
		ck_assert_int_eq(out.head_repo, 9);
		ck_assert(text_is(out.head_repo_name, "ann/r") && text_is(out.labels[0], "x"));
		ck_assert(text_is(out.head_label, "ann:f/x"));
		ck_assert(out.author.id == 5 && out.author.type == PERSON_USER);
	}
	close_bench(&b);
}
END_TEST

START_TEST(a_refused_token_is_read_anew_once)
{
	static const struct step steps[] = {
		{"GET", "/repos/o/r/pulls/3", 401, NULL, NULL, "{}", 0, 0},
		{"GET", "/repos/o/r/pulls/3", 200, NULL, NULL, CHANGE("7", "3", ""), 0, 0},
		{"GET", "/repos/o/r/pulls/3", 401, NULL, NULL, "{}", 0, 0},
		{"GET", "/repos/o/r/pulls/3", 401, NULL, NULL, "{}", 0, 0},
	};
	struct forge_change out;
	struct bench b;

	open_bench(&b, steps, 4);
	write_token(b.file, "second\n", 0600);
	ck_assert_int_eq(b.forge.change(b.forge.self, &b.call, 3, &out, &b.err), ERR_OK);
	ck_assert_str_eq(b.script.tokens[0], "Bearer first");
	ck_assert_str_eq(b.script.tokens[1], "Bearer second");
	ck_assert_int_eq(b.forge.change(b.forge.self, &b.call, 3, &out, &b.err), ERR_DENIED);
	close_bench(&b);
}
END_TEST

/* ---- lists ---- */

#define R1     "/repos/o/r/pulls/3/reviews?per_page=100"
#define R2     "/repos/o/r/pulls/3/reviews?per_page=100&page=2"
#define R3     "/repos/o/r/pulls/3/reviews?per_page=100&page=3"
#define R4     "/repos/o/r/pulls/3/reviews?per_page=100&page=4"
#define TO(p)  "<" API p ">; rel=\"next\", <" API R1 ">; rel=\"first\""
#define REVIEW "{\"id\":1,\"state\":\"APPROVED\",\"user\":null,\"commit_id\":null,\"submitted_at\":null}"

static const struct {
	const char *what;
	struct step steps[3];
	size_t n_steps;
	enum err_code code;
	size_t n;
} lists[] = {
	{"one page", {{"GET", R1, 200, NULL, NULL, "[" REVIEW "]", 0, 0}}, 1, ERR_OK, 1},
	{"empty", {{"GET", R1, 200, NULL, NULL, "[]", 0, 0}}, 1, ERR_OK, 0},
	{"three pages",
	 {{"GET", R1, 200, "link", TO(R2), "[" REVIEW "," REVIEW "]", 0, 0},
	  {"GET", R2, 200, "link", TO(R3), "[" REVIEW "]", 0, 0},
	  {"GET", R3, 200, NULL, NULL, "[" REVIEW "]", 0, 0}},
	 3,
	 ERR_OK,
	 4},
	{"more pages than the limit",
	 {{"GET", R1, 200, "link", TO(R2), "[]", 0, 0},
	  {"GET", R2, 200, "link", TO(R3), "[]", 0, 0},
	  {"GET", R3, 200, "link", TO(R4), "[]", 0, 0}},
	 3,
	 ERR_LIMIT,
	 0},
	{"circle to itself", {{"GET", R1, 200, "link", TO(R1), "[]", 0, 0}}, 1, ERR_INVALID, 0},
	{"circle",
	 {{"GET", R1, 200, "link", TO(R2), "[]", 0, 0}, {"GET", R2, 200, "link", TO(R1), "[]", 0, 0}},
	 2,
	 ERR_INVALID,
	 0},
	{"foreign host",
	 {{"GET", R1, 200, "link", "<https://evil.test/api/v3/x>; rel=next", "[]", 0, 0}},
	 1,
	 ERR_INVALID,
	 0},
	{"foreign host with our name in front",
	 {{"GET", R1, 200, "link", "<https://forge.test.evil.test/api/v3/x>; rel=next", "[]", 0, 0}},
	 1,
	 ERR_INVALID,
	 0},
	{"our name as a user",
	 {{"GET", R1, 200, "link", "<https://forge.test@evil.test/api/v3/x>; rel=next", "[]", 0, 0}},
	 1,
	 ERR_INVALID,
	 0},
	{"outside the prefix",
	 {{"GET", R1, 200, "link", "<" API "/../../evil>; rel=next", "[]", 0, 0}},
	 1,
	 ERR_INVALID,
	 0},
	{"plain http",
	 {{"GET", R1, 200, "link", "<http://forge.test/api/v3/x>; rel=next", "[]", 0, 0}},
	 1,
	 ERR_INVALID,
	 0},
	{"unreadable link", {{"GET", R1, 200, "link", "<" API R2 "; rel=next", "[]", 0, 0}}, 1, ERR_INVALID, 0},
	{"second page cut short",
	 {{"GET", R1, 200, "link", TO(R2), "[" REVIEW "]", 0, 0}, {"GET", R2, 200, NULL, NULL, "[" REVIEW ",", 0, 0}},
	 2,
	 ERR_RETRY,
	 0},
	{"second page gone",
	 {{"GET", R1, 200, "link", TO(R2), "[" REVIEW "]", 0, 0}, {"GET", R2, 404, NULL, NULL, "{}", 0, 0}},
	 2,
	 ERR_GONE,
	 0},
	{"an object", {{"GET", R1, 200, NULL, NULL, "{\"message\":\"x\"}", 0, 0}}, 1, ERR_INVALID, 0},
	{"null inside", {{"GET", R1, 200, NULL, NULL, "[null]", 0, 0}}, 1, ERR_INVALID, 0},
	{"unknown state", {{"GET", R1, 200, NULL, NULL, "[{\"id\":1,\"state\":\"LIKED\"}]", 0, 0}}, 1, ERR_INVALID, 0},
};

START_TEST(a_list_is_read_to_its_end_or_is_an_error)
{
	struct forge_list_reviews out = {NULL, 99};
	struct bench b;
	enum err_code code;

	open_bench(&b, lists[_i].steps, lists[_i].n_steps);
	code = b.forge.reviews(b.forge.self, &b.call, 3, &out, &b.err);
	ck_assert_msg(code == lists[_i].code, "%s: %s %s", lists[_i].what, err_name(code), b.err.text);
	ck_assert_uint_eq(out.n, code == ERR_OK ? lists[_i].n : 99);
	if (code == ERR_OK && out.n) {
		ck_assert_int_eq(out.at[0].user.id, 0);
		ck_assert(!oid_known(&out.at[0].commit_id));
		ck_assert_int_eq(out.at[0].submitted_at, WHEN_UNKNOWN);
	}
	close_bench(&b);
}
END_TEST

START_TEST(open_changes_are_found_by_head_in_forks_too)
{
	static const char path[] = "/repos/o/r/pulls?state=open&per_page=100&sort=created&direction=asc";
	static const struct step steps[] = {
		{"GET", path, 200, NULL, NULL, "[" CHANGE("7", "3", "") "," CHANGE("7", "4", "") "]", 0, 0},
		{"GET", path, 200, NULL, NULL, "[" CHANGE("7", "3", "") "]", 0, 0},
		{"GET", path, 200, NULL, NULL, "[" CHANGE("7", "3", "") "]", 0, 0},
		{"GET", path, 200, NULL, NULL, "[" CHANGE("6", "3", "") "]", 0, 0}};
	struct forge_list_changes out;
	struct oid head = {SHA}, other = {SHA2};
	struct bench b;

	open_bench(&b, steps, 4);
	ck_assert_int_eq(b.forge.open_changes(b.forge.self, &b.call, &head, &out, &b.err), ERR_OK);
	ck_assert_uint_eq(out.n, 2);
	ck_assert_int_eq(out.at[1].number, 4);
	ck_assert_int_eq(b.forge.open_changes(b.forge.self, &b.call, &other, &out, &b.err), ERR_OK);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_int_eq(b.forge.open_changes(b.forge.self, &b.call, NULL, &out, &b.err), ERR_OK);
	ck_assert_uint_eq(out.n, 1); /* whatever its head is */
	ck_assert_int_eq(b.forge.open_changes(b.forge.self, &b.call, &head, &out, &b.err), ERR_INVALID);
	close_bench(&b);
}
END_TEST

/* ---- moves ---- */

#define TIMELINE "/repos/o/r/issues/3/timeline?per_page=100"
#define ACTIVITY "/repos/ann/r/activity?per_page=100&ref=refs%2Fheads%2Ff%2Fx"
#define FORCED                                                                                                         \
	"[{\"event\":\"labeled\"},{\"event\":\"base_ref_changed\",\"created_at\":\"2023-11-13T00:00:00Z\"},"           \
	"{\"event\":\"head_ref_force_pushed\",\"commit_id\":\"" SHA "\","                                              \
	"\"created_at\":\"2023-11-14T00:00:00Z\",\"actor\":{\"id\":5}}]"
#define PUSHED                                                                                                         \
	"[{\"ref\":\"refs/heads/f/x\",\"before\":\"" SHA "\",\"after\":\"" SHA2                                        \
	"\",\"timestamp\":\"2023-11-14T00:00:01Z\",\"actor\":"                                                         \
	"{\"id\":6}},{\"ref\":\"refs/heads/f/x\",\"before\":\"" SHA2                                                   \
	"\",\"after\":\"0000000000000000000000000000000000000000\","                                                   \
	"\"timestamp\":\"2023-11-14T00:00:02Z\",\"actor\":null}]"

#define TOLD                "GET", TIMELINE, 200, NULL, NULL, FORCED, 0, 0
#define ASKED(status, body) "GET", ACTIVITY, status, NULL, NULL, body, 0, 0

static const struct {
	struct step steps[2];
	size_t n_steps;
	enum err_code code;
	size_t n;
	bool complete;
} moves[] = {
	{{{TOLD}, {ASKED(200, PUSHED)}}, 2, ERR_OK, 2, true},
	{{{TOLD}, {ASKED(404, "{}")}}, 2, ERR_OK, 1, false},
	{{{TOLD}, {ASKED(403, "{}")}}, 2, ERR_OK, 1, false},
	{{{TOLD}, {ASKED(500, "{}")}}, 2, ERR_RETRY, 0, false},
	{{{"GET", TIMELINE, 404, NULL, NULL, "{}", 0, 0}}, 1, ERR_GONE, 0, false},
};

START_TEST(moves_come_from_timeline_and_activity)
{
	struct forge_change change = {
		.number = 3, .head_repo = 9, .head_ref = TEXT_LIT("f/x"), .head_repo_name = TEXT_LIT("ann/r")};
	struct forge_list_moves out = {.n = 0};
	struct bench b;

	open_bench(&b, moves[_i].steps, moves[_i].n_steps);
	ck_assert_int_eq(b.forge.moves(b.forge.self, &b.call, &change, &out, &b.err), moves[_i].code);
	ck_assert_int_eq(b.err.code, moves[_i].code); /* what was mastered on the way is not told as an error */
	ck_assert_uint_eq(out.n, moves[_i].n);
	ck_assert(out.complete == moves[_i].complete);
	for (size_t i = 0; i < out.n; i++) /* the timeline does not say what a push replaced */
		ck_assert(out.at[i].activity == (i > 0) && oid_known(&out.at[i].from) == (i > 0));
	ck_assert(moves[_i].code != ERR_OK || out.complete == (out.missing.len == 0));
	ck_assert(moves[_i].code != ERR_OK || out.base_changed_at == INT64_C(1699833600000));
	close_bench(&b);
}
END_TEST

/* ---- a repository by an old name ---- */

#define OLD(location) "GET", "/repos/o/r", 301, "location", location, "{}", 0, 0
#define NEW           "GET", "/repositories/9", 200, NULL, NULL, "{\"id\":9,\"full_name\":\"o/new\"}", 0, 0

static const struct {
	int64_t known; /* the number, before */
	struct step steps[2];
	size_t n_steps;
	enum err_code code;
} renamed[] = {
	{0, {{OLD(API "/repositories/9")}, {NEW}}, 2, ERR_OK},
	{9, {{NEW}}, 1, ERR_OK},
	{8, {{"GET", "/repositories/8", 200, NULL, NULL, "{\"id\":9,\"full_name\":\"o/new\"}", 0, 0}}, 1, ERR_INVALID},
	{0, {{OLD("https://eeeeeeeeeeee.test/repositories/9")}}, 1, ERR_INVALID},
	{0, {{OLD(API "/repos/o/new")}}, 1, ERR_INVALID},
	{0, {{OLD(API "/repositories/0")}}, 1, ERR_INVALID},
	{0, {{OLD(API "/repositories/9/x")}}, 1, ERR_INVALID},
	{0, {{"GET", "/repos/o/r", 301, NULL, NULL, "{}", 0, 0}}, 1, ERR_INVALID},
	{0, {{"GET", "/repos/o/r", 302, "location", API "/repositories/9", "{}", 0, 0}}, 1, ERR_INVALID},
};

START_TEST(an_old_name_leads_to_the_number_at_our_own_origin_only)
{
	struct forge_found out = {0};
	struct bench b;

	open_bench(&b, renamed[_i].steps, renamed[_i].n_steps);
	b.call.repo.id = renamed[_i].known;
	ck_assert_int_eq(b.forge.repo(b.forge.self, &b.call, &out, &b.err), renamed[_i].code);
	ck_assert_int_eq(b.err.code, renamed[_i].code);
	ck_assert(renamed[_i].code != ERR_OK || (out.id == 9 && text_is(out.name, "o/new")));
	close_bench(&b);
}
END_TEST

/* ---- people ---- */

static const struct {
	const char *body;
	enum err_code code;
	enum permission permission;
} roles[] = {
	{"{\"permission\":\"write\",\"role_name\":\"maintain\",\"user\":{\"id\":5}}", ERR_OK, PERMISSION_MAINTAIN},
	{"{\"permission\":\"read\",\"role_name\":\"triage\",\"user\":{\"id\":5}}", ERR_OK, PERMISSION_TRIAGE},
	{"{\"permission\":\"write\",\"role_name\":\"our own role\",\"user\":{\"id\":5}}", ERR_OK, PERMISSION_WRITE},
	{"{\"permission\":\"none\",\"user\":{\"id\":5}}", ERR_OK, PERMISSION_NONE},
	{"{\"permission\":\"owner\",\"user\":{\"id\":5}}", ERR_INVALID, 0},
	{"{\"permission\":\"admin\",\"role_name\":\"admin\",\"user\":null}", ERR_INVALID, 0},
	{"{\"permission\":\"admin\",\"role_name\":\"admin\",\"user\":{\"id\":\"5\"}}", ERR_INVALID, 0},
};

START_TEST(a_role_is_known_only_with_an_id)
{
	struct step step = {"GET", "/repos/o/r/collaborators/a%2Fb/permission", 200, NULL, NULL, roles[_i].body, 0, 0};
	struct member out = {.permission = PERMISSION_UNKNOWN};
	struct bench b;

	open_bench(&b, &step, 1);
	ck_assert_int_eq(b.forge.permission(b.forge.self, &b.call, TEXT_LIT("a/b"), &out, &b.err), roles[_i].code);
	ck_assert_int_eq(out.permission, roles[_i].permission);
	close_bench(&b);
}
END_TEST

static const struct {
	unsigned status;
	const char *body;
	enum err_code code;
	bool in;
} teams[] = {{200, "{\"state\":\"active\"}", ERR_OK, true},
	     {200, "{\"state\":\"pending\"}", ERR_OK, false},
	     {404, "{}", ERR_OK, false},
	     {200, "{}", ERR_INVALID, false},
	     {403, "{}", ERR_DENIED, false},
	     {500, "{}", ERR_RETRY, false}};

START_TEST(only_active_members_are_in_a_team)
{
	struct step step = {
		"GET", "/orgs/org/teams/sec/memberships/ann", teams[_i].status, NULL, NULL, teams[_i].body, 0, 0};
	struct forge_membership in = {TEXT_LIT("org/sec"), TEXT_LIT("ann")};
	struct bench b;
	bool out = false;

	open_bench(&b, &step, 1);
	ck_assert_int_eq(b.forge.in_team(b.forge.self, &b.call, &in, &out, &b.err), teams[_i].code);
	ck_assert_int_eq(b.err.code, teams[_i].code);
	ck_assert(out == teams[_i].in);
	close_bench(&b);
}
END_TEST

/* ---- refs, git ---- */

static const struct {
	const char *body;
	enum err_code code;
} tips[] = {
	{"{\"ref\":\"refs/heads/rel/1\",\"object\":{\"type\":\"commit\",\"sha\":\"" SHA "\"}}", ERR_OK},
	{"{\"ref\":\"refs/heads/rel/10\",\"object\":{\"type\":\"commit\",\"sha\":\"" SHA "\"}}", ERR_INVALID},
	{"{\"ref\":\"refs/heads/rel/1\",\"object\":{\"type\":\"tag\",\"sha\":\"" SHA "\"}}", ERR_INVALID},
	{"{\"ref\":\"refs/heads/rel/1\",\"object\":{\"type\":\"commit\",\"sha\":\"1111111\"}}", ERR_INVALID},
};

START_TEST(a_tip_is_of_the_branch_that_was_asked_for)
{
	struct step step = {"GET", "/repos/o/r/git/ref/heads%2Frel%2F1", 200, NULL, NULL, tips[_i].body, 0, 0};
	struct oid out = OID_NONE;
	struct bench b;

	open_bench(&b, &step, 1);
	ck_assert_int_eq(b.forge.branch_tip(b.forge.self, &b.call, TEXT_LIT("rel/1"), &out, &b.err), tips[_i].code);
	ck_assert(oid_known(&out) == (tips[_i].code == ERR_OK));
	close_bench(&b);
}
END_TEST

START_TEST(git_is_reached_beside_the_api)
{
	struct forge_git git;
	struct bench b;

	open_bench(&b, NULL, 0);
	ck_assert_int_eq(b.forge.git_access(b.forge.self, &b.call, &git, &b.err), ERR_OK);
	ck_assert(text_is(git.url, "https://forge.test/o/r.git"));
	ck_assert(text_is(git.token, "first"));
	b.call.repo.name = TEXT_LIT("../r");
	ck_assert_int_eq(b.forge.git_access(b.forge.self, &b.call, &git, &b.err), ERR_INVALID);
	b.call.repo.name = TEXT_LIT("o/r/x");
	ck_assert_int_eq(b.forge.git_access(b.forge.self, &b.call, &git, &b.err), ERR_INVALID);
	close_bench(&b);
}
END_TEST

/* ---- post ---- */

#define POSTED                                                                                                         \
	"{\"id\":77,\"state\":\"success\",\"context\":\"Policy/x\",\"created_at\":\"2026-11-21T14:00:00Z\","           \
	"\"creator\":{\"login\":\"headgate[bot]\",\"id\":900}}"
static const struct {
	const char *what;
	struct step step;
	enum err_code code;
	bool maybe_sent;
} posts[] = {
	{"accepted", {"POST", "/repos/o/r/statuses/" SHA, 201, NULL, NULL, POSTED, 0, 0}, ERR_OK, true},
	{"no id", {"POST", "/repos/o/r/statuses/" SHA, 201, NULL, NULL, "{}", 0, 0}, ERR_RETRY, true},
	{"cut short", {"POST", "/repos/o/r/statuses/" SHA, 201, NULL, NULL, "{\"id\":7", 0, 0}, ERR_RETRY, true},
	{"another state",
	 {"POST", "/repos/o/r/statuses/" SHA, 201, NULL, NULL,
	  "{\"id\":77,\"state\":\"failure\",\"context\":\"policy/x\"}", 0, 0},
	 ERR_RETRY,
	 true},
	{"rejected", {"POST", "/repos/o/r/statuses/" SHA, 422, NULL, NULL, "{}", 0, 0}, ERR_DENIED, false},
	{"rate limit", {"POST", "/repos/o/r/statuses/" SHA, 429, NULL, NULL, "{}", 0, 0}, ERR_RETRY, false},
	{"unwell", {"POST", "/repos/o/r/statuses/" SHA, 502, NULL, NULL, "", 0, 0}, ERR_RETRY, true},
	{"redirect", {"POST", "/repos/o/r/statuses/" SHA, 307, "location", "/x", "", 0, 0}, ERR_INVALID, false},
	{"lost", {"POST", "/repos/o/r/statuses/" SHA, 0, NULL, NULL, NULL, ERR_RETRY, true}, ERR_RETRY, true},
	{"not sent", {"POST", "/repos/o/r/statuses/" SHA, 0, NULL, NULL, NULL, ERR_RETRY, false}, ERR_RETRY, false},
};

START_TEST(a_post_says_whether_it_may_have_arrived)
{
	struct forge_post post = {{7, TEXT_LIT("o/r"), 0}, {SHA},     TEXT_LIT("success"), TEXT_LIT("policy/x"),
				  TEXT_LIT("say \"hi\""),  TEXT_EMPTY};
	struct forge_posted out = {.status_id = -1};
	struct bench b;
	enum err_code code;

	open_bench(&b, &posts[_i].step, 1);
	code = b.forge.post(b.forge.self, &post, NOW + 1000, &out, &b.err);
	ck_assert_msg(code == posts[_i].code, "%s: %s", posts[_i].what, b.err.text);
	ck_assert_msg(out.maybe_sent == posts[_i].maybe_sent, "%s", posts[_i].what);
	ck_assert_int_eq(out.status_id, code == ERR_OK ? 77 : 0);
	ck_assert_int_eq(out.creator, code == ERR_OK ? 900 : 0);
	ck_assert((out.created_at != WHEN_UNKNOWN) == (code == ERR_OK));
	ck_assert_str_eq(b.script.last_body, "{\"state\":\"success\",\"context\":\"policy/x\","
					     "\"description\":\"say \\\"hi\\\"\"}");
	close_bench(&b);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_change_is_read_completely_or_not_at_all, changes),
					  SUITE_TEST(a_refused_token_is_read_anew_once),
					  SUITE_ROWS(a_list_is_read_to_its_end_or_is_an_error, lists),
					  SUITE_TEST(open_changes_are_found_by_head_in_forks_too),
					  SUITE_ROWS(moves_come_from_timeline_and_activity, moves),
					  SUITE_ROWS(an_old_name_leads_to_the_number_at_our_own_origin_only, renamed),
					  SUITE_ROWS(a_role_is_known_only_with_an_id, roles),
					  SUITE_ROWS(only_active_members_are_in_a_team, teams),
					  SUITE_ROWS(a_tip_is_of_the_branch_that_was_asked_for, tips),
					  SUITE_TEST(git_is_reached_beside_the_api),
					  SUITE_ROWS(a_post_says_whether_it_may_have_arrived, posts),
					  SUITE_END};
SUITE_MAIN(tests)
