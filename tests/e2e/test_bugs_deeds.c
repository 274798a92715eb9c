/*
 * What is said and undone on bugs, with the real server and the world's trackers, BMO's and upstream's: a flag that
 * must not be + on a secure bug before it is approved, of a bug that no change names.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define BUG       4711
#define MINUTE_MS 60000
#define HOOK      "Token hook-secret-of-the-tracker"

struct stage {
	struct rig rig;
	char config[1024];
	json_int_t attachment;
};

static const struct {
	const char *name, *face, *flavour;
} faces[] = {{"bmo", "bugzilla-bmo", "bmo"}, {"up", "bugzilla", "upstream"}};

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

static json_int_t act(struct stage *s, const char *what, const char *members)
{
	json_t *answer = rig_act(&s->rig, what, "dev@tracker.test", "%s", members);
	json_int_t id = json_integer_value(json_object_get(answer, "id"));

	ck_assert_ptr_nonnull(answer);
	json_decref(answer);
	return id;
}

/* The bot may see security bugs and what is private; what else it may, `groups` says. */
static void people(struct stage *s, const char *groups)
{
	char members[256];

	(void)snprintf(members, sizeof members,
		       "{\"login\":\"bot@tracker.test\",\"groups\":[\"core-security\"%s],\"key\":\"BOTKEY\","
		       "\"insider\":true}",
		       groups);
	(void)act(s, "account", members);
	(void)act(s, "account", "{\"login\":\"dev@tracker.test\",\"groups\":[\"drivers\"]}");
	(void)act(s, "flag_type", "{\"name\":\"approval-mozilla-beta\",\"grant_group\":\"drivers\"}");
}

static void begin(struct stage *s, int face, const char *groups, const char *more)
{
	struct rig *rig = &s->rig;
	struct rig_plan plan = {.failed = failed, .no_agent = true};
	char script[512];

	*s = (struct stage){.attachment = 0};
	ck_assert(rig_start(rig, &plan));
	(void)snprintf(script, sizeof script, "umask 077; printf BOTKEY >%s/key; printf '%s' >%s/hook", rig->dir, HOOK,
		       rig->dir);
	ck_assert_int_eq(rig_sh(rig, script), 0);
	(void)snprintf(s->config, sizeof s->config,
		       "trackers:\n  - name: %s\n    url: %s/%s\n    flavour: %s\n    key_file: %s/key\n"
		       "    webhook_secret_file: %s/hook\n    guarded_flags: [approval-mozilla-*, cf_tracking_*]\n%s",
		       faces[face].name, rig->world_url, faces[face].face, faces[face].flavour, rig->dir, rig->dir,
		       more);
	rig->plan.config = s->config;
	people(s, groups);
	(void)act(s, "bug", "{\"bug\":4711,\"groups\":[\"core-security\"],\"keywords\":[\"sec-high\"]}");
	s->attachment = act(s, "attachment", "{\"bug\":4711}");
}

static void webhook(struct stage *s)
{
	char members[256];
	json_t *answer;

	(void)snprintf(
		members, sizeof members,
		"{\"url\":\"http://127.0.0.1:%u/webhooks/bugzilla\",\"header\":\"Authorization\",\"value\":\"" HOOK
		"\"}",
		s->rig.port);
	answer = rig_act(&s->rig, "webhook", "bot@tracker.test", "%s", members);
	ck_assert_ptr_nonnull(answer);
	json_decref(answer);
	json_decref(rig_world(&s->rig, "push", "{\"do\":\"configure\",\"ms\":100}"));
}

static void uplift(struct stage *s, const char *name)
{
	char members[160];

	(void)snprintf(members, sizeof members, "{\"attachment\":%lld,\"name\":\"%s\",\"status\":\"+\"}",
		       (long long)s->attachment, name);
	(void)act(s, "flag", members);
}

/* ---- what stands on the bug ---- */

static json_t *get(struct stage *s, const char *what, const char *key)
{
	struct rig_reply reply;
	struct rig_request request = {.method = "GET"};
	char url[256], header[64];
	const char *headers[] = {header, NULL};
	json_t *answer;

	(void)snprintf(url, sizeof url, "%s/bugzilla-bmo/rest/%s", s->rig.world_url, what);
	(void)snprintf(header, sizeof header, "X-BUGZILLA-API-KEY: %s", key);
	request.url = url;
	request.headers = headers;
	ck_assert(rig_http(&request, &reply));
	answer = json_loads(reply.body, 0, NULL);
	ck_assert_msg(answer != NULL, "%s", reply.body);
	rig_reply_clear(&reply);
	return answer;
}

struct seen {
	size_t comments, of_ours, in_public;
	char words[512];
	bool flag;
};

static struct seen seen(struct stage *s)
{
	json_t *answer = get(s, "bug/4711/comment", "BOTKEY"), *bug, *one;
	struct seen ret = {.flag = false};
	size_t i;

	bug = json_object_get(json_object_get(answer, "bugs"), "4711");
	json_array_foreach(json_object_get(bug, "comments"), i, one)
	{
		const char *text = json_string_value(json_object_get(one, "text"));

		ret.comments++;
		if (!strstr(text, "[headgate "))
			continue;
		ret.of_ours++;
		ret.in_public += !json_is_true(json_object_get(one, "is_private"));
		(void)snprintf(ret.words, sizeof ret.words, "%s", text);
	}
	json_decref(answer);
	answer = get(s, "bug/4711/attachment", "BOTKEY");
	bug = json_array_get(json_object_get(json_object_get(answer, "bugs"), "4711"), 0);
	ret.flag = json_array_size(json_object_get(bug, "flags")) > 0;
	json_decref(answer);
	return ret;
}

/* Waits until this many comments of ours stand there, and the flag as said. */
static struct seen wait_for(struct stage *s, size_t of_ours, bool flag)
{
	int64_t until = rig_now() + MINUTE_MS;
	struct seen now = seen(s);

	while ((now.of_ours < of_ours || now.flag != flag) && rig_now() < until) {
		rig_sleep(200);
		now = seen(s);
	}
	ck_assert_uint_eq(now.of_ours, of_ours);
	ck_assert_uint_eq(now.in_public, 0);
	ck_assert(now.flag == flag);
	return now;
}

static void stays(struct stage *s, size_t of_ours, bool flag)
{
	struct seen now;

	rig_settle(&s->rig, 500);
	rig_sleep(6000); /* longer than the worker ever waits by itself */
	now = seen(s);
	ck_assert_uint_eq(now.of_ours, of_ours);
	ck_assert(now.flag == flag);
}

/* Nothing of ours says a bug's number, nor a flag's name, where an operator keeps it for long. */
static void end(struct stage *s)
{
	char *log = rig_file(&s->rig, "agent.log");

	ck_assert_msg(!strstr(log, "4711") && !strstr(log, "approval-mozilla") && !strstr(log, "BOTKEY"), "%s", log);
	free(log);
	ck_assert(rig_stop(&s->rig));
}

START_TEST(an_uplift_flag_on_a_secure_bug_is_told_there_in_private_within_a_minute_and_once)
{
	struct stage s;
	struct seen now;
	int64_t from;

	begin(&s, 0, "", "");
	ck_assert(rig_agent_start(&s.rig));
	webhook(&s);
	from = rig_now();
	uplift(&s, "approval-mozilla-beta");
	now = wait_for(&s, 1, true);
	printf("told after %lld ms\n", (long long)(rig_now() - from));
	ck_assert_ptr_nonnull(strstr(now.words, "approval-mozilla-beta is + on attachment "));
	ck_assert_ptr_nonnull(strstr(now.words, "sec-approval+"));
	(void)act(&s, "bug", "{\"bug\":4711,\"whiteboard\":\"x\"}"); /* it changes, and is as it was */
	stays(&s, 1, true);
	ck_assert(rig_agent_term(&s.rig));
	ck_assert(rig_agent_start(&s.rig));
	stays(&s, 1, true);
	end(&s);
}
END_TEST

/* No webhook: the first poll finds what changed a moment before the start. */
START_TEST(both_flavours_tell_and_clear_and_do_it_once)
{
	struct stage s;

	begin(&s, _i, ",\"drivers\"", "    on_guarded: both\n");
	uplift(&s, "approval-mozilla-beta");
	ck_assert(rig_agent_start(&s.rig));
	(void)wait_for(&s, 1, false);
	rig_agent_kill(&s.rig);
	ck_assert(rig_agent_start(&s.rig));
	stays(&s, 1, false);
	end(&s);
}
END_TEST

static void wait_cleared(struct stage *s)
{
	int64_t until = rig_now() + MINUTE_MS;
	bool cleared = false;

	for (; !cleared && rig_now() < until; rig_sleep(200)) {
		json_t *answer = get(s, "bug/4711?include_fields=cf_tracking_firefox150", "BOTKEY");
		json_t *bug = json_array_get(json_object_get(answer, "bugs"), 0);

		cleared = strcmp(json_string_value(json_object_get(bug, "cf_tracking_firefox150")), "---") == 0;
		json_decref(answer);
	}
	ck_assert(cleared);
	ck_assert_uint_eq(seen(s).of_ours, 0);
}

START_TEST(a_tracking_field_is_cleared_in_both_flavours)
{
	struct stage s;

	begin(&s, _i, "", "    on_guarded: clear\n");
	(void)act(&s, "bug", "{\"bug\":4711,\"cf_tracking_firefox150\":\"+\"}");
	ck_assert(rig_agent_start(&s.rig));
	wait_cleared(&s);
	end(&s);
}
END_TEST

START_TEST(a_tracking_field_that_an_event_tells_of_is_cleared_within_a_minute)
{
	struct stage s;

	begin(&s, 0, "", "    on_guarded: clear\n");
	ck_assert(rig_agent_start(&s.rig));
	webhook(&s);
	rig_settle(&s.rig, 500);
	(void)act(&s, "bug", "{\"bug\":4711,\"cf_tracking_firefox150\":\"+\"}");
	wait_cleared(&s);
	end(&s);
}
END_TEST

START_TEST(a_bug_that_is_approved_or_not_secure_is_left_alone)
{
	struct stage s;

	begin(&s, 0, ",\"drivers\"", "    on_guarded: both\n");
	uplift(&s, "approval-mozilla-beta");
	if (_i == 0)
		uplift(&s, "sec-approval");
	else
		(void)act(&s, "bug", "{\"bug\":4711,\"groups\":[],\"keywords\":[]}");
	ck_assert(rig_agent_start(&s.rig));
	webhook(&s);
	(void)act(&s, "bug", "{\"bug\":4711,\"whiteboard\":\"x\"}");
	stays(&s, 0, true);
	end(&s);
}
END_TEST

/* The tracker did it, and its answer was lost; then the server dies, too. */
START_TEST(a_clearing_whose_answer_is_lost_and_a_server_that_dies_do_nothing_twice)
{
	struct stage s;
	size_t puts = 0, i;
	json_t *entry;

	begin(&s, 0, ",\"drivers\"", "    on_guarded: clear\n");
	uplift(&s, "approval-mozilla-beta");
	json_decref(rig_world(&s.rig, "fault",
			      "{\"endpoint\":\"/bugzilla-bmo/rest/bug/attachment/*\",\"method\":\"PUT\",\"count\":1,"
			      "\"lost_answer\":true}"));
	ck_assert(rig_agent_start(&s.rig));
	(void)wait_for(&s, 0, false);
	rig_agent_kill(&s.rig);
	ck_assert(rig_agent_start(&s.rig));
	stays(&s, 0, false);
	json_array_foreach(rig_log(&s.rig), i, entry)
	{
		const char *method = json_string_value(json_object_get(entry, "method"));

		puts += method && strcmp(method, "PUT") == 0;
	}
	ck_assert_uint_eq(puts, 1);
	end(&s);
}
END_TEST

START_TEST(what_the_tracker_refuses_is_asked_for_once_and_said)
{
	struct stage s;
	char *log;

	begin(&s, 0, "", "    on_guarded: clear\n"); /* the bot is no driver: 400, code 130 */
	uplift(&s, "approval-mozilla-beta");
	ck_assert(rig_agent_start(&s.rig));
	stays(&s, 0, true);
	log = rig_file(&s.rig, "agent.log");
	ck_assert_ptr_nonnull(strstr(log, "not done on a bug, and not tried again"));
	ck_assert_ptr_nonnull(strstr(log, "code 130"));
	free(log);
	end(&s);
}
END_TEST

static const char policy[] =
	"policy: {approval: [reviewed, cleared]}\napproval_rules:\n"
	"  - {name: reviewed, requires: {count: 1, permissions: [write]}}\n"
	"  - name: cleared\n    mode: warn\n    requires:\n      conditions:\n        bugs:\n          every:\n"
	"            any_of:\n              - keywords: {none_of: [sec-high]}\n"
	"              - attachment_flag: {name: sec-approval, status: '+'}\n";

/* A change for the bug, reviewed, under a rule that only warns. */
static void change(struct stage *s, char head[41])
{
	struct rig *rig = &s->rig;
	json_t *text = json_string(policy);
	char *quoted = json_dumps(text, JSON_ENCODE_ANY);

	json_decref(rig_act(rig, "permission", "acme", "{\"login\":\"alice\",\"role\":\"write\"}"));
	json_decref(rig_act(rig, "permission", "acme", "{\"login\":\"bob\",\"role\":\"write\"}"));
	json_decref(rig_act(rig, "policy", "acme", "{\"text\":%s}", quoted));
	json_decref(rig_act(rig, "push", "alice",
			    "{\"branch\":\"topic\",\"files\":{\"a.txt\":\"1\\n\"},\"message\":\"Bug 4711 - a fix\"}"));
	json_decref(rig_act(rig, "open", "alice", "{\"head\":\"topic\",\"base\":\"main\",\"title\":\"A fix\"}"));
	rig_tip(rig, "topic", head);
	rig_next_second();
	json_decref(rig_act(rig, "approve", "bob", "{\"number\":1}"));
	json_decref(text);
	free(quoted);
}

START_TEST(a_warning_is_said_on_the_bug_in_private_and_once_and_listed_for_the_operator_alone)
{
	static const char *const words[] = {"warnings", "-c", NULL, NULL};
	const char *all[4];
	char head[41], config[128], page[96], *out;
	struct rig_reply reply;
	struct stage s;
	struct seen now;

	begin(&s, 0, "", "    on_warning: comment\nbugs: {tick: 2s}\n");
	ck_assert(rig_agent_start(&s.rig));
	webhook(&s);
	change(&s, head);
	ck_assert_ptr_nonnull(rig_wait_status(&s.rig, head, "success", RIG_WAIT_MS));
	now = wait_for(&s, 1, false);
	ck_assert_ptr_nonnull(strstr(now.words, "a rule that only warns"));
	ck_assert(!strstr(now.words, "acme") && !strstr(now.words, head));
	json_decref(rig_act(&s.rig, "comment", "bob", "{\"number\":1,\"body\":\"again\"}"));
	(void)act(&s, "bug", "{\"bug\":4711,\"whiteboard\":\"x\"}");
	stays(&s, 1, false);
	memcpy(all, words, sizeof words);
	(void)snprintf(config, sizeof config, "%s/headgate.yml", s.rig.dir);
	all[2] = config;
	ck_assert_int_eq(rig_run(&s.rig, all), 0);
	out = rig_file(&s.rig, "out.txt");
	ck_assert_msg(strstr(out, "Would block: cleared") && strstr(out, "\nwarnings: 1, "), "%s", out);
	free(out);
	(void)snprintf(page, sizeof page, "/acme/app/c/%s", head);
	ck_assert(rig_page(&s.rig, page, &reply) && reply.status == 200);
	ck_assert(!strstr(reply.body, "4711") && !strstr(reply.body, "Would block"));
	rig_reply_clear(&reply);
	end(&s);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(an_uplift_flag_on_a_secure_bug_is_told_there_in_private_within_a_minute_and_once, 240),
	{.name = "both_flavours_tell_and_clear_and_do_it_once",
	 .test = &both_flavours_tell_and_clear_and_do_it_once,
	 .rows = 2,
	 .seconds = 240},
	{.name = "a_tracking_field_is_cleared_in_both_flavours",
	 .test = &a_tracking_field_is_cleared_in_both_flavours,
	 .rows = 2,
	 .seconds = 240},
	SUITE_SLOW(a_tracking_field_that_an_event_tells_of_is_cleared_within_a_minute, 240),
	{.name = "a_bug_that_is_approved_or_not_secure_is_left_alone",
	 .test = &a_bug_that_is_approved_or_not_secure_is_left_alone,
	 .rows = 2,
	 .seconds = 240},
	SUITE_SLOW(a_clearing_whose_answer_is_lost_and_a_server_that_dies_do_nothing_twice, 240),
	SUITE_SLOW(a_warning_is_said_on_the_bug_in_private_and_once_and_listed_for_the_operator_alone, 240),
	SUITE_SLOW(what_the_tracker_refuses_is_asked_for_once_and_said, 240),
	SUITE_END,
};
SUITE_MAIN(tests)
