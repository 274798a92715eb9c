/*
 * One judgement: gather, evaluate, read again what can move, conclude.
 *
 *   first without bugs; where all that the public sees is met they are read, and it is evaluated anew (judge_bugs.h):
 *   collect --> evaluate --> success? --> read again: moved? --> collect again (at most ROUNDS times)
 *      |                        | no                |no
 *      | error                  +-------------------+--> conclude (fenced; a success is dropped if news came in)
 *      +--> defer with backoff; after attempts_max a verdict of waiting says so, and the judgement stays owed.
 *
 * Every error ends in waiting, blocked or "cannot decide": there is no path from one to success. Nor may a success
 * stand because what denies it cannot be kept: facts have a limit of their own (judge.max_facts_bytes), far below what
 * the store can take, and a denial that it refuses for good is concluded without its facts.
 */
#include "agent/base/facts_json.h"
#include "agent/work/judge_inner.h"
#include "agent/work/judge_warned.h"
#include "agent/work/judge_watches.h"
#include "agent/work/name.h"
#include "policy/memory.h"

#define ROUNDS 3

static int64_t sooner(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* When it may be another verdict by itself: hours that begin or end. 0: never. */
static int64_t changes_at(const struct gathered *gathered)
{
	size_t n = facts_changes(&gathered->facts);
	int64_t at = 0;

	for (size_t i = 0; i < n; i++)
		if (gathered->governed[i].policy)
			at = sooner(at, policy_changes_at(gathered->governed[i].policy, gathered->facts.now));
	return at;
}

static bool allows_any(const struct judging *j, const struct verdict *own)
{
	return own->state == STATUS_SUCCESS || contexts_allow(&j->contexts);
}

/* ",12,34,": those whose word weighs, so that their later events revoke at once. */
static struct text counted(const struct facts *facts, struct arena *arena)
{
	struct text list = TEXT_LIT(",");

	for (size_t i = 0; i < facts->n_people; i++)
		if (facts->people[i].permission >= PERMISSION_WRITE || facts->people[i].n_teams > 0)
			list = arena_printf(arena, "%.*s%lld,", TEXT_ARG(list), (long long)facts->people[i].who.id);
	return list;
}

static void conclude_gathered(struct judging *j, const struct gathered *gathered, struct verdict *verdict)
{
	struct conclusion in = {
		.verdict = verdict,
		.facts_json = j->facts_json,
		.policy_text = gathered->policy_text,
		.policy_sha = gathered->policy_sha,
		.counted = counted(&gathered->facts, j->arena),
		.superseded_by = gathered->facts.superseded_by,
		.heads_now = gathered->heads_now,
		.n_heads_now = gathered->n_heads_now,
		.silent = gathered->silent,
		.landed = gathered->landed,
		.over = gathered->over,
		.n_over = gathered->n_over,
		.look_again_at = sooner(gathered->look_again_at, changes_at(gathered)),
		.watches = judge_watches(gathered, j->arena),
		.bugs = j->stage.bugs.refs,
		.n_bugs = j->stage.bugs.n_refs,
		.trees = gathered->tree_refs,
		.n_trees = gathered->n_tree_refs,
		.no_change = gathered->facts.changes_known && gathered->facts.n_changes == 0 &&
			     gathered->facts.n_groups == 0,
	};

	in.look_again_at = sooner(in.look_again_at, sooner(j->stage.bugs.look_again_at, j->stage.again_at));
	if (!judging_allows_all(j, verdict))
		in.look_again_at = sooner(in.look_again_at, gathered->unsettled.more);
	if (gathered->unsettled.less != 0 && contexts_wait_for_rights(&j->contexts, verdict, j->claim->allowed_before))
		in.retry_at = gathered->unsettled.less;
	judging_conclude(j, &in);
	if (j->stage.looked_up)
		judge_warned(j->judge, gathered, verdict, &j->contexts);
}

static bool alarm_shadow(struct judging *j, const struct forge_check_run *run)
{
	const struct alarm_news news = {j->claim->repo, j->claim->sha, ALARM_CHECK_RUN,
					run->app_name,  run->app,      run->id};

	return run->id == 0 || store_alarm(j->judge->worker.store, &news, judge_wall(j->judge), &j->err);
}

/* May a check run with the status's name say yes in its place? Then it is no success. */
static bool look_for_shadow(struct judging *j, struct gathered *gathered, struct verdict *verdict)
{
	struct forge_check_run run;

	if (!gather_shadow(&j->gather, j->arena, &gathered->facts, &run, &j->err))
		return false;
	if (run.id == 0)
		return true;
	policy_judge(gathered->governed, &gathered->facts, j->arena, verdict);
	j->facts_json = facts_encode(&gathered->facts, j->arena);
	return alarm_shadow(j, &run);
}

static bool look_for_others(struct judging *j, const struct gathered *gathered)
{
	struct forge_check_run run;

	return contexts_shadow(&j->gather, gathered, &j->contexts, &run, &j->err) && alarm_shadow(j, &run);
}

/* Before anything is evaluated: what a verdict stands on is kept with it. */
static bool encode(struct judging *j, const struct facts *facts)
{
	size_t n = facts_bytes(facts); /* written down it takes many times the memory: it is asked first */

	if (n <= FACTS_JSON_MAX) {
		j->facts_json = facts_encode(facts, j->arena);
		n = j->facts_json.len;
	}
	if (n <= FACTS_JSON_MAX)
		return true;
	j->too_large = "commits, paths, reviews and texts together exceed " FACTS_JSON_MAX_WORDS;
	return err_set(&j->err, ERR_LIMIT, "the facts come to %zu bytes, more than %zu (judge.max_facts_bytes)", n,
		       FACTS_JSON_MAX);
}

static bool decide(struct judging *j, const struct gathered *gathered, struct verdict *verdict)
{
	if (!encode(j, &gathered->facts))
		return false;
	policy_judge(gathered->governed, &gathered->facts, j->arena, verdict);
	contexts_judge(j->claim, gathered, j->arena, &j->contexts);
	return true;
}

/* Facts that are too large with what trackers said of bugs are no other answer than bugs that were not read. */
static bool decided_before(struct judging *j, struct gathered *gathered, struct verdict *verdict)
{
	if (j->err.code != ERR_LIMIT)
		return false;
	j->err = ERR_NONE;
	gathered->facts = j->stage.facts;
	return decide(j, gathered, verdict);
}

static struct bug_tick tick_of(const struct judging *j)
{
	return (struct bug_tick){j->claim, j->judge->tick_ms, j->began, judge_wall(j->judge)};
}

/* Of which policies ask. They are looked up only where all that the public sees is met, so that neither the tracker
 * nor the time it takes can be used to ask about bugs. */
static bool look_up(struct judging *j, struct gathered *gathered, struct verdict *verdict)
{
	struct bug_stage *stage = &j->stage;
	struct gathered_bugs first;
	struct bug_tick tick;

	*stage = (struct bug_stage){.looked_up = bug_stage_due(verdict, &j->contexts) &&
						 gather_names_bugs(gathered, j->arena)};
	if (!stage->looked_up)
		return true;
	stage->own = *verdict;
	stage->contexts = j->contexts;
	stage->facts = gathered->facts;
	tick = tick_of(j);
	if (bug_stage_says_first(stage, &tick, verdict, &j->contexts))
		return true;
	j->read_at = judge_wall(j->judge);
	gather_bugs(&j->gather, j->arena, NULL, gathered, &stage->bugs);
	if (!decide(j, gathered, verdict))
		return decided_before(j, gathered, verdict);
	if (judging_allows_all(j, verdict) || !stage->bugs.from_table)
		return true;
	first = stage->bugs;
	gather_bugs(&j->gather, j->arena, &first, gathered, &stage->bugs);
	return decide(j, gathered, verdict) || decided_before(j, gathered, verdict);
}

static void mind_tick(struct judging *j, struct gathered *gathered, struct verdict *verdict)
{
	const struct bug_tick tick = tick_of(j);

	if (!bug_stage_wait(&j->stage, &tick, verdict, &j->contexts))
		return;
	gathered->facts = j->stage.facts;
	j->facts_json = facts_encode(&gathered->facts, j->arena);
}

/* A success needs it. Of a head that is not allowed yet it is asked for, too, so that it is known by then and costs
 * nothing; there it need not be known. */
static bool mind_shadow(struct judging *j, struct gathered *gathered, struct verdict *verdict)
{
	if (verdict_may_allow(verdict))
		return look_for_shadow(j, gathered, verdict) && look_for_others(j, gathered);
	if (gathered->facts.n_changes > 0 && !look_for_shadow(j, gathered, verdict))
		j->err = ERR_NONE;
	return look_for_others(j, gathered);
}

/* What would be new in any context is read for as new. */
static bool read_again(struct judging *j, const struct gathered *gathered, const struct verdict *own, bool *ret_unmoved)
{
	struct claim claim = *j->claim;
	struct gather gather = {j->gather.config, j->gather.ports, &claim};

	claim.granted = (own->state != STATUS_SUCCESS || claim.granted) && contexts_all_granted(&j->contexts);
	if (!gather_unmoved(&gather, gathered, ret_unmoved, &j->err))
		return false;
	if (*ret_unmoved && j->stage.looked_up)
		*ret_unmoved = gather_bugs_unmoved(&j->gather, &j->stage.bugs);
	return true;
}

/* The store would drop a success that is older, and ask for the next one at once: where reading always takes so long,
 * all that may be asked of the forge would go there. */
static bool fresh(struct judging *j)
{
	int64_t age = judge_wall(j->judge) - j->read_at, most = j->judge->worker.store->limits.grant_age_ms;

	return age <= most || err_set(&j->err, ERR_RETRY, "reading again took %lld ms, a success may be %lld ms old",
				      (long long)age, (long long)most);
}

/* False: by now it would be another. */
static bool end_made(struct judgement *made)
{
	struct judging *j = &made->is;
	bool allows = allows_any(j, &made->verdict);
	int64_t change = changes_at(&made->gathered);

	if (allows && change != 0 && change <= judge_wall(j->judge))
		return false;
	if (!allows || fresh(j))
		conclude_gathered(j, &made->gathered, &made->verdict);
	else
		judging_failed(j);
	return true;
}

/* Where there is no room to keep it. */
static void wait_until(const struct judging *j, int64_t until)
{
	const struct wake_port *wake = &j->judge->worker.wake;
	const struct clock_port *clock = &j->judge->worker.clock;

	while (clock->mono(clock->self) < until && !wake->stopping(wake->self))
		wake->wait(wake->self, WAKE_HELD, until);
}

/* False: by now it would be another. */
static bool end_in_time(struct judgement *made, struct arena *claimed)
{
	const struct clock_port *clock = &made->is.judge->worker.clock;
	const struct bug_tick tick = tick_of(&made->is);
	int64_t ms = bug_stage_hold(&made->is.stage, &tick, &made->verdict, &made->is.contexts);

	if (ms > 0) {
		int64_t until = clock->mono(clock->self) + ms;

		if (claimed && judge_later_put(made, claimed, until))
			return true;
		wait_until(&made->is, until);
	}
	return end_made(made);
}

/* True: the round ended the judgement, or keeps it for later. False: the inputs moved. */
static bool one_round(struct judgement *made, struct arena *claimed)
{
	struct judging *j = &made->is;
	struct gathered *gathered = &made->gathered;
	struct verdict *verdict = &made->verdict;
	bool unmoved = true, allows;

	if (!gather_collect(&j->gather, j->arena, gathered, &j->err) || !decide(j, gathered, verdict) ||
	    !look_up(j, gathered, verdict)) {
		judging_failed(j);
		return true;
	}
	mind_tick(j, gathered, verdict);
	if (!mind_shadow(j, gathered, verdict)) {
		judging_failed(j);
		return true;
	}
	allows = allows_any(j, verdict);
	if (allows || !j->stage.looked_up) /* else what is told of a bug since it was read counts */
		j->read_at = judge_wall(j->judge);
	if (allows && !read_again(j, gathered, verdict, &unmoved)) {
		judging_failed(j);
		return true;
	}
	return unmoved && end_in_time(made, claimed);
}

/* Nothing is read under a name that may be another repository's. */
static bool name_claim(struct judging *j, struct claim *claim)
{
	const struct worker *w = &j->judge->worker;
	struct naming naming = {j->judge->forge, w->store};
	struct forge_call call = {{claim->repo, claim->repo_name, claim->installation},
				  j->arena,
				  w->clock.mono(w->clock.self) + j->judge->config.deadline_ms,
				  0};

	if (name_sure(&naming, &call, claim->name_doubt, &j->err) != ERR_OK)
		return false;
	claim->repo_name = call.repo.name;
	claim->installation = call.repo.installation;
	return true;
}

static void begin(struct judging *j, struct judge *judge, const struct claim *claim)
{
	const struct worker *w = &judge->worker;

	*j = (struct judging){.judge = judge, .claim = claim, .err = ERR_NONE, .began = judge_wall(judge)};
	j->ports = (struct gather_ports){judge->forge, judge->mirror,   w->store, w->clock,
					 judge->bugs,  judge->policies, w->wake};
	j->gather = (struct gather){&judge->config, &j->ports, claim};
}

static struct judgement *judgement_new(struct judge *judge, const struct claim *taken)
{
	struct judgement *made = memory_take(sizeof *made);

	*made = (struct judgement){.claim = *taken};
	begin(&made->is, judge, &made->claim);
	return made;
}

static void judge_rounds(struct judgement *made, struct arena *claimed)
{
	struct judging *j = &made->is;

	for (unsigned round = 0; round < ROUNDS; round++) {
		arena_release(&made->arena);
		j->arena = &made->arena;
		j->err = ERR_NONE;
		if (one_round(made, claimed))
			return;
		judging_count(j, "moved");
	}
	(void)err_set(&j->err, ERR_RETRY, "the inputs moved in each of %d rounds", ROUNDS);
	judging_defer(j);
}

void judge_claim(struct judge *judge, const struct claim *taken, struct arena *claimed)
{
	struct judgement *made = judgement_new(judge, taken);

	made->is.arena = &made->names;
	if (name_claim(&made->is, &made->claim))
		judge_rounds(made, claimed);
	else
		judging_failed(&made->is);
	if (made->until == 0)
		judgement_free(made);
}

bool judge_end_later(struct judge *judge)
{
	struct judgement *made = judge_later_take(judge);

	if (!made)
		return false;
	if (!end_made(made)) {
		judging_count(&made->is, "moved");
		(void)err_set(&made->is.err, ERR_RETRY, "the hours changed while it was kept");
		judging_defer(&made->is);
	}
	judgement_free(made);
	return true;
}

/* ---- heads that were replaced ---- */

static bool is_head(const struct forge_list_changes *open, const struct oid *sha)
{
	for (size_t i = 0; i < open->n; i++)
		if (oid_eq(&open->at[i].head, sha))
			return true;
	return false;
}

/* The supersede was false. What made it so may have been told since the claim: then another head is taken back first.
 */
static void judge_alone(struct judging *j)
{
	bool alone;

	if (!store_claim_alone(j->judge->worker.store, j->claim, &alone, &j->err))
		judging_failed(j);
	else if (alone)
		judge_claim(j->judge, j->claim, NULL);
	else
		judging_count(j, "moved");
}

/* By a list that was read after it was claimed; open NULL: it could not be had, *err says why. */
static void judge_listed(struct judge *judge, const struct claim *claim, const struct forge_list_changes *open,
			 const struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct judging j;
	struct gathered gathered;
	struct verdict verdict;

	begin(&j, judge, claim);
	j.arena = &arena;
	j.err = *err;
	if (open && is_head(open, &claim->sha))
		judge_alone(&j);
	else if (open && gather_headless(&j.gather, &arena, &gathered, &j.err) && decide(&j, &gathered, &verdict))
		conclude_gathered(&j, &gathered, &verdict);
	else
		judging_failed(&j);
}

/* Another of the lead's company, by the name that the repository has now. */
static struct claim named_as(const struct claim *lead, const struct claim *other)
{
	struct claim ret = *other;

	ret.repo_name = lead->repo_name;
	ret.installation = lead->installation;
	ret.name_doubt = lead->name_doubt;
	return ret;
}

void judge_company(struct judge *judge, const struct claim *taken, const struct company *company)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct claim lead = *taken;
	struct forge_list_changes list;
	const struct forge_list_changes *open = NULL;
	struct judging j;

	begin(&j, judge, &lead);
	j.arena = &arena;
	if (name_claim(&j, &lead)) {
		lead.name_doubt = 0; /* answered, for all of them */
		if (gather_open(&j.gather, &arena, &list, &j.err))
			open = &list;
	}
	judge_listed(judge, &lead, open, &j.err);
	for (size_t i = 0; i < company->n; i++) {
		struct claim other = named_as(&lead, &company->at[i]);

		judge_listed(judge, &other, open, &j.err);
	}
}
