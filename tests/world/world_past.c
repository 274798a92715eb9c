/* Replicas: what the world was, kept to answer a read as one that lags would. Tokens, Apps, limits, and all of the
 * trackers but their bugs, are the present's.
 */
#include "tests/world/world_state.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct world_past {
	json_t *users, *teams, *repos, *moved, *bugs;
	json_int_t renamings;
};

struct world_past *world_remember(const struct world *w)
{
	struct world_past *past = malloc(sizeof(*past));

	if (!past)
		abort();
	*past = (struct world_past){world_own(json_deep_copy(w->users)),          world_own(json_deep_copy(w->teams)),
				    world_own(json_deep_copy(w->repos)),          world_own(json_deep_copy(w->moved)),
				    world_own(json_deep_copy(world_bugs_now(w))), w->renamings};
	return past;
}

void world_past_free(struct world_past *past)
{
	if (!past)
		return;
	json_decref(past->users);
	json_decref(past->teams);
	json_decref(past->repos);
	json_decref(past->moved);
	json_decref(past->bugs);
	free(past);
}

void world_past_exchange(struct world *w, struct world_past *past)
{
	struct world_past now = {w->users, w->teams, w->repos, w->moved, NULL, w->renamings};

	if (!past)
		return;
	if (past->renamings != w->renamings) /* what is kept names people by the other names */
		world_forget(w);
	w->users = past->users;
	w->teams = past->teams;
	w->repos = past->repos;
	w->moved = past->moved;
	now.bugs = world_bugs_exchange(w, past->bugs);
	w->renamings = past->renamings;
	*past = now;
}

void world_handle_as_of(struct world *w, struct world_past *past, const struct world_request *request,
			struct world_response *ret)
{
	if (strcasecmp(request->method, "GET") != 0)
		past = NULL;
	world_past_exchange(w, past);
	world_handle(w, request, ret);
	world_past_exchange(w, past);
}

/* ---- marks ---- */

struct world_past *world_marked(struct world *w, const char *name)
{
	struct world_mark *mark = w->marks;

	while (mark && strcmp(mark->name, name) != 0)
		mark = mark->next;
	return mark ? mark->past : NULL;
}

void world_mark(struct world *w, const char *name)
{
	struct world_mark *mark = calloc(1, sizeof(*mark));

	if (!mark)
		abort();
	*mark = (struct world_mark){world_text("%s", name), world_remember(w), w->marks};
	w->marks = mark;
}

void world_forget_marks(struct world *w)
{
	struct world_mark *mark;

	while ((mark = w->marks)) {
		w->marks = mark->next;
		world_past_free(mark->past);
		free(mark->name);
		free(mark);
	}
}
