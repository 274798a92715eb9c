/*
 * weave: puts the mutants' switches into copies of production sources. A mutant is data: what it removes, the story
 * that exposes it, and edits, each an exact text of one file (found there exactly once) and the text with the switch.
 *
 * Of an edit only what differs is replaced, and where the old text still stands inside the new one, only what is put
 * around it; so mutants meet in one function, one condition even, and each still finds the source as it is written.
 * Every edit must ask mutant_on("its own name"): with no mutant on, the woven code does what the production code does.
 * Texts are borrowed from what was read in; what comes out is the arena's. No I/O: weave_main.c has it.
 */
#ifndef TESTS_MUTANTS_WEAVE_H
#define TESTS_MUTANTS_WEAVE_H

#include "policy/arena.h"
#include "policy/err.h"

#define WEAVE_EDITS_MAX 16 /* of one mutant */

struct weave_edit {
	struct text file; /* from the root of the tree */
	struct text was, with;
};

struct weave_mutant {
	struct text name;
	struct text removes, rows, story; /* rows: "6" or "2, 5" or "none" */
	struct text red;                  /* unit tests that see it, or empty */
	struct text by;                   /* who must catch it: "simulator" (where nothing is said) or "units" */
	struct text swarm;                /* knobs of the simulator under which it is looked for, or empty */
	struct weave_edit edits[WEAVE_EDITS_MAX];
	size_t n_edits;
};

/* Reads one file of the catalogue. ERR_INVALID names the mutant and the line. */
bool weave_parse(struct text name, struct text bytes, struct weave_mutant *ret, struct arena *arena, struct err *err);

struct weave_mutants {
	const struct weave_mutant *at; /* the position is the mutant's number in mutant_is() */
	size_t n;
};

struct weave_source {
	struct text file, bytes;
};

/* The source with the switches of all mutants that edit it. ERR_INVALID names the mutant that does not fit:
 * its text is not there, is there twice, or two mutants want to replace the same text. */
bool weave_file(const struct weave_mutants *mutants, const struct weave_source *source, struct text *ret,
		struct arena *arena, struct err *err);

/* The C source of mutant_list[] (mutant.h). */
struct text weave_list(const struct weave_mutants *mutants, struct arena *arena);

#endif
