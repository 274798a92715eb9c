#include "tests/support/pipe.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "webhooks/event_json.h"

#define TICK_MS  5000
#define OK(call) ck_assert_msg(call, "%s: %s", #call, err.text)

void pipe_open(struct pipe_rig *rig, int backend)
{
	struct err err = ERR_NONE;
	char path[128];

	*rig = (struct pipe_rig){.now = 1000000000};
	if (backend == 1) {
		snprintf(rig->dir, sizeof rig->dir, "/tmp/headgate-pipe-XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(rig->dir));
		snprintf(path, sizeof path, "%s/headgate.db", rig->dir);
		OK(rows_sqlite_open(path, false, &rig->rows, &err));
	} else {
		OK(rows_memory_open(&rig->rows, &err));
	}
	rig->direct = exec_direct_new(&rig->rows);
	rig->store = (struct store){.exec = exec_direct_port(rig->direct),
				    .limits = STORE_LIMITS_DEFAULT,
				    .context = TEXT_LIT("policy/merge-allowed")};
}

void pipe_close(struct pipe_rig *rig)
{
	static const char *const files[] = {"headgate.db", "headgate.db-wal", "headgate.db-shm"};
	char path[128];

	exec_direct_free(rig->direct);
	rows_close(&rig->rows);
	arena_release(&rig->arena);
	for (size_t i = 0; rig->dir[0] && i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", rig->dir, files[i]);
		(void)unlink(path);
	}
	if (rig->dir[0])
		(void)rmdir(rig->dir);
}

static int64_t show_now(void *self)
{
	return ((const struct pipe_rig *)self)->now;
}

struct clock_port pipe_clock(struct pipe_rig *rig)
{
	return (struct clock_port){rig, show_now, show_now};
}

struct oid sha_of(char letter)
{
	struct oid oid = OID_NONE;

	memset(oid.hex, letter, 40);
	return oid;
}

void tell_unapplied(struct pipe_rig *rig, struct event event)
{
	struct err err = ERR_NONE;
	struct append append = {
		.guid = arena_printf(&rig->arena, "guid-%d", ++rig->deliveries),
		.source = TEXT_LIT("github"),
		.event = event.name,
		.repo = event.repo,
		.received_at = rig->now,
		.state = JOURNAL_WAITING,
		.facts = event_encode(&event, &rig->arena),
	};

	OK(store_append(&rig->store, &append, &err));
	ck_assert(!append.duplicate);
}

void apply_all(struct pipe_rig *rig)
{
	struct err err = ERR_NONE;
	struct applied applied;

	do {
		OK(store_apply(&rig->store, rig->now, 100, &applied, &err));
		ck_assert_uint_eq(applied.broken, 0);
	} while (applied.more);
}

void tell(struct pipe_rig *rig, struct event event)
{
	tell_unapplied(rig, event);
	apply_all(rig);
}

static struct event base_event(enum event_kind kind, int64_t number, char head, int64_t at)
{
	return (struct event){
		.kind = kind,
		.name = TEXT_LIT("test"),
		.repo = PIPE_REPO,
		.repo_name = TEXT_LIT("acme/engine"),
		.sender = {.id = 11, .login = TEXT_LIT("alice"), .type = PERSON_USER},
		.change = {.number = number,
			   .head = sha_of(head),
			   .base_ref = TEXT_LIT("main"),
			   .open = TRI_YES,
			   .draft = TRI_NO,
			   .merged = TRI_NO,
			   .updated_at = at * 1000,
			   .author = {.id = 11}},
		.review.submitted_at = WHEN_UNKNOWN,
		.status.created_at = WHEN_UNKNOWN,
		.pushed_at = WHEN_UNKNOWN,
		.comment.created_at = WHEN_UNKNOWN,
	};
}

struct event change_event(enum change_action action, int64_t number, char head, int64_t at)
{
	struct event event = base_event(EVENT_CHANGE, number, head, at);

	event.change_action = action;
	if (action == CHANGE_CLOSED)
		event.change.open = TRI_NO;
	if (action == CHANGE_DRAFT)
		event.change.draft = TRI_YES;
	return event;
}

struct event push_to_change(int64_t number, char before, char head, int64_t at)
{
	struct event event = change_event(CHANGE_SYNCHRONIZE, number, head, at);

	event.before = sha_of(before);
	event.after = sha_of(head);
	return event;
}

struct event status_event(int64_t id, const char *state, char sha)
{
	struct event event = change_event(CHANGE_OTHER, 0, sha, 1);

	event.kind = EVENT_STATUS;
	event.status.id = id;
	event.status.sha = sha_of(sha);
	event.status.context = TEXT_LIT("Policy/Merge-Allowed");
	event.status.state = text_of(state);
	return event;
}

struct event review_event(enum review_action action, int64_t id, enum review_state state, char head)
{
	struct event event = base_event(EVENT_REVIEW, 1, head, 5);

	event.review_action = action;
	event.review.id = id;
	event.review.state = state;
	event.review.commit_id = sha_of(head);
	event.review.submitted_at = 5000;
	event.review.user = (struct person){.id = 22, .login = TEXT_LIT("bob"), .type = PERSON_USER};
	event.review.association = TEXT_LIT("MEMBER");
	return event;
}

bool try_claim(struct pipe_rig *rig, struct claim *ret)
{
	struct err err = ERR_NONE;
	struct taker taker = {"judge-1", rig->now, &rig->arena, rig->gate};
	int64_t next_at;

	if (store_claim(&rig->store, &taker, ret, &next_at, &err))
		return true;
	ck_assert_msg(err.code == ERR_GONE, "%s", err.text);
	return false;
}

void next_tick(struct pipe_rig *rig)
{
	rig->now = (rig->now / TICK_MS + 1) * TICK_MS + 1;
}

struct claim claim_of(struct pipe_rig *rig, char head)
{
	struct oid want = sha_of(head);
	struct claim claim;

	for (int i = 0; i < 20; i++) {         /* others that are due are judged away as waiting */
		if (!try_claim(rig, &claim)) { /* a head that was pushed on the heels of another, or replaced */
			next_tick(rig);
			ck_assert_msg(try_claim(rig, &claim), "%c is not due", head);
		}
		if (oid_eq(&claim.sha, &want))
			return claim;
		conclude_as(rig, &claim, DECISION_BLOCKED);
	}
	ck_abort_msg("%c is not due", head);
	return claim;
}

enum seen { HEADED, HEADLESS, LANDED, ENDED };

static enum concluded conclude(struct pipe_rig *rig, const struct claim *claim, enum decision decision, enum seen seen)
{
	struct err err = ERR_NONE;
	struct text text = arena_printf(&rig->arena, "verdict %s", decision_name(decision));
	struct verdict verdict = {
		.decision = decision, .state = decision_state(decision), .text = text, .public_text = text};
	struct conclusion in = {.claim = claim,
				.verdict = &verdict,
				.rules_json = TEXT_LIT("[]"),
				.facts_json = TEXT_LIT("{}"),
				.counted = TEXT_LIT(",22,"),
				.silent = seen == LANDED || seen == ENDED,
				.landed = seen == LANDED,
				.over = &rig->over,
				.n_over = rig->over.len > 0,
				.no_change = seen != HEADED,
				.heads_now = &rig->head_now,
				.n_heads_now = oid_known(&rig->head_now),
				.look_again_at = rig->look_again_at,
				.watches = rig->watches,
				.bugs = rig->bugs,
				.n_bugs = rig->n_bugs,
				.trees = rig->trees,
				.n_trees = rig->n_trees,
				.now = rig->now,
				.read_at = rig->now};
	enum concluded outcome;
	int64_t id;

	OK(store_conclude(&rig->store, &in, &outcome, &id, &err));
	return outcome;
}

enum concluded conclude_as(struct pipe_rig *rig, const struct claim *claim, enum decision decision)
{
	return conclude(rig, claim, decision, HEADED);
}

enum concluded conclude_headless(struct pipe_rig *rig, const struct claim *claim)
{
	return conclude(rig, claim, DECISION_BLOCKED, HEADLESS);
}

void judge_landed(struct pipe_rig *rig, char head)
{
	struct claim claim = claim_of(rig, head);

	ck_assert_int_eq(conclude(rig, &claim, DECISION_BLOCKED, LANDED), CONCLUDED);
}

void conclude_ended(struct pipe_rig *rig, const struct claim *claim)
{
	ck_assert_int_eq(conclude(rig, claim, DECISION_BLOCKED, ENDED), CONCLUDED);
}

void judge_ended(struct pipe_rig *rig, char head)
{
	struct claim claim = claim_of(rig, head);

	conclude_ended(rig, &claim);
}

void judge_as(struct pipe_rig *rig, char head, enum decision decision)
{
	struct claim claim = claim_of(rig, head);

	ck_assert_int_eq(conclude_as(rig, &claim, decision), CONCLUDED);
}

bool next_post(struct pipe_rig *rig, struct post *ret)
{
	struct err err = ERR_NONE;
	struct taker taker = {"post-1", rig->now, &rig->arena, rig->gate};
	int64_t next_at;

	if (store_take_post(&rig->store, &taker, ret, &next_at, &err))
		return true;
	ck_assert_msg(err.code == ERR_GONE, "%s", err.text);
	return false;
}

void answer(struct pipe_rig *rig, const struct post *post, enum post_outcome outcome)
{
	static int64_t status_id = 100;
	struct err err = ERR_NONE;
	struct post_result result = {.outcome = outcome,
				     .forge_status_id = outcome == POST_ACCEPTED ? ++status_id : 0,
				     .now = rig->now,
				     .creator = rig->creator,
				     .created_at = rig->now};

	OK(store_posted(&rig->store, post, &result, &err));
}

int drain(struct pipe_rig *rig)
{
	struct post post;
	int n = 0;

	while (next_post(rig, &post)) {
		answer(rig, &post, POST_ACCEPTED);
		ck_assert_int_lt(++n, 1000);
	}
	return n;
}

static void get(struct pipe_rig *rig, const struct table *table, void *row)
{
	struct err err = ERR_NONE;

	OK(rig->rows.ops->begin(rig->rows.self, false, &err));
	if (!rig->rows.ops->get(rig->rows.self, table, row, &rig->arena, &err))
		ck_assert_msg(err.code == ERR_GONE, "%s", err.text);
	rig->rows.ops->rollback(rig->rows.self);
}

struct row_slot slot_of(struct pipe_rig *rig, char head)
{
	struct row_slot row = {.repo = PIPE_REPO, .sha = sha_of(head), .context = rig->store.context};

	get(rig, &table_slot, &row);
	return row;
}

struct row_ledger ledger_of(struct pipe_rig *rig, char head)
{
	struct row_ledger row = {.repo = PIPE_REPO, .sha = sha_of(head), .context = rig->store.context};

	get(rig, &table_ledger, &row);
	return row;
}

struct row_subject subject_of(struct pipe_rig *rig, char head)
{
	struct row_subject row = {.repo = PIPE_REPO, .sha = sha_of(head)};

	get(rig, &table_subject, &row);
	return row;
}

void pipe_open_told(struct pipe_rig *rig, int backend)
{
	pipe_open(rig, backend);
	tell(rig, change_event(CHANGE_OPENED, 1, 'a', 1));
}

void pipe_open_allowed(struct pipe_rig *rig, int backend)
{
	pipe_open_told(rig, backend);
	judge_as(rig, 'a', DECISION_ALLOWED);
	ck_assert_int_eq(drain(rig), 1);
	ck_assert_int_eq(ledger_of(rig, 'a').state, STATUS_SUCCESS);
}
