/*
 * Numbers are put into a sorted list, which ends at BUGS_MAX: whoever writes messages may write millions of them, and
 * what is too many is known before anything is done with the rest.
 */
#include "policy/bugs.h"
#include "policy/commit_message.h"

#include <string.h>

struct numbers { /* each once */
	int64_t at[BUGS_MAX];
	size_t n;
	bool too_many; /* others are left out */
};

enum { LISTS = 5 };

static void lists_of(const struct message *m, struct message_bugs *ret)
{
	ret[0] = m->bugs;
	ret[1] = m->bugs_conservative;
	ret[2] = m->backouts.bugs;
	ret[3] = m->backouts_strict.bugs;
	ret[4] = m->reverts.bugs;
}

/* Where it is, or belongs. */
static size_t place_of(const struct numbers *numbers, int64_t id)
{
	size_t from = 0, to = numbers->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (numbers->at[middle] < id)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static void add(struct numbers *to, int64_t id)
{
	size_t i = place_of(to, id);

	if (i < to->n && to->at[i] == id)
		return;
	if (to->n == BUGS_MAX) {
		to->too_many = true;
		return;
	}
	memmove(&to->at[i + 1], &to->at[i], (to->n - i) * sizeof to->at[0]);
	to->at[i] = id;
	to->n++;
}

static void add_all(struct numbers *to, const struct message *m)
{
	struct message_bugs lists[LISTS];

	lists_of(m, lists);
	for (size_t i = 0; i < LISTS; i++)
		for (size_t k = 0; k < lists[i].n && !to->too_many; k++)
			add(to, lists[i].at[k]);
}

static struct naming_commit *read_commits(const struct change *change, struct arena *arena, struct named_bugs *ret)
{
	struct naming_commit *all = arena_alloc(arena, change->n_commits, sizeof *all);

	for (size_t i = 0; i < change->n_commits; i++) {
		all[i].commit = &change->commits[i];
		commit_message(&change->commits[i], arena, &all[i].message);
		if (all[i].message.suspicious && !ret->suspicious)
			ret->suspicious = &all[i];
	}
	ret->commits = all;
	ret->n_commits = change->n_commits;
	return all;
}

/* The head's branch as a message: its words stand between `-`, `_` and `/`. Whose repository it is in names no bug. */
static struct text branch_words(struct text head_ref, struct arena *arena)
{
	size_t colon = text_find(head_ref, TEXT_LIT(":")), from = colon == SIZE_MAX ? 0 : colon + 1;
	size_t n = head_ref.len - from;
	char *words = arena_alloc(arena, n + 1, 1);

	for (size_t i = 0; i < n; i++) {
		char c = head_ref.at[from + i];

		words[i] = c == '-' || c == '_' || c == '/' ? ' ' : c;
	}
	return (struct text){words, n};
}

static void number(const struct change *change, struct named_bugs *named, struct arena *arena, struct numbers *ret)
{
	struct message title, branch;

	message_parse(change->title, arena, &title);
	named->title_misleads = title.why_suspicious;
	message_parse(branch_words(change->head_ref, arena), arena, &branch);
	add_all(ret, &title);
	add_all(ret, &branch);
	for (size_t i = 0; i < named->n_commits && !ret->too_many; i++)
		add_all(ret, &named->commits[i].message);
}

struct naming {                                 /* of one number */
	const struct naming_commit **by, *last; /* by NULL: they are counted */
	size_t n;
};

static void name(struct naming *of, const struct naming_commit *commit)
{
	if (of->last == commit)
		return;
	of->last = commit;
	if (of->by)
		of->by[of->n] = commit;
	of->n++;
}

static void name_all(const struct naming_commit *commit, const struct numbers *numbers, struct naming *namings)
{
	struct message_bugs lists[LISTS];

	lists_of(&commit->message, lists);
	for (size_t i = 0; i < LISTS; i++)
		for (size_t k = 0; k < lists[i].n; k++)
			name(&namings[place_of(numbers, lists[i].at[k])], commit);
}

/* Each commit once for each number, in their order: they are counted, then written. */
static void tell_commits(const struct numbers *numbers, struct named_bug *items, struct arena *arena,
			 struct named_bugs *ret)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct naming *namings = arena_alloc(&scratch, numbers->n, sizeof *namings);

	for (size_t i = 0; i < ret->n_commits; i++)
		name_all(&ret->commits[i], numbers, namings);
	for (size_t i = 0; i < numbers->n; i++) {
		const struct naming_commit **by = arena_alloc(arena, namings[i].n, sizeof *by);

		items[i] = (struct named_bug){numbers->at[i], by, namings[i].n};
		namings[i] = (struct naming){.by = by};
	}
	for (size_t i = 0; i < ret->n_commits; i++)
		name_all(&ret->commits[i], numbers, namings);
}

void bugs_named(const struct change *change, struct arena *arena, struct named_bugs *ret)
{
	struct numbers numbers = {.n = 0};
	struct named_bug *items;

	*ret = (struct named_bugs){0};
	(void)read_commits(change, arena, ret);
	number(change, ret, arena, &numbers);
	ret->too_many = numbers.too_many;
	if (ret->too_many)
		return;
	items = arena_alloc(arena, numbers.n, sizeof *items);
	tell_commits(&numbers, items, arena, ret);
	ret->items = items;
	ret->n = numbers.n;
}

/* ---- duplicates ---- */

static bool in_chain(const struct bug_chain *chain, struct text tracker, int64_t id)
{
	for (size_t i = 0; i < chain->n; i++)
		if (chain->items[i].id == id && text_eq(chain->items[i].tracker, tracker))
			return true;
	return false;
}

static void join(const struct facts *facts, struct text tracker, int64_t id, struct bug_chain *chain)
{
	const struct bug *bug = facts_bug(facts, tracker, id, 0);

	if (in_chain(chain, tracker, id))
		return;
	if (chain->n == BUGS_CHAIN_MAX) {
		chain->beyond = true;
		return;
	}
	chain->items[chain->n++] = bug ? *bug : (struct bug){.tracker = tracker, .id = id};
}

void bugs_chain(const struct facts *facts, struct text tracker, int64_t id, bool duplicates, struct bug_chain *ret)
{
	const struct bug *self;

	*ret = (struct bug_chain){0};
	for (size_t i = 0; (self = facts_bug(facts, tracker, id, i)) != NULL; i++) {
		if (ret->n == BUGS_CHAIN_MAX) {
			ret->beyond = true;
			break;
		}
		ret->items[ret->n++] = *self;
	}
	if (ret->n == 0)
		ret->items[ret->n++] = (struct bug){.tracker = tracker, .id = id};
	ret->n_self = ret->n;
	for (size_t i = 0; duplicates && i < ret->n; i++) { /* it grows, up to its end */
		const struct bug bug = ret->items[i];

		ret->more = ret->more || (bug.state == BUG_READ && (bug.unread & BUG_DUPLICATES));
		if (bug.dupe_of != 0)
			join(facts, bug.tracker, bug.dupe_of, ret);
		for (size_t k = 0; k < bug.n_duplicates && !ret->beyond; k++)
			join(facts, bug.tracker, bug.duplicates[k], ret);
	}
}
