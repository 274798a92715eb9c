#include "agent/base/config.h"

#include "agent/base/config_keys.h"
#include "agent/base/log.h"
#include "policy/when.h"
#include "tests/support/suite.h"

static bool load(const char *file, struct arena *arena, struct config_loaded *ret, struct problem *problem)
{
	struct config_sources sources = {.file = text_of(file)};

	return config_load(&sources, arena, ret, problem);
}

static const struct {
	const char *file;
	unsigned line, column;
	const char *text; /* a part of the problem */
} wrong[] = {
	{"listn: 127.0.0.1:1", 1, 1, "unknown key `listn`; did you mean `listen`?"},
	{"zebra: 1", 1, 1, "unknown key `zebra`"},
	{"forge:\n  api_ur: https://x", 2, 3, "unknown key `forge.api_ur`; did you mean `api_url`?"},
	{"token_file: /x", 1, 1, "did you mean `forge.token_file`?"},
	{"policy:\n  pth: x", 2, 3, "did you mean `path`?"},
	{"limits: 5", 1, 9, "limits: expected keys with values"},
	{"- listen", 1, 1, "expected keys with values"},
	{"listen: localhost:80", 1, 9, "expected an address such as"},
	{"listen: 127.0.0.1", 1, 9, "expected an address"},
	{"listen: 127.0.0.1:65536", 1, 9, "expected an address"},
	{"listen: 127.0.0.1:-1", 1, 9, "expected an address"},
	{"listen: \"[::1:80\"", 1, 9, "expected an address"},
	{"listen: 127.1:80", 1, 9, "expected an address"},
	{"listen:", 1, 0, "expected an address"},
	{"listen: [a]", 1, 9, "expected an address"},
	{"state_dir: var/lib", 1, 12, "expected an absolute directory name"},
	{"control_socket: ./x", 1, 17, "expected an absolute file name"},
	{"public_url: gate.example.org", 1, 13, "expected an http:// or https://"},
	{"public_url: https://gate.example.org/", 1, 13, "no slash at the end"},
	{"public_url: https://a@b", 1, 13, "expected an http:// or https://"},
	{"public_url: https://a!b", 1, 13, "expected an http:// or https://"},
	{"public_url: https://a/?x", 1, 13, "expected an http:// or https://"},
	{"store: postgresql://localhost/x", 1, 8, "sqlite only"},
	{"store: mysql", 1, 8, "expected `sqlite`"},
	{"forge:\n  kind: gitea", 2, 9, "expected one of github"},
	{"forge:\n  api_url: http://api.github.com", 2, 12, "use https"},
	{"forge:\n  api_url: http://127.0.0.1.evil.example", 2, 12, "use https"},
	{"forge:\n  api_url: http://localhost.evil.example", 2, 12, "use https"},
	{"forge:\n  api_url: http://localhost@evil.example", 2, 12, "expected an https://"},
	{"forge:\n  git_url: http://github.com", 2, 12, "use https"},
	{"forge:\n  api_url: ftp://github.com", 2, 12, "expected an https://"},
	{"forge:\n  token_file: token", 2, 15, "expected an absolute file name or credential:NAME"},
	{"forge:\n  token_file: credential:a/b", 2, 15, "expected an absolute file name or credential:NAME"},
	{"forge:\n  webhook_secrets: /x", 2, 20, "expected a list of {file, until}"},
	{"forge:\n  webhook_secrets: [/x]", 2, 21, "expected a list of {file, until}"},
	{"forge:\n  webhook_secrets: [{until: 2026-01-01T00:00:00Z}]", 2, 21, "each needs `file`"},
	{"forge:\n  webhook_secrets: [{file: /x, untl: y}]", 2, 32, "unknown key `untl`"},
	{"forge:\n  webhook_secrets: [{file: /x, until: tomorrow}]", 2, 39, "until is a time such as"},
	{"forge:\n  webhook_secrets: [{file: /1}, {file: /2}, {file: /3}, {file: /4}, {file: /5}]", 2, 20, "at most 4"},
	{"forge:\n  installation: -1", 2, 17, "must be between 0 and"},
	{"forge:\n  app_id: \"a\\nb\"", 2, 11, "expected printable ASCII text"},
	{"forge:\n  key_file: app.pem", 2, 13, "expected an absolute file name or credential:NAME"},
	{"limits: {etag_bytes: 5GiB}", 1, 22, "must be between 0 and"},
	{"trees:\n  url: https://t.example", 2, 8, "%s, please, where the name of a tree goes"},
	{"trees:\n  url: 'https://%s.example/trees'", 2, 8, "%s, please, where the name of a tree goes"},
	{"trees:\n  url: 'https://%s/trees'", 2, 8, "%s, please, where the name of a tree goes"},
	{"trees:\n  url: 'https://t.example%s'", 2, 8, "%s, please, where the name of a tree goes"},
	{"trees:\n  url: 'https://t.example/a%s'", 2, 8, "%s, please, where the name of a tree goes"},
	{"trees:\n  url: '%s'", 2, 8, "%s, please, where the name of a tree goes"},
	{"trees:\n  url: 'https://t.example/%s/%s'", 2, 8, "one %s, please, and no other %"},
	{"trees:\n  url: 'https://t.example/%s%2e'", 2, 8, "one %s, please, and no other %"},
	{"trees:\n  url: 'https://t.example/trees?of=/%s'", 2, 8, "%s, please"},
	{"trees:\n  url: 'https://t.example/%s?x=1'", 2, 8, "an https:// URL with %s"},
	{"trees:\n  url: 'https://a@t.example/%s'", 2, 8, "%s, please"},
	{"trees:\n  url: 'http://t.example/%s'", 2, 8, "use https"},
	{"trees:\n  every: 0s", 2, 10, "trees.every"},
	{"trackers: bmo", 1, 11, "trackers: expected a list of {name, url, ...}"},
	{"trackers: [bmo]", 1, 12, "trackers: expected a list of {name, url, ...}"},
	{"trackers: [{url: 'https://b'}]", 1, 12, "trackers: each needs `name`"},
	{"trackers: [{name: b}]", 1, 12, "trackers: each needs `url`, or `source: table`"},
	{"trackers: [{nme: b}]", 1, 13, "unknown key `nme` in trackers; did you mean `name`?"},
	{"trackers: [{name: B, url: 'https://b'}]", 1, 12, "name: a-z, 0-9"},
	{"trackers: [{name: .b, url: 'https://b'}]", 1, 12, "no `.` at its start"},
	{"trackers: [{name: '', url: 'https://b'}]", 1, 19, "trackers: name: must be between 1 and 40 bytes long"},
	{"trackers: [{name: b, url: 'http://b'}]", 1, 27, "trackers: url: http is for loopback only"},
	{"trackers: [{name: b, url: 'https://b/'}]", 1, 27, "no slash at the end"},
	{"trackers: [{name: b, kind: jira}]", 1, 28, "trackers: kind: expected one of bugzilla, github"},
	{"trackers: [{name: b, flavour: red}]", 1, 31, "trackers: flavour: expected one of bmo, upstream"},
	{"trackers: [{name: b, source: file}]", 1, 30, "trackers: source: expected one of rest, table"},
	{"trackers: [{name: b, key_file: key}]", 1, 32, "expected an absolute file name or credential:NAME"},
	{"trackers: [{name: b, source: table, webhook_header: ''}]", 1, 53,
	 "webhook_header: must be between 1 and 100"},
	{"trackers: [{name: b, source: table, webhook_header: 'X-A: b'}]", 1, 12, "webhook_header: a header's name"},
	{"trackers: [{name: b, source: table, webhook_header: \"X\\r\\nY\"}]", 1, 53, "expected printable ASCII text"},
	{"trackers: [{name: b, source: table, webhook_header: content-type}]", 1, 12, "none that every request has"},
	{"trackers: [{name: b, max_age: 31d}]", 1, 31, "trackers: max_age: must be between 0s and"},
	{"trackers: [{name: b, max_age: [1d]}]", 1, 31, "trackers: max_age: expected a duration"},
	{"trackers: [{name: b, table_max_age: 0s}]", 1, 37, "trackers: table_max_age: must be between 60s and"},
	{"trackers: [{name: b, source: table, key_file: /k}]", 1, 12, "keep no key that is not needed"},
	{"trackers: [{name: b, source: table, approval_teams: [a/b]}]", 1, 12,
	 "approval_teams: of `kind: github` alone"},
	{"trackers: [{name: b, kind: github, source: table, approval_teams: [sec]}]", 1, 12, "each is ORG/TEAM"},
	{"trackers: [{name: b, kind: github, source: table, approval_teams: [a/]}]", 1, 12, "each is ORG/TEAM"},
	{"trackers: [{name: b, kind: github, source: table, approval_teams: [a/b/c]}]", 1, 12, "each is ORG/TEAM"},
	{"trackers: [{name: b, kind: github, url: 'https://b', key_file: /k, guarded_flags: [x1]}]", 1, 12,
	 "nothing is written on GitHub issues"},
	{"trackers: [{name: b, kind: github, url: 'https://b', key_file: /k, on_warning: comment}]", 1, 12,
	 "nothing is written on GitHub issues"},
	{"trackers: [{name: b, source: table, guarded_flags: [x1]}]", 1, 12, "a bug is written to with key_file"},
	{"trackers: [{name: b, url: 'https://b', on_warning: comment}]", 1, 12, "a bug is written to with key_file"},
	{"trackers: [{name: b, url: 'https://b', key_file: /k, guarded_flags: ['*']}]", 1, 12, "`*` only ends a name"},
	{"trackers: [{name: b, url: 'https://b', key_file: /k, guarded_flags: ['a*b']}]", 1, 12,
	 "`*` only ends a name"},
	{"trackers: [{name: b, on_guarded: shout}]", 1, 34, "on_guarded: expected one of comment, clear, both"},
	{"trackers: [{name: b, source: table}, {name: b, source: table}]", 1, 38, "another tracker has this name"},
	{"trackers: [{name: b, api_tokens: /t}]", 1, 34, "api_tokens: expected a list of {file, until}"},
	{"trackers: [{name: b, api_tokens: [/t]}]", 1, 35, "api_tokens: expected a list of {file, until}"},
	{"trackers: [{name: b, api_tokens: [{file: t}]}]", 1, 42, "api_tokens: expected a list of {file, until}"},
	{"trackers: [{name: b, api_tokens: [{fil: /t}]}]", 1, 36,
	 "unknown key `fil` in api_tokens; did you mean `file`?"},
	{"trackers: [{name: b, api_tokens: [{until: 2026-12-01T00:00:00Z}]}]", 1, 35, "each needs `file`"},
	{"trackers: [{name: b, api_tokens: [{file: /t, until: soon}]}]", 1, 53, "until is a time such as"},
	{"trackers: [{name: b, api_tokens: [{file: /t}, {file: /t}, {file: /t}, {file: /t}, {file: /t}]}]", 1, 34,
	 "api_tokens: at most 4 entries"},
	{"gates: []", 1, 1, "this version does not have gates"},
	{"policy: {shared: a/b}", 1, 18, "expected owner/name:path, found `a/b`"},
	{"policy: {shared: 'b:p.yml'}", 1, 18, "expected owner/name:path, found `b:p.yml`"},
	{"policy: {shared: 'a/b:/p.yml'}", 1, 18, "expected owner/name:path, found `a/b:/p.yml`"},
	{"policy: {shared: 'a/b:../p.yml'}", 1, 18, "expected owner/name:path, found `a/b:../p.yml`"},
	{"policy: {shared: 'a/../b:p.yml'}", 1, 18, "expected owner/name:path, found `a/../b:p.yml`"},
	{"repositories: acme/widget", 1, 15, "expected a list of owner/name"},
	{"repositories: [acme]", 1, 16, "expected a list of owner/name"},
	{"repositories: [a/b/c]", 1, 16, "expected a list of owner/name"},
	{"repositories: [a/b, \"a/b c\"]", 1, 21, "expected a list of owner/name"},
	{"policy: {default_approvals: 0}", 1, 29, "must be between 1 and 100"},
	{"policy: {default_approvals: \"2\"}", 1, 29, "expected a whole number"},
	{"policy: {default_approvals: two}", 1, 29, "expected a whole number, found `two`"},
	{"policy: {context: \"\"}", 1, 19, "must be between 1 and 255 bytes long"},
	{"policy: {context: \"a\\nb\"}", 1, 19, "expected printable ASCII text"},
	{"policy: {path: ../x}", 1, 16, "expected a path inside the repository"},
	{"policy: {path: /x}", 1, 16, "expected a path inside the repository"},
	{"mirror: {mode: rest}", 1, 16, "expected one of git"},
	{"mirror: {deadline: 120}", 1, 20, "expected a duration"},
	{"mirror: {deadline: 1ms}", 1, 20, "must be between 1s and 3600s"},
	{"mirror: {deadline: -1s}", 1, 20, "expected a duration"},
	{"mirror: {deadline: 9223372036854775807d}", 1, 20, "expected a duration"},
	{"limits: {body_bytes: 1GiB}", 1, 22, "must be between 1024 and"},
	{"limits: {body_bytes: 25MB}", 1, 22, "expected a number of bytes"},
	{"limits: {body_bytes: 64MiB, in_flight_bytes: 1MiB}", 0, 0, "must be at least limits.body_bytes"},
	{"limits: {posts: 1000}", 1, 17, "must be between 1 and 990"},
	{"limits: {lease: 10s}", 0, 0, "limits.lease: must be longer than"},
	{"log: {format: xml}", 1, 15, "expected one of auto, logfmt, json"},
	{"log: {level: trace}", 1, 14, "expected one of"},
	{"listen: 127.0.0.1:1\nlisten: 127.0.0.1:2", 2, 1, ""},
	{"listen: &a 127.0.0.1:1", 1, 0, ""},
	{"listen: {", 1, 0, ""},
};

START_TEST(what_is_wrong_is_said_with_its_place)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded = {.origins = NULL};
	struct problem problem = {0};

	ck_assert_msg(!load(wrong[_i].file, &arena, &loaded, &problem), "%s", wrong[_i].file);
	ck_assert_ptr_null(loaded.origins);
	ck_assert_msg(strstr(problem.text, wrong[_i].text), "%s\nsaid: %s", wrong[_i].file, problem.text);
	if (wrong[_i].line > 0 && wrong[_i].column > 0)
		ck_assert_msg(problem.line == wrong[_i].line && problem.column == wrong[_i].column, "%s\nat %u:%u: %s",
			      wrong[_i].file, problem.line, problem.column, problem.text);
}
END_TEST

START_TEST(without_a_file_everything_is_built_in)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct problem problem = {0};
	struct err err = ERR_NONE;

	ck_assert_msg(load("", &arena, &loaded, &problem), "%s", problem.text);
	ck_assert(text_is(loaded.config.listen, "127.0.0.1:8480"));
	ck_assert(text_is(loaded.config.control_socket, "/var/lib/headgate/control.sock"));
	ck_assert(text_is(loaded.config.public_url, "http://127.0.0.1:8480"));
	ck_assert(text_is(loaded.config.policy.context, "policy/merge-allowed"));
	ck_assert_int_eq(loaded.config.limits.body_bytes, 26214400);
	ck_assert_int_eq(loaded.config.limits.in_flight_bytes, 67108864);
	ck_assert_int_eq(loaded.config.limits.posts, 900);
	ck_assert_int_eq(loaded.config.log.level, LOG_INFO_LEVEL);
	ck_assert_int_eq(loaded.config.limits.etag_bytes, 33554432);
	ck_assert(!config_check(&loaded.config, CONFIG_NEEDS_FORGE, &err));
	ck_assert(!config_check(&loaded.config, CONFIG_NEEDS_RECEIVE, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "forge.webhook_secrets is missing"));
	ck_assert(config_check(&loaded.config, CONFIG_NEEDS_STATE, &err));
}
END_TEST

START_TEST(values_reach_their_consumers)
{
	static const char file[] =
		"listen: '[::1]:0'\nforge:\n  api_url: http://127.0.0.1:9000/api\n  token_file: credential:token\n"
		"  webhook_secrets:\n    - file: /s1\n    - {file: /s2, until: 2026-12-01T00:00:00Z}\n  installation: "
		"77\n"
		"repositories: [acme/widget, a/b.c]\nmirror: {deadline: 1500ms}\nlog: {format: json, level: debug}\n";
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct problem problem = {0};
	struct err err = ERR_NONE;

	ck_assert_msg(load(file, &arena, &loaded, &problem), "%u:%u: %s", problem.line, problem.column, problem.text);
	ck_assert_str_eq(loaded.config.listen.at, "[::1]:0");
	ck_assert_uint_eq(loaded.config.forge.webhook_secrets.n, 2);
	ck_assert(text_is(loaded.config.forge.webhook_secrets.at[1].file, "/s2"));
	ck_assert_int_eq(loaded.config.forge.webhook_secrets.at[0].until_ms, WHEN_UNKNOWN);
	ck_assert_int_eq(loaded.config.forge.webhook_secrets.at[1].until_ms, 1796083200000);
	ck_assert_int_eq(loaded.config.forge.installation, 77);
	ck_assert_uint_eq(loaded.config.repositories.n, 2);
	ck_assert(text_is(loaded.config.repositories.at[1], "a/b.c"));
	ck_assert_int_eq(loaded.config.mirror.deadline_ms, 1500);
	ck_assert_int_eq(loaded.config.log.format, CONFIG_LOG_JSON);
	ck_assert_int_eq(loaded.config.log.level, LOG_DEBUG_LEVEL);
	ck_assert(config_check(&loaded.config, CONFIG_NEEDS_FORGE | CONFIG_NEEDS_RECEIVE | CONFIG_NEEDS_STATE, &err));
}
END_TEST

START_TEST(trackers_reach_their_consumers_and_their_secrets_no_page)
{
	static const char file[] = "trackers:\n"
				   "  - {name: bmo, url: 'https://b.example/x', key_file: /k, max_age: 2h}\n"
				   "  - {name: up, url: 'https://u.example', flavour: upstream, sign_key_file: /s}\n"
				   "  - {name: gh, kind: github, url: 'https://api.github.com/repos/a/b'}\n"
				   "  - {name: t, source: table, table_max_age: 90m, trust_key_file: /t,\n"
				   "     api_tokens: [{file: /tok1}, {file: /tok2, until: 2026-12-01T00:00:00Z}]}\n";
	char variable[] = "HEADGATE_TRACKERS=bmo";
	char *environment[] = {variable, NULL};
	struct config_sources from_variable = {TEXT_EMPTY, NULL, 0, environment};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct problem problem = {0};
	const struct config_tracker *at;
	const char *shown;

	ck_assert_msg(load(file, &arena, &loaded, &problem), "%u:%u: %s", problem.line, problem.column, problem.text);
	ck_assert_uint_eq(loaded.config.trackers.n, 4);
	at = config_tracker_named(&loaded.config, TEXT_LIT("bmo"));
	ck_assert(at && at->kind == CONFIG_TRACKER_BUGZILLA && at->flavour == CONFIG_TRACKER_BMO);
	ck_assert(at->source == CONFIG_TRACKER_REST && at->max_age_ms == 7200000 && at->table_max_age_ms == 86400000);
	ck_assert_str_eq(at->url.at, "https://b.example/x");
	ck_assert_str_eq(at->key_file.at, "/k");
	at = config_tracker_named(&loaded.config, TEXT_LIT("up"));
	ck_assert(at && at->flavour == CONFIG_TRACKER_UPSTREAM && at->max_age_ms == 0);
	at = config_tracker_named(&loaded.config, TEXT_LIT("gh"));
	ck_assert(at && at->kind == CONFIG_TRACKER_GITHUB);
	at = config_tracker_named(&loaded.config, TEXT_LIT("t"));
	ck_assert(at && at->source == CONFIG_TRACKER_TABLE && at->table_max_age_ms == 5400000);
	ck_assert(at->api_tokens.n == 2 && text_is(at->api_tokens.at[0].file, "/tok1") &&
		  at->api_tokens.at[0].until_ms == WHEN_UNKNOWN && text_is(at->api_tokens.at[1].file, "/tok2") &&
		  at->api_tokens.at[1].until_ms == INT64_C(1796083200000));
	ck_assert_uint_eq(config_tracker_named(&loaded.config, TEXT_LIT("gh"))->api_tokens.n, 0);
	ck_assert_ptr_null(config_tracker_named(&loaded.config, TEXT_LIT("bm")));
	shown = config_print(&loaded, &arena).at;
	ck_assert_ptr_nonnull(strstr(shown, "{name: bmo, kind: bugzilla, url: https://b.example/x, "));
	ck_assert_ptr_nonnull(strstr(shown, "key_file: <set>, "));
	ck_assert_ptr_null(strstr(shown, "/k"));
	ck_assert_ptr_null(strstr(shown, "/s,"));
	ck_assert_ptr_null(strstr(shown, "/tok"));
	ck_assert_ptr_nonnull(
		strstr(shown, "[{file: <set>, until: never}, {file: <set>, until: 2026-12-01T00:00:00Z}]"));
	ck_assert(!config_load(&from_variable, &arena, &loaded, &problem));
	ck_assert_ptr_nonnull(strstr(problem.text, "neither a flag nor a variable"));
}
END_TEST

START_TEST(repositories_of_hooks_reach_their_consumers)
{
	static const char file[] = "hook:\n  socket: /run/h.sock\n  group: hooks\n  per_minute: 5\n"
				   "  deadline: 100ms\n  repositories:\n"
				   "    - {name: a/b, policy: /p.yml, tracker: bmo, mode: warn}\n"
				   "    - {name: c, policy: /q.yml}\n"
				   "trackers: [{name: bmo, source: table}]\n";
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct problem problem = {0};
	struct err err = ERR_NONE;
	const struct config_hook_repository *at;

	ck_assert_msg(load(file, &arena, &loaded, &problem), "%u:%u: %s", problem.line, problem.column, problem.text);
	ck_assert_str_eq(loaded.config.hook.socket.at, "/run/h.sock");
	ck_assert_int_eq(loaded.config.hook.per_minute, 5);
	ck_assert_int_eq(loaded.config.hook.deadline_ms, 100);
	ck_assert_uint_eq(loaded.config.hook.repositories.n, 2);
	at = config_hook_named(&loaded.config, TEXT_LIT("a/b"));
	ck_assert(at && text_is(at->policy, "/p.yml") && text_is(at->tracker, "bmo") && at->mode == CONFIG_HOOK_WARN);
	at = config_hook_named(&loaded.config, TEXT_LIT("c"));
	ck_assert(at && at->tracker.len == 0 && at->mode == CONFIG_HOOK_ENFORCE);
	ck_assert_ptr_null(config_hook_named(&loaded.config, TEXT_LIT("a")));
	ck_assert_ptr_nonnull(
		strstr(config_print(&loaded, &arena).at, "[{name: a/b, policy: /p.yml, tracker: bmo, mode: warn}, "));
	ck_assert(config_check(&loaded.config, 0, &err));
}
END_TEST

static const struct {
	const char *file, *says;
} wrong_hooks[] = {
	{"hook: {repositories: [{policy: /p}]}\n", "each needs `name`"},
	{"hook: {repositories: [{name: a}]}\n", "each needs `policy`"},
	{"hook: {repositories: [{name: a, policy: p}]}\n", "policy: expected"},
	{"hook: {repositories: [{name: a, policy: /p}, {name: a, policy: /q}]}\n", "another repository has this name"},
	{"hook: {repositories: [{name: a, policy: /p, mode: off}]}\n", "mode: expected one of enforce, warn"},
	{"hook: {repositories: [{name: a, police: /p}]}\n", "did you mean `policy`?"},
	{"hook: {deadline: 0s}\n", "hook.deadline"},
	{"hook: {per_minute: 0}\n", "hook.per_minute"},
};

START_TEST(a_wrong_repository_of_hooks_is_named)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct problem problem = {0};

	ck_assert(!load(wrong_hooks[_i].file, &arena, &loaded, &problem));
	ck_assert_msg(strstr(problem.text, wrong_hooks[_i].says) != NULL, "%s", problem.text);
}
END_TEST

START_TEST(a_hook_cannot_name_a_tracker_that_is_none)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct problem problem = {0};
	struct err err = ERR_NONE;

	ck_assert(load("hook: {repositories: [{name: a, policy: /p, tracker: bmo}]}\n", &arena, &loaded, &problem));
	ck_assert(!config_check(&loaded.config, 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "hook.repositories: a: no tracker is called bmo"));
}
END_TEST

START_TEST(a_flag_wins_over_a_variable_and_that_over_the_file)
{
	char listen[] = "HEADGATE_LISTEN=127.0.0.1:2", level[] = "HEADGATE_LOG_LEVEL=warn",
	     secrets[] = "HEADGATE_FORGE_WEBHOOK_SECRETS=/a, credential:b",
	     foreign[] = "HEADGATE_PORT=tcp://10.0.0.1:1";
	char *environment[] = {listen, level, secrets, foreign, NULL};
	struct config_override flags[] = {{"listen", "127.0.0.1:3"}, {"repositories", "a/b,c/d"}};
	struct config_sources sources = {TEXT_LIT("listen: 127.0.0.1:1\nworkers: {judge: 3}\n"), flags, 2, environment};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct problem problem = {0};
	const char *shown;

	ck_assert_msg(config_load(&sources, &arena, &loaded, &problem), "%s", problem.text);
	ck_assert(text_is(loaded.config.listen, "127.0.0.1:3"));
	ck_assert_int_eq(loaded.config.log.level, LOG_WARN_LEVEL);
	ck_assert_int_eq(loaded.config.workers.judge, 3);
	ck_assert_uint_eq(loaded.config.forge.webhook_secrets.n, 2);
	ck_assert_uint_eq(loaded.config.repositories.n, 2);
	shown = config_print(&loaded, &arena).at;
	ck_assert_ptr_nonnull(strstr(shown, "listen: 127.0.0.1:3  # flag\n"));
	ck_assert_ptr_nonnull(strstr(shown, "log.level: warn  # environment\n"));
	ck_assert_ptr_nonnull(strstr(shown, "workers.judge: 3  # file\n"));
	ck_assert_ptr_nonnull(strstr(shown, "limits.posts: 900  # built-in\n"));
	ck_assert_ptr_nonnull(strstr(shown, "[{file: <set>, until: never}, {file: <set>, until: never}]"));
	ck_assert_ptr_null(strstr(shown, "credential:"));
}
END_TEST

START_TEST(a_wrong_flag_or_variable_says_where_it_came_from)
{
	char level[] = "HEADGATE_LOG_LEVEL=loud";
	char *environment[] = {level, NULL};
	struct config_override flag = {"listen", "here"};
	struct config_sources from_flag = {TEXT_EMPTY, &flag, 1, NULL},
			      from_variable = {TEXT_EMPTY, NULL, 0, environment};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct problem problem = {.line = 9};

	ck_assert(!config_load(&from_flag, &arena, &loaded, &problem));
	ck_assert_str_eq(
		config_problem_text("f", &problem, &arena).at,
		"command line: listen: expected an address such as 127.0.0.1:8480 or [::1]:8480, found `here`");
	ck_assert(!config_load(&from_variable, &arena, &loaded, &problem));
	ck_assert_ptr_nonnull(strstr(problem.text, "environment: log.level: expected one of"));
}
END_TEST

START_TEST(the_example_is_valid_and_names_every_key)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct problem problem = {0};
	struct err err = ERR_NONE;
	struct text file;

	ck_assert_msg(config_file(SOURCE_DIR "/examples/headgate.yml", &arena, &file, &err), "%s", err.text);
	ck_assert_msg(load(file.at, &arena, &loaded, &problem), "%u:%u: %s", problem.line, problem.column,
		      problem.text);
	for (size_t i = 0; config_key_at(i); i++)
		ck_assert_msg(loaded.origins[i] == CONFIG_FROM_FILE, "%s is not in the example",
			      config_key_at(i)->path);
	for (size_t i = 0; config_tracker_key_at(i); i++)
		ck_assert_msg(strstr(file.at, arena_printf(&arena, " %s: ", config_tracker_key_at(i)->path).at),
			      "trackers.%s is not in the example", config_tracker_key_at(i)->path);
	for (size_t i = 0; config_hook_key_at(i); i++)
		ck_assert_msg(strstr(file.at, arena_printf(&arena, " %s: ", config_hook_key_at(i)->path).at),
			      "hook.repositories.%s is not in the example", config_hook_key_at(i)->path);
}
END_TEST

START_TEST(the_example_shows_what_is_built_in)
{
	static const char *const differ[] = {"control_socket", "public_url",
					     "forge.git_url",  "forge.token_file",
					     "forge.ca_file",  "forge.webhook_secrets",
					     "repositories",   "trackers",
					     "policy.shared",  "hook.socket",
					     "hook.group",     "hook.repositories",
					     "pushes"};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded example, built_in;
	struct problem problem = {0};
	struct err err = ERR_NONE;
	struct text file;

	ck_assert(config_file(SOURCE_DIR "/examples/headgate.yml", &arena, &file, &err));
	ck_assert(load(file.at, &arena, &example, &problem) && load("", &arena, &built_in, &problem));
	ck_assert_msg(config_check(&example.config, CONFIG_NEEDS_FORGE | CONFIG_NEEDS_RECEIVE, &err), "%s", err.text);
	for (size_t i = 0, k; config_key_at(i); i++) {
		const struct config_key *key = config_key_at(i);
		const char *a = (const char *)&example.config + key->offset,
			   *b = (const char *)&built_in.config + key->offset;

		for (k = 0; k < sizeof differ / sizeof differ[0] && strcmp(differ[k], key->path) != 0; k++)
			;
		if (k == sizeof differ / sizeof differ[0])
			ck_assert_msg(text_eq(key->type->print(key, a, &arena), key->type->print(key, b, &arena)), "%s",
				      key->path);
	}
}
END_TEST

START_TEST(the_table_is_sound)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct config_key *key;
	const char *help = config_help(&arena).at;

	for (size_t i = 0; (key = config_key_at(i)); i++) {
		ck_assert_msg(strstr(help, key->path), "%s", key->path);
		ck_assert_uint_gt(strlen(key->help), 0);
		ck_assert(key->offset < sizeof(struct config));
		ck_assert(!key->type->number || key->min < key->max);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(key->path, config_key_at(k)->path);
	}
	ck_assert_ptr_null(config_key_at(10000));
}
END_TEST

static const struct {
	const char *forge, *problem; /* NULL: none */
} accesses[] = {
	{"{token_file: /t}", NULL},
	{"{app_id: 12, key_file: /k}", NULL},
	{"{app_id: Iv23liABC, key_file: credential:app}", NULL},
	{"{token_file: \"\", app_id: 12, key_file: /k}", NULL},
	{"{}", "forge.token_file is missing: a file with a token, or forge.app_id and forge.key_file"},
	{"{app_id: 12}", "forge.key_file is missing: forge.app_id and forge.key_file make an App"},
	{"{key_file: /k}", "forge.app_id is missing: forge.app_id and forge.key_file make an App"},
	{"{token_file: /t, app_id: 12, key_file: /k}", "forge.token_file and forge.app_id exclude each other"},
	{"{token_file: /t, key_file: /k}", "forge.token_file and forge.key_file exclude each other"},
};

START_TEST(a_token_or_an_app_and_never_both)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct problem problem = {0};
	struct err err = ERR_NONE;
	bool ok;

	ck_assert_msg(load(arena_printf(&arena, "forge: %s", accesses[_i].forge).at, &arena, &loaded, &problem), "%s",
		      problem.text);
	ok = config_check(&loaded.config, CONFIG_NEEDS_FORGE, &err);
	ck_assert_msg(ok == !accesses[_i].problem, "%s: %s", accesses[_i].forge, err.text);
	if (accesses[_i].problem)
		ck_assert_msg(strstr(err.text, accesses[_i].problem), "%s", err.text);
	ck_assert_ptr_null(strstr(config_print(&loaded, &arena).at, "key_file: /k"));
}
END_TEST

START_TEST(a_file_that_is_absent_is_told_from_one_that_is_unreadable)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct text file;

	ck_assert(!config_file("/nonexistent/headgate.yml", &arena, &file, &err));
	ck_assert_int_eq(err.code, ERR_GONE);
	ck_assert(!config_file("/tmp", &arena, &file, &err));
	ck_assert_int_eq(err.code, ERR_INVALID);
	ck_assert(!config_file("/dev/zero", &arena, &file, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_is_wrong_is_said_with_its_place, wrong),
	SUITE_TEST(without_a_file_everything_is_built_in),
	SUITE_TEST(values_reach_their_consumers),
	SUITE_TEST(trackers_reach_their_consumers_and_their_secrets_no_page),
	SUITE_TEST(repositories_of_hooks_reach_their_consumers),
	SUITE_ROWS(a_wrong_repository_of_hooks_is_named, wrong_hooks),
	SUITE_TEST(a_hook_cannot_name_a_tracker_that_is_none),
	SUITE_TEST(a_flag_wins_over_a_variable_and_that_over_the_file),
	SUITE_TEST(a_wrong_flag_or_variable_says_where_it_came_from),
	SUITE_TEST(the_example_is_valid_and_names_every_key),
	SUITE_TEST(the_example_shows_what_is_built_in),
	SUITE_TEST(the_table_is_sound),
	SUITE_ROWS(a_token_or_an_app_and_never_both, accesses),
	SUITE_TEST(a_file_that_is_absent_is_told_from_one_that_is_unreadable),
	SUITE_END,
};
SUITE_MAIN(tests)
