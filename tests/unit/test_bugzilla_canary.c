/* Canaries in every field of answers that is not for us: none comes out. */
#include <string.h>

#include "tests/support/bug_bench.h"
#include "tests/support/suite.h"

static const struct text approval[] = {{"sec-approval", 12}}, teams[] = {{"sec-team", 8}};

static enum err_code ask(struct bug_bench *b, const struct tracker_wanted *wanted, struct tracker_bug *out)
{
	return b->tracker.bug(b->tracker.self, &b->call, 412, wanted, out, &b->err);
}

#define CANARY "c4nary"
static const char full[] =
	"{\"bugs\":[{\"id\":412,\"summary\":\"" CANARY "\",\"alias\":\"" CANARY "\",\"whiteboard\":\"" CANARY
	"\",\"url\":\"" CANARY "\",\"creator\":\"" CANARY "@x\",\"creator_detail\":{\"real_name\":\"" CANARY
	"\"},\"assigned_to\":\"" CANARY "\",\"cc\":[\"" CANARY "\"],\"see_also\":[\"" CANARY
	"\"],\"update_token\":\"" CANARY "\",\"product\":\"" CANARY "\",\"comments\":[{\"text\":\"" CANARY
	"\"}],\"groups\":[\"core-sec\"],"
	"\"keywords\":[\"sec-high\"],\"resolution\":\"\",\"is_open\":true,\"flags\":[{\"name\":\"needinfo\",\"status\":"
	"\"?\",\"setter\":\"" CANARY "\",\"requestee\":\"" CANARY "\"}],\"dupe_of\":null,\"duplicates\":[],"
	"\"last_change_time\":\"2026-11-20T10:00:00Z\",\"attachments\":[{\"id\":31,\"is_obsolete\":0,\"is_patch\":1,"
	"\"content_type\":\"text/x-" CANARY "\",\"summary\":\"" CANARY "\",\"file_name\":\"" CANARY
	"\",\"creator\":\"" CANARY "\",\"data\":\"" CANARY
	"\",\"flags\":[{\"name\":\"sec-approval\",\"status\":\"+\",\"setter\":\"" CANARY
	"\"}]}]}],\"message\":\"" CANARY "\"}";
static const char people[] = "{\"users\":[{\"id\":5,\"name\":\"" CANARY "\",\"real_name\":\"" CANARY "\"}]}";

static bool in_text(struct text t)
{
	return text_find(t, TEXT_LIT(CANARY)) != SIZE_MAX;
}

static bool in_flags(const struct bug_flag *flags, size_t n)
{
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		found = found || in_text(flags[i].name);
		for (size_t j = 0; j < flags[i].n_groups; j++)
			found = found || in_text(flags[i].groups[j]);
	}
	return found;
}

static bool in_bug(const struct bug *bug)
{
	bool found = in_text(bug->tracker) || in_text(bug->resolution) || in_flags(bug->flags, bug->n_flags);

	for (size_t i = 0; i < bug->n_keywords; i++)
		found = found || in_text(bug->keywords[i]);
	for (size_t i = 0; i < bug->n_groups; i++)
		found = found || in_text(bug->groups[i]);
	for (size_t i = 0; i < bug->n_attachments; i++)
		found = found || in_text(bug->attachments[i].revision) ||
			in_flags(bug->attachments[i].flags, bug->attachments[i].n_flags);
	return found;
}

START_TEST(nothing_that_is_not_for_us_comes_out)
{
	static const struct bug_step steps[] = {{.status = 200, .body = full}, {.status = 200, .body = people}};
	static const struct tracker_wanted wanted = {
		.flags = approval, .n_flags = 1, .groups = teams, .n_groups = 1, .revisions = true};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, 2);
	ck_assert_int_eq(ask(&b, &wanted, &bug), ERR_OK);
	ck_assert_int_eq(bug.is.attachments[0].flags[0].setter, 5);
	ck_assert(!in_bug(&bug.is));
	bug_bench_close(&b);
}
END_TEST

/* Each prefix of both answers, and each with a byte changed: whatever goes wrong, the error quotes nothing. */
START_TEST(no_error_quotes_an_answer)
{
	static const struct tracker_wanted wanted = {
		.flags = approval, .n_flags = 1, .groups = teams, .n_groups = 1, .revisions = true};
	struct bug_step steps[2] = {{.status = 200, .body = full}, {.status = 200}};
	struct tracker_bug bug;
	struct bug_bench b;

	bug_bench_open(&b, "bmo", steps, 0);
	for (size_t i = 0; i < 2 * sizeof full; i++) {
		struct text body = arena_text(&b.arena, TEXT_LIT(full));
		char *at = (char *)(uintptr_t)body.at;

		if (i < sizeof full)
			at[i] = '\0';
		else if (i - sizeof full < body.len)
			at[i - sizeof full] ^= 0x11;
		steps[0].body = at;
		steps[1].body = people;
		bug_bench_next(&b, steps, 2);
		(void)ask(&b, &wanted, &bug);
		ck_assert_msg(!strstr(b.err.text, CANARY), "%s", b.err.text);
		b.n = b.asked;
	}
	bug_bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(nothing_that_is_not_for_us_comes_out),
					  SUITE_SLOW(no_error_quotes_an_answer, 120), SUITE_END};
SUITE_MAIN(tests)
