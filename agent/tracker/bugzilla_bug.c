/* Bugs: one of them as it is, or many as a copy may have them. */
#include "agent/tracker/bugzilla_inner.h"

#define ATTACHMENT_FIELDS "id,bug_id,is_obsolete,is_patch,is_private,content_type,flags"

struct reading { /* one bug being read */
	struct bugzilla *b;
	const struct tracker_call *call;
	struct tracker_bug *bug;
	struct bugzilla_open open;
	struct arena scratch;
};

struct tracker_bug bugzilla_unread(const struct bugzilla *b, struct arena *arena, int64_t id)
{
	return (struct tracker_bug){
		.is = {.tracker = arena_text(arena, b->config.name),
		       .id = id,
		       .as_of = b->ports.clock.wall(b->ports.clock.self)},
		.changed_at = WHEN_UNKNOWN,
		.answered_at = WHEN_UNKNOWN,
	};
}

/* What cannot be seen may be secret: of what is missing nothing can be. */
static void unseen(struct tracker_bug *bug, enum bugzilla_fate fate)
{
	bug->is.state = fate == BUGZILLA_HIDDEN ? BUG_HIDDEN : BUG_MISSING;
	bug->is.secure = fate == BUGZILLA_HIDDEN ? TRI_YES : TRI_UNKNOWN;
}

static bool the_one(jval root, jval *ret, struct err *err)
{
	jval list = jget(root, "bugs"), faults = jget(root, "faults");

	if (!list || !jis_array(list) || jlen(list) != 1 || (faults && (!jis_array(faults) || jlen(faults))))
		return err_set(err, ERR_INVALID, "bugs: not a list of the one asked for");
	*ret = jat(list, 0);
	return true;
}

static enum err_code read_bug(struct reading *r, const struct bugzilla_into *to, int64_t id, struct err *err)
{
	const struct bugzilla_flavour *f = r->b->flavour;
	struct text number = arena_printf(&r->scratch, "%lld", (long long)id);
	const char *fields = to->wanted->fields ? ",_custom" : "";
	struct bugzilla_path path = {.path = arena_printf(&r->scratch, "%s%s", f->bug_path, fields).at,
				     .segments = &number,
				     .n = 1,
				     .of_bug = true};
	struct bugzilla_reply reply;
	enum err_code code = bugzilla_get(r->b, r->call, &path, &reply, err);
	bool ok = true;
	jval v;

	if (code != ERR_OK)
		return code;
	to->bug->answered_at = reply.date;
	if (reply.fate != BUGZILLA_TOLD)
		unseen(to->bug, reply.fate);
	else
		ok = the_one(jdoc_root(reply.doc), &v, err) && bugzilla_take_bug(to, v, id, err) &&
		     bugzilla_take_more(to, v, f->duplicates, err) &&
		     (!f->combined || bugzilla_take_attachments(to, jget(v, "attachments"), err));
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

/* {"412": ...}: an array, which would be looked into by place, is none. */
static jval of_number(jval bugs, const char *number)
{
	return jis_object(bugs) ? jget(bugs, number) : NULL;
}

static enum err_code read_attachments(struct reading *r, const struct bugzilla_into *to, struct err *err)
{
	struct text number = arena_printf(&r->scratch, "%lld", (long long)to->bug->is.id);
	struct bugzilla_path path = {.path = "/rest/bug/*/attachment?include_fields=" ATTACHMENT_FIELDS,
				     .segments = &number,
				     .n = 1,
				     .of_bug = true};
	struct bugzilla_reply reply;
	enum err_code code = bugzilla_get(r->b, r->call, &path, &reply, err);
	bool ok = true;

	if (code != ERR_OK)
		return code;
	if (reply.fate != BUGZILLA_TOLD)
		ok = err_set(err, ERR_RETRY, "the bug went out of sight while it was read");
	else
		ok = bugzilla_take_attachments(to, of_number(jget(jdoc_root(reply.doc), "bugs"), number.at), err);
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

static enum err_code read_all(struct reading *r, int64_t id, const struct tracker_wanted *wanted, struct err *err)
{
	struct tracker_mark *marks = arena_alloc(r->call->arena, TRACKER_MARKS_MAX, sizeof *marks);
	struct text *unset = arena_alloc(r->call->arena, TRACKER_MARKS_MAX, sizeof *unset);
	struct bugzilla_into to = {r->call->arena, &r->scratch, r->bug, wanted, &r->open, marks, unset};
	enum err_code code = read_bug(r, &to, id, err);

	if (code != ERR_OK || r->bug->is.state != BUG_READ)
		return code;
	if (!r->b->flavour->combined)
		code = read_attachments(r, &to, err);
	if (code == ERR_OK)
		code = bugzilla_look_up(r->b, r->call, wanted, &r->open, err);
	return code == ERR_OK ? bugzilla_revisions(r->b, r->call, &r->open, err) : code;
}

enum err_code bugzilla_bug(void *self, const struct tracker_call *call, int64_t id, const struct tracker_wanted *wanted,
			   struct tracker_bug *out, struct err *err)
{
	struct tracker_bug bug = bugzilla_unread(self, call->arena, id);
	struct reading r = {.b = self, .call = call, .bug = &bug};
	enum err_code code;

	if (id <= 0)
		return err_set(err, ERR_INVALID, "not a bug's number"), err->code;
	if (wanted->n_groups > TRACKER_GROUPS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d groups of setters", TRACKER_GROUPS_MAX), err->code;
	code = read_all(&r, id, wanted, err);
	arena_wipe(&r.scratch);
	if (code == ERR_OK)
		*out = bug;
	return code;
}

/* ---- many ---- */

static struct text joined(struct arena *arena, const struct tracker_ids *ids)
{
	struct text all = TEXT_EMPTY;

	for (size_t i = 0; i < ids->n; i++)
		all = arena_printf(arena, "%.*s%s%lld", TEXT_ARG(all), i ? "," : "", (long long)ids->at[i]);
	return all;
}

/* The place of this bug, SIZE_MAX: it was not asked for, or came before. */
static size_t place_of(const struct tracker_ids *ids, const struct tracker_bug *bugs, int64_t id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (ids->at[i] == id && bugs[i].is.state == BUG_UNREAD)
			return i;
	return SIZE_MAX;
}

struct batch {
	const struct tracker_ids *ids;
	struct tracker_bug *bugs; /* of each */
};

static bool take_hints(struct bugzilla *b, struct arena *arena, const struct batch *batch, jval list, struct err *err)
{
	static const struct tracker_wanted nothing = {.n_flags = 0};
	const struct tracker_ids *ids = batch->ids;
	struct tracker_bug *bugs = batch->bugs;

	if (!list || !jis_array(list) || jlen(list) > ids->n)
		return err_set(err, ERR_INVALID, "bugs: not a list of those asked for");
	for (size_t i = 0; i < jlen(list); i++) {
		int64_t id = jint(jat(list, i), "id", 0);
		size_t place = place_of(ids, bugs, id);
		struct tracker_bug bug = bugzilla_unread(b, arena, id);
		struct bugzilla_into to = {arena, NULL, &bug, &nothing, NULL, NULL, NULL};

		if (place == SIZE_MAX)
			return err_set(err, ERR_INVALID, "bugs: one that was not asked for, or twice");
		bug.is.as_of = bugs[place].is.as_of; /* when the asking began */
		bugzilla_take_hint(&to, jat(list, i));
		bugs[place] = bug;
	}
	return true;
}

/* A search leaves out what is hidden and what is missing without a word. What is not understood alone either stays
 * unread. */
static enum err_code ask_left_out(struct bugzilla *b, const struct tracker_call *call, struct tracker_bug *bug,
				  struct err *err)
{
	auto_wiped struct arena scratch = ARENA_EMPTY;
	struct text number = arena_printf(&scratch, "%lld", (long long)bug->is.id);
	struct bugzilla_path path = {.path = "/rest/bug/*?include_fields=" BUGZILLA_HINT_FIELDS,
				     .segments = &number,
				     .n = 1,
				     .of_bug = true};
	static const struct tracker_wanted nothing = {.n_flags = 0};
	struct bugzilla_into to = {call->arena, NULL, bug, &nothing, NULL, NULL, NULL};
	struct bugzilla_reply reply;
	enum err_code code = bugzilla_get(b, call, &path, &reply, err);
	struct err ignored = ERR_NONE;
	jval v;

	if (code != ERR_OK)
		return code;
	if (reply.fate != BUGZILLA_TOLD)
		unseen(bug, reply.fate);
	else if (the_one(jdoc_root(reply.doc), &v, &ignored))
		bugzilla_take_hint(&to, v);
	jdoc_free(reply.doc);
	return ERR_OK;
}

static enum err_code ask_batch(struct bugzilla *b, const struct tracker_call *call, const struct batch *batch,
			       struct err *err)
{
	auto_wiped struct arena scratch = ARENA_EMPTY;
	struct text all = joined(&scratch, batch->ids);
	struct bugzilla_path path = {
		.path = "/rest/bug?id=*&include_fields=" BUGZILLA_HINT_FIELDS, .segments = &all, .n = 1};
	struct bugzilla_reply reply;
	enum err_code code = bugzilla_get(b, call, &path, &reply, err);
	bool ok;

	if (code != ERR_OK)
		return code;
	ok = take_hints(b, call->arena, batch, jget(jdoc_root(reply.doc), "bugs"), err);
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

enum err_code bugzilla_hints(void *self, const struct tracker_call *call, const struct tracker_ids *ids,
			     struct tracker_bugs *out, struct err *err)
{
	struct tracker_bug *bugs = arena_alloc(call->arena, ids->n + 1, sizeof *bugs);
	enum err_code code = ERR_OK;

	if (ids->n > TRACKER_HINTS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d bugs at once", TRACKER_HINTS_MAX), err->code;
	for (size_t i = 0; i < ids->n; i++) {
		if (ids->at[i] <= 0 || place_of(ids, bugs, ids->at[i]) != i)
			return err_set(err, ERR_INVALID, "not a bug's number, or twice the same"), err->code;
		bugs[i] = bugzilla_unread(self, call->arena, ids->at[i]);
	}
	if (ids->n > 0)
		code = ask_batch(self, call, &(struct batch){ids, bugs}, err);
	for (size_t i = 0; code == ERR_OK && i < ids->n; i++)
		if (bugs[i].is.state == BUG_UNREAD)
			code = ask_left_out(self, call, &bugs[i], err);
	if (code == ERR_OK)
		*out = (struct tracker_bugs){bugs, ids->n};
	return code;
}
