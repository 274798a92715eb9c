/*
 * Granted flags with their numbers, and flags that a tracker keeps as custom fields of the bug: "cf_tracking_..." has
 * the value "?", "+" or "-". A field of any other value is no flag.
 */
#include "agent/tracker/bugzilla_inner.h"

#include <string.h>

static bool is_named(struct text name, struct text pattern)
{
	if (pattern.len > 0 && pattern.at[pattern.len - 1] == '*')
		return text_starts(name, (struct text){pattern.at, pattern.len - 1});
	return text_eq(name, pattern);
}

static bool is_marked(const struct tracker_wanted *wanted, struct text name)
{
	for (size_t i = 0; i < wanted->n_marks; i++)
		if (is_named(name, wanted->marks[i]))
			return true;
	return false;
}

static bool add_mark(const struct bugzilla_into *to, const struct tracker_mark *mark, struct err *err)
{
	struct tracker_bug *bug = to->bug;

	if (bug->n_marks == TRACKER_MARKS_MAX)
		return err_set(err, ERR_LIMIT, "flags: more than %d granted ones are told apart", TRACKER_MARKS_MAX);
	to->marks[bug->n_marks++] = *mark;
	bug->marks = to->marks;
	return true;
}

/* The list was taken as flags before, so that names and states are sound. */
bool bugzilla_take_marks(const struct bugzilla_into *to, jval flags, int64_t attachment, struct err *err)
{
	for (size_t i = 0; to->marks && i < jlen(flags); i++) {
		jval flag = jat(flags, i);
		struct tracker_mark mark = {attachment, 0, jtext(flag, "name")};

		if (!text_is(jtext(flag, "status"), "+") || !is_marked(to->wanted, mark.name))
			continue;
		if (!jneed_int(flag, "id", &mark.flag, err))
			return err_wrap(err, "flags");
		if (mark.flag <= 0)
			return err_set(err, ERR_INVALID, "flags: id: not a number of anything");
		mark.name = arena_text(to->arena, mark.name);
		if (!add_mark(to, &mark, err))
			return false;
	}
	return true;
}

/* 0: it is none of a flag. */
static enum bug_flag_status status_of(jval v)
{
	struct text value = jtext(v, "");

	return value.len == 1 && strchr("?+-", value.at[0]) ? (enum bug_flag_status)value.at[0]
							    : (enum bug_flag_status)0;
}

static bool next_field(jval v, size_t *i, struct bug_flag *ret)
{
	jval value;

	while (jmember(v, i, &ret->name, &value)) {
		ret->status = status_of(value);
		if (text_starts(ret->name, TEXT_LIT(TRACKER_FIELD)) && ret->name.len <= TRACKER_WORD_MAX)
			return true;
	}
	return false;
}

/* A field has no number by which one `+` could be told from the next: that it is not + in between is. */
static bool mark_field(const struct bugzilla_into *to, const struct bug_flag *flag, struct err *err)
{
	struct tracker_bug *bug = to->bug;

	if (!to->marks || !is_marked(to->wanted, flag->name))
		return true;
	if (flag->status == BUG_FLAG_GRANTED)
		return add_mark(to, &(struct tracker_mark){0, 0, arena_text(to->arena, flag->name)}, err);
	if (bug->n_unset < TRACKER_MARKS_MAX) {
		to->unset[bug->n_unset++] = arena_text(to->arena, flag->name);
		bug->unset = to->unset;
	}
	return true;
}

bool bugzilla_take_fields(const struct bugzilla_into *to, jval v, struct err *err)
{
	struct bug *bug = &to->bug->is;
	struct bug_flag *all = arena_alloc(to->arena, TRACKER_FLAGS_MAX, sizeof *all), flag = {.setter = 0};
	size_t n = bug->n_flags, i = 0;

	memcpy(all, bug->flags, n * sizeof *all);
	while (next_field(v, &i, &flag)) {
		if (!mark_field(to, &flag, err))
			return false;
		if (!flag.status)
			continue;
		if (n == TRACKER_FLAGS_MAX)
			return err_set(err, ERR_LIMIT, "flags: more than %d", TRACKER_FLAGS_MAX);
		flag.name = arena_text(to->arena, flag.name);
		all[n++] = flag;
	}
	bug->flags = all;
	bug->n_flags = n;
	return true;
}
