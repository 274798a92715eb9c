#include "agent/cli/daemon_hooks.h"

_Static_assert(CONFIG_SECRETS_MAX <= INTAKE_SECRETS_MAX, "as many tokens as there is room for");

static bool read_hooks(struct daemon_hooks *hooks, const struct config *config, struct err *err)
{
	for (size_t i = 0; i < config->trackers.n; i++) {
		const struct config_tracker *tracker = &config->trackers.at[i];
		size_t n = hooks->bugs.n;

		if (tracker->kind != CONFIG_TRACKER_BUGZILLA || !tracker->webhook_secret_file.len)
			continue;
		hooks->secrets[n] = secret_read(tracker->webhook_secret_file, INTAKE_SECRET_BYTES_MIN, err);
		if (!hooks->secrets[n])
			return err_wrap(err, "trackers: webhook_secret_file");
		hooks->hooks[n] = (struct bugzilla_hook){.tracker = tracker->name,
							 .header = tracker->webhook_header.at,
							 .secret = secret_text(hooks->secrets[n])};
		hooks->bugs.n++;
	}
	hooks->bugs.hooks = hooks->hooks;
	return true;
}

/* ---- tokens ---- */

static bool is_elsewhere(const struct daemon_hooks *hooks, struct text token)
{
	for (size_t i = 0; i < hooks->bugs.n; i++)
		if (text_ends(hooks->hooks[i].secret, token))
			return true;
	for (size_t i = 0; i < hooks->said.n; i++)
		for (size_t k = 0; k < hooks->said_trackers[i].n; k++)
			if (text_eq(hooks->said_trackers[i].tokens[k].bytes, token))
				return true;
	return false;
}

static bool read_tokens(struct daemon_hooks *hooks, const struct config_tracker *tracker, struct err *err)
{
	struct said_tracker *to = &hooks->said_trackers[hooks->said.n];

	to->tracker = tracker->name;
	for (size_t k = 0; k < tracker->api_tokens.n; k++) {
		const struct config_secret *one = &tracker->api_tokens.at[k];
		struct secret *secret = secret_read(one->file, INTAKE_SECRET_BYTES_MIN, err);

		hooks->tokens[hooks->said.n][k] = secret;
		if (!secret)
			return err_wrap(err, "trackers: api_tokens");
		if (is_elsewhere(hooks, secret_text(secret)))
			return err_set(err, ERR_INVALID,
				       "trackers: api_tokens: %.*s: is another tracker's, or a webhook's; make one of "
				       "its own",
				       TEXT_ARG(one->file));
		to->tokens[k] = (struct intake_secret){.bytes = secret_text(secret), .until_ms = one->until_ms};
	}
	to->n = tracker->api_tokens.n;
	hooks->said.n++;
	return true;
}

bool daemon_hooks_read(struct daemon_hooks *hooks, const struct config *config, struct err *err)
{
	if (!read_hooks(hooks, config, err))
		return false;
	for (size_t i = 0; i < config->trackers.n; i++)
		if (config->trackers.at[i].api_tokens.n > 0 && !read_tokens(hooks, &config->trackers.at[i], err))
			return false;
	hooks->said.trackers = hooks->said_trackers;
	return true;
}

/* ---- routes ---- */

size_t daemon_hooks_routes(struct daemon_hooks *hooks, struct route *to)
{
	static const char *const paths[] = {RECEIVE_BUG_PATH, RECEIVE_BUG_PATH "/"}, *const methods[] = {"PUT",
													 "DELETE"};
	size_t n = 0;

	for (size_t i = 0; hooks->bugs.n > 0 && i < sizeof paths / sizeof paths[0]; i++)
		to[n++] = (struct route){"POST", paths[i], false, BUGZILLA_BODY_MAX, receive_bug_handle, &hooks->bugs};
	for (size_t i = 0; hooks->said.n > 0 && i < sizeof methods / sizeof methods[0]; i++)
		to[n++] = (struct route){methods[i],       RECEIVE_SAID_PATH,   false,
					 RECEIVE_SAID_MAX, receive_said_handle, &hooks->said};
	return n;
}

void daemon_hooks_free(struct daemon_hooks *hooks)
{
	for (size_t i = 0; i < CONFIG_TRACKERS_MAX; i++) {
		secret_free(hooks->secrets[i]);
		for (size_t k = 0; k < CONFIG_SECRETS_MAX; k++)
			secret_free(hooks->tokens[i][k]);
	}
}
