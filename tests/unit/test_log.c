#include "agent/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/suite.h"

static int64_t fixed(void *self)
{
	(void)self;
	return 1795269731042;
}

static const struct clock_port still = {NULL, fixed, fixed};

/* What one event writes. */
static size_t written(enum log_format format, const char *msg, const struct log_field *fields, char *out, size_t size)
{
	struct log log = {-1, format, LOG_INFO_LEVEL, still, NULL};
	int ends[2];
	ssize_t n;

	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	log.fd = ends[1];
	log_event(&log, LOG_INFO_LEVEL, msg, fields);
	n = read(ends[0], out, size - 1);
	close(ends[0]);
	close(ends[1]);
	out[n < 0 ? 0 : n] = '\0';
	return n < 0 ? 0 : (size_t)n;
}

START_TEST(a_line_says_when_how_bad_and_what)
{
	const struct log_field fields[] = {LOG_S("delivery", "72d3"), LOG_I("ms", -7), LOG_S("note", "two words"),
					   LOG_DONE};
	char line[8192];

	written(LOG_LOGFMT, "stored", fields, line, sizeof line);
	ck_assert_str_eq(line,
			 "ts=2026-11-21T14:02:11.042Z level=info msg=stored delivery=72d3 ms=-7 note=\"two words\"\n");
	written(LOG_JSON, "stored", fields, line, sizeof line);
	ck_assert_str_eq(line, "{\"ts\":\"2026-11-21T14:02:11.042Z\",\"level\":\"info\",\"msg\":\"stored\","
			       "\"delivery\":\"72d3\",\"ms\":-7,\"note\":\"two words\"}\n");
}
END_TEST

/* One line, only printable bytes, exactly one newline at its end. */
static void one_plain_line(const char *line, size_t n)
{
	ck_assert_uint_gt(n, 0);
	ck_assert_int_eq(line[n - 1], '\n');
	for (size_t i = 0; i + 1 < n; i++)
		ck_assert_msg(line[i] >= 0x20 && line[i] <= 0x7e, "byte %zu is 0x%02x", i, (unsigned char)line[i]);
}

START_TEST(no_byte_value_breaks_a_line)
{
	char value[3] = {'a', (char)_i, 'b'}, line[8192];
	const struct log_field fields[] = {LOG_T("v", ((struct text){value, 3})), LOG_S("after", "x"), LOG_DONE};
	size_t n = written(LOG_LOGFMT, "m", fields, line, sizeof line);
	json_t *doc;

	one_plain_line(line, n);
	ck_assert_ptr_nonnull(strstr(line, " after=x\n"));
	n = written(LOG_JSON, "m", fields, line, sizeof line);
	one_plain_line(line, n);
	doc = json_loadb(line, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	ck_assert_ptr_nonnull(doc);
	ck_assert_uint_eq(json_object_size(doc), 5);
	if (_i < 0x80) {
		ck_assert_uint_eq(json_string_length(json_object_get(doc, "v")), 3);
		ck_assert_int_eq(json_string_value(json_object_get(doc, "v"))[1], _i);
	}
	json_decref(doc);
}
END_TEST
static const char every_byte[256] = {0};

START_TEST(a_value_cannot_forge_a_field)
{
	const struct log_field fields[] = {LOG_S("login", "x level=error msg=\"all is lost\"\nts=1"), LOG_DONE};
	char line[8192];

	written(LOG_LOGFMT, "m", fields, line, sizeof line);
	ck_assert_ptr_nonnull(strstr(line, " login=\"x level=error msg=\\\"all is lost\\\"\\x0ats=1\"\n"));
}
END_TEST

START_TEST(a_long_line_is_cut_at_a_field_and_says_so)
{
	char value[5000], line[8192];
	struct log_field fields[12];
	json_t *doc;
	size_t n;

	memset(value, 0x01, sizeof value);
	for (size_t i = 0; i < 11; i++)
		fields[i] = (struct log_field){"v", LOG_TEXT, {value, i == 0 ? 10 : sizeof value}, 0};
	fields[0].key = "first";
	fields[11] = LOG_DONE;
	n = written(LOG_JSON, "m", fields, line, sizeof line);
	one_plain_line(line, n);
	ck_assert_uint_le(n, 4096);
	doc = json_loadb(line, n, 0, NULL);
	ck_assert_ptr_nonnull(doc);
	ck_assert_int_eq(json_integer_value(json_object_get(doc, "truncated")), 1);
	ck_assert_ptr_nonnull(json_object_get(doc, "first"));
	json_decref(doc);
	written(LOG_LOGFMT, "m", fields, line, sizeof line);
	ck_assert_ptr_nonnull(strstr(line, " truncated=1\n"));
}
END_TEST

START_TEST(one_long_value_leaves_room_for_the_others)
{
	char value[5000], line[8192];
	const struct log_field fields[] = {LOG_T("v", ((struct text){value, sizeof value})), LOG_S("delivery", "72d3"),
					   LOG_DONE};

	memset(value, 'x', sizeof value);
	written(LOG_LOGFMT, "m", fields, line, sizeof line);
	ck_assert_ptr_nonnull(strstr(line, "xxx... delivery=72d3\n"));
}
END_TEST

START_TEST(the_level_keeps_lines_out)
{
	struct log log = {-1, LOG_LOGFMT, LOG_WARN_LEVEL, still, NULL};
	char line[64];
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	log.fd = ends[1];
	log_event(&log, LOG_INFO_LEVEL, "m", NULL);
	log_event(NULL, LOG_ERROR_LEVEL, "m", NULL);
	ck_assert_int_eq(read(ends[0], line, sizeof line), -1);
	log_event(&log, LOG_WARN_LEVEL, "m", NULL);
	ck_assert_int_gt(read(ends[0], line, sizeof line), 0);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* ---- whoever reads it stops ---- */

static void fill(int fd)
{
	static const char zeros[512];
	int flags = fcntl(fd, F_GETFL);

	ck_assert_int_eq(fcntl(fd, F_SETFL, flags | O_NONBLOCK), 0);
	while (write(fd, zeros, sizeof zeros) > 0)
		;
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(fcntl(fd, F_SETFL, flags), 0);
}

static void empty(int fd)
{
	static char bytes[1 << 20];
	int flags = fcntl(fd, F_GETFL);

	ck_assert_int_eq(fcntl(fd, F_SETFL, flags | O_NONBLOCK), 0);
	while (read(fd, bytes, sizeof bytes) > 0)
		;
}

static void pipe_of(int ends[2])
{
	ck_assert_int_eq(pipe(ends), 0);
}

static void sockets_of(int ends[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
}

static const struct {
	const char *what;
	void (*make)(int ends[2]);
} ways[] = {{"a pipe", pipe_of}, {"a socket", sockets_of}};

START_TEST(nobody_waits_for_a_log_that_is_not_read)
{
	struct log_drops *drops = log_drops_new();
	struct log log = {-1, LOG_LOGFMT, LOG_INFO_LEVEL, still, drops};
	char lines[1024];
	int ends[2];
	ssize_t n;

	ways[_i].make(ends);
	log.fd = ends[1];
	fill(ends[1]);
	(void)alarm(5); /* who waits here does so for ever */
	log_event(&log, LOG_INFO_LEVEL, "one", NULL);
	log_event(&log, LOG_ERROR_LEVEL, "two", NULL);
	ck_assert_int_eq(log_dropped(drops), 2);
	empty(ends[0]);
	log_event(&log, LOG_INFO_LEVEL, "three", NULL);
	n = read(ends[0], lines, sizeof lines - 1);
	ck_assert_int_gt(n, 0);
	lines[n] = '\0';
	ck_assert_str_eq(lines,
			 "ts=2026-11-21T14:02:11.042Z level=warn msg=\"lines of this log were dropped: nobody took "
			 "them\" lines=2\nts=2026-11-21T14:02:11.042Z level=info msg=three\n");
	log_event(&log, LOG_INFO_LEVEL, "four", NULL);
	n = read(ends[0], lines, sizeof lines - 1);
	ck_assert_int_gt(n, 0);
	lines[n] = '\0';
	ck_assert_str_eq(lines, "ts=2026-11-21T14:02:11.042Z level=info msg=four\n");
	ck_assert_int_eq(log_dropped(drops), 2);
	close(ends[0]);
	ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	log_event(&log, LOG_INFO_LEVEL, "five", NULL);
	ck_assert_int_eq(log_dropped(drops), 3);
	close(ends[1]);
	log_drops_free(drops);
}
END_TEST

/* A file that may grow to so many bytes only: the first write behind that is cut there. */
START_TEST(a_line_that_was_cut_is_no_part_of_the_next)
{
	struct log_drops *drops = log_drops_new();
	struct log log = {-1, LOG_LOGFMT, LOG_INFO_LEVEL, still, drops};
	struct rlimit size;
	char path[] = "/tmp/headgate-log-XXXXXX", lines[1024];
	ssize_t n;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &size), 0);
	log.fd = mkstemp(path);
	ck_assert_int_ge(log.fd, 0);
	(void)unlink(path);
	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){40, size.rlim_max}), 0);
	log_event(&log, LOG_INFO_LEVEL, "one", NULL);
	log_event(&log, LOG_INFO_LEVEL, "two", NULL);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &size), 0);
	log_event(&log, LOG_INFO_LEVEL, "three", NULL);
	n = pread(log.fd, lines, sizeof lines - 1, 0);
	ck_assert_int_gt(n, 0);
	lines[n] = '\0';
	ck_assert_str_eq(lines, "ts=2026-11-21T14:02:11.042Z level=info m\n"
				"ts=2026-11-21T14:02:11.042Z level=warn msg=\"lines of this log were dropped: nobody "
				"took them\" lines=2\nts=2026-11-21T14:02:11.042Z level=info msg=three\n");
	close(log.fd);
	log_drops_free(drops);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_line_says_when_how_bad_and_what),
	SUITE_ROWS(no_byte_value_breaks_a_line, every_byte),
	SUITE_TEST(a_value_cannot_forge_a_field),
	SUITE_TEST(a_long_line_is_cut_at_a_field_and_says_so),
	SUITE_TEST(one_long_value_leaves_room_for_the_others),
	SUITE_TEST(the_level_keeps_lines_out),
	SUITE_ROWS(nobody_waits_for_a_log_that_is_not_read, ways),
	SUITE_TEST(a_line_that_was_cut_is_no_part_of_the_next),
	SUITE_END,
};
SUITE_MAIN(tests)
