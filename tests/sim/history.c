/*
 * One history: people act while faults happen; then the faults stop and everything settles; then those who may approve
 * what is open, and it settles again; then nothing more may be posted.
 */
#include "tests/sim/sim.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/oracle.h"

#define SETTLE_MOST_MS 1800000
#define SILENCE_MS     40000 /* with a sweep in it */
#define SHORTLY_MS     5000
#define SWITCHES_MAX   20000000
#define DATED_MS       150000 /* after a head came: longer than any copy may lag, with the pauses between attempts */

int64_t sim_now(const struct sim *sim)
{
	struct clock_port clock = fibers_clock(sim->fibers);

	return clock.wall(clock.self);
}

static void print(struct sim *sim, const char *format, va_list args)
{
	int64_t ms = sim_now(sim) - SIM_START_MS;

	(void)fprintf(sim->trace, "%6lld.%03lld  ", (long long)ms / 1000, (long long)ms % 1000);
	(void)vfprintf(sim->trace, format, args);
	(void)fputc('\n', sim->trace);
}

void sim_tell(struct sim *sim, const char *format, ...)
{
	va_list args;

	if (!sim->trace)
		return;
	va_start(args, format);
	print(sim, format, args);
	va_end(args);
}

void sim_detail(struct sim *sim, const char *format, ...)
{
	va_list args;

	if (!sim->trace || !sim->details)
		return;
	va_start(args, format);
	print(sim, format, args);
	va_end(args);
}

void sim_break(struct sim *sim, const char *format, ...)
{
	va_list args;

	if (sim->broken[0])
		return;
	va_start(args, format);
	(void)vsnprintf(sim->broken, sizeof sim->broken, format, args);
	va_end(args);
	sim_tell(sim, "BROKEN %s", sim->broken);
	sim->over = true;
	fibers_stop(sim->fibers);
}

void sim_once(struct sim *sim, enum sometimes what)
{
	if (sim->sometimes)
		sim->sometimes->at[what]++;
}

static void remember(struct sim *sim)
{
	if (sim->n_past == SIM_PAST) { /* the older half is older than any replica lags */
		memmove(sim->past, sim->past + SIM_PAST / 2, SIM_PAST / 2 * sizeof *sim->past);
		sim->n_past = SIM_PAST / 2;
	}
	sim->past[sim->n_past].at = sim_now(sim);
	sim->past[sim->n_past++].truth = sim->truth;
}

bool sim_do(struct sim *sim, const struct deed *deed)
{
	char line[160];
	int number;

	sim->step++;
	if (!truth_do(&sim->truth, deed, sim_now(sim)))
		return false;
	play_tell(deed, line, sizeof line);
	sim_tell(sim, "%s", line);
	number = ghost_deed(sim, deed);
	remember(sim);
	if (truth_at_tracker(deed->kind))
		tracker_perform(sim, deed, number);
	else
		sim->stage->perform(sim, deed, number);
	return true;
}

/* ---- the phases ---- */

static void act(struct sim *sim)
{
	struct deed deed;

	for (unsigned i = 0; i < sim->plan.n && !sim->over; i++) {
		int64_t at = SIM_START_MS + sim->plan.acts[i].at;

		if (at > sim_now(sim))
			fiber_sleep(sim->fibers, at - sim_now(sim));
		if (sim->over || !play_resolve(&sim->truth, &sim->swarm, &sim->plan.acts[i], &deed))
			continue;
		if (deed.kind == DEED_RENAME && sim->stage->by_name && sim->swarm.sweepless)
			continue;
		if (deed.kind == DEED_MERGE && !gate_lets_merge(sim, deed.before))
			continue;
		(void)sim_do(sim, &deed);
	}
}

/* What no webhook of the tracker told is found by a poll; a bug that we are not shown any more by the next judgement,
 * and if the table's word for it counts, when that is too old. */
static bool tracker_told(const struct sim *sim)
{
	int64_t untold = sim->swarm.trackers ? ghost_bugs_untold(sim) : 0,
		hidden = sim->swarm.bug_age_s > 0 ? ghost_bug_hidden_untold(sim) : 0,
		old = hidden + (int64_t)sim->swarm.bug_age_s * 1000 + 2 * SIM_SWEEP_MS;

	return (hidden == 0 || sim_now(sim) >= old) &&
	       (untold == 0 || tracker_polled(sim, untold > sim->healed_at ? untold : sim->healed_at));
}

static bool nothing_owed(struct sim *sim)
{
	struct store store = {
		.exec = sim->stage->exec(sim), .limits = STORE_LIMITS_DEFAULT, .context = TEXT_LIT(SIM_CONTEXT)};
	struct store_counts counts;
	struct err err = ERR_NONE;

	if (!store_counts(&store, &counts, &err)) {
		sim_break(sim, "the store cannot be read: %s", err.text);
		return true;
	}
	return tracker_told(sim) && net_idle(sim) && counts.waiting == 0 &&
	       (counts.subjects_due == 0 || counts.subjects_due == ghost_idly_owed(sim)) && counts.slots_due == 0 &&
	       counts.in_doubt == 0;
}

static const char *what_is_owed(struct sim *sim)
{
	struct store store = {
		.exec = sim->stage->exec(sim), .limits = STORE_LIMITS_DEFAULT, .context = TEXT_LIT(SIM_CONTEXT)};
	struct store_counts counts = {0};
	struct err err = ERR_NONE;

	(void)store_counts(&store, &counts, &err);
	return !tracker_told(sim)    ? "what the tracker did not tell"
	       : !net_idle(sim)      ? "something is on its way"
	       : counts.waiting      ? "the journal waits"
	       : counts.subjects_due ? "a commit is to be judged"
	       : counts.slots_due    ? "a status is to be sent"
				     : "a status is in doubt";
}

/* Until nothing is owed, and at least that long. */
static void settle(struct sim *sim, int64_t least_ms)
{
	int64_t began = sim_now(sim);

	while (!sim->over) {
		int64_t took = sim_now(sim) - began;

		if (took > least_ms && nothing_owed(sim))
			return;
		if (took > SETTLE_MOST_MS) {
			sim_break(sim, "I4: it does not settle: %s", what_is_owed(sim));
			return;
		}
		fiber_sleep(sim->fibers, 2000);
	}
}

static void heal(struct sim *sim)
{
	sim->healed = true;
	sim->healed_at = sim_now(sim);
	sim_tell(sim, "the faults stop");
	node_heal(sim);
	settle(sim, 2 * SIM_SWEEP_MS + SHORTLY_MS);
	if (!sim->over)
		ghost_settled(sim, false);
}

static bool approve(struct sim *sim, int change, int who)
{
	struct deed deed = {.kind = DEED_APPROVE,
			    .who = who,
			    .change = change,
			    .commit = sim->truth.changes[change].head,
			    .review = sim->truth.n_reviews,
			    .branch = NOBODY,
			    .subject = NOBODY,
			    .policy = NOBODY,
			    .before = NOBODY};

	return sim->truth.n_reviews < TRUTH_REVIEWS && sim_do(sim, &deed);
}

/* A change opened again, whose head no webhook told of: the head is dated by its opening then. */
static bool reopened(const struct sim *sim, int change)
{
	for (size_t i = 0; i < sim->ghost.n_deeds; i++)
		if (sim->ghost.deeds[i].deed.kind == DEED_REOPEN && sim->ghost.deeds[i].deed.change == change)
			return true;
	return false;
}

static bool all_is_told_at_once(const struct swarm *swarm)
{
	return swarm_is_calm(swarm) && swarm->delay == 0 && swarm->dup == 0;
}

/*
 * Where the forge's whole seconds do not tell that an approval came after the head, the product is more careful than
 * the truth, and the approval must be given again: in the second of the head's arrival; or at any time when another
 * head of this change came in that second. The head is dated then by the first answer that shows it, and where nothing
 * goes wrong that answer was had long before somebody approves minutes later.
 */
static bool tied(const struct sim *sim, int change, int who)
{
	const struct truth *truth = &sim->truth;
	const struct truth_change *c = &truth->changes[change];
	int64_t arrived = show_seconds(truth_arrival(c, c->head));
	bool again = reopened(sim, change), any = again;

	for (int i = 0; i < c->n_moves; i++)
		any = any || (c->moves[i].to != c->head && show_seconds(c->moves[i].at) == arrived);
	for (int i = 0; i < truth->n_reviews; i++) {
		const struct truth_review *r = &truth->reviews[i];

		if (!again && r->at - arrived > DATED_MS && all_is_told_at_once(&sim->swarm))
			continue;
		if (r->change == change && r->by == who && r->sha == c->head && (any || show_seconds(r->at) == arrived))
			return true;
	}
	return false;
}

/* Two words of one person in one second: which was the last is not told. */
static bool contradicts_itself(const struct truth *truth, int change, int who)
{
	for (int i = 0; i < truth->n_reviews; i++)
		for (int k = 0; k < i; k++) {
			const struct truth_review *a = &truth->reviews[i], *b = &truth->reviews[k];

			if (a->change == change && b->change == change && a->by == who && b->by == who &&
			    a->state != SAID_COMMENTED && b->state != SAID_COMMENTED &&
			    show_seconds(a->at) == show_seconds(b->at))
				return true;
		}
	return false;
}

static void say_again(struct sim *sim)
{
	for (int i = 0; i < TRUTH_CHANGES && !sim->over; i++)
		for (int who = 0; who < TRUTH_PEOPLE && !sim->over; who++)
			if (sim->truth.changes[i].open &&
			    (tied(sim, i, who) || contradicts_itself(&sim->truth, i, who))) {
				fiber_sleep(sim->fibers, 1500);
				(void)approve(sim, i, who);
			}
}

static bool at_tracker(struct sim *sim, enum deed_done kind, int bug, int patch, int role)
{
	struct deed deed = {.kind = kind,
			    .who = 3,
			    .change = NOBODY,
			    .commit = NOBODY,
			    .review = NOBODY,
			    .branch = NOBODY,
			    .subject = NOBODY,
			    .policy = NOBODY,
			    .before = NOBODY,
			    .bug = bug,
			    .patch = patch,
			    .other = NOBODY,
			    .role = role};

	return sim_do(sim, &deed);
}

/* A patch that is current gets its approval; one that cannot, by now, leaves the bug as it is. */
static void clear_bug(struct sim *sim, int bug)
{
	const struct truth_bug *is = &sim->truth.bugs[bug];

	if (is->shown == SHOWN_TO_OTHERS)
		(void)at_tracker(sim, DEED_BUG_SHOWN, bug, NOBODY, SHOWN_TO_GROUP);
	for (int i = 0; i < TRUTH_PATCHES && !sim->over; i++) {
		if (!is->patches[i].used)
			(void)at_tracker(sim, DEED_BUG_PATCH, bug, i, 0);
		if (!is->patches[i].obsolete && is->patches[i].approval != '+') {
			fiber_sleep(sim->fibers, 700);
			(void)at_tracker(sim, DEED_BUG_APPROVAL, bug, i, '+');
		}
	}
}

/* In half of the histories all that is named is cleared; in the others what bugs hold back stays so. */
static void clear_bugs(struct sim *sim)
{
	unsigned named = 0;

	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (sim->truth.changes[i].open && sim->seed % 2)
			named |= truth_bugs_named(&sim->truth, &sim->truth.changes[i]);
	for (int i = 0; i < TRUTH_BUGS && !sim->over; i++)
		if (named >> i & 1)
			clear_bug(sim, i);
}

/* Everybody whose word may count looks at what is open. */
static void cure(struct sim *sim)
{
	say_again(sim);
	for (int i = 0; i < TRUTH_CHANGES && !sim->over; i++)
		for (int who = 0; who < TRUTH_PEOPLE && !sim->over; who++) {
			if (!sim->truth.changes[i].open ||
			    oracle_allows(&sim->truth, sim->truth.changes[i].head, ORACLE_OWN) ||
			    !oracle_could_count(&sim->truth, i, who))
				continue;
			fiber_sleep(sim->fibers, 1500);
			(void)approve(sim, i, who);
		}
	if (sim->swarm.trackers)
		clear_bugs(sim);
	settle(sim, SHORTLY_MS);
	if (!sim->over)
		ghost_settled(sim, true);
}

/* Who reads a bug for the first time, or knew it otherwise, may take back for a moment what stands on it: when the
 * answer is there, and the question may be older than the silence. Each process has a table of its own. */
static bool tells_anew(const struct sim *sim, int64_t since)
{
	return sim->swarm.trackers && sim->bugzilla.news_at >= since;
}

static void silence(struct sim *sim)
{
	unsigned before = sim->ghost.ours;
	int64_t began = sim_now(sim);

	fiber_sleep(sim->fibers, SILENCE_MS);
	if (sim->ghost.ours != before && !tells_anew(sim, began))
		sim_break(sim, "I4: %u statuses were posted after everything had settled", sim->ghost.ours - before);
}

static void play(void *arg)
{
	struct sim *sim = arg;
	struct wake_port wake = fiber_group_wake(&sim->net.couriers);

	act(sim);
	if (!sim->over)
		fiber_sleep(sim->fibers, dice_below(&sim->gate_dice, 30000));
	if (!sim->over)
		heal(sim);
	if (!sim->over)
		cure(sim);
	if (!sim->over)
		silence(sim);
	if (!sim->over)
		ghost_audit(sim);
	sim->over = true;
	fibers_stop(sim->fibers);
	wake.signal(wake.self, WAKE_JOURNAL);
}

/* ---- from a seed to a result ---- */

static int first_policy(const struct sim *sim)
{
	if (sim->stage->bare)
		return NOBODY;
	if (sim->swarm.trackers && sim->swarm.policy_first == 0)
		return oracle_policies() + oracle_policies_with_contexts() +
		       (int)(sim->seed % (unsigned)oracle_policies_with_bugs());
	if (sim->swarm.contexts && sim->swarm.policy_first == 0)
		return oracle_policies() + (int)(sim->seed % (unsigned)oracle_policies_with_contexts());
	return (int)(sim->swarm.policy_first % ((unsigned)oracle_policies() + 1)) - 1;
}

static void begin(struct sim *sim, const struct sim_order *order, struct sometimes_counts *counts)
{
	*sim = (struct sim){.seed = order->seed,
			    .swarm = order->swarm,
			    .plan = order->plan,
			    .stage = order->stage,
			    .sometimes = counts,
			    .trace = order->trace,
			    .details = order->details};
	if (!order->stage->crashed) /* a store in memory has no disk */
		sim->swarm.power_cut = sim->swarm.io_error = sim->swarm.no_space = sim->swarm.busy = 0;
	else
		sim->swarm.trackers = 0; /* no forge there whose commits name bugs */
	sim->fibers = fibers_new(order->seed, SIM_START_MS);
	sim->log = (struct log){STDERR_FILENO, LOG_LOGFMT, LOG_DEBUG_LEVEL, fibers_clock(sim->fibers), NULL};
	sim->net_dice = dice_of(order->seed, 3);
	sim->fate_dice = dice_of(order->seed, 4);
	sim->gate_dice = dice_of(order->seed, 5);
	sim->past = malloc(SIM_PAST * sizeof *sim->past);
	if (!sim->past)
		abort();
	truth_begin(&sim->truth, first_policy(sim), SIM_START_MS);
	ghost_begin(sim);
	remember(sim);
	if (!sim->stage->begin(sim))
		abort();
	net_begin(sim);
	tracker_begin(sim);
	node_begin(sim);
	gate_begin(sim);
	fibers_add(sim->fibers, "play", play, sim);
}

void sim_run(const struct sim_order *order, struct sometimes_counts *counts, struct sim_result *ret)
{
	struct sim *sim = malloc(sizeof *sim);

	if (!sim)
		abort();
	begin(sim, order, counts);
	if (!fibers_run(sim->fibers, SWITCHES_MAX))
		sim_break(sim, "the history does not end");
	*ret = (struct sim_result){.hash = fibers_schedule_hash(sim->fibers),
				   .steps = sim->step,
				   .virtual_ms = sim_now(sim) - SIM_START_MS};
	(void)snprintf(ret->broken, sizeof ret->broken, "%s", sim->broken);
	if (fibers_alive(sim->fibers) > 0)
		abort(); /* fibers that never return would leak into the next history */
	net_end(sim);
	node_end(sim);
	sim->stage->end(sim);
	ghost_end(sim);
	fibers_free(sim->fibers);
	free(sim->past);
	free(sim);
}
