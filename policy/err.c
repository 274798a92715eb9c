#include "policy/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool err_set(struct err *err, enum err_code code, const char *format, ...)
{
	va_list args;

	err->code = code;
	err->retry_at_ms = 0;
	va_start(args, format);
	(void)vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	return false;
}

bool err_wrap(struct err *err, const char *format, ...)
{
	char old[sizeof err->text];
	va_list args;
	size_t used;
	int n;

	memcpy(old, err->text, sizeof old);
	va_start(args, format);
	n = vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	used = n < 0 ? 0 : (size_t)n;
	if (used < sizeof err->text)
		(void)snprintf(err->text + used, sizeof err->text - used, ": %s", old);
	return false;
}

static const char *const names[] = {
	[ERR_OK] = "ok",           [ERR_RETRY] = "retry",       [ERR_DENIED] = "denied",
	[ERR_GONE] = "gone",       [ERR_CONFLICT] = "conflict", [ERR_LIMIT] = "limit",
	[ERR_INVALID] = "invalid", [ERR_BROKEN] = "broken",
};

const char *err_name(enum err_code code)
{
	return (size_t)code < sizeof names / sizeof names[0] ? names[code] : "broken";
}
