#include "policy/forge_rules.h"

#include <string.h>

#include "policy/quoted.h"
#include "policy/reviews.h"

bool forge_rules_status(struct forge_rules *rules, const struct forge_status_rule *status)
{
	for (size_t i = 0; i < rules->n_statuses; i++)
		if (text_eq(rules->statuses[i].name, status->name)) {
			if (rules->statuses[i].app_id == 0)
				rules->statuses[i] = *status;
			if (status->app_id == 0 || status->app_id == rules->statuses[i].app_id)
				return true;
		}
	if (rules->n_statuses == FORGE_RULES_STATUSES_MAX)
		return false;
	rules->statuses[rules->n_statuses++] = *status;
	return true;
}

bool forge_rules_other(struct forge_rules *rules, struct text name)
{
	for (size_t i = 0; i < rules->n_others; i++)
		if (text_eq(rules->others[i], name))
			return true;
	if (rules->n_others == FORGE_RULES_OTHERS_MAX)
		return false;
	rules->others[rules->n_others++] = name;
	return true;
}

/* ---- what becomes a rule ---- */

struct page {
	struct arena *arena;
	struct text all;
};

static void say(struct page *page, const char *lines)
{
	page->all = arena_printf(page->arena, "%.*s%s", TEXT_ARG(page->all), lines);
}

static void put(struct page *page, struct text t)
{
	page->all = arena_printf(page->arena, "%.*s%.*s", TEXT_ARG(page->all), TEXT_ARG(t));
}

static bool is_own(const struct forge_rules *rules, const struct forge_status_rule *status)
{
	return text_eq_nocase(status->name, rules->context);
}

static bool asks_reviews(const struct forge_rules *rules)
{
	return rules->reviews && rules->approvals > 0;
}

static bool asks_owners(const struct forge_rules *rules)
{
	return rules->code_owners && rules->owners_file;
}

static bool asks_statuses(const struct forge_rules *rules)
{
	for (size_t i = 0; i < rules->n_statuses; i++)
		if (!is_own(rules, &rules->statuses[i]))
			return true;
	return false;
}

static bool asks_threads(const struct forge_rules *rules)
{
	return rules->threads;
}

static bool asks_signatures(const struct forge_rules *rules)
{
	return rules->signatures;
}

static void put_reviews(struct page *page, const struct forge_rules *rules)
{
	say(page,
	    rules->keeps_stale
		    ? "  # GitHub keeps approvals over a push. Here each counts for its own commit alone.\n"
		    : "  # GitHub dismisses approvals after a push; here each counts for its own commit alone.\n");
	put(page, arena_printf(page->arena,
			       "  - name: reviews\n    requires:\n      count: %lld\n      permissions: [write]\n",
			       (long long)rules->approvals));
}

static void put_owners(struct page *page, const struct forge_rules *rules)
{
	(void)rules;
	say(page, "  # What nobody owns needs somebody with write access here; GitHub asks nobody then.\n"
		  "  - name: owners\n    requires:\n"
		  "      owners: {file: CODEOWNERS, per: file, unowned: write}\n");
}

static void put_status(struct page *page, const struct forge_status_rule *status)
{
	if (status->app.len == 0) {
		put(page,
		    status->app_id == 0
			    ? TEXT_LIT("            # GitHub takes it from whoever may post it; {name, app} says "
				       "whose it must be.\n")
			    : arena_printf(page->arena,
					   "            # GitHub takes it from app %lld alone, which did not show "
					   "its name: write {name, app}.\n",
					   (long long)status->app_id));
		say(page, "            - ");
		put(page, quoted(status->name, page->arena));
		say(page, "\n");
		return;
	}
	say(page, "            - {name: ");
	put(page, quoted(status->name, page->arena));
	say(page, ", app: ");
	put(page, quoted(status->app, page->arena));
	say(page, "}\n");
}

static void put_statuses(struct page *page, const struct forge_rules *rules)
{
	say(page, "  # GitHub's own conclusions that pass; each is looked at until the change has landed.\n"
		  "  - name: statuses\n    requires:\n      conditions:\n        has_status:\n"
		  "          conclusions: [success, neutral, skipped]\n          statuses:\n");
	for (size_t i = 0; i < rules->n_statuses; i++)
		if (!is_own(rules, &rules->statuses[i]))
			put_status(page, &rules->statuses[i]);
}

static void put_threads(struct page *page, const struct forge_rules *rules)
{
	(void)rules;
	say(page, "  - name: conversations\n    requires:\n      conditions:\n        threads_resolved: true\n");
}

static void put_signatures(struct page *page, const struct forge_rules *rules)
{
	(void)rules;
	say(page, "  - name: signatures\n    requires:\n      conditions:\n        has_valid_signatures: true\n");
}

static const struct {
	const char *name;
	bool (*asked)(const struct forge_rules *rules);
	void (*put)(struct page *page, const struct forge_rules *rules);
} parts[] = {
	{"reviews", asks_reviews, put_reviews},          {"owners", asks_owners, put_owners},
	{"statuses", asks_statuses, put_statuses},       {"conversations", asks_threads, put_threads},
	{"signatures", asks_signatures, put_signatures},
};
enum { PARTS = sizeof parts / sizeof parts[0] };

/* ---- what is said ---- */

static bool passes_unpinned(const struct forge_rules *rules)
{
	for (size_t i = 0; i < rules->n_statuses; i++)
		if (rules->statuses[i].app_id == 0 && !is_own(rules, &rules->statuses[i]))
			return true;
	return false;
}

static bool names_headgate(const struct forge_rules *rules)
{
	for (size_t i = 0; i < rules->n_statuses; i++)
		if (is_own(rules, &rules->statuses[i]))
			return true;
	return false;
}

static void put_gaps(struct page *page, const struct forge_rules *rules)
{
	const struct {
		bool there;
		const char *line;
	} gaps[] = {
		{!rules->last_push,
		 "#   a commit that somebody else pushed under the author's name: its pusher may approve\n"},
		{rules->reviews && rules->keeps_stale, "#   an approval of an older commit counts for this one\n"},
		{rules->admins_pass, "#   administrators are not held to branch protection\n"},
		{rules->rulesets, "#   whoever is on the list of a ruleset passes it; headgate has no such list\n"},
		{passes_unpinned(rules), "#   a status without an app is taken from whoever may post it\n"},
		{rules->code_owners && !rules->owners_file,
		 "#   owners must approve, and there is no CODEOWNERS: nobody is asked, and no rule is written here\n"},
		{!rules->reviews || rules->approvals == 0, "#   no approval is asked for\n"},
	};

	say(page, "# What GitHub does not enforce:\n");
	for (size_t i = 0; i < sizeof gaps / sizeof gaps[0]; i++)
		if (gaps[i].there)
			say(page, gaps[i].line);
}

static void put_left(struct page *page, const struct forge_rules *rules)
{
	if (rules->n_others == 0 && !rules->last_push)
		return;
	say(page, "# What GitHub must go on enforcing itself, unless it says otherwise:\n");
	if (rules->last_push)
		say(page, "#   somebody else than who pushed last approves: here nobody who pushed ever counts\n");
	for (size_t i = 0; i < rules->n_others; i++) {
		say(page, "#   ");
		put(page, plain(rules->others[i], 60, page->arena));
		say(page, "\n");
	}
}

struct text forge_rules_policy(const struct forge_rules *rules, struct arena *arena)
{
	struct page page = {arena, TEXT_EMPTY};
	bool any = false;

	put(&page, arena_printf(arena,
				"# What GitHub asks of changes into %.*s of %.*s, for headgate: here of every branch.\n"
				"# headgate's guards (draft, changes requested, guarded files) apply besides.\n",
				TEXT_ARG(plain(rules->branch, 60, arena)), TEXT_ARG(plain(rules->repo, 100, arena))));
	put_gaps(&page, rules);
	put_left(&page, rules);
	if (!names_headgate(rules))
		put(&page, arena_printf(arena, "# No rule requires %.*s: without that headgate holds nothing back.\n",
					TEXT_ARG(plain(rules->context, 60, arena))));
	for (size_t i = 0; i < PARTS; i++) {
		if (!parts[i].asked(rules))
			continue;
		say(&page, any ? "" : "policy:\n  approval:\n");
		put(&page, arena_printf(arena, "    - %s\n", parts[i].name));
		any = true;
	}
	say(&page, any ? "approval_rules:\n" : "# Nothing of it is a rule of a policy: the built-in policy applies.\n");
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i].asked(rules))
			parts[i].put(&page, rules);
	return page.all;
}
