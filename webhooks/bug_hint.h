/*
 * bug_hint: what the webhooks of all trackers have in common (bugzilla.h, issues.h): from a JSON object a few facts are
 * taken, and of these is made a delivery, whose body, for the journal, is the JSON of its event and nothing else.
 */
#ifndef WEBHOOKS_BUG_HINT_H
#define WEBHOOKS_BUG_HINT_H

#include "webhooks/intake.h"
#include "webhooks/scan.h"

#define BUG_HINT_ID_MAX INT32_MAX /* the highest number that a bug may have */

/* Fills values[0..n) of the paths, the last of which is "": the body itself. False: it is not a JSON object; *err is
 * ERR_INVALID with a byte's position. */
struct bug_hint_fields {
	const char *const *paths;
	size_t n;
};
bool bug_hint_scan(const struct bug_hint_fields *fields, struct text body, struct arena *scratch,
		   struct scan_value *values, struct err *err);

/* A delivery about a bug of this tracker, to be applied, that says nothing yet. */
struct delivery bug_hint_begin(const char *source, struct text tracker);
/* Sets fate and note; false, for who looks no further. */
bool bug_hint_set(struct delivery *d, enum delivery_fate fate, const char *note);
/* Writes its body, and gives it to *ret; guid and secret_index of that stay as they are. */
void bug_hint_end(struct delivery *d, struct arena *arena, struct delivery *ret);

#endif
