/* Long lists of the GitHub port: what stays in memory, and pages that are larger than an answer may be. */
#include <unistd.h>

#include "agent/forge/github.h"
#include "tests/support/key_file.h"
#include "tests/support/scripted.h"
#include "tests/support/suite.h"

#define API  "https://forge.test/api/v3"
#define SHA  "1111111111111111111111111111111111111111"
#define SHA2 "2222222222222222222222222222222222222222"
#define MIB  ((size_t)1024 * 1024)

static int64_t now(void *self)
{
	(void)self;
	return SCRIPTED_NOW;
}

struct bench {
	struct scripted script;
	struct access *access;
	struct etags *etags;
	struct github *github;
	struct forge forge;
	struct arena arena, pages; /* of the call; what the script needs */
	struct forge_call call;
	struct err err;
};

/* Answers of at most 16 MiB. */
static void open_bench(struct bench *b, unsigned pages_max)
{
	struct clock_port clock = {NULL, now, now};
	struct access_ports ports = {.clock = clock, .wall = clock};
	struct access_config access = {.api_url = TEXT_LIT(API)};
	struct github_config config = {.api_url = TEXT_LIT(API), .pages_max = pages_max, .answer_bytes = 16 * MIB};
	char file[KEY_FILE_BYTES];

	*b = (struct bench){.script = {.base = API}};
	key_file_text(file, "first\n", 0600);
	access.token_file = text_of(file);
	config.access = b->access = access_new(&access, &ports, &b->err);
	config.etags = b->etags = etags_new(MIB);
	ck_assert_msg(b->access != NULL, "%s", b->err.text);
	(void)unlink(file);
	b->github = github_new(&config, scripted_port(&b->script), clock, &b->err);
	ck_assert_msg(b->github != NULL, "%s", b->err.text);
	b->forge = github_port(b->github);
	b->call = (struct forge_call){{7, TEXT_LIT("o/r"), 0}, &b->arena, SCRIPTED_NOW + 1000, 0};
}

static void close_bench(struct bench *b)
{
	github_free(b->github);
	etags_free(b->etags);
	access_free(b->access);
	arena_release(&b->arena);
	arena_release(&b->pages);
}

static void expect(struct bench *b, const struct scripted_step *steps, size_t n)
{
	b->script = (struct scripted){.base = API, .steps = steps, .n = n};
	b->err = ERR_NONE;
}

/* One of n pages of a list; `path` is the first one's. */
static struct scripted_step page_of(struct bench *b, const char *path, int at, int n, const char *body)
{
	const char *next = arena_printf(&b->pages, "<" API "%s&page=%d>; rel=\"next\"", path, at + 1).at;

	return (struct scripted_step){.method = "GET",
				      .path = at > 1 ? arena_printf(&b->pages, "%s&page=%d", path, at).at : path,
				      .status = 200,
				      .body = body,
				      .headers = {{at < n ? "link" : NULL, next}}};
}

#define PULLS     "/repos/o/r/pulls?state=open&per_page=100&sort=created&direction=asc"
#define PULLS_TEN "/repos/o/r/pulls?state=open&per_page=10&sort=created&direction=asc"

/* A page with so many open changes from this number on, of head SHA, and each with a body of so many bytes. */
static const char *changes(struct bench *b, int from, int n, size_t bytes)
{
	struct text page = TEXT_EMPTY;
	char *body = arena_alloc(&b->pages, bytes + 1, 1);

	memset(body, 'x', bytes);
	for (int i = 0; i < n; i++)
		page = arena_printf(&b->pages,
				    "%.*s%s{\"number\":%d,\"state\":\"open\",\"draft\":false,\"title\":\"t\",\"body\":"
				    "\"%s\",\"labels\":[],\"updated_at\":\"2023-11-14T00:00:00Z\",\"user\":{\"id\":5},"
				    "\"head\":{\"sha\":\"" SHA "\",\"ref\":\"f/x\",\"repo\":{\"id\":9}},"
				    "\"base\":{\"sha\":\"" SHA2 "\",\"ref\":\"main\",\"repo\":{\"id\":7}}}",
				    TEXT_ARG(page), i ? "," : "", from + i, body);
	return arena_printf(&b->pages, "[%.*s]", TEXT_ARG(page)).at;
}

static enum err_code read_open(struct bench *b, const struct oid *head, struct forge_list_changes *ret)
{
	return b->forge.open_changes(b->forge.self, &b->call, head, ret, &b->err);
}

static const struct {
	const struct oid *head;
	size_t n;
} heads[] = {{NULL, 10}, {&(const struct oid){SHA}, 10}, {&(const struct oid){SHA2}, 0}};

START_TEST(of_a_long_list_only_what_is_asked_for_stays_in_memory)
{
	struct scripted_step steps[10];
	struct forge_list_changes out;
	struct bench b;

	open_bench(&b, 10);
	for (int i = 0; i < 10; i++)
		steps[i] = page_of(&b, PULLS, i + 1, 10, changes(&b, i + 1, 1, MIB));
	expect(&b, steps, 10);
	ck_assert_msg(read_open(&b, heads[_i].head, &out) == ERR_OK, "%s", b.err.text);
	scripted_over(&b.script);
	ck_assert_uint_eq(out.n, heads[_i].n);
	ck_assert_uint_eq(out.shown, 10);
	ck_assert_msg(b.arena.used < MIB, "%zu bytes", b.arena.used);
	close_bench(&b);
}
END_TEST

/* ---- pages that are too large ---- */

START_TEST(a_page_that_is_too_large_is_read_by_tens)
{
	struct scripted_step steps[5];
	struct forge_list_changes out;
	struct bench b;

	open_bench(&b, 2);
	steps[0] = page_of(&b, PULLS, 1, 2, changes(&b, 1, 3, 1));
	steps[1] = page_of(&b, PULLS, 2, 2, changes(&b, 4, 1, 17 * MIB));
	steps[2] = page_of(&b, PULLS_TEN, 1, 3, changes(&b, 1, 10, MIB));
	steps[3] = page_of(&b, PULLS_TEN, 2, 3, changes(&b, 11, 10, MIB));
	steps[4] = page_of(&b, PULLS_TEN, 3, 3, changes(&b, 21, 1, 1));
	expect(&b, steps, 5);
	ck_assert_msg(read_open(&b, NULL, &out) == ERR_OK && b.err.code == ERR_OK, "%s", b.err.text);
	scripted_over(&b.script);
	ck_assert_uint_eq(out.n, 21);
	ck_assert_uint_eq(out.shown, 21);
	for (int i = 0; i < 21; i++)
		ck_assert_int_eq(out.at[i].number, i + 1);
	ck_assert_msg(b.arena.used < MIB, "%zu bytes", b.arena.used);
	close_bench(&b);
}
END_TEST

START_TEST(a_list_by_tens_has_its_limits_too)
{
	struct scripted_step steps[21];
	struct forge_list_changes out = {.n = 99};
	const char *large;
	struct bench b;

	open_bench(&b, 2);
	large = changes(&b, 1, 1, 17 * MIB);
	steps[0] = page_of(&b, PULLS, 1, 1, large);
	steps[1] = page_of(&b, PULLS_TEN, 1, 1, large);
	expect(&b, steps, 2);
	ck_assert_int_eq(read_open(&b, NULL, &out), ERR_LIMIT);
	scripted_over(&b.script);
	for (int i = 1; i <= 20; i++) /* limits.pages are of a hundred */
		steps[i] = page_of(&b, PULLS_TEN, i, 21, "[]");
	expect(&b, steps, 21);
	ck_assert_int_eq(read_open(&b, NULL, &out), ERR_LIMIT);
	scripted_over(&b.script);
	ck_assert_uint_eq(out.n, 99);
	close_bench(&b);
}
END_TEST

/* A full last page may get a next one while its ETag stays: it is asked for without. */
static const struct {
	int n;
	const char *etag;
} last_pages[] = {{9, "\"t\""}, {10, NULL}};

START_TEST(a_full_last_page_of_ten_is_not_kept)
{
	struct scripted_step steps[4];
	struct forge_list_changes out;
	struct bench b;

	open_bench(&b, 2);
	for (int i = 0; i < 4; i += 2) {
		steps[i] = page_of(&b, PULLS, 1, 1, changes(&b, 1, 1, 17 * MIB));
		steps[i + 1] = page_of(&b, PULLS_TEN, 1, 1, changes(&b, 1, last_pages[_i].n, 1));
		steps[i + 1].headers[0].name = "etag";
		steps[i + 1].headers[0].value = "\"t\"";
	}
	steps[3].etag = last_pages[_i].etag;
	expect(&b, steps, 4);
	ck_assert_int_eq(read_open(&b, NULL, &out), ERR_OK);
	ck_assert_int_eq(read_open(&b, NULL, &out), ERR_OK);
	scripted_over(&b.script);
	close_bench(&b);
}
END_TEST

#define TIMELINE "/repos/o/r/issues/3/timeline?per_page=100"
#define PUSHES   "/repos/ann/r/activity?per_page=100&ref=refs%2Fheads%2Ff%2Fx"
#define TENS     "/repos/ann/r/activity?per_page=10&ref=refs%2Fheads%2Ff%2Fx"
#define FORCED                                                                                                         \
	"[{\"event\":\"head_ref_force_pushed\",\"created_at\":\"2023-11-14T00:00:00Z\",\"commit_id\":\"" SHA "\"}]"
#define PUSHED "[{\"ref\":\"refs/heads/f/x\",\"after\":\"" SHA2 "\",\"timestamp\":\"2023-11-14T00:00:00Z\"}]"

START_TEST(what_was_listed_before_a_page_that_is_too_large_stays)
{
	struct forge_change change = {.number = 3, .head_ref = TEXT_LIT("f/x"), .head_repo_name = TEXT_LIT("ann/r")};
	struct scripted_step steps[4];
	struct forge_list_moves out;
	struct bench b;

	open_bench(&b, 2);
	steps[0] = page_of(&b, TIMELINE, 1, 1, FORCED);
	steps[1] = page_of(&b, PUSHES, 1, 2, PUSHED);
	steps[2] = page_of(&b, PUSHES, 2, 2, changes(&b, 1, 1, 17 * MIB));
	steps[3] = page_of(&b, TENS, 1, 1, PUSHED);
	expect(&b, steps, 4);
	ck_assert_msg(b.forge.moves(b.forge.self, &b.call, &change, &out, &b.err) == ERR_OK, "%s", b.err.text);
	scripted_over(&b.script);
	ck_assert_uint_eq(out.n, 2);
	ck_assert_str_eq(out.at[0].to.hex, SHA);
	ck_assert_str_eq(out.at[1].to.hex, SHA2);
	close_bench(&b);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(of_a_long_list_only_what_is_asked_for_stays_in_memory, heads),
					  SUITE_TEST(a_page_that_is_too_large_is_read_by_tens),
					  SUITE_TEST(a_list_by_tens_has_its_limits_too),
					  SUITE_ROWS(a_full_last_page_of_ten_is_not_kept, last_pages),
					  SUITE_TEST(what_was_listed_before_a_page_that_is_too_large_stays),
					  SUITE_END};
SUITE_MAIN(tests)
