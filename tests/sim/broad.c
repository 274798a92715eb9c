/*
 * The broad stage: the forge and the mirror as ports over the truth, as structs, and the store in memory. No JSON of
 * the forge, no git objects, no SQL: many histories a second through the same journal, judge, poster and sweep.
 */
#include "tests/sim/sim.h"

#include <string.h>

#include "agent/store/rows.h"
#include "tests/sim/broad_inner.h"

struct broad {
	struct rows rows;
	struct exec_direct *direct;
};

/* ---- the forge ---- */

static struct forge_change change_of(struct hand *hand, const struct truth *t, int i, struct arena *arena)
{
	const struct truth_change *c = &t->changes[i];

	return (struct forge_change){
		.number = i + 1,
		.open = c->open,
		.draft = c->draft,
		.merged = c->merged,
		.head = show_commit(c->head),
		.base_sha = show_commit(c->base_then),
		.head_ref = show_topic(i),
		.head_label = arena_printf(arena, "%s:%.*s", c->head_repo == HEAD_OWN ? "o" : "fork",
					   TEXT_ARG(show_topic(i))),
		.base_ref = show_branch(c->base),
		.head_repo_name = c->head_repo == HEAD_OWN ? show_repo(t->renamed) : TEXT_LIT("fork/r"),
		.head_repo = c->head_repo == HEAD_OWN ? SIM_REPO : SIM_REPO + 1 + i,
		.base_repo = SIM_REPO,
		.author = broad_person(t, c->author),
		.updated_at = show_seconds(c->updated_at),
		.answered_at = show_seconds(sim_now(hand->sim)),
		.title = show_title(c),
		.body = TEXT_LIT("CANARY body"),
	};
}

static enum err_code repo(void *self, const struct forge_call *call, struct forge_found *out, struct err *err)
{
	struct hand *hand = self;
	const struct truth *t;
	enum err_code code;

	(void)call;
	ghost_asks_name(hand);
	code = net_call(hand, CALL_CHANGES, &t, err);
	if (code == ERR_OK)
		*out = (struct forge_found){.id = SIM_REPO, .name = show_repo(t->renamed)};
	return code;
}

static enum err_code change(void *self, const struct forge_call *call, int64_t number, struct forge_change *out,
			    struct err *err)
{
	struct hand *hand = self;
	const struct truth *t;
	enum err_code code = net_call(hand, CALL_CHANGE, &t, err);

	if (code != ERR_OK)
		return code;
	if (number < 1 || number > TRUTH_CHANGES || !t->changes[number - 1].used)
		return broad_say(err, ERR_GONE, "404: no such change");
	*out = change_of(hand, t, (int)number - 1, call->arena);
	return ERR_OK;
}

static enum err_code open_changes(void *self, const struct forge_call *call, const struct oid *head,
				  struct forge_list_changes *out, struct err *err)
{
	struct hand *hand = self;
	struct forge_change *at = arena_alloc(call->arena, TRUTH_CHANGES, sizeof *at);
	const struct truth *t;
	enum err_code code;
	size_t n = 0, shown = 0;

	if (head)
		ghost_read_begins(hand, show_commit_of(head));
	else
		ghost_reads_for_company(hand);
	code = net_call(hand, CALL_CHANGES, &t, err);
	if (code != ERR_OK)
		return code;
	for (int i = 0; i < TRUTH_CHANGES; i++) {
		struct oid is = show_commit(t->changes[i].head);

		shown += t->changes[i].open;
		if (t->changes[i].open && (!head || oid_eq(&is, head)))
			at[n++] = change_of(hand, t, i, call->arena);
	}
	*out = (struct forge_list_changes){at, n, shown};
	return ERR_OK;
}

static enum err_code reviews(void *self, const struct forge_call *call, int64_t number, struct forge_list_reviews *out,
			     struct err *err)
{
	static const enum review_state states[] = {
		[SAID_COMMENTED] = REVIEW_COMMENTED,
		[SAID_APPROVED] = REVIEW_APPROVED,
		[SAID_CHANGES_REQUESTED] = REVIEW_CHANGES_REQUESTED,
		[SAID_DISMISSED] = REVIEW_STATE_DISMISSED,
	};
	struct forge_review *at = arena_alloc(call->arena, TRUTH_REVIEWS, sizeof *at);
	const struct truth *t;
	enum err_code code = net_call(self, CALL_REVIEWS, &t, err);
	size_t n = 0;

	if (code != ERR_OK)
		return code;
	for (int i = 0; i < t->n_reviews; i++) {
		const struct truth_review *r = &t->reviews[i];

		if (r->change + 1 == number)
			at[n++] = (struct forge_review){i + 1, broad_person(t, r->by), states[r->state],
							show_commit(r->rest_sha), show_seconds(r->at)};
	}
	*out = (struct forge_list_reviews){at, n};
	return ERR_OK;
}

/* The activity of the head's branch, and the change's timeline: force pushes stand in both. */
static enum err_code moves(void *self, const struct forge_call *call, const struct forge_change *now,
			   struct forge_list_moves *out, struct err *err)
{
	struct forge_move *at = arena_alloc(call->arena, TRUTH_MOVES, sizeof *at);
	const struct truth *t;
	enum err_code code = net_call(self, CALL_MOVES, &t, err);
	const struct truth_change *c;
	bool all;
	size_t n = 0;

	if (code != ERR_OK)
		return code;
	c = &t->changes[now->number - 1];
	all = c->head_repo != HEAD_PRIVATE_FORK;
	for (int i = 0; i < c->n_moves; i++)
		if (all || c->moves[i].forced)
			at[n++] = (struct forge_move){show_commit(c->moves[i].to),
						      show_seconds(c->moves[i].at),
						      show_id(c->moves[i].by),
						      i ? show_commit(c->moves[i - 1].to) : OID_NONE,
						      all,
						      show_login(c->moves[i].by)};
	*out = (struct forge_list_moves){at, n, all, all ? TEXT_EMPTY : TEXT_LIT("the activity cannot be read"),
					 WHEN_UNKNOWN}; /* no policy here asks for the base */
	return ERR_OK;
}

/* Each path that differs has one more line. */
static enum err_code lines(void *self, const struct forge_call *call, const struct forge_ends *in,
			   struct forge_list_lines *out, struct err *err)
{
	struct forge_lines *at = arena_alloc(call->arena, 4, sizeof *at);
	const struct truth *t;
	enum err_code code = net_call(self, CALL_CHANGES, &t, err);
	unsigned paths;

	if (code != ERR_OK)
		return code;
	paths = truth_paths(t, show_commit_of(&in->head), show_commit_of(&in->base));
	*out = (struct forge_list_lines){at, 0, true};
	for (unsigned file = FILE_SOURCE; file <= FILE_DOCS; file *= 2)
		if (paths & file)
			at[out->n++] = (struct forge_lines){.path = text_of(truth_file_path((enum truth_file)file)),
							    .additions = 1};
	return ERR_OK;
}

/* Reviews here have no text, and nobody comments but for what commands say. */
static enum err_code said(void *self, const struct forge_call *call, int64_t number, struct forge_said *out,
			  struct err *err)
{
	struct comment *at = arena_alloc(call->arena, TRUTH_REVIEWS, sizeof *at);
	const struct truth *t;
	enum err_code code = net_call(self, CALL_REVIEWS, &t, err);

	if (code != ERR_OK)
		return code;
	*out = (struct forge_said){.reviews = at};
	for (int i = 0; i < t->n_reviews; i++)
		if (t->reviews[i].change == number - 1)
			at[out->n_reviews++] = (struct comment){.id = i + 1,
								.user = broad_person(t, t->reviews[i].by),
								.created_at = show_seconds(t->reviews[i].at)};
	return ERR_OK;
}

static enum err_code branch_tip(void *self, const struct forge_call *call, struct text branch, struct oid *out,
				struct err *err)
{
	const struct truth *t;
	enum err_code code = net_call(self, CALL_TIP, &t, err);

	(void)call;
	if (code != ERR_OK)
		return code;
	for (int i = 0; i < TRUTH_BRANCHES; i++)
		if (text_eq(show_branch(i), branch)) {
			*out = show_commit(t->branches[i].tip);
			return ERR_OK;
		}
	return broad_say(err, ERR_GONE, "404: no such branch");
}

static enum err_code statuses(void *self, const struct forge_call *call, const struct oid *sha,
			      struct forge_list_statuses *out, struct err *err)
{
	struct hand *hand = self;
	const struct ghost *ghost = &hand->sim->ghost;
	const struct truth *t;
	enum err_code code = net_call(hand, CALL_STATUSES, &t, err);
	int commit = show_commit_of(sha);
	int64_t upto = sim_now(hand->sim) - net_lag(hand->sim);
	struct forge_status *at;
	size_t n = 0;

	if (code != ERR_OK)
		return code;
	at = arena_alloc(call->arena, ghost->n_accepted + 1, sizeof *at);
	for (size_t i = ghost->n_accepted; i-- > 0;) {
		const struct accepted *a = &ghost->accepted[i];

		if (show_commit_at(a->place) == commit && a->at <= upto)
			at[n++] = (struct forge_status){.id = a->id,
							.context = show_context(a->place),
							.description = arena_text(call->arena, text_of(a->text)),
							.state = a->state,
							.creator = a->ours ? SIM_APP : show_id(8),
							.created_at = show_seconds(a->at),
							.creator_login = TEXT_LIT("someone")};
	}
	*out = (struct forge_list_statuses){at, n};
	return ERR_OK;
}

/* ---- a status on its way ---- */

struct flying {
	struct ghost_post post;
	char text[160];
};

static int64_t take_status(struct sim *sim, const struct ghost_post *post)
{
	int64_t id = ghost_accepts(sim, post);
	struct parcel parcel = {.deed = -1};

	if (id > 0) {
		parcel.event = show_status_event(&sim->truth, &sim->ghost.accepted[id - 1]);
		net_post_office(sim, &parcel);
	}
	return id;
}

static void land(struct sim *sim, void *what)
{
	struct flying *flying = what;

	flying->post.text = text_of(flying->text);
	(void)take_status(sim, &flying->post);
	free(flying);
}

static void fly(struct hand *hand, const struct ghost_post *post, int64_t left_ms)
{
	struct flying *flying = calloc(1, sizeof *flying);
	struct landing landing = {.land = land, .what = flying, .place = post->place};

	if (!flying)
		abort();
	flying->post = *post;
	flying->post.late = true;
	(void)snprintf(flying->text, sizeof flying->text, "%.*s", TEXT_ARG(post->text));
	net_land_later(hand->sim, hand, &landing, left_ms + SIM_GRACE_MS);
}

static enum err_code sent(struct hand *hand, const struct ghost_post *in, struct forge_posted *out, struct err *err)
{
	struct sim *sim = hand->sim;

	out->status_id = take_status(sim, in);
	out->creator = SIM_APP;
	out->created_at = show_seconds(sim_now(sim));
	hand->air = NOBODY;
	fiber_sleep(sim->fibers, 1 + dice_below(&sim->net_dice, sim->swarm.latency_ms / 2));
	if (!node_alive(hand) || in->lost) {
		if (hand->life->dead)
			sim_once(sim, SOMETIMES_CRASH_POSTING);
		out->maybe_sent = true;
		return broad_say(err, ERR_RETRY, "the answer was lost");
	}
	return ERR_OK;
}

static enum err_code send_status(struct hand *hand, const struct forge_post *in, int64_t deadline_ms,
				 struct forge_posted *out, struct err *err)
{
	struct clock_port clock = fibers_clock(hand->sim->fibers);
	struct ghost_post post = {.place = show_place(show_commit_of(&in->sha), in->context),
				  .ours = true,
				  .state = status_state_parse(in->state),
				  .text = in->description,
				  .taken = hand->taken,
				  .decided = hand->decided};
	enum net_fate fate;

	*out = (struct forge_posted){.created_at = WHEN_UNKNOWN};
	fate = net_post_fate(hand, err);
	if (fate >= NET_LOST_REQUEST || fate == NET_DONE)
		fate = net_in_time(hand, deadline_ms, fate, err);
	post.stopped = hand->stopped;
	post.lost = fate == NET_LOST_ANSWER;
	if (fate >= NET_LOST_REQUEST)
		hand->sim->ghost.commits[post.place].doubted_until = hand->air_until + SIM_GRACE_MS;
	if (fate == NET_DONE || fate == NET_LOST_ANSWER)
		return sent(hand, &post, out, err);
	if (fate == NET_LATE)
		fly(hand, &post, deadline_ms - clock.mono(clock.self));
	out->maybe_sent = fate == NET_LATE || fate == NET_LOST_REQUEST;
	hand->air = NOBODY; /* what flies is a landing by now */
	if (out->maybe_sent)
		net_wait_in_vain(hand, deadline_ms);
	return err->code;
}

static enum err_code post(void *self, const struct forge_post *in, int64_t deadline_ms, struct forge_posted *out,
			  struct err *err)
{
	struct hand *hand = self;
	struct clock_port clock = fibers_clock(hand->sim->fibers);
	int place = show_place(show_commit_of(&in->sha), in->context);
	enum err_code code;

	if (place == NOBODY) {
		sim_break(hand->sim, "I1: a status in the context %.*s, which nobody named", TEXT_ARG(in->context));
		return broad_say(err, ERR_DENIED, "403: no such place");
	}
	ghost_sends(hand, place, sim_now(hand->sim) + deadline_ms - clock.mono(clock.self));
	code = send_status(hand, in, deadline_ms, out, err);
	ghost_sent(hand);
	return code;
}

static enum err_code git_access(void *self, const struct forge_call *call, struct forge_git *out, struct err *err)
{
	(void)self, (void)call, (void)err;
	*out = (struct forge_git){TEXT_LIT("https://forge.test/o/r.git"), TEXT_EMPTY};
	return ERR_OK;
}

/* ---- the mirror: git objects never change, so only fetching can fail ---- */

static enum err_code fetch(void *self, const struct mirror_fetch_in *in, struct mirror_fetch_out *out, struct err *err)
{
	const struct truth *t;

	(void)in;
	out->fetched = true;
	return net_call(self, CALL_GIT, &t, err);
}

static struct signer signer_of(int person)
{
	return (struct signer){0, TEXT_EMPTY, show_login(person), show_email(person)};
}

static struct commit object(const struct truth *t, int i, struct arena *arena)
{
	const struct truth_commit *c = &t->commits[i];
	struct oid *parents = arena_alloc(arena, 2, sizeof *parents);
	struct signer *co = arena_alloc(arena, 1, sizeof *co);
	struct commit ret = {.sha = show_commit(i),
			     .tree = show_commit(i),
			     .parents = parents,
			     .message = show_message(c),
			     .author = signer_of(c->author),
			     .committer = signer_of(c->committer),
			     .coauthors = co,
			     .n_coauthors = c->co_author != NOBODY};

	if (c->parent != NOBODY)
		parents[ret.n_parents++] = show_commit(c->parent);
	if (c->parent2 != NOBODY)
		parents[ret.n_parents++] = show_commit(c->parent2);
	*co = signer_of(c->co_author);
	co->id = show_id(c->co_author); /* a noreply address carries the id */
	return ret;
}

/* Sorted bytewise by their paths. */
static const enum truth_file files[] = {FILE_WORKFLOW, FILE_POLICY, FILE_DOCS, FILE_SOURCE};

static enum err_code range(void *self, const struct mirror_range_in *in, struct mirror_range_out *out,
			   struct arena *arena, struct err *err)
{
	const struct truth *t = &((struct hand *)self)->sim->truth;
	int head = show_commit_of(&in->head), base = show_commit_of(&in->base);
	uint64_t which = truth_range(t, head, base);
	unsigned paths = truth_paths(t, head, base);
	struct commit *commits = arena_alloc(arena, (size_t)__builtin_popcountll(which), sizeof *commits);
	struct path *at = arena_alloc(arena, 4, sizeof *at);

	(void)err;
	*out = (struct mirror_range_out){.merge_base = show_commit(0), .commits = commits, .paths = at};
	for (int i = t->n_commits - 1; i >= 0; i--)
		if (which >> i & 1)
			commits[out->n_commits++] = object(t, i, arena);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		if (paths & files[i])
			at[out->n_paths++] = (struct path){.path = text_of(truth_file_path(files[i])),
							   .status = PATH_MODIFIED,
							   .mode = 0100644,
							   .old_mode = 0100644};
	out->head_in_base = which == 0;
	return ERR_OK;
}

static enum err_code file_at(void *self, const struct mirror_file_in *in, struct mirror_file_out *out,
			     struct arena *arena, struct err *err)
{
	const struct truth *t = &((struct hand *)self)->sim->truth;
	int policy = t->commits[show_commit_of(&in->commit)].policy;

	(void)arena, (void)err;
	*out = (struct mirror_file_out){.exists = policy != NOBODY};
	if (out->exists)
		out->bytes = text_of(oracle_policy_text(policy));
	return ERR_OK;
}

/* Its files have no lines. */
static enum err_code carry(void *self, const struct mirror_carry_in *in, struct mirror_carry_out *out,
			   struct arena *arena, struct err *err)
{
	(void)self, (void)in, (void)arena, (void)err;
	*out = (struct mirror_carry_out){false, TEXT_LIT("nothing to compare")};
	return ERR_OK;
}

/* ---- the stage ---- */

static bool begin(struct sim *sim)
{
	struct broad *broad = calloc(1, sizeof *broad);
	struct err err = ERR_NONE;

	if (!broad || !rows_memory_open(&broad->rows, &err))
		abort();
	ghost_watch(sim, &broad->rows);
	broad->direct = exec_direct_new(&broad->rows);
	sim->stage_self = broad;
	sim->repo = SIM_REPO;
	return true;
}

static void end(struct sim *sim)
{
	struct broad *broad = sim->stage_self;

	exec_direct_free(broad->direct);
	rows_close(&broad->rows);
	free(broad);
}

static struct store_exec exec(struct sim *sim)
{
	return exec_direct_port(((struct broad *)sim->stage_self)->direct);
}

static struct store_exec hand_exec(struct hand *hand)
{
	return exec(hand->sim);
}

static struct oid commit_name(struct sim *sim, int commit)
{
	(void)sim;
	return show_commit(commit);
}

static int commit_of(struct sim *sim, const struct oid *oid)
{
	(void)sim;
	return show_commit_of(oid);
}

static void perform(struct sim *sim, const struct deed *deed, int number)
{
	struct event events[3];
	size_t n = show_events(&sim->truth, deed, sim_now(sim), events);
	struct ghost_post forged = {.place = deed->commit,
				    .state = deed->role ? STATUS_FAILURE : STATUS_SUCCESS,
				    .text = TEXT_LIT("All good, promise")};

	for (size_t i = 0; i < n; i++)
		net_post_office(sim, &(struct parcel){.deed = number, .event = events[i]});
	if (deed->kind == DEED_FORGE_STATUS)
		(void)take_status(sim, &forged);
}

static void born(struct life *life)
{
	for (int i = 0; i < PARTS; i++) {
		struct hand *hand = &life->hands[i];

		hand->forge = (struct forge){hand,
					     repo,
					     change,
					     open_changes,
					     reviews,
					     moves,
					     broad_commit_people,
					     broad_permission,
					     broad_in_team,
					     branch_tip,
					     statuses,
					     broad_check_runs,
					     post,
					     hook_keeps,
					     hook_list,
					     hook_again,
					     git_access,
					     broad_belongs,
					     broad_merged_before,
					     lines,
					     said,
					     broad_outcomes,
					     broad_threads};
		hand->mirror = (struct mirror){hand, fetch, range, file_at, carry};
	}
}

static void died(struct life *life)
{
	(void)life;
}

static bool deliver(struct sim *sim, struct life *life, const struct parcel *parcel)
{
	struct delivery delivery = {.guid = text_of(parcel->guid),
				    .name = parcel->event.name,
				    .action = parcel->event.action,
				    .body = TEXT_LIT("{}"),
				    .fate = DELIVERY_APPLY,
				    .event = parcel->event,
				    .repo = parcel->event.repo};
	struct err err = ERR_NONE;
	bool duplicate;

	(void)sim;
	return receive_now(&life->receive, &delivery, &duplicate, &err);
}

const struct stage stage_broad = {
	.name = "broad",
	.begin = begin,
	.end = end,
	.perform = perform,
	.born = born,
	.died = died,
	.commit = commit_name,
	.commit_of = commit_of,
	.hand_exec = hand_exec,
	.exec = exec,
	.deliver = deliver,
};
