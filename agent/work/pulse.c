#include "agent/work/pulse.h"

static int64_t mono(void *self)
{
	struct pulse *pulse = self;
	int64_t now = pulse->clock.mono(pulse->clock.self);

	atomic_store(&pulse->at, now);
	return now;
}

static int64_t wall(void *self)
{
	struct pulse *pulse = self;

	(void)mono(self);
	return pulse->clock.wall(pulse->clock.self);
}

static void wait_for(void *self, enum wake_topic topic, int64_t deadline_ms)
{
	struct pulse *pulse = self;

	atomic_store(&pulse->at, deadline_ms);
	pulse->wake.wait(pulse->wake.self, topic, deadline_ms);
	(void)mono(self);
}

static void signal_one(void *self, enum wake_topic topic)
{
	struct pulse *pulse = self;

	pulse->wake.signal(pulse->wake.self, topic);
}

static bool is_stopping(void *self)
{
	struct pulse *pulse = self;

	return pulse->wake.stopping(pulse->wake.self);
}

void pulse_begin(struct pulse *pulse, struct clock_port clock, struct wake_port wake)
{
	pulse->clock = clock;
	pulse->wake = wake;
	(void)mono(pulse);
}

struct clock_port pulse_clock(struct pulse *pulse)
{
	return (struct clock_port){pulse, wall, mono};
}

struct wake_port pulse_wake(struct pulse *pulse)
{
	return (struct wake_port){pulse, wait_for, signal_one, is_stopping};
}

int64_t pulse_still_ms(struct pulse *pulse)
{
	int64_t still = pulse->clock.mono(pulse->clock.self) - atomic_load(&pulse->at);

	return still > 0 ? still : 0;
}
