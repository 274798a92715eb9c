#include "agent/base/facts_trees.h"

#include "agent/base/facts_bugs.h"

void facts_put_trees(struct jwrite *w, const struct facts *facts)
{
	if (facts->n_trees == 0)
		return;
	jwrite_array(w, "trees");
	for (size_t i = 0; i < facts->n_trees; i++) {
		const struct tree *tree = &facts->trees[i];

		jwrite_object(w, NULL);
		jwrite_text(w, "name", tree->name);
		jwrite_text(w, "state", text_of(tree_state_name(tree->state)));
		if (tree->as_of != 0)
			facts_put_when(w, "as_of", tree->as_of);
		if (tree->reason.len > 0)
			jwrite_text(w, "reason", tree->reason);
		jwrite_end(w);
	}
	jwrite_end(w);
}

static void get_tree(struct reading *r, jval at, struct tree *ret)
{
	static const char *const keys[] = {"name", "state", "as_of", "reason", NULL};

	if (!jis_object(at))
		reading_wrong(r, "", "not an object");
	reading_keys(r, at, keys);
	ret->name = reading_text(r, at, "name");
	ret->reason = reading_text(r, at, "reason");
	ret->as_of = jget(at, "as_of") ? reading_when(r, at, "as_of") : 0;
	if (!tree_name_ok(ret->name))
		reading_wrong(r, "name", "not the name of a tree");
	else if (jget(at, "state") && !tree_state_parse(reading_text(r, at, "state"), &ret->state))
		reading_wrong(r, "state", "not a known word");
}

void facts_get_trees(struct reading *r, jval root, struct facts *ret)
{
	struct tree *trees;
	size_t outer;
	jval all;

	if (!reading_array(r, root, "trees", &all, &ret->n_trees))
		return;
	trees = arena_alloc(r->arena, ret->n_trees, sizeof *trees);
	outer = reading_enter(r, "trees", 0);
	for (size_t i = 0; i < ret->n_trees && !r->bad; i++) {
		size_t before = reading_enter(r, NULL, i);

		get_tree(r, jat(all, i), &trees[i]);
		reading_leave(r, before);
	}
	reading_leave(r, outer);
	ret->trees = trees;
}
