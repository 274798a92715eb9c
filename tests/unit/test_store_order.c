/* What is posted and judged before what: nobody's many changes stand before a revocation, or before another's turn.
 * Over every backend (_i). */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

#define OTHER_REPO 8
#define MANY       80 /* each with a head that waits for a supersede: more than are looked at first */
#define HEADS      8

static void expect_post(struct pipe_rig *rig, char head, enum status_state state)
{
	struct post post;

	ck_assert(next_post(rig, &post));
	ck_assert_str_eq(post.sha.hex, sha_of(head).hex);
	ck_assert_int_eq(post.state, state);
	answer(rig, &post, POST_ACCEPTED);
}

static void open_others(struct pipe_rig *rig)
{
	for (int i = 0; i < 3; i++)
		tell(rig, change_event(CHANGE_OPENED, i + 2, (char)('b' + i), 1));
}

/* f is granted, and posted unless it is to be due. */
static void allow_f(struct pipe_rig *rig, bool posted)
{
	tell(rig, change_event(CHANGE_OPENED, 1, 'f', 1));
	(void)drain(rig);
	judge_as(rig, 'f', DECISION_ALLOWED);
	if (posted)
		(void)drain(rig);
}

START_TEST(what_takes_a_success_back_goes_before_everybodys_first_statuses)
{
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	allow_f(&rig, true);
	open_others(&rig);
	tell(&rig, review_event(REVIEW_DISMISSED, 9, REVIEW_STATE_DISMISSED, 'f'));
	expect_post(&rig, 'f', STATUS_FAILURE);
	ck_assert_int_eq(drain(&rig), 3);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_takes_a_success_back_goes_before_a_grant)
{
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	allow_f(&rig, true);
	tell(&rig, change_event(CHANGE_OPENED, 2, 'a', 1));
	(void)drain(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	tell(&rig, review_event(REVIEW_DISMISSED, 9, REVIEW_STATE_DISMISSED, 'f'));
	expect_post(&rig, 'f', STATUS_FAILURE);
	expect_post(&rig, 'a', STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_grant_goes_before_what_only_tells_how_things_stand)
{
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	allow_f(&rig, false);
	open_others(&rig);
	expect_post(&rig, 'f', STATUS_SUCCESS);
	ck_assert_int_eq(drain(&rig), 3);
	pipe_close(&rig);
}
END_TEST

static struct oid numbered(char first, int n)
{
	struct oid oid = sha_of('0');

	oid.hex[0] = first;
	oid.hex[1] = (char)('0' + n / 10);
	oid.hex[2] = (char)('0' + n % 10);
	return oid;
}

/* Long after it was opened: the new head waits for no tick. */
static void push_unposted(struct pipe_rig *rig, int n)
{
	struct event opened = change_event(CHANGE_OPENED, n + 1, 'a', 1), pushed = push_to_change(n + 1, 'a', 'b', 60);

	opened.change.head = pushed.before = numbered('a', n);
	pushed.change.head = pushed.after = numbered('b', n);
	tell(rig, opened);
	tell(rig, pushed);
}

START_TEST(however_many_wait_for_a_supersede_they_hide_no_other)
{
	struct event other = change_event(CHANGE_OPENED, 1, 'f', 1);
	struct pipe_rig rig;
	struct claim claim;

	pipe_open(&rig, _i);
	for (int n = 0; n < MANY; n++)
		push_unposted(&rig, n);
	other.repo = OTHER_REPO;
	tell(&rig, other);
	ck_assert(try_claim(&rig, &claim));
	ck_assert_int_eq(claim.repo, OTHER_REPO);
	ck_assert(!try_claim(&rig, &claim));
	pipe_close(&rig);
}
END_TEST

static void sweep_heads(struct pipe_rig *rig)
{
	struct sweep repo = {.repo = PIPE_REPO, .repo_name = TEXT_LIT("acme/engine")};
	struct event_change heads[HEADS];
	struct sweep_seen seen = {
		.sweep = &repo, .changes = heads, .n = HEADS, .clock = pipe_clock(rig), .next_at = rig->now + 120000};
	struct err err = ERR_NONE;
	struct swept swept;

	for (int i = 0; i < HEADS; i++)
		heads[i] = change_event(CHANGE_OTHER, i + 1, (char)('1' + i), 1).change;
	ck_assert_msg(store_sweep(&rig->store, &seen, &swept, &err), "%s", err.text);
}

static void expect_claims(struct pipe_rig *rig, char from, char to)
{
	struct claim claim;

	for (char head = from; head <= to; head++) {
		ck_assert(try_claim(rig, &claim));
		ck_assert_str_eq(claim.sha.hex, sha_of(head).hex);
		ck_assert_int_eq(conclude_as(rig, &claim, DECISION_WAITING), CONCLUDED);
	}
}

/* A sweep that comes back before all are judged puts nobody in front again. */
START_TEST(what_sweeps_ask_for_is_judged_in_the_order_of_asking)
{
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	sweep_heads(&rig);
	expect_claims(&rig, '1', '8');
	sweep_heads(&rig);
	expect_claims(&rig, '1', '4');
	rig.now += 120000;
	sweep_heads(&rig);
	expect_claims(&rig, '5', '8');
	expect_claims(&rig, '1', '4');
	pipe_close(&rig);
}
END_TEST

START_TEST(what_an_event_asks_for_is_judged_before_what_sweeps_ask_for)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open(&rig, _i);
	sweep_heads(&rig);
	expect_claims(&rig, '1', '8');
	rig.now += 120000;
	sweep_heads(&rig);
	tell(&rig, change_event(CHANGE_READY, 8, '8', 20));
	ck_assert(try_claim(&rig, &claim));
	ck_assert_str_eq(claim.sha.hex, sha_of('8').hex);
	pipe_close(&rig);
}
END_TEST

/* ---- turns ---- */

/* Many were told of on one millisecond: their order is that of their telling. */
START_TEST(who_waits_longest_is_judged_first_whatever_the_hash)
{
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	for (const char *head = "f2a1"; *head; head++)
		tell(&rig, change_event(CHANGE_OPENED, *head, *head, 1));
	for (const char *head = "f2a1"; *head; head++)
		expect_claims(&rig, *head, *head);
	pipe_close(&rig);
}
END_TEST

/* More news of it costs nobody his turn, and news of others does not cost it its own. */
START_TEST(more_news_keeps_the_turn)
{
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 1, 'f', 1));
	rig.now += 1000;
	tell(&rig, change_event(CHANGE_OPENED, 2, '1', 1));
	rig.now += 1000;
	tell(&rig, change_event(CHANGE_EDITED, 1, 'f', 2));
	expect_claims(&rig, 'f', 'f');
	expect_claims(&rig, '1', '1');
	pipe_close(&rig);
}
END_TEST

/* News that comes while it is judged is judged after those who waited meanwhile. */
START_TEST(who_was_served_goes_to_the_end)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 1, '1', 1));
	tell(&rig, change_event(CHANGE_OPENED, 2, 'f', 1));
	ck_assert(try_claim(&rig, &claim));
	ck_assert_str_eq(claim.sha.hex, sha_of('1').hex);
	tell(&rig, change_event(CHANGE_EDITED, 1, '1', 2));
	(void)conclude_as(&rig, &claim, DECISION_WAITING);
	expect_claims(&rig, 'f', 'f');
	expect_claims(&rig, '1', '1');
	pipe_close(&rig);
}
END_TEST

/* The clock that goes back makes nobody the first. */
START_TEST(a_clock_that_goes_back_changes_no_turn)
{
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 1, 'f', 1));
	rig.now -= 3600000;
	tell(&rig, change_event(CHANGE_OPENED, 2, '1', 1));
	expect_post(&rig, 'f', STATUS_PENDING);
	expect_post(&rig, '1', STATUS_PENDING);
	expect_claims(&rig, 'f', 'f');
	expect_claims(&rig, '1', '1');
	pipe_close(&rig);
}
END_TEST

static bool shut(void *self, const struct gate_who *who, int64_t *ret_at)
{
	const int64_t *until = self;

	*ret_at = *until;
	return who->now >= *until;
}

/* Nobody may be asked for until then; who waited longest by then is the first. */
START_TEST(what_is_put_off_keeps_its_turn)
{
	struct pipe_rig rig;
	struct claim claim;
	struct gate gate = {.open = shut};
	int64_t until;

	pipe_open(&rig, _i);
	until = rig.now + 9000;
	gate.self = &until;
	rig.gate = &gate;
	for (const char *head = "f2a1"; *head; head++) {
		tell(&rig, change_event(CHANGE_OPENED, *head, *head, 1));
		ck_assert(!try_claim(&rig, &claim));
		rig.now += 1000;
	}
	rig.now = until;
	for (const char *head = "f2a1"; *head; head++)
		expect_claims(&rig, *head, *head);
	pipe_close(&rig);
}
END_TEST

#define FLOOD 1000

static struct oid of_flood(int n)
{
	struct oid oid = sha_of('1');

	for (int i = 1; i <= 4; i++, n /= 10)
		oid.hex[i] = (char)('0' + n % 10);
	return oid;
}

/* One says what f waits for; then a thousand come whose hashes are below it. */
START_TEST(an_old_status_is_posted_before_a_thousand_newer_ones)
{
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 1, 'f', 1));
	expect_post(&rig, 'f', STATUS_PENDING);
	expect_claims(&rig, 'f', 'f');
	for (int n = 0; n < FLOOD; n++) {
		struct event event = change_event(CHANGE_OPENED, n + 2, '1', 1);

		event.change.head = of_flood(n);
		tell_unapplied(&rig, event);
	}
	apply_all(&rig);
	expect_post(&rig, 'f', STATUS_PENDING);
	pipe_close(&rig);
}
END_TEST

/* ---- what was put off ---- */

static void open_another(struct pipe_rig *rig, int n)
{
	struct event event = change_event(CHANGE_OPENED, n + 2, '1', 1);

	event.change.head = of_flood(n);
	tell(rig, event);
}

/* An hour of the policy ends. */
static void scheduled(struct pipe_rig *rig)
{
	rig->look_again_at = rig->now + 9000;
	judge_as(rig, 'f', DECISION_ALLOWED);
	rig->look_again_at = 0;
}

static void deferred(struct pipe_rig *rig)
{
	struct claim claim = claim_of(rig, 'f');
	struct err err = ERR_NONE;

	ck_assert(store_defer(&rig->store, &claim, rig->now + 9000, &err));
}

static void swept(struct pipe_rig *rig)
{
	struct sweep repo = {.repo = PIPE_REPO, .repo_name = TEXT_LIT("acme/engine")};
	struct event_change head = change_event(CHANGE_OTHER, 1, 'f', 1).change;
	struct sweep_seen seen = {
		.sweep = &repo, .changes = &head, .n = 1, .clock = pipe_clock(rig), .next_at = rig->now + 120000};
	struct err err = ERR_NONE;
	struct swept swept;

	judge_as(rig, 'f', DECISION_ALLOWED);
	ck_assert_msg(store_sweep(&rig->store, &seen, &swept, &err), "%s", err.text);
}

static void (*const put_off[])(struct pipe_rig *rig) = {scheduled, deferred, swept};

#define NEWS_IN_A_ROW 3

/* Whoever opens one change after another, without end. */
START_TEST(news_that_never_ends_keeps_nobody_from_being_judged)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;
		struct claim claim;

		pipe_open(&rig, backend);
		tell(&rig, change_event(CHANGE_OPENED, 1, 'f', 1));
		put_off[_i](&rig);
		rig.now += 9000;
		open_another(&rig, 0);
		for (int n = 0; n < NEWS_IN_A_ROW; n++) {
			open_another(&rig, n + 1);
			ck_assert(try_claim(&rig, &claim));
			ck_assert_str_eq(claim.sha.hex, of_flood(n).hex);
		}
		ck_assert(try_claim(&rig, &claim));
		ck_assert_str_eq(claim.sha.hex, sha_of('f').hex);
		ck_assert(try_claim(&rig, &claim));
		ck_assert_str_eq(claim.sha.hex, of_flood(NEWS_IN_A_ROW).hex);
		pipe_close(&rig);
	}
}
END_TEST

/* What is known without bugs was said of 'a', and it is judged once more, with them. */
START_TEST(neither_news_nor_what_is_half_done_goes_first_for_ever)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 1, 'f', 1));
	scheduled(&rig);
	tell(&rig, change_event(CHANGE_OPENED, 1000, 'a', 1));
	rig.look_again_at = 1;
	judge_as(&rig, 'a', DECISION_WAITING);
	rig.look_again_at = 0;
	rig.now += 9000;
	for (int n = 0; n < NEWS_IN_A_ROW; n++)
		open_another(&rig, n);
	for (int n = 0; n <= NEWS_IN_A_ROW; n++) {
		const struct oid expected[] = {of_flood(0), sha_of('a'), of_flood(1), sha_of('f')};

		ck_assert(try_claim(&rig, &claim));
		ck_assert_str_eq(claim.sha.hex, expected[n].hex);
	}
	pipe_close(&rig);
}
END_TEST

/* Those that went while nobody was passed over do not count, nor does a turn that nobody could use. */
START_TEST(only_who_waits_has_a_turn_before_news)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open(&rig, _i);
	for (int n = 0; n < 2 * NEWS_IN_A_ROW; n++) {
		open_another(&rig, n);
		ck_assert(try_claim(&rig, &claim));
	}
	tell(&rig, change_event(CHANGE_OPENED, 1, 'f', 1));
	deferred(&rig);
	for (int n = 2 * NEWS_IN_A_ROW; n < 4 * NEWS_IN_A_ROW; n++) { /* its time has not come */
		open_another(&rig, n);
		ck_assert(try_claim(&rig, &claim));
		ck_assert_str_eq(claim.sha.hex, of_flood(n).hex);
	}
	rig.now += 9000;
	open_another(&rig, 100);
	ck_assert(try_claim(&rig, &claim));
	ck_assert_str_eq(claim.sha.hex, of_flood(100).hex);
	ck_assert(try_claim(&rig, &claim));
	ck_assert_str_eq(claim.sha.hex, sha_of('f').hex);
	pipe_close(&rig);
}
END_TEST

/* The forge was unwell for a moment. */
START_TEST(a_status_that_failed_once_is_not_behind_everybodys_first_ones_for_ever)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 1, 'f', 1));
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_NOT_SENT);
	rig.now += 9000;
	open_another(&rig, 0);
	for (int n = 0; n < NEWS_IN_A_ROW; n++) {
		open_another(&rig, n + 1);
		ck_assert(next_post(&rig, &post));
		ck_assert_str_eq(post.sha.hex, of_flood(n).hex);
		answer(&rig, &post, POST_ACCEPTED);
	}
	expect_post(&rig, 'f', STATUS_PENDING);
	ck_assert(next_post(&rig, &post));
	ck_assert_str_eq(post.sha.hex, of_flood(NEWS_IN_A_ROW).hex);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(who_waits_longest_is_judged_first_whatever_the_hash, backends),
	SUITE_ROWS(more_news_keeps_the_turn, backends),
	SUITE_ROWS(who_was_served_goes_to_the_end, backends),
	SUITE_ROWS(a_clock_that_goes_back_changes_no_turn, backends),
	SUITE_ROWS(what_is_put_off_keeps_its_turn, backends),
	SUITE_ROWS(an_old_status_is_posted_before_a_thousand_newer_ones, backends),
	SUITE_ROWS(news_that_never_ends_keeps_nobody_from_being_judged, put_off),
	SUITE_ROWS(neither_news_nor_what_is_half_done_goes_first_for_ever, backends),
	SUITE_ROWS(only_who_waits_has_a_turn_before_news, backends),
	SUITE_ROWS(a_status_that_failed_once_is_not_behind_everybodys_first_ones_for_ever, backends),
	SUITE_ROWS(what_takes_a_success_back_goes_before_everybodys_first_statuses, backends),
	SUITE_ROWS(what_takes_a_success_back_goes_before_a_grant, backends),
	SUITE_ROWS(a_grant_goes_before_what_only_tells_how_things_stand, backends),
	SUITE_ROWS(however_many_wait_for_a_supersede_they_hide_no_other, backends),
	SUITE_ROWS(what_sweeps_ask_for_is_judged_in_the_order_of_asking, backends),
	SUITE_ROWS(what_an_event_asks_for_is_judged_before_what_sweeps_ask_for, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
