/*
 * What is kept is a list of answers of three kinds: the file's token, an installation's token, a repository's
 * installation. Each entry is asked for by one thread at a time, outside the lock: `asking` is its turn, and whoever
 * waits for it passes the signal on, because a topic's sticky bit wakes one waiter only.
 */
#include "agent/forge/access_inner.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "policy/memory.h"

#define KEPT_MAX       1000 /* installations and repositories: what was needed longest ago is asked for again */
#define PAUSE_FIRST_MS 1000
#define PAUSE_MAX_MS   60000
#define RENEW_AGAIN_MS 10000 /* a token that still lives could not be renewed */
#define REFUSED_MS     60000 /* two refusals within: a new token is no remedy */

enum kind { KIND_FILE = 0, KIND_TOKEN, KIND_PLACE };

static const struct {
	enum err_code (*ask)(const struct access_asking *in, struct access_found *ret, struct err *err);
	bool pauses; /* after a failure; reading a file costs nobody anything */
} kinds[] = {
	[KIND_FILE] = {access_ask_file, false},
	[KIND_TOKEN] = {access_ask_token, true},
	[KIND_PLACE] = {access_ask_place, true},
};

struct kept {
	enum kind kind;
	int64_t id;
	bool has;
	bool asking;
	size_t users;              /* threads that ask or wait: it stays */
	struct access_found found; /* where it has one */
	int64_t ask_at, dead_at;   /* monotonic; of found */
	int64_t failures;          /* since the last success */
	int64_t pause_until;       /* monotonic; 0: none */
	struct err why;            /* of the pause */
	int64_t refused_at;        /* monotonic; WHEN_UNKNOWN: never */
	uint64_t used;             /* a count of uses, not a time */
};

struct access {
	struct arena arena; /* the texts of the configuration */
	struct access_config config;
	struct access_ports ports;
	struct app_key *key;
	pthread_mutex_t lock; /* of all below */
	struct kept **kept;
	size_t n, room;
	uint64_t uses;
};

/* These calls fail only when the state is broken. */
static void must(int failed)
{
	if (failed != 0)
		abort();
}

static void lock(struct access *access)
{
	must(pthread_mutex_lock(&access->lock));
}

static void unlock(struct access *access)
{
	must(pthread_mutex_unlock(&access->lock));
}

static int64_t mono(const struct access *access)
{
	return access->ports.clock.mono(access->ports.clock.self);
}

/* ---- tokens ---- */

static bool one_word(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] <= 0x20 || t.at[i] >= 0x7f)
			return false;
	return t.len > 0;
}

bool access_token_make(struct text bytes, int64_t installation, struct access_token *ret)
{
	char *copy;

	if (!one_word(bytes))
		return false;
	copy = memory_take(bytes.len + 1);
	memcpy(copy, bytes.at, bytes.len);
	copy[bytes.len] = '\0';
	*ret = (struct access_token){.bytes = {copy, bytes.len}, .installation = installation};
	crypto_sha256(bytes, ret->sha256);
	return true;
}

void access_drop(struct access_token *token)
{
	char *bytes = (char *)(uintptr_t)token->bytes.at;

	if (bytes)
		crypto_cleanse(bytes, token->bytes.len);
	free(bytes);
	*token = (struct access_token){.installation = 0};
}

/* ---- what is kept, with the lock held ---- */

static void forget(struct kept *kept)
{
	access_drop(&kept->found.token);
	kept->found = (struct access_found){.installation = 0};
	kept->has = false;
}

static struct kept *find(struct access *access, enum kind kind, int64_t id)
{
	for (size_t i = 0; i < access->n; i++)
		if (access->kept[i]->kind == kind && access->kept[i]->id == id)
			return access->kept[i];
	return NULL;
}

static void make_room(struct access *access)
{
	size_t oldest = SIZE_MAX;

	if (access->n == access->room) {
		access->room = access->room ? access->room * 2 : 8;
		access->kept = memory_resize(access->kept, access->room * sizeof(struct kept *));
	}
	if (access->n < KEPT_MAX)
		return;
	for (size_t i = 0; i < access->n; i++)
		if (!access->kept[i]->users &&
		    (oldest == SIZE_MAX || access->kept[i]->used < access->kept[oldest]->used))
			oldest = i;
	assert(oldest != SIZE_MAX); /* there are not so many threads */
	forget(access->kept[oldest]);
	free(access->kept[oldest]);
	access->kept[oldest] = access->kept[--access->n];
}

static struct kept *find_or_make(struct access *access, enum kind kind, int64_t id)
{
	struct kept *kept = find(access, kind, id);

	if (!kept) {
		make_room(access);
		kept = memory_take(sizeof *kept);
		*kept = (struct kept){.kind = kind, .id = id, .refused_at = WHEN_UNKNOWN};
		access->kept[access->n++] = kept;
	}
	kept->used = ++access->uses;
	return kept;
}

static int64_t growing(int64_t failures)
{
	int64_t ms = PAUSE_FIRST_MS;

	for (int64_t i = 1; i < failures && ms < PAUSE_MAX_MS; i++)
		ms *= 2;
	return ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS;
}

/* Where the forge named no time, a forge that could not be reached is asked by whoever needs it: his deadline bounds
 * that. */
static void pause_for(struct access *access, struct kept *kept, const struct err *err)
{
	int64_t now = mono(access), named = err->retry_at_ms - access->ports.clock.wall(access->ports.clock.self);
	int64_t ms = err->code == ERR_RETRY ? 0 : growing(++kept->failures);

	if (err->code == ERR_RETRY && kept->has) /* never beyond its end: then it is asked for in earnest */
		ms = kept->dead_at - now < RENEW_AGAIN_MS ? kept->dead_at - now : RENEW_AGAIN_MS;
	if (err->retry_at_ms && named > ms)
		ms = named;
	if (!kinds[kept->kind].pauses)
		ms = 0;
	kept->pause_until = ms ? now + ms : 0;
	kept->why = *err;
}

static void paused(struct access *access, const struct kept *kept, struct err *err)
{
	*err = kept->why;
	err->retry_at_ms = access->ports.clock.wall(access->ports.clock.self) + (kept->pause_until - mono(access));
}

static void settle(struct access *access, struct kept *kept, struct access_found *found, const struct err *err)
{
	int64_t now = mono(access);

	if (err->code == ERR_OK) {
		forget(kept);
		kept->found = *found;
		kept->has = true;
		kept->ask_at = found->keep_ms == ACCESS_NO_END ? ACCESS_NO_END : now + found->keep_ms;
		kept->dead_at = found->life_ms == ACCESS_NO_END ? ACCESS_NO_END : now + found->life_ms;
		kept->failures = 0;
		kept->pause_until = 0;
		return;
	}
	if (err->code != ERR_RETRY || now >= kept->dead_at)
		forget(kept);
	pause_for(access, kept, err);
}

static void copy_out(const struct kept *kept, struct access_found *ret)
{
	*ret = kept->found;
	if (kept->found.token.bytes.len)
		(void)access_token_make(kept->found.token.bytes, kept->found.token.installation, &ret->token);
}

/* ---- one question at a time ---- */

static enum err_code too_late(const struct access *access, const struct forge_call *call, struct err *err)
{
	const struct wake_port *wake = &access->ports.wake;

	if (mono(access) >= call->deadline_ms)
		(void)err_set(err, ERR_RETRY, "the deadline passed while another worker asked for the token");
	else if (wake->stopping(wake->self))
		(void)err_set(err, ERR_RETRY, "stopping");
	return err->code;
}

/* With the lock held, and held again afterwards. */
static enum err_code wait_turn(struct access *access, struct kept *kept, const struct forge_call *call, struct err *err)
{
	const struct wake_port *wake = &access->ports.wake;
	bool waited = false;

	while (kept->asking && too_late(access, call, err) == ERR_OK) {
		waited = true;
		unlock(access);
		wake->wait(wake->self, WAKE_TOKENS, call->deadline_ms);
		lock(access);
	}
	if (waited)
		wake->signal(wake->self, WAKE_TOKENS);
	return err->code;
}

/* With the lock held, given back for as long as the question is out. */
static enum err_code ask(struct access *access, struct kept *kept, const struct access_asking *in, struct err *err)
{
	struct access_found found = {.installation = 0};

	kept->asking = true;
	unlock(access);
	(void)kinds[kept->kind].ask(in, &found, err);
	lock(access);
	kept->asking = false;
	settle(access, kept, &found, err);
	if (access->ports.wake.signal)
		access->ports.wake.signal(access->ports.wake.self, WAKE_TOKENS);
	return err->code;
}

static enum err_code kept_or_asked(struct access *access, struct kept *kept, const struct access_asking *in,
				   struct access_found *ret, struct err *err)
{
	int64_t now;

	if (wait_turn(access, kept, in->call, err) != ERR_OK)
		return err->code;
	now = mono(access);
	if ((!kept->has || now >= kept->ask_at) && now >= kept->pause_until) {
		(void)ask(access, kept, in, err);
		now = mono(access);
	} /* else it is the same moment: what is over in the next one was not asked for anew */
	if (kept->has && now < kept->dead_at) {
		*err = ERR_NONE; /* one that could not be renewed serves until it dies */
		copy_out(kept, ret);
	} else if (now < kept->pause_until) {
		paused(access, kept, err);
	} else if (err->code == ERR_OK) {
		(void)err_set(err, ERR_RETRY, "the token ended while it was taken"); /* never a request without one */
	}
	return err->code;
}

static enum err_code get(struct access *access, enum kind kind, struct access_asking *in, struct access_found *ret,
			 struct err *err)
{
	struct kept *kept;

	lock(access);
	kept = find_or_make(access, kind, in->id);
	kept->users++;
	(void)kept_or_asked(access, kept, in, ret, err);
	kept->users--;
	unlock(access);
	return err->code;
}

/* ---- an App ---- */

/* The repository's installation by the forge's word. By number, it is kept; a name alone may be another's tomorrow. */
static enum err_code place(struct access *access, struct access_asking *in, int64_t *ret, struct err *err)
{
	struct access_found found = {.installation = 0};

	in->id = in->call->repo.id;
	if (in->id == 0)
		(void)access_ask_place(in, &found, err);
	else
		(void)get(access, KIND_PLACE, in, &found, err);
	if (err->code == ERR_OK)
		*ret = found.installation;
	return err->code;
}

static enum err_code token_of(struct access *access, struct access_asking *in, int64_t installation,
			      struct access_token *ret, struct err *err)
{
	struct access_found found = {.installation = 0};

	in->id = installation;
	if (get(access, KIND_TOKEN, in, &found, err) == ERR_OK)
		*ret = found.token;
	return err->code;
}

/* An installation that the forge named gives no token: perhaps it is another one by now. */
static void doubt_place(struct access *access, int64_t repo, int64_t installation, const struct err *why)
{
	struct kept *kept;

	lock(access);
	kept = find(access, KIND_PLACE, repo);
	if (kept && kept->has && kept->found.installation == installation) {
		forget(kept);
		kept->found.installation = installation; /* what is told of it ends this pause, too */
		pause_for(access, kept, why);
	}
	unlock(access);
}

/* What the store holds may be of an installation that is gone, if no event told of the new one. */
static enum err_code by_place(struct access *access, struct access_asking *in, int64_t failed, struct access_token *ret,
			      struct err *err)
{
	struct err other = ERR_NONE;
	int64_t installation = 0;

	if (failed) {
		if (place(access, in, &installation, &other) != ERR_OK)
			return err->code;
		if (installation == failed) {
			doubt_place(access, in->call->repo.id, failed, err);
			return err->code;
		}
		*err = ERR_NONE;
	} else if (place(access, in, &installation, err) != ERR_OK) {
		return err->code;
	}
	if (token_of(access, in, installation, ret, err) == ERR_DENIED)
		doubt_place(access, in->call->repo.id, installation, err);
	return err->code;
}

/* Whatever runs below looks at err to see how far it came: theirs begins with nothing said. */
static enum err_code take(struct access *access, struct access_asking *in, struct access_token *ret, struct err *err)
{
	struct access_found found = {.installation = 0};
	int64_t told = in->call->repo.installation;

	if (!access->key) {
		if (get(access, KIND_FILE, in, &found, err) == ERR_OK)
			*ret = found.token;
		return err->code;
	}
	if (told && token_of(access, in, told, ret, err) != ERR_DENIED)
		return err->code;
	return by_place(access, in, told, ret, err);
}

enum err_code access_take(struct access *access, struct http_port http, const struct forge_call *call,
			  struct access_token *ret, struct err *err)
{
	struct access_asking in = {&access->config, &access->ports, access->key, http, call, 0};
	struct err own = ERR_NONE;

	if (take(access, &in, ret, &own) != ERR_OK)
		*err = own;
	return own.code;
}

bool access_is_app(const struct access *access)
{
	return access->key != NULL;
}

enum err_code access_prove(const struct access *access, struct access_token *ret, struct err *err)
{
	struct clock_port wall = access->ports.wall;
	struct app_claims claims = {access->config.app_id, wall.wall(wall.self)};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text proof;
	bool made;

	if (!access->key)
		return err_set(err, ERR_DENIED, "a token file is no app: it proves nothing"), err->code;
	if (!app_key_jwt(access->key, &claims, &arena, &proof, err))
		return err->code;
	made = access_token_make(proof, 0, ret);
	crypto_cleanse((char *)(uintptr_t)proof.at, proof.len);
	if (!made)
		return err_set(err, ERR_DENIED, "the app's proof is not one word"), err->code;
	return ERR_OK;
}

void access_refused(struct access *access, const struct access_token *token)
{
	struct err why = ERR_NONE;
	struct kept *kept;
	int64_t now = mono(access);

	lock(access);
	kept = find(access, access->key ? KIND_TOKEN : KIND_FILE, token->installation);
	if (kept && kept->has && crypto_equal(kept->found.token.sha256, token->sha256, CRYPTO_DIGEST)) {
		forget(kept);
		if (kept->refused_at != WHEN_UNKNOWN && now - kept->refused_at < REFUSED_MS) {
			(void)err_set(&why, ERR_RETRY,
				      "the forge refuses the tokens that it gives to installation %lld",
				      (long long)kept->id);
			why.retry_at_ms =
				access->ports.clock.wall(access->ports.clock.self) + growing(++kept->failures);
			pause_for(access, kept, &why);
		}
		kept->refused_at = now;
	}
	unlock(access);
}

void access_forget_place(struct access *access, int64_t repo)
{
	struct kept *kept;

	lock(access);
	kept = find(access, KIND_PLACE, repo);
	if (kept)
		forget(kept);
	unlock(access);
}

void access_forget(struct access *access, int64_t installation)
{
	lock(access);
	for (size_t i = 0; i < access->n; i++) {
		struct kept *kept = access->kept[i];
		bool its = kept->kind == KIND_TOKEN && kept->id == installation;

		/* A repository whose installation could not be told may be in this one now. */
		its = its || (kept->kind == KIND_PLACE &&
			      (kept->found.installation == 0 || kept->found.installation == installation));
		if (!its)
			continue;
		forget(kept);
		kept->failures = 0;
		kept->pause_until = 0;
		kept->refused_at = WHEN_UNKNOWN;
	}
	unlock(access);
}

/* ---- begin and end ---- */

static bool begin(struct access *access, struct err *err)
{
	struct access_found found = {.installation = 0};
	struct access_asking in = {.config = &access->config, .ports = &access->ports};

	if (access->config.token_file.len == 0) {
		access->key = app_key_read(access->config.key_file, err);
		return access->key != NULL;
	}
	if (access_ask_file(&in, &found, err) != ERR_OK)
		return false;
	settle(access, find_or_make(access, KIND_FILE, 0), &found, err);
	return true;
}

struct access *access_new(const struct access_config *config, const struct access_ports *ports, struct err *err)
{
	struct access *access = calloc(1, sizeof *access);

	if (!access)
		out_of_memory();
	must(pthread_mutex_init(&access->lock, NULL));
	access->ports = *ports;
	access->config = (struct access_config){
		arena_text(&access->arena, config->api_url), arena_text(&access->arena, config->token_file),
		arena_text(&access->arena, config->app_id), arena_text(&access->arena, config->key_file)};
	if (begin(access, err))
		return access;
	access_free(access);
	return NULL;
}

void access_free(struct access *access)
{
	if (!access)
		return;
	for (size_t i = 0; i < access->n; i++) {
		forget(access->kept[i]);
		free(access->kept[i]);
	}
	free(access->kept);
	app_key_free(access->key);
	must(pthread_mutex_destroy(&access->lock));
	arena_release(&access->arena);
	free(access);
}
