/*
 * Numbers, truth, dates and times. A scalar is the longest run of characters that could belong to one, and must be one
 * as a whole: behind whatever shorter scalar it begins with, no such character could stand anyway.
 */
#include "policy/toml_reader.h"

#include <string.h>

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- numbers ---- */

/* Digits with single underscores between them, from `at`; returns where they end, `at` where there are none. */
static size_t digits(struct text t, size_t at, bool (*is)(char c))
{
	size_t end = at;

	while (end < t.len && is(t.at[end])) {
		end++;
		if (end + 1 < t.len && t.at[end] == '_' && is(t.at[end + 1]))
			end++;
	}
	return end;
}

static bool hexadecimal(char c)
{
	return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool octal(char c)
{
	return c >= '0' && c <= '7';
}

static bool binary(char c)
{
	return c == '0' || c == '1';
}

static const struct {
	const char *prefix;
	unsigned base;
	bool (*is)(char c);
} bases[] = {{"0x", 16, hexadecimal}, {"0o", 8, octal}, {"0b", 2, binary}};

static unsigned digit_value(char c)
{
	return digit(c) ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* `written` is digits of that base and underscores. */
static void set_integer(struct toml *node, struct text written, unsigned base, bool minus)
{
	uint64_t n = 0, max = (uint64_t)INT64_MAX + (minus ? 1 : 0);

	node->kind = TOML_INTEGER;
	for (size_t i = 0; i < written.len && !node->wide; i++) {
		unsigned d = written.at[i] == '_' ? 0 : digit_value(written.at[i]);

		if (written.at[i] == '_')
			continue;
		node->wide = n > (max - d) / base;
		n = n * base + d;
	}
	if (node->wide)
		return;
	if (minus)
		node->integer = n == max ? INT64_MIN : -(int64_t)n;
	else
		node->integer = (int64_t)n;
}

static bool based(struct text t, struct toml *node)
{
	for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
		if (t.len < 3 || !text_starts(t, text_of(bases[i].prefix)) || digits(t, 2, bases[i].is) != t.len)
			continue;
		set_integer(node, (struct text){t.at + 2, t.len - 2}, bases[i].base, false);
		return true;
	}
	return false;
}

/* The end of a fraction and an exponent, each of which may be missing; 0: one of them is broken. */
static size_t float_part(struct text t, size_t at)
{
	size_t end = at, from;

	if (end < t.len && t.at[end] == '.') {
		from = end + 1;
		end = digits(t, from, digit);
		if (end == from)
			return 0;
	}
	if (end < t.len && (t.at[end] == 'e' || t.at[end] == 'E')) {
		from = end + 1;
		if (from < t.len && (t.at[from] == '+' || t.at[from] == '-'))
			from++;
		end = digits(t, from, digit);
		if (end == from)
			return 0;
	}
	return end;
}

static bool decimal(struct toml_reader *r, struct text t, struct toml *node)
{
	size_t sign = t.at[0] == '+' || t.at[0] == '-' ? 1 : 0, end = digits(t, sign, digit);

	if (end == sign || (t.at[sign] == '0' && end != sign + 1))
		return false;
	if (end == t.len) {
		set_integer(node, (struct text){t.at + sign, end - sign}, 10, t.at[0] == '-');
		return true;
	}
	if (float_part(t, end) != t.len)
		return false;
	node->kind = TOML_FLOAT;
	node->text = arena_text(r->arena, t);
	return true;
}

static bool special(struct toml_reader *r, struct text t, struct toml *node)
{
	static const char *const words[] = {"inf", "nan", "+inf", "+nan", "-inf", "-nan"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (text_is(t, words[i])) {
			node->kind = TOML_FLOAT;
			node->text = arena_text(r->arena, t);
			return true;
		}
	return false;
}

static bool boolean(struct text t, struct toml *node)
{
	if (!text_is(t, "true") && !text_is(t, "false"))
		return false;
	node->kind = TOML_BOOLEAN;
	node->truth = t.at[0] == 't';
	return true;
}

/* ---- dates and times ---- */

/* Two digits at `at` as a number from 0 to max, or -1. */
static int two(struct text t, size_t at, int max)
{
	int n;

	if (at + 2 > t.len || !digit(t.at[at]) || !digit(t.at[at + 1]))
		return -1;
	n = (t.at[at] - '0') * 10 + (t.at[at + 1] - '0');
	return n <= max ? n : -1;
}

static bool is_at(struct text t, size_t at, char c)
{
	return at < t.len && t.at[at] == c;
}

#define DATE_LEN 10 /* YYYY-MM-DD */
#define TIME_LEN 8  /* HH:MM:SS */

static bool date(struct text t)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int century = two(t, 0, 99), year = two(t, 2, 99), month = two(t, 5, 12), day = two(t, 8, 31);
	bool leap;

	if (century < 0 || year < 0 || month < 1 || day < 1 || !is_at(t, 4, '-') || !is_at(t, 7, '-'))
		return false;
	if (century == 0 && year == 0)
		return false;
	leap = year == 0 ? century % 4 == 0 : year % 4 == 0;
	return day <= lengths[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool clock_time(struct text t)
{
	return two(t, 0, 23) >= 0 && is_at(t, 2, ':') && two(t, 3, 59) >= 0 && is_at(t, 5, ':') && two(t, 6, 59) >= 0;
}

/* From `at`: nothing, or a point and digits, of which six count; the first non-digit ends them. False: no digit. */
static bool fraction(struct text t, size_t *at, char micros[6])
{
	size_t n = 0;

	memset(micros, '0', 6);
	if (!is_at(t, *at, '.'))
		return true;
	for ((*at)++; *at < t.len && digit(t.at[*at]); (*at)++, n++)
		if (n < 6)
			micros[n] = t.at[*at];
	return n > 0;
}

/* The rest of t from `at`: nothing, Z, or hours and minutes with a sign. *ret as Python prints it. */
static bool offset(struct toml_reader *r, struct text t, size_t at, struct text *ret)
{
	struct text rest = {t.at + at, t.len - at};

	*ret = TEXT_LIT("");
	if (rest.len == 0)
		return true;
	*ret = TEXT_LIT("+00:00");
	if (text_is(rest, "Z") || text_is(rest, "z"))
		return true;
	if (rest.len != 6 || (rest.at[0] != '+' && rest.at[0] != '-') || two(rest, 1, 23) < 0 || rest.at[3] != ':' ||
	    two(rest, 4, 59) < 0)
		return false;
	if (!text_is(rest, "-00:00"))
		*ret = arena_text(r->arena, rest);
	return true;
}

/* A clock time in `t` from `at` to its end, behind `before`; only one behind a date may have an offset. */
static bool time_rest(struct toml_reader *r, struct text t, size_t at, struct toml *node)
{
	struct text before = {t.at, at}, zone, clock = {t.at + at, t.len - at};
	size_t end = at + TIME_LEN;
	char micros[6];
	bool whole;

	if (!clock_time(clock) || !fraction(t, &end, micros) || (at == 0 && end != t.len) || !offset(r, t, end, &zone))
		return false;
	whole = memcmp(micros, "000000", 6) == 0;
	if (before.len > 0)
		before.len = DATE_LEN;
	node->text = arena_printf(r->arena, "%.*s%s%.*s%s%.*s%.*s", TEXT_ARG(before), before.len > 0 ? "T" : "",
				  TIME_LEN, clock.at, whole ? "" : ".", whole ? 0 : 6, micros, TEXT_ARG(zone));
	node->kind = TOML_TIME;
	return true;
}

static bool moment(struct toml_reader *r, struct text t, struct toml *node)
{
	if (!date(t))
		return time_rest(r, t, 0, node);
	if (t.len > DATE_LEN)
		return (is_at(t, DATE_LEN, 'T') || is_at(t, DATE_LEN, 't') || is_at(t, DATE_LEN, ' ')) &&
		       time_rest(r, t, DATE_LEN + 1, node);
	node->kind = TOML_TIME;
	node->text = arena_text(r->arena, t);
	return true;
}

/* ---- the run ---- */

static bool of_scalar(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || digit(c) || (c != '\0' && strchr("_+-.:", c));
}

static struct text run(struct toml_reader *r)
{
	size_t start = r->at;

	while (of_scalar(toml_peek(r)))
		r->at++;
	/* Between a date and its time a blank may stand; a digit behind a blank is nothing else. */
	if (r->at - start == DATE_LEN && date((struct text){r->src.at + start, DATE_LEN}) && toml_peek(r) == ' ' &&
	    r->at + 1 < r->src.len && digit(r->src.at[r->at + 1]))
		for (r->at++; of_scalar(toml_peek(r));)
			r->at++;
	return (struct text){r->src.at + start, r->at - start};
}

bool toml_scalar(struct toml_reader *r, struct toml *node)
{
	size_t start = r->at;
	struct text t = run(r);

	if (t.len == 0)
		return toml_refuse(r, start, "expected a value, found %s", toml_found(r));
	if (boolean(t, node) || based(t, node) || decimal(r, t, node) || special(r, t, node) || moment(r, t, node))
		return true;
	return toml_refuse(r, start, "`%.*s` is no number, date, true or false; text needs quotes",
			   TEXT_ARG(text_cut(t, 60)));
}
