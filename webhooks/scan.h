/*
 * scan: a bounded pull scanner over JSON bytes that takes a few fields out of a large payload in one pass, without a
 * tree. Grammar is RFC 8259 in full (strings, escapes, numbers, UTF-8, nothing after the value); lone surrogates and
 * \u0000 are refused. It accepts what jansson accepts (duplicate keys allowed), differential-tested, but for these:
 *   - a doubled key on a wanted path is an error: two readers could disagree about it;
 *   - more than SCAN_DEPTH_MAX open objects and arrays are an error;
 *   - a NUL byte is an error wherever it stands (jansson skips one that follows a number or a word);
 *   - a number out of jansson's range is accepted as what it is, a SCAN_NUMBER, which no reader takes for an integer.
 *
 * Wanted fields are paths in a table ("pull_request.head.sha"). Results borrow from the body, or from the arena
 * where an escape had to be undone. No recursion, no allocation per value.
 */
#ifndef WEBHOOKS_SCAN_H
#define WEBHOOKS_SCAN_H

#include "policy/arena.h"
#include "policy/err.h"

#define SCAN_DEPTH_MAX  64
#define SCAN_FIELDS_MAX 64

enum scan_type {
	SCAN_ABSENT = 0,
	SCAN_NULL,
	SCAN_FALSE,
	SCAN_TRUE,
	SCAN_INTEGER,
	SCAN_NUMBER,
	SCAN_STRING,
	SCAN_OBJECT,
	SCAN_ARRAY
};

struct scan_value {
	enum scan_type type;
	struct text text; /* strings unescaped; numbers as written; objects and arrays as their bytes */
	int64_t integer;  /* valid for SCAN_INTEGER (fits int64); a larger integer is SCAN_NUMBER */
};
bool scan_missing(const struct scan_value *value); /* not there, or null */

struct scan_plan; /* compiled paths; immutable, shared by threads */

/* paths[i] like "a.b.c" (objects only, no arrays); they outlive the plan. Asserts a sound table: it is our own. */
const struct scan_plan *scan_plan_new(const char *const *paths, size_t n);
void scan_plan_free(const struct scan_plan *plan); /* takes NULL */

/* Fills values[0..n) of the plan. False: not one JSON value, too deep, or a wanted key doubled; *err says where and
 * never quotes the body. */
bool scan_run(const struct scan_plan *plan, struct text body, struct arena *arena, struct scan_value *values,
	      struct err *err);

#endif
