#include "tests/support/bodies.h"
#include "tests/support/histories.h"
#include "tests/support/suite.h"

#include <string.h>

/* ---- equal, byte for byte ---- */

static bool same_signer(const struct signer *a, const struct signer *b)
{
	return a->id == b->id && text_eq(a->login, b->login) && text_eq(a->name, b->name) &&
	       text_eq(a->email, b->email);
}

static void expect_same_commit(const struct commit *a, const struct commit *b)
{
	ck_assert_msg(oid_eq(&a->sha, &b->sha), "%s, %s", a->sha.hex, b->sha.hex);
	ck_assert(oid_eq(&a->tree, &b->tree) && text_eq(a->message, b->message) && a->recoded == b->recoded);
	ck_assert(same_signer(&a->author, &b->author) && same_signer(&a->committer, &b->committer));
	ck_assert_uint_eq(a->n_parents, b->n_parents);
	for (size_t i = 0; i < a->n_parents; i++)
		ck_assert(oid_eq(&a->parents[i], &b->parents[i]));
	ck_assert_uint_eq(a->n_coauthors, b->n_coauthors);
	for (size_t i = 0; i < a->n_coauthors; i++)
		ck_assert(same_signer(&a->coauthors[i], &b->coauthors[i]));
}

static void expect_same(const struct mirror_range_out *a, const struct mirror_range_out *b)
{
	ck_assert_str_eq(a->merge_base.hex, b->merge_base.hex);
	ck_assert_int_eq(a->head_in_base, b->head_in_base);
	ck_assert_uint_eq(a->n_commits, b->n_commits);
	for (size_t i = 0; i < a->n_commits; i++)
		expect_same_commit(&a->commits[i], &b->commits[i]);
	ck_assert_uint_eq(a->n_paths, b->n_paths);
	for (size_t i = 0; i < a->n_paths; i++) {
		const struct path *x = &a->paths[i], *y = &b->paths[i];

		ck_assert(text_eq(x->path, y->path) && text_eq(x->old_path, y->old_path) && x->status == y->status &&
			  x->mode == y->mode && x->old_mode == y->old_mode);
	}
}

/* REST leaves something of these out. */
static const char *const beyond_rest[] = {
	"names as bytes",
	"a commit with an encoding",
	"a message that is no UTF-8",
	"a name that is no UTF-8",
	"a tag merged with its signature",
	"a zone where nobody lives",
	"a message with a NUL in it",
	"a name with more blanks than git writes",
};

static bool is_beyond_rest(const char *name)
{
	for (size_t i = 0; i < sizeof beyond_rest / sizeof beyond_rest[0]; i++)
		if (!strcmp(name, beyond_rest[i]))
			return true;
	return false;
}

START_TEST(both_bodies_tell_the_same_or_rest_says_that_it_cannot)
{
	struct bodies b;
	struct mirror_range_out bare, rest = {.n_commits = 99};
	enum err_code code;

	bodies_begin(&b, ranges[_i].script, 1 << 20);
	bare = mirrored_range(&b.bare, ranges[_i].base, ranges[_i].head);
	code = bodies_range(&b, ranges[_i].base, ranges[_i].head, &rest);
	if (is_beyond_rest(ranges[_i].name)) {
		ck_assert_msg(code == ERR_LIMIT, "%s: %d %s", ranges[_i].name, (int)code, b.bare.err.text);
		ck_assert_ptr_nonnull(strstr(b.bare.err.text, "mirror.rest"));
		ck_assert_uint_eq(rest.n_commits, 99);
	} else {
		ck_assert_msg(code == ERR_OK, "%s: %s", ranges[_i].name, b.bare.err.text);
		expect_same(&bare, &rest);
		for (size_t i = 0; i < rest.n_commits; i++)
			ck_assert(rest.commits[i].recoded == (strstr(ranges[_i].name, "UTF-7") != NULL));
		ck_assert_str_eq(mirrored_paths(&b.bare, &rest), ranges[_i].paths);
	}
	bodies_end(&b);
}
END_TEST

/* With everything kept nothing is asked; with nothing kept everything is asked again. */
START_TEST(a_second_reading_is_the_same_and_asks_nothing)
{
	struct bodies b;
	struct mirror_range_out first, second;

	if (is_beyond_rest(ranges[_i].name))
		return;
	bodies_begin(&b, ranges[_i].script, 1 << 20);
	ck_assert_int_eq(bodies_range(&b, ranges[_i].base, ranges[_i].head, &first), ERR_OK);
	ck_assert_int_gt(b.world.asked, 0);
	b.world.asked = 0;
	ck_assert_msg(!bodies_range(&b, ranges[_i].base, ranges[_i].head, &second), "%s", b.bare.err.text);
	expect_same(&first, &second);
	if (oid_known(&first.merge_base) || first.n_commits)
		ck_assert_int_le(b.world.asked, first.n_commits ? 0 : 1);
	bodies_end(&b);
}
END_TEST

START_TEST(nothing_kept_is_only_slower)
{
	struct bodies b;
	struct mirror_range_out first, second;

	if (is_beyond_rest(ranges[_i].name))
		return;
	bodies_begin(&b, ranges[_i].script, 0);
	ck_assert_int_eq(bodies_range(&b, ranges[_i].base, ranges[_i].head, &first), ERR_OK);
	ck_assert_int_eq(bodies_range(&b, ranges[_i].base, ranges[_i].head, &second), ERR_OK);
	expect_same(&first, &second);
	bodies_end(&b);
}
END_TEST

/* ---- files ---- */

START_TEST(a_file_is_the_same_in_both)
{
	struct bodies b;
	struct mirror_file_out bare = {0}, rest = {0};
	enum err_code told, code;

	bodies_begin(&b, files[_i].script, 1 << 20);
	struct mirror_file_in in = {b.bare.where, repo_oid(&b.bare.repo, "main"), text_of(files[_i].path),
				    files[_i].max};
	ck_assert_int_eq(mirrored_fetch(&b.bare, "main", NULL), ERR_OK);
	told = b.bare.port.file_at(b.bare.port.self, &in, &bare, &b.bare.arena, &b.bare.err);
	in.where = b.where;
	code = b.port.file_at(b.port.self, &in, &rest, &b.bare.arena, &b.bare.err);
	ck_assert_msg(code == told && code == files[_i].code, "%d %s", (int)code, b.bare.err.text);
	ck_assert_int_eq(rest.exists, bare.exists);
	ck_assert(text_eq(rest.bytes, bare.bytes));
	ck_assert_str_eq(rest.blob.hex, bare.blob.hex);
	if (files[_i].bytes)
		ck_assert_str_eq(rest.bytes.at, files[_i].bytes);
	bodies_end(&b);
}
END_TEST

START_TEST(any_bytes_are_a_file)
{
	struct bodies b;
	struct mirror_file_out bare = {0}, rest = {0};

	bodies_begin(&b,
		     START "seq 1 400 | while read n; do printf \"\\\\$(printf %o $((n * 7 % 256)))\"; done >bin\n"
			   "git add bin\nsave bin\n",
		     1 << 20);
	struct mirror_file_in in = {b.bare.where, repo_oid(&b.bare.repo, "main"), TEXT_LIT("bin"), 1000};
	ck_assert_int_eq(mirrored_fetch(&b.bare, "main", NULL), ERR_OK);
	ck_assert_int_eq(b.bare.port.file_at(b.bare.port.self, &in, &bare, &b.bare.arena, &b.bare.err), ERR_OK);
	in.where = b.where;
	ck_assert_int_eq(b.port.file_at(b.port.self, &in, &rest, &b.bare.arena, &b.bare.err), ERR_OK);
	ck_assert_uint_eq(rest.bytes.len, 400);
	ck_assert(text_eq(rest.bytes, bare.bytes));
	b.world.asked = 0;
	ck_assert_int_eq(b.port.file_at(b.port.self, &in, &rest, &b.bare.arena, &b.bare.err), ERR_OK);
	ck_assert_int_eq(b.world.asked, 0);
	bodies_end(&b);
}
END_TEST

START_TEST(contents_of_changed_files_are_not_compared)
{
	struct bodies b;
	struct mirror_carry_in in = {.how = CARRY_SAME_PATCH};
	struct mirror_carry_out out = {.holds = false};

	bodies_begin(&b, START, 1 << 20);
	in.where = b.where;
	ck_assert_int_eq(b.port.carry(b.port.self, &in, &out, &b.bare.arena, &b.bare.err), ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(b.bare.err.text, "mirror.rest"));
	ck_assert(!out.holds);
	bodies_end(&b);
}
END_TEST

/* ---- fetch ---- */

static const struct {
	const char *name; /* NULL: main */
	enum err_code code;
} wants[] = {
	{NULL, ERR_OK},
	{"1111111111111111111111111111111111111111", ERR_GONE},
	{"1111111", ERR_INVALID},
	{"", ERR_INVALID},
};

START_TEST(a_commit_is_there_or_gone_and_nothing_is_fetched)
{
	struct bodies b;
	struct mirror_fetch_out out = {true};

	bodies_begin(&b, START, 1 << 20);
	struct oid main = repo_oid(&b.bare.repo, "main"), want[2] = {main, main};
	if (wants[_i].name)
		(void)snprintf(want[1].hex, sizeof want[1].hex, "%s", wants[_i].name);
	struct mirror_fetch_in in = {b.where, want, 2, INT64_MAX};
	ck_assert_int_eq(b.port.fetch(b.port.self, &in, &out, &b.bare.err), wants[_i].code);
	ck_assert_int_eq(out.fetched, wants[_i].code != ERR_OK);
	bodies_end(&b);
}
END_TEST

/* Each row makes a repository and reads it twice; a machine may be busy. */
#define SLOW_ROWS(f, table)                                                                                            \
	{                                                                                                              \
		.name = #f, .test = &(f), .rows = (int)(sizeof(table) / sizeof((table)[0])), .seconds = 300            \
	}

static const struct suite_test tests[] = {SLOW_ROWS(both_bodies_tell_the_same_or_rest_says_that_it_cannot, ranges),
					  SLOW_ROWS(a_second_reading_is_the_same_and_asks_nothing, ranges),
					  SLOW_ROWS(nothing_kept_is_only_slower, ranges),
					  SLOW_ROWS(a_file_is_the_same_in_both, files),
					  SUITE_SLOW(any_bytes_are_a_file, 300),
					  SUITE_TEST(contents_of_changed_files_are_not_compared),
					  SLOW_ROWS(a_commit_is_there_or_gone_and_nothing_is_fetched, wants),
					  SUITE_END};
SUITE_MAIN(tests)
