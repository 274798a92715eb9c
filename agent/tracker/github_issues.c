#include "agent/tracker/github_issues.h"

#include <string.h>

#include "agent/forge/origin.h"
#include "agent/tracker/github_issues_inner.h"
#include "policy/memory.h"
#include "webhooks/crypto.h"

enum err_code issues_get(struct issues *issues, const struct tracker_call *call, const struct rest_path *path,
			 struct issues_reply *ret, struct err *err)
{
	auto_wiped struct arena scratch = ARENA_EMPTY;
	struct rest rest = {issues->config.url, issues->ports.http, issues->ports.clock, issues->config.answer_bytes};
	struct forge_call in = {{0, issues->config.repo, 0}, &scratch, call->deadline_ms, 0};
	struct rest_ask ask = {.method = "GET", .bearer = issues->config.key};
	struct issues_reply reply = {.date = WHEN_UNKNOWN};
	struct http_answer answer = {.status = 0};
	enum err_code code = rest_url(issues->config.url, &in, path, &ask.url, err);

	if (code == ERR_OK)
		code = rest_send(&rest, &in, &ask, &answer, err);
	if (code != ERR_OK)
		return code;
	if (!rest_sort(&rest, &ask, &answer, err)) {
		code = err->code == ERR_DENIED && answer.status != 401 ? ERR_INVALID : err->code;
		err_set(err, code, "%u: refused", answer.status);
		err->retry_at_ms = code == ERR_RETRY ? err->retry_at_ms : 0;
		return code;
	}
	reply.doc = jdoc_parse(answer.body, err);
	crypto_cleanse((char *)(uintptr_t)answer.body.at, answer.body.len);
	if (!reply.doc)
		return err_set(err, ERR_RETRY, "the answer is not JSON"), err->code;
	(void)when_parse_http(http_answer_header(&answer, "date"), &reply.date);
	*ret = reply;
	return ERR_OK;
}

/* ---- an issue ---- */

static bool take_label(struct arena *arena, jval v, struct text *ret, struct err *err)
{
	struct text name;

	if (!jneed_text(v, "name", &name, err))
		return err_wrap(err, "labels");
	if (name.len == 0)
		return err_set(err, ERR_INVALID, "labels: one without a name");
	if (name.len > TRACKER_WORD_MAX)
		return err_set(err, ERR_LIMIT, "labels: one of more than %zu bytes", TRACKER_WORD_MAX);
	*ret = arena_text(arena, name);
	return true;
}

static void take_flag(struct text label, struct bug_flag *flags, size_t *n)
{
	char last = label.at[label.len - 1];

	if (label.len > 1 && strchr("+?-", last))
		flags[(*n)++] =
			(struct bug_flag){.name = {label.at, label.len - 1}, .status = (enum bug_flag_status)last};
}

static bool take_labels(const struct issues *issues, struct arena *arena, jval v, struct bug *bug, struct err *err)
{
	jval list = jget(v, "labels");
	size_t n = list ? jlen(list) : 0;
	struct text *at = arena_alloc(arena, n + 1, sizeof *at);
	struct bug_flag *flags = arena_alloc(arena, n + issues->config.n_approvals + 1, sizeof *flags);

	if (!list || !jis_array(list))
		return err_set(err, ERR_INVALID, "labels: not a list");
	if (n > TRACKER_KEYWORDS_MAX)
		return err_set(err, ERR_LIMIT, "labels: more than %d", TRACKER_KEYWORDS_MAX);
	for (size_t i = 0; i < n; i++) {
		if (!take_label(arena, jat(list, i), &at[i], err))
			return false;
		take_flag(at[i], flags, &bug->n_flags);
	}
	bug->keywords = at;
	bug->n_keywords = n;
	bug->flags = flags;
	return true;
}

static bool take_state(struct arena *arena, jval v, struct bug *bug, struct err *err)
{
	struct text state, reason = jtext(v, "state_reason");

	if (!jneed_text(v, "state", &state, err))
		return false;
	if (!text_is(state, "open") && !text_is(state, "closed"))
		return err_set(err, ERR_INVALID, "state: neither open nor closed");
	if (reason.len > TRACKER_WORD_MAX)
		return err_set(err, ERR_LIMIT, "state_reason: more than %zu bytes", TRACKER_WORD_MAX);
	bug->open = text_is(state, "open") ? TRI_YES : TRI_NO;
	if (bug->open == TRI_NO)
		bug->resolution = reason.len ? arena_text(arena, reason) : TEXT_LIT("completed");
	return true;
}

bool issues_take(const struct issues *issues, struct arena *arena, jval v, struct tracker_bug *bug, struct err *err)
{
	int64_t number;

	if (!jneed_int(v, "number", &number, err))
		return false;
	if (number != bug->is.id)
		return err_set(err, ERR_INVALID, "number: another issue than the one asked for");
	if (jget(v, "pull_request")) {
		bug->is.state = BUG_MISSING;
		return true;
	}
	bug->changed_at = jwhen(v, "updated_at");
	if (bug->changed_at == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "updated_at: not a time");
	if (!take_labels(issues, arena, v, &bug->is, err) || !take_state(arena, v, &bug->is, err))
		return false;
	bug->is.state = BUG_READ;
	return true;
}

void issues_take_hint(const struct issues *issues, struct arena *arena, jval v, struct tracker_bug *bug)
{
	const struct tracker_bug unread = *bug;
	struct err err = ERR_NONE;

	if (!issues_take(issues, arena, v, bug, &err))
		*bug = unread;
}

enum err_code issues_ask_repo(struct issues *issues, const struct tracker_call *call, enum tri *ret, int64_t *ret_date,
			      struct err *err)
{
	struct rest_path path = {"/repos/*/*", {TEXT_EMPTY}, 0};
	struct issues_reply reply;
	enum err_code code = issues_get(issues, call, &path, &reply, err);

	if (code != ERR_OK)
		return code;
	*ret = jtri(jdoc_root(reply.doc), "private");
	*ret_date = reply.date;
	jdoc_free(reply.doc);
	if (*ret == TRI_UNKNOWN)
		return err_set(err, ERR_INVALID, "private: neither true nor false"), err->code;
	return ERR_OK;
}

struct reading { /* one issue being read */
	struct tracker_bug bug;
	int64_t comments; /* how many it has, as it says; -1: it does not */
};

static enum err_code ask_issue(struct issues *issues, const struct tracker_call *call, struct reading *reading,
			       struct err *err)
{
	struct tracker_bug *bug = &reading->bug;
	struct rest_path path = {"/repos/*/*/issues/*", {TEXT_EMPTY}, 1};
	auto_wiped struct arena scratch = ARENA_EMPTY;
	struct issues_reply reply;
	enum err_code code;
	bool ok;

	path.segments[0] = arena_printf(&scratch, "%lld", (long long)bug->is.id);
	code = issues_get(issues, call, &path, &reply, err);
	if (code == ERR_GONE) { /* of a repository that we can read */
		bug->is.state = BUG_MISSING;
		bug->is.secure = TRI_UNKNOWN;
		return ERR_OK;
	}
	if (code != ERR_OK)
		return code;
	ok = issues_take(issues, call->arena, jdoc_root(reply.doc), bug, err);
	reading->comments = jint(jdoc_root(reply.doc), "comments", -1);
	bug->answered_at = reply.date;
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

struct tracker_bug issues_unread(const struct issues *issues, struct arena *arena, int64_t id)
{
	return (struct tracker_bug){.is = {.tracker = arena_text(arena, issues->config.name),
					   .id = id,
					   .as_of = issues->ports.clock.wall(issues->ports.clock.self)},
				    .changed_at = WHEN_UNKNOWN,
				    .answered_at = WHEN_UNKNOWN};
}

/* Labels and comments as flags, with who set them. */
static enum err_code ask_flags(struct issues *issues, const struct tracker_call *call,
			       const struct tracker_wanted *wanted, struct reading *reading, struct err *err)
{
	auto_wiped struct arena scratch = ARENA_EMPTY;
	struct bug *bug = &reading->bug.is;
	struct issues_talk talk = {reading->comments, &scratch};
	struct issues_flags flags = {.issue = bug->id, .at = (struct bug_flag *)(uintptr_t)bug->flags};
	enum err_code code = ERR_OK;

	flags.n = bug->n_flags;
	flags.logins = arena_alloc(&scratch, flags.n + issues->config.n_approvals + 1, sizeof *flags.logins);
	if (issues->config.n_teams > 0)
		code = issues_said(issues, call, &talk, &flags, err);
	bug->n_flags = flags.n;
	return code == ERR_OK ? issues_look_up(issues, call, wanted, &flags, err) : code;
}

static enum err_code issues_bug(void *self, const struct tracker_call *call, int64_t id,
				const struct tracker_wanted *wanted, struct tracker_bug *out, struct err *err)
{
	struct reading reading = {issues_unread(self, call->arena, id), -1};
	struct tracker_bug *bug = &reading.bug;
	int64_t ignored;
	enum err_code code;

	if (id <= 0)
		return err_set(err, ERR_INVALID, "not an issue's number"), err->code;
	code = issues_ask_repo(self, call, &bug->is.secure, &ignored, err);
	if (code == ERR_OK)
		code = ask_issue(self, call, &reading, err);
	if (code == ERR_OK && bug->is.state == BUG_READ)
		code = ask_flags(self, call, wanted, &reading, err);
	if (code != ERR_OK)
		return code;
	bug->attachments_told = bug->duplicates_told = bug->is.state == BUG_READ;
	*out = *bug;
	return ERR_OK;
}

/* One that is not understood stays unread. */
static enum err_code ask_hint(struct issues *issues, const struct tracker_call *call, struct tracker_bug *bug,
			      struct err *err)
{
	struct reading reading = {*bug, -1};
	enum err_code code = ask_issue(issues, call, &reading, err);

	if (code == ERR_OK)
		*bug = reading.bug;
	if (code != ERR_INVALID && code != ERR_LIMIT)
		return code;
	*err = ERR_NONE;
	return ERR_OK;
}

static enum err_code issues_hints(void *self, const struct tracker_call *call, const struct tracker_ids *ids,
				  struct tracker_bugs *out, struct err *err)
{
	struct tracker_bug *bugs = arena_alloc(call->arena, ids->n + 1, sizeof *bugs);
	enum tri secure = TRI_UNKNOWN;
	int64_t ignored;
	enum err_code code;

	if (ids->n > TRACKER_HINTS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d bugs at once", TRACKER_HINTS_MAX), err->code;
	code = issues_ask_repo(self, call, &secure, &ignored, err);
	for (size_t i = 0; code == ERR_OK && i < ids->n; i++) {
		bugs[i] = issues_unread(self, call->arena, ids->at[i]);
		bugs[i].is.secure = secure;
		code = ask_hint(self, call, &bugs[i], err);
	}
	if (code == ERR_OK)
		*out = (struct tracker_bugs){bugs, ids->n};
	return code;
}

/* ---- who we are, what time it is: the same answer tells both ---- */

static enum err_code issues_whoami(void *self, const struct tracker_call *call, struct tracker_self *out,
				   struct err *err)
{
	enum tri ignored;
	int64_t date;
	enum err_code code = issues_ask_repo(self, call, &ignored, &date, err);

	if (code == ERR_OK)
		*out = (struct tracker_self){.accepted = TRI_YES, .backlog = -1};
	return code;
}

static enum err_code issues_db_time(void *self, const struct tracker_call *call, int64_t *out, struct err *err)
{
	int64_t date = WHEN_UNKNOWN;
	enum tri ignored;
	enum err_code code = issues_ask_repo(self, call, &ignored, &date, err);

	if (code != ERR_OK)
		return code;
	if (date == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "date: not a time"), err->code;
	*out = date;
	return ERR_OK;
}

/* ---- opening ---- */

static bool sound(const struct tracker_config *config, struct err *err)
{
	struct text parts[2];

	if (!origin_check(config->url, err) || !origin_split(config->repo, parts, err))
		return false;
	if (config->answer_bytes == 0)
		return err_set(err, ERR_INVALID, "limits.answer_bytes must be above 0");
	for (size_t i = 0; i < config->n_teams; i++)
		if (!origin_split(config->teams[i], parts, err))
			return false;
	for (size_t i = 0; i < config->key.len; i++)
		if (config->key.at[i] <= 0x20 || config->key.at[i] >= 0x7f)
			return err_set(err, ERR_INVALID, "the token is not one word");
	return config->key.len > 0 || err_set(err, ERR_INVALID, "no token");
}

static const struct text *copies(struct issues *issues, const struct text *at, size_t n)
{
	struct text *copy = arena_alloc(&issues->arena, n + 1, sizeof *copy);

	for (size_t i = 0; i < n; i++)
		copy[i] = arena_text(&issues->arena, at[i]);
	return copy;
}

void *github_issues_open(const struct tracker_config *config, const struct tracker_ports *ports, struct err *err)
{
	struct issues *issues;
	struct tracker_config parted = *config;

	if (config->repo.len == 0) {
		size_t at = text_find(config->url, TEXT_LIT("/repos/"));

		parted.url.len = at == SIZE_MAX ? config->url.len : at;
		parted.repo =
			at == SIZE_MAX ? TEXT_EMPTY : (struct text){config->url.at + at + 7, config->url.len - at - 7};
	}
	config = &parted;
	if (!sound(config, err))
		return NULL;
	issues = calloc(1, sizeof *issues);
	if (!issues)
		out_of_memory();
	issues->ports = *ports;
	issues->config = (struct tracker_config){.name = arena_text(&issues->arena, config->name),
						 .url = arena_text(&issues->arena, config->url),
						 .key = arena_text(&issues->arena, config->key),
						 .repo = arena_text(&issues->arena, config->repo),
						 .keywords = copies(issues, config->keywords, config->n_keywords),
						 .n_keywords = config->n_keywords,
						 .approvals = copies(issues, config->approvals, config->n_approvals),
						 .n_approvals = config->n_approvals,
						 .teams = copies(issues, config->teams, config->n_teams),
						 .n_teams = config->n_teams,
						 .answer_bytes = config->answer_bytes};
	return issues;
}

void github_issues_close(void *self)
{
	struct issues *issues = self;

	if (!issues)
		return;
	crypto_cleanse((char *)(uintptr_t)issues->config.key.at, issues->config.key.len);
	arena_release(&issues->arena);
	free(issues);
}

struct tracker github_issues_port(void *issues)
{
	return (struct tracker){.self = issues,
				.bug = issues_bug,
				.hints = issues_hints,
				.changed_since = issues_changed_since,
				.secure_ids = issues_secure_ids,
				.whoami = issues_whoami,
				.db_time = issues_db_time};
}
