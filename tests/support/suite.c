#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned seconds_of(const struct suite_test *test)
{
	return test->seconds ? test->seconds : 60;
}

static int list(const struct suite_test *tests)
{
	for (; tests->name; tests++)
		printf("%s %u\n", tests->name, seconds_of(tests));
	return 0;
}

static Suite *suite_of(const struct suite_test *tests)
{
	Suite *suite = suite_create("headgate");

	for (; tests->name; tests++) {
		TCase *tcase = tcase_create(tests->name);

		tcase_set_timeout(tcase, seconds_of(tests));
		if (tests->rows > 0)
			tcase_add_loop_test(tcase, *tests->test, 0, tests->rows);
		else
			tcase_add_test(tcase, *tests->test);
		suite_add_tcase(suite, tcase);
	}
	return suite;
}

int suite_main(int argc, char **argv, const struct suite_test *tests)
{
	SRunner *runner;
	int failed, ran;

	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list(tests);
	runner = srunner_create(suite_of(tests));
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	ran = srunner_ntests_run(runner);
	srunner_free(runner);
	if (ran == 0)
		fprintf(stderr, "no test of that name\n");
	return failed == 0 && ran > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
