/*
 * What the hook's client asks and what it is answered: what was written is read back, and nothing else is.
 */
#include "agent/hook/wire.h"
#include "tests/support/suite.h"

#define NODE "0123456789abcdef0123456789abcdef01234567"

static struct text written(struct hook_out *out)
{
	return (struct text){out->at, out->n};
}

START_TEST(a_question_is_read_as_it_was_written)
{
	const struct text odd = {"a\0b\nbranch 4\nmain\nend\n", 23};
	struct hook_out out;
	struct hook_in in;
	struct text name, message;

	hook_out_begin(&out, TEXT_LIT("repo one"));
	hook_out_branch(&out, TEXT_LIT("main"));
	hook_out_commit(&out, TEXT_LIT(NODE), odd);
	hook_out_commit(&out, TEXT_LIT(NODE), TEXT_EMPTY);
	hook_out_branch(&out, TEXT_LIT("beta"));
	hook_out_end(&out);
	ck_assert(!out.failed && hook_in_begin(&in, written(&out), &name) && text_is(name, "repo one"));
	ck_assert(hook_in_next(&in, &name, &message) == HOOK_BRANCH && text_is(name, "main"));
	ck_assert(hook_in_next(&in, &name, &message) == HOOK_COMMIT && text_is(name, NODE) && text_eq(message, odd));
	ck_assert(hook_in_next(&in, &name, &message) == HOOK_COMMIT && message.len == 0);
	ck_assert(hook_in_next(&in, &name, &message) == HOOK_BRANCH && text_is(name, "beta"));
	ck_assert(hook_in_next(&in, &name, &message) == HOOK_END);
	ck_assert(hook_in_next(&in, &name, &message) == HOOK_BROKEN);
	hook_out_free(&out);
}
END_TEST

#define START "headgate-hook 1\nrepository 1\nr\n"

static const struct {
	const char *body, *why;
} broken[] = {
	{"", "it does not begin as a question of version 1"},
	{"headgate-hook 2\nrepository 1\nr\nend\n", "it does not begin as a question of version 1"},
	{"headgate-hook 1\nend\n", "it names no repository"},
	{"headgate-hook 1\nrepository 0\n\nend\n", "a name is empty, or holds a control byte"},
	{"headgate-hook 1\nrepository 2\nr\x1b\nend\n", "a name is empty, or holds a control byte"},
	{"headgate-hook 1\nrepository x\nr\nend\n", "a length is missing"},
	{"headgate-hook 1\nrepository 01\nr\nend\n", "a length is missing"},
	{"headgate-hook 1\nrepository +1\nr\nend\n", "a length is missing"},
	{"headgate-hook 1\nrepository -1\nr\nend\n", "a length is missing"},
	{"headgate-hook 1\nrepository 18446744073709551617\nr\nend\n", "a length is missing"},
	{"headgate-hook 1\nrepository 256\nr\nend\n", "a field is longer than allowed"},
	{"headgate-hook 1\nrepository 1", "a length is missing"},
	{"headgate-hook 1\nrepository 1\n", "it ends within a field"},
	{"headgate-hook 1\nrepository 1\nr", "it ends within a field"},
	{"headgate-hook 1\nrepository 1\nrr\nend\n", "it ends within a field"},
	{START, "it has no end, or an unknown part"},
	{START "list\n", "it has no end, or an unknown part"},
	{START "END\n", "it has no end, or an unknown part"},
	{START "end", "it has no end, or an unknown part"},
	{START "end\nend\n", "something follows its end"},
	{START "branch 4\nmai\nend\n", "it ends within a field"},
	{START "branch 0\n\nend\n", "a name is empty, or holds a control byte"},
	{START "commit 1\na\nend\n", "a commit is not named by 40 or 64 hexadecimal digits"},
	{START "commit " NODE "0 1\na\nend\n", "a commit is not named by 40 or 64 hexadecimal digits"},
	{START "commit 0123456789ABCDEF0123456789abcdef01234567 1\na\nend\n",
	 "a commit is not named by 40 or 64 hexadecimal digits"},
	{START "commit " NODE "\n", "a commit is not named by 40 or 64 hexadecimal digits"},
	{START "commit " NODE " 99999999\na\nend\n", "a field is longer than allowed"},
	{START "commit " NODE " 5\na\nend\n", "it has no end, or an unknown part"},
	{START "commit " NODE " 1\na", "it ends within a field"},
};

START_TEST(a_broken_question_says_what_is_wrong_and_gives_no_part)
{
	struct hook_in in;
	struct text name, message;
	bool begun = hook_in_begin(&in, text_of(broken[_i].body), &name);
	enum hook_part part = HOOK_BRANCH;

	while (begun && part != HOOK_END && part != HOOK_BROKEN)
		part = hook_in_next(&in, &name, &message);
	ck_assert_msg(!begun || part == HOOK_BROKEN, "it was read");
	ck_assert_str_eq(in.why, broken[_i].why);
	ck_assert(!begun || hook_in_next(&in, &name, &message) == HOOK_BROKEN);
}
END_TEST

START_TEST(a_question_cut_anywhere_is_broken)
{
	const char whole[] = START "branch 4\nmain\ncommit " NODE " 12\nBug 12345 - x\nend\n";

	for (size_t n = 0; n < sizeof whole - 1; n++) {
		struct hook_in in;
		struct text name, message;
		enum hook_part part = HOOK_BRANCH;

		if (!hook_in_begin(&in, (struct text){whole, n}, &name))
			continue;
		while (part != HOOK_END && part != HOOK_BROKEN)
			part = hook_in_next(&in, &name, &message);
		ck_assert_msg(part == HOOK_BROKEN, "read when cut after %zu bytes", n);
	}
}
END_TEST

START_TEST(more_than_the_limit_is_not_written)
{
	const size_t n = HOOK_BODY_MAX / 2;
	char *half = calloc(n, 1);
	struct hook_out out;

	ck_assert_ptr_nonnull(half);
	hook_out_begin(&out, TEXT_LIT("r"));
	hook_out_commit(&out, TEXT_LIT(NODE), (struct text){half, n});
	ck_assert(!out.failed);
	hook_out_commit(&out, TEXT_LIT(NODE), (struct text){half, n});
	ck_assert(out.failed && out.n <= HOOK_BODY_MAX);
	hook_out_end(&out);
	ck_assert(out.failed);
	hook_out_free(&out);
	free(half);
}
END_TEST

static const struct {
	const char *answer;
	enum hook_word word;
	const char *lines;
} answers[] = {
	{"allow\n", HOOK_ALLOW, ""},
	{"allow\nby the way\n", HOOK_ALLOW, "by the way\n"},
	{"deny\none\ntwo\n", HOOK_DENY, "one\ntwo\n"},
	{"clearance\n", HOOK_CLEARANCE, ""},
	{"", HOOK_NO_ANSWER, ""},
	{"\n", HOOK_NO_ANSWER, ""},
	{"allow", HOOK_NO_ANSWER, ""},
	{"allowed\n", HOOK_NO_ANSWER, ""},
	{"allo\n", HOOK_NO_ANSWER, ""},
	{"ALLOW\n", HOOK_NO_ANSWER, ""},
	{" allow\n", HOOK_NO_ANSWER, ""},
	{"allow\r\n", HOOK_NO_ANSWER, ""},
};

START_TEST(an_answer_is_one_of_the_words_or_none)
{
	struct text lines = TEXT_EMPTY;

	ck_assert_int_eq(hook_answer_read(text_of(answers[_i].answer), &lines), answers[_i].word);
	ck_assert(text_is(lines, answers[_i].lines));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_question_is_read_as_it_was_written),
	SUITE_ROWS(a_broken_question_says_what_is_wrong_and_gives_no_part, broken),
	SUITE_TEST(a_question_cut_anywhere_is_broken),
	SUITE_TEST(more_than_the_limit_is_not_written),
	SUITE_ROWS(an_answer_is_one_of_the_words_or_none, answers),
	SUITE_END,
};
SUITE_MAIN(tests)
