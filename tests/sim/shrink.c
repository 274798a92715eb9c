#include "tests/sim/shrink.h"

#include <string.h>

#define RUNS_MAX 600

struct sim_order sim_order_of(uint64_t seed, const struct stage *stage)
{
	struct sim_order order = {.seed = seed, .swarm = swarm_of(seed), .stage = stage};

	order.plan = plan_of(seed, &order.swarm);
	return order;
}

struct shrinking {
	struct sim_order *order;
	char which[4]; /* the invariant: "I1", ... */
	unsigned runs, max;
};

static bool still_breaks(struct shrinking *s, const struct sim_order *order)
{
	struct sim_result result;

	if (s->runs >= s->max)
		return false;
	s->runs++;
	sim_run(order, NULL, &result);
	if (s->which[0] == '\0')
		(void)snprintf(s->which, sizeof s->which, "%.2s", result.broken);
	return result.broken[0] != '\0' && strncmp(result.broken, s->which, 2) == 0;
}

static bool without_acts(struct shrinking *s, unsigned from, unsigned n)
{
	struct sim_order less = *s->order;

	memmove(&less.plan.acts[from], &less.plan.acts[from + n], (less.plan.n - from - n) * sizeof less.plan.acts[0]);
	less.plan.n -= n;
	if (!still_breaks(s, &less))
		return false;
	*s->order = less;
	return true;
}

static bool fewer_acts(struct shrinking *s)
{
	bool any = false;

	for (unsigned n = s->order->plan.n / 2; n > 0; n /= 2)
		for (unsigned from = s->order->plan.n; from-- > 0;)
			if (from + n <= s->order->plan.n && s->order->plan.n > n && without_acts(s, from, n))
				any = true;
	return any;
}

static bool fewer_faults(struct shrinking *s)
{
	bool any = false;

	for (size_t i = 0; i < swarm_n_knobs; i++) {
		struct sim_order less = *s->order;
		unsigned *knob = (unsigned *)(void *)((char *)&less.swarm + swarm_knobs[i].offset);

		if (*knob == swarm_knobs[i].off)
			continue;
		*knob = swarm_knobs[i].off;
		if (!still_breaks(s, &less))
			continue;
		*s->order = less;
		any = true;
	}
	return any;
}

unsigned shrink(struct sim_order *order, unsigned runs)
{
	struct shrinking s = {.order = order, .max = runs};
	bool more = still_breaks(&s, order);

	while (more) {
		more = fewer_faults(&s);
		more = fewer_acts(&s) || more;
	}
	return s.runs;
}

static void tell_swarm(const struct swarm *swarm, FILE *out)
{
	(void)fprintf(out, "faults left:");
	for (size_t i = 0; i < swarm_n_knobs; i++) {
		unsigned is = *(const unsigned *)(const void *)((const char *)swarm + swarm_knobs[i].offset);

		if (is != swarm_knobs[i].off)
			(void)fprintf(out, " %s=%u", swarm_knobs[i].name, is);
	}
	(void)fprintf(out, "\n");
}

void shrink_and_tell(uint64_t seed, const struct stage *stage, FILE *out)
{
	struct sim_order order = sim_order_of(seed, stage);
	struct sim_result whole, result;
	unsigned runs;

	sim_run(&order, NULL, &whole);
	(void)fprintf(out, "seed %llu breaks an invariant (stage %s, schedule %016llx)\n  %s\n",
		      (unsigned long long)seed, stage->name, (unsigned long long)whole.hash, whole.broken);
	if (!whole.broken[0])
		return;
	runs = shrink(&order, RUNS_MAX);
	order.trace = out;
	(void)fprintf(out, "shrunk in %u runs to %u acts:\n", runs, order.plan.n);
	tell_swarm(&order.swarm, out);
	sim_run(&order, NULL, &result);
	(void)fprintf(out, "again: headgate-sim --stage %s --seed %llu --trace\n", stage->name,
		      (unsigned long long)seed);
}
