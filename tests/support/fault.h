/*
 * fault: rows that fail when they are told to: a wrapper around any backend. One operation by name; it succeeds
 * `countdown` times, then fails with `code` `repeat` times (-1: for good), without reaching the backend below.
 */
#ifndef TESTS_SUPPORT_FAULT_H
#define TESTS_SUPPORT_FAULT_H

#include "agent/store/rows.h"

enum fault_op { FAULT_NONE, FAULT_BEGIN, FAULT_COMMIT, FAULT_MARK, FAULT_KEEP, FAULT_UNDO, FAULT_ADD, FAULT_SCAN };

struct fault {
	enum fault_op op;
	int countdown, repeat;
	enum err_code code;
	struct rows below; /* borrowed */
};

/* The wrapped rows; closing them closes nothing. `fault` is used by the thread that uses the rows. */
struct rows fault_rows(struct fault *fault);

#endif
