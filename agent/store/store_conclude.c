/*
 * Conclude (agent/PROTOCOL.md): one transaction that first applies what the journal still holds for the repository, so
 * that nothing answered 202 is overtaken, then lets the verdict count, unless the fence was lost. A success is dropped,
 * and the commit judged again, if an event came in since the claim or a POST for this slot is in doubt.
 */
#include "agent/store/bugs.h"
#include "agent/store/groups.h"
#include "agent/store/pack.h"
#include "agent/store/steps.h"
#include "agent/store/watches.h"

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
			    .lean = true,
			    .limit = 1};

	*ret = 0;
	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){take_seq, ret, step->arena}, step->err);
}

struct last {
	struct row_verdict row;
	bool found;
};

static bool take_last(void *context, const void *row)
{
	struct last *last = context;

	last->row = *(const struct row_verdict *)row;
	last->found = true;
	return false;
}

/* The sweep judges every open head again and again: a verdict that says what the commit's last one said, for the same
 * reasons, is that verdict, as long as its slot still holds it. What was revoked meanwhile is allowed by a row of its
 * own. */
static bool said_already(struct step *step, const struct row_verdict *row, int64_t *ret_id)
{
	struct scan scan = {.table = &table_verdict,
			    .index = VERDICT_BY_SHA,
			    .equal = row,
			    .n_equal = 2,
			    .descending = true,
			    .lean = true,
			    .limit = 1};
	struct last last = {.found = false};
	const struct row_verdict *was = &last.row;
	struct row_slot slot;
	bool has_slot;

	*ret_id = 0;
	if (!slot_find(step, row->repo, &row->sha, &slot, &has_slot) ||
	    !step->rows->ops->scan(step->rows->self, &scan, (struct visitor){take_last, &last, step->arena}, step->err))
		return false;
	if (last.found && has_slot && slot.kind == SLOT_VERDICT && slot.verdict == was->id &&
	    text_eq(was->decision, row->decision) && text_eq(was->state, row->state) && text_eq(was->text, row->text) &&
	    text_eq(was->public_text, row->public_text) && text_eq(was->rules, row->rules) &&
	    text_eq(was->counted, row->counted) && text_eq(was->policy_sha, row->policy_sha) &&
	    text_eq(was->context, row->context))
		*ret_id = was->id;
	return true;
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

	if (!said_already(step, &row, &job->verdict))
		return false;
	if (job->verdict != 0)
		return true;
	if (!latest_cause(step, row.repo, &row.cause_seq) ||
	    !pack_text(in->facts_json, step->arena, &row.inputs_lz4, step->err) || !chain_link(step, &row) ||
	    !step->rows->ops->add(step->rows->self, &table_verdict, &row, step->err))
		return false;
	job->verdict = row.id;
	return true;
}

/* A verdict whose judgement is still owed, because it decides nothing or because an event came after its claim, weakens
 * no revocation and lets nobody pass a supersede: what it read may be from before. */
static bool keeps_revocation(struct step *step, const struct conclusion *in, bool owed, bool *ret)
{
	struct row_slot slot;
	bool found;

	*ret = false;
	if (!owed)
		return true;
	if (!slot_find(step, in->claim->repo, &in->claim->sha, &slot, &found))
		return false;
	*ret = found && slot.state == STATUS_FAILURE && (slot.superseded || slot.kind == SLOT_REVOCATION);
	return true;
}

static bool write_slot(struct step *step, const struct conclude_job *job, bool owed)
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
		.superseded = in->no_change && !owed, /* whether a change has it, a verdict from before does not know */
		.made_at = in->verdict->state == STATUS_SUCCESS ? in->read_at : 0,
	};

	return keeps_revocation(step, in, owed, &keep) && (keep || slot_write(step, &wish));
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

/* The process may have been stopped, or slow, between its reading and now. */
static bool recent(const struct step *step, const struct conclusion *in)
{
	return in->read_at <= step->now && step->now - in->read_at <= step->store->limits.grant_age_ms;
}

/* *ret_again: where it does not, and no news will tell, when to look again. */
static bool success_holds(struct step *step, const struct row_subject *subject, const struct conclusion *in, bool *ret,
			  int64_t *ret_again)
{
	struct row_ledger ledger;
	bool found;

	if (!ledger_find(step, in->claim->repo, &in->claim->sha, &ledger, &found))
		return false;
	*ret = subject->wanted == in->claim->wanted && ledger.doubt_until == 0 && recent(step, in);
	*ret_again = ledger.doubt_until;
	if (ledger.doubt_until > 0 && ledger.doubt_until < step->now + DOUBT_AGAIN_MS)
		*ret_again = step->now + DOUBT_AGAIN_MS;
	return true;
}

/* The forge shows as a head what events, told in the wrong order, said was replaced, or what a copy that lagged did not
 * show: nobody else asks for it, and only its own judgement dates when it was seen there. Where this commit heads no
 * change any more, it is read after this one has its failure. */
static bool judge_shown(struct step *step, const struct conclusion *in, const struct oid *head)
{
	struct row_subject shown = {.repo = in->claim->repo, .sha = *head};
	struct row_slot slot;
	bool found, posted;

	if (!step_find(step, &table_subject, &shown, &found) ||
	    !slot_find(step, shown.repo, &shown.sha, &slot, &posted))
		return false;
	if (!found || !posted || (!oid_known(&shown.superseded_by) && !slot.superseded))
		return true;
	if (in->no_change)
		slot.after = in->claim->sha;
	return slot_settle(step, &slot) && subject_want_again(step, shown.repo, &shown.sha);
}

static bool judge_all_shown(struct step *step, const struct conclusion *in)
{
	for (size_t i = 0; i < in->n_heads_now; i++)
		if (!judge_shown(step, in, &in->heads_now[i]))
			return false;
	return true;
}

/* The verdict stands; what it read may be from before something that gives. */
static bool look_again(struct step *step, struct row_subject *subject, const struct conclusion *in)
{
	if (in->look_again_at == 0 || subject->due)
		return true;
	subject->wanted++;
	subject->due = 1;
	subject->not_before = in->look_again_at;
	return step_put(step, &table_subject, subject);
}

/* Not where an event came meanwhile: it may have named the commit anew. */
static bool end_gone(struct step *step, const struct row_subject *subject, const struct conclusion *in)
{
	return subject->due || groups_gone(step, in);
}

/* Where it has landed, what was said of it stands. */
static bool say_nothing(struct step *step, const struct row_subject *subject, const struct conclusion *in)
{
	if (subject->due)
		return true;
	return in->landed ? groups_landed(step, subject->repo, &subject->sha)
			  : groups_over(step, subject->repo, &subject->sha);
}

/* Told since the claim, of what no verdict before had asked for: it raised nothing then. */
static bool mind_heard(struct step *step, struct row_subject *subject, const struct conclusion *in)
{
	bool told;

	if (!bugs_told_since(step, in, &told))
		return false;
	if (!told && !heard_concerns(subject->heard, in->claim->fence, in->watches))
		return true;
	subject->wanted++;
	subject->due = 1;
	return true;
}

static bool conclude(struct step *step, struct conclude_job *job, struct row_subject *subject, bool left)
{
	const struct conclusion *in = job->in;
	bool success = in->verdict->state == STATUS_SUCCESS, holds = true;
	int64_t again = 0;

	if (!mind_heard(step, subject, in))
		return false;
	if (success && !success_holds(step, subject, in, &holds, &again))
		return false;
	if (holds && !(success && left))
		subject->watches = in->watches;
	if (in->silent) {
		job->outcome = CONCLUDED;
		return give_back(step, subject, in, in->retry_at) && end_gone(step, subject, in) &&
		       say_nothing(step, subject, in);
	}
	if (!holds || (success && left)) {
		job->outcome = CONCLUDED_DROPPED;
		return give_back(step, subject, in, again > 0 ? again : step->now);
	}
	if (!bugs_link(step, in) || !write_verdict(step, job))
		return false;
	if (success)
		subject->allowed_before = 1;
	if (oid_known(&in->superseded_by) || !in->no_change)
		subject->superseded_by = in->superseded_by;
	job->outcome = CONCLUDED;
	return give_back(step, subject, in, in->retry_at) && write_slot(step, job, subject->due != 0) &&
	       end_gone(step, subject, in) && recheck_answer(step, in->claim) && look_again(step, subject, in) &&
	       judge_all_shown(step, in);
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
