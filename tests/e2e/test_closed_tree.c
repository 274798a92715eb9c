/* Treestatus, with the real server and the world: a closed tree holds back and takes back, and who may override it. */
#include "tests/support/gate.h"
#include "tests/support/suite.h"

static const char asks[] =
	"policy: {approval: [reviewed]}\napproval_rules:\n  - name: reviewed\n    requires:\n"
	"      count: 1\n      permissions: [write]\n"
	"      conditions: {tree_open: {tree: central, override: {users: [alice]}}}\n";

static void says(struct gate *gate, const char *members)
{
	json_decref(rig_act(&gate->rig, "tree", "carol", "{\"tree\":\"central\",%s}", members));
}

/* The world's address is known once it runs. */
static void begin(struct gate *gate)
{
	static char config[200];

	gate_begin_app(gate, asks);
	(void)snprintf(config, sizeof config,
		       "trees:\n  url: \"%s/treestatus/trees/%%s\"\n  every: 1s\n  max_age: 4s\n", gate->rig.world_url);
	ck_assert(rig_agent_term(&gate->rig));
	gate->rig.plan.config = config;
	ck_assert(rig_agent_start(&gate->rig));
}

START_TEST(a_closed_tree_holds_back_and_takes_back)
{
	struct gate gate;
	json_int_t mark;

	begin(&gate);
	says(&gate, "\"status\":\"closed\",\"reason\":\"bustage\"");
	gate_open(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "failure", "the tree central is closed: bustage");
	gate_stays_refused(&gate);
	says(&gate, "\"status\":\"open\",\"reason\":\"\"");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);

	mark = rig_log_mark(&gate.rig);
	says(&gate, "\"status\":\"approval required\",\"reason\":\"soft freeze\"");
	gate_wait_post(&gate, mark, "failure");
	gate_stays_refused(&gate);
	says(&gate, "\"status\":\"open\",\"reason\":\"\"");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);

	mark = rig_log_mark(&gate.rig);
	says(&gate, "\"text\":\"<html>We will be back soon</html>\"");
	gate_wait_post(&gate, mark, "failure");
	says(&gate, "\"remove\":true");
	rig_wait_text(&gate.rig, gate.head, "failure", "needs to know whether the tree central is open");
	gate_stays_refused(&gate);
	says(&gate, "\"status\":\"open\",\"reason\":\"\"");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

static void push_says(struct gate *gate, const char *who, const char *message)
{
	json_t *answer = rig_act(&gate->rig, "push", who,
				 "{\"branch\":\"topic\",\"files\":{\"src/%d.c\":\"int x;\\n\"},\"message\":\"%s\"}",
				 ++gate->pushes + 100, message);

	json_decref(answer);
	rig_tip(&gate->rig, "topic", gate->head);
	gate->fresh = true;
}

START_TEST(the_word_counts_where_nobody_else_pushed)
{
	struct gate gate;

	begin(&gate);
	says(&gate, "\"status\":\"closed\",\"reason\":\"bustage\"");
	gate_open(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "failure", "the tree central is closed: bustage");
	push_says(&gate, "alice", "Fix the bustage CLOSED TREE");
	gate_approve(&gate, "bob");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	push_says(&gate, "dave", "And more CLOSED TREE");
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "failure", "the tree central is closed: bustage");
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(a_closed_tree_holds_back_and_takes_back, 120),
	SUITE_SLOW(the_word_counts_where_nobody_else_pushed, 120),
	SUITE_END,
};
SUITE_MAIN(tests)
