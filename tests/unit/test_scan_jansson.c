/*
 * The scanner against jansson over recorded and own payloads and seeded mutations of them: the same answer, and the
 * same value at each wanted path. Documented differences, each checked to be what it claims: a wanted key twice, too
 * many levels and a NUL byte are refused here only, a number out of range is refused there only.
 */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/scanned.h"
#include "tests/support/suite.h"

static bool jansson_accepts(struct text json, size_t flags, enum json_error_code *ret)
{
	json_error_t error;
	json_t *root = json_loadb(json.at, json.len, JSON_DECODE_ANY | flags, &error);

	*ret = root ? json_error_unknown : json_error_code(&error);
	json_decref(root);
	return root != NULL;
}

static const json_t *find(const json_t *root, const char *path)
{
	char key[64];

	while (root && *path) {
		size_t n = strcspn(path, ".");

		ck_assert_uint_lt(n, sizeof key);
		memcpy(key, path, n);
		key[n] = '\0';
		root = json_object_get(root, key); /* NULL unless an object */
		path += n + (path[n] == '.');
	}
	return root;
}

static bool same_value(const json_t *v, const struct scan_value *s)
{
	static const enum scan_type types[] = {
		[JSON_OBJECT] = SCAN_OBJECT,   [JSON_ARRAY] = SCAN_ARRAY, [JSON_STRING] = SCAN_STRING,
		[JSON_INTEGER] = SCAN_INTEGER, [JSON_REAL] = SCAN_NUMBER, [JSON_TRUE] = SCAN_TRUE,
		[JSON_FALSE] = SCAN_FALSE,     [JSON_NULL] = SCAN_NULL,
	};

	if (!v)
		return s->type == SCAN_ABSENT;
	if (types[json_typeof(v)] != s->type)
		return false;
	if (json_is_integer(v))
		return json_integer_value(v) == s->integer;
	return !json_is_string(v) || text_eq((struct text){json_string_value(v), json_string_length(v)}, s->text);
}

struct tally {
	unsigned accepted, refused, doubled, deep, nul, range;
};

static bool documented(const char *error, struct text json)
{
	return memchr(json.at, '\0', json.len) || strstr(error, "a wanted key twice") ||
	       strstr(error, "too many levels");
}

static void refusal_is_documented(const struct scanned *f, struct text json, struct tally *tally)
{
	enum json_error_code code;
	size_t brackets = 0;

	ck_assert_ptr_nonnull(json.at);
	if (strstr(f->err.text, "a wanted key twice")) {
		ck_assert(!jansson_accepts(json, JSON_REJECT_DUPLICATES, &code) && code == json_error_duplicate_key);
		tally->doubled++;
		return;
	}
	if (memchr(json.at, '\0', json.len)) {
		tally->nul++;
		return;
	}
	ck_assert_msg(strstr(f->err.text, "too many levels"), "only jansson accepts (%s): %.*s", f->err.text,
		      TEXT_ARG(json));
	for (size_t i = 0; i < json.len; i++)
		brackets += json.at[i] == '[' || json.at[i] == '{';
	ck_assert_uint_gt(brackets, SCAN_DEPTH_MAX);
	tally->deep++;
}

static void compare(struct scanned *f, struct text json, struct tally *tally)
{
	json_error_t error;
	json_t *root = json_loadb(json.at, json.len, JSON_DECODE_ANY, &error);
	bool here = scan_run(f->plan, json, &f->arena, f->values, &f->err);
	enum json_error_code code;

	if (root && here) {
		for (size_t i = 0; i < SCANNED_PATHS; i++)
			ck_assert_msg(same_value(find(root, scanned_paths[i]), &f->values[i]), "%s differs in %.*s",
				      scanned_paths[i], TEXT_ARG(json));
		tally->accepted++;
	} else if (root) {
		refusal_is_documented(f, json, tally);
	} else if (here) {
		ck_assert_msg(json_error_code(&error) == json_error_numeric_overflow, "only we accept: %.*s",
			      TEXT_ARG(json));
		tally->range++;
	} else {
		/* A number out of range must not be the only thing jansson had against it. */
		ck_assert_msg(!jansson_accepts(json, JSON_DECODE_INT_AS_REAL, &code) || documented(f->err.text, json),
			      "only jansson accepts, but for a range (%s): %.*s", f->err.text, TEXT_ARG(json));
		tally->refused++;
	}
	json_decref(root);
	arena_release(&f->arena);
}

static uint64_t next(uint64_t *seed) /* splitmix64 */
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static size_t below(uint64_t *seed, size_t n)
{
	return n == 0 ? 0 : (size_t)(next(seed) % n);
}

/* Pieces that are near the grammar's edges; one is inserted, or put over what stands there. */
static const char *const pieces[] = {
	"\"",
	"\\",
	"{",
	"}",
	"[",
	"]",
	",",
	":",
	"0",
	"-",
	"1e5",
	"1e999",
	".5",
	"-0",
	"00",
	"null",
	"true",
	" ",
	"\\u0000",
	"\\ud800",
	"\\udc00",
	"\\ud83d\\ude00",
	"\\u0041",
	"\\x",
	"\xff",
	"\xc3\xa9",
	"\xc3",
	"\xed\xa0\x80",
	"99999999999999999999",
	"9223372036854775807",
	"9223372036854775808",
	"\n",
	"\x01",
	"\x7f",
	"\"action\":1,",
	"\"id\":1,",
	"\"act\\u0069on\":2,",
	"\"repository\":{\"id\":3},",
	"\"sender\":[],",
	"{\"a\":[",
	"]}",
	"//",
	"e",
	"+",
};

struct buffer {
	char *at;
	size_t len, size;
};

static void splice(struct buffer *b, size_t from, size_t cut, const char *with, size_t n)
{
	if (b->len - cut + n > b->size)
		return;
	memmove(b->at + from + n, b->at + from + cut, b->len - from - cut);
	memcpy(b->at + from, with, n);
	b->len = b->len - cut + n;
}

static void mutate_flip(struct buffer *b, uint64_t *seed)
{
	size_t i = below(seed, b->len);

	if (b->len == 0)
		return;
	if (next(seed) % 8 == 0)
		b->at[i] = '\0';
	else
		b->at[i] ^= (char)(1 << below(seed, 8));
}

static void mutate_truncate(struct buffer *b, uint64_t *seed)
{
	b->len = below(seed, b->len + 1);
}

/* A NUL behind a digit or a word, where jansson is known to skip it. */
static void mutate_nul(struct buffer *b, uint64_t *seed)
{
	size_t i = below(seed, b->len + 1);

	while (i < b->len && !(b->at[i] >= '0' && b->at[i] <= '9'))
		i++;
	while (i < b->len && b->at[i] >= '0' && b->at[i] <= '9')
		i++;
	splice(b, i, 0, "", 1);
}

static void mutate_insert(struct buffer *b, uint64_t *seed)
{
	const char *piece = pieces[below(seed, sizeof pieces / sizeof pieces[0])];

	splice(b, below(seed, b->len + 1), 0, piece, strlen(piece));
}

static void mutate_replace(struct buffer *b, uint64_t *seed)
{
	const char *piece = pieces[below(seed, sizeof pieces / sizeof pieces[0])];
	size_t n = strlen(piece), from = below(seed, b->len + 1);

	splice(b, from, b->len - from < n ? b->len - from : n, piece, n);
}

/* Doubles or removes a stretch; between two commas it is often a whole member. */
static void mutate_stretch(struct buffer *b, uint64_t *seed)
{
	size_t from = below(seed, b->len + 1), n = below(seed, 200);
	char copy[256];
	const char *comma = b->len > 0 ? memchr(b->at + from, ',', b->len - from) : NULL, *second;

	if (comma) {
		from = (size_t)(comma - b->at);
		second = memchr(comma + 1, ',', b->len - from - 1);
		n = second && second - comma < 256 ? (size_t)(second - comma) : n;
	}
	n = n > b->len - from ? b->len - from : n;
	memcpy(copy, b->at + from, n);
	splice(b, from, next(seed) % 3 ? 0 : n, copy, next(seed) % 3 ? n : 0);
}

/* A member of the document's first kilobyte, again at its front. */
static void mutate_double_first(struct buffer *b, uint64_t *seed)
{
	static const char *const members[] = {"\"number\":5,", "\"ref\":null,", "\"repository\":{\"id\":1},",
					      "\"created\":false,", "\"nobody\":1,"};
	const char *member = members[below(seed, 5)];

	if (b->len > 1 && b->at[0] == '{')
		splice(b, 1, 0, member, strlen(member));
}

/* A value of many levels as a member of its own, before some value. */
static void mutate_deepen(struct buffer *b, uint64_t *seed)
{
	static const char key[] = ",\"deep\":";
	char member[2 * 80 + sizeof key];
	size_t n = 50 + below(seed, 30), from = below(seed, b->len + 1);
	const char *colon = b->len > 0 ? memchr(b->at + from, ':', b->len - from) : NULL;

	if (!colon)
		return;
	memset(member, '[', n);
	memset(member + n, ']', n);
	memcpy(member + 2 * n, key, sizeof key);
	splice(b, (size_t)(colon - b->at) + 1, 0, member, 2 * n + sizeof key - 1);
}

static void (*const mutations[])(struct buffer *, uint64_t *) = {
	mutate_flip,    mutate_truncate,     mutate_insert, mutate_insert, mutate_replace,
	mutate_stretch, mutate_double_first, mutate_deepen, mutate_nul,
};

#define GROWTH 1024

static void mutate_and_compare(struct scanned *f, struct text json, unsigned times, uint64_t seed, struct tally *tally)
{
	struct buffer b = {malloc(json.len + GROWTH), 0, json.len + GROWTH};

	ck_assert_ptr_nonnull(b.at);
	for (unsigned i = 0; i < times; i++) {
		size_t n = 1 + below(&seed, 3);
		char *exact;

		memcpy(b.at, json.at, json.len);
		b.len = json.len;
		while (n-- > 0)
			mutations[below(&seed, sizeof mutations / sizeof mutations[0])](&b, &seed);
		exact = malloc(b.len + 1);
		ck_assert_ptr_nonnull(exact);
		memcpy(exact + 1, b.at, b.len); /* ends where the allocation ends */
		compare(f, (struct text){exact + 1, b.len}, tally);
		free(exact);
	}
	free(b.at);
}

static struct text read_file(const char *dir, const char *name)
{
	char path[600];
	struct text t = TEXT_EMPTY;
	char *at;
	FILE *file;
	long size;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	file = fopen(path, "rb");
	if (!file)
		return t;
	(void)fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	at = malloc((size_t)size + 1);
	ck_assert_ptr_nonnull(at);
	t = (struct text){at, fread(at, 1, (size_t)size, file)};
	(void)fclose(file);
	return t;
}

static void free_text(struct text t)
{
	free((void *)(uintptr_t)t.at);
}

START_TEST(own_payloads_and_mutations_agree_with_jansson)
{
	DIR *dir = opendir(SOURCE_DIR "/tests/data/deliveries");
	struct tally tally = {0};
	const struct dirent *entry;
	struct scanned f;
	unsigned files = 0;

	ck_assert_ptr_nonnull(dir);
	scanned_open(&f);
	while ((entry = readdir(dir))) {
		struct text json;

		if (!text_ends(text_of(entry->d_name), TEXT_LIT(".json")))
			continue;
		json = read_file(SOURCE_DIR "/tests/data/deliveries", entry->d_name);
		compare(&f, json, &tally);
		mutate_and_compare(&f, json, 4000, ++files, &tally);
		free_text(json);
	}
	(void)closedir(dir);
	scanned_close(&f);
	printf("own payloads: %u files; accepted %u, refused %u, doubled %u, deep %u, NUL %u, range %u\n", files,
	       tally.accepted, tally.refused, tally.doubled, tally.deep, tally.nul, tally.range);
	ck_assert_uint_ge(files, 13);
	ck_assert_uint_ge(tally.accepted + tally.refused, 50000);
	ck_assert(tally.accepted > 5000 && tally.doubled > 500 && tally.deep > 500 && tally.nul > 10 &&
		  tally.range > 30);
}
END_TEST

static void compare_examples(struct scanned *f, const json_t *events, struct tally *tally)
{
	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *examples = json_object_get(json_array_get(events, i), "examples");

		for (size_t k = 0; k < json_array_size(examples); k++) {
			char *text = json_dumps(json_array_get(examples, k), JSON_COMPACT);

			compare(f, text_of(text), tally);
			mutate_and_compare(f, text_of(text), 10, i * 100 + k, tally);
			free(text);
		}
	}
}

START_TEST(recorded_payloads_and_mutations_agree_with_jansson)
{
	const char *corpus = getenv("HEADGATE_CORPUS");
	struct tally tally = {0};
	struct scanned f;
	struct text all;
	json_t *events;

	all = read_file(corpus, "@octokit/webhooks-examples/api.github.com/index.json");
	events = json_loadb(all.at, all.len, 0, NULL);
	ck_assert_ptr_nonnull(events);
	scanned_open(&f);
	compare_examples(&f, events, &tally);
	compare(&f, all, &tally);
	printf("recorded payloads: accepted %u, refused %u, doubled %u, deep %u, NUL %u, range %u\n", tally.accepted,
	       tally.refused, tally.doubled, tally.deep, tally.nul, tally.range);
	ck_assert_uint_ge(tally.accepted, 329);
	scanned_close(&f);
	json_decref(events);
	free_text(all);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(own_payloads_and_mutations_agree_with_jansson, 120),
	SUITE_GIVEN(recorded_payloads_and_mutations_agree_with_jansson, 120, "HEADGATE_CORPUS"),
	SUITE_END,
};
SUITE_MAIN(tests)
