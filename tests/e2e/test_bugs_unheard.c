/*
 * A tracker that is not asked, or that is not heard since something before it answers 401 to everything: what the table
 * knows counts as far as the configuration says, and no answer that is not the tracker's own changes it.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/bug_stage.h"
#include "tests/support/suite.h"

static void import(struct bug_stage *s, const char *lines)
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
	struct bug_stage s;
	struct rig *rig = &s.gate.rig;
	json_int_t mark;
	size_t i;
	json_t *entry;

	bug_stage_begin(&s, "BOTKEY", "");
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
	bug_stage_open_for(&s, 4717);
	bug_stage_granted(&s);
	json_decref(rig_act(rig, "push", "alice",
			    "{\"branch\":\"topic\",\"files\":{\"d.txt\":\"4\\n\"},\"message\":\"Bug 4718 - more\"}"));
	rig_tip(rig, "topic", s.gate.head);
	s.gate.fresh = true;
	gate_approve(&s.gate, "bob");
	rig_wait_text(rig, s.gate.head, "pending", BUG_STAGE_CLEARANCE);
	gate_stays_refused(&s.gate);
	json_array_foreach(rig_log(rig), i, entry)
		ck_assert_msg(gate_n(entry) <= mark || strncmp(gate_str(entry, "path"), "/bugzilla-bmo/", 14) != 0,
			      "%s", gate_str(entry, "path"));
	gate_end(&s.gate);
}
END_TEST

/* Whatever is before the tracker answers 401 to everything, and not in the tracker's own words. */
static void answer_401(struct bug_stage *s)
{
	json_decref(rig_world(&s->gate.rig, "fault", "{\"endpoint\":\"/bugzilla-bmo/*\",\"status\":401}"));
}

static void approve_number(struct bug_stage *s, int number)
{
	rig_next_second();
	json_decref(rig_act(&s->gate.rig, "approve", "bob", "{\"number\":%d}", number));
}

/* One more commit of change `number`, which `branch` is, with bob's approval. */
static void push_on(struct bug_stage *s, int number, const char *branch, const char *message, char head[41])
{
	json_decref(rig_act(&s->gate.rig, "push", "alice",
			    "{\"branch\":\"%s\",\"files\":{\"%s%d.txt\":\"1\\n\"},\"message\":\"%s\"}", branch, branch,
			    ++s->gate.pushes, message));
	rig_tip(&s->gate.rig, branch, head);
	approve_number(s, number);
}

/* Another change. */
static void open_on(struct bug_stage *s, int number, const char *branch, const char *message, char head[41])
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
static void is_up(struct bug_stage *s)
{
	char *out = rig_file(&s->gate.rig, "agent.log");

	ck_assert(!holds_number(out, "4720") && !holds_number(out, "4721"));
	ck_assert_ptr_nonnull(strstr(out, "tracker not read"));
	free(out);
	ck_assert_int_eq(bug_stage_ready(&s->gate.rig), 200);
}

struct three { /* heads of changes: 1 is that of the gate and names 4721, which is not secure */
	char known[41], plain[41], secure[41]; /* 2 names no bug; 3 names 4720, which is secure */
};

static void open_three(struct bug_stage *s, struct three *at)
{
	bug_stage_hold(s, "bug", 4720, ",\"groups\":[\"core-security\"],\"keywords\":[\"sec-high\"]");
	bug_stage_hold(s, "bug", 4721, "");
	bug_stage_open_for(s, 4721);
	bug_stage_granted(s);
	(void)snprintf(at->known, sizeof at->known, "%s", s->gate.head);
	open_on(s, 2, "plain", "Tidy up", at->plain);
	rig_wait_status(&s->gate.rig, at->plain, "success", RIG_WAIT_MS);
	open_on(s, 3, "secure", "Bug 4720 - a fix", at->secure);
	rig_wait_text(&s->gate.rig, at->secure, "pending", BUG_STAGE_CLEARANCE);
	bug_stage_shown(s, "1 not secure, 1 secure, of these 0");
	rig_settle(&s->gate.rig, 500);
}

static void waits_for_ticks(struct bug_stage *s, const char *sha, json_int_t mark)
{
	rig_wait_text(&s->gate.rig, sha, "pending", BUG_STAGE_CLEARANCE);
	rig_sleep(8000); /* four ticks, and a version of the table's file: a success is not only late */
	ck_assert_ptr_null(gate_first_post(&s->gate, mark, sha, "success"));
}

/* What is told of a bug meanwhile takes back what stands on it, and nothing else; it is read once the tracker is heard
 * again. What is known of any bug stays. */
START_TEST(what_answers_401_before_the_tracker_is_silence_and_grants_and_forgets_nothing)
{
	struct three at, then;
	struct bug_stage s;
	json_int_t mark;

	bug_stage_begin(&s, "BOTKEY", "");
	open_three(&s, &at);
	answer_401(&s);
	mark = rig_log_mark(&s.gate.rig);
	bug_stage_hold(&s, "bug", 4721, ",\"status\":\"RESOLVED\",\"resolution\":\"FIXED\"");
	bug_stage_hold(&s, "bug", 4720, ",\"keywords\":[]");
	bug_stage_revoked(&s, mark);
	push_on(&s, 2, "plain", "Tidy up more", then.plain);
	rig_wait_status(&s.gate.rig, then.plain, "success", RIG_WAIT_MS);
	push_on(&s, 3, "secure", "Bug 4720 - more", then.secure);
	push_on(&s, 1, "topic", "Bug 4721 - more", s.gate.head);
	waits_for_ticks(&s, s.gate.head, mark);
	gate_stays_refused(&s.gate);
	waits_for_ticks(&s, then.secure, mark);
	ck_assert_ptr_null(gate_first_post(&s.gate, mark, at.known, "success"));
	ck_assert_ptr_null(gate_first_post(&s.gate, mark, at.plain, "pending"));
	bug_stage_shown(&s, "1 not secure, 1 secure, of these 0");
	is_up(&s);

	json_decref(rig_world(&s.gate.rig, "fault", "{\"clear\":true}"));
	rig_wait_status(&s.gate.rig, s.gate.head, "success", 4 * RIG_WAIT_MS);
	gate_end(&s.gate);
}
END_TEST

START_TEST(a_bug_last_seen_not_secure_lands_while_something_answers_401_before_the_tracker)
{
	struct three at, then;
	struct bug_stage s;
	json_int_t mark;

	bug_stage_begin(&s, "BOTKEY", "    max_age: 4h\n");
	open_three(&s, &at);
	answer_401(&s);
	mark = rig_log_mark(&s.gate.rig);
	push_on(&s, 1, "topic", "Bug 4721 - more", s.gate.head);
	bug_stage_granted(&s);
	push_on(&s, 3, "secure", "Bug 4720 - more", then.secure);
	waits_for_ticks(&s, then.secure, mark);
	mark = rig_log_mark(&s.gate.rig);
	bug_stage_hold(&s, "bug", 4721, ",\"status\":\"RESOLVED\",\"resolution\":\"FIXED\"");
	bug_stage_revoked(&s, mark);
	push_on(&s, 1, "topic", "Bug 4721 - and more", s.gate.head);
	waits_for_ticks(&s, s.gate.head, mark);
	gate_stays_refused(&s.gate);
	bug_stage_shown(&s, "1 not secure, 1 secure, of these 0");
	is_up(&s);
	ck_assert_ptr_null(gate_first_post(&s.gate, mark, at.plain, NULL));
	gate_end(&s.gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(with_a_table_alone_a_tracker_that_would_answer_401_is_never_asked, 120),
	SUITE_SLOW(what_answers_401_before_the_tracker_is_silence_and_grants_and_forgets_nothing, 240),
	SUITE_SLOW(a_bug_last_seen_not_secure_lands_while_something_answers_401_before_the_tracker, 240),
	SUITE_END,
};
SUITE_MAIN(tests)
