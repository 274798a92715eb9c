/* What the trackers answer to a POST or a PUT: the same changes as the deeds make, by whose key it is. */
#include "tests/world/world_bug.h"

#include <stdlib.h>
#include <string.h>

static bool is_nobody(struct world_bz *bz)
{
	if (!bz->shown.who[0])
		world_bug_fail(bz->act, 410, "You must log in first.");
	return !bz->shown.who[0];
}

void world_bz_post_bug(struct world_bz *bz)
{
	static const char *const needed[] = {"product", "component", "summary", "version"};
	json_t *bug;

	if (is_nobody(bz))
		return;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (world_str(bz->act->args, needed[i])[0])
			continue;
		world_bug_fail(bz->act, 50, "A bug needs its %s.", needed[i]);
		return;
	}
	bug = world_bug_create(bz->act, bz->act->args, 0);
	if (bug)
		world_put(bz->act->out, "id", json_integer(world_int(bug, "id")));
}

/* The bug as it now is in the main database, to be changed by somebody who sees it; NULL: answered already. */
static json_t *writable(struct world_bz *bz, const char *name)
{
	return is_nobody(bz) ? NULL : world_bz_visible(bz, name, true);
}

/* [{"id", "last_change_time", "changes"}] under `list`. */
static void answer_changes(struct world_bz *bz, const char *list, json_t *of, json_t *changes)
{
	json_t *one = world_own(json_pack("{s:I,s:o,s:O}", "id", world_int(of, "id"), "last_change_time",
					  world_time(world_int(of, "last_change_time")), "changes", changes));

	if (strcmp(list, "bugs") == 0)
		world_put(one, "alias", bz->shown.bmo ? json_string(world_str(of, "alias")) : json_array());
	world_put(bz->act->out, list, json_pack("[o]", one));
}

void world_bz_put_bug(struct world_bz *bz)
{
	json_t *bug = writable(bz, bz->args[0]), *changes;
	struct world_edit edit;

	if (!bug)
		return;
	edit = world_edit_begin(bz->act, bug);
	world_edit_bug(&edit, bz->act->args);
	changes = world_edit_changes(&edit);
	if (world_edit_commit(&edit))
		answer_changes(bz, "bugs", bug, changes);
	json_decref(changes);
}

/* Flags as this one answer tells them: of the day, not of the moment. */
static void cut_to_midnight(json_t *view)
{
	static const char *const names[] = {"creation_date", "modification_date"};
	json_t *flag;
	size_t i;

	json_array_foreach(json_object_get(view, "flags"), i, flag)
	{
		for (size_t k = 0; k < 2; k++)
			world_put(flag, names[k], world_jtext("%.10sT00:00:00Z", world_str(flag, names[k])));
	}
}

static void answer_attached(struct world_bz *bz, json_t *bug, json_t *one)
{
	char *key = world_text("%lld", (long long)world_int(one, "id"));
	json_t *view;

	bz->act->status = 201;
	if (bz->shown.bmo) {
		view = world_bug_attachment_view(&bz->shown, bug, one);
		cut_to_midnight(view);
		world_put(world_map(bz->act->out, "attachments"), key, view);
	} else {
		world_put(bz->act->out, "ids", json_pack("[I]", world_int(one, "id")));
	}
	free(key);
}

void world_bz_post_attachment(struct world_bz *bz)
{
	json_t *bug = writable(bz, bz->args[0]), *one;
	struct world_edit edit;

	if (!bug)
		return;
	json_object_del(bz->act->args, "attachment"); /* numbers are the tracker's to give */
	edit = world_edit_begin(bz->act, bug);
	one = world_edit_attach(&edit, bz->act->args);
	if (world_edit_commit(&edit))
		answer_attached(bz, bug, one);
}

void world_bz_put_attachment(struct world_bz *bz)
{
	json_t *bug = NULL, *one = world_bug_attachment(bz->act->w, strtoll(bz->args[0], NULL, 10), &bug), *changes;
	struct world_edit edit;
	char *name;

	if (is_nobody(bz))
		return;
	if (!one) {
		world_bug_fail(bz->act, 100, "There is no such attachment.");
		return;
	}
	name = world_text("%lld", (long long)world_int(bug, "id"));
	bug = writable(bz, name);
	free(name);
	if (!bug)
		return;
	edit = world_edit_begin(bz->act, bug);
	world_edit_attachment(&edit, one, bz->act->args);
	changes = world_edit_changes(&edit);
	if (world_edit_commit(&edit))
		answer_changes(bz, "attachments", one, changes);
	json_decref(changes);
}

void world_bz_post_comment(struct world_bz *bz)
{
	json_t *bug = writable(bz, bz->args[0]), *one;
	struct world_edit edit;

	if (!bug)
		return;
	if (!world_str(bz->act->args, "comment")[0]) {
		world_bug_fail(bz->act, 50, "A comment needs words.");
		return;
	}
	edit = world_edit_begin(bz->act, bug);
	one = world_edit_comment(&edit, world_str(bz->act->args, "comment"), world_true(bz->act->args, "is_private"));
	if (!world_edit_commit(&edit))
		return;
	bz->act->status = 201;
	world_put(bz->act->out, "id", json_integer(world_int(one, "id")));
}
