/*
 * For unit tests over woven code: HEADGATE_MUTANT names the mutant, before main. An unknown name ends the program, so
 * that a misspelt one cannot look like a mutant that nobody noticed.
 */
#include "tests/mutants/mutant.h"

__attribute__((constructor)) static void choose(void)
{
	struct err err = ERR_NONE;

	if (mutant_select(getenv("HEADGATE_MUTANT"), &err))
		return;
	(void)fprintf(stderr, "HEADGATE_MUTANT: %s\n", err.text);
	exit(99);
}
