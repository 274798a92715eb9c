#include "tests/support/inworld.h"

#include "agent/forge/github.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define START_MS INT64_C(1795269731000)
#define SECRET   "s3cret-of-at-least-16-bytes"
#define CONTEXT  "policy/merge-allowed"
#define UNTIL_MS 120000
#define OFTEN_MS 10000
#define LOOK_MS  50

static void must(bool ok, const char *what, const struct err *err)
{
	if (ok)
		return;
	(void)fprintf(stderr, "inworld: %s: %s\n", what, err->text);
	abort();
}

/* ---- the world behind the http port ---- */

static void tick(struct inworld *in)
{
	struct clock_port clock = fibers_clock(in->fibers);

	world_tick(in->story->world, clock.wall(clock.self));
}

static struct text header_value(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (text_eq_nocase(request->headers[i].name, text_of(name)))
			return request->headers[i].value;
	return TEXT_EMPTY;
}

static void copy_headers(const struct world_response *response, struct http_answer *out, struct arena *arena)
{
	size_t n = json_object_size(response->headers), i = 0;
	struct http_header *headers = arena_alloc(arena, n, sizeof *headers);
	const char *key;
	json_t *value;

	json_object_foreach(response->headers, key, value)
	{
		struct text name = arena_text(arena, text_of(key));

		for (size_t k = 0; k < name.len; k++)
			if (name.at[k] >= 'A' && name.at[k] <= 'Z')
				((char *)(uintptr_t)name.at)[k] = (char)(name.at[k] + 32);
		headers[i++] = (struct http_header){name, arena_text(arena, text_of(json_string_value(value)))};
	}
	out->headers = headers;
	out->n_headers = i;
}

static enum err_code ask_world(void *self, const struct http_request *request, struct http_answer *out, struct err *err)
{
	struct inworld *in = self;
	static const char base[] = "http://127.0.0.1:1";
	struct text url = arena_text(request->arena, request->url), authorization, query, known, key;
	struct world_request ask = {.accept = "application/json"};
	struct world_response response;
	char *mark;

	if (!text_starts(url, text_of(base)))
		return (void)err_set(err, ERR_INVALID, "foreign url %s", url.at), err->code;
	tick(in);
	authorization = arena_text(request->arena, header_value(request, "authorization"));
	key = arena_text(request->arena, header_value(request, "x-bugzilla-api-key"));
	ask.method = arena_text(request->arena, request->method).at;
	ask.path = url.at + sizeof base - 1;
	mark = strchr(ask.path, '?');
	query = mark ? arena_text(request->arena, text_of(mark + 1)) : TEXT_EMPTY;
	if (mark)
		*mark = '\0';
	ask.query = mark ? query.at : NULL;
	known = arena_text(request->arena, header_value(request, "if-none-match"));
	ask.authorization = authorization.len ? authorization.at : NULL;
	ask.if_none_match = known.len ? known.at : NULL;
	ask.tracker_key = key.len ? key.at : NULL;
	ask.body = request->body.len ? request->body.at : "";
	ask.len = request->body.len;
	world_handle(in->story->world, &ask, &response);
	*out = (struct http_answer){.status = (unsigned)response.status, .maybe_sent = true};
	out->body = arena_text(request->arena, (struct text){response.body, response.len});
	copy_headers(&response, out, request->arena);
	if (response.lost || response.promised > response.len)
		(void)err_set(err, ERR_RETRY, "the answer was lost");
	world_response_clear(&response);
	return err->code;
}

/* The same repository on disk: the world's bare repositories are served to git without a socket. */
static struct mirror_where on_disk(const struct inworld *in, const struct mirror_where *where, struct arena *arena)
{
	struct mirror_where ret = *where;
	struct text url = where->url;
	size_t at = text_find(url, TEXT_LIT("://")) + 3;

	while (at < url.len && url.at[at] != '/')
		at++;
	ret.url = arena_printf(arena, "file://%s%.*s", in->story->dir, (int)(url.len - at), url.at + at);
	ret.token = TEXT_EMPTY;
	return ret;
}

static enum err_code mirror_fetch(void *self, const struct mirror_fetch_in *fetch, struct mirror_fetch_out *out,
				  struct err *err)
{
	struct inworld *in = self;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct mirror_fetch_in real = *fetch;
	struct clock_port clock = clock_system();
	enum err_code code;

	real.where = on_disk(in, &fetch->where, &arena);
	real.deadline_ms = clock.mono(clock.self) + 60000; /* the child runs in real time */
	fiber_yield(in->fibers);
	code = in->inner_mirror.fetch(in->inner_mirror.self, &real, out, err);
	fiber_yield(in->fibers);
	return code;
}

static enum err_code mirror_range(void *self, const struct mirror_range_in *range, struct mirror_range_out *out,
				  struct arena *arena, struct err *err)
{
	struct inworld *in = self;
	struct mirror_range_in real = *range;
	enum err_code code;

	real.where = on_disk(in, &range->where, arena);
	fiber_yield(in->fibers);
	code = in->inner_mirror.range(in->inner_mirror.self, &real, out, arena, err);
	fiber_yield(in->fibers);
	return code;
}

static enum err_code mirror_file(void *self, const struct mirror_file_in *file, struct mirror_file_out *out,
				 struct arena *arena, struct err *err)
{
	struct inworld *in = self;
	struct mirror_file_in real = *file;
	enum err_code code;

	real.where = on_disk(in, &file->where, arena);
	fiber_yield(in->fibers);
	code = in->inner_mirror.file_at(in->inner_mirror.self, &real, out, arena, err);
	fiber_yield(in->fibers);
	return code;
}

static enum err_code mirror_carry(void *self, const struct mirror_carry_in *carry, struct mirror_carry_out *out,
				  struct arena *arena, struct err *err)
{
	struct inworld *in = self;
	struct mirror_carry_in real = *carry;
	enum err_code code;

	real.where = on_disk(in, &carry->where, arena);
	fiber_yield(in->fibers);
	code = in->inner_mirror.carry(in->inner_mirror.self, &real, out, arena, err);
	fiber_yield(in->fibers);
	return code;
}

/* ---- deliveries: as bytes, through intake ---- */

static size_t heads_of(const struct world_delivery *delivery, struct header *headers, struct arena *arena)
{
	const char *key;
	json_t *value;
	size_t n = 0;

	json_object_foreach(delivery->headers, key, value) if (n < 40) headers[n++] =
		(struct header){text_of(key), text_of(json_string_value(value))};
	headers[n++] = (struct header){TEXT_LIT("Content-Length"), arena_printf(arena, "%zu", delivery->len)};
	return n;
}

static int deliver(struct inworld *in, const struct world_delivery *delivery)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct clock_port clock = fibers_clock(in->fibers);
	struct header headers[42];
	struct request_head head = {TEXT_LIT("POST"), TEXT_LIT("/webhooks/github"), headers, 0};
	const struct verified *verified = NULL;
	struct refusal refusal = {0};
	struct err err = ERR_NONE;
	struct intake *intake;
	bool duplicate;

	head.n_headers = heads_of(delivery, headers, &arena);
	intake = intake_begin(&in->intake, &in->in_flight, &head, clock.wall(clock.self), &refusal);
	if (intake && intake_chunk(intake, delivery->body, delivery->len, &refusal))
		verified = intake_end(intake, clock.wall(clock.self), &refusal);
	if (!verified) {
		(void)fprintf(stderr, "inworld: refused: %s %s\n", refusal.reason, refusal.detail);
		abort();
	}
	must(receive_now(&in->receive, verified_delivery(verified), &duplicate, &err), "receive", &err);
	intake_free(intake);
	return 202;
}

static bool journal_empty(struct inworld *in)
{
	struct store plain = in->store;
	struct store_counts counts;
	struct err err = ERR_NONE;

	plain.exec = exec_direct_port(in->direct);
	must(store_counts(&plain, &counts, &err), "counts", &err);
	return counts.waiting == 0 && counts.subjects_due == 0 && counts.slots_due == 0 && counts.in_doubt == 0;
}

/* The network: takes what the world wants delivered, a moment later, and ends the run when nothing is left to do. */
static void network(void *arg)
{
	struct inworld *in = arg;
	struct world_delivery delivery;
	int quiet = 0;

	while (quiet < 3) {
		fiber_sleep(in->fibers, 1 + (int64_t)fibers_dice(in->fibers, 20));
		tick(in);
		if (world_next_delivery(in->story->world, &delivery)) {
			quiet = 0;
			world_delivery_done(in->story->world, delivery.id, deliver(in, &delivery), 1);
			world_delivery_clear(&delivery);
		} else if (in->over && journal_empty(in)) {
			quiet++;
		}
	}
	fibers_stop(in->fibers);
}

/* ---- waiting for statuses ---- */

const char *inworld_status(struct inworld *in, const char *sha)
{
	const json_t *list, *one;
	size_t i;

	tick(in);
	list = story_get(in->story, "/repos/o/r/commits/%s/statuses", sha);
	json_array_foreach(list, i, one) if (strcmp(story_str(one, "context"), CONTEXT) == 0) return story_str(one,
													       "state");
	return "";
}

bool inworld_until(struct inworld *in, const char *sha, const char *state)
{
	int64_t pause;

	for (int64_t ms = 0; ms < in->patience_ms; ms += pause) {
		pause = ms < OFTEN_MS ? LOOK_MS : 20 * LOOK_MS;

		if (strcmp(inworld_status(in, sha), state) == 0)
			return true;
		fiber_sleep(in->fibers, pause);
	}
	return false;
}

/* ---- putting it together ---- */

static void start_store(struct inworld *in)
{
	struct err err = ERR_NONE;

	must(rows_memory_open(&in->rows, &err), "rows", &err);
	in->direct = exec_direct_new(&in->rows);
	in->exec = (struct fiber_exec){in->fibers, exec_direct_port(in->direct)};
	in->store = (struct store){
		.exec = fiber_exec_port(&in->exec), .limits = STORE_LIMITS_DEFAULT, .context = TEXT_LIT(CONTEXT)};
}

static void start_forge(struct inworld *in)
{
	struct err err = ERR_NONE;

	in->http = (struct http_port){in, ask_world};
	in->fiber_http = (struct fiber_http){in->fibers, in->http};
	in->mirror_git = mirror_git_new(&(struct mirror_git_config){.root = in->dir}, &err);
	must(in->mirror_git != NULL, "mirror", &err);
	in->inner_mirror = mirror_git_port(in->mirror_git);
	in->mirror = (struct mirror){in, mirror_fetch, mirror_range, mirror_file, mirror_carry};
}

static struct worker worker_of(struct inworld *in, const char *owner)
{
	return (struct worker){.store = &in->store,
			       .clock = fibers_clock(in->fibers),
			       .wake = fibers_wake(in->fibers),
			       .log = in->verbose ? &in->log : NULL,
			       .owner = owner};
}

static void start_workers(struct inworld *in)
{
	static const char *const names[INWORLD_JUDGES] = {"judge-0", "judge-1"};
	static const struct text governed[] = {{"o/r", 3}};
	struct gather_config gather = {.policy_path = TEXT_LIT(".headgate.yml"),
				       .defaults = {.approvals = 2},
				       .max_commits = 1000,
				       .max_paths = 1000,
				       .deadline_ms = 60000,
				       .fetch_ms = 60000,
				       .context = TEXT_LIT("policy/merge-allowed")};

	in->applier = (struct applier){worker_of(in, "apply"), 3};
	for (size_t i = 0; i < INWORLD_JUDGES; i++)
		in->judges[i] = (struct judge){.worker = worker_of(in, names[i]),
					       .config = gather,
					       .forge = &in->forge,
					       .mirror = &in->mirror,
					       .attempts_max = 6};
	in->poster = (struct poster){worker_of(in, "post"), &in->forge, TEXT_LIT("http://gate.test"), 10000, 0};
	in->sweeper = (struct sweeper){.worker = worker_of(in, "sweep"),
				       .forge = &in->forge,
				       .every_ms = 120000,
				       .deadline_ms = 15000,
				       .repositories = governed,
				       .n_repositories = 1};
	in->receive = (struct receive){
		.store = &in->store, .clock = fibers_clock(in->fibers), .wake = fibers_wake(in->fibers)};
	in->intake = (struct intake_config){.limits = {1 << 20, 1 << 24}, .path = "/webhooks/github", .n_secrets = 1};
	in->intake.secrets[0] = (struct intake_secret){.bytes = TEXT_LIT(SECRET), .until_ms = WHEN_UNKNOWN};
}

/* What opens the forge: a token, or an App's key. */
static void write_secret(struct inworld *in, const char *text)
{
	ssize_t len = (ssize_t)strlen(text);
	int fd;

	(void)snprintf(in->token, sizeof in->token, "%s/token", in->dir);
	fd = open(in->token, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, (size_t)len) != len || close(fd) != 0)
		abort();
}

static void start_github(struct inworld *in, struct access_config access)
{
	struct access_ports ports = {fibers_clock(in->fibers), fibers_clock(in->fibers), fibers_wake(in->fibers)};
	struct github_config config = {
		.api_url = TEXT_LIT("http://127.0.0.1:1"), .pages_max = 30, .answer_bytes = 1 << 24};
	struct err err = ERR_NONE;

	access.api_url = config.api_url;
	in->access = access_new(&access, &ports, &err);
	must(in->access != NULL, "access", &err);
	config.access = in->access;
	in->github = github_new(&config, fiber_http_port(&in->fiber_http), fibers_clock(in->fibers), &err);
	must(in->github != NULL, "github", &err);
	in->forge = github_port(in->github);
}

struct inworld *inworld_new(uint64_t seed)
{
	struct inworld *in = calloc(1, sizeof *in);

	if (!in)
		abort();
	(void)snprintf(in->dir, sizeof in->dir, "/tmp/headgate-in-XXXXXX");
	if (!mkdtemp(in->dir))
		abort();
	in->fibers = fibers_new(seed, START_MS);
	in->patience_ms = UNTIL_MS;
	in->verbose = getenv("INWORLD_LOG") != NULL; /* to follow one seed by eye */
	in->log = (struct log){STDERR_FILENO, LOG_LOGFMT, LOG_DEBUG_LEVEL, fibers_clock(in->fibers), NULL};
	in->story = story_new(seed);
	story_post(in->story, "/_world/clock", "{s:b}", "real", 1); /* it follows ours: tick() */
	write_secret(in, "APP\n");
	start_store(in);
	start_forge(in);
	start_github(in, (struct access_config){.token_file = text_of(in->token)});
	start_workers(in);
	return in;
}

void inworld_as_app(struct inworld *in)
{
	json_t *key = story_pem(true);

	github_free(in->github);
	access_free(in->access);
	tick(in);
	(void)story_app(in->story, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "contents", "read", "pull_requests",
					     "read", "statuses", "write", "members", "read", "metadata", "read",
					     "checks", "read", "actions", "read"));
	write_secret(in, json_string_value(key));
	start_github(in, (struct access_config){.app_id = TEXT_LIT("77"), .key_file = text_of(in->token)});
	json_decref(key);
}

static void run_applier(void *arg)
{
	applier_run(arg);
}

static void run_judge(void *arg)
{
	judge_run(arg);
}

static void run_poster(void *arg)
{
	poster_run(arg);
}

static void run_sweeper(void *arg)
{
	sweeper_run(arg);
}

bool inworld_run(struct inworld *in, void (*play)(void *), void *arg)
{
	fibers_add(in->fibers, "play", play, arg);
	fibers_add(in->fibers, "network", network, in);
	fibers_add(in->fibers, "apply", run_applier, &in->applier);
	for (size_t i = 0; i < INWORLD_JUDGES; i++)
		fibers_add(in->fibers, "judge", run_judge, &in->judges[i]);
	fibers_add(in->fibers, "post", run_poster, &in->poster);
	fibers_add(in->fibers, "sweep", run_sweeper, &in->sweeper);
	return fibers_run(in->fibers, 5000000);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

void inworld_free(struct inworld *in)
{
	github_free(in->github);
	access_free(in->access);
	mirror_git_free(in->mirror_git);
	exec_direct_free(in->direct);
	rows_close(&in->rows);
	story_free(in->story);
	fibers_free(in->fibers);
	(void)nftw(in->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(in);
}
