#include "policy/bors_import.h"

#include <string.h>

#include "policy/quoted.h"

struct page {
	struct arena *arena;
	char *at;
	size_t used, size;
};

static void put(struct page *page, struct text t)
{
	if (page->size - page->used < t.len) {
		size_t size = 2 * (page->size + t.len);
		char *bigger = arena_alloc(page->arena, size, 1);

		if (page->used > 0)
			memcpy(bigger, page->at, page->used);
		page->at = bigger;
		page->size = size;
	}
	if (t.len > 0)
		memcpy(page->at + page->used, t.at, t.len);
	page->used += t.len;
}

static void say(struct page *page, const char *lines)
{
	put(page, text_of(lines));
}

static void put_quoted(struct page *page, struct text t)
{
	put(page, quoted(t, page->arena));
}

/* ---- the policy ---- */

static void put_head(struct page *page, const struct bors *bors)
{
	bool named = false;

	say(page,
	    "# What bors.toml asks of reviews and labels, for headgate. headgate reads it from the base branch, where\n"
	    "# bors reads bors.toml from the change itself; and it judges until the change has landed, where bors\n"
	    "# looks once, at r+. headgate's guards (draft, changes requested, guarded files) apply besides.\n");
	for (size_t i = 0; i < bors->pr_status.n; i++)
		named = named || text_is(bors->pr_status.at[i], "policy/merge-allowed");
	if (!named)
		say(page, "# bors.toml does not name policy/merge-allowed in pr_status: bors does not ask headgate.\n");
}

static bool listed_before(const struct bors_texts *list, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (text_eq(list->at[k], list->at[i]))
			return true;
	return false;
}

static void put_labels(struct page *page, const struct bors_texts *labels)
{
	if (labels->n == 0)
		return;
	say(page, "    # block_labels: any one of them blocks, for as long as it is there.\n"
		  "    if:\n"
		  "      any_of:\n");
	for (size_t i = 0; i < labels->n; i++) {
		if (listed_before(labels, i))
			continue;
		say(page, "        - has_labels: [");
		put_quoted(page, labels->at[i]);
		say(page, "]\n");
	}
}

static void put_disapproval(struct page *page, const struct bors *bors)
{
	bool reviews = bors_given(bors, "required_approvals") != 0;

	if (!reviews && bors->block_labels.n == 0)
		return;
	say(page, "  disapproval:\n");
	put_labels(page, &bors->block_labels);
	if (reviews)
		say(page, "    # With required_approvals bors lets whoever may read the repository block by \"changes "
			  "requested\".\n"
			  "    # Without these lines only people with write access do.\n"
			  "    requires:\n"
			  "      permissions: [read]\n");
}

static void put_freshness(struct page *page, const struct bors *bors)
{
	if (bors->up_to_date_approvals)
		say(page,
		    "  # up_to_date_approvals = true: always so here, an approval counts for its own commit alone.\n");
	else
		say(page, "  # up_to_date_approvals = false: bors keeps an approval over a push. Here it counts for "
			  "its own commit\n"
			  "  # alone, and has to be given again.\n");
}

static void put_rule(struct page *page, const struct bors *bors)
{
	int64_t count = bors->required_approvals > 0 ? bors->required_approvals : 1;

	if (bors_given(bors, "required_approvals") == 0)
		say(page, "  # No required_approvals: bors lands what one reviewer says r+ to. The nearest to it is "
			  "one approval.\n");
	else if (bors->required_approvals == 0)
		say(page, "  # required_approvals = 0: bors asks for no approval but the r+. The nearest to it is one "
			  "approval.\n");
	else
		put_freshness(page, bors);
	say(page, "  - name: approvals\n"
		  "    requires:\n");
	put(page, arena_printf(page->arena, "      count: %lld\n", (long long)count));
	say(page,
	    "      # bors counts any account; here people with write access count, who did not write the change.\n"
	    "      permissions: [write]\n");
}

static void put_owners(struct page *page, const struct bors *bors)
{
	if (!bors->use_codeowners)
		return;
	say(page, "  # use_codeowners: bors looks at the first 30 files, and at approvals of any commit. Here each "
		  "file needs an\n"
		  "  # owner who has write access; what nobody owns, somebody who has it. Without CODEOWNERS nobody "
		  "owns anything.\n"
		  "  - name: owners\n"
		  "    requires:\n"
		  "      owners: {file: CODEOWNERS, per: file, unowned: write}\n");
}

static void put_rest(struct page *page, const struct bors *bors)
{
	const struct bors_key *key;
	bool any = false;

	for (size_t i = 0; (key = bors_key_at(i)); i++) {
		if (!key->does || bors->lines[i] == 0)
			continue;
		if (!any)
			say(page, "# What bors goes on doing by itself, from bors.toml:\n");
		any = true;
		put(page, arena_printf(page->arena, "#   %s: %s\n", key->name, key->does));
	}
}

struct text bors_policy(const struct bors *bors, struct arena *arena)
{
	struct page page = {.arena = arena};

	put_head(&page, bors);
	say(&page, "policy:\n"
		   "  approval:\n"
		   "    - approvals\n");
	if (bors->use_codeowners)
		say(&page, "    - owners\n");
	put_disapproval(&page, bors);
	say(&page, "approval_rules:\n");
	put_rule(&page, bors);
	put_owners(&page, bors);
	put_rest(&page, bors);
	return (struct text){page.at, page.used};
}
