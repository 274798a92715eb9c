/*
 * What a commit hook is answered: the question's bytes, a policy, a table and a tracker that are told here, and the
 * words that come back. What was read of the tracker is counted.
 */
#include "tests/support/hook_stage.h"
#include "tests/support/suite.h"

#define SECURE_RULE(hook)                                                                                              \
	"policy: {approval: [land]}\napproval_rules:\n"                                                                \
	"  - name: land\n    visibility: restricted\n    on_unknown: {hook: " hook "}\n"                               \
	"    requires:\n      conditions:\n        bugs:\n          every:\n            any_of:\n"                     \
	"              - {private: false, keywords: {none_of: [sec-high]}}\n"                                          \
	"              - {attachment_flag: {name: sec-approval, status: '+'}}\n"
#define WARNING_RULE                                                                                                   \
	"policy: {approval: [land]}\napproval_rules:\n  - {name: land, mode: warn, requires: "                         \
	"{conditions: {bugs: {every: {keywords: {none_of: [sec-high]}}}}}}\n"
/* On other branches nothing is asked of bugs. */
#define MAIN_RULE                                                                                                      \
	"policy: {approval: [land]}\napproval_rules:\n  - {name: land, if: {targets_branch: {pattern: '^main$'}}, "    \
	"requires: {conditions: {bugs: {every: {private: false}}}}}\n"
/* Who set a flag, the stage never tells. */
#define SETTER_RULE                                                                                                    \
	"policy: {approval: [land]}\napproval_rules:\n"                                                                \
	"  - name: land\n    visibility: restricted\n    on_unknown: {hook: allow}\n    requires:\n"                   \
	"      conditions:\n        bugs:\n          every:\n"                                                         \
	"            attachment_flag: {name: sec-approval, status: '+', by: {groups: [sec-approvers]}}\n"
/* On esr branches the flag of that branch must not be there; on others nothing is asked of flags. */
#define ESR_RULE                                                                                                       \
	"policy: {approval: [land, esr]}\napproval_rules:\n"                                                           \
	"  - name: land\n    requires: {conditions: {bugs: {every: {private: false}}}}\n"                              \
	"  - name: esr\n    if: {targets_branch: {pattern: '^esr([0-9]+)$'}}\n    requires:\n      conditions:\n"      \
	"        bugs: {every: {not: {flag: {name: 'cf_esr${1}', status: '+'}}}}\n"
#define TOKEN_TOO                                                                                                      \
	"policy: {approval: [land, token]}\napproval_rules:\n"                                                         \
	"  - {name: token, requires: {conditions: {commit_token: {key: a}}}}\n"                                        \
	"  - name: land\n    visibility: restricted\n    requires:\n      conditions:\n"                               \
	"        bugs: {every: {private: false}}\n"
/* Beside a token that anybody sees to be missing, bugs that pass by the rule's word, or are warned of. */
#define BESIDE_TOKEN(mode)                                                                                             \
	"policy: {approval: [land, token]}\napproval_rules:\n"                                                         \
	"  - {name: token, requires: {conditions: {commit_token: {key: a}}}}\n"                                        \
	"  - {name: land, visibility: restricted, " mode ", requires: {conditions: {bugs: {every: {private: "          \
	"false}}}}}\n"
#define TOKEN_TOO_UNKNOWN BESIDE_TOKEN("on_unknown: {hook: allow}")
#define TOKEN_TOO_WARNED  BESIDE_TOKEN("mode: warn")
/* On main bugs are asked about; old is closed. */
#define CLOSED_TOO(mode)                                                                                               \
	"policy: {branches: {'^main$': [land], default: closed}}\napproval_rules:\n"                                   \
	"  - {name: land, visibility: restricted, " mode                                                               \
	"requires: {conditions: {bugs: {every: {private: false}}}}}\n"

#define CLEARED "clearance\nNeeds maintainer clearance\nA maintainer has to clear it; more is not said here\n"
#define PASSED  "allow\nLet through without a check by a maintainers' rule\n"

static const struct {
	const char *hook; /* on_unknown.hook */
	enum table_state state;
	bool fresh, down, table_only;
	const char *branches, *says;
	size_t reads;
} pushes[] = {
	/* The tracker's word. */
	{"deny", TABLE_UNKNOWN, false, false, false, "main:Bug 10001 - x", "allow\n", 1},
	{"deny", TABLE_UNKNOWN, false, false, false, "main:Bug 20001 - x", CLEARED, 1},
	{"deny", TABLE_UNKNOWN, false, false, false, "main:Bug 30001 - x", "allow\n", 1},
	{"deny", TABLE_UNKNOWN, false, false, false, "main:Bug 40001 - x", CLEARED, 1},
	{"deny", TABLE_UNKNOWN, false, false, false, "main:Bug 50001 - x", CLEARED, 1},
	{"deny", TABLE_UNKNOWN, false, false, false, "main:no number at all", "allow\n", 0},
	/* A duplicate is asked for, too. */
	{"deny", TABLE_UNKNOWN, false, false, false, "main:Bug 60001 - x", CLEARED, 2},
	/* Each commit counts, and each branch; the worst decides. */
	{"deny", TABLE_UNKNOWN, false, false, false, "main:Bug 10001 - x|main:Bug 20001 - y", CLEARED, 2},
	{"deny", TABLE_UNKNOWN, false, false, false, "main:Bug 20001 - x|beta:Bug 10001 - y", CLEARED, 2},
	{"deny", TABLE_UNKNOWN, false, false, false, "main:Bug 10001 - x|beta:Bug 10001 - y", "allow\n", 1},
	{"deny", TABLE_UNKNOWN, false, false, false, "main:Bug 10001, Bug 20001 - x", CLEARED, 2},
	/* The table's word, where it is fresh: nothing is read. */
	{"deny", TABLE_INSECURE, true, false, false, "main:Bug 10001 - x|beta:Bug 10002 - y", "allow\n", 0},
	{"deny", TABLE_INSECURE, true, true, false, "main:Bug 10001 - x", "allow\n", 0},
	{"deny", TABLE_INSECURE, false, false, false, "main:Bug 20001 - x", CLEARED, 1},
	/* What was secure is always read. */
	{"deny", TABLE_SECURE, true, false, false, "main:Bug 30001 - x", "allow\n", 1},
	{"deny", TABLE_APPROVED, true, false, false, "main:Bug 20001 - x", CLEARED, 1},
	/* A tracker that is down: the rule's word for what is unknown, never for what was secure. */
	{"deny", TABLE_UNKNOWN, true, true, false, "main:Bug 10001 - x", CLEARED, 1},
	{"allow", TABLE_UNKNOWN, true, true, false, "main:Bug 10001 - x", PASSED, 1},
	{"allow", TABLE_INSECURE, false, true, false, "main:Bug 10001 - x", PASSED, 1},
	{"allow", TABLE_SECURE, true, true, false, "main:Bug 10001 - x", CLEARED, 1},
	{"allow", TABLE_APPROVED, true, true, false, "main:Bug 10001 - x", CLEARED, 1},
	{"allow", TABLE_UNKNOWN, false, false, false, "main:Bug 40001 - x", CLEARED, 1},
	/* What the pusher makes unreadable does not pass by it. */
	{"allow", TABLE_UNKNOWN, false, false, false, "main:Bug 10001 - x\x1b[0m", CLEARED, 1},
	/* The table alone. */
	{"deny", TABLE_INSECURE, true, false, true, "main:Bug 20001 - x", "allow\n", 0},
	{"deny", TABLE_APPROVED, true, false, true, "main:Bug 20001 - x", "allow\n", 0},
	{"deny", TABLE_SECURE, true, false, true, "main:Bug 20001 - x", CLEARED, 0},
	{"allow", TABLE_SECURE, true, false, true, "main:Bug 20001 - x", CLEARED, 0},
	{"allow", TABLE_SECURE, false, false, true, "main:Bug 20001 - x", CLEARED, 0},
	{"allow", TABLE_UNKNOWN, true, false, true, "main:Bug 20001 - x", PASSED, 0},
	{"deny", TABLE_UNKNOWN, true, false, true, "main:Bug 20001 - x", CLEARED, 0},
	{"deny", TABLE_INSECURE, false, false, true, "main:Bug 20001 - x", CLEARED, 0},
	{"allow", TABLE_APPROVED, false, false, true, "main:Bug 20001 - x", CLEARED, 0},
	/* Nothing new comes to the branch. */
	{"deny", TABLE_SECURE, false, false, false, "main:", "allow\n", 0},
};

START_TEST(a_push_is_answered_by_what_table_and_tracker_know_of_its_bugs)
{
	struct hook_stage stage;
	struct hook_answered answered;

	hook_stage_begin(&stage, strcmp(pushes[_i].hook, "deny") == 0 ? SECURE_RULE("deny") : SECURE_RULE("allow"));
	stage.state = pushes[_i].state;
	stage.fresh = pushes[_i].fresh;
	stage.down = pushes[_i].down;
	stage.tracker.table_only = pushes[_i].table_only;
	answered = hook_stage_ask(&stage, "r", pushes[_i].branches);
	ck_assert_str_eq(arena_text(&stage.arena, answered.text).at, pushes[_i].says);
	ck_assert_uint_eq(stage.reads, pushes[_i].reads);
	hook_stage_end(&stage);
}
END_TEST

static const struct {
	enum table_state state;
	const char *says;
} half_told[] = {
	{TABLE_SECURE, CLEARED},
	{TABLE_APPROVED, CLEARED},
	{TABLE_INSECURE, PASSED},
	{TABLE_UNKNOWN, PASSED},
};

/* It was read, and its flag's setter is not known: an outsider may have set it. */
START_TEST(a_secure_bug_that_was_read_passes_by_no_rules_word_for_what_is_unknown)
{
	struct hook_stage stage;
	struct hook_answered answered;

	hook_stage_begin(&stage, SETTER_RULE);
	stage.state = half_told[_i].state;
	answered = hook_stage_ask(&stage, "r", "main:Bug 30001 - x");
	ck_assert_str_eq(arena_text(&stage.arena, answered.text).at, half_told[_i].says);
	ck_assert_uint_eq(stage.reads, 1);
	hook_stage_end(&stage);
}
END_TEST

static const struct {
	const char *branches;
	enum hook_word word;
} several[] = {
	{"main:Bug 10001 - x", HOOK_ALLOW},
	{"esr128:Bug 10001 - x", HOOK_ALLOW},
	{"esr140:Bug 10001 - x", HOOK_CLEARANCE},
	{"esr140:Bug 10001 - x|main:Bug 10001 - x", HOOK_CLEARANCE},
	{"main:Bug 10001 - x|esr140:Bug 10001 - x", HOOK_CLEARANCE},
	{"main:Bug 10001 - x|esr128:Bug 10001 - x|esr140:Bug 10001 - x", HOOK_CLEARANCE},
	{"main:Bug 10001 - x|esr128:Bug 10001 - x", HOOK_ALLOW},
};

/* A flag that was not asked for is absent, and a rule may hold for that. */
START_TEST(a_bug_of_several_branches_is_read_once_for_what_the_rules_of_all_of_them_ask)
{
	struct hook_stage stage;

	hook_stage_begin(&stage, ESR_RULE);
	ck_assert_int_eq(hook_stage_ask(&stage, "r", several[_i].branches).word, several[_i].word);
	ck_assert_uint_eq(stage.reads, 1);
	hook_stage_end(&stage);
}
END_TEST

START_TEST(what_is_refused_in_public_reads_nothing_and_tells_nothing_of_bugs)
{
	struct hook_stage stage;
	struct hook_answered answered;

	hook_stage_begin(&stage, TOKEN_TOO);
	answered = hook_stage_ask(&stage, "r", "main:Bug 20001 - x");
	ck_assert_int_eq(answered.word, HOOK_DENY);
	ck_assert_uint_eq(stage.reads, 0);
	ck_assert(text_find(answered.text, TEXT_LIT("learance")) == SIZE_MAX);
	/* Another branch's refusal is enough. */
	answered = hook_stage_ask(&stage, "r", "main:Bug 20001 - x a=ann|beta:Bug 20002 - y");
	ck_assert_int_eq(answered.word, HOOK_DENY);
	ck_assert_uint_eq(stage.reads, 0);
	ck_assert(text_find(answered.text, TEXT_LIT("learance")) == SIZE_MAX);
	answered = hook_stage_ask(&stage, "r", "main:Bug 40001 - x a=ann");
	ck_assert_int_eq(answered.word, HOOK_CLEARANCE);
	ck_assert_uint_eq(stage.reads, 1);
	hook_stage_end(&stage);
}
END_TEST

/* What the table has of the bug; TOKEN_TOO_* refuses in public what has no token, CLOSED_TOO one of two branches. */
static const struct {
	const char *policy, *branches, *says;
} told_nothing[] = {
	{TOKEN_TOO_UNKNOWN, "main:Bug 10001 - x", "deny\ntoken: commit 0123456 carries no allowed a= token\n"},
	{TOKEN_TOO_WARNED, "main:Bug 10001 - x", "deny\ntoken: commit 0123456 carries no allowed a= token\n"},
	{CLOSED_TOO("mode: warn, "), "main:Bug 10001 - x|old:y", "deny\nThe branch old is closed by the policy\n"},
	{CLOSED_TOO("on_unknown: {hook: allow}, "), "main:Bug 10001 - x|old:y",
	 "deny\nThe branch old is closed by the policy\n"},
	{CLOSED_TOO("on_unknown: {hook: allow}, "), "old:y|main:Bug 10001 - x",
	 "deny\nThe branch old is closed by the policy\n"},
	{CLOSED_TOO(""), "main:Bug 10001 - x|old:y", "deny\nThe branch old is closed by the policy\n"},
};

/* Nor do warnings: else whoever pushes asks by pushing what is refused anyway. */
START_TEST(a_refusal_in_public_has_the_same_words_whatever_the_table_knows)
{
	struct hook_stage stage;
	struct hook_answered answered;

	for (int state = TABLE_UNKNOWN; state <= TABLE_APPROVED; state++)
		for (int alone = 0; alone < 2; alone++) {
			hook_stage_begin(&stage, told_nothing[_i].policy);
			stage.state = (enum table_state)state;
			stage.fresh = true;
			stage.tracker.table_only = alone;
			answered = hook_stage_ask(&stage, "r", told_nothing[_i].branches);
			ck_assert_str_eq(arena_text(&stage.arena, answered.text).at, told_nothing[_i].says);
			ck_assert_uint_eq(stage.reads, 0);
			hook_stage_end(&stage);
		}
}
END_TEST

START_TEST(no_answer_of_a_restricted_rule_names_a_bug)
{
	struct hook_stage stage;
	struct hook_answered answered;

	for (size_t i = 0; i < sizeof pushes / sizeof pushes[0]; i++) {
		hook_stage_begin(&stage, SECURE_RULE("deny"));
		stage.state = pushes[i].state;
		answered = hook_stage_ask(&stage, "r", pushes[i].branches);
		for (size_t k = 0; k < answered.text.len; k++)
			ck_assert(answered.text.at[k] < '0' || answered.text.at[k] > '9');
		hook_stage_end(&stage);
	}
}
END_TEST

#define NOTHING_ASKED "deny\nThis repository's policy is empty, or asks nothing of a push; "
#define REVIEW_ONLY                                                                                                    \
	"policy: {approval: [review]}\napproval_rules:\n"                                                              \
	"  - {name: review, requires: {count: 1, permissions: [write]}}\n"

static const struct {
	const char *name, *policy, *says;
} refused[] = {
	{"other", "policy: {approval: []}\n", "deny\nThe server does not know this repository; "},
	{"r", NULL, "deny\nThe server cannot read this repository's policy file; "},
	{"r", "policy: {approval: [none]}\n", "deny\nThis repository's policy is not valid (line 1, column "},
	{"r", "\xff", "deny\nThis repository's policy is not valid (line "},
	/* A file that is being written, or was never filled. */
	{"r", "", NOTHING_ASKED},
	{"r", "# to be written\n", NOTHING_ASKED},
	{"r", "{}\n", NOTHING_ASKED},
	{"r", "policy:\napproval_rules:\n", NOTHING_ASKED},
	{"r", REVIEW_ONLY, NOTHING_ASKED},
};

START_TEST(what_is_wrong_at_the_server_refuses_and_says_who_can_mend_it)
{
	struct hook_stage stage;
	struct hook_answered answered;

	hook_stage_begin(&stage, refused[_i].policy);
	answered = hook_stage_ask(&stage, refused[_i].name, "main:x");
	ck_assert_int_eq(answered.word, HOOK_DENY);
	ck_assert_msg(text_starts(answered.text, text_of(refused[_i].says)), "%.*s", TEXT_ARG(answered.text));
	ck_assert(text_find(answered.text, TEXT_LIT("whoever runs")) != SIZE_MAX);
	hook_stage_end(&stage);
}
END_TEST

static const struct {
	const char *where, *first, *second;
	enum hook_word word;
} worded[] = {
	{"tip", "one", "two SKIP", HOOK_ALLOW},
	{"tip", "one SKIP", "two", HOOK_DENY},
	{"every", "one", "two SKIP", HOOK_DENY},
	{"every", "one SKIP", "two SKIP", HOOK_ALLOW},
};

static struct hook_answered ask_two(struct hook_stage *stage, const char *first, const char *second)
{
	struct hook_out out;
	struct hook_answered answered;

	hook_out_begin(&out, TEXT_LIT("r"));
	hook_out_branch(&out, TEXT_LIT("main"));
	hook_out_commit(&out, TEXT_LIT("1111111111111111111111111111111111111111"), text_of(first));
	hook_out_commit(&out, TEXT_LIT("2222222222222222222222222222222222222222"), text_of(second));
	hook_out_end(&out);
	ck_assert(!out.failed);
	answered = hook_stage_bytes(stage, arena_text(&stage->arena, (struct text){out.at, out.n}));
	hook_out_free(&out);
	return answered;
}

START_TEST(a_word_is_asked_of_the_newest_commit_where_the_policy_says_so)
{
	struct hook_stage stage;
	char policy[300];

	(void)snprintf(policy, sizeof policy,
		       "policy: {approval: [word]}\napproval_rules:\n"
		       "  - {name: word, requires: {conditions: {message_word: {words: [SKIP], where: %s}}}}\n",
		       worded[_i].where);
	hook_stage_begin(&stage, policy);
	ck_assert_int_eq(ask_two(&stage, worded[_i].first, worded[_i].second).word, worded[_i].word);
	hook_stage_end(&stage);
}
END_TEST

/* Its line is that of a refusal: the next one says that it is none. */
START_TEST(a_rule_that_only_warns_says_that_it_lets_through)
{
	struct hook_stage stage;
	struct hook_answered answered;

	hook_stage_begin(&stage, WARNING_RULE);
	answered = hook_stage_ask(&stage, "r", "main:Bug 20001 - x");
	ck_assert_str_eq(arena_text(&stage.arena, answered.text).at,
			 "allow\nNeeds maintainer clearance\nThat is a warning alone: the push is let through\n");
	answered = hook_stage_ask(&stage, "r", "main:Bug 10001 - x");
	ck_assert_str_eq(arena_text(&stage.arena, answered.text).at, "allow\n");
	hook_stage_end(&stage);
}
END_TEST

START_TEST(warn_mode_lets_through_with_one_line_that_is_always_the_same)
{
	static const char *const branches[] = {"main:Bug 20001 - x a=ann", "main:Bug 10001 - no token",
					       "main:Bug 40001"};
	struct hook_stage stage;
	struct hook_answered answered;

	for (size_t i = 0; i < 3; i++) {
		hook_stage_begin(&stage, TOKEN_TOO);
		stage.repository.warns = true;
		stage.state = TABLE_SECURE;
		stage.down = true;
		answered = hook_stage_ask(&stage, "r", branches[i]);
		ck_assert_str_eq(arena_text(&stage.arena, answered.text).at,
				 "allow\nThis push would be refused; for now this repository only warns\n");
		ck_assert(answered.warned);
		hook_stage_end(&stage);
	}
	hook_stage_begin(&stage, TOKEN_TOO);
	stage.repository.warns = true;
	answered = hook_stage_ask(&stage, "r", "main:Bug 10001 - x a=ann");
	ck_assert_str_eq(arena_text(&stage.arena, answered.text).at, "allow\n");
	ck_assert(!answered.warned);
	hook_stage_end(&stage);
}
END_TEST

START_TEST(without_a_tracker_every_bug_is_unknown)
{
	struct hook_stage stage;

	hook_stage_begin(&stage, SECURE_RULE("deny"));
	stage.repository.tracker = NULL;
	ck_assert_int_eq(hook_stage_ask(&stage, "r", "main:Bug 10001 - x").word, HOOK_CLEARANCE);
	ck_assert_int_eq(hook_stage_ask(&stage, "r", "main:x").word, HOOK_ALLOW);
	hook_stage_end(&stage);
}
END_TEST

#define START "headgate-hook 1\nrepository 1\nr\n"

static const char *const broken[] = {
	"",
	"headgate-hook 2\nrepository 1\nr\nbranch 1\nm\nend\n",
	START,
	START "end\n",
	START "commit " HOOK_STAGE_NODE " 1\nx\nend\n",
	START "branch 1\nm\ncommit " HOOK_STAGE_NODE " 1\nx\n",
	START "branch 1\nm\ncommit " HOOK_STAGE_NODE " 9\nx\nend\n",
	START "branch 1\nm\nlist\nend\n",
	START "branch 1\nm\nbug 12345\nend\n",
	START "branch 1\nm\nend\nbranch 1\nn\nend\n",
	START "branch 0\n\nend\n",
	START "branch 1\n\x1b\nend\n",
};

START_TEST(a_broken_question_is_no_question)
{
	struct hook_stage stage;
	struct hook_answered answered;

	hook_stage_begin(&stage, SECURE_RULE("allow"));
	answered = hook_stage_bytes(&stage, text_of(broken[_i]));
	ck_assert_int_eq(answered.word, HOOK_NO_ANSWER);
	ck_assert(text_starts(answered.text, TEXT_LIT("The question is broken: ")));
	ck_assert_uint_eq(stage.reads, 0);
	hook_stage_end(&stage);
}
END_TEST

/* So many that a secure one could hide among them. */
START_TEST(too_many_bugs_branches_or_commits_are_refused_whatever_the_rule_says)
{
	struct hook_stage stage;
	struct hook_out out;
	char text[64];

	for (int way = 0; way < 3; way++) {
		hook_stage_begin(&stage, SECURE_RULE("allow"));
		stage.down = true;
		hook_out_begin(&out, TEXT_LIT("r"));
		for (int i = 0; i < (way == 0 ? HOOK_BRANCHES_MAX + 1 : 5); i++) {
			hook_out_branch(&out, TEXT_LIT("b"));
			for (int k = 0; way > 0 && k < (way == 1 ? HOOK_COMMITS_MAX / 5 + 1 : 450); k++) {
				snprintf(text, sizeof text, way == 1 ? "x" : "Bug %d - x", 100000 + i * 1000 + k);
				hook_out_commit(&out, TEXT_LIT(HOOK_STAGE_NODE), text_of(text));
			}
		}
		hook_out_end(&out);
		ck_assert_int_eq(hook_stage_bytes(&stage, (struct text){out.at, out.n}).word,
				 way == 0 ? HOOK_NO_ANSWER : HOOK_DENY);
		hook_out_free(&out);
		hook_stage_end(&stage);
	}
}
END_TEST

START_TEST(an_answer_is_as_short_as_the_hook_can_read_and_holds_no_control_byte)
{
	struct hook_stage stage;
	struct text policy = TEXT_LIT("policy:\n  approval:\n"), rules = TEXT_LIT("approval_rules:\n");
	struct hook_answered answered;
	struct text lines;
	size_t n = 0;

	hook_stage_begin(&stage, "");
	for (int i = 0; i < 100; i++) {
		policy = arena_printf(&stage.arena, "%.*s    - \"rule\\t%d\"\n", TEXT_ARG(policy), i);
		rules = arena_printf(
			&stage.arena,
			"%.*s  - {name: \"rule\\t%d\", requires: {conditions: {commit_token: {key: a}}}}\n",
			TEXT_ARG(rules), i);
	}
	stage.repository.policy = arena_printf(&stage.arena, "%.*s%.*s", TEXT_ARG(policy), TEXT_ARG(rules));
	answered = hook_stage_ask(&stage, "r", "main:x|beta:y");
	ck_assert_int_eq(hook_answer_read(answered.text, &lines), HOOK_DENY);
	ck_assert_uint_le(answered.text.len, HOOK_REPLY_MAX / 2);
	for (size_t i = 0; i < lines.len; i++) {
		n += lines.at[i] == '\n';
		ck_assert(lines.at[i] == '\n' || (unsigned char)lines.at[i] >= ' ');
	}
	ck_assert_uint_gt(n, 10);
	ck_assert_uint_le(n, HOOK_LINES);
	hook_stage_end(&stage);
}
END_TEST

static const struct {
	const char *policy, *branches;
	size_t charged;
	enum hook_word word;
} charges[] = {
	{SECURE_RULE("allow"), "main:Bug 10001 - x", 1, HOOK_ALLOW},
	{SECURE_RULE("allow"), "main:Bug 20001 - x", 1, HOOK_CLEARANCE},
	{SECURE_RULE("allow"), "main:Bug 10001, bug 20001 - x|beta:Bug 10001, bug 40001 - y", 3, HOOK_CLEARANCE},
	{SECURE_RULE("allow"), "main:No bug - x", 0, HOOK_ALLOW},
	/* What the tracker tells of duplicates is not charged, for that would show. */
	{SECURE_RULE("allow"), "main:Bug 60001 - x", 1, HOOK_CLEARANCE},
	/* Nothing is learnt of it. */
	{TOKEN_TOO, "main:Bug 20001 - x", 0, HOOK_DENY},
	{TOKEN_TOO, "main:Bug 20001 - x a=ann|beta:Bug 20002 - y", 0, HOOK_DENY},
	{TOKEN_TOO, "main:Bug 10001 - x a=ann", 1, HOOK_ALLOW},
	{WARNING_RULE, "main:Bug 20001 - x", 1, HOOK_ALLOW},
	{MAIN_RULE, "beta:Bug 20001 - x", 0, HOOK_ALLOW},
	{MAIN_RULE, "beta:Bug 20001 - x|main:Bug 10001 - y", 1, HOOK_ALLOW},
};

START_TEST(each_bug_that_is_looked_up_is_charged_once_and_none_of_what_is_refused_in_public)
{
	for (int state = TABLE_UNKNOWN; state <= TABLE_APPROVED; state++) {
		struct hook_stage stage;
		struct hook_answered answered;

		hook_stage_begin(&stage, charges[_i].policy);
		stage.state = (enum table_state)state;
		answered = hook_stage_ask(&stage, "r", charges[_i].branches);
		ck_assert_int_eq(answered.word, charges[_i].word);
		ck_assert_uint_eq(stage.charged, charges[_i].charged);
		ck_assert_uint_eq(answered.n_bugs, charges[_i].charged);
		hook_stage_end(&stage);
	}
}
END_TEST

static const char *const used_up[] = {"main:Bug 10001 - x", "main:Bug 20001 - x", "main:Bug 40001 - x",
				      "main:Bug 10001 - x|beta:Bug 20001 - y"};

START_TEST(who_asked_about_too_many_bugs_is_refused_in_the_same_words_whatever_they_are)
{
	struct hook_stage stage;
	struct hook_answered answered;

	for (int state = TABLE_UNKNOWN; state <= TABLE_APPROVED; state++) {
		hook_stage_begin(&stage, SECURE_RULE("allow"));
		stage.state = (enum table_state)state;
		stage.used_up = true;
		answered = hook_stage_ask(&stage, "r", used_up[_i]);
		ck_assert_str_eq(arena_text(&stage.arena, answered.text).at,
				 "deny\nToo many bugs were asked about; try again in some minutes\n");
		ck_assert_uint_eq(stage.reads, 0);
		hook_stage_end(&stage);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_push_is_answered_by_what_table_and_tracker_know_of_its_bugs, pushes),
	SUITE_ROWS(a_secure_bug_that_was_read_passes_by_no_rules_word_for_what_is_unknown, half_told),
	SUITE_ROWS(a_bug_of_several_branches_is_read_once_for_what_the_rules_of_all_of_them_ask, several),
	SUITE_TEST(what_is_refused_in_public_reads_nothing_and_tells_nothing_of_bugs),
	SUITE_ROWS(a_refusal_in_public_has_the_same_words_whatever_the_table_knows, told_nothing),
	SUITE_TEST(no_answer_of_a_restricted_rule_names_a_bug),
	SUITE_ROWS(a_word_is_asked_of_the_newest_commit_where_the_policy_says_so, worded),
	SUITE_ROWS(what_is_wrong_at_the_server_refuses_and_says_who_can_mend_it, refused),
	SUITE_TEST(a_rule_that_only_warns_says_that_it_lets_through),
	SUITE_TEST(warn_mode_lets_through_with_one_line_that_is_always_the_same),
	SUITE_TEST(without_a_tracker_every_bug_is_unknown),
	SUITE_ROWS(each_bug_that_is_looked_up_is_charged_once_and_none_of_what_is_refused_in_public, charges),
	SUITE_ROWS(who_asked_about_too_many_bugs_is_refused_in_the_same_words_whatever_they_are, used_up),
	SUITE_ROWS(a_broken_question_is_no_question, broken),
	SUITE_TEST(too_many_bugs_branches_or_commits_are_refused_whatever_the_rule_says),
	SUITE_TEST(an_answer_is_as_short_as_the_hook_can_read_and_holds_no_control_byte),
	SUITE_END,
};
SUITE_MAIN(tests)
