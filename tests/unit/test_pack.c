#include "agent/store/pack.h"

#include "tests/support/suite.h"

static struct text some_bytes(struct arena *arena, size_t n)
{
	char *at = arena_alloc(arena, n + 1, 1);

	for (size_t i = 0; i < n; i++)
		at[i] = (char)(i * i >> 7);
	return (struct text){at, n};
}

static const size_t lengths[] = {0, 1, 13, 4096, 70000, 1000000};

START_TEST(what_is_packed_comes_back)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text raw = some_bytes(&arena, lengths[_i]), packed, back;
	struct err err = ERR_NONE;

	ck_assert(pack_text(raw, &arena, &packed, &err));
	ck_assert(unpack_text(&(struct unpack){packed, raw.len, raw.len}, &arena, &back, &err));
	ck_assert(text_eq(raw, back));
}
END_TEST

START_TEST(a_size_above_the_limit_costs_no_memory)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text raw = some_bytes(&arena, 100000), packed, back = TEXT_LIT("kept");
	static const struct {
		size_t raw_bytes, max;
	} rows[] = {{100000, 99999}, {PACK_RAW_MAX + 1, SIZE_MAX}, {SIZE_MAX, SIZE_MAX}, {SIZE_MAX, 10}};
	struct err err = ERR_NONE;
	size_t used;

	ck_assert(pack_text(raw, &arena, &packed, &err));
	used = arena.used;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ck_assert(!unpack_text(&(struct unpack){packed, rows[i].raw_bytes, rows[i].max}, &arena, &back, &err));
		ck_assert_int_eq(err.code, ERR_LIMIT);
	}
	ck_assert(text_is(back, "kept"));
	ck_assert_uint_eq(arena.used, used);
}
END_TEST

START_TEST(a_block_that_lies_is_refused)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text raw = some_bytes(&arena, 5000), packed, back;
	struct err err = ERR_NONE;

	ck_assert(pack_text(raw, &arena, &packed, &err));
	for (size_t wrong = 0; wrong < 10000; wrong += 613) {
		ck_assert(!unpack_text(&(struct unpack){packed, wrong, 10000}, &arena, &back, &err));
		ck_assert_int_eq(err.code, ERR_INVALID);
	}
	for (size_t cut = 0; cut < packed.len; cut++)
		ck_assert(!unpack_text(&(struct unpack){{packed.at, cut}, 5000, 5000}, &arena, &back, &err));
	ck_assert(!unpack_text(&(struct unpack){TEXT_LIT("x"), 0, 10}, &arena, &back, &err));
	ck_assert(!unpack_text(&(struct unpack){some_bytes(&arena, 4000), 5000, 5000}, &arena, &back, &err));
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(what_is_packed_comes_back, lengths),
					  SUITE_TEST(a_size_above_the_limit_costs_no_memory),
					  SUITE_TEST(a_block_that_lies_is_refused), SUITE_END};

SUITE_MAIN(tests)
