/*
 * err: what went wrong, sorted by what the caller must do next.
 *
 * Owns nothing: a struct err lives on the caller's stack, allocates nothing and never needs freeing.
 * Promise: it is filled once, by err_set; err_wrap only puts context in front and keeps the code.
 * On failure every other output of the function is untouched. Thread: any, it is a value.
 */
#ifndef POLICY_ERR_H
#define POLICY_ERR_H

#include <stdbool.h>
#include <stdint.h>

enum err_code {
	ERR_OK = 0,
	ERR_RETRY,    /* the world is unwell or not ready: try again, not before retry_at_ms where it is set */
	ERR_DENIED,   /* the other side said no: park it, tell an operator */
	ERR_GONE,     /* the asked-for thing does not exist */
	ERR_CONFLICT, /* somebody was first (duplicate id, lost fence): treat as done by another */
	ERR_LIMIT,    /* a named limit was exceeded; the text names it */
	ERR_INVALID,  /* the input is wrong: reject it, never retry it unchanged */
	ERR_BROKEN    /* durable state cannot be trusted any more: stop the process */
};

struct err {
	enum err_code code;
	int64_t retry_at_ms; /* wall clock, Unix milliseconds; 0: the caller's own backoff decides */
	char text[240];      /* one line for an operator; never a secret */
};

#define ERR_NONE ((struct err){ERR_OK, 0, ""})

/* Fills *err and returns false, so that `return err_set(err, ERR_INVALID, "...")` is one line. */
bool err_set(struct err *err, enum err_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "context: " in front of the text, keeps code and retry time, returns false. */
bool err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The code's name in lower case ("retry", "denied", ...); never NULL. */
const char *err_name(enum err_code code);

#endif
