/* A dump that was read, told to a table; and a table as a dump. */
#include <inttypes.h>
#include <stdlib.h>

#include "agent/tracker/dump.h"
#include "policy/memory.h"
#include "policy/when.h"
#include "webhooks/crypto.h"

static int by_version(const void *a, const void *b)
{
	const struct bug_table_run *x = a, *y = b;

	if (x->version != y->version)
		return x->version < y->version ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static void tell(struct bug_table *table, int64_t id, const struct bug_table_run *run, struct dump_told *told)
{
	uint64_t *const counters[] = {
		[TABLE_TOLD_CHANGED] = &told->changed,
		[TABLE_TOLD_SEEN] = &told->seen,
		[TABLE_TOLD_OLDER] = &told->older,
		[TABLE_TOLD_REFUSED] = &told->refused,
	};

	(*counters[bug_table_tell(table, id, run->state, run->version)])++;
}

/* From the oldest: ages are told in steps, and a step that began later could not hold an older one. */
struct dump_told dump_apply(struct dump *dump, int64_t dated_ms, struct bug_table *table)
{
	struct dump_told told = {0};

	for (size_t i = 0; i < dump->n; i++)
		if (dump->runs[i].version == WHEN_UNKNOWN || dump->runs[i].version > dated_ms)
			dump->runs[i].version = dated_ms;
	if (dump->n > 0)
		qsort(dump->runs, dump->n, sizeof *dump->runs, by_version);
	for (size_t i = 0; i < dump->n; i++)
		for (int64_t id = dump->runs[i].first; id <= (int64_t)dump->runs[i].last; id++)
			tell(table, id, &dump->runs[i], &told);
	return told;
}

static int by_number(const void *a, const void *b)
{
	const struct bug_table_run *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

uint64_t dump_apply_absent(struct dump *dump, int64_t dated_ms, int64_t up_to, struct bug_table *table)
{
	uint64_t changed = 0;
	int64_t id = 1;

	if (dump->n > 0)
		qsort(dump->runs, dump->n, sizeof *dump->runs, by_number);
	for (size_t i = 0; i <= dump->n; i++) {
		int64_t until = i < dump->n ? dump->runs[i].first : up_to + 1;

		for (; id < until && id <= up_to; id++)
			changed += bug_table_tell(table, id, TABLE_INSECURE, dated_ms) == TABLE_TOLD_CHANGED;
		if (i < dump->n && id <= (int64_t)dump->runs[i].last)
			id = (int64_t)dump->runs[i].last + 1;
	}
	return changed;
}

/* ---- writing ---- */

struct out {
	char *at;
	size_t len, room;
};

static void put(struct out *out, const char *line, int n)
{
	if (out->len + (size_t)n > out->room) {
		out->room = (out->len + (size_t)n) * 2;
		out->at = memory_resize(out->at, out->room);
	}
	memcpy(out->at + out->len, line, (size_t)n);
	out->len += (size_t)n;
}

/* With its milliseconds: they are the order of two readings. */
static const char *print_time(int64_t ms, char buffer[48])
{
	char seconds[32];
	size_t n;

	(void)when_print(ms - ms % 1000, seconds);
	n = strlen(seconds);
	(void)snprintf(buffer, 48, "%.*s.%03dZ", (int)n - 1, seconds, (int)(ms % 1000));
	return buffer;
}

static void put_run(struct out *out, const struct bug_table_run *run)
{
	char line[200], to[32] = "", time[48];
	bool secure = run->state != TABLE_INSECURE;
	int n;

	if (run->last > run->first)
		(void)snprintf(to, sizeof to, ",\"to\":%" PRIu32, run->last);
	n = snprintf(line, sizeof line, "{\"id\":%" PRIu32 "%s,\"secure\":%s%s,\"seen\":\"%s\"}\n", run->first, to,
		     secure ? "true" : "false",
		     !secure                        ? ""
		     : run->state == TABLE_APPROVED ? ",\"approved\":true"
						    : ",\"approved\":false",
		     print_time(run->version, time));
	put(out, line, n);
}

struct text dump_write(const struct bug_table *table, struct text tracker, int64_t dated_ms, struct arena *arena)
{
	struct out out = {NULL, 0, 0};
	struct bug_table_run run;
	struct text ret;
	char line[200], time[48];
	uint64_t lines = 0;

	put(&out, line,
	    snprintf(line, sizeof line, "{\"format\":\"headgate-bugs-1\",\"tracker\":\"%.*s\",\"dated\":\"%s\"}\n",
		     TEXT_ARG(tracker), print_time(dated_ms, time)));
	for (uint32_t after = 0; bug_table_next(table, after, &run); after = run.last) {
		bool one = run.state == TABLE_INSECURE;

		/* `to` is for bugs that are not secure; secure ones of one version stand side by side. */
		for (uint32_t id = run.first; id <= run.last; id = one ? run.last + 1 : id + 1, lines++)
			put_run(&out, one ? &run : &(struct bug_table_run){id, id, run.state, run.version});
	}
	put(&out, line, snprintf(line, sizeof line, "{\"lines\":%" PRIu64 "}\n", lines));
	ret = arena_text(arena, (struct text){out.at, out.len});
	free(out.at);
	return ret;
}

struct text dump_signature_line(const unsigned char signature[64], struct arena *arena)
{
	char hex[2 * 64 + 1];

	crypto_hex(signature, 64, hex);
	return arena_printf(arena, "{\"signature\":\"%s\"}\n", hex);
}
