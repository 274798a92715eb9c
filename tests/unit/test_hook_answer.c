/*
 * What a commit hook is answered: the question's bytes, a policy, a table and a tracker that are told here, and the
 * words that come back. What was read of the tracker is counted.
 */
#include "agent/hook/answer.h"
#include "tests/support/suite.h"

#define NOW INT64_C(1790000000000)

#define SECURE_RULE(hook)                                                                                              \
	"policy: {approval: [land]}\napproval_rules:\n"                                                                \
	"  - name: land\n    visibility: restricted\n    on_unknown: {hook: " hook "}\n"                               \
	"    requires:\n      conditions:\n        bugs:\n          every:\n            any_of:\n"                     \
	"              - {private: false, keywords: {none_of: [sec-high]}}\n"                                          \
	"              - {attachment_flag: {name: sec-approval, status: '+'}}\n"
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

/* What the tracker and the table say of a number, told by the number. */
enum { PUBLIC = 10000, RATED = 20000, APPROVED = 30000, HIDDEN = 40000, MISSING = 50000, DUPLICATE = 60000 };

struct stage {
	struct hook_tracker tracker;
	struct hook_repository repository;
	enum table_state state; /* of every bug */
	bool fresh, down;
	size_t reads;
	struct arena arena;
};

static enum table_state table_says(void *self, int64_t id)
{
	(void)id;
	return ((struct stage *)self)->state;
}

/* As bug_source.h says. */
static bool counts(void *self, int64_t id, const struct bugs_wanted *wanted, struct arena *arena, struct bug *ret)
{
	static const struct bug_flag plus[] = {{.name = {"sec-approval", 12}, .status = BUG_FLAG_GRANTED}};
	static const struct bug_attachment patch[] = {{.flags = plus, .n_flags = 1}};
	const struct stage *stage = self;
	struct bug bug = {.tracker = stage->tracker.name,
			  .id = id,
			  .state = BUG_READ,
			  .secure = TRI_NO,
			  .unread = BUG_FLAGS | BUG_ATTACHMENTS,
			  .as_of = NOW - 1000,
			  .from_table = true};

	(void)wanted;
	(void)arena;
	if (stage->state >= TABLE_SECURE) {
		if (!stage->tracker.table_only)
			return false;
		bug.secure = TRI_YES;
		bug.state = stage->fresh && stage->state == TABLE_APPROVED ? BUG_READ : BUG_HIDDEN;
		bug.unread |= BUG_KEYWORDS | BUG_GROUPS;
		bug.attachments = patch;
		bug.n_attachments = bug.state == BUG_READ;
	} else if (!stage->fresh || stage->state != TABLE_INSECURE) {
		return false;
	}
	*ret = bug;
	return true;
}

static bool read_one(void *self, int64_t id, const struct bugs_wanted *wanted, struct arena *arena, struct bug *ret)
{
	static const struct text rated[] = {{"sec-high", 8}};
	static const struct bug_flag plus[] = {{.name = {"sec-approval", 12}, .status = BUG_FLAG_GRANTED}};
	static const struct bug_attachment patch[] = {{.id = 1, .patch = true, .flags = plus, .n_flags = 1}};
	static const int64_t other[] = {RATED};
	struct stage *stage = self;

	static const struct bug_flag tracked[] = {{.name = {"cf_esr140", 9}, .status = BUG_FLAG_GRANTED}};

	(void)arena;
	ck_assert(!stage->tracker.table_only);
	stage->reads++;
	if (stage->down)
		return false;
	*ret = (struct bug){
		.tracker = stage->tracker.name, .id = id, .state = BUG_READ, .secure = TRI_NO, .open = TRI_YES};
	for (size_t i = 0; id < RATED && i < wanted->n_flags; i++) /* custom fields are told to who asks for them */
		if (text_eq(wanted->flags[i], tracked[0].name)) {
			ret->flags = tracked;
			ret->n_flags = 1;
		}
	if (id >= RATED && id < HIDDEN) {
		ret->keywords = rated;
		ret->n_keywords = 1;
	}
	if (id >= APPROVED && id < HIDDEN) {
		ret->attachments = patch;
		ret->n_attachments = 1;
	}
	if (id >= DUPLICATE) {
		ret->duplicates = other;
		ret->n_duplicates = 1;
	} else if (id >= MISSING) {
		ret->state = BUG_MISSING;
	} else if (id >= HIDDEN) {
		ret->state = BUG_HIDDEN;
	}
	return true;
}

static bool repository(void *self, struct text name, struct arena *arena, struct hook_repository *ret)
{
	(void)arena;
	*ret = ((struct stage *)self)->repository;
	return text_is(name, "r");
}

static void begin(struct stage *stage, const char *policy)
{
	*stage = (struct stage){
		.tracker = {.name = {"bmo", 3}, .state = table_says, .counts = counts, .read = read_one}};
	stage->tracker.self = stage;
	stage->repository = (struct hook_repository){
		.policy = text_of(policy), .policy_there = policy != NULL, .tracker = &stage->tracker};
}

static struct hook_answered ask_bytes(struct stage *stage, struct text question)
{
	const struct hook_ports ports = {stage, NOW, repository};
	struct hook_answered answered;

	hook_answer(&ports, question, &stage->arena, &answered);
	return answered;
}

#define NODE "0123456789012345678901234567890123456789"

/* A branch each with one commit: "main:Bug 1|beta:Bug 2". */
static struct hook_answered ask(struct stage *stage, const char *name, const char *branches)
{
	struct hook_out out;
	struct hook_answered answered;

	hook_out_begin(&out, text_of(name));
	for (const char *at = branches; *at;) {
		size_t n = strcspn(at, "|"), colon = strcspn(at, ":");

		hook_out_branch(&out, (struct text){at, colon});
		if (n > colon + 1)
			hook_out_commit(&out, TEXT_LIT(NODE), (struct text){at + colon + 1, n - colon - 1});
		at += n + (at[n] == '|');
	}
	hook_out_end(&out);
	ck_assert(!out.failed);
	answered = ask_bytes(stage, arena_text(&stage->arena, (struct text){out.at, out.n}));
	hook_out_free(&out);
	return answered;
}

static void end(struct stage *stage)
{
	arena_release(&stage->arena);
}

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
	struct stage stage;
	struct hook_answered answered;

	begin(&stage, strcmp(pushes[_i].hook, "deny") == 0 ? SECURE_RULE("deny") : SECURE_RULE("allow"));
	stage.state = pushes[_i].state;
	stage.fresh = pushes[_i].fresh;
	stage.down = pushes[_i].down;
	stage.tracker.table_only = pushes[_i].table_only;
	answered = ask(&stage, "r", pushes[_i].branches);
	ck_assert_str_eq(arena_text(&stage.arena, answered.text).at, pushes[_i].says);
	ck_assert_uint_eq(stage.reads, pushes[_i].reads);
	end(&stage);
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
	struct stage stage;
	struct hook_answered answered;

	begin(&stage, SETTER_RULE);
	stage.state = half_told[_i].state;
	answered = ask(&stage, "r", "main:Bug 30001 - x");
	ck_assert_str_eq(arena_text(&stage.arena, answered.text).at, half_told[_i].says);
	ck_assert_uint_eq(stage.reads, 1);
	end(&stage);
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
	struct stage stage;

	begin(&stage, ESR_RULE);
	ck_assert_int_eq(ask(&stage, "r", several[_i].branches).word, several[_i].word);
	ck_assert_uint_eq(stage.reads, 1);
	end(&stage);
}
END_TEST

START_TEST(what_is_refused_in_public_reads_nothing_and_tells_nothing_of_bugs)
{
	struct stage stage;
	struct hook_answered answered;

	begin(&stage, TOKEN_TOO);
	answered = ask(&stage, "r", "main:Bug 20001 - x");
	ck_assert_int_eq(answered.word, HOOK_DENY);
	ck_assert_uint_eq(stage.reads, 0);
	ck_assert(text_find(answered.text, TEXT_LIT("learance")) == SIZE_MAX);
	/* Another branch's refusal is enough. */
	answered = ask(&stage, "r", "main:Bug 20001 - x a=ann|beta:Bug 20002 - y");
	ck_assert_int_eq(answered.word, HOOK_DENY);
	ck_assert_uint_eq(stage.reads, 0);
	ck_assert(text_find(answered.text, TEXT_LIT("learance")) == SIZE_MAX);
	answered = ask(&stage, "r", "main:Bug 40001 - x a=ann");
	ck_assert_int_eq(answered.word, HOOK_CLEARANCE);
	ck_assert_uint_eq(stage.reads, 1);
	end(&stage);
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
	struct stage stage;
	struct hook_answered answered;

	for (int state = TABLE_UNKNOWN; state <= TABLE_APPROVED; state++)
		for (int alone = 0; alone < 2; alone++) {
			begin(&stage, told_nothing[_i].policy);
			stage.state = (enum table_state)state;
			stage.fresh = true;
			stage.tracker.table_only = alone;
			answered = ask(&stage, "r", told_nothing[_i].branches);
			ck_assert_str_eq(arena_text(&stage.arena, answered.text).at, told_nothing[_i].says);
			ck_assert_uint_eq(stage.reads, 0);
			end(&stage);
		}
}
END_TEST

START_TEST(no_answer_of_a_restricted_rule_names_a_bug)
{
	struct stage stage;
	struct hook_answered answered;

	for (size_t i = 0; i < sizeof pushes / sizeof pushes[0]; i++) {
		begin(&stage, SECURE_RULE("deny"));
		stage.state = pushes[i].state;
		answered = ask(&stage, "r", pushes[i].branches);
		for (size_t k = 0; k < answered.text.len; k++)
			ck_assert(answered.text.at[k] < '0' || answered.text.at[k] > '9');
		end(&stage);
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
	struct stage stage;
	struct hook_answered answered;

	begin(&stage, refused[_i].policy);
	answered = ask(&stage, refused[_i].name, "main:x");
	ck_assert_int_eq(answered.word, HOOK_DENY);
	ck_assert_msg(text_starts(answered.text, text_of(refused[_i].says)), "%.*s", TEXT_ARG(answered.text));
	ck_assert(text_find(answered.text, TEXT_LIT("whoever runs")) != SIZE_MAX);
	end(&stage);
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

static struct hook_answered ask_two(struct stage *stage, const char *first, const char *second)
{
	struct hook_out out;
	struct hook_answered answered;

	hook_out_begin(&out, TEXT_LIT("r"));
	hook_out_branch(&out, TEXT_LIT("main"));
	hook_out_commit(&out, TEXT_LIT("1111111111111111111111111111111111111111"), text_of(first));
	hook_out_commit(&out, TEXT_LIT("2222222222222222222222222222222222222222"), text_of(second));
	hook_out_end(&out);
	ck_assert(!out.failed);
	answered = ask_bytes(stage, arena_text(&stage->arena, (struct text){out.at, out.n}));
	hook_out_free(&out);
	return answered;
}

START_TEST(a_word_is_asked_of_the_newest_commit_where_the_policy_says_so)
{
	struct stage stage;
	char policy[300];

	(void)snprintf(policy, sizeof policy,
		       "policy: {approval: [word]}\napproval_rules:\n"
		       "  - {name: word, requires: {conditions: {message_word: {words: [SKIP], where: %s}}}}\n",
		       worded[_i].where);
	begin(&stage, policy);
	ck_assert_int_eq(ask_two(&stage, worded[_i].first, worded[_i].second).word, worded[_i].word);
	end(&stage);
}
END_TEST

/* Its line is that of a refusal: the next one says that it is none. */
START_TEST(a_rule_that_only_warns_says_that_it_lets_through)
{
	struct stage stage;
	struct hook_answered answered;

	begin(&stage, "policy: {approval: [land]}\napproval_rules:\n  - {name: land, mode: warn, requires: "
		      "{conditions: {bugs: {every: {keywords: {none_of: [sec-high]}}}}}}\n");
	answered = ask(&stage, "r", "main:Bug 20001 - x");
	ck_assert_str_eq(arena_text(&stage.arena, answered.text).at,
			 "allow\nNeeds maintainer clearance\nThat is a warning alone: the push is let through\n");
	answered = ask(&stage, "r", "main:Bug 10001 - x");
	ck_assert_str_eq(arena_text(&stage.arena, answered.text).at, "allow\n");
	end(&stage);
}
END_TEST

START_TEST(warn_mode_lets_through_with_one_line_that_is_always_the_same)
{
	static const char *const branches[] = {"main:Bug 20001 - x a=ann", "main:Bug 10001 - no token",
					       "main:Bug 40001"};
	struct stage stage;
	struct hook_answered answered;

	for (size_t i = 0; i < 3; i++) {
		begin(&stage, TOKEN_TOO);
		stage.repository.warns = true;
		stage.state = TABLE_SECURE;
		stage.down = true;
		answered = ask(&stage, "r", branches[i]);
		ck_assert_str_eq(arena_text(&stage.arena, answered.text).at,
				 "allow\nThis push would be refused; for now this repository only warns\n");
		ck_assert(answered.warned);
		end(&stage);
	}
	begin(&stage, TOKEN_TOO);
	stage.repository.warns = true;
	answered = ask(&stage, "r", "main:Bug 10001 - x a=ann");
	ck_assert_str_eq(arena_text(&stage.arena, answered.text).at, "allow\n");
	ck_assert(!answered.warned);
	end(&stage);
}
END_TEST

START_TEST(without_a_tracker_every_bug_is_unknown)
{
	struct stage stage;

	begin(&stage, SECURE_RULE("deny"));
	stage.repository.tracker = NULL;
	ck_assert_int_eq(ask(&stage, "r", "main:Bug 10001 - x").word, HOOK_CLEARANCE);
	ck_assert_int_eq(ask(&stage, "r", "main:x").word, HOOK_ALLOW);
	end(&stage);
}
END_TEST

#define START "headgate-hook 1\nrepository 1\nr\n"

static const char *const broken[] = {
	"",
	"headgate-hook 2\nrepository 1\nr\nbranch 1\nm\nend\n",
	START,
	START "end\n",
	START "commit " NODE " 1\nx\nend\n",
	START "branch 1\nm\ncommit " NODE " 1\nx\n",
	START "branch 1\nm\ncommit " NODE " 9\nx\nend\n",
	START "branch 1\nm\nlist\nend\n",
	START "branch 1\nm\nbug 12345\nend\n",
	START "branch 1\nm\nend\nbranch 1\nn\nend\n",
	START "branch 0\n\nend\n",
	START "branch 1\n\x1b\nend\n",
};

START_TEST(a_broken_question_is_no_question)
{
	struct stage stage;
	struct hook_answered answered;

	begin(&stage, SECURE_RULE("allow"));
	answered = ask_bytes(&stage, text_of(broken[_i]));
	ck_assert_int_eq(answered.word, HOOK_NO_ANSWER);
	ck_assert(text_starts(answered.text, TEXT_LIT("The question is broken: ")));
	ck_assert_uint_eq(stage.reads, 0);
	end(&stage);
}
END_TEST

/* So many that a secure one could hide among them. */
START_TEST(too_many_bugs_branches_or_commits_are_refused_whatever_the_rule_says)
{
	struct stage stage;
	struct hook_out out;
	char text[64];

	for (int way = 0; way < 3; way++) {
		begin(&stage, SECURE_RULE("allow"));
		stage.down = true;
		hook_out_begin(&out, TEXT_LIT("r"));
		for (int i = 0; i < (way == 0 ? HOOK_BRANCHES_MAX + 1 : 5); i++) {
			hook_out_branch(&out, TEXT_LIT("b"));
			for (int k = 0; way > 0 && k < (way == 1 ? HOOK_COMMITS_MAX / 5 + 1 : 450); k++) {
				snprintf(text, sizeof text, way == 1 ? "x" : "Bug %d - x", 100000 + i * 1000 + k);
				hook_out_commit(&out, TEXT_LIT(NODE), text_of(text));
			}
		}
		hook_out_end(&out);
		ck_assert_int_eq(ask_bytes(&stage, (struct text){out.at, out.n}).word,
				 way == 0 ? HOOK_NO_ANSWER : HOOK_DENY);
		hook_out_free(&out);
		end(&stage);
	}
}
END_TEST

START_TEST(an_answer_is_as_short_as_the_hook_can_read_and_holds_no_control_byte)
{
	struct stage stage;
	struct text policy = TEXT_LIT("policy:\n  approval:\n"), rules = TEXT_LIT("approval_rules:\n");
	struct hook_answered answered;
	struct text lines;
	size_t n = 0;

	begin(&stage, "");
	for (int i = 0; i < 100; i++) {
		policy = arena_printf(&stage.arena, "%.*s    - \"rule\\t%d\"\n", TEXT_ARG(policy), i);
		rules = arena_printf(
			&stage.arena,
			"%.*s  - {name: \"rule\\t%d\", requires: {conditions: {commit_token: {key: a}}}}\n",
			TEXT_ARG(rules), i);
	}
	stage.repository.policy = arena_printf(&stage.arena, "%.*s%.*s", TEXT_ARG(policy), TEXT_ARG(rules));
	answered = ask(&stage, "r", "main:x|beta:y");
	ck_assert_int_eq(hook_answer_read(answered.text, &lines), HOOK_DENY);
	ck_assert_uint_le(answered.text.len, HOOK_REPLY_MAX / 2);
	for (size_t i = 0; i < lines.len; i++) {
		n += lines.at[i] == '\n';
		ck_assert(lines.at[i] == '\n' || (unsigned char)lines.at[i] >= ' ');
	}
	ck_assert_uint_gt(n, 10);
	ck_assert_uint_le(n, HOOK_LINES);
	end(&stage);
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
	SUITE_ROWS(a_broken_question_is_no_question, broken),
	SUITE_TEST(too_many_bugs_branches_or_commits_are_refused_whatever_the_rule_says),
	SUITE_TEST(an_answer_is_as_short_as_the_hook_can_read_and_holds_no_control_byte),
	SUITE_END,
};
SUITE_MAIN(tests)
