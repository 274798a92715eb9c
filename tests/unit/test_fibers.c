/* The workers on fibers: the scheduler itself, and the whole pipeline under many schedules of the same story. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/inworld_acts.h"
#include "tests/support/suite.h"

/* ---- the scheduler ---- */

struct counter {
	struct fibers *fibers;
	char order[64];
	size_t n;
	char next;
};

struct letter {
	struct counter *counter;
	char letter;
};

static void three_times(void *arg)
{
	struct letter *l = arg;

	for (int i = 0; i < 3; i++) {
		l->counter->order[l->counter->n++] = l->letter;
		fiber_yield(l->counter->fibers);
	}
}

static uint64_t order_of(uint64_t seed, char *ret)
{
	struct counter counter = {.fibers = fibers_new(seed, 0)};
	struct letter a = {&counter, 'a'}, b = {&counter, 'b'}, c = {&counter, 'c'};
	uint64_t hash;

	fibers_add(counter.fibers, "a", three_times, &a);
	fibers_add(counter.fibers, "b", three_times, &b);
	fibers_add(counter.fibers, "c", three_times, &c);
	ck_assert(fibers_run(counter.fibers, 100));
	hash = fibers_schedule_hash(counter.fibers);
	fibers_free(counter.fibers);
	memcpy(ret, counter.order, counter.n + 1);
	return hash;
}

START_TEST(a_seed_is_a_schedule)
{
	char first[64], again[64], other[64];
	bool differs = false;

	ck_assert_uint_eq(order_of(1, first), order_of(1, again));
	ck_assert_str_eq(first, again);
	for (uint64_t seed = 2; seed < 10; seed++) {
		order_of(seed, other);
		differs = differs || strcmp(first, other) != 0;
	}
	ck_assert(differs);
}
END_TEST

struct sleeper {
	struct fibers *fibers;
	int64_t woke;
};

static void sleep_long(void *arg)
{
	struct sleeper *s = arg;
	struct clock_port clock = fibers_clock(s->fibers);

	fiber_sleep(s->fibers, 3600000);
	s->woke = clock.mono(clock.self);
}

START_TEST(time_jumps_when_nobody_can_run)
{
	struct sleeper s = {fibers_new(1, 0), 0};

	fibers_add(s.fibers, "s", sleep_long, &s);
	ck_assert(fibers_run(s.fibers, 100));
	ck_assert_int_eq(s.woke, 3600000);
	fibers_free(s.fibers);
}
END_TEST

/* ---- the story, under many schedules ---- */

struct play {
	struct inworld *in;
	bool troubled; /* faults and disorder, drawn by the seed */
	char a[65], b[65];
	bool waited, allowed, revoked, again, old_ignored;
};

/* ---- trouble ---- */

#define PATIENCE_MS 3600000 /* backoffs grow to minutes: what matters is the end */

static const struct {
	const char *method, *endpoint;
	int status; /* 0: performed, but the answer is lost */
} faults[] = {
	{"POST", "/repos/o/r/statuses", 503},     {"POST", "/repos/o/r/statuses", 0},
	{"GET", "/repos/o/r/pulls", 502},         {"GET", "/repos/o/r/pulls", 0},
	{"GET", "/repos/o/r/collaborators", 500}, {"GET", "/repos/o/r/issues", 503},
	{"GET", "/repos/o/r/git", 503},           {"GET", "/repos/o/r/activity", 500},
	{"GET", "/repos/o/r/commits", 502},
};

static void trouble(struct play *p)
{
	struct story *story = p->in->story;

	if (!p->troubled)
		return;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		int count = (int)fibers_dice(p->in->fibers, 3);

		if (count > 0 && faults[i].status)
			story_post(story, "/_world/fault", "{s:s,s:s,s:i,s:i}", "method", faults[i].method, "endpoint",
				   faults[i].endpoint, "status", faults[i].status, "count", count);
		else if (count > 0)
			story_post(story, "/_world/fault", "{s:s,s:s,s:b,s:i}", "method", faults[i].method, "endpoint",
				   faults[i].endpoint, "lost_answer", 1, "count", count);
	}
	story_post(story, "/_world/hooks", "{s:s,s:i}", "do", "dup", "count", 2);
	story_post(story, "/_world/hooks", "{s:s,s:i}", "do", "hold", "count", (int)fibers_dice(p->in->fibers, 4));
}

/* Lets what was held go, the newest first. */
static void relieve(struct play *p)
{
	if (!p->troubled)
		return;
	fiber_sleep(p->in->fibers, 1 + (int64_t)fibers_dice(p->in->fibers, 4000));
	(void)inworld_status(p->in, "0");
	story_post(p->in->story, "/_world/hooks", "{s:s,s:b}", "do", "release", "reverse", 1);
}

static void approve(struct inworld *in, const char *who, const char *sha)
{
	/* The forge's times have a grain of a second: a review in the second of the push is no later than it. */
	fiber_sleep(in->fibers, 1500);
	(void)inworld_status(in, sha);
	story_act(in->story, "{s:s,s:s,s:s,s:i,s:s}", "do", "approve", "repo", "o/r", "who", who, "number", 1,
		  "commit_id", sha);
}

static void open_and_push(struct play *p, char *ret, const char *text)
{
	fiber_sleep(p->in->fibers, 1500);
	(void)inworld_status(p->in, "0");
	inworld_keep(ret, story_str(story_act(p->in->story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r",
					      "who", "alice", "branch", "topic", "files", "f.txt", text),
				    "sha"));
}

static void begin(struct play *p)
{
	static const char *const people[] = {"alice", "bob", "carol"};
	struct story *story = p->in->story;

	story_act(story, "{s:s,s:s,s:{s:s}}", "do", "repo", "repo", "o/r", "files", "README", "hello\n");
	for (size_t i = 0; i < 3; i++)
		story_act(story, "{s:s,s:s,s:s,s:s}", "do", "permission", "repo", "o/r", "login", people[i], "role",
			  "write");
	open_and_push(p, p->a, "first");
	story_act(story, "{s:s,s:s,s:s,s:s,s:s}", "do", "open", "repo", "o/r", "who", "alice", "head", "topic", "title",
		  "A change");
}

static void act_story(void *arg)
{
	struct play *p = arg;
	struct inworld *in = p->in;

	trouble(p);
	begin(p);
	relieve(p);
	p->waited = inworld_until(in, p->a, "pending");
	approve(in, "bob", p->a);
	approve(in, "carol", p->a);
	p->allowed = inworld_until(in, p->a, "success");
	trouble(p);
	open_and_push(p, p->b, "second");
	relieve(p);
	p->revoked = inworld_until(in, p->a, "failure") && inworld_until(in, p->b, "pending");
	approve(in, "bob", p->a); /* the old diff, read after the push */
	fiber_sleep(in->fibers, 20000);
	p->old_ignored = strcmp(inworld_status(in, p->b), "pending") == 0;
	trouble(p);
	approve(in, "bob", p->b);
	approve(in, "carol", p->b);
	relieve(p);
	p->again = inworld_until(in, p->b, "success");
	in->over = true;
}

static void play_out(uint64_t seed, bool troubled)
{
	struct play play = {.in = inworld_new(seed), .troubled = troubled};
	bool ended;

	if (troubled)
		play.in->patience_ms = PATIENCE_MS;
	ended = inworld_run(play.in, act_story, &play);
	ck_assert_msg(ended, "seed %d never ends", (int)seed);
	ck_assert_msg(play.waited, "seed %d: never pending", (int)seed);
	ck_assert_msg(play.allowed, "seed %d: never allowed", (int)seed);
	ck_assert_msg(play.revoked, "seed %d: not revoked", (int)seed);
	ck_assert_msg(play.old_ignored, "seed %d: an approval of the old commit counted", (int)seed);
	ck_assert_msg(play.again, "seed %d: not allowed again", (int)seed);
	inworld_check_order(play.in, play.a, play.b);
	inworld_free(play.in);
}

START_TEST(the_story_ends_the_same_under_every_schedule)
{
	play_out((uint64_t)_i + 1, false);
}
END_TEST

/* Answers lost and refused, deliveries doubled, held back and let go in reverse: late, but the same end. */
START_TEST(the_story_ends_the_same_in_trouble)
{
	play_out((uint64_t)_i + 1000, true);
}
END_TEST

static const int seeds[12] = {0};

START_TEST(the_same_seed_gives_the_same_schedule_of_the_whole_pipeline)
{
	uint64_t hash[2];

	for (int i = 0; i < 2; i++) {
		struct play play = {.in = inworld_new(77)};

		ck_assert(inworld_run(play.in, act_story, &play));
		hash[i] = fibers_schedule_hash(play.in->fibers);
		inworld_free(play.in);
	}
	ck_assert_uint_eq(hash[0], hash[1]);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_seed_is_a_schedule),
	SUITE_TEST(time_jumps_when_nobody_can_run),
	{.name = "the_story_ends_the_same_under_every_schedule",
	 .test = &the_story_ends_the_same_under_every_schedule,
	 .rows = sizeof seeds / sizeof seeds[0],
	 .seconds = 300},
	{.name = "the_story_ends_the_same_in_trouble",
	 .test = &the_story_ends_the_same_in_trouble,
	 .rows = sizeof seeds / sizeof seeds[0],
	 .seconds = 300},
	SUITE_SLOW(the_same_seed_gives_the_same_schedule_of_the_whole_pipeline, 120),
	SUITE_END,
};
SUITE_MAIN(tests)
