/*
 * config: what an administrator sets, as one plain value with a part per consumer. One table of keys drives reading
 * (flags, then HEADGATE_* variables, then the file, then what is built in), --print-config, documentation and the
 * "did you mean" of errors. Only this part knows the table; consumers see fields.
 *
 * Owned by the arena handed to config_load, immutable afterwards; any thread. Reads no file itself but by config_file.
 * Secrets are never in it: only the names of files that hold them (secret.h reads those).
 */
#ifndef AGENT_BASE_CONFIG_H
#define AGENT_BASE_CONFIG_H

#include "policy/yaml.h"

#define CONFIG_SECRETS_MAX           4 /* webhook secrets that are valid at the same time, at most */
#define CONFIG_HOOK_REPOSITORIES_MAX 1000
#define CONFIG_FILE_MAX              ((size_t)256 * 1024)
#define CONFIG_FILE                  "/etc/headgate/headgate.yml"

struct config_texts {
	const struct text *at;
	size_t n;
};

struct config_secret {
	struct text file; /* absolute, or credential:NAME */
	int64_t until_ms; /* wall clock; WHEN_UNKNOWN: no end */
};
struct config_secrets {
	const struct config_secret *at;
	size_t n;
};

struct config_forge {
	int64_t kind;                 /* enum config_forge_kind */
	struct text api_url, git_url; /* git_url empty: derived from api_url */
	struct text token_file;       /* empty: an App */
	struct text app_id, key_file; /* both, or neither */
	struct text ca_file;          /* empty: the system's */
	struct config_secrets webhook_secrets;
	int64_t installation; /* 0: any */
};
enum config_forge_kind { CONFIG_GITHUB = 0 };

enum config_tracker_kind { CONFIG_TRACKER_BUGZILLA = 0, CONFIG_TRACKER_GITHUB };
enum config_tracker_flavour { CONFIG_TRACKER_BMO = 0, CONFIG_TRACKER_UPSTREAM };
enum config_tracker_source { CONFIG_TRACKER_REST = 0, CONFIG_TRACKER_TABLE };
enum config_tracker_guard { CONFIG_GUARD_COMMENT = 0, CONFIG_GUARD_CLEAR, CONFIG_GUARD_BOTH };
enum config_tracker_warning { CONFIG_WARNING_NOTHING = 0, CONFIG_WARNING_COMMENT };
struct config_tracker {
	struct text name;                 /* as policies say it: a-z, 0-9, '-', '_' and '.'; its own among trackers */
	int64_t kind;                     /* enum config_tracker_kind */
	int64_t flavour;                  /* enum config_tracker_flavour; of a Bugzilla */
	int64_t source;                   /* enum config_tracker_source; of the table: no key_file, nothing is read */
	struct text url;                  /* no slash at its end; github: https://API/repos/OWNER/NAME */
	struct text key_file;             /* empty: none */
	struct text webhook_secret_file;  /* empty: its webhooks are refused */
	struct text webhook_header;       /* the header that carries the secret: a token of HTTP */
	struct config_secrets api_tokens; /* of PUT and DELETE /api/v1/bugs; none: it is not there */
	struct text sign_key_file;        /* Ed25519, private: signs what is exported; empty: exports are not signed */
	struct text trust_key_file; /* Ed25519, public: what pulled tables must be signed by; empty: none is pulled */
	int64_t max_age_ms;         /* how long "not secure" counts without a read; 0: not at all */
	int64_t table_max_age_ms;   /* from then on a table is stale: it knows of nothing any more */
	struct config_texts keywords, groups; /* any of them makes a bug secure */
	struct config_texts approval_flags;   /* +, on an attachment that is not obsolete: a secure bug is approved */
	struct config_texts approval_teams;   /* github: whose members set those flags by a comment, "org/team" */
	int64_t per_hour;                     /* requests; 0: no limit */
	struct config_texts guarded_flags;    /* not + on a secure bug before it is approved; may end in '*' */
	int64_t on_guarded;                   /* enum config_tracker_guard */
	int64_t on_warning;                   /* enum config_tracker_warning */
};
#define CONFIG_TRACKERS_MAX 16
struct config_trackers {
	const struct config_tracker *at;
	size_t n;
};

enum config_hook_mode { CONFIG_HOOK_ENFORCE = 0, CONFIG_HOOK_WARN };
struct config_hook_repository {
	struct text name;    /* its own among these */
	struct text policy;  /* a file's name */
	struct text tracker; /* a tracker's name; empty: none */
	int64_t mode;        /* enum config_hook_mode */
};
struct config_hook_repositories {
	const struct config_hook_repository *at;
	size_t n;
};
struct config_hook {
	struct text socket; /* empty: no commit hook is answered */
	struct text group;  /* empty: nobody but our own user */
	int64_t per_minute, deadline_ms;
	struct config_hook_repositories repositories;
};

struct config_policy {
	struct text path, context;
	struct text shared; /* "owner/name:path"; empty: none */
	int64_t default_approvals;
};

struct config_mirror {
	int64_t mode; /* 0: git */
	int64_t max_commits, max_paths, deadline_ms;
	int64_t max_bytes,
		kept_bytes; /* of a repository at the forge: larger ones are read over REST; of what that keeps */
};

struct config_limits {
	int64_t body_bytes, in_flight_bytes;
	int64_t queue_rows, queue_bytes;
	int64_t connections, connections_per_ip, request_seconds;
	int64_t pages, answer_bytes, etag_bytes, forge_deadline_ms, gather_deadline_ms;
	int64_t write_pause_ms, points_per_minute;
	int64_t post_deadline_ms, post_grace_ms, grant_age_ms, posts, lease_ms;
};

struct config_sweep {
	int64_t every_ms;
};

struct config_bugs {
	int64_t tick_ms; /* a success that hangs on bugs waits for the next one; 0: for none */
	int64_t poll_ms; /* between two askings of a tracker for all that changed there */
};

struct config_trees {    /* treestatus */
	struct text url; /* with one "%s" where the tree's name goes; empty: nobody is asked, and no tree is known */
	int64_t every_ms, max_age_ms;
};

struct config_workers {
	int64_t judge;
};

enum config_log_format { CONFIG_LOG_AUTO = 0, CONFIG_LOG_LOGFMT, CONFIG_LOG_JSON };
struct config_log {
	int64_t format; /* enum config_log_format */
	int64_t level;  /* enum log_level */
};

struct config {
	struct text listen, ops_listen, state_dir, control_socket,
		public_url; /* all NUL-terminated, as every text here */
	struct text store;  /* "sqlite" */
	struct config_forge forge;
	struct config_trackers trackers;
	struct config_bugs bugs;
	struct config_trees trees;
	struct config_hook hook;
	struct config_texts repositories; /* "owner/name"; n 0: whatever is signed */
	struct config_texts pushes;       /* "owner/name:branch:onto" */
	struct config_policy policy;
	struct config_mirror mirror;
	struct config_limits limits;
	struct config_workers workers;
	struct config_sweep sweep;
	struct config_log log;
};

enum config_origin { CONFIG_BUILT_IN = 0, CONFIG_FROM_FILE, CONFIG_FROM_ENVIRONMENT, CONFIG_FROM_FLAG };

struct config_override { /* a flag: "listen", "127.0.0.1:0" */
	const char *path, *value;
};

struct config_sources {
	struct text file; /* the bytes of the configuration file; empty: none */
	const struct config_override *flags;
	size_t n_flags;
	char *const *environment; /* as environ; NULL: none */
};

struct config_loaded {
	struct config config;
	const enum config_origin *origins; /* one per key, in the order of config_key_at */
};

/* False: *problem says where and why, *ret is untouched. Line 0: not from the file, and the text says from where. */
bool config_load(const struct config_sources *sources, struct arena *arena, struct config_loaded *ret,
		 struct problem *problem);

/* The bytes of a configuration file; at most CONFIG_FILE_MAX. ERR_GONE: there is none. */
bool config_file(const char *path, struct arena *arena, struct text *ret, struct err *err);

/* What a command needs beyond well-formed values. */
enum config_need { CONFIG_NEEDS_FORGE = 1 << 0, CONFIG_NEEDS_RECEIVE = 1 << 1, CONFIG_NEEDS_STATE = 1 << 2 };
bool config_check(const struct config *config, unsigned needs, struct err *err);

/* "path: value  # origin" per line, in the table's order; the names of secret files as <set>. */
struct text config_print(const struct config_loaded *loaded, struct arena *arena);

/* "FILE:LINE:COLUMN: text", or without the position where there is none. */
struct text config_problem_text(const char *file, const struct problem *problem, struct arena *arena);

/* The table, for help and documentation. NULL past the end. */
struct config_key;
const struct config_key *config_key_at(size_t i);
const struct config_key *config_tracker_key_at(size_t i); /* of one of the trackers; offsets in struct config_tracker */

/* The tracker of that name. NULL: there is none. */
const struct config_tracker *config_tracker_named(const struct config *config, struct text name);

const struct config_key *config_hook_key_at(size_t i); /* of one of hook.repositories */
/* The repository of commit hooks of that name. NULL: there is none. */
const struct config_hook_repository *config_hook_named(const struct config *config, struct text name);

/* The table as text: path, type, default and help per key. */
struct text config_help(struct arena *arena);

#endif
