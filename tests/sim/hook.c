/*
 * The hook of a simulated App (knob `app`, broad): the forge lists each attempt to deliver a webhook, and tries once
 * more where it is asked to. A webhook that is lost is one that was tried and not answered.
 */
#include "tests/sim/sim.h"

#include <string.h>

struct tried {
	struct parcel parcel;
	int64_t at;
	bool taken, again;
};

static bool same(const struct tried *a, const struct parcel *b)
{
	return strcmp(a->parcel.guid, b->guid) == 0;
}

void hook_tried(struct sim *sim, const struct parcel *parcel, bool taken)
{
	struct hook *hook = &sim->net.hook;
	bool again = false;

	if (!sim->swarm.app)
		return;
	for (size_t i = 0; i < hook->n; i++)
		again = again || same(&hook->tried[i], parcel);
	if (hook->n == hook->room) {
		hook->room = hook->room ? 2 * hook->room : 64;
		hook->tried = realloc(hook->tried, hook->room * sizeof *hook->tried);
		if (!hook->tried)
			abort();
	}
	hook->tried[hook->n++] = (struct tried){*parcel, sim_now(sim), taken, again};
}

struct looking {
	const char *guid;
	bool found;
};

static bool seen(void *context, const void *row)
{
	(void)row;
	return (((struct looking *)context)->found = true);
}

static bool look_in(struct rows *rows, void *arg, struct err *err)
{
	struct looking *looking = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_journal key = {.guid = text_of(looking->guid)};
	struct scan scan = {.table = &table_journal, .index = JOURNAL_BY_GUID, .equal = &key, .n_equal = 1};

	return rows->ops->scan(rows->self, &scan, (struct visitor){seen, looking, &arena}, err);
}

/* A process may have died between its commit and its answer. */
bool hook_idle(struct sim *sim)
{
	const struct hook *hook = &sim->net.hook;
	struct store_exec exec = sim->stage->exec(sim);
	struct err err = ERR_NONE;

	for (size_t i = 0; i < hook->n; i++) {
		struct looking looking = {hook->tried[i].parcel.guid, hook->tried[i].taken};

		if (!looking.found && !exec.read(exec.self, look_in, &looking, &err))
			return false;
		if (!looking.found)
			return false;
	}
	return true;
}

void hook_end(struct sim *sim)
{
	free(sim->net.hook.tried);
}

/* ---- as the forge's port has it ---- */

bool hook_keeps(void *self)
{
	return ((struct hand *)self)->sim->swarm.app > 0;
}

enum err_code hook_list(void *self, const struct forge_call *call, const struct forge_span *in,
			struct forge_list_deliveries *out, struct err *err)
{
	struct hand *hand = self;
	struct hook *hook = &hand->sim->net.hook;
	const struct truth *t;
	enum err_code code = net_call(hand, CALL_HOOK, &t, err);
	int64_t upto = sim_now(hand->sim) - net_lag(hand->sim);
	struct forge_delivery *at;
	size_t n = 0;

	if (code != ERR_OK)
		return code;
	at = arena_alloc(call->arena, hook->n + 1, sizeof *at);
	for (size_t i = hook->n; i-- > 0;) {
		const struct tried *tried = &hook->tried[i];

		if (tried->at > upto || (in->since != WHEN_UNKNOWN && show_seconds(tried->at) < in->since))
			continue;
		at[n++] = (struct forge_delivery){.id = (int64_t)i + 1,
						  .guid = arena_text(call->arena, text_of(tried->parcel.guid)),
						  .event = tried->parcel.event.name,
						  .attempted_at = show_seconds(tried->at),
						  .repo = SIM_REPO,
						  .answered = tried->taken,
						  .again = tried->again};
	}
	*out = (struct forge_list_deliveries){at, n, TEXT_EMPTY};
	return ERR_OK;
}

enum err_code hook_again(void *self, const struct forge_call *call, int64_t attempt, struct err *err)
{
	struct hand *hand = self;
	struct sim *sim = hand->sim;
	const struct truth *t;
	enum err_code code = net_call(hand, CALL_HOOK, &t, err);
	struct parcel parcel;

	(void)call;
	if (code != ERR_OK)
		return code;
	if (attempt < 1 || (size_t)attempt > sim->net.hook.n)
		return err_set(err, ERR_GONE, "404: no such attempt"), err->code;
	sim_tell(sim, "webhook %s is asked for again", sim->net.hook.tried[attempt - 1].parcel.guid);
	parcel = sim->net.hook.tried[attempt - 1].parcel; /* the list grows when it is lost once more */
	net_post_office(sim, &parcel);
	return ERR_OK;
}
