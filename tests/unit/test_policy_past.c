/* What would be, and what would have been: `headgate policy simulate` and `headgate policy diff`, as they are typed. */
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/config.h"
#include "agent/store/pack.h"
#include "agent/store/tables.h"
#include "tests/support/suite.h"
#include "tests/support/tool.h"

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

	tool_say(&said, "simulate", "-p", "builtin", "-f", FACTS, words[0], words[1], words[2], NULL);
	tool_expect(&said, simulated[_i].code, simulated[_i].out, simulated[_i].err);
	ck_assert_msg(simulated[_i].code == 2 || strstr(said.out, "\"before\":") ||
			      strstr(said.out, "before: allowed: 2 fresh reviews"),
		      "%s: %s", simulated[_i].says, said.out);
}
END_TEST

START_TEST(words_work_in_the_order_of_the_line)
{
	struct said said;

	tool_say(&said, "simulate", "-p", "builtin", "-f", FACTS, "--head", "n", "--review", "bob:approve", "--review",
		 "eve@n:approve", NULL);
	tool_expect(&said, 0, "after:  allowed: ", "");
	tool_say(&said, "simulate", "-p", "builtin", "-f", FACTS, "--review", "bob:approve", "--review", "eve:approve",
		 "--head", "n", NULL);
	tool_expect(&said, 8, "after:  waiting: ", "");
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

	tool_begin();
	tool_say(&said, "simulate", "-p", tool_put("p.yml", TWO_CONTEXTS), "-f", FACTS, words[0], words[1], words[2],
		 NULL);
	tool_expect(&said, in_contexts[_i].code, in_contexts[_i].out, "");
	ck_assert_msg(!strstr(said.out, in_contexts[_i].not_out), "%s: %s", in_contexts[_i].says, said.out);
	tool_end();
}
END_TEST

#define GATE_CONTEXTS                                                                                                  \
	"policy:\n"                                                                                                    \
	"  approval: [two]\n"                                                                                          \
	"  contexts: {gate/try: {approval: [one]}}\n"                                                                  \
	"approval_rules:\n"                                                                                            \
	"- {name: one, requires: {count: 1, permissions: [write]}}\n"                                                  \
	"- {name: two, requires: {count: 2, permissions: [write]}}\n"

static const struct {
	const char *words[8]; /* POLICY: the file */
	int code;
	const char *out, *err;
} with_server[] = {
	{{"check", "POLICY"}, 1, "", "a context begins with `policy/`, as the server's own"},
	{{"check", "POLICY", "--server-context=gate/merge"}, 0, "", ""},
	{{"check", "POLICY", "--server-context=gate/try"}, 1, "", "`gate/try` is the server's own, of policy.approval"},
	{{"check", "POLICY", "--server-context="}, 2, "", "--server-context has 1 to 255 bytes"},
	{{"show", "POLICY", "--server-context=gate/merge"}, 0, "", ""},
	{{"eval", "-p", "POLICY", "-f", FACTS}, 1, "cannot_decide: ", "a context begins with"},
	{{"eval", "-p", "POLICY", "-f", FACTS, "--server-context=gate/merge"}, 0, "allowed: 2 fresh reviews", ""},
	{{"eval", "-p", "POLICY", "-f", FACTS, "--server-context=gate/merge", "--context=gate/merge"},
	 0,
	 "allowed: 2 fresh reviews",
	 ""},
	{{"eval", "-p", "POLICY", "-f", FACTS, "--server-context=gate/merge", "--context=gate/try"},
	 0,
	 "allowed: 1 fresh review;",
	 ""},
	{{"simulate", "-p", "POLICY", "-f", FACTS, "--server-context=gate/merge"}, 0, "\ngate/try\nbefore: ", ""},
};

START_TEST(a_policy_is_read_as_the_server_of_that_context_reads_it)
{
	const char *words[8];
	struct said said;

	tool_begin();
	for (size_t i = 0; i < 8; i++)
		words[i] = with_server[_i].words[i] && strcmp(with_server[_i].words[i], "POLICY") == 0
				   ? tool_put("p.yml", GATE_CONTEXTS)
				   : with_server[_i].words[i];
	tool_say(&said, words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7], NULL);
	tool_expect(&said, with_server[_i].code, with_server[_i].out, with_server[_i].err);
	tool_end();
}
END_TEST

START_TEST(a_simulation_needs_its_inputs)
{
	struct said said;

	tool_say(&said, "simulate", "-p", "builtin", NULL);
	tool_expect(&said, 2, "", "--policy and --facts are both needed");
	tool_say(&said, "simulate", "-p", "builtin", "-f", SOURCE_DIR "/tests/data/policies/superseded/facts.json",
		 NULL);
	tool_expect(&said, 2, "", "tells of no open change");
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

	(void)snprintf(path, sizeof path, "%s/headgate.db", tool_folder);
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

	tool_begin();
	keep_all(kept, sizeof kept / sizeof kept[0]);
	two = tool_put("p.yml", TWO);
	three = tool_put("q.test.yml", THREE);
	tool_say(&said, "diff", two, three, "--state-dir", tool_folder, "--since", "1d", NULL);
	tool_expect(&said, 1, "acme/widget@aaaaaaa  verdict 2 of ", "");
	tool_expect(&said, 1, "allowed -> waiting: Needs 1 more review of 4f2c9e1 (2/3)\n", "");
	tool_expect(&said, 1, "2 verdicts, 2 would flip: 2 allowed -> waiting\n1 hold no facts that", "");
	tool_say(&said, "diff", three, two, "--state-dir", tool_folder, "--since", "3d", "--all", NULL);
	tool_expect(&said, 1, "4 verdicts, 4 would flip: 4 waiting -> allowed\n", "");
	tool_say(&said, "diff", two, two, "--state-dir", tool_folder, "--repo", "acme/widget", NULL);
	tool_expect(&said, 1, "3 verdicts, 0 would flip\n1 hold no facts", "");
	tool_say(&said, "diff", two, three, "--state-dir", tool_folder, "--repo", "acme/other", "--json", NULL);
	tool_expect(&said, 1, "{\"flips\":[],\"verdicts\":0,\"would_flip\":0,\"cannot_be_told\":0,\"unreadable\":1}",
		    "");
	tool_end();
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

	tool_begin();
	keep_all(kept, sizeof kept / sizeof kept[0]);
	old = tool_put("p.yml", TWO_CONTEXTS);
	tool_say(&said, "diff", old, tool_put("q.test.yml", stricter), "--state-dir", tool_folder, NULL);
	tool_expect(&said, 1, "3 verdicts, 2 would flip: ", "");
	tool_expect(&said, 1, "verdict 2 of ", "");
	tool_expect(&said, 1, "policy/a-allowed: allowed -> waiting: Needs 1 more review", "");
	tool_expect(&said, 1, "policy/b-allowed: waiting -> blocked: ", "");
	ck_assert(!strstr(said.out, "verdict 1 of"));
	tool_say(&said, "diff", old, tool_put("q.test.yml", stricter), "--state-dir", tool_folder, "--json", NULL);
	tool_expect(&said, 1, "\"context\":\"policy/a-allowed\",\"stored\":\"allowed\"", "");
	tool_end();
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

	tool_begin();
	keep_all(&kept, 1);
	two = tool_put("p.yml", TWO);
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
		(void)snprintf(text, sizeof text,
			       "policy: {approval: [a]}\napproval_rules:\n- {name: a, requires: {%s}}\n", more[i]);
		tool_say(&said, "diff", two, tool_put("q.test.yml", text), "--state-dir", tool_folder, NULL);
		tool_expect(&said, 1, "1 verdict, 0 would flip\n1 cannot be told: ", "");
	}
	tool_end();
}
END_TEST

START_TEST(no_verdict_that_flips_is_success)
{
	static const struct kept kept = {'a', 1, NULL, TWO, NULL};
	struct said said;
	const char *two;

	tool_begin();
	keep_all(&kept, 1);
	two = tool_put("p.yml", TWO);
	tool_say(&said, "diff", two, "builtin", "--state-dir", tool_folder, NULL);
	tool_expect(&said, 0, "1 verdict, 0 would flip\n", "");
	tool_say(&said, "diff", two, two, "--state-dir", tool_folder, "--since", "1y", NULL);
	tool_expect(&said, 2, "", "--since is like 12h, 30d or 4w");
	tool_say(&said, "diff", two, two, "--state-dir", "/nonexistent", NULL);
	tool_expect(&said, 2, "", "policy diff: /nonexistent: ");
	tool_say(&said, "diff", two, tool_put("q.test.yml", "polcy: {}\n"), "--state-dir", tool_folder, NULL);
	tool_expect(&said, 2, "", "q.test.yml:1:1: unknown key");
	tool_end();
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(stored_verdicts_that_would_flip_are_told),
	SUITE_TEST(a_policy_that_asks_for_more_than_was_read_tells_nothing_of_the_past),
	SUITE_TEST(no_verdict_that_flips_is_success),
	SUITE_TEST(a_verdict_is_compared_in_its_own_context),
	SUITE_ROWS(every_context_is_simulated, in_contexts),
	SUITE_ROWS(a_policy_is_read_as_the_server_of_that_context_reads_it, with_server),
	SUITE_ROWS(what_would_be_is_told_beside_what_is, simulated),
	SUITE_TEST(words_work_in_the_order_of_the_line),
	SUITE_TEST(a_simulation_needs_its_inputs),
	SUITE_END,
};
SUITE_MAIN(tests)
