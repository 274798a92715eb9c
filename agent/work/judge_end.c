/*
 * How a judgement ends: concluded, deferred with backoff, or given up, which is said in public and stays owed.
 */
#include "agent/base/facts_json.h"
#include "agent/work/judge_inner.h"

#define BACKOFF_FIRST_MS 500
#define BACKOFF_MAX_MS   300000
#define STORE_AGAIN_MS   200
#define RETRY_LIMIT_MS   600000 /* an exceeded limit will rarely cure itself */

int64_t judge_wall(const struct judge *judge)
{
	return judge->worker.clock.wall(judge->worker.clock.self);
}

static int64_t retry_at(const struct judging *j)
{
	int64_t ms = BACKOFF_FIRST_MS, at;

	if (j->err.code == ERR_LIMIT)
		return judge_wall(j->judge) + RETRY_LIMIT_MS;
	for (int64_t i = 0; i < j->claim->attempts && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	at = judge_wall(j->judge) + (ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS);
	return j->err.retry_at_ms > at ? j->err.retry_at_ms : at;
}

static void say(const struct judging *j, enum log_level level, const char *what, struct text detail)
{
	struct log_field fields[] = {LOG_T("repo", j->claim->repo_name),
				     LOG_S("sha", j->claim->sha.hex),
				     LOG_I("wanted", j->claim->wanted),
				     LOG_I("attempt", j->claim->attempts),
				     LOG_T("detail", detail),
				     LOG_DONE};

	log_event(j->judge->worker.log, level, what, fields);
}

void judging_count(const struct judging *j, const char *result)
{
	const struct text label = text_of(result);

	metrics_add(j->judge->worker.metrics, METRIC_EVALUATIONS, &label, 1);
}

/* Until the store takes it: a full disk has room again some day, and the commit would else wait for the end of its
 * lease. A store that is broken for good ends the process. */
static void give_back(struct judging *j)
{
	const struct worker *w = &j->judge->worker;
	struct err err = ERR_NONE;
	bool said = false;

	while (!store_defer(w->store, j->claim, retry_at(j), &err)) {
		if (!said)
			say(j, LOG_ERROR_LEVEL, "judgement not given back; trying again", text_of(err.text));
		said = true;
		if (err.code == ERR_BROKEN || w->wake.stopping(w->wake.self))
			return;
		err = ERR_NONE;
		w->wake.wait(w->wake.self, WAKE_SUBJECTS, w->clock.mono(w->clock.self) + STORE_AGAIN_MS);
	}
}

void judging_defer(struct judging *j)
{
	judging_count(j, "deferred");
	say(j, LOG_WARN_LEVEL, "judgement deferred", text_of(j->err.text));
	give_back(j);
}

/* A verdict is kept with what it was made from: with its own context's facts. */
static const struct conclusion_context *contexts_of(const struct judging *j, const struct conclusion *in)
{
	struct conclusion_context *ret = arena_alloc(j->arena, j->contexts.n, sizeof *ret);

	for (size_t i = 0; i < j->contexts.n; i++) {
		const struct context_judged *one = &j->contexts.at[i];
		bool gathered = oid_known(&one->facts.head);

		ret[i] = (struct conclusion_context){one->name, one->verdict,
						     rules_encode(&one->verdict, false, j->arena),
						     gathered ? facts_encode(&one->facts, j->arena) : in->facts_json,
						     rules_encode(&one->verdict, true, j->arena)};
	}
	return ret;
}

bool judging_allows_all(const struct judging *j, const struct verdict *own)
{
	bool all = own->state == STATUS_SUCCESS;

	for (size_t i = 0; i < j->contexts.n; i++)
		all = all && j->contexts.at[i].verdict.state == STATUS_SUCCESS;
	return all;
}

static void say_contexts(const struct judging *j)
{
	for (size_t i = 0; i < j->contexts.n; i++) {
		const struct context_judged *one = &j->contexts.at[i];

		say(j, LOG_INFO_LEVEL, decision_name(one->verdict.decision),
		    arena_printf(j->arena, "%.*s: %.*s", TEXT_ARG(one->name), TEXT_ARG(one->verdict.public_text)));
	}
}

/* False: the store did not take it. */
static bool concluded(struct judging *j, struct conclusion *in, struct err *err)
{
	enum concluded outcome;
	int64_t id;

	in->claim = j->claim;
	in->now = judge_wall(j->judge);
	in->read_at = j->read_at;
	in->rules_json = rules_encode(in->verdict, false, j->arena);
	in->public_rules = rules_encode(in->verdict, true, j->arena);
	in->contexts = contexts_of(j, in);
	in->n_contexts = j->contexts.n;
	if (!store_conclude(j->judge->worker.store, in, &outcome, &id, err)) {
		say(j, LOG_ERROR_LEVEL, "verdict not concluded", text_of(err->text));
		return false;
	}
	if (outcome != CONCLUDED) {
		judging_count(j, outcome == CONCLUDED_DROPPED ? "dropped" : "fenced");
		say(j, LOG_INFO_LEVEL, outcome == CONCLUDED_DROPPED ? "success dropped: news came in" : "fence lost",
		    TEXT_EMPTY);
		return true;
	}
	judging_count(j, decision_name(in->verdict->decision));
	say(j, LOG_INFO_LEVEL, decision_name(in->verdict->decision), in->verdict->public_text);
	say_contexts(j);
	return true;
}

/* What will never be taken as it is must not leave a success where it denies: then that much is said. */
static bool denied_at_least(struct judging *j, const struct conclusion *refused, enum err_code why)
{
	struct verdict verdict;
	struct conclusion in = {.verdict = &verdict, .facts_json = TEXT_LIT("{}"), .retry_at = retry_at(j)};
	struct err err = ERR_NONE;

	if (judging_allows_all(j, refused->verdict) || (why != ERR_LIMIT && why != ERR_INVALID))
		return false;
	policy_cannot_decide("the verdict could not be kept; headgate asks again by itself", j->arena, &verdict);
	verdict.public_text = verdict.text;
	contexts_say(j->claim, &verdict, j->arena, &j->contexts);
	return concluded(j, &in, &err);
}

void judging_conclude(struct judging *j, struct conclusion *in)
{
	struct err err = ERR_NONE;

	if (!concluded(j, in, &err) && !denied_at_least(j, in, err.code))
		give_back(j);
}

static const char *why_not(const struct judging *j)
{
	if (j->err.code != ERR_LIMIT)
		return "the forge does not let headgate read this change";
	return j->too_large ? j->too_large : "this change exceeds a limit set by the administrator";
}

/* What is said when the facts cannot be had: why, in public words, and what happens next. The details are logged. */
static void give_up(struct judging *j)
{
	struct verdict verdict = {.decision = DECISION_WAITING,
				  .state = STATUS_PENDING,
				  .text = TEXT_LIT("Needs an answer of the forge; headgate asks again by itself")};
	struct conclusion in = {.verdict = &verdict, .facts_json = TEXT_LIT("{}"), .retry_at = retry_at(j)};

	if (j->err.code == ERR_LIMIT || j->err.code == ERR_DENIED || j->err.code == ERR_INVALID)
		policy_cannot_decide(why_not(j), j->arena, &verdict);
	verdict.public_text = verdict.text;
	contexts_say(j->claim, &verdict, j->arena, &j->contexts);
	say(j, LOG_ERROR_LEVEL, "judgement failed", text_of(j->err.text));
	judging_conclude(j, &in);
}

void judging_failed(struct judging *j)
{
	const struct text kind = text_of(err_name(j->err.code));

	metrics_add(j->judge->worker.metrics, METRIC_FORGE_ERRORS, &kind, 1);
	if (j->err.code == ERR_LIMIT || j->claim->attempts + 1 >= (int64_t)j->judge->attempts_max)
		give_up(j);
	else
		judging_defer(j);
}
