/* The bugs that verdicts asked about, walked page by page over every backend. */
#include "agent/store/store_bugs.h"
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static struct {
	const struct rows_ops *real;
	size_t scans, most; /* rows that they may have read */
} counted;

static bool scan_counted(void *self, const struct scan *scan, struct visitor visitor, struct err *err)
{
	counted.scans++;
	counted.most += scan->limit < 1000000 ? scan->limit : 1000000;
	return counted.real->scan(self, scan, visitor, err);
}

/* Bug i of `bugs` by `commits` of them each, as verdicts leave it; another tracker's beside them. */
static void link_bugs(struct pipe_rig *rig, int64_t bugs, int64_t commits)
{
	struct err err = ERR_NONE;

	ck_assert(rig->rows.ops->begin(rig->rows.self, true, &err));
	for (int64_t i = 0; i < bugs * commits; i++) {
		struct row_bug_link link = {
			.tracker = TEXT_LIT("bmo"), .bug = 10 + i / commits, .repo = i % commits, .sha = sha_of('a')};

		ck_assert(rig->rows.ops->put(rig->rows.self, &table_bug_link, &link, &err));
		link.tracker = i % 2 ? TEXT_LIT("bm") : TEXT_LIT("bmo2");
		ck_assert(rig->rows.ops->put(rig->rows.self, &table_bug_link, &link, &err));
	}
	ck_assert(rig->rows.ops->commit(rig->rows.self, &err));
}

/* Behind each page is the next; nothing is left out, and nothing comes twice. */
static void walk_asked(struct pipe_rig *rig, int64_t bugs, size_t max)
{
	struct bug_ref after = {TEXT_LIT("bmo"), 0, false};
	struct err err = ERR_NONE;
	struct bugs_asked asked = {.ids = (int64_t[300]){0}, .max = max, .n = max};
	int64_t next = 10;

	while (asked.n == max) {
		ck_assert_msg(store_asked_bugs(&rig->store, &after, &asked, &err), "%s", err.text);
		for (size_t i = 0; i < asked.n; i++)
			ck_assert_int_eq(asked.ids[i], next++);
		after.id = next - 1;
	}
	ck_assert_int_eq(next, 10 + bugs);
}

static const struct {
	int64_t bugs, commits;
	size_t max;
} crowds[] = {{0, 1, 200},   {1, 1, 200},    {1, 500, 200},  {200, 1, 200}, {2000, 1, 200},
	      {400, 2, 200}, {10, 200, 200}, {10, 201, 200}, {30, 7, 3},    {5, 5, 1}};

START_TEST(what_verdicts_asked_about_is_walked_once_and_read_about_once)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;
		struct rows_ops counting;
		int64_t all = crowds[_i].bugs * crowds[_i].commits;

		pipe_open(&rig, backend);
		link_bugs(&rig, crowds[_i].bugs, crowds[_i].commits);
		counting = *rig.rows.ops;
		counted.real = rig.rows.ops;
		counting.scan = scan_counted;
		rig.rows.ops = &counting;
		counted.scans = counted.most = 0;
		walk_asked(&rig, crowds[_i].bugs, crowds[_i].max);
		ck_assert_uint_le(counted.most, 2 * (size_t)all + 2 * crowds[_i].max);
		rig.rows.ops = counted.real;
		pipe_close(&rig);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_verdicts_asked_about_is_walked_once_and_read_about_once, crowds),
	SUITE_END,
};
SUITE_MAIN(tests)
