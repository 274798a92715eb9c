/*
 * commit_json: one commit as JSON and as lines of text.
 *
 * For the public: only public texts, restricted rules folded, no ids and no hashes (they depend on what is folded),
 * and judgements that changed nothing that is shown are one row of the history. For operators: everything.
 */
#ifndef AGENT_WEB_COMMIT_JSON_H
#define AGENT_WEB_COMMIT_JSON_H

#include "agent/web/view.h"

struct text commit_json(const struct view *view, enum commit_view who, struct arena *arena);
struct text commit_text(const struct view *view, struct arena *arena); /* public */

/* One row of the history as the public may see it. */
struct history_row {
	int64_t made_at;
	enum decision decision;
	struct text text;
};
/* Newest first, without repetitions; owned by the arena. */
const struct history_row *history_public(const struct view *view, struct arena *arena, size_t *ret_n);

/* Since when the public verdict has been what it is; WHEN_UNKNOWN: there is none yet. Not when it was last looked at:
 * that may depend on what is restricted. */
int64_t history_since(const struct view *view, struct arena *arena);

/* The document (an object) with one more member, whose value is JSON already; owned by the arena. */
struct text json_with(struct text object, const char *key, struct text value, struct arena *arena);

#endif
