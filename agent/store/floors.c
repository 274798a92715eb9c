/*
 * Floors of what carries no version: the tip of a branch, and who may do what. An event told of a change; for as long
 * as a copy of the forge's data may lag, an answer that does not know of it is no input (gather_check.c,
 * gather_people.c).
 */
#include "agent/store/apply.h"

#define AHEAD_MAX 7200000 /* later than anybody's clock in earnest, or than a transaction comes late: it went back */

/* A younger one replaces an older one. */
static bool keep_floor(struct step *step, const struct row_floor *floor)
{
	struct row_floor was = {.repo = floor->repo, .kind = floor->kind, .key = floor->key};
	bool found;

	if (!step_find(step, &table_floor, &was, &found))
		return false;
	return (found && was.forge_time > floor->forge_time) || step_put(step, &table_floor, floor);
}

bool keep_tip(struct applying *a, struct text branch)
{
	const struct event *event = a->event;
	struct row_floor floor = {.repo = event->repo,
				  .kind = arena_printf(a->step->arena, "tip/%.*s", TEXT_ARG(branch)),
				  .forge_time = event->pushed_at,
				  .value = oid_text(&event->after)};

	return event->pushed_at == WHEN_UNKNOWN || !oid_known(&event->after) || keep_floor(a->step, &floor);
}

bool keep_base(struct applying *a, int64_t at)
{
	struct row_floor floor = {
		.repo = a->event->repo, .kind = TEXT_LIT("base"), .key = a->event->change.number, .forge_time = at};

	return at == WHEN_UNKNOWN || keep_floor(a->step, &floor);
}

/* A review was given while its own delivery still names the repository. */
bool keep_head_repository(struct applying *a)
{
	const struct event *event = a->event;
	struct row_floor floor = {.repo = event->repo,
				  .kind = TEXT_LIT("head"),
				  .key = event->change.number,
				  .forge_time = event->change.updated_at};

	if (event->change.head_repo == 0 || event->change.head_repo == event->repo)
		return true;
	if (event->kind == EVENT_REVIEW && event->review.submitted_at > floor.forge_time)
		floor.forge_time = event->review.submitted_at;
	return floor.forge_time == WHEN_UNKNOWN || keep_floor(a->step, &floor);
}

static const struct {
	const char *action, *value;
} ways[] = {
	{"removed", FLOOR_LESS},
	{"member_removed", FLOOR_LESS},
	{"removed_from_repository", FLOOR_LESS},
	{"deleted", FLOOR_LESS},
	{"added", FLOOR_MORE},
	{"member_added", FLOOR_MORE},
	{"added_to_repository", FLOOR_MORE},
	{"created", FLOOR_MORE},
};

/* Neither of two events replaces the other while a copy may lag: they may tell of two teams, or have changed places.
 * What was kept is never made older: the clock of another node, which kept it, may be ahead of ours, or this
 * transaction may have asked for the time before that one did. Only what no clock can have shown since is of one that
 * went back. */
static bool keep_rights(struct step *step, struct row_floor *floor)
{
	struct row_floor was = {.repo = floor->repo, .kind = floor->kind, .key = floor->key};
	bool found;

	if (!step_find(step, &table_floor, &was, &found))
		return false;
	if (found && was.forge_time > floor->forge_time - FLOOR_LAG_MS && !text_eq(was.value, floor->value))
		floor->value = TEXT_LIT(FLOOR_OTHER);
	if (found && was.forge_time > floor->forge_time && was.forge_time - floor->forge_time <= AHEAD_MAX)
		floor->forge_time = was.forge_time;
	return step_put(step, &table_floor, floor);
}

/* The event carries no time of the forge: ours is later, hence safe. */
static bool keep_people_of(struct applying *a, struct text kind)
{
	struct row_floor floor = {.repo = a->event->repo,
				  .kind = kind,
				  .key = a->event->subject_user.id,
				  .forge_time = a->step->now,
				  .value = TEXT_LIT(FLOOR_OTHER)};

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (text_is(a->event->action, ways[i].action))
			floor.value = text_of(ways[i].value);
	return keep_rights(a->step, &floor);
}

/* What an event of no repository tells is of its own installation, and of those repositories whose installation nobody
 * knows: whoever installs the app somewhere must not unsettle everybody's rights. */
bool keep_people(struct applying *a)
{
	const struct event *event = a->event;

	if (event->repo != 0 || event->installation == 0)
		return keep_people_of(a, TEXT_LIT(FLOOR_PEOPLE));
	return keep_people_of(a, TEXT_LIT(FLOOR_PEOPLE_ANY)) &&
	       keep_people_of(a, floor_people(event->installation, a->step->arena));
}

struct text floor_people(int64_t installation, struct arena *arena)
{
	if (installation == 0)
		return TEXT_LIT(FLOOR_PEOPLE_ANY);
	return arena_printf(arena, FLOOR_PEOPLE "/%lld", (long long)installation);
}

struct login_job {
	struct text login;
	int64_t *id;
};

/* Logins are letters, digits and hyphens, and compared without case. */
static struct text login_kind(struct text login, struct arena *arena)
{
	struct text kind = arena_printf(arena, "login/%.*s", TEXT_ARG(login));
	char *at = (char *)(uintptr_t)kind.at;

	for (size_t i = 0; i < kind.len; i++)
		at[i] = (char)(at[i] >= 'A' && at[i] <= 'Z' ? at[i] + 32 : at[i]);
	return kind;
}

static bool login_in(struct rows *rows, void *arg, struct err *err)
{
	struct login_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .arena = &arena, .err = err};
	struct row_floor floor = {.kind = login_kind(job->login, &arena)};
	bool found;

	if (!step_find(&step, &table_floor, &floor, &found))
		return false;
	if (found) {
		*job->id = floor.forge_time;
		return true;
	}
	floor.forge_time = *job->id;
	return step_put(&step, &table_floor, &floor);
}

bool store_login(const struct store *store, struct text login, int64_t *id, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_floor floor = {.kind = login_kind(login, &arena)};
	struct login_job job = {login, id};

	if (!store_floor(store, &floor, &arena, err)) /* mostly it is known, and nothing is written */
		return false;
	if (floor.forge_time == WHEN_UNKNOWN)
		return store->exec.write(store->exec.self, login_in, &job, err);
	*id = floor.forge_time;
	return true;
}

struct floor_job {
	struct row_floor *floor;
	struct arena *arena;
};

static bool floor_in(struct rows *rows, void *arg, struct err *err)
{
	struct floor_job *job = arg;

	if (rows->ops->get(rows->self, &table_floor, job->floor, job->arena, err))
		return true;
	if (err->code != ERR_GONE)
		return false;
	*err = ERR_NONE;
	job->floor->forge_time = WHEN_UNKNOWN;
	return true;
}

bool store_floor(const struct store *store, struct row_floor *floor, struct arena *arena, struct err *err)
{
	struct floor_job job = {floor, arena};

	return store->exec.read(store->exec.self, floor_in, &job, err);
}
