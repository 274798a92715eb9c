#include <string.h>

#include "tests/support/suite.h"
#include "webhooks/jread.h"

#define A40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct jdoc *parsed(const char *json)
{
	struct err err = ERR_NONE;
	struct jdoc *doc = jdoc_parse(text_of(json), &err);

	ck_assert_msg(doc != NULL, "%s", err.text);
	return doc;
}

static const struct {
	const char *json, *error;
} refused[] = {
	{"", "ends too early"},
	{"{", "ends too early"},
	{"{\"a\":1,\"a\":1}", "twice"},
	{"{} {}", "follows"},
	{"\"\xff\"", "UTF-8"},
	{"\"\\u0000\"", "NUL"},
	{"[99999999999999999999]", "range"},
	{"[1e999]", "range"},
	{"{'a':1}", "syntax"},
	{"[\"\\ud800\"]", "syntax"},
	{"[01]", "syntax"},
	{"[1,]", "syntax"},
};

START_TEST(a_malformed_document_is_refused_with_its_position)
{
	struct err err = ERR_NONE;

	ck_assert_ptr_null(jdoc_parse(text_of(refused[_i].json), &err));
	ck_assert_int_eq(err.code, ERR_INVALID);
	ck_assert_msg(strstr(err.text, refused[_i].error) != NULL, "%s", err.text);
	ck_assert(strstr(err.text, "line 1") != NULL);
}
END_TEST

/* n arrays around a text that itself holds brackets. */
static struct jdoc *nested(size_t n, struct err *err)
{
	char json[512];
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		json[len++] = '[';
	memcpy(json + len, "\"[[[\\\"[{\"", 9);
	len += 9;
	for (size_t i = 0; i < n; i++)
		json[len++] = ']';
	return jdoc_parse((struct text){json, len}, err);
}

START_TEST(sixty_four_levels_are_read_and_one_more_is_not)
{
	struct err err = ERR_NONE;
	struct jdoc *doc = nested(64, &err);

	ck_assert_msg(doc != NULL, "%s", err.text);
	jdoc_free(doc);
	ck_assert_ptr_null(nested(65, &err));
	ck_assert(strstr(err.text, "64 levels") != NULL);
}
END_TEST

START_TEST(a_nul_byte_is_refused_wherever_it_stands)
{
	struct err err = ERR_NONE;

	ck_assert_ptr_null(jdoc_parse((struct text){"[1\0]", 4}, &err));
	ck_assert_str_eq(err.text, "not JSON: a NUL byte");
	ck_assert_ptr_null(jdoc_parse((struct text){"{}\0", 3}, &err));
}
END_TEST

START_TEST(values_are_found_by_path)
{
	struct jdoc *doc = parsed("{\"a\":{\"b\":[{\"n\":7},null]},\"t\":true,\"f\":false,\"z\":null,\"s\":\"x\\ny\","
				  "\"o\":\"" A40 "\",\"w\":\"1970-01-01T00:00:01Z\",\"r\":1.0}");
	jval root = jdoc_root(doc);
	struct oid oid = joid(root, "o");

	ck_assert_int_eq(jint(root, "a.b.0.n", -1), 7);
	ck_assert_int_eq(jint(root, "a.b.2.n", -1), -1);
	ck_assert_int_eq(jint(root, "a.b.-1", -1), -1);
	ck_assert_int_eq(jint(root, "r", -1), -1);
	ck_assert_ptr_null(jget(root, "z"));
	ck_assert_ptr_null(jget(root, "s.a"));
	ck_assert_int_eq(jtri(root, "t"), TRI_YES);
	ck_assert_int_eq(jtri(root, "f"), TRI_NO);
	ck_assert_int_eq(jtri(root, "s"), TRI_UNKNOWN);
	ck_assert(text_is(jtext(root, "s"), "x\ny"));
	ck_assert(oid_known(&oid));
	ck_assert_int_eq(jwhen(root, "w"), 1000);
	ck_assert_int_eq(jwhen(root, "s"), WHEN_UNKNOWN);
	ck_assert_uint_eq(jlen(jget(root, "a.b")), 2);
	ck_assert(jis_object(jat(jget(root, "a.b"), 0)) && !jat(jget(root, "a.b"), 1));
	jdoc_free(doc);
}
END_TEST

START_TEST(an_obligatory_read_names_its_path)
{
	struct jdoc *doc = parsed("{\"a\":{\"n\":\"7\",\"o\":\"abc\"}}");
	struct err err = ERR_NONE;
	struct oid oid = OID_NONE;
	struct text t = TEXT_EMPTY;
	int64_t n = 42;

	ck_assert(!jneed_int(jdoc_root(doc), "a.n", &n, &err) && n == 42);
	ck_assert_str_eq(err.text, "a.n: not an integer");
	ck_assert(!jneed_text(jdoc_root(doc), "a.b", &t, &err));
	ck_assert_str_eq(err.text, "a.b: missing");
	ck_assert(!jneed_oid(jdoc_root(doc), "a.o", &oid, &err) && !oid_known(&oid));
	ck_assert(jneed_text(jdoc_root(doc), "a.n", &t, &err) && text_is(t, "7"));
	jdoc_free(doc);
}
END_TEST

START_TEST(members_are_walked_once_each)
{
	struct jdoc *doc = parsed("{\"a\":1,\"b\":null,\"c\":3}");
	int64_t sum = 0;
	size_t i = 0, n = 0;
	struct text key;
	jval value;

	while (jmember(jdoc_root(doc), &i, &key, &value)) {
		ck_assert_uint_eq(key.len, 1);
		sum += jint(value, "", 0);
		n++;
	}
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(sum, 4);
	jdoc_free(doc);
	doc = parsed("[1]");
	i = 0;
	ck_assert(!jmember(jdoc_root(doc), &i, &key, &value));
	jdoc_free(doc);
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
	struct jwrite *w = jwrite_new();
	struct jdoc *doc;
	struct text out;

	jwrite_object(w, NULL);
	jwrite_text(w, "t", (struct text){"q\"b\\n\n\t\x01\x7f\xc3\xa9\xff\0", 13});
	jwrite_int(w, "i", INT64_MIN);
	jwrite_array(w, "a");
	jwrite_bool(w, NULL, true);
	jwrite_null(w, NULL);
	jwrite_object(w, NULL);
	jwrite_end(w);
	jwrite_end(w);
	jwrite_bool(w, "f\"", false);
	jwrite_end(w);
	out = jwrite_text_of(w);
	ck_assert_str_eq(out.at, "{\"t\":\"q\\\"b\\\\n\\n\\t\\u0001\x7f\xc3\xa9\xef\xbf\xbd\\ufffd\","
				 "\"i\":-9223372036854775808,\"a\":[true,null,{}],\"f\\\"\":false}");
	doc = parsed(out.at);
	ck_assert(text_is(jtext(jdoc_root(doc), "t"), "q\"b\\n\n\t\x01\x7f\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd"));
	ck_assert_int_eq(jint(jdoc_root(doc), "i", 0), INT64_MIN);
	jdoc_free(doc);
	jwrite_free(w);
	jwrite_free(NULL);
	jdoc_free(NULL);
}
END_TEST

START_TEST(a_long_text_grows_the_writer)
{
	static char big[70000];
	struct jwrite *w = jwrite_new();
	struct jdoc *doc;

	memset(big, '"', sizeof big);
	jwrite_text(w, NULL, (struct text){big, sizeof big});
	ck_assert_uint_eq(jwrite_text_of(w).len, 2 * sizeof big + 2);
	doc = parsed(jwrite_text_of(w).at);
	ck_assert_uint_eq(jtext(jdoc_root(doc), "").len, sizeof big);
	jdoc_free(doc);
	jwrite_free(w);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_malformed_document_is_refused_with_its_position, refused),
	SUITE_TEST(sixty_four_levels_are_read_and_one_more_is_not),
	SUITE_TEST(a_nul_byte_is_refused_wherever_it_stands),
	SUITE_TEST(values_are_found_by_path),
	SUITE_TEST(an_obligatory_read_names_its_path),
	SUITE_TEST(members_are_walked_once_each),
	SUITE_TEST(what_is_written_is_read_back),
	SUITE_TEST(a_long_text_grows_the_writer),
	SUITE_END,
};
SUITE_MAIN(tests)
