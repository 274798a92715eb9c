#include "policy/orders.h"

#include <string.h>

#define LOGIN_BYTES  100
#define COMMIT_LEAST 7

enum rest { REST_NOTHING = 0, REST_COMMIT, REST_LOGINS, REST_ANYTHING };

/* What stands behind the gate's name. */
static const struct spelling {
	const char *gate, *words;
	enum order_kind kind;
	enum rest rest;
} spellings[] = {
	/* bors-ng */
	{"bors", "r+", ORDER_LAND, REST_NOTHING},
	{"bors", "merge", ORDER_LAND, REST_NOTHING},
	{"bors", "r=", ORDER_LAND, REST_ANYTHING},
	{"bors", "merge=", ORDER_LAND, REST_ANYTHING},
	{"bors", "r-", ORDER_UNLAND, REST_NOTHING},
	{"bors", "merge-", ORDER_UNLAND, REST_NOTHING},
	{"bors", "cancel", ORDER_UNLAND, REST_NOTHING},
	{"bors", "d+", ORDER_DELEGATE, REST_NOTHING},
	{"bors", "delegate+", ORDER_DELEGATE, REST_NOTHING},
	{"bors", "d=", ORDER_DELEGATE, REST_LOGINS},
	{"bors", "delegate=", ORDER_DELEGATE, REST_LOGINS},
	{"bors", "d-", ORDER_UNDELEGATE, REST_NOTHING},
	{"bors", "delegate-", ORDER_UNDELEGATE, REST_NOTHING},
	/* homu, rust-bors */
	{"@bors", "r+", ORDER_LAND, REST_COMMIT},
	{"@bors", "r=", ORDER_LAND, REST_ANYTHING},
	{"@bors", "r-", ORDER_UNLAND, REST_NOTHING},
	{"@bors", "cancel", ORDER_UNLAND, REST_NOTHING},
	{"@bors", "yield", ORDER_UNLAND, REST_NOTHING},
	{"@bors", "delegate", ORDER_DELEGATE, REST_NOTHING},
	{"@bors", "delegate+", ORDER_DELEGATE, REST_NOTHING},
	{"@bors", "delegate=review", ORDER_DELEGATE, REST_NOTHING},
	{"@bors", "delegate=try", ORDER_NONE, REST_NOTHING}, /* to try, which is nobody's login there */
	{"@bors", "delegate=", ORDER_DELEGATE, REST_LOGINS},
	{"@bors", "delegate-", ORDER_UNDELEGATE, REST_NOTHING},
};
#define SPELLINGS (sizeof spellings / sizeof spellings[0])

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct text trimmed(struct text line)
{
	while (line.len > 0 && blank(line.at[0]))
		line = (struct text){line.at + 1, line.len - 1};
	while (line.len > 0 && blank(line.at[line.len - 1]))
		line.len--;
	return line;
}

/* Without these letters at its beginning; false: others stand there. */
static bool behind(struct text line, const char *letters, struct text *ret)
{
	size_t n = strlen(letters);

	if (line.len < n || !text_eq_nocase((struct text){line.at, n}, text_of(letters)))
		return false;
	*ret = (struct text){line.at + n, line.len - n};
	return true;
}

static bool login_letter(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

/* The next login of "alice, @bob", and the comma behind it; false: there is none, or something that is no login. */
static bool next_login(struct text *rest, struct text *ret)
{
	struct text line = trimmed(*rest), at;
	size_t n = 0;

	(void)behind(line, "@", &line);
	while (n < line.len && login_letter(line.at[n]))
		n++;
	*ret = (struct text){line.at, n};
	at = trimmed((struct text){line.at + n, line.len - n});
	*rest = at;
	return n > 0 && n <= LOGIN_BYTES && (at.len == 0 || behind(at, ",", rest));
}

/* Every one of them, so that no half of a line is obeyed. */
static bool logins_only(struct text rest)
{
	struct text login;

	do
		if (!next_login(&rest, &login))
			return false;
	while (trimmed(rest).len > 0);
	return true;
}

static bool hexadecimal(struct text name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!((name.at[i] >= '0' && name.at[i] <= '9') || (name.at[i] >= 'a' && name.at[i] <= 'f')))
			return false;
	return name.len >= COMMIT_LEAST && name.len <= 40;
}

static bool rest_fits(enum rest kind, struct text rest, struct spoken_order *ret)
{
	struct text bare = trimmed(rest);

	if (kind == REST_NOTHING || bare.len == 0)
		return bare.len == 0 && kind != REST_LOGINS && kind != REST_ANYTHING;
	if (kind == REST_COMMIT) {
		ret->commit = bare;
		return bare.at != rest.at && hexadecimal(bare);
	}
	return kind == REST_ANYTHING || logins_only(bare);
}

static bool spelt(const struct spelling *s, struct text line, struct orders *orders, struct spoken_order *ret)
{
	struct spoken_order order = {.kind = s->kind};
	struct text rest, words;

	if (!behind(line, s->gate, &rest) || rest.len == 0 || (!blank(rest.at[0]) && rest.at[0] != ':'))
		return false;
	words = trimmed((struct text){rest.at + 1, rest.len - 1});
	if (!behind(words, s->words, &rest) || !rest_fits(s->rest, rest, &order))
		return false;
	if (s->rest == REST_LOGINS) {
		(void)next_login(&rest, &order.whom);
		orders->whoms = trimmed(rest);
	}
	*ret = order;
	return true;
}

static bool next_line(struct orders *orders, struct text *ret, bool *ret_whole)
{
	struct text *rest = &orders->rest;
	const char *end;
	size_t n;

	if (rest->len == 0)
		return false;
	end = memchr(rest->at, '\n', rest->len);
	n = end ? (size_t)(end - rest->at) : rest->len;
	*ret = trimmed((struct text){rest->at, n});
	*ret_whole = end || !orders->cut;
	n += end != NULL;
	*rest = (struct text){rest->at + n, rest->len - n};
	return true;
}

static bool read_line(struct orders *orders, struct text line, struct spoken_order *ret)
{
	for (size_t i = 0; i < SPELLINGS; i++)
		if (spelt(&spellings[i], line, orders, ret))
			return ret->kind != ORDER_NONE;
	return false;
}

bool orders_next(struct orders *orders, struct spoken_order *ret)
{
	struct text line, after;
	bool whole;

	if (orders->whoms.len > 0) {
		*ret = (struct spoken_order){.kind = ORDER_DELEGATE, .certain = !orders->fenced};
		(void)next_login(&orders->whoms, &ret->whom);
		orders->whoms = trimmed(orders->whoms);
		return true;
	}
	while (next_line(orders, &line, &whole)) {
		if (behind(line, "```", &after) || behind(line, "~~~", &after))
			orders->fenced = !orders->fenced;
		else if (read_line(orders, line, ret)) {
			ret->certain = whole && !orders->fenced;
			if (!whole)
				orders->whoms = TEXT_EMPTY;
			return true;
		}
	}
	return false;
}

bool orders_take_back(struct text body)
{
	struct orders orders = {.rest = body};
	struct spoken_order order;

	while (orders_next(&orders, &order))
		if (order.kind == ORDER_UNDELEGATE || order.kind == ORDER_UNLAND)
			return true;
	return false;
}
