#include "policy/facts.h"

#include <stdlib.h>

size_t facts_changes(const struct facts *facts)
{
	size_t n = facts->n_changes;

	for (size_t i = 0; i < facts->n_groups; i++)
		for (size_t k = 0; k < facts->groups[i].n_constituents; k++)
			n += facts->groups[i].constituents[k].facts.n_changes;
	return n;
}

static size_t change_bytes(const struct change *change)
{
	size_t n = change->title.len + change->body.len;

	for (size_t i = 0; i < change->n_commits; i++)
		n += change->commits[i].message.len;
	for (size_t i = 0; i < change->n_paths; i++)
		n += change->paths[i].path.len;
	for (size_t i = 0; i < change->n_labels; i++)
		n += change->labels[i].len;
	for (size_t i = 0; i < change->n_reviews; i++)
		n += change->reviews[i].body.len;
	for (size_t i = 0; i < change->n_comments; i++)
		n += change->comments[i].body.len;
	for (size_t i = 0; i < change->n_owners_files; i++)
		n += change->owners_files[i].bytes.len;
	return n;
}

static size_t flags_bytes(const struct bug_flag *flags, size_t n_flags)
{
	size_t n = 0;

	for (size_t i = 0; i < n_flags; i++)
		n += flags[i].name.len;
	return n;
}

static size_t bug_bytes(const struct bug *bug)
{
	size_t n = bug->tracker.len + bug->n_duplicates + flags_bytes(bug->flags, bug->n_flags);

	for (size_t i = 0; i < bug->n_keywords; i++)
		n += bug->keywords[i].len;
	for (size_t i = 0; i < bug->n_groups; i++)
		n += bug->groups[i].len;
	for (size_t i = 0; i < bug->n_attachments; i++) {
		const struct bug_attachment *attachment = &bug->attachments[i];

		n += attachment->revision.len + flags_bytes(attachment->flags, attachment->n_flags);
	}
	return n;
}

static size_t own_bytes(const struct facts *facts)
{
	size_t n = 0;

	for (size_t i = 0; i < facts->n_changes; i++)
		n += change_bytes(&facts->changes[i]);
	for (size_t i = 0; i < facts->n_bugs; i++)
		n += bug_bytes(&facts->bugs[i]);
	for (size_t i = 0; i < facts->n_trees; i++)
		n += facts->trees[i].name.len + facts->trees[i].reason.len;
	return n;
}

size_t facts_bytes(const struct facts *facts)
{
	size_t n = own_bytes(facts);

	for (size_t i = 0; i < facts->n_groups; i++)
		for (size_t k = 0; k < facts->groups[i].n_constituents; k++)
			n += own_bytes(&facts->groups[i].constituents[k].facts);
	return n;
}

static int by_id(const void *left, const void *right)
{
	const struct member *const *a = left, *const *b = right;

	if ((*a)->who.id != (*b)->who.id)
		return (*a)->who.id < (*b)->who.id ? -1 : 1;
	return (*a > *b) - (*a < *b); /* of two with one id the first, as without the index */
}

static int by_number(const void *left, const void *right)
{
	const struct bug *const *a = left, *const *b = right;

	if ((*a)->id != (*b)->id)
		return (*a)->id < (*b)->id ? -1 : 1;
	return (*a > *b) - (*a < *b);
}

void facts_index(struct facts *facts, struct arena *arena)
{
	const struct bug **bugs = arena_alloc(arena, facts->n_bugs, sizeof *bugs);
	const struct member **all = arena_alloc(arena, facts->n_people, sizeof *all);

	for (size_t i = 0; i < facts->n_people; i++)
		all[i] = &facts->people[i];
	if (facts->n_people > 1)
		qsort(all, facts->n_people, sizeof *all, by_id);
	facts->people_by_id = all;
	for (size_t i = 0; i < facts->n_bugs; i++)
		bugs[i] = &facts->bugs[i];
	if (facts->n_bugs > 1)
		qsort(bugs, facts->n_bugs, sizeof *bugs, by_number);
	facts->bugs_by_id = bugs;
}

/* Where the first stands whose number is not below this one. */
static size_t first_numbered(const struct facts *facts, int64_t id)
{
	size_t from = 0, to = facts->bugs_by_id ? facts->n_bugs : 0;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (facts->bugs_by_id[middle]->id < id)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

const struct bug *facts_bug(const struct facts *facts, struct text tracker, int64_t id, size_t i)
{
	for (size_t at = first_numbered(facts, id); at < facts->n_bugs; at++) {
		const struct bug *bug = facts->bugs_by_id ? facts->bugs_by_id[at] : &facts->bugs[at];

		if (facts->bugs_by_id && bug->id != id)
			return NULL;
		if (bug->id == id && (tracker.len == 0 || text_eq(tracker, bug->tracker)) && i-- == 0)
			return bug;
	}
	return NULL;
}

static const struct member *indexed(const struct facts *facts, int64_t id)
{
	size_t from = 0, to = facts->n_people; /* where the first stands whose id is not below this one */

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (facts->people_by_id[middle]->who.id < id)
			from = middle + 1;
		else
			to = middle;
	}
	return from < facts->n_people && facts->people_by_id[from]->who.id == id ? facts->people_by_id[from] : NULL;
}

static const struct member *listed(const struct facts *facts, int64_t id)
{
	for (size_t i = 0; i < facts->n_people; i++)
		if (facts->people[i].who.id == id)
			return &facts->people[i];
	return NULL;
}

const struct member *facts_member(const struct facts *facts, int64_t id)
{
	if (id == 0)
		return NULL;
	return facts->people_by_id ? indexed(facts, id) : listed(facts, id);
}

static const char *const permissions[] = {"unknown", "none", "read", "triage", "write", "maintain", "admin"};

const char *permission_name(enum permission p)
{
	return permissions[p];
}

enum permission permission_parse(struct text t)
{
	for (size_t i = 1; i < sizeof permissions / sizeof permissions[0]; i++)
		if (text_is(t, permissions[i]))
			return (enum permission)i;
	return PERMISSION_UNKNOWN;
}

static const char *const review_states[] = {"UNKNOWN",           "COMMENTED", "APPROVED",
					    "CHANGES_REQUESTED", "DISMISSED", "PENDING"};

const char *review_state_name(enum review_state s)
{
	return review_states[s];
}

enum review_state review_state_parse(struct text t)
{
	for (size_t i = 1; i < sizeof review_states / sizeof review_states[0]; i++)
		if (text_eq_nocase(t, text_of(review_states[i])))
			return (enum review_state)i;
	if (text_eq_nocase(t, TEXT_LIT("REQUEST_CHANGES")))
		return REVIEW_CHANGES_REQUESTED;
	return REVIEW_STATE_UNKNOWN;
}

static const char *const kinds[] = {
	[EVENT_IGNORED] = "ignored",
	[EVENT_PING] = "ping",
	[EVENT_PUSH] = "push",
	[EVENT_CHANGE] = "change",
	[EVENT_REVIEW] = "review",
	[EVENT_COMMENT] = "comment",
	[EVENT_STATUS] = "status",
	[EVENT_CHECK_RUN] = "check_run",
	[EVENT_CHECK_SUITE] = "check_suite",
	[EVENT_MERGE_GROUP] = "merge_group",
	[EVENT_INSTALLATION] = "installation",
	[EVENT_REPOSITORY] = "repository",
	[EVENT_MEMBER] = "member",
	[EVENT_MEMBERSHIP] = "membership",
	[EVENT_TEAM] = "team",
	[EVENT_ORGANIZATION] = "organization",
	[EVENT_PROTECTION] = "protection",
	[EVENT_WORKFLOW_RUN] = "workflow_run",
	[EVENT_THREAD] = "thread",
	[EVENT_BUG] = "bug",
};

const char *event_kind_name(enum event_kind kind)
{
	return (size_t)kind < EVENT_KINDS ? kinds[kind] : "ignored";
}

static const struct {
	enum carry how;
	const char *name;
} carries[] = {
	{CARRY_SAME_TREE, "same-tree"},
	{CARRY_SAME_PATCH, "same-patch"},
	{CARRY_BASE_MERGE, "base-merge"},
	{CARRY_ANY_PUSH, "any-push"},
};

const char *order_how_name(enum order_how how)
{
	static const char *const names[ORDER_HOWS] = {"comment", "queue", "auto_merge"};

	return names[how];
}

const char *carry_name(enum carry how)
{
	for (size_t i = 0; i < sizeof carries / sizeof carries[0]; i++)
		if (carries[i].how == how)
			return carries[i].name;
	return "";
}

bool carry_parse(struct text t, enum carry *ret)
{
	for (size_t i = 0; i < sizeof carries / sizeof carries[0]; i++)
		if (text_is(t, carries[i].name)) {
			*ret = carries[i].how;
			return true;
		}
	return false;
}

struct text workflow_path(struct text path)
{
	for (size_t i = path.len; i > 0; i--) {
		struct text before = {path.at, i - 1};

		if (path.at[i - 1] == '@' &&
		    (text_ends(before, TEXT_LIT(".yml")) || text_ends(before, TEXT_LIT(".yaml"))))
			return before;
	}
	return path;
}
