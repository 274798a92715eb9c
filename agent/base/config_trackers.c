/*
 * The list of trackers: the keys of one, and what they must be together. A tracker that is read from a table alone has
 * no key, so that no secret of it can be stolen here.
 */
#include "agent/base/config_keys.h"

#define AT(field)        offsetof(struct config_tracker, field)
#define MINUTE           (60 * INT64_C(1000))
#define DAY              (INT64_C(24) * 60 * MINUTE)
#define NAME_MAX_BYTES   40
#define HEADER_MAX_BYTES 100

static const char *const kinds[] = {"bugzilla", "github", NULL};
static const char *const flavours[] = {"bmo", "upstream", NULL};
static const char *const sources[] = {"rest", "table", NULL};

static const char *const guards[] = {"comment", "clear", "both", NULL};
static const char *const warnings[] = {"nothing", "comment", NULL};

static const struct config_key keys[] = {
	{"name", &config_text, AT(name), "", 1, NAME_MAX_BYTES, "as policies say it: a-z, 0-9, `-`, `_` and `.`", NULL},
	{"kind", &config_choice, AT(kind), "bugzilla", 0, 0, "what the tracker speaks", kinds},
	{"url", &config_origin_url, AT(url), "", 0, 0,
	 "where it is, without /rest; of github https://api.github.com/repos/OWNER/NAME; http only on loopback", NULL},
	{"flavour", &config_choice, AT(flavour), "bmo", 0, 0, "of a Bugzilla: bugzilla.mozilla.org's, or upstream's",
	 flavours},
	{"source", &config_choice, AT(source), "rest", 0, 0,
	 "rest: bugs are read there; table: never, what is imported or pushed is all", sources},
	{"key_file", &config_secret_file, AT(key_file), "", 0, 0, "file with the API key or token that reads bugs",
	 NULL},
	{"webhook_secret_file", &config_secret_file, AT(webhook_secret_file), "", 0, 0,
	 "file with the secret of its webhooks (of github: of `/webhooks/issues`); without it they are refused", NULL},
	{"webhook_header", &config_text, AT(webhook_header), "Authorization", 1, HEADER_MAX_BYTES,
	 "the header of a Bugzilla's webhooks whose whole value the secret is", NULL},
	{"api_tokens", &config_webhook_secrets, AT(api_tokens), "", 0, CONFIG_SECRETS_MAX,
	 "list of {file, until}: each token lets its bearer PUT and DELETE /api/v1/bugs of this tracker", NULL},
	{"max_age", &config_duration, AT(max_age_ms), "0s", 0, 30 * DAY,
	 "how long a bug last seen not secure counts so without a read; 0s: not at all", NULL},
	{"table_max_age", &config_duration, AT(table_max_age_ms), "1d", MINUTE, 365 * DAY,
	 "a table older than this is stale, and every bug in it unknown", NULL},
	{"keywords", &config_words, AT(keywords), "sec-high,sec-critical", 0, 0,
	 "keywords (of github: labels) any of which makes a bug secure", NULL},
	{"groups", &config_words, AT(groups), "", 0, 0, "groups any of which makes a bug secure", NULL},
	{"approval_flags", &config_words, AT(approval_flags), "sec-approval", 0, 0,
	 "flags whose + on an attachment that is not obsolete approves a secure bug, as the table has it", NULL},
	{"approval_teams", &config_words, AT(approval_teams), "", 0, 0,
	 "of github: teams, ORG/TEAM, whose members set `approval_flags` by a comment too, `sec-approval+` its first "
	 "line",
	 NULL},
	{"per_hour", &config_integer, AT(per_hour), "2000", 0, 1000000,
	 "requests to it in any hour, a quarter of them kept for polling and for bugs of which it told; 0: no limit",
	 NULL},
	{"guarded_flags", &config_words, AT(guarded_flags), "", 0, 0,
	 "flags (and custom fields, cf_...) that must not be + on a secure bug before it is approved; `*` may end one",
	 NULL},
	{"on_guarded", &config_choice, AT(on_guarded), "comment", 0, 0,
	 "what is done, once, about a guarded flag: a private comment on the bug, the flag cleared, or both", guards},
	{"on_warning", &config_choice, AT(on_warning), "nothing", 0, 0,
	 "of a secure bug whose change a rule would block that only warns: nothing, or one private comment there",
	 warnings},
	{"sign_key_file", &config_secret_file, AT(sign_key_file), "", 0, 0,
	 "file with an Ed25519 private key, PEM, that signs what `headgate bugs export` writes", NULL},
	{"trust_key_file", &config_file_name, AT(trust_key_file), "", 0, 0,
	 "file with the Ed25519 public key, PEM, that signs what `headgate bugs pull` installs", NULL},
};

const struct config_key *config_tracker_key_at(size_t i)
{
	return i < sizeof keys / sizeof keys[0] ? &keys[i] : NULL;
}

static bool name_ok(struct text name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

	for (size_t i = 0; i < name.len; i++)
		if (!memchr(allowed, name.at[i], sizeof allowed - 1))
			return false;
	return name.len > 0 && name.at[0] != '.';
}

/* A token, and none that a delivery has anyway. */
static bool header_ok(struct text header)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
	static const char *const taken[] = {"Host",       "Content-Type", "Content-Length", "Content-Encoding",
					    "Connection", "Expect",       "Accept",         "Accept-Encoding",
					    "User-Agent", "TE",           "Trailer",        "Transfer-Encoding",
					    "Upgrade"};

	for (size_t i = 0; i < header.len; i++)
		if (!memchr(allowed, header.at[i], sizeof allowed - 1))
			return false;
	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
		if (text_eq_nocase(header, text_of(taken[i])))
			return false;
	return true;
}

static bool team_ok(struct text team)
{
	size_t slash = text_find(team, TEXT_LIT("/"));

	return slash != SIZE_MAX && slash > 0 && slash + 1 < team.len &&
	       !memchr(team.at + slash + 1, '/', team.len - slash - 1);
}

static const char *check_teams(const struct config_tracker *tracker)
{
	if (tracker->approval_teams.n > 0 && tracker->kind != CONFIG_TRACKER_GITHUB)
		return "approval_teams: of `kind: github` alone; a Bugzilla has flags";
	for (size_t i = 0; i < tracker->approval_teams.n; i++)
		if (!team_ok(tracker->approval_teams.at[i]))
			return "approval_teams: each is ORG/TEAM";
	return NULL;
}

/* What a policy may not say of a flag: a star elsewhere would be taken for itself. */
static bool patterns_ok(const struct config_texts *flags)
{
	for (size_t i = 0; i < flags->n; i++) {
		const char *star = memchr(flags->at[i].at, '*', flags->at[i].len);

		if (flags->at[i].len < 2 || (star && star != flags->at[i].at + flags->at[i].len - 1))
			return false;
	}
	return true;
}

/* Writing needs somebody who may write. */
static const char *check_writing(const struct config_tracker *last)
{
	if (last->guarded_flags.n == 0 && last->on_warning == CONFIG_WARNING_NOTHING)
		return NULL;
	if (last->kind == CONFIG_TRACKER_GITHUB)
		return "guarded_flags, on_warning: nothing is written on GitHub issues, which have no private comments";
	if (last->source == CONFIG_TRACKER_TABLE || last->key_file.len == 0)
		return "guarded_flags, on_warning: a bug is written to with key_file, and with `source: rest`";
	return patterns_ok(&last->guarded_flags) ? NULL : "guarded_flags: `*` only ends a name, and a name is longer";
}

/* What is wrong with the last one. */
static const char *check(const void *items, size_t n)
{
	const struct config_tracker *all = items, *last = &all[n - 1];

	if (last->name.len == 0)
		return "each needs `name`";
	if (!name_ok(last->name))
		return "name: a-z, 0-9, `-`, `_` and `.`, and no `.` at its start";
	for (size_t i = 0; i + 1 < n; i++)
		if (text_eq(all[i].name, last->name))
			return "name: another tracker has this name";
	if (!header_ok(last->webhook_header))
		return "webhook_header: a header's name, and none that every request has";
	if (last->url.len == 0 && last->source == CONFIG_TRACKER_REST)
		return "each needs `url`, or `source: table`";
	if (last->key_file.len > 0 && last->source == CONFIG_TRACKER_TABLE)
		return "key_file: `source: table` reads nothing; keep no key that is not needed";
	return check_teams(last) ? check_teams(last) : check_writing(last);
}

static void put(void *field, const void *items, size_t n)
{
	*(struct config_trackers *)field = (struct config_trackers){items, n};
}

static struct text print_trackers(const struct config_key *key, const void *field, struct arena *arena)
{
	const struct config_trackers *trackers = field;

	(void)key;
	return config_print_items(config_tracker_key_at, trackers->at, trackers->n, sizeof *trackers->at, arena);
}

static const struct config_items tracker_items = {sizeof(struct config_tracker), config_tracker_key_at, put, check};
const struct config_type config_trackers = {
	"list of trackers", "a list of {name, url, ...}", config_read_no_items, print_trackers, false, false, false,
	&tracker_items};

const struct config_tracker *config_tracker_named(const struct config *config, struct text name)
{
	for (size_t i = 0; i < config->trackers.n; i++)
		if (text_eq(config->trackers.at[i].name, name))
			return &config->trackers.at[i];
	return NULL;
}
