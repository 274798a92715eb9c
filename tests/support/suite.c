#include "tests/support/suite.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"
#include "webhooks/crypto.h"

/* What ships stops where a library gets no memory (crypto.c, before main): so do the tests that need nothing else of
 * it. */
__attribute__((used)) static void (*const volatile as_shipped)(struct text, unsigned char *) = crypto_sha256;

#define SKIPPED 77 /* CTest's SKIP_RETURN_CODE, see tests/cmake/discover.cmake */

static unsigned seconds_of(const struct suite_test *test)
{
	return test->seconds ? test->seconds : 60;
}

static int list(const struct suite_test *tests)
{
	for (; tests->name; tests++)
		printf("%s %u %d\n", tests->name, seconds_of(tests), tests->rows > 0 ? tests->rows : 1);
	return 0;
}

/* Says why when the test asked for (all, if none was) lacks what it must be given. */
static bool lacks(const struct suite_test *test)
{
	const char *asked = getenv("CK_RUN_CASE");

	if (!test->given || getenv(test->given) || (asked && strcmp(asked, test->name) != 0))
		return false;
	printf("skipped: %s: %s is not set\n", test->name, test->given);
	return true;
}

/* Leaves out, and counts, what cannot run here. */
static Suite *suite_of(const struct suite_test *tests, int *skipped)
{
	Suite *suite = suite_create("headgate");

	for (; tests->name; tests++) {
		TCase *tcase;

		if (lacks(tests)) {
			(*skipped)++;
			continue;
		}
		tcase = tcase_create(tests->name);
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
	int failed, ran, skipped = 0;

	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list(tests);
	runner = srunner_create(suite_of(tests, &skipped));
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	ran = srunner_ntests_run(runner);
	srunner_free(runner);
	if (ran == 0 && skipped > 0)
		return SKIPPED;
	if (ran == 0)
		fprintf(stderr, "no test of that name\n");
	return failed == 0 && ran > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

void __real_policy_judge(const struct governed *governed, const struct facts *facts, struct arena *arena,
			 struct verdict *ret);
void __wrap_policy_judge(const struct governed *governed, const struct facts *facts, struct arena *arena,
			 struct verdict *ret);

/* Each decision is told to whoever was preloaded to hear it (tests/faults/oom); otherwise to nobody. */
void __wrap_policy_judge(const struct governed *governed, const struct facts *facts, struct arena *arena,
			 struct verdict *ret)
{
	void (*hear)(int);

	__real_policy_judge(governed, facts, arena, ret);
	*(void **)&hear = dlsym(RTLD_DEFAULT, "headgate_oom_judged");
	if (hear)
		hear((int)ret->decision);
}
