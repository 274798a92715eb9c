/* The machinery of the mutants: what weaving does to a source, and what the catalogue must hold. */
#include "tests/mutants/mutant.h"
#include "tests/mutants/weave.h"
#include "tests/support/suite.h"

START_TEST(nothing)
{
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(nothing),
	SUITE_END,
};

SUITE_MAIN(tests)
