/*
 * Requirements, one card each: missing first, then waiting, then met; those that do not apply are folded. Each says
 * what counts, and what does not count and why.
 */
#include "agent/web/page.h"

struct look {
	const char *class, *words;
};

static struct look look_of(const struct rule_result *rule)
{
	static const struct look looks[] = {
		[RULE_UNMET] = {"wait", "\xe2\x9c\x95 Missing"},
		[RULE_PENDING] = {"wait", "\xe2\x80\xa6 Waiting"},
		[RULE_SKIPPED] = {"none", "\xe2\x88\x92 Does not apply"},
		[RULE_OFF] = {"none", "\xe2\x88\x92 Switched off"},
		[RULE_MET] = {"met", "\xe2\x9c\x93 Met"},
	};

	if (rule->state == RULE_UNMET && rule->blocking)
		return (struct look){"bad", "\xe2\x9c\x95 Blocks"};
	return looks[rule->state];
}

static void counts(struct html *h, const struct rule_result *rule, struct arena *arena)
{
	if (rule->n_counts == 0)
		return;
	h_open(h, "p");
	h_text(h, TEXT_LIT("Counts: "));
	for (size_t i = 0; i < rule->n_counts; i++) {
		const struct person *person = &rule->counts[i];

		if (i > 0)
			h_text(h, TEXT_LIT(", "));
		h_element(h, "strong", NULL,
			  person->login.len > 0 ? person->login
						: arena_printf(arena, "account %lld", (long long)person->id));
	}
	h_close(h, "p");
}

static void ignored(struct html *h, const struct rule_result *rule)
{
	if (rule->n_ignored == 0)
		return;
	h_element(h, "p", NULL, TEXT_LIT("Does not count:"));
	h_open(h, "ul");
	h_attr(h, "class", TEXT_LIT("plain"));
	for (size_t i = 0; i < rule->n_ignored; i++) {
		h_open(h, "li");
		h_element(h, "strong", NULL, rule->ignored[i].what);
		h_text(h, TEXT_LIT(": "));
		h_text(h, rule->ignored[i].why);
		h_close(h, "li");
	}
	h_close(h, "ul");
}

static void evidence(struct html *h, const struct rule_result *rule, struct arena *arena)
{
	if (rule->mode == MODE_WARN && rule->state == RULE_UNMET)
		h_element(h, "p", NULL, TEXT_LIT("Would block. Only a warning: it does not hold the change."));
	else if (rule->mode == MODE_WARN)
		h_element(h, "p", NULL, TEXT_LIT("Only a warning: it does not hold the change."));
	if (rule->description.len > 0)
		h_element(h, "p", "muted", rule->description);
	if (rule->next.len > 0 && rule->state != RULE_MET) {
		h_open(h, "p");
		h_text(h, rule->state == RULE_SKIPPED ? TEXT_LIT("Not asked: ")
			  : rule->blocking            ? TEXT_EMPTY
						      : TEXT_LIT("Needs "));
		h_text(h, rule->next);
		h_close(h, "p");
	}
	if (rule->who.len > 0)
		h_element(h, "p", NULL, arena_printf(arena, "By %.*s.", TEXT_ARG(rule->who)));
	if (rule->restricted)
		h_element(h, "p", "muted", TEXT_LIT("Details are shown to maintainers only."));
	counts(h, rule, arena);
	ignored(h, rule);
}

static void title(struct html *h, const struct rule_result *rule, const char *tag)
{
	struct look look = look_of(rule);

	h_open(h, tag);
	h_element(h, "span", "state", text_of(look.words));
	h_text(h, TEXT_LIT(" ")); /* for those who hear or copy it */
	h_text(h, rule->name);
	h_close(h, tag);
}

/* As deep as stored JSON may be; html.h holds twice that. */
static void parts(struct html *h, const struct rule_result *rule, struct arena *arena)
{
	if (rule->n_children == 0)
		return;
	h_open(h, "ul");
	h_attr(h, "class", TEXT_LIT("plain"));
	for (size_t i = 0; i < rule->n_children; i++) {
		h_open(h, "li");
		h_attr(h, "class", text_of(look_of(&rule->children[i]).class));
		title(h, &rule->children[i], "p");
		evidence(h, &rule->children[i], arena);
		parts(h, &rule->children[i], arena);
		h_close(h, "li");
	}
	h_close(h, "ul");
}

static void card(struct html *h, const struct rule_result *rule, struct arena *arena)
{
	h_open(h, "li");
	h_attr(h, "class", text_of(look_of(rule).class));
	title(h, rule, "h3");
	evidence(h, rule, arena);
	parts(h, rule, arena);
	h_close(h, "li");
}

static size_t count_of(const struct rule_result *tree, enum rule_state first, enum rule_state last)
{
	size_t n = 0;

	for (size_t i = 0; i < tree->n_children; i++)
		n += tree->children[i].state >= first && tree->children[i].state <= last;
	return n;
}

static void cards(struct html *h, const struct rule_result *tree, const enum rule_state *order, struct arena *arena)
{
	h_open(h, "ul");
	h_attr(h, "class", TEXT_LIT("cards"));
	for (; *order <= RULE_MET; order++)
		for (size_t i = 0; i < tree->n_children; i++)
			if (tree->children[i].state == *order)
				card(h, &tree->children[i], arena);
	h_close(h, "ul");
}

#define ORDER_END ((enum rule_state)(RULE_MET + 1))

static void one_tree(struct html *h, const struct rule_result *tree, struct arena *arena)
{
	static const enum rule_state apply[] = {RULE_UNMET, RULE_PENDING, RULE_MET, ORDER_END};
	static const enum rule_state rest[] = {RULE_SKIPPED, RULE_OFF, ORDER_END};
	size_t folded = count_of(tree, RULE_SKIPPED, RULE_OFF), met = count_of(tree, RULE_MET, RULE_MET);

	h_element(
		h, "p", "muted",
		arena_printf(arena, "For %.*s: %zu of %zu met", TEXT_ARG(tree->name), met, tree->n_children - folded));
	ignored(h, tree);
	cards(h, tree, apply, arena);
	if (folded == 0)
		return;
	h_open(h, "details");
	h_element(h, "summary", NULL,
		  arena_printf(arena, "%zu requirement%s not apply here", folded, folded == 1 ? " does" : "s do"));
	cards(h, tree, rest, arena);
	h_close(h, "details");
}

void page_rules(struct html *h, const struct view *view, struct arena *arena)
{
	const struct verdict *verdict = &view->public_verdict;
	struct text bug_age = view_bug_age(view, arena);

	h_open(h, "section");
	h_attr(h, "aria-labelledby", TEXT_LIT("requirements"));
	h_open(h, "h2");
	h_attr(h, "id", TEXT_LIT("requirements"));
	h_text(h, TEXT_LIT("Requirements"));
	h_close(h, "h2");
	if (verdict->n_rules == 0)
		h_element(h, "p", "muted", TEXT_LIT("No requirement has been looked at yet."));
	else if (view->now.by_event)
		h_element(h, "p", "muted",
			  TEXT_LIT("As they stood at the last judgement; an event has changed the verdict since."));
	if (bug_age.len > 0)
		h_element(h, "p", "muted", bug_age);
	for (size_t i = 0; i < verdict->n_rules; i++)
		one_tree(h, &verdict->rules[i], arena);
	h_close(h, "section");
}
