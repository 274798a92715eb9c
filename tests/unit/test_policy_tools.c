/* The commands around a policy file, as they are typed. */
#include "agent/cli/commands.h"

#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/config.h"
#include "agent/store/pack.h"
#include "agent/store/tables.h"
#include "tests/support/suite.h"
#include "webhooks/jread.h"

struct said {
	int code;
	char out[65536], err[8192];
};

/* A folder of this test's own, and gone with it. */
static char folder[64];

static void begin(void)
{
	(void)snprintf(folder, sizeof folder, "/tmp/headgate-tools-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static const char *put(const char *name, const char *bytes)
{
	static char path[8][128];
	static unsigned next;
	char *at = path[next++ % 8];
	FILE *out;

	(void)snprintf(at, 128, "%s/%s", folder, name);
	out = fopen(at, "w");
	ck_assert_ptr_nonnull(out);
	(void)fputs(bytes, out);
	(void)fclose(out);
	return at;
}

static void end(void)
{
	static const char *const names[] = {"p.yml",       "p.test.yml",      "q.test.yml",
					    "headgate.db", "headgate.db-wal", "headgate.db-shm"};
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

/* The words after `headgate policy`, NULL last. */
static void say(struct said *said, ...)
{
	char words[24][256] = {"headgate", "policy"}, *argv[24] = {words[0], words[1]};
	struct console console = {0};
	const char *word;
	int argc = 2;
	va_list args;

	*said = (struct said){0};
	va_start(args, said);
	while ((word = va_arg(args, const char *))) {
		ck_assert(argc < 23 && strlen(word) < sizeof words[0]);
		(void)snprintf(words[argc], sizeof words[0], "%s", word);
		argv[argc] = words[argc];
		argc++;
	}
	va_end(args);
	argv[argc] = NULL;
	console.in = fopen("/dev/null", "r");
	console.out = fmemopen(said->out, sizeof said->out, "w");
	console.err = fmemopen(said->err, sizeof said->err, "w");
	said->code = command_main(command_table(), argc, argv, &console);
	(void)fclose(console.in);
	(void)fclose(console.out);
	(void)fclose(console.err);
}

static void expect(const struct said *said, int code, const char *out, const char *err)
{
	ck_assert_msg(said->code == code, "%d: %s%s", said->code, said->out, said->err);
	ck_assert_msg(strstr(said->out, out), "no `%s` in: %s", out, said->out);
	ck_assert_msg(strstr(said->err, err), "no `%s` in: %s", err, said->err);
}

#define POLICY                                                                                                         \
	"policy: {approval: [one review, labelled]}\n"                                                                 \
	"approval_rules:\n"                                                                                            \
	"- {name: one review, requires: {count: 1, permissions: [write]}}\n"                                           \
	"- {name: labelled, if: {targets_branch: {pattern: '^beta$'}}, requires: {count: 1, permissions: [admin]}}\n"
#define CASES                                                                                                          \
	"policy: p.yml\n"                                                                                              \
	"facts: {people: {alice: write, bob: write}, author: alice}\n"                                                 \
	"cases:\n"                                                                                                     \
	"- {name: one is enough, then: [approve: bob], expect: allowed}\n"

/* ---- policy test ---- */

START_TEST(cases_that_hold_are_counted)
{
	struct said said;

	begin();
	(void)put("p.yml", POLICY);
	say(&said, "test", put("p.test.yml", CASES), NULL);
	expect(&said, 0, "1 case, 0 failed\n", "");
	ck_assert_str_eq(said.err, "");
	end();
}
END_TEST

START_TEST(a_case_that_fails_is_shown_with_its_tree)
{
	struct said said;

	begin();
	(void)put("p.yml", POLICY);
	say(&said, "test", put("p.test.yml", CASES "- {name: nobody, then: [push: two], expect: allowed}\n"), NULL);
	expect(&said, 1, "p.test.yml:5:3: nobody: expected allowed, got waiting\n    Needs 1 review of two (0/1)\n",
	       "");
	ck_assert_ptr_nonnull(strstr(said.out, "x one review: unmet; next: 1 review of two (0/1)"));
	ck_assert_ptr_nonnull(strstr(said.out, "2 cases, 1 failed\n"));
	end();
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_a_wrong_line_whatever_the_others_say)
{
	struct said said;
	const char *good, *bad;

	begin();
	(void)put("p.yml", POLICY);
	good = put("p.test.yml", CASES);
	bad = put("q.test.yml", "policy: p.yml\ncases:\n- {name: a, expect: waiting, drft: true}\n");
	say(&said, "test", good, bad, NULL);
	expect(&said, 2, "1 case, 0 failed\n", "q.test.yml:3:30: unknown key `drft`; did you mean `draft`?");
	say(&said, "test", "/nonexistent/x.test.yml", NULL);
	expect(&said, 2, "0 cases", "/nonexistent/x.test.yml: No such file");
	say(&said, "test", put("q.test.yml", "policy: none.yml\ncases:\n- {name: a, expect: waiting}\n"), NULL);
	expect(&said, 2, "0 cases", "none.yml: No such file");
	end();
}
END_TEST

START_TEST(an_invalid_policy_fails_every_case_and_is_named)
{
	struct said said;

	begin();
	(void)put("p.yml", "polcy: {}\n");
	say(&said, "test", put("p.test.yml", CASES), NULL);
	expect(&said, 1, "expected allowed, got cannot_decide",
	       "p.yml:1:1: unknown key `polcy`; did you mean `policy`?");
	end();
}
END_TEST

START_TEST(rules_that_no_case_sees_both_ways_are_named_on_request)
{
	struct said said;
	const char *file;

	begin();
	(void)put("p.yml", POLICY);
	file = put("p.test.yml", CASES);
	say(&said, "test", file, NULL);
	ck_assert_str_eq(said.err, "");
	say(&said, "test", "--cover", file, NULL);
	expect(&said, 0, "", "p.yml:3:3: warning: no case sees rule `one review` unmet\n");
	expect(&said, 0, "", "p.yml:4:3: warning: no case sees rule `labelled` met, and none unmet\n");
	end();
}
END_TEST

START_TEST(cases_are_told_as_json)
{
	struct said said;
	struct err err = ERR_NONE;
	struct jdoc *doc;
	jval root, one;

	begin();
	(void)put("p.yml", POLICY);
	say(&said, "test", "--json", put("p.test.yml", CASES "- {name: none, expect: allowed}\n"), NULL);
	ck_assert_int_eq(said.code, 1);
	doc = jdoc_parse(text_of(said.out), &err);
	ck_assert_msg(doc, "%s: %s", err.text, said.out);
	root = jdoc_root(doc);
	ck_assert_int_eq(jint(root, "n", 0), 2);
	ck_assert_int_eq(jint(root, "failed", 0), 1);
	one = jat(jget(jat(jget(root, "files"), 0), "cases"), 1);
	ck_assert(text_is(jtext(one, "got"), "waiting") && text_is(jtext(one, "expected"), "allowed"));
	ck_assert(text_is(jtext(jat(jget(one, "rules"), 0), "name"), "#1"));
	jdoc_free(doc);
	end();
}
END_TEST

START_TEST(the_words_of_a_test_file_are_listed)
{
	struct said said;

	say(&said, "test", "--words", NULL);
	expect(&said, 0, "cases[].expect: allowed|waiting|blocked|revoked|cannot_decide\n", "");
	expect(&said, 0, "facts.history[].approve: ", "");
}
END_TEST

/* ---- policy check ---- */

START_TEST(a_check_tells_of_everything_that_is_wrong)
{
	struct said said;
	const char *file;

	begin();
	file = put("p.yml", "policy: {aproval: [a], approval: [b, c]}\n"
			    "approval_rules:\n- {name: b, requires: {count: 1}}\n");
	say(&said, "check", file, NULL);
	expect(&said, 1, "", "p.yml:1:10: unknown key `aproval`; did you mean `approval`?\n");
	expect(&said, 1, "", "p.yml:1:38: no rule is named `c`\n");
	expect(&said, 1, "", "p.yml:3:23: rule `b` can never be met");
	ck_assert_str_eq(said.out, "");
	say(&said, "check", "--json", file, NULL);
	expect(&said, 1, "{\"line\":1,\"column\":38,\"text\":\"no rule is named `c`\"}", "");
	ck_assert_str_eq(said.err, "");
	end();
}
END_TEST

START_TEST(a_check_of_several_files_is_as_bad_as_the_worst)
{
	struct said said;
	const char *good, *bad;

	begin();
	good = put("p.yml", POLICY);
	bad = put("q.test.yml", "polcy: {}\n");
	say(&said, "check", good, good, NULL);
	expect(&said, 0, "p.yml: ok: 7 rules", "");
	say(&said, "check", bad, good, NULL);
	expect(&said, 1, "p.yml: ok: 7 rules", "q.test.yml:1:1: unknown key");
	say(&said, "check", bad, "/nonexistent/p.yml", NULL);
	expect(&said, 2, "", "/nonexistent/p.yml: No such file");
	end();
}
END_TEST

START_TEST(a_warning_fails_a_strict_check)
{
	struct said said;
	const char *file;

	begin();
	file = put("p.yml",
		   "policy: {approval: [a]}\napproval_rules:\n"
		   "- {name: a, if: {targets_branch: {pattern: '^x$'}}, requires: {count: 1, permissions: [write]}}\n");
	say(&said, "check", file, NULL);
	expect(&said, 0, "ok: ", "warning: every rule here can be skipped");
	say(&said, "check", "--strict", file, NULL);
	expect(&said, 1, "ok: ", "warning: ");
	say(&said, "check", "--json", file, NULL);
	expect(&said, 0, "\"lints\":[{\"line\":1,", "");
	end();
}
END_TEST

/* ---- policy show ---- */

START_TEST(a_policy_is_shown_with_the_place_of_each_part)
{
	struct said said;
	const char *file;

	begin();
	file = put("p.yml", "approval_defaults: {options: {per_base: true, allow_author: true}}\n"
			    "policy: {approval: [a], guards: {off: [draft]}}\napproval_rules:\n"
			    "- {name: a, mode: warn, description: why, if: {targets_branch: {pattern: '^x$'}},\n"
			    "   options: {allow_author: false}, requires: {count: 1, users: ['id:7', '8']}}\n");
	say(&said, "show", file, NULL);
	expect(&said, 0, "- a  (line 4)\n      why\n      mode: warn\n", "");
	expect(&said, 0, "if: {targets_branch: {pattern: '^x$'}}  (line 4)\n", "");
	expect(&said, 0, "requires: {count: 1, users: ['id:7', '8']}  (line 5)\n", "");
	expect(&said, 0, "allow_author: false  (line 5)\n", "");
	expect(&said, 0, "per_base: true  (approval_defaults, line 1)\n", "");
	expect(&said, 0, "left out: invalidate_on_push: true", "");
	expect(&said, 0, "- guarded files\n  guards: {off: [draft]}  (line 2)\n", "");
	ck_assert_ptr_null(strstr(said.out, "not a draft"));
	say(&said, "show", "--json", file, NULL);
	expect(&said, 0, "\"requires\":{\"count\":1,\"users\":[\"id:7\",\"8\"]}", "");
	expect(&said, 0, "\"allow_contributor\":{\"value\":false,\"from\":\"built in\"}", "");
	expect(&said, 0, "p.yml:1:41\"}", "");
	end();
}
END_TEST

START_TEST(a_policy_that_is_not_in_force_is_not_shown)
{
	struct said said;

	begin();
	say(&said, "show", put("p.yml", "polcy: {}\n"), NULL);
	expect(&said, 1, "", "p.yml:1:1: unknown key `polcy`");
	ck_assert_str_eq(said.out, "");
	say(&said, "show", "/nonexistent/p.yml", NULL);
	expect(&said, 2, "", "/nonexistent/p.yml: No such file");
	say(&said, "show", "builtin", "--default-approvals", "3", NULL);
	expect(&said, 0, "policy: built-in\n", "");
	expect(&said, 0, "requires: {count: 3, permissions: [write]}", "");
	say(&said, "show", put("p.yml", ""), NULL);
	expect(&said, 0, "policy: built-in\n", "");
	end();
}
END_TEST

/* ---- policy simulate ---- */

#define FACTS SOURCE_DIR "/tests/data/replay/two_reviews.json"

static const struct {
	const char *says, *words[3];
	int code;
	const char *out, *err;
} simulated[] = {
	{"nothing", {NULL}, 0, "no rule is met otherwise than before\n", ""},
	{"a review is dismissed", {"--review", "eve:dismiss"}, 8, "fresh reviews: met -> unmet; next: 1 more", ""},
	{"the head moves", {"--head", "new"}, 8, "Needs 2 reviews of new (0/2); 2 became stale\n", ""},
	{"the head moves to a name", {"--head=1234567890123456789012345678901234567890"}, 8, "reviews of 1234567 ", ""},
	{"who reviewed pushes", {"push: {by: bob}"}, 8, "(0/2); 1 became stale", ""},
	{"somebody objects", {"--review=bob:request_changes"}, 1, "changes requested by bob\n", ""},
	{"a draft", {"draft: true"}, 1, "not a draft: met -> unmet; next: draft\n", ""},
	{"guarded files", {"files: [bors.toml]"}, 8, "guarded files: skipped -> unmet; next: 1 review of", ""},
	{"a reviewer loses write access", {"--person", "bob=read"}, 8, "(1/2)", ""},
	{"as JSON", {"--json", "draft: true"}, 1, "\"differs\":[{\"rule\":\"not a draft\",\"before\":\"met\"", ""},
	{"an unknown person", {"--review", "bobb:approve"}, 2, "", "--review bobb:approve: unknown person `bobb`; did"},
	{"an unknown commit", {"--review", "bob@x:approve"}, 2, "", "unknown commit `x`"},
	{"no review", {"--review", "bob"}, 2, "", "--review bob: write LOGIN:approve"},
	{"another review", {"--review", "bob:aprove"}, 2, "", "a review is approve, request_changes"},
	{"no permission", {"--person", "bob"}, 2, "", "write LOGIN=PERMISSION"},
	{"no label", {"--unlabel", "x"}, 2, "", "--unlabel x: there is no such label"},
	{"no key", {"drft: true"}, 2, "", "drft: true: unknown key `drft`; did you mean `draft`?"},
	{"no step", {"psh"}, 2, "", "psh: unknown step `psh`"},
};

START_TEST(what_would_be_is_told_beside_what_is)
{
	struct said said;
	const char *const *words = simulated[_i].words;

	say(&said, "simulate", "-p", "builtin", "-f", FACTS, words[0], words[1], words[2], NULL);
	expect(&said, simulated[_i].code, simulated[_i].out, simulated[_i].err);
	ck_assert_msg(simulated[_i].code == 2 || strstr(said.out, "\"before\":") ||
			      strstr(said.out, "before: allowed: 2 fresh reviews"),
		      "%s: %s", simulated[_i].says, said.out);
}
END_TEST

START_TEST(words_work_in_the_order_of_the_line)
{
	struct said said;

	say(&said, "simulate", "-p", "builtin", "-f", FACTS, "--head", "n", "--review", "bob:approve", "--review",
	    "eve@n:approve", NULL);
	expect(&said, 0, "after:  allowed: ", "");
	say(&said, "simulate", "-p", "builtin", "-f", FACTS, "--review", "bob:approve", "--review", "eve:approve",
	    "--head", "n", NULL);
	expect(&said, 8, "after:  waiting: ", "");
}
END_TEST

#define TWO_CONTEXTS                                                                                                   \
	"policy:\n"                                                                                                    \
	"  approval: [two]\n"                                                                                          \
	"  contexts:\n"                                                                                                \
	"    policy/a-allowed: {approval: [one]}\n"                                                                    \
	"    policy/b-allowed: {approval: [three]}\n"                                                                  \
	"approval_rules:\n"                                                                                            \
	"- {name: one, requires: {count: 1, permissions: [write]}}\n"                                                  \
	"- {name: two, requires: {count: 2, permissions: [write]}}\n"                                                  \
	"- {name: three, requires: {count: 3, permissions: [write]}}\n"

static const struct {
	const char *says, *words[3];
	int code;
	const char *out, *not_out;
} in_contexts[] = {
	{"the server's own first", {"--review=bob:dismiss"}, 8, "before: allowed: 2 fresh reviews", "nothing"},
	{"then each that the policy names",
	 {"--review=bob:dismiss"},
	 8,
	 "policy/a-allowed\nbefore: allowed: 1 fresh review; ready to merge\nafter:  allowed: ",
	 "nothing"},
	{"in its order", {"draft: false"}, 0, "policy/b-allowed\nbefore: waiting: Needs 1 more review", "nothing"},
	{"one alone", {"--review=bob:dismiss", "--context=policy/a-allowed"}, 0, "after:  allowed: ", "policy/b"},
	{"the own one alone", {"--context=policy/merge-allowed"}, 0, "after:  allowed: 2 fresh", "policy/a"},
	{"one that is denied", {"--context=policy/b-allowed"}, 8, "after:  waiting: ", "policy/a"},
	{"one that nobody names", {"--context=policy/c-allowed"}, 1, "after:  blocked: ", "policy/a"},
	{"as JSON",
	 {"--json", "--review=bob:dismiss"},
	 8,
	 "\"contexts\":[{\"context\":\"policy/a-allowed\",\"before\":{\"verdict\":\"allowed\"",
	 "nothing"},
};

START_TEST(every_context_is_simulated)
{
	const char *const *words = in_contexts[_i].words;
	struct said said;

	begin();
	say(&said, "simulate", "-p", put("p.yml", TWO_CONTEXTS), "-f", FACTS, words[0], words[1], words[2], NULL);
	expect(&said, in_contexts[_i].code, in_contexts[_i].out, "");
	ck_assert_msg(!strstr(said.out, in_contexts[_i].not_out), "%s: %s", in_contexts[_i].says, said.out);
	end();
}
END_TEST

START_TEST(a_simulation_needs_its_inputs)
{
	struct said said;

	say(&said, "simulate", "-p", "builtin", NULL);
	expect(&said, 2, "", "--policy and --facts are both needed");
	say(&said, "simulate", "-p", "builtin", "-f", SOURCE_DIR "/tests/data/policies/superseded/facts.json", NULL);
	expect(&said, 2, "", "tells of no open change");
}
END_TEST

/* ---- policy diff ---- */

#define HOUR_MS ((int64_t)3600 * 1000)
#define TWO     "policy: {approval: [a]}\napproval_rules:\n- {name: a, requires: {count: 2, permissions: [write]}}\n"
#define THREE   "policy: {approval: [a]}\napproval_rules:\n- {name: a, requires: {count: 3, permissions: [write]}}\n"

struct kept { /* a verdict in the store */
	char sha;
	int64_t hours_ago;
	const char *facts, *policy; /* facts NULL: those of two reviews */
	const char *context;        /* NULL: it is not said */
};

static void keep(struct rows *rows, const struct kept *kept, struct arena *arena)
{
	struct clock_port clock = clock_system();
	struct row_verdict row = {.repo = 5,
				  .made_at = clock.wall(clock.self) - kept->hours_ago * HOUR_MS,
				  .decision = TEXT_LIT("allowed"),
				  .policy_text = text_of(kept->policy),
				  .context = text_of(kept->context ? kept->context : "")};
	struct err err = ERR_NONE;
	struct text facts = text_of(kept->facts);

	memset(row.sha.hex, kept->sha, 40);
	if (!kept->facts)
		ck_assert(config_file(FACTS, arena, &facts, &err));
	row.inputs_bytes = (int64_t)facts.len;
	ck_assert(pack_text(facts, arena, &row.inputs_lz4, &err));
	ck_assert_msg(rows->ops->add(rows->self, &table_verdict, &row, &err), "%s", err.text);
}

static void keep_all(const struct kept *kept, size_t n)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct rows rows;
	char path[128];

	(void)snprintf(path, sizeof path, "%s/headgate.db", folder);
	ck_assert_msg(rows_sqlite_open(path, false, &rows, &err), "%s", err.text);
	ck_assert(rows.ops->begin(rows.self, true, &err));
	for (size_t i = 0; i < n; i++)
		keep(&rows, &kept[i], &arena);
	ck_assert(rows.ops->commit(rows.self, &err));
	rows_close(&rows);
}

START_TEST(stored_verdicts_that_would_flip_are_told)
{
	static const struct kept kept[] = {
		{'a', 2, NULL, TWO, NULL},  {'a', 1, NULL, TWO, NULL}, {'b', 1, NULL, TWO, NULL},
		{'c', 48, NULL, TWO, NULL}, {'d', 1, "{}", TWO, NULL},
	};
	struct said said;
	const char *two, *three;

	begin();
	keep_all(kept, sizeof kept / sizeof kept[0]);
	two = put("p.yml", TWO);
	three = put("q.test.yml", THREE);
	say(&said, "diff", two, three, "--state-dir", folder, "--since", "1d", NULL);
	expect(&said, 1, "acme/widget@aaaaaaa  verdict 2 of ", "");
	expect(&said, 1, "allowed -> waiting: Needs 1 more review of 4f2c9e1 (2/3)\n", "");
	expect(&said, 1, "2 verdicts, 2 would flip: 2 allowed -> waiting\n1 hold no facts that", "");
	say(&said, "diff", three, two, "--state-dir", folder, "--since", "3d", "--all", NULL);
	expect(&said, 1, "4 verdicts, 4 would flip: 4 waiting -> allowed\n", "");
	say(&said, "diff", two, two, "--state-dir", folder, "--repo", "acme/widget", NULL);
	expect(&said, 1, "3 verdicts, 0 would flip\n1 hold no facts", "");
	say(&said, "diff", two, three, "--state-dir", folder, "--repo", "acme/other", "--json", NULL);
	expect(&said, 1, "{\"flips\":[],\"verdicts\":0,\"would_flip\":0,\"cannot_be_told\":0,\"unreadable\":1}", "");
	end();
}
END_TEST

/* The same commit was allowed in each; the new policy asks for more in one, and names another no more. */
START_TEST(a_verdict_is_compared_in_its_own_context)
{
	static const struct kept kept[] = {
		{'a', 3, NULL, TWO_CONTEXTS, "policy/merge-allowed"},
		{'a', 2, NULL, TWO_CONTEXTS, "policy/a-allowed"},
		{'a', 1, NULL, TWO_CONTEXTS, "policy/b-allowed"},
	};
	static const char stricter[] = "policy:\n"
				       "  approval: [two]\n"
				       "  contexts:\n"
				       "    policy/a-allowed: {approval: [three]}\n"
				       "approval_rules:\n"
				       "- {name: two, requires: {count: 2, permissions: [write]}}\n"
				       "- {name: three, requires: {count: 3, permissions: [write]}}\n";
	struct said said;
	const char *old;

	begin();
	keep_all(kept, sizeof kept / sizeof kept[0]);
	old = put("p.yml", TWO_CONTEXTS);
	say(&said, "diff", old, put("q.test.yml", stricter), "--state-dir", folder, NULL);
	expect(&said, 1, "3 verdicts, 2 would flip: ", "");
	expect(&said, 1, "verdict 2 of ", "");
	expect(&said, 1, "policy/a-allowed: allowed -> waiting: Needs 1 more review", "");
	expect(&said, 1, "policy/b-allowed: waiting -> blocked: ", "");
	ck_assert(!strstr(said.out, "verdict 1 of"));
	say(&said, "diff", old, put("q.test.yml", stricter), "--state-dir", folder, "--json", NULL);
	expect(&said, 1, "\"context\":\"policy/a-allowed\",\"stored\":\"allowed\"", "");
	end();
}
END_TEST

START_TEST(a_policy_that_asks_for_more_than_was_read_tells_nothing_of_the_past)
{
	static const char *const more[] = {
		"count: 1, teams: [acme/core]",
		"count: 1, organizations: [acme]",
		"owners: {file: CODEOWNERS, per: file, unowned: deny}",
		"conditions: {has_successful_status: [ci]}",
		"conditions: {has_author_in: {users: ['id:9'], teams: [acme/core]}}",
	};
	static const struct kept kept = {'a', 1, NULL, TWO, NULL};
	char text[512];
	struct said said;
	const char *two;

	begin();
	keep_all(&kept, 1);
	two = put("p.yml", TWO);
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
		(void)snprintf(text, sizeof text,
			       "policy: {approval: [a]}\napproval_rules:\n- {name: a, requires: {%s}}\n", more[i]);
		say(&said, "diff", two, put("q.test.yml", text), "--state-dir", folder, NULL);
		expect(&said, 1, "1 verdict, 0 would flip\n1 cannot be told: ", "");
	}
	end();
}
END_TEST

START_TEST(no_verdict_that_flips_is_success)
{
	static const struct kept kept = {'a', 1, NULL, TWO, NULL};
	struct said said;
	const char *two;

	begin();
	keep_all(&kept, 1);
	two = put("p.yml", TWO);
	say(&said, "diff", two, "builtin", "--state-dir", folder, NULL);
	expect(&said, 0, "1 verdict, 0 would flip\n", "");
	say(&said, "diff", two, two, "--state-dir", folder, "--since", "1y", NULL);
	expect(&said, 2, "", "--since is like 12h, 30d or 4w");
	say(&said, "diff", two, two, "--state-dir", "/nonexistent", NULL);
	expect(&said, 2, "", "policy diff: /nonexistent: ");
	say(&said, "diff", two, put("q.test.yml", "polcy: {}\n"), "--state-dir", folder, NULL);
	expect(&said, 2, "", "q.test.yml:1:1: unknown key");
	end();
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(stored_verdicts_that_would_flip_are_told),
	SUITE_TEST(a_policy_that_asks_for_more_than_was_read_tells_nothing_of_the_past),
	SUITE_TEST(no_verdict_that_flips_is_success),
	SUITE_TEST(a_verdict_is_compared_in_its_own_context),
	SUITE_ROWS(every_context_is_simulated, in_contexts),
	SUITE_ROWS(what_would_be_is_told_beside_what_is, simulated),
	SUITE_TEST(words_work_in_the_order_of_the_line),
	SUITE_TEST(a_simulation_needs_its_inputs),
	SUITE_TEST(a_policy_is_shown_with_the_place_of_each_part),
	SUITE_TEST(a_policy_that_is_not_in_force_is_not_shown),
	SUITE_TEST(a_check_tells_of_everything_that_is_wrong),
	SUITE_TEST(a_check_of_several_files_is_as_bad_as_the_worst),
	SUITE_TEST(a_warning_fails_a_strict_check),
	SUITE_TEST(cases_that_hold_are_counted),
	SUITE_TEST(a_case_that_fails_is_shown_with_its_tree),
	SUITE_TEST(a_file_that_cannot_be_read_is_a_wrong_line_whatever_the_others_say),
	SUITE_TEST(an_invalid_policy_fails_every_case_and_is_named),
	SUITE_TEST(rules_that_no_case_sees_both_ways_are_named_on_request),
	SUITE_TEST(cases_are_told_as_json),
	SUITE_TEST(the_words_of_a_test_file_are_listed),
	SUITE_END,
};
SUITE_MAIN(tests)
