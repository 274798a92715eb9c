#include "agent/cli/commands.h"

#include <unistd.h>

#include "agent/base/config.h"
#include "tests/support/suite.h"
#include "webhooks/jread.h"

static const char two_reviews[] = SOURCE_DIR "/tests/data/replay/two_reviews.json";

struct said {
	int code;
	char out[16384], err[4096];
};

static void say(const char *const *words, struct said *said)
{
	char line[2048], *argv[12], *end = line;
	struct console console = {0};
	int argc = 0;

	*said = (struct said){0};
	for (; words[argc]; argc++) {
		size_t n = strlen(words[argc]) + 1;

		ck_assert(argc < 11 && n < sizeof line - (size_t)(end - line));
		argv[argc] = memcpy(end, words[argc], n);
		end += n;
	}
	argv[argc] = NULL;
	console.in = fopen("/dev/null", "r");
	console.out = fmemopen(said->out, sizeof said->out, "w");
	console.err = fmemopen(said->err, sizeof said->err, "w");
	said->code = command_main(command_table(), argc, argv, &console);
	(void)fclose(console.in);
	(void)fclose(console.out);
	(void)fclose(console.err);
}

static struct text facts_with(const char *find, const char *put, struct arena *arena)
{
	struct err err = ERR_NONE;
	struct text all, needle = text_of(find);
	size_t at;

	ck_assert(config_file(two_reviews, arena, &all, &err));
	if (needle.len == 0)
		return all;
	at = text_find(all, needle);
	ck_assert_msg(at != SIZE_MAX, "%s", find);
	return arena_printf(arena, "%.*s%s%s", (int)at, all.at, put, all.at + at + needle.len);
}

static void write_file(char name[32], struct text bytes)
{
	int fd;

	(void)snprintf(name, 32, "/tmp/headgate-replay-XXXXXX");
	fd = mkstemp(name);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
	(void)close(fd);
}

static const struct {
	const char *says, *policy, *find, *put;
	int code;
	const char *out, *err;
} evals[] = {
	{"two fresh reviews", NULL, "", "", 0, "allowed: 2 fresh reviews", ""},
	{"an empty policy is the built-in one", "", "", "", 0, "allowed: 2 fresh reviews", ""},
	{"one person twice", NULL, "\"id\": 3, \"login\": \"eve\", \"type\"", "\"id\": 2, \"login\": \"bob\", \"type\"",
	 8, "waiting: Needs 1 more review", ""},
	{"a review of another commit", NULL, "\"bound_sha\": \"4f2c9e1d5a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d\"",
	 "\"bound_sha\": \"9999999999999999999999999999999999999999\"", 8, "does not count: ", ""},
	{"a draft", NULL, "\"draft\": false", "\"draft\": true", 1, "blocked: ", ""},
	{"reviews unknown", NULL, "\"state\": \"open\"", "\"state\": null", 8, "waiting: ", ""},
	{"an invalid policy", "polcy: {}\n", "", "", 1,
	 "cannot_decide: ", ":1:1: unknown key `polcy`; did you mean `policy`?"},
	{"an unknown key", NULL, "\"draft\"", "\"drafty\"", 2, "", "changes.0.drafty: unknown key"},
	{"no JSON", NULL, "{\"version\": 1,", "{\"version\": 1", 2, "", "headgate policy eval: "},
	{"another version", NULL, "\"version\": 1", "\"version\": 2", 2, "", "version: must be 1"},
};

START_TEST(eval_exits_by_the_verdict)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	char facts[32], policy[32] = "builtin";
	const char *words[] = {"headgate", "policy", "eval", "--policy", policy, "--facts", facts, NULL};
	struct said said;

	write_file(facts, facts_with(evals[_i].find, evals[_i].put, &arena));
	if (evals[_i].policy)
		write_file(policy, text_of(evals[_i].policy));
	say(words, &said);
	(void)unlink(facts);
	if (evals[_i].policy)
		(void)unlink(policy);
	ck_assert_msg(said.code == evals[_i].code, "%s: %d: %s%s", evals[_i].says, said.code, said.out, said.err);
	ck_assert_msg(strstr(said.out, evals[_i].out), "%s: %s", evals[_i].says, said.out);
	ck_assert_msg(strstr(said.err, evals[_i].err), "%s: %s", evals[_i].says, said.err);
}
END_TEST

START_TEST(eval_answers_in_json)
{
	const char *const words[] = {"headgate", "policy",  "eval",      "--json", "--policy",
				     "builtin",  "--facts", two_reviews, NULL};
	struct err err = ERR_NONE;
	struct said said;
	struct jdoc *doc;

	say(words, &said);
	doc = jdoc_parse(text_of(said.out), &err);
	ck_assert_msg(doc, "%s", err.text);
	ck_assert(text_is(jtext(jdoc_root(doc), "verdict"), "allowed"));
	ck_assert(text_is(jtext(jdoc_root(doc), "state"), "success"));
	ck_assert_uint_eq(jlen(jget(jdoc_root(doc), "rules")), 1);
	jdoc_free(doc);
}
END_TEST

static const char *const bad_lines[][8] = {
	{"headgate", "policy", "eval", NULL},
	{"headgate", "policy", "eval", "--policy", "builtin", NULL},
	{"headgate", "policy", "eval", "--policy", "/nonexistent", "--facts", two_reviews, NULL},
	{"headgate", "policy", "eval", "--policy", "builtin", "--facts", "/nonexistent", NULL},
	{"headgate", "policy", "check", "/nonexistent", NULL},
	{"headgate", "policy", "check", "--default-approvals", "0", NULL},
	{"headgate", "policy", "check", "--default-approvals", "two", NULL},
};

START_TEST(what_cannot_be_read_is_a_usage_error)
{
	struct said said;

	say(bad_lines[_i], &said);
	ck_assert_int_eq(said.code, 2);
	ck_assert_str_eq(said.out, "");
	ck_assert_str_ne(said.err, "");
}
END_TEST

static const struct {
	const char *policy;
	int code;
	const char *out, *err;
} checks[] = {
	{"", 0, "not a draft", ""},
	{"", 0, "no changes requested", ""},
	{"", 0, "ok: ", ""},
	{"policy: {approval: [r]}\napproval_rules:\n"
	 "- {name: r, requires: {count: 1, permissions: [write]}, options: {allow_unknown_pushers: true}}\n",
	 0, "(allow_unknown_pushers)", ""},
	{"polcy: {}\n", 1, "", ":1:1: unknown key `polcy`"},
	{"policy: *a\n", 1, "", ":1:"},
	{"policy:\n\tx: 1\n", 1, "", ":2:"},
};

START_TEST(check_says_what_is_wrong_or_what_applies)
{
	char policy[32];
	const char *words[] = {"headgate", "policy", "check", policy, NULL};
	struct said said;

	write_file(policy, text_of(checks[_i].policy));
	say(words, &said);
	(void)unlink(policy);
	ck_assert_msg(said.code == checks[_i].code, "%d: %s%s", said.code, said.out, said.err);
	ck_assert_msg(strstr(said.out, checks[_i].out), "%s", said.out);
	ck_assert_msg(strstr(said.err, checks[_i].err), "%s", said.err);
}
END_TEST

/* ---- explain ---- */

static const struct {
	const char *says, *verdict, *state, *text;
	bool facts_as_string;
	int code;
	const char *out;
} stored[] = {
	{"the same", "allowed", "success", "2 fresh reviews; ready to merge", false, 0, "judged again: the same"},
	{"the same, facts in a string", "allowed", "success", "2 fresh reviews; ready to merge", true, 0, "the same"},
	{"another verdict", "waiting", "pending", "Needs 1 more review", false, 1, "judged again: another result"},
	{"an edited text", "allowed", "success", "2 fresh reviews", false, 1, "judged again: another result"},
	{"a missing text", "allowed", "success", NULL, false, 2, ""},
};

static struct text stored_document(size_t row, struct arena *arena)
{
	struct text facts = facts_with("", "", arena), head;
	struct jwrite *w = jwrite_new();

	jwrite_object(w, NULL);
	jwrite_text(w, "verdict", text_of(stored[row].verdict));
	jwrite_text(w, "state", text_of(stored[row].state));
	if (stored[row].text)
		jwrite_text(w, "text", text_of(stored[row].text));
	jwrite_text(w, "policy", TEXT_EMPTY);
	if (stored[row].facts_as_string)
		jwrite_text(w, "facts", facts);
	jwrite_end(w);
	head = arena_text(arena, jwrite_text_of(w));
	jwrite_free(w);
	if (stored[row].facts_as_string)
		return head;
	return arena_printf(arena, "%.*s,\"facts\":%.*s}", (int)(head.len - 1), head.at, TEXT_ARG(facts));
}

START_TEST(explain_judges_again_and_compares)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	char document[32];
	const char *words[] = {"headgate", "explain", document, NULL};
	struct said said;

	write_file(document, stored_document((size_t)_i, &arena));
	say(words, &said);
	(void)unlink(document);
	ck_assert_msg(said.code == stored[_i].code, "%s: %d: %s%s", stored[_i].says, said.code, said.out, said.err);
	ck_assert_msg(strstr(said.out, stored[_i].out), "%s: %s", stored[_i].says, said.out);
}
END_TEST

/* The policy of another repository governed it: that is among what a stored verdict was made from. */
START_TEST(explain_says_whose_policy_it_was)
{
	static const char whose[] = "acme/policies:default.yml of 1234567";
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text facts = facts_with("\"number\": 12,",
				       "\"number\": 12, \"policy_from\": \"acme/policies:default.yml of "
				       "1234567\",",
				       &arena);
	char document[32];
	const char *words[] = {"headgate", "explain", document, NULL};
	struct said said;

	write_file(document,
		   arena_printf(&arena,
				"{\"verdict\":\"allowed\",\"state\":\"success\",\"text\":\"2 fresh reviews; ready to "
				"merge\",\"policy\":\"\",\"facts\":%.*s}",
				TEXT_ARG(facts)));
	say(words, &said);
	(void)unlink(document);
	ck_assert_msg(said.code == 0, "%d: %s%s", said.code, said.out, said.err);
	ck_assert_msg(strstr(said.out, arena_printf(&arena, "\n      By %s.\n", whose).at), "%s", said.out);
	write_file(document, stored_document(0, &arena));
	say(words, &said);
	(void)unlink(document);
	ck_assert_msg(!strstr(said.out, "By "), "%s", said.out);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(eval_exits_by_the_verdict, evals),
	SUITE_TEST(eval_answers_in_json),
	SUITE_ROWS(what_cannot_be_read_is_a_usage_error, bad_lines),
	SUITE_ROWS(check_says_what_is_wrong_or_what_applies, checks),
	SUITE_ROWS(explain_judges_again_and_compares, stored),
	SUITE_TEST(explain_says_whose_policy_it_was),
	SUITE_END,
};
SUITE_MAIN(tests)
