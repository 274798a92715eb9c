/*
 * Installations that are dead, come back, move or were never told of, and how much is kept of them.
 */
#include "agent/work/receive.h"
#include "tests/support/app_bench.h"

/* ---- a dead installation ---- */

#define DEAD 400

START_TEST(a_dead_installation_costs_next_to_nothing_and_comes_back)
{
	struct scripted_step steps[DEAD];
	struct bench b;
	int64_t until = SCRIPTED_NOW + 60 * MINUTE;

	for (size_t i = 0; i < DEAD; i += 2) {
		steps[i] = (struct scripted_step){.method = "POST", .path = ASKED, .status = 404, .body = "{}"};
		steps[i + 1] = (struct scripted_step){.method = "GET", .path = PLACE, .status = 404, .body = "{}"};
	}
	bench_open(&b, steps, DEAD);
	for (; b.now < until; b.now += 100) {
		bench_expect_none(&b, ERR_DENIED, "installation 42 does not exist (404)");
		ck_assert(b.err.retry_at_ms > b.now && b.err.retry_at_ms <= b.now + MINUTE);
	}
	ck_assert_msg(b.script.asked <= 140, "%zu requests in an hour", b.script.asked);
	b.script.asked -= b.script.asked % 2;
	steps[b.script.asked] = (struct scripted_step)TAKEN("ghs_1");
	b.script.n = b.script.asked + 1;
	b.now += MINUTE;
	bench_expect(&b, "ghs_1");
	bench_close(&b);
}
END_TEST

START_TEST(what_is_told_of_an_installation_ends_its_pause)
{
	static const struct scripted_step steps[] = {
		{.method = "POST", .path = ASKED, .status = 403, .body = "{}"},
		{.method = "GET", .path = PLACE, .status = 200, .body = "{\"id\":42}"},
		TAKEN("ghs_1"),
		TAKEN("ghs_2"),
	};
	struct bench b;

	OPEN(&b, steps);
	bench_expect_none(&b, ERR_DENIED, "suspended");
	access_forget(b.access, 41);
	bench_expect_none(&b, ERR_DENIED, "suspended");
	access_forget(b.access, 42);
	bench_expect(&b, "ghs_1");
	access_forget(b.access, 42);
	bench_expect(&b, "ghs_2");
	bench_close(&b);
}
END_TEST

static bool append_once(void *self, store_job *job, void *arg, struct err *err)
{
	struct append *row = arg;

	(void)job;
	(void)err;
	row->duplicate = (*(int *)self)++ > 0; /* the second time it is known */
	return true;
}

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self;
	(void)topic;
}

START_TEST(an_event_of_an_installation_is_such_telling_the_first_time)
{
	static const struct scripted_step steps[] = {TAKEN("ghs_1"), TAKEN("ghs_2")};
	struct delivery delivery = {.guid = TEXT_LIT("g"),
				    .name = TEXT_LIT("installation"),
				    .body = TEXT_LIT("{}"),
				    .fate = DELIVERY_APPLY,
				    .event = {.kind = EVENT_MEMBER, .installation = 42}};
	struct bench b;
	int appended = 0;
	struct store store = {.exec = {.self = &appended, .write = append_once}};
	struct receive receive = {
		.store = &store, .clock = {&b.now, bench_clock, bench_clock}, .wake = {.signal = signal_nobody}};
	bool duplicate;

	OPEN(&b, steps);
	receive.access = b.access;
	bench_expect(&b, "ghs_1");
	ck_assert(receive_now(&receive, &delivery, &duplicate, &b.err));
	bench_expect(&b, "ghs_1"); /* an event of another kind */
	appended = 0;
	delivery.event.kind = EVENT_INSTALLATION;
	ck_assert(receive_now(&receive, &delivery, &duplicate, &b.err) && !duplicate);
	bench_expect(&b, "ghs_2");
	ck_assert(receive_now(&receive, &delivery, &duplicate, &b.err) && duplicate);
	bench_expect(&b, "ghs_2");
	receive.access = NULL;
	ck_assert(receive_now(&receive, &delivery, &duplicate, &b.err));
	bench_close(&b);
}
END_TEST

/* ---- whose repository ---- */

START_TEST(an_installation_that_nobody_told_is_looked_up_once)
{
	static const struct scripted_step steps[] = {
		{.method = "GET", .path = PLACE, .status = 200, .body = "{\"id\":42,\"app_id\":1}", .bearer = "*"},
		TAKEN("ghs_1"),
		{.method = "GET", .path = PLACE, .status = 200, .body = "{\"id\":42}", .bearer = "*"},
		{.method = "GET", .path = PLACE, .status = 200, .body = "{\"id\":42}", .bearer = "*"},
	};
	struct bench b;

	OPEN(&b, steps);
	b.call.repo.installation = 0;
	bench_expect(&b, "ghs_1");
	bench_expect(&b, "ghs_1");
	b.call.repo.id = 0; /* by its name alone: it may be another repository's tomorrow */
	bench_expect(&b, "ghs_1");
	bench_expect(&b, "ghs_1");
	bench_close(&b);
}
END_TEST

static const struct {
	unsigned status;
	const char *body;
	enum err_code code;
	const char *why;
} places[] = {
	{404, "{}", ERR_DENIED, "the app is not installed on o/r (404)"},
	{401, "{}", ERR_DENIED, "do forge.app_id and forge.key_file belong together"},
	{403, "{}", ERR_DENIED, "403"},
	{500, "{}", ERR_RETRY, "unwell"},
	{200, "{\"id\":0}", ERR_INVALID, "not an installation"},
	{200, "{\"id\":\"42\"}", ERR_INVALID, "id"},
	{200, "{\"id\":4", ERR_RETRY, ""},
	{301, "{}", ERR_INVALID, "redirect"},
};

START_TEST(a_repository_without_an_installation_is_not_read)
{
	const struct scripted_step steps[] = {
		{.method = "GET", .path = PLACE, .status = places[_i].status, .body = places[_i].body, .bearer = "*"}};
	struct bench b;

	OPEN(&b, steps);
	b.call.repo.installation = 0;
	bench_expect_none(&b, places[_i].code, places[_i].why);
	if (places[_i].code != ERR_RETRY)
		bench_expect_none(&b, places[_i].code, places[_i].why);
	bench_close(&b);
}
END_TEST

START_TEST(an_app_that_was_installed_anew_is_found_without_an_event)
{
	static const struct scripted_step steps[] = {
		{.method = "POST", .path = ASKED, .status = 404, .body = "{}"},
		{.method = "GET", .path = PLACE, .status = 200, .body = "{\"id\":43}"},
		{.method = "POST",
		 .path = "/app/installations/43/access_tokens",
		 .status = 201,
		 .body = GIVEN("ghs_43")},
	};
	struct bench b;

	OPEN(&b, steps);
	bench_expect(&b, "ghs_43");
	bench_expect(&b, "ghs_43");
	bench_close(&b);
}
END_TEST

START_TEST(a_token_of_any_length_is_taken)
{
	struct bench b;
	struct arena arena = ARENA_EMPTY;
	char *token = arena_alloc(&arena, 3001, 1);
	struct scripted_step step = {.method = "POST", .path = ASKED, .status = 201};

	memset(token, 'a', 3000);
	step.body = arena_printf(&arena, ENDING("%s", "2023-11-14T23:13:20Z"), token).at;
	bench_open(&b, &step, 1);
	bench_expect(&b, token);
	bench_close(&b);
	arena_release(&arena);
}
END_TEST

/* ---- many ---- */

START_TEST(what_is_kept_is_bounded_and_what_is_used_stays)
{
	enum { KEPT = 1000 };
	static const struct scripted_step steps[] = {TAKEN("ghs_1")};
	struct scripted_step *all = calloc(KEPT, sizeof *all);
	auto_arena struct arena names = ARENA_EMPTY;
	struct bench b;

	all[0] = steps[0];
	for (size_t i = 1; i < KEPT; i++) /* the first one is used again and again */
		all[i] = (struct scripted_step){
			.method = "POST",
			.path = arena_printf(&names, "/app/installations/%zu/access_tokens", 1000 + i).at,
			.status = 201,
			.body = GIVEN("ghs_2")};
	bench_open(&b, all, KEPT);
	for (size_t i = 0; i < KEPT; i++) {
		b.call.repo.installation = i == 0 ? 42 : (int64_t)(1000 + i);
		bench_expect(&b, i == 0 ? "ghs_1" : "ghs_2");
		b.call.repo.installation = 42;
		bench_expect(&b, "ghs_1");
		arena_release(&b.arena);
	}
	scripted_over(&b.script);
	b.script.asked = 2; /* one too many: what was used longest ago was let go, and not the first */
	b.call.repo.installation = 1002;
	bench_expect(&b, "ghs_2");
	b.script.asked = KEPT - 1;
	all[KEPT - 1].path = "/app/installations/5/access_tokens";
	b.call.repo.installation = 5;
	bench_expect(&b, "ghs_2");
	b.call.repo.installation = 42;
	bench_expect(&b, "ghs_1");
	all[KEPT - 1].path = "/app/installations/1001/access_tokens";
	b.script.asked = KEPT - 1;
	b.call.repo.installation = 1001;
	bench_expect(&b, "ghs_2");
	bench_close(&b);
	free(all);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(a_dead_installation_costs_next_to_nothing_and_comes_back),
					  SUITE_TEST(what_is_told_of_an_installation_ends_its_pause),
					  SUITE_TEST(an_event_of_an_installation_is_such_telling_the_first_time),
					  SUITE_TEST(an_installation_that_nobody_told_is_looked_up_once),
					  SUITE_ROWS(a_repository_without_an_installation_is_not_read, places),
					  SUITE_TEST(an_app_that_was_installed_anew_is_found_without_an_event),
					  SUITE_TEST(a_token_of_any_length_is_taken),
					  SUITE_TEST(what_is_kept_is_bounded_and_what_is_used_stays),
					  SUITE_END};
APP_BENCH_MAIN(tests)
