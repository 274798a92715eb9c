/* Single steps of a judge and of a poster, over a forge that answers what it was told. */
#include "agent/base/facts_json.h"
#include "agent/store/pack.h"
#include "agent/work/workers.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

#define CONTEXT TEXT_LIT("policy/merge-allowed")

struct bench {
	struct told_forge t;
	struct judge judge;
	struct poster poster;
	enum err_code (*reviews)(void *self, const struct forge_call *call, int64_t number,
				 struct forge_list_reviews *out, struct err *err);
	enum err_code (*permission)(void *self, const struct forge_call *call, struct text login, struct member *out,
				    struct err *err);
	enum err_code (*check_runs)(void *self, const struct forge_call *call, const struct forge_named *in,
				    struct forge_list_checks *out, struct err *err);
	int reads;     /* of the reviews */
	char calls[8]; /* 's': statuses read, 'p': posted */
	size_t n_calls;
	char asked[8];          /* 'f': reviews read as sent since some time, 'k': or by whatever is kept */
	char rights[8];         /* the same of rights; 'h': as sent within the last hour */
	int asks;               /* of rights */
	char shadow;            /* the same of check runs */
	int64_t strays;         /* calls of another installation than the repository's */
	int64_t mono, deadline; /* the post's */
	struct store_exec quick;
	enum err_code (*range)(void *self, const struct mirror_range_in *in, struct mirror_range_out *out,
			       struct arena *arena, struct err *err);
	int writes, waits;
	enum err_code refused_as; /* the first conclusion */
};

/* The disk is full when the verdict is concluded, and for two tries to give the claim back. */
static bool full_write(void *self, store_job *job, void *arg, struct err *err)
{
	struct bench *b = self;
	int n = b->writes++;

	if (n >= 1 && n <= 3)
		return err_set(err, ERR_LIMIT, "full");
	return b->quick.write(b->quick.self, job, arg, err);
}

static bool refused_write(void *self, store_job *job, void *arg, struct err *err)
{
	struct bench *b = self;

	if (b->writes++ == 1)
		return err_set(err, b->refused_as, "refused");
	return b->quick.write(b->quick.self, job, arg, err);
}

static bool bench_read(void *self, store_job *job, void *arg, struct err *err)
{
	struct bench *b = self;

	return b->quick.read(b->quick.self, job, arg, err);
}

static void wait_a_bit(void *self, enum wake_topic topic, int64_t deadline_ms)
{
	(void)topic, (void)deadline_ms;
	((struct bench *)self)->waits++;
}

static bool never_stopping(void *self)
{
	(void)self;
	return false;
}

static int64_t bench_mono(void *self)
{
	return ((struct bench *)self)->mono;
}

/* A disk that takes 40 seconds for each commit. */
static bool slow_write(void *self, store_job *job, void *arg, struct err *err)
{
	struct bench *b = self;
	bool ok = b->quick.write(b->quick.self, job, arg, err);

	b->mono += 40000;
	return ok;
}

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

/* The approval is dismissed right after it was read first. */
static enum err_code reviews_moving(void *self, const struct forge_call *call, int64_t number,
				    struct forge_list_reviews *out, struct err *err)
{
	struct bench *b = self; /* told_forge is its first member */
	enum err_code code = b->reviews(&b->t, call, number, out, err);

	if (code == ERR_OK && b->reads++ == 0) {
		struct forge_review *copy = arena_alloc(call->arena, out->n, sizeof *copy);

		for (size_t i = 0; i < out->n; i++)
			copy[i] = out->at[i];
		out->at = copy;
		b->t.reviews[0].state = REVIEW_STATE_DISMISSED;
	}
	return code;
}

static enum err_code reviews_slow(void *self, const struct forge_call *call, int64_t number,
				  struct forge_list_reviews *out, struct err *err)
{
	struct bench *b = self;

	b->t.now += b->reads++ > 0 ? 31000 : 0;
	return b->reviews(&b->t, call, number, out, err);
}

static enum err_code reviews_noted(void *self, const struct forge_call *call, int64_t number,
				   struct forge_list_reviews *out, struct err *err)
{
	struct bench *b = self;

	b->asked[b->reads++] = call->sent_since != 0 ? 'f' : 'k';
	b->strays += call->repo.installation != TOLD_INSTALLATION;
	return b->reviews(&b->t, call, number, out, err);
}

static int64_t hour_ago(struct bench *b)
{
	return b->judge.worker.clock.mono(b->judge.worker.clock.self) - 3600000;
}

/* Of rights, the second reading of a new success takes no older word than of an hour before the first. */
static enum err_code permission_noted(void *self, const struct forge_call *call, struct text login, struct member *out,
				      struct err *err)
{
	struct bench *b = self;
	b->rights[b->asks++] = call->sent_since == hour_ago(b) ? 'h' : call->sent_since == 0 ? 'k' : '?';
	return b->permission(&b->t, call, login, out, err);
}

static enum err_code checks_noted(void *self, const struct forge_call *call, const struct forge_named *in,
				  struct forge_list_checks *out, struct err *err)
{
	struct bench *b = self;

	b->shadow = call->sent_since == hour_ago(b) ? 'h' : call->sent_since == 0 ? 'k' : '?';
	return b->check_runs(&b->t, call, in, out, err);
}

static enum err_code statuses_gone(void *self, const struct forge_call *call, const struct oid *sha,
				   struct forge_list_statuses *out, struct err *err)
{
	struct bench *b = self;

	(void)sha, (void)out;
	b->strays += call->repo.installation != TOLD_INSTALLATION;
	b->calls[b->n_calls++] = 's';
	return err_set(err, ERR_GONE, "no such repository"), ERR_GONE;
}

static enum err_code post(void *self, const struct forge_post *in, int64_t deadline_ms, struct forge_posted *out,
			  struct err *err)
{
	struct bench *b = self;

	(void)err;
	b->strays += in->repo.installation != TOLD_INSTALLATION;
	b->deadline = deadline_ms;
	b->calls[b->n_calls++] = 'p';
	*out = (struct forge_posted){.status_id = 5};
	return ERR_OK;
}

static void bench_open(struct bench *b)
{
	struct told_forge *t = &b->t;
	struct worker worker;

	*b = (struct bench){.reads = 0};
	told_forge_open_approved(t);
	b->reviews = t->forge.reviews;
	b->permission = t->forge.permission;
	b->check_runs = t->forge.check_runs;
	worker = (struct worker){
		.store = &t->store, .clock = t->ports.clock, .wake = {.signal = signal_nobody}, .owner = "w"};
	b->judge = (struct judge){
		.worker = worker, .config = t->config, .forge = &t->forge, .mirror = &t->mirror, .attempts_max = 6};
	b->poster = (struct poster){.worker = worker, .forge = &t->forge, .post_deadline_ms = 10000};
	t->forge.statuses = statuses_gone;
	t->forge.post = post;
}

static struct row_slot slot_of(struct bench *b, char head)
{
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid(head), .context = CONTEXT};

	(void)told_forge_find(&b->t, &table_slot, &slot);
	return slot;
}

static struct row_subject subject_of(struct bench *b, char head)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid(head)};

	ck_assert(told_forge_find(&b->t, &table_subject, &subject));
	return subject;
}

START_TEST(what_holds_at_both_collects_is_allowed)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_SUCCESS);
	told_forge_close(&b.t);
}
END_TEST

/* Its lists are long: the second reading lasts longer than a success may be old. */
START_TEST(a_success_that_takes_too_long_to_read_again_is_asked_for_later_and_later)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	b.t.forge.reviews = reviews_slow;
	for (int attempt = 1; attempt < 3; attempt++) {
		b.reads = 0;
		ck_assert(judge_step(&b.judge, &at));
		ck_assert_int_ne(slot_of(&b, 'a').state, STATUS_SUCCESS);
		ck_assert_int_eq(subject_of(&b, 'a').attempts, attempt);
		ck_assert_int_gt(subject_of(&b, 'a').not_before, b.t.now);
		b.t.now = subject_of(&b, 'a').not_before;
	}
	told_forge_close(&b.t);
}
END_TEST

START_TEST(what_moved_between_the_collects_is_collected_again)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	b.t.forge.reviews = reviews_moving;
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_PENDING);
	told_forge_close(&b.t);
}
END_TEST

/* What slot and forge hold before the judgement; how the reviews are read then. */
static const struct {
	enum status_state wished, held; /* STATUS_UNKNOWN: nothing */
	const char *asked, *rights;
} readings[] = {{STATUS_UNKNOWN, STATUS_UNKNOWN, "kf", "kh"}, {STATUS_PENDING, STATUS_PENDING, "kf", "kh"},
		{STATUS_FAILURE, STATUS_FAILURE, "kf", "kh"}, {STATUS_FAILURE, STATUS_SUCCESS, "kf", "kh"},
		{STATUS_SUCCESS, STATUS_UNKNOWN, "kf", "kh"}, {STATUS_SUCCESS, STATUS_FAILURE, "kf", "kh"},
		{STATUS_SUCCESS, STATUS_SUCCESS, "kk", "kk"}};

START_TEST(a_new_success_stands_on_a_fresh_reading_by_the_repositorys_installation)
{
	struct bench b;
	struct row_slot slot = {.repo = TOLD_REPO,
				.sha = told_oid('a'),
				.context = CONTEXT,
				.state = readings[_i].wished,
				.kind = SLOT_VERDICT,
				.text = TEXT_LIT("was")};
	struct row_ledger ledger = {
		.repo = TOLD_REPO, .sha = told_oid('a'), .context = CONTEXT, .state = readings[_i].held};
	int64_t at;

	bench_open(&b);
	if (readings[_i].wished != STATUS_UNKNOWN)
		told_forge_keep(&b.t, &table_slot, &slot);
	if (readings[_i].held != STATUS_UNKNOWN)
		told_forge_keep(&b.t, &table_ledger, &ledger);
	b.t.forge.reviews = reviews_noted;
	b.t.forge.permission = permission_noted;
	b.t.forge.check_runs = checks_noted;
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_SUCCESS);
	ck_assert_str_eq(b.asked, readings[_i].asked);
	ck_assert_int_eq(b.shadow, readings[_i].rights[1]);
	ck_assert_str_eq(b.rights, readings[_i].rights);
	ck_assert_int_eq(b.strays, 0);
	told_forge_close(&b.t);
}
END_TEST

static const struct {
	const char *what;
	struct forge_check_run run; /* id 0: there is none */
	enum err_code fails;        /* the read does */
	enum status_state wanted;   /* STATUS_UNKNOWN: judged again later */
	const char *text;
} shadows[] = {
	{"none", {.id = 0}, ERR_OK, STATUS_SUCCESS, ""},
	{"one that may be read as success",
	 {7, 70, {"ci", 2}, true},
	 ERR_OK,
	 STATUS_FAILURE,
	 "check run of this name by ci"},
	{"of nobody knows whom", {.id = 7, .may_pass = true}, ERR_OK, STATUS_FAILURE, "by another app"},
	{"one that denies", {7, 70, {"ci", 2}, false}, ERR_OK, STATUS_SUCCESS, ""},
	{"not known", {.id = 0}, ERR_RETRY, STATUS_UNKNOWN, ""},
	{"not to be read", {.id = 0}, ERR_DENIED, STATUS_UNKNOWN, ""},
};

/* So that a success finds them known; what is not allowed need not know them. */
static const enum err_code checks_read[] = {ERR_OK, ERR_RETRY, ERR_DENIED};

START_TEST(check_runs_are_asked_for_before_a_head_is_allowed)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	b.t.reviews[0].state = REVIEW_STATE_DISMISSED;
	b.t.fails_as = checks_read[_i];
	if (b.t.fails_as != ERR_OK)
		b.t.fails = TOLD_CHECKS;
	b.t.forge.check_runs = checks_noted;
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_ne(b.shadow, 0);
	ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_PENDING);
	ck_assert_int_eq(subject_of(&b, 'a').due, 0);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_check_run_with_the_statuss_name_makes_a_success_a_failure)
{
	struct bench b;
	struct row_slot slot;
	struct store_counts counts;
	struct err err = ERR_NONE;
	int64_t at;

	bench_open(&b);
	b.t.checks[0] = shadows[_i].run;
	b.t.n_checks = shadows[_i].run.id != 0;
	if (shadows[_i].fails != ERR_OK)
		b.t.fails = TOLD_CHECKS;
	b.t.fails_as = shadows[_i].fails;
	ck_assert(judge_step(&b.judge, &at));
	slot = slot_of(&b, 'a');
	ck_assert_msg(slot.state == (int64_t)shadows[_i].wanted, "%s", shadows[_i].what);
	ck_assert_msg(text_find(slot.text, text_of(shadows[_i].text)) != SIZE_MAX, "%s: %.*s", shadows[_i].what,
		      TEXT_ARG(slot.text));
	ck_assert(store_counts(&b.t.store, &counts, &err));
	ck_assert_int_eq(counts.alarms[ALARM_CHECK_RUN], shadows[_i].wanted == STATUS_FAILURE);
	told_forge_close(&b.t);
}
END_TEST

static const struct {
	enum slot_kind kind;
	bool superseded;
	enum status_state state, after;
} undecided[] = {
	{SLOT_REVOCATION, true, STATUS_FAILURE, STATUS_FAILURE},
	{SLOT_VERDICT, true, STATUS_FAILURE, STATUS_FAILURE},
	{SLOT_REVOCATION, false, STATUS_FAILURE, STATUS_FAILURE},
	{SLOT_VERDICT, false, STATUS_SUCCESS, STATUS_PENDING},
};

START_TEST(a_judgement_that_is_given_up_weakens_no_revocation)
{
	struct bench b;
	struct row_slot slot = {.repo = TOLD_REPO,
				.sha = told_oid('a'),
				.context = CONTEXT,
				.state = undecided[_i].state,
				.kind = undecided[_i].kind,
				.superseded = undecided[_i].superseded,
				.text = TEXT_LIT("was")};
	int64_t at;

	bench_open(&b);
	told_forge_keep(&b.t, &table_slot, &slot);
	b.t.fails = TOLD_CHANGE;
	b.t.fails_as = ERR_RETRY;
	b.judge.attempts_max = 1;
	ck_assert(judge_step(&b.judge, &at));
	slot = slot_of(&b, 'a');
	ck_assert_int_eq(slot.state, undecided[_i].after);
	ck_assert_int_eq(slot.superseded, undecided[_i].superseded);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_status_that_is_due_is_not_kept_waiting_by_a_doubt)
{
	struct bench b;
	struct row_slot slot = {.repo = TOLD_REPO,
				.sha = told_oid('b'),
				.context = CONTEXT,
				.state = STATUS_FAILURE,
				.text = TEXT_LIT("Revoked"),
				.due = 1};
	struct row_ledger doubt = {
		.repo = TOLD_REPO, .sha = told_oid('c'), .context = CONTEXT, .doubt_until = 1, .in_doubt = 1};
	int64_t at;

	bench_open(&b);
	told_forge_keep(&b.t, &table_slot, &slot);
	told_forge_keep(&b.t, &table_ledger, &doubt);
	ck_assert(poster_step(&b.poster, &at));
	(void)poster_step(&b.poster, &at);
	(void)poster_step(&b.poster, &at); /* put off: the list could not be read */
	ck_assert_str_eq(b.calls, "ps");
	ck_assert_int_eq(b.strays, 0);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_post_has_no_longer_to_live_than_its_ledger_says_however_late_it_leaves)
{
	struct bench b;
	struct row_slot slot = {.repo = TOLD_REPO,
				.sha = told_oid('b'),
				.context = CONTEXT,
				.state = STATUS_FAILURE,
				.text = TEXT_LIT("Revoked"),
				.due = 1};
	int64_t at;

	bench_open(&b);
	told_forge_keep(&b.t, &table_slot, &slot);
	b.quick = b.t.store.exec;
	b.t.store.exec.self = &b;
	b.t.store.exec.write = slow_write;
	b.poster.worker.clock = (struct clock_port){&b, bench_mono, bench_mono};
	b.mono = 1000;
	(void)poster_step(&b.poster, &at);
	ck_assert_str_eq(b.calls, "p");
	ck_assert_int_eq(b.deadline, 1000 + b.poster.post_deadline_ms);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_judgement_that_a_full_disk_refused_is_given_back_when_there_is_room)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	b.quick = b.t.store.exec;
	b.t.store.exec.self = &b;
	b.t.store.exec.write = full_write;
	b.t.store.exec.read = bench_read;
	b.judge.worker.wake = (struct wake_port){&b, wait_a_bit, signal_nobody, never_stopping};
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(b.waits, 2);
	ck_assert_uint_eq(subject_of(&b, 'a').owner.len, 0); /* or it would wait for the end of its lease */
	ck_assert_int_eq(subject_of(&b, 'a').due, 1);
	told_forge_close(&b.t);
}
END_TEST

static void stands_as_success(struct bench *b)
{
	struct row_slot slot = {.repo = TOLD_REPO,
				.sha = told_oid('a'),
				.context = CONTEXT,
				.state = STATUS_SUCCESS,
				.kind = SLOT_VERDICT,
				.text = TEXT_LIT("was")};

	told_forge_keep(&b->t, &table_slot, &slot);
	b->t.reviews[0].state = REVIEW_STATE_DISMISSED; /* and now it is denied */
}

static const struct {
	enum err_code refused_as;
	enum status_state after;
} refusals[] = {{ERR_LIMIT, STATUS_ERROR}, {ERR_INVALID, STATUS_ERROR}, {ERR_RETRY, STATUS_SUCCESS}};

START_TEST(a_denial_that_the_store_refuses_for_good_leaves_no_success)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	stands_as_success(&b);
	b.quick = b.t.store.exec;
	b.t.store.exec.self = &b;
	b.t.store.exec.write = refused_write;
	b.t.store.exec.read = bench_read;
	b.refused_as = refusals[_i].refused_as;
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(slot_of(&b, 'a').state, refusals[_i].after);
	ck_assert_int_eq(subject_of(&b, 'a').due, 1); /* asked for again */
	ck_assert_uint_eq(subject_of(&b, 'a').owner.len, 0);
	told_forge_close(&b.t);
}
END_TEST

static const struct {
	size_t message;
	enum status_state after;
} sizes[] = {{FACTS_JSON_MAX / 2, STATUS_PENDING}, {FACTS_JSON_MAX, STATUS_ERROR}, {PACK_RAW_MAX + 1, STATUS_ERROR}};

START_TEST(facts_that_are_too_large_leave_no_success)
{
	struct bench b;
	char *message = malloc(sizes[_i].message);
	struct row_slot slot;
	int64_t at;

	ck_assert_ptr_nonnull(message);
	memset(message, 'm', sizes[_i].message);
	bench_open(&b);
	stands_as_success(&b);
	b.t.commits[0].message = (struct text){message, sizes[_i].message};
	ck_assert(judge_step(&b.judge, &at));
	slot = slot_of(&b, 'a');
	ck_assert_int_eq(slot.state, sizes[_i].after);
	ck_assert_int_eq(text_find(slot.text, TEXT_LIT("judge.max_facts_bytes")) != SIZE_MAX,
			 sizes[_i].after == STATUS_ERROR);
	told_forge_close(&b.t);
	free(message);
}
END_TEST

/* Each change has many bytes. */
static enum err_code large_range(void *self, const struct mirror_range_in *in, struct mirror_range_out *out,
				 struct arena *arena, struct err *err)
{
	struct bench *b = self;

	b->reads++;
	(void)arena_alloc(arena, GATHER_BYTES_MAX / 2 + 1, 1);
	return b->range(self, in, out, arena, err);
}

START_TEST(many_changes_with_one_head_are_not_read_without_end)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	stands_as_success(&b);
	b.range = b.t.mirror.range;
	b.t.mirror.range = large_range;
	for (int64_t number = 2; number <= 5; number++)
		(void)told_forge_add(&b.t, number, 'a');
	ck_assert(judge_step(&b.judge, &at));
	ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_ERROR);
	ck_assert_int_eq(b.reads, 2);
	told_forge_close(&b.t);
}
END_TEST

/* Many changes, each within its limits. */
START_TEST(facts_are_bounded_before_they_are_written_down)
{
	struct commit commits[2] = {{.message = {"", 2000000}}, {.message = {"", 1000000}}};
	struct path path = {.path = {"", 300000}};
	struct change changes[2] = {{.commits = commits, .n_commits = 2, .title = {"", 40000}},
				    {.paths = &path, .n_paths = 1, .body = {"", 5000}}};
	struct constituent part = {.facts = {.changes = changes, .n_changes = 1}};
	struct group group = {.constituents = &part, .n_constituents = 1};
	struct facts facts = {.changes = changes, .n_changes = 2};

	ck_assert_uint_eq(facts_bytes(&facts), 3345000);
	facts.groups = &group;
	facts.n_groups = 1;
	ck_assert_uint_eq(facts_bytes(&facts), 3345000 + 3040000);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(many_changes_with_one_head_are_not_read_without_end),
	SUITE_TEST(facts_are_bounded_before_they_are_written_down),
	SUITE_ROWS(a_denial_that_the_store_refuses_for_good_leaves_no_success, refusals),
	SUITE_ROWS(facts_that_are_too_large_leave_no_success, sizes),
	SUITE_TEST(a_judgement_that_a_full_disk_refused_is_given_back_when_there_is_room),
	SUITE_TEST(what_holds_at_both_collects_is_allowed),
	SUITE_TEST(a_success_that_takes_too_long_to_read_again_is_asked_for_later_and_later),
	SUITE_TEST(what_moved_between_the_collects_is_collected_again),
	SUITE_ROWS(check_runs_are_asked_for_before_a_head_is_allowed, checks_read),
	SUITE_ROWS(a_check_run_with_the_statuss_name_makes_a_success_a_failure, shadows),
	SUITE_ROWS(a_new_success_stands_on_a_fresh_reading_by_the_repositorys_installation, readings),
	SUITE_ROWS(a_judgement_that_is_given_up_weakens_no_revocation, undecided),
	SUITE_TEST(a_status_that_is_due_is_not_kept_waiting_by_a_doubt),
	SUITE_TEST(a_post_has_no_longer_to_live_than_its_ledger_says_however_late_it_leaves),
	SUITE_END,
};
SUITE_MAIN(tests)
