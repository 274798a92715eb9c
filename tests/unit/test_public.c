/*
 * Every surface that the public, or who reads logs and metrics, can see, over two stores that differ in what a
 * restricted rule saw: heads and bodies of answers, the status that is posted, the counters. Each row is one surface; a
 * new one belongs here. What is asked of the policy itself: test_secrecy.
 */
#include <stdio.h>

#include "tests/support/browse.h"
#include "tests/support/suite.h"

#define SHA40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PAGE  "/acme/engine/c/" SHA40

enum face { PUBLIC = 0, OPS, OPERATOR };

static const struct {
	const char *method, *path, *lines;
	enum face face;
	int status;
} surfaces[] = {
	{"GET", PAGE, "", PUBLIC, 200},
	{"GET", PAGE ".json", "", PUBLIC, 200},
	{"GET", PAGE ".txt", "", PUBLIC, 200},
	{"HEAD", PAGE, "", PUBLIC, 200},
	{"HEAD", PAGE ".json", "", PUBLIC, 200},
	{"GET", "/acme/engine/1", "", PUBLIC, 200},
	{"GET", "/acme/engine/1.json", "", PUBLIC, 200},
	{"GET", PAGE, "If-None-Match: \"1\"\r\nIf-Modified-Since: Sat, 21 Nov 2026 00:00:00 GMT\r\n", PUBLIC, 200},
	{"GET", PAGE ".json?full=1", "", PUBLIC, 200},
	{"GET", "/acme/engine/2", "", PUBLIC, 404},
	{"GET", "/api/v1/verdicts/1", "", PUBLIC, 404},
	{"GET", "/api/v1/commits/acme/engine/" SHA40, "", PUBLIC, 404},
	{"GET", "/metrics", "", PUBLIC, 404},
	{"GET", "/", "", PUBLIC, 200},
	{"GET", "/metrics", "", OPS, 200},
	{"GET", "/metrics", "Accept: application/openmetrics-text; version=1.0.0\r\n", OPS, 200},
	{"GET", "/readyz", "", OPS, 200},
	{"GET", "/api/v1/verdicts/1", "", OPS, 404},
	{"GET", "/api/v1/verdicts/1?full=1", "", OPERATOR, 200},
	{"GET", "/api/v1/commits/acme/engine/" SHA40, "", OPERATOR, 200},
};

static const struct ignored flagged = {{"attachment 9 of bug 1234567", 27}, {"sec-approval is not set", 23}};
static const struct rule_result condition = {
	.name = {"bugs", 4}, .state = RULE_UNMET, .blocking = true, .next = {"bug 1234567", 11}};

/* Two secrets: nothing is alike in them but that clearance is not there. */
static const struct rule_result secrets[] = {
	{.name = {"sec-approval", 12},
	 .description = {"bugs of sec-critical", 20},
	 .state = RULE_UNMET,
	 .blocking = true,
	 .restricted = true,
	 .next = {"sec-approval of bug 1234567", 27},
	 .ignored = &flagged,
	 .n_ignored = 1,
	 .children = &condition,
	 .n_children = 1},
	{.name = {"x", 1}, .state = RULE_PENDING, .restricted = true},
};

static const char *const words[] = {"sec-approval", "1234567", "sec-critical", "attachment 9"};

static void judge(struct browse *b, const struct rule_result *secret)
{
	struct rule_result rows[4] = {
		{.name = TEXT_LIT("two reviews"), .state = RULE_MET},
		*secret,
		{.name = TEXT_LIT("or"), .state = secret->state, .children = secret, .n_children = 1},
		{.name = TEXT_LIT("#1"), .state = secret->state, .blocking = secret->blocking, .next = secret->next},
	};
	struct verdict verdict = {.decision = DECISION_WAITING,
				  .state = STATUS_PENDING,
				  .text = TEXT_LIT("Needs maintainer clearance"),
				  .public_text = TEXT_LIT("Needs maintainer clearance"),
				  .rules = &rows[3],
				  .n_rules = 1};

	rows[3].children = rows;
	rows[3].n_children = 3;
	browse_open(b);
	tell(&b->pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	browse_judge(b, 'a', &verdict);
}

static void ask(struct browse *b, size_t i, struct browsed *ret)
{
	unsigned port = surfaces[i].face == PUBLIC ? listener_port(b->public)
			: surfaces[i].face == OPS  ? listener_port(b->ops)
						   : 0;
	char *date;

	browse_send(b, &(struct browse_request){port, surfaces[i].method, surfaces[i].path, surfaces[i].lines, NULL},
		    ret);
	ck_assert_msg(ret->status == surfaces[i].status, "%s: %d", surfaces[i].path, ret->status);
	date = strstr(ret->head, "\r\nDate: ");
	if (date)
		memset(date, '.', strcspn(date + 2, "\r") + 2);
}

/* The words of the first secret, where one may not stand. */
static void lacks(const char *text, const char *where)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		ck_assert_msg(!strstr(text, words[i]), "%s: %s", where, words[i]);
}

START_TEST(a_surface_shows_no_byte_of_what_a_restricted_rule_saw)
{
	static struct browse b;
	static struct browsed got[2];

	for (size_t k = 0; k < 2; k++) {
		judge(&b, &secrets[k]);
		ask(&b, (size_t)_i, &got[k]);
		browse_close(&b);
	}
	if (surfaces[_i].face == OPERATOR) { /* the secret is there, or nothing above shows anything */
		ck_assert_ptr_nonnull(strstr(got[0].body, "sec-approval of bug 1234567"));
		return;
	}
	ck_assert_str_eq(got[0].head, got[1].head);
	ck_assert_str_eq(got[0].body, got[1].body);
	lacks(got[0].head, surfaces[_i].path);
	lacks(got[0].body, surfaces[_i].path);
	ck_assert_ptr_null(strstr(got[0].head, "ETag"));
	ck_assert_ptr_null(strstr(got[0].head, "Last-Modified"));
}
END_TEST

START_TEST(the_posted_status_is_the_public_text)
{
	static struct browse b;
	struct post post[2];

	for (size_t k = 0; k < 2; k++) {
		judge(&b, &secrets[k]);
		ck_assert(next_post(&b.pipe, &post[k]));
		ck_assert(text_is(post[k].text, "Needs maintainer clearance"));
		ck_assert_int_eq(post[k].state, STATUS_PENDING);
		browse_close(&b);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_surface_shows_no_byte_of_what_a_restricted_rule_saw, surfaces),
	SUITE_TEST(the_posted_status_is_the_public_text),
	SUITE_END,
};
SUITE_MAIN(tests)
