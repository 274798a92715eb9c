/* Trees that no repository holds, made when they are asked for: a tree's name says what is in it. */
#include "git/treediff.h"
#include "tests/support/suite.h"

#define LONG_NAME 250

/* In every tree stand, where they are set: one large entry that is the same on both sides, and directories. */
struct forest {
	size_t wide, levels; /* directories in one, and how deep they stand */
	size_t name, filler; /* lengths of the directories' names, and of the large entry's */
	size_t n_read;
};

/* A name is the side ('a', 'b') and the level. */
static struct oid tree_name(char side, size_t level)
{
	struct oid name = OID_NONE;

	memset(name.hex, side, 40);
	name.hex[38] = (char)('0' + level / 10);
	name.hex[39] = (char)('0' + level % 10);
	return name;
}

static char *put_entry(char *at, const char *mode, struct text name, const struct oid *object)
{
	memcpy(at, mode, strlen(mode));
	at += strlen(mode);
	*at++ = ' ';
	memcpy(at, name.at, name.len);
	at += name.len;
	*at++ = '\0';
	for (size_t i = 0; i < 20; i++) {
		unsigned byte;

		sscanf(object->hex + 2 * i, "%2x", &byte);
		*at++ = (char)byte;
	}
	return at;
}

static struct text padded(struct arena *arena, size_t len, size_t number)
{
	char *name = arena_alloc(arena, len + 32, 1);

	memset(name, 'd', len);
	return (struct text){name, len + (size_t)snprintf(name + len, 32, "%04zu", number)};
}

static bool read_forest(void *self, const struct oid *tree, struct arena *arena, struct text *ret, struct err *err)
{
	struct forest *forest = self;
	size_t level = (size_t)((tree->hex[38] - '0') * 10 + tree->hex[39] - '0');
	char *bytes = arena_alloc(arena, 64 + forest->filler + forest->wide * (forest->name + 64), 1), *at = bytes;
	struct oid below = tree_name(tree->hex[0], level + 1), same = tree_name('c', 0);

	(void)err;
	forest->n_read++;
	if (forest->filler > 0) {
		char *large = arena_alloc(arena, forest->filler, 1);

		memset(large, 'A', forest->filler);
		at = put_entry(at, "100644", (struct text){large, forest->filler}, &same);
	}
	for (size_t i = 0; i < forest->wide && level < forest->levels; i++)
		at = put_entry(at, "40000", padded(arena, forest->name, i), &below);
	*ret = (struct text){bytes, (size_t)(at - bytes)};
	return true;
}

static struct treediff diff_of(struct forest *forest, struct arena *arena)
{
	return (struct treediff){.trees = {forest, read_forest},
				 .max_paths = 100,
				 .max_trees = 200000,
				 .limit_trees = "mirror.max_trees",
				 .arena = arena};
}

START_TEST(what_is_walked_and_not_reported_takes_nothing_of_the_callers_memory)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct forest forest = {.wide = 20, .levels = 3, .name = LONG_NAME};
	struct treediff diff = diff_of(&forest, &arena);
	struct oid root = tree_name('b', 0);
	struct err err = ERR_NONE;

	ck_assert_msg(treediff_add(&diff, NULL, &root, &err), "%s", err.text);
	ck_assert_uint_eq(diff.n_paths, 0);
	ck_assert_uint_eq(forest.n_read, 1 + 20 + 400 + 8000);
	ck_assert_uint_lt(arena.used, 1 << 20);
}
END_TEST

static const struct {
	struct forest forest;
	const char *limit; /* NULL: it is compared */
} forests[] = {
	{{.wide = 1, .levels = 12, .name = 1, .filler = 1 << 20}, NULL},
	{{.wide = 1, .levels = 20, .name = 1, .filler = 1 << 20}, "mirror.max_open_tree_bytes"},
	{{.wide = 200, .levels = 1, .name = 1, .filler = 1 << 20}, NULL}, /* one after the other */
	{{.wide = 20, .levels = 3, .name = 1, .filler = 1 << 17}, "mirror.max_all_tree_bytes"},
};

START_TEST(trees_are_bounded_in_bytes_at_one_time_and_in_all)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct forest forest = forests[_i].forest;
	struct treediff diff = diff_of(&forest, &arena);
	struct oid was = tree_name('a', 0), is = tree_name('b', 0);
	struct err err = ERR_NONE;
	bool done = treediff_add(&diff, &was, &is, &err);

	ck_assert_msg(done == !forests[_i].limit, "%s", err.text);
	if (!done) {
		ck_assert_int_eq(err.code, ERR_LIMIT);
		ck_assert_msg(strstr(err.text, forests[_i].limit), "%s", err.text);
	}
	ck_assert_uint_eq(diff.n_paths, 0);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(what_is_walked_and_not_reported_takes_nothing_of_the_callers_memory),
	SUITE_ROWS(trees_are_bounded_in_bytes_at_one_time_and_in_all, forests),
	SUITE_END,
};
SUITE_MAIN(tests)
