/* Values as policy-bot reads them. */
#include "policy/import_inner.h"

#include "policy/keys.h"

bool import_nothing(const struct yaml *node)
{
	if (!node || node->kind == YAML_NULL)
		return true;
	if (node->kind != YAML_MAP || node->n == 0)
		return false;
	for (size_t i = 0; i < node->n; i++)
		if (!import_nothing(&node->items[i]))
			return false;
	return true;
}

const struct yaml *import_get(const struct yaml *map, const char *key)
{
	const struct yaml *value = map && map->kind == YAML_MAP ? yaml_get(map, key) : NULL;

	return import_nothing(value) ? NULL : value;
}

const struct yaml *import_key(const struct yaml *map, const char *key)
{
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n; i++)
		if (text_is(map->keys[i].text, key))
			return &map->keys[i];
	return NULL;
}

bool import_on(const struct yaml *value)
{
	bool on = false;

	return value && yaml_bool(value, &on) && on;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* Digits of a base, at least one; `_` between them is passed over. */
static bool digits(struct text t, int base, int64_t *ret)
{
	int64_t n = 0;
	bool some = false;

	for (size_t i = 0; i < t.len; i++) {
		int digit = digit_of(t.at[i]);

		if (t.at[i] == '_')
			continue;
		if (digit >= base || n > (INT64_MAX - digit) / base)
			return false;
		n = n * base + digit;
		some = true;
	}
	*ret = n;
	return some;
}

static struct text behind(struct text t, size_t n)
{
	return (struct text){t.at + n, t.len - n};
}

static bool magnitude(struct text t, int64_t *ret)
{
	static const struct {
		const char *small, *large;
		int base;
	} prefixes[] = {{"0x", "0X", 16}, {"0o", "0O", 8}, {"0b", "0B", 2}};
	size_t point = text_find(t, TEXT_LIT("."));
	int64_t fraction;

	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (text_starts(t, text_of(prefixes[i].small)) || text_starts(t, text_of(prefixes[i].large)))
			return digits(behind(t, 2), prefixes[i].base, ret);
	if (point != SIZE_MAX)
		return (point + 1 == t.len || digits(behind(t, point + 1), 10, &fraction)) &&
		       digits((struct text){t.at, point}, 10, ret);
	if (t.len > 1 && t.at[0] == '0' && digits(t, 8, ret))
		return true;
	return digits(t, 10, ret);
}

bool import_int(const struct yaml *value, int64_t *ret)
{
	struct text t = value->text;
	bool minus;

	if (value->kind != YAML_SCALAR || value->quoted || t.len == 0 || t.at[0] == '_')
		return false;
	minus = t.at[0] == '-';
	if (minus || t.at[0] == '+')
		t = behind(t, 1);
	if (!magnitude(t, ret))
		return false;
	*ret = minus ? -*ret : *ret;
	return true;
}

int64_t import_count(const struct yaml *rule)
{
	const struct yaml *requires = import_get(rule, "requires"), *count = import_get(requires, "count");
	int64_t n = 0, eyes;

	if (import_get(requires, "eyes") && yaml_int(import_get(requires, "eyes"), &eyes))
		return eyes / 2 - 1;
	return count && import_int(count, &n) && n > 0 ? n : 0;
}
