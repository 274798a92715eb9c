/* Conversations, with the real server and the world: one that is open holds a change back, and takes it back. */
#include "tests/support/gate.h"
#include "tests/support/suite.h"

static const char resolved[] =
	"policy: {approval: [discussed]}\napproval_rules:\n  - name: discussed\n    requires:\n"
	"      count: 1\n      permissions: [write]\n      conditions: {threads_resolved: true}\n";

static json_int_t happens(struct gate *gate, const char *act, json_int_t thread)
{
	json_t *answer = rig_act(&gate->rig, act, "carol", "{\"number\":1,\"thread\":%lld}", (long long)thread);
	json_int_t id = json_integer_value(json_object_get(answer, "id"));

	json_decref(answer);
	return id;
}

START_TEST(a_conversation_holds_back_and_takes_back)
{
	struct gate gate;
	json_int_t mark, first;

	gate_begin_app(&gate, resolved);
	gate_open(&gate);
	first = happens(&gate, "open_thread", 0);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "failure", "1 conversation to resolve");
	gate_stays_refused(&gate);
	happens(&gate, "resolve_thread", first);
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);

	mark = rig_log_mark(&gate.rig);
	happens(&gate, "unresolve_thread", first);
	gate_wait_post(&gate, mark, "failure");
	gate_stays_refused(&gate);
	happens(&gate, "resolve_thread", first);
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);

	mark = rig_log_mark(&gate.rig);
	first = happens(&gate, "open_thread", 0);
	gate_wait_post(&gate, mark, "failure");
	happens(&gate, "resolve_thread", first);
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {SUITE_SLOW(a_conversation_holds_back_and_takes_back, 120), SUITE_END};
SUITE_MAIN(tests)
