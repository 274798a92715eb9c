#include "agent/cli/past.h"

#include "agent/store/pack.h"
#include "agent/store/rows.h"
#include "agent/store/tables.h"
#include "policy/memory.h"

#define BATCH 1000

struct entry {
	int64_t id, repo;
	struct oid sha;
	char context[256]; /* longer ones are cut */
};

struct listing {
	const struct past_ask *ask;
	struct entry *at;
	size_t n, room;
	size_t seen;    /* in this batch */
	int64_t oldest; /* id */
};

static bool take(void *context, const void *row)
{
	const struct row_verdict *verdict = row;
	struct listing *list = context;

	list->seen++;
	list->oldest = verdict->id;
	if (verdict->made_at < list->ask->since)
		return true;
	if (list->n == list->room) {
		list->room = list->room * 2 + BATCH;
		list->at = realloc(list->at, list->room * sizeof *list->at);
		if (!list->at)
			out_of_memory();
	}
	list->at[list->n] = (struct entry){verdict->id, verdict->repo, verdict->sha, ""};
	(void)snprintf(list->at[list->n++].context, sizeof list->at->context, "%.*s", TEXT_ARG(verdict->context));
	return true;
}

static bool list_batch(struct rows *rows, struct listing *list, bool first, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct scan scan = {.table = &table_verdict,
			    .index = INDEX_KEY,
			    .descending = true,
			    .lean = true,
			    .has_upto = !first,
			    .upto = list->oldest - 1,
			    .limit = BATCH};
	bool ok;

	list->seen = 0;
	if (!rows->ops->begin(rows->self, false, err))
		return false;
	ok = rows->ops->scan(rows->self, &scan, (struct visitor){take, list, &arena}, err);
	rows->ops->rollback(rows->self);
	return ok;
}

static int by_commit(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = a->repo < b->repo ? -1 : a->repo > b->repo;

	if (order == 0)
		order = text_cmp(oid_text(&a->sha), oid_text(&b->sha));
	if (order == 0)
		order = strcmp(a->context, b->context);
	return order != 0 ? order : a->id > b->id ? -1 : a->id < b->id;
}

static int by_age(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	return a->id < b->id ? -1 : a->id > b->id;
}

/* The newest of each commit. */
static void thin_out(struct listing *list)
{
	size_t kept = 0;

	if (list->n > 0)
		qsort(list->at, list->n, sizeof *list->at, by_commit);
	for (size_t i = 0; i < list->n; i++)
		if (kept == 0 || list->at[kept - 1].repo != list->at[i].repo ||
		    !oid_eq(&list->at[kept - 1].sha, &list->at[i].sha) ||
		    strcmp(list->at[kept - 1].context, list->at[i].context) != 0)
			list->at[kept++] = list->at[i];
	list->n = kept;
}

static bool visit_one(struct rows *rows, int64_t id, past_visit *visit, void *context, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_verdict row = {.id = id};
	struct past_verdict past;
	struct err unread = ERR_NONE;
	bool ok;

	if (!rows->ops->begin(rows->self, false, err))
		return false;
	ok = rows->ops->get(rows->self, &table_verdict, &row, &arena, err);
	rows->ops->rollback(rows->self);
	if (!ok && err->code == ERR_GONE) {
		*err = ERR_NONE;
		return true;
	}
	if (!ok)
		return false;
	past = (struct past_verdict){row.id,       row.made_at, row.sha,         row.context,
				     row.decision, row.text,    row.policy_text, TEXT_EMPTY};
	if (row.inputs_bytes >= 0)
		(void)unpack_text(&(struct unpack){row.inputs_lz4, (size_t)row.inputs_bytes, PACK_RAW_MAX}, &arena,
				  &past.facts, &unread);
	visit(context, &past, &arena);
	return true;
}

static bool read_all(struct rows *rows, struct listing *list, past_visit *visit, void *context, struct err *err)
{
	bool first = true;

	do {
		if (!list_batch(rows, list, first, err))
			return false;
		first = false;
	} while (list->seen == BATCH);
	if (!list->ask->all)
		thin_out(list);
	if (list->n > 0)
		qsort(list->at, list->n, sizeof *list->at, by_age);
	for (size_t i = 0; i < list->n; i++)
		if (!visit_one(rows, list->at[i].id, visit, context, err))
			return false;
	return true;
}

bool past_each(const struct past_ask *ask, past_visit *visit, void *context, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text path = arena_printf(&arena, "%s/headgate.db", ask->state_dir);
	struct listing list = {.ask = ask};
	struct rows rows;
	bool ok;

	if (!rows_sqlite_open(path.at, true, &rows, err))
		return false;
	ok = read_all(&rows, &list, visit, context, err);
	rows_close(&rows);
	free(list.at);
	return ok;
}
