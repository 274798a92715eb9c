#include "policy/scene_inner.h"

/* ---- files ---- */

static bool read_kinds(struct scene *scene, const struct yaml *now, const struct yaml *was, struct path *path)
{
	static const char *const names[] = {"file", "executable", "symlink", "submodule"};
	static const uint32_t modes[] = {0100644, 0100755, 0120000, 0160000};
	size_t kind = 0, before;

	if (now && !scene_word(scene, now, names, 4, &kind))
		return false;
	before = kind;
	if (was && !scene_word(scene, was, names, 4, &before))
		return false;
	path->mode = path->status == PATH_DELETED ? 0 : modes[kind];
	path->old_mode = path->status == PATH_ADDED ? 0 : modes[before];
	return true;
}

static bool read_file(struct scene *scene, const struct yaml *value, struct path *ret)
{
	enum { PATH, WAS, STATUS, KIND, KIND_WAS, ADDED, DELETED, N };
	static const char *const names[N] = {"path", "was", "status", "kind", "kind_was", "added", "deleted"};
	static const char *const statuses[] = {"added", "modified", "deleted"};
	const struct yaml *at[N];
	size_t status = 1;

	*ret = (struct path){.path = value->text, .status = PATH_MODIFIED, .additions = 1, .deletions = 1};
	if (value->kind == YAML_SCALAR)
		return read_kinds(scene, NULL, NULL, ret);
	if (!scene_members(scene, value, names, N, at) || (at[PATH] && !scene_text(scene, at[PATH], &ret->path)) ||
	    (at[WAS] && !scene_text(scene, at[WAS], &ret->old_path)) ||
	    (at[STATUS] && !scene_word(scene, at[STATUS], statuses, 3, &status)))
		return false;
	if (ret->path.len == 0)
		return scene_wrong(scene, value, "a file needs a `path`");
	ret->status = (enum path_status)(PATH_ADDED + status);
	ret->additions = ret->status == PATH_DELETED ? 0 : 1;
	ret->deletions = ret->status == PATH_ADDED ? 0 : 1;
	return read_kinds(scene, at[KIND], at[KIND_WAS], ret) &&
	       (!at[ADDED] || scene_int(scene, at[ADDED], &ret->additions)) &&
	       (!at[DELETED] || scene_int(scene, at[DELETED], &ret->deletions));
}

bool scene_files(struct scene *scene, const struct yaml *value)
{
	struct path *paths;

	if (value->kind != YAML_LIST)
		return scene_wrong(scene, value, "expected a list of paths");
	paths = arena_alloc(scene->arena, value->n, sizeof *paths);
	for (size_t i = 0; i < value->n; i++)
		if (!read_file(scene, &value->items[i], &paths[i]))
			return false;
	scene->change.paths = paths;
	scene->change.n_paths = value->n;
	return true;
}

/* ---- what other tools said ---- */

static bool outcome_state(struct scene *scene, const struct yaml *value, struct text *ret)
{
	static const char *const names[] = {
		"success",   "failure", "pending",   "error",           "neutral",
		"cancelled", "skipped", "timed_out", "action_required", "stale",
	};
	size_t i;

	if (!scene_word(scene, value, names, sizeof names / sizeof names[0], &i))
		return false;
	*ret = text_of(names[i]);
	return true;
}

static bool outcome_details(struct scene *scene, const struct yaml *value, struct outcome *ret)
{
	enum { STATE, APP, APP_ID, BY, EVENT, N };
	static const char *const names[N] = {"state", "app", "app_id", "by", "event"};
	const struct yaml *at[N];
	struct person by = {0};

	if (!scene_members(scene, value, names, N, at))
		return false;
	if (!at[STATE])
		return scene_wrong(scene, value, "it needs a `state`");
	if (at[BY] && ret->kind != OUTCOME_STATUS)
		return scene_wrong(scene, at[BY], "only a status has an account that posted it; name an `app`");
	if (at[EVENT] && ret->kind != OUTCOME_WORKFLOW)
		return scene_wrong(scene, at[EVENT], "only a workflow is started by an event");
	if (at[APP_ID] && ret->kind == OUTCOME_STATUS)
		return scene_wrong(scene, at[APP_ID], "a status does not tell the app's number");
	if (!outcome_state(scene, at[STATE], &ret->state) || (at[APP] && !scene_text(scene, at[APP], &ret->app)) ||
	    (at[APP_ID] && !scene_int(scene, at[APP_ID], &ret->app_id)) ||
	    (at[BY] && !scene_person(scene, at[BY], &by)) || (at[EVENT] && !scene_text(scene, at[EVENT], &ret->event)))
		return false;
	ret->creator_id = by.id;
	return true;
}

static bool read_outcomes(struct scene *scene, const struct yaml *value, enum outcome_kind kind)
{
	size_t kept = 0;

	if (value->kind != YAML_MAP)
		return scene_wrong(scene, value, "expected a map, such as {build: success}");
	for (size_t i = 0; i < scene->facts.n_outcomes; i++)
		if (scene->outcomes[i].kind != kind)
			scene->outcomes[kept++] = scene->outcomes[i];
	scene->facts.n_outcomes = kept;
	for (size_t i = 0; i < value->n; i++) {
		struct outcome outcome = {.kind = kind, .name = value->keys[i].text};
		bool plain = value->items[i].kind == YAML_SCALAR;

		if (plain ? !outcome_state(scene, &value->items[i], &outcome.state)
			  : !outcome_details(scene, &value->items[i], &outcome))
			return false;
		if (kind == OUTCOME_WORKFLOW && outcome.event.len == 0)
			outcome.event = TEXT_LIT("pull_request");
		scene->outcomes =
			scene_grown(scene->arena, scene->outcomes, scene->facts.n_outcomes, sizeof *scene->outcomes);
		scene->outcomes[scene->facts.n_outcomes++] = outcome;
	}
	scene->facts.outcomes = scene->outcomes;
	return true;
}

bool scene_statuses(struct scene *scene, const struct yaml *value)
{
	return read_outcomes(scene, value, OUTCOME_STATUS);
}

bool scene_checks(struct scene *scene, const struct yaml *value)
{
	return read_outcomes(scene, value, OUTCOME_CHECK);
}

bool scene_workflows(struct scene *scene, const struct yaml *value)
{
	return read_outcomes(scene, value, OUTCOME_WORKFLOW);
}

/* ---- files of owners ---- */

static bool read_owners_file(struct scene *scene, const struct yaml *value, struct owners_file *file)
{
	enum { PATH, TEXT, UNREADABLE, N };
	static const char *const names[N] = {"path", "text", "unreadable"};
	const struct yaml *at[N] = {NULL};

	if (value->kind == YAML_NULL) /* there is none */
		return true;
	file->path = file->name;
	if (value->kind == YAML_SCALAR)
		return scene_text(scene, value, &file->bytes);
	if (!scene_members(scene, value, names, N, at))
		return false;
	if (!at[TEXT] == !at[UNREADABLE])
		return scene_wrong(scene, value, "it needs `text`, or `unreadable`: why");
	return (!at[PATH] || scene_text(scene, at[PATH], &file->path)) &&
	       (!at[TEXT] || scene_text(scene, at[TEXT], &file->bytes)) &&
	       (!at[UNREADABLE] || scene_text(scene, at[UNREADABLE], &file->why));
}

bool scene_owners_files(struct scene *scene, const struct yaml *value)
{
	struct owners_file *files;

	if (value->kind != YAML_MAP)
		return scene_wrong(scene, value, "expected a map, such as {CODEOWNERS: '* @alice'}");
	files = arena_alloc(scene->arena, value->n, sizeof *files);
	for (size_t i = 0; i < value->n; i++) {
		files[i].name = value->keys[i].text;
		if (!read_owners_file(scene, &value->items[i], &files[i]))
			return false;
	}
	scene->change.owners_files = files;
	scene->change.n_owners_files = value->n;
	return true;
}
