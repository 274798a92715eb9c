#include "agent/store/forged.h"

#include <inttypes.h>
#include <stdlib.h>

#define OWN_IDS_MAX ((size_t)32) /* answered between two audits; older ones are then explained by their number */

/* ---- what our POSTs explain ---- */

static int64_t *lost_of(struct row_ledger *ledger, enum status_state state)
{
	return state == STATUS_SUCCESS ? &ledger->lost_grants : &ledger->lost_denials;
}

void own_sent(struct row_ledger *ledger, enum status_state state)
{
	++*lost_of(ledger, state);
}

void own_unsent(struct row_ledger *ledger, enum status_state state)
{
	int64_t *lost = lost_of(ledger, state);

	*lost = *lost > 0 ? *lost - 1 : 0;
}

/* Ids are few and short: a list ",12,34,", the kind of each by its sign (minus: a success). */
static struct text id_text(int64_t id, enum status_state state, char buffer[32])
{
	(void)snprintf(buffer, 32, ",%s%" PRId64 ",", state == STATUS_SUCCESS ? "-" : "", id);
	return text_of(buffer);
}

static bool has_id(const struct row_ledger *ledger, const struct listed_status *s)
{
	char buffer[32];

	return text_find(ledger->own_ids, id_text(s->id, s->state, buffer)) != SIZE_MAX;
}

static bool next_id(struct text *ids, int64_t *ret)
{
	size_t end = 1;

	if (ids->len < 2)
		return false;
	while (end < ids->len && ids->at[end] != ',')
		end++;
	if (!text_int64((struct text){ids->at + 1, end - 1}, ret))
		return false;
	*ids = (struct text){ids->at + end, ids->len - end};
	return true;
}

static size_t count_ids(struct text ids)
{
	size_t n = 0;
	int64_t id;

	while (next_id(&ids, &id))
		n++;
	return n;
}

static void add_id(struct row_ledger *ledger, const struct listed_status *s, struct arena *arena)
{
	char buffer[32];
	struct text one = id_text(s->id, s->state, buffer), ids = ledger->own_ids;
	int64_t oldest;

	if (count_ids(ids) >= OWN_IDS_MAX && next_id(&ids, &oldest))
		++*lost_of(ledger, oldest < 0 ? STATUS_SUCCESS : STATUS_FAILURE);
	ledger->own_ids =
		arena_printf(arena, "%.*s%.*s", TEXT_ARG(ids), (int)one.len - (ids.len > 0), one.at + (ids.len > 0));
}

void own_answered(struct step *step, struct row_ledger *ledger, const struct post *post, int64_t id)
{
	struct listed_status s = {.id = id, .state = post->state};

	if (id <= 0)
		return;
	own_unsent(ledger, post->state);
	add_id(ledger, &s, step->arena);
}

static bool explained(struct step *step, struct row_ledger *ledger, const struct listed_status *s)
{
	if (has_id(ledger, s))
		return true;
	if (*lost_of(ledger, s->state) == 0)
		return false;
	own_unsent(ledger, s->state);
	add_id(ledger, s, step->arena);
	return true;
}

/* What lies at or below the audited id is never asked for again. */
static void forget_ids(struct row_ledger *ledger, struct arena *arena)
{
	struct row_ledger kept = {.sha = ledger->sha};
	struct text ids = ledger->own_ids;
	int64_t id;

	while (next_id(&ids, &id)) {
		struct listed_status s = {.id = llabs(id), .state = id < 0 ? STATUS_SUCCESS : STATUS_FAILURE};

		if (s.id > ledger->audited_id)
			add_id(&kept, &s, arena);
	}
	ledger->own_ids = kept.own_ids;
}

/* ---- who we are ---- */

static int64_t life_ms(const struct step *step)
{
	return step->store->limits.post_deadline_ms + step->store->limits.post_grace_ms;
}

static void meet(struct step *step, struct row_identity *row, int64_t creator)
{
	row->former = row->creator;
	row->creator = creator;
	row->armed_at = step->now + life_ms(step);
	row->since = 0;
}

/* True: the row changed. */
static bool date_from(struct step *step, struct row_identity *row, const struct post *post,
		      const struct post_result *result)
{
	if (row->since > 0 || result->created_at == WHEN_UNKNOWN)
		return false;
	if (row->armed_at - step->now > life_ms(step)) { /* the clock went back */
		row->armed_at = step->now + life_ms(step);
		return true;
	}
	if (post->taken_at < row->armed_at)
		return false;
	row->since = result->created_at;
	return true;
}

bool identity_answered(struct step *step, const struct post *post, const struct post_result *result)
{
	struct row_identity row = {.installation = post->installation};
	bool found;

	if (result->outcome != POST_ACCEPTED || result->creator <= 0)
		return true;
	if (!step_find(step, &table_identity, &row, &found))
		return false;
	if (!found || row.creator != result->creator)
		meet(step, &row, result->creator);
	else if (!date_from(step, &row, post, result))
		return true;
	return step_put(step, &table_identity, &row);
}

struct restarting {
	struct step *step;
	bool ok;
};

static bool disarm(void *context, const void *at)
{
	struct row_identity row = *(const struct row_identity *)at;
	struct restarting *r = context;

	row.since = 0;
	row.armed_at = r->step->now + life_ms(r->step);
	r->ok = step_put(r->step, &table_identity, &row);
	return r->ok;
}

bool identity_restart(struct step *step)
{
	struct scan scan = {.table = &table_identity, .index = INDEX_KEY, .limit = SIZE_MAX / 2};
	struct restarting r = {step, true};

	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){disarm, &r, step->arena}, step->err) &&
	       r.ok;
}

/* *found false: nobody knows yet who posts for us there. */
static bool identity_of(struct step *step, int64_t repo, struct row_identity *ret, bool *found)
{
	struct row_repo row = {.id = repo};

	if (!step_find(step, &table_repo, &row, found))
		return false;
	*ret = (struct row_identity){.installation = row.installation};
	return step_find(step, &table_identity, ret, found);
}

/* ---- judging others' ---- */

static bool is_foreign(const struct row_identity *us, const struct listed_status *s)
{
	return s->creator > 0 && s->creator != us->creator && s->creator != us->former;
}

static bool is_stolen(struct step *step, struct row_ledger *ledger, const struct row_identity *us,
		      const struct listed_status *s)
{
	if (s->creator != us->creator || s->id <= ledger->audited_id || explained(step, ledger, s))
		return false;
	return us->since > 0 && s->created_at != WHEN_UNKNOWN && s->created_at > us->since;
}

static bool report(struct step *step, struct row_ledger *ledger, const struct listed_status *s, enum forged what)
{
	struct alarm_news news = {.repo = ledger->repo,
				  .sha = ledger->sha,
				  .kind = what == FORGED_STOLEN ? ALARM_STOLEN_KEY : ALARM_STATUS,
				  .who = s->login,
				  .who_id = s->creator,
				  .forge_id = s->id};
	bool is_news;

	if (!alarm_raise(step, &news, &is_news))
		return false;
	ledger->others += is_news;
	return true;
}

static bool one(struct step *step, struct row_ledger *ledger, const struct row_identity *us,
		const struct forged_told *told, enum forged *ret)
{
	*ret = told->status->creator > 0 ? FORGED_NOT : FORGED_UNTOLD;
	if (is_foreign(us, told->status))
		*ret = FORGED_FOREIGN;
	else if (told->certain && is_stolen(step, ledger, us, told->status))
		*ret = FORGED_STOLEN;
	return *ret < FORGED_FOREIGN || report(step, ledger, told->status, *ret);
}

bool forged_told(struct step *step, struct row_ledger *ledger, const struct forged_told *told, enum forged *ret)
{
	struct row_identity us;
	bool known;

	*ret = FORGED_UNTOLD;
	if (!identity_of(step, ledger->repo, &us, &known))
		return false;
	return !known || told->status->id <= ledger->audited_id || one(step, ledger, &us, told, ret);
}

bool own_told(struct row_ledger *ledger, enum status_state state, enum forged what)
{
	if (what == FORGED_FOREIGN || (what == FORGED_UNTOLD && state != STATUS_SUCCESS))
		return false;
	ledger->granted = state == STATUS_SUCCESS;
	return true;
}

/* us NULL: nobody knows who we are. */
static enum forged whose(const struct row_ledger *ledger, const struct row_identity *us, const struct listed_status *s)
{
	if (has_id(ledger, s))
		return FORGED_NOT;
	if (!us || s->creator <= 0)
		return FORGED_UNTOLD;
	return is_foreign(us, s) ? FORGED_FOREIGN : FORGED_NOT;
}

/* Newest first. What was audited was told apart while it was known who we are: nothing is learned from it without. */
static void note_own(struct row_ledger *ledger, const struct row_identity *us, const struct reread *seen)
{
	if (seen->n == 0)
		(void)own_told(ledger, seen->state, FORGED_UNTOLD);
	for (size_t i = 0; i < seen->n && (us || seen->at[i].id > ledger->audited_id); i++)
		if (own_told(ledger, seen->at[i].state, whose(ledger, us, &seen->at[i])))
			return;
}

bool forged_audit(struct step *step, struct row_ledger *ledger, const struct reread *seen, enum forged *ret)
{
	struct row_identity us;
	int64_t upto = ledger->audited_id;
	bool known;

	*ret = FORGED_UNTOLD;
	if (!identity_of(step, ledger->repo, &us, &known))
		return false;
	note_own(ledger, known ? &us : NULL, seen);
	for (size_t i = seen->n; known && i > 0; i--) { /* newest first in the list: the oldest is explained first */
		struct forged_told told = {&seen->at[i - 1], true};
		enum forged what;

		if (told.status->id <= ledger->audited_id)
			continue;
		if (!one(step, ledger, &us, &told, &what))
			return false;
		if (told.status->id > upto)
			upto = told.status->id;
		if (told.status->id == seen->forge_status_id)
			*ret = what;
	}
	ledger->audited_id = upto;
	forget_ids(ledger, step->arena);
	return true;
}

struct text forged_login(struct text login, struct arena *arena)
{
	struct text cut = text_cut(login, 60);
	char *ret = arena_alloc(arena, cut.len + 1, 1);

	for (size_t i = 0; i < cut.len; i++)
		ret[i] = (char)(cut.at[i] > ' ' && cut.at[i] < 127 ? cut.at[i] : '?');
	return cut.len > 0 ? (struct text){ret, cut.len} : TEXT_LIT("another app");
}

static struct text why(struct step *step, enum forged what, struct text who)
{
	if (what == FORGED_STOLEN)
		return TEXT_LIT("Revoked: the last status here bears headgate's name and is not its own; judged again");
	return arena_printf(step->arena, "Revoked: the last status here was set by %.*s, not by headgate; judged again",
			    TEXT_ARG(forged_login(who, step->arena)));
}

bool forged_revoke(struct step *step, const struct row_ledger *ledger, enum forged what, struct text who)
{
	struct slot_wish wish = {.repo = ledger->repo,
				 .sha = ledger->sha,
				 .context = ledger->context,
				 .state = STATUS_FAILURE,
				 .text = why(step, what, who),
				 .kind = SLOT_REVOCATION};
	struct row_slot slot = {.repo = ledger->repo, .sha = ledger->sha, .context = ledger->context};
	bool found, landed;

	if (!step_find(step, &table_slot, &slot, &found) || !commit_landed(step, ledger->repo, &ledger->sha, &landed))
		return false;
	if (landed) /* what it wanted there is posted once more, and that is all */
		return true;
	if (!subject_want(step, ledger->repo, &ledger->sha, true))
		return false;
	return (found && stays_superseded(&slot)) || slot_write(step, &wish);
}
