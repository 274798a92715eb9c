/* Paths as values, and what of several rows about a commit is said to hold. */
#include <stdio.h>

#include "agent/web/path.h"
#include "agent/web/view.h"
#include "policy/policy.h"
#include "tests/support/browse.h"
#include "tests/support/suite.h"

#define SHA40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA64 SHA40 "aaaaaaaaaaaaaaaaaaaaaaaa"
#define N100  "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

static const struct {
	const char *path;
	bool ok;
	enum path_form form;
	int64_t number;
} paths[] = {
	{"/a/b/c/" SHA40, true, PATH_HTML, 0},
	{"/a/b/c/" SHA64, true, PATH_HTML, 0},
	{"/a/b/c/" SHA40 ".json", true, PATH_JSON, 0},
	{"/a/b/c/" SHA40 ".txt", true, PATH_TXT, 0},
	{"/A-1/b_2.c/12", true, PATH_HTML, 12},
	{"/a/b.json/12.json", true, PATH_JSON, 12},
	{"/a/.github/12", true, PATH_HTML, 12},
	{"/" N100 "/b/1", true, PATH_HTML, 1},
	{"/" N100 "n/b/1", false, 0, 0},
	{"/../b/1", false, 0, 0},
	{"/a/../1", false, 0, 0},
	{"/./b/1", false, 0, 0},
	{"/a/.../1", false, 0, 0},
	{"/a/b/c/" SHA40 ".svg", false, 0, 0},
	{"/a/b/c/" SHA40 ".json.json", false, 0, 0},
	{"/a/b/1.txt", false, 0, 0},
	{"/a/b/.json", false, 0, 0},
	{"/a/.json", false, 0, 0},
	{"/a/b", false, 0, 0},
	{"/a", false, 0, 0},
	{"/", false, 0, 0},
	{"", false, 0, 0},
	{"a/b/1", false, 0, 0},
	{"/a/b/9223372036854775807", true, PATH_HTML, INT64_MAX},
	{"/a/b/9223372036854775808", false, 0, 0},
	{"/a\xc3\xa9/b/1", false, 0, 0},
	{"/a b/b/1", false, 0, 0},
};

START_TEST(a_public_path_is_read_strictly)
{
	struct path_named named = {.number = -7};

	ck_assert_msg(path_public(text_of(paths[_i].path), &named) == paths[_i].ok, "%s", paths[_i].path);
	if (!paths[_i].ok)
		ck_assert_int_eq(named.number, -7);
	else
		ck_assert(named.form == paths[_i].form && named.number == paths[_i].number &&
			  oid_known(&named.sha) == (named.number == 0));
}
END_TEST

static const struct {
	const char *json;
	bool ok;
	enum rule_state state;
	bool restricted;
} rules[] = {
	{"[{\"name\":\"r\",\"state\":\"met\",\"mode\":\"enforce\"}]", true, RULE_MET, false},
	{"[{\"name\":\"r\",\"state\":\"met\",\"restricted\":true}]", true, RULE_MET, true},
	{"[{\"name\":\"r\",\"state\":\"met\",\"restricted\":false}]", true, RULE_MET, false},
	{"[{\"name\":\"r\",\"state\":\"met\",\"restricted\":\"yes\"}]", true, RULE_MET, true},
	{"[{\"name\":\"r\",\"state\":\"splendid\"}]", true, RULE_UNMET, false},
	{"[{}]", true, RULE_UNMET, false},
	{"[7]", true, RULE_UNMET, false},
	{"{}", false, 0, false},
	{"", false, 0, false},
	{"[{\"name\":", false, 0, false},
};

START_TEST(a_stored_rule_that_is_unclear_is_not_met)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct verdict verdict = {.n_rules = 0};
	struct err err = ERR_NONE;

	ck_assert(rules_read(text_of(rules[_i].json), &arena, &verdict, &err) == rules[_i].ok);
	ck_assert_uint_eq(verdict.n_rules, rules[_i].ok ? 1 : 0);
	if (rules[_i].ok)
		ck_assert(verdict.rules[0].state == rules[_i].state &&
			  verdict.rules[0].restricted == rules[_i].restricted);
}
END_TEST

#define CLEARANCE "{\"name\":\"Maintainer clearance\",\"state\":\"pending\",\"restricted\":true}"

static const struct {
	const char *json;
	bool ok;
	size_t children; /* of the last tree */
} public_rules[] = {
	{"[]", true, 0},
	{"[{\"children\":[" CLEARANCE "]}]", true, 0},
	{"[{\"children\":[{\"name\":\"r\"}," CLEARANCE "]}]", true, 1},
	{"[{\"children\":[" CLEARANCE "]},{\"children\":[{},{}," CLEARANCE "]}]", true, 2},
	{"[{\"name\":\"a\\nline\",\"children\":[" CLEARANCE "]}]", true, 0},
	{"[{\"children\":[{\"name\":\"r\"}]}]", false, 0},
	{"[{\"children\":[" CLEARANCE "]},{\"children\":[]}]", false, 0},
	{"[{\"children\":[" CLEARANCE ",{}]}]", false, 0},
	{"[{}]", false, 0},
	{"[7]", false, 0},
	{"[{\"children\":[" CLEARANCE "]}]\n[]", false, 0},
	{"{}", false, 0},
	{"", false, 0},
};

START_TEST(public_rules_are_read_as_they_were_made_public)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct verdict verdict = {.n_rules = 0}, shown;
	struct err err = ERR_NONE;
	const struct rule_result *last;

	ck_assert(rules_read_public(text_of(public_rules[_i].json), &arena, &verdict, &err) == public_rules[_i].ok);
	policy_public_view(&verdict, &arena, &shown);
	if (!public_rules[_i].ok || verdict.n_rules == 0) {
		ck_assert_uint_eq(verdict.n_rules, 0);
		return;
	}
	last = &shown.rules[shown.n_rules - 1];
	ck_assert_uint_eq(verdict.rules[verdict.n_rules - 1].n_children, public_rules[_i].children);
	ck_assert_uint_eq(last->n_children, public_rules[_i].children + 1);
	ck_assert(text_is(last->children[last->n_children - 1].name, "Maintainer clearance"));
}
END_TEST

/* ---- what holds ---- */

static struct browse b;
static struct browsed got;

static void has(const char *needle)
{
	ck_assert_msg(strstr(got.body, needle) != NULL, "`%s` is not in:\n%s", needle, got.body);
}

static void opened_with(enum decision decision)
{
	struct verdict verdict = {decision, decision_state(decision), TEXT_LIT("first"), TEXT_LIT("first"), NULL, 0,
				  false};

	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	browse_judge(&b, 'a', &verdict);
}

START_TEST(a_latched_commit_is_not_said_to_be_allowed)
{
	struct verdict verdict = {DECISION_ALLOWED, STATUS_SUCCESS, TEXT_LIT("ok"), TEXT_LIT("ok"), NULL, 0, false};
	struct oid sha = sha_of('a');
	struct err err = ERR_NONE;

	opened_with(DECISION_WAITING);
	ck_assert_int_eq(drain(&b.pipe), 1);
	b.pipe.store.limits.posts_max = 1;
	ck_assert(store_want(&b.pipe.store, PIPE_REPO, &sha, false, &err));
	browse_judge(&b, 'a', &verdict);
	browse_get(&b, "/acme/engine/1", &got);
	has("Not allowed to merge</h1>");
	has("too many statuses");
	browse_get(&b, "/acme/engine/1.json", &got);
	has("\"verdict\":\"blocked\",\"state\":\"failure\"");
	browse_close(&b);
}
END_TEST

/* What took a success back that nobody may believe in any more: the time ran out before it could be sent, or an event
 * of a process whose clock was behind. */
static const struct {
	const char *why;
	enum status_state state;
	int kind;
	int64_t after; /* the verdict was made */
	const char *title;
} taken_back[] = {
	{"it was too old to be sent", STATUS_PENDING, SLOT_VERDICT, 30000, "Waiting"},
	{"an event took it back", STATUS_FAILURE, SLOT_REVOCATION, 1000, "Revoked"},
	{"an event by a clock that was set back", STATUS_FAILURE, SLOT_REVOCATION, -60000, "Revoked"},
};

START_TEST(a_success_that_was_taken_back_is_not_said_to_be_allowed)
{
	struct verdict verdict = {DECISION_ALLOWED, STATUS_SUCCESS, TEXT_LIT("ok"), TEXT_LIT("ok"), NULL, 0, false};
	struct row_slot slot;
	struct oid sha = sha_of('a');
	struct err err = ERR_NONE;

	opened_with(DECISION_WAITING);
	ck_assert_int_eq(drain(&b.pipe), 1);
	ck_assert(store_want(&b.pipe.store, PIPE_REPO, &sha, false, &err));
	browse_judge(&b, 'a', &verdict);
	browse_get(&b, "/acme/engine/1", &got);
	has("Allowed to merge</h1>");
	slot = slot_of(&b.pipe, 'a');
	ck_assert_int_eq(slot.state, STATUS_SUCCESS);
	slot.state = taken_back[_i].state;
	slot.kind = taken_back[_i].kind;
	slot.text = taken_back[_i].state == STATUS_FAILURE ? TEXT_LIT("Revoked: x") : TEXT_LIT("Needs a new look");
	slot.verdict = 0;
	slot.made_at += taken_back[_i].after;
	ck_assert(b.pipe.rows.ops->begin(b.pipe.rows.self, true, &err));
	ck_assert(b.pipe.rows.ops->put(b.pipe.rows.self, &table_slot, &slot, &err));
	ck_assert(b.pipe.rows.ops->commit(b.pipe.rows.self, &err));
	browse_get(&b, "/acme/engine/1", &got);
	ck_assert_msg(!strstr(got.body, "Allowed to merge</h1>") && strstr(got.body, taken_back[_i].title), "%s: %s",
		      taken_back[_i].why, got.body);
	browse_get(&b, "/acme/engine/1.json", &got);
	ck_assert_msg(!strstr(got.body, "\"number\":1,\"verdict\":\"allowed\""), "%s: %s", taken_back[_i].why,
		      got.body);
	browse_close(&b);
}
END_TEST

static const struct {
	const char *decision, *state;
} torn[] = {{"allowed", "pending"}, {"blocked", "success"}, {"", "success"}, {"Allowed", "success"}, {"allowed", ""}};

START_TEST(a_row_that_contradicts_itself_cannot_decide)
{
	struct row_verdict row = {.id = 1, .decision = text_of(torn[_i].decision), .state = text_of(torn[_i].state)};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct verdict verdict;

	ck_assert(!view_verdict(&row, rules_read, &arena, &verdict)); /* no rules either */
	ck_assert_int_eq(verdict.decision, DECISION_CANNOT_DECIDE);
	ck_assert_int_eq(verdict.state, STATUS_ERROR);
}
END_TEST

/* When and how often a commit was looked at, or shall be, may depend on what is restricted. */
static void same_pages(struct browsed *first, bool begin)
{
	static const char *const forms[] = {"", ".json", ".txt"};
	char path[128];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "/acme/engine/c/" SHA40 "%s", forms[i]);
		browse_get(&b, path, begin ? &first[i] : &got);
		if (!begin)
			ck_assert_str_eq(got.body, first[i].body);
	}
}

START_TEST(a_judgement_that_changed_nothing_public_changes_no_public_byte)
{
	static struct browsed first[3];
	struct verdict verdict = {
		DECISION_WAITING, STATUS_PENDING, TEXT_LIT("another secret"), TEXT_LIT("first"), NULL, 0, false};
	struct oid sha = sha_of('a');
	struct err err = ERR_NONE;

	opened_with(DECISION_WAITING);
	same_pages(first, true);
	for (int again = 0; again < 45; again++) { /* many more than a page shows */
		b.pipe.now += 60000;
		verdict.text = again % 2 ? TEXT_LIT("a secret") : TEXT_LIT("another secret");
		ck_assert(store_want(&b.pipe.store, PIPE_REPO, &sha, false, &err));
		if (again % 22 == 0)
			same_pages(first, false); /* while it is owed */
		browse_judge(&b, 'a', &verdict);
		if (again % 22 == 0)
			same_pages(first, false);
	}
	same_pages(first, false);
	browse_control(&b, "/api/v1/changes/acme/engine/1", &got);
	has("\"id\":45,");
	has("\"id\":46,");
	browse_close(&b);
}
END_TEST

/* By which policy, and from which facts, it was judged last. */
START_TEST(where_the_policy_was_read_is_not_shown)
{
	opened_with(DECISION_WAITING);
	browse_get(&b, "/acme/engine/c/" SHA40, &got);
	ck_assert_ptr_null(strstr(got.body, "policy_sha"));
	ck_assert_ptr_null(strstr(got.body, BROWSE_POLICY_SHA));
	browse_control(&b, "/api/v1/verdicts/1", &got);
	has(BROWSE_POLICY_SHA);
	browse_close(&b);
}
END_TEST

/* ---- several statuses ---- */

#define TRY "policy/try-allowed"

/* Head 'a' waits, and is allowed in another context, which the forge has. */
static void opened_in_two(void)
{
	struct verdict verdict = {
		DECISION_WAITING, STATUS_PENDING, TEXT_LIT("first"), TEXT_LIT("first"), NULL, 0, false};
	struct conclusion_context other = {.name = TEXT_LIT(TRY),
					   .verdict = {DECISION_ALLOWED, STATUS_SUCCESS, TEXT_LIT("<secret>"),
						       TEXT_LIT("tried & found good"), NULL, 0, false},
					   .rules_json = TEXT_LIT("[]"),
					   .facts_json = TEXT_LIT("{}")};
	struct claim claim;
	struct conclusion in = {.claim = &claim,
				.verdict = &verdict,
				.rules_json = TEXT_LIT("[]"),
				.facts_json = TEXT_LIT("{}"),
				.counted = TEXT_LIT(",22,"),
				.contexts = &other,
				.n_contexts = 1};
	struct err err = ERR_NONE;
	enum concluded outcome;
	int64_t id;

	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	claim = claim_of(&b.pipe, 'a');
	in.now = in.read_at = b.pipe.now;
	ck_assert_msg(store_conclude(&b.pipe.store, &in, &outcome, &id, &err), "%s", err.text);
	ck_assert_int_eq(outcome, CONCLUDED);
	ck_assert_int_eq(drain(&b.pipe), 2);
}

START_TEST(a_commit_shows_its_status_in_every_context)
{
	opened_in_two();
	browse_get(&b, "/acme/engine/1", &got);
	has("Other statuses of this commit</h2>");
	has("<code>" TRY "</code>");
	has("tried &amp; found good</td>");
	browse_get(&b, "/acme/engine/c/" SHA40 ".json", &got);
	has("\"verdict\":\"waiting\"");
	has("\"contexts\":[{\"context\":\"" TRY "\",\"verdict\":\"allowed\",\"state\":\"success\","
	    "\"text\":\"tried & found good\",\"posted\":\"success\"}]");
	browse_get(&b, "/acme/engine/c/" SHA40 ".txt", &got);
	has("\nstate: pending\n");
	has("\ncontext: " TRY " success: tried & found good\n");
	ck_assert(!strstr(got.body, "secret"));
	browse_control(&b, "/api/v1/changes/acme/engine/1", &got);
	has("\"text\":\"<secret>\",\"verdict_id\":2,");
	browse_close(&b);
}
END_TEST

START_TEST(a_commit_with_one_status_shows_no_table_of_others)
{
	opened_with(DECISION_WAITING);
	browse_get(&b, "/acme/engine/1", &got);
	ck_assert(!strstr(got.body, "Other statuses"));
	browse_get(&b, "/acme/engine/1.json", &got);
	ck_assert(!strstr(got.body, "contexts"));
	browse_get(&b, "/acme/engine/c/" SHA40 ".txt", &got);
	ck_assert(!strstr(got.body, "context:"));
	browse_close(&b);
}
END_TEST

START_TEST(links_stay_below_the_public_address)
{
	opened_with(DECISION_WAITING);
	b.web.public_url = TEXT_LIT("https://example.org/gate/");
	browse_get(&b, "/acme/engine/1", &got);
	has("href=\"/gate/s.css\"");
	has("href=\"/gate/acme/engine/c/" SHA40 ".json\"");
	has("href=\"/gate/\"");
	browse_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_public_path_is_read_strictly, paths),
	SUITE_ROWS(a_stored_rule_that_is_unclear_is_not_met, rules),
	SUITE_ROWS(public_rules_are_read_as_they_were_made_public, public_rules),
	SUITE_TEST(a_latched_commit_is_not_said_to_be_allowed),
	SUITE_ROWS(a_success_that_was_taken_back_is_not_said_to_be_allowed, taken_back),
	SUITE_ROWS(a_row_that_contradicts_itself_cannot_decide, torn),
	SUITE_TEST(a_judgement_that_changed_nothing_public_changes_no_public_byte),
	SUITE_TEST(where_the_policy_was_read_is_not_shown),
	SUITE_TEST(a_commit_shows_its_status_in_every_context),
	SUITE_TEST(a_commit_with_one_status_shows_no_table_of_others),
	SUITE_TEST(links_stay_below_the_public_address),
	SUITE_END,
};
SUITE_MAIN(tests)
