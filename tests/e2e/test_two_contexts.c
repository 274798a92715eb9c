/*
 * One policy, two statuses: each is posted by its own name from one judgement, a push takes both back before anything
 * is said of the new head, and what the policy no longer names is denied.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

#define TRY "policy/try-allowed"
#define RULES                                                                                                          \
	"approval_rules:\n"                                                                                            \
	"- {name: one, requires: {count: 1, permissions: [write]}}\n"                                                  \
	"- {name: two, requires: {count: 2, permissions: [write]}}\n"
#define BOTH "policy: {approval: [two], contexts: {" TRY ": {approval: [one]}}}\n" RULES

/* The newest post of the other context; NULL: none yet. */
static const json_t *other(struct gate *gate, const char *sha)
{
	const json_t *log = rig_log(&gate->rig);

	for (size_t i = json_array_size(log); i > 0; i--) {
		const json_t *entry = json_array_get(log, i - 1);

		if (gate_is(entry, "kind", "post") && gate_is(entry, "sha", sha) && gate_is(entry, "context", TRY))
			return entry;
	}
	return NULL;
}

static const json_t *wait_other(struct gate *gate, const char *sha, const char *state)
{
	int64_t until = rig_now() + 3 * (int64_t)RIG_WAIT_MS;
	const json_t *entry;

	while (!(entry = other(gate, sha)) || !gate_is(entry, "state", state)) {
		ck_assert_msg(rig_now() < until || !rig_fail(&gate->rig, "no %s in " TRY, state), "no %s", state);
		rig_sleep(10);
	}
	return entry;
}

START_TEST(each_context_says_what_its_own_rules_say)
{
	struct gate gate;

	gate_begin(&gate, BOTH);
	gate_open(&gate);
	(void)wait_other(&gate, gate.head, "pending");
	gate_approve(&gate, "bob");
	(void)wait_other(&gate, gate.head, "success");
	rig_wait_text(&gate.rig, gate.head, "pending", "(1/2)");
	gate_judged(&gate);
	gate_stays_refused(&gate); /* what may be tried may not be merged */
	gate_approve(&gate, "carol");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_dismiss(&gate);
	rig_wait_status(&gate.rig, gate.head, "failure", RIG_WAIT_MS);
	gate_judged(&gate);
	(void)wait_other(&gate, gate.head, "success"); /* taken back with it, and given again: bob's is enough */
	gate_end(&gate);
}
END_TEST

START_TEST(a_push_takes_both_back_before_anything_is_said_of_the_new_head)
{
	struct gate gate;
	char old[41];
	const json_t *gone, *own, *first;

	gate_begin(&gate, BOTH);
	gate_open(&gate);
	gate_approve(&gate, "bob");
	gate_approve(&gate, "carol");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	(void)wait_other(&gate, gate.head, "success");
	(void)snprintf(old, sizeof old, "%s", gate.head);
	gate_push(&gate);
	gone = wait_other(&gate, old, "failure");
	(void)wait_other(&gate, gate.head, "pending");
	gate_judged(&gate);
	own = rig_status(&gate.rig, old);
	ck_assert(gate_is(own, "state", "failure"));
	gone = other(&gate, old);
	first = gate_first_post(&gate, 0, gate.head, NULL);
	ck_assert(gate_n(first) > gate_n(own) && gate_n(first) > gate_n(gone));
	gate_end(&gate);
}
END_TEST

START_TEST(a_context_that_the_policy_drops_is_denied)
{
	struct gate gate;

	gate_begin(&gate, BOTH);
	gate_open(&gate);
	gate_approve(&gate, "bob");
	(void)wait_other(&gate, gate.head, "success");
	gate_judged(&gate);
	json_decref(rig_act(&gate.rig, "push", "acme",
			    "{\"branch\":\"main\",\"bypass\":true,\"message\":\"One status\","
			    "\"files\":{\".headgate.yml\":\"policy: {approval: [{or: [one, two]}]}\\n"
			    "approval_rules:\\n"
			    "- {name: one, requires: {count: 1, permissions: [write]}}\\n"
			    "- {name: two, requires: {count: 2, permissions: [write]}}\\n\"}}"));
	ck_assert(strstr(gate_text(wait_other(&gate, gate.head, "failure")), "names no such status"));
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(each_context_says_what_its_own_rules_say),
	SUITE_TEST(a_push_takes_both_back_before_anything_is_said_of_the_new_head),
	SUITE_TEST(a_context_that_the_policy_drops_is_denied),
	SUITE_END,
};
SUITE_MAIN(tests)
