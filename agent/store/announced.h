/*
 * announced: what the public is told of a commit in one context, apart from the verdicts that told it. Reads and writes
 * the table `announced` alone, which has a row for each time that it became another: what pages read. A judgement that
 * changed nothing that is public adds no row and lengthens none, so that the time of a page is a function of public
 * things. The hash chain covers verdicts, not this. Inside a transaction of the caller; texts are the arena's.
 */
#ifndef AGENT_STORE_ANNOUNCED_H
#define AGENT_STORE_ANNOUNCED_H

#include "agent/store/steps.h"

/* This verdict, which has its id, is what is told now; rules: as the public may see them. Told already: its row has the
 * verdict's id and time as the last. */
bool announced_tell(struct step *step, const struct row_verdict *verdict, struct text rules);

/* Of row's repo, sha and context the newest. */
bool announced_newest(const struct rows *rows, struct row_announced *row, bool *found, struct arena *arena,
		      struct err *err);
/* The same of what the verdict row->last told, without rules. */
bool announced_by(const struct rows *rows, struct row_announced *row, bool *found, struct arena *arena,
		  struct err *err);

#endif
