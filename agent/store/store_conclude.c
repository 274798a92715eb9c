/*
 * Conclude (protocol.md): one transaction that first applies what the journal still holds for the repository, so that
 * nothing answered 202 is overtaken, then lets the verdict count, unless the fence was lost. A success is dropped, and
 * the commit judged again, if an event came in since the claim or a POST for this slot is in doubt.
 */
#include "agent/store/pack.h"
#include "agent/store/steps.h"

#define APPLY_FIRST_MAX 2000
#define DOUBT_AGAIN_MS  5000 /* a doubt that is over but not settled yet: the forge cannot be read */

struct conclude_job {
	const struct store *store;
	const struct conclusion *in;
	enum concluded outcome;
	int64_t verdict;
};

static bool take_seq(void *context, const void *row)
{
	*(int64_t *)context = ((const struct row_journal *)row)->seq;
	return false;
}

/* The newest delivery of this repository that was applied before the verdict: for people, and for an audit. */
static bool latest_cause(struct step *step, int64_t repo, int64_t *ret)
{
	struct row_journal key = {.repo = repo, .state = JOURNAL_APPLIED};
	struct scan scan = {.table = &table_journal,
			    .index = JOURNAL_BY_REPO,
			    .equal = &key,
			    .n_equal = 2,
			    .descending = true,
			    .limit = 1};

	*ret = 0;
	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){take_seq, ret, step->arena}, step->err);
}

static bool write_verdict(struct step *step, struct conclude_job *job)
{
	const struct conclusion *in = job->in;
	struct row_verdict row = {
		.repo = in->claim->repo,
		.sha = in->claim->sha,
		.made_at = in->now,
		.wanted = in->claim->wanted,
		.fence = in->claim->fence,
		.context = step->store->context,
		.decision = text_of(decision_name(in->verdict->decision)),
		.state = text_of(status_state_name(in->verdict->state)),
		.text = in->verdict->text,
		.public_text = in->verdict->public_text,
		.rules = in->rules_json,
		.counted = in->counted,
		.policy_text = in->policy_text,
		.policy_sha = in->policy_sha,
		.inputs_bytes = (int64_t)in->facts_json.len,
	};

	if (!latest_cause(step, row.repo, &row.cause_seq) ||
	    !pack_text(in->facts_json, step->arena, &row.inputs_lz4, step->err) || !chain_link(step, &row) ||
	    !step->rows->ops->add(step->rows->self, &table_verdict, &row, step->err))
		return false;
	job->verdict = row.id;
	return true;
}

/*
 * Some verdicts take no denial back: one that decides nothing (its judgement is still owed) leaves a revocation and a
 * supersede alone, and one that is older than the news leaves a supersede alone, for which the new head's posts wait.
 */
static bool keeps_denial(struct step *step, const struct conclusion *in, bool stale, bool *ret)
{
	struct row_slot slot;
	bool found, undecided = in->retry_at != 0;

	*ret = false;
	if (!undecided && !stale)
		return true;
	if (!slot_find(step, in->claim->repo, &in->claim->sha, &slot, &found))
		return false;
	*ret = found && slot.state == STATUS_FAILURE &&
	       (slot.superseded || (undecided && slot.kind == SLOT_REVOCATION));
	return true;
}

/* A stale verdict (events came in since its claim) is a denial, and will be judged again: whether a change has this
 * head it does not know any more. */
static bool write_slot(struct step *step, const struct conclude_job *job, bool stale)
{
	const struct conclusion *in = job->in;
	bool keep;
	struct slot_wish wish = {
		.repo = in->claim->repo,
		.sha = in->claim->sha,
		.state = in->verdict->state,
		.text = in->verdict->public_text,
		.kind = SLOT_VERDICT,
		.verdict = job->verdict,
		.superseded = in->no_change && !stale,
	};

	return keeps_denial(step, in, stale, &keep) && (keep || slot_write(step, &wish));
}

/* Gives the claim back. again 0: the verdict answers what was wanted at the claim; else when to ask again. */
static bool give_back(struct step *step, struct row_subject *subject, const struct conclusion *in, int64_t again)
{
	bool judged = again == 0;

	subject->owner = TEXT_EMPTY;
	subject->lease_until = 0;
	subject->attempts = judged ? 0 : subject->attempts + 1;
	subject->not_before = 0;
	if (judged)
		subject->judged = in->claim->wanted;
	else if (subject->wanted == in->claim->wanted)
		subject->not_before = again;
	subject->due = subject->wanted > subject->judged;
	step->subjects = step->subjects || subject->due;
	return step_put(step, &table_subject, subject);
}

/* *ret_again: where it does not, and no news will tell, when to look again. */
static bool success_holds(struct step *step, const struct row_subject *subject, const struct conclusion *in, bool *ret,
			  int64_t *ret_again)
{
	struct row_ledger ledger;
	bool found;

	if (!ledger_find(step, in->claim->repo, &in->claim->sha, &ledger, &found))
		return false;
	*ret = subject->wanted == in->claim->wanted && ledger.doubt_until == 0;
	*ret_again = ledger.doubt_until;
	if (ledger.doubt_until > 0 && ledger.doubt_until < step->now + DOUBT_AGAIN_MS)
		*ret_again = step->now + DOUBT_AGAIN_MS;
	return true;
}

static bool conclude(struct step *step, struct conclude_job *job, struct row_subject *subject, bool left)
{
	const struct conclusion *in = job->in;
	bool success = in->verdict->state == STATUS_SUCCESS, holds = true;
	int64_t again = 0;

	if (success && !success_holds(step, subject, in, &holds, &again))
		return false;
	if (in->silent) { /* it has landed: what was said of it stands */
		job->outcome = CONCLUDED;
		return give_back(step, subject, in, in->retry_at);
	}
	if (!holds || (success && left)) {
		job->outcome = CONCLUDED_DROPPED;
		return give_back(step, subject, in, again > 0 ? again : step->now);
	}
	if (!write_verdict(step, job))
		return false;
	if (success)
		subject->allowed_before = 1;
	if (oid_known(&in->superseded_by) || !in->no_change)
		subject->superseded_by = in->superseded_by;
	job->outcome = CONCLUDED;
	return give_back(step, subject, in, in->retry_at) &&
	       write_slot(step, job, subject->wanted != in->claim->wanted);
}

static bool job_in(struct rows *rows, void *arg, struct err *err)
{
	struct conclude_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err, .now = job->in->now};
	struct row_subject subject = {.repo = job->in->claim->repo, .sha = job->in->claim->sha};
	bool found, left;

	if (!apply_repo(&step, job->in->claim->repo, APPLY_FIRST_MAX, &left) ||
	    !step_find(&step, &table_subject, &subject, &found))
		return false;
	if (!found || subject.fence != job->in->claim->fence) {
		job->outcome = CONCLUDED_FENCED;
		return true;
	}
	return conclude(&step, job, &subject, left);
}

bool store_conclude(const struct store *store, const struct conclusion *in, enum concluded *ret, int64_t *ret_verdict,
		    struct err *err)
{
	struct conclude_job job = {store, in, CONCLUDED_FENCED, 0};

	if (!store->exec.write(store->exec.self, job_in, &job, err))
		return false;
	*ret = job.outcome;
	*ret_verdict = job.verdict;
	return true;
}
