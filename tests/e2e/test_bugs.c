/*
 * Bugs decide, with the real server, the world's forge and its tracker: what a change that fixes a secure bug waits
 * for, what lets it land, and what takes that back. The tick is two seconds here.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

#define CLEARANCE "Needs maintainer clearance"
#define HOOK      "Token hook-secret-of-the-tracker"

static const char open_bugs[] =
	"policy: {approval: [reviewed, open]}\napproval_rules:\n"
	"  - {name: reviewed, requires: {count: 1, permissions: [write]}}\n"
	"  - {name: open, visibility: restricted, requires: {conditions: {bugs: {every: {bug_open: true}}}}}\n";

static const char policy[] =
	"policy: {approval: [reviewed, cleared]}\napproval_rules:\n"
	"  - {name: reviewed, requires: {count: 1, permissions: [write]}}\n"
	"  - name: cleared\n    visibility: restricted\n    requires:\n      conditions:\n        bugs:\n"
	"          every:\n            any_of:\n              - keywords: {none_of: [sec-high, sec-critical]}\n"
	"              - attachment_flag: {name: sec-approval, status: '+'}\n";

struct stage {
	struct gate gate;
	char config[1024];
	json_int_t attachment;
};

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

static json_int_t act(struct stage *s, const char *what, const char *who, const char *members)
{
	json_t *answer = rig_act(&s->gate.rig, what, who, "%s", members);
	json_int_t id = json_integer_value(json_object_get(answer, "id"));

	ck_assert_ptr_nonnull(answer);
	json_decref(answer);
	return id;
}

static void hold_bug(struct stage *s, const char *what, json_int_t bug, const char *more)
{
	char members[256];

	(void)snprintf(members, sizeof members, "{\"bug\":%lld%s}", (long long)bug, more);
	(void)act(s, what, "dev@tracker.test", members);
}

/* The bot is in core-security and an insider; dev reports and patches. */
static void people(struct stage *s)
{
	(void)act(
		s, "account", "dev@tracker.test",
		"{\"login\":\"bot@tracker.test\",\"groups\":[\"core-security\"],\"key\":\"BOTKEY\",\"insider\":true}");
	(void)act(s, "account", "dev@tracker.test", "{\"login\":\"dev@tracker.test\",\"key\":\"DEVKEY\"}");
}

static void webhook(struct stage *s, const char *header)
{
	char members[400];

	(void)snprintf(members, sizeof members,
		       "{\"url\":\"http://127.0.0.1:%u/webhooks/bugzilla\",\"header\":\"%s\",\"value\":\"" HOOK "\"}",
		       s->gate.rig.port, header ? header : "Authorization");
	(void)act(s, "webhook", "bot@tracker.test", members);
	json_decref(rig_world(&s->gate.rig, "push", "{\"do\":\"configure\",\"ms\":100}"));
}

struct start {
	const char *rules, *poll, *key;
	const char *more;   /* of the tracker's configuration */
	const char *header; /* of webhooks; NULL: the built-in one */
};

static void begin_with(struct stage *s, const struct start *start)
{
	struct rig *rig = &s->gate.rig;
	struct rig_plan plan = {.failed = failed, .no_agent = true};
	json_t *text = json_string(start->rules);
	char *quoted = json_dumps(text, JSON_ENCODE_ANY), script[512];

	*s = (struct stage){.attachment = 0};
	ck_assert(rig_start(rig, &plan));
	(void)snprintf(script, sizeof script, "umask 077; printf %s >%s/bmo-key; printf '%s' >%s/bmo-hook", start->key,
		       rig->dir, HOOK, rig->dir);
	ck_assert_int_eq(rig_sh(rig, script), 0);
	(void)snprintf(s->config, sizeof s->config,
		       "bugs: {tick: 2s, poll: %s}\ntrackers:\n  - name: bmo\n    url: %s/bugzilla-bmo\n    key_file: "
		       "%s/bmo-key\n    groups: [core-security]\n"
		       "    webhook_secret_file: %s/bmo-hook\n%s%s\n%s",
		       start->poll, rig->world_url, rig->dir, rig->dir, start->header ? "    webhook_header: " : "",
		       start->header ? start->header : "", start->more);
	rig->plan.config = s->config;
	people(s);
	ck_assert(rig_agent_start(rig));
	webhook(s, start->header);
	json_decref(rig_act(rig, "permission", "acme", "{\"login\":\"alice\",\"role\":\"write\"}"));
	json_decref(rig_act(rig, "permission", "acme", "{\"login\":\"bob\",\"role\":\"write\"}"));
	json_decref(rig_act(rig, "policy", "acme", "{\"text\":%s}", quoted));
	json_decref(rig_act(rig, "protect", "acme", "{\"branch\":\"main\",\"contexts\":[\"" RIG_CONTEXT "\"]}"));
	json_decref(text);
	free(quoted);
}

/* Polls are so seldom that webhooks alone tell. */
static void begin(struct stage *s, const char *key, const char *more)
{
	begin_with(s, &(struct start){policy, "1h", key, more, NULL});
}

static void open_for(struct stage *s, json_int_t bug)
{
	struct rig *rig = &s->gate.rig;
	json_t *answer;

	json_decref(rig_act(rig, "push", "alice",
			    "{\"branch\":\"topic\",\"files\":{\"a.txt\":\"1\\n\"},\"message\":\"Bug %lld - a fix\"}",
			    (long long)bug));
	answer = rig_act(rig, "open", "alice", "{\"head\":\"topic\",\"base\":\"main\",\"title\":\"A fix\"}");
	(void)snprintf(s->gate.head, sizeof s->gate.head, "%s", gate_str(answer, "head"));
	json_decref(answer);
	s->gate.fresh = true;
	gate_approve(&s->gate, "bob");
}

static void attach(struct stage *s, json_int_t bug)
{
	char members[160];

	(void)snprintf(members, sizeof members,
		       "{\"bug\":%lld,\"flags\":[{\"name\":\"sec-approval\",\"status\":\"?\"}]}", (long long)bug);
	s->attachment = act(s, "attachment", "dev@tracker.test", members);
}

static void flag(struct stage *s, const char *status)
{
	char members[160];

	(void)snprintf(members, sizeof members, "{\"attachment\":%lld,\"name\":\"sec-approval\",\"status\":\"%s\"}",
		       (long long)s->attachment, status);
	(void)act(s, "flag", "dev@tracker.test", members);
}

/* A success of ours begins on a multiple of the tick: it is judged then, however long that takes. */
static void granted(struct stage *s)
{
	const json_t *post = rig_wait_status(&s->gate.rig, s->gate.head, "success", RIG_WAIT_MS);

	ck_assert_ptr_nonnull(post);
}

/* What `headgate bugs show` says of the file, within a few seconds. */
static void shown(struct stage *s, const char *what)
{
	char config[128];
	const char *words[] = {"bugs", "show", "-c", config, NULL};
	int64_t until = rig_now() + RIG_WAIT_MS;
	bool found = false;

	(void)snprintf(config, sizeof config, "%s/headgate.yml", s->gate.rig.dir);
	while (!found && rig_now() < until) {
		char *out;

		(void)rig_run(&s->gate.rig, words);
		out = rig_file(&s->gate.rig, "out.txt");
		found = strstr(out, what) != NULL;
		if (!found && rig_now() + 500 >= until)
			ck_abort_msg("%s", out);
		free(out);
		rig_sleep(200);
	}
	ck_assert(found);
}

static void revoked(struct stage *s, json_int_t mark)
{
	const json_t *post;

	gate_wait_post(&s->gate, mark, "failure");
	post = gate_first_post(&s->gate, mark, s->gate.head, NULL);
	ck_assert_str_eq(gate_str(post, "state"), "failure");
	gate_stays_refused(&s->gate);
}

/* What the first poll reads takes it back for a moment, and it comes again at the end of a slot: until that is over. */
static void stands(struct stage *s)
{
	json_int_t mark;
	int rounds = 0;

	do {
		ck_assert_int_lt(rounds++, 8);
		mark = rig_log_mark(&s->gate.rig);
		rig_sleep(8000); /* a poll of 5 s and a tick of 2 s fit in */
		rig_settle(&s->gate.rig, 500);
	} while (gate_first_post(&s->gate, mark, s->gate.head, NULL));
	rig_wait_status(&s->gate.rig, s->gate.head, "success", RIG_WAIT_MS);
}

START_TEST(a_secure_bugs_fix_waits_for_approval_and_falls_when_it_is_taken_back)
{
	struct stage s;
	json_int_t mark;

	begin(&s, "BOTKEY", "");
	hold_bug(&s, "bug", 4711, ",\"groups\":[\"core-security\"],\"keywords\":[\"sec-high\"]");
	open_for(&s, 4711);
	rig_wait_text(&s.gate.rig, s.gate.head, "pending", CLEARANCE);
	gate_stays_refused(&s.gate);
	attach(&s, 4711);
	flag(&s, "+");
	granted(&s);

	shown(&s, "of these 1 approved"); /* commit hooks have it, too */
	mark = rig_log_mark(&s.gate.rig);
	flag(&s, "X");
	revoked(&s, mark);
	flag(&s, "+");
	granted(&s);

	mark = rig_log_mark(&s.gate.rig);
	{
		char members[80];

		(void)snprintf(members, sizeof members, "{\"attachment\":%lld,\"is_obsolete\":true}",
			       (long long)s.attachment);
		(void)act(&s, "attachment", "dev@tracker.test", members);
	}
	revoked(&s, mark);
	rig_wait_status(&s.gate.rig, s.gate.head, "failure", RIG_WAIT_MS);
	gate_end(&s.gate);
}
END_TEST

/* The webhook's owner chose the header of the secret, too. */
START_TEST(a_bug_that_becomes_secure_takes_the_success_back)
{
	struct stage s;
	json_int_t mark;

	begin_with(&s, &(struct start){policy, "1h", "BOTKEY", "", "X-Tracker-Secret"});
	hold_bug(&s, "bug", 4712, "");
	open_for(&s, 4712);
	granted(&s);
	mark = rig_log_mark(&s.gate.rig);
	hold_bug(&s, "bug", 4712, ",\"keywords\":[\"sec-high\"],\"groups\":[\"core-security\"]");
	revoked(&s, mark);
	rig_wait_text(&s.gate.rig, s.gate.head, "failure", "needs maintainer clearance");
	gate_end(&s.gate);
}
END_TEST

/* Deliveries of the tracker that we took since. */
static size_t taken(struct stage *s, json_int_t mark)
{
	json_t *one;
	size_t n = 0, i;

	json_array_foreach(rig_log(&s->gate.rig), i, one) n +=
		gate_n(one) > mark && gate_is(one, "kind", "push") &&
		json_integer_value(json_object_get(one, "status")) == 202;
	return n;
}

/* The tracker tells nobody: what changed there is found by asking for it. */
START_TEST(an_approval_taken_back_whose_webhook_is_lost_is_found_by_polling_and_revokes)
{
	struct stage s;
	json_int_t mark;

	begin_with(&s, &(struct start){policy, "5s", "BOTKEY", "", NULL});
	hold_bug(&s, "bug", 4716, ",\"groups\":[\"core-security\"],\"keywords\":[\"sec-high\"]");
	attach(&s, 4716);
	flag(&s, "+");
	open_for(&s, 4716);
	granted(&s);
	stands(&s);
	ck_assert_uint_gt(taken(&s, 0), 0);
	json_decref(rig_world(&s.gate.rig, "push", "{\"do\":\"drop\"}"));
	mark = rig_log_mark(&s.gate.rig);
	flag(&s, "X");
	revoked(&s, mark);
	ck_assert_uint_eq(taken(&s, mark), 0);
	rig_wait_status(&s.gate.rig, s.gate.head, "failure", RIG_WAIT_MS);
	flag(&s, "+");
	granted(&s);
	ck_assert_uint_eq(taken(&s, mark), 0);
	gate_end(&s.gate);
}
END_TEST

/* Milliseconds from the bug's event to the post. */
static void within_ten_seconds(struct stage *s, const char *what, const char *state)
{
	int64_t began = rig_now();

	rig_wait_status(&s->gate.rig, s->gate.head, state, RIG_WAIT_MS);
	printf("row_42: %s: %s after %lld ms\n", what, state, (long long)(rig_now() - began));
	ck_assert_int_lt(rig_now() - began, 10000);
}

START_TEST(row_42_a_bug_that_is_closed_takes_the_success_back_and_reopened_gives_it_again)
{
	struct stage s;
	json_int_t mark;

	begin_with(&s, &(struct start){open_bugs, "1h", "BOTKEY", "", NULL});
	hold_bug(&s, "bug", 4716, "");
	open_for(&s, 4716);
	granted(&s);
	for (int i = 0; i < 2; i++) {
		mark = rig_log_mark(&s.gate.rig);
		hold_bug(&s, "bug", 4716, ",\"status\":\"RESOLVED\",\"resolution\":\"FIXED\"");
		within_ten_seconds(&s, "closed", "failure");
		revoked(&s, mark);
		rig_wait_text(&s.gate.rig, s.gate.head, "failure", "needs maintainer clearance");
		hold_bug(&s, "bug", 4716, ",\"status\":\"REOPENED\",\"resolution\":\"\"");
		within_ten_seconds(&s, "reopened", "success");
	}
	gate_end(&s.gate);
}
END_TEST

static long ready(struct rig *rig)
{
	struct rig_reply reply;
	struct rig_request request = {.method = "GET"};
	char url[64];
	long status;

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/readyz", rig->ops_port);
	request.url = url;
	ck_assert(rig_http(&request, &reply));
	status = reply.status;
	rig_reply_clear(&reply);
	return status;
}

/* A wrong key: the server says so, asks no more, and grants nothing that hangs on bugs. */
START_TEST(a_tracker_that_refuses_the_key_makes_the_server_unready_and_grants_nothing)
{
	struct stage s;

	begin(&s, "WRONGKEY", "");
	hold_bug(&s, "bug", 4713, "");
	open_for(&s, 4713);
	rig_wait_text(&s.gate.rig, s.gate.head, "pending", CLEARANCE);
	ck_assert_int_eq(ready(&s.gate.rig), 503);
	gate_stays_refused(&s.gate);
	gate_end(&s.gate);
}
END_TEST

START_TEST(a_bug_last_seen_not_secure_lands_while_the_tracker_is_down_and_others_wait)
{
	struct stage s;
	char *out;

	begin(&s, "BOTKEY", "    max_age: 4h\n");
	hold_bug(&s, "bug", 4714, "");
	open_for(&s, 4714);
	granted(&s); /* read, and known since */
	rig_settle(&s.gate.rig, 500);
	json_decref(rig_world(&s.gate.rig, "fault", "{\"endpoint\":\"/bugzilla-bmo/*\",\"status\":503}"));
	json_decref(rig_act(&s.gate.rig, "push", "alice",
			    "{\"branch\":\"topic\",\"files\":{\"b.txt\":\"2\\n\"},\"message\":\"Bug 4714 - more\"}"));
	rig_tip(&s.gate.rig, "topic", s.gate.head);
	s.gate.fresh = true;
	gate_approve(&s.gate, "bob");
	granted(&s);

	json_decref(
		rig_act(&s.gate.rig, "push", "alice",
			"{\"branch\":\"topic\",\"files\":{\"c.txt\":\"3\\n\"},\"message\":\"Bug 4715 - another\"}"));
	rig_tip(&s.gate.rig, "topic", s.gate.head);
	s.gate.fresh = true;
	gate_approve(&s.gate, "bob");
	rig_wait_text(&s.gate.rig, s.gate.head, "pending", CLEARANCE);
	rig_sleep(6000); /* three ticks: a success is not only late */
	gate_stays_refused(&s.gate);
	out = rig_file(&s.gate.rig, "agent.log");
	ck_assert_ptr_null(strstr(out, "4714"));
	free(out);
	gate_end(&s.gate);
}
END_TEST

static void copy(struct stage *s, const char *from, const char *to)
{
	const char *dir = s->gate.rig.dir;
	char script[256];

	(void)snprintf(script, sizeof script, "cp -p %s/%s %s/%s", dir, from, dir, to);
	ck_assert_int_eq(rig_sh(&s->gate.rig, script), 0);
}

/* Killed before the file of the table had what it read: the older file does not count against what was told. */
START_TEST(a_bug_that_was_read_as_secure_by_a_process_that_died_does_not_land_by_the_next_ones_older_table)
{
	struct stage s;
	json_int_t mark;

	begin(&s, "BOTKEY", "    max_age: 4h\n");
	hold_bug(&s, "bug", 4719, "");
	open_for(&s, 4719);
	granted(&s);
	shown(&s, "1 not secure");
	copy(&s, "state/bugs.bmo.table", "older.table");
	mark = rig_log_mark(&s.gate.rig);
	hold_bug(&s, "bug", 4719, ",\"keywords\":[\"sec-high\"],\"groups\":[\"core-security\"]");
	revoked(&s, mark);
	rig_wait_text(&s.gate.rig, s.gate.head, "failure", "needs maintainer clearance");
	rig_settle(&s.gate.rig, 500);
	rig_agent_kill(&s.gate.rig);
	copy(&s, "older.table", "state/bugs.bmo.table");
	json_decref(rig_world(&s.gate.rig, "fault", "{\"endpoint\":\"/bugzilla-bmo/*\",\"status\":503}"));
	ck_assert(rig_agent_start(&s.gate.rig));
	json_decref(rig_act(&s.gate.rig, "push", "alice",
			    "{\"branch\":\"topic\",\"files\":{\"b.txt\":\"2\\n\"},\"message\":\"Bug 4719 - more\"}"));
	rig_tip(&s.gate.rig, "topic", s.gate.head);
	s.gate.fresh = true;
	gate_approve(&s.gate, "bob");
	rig_wait_text(&s.gate.rig, s.gate.head, "pending", CLEARANCE);
	rig_sleep(6000); /* three ticks */
	gate_stays_refused(&s.gate);
	gate_end(&s.gate);
}
END_TEST

static void import(struct stage *s, const char *lines)
{
	char config[128], script[400];
	const char *words[] = {"bugs", "import", script, "-c", config, NULL};

	(void)snprintf(script, sizeof script, "printf '%s' >%s/bugs.json", lines, s->gate.rig.dir);
	ck_assert_int_eq(rig_sh(&s->gate.rig, script), 0);
	(void)snprintf(script, sizeof script, "%s/bugs.json", s->gate.rig.dir);
	(void)snprintf(config, sizeof config, "%s/headgate.yml", s->gate.rig.dir);
	ck_assert_int_eq(rig_run(&s->gate.rig, words), 0);
}

/* No key anywhere, and a Bugzilla that would refuse it: what was imported is all that is known, and nothing is asked.
 */
START_TEST(with_a_table_alone_a_tracker_that_would_answer_401_is_never_asked)
{
	struct stage s;
	struct rig *rig = &s.gate.rig;
	json_int_t mark;
	size_t i;
	json_t *entry;

	begin(&s, "BOTKEY", "");
	ck_assert(rig_settle(rig, 500)); /* it heard where the base is */
	ck_assert(rig_agent_term(rig));
	json_decref(rig_world(rig, "fault", "{\"endpoint\":\"/bugzilla-bmo/*\",\"status\":401}"));
	(void)snprintf(
		s.config, sizeof s.config,
		"bugs: {tick: 2s}\ntrackers:\n  - {name: bmo, url: '%s/bugzilla-bmo', source: table, max_age: 4h}\n",
		rig->world_url);
	ck_assert(rig_agent_start(rig));
	mark = rig_log_mark(rig);
	import(&s, "{\"id\":4717,\"secure\":false}\\n{\"id\":4718,\"secure\":true}\\n");
	open_for(&s, 4717);
	granted(&s);
	json_decref(rig_act(rig, "push", "alice",
			    "{\"branch\":\"topic\",\"files\":{\"d.txt\":\"4\\n\"},\"message\":\"Bug 4718 - more\"}"));
	rig_tip(rig, "topic", s.gate.head);
	s.gate.fresh = true;
	gate_approve(&s.gate, "bob");
	rig_wait_text(rig, s.gate.head, "pending", CLEARANCE);
	gate_stays_refused(&s.gate);
	json_array_foreach(rig_log(rig), i, entry)
		ck_assert_msg(gate_n(entry) <= mark || strncmp(gate_str(entry, "path"), "/bugzilla-bmo/", 14) != 0,
			      "%s", gate_str(entry, "path"));
	gate_end(&s.gate);
}
END_TEST

/* Whatever is before the tracker answers 401 to everything, and not in the tracker's own words. */
static void answer_401(struct stage *s)
{
	json_decref(rig_world(&s->gate.rig, "fault", "{\"endpoint\":\"/bugzilla-bmo/*\",\"status\":401}"));
}

static void approve_number(struct stage *s, int number)
{
	rig_next_second();
	json_decref(rig_act(&s->gate.rig, "approve", "bob", "{\"number\":%d}", number));
}

/* One more commit of change `number`, which `branch` is, with bob's approval. */
static void push_on(struct stage *s, int number, const char *branch, const char *message, char head[41])
{
	json_decref(rig_act(&s->gate.rig, "push", "alice",
			    "{\"branch\":\"%s\",\"files\":{\"%s%d.txt\":\"1\\n\"},\"message\":\"%s\"}", branch, branch,
			    ++s->gate.pushes, message));
	rig_tip(&s->gate.rig, branch, head);
	approve_number(s, number);
}

/* Another change. */
static void open_on(struct stage *s, int number, const char *branch, const char *message, char head[41])
{
	json_decref(rig_act(&s->gate.rig, "push", "alice",
			    "{\"branch\":\"%s\",\"files\":{\"%s.txt\":\"1\\n\"},\"message\":\"%s\"}", branch, branch,
			    message));
	json_decref(rig_act(&s->gate.rig, "open", "alice", "{\"head\":\"%s\",\"base\":\"main\",\"title\":\"Another\"}",
			    branch));
	rig_tip(&s->gate.rig, branch, head);
	approve_number(s, number);
}

static bool holds_number(const char *text, const char *number)
{
	const char *at = text, *end;

	while ((at = strstr(at, number)) != NULL) {
		end = at + strlen(number);
		if ((at == text || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)*end))
			return true;
		at = end;
	}
	return false;
}

/* And says that the tracker is silent, but not of which bug. */
static void is_up(struct stage *s)
{
	char *out = rig_file(&s->gate.rig, "agent.log");

	ck_assert(!holds_number(out, "4720") && !holds_number(out, "4721"));
	ck_assert_ptr_nonnull(strstr(out, "tracker not read"));
	free(out);
	ck_assert_int_eq(ready(&s->gate.rig), 200);
}

struct three { /* heads of changes: 1 is that of the gate and names 4721, which is not secure */
	char known[41], plain[41], secure[41]; /* 2 names no bug; 3 names 4720, which is secure */
};

static void open_three(struct stage *s, struct three *at)
{
	hold_bug(s, "bug", 4720, ",\"groups\":[\"core-security\"],\"keywords\":[\"sec-high\"]");
	hold_bug(s, "bug", 4721, "");
	open_for(s, 4721);
	granted(s);
	(void)snprintf(at->known, sizeof at->known, "%s", s->gate.head);
	open_on(s, 2, "plain", "Tidy up", at->plain);
	rig_wait_status(&s->gate.rig, at->plain, "success", RIG_WAIT_MS);
	open_on(s, 3, "secure", "Bug 4720 - a fix", at->secure);
	rig_wait_text(&s->gate.rig, at->secure, "pending", CLEARANCE);
	shown(s, "1 not secure, 1 secure, of these 0");
	rig_settle(&s->gate.rig, 500);
}

static void waits_for_ticks(struct stage *s, const char *sha, json_int_t mark)
{
	rig_wait_text(&s->gate.rig, sha, "pending", CLEARANCE);
	rig_sleep(8000); /* four ticks, and a version of the table's file: a success is not only late */
	ck_assert_ptr_null(gate_first_post(&s->gate, mark, sha, "success"));
}

/* What is told of a bug meanwhile takes back what stands on it, and nothing else; it is read once the tracker is heard
 * again. What is known of any bug stays. */
START_TEST(what_answers_401_before_the_tracker_is_silence_and_grants_and_forgets_nothing)
{
	struct three at, then;
	struct stage s;
	json_int_t mark;

	begin(&s, "BOTKEY", "");
	open_three(&s, &at);
	answer_401(&s);
	mark = rig_log_mark(&s.gate.rig);
	hold_bug(&s, "bug", 4721, ",\"status\":\"RESOLVED\",\"resolution\":\"FIXED\"");
	hold_bug(&s, "bug", 4720, ",\"keywords\":[]");
	revoked(&s, mark);
	push_on(&s, 2, "plain", "Tidy up more", then.plain);
	rig_wait_status(&s.gate.rig, then.plain, "success", RIG_WAIT_MS);
	push_on(&s, 3, "secure", "Bug 4720 - more", then.secure);
	push_on(&s, 1, "topic", "Bug 4721 - more", s.gate.head);
	waits_for_ticks(&s, s.gate.head, mark);
	gate_stays_refused(&s.gate);
	waits_for_ticks(&s, then.secure, mark);
	ck_assert_ptr_null(gate_first_post(&s.gate, mark, at.known, "success"));
	ck_assert_ptr_null(gate_first_post(&s.gate, mark, at.plain, "pending"));
	shown(&s, "1 not secure, 1 secure, of these 0");
	is_up(&s);

	json_decref(rig_world(&s.gate.rig, "fault", "{\"clear\":true}"));
	rig_wait_status(&s.gate.rig, s.gate.head, "success", 4 * RIG_WAIT_MS);
	gate_end(&s.gate);
}
END_TEST

START_TEST(a_bug_last_seen_not_secure_lands_while_something_answers_401_before_the_tracker)
{
	struct three at, then;
	struct stage s;
	json_int_t mark;

	begin(&s, "BOTKEY", "    max_age: 4h\n");
	open_three(&s, &at);
	answer_401(&s);
	mark = rig_log_mark(&s.gate.rig);
	push_on(&s, 1, "topic", "Bug 4721 - more", s.gate.head);
	granted(&s);
	push_on(&s, 3, "secure", "Bug 4720 - more", then.secure);
	waits_for_ticks(&s, then.secure, mark);
	mark = rig_log_mark(&s.gate.rig);
	hold_bug(&s, "bug", 4721, ",\"status\":\"RESOLVED\",\"resolution\":\"FIXED\"");
	revoked(&s, mark);
	push_on(&s, 1, "topic", "Bug 4721 - and more", s.gate.head);
	waits_for_ticks(&s, s.gate.head, mark);
	gate_stays_refused(&s.gate);
	shown(&s, "1 not secure, 1 secure, of these 0");
	is_up(&s);
	ck_assert_ptr_null(gate_first_post(&s.gate, mark, at.plain, NULL));
	gate_end(&s.gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(a_secure_bugs_fix_waits_for_approval_and_falls_when_it_is_taken_back, 240),
	SUITE_SLOW(a_bug_that_becomes_secure_takes_the_success_back, 120),
	SUITE_SLOW(an_approval_taken_back_whose_webhook_is_lost_is_found_by_polling_and_revokes, 240),
	SUITE_SLOW(row_42_a_bug_that_is_closed_takes_the_success_back_and_reopened_gives_it_again, 240),
	SUITE_SLOW(a_tracker_that_refuses_the_key_makes_the_server_unready_and_grants_nothing, 120),
	SUITE_SLOW(with_a_table_alone_a_tracker_that_would_answer_401_is_never_asked, 120),
	SUITE_SLOW(what_answers_401_before_the_tracker_is_silence_and_grants_and_forgets_nothing, 240),
	SUITE_SLOW(a_bug_last_seen_not_secure_lands_while_something_answers_401_before_the_tracker, 240),
	SUITE_SLOW(a_bug_last_seen_not_secure_lands_while_the_tracker_is_down_and_others_wait, 240),
	SUITE_SLOW(a_bug_that_was_read_as_secure_by_a_process_that_died_does_not_land_by_the_next_ones_older_table,
		   240),
	SUITE_END};
SUITE_MAIN(tests)
