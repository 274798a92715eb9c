/*
 * scanned: one plan of wanted paths, the values that the scanner found at them, and the error it gave; for the tests
 * that compare the scanner with its grammar and with jansson.
 */
#ifndef TESTS_SUPPORT_SCANNED_H
#define TESTS_SUPPORT_SCANNED_H

#include "webhooks/scan.h"

#define SCANNED_PATHS 19

extern const char *const scanned_paths[SCANNED_PATHS];

struct scanned {
	const struct scan_plan *plan;
	struct arena arena;
	struct scan_value values[SCANNED_PATHS];
	struct err err;
};

void scanned_open(struct scanned *scanned);
void scanned_close(struct scanned *scanned);

#endif
