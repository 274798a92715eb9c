/*
 * Conditions on the time of the judgement alone: hours of the week at a fixed offset from UTC, and spans to keep out
 * of. No calendar, zone or locale is asked; whoever has summer time writes two rules or moves the offset. What changes
 * by itself is judged again then: each says when its answer changes next.
 */
#include "policy/keys.h"
#include "policy/predicate.h"
#include "policy/reviews.h"

#define MINUTE_MS   INT64_C(60000)
#define DAY_MS      (24 * 60 * MINUTE_MS)
#define DAY_MINUTES (24 * 60)
#define SPANS_MAX   200
#define TIME_MIN    INT64_C(-62135596800000) /* years 1 to 9999: arithmetic on them is safe */
#define TIME_MAX    INT64_C(253402300799999)

static bool time_known(int64_t now)
{
	return now >= TIME_MIN && now <= TIME_MAX;
}

static struct answer time_unknown(void)
{
	return answer_unknown(TEXT_LIT("the time of the judgement"));
}

static struct text time_shown(int64_t at, struct arena *arena)
{
	char buffer[32];

	return arena_text(arena, text_of(when_print(at, buffer)));
}

/* ---- hours of the week ---- */

struct window {
	unsigned days;    /* bit 0: Monday */
	int64_t from, to; /* minutes of a day; to beyond its end: of the next one */
	int64_t offset;   /* milliseconds that the clock there is ahead of UTC */
};

static const char *const day_names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static bool day_of(struct text t, unsigned *ret)
{
	for (unsigned i = 0; i < 7; i++)
		if (text_is(t, day_names[i])) {
			*ret = i;
			return true;
		}
	return false;
}

/* "mon", or "fri-mon": from the first on to the last. */
static bool read_day(struct parse *parse, const struct yaml *value, unsigned *days)
{
	size_t dash = value->kind == YAML_SCALAR ? text_find(value->text, TEXT_LIT("-")) : SIZE_MAX;
	bool span = dash != SIZE_MAX;
	struct text first = {value->text.at, span ? dash : value->text.len};
	struct text last = span ? (struct text){value->text.at + dash + 1, value->text.len - dash - 1} : first;
	unsigned from, to;

	if (value->kind != YAML_SCALAR || !day_of(first, &from) || !day_of(last, &to))
		return yaml_problem(value, parse->problem,
				    "expected a day (mon, tue, wed, thu, fri, sat, sun) or such as mon-fri");
	*days |= 1u << to;
	for (unsigned i = from; i != to; i = (i + 1) % 7)
		*days |= 1u << i;
	return true;
}

static bool read_days(struct parse *parse, const struct yaml *value, void *out)
{
	struct window *window = out;

	window->days = 0;
	if (value->kind != YAML_LIST || value->n == 0)
		return yaml_problem(value, parse->problem, "expected a list of days, such as [mon-fri]");
	for (size_t i = 0; i < value->n; i++)
		if (!read_day(parse, &value->items[i], &window->days))
			return false;
	return true;
}

/* "HH:MM" at `at`; up to 24:00. */
static bool clock_of(struct text t, int64_t *ret)
{
	static const int64_t worth[] = {600, 60, 0, 10, 1};

	*ret = 0;
	if (t.len != 5 || t.at[2] != ':')
		return false;
	for (size_t i = 0; i < 5; i++) {
		if (i != 2 && (t.at[i] < '0' || t.at[i] > '9'))
			return false;
		*ret += worth[i] * (t.at[i] - '0');
	}
	return t.at[3] < '6' && *ret <= DAY_MINUTES;
}

static bool read_clock(struct parse *parse, const struct yaml *value, int64_t *ret)
{
	if (value->kind != YAML_SCALAR || !clock_of(value->text, ret))
		return yaml_problem(value, parse->problem, "expected a time of the day in quotes, such as \"09:00\"");
	return true;
}

static bool read_from(struct parse *parse, const struct yaml *value, void *out)
{
	struct window *window = out;

	return read_clock(parse, value, &window->from);
}

static bool read_to(struct parse *parse, const struct yaml *value, void *out)
{
	struct window *window = out;

	return read_clock(parse, value, &window->to);
}

static bool read_offset(struct parse *parse, const struct yaml *value, void *out)
{
	struct window *window = out;
	struct text t = value->text;
	int64_t minutes;

	if (value->kind != YAML_SCALAR || t.len != 6 || (t.at[0] != '+' && t.at[0] != '-') ||
	    !clock_of((struct text){t.at + 1, 5}, &minutes) || minutes > 14 * 60)
		return yaml_problem(value, parse->problem, "expected an offset from UTC in quotes, such as \"+01:00\"");
	window->offset = (t.at[0] == '-' ? -minutes : minutes) * MINUTE_MS;
	return true;
}

bool window_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"days", NULL, NULL}, read_days},
					  {{"from", NULL, NULL}, read_from},
					  {{"to", NULL, NULL}, read_to},
					  {{"utc_offset", NULL, NULL}, read_offset}};
	static const struct keys keys = KEYS(rows);
	struct window *args = arena_alloc(parse->arena, 1, sizeof *args);

	*args = (struct window){.days = 0x7f, .from = 0, .to = DAY_MINUTES};
	if (!keys_read(parse, value, &keys, "window", args))
		return false;
	if (args->from == args->to || args->from == DAY_MINUTES)
		return yaml_problem(value, parse->problem,
				    "a window that begins when it ends: is it empty, or always?");
	if (args->to < args->from)
		args->to += DAY_MINUTES;
	if (args->days == 0x7f && args->to - args->from == DAY_MINUTES)
		return yaml_problem(value, parse->problem, "a window of all days and hours asks for nothing");
	*ret_args = args;
	return true;
}

static int64_t floor_days(int64_t ms)
{
	return ms >= 0 ? ms / DAY_MS : -((-ms + DAY_MS - 1) / DAY_MS);
}

/* 1970-01-01 was a Thursday. */
static bool opens_on(const struct window *window, int64_t day)
{
	return window->days >> (unsigned)(((day + 3) % 7 + 7) % 7) & 1;
}

/* A window belongs to the day on which it begins, also where it ends on the next. */
static bool within(const struct window *window, int64_t now)
{
	int64_t there = now + window->offset, today = floor_days(there);

	for (int64_t day = today - 1; day <= today; day++) {
		int64_t start = day * DAY_MS;

		if (opens_on(window, day) && there >= start + window->from * MINUTE_MS &&
		    there < start + window->to * MINUTE_MS)
			return true;
	}
	return false;
}

/* The first boundary after now behind which it is otherwise; there is one within eight days. */
int64_t window_changes_at(const void *args, int64_t now)
{
	const struct window *window = args;
	int64_t today, found = INT64_MAX;
	bool is;

	if (!time_known(now))
		return INT64_MAX;
	today = floor_days(now + window->offset);
	is = within(window, now);
	for (int64_t day = today - 1; day <= today + 8; day++)
		for (int side = 0; side < 2; side++) {
			int64_t minutes = side == 0 ? window->from : window->to;
			int64_t at = day * DAY_MS + minutes * MINUTE_MS - window->offset;

			if (at > now && at < found && within(window, at) != is)
				found = at;
		}
	return found;
}

struct answer window_ask(const void *args, const struct judging *on)
{
	int64_t now = on->facts->now;
	struct text at;

	if (!time_known(now))
		return time_unknown();
	at = time_shown(window_changes_at(args, now), on->arena);
	if (within(args, now))
		return answer_yes(arena_printf(on->arena, "the hours last until %.*s", TEXT_ARG(at)));
	return answer_no(arena_printf(on->arena, "not in these hours: again at %.*s", TEXT_ARG(at)));
}

/* ---- spans ---- */

struct span {
	int64_t from, to;
	struct text reason;
};

struct spans {
	const struct span *items;
	size_t n;
};

static bool read_time(struct parse *parse, const struct yaml *value, int64_t *ret)
{
	if (value->kind != YAML_SCALAR || !when_parse(value->text, ret) || !time_known(*ret))
		return yaml_problem(value, parse->problem, "expected a time such as 2026-12-24T00:00:00Z");
	return true;
}

static bool read_start(struct parse *parse, const struct yaml *value, void *out)
{
	struct span *span = out;

	return read_time(parse, value, &span->from);
}

static bool read_end(struct parse *parse, const struct yaml *value, void *out)
{
	struct span *span = out;

	return read_time(parse, value, &span->to);
}

static bool read_reason(struct parse *parse, const struct yaml *value, void *out)
{
	struct span *span = out;

	return read_text(parse, value, &span->reason);
}

static bool read_span(struct parse *parse, const struct yaml *value, struct span *ret)
{
	static const struct key rows[] = {{{"from", NULL, NULL}, read_start},
					  {{"to", NULL, NULL}, read_end},
					  {{"reason", NULL, NULL}, read_reason}};
	static const struct keys keys = KEYS(rows);

	*ret = (struct span){.from = WHEN_UNKNOWN, .to = WHEN_UNKNOWN};
	if (!keys_read(parse, value, &keys, "not_during", ret))
		return false;
	if (ret->from == WHEN_UNKNOWN || ret->to == WHEN_UNKNOWN)
		return yaml_problem(value, parse->problem, "a span needs `from` and `to`");
	return ret->from < ret->to || yaml_problem(value, parse->problem, "a span that ends before it begins");
}

bool not_during_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	struct spans *args = arena_alloc(parse->arena, 1, sizeof *args);
	struct span *items;

	if (value->kind != YAML_LIST || value->n == 0 || value->n > SPANS_MAX)
		return yaml_problem(value, parse->problem, "expected a list of 1 to %d spans {from, to, reason}",
				    SPANS_MAX);
	items = arena_alloc(parse->arena, value->n, sizeof *items);
	for (size_t i = 0; i < value->n; i++)
		if (!read_span(parse, &value->items[i], &items[i]))
			return false;
	*args = (struct spans){items, value->n};
	*ret_args = args;
	return true;
}

int64_t not_during_changes_at(const void *args, int64_t now)
{
	const struct spans *spans = args;
	int64_t found = INT64_MAX;

	for (size_t i = 0; i < spans->n; i++) {
		int64_t at = spans->items[i].from > now ? spans->items[i].from : spans->items[i].to;

		if (at > now && at < found)
			found = at;
	}
	return found;
}

struct answer not_during_ask(const void *args, const struct judging *on)
{
	const struct spans *spans = args;
	int64_t now = on->facts->now;

	if (!time_known(now))
		return time_unknown();
	for (size_t i = 0; i < spans->n; i++) {
		const struct span *span = &spans->items[i];
		struct text reason = span->reason.len > 0 ? plain(span->reason, 50, on->arena) : TEXT_LIT("not now");

		if (now >= span->from && now < span->to)
			return answer_no(arena_printf(on->arena, "%.*s, until %.*s", TEXT_ARG(reason),
						      TEXT_ARG(time_shown(span->to, on->arena))));
	}
	return answer_yes(TEXT_EMPTY);
}
