#include "agent/store/store_deeds.h"

#include "webhooks/crypto.h"

struct text deed_mark(const struct deed_about *about, struct arena *arena)
{
	struct text all =
		arena_printf(arena, "%.*s\n%d %lld %lld %lld %lld %lld\n%.*s", TEXT_ARG(about->tracker), about->kind,
			     (long long)about->bug, (long long)about->attachment, (long long)about->flag,
			     (long long)about->repo, (long long)about->change, TEXT_ARG(about->name));
	unsigned char digest[CRYPTO_DIGEST];
	char *hex = arena_alloc(arena, DEED_MARK + 1, 1);

	crypto_sha256(all, digest);
	crypto_hex(digest, DEED_MARK / 2, hex);
	return (struct text){hex, DEED_MARK};
}

/* ---- wanted ---- */

struct want_job {
	const struct deeds_wanted *in;
	size_t fresh;
};

static bool want_one(struct rows *rows, const struct deed_about *about, struct want_job *job, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_bug_deed row = {.tracker = about->tracker, .mark = deed_mark(about, &arena)}, known = row;

	if (rows->ops->get(rows->self, &table_bug_deed, &known, &arena, err))
		return true;
	if (err->code != ERR_GONE)
		return false;
	*err = ERR_NONE;
	row.due = 1;
	row.not_before = job->in->now;
	row.kind = about->kind;
	row.bug = about->bug;
	row.attachment = about->attachment;
	row.flag = about->flag;
	row.name = about->name;
	job->fresh++;
	return rows->ops->put(rows->self, &table_bug_deed, &row, err);
}

static bool want_in(struct rows *rows, void *arg, struct err *err)
{
	struct want_job *job = arg;

	job->fresh = 0;
	for (size_t i = 0; i < job->in->n; i++)
		if (!want_one(rows, &job->in->at[i], job, err))
			return false;
	return true;
}

bool store_want_deeds(const struct store *store, const struct deeds_wanted *in, size_t *ret_new, struct err *err)
{
	struct want_job job = {in, 0};
	bool ok = in->n == 0 || store->exec.write(store->exec.self, want_in, &job, err);

	*ret_new = ok ? job.fresh : 0;
	return ok;
}

/* ---- forgotten ---- */

struct forget_job {
	const struct deed_about *at;
	size_t n;
	bool forgets; /* else it only looks */
	bool any;
};

static bool forget_one(struct rows *rows, const struct deed_about *about, struct forget_job *job, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_bug_deed row = {.tracker = about->tracker, .mark = deed_mark(about, &arena)};

	if (!rows->ops->get(rows->self, &table_bug_deed, &row, &arena, err)) {
		if (err->code != ERR_GONE)
			return false;
		*err = ERR_NONE;
		return true;
	}
	if (row.state != DEED_DONE && row.state != DEED_GIVEN_UP)
		return true;
	job->any = true;
	return !job->forgets || rows->ops->del(rows->self, &table_bug_deed, &row, err);
}

static bool forget_in(struct rows *rows, void *arg, struct err *err)
{
	struct forget_job *job = arg;

	for (size_t i = 0; i < job->n; i++)
		if (!forget_one(rows, &job->at[i], job, err))
			return false;
	return true;
}

bool store_forget_deeds(const struct store *store, const struct deed_about *at, size_t n, struct err *err)
{
	struct forget_job looks = {at, n, false, false}, forgets = {at, n, true, false};

	if (n == 0)
		return true;
	if (!store->exec.read(store->exec.self, forget_in, &looks, err))
		return false;
	return !looks.any || store->exec.write(store->exec.self, forget_in, &forgets, err);
}

/* ---- due ---- */

struct due_job {
	const struct deed_query *in;
	struct arena *arena;
	struct deed_due due;
};

static bool take_one(void *context, const void *row)
{
	struct due_job *job = context;

	job->due = (struct deed_due){true, *(const struct row_bug_deed *)row};
	return false;
}

static bool due_in(struct rows *rows, void *arg, struct err *err)
{
	struct due_job *job = arg;
	struct row_bug_deed key = {.tracker = job->in->tracker, .due = 1};
	struct scan scan = {.table = &table_bug_deed,
			    .index = BUG_DEED_BY_DUE,
			    .equal = &key,
			    .n_equal = 2,
			    .has_upto = true,
			    .upto = job->in->now,
			    .limit = 1};

	job->due.any = false;
	return rows->ops->scan(rows->self, &scan, (struct visitor){take_one, job, job->arena}, err);
}

bool store_due_deed(const struct store *store, const struct deed_query *in, struct arena *arena, struct deed_due *ret,
		    struct err *err)
{
	struct due_job job = {.in = in, .arena = arena};

	if (!store->exec.read(store->exec.self, due_in, &job, err))
		return false;
	*ret = job.due;
	return true;
}

/* ---- done ---- */

static bool put_in(struct rows *rows, void *arg, struct err *err)
{
	return rows->ops->put(rows->self, &table_bug_deed, arg, err);
}

bool store_begin_deed(const struct store *store, struct row_bug_deed *deed, int64_t now, struct err *err)
{
	deed->state = DEED_SENT;
	deed->sent_at = now;
	return store->exec.write(store->exec.self, put_in, deed, err);
}

bool store_end_deed(const struct store *store, struct row_bug_deed *deed, const struct deed_end *end, struct err *err)
{
	struct row_bug_deed over = {.tracker = deed->tracker, .mark = deed->mark, .state = end->state};

	if (end->state == DEED_DONE || end->state == DEED_GIVEN_UP)
		return store->exec.write(store->exec.self, put_in, &over, err);
	deed->state = end->state;
	deed->not_before = end->not_before;
	deed->attempts++;
	return store->exec.write(store->exec.self, put_in, deed, err);
}
