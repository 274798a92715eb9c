/* What deliveries and the forge say of a repository's name, over every backend (_i is the backend). */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

#define OTHER_REPO 8

static struct event named_event(int64_t repo, const char *name, int64_t installation, int64_t at)
{
	struct event event = change_event(CHANGE_OTHER, 1, 'a', at);

	event.repo = repo;
	event.repo_name = text_of(name);
	event.installation = installation;
	return event;
}

static struct claim claim_after(struct pipe_rig *rig)
{
	struct claim claim;
	struct err err = ERR_NONE;
	struct oid sha = sha_of('a');

	ck_assert(store_want(&rig->store, PIPE_REPO, &sha, true, &err));
	ck_assert(try_claim(rig, &claim));
	ck_assert_int_eq(claim.repo, PIPE_REPO);
	return claim;
}

static void is_called(const struct claim *claim, const char *name, int64_t installation, bool doubted)
{
	ck_assert_msg(text_is(claim->repo_name, name), "%.*s, not %s", TEXT_ARG(claim->repo_name), name);
	ck_assert_int_eq(claim->installation, installation);
	ck_assert_int_eq(claim->name_doubt != 0, doubted);
}

static void give_back(struct pipe_rig *rig, const struct claim *claim)
{
	ck_assert_int_eq(conclude_as(rig, claim, DECISION_BLOCKED), CONCLUDED);
}

static void name_it(struct pipe_rig *rig, const char *name, int64_t installation, int64_t doubt)
{
	struct named named = {PIPE_REPO, text_of(name), installation, doubt};
	struct err err = ERR_NONE;

	ck_assert_msg(store_name_repo(&rig->store, &named, &err), "%s", err.text);
}

static const struct {
	const char *what, *name;
	int64_t installation;
	bool doubted;
} told[] = {
	{"the same", "acme/app", 5, false},
	{"no installation", "acme/app", 0, false},
	{"an old name, late", "acme/old", 5, true},
	{"a new name", "acme/new", 5, true},
	{"an old installation, late", "acme/app", 4, true},
	{"no name at all", "", 5, false},
};

START_TEST(a_delivery_puts_a_known_name_in_doubt_and_takes_it_not_away)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;
		struct claim claim;

		pipe_open(&rig, backend);
		tell(&rig, named_event(PIPE_REPO, "acme/app", 5, 1));
		tell(&rig, named_event(PIPE_REPO, told[_i].name, told[_i].installation, 2));
		claim = claim_after(&rig);
		is_called(&claim, "acme/app", 5, told[_i].doubted);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(what_the_forge_says_by_number_is_the_name_and_ends_the_doubt)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open(&rig, _i);
	tell(&rig, named_event(PIPE_REPO, "acme/app", 5, 1));
	tell(&rig, named_event(PIPE_REPO, "acme/new", 5, 2));
	claim = claim_after(&rig);
	name_it(&rig, "acme/new", 6, claim.name_doubt);
	give_back(&rig, &claim);
	claim = claim_after(&rig);
	is_called(&claim, "acme/new", 6, false);
	give_back(&rig, &claim);
	tell(&rig, named_event(PIPE_REPO, "acme/app", 5, 1)); /* the late one */
	claim = claim_after(&rig);
	is_called(&claim, "acme/new", 6, true);
	pipe_close(&rig);
}
END_TEST

START_TEST(an_answer_from_before_a_newer_doubt_does_not_end_it)
{
	struct pipe_rig rig;
	struct claim claim;
	int64_t doubt;

	pipe_open(&rig, _i);
	tell(&rig, named_event(PIPE_REPO, "acme/app", 5, 1));
	tell(&rig, named_event(PIPE_REPO, "acme/new", 5, 2));
	claim = claim_after(&rig);
	doubt = claim.name_doubt;
	tell(&rig, named_event(PIPE_REPO, "acme/newer", 5, 3));
	name_it(&rig, "acme/new", 5, doubt);
	give_back(&rig, &claim);
	claim = claim_after(&rig);
	is_called(&claim, "acme/new", 5, true);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_second_repository_of_a_name_puts_the_first_ones_in_doubt)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open(&rig, _i);
	tell(&rig, named_event(PIPE_REPO, "acme/app", 5, 1));
	tell(&rig, named_event(OTHER_REPO, "acme/app", 5, 2));
	claim = claim_after(&rig);
	is_called(&claim, "acme/app", 5, true);
	pipe_close(&rig);
}
END_TEST

START_TEST(work_is_handed_out_with_the_doubt)
{
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct sweep sweep;
	struct post post;
	struct taker taker = {.owner = "w", .arena = &rig.arena};
	int64_t next_at;

	pipe_open(&rig, _i);
	taker.now = rig.now;
	tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	ck_assert(store_doubt_name(&rig.store, PIPE_REPO, &err));
	ck_assert(store_take_sweep(&rig.store, &taker, rig.now + 1, &sweep, &next_at, &err));
	ck_assert_int_ne(sweep.name_doubt, 0);
	ck_assert(next_post(&rig, &post));
	ck_assert_int_ne(post.name_doubt, 0);
	pipe_close(&rig);
}
END_TEST

/* Rights under another owner are others, and so they are where more or fewer may see it. */
static const struct {
	const char *action;
	bool judged, unsettled;
} actions[] = {{"transferred", true, true}, {"publicized", true, true}, {"privatized", true, true},
	       {"renamed", true, false},    {"edited", true, false},    {"unarchived", true, false},
	       {"created", false, false},   {"deleted", false, false}};

START_TEST(what_is_done_to_a_repository_asks_for_its_changes)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct row_floor floor = {.repo = PIPE_REPO, .kind = TEXT_LIT(FLOOR_PEOPLE)};
		struct event event = change_event(CHANGE_OTHER, 0, 'a', 2);
		struct err err = ERR_NONE;
		struct pipe_rig rig;

		pipe_open(&rig, backend);
		tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
		judge_as(&rig, 'a', DECISION_ALLOWED);
		event.kind = EVENT_REPOSITORY;
		event.action = text_of(actions[_i].action);
		tell(&rig, event);
		ck_assert_int_eq(subject_of(&rig, 'a').due, actions[_i].judged);
		ck_assert(store_floor(&rig.store, &floor, &rig.arena, &err));
		ck_assert_int_eq(floor.forge_time != WHEN_UNKNOWN, actions[_i].unsettled);
		pipe_close(&rig);
	}
}
END_TEST

static const struct {
	enum event_kind kind;
	const char *action;
	int64_t repo; /* 0: of no repository, so of all */
} people[] = {
	{EVENT_MEMBER, "removed", PIPE_REPO},
	{EVENT_MEMBER, "edited", PIPE_REPO},
	{EVENT_MEMBERSHIP, "removed", 0},
	{EVENT_MEMBERSHIP, "added", 0},
	{EVENT_TEAM, "deleted", 0},
	{EVENT_TEAM, "removed_from_repository", PIPE_REPO},
	{EVENT_ORGANIZATION, "member_removed", 0},
	{EVENT_ORGANIZATION, "renamed", 0},
	{EVENT_INSTALLATION, "suspend", 0},
	{EVENT_INSTALLATION, "new_permissions_accepted", 0},
};

START_TEST(what_is_done_to_peoples_rights_asks_for_every_open_head)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct event event = change_event(CHANGE_OTHER, 0, 'a', 2);
		struct pipe_rig rig;
		struct claim claim;

		pipe_open(&rig, backend);
		tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
		tell(&rig, change_event(CHANGE_OPENED, 2, 'b', 1));
		tell(&rig, change_event(CHANGE_OPENED, 3, 'c', 1));
		tell(&rig, change_event(CHANGE_CLOSED, 3, 'c', 2));
		(void)drain(&rig);
		while (try_claim(&rig, &claim))
			give_back(&rig, &claim);
		event.kind = people[_i].kind;
		event.action = text_of(people[_i].action);
		event.repo = people[_i].repo;
		tell(&rig, event);
		ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
		ck_assert_int_eq(subject_of(&rig, 'b').due, 1);
		ck_assert_int_eq(subject_of(&rig, 'c').due, 0);
		pipe_close(&rig);
	}
}
END_TEST

/* An event of another installation is about other repositories, unless nobody knows which this one is in. */
START_TEST(whose_installation_is_in_doubt_is_judged_after_any_event_about_people)
{
	for (int doubted = 0; doubted < 2; doubted++) {
		struct event event = change_event(CHANGE_OTHER, 0, 'a', 2);
		struct err err = ERR_NONE;
		struct pipe_rig rig;

		pipe_open(&rig, _i);
		tell(&rig, named_event(PIPE_REPO, "acme/engine", 5, 1));
		tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
		judge_as(&rig, 'a', DECISION_ALLOWED);
		if (doubted)
			ck_assert(store_doubt_name(&rig.store, PIPE_REPO, &err));
		event.kind = EVENT_MEMBERSHIP;
		event.action = TEXT_LIT("removed");
		event.repo = 0;
		event.installation = 77;
		tell(&rig, event);
		ck_assert_int_eq(subject_of(&rig, 'a').due, doubted);
		pipe_close(&rig);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_delivery_puts_a_known_name_in_doubt_and_takes_it_not_away, told),
	SUITE_ROWS(what_the_forge_says_by_number_is_the_name_and_ends_the_doubt, backends),
	SUITE_ROWS(an_answer_from_before_a_newer_doubt_does_not_end_it, backends),
	SUITE_ROWS(a_second_repository_of_a_name_puts_the_first_ones_in_doubt, backends),
	SUITE_ROWS(work_is_handed_out_with_the_doubt, backends),
	SUITE_ROWS(what_is_done_to_a_repository_asks_for_its_changes, actions),
	SUITE_ROWS(what_is_done_to_peoples_rights_asks_for_every_open_head, people),
	SUITE_ROWS(whose_installation_is_in_doubt_is_judged_after_any_event_about_people, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
