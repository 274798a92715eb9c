/*
 * What a repository is called. Its number is what it is; a name that it gave up can be another's tomorrow, and
 * deliveries come late and out of order. So no delivery takes a known name away: one that tells another name or another
 * installation puts the name in doubt, and so does a second repository of that name. Whoever calls the repository next
 * asks the forge by number first (agent/work/name.h), and that answer is the name from then on.
 */
#include "agent/store/apply.h"

#define NAMESAKES_MAX 1000

static bool find_doubt(struct step *step, int64_t repo, struct row_floor *ret, bool *found)
{
	*ret = (struct row_floor){.repo = repo, .kind = TEXT_LIT("name")};
	return step_find(step, &table_floor, ret, found);
}

bool name_doubt(struct step *step, int64_t repo, int64_t *ret)
{
	struct row_floor floor;
	bool found;

	if (!find_doubt(step, repo, &floor, &found))
		return false;
	*ret = found && floor.value.len > 0 ? floor.forge_time : 0;
	return true;
}

static bool put_in_doubt(struct step *step, int64_t repo)
{
	struct row_floor floor;
	bool found;

	if (!find_doubt(step, repo, &floor, &found))
		return false;
	floor.forge_time = found ? floor.forge_time + 1 : 1;
	floor.value = TEXT_LIT("doubt");
	return step_put(step, &table_floor, &floor);
}

/* A doubt that is newer than the question stands: the answer may be from before it. */
static bool end_doubt(struct step *step, int64_t repo, int64_t doubt)
{
	struct row_floor floor;
	bool found;

	if (!find_doubt(step, repo, &floor, &found))
		return false;
	if (!found || floor.value.len == 0 || floor.forge_time != doubt)
		return true;
	floor.value = TEXT_EMPTY;
	return step_put(step, &table_floor, &floor);
}

struct namesakes {
	struct step *step;
	int64_t besides;
	bool ok;
};

static bool doubt_one(void *context, const void *row)
{
	const struct row_repo *repo = row;
	struct namesakes *n = context;

	n->ok = repo->id == n->besides || put_in_doubt(n->step, repo->id);
	return n->ok;
}

bool name_taken(struct step *step, const struct row_repo *repo)
{
	struct scan scan = {
		.table = &table_repo, .index = REPO_BY_NAME, .equal = repo, .n_equal = 1, .limit = NAMESAKES_MAX};
	struct namesakes n = {step, repo->id, true};

	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){doubt_one, &n, step->arena},
				     step->err) &&
	       n.ok;
}

bool keep_repo(struct step *step, const struct event *event)
{
	struct row_repo repo = {.id = event->repo};
	bool found;

	if (event->repo == 0 || event->repo_name.len == 0)
		return true;
	if (!step_find(step, &table_repo, &repo, &found))
		return false;
	if (!found) {
		repo.name = event->repo_name;
		repo.installation = event->installation;
		return name_taken(step, &repo) && step_put(step, &table_repo, &repo);
	}
	if (!text_eq(repo.name, event->repo_name))
		return put_in_doubt(step, repo.id);
	if (event->installation == 0 || event->installation == repo.installation)
		return true;
	if (repo.installation != 0)
		return put_in_doubt(step, repo.id);
	repo.installation = event->installation;
	return step_put(step, &table_repo, &repo);
}

struct named_job {
	const struct store *store;
	const struct named *named;
};

static bool named_in(struct rows *rows, void *arg, struct err *err)
{
	const struct named_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err};
	const struct named *named = job->named;
	struct row_repo repo = {.id = named->repo};
	bool found;

	if (!step_find(&step, &table_repo, &repo, &found) || !end_doubt(&step, named->repo, named->doubt))
		return false;
	if (found && text_eq(repo.name, named->name) && repo.installation == named->installation)
		return true;
	if (!found || !text_eq(repo.name, named->name))
		repo.sweep_at = 1; /* what was told under either name may have been lost */
	repo.name = named->name;
	repo.installation = named->installation;
	return name_taken(&step, &repo) && step_put(&step, &table_repo, &repo);
}

bool store_name_repo(const struct store *store, const struct named *named, struct err *err)
{
	struct named_job job = {store, named};

	return store->exec.write(store->exec.self, named_in, &job, err);
}

struct doubt_name_job {
	const struct store *store;
	int64_t repo;
};

static bool doubt_name_in(struct rows *rows, void *arg, struct err *err)
{
	const struct doubt_name_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err};

	return put_in_doubt(&step, job->repo);
}

bool store_doubt_name(const struct store *store, int64_t repo, struct err *err)
{
	struct doubt_name_job job = {store, repo};

	return store->exec.write(store->exec.self, doubt_name_in, &job, err);
}
