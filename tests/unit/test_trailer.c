#include "git/trailer.h"
#include "tests/support/suite.h"

static const struct {
	const char *identity, *host;
	int64_t id;
	const char *name, *email, *login;
} signers[] = {
	{"Ann <7+ann@users.noreply.github.com>", "github.com", 7, "Ann", "7+ann@users.noreply.github.com", "ann"},
	{"Ann <7+ann@USERS.noreply.GitHub.com>", "github.com", 7, "Ann", "7+ann@USERS.noreply.GitHub.com", "ann"},
	{"b <9+bot[bot]@users.noreply.github.com>", "github.com", 9, "b", "9+bot[bot]@users.noreply.github.com",
	 "bot[bot]"},
	{"A <7+a@users.noreply.ghe.corp>", "ghe.corp", 7, "A", "7+a@users.noreply.ghe.corp", "a"},
	{"A <7+a@users.noreply.ghe.corp>", "github.com", 0, "A", "7+a@users.noreply.ghe.corp", ""},
	{"A <7+a@users.noreply.github.com>", "ghe.corp", 0, "A", "7+a@users.noreply.github.com", ""},
	{"A <ann@users.noreply.github.com>", "github.com", 0, "A", "ann@users.noreply.github.com", ""},
	{"A <07+a@users.noreply.github.com>", "github.com", 0, "A", "07+a@users.noreply.github.com", ""},
	{"A <-7+a@users.noreply.github.com>", "github.com", 0, "A", "-7+a@users.noreply.github.com", ""},
	{"A <0+a@users.noreply.github.com>", "github.com", 0, "A", "0+a@users.noreply.github.com", ""},
	{"A <7+@users.noreply.github.com>", "github.com", 0, "A", "7+@users.noreply.github.com", ""},
	{"A <7+a@users.noreply.github.com.evil.org>", "github.com", 0, "A", "7+a@users.noreply.github.com.evil.org",
	 ""},
	{"A <7+a@x@users.noreply.github.com>", "github.com", 0, "A", "7+a@x@users.noreply.github.com", ""},
	{"A <99999999999999999999+a@users.noreply.github.com>", "github.com", 0, "A",
	 "99999999999999999999+a@users.noreply.github.com", ""},
	{"A <7+a@users.noreply.github.com> <8+b@users.noreply.github.com>", "github.com", 0,
	 "A <7+a@users.noreply.github.com> <8+b@users.noreply.github.com>", "", ""},
	{"A <7+a@users.noreply.github.com", "github.com", 0, "A <7+a@users.noreply.github.com", "", ""},
	{"> 7+a@users.noreply.github.com <", "github.com", 0, "> 7+a@users.noreply.github.com <", "", ""},
	{"nobody at all", "github.com", 0, "nobody at all", "", ""},
	{"", "github.com", 0, "", "", ""},
	{"<>", "github.com", 0, "", "", ""},
};

START_TEST(an_account_is_read_from_its_noreply_address_only)
{
	struct signer got = trailer_signer(text_of(signers[_i].identity), text_of(signers[_i].host));
	ck_assert_int_eq(got.id, signers[_i].id);
	ck_assert_msg(text_is(got.name, signers[_i].name), "name %.*s", TEXT_ARG(got.name));
	ck_assert_msg(text_is(got.email, signers[_i].email), "email %.*s", TEXT_ARG(got.email));
	ck_assert_msg(text_is(got.login, signers[_i].login), "login %.*s", TEXT_ARG(got.login));
}
END_TEST

static const struct {
	const char *url, *host;
} hosts[] = {
	{"https://github.com/o/r.git", "github.com"},
	{"https://ghe.corp:8443/o/r.git", "ghe.corp"},
	{"https://user:word@ghe.corp/o/r.git", "ghe.corp"},
	{"https://ghe.corp", "ghe.corp"},
	{"http://127.0.0.1:3000/o/r.git", "github.com"},
	{"http://[::1]:3000/o/r.git", "github.com"},
	{"http://localhost/o/r.git", "github.com"},
	{"file:///srv/r.git", "github.com"},
	{"https://github.com.evil.org/github.com", "github.com.evil.org"},
};

START_TEST(the_forge_is_the_host_of_the_url)
{
	struct text host = trailer_host(text_of(hosts[_i].url));
	ck_assert_msg(text_is(host, hosts[_i].host), "%.*s", TEXT_ARG(host));
}
END_TEST

static const struct {
	const char *message;
	size_t n;
	int64_t last;
} messages[] = {
	{"", 0, 0},
	{"one line", 0, 0},
	{"a\n\nCo-authored-by: B <8+b@users.noreply.github.com>\n", 1, 8},
	{"a\n\nCo-authored-by: B <8+b@users.noreply.github.com>", 1, 8},
	{"a\n\nCO-AUTHORED-BY:B <8+b@users.noreply.github.com>\n", 1, 8},
	{"a\n\nCo-authored-by : B <8+b@users.noreply.github.com>\n", 1, 8},
	{"a\n\n \tCo-authored-by: B <8+b@users.noreply.github.com>\n", 1, 8},
	{"a\r\n\r\nCo-authored-by: B <8+b@users.noreply.github.com>\r\n", 1, 8},
	{"a\rCo-authored-by: B <8+b@users.noreply.github.com>\rmore", 1, 8},
	{"Co-authored-by: B <8+b@users.noreply.github.com>", 1, 8},
	{"a\n\nCo-authored-by: B <8+b@users.noreply.github.com>\n\nmore text\n\nSigned-off-by: C <c@d>\n", 1, 8},
	{"a\n\nCo-authored-by: B <b@c>\nCo-authored-by: D <9+d@users.noreply.github.com>\n", 2, 9},
	{"a\n\nCo-authored-by: nobody in particular\n", 1, 0},
	{"a\n\nCo-authored-by:\n", 1, 0},
	{"a\n\nNot-Co-authored-by: B <8+b@users.noreply.github.com>\n", 0, 0},
	{"a\n\nCo-authored-by B <8+b@users.noreply.github.com>\n", 0, 0},
};

START_TEST(every_line_with_the_key_names_a_coauthor)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct commit commit = {0};
	ck_assert(trailer_coauthors(text_of(messages[_i].message), TEXT_LIT("github.com"), &commit, &arena, &err));
	ck_assert_uint_eq(commit.n_coauthors, messages[_i].n);
	if (commit.n_coauthors)
		ck_assert_int_eq(commit.coauthors[commit.n_coauthors - 1].id, messages[_i].last);
}
END_TEST

START_TEST(a_coauthor_behind_a_nul_still_counts)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct commit commit = {0};
	struct text message = TEXT_LIT("a\0b\nCo-authored-by: B <8+b@users.noreply.github.com>\n");
	ck_assert(trailer_coauthors(message, TEXT_LIT("github.com"), &commit, &arena, &err));
	ck_assert_uint_eq(commit.n_coauthors, 1);
}
END_TEST

START_TEST(more_coauthors_than_the_limit_are_an_error)
{
	static const char line[] = "Co-authored-by: x\n";
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct commit commit = {.n_coauthors = 77};
	char *message = arena_alloc(&arena, TRAILER_COAUTHORS + 1, sizeof(line));
	size_t n = 0;
	for (int i = 0; i <= TRAILER_COAUTHORS; i++, n += sizeof(line) - 1)
		memcpy(message + n, line, sizeof(line) - 1);
	ck_assert(!trailer_coauthors((struct text){message, n}, TEXT_LIT("github.com"), &commit, &arena, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(err.text, "mirror.max_coauthors"));
	ck_assert_uint_eq(commit.n_coauthors, 77);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(an_account_is_read_from_its_noreply_address_only, signers),
					  SUITE_ROWS(the_forge_is_the_host_of_the_url, hosts),
					  SUITE_ROWS(every_line_with_the_key_names_a_coauthor, messages),
					  SUITE_TEST(a_coauthor_behind_a_nul_still_counts),
					  SUITE_TEST(more_coauthors_than_the_limit_are_an_error),
					  SUITE_END};
SUITE_MAIN(tests)
