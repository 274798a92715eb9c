#include "tests/support/forging.h"

#include <check.h>

int64_t forging_id = 5000;

struct event status_by(int64_t creator, int64_t id, const char *state, int64_t at)
{
	struct event event = change_event(CHANGE_OTHER, 0, 'a', 1);

	event.kind = EVENT_STATUS;
	event.status.id = id;
	event.status.sha = sha_of('a');
	event.status.context = TEXT_LIT("Policy/Merge-Allowed");
	event.status.state = text_of(state);
	event.status.creator =
		(struct person){creator, creator == US ? TEXT_LIT("headgate[bot]") : TEXT_LIT("mallory"), PERSON_USER};
	event.status.created_at = at;
	return event;
}

int64_t answered(struct pipe_rig *rig, const struct post *post)
{
	struct err err = ERR_NONE;
	struct post_result result = {.outcome = POST_ACCEPTED,
				     .forge_status_id = ++forging_id,
				     .now = rig->now,
				     .creator = rig->creator,
				     .created_at = rig->now};

	ck_assert(store_posted(&rig->store, post, &result, &err));
	return forging_id;
}

int64_t post_now(struct pipe_rig *rig)
{
	struct post post;

	ck_assert(next_post(rig, &post));
	return answered(rig, &post);
}

int post_all(struct pipe_rig *rig)
{
	struct post post;
	int n = 0;

	for (; next_post(rig, &post); n++) {
		ck_assert_int_lt(n, 100);
		(void)answered(rig, &post);
	}
	return n;
}

struct alarms alarms_of(struct pipe_rig *rig)
{
	struct alarms alarms;
	struct err err = ERR_NONE;

	ck_assert(store_alarms(&rig->store, &alarms, &rig->arena, &err));
	return alarms;
}

int64_t open_of(struct pipe_rig *rig, enum alarm_kind kind)
{
	struct store_counts counts;
	struct err err = ERR_NONE;

	ck_assert(store_counts(&rig->store, &counts, &err));
	return counts.alarms[kind];
}

void forging_open(struct pipe_rig *rig, int backend)
{
	pipe_open(rig, backend);
	rig->creator = US;
	tell(rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	(void)post_now(rig);
	rig->now += LIFE_MS + 10000;
	judge_as(rig, 'a', DECISION_ALLOWED);
	(void)post_now(rig);
	rig->now += 5000;
}

struct reread list_of(struct pipe_rig *rig, const struct listed_status *at, size_t n)
{
	return (struct reread){at[0].state, TEXT_LIT("?"), at[0].id, (int64_t)n, rig->now, at, n};
}

enum looked look_at(struct pipe_rig *rig, const struct listed_status *at, size_t n)
{
	struct sweep_look taken = {.repo = PIPE_REPO,
				   .sha = sha_of('a'),
				   .context = rig->store.context,
				   .known_count = ledger_of(rig, 'a').count};
	struct reread seen = list_of(rig, at, n);
	struct err err = ERR_NONE;
	enum looked outcome;

	ck_assert(store_looked(&rig->store, &taken, &seen, &outcome, &err));
	return outcome;
}

struct listed_status listed_by(int64_t creator, int64_t id, enum status_state state, int64_t at)
{
	return (struct listed_status){id, state, creator, at,
				      creator == US ? TEXT_LIT("headgate[bot]") : TEXT_LIT("mallory")};
}

void is_revoked(struct pipe_rig *rig, const char *word)
{
	struct row_slot slot = slot_of(rig, 'a');

	ck_assert_int_eq(slot.state, STATUS_FAILURE);
	ck_assert_int_eq(slot.kind, SLOT_REVOCATION);
	ck_assert_msg(text_find(slot.text, text_of(word)) != SIZE_MAX, "%.*s", TEXT_ARG(slot.text));
	ck_assert_uint_le(slot.text.len, STATUS_TEXT_MAX);
	ck_assert(slot.due);
	ck_assert_int_eq(subject_of(rig, 'a').due, 1);
}
