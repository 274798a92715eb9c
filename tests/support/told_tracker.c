#include "tests/support/told_tracker.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static const struct text secure_keywords[] = {{"sec-high", 8}};
static const struct text approvals[] = {{"sec-approval", 12}};

static bool answers_beside(struct told_tracker *t, enum err_code besides, struct err *err)
{
	enum err_code code = t->fails != ERR_OK ? t->fails : besides;

	if (code == ERR_OK)
		return true;
	(void)err_set(err, code, "told to fail");
	err->retry_at_ms = t->retry_at;
	return false;
}

static bool answers(struct told_tracker *t, struct err *err)
{
	return answers_beside(t, ERR_OK, err);
}

static enum err_code spoils(const struct told_tracker *t, int64_t id)
{
	return t->spoilt == id ? t->spoils : ERR_OK;
}

static struct tracker_bug tell(const struct told_tracker *t, int64_t id)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->bugs[i].is.id == id) {
			struct tracker_bug bug = t->bugs[i];

			bug.is.as_of = *t->now;
			bug.marks = t->marks;
			bug.n_marks = t->n_marks;
			bug.unset = &t->unset;
			bug.n_unset = t->unset.len > 0;
			return bug;
		}
	return (struct tracker_bug){.is = {.id = id, .state = BUG_MISSING, .as_of = *t->now}};
}

static enum err_code read_bug(void *self, const struct tracker_call *call, int64_t id,
			      const struct tracker_wanted *wanted, struct tracker_bug *out, struct err *err)
{
	struct told_tracker *t = self;

	(void)call;
	t->fields = wanted->fields;
	t->reads++;
	if (t->on_read)
		t->on_read(t->context, t->reads);
	if (!answers_beside(t, spoils(t, id), err))
		return err->code;
	*out = tell(t, id);
	return ERR_OK;
}

static struct tracker_bugs hints_of(const struct told_tracker *t, const int64_t *ids, size_t n, struct arena *arena)
{
	struct tracker_bug *at = arena_alloc(arena, n + 1, sizeof *at);

	for (size_t i = 0; i < n; i++) {
		at[i] = tell(t, ids[i]);
		at[i].is.unread |= BUG_FLAGS | BUG_ATTACHMENTS;
		at[i].attachments_told = false;
		if (spoils(t, ids[i]) == ERR_INVALID || spoils(t, ids[i]) == ERR_LIMIT)
			at[i] = (struct tracker_bug){.is = {.id = ids[i], .as_of = *t->now}};
	}
	return (struct tracker_bugs){at, n};
}

static enum err_code read_hints(void *self, const struct tracker_call *call, const struct tracker_ids *ids,
				struct tracker_bugs *out, struct err *err)
{
	struct told_tracker *t = self;

	t->lists++;
	t->hinted += (unsigned)ids->n;
	if (!answers(t, err))
		return err->code;
	*out = hints_of(t, ids->at, ids->n, call->arena);
	return ERR_OK;
}

static enum err_code page(struct told_tracker *t, size_t n, struct tracker_walk *walk, struct tracker_ids *out,
			  struct err *err)
{
	t->lists++;
	if (!answers(t, err))
		return err->code;
	walk->done = true;
	*out = (struct tracker_ids){t->ids, n};
	return ERR_OK;
}

static enum err_code read_changed(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				  struct tracker_bugs *out, struct err *err)
{
	struct told_tracker *t = self;
	struct tracker_ids ids = {NULL, 0};

	t->since = walk->since;
	if (page(t, t->n_changed, walk, &ids, err) != ERR_OK)
		return err->code;
	*out = hints_of(t, ids.at, ids.n, call->arena);
	return ERR_OK;
}

static enum err_code read_secure(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				 struct tracker_ids *out, struct err *err)
{
	struct told_tracker *t = self;

	(void)call;
	t->secured++;
	if (!answers_beside(t, t->secure_fails, err))
		return err->code;
	return page(t, t->n_secure, walk, out, err);
}

static enum err_code read_self(void *self, const struct tracker_call *call, struct tracker_self *out, struct err *err)
{
	struct told_tracker *t = self;

	(void)call;
	t->lists++;
	if (!answers_beside(t, t->self_fails, err))
		return err->code;
	*out = (struct tracker_self){7, TRI_YES, t->in_groups, t->pushes, 0};
	return ERR_OK;
}

static enum err_code read_time(void *self, const struct tracker_call *call, int64_t *out, struct err *err)
{
	struct told_tracker *t = self;

	(void)call;
	t->lists++;
	if (!answers(t, err))
		return err->code;
	*out = *t->now;
	return ERR_OK;
}

/* ---- writing ---- */

static enum err_code written(struct told_tracker *t, enum tracker_fate *fate, struct err *err)
{
	*fate = t->fate;
	if (t->on_write)
		t->on_write(t->context);
	if (t->fate == TRACKER_DONE)
		return ERR_OK;
	(void)err_set(err, t->write_fails, "told not to");
	err->retry_at_ms = t->retry_at;
	return err->code;
}

static enum err_code write_comment(void *self, const struct tracker_call *call, const struct tracker_comment *in,
				   enum tracker_fate *fate, struct err *err)
{
	struct told_tracker *t = self;

	(void)call;
	t->comments++;
	t->commented = t->commented || t->says_done || t->fate == TRACKER_DONE;
	(void)snprintf(t->said, sizeof t->said, "%lld %.*s", (long long)in->bug, TEXT_ARG(in->words));
	return written(t, fate, err);
}

static enum err_code write_clear(void *self, const struct tracker_call *call, int64_t bug,
				 const struct tracker_mark *mark, enum tracker_fate *fate, struct err *err)
{
	struct told_tracker *t = self;

	(void)call, (void)bug, (void)mark;
	t->clears++;
	if (t->says_done || t->fate == TRACKER_DONE)
		t->n_marks = 0;
	return written(t, fate, err);
}

static enum err_code look_for_comment(void *self, const struct tracker_call *call, const struct tracker_comment *in,
				      bool *ret, struct err *err)
{
	struct told_tracker *t = self;

	(void)call, (void)in;
	t->looks++;
	if (!answers(t, err))
		return err->code;
	*ret = t->commented;
	return ERR_OK;
}

void told_tracker_open(struct told_tracker *t, int64_t *now, int64_t max_age_ms)
{
	*t = (struct told_tracker){
		.now = now, .table = bug_table_new(max_age_ms), .in_groups = TRI_YES, .pushes = TRI_YES};
	t->port = (struct tracker){.self = t,
				   .bug = read_bug,
				   .hints = read_hints,
				   .changed_since = read_changed,
				   .secure_ids = read_secure,
				   .whoami = read_self,
				   .db_time = read_time,
				   .comment = write_comment,
				   .clear = write_clear,
				   .commented = look_for_comment};
	t->fate = TRACKER_DONE;
	t->source = (struct bug_source){.name = TEXT_LIT("bmo"),
					.port = t->port,
					.table = t->table,
					.keywords = {secure_keywords, 1},
					.approvals = {approvals, 1},
					.tells_duplicates = true,
					.table_max_age_ms = INT64_C(24) * 3600000};
	t->sources = (struct bug_sources){&t->source, 1};
}

void told_tracker_close(struct told_tracker *t)
{
	for (size_t i = 0; i < t->n; i++)
		free((void *)(uintptr_t)t->bugs[i].is.attachments);
	bug_table_free(t->table);
}

struct tracker_bug *told_tracker_bug(struct told_tracker *t, int64_t id, const char *keyword)
{
	struct tracker_bug *bug = &t->bugs[t->n++];

	ck_assert_uint_le(t->n, TOLD_BUGS_MAX);
	*bug = (struct tracker_bug){.is = {.id = id, .state = BUG_READ, .secure = TRI_NO, .open = TRI_YES},
				    .duplicates_told = true,
				    .attachments_told = true};
	if (keyword) {
		ck_assert_str_eq(keyword, "sec-high");
		bug->is.keywords = secure_keywords;
		bug->is.n_keywords = 1;
	}
	return bug;
}

struct kept { /* one attachment with its flag */
	struct bug_attachment attachment;
	struct bug_flag flag;
};

void told_tracker_approval(struct tracker_bug *bug, char status, bool obsolete)
{
	struct kept *kept = calloc(1, sizeof *kept);

	ck_assert_ptr_nonnull(kept);
	free((void *)(uintptr_t)bug->is.attachments);
	kept->flag = (struct bug_flag){.name = approvals[0], .status = (enum bug_flag_status)status, .setter = 9};
	kept->attachment =
		(struct bug_attachment){.id = 1, .obsolete = obsolete, .flags = &kept->flag, .n_flags = status != 0};
	bug->is.attachments = &kept->attachment;
	bug->is.n_attachments = 1;
}
