/*
 * view: what is stored about one commit, read once and made ready to be shown: by the page, the JSON and the text.
 * For the public only what was announced is read (agent/store/announced.h), and the function that makes the public view
 * runs over that once more. Everything is owned by the arena handed in. Reads only.
 */
#ifndef AGENT_WEB_VIEW_H
#define AGENT_WEB_VIEW_H

#include "agent/web/rules_read.h"
#include "agent/web/web.h"

enum commit_view { COMMIT_PUBLIC = 0, COMMIT_OPERATOR };

enum view_event { VIEW_NONE = 0, VIEW_FIRST_LOOK, VIEW_SUPERSEDED };

/* What holds now: the newest verdict, or what an event has put in its place since, or that nothing was judged yet. */
struct now {
	enum decision decision;
	enum status_state state;
	struct text text, public_text;
	int64_t made_at;                   /* WHEN_UNKNOWN: not yet */
	const struct row_verdict *verdict; /* the newest; NULL: not judged yet */
	bool by_event;                     /* text is an event's, newer than the verdict */
	enum view_event kind;
};

struct view_context { /* another status than the server's own */
	struct text name;
	struct now now;
	const struct row_ledger *ledger;
};

struct view {
	struct text context; /* of the status */
	const struct view_context *contexts;
	size_t n_contexts;
	struct oid sha;
	struct shown shown;
	struct now now;
	int64_t number;                /* asked for by the number of a change; 0: by commit */
	int64_t bug_age_ms;            /* of the configuration (store_limits), not of what was read for this commit */
	struct verdict verdict;        /* the newest one, with its rules; zeroed when there is none */
	struct verdict public_verdict; /* as the public may see it */
};

struct change_named {
	struct text repo; /* "owner/name" */
	int64_t number;
};

struct viewing {
	const struct store *store;
	enum commit_view who; /* for whom is read: what is for the public holds nothing else */
	struct arena *arena;
};

/* ERR_GONE: nothing is known of the commit, or of the change. */
bool view_commit(const struct viewing *viewing, const struct commit_key *key, struct view *ret, struct err *err);
bool view_change(const struct viewing *viewing, const struct change_named *key, struct view *ret, struct err *err);

/* What is seen of view->sha and view->shown, which are given: the rest of *view. */
void view_make(struct text context, struct arena *arena, struct view *view);

/* The posted status: when it was sent (WHEN_UNKNOWN: nothing is known to be posted), and whether the last one is
 * unanswered. */
int64_t view_posted_at(const struct view *view);
bool view_in_doubt(const struct view *view);

/* How old what is known of a bug may be where it counts: the same words about every commit, whatever it names, so that
 * they tell nothing of bugs. Empty where each is read every time. */
struct text view_bug_age(const struct view *view, struct arena *arena);

/* A verdict row as a value, its rules decoded by one of rules_read.h. False: the stored rules are not what was written;
 * no rules are set. */
bool view_verdict(const struct row_verdict *row, rules_reader *read, struct arena *arena, struct verdict *ret);

#endif
