/*
 * judging: a judge whose policy asks about bugs, step by step: one approved change that fixes bug 12, and a tracker and
 * a forge that answer what they are told. Time passes only where a judge waits.
 */
#ifndef TESTS_SUPPORT_JUDGING_H
#define TESTS_SUPPORT_JUDGING_H

#include "agent/work/workers.h"
#include "tests/support/told_forge.h"
#include "tests/support/told_tracker.h"

#define REVIEWED "  - {name: r, requires: {count: 1, permissions: [write]}}\n"
#define CLEARED                                                                                                        \
	"{bugs: {every: {any_of: [{keywords: {none_of: [sec-high]}}, "                                                 \
	"{attachment_flag: {name: sec-approval, status: '+'}}]}}}"
#define POLICY                                                                                                         \
	"policy: {approval: [r, c]}\napproval_rules:\n" REVIEWED                                                       \
	"  - {name: c, visibility: restricted, requires: {conditions: " CLEARED "}}\n"
#define POLICY_WARNS                                                                                                   \
	"policy: {approval: [r, c]}\napproval_rules:\n" REVIEWED                                                       \
	"  - {name: c, mode: warn, visibility: restricted, requires: {conditions: " CLEARED "}}\n"
#define POLICY_OTHER_WORD                                                                                              \
	"policy: {approval: [r, c]}\napproval_rules:\n" REVIEWED                                                       \
	"  - {name: c, visibility: restricted, requires: {conditions: {bugs: {every: {keywords: {none_of: "            \
	"[other]}}}}}}\n"

#define POLICY_ALONE /* what is one with the bug is not asked */                                                       \
	"policy: {approval: [r, c]}\napproval_rules:\n" REVIEWED                                                       \
	"  - {name: c, visibility: restricted, requires: {conditions: {bugs: {duplicates: false, every: {keywords: "   \
	"{none_of: [sec-high]}}}}}}\n"

#define CLEARANCE "Needs maintainer clearance"
#define TICK      INT64_C(60000)

struct judging {
	struct told_forge t;
	struct told_tracker tracker;
	struct judge judge;
};

/* max_age of the tracker's table. */
void judging_open(struct judging *b, int64_t max_age_ms);
void judging_close(struct judging *b);
void judging_names(struct judging *b, const char *message); /* what its commit says */
/* One judgement; there must be one to make. */
void judging_step(struct judging *b);

struct row_slot judging_slot(struct judging *b);
struct row_subject judging_subject(struct judging *b);
void judging_says(struct judging *b, enum status_state state, const char *text); /* NULL: any */
bool judging_linked(struct judging *b, int64_t bug);
/* Something was told of the bug. */
void judging_tell(struct judging *b, int64_t bug);
/* What a sweep does that finds the change as it is. */
void judging_sweep(struct judging *b);
/* The table, dated then, has it as not secure. */
void judging_knows(struct judging *b, int64_t id, int64_t seen);

#endif
