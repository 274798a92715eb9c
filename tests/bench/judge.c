/*
 * bench_judge DELIVERIES: judgements of one realistic change by the built-in policy that wants two reviews, beside
 * jansson's parses of the payload that announces a review (corpus.h), in one interleaved run: what one thread does of
 * each a second, and jansson's time by the judgement's, round by round: median, least and most.
 *
 * bench_judge DELIVERIES judge|jansson N: one of them N times, inside counted(), for who counts instructions.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/policy.h"
#include "tests/bench/corpus.h"

#define ROUNDS  21
#define EACH    2000 /* judgements of one round */
#define OWN     400
#define ARRIVED ((int64_t)1795269731000)
#define HEAD    "9a77b03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OLD     "1111111aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* others' work on the machine does not count */
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* ---- the change: three commits, eight files, a round of remarks, one review that a push made stale ---- */

enum { ALICE = 1, BOB, CAROL, DAVE, ERIN, PEOPLE = ERIN, COMMITS = 3, PATHS = 8, REVIEWS = 6, COMMENTS = 4 };

struct scene {
	struct commit commits[COMMITS];
	struct path paths[PATHS];
	struct review reviews[REVIEWS];
	struct comment comments[COMMENTS];
	struct member people[PEOPLE];
	struct change change;
	struct facts facts;
	struct governed governed;
};

static const struct {
	const char *login;
	enum permission permission;
} cast[PEOPLE] = {{"alice-writes", PERMISSION_WRITE},
		  {"bob-reviews", PERMISSION_WRITE},
		  {"carol-too", PERMISSION_WRITE},
		  {"dave", PERMISSION_READ},
		  {"erin-maintains", PERMISSION_MAINTAIN}};

static const char *const names[PATHS] = {
	"src/render/frame_cache.c",
	"src/render/frame_cache.h",
	"src/render/compositor.c",
	"tests/render/test_frame_cache.c",
	"docs/design/frame-cache.md",
	"src/base/lru.h",
	"CMakeLists.txt",
	"CHANGELOG.md",
};

static const struct {
	int who;
	enum review_state state;
	const char *of;
	int64_t after_s;
	const char *says;
} said[REVIEWS] = {
	{CAROL, REVIEW_CHANGES_REQUESTED, OLD, -7200, "This leaks a frame when the cache is full.\nSee the comment."},
	{BOB, REVIEW_APPROVED, OLD, -3600, "Nice."},
	{DAVE, REVIEW_COMMENTED, OLD, -1800, "Does this need a note in the changelog?"},
	{ERIN, REVIEW_COMMENTED, HEAD, 300, "A test for the empty cache would be good, in another change."},
	{BOB, REVIEW_APPROVED, HEAD, 600, ""},
	{CAROL, REVIEW_APPROVED, HEAD, 900, "Thanks, that is what I meant."},
};

static const char *const remarks[COMMENTS] = {
	"CI is green apart from the flaky network test, which failed on main, too.\n\nStarting it again.",
	"> Does this need a note in the changelog?\n\nYes, added.",
	"Rebased, and the leak is gone: the cache gives its last frame back before it takes another.",
	"bors r+",
};

static struct oid oid(const char *hex)
{
	struct oid sha = OID_NONE;

	if (!oid_parse(text_of(hex), &sha))
		abort();
	return sha;
}

static struct person person(int id)
{
	return (struct person){id, text_of(cast[id - 1].login), PERSON_USER};
}

static void fill_lists(struct scene *s)
{
	static const char *const shas[COMMITS] = {"2222222aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
						  "3333333aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", HEAD};
	const struct signer alice = {ALICE, text_of(cast[0].login), TEXT_LIT("Alice"), TEXT_LIT("alice@example.org")};

	for (size_t i = 0; i < COMMITS; i++)
		s->commits[i] = (struct commit){.sha = oid(shas[i]),
						.message = TEXT_LIT("Give the last frame back\n\nIt leaked."),
						.author = alice,
						.committer = alice};
	for (size_t i = 0; i < PATHS; i++)
		s->paths[i] = (struct path){
			.path = text_of(names[i]), .status = PATH_MODIFIED, .mode = 0100644, .old_mode = 0100644};
	for (size_t i = 0; i < REVIEWS; i++)
		s->reviews[i] = (struct review){.id = (int64_t)i + 1,
						.user = person(said[i].who),
						.state = said[i].state,
						.submitted_at = ARRIVED + 1000 * said[i].after_s,
						.bound_sha = oid(said[i].of),
						.body = text_of(said[i].says)};
	for (size_t i = 0; i < COMMENTS; i++)
		s->comments[i] = (struct comment){.id = (int64_t)i + 1,
						  .user = person(ALICE + (int)i % 2),
						  .created_at = ARRIVED + 1000 * (int64_t)i,
						  .body = text_of(remarks[i])};
	for (int i = 0; i < PEOPLE; i++)
		s->people[i] = (struct member){.who = person(i + 1), .permission = cast[i].permission};
}

static void scene_make(struct scene *s, struct arena *arena)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	static const int64_t pushers[] = {ALICE};

	fill_lists(s);
	s->change = (struct change){.known = FACTS_ALL,
				    .number = 412,
				    .open = true,
				    .base_ref = TEXT_LIT("main"),
				    .head_arrived_at = ARRIVED,
				    .author = person(ALICE),
				    .pushers = pushers,
				    .n_pushers = 1,
				    .commits = s->commits,
				    .n_commits = COMMITS,
				    .paths = s->paths,
				    .n_paths = PATHS,
				    .reviews = s->reviews,
				    .n_reviews = REVIEWS,
				    .comments = s->comments,
				    .n_comments = COMMENTS,
				    .title = TEXT_LIT("Give the last frame back"),
				    .head_ref = TEXT_LIT("frame-leak")};
	s->facts = (struct facts){.now = ARRIVED + 3600000,
				  .repo = 77,
				  .repo_name = TEXT_LIT("acme/engine"),
				  .head = oid(HEAD),
				  .changes_known = true,
				  .changes = &s->change,
				  .n_changes = 1,
				  .people = s->people,
				  .n_people = PEOPLE};
	s->governed.policy = policy_builtin(&defaults, arena);
}

/* ---- the race ---- */

struct race {
	struct scene scene;
	struct corpus corpus;
	const struct corpus_delivery *payload;
};

static void judge(const struct race *race)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct verdict verdict;

	policy_judge(&race->scene.governed, &race->scene.facts, &arena, &verdict);
	if (verdict.decision != DECISION_ALLOWED)
		abort();
}

static void parse(const struct race *race)
{
	json_t *json = json_loadb(race->payload->body, race->payload->len, 0, NULL);

	if (!json)
		abort();
	json_decref(json);
}

static const struct way {
	const char *name;
	void (*run)(const struct race *race);
} ways[] = {{"judge", judge}, {"jansson", parse}};
enum { WAYS = sizeof ways / sizeof ways[0] };

__attribute__((noinline)) void counted(const struct way *way, const struct race *race, size_t times);
void counted(const struct way *way, const struct race *race, size_t times)
{
	for (size_t i = 0; i < times; i++)
		way->run(race);
}

static double time_of(const struct way *way, const struct race *race)
{
	int64_t start = now_ns();

	counted(way, race, EACH);
	return (double)(now_ns() - start) / EACH;
}

static void compare(const struct race *race)
{
	static double took[WAYS][ROUNDS], ratio[ROUNDS];

	for (size_t round = 0; round < ROUNDS; round++) {
		for (size_t way = 0; way < WAYS; way++)
			took[way][round] = time_of(&ways[way], race);
		ratio[round] = took[1][round] / took[0][round];
	}
	for (size_t way = 0; way < WAYS; way++) {
		qsort(took[way], ROUNDS, sizeof took[way][0], order);
		printf("%-8s rate=%.0f a second [%.0f-%.0f]\n", ways[way].name, 1e9 / took[way][ROUNDS / 2],
		       1e9 / took[way][ROUNDS - 1], 1e9 / took[way][0]);
	}
	qsort(ratio, ROUNDS, sizeof ratio[0], order);
	printf("jansson takes %.1f times as long for %zu bytes [%.1f-%.1f] n=%d\n", ratio[ROUNDS / 2],
	       race->payload->len, ratio[0], ratio[ROUNDS - 1], ROUNDS);
}

static int run(int argc, char **argv, const struct race *race)
{
	int64_t times;

	if (argc == 2) {
		compare(race);
		return 0;
	}
	for (size_t i = 0; i < WAYS; i++)
		if (strcmp(argv[2], ways[i].name) == 0 && text_int64(text_of(argv[3]), &times) && times > 0) {
			counted(&ways[i], race, (size_t)times);
			return 0;
		}
	return 2;
}

int main(int argc, char **argv)
{
	static struct race race;
	auto_arena struct arena arena = ARENA_EMPTY;
	int code;

	if (argc != 2 && argc != 4) {
		fputs("usage: bench_judge DELIVERIES [judge|jansson N]\n", stderr);
		return 2;
	}
	corpus_make(&race.corpus, argv[1], OWN, NULL);
	for (size_t i = 0; i < race.corpus.n && !race.payload; i++)
		if (strcmp(race.corpus.at[i].event, "pull_request_review") == 0)
			race.payload = &race.corpus.at[i];
	if (!race.payload)
		abort();
	scene_make(&race.scene, &arena);
	code = run(argc, argv, &race);
	corpus_free(&race.corpus);
	return code;
}
