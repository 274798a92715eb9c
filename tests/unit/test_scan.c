/* The scanner's grammar and its answers, row by row; jansson says the same of every row. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/scanned.h"
#include "tests/support/suite.h"

static const struct scan_value *at(const struct scanned *f, const char *path)
{
	for (size_t i = 0; i < SCANNED_PATHS; i++)
		if (strcmp(scanned_paths[i], path) == 0)
			return &f->values[i];
	ck_abort_msg("no path %s", path);
	return NULL;
}

/* ---- rows ---- */

static const struct {
	const char *json;
	bool ok;
} grammar[] = {
	{"{}", true},
	{"[]", true},
	{" \t\r\n{ } ", true},
	{"null", true},
	{"-0", true},
	{"0", true},
	{"-1.5e+10", true},
	{"1E5", true},
	{"\"\"", true},
	{"[1,[2,{\"a\":[{}]}],\"x\"]", true},
	{"{\"\":1}", true},
	{"{\"a\":1,\"a\":2}", true},
	{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"", true},
	{"\"\x7f\xc3\xa9\xf0\x9f\x98\x80\"", true},
	{"99999999999999999999999", true},
	{"1e999", true},
	{"", false},
	{" ", false},
	{"{", false},
	{"}", false},
	{"[", false},
	{"[1", false},
	{"[1,", false},
	{"[1,]", false},
	{"[,1]", false},
	{"[1 2]", false},
	{"[1}", false},
	{"{]", false},
	{"{\"a\"}", false},
	{"{\"a\":}", false},
	{"{\"a\":1,}", false},
	{"{\"a\" 1}", false},
	{"{a:1}", false},
	{"{1:1}", false},
	{"{\"a\":1 \"b\":2}", false},
	{"{}{}", false},
	{"{} x", false},
	{"{},", false},
	{"01", false},
	{"-01", false},
	{"-", false},
	{"+1", false},
	{".5", false},
	{"1.", false},
	{"1.e5", false},
	{"1e", false},
	{"1e+", false},
	{"0x10", false},
	{"1a", false},
	{"tru", false},
	{"truee", false},
	{"True", false},
	{"NaN", false},
	{"nul", false},
	{"'a'", false},
	{"\"a", false},
	{"\"\\", false},
	{"\"\\\"", false},
	{"\"\\x\"", false},
	{"\"\\u12\"", false},
	{"\"\\u12g4\"", false},
	{"\"\\u0000\"", false},
	{"{\"\\u0000\":1}", false},
	{"\"\\ud800\"", false},
	{"\"\\udc00\"", false},
	{"\"\\ud800\\u0041\"", false},
	{"\"\\ud800\\ud800\"", false},
	{"\"\\udc00\\udc00\"", false},
	{"\"a\nb\"", false},
	{"\"a\tb\"", false},
	{"\"\x01\"", false},
	{"\"12345678\x1f\"", false},
	{"\"\xff\"", false},
	{"\"\xc0\x80\"", false},
	{"\"\xed\xa0\x80\"", false},
	{"\"\xf4\x90\x80\x80\"", false},
	{"\"\xc3\"", false},
	{"\"\xe2\x82\"", false},
	{"\xef\xbb\xbf{}", false},
	{"/*c*/{}", false},
	{"{}//", false},
	{"\f{}", false},
};

static bool jansson_accepts(struct text json, size_t flags, enum json_error_code *ret)
{
	json_error_t error;
	json_t *root = json_loadb(json.at, json.len, JSON_DECODE_ANY | flags, &error);

	*ret = root ? json_error_unknown : json_error_code(&error);
	json_decref(root);
	return root != NULL;
}

START_TEST(the_grammar_is_kept_to_the_byte)
{
	/* An exact copy on the heap: reading one byte too far is seen by the sanitizer. */
	size_t len = strlen(grammar[_i].json);
	char *copy = malloc(len + !len);
	struct text json = {copy, len};
	enum json_error_code code;
	struct scanned f;
	bool there;

	memcpy(copy, grammar[_i].json, len);
	scanned_open(&f);
	ck_assert_msg(scan_run(f.plan, json, &f.arena, f.values, &f.err) == grammar[_i].ok, "%s", f.err.text);
	there = jansson_accepts(json, 0, &code);
	ck_assert(there == grammar[_i].ok || (grammar[_i].ok && code == json_error_numeric_overflow));
	if (!grammar[_i].ok)
		ck_assert(f.err.code == ERR_INVALID && strstr(f.err.text, "at byte "));
	scanned_close(&f);
	free(copy);
}
END_TEST

START_TEST(a_raw_nul_is_refused_wherever_it_stands)
{
	static const char json[] = "{\"a\":[1 ,\"x\",true ]} ";
	struct scanned f;

	scanned_open(&f);
	for (size_t i = 0; i < sizeof json; i++) {
		char copy[sizeof json];
		struct text t = {copy, i < sizeof json - 1 ? sizeof json - 1 : sizeof json};

		memcpy(copy, json, sizeof json);
		copy[i] = '\0';
		ck_assert(!scan_run(f.plan, t, &f.arena, f.values, &f.err));
	}
	scanned_close(&f);
}
END_TEST

static bool scan_nested(struct scanned *f, size_t n, const char *inner)
{
	char json[2048];
	size_t len = 0, m = strlen(inner);

	for (size_t i = 0; i < n; i++)
		json[len++] = '[';
	memcpy(json + len, inner, m);
	len += m;
	for (size_t i = 0; i < n; i++)
		json[len++] = ']';
	return scan_run(f->plan, (struct text){json, len}, &f->arena, f->values, &f->err);
}

START_TEST(depth_ends_at_sixty_four)
{
	struct scanned f;

	scanned_open(&f);
	ck_assert(scan_nested(&f, SCAN_DEPTH_MAX, "1"));
	ck_assert(scan_nested(&f, SCAN_DEPTH_MAX - 1, "{\"a\":1}"));
	ck_assert(!scan_nested(&f, SCAN_DEPTH_MAX, "{}"));
	ck_assert(!scan_nested(&f, SCAN_DEPTH_MAX + 1, "1"));
	ck_assert(strstr(f.err.text, "too many levels"));
	ck_assert(!scan_nested(&f, 900, ""));
	scanned_close(&f);
}
END_TEST

START_TEST(wanted_values_come_out_with_their_types)
{
	static const char json[] = "{\"action\":\"a\\u00e9\\ud83d\\ude00\\n\",\"number\":-7,\"x\":{\"y\":true},"
				   "\"sender\":{\"login\":null,\"id\":9223372036854775808},\"ref\":[1,{\"x\":2}],"
				   "\"repository\":{\"id\":9223372036854775807,\"full_name\":\"o/r\"},"
				   "\"pull_request\":{\"head\":{\"sha\":false,\"repo\":{\"id\":-0}},\"title\":1.0},"
				   "\"befor\\u0065\":\"b\",\"other\":{\"action\":\"no\",\"after\":\"no\"}}";
	struct scanned f;

	scanned_open(&f);
	ck_assert_msg(scan_run(f.plan, text_of(json), &f.arena, f.values, &f.err), "%s", f.err.text);
	ck_assert(text_is(at(&f, "action")->text, "a\xc3\xa9\xf0\x9f\x98\x80\n"));
	ck_assert_int_eq(at(&f, "number")->integer, -7);
	ck_assert_int_eq(at(&f, "x.y")->type, SCAN_TRUE);
	ck_assert_int_eq(at(&f, "sender.login")->type, SCAN_NULL);
	ck_assert_int_eq(at(&f, "sender.id")->type, SCAN_NUMBER);
	ck_assert(text_is(at(&f, "sender.id")->text, "9223372036854775808"));
	ck_assert_int_eq(at(&f, "repository.id")->integer, INT64_MAX);
	ck_assert(text_is(at(&f, "repository.full_name")->text, "o/r"));
	ck_assert_int_eq(at(&f, "ref")->type, SCAN_ARRAY);
	ck_assert(text_is(at(&f, "ref")->text, "[1,{\"x\":2}]"));
	ck_assert_int_eq(at(&f, "pull_request")->type, SCAN_OBJECT);
	ck_assert_int_eq(at(&f, "pull_request.head.sha")->type, SCAN_FALSE);
	ck_assert_int_eq(at(&f, "pull_request.head.repo.id")->type, SCAN_INTEGER);
	ck_assert_int_eq(at(&f, "pull_request.title")->type, SCAN_NUMBER);
	ck_assert(text_is(at(&f, "before")->text, "b"));
	ck_assert_int_eq(at(&f, "after")->type, SCAN_ABSENT);
	scanned_close(&f);
}
END_TEST

static const struct {
	const char *json;
	bool ok;
} doubled[] = {
	{"{\"action\":1,\"action\":1}", false},
	{"{\"action\":1,\"act\\u0069on\":2}", false},
	{"{\"repository\":{\"id\":1},\"repository\":{}}", false},
	{"{\"repository\":null,\"repository\":{\"id\":1}}", false},
	{"{\"repository\":{\"id\":1,\"id\":1}}", false},
	{"{\"x\":[],\"x\":[]}", false},
	{"{\"unwanted\":1,\"unwanted\":2}", true},
	{"{\"repository\":{\"unwanted\":1,\"unwanted\":2}}", true},
	{"{\"a\":{\"action\":1,\"action\":2}}", true},
	{"[{\"action\":1,\"action\":2}]", true},
	{"{\"ref\":[{\"ref\":1,\"ref\":2}],\"action\":1}", true},
};

START_TEST(a_wanted_key_stands_once_or_nothing_is_read)
{
	struct scanned f;

	scanned_open(&f);
	ck_assert_int_eq(scan_run(f.plan, text_of(doubled[_i].json), &f.arena, f.values, &f.err), doubled[_i].ok);
	if (!doubled[_i].ok)
		ck_assert(strstr(f.err.text, "a wanted key twice") && f.values[0].type == SCAN_ABSENT);
	scanned_close(&f);
}
END_TEST

START_TEST(an_array_on_the_way_hides_the_field)
{
	struct scanned f;

	scanned_open(&f);
	ck_assert(scan_run(f.plan, TEXT_LIT("[{\"action\":\"x\"}]"), &f.arena, f.values, &f.err));
	ck_assert_int_eq(at(&f, "action")->type, SCAN_ABSENT);
	ck_assert(scan_run(f.plan, TEXT_LIT("{\"x\":[{\"y\":1}]}"), &f.arena, f.values, &f.err));
	ck_assert_int_eq(at(&f, "x.y")->type, SCAN_ABSENT);
	scanned_close(&f);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(the_grammar_is_kept_to_the_byte, grammar),
	SUITE_TEST(a_raw_nul_is_refused_wherever_it_stands),
	SUITE_TEST(depth_ends_at_sixty_four),
	SUITE_TEST(wanted_values_come_out_with_their_types),
	SUITE_ROWS(a_wanted_key_stands_once_or_nothing_is_read, doubled),
	SUITE_TEST(an_array_on_the_way_hides_the_field),
	SUITE_END,
};
SUITE_MAIN(tests)
