/*
 * The tracker of a simulated history (knob `trackers`, broad): a port over the truth. Single bugs are read from the
 * main database, lists and batches from a copy that may lag; it may be slow, be down for a while, ask to come back
 * later, refuse our key until an operator gives every process another one. Its webhooks get lost, come twice, late and
 * in any order; what nobody took is sent again.
 */
#include "tests/sim/sim.h"

#include <string.h>

#include "tests/sim/broad_inner.h"

#define PAGE    2 /* entries of a page */
#define POLL_MS 120000

struct tracked { /* what one process has of it */
	struct bug_table *table;
	struct bug_table *file; /* as it was when it was saved last */
	struct bug_source sources[PARTS];
	struct bug_sources all[PARTS];
	struct bugs_worker worker;
	bool refused;             /* its key; as the gate of a process does, it asks no more */
	int64_t last[TRUTH_BUGS]; /* of each as it was read last: when it had changed, plus 1; 0: it never was */
};

static const struct text name = {"bmo", 3}, rated = {"sec-high", 8}, group = {"core-security", 13},
			 approval = {"sec-approval", 12};

static bool roll(struct sim *sim, unsigned chance)
{
	return !sim->healed && dice_permille(&sim->bugzilla.dice, chance);
}

/* ---- one question ---- */

static int64_t wait_ms(struct sim *sim)
{
	uint32_t most = sim->healed && sim->swarm.bug_latency_ms > 60 ? 60 : sim->swarm.bug_latency_ms;
	int64_t ms = 1 + dice_below(&sim->bugzilla.dice, most);

	return roll(sim, sim->swarm.bug_late) ? ms + dice_below(&sim->bugzilla.dice, 25000) : ms;
}

static bool is_down(struct sim *sim)
{
	struct bugzilla *bugzilla = &sim->bugzilla;

	if (sim_now(sim) >= bugzilla->down_until && roll(sim, sim->swarm.bug_down)) {
		bugzilla->down_until = sim_now(sim) + 1000 + dice_below(&bugzilla->dice, sim->swarm.bug_down_s * 1000);
		sim_tell(sim, "the tracker goes down");
	}
	return !sim->healed && sim_now(sim) < bugzilla->down_until;
}

static bool refuses(struct hand *hand)
{
	struct sim *sim = hand->sim;
	struct bugzilla *bugzilla = &sim->bugzilla;

	if (sim_now(sim) >= bugzilla->refused_until && roll(sim, sim->swarm.bug_denied))
		bugzilla->refused_until = sim_now(sim) + 5000 + dice_below(&bugzilla->dice, 60000);
	if (sim->healed || sim_now(sim) >= bugzilla->refused_until)
		return false;
	hand->life->tracked->refused = true;
	sim_once(sim, SOMETIMES_BUG_KEY_REFUSED);
	sim_tell(sim, "the tracker refuses the key of node %u", hand->life->node->index);
	return true;
}

static enum err_code later(struct hand *hand, struct err *err)
{
	(void)broad_say(err, ERR_RETRY, "the tracker asks to come back later");
	err->retry_at_ms = node_now(hand) + 1000 + dice_below(&hand->sim->bugzilla.dice, 20000);
	return ERR_RETRY;
}

/* The way there, and what meets it. */
static enum err_code reach(struct hand *hand, const char *what, struct err *err)
{
	struct sim *sim = hand->sim;

	if (hand->life->tracked->refused)
		return broad_say(err, ERR_DENIED, "the tracker refused our key");
	sim_detail(sim, "%s asks the tracker for %s", hand->owner, what);
	sim->step++;
	fiber_sleep(sim->fibers, wait_ms(sim));
	if (!node_alive(hand) || is_down(sim))
		return broad_say(err, ERR_RETRY, "the tracker does not answer");
	if (refuses(hand))
		return broad_say(err, ERR_DENIED, "the tracker refused our key");
	if (roll(sim, sim->swarm.bug_limited))
		return later(hand, err);
	if (roll(sim, sim->swarm.bug_fail))
		return broad_say(err, dice_below(&sim->bugzilla.dice, 2) ? ERR_RETRY : ERR_INVALID, "half an answer");
	return ERR_OK;
}

static enum err_code ask(struct hand *hand, const char *what, struct err *err)
{
	enum err_code code = reach(hand, what, err);

	if (code != ERR_OK && hand->part != PART_BUGS)
		sim_once(hand->sim, SOMETIMES_BUG_UNREAD);
	return code;
}

/* The way back of an answer that was made. */
static bool comes_back(struct hand *hand)
{
	fiber_sleep(hand->sim->fibers, wait_ms(hand->sim));
	return node_alive(hand);
}

static const struct truth *copy(struct hand *hand)
{
	struct sim *sim = hand->sim;
	int64_t lag =
		roll(sim, sim->swarm.bug_lag) ? 1 + dice_below(&sim->bugzilla.dice, sim->swarm.bug_lag_s * 1000) : 0;
	const struct truth *seen = net_past(sim, lag);

	for (int i = 0; i < TRUTH_BUGS; i++)
		if (seen->bugs[i].changed_at != sim->truth.bugs[i].changed_at) {
			sim_once(sim, SOMETIMES_BUG_LAGGED);
			break;
		}
	return seen;
}

/* ---- what is news to a process ---- */

#define BY_A_LIST (-1) /* no list tells whether it is approved */

/* Who keeps the table tells of what it reads for the first time; and any judge of what this process knew otherwise. */
static void note_news(struct hand *hand, int bug, int64_t changed_at)
{
	int64_t *last = &hand->life->tracked->last[bug];

	if (hand->part == PART_BUGS || (*last != 0 && *last != changed_at + 1))
		hand->sim->bugzilla.news_at = sim_now(hand->sim);
	*last = changed_at + 1;
}

/* A list tells of what is one with a bug, too, and that is taken back before it is read. */
static void note_listed(struct hand *hand, const struct truth *seen, int bug)
{
	int64_t *last = &hand->life->tracked->last[bug];

	if (*last == seen->bugs[bug].changed_at + 1)
		return;
	if (hand->part == PART_BUGS)
		hand->sim->bugzilla.news_at = sim_now(hand->sim);
	*last = BY_A_LIST;
}

/* ---- what it says of a bug ---- */

static int64_t its_clock(const struct sim *sim, int64_t at)
{
	return at + (int64_t)sim->swarm.bug_skew_s * 1000;
}

static void put_patches(const struct truth_bug *from, struct bug *to, struct arena *arena)
{
	struct bug_attachment *at = arena_alloc(arena, TRUTH_PATCHES, sizeof *at);
	struct bug_flag *flags = arena_alloc(arena, TRUTH_PATCHES, sizeof *flags);

	to->attachments = at;
	for (int i = 0; i < TRUTH_PATCHES; i++) {
		flags[i] = (struct bug_flag){
			.name = approval, .status = (enum bug_flag_status)from->patches[i].approval, .setter = 9};
		if (from->patches[i].used)
			at[to->n_attachments++] = (struct bug_attachment){.id = i + 1,
									  .obsolete = from->patches[i].obsolete,
									  .patch = true,
									  .flags = &flags[i],
									  .n_flags = flags[i].status != 0};
	}
}

static void put_duplicates(const struct truth *t, int bug, struct bug *to, struct arena *arena)
{
	int64_t *at = arena_alloc(arena, TRUTH_BUGS, sizeof *at);

	to->dupe_of = t->bugs[bug].dupe_of == NOBODY ? 0 : show_bug(t->bugs[bug].dupe_of);
	to->duplicates = at;
	for (int i = 0; i < TRUTH_BUGS; i++)
		if (t->bugs[i].dupe_of == bug)
			at[to->n_duplicates++] = show_bug(i);
}

/* For an account that is in the group. */
static struct bug shown(const struct truth *t, int bug, struct arena *arena)
{
	const struct truth_bug *from = &t->bugs[bug];
	struct bug ret = {.tracker = name,
			  .id = show_bug(bug),
			  .state = BUG_READ,
			  .secure = from->shown == SHOWN_TO_ALL ? TRI_NO : TRI_YES,
			  .open = from->resolved ? TRI_NO : TRI_YES,
			  .resolution = from->resolved ? TEXT_LIT("FIXED") : TEXT_EMPTY,
			  .keywords = &rated,
			  .n_keywords = from->rated,
			  .groups = &group,
			  .n_groups = from->shown != SHOWN_TO_ALL};

	if (from->shown == SHOWN_TO_OTHERS)
		return (struct bug){.tracker = name, .id = show_bug(bug), .state = BUG_HIDDEN, .secure = TRI_YES};
	put_patches(from, &ret, arena);
	put_duplicates(t, bug, &ret, arena);
	return ret;
}

/* Some trackers say of what they hide that it is not there. Whoever never saw the bug cannot know. */
static void perhaps_vanishes(struct sim *sim, int bug, struct bug *is)
{
	if (is->state == BUG_READ)
		sim->bugzilla.rated[bug] = is->secure == TRI_YES || is->n_keywords > 0;
	if (is->state != BUG_HIDDEN || !sim->swarm.bug_vanish || !sim->bugzilla.rated[bug])
		return;
	is->state = BUG_MISSING;
	is->secure = TRI_UNKNOWN;
	sim_once(sim, SOMETIMES_BUG_VANISHED);
}

static enum err_code bug(void *self, const struct tracker_call *call, int64_t id, const struct tracker_wanted *wanted,
			 struct tracker_bug *out, struct err *err)
{
	struct hand *hand = self;
	struct sim *sim = hand->sim;
	int64_t began = node_now(hand);
	enum err_code code = ask(hand, "a bug", err);
	int which = show_bug_of(id);
	int64_t changed_at = which == NOBODY ? 0 : sim->truth.bugs[which].changed_at;

	(void)wanted;
	if (code != ERR_OK)
		return code;
	*out = (struct tracker_bug){.is = {.tracker = name, .id = id, .state = BUG_MISSING},
				    .changed_at = WHEN_UNKNOWN,
				    .answered_at = show_seconds(its_clock(sim, sim_now(sim))),
				    .duplicates_told = true,
				    .attachments_told = true};
	if (which != NOBODY) {
		out->is = shown(&sim->truth, which, call->arena);
		out->changed_at = show_seconds(its_clock(sim, changed_at));
	}
	out->is.as_of = began;
	sim_detail(sim, "%s: bug %lld is %s%s", hand->owner, (long long)id,
		   out->is.state != BUG_READ ? "not shown" : "shown", out->is.n_keywords ? ", and rated" : "");
	if (!comes_back(hand))
		return broad_say(err, ERR_RETRY, "the answer was lost");
	if (which != NOBODY)
		perhaps_vanishes(sim, which, &out->is);
	if (which != NOBODY)
		note_news(hand, which, changed_at);
	if (hand->part != PART_BUGS)
		sim->bugzilla.read_step = sim->step;
	return ERR_OK;
}

/* As a list has it: without attachments and flags. */
static struct tracker_bug hint(struct hand *hand, const struct truth *t, int64_t id, int64_t as_of, struct arena *arena)
{
	struct tracker_bug ret = {.is = {.tracker = name, .id = id, .state = BUG_MISSING}, .duplicates_told = true};
	int which = show_bug_of(id);

	if (which != NOBODY) {
		ret.is = shown(t, which, arena);
		note_listed(hand, t, which);
	}
	ret.is.unread |= BUG_FLAGS | BUG_ATTACHMENTS;
	ret.is.n_attachments = 0;
	ret.is.as_of = as_of;
	return ret;
}

static enum err_code hints(void *self, const struct tracker_call *call, const struct tracker_ids *ids,
			   struct tracker_bugs *out, struct err *err)
{
	struct hand *hand = self;
	struct tracker_bug *at = arena_alloc(call->arena, ids->n + 1, sizeof *at);
	int64_t began = node_now(hand);
	enum err_code code = ask(hand, "several bugs", err);
	const struct truth *t;

	if (code != ERR_OK)
		return code;
	t = copy(hand);
	for (size_t i = 0; i < ids->n; i++)
		at[i] = hint(hand, t, ids->at[i], began, call->arena);
	*out = (struct tracker_bugs){at, ids->n};
	return comes_back(hand) ? ERR_OK : broad_say(err, ERR_RETRY, "the answer was lost");
}

static void copy_table(struct bug_table *into, struct bug_table *from)
{
	(void)bug_table_merge(into, from);
	bug_table_date(into, bug_table_dated(from));
}

static void save(struct hand *hand)
{
	struct bugzilla *bugzilla = &hand->sim->bugzilla;

	copy_table(hand->life->tracked->file, hand->life->tracked->table);
	memcpy(bugzilla->saved, bugzilla->rated, sizeof bugzilla->saved);
}

/* ---- lists ---- */

typedef bool belongs(const struct sim *sim, const struct truth_bug *bug, int64_t since);

static bool has_changed(const struct sim *sim, const struct truth_bug *bug, int64_t since)
{
	return bug->shown != SHOWN_TO_OTHERS && show_seconds(its_clock(sim, bug->changed_at)) >= since;
}

static bool is_secure(const struct sim *sim, const struct truth_bug *bug, int64_t since)
{
	(void)sim, (void)since;
	return bug->shown == SHOWN_TO_GROUP || (bug->shown == SHOWN_TO_ALL && bug->rated);
}

struct page {
	const struct truth *seen;
	int bugs[PAGE];
	size_t n;
};

static enum err_code turn(struct hand *hand, belongs *in, struct tracker_walk *walk, struct page *ret, struct err *err)
{
	enum err_code code = ask(hand, "a list", err);

	if (code != ERR_OK)
		return code;
	*ret = (struct page){.seen = copy(hand)};
	for (int i = 0; i < TRUTH_BUGS && ret->n < PAGE; i++)
		if (show_bug(i) > walk->after && ret->seen->bugs[i].changed_at > 0 &&
		    in(hand->sim, &ret->seen->bugs[i], walk->since))
			ret->bugs[ret->n++] = i;
	walk->done = ret->n < PAGE;
	if (ret->n > 0)
		walk->after = show_bug(ret->bugs[ret->n - 1]);
	return ERR_OK;
}

static enum err_code changed_since(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				   struct tracker_bugs *out, struct err *err)
{
	struct hand *hand = self;
	struct tracker_bug *at = arena_alloc(call->arena, PAGE, sizeof *at);
	int64_t began = node_now(hand);
	struct page page;
	enum err_code code = turn(hand, has_changed, walk, &page, err);

	if (code != ERR_OK)
		return code;
	for (size_t i = 0; i < page.n; i++) {
		at[i] = hint(hand, page.seen, show_bug(page.bugs[i]), began, call->arena);
		if (ghost_bug_untold(hand->sim, page.bugs[i]))
			sim_once(hand->sim, SOMETIMES_BUG_POLLED);
	}
	*out = (struct tracker_bugs){at, page.n};
	return comes_back(hand) ? ERR_OK : broad_say(err, ERR_RETRY, "the answer was lost");
}

static enum err_code secure_ids(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				struct tracker_ids *out, struct err *err)
{
	struct hand *hand = self;
	int64_t *at = arena_alloc(call->arena, PAGE, sizeof *at);
	struct page page;
	enum err_code code = turn(hand, is_secure, walk, &page, err);

	if (code != ERR_OK)
		return code;
	for (size_t i = 0; i < page.n; i++) {
		at[i] = show_bug(page.bugs[i]);
		note_listed(hand, page.seen, page.bugs[i]);
	}
	*out = (struct tracker_ids){at, page.n};
	return comes_back(hand) ? ERR_OK : broad_say(err, ERR_RETRY, "the answer was lost");
}

static enum err_code whoami(void *self, const struct tracker_call *call, struct tracker_self *out, struct err *err)
{
	(void)call;
	*out = (struct tracker_self){9, TRI_YES, TRI_YES, TRI_YES, 0};
	return ask(self, "what our account may do", err);
}

static enum err_code db_time(void *self, const struct tracker_call *call, int64_t *out, struct err *err)
{
	struct hand *hand = self;
	enum err_code code;

	(void)call;
	save(hand);
	code = ask(hand, "the time", err);
	*out = its_clock(hand->sim, sim_now(hand->sim));
	return code == ERR_OK && !comes_back(hand) ? broad_say(err, ERR_RETRY, "the answer was lost") : code;
}

/* ---- its webhooks ---- */

static struct event told_of(int bug, int64_t at)
{
	struct event event = {.kind = EVENT_BUG,
			      .name = TEXT_LIT("bug"),
			      .action = TEXT_LIT("modify"),
			      .pushed_at = WHEN_UNKNOWN,
			      .change = {.updated_at = WHEN_UNKNOWN},
			      .review = {.submitted_at = WHEN_UNKNOWN},
			      .comment = {.created_at = WHEN_UNKNOWN},
			      .status = {.created_at = WHEN_UNKNOWN}};

	event.bug.tracker = name;
	event.bug.id = show_bug(bug);
	event.bug.touched = BUG_TOUCHED_ALL;
	event.bug.at = at;
	return event;
}

static int64_t way(struct sim *sim)
{
	int64_t ms = 5 + dice_below(&sim->bugzilla.dice, 30);

	if (roll(sim, sim->swarm.bug_delay))
		ms += dice_below(&sim->bugzilla.dice, sim->swarm.bug_delay_s * 1000);
	if (ms > 5000)
		sim_once(sim, SOMETIMES_BUG_HOOK_LATE);
	return ms;
}

static void tell_of(struct sim *sim, int bug, int number)
{
	struct parcel parcel = {.deed = number, .event = told_of(bug, its_clock(sim, sim_now(sim)))};
	bool hides = sim->truth.bugs[bug].shown == SHOWN_TO_OTHERS; /* no list shows it: a sweep must */

	if (roll(sim, sim->swarm.bug_lose) && !(hides && sim->swarm.sweepless)) {
		sim_once(sim, SOMETIMES_BUG_HOOK_LOST);
		sim_tell(sim, "the tracker's webhook of bug %lld is lost", (long long)show_bug(bug));
		return;
	}
	net_carry(sim, &parcel, way(sim));
	if (roll(sim, sim->swarm.bug_dup)) /* each with an id of its own: it sends none */
		net_carry(sim, &parcel, way(sim));
}

void tracker_perform(struct sim *sim, const struct deed *deed, int number)
{
	unsigned bugs = show_bugs_of(deed);

	for (int i = 0; i < TRUTH_BUGS; i++)
		if (bugs >> i & 1)
			tell_of(sim, i, number);
}

/* ---- a process ---- */

void tracker_begin(struct sim *sim)
{
	sim->bugzilla.dice = dice_of(sim->seed, 8);
}

/* The file that the last process of this node left: as new as it could be, or as old, where that died before it saved
 * what it knew. What lists and readings tell is saved when it begins a poll, at the latest. */
static void take_over(struct tracked *tracked, const struct life *life)
{
	struct sim *sim = life->node->sim;
	const struct life *last = life->older;

	while (last && last->node != life->node)
		last = last->older;
	if (!last)
		return;
	if (sim->swarm.bug_unsaved > 0 && roll(sim, sim->swarm.bug_unsaved)) {
		sim_tell(sim, "what node %u knew of bugs is not in the file", life->node->index);
		sim_once(sim, SOMETIMES_BUG_UNSAVED);
		copy_table(tracked->table, last->tracked->file);
		memcpy(sim->bugzilla.rated, sim->bugzilla.saved, sizeof sim->bugzilla.rated);
	} else {
		copy_table(tracked->table, last->tracked->table);
	}
	copy_table(tracked->file, tracked->table);
	memcpy(tracked->last, last->tracked->last, sizeof tracked->last);
}

static struct bug_source source_of(struct tracked *tracked, struct hand *hand)
{
	return (struct bug_source){
		.name = name,
		.port = {hand, bug, hints, changed_since, secure_ids, whoami, db_time},
		.table = tracked->table,
		.keywords = {&rated, 1},
		.groups = {&group, 1},
		.approvals = {&approval, 1},
		.tells_duplicates = true,
		.table_max_age_ms = INT64_C(24) * 3600000,
	};
}

void tracker_born(struct life *life)
{
	struct sim *sim = life->node->sim;
	struct tracked *tracked;

	if (!sim->swarm.trackers)
		return;
	tracked = calloc(1, sizeof *tracked);
	if (!tracked)
		abort();
	tracked->table = bug_table_new((int64_t)sim->swarm.bug_age_s * 1000);
	tracked->file = bug_table_new((int64_t)sim->swarm.bug_age_s * 1000);
	take_over(tracked, life);
	for (int i = 0; i < PARTS; i++) {
		tracked->sources[i] = source_of(tracked, &life->hands[i]);
		tracked->all[i] = (struct bug_sources){&tracked->sources[i], 1};
	}
	life->tracked = tracked;
}

bool tracker_begins(const struct life *life, const struct store *store, struct err *err)
{
	return !life->tracked || bug_source_begin(&life->tracked->sources[PART_BUGS], store, err);
}

const struct bug_sources *tracker_of(const struct hand *hand)
{
	return hand->life->tracked ? &hand->life->tracked->all[hand->part] : NULL;
}

struct bugs_worker *tracker_worker(const struct life *life, const struct worker *worker)
{
	struct tracked *tracked = life->tracked;

	tracked->worker = (struct bugs_worker){
		.worker = *worker, .source = &tracked->sources[PART_BUGS], .deadline_ms = 10000, .poll_ms = POLL_MS};
	return &tracked->worker;
}

void tracker_died(struct life *life)
{
	if (life->tracked) {
		bug_table_free(life->tracked->table);
		bug_table_free(life->tracked->file);
	}
	free(life->tracked);
}

/* Nobody gives it a new one before the tracker takes it. */
bool tracker_refuses(const struct life *life)
{
	const struct sim *sim = life->node->sim;

	return life->tracked && life->tracked->refused && (sim->healed || sim_now(sim) >= sim->bugzilla.refused_until);
}

bool tracker_polled(const struct sim *sim, int64_t since)
{
	for (unsigned i = 0; i < sim->swarm.nodes; i++) {
		const struct life *life = sim->nodes[i].life;
		const struct tracked *tracked = life ? life->tracked : NULL;

		if (!sim->nodes[i].has[PART_BUGS])
			continue;
		if (!tracked || tracked->worker.walk_began < since + life->ahead || tracked->worker.walk_until != 0)
			return false;
	}
	return true;
}
