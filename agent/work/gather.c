/*
 * A collect in four steps: read what can move (gather_read.c), check it against the floors (gather_check.c), turn it
 * into facts with the help of git objects (gather_change.c), write down what was read (gather_versions.c). The second
 * read of a double collect repeats the first step only and compares what would be written down.
 */
#include "agent/work/gather.h"

#include <assert.h>

#include "agent/work/gather_inner.h"
#include "webhooks/crypto.h"

#define KEPT_AGE_MS 3600000 /* no longer than an App's token, and all that was read with it, may last */

struct collect collect_begin(const struct gather *gather, struct arena *arena)
{
	const struct clock_port *clock = &gather->ports->clock;
	struct forge_repo repo = {gather->claim->repo, gather->claim->repo_name, gather->claim->installation};
	int64_t now = clock->mono(clock->self);
	struct forge_call call = {repo, arena, now + gather->config->deadline_ms, 0};

	return (struct collect){gather, arena, now, call, call};
}

bool collect_failed(struct err *err, const char *what)
{
	if (err->code == ERR_GONE)
		err->code = ERR_RETRY;
	return err_wrap(err, "%s", what);
}

/* ---- facts ---- */

/* No open change has this head: has it landed, or where did the change go? */
static void where_it_went(const struct collect *c, const struct seen *seen, struct gathered *ret)
{
	const struct claim *claim = c->gather->claim;
	const struct forge_change *newest = NULL;

	assert(seen->others || seen->n_others == 0);
	ret->landed = seen->landed;
	for (size_t i = 0; i < seen->n_others; i++) {
		const struct forge_change *o = &seen->others[i];

		if (oid_eq(&o->head, &claim->sha)) {
			ret->landed = ret->landed || o->merged;
			ret->landing_lags = ret->landing_lags || gather_landing_lags(c, o);
		} else if (!newest || o->updated_at > newest->updated_at) {
			newest = o;
		}
	}
	ret->facts.superseded_by = newest ? newest->head : claim->superseded_by;
}

static void heads_now(const struct collect *c, const struct seen *seen, struct gathered *ret)
{
	struct oid *heads = arena_alloc(c->arena, seen->n_others + 1, sizeof *heads);

	for (size_t i = 0; i < seen->n_others; i++)
		if (seen->others[i].open && !oid_eq(&seen->others[i].head, &c->gather->claim->sha))
			heads[ret->n_heads_now++] = seen->others[i].head;
	ret->heads_now = heads;
}

static bool read_policy(const struct collect *c, const struct seen_change *seen, struct policy_read *ret,
			struct err *err)
{
	struct governed *governed = &ret->governed;

	if (!gather_policy(c, &seen->tip, ret, err))
		return false;
	if (seen->pushed_to.len > 0 && governed->policy)
		governed->policy = policy_of_push(governed->policy, seen->pushed_to, seen->now.base_ref);
	return true;
}

static bool take_changes(const struct collect *c, struct seen *seen, struct gathered *ret, struct err *err)
{
	struct change *changes = arena_alloc(c->arena, seen->n_changes + 1, sizeof *changes);

	struct policy_place *places = arena_alloc(c->arena, seen->n_changes + 1, sizeof *places);

	ret->governed = arena_alloc(c->arena, seen->n_changes + 1, sizeof *ret->governed);
	ret->places = places;
	for (size_t i = 0; i < seen->n_changes; i++) {
		struct policy_read policy;

		if (!gather_change(c, &seen->changes[i], &changes[i], err) ||
		    !read_policy(c, &seen->changes[i], &policy, err) ||
		    !gather_owners(c, &seen->changes[i].tip, &policy.governed, &changes[i], err))
			return err_wrap(err, "change %lld", (long long)seen->changes[i].now.number);
		ret->governed[i] = policy.governed;
		places[i] = policy.place;
		changes[i].policy_from = policy.from;
		if (i == 0)
			ret->policy_text = policy.text;
	}
	if (!gather_asked(c, seen, ret->governed, err))
		return false;
	for (size_t i = 0; i < seen->n_changes; i++)
		if (!gather_asked_facts(c, &seen->changes[i], &ret->governed[i], &changes[i], err))
			return err_wrap(err, "change %lld", (long long)seen->changes[i].now.number);
	for (size_t i = 0; i < seen->n_changes; i++)
		changes[i].known |= seen->outcomes_known;
	ret->facts.outcomes = seen->outcomes;
	ret->facts.n_outcomes = seen->n_outcomes;
	ret->facts.changes = changes;
	ret->facts.n_changes = seen->n_changes;
	ret->facts.changes_known = true;
	return true;
}

static struct text sha256_hex(struct text bytes, struct arena *arena)
{
	unsigned char digest[CRYPTO_DIGEST];
	char hex[2 * CRYPTO_DIGEST + 1];

	crypto_sha256(bytes, digest);
	crypto_hex(digest, sizeof digest, hex);
	return arena_text(arena, text_of(hex));
}

static bool facts_of(const struct collect *c, struct seen *seen, struct gathered *ret, struct err *err)
{
	const struct gather *gather = c->gather;
	const struct claim *claim = gather->claim;
	struct gathered got = {.began = c->began,
			       .facts = {.now = gather->ports->clock.wall(gather->ports->clock.self),
					 .repo = claim->repo,
					 .repo_name = claim->repo_name,
					 .head = claim->sha,
					 .allowed_before = claim->allowed_before}};
	struct asked_people asked;
	struct members members;

	if (!take_changes(c, seen, &got, err) || !gather_trees(c, got.governed, &got, err))
		return false;
	asked = (struct asked_people){got.governed, got.facts.changes};
	if (!gather_people(c, seen, &asked, &members, err))
		return false;
	if (seen->n_changes == 0)
		where_it_went(c, seen, &got);
	heads_now(c, seen, &got);
	got.unsettled = members.unsettled;
	got.facts.people = members.at;
	got.facts.n_people = members.n;
	got.policy_sha = sha256_hex(got.policy_text, c->arena);
	got.versions = gather_versions(seen, &members, c->arena);
	*ret = got;
	return true;
}

bool gather_collect(const struct gather *gather, struct arena *arena, struct gathered *ret, struct err *err)
{
	struct collect c = collect_begin(gather, arena);
	const struct claim *claim = gather->claim;
	struct seen seen;
	struct gathered got;

	if (!gather_read(&c, &seen, err) || !facts_of(&c, &seen, &got, err) ||
	    (claim->n_bases > 0 && !gather_groups(&c, &got, err)) || !gather_tree_refs(&c, &got, err))
		return false;
	got.silent = got.silent || got.landed || (claim->was_group && got.facts.n_changes == 0);
	*ret = got;
	return true;
}

bool gather_headless(const struct gather *gather, struct arena *arena, struct gathered *ret, struct err *err)
{
	struct collect c = collect_begin(gather, arena);
	struct seen seen = {.n_changes = 0};

	assert(claim_is_replaced(gather->claim));
	return facts_of(&c, &seen, ret, err);
}

/* ---- the second read ---- */

/* The same changes in the same order, so that governed[i] still belongs to changes[i]. */
static bool same_changes(const struct seen *seen, const struct facts *facts)
{
	if (seen->n_changes != facts->n_changes)
		return false;
	for (size_t i = 0; i < seen->n_changes; i++)
		if (seen->changes[i].now.number != facts->changes[i].number)
			return false;
	return true;
}

bool gather_unmoved(const struct gather *gather, const struct gathered *first, bool *ret_unmoved, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct collect c = collect_begin(gather, &arena);
	struct asked_people asked = {first->governed, first->facts.changes};
	struct seen seen;
	struct members members;

	c.anew.sent_since = gather->claim->granted ? 0 : first->began;
	c.call.sent_since = gather->claim->granted ? 0 : first->began - KEPT_AGE_MS;
	if (!gather_read(&c, &seen, err))
		return false;
	if (!same_changes(&seen, &first->facts)) {
		*ret_unmoved = false;
		return true;
	}
	if (!gather_asked(&c, &seen, first->governed, err) || !gather_people(&c, &seen, &asked, &members, err))
		return false;
	*ret_unmoved = text_eq(gather_versions(&seen, &members, &arena), first->versions);
	for (size_t i = 0; i < first->facts.n_changes && *ret_unmoved; i++)
		if (!gather_place_unmoved(&c, &first->places[i], ret_unmoved, err))
			return err_wrap(err, "policy of another repository");
	return !*ret_unmoved || gather_groups_unmoved(&c, first, ret_unmoved, err);
}

/* ---- what shadows the status ---- */

bool gather_shadow(const struct gather *gather, struct arena *arena, struct facts *facts,
		   struct forge_check_run *ret_run, struct err *err)
{
	struct collect c = collect_begin(gather, arena);
	struct forge *forge = gather->ports->forge;
	const struct claim *claim = gather->claim;
	struct forge_named named = {claim->sha, gather->config->context};
	struct forge_list_checks list;

	*ret_run = (struct forge_check_run){.id = 0};
	c.call.sent_since = claim->granted ? 0 : c.began - KEPT_AGE_MS;
	if (forge->check_runs(forge->self, &c.call, &named, &list, err) != ERR_OK)
		return collect_failed(err, "check runs");
	for (size_t i = 0; i < list.n; i++)
		if (list.at[i].may_pass && list.at[i].id > ret_run->id)
			*ret_run = list.at[i];
	facts->shadowed = ret_run->id != 0;
	facts->shadowed_by = ret_run->app_name;
	return true;
}
