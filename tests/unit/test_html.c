#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/web/clean.h"
#include "agent/web/html.h"
#include "tests/support/suite.h"

#define FFFD "\xef\xbf\xbd"

/* <p class="T">T</p> with T written both as an attribute and as text. */
static struct text written(struct text t, struct arena *arena)
{
	struct html *h = html_new(TEXT_EMPTY);
	struct text document;

	h_open(h, "p");
	h_attr(h, "class", t);
	h_text(h, t);
	h_close(h, "p");
	document = arena_text(arena, html_text(h));
	html_free(h);
	return document;
}

static void expect(struct text in, const char *out)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text want = arena_printf(&arena, "<!DOCTYPE html>\n<p class=\"%s\">%s</p>\n", out, out);

	ck_assert_str_eq(written(in, &arena).at, want.at);
}

START_TEST(every_byte_is_text_an_entity_or_replaced)
{
	static const char special[] = "&<>\"'`";
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#96;"};

	for (int c = 0; c < 256; c++) {
		char in[1] = {(char)c}, out[2] = {(char)c, 0};
		const char *hit = c ? strchr(special, c) : NULL;

		if (hit)
			expect((struct text){in, 1}, entities[hit - special]);
		else
			expect((struct text){in, 1}, c < 0x20 || c >= 0x7f ? FFFD : out);
	}
}
END_TEST

static const struct {
	const char *in, *out;
} rows[] = {
	{"caf\xc3\xa9 \xe2\x9c\x93 \xf0\x9f\x90\xb1", "caf\xc3\xa9 \xe2\x9c\x93 \xf0\x9f\x90\xb1"},
	{"\" onload=\"x", "&quot; onload=&quot;x"},
	{"' onload='x", "&#39; onload=&#39;x"},
	{"--></script><script>", "--&gt;&lt;/script&gt;&lt;script&gt;"},
	{"&lt;", "&amp;lt;"},
	{"a\xc0\xaf"
	 "b",
	 "a" FFFD FFFD "b"}, /* overlong */
	{"a\xed\xa0\x80"
	 "b",
	 "a" FFFD FFFD FFFD "b"},                       /* surrogate */
	{"a\xf4\x90\x80\x80", "a" FFFD FFFD FFFD FFFD}, /* above U+10FFFF */
	{"a\xe2\x82", "a" FFFD FFFD},                   /* cut off */
	{"\xc3<b>", FFFD "&lt;b&gt;"},                  /* a lead byte does not swallow what follows */
	{"\xf0<b>\"", FFFD "&lt;b&gt;&quot;"},
	{"a\xe2\x80\xae"
	 "b",
	 "a" FFFD FFFD FFFD "b"}, /* right-to-left override */
	{"a\xc2\x85"
	 "b",
	 "a" FFFD FFFD "b"}, /* C1 control */
	{"a\r\nb", "a" FFFD FFFD "b"},
	{"", ""},
};

START_TEST(text_cannot_become_markup)
{
	expect(text_of(rows[_i].in), rows[_i].out);
}
END_TEST

START_TEST(plain_text_is_cleaned_alike)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text t = clean_text(TEXT_LIT("a\n\x1b[31m<b>\xff"), &arena);

	ck_assert(text_eq(t, TEXT_LIT("a" FFFD FFFD "[31m<b>" FFFD)));
}
END_TEST

START_TEST(links_are_made_of_encoded_parts)
{
	const struct text parts[] = {TEXT_LIT("a/b"), TEXT_LIT("..\"<"), TEXT_LIT("\xc3\xa9 %2f"), {NULL, 0}};
	struct html *h = html_new(TEXT_LIT("/gate"));

	h_open(h, "a");
	h_link(h, "href", parts);
	h_close(h, "a");
	ck_assert_ptr_nonnull(strstr(html_text(h).at, "href=\"/gate/a%2Fb/..%22%3C/%C3%A9%20%252f\">"));
	html_free(h);
}
END_TEST

static void misnested(struct html *h)
{
	h_open(h, "p");
	h_open(h, "span");
	h_close(h, "p");
}
static void unclosed(struct html *h)
{
	h_open(h, "p");
	(void)html_text(h);
}
static void closed_twice(struct html *h)
{
	h_open(h, "p");
	h_close(h, "p");
	h_close(h, "p");
}
static void void_closed(struct html *h)
{
	h_open(h, "head");
	h_open(h, "meta");
	h_close(h, "meta");
}
static void unknown_tag(struct html *h)
{
	h_open(h, "script");
}
static void unknown_attribute(struct html *h)
{
	h_open(h, "p");
	h_attr(h, "onclick", TEXT_LIT("x"));
}
static void link_as_attribute(struct html *h)
{
	h_open(h, "a");
	h_attr(h, "href", TEXT_LIT("javascript:x"));
}
static void late_attribute(struct html *h)
{
	h_open(h, "p");
	h_text(h, TEXT_LIT("t"));
	h_attr(h, "class", TEXT_LIT("c"));
}
static void too_deep(struct html *h)
{
	for (int i = 0; i <= HTML_DEPTH_MAX; i++)
		h_open(h, "div");
}

static void (*const faults[])(struct html *h) = {misnested,         unclosed,       closed_twice,
						 void_closed,       unknown_tag,    unknown_attribute,
						 link_as_attribute, late_attribute, too_deep};

START_TEST(a_fault_of_the_caller_aborts)
{
	const struct rlimit none = {0, 0};
	int status;
	pid_t child = fork();

	if (child == 0) {
		(void)setrlimit(RLIMIT_CORE, &none);
		(void)signal(SIGABRT, SIG_DFL);
		(void)close(STDERR_FILENO);
		faults[_i](html_new(TEXT_EMPTY));
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(every_byte_is_text_an_entity_or_replaced),
	SUITE_ROWS(text_cannot_become_markup, rows),
	SUITE_TEST(plain_text_is_cleaned_alike),
	SUITE_TEST(links_are_made_of_encoded_parts),
	SUITE_ROWS(a_fault_of_the_caller_aborts, faults),
	SUITE_END,
};
SUITE_MAIN(tests)
