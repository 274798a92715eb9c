#include "tests/support/secret_world.h"

#include <check.h>
#include <string.h>

#define POOL(dice, pool) (pool)[dice_roll(dice, sizeof(pool) / sizeof((pool)[0]))]
#define POLICY_TRIES     1000

static bool chance(struct secret_world *w, uint64_t of_100)
{
	return dice_roll(&w->dice, 100) < of_100;
}

/* ---- policies ---- */

static const char *const blocks[] = {
	"every: {any_of: [{keywords: {none_of: [sec-high, sec-critical]}}, {attachment_flag: {name: sec-approval, "
	"status: '+'}}]}",
	"tracker: bmo, every: {keywords: {none_of: [sec-high]}}",
	"tracker: other, any: {private: false}",
	"min: 1",
	"min: 1, every: {bug_exists: true}",
	"every: {private: false}",
	"every: {not: {private: true}}",
	"every: {groups: {none_of: [core-security]}}",
	"every: {resolution: {none_of: [FIXED]}}, any: {bug_open: true}",
	"every: {attachment_flag: {name: sec-approval, status: '+', by: {groups: [sec-approvers]}}}",
	"every: {attachment_flag: {name: sec-approval, status: '+', patch: this}}",
	"every: {flag: {name: sec-approval, status: '?'}}",
	"duplicates: false, every: {bug_open: true}",
	"on_unknown: failure, every: {keywords: {any_of: [Regression]}}",
	"on_unknown: pending, every: {any_of: [{bug_open: true}, {closedbug: true}, {backout: true}]}",
};

/* %s: conditions of bugs. */
static const char *const rules[] = {
	"requires: {count: 1, permissions: [write]}",
	"requires: {count: 2, permissions: [write]}",
	"if: {changed_files: {paths: ['^gen/']}}, requires: {count: 1, admins: true}",
	"requires: {conditions: {from_branch: {pattern: '^fix-.*$'}}}",
	"requires: {conditions: {has_labels: [ready]}}",
	"visibility: restricted, requires: {count: 1, permissions: [maintain]}",
	"visibility: restricted, requires: {count: 1, permissions: [write]}",
	"requires: {conditions: {bugs: {%s}}}",
	"requires: {conditions: {bugs: {%s}}}",
	"on_unknown: {hook: allow}, requires: {count: 1, permissions: [write], conditions: {bugs: {%s}}}",
	"requires: {count: 2, permissions: [write], conditions: {bugs: {%s}}}",
	"if: {targets_branch: {pattern: '^main$'}}, requires: {conditions: {bugs: {%s}}}",
	"requires: {conditions: {not: {bugs: {%s}}}}",
	"requires: {conditions: {any_of: [{bugs: {%s}}, {has_labels: [ready]}]}}",
	"requires: {conditions: {all_of: [{bugs: {%s}}, {has_labels: [bug]}]}}",
	"mode: warn, requires: {conditions: {bugs: {%s}}}",
	"mode: 'off', requires: {conditions: {bugs: {%s}}}",
	"mode: warn, visibility: restricted, requires: {count: 1, admins: true}",
};

static struct text draw_rule(struct secret_world *w, size_t i)
{
	struct text rule = text_of(POOL(&w->dice, rules)), block = text_of(POOL(&w->dice, blocks));
	size_t at = text_find(rule, TEXT_LIT("%s"));

	if (at != SIZE_MAX)
		rule = arena_printf(&w->policies, "%.*s%.*s%s", (int)at, rule.at, TEXT_ARG(block), rule.at + at + 2);
	return arena_printf(&w->policies, "- {name: r%zu, description: what %zu asks, %.*s}\n", i, i, TEXT_ARG(rule));
}

/* The rules from one number up to another, each once, joined somehow. */
static struct text draw_entry(struct secret_world *w, size_t from, size_t upto)
{
	static const char *const joins[] = {"and", "or", "or", "distinct", "at_least"};
	const char *join = POOL(&w->dice, joins);
	size_t middle = from + 1 + dice_roll(&w->dice, upto - from);
	struct text left, right;

	if (upto - from == 1)
		return arena_printf(&w->policies, "r%zu", from);
	if (middle >= upto)
		middle = upto - 1;
	left = draw_entry(w, from, middle);
	right = draw_entry(w, middle, upto);
	if (join[1] == 't')
		return arena_printf(&w->policies, "{at_least: {count: %d, of: [%.*s, %.*s]}}",
				    1 + (int)dice_roll(&w->dice, 2), TEXT_ARG(left), TEXT_ARG(right));
	return arena_printf(&w->policies, "{%s: [%.*s, %.*s]}", join, TEXT_ARG(left), TEXT_ARG(right));
}

static struct text draw_policy(struct secret_world *w)
{
	size_t n = 2 + dice_roll(&w->dice, 4), half = 1 + dice_roll(&w->dice, n - 1);
	struct text text = TEXT_LIT("policy:\n");

	if (chance(w, 50)) {
		struct text all = draw_entry(w, 0, n);

		text = arena_printf(&w->policies, "%.*s  approval: [%.*s]\n", TEXT_ARG(text), TEXT_ARG(all));
	} else {
		struct text left = draw_entry(w, 0, half), right = draw_entry(w, half, n);

		text = arena_printf(&w->policies, "%.*s  approval: [%.*s, %.*s]\n", TEXT_ARG(text), TEXT_ARG(left),
				    TEXT_ARG(right));
	}
	if (chance(w, 20)) {
		struct text here = draw_entry(w, 0, half), there = draw_entry(w, half, n);

		text = arena_printf(&w->policies, "%.*s  branches: {'^main$': [%.*s], default: [%.*s]}\n",
				    TEXT_ARG(text), TEXT_ARG(here), TEXT_ARG(there));
	}
	if (chance(w, 20)) {
		struct text here = draw_entry(w, 0, n);

		text = arena_printf(&w->policies, "%.*s  contexts: {policy/try-allowed: {approval: [%.*s]}}\n",
				    TEXT_ARG(text), TEXT_ARG(here));
	}
	text = arena_printf(&w->policies, "%.*sapproval_rules:\n", TEXT_ARG(text));
	for (size_t i = 0; i < n; i++) {
		struct text rule = draw_rule(w, i);

		text = arena_printf(&w->policies, "%.*s%.*s", TEXT_ARG(text), TEXT_ARG(rule));
	}
	return text;
}

void secret_policy(struct secret_world *w)
{
	for (int i = 0; i < POLICY_TRIES; i++) {
		struct problem problem;

		arena_release(&w->policies);
		w->policy_text = draw_policy(w);
		if (policy_parse(w->policy_text, NULL, &w->policies, &w->policy, &problem))
			return;
		w->refused++;
	}
	ck_abort_msg("no policy in %d draws, the last one:\n%s", POLICY_TRIES, w->policy_text.at);
}

/* ---- what the public knows ---- */

static void draw_change(struct secret_world *w, size_t i)
{
	static const char *const messages[] = {"Bug 1 - x",
					       "Bug 2 and bug 3",
					       "Fix it",
					       "Bug 4 a=erin",
					       "Bug 5 CLOSEDBUG",
					       "Backed out changeset 0123456789ab (bug 2)",
					       "Bug 6\n\nDifferential Revision: https://p.example/D10"};
	static const unsigned unknown[] = {FACT_REVIEWS, FACT_COMMITS, FACT_STATE, FACT_BASE, FACT_DRAFT};
	struct change *change = &w->changes[i];
	struct commit *commits = w->commits[i];

	*change = w->example.change;
	commits[0] = w->example.commits[0];
	commits[1] = w->example.commits[1];
	commits[0].message = text_of(POOL(&w->dice, messages));
	commits[1].message = text_of(POOL(&w->dice, messages));
	change->number += (int64_t)i;
	change->commits = commits;
	change->n_reviews = chance(w, 80) ? 2 : dice_roll(&w->dice, 3);
	change->draft = chance(w, 5);
	change->open = !chance(w, 3);
	change->base_ref = chance(w, 70) ? TEXT_LIT("main") : TEXT_LIT("beta");
	change->n_labels = dice_roll(&w->dice, 2);
	change->title = chance(w, 20) ? TEXT_LIT("Bug 3 - a title") : TEXT_LIT("A title");
	if (chance(w, 6))
		change->known &= ~POOL(&w->dice, unknown);
}

static void draw_group(struct secret_world *w)
{
	size_t n = 1 + dice_roll(&w->dice, SECRET_CHANGES), at = w->facts.n_changes;

	if (!chance(w, 30))
		return;
	for (size_t i = 0; i < n; i++) {
		w->constituents[i] = (struct constituent){.facts = w->facts, .number = w->changes[i].number};
		w->constituents[i].facts.changes = &w->changes[i];
		w->constituents[i].facts.n_changes = 1;
		w->constituents[i].facts.changes_known = !chance(w, 5);
		w->constituents[i].facts.allowed_before = false;
	}
	w->group = (struct group){
		.base_ref = TEXT_LIT("main"), .constituents = w->constituents, .n_constituents = chance(w, 97) ? n : 0};
	w->facts.groups = &w->group;
	w->facts.n_groups = 1;
	if (chance(w, 80))
		w->facts.n_changes = at = 0;
	for (size_t i = 0; i < at + n; i++)
		w->governed[i] = (struct governed){.policy = w->policy};
}

void secret_draw(struct secret_world *w)
{
	static const struct problem broken = {3, 1, "a key is unknown"};
	size_t n = chance(w, 75) ? 1 : SECRET_CHANGES;

	arena_release(&w->arena);
	for (size_t i = 0; i < SECRET_CHANGES; i++)
		draw_change(w, i);
	for (size_t i = 0; i < SECRET_CHANGES; i++)
		w->governed[i] = (struct governed){.policy = w->policy};
	if (n > 1 && chance(w, 5))
		w->governed[1] = (struct governed){.problem = &broken};
	w->facts = w->example.facts;
	w->facts.changes = w->changes;
	w->facts.n_changes = n;
	w->facts.changes_known = !chance(w, 3);
	w->facts.allowed_before = chance(w, 30);
	w->facts.shadowed = chance(w, 10);
	draw_group(w);
}

/* ---- what trackers say ---- */

static void draw_names(struct secret_world *w, const struct text *pool, size_t n_pool, const struct text **ret,
		       size_t *ret_n)
{
	size_t n = chance(w, 50) ? 0 : dice_roll(&w->dice, n_pool + 1);
	struct text *names = arena_alloc(&w->arena, n, sizeof *names);

	for (size_t i = 0; i < n; i++)
		names[i] = pool[dice_roll(&w->dice, n_pool)];
	*ret = names;
	*ret_n = n;
}

static void draw_flags(struct secret_world *w, const struct bug_flag **ret, size_t *ret_n)
{
	static const enum bug_flag_status statuses[] = {BUG_FLAG_ASKED, BUG_FLAG_GRANTED, BUG_FLAG_GRANTED,
							BUG_FLAG_DENIED};
	static const struct text setters[] = {{"sec-approvers", 13}, {"editbugs", 8}};
	size_t n = dice_roll(&w->dice, 3);
	struct bug_flag *flags = arena_alloc(&w->arena, n, sizeof *flags);

	for (size_t i = 0; i < n; i++) {
		flags[i] = (struct bug_flag){.name = TEXT_LIT("sec-approval"),
					     .status = POOL(&w->dice, statuses),
					     .setter = 9,
					     .setter_groups_known = chance(w, 80)};
		if (flags[i].setter_groups_known)
			draw_names(w, setters, 2, &flags[i].groups, &flags[i].n_groups);
	}
	*ret = flags;
	*ret_n = n;
}

static void draw_attachments(struct secret_world *w, struct bug *bug)
{
	size_t n = dice_roll(&w->dice, 3);
	struct bug_attachment *all = arena_alloc(&w->arena, n, sizeof *all);

	for (size_t i = 0; i < n; i++) {
		all[i] = (struct bug_attachment){.id = (int64_t)i + 1,
						 .obsolete = chance(w, 20),
						 .patch = chance(w, 50),
						 .revision = chance(w, 50) ? TEXT_LIT("D10") : TEXT_LIT("D20")};
		draw_flags(w, &all[i].flags, &all[i].n_flags);
	}
	bug->attachments = all;
	bug->n_attachments = n;
}

static void draw_duplicates(struct secret_world *w, struct bug *bug)
{
	int64_t *all = arena_alloc(&w->arena, 1, sizeof *all);

	if (chance(w, 20))
		bug->dupe_of = 1 + (int64_t)dice_roll(&w->dice, SECRET_IDS + 1);
	if (!chance(w, 20))
		return;
	all[0] = 1 + (int64_t)dice_roll(&w->dice, SECRET_IDS + 1);
	bug->duplicates = all;
	bug->n_duplicates = 1;
}

static void draw_bug(struct secret_world *w, int64_t id, struct bug *ret)
{
	static const struct text keywords[] = {{"sec-high", 8}, {"sec-critical", 12}, {"Regression", 10}};
	static const struct text groups[] = {{"core-security", 13}};
	static const enum bug_state odd[] = {BUG_HIDDEN, BUG_MISSING, BUG_UNREAD};
	static const enum tri answers[] = {TRI_YES, TRI_YES, TRI_NO, TRI_NO, TRI_NO, TRI_NO, TRI_NO, TRI_UNKNOWN};

	*ret = (struct bug){.id = id,
			    .state = chance(w, 85) ? BUG_READ : POOL(&w->dice, odd),
			    .secure = POOL(&w->dice, answers),
			    .open = POOL(&w->dice, answers),
			    .unread = chance(w, 4) ? (unsigned)dice_roll(&w->dice, 32) : 0,
			    .as_of = (int64_t)dice_roll(&w->dice, 1000),
			    .from_table = chance(w, 10)};
	if (ret->state == BUG_HIDDEN)
		ret->secure = TRI_YES;
	if (ret->state != BUG_READ)
		return;
	if (ret->open == TRI_NO)
		ret->resolution = chance(w, 50) ? TEXT_LIT("FIXED") : TEXT_LIT("WONTFIX");
	draw_names(w, keywords, 3, &ret->keywords, &ret->n_keywords);
	draw_names(w, groups, 1, &ret->groups, &ret->n_groups);
	draw_flags(w, &ret->flags, &ret->n_flags);
	draw_attachments(w, ret);
	draw_duplicates(w, ret);
}

void secret_bugs(struct secret_world *w, struct secret_bugs *ret)
{
	static const struct text trackers[SECRET_TRACKERS] = {{"bmo", 3}, {"other", 5}};

	ret->n = 0;
	for (size_t t = 0; t < SECRET_TRACKERS; t++)
		for (int64_t id = 1; id <= SECRET_IDS; id++) {
			if (chance(w, t == 0 ? 10 : 90))
				continue;
			draw_bug(w, id, &ret->items[ret->n]);
			ret->items[ret->n++].tracker = trackers[t];
		}
}

struct verdict secret_judge(struct secret_world *w, const struct secret_bugs *bugs, struct text context,
			    struct arena *arena)
{
	struct facts facts = w->facts;
	struct verdict verdict;

	facts.bugs = bugs->items;
	facts.n_bugs = bugs->n;
	for (size_t i = 0; i < SECRET_CHANGES; i++) {
		w->constituents[i].facts.bugs = bugs->items;
		w->constituents[i].facts.n_bugs = bugs->n;
	}
	if (context.len > 0)
		policy_judge_context(w->governed, &facts, context, arena, &verdict);
	else
		policy_judge(w->governed, &facts, arena, &verdict);
	return verdict;
}

struct text secret_print(const struct bug *bug, struct arena *arena)
{
	struct text t =
		arena_printf(arena, "%.*s %lld: state %d secure %d open %d unread %u dupe_of %lld duplicates %zu",
			     TEXT_ARG(bug->tracker), (long long)bug->id, bug->state, bug->secure, bug->open,
			     bug->unread, (long long)bug->dupe_of, bug->n_duplicates);

	for (size_t i = 0; i < bug->n_keywords; i++)
		t = arena_printf(arena, "%.*s, %.*s", TEXT_ARG(t), TEXT_ARG(bug->keywords[i]));
	for (size_t i = 0; i < bug->n_attachments; i++)
		for (size_t k = 0; k < bug->attachments[i].n_flags; k++)
			t = arena_printf(arena, "%.*s, attachment %zu%s %c", TEXT_ARG(t), i,
					 bug->attachments[i].obsolete ? " (obsolete)" : "",
					 bug->attachments[i].flags[k].status);
	return t;
}

void secret_open(struct secret_world *w, uint64_t seed)
{
	memset(w, 0, sizeof *w);
	w->dice.state = seed;
	case_make(&w->example);
}

void secret_close(struct secret_world *w)
{
	arena_release(&w->policies);
	arena_release(&w->arena);
	case_drop(&w->example);
}
