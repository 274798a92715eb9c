/*
 * Conclude (agent/PROTOCOL.md): one transaction that first applies what the journal still holds for the repository, so
 * that nothing answered 202 is overtaken, then lets the verdict count, unless the fence was lost. A success is dropped,
 * and the commit judged again, if an event came in since the claim or a POST for this slot is in doubt.
 */
#include "agent/store/announced.h"
#include "agent/store/bugs.h"
#include "agent/store/groups.h"
#include "agent/store/pack.h"
#include "agent/store/steps.h"
#include "agent/store/trees_step.h"
#include "agent/store/watches.h"

#define APPLY_FIRST_MAX 2000
#define DOUBT_AGAIN_MS  5000 /* a doubt that is over but not settled yet: the forge cannot be read */

#define VERDICTS_BACK 32 /* rows of several contexts, among which the last one of each is looked for */

struct conclude_job {
	const struct store *store;
	const struct conclusion *in;
	enum concluded outcome;
	int64_t verdict; /* of the server's own context */
};

/* What is concluded in one context. */
struct part {
	struct text context;
	const struct verdict *verdict;
	struct text rules_json, facts_json, public_rules;
	int64_t row;  /* of the verdict */
	bool dropped; /* a success that does not hold */
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
	struct text context;
	struct row_verdict row;
	bool found;
};

static bool take_last(void *context, const void *row)
{
	struct last *last = context;

	last->row = *(const struct row_verdict *)row;
	last->found = text_eq(last->row.context, last->context);
	return !last->found;
}

/* The sweep judges every open head again and again: a verdict that says what the commit's last one said, for the same
 * reasons, is that verdict, as long as its slot still holds it. What was revoked meanwhile is allowed by a row of its
 * own. */
static bool said_already(struct step *step, const struct row_verdict *row, size_t back, int64_t *ret_id)
{
	struct scan scan = {.table = &table_verdict,
			    .index = VERDICT_BY_SHA,
			    .equal = row,
			    .n_equal = 2,
			    .descending = true,
			    .lean = true,
			    .limit = back};
	struct last last = {.context = row->context};
	const struct row_verdict *was = &last.row;
	struct row_slot slot = {.repo = row->repo, .sha = row->sha, .context = row->context};
	bool has_slot;

	*ret_id = 0;
	if (!step_find(step, &table_slot, &slot, &has_slot) ||
	    !step->rows->ops->scan(step->rows->self, &scan, (struct visitor){take_last, &last, step->arena}, step->err))
		return false;
	if (last.found && has_slot && slot.kind == SLOT_VERDICT && slot.verdict == was->id &&
	    text_eq(was->decision, row->decision) && text_eq(was->state, row->state) && text_eq(was->text, row->text) &&
	    text_eq(was->public_text, row->public_text) && text_eq(was->rules, row->rules) &&
	    text_eq(was->counted, row->counted) && text_eq(was->policy_sha, row->policy_sha))
		*ret_id = was->id;
	return true;
}

static bool write_verdict(struct step *step, const struct conclusion *in, struct part *part)
{
	struct row_verdict row = {
		.repo = in->claim->repo,
		.sha = in->claim->sha,
		.made_at = in->now,
		.wanted = in->claim->wanted,
		.fence = in->claim->fence,
		.context = part->context,
		.decision = text_of(decision_name(part->verdict->decision)),
		.state = text_of(status_state_name(part->verdict->state)),
		.text = part->verdict->text,
		.public_text = part->verdict->public_text,
		.rules = part->rules_json,
		.counted = in->counted,
		.policy_text = in->policy_text,
		.policy_sha = in->policy_sha,
		.inputs_bytes = (int64_t)part->facts_json.len,
	};

	if (!said_already(step, &row, in->n_contexts > 0 ? VERDICTS_BACK : 1, &part->row))
		return false;
	row.id = part->row;
	if (row.id != 0)
		return announced_tell(step, &row, part->public_rules);
	if (!latest_cause(step, row.repo, &row.cause_seq) ||
	    !pack_text(part->facts_json, step->arena, &row.inputs_lz4, step->err) || !chain_link(step, &row) ||
	    !step->rows->ops->add(step->rows->self, &table_verdict, &row, step->err))
		return false;
	part->row = row.id;
	return announced_tell(step, &row, part->public_rules);
}

/* A verdict whose judgement is still owed, because it decides nothing or because an event came after its claim, weakens
 * no revocation and lets nobody pass a supersede: what it read may be from before. */
static bool keeps_revocation(const struct row_slot *slot, bool owed)
{
	return owed && slot->state == STATUS_FAILURE && (slot->superseded || slot->kind == SLOT_REVOCATION);
}

/* A context's first slot waits for what the commit's own one waits for. */
static bool waits_like_own(struct step *step, const struct conclusion *in, struct oid *ret)
{
	struct row_slot own;
	bool found;

	if (!slot_find(step, in->claim->repo, &in->claim->sha, &own, &found))
		return false;
	*ret = found ? own.after : OID_NONE;
	return true;
}

static bool write_slot(struct step *step, const struct conclusion *in, const struct part *part, bool owed)
{
	struct row_slot slot = {.repo = in->claim->repo, .sha = in->claim->sha, .context = part->context};
	struct slot_wish wish = {
		.repo = in->claim->repo,
		.sha = in->claim->sha,
		.context = part->context,
		.state = part->verdict->state,
		.text = part->verdict->public_text,
		.kind = SLOT_VERDICT,
		.verdict = part->row,
		.superseded = in->no_change && !owed, /* whether a change has it, a verdict from before does not know */
		.made_at = part->verdict->state == STATUS_SUCCESS ? in->read_at : 0,
	};
	bool found;

	if (!step_find(step, &table_slot, &slot, &found) || (!found && !waits_like_own(step, in, &wish.after)))
		return false;
	return keeps_revocation(&slot, owed) || slot_write(step, &wish);
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
static bool success_holds(struct step *step, const struct row_subject *subject, const struct conclusion *in,
			  struct part *part, int64_t *ret_again)
{
	struct row_ledger ledger = {.repo = subject->repo, .sha = subject->sha, .context = part->context};
	int64_t again;
	bool found;

	if (!step_find(step, &table_ledger, &ledger, &found))
		return false;
	part->dropped = subject->wanted != in->claim->wanted || ledger.doubt_until != 0 || !recent(step, in);
	again = ledger.doubt_until;
	if (again > 0 && again < step->now + DOUBT_AGAIN_MS)
		again = step->now + DOUBT_AGAIN_MS;
	if (part->dropped && (*ret_again == 0 || again < *ret_again))
		*ret_again = again > 0 ? again : step->now;
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
	subject->not_before = subject->due_since = in->look_again_at;
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
	bool told, moved;

	if (!bugs_told_since(step, in, &told) || !trees_moved(step, in, &moved))
		return false;
	if (!told && !moved && !heard_concerns(subject->heard, in->claim->fence, in->watches))
		return true;
	subject->wanted++;
	subject->due = 1;
	return true;
}

/* The server's own context first. */
static struct part *parts_of(struct step *step, const struct conclusion *in)
{
	struct part *parts = arena_alloc(step->arena, in->n_contexts + 1, sizeof *parts);

	parts[0] = (struct part){step->store->context, in->verdict, in->rules_json, in->facts_json,
				 in->public_rules,     0,           false};
	for (size_t i = 0; i < in->n_contexts; i++)
		parts[i + 1] = (struct part){in->contexts[i].name,
					     &in->contexts[i].verdict,
					     in->contexts[i].rules_json,
					     in->contexts[i].facts_json,
					     in->contexts[i].public_rules,
					     0,
					     false};
	return parts;
}

struct drops {
	bool left; /* in: none may stand */
	bool any;
	int64_t again; /* when to judge again; 0: no need */
};

/* Which successes do not hold; each context by itself: a denial of one, or a doubt about it, says nothing of another.
 */
static bool drop(struct step *step, const struct row_subject *subject, const struct conclusion *in, struct part *parts,
		 struct drops *ret)
{
	for (size_t i = 0; i <= in->n_contexts; i++) {
		if (parts[i].verdict->state != STATUS_SUCCESS)
			continue;
		if (!success_holds(step, subject, in, &parts[i], &ret->again))
			return false;
		if (ret->left && !parts[i].dropped)
			ret->again = step->now;
		parts[i].dropped = parts[i].dropped || ret->left;
		ret->any = ret->any || parts[i].dropped;
	}
	return true;
}

static bool write_verdicts(struct step *step, const struct conclusion *in, struct part *parts)
{
	for (size_t i = 0; i <= in->n_contexts; i++)
		if (!parts[i].dropped && !write_verdict(step, in, &parts[i]))
			return false;
	return true;
}

/* The own one first: others may wait for what it waits for. */
static bool write_slots(struct step *step, const struct conclusion *in, const struct part *parts, bool owed)
{
	for (size_t i = 0; i <= in->n_contexts; i++)
		if (!parts[i].dropped && !write_slot(step, in, &parts[i], owed))
			return false;
	return true;
}

/* An event came since the claim, or nothing was decided. */
static bool is_owed(const struct row_subject *subject, const struct conclusion *in)
{
	return subject->wanted > in->claim->wanted || in->retry_at != 0;
}

static bool conclude_silently(struct step *step, struct conclude_job *job, struct row_subject *subject)
{
	const struct conclusion *in = job->in;

	job->outcome = CONCLUDED;
	return give_back(step, subject, in, in->retry_at) && end_gone(step, subject, in) &&
	       say_nothing(step, subject, in);
}

static int64_t first_of(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* Everything but the own success: what says nothing of it stands. */
static bool conclude_rest(struct step *step, struct conclude_job *job, struct row_subject *subject, struct part *parts,
			  const struct drops *drops)
{
	const struct conclusion *in = job->in;
	bool owed = is_owed(subject, in);

	job->outcome = CONCLUDED_DROPPED;
	return write_verdicts(step, in, parts) && give_back(step, subject, in, first_of(drops->again, in->retry_at)) &&
	       write_slots(step, in, parts, owed);
}

static bool conclude(struct step *step, struct conclude_job *job, struct row_subject *subject, bool left)
{
	const struct conclusion *in = job->in;
	struct part *parts = parts_of(step, in);
	struct drops drops = {.left = left};
	bool owed;

	if (!mind_heard(step, subject, in) || !drop(step, subject, in, parts, &drops))
		return false;
	if (!drops.any)
		subject->watches = in->watches;
	if (!bugs_link(step, in) || !trees_link(step, in))
		return false;
	if (in->silent)
		return conclude_silently(step, job, subject);
	if (parts[0].dropped)
		return conclude_rest(step, job, subject, parts, &drops);
	if (!write_verdicts(step, in, parts))
		return false;
	job->verdict = parts[0].row;
	owed = is_owed(subject, in);
	if (in->verdict->state == STATUS_SUCCESS)
		subject->allowed_before = 1;
	if (oid_known(&in->superseded_by) || !in->no_change)
		subject->superseded_by = in->superseded_by;
	job->outcome = CONCLUDED;
	return give_back(step, subject, in, first_of(drops.again, in->retry_at)) &&
	       write_slots(step, in, parts, owed) && end_gone(step, subject, in) &&
	       (drops.any || recheck_answer(step, in->claim)) && look_again(step, subject, in) &&
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
