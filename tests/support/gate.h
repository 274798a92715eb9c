/*
 * gate: the stage on which end-to-end tests play: a rig with one repository whose main branch is protected by the
 * agent's status, alice who writes changes, bob, carol and dave who may review. A rig's failure fails the Check test.
 */
#ifndef TESTS_SUPPORT_GATE_H
#define TESTS_SUPPORT_GATE_H

#include "tests/support/rig.h"

struct gate {
	struct rig rig;
	char head[41];     /* of change 1 */
	json_int_t review; /* the id of the newest review made by gate_approve */
	int pushes;
	bool fresh; /* pushed, and the second has not turned since */
};

void gate_begin(struct gate *gate, const char *policy);     /* policy: text of .headgate.yml on main, or NULL */
void gate_begin_app(struct gate *gate, const char *policy); /* the same, and the agent is an App */
void gate_begin_bare(struct gate *gate);                    /* both programs, no repository */
void gate_end(struct gate *gate);                           /* stops both; sanitizers were silent */

void gate_open(struct gate *gate);                      /* change 1 by alice, from topic into main */
void gate_open_as(struct gate *gate, const char *more); /* with further members: ",\"draft\":true" */
void gate_push(struct gate *gate);                      /* one more commit on topic */
void gate_approve(struct gate *gate, const char *who);
void gate_dismiss(struct gate *gate);       /* the newest approval */
void gate_open_allowed(struct gate *gate);  /* opened, approved by bob and carol, success seen */
void gate_begin_allowed(struct gate *gate); /* gate_begin without a policy, and gate_open_allowed */
/* A recorded delivery's body again, signed, under another guid: taken. */
void gate_tell_again(struct gate *gate, const json_t *delivery, const char *event, const char *guid);

/* main through its protection: moves to hold the head; or is refused and stays where it is. */
void gate_merge(struct gate *gate);
void gate_stays_refused(struct gate *gate);

/* Log entries. "" and 0 where a member is missing. */
const char *gate_str(const json_t *entry, const char *key);
bool gate_is(const json_t *entry, const char *key, const char *value);
json_int_t gate_n(const json_t *entry);
const char *gate_text(const json_t *status); /* its description */
/* The first post of the context on sha after entry `after`; state NULL: any. */
const json_t *gate_first_post(struct gate *gate, json_int_t after, const char *sha, const char *state);
/* Waits for such a post on the head. */
void gate_wait_post(struct gate *gate, json_int_t after, const char *state);
int gate_count(struct gate *gate, json_int_t after, const char *kind);
int gate_faults(struct gate *gate, json_int_t after); /* requests that met a fault */

/* Prints "row_02: success after 41 ms"; entry NULL fails. */
void gate_time(struct gate *gate, const char *what, const char *event, const char *action, const json_t *entry);

/* The newest delivery of this event with its guid and body as the world sent them; owned by the caller. */
json_t *gate_delivered(struct gate *gate, const char *event, const char *action);
/* The world sends it again under the same guid. */
void gate_redeliver(struct gate *gate, const char *event, const char *action);

/* Rows of a table of the agent's database, read beside the running agent. where may be NULL. */
int64_t gate_rows(struct gate *gate, const char *table, const char *where);
/* Waits until there are so many. */
void gate_wait_rows(struct gate *gate, const char *table, const char *where, int64_t n);
/* Waits until all that was delivered is applied and judged, and nothing more happens. */
void gate_judged(struct gate *gate);
struct sqlite3 *gate_database(struct gate *gate); /* opened to read; owned by the caller */

/* Judgements that are owed. One that only looks once more, much later, because rights were just given, is not. */
#define GATE_OWED "due = 1 AND NOT (not_before > strftime('%s', 'now') * 1000 + 8000 AND attempts = 0)"

#endif
