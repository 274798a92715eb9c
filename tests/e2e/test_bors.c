/*
 * bors-ng behind headgate, set up as the README says today: `pr_status` asks for our status on the change's head,
 * `status` for the builds' on the staging commit, and the branch's protection for the builds' too. The real programs;
 * bors is the model of tests/world/bors.h, over HTTP with a token of its own. Its clock is the test's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"
#include "tests/world/bors.h"

#define BUILD "ci"

struct play {
	struct gate gate;
	struct bors *bors;
	int64_t now; /* bors' */
};

/* ---- bors' connection ---- */

static json_t *over_http(void *self, const char *method, const char *path, json_t *body, int *ret_status)
{
	static const char *const headers[] = {"Authorization: Bearer BORS", "Content-Type: application/json", NULL};
	struct play *play = self;
	char url[600], *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct rig_request request = {
		.method = method, .url = url, .headers = headers, .body = text, .len = text ? strlen(text) : 0};
	struct rig_reply reply;
	json_t *answer = NULL;

	(void)snprintf(url, sizeof url, "%s%s", play->gate.rig.world_url, path);
	ck_assert_msg(rig_http(&request, &reply), "nobody answers at %s", url);
	*ret_status = (int)reply.status;
	if (reply.len > 0)
		answer = json_loadb(reply.body, reply.len, 0, NULL);
	rig_reply_clear(&reply);
	free(text);
	json_decref(body);
	return answer;
}

/* ---- the stage ---- */

static void begin(struct play *play, const char *more)
{
	struct bors_forge forge = {play, over_http};
	struct rig *rig = &play->gate.rig;

	*play = (struct play){.now = 1000};
	gate_begin(&play->gate, NULL);
	json_decref(rig_act(rig, "token", "acme", "{\"token\":\"BORS\",\"app\":\"bors\"}"));
	json_decref(rig_act(rig, "push", "acme",
			    "{\"branch\":\"main\",\"bypass\":true,\"message\":\"bors\",\"files\":{\"bors.toml\":"
			    "\"pr_status = [\\\"" RIG_CONTEXT "\\\"]\\nstatus = [\\\"" BUILD "\\\"]\\n%s\"}}",
			    more));
	json_decref(rig_act(rig, "protect", "acme", "{\"branch\":\"main\",\"contexts\":[\"" BUILD "\"]}"));
	play->bors = bors_new(&forge, rig->repo);
}

static void end(struct play *play)
{
	bors_free(play->bors);
	gate_end(&play->gate);
}

static void tick(struct play *play, int64_t ms)
{
	play->now += ms;
	bors_tick(play->bors, play->now);
}

static void r_plus(struct play *play)
{
	bors_comment(play->bors, 1, "bors r+");
	tick(play, 0);
}

static void build(struct play *play, const char *state)
{
	json_decref(rig_act(&play->gate.rig, "forge_status", "ci[bot]",
			    "{\"sha\":\"%s\",\"context\":\"" BUILD "\",\"state\":\"%s\"}", bors_staging(play->bors),
			    state));
	bors_status(play->bors, bors_staging(play->bors));
}

static void says(struct play *play, const char *what)
{
	ck_assert_msg(strstr(bors_said(play->bors), what) != NULL, "bors says: %s", bors_said(play->bors));
}

struct tip {
	char sha[41];
};

static struct tip base(struct play *play)
{
	struct tip tip;

	rig_tip(&play->gate.rig, "main", tip.sha);
	return tip;
}

static void stays(struct play *play, const struct tip *before)
{
	struct tip after = base(play);

	ck_assert_str_eq(before->sha, after.sha);
}

/* From the batch's start to the base. */
static void lands(struct play *play)
{
	struct tip before = base(play), after;

	tick(play, 11000);
	ck_assert_int_eq(bors_batch(play->bors), BORS_RUNNING);
	build(play, "pending");
	ck_assert_int_eq(bors_batch(play->bors), BORS_RUNNING);
	stays(play, &before);
	build(play, "success");
	ck_assert_int_eq(bors_batch(play->bors), BORS_OK);
	says(play, "Build succeeded");
	after = base(play);
	ck_assert_str_eq(after.sha, bors_staging(play->bors));
}

static void allow(struct play *play)
{
	gate_approve(&play->gate, "bob");
	gate_approve(&play->gate, "carol");
	rig_wait_status(&play->gate.rig, play->gate.head, "success", RIG_WAIT_MS);
}

/* ---- the happy path ---- */

START_TEST(an_allowed_change_is_taken_built_and_pushed_to_the_protected_base)
{
	struct play play;
	json_t *state, *pull;

	begin(&play, "prerun_timeout_sec = 0\\n");
	gate_open_allowed(&play.gate);
	r_plus(&play);
	ck_assert_int_eq(bors_batch(play.bors), BORS_WAITING);
	lands(&play);
	gate_judged(&play.gate);
	ck_assert_ptr_null(gate_first_post(&play.gate, 0, bors_staging(play.bors), "success"));
	state = rig_state(&play.gate.rig);
	pull = json_array_get(
		json_object_get(json_object_get(json_object_get(state, "repos"), play.gate.rig.repo), "changes"), 0);
	ck_assert(json_is_true(json_object_get(pull, "merged")));
	json_decref(state);
	end(&play);
}
END_TEST

START_TEST(a_bors_that_polls_takes_the_change_when_it_becomes_allowed)
{
	struct play play;

	begin(&play, "");
	gate_open(&play.gate);
	rig_wait_status(&play.gate.rig, play.gate.head, "pending", RIG_WAIT_MS);
	r_plus(&play);
	says(&play, "Waiting for PR status");
	tick(&play, 60000);
	ck_assert_int_eq(bors_batch(play.bors), BORS_NONE);
	allow(&play);
	tick(&play, 59000);
	ck_assert_int_eq(bors_batch(play.bors), BORS_NONE);
	tick(&play, 1000);
	ck_assert_int_eq(bors_batch(play.bors), BORS_WAITING);
	lands(&play);
	end(&play);
}
END_TEST

/* ---- the early no ---- */

START_TEST(a_head_that_was_revoked_is_refused_at_preflight)
{
	struct play play;
	struct tip before;

	begin(&play, "prerun_timeout_sec = 0\\n");
	gate_open_allowed(&play.gate);
	before = base(&play);
	gate_dismiss(&play.gate);
	rig_wait_status(&play.gate.rig, play.gate.head, "failure", RIG_WAIT_MS);
	r_plus(&play);
	says(&play, "Rejected by PR status");
	tick(&play, 120000);
	ck_assert_int_eq(bors_batch(play.bors), BORS_NONE);
	stays(&play, &before);
	gate_approve(&play.gate, "dave");
	rig_wait_status(&play.gate.rig, play.gate.head, "success", RIG_WAIT_MS);
	r_plus(&play);
	lands(&play);
	end(&play);
}
END_TEST

START_TEST(a_change_that_waits_is_refused_at_once_by_a_bors_that_does_not_poll)
{
	struct play play;

	begin(&play, "prerun_timeout_sec = 0\\n");
	gate_open(&play.gate);
	rig_wait_status(&play.gate.rig, play.gate.head, "pending", RIG_WAIT_MS);
	r_plus(&play);
	says(&play, "took too long");
	allow(&play);
	tick(&play, 120000);
	ck_assert_int_eq(bors_batch(play.bors), BORS_NONE);
	end(&play);
}
END_TEST

/* bors goes on looking at the head of the time of r+, and would then take the new one: the old one must stay red. */
START_TEST(row_04_a_poll_of_a_head_that_was_replaced_never_turns_green)
{
	struct play play;
	struct tip before;
	char old[41];

	begin(&play, "");
	gate_open(&play.gate);
	rig_wait_status(&play.gate.rig, play.gate.head, "pending", RIG_WAIT_MS);
	r_plus(&play);
	says(&play, "Waiting for PR status");
	before = base(&play);
	memcpy(old, play.gate.head, sizeof old);
	gate_push(&play.gate);
	bors_change(play.bors, 1, "synchronize");
	rig_wait_status(&play.gate.rig, old, "failure", RIG_WAIT_MS);
	rig_next_second();
	for (int i = 0; i < 2; i++) /* the reviews that were on their way: of the old head */
		json_decref(rig_act(&play.gate.rig, "approve", i ? "bob" : "carol",
				    "{\"number\":1,\"commit_id\":\"%s\"}", old));
	gate_judged(&play.gate);
	tick(&play, 60000);
	says(&play, "Rejected by PR status");
	tick(&play, 3600000);
	ck_assert_int_eq(bors_batch(play.bors), BORS_NONE);
	stays(&play, &before);
	end(&play);
}
END_TEST

/* ---- the builds, and the last word ---- */

START_TEST(a_build_that_fails_lands_nothing)
{
	struct play play;
	struct tip before;

	begin(&play, "");
	gate_open_allowed(&play.gate);
	r_plus(&play);
	before = base(&play);
	tick(&play, 11000);
	build(&play, "failure");
	ck_assert_int_eq(bors_batch(play.bors), BORS_ERROR);
	says(&play, "Build failed");
	stays(&play, &before);
	end(&play);
}
END_TEST

START_TEST(the_base_takes_no_staging_commit_without_its_required_status)
{
	struct play play;
	struct tip before;

	begin(&play, "");
	json_decref(rig_act(&play.gate.rig, "protect", "acme",
			    "{\"branch\":\"main\",\"contexts\":[\"" BUILD "\",\"audit\"]}"));
	gate_open_allowed(&play.gate);
	r_plus(&play);
	before = base(&play);
	tick(&play, 11000);
	build(&play, "success");
	ck_assert_int_eq(bors_batch(play.bors), BORS_ERROR);
	says(&play, "failed to merge");
	stays(&play, &before);
	end(&play);
}
END_TEST

START_TEST(a_push_after_r_plus_cancels_and_the_new_head_is_asked_for_anew)
{
	struct play play;
	struct tip before;

	begin(&play, "prerun_timeout_sec = 0\\n");
	gate_open_allowed(&play.gate);
	r_plus(&play);
	before = base(&play);
	tick(&play, 11000);
	gate_push(&play.gate);
	bors_change(play.bors, 1, "synchronize");
	says(&play, "Canceled");
	rig_wait_status(&play.gate.rig, play.gate.head, "pending", RIG_WAIT_MS);
	r_plus(&play);
	says(&play, "took too long");
	stays(&play, &before);
	end(&play);
}
END_TEST

/* What the model must not be better at than the original: a check run hides the status of its name. */
START_TEST(a_check_run_of_the_same_name_hides_the_status_from_bors)
{
	struct play play;

	begin(&play, "prerun_timeout_sec = 0\\n");
	gate_open_allowed(&play.gate);
	json_decref(rig_act(&play.gate.rig, "check_run", "acme",
			    "{\"head_sha\":\"%s\",\"name\":\"" RIG_CONTEXT
			    "\",\"status\":\"completed\",\"conclusion\":\"failure\"}",
			    play.gate.head));
	r_plus(&play);
	says(&play, "Rejected by PR status");
	end(&play);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(an_allowed_change_is_taken_built_and_pushed_to_the_protected_base),
	SUITE_TEST(a_bors_that_polls_takes_the_change_when_it_becomes_allowed),
	SUITE_TEST(a_head_that_was_revoked_is_refused_at_preflight),
	SUITE_TEST(a_change_that_waits_is_refused_at_once_by_a_bors_that_does_not_poll),
	SUITE_TEST(row_04_a_poll_of_a_head_that_was_replaced_never_turns_green),
	SUITE_TEST(a_build_that_fails_lands_nothing),
	SUITE_TEST(the_base_takes_no_staging_commit_without_its_required_status),
	SUITE_TEST(a_push_after_r_plus_cancels_and_the_new_head_is_asked_for_anew),
	SUITE_TEST(a_check_run_of_the_same_name_hides_the_status_from_bors),
	SUITE_END};
SUITE_MAIN(tests)
