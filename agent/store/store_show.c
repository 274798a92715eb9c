/* Reads for people: what is stored about a commit, a change, the deliveries. Nothing here evaluates or changes. */
#include "agent/store/announced.h"
#include "agent/store/store.h"

#include <stdlib.h>

#define SHOW_VERDICTS   20
#define SHOW_LOOKED_AT  1000 /* verdicts; a limit of what one who asks can cost */
#define SHOW_CHANGES    100
#define SHOW_CONTEXTS   16
#define SHOW_GROUPS     20
#define SHOW_DELIVERIES 100

struct list { /* a bounded list, in the arena */
	char *at;
	size_t n, size, max;
};

static struct list list_of(struct arena *arena, size_t size, size_t max)
{
	return (struct list){arena_alloc(arena, max, size), 0, size, max};
}

static bool append(void *context, const void *row)
{
	struct list *list = context;

	__builtin_memcpy(list->at + list->n++ * list->size, row, list->size);
	return list->n < list->max;
}

struct by_name {
	struct row_repo repo;
	bool found;
};

static bool take_repo(void *context, const void *row)
{
	struct by_name *by = context;

	by->repo = *(const struct row_repo *)row; /* a recreated name: the newest id, which the scan yields first */
	by->found = true;
	return false;
}

static bool repo_by_name(struct rows *rows, struct text name, struct row_repo *ret, struct arena *arena,
			 struct err *err)
{
	struct row_repo key = {.name = name};
	struct scan scan = {
		.table = &table_repo, .index = REPO_BY_NAME, .equal = &key, .n_equal = 1, .descending = true};
	struct by_name by = {.found = false};

	if (!rows->ops->scan(rows->self, &scan, (struct visitor){take_repo, &by, arena}, err))
		return false;
	if (!by.found)
		return err_set(err, ERR_GONE, "nothing is known of the repository %.*s", TEXT_ARG(name));
	*ret = by.repo;
	return true;
}

struct show_job {
	const struct store *store;
	const struct commit_key *key;
	struct shown *ret;
	struct arena *arena;
	struct shown_context *contexts; /* ret's */
	bool announced;                 /* that alone is read of verdicts */
};

static bool optional(struct rows *rows, const struct table *table, void *row, struct arena *arena, struct err *err)
{
	if (rows->ops->get(rows->self, table, row, arena, err))
		return true;
	if (err->code != ERR_GONE)
		return false;
	*err = ERR_NONE;
	return true;
}

struct own_verdicts {
	struct list list;
	struct text context;
};

static bool append_own(void *context, const void *row)
{
	struct own_verdicts *own = context;

	return !text_eq(((const struct row_verdict *)row)->context, own->context) || append(&own->list, row);
}

struct telling {
	struct row_announced *told;
	size_t n, seen;
	int64_t oldest; /* of those seen */
	bool full;      /* and the last one is known from its beginning */
	struct arena *arena;
};

static bool told_same(const struct row_announced *a, const struct row_announced *b)
{
	return text_eq(a->decision, b->decision) && text_eq(a->public_text, b->public_text);
}

static bool told_again(void *context, const void *visited)
{
	const struct row_announced *row = visited;
	struct telling *t = context;

	t->seen++;
	t->oldest = row->id;
	if (t->n > 0 && told_same(&t->told[t->n - 1], row)) {
		t->told[t->n - 1].made_at = row->made_at;
		return true;
	}
	t->full = t->n == SHOW_VERDICTS;
	if (!t->full)
		t->told[t->n++] = (struct row_announced){.made_at = row->made_at,
							 .decision = arena_text(t->arena, row->decision),
							 .public_text = arena_text(t->arena, row->public_text)};
	return !t->full;
}

/* A few at a time, so that what is looked at is not all held at once. */
static bool show_told(struct rows *rows, struct show_job *job, struct err *err)
{
	struct row_announced key = {.repo = job->ret->repo.id, .sha = job->key->sha, .context = job->store->context};
	struct scan scan = {.table = &table_announced,
			    .index = ANNOUNCED_BY_SHA,
			    .equal = &key,
			    .n_equal = 3,
			    .descending = true,
			    .lean = true,
			    .limit = SHOW_VERDICTS};
	struct telling t = {.told = arena_alloc(job->arena, SHOW_VERDICTS, sizeof *t.told), .arena = job->arena};
	size_t before;

	do {
		auto_arena struct arena batch = ARENA_EMPTY;

		before = t.seen;
		if (!rows->ops->scan(rows->self, &scan, (struct visitor){told_again, &t, &batch}, err))
			return false;
		scan.has_upto = true;
		scan.upto = t.oldest - 1;
	} while (!t.full && t.seen - before == SHOW_VERDICTS && t.seen < SHOW_LOOKED_AT);
	job->ret->told = t.told;
	job->ret->n_told = t.n;
	return true;
}

/* Every verdict with all it says: for operators. */
static bool show_verdicts(struct rows *rows, struct show_job *job, struct err *err)
{
	struct shown *ret = job->ret;
	struct row_verdict verdict = {.repo = ret->repo.id, .sha = job->key->sha};
	struct scan verdicts = {.table = &table_verdict,
				.index = VERDICT_BY_SHA,
				.equal = &verdict,
				.n_equal = 2,
				.descending = true,
				.lean = true,
				.limit = SHOW_VERDICTS * (1 + ret->n_contexts)};
	struct row_alarm alarm = {.repo = ret->repo.id, .sha = job->key->sha};
	struct scan alarms = {
		.table = &table_alarm, .index = ALARM_BY_SUBJECT, .equal = &alarm, .n_equal = 2, .limit = ALARM_KINDS};
	struct own_verdicts v = {list_of(job->arena, sizeof verdict, SHOW_VERDICTS), job->store->context};
	struct list raised = list_of(job->arena, sizeof alarm, ALARM_KINDS);

	if (!rows->ops->scan(rows->self, &verdicts, (struct visitor){append_own, &v, job->arena}, err) ||
	    !rows->ops->scan(rows->self, &alarms, (struct visitor){append, &raised, job->arena}, err))
		return false;
	ret->alarms = (struct alarms){(void *)raised.at, raised.n};
	ret->verdicts = (void *)v.list.at;
	ret->n_verdicts = v.list.n;
	return true;
}

static bool take_verdict(void *context, const void *row)
{
	*(struct row_verdict *)context = *(const struct row_verdict *)row;
	return false;
}

/* *ret stays as it is where there is none. */
static bool verdict_by_id(struct rows *rows, int64_t id, struct row_verdict *ret, struct arena *arena, struct err *err)
{
	struct row_verdict key = {.id = id};
	struct scan scan = {
		.table = &table_verdict, .index = INDEX_KEY, .equal = &key, .n_equal = 1, .lean = true, .limit = 1};

	return rows->ops->scan(rows->self, &scan, (struct visitor){take_verdict, ret, arena}, err);
}

/* What it keeps of a verdict; nothing else of that is read. */
static struct row_verdict verdict_of(const struct row_announced *row)
{
	return (struct row_verdict){.id = row->last,
				    .repo = row->repo,
				    .sha = row->sha,
				    .made_at = row->last_at,
				    .context = row->context,
				    .decision = row->decision,
				    .state = row->state,
				    .text = row->public_text,
				    .public_text = row->public_text,
				    .rules = row->rules};
}

static bool show_announced(struct rows *rows, struct show_job *job, struct err *err)
{
	struct shown *ret = job->ret;
	struct row_announced key = {.repo = ret->repo.id, .sha = job->key->sha, .context = job->store->context};
	struct row_verdict *verdict = arena_alloc(job->arena, 1, sizeof *verdict), whole = {.rules = TEXT_EMPTY};
	bool found;

	if (!announced_newest(rows, &key, &found, job->arena, err))
		return false;
	if (!found)
		return true;
	*verdict = verdict_of(&key);
	ret->verdicts = verdict;
	ret->n_verdicts = 1;
	ret->rules_public = verdict->rules.len > 0;
	if (ret->rules_public)
		return true;
	if (!verdict_by_id(rows, key.last, &whole, job->arena, err))
		return false;
	verdict->rules = whole.rules;
	return true;
}

static bool show_lists(struct rows *rows, struct show_job *job, struct err *err)
{
	struct shown *ret = job->ret;
	struct row_change change = {.repo = ret->repo.id, .head = job->key->sha};
	struct scan changes = {
		.table = &table_change, .index = CHANGE_BY_HEAD, .equal = &change, .n_equal = 2, .limit = SHOW_CHANGES};
	struct list c = list_of(job->arena, sizeof change, SHOW_CHANGES);
	struct row_merge_group group = {.repo = ret->repo.id, .sha = job->key->sha};
	struct scan groups = {
		.table = &table_merge_group, .index = INDEX_KEY, .equal = &group, .n_equal = 2, .limit = SHOW_GROUPS};
	struct list g = list_of(job->arena, sizeof group, SHOW_GROUPS);

	if (!rows->ops->scan(rows->self, &changes, (struct visitor){append, &c, job->arena}, err) ||
	    !rows->ops->scan(rows->self, &groups, (struct visitor){append, &g, job->arena}, err))
		return false;
	ret->changes = (void *)c.at;
	ret->n_changes = c.n;
	ret->groups = (void *)g.at;
	ret->n_groups = g.n;
	return show_told(rows, job, err) &&
	       (job->announced ? show_announced(rows, job, err) : show_verdicts(rows, job, err));
}

static bool take_slot(void *context, const void *row)
{
	const struct row_slot *slot = row;
	struct show_job *job = context;
	struct shown *ret = job->ret;
	struct shown_context *more;

	if (text_eq(slot->context, job->store->context))
		return true;
	more = arena_alloc(job->arena, ret->n_contexts + 1, sizeof *more);
	for (size_t i = 0; i < ret->n_contexts; i++)
		more[i] = job->contexts[i];
	more[ret->n_contexts++].slot = *slot;
	job->contexts = more;
	return ret->n_contexts < SHOW_CONTEXTS;
}

/* What was announced by the verdict that the slot took. */
static bool show_said(struct rows *rows, struct show_job *job, struct shown_context *one, struct err *err)
{
	struct row_announced row = {
		.repo = one->slot.repo, .sha = one->slot.sha, .context = one->slot.context, .last = one->slot.verdict};
	bool found;

	if (!announced_by(rows, &row, &found, job->arena, err))
		return false;
	if (found) {
		one->verdict = verdict_of(&row);
		one->verdict.id = one->slot.verdict;
	}
	return true;
}

static bool show_contexts(struct rows *rows, struct show_job *job, struct err *err)
{
	struct row_slot key = {.repo = job->ret->repo.id, .sha = job->key->sha};
	struct scan scan = {
		.table = &table_slot, .index = INDEX_KEY, .equal = &key, .n_equal = 2, .limit = SHOW_CONTEXTS + 1};

	job->ret->n_contexts = 0;
	if (!rows->ops->scan(rows->self, &scan, (struct visitor){take_slot, job, job->arena}, err))
		return false;
	for (size_t i = 0; i < job->ret->n_contexts; i++) {
		struct shown_context *one = &job->contexts[i];

		one->ledger = (struct row_ledger){.repo = key.repo, .sha = key.sha, .context = one->slot.context};
		if (!optional(rows, &table_ledger, &one->ledger, job->arena, err))
			return false;
		if (one->slot.verdict != 0 &&
		    !(job->announced ? show_said(rows, job, one, err)
				     : verdict_by_id(rows, one->slot.verdict, &one->verdict, job->arena, err)))
			return false;
	}
	job->ret->contexts = job->contexts;
	return true;
}

static bool show_in(struct rows *rows, void *arg, struct err *err)
{
	struct show_job *job = arg;
	struct shown *ret = job->ret;

	if (!repo_by_name(rows, job->key->repo_name, &ret->repo, job->arena, err))
		return false;
	ret->subject = (struct row_subject){.repo = ret->repo.id, .sha = job->key->sha};
	ret->slot = (struct row_slot){.repo = ret->repo.id, .sha = job->key->sha, .context = job->store->context};
	ret->ledger = (struct row_ledger){.repo = ret->repo.id, .sha = job->key->sha, .context = job->store->context};
	if (!optional(rows, &table_subject, &ret->subject, job->arena, err) ||
	    !optional(rows, &table_slot, &ret->slot, job->arena, err) ||
	    !optional(rows, &table_ledger, &ret->ledger, job->arena, err) || !show_contexts(rows, job, err) ||
	    !show_lists(rows, job, err))
		return false;
	if (ret->subject.wanted == 0 && ret->n_verdicts == 0 && ret->slot.made_at == 0)
		return err_set(err, ERR_GONE, "nothing is known of commit %s in %.*s", job->key->sha.hex,
			       TEXT_ARG(job->key->repo_name));
	return true;
}

bool store_show(const struct store *store, const struct commit_key *key, struct shown *ret, struct arena *arena,
		struct err *err)
{
	struct show_job job = {.store = store, .key = key, .ret = ret, .arena = arena};

	return store->exec.read(store->exec.self, show_in, &job, err);
}

bool store_show_public(const struct store *store, const struct commit_key *key, struct shown *ret, struct arena *arena,
		       struct err *err)
{
	struct show_job job = {.store = store, .key = key, .ret = ret, .arena = arena, .announced = true};

	return store->exec.read(store->exec.self, show_in, &job, err);
}

struct get_job {
	const struct table *table;
	void *row;
	struct arena *arena;
};

static bool get_in(struct rows *rows, void *arg, struct err *err)
{
	struct get_job *job = arg;

	return rows->ops->get(rows->self, job->table, job->row, job->arena, err);
}

bool store_verdict(const struct store *store, int64_t id, struct row_verdict *ret, struct arena *arena, struct err *err)
{
	struct get_job job = {&table_verdict, ret, arena};

	ret->id = id;
	return store->exec.read(store->exec.self, get_in, &job, err);
}

bool store_change(const struct store *store, struct change_key key, struct row_change *ret, struct arena *arena,
		  struct err *err)
{
	struct get_job job = {&table_change, ret, arena};

	ret->repo = key.repo;
	ret->number = key.number;
	return store->exec.read(store->exec.self, get_in, &job, err);
}

struct name_job {
	struct text name;
	struct row_repo *ret;
	struct arena *arena;
};

static bool name_in(struct rows *rows, void *arg, struct err *err)
{
	struct name_job *job = arg;

	return repo_by_name(rows, job->name, job->ret, job->arena, err);
}

bool store_repo_by_name(const struct store *store, struct text name, struct row_repo *ret, struct arena *arena,
			struct err *err)
{
	struct name_job job = {name, ret, arena};

	return store->exec.read(store->exec.self, name_in, &job, err);
}

static bool count_journal(struct rows *rows, enum journal_state state, int64_t *ret, struct err *err)
{
	struct row_journal key = {.state = state};
	struct scan scan = {.table = &table_journal, .index = JOURNAL_BY_STATE, .equal = &key, .n_equal = 1};

	return rows->ops->count(rows->self, &scan, ret, err);
}

static bool take_time(void *context, const void *row)
{
	*(int64_t *)context = ((const struct row_journal *)row)->received_at;
	return false;
}

/* Acknowledged ones are no more than a record. */
static bool count_alarms(struct rows *rows, int64_t ret[ALARM_KINDS], struct err *err)
{
	for (int64_t kind = 1; kind < ALARM_KINDS; kind++) {
		struct row_alarm key = {.kind = kind};
		struct scan scan = {.table = &table_alarm, .index = ALARM_BY_KIND, .equal = &key, .n_equal = 2};

		if (!rows->ops->count(rows->self, &scan, &ret[kind], err))
			return false;
	}
	return true;
}

static bool counts_in(struct rows *rows, void *arg, struct err *err)
{
	struct store_counts *ret = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_journal waiting = {.state = JOURNAL_WAITING};
	struct row_subject subject = {.due = 1};
	struct row_slot slot = {.due = 1};
	struct row_ledger ledger = {.in_doubt = 1};
	struct scan oldest = {.table = &table_journal,
			      .index = JOURNAL_BY_STATE,
			      .equal = &waiting,
			      .n_equal = 1,
			      .lean = true,
			      .limit = 1};
	struct scan subjects = {.table = &table_subject, .index = SUBJECT_BY_DUE, .equal = &subject, .n_equal = 1};
	struct scan slots = {.table = &table_slot, .index = SLOT_BY_DUE, .equal = &slot, .n_equal = 1};
	struct scan doubts = {.table = &table_ledger, .index = LEDGER_BY_DOUBT, .equal = &ledger, .n_equal = 1};

	*ret = (struct store_counts){.oldest_waiting_at = WHEN_UNKNOWN};
	return count_journal(rows, JOURNAL_WAITING, &ret->waiting, err) &&
	       count_journal(rows, JOURNAL_QUARANTINED, &ret->quarantined, err) &&
	       rows->ops->count(rows->self, &subjects, &ret->subjects_due, err) &&
	       rows->ops->count(rows->self, &slots, &ret->slots_due, err) &&
	       rows->ops->count(rows->self, &doubts, &ret->in_doubt, err) && count_alarms(rows, ret->alarms, err) &&
	       rows->ops->scan(rows->self, &oldest, (struct visitor){take_time, &ret->oldest_waiting_at, &arena}, err);
}

bool store_counts(const struct store *store, struct store_counts *ret, struct err *err)
{
	return store->exec.read(store->exec.self, counts_in, ret, err);
}

struct deliveries_job {
	enum journal_state state;
	struct deliveries *ret;
	struct arena *arena;
};

static bool deliveries_in(struct rows *rows, void *arg, struct err *err)
{
	struct deliveries_job *job = arg;
	struct row_journal key = {.state = job->state};
	struct scan scan = {.table = &table_journal,
			    .index = JOURNAL_BY_STATE,
			    .equal = &key,
			    .n_equal = 1,
			    .descending = true,
			    .lean = true,
			    .limit = SHOW_DELIVERIES};
	struct list list = list_of(job->arena, sizeof key, SHOW_DELIVERIES);

	if (!rows->ops->scan(rows->self, &scan, (struct visitor){append, &list, job->arena}, err))
		return false;
	job->ret->at = (void *)list.at;
	job->ret->n = list.n;
	return true;
}

bool store_deliveries(const struct store *store, enum journal_state state, struct deliveries *ret, struct arena *arena,
		      struct err *err)
{
	struct deliveries_job job = {state, ret, arena};

	return store->exec.read(store->exec.self, deliveries_in, &job, err);
}
