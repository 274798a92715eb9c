#include "tests/sim/talk.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store/migrations.h"
#include "tests/support/pipe.h"
#include "webhooks/event_json.h"

static const char heads[TALK_HEADS + 1] = "123456789abc";

char talk_head(size_t i)
{
	return heads[i];
}

size_t talk_place(const struct oid *oid)
{
	return (size_t)(strchr(heads, oid->hex[0]) - heads);
}

struct oid talk_oid(char head)
{
	return sha_of(head);
}

struct text talk_guid(size_t event, struct arena *arena)
{
	return arena_printf(arena, "delivery-%zu", event);
}

/* ---- the process ---- */

static bool tell_returned(struct talk *talk, bool ok, const struct err *err)
{
	if (talk->returned)
		talk->returned(talk->context, ok ? NULL : err);
	return ok;
}

static bool talk_write(void *self, store_job *job, void *arg, struct err *err)
{
	struct talk *talk = self;

	return tell_returned(talk, talk->inner.write(talk->inner.self, job, arg, err), err);
}

static bool talk_read(void *self, store_job *job, void *arg, struct err *err)
{
	struct talk *talk = self;

	return talk->inner.read(talk->inner.self, job, arg, err);
}

bool talk_open(struct talk *talk, struct err *err)
{
	struct sqlite_file_at at = {"headgate.db", false, disk_name(talk->disk)};
	struct exec_committer_config config = {&talk->writer, &talk->reader, 5000, (size_t)16 << 20, NULL, NULL};

	talk->open = true;
	if (!rows_sqlite_open_at(&at, &store_migrations, &talk->writer, err))
		return false;
	at.read_only = true;
	if (talk->port == TALK_COMMITTER && !rows_sqlite_open_at(&at, &store_migrations, &talk->reader, err))
		return false;
	if (talk->port == TALK_COMMITTER)
		talk->committer = exec_committer_start(&config, err);
	else
		talk->direct = exec_direct_new(&talk->writer);
	if (!talk->committer && !talk->direct)
		return false;
	talk->inner = talk->direct ? exec_direct_port(talk->direct) : exec_committer_port(talk->committer);
	talk->store = (struct store){
		{talk, talk_write, talk_read, NULL}, STORE_LIMITS_DEFAULT, TEXT_LIT("policy/merge-allowed")};
	return true;
}

bool talk_start(struct talk *talk, struct err *err)
{
	return talk_open(talk, err) && store_end_leases(&talk->store, err);
}

void talk_close(struct talk *talk)
{
	if (!talk->open)
		return;
	exec_committer_stop(talk->committer);
	exec_direct_free(talk->direct);
	rows_close(&talk->reader);
	rows_close(&talk->writer);
	talk->committer = NULL;
	talk->direct = NULL;
	talk->open = false;
}

/* ---- deliveries ---- */

static struct event event_of(const struct told_event *told)
{
	static const enum change_action actions[] = {
		[TOLD_OPENED] = CHANGE_OPENED, [TOLD_PUSHED] = CHANGE_SYNCHRONIZE, [TOLD_DRAFT] = CHANGE_DRAFT,
		[TOLD_READY] = CHANGE_READY,   [TOLD_CLOSED] = CHANGE_CLOSED,      [TOLD_REOPENED] = CHANGE_REOPENED};
	struct event event;

	if (told->kind == TOLD_PUSHED)
		return push_to_change(told->number, told->before, told->head, told->at);
	if (told->kind == TOLD_APPROVED)
		event = review_event(REVIEW_SUBMITTED, told->review, REVIEW_APPROVED, told->head);
	else if (told->kind == TOLD_DISMISSED)
		event = review_event(REVIEW_DISMISSED, told->review, REVIEW_STATE_DISMISSED, told->head);
	else
		return change_event(actions[told->kind], told->number, told->head, told->at);
	event.change.number = told->number;
	event.change.updated_at = event.review.submitted_at = told->at * 1000;
	return event;
}

static struct append append_of(const struct past *past, size_t i, struct arena *arena)
{
	struct event event = event_of(&past->events[i]);

	return (struct append){.guid = talk_guid(i, arena),
			       .source = TEXT_LIT("github"),
			       .event = event.name,
			       .repo = event.repo,
			       .received_at = past->now,
			       .state = JOURNAL_WAITING,
			       .facts = event_encode(&event, arena)};
}

static bool deliver(struct talk *talk, size_t i, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct append append = append_of(&talk->past, i, &arena);

	if (!store_append(&talk->store, &append, err))
		return false;
	if (talk->past.events[i].acked && !append.duplicate)
		return err_set(err, ERR_INVALID, "delivery-%zu was answered 202 and is not known", i);
	talk->past.events[i].acked = true;
	return true;
}

bool talk_redeliver(struct talk *talk, struct err *err)
{
	for (size_t i = 0; i < talk->past.n_events; i++)
		if ((!talk->past.events[i].acked || dice_roll(&talk->dice, 4) == 0) && !deliver(talk, i, err))
			return false;
	return true;
}

#define BATCH 5

struct queued {
	struct store_later later; /* first: done gets it back */
	struct append append;
	struct told_event *told;
	sem_t *done;
	struct err outcome;
};

static void note_queued(struct store_later *later, const struct err *err)
{
	struct queued *queued = (struct queued *)later;

	queued->outcome = *err;
	queued->told->acked = err->code == ERR_OK;
	(void)sem_post(queued->done);
}

struct gate { /* a job that keeps the committer until the batch behind it has queued */
	struct store_later later;
	sem_t entered, leave, done;
};

static bool wait_at_gate(struct rows *rows, void *arg, struct err *err)
{
	struct gate *gate = arg;

	(void)rows;
	(void)err;
	(void)sem_post(&gate->entered);
	(void)sem_wait(&gate->leave);
	return true;
}

static void leave_gate(struct store_later *later, const struct err *err)
{
	(void)err;
	(void)sem_post(&((struct gate *)later)->done);
}

/* All of them in one commit, whatever the threads do. False: the committer refuses work. */
static bool run_batch(struct talk *talk, struct queued *queued, size_t n, struct err *err)
{
	struct gate gate = {.later = {wait_at_gate, &gate, 1, leave_gate, NULL}};
	size_t taken = 0;
	sem_t done;

	(void)sem_init(&gate.entered, 0, 0);
	(void)sem_init(&gate.leave, 0, 0);
	(void)sem_init(&gate.done, 0, 0);
	(void)sem_init(&done, 0, 0);
	if (!talk->inner.write_later(talk->inner.self, &gate.later, err))
		return false;
	/* A gate whose transaction cannot begin is done without being entered. */
	while (sem_trywait(&gate.entered) != 0 && sem_trywait(&gate.done) != 0)
		;
	for (; taken < n; taken++) {
		queued[taken].done = &done;
		if (!talk->inner.write_later(talk->inner.self, &queued[taken].later, err))
			break;
	}
	(void)sem_post(&gate.leave);
	for (size_t i = 0; i < taken; i++)
		(void)sem_wait(&done);
	return taken == n;
}

/* The newest n events, together. */
static bool deliver_batch(struct talk *talk, size_t n, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct queued queued[BATCH];
	bool ok;

	memset(queued, 0, sizeof queued);
	for (size_t i = 0; i < n; i++) {
		size_t at = talk->past.n_events - n + i;

		queued[i].append = append_of(&talk->past, at, &arena);
		queued[i].told = &talk->past.events[at];
		queued[i].later = (struct store_later){store_append_job, &queued[i].append, 500, note_queued, NULL};
	}
	ok = run_batch(talk, queued, n, err);
	for (size_t i = 0; ok && i < n; i++)
		if (queued[i].outcome.code != ERR_OK) {
			*err = queued[i].outcome;
			ok = false;
		}
	return tell_returned(talk, ok, err);
}

/* ---- people ---- */

static bool pick_kind(struct talk *talk, const struct told_change *change, enum told_kind *ret)
{
	enum told_kind kind = 1 + (enum told_kind)dice_roll(&talk->dice, TOLD_REOPENED);

	*ret = change->exists ? kind : TOLD_OPENED;
	if (!change->exists)
		return true;
	if (!change->open)
		return kind == TOLD_REOPENED;
	return (kind != TOLD_READY || change->draft) && (kind != TOLD_DRAFT || !change->draft) &&
	       (kind != TOLD_DISMISSED || change->approved) && (kind != TOLD_APPROVED || !change->approved) &&
	       kind != TOLD_REOPENED && (kind != TOLD_CLOSED || dice_roll(&talk->dice, 4) == 0);
}

static void happen(struct talk *talk, struct told_change *change, struct told_event *event)
{
	size_t number = (size_t)event->number - 1;
	size_t first = number * (TALK_HEADS / TALK_CHANGES);

	event->before = change->head;
	if (event->kind == TOLD_OPENED)
		*change = (struct told_change){.head = talk_head(first), .exists = true, .open = true};
	if (event->kind == TOLD_PUSHED) {
		do
			change->head = talk_head(first + dice_roll(&talk->dice, TALK_HEADS / TALK_CHANGES));
		while (change->head == event->before);
		change->approved = false;
	}
	if (event->kind == TOLD_APPROVED) {
		change->approved = true;
		change->review = event->at;
	}
	if (event->kind == TOLD_DISMISSED)
		change->approved = false;
	if (event->kind == TOLD_DRAFT || event->kind == TOLD_READY)
		change->draft = event->kind == TOLD_DRAFT;
	if (event->kind == TOLD_CLOSED || event->kind == TOLD_REOPENED)
		change->open = event->kind == TOLD_REOPENED;
	event->head = change->head;
	event->review = change->review;
}

/* False: nobody can do anything just now. */
static bool people(struct talk *talk)
{
	struct past *past = &talk->past;
	size_t number = dice_roll(&talk->dice, TALK_CHANGES);
	enum told_kind kind;

	if (talk->still || past->n_events == TALK_EVENTS || !pick_kind(talk, &past->changes[number], &kind))
		return false;
	past->events[past->n_events] =
		(struct told_event){.kind = kind, .number = (int64_t)number + 1, .at = ++past->forge_seconds};
	happen(talk, &past->changes[number], &past->events[past->n_events]);
	past->n_events++;
	return true;
}

enum status_state talk_truth(const struct past *past, char head)
{
	for (size_t i = 0; i < TALK_CHANGES; i++) {
		const struct told_change *change = &past->changes[i];

		if (!change->exists || !change->open || change->head != head)
			continue;
		if (change->draft)
			return STATUS_FAILURE;
		return change->approved ? STATUS_SUCCESS : STATUS_PENDING;
	}
	return STATUS_UNKNOWN;
}

/* ---- workers ---- */

bool talk_apply(struct talk *talk, bool *ret, struct err *err)
{
	struct applied applied;

	if (!store_apply(&talk->store, talk->past.now, 20, &applied, err))
		return false;
	*ret = applied.rows > 0;
	return applied.broken == 0 || err_set(err, ERR_INVALID, "%zu rows of the journal are damaged", applied.broken);
}

static bool nothing(struct err *err, bool *ret)
{
	*ret = false;
	if (err->code != ERR_GONE)
		return false;
	*err = ERR_NONE;
	return true;
}

static bool news(struct talk *talk, struct err *err)
{
	return dice_roll(&talk->dice, 5) > 0 || !people(talk) || deliver(talk, talk->past.n_events - 1, err);
}

static bool conclude(struct talk *talk, const struct claim *claim, enum status_state truth, struct err *err)
{
	static const enum decision decisions[] = {[STATUS_UNKNOWN] = DECISION_BLOCKED,
						  [STATUS_FAILURE] = DECISION_BLOCKED,
						  [STATUS_PENDING] = DECISION_WAITING,
						  [STATUS_SUCCESS] = DECISION_ALLOWED};
	enum decision decision = decisions[truth];
	struct text text = text_of(decision_name(decision));
	struct verdict verdict = {
		.decision = decision, .state = decision_state(decision), .text = text, .public_text = text};
	struct conclusion in = {.claim = claim,
				.verdict = &verdict,
				.rules_json = TEXT_LIT("[]"),
				.facts_json = TEXT_LIT("{\"changes\":[]}"),
				.counted = TEXT_LIT(",22,"),
				.no_change = truth == STATUS_UNKNOWN,
				.now = talk->past.now};
	enum concluded outcome;
	int64_t id;

	if (!store_conclude(&talk->store, &in, &outcome, &id, err))
		return false;
	if (outcome == CONCLUDED && id > talk->past.verdicts)
		talk->past.verdicts = id;
	return true;
}

bool talk_judge(struct talk *talk, bool *ret, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {"judge", talk->past.now, &arena};
	enum status_state truth;
	struct claim claim;
	int64_t next_at;

	if (!store_claim(&talk->store, &taker, &claim, &next_at, err))
		return nothing(err, ret);
	*ret = true;
	truth = talk_truth(&talk->past, claim.sha.hex[0]);
	if (!news(talk, err))
		return false;
	if (dice_roll(&talk->dice, 12) == 0)
		return store_defer(&talk->store, &claim, talk->past.now + 1000, err);
	return conclude(talk, &claim, truth, err);
}

static void accept_status(struct past *past, const struct post *post)
{
	struct forge_head *head = &past->forge[talk_place(&post->sha)];

	head->state = post->state;
	(void)snprintf(head->text, sizeof head->text, "%.*s", TEXT_ARG(post->text));
	head->id = ++past->last_status;
	head->count++;
}

bool talk_post(struct talk *talk, bool *ret, struct err *err)
{
	static const struct {
		enum post_outcome outcome;
		bool arrives;
	} ends[] = {{POST_NOT_SENT, false}, {POST_UNANSWERED, false}, {POST_UNANSWERED, true}};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {"post", talk->past.now, &arena};
	struct post_result result = {POST_ACCEPTED, 0, 0, talk->past.now};
	uint64_t end = dice_roll(&talk->dice, 15);
	bool arrives = true;
	struct post post;
	int64_t next_at;

	if (!store_take_post(&talk->store, &taker, &post, &next_at, err))
		return nothing(err, ret);
	*ret = true;
	if (end < sizeof ends / sizeof ends[0]) {
		result.outcome = ends[end].outcome;
		arrives = ends[end].arrives;
	}
	if (arrives)
		accept_status(&talk->past, &post);
	if (result.outcome == POST_ACCEPTED)
		result.forge_status_id = talk->past.last_status;
	return news(talk, err) && store_posted(&talk->store, &post, &result, err);
}

bool talk_settle(struct talk *talk, bool *ret, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {"post", talk->past.now, &arena};
	const struct forge_head *head;
	struct reread seen;
	struct doubt doubt;
	int64_t next_at;

	if (!store_take_doubt(&talk->store, &taker, &doubt, &next_at, err))
		return nothing(err, ret);
	*ret = true;
	if (dice_roll(&talk->dice, 8) == 0)
		return store_defer_doubt(&talk->store, &doubt, talk->past.now + 2000, err);
	head = &talk->past.forge[talk_place(&doubt.sha)];
	seen = (struct reread){head->state, text_of(head->text), head->id, head->count};
	return news(talk, err) && store_settle_doubt(&talk->store, &doubt, &seen, err);
}

/* ---- acts ---- */

static bool act_tell(struct talk *talk, struct err *err)
{
	size_t n = 0, wanted = 1 + dice_roll(&talk->dice, BATCH);

	for (int tries = 0; tries < 20 && n < wanted; tries++)
		n += people(talk);
	if (talk->committer && n > 0)
		return deliver_batch(talk, n, err);
	for (; n > 0; n--)
		if (!deliver(talk, talk->past.n_events - n, err))
			return false;
	return true;
}

static bool act_redeliver(struct talk *talk, struct err *err)
{
	return talk_redeliver(talk, err);
}

static bool act_apply(struct talk *talk, struct err *err)
{
	bool did;

	return talk_apply(talk, &did, err);
}

static bool act_judge(struct talk *talk, struct err *err)
{
	bool did;

	return talk_judge(talk, &did, err);
}

static bool act_post(struct talk *talk, struct err *err)
{
	bool did;

	return talk_post(talk, &did, err);
}

static bool act_settle(struct talk *talk, struct err *err)
{
	bool did;

	talk->past.now += 31000;
	return talk_settle(talk, &did, err);
}

static bool act_wait(struct talk *talk, struct err *err)
{
	(void)err;
	talk->past.now += 1 + (int64_t)dice_roll(&talk->dice, 5000);
	return true;
}

/* A sweep asks for a judgement; a judgement remembers when the forge first showed a head. */
static bool act_want(struct talk *talk, struct err *err)
{
	size_t number = dice_roll(&talk->dice, TALK_CHANGES);
	struct oid sha = talk_oid(talk->past.changes[number].head);
	struct first_shown shown = {{PIPE_REPO, (int64_t)number + 1}, sha, talk->past.now, WHEN_UNKNOWN};
	int64_t first;

	if (!talk->past.changes[number].exists)
		return true;
	return store_want(&talk->store, PIPE_REPO, &sha, true, err) &&
	       store_first_shown(&talk->store, &shown, &first, err);
}

/* Something of the disk is about to go wrong. */
static bool act_trouble(struct talk *talk, struct err *err)
{
	static const struct {
		enum disk_act act;
		enum disk_fault fault;
	} faults[] = {{DISK_WRITE, DISK_EIO},  {DISK_WRITE, DISK_ENOSPC}, {DISK_WRITE, DISK_SHORT},
		      {DISK_SYNC, DISK_EIO},   {DISK_SYNC, DISK_EIO},     {DISK_READ, DISK_EIO},
		      {DISK_READ, DISK_SHORT}, {DISK_DELETE, DISK_EIO},   {DISK_TRUNCATE, DISK_EIO}};
	uint64_t which = dice_roll(&talk->dice, sizeof faults / sizeof faults[0] + 2);

	(void)err;
	if (!talk->troubled)
		return true;
	if (which == 0)
		disk_busy(talk->disk, 40 + dice_roll(&talk->dice, 100));
	else if (which == 1)
		disk_space(talk->disk, disk_used(talk->disk) + dice_roll(&talk->dice, 60000));
	else
		disk_fail(talk->disk, faults[which - 2].act, 1 + dice_roll(&talk->dice, 12), faults[which - 2].fault);
	return true;
}

static bool act_relief(struct talk *talk, struct err *err)
{
	(void)err;
	disk_space(talk->disk, 0);
	disk_busy(talk->disk, 0);
	return true;
}

static bool stop_in_order(struct talk *talk, struct err *err)
{
	(void)err;
	talk_close(talk);
	return true;
}

static bool stop_killed(struct talk *talk, struct err *err)
{
	(void)err;
	disk_crash(talk->disk);
	talk_close(talk);
	return true;
}

static bool stop_dark(struct talk *talk, struct err *err)
{
	(void)err;
	disk_cut(talk->disk, dice_roll(&talk->dice, UINT64_MAX));
	talk_close(talk);
	return true;
}

static const struct {
	bool (*act)(struct talk *talk, struct err *err);
	uint64_t weight;
} acts[] = {
	{act_tell, 20},     {act_apply, 20},  {act_judge, 26},  {act_post, 26},  {act_settle, 5},
	{act_wait, 4},      {act_want, 3},    {act_trouble, 4}, {act_relief, 4}, {act_redeliver, 2},
	{stop_in_order, 1}, {stop_killed, 2}, {stop_dark, 1},
};
#define ACTS (sizeof acts / sizeof acts[0])

enum talk_outcome talk_act(struct talk *talk)
{
	uint64_t sum = 0, roll;
	size_t i = 0;

	for (size_t k = 0; k < ACTS; k++)
		sum += acts[k].weight;
	for (roll = dice_roll(&talk->dice, sum); roll >= acts[i].weight; i++)
		roll -= acts[i].weight;
	talk->err = ERR_NONE;
	if (!acts[i].act(talk, &talk->err))
		return talk->err.code == ERR_LIMIT || talk->err.code == ERR_RETRY ? TALK_FAILED : TALK_STOPPED;
	return talk->open ? TALK_DONE : TALK_RESTARTED;
}
