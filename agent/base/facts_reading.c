#include "agent/base/facts_reading.h"

#include <stdio.h>

void reading_wrong(struct reading *r, const char *key, const char *why)
{
	if (r->bad)
		return;
	r->bad = true;
	(void)err_set(r->err, ERR_INVALID, "%.*s%s: %s", (int)r->path_len, r->path, key, why);
}

/* Goes down one key or index; the answer is for reading_leave(). */
size_t reading_enter(struct reading *r, const char *key, size_t index)
{
	size_t before = r->path_len, room = sizeof r->path - before;
	int n = key ? snprintf(r->path + before, room, "%s.", key) : snprintf(r->path + before, room, "%zu.", index);

	if (n > 0 && (size_t)n < room)
		r->path_len += (size_t)n;
	return before;
}

void reading_leave(struct reading *r, size_t before)
{
	r->path_len = before;
}

/* Only keys of the NULL-terminated list are known; an unknown one is an error, so that no typing error is a fact. */
void reading_keys(struct reading *r, jval object, const char *const *keys)
{
	size_t i = 0, k;
	struct text key;
	jval value;

	while (!r->bad && jmember(object, &i, &key, &value)) {
		char name[64];

		for (k = 0; keys[k] && !text_is(key, keys[k]); k++)
			;
		(void)snprintf(name, sizeof name, "%.*s", TEXT_ARG(text_cut(key, sizeof name - 1)));
		if (!keys[k])
			reading_wrong(r, name, "unknown key");
	}
}

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct text unhex(struct reading *r, const char *key, struct text hex)
{
	char *at = arena_alloc(r->arena, hex.len / 2 + 1, 1);

	for (size_t i = 0; i + 1 < hex.len; i += 2) {
		int high = nibble(hex.at[i]), low = nibble(hex.at[i + 1]);

		if (high < 0 || low < 0)
			reading_wrong(r, key, "not hexadecimal");
		at[i / 2] = (char)(unsigned char)((high < 0 ? 0 : high) * 16 + (low < 0 ? 0 : low));
	}
	if (hex.len % 2 != 0)
		reading_wrong(r, key, "not hexadecimal");
	return (struct text){at, hex.len / 2};
}

struct text reading_text_value(struct reading *r, jval value, const char *key)
{
	struct text t;
	struct err ignored;
	jval holder = value;

	if (jis_object(holder)) {
		static const char *const keys[] = {"hex", NULL};

		reading_keys(r, holder, keys);
		if (!jneed_text(holder, "hex", &t, &ignored))
			reading_wrong(r, key, "not a text");
		else
			return unhex(r, key, t);
		return TEXT_EMPTY;
	}
	if (!value)
		return TEXT_EMPTY;
	if (!jneed_text(value, "", &t, &ignored)) {
		reading_wrong(r, key, "not a text");
		return TEXT_EMPTY;
	}
	return arena_text(r->arena, t);
}

struct text reading_text(struct reading *r, jval object, const char *key)
{
	return reading_text_value(r, jget(object, key), key);
}

int64_t reading_int(struct reading *r, jval object, const char *key)
{
	struct err ignored;
	int64_t n = 0;

	if (jget(object, key) && !jneed_int(object, key, &n, &ignored))
		reading_wrong(r, key, "not an integer");
	return n;
}

int64_t reading_id(struct reading *r, jval object, const char *key)
{
	int64_t n = reading_int(r, object, key);

	if (n < 0)
		reading_wrong(r, key, "not an id");
	return n;
}

bool reading_bool(struct reading *r, jval object, const char *key, bool *ret_known)
{
	enum tri answer = jtri(object, key);

	if (answer == TRI_UNKNOWN && jget(object, key))
		reading_wrong(r, key, "not true or false");
	if (ret_known)
		*ret_known = answer != TRI_UNKNOWN;
	return answer == TRI_YES;
}

struct oid reading_oid(struct reading *r, jval object, const char *key)
{
	struct oid oid = joid(object, key);

	if (!oid_known(&oid) && jget(object, key))
		reading_wrong(r, key, "not a full object name");
	return oid;
}

int64_t reading_when(struct reading *r, jval object, const char *key)
{
	int64_t ms = jwhen(object, key);

	if (ms == WHEN_UNKNOWN && jget(object, key))
		reading_wrong(r, key, "not a time like 2026-11-21T14:02:11Z");
	return ms;
}

/* The index of a word in a list (NULL entries match nothing); 0 when absent. */
size_t reading_word(struct reading *r, jval object, const char *key, const char *const *words)
{
	struct text t = reading_text(r, object, key);

	if (!jget(object, key))
		return 0;
	for (size_t i = 1; words[i]; i++)
		if (text_is(t, words[i]))
			return i;
	reading_wrong(r, key, "not a known word");
	return 0;
}

/* The elements of an array of known length; false when absent. */
bool reading_array(struct reading *r, jval object, const char *key, jval *ret, size_t *ret_n)
{
	*ret = jget(object, key);
	*ret_n = 0;
	if (!*ret)
		return false;
	if (!jis_array(*ret)) {
		reading_wrong(r, key, "not a list");
		return false;
	}
	*ret_n = jlen(*ret);
	return true;
}

bool reading_object(struct reading *r, jval object, const char *key, jval *ret)
{
	*ret = jget(object, key);
	if (*ret && !jis_object(*ret))
		reading_wrong(r, key, "not an object");
	return *ret && jis_object(*ret);
}
