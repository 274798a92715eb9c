/*
 * watches: whose words a verdict asked for among other tools' statuses, check runs and workflow runs and what people
 * say in comments and texts of reviews, and what events told of such since. Two texts of a subject's row, a line each:
 *
 *   watches  "h s ! NAME"                 asked of the commit itself (h) or of a merge group's constituents (p); of a
 *                                         status, check run, workflow or comment (s, k, w, c); "!": such a word can
 * take a success back, ".": it cannot, or the rule only warns heard    "h s FENCE ID AT STATE NAME" what events told of
 * the last FLOOR_LAG_MS, or since the claim of that fence
 *
 * More than WATCHES_BYTES, or a name that fits into no line, is everything: too much is watched and heard then, never
 * too little. Values only; results are in the arena. Private to agent/, for the store and for who concludes.
 */
#ifndef AGENT_STORE_WATCHES_H
#define AGENT_STORE_WATCHES_H

#include "policy/arena.h"
#include "policy/facts.h"

#define WATCHES_BYTES 4096

/* Beside the kinds of outcomes: what people say. Its names are no tool's: what was said, and what was edited or deleted
 * since. */
#define WATCH_TALK  OUTCOME_KINDS
#define TALK_SAID   "said"
#define TALK_UNSAID "unsaid"
/* The states of what was heard of it: which number the id is, and what became of it. */
#define TALK_COMMENT         "comment"
#define TALK_COMMENT_EDITED  "comment_edited"
#define TALK_COMMENT_DELETED "comment_deleted"
#define TALK_REVIEW          "review"
#define TALK_REVIEW_EDITED   "review_edited"
#define TALK_QUEUE           "queue" /* the forge's own; the id is a time */

enum watch_scope { WATCH_HEAD = 'h', WATCH_PARTS = 'p', WATCH_EVERYTHING = '*' };

struct watch {
	enum watch_scope scope;
	enum outcome_kind kind;
	bool weighs;
	struct text name;
};
struct text watches_write(const struct watch *at, size_t n, struct arena *arena);

enum watched { WATCHED_NOT = 0, WATCHED_SHOWN, WATCHED_WEIGHS };
/* watch->weighs is no part of the question; without a name (an older forge tells no path of a run) any is meant. */
enum watched watches_ask(struct text watches, const struct watch *watch);

struct heard {
	enum watch_scope scope; /* EVERYTHING: more than could be kept; then of the rest fence and at alone are set */
	enum outcome_kind kind;
	int64_t fence, id, at; /* ours; at: when it was applied */
	struct text state, name;
};
/* Of one run or status the newest word is kept; what is older than FLOOR_LAG_MS and not of this fence is left out. */
struct text heard_add(struct text all, const struct heard *news, struct arena *arena);
bool heard_next(struct text *rest, struct heard *ret); /* false: that was all */

/* Was anything told since the claim of that fence that a verdict with these watches should have known? */
bool heard_concerns(struct text all, int64_t fence, struct text watches);

/* Names are compared as far as events carry them. */
bool watch_same_name(struct text a, struct text b);

#endif
