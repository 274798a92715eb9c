/* Single steps of a sweeper, over a forge that answers what it was told and notes what it was asked. */
#include "agent/work/sweep.h"

#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

#define CONTEXT     TEXT_LIT("policy/merge-allowed")
#define OTHER_REPO  8
#define EVERY_MS    120000
#define INSTALLED   42
#define DEADLINE_MS 15000

struct bench {
	struct told_forge t;
	struct sweeper sweeper;
	struct metrics *metrics;
	struct forge told;
	char asked[256]; /* 'l': the list, 'L': of the other repository, 'c': one change, 's': statuses, 'r': a name */
	size_t n_asked;
	unsigned asked_for[64]; /* how often each change was, by number */
	enum err_code list_fails, other_fails, statuses_fail, name_fails;
	int64_t list_takes; /* milliseconds */
	int64_t held_until; /* when the repository would have its turn again, as its list was asked for */
	struct forge_status statuses[2];
	size_t n_statuses;
	bool late;  /* a call without one */
	bool stray; /* a call of another installation than the repository's */
};

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

static enum err_code asked(struct bench *b, char what, const struct forge_call *call, enum err_code code,
			   struct err *err)
{
	ck_assert_uint_lt(b->n_asked, sizeof b->asked - 1);
	b->asked[b->n_asked++] = what;
	b->stray = b->stray || call->repo.installation != (call->repo.id ? INSTALLED : 0);
	b->late = b->late || call->deadline_ms <= b->t.now || call->deadline_ms > b->t.now + 4 * DEADLINE_MS;
	if (code != ERR_OK)
		(void)err_set(err, code, "told to fail");
	return code;
}

static struct row_repo repo_row(struct bench *b, int64_t id)
{
	struct row_repo row = {.id = id};

	(void)told_forge_find(&b->t, &table_repo, &row);
	return row;
}

static enum err_code list(void *self, const struct forge_call *call, const struct oid *head,
			  struct forge_list_changes *out, struct err *err)
{
	struct bench *b = self; /* told_forge is its first member */
	bool other = call->repo.id == OTHER_REPO;
	enum err_code code = asked(b, other ? 'L' : 'l', call, other ? b->other_fails : b->list_fails, err);

	ck_assert_ptr_null(head);
	b->t.now += b->list_takes;
	b->held_until = repo_row(b, call->repo.id).sweep_at;
	*out = (struct forge_list_changes){NULL, 0, 0};
	return code != ERR_OK || other ? code : b->told.open_changes(&b->t, call, head, out, err);
}

static enum err_code change(void *self, const struct forge_call *call, int64_t number, struct forge_change *out,
			    struct err *err)
{
	struct bench *b = self;
	enum err_code code = asked(b, 'c', call, ERR_OK, err);

	b->asked_for[number]++;
	return code != ERR_OK ? code : b->told.change(&b->t, call, number, out, err);
}

static enum err_code statuses(void *self, const struct forge_call *call, const struct oid *sha,
			      struct forge_list_statuses *out, struct err *err)
{
	struct bench *b = self;

	(void)sha;
	*out = (struct forge_list_statuses){b->statuses, b->n_statuses};
	return asked(b, 's', call, b->statuses_fail, err);
}

static enum err_code repo(void *self, const struct forge_call *call, struct forge_found *out, struct err *err)
{
	struct bench *b = self;

	*out = (struct forge_found){.id = TOLD_REPO, .name = TEXT_LIT("o/r"), .installation = INSTALLED};
	return asked(b, 'r', call, b->name_fails, err);
}

static void bench_open(struct bench *b)
{
	struct told_forge *t = &b->t;

	*b = (struct bench){.n_asked = 0};
	told_forge_open(t);
	b->told = t->forge;
	t->forge.open_changes = list;
	t->forge.change = change;
	t->forge.statuses = statuses;
	t->forge.repo = repo;
	b->metrics = metrics_new(metrics_rows(), METRICS);
	b->sweeper = (struct sweeper){.worker = {.store = &t->store,
						 .clock = t->ports.clock,
						 .wake = {.signal = signal_nobody},
						 .metrics = b->metrics,
						 .owner = "w"},
				      .forge = &t->forge,
				      .every_ms = EVERY_MS,
				      .deadline_ms = DEADLINE_MS};
}

static void bench_close(struct bench *b)
{
	ck_assert_msg(!b->late, "a question without its deadline");
	ck_assert_msg(!b->stray, "a question of another installation");
	metrics_free(b->metrics);
	told_forge_close(&b->t);
}

static void know(struct bench *b, int64_t id, const char *name)
{
	struct row_repo row = {.id = id, .name = text_of(name), .installation = INSTALLED};

	told_forge_keep(&b->t, &table_repo, &row);
}

/* Steps until nothing is due; when to look again. */
static int64_t sweep(struct bench *b)
{
	int64_t at = 0;

	for (int i = 0; sweeper_step(&b->sweeper, &at); i++)
		ck_assert_int_lt(i, 50);
	return at;
}

static void wait_for(struct bench *b, int64_t ms)
{
	b->t.now += ms;
	(void)sweep(b);
}

static struct row_slot slot_of(struct bench *b, char head)
{
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid(head), .context = CONTEXT};

	(void)told_forge_find(&b->t, &table_slot, &slot);
	return slot;
}

static struct row_change index_of(struct bench *b, int64_t number)
{
	struct row_change row = {.repo = TOLD_REPO, .number = number};

	(void)told_forge_find(&b->t, &table_change, &row);
	return row;
}

static int64_t counted(struct bench *b, const char *what)
{
	const struct text label = text_of(what);

	return metrics_value(b->metrics, METRIC_SWEEP, &label);
}

START_TEST(a_step_does_one_unit_and_a_sweep_comes_again_at_its_time)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	know(&b, TOLD_REPO, "o/r");
	ck_assert(sweeper_step(&b.sweeper, &at));
	ck_assert_str_eq(b.asked, "l");
	ck_assert(sweeper_step(&b.sweeper, &at));
	ck_assert_str_eq(b.asked, "ls");
	ck_assert(!sweeper_step(&b.sweeper, &at));
	ck_assert_int_gt(at, b.t.now);
	ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_PENDING);
	wait_for(&b, EVERY_MS - 1);
	ck_assert_str_eq(b.asked, "ls");
	wait_for(&b, 1);
	ck_assert_str_eq(b.asked, "lsls");
	ck_assert_int_eq(counted(&b, "repository"), 2);
	ck_assert_int_eq(counted(&b, "unseen"), 1);
	bench_close(&b);
}
END_TEST

START_TEST(a_start_sweeps_at_once_whatever_was_planned)
{
	struct bench b;
	struct row_repo row = {.id = TOLD_REPO,
			       .name = TEXT_LIT("o/r"),
			       .installation = INSTALLED,
			       .sweep_at = 9000000,
			       .sweep_attempts = 7};

	bench_open(&b);
	told_forge_keep(&b.t, &table_repo, &row);
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "ls");
	bench_close(&b);
}
END_TEST

START_TEST(a_repository_that_cannot_be_read_waits_longer_and_longer_and_blocks_nobody)
{
	static const int64_t pauses[] = {5000, 10000, 20000};
	struct bench b;

	bench_open(&b);
	know(&b, TOLD_REPO, "o/r");
	know(&b, OTHER_REPO, "o/other");
	b.other_fails = ERR_RETRY;
	(void)sweep(&b);
	ck_assert_int_eq(counted(&b, "repository"), 1);
	ck_assert_int_eq(counted(&b, "failed"), 1);
	for (int64_t i = 0; i < 3; i++) {
		wait_for(&b, pauses[i] - 1);
		ck_assert_int_eq(counted(&b, "failed"), i + 1);
		wait_for(&b, 1);
		ck_assert_int_eq(counted(&b, "failed"), i + 2);
	}
	bench_close(&b);
}
END_TEST

START_TEST(an_error_changes_nothing_in_the_store)
{
	struct bench b;

	bench_open(&b);
	know(&b, TOLD_REPO, "o/r");
	b.list_fails = ERR_LIMIT;
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "l");
	ck_assert_int_eq(index_of(&b, 1).open, TRI_UNKNOWN);
	bench_close(&b);
}
END_TEST

START_TEST(only_what_is_governed_is_read_and_what_nobody_told_of_is_looked_up)
{
	static const struct text names[] = {{"O/R", 3}};
	struct bench b;

	bench_open(&b);
	know(&b, OTHER_REPO, "o/other");
	b.sweeper.repositories = names;
	b.sweeper.n_repositories = 1;
	b.name_fails = ERR_RETRY;
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "r");
	b.name_fails = ERR_OK;
	wait_for(&b, EVERY_MS);
	ck_assert_str_eq(b.asked, "rrls");
	bench_close(&b);
}
END_TEST

START_TEST(a_repository_that_was_renamed_is_still_swept)
{
	static const struct text names[] = {{"o/r", 3}};
	struct row_repo renamed;
	struct bench b;

	bench_open(&b);
	know(&b, TOLD_REPO, "o/r");
	b.sweeper.repositories = names;
	b.sweeper.n_repositories = 1;
	(void)sweep(&b);
	renamed = repo_row(&b, TOLD_REPO);
	renamed.name = TEXT_LIT("o/new");
	told_forge_keep(&b.t, &table_repo, &renamed);
	b.name_fails = ERR_GONE;
	wait_for(&b, EVERY_MS);
	ck_assert_int_eq(counted(&b, "repository"), 2);
	bench_close(&b);
}
END_TEST

/* Another repository took the name: its list is empty, and nothing that was open was closed. */
START_TEST(a_list_without_anything_that_was_open_is_asked_about_by_number)
{
	struct row_change index = {.repo = TOLD_REPO, .number = 1, .head = told_oid('a'), .open = TRI_YES};
	struct bench b;

	bench_open(&b);
	know(&b, TOLD_REPO, "o/old");
	told_forge_keep(&b.t, &table_change, &index);
	b.t.n_changes = 0;
	(void)sweep(&b);
	ck_assert(text_is(repo_row(&b, TOLD_REPO).name, "o/r"));
	ck_assert_int_eq(counted(&b, "repository"), 0);
	wait_for(&b, EVERY_MS);
	ck_assert_int_eq(counted(&b, "repository"), 1);
	bench_close(&b);
}
END_TEST

/* A list of the second in which the change was closed still shows it open: nobody can say which is older. */
START_TEST(a_list_of_the_second_of_a_closing_is_not_believed_at_once)
{
	struct row_floor floor = {.repo = TOLD_REPO, .kind = TEXT_LIT("change"), .key = 1, .forge_time = 500000};
	struct row_change index = {
		.repo = TOLD_REPO, .number = 1, .head = told_oid('a'), .open = TRI_NO, .updated_at = 500000};
	struct bench b;

	bench_open(&b);
	floor.value = arena_text(&b.t.arena, text_of(index.head.hex));
	know(&b, TOLD_REPO, "o/r");
	told_forge_keep(&b.t, &table_floor, &floor);
	told_forge_keep(&b.t, &table_change, &index);
	(void)sweep(&b);
	(void)told_forge_find(&b.t, &table_floor, &floor);
	ck_assert_int_eq(floor.forge_time, 500000);
	ck_assert_uint_eq(floor.value.len, 0);
	bench_close(&b);
}
END_TEST

/* The disk is full, or the process dies, before what was read is written. */
START_TEST(a_sweep_that_is_lost_under_way_is_made_up_for_a_period_later)
{
	struct bench b;

	bench_open(&b);
	know(&b, TOLD_REPO, "o/r");
	(void)sweep(&b);
	ck_assert_int_gt(b.held_until, b.t.now);
	ck_assert_int_le(b.held_until, b.t.now + EVERY_MS);
	bench_close(&b);
}
END_TEST

static void open_by_index(struct bench *b, int64_t number, char head)
{
	struct row_change row = {.repo = TOLD_REPO,
				 .number = number,
				 .head = told_oid(head),
				 .base_ref = TEXT_LIT("main"),
				 .open = TRI_YES,
				 .updated_at = 1000};

	told_forge_keep(&b->t, &table_change, &row);
}

START_TEST(a_change_that_is_not_listed_is_asked_for_by_itself)
{
	struct bench b;

	bench_open(&b);
	know(&b, TOLD_REPO, "o/r");
	open_by_index(&b, 2, 'b');
	told_forge_add(&b.t, 2, 'b')->open = false;
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, "lcs");
	ck_assert_int_eq(index_of(&b, 2).open, TRI_NO);
	ck_assert_int_eq(slot_of(&b, 'b').state, STATUS_FAILURE);
	bench_close(&b);
}
END_TEST

START_TEST(a_change_that_the_forge_does_not_know_any_more_is_judged)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('b')};
	struct bench b;

	bench_open(&b);
	know(&b, TOLD_REPO, "o/r");
	open_by_index(&b, 2, 'b');
	(void)sweep(&b);
	(void)told_forge_find(&b.t, &table_subject, &subject);
	ck_assert_int_eq(subject.due, 1);
	bench_close(&b);
}
END_TEST

/* Its newest event is that old. */
static void told_ago(struct bench *b, int64_t number, int64_t ms)
{
	struct row_floor floor = {.repo = TOLD_REPO,
				  .kind = TEXT_LIT("change"),
				  .key = number,
				  .forge_time = b->t.now - ms,
				  .value = arena_text(&b->t.arena, text_of(told_oid('b').hex))};

	told_forge_keep(&b->t, &table_floor, &floor);
}

static void judged(struct bench *b, char head)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid(head)};

	(void)told_forge_find(&b->t, &table_subject, &subject);
	subject.judged = subject.wanted;
	subject.due = 0;
	told_forge_keep(&b->t, &table_subject, &subject);
}

/* Its author's account is hidden, with all that it made. */
START_TEST(a_change_that_the_forge_does_not_know_any_more_is_closed_once)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('b')};
	struct bench b;

	bench_open(&b);
	know(&b, TOLD_REPO, "o/r");
	open_by_index(&b, 2, 'b');
	told_ago(&b, 2, 61000);
	(void)sweep(&b);
	(void)told_forge_find(&b.t, &table_subject, &subject);
	ck_assert_int_eq(subject.due, 1);
	ck_assert_int_eq(slot_of(&b, 'b').state, STATUS_FAILURE);
	ck_assert_int_eq(index_of(&b, 2).open, TRI_NO);
	judged(&b, 'b');
	wait_for(&b, EVERY_MS);
	wait_for(&b, EVERY_MS);
	ck_assert_int_eq(counted(&b, "repository"), 3);
	ck_assert_uint_eq(b.asked_for[2], 1);
	(void)told_forge_find(&b.t, &table_subject, &subject);
	ck_assert_int_eq(subject.due, 0);
	told_forge_add(&b.t, 2, 'b')->updated_at = 2000000 - 61000; /* it is shown again, as it was */
	wait_for(&b, EVERY_MS);
	ck_assert_int_eq(index_of(&b, 2).open, TRI_YES);
	ck_assert_int_eq(slot_of(&b, 'b').state, STATUS_PENDING);
	bench_close(&b);
}
END_TEST

static void young(struct bench *b)
{
	told_ago(b, 2, 60000); /* a copy may not have it yet */
}

static void nameless(struct bench *b)
{
	told_ago(b, 2, 61000);
	b->name_fails = ERR_DENIED;
}

static void (*const still_there[])(struct bench *b) = {young, nameless};

START_TEST(a_change_is_not_gone_where_the_answer_may_be_wrong)
{
	struct bench b;

	bench_open(&b);
	know(&b, TOLD_REPO, "o/r");
	open_by_index(&b, 2, 'b');
	still_there[_i](&b);
	(void)sweep(&b);
	ck_assert_uint_ge(b.asked_for[2], 1);
	ck_assert_int_eq(index_of(&b, 2).open, TRI_YES);
	ck_assert_int_ne(slot_of(&b, 'b').state, STATUS_FAILURE);
	bench_close(&b);
}
END_TEST

START_TEST(many_changes_that_are_not_listed_have_their_turns)
{
	struct bench b;

	bench_open(&b);
	know(&b, TOLD_REPO, "o/r");
	for (int64_t number = 2; number <= 41; number++)
		open_by_index(&b, number, 'b');
	(void)sweep(&b);
	wait_for(&b, EVERY_MS);
	for (int64_t number = 2; number <= 41; number++)
		ck_assert_msg(b.asked_for[number] > 0, "%d was never asked for", (int)number);
	bench_close(&b);
}
END_TEST

/* Change 1's head has our success by the ledger, id 10; change 2's head nothing. */
static void post_earlier(struct bench *b)
{
	struct row_slot slot = {.repo = TOLD_REPO,
				.sha = told_oid('a'),
				.context = CONTEXT,
				.state = STATUS_SUCCESS,
				.rank = RANK_GRANTS,
				.text = TEXT_LIT("ok")};
	struct row_ledger ledger = {.repo = TOLD_REPO,
				    .sha = told_oid('a'),
				    .context = CONTEXT,
				    .state = STATUS_SUCCESS,
				    .text = TEXT_LIT("ok"),
				    .forge_status_id = 10,
				    .count = 1};

	know(b, TOLD_REPO, "o/r");
	open_by_index(b, 1, 'a');
	told_forge_keep(&b->t, &table_slot, &slot);
	told_forge_keep(&b->t, &table_ledger, &ledger);
}

START_TEST(a_status_of_somebody_else_is_counted_and_overwritten)
{
	struct bench b;

	bench_open(&b);
	post_earlier(&b);
	b.statuses[0] = (struct forge_status){
		11, TEXT_LIT("POLICY/merge-allowed"), TEXT_LIT("theirs"), STATUS_FAILURE, 66, 0, TEXT_LIT("x")};
	b.statuses[1] = (struct forge_status){12, TEXT_LIT("ci"), TEXT_LIT("ok"), STATUS_SUCCESS, 66, 0, TEXT_LIT("x")};
	b.n_statuses = 2;
	(void)sweep(&b);
	ck_assert_int_eq(counted(&b, "foreign"), 1);
	ck_assert_int_eq(slot_of(&b, 'a').due, 1);
	ck_assert_int_eq(slot_of(&b, 'a').state, STATUS_SUCCESS);
	bench_close(&b);
}
END_TEST

/* Their lists take longer than the time between two sweeps: one of them is always due. */
START_TEST(many_repositories_leave_the_statuses_their_turn)
{
	struct bench b;
	int64_t at;

	bench_open(&b);
	post_earlier(&b);
	know(&b, OTHER_REPO, "o/other");
	b.list_takes = EVERY_MS;
	for (int i = 0; i < 6; i++)
		ck_assert(sweeper_step(&b.sweeper, &at));
	ck_assert_ptr_nonnull(strchr(b.asked, 's'));
	ck_assert_ptr_nonnull(strchr(b.asked, 'L'));
	bench_close(&b);
}
END_TEST

static const struct {
	enum err_code code;
	const char *asked;
} unread[] = {
	{ERR_RETRY, "ls"}, /* the others would only wait for their deadlines, one after another */
	{ERR_GONE, "lss"},
};

START_TEST(statuses_that_cannot_be_read_wait_for_the_next_sweep)
{
	struct bench b;

	bench_open(&b);
	post_earlier(&b);
	told_forge_add(&b.t, 2, 'b');
	b.statuses_fail = unread[_i].code;
	(void)sweep(&b);
	ck_assert_str_eq(b.asked, unread[_i].asked);
	ck_assert_int_eq(slot_of(&b, 'a').due, 0);
	wait_for(&b, EVERY_MS);
	ck_assert_uint_gt(b.n_asked, 3);
	bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_step_does_one_unit_and_a_sweep_comes_again_at_its_time),
	SUITE_TEST(a_start_sweeps_at_once_whatever_was_planned),
	SUITE_TEST(a_repository_that_cannot_be_read_waits_longer_and_longer_and_blocks_nobody),
	SUITE_TEST(an_error_changes_nothing_in_the_store),
	SUITE_TEST(a_repository_that_was_renamed_is_still_swept),
	SUITE_TEST(a_list_without_anything_that_was_open_is_asked_about_by_number),
	SUITE_TEST(a_list_of_the_second_of_a_closing_is_not_believed_at_once),
	SUITE_TEST(a_sweep_that_is_lost_under_way_is_made_up_for_a_period_later),
	SUITE_TEST(only_what_is_governed_is_read_and_what_nobody_told_of_is_looked_up),
	SUITE_TEST(a_change_that_is_not_listed_is_asked_for_by_itself),
	SUITE_TEST(a_change_that_the_forge_does_not_know_any_more_is_judged),
	SUITE_TEST(a_change_that_the_forge_does_not_know_any_more_is_closed_once),
	SUITE_ROWS(a_change_is_not_gone_where_the_answer_may_be_wrong, still_there),
	SUITE_TEST(many_changes_that_are_not_listed_have_their_turns),
	SUITE_TEST(a_status_of_somebody_else_is_counted_and_overwritten),
	SUITE_TEST(many_repositories_leave_the_statuses_their_turn),
	SUITE_ROWS(statuses_that_cannot_be_read_wait_for_the_next_sweep, unread),
	SUITE_END,
};
SUITE_MAIN(tests)
