/*
 * The rows of the acceptance table (tests/rows.md) that this stage owes, each with the real server and the world: what
 * the newest status of a commit is, in which order it came about, and whether the protected branch moves. Prints how
 * long each answer took from the making of the event.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

START_TEST(row_01_a_change_without_reviews_waits_and_says_for_what)
{
	struct gate gate;
	const json_t *status;

	gate_begin(&gate, NULL);
	gate_open(&gate);
	status = rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS);
	gate_time(&gate, "row_01: pending on the head", "pull_request", "opened", status);
	ck_assert_ptr_nonnull(strstr(gate_text(status), "Needs"));
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

/* What people click on in the forge leads to the verdict. */
static void target_answers(struct gate *gate)
{
	json_t *state = rig_state(&gate->rig), *repo = json_object_get(json_object_get(state, "repos"), gate->rig.repo);
	const json_t *newest = json_array_get(json_object_get(json_object_get(repo, "statuses"), gate->head), 0);
	struct rig_request request = {.method = "GET", .url = gate_str(newest, "target_url")};
	struct rig_reply reply;

	ck_assert_msg(rig_http(&request, &reply), "nobody answers at %s", request.url);
	ck_assert_int_eq(reply.status, 200);
	ck_assert_ptr_nonnull(strstr(reply.body, gate->head));
	rig_reply_clear(&reply);
	json_decref(state);
}

START_TEST(row_02_the_last_approval_allows_and_the_merge_goes_through)
{
	struct gate gate;
	char base[41], after[41];

	gate_begin(&gate, NULL);
	gate_open(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "pending", "(1/2)");
	gate_stays_refused(&gate);
	gate_approve(&gate, "carol");
	gate_time(&gate, "row_02: success", "pull_request_review", "submitted",
		  rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS));
	target_answers(&gate);
	rig_tip(&gate.rig, "main", base);
	gate_merge(&gate);
	rig_tip(&gate.rig, "main", after);
	ck_assert_str_ne(base, after);
	gate_end(&gate);
}
END_TEST

START_TEST(row_02_approvals_behind_the_first_page_of_reviews_count)
{
	struct gate gate;
	const json_t *log;
	bool next = false;

	gate_begin(&gate, NULL);
	gate_open(&gate);
	rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS);
	json_decref(rig_world(&gate.rig, "hooks", "{\"do\":\"drop\"}"));
	for (int i = 0; i < 100; i++)
		json_decref(rig_act(&gate.rig, "comment_review", "dave", "{\"number\":1,\"body\":\"%d\"}", i));
	json_decref(rig_world(&gate.rig, "hooks", "{\"do\":\"clear\"}"));
	gate_approve(&gate, "bob");
	gate_approve(&gate, "carol");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	log = rig_log(&gate.rig);
	for (size_t i = 0; i < json_array_size(log); i++) {
		const json_t *entry = json_array_get(log, i);

		next = next ||
		       (strstr(gate_str(entry, "path"), "/reviews") && strstr(gate_str(entry, "query"), "page=2"));
	}
	ck_assert(next);
	gate_end(&gate);
}
END_TEST

/* I2: the failure on A comes from the event alone: before any read of the change and before any post on B. */
static void failure_on_a_comes_first(struct gate *gate, json_int_t pushed, const char *a, const char *b)
{
	const json_t *failure = gate_first_post(gate, pushed, a, "failure");
	const json_t *any_b = gate_first_post(gate, pushed, b, NULL);
	json_int_t refused = gate_n(failure);

	ck_assert_msg(failure != NULL && any_b != NULL, "both commits are posted on");
	ck_assert_ptr_nonnull(strstr(gate_text(failure), "uperseded"));
	ck_assert_msg(gate_n(any_b) > refused, "B was posted on (%lld) before A (%lld)", (long long)gate_n(any_b),
		      (long long)refused);
	if (strcmp(gate->rig.forge_url, gate->rig.world_url) != 0)
		return; /* two requests on their way at once may overtake each other in what stands between */
	for (size_t i = 0; i < json_array_size(gate->rig.log); i++) {
		const json_t *entry = json_array_get(gate->rig.log, i);

		if (gate_n(entry) <= pushed || gate_n(entry) >= refused)
			continue;
		ck_assert_msg(!gate_is(entry, "method", "GET") && !gate_is(entry, "kind", "git"),
			      "the forge was read (%lld, %s) before the failure on A (%lld)", (long long)gate_n(entry),
			      gate_str(entry, "path"), (long long)refused);
	}
}

START_TEST(row_03_a_push_revokes_first_and_the_new_head_is_never_green)
{
	struct gate gate;
	char a[41];
	json_int_t pushed;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	memcpy(a, gate.head, sizeof a);
	pushed = rig_log_mark(&gate.rig);
	gate_push(&gate);
	gate_time(&gate, "row_03: failure on A", "pull_request", "synchronize",
		  rig_wait_status(&gate.rig, a, "failure", RIG_WAIT_MS));
	gate_time(&gate, "row_03: pending on B", "pull_request", "synchronize",
		  rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS));
	rig_settle(&gate.rig, 1000);
	failure_on_a_comes_first(&gate, pushed, a, gate.head);
	ck_assert_ptr_null(gate_first_post(&gate, 0, gate.head, "success"));
	ck_assert_ptr_null(gate_first_post(&gate, pushed, a, "success"));
	gate_stays_refused(&gate);
	ck_assert_int_ge(rig_act_refused(&gate.rig, "push", "alice", "{\"branch\":\"main\",\"sha\":\"%s\"}", a), 400);
	gate_end(&gate);
}
END_TEST

START_TEST(row_11_one_commit_two_changes_both_must_be_allowed)
{
	struct gate gate;
	const json_t *status;
	json_t *answer;
	int second;

	gate_begin(&gate, NULL);
	json_decref(rig_act(&gate.rig, "branch", "alice", "{\"branch\":\"release\",\"onto\":\"main\"}"));
	gate_open_allowed(&gate);
	answer = rig_act(&gate.rig, "open", "alice",
			 "{\"head\":\"topic\",\"base\":\"release\",\"title\":\"Also there\"}");
	second = (int)json_integer_value(json_object_get(answer, "number"));
	json_decref(answer);
	status = rig_wait_status(&gate.rig, gate.head, "failure", RIG_WAIT_MS);
	gate_time(&gate, "row_11: failure on the shared commit", "pull_request", "opened", status);
	rig_settle(&gate.rig, 1000);
	status = rig_status(&gate.rig, gate.head);
	ck_assert_str_ne(gate_str(status, "state"), "success");
	ck_assert_msg(strstr(gate_text(status), "#1") && strstr(gate_text(status), "#2"), "%s", gate_text(status));
	gate_stays_refused(&gate);
	rig_next_second();
	json_decref(rig_act(&gate.rig, "close", "alice", "{\"number\":%d}", second));
	gate_time(&gate, "row_11: success when the second is closed", "pull_request", "closed",
		  rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS));
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_14_a_reopened_change_is_judged_from_live_reviews)
{
	struct gate gate;
	json_int_t closed;

	gate_begin_allowed(&gate);
	rig_next_second();
	json_decref(rig_act(&gate.rig, "close", "alice", "{\"number\":1}"));
	gate_time(&gate, "row_14: failure when closed", "pull_request", "closed",
		  rig_wait_status(&gate.rig, gate.head, "failure", RIG_WAIT_MS));
	gate_judged(&gate);
	/* While it is closed one review goes, without an event: only a live read can know. */
	json_decref(rig_act(&gate.rig, "dismiss", "alice", "{\"number\":1,\"review\":%lld,\"silent\":true}",
			    (long long)gate.review));
	closed = rig_log_mark(&gate.rig);
	rig_next_second();
	json_decref(rig_act(&gate.rig, "reopen", "alice", "{\"number\":1}"));
	gate_time(&gate, "row_14: refused when reopened", "pull_request", "reopened",
		  rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)"));
	rig_settle(&gate.rig, 1000);
	ck_assert_ptr_null(gate_first_post(&gate, closed, gate.head, "success"));
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_20_a_draft_is_refused_until_it_is_ready)
{
	struct gate gate;
	const json_t *status;

	gate_begin_allowed(&gate);
	rig_next_second();
	json_decref(rig_act(&gate.rig, "draft", "alice", "{\"number\":1}"));
	status = rig_wait_text(&gate.rig, gate.head, "failure", "raft");
	gate_time(&gate, "row_20: failure on a draft", "pull_request", "converted_to_draft", status);
	gate_stays_refused(&gate);
	rig_next_second();
	json_decref(rig_act(&gate.rig, "ready", "alice", "{\"number\":1}"));
	gate_time(&gate, "row_20: success when ready", "pull_request", "ready_for_review",
		  rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS));
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_20_a_change_opened_as_a_draft_is_refused)
{
	struct gate gate;

	gate_begin(&gate, NULL);
	gate_open_as(&gate, ",\"draft\":true");
	gate_approve(&gate, "bob");
	gate_approve(&gate, "carol");
	gate_time(&gate, "row_20: failure on an opened draft", "pull_request", "opened",
		  rig_wait_text(&gate.rig, gate.head, "failure", "raft"));
	gate_judged(&gate);
	ck_assert_ptr_null(gate_first_post(&gate, 0, gate.head, "success"));
	gate_end(&gate);
}
END_TEST

/* A push while the server was away, and its webhook lost. */
START_TEST(row_32_a_restart_makes_up_for_webhooks_that_were_lost)
{
	struct gate gate;
	char first[41];
	json_int_t before, failed, next;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	memcpy(first, gate.head, sizeof first);
	ck_assert(rig_agent_term(&gate.rig));
	json_decref(rig_world(&gate.rig, "hooks", "{\"do\":\"drop\"}"));
	before = rig_log_mark(&gate.rig);
	gate_push(&gate);
	ck_assert(rig_agent_start(&gate.rig));
	rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS);
	failed = gate_n(gate_first_post(&gate, before, first, "failure"));
	next = gate_n(gate_first_post(&gate, before, gate.head, NULL));
	ck_assert_int_gt(failed, before);
	ck_assert_int_lt(failed, next);
	gate_stays_refused(&gate);
	gate_approve(&gate, "bob");
	gate_approve(&gate, "carol");
	ck_assert(rig_agent_term(&gate.rig));
	ck_assert(rig_agent_start(&gate.rig));
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_33_a_delivery_told_twice_posts_nothing)
{
	struct gate gate;
	json_t *one;
	json_int_t before;
	int64_t rows;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	one = gate_delivered(&gate, "pull_request_review", "submitted");
	before = rig_log_mark(&gate.rig);
	rows = gate_rows(&gate, "journal", NULL);
	gate_redeliver(&gate, "pull_request_review", "submitted");
	rig_settle(&gate.rig, 1000);
	ck_assert_int_eq(gate_count(&gate, before, "delivery"), 1);
	ck_assert_int_eq(gate_count(&gate, before, "post"), 0);
	ck_assert_int_eq(gate_rows(&gate, "journal", NULL), rows);
	gate_tell_again(&gate, one, "pull_request_review", "00000000-1111-2222-3333-444444444444");
	json_decref(one);
	gate_judged(&gate);
	ck_assert_int_eq(gate_rows(&gate, "journal", NULL), rows + 1);
	ck_assert_int_eq(gate_count(&gate, before, "post"), 0);
	gate_end(&gate);
}
END_TEST

START_TEST(row_33_a_replayed_approval_does_not_bring_back_a_dismissed_one)
{
	struct gate gate;
	json_t *one;
	json_int_t before;

	gate_begin_allowed(&gate);
	one = gate_delivered(&gate, "pull_request_review", "submitted");
	gate_dismiss(&gate);
	rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)");
	gate_judged(&gate);
	before = rig_log_mark(&gate.rig);
	gate_tell_again(&gate, one, "pull_request_review", "00000000-1111-2222-3333-555555555555");
	json_decref(one);
	gate_judged(&gate);
	ck_assert_int_eq(gate_count(&gate, before, "post"), 0);
	ck_assert_str_eq(gate_str(rig_status(&gate.rig, gate.head), "state"), "failure");
	gate_end(&gate);
}
END_TEST

static const struct {
	const char *name, *secret, *signature;
} forged[] = {
	{"another secret", "another secret, long enough for the key", NULL},
	{"no signature", NULL, ""},
	{"an empty signature", NULL, "sha256="},
	{"another algorithm", NULL, "sha1=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	{"zeros", NULL, "sha256=0000000000000000000000000000000000000000000000000000000000000000"},
};

START_TEST(row_34_a_forged_delivery_is_refused_and_changes_nothing)
{
	struct gate gate;
	json_t *one;
	json_int_t before;
	int64_t rows;
	struct rig_reply reply;

	gate_begin(&gate, NULL);
	gate_open(&gate);
	rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS);
	gate_judged(&gate);
	one = gate_delivered(&gate, "pull_request", "opened");
	before = rig_log_mark(&gate.rig);
	rows = gate_rows(&gate, "journal", NULL);
	for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
		ck_assert(rig_deliver(&gate.rig,
				      &(struct rig_delivery){.event = "pull_request",
							     .guid = "99999999-1111-2222-3333-444444444444",
							     .secret = forged[i].secret,
							     .signature = forged[i].signature,
							     .body = gate_str(one, "body"),
							     .len = strlen(gate_str(one, "body"))},
				      &reply));
		ck_assert_msg(reply.status == 401 || reply.status == 403, "%s: %ld", forged[i].name, reply.status);
		ck_assert_msg(strstr(reply.body, "\"error\"") && strstr(reply.body, "\"detail\""), "%s", reply.body);
		rig_reply_clear(&reply);
	}
	json_decref(one);
	gate_judged(&gate);
	ck_assert_int_eq(gate_count(&gate, before, "post"), 0);
	ck_assert_int_eq(gate_rows(&gate, "journal", NULL), rows);
	gate_end(&gate);
}
END_TEST

static const struct {
	const char *name, *fault;
} faults[] = {
	{"503 three times", "{\"status\":503,\"count\":3"},
	{"a rate limit", "{\"status\":429,\"count\":2,\"headers\":{\"Retry-After\":\"2\"},"
			 "\"body\":{\"message\":\"You have exceeded a secondary rate limit\"}"},
};

START_TEST(row_44_a_revocation_is_tried_again_and_no_success_passes_it)
{
	struct gate gate;
	json_int_t before;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	before = rig_log_mark(&gate.rig);
	json_decref(rig_world(&gate.rig, "fault", "%s,\"method\":\"POST\",\"endpoint\":\"*/statuses/%s\"}",
			      faults[_i].fault, gate.head));
	gate_dismiss(&gate);
	gate_time(&gate, faults[_i].name, "pull_request_review", "dismissed",
		  rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)"));
	ck_assert_int_ge(gate_faults(&gate, before), 2);
	rig_settle(&gate.rig, 1000);
	ck_assert_ptr_null(gate_first_post(&gate, before, gate.head, "success"));
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_44_an_approval_during_the_retries_waits_for_the_revocation)
{
	struct gate gate;
	json_int_t before;

	(void)setenv("HEADGATE_LIMITS_POST_GRACE", "1s", 1); /* a doubt lasts so much longer: 20 s as built in */
	gate_begin_allowed(&gate);
	gate_judged(&gate);
	before = rig_log_mark(&gate.rig);
	json_decref(rig_world(&gate.rig, "fault",
			      "{\"status\":503,\"count\":3,\"method\":\"POST\",\"endpoint\":\"*/statuses/%s\"}",
			      gate.head));
	gate_dismiss(&gate);
	gate.fresh = true; /* of the two in one second nobody could say which came last */
	gate_approve(&gate, "carol");
	gate_wait_post(&gate, before, "success");
	gate_time(&gate, "row_44: success after the revocation and the doubt about it", "pull_request_review",
		  "submitted", gate_first_post(&gate, before, gate.head, "success"));
	ck_assert_int_ge(gate_faults(&gate, before), 2);
	ck_assert_ptr_nonnull(gate_first_post(&gate, before, gate.head, "failure"));
	ck_assert_int_lt(gate_n(gate_first_post(&gate, before, gate.head, "failure")),
			 gate_n(gate_first_post(&gate, before, gate.head, "success")));
	rig_settle(&gate.rig, 1500);
	ck_assert_str_eq(gate_str(rig_status(&gate.rig, gate.head), "state"), "success");
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

static void is_listed(const struct rig_reply *page, const char *who, const char *old)
{
	char wanted[128];

	(void)snprintf(wanted, sizeof wanted, "<strong>%s</strong>: reviewed %.7s, another commit", who, old);
	ck_assert_msg(strstr(page->body, "Does not count") && strstr(page->body, wanted), "no `%s` in %s", wanted,
		      page->body);
}

START_TEST(row_46_a_review_of_an_old_commit_does_not_count)
{
	struct gate gate;
	struct rig_reply page;
	char path[128];
	json_t *answer;
	char old[41];

	gate_begin(&gate, NULL);
	gate_open(&gate);
	gate_approve(&gate, "bob");
	memcpy(old, gate.head, sizeof old);
	gate_push(&gate);
	gate_approve(&gate, "carol");
	answer = rig_act(&gate.rig, "approve", "dave", "{\"number\":1,\"commit_id\":\"%s\"}", old);
	json_decref(rig_act(&gate.rig, "rebind", "dave", "{\"number\":1,\"review\":%lld,\"commit_id\":\"%s\"}",
			    (long long)json_integer_value(json_object_get(answer, "id")), gate.head));
	json_decref(answer);
	rig_wait_text(&gate.rig, gate.head, "pending", "(1/2)");
	rig_settle(&gate.rig, 1500);
	ck_assert_ptr_null(gate_first_post(&gate, 0, gate.head, "success"));
	(void)snprintf(path, sizeof path, "/acme/app/c/%s", gate.head);
	ck_assert(rig_page(&gate.rig, path, &page));
	ck_assert_int_eq(page.status, 200);
	is_listed(&page, "bob", old);
	is_listed(&page, "dave", old);
	rig_reply_clear(&page);
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_47_a_later_comment_leaves_the_approval)
{
	struct gate gate;
	json_int_t before;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	before = rig_log_mark(&gate.rig);
	json_decref(rig_act(&gate.rig, "comment_review", "carol", "{\"number\":1,\"body\":\"Nice.\"}"));
	gate_judged(&gate);
	ck_assert_int_eq(gate_count(&gate, before, "post"), 0);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_47_changes_requested_by_the_same_user_takes_it_back)
{
	struct gate gate;

	gate_begin_allowed(&gate);
	json_decref(rig_act(&gate.rig, "request_changes", "carol", "{\"number\":1,\"body\":\"No.\"}"));
	gate_time(&gate, "row_47: failure after changes requested", "pull_request_review", "submitted",
		  rig_wait_status(&gate.rig, gate.head, "failure", RIG_WAIT_MS));
	rig_settle(&gate.rig, 1000);
	ck_assert_str_ne(gate_str(rig_status(&gate.rig, gate.head), "state"), "success");
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_47_a_dismissed_approval_is_gone)
{
	struct gate gate;
	json_int_t before;
	const json_t *first;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	before = rig_log_mark(&gate.rig);
	gate_dismiss(&gate);
	rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)");
	first = gate_first_post(&gate, before, gate.head, NULL);
	ck_assert_str_ne(gate_str(first, "state"), "success");
	gate_time(&gate, "row_47: revoked after a dismissal", "pull_request_review", "dismissed", first);
	rig_settle(&gate.rig, 1000);
	ck_assert_ptr_null(gate_first_post(&gate, before, gate.head, "success"));
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(row_01_a_change_without_reviews_waits_and_says_for_what, 120),
	SUITE_SLOW(row_02_the_last_approval_allows_and_the_merge_goes_through, 120),
	SUITE_SLOW(row_02_approvals_behind_the_first_page_of_reviews_count, 120),
	SUITE_SLOW(row_03_a_push_revokes_first_and_the_new_head_is_never_green, 120),
	SUITE_SLOW(row_11_one_commit_two_changes_both_must_be_allowed, 120),
	SUITE_SLOW(row_14_a_reopened_change_is_judged_from_live_reviews, 120),
	SUITE_SLOW(row_20_a_draft_is_refused_until_it_is_ready, 120),
	SUITE_SLOW(row_20_a_change_opened_as_a_draft_is_refused, 120),
	SUITE_SLOW(row_32_a_restart_makes_up_for_webhooks_that_were_lost, 120),
	SUITE_SLOW(row_33_a_delivery_told_twice_posts_nothing, 120),
	SUITE_SLOW(row_33_a_replayed_approval_does_not_bring_back_a_dismissed_one, 120),
	SUITE_SLOW(row_34_a_forged_delivery_is_refused_and_changes_nothing, 120),
	{.name = "row_44_a_revocation_is_tried_again_and_no_success_passes_it",
	 .test = &row_44_a_revocation_is_tried_again_and_no_success_passes_it,
	 .rows = 2,
	 .seconds = 180},
	SUITE_SLOW(row_44_an_approval_during_the_retries_waits_for_the_revocation, 180),
	SUITE_SLOW(row_46_a_review_of_an_old_commit_does_not_count, 120),
	SUITE_SLOW(row_47_a_later_comment_leaves_the_approval, 120),
	SUITE_SLOW(row_47_changes_requested_by_the_same_user_takes_it_back, 120),
	SUITE_SLOW(row_47_a_dismissed_approval_is_gone, 120),
	SUITE_END,
};

SUITE_MAIN(tests)
