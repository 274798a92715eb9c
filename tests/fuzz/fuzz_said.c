/*
 * Any bytes as the body of PUT or DELETE of one bug: the first byte says which. A named error that quotes nothing of it
 * and changes nothing; or a word that the method can say, of a time that may be, and the same as a dump's line says.
 */
#include "agent/tracker/dump.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "policy/when.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW    INT64_C(1795600000000)
#define BUG    410412
#define CANARY "c4nary"

static void check_said(const struct bug_table_run *run, bool put)
{
	assert(run->first == BUG && run->last == BUG);
	assert(put ? run->state == TABLE_SECURE || run->state == TABLE_APPROVED : run->state == TABLE_INSECURE);
	assert(run->version == WHEN_UNKNOWN || (run->version >= 0 && run->version <= NOW + DUMP_FUTURE_MS));
}

/* What was said is what a table knows then, and nothing milder. */
static void check_told(const struct bug_table_run *run)
{
	struct bug_table *table = bug_table_new(3600000);
	int64_t of = run->version == WHEN_UNKNOWN || run->version > NOW ? NOW : run->version;

	assert(bug_table_tell(table, BUG, run->state, of) == TABLE_TOLD_CHANGED);
	assert(bug_table_state(table, BUG) == run->state);
	assert(bug_table_tell(table, BUG, TABLE_SECURE, of) != TABLE_TOLD_REFUSED);
	assert(bug_table_state(table, BUG) == TABLE_SECURE);
	bug_table_free(table);
}

/* Said of another bug, or by the other method, it is the same word or none. */
static void check_others(struct text body, const struct bug_table_run *said, bool put)
{
	struct bug_table_run other = {BUG + 1, BUG + 1, said->state == TABLE_INSECURE ? TABLE_INSECURE : TABLE_SECURE,
				      WHEN_UNKNOWN},
			     turned = {BUG, BUG, put ? TABLE_INSECURE : TABLE_SECURE, WHEN_UNKNOWN};
	struct err err = ERR_NONE;

	if (dump_read_one(body, NOW, &other, &err))
		assert(other.state == said->state && other.version == said->version);
	if (dump_read_one(body, NOW, &turned, &err))
		assert(turned.version == said->version && turned.state == (put ? TABLE_INSECURE : TABLE_SECURE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool put = size > 0 && data[0] != 'D';
	struct bug_table_run run = {BUG, BUG, put ? TABLE_SECURE : TABLE_INSECURE, 7}, before = run;
	struct text body = size > 1 ? (struct text){(const char *)data + 1, size - 1} : TEXT_EMPTY;
	struct err err = ERR_NONE;

	if (!dump_read_one(body, NOW, &run, &err)) {
		assert(err.code == ERR_INVALID && err.text[0] != '\0' && !strstr(err.text, CANARY));
		assert(!strstr(err.text, "410412") && run.state == before.state && run.version == before.version);
		return 0;
	}
	check_said(&run, put);
	check_told(&run);
	check_others(body, &run, put);
	return 0;
}
