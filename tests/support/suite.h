/*
 * suite: how a test program is written. A table of test functions, one TCase and one CTest each:
 *
 *     START_TEST(a_replayed_delivery_changes_nothing) { ... } END_TEST
 *     static const struct suite_test tests[] = {
 *         SUITE_TEST(a_replayed_delivery_changes_nothing),
 *         SUITE_ROWS(every_row_holds, rows),            // a loop test over the array `rows`, index _i
 *         SUITE_SLOW(ten_thousand_seeds, 300),          // seconds it may take; 60 otherwise
 *         SUITE_GIVEN(recorded_payloads_agree, 120, "HEADGATE_CORPUS"), // skipped, and named, without that variable
 *         SUITE_END};
 *     SUITE_MAIN(tests)
 *
 * `--list` prints "name seconds rows" per line for CTest; CK_RUN_CASE=name runs one.
 */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H

#include <check.h>

struct suite_test {
	const char *name;
	const TTest *const *test;
	int rows;          /* 0: once; else a loop test over that many rows */
	unsigned seconds;  /* 0: 60 */
	const char *given; /* an environment variable it cannot do without, or NULL */
};

#define SUITE_TEST(f)                                                                                                  \
	{                                                                                                              \
		.name = #f, .test = &(f)                                                                               \
	}
#define SUITE_ROWS(f, table)                                                                                           \
	{                                                                                                              \
		.name = #f, .test = &(f), .rows = (int)(sizeof(table) / sizeof((table)[0]))                            \
	}
#define SUITE_SLOW(f, longest)                                                                                         \
	{                                                                                                              \
		.name = #f, .test = &(f), .seconds = (longest)                                                         \
	}
#define SUITE_GIVEN(f, longest, variable)                                                                              \
	{                                                                                                              \
		.name = #f, .test = &(f), .seconds = (longest), .given = (variable)                                    \
	}
#define SUITE_END                                                                                                      \
	{                                                                                                              \
		.name = NULL                                                                                           \
	}

int suite_main(int argc, char **argv, const struct suite_test *tests);

#define SUITE_MAIN(tests)                                                                                              \
	int main(int argc, char **argv)                                                                                \
	{                                                                                                              \
		return suite_main(argc, argv, tests);                                                                  \
	}

#endif
