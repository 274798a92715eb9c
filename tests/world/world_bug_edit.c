/*
 * One request's changes of one bug. Every way to change a bug, over REST or by a deed, comes through here, so that
 * history, events, the clock of last_change_time and the replica are the same for both.
 */
#include "tests/world/world_bug.h"

#include <stdlib.h>
#include <string.h>

static const char *const texts[] = {"summary",  "product", "component", "alias",       "whiteboard", "priority",
				    "severity", "version", "url",       "assigned_to", "type"};
static const char *const sets[] = {"groups", "keywords", "cc", "see_also"};

struct world_edit world_edit_begin(struct world_act *act, json_t *bug)
{
	return (struct world_edit){.act = act,
				   .bug = bug,
				   .before = world_own(json_deep_copy(bug)),
				   .events = world_own(json_array()),
				   .told = world_own(json_object()),
				   .changes = world_own(json_array()),
				   .past = world_own(json_array()),
				   .activity = json_array_size(act->w->bugs->activity),
				   .was_public = world_bug_is_public(act->w, bug)};
}

void world_edit_note(struct world_edit *edit, const char *field, const char *removed, const char *added)
{
	if (edit->is_new)
		return;
	json_array_append_new(edit->changes, world_own(json_pack("{s:s,s:s,s:s}", "field", field, "removed", removed,
								 "added", added)));
	json_array_append_new(edit->past, world_own(json_pack("{s:s,s:s,s:s}", "field_name", field, "removed", removed,
							      "added", added)));
}

/* ---- sets: groups, keywords, people ---- */

static json_t *without(const json_t *list, const json_t *gone)
{
	json_t *ret = world_own(json_array()), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (json_is_string(one) && !world_bug_in(gone, json_string_value(one)) &&
		    !world_bug_in(ret, json_string_value(one)))
			json_array_append(ret, one);
	}
	return ret;
}

static char *joined(const json_t *list)
{
	char *text = world_text("%s", ""), *longer;
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		longer = world_text("%s%s%s", text, i ? ", " : "", json_string_value(one));
		free(text);
		text = longer;
	}
	return text;
}

/* What the set becomes: a list says all of it, {"add", "remove", "set"} the difference. */
static json_t *wanted_set(const json_t *is, json_t *said)
{
	json_t *kept, *all;

	if (json_is_array(said))
		return without(said, NULL);
	if (json_is_array(json_object_get(said, "set")))
		return without(json_object_get(said, "set"), NULL);
	kept = without(is, json_object_get(said, "remove"));
	json_array_extend(kept, json_object_get(said, "add"));
	all = without(kept, NULL);
	json_decref(kept);
	return all;
}

static bool keywords_exist(struct world_edit *edit, const json_t *list)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (json_object_get(edit->act->w->bugs->keywords, json_string_value(one)))
			continue;
		world_bug_fail(edit->act, 32000, "There is no keyword '%s'.", json_string_value(one));
		return false;
	}
	return true;
}

static void edit_set(struct world_edit *edit, const char *key, json_t *said)
{
	json_t *is = world_list(edit->bug, key), *becomes = wanted_set(is, said), *gone = without(is, becomes),
	       *come = without(becomes, is);
	char *removed = joined(gone), *added = joined(come);

	if (strcmp(key, "keywords") != 0 || keywords_exist(edit, come)) {
		if (removed[0] || added[0])
			world_edit_note(edit, key, removed, added);
		world_put(edit->bug, key, json_incref(becomes));
	}
	free(removed);
	free(added);
	json_decref(becomes);
	json_decref(gone);
	json_decref(come);
}

/* ---- texts ---- */

static void edit_text(struct world_edit *edit, const char *key, const char *value)
{
	if (strcmp(world_str(edit->bug, key), value) == 0)
		return;
	world_edit_note(edit, key, world_str(edit->bug, key), value);
	world_put(edit->bug, key, json_string(value));
}

static void edit_texts(struct world_edit *edit, json_t *args)
{
	const char *key;
	json_t *value;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (json_is_string(json_object_get(args, texts[i])))
			edit_text(edit, texts[i], world_str(args, texts[i]));
	json_object_foreach(args, key, value)
	{
		if (strncmp(key, "cf_", 3) == 0 && json_is_string(value))
			edit_text(edit, key, json_string_value(value));
	}
}

/* ---- status ---- */

static bool is_open_status(const char *status)
{
	static const char *const open[] = {"UNCONFIRMED", "NEW", "ASSIGNED", "REOPENED", "CONFIRMED", "IN_PROGRESS"};

	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (strcmp(open[i], status) == 0)
			return true;
	return false;
}

bool world_bug_is_open(const json_t *bug)
{
	return is_open_status(world_str(bug, "status"));
}

static void edit_duplicate(struct world_edit *edit, json_int_t of)
{
	json_int_t was = world_int(edit->bug, "dupe_of");
	char *before = was ? world_text("%lld", (long long)was) : world_text("%s", ""),
	     *after = of ? world_text("%lld", (long long)of) : world_text("%s", "");

	if (was != of) {
		world_edit_note(edit, "dupe_of", before, after);
		world_put(edit->bug, "dupe_of", json_integer(of));
	}
	free(before);
	free(after);
}

/* A bug that is open has no resolution, one that is not has one; and only a duplicate is one of another bug. */
static void edit_status(struct world_edit *edit, json_t *args)
{
	json_int_t of = world_int(args, "dupe_of");
	const char *status = of ? "RESOLVED" : world_str(args, "status"),
		   *resolution = of ? "DUPLICATE" : world_str(args, "resolution");

	if (of && (of == world_int(edit->bug, "id") || !world_bug(edit->act->w, of))) {
		world_bug_fail(edit->act, 101, "Bug %lld cannot be what this is a duplicate of.", (long long)of);
		return;
	}
	if (!status[0])
		status = world_str(edit->bug, "status");
	if (!resolution[0] && !is_open_status(status))
		resolution = world_str(edit->bug, "resolution");
	if (is_open_status(status) != (resolution[0] == 0)) {
		world_bug_fail(edit->act, 32000, "Status %s and resolution '%s' do not go together.", status,
			       resolution);
		return;
	}
	edit_text(edit, "status", status);
	edit_text(edit, "resolution", resolution);
	if (of || strcmp(resolution, "DUPLICATE") != 0)
		edit_duplicate(edit, of);
}

/* ---- comments ---- */

json_t *world_edit_comment(struct world_edit *edit, const char *text, bool is_private)
{
	struct world_act *act = edit->act;
	json_t *comments = world_list(edit->bug, "comments"), *comment;
	json_int_t id = world_id(act->w, "bug_comment");

	if (is_private && !world_bug_is_insider(act->w, act->who)) {
		world_bug_fail(act, 113, "Only insiders make a comment private.");
		return NULL;
	}
	comment = world_own(json_pack("{s:I,s:i,s:o,s:b,s:s,s:I}", "id", id, "count", (int)json_array_size(comments),
				      "text", world_bug_text_of("comment", id, text), "is_private", is_private,
				      "creator", act->who, "creation_time", (json_int_t)world_bug_now(act->w)));
	json_array_append_new(comments, comment);
	world_bug_tell(edit, "comment", "create", comment, NULL);
	return comment;
}

static void edit_comment(struct world_edit *edit, json_t *said)
{
	const char *text = json_is_object(said) ? world_str(said, "body") : json_string_value(said);

	if (text && text[0])
		world_edit_comment(edit, text, json_is_object(said) && world_true(said, "is_private"));
}

/* "empty": a field that is told as changed from nothing to nothing, as some custom ones are. */
void world_edit_bug(struct world_edit *edit, json_t *args)
{
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (json_object_get(args, sets[i]))
			edit_set(edit, sets[i], json_object_get(args, sets[i]));
	edit_texts(edit, args);
	if (json_object_get(args, "status") || json_object_get(args, "resolution") || json_object_get(args, "dupe_of"))
		edit_status(edit, args);
	if (json_object_get(args, "flags"))
		world_edit_flags(edit, NULL, json_object_get(args, "flags"));
	if (world_str(args, "empty")[0])
		world_edit_note(edit, world_str(args, "empty"), "", "");
	if (!edit->is_new)
		edit_comment(edit, json_object_get(args, "comment"));
}

/* ---- the end of a request ---- */

static void forget(struct world_edit *edit)
{
	json_decref(edit->before);
	json_decref(edit->events);
	json_decref(edit->told);
	json_decref(edit->changes);
	json_decref(edit->past);
}

static void go_back(struct world_edit *edit)
{
	json_t *activity = edit->act->w->bugs->activity;

	json_object_clear(edit->bug);
	json_object_update(edit->bug, edit->before);
	while (json_array_size(activity) > edit->activity)
		json_array_remove(activity, json_array_size(activity) - 1);
	forget(edit);
}

/* Opened and hidden are told once more, first, and to everybody. */
static void tell_bug(struct world_edit *edit)
{
	bool is_public = world_bug_is_public(edit->act->w, edit->bug);

	if (edit->is_new || json_array_size(edit->changes) == 0)
		return;
	if (is_public != edit->was_public)
		world_bug_tell(edit, "bug", "modify", NULL,
			       world_own(json_pack("[{s:s,s:s,s:s}]", "field", "is_private", "removed",
						   is_public ? "1" : "0", "added", is_public ? "0" : "1")));
	world_bug_tell(edit, "bug", "modify", NULL, json_incref(edit->changes));
}

static void touch(struct world_edit *edit)
{
	int64_t now = world_bug_now(edit->act->w);
	json_t *one;
	char *key;
	size_t i;

	world_put(edit->bug, "last_change_time", json_integer(now));
	json_array_foreach(world_list(edit->bug, "attachments"), i, one)
	{
		key = world_text("%lld", (long long)world_int(one, "id"));
		if (json_object_get(edit->told, key))
			world_put(one, "last_change_time", json_integer(now));
		free(key);
	}
	if (json_array_size(edit->past) > 0)
		json_array_append_new(world_list(edit->bug, "history"),
				      world_own(json_pack("{s:s,s:I,s:O}", "who", edit->act->who, "when",
							  (json_int_t)now, "changes", edit->past)));
}

json_t *world_edit_changes(const struct world_edit *edit)
{
	static const char *const names[][2] = {{"attachments.isobsolete", "is_obsolete"},
					       {"attachments.isprivate", "is_private"}};
	json_t *ret = world_own(json_object()), *one;
	size_t i;

	json_array_foreach(edit->past, i, one)
	{
		const char *name = world_str(one, "field_name");

		for (size_t k = 0; k < 2; k++)
			name = strcmp(name, names[k][0]) == 0 ? names[k][1] : name;
		world_put(
			ret, name,
			json_pack("{s:s,s:s}", "removed", world_str(one, "removed"), "added", world_str(one, "added")));
	}
	return ret;
}

bool world_edit_commit(struct world_edit *edit)
{
	json_t *event;
	size_t i;

	if (edit->act->status) {
		go_back(edit);
		return false;
	}
	tell_bug(edit);
	if (edit->is_new || json_array_size(edit->past) > 0 || json_array_size(edit->events) > 0) {
		touch(edit);
		world_bug_replicate(edit->act->w, edit->bug);
	}
	json_array_foreach(edit->events, i, event) world_push_queue(edit->act->w, json_incref(event));
	forget(edit);
	return true;
}
