/* headgate doctor against the world's forge and tracker: a set-up as it should be, and each thing that is not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

#define KEY  "BOTKEY-OF-THE-TRACKER"
#define HOOK "Token hook-secret-of-the-tracker"

struct scene {
	struct rig rig;
	char config[1024];
	char *out;
	int code;
};

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

static void act(struct scene *s, const char *what, const char *members)
{
	json_decref(rig_act(&s->rig, what, "bot@tracker.test", "%s", members));
}

static void put(struct scene *s, const char *name, const char *text)
{
	char script[256];

	(void)snprintf(script, sizeof script, "umask 077; printf '%%s' '%s' >%s/%s", text, s->rig.dir, name);
	ck_assert_int_eq(rig_sh(&s->rig, script), 0);
}

static void protect(struct scene *s, const char *more)
{
	json_decref(rig_act(
		&s->rig, "protect", "acme",
		"{\"branch\":\"main\",\"admins\":true,\"reviews\":{\"required_approving_review_count\":1}%s}", more));
}

/* tracker: the lines of the one that is configured. An App, whose bot is in the group and has a webhook. */
static void begin(struct scene *s, const char *tracker)
{
	struct rig_plan plan = {.failed = failed, .no_agent = true, .tracker = true};

	*s = (struct scene){.code = -1};
	ck_assert(rig_start(&s->rig, &plan));
	put(s, "key", KEY);
	put(s, "hook", HOOK);
	(void)snprintf(s->config, sizeof s->config,
		       "repositories: [acme/app]\ntrackers:\n  - name: bmo\n    groups: [core-security]\n%s", tracker);
	s->rig.plan.config = s->config;
	act(s, "account",
	    "{\"login\":\"bot@tracker.test\",\"groups\":[\"core-security\"],\"key\":\"" KEY "\",\"insider\":true}");
	act(s, "webhook", "{\"url\":\"http://127.0.0.1:9/webhooks/bugzilla\"}");
}

static const char *asked(struct scene *s)
{
	static char lines[512];

	(void)snprintf(lines, sizeof lines,
		       "    url: %s/bugzilla-bmo\n    key_file: %s/key\n    webhook_secret_file: %s/hook\n",
		       s->rig.tracker_url, s->rig.dir, s->rig.dir);
	return lines;
}

/* With the tracker at its own port, whose number is known once the world runs. */
static void begin_asked(struct scene *s)
{
	begin(s, "");
	(void)snprintf(s->config + strlen(s->config), sizeof s->config - strlen(s->config), "%s", asked(s));
	ck_assert(rig_agent_start(&s->rig)); /* writes the configuration, and the table in time */
}

static void look(struct scene *s, const char *option)
{
	char config[128];
	const char *words[] = {"doctor", "-c", config, option, NULL};

	(void)snprintf(config, sizeof config, "%s/headgate.yml", s->rig.dir);
	free(s->out);
	s->code = rig_run(&s->rig, words);
	s->out = rig_file(&s->rig, "out.txt");
	ck_assert_msg(!strstr(s->out, KEY) && !strstr(s->out, s->rig.token) && !strstr(s->out, s->rig.secret) &&
			      !strstr(s->out, "hook-secret"),
		      "%s", s->out);
}

/* To the tracker. */
static size_t questions(struct scene *s)
{
	size_t n = 0, i;
	json_t *entry;

	json_array_foreach(rig_log(&s->rig), i, entry) n += strncmp(gate_str(entry, "path"), "/bugzilla", 9) == 0;
	return n;
}

static void says(struct scene *s, int code, const char *line)
{
	ck_assert_msg(s->code == code && strstr(s->out, line), "%d, not %d; not `%s`: %s", s->code, code, line, s->out);
}

static void end(struct scene *s)
{
	free(s->out);
	ck_assert(rig_stop(&s->rig));
}

START_TEST(a_good_set_up_is_told_line_by_line)
{
	static const char *const lines[] = {
		"ok      acme/app: reachable: ",
		"ok      acme/app: required: main requires policy/merge-allowed\n",
		"warn    acme/app: source: whoever may write statuses can say it; do: ",
		"ok      acme/app: change: a pull request is required\n",
		"ok      acme/app: force: ",
		"unknown acme/app: bots: ",
		"ok      tracker bmo: reachable: it answers\n",
		"ok      tracker bmo: key: accepted, as account ",
		"ok      tracker bmo: groups: the account is in each of `groups`\n",
		"ok      tracker bmo: webhook: enabled\n",
		"ok      tracker bmo: clock: ",
		"tracker bmo: table: ",
		" 0 fail, ",
	};
	struct scene s;

	begin_asked(&s);
	protect(&s, ",\"contexts\":[\"" RIG_CONTEXT "\"]");
	look(&s, NULL);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		says(&s, 0, lines[i]);
	ck_assert_uint_gt(questions(&s), 0);
	look(&s, "--json");
	says(&s, 0, "{\"mark\":\"ok\",\"about\":\"tracker bmo\",\"check\":\"key\"");
	end(&s);
}
END_TEST

START_TEST(a_branch_that_does_not_require_the_status_fails)
{
	struct scene s;

	begin_asked(&s);
	look(&s, NULL);
	says(&s, 1, "fail    acme/app: required: nothing on main requires policy/merge-allowed: headgate only advises");
	says(&s, 1, "warn    acme/app: force: ");
	protect(&s, ",\"contexts\":[\"ci/build\"],\"forced\":true");
	look(&s, NULL);
	says(&s, 1, "fail    acme/app: required: ");
	says(&s, 1, "warn    acme/app: force: the branch may be moved by force");
	protect(&s, ",\"contexts\":[\"" RIG_CONTEXT "\"],\"rules\":[{\"type\":\"non_fast_forward\"}],\"forced\":true");
	look(&s, NULL);
	says(&s, 0, "ok      acme/app: force: ");
	protect(&s, ",\"contexts\":[{\"context\":\"" RIG_CONTEXT "\",\"app\":\"ci\"}]");
	look(&s, NULL);
	says(&s, 1, "fail    acme/app: source: the App ");
	look(&s, "--repo=acme/nothing");
	says(&s, 1, "fail    acme/nothing: reachable: ");
	end(&s);
}
END_TEST

static void put_on_main(struct scene *s, const char *path, const char *text)
{
	json_decref(rig_act(&s->rig, "push", "acme",
			    "{\"branch\":\"main\",\"bypass\":true,\"message\":\"A file\",\"files\":{\"%s\":\"%s\"}}",
			    path, text));
}

START_TEST(the_policy_and_what_bors_is_told_are_read_on_the_branch)
{
	struct scene s;

	begin_asked(&s);
	protect(&s, ",\"contexts\":[\"" RIG_CONTEXT "\"]");
	look(&s, NULL);
	says(&s, 0, "ok      acme/app: policy: no .headgate.yml: ");
	ck_assert_ptr_null(strstr(s.out, ": bors: "));
	put_on_main(&s, ".headgate.yml", "polcy: 1\\n");
	put_on_main(&s, ".github/bors.toml", "status = [\\\"ci\\\"]\\n");
	look(&s, NULL);
	says(&s, 1, "fail    acme/app: policy: .headgate.yml:1:1: ");
	says(&s, 1, "fail    acme/app: bors: `pr_status` does not list the context");
	look(&s, "--branch=nothing");
	says(&s, 1, "fail    acme/app: files: ");
	end(&s);
}
END_TEST

START_TEST(protection_that_is_not_told_is_unknown_and_never_good)
{
	struct scene s;

	begin_asked(&s);
	protect(&s, ",\"contexts\":[\"ci/build\"]");
	json_decref(rig_world(&s.rig, "fault", "{\"endpoint\":\"*/protection\",\"status\":403}"));
	look(&s, NULL);
	says(&s, 0, "unknown acme/app: required: no ruleset of main requires policy/merge-allowed");
	says(&s, 0, "unknown acme/app: bypass: whether administrators are held is not told to us");
	end(&s);
}
END_TEST

/* An App's token is narrowed to what headgate needs, and that is not the protection: rulesets say it all the same. */
START_TEST(an_app_is_told_what_rulesets_ask_for)
{
	struct rig_plan plan = {.failed = failed, .app = true, .config = "repositories: [acme/app]\n"};
	struct scene s = {.code = -1};

	ck_assert(rig_start(&s.rig, &plan));
	protect(&s, ",\"contexts\":[{\"context\":\"" RIG_CONTEXT "\",\"app\":\"headgate\"}]");
	look(&s, NULL);
	says(&s, 0, "ok      acme/app: required: main requires policy/merge-allowed\n");
	says(&s, 0, "ok      acme/app: source: headgate's App alone can say it\n");
	says(&s, 0, "unknown acme/app: change: ");
	says(&s, 0, "unknown acme/app: force: ");
	end(&s);
}
END_TEST

START_TEST(what_is_wrong_at_the_tracker_is_told)
{
	struct scene s;

	begin_asked(&s);
	act(&s, "account", "{\"login\":\"bot@tracker.test\",\"groups\":[]}");
	look(&s, "--trackers");
	says(&s, 1, "fail    tracker bmo: groups: ");
	ck_assert_ptr_null(strstr(s.out, "acme/app"));
	json_decref(rig_world(&s.rig, "fault", "{\"endpoint\":\"/bugzilla-bmo/*\",\"status\":503}"));
	look(&s, "--trackers");
	says(&s, 1, "fail    tracker bmo: reachable: ");
	json_decref(rig_world(&s.rig, "fault", "{\"clear\":true}"));
	put(&s, "key", "ANOTHERKEY");
	look(&s, "--trackers");
	says(&s, 1, "fail    tracker bmo: key: it is not accepted");
	ck_assert_ptr_null(strstr(s.out, "ANOTHERKEY"));
	end(&s);
}
END_TEST

/* No key anywhere: what that costs is said, and an old table is a failure. */
START_TEST(a_table_alone_is_told_with_what_is_lost)
{
	static const char *const lines[] = {
		"warn    tracker bmo: approval: `source: table` tells of an approval only that sec-approval is +",
		"warn    tracker bmo: reading: ",
		"warn    tracker bmo: conditions: ",
		"warn    tracker bmo: duplicates: ",
	};
	const char *import[] = {"bugs", "import", "-c", NULL, "--complete=99", NULL, NULL};
	char config[128], list[128];
	struct scene s;

	begin(&s, "    source: table\n    table_max_age: 1h\n");
	ck_assert(rig_agent_start(&s.rig));
	look(&s, "--trackers");
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		says(&s, 1, lines[i]);
	says(&s, 1, "fail    tracker bmo: table: there is none: every bug is unknown");
	ck_assert_uint_eq(questions(&s), 0);

	(void)snprintf(config, sizeof config, "%s/headgate.yml", s.rig.dir);
	(void)snprintf(list, sizeof list, "%s/list.json", s.rig.dir);
	put(&s, "list.json", "[12, 34]");
	import[3] = config;
	import[5] = list;
	ck_assert_int_eq(rig_run(&s.rig, import), 0);
	look(&s, "--trackers");
	says(&s, 0, "ok      tracker bmo: table: 0 min old\n");
	ck_assert_ptr_null(strstr(s.out, "34"));
	end(&s);
}
END_TEST

static const struct suite_test tests[] = {SUITE_SLOW(a_good_set_up_is_told_line_by_line, 120),
					  SUITE_SLOW(a_branch_that_does_not_require_the_status_fails, 120),
					  SUITE_SLOW(the_policy_and_what_bors_is_told_are_read_on_the_branch, 120),
					  SUITE_SLOW(protection_that_is_not_told_is_unknown_and_never_good, 120),
					  SUITE_SLOW(an_app_is_told_what_rulesets_ask_for, 120),
					  SUITE_SLOW(what_is_wrong_at_the_tracker_is_told, 120),
					  SUITE_SLOW(a_table_alone_is_told_with_what_is_lost, 120),
					  SUITE_END};
SUITE_MAIN(tests)
