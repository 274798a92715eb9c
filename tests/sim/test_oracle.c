/*
 * What the oracle says of small stories: ally (8) opens a change of one commit into main, then each row's deeds happen,
 * a second apart. Ann (0) and bob (1) write, mia (2) maintains, ada (3) administers, tess (4) triages, rita (5) reads,
 * noah (6) has no role, the robot (7) writes. Ann, bob, ada and tess are in the team.
 */
#include "tests/sim/oracle.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

enum { ANN, BOB, MIA, ADA, TESS, RITA, NOAH, ROBOT, ALLY };
enum { MAIN, RELEASE };

#define SECOND ((int64_t)1000)
#define BEGIN  ((int64_t)1795269731000)

#define SAYS(what, whom, of)                                                                                           \
	{                                                                                                              \
		.kind = DEED_##what, .who = (whom), .commit = (of)                                                     \
	}
#define APPROVES(whom) SAYS(APPROVE, whom, 1)
#define BY(a, c, f)                                                                                                    \
	{                                                                                                              \
		.author = (a), .committer = (c), .co_author = NOBODY, .files = (f)                                     \
	}
#define PUSHES(whom, on, number)                                                                                       \
	{                                                                                                              \
		.kind = DEED_PUSH, .who = (whom), .commit = (number), .made = BY(ALLY, ALLY, 0), .before = (on)        \
	}
#define COMMITS(a, c, f)                                                                                               \
	{                                                                                                              \
		.kind = DEED_PUSH, .who = ALLY, .commit = 2, .before = 1, .made = BY(a, c, f)                          \
	}
#define CO_AUTHOR(whom)                                                                                                \
	{                                                                                                              \
		.kind = DEED_PUSH, .who = ALLY, .commit = 2, .before = 1, .made = {                                    \
			.author = ALLY,                                                                                \
			.committer = ALLY,                                                                             \
			.co_author = (whom)                                                                            \
		}                                                                                                      \
	}
#define FORCES_BACK(whom, to)                                                                                          \
	{                                                                                                              \
		.kind = DEED_PUSH_BACK, .who = (whom), .commit = (to)                                                  \
	}
#define DOES(what, whom)                                                                                               \
	{                                                                                                              \
		.kind = DEED_##what, .who = (whom)                                                                     \
	}
#define HAS_ROLE(whom, what)                                                                                           \
	{                                                                                                              \
		.kind = DEED_ROLE, .subject = (whom), .role = ROLE_##what                                              \
	}
#define TEAM(whom, in)                                                                                                 \
	{                                                                                                              \
		.kind = DEED_TEAM, .subject = (whom), .role = (in)                                                     \
	}
#define DISMISSES(whom, which)                                                                                         \
	{                                                                                                              \
		.kind = DEED_DISMISS, .who = (whom), .review = (which)                                                 \
	}
#define INTO(to)                                                                                                       \
	{                                                                                                              \
		.kind = DEED_RETARGET, .who = ALLY, .branch = (to)                                                     \
	}
#define SECOND_CHANGE                                                                                                  \
	{                                                                                                              \
		.kind = DEED_OPEN, .who = ALLY, .change = 1, .commit = 1, .branch = RELEASE                            \
	}
#define ON_SECOND(whom)                                                                                                \
	{                                                                                                              \
		.kind = DEED_APPROVE, .who = (whom), .change = 1, .commit = 1                                          \
	}

#define TWO       "two reviews by writers"
#define ONE       "one review by a writer"
#define TEAM_TWO  "two reviews by the team"
#define WORKFLOWS "one review, and for workflows one by a maintainer"
#define AUTHOR    "one review, and the author's counts"
#define OTHERS    "one review, and those of contributors count"
#define READERS   "two reviews by whoever may read, whoever wrote it"
#define DOCUMENTS "two by writers, or for documents one by who may triage"
#define EITHER    "a maintainer, or two of the team"
#define OBJECTORS "one review, and every reader and the team may object"
#define NAMED     "one review, and for releases one by ada or rita"
#define RELEASES  "no rule but for releases"
#define SOURCE    "whatever changes the source needs no review"

#define UNMET   "a rule is not met"
#define REFUSED "somebody who may object requested changes"
#define GUARDED "it changes guarded files without a maintainer's review"
#define IDLE    "no rule applies to it"
#define NO_HEAD "no open change has it as head"

static const struct {
	const char *sentence, *policy;
	struct deed deeds[6];
	const char *why; /* "": allowed */
} rows[] = {
	{"nobody has reviewed", TWO, {{0}}, UNMET},
	{"one of two", TWO, {APPROVES(ANN)}, UNMET},
	{"two of two", TWO, {APPROVES(ANN), APPROVES(BOB)}, ""},
	{"two of two without a file", NULL, {APPROVES(ANN), APPROVES(BOB)}, ""},
	{"one of two without a file", NULL, {APPROVES(ANN)}, UNMET},
	{"two by one person are one", TWO, {APPROVES(ANN), APPROVES(ANN)}, UNMET},
	{"triage is less than write", ONE, {APPROVES(TESS)}, UNMET},
	{"more than write is write", TWO, {APPROVES(MIA), APPROVES(ADA)}, ""},
	{"a bot does not count", ONE, {APPROVES(ROBOT)}, UNMET},
	{"nor does a comment", ONE, {SAYS(REMARK, ANN, 1)}, UNMET},
	{"a comment takes nothing back", ONE, {APPROVES(ANN), SAYS(REMARK, ANN, 1)}, ""},
	{"access that was lost", ONE, {APPROVES(ANN), HAS_ROLE(ANN, READ)}, UNMET},
	{"access that came later", ONE, {APPROVES(TESS), HAS_ROLE(TESS, WRITE)}, ""},

	{"a push ends a review", ONE, {APPROVES(ANN), PUSHES(ALLY, 1, 2)}, UNMET},
	{"a review of the new head", ONE, {PUSHES(ALLY, 1, 2), SAYS(APPROVE, ANN, 2)}, ""},
	{"a review of the old head after the push", ONE, {PUSHES(ALLY, 1, 2), APPROVES(ANN)}, UNMET},
	{"the newest word is of the old head", ONE, {PUSHES(ALLY, 1, 2), SAYS(APPROVE, ANN, 2), APPROVES(ANN)}, UNMET},
	{"a review from before the return", ONE, {APPROVES(ANN), PUSHES(ALLY, 1, 2), FORCES_BACK(ALLY, 1)}, UNMET},
	{"a review between leaving and return", ONE, {PUSHES(ALLY, 1, 2), APPROVES(ANN), FORCES_BACK(ALLY, 1)}, UNMET},
	{"a review after the return", ONE, {PUSHES(ALLY, 1, 2), FORCES_BACK(ALLY, 1), APPROVES(ANN)}, ""},

	{"a dismissed review", ONE, {APPROVES(ANN), DISMISSES(MIA, 0)}, UNMET},
	{"an older review does not rise again", ONE, {APPROVES(ANN), APPROVES(ANN), DISMISSES(MIA, 1)}, UNMET},
	{"an older one dismissed takes nothing", ONE, {APPROVES(ANN), APPROVES(ANN), DISMISSES(MIA, 0)}, ""},
	{"requested changes", ONE, {APPROVES(ANN), SAYS(REQUEST, BOB, 1)}, REFUSED},
	{"requested changes of an older head",
	 ONE,
	 {SAYS(REQUEST, BOB, 1), PUSHES(ALLY, 1, 2), SAYS(APPROVE, ANN, 2)},
	 REFUSED},
	{"lifted by themselves", ONE, {APPROVES(ANN), SAYS(REQUEST, BOB, 1), APPROVES(BOB)}, ""},
	{"not lifted by others", ONE, {SAYS(REQUEST, BOB, 1), APPROVES(ANN), APPROVES(ADA)}, REFUSED},
	{"lifted by dismissal", ONE, {APPROVES(ANN), SAYS(REQUEST, BOB, 1), DISMISSES(MIA, 1)}, ""},
	{"a reader's request is a wish", ONE, {APPROVES(ANN), SAYS(REQUEST, RITA, 1)}, ""},
	{"a bot's request is heard", ONE, {APPROVES(ANN), SAYS(REQUEST, ROBOT, 1)}, REFUSED},
	{"a reader may object where the policy says so", OBJECTORS, {APPROVES(ANN), SAYS(REQUEST, RITA, 1)}, REFUSED},
	{"so may the team", OBJECTORS, {APPROVES(ANN), HAS_ROLE(TESS, NONE), SAYS(REQUEST, TESS, 1)}, REFUSED},
	{"somebody without a role may not", OBJECTORS, {APPROVES(ANN), SAYS(REQUEST, NOAH, 1)}, ""},

	{"who wrote a commit", ONE, {COMMITS(ANN, ALLY, 0), SAYS(APPROVE, ANN, 2)}, UNMET},
	{"who committed one", ONE, {COMMITS(ALLY, ANN, 0), SAYS(APPROVE, ANN, 2)}, UNMET},
	{"who is named as co-author", ONE, {CO_AUTHOR(ANN), SAYS(APPROVE, ANN, 2)}, UNMET},
	{"who pushed", ONE, {PUSHES(ANN, 1, 2), SAYS(APPROVE, ANN, 2)}, UNMET},
	{"who pushed a head that is gone", ONE, {PUSHES(ANN, 1, 2), FORCES_BACK(ALLY, 1), APPROVES(ANN)}, UNMET},
	{"a commit of nobody", ONE, {COMMITS(NOBODY, ALLY, 0), SAYS(APPROVE, ANN, 2)}, UNMET},
	{"a committer who is nobody", ONE, {COMMITS(ALLY, NOBODY, 0), SAYS(APPROVE, ANN, 2)}, UNMET},
	{"contributors where they count", OTHERS, {PUSHES(ANN, 1, 2), SAYS(APPROVE, ANN, 2)}, ""},
	{"a commit of nobody where contributors count", OTHERS, {COMMITS(NOBODY, ALLY, 0), SAYS(APPROVE, ANN, 2)}, ""},
	{"authors counting lifts no ban of others", AUTHOR, {PUSHES(ANN, 1, 2), SAYS(APPROVE, ANN, 2)}, UNMET},
	{"whoever reads", READERS, {COMMITS(RITA, RITA, 0), SAYS(APPROVE, RITA, 2), SAYS(APPROVE, TESS, 2)}, ""},
	{"not whoever has no role", READERS, {APPROVES(NOAH), APPROVES(TESS)}, UNMET},

	{"two of the team", TEAM_TWO, {APPROVES(BOB), APPROVES(TESS)}, ""},
	{"a maintainer is not of the team", TEAM_TWO, {APPROVES(BOB), APPROVES(MIA)}, UNMET},
	{"who left the team", TEAM_TWO, {APPROVES(BOB), APPROVES(TESS), TEAM(TESS, 0)}, UNMET},
	{"who joined it", TEAM_TWO, {APPROVES(BOB), APPROVES(MIA), TEAM(MIA, 1)}, ""},
	{"either: the maintainer", EITHER, {APPROVES(MIA)}, ""},
	{"either: the team", EITHER, {APPROVES(ANN), APPROVES(TESS)}, ""},
	{"neither", EITHER, {APPROVES(ANN)}, UNMET},
	{"documents need one", DOCUMENTS, {COMMITS(ALLY, ALLY, FILE_DOCS), SAYS(APPROVE, TESS, 2)}, ""},
	{"the rest needs two", DOCUMENTS, {APPROVES(TESS)}, UNMET},
	{"nothing but the source", SOURCE, {{0}}, ""},

	{"guarded files without a maintainer",
	 ONE,
	 {COMMITS(ALLY, ALLY, FILE_WORKFLOW), SAYS(APPROVE, ANN, 2)},
	 GUARDED},
	{"guarded files with one", ONE, {COMMITS(ALLY, ALLY, FILE_WORKFLOW), SAYS(APPROVE, MIA, 2)}, ""},
	{"the policy's own file is guarded", ONE, {COMMITS(ALLY, ALLY, FILE_POLICY), SAYS(APPROVE, ANN, 2)}, GUARDED},
	{"guarded files where no review is needed", SOURCE, {COMMITS(ALLY, ALLY, FILE_WORKFLOW)}, GUARDED},
	{"a rule for workflows", WORKFLOWS, {COMMITS(ALLY, ALLY, FILE_WORKFLOW), SAYS(APPROVE, ANN, 2)}, UNMET},
	{"nobody's commit in guarded files",
	 OTHERS,
	 {COMMITS(NOBODY, ALLY, FILE_WORKFLOW), SAYS(APPROVE, MIA, 2)},
	 GUARDED},

	{"a draft", ONE, {APPROVES(ANN), DOES(DRAFT, ALLY)}, "it is a draft"},
	{"ready again", ONE, {APPROVES(ANN), DOES(DRAFT, ALLY), DOES(READY, ALLY)}, ""},
	{"closed", ONE, {APPROVES(ANN), DOES(CLOSE, ALLY)}, NO_HEAD},
	{"opened again", ONE, {APPROVES(ANN), DOES(CLOSE, ALLY), DOES(REOPEN, ALLY)}, ""},
	{"for releases one named is missing", NAMED, {APPROVES(ANN), INTO(RELEASE)}, UNMET},
	{"for releases one named is there", NAMED, {APPROVES(ANN), APPROVES(RITA), INTO(RELEASE)}, ""},
	{"no rule for main", RELEASES, {APPROVES(ANN)}, IDLE},
	{"a rule for releases", RELEASES, {APPROVES(ANN), INTO(RELEASE)}, ""},
	{"a second change with this head is not approved", ONE, {APPROVES(ANN), SECOND_CHANGE}, UNMET},
	{"both are", ONE, {APPROVES(ANN), SECOND_CHANGE, ON_SECOND(BOB)}, ""},
	{"the second is closed",
	 ONE,
	 {APPROVES(ANN), SECOND_CHANGE, {.kind = DEED_CLOSE, .who = ALLY, .change = 1}},
	 ""},
	{"never", "never", {APPROVES(ANN), APPROVES(RITA)}, UNMET},
	{"a wrong policy", "wrong: a rule is not used", {APPROVES(ANN)}, "the policy of its base is wrong"},
};

static int policy_named(const char *name)
{
	int index = NOBODY;

	for (int i = 0; name && i < oracle_policies(); i++)
		if (strcmp(oracle_policy_name(i), name) == 0)
			index = i;
	ck_assert_msg(!name || index != NOBODY, "no policy is named %s", name);
	return index;
}

static void does(struct truth *truth, const struct deed *deed, int64_t now)
{
	struct deed done = *deed;

	if (done.commit == truth->n_commits) {
		struct truth_commit on = truth_commit_on(truth, done.before, NOBODY);

		done.made.parent = done.before;
		done.made.parent2 = NOBODY;
		done.made.policy = done.made.files & FILE_POLICY ? on.policy + 1 : on.policy;
	}
	ck_assert_msg(truth_do(truth, &done, now), "%s is refused", deed_name(done.kind));
}

static void begin(struct truth *truth, const char *policy)
{
	static const struct deed opens = {
		.kind = DEED_OPEN, .who = ALLY, .commit = 1, .made = BY(ALLY, ALLY, FILE_SOURCE), .branch = MAIN};

	truth_begin(truth, policy_named(policy), BEGIN);
	does(truth, &opens, BEGIN + SECOND);
}

START_TEST(the_oracle_says_of_small_stories_what_a_person_would)
{
	struct truth truth;
	int head;

	begin(&truth, rows[_i].policy);
	for (int i = 0; i < 6 && rows[_i].deeds[i].kind; i++)
		does(&truth, &rows[_i].deeds[i], BEGIN + (i + 2) * SECOND);
	head = truth.changes[0].head;
	ck_assert_msg(strcmp(oracle_why(&truth, head, ORACLE_OWN), rows[_i].why) == 0, "%s: %s", rows[_i].sentence,
		      oracle_why(&truth, head, ORACLE_OWN));
	ck_assert_int_eq(oracle_allows(&truth, head, ORACLE_OWN), rows[_i].why[0] == '\0');
	ck_assert(!oracle_allows(&truth, 0, ORACLE_OWN));
}
END_TEST

START_TEST(a_review_in_the_instant_of_arrival_is_no_later_one)
{
	static const struct deed approves = APPROVES(ANN);
	struct truth truth;

	for (int64_t later = 0; later < 2; later++) {
		begin(&truth, ONE);
		does(&truth, &approves, BEGIN + SECOND + later);
		ck_assert_int_eq(oracle_allows(&truth, 1, ORACLE_OWN), later);
	}
}
END_TEST

START_TEST(a_review_that_the_forge_moved_stays_where_it_was_given)
{
	static const struct deed approves = APPROVES(ANN);
	struct deed push = PUSHES(ALLY, 1, 2);
	struct truth truth;

	push.moves_reviews = true;
	begin(&truth, ONE);
	does(&truth, &approves, BEGIN + 2 * SECOND);
	does(&truth, &push, BEGIN + 3 * SECOND);
	ck_assert_int_eq(truth.reviews[0].rest_sha, 2);
	ck_assert_int_eq(truth.reviews[0].sha, 1);
	ck_assert(!oracle_allows(&truth, 2, ORACLE_OWN));
}
END_TEST

START_TEST(a_review_from_an_old_page_counts_for_nothing_wherever_the_forge_shows_it)
{
	struct deed approves = APPROVES(ANN);
	static const struct deed push = PUSHES(ALLY, 1, 2);
	struct truth truth;

	approves.moves_reviews = true;
	begin(&truth, ONE);
	does(&truth, &push, BEGIN + 2 * SECOND);
	does(&truth, &approves, BEGIN + 3 * SECOND);
	ck_assert_int_eq(truth.reviews[0].rest_sha, 2);
	ck_assert_int_eq(truth.reviews[0].sha, 1);
	ck_assert(!oracle_allows(&truth, 2, ORACLE_OWN));
}
END_TEST

/* People who could still count, one bit each, and how many reviews are wanted. */
static const struct {
	const char *policy;
	struct deed deeds[4];
	unsigned could;
	int wanted;
} wants[] = {
	{TWO, {{0}}, 1 << ANN | 1 << BOB | 1 << MIA | 1 << ADA, 2},
	{TWO, {APPROVES(ANN)}, 1 << BOB | 1 << MIA | 1 << ADA, 2},
	{TWO, {APPROVES(ANN), APPROVES(BOB)}, 0, 2},
	{TWO, {PUSHES(BOB, 1, 2)}, 1 << ANN | 1 << MIA | 1 << ADA, 2},
	{ONE, {COMMITS(NOBODY, ALLY, 0)}, 0, 0},
	{ONE, {COMMITS(ALLY, ALLY, FILE_WORKFLOW)}, 1 << ANN | 1 << BOB | 1 << MIA | 1 << ADA, 2},
	{ONE, {COMMITS(ALLY, ALLY, FILE_WORKFLOW), SAYS(APPROVE, ANN, 2)}, 1 << MIA | 1 << ADA, 2},
	{TEAM_TWO, {TEAM(ANN, 0), TEAM(BOB, 0), TEAM(TESS, 0)}, 1 << ADA, 0},
	{AUTHOR, {{0}}, 1 << ANN | 1 << BOB | 1 << MIA | 1 << ADA, 1},
	{EITHER, {{0}}, 1 << ANN | 1 << BOB | 1 << MIA | 1 << ADA | 1 << TESS, 1},
	{NAMED, {INTO(RELEASE), APPROVES(ANN)}, 1 << RITA | 1 << ADA, 2},
	{DOCUMENTS, {COMMITS(ALLY, ALLY, FILE_DOCS)}, 1 << ANN | 1 << BOB | 1 << MIA | 1 << ADA | 1 << TESS, 1},
	{SOURCE, {{0}}, 0, 0},
	{RELEASES, {{0}}, 0, 0},
	{"never", {{0}}, 1 << ANN | 1 << BOB | 1 << MIA | 1 << ADA | 1 << TESS | 1 << RITA, 0},
	{"wrong: not YAML", {{0}}, 0, 0},
	{AUTHOR, {HAS_ROLE(ANN, READ), HAS_ROLE(BOB, READ), HAS_ROLE(MIA, READ), HAS_ROLE(ADA, NONE)}, 0, 0},
	{RELEASES, {COMMITS(ALLY, ALLY, FILE_WORKFLOW)}, 1 << MIA | 1 << ADA, 0},
	{ONE, {DOES(CLOSE, ALLY)}, 0, 1},
};

START_TEST(who_could_count_and_how_many_are_wanted)
{
	struct truth truth;
	unsigned could = 0;

	begin(&truth, wants[_i].policy);
	for (int i = 0; i < 4 && wants[_i].deeds[i].kind; i++)
		does(&truth, &wants[_i].deeds[i], BEGIN + (i + 2) * SECOND);
	for (int i = 0; i < TRUTH_PEOPLE; i++)
		could |= oracle_could_count(&truth, 0, i) ? 1u << i : 0;
	ck_assert_msg(could == wants[_i].could, "%x, not %x", could, wants[_i].could);
	ck_assert_int_eq(oracle_reviews_wanted(&truth, &truth.changes[0]), wants[_i].wanted);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(the_oracle_says_of_small_stories_what_a_person_would, rows),
	SUITE_TEST(a_review_in_the_instant_of_arrival_is_no_later_one),
	SUITE_TEST(a_review_that_the_forge_moved_stays_where_it_was_given),
	SUITE_TEST(a_review_from_an_old_page_counts_for_nothing_wherever_the_forge_shows_it),
	SUITE_ROWS(who_could_count_and_how_many_are_wanted, wants),
	SUITE_END,
};
SUITE_MAIN(tests)
