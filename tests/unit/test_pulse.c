/* Whether a worker still moves, by what it does and by what it waits for. */
#include "agent/work/pulse.h"

#include "tests/support/suite.h"

static int64_t now_of(void *self)
{
	return *(int64_t *)self;
}

static int64_t wall_of(void *self)
{
	return *(int64_t *)self + 1000000;
}

struct bench {
	int64_t now;
	struct pulse pulse;
	int64_t seen, takes; /* how still it was while it waited, and how long it does */
	int signals;
};

static void wait_for(void *self, enum wake_topic topic, int64_t deadline_ms)
{
	struct bench *b = self;

	(void)deadline_ms;
	ck_assert_int_eq(topic, WAKE_SLOTS);
	b->now += b->takes;
	b->seen = pulse_still_ms(&b->pulse);
}

static void signalled(void *self, enum wake_topic topic)
{
	((struct bench *)self)->signals += topic == WAKE_SUBJECTS;
}

static bool stopping(void *self)
{
	return ((struct bench *)self)->signals > 0;
}

static void bench_open(struct bench *b)
{
	*b = (struct bench){.now = 5000};
	pulse_begin(&b->pulse, (struct clock_port){&b->now, wall_of, now_of},
		    (struct wake_port){b, wait_for, signalled, stopping});
}

START_TEST(a_look_at_either_clock_is_a_sign_of_life)
{
	struct clock_port clock;
	struct bench b;

	bench_open(&b);
	clock = pulse_clock(&b.pulse);
	ck_assert_int_eq(pulse_still_ms(&b.pulse), 0);
	b.now += 700;
	ck_assert_int_eq(pulse_still_ms(&b.pulse), 700);
	ck_assert_int_eq(pulse_still_ms(&b.pulse), 700); /* who asks is no sign */
	ck_assert_int_eq(clock.mono(clock.self), 5700);
	ck_assert_int_eq(pulse_still_ms(&b.pulse), 0);
	b.now += 1;
	ck_assert_int_eq(clock.wall(clock.self), 1005701);
	ck_assert_int_eq(pulse_still_ms(&b.pulse), 0);
}
END_TEST

static const struct {
	int64_t takes, still;
} waits[] = {{0, 0}, {3600000, 0}, {3600001, 1}, {7200000, 3600000}};

START_TEST(who_waits_is_not_still_until_he_should_have_gone_on)
{
	struct wake_port wake;
	struct bench b;

	bench_open(&b);
	wake = pulse_wake(&b.pulse);
	b.takes = waits[_i].takes;
	wake.wait(wake.self, WAKE_SLOTS, b.now + 3600000);
	ck_assert_int_eq(b.seen, waits[_i].still);
	ck_assert_int_eq(pulse_still_ms(&b.pulse), 0);
	b.now += 10;
	ck_assert_int_eq(pulse_still_ms(&b.pulse), 10);
	ck_assert(!wake.stopping(wake.self));
	wake.signal(wake.self, WAKE_SUBJECTS);
	ck_assert(wake.stopping(wake.self));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_look_at_either_clock_is_a_sign_of_life),
	SUITE_ROWS(who_waits_is_not_still_until_he_should_have_gone_on, waits),
	SUITE_END,
};
SUITE_MAIN(tests)
