#include "agent/tracker/tracker_copy.h"

static const struct text *words(const struct text *at, size_t n, struct arena *arena)
{
	struct text *copy = arena_alloc(arena, n + 1, sizeof *copy);

	for (size_t i = 0; i < n; i++)
		copy[i] = arena_text(arena, at[i]);
	return copy;
}

static const struct bug_flag *flags(const struct bug_flag *at, size_t n, struct arena *arena)
{
	struct bug_flag *copy = arena_alloc(arena, n + 1, sizeof *copy);

	for (size_t i = 0; i < n; i++) {
		copy[i] = at[i];
		copy[i].name = arena_text(arena, at[i].name);
		copy[i].groups = words(at[i].groups, at[i].n_groups, arena);
	}
	return copy;
}

static const struct bug_attachment *attachments(const struct bug *bug, struct arena *arena)
{
	struct bug_attachment *copy = arena_alloc(arena, bug->n_attachments + 1, sizeof *copy);

	for (size_t i = 0; i < bug->n_attachments; i++) {
		copy[i] = bug->attachments[i];
		copy[i].revision = arena_text(arena, copy[i].revision);
		copy[i].flags = flags(copy[i].flags, copy[i].n_flags, arena);
	}
	return copy;
}

static const struct tracker_mark *marks(const struct tracker_mark *at, size_t n, struct arena *arena)
{
	struct tracker_mark *copy = arena_alloc(arena, n + 1, sizeof *copy);

	for (size_t i = 0; i < n; i++) {
		copy[i] = at[i];
		copy[i].name = arena_text(arena, at[i].name);
	}
	return copy;
}

struct tracker_bug tracker_copy(const struct tracker_bug *in, struct arena *arena)
{
	struct tracker_bug out = *in;
	struct bug *bug = &out.is;
	int64_t *duplicates = arena_alloc(arena, bug->n_duplicates + 1, sizeof *duplicates);

	for (size_t i = 0; i < bug->n_duplicates; i++)
		duplicates[i] = bug->duplicates[i];
	bug->tracker = arena_text(arena, bug->tracker);
	bug->resolution = arena_text(arena, bug->resolution);
	bug->keywords = words(bug->keywords, bug->n_keywords, arena);
	bug->groups = words(bug->groups, bug->n_groups, arena);
	bug->flags = flags(bug->flags, bug->n_flags, arena);
	bug->attachments = attachments(bug, arena);
	bug->duplicates = duplicates;
	out.marks = marks(in->marks, in->n_marks, arena);
	out.unset = words(in->unset, in->n_unset, arena);
	return out;
}

static bool same_words(const struct text *a, size_t n, const struct text *b, size_t n_b)
{
	for (size_t i = 0; n == n_b && i < n; i++)
		if (!text_eq(a[i], b[i]))
			return false;
	return n == n_b;
}

bool tracker_wanted_same(const struct tracker_wanted *a, const struct tracker_wanted *b)
{
	return a->revisions == b->revisions && a->fields == b->fields &&
	       same_words(a->flags, a->n_flags, b->flags, b->n_flags) &&
	       same_words(a->groups, a->n_groups, b->groups, b->n_groups) &&
	       same_words(a->marks, a->n_marks, b->marks, b->n_marks);
}

struct tracker_wanted tracker_wanted_copy(const struct tracker_wanted *in, struct arena *arena)
{
	return (struct tracker_wanted){.flags = words(in->flags, in->n_flags, arena),
				       .n_flags = in->n_flags,
				       .groups = words(in->groups, in->n_groups, arena),
				       .n_groups = in->n_groups,
				       .revisions = in->revisions,
				       .fields = in->fields,
				       .marks = words(in->marks, in->n_marks, arena),
				       .n_marks = in->n_marks};
}
