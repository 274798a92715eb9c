/*
 * github: the table of GitHub's events, and what its rows may say. Private to webhooks/: github.c fills it,
 * normalize.c walks it. A row names the fields of one event; a field says its path in the payload, how it is read,
 * where in struct event it goes and what happens when it is missing or malformed.
 */
#ifndef WEBHOOKS_GITHUB_H
#define WEBHOOKS_GITHUB_H

#include "webhooks/normalize.h"
#include "webhooks/scan.h"

enum field_read {
	READ_ID,          /* a positive integer -> int64_t */
	READ_TEXT,        /* -> struct text */
	READ_REF,         /* a branch's name, not one that looks like an object's -> struct text */
	READ_FULL_REF,    /* begins with refs/ -> struct text */
	READ_OID,         /* a full object name -> struct oid */
	READ_OID_OR_ZERO, /* the same, or all zeros for "none" -> struct oid */
	READ_WHEN,        /* RFC 3339, or whole seconds -> int64_t */
	READ_BOOL,        /* -> enum tri */
	READ_OPEN,        /* "open" or "closed" -> enum tri */
	READ_PERSON_TYPE, /* -> enum person_type */
	READ_REVIEW_STATE,
	READ_PRESENT, /* whether there is a value at all -> enum tri */
	FIELD_READS
};

/* What a missing (absent, null) and a malformed value do. */
enum field_need {
	NEED,  /* both quarantine */
	CHECK, /* missing is unknown; malformed quarantines */
	SHOW   /* for display: missing and malformed are unknown, a text too long is cut; never quarantines, so that no
		  outsider's choice of a name keeps an event from being applied */
};

struct event_field {
	const char *path;
	enum field_read read;
	enum field_need need;
	size_t offset; /* in struct event */
	size_t limit;  /* bytes, for texts */
};

struct event_action {
	const char *name;
	unsigned value; /* for the row's function */
};

struct field_list {
	const struct event_field *fields;
	size_t n;
};

/* A payload being normalised; a row's function completes it. */
struct normal {
	struct event *event;
	unsigned action; /* the matching event_action's value; 0 for any other */
	struct arena *arena;
	enum delivery_fate fate;
	struct text note;
};

bool normal_quarantine(struct normal *n, const char *path, const char *what); /* returns false */
bool normal_ignore(struct normal *n, const char *why);                        /* returns false */

enum row_needs { NEEDS_REPO = 1, NEEDS_INSTALLATION = 2, NEEDS_ACTION = 4 };

struct event_row {
	struct normalize_row about;
	unsigned needs;
	bool any_action; /* actions that are not listed count too, as value 0 */
	const struct event_action *actions;
	size_t n_actions;
	struct field_list lists[2];
	bool (*finish)(struct normal *n); /* may be NULL; false: it quarantined or ignored */
};

const struct event_row *github_row(struct text event_name); /* NULL: an unknown event */
const struct event_row *github_row_at(size_t i);            /* NULL past the end */
struct field_list github_common(void);                      /* fields that are asked of every event */

#endif
