/*
 * A list of "<target>; name=value; ..." separated by commas. Commas and semicolons inside <> and "" belong to them.
 */
#include "agent/forge/link.h"

struct cursor {
	struct text t;
	size_t i;
};

static void skip_space(struct cursor *c)
{
	while (c->i < c->t.len && (c->t.at[c->i] == ' ' || c->t.at[c->i] == '\t'))
		c->i++;
}

static bool take(struct cursor *c, char want)
{
	skip_space(c);
	if (c->i >= c->t.len || c->t.at[c->i] != want)
		return false;
	c->i++;
	return true;
}

/* Everything up to `end`, which is passed over; false when it never comes. */
static bool until(struct cursor *c, char end, struct text *ret)
{
	size_t start = c->i;

	while (c->i < c->t.len && c->t.at[c->i] != end)
		c->i++;
	if (c->i >= c->t.len)
		return false;
	*ret = (struct text){c->t.at + start, c->i++ - start};
	return true;
}

static struct text word(struct cursor *c)
{
	size_t start;

	skip_space(c);
	start = c->i;
	while (c->i < c->t.len && !strchr(" \t=;,\"", c->t.at[c->i]))
		c->i++;
	return (struct text){c->t.at + start, c->i - start};
}

static bool names_next(struct text relations)
{
	struct cursor c = {relations, 0};

	while (c.i < c.t.len) {
		struct text one = word(&c);

		if (text_eq_nocase(one, TEXT_LIT("next")))
			return true;
		if (!one.len)
			c.i++;
	}
	return false;
}

/* One parameter after its semicolon. */
static bool parameter(struct cursor *c, bool *next)
{
	struct text name = word(c), value = TEXT_EMPTY;

	if (!name.len)
		return false;
	if (take(c, '=')) {
		if (take(c, '"')) {
			if (!until(c, '"', &value))
				return false;
		} else {
			value = word(c);
		}
	}
	if (text_eq_nocase(name, TEXT_LIT("rel")) && names_next(value))
		*next = true;
	return true;
}

static bool one_link(struct cursor *c, struct text *found)
{
	struct text target;
	bool next = false;

	if (!take(c, '<') || !until(c, '>', &target))
		return false;
	while (take(c, ';'))
		if (!parameter(c, &next))
			return false;
	if (next && found->len && !text_eq(*found, target))
		return false;
	if (next && !target.len)
		return false;
	if (next)
		*found = target;
	return true;
}

bool link_next(struct text header, struct text *ret, struct err *err)
{
	struct cursor c = {header, 0};
	struct text found = TEXT_EMPTY;

	skip_space(&c);
	while (c.i < c.t.len) {
		if (!one_link(&c, &found))
			return err_set(err, ERR_INVALID, "a Link header that cannot be read");
		if (!take(&c, ',') && c.i < c.t.len)
			return err_set(err, ERR_INVALID, "a Link header that cannot be read");
		skip_space(&c);
	}
	*ret = found;
	return true;
}
