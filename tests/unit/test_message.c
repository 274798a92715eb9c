#include "policy/message.h"

#include "tests/support/suite.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "flag=name" or "flag?name" for every token, blanks between. */
static void shown(const struct message *m, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < m->n_tokens && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%.*s%c%.*s", i ? " " : "",
					 TEXT_ARG(m->tokens[i].flag), m->tokens[i].asked ? '?' : '=',
					 TEXT_ARG(m->tokens[i].name));
}

static const struct {
	const char *message, *tokens;
} rows[] = {
	{"Bug 1 - Fix. r=alice", "r=alice"},
	{"Bug 1 - Fix. r=alice,bob a=carol", "r=alice r=bob a=carol"},
	{"Fix r?alice", "r?alice"},
	{"r=alice", ""},
	{"x:r=alice", ""},
	{"Fix (r=alice)", "r=alice"},
	{"Fix [a=x] ,sr=y;rs=z", "a=x sr=y rs=z"},
	{"Fix ui-r=z", "ui-r=z"},
	{"Fix R=alice", ""},
	{"Fix a1.9=bz", ""},
	{"Fix r=#group", ""},
	{"Fix a=.", ""},
	{"Fix r=a.", "r=a"},
	{"Fix r=a.,b", "r=a"},
	{"Fix r=a.b", "r=a.b"},
	{"Fix r=a/b\\c;d", "r=a r=b r=c r=d"},
	{"Fix r=a,  b", "r=a r=b"},
	{"Fix r=a, a=b", "r=a a=b"},
	{"Fix r=a,bug=3", "r=a"},
	{"Fix r=", ""},
	{"Fix r= a=b", "a=b"},
	{"Fix\nr=alice a=bob", ""},
	{"Fix\r\n a=bob", ""},
	{"Fix aa=bob", ""},
	{"Fix a==bob", ""},
	{"Fix a=\xc3\xa9", ""},
	{"Fix \xef\xbd\x81=bob", ""},
	{"", ""},
};

START_TEST(tokens_are_read_from_the_first_line)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message m;
	char out[200];

	message_parse(text_of(rows[_i].message), &arena, &m);
	shown(&m, out, sizeof out);
	ck_assert(!m.suspicious);
	ck_assert_str_eq(out, rows[_i].tokens);
}
END_TEST

#define BYTES(s)                                                                                                       \
	{                                                                                                              \
		(s), sizeof(s) - 1                                                                                     \
	}
static const struct text suspicious[] = {
	BYTES("Fix a=bob\0"),
	BYTES("Fix a=bob\rmore"),
	BYTES("Fix a=bob\r"),
	BYTES("Fix a=bob\n\nbody \x1b[31m"),
	BYTES("Fix a=bob \x7f"),
	BYTES("Fix a=bob \xe2\x80\xae"),
	BYTES("Fix a=bob\n\n\xe2\x81\xa6hidden"),
	BYTES("Fix a=b\xe2\x80\x8bob"),
	BYTES("\xef\xbb\xbf"
	      "Fix a=bob"),
	BYTES("Fix a=bob \xd8\x9c"),
	BYTES("Fix a=bob \xc2\x85 next"),
	BYTES("Fix a=bob\v"),
	BYTES("Fix a=bob\n\n\xe2\x81\xa0"),
	BYTES("Fix a=bob \xe2\x80\x8f"),
};

START_TEST(a_message_that_could_mislead_carries_no_token)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message m;

	message_parse(suspicious[_i], &arena, &m);
	ck_assert(m.suspicious);
	ck_assert_ptr_nonnull(m.why_suspicious);
	ck_assert_uint_eq(m.n_tokens, 0);
}
END_TEST

START_TEST(tabs_line_ends_and_other_scripts_are_not_suspicious)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message m;

	message_parse(TEXT_LIT("Fix\ta=bob\r\n\r\n\xc3\xa9\xe2\x80\x94\xf0\x9f\x98\x80 \xff\n"), &arena, &m);
	ck_assert(!m.suspicious);
	ck_assert_uint_eq(m.n_tokens, 1);
}
END_TEST

/* The published pattern, as the reference describes it, in byte mode. */
#define NICK "[a-zA-Z0-9\\-\\_.]*[a-zA-Z0-9\\-\\_]+"
static const char pattern[] =
	"([\\s\\(\\.\\[;,])((?:r|a|sr|rs|ui-r)[=?])(" NICK "(?:[;,\\/\\\\]\\s*(?![a-z0-9\\.\\-]+[=?])" NICK ")*)?";

static const char alphabet[] = "raaarsui--==?=?=..,,;;//\\\\   ((((([[[bB1_\t:#x";

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Pieces that matter are drawn more often than single bytes, so that many messages hold several tokens. */
static size_t generate(uint64_t *state, char *out, size_t size)
{
	static const char *const pieces[] = {
		" r=", "a=", " a=", "sr=", " rs=", ",ui-r=", "r?", " a?", "bob", "x.y", ".", ", "};
	size_t used = 0, n = next(state) % 24;

	for (size_t i = 0; i < n && used + 8 < size; i++) {
		const char *piece = pieces[next(state) % (sizeof pieces / sizeof pieces[0])];

		if (next(state) % 2)
			out[used++] = alphabet[next(state) % (sizeof alphabet - 1)];
		else
			used += (size_t)snprintf(out + used, size - used, "%s", piece);
	}
	out[used] = '\0';
	return used;
}

/* One match's tokens in the form of shown(). */
static size_t expect(char *out, size_t used, struct text flag, struct text list)
{
	for (size_t i = 0, from; i < list.len;) {
		for (from = i; i < list.len && !strchr(";,/\\", list.at[i]); i++)
			;
		used += (size_t)snprintf(out + used, 4000 - used, "%s%.*s%.*s", used ? " " : "", TEXT_ARG(flag),
					 (int)(i - from), list.at + from);
		for (i += i < list.len; i < list.len && strchr(" \t", list.at[i]); i++)
			;
	}
	return used;
}

static void reference(const pcre2_code *code, pcre2_match_data *data, struct text line, char *out)
{
	size_t at = 0, used = 0;

	out[0] = '\0';
	while (pcre2_match(code, (PCRE2_SPTR)line.at, line.len, at, 0, data, NULL) > 0) {
		PCRE2_SIZE *v = pcre2_get_ovector_pointer(data);

		if (v[6] != PCRE2_UNSET && pcre2_get_ovector_count(data) > 3)
			used = expect(out, used, (struct text){line.at + v[4], v[5] - v[4]},
				      (struct text){line.at + v[6], v[7] - v[6]});
		at = v[1];
	}
}

enum { MESSAGES = 60000, MESSAGES_WITH_TOKENS_AT_LEAST = 10000 };

START_TEST(the_scanner_agrees_with_the_published_pattern)
{
	char message[200], ours[4000], theirs[4000];
	PCRE2_SIZE offset;
	int error;
	uint64_t state = 20240917;
	size_t with_tokens = 0;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, 0, &error, &offset, NULL);
	pcre2_match_data *data = pcre2_match_data_create(4, NULL);

	ck_assert(code && data);
	for (size_t i = 0; i < MESSAGES; i++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct text line = {message, generate(&state, message, sizeof message)};
		struct message m;

		message_parse(line, &arena, &m);
		ck_assert(!m.suspicious);
		shown(&m, ours, sizeof ours);
		reference(code, data, line, theirs);
		ck_assert_msg(strcmp(ours, theirs) == 0, "%s: ours %s, theirs %s", message, ours, theirs);
		with_tokens += m.n_tokens > 0;
	}
	ck_assert_uint_gt(with_tokens, MESSAGES_WITH_TOKENS_AT_LEAST);
	pcre2_match_data_free(data);
	pcre2_code_free(code);
}
END_TEST

static const char *const units[] = {" a=", ".", " a=.", " r=x,", "r=x.,", " ", ",a", "/a-", " a=b;c", "a.a,"};

START_TEST(a_megabyte_line_is_read_in_one_pass)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	size_t unit = strlen(units[_i]), len = 1000000 / unit * unit;
	char *line = malloc(len);
	struct message m;

	ck_assert_ptr_nonnull(line);
	for (size_t i = 0; i < len; i += unit)
		memcpy(line + i, units[_i], unit);
	memcpy(line, " a=", 3);
	message_parse((struct text){line, len}, &arena, &m);
	ck_assert(!m.suspicious);
	free(line);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(tokens_are_read_from_the_first_line, rows),
	SUITE_ROWS(a_message_that_could_mislead_carries_no_token, suspicious),
	SUITE_TEST(tabs_line_ends_and_other_scripts_are_not_suspicious),
	SUITE_TEST(the_scanner_agrees_with_the_published_pattern),
	SUITE_ROWS(a_megabyte_line_is_read_in_one_pass, units),
	SUITE_END,
};
SUITE_MAIN(tests)
