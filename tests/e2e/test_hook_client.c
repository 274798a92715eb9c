/*
 * headgate-hook under the real git and Mercurial: what it asks about a push, and what becomes of the push.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/pushing.h"
#include "tests/support/suite.h"

#define HOOK        BINARY_DIR "/bin/headgate-hook"
#define WARNED      "headgate: This push would be refused; for now this repository only warns\n"
#define UNSEEN(why) "headgate: not checked: " why "; try again, or ask whoever runs this server\n"

START_TEST(an_allowed_push_lands_and_its_commits_were_asked_about)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	ck_assert_msg(stage_run(&stage, "cd w && git push -q o main") == 0, "%s", stage_said(&stage));
	ck_assert_uint_eq(stage_told(&stage, "main", "Bug 11111 - one"), 1);
	ck_assert_uint_eq(stage_told(&stage, "main", "Bug 22222 - two"), 1);
	ck_assert(stage_run(&stage, "git -C r.git rev-parse -q --verify main") == 0);
	stage_end(&stage);
}
END_TEST

START_TEST(a_denied_push_does_not_land_and_says_why)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("clearance\nNeeds clearance\nAsk \x1b[2Jnobody\n"), "");
	ck_assert(stage_run(&stage, "cd w && git push -q o main") != 0);
	ck_assert_ptr_nonnull(strstr(stage_said(&stage), "headgate: Needs clearance"));
	ck_assert_ptr_nonnull(strstr(stage_said(&stage), "headgate: Ask ?[2Jnobody"));
	ck_assert(stage_run(&stage, "git -C r.git rev-parse -q --verify main") != 0);
	stage_end(&stage);
}
END_TEST

/* A commit that another branch has is new to this one all the same. */
START_TEST(a_commit_of_another_branch_is_asked_about_again)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	ck_assert(stage_run(&stage, "cd w && git push -q o main~1:refs/heads/beta main:refs/heads/try") == 0);
	ck_assert(stage_run(&stage, "cd w && git push -q o main:beta") == 0);
	ck_assert_uint_eq(stage_told(&stage, "beta", "Bug 22222 - two"), 1);
	ck_assert_uint_eq(stage_told(&stage, "beta", "Bug 11111 - one"), 0);
	stage_end(&stage);
}
END_TEST

/* A header of the commit must not change what is judged: converted, "Bug" in UTF-16 would be another text. */
START_TEST(a_message_is_told_as_its_bytes_are)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	ck_assert_msg(stage_run(&stage,
				AS_SOMEBODY "cd w && printf 'Bug 33333 \\344 x\\n' > ../m && "
					    "git -c i18n.commitEncoding=ISO-8859-1 commit -q --allow-empty -F ../m && "
					    "git push -q o main") == 0,
		      "%s", stage_said(&stage));
	ck_assert_uint_eq(stage_told(&stage, "main", "Bug 33333 \344 x"), 1);
	stage_end(&stage);
}
END_TEST

/* With a replacement in the repository git would show another message than the one that lands. */
START_TEST(a_replaced_commit_is_told_as_it_is)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	ck_assert_msg(
		stage_run(&stage, AS_SOMEBODY
			  "cd w && old=$(git rev-parse HEAD) && "
			  "new=$(git commit-tree -p HEAD~1 -m 'No bug' 'HEAD^{tree}') && git replace $old $new && "
			  "git push -q o 'refs/replace/*' && git --no-replace-objects push -q o main") == 0,
		"%s", stage_said(&stage));
	ck_assert_uint_eq(stage_told(&stage, "main", "Bug 22222 - two"), 1);
	ck_assert_uint_eq(stage_told(&stage, "main", "No bug"), 0);
	stage_end(&stage);
}
END_TEST

START_TEST(what_brings_no_branch_is_not_asked_about)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	ck_assert(stage_run(&stage, "cd w && git push -q o main") == 0);
	stage.n = 0;
	stage.answer = ANSWER("deny\n");
	ck_assert(stage_run(&stage, "cd w && git tag v1 && git push -q o v1") == 0);
	ck_assert(stage_run(&stage, "cd w && git push -q o :main -f || true; git -C ../r.git branch -l") == 0);
	ck_assert_uint_eq(stage.n, 0);
	stage_end(&stage);
}
END_TEST

/* Each branch costs processes; the rest is not asked about. */
static const struct {
	const char *updates; /* 257 of them, the number is & */
	int code;
	const char *says;
	size_t told;
} many[] = {
	{"$none $new refs/tags/&", 0, "", 2},
	{"$new $none refs/heads/b&", 0, "", 2},
	{"$none $new refs/heads/b&", 1, "it updates too many branches; push them in parts", 0},
};

START_TEST(what_is_not_asked_about_is_never_too_much)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	ck_assert_int_eq(stage_run(&stage,
				   "git -C w push -q o main:refs/tags/t && cd r.git && new=$(git rev-parse t) && "
				   "none=$(printf %%040d 0) && { seq 257 | sed \"s,.*,%s,\" && "
				   "echo $none $new refs/heads/main; } | hooks/pre-receive",
				   many[_i].updates),
			 many[_i].code);
	ck_assert_msg(strstr(stage_said(&stage), many[_i].says) != NULL, "%s", stage_said(&stage));
	if (many[_i].told > 0)
		ck_assert_uint_eq(stage_told(&stage, "main", ""), many[_i].told);
	stage_end(&stage);
}
END_TEST

static const struct {
	const char *answer, *flags;
	bool lands;
	const char *says;
} failures[] = {
	{NULL, "--wait-ms 200", false, "refused: the server did not answer in time"},
	{NULL, "--wait-ms 200 --on-failure deny", false, "refused: the server did not answer in time"},
	{NULL, "--wait-ms 200 --on-failure allow", true, "let through without a check: the server did not answer"},
	{"HTTP/1.1 500 Oops\r\n\r\nallow\n", "", false, "refused: the server cannot answer"},
	{"HTTP/1.1 500 Oops\r\n\r\n", "--on-failure allow", true, "let through without a check"},
	/* A server that is there and does not take the question is no failure: whoever pushes could bring it about. */
	{"HTTP/1.1 429 Slow down\r\n\r\n", "--on-failure allow", false, "refused: the server does not take this"},
	{"HTTP/1.1 413 Too large\r\n\r\n", "--on-failure allow", false, "refused: the server does not take this"},
	{"HTTP/1.1 400 Bad\r\n\r\nIt updates too much; push it in parts\n", "--on-failure allow", false,
	 "headgate: It updates too much; push it in parts"},
	{ANSWER("maybe\n"), "", false, "refused: the server's answer cannot be read"},
	{ANSWER("allow"), "", false, "refused: the server's answer cannot be read"},
	{"allow\n", "", false, "refused: the server's answer cannot be read"},
	{ANSWER("deny\nNo.\n"), "--on-failure allow", false, "No."},
};

START_TEST(an_answer_that_fails_follows_the_fail_mode_and_says_so)
{
	struct stage stage;
	int left;

	stage_begin(&stage, failures[_i].answer, failures[_i].flags);
	left = stage_run(&stage, "cd w && git push -q o main");
	ck_assert_msg(strstr(stage_said(&stage), failures[_i].says) != NULL, "it says: %s", stage_said(&stage));
	ck_assert_int_eq(left == 0, failures[_i].lands);
	stage_end(&stage);
}
END_TEST

static const struct {
	const char *answer, *flags, *says; /* lines, each with its break */
} warned[] = {
	{ANSWER("deny\nNo.\nNor ever.\n"), "", WARNED},
	{ANSWER("deny\nNo.\n"), "--on-failure allow", WARNED},
	{ANSWER("clearance\nNeeds maintainer clearance\n"), "", WARNED},
	{ANSWER("clearance\nNeeds maintainer clearance\n"), "--table /nowhere", WARNED},
	/* That nobody has looked is said besides: it is no word about a bug. */
	{ANSWER("maybe\n"), "", UNSEEN("the server's answer cannot be read") WARNED},
	{NULL, "--wait-ms 200", UNSEEN("the server did not answer in time") WARNED},
	{"HTTP/1.1 500 Oops\r\n\r\n", "", UNSEEN("the server cannot answer") WARNED},
	{"HTTP/1.1 429 Slow down\r\n\r\n", "--on-failure allow",
	 UNSEEN("the server does not take this question") WARNED},
	{"HTTP/1.1 400 Bad\r\n\r\nIt updates too much\n", "", UNSEEN("the server does not take this question") WARNED},
	{"HTTP/1.1 500 Oops\r\n\r\n", "--table /nowhere",
	 UNSEEN("the server cannot answer, and there is no table") WARNED},
	/* What lands anyway says what it says without --warn. */
	{ANSWER("allow\n"), "", ""},
	{ANSWER("allow\nThat is old.\n"), "", "headgate: That is old.\n"},
	{"HTTP/1.1 500 Oops\r\n\r\n", "--on-failure allow",
	 "headgate: let through without a check: the server cannot answer\n"},
};

/* What the hook said to whoever pushes, without git's "remote: " and the spaces that it ends lines with. */
static void lines_told(const struct stage *stage, char *ret, size_t size)
{
	size_t n = 0;

	ret[0] = '\0';
	for (const char *line = stage_said(stage), *next; *line; line = next) {
		size_t len = strcspn(line, "\n");

		next = line + len + (line[len] == '\n');
		while (len > 0 && line[len - 1] == ' ')
			len--;
		ck_assert_msg(len > 8 && strncmp(line, "remote: ", 8) == 0, "it says: %s", line);
		n += (size_t)snprintf(ret + n, size - n, "%.*s\n", (int)(len - 8), line + 8);
		ck_assert_uint_lt(n, size);
	}
}

START_TEST(in_warn_mode_one_line_is_all_that_is_said_of_what_would_be_refused)
{
	struct stage stage;
	char flags[80], told[4000];

	snprintf(flags, sizeof flags, "--warn %s", warned[_i].flags);
	stage_begin(&stage, warned[_i].answer, flags);
	ck_assert_msg(stage_run(&stage, "cd w && git push -q o main") == 0, "%s", stage_said(&stage));
	lines_told(&stage, told, sizeof told);
	ck_assert_str_eq(told, warned[_i].says);
	stage_end(&stage);
}
END_TEST

START_TEST(in_warn_mode_a_push_that_cannot_be_looked_at_is_let_through_and_said)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	ck_assert_int_eq(stage_run(&stage, "cd r.git && echo broken | " HOOK " pre-receive --repository r --warn"), 0);
	ck_assert_ptr_nonnull(strstr(stage_said(&stage), "headgate: not checked: the push cannot be looked at"));
	ck_assert_ptr_nonnull(strstr(stage_said(&stage), "\n" WARNED));
	ck_assert_int_eq(stage_run(&stage, "cd r.git && echo broken | " HOOK " pre-receive --repository r"), 1);
	ck_assert_ptr_nonnull(strstr(stage_said(&stage), "refused: the push cannot be looked at"));
	stage_end(&stage);
}
END_TEST

START_TEST(without_a_server_a_push_waits_for_nobody_and_is_refused)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	unlink(stage.socket);
	ck_assert(stage_run(&stage, "cd w && git push -q o main") != 0);
	ck_assert_ptr_nonnull(strstr(stage_said(&stage), "refused: the server cannot be reached"));
	stage_end(&stage);
}
END_TEST

/* ---- both hooks of git, both of Mercurial, by path and over HTTP ---- */

static const char *const git_hooks[] = {"pre-receive", "update"};

START_TEST(each_hook_of_git_holds_a_push_back_and_lets_it_through)
{
	const bool quarantined = _i == 0; /* git moves the objects before it asks the update hook */
	struct stage stage;

	stage_begin(&stage, ANSWER("deny\nNo.\n"), "");
	ck_assert_msg(
		stage_run(&stage,
			  "printf '#!/bin/sh\\necho quarantine=${GIT_QUARANTINE_PATH:+yes}\\nexec %s %s --repository "
			  "acme/app --socket %s \"$@\"\\n' > hook && rm r.git/hooks/pre-receive && chmod +x hook && "
			  "mv hook r.git/hooks/%s",
			  HOOK, git_hooks[_i], stage.socket, git_hooks[_i]) == 0,
		"%s", stage_said(&stage));
	ck_assert(stage_run(&stage, "git -C w push -q o main") != 0);
	ck_assert_msg(strstr(stage_said(&stage), "No.") != NULL, "%s", stage_said(&stage));
	ck_assert((strstr(stage_said(&stage), "quarantine=yes") != NULL) == quarantined);
	ck_assert_uint_eq(stage_told(&stage, "main", "Bug 11111 - one"), 1);
	ck_assert_uint_eq(stage_told(&stage, "main", "Bug 22222 - two"), 1);
	ck_assert(stage_run(&stage, "git -C r.git rev-parse -q --verify main") != 0);
	if (quarantined)
		ck_assert(stage_run(&stage, "git -C r.git cat-file -e $(git -C w rev-parse main)") != 0);
	stage.answer = ANSWER("allow\n");
	ck_assert_msg(stage_run(&stage, "git -C w push -q o main && git -C r.git rev-parse -q --verify main") == 0,
		      "%s", stage_said(&stage));
	stage_end(&stage);
}
END_TEST

static const struct way {
	const char *hook;
	bool http;
} ways[] = {{"pretxnchangegroup", false}, {"pretxnchangegroup", true}, {"pretxnclose", false}, {"pretxnclose", true}};

static int hg_push(const struct stage *stage, bool http)
{
	if (!http)
		return stage_run(stage, "hg -R c push h");
	return stage_run(stage, "hg serve -R h -a 127.0.0.1 -p 0 -d --pid-file pid > port && "
				"url=$(grep -o 'http://[^ ]*' port | head -1); test -n \"$url\" && "
				"{ hg -R c push $url; code=$?; kill $(cat pid); exit $code; }");
}

START_TEST(each_way_of_a_mercurial_push_is_held_back_and_let_through)
{
	const struct way *way = &ways[_i];
	struct stage stage;

	stage_begin_hg(&stage, ANSWER("deny\nNo.\n"), way->hook);
	ck_assert_msg(hg_push(&stage, way->http) == 255, "%s", stage_said(&stage));
	ck_assert_msg(strstr(stage_said(&stage), "rollback completed") != NULL, "%s", stage_said(&stage));
	ck_assert_uint_eq(stage_told(&stage, "default", "Bug 44444 - three"), 1);
	ck_assert_uint_eq(stage_told(&stage, "default", "Bug 55555 - four"), 1);
	ck_assert(stage_run(&stage, "test -z \"$(hg -R h log)\"") == 0);
	stage.answer = ANSWER("allow\n");
	ck_assert_msg(hg_push(&stage, way->http) == 0, "%s", stage_said(&stage));
	ck_assert(stage_run(&stage, "test $(hg -R h log -T x) = xx") == 0);
	stage_end(&stage);
}
END_TEST

static const char *const hg_hooks[] = {"pretxnchangegroup", "pretxnclose"};

START_TEST(pulls_and_local_commits_are_not_asked_about)
{
	struct stage stage;

	stage_begin_hg(&stage, ANSWER("deny\nNo.\n"), hg_hooks[_i]);
	ck_assert_msg(stage_run(&stage,
				"cd h && hg pull -q ../c && hg update -q && echo z > f && hg commit -q -u a -m z") == 0,
		      "%s", stage_said(&stage));
	ck_assert_uint_eq(stage.n, 0);
	ck_assert(stage_run(&stage, "grep -q source=pull sources") == 0);
	stage_end(&stage);
}
END_TEST

START_TEST(phases_and_bookmarks_alone_are_not_asked_about)
{
	struct stage stage;

	stage_begin_hg(&stage, ANSWER("allow\n"), hg_hooks[_i]);
	ck_assert_msg(
		stage_run(&stage, "cd c && printf '[phases]\\npublish=false\\n' >> ../h/.hg/hgrc && hg push -q ../h") ==
			0,
		"%s", stage_said(&stage));
	ck_assert_uint_ne(stage.n, 0);
	stage.n = 0;
	stage.answer = ANSWER("deny\nNo.\n");
	ck_assert_msg(stage_run(&stage,
				"cd c && hg bookmark -r tip mark && { hg push -q -B mark ../h || test $? = 1; } && "
				"test \"$(hg -R ../h log -r mark -T '{desc}')\" = 'Bug 55555 - four'") == 0,
		      "%s", stage_said(&stage));
	ck_assert_msg(stage_run(&stage, "cd c && hg phase -p tip && { hg push -q ../h || test $? = 1; } && "
					"test \"$(hg -R ../h log -r tip -T '{phase}')\" = public") == 0,
		      "%s", stage_said(&stage));
	ck_assert_uint_eq(stage.n, 0);
	stage_end(&stage);
}
END_TEST

/* The head that stays is taken out and comes in again. */
START_TEST(what_strip_puts_back_is_not_asked_about)
{
	struct stage stage;

	stage_begin_hg(&stage, ANSWER("deny\nNo.\n"), hg_hooks[_i]);
	ck_assert_msg(stage_run(&stage,
				"cd h && hg pull -q ../c && hg update -q 0 && echo z > f && hg commit -q -u a -m z && "
				"rm ../sources && hg --config extensions.strip= strip -q -r 1 --no-backup") == 0,
		      "%s", stage_said(&stage));
	ck_assert(stage_run(&stage, "grep -q source=strip sources || test %s = pretxnclose", hg_hooks[_i]) == 0);
	ck_assert(stage_run(&stage, "test $(hg -R h log -T x) = xx") == 0);
	ck_assert_uint_eq(stage.n, 0);
	stage_end(&stage);
}
END_TEST

static const char *const wrong[] = {
	"",
	"list",
	"pre-receive",
	"pre-receive --repository",
	"pre-receive --repository ''",
	"pre-receive --repository r --socket relative",
	"pre-receive --repository r --wait-ms 1",
	"pre-receive --repository r --wait-ms 1e3",
	"pre-receive --repository r --on-failure maybe",
	"pre-receive --repository r --enumerate",
	"pre-receive --repository r --table-only",
	"pre-receive --repository r --table relative",
	"pre-receive --repository r --table /t --max-table-age 0",
	"pre-receive --repository r --table /t --max-table-age 9999999999999999999",
};

START_TEST(wrong_use_refuses_the_push_and_shows_the_usage)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	ck_assert_int_eq(stage_run(&stage, HOOK " %s < /dev/null", wrong[_i]), 2);
	ck_assert_ptr_nonnull(strstr(stage_said(&stage), "usage: headgate-hook"));
	stage_end(&stage);
}
END_TEST

static const char *const asks_for_help[] = {"--help", "-h"};

START_TEST(asked_for_help_it_says_so_on_standard_output)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	ck_assert_int_eq(stage_run(&stage, "test \"$(" HOOK " %s 2>/dev/null | grep -c -e '--on-failure')\" = 1",
				   asks_for_help[_i]),
			 0);
	ck_assert_int_eq(stage_run(&stage, HOOK " %s", asks_for_help[_i]), 0);
	stage_end(&stage);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(an_allowed_push_lands_and_its_commits_were_asked_about),
	SUITE_TEST(a_denied_push_does_not_land_and_says_why),
	SUITE_TEST(a_commit_of_another_branch_is_asked_about_again),
	SUITE_TEST(a_message_is_told_as_its_bytes_are),
	SUITE_TEST(a_replaced_commit_is_told_as_it_is),
	SUITE_TEST(what_brings_no_branch_is_not_asked_about),
	SUITE_ROWS(what_is_not_asked_about_is_never_too_much, many),
	SUITE_ROWS(an_answer_that_fails_follows_the_fail_mode_and_says_so, failures),
	SUITE_ROWS(in_warn_mode_one_line_is_all_that_is_said_of_what_would_be_refused, warned),
	SUITE_TEST(in_warn_mode_a_push_that_cannot_be_looked_at_is_let_through_and_said),
	SUITE_TEST(without_a_server_a_push_waits_for_nobody_and_is_refused),
	SUITE_ROWS(each_hook_of_git_holds_a_push_back_and_lets_it_through, git_hooks),
	SUITE_ROWS(each_way_of_a_mercurial_push_is_held_back_and_let_through, ways),
	SUITE_ROWS(pulls_and_local_commits_are_not_asked_about, hg_hooks),
	SUITE_ROWS(phases_and_bookmarks_alone_are_not_asked_about, hg_hooks),
	SUITE_ROWS(what_strip_puts_back_is_not_asked_about, hg_hooks),
	SUITE_ROWS(wrong_use_refuses_the_push_and_shows_the_usage, wrong),
	SUITE_ROWS(asked_for_help_it_says_so_on_standard_output, asks_for_help),
	SUITE_END,
};
SUITE_MAIN(tests)
