/* The load, and what became of each of its deliveries. */
#include "tests/faults/trouble.h"

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOLD_MAX = 200000, PAUSE_MS = 8 };

static void guid_of(const struct trouble_sender *sender, int n, char ret[64])
{
	(void)snprintf(ret, 64, "%08d-1111-0000-0000-%012d", sender->number, n);
}

static void *send_for_ever(void *arg)
{
	struct trouble_sender *sender = arg;
	struct trouble *t = sender->trouble;
	char guid[64];
	struct rig_reply reply;

	while (!atomic_load(&t->stop) && sender->n_told < TOLD_MAX) {
		struct rig_delivery delivery = {
			.event = "pull_request_review", .guid = guid, .body = t->body, .len = strlen(t->body)};

		guid_of(sender, sender->sent++, guid);
		(void)rig_deliver(&t->gate.rig, &delivery, &reply);
		if (reply.status == 202)
			sender->told[sender->n_told++] = sender->sent - 1;
		sender->refused += reply.status != 0 && reply.status != 202;
		sender->unanswered += reply.status == 0;
		rig_reply_clear(&reply);
		rig_sleep(PAUSE_MS);
	}
	return NULL;
}

/* A comment on the change, as the world told it: it asks for a judgement and changes no verdict. */
static char *take_body(struct trouble *t)
{
	json_t *one;
	char *body;

	json_decref(rig_act(&t->gate.rig, "comment_review", "dave", "{\"number\":1,\"body\":\"Hm.\"}"));
	one = gate_delivered(&t->gate, "pull_request_review", "submitted");
	body = strdup(gate_str(one, "body"));
	json_decref(one);
	ck_assert_ptr_nonnull(body);
	return body;
}

void trouble_load(struct trouble *t)
{
	if (!t->body)
		t->body = take_body(t);
	atomic_store(&t->stop, false);
	t->loaded = true;
	for (int i = 0; i < TROUBLE_SENDERS; i++) {
		struct trouble_sender *sender = &t->senders[i];

		sender->trouble = t;
		sender->number = i;
		if (!sender->told)
			sender->told = calloc(TOLD_MAX, sizeof *sender->told);
		ck_assert_ptr_nonnull(sender->told);
		ck_assert_int_eq(pthread_create(&sender->thread, NULL, send_for_ever, sender), 0);
	}
}

void trouble_load_stop(struct trouble *t)
{
	if (!t->loaded)
		return;
	t->loaded = false;
	atomic_store(&t->stop, true);
	for (int i = 0; i < TROUBLE_SENDERS; i++)
		ck_assert_int_eq(pthread_join(t->senders[i].thread, NULL), 0);
}

int trouble_told(const struct trouble *t)
{
	int n = 0;

	for (int i = 0; i < TROUBLE_SENDERS; i++)
		n += t->senders[i].n_told;
	return n;
}

int trouble_refused(const struct trouble *t)
{
	int n = 0;

	for (int i = 0; i < TROUBLE_SENDERS; i++)
		n += t->senders[i].refused;
	return n;
}

void trouble_nothing_lost(struct trouble *t)
{
	sqlite3 *db = gate_database(&t->gate);
	sqlite3_stmt *find = NULL;
	int missing = 0;
	char guid[64];

	ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*) FROM journal WHERE guid = ?", -1, &find, NULL),
			 SQLITE_OK);
	for (int i = 0; i < TROUBLE_SENDERS; i++)
		for (int k = 0; k < t->senders[i].n_told; k++) {
			guid_of(&t->senders[i], t->senders[i].told[k], guid);
			(void)sqlite3_reset(find);
			(void)sqlite3_bind_text(find, 1, guid, -1, SQLITE_TRANSIENT);
			ck_assert_int_eq(sqlite3_step(find), SQLITE_ROW);
			missing += sqlite3_column_int64(find, 0) != 1;
		}
	(void)sqlite3_finalize(find);
	(void)sqlite3_close(db);
	ck_assert_msg(missing == 0, "%d of %d acknowledged deliveries are not in the journal", missing,
		      trouble_told(t));
}
