/*
 * Bugs decide, with the real server, the world's forge and its tracker: what a change that fixes a secure bug waits
 * for, what lets it land, and what takes that back. The tick is two seconds here.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/bug_stage.h"
#include "tests/support/suite.h"

static const char open_bugs[] =
	"policy: {approval: [reviewed, open]}\napproval_rules:\n"
	"  - {name: reviewed, requires: {count: 1, permissions: [write]}}\n"
	"  - {name: open, visibility: restricted, requires: {conditions: {bugs: {every: {bug_open: true}}}}}\n";

static void attach(struct bug_stage *s, json_int_t bug)
{
	char members[160];

	(void)snprintf(members, sizeof members,
		       "{\"bug\":%lld,\"flags\":[{\"name\":\"sec-approval\",\"status\":\"?\"}]}", (long long)bug);
	s->attachment = bug_stage_act(s, "attachment", "dev@tracker.test", members);
}

static void flag(struct bug_stage *s, const char *status)
{
	char members[160];

	(void)snprintf(members, sizeof members, "{\"attachment\":%lld,\"name\":\"sec-approval\",\"status\":\"%s\"}",
		       (long long)s->attachment, status);
	(void)bug_stage_act(s, "flag", "dev@tracker.test", members);
}

/* What the first poll reads takes it back for a moment, and it comes again at the end of a slot: until that is over. */
static void stands(struct bug_stage *s)
{
	json_int_t mark;
	int rounds = 0;

	do {
		ck_assert_int_lt(rounds++, 8);
		mark = rig_log_mark(&s->gate.rig);
		rig_sleep(8000); /* a poll of 5 s and a tick of 2 s fit in */
		rig_settle(&s->gate.rig, 500);
	} while (gate_first_post(&s->gate, mark, s->gate.head, NULL));
	rig_wait_status(&s->gate.rig, s->gate.head, "success", RIG_WAIT_MS);
}

START_TEST(a_secure_bugs_fix_waits_for_approval_and_falls_when_it_is_taken_back)
{
	struct bug_stage s;
	json_int_t mark;

	bug_stage_begin(&s, "BOTKEY", "");
	bug_stage_hold(&s, "bug", 4711, ",\"groups\":[\"core-security\"],\"keywords\":[\"sec-high\"]");
	bug_stage_open_for(&s, 4711);
	rig_wait_text(&s.gate.rig, s.gate.head, "pending", BUG_STAGE_CLEARANCE);
	gate_stays_refused(&s.gate);
	attach(&s, 4711);
	flag(&s, "+");
	bug_stage_granted(&s);

	bug_stage_shown(&s, "of these 1 approved"); /* commit hooks have it, too */
	mark = rig_log_mark(&s.gate.rig);
	flag(&s, "X");
	bug_stage_revoked(&s, mark);
	flag(&s, "+");
	bug_stage_granted(&s);

	mark = rig_log_mark(&s.gate.rig);
	{
		char members[80];

		(void)snprintf(members, sizeof members, "{\"attachment\":%lld,\"is_obsolete\":true}",
			       (long long)s.attachment);
		(void)bug_stage_act(&s, "attachment", "dev@tracker.test", members);
	}
	bug_stage_revoked(&s, mark);
	rig_wait_status(&s.gate.rig, s.gate.head, "failure", RIG_WAIT_MS);
	gate_end(&s.gate);
}
END_TEST

/* The webhook's owner chose the header of the secret, too. */
START_TEST(a_bug_that_becomes_secure_takes_the_success_back)
{
	struct bug_stage s;
	json_int_t mark;

	bug_stage_begin_with(&s, &(struct bug_stage_start){bug_stage_policy, "1h", "BOTKEY", "", "X-Tracker-Secret"});
	bug_stage_hold(&s, "bug", 4712, "");
	bug_stage_open_for(&s, 4712);
	bug_stage_granted(&s);
	mark = rig_log_mark(&s.gate.rig);
	bug_stage_hold(&s, "bug", 4712, ",\"keywords\":[\"sec-high\"],\"groups\":[\"core-security\"]");
	bug_stage_revoked(&s, mark);
	rig_wait_text(&s.gate.rig, s.gate.head, "failure", "needs maintainer clearance");
	gate_end(&s.gate);
}
END_TEST

/* Deliveries of the tracker that we took since. */
static size_t taken(struct bug_stage *s, json_int_t mark)
{
	json_t *one;
	size_t n = 0, i;

	json_array_foreach(rig_log(&s->gate.rig), i, one) n +=
		gate_n(one) > mark && gate_is(one, "kind", "push") &&
		json_integer_value(json_object_get(one, "status")) == 202;
	return n;
}

/* The tracker tells nobody: what changed there is found by asking for it. */
START_TEST(an_approval_taken_back_whose_webhook_is_lost_is_found_by_polling_and_revokes)
{
	struct bug_stage s;
	json_int_t mark;

	bug_stage_begin_with(&s, &(struct bug_stage_start){bug_stage_policy, "5s", "BOTKEY", "", NULL});
	bug_stage_hold(&s, "bug", 4716, ",\"groups\":[\"core-security\"],\"keywords\":[\"sec-high\"]");
	attach(&s, 4716);
	flag(&s, "+");
	bug_stage_open_for(&s, 4716);
	bug_stage_granted(&s);
	stands(&s);
	ck_assert_uint_gt(taken(&s, 0), 0);
	json_decref(rig_world(&s.gate.rig, "push", "{\"do\":\"drop\"}"));
	mark = rig_log_mark(&s.gate.rig);
	flag(&s, "X");
	bug_stage_revoked(&s, mark);
	ck_assert_uint_eq(taken(&s, mark), 0);
	rig_wait_status(&s.gate.rig, s.gate.head, "failure", RIG_WAIT_MS);
	flag(&s, "+");
	bug_stage_granted(&s);
	ck_assert_uint_eq(taken(&s, mark), 0);
	gate_end(&s.gate);
}
END_TEST

/* Milliseconds from the bug's event to the post. */
static void within_ten_seconds(struct bug_stage *s, const char *what, const char *state)
{
	int64_t began = rig_now();

	rig_wait_status(&s->gate.rig, s->gate.head, state, RIG_WAIT_MS);
	printf("row_42: %s: %s after %lld ms\n", what, state, (long long)(rig_now() - began));
	ck_assert_int_lt(rig_now() - began, 10000);
}

START_TEST(row_42_a_bug_that_is_closed_takes_the_success_back_and_reopened_gives_it_again)
{
	struct bug_stage s;
	json_int_t mark;

	bug_stage_begin_with(&s, &(struct bug_stage_start){open_bugs, "1h", "BOTKEY", "", NULL});
	bug_stage_hold(&s, "bug", 4716, "");
	bug_stage_open_for(&s, 4716);
	bug_stage_granted(&s);
	for (int i = 0; i < 2; i++) {
		mark = rig_log_mark(&s.gate.rig);
		bug_stage_hold(&s, "bug", 4716, ",\"status\":\"RESOLVED\",\"resolution\":\"FIXED\"");
		within_ten_seconds(&s, "closed", "failure");
		bug_stage_revoked(&s, mark);
		rig_wait_text(&s.gate.rig, s.gate.head, "failure", "needs maintainer clearance");
		bug_stage_hold(&s, "bug", 4716, ",\"status\":\"REOPENED\",\"resolution\":\"\"");
		within_ten_seconds(&s, "reopened", "success");
	}
	gate_end(&s.gate);
}
END_TEST

/* A wrong key: the server says so, asks no more, and grants nothing that hangs on bugs. */
START_TEST(a_tracker_that_refuses_the_key_makes_the_server_unready_and_grants_nothing)
{
	struct bug_stage s;

	bug_stage_begin(&s, "WRONGKEY", "");
	bug_stage_hold(&s, "bug", 4713, "");
	bug_stage_open_for(&s, 4713);
	rig_wait_text(&s.gate.rig, s.gate.head, "pending", BUG_STAGE_CLEARANCE);
	ck_assert_int_eq(bug_stage_ready(&s.gate.rig), 503);
	gate_stays_refused(&s.gate);
	gate_end(&s.gate);
}
END_TEST

/* By its page and by `headgate status`. */
static void says_max_age(struct bug_stage *s)
{
	char config[128], subject[64], page[80];
	const char *words[] = {"status", "-c", config, subject, NULL};
	struct rig_reply reply;
	char *out;

	(void)snprintf(page, sizeof page, "/acme/app/c/%s", s->gate.head);
	ck_assert(rig_page(&s->gate.rig, page, &reply) && reply.status == 200);
	ck_assert_msg(strstr(reply.body, "for up to 4 hours without being read again (max_age).") != NULL, "%s",
		      reply.body);
	rig_reply_clear(&reply);
	(void)snprintf(config, sizeof config, "%s/headgate.yml", s->gate.rig.dir);
	(void)snprintf(subject, sizeof subject, "acme/app@%s", s->gate.head);
	(void)rig_run(&s->gate.rig, words);
	out = rig_file(&s->gate.rig, "out.txt");
	ck_assert_msg(strstr(out, "max_age:    Bugs that were last seen not secure") != NULL, "%s", out);
	free(out);
}

START_TEST(a_bug_last_seen_not_secure_lands_while_the_tracker_is_down_and_others_wait)
{
	struct bug_stage s;
	char *out;

	bug_stage_begin(&s, "BOTKEY", "    max_age: 4h\n");
	bug_stage_hold(&s, "bug", 4714, "");
	bug_stage_open_for(&s, 4714);
	bug_stage_granted(&s); /* read, and known since */
	rig_settle(&s.gate.rig, 500);
	json_decref(rig_world(&s.gate.rig, "fault", "{\"endpoint\":\"/bugzilla-bmo/*\",\"status\":503}"));
	json_decref(rig_act(&s.gate.rig, "push", "alice",
			    "{\"branch\":\"topic\",\"files\":{\"b.txt\":\"2\\n\"},\"message\":\"Bug 4714 - more\"}"));
	rig_tip(&s.gate.rig, "topic", s.gate.head);
	s.gate.fresh = true;
	gate_approve(&s.gate, "bob");
	bug_stage_granted(&s);

	json_decref(
		rig_act(&s.gate.rig, "push", "alice",
			"{\"branch\":\"topic\",\"files\":{\"c.txt\":\"3\\n\"},\"message\":\"Bug 4715 - another\"}"));
	rig_tip(&s.gate.rig, "topic", s.gate.head);
	s.gate.fresh = true;
	gate_approve(&s.gate, "bob");
	rig_wait_text(&s.gate.rig, s.gate.head, "pending", BUG_STAGE_CLEARANCE);
	rig_sleep(6000); /* three ticks: a success is not only late */
	gate_stays_refused(&s.gate);
	says_max_age(&s);
	out = rig_file(&s.gate.rig, "agent.log");
	ck_assert_ptr_null(strstr(out, "4714"));
	free(out);
	gate_end(&s.gate);
}
END_TEST

static void copy(struct bug_stage *s, const char *from, const char *to)
{
	const char *dir = s->gate.rig.dir;
	char script[256];

	(void)snprintf(script, sizeof script, "cp -p %s/%s %s/%s", dir, from, dir, to);
	ck_assert_int_eq(rig_sh(&s->gate.rig, script), 0);
}

/* Killed before the file of the table had what it read: the older file does not count against what was told. */
START_TEST(a_bug_that_was_read_as_secure_by_a_process_that_died_does_not_land_by_the_next_ones_older_table)
{
	struct bug_stage s;
	json_int_t mark;

	bug_stage_begin(&s, "BOTKEY", "    max_age: 4h\n");
	bug_stage_hold(&s, "bug", 4719, "");
	bug_stage_open_for(&s, 4719);
	bug_stage_granted(&s);
	bug_stage_shown(&s, "1 not secure");
	copy(&s, "state/bugs.bmo.table", "older.table");
	mark = rig_log_mark(&s.gate.rig);
	bug_stage_hold(&s, "bug", 4719, ",\"keywords\":[\"sec-high\"],\"groups\":[\"core-security\"]");
	bug_stage_revoked(&s, mark);
	rig_wait_text(&s.gate.rig, s.gate.head, "failure", "needs maintainer clearance");
	rig_settle(&s.gate.rig, 500);
	rig_agent_kill(&s.gate.rig);
	copy(&s, "older.table", "state/bugs.bmo.table");
	json_decref(rig_world(&s.gate.rig, "fault", "{\"endpoint\":\"/bugzilla-bmo/*\",\"status\":503}"));
	ck_assert(rig_agent_start(&s.gate.rig));
	json_decref(rig_act(&s.gate.rig, "push", "alice",
			    "{\"branch\":\"topic\",\"files\":{\"b.txt\":\"2\\n\"},\"message\":\"Bug 4719 - more\"}"));
	rig_tip(&s.gate.rig, "topic", s.gate.head);
	s.gate.fresh = true;
	gate_approve(&s.gate, "bob");
	rig_wait_text(&s.gate.rig, s.gate.head, "pending", BUG_STAGE_CLEARANCE);
	rig_sleep(6000); /* three ticks */
	gate_stays_refused(&s.gate);
	gate_end(&s.gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(a_secure_bugs_fix_waits_for_approval_and_falls_when_it_is_taken_back, 240),
	SUITE_SLOW(a_bug_that_becomes_secure_takes_the_success_back, 120),
	SUITE_SLOW(an_approval_taken_back_whose_webhook_is_lost_is_found_by_polling_and_revokes, 240),
	SUITE_SLOW(row_42_a_bug_that_is_closed_takes_the_success_back_and_reopened_gives_it_again, 240),
	SUITE_SLOW(a_tracker_that_refuses_the_key_makes_the_server_unready_and_grants_nothing, 120),
	SUITE_SLOW(a_bug_last_seen_not_secure_lands_while_the_tracker_is_down_and_others_wait, 240),
	SUITE_SLOW(a_bug_that_was_read_as_secure_by_a_process_that_died_does_not_land_by_the_next_ones_older_table,
		   240),
	SUITE_END};
SUITE_MAIN(tests)
