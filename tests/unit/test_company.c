/*
 * Heads that a burst of pushes replaced are judged in company: at a tick, once the forge has answered all their
 * supersedes, from one reading, each under a fence of its own. The store over every backend (_i), and the judge.
 */
#include "agent/work/workers.h"
#include "tests/support/pipe.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

#define TEN_MINUTES 600000
#define CONTEXT     TEXT_LIT("policy/merge-allowed")

static const int backends[PIPE_BACKENDS] = {0, 1};

/* ---- the store ---- */

/* a, b, c and d within a second: d is the head. */
static void open_burst(struct pipe_rig *rig, int backend)
{
	pipe_open(rig, backend);
	tell(rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	tell(rig, push_to_change(1, 'a', 'b', 1));
	tell(rig, push_to_change(1, 'b', 'c', 2));
	tell(rig, push_to_change(1, 'c', 'd', 2));
}

static struct company company_of(struct pipe_rig *rig, const struct claim *lead)
{
	struct taker taker = {"judge-1", rig->now, &rig->arena, NULL};
	struct company company;
	struct err err = ERR_NONE;

	ck_assert(claim_is_replaced(lead));
	ck_assert_msg(store_claim_company(&rig->store, &taker, lead, 8, &company, &err), "%s", err.text);
	return company;
}

/* The head first, since people wait for it; then the lead of the others. */
static struct claim lead_after_head(struct pipe_rig *rig)
{
	struct claim claim = claim_of(rig, 'd');

	ck_assert(!claim_is_replaced(&claim));
	ck_assert_int_eq(conclude_as(rig, &claim, DECISION_WAITING), CONCLUDED);
	ck_assert(try_claim(rig, &claim));
	return claim;
}

START_TEST(a_head_pushed_on_the_heels_of_another_waits_for_the_tick)
{
	struct pipe_rig rig;
	struct claim claim;

	open_burst(&rig, _i);
	(void)drain(&rig);
	ck_assert(!try_claim(&rig, &claim));
	next_tick(&rig);
	ck_assert(try_claim(&rig, &claim));
	ck_assert_str_eq(claim.sha.hex, sha_of('d').hex);
	pipe_close(&rig);
}
END_TEST

START_TEST(news_of_a_head_that_waits_is_worth_a_look_at_once)
{
	struct pipe_rig rig;
	struct claim claim;

	open_burst(&rig, _i);
	(void)drain(&rig);
	tell(&rig, review_event(REVIEW_SUBMITTED, 9, REVIEW_APPROVED, 'd'));
	ck_assert(try_claim(&rig, &claim));
	ck_assert_str_eq(claim.sha.hex, sha_of('d').hex);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_push_long_after_the_last_event_waits_for_nothing)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 60));
	(void)drain(&rig);
	ck_assert(try_claim(&rig, &claim));
	ck_assert_str_eq(claim.sha.hex, sha_of('b').hex);
	pipe_close(&rig);
}
END_TEST

START_TEST(replaced_heads_are_claimed_together_each_under_its_own_fence)
{
	struct pipe_rig rig;
	struct company company;
	struct claim lead, none;

	open_burst(&rig, _i);
	(void)drain(&rig);
	lead = lead_after_head(&rig);
	company = company_of(&rig, &lead);
	ck_assert(!company.put_off);
	ck_assert_uint_eq(company.n, 2);
	ck_assert(!try_claim(&rig, &none));
	ck_assert_int_eq(conclude_headless(&rig, &lead), CONCLUDED);
	for (size_t i = 0; i < company.n; i++)
		ck_assert_int_eq(conclude_headless(&rig, &company.at[i]), CONCLUDED);
	for (char head = 'a'; head <= 'c'; head++) {
		ck_assert_int_eq(subject_of(&rig, head).due, 0);
		ck_assert_int_eq(slot_of(&rig, head).state, STATUS_FAILURE);
	}
	pipe_close(&rig);
}
END_TEST

START_TEST(a_claim_in_company_that_was_lost_concludes_nothing)
{
	struct pipe_rig rig;
	struct company company;
	struct claim lead;

	open_burst(&rig, _i);
	(void)drain(&rig);
	lead = lead_after_head(&rig);
	company = company_of(&rig, &lead);
	rig.now += rig.store.limits.lease_ms + 1;
	lead = claim_of(&rig, company.at[0].sha.hex[0]);
	ck_assert_int_eq(conclude_headless(&rig, &company.at[0]), CONCLUDED_FENCED);
	ck_assert_int_eq(conclude_headless(&rig, &lead), CONCLUDED);
	pipe_close(&rig);
}
END_TEST

START_TEST(company_waits_until_the_forge_has_answered_all_supersedes_but_not_for_ever)
{
	struct pipe_rig rig;
	struct post first;
	struct claim lead, none;

	open_burst(&rig, _i);
	ck_assert(next_post(&rig, &first));
	answer(&rig, &first, POST_ACCEPTED);
	next_tick(&rig);
	ck_assert(try_claim(&rig, &lead));
	ck_assert(company_of(&rig, &lead).put_off);
	ck_assert_uint_eq(subject_of(&rig, lead.sha.hex[0]).owner.len, 0);
	ck_assert(!try_claim(&rig, &none));
	rig.now += TEN_MINUTES + 1;
	ck_assert(try_claim(&rig, &lead));
	ck_assert(!company_of(&rig, &lead).put_off);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_head_that_a_change_has_is_no_company)
{
	struct pipe_rig rig;
	struct company company;
	struct claim lead;

	open_burst(&rig, _i);
	(void)drain(&rig);
	lead = lead_after_head(&rig);
	tell(&rig, change_event(CHANGE_OPENED, 2, 'b', 3));
	company = company_of(&rig, &lead);
	ck_assert(!company.put_off);
	ck_assert_uint_eq(company.n, 1);
	ck_assert_str_ne(company.at[0].sha.hex, sha_of('b').hex);
	pipe_close(&rig);
}
END_TEST

/* One branch of a merge queue. */
static struct event group_event(const char *action, char commit)
{
	return (struct event){
		.kind = EVENT_MERGE_GROUP,
		.name = TEXT_LIT("merge_group"),
		.action = text_of(action),
		.repo = PIPE_REPO,
		.repo_name = TEXT_LIT("acme/engine"),
		.change = {.head = sha_of(commit), .base_ref = TEXT_LIT("main"), .updated_at = WHEN_UNKNOWN},
		.ref = TEXT_LIT("refs/heads/gh-readonly-queue/main/pr-2-1"),
		.review.submitted_at = WHEN_UNKNOWN,
		.status = {.state = TEXT_LIT("dequeued"), .created_at = WHEN_UNKNOWN},
		.pushed_at = WHEN_UNKNOWN};
}

/* It was pushed to a change and replaced there. It is judged by what it was built from; when its group is over, it may
 * have landed. */
START_TEST(a_commit_that_a_merge_group_has_or_had_is_no_company)
{
	struct pipe_rig rig;
	struct company company;
	struct claim lead, group;
	struct err err = ERR_NONE;

	for (int ended = 0; ended < 2; ended++) {
		const struct oid b = sha_of('b');

		open_burst(&rig, _i);
		(void)drain(&rig);
		lead = lead_after_head(&rig);
		ck_assert_str_eq(lead.sha.hex, sha_of('a').hex);
		tell(&rig, group_event("checks_requested", 'b'));
		if (ended)
			tell(&rig, group_event("destroyed", 'b'));
		ck_assert(store_want(&rig.store, PIPE_REPO, &b, true, &err));
		(void)drain(&rig);
		company = company_of(&rig, &lead);
		ck_assert(!company.put_off);
		ck_assert_uint_eq(company.n, 1);
		ck_assert_str_eq(company.at[0].sha.hex, sha_of('c').hex);
		ck_assert(try_claim(&rig, &group));
		ck_assert_str_eq(group.sha.hex, b.hex);
		ck_assert(oid_known(&group.superseded_by) && !claim_is_replaced(&group));
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(a_head_that_came_back_since_it_was_claimed_waits_for_the_head_it_replaced)
{
	struct err err = ERR_NONE;
	struct pipe_rig rig;
	struct claim lead, again;
	bool alone = false;

	open_burst(&rig, _i);
	(void)drain(&rig);
	lead = lead_after_head(&rig);
	ck_assert(!company_of(&rig, &lead).put_off);
	ck_assert(store_claim_alone(&rig.store, &lead, &alone, &err) && alone);
	tell(&rig, push_to_change(1, 'd', lead.sha.hex[0], 60));
	ck_assert(store_claim_alone(&rig.store, &lead, &alone, &err) && !alone);
	ck_assert_uint_eq(subject_of(&rig, lead.sha.hex[0]).owner.len, 0);
	ck_assert(!try_claim(&rig, &again));
	(void)drain(&rig);
	again = claim_of(&rig, lead.sha.hex[0]);
	ck_assert(store_claim_alone(&rig.store, &lead, &alone, &err) && !alone); /* another has it */
	ck_assert(store_claim_alone(&rig.store, &again, &alone, &err) && alone);
	pipe_close(&rig);
}
END_TEST

/* ---- the judge ---- */

struct bench {
	struct told_forge t; /* first: the forge's self */
	struct judge judge;
	enum err_code (*open_changes)(void *self, const struct forge_call *call, const struct oid *head,
				      struct forge_list_changes *out, struct err *err);
	int lists;         /* of all open changes */
	struct text asked; /* under this name, the last */
	bool fails;
	char told_back; /* this head, while the list is read: it replaced 'a' */
	struct store_exec quick;
	int writes;
};

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

/* What a push back leaves in the rows: the failure on 'a' is due, and nothing is said of the other before it. */
static void tell_back(struct bench *b, char head)
{
	struct row_slot gone = {.repo = TOLD_REPO,
				.sha = told_oid('a'),
				.context = CONTEXT,
				.state = STATUS_FAILURE,
				.superseded = 1,
				.due = 1};
	struct row_slot waits = {.repo = TOLD_REPO, .sha = told_oid(head), .context = CONTEXT, .after = gone.sha};

	told_forge_keep(&b->t, &table_slot, &gone);
	told_forge_keep(&b->t, &table_slot, &waits);
}

static enum err_code open_counted(void *self, const struct forge_call *call, const struct oid *head,
				  struct forge_list_changes *out, struct err *err)
{
	struct bench *b = self;

	b->lists += head == NULL;
	b->asked = arena_text(&b->t.arena, call->repo.name);
	if (b->fails)
		return err_set(err, ERR_RETRY, "away"), ERR_RETRY;
	if (b->told_back)
		tell_back(b, b->told_back);
	return b->open_changes(&b->t, call, head, out, err);
}

/* b, c and d were replaced; the forge says that 'a' is the head of change 1. */
static void bench_open(struct bench *b)
{
	struct row_repo repo = {.id = TOLD_REPO, .name = TEXT_LIT("o/r")};

	*b = (struct bench){.lists = 0};
	told_forge_open(&b->t);
	told_forge_keep(&b->t, &table_repo, &repo);
	for (char head = 'b'; head <= 'd'; head++) {
		struct row_subject subject = {.repo = TOLD_REPO,
					      .sha = told_oid(head),
					      .wanted = 1,
					      .due = 1,
					      .superseded_by = told_oid('a')};

		told_forge_keep(&b->t, &table_subject, &subject);
	}
	b->open_changes = b->t.forge.open_changes;
	b->t.forge.open_changes = open_counted;
	b->judge = (struct judge){.worker = {.store = &b->t.store,
					     .clock = b->t.ports.clock,
					     .wake = {.signal = signal_nobody},
					     .owner = "w"},
				  .config = b->t.config,
				  .forge = &b->t.forge,
				  .mirror = &b->t.mirror,
				  .attempts_max = 6};
}

static void get(struct bench *b, const struct table *table, void *row)
{
	struct err err = ERR_NONE;

	ck_assert(b->t.rows.ops->begin(b->t.rows.self, false, &err));
	ck_assert_msg(b->t.rows.ops->get(b->t.rows.self, table, row, &b->t.arena, &err), "%s", err.text);
	b->t.rows.ops->rollback(b->t.rows.self);
}

static struct row_slot slot_in(struct bench *b, char head)
{
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid(head), .context = CONTEXT};

	get(b, &table_slot, &slot);
	return slot;
}

static struct row_subject subject_in(struct bench *b, char head)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid(head)};

	get(b, &table_subject, &subject);
	return subject;
}

START_TEST(one_reading_serves_all_replaced_heads)
{
	struct row_verdict verdict;
	struct bench b;
	int64_t at;

	bench_open(&b);
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(b.lists, 1);
	for (char head = 'b'; head <= 'd'; head++) {
		ck_assert_int_eq(subject_in(&b, head).due, 0);
		ck_assert_int_eq(slot_in(&b, head).state, STATUS_FAILURE);
		ck_assert(text_find(slot_in(&b, head).text, TEXT_LIT("Superseded by")) == 0);
		verdict.id = slot_in(&b, head).verdict;
		get(&b, &table_verdict, &verdict);
		ck_assert_int_gt(verdict.inputs_bytes, 2); /* it can be explained */
	}
	ck_assert(!judge_step(&b.judge, &at));
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_head_that_the_forge_names_after_all_is_judged_in_full)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	(void)told_forge_add(&b.t, 2, 'c');
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(slot_in(&b, 'b').state, STATUS_FAILURE);
	ck_assert(text_find(slot_in(&b, 'c').text, TEXT_LIT("Superseded")) == SIZE_MAX);
	ck_assert_int_eq(slot_in(&b, 'd').state, STATUS_FAILURE);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_head_that_an_event_brought_back_meanwhile_is_not_read_before_its_turn)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	(void)told_forge_add(&b.t, 2, 'c');
	b.told_back = 'c';
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(b.lists, 1);
	ck_assert_int_eq(subject_in(&b, 'c').due, 1);
	ck_assert_uint_eq(subject_in(&b, 'c').owner.len, 0);
	ck_assert_int_eq(slot_in(&b, 'c').state, STATUS_UNKNOWN);
	ck_assert_int_eq(slot_in(&b, 'd').state, STATUS_FAILURE);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_list_that_cannot_be_had_concludes_nobody)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	b.fails = true;
	ck_assert(judge_step(&b.judge, &at));
	for (char head = 'b'; head <= 'd'; head++) {
		ck_assert_int_eq(subject_in(&b, head).due, 1);
		ck_assert_int_eq(subject_in(&b, head).attempts, 1);
		ck_assert_uint_eq(subject_in(&b, head).owner.len, 0);
	}
	told_forge_close(&b.t);
}
END_TEST

static void all_concluded(struct bench *b)
{
	for (char head = 'b'; head <= 'd'; head++) {
		ck_assert_int_eq(subject_in(b, head).due, 0);
		ck_assert_int_eq(slot_in(b, head).state, STATUS_FAILURE);
	}
}

/* The second write of the step, which claims the company, is done, and not known to be. */
static bool unsure_write(void *self, store_job *job, void *arg, struct err *err)
{
	struct bench *b = self;
	bool ok = b->quick.write(b->quick.self, job, arg, err);

	return ++b->writes == 2 ? err_set(err, ERR_RETRY, "away") : ok;
}

static bool bench_read(void *self, store_job *job, void *arg, struct err *err)
{
	struct bench *b = self;

	return b->quick.read(b->quick.self, job, arg, err);
}

START_TEST(a_company_whose_claim_is_not_sure_is_nobodys)
{
	struct bench b;
	int64_t at;
	int concluded = 0;

	bench_open(&b);
	b.quick = b.t.store.exec;
	b.t.store.exec = (struct store_exec){&b, unsure_write, bench_read, NULL};
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(b.lists, 0); /* the lead was judged alone */
	for (char head = 'b'; head <= 'd'; head++)
		concluded += !subject_in(&b, head).due;
	ck_assert_int_eq(concluded, 1);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_name_in_doubt_is_asked_for_once_for_the_whole_company)
{
	struct row_floor doubt = {TOLD_REPO, TEXT_LIT("name"), 0, 1, TEXT_LIT("doubt")};
	struct bench b;
	int64_t at;

	bench_open(&b);
	told_forge_keep(&b.t, &table_floor, &doubt);
	b.t.name = "o/moved";
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_uint_eq(b.t.names, 1);
	ck_assert(text_is(b.asked, "o/moved"));
	all_concluded(&b);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(an_empty_list_is_believed_while_the_name_is_still_ours)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	b.t.n_changes = 0;
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_uint_eq(b.t.names, 1);
	all_concluded(&b);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(an_empty_list_of_another_repository_concludes_nobody)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	b.t.n_changes = 0;
	b.t.name = "o/moved";
	ck_assert(judge_step(&b.judge, &at));
	for (char head = 'b'; head <= 'd'; head++)
		ck_assert_int_eq(subject_in(&b, head).due, 1);
	told_forge_close(&b.t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_head_pushed_on_the_heels_of_another_waits_for_the_tick, backends),
	SUITE_ROWS(news_of_a_head_that_waits_is_worth_a_look_at_once, backends),
	SUITE_ROWS(a_push_long_after_the_last_event_waits_for_nothing, backends),
	SUITE_ROWS(replaced_heads_are_claimed_together_each_under_its_own_fence, backends),
	SUITE_ROWS(a_claim_in_company_that_was_lost_concludes_nothing, backends),
	SUITE_ROWS(company_waits_until_the_forge_has_answered_all_supersedes_but_not_for_ever, backends),
	SUITE_ROWS(a_head_that_a_change_has_is_no_company, backends),
	SUITE_ROWS(a_commit_that_a_merge_group_has_or_had_is_no_company, backends),
	SUITE_ROWS(a_head_that_came_back_since_it_was_claimed_waits_for_the_head_it_replaced, backends),
	SUITE_TEST(one_reading_serves_all_replaced_heads),
	SUITE_TEST(a_head_that_the_forge_names_after_all_is_judged_in_full),
	SUITE_TEST(a_head_that_an_event_brought_back_meanwhile_is_not_read_before_its_turn),
	SUITE_TEST(a_list_that_cannot_be_had_concludes_nobody),
	SUITE_TEST(a_company_whose_claim_is_not_sure_is_nobodys),
	SUITE_TEST(a_name_in_doubt_is_asked_for_once_for_the_whole_company),
	SUITE_TEST(an_empty_list_is_believed_while_the_name_is_still_ours),
	SUITE_TEST(an_empty_list_of_another_repository_concludes_nobody),
	SUITE_END,
};
SUITE_MAIN(tests)
