#include "agent/tracker/dump.h"

#include <stdlib.h>

#include "policy/memory.h"
#include "policy/when.h"
#include "webhooks/crypto.h"
#include "webhooks/jread.h"

struct reading {
	struct arena *arena;
	struct dump *dump;
	size_t room;
	int64_t now_ms;
	struct err *err;
	uint64_t line; /* from 1; of an array the item; 0: one value that stands alone */
	bool array, ended;
};

static bool wrong(struct reading *r, const char *what)
{
	if (r->line == 0)
		return err_set(r->err, ERR_INVALID, "%s", what);
	return err_set(r->err, ERR_INVALID, "%s %llu: %s", r->array ? "item" : "line", (unsigned long long)r->line,
		       what);
}

static bool add(struct reading *r, const struct bug_table_run *run)
{
	struct dump *dump = r->dump;

	if (dump->n == DUMP_ENTRIES_MAX)
		return err_set(r->err, ERR_LIMIT, "more than %d lines", DUMP_ENTRIES_MAX);
	if (dump->n == r->room) {
		size_t room = r->room > 0 ? r->room * 2 : 64;
		struct bug_table_run *more = arena_alloc(r->arena, room, sizeof *more);

		if (dump->n > 0)
			memcpy(more, dump->runs, dump->n * sizeof *more);
		dump->runs = more;
		r->room = room;
	}
	dump->runs[dump->n++] = *run;
	return true;
}

/* ---- one value ---- */

static bool known_members(struct reading *r, jval v, const char *const *known)
{
	struct text key;
	jval value;
	size_t i = 0, k;

	while (jmember(v, &i, &key, &value)) {
		for (k = 0; known[k] && !text_is(key, known[k]); k++)
			;
		if (!known[k])
			return wrong(r, "an unknown key");
	}
	return true;
}

static bool read_time(struct reading *r, jval v, const char *path, int64_t *ret)
{
	int64_t ms = jwhen(v, path);

	if (!jget(v, path))
		return true;
	if (ms == WHEN_UNKNOWN || ms < 0)
		return wrong(r, "a time is not like 2026-11-23T01:02:03Z");
	if (ms > r->now_ms + DUMP_FUTURE_MS)
		return wrong(r, "a time lies in the future");
	*ret = ms;
	return true;
}

static bool read_id(struct reading *r, jval v, const char *path, uint32_t *ret)
{
	int64_t id = jint(v, path, 0);

	if (id <= 0 || id > TABLE_ID_MAX)
		return wrong(r, "a bug's number is a whole number from 1 to 99999999");
	*ret = (uint32_t)id;
	return true;
}

static bool read_bug(struct reading *r, jval v)
{
	static const char *const known[] = {"id", "to", "secure", "approved", "seen", NULL};
	struct bug_table_run run = {.version = WHEN_UNKNOWN};
	enum tri secure = jtri(v, "secure"), approved = jtri(v, "approved");

	if (!known_members(r, v, known) || !read_id(r, v, "id", &run.first))
		return false;
	run.last = run.first;
	if (jget(v, "to") && !read_id(r, v, "to", &run.last))
		return false;
	if (run.last < run.first)
		return wrong(r, "`to` is below `id`");
	if (secure == TRI_UNKNOWN)
		return wrong(r, "`secure` is true or false");
	if (approved == TRI_UNKNOWN && jget(v, "approved"))
		return wrong(r, "`approved` is true or false");
	if (secure == TRI_NO && approved == TRI_YES)
		return wrong(r, "approved, and not secure");
	if (run.last > run.first && run.last >= TABLE_PLANES)
		return wrong(r, "`to` is at most 4194303");
	if (run.last > run.first && secure != TRI_NO)
		return wrong(r, "`to` is for bugs that are not secure");
	run.state = secure == TRI_NO ? TABLE_INSECURE : approved == TRI_YES ? TABLE_APPROVED : TABLE_SECURE;
	return read_time(r, v, "seen", &run.version) && add(r, &run);
}

/* Said twice, it is said alike. */
static bool says_same(struct reading *r, jval v, const struct bug_table_run *run)
{
	enum tri secure = run->state == TABLE_INSECURE ? TRI_NO : TRI_YES;

	if (jget(v, "id") && jint(v, "id", 0) != (int64_t)run->first)
		return wrong(r, "`id` is of another bug");
	return !jget(v, "secure") || jtri(v, "secure") == secure || wrong(r, "`secure` is not what the method says");
}

static bool no_nulls(struct reading *r, jval v)
{
	struct text key;
	jval value;
	size_t i = 0;

	while (jmember(v, &i, &key, &value))
		if (!value)
			return wrong(r, "a null");
	return true;
}

static bool read_more(struct reading *r, jval v, struct bug_table_run *run)
{
	static const char *const known[] = {"id", "secure", "approved", "seen", NULL};
	enum tri approved = jtri(v, "approved");

	if (!jis_object(v))
		return wrong(r, "not a JSON object");
	if (!known_members(r, v, known) || !no_nulls(r, v) || !says_same(r, v, run))
		return false;
	if (approved == TRI_UNKNOWN && jget(v, "approved"))
		return wrong(r, "`approved` is true or false");
	if (approved == TRI_YES && run->state == TABLE_INSECURE)
		return wrong(r, "approved, and not secure");
	if (approved == TRI_YES)
		run->state = TABLE_APPROVED;
	return read_time(r, v, "seen", &run->version);
}

bool dump_read_one(struct text bytes, int64_t now_ms, struct bug_table_run *ret, struct err *err)
{
	struct reading r = {.now_ms = now_ms, .err = err};
	struct bug_table_run run = *ret;
	struct err unread = ERR_NONE;
	struct jdoc *doc;
	bool ok;

	run.version = WHEN_UNKNOWN;
	doc = jdoc_parse(bytes, &unread);
	if (!doc)
		return wrong(&r, "malformed JSON");
	ok = read_more(&r, jdoc_root(doc), &run);
	jdoc_free(doc);
	if (ok)
		*ret = run;
	return ok;
}

static bool read_first(struct reading *r, jval v)
{
	static const char *const known[] = {"format", "tracker", "dated", NULL};
	struct dump *dump = r->dump;

	if (r->line != 1 || r->array)
		return wrong(r, "`format` stands in the first line");
	if (!known_members(r, v, known))
		return false;
	if (!text_is(jtext(v, "format"), "headgate-bugs-1"))
		return wrong(r, "another format than headgate-bugs-1");
	dump->tracker = arena_text(r->arena, jtext(v, "tracker"));
	if (dump->tracker.len == 0 || dump->tracker.len > TABLE_NAME_MAX)
		return wrong(r, "`tracker` is the name of one");
	return read_time(r, v, "dated", &dump->dated_ms) &&
	       (dump->dated_ms != WHEN_UNKNOWN || wrong(r, "`dated` is missing"));
}

static bool read_last(struct reading *r, jval v)
{
	static const char *const known[] = {"lines", NULL};

	if (r->dump->tracker.len == 0)
		return wrong(r, "`lines` without a first line");
	if (!known_members(r, v, known) || jint(v, "lines", -1) != (int64_t)r->dump->n)
		return wrong(r, "not as many lines as it says: it was cut or changed");
	r->ended = true;
	return true;
}

static bool read_signature(struct reading *r, jval v, struct text before)
{
	static const char *const known[] = {"signature", NULL};
	struct dump *dump = r->dump;

	if (!r->ended)
		return wrong(r, "a signature before the end");
	if (dump->has_signature)
		return wrong(r, "two signatures");
	if (!known_members(r, v, known) || !crypto_unhex(jtext(v, "signature"), dump->signature, 64))
		return wrong(r, "a signature is 128 hex digits");
	dump->has_signature = true;
	dump->signed_bytes = before;
	return true;
}

static bool read_number(struct reading *r, int64_t id)
{
	struct bug_table_run run = {(uint32_t)id, (uint32_t)id, TABLE_SECURE, WHEN_UNKNOWN};

	if (id <= 0 || id > TABLE_ID_MAX)
		return wrong(r, "a bug's number is a whole number from 1 to 99999999");
	return add(r, &run);
}

static bool read_value(struct reading *r, jval v, struct text before)
{
	if (!jis_object(v))
		return read_number(r, jint(v, "", 0));
	if (jget(v, "signature"))
		return read_signature(r, v, before);
	if (r->ended)
		return wrong(r, "something after the end");
	if (jget(v, "format"))
		return read_first(r, v);
	return jget(v, "lines") ? read_last(r, v) : read_bug(r, v);
}

/* ---- all of them ---- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct text trimmed(struct text t)
{
	while (t.len > 0 && is_space(t.at[0]))
		t = (struct text){t.at + 1, t.len - 1};
	while (t.len > 0 && is_space(t.at[t.len - 1]))
		t.len--;
	return t;
}

static bool read_line(struct reading *r, struct text line, struct text before)
{
	struct err unread = ERR_NONE;
	struct jdoc *doc;
	int64_t id;
	bool ok;

	if (text_int64(line, &id))
		return !r->ended ? read_number(r, id) : wrong(r, "something after the end");
	if (line.at[0] != '{')
		return wrong(r, "neither a number nor a JSON object");
	doc = jdoc_parse(line, &unread);
	if (!doc)
		return wrong(r, "malformed JSON");
	ok = read_value(r, jdoc_root(doc), before);
	jdoc_free(doc);
	return ok;
}

static bool read_lines(struct reading *r, struct text bytes)
{
	for (size_t at = 0; at < bytes.len;) {
		const char *end = memchr(bytes.at + at, '\n', bytes.len - at);
		size_t len = end ? (size_t)(end - (bytes.at + at)) : bytes.len - at;
		struct text line = trimmed((struct text){bytes.at + at, len});

		r->line++;
		if (r->dump->has_signature && line.len > 0)
			return wrong(r, "something after the signature");
		if (line.len > 0 && !read_line(r, line, (struct text){bytes.at, at}))
			return false;
		at += len + 1;
	}
	if (r->dump->tracker.len > 0 && !r->ended)
		return wrong(r, "the end is missing: it was cut");
	return true;
}

static bool read_array(struct reading *r, struct text bytes)
{
	struct err unread = ERR_NONE;
	struct jdoc *doc = jdoc_parse(bytes, &unread);
	jval root = doc ? jdoc_root(doc) : NULL;
	bool ok = true;

	r->array = true;
	if (!doc)
		return err_set(r->err, ERR_INVALID, "malformed JSON: %s", unread.text);
	for (size_t i = 0; ok && i < jlen(root); i++) {
		jval item = jat(root, i);

		r->line = i + 1;
		ok = jis_object(item) ? read_bug(r, item) : read_number(r, jint(item, "", 0));
	}
	jdoc_free(doc);
	return ok;
}

static int by_number(const void *a, const void *b)
{
	const struct bug_table_run *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* Twice the same bug is a mistake, and which of the two counts would hang on chance. */
static bool no_bug_twice(struct reading *r)
{
	struct dump *dump = r->dump;

	if (dump->n > 0)
		qsort(dump->runs, dump->n, sizeof *dump->runs, by_number);
	for (size_t i = 1; i < dump->n; i++)
		if (dump->runs[i].first <= dump->runs[i - 1].last)
			return err_set(r->err, ERR_INVALID, "a bug is named twice");
	return true;
}

bool dump_read(struct text bytes, int64_t now_ms, struct arena *arena, struct dump *ret, struct err *err)
{
	struct dump dump = {.dated_ms = WHEN_UNKNOWN};
	struct reading r = {.arena = arena, .dump = &dump, .now_ms = now_ms, .err = err};
	struct text inner = trimmed(bytes);
	bool ok;

	if (bytes.len > DUMP_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "more than %zu bytes", DUMP_BYTES_MAX);
	if (inner.len == 0)
		return err_set(err, ERR_INVALID, "empty: a list without bugs is []");
	ok = inner.at[0] == '[' ? read_array(&r, inner) : read_lines(&r, bytes);
	if (!ok || !no_bug_twice(&r))
		return false;
	*ret = dump;
	return true;
}
