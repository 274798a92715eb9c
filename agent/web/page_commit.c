/* The page of one commit, in reading order: the verdict, the next step, which commit, the requirements, how the
 * verdict changed. When a judgement was last made, or is owed, and by which policy, may tell what a tracker said: none
 * of it is shown. */
#include "agent/web/commit_json.h"
#include "agent/web/page.h"

struct banner {
	const char *class, *words, *title;
};

static const struct banner banners[] = {
	[DECISION_CANNOT_DECIDE] = {"bad", "! Cannot decide", "Cannot decide"},
	[DECISION_REVOKED] = {"bad", "\xe2\x9c\x95 Not allowed to merge: revoked", "Revoked"},
	[DECISION_BLOCKED] = {"bad", "\xe2\x9c\x95 Not allowed to merge", "Not allowed to merge"},
	[DECISION_WAITING] = {"wait", "\xe2\x80\xa6 Waiting: not allowed to merge yet", "Waiting"},
	[DECISION_ALLOWED] = {"met", "\xe2\x9c\x93 Allowed to merge", "Allowed to merge"},
};

static struct banner banner_of(const struct now *now)
{
	if (now->kind == VIEW_FIRST_LOOK)
		return (struct banner){"wait", "\xe2\x80\xa6 Waiting: a first look", "Waiting"};
	if (now->kind == VIEW_SUPERSEDED && now->decision != DECISION_ALLOWED)
		return (struct banner){"bad", "\xe2\x9c\x95 Not allowed to merge: superseded", "Superseded"};
	return banners[now->decision];
}

static void newer(struct html *h, const struct view *view)
{
	const struct oid *by = &view->shown.subject.superseded_by;

	if (!oid_known(by))
		return;
	h_open(h, "p");
	h_attr(h, "class", TEXT_LIT("note"));
	h_text(h, TEXT_LIT("A newer commit exists: "));
	page_commit_link(h, view->shown.repo.name, by, "", oid_short(by));
	h_close(h, "p");
}

static void by_number(struct html *h, const struct view *view, struct arena *arena)
{
	if (view->number == 0)
		return;
	h_open(h, "p");
	h_attr(h, "class", TEXT_LIT("note"));
	h_text(h, arena_printf(arena, "The newest head known of #%lld is shown: commit ", (long long)view->number));
	page_commit_link(h, view->shown.repo.name, &view->sha, "", oid_short(&view->sha));
	h_text(h, TEXT_LIT(". That link stays with this commit."));
	h_close(h, "p");
}

/* "Needs X" is the status's way to say it; here there is room for "Next step: X". */
static void next_step(struct html *h, const struct now *now)
{
	struct text needs = TEXT_LIT("Needs "), text = now->public_text;

	h_open(h, "p");
	h_attr(h, "class", TEXT_LIT("next"));
	if (text_starts(text, needs)) {
		h_element(h, "strong", NULL, TEXT_LIT("Next step: "));
		text = (struct text){text.at + needs.len, text.len - needs.len};
	}
	h_text(h, text);
	h_close(h, "p");
}

static void heads(struct html *h, const struct view *view, struct arena *arena)
{
	h_element(h, "dt", NULL, TEXT_LIT("Commit"));
	h_open(h, "dd");
	h_element(h, "code", NULL, oid_text(&view->sha));
	for (size_t i = 0; i < view->shown.n_changes; i++) {
		const struct row_change *change = &view->shown.changes[i];

		h_text(h, i == 0 ? TEXT_LIT(", head of ") : TEXT_LIT("; head of "));
		h_text(h, arena_printf(arena, "#%lld into ", (long long)change->number));
		h_element(h, "code", NULL, change->base_ref.len > 0 ? change->base_ref : TEXT_LIT("an unknown branch"));
		if (change->open == TRI_NO)
			h_text(h, change->merged == TRI_YES ? TEXT_LIT(" (merged)") : TEXT_LIT(" (closed)"));
	}
	if (view->shown.n_groups > 0) {
		h_text(h, TEXT_LIT(", made by the merge queue for "));
		h_element(h, "code", NULL, view->shown.groups[0].base_ref);
	} else if (view->shown.n_changes == 0) {
		h_text(h, TEXT_LIT(", head of no change that is known"));
	}
	h_close(h, "dd");
}

static void decided(struct html *h, const struct view *view, struct arena *arena)
{
	h_element(h, "dt", NULL, TEXT_LIT("Decided"));
	h_open(h, "dd");
	if (view->now.kind == VIEW_FIRST_LOOK)
		h_text(h, TEXT_LIT("not yet"));
	else
		page_time(h, history_since(view, arena));
	if (view->now.by_event && view->now.kind != VIEW_FIRST_LOOK)
		h_text(h, TEXT_LIT(", by an event"));
	h_close(h, "dd");
}

static void posted(struct html *h, const struct view *view)
{
	const struct row_ledger *ledger = &view->shown.ledger;

	h_element(h, "dt", NULL, TEXT_LIT("Posted"));
	h_open(h, "dd");
	if (ledger->state != STATUS_UNKNOWN) {
		h_element(h, "strong", NULL, text_of(status_state_name((enum status_state)ledger->state)));
		h_text(h, TEXT_LIT(" as "));
		h_element(h, "code", NULL, view->context);
		h_text(h, TEXT_LIT(", "));
		page_time(h, view_posted_at(view));
	} else if (!view_in_doubt(view)) {
		h_text(h, TEXT_LIT("not posted yet"));
	}
	if (view_in_doubt(view))
		h_text(h, TEXT_LIT("in doubt: a status was sent and not answered; it is being read back"));
	else if (view->shown.slot.refused)
		h_text(h, TEXT_LIT("; the forge refused the newest status"));
	else if (view->shown.slot.due && ledger->state != STATUS_UNKNOWN)
		h_text(h, TEXT_LIT("; a newer status is on its way"));
	h_close(h, "dd");
}

static void verdict(struct html *h, const struct view *view, struct arena *arena)
{
	struct banner banner = banner_of(&view->now);

	h_open(h, "div");
	h_attr(h, "class", arena_printf(arena, "banner %s", banner.class));
	h_element(h, "h1", NULL, text_of(banner.words));
	next_step(h, &view->now);
	h_open(h, "dl");
	heads(h, view, arena);
	decided(h, view, arena);
	posted(h, view);
	h_close(h, "dl");
	h_close(h, "div");
}

static void cell(struct html *h, const char *label)
{
	h_open(h, "td");
	h_attr(h, "data-l", text_of(label));
}

static void columns(struct html *h, const char *const *names, size_t n)
{
	h_open(h, "thead");
	h_open(h, "tr");
	for (size_t i = 0; i < n; i++) {
		h_open(h, "th");
		h_attr(h, "scope", TEXT_LIT("col"));
		h_text(h, text_of(names[i]));
		h_close(h, "th");
	}
	h_close(h, "tr");
	h_close(h, "thead");
}

static void history_row(struct html *h, const struct history_row *row, bool current)
{
	h_open(h, "tr");
	if (current)
		h_attr(h, "aria-current", TEXT_LIT("true"));
	cell(h, "Since");
	page_time(h, row->made_at);
	h_close(h, "td");
	cell(h, "Verdict");
	h_text(h, text_starts(row->text, TEXT_LIT("Superseded")) ? TEXT_LIT("Superseded")
								 : text_of(banners[row->decision].title));
	h_close(h, "td");
	cell(h, "Status text");
	h_text(h, row->text);
	h_close(h, "td");
	h_close(h, "tr");
}

static void history_head(struct html *h)
{
	static const char *const names[] = {"Since", "Verdict", "Status text"};

	h_element(h, "caption", NULL, TEXT_LIT("Newest first; the first row is what is shown above."));
	columns(h, names, sizeof names / sizeof names[0]);
}

static void history(struct html *h, const struct view *view, struct arena *arena)
{
	size_t n;
	const struct history_row *rows = history_public(view, arena, &n);

	if (n == 0)
		return;
	h_open(h, "section");
	h_attr(h, "aria-labelledby", TEXT_LIT("history"));
	h_open(h, "h2");
	h_attr(h, "id", TEXT_LIT("history"));
	h_text(h, TEXT_LIT("How the verdict changed"));
	h_close(h, "h2");
	h_open(h, "table");
	history_head(h);
	h_open(h, "tbody");
	for (size_t i = 0; i < n; i++)
		history_row(h, &rows[i], i == 0);
	h_close(h, "tbody");
	h_close(h, "table");
	h_close(h, "section");
}

static void context_row(struct html *h, const struct view_context *one)
{
	h_open(h, "tr");
	cell(h, "Status");
	h_element(h, "code", NULL, one->name);
	h_close(h, "td");
	cell(h, "Verdict");
	h_text(h, text_of(banners[one->now.decision].title));
	h_close(h, "td");
	cell(h, "Status text");
	h_text(h, one->now.public_text);
	h_close(h, "td");
	h_close(h, "tr");
}

static void contexts(struct html *h, const struct view *view)
{
	static const char *const names[] = {"Status", "Verdict", "Status text"};

	if (view->n_contexts == 0)
		return;
	h_open(h, "section");
	h_attr(h, "aria-labelledby", TEXT_LIT("contexts"));
	h_open(h, "h2");
	h_attr(h, "id", TEXT_LIT("contexts"));
	h_text(h, TEXT_LIT("Other statuses of this commit"));
	h_close(h, "h2");
	h_open(h, "table");
	h_element(h, "caption", NULL, TEXT_LIT("The policy says each of these by rules of its own."));
	columns(h, names, sizeof names / sizeof names[0]);
	h_open(h, "tbody");
	for (size_t i = 0; i < view->n_contexts; i++)
		context_row(h, &view->contexts[i]);
	h_close(h, "tbody");
	h_close(h, "table");
	h_close(h, "section");
}

static void forms(struct html *h, const struct view *view)
{
	h_open(h, "details");
	h_element(h, "summary", NULL, TEXT_LIT("Other forms of this page"));
	h_open(h, "p");
	page_commit_link(h, view->shown.repo.name, &view->sha, ".json", TEXT_LIT("JSON"));
	h_text(h, TEXT_LIT(", "));
	page_commit_link(h, view->shown.repo.name, &view->sha, ".txt", TEXT_LIT("text"));
	h_close(h, "p");
	h_close(h, "details");
}

struct text page_commit(const struct view *view, struct text base, struct arena *arena)
{
	struct banner banner = banner_of(&view->now);
	struct text name = view->shown.repo.name, sha = oid_short(&view->sha);
	struct page_head head = {
		.title = arena_printf(arena, "%s: %.*s at %.*s", banner.title, TEXT_ARG(name), TEXT_ARG(sha)),
		.crumb = arena_printf(arena, "%.*s / %.*s", TEXT_ARG(name), TEXT_ARG(sha)),
	};
	struct html *h = page_begin(&head, base);

	newer(h, view);
	by_number(h, view, arena);
	verdict(h, view, arena);
	page_rules(h, view, arena);
	contexts(h, view);
	history(h, view, arena);
	forms(h, view);
	return page_end(h, arena);
}
