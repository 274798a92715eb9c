/*
 * One pass over the bytes with a stack of open objects and arrays, and no tree. The wanted paths are compiled into a
 * trie; a frame of the stack knows which node of the trie it stands for, so that a key is compared only inside the few
 * objects that lead to a wanted field, and everything else is only checked. Most bytes of a payload are inside of
 * strings that nobody wants: those are skipped eight at a time.
 */
#include "webhooks/scan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "policy/memory.h"

#define NODES_MAX   512
#define KEY_MAX     64 /* longest key on a wanted path; a longer one in a payload matches nothing */
#define NONE        (-1)
#define ROOT        0
#define ESCAPED_MAX (KEY_MAX * 6) /* a wanted key with every character written as an escape */

struct node {
	struct text key; /* borrowed from the table of paths */
	int child, sibling;
	int field; /* index of the wanted value, or NONE */
};

struct scan_plan {
	size_t n_fields, n_nodes;
	struct node nodes[];
};

/* ---- plan ---- */

static size_t count_segments(const char *const *paths, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		count++;
		for (const char *c = paths[i]; *c; c++)
			count += *c == '.';
	}
	return count;
}

static int find_child(const struct node *nodes, int parent, struct text key)
{
	int i = nodes[parent].child;

	while (i != NONE && !text_eq(nodes[i].key, key))
		i = nodes[i].sibling;
	return i;
}

static int add_child(struct scan_plan *plan, int parent, struct text key)
{
	int i = find_child(plan->nodes, parent, key);

	if (i != NONE)
		return i;
	assert(key.len > 0 && key.len < KEY_MAX);
	i = (int)plan->n_nodes++;
	plan->nodes[i] = (struct node){key, NONE, plan->nodes[parent].child, NONE};
	plan->nodes[parent].child = i;
	return i;
}

const struct scan_plan *scan_plan_new(const char *const *paths, size_t n)
{
	size_t size = 1 + count_segments(paths, n);
	struct scan_plan *plan;

	assert(n <= SCAN_FIELDS_MAX && size <= NODES_MAX);
	plan = calloc(1, sizeof *plan + size * sizeof plan->nodes[0]);
	if (!plan)
		out_of_memory();
	plan->n_fields = n;
	plan->n_nodes = 1;
	plan->nodes[ROOT] = (struct node){TEXT_EMPTY, NONE, NONE, NONE};
	for (size_t i = 0; i < n; i++) {
		int at = ROOT;

		for (const char *c = paths[i]; *c;) {
			size_t len = strcspn(c, ".");

			at = add_child(plan, at, (struct text){c, len});
			c += len + (c[len] == '.');
		}
		assert(plan->nodes[at].field == NONE);
		plan->nodes[at].field = (int)i;
	}
	return plan;
}

void scan_plan_free(const struct scan_plan *plan)
{
	free((void *)(uintptr_t)plan);
}

/* ---- tokens ---- */

struct frame {
	const char *start;
	int node; /* NONE: nothing in here is wanted */
	bool object;
};

struct scanner {
	const char *at, *end;
	const struct scan_plan *plan;
	struct arena *arena;
	const char *wrong; /* what was met at `at` */
	size_t depth;
	struct frame stack[SCAN_DEPTH_MAX];
	bool seen[NODES_MAX];
	struct scan_value values[SCAN_FIELDS_MAX];
};

static bool fail(struct scanner *s, const char *wrong)
{
	s->wrong = wrong;
	return false;
}

static void skip_space(struct scanner *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

static bool digit(const struct scanner *s)
{
	return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static bool digits(struct scanner *s)
{
	if (!digit(s))
		return fail(s, "a number without a digit");
	while (digit(s))
		s->at++;
	return true;
}

#define ONES                (UINT64_MAX / 255) /* 0x0101... */
#define HIGHS               (ONES * 0x80)
#define LITTLE_ENDIAN_BYTES (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

/* Non-zero if one of eight bytes is a quote, a backslash, a control character or not ASCII. */
static uint64_t special(uint64_t x)
{
	uint64_t quote = x ^ (ONES * '"'), backslash = x ^ (ONES * '\\');

	return (x | (x - ONES * 0x20) | (quote - ONES) | (backslash - ONES)) & HIGHS;
}

static bool plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

static void skip_plain(struct scanner *s)
{
	uint64_t eight, found;

	while (s->end - s->at >= 8) {
		memcpy(&eight, s->at, 8);
		found = special(eight);
		if (found && LITTLE_ENDIAN_BYTES) { /* a borrow runs upwards only: the lowest mark is a true one */
			s->at += __builtin_ctzll(found) / 8;
			return;
		}
		if (found)
			break;
		s->at += 8;
	}
	while (s->at < s->end && plain(*s->at))
		s->at++;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits behind "\u" at `at`, or -1. */
static int32_t code_unit(const char *at, const char *end)
{
	int32_t unit = 0;

	if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int h = hex(at[i]);

		if (h < 0)
			return -1;
		unit = unit * 16 + h;
	}
	return unit;
}

/* The character that "\uXXXX" or a pair of them names; its length in bytes, 0 for a lone surrogate, NUL or nonsense. */
static size_t code_point(const char *at, const char *end, int32_t *ret)
{
	int32_t first = code_unit(at, end), second;

	if (first <= 0 || (first >= 0xdc00 && first <= 0xdfff))
		return 0;
	*ret = first;
	if (first < 0xd800 || first > 0xdfff)
		return 6;
	second = code_unit(at + 6, end);
	if (second < 0xdc00 || second > 0xdfff)
		return 0;
	*ret = 0x10000 + (first - 0xd800) * 0x400 + (second - 0xdc00);
	return 12;
}

static const char short_escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

/* What a two-byte escape stands for, 0: nothing. */
static char short_escape(char c)
{
	for (size_t i = 0; i + 1 < sizeof short_escapes; i += 2)
		if (short_escapes[i] == c)
			return short_escapes[i + 1];
	return 0;
}

static bool escape(struct scanner *s)
{
	int32_t ignored;
	size_t n = 2;

	if (s->end - s->at < 2)
		return fail(s, "an unfinished escape");
	if (s->at[1] == 'u')
		n = code_point(s->at, s->end, &ignored);
	else if (!short_escape(s->at[1]))
		n = 0;
	if (n == 0)
		return fail(s, "a bad escape");
	s->at += n;
	return true;
}

static bool beyond_ascii(struct scanner *s)
{
	unsigned char c = (unsigned char)*s->at;
	size_t n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if ((size_t)(s->end - s->at) < n || !text_utf8((struct text){s->at, n}))
		return fail(s, "bad UTF-8");
	s->at += n;
	return true;
}

/* A string from its opening quote; *ret is what stands between the quotes. */
static bool string(struct scanner *s, struct text *ret, bool *ret_escaped)
{
	const char *start = ++s->at;

	*ret_escaped = false;
	for (;;) {
		skip_plain(s);
		if (s->at == s->end)
			return fail(s, "an unfinished string");
		if (*s->at == '"')
			break;
		if ((unsigned char)*s->at < 0x20)
			return fail(s, "a control character in a string");
		if (*s->at == '\\')
			*ret_escaped = true;
		if (!(*s->at == '\\' ? escape(s) : beyond_ascii(s)))
			return false;
	}
	*ret = (struct text){start, (size_t)(s->at - start)};
	s->at++;
	return true;
}

static size_t put_utf8(char *to, int32_t c)
{
	static const struct {
		int32_t below;
		int lead, tails;
	} forms[] = {{0x80, 0, 0}, {0x800, 0xc0, 1}, {0x10000, 0xe0, 2}, {0x110000, 0xf0, 3}};
	size_t f = 0, n = 0;

	while (c >= forms[f].below)
		f++;
	to[n++] = (char)(forms[f].lead | (c >> (6 * forms[f].tails)));
	for (int tail = forms[f].tails - 1; tail >= 0; tail--)
		to[n++] = (char)(0x80 | ((c >> (6 * tail)) & 0x3f));
	return n;
}

/* Undoes the escapes of a checked string; `to` has at least raw.len bytes. */
static struct text unescape(struct text raw, char *to)
{
	const char *at = raw.at, *end = raw.at + raw.len;
	size_t n = 0;

	while (at < end) {
		int32_t c;

		if (*at != '\\') {
			to[n++] = *at++;
		} else if (at[1] != 'u') {
			to[n++] = short_escape(at[1]);
			at += 2;
		} else {
			at += code_point(at, end, &c);
			n += put_utf8(to + n, c);
		}
	}
	return (struct text){to, n};
}

/* ---- values ---- */

static struct scan_value *wanted(struct scanner *s, int node)
{
	int field = node == NONE ? NONE : s->plan->nodes[node].field;

	return field == NONE ? NULL : &s->values[field];
}

static void keep(struct scanner *s, int node, struct scan_value value)
{
	struct scan_value *to = wanted(s, node);

	if (to)
		*to = value;
}

static bool string_value(struct scanner *s, int node)
{
	struct text raw;
	bool escaped;

	if (!string(s, &raw, &escaped))
		return false;
	if (escaped && wanted(s, node))
		raw = unescape(raw, arena_alloc(s->arena, raw.len, 1));
	keep(s, node, (struct scan_value){SCAN_STRING, raw, 0});
	return true;
}

static bool fraction_and_exponent(struct scanner *s)
{
	if (s->at < s->end && *s->at == '.') {
		s->at++;
		if (!digits(s))
			return false;
	}
	if (s->at < s->end && (*s->at | 0x20) == 'e') {
		s->at++;
		if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
			s->at++;
		return digits(s);
	}
	return true;
}

static bool number(struct scanner *s, int node)
{
	struct scan_value value = {SCAN_NUMBER, {s->at, 0}, 0};
	struct text whole;
	bool zero;

	if (*s->at == '-')
		s->at++;
	zero = s->at < s->end && *s->at == '0';
	if (!digits(s))
		return false;
	whole = (struct text){value.text.at, (size_t)(s->at - value.text.at)};
	if (zero && whole.len > 1 + (size_t)(*whole.at == '-'))
		return fail(s, "a number with a leading zero");
	if (!fraction_and_exponent(s))
		return false;
	value.text.len = (size_t)(s->at - value.text.at);
	if (value.text.len == whole.len && (text_int64(whole, &value.integer) || text_is(whole, "-0")))
		value.type = SCAN_INTEGER;
	keep(s, node, value);
	return true;
}

static bool literal(struct scanner *s, int node)
{
	static const struct {
		const char *word;
		enum scan_type type;
	} words[] = {{"null", SCAN_NULL}, {"true", SCAN_TRUE}, {"false", SCAN_FALSE}};
	struct text rest = {s->at, (size_t)(s->end - s->at)};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		struct text word = text_of(words[i].word);

		if (!text_starts(rest, word))
			continue;
		keep(s, node, (struct scan_value){words[i].type, {s->at, word.len}, 0});
		s->at += word.len;
		return true;
	}
	return fail(s, "no value");
}

/* Apart from match(), whose every call would otherwise pay for the buffer. */
static __attribute__((noinline)) int match_escaped(const struct node *nodes, int parent, struct text key)
{
	char undone[ESCAPED_MAX];

	return key.len > sizeof undone ? NONE : find_child(nodes, parent, unescape(key, undone));
}

/* The node below `parent` that a checked key names, NONE if it is not wanted. */
static int match(const struct scanner *s, int parent, struct text key, bool escaped)
{
	if (parent == NONE || s->plan->nodes[parent].child == NONE)
		return NONE;
	return (escaped ? match_escaped : find_child)(s->plan->nodes, parent, key);
}

/* A key and its colon; *ret is the node of the value that follows. */
static bool key(struct scanner *s, int *ret)
{
	struct text name;
	bool escaped;
	int node;

	if (s->at == s->end || *s->at != '"')
		return fail(s, "no key");
	if (!string(s, &name, &escaped))
		return false;
	node = match(s, s->stack[s->depth - 1].node, name, escaped);
	if (node != NONE && s->seen[node])
		return fail(s, "a wanted key twice");
	if (node != NONE)
		s->seen[node] = true;
	skip_space(s);
	if (s->at == s->end || *s->at != ':')
		return fail(s, "no colon");
	s->at++;
	*ret = node;
	return true;
}

static bool open_frame(struct scanner *s, int node)
{
	if (s->depth == SCAN_DEPTH_MAX)
		return fail(s, "too many levels");
	s->stack[s->depth++] = (struct frame){s->at, node, *s->at == '{'};
	s->at++;
	return true;
}

static void close_frame(struct scanner *s)
{
	const struct frame *top = &s->stack[--s->depth];
	enum scan_type type = top->object ? SCAN_OBJECT : SCAN_ARRAY;

	s->at++;
	keep(s, top->node, (struct scan_value){type, {top->start, (size_t)(s->at - top->start)}, 0});
}

static bool scalar(struct scanner *s, int node)
{
	char c = *s->at;

	if (c == '"')
		return string_value(s, node);
	if (c == '-' || (c >= '0' && c <= '9'))
		return number(s, node);
	return literal(s, node);
}

static bool at_closer(const struct scanner *s)
{
	return s->at < s->end && *s->at == (s->stack[s->depth - 1].object ? '}' : ']');
}

/* Where a value may begin inside the innermost frame: reads the key in an object. */
static bool enter_member(struct scanner *s, int *ret_node)
{
	skip_space(s);
	*ret_node = NONE;
	return !s->stack[s->depth - 1].object || key(s, ret_node);
}

/* After a value: closes what ends here. True with *ret_more when another value follows, whose node is *ret_node. */
static bool after_value(struct scanner *s, bool *ret_more, int *ret_node)
{
	*ret_more = false;
	for (skip_space(s); s->depth > 0 && at_closer(s); skip_space(s))
		close_frame(s);
	if (s->depth == 0)
		return true;
	if (s->at == s->end)
		return fail(s, "the end of the input");
	if (*s->at != ',')
		return fail(s, "no comma and no closing bracket");
	s->at++;
	*ret_more = true;
	return enter_member(s, ret_node);
}

static bool value(struct scanner *s)
{
	bool more = true;
	int node = ROOT;

	while (more) {
		bool opens;

		skip_space(s);
		if (s->at == s->end)
			return fail(s, "the end of the input");
		opens = *s->at == '{' || *s->at == '[';
		if (!(opens ? open_frame(s, node) : scalar(s, node)))
			return false;
		if (opens)
			skip_space(s);
		if (opens && !at_closer(s) ? !enter_member(s, &node) : !after_value(s, &more, &node))
			return false;
	}
	return true;
}

bool scan_missing(const struct scan_value *value)
{
	return value->type == SCAN_ABSENT || value->type == SCAN_NULL;
}

bool scan_run(const struct scan_plan *plan, struct text body, struct arena *arena, struct scan_value *values,
	      struct err *err)
{
	struct scanner s;

	s.at = body.at ? body.at : "";
	s.end = s.at + body.len;
	s.plan = plan;
	s.arena = arena;
	s.wrong = NULL;
	s.depth = 0;
	memset(s.seen, 0, plan->n_nodes * sizeof s.seen[0]);
	memset(s.values, 0, plan->n_fields * sizeof s.values[0]);
	if (value(&s) && s.at != s.end)
		s.wrong = "something after the value";
	if (s.wrong)
		return err_set(err, ERR_INVALID, "not JSON: %s at byte %zu", s.wrong,
			       (size_t)(s.at - (body.at ? body.at : s.at)));
	if (plan->n_fields > 0)
		memcpy(values, s.values, plan->n_fields * sizeof s.values[0]);
	return true;
}
