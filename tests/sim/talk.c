#include <stdio.h>

#include "agent/store/migrations.h"
#include "tests/sim/talk_inner.h"
#include "tests/support/pipe.h"

/* ---- the process ---- */

bool talk_tell(struct talk *talk, bool ok, const struct err *err)
{
	if (talk->returned)
		talk->returned(talk->context, ok ? NULL : err);
	return ok;
}

static bool talk_write(void *self, store_job *job, void *arg, struct err *err)
{
	struct talk *talk = self;

	return talk_tell(talk, talk->inner.write(talk->inner.self, job, arg, err), err);
}

static bool talk_read(void *self, store_job *job, void *arg, struct err *err)
{
	struct talk *talk = self;

	return talk->inner.read(talk->inner.self, job, arg, err);
}

bool talk_open(struct talk *talk, struct err *err)
{
	struct sqlite_file_at at = {"headgate.db", false, disk_name(talk->disk)};
	struct exec_committer_config config = {&talk->writer, &talk->reader, 5000, (size_t)16 << 20, NULL, NULL};

	talk->open = true;
	if (!rows_sqlite_open_at(&at, &store_migrations, &talk->writer, err))
		return false;
	at.read_only = true;
	if (talk->port == TALK_COMMITTER && !rows_sqlite_open_at(&at, &store_migrations, &talk->reader, err))
		return false;
	if (talk->port == TALK_COMMITTER)
		talk->committer = exec_committer_start(&config, err);
	else
		talk->direct = exec_direct_new(&talk->writer);
	if (!talk->committer && !talk->direct)
		return false;
	talk->inner = talk->direct ? exec_direct_port(talk->direct) : exec_committer_port(talk->committer);
	talk->store = (struct store){.exec = {talk, talk_write, talk_read, NULL},
				     .limits = STORE_LIMITS_DEFAULT,
				     .context = TEXT_LIT("policy/merge-allowed")};
	return true;
}

bool talk_start(struct talk *talk, struct err *err)
{
	return talk_open(talk, err) && store_end_leases(&talk->store, talk->past.now, err);
}

void talk_close(struct talk *talk)
{
	if (!talk->open)
		return;
	exec_committer_stop(talk->committer);
	exec_direct_free(talk->direct);
	rows_close(&talk->reader);
	rows_close(&talk->writer);
	talk->committer = NULL;
	talk->direct = NULL;
	talk->open = false;
}

/* ---- workers ---- */

bool talk_apply(struct talk *talk, bool *ret, struct err *err)
{
	struct applied applied;

	if (!store_apply(&talk->store, talk->past.now, 20, &applied, err))
		return false;
	*ret = applied.rows > 0;
	return applied.broken == 0 || err_set(err, ERR_INVALID, "%zu rows of the journal are damaged", applied.broken);
}

static bool nothing(struct err *err, bool *ret)
{
	*ret = false;
	if (err->code != ERR_GONE)
		return false;
	*err = ERR_NONE;
	return true;
}

static bool news(struct talk *talk, struct err *err)
{
	return dice_roll(&talk->dice, 5) > 0 || !talk_people(talk) || talk_deliver(talk, talk->past.n_events - 1, err);
}

static bool conclude(struct talk *talk, const struct claim *claim, enum status_state truth, struct err *err)
{
	static const enum decision decisions[] = {[STATUS_UNKNOWN] = DECISION_BLOCKED,
						  [STATUS_FAILURE] = DECISION_BLOCKED,
						  [STATUS_PENDING] = DECISION_WAITING,
						  [STATUS_SUCCESS] = DECISION_ALLOWED};
	enum decision decision = decisions[truth];
	struct text text = text_of(decision_name(decision));
	struct verdict verdict = {
		.decision = decision, .state = decision_state(decision), .text = text, .public_text = text};
	struct conclusion in = {.claim = claim,
				.verdict = &verdict,
				.rules_json = TEXT_LIT("[]"),
				.facts_json = TEXT_LIT("{\"changes\":[]}"),
				.counted = TEXT_LIT(",22,"),
				.no_change = truth == STATUS_UNKNOWN,
				.now = talk->past.now,
				.read_at = talk->past.now};
	enum concluded outcome;
	int64_t id;

	if (!store_conclude(&talk->store, &in, &outcome, &id, err))
		return false;
	if (outcome == CONCLUDED && id > talk->past.verdicts)
		talk->past.verdicts = id;
	return true;
}

bool talk_judge(struct talk *talk, bool *ret, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {"judge", talk->past.now, &arena, NULL};
	enum status_state truth;
	struct claim claim;
	int64_t next_at;

	if (!store_claim(&talk->store, &taker, &claim, &next_at, err))
		return nothing(err, ret);
	*ret = true;
	truth = talk_truth(&talk->past, claim.sha.hex[0]);
	if (!news(talk, err))
		return false;
	if (dice_roll(&talk->dice, 12) == 0)
		return store_defer(&talk->store, &claim, talk->past.now + 1000, err);
	return conclude(talk, &claim, truth, err);
}

static void accept_status(struct past *past, const struct post *post)
{
	struct forge_head *head = &past->forge[talk_place(&post->sha)];

	head->state = post->state;
	(void)snprintf(head->text, sizeof head->text, "%.*s", TEXT_ARG(post->text));
	head->id = ++past->last_status;
	head->count++;
}

bool talk_post(struct talk *talk, bool *ret, struct err *err)
{
	static const struct {
		enum post_outcome outcome;
		bool arrives;
	} ends[] = {{POST_NOT_SENT, false}, {POST_UNANSWERED, false}, {POST_UNANSWERED, true}};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {"post", talk->past.now, &arena, NULL};
	struct post_result result = {.outcome = POST_ACCEPTED, .now = talk->past.now, .created_at = WHEN_UNKNOWN};
	uint64_t end = dice_roll(&talk->dice, 15);
	bool arrives = true;
	struct post post;
	int64_t next_at;

	if (!store_take_post(&talk->store, &taker, &post, &next_at, err))
		return nothing(err, ret);
	*ret = true;
	if (end < sizeof ends / sizeof ends[0]) {
		result.outcome = ends[end].outcome;
		arrives = ends[end].arrives;
	}
	if (arrives)
		accept_status(&talk->past, &post);
	if (result.outcome == POST_ACCEPTED)
		result.forge_status_id = talk->past.last_status;
	return news(talk, err) && store_posted(&talk->store, &post, &result, err);
}

bool talk_settle(struct talk *talk, bool *ret, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {"post", talk->past.now, &arena, NULL};
	const struct forge_head *head;
	struct reread seen;
	struct doubt doubt;
	int64_t next_at;

	if (!store_take_doubt(&talk->store, &taker, &doubt, &next_at, err))
		return nothing(err, ret);
	*ret = true;
	if (dice_roll(&talk->dice, 8) == 0)
		return store_defer_doubt(&talk->store, &doubt, talk->past.now + 2000, err);
	head = &talk->past.forge[talk_place(&doubt.sha)];
	seen = (struct reread){head->state, text_of(head->text), head->id, head->count, talk->past.now, NULL, 0};
	return news(talk, err) && store_settle_doubt(&talk->store, &doubt, &seen, err);
}

/* ---- acts ---- */

static bool act_tell(struct talk *talk, struct err *err)
{
	size_t n = 0, wanted = 1 + dice_roll(&talk->dice, TALK_BATCH);

	for (int tries = 0; tries < 20 && n < wanted; tries++)
		n += talk_people(talk);
	if (talk->committer && n > 0)
		return talk_deliver_batch(talk, n, err);
	for (; n > 0; n--)
		if (!talk_deliver(talk, talk->past.n_events - n, err))
			return false;
	return true;
}

static bool act_redeliver(struct talk *talk, struct err *err)
{
	return talk_redeliver(talk, err);
}

static bool act_apply(struct talk *talk, struct err *err)
{
	bool did;

	return talk_apply(talk, &did, err);
}

static bool act_judge(struct talk *talk, struct err *err)
{
	bool did;

	return talk_judge(talk, &did, err);
}

static bool act_post(struct talk *talk, struct err *err)
{
	bool did;

	return talk_post(talk, &did, err);
}

static bool act_settle(struct talk *talk, struct err *err)
{
	bool did;

	talk->past.now += 31000;
	return talk_settle(talk, &did, err);
}

static bool act_wait(struct talk *talk, struct err *err)
{
	(void)err;
	talk->past.now += 1 + (int64_t)dice_roll(&talk->dice, 5000);
	return true;
}

/* A sweep asks for a judgement; a judgement remembers when the forge first showed a head. */
static bool act_want(struct talk *talk, struct err *err)
{
	size_t number = dice_roll(&talk->dice, TALK_CHANGES);
	struct oid sha = talk_oid(talk->past.changes[number].head);
	struct first_shown shown = {{PIPE_REPO, (int64_t)number + 1}, sha, talk->past.now, WHEN_UNKNOWN};
	int64_t first;

	if (!talk->past.changes[number].exists)
		return true;
	return store_want(&talk->store, PIPE_REPO, &sha, true, err) &&
	       store_first_shown(&talk->store, &shown, &first, err);
}

/* Something of the disk is about to go wrong. */
static bool act_trouble(struct talk *talk, struct err *err)
{
	static const struct {
		enum disk_act act;
		enum disk_fault fault;
	} faults[] = {{DISK_WRITE, DISK_EIO}, {DISK_WRITE, DISK_ENOSPC}, {DISK_WRITE, DISK_SHORT},
		      {DISK_SYNC, DISK_EIO},  {DISK_SYNC, DISK_EIO},     {DISK_READ, DISK_EIO},
		      {DISK_READ, DISK_EIO},  {DISK_DELETE, DISK_EIO},   {DISK_TRUNCATE, DISK_EIO}};
	uint64_t which = dice_roll(&talk->dice, sizeof faults / sizeof faults[0] + 2);

	(void)err;
	if (!talk->troubled)
		return true;
	if (which == 0)
		disk_busy(talk->disk, 40 + dice_roll(&talk->dice, 100));
	else if (which == 1)
		disk_space(talk->disk, disk_used(talk->disk) + dice_roll(&talk->dice, 60000));
	else
		disk_fail(talk->disk, faults[which - 2].act, 1 + dice_roll(&talk->dice, 12), faults[which - 2].fault);
	return true;
}

static bool act_relief(struct talk *talk, struct err *err)
{
	(void)err;
	disk_space(talk->disk, 0);
	disk_busy(talk->disk, 0);
	return true;
}

static bool stop_in_order(struct talk *talk, struct err *err)
{
	(void)err;
	talk_close(talk);
	return true;
}

static bool stop_killed(struct talk *talk, struct err *err)
{
	(void)err;
	disk_crash(talk->disk);
	talk_close(talk);
	return true;
}

static bool stop_dark(struct talk *talk, struct err *err)
{
	(void)err;
	disk_cut(talk->disk, dice_roll(&talk->dice, UINT64_MAX));
	talk_close(talk);
	return true;
}

static const struct {
	bool (*act)(struct talk *talk, struct err *err);
	const char *name;
	uint64_t weight;
} acts[] = {
	{act_tell, "something happens", 20},
	{act_apply, "apply", 20},
	{act_judge, "judge", 26},
	{act_post, "post", 26},
	{act_settle, "settle a doubt", 5},
	{act_wait, "wait", 4},
	{act_want, "sweep", 3},
	{act_trouble, "trouble ahead", 4},
	{act_relief, "space and locks are free", 4},
	{act_redeliver, "redeliver", 2},
	{stop_in_order, "stop in order", 1},
	{stop_killed, "kill", 2},
	{stop_dark, "power loss", 1},
};
#define ACTS (sizeof acts / sizeof acts[0])

enum talk_outcome talk_act(struct talk *talk)
{
	uint64_t sum = 0, roll;
	size_t i = 0;

	for (size_t k = 0; k < ACTS; k++)
		sum += acts[k].weight;
	for (roll = dice_roll(&talk->dice, sum); roll >= acts[i].weight; i++)
		roll -= acts[i].weight;
	talk->err = ERR_NONE;
	talk->act = acts[i].name;
	if (!acts[i].act(talk, &talk->err))
		return talk->err.code == ERR_LIMIT || talk->err.code == ERR_RETRY ? TALK_FAILED : TALK_STOPPED;
	return talk->open ? TALK_DONE : TALK_RESTARTED;
}
