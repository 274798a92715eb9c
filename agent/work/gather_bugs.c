/*
 * Rounds: what is to be read is asked of the policies with what was read so far, until nothing is new: a bug may tell
 * of duplicates. Each bug is read once a collect, by the verb that answers from where changes are seen at once.
 */
#include "agent/work/gather_bugs.h"

#define ROUNDS   (BUGS_CHAIN_MAX + 1)
#define AGAIN_MS 60000 /* a tracker that says no time of its own */

struct bug_collect { /* one under way */
	const struct gather *gather;
	struct arena *arena;
	const struct gathered_bugs *before;
	int64_t now;
	struct tracker_call call;
	struct tracker_wanted wanted;
	struct gathered_bugs *ret;
	struct bug_ref *refs;
	size_t room_refs, room_bugs;
};

static const struct bug_sources *sources(const struct gather *gather)
{
	static const struct bug_sources none = {NULL, 0};

	return gather->ports->bugs ? gather->ports->bugs : &none;
}

/* ---- every change that is judged, with its policy ---- */

struct each {
	const struct gathered *gathered;
	struct arena *arena;
	void *context;
	void (*wants)(void *context, const struct bugs_wanted *wanted);
};

static size_t each_of(const struct each *each, const struct facts *facts, size_t at)
{
	for (size_t i = 0; i < facts->n_changes; i++, at++) {
		const struct governed *governed = &each->gathered->governed[at];
		struct bugs_wanted wanted;

		if (!governed->policy || governed->problem || !policy_needs(governed->policy).bugs)
			continue;
		policy_bugs_wanted(governed->policy, facts, &facts->changes[i], each->arena, &wanted);
		if (!wanted.too_many)
			each->wants(each->context, &wanted);
	}
	return at;
}

static void each_change(const struct each *each)
{
	const struct facts *facts = &each->gathered->facts;
	size_t at = each_of(each, facts, 0);

	for (size_t i = 0; i < facts->n_groups; i++)
		for (size_t k = 0; k < facts->groups[i].n_constituents; k++)
			at = each_of(each, &facts->groups[i].constituents[k].facts, at);
}

/* ---- what is asked of them, all rules of all changes together ---- */

static void count_bugs(void *context, const struct bugs_wanted *wanted)
{
	*(bool *)context = *(bool *)context || wanted->n_bugs > 0;
}

bool gather_names_bugs(const struct gathered *gathered, struct arena *arena)
{
	bool any = false;
	const struct each each = {gathered, arena, &any, count_bugs};

	each_change(&each);
	return any;
}

struct uniting {
	struct arena *arena;
	struct bugs_wanted *to;
};

static void unite_names(void *context, const struct bugs_wanted *wanted)
{
	const struct uniting *u = context;
	const struct bugs_wanted both[] = {*u->to, *wanted};

	policy_bugs_unite(both, 2, u->arena, u->to);
}

/* ---- reading ---- */

static void later(struct gathered_bugs *ret, int64_t at)
{
	ret->look_again_at = at > ret->look_again_at ? at : ret->look_again_at;
}

/* Who else stands on what was known of them hears that it is not so. */
static void spread(const struct gather *gather, const struct bug_source *source, const struct tracker_ids *ids,
		   int64_t read_at)
{
	const struct gather_ports *ports = gather->ports;
	const struct bugs_told told = {.tracker = source->name,
				       .ids = ids->at,
				       .n = ids->n,
				       .read_at = read_at,
				       .now = ports->clock.wall(ports->clock.self)};
	struct err err = ERR_NONE;
	bool subjects = false;

	if (!ports->store || ids->n == 0)
		return;
	if (!store_tell_bugs(ports->store, &told, &subjects, &err))
		bug_table_owe(source->table, ids->at, ids->n);
	if (subjects && ports->wake.signal)
		ports->wake.signal(ports->wake.self, WAKE_SLOTS);
}

struct bug_question {
	const struct bug_source *source;
	const struct tracker_call *call;
	const struct tracker_wanted *wanted;
};

/* False: *err. */
static bool read_one(const struct gather *gather, const struct bug_question *in, int64_t id, struct bug *ret,
		     struct err *err)
{
	const struct bug_source *source = in->source;
	struct tracker_bug bug = {.changed_at = 0};
	struct tracker_ids others;

	if (!source->port.bug)
		return err_set(err, ERR_GONE, "this tracker is read from its table alone");
	if (source->port.bug(source->port.self, in->call, id, in->wanted, &bug, err) != ERR_OK)
		return false;
	if (bug_source_tell(source, &bug, in->call->arena, &others))
		spread(gather, source, &(struct tracker_ids){&bug.is.id, 1}, bug.is.as_of);
	spread(gather, source, &others, 0);
	if (gather->ports->store)
		bug_source_settle(source, gather->ports->store, &bug.is);
	*ret = bug_source_facts(source, &bug);
	return true;
}

static bool read_before(const struct bug_collect *b, const struct bug_source *source, int64_t id, struct bug *ret)
{
	for (size_t i = 0; b->before && i < b->before->n_refs; i++) {
		const struct bug *bug = &b->before->bugs[i];

		if (bug->id != id || !text_eq(bug->tracker, source->name) || bug->from_table ||
		    bug->state == BUG_UNREAD)
			continue;
		*ret = *bug;
		return true;
	}
	return false;
}

static void read_new(struct bug_collect *b, const struct bug_source *source, int64_t id, struct bug *ret)
{
	const struct gather *gather = b->gather;
	const struct bug_asking asking = {gather->ports->store, &b->ret->wanted, id, b->now};
	const struct bug_question question = {source, &b->call, &b->wanted};
	struct err err = ERR_NONE;

	if (read_before(b, source, id, ret))
		return;
	*ret = (struct bug){.tracker = source->name, .id = id};
	if ((!b->before || !source->port.bug) && bug_source_counts(source, &asking, b->arena, ret)) {
		b->ret->from_table = true;
		if (ret->state == BUG_HIDDEN) /* by a table that may say otherwise soon */
			later(b->ret, b->now + AGAIN_MS);
		return;
	}
	if (!read_one(gather, &question, id, ret, &err))
		later(b->ret, err.retry_at_ms > b->now ? err.retry_at_ms : b->now + AGAIN_MS);
}

static struct bug_ref *ref_of(struct bug_collect *b, struct text tracker, int64_t id)
{
	for (size_t i = 0; i < b->ret->n_refs; i++)
		if (b->refs[i].id == id && text_eq(b->refs[i].tracker, tracker))
			return &b->refs[i];
	return NULL;
}

static void make_room(struct bug_collect *b)
{
	size_t n = b->ret->n_refs;

	b->ret->refs = b->refs = arena_room(b->arena, b->refs, n, &b->room_refs, sizeof *b->refs);
	b->ret->bugs = arena_room(b->arena, b->ret->bugs, n, &b->room_bugs, sizeof *b->ret->bugs);
}

static void read_wanted(void *context, const struct bugs_wanted *wanted)
{
	struct bug_collect *b = context;
	const struct bug_sources *all = sources(b->gather);

	for (size_t i = 0; i < wanted->n_bugs; i++)
		for (size_t k = 0; k < all->n; k++) {
			const struct bug_name *name = &wanted->bugs[i];
			const struct bug_source *source = &all->at[k];
			struct bug_ref *ref = ref_of(b, source->name, name->id);

			if (name->tracker.len > 0 && !text_eq(name->tracker, source->name))
				continue;
			if (ref) {
				ref->weighs = ref->weighs || name->weighs;
			} else if (b->ret->n_refs < BUG_REFS_MAX) {
				make_room(b);
				read_new(b, source, name->id, &b->ret->bugs[b->ret->n_refs]);
				b->refs[b->ret->n_refs++] = (struct bug_ref){source->name, name->id, name->weighs};
			}
		}
}

/* ---- into the facts ---- */

static struct group with_bugs(const struct group *group, const struct gathered_bugs *bugs, struct arena *arena)
{
	struct constituent *all = arena_alloc(arena, group->n_constituents + 1, sizeof *all);
	struct group ret = *group;

	for (size_t i = 0; i < group->n_constituents; i++) {
		all[i] = group->constituents[i];
		all[i].facts.bugs = bugs->bugs;
		all[i].facts.n_bugs = bugs->n_refs;
	}
	ret.constituents = all;
	return ret;
}

static void put(struct gathered *gathered, const struct gathered_bugs *bugs, struct arena *arena)
{
	struct group *groups = arena_alloc(arena, gathered->facts.n_groups + 1, sizeof *groups);

	for (size_t i = 0; i < gathered->facts.n_groups; i++)
		groups[i] = with_bugs(&gathered->facts.groups[i], bugs, arena);
	gathered->facts.groups = groups;
	gathered->facts.bugs = bugs->bugs;
	gathered->facts.n_bugs = bugs->n_refs;
}

static struct tracker_call call_of(const struct gather *gather, struct arena *arena)
{
	const struct clock_port *clock = &gather->ports->clock;

	return (struct tracker_call){arena, clock->mono(clock->self) + gather->config->deadline_ms};
}

void gather_bugs(const struct gather *gather, struct arena *arena, const struct gathered_bugs *before,
		 struct gathered *gathered, struct gathered_bugs *ret)
{
	const struct clock_port *clock = &gather->ports->clock;
	struct bug_collect b = {.gather = gather,
				.arena = arena,
				.before = before,
				.now = clock->wall(clock->self),
				.call = call_of(gather, arena),
				.ret = ret};
	struct uniting uniting = {arena, &ret->wanted};
	const struct each names = {gathered, arena, &uniting, unite_names};
	const struct each reads = {gathered, arena, &b, read_wanted};

	*ret = (struct gathered_bugs){.n_refs = 0};
	make_room(&b);
	each_change(&names);
	b.wanted = bug_source_asked(&ret->wanted);
	for (size_t round = 0, n = SIZE_MAX; round < ROUNDS && n != ret->n_refs; round++) {
		n = ret->n_refs;
		each_change(&reads);
		put(gathered, ret, arena);
	}
}

/* ---- the second reading ---- */

static const struct bug_source *source_of(const struct gather *gather, struct text name)
{
	const struct bug_sources *all = sources(gather);

	for (size_t i = 0; i < all->n; i++)
		if (text_eq(all->at[i].name, name))
			return &all->at[i];
	return NULL;
}

static bool is_same(const struct gather *gather, const struct gathered_bugs *first, const struct bug *was)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct clock_port *clock = &gather->ports->clock;
	const struct bug_source *source = source_of(gather, was->tracker);
	struct tracker_call call = call_of(gather, &arena);
	struct tracker_wanted wanted = bug_source_asked(&first->wanted);
	const struct bug_asking asking = {gather->ports->store, &first->wanted, was->id, clock->wall(clock->self)};
	const struct bug_question question = {source, &call, &wanted};
	struct err err = ERR_NONE;
	struct bug now;

	if (was->from_table ? !bug_source_counts(source, &asking, &arena, &now)
			    : was->state == BUG_UNREAD || !read_one(gather, &question, was->id, &now, &err))
		return false;
	return text_eq(bug_source_content(was, &arena), bug_source_content(&now, &arena));
}

bool gather_bugs_unmoved(const struct gather *gather, const struct gathered_bugs *first)
{
	for (size_t i = 0; i < first->n_refs; i++)
		if (!is_same(gather, first, &first->bugs[i]))
			return false;
	return true;
}
