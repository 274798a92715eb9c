/* Events of the merge queue, and what revokes a constituent's head (groups.h says what all of it means). */
#include "agent/store/apply.h"

#include "agent/store/groups.h"

/* ---- a head is revoked ---- */

struct revoking {
	struct text text;
};

static bool revoke_one(void *context, struct step *step, const struct row_constituent *row)
{
	struct revoking *revoking = context;
	struct slot_wish wish = {.repo = row->repo,
				 .sha = row->sha,
				 .state = STATUS_FAILURE,
				 .text = revoking->text,
				 .kind = SLOT_REVOCATION};

	return subject_raise(step, row->repo, &row->sha, true) && slots_revoke(step, &wish);
}

/* What the head's status says, without the word that it begins with. */
static struct text without_verb(struct text text)
{
	static const char *const verbs[] = {"Revoked: ", "Blocked: "};

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (text_starts(text, text_of(verbs[i])))
			return (struct text){text.at + strlen(verbs[i]), text.len - strlen(verbs[i])};
	return text;
}

bool revoke_groups(struct applying *a, const struct oid *head, struct text text)
{
	const struct row_constituent key = {.repo = a->event->repo, .head = *head};
	struct revoking revoking;

	revoking.text = arena_printf(a->step->arena, "Revoked by #%lld: %.*s", (long long)a->event->change.number,
				     TEXT_ARG(without_verb(text)));
	if (a->event->change.number == 0) /* told of the commit alone */
		revoking.text = arena_printf(a->step->arena, "Revoked by %.*s: %.*s", TEXT_ARG(oid_short(head)),
					     TEXT_ARG(without_verb(text)));
	return groups_each(a->step, &key, &(struct groups_visit){revoke_one, &revoking});
}

/* ---- the queue's own events ---- */

static bool begins(struct applying *a, struct row_merge_group *group, bool found)
{
	group->base_ref = a->event->change.base_ref;
	if (found)
		return subject_raise(a->step, group->repo, &group->sha, true);
	return step_put(a->step, &table_merge_group, group) &&
	       announce(a, &group->sha, &OID_NONE, TEXT_LIT("Revoked: a merge group has this commit now, too"));
}

/* Whoever judges it now is too late, and nothing is owed. */
static bool let_go(struct step *step, int64_t repo, const struct oid *sha)
{
	struct row_subject subject = {.repo = repo, .sha = *sha};
	bool found;

	if (!step_find(step, &table_subject, &subject, &found) || !found)
		return step->err->code == ERR_OK;
	subject.fence++;
	subject.judged = subject.wanted;
	subject.due = 0;
	subject.owner = TEXT_EMPTY;
	subject.lease_until = 0;
	subject.attempts = 0;
	return step_put(step, &table_subject, &subject);
}

/* Nothing of the queue asks for it any more. */
static bool last_ends(struct applying *a, const struct row_merge_group *group, enum group_end how)
{
	enum tri another;

	if (!heads_another(a, &group->sha, 0, &another) ||
	    !(another != TRI_NO ? subject_raise(a->step, group->repo, &group->sha, false)
				: let_go(a->step, group->repo, &group->sha)))
		return false;
	if (how == GROUP_LANDED)
		return slots_settle(a->step, group->repo, &group->sha);
	return groups_take_back(a->step, group->repo, &group->sha, SLOT_REVOCATION);
}

static bool ends(struct applying *a, struct row_merge_group *group, bool found)
{
	enum group_end how = text_is(a->event->status.state, "merged") ? GROUP_LANDED : GROUP_GONE;
	bool left;

	group->base_ref = a->event->change.base_ref;
	if (!groups_end(a->step, group, how, &left))
		return false;
	if (left) /* less is asked of it now */
		return subject_raise(a->step, group->repo, &group->sha, false);
	return !found || last_ends(a, group, how);
}

bool apply_group(struct applying *a)
{
	struct row_merge_group group = {.repo = a->event->repo, .sha = a->event->change.head, .ref = a->event->ref};
	bool found;

	if (!step_find(a->step, &table_merge_group, &group, &found))
		return false;
	if (group.ended != GROUP_LIVES)
		return true;
	if (text_is(a->event->action, "destroyed"))
		return ends(a, &group, found);
	return !text_is(a->event->action, "checks_requested") || begins(a, &group, found);
}
