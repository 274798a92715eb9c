/* What a Bugzilla is asked besides bugs: who we are to it, what time it has. And how one is opened. */
#include "agent/tracker/bugzilla.h"

#include "agent/forge/origin.h"
#include "agent/tracker/bugzilla_inner.h"
#include "policy/memory.h"
#include "webhooks/crypto.h"

#define WEBHOOKS_MAX 1000
#define BUG_FIELDS   "id,keywords,groups,resolution,is_open,flags,dupe_of,last_change_time"

static const struct bugzilla_flavour
	bmo = {.key_in_header = true,
	       .combined = true,
	       .duplicates = true,
	       .whoami = true,
	       .bug_path = "/rest/bug/*?include_fields=" BUG_FIELDS
			   ",duplicates,attachments.id,attachments.bug_id,attachments.is_obsolete,"
			   "attachments.is_patch,attachments.content_type,attachments.flags"},
	upstream = {.bug_path = "/rest/bug/*?include_fields=" BUG_FIELDS};

/* ---- time ---- */

enum err_code bugzilla_db_time(void *self, const struct tracker_call *call, int64_t *out, struct err *err)
{
	struct bugzilla_path path = {.path = "/rest/time?include_fields=db_time"};
	struct bugzilla_reply reply;
	enum err_code code = bugzilla_get(self, call, &path, &reply, err);
	int64_t now;

	if (code != ERR_OK)
		return code;
	now = jwhen(jdoc_root(reply.doc), "db_time");
	jdoc_free(reply.doc);
	if (now == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "db_time: not a time"), err->code;
	*out = now;
	return ERR_OK;
}

/* ---- who we are ---- */

static bool in_list(jval list, struct text word)
{
	for (size_t i = 0; i < jlen(list); i++)
		if (text_eq(jtext(jat(list, i), ""), word))
			return true;
	return false;
}

static bool take_account(const struct bugzilla *b, jval root, struct tracker_self *self, struct err *err)
{
	jval groups = jget(root, "groups");

	if (!jneed_int(root, "id", &self->account, err))
		return false;
	if (self->account <= 0 || !jis_array(groups))
		return err_set(err, ERR_INVALID, "whoami: no account, or without a list of groups");
	self->accepted = self->in_groups = TRI_YES;
	for (size_t i = 0; i < b->config.n_groups; i++)
		if (!in_list(groups, b->config.groups[i]))
			self->in_groups = TRI_NO;
	return true;
}

/* One that is enabled is enough; of the others the backlog does not count. */
static bool take_hooks(jval list, struct tracker_self *self, struct err *err)
{
	if (!list || !jis_array(list))
		return err_set(err, ERR_INVALID, "webhooks: not a list");
	if (jlen(list) > WEBHOOKS_MAX)
		return err_set(err, ERR_LIMIT, "webhooks: more than %d", WEBHOOKS_MAX);
	self->pushes = TRI_NO;
	self->backlog = 0;
	for (size_t i = 0; i < jlen(list); i++) {
		int64_t errors = jint(jat(list, i), "errors", -1);
		enum tri enabled = jtri(jat(list, i), "enabled");

		if (enabled == TRI_UNKNOWN || errors < 0)
			return err_set(err, ERR_INVALID, "webhooks: enabled or errors is missing");
		if (enabled == TRI_NO)
			continue;
		self->pushes = TRI_YES;
		self->backlog = errors > self->backlog ? errors : self->backlog;
	}
	return true;
}

static enum err_code ask_account(struct bugzilla *b, const struct tracker_call *call, struct tracker_self *self,
				 struct err *err)
{
	struct bugzilla_path path = {.path = "/rest/whoami?include_fields=id,groups"};
	struct bugzilla_reply reply;
	enum err_code code = bugzilla_get(b, call, &path, &reply, err);
	bool ok;

	if (code != ERR_OK)
		return code;
	ok = take_account(b, jdoc_root(reply.doc), self, err);
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

static enum err_code ask_hooks(struct bugzilla *b, const struct tracker_call *call, struct tracker_self *self,
			       struct err *err)
{
	struct bugzilla_path path = {.path = "/rest/webhooks/list?include_fields=enabled,errors", .may_refuse = true};
	struct bugzilla_reply reply;
	enum err_code code = bugzilla_get(b, call, &path, &reply, err);
	bool ok = true;

	if (code != ERR_OK)
		return code;
	if (reply.fate == BUGZILLA_TOLD) /* webhooks may be switched off there */
		ok = take_hooks(jget(jdoc_root(reply.doc), "webhooks"), self, err);
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

/* Upstream says no more than that the login is valid. */
static enum err_code ask_valid(struct bugzilla *b, const struct tracker_call *call, struct tracker_self *self,
			       struct err *err)
{
	struct bugzilla_path path = {.path = "/rest/valid_login?include_fields=result", .may_refuse = true};
	struct bugzilla_reply reply;
	enum err_code code = bugzilla_get(b, call, &path, &reply, err);

	if (code != ERR_OK)
		return code;
	self->accepted = reply.fate == BUGZILLA_TOLD ? jtri(jdoc_root(reply.doc), "result") : TRI_UNKNOWN;
	jdoc_free(reply.doc);
	return ERR_OK;
}

enum err_code bugzilla_whoami(void *self, const struct tracker_call *call, struct tracker_self *out, struct err *err)
{
	struct bugzilla *b = self;
	struct tracker_self found = {.backlog = -1};
	enum err_code code;

	if (b->flavour->whoami) {
		code = ask_account(b, call, &found, err);
		if (code == ERR_OK)
			code = ask_hooks(b, call, &found, err);
	} else {
		code = ask_valid(b, call, &found, err);
	}
	if (code == ERR_OK)
		*out = found;
	return code;
}

/* ---- opening ---- */

static const struct text *copies(struct arena *arena, const struct text *words, size_t n)
{
	struct text *at = arena_alloc(arena, n + 1, sizeof *at);

	for (size_t i = 0; i < n; i++)
		at[i] = arena_text(arena, words[i]);
	return at;
}

static bool sound(const struct tracker_config *config, struct err *err)
{
	if (!origin_check(config->url, err))
		return false;
	if (config->answer_bytes == 0)
		return err_set(err, ERR_INVALID, "limits.answer_bytes must be above 0");
	for (size_t i = 0; i < config->key.len; i++)
		if (config->key.at[i] <= 0x20 || config->key.at[i] >= 0x7f)
			return err_set(err, ERR_INVALID, "the API key is not one word");
	return config->key.len > 0 || err_set(err, ERR_INVALID, "no API key");
}

static void *open_as(const struct bugzilla_flavour *flavour, const struct tracker_config *config,
		     const struct tracker_ports *ports, struct err *err)
{
	struct bugzilla *b;

	if (!sound(config, err))
		return NULL;
	b = calloc(1, sizeof *b);
	if (!b)
		out_of_memory();
	b->flavour = flavour;
	b->ports = *ports;
	b->config = (struct tracker_config){
		.name = arena_text(&b->arena, config->name),
		.url = arena_text(&b->arena, config->url),
		.key = arena_text(&b->arena, config->key),
		.keywords = copies(&b->arena, config->keywords, config->n_keywords),
		.n_keywords = config->n_keywords,
		.groups = copies(&b->arena, config->groups, config->n_groups),
		.n_groups = config->n_groups,
		.answer_bytes = config->answer_bytes,
	};
	return b;
}

void *bugzilla_open_bmo(const struct tracker_config *config, const struct tracker_ports *ports, struct err *err)
{
	return open_as(&bmo, config, ports, err);
}

void *bugzilla_open_upstream(const struct tracker_config *config, const struct tracker_ports *ports, struct err *err)
{
	return open_as(&upstream, config, ports, err);
}

void bugzilla_close(void *bugzilla)
{
	struct bugzilla *b = bugzilla;

	if (!b)
		return;
	crypto_cleanse((char *)(uintptr_t)b->config.key.at, b->config.key.len);
	arena_release(&b->arena);
	free(b);
}

struct tracker bugzilla_port(void *bugzilla)
{
	return (struct tracker){.self = bugzilla,
				.bug = bugzilla_bug,
				.hints = bugzilla_hints,
				.changed_since = bugzilla_changed_since,
				.secure_ids = bugzilla_secure_ids,
				.whoami = bugzilla_whoami,
				.db_time = bugzilla_db_time,
				.comment = bugzilla_comment,
				.clear = bugzilla_clear,
				.commented = bugzilla_commented};
}
