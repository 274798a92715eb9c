/* Work for a forge that may not be asked now is put off, and stands in nobody's way. Over every backend (_i). */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

#define CLOSED_REPO 8
#define CLOSED_FOR  30000
#define MANY        150 /* more than are looked at in one transaction */

struct shut { /* one repository's forge may not be asked before `until` */
	int64_t until;
	int asked;
};

static bool open_but_one(void *self, const struct gate_who *who, int64_t *ret_at)
{
	struct shut *shut = self;

	shut->asked++;
	ck_assert_int_eq(who->installation, who->repo + 100);
	*ret_at = shut->until;
	return who->repo != CLOSED_REPO || who->now >= shut->until;
}

static struct event opened_in(int64_t repo, int64_t number, const struct oid *head)
{
	struct event event = change_event(CHANGE_OPENED, number, 'a', 1);

	event.repo = repo;
	event.installation = repo + 100;
	event.change.head = *head;
	return event;
}

static struct oid numbered(int n)
{
	struct oid oid = sha_of('0');

	oid.hex[0] = (char)('a' + n / 100);
	oid.hex[1] = (char)('0' + n / 10 % 10);
	oid.hex[2] = (char)('0' + n % 10);
	return oid;
}

START_TEST(commits_of_a_forge_that_may_not_be_asked_hide_no_other)
{
	struct pipe_rig rig;
	struct shut shut;
	struct gate gate = {&shut, open_but_one};
	struct oid other = sha_of('f');
	struct claim claim;

	pipe_open(&rig, _i);
	shut = (struct shut){rig.now + CLOSED_FOR, 0};
	for (int n = 0; n < MANY; n++) {
		struct oid head = numbered(n);

		tell(&rig, opened_in(CLOSED_REPO, n + 1, &head));
	}
	tell(&rig, opened_in(PIPE_REPO, 1, &other));
	rig.gate = &gate;
	ck_assert(try_claim(&rig, &claim));
	ck_assert_int_eq(claim.repo, PIPE_REPO);
	ck_assert(!try_claim(&rig, &claim));
	shut.asked = 0;
	ck_assert(!try_claim(&rig, &claim));
	ck_assert_int_eq(shut.asked, 0); /* put off: not even looked at again before its time */
	rig.now += CLOSED_FOR;
	ck_assert(try_claim(&rig, &claim));
	ck_assert_int_eq(claim.repo, CLOSED_REPO);
	ck_assert_int_eq(claim.attempts, 0); /* to wait is no failure */
	pipe_close(&rig);
}
END_TEST

START_TEST(statuses_of_a_forge_that_may_not_be_asked_wait_alone)
{
	struct pipe_rig rig;
	struct shut shut;
	struct gate gate = {&shut, open_but_one};
	struct oid closed = sha_of('c'), other = sha_of('f');
	struct post post;

	pipe_open(&rig, _i);
	shut = (struct shut){rig.now + CLOSED_FOR, 0};
	tell(&rig, opened_in(CLOSED_REPO, 1, &closed));
	tell(&rig, opened_in(PIPE_REPO, 1, &other));
	rig.gate = &gate;
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.repo, PIPE_REPO);
	answer(&rig, &post, POST_ACCEPTED);
	ck_assert(!next_post(&rig, &post));
	rig.now += CLOSED_FOR;
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.repo, CLOSED_REPO);
	ck_assert_int_eq(post.attempts, 1);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(commits_of_a_forge_that_may_not_be_asked_hide_no_other, backends),
	SUITE_ROWS(statuses_of_a_forge_that_may_not_be_asked_wait_alone, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
