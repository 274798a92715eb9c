/*
 * What other tools say of a commit: statuses, check runs, workflow runs. Only what the commit's verdict asked for, or
 * that of a merge group built from it, is of any account; what another says while a judgement is owed is noted, so that
 * the judgement knows whether it asked too early (store_conclude.c), and no older answer is believed
 * (gather_outcomes.c). A word other than success can only weaken what was allowed on it: then the success is taken back
 * first.
 */
#include "agent/store/apply.h"

#include "agent/store/groups.h"

struct hearing { /* one word, and who listens */
	const struct news *news;
	enum watched groups; /* the most that a merge group with this head asked for it */
	bool owed;           /* one of them is to be judged */
};

static enum watched asked(const struct row_subject *subject, const struct hearing *hearing, enum watch_scope scope)
{
	const struct heard *heard = &hearing->news->heard;
	bool thread = heard->kind == WATCH_THREADS; /* whichever it is, who watches watches all */

	return watches_ask(subject->watches,
			   &(struct watch){scope, heard->kind, false, thread ? TEXT_EMPTY : heard->name});
}

static bool note(struct step *step, struct row_subject *subject, const struct hearing *hearing, enum watch_scope scope)
{
	struct heard heard = hearing->news->heard;

	heard.scope = scope;
	heard.fence = subject->fence;
	heard.at = step->now;
	subject->heard = heard_add(subject->heard, &heard, step->arena);
	return step_put(step, &table_subject, subject);
}

static bool ask_group(void *context, struct step *step, const struct row_constituent *row)
{
	struct hearing *hearing = context;
	struct row_subject group = {.repo = row->repo, .sha = row->sha};
	enum watched watched;
	bool found;

	if (!step_find(step, &table_subject, &group, &found))
		return false;
	if (!found)
		return true;
	watched = asked(&group, hearing, WATCH_PARTS);
	if (hearing->news->faint)
		return watched == WATCHED_NOT || subject_want_again(step, row->repo, &row->sha);
	hearing->groups = watched > hearing->groups ? watched : hearing->groups;
	hearing->owed = hearing->owed || group.due;
	return !group.due || watched != WATCHED_NOT || note(step, &group, hearing, WATCH_PARTS);
}

/* The head's own verdict asked for it: its groups follow it. */
static bool own_asks(struct applying *a, const struct hearing *hearing, bool revokes)
{
	const struct news *news = hearing->news;
	bool takes = hearing->groups == WATCHED_WEIGHS && news->weakens;

	if (revokes)
		return revoke(a, &news->sha, text_of(news->text));
	return (!takes || revoke_groups(a, &news->sha, text_of(news->text))) &&
	       subject_want(a->step, a->event->repo, &news->sha, false);
}

static bool groups_ask(struct applying *a, const struct hearing *hearing)
{
	const struct news *news = hearing->news;

	if (hearing->groups == WATCHED_NOT)
		return true;
	if (hearing->groups == WATCHED_WEIGHS && news->weakens)
		return revoke_groups(a, &news->sha, text_of(news->text)); /* and asks for their judgements */
	return groups_want(a->step, a->event->repo, &news->sha);
}

/* `own`: what the head's own verdict asked of it. */
static bool hear_own(struct applying *a, struct hearing *hearing, struct row_subject *subject, enum watched own)
{
	bool landed = false;

	if (own == WATCHED_NOT && hearing->groups == WATCHED_NOT && !subject->due && !hearing->owed)
		return true;
	if (!note(a->step, subject, hearing, WATCH_HEAD))
		return false;
	if (own != WATCHED_NOT && !commit_landed(a->step, subject->repo, &subject->sha, &landed))
		return false;
	if (own == WATCHED_NOT || landed)
		return groups_ask(a, hearing);
	return own_asks(a, hearing, own == WATCHED_WEIGHS && hearing->news->weakens);
}

bool hear(struct applying *a, const struct news *news)
{
	struct hearing hearing = {.news = news};
	struct row_subject subject = {.repo = a->event->repo, .sha = news->sha};
	const struct row_constituent key = {.repo = subject.repo, .head = subject.sha};
	enum watched own;
	bool found;

	if (!groups_each(a->step, &key, &(struct groups_visit){ask_group, &hearing}) ||
	    !step_find(a->step, &table_subject, &subject, &found))
		return false;
	if (!found)
		return groups_ask(a, &hearing);
	own = asked(&subject, &hearing, WATCH_HEAD);
	if (news->faint)
		return own == WATCHED_NOT || subject_want_again(a->step, subject.repo, &subject.sha);
	return hear_own(a, &hearing, &subject, own);
}

bool apply_outcome(struct applying *a)
{
	const struct event *event = a->event;
	struct news news = {.heard = {.id = event->status.id, .state = event->status.state},
			    .sha = event->status.sha,
			    .text = "Revoked: a status or check run has news"};

	if (!oid_known(&event->status.sha))
		return true;
	news.heard.kind = event->kind == EVENT_STATUS      ? OUTCOME_STATUS
			  : event->kind == EVENT_CHECK_RUN ? OUTCOME_CHECK
							   : OUTCOME_WORKFLOW;
	news.heard.name = event->status.context;
	if (event->kind == EVENT_WORKFLOW_RUN)
		news.heard.name = workflow_path(event->status.context);
	if (event->status.state.len == 0 || text_is(event->action, "rerequested")) /* what it said is over */
		news.heard.state = TEXT_LIT("pending");
	news.weakens = !text_is(news.heard.state, "success");
	return hear(a, &news);
}

/* A conversation that is resolved, or gone, weakens nothing. Its change's version is told, too. */
bool apply_thread(struct applying *a)
{
	const struct event *event = a->event;
	bool comment = event->comment.id != 0;
	struct news news = {.heard = {.kind = WATCH_THREADS, .id = event->comment.id, .state = event->action},
			    .sha = event->change.head,
			    .weakens = text_is(event->action, "unresolved") || text_is(event->action, "created"),
			    .text = "Revoked: a conversation was opened"};

	news.heard.name = comment || event->status.context.len == 0 ? TEXT_LIT("comment") : event->status.context;
	return raise_floor(a) && keep_change(a) && hear(a, &news);
}
