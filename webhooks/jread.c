/*
 * The only file that meets jansson. Reading: brackets are counted before the parse, because jansson recurses and allows
 * 2048 levels; afterwards every value is found by a dotted path. Error texts never quote the input, which may hold a
 * secret. Writing needs no tree: one growing buffer, and one closing bracket remembered per open object or array.
 */
#include "webhooks/jread.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/memory.h"
#include "webhooks/wiped.h"

#define DEPTH_MAX   64
#define SEGMENT_MAX 128

struct jdoc {
	json_t *root;
};

/* Without memory jansson reports some other error as often as not: an answer that cannot be read, say. */
__attribute__((constructor)) static void stop_without_memory(void)
{
	json_set_alloc_funcs(memory_take, wiped_free);
}

/* jansson's lookups of older versions take json_t *, and change nothing. */
static json_t *unconst(jval v)
{
	return (json_t *)(uintptr_t)v;
}

/* The end of the string whose first byte is at i: the index of its closing quote, or len. */
static size_t string_end(struct text t, size_t i)
{
	for (; i < t.len && t.at[i] != '"'; i++)
		if (t.at[i] == '\\')
			i++;
	return i;
}

/* Only the brackets' depth; whether they match is the parser's matter. */
static bool shallow(struct text t)
{
	size_t depth = 0;

	for (size_t i = 0; i < t.len; i++) {
		char c = t.at[i];

		if (c == '"')
			i = string_end(t, i + 1);
		else if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && depth > 0)
			depth--;
		if (depth > DEPTH_MAX)
			return false;
	}
	return true;
}

static const struct {
	enum json_error_code code;
	const char *what;
} refusals[] = {
	{json_error_premature_end_of_input, "it ends too early"},
	{json_error_end_of_input_expected, "something follows the value"},
	{json_error_invalid_utf8, "not UTF-8"},
	{json_error_null_character, "a NUL character"},
	{json_error_null_byte_in_key, "a NUL character in a key"},
	{json_error_duplicate_key, "a key twice in one object"},
	{json_error_numeric_overflow, "a number out of range"},
};

static const char *refusal(enum json_error_code code)
{
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		if (refusals[i].code == code)
			return refusals[i].what;
	return "bad syntax";
}

struct jdoc *jdoc_parse(struct text bytes, struct err *err)
{
	json_error_t error;
	struct jdoc *doc;
	json_t *root;

	if (bytes.len > 0 && memchr(bytes.at, '\0', bytes.len)) { /* jansson skips one that follows a number */
		err_set(err, ERR_INVALID, "not JSON: a NUL byte");
		return NULL;
	}
	if (!shallow(bytes)) {
		err_set(err, ERR_INVALID, "not JSON for us: more than %d levels", DEPTH_MAX);
		return NULL;
	}
	root = json_loadb(bytes.at ? bytes.at : "", bytes.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!root) {
		err_set(err, ERR_INVALID, "not JSON: %s at line %d, column %d", refusal(json_error_code(&error)),
			error.line, error.column);
		return NULL;
	}
	doc = memory_take(sizeof *doc);
	doc->root = root;
	return doc;
}

void jdoc_free(struct jdoc *doc)
{
	if (!doc)
		return;
	json_decref(doc->root);
	free(doc);
}

static jval present(const json_t *v)
{
	return json_is_null(v) ? NULL : v;
}

jval jdoc_root(const struct jdoc *doc)
{
	return present(doc->root);
}

/* One step of a path: a member of an object, or an element of an array where the segment is a number. */
static const json_t *step(const json_t *v, struct text segment)
{
	char key[SEGMENT_MAX];
	int64_t index;

	if (json_is_array(v))
		return text_int64(segment, &index) && index >= 0 ? json_array_get(v, (size_t)index) : NULL;
	if (!json_is_object(v))
		return NULL;
	assert(segment.len < sizeof key); /* paths are our own */
	memcpy(key, segment.at, segment.len);
	key[segment.len] = '\0';
	return json_object_get(v, key);
}

jval jget(jval v, const char *path)
{
	const json_t *at = v;

	while (at && path && *path) {
		size_t n = strcspn(path, ".");

		at = step(at, (struct text){path, n});
		path += n + (path[n] == '.');
	}
	return present(at);
}

bool jis_object(jval v)
{
	return json_is_object((const json_t *)v);
}

bool jis_array(jval v)
{
	return json_is_array((const json_t *)v);
}

size_t jlen(jval array)
{
	return json_array_size(array);
}

jval jat(jval array, size_t i)
{
	return present(json_array_get(array, i));
}

/* *i is jansson's own iterator of the next member (the document does not change): 0 before the first, 1 at the end. */
bool jmember(jval object, size_t *i, struct text *ret_key, jval *ret_value)
{
	json_t *o = unconst(object);
	void *iter;

	if (!jis_object(object) || *i == 1)
		return false;
	iter = *i == 0 ? json_object_iter(o) : (void *)*i;
	if (!iter)
		return false;
	*ret_key = text_of(json_object_iter_key(iter));
	*ret_value = present(json_object_iter_value(iter));
	iter = json_object_iter_next(o, iter);
	*i = iter ? (size_t)iter : 1;
	return true;
}

static struct text string_of(jval v)
{
	return (struct text){json_string_value(v), json_string_length(v)};
}

struct text jtext(jval v, const char *path)
{
	return string_of(jget(v, path));
}

int64_t jint(jval v, const char *path, int64_t missing)
{
	const json_t *at = jget(v, path);

	return json_is_integer(at) ? json_integer_value(at) : missing;
}

enum tri jtri(jval v, const char *path)
{
	const json_t *at = jget(v, path);

	return json_is_true(at) ? TRI_YES : json_is_false(at) ? TRI_NO : TRI_UNKNOWN;
}

struct oid joid(jval v, const char *path)
{
	struct oid oid = OID_NONE;

	(void)oid_parse(jtext(v, path), &oid);
	return oid;
}

int64_t jwhen(jval v, const char *path)
{
	int64_t ms = WHEN_UNKNOWN;

	(void)when_parse(jtext(v, path), &ms);
	return ms;
}

static bool refuse(jval found, const char *path, const char *wanted, struct err *err)
{
	if (!found)
		return err_set(err, ERR_INVALID, "%s: missing", path);
	return err_set(err, ERR_INVALID, "%s: not %s", path, wanted);
}

bool jneed_text(jval v, const char *path, struct text *ret, struct err *err)
{
	const json_t *at = jget(v, path);

	if (!json_is_string(at))
		return refuse(at, path, "a text", err);
	*ret = string_of(at);
	return true;
}

bool jneed_int(jval v, const char *path, int64_t *ret, struct err *err)
{
	const json_t *at = jget(v, path);

	if (!json_is_integer(at))
		return refuse(at, path, "an integer", err);
	*ret = json_integer_value(at);
	return true;
}

bool jneed_oid(jval v, const char *path, struct oid *ret, struct err *err)
{
	const json_t *at = jget(v, path);

	if (!json_is_string(at) || !oid_parse(string_of(at), ret))
		return refuse(at, path, "a full object name", err);
	return true;
}

/* ---- writer ---- */

struct jwrite {
	char *at;
	size_t len, size;
	char *closers; /* one per open object or array */
	size_t depth, depth_size;
	bool comma; /* a value stands before this place */
};

struct jwrite *jwrite_new(void)
{
	struct jwrite *w = memory_take(sizeof *w);

	*w = (struct jwrite){.size = 256};
	w->at = memory_take(w->size);
	w->at[0] = '\0';
	return w;
}

void jwrite_free(struct jwrite *w)
{
	if (!w)
		return;
	free(w->at);
	free(w->closers);
	free(w);
}

/* One byte stays for the NUL. */
static char *room(struct jwrite *w, size_t n)
{
	if (n >= w->size - w->len) {
		assert(n < SIZE_MAX / 4 && w->size < SIZE_MAX / 4);
		w->size = (w->size + n) * 2;
		w->at = memory_resize(w->at, w->size);
	}
	return w->at + w->len;
}

static void put(struct jwrite *w, const char *at, size_t n)
{
	memcpy(room(w, n), at, n);
	w->len += n;
	w->at[w->len] = '\0';
}

static void put_byte(struct jwrite *w, char c)
{
	*room(w, 1) = c;
	w->at[++w->len] = '\0';
}

/* Length of the well-formed sequence at the front of t, 0: none. */
static size_t sequence(struct text t)
{
	unsigned char c = (unsigned char)t.at[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return n <= t.len && text_utf8((struct text){t.at, n}) ? n : 0;
}

static bool plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* Eight bytes at once: the highest bit of some byte is set where one of them is not plain. */
#define EACH(byte)       (UINT64_C(0x0101010101010101) * (byte))
#define LESS(word, byte) (((word)-EACH(byte)) & ~(word))
static bool eight_plain(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return ((word | LESS(word, 0x20) | LESS(word ^ EACH('"'), 1) | LESS(word ^ EACH('\\'), 1)) & EACH(0x80)) == 0;
}

static size_t plain_run(struct text t)
{
	size_t n = 0;

	while (t.len - n >= 8 && eight_plain(t.at + n))
		n += 8;
	while (n < t.len && plain(t.at[n]))
		n++;
	return n;
}

/* NUL is no character for any reader of ours, so it too becomes U+FFFD. */
static void put_control(struct jwrite *w, char c)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char escape[8];

	for (size_t i = 0; i + 1 < sizeof named; i += 2) {
		if (c != named[i])
			continue;
		put(w, (char[]){'\\', named[i + 1]}, 2);
		return;
	}
	(void)snprintf(escape, sizeof escape, "\\u%04x", c ? (unsigned)(unsigned char)c : 0xfffdu);
	put(w, escape, 6);
}

/* As nearly all are. */
static void put_plain(struct jwrite *w, struct text t)
{
	char *at = room(w, t.len + 2);

	at[0] = '"';
	memcpy(at + 1, t.at, t.len);
	at[t.len + 1] = '"';
	at[t.len + 2] = '\0';
	w->len += t.len + 2;
}

static void put_text(struct jwrite *w, struct text t)
{
	if (t.len > 0 && plain_run(t) == t.len) {
		put_plain(w, t);
		return;
	}
	put_byte(w, '"');
	for (size_t i = 0, n; i < t.len; i += n) {
		n = plain_run((struct text){t.at + i, t.len - i});
		if (n > 0) {
			put(w, t.at + i, n);
			continue;
		}
		n = sequence((struct text){t.at + i, t.len - i});
		if (n == 1)
			put_control(w, t.at[i]);
		else if (n == 0)
			put(w, "\xef\xbf\xbd", 3);
		else
			put(w, t.at + i, n);
		n = n == 0 ? 1 : n;
	}
	put_byte(w, '"');
}

static void begin(struct jwrite *w, const char *key)
{
	assert((key != NULL) == (w->depth > 0 && w->closers[w->depth - 1] == '}'));
	assert(w->depth > 0 || !w->comma); /* one value at the top */
	if (w->comma)
		put_byte(w, ',');
	w->comma = true;
	if (!key)
		return;
	put_text(w, text_of(key));
	put_byte(w, ':');
}

static void open_with(struct jwrite *w, const char *key, char opener, char closer)
{
	begin(w, key);
	put_byte(w, opener);
	if (w->depth == w->depth_size) {
		w->depth_size = w->depth_size * 2 + 16;
		w->closers = memory_resize(w->closers, w->depth_size);
	}
	w->closers[w->depth++] = closer;
	w->comma = false;
}

void jwrite_json(struct jwrite *w, const char *key, struct text t)
{
	assert(t.len > 0);
	begin(w, key);
	put(w, t.at, t.len);
}

void jwrite_object(struct jwrite *w, const char *key)
{
	open_with(w, key, '{', '}');
}

void jwrite_array(struct jwrite *w, const char *key)
{
	open_with(w, key, '[', ']');
}

void jwrite_end(struct jwrite *w)
{
	assert(w->depth > 0);
	put_byte(w, w->closers[--w->depth]);
	w->comma = true;
}

void jwrite_text(struct jwrite *w, const char *key, struct text t)
{
	begin(w, key);
	put_text(w, t);
}

void jwrite_int(struct jwrite *w, const char *key, int64_t n)
{
	char digits[24], *at = digits + sizeof digits;
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

	begin(w, key);
	do
		*--at = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (n < 0)
		*--at = '-';
	put(w, at, (size_t)(digits + sizeof digits - at));
}

void jwrite_bool(struct jwrite *w, const char *key, bool b)
{
	begin(w, key);
	put(w, b ? "true" : "false", b ? 4 : 5);
}

void jwrite_null(struct jwrite *w, const char *key)
{
	begin(w, key);
	put(w, "null", 4);
}

struct text jwrite_text_of(const struct jwrite *w)
{
	assert(w->depth == 0);
	return (struct text){w->at, w->len};
}
