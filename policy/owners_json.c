/*
 * owners.json: {"lib/": [17, 4], "lib/README.md": [5]}. One object of lists of numbers and nothing else, read by hand
 * in one pass without recursion: what is no such object has a place and a reason. A prefix ends with a slash or is a
 * whole file's name; "/" is everything. The prefixes are sorted, so that a path is looked up once for itself and once
 * for each of its folders, from the longest.
 */
#include "policy/owners_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json {
	struct text in;
	size_t at;
	unsigned line;
	struct arena *arena;
	struct problem *problem;
	struct owners_rule *rules;
	size_t n, max;
};

static void place(const struct json *j, size_t at, struct problem *ret)
{
	ret->line = 1;
	ret->column = 1;
	for (size_t i = 0; i < at && i < j->in.len; i++)
		if (j->in.at[i] == '\n') {
			ret->line++;
			ret->column = 1;
		} else if (((unsigned char)j->in.at[i] & 0xc0) != 0x80) {
			ret->column++;
		}
}

static bool wrong(const struct json *j, size_t at, const char *text)
{
	place(j, at, j->problem);
	(void)snprintf(j->problem->text, sizeof j->problem->text, "%s", text);
	return false;
}

/* The next byte that is no white space; '\0': the end, or a byte that is never right. */
static char look(struct json *j)
{
	while (j->at < j->in.len && (j->in.at[j->at] == ' ' || j->in.at[j->at] == '\t' || j->in.at[j->at] == '\n' ||
				     j->in.at[j->at] == '\r'))
		j->line += j->in.at[j->at++] == '\n'; /* here alone: no text goes over a line's end */
	return j->at < j->in.len ? j->in.at[j->at] : '\0';
}

static bool take(struct json *j, char c)
{
	if (look(j) != c)
		return false;
	j->at++;
	return true;
}

/* ---- strings ---- */

static bool hex4(const struct json *j, size_t at, uint32_t *ret)
{
	uint32_t value = 0;

	if (at + 4 > j->in.len)
		return false;
	for (size_t i = at; i < at + 4; i++) {
		char c = j->in.at[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (uint32_t)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (uint32_t)(c - 'A') + 10;
		else
			return false;
	}
	*ret = value;
	return true;
}

/* Behind "\u": one code point, of two such escapes where it needs them. */
static bool code_point(struct json *j, uint32_t *ret)
{
	uint32_t high, low;

	if (!hex4(j, j->at, &high))
		return false;
	j->at += 4;
	*ret = high;
	if (high < 0xd800 || high > 0xdfff)
		return true;
	if (high > 0xdbff || j->at + 6 > j->in.len || j->in.at[j->at] != '\\' || j->in.at[j->at + 1] != 'u' ||
	    !hex4(j, j->at + 2, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	j->at += 6;
	*ret = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

static size_t utf8(uint32_t c, char *out)
{
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(n == 1 ? c : lead[n] | c);
	return n;
}

static const struct {
	char name, byte;
} escapes[] = {{'"', '"'}, {'\\', '\\'}, {'/', '/'}, {'b', '\b'}, {'f', '\f'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'}};

/* Behind a backslash; 0: no escape. */
static size_t unescape(struct json *j, char *out)
{
	char name = j->at < j->in.len ? j->in.at[j->at++] : '\0';
	uint32_t c;

	if (name == 'u')
		return code_point(j, &c) ? utf8(c, out) : 0;
	for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++)
		if (escapes[i].name == name) {
			*out = escapes[i].byte;
			return 1;
		}
	return 0;
}

/* From the opening quote to behind the closing one. */
static bool string(struct json *j, struct text *ret)
{
	char bytes[OWNERS_PATTERN_MAX + 4];
	size_t n = 0, from = j->at;

	if (!take(j, '"'))
		return wrong(j, j->at, "expected a path in double quotes");
	for (;;) {
		char c = j->at < j->in.len ? j->in.at[j->at] : '\0';
		size_t added = 1;

		if ((unsigned char)c < 0x20)
			return wrong(j, j->at, "a text that does not end on its line");
		j->at++;
		if (c == '"')
			break;
		bytes[n] = c;
		if (c == '\\')
			added = unescape(j, &bytes[n]);
		if (added == 0)
			return wrong(j, j->at, "no escape that JSON knows");
		n += added;
		if (n > OWNERS_PATTERN_MAX)
			return wrong(j, from, "a path of more than 1000 bytes");
	}
	*ret = arena_text(j->arena, (struct text){bytes, n});
	return true;
}

/* ---- numbers ---- */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool number(struct json *j, int64_t *ret)
{
	size_t from, to;

	(void)look(j);
	from = to = j->at;
	while (to < j->in.len && (digit(j->in.at[to]) || strchr("+-.eE", j->in.at[to])) && j->in.at[to] != '\0')
		to++;
	if (!text_int64((struct text){j->in.at + from, to - from}, ret) || *ret <= 0)
		return wrong(j, from, "expected the number of an account");
	j->at = to;
	return true;
}

static bool listed(const struct owner *owners, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (owners[i].id == id)
			return true;
	return false;
}

static bool numbers(struct json *j, struct owners_rule *rule)
{
	struct owner found[OWNERS_EACH_MAX], *kept;
	bool more;

	if (!take(j, '['))
		return wrong(j, j->at, "expected a list of numbers of accounts");
	for (more = !take(j, ']'); more; more = !take(j, ']')) {
		struct owner owner = {.kind = OWNER_ACCOUNT};

		if (rule->n > 0 && !take(j, ','))
			return wrong(j, j->at, "expected `,` or `]`");
		if (rule->n == OWNERS_EACH_MAX)
			return wrong(j, j->at, "more than 200 owners of one path");
		if (!number(j, &owner.id))
			return false;
		if (listed(found, rule->n, owner.id))
			return wrong(j, j->at, "the same number twice");
		found[rule->n++] = owner;
	}
	kept = arena_alloc(j->arena, rule->n, sizeof *kept);
	for (size_t i = 0; i < rule->n; i++)
		kept[i] = found[i];
	rule->at = kept;
	return true;
}

/* ---- members ---- */

static const char *refuse(struct text prefix)
{
	struct path_names names;
	size_t slash = prefix.len > 0 && prefix.at[prefix.len - 1] == '/';

	if (text_is(prefix, "/"))
		return NULL;
	for (size_t i = 0; i < prefix.len; i++)
		if (strchr("*?[]", prefix.at[i]) && prefix.at[i] != '\0')
			return "a path, not a pattern: none of * ? [ ]";
	if (!path_cut((struct text){prefix.at, prefix.len - slash}, &names))
		return "a path from the root, without a slash before it, that ends with a slash or is a file's";
	for (size_t i = 0; i < names.n; i++)
		if (text_is(names.at[i], ".") || text_is(names.at[i], ".."))
			return "a path with `.` or `..`";
	return NULL;
}

static bool member(struct json *j)
{
	struct owners_rule rule = {.line = 0};
	size_t from;
	const char *why;

	(void)look(j);
	from = j->at;
	rule.line = j->line;
	if (!string(j, &rule.prefix))
		return false;
	why = refuse(rule.prefix);
	if (why)
		return wrong(j, from, why);
	if (!take(j, ':'))
		return wrong(j, j->at, "expected `:`");
	if (!numbers(j, &rule))
		return false;
	if (j->n == j->max)
		return wrong(j, from, "more than 50000 paths");
	j->rules[j->n++] = rule;
	return true;
}

_Static_assert(OWNERS_RULES_MAX == 50000 && OWNERS_EACH_MAX == 200 && OWNERS_PATTERN_MAX == 1000,
	       "the texts above name them");

static int by_prefix(const void *left, const void *right)
{
	const struct owners_rule *a = left, *b = right;
	int order = text_cmp(a->prefix, b->prefix);

	return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static bool object(struct json *j)
{
	bool more;

	if (!take(j, '{'))
		return wrong(j, j->at, "expected an object: {\"path/\": [number, ...]}");
	for (more = !take(j, '}'); more; more = !take(j, '}')) {
		if (j->n > 0 && !take(j, ','))
			return wrong(j, j->at, "expected `,` or `}`");
		if (!member(j))
			return false;
	}
	if (look(j) != '\0' || j->at < j->in.len)
		return wrong(j, j->at, "something behind the object");
	return true;
}

/* A prefix is told in one place, or two readers of the file could take different owners from it. */
static bool unique(struct json *j)
{
	if (j->n > 1)
		qsort(j->rules, j->n, sizeof *j->rules, by_prefix);
	for (size_t i = 1; i < j->n; i++)
		if (text_eq(j->rules[i - 1].prefix, j->rules[i].prefix)) {
			j->problem->line = j->rules[i].line;
			j->problem->column = 0;
			(void)snprintf(j->problem->text, sizeof j->problem->text, "`%.*s` stands here twice",
				       TEXT_ARG(text_cut(j->rules[i].prefix, 100)));
			return false;
		}
	return true;
}

static size_t count_colons(struct text bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes.len && n < OWNERS_RULES_MAX; i++)
		n += bytes.at[i] == ':';
	return n;
}

bool owners_read_json(struct text bytes, struct arena *arena, const struct owners **ret, struct problem *problem)
{
	struct json j = {.in = bytes, .line = 1, .arena = arena, .problem = problem};
	struct owners *owners;

	if (bytes.len >= OWNERS_BYTES_MAX)
		return wrong(&j, 0, "3 MB or more");
	if (!text_utf8(bytes))
		return wrong(&j, 0, "not UTF-8");
	j.max = count_colons(bytes);
	j.rules = arena_alloc(arena, j.max, sizeof *j.rules);
	if (!object(&j) || !unique(&j))
		return false;
	owners = arena_alloc(arena, 1, sizeof *owners);
	*owners = (struct owners){.prefixes = true, .rules = j.rules, .n = j.n};
	*ret = owners;
	return true;
}

/* ---- looking up ---- */

static int against(const void *key, const void *element)
{
	const struct text *prefix = key;
	const struct owners_rule *rule = element;

	return text_cmp(*prefix, rule->prefix);
}

static bool spend(size_t *steps, size_t n)
{
	*steps = *steps > n ? *steps - n : 0;
	return *steps > 0;
}

#define SEARCH_STEPS 17 /* halvings of OWNERS_RULES_MAX, one for the last */

struct owned prefix_owned(const struct owners *owners, struct text path, size_t *steps)
{
	for (size_t len = path.len + 1; len-- > 0;) {
		struct text prefix = {path.at, len};
		const struct owners_rule *rule;

		if (len == 0)
			prefix = TEXT_LIT("/");
		else if (len < path.len && path.at[len - 1] != '/')
			continue;
		if (!spend(steps, SEARCH_STEPS))
			return (struct owned){.why = TEXT_LIT("it has too many prefixes for so many paths")};
		rule = owners->n > 0 ? bsearch(&prefix, owners->rules, owners->n, sizeof *rule, against) : NULL;
		if (rule)
			return (struct owned){.known = true, .line = rule->line, .at = rule->at, .n = rule->n};
	}
	return (struct owned){.known = true};
}
