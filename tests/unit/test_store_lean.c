/* Many rows may be looked at, however much outsiders put into each (_i: backend). */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

#define INPUTS_BYTES ((size_t)512 << 10)

static const int backends[PIPE_BACKENDS] = {0, 1};

static void add_row(struct pipe_rig *rig, const struct table *table, void *row)
{
	struct err err = ERR_NONE;

	ck_assert(rig->rows.ops->begin(rig->rows.self, true, &err));
	ck_assert_msg(rig->rows.ops->add(rig->rows.self, table, row, &err), "%s", err.text);
	ck_assert(rig->rows.ops->commit(rig->rows.self, &err));
}

static bool look_at_texts(void *context, const void *visited)
{
	const struct row_journal *row = visited;
	struct text *seen = context;

	seen[0] = row->note;
	seen[1] = row->body_lz4;
	return true;
}

START_TEST(a_lean_walk_leaves_out_what_may_be_large_and_nothing_else)
{
	static const bool lean[] = {false, true, false};
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct row_journal row = {
		.guid = TEXT_LIT("g"), .note = TEXT_LIT("note"), .body_lz4 = TEXT_LIT("body"), .body_bytes = 4};

	pipe_open(&rig, _i);
	add_row(&rig, &table_journal, &row);
	for (size_t i = 0; i < sizeof lean / sizeof lean[0]; i++) {
		struct scan scan = {.table = &table_journal, .lean = lean[i]};
		struct text seen[2] = {TEXT_EMPTY, TEXT_EMPTY};

		ck_assert(rig.rows.ops->begin(rig.rows.self, false, &err));
		ck_assert(rig.rows.ops->scan(rig.rows.self, &scan, (struct visitor){look_at_texts, seen, &rig.arena},
					     &err));
		rig.rows.ops->rollback(rig.rows.self);
		ck_assert(text_is(seen[0], "note"));
		ck_assert(text_is(seen[1], lean[i] ? "" : "body"));
	}
	pipe_close(&rig);
}
END_TEST

START_TEST(what_is_shown_of_a_commit_takes_little_memory_however_large_its_inputs)
{
	auto_arena struct arena shown_in = ARENA_EMPTY;
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct commit_key key = {TEXT_LIT("acme/engine"), sha_of('a')};
	struct row_verdict verdict = {.repo = PIPE_REPO, .sha = key.sha, .decision = TEXT_LIT("waiting")};
	struct shown shown;

	pipe_open_allowed(&rig, _i);
	verdict.context = rig.store.context;
	verdict.inputs_lz4 = (struct text){arena_alloc(&rig.arena, INPUTS_BYTES, 1), INPUTS_BYTES};
	verdict.policy_text = (struct text){arena_alloc(&rig.arena, INPUTS_BYTES / 2, 1), INPUTS_BYTES / 2};
	for (int i = 0; i < 20; i++) {
		verdict.id = 0;
		add_row(&rig, &table_verdict, &verdict);
	}
	ck_assert_msg(store_show(&rig.store, &key, &shown, &shown_in, &err), "%s", err.text);
	ck_assert_uint_eq(shown.n_verdicts, 20);
	ck_assert(text_is(shown.verdicts[0].decision, "waiting"));
	ck_assert_uint_lt(shown_in.used, 1 << 20);
	pipe_close(&rig);
}
END_TEST

START_TEST(deliveries_are_listed_without_reading_their_bodies)
{
	auto_arena struct arena shown_in = ARENA_EMPTY;
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct row_journal row = {.state = JOURNAL_QUARANTINED};
	struct deliveries list;

	pipe_open(&rig, _i);
	row.body_lz4 = (struct text){arena_alloc(&rig.arena, INPUTS_BYTES, 1), INPUTS_BYTES};
	for (int i = 0; i < 8; i++) {
		row.seq = 0;
		row.guid = arena_printf(&rig.arena, "g%d", i);
		add_row(&rig, &table_journal, &row);
	}
	ck_assert_msg(store_deliveries(&rig.store, JOURNAL_QUARANTINED, &list, &shown_in, &err), "%s", err.text);
	ck_assert_uint_eq(list.n, 8);
	ck_assert_uint_lt(shown_in.used, 1 << 20);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_lean_walk_leaves_out_what_may_be_large_and_nothing_else, backends),
	SUITE_ROWS(what_is_shown_of_a_commit_takes_little_memory_however_large_its_inputs, backends),
	SUITE_ROWS(deliveries_are_listed_without_reading_their_bodies, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
