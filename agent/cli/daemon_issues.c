#include "agent/cli/daemon_issues.h"

/* "https://api.github.com/repos/OWNER/NAME" */
static struct text repo_of(struct text url)
{
	struct text repos = TEXT_LIT("/repos/");
	size_t at = text_find(url, repos);

	return at == SIZE_MAX ? TEXT_EMPTY : (struct text){url.at + at + repos.len, url.len - at - repos.len};
}

static bool read_one(struct daemon_issues *issues, const struct config_tracker *tracker, struct err *err)
{
	size_t n = issues->all.n;
	struct issues_hook hook = {.tracker = tracker->name, .repo = repo_of(tracker->url)};

	if (hook.repo.len == 0)
		return err_set(err, ERR_INVALID, "trackers: webhook_secret_file: the url names no repository");
	issues->secrets[n] = secret_read(tracker->webhook_secret_file, INTAKE_SECRET_BYTES_MIN, err);
	if (!issues->secrets[n])
		return err_wrap(err, "trackers: webhook_secret_file");
	hook.secret = secret_text(issues->secrets[n]);
	if (tracker->approval_teams.n > 0) {
		hook.flags = tracker->approval_flags.at;
		hook.n_flags = tracker->approval_flags.n;
	}
	issues->hooks[issues->all.n++] = hook;
	return true;
}

bool daemon_issues_read(struct daemon_issues *issues, const struct config *config, struct err *err)
{
	for (size_t i = 0; i < config->trackers.n; i++) {
		const struct config_tracker *tracker = &config->trackers.at[i];

		if (tracker->kind == CONFIG_TRACKER_GITHUB && tracker->webhook_secret_file.len > 0 &&
		    !read_one(issues, tracker, err))
			return false;
	}
	issues->all.hooks = issues->hooks;
	return true;
}

size_t daemon_issues_routes(struct daemon_issues *issues, struct route *to)
{
	static const char *const paths[DAEMON_ISSUES_ROUTES] = {RECEIVE_ISSUE_PATH, RECEIVE_ISSUE_PATH "/"};

	if (issues->all.n == 0)
		return 0;
	for (size_t i = 0; i < DAEMON_ISSUES_ROUTES; i++)
		to[i] = (struct route){"POST", paths[i], false, ISSUES_BODY_MAX, receive_issue_handle, &issues->all};
	return DAEMON_ISSUES_ROUTES;
}

void daemon_issues_free(struct daemon_issues *issues)
{
	for (size_t i = 0; i < CONFIG_TRACKERS_MAX; i++)
		secret_free(issues->secrets[i]);
}
