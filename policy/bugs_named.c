#include "policy/bugs.h"
#include "policy/commit_message.h"

#include <stdlib.h>

struct pair { /* a number, and who names it */
	int64_t id;
	size_t commit; /* SIZE_MAX: the title, or the name of the branch */
};

struct pairs {
	struct pair *items;
	size_t n;
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

static size_t count(const struct message *m)
{
	struct message_bugs lists[LISTS];
	size_t n = 0;

	lists_of(m, lists);
	for (size_t i = 0; i < LISTS; i++)
		n += lists[i].n;
	return n;
}

static void collect(const struct message *m, size_t commit, struct pairs *pairs)
{
	struct message_bugs lists[LISTS];

	lists_of(m, lists);
	for (size_t i = 0; i < LISTS; i++)
		for (size_t k = 0; k < lists[i].n; k++)
			pairs->items[pairs->n++] = (struct pair){lists[i].at[k], commit};
}

static int by_number(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (a->commit > b->commit) - (a->commit < b->commit);
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

static struct pairs pairs_of(const struct change *change, struct named_bugs *named, struct arena *arena)
{
	struct pairs pairs = {0};
	struct message title, branch;
	size_t n;

	message_parse(change->title, arena, &title);
	named->title_misleads = title.why_suspicious;
	message_parse(branch_words(change->head_ref, arena), arena, &branch);
	n = count(&title) + count(&branch);
	for (size_t i = 0; i < named->n_commits; i++)
		n += count(&named->commits[i].message);
	pairs.items = arena_alloc(arena, n, sizeof *pairs.items);
	for (size_t i = 0; i < named->n_commits; i++)
		collect(&named->commits[i].message, i, &pairs);
	collect(&title, SIZE_MAX, &pairs);
	collect(&branch, SIZE_MAX, &pairs);
	if (pairs.n > 1)
		qsort(pairs.items, pairs.n, sizeof *pairs.items, by_number);
	return pairs;
}

static size_t distinct_numbers(const struct pairs *pairs)
{
	size_t n = 0;

	for (size_t i = 0; i < pairs->n; i++)
		n += i == 0 || pairs->items[i].id != pairs->items[i - 1].id;
	return n;
}

void bugs_named(const struct change *change, struct arena *arena, struct named_bugs *ret)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct named_bug *items;
	const struct naming_commit **by;
	struct pairs pairs;
	size_t n = 0, n_by = 0, distinct;

	*ret = (struct named_bugs){0};
	(void)read_commits(change, arena, ret);
	pairs = pairs_of(change, ret, &scratch);
	distinct = distinct_numbers(&pairs);
	ret->too_many = distinct > BUGS_MAX;
	if (ret->too_many)
		return;
	items = arena_alloc(arena, distinct, sizeof *items);
	by = arena_alloc(arena, pairs.n, sizeof *by);
	for (size_t i = 0; i < pairs.n; i++) {
		const struct pair *pair = &pairs.items[i];
		bool again = i > 0 && pair[-1].id == pair->id;

		if (!again)
			items[n++] = (struct named_bug){.id = pair->id, .by = by + n_by};
		if (pair->commit == SIZE_MAX || (again && pair[-1].commit == pair->commit))
			continue;
		by[n_by++] = &ret->commits[pair->commit];
		items[n - 1].n_by++;
	}
	ret->items = items;
	ret->n = n;
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
