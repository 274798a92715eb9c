/*
 * The set of open changes with this head is the forge's own list plus what the index believes: a candidate that the
 * forge confirms one by one joins even if the list missed it, because more changes can only deny more.
 */
#include "agent/work/gather_inner.h"
#include "agent/work/name.h"

#define CHANGES_MAX 50 /* open changes and candidates for one head */

struct numbers {
	int64_t at[CHANGES_MAX];
	size_t n;
};

static bool add_number(struct numbers *set, int64_t number, struct err *err)
{
	size_t i = set->n;

	for (size_t k = 0; k < set->n; k++)
		if (set->at[k] == number)
			return true;
	if (set->n == CHANGES_MAX)
		return err_set(err, ERR_LIMIT, "more than %d changes with one head", CHANGES_MAX);
	for (; i > 0 && set->at[i - 1] > number; i--)
		set->at[i] = set->at[i - 1];
	set->at[i] = number;
	set->n++;
	return true;
}

static const struct forge_change *listed(const struct forge_list_changes *open, int64_t number)
{
	for (size_t i = 0; i < open->n; i++)
		if (open->at[i].number == number)
			return &open->at[i];
	return NULL;
}

static bool read_told(const struct collect *c, int64_t number, struct told *ret, struct err *err)
{
	struct change_key key = {c->gather->claim->repo, number};

	*ret = (struct told){.floor_time = WHEN_UNKNOWN};
	return !c->gather->ports->store || store_told(c->gather->ports->store, key, ret, c->arena, err);
}

/* Everything else about a change that turned out to be open with this head. */
static bool read_rest(const struct collect *c, struct seen_change *s, struct err *err)
{
	struct forge *f = c->gather->ports->forge;

	if (f->reviews(f->self, &c->anew, s->now.number, &s->reviews, err) != ERR_OK)
		return collect_failed(err, "reviews");
	if (!gather_check_reviews(c, s, err))
		return false;
	if (f->moves(f->self, &c->anew, &s->now, &s->moves, err) != ERR_OK)
		return collect_failed(err, "moves of the head");
	if (!gather_check_moves(c, s, err))
		return false;
	if (f->commit_people(f->self, &c->call, s->now.number, &s->people, err) != ERR_OK)
		return collect_failed(err, "authors of the commits");
	if (!gather_check_people(c, s, err))
		return false;
	if (f->branch_tip(f->self, &c->call, s->now.base_ref, &s->tip, err) != ERR_OK)
		return collect_failed(err, "tip of the base branch");
	return gather_check_tip(c, s, err);
}

/* Nothing of this repository answers under its name: it is asked for by number before the next attempt. */
static bool doubt_name(const struct collect *c, struct err *err, const char *what)
{
	struct err ignored = ERR_NONE;
	const struct store *store = c->gather->ports->store;

	if (store && (err->code == ERR_GONE || err->code == ERR_INVALID))
		(void)store_doubt_name(store, c->gather->claim->repo, &ignored);
	return collect_failed(err, what);
}

bool gather_check_name(const struct collect *c, struct err *err)
{
	const struct claim *claim = c->gather->claim;
	struct naming naming = {c->gather->ports->forge, c->gather->ports->store};
	struct forge_call call = c->anew;

	if (name_ask(&naming, &call, claim->name_doubt, err) != ERR_OK)
		return collect_failed(err, "name");
	return text_eq(call.repo.name, claim->repo_name) ||
	       err_set(err, ERR_RETRY, "the repository is called %.*s now", TEXT_ARG(text_cut(call.repo.name, 100)));
}

/* s->now.number says which. *ret_there is false when the forge does not know the change, which only a candidate of our
 * own may be. */
static bool read_change(const struct collect *c, const struct forge_change *in_list, struct seen_change *s,
			bool *ret_there, struct err *err)
{
	struct forge *f = c->gather->ports->forge;
	int64_t number = s->now.number;
	enum err_code code;

	if (!read_told(c, number, &s->told, err))
		return false;
	code = f->change(f->self, &c->anew, number, &s->now, err);
	*ret_there = code == ERR_OK;
	if (code == ERR_GONE && !in_list) {
		*err = ERR_NONE;
		return gather_check_name(c, err) && gather_check_gone(c, &s->told, err);
	}
	if (code != ERR_OK)
		return doubt_name(c, err, "change");
	if (!gather_check_change(c, &s->told, &s->now, err))
		return false;
	if (in_list && (!s->now.open || !oid_eq(&in_list->head, &s->now.head)))
		return err_set(err, ERR_RETRY, "change %lld moved while it was read", (long long)number);
	return true;
}

static bool one_number(const struct collect *c, int64_t number, const struct forge_list_changes *open,
		       struct seen *seen, struct err *err)
{
	struct seen_change s = {.now = {.number = number}};
	bool there;

	if (!read_change(c, listed(open, number), &s, &there, err))
		return false;
	if (!there)
		return true;
	if (!s.now.open || !oid_eq(&s.now.head, &c->gather->claim->sha)) {
		seen->others[seen->n_others++] = s.now;
		return true;
	}
	if (!read_rest(c, &s, err))
		return err_wrap(err, "change %lld", (long long)number);
	seen->changes[seen->n_changes++] = s;
	return true;
}

bool gather_read(const struct collect *c, struct seen *ret, struct err *err)
{
	struct forge *f = c->gather->ports->forge;
	const struct claim *claim = c->gather->claim;
	struct forge_list_changes open;
	struct numbers numbers = {.n = 0};
	struct seen seen = {.n_changes = 0};

	if (f->open_changes(f->self, &c->anew, &claim->sha, &open, err) != ERR_OK)
		return doubt_name(c, err, "open changes");
	for (size_t i = 0; i < open.n; i++)
		if (!add_number(&numbers, open.at[i].number, err))
			return false;
	for (size_t i = 0; i < claim->n_candidates; i++)
		if (!add_number(&numbers, claim->candidates[i], err))
			return false;
	seen.changes = arena_alloc(c->arena, numbers.n + claim->n_pushes + 1, sizeof *seen.changes);
	seen.others = arena_alloc(c->arena, numbers.n + 1, sizeof *seen.others);
	for (size_t i = 0; i < numbers.n; i++)
		if (!one_number(c, numbers.at[i], &open, &seen, err))
			return false;
	if (open.shown + seen.n_changes + seen.n_others == 0 && !gather_check_name(c, err))
		return false; /* tips of branches show no number */
	*ret = seen;
	return gather_pushed(c, ret, err);
}

bool gather_open(const struct gather *gather, struct arena *arena, struct forge_list_changes *ret, struct err *err)
{
	struct collect c = collect_begin(gather, arena);
	struct forge *f = gather->ports->forge;

	if (f->open_changes(f->self, &c.anew, NULL, ret, err) != ERR_OK)
		return doubt_name(&c, err, "open changes");
	return ret->shown > 0 || gather_check_name(&c, err);
}
