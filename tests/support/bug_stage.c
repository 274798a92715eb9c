#include "tests/support/bug_stage.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define HOOK "Token hook-secret-of-the-tracker"

const char bug_stage_policy[] =
	"policy: {approval: [reviewed, cleared]}\napproval_rules:\n"
	"  - {name: reviewed, requires: {count: 1, permissions: [write]}}\n"
	"  - name: cleared\n    visibility: restricted\n    requires:\n      conditions:\n        bugs:\n"
	"          every:\n            any_of:\n              - keywords: {none_of: [sec-high, sec-critical]}\n"
	"              - attachment_flag: {name: sec-approval, status: '+'}\n";

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

json_int_t bug_stage_act(struct bug_stage *s, const char *what, const char *who, const char *members)
{
	json_t *answer = rig_act(&s->gate.rig, what, who, "%s", members);
	json_int_t id = json_integer_value(json_object_get(answer, "id"));

	ck_assert_ptr_nonnull(answer);
	json_decref(answer);
	return id;
}

void bug_stage_hold(struct bug_stage *s, const char *what, json_int_t bug, const char *more)
{
	char members[256];

	(void)snprintf(members, sizeof members, "{\"bug\":%lld%s}", (long long)bug, more);
	(void)bug_stage_act(s, what, "dev@tracker.test", members);
}

/* The bot is in core-security and an insider; dev reports and patches. */
static void people(struct bug_stage *s)
{
	(void)bug_stage_act(
		s, "account", "dev@tracker.test",
		"{\"login\":\"bot@tracker.test\",\"groups\":[\"core-security\"],\"key\":\"BOTKEY\",\"insider\":true}");
	(void)bug_stage_act(s, "account", "dev@tracker.test", "{\"login\":\"dev@tracker.test\",\"key\":\"DEVKEY\"}");
}

static void webhook(struct bug_stage *s, const char *header)
{
	char members[400];

	(void)snprintf(members, sizeof members,
		       "{\"url\":\"http://127.0.0.1:%u/webhooks/bugzilla\",\"header\":\"%s\",\"value\":\"" HOOK "\"}",
		       s->gate.rig.port, header ? header : "Authorization");
	(void)bug_stage_act(s, "webhook", "bot@tracker.test", members);
	json_decref(rig_world(&s->gate.rig, "push", "{\"do\":\"configure\",\"ms\":100}"));
}

void bug_stage_begin_with(struct bug_stage *s, const struct bug_stage_start *start)
{
	struct rig *rig = &s->gate.rig;
	struct rig_plan plan = {.failed = failed, .no_agent = true};
	json_t *text = json_string(start->rules);
	char *quoted = json_dumps(text, JSON_ENCODE_ANY), script[512];

	*s = (struct bug_stage){.attachment = 0};
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
void bug_stage_begin(struct bug_stage *s, const char *key, const char *more)
{
	bug_stage_begin_with(s, &(struct bug_stage_start){bug_stage_policy, "1h", key, more, NULL});
}

void bug_stage_open_for(struct bug_stage *s, json_int_t bug)
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

/* A success of ours begins on a multiple of the tick: it is judged then, however long that takes. */
void bug_stage_granted(struct bug_stage *s)
{
	const json_t *post = rig_wait_status(&s->gate.rig, s->gate.head, "success", RIG_WAIT_MS);

	ck_assert_ptr_nonnull(post);
}

/* What `headgate bugs show` says of the file, within a few seconds. */
void bug_stage_shown(struct bug_stage *s, const char *what)
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

void bug_stage_revoked(struct bug_stage *s, json_int_t mark)
{
	const json_t *post;

	gate_wait_post(&s->gate, mark, "failure");
	post = gate_first_post(&s->gate, mark, s->gate.head, NULL);
	ck_assert_str_eq(gate_str(post, "state"), "failure");
	gate_stays_refused(&s->gate);
}

long bug_stage_ready(struct rig *rig)
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
