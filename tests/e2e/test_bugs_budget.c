/* The hour's budget of requests to a tracker, used up by strangers: what polls find takes back all the same. */
#include <stdio.h>
#include <string.h>

#include "tests/support/bug_stage.h"
#include "tests/support/suite.h"

#define PER_HOUR 120
#define THEIRS   (PER_HOUR - PER_HOUR / 4)
#define FIRST    60001

/* Requests about bugs of the second change. */
static size_t asked(struct bug_stage *s)
{
	static const char bugs[] = "/bugzilla-bmo/rest/bug/60";
	json_t *one;
	size_t n = 0, i;

	json_array_foreach(rig_log(&s->gate.rig), i, one) n +=
		gate_is(one, "kind", "request") && strncmp(gate_str(one, "path"), bugs, sizeof bugs - 1) == 0;
	return n;
}

/* Change 2, which names more bugs than there are requests, and is reviewed. */
static void open_for_many(struct bug_stage *s)
{
	struct rig *rig = &s->gate.rig;
	char names[4096];
	size_t len = 0;

	for (int i = 0; i < PER_HOUR; i++)
		len += (size_t)snprintf(names + len, sizeof names - len, "Bug %d ", FIRST + i);
	json_decref(rig_act(rig, "push", "alice",
			    "{\"branch\":\"many\",\"files\":{\"b.txt\":\"1\\n\"},\"message\":\"%s- all\"}", names));
	json_decref(rig_act(rig, "open", "alice", "{\"head\":\"many\",\"base\":\"main\",\"title\":\"All\"}"));
	rig_next_second();
	json_decref(rig_act(rig, "approve", "bob", "{\"number\":2}"));
}

START_TEST(a_bug_that_becomes_secure_is_found_by_polling_though_a_change_used_up_the_budget)
{
	struct bug_stage s;
	json_int_t mark;
	char more[40];

	(void)snprintf(more, sizeof more, "    per_hour: %d\n", PER_HOUR);
	bug_stage_begin_with(&s, &(struct bug_stage_start){bug_stage_policy, "10s", "BOTKEY", more, NULL});
	bug_stage_hold(&s, "bug", 4717, "");
	bug_stage_open_for(&s, 4717);
	bug_stage_granted(&s);
	rig_sleep(12000); /* the first poll that shows the bug takes it back for a moment */
	bug_stage_granted(&s);
	open_for_many(&s);
	for (int i = 0; asked(&s) + 10 < THEIRS; i++, rig_sleep(500))
		ck_assert_int_lt(i, 60);
	rig_sleep(4000);
	ck_assert_uint_lt(asked(&s), THEIRS);
	json_decref(rig_world(&s.gate.rig, "push", "{\"do\":\"drop\"}"));
	mark = rig_log_mark(&s.gate.rig);
	bug_stage_hold(&s, "bug", 4717, ",\"keywords\":[\"sec-high\"],\"groups\":[\"core-security\"]");
	bug_stage_revoked(&s, mark);
	gate_end(&s.gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(a_bug_that_becomes_secure_is_found_by_polling_though_a_change_used_up_the_budget, 240),
	SUITE_END,
};
SUITE_MAIN(tests)
