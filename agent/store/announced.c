#include "agent/store/announced.h"

struct finding {
	struct row_announced *row;
	bool found;
};

static bool take(void *context, const void *row)
{
	struct finding *finding = context;

	*finding->row = *(const struct row_announced *)row;
	finding->found = true;
	return false;
}

static bool find(const struct rows *rows, struct scan scan, struct visitor visitor, struct err *err)
{
	scan.table = &table_announced;
	scan.index = ANNOUNCED_BY_SHA;
	scan.n_equal = 3;
	scan.descending = true;
	scan.limit = 1;
	return rows->ops->scan(rows->self, &scan, visitor, err);
}

bool announced_newest(const struct rows *rows, struct row_announced *row, bool *found, struct arena *arena,
		      struct err *err)
{
	struct row_announced key = *row;
	struct finding finding = {row, false};
	bool ok = find(rows, (struct scan){.equal = &key}, (struct visitor){take, &finding, arena}, err);

	*found = finding.found;
	return ok;
}

bool announced_by(const struct rows *rows, struct row_announced *row, bool *found, struct arena *arena, struct err *err)
{
	struct row_announced key = *row;
	struct finding finding = {row, false};
	struct scan scan = {.equal = &key, .has_upto = true, .upto = key.last, .lean = true};
	bool ok = find(rows, scan, (struct visitor){take, &finding, arena}, err);

	*found = finding.found;
	return ok;
}

/* A row from before the rules were kept is told of no others: they become its. */
static bool says(const struct row_announced *was, const struct row_announced *now)
{
	return text_eq(was->decision, now->decision) && text_eq(was->state, now->state) &&
	       text_eq(was->public_text, now->public_text) && (was->rules.len == 0 || text_eq(was->rules, now->rules));
}

bool announced_tell(struct step *step, const struct row_verdict *verdict, struct text rules)
{
	struct row_announced was = {.repo = verdict->repo, .sha = verdict->sha, .context = verdict->context};
	struct row_announced now = {.id = verdict->id,
				    .repo = verdict->repo,
				    .sha = verdict->sha,
				    .context = verdict->context,
				    .made_at = verdict->made_at,
				    .last = verdict->id,
				    .last_at = verdict->made_at,
				    .decision = verdict->decision,
				    .state = verdict->state,
				    .public_text = verdict->public_text,
				    .rules = rules};
	bool found;

	if (!announced_newest(step->rows, &was, &found, step->arena, step->err))
		return false;
	if (found && was.last == now.last) {
		now.last_at = was.last_at;
		if (says(&was, &now) && text_eq(was.rules, rules))
			return true;
	}
	if (found && (says(&was, &now) || was.id == now.id)) {
		now.id = was.id;
		now.made_at = was.made_at;
	}
	return step_put(step, &table_announced, &now);
}
