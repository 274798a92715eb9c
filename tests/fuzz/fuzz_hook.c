/*
 * Any bytes are a question that is answered in words that the hook can read, or a broken one that says why. The same
 * bytes give the same answer, and a bug that the table has as secure is never let through by a rule that lets through
 * what is unknown.
 */
#include "agent/hook/answer.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char policy[] = "policy: {approval: [land, token]}\napproval_rules:\n"
			     "  - name: land\n    visibility: restricted\n    on_unknown: {hook: allow}\n"
			     "    requires: {conditions: {bugs: {every: {private: false}}}}\n"
			     "  - {name: token, requires: {conditions: {commit_token: {key: a}}}}\n";

struct told {
	bool secure; /* a secure bug was asked about */
};

/* Every third number is secure, every third unknown. */
static enum table_state state(void *self, int64_t id)
{
	struct told *told = self;

	told->secure = told->secure || id % 3 == 0;
	return id % 3 == 0 ? TABLE_SECURE : id % 3 == 1 ? TABLE_INSECURE : TABLE_UNKNOWN;
}

static bool counts(void *self, int64_t id, const struct bugs_wanted *wanted, struct arena *arena, struct bug *ret)
{
	(void)self;
	(void)wanted;
	(void)arena;
	if (id % 3 != 1)
		return false;
	*ret = (struct bug){.tracker = TEXT_LIT("t"),
			    .id = id,
			    .state = BUG_READ,
			    .secure = TRI_NO,
			    .as_of = 1,
			    .from_table = true};
	return true;
}

static bool repository(void *self, struct text name, struct arena *arena, struct hook_repository *ret)
{
	struct hook_tracker *tracker = arena_alloc(arena, 1, sizeof *tracker);

	*tracker = (struct hook_tracker){
		.self = self, .name = TEXT_LIT("t"), .table_only = true, .state = state, .counts = counts};
	*ret = (struct hook_repository){.policy = TEXT_LIT(policy), .policy_there = true, .tracker = tracker};
	return text_is(name, "r");
}

static bool may_ask(void *self, size_t n_bugs)
{
	(void)self;
	return n_bugs <= HOOK_BUGS_MAX;
}

static void ask(struct text question, struct arena *arena, struct told *told, struct hook_answered *ret)
{
	const struct hook_ports ports = {told, 1790000000000, repository, may_ask};

	hook_answer(&ports, question, arena, ret);
}

static void check(const struct hook_answered *answered, const struct told *told)
{
	struct text lines = TEXT_EMPTY;
	size_t n = 0, begin = 0;

	assert(answered->text.len > 0 && answered->text.len < HOOK_REPLY_MAX / 2);
	if (answered->word == HOOK_NO_ANSWER) {
		assert(text_starts(answered->text, TEXT_LIT("The question is broken: ")));
		return;
	}
	assert(hook_answer_read(answered->text, &lines) == answered->word);
	assert(answered->word != HOOK_ALLOW || !told->secure);
	assert(answered->n_branches > 0 && answered->n_branches <= HOOK_BRANCHES_MAX);
	for (size_t i = 0; i < lines.len; i++) {
		if (lines.at[i] == '\n') {
			assert(i - begin <= HOOK_LINE_MAX);
			begin = i + 1;
			n++;
		} else {
			assert((unsigned char)lines.at[i] >= ' ' && lines.at[i] != 0x7f);
		}
	}
	assert(n <= HOOK_LINES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text question = {(const char *)data, size}, lines;
	struct told told = {false}, again = {false};
	struct hook_answered first, second;

	ask(question, &arena, &told, &first);
	check(&first, &told);
	ask(question, &arena, &again, &second);
	assert(first.word == second.word && text_eq(first.text, second.text));
	(void)hook_answer_read(question, &lines); /* what a server may say */
	return 0;
}
