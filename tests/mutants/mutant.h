/*
 * mutant: which defence is switched off in this process: none, or exactly one of the catalogue. Chosen once, before
 * any thread starts; woven code then only compares a number. Programs that link the target headgate_mutants have the
 * switches; nothing that is installed has.
 */
#ifndef TESTS_MUTANTS_MUTANT_H
#define TESTS_MUTANTS_MUTANT_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/err.h"

struct mutant { /* as its file in catalogue/ tells */
	const char *name, *removes;
	const char *rows;  /* of the protocol's table of counterexamples: "6", "2, 5" or "none" */
	const char *story; /* an ordering that exposes it */
	const char *red;   /* unit tests that fail with it, "test_store.name, ..."; empty: only the simulator can */
	const char *by;    /* who must catch it: "simulator", or "units" where no promise breaks for good */
	const char *swarm; /* "lag=300 turns=600": the simulator's knobs for it; empty: the usual histories */
};
extern const struct mutant mutant_list[]; /* by name; woven from the catalogue */
extern const size_t mutant_count;

/* From now on this one is on; NULL or "": none. ERR_INVALID for an unknown name, with the nearest one there is. */
bool mutant_select(const char *name, struct err *err);

/* The one that is on, or NULL. */
const struct mutant *mutant_selected(void);

/* For tests and reports; woven code uses mutant_is. */
bool mutant_on(const char *name);

/* ---- for woven code ---- */

extern size_t mutant_number; /* SIZE_MAX: none is on */

static inline bool mutant_is(size_t number)
{
	return mutant_number == number;
}

#endif
