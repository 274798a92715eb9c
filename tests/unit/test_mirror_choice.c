#include "agent/forge/kept.h"
#include "agent/forge/mirror_choice.h"
#include "tests/support/suite.h"

#define MAX_BYTES INT64_C(1048576)

/* ---- which body ---- */

struct bench {
	int64_t now, size_kb;
	enum err_code refused; /* of the forge's answer */
	int asked;
	char last; /* the body that was used last */
	struct mirror_choice *choice;
	struct mirror port;
	struct err err;
};

struct body {
	struct bench *bench;
	char name;
};

static int64_t now(void *self)
{
	return ((struct bench *)self)->now;
}

static enum err_code repo(void *self, const struct forge_call *call, struct forge_found *out, struct err *err)
{
	struct bench *b = self;

	b->asked++;
	ck_assert(call->repo.id > 0 && text_is(call->repo.name, "o/r"));
	if (b->refused != ERR_OK)
		return err_set(err, b->refused, "refused"), err->code;
	*out = (struct forge_found){.id = call->repo.id, .name = call->repo.name, .size_kb = b->size_kb};
	return ERR_OK;
}

static enum err_code fetch(void *self, const struct mirror_fetch_in *in, struct mirror_fetch_out *out, struct err *err)
{
	const struct body *body = self;

	(void)in, (void)out, (void)err;
	body->bench->last = body->name;
	return ERR_OK;
}

static enum err_code range(void *self, const struct mirror_range_in *in, struct mirror_range_out *out,
			   struct arena *arena, struct err *err)
{
	(void)out, (void)arena;
	return fetch(self, &(struct mirror_fetch_in){.where = in->where}, NULL, err);
}

static enum err_code file_at(void *self, const struct mirror_file_in *in, struct mirror_file_out *out,
			     struct arena *arena, struct err *err)
{
	(void)out, (void)arena;
	return fetch(self, &(struct mirror_fetch_in){.where = in->where}, NULL, err);
}

static enum err_code carry(void *self, const struct mirror_carry_in *in, struct mirror_carry_out *out,
			   struct arena *arena, struct err *err)
{
	(void)out, (void)arena;
	return fetch(self, &(struct mirror_fetch_in){.where = in->where}, NULL, err);
}

static struct body bodies[2];

static void bench_open(struct bench *b)
{
	struct mirror_choice_config config = {.forge = {.self = b, .repo = repo},
					      .bare = {&bodies[0], fetch, range, file_at, carry},
					      .rest = {&bodies[1], fetch, range, file_at, carry},
					      .clock = {b, now, now},
					      .max_bytes = MAX_BYTES,
					      .deadline_ms = 1000};

	*b = (struct bench){.now = 1000};
	bodies[0] = (struct body){b, 'b'};
	bodies[1] = (struct body){b, 'r'};
	b->choice = mirror_choice_new(&config);
	b->port = mirror_choice_port(b->choice);
}

/* All verbs; '?': an error. */
static char used_by(struct bench *b, const struct mirror_where *where)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct mirror_fetch_in fetch_in = {.where = *where};
	struct mirror_range_in range_in = {.where = *where};
	struct mirror_file_in file_in = {.where = *where};
	struct mirror_fetch_out fetched;
	struct mirror_range_out ranged;
	struct mirror_file_out file;
	struct mirror_carry_in carry_in = {.where = *where};
	struct mirror_carry_out carried;
	char last;

	b->last = '?';
	b->err = ERR_NONE;
	if (b->port.fetch(b->port.self, &fetch_in, &fetched, &b->err) != ERR_OK)
		return '?';
	last = b->last;
	ck_assert_int_eq(b->port.range(b->port.self, &range_in, &ranged, &arena, &b->err), ERR_OK);
	ck_assert_int_eq(b->last, last);
	ck_assert_int_eq(b->port.file_at(b->port.self, &file_in, &file, &arena, &b->err), ERR_OK);
	ck_assert_int_eq(b->last, last);
	ck_assert_int_eq(b->port.carry(b->port.self, &carry_in, &carried, &arena, &b->err), ERR_OK);
	ck_assert_int_eq(b->last, last);
	return last;
}

static char used(struct bench *b, int64_t id)
{
	return used_by(b, &(struct mirror_where){.repo = id, .name = TEXT_LIT("o/r")});
}

static const struct {
	int64_t size_kb;
	enum err_code refused;
	char used;
} sizes[] = {
	{0, ERR_OK, 'b'},         {1024, ERR_OK, 'b'},      {1025, ERR_OK, 'r'},
	{INT64_MAX, ERR_OK, 'r'}, {-1, ERR_OK, 'b'},        {0, ERR_GONE, 'b'},
	{9999, ERR_DENIED, 'b'},  {9999, ERR_INVALID, 'b'}, {9999, ERR_RETRY, '?'},
};

START_TEST(a_repository_larger_than_the_limit_is_read_over_rest)
{
	struct bench b;

	bench_open(&b);
	b.size_kb = sizes[_i].size_kb;
	b.refused = sizes[_i].refused;
	ck_assert_int_eq(used(&b, 7), sizes[_i].used);
	ck_assert_int_eq(b.asked, 1);
	ck_assert_int_eq(b.err.code, sizes[_i].used == '?' ? ERR_RETRY : ERR_OK);
	mirror_choice_free(b.choice);
}
END_TEST

START_TEST(a_repository_that_grows_changes_over_within_ten_minutes_and_back)
{
	struct bench b;

	bench_open(&b);
	ck_assert_int_eq(used(&b, 7), 'b');
	b.size_kb = 5000;
	b.now += MIRROR_CHOICE_MS - 1;
	ck_assert_int_eq(used(&b, 7), 'b');
	b.now++;
	ck_assert_int_eq(used(&b, 7), 'r');
	ck_assert_int_eq(b.asked, 2);
	b.size_kb = 10;
	b.now += MIRROR_CHOICE_MS;
	ck_assert_int_eq(used(&b, 7), 'b');
	mirror_choice_free(b.choice);
}
END_TEST

START_TEST(what_was_said_last_counts_while_nobody_answers)
{
	struct bench b;

	bench_open(&b);
	b.size_kb = 5000;
	ck_assert_int_eq(used(&b, 7), 'r');
	b.now += MIRROR_CHOICE_MS;
	for (b.refused = ERR_RETRY; b.refused <= ERR_GONE; b.refused++) {
		ck_assert_int_eq(used(&b, 7), 'r');
		b.now += MIRROR_CHOICE_MS;
	}
	mirror_choice_free(b.choice);
}
END_TEST

START_TEST(each_repository_has_its_own_size)
{
	struct bench b;

	bench_open(&b);
	b.size_kb = 5000;
	ck_assert_int_eq(used(&b, 7), 'r');
	b.size_kb = 1;
	ck_assert_int_eq(used(&b, 8), 'b');
	ck_assert_int_eq(used(&b, 7 + 256), 'b'); /* at the same place */
	b.size_kb = 5000;
	ck_assert_int_eq(used(&b, 7), 'r');
	ck_assert_int_eq(used(&b, 8), 'b');
	b.refused = ERR_RETRY;
	ck_assert_int_eq(used(&b, 7 + 256), '?'); /* another's size is none of its own */
	mirror_choice_free(b.choice);
}
END_TEST

START_TEST(without_a_name_nobody_is_asked)
{
	struct bench b;

	bench_open(&b);
	b.size_kb = 5000;
	ck_assert_int_eq(used_by(&b, &(struct mirror_where){.repo = 7}), 'b');
	ck_assert_int_eq(b.asked, 0);
	mirror_choice_free(b.choice);
}
END_TEST

/* ---- what is kept ---- */

static struct kept_key key_of(int64_t repo, enum kept_kind kind, unsigned n)
{
	struct kept_key key = {repo, kind, OID_NONE, OID_NONE};

	(void)snprintf(key.a.hex, sizeof key.a.hex, "%040x", n);
	return key;
}

static bool has(const struct kept *kept, int64_t repo, enum kept_kind kind, unsigned n)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct kept_key key = key_of(repo, kind, n);
	struct text bytes;

	return kept_find(kept, &key, &arena, &bytes) && text_starts(bytes, TEXT_LIT("bytes"));
}

START_TEST(what_is_kept_is_found_by_its_whole_name)
{
	struct kept *kept = kept_new(1 << 20);
	struct kept_key key = key_of(7, KEPT_TREE, 1);

	ck_assert(!has(kept, 7, KEPT_TREE, 1));
	kept_put(kept, &key, TEXT_LIT("bytes"));
	ck_assert(has(kept, 7, KEPT_TREE, 1));
	ck_assert(!has(kept, 8, KEPT_TREE, 1) && !has(kept, 7, KEPT_COMMIT, 1) && !has(kept, 7, KEPT_TREE, 2));
	kept_free(kept);
}
END_TEST

START_TEST(no_more_is_kept_than_was_allowed)
{
	static char large[8192] = "bytes";
	struct kept *kept = kept_new(1 << 16);
	size_t found = 0;

	for (unsigned i = 1; i <= 2000; i++) {
		struct kept_key key = key_of(7, KEPT_BLOB, i);

		kept_put(kept, &key, (struct text){large, i % 2 ? 1000 : sizeof large});
		ck_assert_uint_le(kept_bytes(kept), 1 << 16);
	}
	for (unsigned i = 1; i <= 2000; i++) {
		found += has(kept, 7, KEPT_BLOB, i);
		ck_assert(i % 2 || !has(kept, 7, KEPT_BLOB, i)); /* too large a part of all */
	}
	ck_assert_uint_gt(found, 20);
	kept_free(kept);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_repository_larger_than_the_limit_is_read_over_rest, sizes),
					  SUITE_TEST(a_repository_that_grows_changes_over_within_ten_minutes_and_back),
					  SUITE_TEST(what_was_said_last_counts_while_nobody_answers),
					  SUITE_TEST(each_repository_has_its_own_size),
					  SUITE_TEST(without_a_name_nobody_is_asked),
					  SUITE_TEST(what_is_kept_is_found_by_its_whole_name),
					  SUITE_TEST(no_more_is_kept_than_was_allowed),
					  SUITE_END};
SUITE_MAIN(tests)
