/* What people do to bugs, as the control face tells it. Who does it gets an account, with no groups. */
#include "tests/world/world_bug.h"

#include <string.h>

static void know_keywords(struct world *w, json_t *said)
{
	json_t *list = json_is_array(said) ? said : json_object_get(said, "add"), *one;
	size_t i;

	if (json_is_object(said) && json_is_array(json_object_get(said, "set")))
		list = json_object_get(said, "set");
	json_array_foreach(list, i, one)
	{
		if (json_is_string(one))
			world_put(w->bugs->keywords, json_string_value(one), json_true());
	}
}

static json_t *new_bug(struct world_act *act, json_int_t id)
{
	json_int_t now = world_bug_now(act->w);

	return world_own(json_pack(
		"{s:I,s:s,s:s,s:o,s:s,s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:[],s:[],s:[],s:[],s:[],s:[],s:[],"
		"s:[],s:I,s:I}",
		"id", id, "product", "Core", "component", "General", "summary", world_bug_text_of("summary", id, NULL),
		"alias", "", "whiteboard", "", "status", "NEW", "resolution", "", "dupe_of", (json_int_t)0, "creator",
		act->who, "assigned_to", "nobody@tracker.test", "priority", "", "severity", "normal", "version",
		"unspecified", "url", "", "type", "defect", "groups", "keywords", "cc", "see_also", "flags",
		"attachments", "comments", "history", "creation_time", now, "last_change_time", now));
}

json_t *world_bug_create(struct world_act *act, json_t *args, json_int_t wanted)
{
	struct world *w = act->w;
	json_int_t id = wanted ? wanted : world_id(w, "bug");
	json_t *bug = new_bug(act, id), *said = json_object_get(args, "comment");
	struct world_edit edit = world_edit_begin(act, bug);
	char *key = world_text("%lld", (long long)id);
	const char *text = world_str(args, "description");

	edit.is_new = true;
	world_edit_bug(&edit, args);
	if (!text[0])
		text = json_is_string(said) ? json_string_value(said) : world_str(said, "body");
	if (!act->status)
		world_edit_comment(&edit, text, false);
	world_bug_tell(&edit, "bug", "create", NULL, NULL);
	if (world_edit_commit(&edit))
		world_put(w->bugs->bugs, key, json_incref(bug));
	json_decref(bug);
	free(key);
	return act->status ? NULL : bug;
}

/* The bug that args name; who acts has an account from now on. NULL: there is none, and the act failed. */
static json_t *bug_of(struct world_act *act)
{
	json_t *bug = world_bug(act->w, world_int(act->args, "bug"));

	world_bug_account(act->w, act->who);
	if (!bug)
		world_bug_fail(act, 101, "Bug %lld does not exist.", (long long)world_int(act->args, "bug"));
	return bug;
}

static void settle(struct world_act *act, struct world_edit *edit)
{
	json_int_t id = world_int(edit->bug, "id");

	if (world_edit_commit(edit))
		world_put(act->out, "id", json_integer(id));
}

/* {"bug": number, and the fields of PUT bug/N}: made when there is none; without a number, a new one. */
void world_act_bug(struct world_act *act)
{
	json_int_t id = world_int(act->args, "bug");
	json_t *bug = id ? world_bug(act->w, id) : NULL;
	struct world_edit edit;

	world_bug_account(act->w, act->who);
	know_keywords(act->w, json_object_get(act->args, "keywords"));
	if (!bug) {
		bug = world_bug_create(act, act->args, id);
		if (bug)
			world_put(act->out, "id", json_integer(world_int(bug, "id")));
		return;
	}
	edit = world_edit_begin(act, bug);
	world_edit_bug(&edit, act->args);
	settle(act, &edit);
}

static json_t *attachment_of(struct world_act *act, json_t **bug)
{
	json_t *one = world_bug_attachment(act->w, world_int(act->args, "attachment"), bug);

	world_bug_account(act->w, act->who);
	return one;
}

/* {"attachment" or "bug", "name", "status": "?", "+", "-", "X", "requestee"} */
void world_act_flag(struct world_act *act)
{
	json_t *bug = NULL, *one = attachment_of(act, &bug), *wanted;
	struct world_edit edit;

	if (!one && !(bug = bug_of(act)))
		return;
	wanted = world_own(json_pack("[O]", act->args));
	edit = world_edit_begin(act, bug);
	world_edit_flags(&edit, one, wanted);
	settle(act, &edit);
	json_decref(wanted);
}

/* {"attachment": number} that there is: is_obsolete, is_private, flags. Else {"bug"}: a new one, with summary,
 * file_name, content_type, text, is_patch, is_private, flags, or a stub: phabricator (a revision's number), github (a
 * pull request's URL). */
void world_act_attachment(struct world_act *act)
{
	json_t *bug = NULL, *one = attachment_of(act, &bug);
	bool is_new = !one;
	struct world_edit edit;
	json_int_t id;

	if (is_new && !(bug = bug_of(act)))
		return;
	edit = world_edit_begin(act, bug);
	if (is_new)
		one = world_edit_attach(&edit, act->args);
	else
		world_edit_attachment(&edit, one, act->args);
	id = world_int(one, "id");
	if (world_edit_commit(&edit))
		world_put(act->out, "id", json_integer(id));
}

/* {"bug", "text", "is_private"} */
void world_act_bug_comment(struct world_act *act)
{
	json_t *bug = bug_of(act);
	struct world_edit edit;

	if (!bug)
		return;
	edit = world_edit_begin(act, bug);
	world_edit_comment(&edit, world_str(act->args, "text"), world_true(act->args, "is_private"));
	settle(act, &edit);
}
