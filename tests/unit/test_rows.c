/* One suite over every backend of rows.h; the last test runs two backends side by side over random operations. */
#include "agent/store/tables.h"
#include "tests/support/row_dice.h"
#include "tests/support/scratch_db.h"
#include "tests/support/suite.h"

static const char *const backends[] = {"memory", "sqlite"};

struct engine {
	struct rows rows;
	struct scratch_db scratch;
	struct err err;
	struct arena arena;
};

static void engine_open(struct engine *engine, const char *backend)
{
	bool ok;

	*engine = (struct engine){0};
	scratch_db_make(&engine->scratch);
	if (strcmp(backend, "memory") == 0)
		ok = rows_memory_open(&engine->rows, &engine->err);
	else
		ok = rows_sqlite_open(engine->scratch.file, false, &engine->rows, &engine->err);
	ck_assert_msg(ok, "%s", engine->err.text);
	ck_assert_str_eq(engine->rows.ops->name, backend);
}

static void engine_close(struct engine *engine)
{
	rows_close(&engine->rows);
	arena_release(&engine->arena);
	scratch_db_remove(&engine->scratch);
}

static void begin(struct engine *engine)
{
	ck_assert_msg(engine->rows.ops->begin(engine->rows.self, true, &engine->err), "%s", engine->err.text);
}

static void commit(struct engine *engine)
{
	ck_assert_msg(engine->rows.ops->commit(engine->rows.self, &engine->err), "%s", engine->err.text);
}

static void add(struct engine *engine, const struct table *table, void *row)
{
	bool ok = engine->rows.ops->add(engine->rows.self, table, row, &engine->err);

	ck_assert_msg(ok, "%s", engine->err.text);
}

static void put(struct engine *engine, const struct table *table, const void *row)
{
	bool ok = engine->rows.ops->put(engine->rows.self, table, row, &engine->err);

	ck_assert_msg(ok, "%s", engine->err.text);
}

static bool get(struct engine *engine, const struct table *table, void *row)
{
	engine->err = ERR_NONE;
	return engine->rows.ops->get(engine->rows.self, table, row, &engine->arena, &engine->err);
}

static int64_t add_journal(struct engine *engine, const char *guid, int64_t state)
{
	struct row_journal row = {.guid = text_of(guid), .state = state};

	add(engine, &table_journal, &row);
	return row.seq;
}

/* The seqs that a scan visits, as "3 1 2". */
struct walk {
	char seen[400];
	int stop_after;
};

static bool visit_seq(void *context, const void *row)
{
	struct walk *walk = context;
	const struct row_journal *journal = row;
	size_t n = strlen(walk->seen);

	(void)snprintf(walk->seen + n, sizeof walk->seen - n, "%s%lld", n ? " " : "", (long long)journal->seq);
	return --walk->stop_after != 0;
}

static void expect_walk(struct engine *engine, const struct scan *scan, const char *expected)
{
	struct walk walk = {"", 0};
	bool ok = engine->rows.ops->scan(engine->rows.self, scan, (struct visitor){visit_seq, &walk, &engine->arena},
					 &engine->err);

	ck_assert_msg(ok, "%s", engine->err.text);
	ck_assert_str_eq(walk.seen, expected);
}

START_TEST(a_row_comes_back_as_it_was)
{
	struct engine engine;
	struct row_journal row = {.guid = TEXT_LIT("g"),
				  .facts = TEXT_LIT("a\0b"),
				  .body_lz4 = TEXT_LIT("\0\xff\0"),
				  .repo = INT64_MIN,
				  .received_at = INT64_MAX,
				  .note = TEXT_EMPTY};
	struct row_journal back = {0};

	engine_open(&engine, backends[_i]);
	begin(&engine);
	add(&engine, &table_journal, &row);
	commit(&engine);
	ck_assert_int_eq(row.seq, 1);
	begin(&engine);
	back.seq = row.seq;
	ck_assert(get(&engine, &table_journal, &back));
	ck_assert_int_eq(back.repo, INT64_MIN);
	ck_assert_int_eq(back.received_at, INT64_MAX);
	ck_assert(text_eq(back.facts, row.facts) && text_eq(back.body_lz4, row.body_lz4));
	ck_assert_uint_eq(back.note.len, 0);
	commit(&engine);
	engine_close(&engine);
}
END_TEST

START_TEST(an_oid_comes_back_and_unknown_stays_unknown)
{
	struct engine engine;
	struct row_change row = {.repo = 7, .number = 9}, back = {.repo = 7, .number = 9};

	memset(row.head.hex, 'a', 64);
	engine_open(&engine, backends[_i]);
	begin(&engine);
	put(&engine, &table_change, &row);
	memset(back.base_sha.hex, 'f', 40);
	ck_assert(get(&engine, &table_change, &back));
	ck_assert(oid_eq(&back.head, &row.head));
	ck_assert(!oid_known(&back.base_sha));
	commit(&engine);
	engine_close(&engine);
}
END_TEST

START_TEST(a_missing_row_is_gone_and_leaves_the_output_alone)
{
	struct engine engine;
	struct row_repo row = {.id = 5, .name = TEXT_LIT("kept")};

	engine_open(&engine, backends[_i]);
	begin(&engine);
	ck_assert(!get(&engine, &table_repo, &row));
	ck_assert_int_eq(engine.err.code, ERR_GONE);
	ck_assert(text_is(row.name, "kept"));
	ck_assert(engine.rows.ops->del(engine.rows.self, &table_repo, &row, &engine.err));
	commit(&engine);
	engine_close(&engine);
}
END_TEST

START_TEST(a_second_row_of_a_key_is_a_conflict_and_put_replaces)
{
	struct engine engine;
	struct row_repo row = {.id = 5, .name = TEXT_LIT("one")};

	engine_open(&engine, backends[_i]);
	begin(&engine);
	add(&engine, &table_repo, &row);
	row.name = TEXT_LIT("two");
	ck_assert(!engine.rows.ops->add(engine.rows.self, &table_repo, &row, &engine.err));
	ck_assert_int_eq(engine.err.code, ERR_CONFLICT);
	put(&engine, &table_repo, &row);
	row.name = TEXT_EMPTY;
	ck_assert(get(&engine, &table_repo, &row));
	ck_assert(text_is(row.name, "two"));
	commit(&engine);
	engine_close(&engine);
}
END_TEST

START_TEST(a_taken_unique_index_is_a_conflict_for_add_and_put)
{
	struct engine engine;
	struct row_journal row = {.guid = TEXT_LIT("g1")};

	engine_open(&engine, backends[_i]);
	begin(&engine);
	(void)add_journal(&engine, "g1", 0);
	(void)add_journal(&engine, "g2", 0);
	ck_assert(!engine.rows.ops->add(engine.rows.self, &table_journal, &row, &engine.err));
	ck_assert_int_eq(engine.err.code, ERR_CONFLICT);
	ck_assert_int_eq(row.seq, 0);
	row.seq = 2;
	ck_assert(!engine.rows.ops->put(engine.rows.self, &table_journal, &row, &engine.err));
	ck_assert_int_eq(engine.err.code, ERR_CONFLICT);
	row.seq = 1;
	put(&engine, &table_journal, &row);
	commit(&engine);
	engine_close(&engine);
}
END_TEST

START_TEST(a_walk_keeps_order_range_and_limit)
{
	struct engine engine;
	struct row_journal state1 = {.state = 1};
	struct scan scan = {.table = &table_journal, .index = JOURNAL_BY_STATE, .equal = &state1, .n_equal = 1};
	int64_t n = 0;

	engine_open(&engine, backends[_i]);
	begin(&engine);
	for (int i = 0; i < 8; i++) {
		char guid[8];

		(void)snprintf(guid, sizeof guid, "g%d", i);
		(void)add_journal(&engine, guid, i % 2);
	}
	expect_walk(&engine, &scan, "2 4 6 8");
	scan.descending = true;
	expect_walk(&engine, &scan, "8 6 4 2");
	scan.limit = 2;
	expect_walk(&engine, &scan, "8 6");
	scan = (struct scan){.table = &table_journal,
			     .index = JOURNAL_BY_STATE,
			     .equal = &state1,
			     .n_equal = 1,
			     .has_from = true,
			     .from = 4,
			     .has_upto = true,
			     .upto = 6};
	expect_walk(&engine, &scan, "4 6");
	ck_assert(engine.rows.ops->count(engine.rows.self, &scan, &n, &engine.err));
	ck_assert_int_eq(n, 2);
	scan.from = 7;
	expect_walk(&engine, &scan, "");
	scan = (struct scan){.table = &table_journal, .index = JOURNAL_BY_STATE};
	expect_walk(&engine, &scan, "1 3 5 7 2 4 6 8");
	scan = (struct scan){.table = &table_journal, .has_upto = true, .upto = 2};
	expect_walk(&engine, &scan, "1 2");
	commit(&engine);
	engine_close(&engine);
}
END_TEST

START_TEST(a_visitor_ends_the_walk)
{
	struct engine engine;
	struct scan scan = {.table = &table_journal};
	struct walk walk = {"", 2};

	engine_open(&engine, backends[_i]);
	begin(&engine);
	(void)add_journal(&engine, "a", 0);
	(void)add_journal(&engine, "b", 0);
	(void)add_journal(&engine, "c", 0);
	ck_assert(engine.rows.ops->scan(engine.rows.self, &scan, (struct visitor){visit_seq, &walk, &engine.arena},
					&engine.err));
	ck_assert_str_eq(walk.seen, "1 2");
	commit(&engine);
	engine_close(&engine);
}
END_TEST

START_TEST(ties_of_an_index_are_broken_by_the_key)
{
	struct engine engine;
	struct row_binding row = {.repo = 1, .change = 1};
	static const int64_t reviews[] = {30, 10, 20};
	struct scan scan = {.table = &table_binding, .index = BINDING_BY_CHANGE, .equal = &row, .n_equal = 2};

	engine_open(&engine, backends[_i]);
	begin(&engine);
	for (size_t i = 0; i < 3; i++) {
		row.review = reviews[i];
		add(&engine, &table_binding, &row);
	}
	/* review and seq are both the first column. */
	expect_walk(&engine, &scan, "10 20 30");
	scan.descending = true;
	expect_walk(&engine, &scan, "30 20 10");
	commit(&engine);
	engine_close(&engine);
}
END_TEST

static bool move_on(void *context, const void *row)
{
	struct engine *engine = context;
	struct row_journal journal = *(const struct row_journal *)row;

	if (journal.seq == 2) {
		bool ok = engine->rows.ops->del(engine->rows.self, &table_journal, &journal, &engine->err);

		ck_assert(ok);
		return true;
	}
	journal.state = 1;
	put(engine, &table_journal, &journal);
	return true;
}

START_TEST(a_visitor_may_change_what_it_walks)
{
	struct engine engine;
	struct row_journal waiting = {.state = 0};
	struct scan scan = {.table = &table_journal, .index = JOURNAL_BY_STATE, .equal = &waiting, .n_equal = 1};

	engine_open(&engine, backends[_i]);
	begin(&engine);
	(void)add_journal(&engine, "a", 0);
	(void)add_journal(&engine, "b", 0);
	(void)add_journal(&engine, "c", 0);
	ck_assert(engine.rows.ops->scan(engine.rows.self, &scan, (struct visitor){move_on, &engine, &engine.arena},
					&engine.err));
	expect_walk(&engine, &scan, "");
	waiting.state = 1;
	expect_walk(&engine, &scan, "1 3");
	commit(&engine);
	engine_close(&engine);
}
END_TEST

START_TEST(a_rollback_takes_everything_back)
{
	struct engine engine;
	struct row_repo row = {.id = 1, .name = TEXT_LIT("before")};

	engine_open(&engine, backends[_i]);
	begin(&engine);
	add(&engine, &table_repo, &row);
	commit(&engine);
	begin(&engine);
	row.name = TEXT_LIT("after");
	put(&engine, &table_repo, &row);
	(void)add_journal(&engine, "g", 0);
	engine.rows.ops->rollback(engine.rows.self);
	begin(&engine);
	ck_assert(get(&engine, &table_repo, &row));
	ck_assert(text_is(row.name, "before"));
	expect_walk(&engine, &(struct scan){.table = &table_journal}, "");
	commit(&engine);
	engine_close(&engine);
}
END_TEST

START_TEST(an_undo_goes_back_to_the_mark_and_no_further)
{
	struct engine engine;
	const struct rows_ops *ops;

	engine_open(&engine, backends[_i]);
	ops = engine.rows.ops;
	begin(&engine);
	(void)add_journal(&engine, "a", 0);
	ck_assert(ops->mark(engine.rows.self, &engine.err));
	(void)add_journal(&engine, "b", 0);
	ck_assert(ops->undo(engine.rows.self, &engine.err));
	ck_assert(ops->mark(engine.rows.self, &engine.err));
	(void)add_journal(&engine, "c", 0);
	ck_assert(ops->keep(engine.rows.self, &engine.err));
	expect_walk(&engine, &(struct scan){.table = &table_journal}, "1 2");
	ck_assert(ops->mark(engine.rows.self, &engine.err));
	ck_assert(ops->undo(engine.rows.self, &engine.err));
	commit(&engine);
	engine_close(&engine);
}
END_TEST

START_TEST(an_automatic_key_is_never_used_twice)
{
	struct engine engine;
	struct row_journal last = {.seq = 3}, far = {.seq = INT64_MAX, .guid = TEXT_LIT("far")};
	struct row_journal none = {.guid = TEXT_LIT("none")};

	engine_open(&engine, backends[_i]);
	begin(&engine);
	(void)add_journal(&engine, "a", 0);
	(void)add_journal(&engine, "b", 0);
	ck_assert_int_eq(add_journal(&engine, "c", 0), 3);
	ck_assert(engine.rows.ops->del(engine.rows.self, &table_journal, &last, &engine.err));
	commit(&engine);
	begin(&engine);
	ck_assert_int_eq(add_journal(&engine, "d", 0), 4);
	add(&engine, &table_journal, &far);
	ck_assert(!engine.rows.ops->add(engine.rows.self, &table_journal, &none, &engine.err));
	ck_assert_int_eq(engine.err.code, ERR_LIMIT);
	engine.rows.ops->rollback(engine.rows.self);
	begin(&engine);
	ck_assert_int_eq(add_journal(&engine, "e", 0), 4);
	commit(&engine);
	engine_close(&engine);
}
END_TEST

START_TEST(a_thousand_rows_are_found_again)
{
	struct engine engine;
	int64_t n = 0;

	engine_open(&engine, backends[_i]);
	begin(&engine);
	for (int i = 0; i < 3000; i++) {
		char guid[16];

		(void)snprintf(guid, sizeof guid, "%d", i * 7919 % 3001);
		(void)add_journal(&engine, guid, i % 5);
	}
	commit(&engine);
	begin(&engine);
	ck_assert(engine.rows.ops->count(engine.rows.self, &(struct scan){.table = &table_journal}, &n, &engine.err));
	ck_assert_int_eq(n, 3000);
	for (int64_t seq = 1; seq <= 3000; seq++)
		ck_assert(get(&engine, &table_journal, &(struct row_journal){.seq = seq}));
	commit(&engine);
	engine_close(&engine);
}
END_TEST

/* ---- two backends side by side ---- */

struct pair {
	struct engine engines[2];
	struct text answers[2]; /* what the operation said, as text */
	bool open, marked;
	struct dice dice;
};

static struct text outcome(bool ok, const struct err *err, struct arena *arena)
{
	return arena_printf(arena, "%s", ok ? "ok " : err_name(err->code));
}

struct print {
	struct engine *engine;
	const struct table *table;
	struct text all;
};

static bool print_visit(void *context, const void *row)
{
	struct print *print = context;
	struct arena *arena = &print->engine->arena;

	print->all =
		arena_printf(arena, "%.*s\n%.*s", TEXT_ARG(print->all), TEXT_ARG(row_print(print->table, row, arena)));
	return true;
}

enum op { OP_GET, OP_PUT, OP_ADD, OP_DEL, OP_SCAN, OP_COUNT, OPS };
union any_row {
	struct row_journal journal;
	struct row_slot slot;
	struct row_verdict verdict;
	struct row_change change;
};

static struct text one_row_op(struct engine *engine, enum op op, const struct table *table, union any_row row)
{
	const struct rows_ops *ops = engine->rows.ops;
	void *self = engine->rows.self;
	struct err err = ERR_NONE;
	bool ok = op == OP_GET   ? ops->get(self, table, &row, &engine->arena, &err)
		  : op == OP_PUT ? ops->put(self, table, &row, &err)
		  : op == OP_ADD ? ops->add(self, table, &row, &err)
				 : ops->del(self, table, &row, &err);
	struct text said = outcome(ok, &err, &engine->arena);

	return arena_printf(&engine->arena, "%.*s %.*s", TEXT_ARG(said),
			    TEXT_ARG(row_print(table, &row, &engine->arena)));
}

static struct text walk_op(struct engine *engine, enum op op, const struct scan *scan)
{
	struct print print = {engine, scan->table, TEXT_EMPTY};
	struct err err = ERR_NONE;
	int64_t n = -1;
	bool ok = op == OP_COUNT ? engine->rows.ops->count(engine->rows.self, scan, &n, &err)
				 : engine->rows.ops->scan(engine->rows.self, scan,
							  (struct visitor){print_visit, &print, &engine->arena}, &err);
	struct text said = outcome(ok, &err, &engine->arena);

	return arena_printf(&engine->arena, "%.*s %lld %.*s", TEXT_ARG(said), (long long)n, TEXT_ARG(print.all));
}

static struct scan dice_scan(struct dice *dice, const struct table *table, const void *equal)
{
	struct scan scan = {.table = table, .equal = equal, .descending = dice_roll(dice, 2) == 1};
	const struct index *index;

	scan.lean = dice_roll(dice, 2) == 1;
	scan.index = dice_roll(dice, table->n_indexes);
	index = &table->indexes[scan.index];
	scan.n_equal = dice_roll(dice, index->n_columns + 1u);
	scan.limit = dice_roll(dice, 12);
	if (scan.n_equal == index->n_columns || table->columns[index->columns[scan.n_equal]].type != COLUMN_INT)
		return scan;
	scan.has_from = dice_roll(dice, 2) == 1;
	scan.has_upto = dice_roll(dice, 2) == 1;
	scan.from = (int64_t)dice_roll(dice, 12) - 2;
	scan.upto = (int64_t)dice_roll(dice, 12) - 2;
	return scan;
}

static void row_step(struct pair *pair)
{
	static const struct table *const tables[] = {&table_journal, &table_slot, &table_verdict,
						     &table_change,  &table_meta, &table_floor};
	const struct table *table = tables[dice_roll(&pair->dice, sizeof tables / sizeof tables[0])];
	enum op op = (enum op)dice_roll(&pair->dice, OPS);
	union any_row row;
	struct scan scan;

	memset(&row, 0, sizeof row);
	dice_row(&pair->dice, table, &row);
	scan = dice_scan(&pair->dice, table, &row);
	for (int i = 0; i < 2; i++)
		pair->answers[i] = op >= OP_SCAN ? walk_op(&pair->engines[i], op, &scan)
						 : one_row_op(&pair->engines[i], op, table, row);
}

/* Ends, marks or begins what can be; false when the roll asks for nothing of the kind. */
static bool frame_step(struct pair *pair)
{
	uint64_t roll = dice_roll(&pair->dice, 20);

	for (int i = 0; i < 2; i++) {
		const struct rows_ops *ops = pair->engines[i].rows.ops;
		void *self = pair->engines[i].rows.self;
		struct err err = ERR_NONE;

		if (!pair->open)
			ck_assert(ops->begin(self, true, &err));
		else if (pair->marked && roll < 4)
			ck_assert(roll < 2 ? ops->keep(self, &err) : ops->undo(self, &err));
		else if (!pair->marked && roll == 0)
			ck_assert(ops->commit(self, &err));
		else if (!pair->marked && roll == 1)
			ops->rollback(self);
		else if (!pair->marked && roll < 5)
			ck_assert(ops->mark(self, &err));
		else
			return false;
	}
	if (!pair->open)
		pair->open = true;
	else if (pair->marked)
		pair->marked = false;
	else if (roll < 2)
		pair->open = false;
	else
		pair->marked = true;
	return true;
}

static const uint64_t seeds[] = {1, 20261121};

START_TEST(random_operations_are_answered_alike_by_both_backends)
{
	struct pair pair = {.dice = {seeds[_i]}};

	engine_open(&pair.engines[0], "memory");
	engine_open(&pair.engines[1], "sqlite");
	for (int step = 0; step < 20000; step++) {
		if (frame_step(&pair))
			continue;
		row_step(&pair);
		ck_assert_msg(text_eq(pair.answers[0], pair.answers[1]), "step %d:\n%.*s\n%.*s", step,
			      TEXT_ARG(pair.answers[0]), TEXT_ARG(pair.answers[1]));
		arena_release(&pair.engines[0].arena);
		arena_release(&pair.engines[1].arena);
	}
	for (int i = 0; i < 2; i++)
		engine_close(&pair.engines[i]);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_row_comes_back_as_it_was, backends),
					  SUITE_ROWS(an_oid_comes_back_and_unknown_stays_unknown, backends),
					  SUITE_ROWS(a_missing_row_is_gone_and_leaves_the_output_alone, backends),
					  SUITE_ROWS(a_second_row_of_a_key_is_a_conflict_and_put_replaces, backends),
					  SUITE_ROWS(a_taken_unique_index_is_a_conflict_for_add_and_put, backends),
					  SUITE_ROWS(a_walk_keeps_order_range_and_limit, backends),
					  SUITE_ROWS(a_visitor_ends_the_walk, backends),
					  SUITE_ROWS(ties_of_an_index_are_broken_by_the_key, backends),
					  SUITE_ROWS(a_visitor_may_change_what_it_walks, backends),
					  SUITE_ROWS(a_rollback_takes_everything_back, backends),
					  SUITE_ROWS(an_undo_goes_back_to_the_mark_and_no_further, backends),
					  SUITE_ROWS(an_automatic_key_is_never_used_twice, backends),
					  SUITE_ROWS(a_thousand_rows_are_found_again, backends),
					  {.name = "random_operations_are_answered_alike_by_both_backends",
					   .test = &random_operations_are_answered_alike_by_both_backends,
					   .rows = (int)(sizeof seeds / sizeof seeds[0]),
					   .seconds = 300},
					  SUITE_END};

SUITE_MAIN(tests)
