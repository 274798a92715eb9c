#include "webhooks/issues.h"

#include <string.h>

#include "policy/arena_wipe.h"
#include "webhooks/bug_hint.h"
#include "webhooks/crypto.h"
#include "webhooks/head.h"

#define PATH "/webhooks/issues" /* of whatever hook: which one it is was found already */

/* ---- who delivers ---- */

static bool signature_holds(struct text secret, struct text body, const unsigned char *given)
{
	unsigned char digest[CRYPTO_DIGEST];
	struct hmac *hmac = hmac_new(secret);
	bool held;

	hmac_feed(hmac, body.at, body.len);
	hmac_end(hmac, digest);
	hmac_free(hmac);
	held = crypto_equal(digest, given, CRYPTO_DIGEST);
	crypto_cleanse(digest, sizeof digest);
	return held;
}

bool issues_admit(const struct issues_hook *hook, const struct request_head *head, struct text body,
		  struct issues_head *ret, struct refusal *refusal)
{
	const struct intake_config config = {.limits = {ISSUES_BODY_MAX, ISSUES_BODY_MAX}, .path = PATH};
	struct request_head here = *head;
	struct delivery_head found;

	here.path = TEXT_LIT(PATH);
	if (!head_delivery(&config, &here, &found, refusal))
		return false;
	if (found.length != body.len)
		return refuse(refusal, REASON_BODY_SHORT);
	if (hook->secret.len < INTAKE_SECRET_BYTES_MIN || !signature_holds(hook->secret, body, found.signature))
		return refuse(refusal, REASON_BAD_SIGNATURE);
	*ret = (struct issues_head){found.event, found.guid};
	return true;
}

/* ---- comments ---- */

static struct text first_line(struct text body)
{
	const char *end = body.len > 0 ? memchr(body.at, '\n', body.len) : NULL;

	if (end)
		body.len = (size_t)(end - body.at);
	if (end && body.len > 0 && body.at[body.len - 1] == '\r')
		body.len--;
	return body;
}

char issues_flag_said(struct text comment, struct text flag)
{
	struct text line = first_line(comment);

	if (flag.len == 0 || line.len != flag.len + 1 || !text_starts(line, flag) ||
	    !memchr("+-?", line.at[flag.len], 3))
		return 0;
	return line.at[flag.len];
}

/* ---- the body ---- */

enum {
	FIELD_ACTION = 0,
	FIELD_REPO,
	FIELD_NUMBER,
	FIELD_CHANGE,
	FIELD_TIME,
	FIELD_BODY,
	FIELD_FROM,
	FIELD_AUTHOR,
	FIELD_ROOT,
	FIELDS
};
static const char *const paths[FIELDS] = {
	[FIELD_ACTION] = "action",
	[FIELD_REPO] = "repository.full_name",
	[FIELD_NUMBER] = "issue.number",
	[FIELD_CHANGE] = "issue.pull_request",
	[FIELD_TIME] = "issue.updated_at",
	[FIELD_BODY] = "comment.body",
	[FIELD_FROM] = "changes.body.from",
	[FIELD_AUTHOR] = "comment.author_association",
	[FIELD_ROOT] = "",
};

static struct text string_of(const struct scan_value *v)
{
	return v->type == SCAN_STRING ? v->text : TEXT_EMPTY;
}

/* ---- what was touched ---- */

/* Of an issue. Any other action touches everything. */
static const struct {
	const char *action, *name;
	int64_t touched;
} actions[] = {
	{"labeled", "issues.labeled", BUG_TOUCHED_KEYWORDS | BUG_TOUCHED_FLAGS},
	{"unlabeled", "issues.unlabeled", BUG_TOUCHED_KEYWORDS | BUG_TOUCHED_FLAGS},
	{"closed", "issues.closed", BUG_TOUCHED_RESOLUTION},
	{"reopened", "issues.reopened", BUG_TOUCHED_RESOLUTION},
	{"opened", "issues.opened", BUG_TOUCHED_EXISTENCE},
	{"deleted", "issues.deleted", BUG_TOUCHED_ALL},
	{"transferred", "issues.transferred", BUG_TOUCHED_ALL},
	{"edited", "issues.edited", 0},
	{"assigned", "issues.assigned", 0},
	{"unassigned", "issues.unassigned", 0},
	{"milestoned", "issues.milestoned", 0},
	{"demilestoned", "issues.demilestoned", 0},
	{"locked", "issues.locked", 0},
	{"unlocked", "issues.unlocked", 0},
	{"pinned", "issues.pinned", 0},
	{"unpinned", "issues.unpinned", 0},
};

static void take_action(struct delivery *d, struct text action)
{
	d->action = TEXT_LIT("other");
	d->event.bug.touched = BUG_TOUCHED_ALL;
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (text_is(action, actions[i].action)) {
			d->action = text_of(actions[i].name);
			d->event.bug.touched = actions[i].touched;
		}
}

/* Whoever cannot be in a team must not be able to take back a success by what he writes below an issue. */
static bool is_outsider(struct text association)
{
	static const char *const outsiders[] = {"NONE", "CONTRIBUTOR", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR",
						"MANNEQUIN"};

	for (size_t i = 0; i < sizeof outsiders / sizeof outsiders[0]; i++)
		if (text_is(association, outsiders[i]))
			return true;
	return false;
}

static bool says_any(const struct issues_hook *hook, struct text comment)
{
	for (size_t i = 0; i < hook->n_flags; i++)
		if (issues_flag_said(comment, hook->flags[i]))
			return true;
	return false;
}

static void take_comment(const struct issues_hook *hook, struct delivery *d, const struct scan_value *values)
{
	d->action = TEXT_LIT("comment");
	d->event.bug.touched = BUG_TOUCHED_FLAGS;
	if (is_outsider(string_of(&values[FIELD_AUTHOR])))
		(void)bug_hint_set(d, DELIVERY_IGNORED, "a comment by an outsider");
	else if (!says_any(hook, string_of(&values[FIELD_BODY])) && !says_any(hook, string_of(&values[FIELD_FROM])))
		(void)bug_hint_set(d, DELIVERY_IGNORED, "a comment that sets no flag");
}

/* ---- all together ---- */

static bool is_ours(const struct issues_hook *hook, struct delivery *d, const struct scan_value *values)
{
	const struct scan_value *repo = &values[FIELD_REPO], *number = &values[FIELD_NUMBER];

	if (repo->type != SCAN_STRING)
		return bug_hint_set(d, DELIVERY_QUARANTINED,
				    scan_missing(repo) ? "repository.full_name: missing"
						       : "repository.full_name: not a text");
	if (!text_eq_nocase(repo->text, hook->repo))
		return bug_hint_set(d, DELIVERY_IGNORED, "of another repository");
	if (!scan_missing(&values[FIELD_CHANGE]))
		return bug_hint_set(d, DELIVERY_IGNORED, "of a change, which is no issue");
	if (number->type != SCAN_INTEGER || number->integer <= 0 || number->integer > BUG_HINT_ID_MAX)
		return bug_hint_set(d, DELIVERY_QUARANTINED,
				    scan_missing(number) ? "issue.number: missing"
							 : "issue.number: not an issue's number");
	return true;
}

static void take_facts(const struct issues_hook *hook, struct text event, struct delivery *d,
		       const struct scan_value *values)
{
	bool comment = text_is(event, "issue_comment");

	d->action = TEXT_LIT("other");
	if (!comment && !text_is(event, "issues")) {
		(void)bug_hint_set(d, DELIVERY_IGNORED, "an event that tells of no issue");
		return;
	}
	if (!is_ours(hook, d, values))
		return;
	d->event.kind = EVENT_BUG;
	d->event.bug.id = values[FIELD_NUMBER].integer;
	if (!when_parse(string_of(&values[FIELD_TIME]), &d->event.bug.at))
		d->event.bug.at = 0;
	if (comment)
		take_comment(hook, d, values);
	else
		take_action(d, string_of(&values[FIELD_ACTION]));
}

bool normalize_issues(const struct issues_hook *hook, const struct issues_told *told, struct arena *arena,
		      struct delivery *ret, struct err *err)
{
	auto_wiped struct arena scratch = ARENA_EMPTY; /* of the body's own texts */
	static const struct bug_hint_fields fields = {paths, FIELDS};
	struct scan_value values[FIELDS];
	struct delivery d = bug_hint_begin("issues", hook->tracker);

	if (!bug_hint_scan(&fields, told->body, &scratch, values, err))
		return false;
	take_facts(hook, told->event, &d, values);
	bug_hint_end(&d, arena, ret);
	return true;
}
