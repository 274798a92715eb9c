/* Ghosts at the end: what every head's status is when all has settled, and what the store has kept. */
#include "tests/sim/ghost_inner.h"

#include "agent/cli/replay.h"
#include "agent/store/pack.h"

#define USED_UP "Blocked: too many statuses" /* the last thing that is said of a commit */

/* Is what the product must know about this change told, or readable? Else it may be more careful than the truth. */
static bool readable(const struct sim *sim, int head)
{
	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (sim->truth.changes[i].open && sim->truth.changes[i].head == head &&
		    sim->truth.changes[i].head_repo == HEAD_PRIVATE_FORK)
			return false;
	return true;
}

static const char *last_text(const struct sim *sim, int place)
{
	for (size_t i = sim->ghost.n_accepted; i-- > 0;)
		if (sim->ghost.accepted[i].place == place)
			return sim->ghost.accepted[i].text;
	return "";
}

static void head_settled(struct sim *sim, int change, enum oracle_context context, bool cured)
{
	int head = sim->truth.changes[change].head, place = (int)context * TRUTH_COMMITS + head;
	const struct ghost_commit *c = &sim->ghost.commits[place];
	bool success = c->newest == STATUS_SUCCESS;

	/* What the forge refused for good is tried again by the next judgement, which nobody asks for without a sweep.
	 */
	if (success && c->ours != STATUS_SUCCESS && sim->swarm.sweepless && sim->swarm.denied > 0)
		return;
	if (success && !c->now_true)
		sim_break(sim, "I4: %s, head of #%d, is success at the end (%s)", show_named(place).text, change + 1,
			  oracle_why(&sim->truth, head, context));
	else if (!success && c->now_true && cured && readable(sim, head) &&
		 c->all - c->posts + c->tries + 1 < sim->swarm.posts_max)
		sim_break(sim, "I4: %s, head of #%d, is allowed at the end, and its status is %s: \"%s\"",
			  show_named(place).text, change + 1, status_state_name(c->newest), last_text(sim, place));
	if (cured && context == ORACLE_OWN)
		sim_once(sim, success ? SOMETIMES_END_ALLOWED : SOMETIMES_END_DENIED);
}

void ghost_settled(struct sim *sim, bool cured)
{
	bool heads[TRUTH_COMMITS] = {false};

	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (sim->truth.changes[i].open) {
			heads[sim->truth.changes[i].head] = true;
			head_settled(sim, i, ORACLE_OWN, cured);
			if (sim->swarm.contexts)
				head_settled(sim, i, ORACLE_OTHER, cured);
		}
	for (int i = 0; i < SIM_PLACES; i = ghost_next(sim, i)) {
		int commit = show_commit_at(i);

		/* A status forged where nothing can be merged, told by no webhook, is nobody's to find. */
		if (!heads[commit] && !ghost_landed(sim, commit) && sim->ghost.commits[i].ours == STATUS_SUCCESS &&
		    sim->ghost.commits[i].newest == STATUS_SUCCESS)
			sim_break(sim, "I4: %s heads no open change, and is success at the end", show_named(i).text);
	}
}

/* Where statuses are used up nothing new can be said. Such a commit waits for the tick all the same before its verdict
 * is kept, each time that a sweep has it judged: with a sweep just after each tick, always. */
int64_t ghost_idly_owed(struct sim *sim)
{
	int64_t n = 0;

	for (int i = 0; i < sim->truth.n_commits && sim->swarm.bug_tick_s > 0; i++) {
		const struct peek *peek = sim->ghost.commits[i].posts > 0 ? ghost_peek(sim, i) : NULL;

		n += peek && peek->has_subject && peek->subject.due && peek->subject.owner.len == 0 &&
		     peek->subject.not_before > sim_now(sim) &&
		     strncmp(last_text(sim, i), USED_UP, sizeof USED_UP - 1) == 0;
	}
	return n;
}

struct audit {
	struct sim *sim;
	struct arena *arena;
	unsigned n;
};

static bool acked_job(struct rows *rows, void *arg, struct err *err)
{
	struct audit *audit = arg;
	struct sim *sim = audit->sim;

	(void)err;
	for (size_t i = 0; i < sim->net.n_acked; i++) {
		struct row_journal key = {.guid = text_of(sim->net.acked[i].guid)};
		struct scan scan = {.table = &table_journal, .index = JOURNAL_BY_GUID, .equal = &key, .n_equal = 1};
		struct err failed = ERR_NONE;
		int64_t n = 0;

		if (!rows->ops->count(rows->self, &scan, &n, &failed) || n != 1)
			sim_break(sim, "I3: %s was answered 202 and is %s", sim->net.acked[i].guid,
				  n ? "there twice" : "lost");
	}
	return true;
}

static bool is_stolen(void *context, const void *row)
{
	struct sim *sim = context;
	const struct row_alarm *alarm = row;

	if (alarm->kind == ALARM_STOLEN_KEY)
		sim_break(sim, "I9: status %lld of c%d was said to be made with a stolen key, and nobody has it",
			  (long long)alarm->forge_id, sim->stage->commit_of(sim, &alarm->sha));
	return true;
}

static bool alarms_job(struct rows *rows, void *arg, struct err *err)
{
	struct audit *audit = arg;
	struct scan scan = {.table = &table_alarm, .index = INDEX_KEY, .limit = 100000};

	return rows->ops->scan(rows->self, &scan, (struct visitor){is_stolen, audit->sim, audit->arena}, err);
}

static bool several_changes(struct text facts)
{
	static const char key[] = "\"number\":";
	size_t at = text_find(facts, text_of(key));

	if (at == SIZE_MAX)
		return false;
	at += sizeof key - 1;
	return text_find((struct text){facts.at + at, facts.len - at}, text_of(key)) != SIZE_MAX;
}

static bool same_verdict(struct audit *audit, const struct row_verdict *row)
{
	struct replay replay = {.policy = row->policy_text,
				.context = text_is(row->context, SIM_CONTEXT) ? TEXT_EMPTY : row->context,
				.defaults = {.approvals = 2}};
	struct verdict verdict;
	struct problem problem;
	struct err err = ERR_NONE;

	if (!unpack_text(&(struct unpack){row->inputs_lz4, (size_t)row->inputs_bytes, REPLAY_FACTS_MAX}, audit->arena,
			 &replay.facts, &err))
		return false;
	if (text_eq(replay.facts, TEXT_LIT("{}")))
		return true; /* it said that the facts could not be had */
	if (several_changes(replay.facts))
		return true; /* each by the policy of its base, of which the verdict keeps the first */
	return replay_judge(&replay, audit->arena, &verdict, &problem, &err) &&
	       text_is(row->decision, decision_name(verdict.decision)) && text_eq(row->text, verdict.text);
}

static bool replay_row(void *context, const void *row)
{
	struct audit *audit = context;
	const struct row_verdict *verdict = row;

	if (audit->n++ % 2 == 0 && text_is(verdict->state, "success") && !same_verdict(audit, verdict))
		sim_break(audit->sim, "I8: verdict %lld replayed gives another answer", (long long)verdict->id);
	return true;
}

static bool replay_job(struct rows *rows, void *arg, struct err *err)
{
	struct audit *audit = arg;
	struct scan scan = {.table = &table_verdict, .index = INDEX_KEY, .limit = 100000};

	return rows->ops->scan(rows->self, &scan, (struct visitor){replay_row, audit, audit->arena}, err);
}

void ghost_audit(struct sim *sim)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct audit audit = {.sim = sim, .arena = &arena};
	struct store store = {
		.exec = sim->stage->exec(sim), .limits = STORE_LIMITS_DEFAULT, .context = TEXT_LIT(SIM_CONTEXT)};
	struct err err = ERR_NONE;
	int64_t rows;

	ghost_check_peeks(sim);
	if (!store.exec.read(store.exec.self, acked_job, &audit, &err))
		sim_break(sim, "I3: the journal cannot be read: %s", err.text);
	if (!store.exec.read(store.exec.self, alarms_job, &audit, &err))
		sim_break(sim, "I9: the alarms cannot be read: %s", err.text);
	if (sim->seed % 8 != 0)
		return; /* the verdicts of one history in eight: hashing and judging them again is half of its cost */
	if (!store_verify_chain(&store, &rows, &err))
		sim_break(sim, "I8: the chain does not verify: %s", err.text);
	if (!store.exec.read(store.exec.self, replay_job, &audit, &err))
		sim_break(sim, "I8: the verdicts cannot be read: %s", err.text);
}
