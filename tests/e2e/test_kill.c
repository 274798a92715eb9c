/*
 * kill -9 at any moment of a running load loses no delivery that was answered 202. Several connections send signed
 * deliveries; the server is killed at random moments and started again on the same state. Each id that was answered
 * 202 is looked for in the database at the end, none may stand there twice, and the last server applies all of them.
 * HEADGATE_KILLS: how often (200).
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

enum { SENDERS = 6, TOLD_MAX = 400000, BUDGET_MS = 330000, PAUSE_MS = 700 };

struct load {
	struct rig *rig;
	atomic_bool stop, up;
	char *body;
};

struct sender {
	struct load *load;
	pthread_t thread;
	int number, sent, other;
	int *told; /* the numbers that were answered 202 */
	int n_told;
};

static void guid_of(const struct sender *sender, int n, char ret[64])
{
	(void)snprintf(ret, 64, "%08d-0000-0000-0000-%012d", sender->number, n);
}

static void *send_for_ever(void *arg)
{
	struct sender *sender = arg;
	char guid[64];
	struct rig_reply reply;

	while (!atomic_load(&sender->load->stop) && sender->n_told < TOLD_MAX) {
		struct rig_delivery delivery = {.event = "pull_request_review",
						.guid = guid,
						.body = sender->load->body,
						.len = strlen(sender->load->body)};

		if (!atomic_load(&sender->load->up)) {
			rig_sleep(1);
			continue;
		}
		guid_of(sender, sender->sent, guid);
		(void)rig_deliver(sender->load->rig, &delivery, &reply);
		if (reply.status == 202)
			sender->told[sender->n_told++] = sender->sent;
		else if (reply.status != 0)
			sender->other++;
		rig_reply_clear(&reply);
		sender->sent++;
	}
	return NULL;
}

static void start(struct load *load, struct sender senders[SENDERS])
{
	for (int i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){.load = load, .number = i, .told = calloc(TOLD_MAX, sizeof(int))};
		ck_assert_ptr_nonnull(senders[i].told);
		ck_assert_int_eq(pthread_create(&senders[i].thread, NULL, send_for_ever, &senders[i]), 0);
	}
}

/* How many of the acknowledged ids are not in the database. */
static int64_t lost(struct gate *gate, const struct sender senders[SENDERS])
{
	sqlite3_stmt *find = NULL;
	sqlite3 *db = gate_database(gate);
	int64_t missing = 0;
	char guid[64];

	ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*) FROM journal WHERE guid = ?", -1, &find, NULL),
			 SQLITE_OK);
	for (int i = 0; i < SENDERS; i++)
		for (int k = 0; k < senders[i].n_told; k++) {
			guid_of(&senders[i], senders[i].told[k], guid);
			(void)sqlite3_reset(find);
			(void)sqlite3_bind_text(find, 1, guid, -1, SQLITE_TRANSIENT);
			ck_assert_int_eq(sqlite3_step(find), SQLITE_ROW);
			missing += sqlite3_column_int64(find, 0) != 1;
		}
	(void)sqlite3_finalize(find);
	(void)sqlite3_close(db);
	return missing;
}

/* A delivery that the agent applies: a comment on the change, as the world told it. */
static char *take_body(struct gate *gate)
{
	json_t *answer, *list;
	char *body = NULL;

	json_decref(rig_act(&gate->rig, "comment_review", "dave", "{\"number\":1,\"body\":\"Hm.\"}"));
	answer = rig_world(&gate->rig, "hooks", "{\"do\":\"list\",\"bodies\":true}");
	list = json_object_get(answer, "deliveries");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (gate_is(json_array_get(list, i), "event", "pull_request_review"))
			body = strdup(gate_str(json_array_get(list, i), "body"));
	json_decref(answer);
	ck_assert_ptr_nonnull(body);
	return body;
}

/* Not before the server is ready and a random moment of load has passed, sometimes none at all. */
static int kill_often(struct load *load, int kills)
{
	int64_t until = rig_now() + BUDGET_MS;
	unsigned seed = 20261121;
	int n = 0;

	while (n < kills && rig_now() < until) {
		atomic_store(&load->up, true);
		rig_sleep((int)((unsigned)rand_r(&seed) % PAUSE_MS));
		rig_agent_kill(load->rig);
		atomic_store(&load->up, false);
		n++;
		ck_assert(rig_agent_start(load->rig));
	}
	return n;
}

START_TEST(two_hundred_kills_lose_no_acknowledged_delivery)
{
	const char *asked = getenv("HEADGATE_KILLS");
	int kills = asked ? (int)strtol(asked, NULL, 10) : 200, done, told = 0, other = 0;
	struct sender senders[SENDERS];
	struct load load = {.stop = false};
	int64_t missing, began = rig_now();
	struct gate gate;

	gate_begin_allowed(&gate);
	load.rig = &gate.rig;
	load.body = take_body(&gate);
	start(&load, senders);
	done = kill_often(&load, kills);
	atomic_store(&load.stop, true);
	for (int i = 0; i < SENDERS; i++) {
		ck_assert_int_eq(pthread_join(senders[i].thread, NULL), 0);
		told += senders[i].n_told;
		other += senders[i].other;
	}
	missing = lost(&gate, senders);
	printf("kills %d, acknowledged %d, lost %lld, refused %d, %lld ms\n", done, told, (long long)missing, other,
	       (long long)(rig_now() - began));
	ck_assert_int_eq(missing, 0);
	ck_assert_int_ge(done, kills);
	ck_assert_int_ge(told, kills * 5);
	ck_assert_int_eq(gate_rows(&gate, "(SELECT guid FROM journal GROUP BY guid HAVING count(*) > 1)", NULL), 0);
	gate_wait_rows(&gate, "journal", "state = 0", 0);
	gate_wait_rows(&gate, "subject", "due = 1", 0);
	ck_assert_str_eq(gate_str(rig_status(&gate.rig, gate.head), "state"), "success");
	gate_merge(&gate);
	for (int i = 0; i < SENDERS; i++)
		free(senders[i].told);
	free(load.body);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(two_hundred_kills_lose_no_acknowledged_delivery, 420),
	SUITE_END,
};

SUITE_MAIN(tests)
