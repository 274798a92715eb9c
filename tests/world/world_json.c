#include "tests/world/world_state.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *world_str(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

json_int_t world_int(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool world_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

json_t *world_own(json_t *value)
{
	if (!value)
		abort();
	return value;
}

void world_put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, world_own(value)) != 0)
		abort();
}

json_t *world_list(json_t *object, const char *key)
{
	if (!json_is_array(json_object_get(object, key)))
		world_put(object, key, json_array());
	return json_object_get(object, key);
}

json_t *world_map(json_t *object, const char *key)
{
	if (!json_is_object(json_object_get(object, key)))
		world_put(object, key, json_object());
	return json_object_get(object, key);
}

void world_fail(struct world_act *act, int status, const char *message)
{
	json_decref(act->out);
	act->status = status;
	act->out = world_own(json_pack("{s:s,s:s,s:o}", "message", message, "documentation_url",
				       "https://docs.github.com/rest", "status", world_jtext("%d", status)));
}

json_t *world_time(int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	char buf[32];

	gmtime_r(&seconds, &tm);
	strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return world_own(json_string(buf));
}

json_t *world_time_or_null(json_int_t ms)
{
	return ms ? world_time(ms) : json_null();
}

static char *vtext(const char *format, va_list args)
{
	char *s = NULL;

	if (vasprintf(&s, format, args) < 0)
		abort();
	return s;
}

char *world_text(const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	s = vtext(format, args);
	va_end(args);
	return s;
}

json_t *world_jtext(const char *format, ...)
{
	va_list args;
	json_t *value;
	char *s;

	va_start(args, format);
	s = vtext(format, args);
	va_end(args);
	value = world_own(json_string(s));
	free(s);
	return value;
}

/* Bytes of one well-formed sequence at the beginning; 0: there is none. */
static size_t sequence(const unsigned char *s, size_t len)
{
	size_t n = s[0] < 0x80                   ? 1
		   : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
		   : (s[0] & 0xf0) == 0xe0       ? 3
		   : (s[0] & 0xf8) == 0xf0       ? 4
						 : 0;
	json_t *whole;

	if (n < 2 || n > len)
		return n == 1;
	whole = json_stringn((const char *)s, n); /* jansson takes well-formed ones only */
	json_decref(whole);
	return whole ? n : 0;
}

json_t *world_jbytes(const char *bytes, size_t len)
{
	char *clean = calloc(3, len + 1);
	size_t used = 0;
	json_t *text;

	if (!clean)
		abort();
	for (size_t i = 0, n; i < len; i += n ? n : 1) {
		n = sequence((const unsigned char *)bytes + i, len - i);
		memcpy(clean + used, n ? bytes + i : "\xef\xbf\xbd", n ? n : 3);
		used += n ? n : 3;
	}
	text = world_own(json_stringn(clean, used));
	free(clean);
	return text;
}

size_t world_characters(const char *utf8)
{
	size_t n = 0;

	for (; *utf8; utf8++)
		n += ((unsigned char)*utf8 & 0xc0) != 0x80;
	return n;
}

char *world_lower(const char *s)
{
	char *copy = strdup(s);

	if (!copy)
		abort();
	for (char *p = copy; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + ('a' - 'A'));
	return copy;
}

char *world_escape(const char *s)
{
	char *escaped = malloc(3 * strlen(s) + 1), *to = escaped;

	if (!escaped)
		abort();
	for (; *s; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~", *s))
			*to++ = *s;
		else
			to += snprintf(to, 4, "%%%02X", (unsigned char)*s);
	}
	*to = 0;
	return escaped;
}
