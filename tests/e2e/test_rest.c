/*
 * A judgement that reads all commits over REST: no mirror is made, git is never asked, and the outcome is what it is
 * over a mirror.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

#define POLICY                                                                                                         \
	"policy:\n  approval: [reviewed, token, guarded]\napproval_rules:\n"                                           \
	"  - name: reviewed\n    requires: {count: 1, permissions: [write]}\n"                                         \
	"  - name: token\n    requires: {conditions: {commit_token: {key: a, values: [relman]}}}\n"                    \
	"  - name: guarded\n    if: {changed_files: {paths: ['^ci/']}}\n"                                              \
	"    requires: {count: 1, permissions: [admin]}\n"

static const struct {
	const char *config;
	int size_kb;
} large[] = {
	{"mirror: {max_bytes: 0}\n", 0},
	{"mirror: {max_bytes: 1MiB}\n", 1025},
};

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

static json_t *act(struct gate *gate, const char *what, const char *who, const char *members)
{
	return rig_act(&gate->rig, what, who, "%s", members);
}

/* The size is told before the agent asks for it. */
static void begin(struct gate *gate, int row)
{
	struct rig_plan plan = {.failed = failed, .config = large[row].config, .no_agent = true};
	json_t *text = json_string(POLICY);
	char kb[32], *quoted = json_dumps(text, JSON_ENCODE_ANY);

	*gate = (struct gate){.pushes = 0};
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	ck_assert(rig_start(&gate->rig, &plan));
	(void)snprintf(kb, sizeof kb, "{\"kb\":%d}", large[row].size_kb);
	json_decref(act(gate, "size", "acme", kb));
	json_decref(act(gate, "permission", "acme", "{\"login\":\"alice\",\"role\":\"write\"}"));
	json_decref(act(gate, "permission", "acme", "{\"login\":\"bob\",\"role\":\"write\"}"));
	json_decref(rig_act(&gate->rig, "policy", "acme", "{\"text\":%s}", quoted));
	json_decref(text);
	free(quoted);
	ck_assert(rig_agent_start(&gate->rig));
}

/* A change by alice with two commits, that come with one push. */
static void open_change(struct gate *gate, const char *branch, const char *file, const char *message)
{
	json_t *first = rig_act(&gate->rig, "commit", "alice",
				"{\"message\":\"One a=relman\",\"files\":{\"src/a/%s.txt\":\"1\"}}", branch);
	json_t *second = rig_act(&gate->rig, "push", "alice",
				 "{\"branch\":\"%s\",\"onto\":\"%s\",\"message\":\"%s\",\"files\":{\"%s\":\"2\"}}",
				 branch, gate_str(first, "sha"), message, file);

	(void)snprintf(gate->head, sizeof gate->head, "%s", gate_str(second, "sha"));
	ck_assert_uint_eq(strlen(gate->head), 40);
	json_decref(first);
	json_decref(second);
	json_decref(rig_act(&gate->rig, "open", "alice", "{\"head\":\"%s\",\"base\":\"main\",\"title\":\"%s\"}", branch,
			    branch));
}

static void approve(struct gate *gate, int number)
{
	rig_next_second();
	json_decref(rig_act(&gate->rig, "approve", "bob", "{\"number\":%d}", number));
}

static void expect_no_git(struct gate *gate)
{
	char path[160];
	struct stat found;
	size_t i;
	json_t *entry;

	json_array_foreach(rig_log(&gate->rig), i, entry)
		ck_assert_msg(!gate_is(entry, "kind", "git"), "git was asked");
	(void)snprintf(path, sizeof path, "%s/state/mirrors", gate->rig.dir);
	if (stat(path, &found) == 0)
		ck_assert_int_eq((int)found.st_nlink, 2); /* no directory in it */
}

START_TEST(a_large_repository_is_judged_without_git)
{
	struct gate gate;

	begin(&gate, _i);
	open_change(&gate, "good", "src/b.txt", "Two a=relman");
	rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS);
	approve(&gate, 1);
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	open_change(&gate, "bare", "src/c.txt", "Two without it");
	approve(&gate, 2);
	rig_wait_text(&gate.rig, gate.head, "failure", "a=");
	open_change(&gate, "guarded", "ci/run", "Two a=relman");
	approve(&gate, 3);
	rig_wait_text(&gate.rig, gate.head, "pending", "(0/1)");
	expect_no_git(&gate);
	gate_end(&gate);
}
END_TEST

/* A head that begins anew: nothing can be compared, so all its commits are listed. */
static void begin_anew(struct gate *gate, const char *branch, const char *message)
{
	json_t *root = rig_act(&gate->rig, "commit", "alice",
			       "{\"parents\":[],\"message\":\"%s\",\"files\":{\"src/r.txt\":\"1\"}}", message);
	json_t *tip = rig_act(&gate->rig, "force_push", "alice",
			      "{\"branch\":\"%s\",\"onto\":\"%s\",\"message\":\"Two a=relman\","
			      "\"files\":{\"src/s.txt\":\"2\"}}",
			      branch, gate_str(root, "sha"));

	(void)snprintf(gate->head, sizeof gate->head, "%s", gate_str(tip, "sha"));
	json_decref(root);
	json_decref(tip);
}

START_TEST(a_head_without_a_history_in_common_is_read_in_full)
{
	struct gate gate;

	begin(&gate, 0);
	open_change(&gate, "anew", "src/b.txt", "Two a=relman");
	rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS);
	begin_anew(&gate, "anew", "One without it");
	approve(&gate, 1);
	rig_wait_text(&gate.rig, gate.head, "failure", "a=");
	begin_anew(&gate, "anew", "One a=relman");
	approve(&gate, 1);
	rig_wait_text(&gate.rig, gate.head, "pending", "changed files");
	expect_no_git(&gate);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	{.name = "a_large_repository_is_judged_without_git",
	 .test = &a_large_repository_is_judged_without_git,
	 .rows = (int)(sizeof large / sizeof large[0]),
	 .seconds = 300},
	SUITE_SLOW(a_head_without_a_history_in_common_is_read_in_full, 180),
	SUITE_END,
};

SUITE_MAIN(tests)
