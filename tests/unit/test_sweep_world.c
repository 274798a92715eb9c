/*
 * Every webhook lost, on fibers: the whole pipeline against the world, which tells nobody anything. The statuses still
 * become what the policy says, the old head is failed before anything is said of the new one, and a dismissal that
 * nobody told of is found.
 */
#include <string.h>

#include "tests/support/inworld_acts.h"
#include "tests/support/suite.h"

#define PATIENCE_MS 900000 /* seven sweeps */

struct play {
	struct inworld *in;
	char a[65], b[65];
	bool waited, allowed, revoked, again, taken_back, closed, forged;
};

static void begin(struct play *p)
{
	p->in->patience_ms = PATIENCE_MS;
	story_post(p->in->story, "/_world/hooks", "{s:s}", "do", "drop");
	inworld_begin(p->in, p->a);
}

static void act_story(void *arg)
{
	struct play *p = arg;
	struct inworld *in = p->in;
	json_int_t review;

	begin(p);
	p->waited = inworld_until(in, p->a, "pending");
	(void)inworld_approve(p->in, "bob", p->a);
	(void)inworld_approve(p->in, "carol", p->a);
	p->allowed = inworld_until(in, p->a, "success");
	inworld_push(p->in, p->b, "second");
	p->revoked = inworld_until(in, p->a, "failure") && inworld_until(in, p->b, "pending");
	(void)inworld_approve(p->in, "bob", p->b);
	review = inworld_approve(p->in, "carol", p->b);
	p->again = inworld_until(in, p->b, "success");
	inworld_later(p->in);
	story_act(in->story, "{s:s,s:s,s:s,s:i,s:I}", "do", "dismiss", "repo", "o/r", "who", "alice", "number", 1,
		  "review", review);
	p->taken_back = inworld_until(in, p->b, "failure");
	inworld_later(p->in);
	story_act(in->story, "{s:s,s:s,s:s,s:s,s:s,s:s}", "do", "forge_status", "repo", "o/r", "who", "alice", "sha",
		  p->b, "context", "policy/merge-allowed", "state", "success");
	p->forged = strcmp(inworld_status(in, p->b), "success") == 0 && inworld_until(in, p->b, "failure");
	in->over = true;
}

static size_t posts(struct play *p)
{
	const json_t *log = json_object_get(story_get(p->in->story, "/_world/log?since=0"), "entries"), *one;
	size_t i, n = 0;

	json_array_foreach(log, i, one) n += strcmp(story_str(one, "kind"), "post") == 0;
	return n;
}

START_TEST(with_every_webhook_lost_the_statuses_become_what_the_policy_says)
{
	struct play play = {.in = inworld_new((uint64_t)_i + 1)};

	ck_assert_msg(inworld_run(play.in, act_story, &play), "never ends");
	ck_assert_msg(play.waited, "never pending");
	ck_assert_msg(play.allowed, "never allowed");
	ck_assert_msg(play.revoked, "a push that nobody told of is not seen");
	ck_assert_msg(play.again, "not allowed again");
	ck_assert_msg(play.taken_back, "a dismissal that nobody told of is not found");
	ck_assert_msg(play.forged, "a status that somebody else posted stands");
	inworld_check_order(play.in, play.a, play.b);
	inworld_free(play.in);
}
END_TEST

struct quiet {
	struct play play;
	size_t before, after;
};

static void rest(void *arg)
{
	struct quiet *q = arg;

	begin(&q->play);
	q->play.waited = inworld_until(q->play.in, q->play.a, "pending");
	fiber_sleep(q->play.in->fibers, 300000);
	q->before = posts(&q->play);
	fiber_sleep(q->play.in->fibers, 3600000); /* thirty sweeps */
	q->after = posts(&q->play);
	q->play.in->over = true;
}

START_TEST(an_hour_of_sweeps_without_news_posts_nothing)
{
	struct quiet q = {.play = {.in = inworld_new(1)}};

	ck_assert(inworld_run(q.play.in, rest, &q));
	ck_assert(q.play.waited);
	ck_assert_uint_gt(q.before, 0);
	ck_assert_uint_eq(q.before, q.after);
	inworld_free(q.play.in);
}
END_TEST

/* The newest status under the new name. */
static bool allowed_at(struct inworld *in, const char *name, const char *sha)
{
	const json_t *list = story_get(in->story, "/repos/%s/commits/%s/statuses", name, sha);

	return strcmp(story_str(list, "0.state"), "success") == 0;
}

static void rename_story(void *arg)
{
	struct play *p = arg;
	struct inworld *in = p->in;

	begin(p);
	p->waited = inworld_until(in, p->a, "pending");
	story_act(in->story, "{s:s,s:s,s:s,s:s}", "do", "rename", "repo", "o/r", "who", "alice", "name", "o/new");
	for (size_t i = 0; i < 2; i++) {
		inworld_later(p->in);
		story_act(in->story, "{s:s,s:s,s:s,s:i,s:s}", "do", "approve", "repo", "o/new", "who",
			  i ? "carol" : "bob", "number", 1, "commit_id", p->a);
	}
	for (int i = 0; i < 900 && !p->allowed; i++) {
		fiber_sleep(in->fibers, 1000);
		p->allowed = allowed_at(in, "o/new", p->a);
	}
	in->over = true;
}

START_TEST(a_renaming_that_nobody_told_of_is_found)
{
	struct play play = {.in = inworld_new(3)};

	ck_assert_msg(inworld_run(play.in, rename_story, &play), "never ends");
	ck_assert_msg(play.waited, "never pending");
	ck_assert_msg(play.allowed, "the new name is not found");
	inworld_free(play.in);
}
END_TEST

static const int seeds[6] = {0};

static const struct suite_test tests[] = {
	{.name = "with_every_webhook_lost_the_statuses_become_what_the_policy_says",
	 .test = &with_every_webhook_lost_the_statuses_become_what_the_policy_says,
	 .rows = sizeof seeds / sizeof seeds[0],
	 .seconds = 300},
	SUITE_SLOW(a_renaming_that_nobody_told_of_is_found, 120),
	SUITE_SLOW(an_hour_of_sweeps_without_news_posts_nothing, 120),
	SUITE_END,
};
SUITE_MAIN(tests)
