#include "tests/support/grouping.h"

#include <check.h>

struct event group_event(const char *action, char commit, const char *ref)
{
	return (struct event){
		.kind = EVENT_MERGE_GROUP,
		.name = TEXT_LIT("merge_group"),
		.action = text_of(action),
		.repo = PIPE_REPO,
		.repo_name = TEXT_LIT("acme/engine"),
		.change = {.head = sha_of(commit), .base_ref = TEXT_LIT("main"), .updated_at = WHEN_UNKNOWN},
		.ref = text_of(ref),
		.review.submitted_at = WHEN_UNKNOWN,
		.status.created_at = WHEN_UNKNOWN,
		.pushed_at = WHEN_UNKNOWN};
}

struct event asked(char commit)
{
	return group_event("checks_requested", commit, commit == 'e' ? QUEUE "e" : QUEUE "f");
}

struct event destroyed(char commit, const char *reason)
{
	struct event event = group_event("destroyed", commit, commit == 'e' ? QUEUE "e" : QUEUE "f");

	event.status.state = text_of(reason);
	return event;
}

bool compose(struct pipe_rig *rig, const struct claim *claim, const char *heads, struct constituent_claim *ret)
{
	struct oid shas[4];
	struct composition in = {claim, shas, strlen(heads)};
	struct err err = ERR_NONE;
	bool ok;

	for (size_t i = 0; heads[i]; i++)
		shas[i] = sha_of(heads[i]);
	ok = store_compose(&rig->store, &in, ret, &rig->arena, &err);
	ck_assert_msg(ok || err.code == ERR_RETRY, "%s", err.text);
	return ok;
}

/* Judges the group's commit allowed, of these heads; the forge knows it. */
void allow_group(struct pipe_rig *rig, char commit, const char *heads)
{
	struct constituent_claim of[4];
	struct claim claim;

	tell(rig, asked(commit));
	claim = claim_of(rig, commit);
	ck_assert_uint_eq(claim.n_bases, 1);
	ck_assert(compose(rig, &claim, heads, of));
	ck_assert_int_eq(conclude_as(rig, &claim, DECISION_ALLOWED), CONCLUDED);
	drain(rig);
	ck_assert_int_eq(ledger_of(rig, commit).state, STATUS_SUCCESS);
}

void judge_all(struct pipe_rig *rig)
{
	struct claim claim;

	while (try_claim(rig, &claim))
		conclude_as(rig, &claim, DECISION_ALLOWED);
	drain(rig);
}

void open_two(struct pipe_rig *rig, int backend)
{
	pipe_open(rig, backend);
	tell(rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	tell(rig, change_event(CHANGE_OPENED, 2, 'b', 1));
	judge_all(rig);
}

struct event pushed(void)
{
	return push_to_change(1, 'a', 'c', 9);
}

struct event dismissed(void)
{
	return review_event(REVIEW_DISMISSED, 9, REVIEW_STATE_DISMISSED, 'a');
}

struct event base_pushed(void)
{
	struct event event = review_event(REVIEW_SUBMITTED, 10, REVIEW_APPROVED, 'a');

	event.kind = EVENT_PUSH;
	event.change.number = 0;
	event.ref = TEXT_LIT("refs/heads/main");
	event.after = sha_of('d');
	return event;
}

/* Nothing happens there any more, whatever happens to who was in it. */
void is_over(struct pipe_rig *rig, char commit)
{
	struct claim claim;

	judge_all(rig);
	tell(rig, dismissed());
	tell(rig, pushed());
	tell(rig, base_pushed());
	ck_assert_int_eq(subject_of(rig, commit).due, 0);
	ck_assert_int_eq(slot_of(rig, commit).due, 0);
	tell(rig, asked(commit)); /* late */
	ck_assert_int_eq(subject_of(rig, commit).due, 0);
	while (try_claim(rig, &claim)) {
		ck_assert_str_ne(claim.sha.hex, sha_of(commit).hex);
		conclude_as(rig, &claim, DECISION_BLOCKED);
	}
}
