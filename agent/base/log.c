/*
 * A line is built in a fixed buffer of PIPE_BUF bytes, so that one write(2) is atomic on a pipe too. A field is
 * written whole or taken back whole: a full line stays parseable and says truncated=1. Values are cut before they are
 * escaped, so that one long value does not push out the others.
 */
#include "agent/base/log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "policy/memory.h"
#include "policy/when.h"

#define LINE_BYTES  4096
#define TAIL_BYTES  24 /* room for the end: ,"truncated":1} and the newline */
#define VALUE_BYTES 1024
#define PATIENCE_MS 20

struct line {
	size_t len;
	bool full;
	enum log_format format;
	char at[LINE_BYTES];
};

static const char *const level_names[] = {"error", "warn", "info", "debug"};

static void add(struct line *line, const char *bytes, size_t n)
{
	if (line->full || n > sizeof line->at - TAIL_BYTES - line->len) {
		line->full = true;
		return;
	}
	memcpy(line->at + line->len, bytes, n);
	line->len += n;
}

static void add_string(struct line *line, const char *s)
{
	add(line, s, strlen(s));
}

static bool plain(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\';
}

/* Control bytes become \u00NN in JSON and \xNN in logfmt; bytes of other scripts, which may be no UTF-8 at all and
 * may turn a terminal's reading order, become the six characters \xNN in both. */
static void add_escaped(struct line *line, unsigned char c)
{
	char escape[8];

	if (plain(c)) {
		add(line, (const char *)&c, 1);
		return;
	}
	if (c == '"' || c == '\\')
		(void)snprintf(escape, sizeof escape, "\\%c", c);
	else if (line->format != LOG_JSON)
		(void)snprintf(escape, sizeof escape, "\\x%02x", c);
	else
		(void)snprintf(escape, sizeof escape, c < 0x80 ? "\\u%04x" : "\\\\x%02x", c);
	add_string(line, escape);
}

static bool needs_quotes(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (!plain((unsigned char)t.at[i]) || t.at[i] == ' ' || t.at[i] == '=')
			return true;
	return t.len == 0;
}

static void add_value(struct line *line, struct text t)
{
	bool cut = t.len > VALUE_BYTES, quotes;

	if (cut)
		t.len = VALUE_BYTES;
	quotes = line->format == LOG_JSON || needs_quotes(t);
	if (quotes)
		add(line, "\"", 1);
	for (size_t i = 0; i < t.len; i++)
		add_escaped(line, (unsigned char)t.at[i]);
	if (cut)
		add(line, "...", 3);
	if (quotes)
		add(line, "\"", 1);
}

static void add_key(struct line *line, const char *key)
{
	assert(key && key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0');
	if (line->format == LOG_JSON) {
		add_string(line, line->len == 0 ? "{\"" : ",\"");
		add_string(line, key);
		add_string(line, "\":");
		return;
	}
	if (line->len > 0)
		add(line, " ", 1);
	add_string(line, key);
	add(line, "=", 1);
}

/* False: the line is full and is as it was before the field. */
static bool add_field(struct line *line, const struct log_field *field)
{
	size_t before = line->len;
	char number[32];

	add_key(line, field->key);
	if (field->type == LOG_INT) {
		(void)snprintf(number, sizeof number, "%" PRId64, field->integer);
		add_string(line, number);
	} else {
		add_value(line, field->text);
	}
	if (line->full)
		line->len = before;
	return !line->full;
}

static void finish(struct line *line)
{
	const char *tail = line->format == LOG_JSON ? "}\n" : "\n";
	const char *truncated = line->format == LOG_JSON ? ",\"truncated\":1" : " truncated=1";

	if (line->full) {
		memcpy(line->at + line->len, truncated, strlen(truncated));
		line->len += strlen(truncated);
	}
	memcpy(line->at + line->len, tail, strlen(tail));
	line->len += strlen(tail);
}

static const char *stamp(const struct log *log, char *out, size_t size)
{
	int64_t now = log->clock.wall(log->clock.self);
	char seconds[32];
	size_t n;

	n = strlen(when_print(now, seconds));
	assert(n > 0);
	(void)snprintf(out, size, "%.*s.%03dZ", (int)(n - 1), seconds, (int)((now % 1000 + 1000) % 1000));
	return out;
}

static void build(struct line *line, const struct log *log, enum log_level level, const char *msg)
{
	char ts[48];

	line->format = log->format;
	(void)add_field(line, &LOG_S("ts", stamp(log, ts, sizeof ts)));
	(void)add_field(line, &LOG_S("level", level_names[level]));
	(void)add_field(line, &LOG_S("msg", msg));
}

/* ---- out ---- */

struct log_drops {
	pthread_mutex_t lock;
	int64_t dropped;
	int64_t untold; /* of these: no line has said so yet */
	bool cut;       /* the last one went out in part */
};

struct log_drops *log_drops_new(void)
{
	struct log_drops *drops = calloc(1, sizeof *drops);

	if (!drops || pthread_mutex_init(&drops->lock, NULL) != 0)
		out_of_memory();
	return drops;
}

void log_drops_free(struct log_drops *drops)
{
	if (!drops)
		return;
	(void)pthread_mutex_destroy(&drops->lock);
	free(drops);
}

/* A pipe that has room has room for a whole line; what has no reader any more, or is no descriptor, fails at once. */
static bool has_room(int fd, int wait_ms)
{
	struct pollfd look = {.fd = fd, .events = POLLOUT};
	int n;

	do
		n = poll(&look, 1, wait_ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

/* A reader who is only slow is waited for a moment, once: until what was dropped is told, there is no more of that. */
static ssize_t put_bytes(const struct log *log, const char *at, size_t len)
{
	int fd = log->fd;
	ssize_t n;

	if (!has_room(fd, log->drops && log->drops->untold > 0 ? 0 : PATIENCE_MS))
		return -1;
	do {
		n = send(fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == ENOTSOCK)
			n = write(fd, at, len);
	} while (n < 0 && errno == EINTR);
	return n;
}

static bool put_line(const struct log *log, const struct line *line)
{
	ssize_t n = put_bytes(log, line->at, line->len);

	if (log->drops && n > 0)
		log->drops->cut = (size_t)n < line->len;
	return n == (ssize_t)line->len;
}

/* What went out in part is ended here, so that this line stands alone. */
static bool tell_dropped(const struct log *log)
{
	struct line line = {0};

	build(&line, log, LOG_WARN_LEVEL, "lines of this log were dropped: nobody took them");
	(void)add_field(&line, &LOG_I("lines", log->drops->untold));
	finish(&line);
	if (log->drops->cut && put_bytes(log, "\n", 1) == 1)
		log->drops->cut = false;
	if (log->drops->cut || !put_line(log, &line))
		return false;
	log->drops->untold = 0;
	return true;
}

/* A log that cannot be written must not stop the gate, and has nowhere else to complain. */
static void put_counted(const struct log *log, const struct line *line)
{
	struct log_drops *drops = log->drops;

	(void)pthread_mutex_lock(&drops->lock); /* for a moment at most */
	if ((drops->untold > 0 && !tell_dropped(log)) || !put_line(log, line)) {
		drops->dropped++;
		drops->untold++;
	}
	(void)pthread_mutex_unlock(&drops->lock);
}

int64_t log_dropped(struct log_drops *drops)
{
	int64_t ret;

	(void)pthread_mutex_lock(&drops->lock);
	ret = drops->dropped;
	(void)pthread_mutex_unlock(&drops->lock);
	return ret;
}

void log_event(const struct log *log, enum log_level level, const char *msg, const struct log_field *fields)
{
	struct line line = {0};

	if (!log || level > log->level)
		return;
	build(&line, log, level, msg);
	for (; fields && fields->type != LOG_END; fields++)
		if (!add_field(&line, fields))
			break;
	finish(&line);
	if (log->drops)
		put_counted(log, &line);
	else
		(void)put_line(log, &line);
}
