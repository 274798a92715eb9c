#include "tests/sim/swarm.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/dice.h"

/* How often a deed is done, in a usual history. */
static const unsigned usual[DEED_KINDS] = {
	[DEED_OPEN] = 8,       [DEED_PUSH] = 14,         [DEED_FORCE_PUSH] = 6, [DEED_PUSH_BACK] = 6,
	[DEED_APPROVE] = 60,   [DEED_REQUEST] = 6,       [DEED_REMARK] = 4,     [DEED_DISMISS] = 10,
	[DEED_ROLE] = 5,       [DEED_TEAM] = 3,          [DEED_POLICY] = 4,     [DEED_BASE_PUSH] = 4,
	[DEED_RETARGET] = 4,   [DEED_DRAFT] = 4,         [DEED_READY] = 6,      [DEED_CLOSE] = 4,
	[DEED_REOPEN] = 6,     [DEED_EDIT] = 2,          [DEED_RENAME] = 1,     [DEED_FORGE_STATUS] = 3,
	[DEED_RECHECK] = 3,    [DEED_MERGE] = 3,         [DEED_BUG_RATED] = 14, [DEED_BUG_SHOWN] = 8,
	[DEED_BUG_PATCH] = 10, [DEED_BUG_APPROVAL] = 24, [DEED_BUG_DUPE] = 6,   [DEED_BUG_CLOSED] = 4,
};

/* Half of the time a fault is off; else its rate is anything up to `most`, small ones more often. */
static unsigned rate(struct dice *dice, unsigned most)
{
	unsigned roll = dice_below(dice, 8);

	return roll < 4 ? 0 : 1 + dice_below(dice, roll < 7 ? most / 5 + 1 : most);
}

static void people(struct dice *dice, struct swarm *s)
{
	static const unsigned factors[] = {0, 1, 1, 1, 2, 4};

	s->deeds = 8 + dice_below(dice, 25);
	s->span_s = 20 + dice_below(dice, 200);
	s->bursts = dice_below(dice, 3) * 300;
	s->policies = dice_below(dice, 3);
	s->gates = dice_below(dice, 2);
	s->reanchor = dice_below(dice, 2) * 600;
	for (int i = 0; i <= DEED_MERGE; i++)
		s->weight[i] = usual[i] * factors[dice_below(dice, sizeof factors / sizeof factors[0])];
	s->weight[DEED_OPEN] += 1; /* something must happen */
	s->weight[DEED_APPROVE] += 20;
}

static void webhooks(struct dice *dice, struct swarm *s)
{
	s->lose = rate(dice, 300);
	s->dup = rate(dice, 300);
	s->delay = rate(dice, 500);
	s->delay_s = 1 + dice_below(dice, 60);
}

static void calls(struct dice *dice, struct swarm *s)
{
	s->latency_ms = dice_below(dice, 2) ? 1 + dice_below(dice, 40) : 1 + dice_below(dice, 2000);
	s->fail = rate(dice, 200);
	s->limited = rate(dice, 60);
	s->denied = rate(dice, 40);
	s->cut = rate(dice, 60);
	s->lost_answer = rate(dice, 250);
	s->late_request = rate(dice, 250);
	s->lost_request = rate(dice, 100);
	s->lag = rate(dice, 600);
	s->lag_s = 1 + dice_below(dice, 30);
}

/* ---- flavours: what seldom comes together by chance ---- */

/* Posts get lost, and nothing else does. */
static void lost_posts(struct dice *dice, struct swarm *s)
{
	s->latency_ms = 1 + dice_below(dice, 40);
	s->lost_answer = 100 + dice_below(dice, 200);
	s->late_request = 100 + dice_below(dice, 200);
	s->weight[DEED_DISMISS] += 20;
	s->turns = 300;
}

/* News is late, and people change their minds while the forge is read. */
static void slow_news(struct dice *dice, struct swarm *s)
{
	s->delay = 400;
	s->delay_s = 30;
	s->latency_ms = 300 + dice_below(dice, 1200);
	s->weight[DEED_ROLE] = s->weight[DEED_TEAM] = 15;
	s->weight[DEED_DISMISS] = 60;
	s->weight[DEED_APPROVE] = 200;
	s->weight[DEED_OPEN] = 4;
	s->deeds = 45;
	s->span_s = 250;
}

/* A copy of the forge stands still, people turn round, webhooks overtake each other. */
static void stuck_copy(struct dice *dice, struct swarm *s)
{
	s->lag = 20 + dice_below(dice, 100);
	s->lag_s = 10 + dice_below(dice, 20);
	s->stuck = 1;
	s->delay = dice_below(dice, 400);
	s->delay_s = 1 + dice_below(dice, 10);
	s->latency_ms = 1 + dice_below(dice, 60);
	s->turns = 500;
	s->rush_ms = dice_below(dice, 2) ? 300 : 0;
	s->bursts = 600;
	s->weight[DEED_DRAFT] = s->weight[DEED_READY] = 15;
}

/* Heads come and go, the forge's record says little, and webhooks are lost. */
static void there_and_back(struct dice *dice, struct swarm *s)
{
	s->lose = 150 + dice_below(dice, 300);
	s->forks = 1;
	s->turns = 400;
	s->rush_ms = dice_below(dice, 2) ? 400 : 0;
	s->bursts = 500;
	s->latency_ms = 1 + dice_below(dice, 60);
	s->weight[DEED_PUSH] = 20;
	s->weight[DEED_PUSH_BACK] = 50;
	s->weight[DEED_FORCE_PUSH] = 0;
	s->policies = 1;
	s->sweepless = 0;
}

/* Several changes on one commit; webhooks are lost. */
static void shared_heads(struct dice *dice, struct swarm *s)
{
	s->lose = 100 + dice_below(dice, 200);
	s->shared = 800;
	s->turns = 300;
	s->latency_ms = 1 + dice_below(dice, 60);
	s->weight[DEED_CLOSE] = s->weight[DEED_REOPEN] = 30;
	s->sweepless = 0;
}

/* Who may do what, and what is asked, changes under way. */
static void rights(struct dice *dice, struct swarm *s)
{
	s->policies = 1;
	s->gates = 1;
	s->latency_ms = 1 + dice_below(dice, 200);
	s->weight[DEED_ROLE] = s->weight[DEED_POLICY] = 30;
	s->weight[DEED_MERGE] = 25;
	s->weight[DEED_RETARGET] = 50;
	s->deeds = 30 + dice_below(dice, 15);
}

/* Successes fly for long, and are taken back meanwhile. */
static void long_flights(struct dice *dice, struct swarm *s)
{
	s->latency_ms = 1 + dice_below(dice, 40);
	s->late_request = 500;
	s->turns = 200;
	s->weight[DEED_DISMISS] = 40;
	s->weight[DEED_APPROVE] = 120;
	s->deeds = 45;
}

/* Two posters, of which one is stopped now and then; posts get lost. */
static void two_posters(struct dice *dice, struct swarm *s)
{
	lost_posts(dice, s);
	s->nodes = 2;
	s->split = 0;
	s->pause = 20 + dice_below(dice, 40);
	s->latency_ms = 40 + dice_below(dice, 1000);
}

/* The clock of each start is another one. */
static void other_clocks(struct dice *dice, struct swarm *s)
{
	lost_posts(dice, s);
	s->nodes = 1;
	s->crash = 10 + dice_below(dice, 20);
	s->skew_s = 1 + dice_below(dice, 600);
}

typedef void flavour(struct dice *dice, struct swarm *s);
static flavour *const flavours[] = {
	lost_posts, stuck_copy,   there_and_back, shared_heads, two_posters,  other_clocks, rights,
	rights,     slow_news,    slow_news,      slow_news,    slow_news,    slow_news,    slow_news,
	slow_news,  long_flights, long_flights,   long_flights, long_flights, long_flights,
};

static void agents(struct dice *dice, struct swarm *s)
{
	s->nodes = dice_below(dice, 3) ? 1 : 2 + dice_below(dice, 2);
	s->split = s->nodes > 1 && dice_below(dice, 2);
	s->judges = 1 + dice_below(dice, 2);
	s->crash = rate(dice, 12);
	s->pause = rate(dice, 8);
	s->disk_full = rate(dice, 30);
}

/* Dice of their own: what the broad stage does with a seed is not changed by the deep one's faults. */
static void disk(uint64_t seed, struct swarm *s)
{
	struct dice dice = dice_of(seed, 6);

	s->power_cut = rate(&dice, 20);
	s->io_error = rate(&dice, 10);
	s->no_space = rate(&dice, 20);
	s->busy = rate(&dice, 20);
}

static void tracker_faults(struct dice *dice, struct swarm *s)
{
	s->bug_fail = rate(dice, 200);
	s->bug_limited = rate(dice, 60);
	s->bug_late = rate(dice, 100);
	s->bug_down = rate(dice, 20);
	s->bug_down_s = 10 + dice_below(dice, 200);
	s->bug_denied = rate(dice, 10);
	s->bug_lag = rate(dice, 600);
	s->bug_lag_s = 1 + dice_below(dice, 250);
	s->bug_lose = rate(dice, 500);
	s->bug_dup = rate(dice, 300);
	s->bug_delay = rate(dice, 500);
	s->bug_delay_s = 1 + dice_below(dice, 60);
}

/* Dice of their own, again. One in four has no fault of the tracker. */
static void tracker(uint64_t seed, struct swarm *s)
{
	static const unsigned ticks[] = {0, 5, 20, 60}, ages[] = {0, 0, 60, 300, 900}, factors[] = {0, 1, 1, 2, 4};
	struct dice dice = dice_of(seed, 7);

	s->bug_tick_s = ticks[dice_below(&dice, sizeof ticks / sizeof ticks[0])];
	s->bug_age_s = s->nodes == 1 ? ages[dice_below(&dice, 5)] : 0;
	s->bug_latency_ms = dice_below(&dice, 2) ? 1 + dice_below(&dice, 30) : 1 + dice_below(&dice, 2000);
	s->bug_skew_s = dice_below(&dice, 3) ? dice_below(&dice, 120) : 0;
	s->bug_vanish = s->nodes == 1 && dice_below(&dice, 2);
	if (dice_below(&dice, 4))
		tracker_faults(&dice, s);
	else
		s->bug_latency_ms = 1 + dice_below(&dice, 30);
	for (int i = DEED_BUG_RATED; i < DEED_KINDS; i++)
		s->weight[i] = usual[i] * factors[dice_below(&dice, sizeof factors / sizeof factors[0])];
	s->weight[DEED_BUG_RATED] += 2;
	s->deeds += 8;
	s->bug_unsaved = s->bug_age_s > 0 && dice_below(&dice, 2) ? 1 + dice_below(&dice, 1000) : 0;
}

static struct swarm drawn(uint64_t seed)
{
	struct dice dice = dice_of(seed, 1);
	struct swarm swarm = {0};

	people(&dice, &swarm);
	agents(&dice, &swarm);
	swarm.sweepless = dice_below(&dice, 3) == 0;
	swarm.posts_max = dice_below(&dice, 10) ? 900 : 5 + dice_below(&dice, 12);
	swarm.latency_ms = 1 + dice_below(&dice, 40);
	if (dice_below(&dice, 5) < 3) {
		swarm.crash = swarm.pause = swarm.disk_full = 0;
		swarm.nodes = 1;
		swarm.split = 0;
		flavours[dice_below(&dice, sizeof flavours / sizeof flavours[0])](&dice, &swarm);
		return swarm;
	}
	if (dice_below(&dice, 4) == 0) { /* a calm one: only orderings */
		swarm.crash = swarm.pause = swarm.disk_full = 0;
		swarm.nodes = 1;
		swarm.split = 0;
		swarm.latency_ms = 1 + dice_below(&dice, 40);
		swarm.dup = rate(&dice, 300);
		swarm.delay = rate(&dice, 500);
		swarm.delay_s = 1 + dice_below(&dice, 60);
		return swarm;
	}
	webhooks(&dice, &swarm);
	calls(&dice, &swarm);
	disk(seed, &swarm);
	if (swarm.sweepless) /* what the forge refuses for good is tried again by the sweep's judgement alone */
		swarm.lose = swarm.denied = 0;
	return swarm;
}

static bool tracker_is_calm(const struct swarm *s)
{
	return s->bug_latency_ms <= 40 &&
	       s->bug_fail + s->bug_limited + s->bug_late + s->bug_down + s->bug_denied + s->bug_lag + s->bug_lose == 0;
}

bool swarm_is_calm(const struct swarm *s)
{
	return (!s->trackers || tracker_is_calm(s)) && s->nodes == 1 && s->latency_ms <= 40 &&
	       s->lose + s->fail + s->limited + s->denied + s->cut + s->lost_answer + s->late_request +
			       s->lost_request + s->lag + s->crash + s->pause + s->disk_full + s->power_cut +
			       s->io_error + s->no_space + s->busy ==
		       0;
}

#define KNOB(field, least)                                                                                             \
	{                                                                                                              \
#field, offsetof(struct swarm, field), least                                                           \
	}
const struct swarm_knob swarm_knobs[] = {
	KNOB(nodes, 1),        KNOB(sweepless, 0),    KNOB(posts_max, 900),   KNOB(split, 0),
	KNOB(judges, 1),       KNOB(gates, 0),        KNOB(policies, 0),      KNOB(reanchor, 0),
	KNOB(lose, 0),         KNOB(dup, 0),          KNOB(delay, 0),         KNOB(fail, 0),
	KNOB(limited, 0),      KNOB(denied, 0),       KNOB(cut, 0),           KNOB(lost_answer, 0),
	KNOB(late_request, 0), KNOB(lost_request, 0), KNOB(lag, 0),           KNOB(crash, 0),
	KNOB(pause, 0),        KNOB(disk_full, 0),    KNOB(latency_ms, 1),    KNOB(power_cut, 0),
	KNOB(io_error, 0),     KNOB(no_space, 0),     KNOB(busy, 0),          KNOB(skew_s, 0),
	KNOB(turns, 0),        KNOB(rush_ms, 0),      KNOB(stuck, 0),         KNOB(forks, 0),
	KNOB(shared, 0),       KNOB(pages, 0),        KNOB(rights_untold, 0), KNOB(held_open, 0),
	KNOB(policy_first, 0), KNOB(same, 0),         KNOB(app, 0),           KNOB(contexts, 0),
	KNOB(trackers, 0),     KNOB(bug_tick_s, 0),   KNOB(bug_age_s, 0),     KNOB(bug_latency_ms, 1),
	KNOB(bug_fail, 0),     KNOB(bug_limited, 0),  KNOB(bug_late, 0),      KNOB(bug_down, 0),
	KNOB(bug_denied, 0),   KNOB(bug_lag, 0),      KNOB(bug_skew_s, 0),    KNOB(bug_vanish, 0),
	KNOB(bug_lose, 0),     KNOB(bug_dup, 0),      KNOB(bug_delay, 0),     KNOB(bug_unsaved, 0),
};
const size_t swarm_n_knobs = sizeof swarm_knobs / sizeof swarm_knobs[0];

/* What is not a fault: a history without deeds is none, so the shrinker leaves these alone. */
#define SHAPE(field)                                                                                                   \
	{                                                                                                              \
#field, offsetof(struct swarm, field), 0                                                               \
	}
#define WEIGHT(name, kind)                                                                                             \
	{                                                                                                              \
		"weight." name, offsetof(struct swarm, weight) + sizeof(unsigned) * (kind), 0                          \
	}
static const struct swarm_knob shapes[] = {
	SHAPE(deeds),
	SHAPE(span_s),
	SHAPE(brief),
	SHAPE(bursts),
	SHAPE(delay_s),
	SHAPE(lag_s),
	SHAPE(bug_down_s),
	SHAPE(bug_lag_s),
	SHAPE(bug_delay_s),
	WEIGHT("open", DEED_OPEN),
	WEIGHT("push", DEED_PUSH),
	WEIGHT("force_push", DEED_FORCE_PUSH),
	WEIGHT("push_back", DEED_PUSH_BACK),
	WEIGHT("approve", DEED_APPROVE),
	WEIGHT("request", DEED_REQUEST),
	WEIGHT("comment", DEED_REMARK),
	WEIGHT("dismiss", DEED_DISMISS),
	WEIGHT("role", DEED_ROLE),
	WEIGHT("team", DEED_TEAM),
	WEIGHT("policy", DEED_POLICY),
	WEIGHT("base_push", DEED_BASE_PUSH),
	WEIGHT("retarget", DEED_RETARGET),
	WEIGHT("draft", DEED_DRAFT),
	WEIGHT("ready", DEED_READY),
	WEIGHT("close", DEED_CLOSE),
	WEIGHT("reopen", DEED_REOPEN),
	WEIGHT("recheck", DEED_RECHECK),
	WEIGHT("edit", DEED_EDIT),
	WEIGHT("bug_rated", DEED_BUG_RATED),
	WEIGHT("bug_shown", DEED_BUG_SHOWN),
	WEIGHT("bug_patch", DEED_BUG_PATCH),
	WEIGHT("bug_approval", DEED_BUG_APPROVAL),
	WEIGHT("bug_dupe", DEED_BUG_DUPE),
	WEIGHT("bug_closed", DEED_BUG_CLOSED),
};

static const struct swarm_knob no_faults = {"faults", 0, 0}, no_deeds = {"weight", 0, 0};

static struct {
	const struct swarm_knob *knob;
	unsigned value;
} forced[64];
static size_t n_forced;

static void set(struct swarm *swarm, const struct swarm_knob *knob, unsigned value)
{
	*(unsigned *)(void *)((char *)swarm + knob->offset) = value;
}

static void force(struct swarm *swarm, const struct swarm_knob *knob, unsigned value)
{
	if (knob == &no_deeds)
		memset(swarm->weight, 0, sizeof swarm->weight);
	for (size_t i = 0; knob == &no_faults && i < swarm_n_knobs; i++)
		set(swarm, &swarm_knobs[i], swarm_knobs[i].off);
	if (knob != &no_deeds && knob != &no_faults)
		set(swarm, knob, value);
}

static bool called(const struct swarm_knob *knob, const char *text, size_t len)
{
	return strncmp(knob->name, text, len) == 0 && knob->name[len] == '\0';
}

static const struct swarm_knob *named(const char *text, size_t len)
{
	for (size_t i = 0; i < swarm_n_knobs; i++)
		if (called(&swarm_knobs[i], text, len))
			return &swarm_knobs[i];
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		if (called(&shapes[i], text, len))
			return &shapes[i];
	if (called(&no_faults, text, len))
		return &no_faults;
	return called(&no_deeds, text, len) ? &no_deeds : NULL;
}

bool swarm_force(const char *text)
{
	const char *mark = strchr(text, '=');
	const struct swarm_knob *knob = mark ? named(text, (size_t)(mark - text)) : NULL;
	char *end;
	unsigned long value;

	if (!knob || mark[1] < '0' || mark[1] > '9' || n_forced == sizeof forced / sizeof forced[0])
		return false;
	value = strtoul(mark + 1, &end, 10);
	if (*end != '\0' || ((knob == &no_faults || knob == &no_deeds) && value != 0))
		return false;
	forced[n_forced].knob = knob;
	forced[n_forced++].value = (unsigned)value;
	return true;
}

/* What is drawn for some histories alone changes nothing in the others: 0 unless somebody asked for it. */
static unsigned asked_for(size_t knob)
{
	unsigned most = 0;

	for (size_t i = 0; i < n_forced; i++)
		if (forced[i].knob->offset == knob && forced[i].value > most)
			most = forced[i].value;
	return most;
}

/* A history of few deeds costs a third of one of many, and what breaks in it is mostly done by three or four. */
static void brief(uint64_t seed, unsigned chance, struct swarm *s)
{
	struct dice dice = dice_of(seed, 9);

	if (!dice_permille(&dice, chance))
		return;
	s->deeds = 3 + dice_below(&dice, 6) + (asked_for(offsetof(struct swarm, trackers)) ? 3 : 0);
	s->span_s = 5 + dice_below(&dice, 20);
}

struct swarm swarm_of(uint64_t seed)
{
	struct swarm swarm = drawn(seed);

	if (asked_for(offsetof(struct swarm, trackers)))
		tracker(seed, &swarm);
	brief(seed, asked_for(offsetof(struct swarm, brief)), &swarm);
	for (size_t i = 0; i < n_forced; i++)
		force(&swarm, forced[i].knob, forced[i].value);
	if (swarm.nodes > 1) /* each would have a table of its own: one process holds state_dir, and its table */
		swarm.bug_age_s = 0;
	return swarm;
}
