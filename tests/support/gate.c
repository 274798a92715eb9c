#include "tests/support/gate.h"

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

static void begin(struct gate *gate, const char *policy, bool app)
{
	static const char *const reviewers[] = {"alice", "bob", "carol", "dave"};
	struct rig_plan plan = {.failed = failed, .app = app};
	json_t *text = json_string(policy ? policy : "");
	char *quoted = json_dumps(text, JSON_ENCODE_ANY);

	*gate = (struct gate){.pushes = 0};
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	ck_assert(rig_start(&gate->rig, &plan));
	for (size_t i = 0; i < sizeof reviewers / sizeof reviewers[0]; i++)
		json_decref(rig_act(&gate->rig, "permission", "acme", "{\"login\":\"%s\",\"role\":\"write\"}",
				    reviewers[i]));
	if (policy)
		json_decref(rig_act(&gate->rig, "policy", "acme", "{\"text\":%s}", quoted));
	json_decref(rig_act(&gate->rig, "protect", "acme", "{\"branch\":\"main\",\"contexts\":[\"" RIG_CONTEXT "\"]}"));
	json_decref(text);
	free(quoted);
}

void gate_begin(struct gate *gate, const char *policy)
{
	begin(gate, policy, false);
}

void gate_begin_app(struct gate *gate, const char *policy)
{
	begin(gate, policy, true);
}

void gate_begin_bare(struct gate *gate)
{
	struct rig_plan plan = {.failed = failed, .repo = ""};

	*gate = (struct gate){.pushes = 0};
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	ck_assert(rig_start(&gate->rig, &plan));
}

void gate_end(struct gate *gate)
{
	ck_assert(rig_stop(&gate->rig));
}

static void keep_head(struct gate *gate, json_t *answer, const char *key)
{
	(void)snprintf(gate->head, sizeof gate->head, "%s", gate_str(answer, key));
	ck_assert_uint_eq(strlen(gate->head), 40);
	json_decref(answer);
}

void gate_push(struct gate *gate)
{
	int n = ++gate->pushes;

	gate->fresh = true;
	keep_head(gate,
		  rig_act(&gate->rig, "push", "alice",
			  "{\"branch\":\"topic\",\"files\":{\"a%d.txt\":\"%d\\n\"},\"message\":\"Change %d\"}", n, n,
			  n),
		  "sha");
}

void gate_open_as(struct gate *gate, const char *more)
{
	gate_push(gate);
	keep_head(gate,
		  rig_act(&gate->rig, "open", "alice",
			  "{\"head\":\"topic\",\"base\":\"main\",\"title\":\"A change\"%s}", more),
		  "head");
}

void gate_open(struct gate *gate)
{
	gate_open_as(gate, "");
}

void gate_approve(struct gate *gate, const char *who)
{
	json_t *answer;

	if (gate->fresh)
		rig_next_second();
	gate->fresh = false;
	answer = rig_act(&gate->rig, "approve", who, "{\"number\":1}");
	gate->review = json_integer_value(json_object_get(answer, "id"));
	json_decref(answer);
}

void gate_dismiss(struct gate *gate)
{
	json_decref(rig_act(&gate->rig, "dismiss", "alice", "{\"number\":1,\"review\":%lld,\"message\":\"no\"}",
			    (long long)gate->review));
}

void gate_open_allowed(struct gate *gate)
{
	gate_open(gate);
	gate_approve(gate, "bob");
	gate_approve(gate, "carol");
	rig_wait_status(&gate->rig, gate->head, "success", RIG_WAIT_MS);
}

void gate_begin_allowed(struct gate *gate)
{
	gate_begin(gate, NULL);
	gate_open_allowed(gate);
}

void gate_tell_again(struct gate *gate, const json_t *delivery, const char *event, const char *guid)
{
	const char *body = gate_str(delivery, "body");
	struct rig_delivery again = {.event = event, .guid = guid, .body = body, .len = strlen(body)};
	struct rig_reply reply;

	ck_assert(rig_deliver(&gate->rig, &again, &reply));
	ck_assert_int_eq(reply.status, 202);
	rig_reply_clear(&reply);
}

void gate_merge(struct gate *gate)
{
	char before[41], after[41];

	rig_tip(&gate->rig, "main", before);
	json_decref(rig_act(&gate->rig, "merge", "alice", "{\"number\":1,\"sha\":\"%s\"}", gate->head));
	rig_tip(&gate->rig, "main", after);
	ck_assert_str_ne(before, after);
}

void gate_stays_refused(struct gate *gate)
{
	char before[41], after[41];

	rig_tip(&gate->rig, "main", before);
	ck_assert_int_eq(rig_act_refused(&gate->rig, "merge", "alice", "{\"number\":1,\"sha\":\"%s\"}", gate->head),
			 405);
	rig_tip(&gate->rig, "main", after);
	ck_assert_str_eq(before, after);
}

const char *gate_str(const json_t *entry, const char *key)
{
	const char *value = json_string_value(json_object_get(entry, key));

	return value ? value : "";
}

bool gate_is(const json_t *entry, const char *key, const char *value)
{
	return strcmp(gate_str(entry, key), value) == 0;
}

json_int_t gate_n(const json_t *entry)
{
	return json_integer_value(json_object_get(entry, "n"));
}

const char *gate_text(const json_t *status)
{
	return gate_str(status, "description");
}

const json_t *gate_first_post(struct gate *gate, json_int_t after, const char *sha, const char *state)
{
	const json_t *log = rig_log(&gate->rig);

	for (size_t i = 0; i < json_array_size(log); i++) {
		const json_t *entry = json_array_get(log, i);

		if (gate_n(entry) > after && gate_is(entry, "kind", "post") && gate_is(entry, "sha", sha) &&
		    gate_is(entry, "context", RIG_CONTEXT) && (!state || gate_is(entry, "state", state)))
			return entry;
	}
	return NULL;
}

void gate_wait_post(struct gate *gate, json_int_t after, const char *state)
{
	int64_t until = rig_now() + 3 * (int64_t)RIG_WAIT_MS; /* a doubt lasts half a minute */

	while (!gate_first_post(gate, after, gate->head, state)) {
		ck_assert_msg(rig_now() < until || !rig_fail(&gate->rig, "no %s was posted", state), "no %s", state);
		rig_sleep(10);
	}
}

int gate_count(struct gate *gate, json_int_t after, const char *kind)
{
	const json_t *log = rig_log(&gate->rig);
	int n = 0;

	for (size_t i = 0; i < json_array_size(log); i++)
		n += gate_n(json_array_get(log, i)) > after && gate_is(json_array_get(log, i), "kind", kind);
	return n;
}

int gate_faults(struct gate *gate, json_int_t after)
{
	const json_t *log = rig_log(&gate->rig);
	int n = 0;

	for (size_t i = 0; i < json_array_size(log); i++)
		n += gate_n(json_array_get(log, i)) > after &&
		     json_is_true(json_object_get(json_array_get(log, i), "fault"));
	return n;
}

void gate_time(struct gate *gate, const char *what, const char *event, const char *action, const json_t *entry)
{
	ck_assert_ptr_nonnull(entry);
	printf("%s after %lld ms: %s\n", what, (long long)rig_since(&gate->rig, event, action, entry),
	       gate_text(entry));
}

json_t *gate_delivered(struct gate *gate, const char *event, const char *action)
{
	json_t *answer = rig_world(&gate->rig, "hooks", "{\"do\":\"list\",\"bodies\":true}"), *found = NULL;
	json_t *list = json_object_get(answer, "deliveries"), *one;

	for (size_t i = json_array_size(list); i > 0 && !found; i--) {
		one = json_array_get(list, i - 1);
		if (gate_is(one, "event", event) && gate_is(one, "action", action))
			found = json_incref(one);
	}
	json_decref(answer);
	ck_assert_ptr_nonnull(found);
	return found;
}

void gate_redeliver(struct gate *gate, const char *event, const char *action)
{
	json_t *one = gate_delivered(gate, event, action);

	json_decref(rig_world(&gate->rig, "hooks", "{\"do\":\"redeliver\",\"guid\":\"%s\"}", gate_str(one, "guid")));
	json_decref(one);
}

struct sqlite3 *gate_database(struct gate *gate)
{
	char path[128];
	sqlite3 *db = NULL;

	(void)snprintf(path, sizeof path, "%s/state/headgate.db", gate->rig.dir);
	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);
	return db;
}

int64_t gate_rows(struct gate *gate, const char *table, const char *where)
{
	char query[512];
	sqlite3 *db = gate_database(gate);
	sqlite3_stmt *statement = NULL;
	int64_t n;

	(void)snprintf(query, sizeof query, "SELECT count(*) FROM %s%s%s", table, where ? " WHERE " : "",
		       where ? where : "");
	ck_assert_msg(sqlite3_prepare_v2(db, query, -1, &statement, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
	n = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return n;
}

void gate_wait_rows(struct gate *gate, const char *table, const char *where, int64_t n)
{
	int64_t until = rig_now() + 2 * (int64_t)RIG_WAIT_MS, now;

	while ((now = gate_rows(gate, table, where)) != n) {
		ck_assert_msg(rig_now() < until, "%lld rows of %s where %s, not %lld", (long long)now, table,
			      where ? where : "", (long long)n);
		rig_sleep(20);
	}
}

void gate_judged(struct gate *gate)
{
	ck_assert(rig_settle(&gate->rig, 300));
	gate_wait_rows(gate, "journal", "state = 0", 0);
	gate_wait_rows(gate, "subject", GATE_OWED, 0);
	gate_wait_rows(gate, "slot", "due = 1", 0);
	ck_assert(rig_settle(&gate->rig, 500));
}
