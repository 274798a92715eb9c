/*
 * headgate-images: the power fails at every kind of moment, and nothing that was promised is lost.
 *
 *     headgate-images [--images N] [--seed N] [--image K] [--trace]
 *
 * Runs conversations with the store (talk.h) and cuts the power before and after writes, syncs and directory changes,
 * and between transactions. Each image is opened, compared with what was promised by then, and driven to the end. A
 * failure names seed and image; `--seed N --image K` tries that one alone, `--trace` tells its conversation. Exit 1:
 * something was lost.
 */
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/talk.h"

#define ACTS         70
#define IMAGES_EACH  40 /* of one conversation */
#define POINTS_ABOUT 3000
#define STRIDE_LEAST 20
#define STRIDE_MOST  120
#define RESTARTS_MAX 10
#define RARE_ONE_IN  4
#define ENOUGH       2000 /* images, to have met everything */
#define SHOWN_MAX    5

struct campaign {
	uint64_t seed, wanted, only; /* only: UINT64_MAX for all */
	bool trace;
	uint64_t taken, lost, conversations, transactions, points, restarts, failed;
	uint64_t torn, without, with; /* images: with a torn write, without or with the transaction under way */
	uint64_t cuts[DISK_ACTS][2];  /* before and after each kind of act */
};

struct run {
	struct campaign *campaign;
	struct talk talk;
	struct dice dice; /* of the images; the talk has its own */
	uint64_t stride, offset, points, taken;
	struct moment held[IMAGES_EACH];
	uint64_t numbers[IMAGES_EACH];
	size_t n_held;
	uint64_t allowed[2]; /* digests that a cut may leave now */
	size_t n_allowed;
	bool in_doubt; /* a commit failed: it may be there or not */
};

/* ---- the trace ---- */

__attribute__((format(printf, 2, 3))) static void trace(const struct run *run, const char *format, ...)
{
	va_list args;

	if (!run->campaign->trace)
		return;
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
}

/* ---- images ---- */

static void hold(struct run *run)
{
	struct campaign *campaign = run->campaign;
	uint64_t seed = dice_roll(&run->dice, UINT64_MAX), number = campaign->taken;
	struct moment *moment = &run->held[run->n_held];
	char name[32];

	if (campaign->taken == campaign->wanted || run->taken == IMAGES_EACH)
		return;
	campaign->taken++;
	run->taken++;
	if (campaign->only != UINT64_MAX && campaign->only != number)
		return;
	(void)snprintf(name, sizeof name, "image-%llu", (unsigned long long)number);
	*moment = (struct moment){.disk = disk_image(run->talk.disk, name, seed), .past = run->talk.past};
	run->numbers[run->n_held++] = number;
	trace(run, "  image %llu\n", (unsigned long long)number);
}

static void at_point(void *context, enum disk_act act, bool after)
{
	struct run *run = context;

	uint64_t taken = run->campaign->taken;
	bool rare = act == DISK_MAKE || act == DISK_DELETE || act == DISK_TRUNCATE;
	bool due = run->points >= run->offset && (run->points - run->offset) % run->stride == 0;

	run->campaign->points++;
	run->points++;
	if (due || (rare && dice_roll(&run->dice, RARE_ONE_IN) == 0))
		hold(run);
	run->campaign->cuts[act][after] += run->campaign->taken - taken;
}

static void complain(const struct run *run, uint64_t number, const char *why)
{
	const struct campaign *campaign = run->campaign;

	if (campaign->lost <= SHOWN_MAX)
		(void)printf("image %llu of seed %llu: %s\n"
			     "  again: headgate-images --images %llu --seed %llu --image %llu\n",
			     (unsigned long long)number, (unsigned long long)campaign->seed, why,
			     (unsigned long long)campaign->wanted, (unsigned long long)campaign->seed,
			     (unsigned long long)number);
}

static void judge_held(struct run *run)
{
	char why[TALK_WHY] = "";

	/* SQLite's random numbers (its log has some) go on as if there were no images. */
	(void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SAVE);
	for (size_t i = 0; i < run->n_held; i++) {
		struct moment *moment = &run->held[i];

		memcpy(moment->digests, run->allowed, sizeof run->allowed);
		moment->n_digests = run->n_allowed;
		moment->any_digest = run->in_doubt;
		run->campaign->torn += disk_counts(moment->disk).torn > 0;
		if (!moment_holds(moment, why)) {
			run->campaign->lost++;
			complain(run, run->numbers[i], why);
		}
		run->campaign->without += moment->n_digests == 2 && moment->found == 0;
		run->campaign->with += moment->n_digests == 2 && moment->found == 1;
		disk_free(moment->disk);
	}
	(void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_RESTORE);
	run->n_held = 0;
}

/* ---- what is allowed ---- */

static bool digest_now(struct run *run, uint64_t *ret)
{
	struct talk *talk = &run->talk;
	struct err err = ERR_NONE;
	bool ok;

	disk_pause(talk->disk, true);
	ok = talk_digest(talk_looker(talk), ret, &err);
	disk_pause(talk->disk, false);
	return ok;
}

static void allow(struct run *run, uint64_t digest)
{
	for (size_t i = 0; i < run->n_allowed; i++)
		if (run->allowed[i] == digest)
			return;
	if (run->n_allowed == sizeof run->allowed / sizeof run->allowed[0])
		run->n_allowed = 1;
	run->allowed[run->n_allowed++] = digest;
}

/* After each transaction: what was durable before it, or all of it; once it is acknowledged, that alone. */
static void returned(void *context, const struct err *err)
{
	struct run *run = context;
	uint64_t digest = 0;
	bool known = digest_now(run, &digest);

	run->campaign->transactions++;
	if (known)
		allow(run, digest);
	if (!known || (err && err->code == ERR_BROKEN))
		run->in_doubt = true;
	judge_held(run);
	if (err || !known)
		return;
	run->allowed[0] = digest;
	run->n_allowed = 1;
	run->in_doubt = false;
	at_point(run, DISK_SYNC, true); /* between two transactions */
	judge_held(run);
}

/* ---- a conversation ---- */

/* What stands in the file that was just opened is what was promised; a transaction in doubt may be there, too. */
static bool as_allowed(struct run *run, struct err *err)
{
	uint64_t digest = 0;
	size_t i = 0;

	if (!digest_now(run, &digest))
		return err_set(err, ERR_INVALID, "the file that was opened again cannot be read");
	while (i < run->n_allowed && run->allowed[i] != digest)
		i++;
	if (i == run->n_allowed && run->n_allowed > 0 && !run->in_doubt)
		return err_set(err, ERR_INVALID, "the process starts again from rows that were never committed");
	allow(run, digest);
	return true;
}

static void calm(struct disk *disk)
{
	disk_space(disk, 0);
	disk_busy(disk, 0);
	for (int act = 0; act < DISK_ACTS; act++)
		disk_fail(disk, (enum disk_act)act, 0, DISK_SOUND);
}

/* The supervisor's part: starts the process again, faults and all; in the end without them. */
static bool start(struct run *run, struct err *err)
{
	struct talk *talk = &run->talk;
	bool wrong = false, ok = false;

	for (int tries = 0; tries < RESTARTS_MAX && !ok && !wrong; tries++) {
		if (tries > RESTARTS_MAX / 2)
			calm(talk->disk);
		*err = ERR_NONE;
		run->campaign->restarts++;
		ok = talk_open(talk, err);
		trace(run, "  start%s%s\n", ok ? "" : ": ", ok ? "" : err->text);
		wrong = ok && !as_allowed(run, err);
		judge_held(run);
		ok = ok && !wrong && store_end_leases(&talk->store, talk->past.now, err);
		if (ok)
			break;
		disk_crash(talk->disk);
		talk_close(talk);
		judge_held(run);
	}
	return ok;
}

/* False: something is wrong, and *err says what. */
static bool converse(struct run *run, struct err *err)
{
	struct talk *talk = &run->talk;
	enum talk_outcome outcome;

	if (!start(run, err))
		return false;
	for (int n = 0; n < ACTS; n++) {
		outcome = talk_act(talk);
		trace(run, "  %d: %s%s%s (%llu faults so far)\n", n, talk->act, talk->err.code ? ": " : "",
		      talk->err.text, (unsigned long long)disk_counts(talk->disk).failed);
		run->campaign->failed += outcome == TALK_FAILED || outcome == TALK_STOPPED;
		if (outcome == TALK_STOPPED && talk->err.code != ERR_BROKEN) {
			*err = talk->err;
			return false;
		}
		if (outcome == TALK_STOPPED) { /* as the program does: at once, and nothing is put in order */
			disk_crash(talk->disk);
			talk_close(talk);
		}
		judge_held(run);
		if (!talk->open && !start(run, err))
			return false;
	}
	calm(talk->disk);
	return talk_ends_well(talk, err);
}

/* Points far apart over the whole of it, or one after the other somewhere. */
static void choose_points(struct run *run, struct dice *dice)
{
	bool spread = dice_roll(dice, 2) == 0;

	run->stride = spread ? STRIDE_LEAST + dice_roll(dice, STRIDE_MOST) : 1 + dice_roll(dice, 3);
	run->offset = dice_roll(dice, spread ? run->stride : POINTS_ABOUT);
}

static void conversation(struct campaign *campaign)
{
	static struct run run;
	struct dice dice = {campaign->seed * 1000003 + campaign->conversations};
	struct err err = ERR_NONE;
	uint64_t number = campaign->conversations++;

	memset(&run, 0, sizeof run);
	run.campaign = campaign;
	run.dice.state = dice_roll(&dice, UINT64_MAX);
	choose_points(&run, &dice);
	run.talk = (struct talk){.disk = disk_new("conversation", dice_roll(&dice, UINT64_MAX)),
				 .dice = {dice_roll(&dice, UINT64_MAX)},
				 .past = {.now = 1000000000},
				 .port = (enum talk_port)dice_roll(&dice, TALK_PORTS),
				 .troubled = dice_roll(&dice, 2) == 0,
				 .returned = returned,
				 .context = &run};
	(void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 1 + (int)number, NULL);
	trace(&run, "conversation %llu\n", (unsigned long long)number);
	disk_watch(run.talk.disk, at_point, &run);
	if (!converse(&run, &err)) {
		campaign->lost++;
		(void)printf("conversation %llu of seed %llu: %s\n", (unsigned long long)number,
			     (unsigned long long)campaign->seed, err.text);
	}
	disk_watch(run.talk.disk, NULL, NULL);
	talk_close(&run.talk);
	judge_held(&run);
	disk_free(run.talk.disk);
}

/* ---- the program ---- */

static bool parse(struct campaign *campaign, int argc, char **argv)
{
	const struct {
		const char *name;
		uint64_t *to;
	} options[] = {{"--images", &campaign->wanted}, {"--seed", &campaign->seed}, {"--image", &campaign->only}};
	int64_t number;

	for (int i = 1; i < argc; i += 2) {
		uint64_t *to = NULL;

		if (strcmp(argv[i], "--trace") == 0) {
			campaign->trace = true;
			i--;
			continue;
		}

		for (size_t k = 0; k < sizeof options / sizeof options[0]; k++)
			if (strcmp(argv[i], options[k].name) == 0)
				to = options[k].to;
		if (!to || i + 1 == argc || !text_int64(text_of(argv[i + 1]), &number) || number < 0) {
			(void)fprintf(stderr, "usage: headgate-images [--images N] [--seed N] [--image K] [--trace]\n");
			return false;
		}
		*to = (uint64_t)number;
	}
	return true;
}

/* A campaign that never met a torn write, or never one of the kinds of moment, proves little: false. */
static bool print(const struct campaign *campaign)
{
	static const char *const names[DISK_ACTS] = {
		[DISK_WRITE] = "write", [DISK_SYNC] = "sync", [DISK_MAKE] = "make", [DISK_DELETE] = "delete"};
	bool met = campaign->torn > 0 && campaign->without > 0 && campaign->with > 0;

	(void)printf("images: %llu cut, %llu lost; seed %llu: %llu conversations, %llu transactions, %llu refused, "
		     "%llu starts; %llu torn, %llu without and %llu with the transaction under way; before/after",
		     (unsigned long long)campaign->taken, (unsigned long long)campaign->lost,
		     (unsigned long long)campaign->seed, (unsigned long long)campaign->conversations,
		     (unsigned long long)campaign->transactions, (unsigned long long)campaign->failed,
		     (unsigned long long)campaign->restarts, (unsigned long long)campaign->torn,
		     (unsigned long long)campaign->without, (unsigned long long)campaign->with);
	for (size_t i = 0; i < DISK_ACTS; i++) {
		if (!names[i])
			continue;
		(void)printf(" %s %llu/%llu", names[i], (unsigned long long)campaign->cuts[i][false],
			     (unsigned long long)campaign->cuts[i][true]);
		met = met && campaign->cuts[i][false] > 0 && campaign->cuts[i][true] > 0;
	}
	(void)printf("\n");
	return met;
}

int main(int argc, char **argv)
{
	struct campaign campaign = {.seed = 1, .wanted = 2000, .only = UINT64_MAX};
	bool met;

	if (!parse(&campaign, argc, argv))
		return 2;
	while (campaign.taken < campaign.wanted)
		conversation(&campaign);
	met = print(&campaign);
	if (!met && campaign.only == UINT64_MAX && campaign.wanted >= ENOUGH)
		(void)printf("a kind of moment was never met\n");
	else
		met = true;
	return campaign.lost == 0 && met ? 0 : 1;
}
