/* What treestatus says of trees, told by hand. One that is not told is not known. */
#include "policy/scene_inner.h"

static bool read_state(struct scene *scene, const struct yaml *value, struct tree *ret)
{
	const char *names[TREE_STATES];
	size_t i;

	for (size_t k = 0; k < TREE_STATES; k++)
		names[k] = tree_state_name((enum tree_state)k);
	if (!scene_word(scene, value, names, TREE_STATES, &i))
		return false;
	ret->state = (enum tree_state)i;
	return true;
}

/* closed, or {state: closed, reason: ...} */
static bool read_tree(struct scene *scene, const struct yaml *key, const struct yaml *value, struct tree *ret)
{
	enum { STATE, REASON, N };
	static const char *const names[N] = {"state", "reason"};
	const struct yaml *at[N];

	*ret = (struct tree){.name = key->text, .as_of = scene->clock};
	if (key->kind != YAML_SCALAR || !tree_name_ok(key->text))
		return scene_wrong(scene, key, "expected the name of a tree");
	if (value->kind == YAML_SCALAR)
		return read_state(scene, value, ret);
	if (!scene_members(scene, value, names, N, at))
		return false;
	if (!at[STATE])
		return scene_wrong(scene, value, "it needs a `state`");
	return read_state(scene, at[STATE], ret) && (!at[REASON] || scene_text(scene, at[REASON], &ret->reason));
}

static void put(struct scene *scene, const struct tree *tree)
{
	size_t i = 0;

	while (i < scene->facts.n_trees && !text_eq(scene->trees[i].name, tree->name))
		i++;
	if (i == scene->facts.n_trees) {
		scene->trees = scene_grown(scene->arena, scene->trees, scene->facts.n_trees, sizeof *scene->trees);
		scene->facts.trees = scene->trees;
		scene->facts.n_trees++;
	}
	scene->trees[i] = *tree;
}

bool scene_step_trees(struct scene *scene, const struct yaml *value)
{
	struct tree tree;

	if (value->kind != YAML_MAP)
		return scene_wrong(scene, value, "expected a map, such as {autoland: closed}");
	for (size_t i = 0; i < value->n; i++) {
		if (!read_tree(scene, &value->keys[i], &value->items[i], &tree))
			return false;
		put(scene, &tree);
	}
	return true;
}

bool scene_trees(struct scene *scene, const struct yaml *value)
{
	scene->facts.n_trees = 0;
	return scene_step_trees(scene, value);
}
