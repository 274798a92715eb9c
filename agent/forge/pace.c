#include "agent/forge/pace.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "policy/memory.h"

#define MINUTE_MS   60000
#define KEPT_PART   20        /* one part in so many of the primary limit is for writes alone */
#define KEPT_MOST   500       /* and never more than this */
#define STRIKE_MS   MINUTE_MS /* after a refusal that names no time; doubled with each */
#define WAIT_MAX_MS (INT64_C(2) * 3600 * 1000)
#define STRIKES_MAX 7
#define ACTIVE_MS   (INT64_C(5) * MINUTE_MS) /* a repository that asked within this time has work */
#define REPOS_MAX   4096                     /* of one installation; beyond them they share one account */
#define JOB_POINTS  20                       /* about what a judgement reads */
#define SKEW_MS     1000                     /* clocks tick apart */
#define LIMIT_MAX   INT64_C(1000000000)      /* more than any forge grants in an hour; times an hour it still fits */

static const int64_t points[] = {[PACE_READ] = 1, [PACE_WRITE] = 5};

struct account { /* one repository's part */
	int64_t repo, asked_at, next_at;
};

struct place { /* one installation */
	int64_t id;
	int64_t limit, remaining, window, reset_at; /* window: reset as the forge said it; WHEN_UNKNOWN: not known */
	int64_t under_way;                          /* requests that were let go and not told of */
	int64_t wait_until, next_write_at;
	unsigned strikes;
	int64_t minute, spent, spent_before; /* points of the minute that began there, and of the one before */
	struct account *accounts;
	size_t n_accounts, room;
};

struct pace {
	pthread_mutex_t lock;
	struct pace_config config;
	struct place *places;
	size_t n, room;
};

struct pace *pace_new(const struct pace_config *config)
{
	struct pace *pace = calloc(1, sizeof *pace);

	if (!pace || pthread_mutex_init(&pace->lock, NULL) != 0)
		out_of_memory();
	pace->config = *config;
	return pace;
}

void pace_free(struct pace *pace)
{
	if (!pace)
		return;
	for (size_t i = 0; i < pace->n; i++)
		free(pace->places[i].accounts);
	free(pace->places);
	(void)pthread_mutex_destroy(&pace->lock);
	free(pace);
}

static void *grown(void *at, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return at;
	*room = *room ? 2 * *room : 8;
	at = reallocarray(at, *room, size);
	if (!at)
		out_of_memory();
	return at;
}

static struct place *place_of(struct pace *pace, int64_t installation)
{
	for (size_t i = 0; i < pace->n; i++)
		if (pace->places[i].id == installation)
			return &pace->places[i];
	pace->places = grown(pace->places, pace->n, &pace->room, sizeof *pace->places);
	pace->places[pace->n] = (struct place){.id = installation,
					       .limit = -1,
					       .remaining = -1,
					       .window = WHEN_UNKNOWN,
					       .reset_at = WHEN_UNKNOWN,
					       .wait_until = WHEN_UNKNOWN,
					       .next_write_at = WHEN_UNKNOWN,
					       .minute = WHEN_UNKNOWN};
	return &pace->places[pace->n++];
}

/* Those that have no work any more make room. */
static void forget_idle(struct place *place, int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < place->n_accounts; i++)
		if (now - place->accounts[i].asked_at <= ACTIVE_MS)
			place->accounts[kept++] = place->accounts[i];
	place->n_accounts = kept;
}

static struct account *account_of(struct place *place, int64_t repo, int64_t now)
{
	for (size_t i = 0; i < place->n_accounts; i++)
		if (place->accounts[i].repo == repo)
			return &place->accounts[i];
	if (place->n_accounts == place->room)
		forget_idle(place, now);
	if (place->n_accounts == REPOS_MAX)
		return &place->accounts[REPOS_MAX - 1];
	place->accounts = grown(place->accounts, place->n_accounts, &place->room, sizeof *place->accounts);
	place->accounts[place->n_accounts] = (struct account){repo, now, now};
	return &place->accounts[place->n_accounts++];
}

/* ---- the primary limit ---- */

static bool window_known(const struct place *place, int64_t now)
{
	return place->window != WHEN_UNKNOWN && place->limit > 0 && now < place->reset_at;
}

static int64_t left(const struct place *place)
{
	int64_t left = place->remaining - place->under_way;

	return left > 0 ? left : 0;
}

static int64_t kept(const struct place *place)
{
	int64_t part = place->limit / KEPT_PART;

	return part < KEPT_MOST ? part : KEPT_MOST;
}

static int64_t free_reads(const struct place *place)
{
	return left(place) - kept(place);
}

/* ---- fair shares ---- */

/* The rest would not last until the reset, asked for as evenly as the limit means it. */
static bool scarce(const struct place *place, int64_t now)
{
	return window_known(place, now) && left(place) < place->limit / 2 &&
	       left(place) * INT64_C(3600000) < place->limit * (place->reset_at - now);
}

static int64_t active(const struct place *place, int64_t now)
{
	int64_t n = 0;

	for (size_t i = 0; i < place->n_accounts; i++)
		n += now - place->accounts[i].asked_at <= ACTIVE_MS;
	return n > 0 ? n : 1;
}

/* One read was counted: what that costs the repository in time, while there is little. */
static void charge(struct place *place, struct account *account, int64_t now)
{
	int64_t rest = free_reads(place) > 1 ? free_reads(place) : 1;

	if (!scarce(place, now))
		return;
	if (account->next_at < now)
		account->next_at = now;
	account->next_at += active(place, now) * ((place->reset_at - now) / rest);
	if (account->next_at > place->reset_at)
		account->next_at = place->reset_at;
}

/* ---- the secondary limit ---- */

static void turn_minute(struct place *place, int64_t now)
{
	int64_t minute = now - now % MINUTE_MS;

	if (place->minute == minute)
		return;
	place->spent_before = place->minute == minute - MINUTE_MS ? place->spent : 0;
	place->spent = 0;
	place->minute = minute;
}

/* Of the last sixty seconds, taking the minute before as spread evenly. */
static int64_t spent(struct place *place, int64_t now)
{
	turn_minute(place, now);
	return place->spent + place->spent_before * (MINUTE_MS - (now - place->minute)) / MINUTE_MS;
}

static bool fits(struct place *place, int64_t most, enum pace_kind kind, int64_t now, int64_t wanted)
{
	if (kind == PACE_READ)
		most -= most / 4;
	return most <= 0 || spent(place, now) + wanted <= most;
}

/* ---- may it go? ---- */

static void later(int64_t *at, int64_t other)
{
	if (other != WHEN_UNKNOWN && other > *at)
		*at = other;
}

/* When nothing at all stands in the way; `now`: at once. */
static int64_t general_at(const struct place *place, int64_t now)
{
	int64_t at = now;

	later(&at, place->wait_until);
	if (window_known(place, now) && left(place) == 0)
		later(&at, place->reset_at);
	return at;
}

static int64_t read_at(const struct place *place, int64_t now)
{
	int64_t at = general_at(place, now);

	if (window_known(place, now) && free_reads(place) <= 0)
		later(&at, place->reset_at);
	return at;
}

static int64_t write_at(const struct place *place, int64_t now)
{
	int64_t at = general_at(place, now);

	later(&at, place->next_write_at);
	return at;
}

/* Its own share, beside what holds for everybody. */
static int64_t share_at(const struct pace *pace, struct place *place, const struct pace_who *who)
{
	struct account *account = account_of(place, who->repo, who->now);
	int64_t at = read_at(place, who->now);

	account->asked_at = who->now;
	if (scarce(place, who->now))
		later(&at, account->next_at);
	if (!fits(place, pace->config.points_per_minute, PACE_READ, who->now, JOB_POINTS))
		later(&at, place->minute + MINUTE_MS); /* else it would stop halfway */
	return at;
}

bool pace_may_begin(struct pace *pace, const struct pace_who *who, enum pace_kind kind, int64_t *ret_at)
{
	struct place *place;

	(void)pthread_mutex_lock(&pace->lock);
	place = place_of(pace, who->installation);
	*ret_at = kind == PACE_WRITE ? write_at(place, who->now) : share_at(pace, place, who);
	(void)pthread_mutex_unlock(&pace->lock);
	return *ret_at <= who->now;
}

bool pace_may_send(struct pace *pace, const struct pace_who *who, enum pace_kind kind, int64_t *ret_at)
{
	struct place *place;

	(void)pthread_mutex_lock(&pace->lock);
	place = place_of(pace, who->installation);
	*ret_at = kind == PACE_WRITE ? write_at(place, who->now) : read_at(place, who->now);
	if (!fits(place, pace->config.points_per_minute, kind, who->now, points[kind]))
		later(ret_at, place->minute + MINUTE_MS);
	if (*ret_at <= who->now) {
		place->spent += points[kind];
		place->under_way++;
		if (kind == PACE_WRITE)
			place->next_write_at = who->now + pace->config.write_every_ms;
	}
	(void)pthread_mutex_unlock(&pace->lock);
	return *ret_at <= who->now;
}

/* ---- what came back ---- */

static int64_t at_most(int64_t n)
{
	return n < LIMIT_MAX ? n : LIMIT_MAX;
}

static void hear_window(struct place *place, const struct pace_who *who, const struct pace_answer *answer)
{
	int64_t date = answer->date != WHEN_UNKNOWN ? answer->date : who->now;

	if (answer->limit <= 0 || answer->remaining < 0 || answer->reset_at == WHEN_UNKNOWN)
		return;
	if (window_known(place, who->now) && answer->reset_at < place->window)
		return; /* overtaken by an answer of the next hour */
	place->window = answer->reset_at;
	place->limit = at_most(answer->limit);
	place->remaining = at_most(answer->remaining);
	place->reset_at = who->now + (answer->reset_at - date) + SKEW_MS;
	if (place->reset_at > who->now + WAIT_MAX_MS)
		place->reset_at = who->now + WAIT_MAX_MS;
}

static void hear_refusal(struct place *place, const struct pace_who *who, const struct pace_answer *answer)
{
	bool waits = place->wait_until > who->now; /* refused together with one before: no further strike */
	int64_t wait = (int64_t)STRIKE_MS << place->strikes;

	if (answer->retry_after_ms >= 0)
		wait = answer->retry_after_ms + SKEW_MS;
	else if (answer->remaining == 0 && window_known(place, who->now))
		wait = place->reset_at - who->now;
	else if (waits)
		return;
	else if (place->strikes < STRIKES_MAX)
		place->strikes++;
	later(&place->wait_until, who->now + (wait < WAIT_MAX_MS ? wait : WAIT_MAX_MS));
}

void pace_told(struct pace *pace, const struct pace_who *who, enum pace_kind kind, const struct pace_answer *answer)
{
	struct place *place;

	(void)pthread_mutex_lock(&pace->lock);
	place = place_of(pace, who->installation);
	if (place->under_way > 0)
		place->under_way--;
	hear_window(place, who, answer);
	if (answer->limited)
		hear_refusal(place, who, answer);
	else if (answer->status >= 200 && answer->status < 400)
		place->strikes = 0;
	/* What the forge did not change costs nothing. */
	if (kind == PACE_READ && answer->status != 304)
		charge(place, account_of(place, who->repo, who->now), who->now);
	(void)pthread_mutex_unlock(&pace->lock);
}

int64_t pace_left(struct pace *pace, int64_t installation)
{
	int64_t ret;

	(void)pthread_mutex_lock(&pace->lock);
	ret = place_of(pace, installation)->remaining;
	(void)pthread_mutex_unlock(&pace->lock);
	return ret;
}
