/*
 * The gate lies below the client, at its http port, so that every request of every verb is counted; what an answer
 * means is told by the verb's error, above it. A reading under way is a `flight`: it belongs to those who fly with it,
 * and the last of them frees it.
 */
#include "agent/tracker/ask.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "agent/tracker/tracker_copy.h"
#include "policy/memory.h"

#define MINUTE_MS    60000
#define MINUTES      60
#define PAUSE_MAX_MS (INT64_C(3600) * 1000)
#define DOUBLED_MAX  6
#define KEPT_PART    4  /* one part in so many of the budget is for those alone who keep the table */
#define LOOK_MS      50 /* a signal may be another's: whoever waits looks again after this */

struct flight {
	struct flight *next;      /* of those under way */
	struct flight *successor; /* begun by one whom this did not serve; holds a seat in it for the others */
	int64_t id;
	int64_t began, deadline; /* monotonic */
	struct tracker_wanted wanted;
	bool keeps; /* whoever began it keeps the table */
	bool over;
	size_t users;
	struct arena arena; /* of wanted and bug */
	struct tracker_bug bug;
	enum err_code code;
	struct err err;
};

struct hour {
	int64_t minutes[MINUTES]; /* requests in each; by minute modulo */
	int64_t minute;           /* the newest of them */
};

struct ask {
	struct ask_config config;
	struct ask_ports ports;
	pthread_mutex_t lock; /* of all below */
	struct flight *flights;
	struct hour all, others; /* others: of those who do not keep the table */
	int64_t pause_until;     /* wall; 0: none */
	int64_t refusals;        /* for asking too much, since the last success */
	struct ask_counts counts;
};

struct ask_client {
	struct ask *ask;
	struct http_port http; /* the worker's own */
	const struct tracker_kind *kind;
	void *opened;
	struct tracker tracker;
	bool keeps; /* ask_client_keeps */
	bool held;  /* the gate let a request of this verb not go */
};

/* These calls fail only when the state is broken. */
static void must(int failed)
{
	if (failed != 0)
		abort();
}

static void lock(struct ask *ask)
{
	must(pthread_mutex_lock(&ask->lock));
}

static void unlock(struct ask *ask)
{
	must(pthread_mutex_unlock(&ask->lock));
}

static int64_t wall(const struct ask *ask)
{
	return ask->ports.clock.wall(ask->ports.clock.self);
}

static int64_t mono(const struct ask *ask)
{
	return ask->ports.clock.mono(ask->ports.clock.self);
}

struct ask *ask_new(const struct ask_config *config, const struct ask_ports *ports)
{
	struct ask *ask = memory_take(sizeof *ask);

	*ask = (struct ask){.config = *config, .ports = *ports};
	ask->all.minute = ask->others.minute = mono(ask) / MINUTE_MS;
	must(pthread_mutex_init(&ask->lock, NULL));
	return ask;
}

void ask_free(struct ask *ask)
{
	if (!ask)
		return;
	assert(!ask->flights);
	must(pthread_mutex_destroy(&ask->lock));
	free(ask);
}

void ask_renew(struct ask *ask)
{
	lock(ask);
	ask->counts.key_refused = false;
	unlock(ask);
}

struct ask_counts ask_counts(struct ask *ask)
{
	struct ask_counts counts;

	lock(ask);
	counts = ask->counts;
	unlock(ask);
	return counts;
}

/* ---- the gate, with the lock held ---- */

/* Forgets what is an hour old; returns what is left of it. */
static int64_t in_this_hour(struct hour *hour, int64_t now)
{
	int64_t minute = now / MINUTE_MS, sum = 0;

	if (minute - hour->minute > MINUTES)
		hour->minute = minute - MINUTES;
	while (hour->minute < minute)
		hour->minutes[++hour->minute % MINUTES] = 0;
	for (size_t i = 0; i < MINUTES; i++)
		sum += hour->minutes[i];
	return sum;
}

/* How long until the oldest minute that has requests is an hour old. */
static int64_t budget_in(const struct hour *hour, int64_t now)
{
	int64_t oldest = hour->minute - MINUTES + 1;

	while (hour->minutes[(oldest + MINUTES) % MINUTES] == 0 && oldest < hour->minute)
		oldest++;
	return (oldest + MINUTES) * MINUTE_MS - now;
}

static bool wait_until(int64_t *count, int64_t at, const char *why, struct err *err)
{
	++*count;
	err_set(err, ERR_RETRY, "not asked: %s", why);
	err->retry_at_ms = at;
	return false;
}

/* Which hour is full, of those that count for this client; NULL: it may send. */
static const struct hour *used_up(struct ask *ask, bool keeps, int64_t clock)
{
	int64_t most = ask->config.per_hour, all = in_this_hour(&ask->all, clock),
		others = in_this_hour(&ask->others, clock);

	if (most > 0 && all >= most)
		return &ask->all;
	return most > 0 && !keeps && others >= most - most / KEPT_PART ? &ask->others : NULL;
}

static bool may_send(struct ask *ask, bool keeps, struct err *err)
{
	int64_t now = wall(ask), clock = mono(ask);
	const struct hour *full = used_up(ask, keeps, clock);

	if (ask->counts.key_refused) {
		ask->counts.stopped++;
		return err_set(err, ERR_DENIED, "not asked: the tracker refused our key");
	}
	if (now < ask->pause_until)
		return wait_until(&ask->counts.paused, ask->pause_until, "the tracker asks for a pause", err);
	if (full)
		return wait_until(&ask->counts.over_budget, now + budget_in(full, clock),
				  "the hour's budget is used up", err);
	ask->all.minutes[ask->all.minute % MINUTES]++;
	ask->others.minutes[ask->others.minute % MINUTES] += !keeps;
	ask->counts.requests++;
	return true;
}

static void told(struct ask *ask, const struct err *err, enum err_code code)
{
	int64_t now = wall(ask), pause;

	if (code == ERR_OK)
		ask->refusals = 0;
	if (code == ERR_DENIED)
		ask->counts.key_refused = true;
	if (code != ERR_RETRY || err->retry_at_ms <= now || now < ask->pause_until)
		return;
	pause = (err->retry_at_ms - now) << (ask->refusals < DOUBLED_MAX ? ask->refusals : DOUBLED_MAX);
	ask->refusals++;
	ask->pause_until = now + (pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS);
}

/* ---- the gate as an http port ---- */

static enum err_code send_counted(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct ask_client *client = self;
	enum err_code code;
	bool may;

	lock(client->ask);
	may = may_send(client->ask, client->keeps, err);
	unlock(client->ask);
	client->held = !may;
	if (!may)
		return err->code;
	code = client->http.send(client->http.self, in, out, err);
	if (code != ERR_OK) {
		lock(client->ask);
		client->ask->counts.failed++;
		unlock(client->ask);
	}
	return code;
}

/* What a verb came to. A refusal that was the gate's own tells nothing of the tracker. */
static enum err_code tell(struct ask_client *client, const struct err *err, enum err_code code)
{
	lock(client->ask);
	if (!client->held)
		told(client->ask, err, code);
	unlock(client->ask);
	client->held = false;
	return code;
}

/* ---- flights ---- */

struct passenger {
	const struct tracker_wanted *wanted;
	int64_t id, came, deadline;
	bool keeps;
	struct flight *last; /* that did not serve, with his seat; NULL: none */
};

static struct flight *flight_of(struct ask *ask, int64_t id)
{
	struct flight *f = ask->flights;

	while (f && f->id != id)
		f = f->next;
	return f;
}

static struct flight *begin(struct ask *ask, const struct passenger *p)
{
	struct flight *f = memory_take(sizeof *f);

	*f = (struct flight){.next = ask->flights,
			     .id = p->id,
			     .began = mono(ask),
			     .deadline = p->deadline,
			     .keeps = p->keeps,
			     .users = 1,
			     .err = ERR_NONE};
	f->wanted = tracker_wanted_copy(p->wanted, &f->arena);
	ask->flights = f;
	return f;
}

static void leave(struct flight *f)
{
	while (f && --f->users == 0) {
		struct flight *successor = f->successor;

		arena_release(&f->arena);
		free(f);
		f = successor;
	}
}

static void end(struct ask *ask, struct flight *f)
{
	struct flight **at = &ask->flights;

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	f->over = true;
}

/* With the lock held, but not while it waits. False: *err, he waits no longer. */
static bool wait_for(struct ask *ask, const struct flight *f, int64_t deadline, struct err *err)
{
	while (!f->over) {
		int64_t now = mono(ask), look = now + LOOK_MS;

		if (now >= deadline)
			return err_set(err, ERR_RETRY, "the deadline passed while another reading was under way");
		if (ask->ports.wake.stopping && ask->ports.wake.stopping(ask->ports.wake.self))
			return err_set(err, ERR_RETRY, "stopping");
		unlock(ask);
		ask->ports.wake.wait(ask->ports.wake.self, WAKE_BUGS, look < deadline ? look : deadline);
		lock(ask);
	}
	return true;
}

/* Begun later than he came (within a millisecond nobody knows), all he wants, and not given up for want of time or of
 * a budget that he still has. */
static bool serves(const struct flight *f, const struct passenger *p)
{
	return f->began > p->came && tracker_wanted_same(&f->wanted, p->wanted) &&
	       (f->code != ERR_RETRY || (f->deadline >= p->deadline && f->keeps >= p->keeps));
}

/* The next one after `f`, which did not serve: begun by another of those it did not serve, perhaps over already. */
static struct flight *after(struct ask *ask, const struct flight *f)
{
	return f->successor ? f->successor : flight_of(ask, f->id);
}

/* Flies along with each that is under way, until one serves. *ret: that one, with his seat; NULL: none did. */
static bool fly_along(struct ask *ask, struct passenger *p, struct flight **ret, struct err *err)
{
	struct flight *f = flight_of(ask, p->id);

	*ret = NULL;
	for (; f; f = after(ask, p->last)) {
		f->users++;
		leave(p->last);
		p->last = f;
		if (!wait_for(ask, f, p->deadline, err))
			return false;
		if (serves(f, p)) {
			p->last = NULL;
			*ret = f;
			return true;
		}
	}
	return true;
}

/* Begins one of his own, in which all have a seat who flew with him in the last. */
static struct flight *take_off(struct ask *ask, const struct passenger *p)
{
	struct flight *f = begin(ask, p);

	if (p->last) {
		p->last->successor = f;
		f->users++;
	}
	return f;
}

static void fly(struct ask_client *client, struct flight *f)
{
	struct ask *ask = client->ask;
	struct tracker_call call = {&f->arena, f->deadline};

	f->code = client->tracker.bug(client->tracker.self, &call, f->id, &f->wanted, &f->bug, &f->err);
	(void)tell(client, &f->err, f->code);
	lock(ask);
	end(ask, f);
	unlock(ask);
	ask->ports.wake.signal(ask->ports.wake.self, WAKE_BUGS);
}

/* A flight that is over and serves, with a seat in it; NULL: *err. */
static struct flight *board(struct ask_client *client, struct passenger *p, struct err *err)
{
	struct ask *ask = client->ask;
	struct flight *f;
	bool ok, shared;

	lock(ask);
	ok = fly_along(ask, p, &f, err);
	shared = f != NULL;
	ask->counts.shared += shared;
	if (ok && !shared)
		f = take_off(ask, p);
	leave(p->last);
	unlock(ask);
	if (f && !shared)
		fly(client, f);
	return f;
}

/* ---- verbs ---- */

static enum err_code ask_bug(void *self, const struct tracker_call *call, int64_t id,
			     const struct tracker_wanted *wanted, struct tracker_bug *out, struct err *err)
{
	struct ask_client *client = self;
	struct passenger p = {wanted, id, mono(client->ask), call->deadline_ms, client->keeps, NULL};
	struct flight *f = board(client, &p, err);
	enum err_code code;

	if (!f)
		return err->code;
	code = f->code;
	if (code == ERR_OK)
		*out = tracker_copy(&f->bug, call->arena);
	else
		*err = f->err;
	lock(client->ask);
	leave(f);
	unlock(client->ask);
	return code;
}

static enum err_code ask_hints(void *self, const struct tracker_call *call, const struct tracker_ids *ids,
			       struct tracker_bugs *out, struct err *err)
{
	struct ask_client *c = self;

	return tell(c, err, c->tracker.hints(c->tracker.self, call, ids, out, err));
}

static enum err_code ask_changed_since(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				       struct tracker_bugs *out, struct err *err)
{
	struct ask_client *c = self;

	return tell(c, err, c->tracker.changed_since(c->tracker.self, call, walk, out, err));
}

static enum err_code ask_secure_ids(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				    struct tracker_ids *out, struct err *err)
{
	struct ask_client *c = self;

	return tell(c, err, c->tracker.secure_ids(c->tracker.self, call, walk, out, err));
}

static enum err_code ask_whoami(void *self, const struct tracker_call *call, struct tracker_self *out, struct err *err)
{
	struct ask_client *c = self;

	return tell(c, err, c->tracker.whoami(c->tracker.self, call, out, err));
}

static enum err_code ask_db_time(void *self, const struct tracker_call *call, int64_t *out, struct err *err)
{
	struct ask_client *c = self;

	return tell(c, err, c->tracker.db_time(c->tracker.self, call, out, err));
}

/* ---- writing: what the gate lets not go was certainly not sent, by the http port's own word ---- */

static enum err_code ask_comment(void *self, const struct tracker_call *call, const struct tracker_comment *in,
				 enum tracker_fate *fate, struct err *err)
{
	struct ask_client *c = self;

	return tell(c, err, c->tracker.comment(c->tracker.self, call, in, fate, err));
}

static enum err_code ask_clear(void *self, const struct tracker_call *call, int64_t bug,
			       const struct tracker_mark *mark, enum tracker_fate *fate, struct err *err)
{
	struct ask_client *c = self;

	return tell(c, err, c->tracker.clear(c->tracker.self, call, bug, mark, fate, err));
}

static enum err_code ask_commented(void *self, const struct tracker_call *call, const struct tracker_comment *in,
				   bool *ret, struct err *err)
{
	struct ask_client *c = self;

	return tell(c, err, c->tracker.commented(c->tracker.self, call, in, ret, err));
}

/* ---- clients ---- */

struct ask_client *ask_client_new(struct ask *ask, const struct tracker_config *config,
				  const struct tracker_ports *ports, struct err *err)
{
	const struct tracker_kind *kind = tracker_kind(config->kind);
	struct ask_client *client = memory_take(sizeof *client);
	struct tracker_ports gated = {{client, send_counted}, ports->clock};

	*client = (struct ask_client){.ask = ask, .http = ports->http, .kind = kind};
	if (!kind)
		err_set(err, ERR_INVALID, "no kind of tracker has this name");
	else
		client->opened = kind->open(config, &gated, err);
	if (!client->opened) {
		free(client);
		return NULL;
	}
	client->tracker = kind->port(client->opened);
	return client;
}

void ask_client_free(struct ask_client *client)
{
	if (!client)
		return;
	client->kind->close(client->opened);
	free(client);
}

void ask_client_keeps(struct ask_client *client)
{
	client->keeps = true;
}

struct tracker ask_client_port(struct ask_client *client)
{
	return (struct tracker){.self = client,
				.bug = ask_bug,
				.hints = ask_hints,
				.changed_since = ask_changed_since,
				.secure_ids = ask_secure_ids,
				.whoami = ask_whoami,
				.db_time = ask_db_time,
				.comment = client->tracker.comment ? ask_comment : NULL,
				.clear = client->tracker.clear ? ask_clear : NULL,
				.commented = client->tracker.commented ? ask_commented : NULL};
}
