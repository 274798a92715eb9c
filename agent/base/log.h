/*
 * log: one line per event on stderr, key=value (logfmt) or JSON. A value passed to those who log, never a global.
 * Every byte below 0x20 and above 0x7e is escaped; nothing secret is ever handed in. Whole lines are written with
 * one write(2), so threads never mix. Only agent/ logs; the folders below return errors.
 *
 * Whoever reads the log may stop: nobody waits for him longer than a moment. What cannot be written is dropped and
 * counted, and once something can be written again a line says how many were. Two who log to one pipe need one struct
 * log_drops between them, or one may still wait for the other's line.
 */
#ifndef AGENT_BASE_LOG_H
#define AGENT_BASE_LOG_H

#include <stdbool.h>

#include "agent/base/clock.h"
#include "policy/err.h"
#include "policy/text.h"

enum log_level { LOG_ERROR_LEVEL = 0, LOG_WARN_LEVEL, LOG_INFO_LEVEL, LOG_DEBUG_LEVEL };
enum log_format { LOG_LOGFMT = 0, LOG_JSON };

struct log_drops; /* of one descriptor; any thread */
struct log_drops *log_drops_new(void);
void log_drops_free(struct log_drops *drops); /* takes NULL; nobody logs any more */
/* Lines dropped so far. */
int64_t log_dropped(struct log_drops *drops);

struct log {
	int fd;
	enum log_format format;
	enum log_level level;
	struct clock_port clock;
	struct log_drops *drops; /* NULL: not counted; borrowed */
};

struct log_field {
	const char *key;
	enum { LOG_END = 0, LOG_TEXT, LOG_INT } type;
	struct text text;
	int64_t integer;
};
#define LOG_T(k, t) ((struct log_field){(k), LOG_TEXT, (t), 0})
#define LOG_S(k, s) ((struct log_field){(k), LOG_TEXT, text_of(s), 0})
#define LOG_I(k, n) ((struct log_field){(k), LOG_INT, TEXT_EMPTY, (n)})
#define LOG_DONE    ((struct log_field){NULL, LOG_END, TEXT_EMPTY, 0})

/* Writes one line: ts, level, msg, then the fields up to LOG_DONE. A NULL log is silent. */
void log_event(const struct log *log, enum log_level level, const char *msg, const struct log_field *fields);

#endif
