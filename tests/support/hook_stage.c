#include "tests/support/hook_stage.h"

#include <check.h>

/* What the tracker says of a number from here to the next. */
enum { PUBLIC = 10000, RATED = 20000, APPROVED = 30000, HIDDEN = 40000, MISSING = 50000, DUPLICATE = 60000 };

static enum table_state table_says(void *self, int64_t id)
{
	(void)id;
	return ((struct hook_stage *)self)->state;
}

/* As bug_source.h says. */
static bool counts(void *self, int64_t id, const struct bugs_wanted *wanted, struct arena *arena, struct bug *ret)
{
	static const struct bug_flag plus[] = {{.name = {"sec-approval", 12}, .status = BUG_FLAG_GRANTED}};
	static const struct bug_attachment patch[] = {{.flags = plus, .n_flags = 1}};
	const struct hook_stage *stage = self;
	struct bug bug = {.tracker = stage->tracker.name,
			  .id = id,
			  .state = BUG_READ,
			  .secure = TRI_NO,
			  .unread = BUG_FLAGS | BUG_ATTACHMENTS,
			  .as_of = HOOK_STAGE_NOW - 1000,
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
	static const struct bug_flag tracked[] = {{.name = {"cf_esr140", 9}, .status = BUG_FLAG_GRANTED}};
	static const int64_t other[] = {RATED};
	struct hook_stage *stage = self;

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
	*ret = ((struct hook_stage *)self)->repository;
	return text_is(name, "r");
}

static bool may_ask(void *self, size_t n_bugs)
{
	struct hook_stage *stage = self;

	stage->charged += n_bugs;
	return !stage->used_up;
}

void hook_stage_begin(struct hook_stage *stage, const char *policy)
{
	*stage = (struct hook_stage){
		.tracker = {.name = {"bmo", 3}, .state = table_says, .counts = counts, .read = read_one}};
	stage->tracker.self = stage;
	stage->repository = (struct hook_repository){
		.policy = text_of(policy), .policy_there = policy != NULL, .tracker = &stage->tracker};
}

struct hook_answered hook_stage_bytes(struct hook_stage *stage, struct text question)
{
	const struct hook_ports ports = {stage, HOOK_STAGE_NOW, repository, may_ask};
	struct hook_answered answered;

	hook_answer(&ports, question, &stage->arena, &answered);
	return answered;
}

struct hook_answered hook_stage_ask(struct hook_stage *stage, const char *name, const char *branches)
{
	struct hook_out out;
	struct hook_answered answered;

	hook_out_begin(&out, text_of(name));
	for (const char *at = branches; *at;) {
		size_t n = strcspn(at, "|"), colon = strcspn(at, ":");

		hook_out_branch(&out, (struct text){at, colon});
		if (n > colon + 1)
			hook_out_commit(&out, TEXT_LIT(HOOK_STAGE_NODE), (struct text){at + colon + 1, n - colon - 1});
		at += n + (at[n] == '|');
	}
	hook_out_end(&out);
	ck_assert(!out.failed);
	answered = hook_stage_bytes(stage, arena_text(&stage->arena, (struct text){out.at, out.n}));
	hook_out_free(&out);
	return answered;
}

void hook_stage_end(struct hook_stage *stage)
{
	arena_release(&stage->arena);
}
