/* People and their deliveries: what happened, and how the store is told of it. */
#include <semaphore.h>
#include <string.h>

#include "tests/sim/talk_inner.h"
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
bool talk_people(struct talk *talk)
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

bool talk_deliver(struct talk *talk, size_t i, struct err *err)
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
		if ((!talk->past.events[i].acked || dice_roll(&talk->dice, 4) == 0) && !talk_deliver(talk, i, err))
			return false;
	return true;
}

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

struct keeper { /* a job that keeps the committer until the batch behind it has queued */
	struct store_later later;
	sem_t entered, leave;
	struct err outcome;
	bool in;
};

static bool wait_at_gate(struct rows *rows, void *arg, struct err *err)
{
	struct keeper *gate = arg;

	(void)rows;
	(void)err;
	gate->in = true;
	(void)sem_post(&gate->entered);
	(void)sem_wait(&gate->leave);
	return true;
}

/* One whose transaction could not begin is done without having been entered. */
static void leave_gate(struct store_later *later, const struct err *err)
{
	struct keeper *gate = (struct keeper *)later;

	gate->outcome = *err;
	(void)sem_post(&gate->entered);
}

/* All of them in one commit, whatever the threads do. False: the committer refuses work. */
static bool run_batch(struct talk *talk, struct queued *queued, size_t n, struct err *err)
{
	struct keeper gate = {.later = {wait_at_gate, &gate, 1, leave_gate, NULL}};
	size_t taken = 0;
	sem_t done;

	(void)sem_init(&gate.entered, 0, 0);
	(void)sem_init(&gate.leave, 0, 0);
	(void)sem_init(&done, 0, 0);
	if (!talk->inner.write_later(talk->inner.self, &gate.later, err))
		return false;
	(void)sem_wait(&gate.entered);
	if (!gate.in) {
		*err = gate.outcome;
		return false;
	}
	for (; taken < n; taken++) {
		queued[taken].done = &done;
		if (!talk->inner.write_later(talk->inner.self, &queued[taken].later, err))
			break;
	}
	(void)sem_post(&gate.leave);
	(void)sem_wait(&gate.entered); /* its end */
	for (size_t i = 0; i < taken; i++)
		(void)sem_wait(&done);
	return taken == n;
}

/* The newest n events, together. */
bool talk_deliver_batch(struct talk *talk, size_t n, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct queued queued[TALK_BATCH];
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
	return talk_tell(talk, ok, err);
}
