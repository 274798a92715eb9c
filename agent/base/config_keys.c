#include "agent/base/config_keys.h"

#include "policy/when.h"

#define AT(field) offsetof(struct config, field)
#define KIB       INT64_C(1024)
#define MIB       (KIB * 1024)
#define GIB       (MIB * 1024)
#define SECOND    INT64_C(1000)
#define MINUTE    (60 * SECOND)
#define HOUR      (60 * MINUTE)

static const char *const forges[] = {"github", NULL};
static const char *const mirrors[] = {"git", NULL};
static const char *const formats[] = {"auto", "logfmt", "json", NULL};
static const char *const levels[] = {"error", "warn", "info", "debug", NULL};

static const struct config_key keys[] = {
	{"listen", &config_address, AT(listen), "127.0.0.1:8480", 0, 0, "webhooks, pages and API", NULL},
	{"ops_listen", &config_address, AT(ops_listen), "127.0.0.1:9187", 0, 0, "/healthz, /readyz and /metrics", NULL},
	{"state_dir", &config_directory, AT(state_dir), "/var/lib/headgate", 0, 0,
	 "the database and the mirrors; made with mode 0700", NULL},
	{"control_socket", &config_file_name, AT(control_socket), "", 0, 107,
	 "status, recheck and explain talk over it; empty: control.sock in state_dir", NULL},
	{"public_url", &config_public_url, AT(public_url), "", 0, 0,
	 "where people reach the pages; empty: http:// and the listen address", NULL},
	{"store", &config_store, AT(store), "sqlite", 0, 0, "where durable state is kept", NULL},
	{"forge.kind", &config_choice, AT(forge.kind), "github", 0, 0, "what the forge speaks", forges},
	{"forge.api_url", &config_origin_url, AT(forge.api_url), "https://api.github.com", 0, 0,
	 "the REST API; http only on loopback", NULL},
	{"forge.git_url", &config_origin_url, AT(forge.git_url), "", 0, 0,
	 "where repositories are fetched from; empty: derived from api_url", NULL},
	{"forge.token_file", &config_secret_file, AT(forge.token_file), "", 0, 0,
	 "file with a token that reads changes and writes statuses; without an App", NULL},
	{"forge.app_id", &config_text, AT(forge.app_id), "", 0, 100,
	 "client id or number of the GitHub App that headgate is; instead of token_file", NULL},
	{"forge.key_file", &config_secret_file, AT(forge.key_file), "", 0, 0,
	 "file with the App's private key, PEM; instead of token_file", NULL},
	{"forge.ca_file", &config_file_name, AT(forge.ca_file), "", 0, 0,
	 "certificates to trust for the forge; empty: the system's", NULL},
	{"forge.webhook_secrets", &config_webhook_secrets, AT(forge.webhook_secrets), "", 0, CONFIG_SECRETS_MAX,
	 "list of {file, until}; until ends a secret that is being replaced", NULL},
	{"forge.installation", &config_integer, AT(forge.installation), "0", 0, INT64_MAX,
	 "deliveries of another installation are refused; 0: any", NULL},
	{"trackers", &config_trackers, AT(trackers), "", 0, CONFIG_TRACKERS_MAX,
	 "list of bug trackers, each with name, url and more", NULL},
	{"bugs.tick", &config_duration, AT(bugs.tick_ms), "1m", 0, HOUR,
	 "a success that hangs on bugs waits for the next multiple of this, so that its moment tells nothing; 0s: no "
	 "wait",
	 NULL},
	{"bugs.poll", &config_duration, AT(bugs.poll_ms), "5m", 5000, HOUR,
	 "how often each tracker is asked for all that changed there, which finds what its webhooks did not tell",
	 NULL},
	{"hook.socket", &config_file_name, AT(hook.socket), "", 0, 107,
	 "commit hooks ask over it; empty: there is none", NULL},
	{"hook.group", &config_text, AT(hook.group), "", 0, 32,
	 "the group that may ask; empty: headgate's own user alone", NULL},
	{"hook.per_minute", &config_integer, AT(hook.per_minute), "60", 1, 100000,
	 "questions of one user, and bugs that they name beyond 2000 at once; more are refused, and so is the push",
	 NULL},
	{"hook.deadline", &config_duration, AT(hook.deadline_ms), "1500ms", 10, 30 * SECOND,
	 "one answer, with all that is read for it; less than headgate-hook waits", NULL},
	{"hook.repositories", &config_hook_repositories, AT(hook.repositories), "", 0, CONFIG_HOOK_REPOSITORIES_MAX,
	 "list of repositories that have the hook, each with name, policy and more", NULL},
	{"trees.url", &config_tree_url, AT(trees.url), "", 0, 0,
	 "treestatus, with %s where the name of a tree goes; http only on loopback; empty: none", NULL},
	{"trees.every", &config_duration, AT(trees.every_ms), "60s", SECOND, HOUR,
	 "how often each tree that policies ask about is asked for", NULL},
	{"trees.max_age", &config_duration, AT(trees.max_age_ms), "5m", SECOND, 24 * HOUR,
	 "without an answer for so long a tree is not known any more, and what asks about it waits", NULL},
	{"repositories", &config_repositories, AT(repositories), "", 0, 10000,
	 "owner/name of each repository to judge; empty: all that send signed deliveries", NULL},
	{"pushes", &config_pushes, AT(pushes), "", 0, 100,
	 "owner/name:branch:onto of each branch whose commits are judged as they are pushed, without a change, by what "
	 "policy.pushes says on the branch onto",
	 NULL},
	{"policy.path", &config_repo_path, AT(policy.path), ".headgate.yml", 1, 255,
	 "the policy file, read from the base branch only", NULL},
	{"policy.shared", &config_shared_file, AT(policy.shared), "", 0, 0,
	 "owner/name:path of the policy of repositories that have no policy file; empty: none", NULL},
	{"policy.default_approvals", &config_integer, AT(policy.default_approvals), "2", 1, 100,
	 "reviews asked for where a repository has no policy file", NULL},
	{"policy.context", &config_text, AT(policy.context), "policy/merge-allowed", 1, 255,
	 "the name of the status; branch protection must require it", NULL},
	{"mirror.mode", &config_choice, AT(mirror.mode), "git", 0, 0, "how commits are read", mirrors},
	{"mirror.max_commits", &config_integer, AT(mirror.max_commits), "1000", 1, 100000,
	 "commits of one change; more: never allowed", NULL},
	{"mirror.max_paths", &config_integer, AT(mirror.max_paths), "20000", 1, 1000000,
	 "changed paths of one change; more: never allowed", NULL},
	{"mirror.deadline", &config_duration, AT(mirror.deadline_ms), "2m", SECOND, HOUR,
	 "one fetch, which is killed then; over REST one reading of commits or of a file", NULL},
	{"mirror.max_bytes", &config_bytes, AT(mirror.max_bytes), "8GiB", 0, 1024 * GIB,
	 "larger repositories, by the forge's word, are read over REST and not mirrored; 0: all. No larger pack "
	 "is fetched",
	 NULL},
	{"mirror.kept_bytes", &config_bytes, AT(mirror.kept_bytes), "32MiB", 0, 4 * GIB,
	 "git objects that were read over REST, kept by each judge", NULL},
	{"limits.body_bytes", &config_bytes, AT(limits.body_bytes), "25MiB", KIB, 64 * MIB, "one delivery", NULL},
	{"limits.in_flight_bytes", &config_bytes, AT(limits.in_flight_bytes), "64MiB", MIB, 4 * GIB,
	 "deliveries being received, together; more: 503", NULL},
	{"limits.queue_rows", &config_integer, AT(limits.queue_rows), "4096", 1, 1000000,
	 "deliveries waiting for the disk; more: 503", NULL},
	{"limits.queue_bytes", &config_bytes, AT(limits.queue_bytes), "64MiB", MIB, 4 * GIB,
	 "bytes waiting for the disk; more: 503", NULL},
	{"limits.connections", &config_integer, AT(limits.connections), "512", 1, 60000, "open connections", NULL},
	{"limits.connections_per_ip", &config_integer, AT(limits.connections_per_ip), "64", 1, 60000,
	 "open connections of one address", NULL},
	{"limits.request_seconds", &config_integer, AT(limits.request_seconds), "30", 1, 600,
	 "one request, from its first byte to its last", NULL},
	{"limits.pages", &config_integer, AT(limits.pages), "30", 1, 1000,
	 "pages of one list of the forge; more: never allowed", NULL},
	{"limits.answer_bytes", &config_bytes, AT(limits.answer_bytes), "16MiB", KIB, 256 * MIB,
	 "one answer of the forge", NULL},
	{"limits.etag_bytes", &config_bytes, AT(limits.etag_bytes), "32MiB", 0, 4 * GIB,
	 "answers kept to be asked for again at no cost; 0: none", NULL},
	{"limits.forge_deadline", &config_duration, AT(limits.forge_deadline_ms), "15s", SECOND, 10 * MINUTE,
	 "one question to the forge", NULL},
	{"limits.gather_deadline", &config_duration, AT(limits.gather_deadline_ms), "5m", SECOND, HOUR,
	 "all questions of one judgement", NULL},
	{"limits.write_pause", &config_duration, AT(limits.write_pause_ms), "1s", 0, MINUTE,
	 "between two statuses of one installation; the platform asks for a second", NULL},
	{"limits.points_per_minute", &config_integer, AT(limits.points_per_minute), "800", 0, 1000000,
	 "requests of one installation, a status counting five; the platform allows 900; 0: no limit", NULL},
	{"limits.post_deadline", &config_duration, AT(limits.post_deadline_ms), "10s", SECOND, 5 * MINUTE,
	 "posting one status", NULL},
	{"limits.post_grace", &config_duration, AT(limits.post_grace_ms), "20s", SECOND, 10 * MINUTE,
	 "how long a status may still be on its way after that", NULL},
	{"limits.grant_age", &config_duration, AT(limits.grant_age_ms), "30s", SECOND, 10 * MINUTE,
	 "a success older than this is judged again before it is posted", NULL},
	{"limits.posts", &config_integer, AT(limits.posts), "900", 1, 990,
	 "statuses of one commit; from here on it stays a failure (the forge takes 1000)", NULL},
	{"limits.lease", &config_duration, AT(limits.lease_ms), "10m", 10 * SECOND, 2 * HOUR,
	 "how long one worker may hold a judgement", NULL},
	{"workers.judge", &config_integer, AT(workers.judge), "2", 1, 64, "judgements at the same time", NULL},
	{"sweep.every", &config_duration, AT(sweep.every_ms), "2m", SECOND, HOUR,
	 "how often all open changes are read and judged anew, should webhooks be lost", NULL},
	{"log.format", &config_choice, AT(log.format), "auto", 0, 0, "auto: logfmt", formats},
	{"log.level", &config_choice, AT(log.level), "info", 0, 0, "error, warn, info or debug", levels},
};

const struct config_key *config_key_at(size_t i)
{
	return i < sizeof keys / sizeof keys[0] ? &keys[i] : NULL;
}

static const struct config_later later[] = {
	{"gates", "gates"},
	{"mirror.filter", "other filters; blobs are always left out"},
};

const struct config_later *config_later_at(size_t i)
{
	return i < sizeof later / sizeof later[0] ? &later[i] : NULL;
}
