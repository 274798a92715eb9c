/*
 * A bug and what belongs to it as REST shows them. BMO and upstream differ in a few fields; both leave out, without a
 * word, what was not asked for and what the caller may not see.
 */
#include "tests/world/world_bug.h"

#include <stdlib.h>
#include <string.h>

bool world_bug_wants(const struct world_shown *to, const char *field)
{
	if (to->out && world_bug_in(to->out, field))
		return false;
	return !to->in || world_bug_in(to->in, field) || world_bug_in(to->in, "_all") ||
	       world_bug_in(to->in, "_default");
}

/* Is any "attachments.x" asked for, or "attachments"? Only BMO knows that, and only when asked. */
static bool wants_attachments(const struct world_shown *to)
{
	json_t *one;
	size_t i;

	json_array_foreach(to->in, i, one)
	{
		if (to->bmo && strncmp(json_string_value(one), "attachments", 11) == 0)
			return true;
	}
	return false;
}

json_t *world_bug_account_view(struct world *w, const char *login, bool bmo)
{
	json_t *account = world_bug_account(w, login),
	       *view = world_own(json_pack("{s:I,s:s,s:s,s:s}", "id", world_int(account, "id"), "name", login, "email",
					   login, "real_name", world_str(account, "real_name")));

	if (bmo)
		world_put(view, "nick", world_jtext("%.*s", (int)strcspn(login, "@"), login));
	return view;
}

static json_t *flags_view(json_t *flags)
{
	json_t *list = world_own(json_array()), *flag, *view;
	size_t i;

	json_array_foreach(flags, i, flag)
	{
		view = world_own(json_pack("{s:I,s:s,s:s,s:I,s:s,s:o,s:o}", "id", world_int(flag, "id"), "name",
					   world_str(flag, "name"), "status", world_str(flag, "status"), "type_id",
					   world_int(flag, "type_id"), "setter", world_str(flag, "setter"),
					   "creation_date", world_time(world_int(flag, "creation_date")),
					   "modification_date", world_time(world_int(flag, "modification_date"))));
		if (world_str(flag, "requestee")[0])
			world_put(view, "requestee", json_string(world_str(flag, "requestee")));
		json_array_append_new(list, view);
	}
	return list;
}

/* base64 */
static json_t *encoded(const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = strlen(text), n = 0;
	char *out = calloc(1, 4 * (len / 3 + 1) + 1);
	json_t *ret;

	if (!out)
		abort();
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		unsigned group = (unsigned char)text[i] << 16 | (left > 1 ? (unsigned char)text[i + 1] << 8 : 0) |
				 (left > 2 ? (unsigned char)text[i + 2] : 0);

		out[n++] = digits[group >> 18];
		out[n++] = digits[group >> 12 & 63];
		out[n++] = left > 1 ? digits[group >> 6 & 63] : '=';
		out[n++] = left > 2 ? digits[group & 63] : '=';
	}
	ret = world_own(json_string(out));
	free(out);
	return ret;
}

/* Keeps what is asked for; prefix: what stands before the names that were asked for. */
static json_t *narrowed(const struct world_shown *to, json_t *view, const char *prefix)
{
	json_t *kept = world_own(json_object()), *value;
	bool whole = prefix[0] && world_bug_in(to->in, "attachments");
	const char *key;

	json_object_foreach(view, key, value)
	{
		char *name = world_text("%s%s", prefix, key);

		if (whole || world_bug_wants(to, name))
			json_object_set(kept, key, value);
		free(name);
	}
	json_decref(view);
	return kept;
}

static json_t *whole_attachment(const struct world_shown *to, json_t *one)
{
	static const char *const texts[] = {"summary", "file_name", "content_type", "creator"};
	static const char *const marks[] = {"is_patch", "is_private", "is_obsolete"}; /* 0 and 1 here */
	json_t *view = world_own(json_pack("{s:I,s:I,s:o,s:o,s:o,s:I,s:o}", "id", world_int(one, "id"), "bug_id",
					   world_int(one, "bug_id"), "flags", flags_view(json_object_get(one, "flags")),
					   "creation_time", world_time(world_int(one, "creation_time")),
					   "last_change_time", world_time(world_int(one, "last_change_time")), "size",
					   (json_int_t)strlen(world_str(one, "text")), "data",
					   encoded(world_str(one, "text"))));

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		world_put(view, texts[i], json_string(world_str(one, texts[i])));
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		world_put(view, marks[i], json_integer(world_true(one, marks[i])));
	if (to->bmo) {
		world_put(view, "description", json_string(world_str(one, "summary")));
		world_put(view, "attacher", json_string(world_str(one, "creator")));
		world_put(view, "creator_detail", world_bug_account_view(to->w, world_str(one, "creator"), true));
	}
	return view;
}

json_t *world_bug_attachment_view(const struct world_shown *to, json_t *bug, json_t *one)
{
	(void)bug;
	return narrowed(to, whole_attachment(to, one), "");
}

static bool shows_attachment(const struct world_shown *to, json_t *one)
{
	if (!world_true(one, "is_private") || world_bug_is_insider(to->w, to->who))
		return true;
	return to->bmo && to->who[0] && strcmp(to->who, world_str(one, "creator")) == 0;
}

static json_t *attachments(const struct world_shown *to, json_t *bug, const char *prefix)
{
	json_t *list = world_own(json_array()), *one;
	size_t i;

	json_array_foreach(json_object_get(bug, "attachments"), i, one)
	{
		if (shows_attachment(to, one))
			json_array_append_new(list, narrowed(to, whole_attachment(to, one), prefix));
	}
	return list;
}

json_t *world_bug_attachments(const struct world_shown *to, json_t *bug)
{
	return attachments(to, bug, "");
}

json_t *world_bug_comment_view(json_t *bug, json_t *comment)
{
	return world_own(json_pack("{s:I,s:I,s:n,s:I,s:s,s:s,s:o,s:o,s:b,s:[]}", "id", world_int(comment, "id"),
				   "bug_id", world_int(bug, "id"), "attachment_id", "count",
				   world_int(comment, "count"), "text", world_str(comment, "text"), "creator",
				   world_str(comment, "creator"), "time",
				   world_time(world_int(comment, "creation_time")), "creation_time",
				   world_time(world_int(comment, "creation_time")), "is_private",
				   world_true(comment, "is_private"), "tags"));
}

/* ---- the bug ---- */

static json_t *duplicates(struct world *w, json_t *of)
{
	json_t *list = world_own(json_array()), *bug;
	const char *key;

	json_object_foreach(w->bugs->bugs, key, bug)
	{
		if (world_int(bug, "dupe_of") == world_int(of, "id"))
			json_array_append(list, json_object_get(bug, "id"));
	}
	return list;
}

static json_t *alias_of(const struct world_shown *to, json_t *bug)
{
	const char *alias = world_str(bug, "alias");

	if (to->bmo)
		return alias[0] ? json_string(alias) : json_null();
	return alias[0] ? json_pack("[s]", alias) : json_array();
}

static json_t *special(const struct world_shown *to, json_t *bug, const char *name)
{
	const char *priority = world_str(bug, "priority"), *login = world_str(bug, "creator");

	if (strcmp(name, "alias") == 0)
		return alias_of(to, bug);
	if (strcmp(name, "is_open") == 0)
		return json_boolean(world_bug_is_open(bug));
	if (strcmp(name, "dupe_of") == 0)
		return world_int(bug, "dupe_of") ? json_integer(world_int(bug, "dupe_of")) : json_null();
	if (strcmp(name, "duplicates") == 0)
		return duplicates(to->w, bug);
	if (strcmp(name, "flags") == 0)
		return flags_view(json_object_get(bug, "flags"));
	if (strcmp(name, "priority") == 0)
		return json_string(priority[0] ? priority : to->bmo ? "--" : "---");
	if (strcmp(name, "creator_detail") == 0)
		return world_bug_account_view(to->w, login, to->bmo);
	if (strcmp(name, "assigned_to_detail") == 0)
		return world_bug_account_view(to->w, world_str(bug, "assigned_to"), to->bmo);
	if (strcmp(name, "comment_count") == 0)
		return json_integer((json_int_t)json_array_size(json_object_get(bug, "comments")));
	return to->who[0] ? world_jtext("%lld-token-of-%lld", (long long)to->w->now_ms / 1000,
					(long long)world_int(bug, "id"))
			  : NULL; /* update_token */
}

enum kind { KIND_SAME, KIND_TIME, KIND_JSON, KIND_SPECIAL };
enum { BOTH, ONLY_BMO };

static const struct field {
	const char *name;
	enum kind kind;
	const char *usual; /* JSON, of what nothing here changes */
	int face;
} fields[] = {
	{"id", KIND_SAME, NULL, BOTH},
	{"alias", KIND_SPECIAL, NULL, BOTH},
	{"product", KIND_SAME, NULL, BOTH},
	{"component", KIND_SAME, NULL, BOTH},
	{"summary", KIND_SAME, NULL, BOTH},
	{"status", KIND_SAME, NULL, BOTH},
	{"resolution", KIND_SAME, NULL, BOTH},
	{"is_open", KIND_SPECIAL, NULL, BOTH},
	{"dupe_of", KIND_SPECIAL, NULL, BOTH},
	{"duplicates", KIND_SPECIAL, NULL, ONLY_BMO},
	{"keywords", KIND_SAME, NULL, BOTH},
	{"groups", KIND_SAME, NULL, BOTH},
	{"flags", KIND_SPECIAL, NULL, BOTH},
	{"whiteboard", KIND_SAME, NULL, BOTH},
	{"priority", KIND_SPECIAL, NULL, BOTH},
	{"severity", KIND_SAME, NULL, BOTH},
	{"version", KIND_SAME, NULL, BOTH},
	{"url", KIND_SAME, NULL, BOTH},
	{"type", KIND_SAME, NULL, ONLY_BMO},
	{"creator", KIND_SAME, NULL, BOTH},
	{"creator_detail", KIND_SPECIAL, NULL, BOTH},
	{"assigned_to", KIND_SAME, NULL, BOTH},
	{"assigned_to_detail", KIND_SPECIAL, NULL, BOTH},
	{"cc", KIND_SAME, NULL, BOTH},
	{"see_also", KIND_SAME, NULL, BOTH},
	{"creation_time", KIND_TIME, NULL, BOTH},
	{"last_change_time", KIND_TIME, NULL, BOTH},
	{"comment_count", KIND_SPECIAL, NULL, ONLY_BMO},
	{"update_token", KIND_SPECIAL, NULL, BOTH},
	{"classification", KIND_JSON, "\"Unclassified\"", BOTH},
	{"op_sys", KIND_JSON, "\"All\"", BOTH},
	{"platform", KIND_JSON, "\"All\"", BOTH},
	{"target_milestone", KIND_JSON, "\"---\"", BOTH},
	{"qa_contact", KIND_JSON, "\"\"", BOTH},
	{"cc_detail", KIND_JSON, "[]", BOTH},
	{"blocks", KIND_JSON, "[]", BOTH},
	{"depends_on", KIND_JSON, "[]", BOTH},
	{"deadline", KIND_JSON, "null", BOTH},
	{"estimated_time", KIND_JSON, "0", BOTH},
	{"remaining_time", KIND_JSON, "0", BOTH},
	{"actual_time", KIND_JSON, "0", BOTH},
	{"is_confirmed", KIND_JSON, "true", BOTH},
	{"is_cc_accessible", KIND_JSON, "true", BOTH},
	{"is_creator_accessible", KIND_JSON, "true", BOTH},
	{"regressions", KIND_JSON, "[]", ONLY_BMO},
	{"regressed_by", KIND_JSON, "[]", ONLY_BMO},
	{"mentors", KIND_JSON, "[]", ONLY_BMO},
	{"mentors_detail", KIND_JSON, "[]", ONLY_BMO},
	{"votes", KIND_JSON, "0", ONLY_BMO},
	{"cf_last_resolved", KIND_JSON, "null", ONLY_BMO},
};

static json_t *value_of(const struct world_shown *to, json_t *bug, const struct field *field)
{
	switch (field->kind) {
	case KIND_SAME:
		return json_incref(json_object_get(bug, field->name));
	case KIND_TIME:
		return world_time(world_int(bug, field->name));
	case KIND_JSON:
		return json_loads(field->usual, JSON_DECODE_ANY, NULL);
	case KIND_SPECIAL:
		break;
	}
	return special(to, bug, field->name);
}

json_t *world_bug_view(const struct world_shown *to, json_t *bug)
{
	json_t *view = world_own(json_object()), *value;
	const char *key;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if ((fields[i].face == ONLY_BMO && !to->bmo) || !world_bug_wants(to, fields[i].name))
			continue;
		value = value_of(to, bug, &fields[i]);
		if (value)
			world_put(view, fields[i].name, value);
	}
	json_object_foreach(bug, key, value)
	{
		if (strncmp(key, "cf_", 3) == 0 && (world_bug_wants(to, key) || world_bug_in(to->in, "_custom")))
			json_object_set(view, key, value);
	}
	if (wants_attachments(to))
		world_put(view, "attachments", attachments(to, bug, "attachments."));
	return view;
}
