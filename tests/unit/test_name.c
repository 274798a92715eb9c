/* A name that is another repository's by now: nothing is judged under it, and the forge is asked by number. */
#include "agent/work/name.h"
#include "agent/work/workers.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

struct bench {
	struct told_forge t;
	int posts;
	struct text posted_to[4];
	enum err_code refuses; /* the first post, so */
	bool maybe_sent;
};

static void know(struct told_forge *t)
{
	struct row_repo row = {.id = TOLD_REPO, .name = TEXT_LIT("o/r"), .installation = TOLD_INSTALLATION};

	told_forge_open(t);
	told_forge_keep(t, &table_repo, &row);
}

static struct claim claim_of(struct told_forge *t)
{
	struct err err = ERR_NONE;
	struct taker taker = {"w", t->now, &t->arena, NULL};
	struct oid head = told_oid('a');
	struct claim claim;
	int64_t next_at;

	ck_assert(store_want(&t->store, TOLD_REPO, &head, true, &err));
	ck_assert_msg(store_claim(&t->store, &taker, &claim, &next_at, &err), "%s", err.text);
	return claim;
}

static enum err_code collect(struct told_forge *t, struct gathered *got)
{
	struct err err = ERR_NONE;

	return gather_collect(&t->gather, &t->arena, got, &err) ? ERR_OK : err.code;
}

START_TEST(a_list_without_the_head_is_believed_while_the_name_is_still_ours)
{
	struct told_forge t;
	struct gathered got;

	know(&t);
	t.n_changes = 0;
	ck_assert_int_eq(collect(&t, &got), ERR_OK);
	ck_assert_uint_eq(got.facts.n_changes, 0);
	ck_assert_uint_eq(t.names, 1);
	t.shown = 3; /* other heads' changes, which carry the number */
	ck_assert_int_eq(collect(&t, &got), ERR_OK);
	ck_assert_uint_eq(t.names, 1);
	told_forge_close(&t);
}
END_TEST

START_TEST(a_list_without_the_head_of_another_repository_is_no_input)
{
	struct told_forge t;
	struct gathered got;

	know(&t);
	t.n_changes = 0;
	t.name = "o/moved";
	ck_assert_int_eq(collect(&t, &got), ERR_RETRY);
	ck_assert(text_is(claim_of(&t).repo_name, "o/moved"));
	told_forge_close(&t);
}
END_TEST

/* However long ago an event told of it. */
START_TEST(a_change_that_another_repository_does_not_have_is_not_gone)
{
	int64_t candidates[] = {1};
	struct told_forge t;
	struct gathered got;

	know(&t);
	t.n_changes = 0;
	t.claim.candidates = candidates;
	t.claim.n_candidates = 1;
	ck_assert_int_eq(collect(&t, &got), ERR_OK);
	t.name = "o/moved";
	ck_assert_int_eq(collect(&t, &got), ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

static const struct {
	enum told_verb verb;
	enum err_code code;
	bool doubted;
} refusals[] = {
	{TOLD_OPEN_CHANGES, ERR_INVALID, true}, /* a redirect, or a list of another repository */
	{TOLD_OPEN_CHANGES, ERR_GONE, true},    {TOLD_CHANGE, ERR_INVALID, true},
	{TOLD_OPEN_CHANGES, ERR_RETRY, false},  {TOLD_OPEN_CHANGES, ERR_DENIED, false},
};

START_TEST(a_name_that_is_not_answered_is_asked_for_by_number)
{
	struct told_forge t;
	struct gathered got;

	know(&t);
	t.fails = refusals[_i].verb;
	t.fails_as = refusals[_i].code;
	ck_assert_int_ne(collect(&t, &got), ERR_OK);
	ck_assert_int_eq(claim_of(&t).name_doubt != 0, refusals[_i].doubted);
	told_forge_close(&t);
}
END_TEST

/* ---- workers ---- */

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

static bool never(void *self)
{
	(void)self;
	return false;
}

static struct worker worker_of(struct told_forge *t)
{
	return (struct worker){.store = &t->store,
			       .clock = t->ports.clock,
			       .wake = {.signal = signal_nobody, .stopping = never},
			       .owner = "w"};
}

START_TEST(a_judgement_under_a_doubted_name_asks_first_and_reads_nothing_until_it_knows)
{
	struct err err = ERR_NONE;
	struct told_forge t;
	struct claim claim;
	struct judge judge;

	know(&t);
	judge = (struct judge){
		.worker = worker_of(&t), .config = t.config, .forge = &t.forge, .mirror = &t.mirror, .attempts_max = 3};
	ck_assert(store_doubt_name(&t.store, TOLD_REPO, &err));
	claim = claim_of(&t);
	t.fails = TOLD_REPOSITORY;
	t.fails_as = ERR_RETRY;
	judge_claim(&judge, &claim, NULL);
	ck_assert_uint_eq(t.names, 1);
	t.fails = 0;
	t.name = "o/moved";
	t.now += 3600000;
	claim = claim_of(&t);
	ck_assert_int_ne(claim.name_doubt, 0);
	judge_claim(&judge, &claim, NULL);
	ck_assert_uint_eq(t.names, 2);
	claim = claim_of(&t);
	ck_assert(text_is(claim.repo_name, "o/moved"));
	ck_assert_int_eq(claim.name_doubt, 0);
	told_forge_close(&t);
}
END_TEST

static enum err_code post(void *self, const struct forge_post *post, int64_t deadline_ms, struct forge_posted *out,
			  struct err *err)
{
	struct bench *b = self; /* told_forge is its first member */

	(void)deadline_ms;
	ck_assert_int_eq(post->repo.id, TOLD_REPO);
	b->posted_to[b->posts++] = arena_text(&b->t.arena, post->repo.name);
	*out = (struct forge_posted){.status_id = b->posts, .maybe_sent = b->maybe_sent, .created_at = WHEN_UNKNOWN};
	if (b->posts == 1 && b->refuses != ERR_OK)
		return (void)err_set(err, b->refuses, "refused"), b->refuses;
	return ERR_OK;
}

static void post_bench(struct bench *b, struct poster *poster)
{
	struct oid head = told_oid('a');
	struct row_slot slot = {.repo = TOLD_REPO,
				.sha = head,
				.context = TEXT_LIT("policy/merge-allowed"),
				.state = STATUS_FAILURE,
				.text = TEXT_LIT("no"),
				.made_at = 2000000,
				.due = 1};

	*b = (struct bench){.posts = 0};
	know(&b->t);
	told_forge_keep(&b->t, &table_slot, &slot);
	b->t.forge.post = post;
	*poster = (struct poster){worker_of(&b->t), &b->t.forge, TEXT_LIT("https://gate.test"), 10000, 0};
}

static const struct {
	const char *what;
	bool doubted;
	int64_t later_ms;
	enum err_code refuses;
	const char *to[2]; /* posts, in order */
} posts[] = {
	{"nothing is in doubt", false, 0, ERR_OK, {"o/r"}},
	{"an event told another name", true, 0, ERR_OK, {"o/moved"}},
	{"it waited for a long time", false, 3600000, ERR_OK, {"o/moved"}},
	{"a redirect", false, 0, ERR_INVALID, {"o/r", "o/moved"}},
	{"nobody has that name", false, 0, ERR_GONE, {"o/r", "o/moved"}},
	{"another repository has it, and no such commit", false, 0, ERR_DENIED, {"o/r", "o/moved"}},
};

START_TEST(a_status_goes_to_the_repository_and_not_to_its_name)
{
	struct err err = ERR_NONE;
	struct poster poster;
	struct bench b;
	int64_t at;
	int n = posts[_i].to[1] ? 2 : 1;

	post_bench(&b, &poster);
	b.t.name = text_is(text_of(posts[_i].to[n - 1]), "o/r") ? "o/r" : "o/moved";
	b.refuses = posts[_i].refuses;
	if (posts[_i].doubted)
		ck_assert(store_doubt_name(&b.t.store, TOLD_REPO, &err));
	b.t.now += posts[_i].later_ms;
	for (int i = 0; i < 4; i++) {
		(void)poster_step(&poster, &at);
		b.t.now += 60000;
	}
	ck_assert_msg(b.posts == n, "%s: %d posts", posts[_i].what, b.posts);
	for (int i = 0; i < n; i++)
		ck_assert_msg(text_is(b.posted_to[i], posts[_i].to[i]), "%s: to %.*s", posts[_i].what,
			      TEXT_ARG(b.posted_to[i]));
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_refusal_by_the_repository_itself_is_one)
{
	struct poster poster;
	struct bench b;
	int64_t at;

	post_bench(&b, &poster);
	b.refuses = ERR_DENIED;
	for (int i = 0; i < 4; i++) {
		(void)poster_step(&poster, &at);
		b.t.now += 60000;
	}
	ck_assert_int_eq(b.posts, 1); /* parked */
	ck_assert_uint_eq(b.t.names, 1);
	told_forge_close(&b.t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_list_without_the_head_is_believed_while_the_name_is_still_ours),
	SUITE_TEST(a_list_without_the_head_of_another_repository_is_no_input),
	SUITE_TEST(a_change_that_another_repository_does_not_have_is_not_gone),
	SUITE_ROWS(a_name_that_is_not_answered_is_asked_for_by_number, refusals),
	SUITE_TEST(a_judgement_under_a_doubted_name_asks_first_and_reads_nothing_until_it_knows),
	SUITE_ROWS(a_status_goes_to_the_repository_and_not_to_its_name, posts),
	SUITE_TEST(a_refusal_by_the_repository_itself_is_one),
	SUITE_END,
};
SUITE_MAIN(tests)
