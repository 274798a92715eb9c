/* One row a key: its name, its type, where its value goes. TOML itself is read by toml.c. */
#include "policy/bors.h"

#include <assert.h>
#include <stddef.h>

#define NODES_MAX    2000
#define DEPTH_MAX    8
#define NAME_MAX_LEN 40 /* longer than any key */

struct reading {
	struct arena *arena;
	struct problem *problem;
};

struct row {
	struct bors_key doc;
	bool (*read)(struct reading *reading, const struct row *row, const struct toml *value, void *out);
	size_t offset; /* of its member in struct bors */
	int64_t min, max;
};

/* ---- values by type ---- */

static bool plain_text(struct reading *reading, const struct toml *value, struct text *ret)
{
	if (value->kind != TOML_TEXT)
		return toml_problem(value, reading->problem, "expected text in quotes");
	for (size_t i = 0; i < value->text.len; i++)
		if (value->text.at[i] == '\0')
			return toml_problem(value, reading->problem, "text with a NUL character");
	*ret = value->text;
	return true;
}

static bool read_text(struct reading *reading, const struct row *row, const struct toml *value, void *out)
{
	(void)row;
	return plain_text(reading, value, out);
}

static bool read_flag(struct reading *reading, const struct row *row, const struct toml *value, void *out)
{
	if (value->kind != TOML_BOOLEAN)
		return toml_problem(value, reading->problem, "`%s` is true or false", row->doc.name);
	*(bool *)out = value->truth;
	return true;
}

static bool read_number(struct reading *reading, const struct row *row, const struct toml *value, void *out)
{
	int64_t n;

	if (!toml_int(value, &n) || n < row->min || n > row->max)
		return toml_problem(value, reading->problem, "`%s` is a whole number from %lld to %lld", row->doc.name,
				    (long long)row->min, (long long)row->max);
	*(int64_t *)out = n;
	return true;
}

static bool read_list(struct reading *reading, const struct row *row, const struct toml *value, void *out)
{
	struct bors_texts *list = out;
	struct text *texts;
	size_t n = 0;

	if (value->kind != TOML_ARRAY)
		return toml_problem(value, reading->problem, "`%s` is a list: [\"...\"]", row->doc.name);
	if (value->n > BORS_LIST_MAX)
		return toml_problem(value, reading->problem, "a list of more than %d entries", BORS_LIST_MAX);
	texts = arena_alloc(reading->arena, value->n, sizeof *texts);
	for (const struct toml *entry = value->first; entry; entry = entry->next, n++) {
		if (!plain_text(reading, entry, &texts[n]))
			return false;
		if (texts[n].len == 0)
			return toml_problem(entry, reading->problem, "an empty name");
	}
	*list = (struct bors_texts){texts, n};
	return true;
}

/* bors refuses a status that is listed twice. */
static bool read_statuses(struct reading *reading, const struct row *row, const struct toml *value, void *out)
{
	const struct toml *entry;
	struct bors_texts list = {NULL, 0};

	if (!read_list(reading, row, value, &list))
		return false;
	entry = value->first;
	for (size_t i = 0; i < list.n; i++, entry = entry->next)
		for (size_t k = 0; k < i; k++)
			if (text_eq(list.at[i], list.at[k]))
				return toml_problem(entry, reading->problem, "`%.*s` is listed twice",
						    TEXT_ARG(text_cut(list.at[i], 60)));
	*(struct bors_texts *)out = list;
	return true;
}

static bool unknown(struct reading *reading, const struct toml *member, const char *near)
{
	(void)toml_problem(member, reading->problem, "unknown key `%.*s`%s%s%s", TEXT_ARG(text_cut(member->key, 60)),
			   near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
	reading->problem->line = member->key_line;
	reading->problem->column = member->key_column;
	return false;
}

static bool read_person(struct reading *reading, const struct row *row, const struct toml *value, void *out)
{
	static const char *const names[] = {"name", "email"};
	struct bors_person person = {TEXT_EMPTY, TEXT_EMPTY};

	if (value->kind != TOML_TABLE)
		return toml_problem(value, reading->problem, "`%s` is a table with `name` and `email`", row->doc.name);
	for (const struct toml *member = value->first; member; member = member->next) {
		bool name = text_is(member->key, names[0]);

		if (!name && !text_is(member->key, names[1]))
			return unknown(reading, member, text_nearest(member->key, names, 2));
		if (!plain_text(reading, member, name ? &person.name : &person.email))
			return false;
	}
	if (person.name.len == 0 || person.email.len == 0)
		return toml_problem(value, reading->problem, "`%s` needs `name` and `email`", row->doc.name);
	*(struct bors_person *)out = person;
	return true;
}

/* ---- keys ---- */

#define AT(member) offsetof(struct bors, member)

static const struct row rows[BORS_KEYS] = {
	{{"status", "waits for these statuses of the commit that it builds"}, read_statuses, AT(status), 0, 0},
	{{"pr_status", "wants these statuses of the change, once, at r+"}, read_statuses, AT(pr_status), 0, 0},
	{{"block_labels", NULL}, read_list, AT(block_labels), 0, 0},
	{{"required_approvals", NULL}, read_number, AT(required_approvals), 0, 100},
	{{"up_to_date_approvals", NULL}, read_flag, AT(up_to_date_approvals), 0, 0},
	{{"use_codeowners", NULL}, read_flag, AT(use_codeowners), 0, 0},
	{{"timeout_sec", "gives a batch up after so many seconds"}, read_number, AT(timeout_sec), 1, INT32_MAX},
	{{"prerun_timeout_sec", "waits so many seconds for pr_status"},
	 read_number,
	 AT(prerun_timeout_sec),
	 0,
	 INT32_MAX},
	{{"use_squash_merge", "makes one commit of each change"}, read_flag, AT(use_squash_merge), 0, 0},
	{{"commit_title", "names its merge commits so"}, read_text, AT(commit_title), 0, 0},
	{{"committer", "makes its merge commits in this name"}, read_person, AT(committer), 0, 0},
	{{"cut_body_after", "cuts the description for its commit message"}, read_text, AT(cut_body_after), 0, 0},
	{{"delete_merged_branches", "deletes branches that it has merged"},
	 read_flag,
	 AT(delete_merged_branches),
	 0,
	 0},
	{{"update_base_for_deletes", "retargets changes before that"}, read_flag, AT(update_base_for_deletes), 0, 0},
	{{"max_batch_size", "builds so many changes together"}, read_number, AT(max_batch_size), 1, INT32_MAX},
};

const struct bors_key *bors_key_at(size_t i)
{
	return i < BORS_KEYS ? &rows[i].doc : NULL;
}

unsigned bors_given(const struct bors *bors, const char *key)
{
	size_t i = 0;

	while (i < BORS_KEYS && !text_is(text_of(key), rows[i].doc.name))
		i++;
	assert(i < BORS_KEYS);
	return bors->lines[i];
}

static bool same_key(struct text key, const char *name)
{
	struct text wanted = text_of(name);
	size_t i = 0;

	if (key.len != wanted.len)
		return false;
	while (i < key.len && (key.at[i] == wanted.at[i] || (key.at[i] == '-' && wanted.at[i] == '_')))
		i++;
	return i == key.len;
}

static bool unknown_key(struct reading *reading, const struct toml *member)
{
	const char *names[BORS_KEYS];
	char underscored[NAME_MAX_LEN];
	size_t len = member->key.len;

	for (size_t i = 0; i < BORS_KEYS; i++)
		names[i] = rows[i].doc.name;
	for (size_t i = 0; i < len && i < NAME_MAX_LEN; i++)
		underscored[i] = (char)(member->key.at[i] == '-' ? '_' : member->key.at[i]);
	return unknown(reading, member,
		       len > NAME_MAX_LEN ? NULL : text_nearest((struct text){underscored, len}, names, BORS_KEYS));
}

static bool twice(struct reading *reading, const struct toml *member, const char *name, unsigned first)
{
	(void)toml_problem(member, reading->problem,
			   "`%s` is given twice (first in line %u): bors takes `-` and `_` for the same", name, first);
	reading->problem->line = member->key_line;
	reading->problem->column = member->key_column;
	return false;
}

static bool read_member(struct reading *reading, const struct toml *member, struct bors *bors)
{
	size_t i = 0;

	while (i < BORS_KEYS && !same_key(member->key, rows[i].doc.name))
		i++;
	if (i == BORS_KEYS)
		return unknown_key(reading, member);
	if (bors->lines[i] != 0)
		return twice(reading, member, rows[i].doc.name, bors->lines[i]);
	bors->lines[i] = member->key_line;
	return rows[i].read(reading, &rows[i], member, (char *)bors + rows[i].offset);
}

bool bors_parse(struct text bytes, struct arena *arena, struct bors *ret, struct problem *problem)
{
	static const struct toml_limits limits = {BORS_BYTES_MAX, DEPTH_MAX, NODES_MAX};
	struct reading reading = {arena, problem};
	struct bors bors = {.commit_title = TEXT_LIT("")};
	const struct toml *root;

	if (!toml_parse(bytes, &limits, arena, &root, problem))
		return false;
	for (const struct toml *member = root->first; member; member = member->next)
		if (!read_member(&reading, member, &bors))
			return false;
	if (bors.status.n + bors.pr_status.n + bors.block_labels.n == 0) {
		(void)toml_problem(root, problem,
				   "`status`, `pr_status` and `block_labels` are all empty: bors takes no such file");
		problem->line = problem->column = 0;
		return false;
	}
	*ret = bors;
	return true;
}
