/*
 * Clocks that are set while the server runs, or while it does not: a day on, a day back, past 2038, standing still. The
 * wall clock is libfaketime's, which reads how far it is off from a file; the monotonic clocks stay the kernel's.
 *
 * The sharp case is a success whose answer was lost. It may land at any moment of its longest life; the revocation that
 * was sent meanwhile stands below it then. Only who waits for that whole life, and looks again, takes it back.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/faults/trouble.h"
#include "tests/support/suite.h"

/* A request lives for five seconds, one of which the poster waits. */
#define SHORT "limits:\n  post_deadline: 1s\n  post_grace: 4s\n"

enum { LATE_MS = 3500, FAKED = 5 };

static const char *const libraries[] = {
	"/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
	"/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
	"/usr/lib/faketime/libfaketimeMT.so.1",
};

struct faked {
	char file[128], preload[160], from[160];
	const char *env[FAKED + 1];
};

/* By renaming: the server never reads half of it. */
static void set_clock(const struct faked *faked, const char *offset)
{
	char beside[160];
	FILE *f;

	(void)snprintf(beside, sizeof beside, "%s.new", faked->file);
	f = fopen(beside, "w");
	ck_assert_ptr_nonnull(f);
	(void)fprintf(f, "%s\n", offset);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(rename(beside, faked->file), 0);
}

/* The server of the story, restarted under a clock that can be set. */
static void begin(struct trouble *t, struct faked *faked, const char *offset)
{
	int code;

	trouble_begin(t, SHORT);
	ck_assert(rig_agent_term(&t->gate.rig));
	(void)snprintf(faked->file, sizeof faked->file, "%s/clock", t->gate.rig.dir);
	(void)snprintf(faked->preload, sizeof faked->preload, "LD_PRELOAD=%s", getenv("HEADGATE_FAKETIME"));
	(void)snprintf(faked->from, sizeof faked->from, "FAKETIME_TIMESTAMP_FILE=%s", faked->file);
	faked->env[0] = faked->preload;
	faked->env[1] = faked->from;
	faked->env[2] = "FAKETIME_NO_CACHE=1";
	faked->env[3] = "FAKETIME_DONT_FAKE_MONOTONIC=1";
	faked->env[4] = NULL;
	set_clock(faked, offset);
	ck_assert(trouble_serve(t, &(struct trouble_start){.env = faked->env}, &code));
}

static const char *const jumps[] = {"+0", "+1d", "-1d", "+12y", "2026-01-01 00:00:00" /* stands still */};

START_TEST(a_clock_that_is_set_changes_nothing)
{
	struct trouble t;
	struct faked faked;

	begin(&t, &faked, jumps[0]);
	/* No news beside the push: nothing but the end of a backoff makes anybody look again. */
	json_decref(rig_world(&t.gate.rig, "hooks", "{\"do\":\"drop\",\"event\":\"status\"}"));
	for (size_t i = 1; i < sizeof jumps / sizeof jumps[0]; i++) {
		trouble_turn_page(&t);
		set_clock(&faked, jumps[i]);
		ck_assert_int_eq(kill(t.gate.rig.agent, SIGHUP), 0); /* it looks at its clocks whenever it wakes */
		trouble_wait_said(&t, "the clock was set", 3000);
		/* The first look fails, and its backoff must come to an end. */
		json_decref(rig_world(&t.gate.rig, "fault",
				      "{\"endpoint\":\"/repos/*/pulls*\",\"status\":502,\"count\":3}"));
		gate_push(&t.gate);
		rig_wait_text(&t.gate.rig, t.gate.head, "pending", "2 reviews");
	}
	json_decref(rig_world(&t.gate.rig, "hooks", "{\"do\":\"clear\"}"));
	trouble_over(&t);
	trouble_end(&t);
}
END_TEST

/* Waits until the success that was given up is on the forge after all; returns its number in the log. */
static json_int_t late_success(struct trouble *t, json_int_t after)
{
	gate_wait_post(&t->gate, after, "success");
	return gate_n(gate_first_post(&t->gate, after, t->gate.head, "success"));
}

/* A success goes out, is given up after a second and lands LATE_MS after it was sent; the review behind it is taken
 * back in between, and the revocation stands on the forge. Returns the log's mark. */
static json_int_t revoke_behind_a_lost_success(struct trouble *t, bool crash, const char *jump, struct faked *faked)
{
	json_int_t mark;
	int code;

	/* No word of the forge about statuses: only what the ledger knows can help. */
	json_decref(rig_world(&t->gate.rig, "hooks", "{\"do\":\"drop\",\"event\":\"status\"}"));
	rig_next_second();
	gate_push(&t->gate);
	gate_judged(&t->gate);
	memcpy(t->allowed[t->n_allowed++], t->gate.head, 41);
	gate_approve(&t->gate, "bob");
	gate_judged(&t->gate);
	json_decref(rig_world(
		&t->gate.rig, "fault",
		"{\"endpoint\":\"/repos/*/statuses/*\",\"method\":\"POST\",\"delay_before_ms\":%d,\"count\":1}",
		LATE_MS));
	mark = rig_log_mark(&t->gate.rig);
	gate_approve(&t->gate, "carol");
	gate_wait_rows(&t->gate, "ledger", "in_flight_by <> ''", 1);
	rig_sleep(100); /* on the wire, not only in the ledger */
	json_decref(rig_world(&t->gate.rig, "fault", "{\"clear\":true}"));
	if (crash)
		rig_agent_kill(&t->gate.rig);
	else
		trouble_wait_said(t, "result=unanswered", 3000);
	set_clock(faked, jump);
	if (crash)
		ck_assert(trouble_serve(t, &(struct trouble_start){.env = faked->env}, &code));
	gate_dismiss(&t->gate);
	gate_wait_post(&t->gate, mark, "failure");
	return mark;
}

static const struct {
	bool crash; /* the poster dies while the request is out, and the clock is set before the next start */
	const char *jump;
} doubts[] = {
	{false, "+1d"}, {true, "+1d"}, {false, "-1d"}, {false, "+12y"}, {true, "-1d"},
};

START_TEST(a_lost_success_is_taken_back_whatever_the_clock_says)
{
	json_int_t mark, late;
	struct faked faked;
	struct trouble t;

	if (_i >= trouble_size(2, 5))
		return;
	begin(&t, &faked, "+0");
	mark = revoke_behind_a_lost_success(&t, doubts[_i].crash, doubts[_i].jump, &faked);
	late = late_success(&t, mark);
	ck_assert_msg(late > gate_n(gate_first_post(&t.gate, mark, t.gate.head, "failure")),
		      "the success came too early for this test");
	gate_wait_post(&t.gate, late, "failure"); /* it stands above the revocation until then */
	gate_judged(&t.gate);
	gate_stays_refused(&t.gate);
	trouble_no_wrong_success(&t);
	trouble_nothing_lost(&t);
	trouble_end(&t);
}
END_TEST

static const struct suite_test tests[] = {
	{"a_clock_that_is_set_changes_nothing", &a_clock_that_is_set_changes_nothing, 0, 100, "HEADGATE_FAKETIME"},
	{"a_lost_success_is_taken_back_whatever_the_clock_says", &a_lost_success_is_taken_back_whatever_the_clock_says,
	 5, 100, "HEADGATE_FAKETIME"},
	SUITE_END,
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof libraries / sizeof libraries[0] && !getenv("HEADGATE_FAKETIME"); i++)
		if (access(libraries[i], R_OK) == 0)
			(void)setenv("HEADGATE_FAKETIME", libraries[i], 1);
	return suite_main(argc, argv, tests);
}
