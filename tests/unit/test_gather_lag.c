/* What carries no version: for as long as a copy of the forge may lag, an answer that an event contradicts is no input.
 */
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"
#include "webhooks/event_json.h"

#define TOLD_AT INT64_C(1000000) /* when the event told of it */
#define SOON    INT64_C(10000)
#define LATER   INT64_C(61000)

static bool collect(struct told_forge *t, struct gathered *ret)
{
	struct err err = ERR_NONE;
	bool ok = gather_collect(&t->gather, &t->arena, ret, &err);

	ck_assert_msg(ok || err.code == ERR_RETRY, "%s", err.text);
	return ok;
}

static void keep_floor(struct told_forge *t, const char *kind, int64_t key, struct text value)
{
	struct row_floor floor = {TOLD_REPO, text_of(kind), key, TOLD_AT, value};

	told_forge_keep(t, &table_floor, &floor);
}

static const struct {
	int64_t after;
	bool ok;
} gones[] = {{SOON, false}, {LATER, true}};

START_TEST(a_change_that_an_event_told_of_is_not_gone_at_once)
{
	static const int64_t candidate = 1;
	struct oid head = told_oid('a');
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	keep_floor(&t, "change", 1, oid_text(&head));
	t.unlisted[0] = true;
	t.claim.candidates = &candidate;
	t.claim.n_candidates = 1;
	t.fails = TOLD_CHANGE;
	t.fails_as = ERR_GONE;
	t.now = TOLD_AT + gones[_i].after;
	ck_assert(collect(&t, &got) == gones[_i].ok);
	told_forge_close(&t);
}
END_TEST

static const struct {
	char tip;
	int64_t after;
	bool ok;
} tips[] = {{'f', SOON, true}, {'e', SOON, false}, {'e', LATER, true}};

START_TEST(a_base_tip_is_the_one_that_an_event_told_until_no_copy_lags)
{
	struct oid tip = told_oid('f');
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	keep_floor(&t, "tip/main", 0, oid_text(&tip));
	t.tip = told_oid(tips[_i].tip);
	t.changes[0].answered_at = TOLD_AT + tips[_i].after;
	t.now = TOLD_AT + LATER; /* our clock may be ahead */
	ck_assert(collect(&t, &got) == tips[_i].ok);
	told_forge_close(&t);
}
END_TEST

static const struct {
	const char *value;
	int64_t key, after;
	bool less, more;
} rights[] = {
	{FLOOR_LESS, 5, SOON, true, false}, {FLOOR_MORE, 5, SOON, false, true},  {FLOOR_OTHER, 5, SOON, true, true},
	{FLOOR_LESS, 0, SOON, true, false}, {FLOOR_LESS, 6, SOON, false, false}, {FLOOR_OTHER, 5, LATER, false, false},
};

START_TEST(rights_that_an_event_changed_are_unsettled_until_no_copy_lags)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	keep_floor(&t, FLOOR_PEOPLE, rights[_i].key, text_of(rights[_i].value));
	t.reviews[0] =
		(struct forge_review){1, {5, told_login(&t, 5), PERSON_USER}, REVIEW_APPROVED, told_oid('a'), TOLD_AT};
	t.n_reviews = 1;
	t.now = TOLD_AT + rights[_i].after;
	ck_assert(collect(&t, &got));
	ck_assert_int_eq(got.unsettled.less, rights[_i].less ? TOLD_AT + 60000 : 0);
	ck_assert_int_eq(got.unsettled.more, rights[_i].more ? TOLD_AT + 60000 : 0);
	told_forge_close(&t);
}
END_TEST

static const struct {
	const char *what;
	enum event_kind kind;
	int64_t repo, user, installation, ours; /* installation 0: the event names none; ours is not known */
	bool unsettled;
} tenants[] = {
	{"a team of ours", EVENT_TEAM, 0, 0, 5, 5, true},
	{"a team of somebody else", EVENT_TEAM, 0, 0, 77, 5, false},
	{"an installation of somebody else ends", EVENT_INSTALLATION, 0, 0, 77, 5, false},
	{"a team of nobody knows whom", EVENT_TEAM, 0, 0, 0, 5, true},
	{"a team, and nobody knows whose we are", EVENT_TEAM, 0, 0, 77, 0, true},
	{"a team of a hook that is no app's", EVENT_TEAM, 0, 0, 0, 0, true},
	{"a member of ours", EVENT_MEMBERSHIP, 0, 5, 5, 5, true},
	{"a member of somebody else", EVENT_MEMBERSHIP, 0, 5, 77, 5, false},
	{"a member, and nobody knows whose we are", EVENT_MEMBERSHIP, 0, 5, 77, 0, true},
	{"another member of ours", EVENT_MEMBERSHIP, 0, 6, 5, 5, false},
	{"a collaborator here, by whatever installation", EVENT_MEMBER, TOLD_REPO, 5, 77, 5, true},
	{"a collaborator elsewhere", EVENT_MEMBER, TOLD_REPO + 1, 5, 5, 5, false},
};

static void tell(struct told_forge *t, const struct event *event)
{
	struct append append = {.guid = TEXT_LIT("g"),
				.source = TEXT_LIT("github"),
				.repo = event->repo,
				.state = JOURNAL_WAITING,
				.facts = event_encode(event, &t->arena)};
	struct err err = ERR_NONE;
	struct applied applied;

	ck_assert_msg(store_append(&t->store, &append, &err), "%s", err.text);
	ck_assert_msg(store_apply(&t->store, TOLD_AT, 100, &applied, &err), "%s", err.text);
	ck_assert_uint_eq(applied.rows - applied.broken, 1);
}

/* Else whoever has an account could take back every success of everybody, by editing a team of their own. */
START_TEST(what_another_installation_tells_of_people_unsettles_nobody_here)
{
	struct row_repo repo = {.id = TOLD_REPO, .name = TEXT_LIT("o/r"), .installation = tenants[_i].ours};
	struct event event = {.kind = tenants[_i].kind,
			      .action = TEXT_LIT("edited"),
			      .repo = tenants[_i].repo,
			      .installation = tenants[_i].installation,
			      .subject_user = {.id = tenants[_i].user}};
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	told_forge_keep(&t, &table_repo, &repo);
	tell(&t, &event);
	t.claim.installation = tenants[_i].ours;
	t.reviews[0] =
		(struct forge_review){1, {5, told_login(&t, 5), PERSON_USER}, REVIEW_APPROVED, told_oid('a'), TOLD_AT};
	t.n_reviews = 1;
	t.now = TOLD_AT + SOON;
	ck_assert(collect(&t, &got));
	ck_assert_msg((got.unsettled.less != 0) == tenants[_i].unsettled, "%s", tenants[_i].what);
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_change_that_an_event_told_of_is_not_gone_at_once, gones),
	SUITE_ROWS(a_base_tip_is_the_one_that_an_event_told_until_no_copy_lags, tips),
	SUITE_ROWS(rights_that_an_event_changed_are_unsettled_until_no_copy_lags, rights),
	SUITE_ROWS(what_another_installation_tells_of_people_unsettles_nobody_here, tenants),
	SUITE_END,
};
SUITE_MAIN(tests)
