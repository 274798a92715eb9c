#include "agent/work/workers.h"

#include "agent/work/listed.h"
#include "agent/work/name.h"
#include "agent/work/policies.h"

#define COMPANY_MAX      512  /* replaced heads that one reading serves */
#define IDLE_MS          5000 /* with nothing due, look in the store this often even if nothing wakes us */
#define STORE_TROUBLE_MS 200
#define POSTS_IN_A_ROW   64 /* then a doubt has its turn, or it might wait for ever */
#define DOUBT_AGAIN_MS   1000
#define DOUBT_DEFER_MS   15000  /* a doubt whose list could not be read: others first */
#define NAME_SURE_MS     300000 /* what waited for longer is not sent to a name that nobody looked at since */

static int64_t mono(const struct worker *worker)
{
	return worker->clock.mono(worker->clock.self);
}

/* A store that cannot be used now: said once here, where it is decided to wait. */
static bool trouble(const struct worker *worker, const char *what, const struct err *err, int64_t *ret_at)
{
	struct log_field fields[] = {LOG_S("step", what), LOG_S("code", err_name(err->code)), LOG_S("error", err->text),
				     LOG_DONE};

	log_event(worker->log, LOG_ERROR_LEVEL, "store", fields);
	*ret_at = mono(worker) + STORE_TROUBLE_MS;
	return false;
}

/* The store's times are wall-clock; a worker waits on the monotonic one. */
static int64_t wait_until(const struct worker *worker, int64_t wall_at)
{
	int64_t wall = worker->clock.wall(worker->clock.self), idle = mono(worker) + IDLE_MS;

	if (wall_at == WHEN_UNKNOWN || wall_at - wall > IDLE_MS)
		return idle;
	return mono(worker) + (wall_at > wall ? wall_at - wall : 0);
}

static void report_undecoded(const struct worker *worker, size_t n)
{
	struct log_field fields[] = {LOG_I("rows", (int64_t)n), LOG_DONE};

	log_event(worker->log, LOG_ERROR_LEVEL, "journal rows quarantined: see headgate status --deliveries", fields);
}

bool applier_step(struct applier *applier, int64_t *ret_at)
{
	const struct worker *w = &applier->worker;
	struct err err = ERR_NONE;
	struct applied applied = {0};

	*ret_at = mono(w) + IDLE_MS;
	if (!store_apply(w->store, w->clock.wall(w->clock.self), applier->batch, &applied, &err))
		return trouble(w, "apply", &err, ret_at);
	if (applied.broken > 0)
		report_undecoded(w, applied.broken);
	if (applied.subjects && !applied.slots) /* else the poster wakes the judges: revocations first, then reads */
		w->wake.signal(w->wake.self, WAKE_SUBJECTS);
	if (applied.looks)
		w->wake.signal(w->wake.self, WAKE_SWEEP);
	if (applied.rows > 0)
		w->wake.signal(w->wake.self, WAKE_BUGS);
	if (applied.slots || applied.rows > 0)
		w->wake.signal(w->wake.self, WAKE_SLOTS); /* a grant may have waited for the journal */
	return applied.rows > 0;
}

void applier_run(struct applier *applier)
{
	const struct worker *w = &applier->worker;
	int64_t at;

	while (!w->wake.stopping(w->wake.self))
		if (!applier_step(applier, &at))
			w->wake.wait(w->wake.self, WAKE_JOURNAL, at);
}

/* A verdict may ask about trees that nobody asked about before. */
static void signal_concluded(const struct worker *w)
{
	w->wake.signal(w->wake.self, WAKE_TREES);
	w->wake.signal(w->wake.self, WAKE_SLOTS);
}

static int64_t wait_for_claim(const struct judge *judge, int64_t next_at)
{
	int64_t at = wait_until(&judge->worker, next_at), later = judge_later_at(judge);

	return later != WHEN_UNKNOWN && later < at ? later : at;
}

bool judge_step(struct judge *judge, int64_t *ret_at)
{
	const struct worker *w = &judge->worker;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {w->owner, w->clock.wall(w->clock.self), &arena, w->gate};
	struct err err = ERR_NONE;
	struct claim claim;
	struct company company = {.n = 0};
	int64_t next_at = WHEN_UNKNOWN, began = mono(w);

	*ret_at = began;
	if (judge_end_later(judge)) {
		signal_concluded(w);
		return true;
	}
	if (!store_claim(w->store, &taker, &claim, &next_at, &err)) {
		*ret_at = wait_for_claim(judge, next_at);
		return err.code != ERR_GONE && trouble(w, "claim", &err, ret_at);
	}
	if (claim_is_replaced(&claim) && !store_claim_company(w->store, &taker, &claim, COMPANY_MAX, &company, &err))
		(void)trouble(w, "company", &err, ret_at); /* it is judged alone */
	*ret_at = mono(w);
	if (company.put_off)
		return true;
	if (company.n > 0)
		judge_company(judge, &claim, &company);
	else
		judge_claim(judge, &claim, &arena);
	metrics_observe(w->metrics, METRIC_EVALUATION_TIME, NULL, mono(w) - began);
	signal_concluded(w);
	return true;
}

void judge_run(struct judge *judge)
{
	const struct worker *w = &judge->worker;
	int64_t at;

	judge->policies = policies_new();
	while (!w->wake.stopping(w->wake.self)) {
		if (judge_later_at(judge) == WHEN_UNKNOWN) /* else they are still used */
			policies_rest(judge->policies);
		if (!judge_step(judge, &at)) {
			w->wake.wait(w->wake.self, WAKE_SUBJECTS, at);
			continue;
		}
		w->wake.signal(w->wake.self, WAKE_SUBJECTS); /* there may be more than one worker's share */
	}
	judge_later_drop(judge);
	policies_free(judge->policies);
	judge->policies = NULL;
}

static void count_post(const struct worker *w, const char *state, const char *outcome)
{
	const struct text labels[] = {text_of(state), text_of(outcome)};

	metrics_add(w->metrics, METRIC_POSTS, labels, 1);
}

static bool settle_doubt(struct poster *poster, const struct doubt *doubt, struct arena *arena, struct err *err)
{
	const struct worker *w = &poster->worker;
	struct naming naming = {poster->forge, w->store};
	struct listed_plan plan = {.forge = poster->forge,
				   .call = {{doubt->repo, doubt->repo_name, doubt->installation},
					    arena,
					    mono(w) + poster->post_deadline_ms,
					    0},
				   .sha = doubt->sha,
				   .context = doubt->context,
				   .now = w->clock.wall(w->clock.self)};
	struct reread seen;

	return name_sure(&naming, &plan.call, doubt->name_doubt, err) == ERR_OK && listed_read(&plan, &seen, err) &&
	       store_settle_doubt(w->store, doubt, &seen, err);
}

/* True: a doubt was settled. */
static bool doubt_step(struct poster *poster, int64_t *ret_at)
{
	const struct worker *w = &poster->worker;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {w->owner, w->clock.wall(w->clock.self), &arena, NULL};
	struct err err = ERR_NONE;
	struct doubt doubt;
	int64_t next_at = WHEN_UNKNOWN;

	if (!store_take_doubt(w->store, &taker, &doubt, &next_at, &err)) {
		*ret_at = wait_until(w, next_at);
		return err.code != ERR_GONE && trouble(w, "doubt", &err, ret_at);
	}
	if (!settle_doubt(poster, &doubt, &arena, &err)) {
		struct log_field fields[] = {LOG_T("repo", doubt.repo_name), LOG_S("sha", doubt.sha.hex),
					     LOG_S("error", err.text), LOG_DONE};

		log_event(w->log, LOG_WARN_LEVEL, "doubt not settled", fields);
		*ret_at = mono(w) + DOUBT_AGAIN_MS;
		err = ERR_NONE;
		if (!store_defer_doubt(w->store, &doubt, w->clock.wall(w->clock.self) + DOUBT_DEFER_MS, &err))
			return trouble(w, "doubt", &err, ret_at);
		return false;
	}
	count_post(w, "doubt", "settled");
	return true;
}

static const struct {
	enum post_outcome outcome;
	enum log_level level;
	const char *name;
} outcomes[] = {
	{POST_ACCEPTED, LOG_INFO_LEVEL, "accepted"},
	{POST_REFUSED, LOG_ERROR_LEVEL, "refused"},
	{POST_NOT_SENT, LOG_WARN_LEVEL, "not_sent"},
	{POST_UNANSWERED, LOG_WARN_LEVEL, "unanswered"},
};

/* Only what certainly did not happen is not in doubt. */
static enum post_outcome outcome_of(enum err_code code, bool maybe_sent)
{
	if (code == ERR_OK)
		return POST_ACCEPTED;
	if (code == ERR_DENIED || code == ERR_GONE)
		return POST_REFUSED;
	return maybe_sent ? POST_UNANSWERED : POST_NOT_SENT;
}

static void log_post(const struct worker *w, const struct post *post, enum post_outcome outcome, const struct err *err)
{
	struct log_field fields[] = {LOG_T("repo", post->repo_name),
				     LOG_S("sha", post->sha.hex),
				     LOG_T("context", post->context),
				     LOG_S("state", status_state_name(post->state)),
				     LOG_T("text", post->text),
				     LOG_S("result", outcomes[outcome - 1].name),
				     LOG_I("attempt", post->attempts),
				     LOG_S("error", err->text),
				     LOG_DONE};

	count_post(w, status_state_name(post->state), outcomes[outcome - 1].name);
	if (outcome == POST_ACCEPTED)
		metrics_observe(w->metrics, METRIC_HEAD_TO_STATUS, NULL, w->clock.wall(w->clock.self) - post->made_at);
	log_event(w->log, outcomes[outcome - 1].level, "post", fields);
}

static bool has_moved(const struct forge_repo *was, const struct forge_repo *is)
{
	return !text_eq(is->name, was->name) || is->installation != was->installation;
}

/* To the name that it has now. A refusal may be another repository's, which has that name by now, or say that there is
 * no such name any more: then it was sent to nobody. */
struct sending {
	struct forge_call call;
	struct forge_post in;
	struct forge_posted out;
};

static enum err_code send_named(struct poster *poster, const struct post *post, struct sending *sending,
				struct err *err)
{
	const struct worker *w = &poster->worker;
	struct forge_call *call = &sending->call;
	struct forge_post *in = &sending->in;
	struct forge_posted *out = &sending->out;
	struct naming naming = {poster->forge, w->store};
	bool old = w->clock.wall(w->clock.self) - post->made_at > NAME_SURE_MS;
	struct err asked = ERR_NONE;
	enum err_code code;

	if ((post->name_doubt != 0 || old) && name_ask(&naming, call, post->name_doubt, err) != ERR_OK)
		return err->code;
	in->repo = call->repo;
	in->target_url = arena_printf(call->arena, "%.*s/%.*s/c/%s", TEXT_ARG(poster->public_url),
				      TEXT_ARG(call->repo.name), post->sha.hex);
	code = poster->forge->post(poster->forge->self, in, call->deadline_ms, out, err);
	if (code != ERR_DENIED && code != ERR_GONE && code != ERR_INVALID)
		return code;
	if (!out->maybe_sent && name_ask(&naming, call, 0, &asked) == ERR_OK && has_moved(&in->repo, &call->repo))
		(void)err_set(err, ERR_RETRY, "the repository is called %.*s now",
			      TEXT_ARG(text_cut(call->repo.name, 100)));
	return err->code;
}

/* The deadline was told before the ledger was: a doubt is counted from there, and neither a slow disk nor a stop of the
 * process in between may let the request live longer. */
static bool send_post(struct poster *poster, const struct post *post, int64_t deadline_ms, struct arena *arena,
		      struct err *err)
{
	const struct worker *w = &poster->worker;
	struct sending sending = {
		.call = {{post->repo, post->repo_name, post->installation}, arena, deadline_ms, 0},
		.in = {.sha = post->sha,
		       .state = text_of(status_state_name(post->state)),
		       .context = post->context,
		       .description = post->text},
		.out = {.created_at = WHEN_UNKNOWN},
	};
	struct err sent = ERR_NONE;
	enum err_code code = send_named(poster, post, &sending, &sent);
	struct post_result result = {.outcome = outcome_of(code, sending.out.maybe_sent),
				     .forge_status_id = sending.out.status_id,
				     .retry_at = sent.retry_at_ms,
				     .now = w->clock.wall(w->clock.self),
				     .creator = sending.out.creator,
				     .created_at = sending.out.created_at};

	log_post(w, post, result.outcome, &sent);
	return store_posted(w->store, post, &result, err);
}

static void earlier(int64_t *at, int64_t other)
{
	if (other < *at)
		*at = other;
}

/* True: a status was sent. */
static bool post_step(struct poster *poster, int64_t *ret_at)
{
	const struct worker *w = &poster->worker;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {w->owner, w->clock.wall(w->clock.self), &arena, w->gate};
	struct err err = ERR_NONE;
	struct post post;
	int64_t next_at = WHEN_UNKNOWN, deadline_ms = mono(w) + poster->post_deadline_ms;

	if (!store_take_post(w->store, &taker, &post, &next_at, &err)) {
		w->wake.signal(w->wake.self, WAKE_SUBJECTS);
		*ret_at = wait_until(w, next_at);
		return err.code != ERR_GONE && trouble(w, "take post", &err, ret_at);
	}
	if (!send_post(poster, &post, deadline_ms, &arena, &err))
		return trouble(w, "posted", &err, ret_at);
	w->wake.signal(w->wake.self, WAKE_SUBJECTS); /* a judgement may have waited for this answer */
	*ret_at = mono(w);
	return true;
}

/* What is due goes first: a read of the forge that hangs must not hold a revocation back. */
bool poster_step(struct poster *poster, int64_t *ret_at)
{
	int64_t doubt_at = 0;

	if (poster->in_a_row < POSTS_IN_A_ROW && post_step(poster, ret_at)) {
		poster->in_a_row++;
		return true;
	}
	if (poster->in_a_row >= POSTS_IN_A_ROW)
		*ret_at = mono(&poster->worker);
	poster->in_a_row = 0;
	if (doubt_step(poster, &doubt_at)) {
		*ret_at = mono(&poster->worker);
		return true;
	}
	earlier(ret_at, doubt_at);
	return false;
}

void poster_run(struct poster *poster)
{
	const struct worker *w = &poster->worker;
	int64_t at;

	while (!w->wake.stopping(w->wake.self))
		if (!poster_step(poster, &at))
			w->wake.wait(w->wake.self, WAKE_SLOTS, at);
}
