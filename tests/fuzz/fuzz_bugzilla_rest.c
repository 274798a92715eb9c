/*
 * Any bytes as a tracker's answers: the first byte says which verb of which tracker, the second the HTTP status; the
 * rest are the bodies of the answers, parted by 0x1e, the last one for all that follow. From the first byte's highest
 * bit on comments approve. No crash, no answer that is half of one, no error that quotes a body.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "agent/tracker/tracker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CANARY "c4nary"

struct answers {
	unsigned status;
	struct text bodies;
	unsigned asked;
};

static int64_t now(void *self)
{
	(void)self;
	return 1795600000000;
}

static struct text next_body(struct answers *a)
{
	const char *end = a->bodies.len > 0 ? memchr(a->bodies.at, 0x1e, a->bodies.len) : NULL;
	struct text body = a->bodies;

	if (!end)
		return body;
	body.len = (size_t)(end - body.at);
	a->bodies.at += body.len + 1;
	a->bodies.len -= body.len + 1;
	return body;
}

static enum err_code play(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct answers *a = self;
	struct text body;

	if (++a->asked > 64)
		return err_set(err, ERR_RETRY, "enough"), err->code;
	body = next_body(a);
	if (body.len > in->max_bytes)
		return err_set(err, ERR_LIMIT, "too long"), err->code;
	*out = (struct http_answer){a->status, NULL, 0, arena_text(in->arena, body), true};
	return ERR_OK;
}

static void check_bug(const struct tracker_bug *bug, int64_t id)
{
	assert(bug->is.id == id);
	assert(bug->is.state == BUG_READ || (bug->is.n_attachments == 0 && bug->is.n_keywords == 0));
	assert(bug->is.state != BUG_HIDDEN || bug->is.secure == TRI_YES);
	assert(bug->is.n_attachments <= TRACKER_ATTACHMENTS_MAX && bug->is.n_flags <= TRACKER_FLAGS_MAX);
	for (size_t i = 0; i < bug->is.n_attachments; i++)
		assert(bug->is.attachments[i].id > 0 && bug->is.attachments[i].n_flags <= TRACKER_FLAGS_MAX);
}

static enum err_code ask_bug(const struct tracker *t, const struct tracker_call *call, struct err *err)
{
	static const struct text flags[] = {{"sec-approval", 12}}, groups[] = {{"sec", 3}, {"acme/sec", 8}};
	static const struct tracker_wanted wanted = {.flags = flags,
						     .n_flags = 1,
						     .groups = groups,
						     .n_groups = 2,
						     .revisions = true,
						     .fields = true,
						     .marks = flags,
						     .n_marks = 1};
	struct tracker_bug bug;
	enum err_code code = t->bug(t->self, call, 412, &wanted, &bug, err);

	if (code == ERR_OK) {
		check_bug(&bug, 412);
		assert(bug.is.state != BUG_UNREAD);
	}
	return code;
}

static enum err_code ask_hints(const struct tracker *t, const struct tracker_call *call, struct err *err)
{
	static const int64_t ids[] = {412, 7};
	struct tracker_bugs bugs;
	enum err_code code = t->hints(t->self, call, &(struct tracker_ids){ids, 2}, &bugs, err);

	for (size_t i = 0; code == ERR_OK && i < 2; i++)
		check_bug(&bugs.at[i], ids[i]);
	return code;
}

static enum err_code ask_list(const struct tracker *t, const struct tracker_call *call, struct err *err)
{
	struct tracker_walk walk = {.since = 1795168800000};
	struct tracker_bugs bugs = {NULL, 0};
	enum err_code code = t->changed_since(t->self, call, &walk, &bugs, err);

	for (size_t i = 0; code == ERR_OK && i < bugs.n; i++)
		check_bug(&bugs.at[i], bugs.at[i].is.id);
	return code;
}

static enum err_code ask_self(const struct tracker *t, const struct tracker_call *call, struct err *err)
{
	struct tracker_self self;

	return t->whoami(t->self, call, &self, err);
}

static enum err_code ask_time(const struct tracker *t, const struct tracker_call *call, struct err *err)
{
	int64_t at;

	return t->db_time(t->self, call, &at, err);
}

typedef enum err_code asking(const struct tracker *t, const struct tracker_call *call, struct err *err);
static asking *const verbs[] = {ask_bug, ask_hints, ask_list, ask_self, ask_time};
static const unsigned statuses[] = {200, 401, 404, 400, 429, 500, 302, 204};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct text flags[] = {{"sec-approval", 12}}, teams[] = {{"acme/sec", 8}};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct tracker_config config = {.name = TEXT_LIT("t"),
					.url = TEXT_LIT("https://bugs.test"),
					.key = TEXT_LIT("key"),
					.repo = TEXT_LIT("acme/engine"),
					.answer_bytes = 1 << 20};
	struct answers answers = {0};
	struct tracker_ports ports = {{&answers, play}, {NULL, now, now}};
	const struct tracker_kind *kind;
	struct tracker_call call = {&arena, 1};
	struct err err = ERR_NONE;
	struct tracker tracker;
	enum err_code code;
	void *opened;

	if (size < 2)
		return 0;
	answers.status = statuses[data[1] % 8];
	answers.bodies = (struct text){(const char *)data + 2, size - 2};
	if (data[0] & 0x80) {
		config.approvals = flags;
		config.teams = teams;
		config.n_approvals = config.n_teams = 1;
	}
	kind = tracker_kind_at((data[0] & 0x7fu) / 5 % 3);
	opened = kind->open(&config, &ports, &err);
	assert(opened);
	tracker = kind->port(opened);
	code = verbs[(data[0] & 0x7f) % 5](&tracker, &call, &err);
	assert(code == err.code && !strstr(err.text, CANARY));
	kind->close(opened);
	return 0;
}
