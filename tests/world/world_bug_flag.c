/*
 * Flags: asked for, granted, denied, cleared. Attachments too: what is new, what is obsolete. An attachment that
 * becomes obsolete loses what was only asked for and keeps what was granted.
 */
#include "tests/world/world_bug.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *flag_with(json_t *flags, json_t *wanted)
{
	json_int_t id = world_int(wanted, "id");
	json_t *flag;
	size_t i;

	json_array_foreach(flags, i, flag)
	{
		if (id ? world_int(flag, "id") == id
		       : !world_true(wanted, "new") && strcmp(world_str(flag, "name"), world_str(wanted, "name")) == 0)
			return flag;
	}
	return NULL;
}

/* "?", "? (login)", "" */
static char *state_of(json_t *flag)
{
	const char *requestee = world_str(flag, "requestee");

	return flag && requestee[0] ? world_text("%s (%s)", world_str(flag, "status"), requestee)
				    : world_text("%s", world_str(flag, "status"));
}

/* "sec-approval?", "review?(login)"; "" */
static char *label_of(json_t *flag)
{
	const char *requestee = world_str(flag, "requestee");

	return world_text("%s%s%s%s%s", world_str(flag, "name"), world_str(flag, "status"), requestee[0] ? "(" : "",
			  requestee, requestee[0] ? ")" : "");
}

static bool may_set(struct world_edit *edit, json_t *flag, const char *name, const char *status)
{
	json_t *type = world_bug_flag_type(edit->act->w, name);
	const char *group = world_str(type, "grant_group");
	json_t *groups = json_object_get(world_bug_account(edit->act->w, edit->act->who), "groups");
	const char *was = world_str(flag, "status");
	bool granting = strcmp(status, "+") == 0 || strcmp(status, "-") == 0,
	     ungranting = strcmp(was, "+") == 0 || strcmp(was, "-") == 0;

	if (strlen(status) != 1 || !strchr("?+-X", status[0])) {
		world_bug_fail(edit->act, 32000, "A flag cannot be '%s'.", status);
		return false;
	}
	if ((!granting && !ungranting) || strcmp(was, status) == 0 || !group[0] || world_bug_in(groups, group))
		return true;
	world_bug_fail(edit->act, 130, "The flag %s is granted, denied and cleared by others.", name);
	return false;
}

static void note_activity(struct world_edit *edit, json_t *flag, json_t *attachment, const char *status)
{
	struct world *w = edit->act->w;

	json_array_append_new(
		w->bugs->activity,
		world_own(json_pack("{s:I,s:I,s:I,s:I,s:s,s:s,s:s,s:I}", "id", world_id(w, "flag_activity"), "flag_id",
				    world_int(flag, "id"), "bug_id", world_int(edit->bug, "id"), "attachment_id",
				    world_int(attachment, "id"), "name", world_str(flag, "name"), "setter",
				    edit->act->who, "status", status, "creation_time", (json_int_t)world_bug_now(w))));
}

/* The history has one line for all flags of a request. */
static void note_label(struct world_edit *edit, json_t *attachment, const char *removed, const char *added)
{
	json_int_t id = world_int(attachment, "id");
	const char *both[2][2] = {{"removed", removed}, {"added", added}};
	json_t *line = NULL, *one;
	size_t i;

	json_array_foreach(edit->past, i, one)
	{
		if (strcmp(world_str(one, "field_name"), "flagtypes.name") == 0 &&
		    world_int(one, "attachment_id") == id)
			line = one;
	}
	if (!line) {
		line = world_own(
			json_pack("{s:s,s:s,s:s}", "field_name", "flagtypes.name", "removed", "", "added", ""));
		if (id)
			world_put(line, "attachment_id", json_integer(id));
		json_array_append_new(edit->past, line);
	}
	for (i = 0; i < 2; i++)
		if (both[i][1][0])
			world_put(line, both[i][0],
				  world_jtext("%s%s%s", world_str(line, both[i][0]),
					      world_str(line, both[i][0])[0] ? ", " : "", both[i][1]));
}

static void told_as(struct world_edit *edit, json_t *attachment, const char *name, const char *const states[2])
{
	char *field = world_text("flag.%s", name);
	json_t *change =
		world_own(json_pack("{s:s,s:s,s:s}", "field", field, "removed", states[0], "added", states[1]));

	if (attachment)
		world_bug_tell(edit, "attachment", "modify", attachment, world_own(json_pack("[o]", change)));
	else if (!edit->is_new)
		json_array_append_new(edit->changes, change);
	else
		json_decref(change);
	free(field);
}

static json_t *new_flag(struct world_edit *edit, json_t *flags, const char *name)
{
	struct world *w = edit->act->w;
	json_t *type = world_bug_flag_type(w, name),
	       *flag = world_own(json_pack("{s:I,s:s,s:I,s:s,s:s,s:I,s:I}", "id", world_id(w, "flag"), "name", name,
					   "type_id", world_int(type, "id"), "status", "", "setter", edit->act->who,
					   "creation_date", (json_int_t)world_bug_now(w), "modification_date",
					   (json_int_t)0));

	json_array_append_new(flags, flag);
	return flag;
}

static void drop_flag(json_t *flags, json_t *flag)
{
	for (size_t i = 0; i < json_array_size(flags); i++)
		if (json_array_get(flags, i) == flag) {
			json_array_remove(flags, i);
			return;
		}
}

/* flag NULL: there is none yet. status "X": there is none any more. */
static void set_flag(struct world_edit *edit, json_t *attachment, json_t *flag, json_t *wanted)
{
	json_t *flags = world_list(attachment ? attachment : edit->bug, "flags");
	const char *status = world_str(wanted, "status"), *requestee = world_str(wanted, "requestee");
	bool cleared = strcmp(status, "X") == 0;
	char *name = world_text("%s", flag ? world_str(flag, "name") : world_str(wanted, "name"));
	char *removed_state = flag ? state_of(flag) : world_text("%s", ""),
	     *removed = flag ? label_of(flag) : world_text("%s", ""), *added_state, *added;

	flag = json_incref(flag ? flag : new_flag(edit, flags, name));
	world_put(flag, "status", json_string(status));
	world_put(flag, "setter", json_string(edit->act->who));
	world_put(flag, "requestee", json_string(strcmp(status, "?") == 0 ? requestee : ""));
	world_put(flag, "modification_date", json_integer(world_bug_now(edit->act->w)));
	added_state = cleared ? world_text("%s", "") : state_of(flag);
	added = cleared ? world_text("%s", "") : label_of(flag);
	note_activity(edit, flag, attachment, status);
	note_label(edit, attachment, removed, added);
	if (cleared)
		drop_flag(flags, flag);
	told_as(edit, attachment, name, (const char *const[]){removed_state, added_state});
	json_decref(flag);
	free(name);
	free(removed_state);
	free(removed);
	free(added_state);
	free(added);
}

static bool is_so_already(json_t *flag, json_t *wanted)
{
	if (!flag)
		return strcmp(world_str(wanted, "status"), "X") == 0;
	return strcmp(world_str(flag, "status"), world_str(wanted, "status")) == 0 &&
	       strcmp(world_str(flag, "requestee"), world_str(wanted, "requestee")) == 0;
}

void world_edit_flags(struct world_edit *edit, json_t *attachment, json_t *list)
{
	json_t *wanted, *flag;
	size_t i;

	json_array_foreach(list, i, wanted)
	{
		flag = flag_with(world_list(attachment ? attachment : edit->bug, "flags"), wanted);
		const char *name = flag ? world_str(flag, "name") : world_str(wanted, "name");

		if (!name[0])
			world_bug_fail(edit->act, 32000, "There is no such flag.");
		if (edit->act->status || !may_set(edit, flag, name, world_str(wanted, "status")))
			return;
		if (!is_so_already(flag, wanted))
			set_flag(edit, attachment, flag, wanted);
	}
}

void world_edit_cancel_requests(struct world_edit *edit, json_t *attachment)
{
	json_t *flags = world_list(attachment, "flags"), *flag, *cleared = world_own(json_pack("{s:s}", "status", "X"));

	for (size_t i = json_array_size(flags); i > 0; i--) {
		flag = json_array_get(flags, i - 1);
		if (strcmp(world_str(flag, "status"), "?") == 0)
			set_flag(edit, attachment, flag, cleared);
	}
	json_decref(cleared);
}

/* ---- attachments ---- */

/* What stands for a change elsewhere is no patch to the tracker. */
static const char *stub_name(json_t *args, char ret[64])
{
	json_int_t revision = world_int(args, "phabricator");

	if (revision)
		snprintf(ret, 64, "phabricator-D%lld-url.txt", (long long)revision);
	else if (world_str(args, "github")[0])
		snprintf(ret, 64, "github-pull-url.txt");
	else
		ret[0] = 0;
	return ret;
}

static const char *type_of(json_t *args)
{
	if (world_int(args, "phabricator"))
		return "text/x-phabricator-request";
	if (world_str(args, "github")[0])
		return "text/x-github-pull-request";
	return world_str(args, "content_type")[0] ? world_str(args, "content_type") : "text/plain";
}

static json_t *data_of(json_t *args)
{
	if (world_int(args, "phabricator"))
		return world_jtext("https://phabricator.test/D%lld", (long long)world_int(args, "phabricator"));
	return json_string(world_str(args, "github")[0] ? world_str(args, "github") : world_str(args, "text"));
}

static bool flag_of(json_t *args, const char *key, bool usual)
{
	json_t *said = json_object_get(args, key);

	return said ? json_is_true(said) || json_integer_value(said) != 0 : usual;
}

json_t *world_edit_attach(struct world_edit *edit, json_t *args)
{
	struct world *w = edit->act->w;
	json_int_t id = world_int(args, "attachment") ? world_int(args, "attachment") : world_id(w, "attachment"),
		   now = world_bug_now(w);
	char stub[64];
	json_t *one;

	stub_name(args, stub);
	if (flag_of(args, "is_private", false) && !world_bug_is_insider(w, edit->act->who)) {
		world_bug_fail(edit->act, 113, "Only insiders make an attachment private.");
		return NULL;
	}
	one = world_own(json_pack(
		"{s:I,s:I,s:o,s:o,s:s,s:o,s:b,s:b,s:b,s:s,s:[],s:I,s:I}", "id", id, "bug_id",
		world_int(edit->bug, "id"), "summary", world_bug_text_of("attachment", id, world_str(args, "summary")),
		"file_name",
		stub[0] ? world_own(json_string(stub)) : world_bug_text_of("file", id, world_str(args, "file_name")),
		"content_type", type_of(args), "text", data_of(args), "is_patch", flag_of(args, "is_patch", !stub[0]),
		"is_private", flag_of(args, "is_private", false), "is_obsolete", 0, "creator", edit->act->who, "flags",
		"creation_time", now, "last_change_time", now));
	json_array_append_new(world_list(edit->bug, "attachments"), one);
	world_bug_tell(edit, "attachment", "create", one, NULL);
	world_edit_flags(edit, one, json_object_get(args, "flags"));
	return one;
}

/* is_obsolete is "isobsolete" in events and "attachments.isobsolete" in the history; is_private alike. */
static void tell_mark(struct world_edit *edit, json_t *one, const char *mark, bool set)
{
	const char *removed = set ? "0" : "1", *added = set ? "1" : "0";

	json_array_append_new(edit->past, world_own(json_pack("{s:o,s:s,s:s,s:I}", "field_name",
							      world_jtext("attachments.is%s", mark), "removed", removed,
							      "added", added, "attachment_id", world_int(one, "id"))));
	world_bug_tell(edit, "attachment", "modify", one,
		       world_own(json_pack("[{s:o,s:s,s:s}]", "field", world_jtext("is%s", mark), "removed", removed,
					   "added", added)));
}

/* A request that both obsoletes an attachment and grants its flag cancels the flag. */
void world_edit_attachment(struct world_edit *edit, json_t *one, json_t *args)
{
	bool was = world_true(one, "is_obsolete"), becomes = flag_of(args, "is_obsolete", was);
	bool seen = world_true(one, "is_private"), hidden = flag_of(args, "is_private", seen);

	if (hidden != seen && !world_bug_is_insider(edit->act->w, edit->act->who)) {
		world_bug_fail(edit->act, 113, "Only insiders change what is private.");
		return;
	}
	world_put(one, "is_private", json_boolean(hidden));
	world_put(one, "is_obsolete", json_boolean(becomes));
	if (becomes && !was)
		world_edit_cancel_requests(edit, one);
	else
		world_edit_flags(edit, one, json_object_get(args, "flags"));
	if (hidden != seen)
		tell_mark(edit, one, "private", hidden);
	if (becomes != was)
		tell_mark(edit, one, "obsolete", becomes);
}
