/* The network: webhooks to the nodes, calls to the forge, and what goes wrong on the way. */
#include "tests/sim/sim.h"

#include <string.h>

#define COURIERS 2

static void *grown(void *at, size_t n, size_t *room, size_t size)
{
	void *more = at;

	if (n == *room) {
		*room = *room ? 2 * *room : 64;
		more = realloc(at, *room * size);
		if (!more)
			abort();
	}
	return more;
}

static bool roll(struct sim *sim, unsigned chance)
{
	return !sim->healed && dice_permille(&sim->net_dice, chance);
}

/* ---- webhooks ---- */

static int64_t way(struct sim *sim)
{
	int64_t ms = 5 + dice_below(&sim->net_dice, 30);

	return roll(sim, sim->swarm.delay) ? ms + dice_below(&sim->net_dice, sim->swarm.delay_s * 1000) : ms;
}

void net_carry(struct sim *sim, const struct parcel *parcel, int64_t way_ms)
{
	struct network *net = &sim->net;
	struct wake_port wake = fiber_group_wake(&net->couriers);

	net->parcels = grown(net->parcels, net->n_parcels, &net->room, sizeof *net->parcels);
	net->parcels[net->n_parcels] = *parcel;
	if (!parcel->guid[0])
		(void)snprintf(net->parcels[net->n_parcels].guid, sizeof parcel->guid, "guid-%u", ++net->next_guid);
	net->parcels[net->n_parcels++].due = sim_now(sim) + way_ms;
	wake.signal(wake.self, WAKE_JOURNAL);
}

static void send_off(struct sim *sim, const struct parcel *parcel)
{
	net_carry(sim, parcel, way(sim));
}

static void send_again(struct sim *sim, const struct parcel *parcel)
{
	send_off(sim, parcel);
	sim->net.parcels[sim->net.n_parcels - 1].due += 1000 + dice_below(&sim->net_dice, 4000);
}

static bool of_rights(const struct sim *sim, const struct parcel *parcel)
{
	enum deed_done kind = parcel->deed < 0 ? DEED_KINDS : sim->ghost.deeds[parcel->deed].deed.kind;

	return kind == DEED_ROLE || kind == DEED_TEAM;
}

void net_post_office(struct sim *sim, const struct parcel *sent)
{
	struct parcel parcel = *sent;

	if (!parcel.guid[0])
		(void)snprintf(parcel.guid, sizeof parcel.guid, "guid-%u", ++sim->net.next_guid);
	if (roll(sim, sim->swarm.lose) || (of_rights(sim, &parcel) && roll(sim, sim->swarm.rights_untold))) {
		sim_once(sim, SOMETIMES_HOOK_LOST);
		sim_tell(sim, "webhook %s (%.*s) is lost", parcel.guid, TEXT_ARG(parcel.event.name));
		hook_tried(sim, &parcel, false);
		return;
	}
	send_off(sim, &parcel);
	if (roll(sim, sim->swarm.dup)) {
		sim_once(sim, SOMETIMES_HOOK_DOUBLED);
		send_off(sim, &parcel);
	}
}

static bool take_due(struct sim *sim, struct parcel *ret)
{
	struct network *net = &sim->net;
	size_t next = net->n_parcels;

	for (size_t i = 0; i < net->n_parcels; i++)
		if (net->parcels[i].due <= sim_now(sim) &&
		    (next == net->n_parcels || net->parcels[i].due < net->parcels[next].due))
			next = i;
	if (next == net->n_parcels)
		return false;
	*ret = net->parcels[next];
	net->parcels[next] = net->parcels[--net->n_parcels];
	return true;
}

static int64_t next_due(const struct sim *sim)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < sim->net.n_parcels; i++)
		if (sim->net.parcels[i].due < next)
			next = sim->net.parcels[i].due;
	return next;
}

/* A push to a change's branch causes two webhooks; the one of the branch says nothing of the change. */
static bool tells(const struct sim *sim, const struct parcel *parcel)
{
	return parcel->deed >= 0 &&
	       (!text_is(parcel->event.name, "push") || sim->ghost.deeds[parcel->deed].deed.change == NOBODY);
}

static void note_acked(struct sim *sim, const struct parcel *parcel)
{
	struct network *net = &sim->net;

	net->acked = grown(net->acked, net->n_acked, &net->room_acked, sizeof *net->acked);
	(void)snprintf(net->acked[net->n_acked++].guid, sizeof net->acked->guid, "%s", parcel->guid);
	if (tells(sim, parcel))
		ghost_told(sim, parcel->deed, parcel->event.bug.id);
}

static bool of_bug(const struct parcel *parcel)
{
	return parcel->event.kind == EVENT_BUG;
}

static void deliver(struct sim *sim, const struct parcel *parcel)
{
	struct life *life = node_taker(sim, PART_RECEIVE);
	bool late = false, taken;

	for (size_t i = 0; i < sim->net.n_parcels; i++)
		late = late || sim->net.parcels[i].deed < parcel->deed;
	sim->net.delivering++;
	sim->ghost.stands = NOBODY; /* it may be in the journal, and applied, before it is answered */
	taken = life && sim->stage->deliver(sim, life, parcel);
	sim_tell(sim, "webhook %s %.*s %.*s #%lld: %s", parcel->guid, TEXT_ARG(parcel->event.name),
		 TEXT_ARG(parcel->event.action), (long long)parcel->event.change.number, taken ? "202" : "refused");
	if (!of_bug(parcel))
		hook_tried(sim, parcel, taken);
	if (!taken)
		sim_once(sim, SOMETIMES_HOOK_REFUSED);
	if (!taken && (sim->swarm.sweepless || of_bug(parcel))) /* an operator, or the tracker, delivers it again */
		send_again(sim, parcel);
	if (taken && late)
		sim_once(sim, SOMETIMES_HOOK_LATE);
	if (taken)
		note_acked(sim, parcel);
	sim->net.delivering--;
}

static bool land_due(struct sim *sim)
{
	struct network *net = &sim->net;

	for (size_t i = 0; i < net->n_landings; i++)
		if (net->landings[i].due <= sim_now(sim)) {
			struct landing landing = net->landings[i];

			net->landings[i] = net->landings[--net->n_landings];
			landing.land(sim, landing.what);
			return true;
		}
	return false;
}

static void courier(void *arg)
{
	struct sim *sim = arg;
	struct wake_port wake = fiber_group_wake(&sim->net.couriers);
	struct clock_port clock = fibers_clock(sim->fibers);
	struct parcel parcel;

	while (!sim->over) {
		int64_t next;

		ghost_tick(sim);
		if (take_due(sim, &parcel)) {
			deliver(sim, &parcel);
			continue;
		}
		next = next_due(sim);
		wake.wait(wake.self, WAKE_JOURNAL,
			  next == INT64_MAX ? next : clock.mono(clock.self) + (next - sim_now(sim)));
	}
}

/* ---- calls of the forge ---- */

static int64_t latency(struct sim *sim)
{
	return 1 + dice_below(&sim->net_dice, sim->healed && sim->swarm.latency_ms > 60 ? 60 : sim->swarm.latency_ms);
}

/* One copy that stands still is seen by every read of a while. */
static int64_t stands_still(struct sim *sim)
{
	struct network *net = &sim->net;
	int64_t now = sim_now(sim);

	if (sim->healed)
		return 0;
	if (now >= net->still_until && roll(sim, sim->swarm.lag)) {
		net->still_since = now;
		net->still_until = now + 1 + dice_below(&sim->net_dice, sim->swarm.lag_s * 1000);
	}
	return now < net->still_until ? now - net->still_since : 0;
}

int64_t net_lag(struct sim *sim)
{
	if (sim->swarm.stuck)
		return stands_still(sim);
	return roll(sim, sim->swarm.lag) ? 1 + dice_below(&sim->net_dice, sim->swarm.lag_s * 1000) : 0;
}

const struct truth *net_past(struct sim *sim, int64_t lag)
{
	int64_t at = sim_now(sim) - lag;
	size_t i = sim->n_past;

	if (lag == 0 || i == 0)
		return &sim->truth;
	while (i > 1 && sim->past[i - 1].at > at)
		i--;
	if (i < sim->n_past)
		sim_once(sim, SOMETIMES_READ_OLD);
	return &sim->past[i - 1].truth;
}

static enum err_code failed(struct hand *hand, enum err_code code, const char *what, struct err *err)
{
	ghost_call_failed(hand);
	sim_detail(hand->sim, "%s: %s", hand->owner, what);
	(void)err_set(err, code, "%s", what);
	return code;
}

static int64_t come_back(struct hand *hand)
{
	sim_once(hand->sim, SOMETIMES_CALL_LIMITED);
	return node_now(hand) + 1000 + dice_below(&hand->sim->net_dice, 20000);
}

static enum err_code limited(struct hand *hand, int64_t retry_at, struct err *err)
{
	(void)failed(hand, ERR_RETRY, "429: come back later", err);
	err->retry_at_ms = retry_at;
	return ERR_RETRY;
}

static const char *const calls[CALL_KINDS] = {
	[CALL_CHANGES] = "open changes",
	[CALL_CHANGE] = "change",
	[CALL_REVIEWS] = "reviews",
	[CALL_MOVES] = "moves",
	[CALL_PEOPLE] = "people",
	[CALL_PERMISSION] = "permission",
	[CALL_TEAM] = "team",
	[CALL_TIP] = "base tip",
	[CALL_STATUSES] = "statuses",
	[CALL_CHECKS] = "check runs",
	[CALL_POST] = "post",
	[CALL_GIT] = "fetch",
	[CALL_HOOK] = "deliveries",
};

struct net_read net_ask(struct hand *hand, enum call call)
{
	struct sim *sim = hand->sim;

	sim_detail(sim, "%s asks for %s", hand->owner, calls[call]);
	sim->step++;
	fiber_sleep(sim->fibers, latency(sim));
	if (!node_alive(hand))
		return (struct net_read){NET_DEAD, 0, 0};
	if (roll(sim, sim->swarm.limited))
		return (struct net_read){NET_LIMITED, come_back(hand), 0};
	if (roll(sim, sim->swarm.denied))
		return (struct net_read){NET_DENIED, 0, 0};
	if (roll(sim, sim->swarm.cut))
		return (struct net_read){dice_below(&sim->net_dice, 2) ? NET_GARBLED : NET_CUT, 0, 0};
	if (roll(sim, sim->swarm.fail)) {
		sim_once(sim, SOMETIMES_CALL_FAILED);
		return (struct net_read){NET_UNWELL, 0, 0};
	}
	return (struct net_read){NET_ANSWERED, 0, net_lag(sim)};
}

enum err_code net_call(struct hand *hand, enum call call, const struct truth **ret_seen, struct err *err)
{
	static const struct {
		enum err_code code;
		const char *what;
	} errors[] = {
		[NET_DEAD] = {ERR_RETRY, "dead"},
		[NET_DENIED] = {ERR_DENIED, "401: the token has expired"},
		[NET_GARBLED] = {ERR_INVALID, "the answer was cut"},
		[NET_CUT] = {ERR_RETRY, "the answer was cut"},
		[NET_UNWELL] = {ERR_RETRY, "503"},
	};
	struct net_read read = net_ask(hand, call);

	if (read.reply == NET_LIMITED)
		return limited(hand, read.retry_at, err);
	if (read.reply != NET_ANSWERED)
		return failed(hand, errors[read.reply].code, errors[read.reply].what, err);
	*ret_seen = net_past(hand->sim, read.lag);
	return ERR_OK;
}

/* What becomes of one POST of a status. */
enum net_fate net_post_fate(struct hand *hand, struct err *err)
{
	struct sim *sim = hand->sim;

	sim->step++;
	fiber_sleep(sim->fibers, latency(sim) / 2 + 1);
	if (!node_alive(hand))
		return (void)err_set(err, ERR_RETRY, "dead"), NET_NOT_SENT;
	if (roll(sim, sim->swarm.denied)) {
		sim_once(sim, SOMETIMES_POST_REFUSED);
		return (void)err_set(err, ERR_DENIED, "403"), NET_REFUSED;
	}
	if (roll(sim, sim->swarm.limited))
		return (void)limited(hand, come_back(hand), err), NET_NOT_SENT;
	if (roll(sim, sim->swarm.fail))
		return (void)err_set(err, ERR_RETRY, "connection refused"), NET_NOT_SENT;
	if (roll(sim, sim->swarm.lost_request)) {
		sim_once(sim, SOMETIMES_POST_LOST_REQUEST);
		return (void)err_set(err, ERR_RETRY, "no answer"), NET_LOST_REQUEST;
	}
	if (roll(sim, sim->swarm.late_request))
		return (void)err_set(err, ERR_RETRY, "no answer yet"), NET_LATE;
	if (roll(sim, sim->swarm.lost_answer)) {
		sim_once(sim, SOMETIMES_POST_LOST_ANSWER);
		return (void)err_set(err, ERR_RETRY, "the answer was lost"), NET_LOST_ANSWER;
	}
	return NET_DONE;
}

/* A process that was stopped may wake when its request should be dead: then nothing is sent. */
enum net_fate net_in_time(struct hand *hand, int64_t deadline_ms, enum net_fate fate, struct err *err)
{
	struct clock_port clock = fibers_clock(hand->sim->fibers);

	if (clock.mono(clock.self) < deadline_ms)
		return fate;
	(void)err_set(err, ERR_RETRY, "the deadline has passed");
	return NET_NOT_SENT;
}

struct lander {
	struct sim *sim;
	int64_t due;
};

/* Each has a fiber of its own: couriers may stand before a process that was stopped. */
static void lander(void *arg)
{
	struct lander *lander = arg;
	struct sim *sim = lander->sim;

	if (lander->due > sim_now(sim))
		fiber_sleep(sim->fibers, lander->due - sim_now(sim));
	while (!sim->over && land_due(sim))
		;
	free(lander);
}

static void lands_within(struct sim *sim, struct landing *landing, int64_t within_ms)
{
	struct lander *own = malloc(sizeof *own);

	if (!own)
		abort();
	*own = (struct lander){sim, sim_now(sim) + 1 + dice_below(&sim->net_dice, (uint32_t)within_ms - 1)};
	landing->due = own->due;
	landing->held = NULL;
	fibers_add(sim->fibers, "landing", lander, own);
}

/* A request lives until its deadline and for a grace after it, and no longer: a client that runs cuts it there. Where
 * the process stands still, it is cut later. */
void net_land_later(struct sim *sim, struct hand *hand, const struct landing *landing, int64_t within_ms)
{
	struct network *net = &sim->net;
	struct landing *own;

	if (net->n_landings == sizeof net->landings / sizeof net->landings[0]) { /* the oldest goes first */
		struct landing oldest = net->landings[0];

		net->landings[0] = net->landings[--net->n_landings];
		oldest.land(sim, oldest.what);
	}
	own = &net->landings[net->n_landings++];
	*own = *landing;
	if (sim->swarm.nodes == 1 && roll(sim, sim->swarm.held_open))
		*own = (struct landing){INT64_MAX, landing->place, landing->land, landing->what, hand};
	else
		lands_within(sim, own, within_ms);
}

static struct landing *held_by(struct sim *sim, const struct hand *hand)
{
	for (size_t i = 0; i < sim->net.n_landings; i++)
		if (sim->net.landings[i].held == hand)
			return &sim->net.landings[i];
	return NULL;
}

/* Until the deadline, or for as long as the process stands still. */
void net_wait_in_vain(struct hand *hand, int64_t deadline_ms)
{
	struct sim *sim = hand->sim;
	struct clock_port clock = fibers_clock(sim->fibers);
	int64_t left = deadline_ms - clock.mono(clock.self);
	struct landing *held;

	hand->waiting = true;
	fiber_sleep(sim->fibers, left > 1 ? 1 + dice_below(&sim->net_dice, (uint32_t)left) : 1);
	if (held_by(sim, hand))
		(void)node_alive(hand);
	held = held_by(sim, hand);
	if (held)
		lands_within(sim, held, SIM_GRACE_MS);
	hand->waiting = false;
}

bool net_idle(struct sim *sim)
{
	return sim->net.n_parcels == 0 && sim->net.n_landings == 0 && hook_idle(sim);
}

void net_begin(struct sim *sim)
{
	sim->net.couriers.fibers = sim->fibers;
	for (int i = 0; i < COURIERS; i++)
		fibers_add(sim->fibers, "courier", courier, sim);
}

void net_end(struct sim *sim)
{
	for (size_t i = 0; i < sim->net.n_landings; i++)
		free(sim->net.landings[i].what);
	free(sim->net.parcels);
	free(sim->net.acked);
	hook_end(sim);
}
