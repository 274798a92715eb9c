#include "agent/work/judge_watches.h"

#include "agent/store/watches.h"

struct watching {
	struct watch *all;
	size_t n;
};

static void watch_tools(struct watching *w, enum watch_scope scope, const struct policy_needs *needs)
{
	for (size_t k = 0; k < needs->n_watched * WATCH_KINDS; k++) {
		const struct watched_name *name = &needs->watched[k / WATCH_KINDS];
		enum outcome_kind kind = (enum outcome_kind)(k % WATCH_KINDS);

		if (name->kinds & 1u << kind)
			w->all[w->n++] = (struct watch){scope, kind, name->weighs, name->name};
	}
}

/* What is said anew takes nothing away where comments can only approve. */
static void watch_talk(struct watching *w, enum watch_scope scope, const struct policy_needs *needs)
{
	if (!(needs->facts & FACT_COMMENTS))
		return;
	w->all[w->n++] = (struct watch){scope, WATCH_TALK, needs->comments_object, TEXT_LIT(TALK_SAID)};
	w->all[w->n++] = (struct watch){scope, WATCH_TALK, !needs->comments_shown, TEXT_LIT(TALK_UNSAID)};
}

struct text judge_watches(const struct gathered *gathered, struct arena *arena)
{
	size_t n_changes = facts_changes(&gathered->facts), room = 0;
	struct watching w = {.n = 0};

	for (size_t i = 0; i < n_changes; i++)
		if (gathered->governed[i].policy)
			room += WATCH_KINDS * policy_needs(gathered->governed[i].policy).n_watched + 2;
	w.all = arena_alloc(arena, room + 1, sizeof *w.all);
	for (size_t i = 0; i < n_changes; i++) {
		enum watch_scope scope = i < gathered->facts.n_changes ? WATCH_HEAD : WATCH_PARTS;
		struct policy_needs needs;

		if (!gathered->governed[i].policy)
			continue;
		needs = policy_needs(gathered->governed[i].policy);
		watch_tools(&w, scope, &needs);
		watch_talk(&w, scope, &needs);
	}
	return watches_write(w.all, w.n, arena);
}
