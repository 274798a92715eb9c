/*
 * Conditional reads: the cache by itself, and through the client over scripted answers.
 */
#include <pthread.h>
#include <unistd.h>

#include "agent/forge/github.h"
#include "tests/support/key_file.h"
#include "tests/support/scripted.h"
#include "tests/support/suite.h"

#define API "https://forge.test/api/v3"

/* ---- the cache ---- */

static struct etags_key key_of(const char *token, const char *url)
{
	unsigned char digest[CRYPTO_DIGEST];

	crypto_sha256(text_of(token), digest);
	return etags_key(digest, text_of(url));
}

static void keep(struct etags *etags, const struct etags_key *key, const char *etag, struct text body)
{
	const struct http_header headers[] = {{TEXT_LIT("etag"), text_of(etag)}};
	const struct http_answer answer = {200, headers, 1, body, true};

	etags_keep(etags, key, &answer, 0);
}

static bool has(struct etags *etags, const struct etags_key *key)
{
	const struct etags_kept *kept = etags_take(etags, key, 0);

	etags_give(etags, kept);
	return kept != NULL;
}

START_TEST(an_answer_is_found_by_its_token_and_its_whole_url)
{
	struct etags *etags = etags_new(1 << 20);
	struct etags_key key = key_of("t", "u"),
			 others[] = {key_of("t", "u?"), key_of("T", "u"), key_of("tu", ""), key_of("", "tu")};

	keep(etags, &key, "\"1\"", TEXT_LIT("x"));
	ck_assert(has(etags, &key));
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		ck_assert(!has(etags, &others[i]));
	ck_assert_ptr_null(etags_take(NULL, &key, 0));
	etags_free(etags);
	etags_free(NULL);
}
END_TEST

START_TEST(what_is_kept_is_bounded_and_the_least_used_goes)
{
	enum { MAX = 100000, N = 200 };
	struct etags *etags = etags_new(MAX);
	char body[1000] = "";
	struct etags_key keys[N];

	for (int i = 0; i < N; i++) {
		char url[32];

		(void)snprintf(url, sizeof url, "u%d", i);
		keys[i] = key_of("t", url);
		keep(etags, &keys[i], "\"1\"", (struct text){body, sizeof body});
		ck_assert_uint_le(etags_bytes(etags), MAX);
		ck_assert(has(etags, &keys[0])); /* used between any two */
	}
	ck_assert_uint_gt(etags_bytes(etags), MAX - 2000);
	ck_assert(!has(etags, &keys[1]) && !has(etags, &keys[100]));
	ck_assert(has(etags, &keys[N - 1]) && has(etags, &keys[N - 50]));
	etags_free(etags);
}
END_TEST

static const struct {
	const char *what;
	unsigned status;
	size_t bytes, etag_bytes;
	bool kept;
} answers[] = {
	{"good", 200, 10, 10, true},     {"no body", 200, 0, 10, true},   {"a quarter of all", 200, 24000, 10, true},
	{"more", 200, 25001, 10, false}, {"long", 200, 10, 512, true},    {"too long", 200, 10, 513, false},
	{"none", 200, 10, 0, false},     {"created", 201, 10, 10, false}, {"partial", 206, 10, 10, false},
};

START_TEST(only_a_plain_answer_with_an_etag_is_kept_and_replaces_the_old_one)
{
	struct etags *etags = etags_new(100000);
	struct etags_key key = key_of("t", "u");
	auto_arena struct arena arena = ARENA_EMPTY;
	char *bytes = arena_alloc(&arena, 30000, 1);
	const struct http_header headers[] = {{TEXT_LIT("etag"), {memset(bytes, 'e', 600), answers[_i].etag_bytes}}};
	const struct http_answer answer = {answers[_i].status, headers, 1, {bytes, answers[_i].bytes}, true};

	keep(etags, &key, "\"old\"", TEXT_LIT("old"));
	etags_keep(etags, &key, &answer, 0);
	ck_assert_msg(has(etags, &key) == answers[_i].kept, "%s", answers[_i].what);
	if (answers[_i].kept) {
		const struct etags_kept *kept = etags_take(etags, &key, 0);

		ck_assert_uint_eq(etags_etag(kept).len, answers[_i].etag_bytes);
		etags_give(etags, kept);
	} else {
		ck_assert_uint_eq(etags_bytes(etags), 0);
	}
	etags_free(etags);
}
END_TEST

START_TEST(what_is_held_stays_while_others_replace_it)
{
	struct etags *etags = etags_new(100000);
	struct etags_key key = key_of("t", "u");
	const struct http_answer answer = {.status = 304};
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct etags_kept *held;

	keep(etags, &key, "\"1\"", TEXT_LIT("first"));
	held = etags_take(etags, &key, 0);
	keep(etags, &key, "\"2\"", TEXT_LIT("second"));
	ck_assert(text_is(etags_etag(held), "\"1\""));
	ck_assert(text_is(etags_answer(held, &answer, &arena).body, "first"));
	etags_give(etags, held);
	held = etags_take(etags, &key, 0);
	ck_assert(text_is(etags_answer(held, &answer, &arena).body, "second"));
	etags_give(etags, held);
	etags_free(etags);
}
END_TEST

START_TEST(nothing_is_kept_in_no_room)
{
	struct etags *etags = etags_new(0);
	struct etags_key key = key_of("t", "u");

	keep(etags, &key, "\"1\"", TEXT_EMPTY);
	ck_assert(!has(etags, &key));
	etags_free(etags);
}
END_TEST

/* ---- threads ---- */

#define THREADS 4

static void *churn(void *arg)
{
	struct etags *etags = arg;
	char body[64];

	for (unsigned i = 0; i < 3000; i++) {
		struct etags_key key = key_of("t", i % 3 ? "a" : "b");
		const struct etags_kept *kept = etags_take(etags, &key, 0);

		(void)snprintf(body, sizeof body, "body %u", i);
		keep(etags, &key, "\"1\"", text_of(body));
		if (kept && etags_etag(kept).len != 3)
			abort();
		etags_give(etags, kept);
	}
	return NULL;
}

START_TEST(many_threads_share_it)
{
	struct etags *etags = etags_new(2000);
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, churn, etags), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_le(etags_bytes(etags), 2000);
	etags_free(etags);
}
END_TEST

/* ---- through the client ---- */

struct bench {
	struct scripted script;
	struct access *access;
	struct etags *etags;
	struct pace *pace;
	struct metrics *metrics;
	struct github *github;
	struct forge forge;
	struct arena arena;
	struct forge_call call;
	struct err err;
	char file[KEY_FILE_BYTES];
};

static int64_t noon(void *self)
{
	(void)self;
	return SCRIPTED_NOW;
}

static void open_bench(struct bench *b, const struct scripted_step *steps, size_t n)
{
	struct clock_port clock = {NULL, noon, noon};
	struct access_ports ports = {.clock = clock, .wall = clock};
	struct access_config access = {.api_url = TEXT_LIT(API)};
	struct github_config config = {.api_url = TEXT_LIT(API), .pages_max = 3, .answer_bytes = 100000};
	struct pace_config unhurried = {.write_every_ms = 0};

	*b = (struct bench){.script = {.base = API, .steps = steps, .n = n}};
	key_file_text(b->file, "first\n", 0600);
	access.token_file = text_of(b->file);
	config.access = b->access = access_new(&access, &ports, &b->err);
	config.etags = b->etags = etags_new(1 << 20);
	config.pace = b->pace = pace_new(&unhurried);
	config.metrics = b->metrics = metrics_new(metrics_rows(), METRICS);
	ck_assert_msg(b->access != NULL, "%s", b->err.text);
	b->github = github_new(&config, scripted_port(&b->script), clock, &b->err);
	ck_assert_msg(b->github != NULL, "%s", b->err.text);
	b->forge = github_port(b->github);
	b->call = (struct forge_call){{7, TEXT_LIT("o/r"), 0}, &b->arena, SCRIPTED_NOW + 1000, 0};
}
#define OPEN(b, steps) open_bench(b, steps, sizeof(steps) / sizeof((steps)[0]))

static void close_bench(struct bench *b, int64_t fresh, int64_t not_modified)
{
	const struct text labels[] = {TEXT_LIT("fresh"), TEXT_LIT("not_modified")};

	scripted_over(&b->script);
	ck_assert_int_eq(metrics_value(b->metrics, METRIC_FORGE_READS, &labels[0]), fresh);
	ck_assert_int_eq(metrics_value(b->metrics, METRIC_FORGE_READS, &labels[1]), not_modified);
	github_free(b->github);
	metrics_free(b->metrics);
	etags_free(b->etags);
	pace_free(b->pace);
	access_free(b->access);
	arena_release(&b->arena);
	(void)unlink(b->file);
}

#define TIP_PATH "/repos/o/r/git/ref/heads%2Fmain"
#define SHA1     "1111111111111111111111111111111111111111"
#define SHA2     "2222222222222222222222222222222222222222"
#define REF(sha) "{\"ref\":\"refs/heads/main\",\"object\":{\"type\":\"commit\",\"sha\":\"" sha "\"}}"
#define GET_TIP  .method = "GET", .path = TIP_PATH

static enum err_code read_tip(struct bench *b, struct oid *ret)
{
	*ret = OID_NONE;
	b->err = ERR_NONE;
	return b->forge.branch_tip(b->forge.self, &b->call, TEXT_LIT("main"), ret, &b->err);
}

static void tip_is(struct bench *b, const char *sha)
{
	struct oid tip;

	ck_assert_msg(read_tip(b, &tip) == ERR_OK, "%s", b->err.text);
	ck_assert_str_eq(tip.hex, sha);
}

START_TEST(a_read_that_finds_nothing_new_is_answered_by_what_was_kept)
{
	static const struct scripted_step steps[] = {
		{GET_TIP, .status = 200, .body = REF(SHA1), .headers = {{"etag", "W/\"a\""}}},
		{GET_TIP, .status = 304, .body = "", .etag = "W/\"a\""},
		{GET_TIP, .status = 200, .body = REF(SHA2), .headers = {{"etag", "W/\"b\""}}, .etag = "W/\"a\""},
		{GET_TIP, .status = 304, .body = "", .etag = "W/\"b\""},
		{GET_TIP, .status = 200, .body = REF(SHA1), .etag = "W/\"b\""},
		{GET_TIP, .status = 200, .body = REF(SHA2)},
	};
	struct bench b;

	OPEN(&b, steps);
	tip_is(&b, SHA1);
	tip_is(&b, SHA1);
	tip_is(&b, SHA2);
	tip_is(&b, SHA2);
	tip_is(&b, SHA1); /* an answer without an ETag is not kept, and what it replaces is forgotten */
	tip_is(&b, SHA2);
	close_bench(&b, 4, 2);
}
END_TEST

static const struct {
	const char *what;
	struct scripted_step step;
	enum err_code code;
} strange[] = {
	{"an error is no answer", {.status = 502, .body = ""}, ERR_RETRY},
	{"nor is what was kept for it", {.status = 404, .body = "{}"}, ERR_GONE},
	{"nor is silence", {.fail = ERR_RETRY}, ERR_RETRY},
	{"nor half of one", {.status = 200, .body = "{\"ref\":", .headers = {{"etag", "\"z\""}}}, ERR_RETRY},
};

START_TEST(what_was_kept_never_stands_in_for_a_failure)
{
	struct scripted_step steps[] = {
		{GET_TIP, .status = 200, .body = REF(SHA1), .headers = {{"etag", "\"a\""}}},
		strange[_i].step,
		{GET_TIP, .status = 304, .body = "", .etag = "\"a\""},
	};
	struct oid tip;
	struct bench b;

	steps[1].method = "GET", steps[1].path = TIP_PATH, steps[1].etag = "\"a\"";
	OPEN(&b, steps);
	tip_is(&b, SHA1);
	ck_assert_msg(read_tip(&b, &tip) == strange[_i].code, "%s: %s", strange[_i].what, b.err.text);
	ck_assert(!oid_known(&tip));
	tip_is(&b, SHA1);
	close_bench(&b, 1, 1);
}
END_TEST

START_TEST(what_is_left_of_the_limit_and_what_is_held_back_is_counted)
{
	static const struct scripted_step steps[] = {
		{GET_TIP, .status = 200, .body = REF(SHA1),
		 .headers = {{"x-ratelimit-limit", "5000"},
			     {"x-ratelimit-remaining", "4321"},
			     {"x-ratelimit-reset", "1700003600"}}},
		{GET_TIP, .status = 429, .body = "{}", .headers = {{"retry-after", "60"}}},
	};
	const struct text installation = TEXT_LIT("0");
	struct oid tip;
	struct bench b;

	OPEN(&b, steps);
	tip_is(&b, SHA1);
	ck_assert_int_eq(metrics_value(b.metrics, METRIC_FORGE_LEFT, &installation), 4321);
	ck_assert_int_eq(metrics_value(b.metrics, METRIC_FORGE_HELD, &installation), 0);
	ck_assert_int_eq(read_tip(&b, &tip), ERR_RETRY);
	ck_assert_int_eq(read_tip(&b, &tip), ERR_RETRY); /* not sent */
	ck_assert_int_eq(metrics_value(b.metrics, METRIC_FORGE_HELD, &installation), 1);
	close_bench(&b, 1, 0);
}
END_TEST

START_TEST(nobody_is_answered_not_modified_who_did_not_ask)
{
	static const struct scripted_step steps[] = {
		{GET_TIP, .status = 304, .body = "", .headers = {{"etag", "\"a\""}}},
		{GET_TIP, .status = 200, .body = REF(SHA1), .headers = {{"etag", "\"a\""}}},
		{GET_TIP, .status = 304, .body = ""}, /* to a call that is to be fresh */
	};
	struct oid tip;
	struct bench b;

	OPEN(&b, steps);
	ck_assert_int_eq(read_tip(&b, &tip), ERR_INVALID);
	tip_is(&b, SHA1);
	b.call.sent_since = INT64_MAX;
	ck_assert_int_eq(read_tip(&b, &tip), ERR_INVALID);
	close_bench(&b, 1, 0);
}
END_TEST

static const struct {
	const char *what;
	int64_t since;
	bool asked_anew;
} ages[] = {{"any will do", 0, false},
	    {"asked for at that time", SCRIPTED_NOW, false},
	    {"asked for before it", SCRIPTED_NOW + 1, true}};

START_TEST(what_was_asked_for_before_the_time_named_stands_in_for_nothing)
{
	struct scripted_step steps[] = {
		{GET_TIP, .status = 200, .body = REF(SHA1), .headers = {{"etag", "\"a\""}}},
		{GET_TIP, .status = 200, .body = REF(SHA2), .headers = {{"etag", "\"b\""}}},
	};
	struct bench b;

	if (!ages[_i].asked_anew)
		steps[1] = (struct scripted_step){GET_TIP, .status = 304, .body = "", .etag = "\"a\""};
	OPEN(&b, steps);
	tip_is(&b, SHA1);
	b.call.sent_since = ages[_i].since;
	tip_is(&b, ages[_i].asked_anew ? SHA2 : SHA1);
	close_bench(&b, ages[_i].asked_anew ? 2 : 1, ages[_i].asked_anew ? 0 : 1);
}
END_TEST

START_TEST(a_fresh_call_reads_anew_and_its_answer_is_kept)
{
	static const struct scripted_step steps[] = {
		{GET_TIP, .status = 200, .body = REF(SHA1), .headers = {{"etag", "\"a\""}}},
		{GET_TIP, .status = 200, .body = REF(SHA2), .headers = {{"etag", "\"a\""}}},
		{GET_TIP, .status = 304, .body = "", .etag = "\"a\""},
	};
	struct bench b;

	OPEN(&b, steps);
	tip_is(&b, SHA1);
	b.call.sent_since = INT64_MAX;
	tip_is(&b, SHA2);
	b.call.sent_since = 0;
	tip_is(&b, SHA2);
	close_bench(&b, 2, 1);
}
END_TEST

START_TEST(what_one_token_read_is_nothing_to_another)
{
	static const struct scripted_step steps[] = {
		{GET_TIP, .status = 200, .body = REF(SHA1), .headers = {{"etag", "\"a\""}}, .bearer = "first"},
		{GET_TIP, .status = 401, .body = "{}", .etag = "\"a\"", .bearer = "first"},
		{GET_TIP, .status = 200, .body = REF(SHA2), .bearer = "second"},
	};
	struct bench b;
	FILE *file;

	OPEN(&b, steps);
	tip_is(&b, SHA1);
	file = fopen(b.file, "w");
	ck_assert(file && fputs("second\n", file) >= 0 && fclose(file) == 0);
	tip_is(&b, SHA2);
	close_bench(&b, 2, 0);
}
END_TEST

/* ---- lists ---- */

#define PULLS "/repos/o/r/pulls/3/reviews?per_page=100"
#define NEXT  "<" API PULLS "&page=2>; rel=\"next\""
#define LAST  "<" API PULLS "&page=1>; rel=\"last\""

static struct text reviews(struct arena *arena, size_t n)
{
	struct text list = TEXT_LIT("[");

	for (size_t i = 0; i < n; i++)
		list = arena_printf(arena, "%.*s%s{\"id\":%zu,\"state\":\"APPROVED\"}", TEXT_ARG(list), i ? "," : "",
				    i + 1);
	return arena_printf(arena, "%.*s]", TEXT_ARG(list));
}

static size_t read_reviews(struct bench *b)
{
	struct forge_list_reviews list = {.n = 0};

	b->err = ERR_NONE;
	ck_assert_msg(b->forge.reviews(b->forge.self, &b->call, 3, &list, &b->err) == ERR_OK, "%s", b->err.text);
	return list.n;
}

static const struct {
	size_t n;
	const char *link, *again; /* the Link header of the first answer, and of the second */
	bool kept;
	size_t n_again; /* with one more on the second page */
} pages[] = {
	{99, NULL, NULL, true, 99},    {99, LAST, NULL, true, 99},   {100, NULL, NULL, false, 100},
	{100, LAST, NULL, false, 100}, {100, NEXT, NULL, true, 101}, {100, NEXT, NEXT, true, 101},
	{1, NULL, NEXT, true, 2},     /* the newer header counts, */
	{100, NEXT, LAST, true, 100}, /* whatever it says */
};

START_TEST(a_list_answered_by_what_was_kept_is_as_long_as_the_forges)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *body = reviews(&arena, pages[_i].n).at;
	const struct scripted_step second = {.method = "GET",
					     .path = PULLS "&page=2",
					     .status = 200,
					     .body = "[{\"id\":777,\"state\":\"APPROVED\"}]"};
	struct scripted_step steps[4];
	size_t n = 0, now;
	bool two = pages[_i].link && !strcmp(pages[_i].link, NEXT);
	struct bench b;

	steps[n++] = (struct scripted_step){
		.method = "GET",
		.path = PULLS,
		.status = 200,
		.body = body,
		.headers = {{"etag", "\"a\""}, {pages[_i].link ? "link" : NULL, pages[_i].link}}};
	if (two)
		steps[n++] = second;
	steps[n++] = (struct scripted_step){.method = "GET",
					    .path = PULLS,
					    .status = pages[_i].kept ? 304 : 200,
					    .body = pages[_i].kept ? "" : body,
					    .etag = pages[_i].kept ? "\"a\"" : NULL,
					    .headers = {{pages[_i].again ? "link" : NULL, pages[_i].again}}};
	if (pages[_i].n_again > pages[_i].n)
		steps[n++] = second;
	open_bench(&b, steps, n);
	ck_assert_uint_eq(read_reviews(&b), pages[_i].n + two);
	now = read_reviews(&b);
	ck_assert_uint_eq(now, pages[_i].n_again);
	close_bench(&b, (int64_t)n - pages[_i].kept, pages[_i].kept);
}
END_TEST

#define CHANGE                                                                                                         \
	"{\"number\":3,\"state\":\"open\",\"draft\":false,\"merged\":false,\"labels\":[],"                             \
	"\"updated_at\":\"2023-11-14T00:00:00Z\",\"user\":{\"id\":5,\"login\":\"ann\",\"type\":\"User\"},"             \
	"\"head\":{\"sha\":\"" SHA1 "\",\"ref\":\"f\",\"repo\":{\"id\":9,\"full_name\":\"ann/r\"}},"                   \
	"\"base\":{\"sha\":\"" SHA2 "\",\"ref\":\"main\",\"repo\":{\"id\":7}}}"

START_TEST(a_kept_answer_is_as_old_as_the_forges_word_for_it)
{
	static const struct scripted_step steps[] = {
		{.method = "GET",
		 .path = "/repos/o/r/pulls/3",
		 .status = 200,
		 .body = CHANGE,
		 .headers = {{"etag", "\"a\""}}},
		{.method = "GET", .path = "/repos/o/r/pulls/3", .status = 304, .body = "", .etag = "\"a\""},
	};
	struct forge_change change;
	struct bench b;

	OPEN(&b, steps);
	ck_assert_int_eq(b.forge.change(b.forge.self, &b.call, 3, &change, &b.err), ERR_OK);
	ck_assert_int_eq(change.answered_at, SCRIPTED_NOW);
	b.script.date = "Tue, 14 Nov 2023 22:13:29 GMT";
	ck_assert_int_eq(b.forge.change(b.forge.self, &b.call, 3, &change, &b.err), ERR_OK);
	ck_assert_int_eq(change.answered_at, SCRIPTED_NOW + 9000);
	close_bench(&b, 1, 1);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(an_answer_is_found_by_its_token_and_its_whole_url),
	SUITE_TEST(what_is_kept_is_bounded_and_the_least_used_goes),
	SUITE_ROWS(only_a_plain_answer_with_an_etag_is_kept_and_replaces_the_old_one, answers),
	SUITE_TEST(what_is_held_stays_while_others_replace_it),
	SUITE_TEST(nothing_is_kept_in_no_room),
	SUITE_TEST(many_threads_share_it),
	SUITE_TEST(a_read_that_finds_nothing_new_is_answered_by_what_was_kept),
	SUITE_ROWS(what_was_kept_never_stands_in_for_a_failure, strange),
	SUITE_TEST(what_is_left_of_the_limit_and_what_is_held_back_is_counted),
	SUITE_TEST(nobody_is_answered_not_modified_who_did_not_ask),
	SUITE_ROWS(what_was_asked_for_before_the_time_named_stands_in_for_nothing, ages),
	SUITE_TEST(a_fresh_call_reads_anew_and_its_answer_is_kept),
	SUITE_TEST(what_one_token_read_is_nothing_to_another),
	SUITE_ROWS(a_list_answered_by_what_was_kept_is_as_long_as_the_forges, pages),
	SUITE_TEST(a_kept_answer_is_as_old_as_the_forges_word_for_it),
	SUITE_END};
SUITE_MAIN(tests)
