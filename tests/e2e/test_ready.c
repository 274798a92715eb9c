/*
 * Whether the gate stands still, and whether /readyz says so: the real server and the world. A minute is long, so the
 * row that says since when a success is to be taken back is made older instead, beside the running server.
 */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

static long ready(struct gate *gate, const char *word)
{
	char url[120];
	struct rig_request request = {.method = "GET", .url = url};
	struct rig_reply reply;
	long status;

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/readyz", gate->rig.ops_port);
	ck_assert(rig_http(&request, &reply));
	status = reply.status;
	ck_assert_msg(strstr(reply.body, word) != NULL, "no `%s` in:\n%s", word, reply.body);
	rig_reply_clear(&reply);
	return status;
}

static void a_minute_goes_by(struct gate *gate)
{
	char path[128];
	sqlite3 *db = NULL;

	(void)snprintf(path, sizeof path, "%s/state/headgate.db", gate->rig.dir);
	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);
	ck_assert_int_eq(sqlite3_exec(db, "UPDATE slot SET owed_since = owed_since - 60000 WHERE owed_since > 0", NULL,
				      NULL, NULL),
			 SQLITE_OK);
	ck_assert_int_gt(sqlite3_changes(db), 0);
	(void)sqlite3_close(db);
}

START_TEST(a_revocation_that_the_forge_refuses_is_not_ready_until_it_takes_it)
{
	struct gate gate;
	json_int_t mark;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	ck_assert_int_eq(ready(&gate, "ready"), 200);
	json_decref(rig_world(&gate.rig, "fault",
			      "{\"endpoint\":\"/repos/*/statuses/*\",\"method\":\"POST\",\"status\":401}"));
	gate_dismiss(&gate);
	gate_wait_rows(&gate, "slot", "refused = 1 and owed_since > 0", 1);
	gate_judged(&gate);
	ck_assert_int_eq(ready(&gate, "ready"), 200);
	a_minute_goes_by(&gate);
	ck_assert_int_eq(ready(&gate, "the forge refused our status"), 503);
	ck_assert(rig_agent_term(&gate.rig)); /* it lasts; the start sends it again, and the forge refuses it again */
	ck_assert(rig_agent_start(&gate.rig));
	gate_wait_rows(&gate, "slot", "refused = 1 and owed_since > 0", 1);
	gate_judged(&gate);
	ck_assert_int_eq(ready(&gate, "a success that is to be taken back"), 503);
	mark = rig_log_mark(&gate.rig);
	json_decref(rig_world(&gate.rig, "fault", "{\"clear\":true}"));
	json_decref(rig_act(&gate.rig, "comment", "alice", "{\"number\":1,\"body\":\"/headgate recheck\"}"));
	gate_wait_post(&gate, mark, "failure");
	gate_wait_rows(&gate, "slot", "owed_since > 0", 0);
	ck_assert_int_eq(ready(&gate, "ready"), 200);
	gate_end(&gate);
}
END_TEST

/* The server again, its log a pipe that is full. */
static void start_unread(struct gate *gate, int ends[2])
{
	static const char zeros[512];
	char proc[64], program[512] = "", config[300];
	pid_t test = getpid();

	(void)snprintf(proc, sizeof proc, "/proc/%ld/exe", (long)gate->rig.agent);
	ck_assert_int_gt(readlink(proc, program, sizeof program - 1), 0);
	(void)snprintf(config, sizeof config, "%s/headgate.yml", gate->rig.dir);
	ck_assert(rig_agent_term(&gate->rig));
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	while (write(ends[1], zeros, sizeof zeros) > 0)
		;
	ck_assert_int_eq(fcntl(ends[1], F_SETFL, 0), 0);
	gate->rig.agent = fork();
	if (gate->rig.agent == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == test && setpgid(0, 0) == 0 && dup2(ends[1], 2) == 2)
			(void)execl(program, "headgate", "serve", "-c", config, (char *)NULL);
		_exit(127);
	}
	ck_assert_int_gt(gate->rig.agent, 0);
}

static void wait_answering(struct gate *gate)
{
	char url[120];
	struct rig_request request = {.method = "GET", .url = url};
	struct rig_reply reply;
	int64_t until = rig_now() + RIG_WAIT_MS;

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/s.css", gate->rig.port);
	while (!rig_http(&request, &reply)) {
		rig_reply_clear(&reply);
		ck_assert_msg(rig_now() < until, "it does not answer");
		rig_sleep(20);
	}
	ck_assert_int_eq(reply.status, 200);
	rig_reply_clear(&reply);
}

START_TEST(a_log_that_nobody_reads_holds_nothing_up)
{
	struct gate gate;
	int ends[2];

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	start_unread(&gate, ends);
	wait_answering(&gate);
	gate_dismiss(&gate);
	gate_wait_rows(&gate, "journal", "action = 'dismissed' and state = 1", 1);
	rig_wait_status(&gate.rig, gate.head, "failure", RIG_WAIT_MS);
	gate_end(&gate);
	(void)close(ends[0]);
	(void)close(ends[1]);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(a_revocation_that_the_forge_refuses_is_not_ready_until_it_takes_it, 120),
	SUITE_SLOW(a_log_that_nobody_reads_holds_nothing_up, 120),
	SUITE_END,
};

SUITE_MAIN(tests)
