/*
 * What other tools say of a commit, with the real server and the world: statuses, check runs and runs of workflows that
 * a policy asks for let a change in, and take it back.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

static const char by_tools[] =
	"policy: {approval: [tested]}\napproval_rules:\n  - name: tested\n    requires:\n      count: 1\n"
	"      permissions: [write]\n      conditions:\n        has_status: {statuses: [lint, {name: tests, app: "
	"ci}]}\n"
	"        has_workflow_result: {workflows: [.github/workflows/ci.yml]}\n";

static json_int_t tool_says(struct gate *gate, const char *act, const char *more)
{
	json_t *answer = rig_act(&gate->rig, act, "carol", "{%s}", more);
	json_int_t id = json_integer_value(json_object_get(answer, "id"));

	json_decref(answer);
	return id;
}

static const char *on_head(struct gate *gate, char *ret, size_t room, const char *key, const char *more)
{
	(void)snprintf(ret, room, "\"%s\":\"%s\",%s", key, gate->head, more);
	return ret;
}

#define WELL "\"conclusion\":\"success\""

START_TEST(what_other_tools_say_allows_and_takes_back)
{
	struct gate gate;
	char more[200];
	json_int_t mark, run;

	gate_begin(&gate, by_tools);
	gate_open(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "pending", "lint");
	tool_says(&gate, "forge_status",
		  on_head(&gate, more, sizeof more, "sha", "\"context\":\"lint\",\"state\":\"success\""));
	rig_wait_text(&gate.rig, gate.head, "pending", "tests");
	tool_says(&gate, "check_run", on_head(&gate, more, sizeof more, "head_sha", "\"name\":\"tests\"," WELL));
	rig_wait_text(&gate.rig, gate.head, "pending", "ci.yml");
	run = tool_says(&gate, "workflow_run",
			on_head(&gate, more, sizeof more, "head_sha", "\"path\":\".github/workflows/ci.yml\"," WELL));
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);

	mark = rig_log_mark(&gate.rig);
	tool_says(&gate, "forge_status",
		  on_head(&gate, more, sizeof more, "sha", "\"context\":\"other\",\"state\":\"failure\""));
	tool_says(&gate, "forge_status",
		  on_head(&gate, more, sizeof more, "sha", "\"context\":\"lint\",\"state\":\"failure\""));
	gate_wait_post(&gate, mark, "failure");
	ck_assert_ptr_nonnull(strstr(gate_text(gate_first_post(&gate, mark, gate.head, "failure")), "Revoked"));
	gate_stays_refused(&gate);
	tool_says(&gate, "forge_status",
		  on_head(&gate, more, sizeof more, "sha", "\"context\":\"lint\",\"state\":\"success\""));
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);

	mark = rig_log_mark(&gate.rig);
	(void)snprintf(more, sizeof more, "\"id\":%lld,\"status\":\"queued\"", (long long)run);
	tool_says(&gate, "workflow_run", more);
	gate_wait_post(&gate, mark, "failure");
	(void)snprintf(more, sizeof more, "\"id\":%lld," WELL, (long long)run);
	tool_says(&gate, "workflow_run", more);
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {SUITE_SLOW(what_other_tools_say_allows_and_takes_back, 120), SUITE_END};
SUITE_MAIN(tests)
