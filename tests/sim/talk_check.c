/* One moment of a conversation, after the power was lost: what was promised is there, and the pipeline goes on. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "tests/sim/talk.h"
#include "tests/support/pipe.h"

#define EVERY_ROW   (SIZE_MAX / 2)
#define STEPS_MAX   4000
#define IDLE_MS     5000
#define FAILED(...) err_set(err, ERR_INVALID, __VA_ARGS__)

/* ---- the sum of all rows ---- */

struct sum {
	const struct table *table;
	uint64_t at;
};

static void mix(struct sum *sum, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < n; i++)
		sum->at = (sum->at ^ at[i]) * 0x100000001b3u;
	sum->at = (sum->at ^ n) * 0x100000001b3u;
}

static bool mix_row(void *context, const void *row)
{
	struct sum *sum = context;
	struct text text;

	/* Written between transactions, and nothing that was promised. */
	if (sum->table == &table_meta && text_is(((const struct row_meta *)row)->key, EXEC_PROOF))
		return true;
	for (size_t i = 0; i < sum->table->n_columns; i++) {
		const struct column *column = &sum->table->columns[i];
		const char *at = (const char *)row + column->offset;

		if (column->type == COLUMN_INT) {
			mix(sum, at, sizeof(int64_t));
			continue;
		}
		if (column->type == COLUMN_OID)
			text = text_of(at);
		else
			memcpy(&text, at, sizeof text);
		mix(sum, text.at, text.len);
	}
	return true;
}

bool talk_digest(struct rows *rows, uint64_t *ret, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct sum sum = {NULL, 0xcbf29ce484222325u};
	bool ok = true;

	if (!rows->ops->begin(rows->self, false, err))
		return false;
	for (size_t i = 0; store_tables[i] && ok; i++) {
		struct scan scan = {.table = store_tables[i], .limit = EVERY_ROW};

		sum.table = store_tables[i];
		ok = rows->ops->scan(rows->self, &scan, (struct visitor){mix_row, &sum, &arena}, err);
	}
	if (!ok || !rows->ops->commit(rows->self, err)) {
		rows->ops->rollback(rows->self);
		return false;
	}
	*ret = sum.at;
	return true;
}

struct rows *talk_looker(struct talk *talk)
{
	return talk->committer ? &talk->reader : &talk->writer;
}

/* ---- what is promised ---- */

/* SQLite's own opinion. */
static bool sound(const struct disk *disk, struct err *err)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	bool ok = sqlite3_open_v2("headgate.db", &db, SQLITE_OPEN_READONLY, disk_name(disk)) == SQLITE_OK &&
		  sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) == SQLITE_OK &&
		  sqlite3_step(stmt) == SQLITE_ROW;
	struct text said = ok ? text_of((const char *)sqlite3_column_text(stmt, 0)) : text_of(sqlite3_errmsg(db));

	ok = ok && text_is(said, "ok");
	if (!ok)
		(void)FAILED("integrity_check: %.*s", TEXT_ARG(said));
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return ok;
}

static bool whole(struct talk *talk, struct moment *moment, struct err *err)
{
	uint64_t digest;

	if (!talk_digest(talk_looker(talk), &digest, err))
		return false;
	for (moment->found = 0; moment->found < moment->n_digests; moment->found++)
		if (moment->digests[moment->found] == digest)
			return true;
	return moment->any_digest ||
	       FAILED("the rows are neither those before the transaction under way nor those after it");
}

static bool is_there(void *context, const void *row)
{
	(void)row;
	*(bool *)context = true;
	return false;
}

static bool has_deliveries(struct rows *rows, const struct past *past, struct err *err)
{
	for (size_t i = 0; i < past->n_events; i++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct row_journal key = {.guid = talk_guid(i, &arena)};
		struct scan scan = {
			.table = &table_journal, .index = JOURNAL_BY_GUID, .equal = &key, .n_equal = 1, .limit = 1};
		bool there = false;

		if (!past->events[i].acked)
			continue;
		if (!rows->ops->scan(rows->self, &scan, (struct visitor){is_there, &there, &arena}, err))
			return false;
		if (!there)
			return FAILED("delivery-%zu was answered 202 and is lost", i);
	}
	return true;
}

/* The ledger is written before the request leaves: it never believes anything but what the forge holds. */
static bool has_posts(struct rows *rows, const struct past *past, struct err *err)
{
	for (size_t i = 0; i < TALK_HEADS; i++) {
		const struct forge_head *forge = &past->forge[i];
		auto_arena struct arena arena = ARENA_EMPTY;
		struct row_ledger row = {
			.repo = PIPE_REPO, .sha = talk_oid(talk_head(i)), .context = TEXT_LIT("policy/merge-allowed")};

		if (!rows->ops->get(rows->self, &table_ledger, &row, &arena, err)) {
			if (err->code != ERR_GONE)
				return false;
			*err = ERR_NONE;
			if (forge->count > 0)
				return FAILED("a status was sent for %c, and the ledger has no row", talk_head(i));
			continue;
		}
		if (row.count < forge->count)
			return FAILED("the ledger counts %lld posts for %c, the forge %lld", (long long)row.count,
				      talk_head(i), (long long)forge->count);
		if (row.state != STATUS_UNKNOWN &&
		    (row.state != (int64_t)forge->state || !text_is(row.text, forge->text)))
			return FAILED("the ledger says %s for %c, the forge holds %s",
				      status_state_name((enum status_state)row.state), talk_head(i),
				      status_state_name(forge->state));
	}
	return true;
}

static bool has_verdicts(struct talk *talk, struct err *err)
{
	int64_t rows = 0;

	if (!store_verify_chain(&talk->store, &rows, err))
		return false;
	return rows >= talk->past.verdicts || FAILED("%lld verdicts were concluded and %lld are there",
						     (long long)talk->past.verdicts, (long long)rows);
}

static bool kept(struct talk *talk, struct err *err)
{
	struct rows *rows = talk_looker(talk);
	bool ok;

	if (!rows->ops->begin(rows->self, false, err))
		return false;
	ok = has_deliveries(rows, &talk->past, err) && has_posts(rows, &talk->past, err);
	rows->ops->rollback(rows->self);
	return ok && has_verdicts(talk, err);
}

/* ---- it goes on ---- */

static bool quiet(struct talk *talk, bool *ret, struct err *err)
{
	struct store_counts counts;

	if (!store_counts(&talk->store, &counts, err))
		return false;
	*ret = counts.waiting == 0 && counts.subjects_due == 0 && counts.slots_due == 0 && counts.in_doubt == 0;
	return true;
}

static bool converge(struct talk *talk, struct err *err)
{
	static bool (*const steps[])(struct talk * talk, bool *ret, struct err *err) = {talk_apply, talk_judge,
											talk_post, talk_settle};
	bool did, done = false;

	for (int n = 0; n < STEPS_MAX && !done; n++) {
		did = false;
		for (size_t i = 0; i < sizeof steps / sizeof steps[0] && !did; i++)
			if (!steps[i](talk, &did, err))
				return false;
		if (!did && !quiet(talk, &done, err))
			return false;
		if (!did)
			talk->past.now += IDLE_MS;
	}
	return done || FAILED("the pipeline does not come to rest");
}

static bool as_it_should_be(const struct talk *talk, struct err *err)
{
	for (size_t i = 0; i < TALK_HEADS; i++) {
		enum status_state truth = talk_truth(&talk->past, talk_head(i)), state = talk->past.forge[i].state;

		if (state == truth || (truth == STATUS_UNKNOWN && state == STATUS_FAILURE))
			continue;
		return FAILED("in the end the forge holds %s for %c and should hold %s", status_state_name(state),
			      talk_head(i), status_state_name(truth));
	}
	return true;
}

bool talk_ends_well(struct talk *talk, struct err *err)
{
	talk->still = true;
	return talk_redeliver(talk, err) && converge(talk, err) && as_it_should_be(talk, err) && kept(talk, err);
}

bool moment_holds(struct moment *moment, char *why)
{
	struct talk talk = {.disk = moment->disk, .past = moment->past, .dice = {moment->digests[0]}};
	struct err err = ERR_NONE;
	bool ok = talk_open(&talk, &err) && sound(talk.disk, &err) && whole(&talk, moment, &err) && kept(&talk, &err) &&
		  store_end_leases(&talk.store, talk.past.now, &err) && talk_ends_well(&talk, &err);

	if (!ok)
		(void)snprintf(why, TALK_WHY, "%s", err.text);
	talk_close(&talk);
	return ok;
}
