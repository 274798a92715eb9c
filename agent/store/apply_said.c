/*
 * What people say in comments, and in the texts of reviews. Only where the newest verdict of the head asked for such
 * words (watches.h) is one of any account. What was said can approve, or object where the policy lets comments do that;
 * what was edited or deleted since may have been counted.
 *
 * Whoever could not count takes no success back and has nothing posted, however much he says: his word is worth one
 * more look, so that somebody whom a policy names without any right is heard, too.
 */
#include "agent/store/apply.h"

struct talk {
	const char *action; /* as sent */
	const char *name, *state;
};

static const struct talk of_comments[] = {{"created", TALK_SAID, TALK_COMMENT},
					  {"edited", TALK_UNSAID, TALK_COMMENT_EDITED},
					  {"deleted", TALK_UNSAID, TALK_COMMENT_DELETED},
					  {NULL, NULL, NULL}};

/* What takes back weighs where comments can only approve, too. */
static const struct talk taking_back = {"created", TALK_UNSAID, TALK_COMMENT};

static const struct talk of_reviews[] = {
	{"submitted", TALK_SAID, TALK_REVIEW}, {"edited", TALK_UNSAID, TALK_REVIEW_EDITED}, {NULL, NULL, NULL}};

static const struct talk *talk_of(const struct talk *rows, struct text action)
{
	for (; rows->action; rows++)
		if (text_is(action, rows->action))
			return rows;
	return NULL;
}

/* Who wrote it, whoever edited or deleted it: whose word it is decides what it weighs. */
static bool listen(struct applying *a, const struct talk *talk, int64_t id, const struct speaker *who,
		   const struct oid *head)
{
	struct news news = {
		.heard = {.kind = WATCH_TALK, .id = id, .state = text_of(talk->state), .name = text_of(talk->name)},
		.sha = *head,
		.weakens = true,
		.text = "Revoked: what was said in a comment or review has news",
	};
	bool may;

	if (!could_count(a, who, head, &may))
		return false;
	news.faint = !may;
	return hear(a, &news);
}

static struct speaker writer(const struct event *event)
{
	int64_t user = event->comment.user.id != 0 ? event->comment.user.id : event->sender.id;

	return (struct speaker){event->comment.association, user};
}

bool apply_comment(struct applying *a)
{
	const struct event *event = a->event;
	const struct talk *talk = talk_of(of_comments, event->action);
	struct row_change change = {.repo = event->repo, .number = event->change.number};
	struct speaker who = writer(event);
	bool found, back = false;

	if (!step_find(a->step, &table_change, &change, &found))
		return false;
	if (!found || change.open == TRI_NO || !talk)
		return true;
	if (text_is(event->action, "created") && !keep_orders(a, &change, &back))
		return false;
	/* An edited comment asks for no recheck: whoever may edit it need not be who wrote it. */
	if (text_is(event->action, "created") && !recheck_asked(a, &change))
		return false;
	return listen(a, back ? &taking_back : talk, event->comment.id, &who, &change.head);
}

bool apply_texts(struct applying *a)
{
	const struct event *event = a->event;
	const struct talk *talk = talk_of(of_reviews, event->action);
	struct speaker who = {event->review.association, event->review.user.id};

	if (!talk || event->change.open == TRI_NO)
		return true;
	if (event->review_action == REVIEW_SUBMITTED && event->review.state != REVIEW_COMMENTED)
		return true; /* it has asked, and revoked, by what it is */
	return listen(a, talk, event->review.id, &who, &event->change.head);
}
