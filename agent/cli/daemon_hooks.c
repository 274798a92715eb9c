#include "agent/cli/daemon_hooks.h"

bool daemon_hooks_read(struct daemon_hooks *hooks, const struct config *config, struct err *err)
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

size_t daemon_hooks_routes(struct daemon_hooks *hooks, struct route *to)
{
	static const char *const paths[DAEMON_HOOKS_ROUTES] = {RECEIVE_BUG_PATH, RECEIVE_BUG_PATH "/"};

	if (hooks->bugs.n == 0)
		return 0;
	for (size_t i = 0; i < DAEMON_HOOKS_ROUTES; i++)
		to[i] = (struct route){"POST", paths[i], false, BUGZILLA_BODY_MAX, receive_bug_handle, &hooks->bugs};
	return DAEMON_HOOKS_ROUTES;
}

void daemon_hooks_free(struct daemon_hooks *hooks)
{
	for (size_t i = 0; i < CONFIG_TRACKERS_MAX; i++)
		secret_free(hooks->secrets[i]);
}
