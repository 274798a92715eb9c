/*
 * The deep stage: the whole way down. The real REST client reads and writes JSON against the world; deliveries enter as
 * signed bytes; commits are git objects that the real mirror walks; the store is SQLite on a disk that loses what was
 * not synced.
 *
 * Approximated: a fetch brings nothing, because the mirror borrows the world's objects (it only fails as calls do); and
 * the merge button's commit is pushed, by whoever pressed it.
 */
#include "tests/sim/deep.h"

#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/forge/github.h"
#include "git/mirror.h"

static void must(bool ok, const char *what, const struct err *err)
{
	if (ok)
		return;
	(void)fprintf(stderr, "deep: %s: %s\n", what, err ? err->text : "");
	abort();
}

/* ---- names ---- */

static struct oid commit_name(struct sim *sim, int commit)
{
	return commit == NOBODY ? OID_NONE : deep_of(sim)->commits[commit];
}

int deep_commit_of(const struct deep *deep, const char *sha)
{
	for (int i = 0; i < deep->n_commits; i++)
		if (strcmp(deep->commits[i].hex, sha) == 0)
			return i;
	return NOBODY;
}

static int commit_of(struct sim *sim, const struct oid *oid)
{
	return deep_commit_of(deep_of(sim), oid->hex);
}

/* ---- the forge of a hand: the real client, and the ghosts told when a judgement begins and when a read failed ---- */

struct deep_hand {
	struct hand *hand;
	struct github *github;
	struct forge inner;
};

struct deep_life {
	struct access *access;
	struct deep_hand hands[PARTS];
};

/* "There is none" is an answer. */
static enum err_code noted(const struct deep_hand *self, enum err_code code)
{
	if (code != ERR_OK && code != ERR_GONE)
		ghost_call_failed(self->hand);
	return code;
}

#define INNER(verb, ...)                                                                                               \
	noted(self, ((struct deep_hand *)self)->inner.verb(((struct deep_hand *)self)->inner.self, __VA_ARGS__))

static enum err_code repo(void *self, const struct forge_call *call, struct forge_found *out, struct err *err)
{
	ghost_asks_name(((struct deep_hand *)self)->hand);
	return INNER(repo, call, out, err);
}

static enum err_code change(void *self, const struct forge_call *call, int64_t number, struct forge_change *out,
			    struct err *err)
{
	return INNER(change, call, number, out, err);
}

static enum err_code open_changes(void *self, const struct forge_call *call, const struct oid *head,
				  struct forge_list_changes *out, struct err *err)
{
	struct hand *hand = ((struct deep_hand *)self)->hand;
	int commit = head ? deep_commit_of(deep_of(hand->sim), head->hex) : NOBODY;

	if (commit != NOBODY)
		ghost_read_begins(hand, commit);
	else
		ghost_reads_for_company(hand);
	return INNER(open_changes, call, head, out, err);
}

static enum err_code reviews(void *self, const struct forge_call *call, int64_t number, struct forge_list_reviews *out,
			     struct err *err)
{
	return INNER(reviews, call, number, out, err);
}

static enum err_code moves(void *self, const struct forge_call *call, const struct forge_change *of,
			   struct forge_list_moves *out, struct err *err)
{
	return INNER(moves, call, of, out, err);
}

static enum err_code commit_people(void *self, const struct forge_call *call, int64_t number,
				   struct forge_list_people *out, struct err *err)
{
	return INNER(commit_people, call, number, out, err);
}

static enum err_code permission(void *self, const struct forge_call *call, struct text login, struct member *out,
				struct err *err)
{
	return INNER(permission, call, login, out, err);
}

static enum err_code in_team(void *self, const struct forge_call *call, const struct forge_membership *in, bool *out,
			     struct err *err)
{
	return INNER(in_team, call, in, out, err);
}

static enum err_code belongs(void *self, const struct forge_call *call, const struct forge_belonging *in, enum tri *out,
			     struct err *err)
{
	return INNER(belongs, call, in, out, err);
}

static enum err_code merged_before(void *self, const struct forge_call *call, const struct person *who, enum tri *out,
				   struct err *err)
{
	return INNER(merged_before, call, who, out, err);
}

static enum err_code lines(void *self, const struct forge_call *call, const struct forge_ends *in,
			   struct forge_list_lines *out, struct err *err)
{
	return INNER(lines, call, in, out, err);
}

static enum err_code said(void *self, const struct forge_call *call, int64_t number, struct forge_said *out,
			  struct err *err)
{
	return INNER(said, call, number, out, err);
}

static enum err_code outcomes(void *self, const struct forge_call *call, const struct forge_asked *in,
			      struct forge_list_outcomes *out, struct err *err)
{
	return INNER(outcomes, call, in, out, err);
}

static enum err_code threads(void *self, const struct forge_call *call, int64_t number, struct forge_list_threads *out,
			     struct err *err)
{
	return INNER(threads, call, number, out, err);
}

static enum err_code branch_tip(void *self, const struct forge_call *call, struct text branch, struct oid *out,
				struct err *err)
{
	return INNER(branch_tip, call, branch, out, err);
}

static enum err_code statuses(void *self, const struct forge_call *call, const struct oid *sha,
			      struct forge_list_statuses *out, struct err *err)
{
	return INNER(statuses, call, sha, out, err);
}

static enum err_code check_runs(void *self, const struct forge_call *call, const struct forge_named *in,
				struct forge_list_checks *out, struct err *err)
{
	return INNER(check_runs, call, in, out, err);
}

static enum err_code post(void *self, const struct forge_post *in, int64_t deadline_ms, struct forge_posted *out,
			  struct err *err)
{
	return INNER(post, in, deadline_ms, out, err);
}

static bool keeps_deliveries(void *self)
{
	const struct forge *inner = &((struct deep_hand *)self)->inner;

	return inner->keeps_deliveries(inner->self);
}

static enum err_code deliveries(void *self, const struct forge_call *call, const struct forge_span *in,
				struct forge_list_deliveries *out, struct err *err)
{
	return INNER(deliveries, call, in, out, err);
}

static enum err_code redeliver(void *self, const struct forge_call *call, int64_t attempt, struct err *err)
{
	return INNER(redeliver, call, attempt, err);
}

static enum err_code git_access(void *self, const struct forge_call *call, struct forge_git *out, struct err *err)
{
	return INNER(git_access, call, out, err);
}

/* ---- the mirror: real reading, of the world's own objects ---- */

static enum err_code fetch(void *self, const struct mirror_fetch_in *in, struct mirror_fetch_out *out, struct err *err)
{
	const struct truth *t;

	(void)in;
	out->fetched = true;
	return net_call(self, CALL_GIT, &t, err);
}

static enum err_code range(void *self, const struct mirror_range_in *in, struct mirror_range_out *out,
			   struct arena *arena, struct err *err)
{
	struct mirror *inner = &deep_of(((struct hand *)self)->sim)->mirror;

	return inner->range(inner->self, in, out, arena, err);
}

static enum err_code file_at(void *self, const struct mirror_file_in *in, struct mirror_file_out *out,
			     struct arena *arena, struct err *err)
{
	struct mirror *inner = &deep_of(((struct hand *)self)->sim)->mirror;

	return inner->file_at(inner->self, in, out, arena, err);
}

static enum err_code carry(void *self, const struct mirror_carry_in *in, struct mirror_carry_out *out,
			   struct arena *arena, struct err *err)
{
	struct mirror *inner = &deep_of(((struct hand *)self)->sim)->mirror;

	return inner->carry(inner->self, in, out, arena, err);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) != 0)
		abort();
}

static void start_mirror(struct deep *deep)
{
	struct err err = ERR_NONE;
	char root[100], dir[140], path[200], text[160];

	(void)snprintf(root, sizeof root, "%s/mirrors", deep->dir);
	deep->mirror_git = mirror_git_new(&(struct mirror_git_config){.root = root}, &err);
	must(deep->mirror_git != NULL, "mirror", &err);
	deep->mirror = mirror_git_port(deep->mirror_git);
	(void)snprintf(dir, sizeof dir, "%s/%lld.git", root, (long long)deep->sim->repo);
	(void)snprintf(path, sizeof path, "%s/objects", dir);
	must(mkdir(dir, 0700) == 0 && mkdir(path, 0700) == 0, path, NULL);
	(void)snprintf(path, sizeof path, "%s/objects/info", dir);
	must(mkdir(path, 0700) == 0, path, NULL);
	(void)snprintf(path, sizeof path, "%s/objects/info/alternates", dir);
	(void)snprintf(text, sizeof text, "%s/%s.git/objects\n", deep->dir, show_repo(0).at);
	write_file(path, text);
	(void)snprintf(path, sizeof path, "%s/HEAD", dir);
	write_file(path, "ref: refs/heads/none\n");
}

/* ---- lives ---- */

static void take_hand(struct access *access, struct hand *hand, struct deep_hand *ret)
{
	struct github_config config = {
		.api_url = TEXT_LIT(DEEP_URL), .pages_max = 30, .answer_bytes = 1 << 22, .access = access};
	struct err err = ERR_NONE;

	ret->hand = hand;
	ret->github = github_new(&config, (struct http_port){hand, deep_send}, fibers_clock(hand->sim->fibers), &err);
	must(ret->github != NULL, "client", &err);
	ret->inner = github_port(ret->github);
	hand->forge =
		(struct forge){ret,        repo,      change,     open_changes, reviews,       moves, commit_people,
			       permission, in_team,   branch_tip, statuses,     check_runs,    post,  keeps_deliveries,
			       deliveries, redeliver, git_access, belongs,      merged_before, lines, said,
			       outcomes,   threads};
	hand->mirror = (struct mirror){hand, fetch, range, file_at, carry};
}

static struct access *access_of(struct life *life)
{
	struct sim *sim = life->node->sim;
	struct access_config config = {.api_url = TEXT_LIT(DEEP_URL), .token_file = text_of(deep_of(sim)->token)};
	struct clock_port clock = fibers_clock(sim->fibers);
	struct access_ports ports = {clock, clock, fiber_group_wake(&life->group)};
	struct err err = ERR_NONE;
	struct access *access = access_new(&config, &ports, &err);

	must(access != NULL, "access", &err);
	return access;
}

static void born(struct life *life)
{
	struct deep_life *own = calloc(1, sizeof *own);

	if (!own)
		abort();
	life->stage = own;
	own->access = access_of(life);
	for (int i = 0; i < PARTS; i++)
		take_hand(own->access, &life->hands[i], &own->hands[i]);
}

static void died(struct life *life)
{
	struct deep_life *own = life->stage;

	for (int i = 0; i < PARTS; i++)
		github_free(own->hands[i].github);
	access_free(own->access);
	free(own);
}

/* ---- deliveries ---- */

static bool deliver(struct sim *sim, struct life *life, const struct parcel *parcel)
{
	struct deep *deep = deep_of(sim);
	const struct deep_letter *letter = parcel->bytes;
	struct request_head head = {TEXT_LIT("POST"), TEXT_LIT("/webhooks/github"), letter->headers, letter->n_headers};
	const struct verified *verified = NULL;
	struct refusal refusal = {0};
	struct err err = ERR_NONE;
	struct intake *intake;
	bool duplicate, taken = false;

	intake = intake_begin(&deep->intake, &deep->in_flight, &head, sim_now(sim), &refusal);
	if (intake && intake_chunk(intake, letter->body.at, letter->body.len, &refusal))
		verified = intake_end(intake, sim_now(sim), &refusal);
	if (!verified)
		sim_break(sim, "a webhook as the forge sends it is refused: %s: %s", refusal.reason, refusal.detail);
	else
		taken = receive_now(&life->receive, verified_delivery(verified), &duplicate, &err);
	intake_free(intake);
	return taken;
}

/* ---- a history ---- */

static void make_directory(struct deep *deep)
{
	bool memory = access("/dev/shm", W_OK) == 0;

	(void)snprintf(deep->dir, sizeof deep->dir, "%s/headgate-deep-XXXXXX", memory ? "/dev/shm" : "/tmp");
	if (!mkdtemp(deep->dir))
		abort();
	(void)snprintf(deep->token, sizeof deep->token, "%s/token", deep->dir);
	write_file(deep->token, "APP\n");
}

static bool begin(struct sim *sim)
{
	struct deep *deep = calloc(1, sizeof *deep);

	if (!deep)
		abort();
	deep->sim = sim;
	sim->stage_self = deep;
	make_directory(deep);
	deep_world_begin(deep);
	start_mirror(deep);
	deep_store_begin(deep);
	deep->intake = (struct intake_config){.limits = {1 << 20, 1 << 24}, .path = "/webhooks/github", .n_secrets = 1};
	deep->intake.secrets[0] = (struct intake_secret){.bytes = TEXT_LIT(DEEP_SECRET), .until_ms = WHEN_UNKNOWN};
	return true;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static void end(struct sim *sim)
{
	struct deep *deep = deep_of(sim);

	deep_store_end(deep);
	mirror_git_free(deep->mirror_git);
	deep_world_end(deep);
	(void)nftw(deep->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_release(&deep->arena);
	free(deep);
}

const struct stage stage_deep = {
	.name = "deep",
	.by_name = true,
	.bare = true,
	.begin = begin,
	.end = end,
	.perform = deep_perform,
	.born = born,
	.died = died,
	.crashed = deep_store_crashed,
	.commit = commit_name,
	.commit_of = commit_of,
	.hand_exec = deep_hand_exec,
	.exec = deep_exec,
	.deliver = deliver,
};
