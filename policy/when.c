#include "policy/when.h"

#include <stdio.h>
#include <string.h>

/* Days since 1970-01-01 of a proleptic Gregorian date (years counted from March, so that leap days come last). */
static int64_t days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool digits(struct text t, size_t at, size_t n, int *ret)
{
	int value = 0;

	if (at + n > t.len)
		return false;
	for (size_t i = at; i < at + n; i++) {
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
		value = value * 10 + (t.at[i] - '0');
	}
	*ret = value;
	return true;
}

static bool is(struct text t, size_t at, char c)
{
	return at < t.len && t.at[at] == c;
}

struct civil {
	int year, month, day, hour, minute, second;
};

static bool in_range(const struct civil *c)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;

	return c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= days[c->month - 1] + (c->month == 2 && leap) && c->hour <= 23 && c->minute <= 59 &&
	       c->second <= 60;
}

static int64_t civil_ms(const struct civil *c)
{
	return ((days_from_civil(c->year, c->month, c->day) * 24 + c->hour) * 60 + c->minute) * 60000 +
	       (int64_t)c->second * 1000;
}

/* The fraction at *at, in milliseconds; moves *at behind it. */
static bool fraction(struct text t, size_t *at, int *ret_ms)
{
	int scale = 100;
	size_t start;

	*ret_ms = 0;
	if (!is(t, *at, '.'))
		return true;
	for (start = ++*at; *at < t.len && t.at[*at] >= '0' && t.at[*at] <= '9'; ++*at, scale /= 10)
		*ret_ms += (t.at[*at] - '0') * scale;
	return *at > start;
}

static bool offset(struct text t, size_t at, int64_t *ret_ms)
{
	int hours, minutes;

	if (is(t, at, 'Z') || is(t, at, 'z')) {
		*ret_ms = 0;
		return at + 1 == t.len;
	}
	if (!(is(t, at, '+') || is(t, at, '-')) || at + 6 != t.len || !is(t, at + 3, ':') ||
	    !digits(t, at + 1, 2, &hours) || !digits(t, at + 4, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_ms = (int64_t)(hours * 60 + minutes) * 60000 * (t.at[at] == '-' ? -1 : 1);
	return true;
}

bool when_parse(struct text t, int64_t *ret_ms)
{
	struct civil c;
	int64_t zone;
	size_t at = 19;
	int ms;

	if (!digits(t, 0, 4, &c.year) || !is(t, 4, '-') || !digits(t, 5, 2, &c.month) || !is(t, 7, '-') ||
	    !digits(t, 8, 2, &c.day) || !(is(t, 10, 'T') || is(t, 10, 't') || is(t, 10, ' ')) ||
	    !digits(t, 11, 2, &c.hour) || !is(t, 13, ':') || !digits(t, 14, 2, &c.minute) || !is(t, 16, ':') ||
	    !digits(t, 17, 2, &c.second) || !in_range(&c) || !fraction(t, &at, &ms) || !offset(t, at, &zone))
		return false;
	*ret_ms = civil_ms(&c) + ms - zone;
	return true;
}

/* Year to second; each of as many digits as its place has. */
static void write_when(char *to, const int parts[6])
{
	static const char form[] = "....-..-..T..:..:..Z";
	static const int ends[6] = {3, 6, 9, 12, 15, 18}, digits[6] = {4, 2, 2, 2, 2, 2};

	memcpy(to, form, sizeof form);
	for (int i = 0; i < 6; i++)
		for (int k = 0, left = parts[i]; k < digits[i]; k++, left /= 10)
			to[ends[i] - k] = (char)('0' + left % 10);
}

const char *when_print(int64_t ms, char *buffer)
{
	int64_t seconds, days, z, era, doe, yoe, doy, mp;
	int second_of_day;

	if (ms == WHEN_UNKNOWN || ms < -62135596800000 || ms > 253402300799999) {
		(void)snprintf(buffer, 32, "unknown");
		return buffer;
	}
	seconds = ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
	days = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
	second_of_day = (int)(seconds - days * 86400);
	z = days + 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	write_when(buffer, (const int[]){(int)(yoe + era * 400 + (mp >= 10)), (int)(mp < 10 ? mp + 3 : mp - 9),
					 (int)(doy - (153 * mp + 2) / 5 + 1), second_of_day / 3600,
					 second_of_day / 60 % 60, second_of_day % 60});
	return buffer;
}

bool when_parse_http(struct text t, int64_t *ret_ms)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct civil c;
	size_t m;

	if (t.len != 29 || !is(t, 3, ',') || !digits(t, 5, 2, &c.day) || !digits(t, 12, 4, &c.year) ||
	    !digits(t, 17, 2, &c.hour) || !is(t, 19, ':') || !digits(t, 20, 2, &c.minute) || !is(t, 22, ':') ||
	    !digits(t, 23, 2, &c.second) || !text_ends(t, TEXT_LIT(" GMT")))
		return false;
	m = text_find((struct text){months, sizeof months - 1}, (struct text){t.at + 8, 3});
	if (m == SIZE_MAX || m % 3 != 0)
		return false;
	c.month = (int)(m / 3) + 1;
	if (!in_range(&c))
		return false;
	*ret_ms = civil_ms(&c);
	return true;
}
